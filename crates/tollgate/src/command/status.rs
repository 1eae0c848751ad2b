//! `tollgate status`: a running gateway as it is seen from outside, by its
//! health and its metrics. No database is opened, and no key is needed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use serde::Serialize;
use url::Url;

use super::Context;
use crate::config::settings::{self, Setting};
use crate::config::{Config, Flags, Scope};
use crate::exit::Exit;
use crate::print;

/// How long the gateway may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Show a running gateway as it is seen from outside.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate status
  tollgate status --url https://pay.shop.example --metrics-url http://10.0.0.5:9464/metrics
  tollgate status --json

What is unknown or needs a person is known from the metrics: start the gateway with --metrics-listen.
Exit codes: 0 it is ready, 1 it is not or does not answer.")]
pub(crate) struct Status {
    /// Where the gateway is; where `serve` would listen if not given.
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// Where its metrics are; where `serve` would serve them if not given.
    #[arg(long, value_name = "URL")]
    metrics_url: Option<Url>,
    #[command(flatten)]
    flags: Flags<StatusScope>,
}

#[derive(Debug)]
struct StatusScope;

impl Scope for StatusScope {
    const SETTINGS: &'static [&'static [&'static Setting]] = &[&[&settings::SERVE_LISTEN, &settings::SERVE_METRICS]];
}

/// What is seen from outside.
#[derive(Debug, Serialize)]
struct Seen {
    url: String,
    /// `ready`, `quarantined`, the code of a problem, or `no_answer`.
    status: String,
    metrics: Option<Measured>,
}

/// What the metrics say.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Measured {
    version: String,
    started_at: i64,
    unknown: i64,
    oldest_unknown_seconds: i64,
    needs_attention: i64,
    jobs_late_seconds: i64,
    programs_open: i64,
    programs_paused: i64,
    programs_down: i64,
    last_callback_at: Option<i64>,
}

impl Status {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        let listen = config.value::<SocketAddr>(&settings::SERVE_LISTEN)?;
        let metrics = config.optional::<SocketAddr>(&settings::SERVE_METRICS)?;
        let url = self.url.map_or_else(|| format!("http://{}", near(listen)), |url| url.to_string());
        let served = || metrics.map(|addr| format!("http://{}/metrics", near(addr)));
        let metrics = self.metrics_url.map(|url| url.to_string()).or_else(served);
        let seen = super::block_on(look(url.trim_end_matches('/').to_owned(), metrics))?;
        if context.json {
            print::json(&seen)?;
        } else {
            show(&seen)?;
        }
        Ok(if seen.status == "ready" { Exit::Success } else { Exit::Failure })
    }
}

/// Who listens everywhere is asked here.
fn near(mut addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() {
        addr.set_ip(if addr.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    addr
}

async fn look(url: String, metrics: Option<String>) -> anyhow::Result<Seen> {
    let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
    let get = async |url: String| http.get(url).send().await.ok()?.text().await.ok();
    let status = get(format!("{url}/readyz")).await.map_or("no_answer".to_owned(), |body| word(&body));
    let metrics = match metrics {
        Some(url) => get(url).await.and_then(|text| Measured::read(&text)),
        None => None,
    };
    Ok(Seen { url, status, metrics })
}

/// What `/readyz` says in a word: the status, or the code of the problem.
fn word(body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    // A problem has a number as its status.
    let word = json["status"].as_str().or_else(|| json["code"].as_str());
    word.unwrap_or("not_understood").to_owned()
}

impl Measured {
    /// Reads a scrape; `None` if it is none of ours.
    fn read(text: &str) -> Option<Self> {
        let samples: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.rsplit_once(' ')).collect();
        let build = samples.keys().find_map(|series| series.strip_prefix("tollgate_build_info{version=\""))?;
        let of = |name: &'static str| {
            let named = samples.iter().filter(move |(series, _)| {
                series.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('{'))
            });
            named.filter_map(|(series, value)| Some((*series, value.parse::<i64>().ok()?)))
        };
        let sum = |name| of(name).map(|(_, value)| value).sum();
        let most = |name| of(name).map(|(_, value)| value).max().unwrap_or(0);
        let with =
            |name, label: &str| of(name).filter(|(series, _)| series.contains(label)).map(|(_, value)| value).sum();
        Some(Self {
            version: build.split('"').next()?.to_owned(),
            started_at: most("process_start_time_seconds"),
            unknown: with("tollgate_attempts_open", "state=\"unknown\""),
            oldest_unknown_seconds: most("tollgate_unknown_oldest_seconds"),
            needs_attention: sum("tollgate_needs_attention"),
            jobs_late_seconds: most("tollgate_jobs_late_seconds"),
            programs_open: with("tollgate_payoneer_programs", "standing=\"open\""),
            programs_paused: with("tollgate_payoneer_programs", "standing=\"paused\""),
            programs_down: with("tollgate_payoneer_programs", "standing=\"down\""),
            last_callback_at: Some(most("tollgate_callback_last_timestamp_seconds")).filter(|at| *at > 0),
        })
    }
}

