//! A figure: a median of several runs, and its ratio against a ceiling that was measured in the same run. Whole numbers
//! only; a ratio is in thousandths. How things are measured is not known here.

use crate::machine::Machine;
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;

/// One measured thing.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// Which benchmark.
    pub(crate) benchmark: &'static str,
    /// What was measured.
    pub(crate) name: String,
    /// The median of all runs.
    pub(crate) value: u64,
    /// What it counts.
    pub(crate) unit: &'static str,
    /// The smallest and the largest.
    pub(crate) spread: (u64, u64),
    /// Against what, and the median of the ratios of each run, in thousandths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ratios: Vec<Ratio>,
    /// What it should be, in words, and whether it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Target>,
}

/// A figure against another one of the same run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Ratio {
    /// The other one.
    pub(crate) of: String,
    /// In thousandths.
    pub(crate) thousandths: u64,
}

/// What a figure should be.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Target {
    /// In words.
    pub(crate) words: String,
    /// Whether it is reached.
    pub(crate) reached: bool,
}

impl Figure {
    /// The median of these samples.
    pub(crate) fn of(benchmark: &'static str, name: impl Into<String>, unit: &'static str, samples: &[u64]) -> Self {
        let spread = (samples.iter().min().copied().unwrap_or(0), samples.iter().max().copied().unwrap_or(0));
        Self { benchmark, name: name.into(), value: median(samples), unit, spread, ratios: Vec::new(), target: None }
    }

    /// Against another thing, measured in the same runs.
    pub(crate) fn against(mut self, of: &str, ours: &[u64], theirs: &[u64]) -> Self {
        self.ratios.push(Ratio { of: of.to_owned(), thousandths: ratio(ours, theirs) });
        self
    }

    /// With what it should be.
    pub(crate) fn should(mut self, words: impl Into<String>, reached: bool) -> Self {
        self.target = Some(Target { words: words.into(), reached });
        self
    }
}

/// The median of the ratios of each run, in thousandths.
pub(crate) fn ratio(ours: &[u64], theirs: &[u64]) -> u64 {
    let ratios: Vec<u64> =
        ours.iter().zip(theirs).map(|(ours, theirs)| ours.saturating_mul(1_000) / (*theirs).max(1)).collect();
    median(&ratios)
}

/// The middle one, or the lower of the two in the middle.
pub(crate) fn median(samples: &[u64]) -> u64 {
    percentile(samples, 50)
}

/// The smallest sample that so many hundredths of all do not exceed.
pub(crate) fn percentile(samples: &[u64], hundredths: usize) -> u64 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * hundredths).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

/// So many things in that time, per second.
pub(crate) fn per_second(things: usize, took: Duration) -> u64 {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    u64::try_from(things).unwrap_or(u64::MAX).saturating_mul(1_000_000) / micros
}

/// A time in whole microseconds.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Everything that was measured, and where.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The machine.
    pub(crate) machine: Machine,
    /// How often each thing was measured.
    pub(crate) runs: usize,
    /// Whether the numbers say nothing.
    pub(crate) quick: bool,
    /// The figures.
    pub(crate) figures: Vec<Figure>,
}

impl Report {
    /// Prints where this is measured.
    pub(crate) fn show_machine(&self) {
        let m = &self.machine;
        println!("{} ({} cores), {}, {}, load {}", m.processor, m.cores, m.kernel, m.disk, m.load);
        println!(
            "commit {}, {} runs each, medians{}",
            m.commit,
            self.runs,
            if self.quick { ", QUICK: no figures" } else { "" }
        );
    }
}

/// Prints the figures of one benchmark.
pub(crate) fn show(benchmark: &str, figures: &[Figure]) {
    println!("\n{benchmark}");
    let width = figures.iter().map(|figure| figure.name.len()).max().unwrap_or(0);
    for figure in figures {
        let (least, most) = figure.spread;
        let mut line = format!("  {:width$}  {:>9} {:14} ({least} to {most})", figure.name, figure.value, figure.unit);
        for Ratio { of, thousandths } in &figure.ratios {
            let _ = write!(line, "  {}.{:03} of {of}", thousandths / 1_000, thousandths % 1_000);
        }
        if let Some(Target { words, reached }) = &figure.target {
            let _ = write!(line, "  [{}: {words}]", if *reached { "reached" } else { "MISSED" });
        }
        println!("{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percentiles_are_samples() {
        assert_eq!(median(&[5, 1, 9]), 5);
        assert_eq!(median(&[4, 1, 9, 5]), 4);
        assert_eq!(median(&[]), 0);
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!((percentile(&hundred, 99), percentile(&hundred, 50), percentile(&hundred, 100)), (99, 50, 100));
    }

    #[test]
    fn a_ratio_is_taken_run_by_run() {
        // The machine was twice as slow in the second run.
        assert_eq!(ratio(&[80, 40, 81], &[100, 50, 100]), 800);
        assert_eq!(ratio(&[1], &[0]), 1_000);
    }

    #[test]
    fn rates_are_whole() {
        assert_eq!(per_second(10, Duration::from_millis(500)), 20);
        assert_eq!(per_second(1, Duration::ZERO), 1_000_000);
    }
}
