//! Signals: the first SIGTERM or SIGINT asks for a graceful stop, the second
//! ends the process at once.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Waits for the first signal to stop. Afterwards a second one exits with the
/// number shells give to a process that a signal ended.
pub(crate) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Begins to listen, so that no signal after this is missed.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Returns on the first signal, with its name.
    pub(crate) async fn first(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    /// Ends the process on the next signal, whatever it is doing.
    pub(crate) fn exit_on_second(mut self) {
        tokio::spawn(async move {
            let number = match self.first().await {
                "SIGINT" => 2,
                _ => 15,
            };
            eprintln!("tollgate: second signal, stopping at once");
            std::process::exit(128 + number);
        });
    }
}
