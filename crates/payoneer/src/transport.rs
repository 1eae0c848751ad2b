//! The two ways to Payoneer: queries over kept connections with bounded repeats, and money calls, once, over a fresh one.
//! It knows no endpoint and draws no conclusion; `reqwest` appears in no other file.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use data_encoding::BASE64;
use http_body_util::{BodyExt, Full};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue,
    RETRY_AFTER,
};
use reqwest::{Method, RequestBuilder, Response, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;
use url::Url;

use crate::config::{Config, InvalidConfig};
use crate::envelope::Reply;
use crate::error::{Error, is_empty_not_found};
use crate::exchange::{Cause, Exchange, Fault, cut_excerpt};

/// No reply's body is read beyond this.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The waits before the second and third try of a query.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];
/// How long the last bytes of a request may take from the connection to the network.
const FLUSH: Duration = Duration::from_millis(3);
const USER_AGENT: &str = concat!("payoneer-rust/", env!("CARGO_PKG_VERSION"));

/// A query: method, path behind the program's, body.
pub(crate) struct Query<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a [&'a str],
    pub(crate) body: Option<Bytes>,
}

/// Connections, credentials and the program's address.
#[derive(Clone)]
pub(crate) struct Transport {
    program_url: Url,
    authorization: HeaderValue,
    /// What must not appear in a record: the password, and the credentials as they stand in the header.
    masked: [SecretString; 2],
    queries: reqwest::Client,
    money: reqwest::Client,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("program_url", &self.program_url.as_str()).finish_non_exhaustive()
    }
}

impl Transport {
    pub(crate) fn new(config: &Config) -> Result<Self, InvalidConfig> {
        config.check()?;
        let base = config.environment.base_url()?;
        let program_url = join(&base, &["v2", "programs", &config.program_id]);
        let password = config.api_password.expose_secret();
        let credentials = SecretString::from(BASE64.encode(format!("{}:{password}", config.username).as_bytes()));
        let mut authorization = HeaderValue::from_str(&format!("Basic {}", credentials.expose_secret()))
            .map_err(|_| InvalidConfig::Password)?;
        authorization.set_sensitive(true);
        let timeouts = config.timeouts;
        let queries = builder(&base, timeouts.connect).timeout(timeouts.query);
        // No pool: a kept connection may be closed by the peer just as a request goes out on it, and then nobody can tell
        // whether that request arrived.
        let money =
            builder(&base, timeouts.connect.min(timeouts.money)).timeout(timeouts.money).pool_max_idle_per_host(0);
        Ok(Self {
            program_url,
            authorization,
            masked: [config.api_password.clone(), credentials],
            queries: queries.build().map_err(|_| InvalidConfig::Tls)?,
            money: money.build().map_err(|_| InvalidConfig::Tls)?,
        })
    }

