//! `tollgate listen`: the events of a gateway elsewhere, posted to a server on
//! this machine as webhooks. For development: nothing is tried twice.

use std::time::Duration;

use anyhow::Context as _;
use api::Event;
use api::webhook::{ID_HEADER, SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER, sign};
use clap::Args;
use gateway::source::{Source as _, SystemSource};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use url::Url;

use super::Context;
use super::feed::Follow;
use super::remote::{self, RemoteScope};
use crate::config::Flags;
use crate::exit::{Exit, Stop};
use crate::print;

/// How long the server on this machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Post the events of a gateway elsewhere to a server on this machine.
#[derive(Debug, Args)]
#[command(after_help = "\
The gateway need not reach this machine: events are pulled from its feed. Each is posted once, signed after Standard
Webhooks with the secret that is printed at the start; give it to your server.

Examples:
  tollgate listen --forward-to http://127.0.0.1:3000/hooks
  tollgate listen --forward-to http://127.0.0.1:3000/hooks --type charge.succeeded --after 0")]
pub(crate) struct Listen {
    /// Where to post each event.
    #[arg(long, value_name = "URL")]
    forward_to: Url,
    /// The secret to sign with, `whsec_...`; drawn and printed if not given.
    #[arg(long, value_name = "SECRET", env = "TOLLGATE_LISTEN_SECRET", hide_env_values = true)]
    secret: Option<SecretString>,
    #[command(flatten)]
    follow: Follow,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// What became of one event.
#[derive(Debug, Serialize)]
struct Posted<'a> {
    event: &'a str,
    r#type: &'a str,
    sequence: i64,
    status: Option<u16>,
    error: Option<String>,
}

impl Listen {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let secret = match &self.secret {
            Some(text) => Secret::parse(text.expose_secret())
                .map_err(|error| Stop::new(Exit::Usage, format!("--secret: {error}")))?,
            None => draw()?,
        };
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .context("TLS cannot be set up")?;
        eprintln!("Signed with {}\nPosting to {}; Ctrl-C ends it.", secret.reveal(), self.forward_to);
        let (follow, url, json) = (self.follow, self.forward_to, context.json);
        remote::follow(context, self.flags, async |gateway| {
            follow
                .run(gateway, async |event| {
                    let posted = post(&http, &url, &secret, event).await?;
                    tell(&posted, json)
                })
                .await
        })?;
        Ok(Exit::Success)
    }
}

fn draw() -> anyhow::Result<Secret> {
    let mut bytes = [0; 32];
    SystemSource.fill(&mut bytes);
    Ok(Secret::from_bytes(&bytes)?)
}

async fn post<'a>(http: &reqwest::Client, url: &Url, secret: &Secret, event: &'a Event) -> anyhow::Result<Posted<'a>> {
    let body = serde_json::to_vec(event)?;
    let at = SystemSource.now().seconds();
    let request = http
        .post(url.clone())
        .header("content-type", "application/json")
        .header(ID_HEADER, &event.id)
        .header(TIMESTAMP_HEADER, at.to_string())
        .header(SIGNATURE_HEADER, sign(std::slice::from_ref(secret), &event.id, at, &body));
    let answered = request.body(body).send().await;
    let (status, error) = match answered {
        Ok(response) => (Some(response.status().as_u16()), None),
        Err(error) => (None, Some(error.without_url().to_string())),
    };
    Ok(Posted { event: &event.id, r#type: &event.kind, sequence: event.sequence, status, error })
}

fn tell(posted: &Posted<'_>, json: bool) -> anyhow::Result<()> {
    if json {
        return print::json_line(posted);
    }
    let status = posted.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let error = posted.error.as_ref().map(|error| format!("  {error}")).unwrap_or_default();
    print::line(format_args!("{status}  {:<36}  {}{error}", posted.r#type, posted.event))?;
    Ok(())
}
