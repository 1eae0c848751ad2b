//! `tollgate checkout`: hosted checkouts, through the gateway's API.
//! Arguments and output only.

use api::authorization_session::Language;
use api::{Amount, CheckoutSession, CreateCheckoutSession};
use clap::{Args, Subcommand};

use super::Context;
use super::payee::PageLanguage;
use super::remote::{self, RemoteScope, dash};
use crate::config::Flags;
use crate::exit::Exit;
use crate::print;

/// Open hosted checkouts.
#[derive(Debug, Subcommand)]
pub(crate) enum Checkout {
    /// Open a checkout and print the address of its page.
    Create(Create),
    /// Show a checkout.
    Get(One),
    /// Close a checkout that nobody has paid.
    Expire(One),
}

/// Open a checkout.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  tollgate checkout create --payee user-42 --amount 12.50 --currency USD --description 'Order 88' \\
      --success-url https://shop.example/paid --reference order-88")]
pub(crate) struct Create {
    /// Who is to pay, by your own id of them.
    #[arg(long, value_name = "PAYEE_ID")]
    payee: String,
    /// How much, such as 12.50.
    #[arg(long)]
    amount: String,
    /// ISO 4217 code.
    #[arg(long)]
    currency: String,
    /// What for; the payee reads it.
    #[arg(long)]
    description: String,
    /// Where the browser goes after payment.
    #[arg(long, value_name = "URL")]
    success_url: String,
    /// Where the browser goes when the payee gives up.
    #[arg(long, value_name = "URL")]
    cancel_url: Option<String>,
    /// Your own reference for the charge.
    #[arg(long)]
    reference: Option<String>,
    /// The language of the page; the browser's own if not given.
    #[arg(long, value_enum)]
    language: Option<PageLanguage>,
    /// How long it can be paid, in seconds; a day if not given.
    #[arg(long, value_name = "SECONDS")]
    expires_in: Option<i64>,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// One checkout.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its id (`cs_...`).
    checkout: String,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

impl Checkout {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Create(command) => command.run(context)?,
            Self::Get(One { checkout, flags }) => {
                show(
                    &remote::ask(context, flags, async |gateway| gateway.checkout_session(&checkout).await)?,
                    context,
                )?;
            }
            Self::Expire(One { checkout, flags }) => {
                let expire = async |gateway: &client::Client| gateway.expire_checkout_session(&checkout).await;
                show(&remote::ask(context, flags, expire)?, context)?;
            }
        }
        Ok(Exit::Success)
    }
}

impl Create {
    fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let request = CreateCheckoutSession {
            payee_id: self.payee,
            amount: Amount::new(self.amount),
            currency: self.currency,
            description: self.description,
            success_url: self.success_url,
            cancel_url: self.cancel_url,
            client_reference_id: self.reference,
            language: self.language.map(Language::from),
            expires_in_seconds: self.expires_in,
        };
        let make = async |gateway: &client::Client| gateway.create_checkout_session(&request).await;
        let session = remote::ask(context, self.flags, make)?;
        if context.json {
            return print::json(&session);
        }
        print::line(&session.url)?;
        eprintln!("\nFor {} alone, until {}. Checkout {}.", session.payee_id, session.expires_at, session.id);
        Ok(())
    }
}

fn show(session: &CheckoutSession, context: &Context<'_>) -> anyhow::Result<()> {
    if context.json {
        return print::json(session);
    }
    print::facts(&[
        ("Checkout", session.id.clone()),
        ("Status", session.status.to_string()),
        ("Amount", format!("{} {}", session.amount, session.currency)),
        ("Payee", session.payee_id.clone()),
        ("Description", session.description.clone()),
        ("Charge", dash(session.charge.as_ref())),
        ("Page", session.url.clone()),
        ("Until", session.expires_at.to_string()),
    ])?;
    Ok(())
}
