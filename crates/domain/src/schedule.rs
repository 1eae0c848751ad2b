//! When to look again. Clocks decide only that, never what became of money.
//! The schedules are those of the reliability model; jitter is added by whoever puts the job.

use crate::Span;

/// How long after a bare "success" a charge is confirmed by a status query.
pub const CONFIRM_AFTER: Span = Span::from_secs(10);

/// Seconds until the next look at an unknown attempt, by the number of looks so far; then daily.
const LOOKS: &[i64] = &[2, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400];

/// Seconds between two looks at a payee who is on Payoneer's page, by the number of looks so far; then every 10 minutes.
const VERIFICATIONS: &[i64] = &[3, 3, 5, 5, 10, 10, 15, 15, 30, 30, 60, 60, 120, 300];

/// Seconds until a job that could not run is tried again, by the number of runs so far; then every 5 minutes.
const RETRIES: &[i64] = &[1, 2, 5, 10, 30, 60, 120];

fn step(table: &[i64], index: i64, last: i64) -> Span {
    Span::from_secs(usize::try_from(index).ok().and_then(|i| table.get(i)).copied().unwrap_or(last))
}

/// Until the next look at something undecided, after that many looks.
pub fn look(looks: i64) -> Span {
    step(LOOKS, looks, 86_400)
}

/// Until the next look at a payee on Payoneer's page, after that many looks.
pub fn verification(looks: i64) -> Span {
    step(VERIFICATIONS, looks, 600)
}

/// Until a job that could not run is tried again, after that many runs.
pub fn retry(runs: i64) -> Span {
    step(RETRIES, runs, 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_grow_rarer_and_never_stop() {
        let mut last = Span::ZERO;
        for n in 0..40 {
            assert!(look(n) >= last, "{n}");
            last = look(n);
        }
        assert_eq!((look(0), look(1_000)), (Span::from_secs(2), Span::from_secs(86_400)));
        assert_eq!((verification(0), verification(99)), (Span::from_secs(3), Span::from_secs(600)));
        assert_eq!((retry(0), retry(99)), (Span::from_secs(1), Span::from_secs(300)));
        assert_eq!(look(-1), Span::from_secs(86_400));
    }
}
