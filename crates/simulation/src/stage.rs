//! What all parts of one run share: the time, Payoneer's world, what is in the network, the trace, what went wrong.
//! No decision of the gateway's is made here.

use crate::dice::Dice;
use crate::plan::Faults;
use crate::plant::Plant;
use crate::trip::{Failure, Trip};
use domain::Time;
use gateway::source::Source;
use payoneer::{Fault, Reply};
use sandbox::v2::{Context, Request};
use sandbox::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context as Polling, Poll};
use store::{Door, Gate, Passage};

/// Marks a rare situation. A long batch in which one was never met has lost its teeth, and fails.
macro_rules! sometimes {
    ($stage:expr, $situation:expr $(,)?) => {
        $stage.meet($situation)
    };
}
pub(crate) use sometimes;

/// When every run begins: 2026-01-01T00:00:00Z.
pub(crate) const BEGIN: i64 = 1_767_225_600_000_000;

/// Which attempt a money request was sent for.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) attempt: String,
    pub(crate) subject: String,
    pub(crate) kind: domain::attempt::Kind,
    pub(crate) reference: String,
}

/// A money request on its way.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) id: u64,
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
    pub(crate) sender: Sender,
    /// What the sender is told instead of Payoneer's own answer.
    pub(crate) instead: Option<Result<Reply, Fault>>,
    /// Whether Payoneer acts on it at all.
    pub(crate) acts: bool,
}

/// What a merchant's request was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// Nothing (yet): the node died, or is still at it.
    Nothing,
    /// This charge or payout.
    Is(String),
    /// That nothing was done.
    NotDone(String),
    /// That something else stands in the way.
    Conflict,
    /// That it is not known.
    Unknown,
}

/// One request of the merchant's, and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// The idempotency key.
    pub(crate) key: String,
    /// The amount in the body, where there was one.
    pub(crate) cents: Option<i64>,
    /// The reference in the body, in lower case.
    pub(crate) reference: Option<String>,
    /// The purpose in the body.
    pub(crate) purpose: Option<String>,
    pub(crate) said: Said,
}

/// The shared state of one run.
pub(crate) struct Stage {
    pub(crate) now: i64,
    pub(crate) world: World,
    pub(crate) dice: Dice,
    pub(crate) faults: Faults,
    pub(crate) plant: Option<Plant>,
    /// Money requests by the time at which they arrive.
    pub(crate) network: BTreeMap<(i64, u64), Parcel>,
    /// What came back, by the request's number.
    pub(crate) replies: BTreeMap<u64, Result<Reply, Fault>>,
    parcels: u64,
    /// Until when the task that is being polled sleeps.
    pub(crate) nap: Option<i64>,
    /// How often each attempt was put on the network.
    sends: BTreeMap<String, u32>,
    /// For a planted bug: attempts whose answer came when they were settled.
    pub(crate) late: BTreeSet<String>,
    /// Which references each charge or payout moved money under.
    pub(crate) moved: BTreeMap<String, BTreeSet<String>>,
    /// References that the merchant's other system used.
    pub(crate) foreign: BTreeSet<String>,
    /// For a planted bug: references that a callback called transferred.
    pub(crate) believed: BTreeSet<String>,
    /// Nodes that have finished starting: number and life.
    pub(crate) ready: Vec<(usize, u64)>,
    /// References that a status query showed as transferred.
    pub(crate) confirmed: BTreeSet<String>,
    /// What the merchant was told.
    pub(crate) told: Vec<Told>,
    pub(crate) broken: Option<String>,
    /// Situations that were met.
    pub(crate) met: BTreeMap<&'static str, u64>,
    pub(crate) lines: Vec<String>,
    /// Whether the lines are kept.
    pub(crate) traced: bool,
    /// The one failure of a sweep.
    pub(crate) trip: Option<Trip>,
    /// Whether the node that is being polled ends at its next wait.
    pub(crate) ends: bool,
    hash: u64,
}

/// A line of the trace while it is written: it goes into the hash at once, and is kept only where somebody will read it.
struct Line {
    hash: u64,
    text: Option<String>,
}

impl fmt::Write for Line {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for byte in part.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(text) = &mut self.text {
            text.push_str(part);
        }
        Ok(())
    }
}

/// The stage behind a lock: one thread uses it, but futures must be able to move.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Stage>>);

impl Stage {
    pub(crate) fn new(world: World, seed: u64, faults: Faults, plant: Option<Plant>) -> Self {
        Self {
            now: BEGIN,
            world,
            dice: Dice::new(seed, 2),
            faults,
            plant,
            network: BTreeMap::new(),
            replies: BTreeMap::new(),
            parcels: 0,
            nap: None,
            sends: BTreeMap::new(),
            late: BTreeSet::new(),
            moved: BTreeMap::new(),
            foreign: BTreeSet::new(),
            believed: BTreeSet::new(),
            ready: Vec::new(),
            confirmed: BTreeSet::new(),
            told: Vec::new(),
            broken: None,
            met: BTreeMap::new(),
            lines: Vec::new(),
            traced: false,
            trip: None,
            ends: false,
            hash: 0xcbf2_9ce4_8422_2325,
        }
    }

