//! `tollgate payee`: who can be charged, through the gateway's API.
//! Arguments and output only.

use api::authorization_session::{Account, Language};
use api::{CreateAuthorizationSession, Payee as Resource};
use clap::{Args, Subcommand, ValueEnum};

use super::Context;
use super::remote::{self, Part, RemoteScope, dash};
use crate::config::Flags;
use crate::exit::Exit;
use crate::print;

/// See who can be charged; ask for authorisation, or give it up.
#[derive(Debug, Subcommand)]
pub(crate) enum Payee {
    /// Show a payee and their mandate.
    Get(One),
    /// List payees, newest first.
    List(List),
    /// Make a link to Payoneer's page, where the payee authorises.
    Authorize(Authorize),
    /// Have Payoneer asked about a payee now.
    Refresh(One),
    /// Release a payee at Payoneer: they can no longer be charged.
    Revoke(One),
}

/// One payee.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Your own id of them.
    #[arg(value_name = "PAYEE_ID")]
    payee: String,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// List payees.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// Make a link to Payoneer's page.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  tollgate payee authorize user-42 --return-url https://shop.example/paid --language zh")]
pub(crate) struct Authorize {
    /// Your own id of them.
    #[arg(value_name = "PAYEE_ID")]
    payee: String,
    /// Where the browser goes in the end; the program's own address if not given.
    #[arg(long, value_name = "URL")]
    return_url: Option<String>,
    /// The language of Payoneer's page.
    #[arg(long, value_enum)]
    language: Option<PageLanguage>,
    /// Whether Payoneer's page begins with logging in instead of signing up.
    #[arg(long)]
    existing_account: bool,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// The languages that pages exist in.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PageLanguage {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl From<PageLanguage> for Language {
    fn from(language: PageLanguage) -> Self {
        match language {
            PageLanguage::En => Self::English,
            PageLanguage::Zh => Self::Chinese,
        }
    }
}

impl Payee {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Get(One { payee, flags }) => {
                show(&remote::ask(context, flags, async |gateway| gateway.payee(&payee).await)?, context)?;
            }
            Self::List(command) => command.run(context)?,
            Self::Authorize(command) => command.run(context)?,
            Self::Refresh(One { payee, flags }) => {
                show(&remote::ask(context, flags, async |gateway| gateway.refresh_payee(&payee).await)?, context)?;
            }
            Self::Revoke(One { payee, flags }) => {
                show(&remote::ask(context, flags, async |gateway| gateway.revoke_payee(&payee).await)?, context)?;
            }
        }
        Ok(Exit::Success)
    }
}

impl List {
    fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let page = self.part.page();
        let list = remote::ask(context, self.flags, async |gateway| gateway.payees(&page).await)?;
        if context.json {
            return print::json(&list);
        }
        let row = |payee: &Resource| {
            let mandate = &payee.mandate;
            let (status, created) = (mandate.status.to_string(), payee.created_at.to_string());
            [payee.payee_id.clone(), status, dash(mandate.last_verified_at.as_ref()), created]
        };
        let rows: Vec<[String; 4]> = list.data.iter().map(row).collect();
        print::table(["payee", "mandate", "verified", "first seen"], &rows)?;
        remote::more(list.next_cursor.as_ref());
        Ok(())
    }
}

impl Authorize {
    fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let request = CreateAuthorizationSession {
            payee_id: self.payee,
            return_url: self.return_url,
            language: self.language.map(Language::from),
            account: self.existing_account.then_some(Account::Existing),
            contact: None,
        };
        let make = async |gateway: &client::Client| gateway.create_authorization_session(&request).await;
        let session = remote::ask(context, self.flags, make)?;
        if context.json {
            return print::json(&session);
        }
        print::line(&session.url)?;
        eprintln!("\nFor {} alone, until {}. Session {}.", session.payee_id, session.expires_at, session.id);
        Ok(())
    }
}

fn show(payee: &Resource, context: &Context<'_>) -> anyhow::Result<()> {
    if context.json {
        return print::json(payee);
    }
    let mandate = &payee.mandate;
    let mut facts = vec![
        ("Payee", payee.payee_id.clone()),
        ("Mandate", mandate.status.to_string()),
        ("Active since", dash(mandate.activated_at.as_ref())),
        ("Payoneer asked", dash(mandate.last_verified_at.as_ref())),
        ("First seen", payee.created_at.to_string()),
    ];
    facts.extend(mandate.revoked_by.map(|who| ("Withdrawn by", who.to_string())));
    print::facts(&facts)?;
    Ok(())
}
