//! `tollgate webhook`: where events are sent, through the gateway's API.
//! Arguments and output only; what was sent is in `webhook_sent`.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use api::{CreateWebhookEndpoint, RotateSecret, UpdateWebhookEndpoint, WebhookEndpoint as Resource};
use clap::{Args, Subcommand};

use super::Context;
use super::remote::{self, Part, RemoteScope, dash};
use super::webhook_sent::{Deliveries, Delivery, Replay, Resend, Test};
use crate::config::Flags;
use crate::exit::{Exit, Stop};
use crate::print;

/// The largest file of headers that is read.
const HEADERS_BYTES_MAX: u64 = 64 * 1024;

/// Have events sent to your servers, see what was sent, have it sent again.
#[derive(Debug, Subcommand)]
pub(crate) enum Webhook {
    /// Have events sent to an address. The secret is shown this once.
    Add(Add),
    /// List endpoints, newest first.
    List(List),
    /// Show an endpoint.
    Get(One),
    /// Change an endpoint's address, events, name or headers.
    Update(Update),
    /// Send an endpoint an event made for it, and wait for what comes of it.
    Test(Test),
    /// Make a new secret, shown this once; the old one stays good for a while.
    Rotate(Rotate),
    /// Have an endpoint served again.
    Enable(One),
    /// Have an endpoint served no more; what is due waits.
    Disable(One),
    /// End an endpoint for ever, and what is on its way to it.
    Delete(One),
    /// List deliveries, newest event first.
    Deliveries(Deliveries),
    /// Show a delivery with every try.
    Delivery(Delivery),
    /// Send one event to one endpoint again.
    Resend(Resend),
    /// Send many events to an endpoint again.
    Replay(Replay),
}

/// One endpoint.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its id (`we_...`).
    endpoint: String,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// Have events sent to an address.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate webhook add https://shop.example/hooks
  tollgate webhook add https://shop.example/hooks --type 'charge.*' --type payout.paid --headers-file headers.txt

Needs a key with the scope `admin`.")]
pub(crate) struct Add {
    /// Where to.
    #[arg(value_name = "URL")]
    address: String,
    /// Which events: `charge.succeeded`, `charge.*`, `*`; may be given several times. All if not given.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Your name for it.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A file with a `Name: value` on each line, sent with every request; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    headers_file: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// List endpoints.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// Change an endpoint.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Its id (`we_...`).
    endpoint: String,
    /// Another address.
    #[arg(long = "to", value_name = "URL")]
    address: Option<String>,
    /// Other events, instead of all before.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Another name.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A file with other headers, instead of all before; an empty one takes them away.
    #[arg(long, value_name = "FILE")]
    headers_file: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// Make a new secret.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// The endpoint's id (`we_...`).
    endpoint: String,
    /// How long the old secret stays good, in seconds, up to seven days; a day if not given, 0 for not at all.
    #[arg(long, value_name = "SECONDS")]
    overlap: Option<i64>,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

impl Webhook {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Add(command) => command.run(context)?,
            Self::List(command) => command.run(context)?,
            Self::Get(One { endpoint, flags }) => {
                show(
                    &remote::ask(context, flags, async |gateway| gateway.webhook_endpoint(&endpoint).await)?,
                    context,
                )?;
            }
            Self::Update(command) => command.run(context)?,
            Self::Test(command) => return command.run(context),
            Self::Rotate(command) => command.run(context)?,
            Self::Enable(One { endpoint, flags }) => {
                let enable = async |gateway: &client::Client| gateway.enable_webhook_endpoint(&endpoint).await;
                show(&remote::ask(context, flags, enable)?, context)?;
            }
            Self::Disable(One { endpoint, flags }) => {
                let disable = async |gateway: &client::Client| gateway.disable_webhook_endpoint(&endpoint).await;
                show(&remote::ask(context, flags, disable)?, context)?;
            }
            Self::Delete(One { endpoint, flags }) => {
                let delete = async |gateway: &client::Client| gateway.delete_webhook_endpoint(&endpoint).await;
                show(&remote::ask(context, flags, delete)?, context)?;
            }
            Self::Deliveries(command) => command.run(context)?,
            Self::Delivery(command) => command.run(context)?,
            Self::Resend(command) => command.run(context)?,
            Self::Replay(command) => command.run(context)?,
        }
        Ok(Exit::Success)
    }
}

