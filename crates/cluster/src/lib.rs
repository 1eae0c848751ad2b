//! Private PostgreSQL clusters for tests: made in a temporary folder, on this machine alone, never as root, with fsync
//! on, gone when the test process is gone, however it ends. No SQL of ours, and no driver: the server's own programs.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "for tests alone: one that has no database must stop")]

mod programs;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use programs::{as_server, output, program};

/// How often a server is asked whether it is up, and how long to pause in between: a minute in all.
const ASKS: u32 = 1_200;
const PAUSE: Duration = Duration::from_millis(50);
/// How often a start is tried, since a port that was free may be taken a moment later.
const STARTS: u32 = 3;
/// The role that logs in with the password [`PASSWORD`]; all others need none.
pub const LOCKED: &str = "locked";
/// Its password.
pub const PASSWORD: &str = "correct-horse";

/// Runs the server until its input ends, which the end of the test process brings about in any case.
const KEEPER: &str = r#"
trap "" INT TERM HUP
folder=$1; shift
"$@" >>"$folder/server.log" 2>&1 &
server=$!
read -r _
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$folder"
"#;

/// A running server with its data.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    keeper: Child,
}

/// The cluster that all tests of one binary share, each in a database of its own.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(&[]))
}

impl Cluster {
    /// Makes and starts a cluster, with these settings (`name=value`) in addition.
    pub fn start(settings: &[&str]) -> Self {
        let cluster = Self::run(&Self::make(), settings);
        cluster.psql("postgres", &format!("create role {LOCKED} login superuser password '{PASSWORD}'"));
        cluster
    }

