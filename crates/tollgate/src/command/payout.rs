//! `tollgate payout`: money sent to payees, through the gateway's API.
//! Arguments and output only.

use api::{Amount, CreatePayout, Payout as Resource, SettleAbout, SettlePayout, WithdrawSettlement};
use clap::{Args, Subcommand, ValueEnum};
use client::Client;

use super::Context;
use super::remote::{self, Once, Part, RemoteScope, exit_of};
use super::settle::{self, Request, Said};
use crate::config::Flags;
use crate::exit::Exit;
use crate::print;

/// Send money to payees.
#[derive(Debug, Subcommand)]
pub(crate) enum Payout {
    /// Send money to a payee.
    Create(Create),
    /// Show a payout.
    Get(One),
    /// List payouts, newest first.
    List(List),
    /// Take a payout back, while Payoneer still allows.
    Cancel(One),
    /// Say what became of it, where nobody else can find out.
    Settle(Settle),
}

/// Send money to a payee.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  tollgate payout create --payee user-42 --amount 30 --currency USD --description 'May' --reference may-42

Ends with 0 if Payoneer has taken it, 1 if not, 6 if nobody can say yet: then repeat it with the same
--idempotency-key, or look with `tollgate payout get`.")]
pub(crate) struct Create {
    /// Who is paid, by your own id of them.
    #[arg(long, value_name = "PAYEE_ID")]
    payee: String,
    /// How much, such as 12.50.
    #[arg(long)]
    amount: String,
    /// ISO 4217 code.
    #[arg(long)]
    currency: String,
    /// What the payee reads.
    #[arg(long)]
    description: String,
    /// Your own reference, unique for ever.
    #[arg(long)]
    reference: Option<String>,
    #[command(flatten)]
    once: Once,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// One payout.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its id (`po_...`).
    payout: String,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// List payouts.
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
    /// Its id (`po_...`).
    payout: String,
    /// Whether the payout itself or its cancel is meant.
    #[arg(long, value_enum, default_value_t = About::Payout)]
    about: About,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// What is settled of a payout.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum About {
    /// The payout itself.
    Payout,
    /// Its cancel.
    Cancel,
}

impl Payout {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Create(command) => return command.run(context),
            Self::Get(One { payout, flags }) => {
                show(&remote::ask(context, flags, async |gateway| gateway.payout(&payout).await)?, context)?;
            }
            Self::List(command) => command.run(context)?,
            Self::Cancel(One { payout, flags }) => {
                show(&remote::ask(context, flags, async |gateway| gateway.cancel_payout(&payout).await)?, context)?;
            }
            Self::Settle(command) => command.run(context)?,
        }
        Ok(Exit::Success)
    }
}

impl Create {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let request = CreatePayout {
            payee_id: self.payee,
            amount: Amount::new(self.amount),
            currency: self.currency,
            description: self.description,
            client_reference_id: self.reference,
        };
        let key = self.once.key();
        let ask = async |gateway: &Client| gateway.create_payout(&key, &request).await;
        let payout = remote::ask_once(context, self.flags, &key, ask)?.resource;
        show(&payout, context)?;
        Ok(exit_of(payout.outcome, payout.failure.is_some()))
    }
}

impl List {
    fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let (page, parked) = (self.part.page(), self.needs_attention);
        let list = remote::ask(context, self.flags, async |gateway| {
            if parked { gateway.parked_payouts(&page).await } else { gateway.payouts(&page).await }
        })?;
        if context.json {
            return print::json(&list);
        }
        let row = |payout: &Resource| {
            let amount = format!("{} {}", payout.amount, payout.currency);
            let (status, created) = (payout.status.to_string(), payout.created_at.to_string());
            [payout.id.clone(), status, amount, payout.payee_id.clone(), payout.reference.clone(), created]
        };
        let rows: Vec<[String; 6]> = list.data.iter().map(row).collect();
        print::table(["payout", "status", "amount", "payee", "reference", "created"], &rows)?;
        remote::more(list.next_cursor.as_ref());
        Ok(())
    }
}

impl Settle {
    fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let about = Some(match self.about {
            About::Payout => SettleAbout::Payout,
            About::Cancel => SettleAbout::Cancel,
        });
        let (id, request) = (self.payout, self.said.request());
        let payout = remote::ask(context, self.flags, async |gateway| match request {
            Request::Settle(api::Settle { verdict, reason, evidence }) => {
                gateway.settle_payout(&id, &SettlePayout { verdict, reason, evidence, about }).await
            }
            Request::Withdraw(WithdrawSettlement { reason, .. }) => {
                gateway.withdraw_payout_settlement(&id, &WithdrawSettlement { reason, about }).await
            }
        })?;
        show(&payout, context)
    }
}

fn show(payout: &Resource, context: &Context<'_>) -> anyhow::Result<()> {
    if context.json {
        return print::json(payout);
    }
    let mut facts = vec![
        ("Payout", payout.id.clone()),
        ("Status", payout.status.to_string()),
        ("Sent", remote::answer(payout.outcome).to_owned()),
        ("Amount", format!("{} {}", payout.amount, payout.currency)),
        ("Payee", payout.payee_id.clone()),
        ("Description", payout.description.clone()),
        ("Reference", payout.reference.clone()),
        ("Key", payout.idempotency_key.clone()),
        ("Created", payout.created_at.to_string()),
    ];
    facts.extend(payout.attention_since.as_ref().map(|since| ("For a person since", since.to_string())));
    facts.extend(payout.failure.as_ref().map(|failure| ("Because", remote::reason(failure))));
    print::facts(&facts)?;
    settle::show(payout.settlement.as_ref())?;
    Ok(())
}