impl Add {
    fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let request = CreateWebhookEndpoint {
            url: self.address,
            types: (!self.types.is_empty()).then_some(self.types),
            description: self.description,
            headers: self.headers_file.as_deref().map(read_headers).transpose()?,
        };
        let make = async |gateway: &client::Client| gateway.create_webhook_endpoint(&request).await;
        reveal(&remote::ask(context, self.flags, make)?, context)
    }
}

impl Update {
    fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let change = UpdateWebhookEndpoint {
            url: self.address,
            types: (!self.types.is_empty()).then_some(self.types),
            description: self.description,
            headers: self.headers_file.as_deref().map(read_headers).transpose()?,
        };
        let id = self.endpoint;
        let update = async |gateway: &client::Client| gateway.update_webhook_endpoint(&id, &change).await;
        show(&remote::ask(context, self.flags, update)?, context)
    }
}

impl Rotate {
    fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let (id, rotate) = (self.endpoint, RotateSecret { overlap_seconds: self.overlap });
        let rotate = async |gateway: &client::Client| gateway.rotate_webhook_secret(&id, &rotate).await;
        reveal(&remote::ask(context, self.flags, rotate)?, context)
    }
}

impl List {
    fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let page = self.part.page();
        let list = remote::ask(context, self.flags, async |gateway| gateway.webhook_endpoints(&page).await)?;
        if context.json {
            return print::json(&list);
        }
        let row = |endpoint: &Resource| {
            let types = endpoint.types.join(" ");
            [endpoint.id.clone(), status(endpoint), endpoint.failures.to_string(), types, endpoint.url.clone()]
        };
        let rows: Vec<[String; 5]> = list.data.iter().map(row).collect();
        print::table(["endpoint", "status", "failures", "types", "url"], &rows)?;
        remote::more(list.next_cursor.as_ref());
        Ok(())
    }
}

/// The `Name: value` lines of a file. Their values may be secrets, so they are no arguments.
fn read_headers(file: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let unread = |reason: String| Stop::new(Exit::Usage, format!("headers in {}: {reason}", file.display()));
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(HEADERS_BYTES_MAX).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(HEADERS_BYTES_MAX).read_to_string(&mut text))
    };
    read.map_err(|error| unread(error.to_string()))?;
    let mut headers = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Some((name, value)) = line.split_once(':') else {
            return Err(unread(format!("line {} has no colon", number + 1)).into());
        };
        headers.insert(name.trim().to_owned(), value.trim().to_owned());
    }
    Ok(headers)
}

fn status(endpoint: &Resource) -> String {
    match endpoint.disabled_reason {
        Some(reason) => format!("{} ({reason})", endpoint.status),
        None => endpoint.status.to_string(),
    }
}

/// The endpoint, with its secret first and alone on its line.
fn reveal(endpoint: &Resource, context: &Context<'_>) -> anyhow::Result<()> {
    if context.json {
        return print::json(endpoint);
    }
    print::line(dash(endpoint.secret.as_ref()))?;
    eprintln!("\nThe secret of {}. This is the only time it is shown: give it to your server.", endpoint.id);
    if let Some(until) = &endpoint.old_secret_until {
        eprintln!("The old secret signs as well until {until}.");
    }
    Ok(())
}

fn show(endpoint: &Resource, context: &Context<'_>) -> anyhow::Result<()> {
    if context.json {
        return print::json(endpoint);
    }
    let mut facts = vec![
        ("Endpoint", endpoint.id.clone()),
        ("Address", endpoint.url.clone()),
        ("Types", endpoint.types.join(" ")),
        ("Status", status(endpoint)),
        ("Failures", endpoint.failures.to_string()),
        ("Failing since", dash(endpoint.failing_since.as_ref())),
        ("Old secret", dash(endpoint.old_secret_until.as_ref())),
        ("Created", endpoint.created_at.to_string()),
    ];
    if !endpoint.description.is_empty() {
        facts.insert(1, ("Name", endpoint.description.clone()));
    }
    if !endpoint.header_names.is_empty() {
        facts.push(("Headers", endpoint.header_names.join(" ")));
    }
    print::facts(&facts)?;
    Ok(())
}
