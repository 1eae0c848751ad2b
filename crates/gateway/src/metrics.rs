//! What an operator can measure: every counter, histogram and level of this process, under the names that dashboards
//! and alerts use. Labels are words of ours, never an id, a payee or a text that a caller chose, so that there are few
//! series. Nothing is decided here, and nothing in the product reads a measure back.

mod levels;
mod watch;

pub(crate) use levels::Levels;
pub(crate) use watch::StoreWatch;

use crate::port::traffic::Why;
use domain::event::EventType;
use domain::{Span, attempt, job};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// Where the buckets of waits for others end, in milliseconds.
const WAITS: [u64; 13] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];
/// Where the buckets of waits for the disk end, in microseconds.
const COMMITS: [u64; 12] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000];
/// Where the buckets of the number of batches in one commit end.
const GROUPS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];
/// Methods that have a series of their own; a caller can make up others.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// A settled thing that is no attempt.
pub(crate) const AUTHORIZATION_SESSION: &str = "authorization_session";
const CALLBACK: &str = "callback";
const POLL: &str = "poll";
/// How a run of a job ended.
pub(crate) const DONE: &str = "done";
/// It ended well and the job is due again.
pub(crate) const AGAIN: &str = "again";
/// It ended in an error and is tried again.
pub(crate) const FAILED: &str = "failed";

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// Which requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Requests {
    method: &'static str,
    route: String,
    status: u16,
}

/// Which route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

/// Which calls of Payoneer, and what came of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Calls {
    call: &'static str,
    outcome: &'static str,
}

/// Which answers of Payoneer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answers {
    call: &'static str,
    code: String,
}

/// Which jobs, and how their runs ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Runs {
    kind: &'static str,
    end: &'static str,
}

/// Which kind of a thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

/// Which requests to webhook endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tries {
    outcome: &'static str,
}

/// Which events.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Events {
    event: String,
}

/// Why requests were turned away.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// What was learnt, and who told first that there was something to learn.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Learnt {
    kind: &'static str,
    told_by: &'static str,
}

/// Which build this is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
    dialects: &'static str,
}

/// Everything that is measured in this process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Requests, Counter>,
    request_time: Histograms<Route>,
    call_time: Histograms<Calls>,
    answers: Family<Answers, Counter>,
    turned_away: Family<Reason, Counter>,
    run_time: Histograms<OfKind>,
    runs: Family<Runs, Counter>,
    events: Family<Events, Counter>,
    callbacks: Counter,
    callback_delay: Histogram,
    learnt: Family<Learnt, Counter>,
    try_time: Histograms<Tries>,
    delivery_delay: Histogram,
    given_up: Counter,
    commit_time: Histogram,
    group: Histogram,
    started: Gauge,
    levels: Levels,
}

impl Default for Metrics {
    /// All at zero.
    fn default() -> Self {
        let mut registry = Registry::default();
        let this = Self {
            requests: Family::default(),
            request_time: Family::new_with_constructor(waits),
            call_time: Family::new_with_constructor(waits),
            answers: Family::default(),
            turned_away: Family::default(),
            run_time: Family::new_with_constructor(waits),
            runs: Family::default(),
            events: Family::default(),
            callbacks: Counter::default(),
            callback_delay: waits(),
            learnt: Family::default(),
            try_time: Family::new_with_constructor(waits),
            delivery_delay: waits(),
            given_up: Counter::default(),
            commit_time: Histogram::new(COMMITS.map(|micros| seconds(Span::from_micros(micros.cast_signed())))),
            group: Histogram::new(GROUPS.map(f64::from)),
            started: Gauge::default(),
            levels: Levels::register(&mut registry),
            registry: Registry::default(),
        };
        this.register(&mut registry);
        this.begin_at_zero();
        Self { registry, ..this }
    }
}

fn waits() -> Histogram {
    Histogram::new(WAITS.map(|millis| seconds(Span::from_micros(millis.cast_signed() * 1_000))))
}

/// Prometheus counts in fractions of a second; this is the one place where a time becomes one. Money never does.
fn seconds(span: Span) -> f64 {
    // A wall clock can be set back while something is being measured.
    Span::from_micros(span.micros().max(0)).to_std().as_secs_f64()
}

