//! Levels: what is read at the moment somebody scrapes, from the database by bounded queries at most once in a while,
//! and from the lines to Payoneer. A database that does not answer leaves the levels as they were, with their time.

use crate::engine::Engine;
use crate::port::Load;
use domain::attempt;
use domain::{Span, Time, job};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::Trust;

/// How often the database is read at most, however often somebody scrapes.
const EVERY: Span = Span::from_secs(5);
/// The most rows that one query looks at; where there are more, the level says this many.
const ROWS_MAX: i64 = 100_000;
/// How long a scrape waits for the database.
const PATIENCE: Duration = Duration::from_secs(2);

const OPEN: [attempt::State; 4] =
    [attempt::State::Planned, attempt::State::Sending, attempt::State::Challenged, attempt::State::Unknown];
const STANDINGS: [&str; 3] = ["open", "paused", "down"];
const TRUSTS: [(Trust, &str); 3] =
    [(Trust::Sound, "sound"), (Trust::Quarantined, "quarantined"), (Trust::Restored, "restored")];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Open {
    kind: &'static str,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Standing {
    standing: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lane {
    lane: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Trusted {
    trust: &'static str,
}

/// The levels.
#[derive(Default)]
pub(crate) struct Levels {
    open: Family<Open, Gauge>,
    oldest_unknown: Family<OfKind, Gauge>,
    attention: Family<OfKind, Gauge>,
    jobs_due: Family<OfKind, Gauge>,
    jobs_late: Family<OfKind, Gauge>,
    deliveries_due: Gauge,
    deliveries_late: Gauge,
    last_callback: Gauge,
    read: Gauge,
    programs: Family<Standing, Gauge>,
    taken: Family<Lane, Gauge>,
    places: Family<Lane, Gauge>,
    waiting: Family<Lane, Gauge>,
    trust: Family<Trusted, Gauge>,
    down: Gauge,
    commits: Counter,
    batches: Counter,
    failed: Counter,
    read_at: Mutex<Option<Time>>,
}

impl Levels {
    /// Levels that stand in the registry.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let this = Self::default();
        let text = "Attempts without a definite end, by the call they make";
        registry.register("tollgate_attempts_open", text, this.open.clone());
        let text = "How long the oldest unknown attempt has been unknown; 0 where there is none";
        registry.register_with_unit("tollgate_unknown_oldest", text, Unit::Seconds, this.oldest_unknown.clone());
        let text = "Attempts that have been unknown for so long that a person must look";
        registry.register("tollgate_needs_attention", text, this.attention.clone());
        let text = "Jobs that are due and that nobody runs yet";
        registry.register("tollgate_jobs_due", text, this.jobs_due.clone());
        let text = "How late the job is that has been due the longest";
        registry.register_with_unit("tollgate_jobs_late", text, Unit::Seconds, this.jobs_late.clone());
        let text = "Deliveries that are due to webhook endpoints and not taken yet";
        registry.register("tollgate_deliveries_due", text, this.deliveries_due.clone());
        let text = "How late the delivery is that has been due the longest";
        registry.register_with_unit("tollgate_deliveries_late", text, Unit::Seconds, this.deliveries_late.clone());
        let text = "When the newest callback came, in seconds since 1970; 0 where none ever came";
        registry.register("tollgate_callback_last_timestamp_seconds", text, this.last_callback.clone());
        let text = "When these levels were read from the database, in seconds since 1970";
        registry.register("tollgate_levels_read_timestamp_seconds", text, this.read.clone());

        let text = "Programs by how they stand with Payoneer: `open`, `paused` as Payoneer asked, `down` when the circuit is broken";
        registry.register("tollgate_payoneer_programs", text, this.programs.clone());
        let text = "Requests to Payoneer that may be under way at once, over all programs";
        registry.register("tollgate_payoneer_places", text, this.places.clone());
        let text = "Requests to Payoneer that are under way";
        registry.register("tollgate_payoneer_places_taken", text, this.taken.clone());
        let text = "Requests that wait for a place";
        registry.register("tollgate_payoneer_queue", text, this.waiting.clone());

        let text = "1 for how the database stands: `sound`, `quarantined` while nothing is sent, `restored` afterwards";
        registry.register("tollgate_store_trust", text, this.trust.clone());
        registry.register("tollgate_store_down", "1 while nothing can be written", this.down.clone());
        registry.register("tollgate_store_commits", "Durable commits", this.commits.clone());
        let text = "Batches that were part of a durable commit";
        registry.register("tollgate_store_batches", text, this.batches.clone());
        let text = "Batches that were answered with a fault";
        registry.register("tollgate_store_batches_failed", text, this.failed.clone());
        this
    }

    /// Whether the database should be read now. Whoever is told so reads; the others take what is there.
    fn is_stale(&self, now: Time) -> bool {
        let mut read_at = self.read_at.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = read_at.is_some_and(|at| at <= now && now - at < EVERY);
        if !fresh {
            *read_at = Some(now);
        }
        !fresh
    }

    fn show_store(&self, store: &store::Store) {
        for (trust, name) in TRUSTS {
            self.trust.get_or_create(&Trusted { trust: name }).set(i64::from(store.trust() == trust));
        }
        self.down.set(i64::from(store.down().is_some()));
        let counts = store.counts();
        for (counter, count) in
            [(&self.commits, counts.commits), (&self.batches, counts.batches), (&self.failed, counts.failed)]
        {
            counter.inner().store(count, Ordering::Relaxed);
        }
    }

    fn show_lines(&self, lines: &[(&'static str, Vec<Load>)]) {
        for standing in STANDINGS {
            let programs = lines.iter().filter(|(found, _)| *found == standing).count();
            self.programs.get_or_create(&Standing { standing }).set(level(programs));
        }
        let loads = || lines.iter().flat_map(|(_, loads)| loads);
        for Load { lane, .. } in loads() {
            let (lane, of_lane) = (*lane, || loads().filter(|load| load.lane == *lane));
            let lane = Lane { lane };
            self.places.get_or_create(&lane).set(level(of_lane().map(|load| load.places).sum()));
            self.taken.get_or_create(&lane).set(level(of_lane().map(|load| load.taken).sum()));
            self.waiting.get_or_create(&lane).set(level(of_lane().map(|load| load.waiting).sum()));
        }
    }

    fn show_attempts(&self, found: &[store::attempts::Open], now: Time) {
        for kind in attempt::Kind::ALL {
            let of_kind = || found.iter().filter(|open| open.kind == *kind);
            for state in OPEN {
                let count = of_kind().find(|open| open.state == state).map_or(0, |open| open.attempts);
                self.open.get_or_create(&Open { kind: kind.as_str(), state: state.as_str() }).set(count);
            }
            let kind = OfKind { kind: kind.as_str() };
            let oldest = of_kind().filter_map(|open| open.unknown_since).min();
            self.oldest_unknown.get_or_create(&kind).set(oldest.map_or(0, |since| (now - since).seconds().max(0)));
            self.attention.get_or_create(&kind).set(of_kind().map(|open| open.attention).sum());
        }
    }

    fn show_jobs(&self, found: &[store::jobs::Due], now: Time) {
        for kind in job::Kind::ALL {
            let due = found.iter().find(|due| due.kind == *kind);
            let kind = OfKind { kind: kind.as_str() };
            self.jobs_due.get_or_create(&kind).set(due.map_or(0, |due| due.jobs));
            self.jobs_late.get_or_create(&kind).set(due.map_or(0, |due| (now - due.oldest).seconds().max(0)));
        }
    }
}

fn level(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Engine {
    /// Brings the levels up to date, as far as the database answers in time.
    pub(crate) async fn show_levels(&self) {
        let levels = self.metrics().levels();
        levels.show_store(self.store());
        levels.show_lines(&self.loads());
        let now = self.now();
        if !levels.is_stale(now) {
            return;
        }
        match tokio::time::timeout(PATIENCE, self.read_levels(now)).await {
            Ok(Ok(())) => {
                levels.read.set(now.seconds());
            }
            Ok(Err(fault)) => tracing::warn!(%fault, "the levels could not be read"),
            Err(_) => tracing::warn!("the levels could not be read in time"),
        }
    }

    async fn read_levels(&self, now: Time) -> Result<(), store::Fault> {
        let (levels, store) = (self.metrics().levels(), self.store());
        levels.show_attempts(&store.read(store::attempts::open(ROWS_MAX)).await?, now);
        levels.show_jobs(&store.read(store::jobs::due_by_kind(now, ROWS_MAX)).await?, now);
        if let Some(late) = store.read_one(store::deliveries::late(now, ROWS_MAX)).await? {
            levels.deliveries_due.set(late.deliveries);
            levels.deliveries_late.set(late.oldest.map_or(0, |oldest| (now - oldest).seconds().max(0)));
        }
        let newest = store.read_one(store::callbacks::newest()).await?;
        levels.last_callback.set(newest.map_or(0, |callback| callback.0.seconds()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_read_once_in_a_while_and_after_the_clock_was_set_back() {
        let levels = Levels::default();
        let at = |seconds: i64| Time::from_micros(seconds * 1_000_000);
        assert!(levels.is_stale(at(100)));
        assert!(!levels.is_stale(at(104)), "one second less than the pause");
        assert!(levels.is_stale(at(105)));
        assert!(levels.is_stale(at(50)), "the clock was set back");
        assert!(!levels.is_stale(at(51)));
    }
}