    /// Writes a line of the trace.
    pub(crate) fn note(&mut self, what: impl fmt::Display) {
        let since = self.now - BEGIN;
        let mut line = Line { hash: self.hash, text: self.traced.then(String::new) };
        let _ = write!(line, "{:>6}.{:06} {what}", since / 1_000_000, since % 1_000_000);
        self.hash = line.hash;
        self.lines.extend(line.text);
    }

    /// The hash of the trace so far.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn meet(&mut self, situation: &'static str) {
        *self.met.entry(situation).or_insert(0) += 1;
    }

    /// A promise was broken. The first one counts.
    pub(crate) fn break_promise(&mut self, oracle: &str, what: &str) {
        if self.broken.is_none() {
            let text = format!("{oracle}: {what}");
            self.note(format_args!("BROKEN {text}"));
            self.broken = Some(text);
        }
    }

    /// Puts a money request on the network. Each attempt has one permit (O12).
    pub(crate) fn post(&mut self, at: i64, parcel: Parcel) {
        let times = self.sends.entry(parcel.sender.attempt.clone()).or_insert(0);
        *times += 1;
        if *times > 1 {
            self.break_promise("O12", &format!("attempt {} was sent twice", parcel.sender.attempt));
        }
        self.network.insert((at, parcel.id), parcel);
    }

    pub(crate) fn next_parcel(&mut self) -> u64 {
        self.parcels += 1;
        self.parcels
    }

    /// Puts a request to Payoneer now.
    pub(crate) fn ask(&mut self, method: &str, target: &str, body: &[u8]) -> (Reply, bool) {
        self.world.advance_to(sandbox::world::Time::from_micros(self.now));
        let request = Request { method, target, authorized: true, body: Some(body) };
        let context = Context { public_url: "http://payoneer.example" };
        let answer = sandbox::v2::answer(&mut self.world, context, &request);
        (Reply::json(answer.status, answer.body), answer.effect)
    }
}

impl Shared {
    pub(crate) fn new(stage: Stage) -> Self {
        Self(Arc::new(Mutex::new(stage)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets others run, and time pass.
    pub(crate) fn nap(&self, micros: i64) -> Nap {
        Nap { stage: self.clone(), micros, until: None }
    }

    /// Naps for a while that chance decides.
    pub(crate) fn nap_about(&self, most: i64) -> Nap {
        let micros = self.lock().dice.between(0, most);
        self.nap(micros)
    }
}

/// A sleep in virtual time.
pub(crate) struct Nap {
    stage: Shared,
    micros: i64,
    until: Option<i64>,
}

impl Future for Nap {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Polling<'_>) -> Poll<()> {
        let shared = self.stage.clone();
        let mut stage = shared.lock();
        let first = self.until.is_none();
        let wake = stage.now + self.micros;
        let until = *self.until.get_or_insert(wake);
        if !first && stage.now >= until {
            return Poll::Ready(());
        }
        stage.nap = Some(until);
        Poll::Pending
    }
}

/// The clock and the dice of one node: the virtual time, a little wrong, and a stream of its own.
pub(crate) struct NodeSource {
    stage: Shared,
    skew: i64,
    dice: Mutex<Dice>,
}

impl NodeSource {
    pub(crate) fn new(stage: Shared, skew: i64, dice: Dice) -> Self {
        Self { stage, skew, dice: Mutex::new(dice) }
    }
}

impl Source for NodeSource {
    fn now(&self) -> Time {
        Time::from_micros(self.stage.lock().now + self.skew)
    }

    fn fill(&self, buffer: &mut [u8]) {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in buffer.chunks_mut(8) {
            let bytes = dice.next().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// What stands between a node and the database.
pub(crate) struct NodeGate {
    pub(crate) stage: Shared,
    pub(crate) name: String,
}

impl Gate for NodeGate {
    fn pass(&self, door: Door) -> Pin<Box<dyn Future<Output = Passage> + Send + '_>> {
        Box::pin(async move {
            let waits = door != Door::Read || self.stage.lock().dice.chance(250);
            if waits {
                let slow = if self.stage.lock().dice.chance(10) { 3_000_000 } else { 2_000 };
                self.stage.nap_about(slow).await;
            }
            let tripped = self.stage.lock().trip_database(door);
            if let Some(Failure::EndBefore) = tripped {
                self.stage.lock().ends = true;
                self.stage.nap(0).await;
            }
            let mut stage = self.stage.lock();
            stage.ends |= tripped == Some(Failure::EndAfter);
            let Faults { shut, deaf, lost, .. } = stage.faults;
            let passage = match door {
                _ if let Some(Failure::Database(passage)) = tripped => passage,
                Door::Read if stage.dice.chance(shut / 4) => Passage::Shut,
                Door::Read => Passage::Free,
                _ if stage.dice.chance(shut) => Passage::Shut,
                _ if stage.dice.chance(deaf) => Passage::Deaf,
                _ if stage.dice.chance(lost) => Passage::Lost,
                _ => Passage::Free,
            };
            if passage != Passage::Free {
                let name = &self.name;
                stage.note(format_args!("{name} database {door:?}: {passage:?}"));
                sometimes!(
                    stage,
                    match passage {
                        Passage::Deaf => "a commit took place and its answer was lost",
                        Passage::Lost => "a commit did not take place and nobody could know",
                        _ => "the database refused",
                    }
                );
            }
            passage
        })
    }
}
