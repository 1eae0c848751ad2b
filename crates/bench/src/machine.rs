//! Facts about the machine, without which a figure means little. Read from the system; nothing is measured here.

use serde::Serialize;
use std::process::Command;

/// Where it was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) processor: String,
    /// How many of it this process may use.
    pub(crate) cores: usize,
    /// Kernel and release.
    pub(crate) kernel: String,
    /// Memory in MiB.
    pub(crate) memory_mib: u64,
    /// The file system of the folder for temporary files.
    pub(crate) disk: String,
    /// The load averages at the beginning.
    pub(crate) load: String,
    /// The version of the compiler.
    pub(crate) compiler: String,
    /// The commit that was built.
    pub(crate) commit: String,
}

/// Looks around; what cannot be found out is `unknown`.
pub(crate) fn facts() -> Machine {
    let of = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let line = |text: &str, key: &str| {
        let found = text.lines().find(|line| line.starts_with(key)).and_then(|line| line.split_once(':'));
        found.map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let memory = line(&of("/proc/meminfo"), "MemTotal");
    let load: Vec<String> = of("/proc/loadavg").split(' ').take(3).map(str::to_owned).collect();
    Machine {
        processor: line(&of("/proc/cpuinfo"), "model name"),
        cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        kernel: format!("Linux {}", of("/proc/sys/kernel/osrelease").trim()),
        memory_mib: memory.split(' ').next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1_024,
        disk: file_system(),
        load: load.join(" "),
        compiler: told(Command::new("rustc").arg("--version")),
        commit: told(Command::new("git").args(["rev-parse", "--short", "HEAD"])),
    }
}

fn file_system() -> String {
    let folder = std::env::temp_dir();
    let told = told(Command::new("df").arg("--output=fstype").arg(&folder));
    told.lines().last().unwrap_or("unknown").to_owned()
}

fn told(command: &mut Command) -> String {
    let output = command.output().ok().filter(|output| output.status.success());
    output.map_or("unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
