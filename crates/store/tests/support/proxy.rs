//! A line to PostgreSQL that can be cut at a COMMIT: before the server hears of it, or before the client hears the
//! answer. Plain bytes; the protocol is known just far enough to find that one message.
#![allow(dead_code, clippy::unwrap_used, reason = "test code; each test binary uses its own part")]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

/// What happens to every so many-th COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It never arrives.
    Request,
    /// It takes place, and the answer never arrives.
    Answer,
}

/// The line. Ends with the test.
pub(crate) struct Proxy {
    port: u16,
    plan: Arc<Plan>,
}

struct Plan {
    cut: Cut,
    every: AtomicU32,
    commits: AtomicU32,
}

impl Proxy {
    /// A line to that port, cut at every `every`-th COMMIT once it is armed.
    pub(crate) fn to(port: u16, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let plan = Arc::new(Plan { cut, every: AtomicU32::new(0), commits: AtomicU32::new(0) });
        let proxy = Self { port: listener.local_addr().unwrap().port(), plan: Arc::clone(&plan) };
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
                join(client, server, &plan);
            }
        });
        proxy
    }

    /// From now on every so many-th COMMIT is cut; none for 0.
    pub(crate) fn arm(&self, every: u32) {
        self.plan.every.store(every, Ordering::SeqCst);
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

fn join(client: TcpStream, server: TcpStream, plan: &Arc<Plan>) {
    let deaf = Arc::new(AtomicBool::new(false));
    let (plan, hears) = (Arc::clone(plan), Arc::clone(&deaf));
    let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        carry(&from, &to, |bytes| {
            let every = plan.every.load(Ordering::SeqCst);
            let commit = every > 0 && bytes.windows(7).any(|word| word == b"commit\0");
            if commit && plan.commits.fetch_add(1, Ordering::SeqCst) % every == 0 {
                deaf.store(true, Ordering::SeqCst);
                return plan.cut == Cut::Answer;
            }
            true
        });
    });
    thread::spawn(move || carry(&server, &client, |_| !hears.load(Ordering::SeqCst)));
}

/// Carries bytes as long as they may pass, then closes both ends.
fn carry(mut from: &TcpStream, mut to: &TcpStream, may_pass: impl Fn(&[u8]) -> bool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut buffer) {
        let bytes = &buffer[..length];
        if length == 0 || !may_pass(bytes) || to.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
