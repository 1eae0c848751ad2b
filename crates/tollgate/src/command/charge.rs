//! `tollgate charge`: money taken from payees, through the gateway's API.
//! Arguments and output only.

use std::collections::BTreeMap;
use std::time::Duration;

use api::{Amount, Charge as Resource, ChargeStatus, CreateCharge};
use clap::{Args, Subcommand};
use client::{ChargeFilter, Client, Error};

use super::remote::{self, Once, Part, RemoteScope, dash, exit_of};
use super::settle::{self, Request, Said};
use super::{Context, refund};
use crate::config::Flags;
use crate::exit::Exit;
use crate::print;

/// How often, and how many times, `refresh` looks whether Payoneer has answered.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const LOOKS_MAX: u32 = 30;

/// Take money from payees, look at it, give it back.
#[derive(Debug, Subcommand)]
pub(crate) enum Charge {
    /// Take money from a payee.
    Create(Create),
    /// Show a charge with its trips to Payoneer.
    Get(One),
    /// List charges, newest first.
    List(List),
    /// Withdraw a charge of which certainly nothing was sent.
    Cancel(One),
    /// Give the whole of a charge back.
    Refund(Refund),
    /// Have Payoneer asked now what became of it.
    Refresh(One),
    /// Say what became of it, where nobody else can find out.
    Settle(Settle),
}

/// Take money from a payee.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate charge create --payee user-42 --amount 12.50 --currency USD --description 'Order 88' \\
      --reference order-88
  tollgate charge create --payee user-42 --amount 12.50 --currency USD --description 'Order 88' \\
      --idempotency-key order-88 --metadata cart=7 --json

Ends with 0 if the money was taken, 1 if not, 6 if nobody can say yet: then repeat it with the same
--idempotency-key, or look with `tollgate charge get`; never charge again under another key.")]
pub(crate) struct Create {
    /// Who pays, by your own id of them.
    #[arg(long, value_name = "PAYEE_ID")]
    payee: String,
    /// How much, such as 12.50.
    #[arg(long)]
    amount: String,
    /// ISO 4217 code.
    #[arg(long)]
    currency: String,
    /// What the payee reads on the statement.
    #[arg(long)]
    description: String,
    /// Your own reference, unique for ever.
    #[arg(long, value_name = "REFERENCE")]
    reference: Option<String>,
    /// What it is for: while one charge for it is undecided, no other is begun.
    #[arg(long)]
    purpose: Option<String>,
    /// A note of yours; may be given several times.
    #[arg(long, value_name = "NAME=TEXT", value_parser = note)]
    metadata: Vec<(String, String)>,
    #[command(flatten)]
    once: Once,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// One charge.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its id (`ch_...`).
    charge: String,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// List charges.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate charge list --needs-attention
  tollgate charge list --status unknown --payee user-42
  tollgate charge list --reference order-88 --json")]
pub(crate) struct List {
    /// Only with this status, such as `succeeded` or `unknown`.
    #[arg(long, value_parser = status, conflicts_with = "needs_attention")]
    status: Option<ChargeStatus>,
    /// Only those that a person must look at: unknown for a day or longer.
    #[arg(long)]
    needs_attention: bool,
    /// Only of this payee.
    #[arg(long, value_name = "PAYEE_ID")]
    payee: Option<String>,
    /// Only the one with this reference.
    #[arg(long)]
    reference: Option<String>,
    /// Only the one asked for under this key.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// Give the whole of a charge back.
#[derive(Debug, Args)]
pub(crate) struct Refund {
    /// Its id (`ch_...`).
    charge: String,
    #[command(flatten)]
    once: Once,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// Say what became of it.
#[derive(Debug, Args)]
#[command(after_help = settle::EXAMPLES)]
pub(crate) struct Settle {
    /// Its id (`ch_...`).
    charge: String,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

fn note(text: &str) -> Result<(String, String), String> {
    let (name, note) = text.split_once('=').ok_or("write NAME=TEXT")?;
    Ok((name.to_owned(), note.to_owned()))
}

fn status(text: &str) -> Result<ChargeStatus, String> {
    match ChargeStatus::parse(text) {
        ChargeStatus::Unrecognized => {
            let all: Vec<&str> = ChargeStatus::ALL.iter().map(|status| status.as_str()).collect();
            Err(format!("the statuses are {}", all.join(", ")))
        }
        status => Ok(status),
    }
}

impl Charge {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Create(command) => command.run(context),
            Self::Get(One { charge, flags }) => {
                let charge = remote::ask(context, flags, async |gateway| gateway.charge(&charge).await)?;
                show(&charge, context)?;
                Ok(Exit::Success)
            }
            Self::List(command) => command.run(context),
            Self::Cancel(One { charge, flags }) => {
                let charge = remote::ask(context, flags, async |gateway| gateway.cancel_charge(&charge).await)?;
                show(&charge, context)?;
                Ok(Exit::Success)
            }
            Self::Refund(Refund { charge, once, flags }) => {
                let key = once.key();
                let ask = async |gateway: &Client| gateway.refund_charge(&key, &charge).await;
                let refund = remote::ask_once(context, flags, &key, ask)?.resource;
                refund::show(&refund, context)?;
                Ok(exit_of(refund.outcome, refund.failure.is_some()))
            }
            Self::Refresh(One { charge, flags }) => {
                let charge = remote::ask(context, flags, async |gateway| refresh(gateway, &charge).await)?;
                show(&charge, context)?;
                Ok(if charge.status == ChargeStatus::Unknown { Exit::Unknown } else { Exit::Success })
            }
            Self::Settle(Settle { charge, said, flags }) => {
                let request = said.request();
                let charge = remote::ask(context, flags, async |gateway| match &request {
                    Request::Settle(said) => gateway.settle_charge(&charge, said).await,
                    Request::Withdraw(why) => gateway.withdraw_charge_settlement(&charge, why).await,
                })?;
                show(&charge, context)?;
                Ok(Exit::Success)
            }
        }
    }
}

impl Create {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let metadata: BTreeMap<String, String> = self.metadata.into_iter().collect();
        let request = CreateCharge {
            payee_id: self.payee,
            amount: Amount::new(self.amount),
            currency: self.currency,
            description: self.description,
            client_reference_id: self.reference,
            purpose: self.purpose,
            metadata: Some(metadata).filter(|notes| !notes.is_empty()),
        };
        let key = self.once.key();
        let ask = async |gateway: &Client| gateway.create_charge(&key, &request).await;
        let charge = remote::ask_once(context, self.flags, &key, ask)?.resource;
        show(&charge, context)?;
        Ok(exit_of(charge.outcome, charge.failure.is_some()))
    }
}

impl List {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let filter = ChargeFilter {
            status: self.status,
            needs_attention: self.needs_attention,
            payee_id: self.payee,
            client_reference_id: self.reference,
            idempotency_key: self.idempotency_key,
        };
        let page = self.part.page();
        let list = remote::ask(context, self.flags, async |gateway| gateway.charges(&filter, &page).await)?;
        if context.json {
            print::json(&list)?;
            return Ok(Exit::Success);
        }
        let row = |charge: &Resource| {
            let amount = format!("{} {}", charge.amount, charge.currency);
            let (status, created) = (charge.status.to_string(), charge.created_at.to_string());
            [charge.id.clone(), status, amount, charge.payee_id.clone(), charge.reference.clone(), created]
        };
        let rows: Vec<[String; 6]> = list.data.iter().map(row).collect();
        print::table(["charge", "status", "amount", "payee", "reference", "created"], &rows)?;
        remote::more(list.next_cursor.as_ref());
        Ok(Exit::Success)
    }
}

