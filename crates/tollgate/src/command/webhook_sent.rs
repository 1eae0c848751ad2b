//! What was sent to webhook endpoints: deliveries and their tries, a test, and
//! sending again. Arguments and output only.

use std::time::Duration;

use api::{Delivery as Resource, DeliveryStatus};
use clap::Args;
use client::{Client, DeliveryFilter, Error};

use super::Context;
use super::remote::{self, Part, RemoteScope, dash};
use crate::config::Flags;
use crate::exit::{Exit, Stop};
use crate::print;

/// How often a test's delivery is looked at, and how long between.
const LOOKS: usize = 60;
const EVERY: Duration = Duration::from_millis(500);
/// How many calls one replay makes at most; each replays up to a thousand events.
const REPLAYS: usize = 10_000;

/// Send an endpoint an event made for it.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The endpoint's id (`we_...`).
    endpoint: String,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// List deliveries.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate webhook deliveries --endpoint we_... --status failed
  tollgate webhook deliveries --event evt_...")]
pub(crate) struct Deliveries {
    /// Only to the endpoint with this id.
    #[arg(long, value_name = "ID")]
    endpoint: Option<String>,
    /// Only of the event with this id.
    #[arg(long, value_name = "ID")]
    event: Option<String>,
    /// Only those that stand so: pending, delivered, failed or canceled.
    #[arg(long, value_name = "STATUS", value_parser = parse_status)]
    status: Option<DeliveryStatus>,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// Show a delivery.
#[derive(Debug, Args)]
pub(crate) struct Delivery {
    /// Its id (`dl_...`).
    delivery: String,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// Send one event to one endpoint again.
#[derive(Debug, Args)]
pub(crate) struct Resend {
    /// The delivery's id (`dl_...`).
    delivery: String,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// Send many events to an endpoint again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate webhook replay we_... --failed-since 2026-01-31T09:30:00Z
  tollgate webhook replay we_... --from 2026-01-31T00:00:00Z --to 2026-02-01T00:00:00Z
  tollgate webhook replay we_... --after 1041 --until 1100")]
pub(crate) struct Replay {
    /// The endpoint's id (`we_...`).
    endpoint: String,
    /// Every delivery that failed at this instant or later.
    #[arg(long, value_name = "TIME", conflicts_with_all = ["after", "until", "from", "to"])]
    failed_since: Option<String>,
    /// Only events after this sequence.
    #[arg(long, value_name = "SEQUENCE")]
    after: Option<i64>,
    /// Only events up to this sequence.
    #[arg(long, value_name = "SEQUENCE")]
    until: Option<i64>,
    /// Only events of this instant or later.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only events before this instant.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

fn parse_status(text: &str) -> Result<DeliveryStatus, String> {
    match DeliveryStatus::parse(text) {
        DeliveryStatus::Unrecognized => Err("one of pending, delivered, failed, canceled".to_owned()),
        status => Ok(status),
    }
}

impl Test {
    /// Success if the receiver took it; whatever comes of it is shown.
    pub(super) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let id = self.endpoint;
        let delivery = remote::ask(context, self.flags, async |gateway| {
            let made = gateway.test_webhook_endpoint(&id).await?;
            first_try(gateway, &made.id).await
        })?;
        show(&delivery, context)?;
        if delivery.status == DeliveryStatus::Delivered {
            return Ok(Exit::Success);
        }
        let what = if delivery.try_count == 0 { "nothing came of it yet" } else { "the receiver did not take it" };
        let look = format!("`tollgate webhook delivery {}` shows it later.", delivery.id);
        Err(Stop::new(Exit::Failure, what).advise(look).into())
    }
}

/// Waits for what comes of the first try.
async fn first_try(gateway: &Client, id: &str) -> Result<Resource, Error> {
    let mut delivery = gateway.delivery(id).await?;
    for _ in 0..LOOKS {
        if delivery.try_count > 0 {
            break;
        }
        tokio::time::sleep(EVERY).await;
        delivery = gateway.delivery(id).await?;
    }
    Ok(delivery)
}

impl Deliveries {
    pub(super) fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let page = self.part.page();
        let filter = DeliveryFilter { event: self.event, endpoint: self.endpoint, status: self.status };
        let list = remote::ask(context, self.flags, async |gateway| gateway.deliveries(&filter, &page).await)?;
        if context.json {
            return print::json(&list);
        }
        let row = |delivery: &Resource| {
            let (sequence, tries) = (delivery.sequence.to_string(), delivery.try_count.to_string());
            [sequence, delivery.status.to_string(), tries, dash(delivery.due_at.as_ref()), delivery.id.clone()]
        };
        let rows: Vec<[String; 5]> = list.data.iter().map(row).collect();
        print::table(["sequence", "status", "tries", "due", "delivery"], &rows)?;
        remote::more(list.next_cursor.as_ref());
        Ok(())
    }
}

impl Delivery {
    pub(super) fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let id = self.delivery;
        show(&remote::ask(context, self.flags, async |gateway| gateway.delivery(&id).await)?, context)
    }
}

impl Resend {
    pub(super) fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let id = self.delivery;
        show(&remote::ask(context, self.flags, async |gateway| gateway.resend_delivery(&id).await)?, context)
    }
}

impl Replay {
    pub(super) fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let id = self.endpoint;
        let mut replay = api::Replay {
            after_sequence: self.after,
            until_sequence: self.until,
            from: self.from,
            to: self.to,
            failed_since: self.failed_since,
        };
        let deliveries = remote::ask(context, self.flags, async |gateway| {
            let mut deliveries = 0;
            for _ in 0..REPLAYS {
                let replayed = gateway.replay_events(&id, &replay).await?;
                deliveries += replayed.deliveries;
                if replayed.is_complete {
                    break;
                }
                replay.after_sequence = replayed.next_after_sequence.or(replay.after_sequence);
            }
            Ok(deliveries)
        })?;
        if context.json {
            return print::json(&serde_json::json!({ "endpoint": id, "deliveries": deliveries }));
        }
        print::line(format_args!("{deliveries} deliveries are due again."))?;
        Ok(())
    }
}

fn show(delivery: &Resource, context: &Context<'_>) -> anyhow::Result<()> {
    if context.json {
        return print::json(delivery);
    }
    print::facts(&[
        ("Delivery", delivery.id.clone()),
        ("Event", format!("{} (sequence {})", delivery.event, delivery.sequence)),
        ("Endpoint", delivery.endpoint.clone()),
        ("Status", delivery.status.to_string()),
        ("Tries", delivery.try_count.to_string()),
        ("Due", dash(delivery.due_at.as_ref())),
    ])?;
    if delivery.tries.is_empty() {
        return Ok(());
    }
    print::line("")?;
    let row = |tried: &api::Try| {
        let answer = tried.status.map_or_else(|| dash(tried.trouble), |status| status.to_string());
        let said = tried.said.lines().next().unwrap_or_default().chars().take(60).collect();
        [tried.number.to_string(), tried.at.to_string(), format!("{} ms", tried.took_ms), answer, said]
    };
    let rows: Vec<[String; 5]> = delivery.tries.iter().map(row).collect();
    print::table(["try", "at", "took", "answer", "said"], &rows)?;
    Ok(())
}