    /// Asks, at most three times: again only where no connection came about, where one was lost, or where the answer is the
    /// empty 404 that Payoneer's hosts are known to give at times. Whoever calls this says that repeating does no harm.
    pub(crate) async fn query(&self, query: Query<'_>) -> Result<Reply, Error> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let answer = self.query_once(&self.queries, &query).await;
            let again = match &answer {
                Ok(reply) => is_empty_not_found(reply),
                Err(fault) => matches!(fault, Fault::NotConnected(_) | Fault::Interrupted | Fault::Truncated),
            };
            match pauses.next() {
                Some(pause) if again => tokio::time::sleep(pause).await,
                _ => return answer.map_err(|fault| Error::Transport { fault }),
            }
        }
    }

    /// Asks once, over a fresh connection: for what moves no money but should not be repeated blindly.
    pub(crate) async fn ask_once(&self, query: Query<'_>) -> Result<Reply, Error> {
        self.query_once(&self.money, &query).await.map_err(|fault| Error::Transport { fault })
    }

    /// Asks once, over a fresh connection, and records what comes back.
    pub(crate) async fn ask_recorded(&self, query: Query<'_>) -> (Result<Reply, Fault>, Exchange) {
        let request = self.request(&self.money, query.method, query.path, query.body);
        self.recorded(request).await
    }

    /// Sends these bytes over a fresh connection and closes it once the last of them has left, whatever the peer does with
    /// them. Whether no answer had come by then.
    pub(crate) async fn send_and_close(&self, path: &[&str], body: &[u8]) -> Result<bool, Fault> {
        let left = Arc::new(Notify::new());
        let told = Arc::clone(&left);
        let frames = Full::new(Bytes::copy_from_slice(body)).map_frame(move |frame| {
            told.notify_one();
            frame
        });
        let request = self.request(&self.money, Method::POST, path, None);
        let request = request.header(CONTENT_TYPE, "application/json").header(CONTENT_LENGTH, body.len());
        let sending = request.header(CONNECTION, "close").body(reqwest::Body::wrap(frames)).send();
        let closing = async {
            left.notified().await;
            // The bytes are with the connection, which needs a moment to hand them to the network.
            tokio::time::sleep(FLUSH).await;
        };
        tokio::select! {
            answer = sending => answer.map(|_| false).map_err(|error| fault_of(&error)),
            () = closing => Ok(true),
        }
    }

    async fn query_once(&self, client: &reqwest::Client, query: &Query<'_>) -> Result<Reply, Fault> {
        let request = self.request(client, query.method.clone(), query.path, query.body.clone());
        let mut response = request.send().await.map_err(|error| fault_of(&error))?;
        let mut body = BytesMut::new();
        read_body(&mut response, &mut body).await?;
        Ok(reply(&response, body.freeze()))
    }

    /// Sends these bytes, once, and records what comes back.
    pub(crate) async fn send_money(&self, path: &[&str], body: &[u8]) -> (Result<Reply, Fault>, Exchange) {
        let request = self.request(&self.money, Method::POST, path, Some(Bytes::copy_from_slice(body)));
        self.recorded(request.header(CONNECTION, "close")).await
    }

    async fn recorded(&self, request: RequestBuilder) -> (Result<Reply, Fault>, Exchange) {
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => {
                let fault = fault_of(&error);
                return (Err(fault), Exchange::of_fault(fault));
            }
        };
        let mut body = BytesMut::new();
        let whole = read_body(&mut response, &mut body).await;
        let reply = reply(&response, body.freeze());
        let exchange = Exchange {
            date: text_header(response.headers(), &DATE),
            body_excerpt: self.masked_excerpt(&reply.body),
            fault: whole.err(),
            ..Exchange::of_reply(&reply)
        };
        (whole.map(|()| reply), exchange)
    }

    fn request(&self, client: &reqwest::Client, method: Method, path: &[&str], body: Option<Bytes>) -> RequestBuilder {
        let mut request = client
            .request(method, join(&self.program_url, path))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json");
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        request
    }

    fn masked_excerpt(&self, body: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(body).into_owned();
        for secret in &self.masked {
            text = text.replace(secret.expose_secret(), "[masked]");
        }
        cut_excerpt(&text).to_owned()
    }
}

fn builder(base: &Url, connect: Duration) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .http1_only()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .user_agent(USER_AGENT)
        .connect_timeout(connect);
    // Without TLS no root certificates are wanted, and a machine may have none.
    if base.scheme() == "http" { builder.tls_certs_only([]) } else { builder }
}

/// Puts path segments behind a URL, each encoded as one segment. None of them may be `.` or `..`.
fn join(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // Only URLs without a host have no path segments, and the base has one.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

async fn read_body(response: &mut Response, body: &mut BytesMut) -> Result<(), Fault> {
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_BODY_BYTES => return Err(Fault::TooLarge),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(()),
            Err(error) if error.is_timeout() => return Err(Fault::Deadline),
            Err(_) => return Err(Fault::Truncated),
        }
    }
}

fn reply(response: &Response, body: Bytes) -> Reply {
    let headers = response.headers();
    let retry_after = text_header(headers, &RETRY_AFTER);
    let date = text_header(headers, &DATE);
    Reply {
        http_status: response.status().as_u16(),
        content_type: text_header(headers, &CONTENT_TYPE),
        retry_after_seconds: retry_after.and_then(|text| wait_of(&text, date.as_deref())),
        body,
    }
}

