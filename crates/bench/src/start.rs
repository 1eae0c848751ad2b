//! `start`: from nothing to the first answer, memory at rest, the size of the binary, and how fast the sandbox is there.

use crate::figure::{Figure, micros};
use crate::process::{House, Serving};
use crate::{Failed, Scale};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

const NAME: &str = "start";
const MIB: u64 = 1_024 * 1_024;

/// Runs it.
pub(crate) fn run(scale: &Scale) -> Result<Vec<Figure>, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (mut cold, mut memory, mut sandbox, mut inside) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let house = House::build(&scale.binary)?;
    // The first start makes the key and the schema; those after it are like every other.
    drop(house.serve(&scale.binary)?);
    for _ in 0..scale.runs.max(scale.of(9, 1)) {
        let began = Instant::now();
        let gateway = Serving::start(&scale.binary, house.folder.path(), "serve", &[])?;
        first_answer(&gateway.url, "/readyz")?;
        cold.push(micros(began.elapsed()));
        std::thread::sleep(Duration::from_millis(u64::try_from(scale.of(1_000, 10))?));
        memory.push(resident(gateway.pid())?);
        drop(gateway);

        let folder = tempfile::tempdir()?;
        let began = Instant::now();
        let process = Serving::start(&scale.binary, folder.path(), "sandbox", &[])?;
        first_answer(&process.url, "/_sandbox/health")?;
        sandbox.push(micros(began.elapsed()));
        drop(process);

        let began = Instant::now();
        let options = sandbox::Options { listen: ([127, 0, 0, 1], 0).into(), ..sandbox::Options::default() };
        let running = runtime.block_on(sandbox::Sandbox::start(options))?;
        inside.push(micros(began.elapsed()));
        runtime.block_on(running.shutdown());
    }
    let size = std::fs::metadata(&scale.binary)?.len();
    let should = |figure: Figure, most: u64, words: &str| {
        let reached = figure.value < most;
        figure.should(words, reached)
    };
    Ok(vec![
        should(Figure::of(NAME, "gateway, first answer of /readyz", "us", &cold), 150_000, "under 150 ms"),
        should(Figure::of(NAME, "gateway, memory at rest", "KiB", &memory), 30 * 1_024, "under 30 MiB"),
        should(Figure::of(NAME, "size of the binary", "bytes", &[size]), 25 * MIB, "under 25 MiB"),
        should(Figure::of(NAME, "sandbox as a process, first answer", "us", &sandbox), 50_000, "under 50 ms"),
        should(Figure::of(NAME, "sandbox in process", "us", &inside), 10_000, "under 10 ms"),
    ])
}

fn first_answer(url: &str, path: &str) -> Result<(), Failed> {
    let host = url.strip_prefix("http://").ok_or("no address")?;
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(format!("{path}: {answer}").into()) }
}

/// The memory that is really in use, in KiB.
fn resident(pid: u32) -> Result<u64, Failed> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}