impl Metrics {
    fn register(&self, registry: &mut Registry) {
        let build = Build { version: env!("CARGO_PKG_VERSION"), dialects: "v2" };
        registry.register("tollgate_build", "Which build of Tollgate this is", Info::new(build));
        let started = self.started.clone();
        let text = "When this process began to serve, in seconds since 1970";
        registry.register_with_unit("process_start_time", text, Unit::Seconds, started);

        let text = "Requests answered, by route; `-` is no route of ours";
        registry.register("tollgate_http_requests", text, self.requests.clone());
        let text = "How long requests took";
        registry.register_with_unit("tollgate_http_request_duration", text, Unit::Seconds, self.request_time.clone());

        let text = "How long calls of Payoneer took, by what they were for and what came of them";
        registry.register_with_unit("tollgate_payoneer_call_duration", text, Unit::Seconds, self.call_time.clone());
        let text = "Answers of Payoneer by its own code; `other` is a code this version does not know";
        registry.register("tollgate_payoneer_answers", text, self.answers.clone());
        let text = "Requests about money turned away before anything was written down or sent";
        registry.register("tollgate_payoneer_turned_away", text, self.turned_away.clone());

        let text = "Runs of jobs by how they ended";
        registry.register("tollgate_job_runs", text, self.runs.clone());
        let text = "How long runs of jobs took";
        registry.register_with_unit("tollgate_job_run_duration", text, Unit::Seconds, self.run_time.clone());

        let text = "Events written by this process: each state that a charge, refund, payout or mandate has reached";
        registry.register("tollgate_events", text, self.events.clone());
        registry.register("tollgate_callbacks_received", "Callbacks made durable", self.callbacks.clone());
        let text = "How long callbacks waited until they were interpreted";
        registry.register_with_unit("tollgate_callback_delay", text, Unit::Seconds, self.callback_delay.clone());
        let text =
            "Mandates and undecided attempts that a query settled; `told_by` is `poll` where no callback had come";
        registry.register("tollgate_settled_by_query", text, self.learnt.clone());

        let text = "How long requests to webhook endpoints took, by the class of their status, or why there is none";
        registry.register_with_unit("tollgate_delivery_try_duration", text, Unit::Seconds, self.try_time.clone());
        let text = "How long events took until a webhook endpoint had taken them";
        registry.register_with_unit("tollgate_delivery_delay", text, Unit::Seconds, self.delivery_delay.clone());
        let text = "Deliveries that will not be tried any more by themselves";
        registry.register("tollgate_deliveries_failed", text, self.given_up.clone());

        let text = "How long durable commits took, from the beginning of the transaction";
        registry.register_with_unit("tollgate_store_commit_duration", text, Unit::Seconds, self.commit_time.clone());
        let text = "How many batches shared one durable commit";
        registry.register("tollgate_store_commit_batches", text, self.group.clone());
    }

    /// A series that begins with its first event hides that event from whoever computes increases.
    fn begin_at_zero(&self) {
        for event in EventType::ALL {
            drop(self.events.get_or_create(&Events { event: event.as_str().to_owned() }));
        }
        for why in [Why::Down, Why::Paused, Why::Full] {
            drop(self.turned_away.get_or_create(&Reason { reason: why.as_str() }));
        }
        let attempts = attempt::Kind::ALL.iter().map(|kind| kind.as_str());
        for kind in attempts.chain([AUTHORIZATION_SESSION]) {
            for told_by in [CALLBACK, POLL] {
                drop(self.learnt.get_or_create(&Learnt { kind, told_by }));
            }
        }
        drop(self.try_time.get_or_create(&Tries { outcome: "2xx" }));
        for kind in job::Kind::ALL {
            for end in [DONE, AGAIN, FAILED] {
                drop(self.runs.get_or_create(&Runs { kind: kind.as_str(), end }));
            }
        }
    }