    /// A cluster that speaks TLS as `localhost`, by the word of an authority of its own.
    pub fn with_tls() -> Self {
        let folder = Self::make();
        let data = folder.join("data");
        let made = |name: &str, subject: &str, more: &[&str]| {
            let request =
                as_server("openssl".as_ref()).args(["req", "-x509", "-nodes", "-days", "2", "-subj", subject]);
            let request = request.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]).args(more);
            let (key, certificate) = (data.join(format!("{name}.key")), data.join(format!("{name}.crt")));
            output(request.arg("-keyout").arg(key).arg("-out").arg(certificate));
        };
        made("authority", "/CN=Test authority", &[]);
        let (by, with) = (data.join("authority.crt"), data.join("authority.key"));
        let signed = ["-CA", by.to_str().unwrap(), "-CAkey", with.to_str().unwrap()];
        let is = ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:localhost"];
        made("server", "/CN=localhost", &[signed, is].concat());
        Self::run(&folder, &["ssl=on"])
    }

    /// The authority that [`Cluster::with_tls`] made.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("data/authority.crt")
    }

    /// The data of a new cluster, in a folder of its own.
    fn make() -> PathBuf {
        let folder = folder();
        let data = folder.join("data");
        let made = as_server(&program("initdb"))
            // Not the order of bytes: what relies on that must say so.
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--locale-provider=icu", "--icu-locale=en", "--no-sync", "--no-instructions", "--pgdata"])
            .arg(&data);
        output(made);
        let access = data.join("pg_hba.conf");
        let trusting = fs::read_to_string(&access).unwrap();
        let replication = "host replication all 127.0.0.1/32 trust";
        fs::write(&access, format!("host all {LOCKED} 127.0.0.1/32 scram-sha-256\n{replication}\n{trusting}")).unwrap();
        folder
    }

    /// A standby of this cluster that streams from it under this name, with a copy of all its data.
    #[must_use]
    pub fn standby(&self, name: &str, settings: &[&str]) -> Self {
        let folder = folder();
        let from = format!("host=127.0.0.1 port={} user=postgres application_name={name}", self.port);
        let copied = as_server(&program("pg_basebackup"))
            .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--dbname", &from, "--pgdata"])
            .arg(folder.join("data"));
        output(copied);
        Self::run(&folder, settings)
    }

    fn run(folder: &Path, settings: &[&str]) -> Self {
        for _ in 1..STARTS {
            if let Some(cluster) = Self::try_run(folder, settings) {
                return cluster;
            }
        }
        let log = fs::read_to_string(folder.join("server.log")).unwrap_or_default();
        Self::try_run(folder, settings).unwrap_or_else(|| panic!("no server: {log}"))
    }

    fn try_run(folder: &Path, settings: &[&str]) -> Option<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut server = as_server(&program("postgres"));
        server = server.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args(["-p", &port.to_string()]);
        let ours = ["listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=32MB"];
        for setting in ours.iter().chain(settings) {
            server = server.args(["-c", setting]);
        }
        let keeper = programs::under("sh", ["-c", KEEPER, "keeper"])
            .arg(folder)
            .args(server.words())
            .command()
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let cluster = Self { folder: folder.to_owned(), port, databases: AtomicU32::new(0), keeper };
        for _ in 0..ASKS {
            let ready = programs::under(program("pg_isready"), ["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            if ready.command().status().unwrap().success() {
                return Some(cluster);
            }
            if !cluster.folder.join("data/postmaster.pid").exists() && cluster.log().contains("FATAL") {
                break;
            }
            std::thread::sleep(PAUSE);
        }
        // Its folder is needed for the next try.
        std::mem::forget(cluster);
        None
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }

    /// Where the server listens, on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A new, empty database; its name.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let made = programs::under(program("createdb"), ["-h", "127.0.0.1", "-U", "postgres"]);
        output(made.args(["-p", &self.port.to_string(), &name]));
        name
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The address of a new, empty database.
    pub fn fresh(&self) -> String {
        self.url(&self.database())
    }

    /// Runs statements as an operator would; what they print, without headings.
    pub fn psql(&self, database: &str, statements: &str) -> String {
        let psql = programs::under(program("psql"), ["-h", "127.0.0.1", "-U", "postgres", "-v", "ON_ERROR_STOP=1"]);
        output(psql.args(["-X", "-q", "-A", "-t", "-p", &self.port.to_string(), "-d", database, "-c", statements]))
    }

    /// Writes a database into a file, as an operator's backup would.
    pub fn dump(&self, database: &str, file: &Path) {
        let dump = programs::under(program("pg_dump"), ["-h", "127.0.0.1", "-U", "postgres", "-Fc", "-f"]);
        output(dump.arg(file).args(["-p", &self.port.to_string(), database]));
    }

    /// Puts what a file holds in the place of all that is in a database.
    pub fn restore(&self, database: &str, file: &Path) {
        let restore = programs::under(program("pg_restore"), ["-h", "127.0.0.1", "-U", "postgres", "--clean"]);
        let restore = restore.args(["--if-exists", "--single-transaction", "-p", &self.port.to_string()]);
        output(restore.args(["-d", database]).arg(file));
    }

    /// Ends the server at once, as a power cut would, with everything it started.
    pub fn kill(&self) {
        let pid = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().trim().to_owned();
        output(programs::under("kill", ["-9", &pid]));
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        output(as_server(&program("pg_ctl")).args(["promote", "-w", "-D"]).arg(self.folder.join("data")));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A folder that the server may use, and nobody else.
fn folder() -> PathBuf {
    let folder = tempfile::Builder::new().prefix("tollgate-pg-").tempdir().unwrap().keep();
    programs::hand_over(&folder);
    folder
}

#[cfg(test)]
mod tests {
    use super::Cluster;

    #[test]
    fn a_cluster_serves_and_leaves_nothing_behind() {
        let cluster = Cluster::start(&["work_mem=5MB"]);
        let (first, second) = (cluster.database(), cluster.database());
        cluster.psql(&first, "create schema here");
        assert_eq!(cluster.psql(&first, "select to_regnamespace('here') is null").trim(), "f");
        assert_eq!(cluster.psql(&second, "select to_regnamespace('here') is null").trim(), "t");
        assert_eq!(cluster.psql("postgres", "show fsync; show work_mem"), "on\n5MB\n");
        let folder = cluster.folder.clone();
        drop(cluster);
        assert!(!folder.exists());
    }
}
