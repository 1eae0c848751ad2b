//! One step of a run: a header, a program whose output is passed on, the time
//! it took. A step that fails says so and stops the run.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::tally::Tally;

/// The running program of a step sees no standard input.
pub(crate) fn run(title: &str, command: &mut Command) -> Result<(), String> {
    step(title, || {
        let status = command.stdin(Stdio::null()).status();
        let status = status.map_err(|error| cannot_start(command, &error))?;
        ended(command, status)
    })
}

/// Like [`run`], and counts the tests that the output speaks of.
pub(crate) fn run_tests(title: &str, command: &mut Command, tally: &mut Tally) -> Result<(), String> {
    step(title, || {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| cannot_start(command, &error))?;
        if let Some(output) = child.stdout.take() {
            pass_on(output, tally).map_err(|error| format!("cannot read its output: {error}"))?;
        }
        let status = child.wait().map_err(|error| error.to_string())?;
        ended(command, status)
    })
}

/// A header, the work, the time.
pub(crate) fn step(title: &str, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    println!("\n==> {title}");
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs();
    match result {
        Ok(()) => {
            println!("<== {title}: done in {seconds} s");
            Ok(())
        }
        Err(message) => Err(format!("step `{title}` failed after {seconds} s: {message}")),
    }
}

fn pass_on(output: impl std::io::Read, tally: &mut Tally) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut lines = BufReader::new(output);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        tally.read(&String::from_utf8_lossy(&line));
        out.write_all(&line)?;
        out.flush()?;
        line.clear();
    }
    Ok(())
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("cannot start `{}`: {error}", command.get_program().to_string_lossy())
}

fn ended(command: &Command, status: std::process::ExitStatus) -> Result<(), String> {
    if status.success() {
        return Ok(());
    }
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    let words: Vec<_> = std::iter::once(command.get_program().to_string_lossy()).chain(arguments).collect();
    Err(format!("`{}` ended with {status}", words.join(" ")))
}
