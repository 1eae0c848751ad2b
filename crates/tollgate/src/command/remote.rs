//! The gateway's API as commands use it: where it is, with which key, what a
//! refusal means in words and as exit code. What is asked for is theirs.

use std::io::Read as _;
use std::path::PathBuf;

use api::{Outcome, Retry};
use clap::Args;
use client::{Client, Error, Page, SecretString};
use gateway::source::{Source as _, SystemSource};
use url::Url;

use super::Context;
use crate::config::settings::{self, Setting};
use crate::config::{Config, Flags, Origin, Scope};
use crate::exit::{Exit, Stop};
use crate::print;

/// The settings of every command that speaks to a gateway's API.
#[derive(Debug)]
pub(crate) struct RemoteScope;

impl Scope for RemoteScope {
    const SETTINGS: &'static [&'static [&'static Setting]] = &[settings::REMOTE];
}

/// Longer than any key; a wrong file is noticed.
const KEY_BYTES_MAX: u64 = 1024;

/// Which part of a list is shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct Part {
    /// How many, 1 to 100.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=100))]
    limit: u8,
    /// Where to go on, as the page before said.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

impl Part {
    pub(crate) fn page(&self) -> Page {
        Page { limit: Some(self.limit), cursor: self.cursor.clone() }
    }

    /// As two parts, for lists with names of their own for them.
    pub(crate) fn parts(self) -> (u8, Option<String>) {
        (self.limit, self.cursor)
    }
}

/// What makes a repeat of a request about money recognisable.
#[derive(Debug, Args)]
pub(crate) struct Once {
    /// The key of this request; the same key is the same request, however often it is sent. Drawn and
    /// printed on standard error if not given.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

impl Once {
    /// The key; a drawn one is printed before anything is sent, so that even a lost process can be repeated.
    pub(crate) fn key(self) -> String {
        self.idempotency_key.unwrap_or_else(|| {
            let key = format!("cli-{}", SystemSource.token());
            eprintln!("Idempotency-Key: {key}");
            key
        })
    }
}

/// Asks what cannot move money.
pub(crate) fn ask<T>(
    context: &Context<'_>,
    flags: Flags<RemoteScope>,
    work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
) -> anyhow::Result<T> {
    call(context, flags, None, work)
}

/// Asks what can, under this key.
pub(crate) fn ask_once<T>(
    context: &Context<'_>,
    flags: Flags<RemoteScope>,
    key: &str,
    work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
) -> anyhow::Result<T> {
    call(context, flags, Some(key), work)
}

/// Follows something for as long as it takes.
pub(crate) fn follow(
    context: &Context<'_>,
    flags: Flags<RemoteScope>,
    work: impl AsyncFnOnce(&Client) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let config = Config::load(context.config_file, flags)?;
    let url: Url = config.value(&settings::URL)?;
    let gateway = Client::new(url.as_str(), api_key(&config)?).map_err(|error| refused(&error, &url, None))?;
    super::block_on(async {
        work(&gateway).await.map_err(|error| match error.downcast::<Error>() {
            Ok(error) => refused(&error, &url, None).into(),
            Err(error) => error,
        })
    })
}

fn call<T>(
    context: &Context<'_>,
    flags: Flags<RemoteScope>,
    key: Option<&str>,
    work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
) -> anyhow::Result<T> {
    let config = Config::load(context.config_file, flags)?;
    let url: Url = config.value(&settings::URL)?;
    let gateway = Client::new(url.as_str(), api_key(&config)?).map_err(|error| refused(&error, &url, key))?;
    super::block_on(async {
        match work(&gateway).await {
            Ok(answer) => Ok(answer),
            Err(error) => {
                if let (true, Some(problem)) = (context.json, error.problem()) {
                    print::json(problem)?;
                }
                Err(refused(&error, &url, key).into())
            }
        }
    })
}

/// The key: the file named on the command line, else the variable, else the file named elsewhere.
fn api_key(config: &Config) -> anyhow::Result<SecretString> {
    let by_flag = |origin: &Origin| matches!(origin, Origin::Flag { .. });
    let named = config.find(&settings::API_KEY_FILE).is_some_and(|found| by_flag(&found.origin));
    if !named && let Some(key) = config.optional::<SecretString>(&settings::API_KEY)? {
        return Ok(key);
    }
    let Some(file) = config.optional::<PathBuf>(&settings::API_KEY_FILE)? else {
        let stop = Stop::new(Exit::Usage, "no API key: the gateway answers nobody without one");
        let advice = "Set TOLLGATE_API_KEY, or name a file with --api-key-file; `tollgate key create` makes a key.";
        return Err(stop.advise(advice).into());
    };
    let unread = |reason: String| Stop::new(Exit::Usage, format!("cannot use the key in {}: {reason}", file.display()));
    let opened = std::fs::File::open(&file).map_err(|error| unread(error.to_string()))?;
    let mut text = String::new();
    opened.take(KEY_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| unread(error.to_string()))?;
    let key = text.trim();
    if key.is_empty() || key.contains(char::is_whitespace) || key.len() >= 1024 {
        return Err(unread("it must hold one key and nothing else".to_owned()).into());
    }
    Ok(SecretString::from(key))
}

/// The error in words, with its exit code and what to do.
fn refused(error: &Error, url: &Url, key: Option<&str>) -> Stop {
    let outcome = error.outcome();
    let exit = match (error, key) {
        (Error::Argument(_), _) => Exit::Usage,
        (_, Some(_)) if outcome == Outcome::Unknown => Exit::Unknown,
        _ => Exit::Failure,
    };
    let mut advice = Vec::new();
    if key.is_some() && !matches!(error, Error::Argument(_)) {
        advice.push(money(outcome).to_owned());
    }
    let repeat = || match key {
        Some(key) => format!("repeat it with --idempotency-key {key}"),
        None => "repeat it".to_owned(),
    };
    match error {
        Error::Problem(problem) => {
            if let Some(provider) = &problem.provider {
                advice.push(format!("Payoneer said {}: {}", provider.code, provider.description));
            }
            advice.push(match problem.retry {
                Retry::No => "The same request will fail the same way.".to_owned(),
                Retry::SameKey => format!("To try again, {}.", repeat()),
                Retry::NewKeyLater => "Try again later, as a new request.".to_owned(),
                Retry::AfterTime => format!("In a while, {}.", repeat()),
                Retry::AfterPayeeAction => {
                    "The payee must act first; `tollgate payee authorize` makes a link for them.".to_owned()
                }
                Retry::AfterFix => "Something must be corrected first.".to_owned(),
                _ => "What to do next is not known to this version.".to_owned(),
            });
            advice.push(format!("In the gateway's log this is {}.", problem.request_id));
        }
        Error::Transport(_) if outcome == Outcome::None => {
            advice.push(format!("Does a gateway answer at {url}? --url or TOLLGATE_URL say where to ask."));
        }
        Error::Transport(_) | Error::Unexpected { .. } => advice.push(format!("To find out, {}.", repeat())),
        _ => {}
    }
    let stop = Stop::new(exit, error.to_string());
    if advice.is_empty() { stop } else { stop.advise(advice.join("\n")) }
}

/// What is known about money, in a sentence.
fn money(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::None => "No money moved.",
        Outcome::Done => "The money moved.",
        _ => "Nobody can say yet whether money moved: never ask for the same under another key.",
    }
}

/// The exit code of something that was made: whether money moved, as far as anyone knows.
pub(crate) fn exit_of(outcome: Outcome, has_failed: bool) -> Exit {
    match outcome {
        Outcome::Unknown | Outcome::Unrecognized => Exit::Unknown,
        Outcome::None if has_failed => Exit::Failure,
        _ => Exit::Success,
    }
}

/// Whether money moved, as one answers who asks.
pub(crate) fn answer(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::None => "no",
        Outcome::Done => "yes",
        _ => "nobody can say yet; it is being found out",
    }
}

