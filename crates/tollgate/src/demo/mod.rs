//! The demo: both services on this machine, and the whole flow walked through
//! them as a merchant, a payee's browser and Payoneer would. Only drives and
//! shows; nothing is decided here.

mod browser;
mod forms;
mod merchant;
mod money;
mod payoneer_side;
mod report;
mod shop;
mod stage;
mod walk;

pub(crate) use stage::{Setup, Stage};

use crate::exit::Exit;
use crate::signal::Signals;
use report::Report;

/// Walks, then stays until a signal, or ends where only one walk is wanted.
pub(crate) async fn run(setup: Setup, once: bool, json: bool) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    let stage = Stage::set(setup).await?;
    let mut report = Report::new(json);
    report.opening(&stage)?;
    let walked = tokio::select! {
        walked = walk::walk(&stage, &mut report) => walked?,
        signal = signals.first() => {
            tracing::info!(signal, "stopped during the walk");
            false
        }
    };
    let exit = if walked { Exit::Success } else { Exit::Failure };
    if walked && !once {
        report.next(&stage)?;
        signals.first().await;
        signals.exit_on_second();
    }
    stage.strike().await;
    Ok(exit)
}