/// Asks for a look and waits a while until there was one.
async fn refresh(gateway: &Client, id: &str) -> Result<Resource, Error> {
    let looks = |charge: &Resource| charge.attempts.iter().map(|attempt| attempt.looks).sum::<i64>();
    let before = gateway.refresh_charge(id).await?;
    for _ in 0..LOOKS_MAX {
        let now = gateway.charge(id).await?;
        if now.status != ChargeStatus::Unknown || looks(&now) > looks(&before) {
            return Ok(now);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    gateway.charge(id).await
}

fn show(charge: &Resource, context: &Context<'_>) -> anyhow::Result<()> {
    if context.json {
        return print::json(charge);
    }
    let mut facts = vec![
        ("Charge", charge.id.clone()),
        ("Status", charge.status.to_string()),
        ("Charged", remote::answer(charge.outcome).to_owned()),
        ("Amount", format!("{} {}", charge.amount, charge.currency)),
        ("Payee", charge.payee_id.clone()),
        ("Description", charge.description.clone()),
        ("Reference", charge.reference.clone()),
        ("Key", charge.idempotency_key.clone()),
        ("Created", charge.created_at.to_string()),
    ];
    facts.extend(charge.attention_since.as_ref().map(|since| ("For a person since", since.to_string())));
    facts.extend(charge.failure.as_ref().map(|failure| ("Because", remote::reason(failure))));
    facts.extend(charge.refund.as_ref().map(|refund| ("Refund", refund.clone())));
    print::facts(&facts)?;
    if !charge.attempts.is_empty() {
        print::line("")?;
        let row = |attempt: &api::Attempt| {
            let why = attempt.seen.as_ref().or(attempt.doubt.as_ref());
            [
                attempt.id.clone(),
                attempt.status.to_string(),
                attempt.sent_at.to_string(),
                dash(attempt.evidence.map(api::charge::Evidence::as_str)),
                attempt.looks.to_string(),
                dash(why.or(attempt.failure.as_ref().map(|failure| &failure.description))),
            ]
        };
        let rows: Vec<[String; 6]> = charge.attempts.iter().map(row).collect();
        print::table(["attempt", "status", "sent", "proven by", "looks", "what is known"], &rows)?;
    }
    settle::show(charge.settlement.as_ref())?;
    Ok(())
}