/// Why something failed, on one line.
pub(crate) fn reason(failure: &api::Failure) -> String {
    let hint = failure.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{}: {}{hint}", failure.code, failure.description)
}

/// Says how to get the next page of a list, where there is one.
pub(crate) fn more(next: Option<&String>) {
    if let Some(cursor) = next {
        eprintln!("There are more: --cursor {cursor}");
    }
}

/// The text, or a dash.
pub(crate) fn dash(text: Option<impl ToString>) -> String {
    text.map_or_else(|| "-".to_owned(), |text| text.to_string())
}

#[cfg(test)]
mod tests {
    use api::{Code, Problem};

    use super::*;

    fn told(error: &Error, key: Option<&str>) -> (Exit, String) {
        let stop = refused(error, &"http://127.0.0.1:8080".parse().unwrap(), key);
        (stop.exit, stop.advice.unwrap_or_default())
    }

    #[test]
    fn what_is_unknown_has_a_code_of_its_own_and_names_the_key_to_repeat() {
        let unknown = Problem::new(Code::StoreUnavailable, "d").with_outcome(Outcome::Unknown);
        let unknown = Error::Problem(Box::new(unknown));
        let (exit, advice) = told(&unknown, Some("k-1"));
        assert_eq!(exit, Exit::Unknown);
        assert!(advice.contains("--idempotency-key k-1") && advice.contains("Nobody can say"), "{advice}");
        assert_eq!(told(&unknown, None).0, Exit::Failure, "a question about money is no money");
        let garbled = Error::Unexpected { status: 502, reason: "no JSON".to_owned() };
        assert_eq!(told(&garbled, Some("k")).0, Exit::Unknown);
    }

    #[test]
    fn a_refusal_says_that_nothing_moved_and_what_to_do() {
        let refused = Error::Problem(Box::new(Problem::new(Code::PayeeNotAuthorized, "d")));
        let (exit, advice) = told(&refused, Some("k"));
        assert_eq!(exit, Exit::Failure);
        assert!(advice.contains("No money moved") && advice.contains("payee authorize"), "{advice}");
        assert_eq!(told(&Error::Argument("odd".to_owned()), Some("k")).0, Exit::Usage);
    }

    #[test]
    fn something_made_ends_as_its_money_does() {
        assert_eq!(exit_of(Outcome::Done, false), Exit::Success);
        assert_eq!(exit_of(Outcome::None, true), Exit::Failure);
        assert_eq!(exit_of(Outcome::None, false), Exit::Success);
        assert_eq!(exit_of(Outcome::Unknown, false), Exit::Unknown);
    }
}
