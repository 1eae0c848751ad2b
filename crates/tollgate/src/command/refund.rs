//! `tollgate refund`: money given back, through the gateway's API. A refund is
//! begun with `tollgate charge refund`. Arguments and output only.

use api::Refund as Resource;
use clap::{Args, Subcommand};

use super::Context;
use super::remote::{self, Part, RemoteScope};
use super::settle::{self, Request, Said};
use crate::config::Flags;
use crate::exit::Exit;
use crate::print;

/// Look at refunds; `tollgate charge refund` makes one.
#[derive(Debug, Subcommand)]
pub(crate) enum Refund {
    /// Show a refund.
    Get(One),
    /// List refunds, newest first.
    List(List),
    /// Say what became of it, where nobody else can find out.
    Settle(Settle),
}

/// One refund.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its id (`rf_...`).
    refund: String,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// List refunds.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those that a person must look at: unknown for a day or longer.
    #[arg(long)]
    needs_attention: bool,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// Say what became of it.
#[derive(Debug, Args)]
#[command(after_help = settle::EXAMPLES)]
pub(crate) struct Settle {
    /// Its id (`rf_...`).
    refund: String,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

impl Refund {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Get(One { refund, flags }) => {
                let refund = remote::ask(context, flags, async |gateway| gateway.refund(&refund).await)?;
                show(&refund, context)?;
            }
            Self::List(List { needs_attention, part, flags }) => {
                let page = part.page();
                let list = remote::ask(context, flags, async |gateway| {
                    if needs_attention { gateway.parked_refunds(&page).await } else { gateway.refunds(&page).await }
                })?;
                if context.json {
                    print::json(&list)?;
                    return Ok(Exit::Success);
                }
                let row = |refund: &Resource| {
                    let amount = format!("{} {}", refund.amount, refund.currency);
                    let (status, created) = (refund.status.to_string(), refund.created_at.to_string());
                    [refund.id.clone(), status, amount, refund.charge.clone(), created]
                };
                let rows: Vec<[String; 5]> = list.data.iter().map(row).collect();
                print::table(["refund", "status", "amount", "charge", "created"], &rows)?;
                remote::more(list.next_cursor.as_ref());
            }
            Self::Settle(Settle { refund, said, flags }) => {
                let request = said.request();
                let refund = remote::ask(context, flags, async |gateway| match &request {
                    Request::Settle(said) => gateway.settle_refund(&refund, said).await,
                    Request::Withdraw(why) => gateway.withdraw_refund_settlement(&refund, why).await,
                })?;
                show(&refund, context)?;
            }
        }
        Ok(Exit::Success)
    }
}

pub(super) fn show(refund: &Resource, context: &Context<'_>) -> anyhow::Result<()> {
    if context.json {
        return print::json(refund);
    }
    let mut facts = vec![
        ("Refund", refund.id.clone()),
        ("Status", refund.status.to_string()),
        ("Given back", remote::answer(refund.outcome).to_owned()),
        ("Amount", format!("{} {}", refund.amount, refund.currency)),
        ("Charge", refund.charge.clone()),
        ("Key", refund.idempotency_key.clone()),
        ("Created", refund.created_at.to_string()),
    ];
    facts.extend(refund.attention_since.as_ref().map(|since| ("For a person since", since.to_string())));
    facts.extend(refund.failure.as_ref().map(|failure| ("Because", remote::reason(failure))));
    print::facts(&facts)?;
    settle::show(refund.settlement.as_ref())?;
    Ok(())
}
