//! One request to one receiver: within its bounds of time and size, to a checked address, without redirects. Nothing is
//! decided here; what came back is told as it is.

use super::guard::{Guard, Names, Refusal, Rules, SystemNames};
use bytes::Bytes;
use domain::Span;
use domain::delivery::{Answer, Trouble};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Response, redirect, retry};
use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long a connection may take to open, TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a receiver may take until its answer begins, from the first attempt to connect, where nothing else is said.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// The longest that may be said. A round's lease must outlast every request of the round.
const PATIENCE_MAX: Duration = Duration::from_secs(30);
/// How long the answer's body is listened to. The answer itself is known by then.
const BODY_PATIENCE: Duration = Duration::from_secs(2);
/// How much of the answer's body is kept, in bytes.
const SAID_MAX: usize = 2_048;
const USER_AGENT: &str = concat!("tollgate/", env!("CARGO_PKG_VERSION"));

/// What is sent.
#[derive(Clone)]
pub struct Letter {
    /// Where to.
    pub url: String,
    /// With which headers, beside those that every request has.
    pub headers: HeaderMap,
    /// What.
    pub body: Bytes,
    /// Why it cannot be sent at all, if so.
    pub flaw: Option<String>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// The beginning of its body, or more about the trouble.
    pub said: String,
}

impl Reply {
    /// No answer.
    pub fn none(trouble: Trouble, why: impl Into<String>) -> Self {
        Self { answer: Answer::None(trouble), said: why.into() }
    }
}

/// Whoever makes the request. Replaced in simulations.
pub trait Courier: Send + Sync {
    /// Makes one request.
    fn post(&self, letter: Letter) -> Pin<Box<dyn Future<Output = Reply> + Send + '_>>;
}

/// Over HTTP/1.1, a fresh connection for each request: an address is checked each time, and nothing of one receiver is
/// kept while others wait.
#[derive(Debug, Clone)]
pub struct HttpCourier {
    http: reqwest::Client,
    rules: Rules,
    patience: Duration,
}

impl HttpCourier {
    /// A courier that keeps to these rules.
    pub fn new(rules: Rules, patience: Duration) -> Result<Self, String> {
        Self::with_names(rules, patience, Arc::new(SystemNames))
    }

    /// As [`Self::new`], with a way of its own to look names up.
    pub fn with_names(rules: Rules, patience: Duration, names: Arc<dyn Names>) -> Result<Self, String> {
        let patience = patience.min(PATIENCE_MAX);
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .http1_only()
            .no_proxy()
            .referer(false)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT.min(patience))
            .https_only(!rules.allow_private)
            .dns_resolver(Guard { rules, names });
        let http = http.build().map_err(|error| error.to_string())?;
        Ok(Self { http, rules, patience })
    }

    async fn post_once(&self, letter: Letter) -> Reply {
        if let Some(flaw) = letter.flaw {
            return Reply::none(Trouble::Refused, flaw);
        }
        let Ok(url) = Url::parse(&letter.url) else {
            return Reply::none(Trouble::Refused, "the address cannot be read");
        };
        // The resolver is not asked about an address that is no name.
        if let Err(refusal) = self.rules.check(&url) {
            return Reply::none(Trouble::Refused, refusal.to_string());
        }
        let request = self.http.post(url).headers(letter.headers).header(CONTENT_TYPE, "application/json");
        match tokio::time::timeout(self.patience, request.body(letter.body).send()).await {
            Ok(Ok(response)) => read(response).await,
            Ok(Err(error)) => of_error(&error),
            Err(_) => Reply::none(Trouble::Timeout, format!("no answer within {} s", self.patience.as_secs())),
        }
    }
}

impl Courier for HttpCourier {
    fn post(&self, letter: Letter) -> Pin<Box<dyn Future<Output = Reply> + Send + '_>> {
        Box::pin(self.post_once(letter))
    }
}

async fn read(mut response: Response) -> Reply {
    let answer = Answer::Status { code: response.status().as_u16(), retry_after: retry_after(response.headers()) };
    let mut said = Vec::new();
    let listen = async {
        while said.len() < SAID_MAX
            && let Ok(Some(chunk)) = response.chunk().await
        {
            said.extend_from_slice(&chunk[..chunk.len().min(SAID_MAX - said.len())]);
        }
    };
    // The status has decided; whoever drips or never ends his body is cut off.
    let _ = tokio::time::timeout(BODY_PATIENCE, listen).await;
    Reply { answer, said: printable(&said) }
}

/// Text that can be shown and stored anywhere.
fn printable(bytes: &[u8]) -> String {
    let keep = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    String::from_utf8_lossy(bytes).chars().map(keep).collect()
}

/// The wait that a receiver asks for: seconds, or an instant by its own clock.
fn retry_after(headers: &HeaderMap) -> Option<Span> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(&RETRY_AFTER)?;
    if asked.bytes().all(|byte| byte.is_ascii_digit()) && (1..=9).contains(&asked.len()) {
        return asked.parse().ok().map(Span::from_secs);
    }
    let seconds = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp().as_second());
    Some(Span::from_secs(seconds(asked)?.saturating_sub(seconds(text(&DATE)?)?).max(0)))
}

fn of_error(error: &reqwest::Error) -> Reply {
    if let Some(refusal) = chain(error).find_map(|error| error.downcast_ref::<Refusal>()) {
        return Reply::none(Trouble::Refused, refusal.to_string());
    }
    let said = |word: &str| chain(error).any(|error| error.to_string().starts_with(word));
    let io = |kind| {
        chain(error).filter_map(|error| error.downcast_ref::<io::Error>()).any(move |error| error.kind() == kind)
    };
    let trouble = match () {
        () if !error.is_connect() && error.is_timeout() => Trouble::Timeout,
        () if !error.is_connect() => Trouble::Broken,
        () if error.is_dns() || said("dns error") || said("invalid dns name") => Trouble::Name,
        () if error.is_timeout() || said("tcp ") || io(io::ErrorKind::ConnectionRefused) => Trouble::Connect,
        () if error.url().is_some_and(|url| url.scheme() == "https") => Trouble::Tls,
        () => Trouble::Connect,
    };
    // The innermost cause; the outer ones quote the address, which may hold a token.
    let why = chain(error).last().map_or_else(String::new, ToString::to_string);
    Reply::none(trouble, printable(why.as_bytes()).chars().take(300).collect::<String>())
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn asked(retry: &'static str, date: Option<&'static str>) -> Option<i64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(retry));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        retry_after(&headers).map(Span::seconds)
    }

    #[test]
    fn a_wait_is_seconds_or_an_instant_by_the_receivers_clock() {
        let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
        assert_eq!(asked("120", None), Some(120));
        assert_eq!(asked("Wed, 21 Oct 2015 07:30:00 GMT", date), Some(120));
        assert_eq!(asked("Wed, 21 Oct 2015 07:20:00 GMT", date), Some(0));
        assert_eq!(asked("Wed, 21 Oct 2015 07:30:00 GMT", None), None);
        for bad in ["", "-1", "1.5", "soon", "9999999999"] {
            assert_eq!(asked(bad, date), None, "{bad}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn what_a_receiver_says_is_made_printable() {
        assert_eq!(printable(b"no\x00\x1b[31m\xff\nway"), "no\u{fffd}\u{fffd}[31m\u{fffd}\nway");
    }
}