fn ago(at: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    span(i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(at)) + " ago"
}

fn span(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

fn show(seen: &Seen) -> std::io::Result<()> {
    let mut facts = vec![("Gateway", seen.url.clone()), ("Status", seen.status.replace('_', " "))];
    match &seen.metrics {
        None => facts.push(("Metrics", "not seen; `tollgate serve --metrics-listen` serves them".to_owned())),
        Some(m) => {
            facts.push(("Version", format!("{}, started {}", m.version, ago(m.started_at))));
            let oldest = if m.unknown > 0 {
                format!(", the oldest for {}", span(m.oldest_unknown_seconds))
            } else {
                String::new()
            };
            facts.push(("Unknown", format!("{}{oldest}", m.unknown)));
            facts.push(("Needs a person", m.needs_attention.to_string()));
            let line = format!("{} open, {} paused, {} down", m.programs_open, m.programs_paused, m.programs_down);
            facts.push(("Payoneer", line));
            facts.push(("Jobs", format!("the latest is {} late", span(m.jobs_late_seconds))));
            facts.push(("Last callback", m.last_callback_at.map_or("never".to_owned(), ago)));
        }
    }
    print::facts(&facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scrape_is_read_and_a_foreign_page_is_not() {
        let text = "# TYPE tollgate_attempts_open gauge\n\
            tollgate_build_info{version=\"1.2.3\",dialects=\"v2\"} 1\n\
            process_start_time_seconds 100\n\
            tollgate_attempts_open{kind=\"charge\",state=\"unknown\"} 2\n\
            tollgate_attempts_open{kind=\"payout\",state=\"unknown\"} 1\n\
            tollgate_attempts_open{kind=\"charge\",state=\"sending\"} 9\n\
            tollgate_unknown_oldest_seconds{kind=\"charge\"} 40\n\
            tollgate_unknown_oldest_seconds{kind=\"payout\"} 70\n\
            tollgate_needs_attention{kind=\"charge\"} 1\n\
            tollgate_payoneer_programs{standing=\"down\"} 1\n\
            tollgate_payoneer_programs{standing=\"open\"} 2\n\
            tollgate_callback_last_timestamp_seconds 0\n# EOF\n";
        let read = Measured::read(text).unwrap();
        let wanted = Measured {
            version: "1.2.3".to_owned(),
            started_at: 100,
            unknown: 3,
            oldest_unknown_seconds: 70,
            needs_attention: 1,
            jobs_late_seconds: 0,
            programs_open: 2,
            programs_paused: 0,
            programs_down: 1,
            last_callback_at: None,
        };
        assert_eq!(read, wanted);
        assert_eq!(Measured::read("<html>hello</html>"), None);
    }

    #[test]
    fn readiness_is_a_word() {
        assert_eq!(word(r#"{"status":"ready","programs":1}"#), "ready");
        assert_eq!(word(r#"{"status":503,"code":"draining"}"#), "draining");
        assert_eq!(word("<html>"), "not_understood");
    }

    #[test]
    fn times_are_told_as_people_do() {
        assert_eq!(
            [span(-3), span(119), span(120), span(7_200), span(172_800)],
            ["0 s", "119 s", "2 min", "2 h", "2 days"]
        );
    }
}
