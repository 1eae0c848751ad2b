//! What the tests need beside a Rust toolchain: a browser with its driver,
//! fonts for Chinese pages, strace and faketime for disks that fail and clocks
//! that are wrong, PostgreSQL. Installed on Debian when run as root;
//! otherwise the exact line to run is printed.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::step;

/// A thing that must be there, and the Debian package that brings it.
struct Need {
    package: &'static str,
    found: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need { package: "chromium", found: || in_path("chromium") || in_path("google-chrome") },
    Need { package: "chromium-driver", found: || in_path("chromedriver") },
    Need {
        package: "fonts-noto-cjk",
        found: || {
            Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists() || chinese_font_elsewhere()
        },
    },
    Need { package: "strace", found: || in_path("strace") },
    Need { package: "faketime", found: || in_path("faketime") },
    Need { package: "postgresql", found: || in_path("initdb") || server_elsewhere() },
];

/// Installs what is missing, or says how.
pub(crate) fn run() -> Result<(), String> {
    let missing: Vec<&str> = NEEDS.iter().filter(|need| !(need.found)()).map(|need| need.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    let line = format!("apt-get update && apt-get install --yes --no-install-recommends {packages}");
    if !in_path("apt-get") {
        return Err(format!(
            "the tests need {packages} (names of Debian packages); install them as this system does it"
        ));
    }
    if !is_root() {
        return Err(format!("the tests need packages that are missing; run:\n\n    sudo sh -c '{line}'\n"));
    }
    step::run(
        &format!("install {packages}"),
        Command::new("sh").args(["-c", &line]).env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

fn in_path(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Where Debian keeps what only the server needs, for each version.
fn server_elsewhere() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.into_iter().any(|version| version.path().join("bin/initdb").exists())
}

fn chinese_font_elsewhere() -> bool {
    Command::new("fc-list").arg(":lang=zh").stdin(Stdio::null()).output().is_ok_and(|output| !output.stdout.is_empty())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").stdin(Stdio::null()).output().is_ok_and(|output| output.stdout == b"0\n")
}
