//! Following a gateway's feed of events, for the commands that wait for what
//! comes: where to begin, how often to look, what to do while nobody answers.

use std::time::Duration;

use api::Event;
use clap::Args;
use client::{Client, Error, EventFilter};

use crate::signal::Signals;

/// How often to look for news.
const EVERY: Duration = Duration::from_millis(500);
/// How long to wait after a gateway did not answer.
const PAUSE: Duration = Duration::from_secs(2);
/// How many events are asked for at once.
const PAGE: u8 = 100;

/// Which events are followed.
#[derive(Debug, Clone, Args)]
pub(crate) struct Follow {
    /// Begin after the event with this sequence; 0 begins with the first. Without it: with what comes next.
    #[arg(long, value_name = "SEQUENCE", value_parser = clap::value_parser!(i64).range(0..))]
    after: Option<i64>,
    /// Only of this type, such as `charge.succeeded`.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// End after so many events.
    #[arg(long, value_name = "NUMBER")]
    count: Option<u64>,
}

impl Follow {
    /// Hands each event on as it comes, until there were enough or a signal says so. A gateway that does not answer is
    /// asked again; one that refuses ends it.
    pub(crate) async fn run(
        self,
        gateway: &Client,
        mut each: impl AsyncFnMut(&Event) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut signals = Signals::listen()?;
        tokio::select! {
            _ = signals.first() => Ok(()),
            ended = self.follow(gateway, &mut each) => ended,
        }
    }

    async fn follow(
        self,
        gateway: &Client,
        each: &mut impl AsyncFnMut(&Event) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut after = match self.after {
            Some(after) => after,
            None => gateway.newest_event().await?.map_or(0, |event| event.sequence),
        };
        let mut left = self.count.unwrap_or(u64::MAX);
        while left > 0 {
            let kind = self.kind.clone();
            let filter = EventFilter { after_sequence: Some(after), kind, limit: Some(PAGE), ..EventFilter::default() };
            let events = match gateway.events(&filter).await {
                Ok(list) => list.data,
                Err(Error::Transport(error)) => {
                    eprintln!("no answer from the gateway, asking again: {error}");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            for event in &events {
                each(event).await?;
                after = event.sequence;
                left -= 1;
                if left == 0 {
                    return Ok(());
                }
            }
            if events.is_empty() {
                tokio::time::sleep(EVERY).await;
            }
        }
        Ok(())
    }
}
