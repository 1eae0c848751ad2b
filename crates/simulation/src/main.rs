//! `cargo xtask simulate`: many seeds with a rate, or one with its trace. What a run is, is decided in the library.

use simulation::batch::{self, Batch};
use simulation::{Plant, Report, tell, trace};
use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const HELP: &str = "\
cargo xtask simulate [--seeds N] [--from N] [--threads N]   run many seeds; 10000 from 0 on all cores when not said
cargo xtask simulate --seed N                               run one and show its trace
cargo xtask simulate --plants N                             find each planted bug within so many seeds

Ends with 1 when a promise is broken or a situation that must be met never was, with 2 when the call is wrong.
";
/// How often a line says how far it is, where no bar can be drawn.
const LINE_EVERY: Duration = Duration::from_mins(1);
/// How often the bar is drawn anew.
const BAR_EVERY: Duration = Duration::from_millis(200);
/// How wide the bar is, in characters.
const BAR: u64 = 30;

struct Call {
    seeds: u64,
    from: u64,
    threads: usize,
    seed: Option<u64>,
    plants: Option<u64>,
}

/// The words of the call; `None` when they make no sense.
fn call() -> Option<Call> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut call = Call { seeds: 10_000, from: 0, threads, seed: None, plants: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number: u64 = words.next()?.replace('_', "").parse().ok()?;
        match word.as_str() {
            "--seeds" => call.seeds = number,
            "--from" => call.from = number,
            "--threads" => call.threads = usize::try_from(number).ok()?,
            "--seed" => call.seed = Some(number),
            "--plants" => call.plants = Some(number),
            _ => return None,
        }
    }
    Some(call)
}

fn main() -> ExitCode {
    let Some(call) = call() else {
        eprint!("{HELP}");
        return ExitCode::from(2);
    };
    let kept = match (call.seed, call.plants) {
        (Some(seed), _) => one(seed),
        (None, Some(most)) => plants(&call, most),
        (None, None) => many(&call),
    };
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn one(seed: u64) -> bool {
    let Report { lines, broken, steps, hash, .. } = trace(seed, None, &BTreeSet::new());
    println!("{}\nseed {seed}: {steps} steps, hash {hash:016x}", lines.join("\n"));
    if let Some(broken) = &broken {
        println!("\nThe shortest run:\n{}", tell(seed, None, broken));
    }
    broken.is_none()
}

fn plants(call: &Call, most: u64) -> bool {
    let mut all = true;
    for &plant in Plant::ALL {
        let seeds = call.from..call.from.saturating_add(most);
        if let Some((seed, broken)) = batch::first_broken(seeds, plant, call.threads) {
            println!("{plant:?}: found after {} seeds: {broken}", seed - call.from + 1);
        } else {
            println!("{plant:?}: NOT found");
            all = false;
        }
    }
    all
}

fn many(call: &Call) -> bool {
    let start = Instant::now();
    let end = call.from.saturating_add(call.seeds);
    println!("seeds {} to {} on {} threads", call.from, end.saturating_sub(1), call.threads);
    let terminal = std::io::stderr().is_terminal();
    let shown = Mutex::new(start);
    let look = |done: u64| {
        let Ok(mut last) = shown.try_lock() else { return };
        if last.elapsed() >= if terminal { BAR_EVERY } else { LINE_EVERY } {
            *last = Instant::now();
            show(terminal, done, call.seeds, start.elapsed());
        }
    };
    let batch = batch::run_all(call.from..end, None, call.threads, &look);
    if terminal {
        eprintln!();
    }
    tell_all(&batch, start.elapsed())
}

/// So many in a second, in tenths.
fn rate(count: u64, time: Duration) -> String {
    let tenths = u128::from(count) * 10_000 / time.as_millis().max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn show(terminal: bool, done: u64, of: u64, time: Duration) {
    let left = time.as_secs().saturating_mul(of - done) / done.max(1);
    let text = format!("{done} of {of}, {} seeds a second, {left} s left", rate(done, time));
    if terminal {
        let full = usize::try_from(BAR * done / of.max(1)).unwrap_or(0);
        eprint!("\r[{:<30}] {text}   ", "=".repeat(full));
        drop(std::io::stderr().flush());
    } else {
        println!("{text}");
    }
}

fn tell_all(batch: &Batch, time: Duration) -> bool {
    let speed = rate(batch.seeds, time);
    println!("{} seeds, {} steps, {} s, {speed} seeds a second", batch.seeds, batch.steps, time.as_secs());
    println!("hash of all {:016x}", batch.hash);
    for (situation, times) in &batch.met {
        println!("{times:>12}  {situation}");
    }
    let never = batch.never_met();
    if !never.is_empty() {
        println!("never met: {never:?}");
    }
    for (seed, broken) in &batch.broken {
        println!("seed {seed} breaks {broken}");
    }
    match batch.broken.first_key_value() {
        Some((seed, broken)) => println!("\n{}", tell(*seed, None, broken)),
        None => println!("no promise broken"),
    }
    batch.broken.is_empty() && never.is_empty()
}
