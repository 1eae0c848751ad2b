//! `cargo xtask crash`: the crash test for as many cycles as are wanted. What a
//! cycle is and what it checks is in `crates/tollgate/tests/cycles`.

use crate::check::cargo;
use crate::step;

/// Cycles unless told otherwise: some minutes.
const CYCLES: &str = "200";

/// The seed unless told otherwise.
const SEED: &str = "1";

/// Runs `--cycles N` with `--seed S`, or `--points`.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    if arguments == ["--points"] {
        let mut command = cargo();
        command.args(["test", "-p", "tollgate", "--locked", "--features", "crash-points", "--test", "cycles"]);
        command.args(["every_place", "--", "--nocapture"]);
        return step::run("a crash at every named place, and again in the recovery from it", &mut command);
    }
    let (mut cycles, mut seed) = (CYCLES, SEED);
    for pair in arguments.chunks(2) {
        match pair {
            ["--cycles", number] => cycles = number,
            ["--seed", number] => seed = number,
            other => return Err(format!("crash does not know {}", other.join(" "))),
        }
    }
    for number in [cycles, seed] {
        number.parse::<u64>().map_err(|_| format!("{number} is not a number"))?;
    }
    let mut command = cargo();
    command.args(["test", "-p", "tollgate", "--locked", "--test", "cycles", "--", "--nocapture"]);
    command.env("TOLLGATE_CRASH_CYCLES", cycles).env("TOLLGATE_CRASH_SEED", seed);
    step::run(&format!("{cycles} crash cycles with seed {seed}"), &mut command)
}