    /// Everything as OpenMetrics text.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut out = String::with_capacity(32 * 1_024);
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }

    /// What is read when somebody asks, instead of being counted as it happens.
    pub(crate) const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// The process began to serve at this instant.
    pub(crate) fn started(&self, at: domain::Time) {
        self.started.set(at.seconds());
    }

    /// A request was answered. The route is the router's text, never the path.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16, took: Span) {
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("other");
        self.requests.get_or_create(&Requests { method, route: route.to_owned(), status }).inc();
        self.request_time.get_or_create(&Route { method, route: route.to_owned() }).observe(seconds(took));
    }

    /// Payoneer was called.
    pub(crate) fn call(&self, call: &'static str, outcome: &'static str, code: Option<payoneer::Code>, took: Span) {
        self.call_time.get_or_create(&Calls { call, outcome }).observe(seconds(took));
        let code = match code {
            None => return,
            // Payoneer may make up any number of numbers.
            Some(payoneer::Code::Unknown(_)) => "other".to_owned(),
            Some(known) => known.to_string(),
        };
        self.answers.get_or_create(&Answers { call, code }).inc();
    }

    /// A request about money was turned away.
    pub(crate) fn turned_away(&self, reason: &'static str) {
        self.turned_away.get_or_create(&Reason { reason }).inc();
    }

    /// A job was run.
    pub(crate) fn run(&self, kind: job::Kind, end: &'static str, took: Span) {
        let kind = kind.as_str();
        self.runs.get_or_create(&Runs { kind, end }).inc();
        self.run_time.get_or_create(&OfKind { kind }).observe(seconds(took));
    }

    /// A callback became durable.
    pub(crate) fn callback(&self) {
        self.callbacks.inc();
    }

    /// A callback was interpreted so long after it had come.
    pub(crate) fn digested(&self, delay: Span) {
        self.callback_delay.observe(seconds(delay));
    }

    /// A query settled something of this kind; `called` where a callback had asked for the query.
    pub(crate) fn settled(&self, kind: &'static str, called: bool) {
        let told_by = if called { CALLBACK } else { POLL };
        self.learnt.get_or_create(&Learnt { kind, told_by }).inc();
    }

    /// A request was made to a webhook endpoint.
    pub(crate) fn tried(&self, outcome: &'static str, took: Span) {
        self.try_time.get_or_create(&Tries { outcome }).observe(seconds(took));
    }

    /// A webhook endpoint has taken an event, so long after it was due to hear of it.
    pub(crate) fn delivered(&self, delay: Span) {
        self.delivery_delay.observe(seconds(delay));
    }

    /// A delivery will not be tried any more by itself.
    pub(crate) fn given_up(&self) {
        self.given_up.inc();
    }

    fn committed(&self, batches: u32, took: Span) {
        self.commit_time.observe(seconds(took));
        self.group.observe(f64::from(batches));
    }

    fn event(&self, event: &str) {
        self.events.get_or_create(&Events { event: event.to_owned() }).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_cannot_make_series() {
        let metrics = Metrics::default();
        for number in 0..100 {
            metrics.request(&format!("FLY{number}"), "-", 405, Span::from_micros(-5));
            metrics.call("charge_status", "refused", Some(payoneer::Code::Unknown(number)), Span::ZERO);
        }
        let text = metrics.text().unwrap();
        let series = |name: &str| text.lines().filter(|line| line.starts_with(name)).collect::<Vec<_>>();
        assert_eq!(
            series("tollgate_http_requests_total"),
            [r#"tollgate_http_requests_total{method="other",route="-",status="405"} 100"#]
        );
        assert_eq!(
            series("tollgate_payoneer_answers_total"),
            [r#"tollgate_payoneer_answers_total{call="charge_status",code="other"} 100"#]
        );
        assert!(text.contains(r#"tollgate_http_request_duration_seconds_sum{method="other",route="-"} 0.0"#), "{text}");
    }

    #[test]
    fn a_wait_falls_into_the_bucket_it_ends_in() {
        let metrics = Metrics::default();
        metrics.committed(3, Span::from_micros(250));
        let text = metrics.text().unwrap();
        for line in [
            r#"tollgate_store_commit_duration_seconds_bucket{le="0.0001"} 0"#,
            r#"tollgate_store_commit_duration_seconds_bucket{le="0.00025"} 1"#,
            r#"tollgate_store_commit_batches_bucket{le="2.0"} 0"#,
            r#"tollgate_store_commit_batches_bucket{le="4.0"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