/// `Retry-After` in seconds. A date is counted from the reply's own `Date`, so that the clocks may be apart.
fn wait_of(retry_after: &str, date: Option<&str>) -> Option<u64> {
    let text = retry_after.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let seconds = |text: &str| jiff::fmt::rfc2822::parse(text.trim()).ok().map(|at| at.timestamp().as_second());
    let wait = seconds(text)?.saturating_sub(seconds(date?)?);
    Some(u64::try_from(wait).unwrap_or(0))
}

/// A header that stands once, as text of at most 200 bytes.
fn text_header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().filter(|text| text.len() <= 200).map(str::to_owned),
        _ => None,
    }
}

/// What an error of `reqwest` is to us. `is_connect` is true of exactly those errors that the connector itself raised, before
/// a connection was handed to the request; the finer causes below are for people and decide nothing.
fn fault_of(error: &reqwest::Error) -> Fault {
    if error.is_connect() {
        return Fault::NotConnected(cause_of(error));
    }
    if error.is_timeout() {
        return Fault::Deadline;
    }
    if chain(error).any(|error| error.to_string().contains("too large")) {
        return Fault::TooLarge;
    }
    Fault::Interrupted
}

fn cause_of(error: &reqwest::Error) -> Cause {
    let named = |words: &'static [&'static str]| {
        chain(error).any(|error| words.iter().any(|word| error.to_string().starts_with(word)))
    };
    if error.is_dns() || named(&["dns error", "invalid dns name"]) {
        return Cause::NameResolution;
    }
    if error.is_timeout() {
        return Cause::ConnectTimeout;
    }
    let refused = |error: &(dyn StdError + 'static)| {
        error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    };
    if chain(error).any(refused) {
        return Cause::ConnectRefused;
    }
    // The connector words its TCP errors so; what else it raises over https is TLS.
    if named(&["tcp "]) || error.url().is_some_and(|url| url.scheme() == "http") {
        return Cause::ConnectFailed;
    }
    Cause::TlsHandshake
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    fn transport(environment: &str) -> Transport {
        let environment: Environment = environment.parse().unwrap();
        Transport::new(&Config::new(environment, "100012345", "demo", SecretString::from("demo-api-password"))).unwrap()
    }

    #[test]
    fn each_segment_stays_one_segment_behind_any_base() {
        for (base, expected) in [
            ("http://localhost:1", "http://localhost:1/v2/programs/100012345/payees/a%2Fb%20%3F%23c/status"),
            ("http://localhost:1/ns/x/", "http://localhost:1/ns/x/v2/programs/100012345/payees/a%2Fb%20%3F%23c/status"),
        ] {
            let transport = transport(base);
            assert_eq!(join(&transport.program_url, &["payees", "a/b ?#c", "status"]).as_str(), expected);
        }
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_by_two_dates() {
        let now = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        for (text, date, expected) in [
            ("120", None, Some(120)),
            (" 0 ", now, Some(0)),
            ("Sun, 06 Nov 1994 08:51:07 GMT", now, Some(90)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", now, Some(0)),
            ("Sun, 06 Nov 1994 08:51:07 GMT", None, None),
            ("soon", now, None),
            ("-5", now, None),
            ("99999999999999999999999", now, None),
        ] {
            assert_eq!(wait_of(text, date), expected, "{text}");
        }
    }

    #[tokio::test]
    async fn a_resolver_that_knows_nothing_proves_that_nothing_was_sent() {
        struct Nobody;

        impl reqwest::dns::Resolve for Nobody {
            fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
                Box::pin(std::future::ready(Err("nobody is known".into())))
            }
        }

        let base = Url::parse("https://payoneer.example/").unwrap();
        let client = builder(&base, Duration::from_secs(5)).dns_resolver(Nobody).build().unwrap();
        let error = client.get(base).send().await.unwrap_err();
        assert_eq!(fault_of(&error), Fault::NotConnected(Cause::NameResolution));
    }

    #[test]
    fn credentials_show_neither_in_debug_nor_in_records() {
        let transport = transport("http://localhost:1");
        let credentials = BASE64.encode(b"demo:demo-api-password");
        let shown = format!(
            "{transport:?} {}",
            transport.masked_excerpt(format!("x demo-api-password {credentials} y").as_bytes())
        );
        assert!(!shown.contains("demo-api-password") && !shown.contains(&credentials), "{shown}");
        assert!(shown.ends_with("x [masked] [masked] y"), "{shown}");
    }
}
