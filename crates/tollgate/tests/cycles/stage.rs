//! One sandbox, one line, one gateway after the other on the same database, and the course of one cycle.
//! What must be true afterwards is in `check`.

use super::check::{self, Asked};
use super::dice::Dice;
use super::load::{Ask, Merchant};
use super::support::line::{Fault, Line};
use super::support::{House, Running};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// The gateway: it gives up soon, so that a hanging answer does not hold up a cycle.
const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--payoneer-money-timeout", "2s"];
/// Longer than that.
const STILL: Duration = Duration::from_millis(2_500);
/// Requests that the line may hit in one cycle.
const HITS: usize = 60;
/// How many answered requests are repeated after a crash, beside all that were not answered.
const REPEATS: usize = 6;

/// What outlives a gateway.
pub(crate) struct Stage {
    house: House,
    line: Line,
    merchant: Merchant,
    asked: Asked,
    name: String,
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().expect("an address")
}

fn moment(dice: &mut Dice, longest: i64) -> Duration {
    Duration::from_millis(u64::try_from(dice.between(0, longest)).expect("a time"))
}

impl Stage {
    /// An empty database, whose first starts may be cut short in the middle of its migration.
    pub(crate) fn open(dice: &mut Dice, lane: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let kills = if dice.chance(500) { dice.between(1, 3) } else { 0 };
        for _ in 0..kills {
            Running::start_and_kill(folder.path(), &SERVE, moment(dice, 150));
        }
        Self::open_in(folder, dice, lane)
    }

    fn open_in(folder: TempDir, dice: &mut Dice, lane: u64) -> Self {
        let seed = dice.next().to_string();
        let (house, line) = House::build_with_line(folder, &sandbox("127.0.0.1:0", &seed));
        let merchant = Merchant::new(&house.key);
        Self { house, line, merchant, asked: Asked::default(), name: format!("lane {lane}, database of seed {seed}") }
    }

    fn folder(&self) -> &Path {
        self.house.folder.path()
    }

    fn serve(&self) -> Running {
        tokio::task::block_in_place(|| Running::start(self.folder(), "serve", &SERVE))
    }

    /// A gateway that ends at that place in the code, on a database of its own, with a crowd and a callback until it does;
    /// its successors, which end there too if they come there; and then the comparison. Answers one line about it.
    #[cfg(feature = "crash-points")]
    pub(crate) async fn point(dice: &mut Dice, point: &str) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let crash = |folder: &Path| {
            tokio::task::block_in_place(|| Running::try_start(folder, "serve", &SERVE, Some(point))).ok()
        };
        // Only the first start makes the database, so that is where the places of a migration are.
        let mut reached = crash(folder.path()).is_none();
        let mut stage = Self::open_in(folder, dice, 0);
        point.clone_into(&mut stage.name);
        // A life that ended under load, so that the starts below have something to take over.
        let gateway = stage.serve();
        stage.line.hit(&[Fault::LoseReply, Fault::Pass, Fault::Hang]);
        let crowd = stage.merchant.crowd(&gateway.url, "before");
        tokio::time::sleep(Duration::from_millis(150)).await;
        gateway.kill();
        let mut asked = Vec::new();
        for merchant in crowd {
            asked.extend(merchant.await.expect("a merchant"));
        }
        let mut recoveries = 0;
        for life in 0..3 {
            let Some(mut gateway) = crash(stage.folder()) else {
                reached = true;
                recoveries += 1;
                continue;
            };
            // A lost answer, so that there is something to look up.
            stage.line.hit(&[Fault::LoseReply, Fault::Pass, Fault::Truncate]);
            let crowd = stage.merchant.crowd(&gateway.url, &format!("{point}-{life}"));
            let url = stage.house.program["callback_url"].as_str().expect("an address");
            let path = url.split_once("/callbacks/").expect("a path").1;
            let _ =
                reqwest::get(format!("{}/callbacks/{path}?approve=true&apuid=Test123&life={life}", gateway.url)).await;
            for merchant in crowd {
                asked.extend(merchant.await.expect("a merchant"));
            }
            let ended = gateway.has_ended();
            reached |= ended;
            recoveries += u64::from(ended);
            gateway.kill();
        }
        assert!(reached, "{point} was never reached");
        stage.line.hit(&[]);
        let gateway = stage.serve();
        let repeats = stage.repeat(&gateway, &asked).await;
        stage.asked.note(asked.into_iter().chain(repeats), point);
        let truth = check::settled(&stage.house, &stage.merchant, &gateway, point).await;
        let told = check::compare(&truth, &stage.asked, point);
        gateway.kill();
        format!("ended {recoveries} times; {told}")
    }

    /// Load, a crash, a start, and the comparison of both sides. Answers one line about it.
    pub(crate) async fn cycle(&mut self, cycle: u64, dice: &mut Dice) -> String {
        let kills = if dice.chance(300) { dice.between(1, 3) } else { 0 };
        for _ in 0..kills {
            let after = moment(dice, 250);
            tokio::task::block_in_place(|| Running::start_and_kill(self.folder(), &SERVE, after));
        }
        let gateway = self.serve();
        self.line.hit(&hits(dice));
        let hostile = dice.chance(250);
        if hostile {
            self.chaos("hostile").await;
        }
        let crowd = self.merchant.crowd(&gateway.url, &format!("c{cycle}"));
        let sandbox_dies = dice.chance(250);
        if sandbox_dies {
            tokio::time::sleep(moment(dice, 300)).await;
            self.replace_sandbox();
        }
        tokio::time::sleep(moment(dice, 600)).await;
        let frozen = dice.chance(200);
        if frozen {
            self.freeze(&gateway, moment(dice, 1_500)).await;
            tokio::time::sleep(moment(dice, 300)).await;
        }
        gateway.kill();
        let mut asked = Vec::new();
        for merchant in crowd {
            asked.extend(merchant.await.expect("a merchant"));
        }
        self.line.hit(&[]);
        self.chaos("calm").await;
        let gateway = self.serve();
        let answered = asked.iter().filter(|ask| ask.answer.is_some()).count();
        let repeats = self.repeat(&gateway, &asked).await;
        let count = asked.len();
        self.asked.note(asked.into_iter().chain(repeats), &self.name);
        let truth = check::settled(&self.house, &self.merchant, &gateway, &self.name).await;
        let told = check::compare(&truth, &self.asked, &self.name);
        check::verdict(&self.house, &self.name).await;
        gateway.kill();
        let mut other = String::new();
        for (happened, what) in
            [(sandbox_dies, ", the sandbox killed"), (frozen, ", frozen"), (hostile, ", a hostile Payoneer")]
        {
            other.push_str(if happened { what } else { "" });
        }
        format!("{count} requests, {answered} answered, {kills} starts cut short{other}; {told}")
    }

    /// The gateway stands still, for longer than it waits for any answer, and goes on late. Nobody can take its place
    /// meanwhile.
    async fn freeze(&self, gateway: &Running, longer: Duration) {
        gateway.signal("STOP");
        let start = || Running::try_start(self.folder(), "second", &SERVE, None);
        let second = tokio::task::block_in_place(start);
        let refused = second.err().unwrap_or_default();
        assert!(refused.starts_with("second ended with exit status: 4"), "{}: {refused}", self.name);
        tokio::time::sleep(STILL + longer).await;
        gateway.signal("CONT");
    }

    /// What Payoneer does from now on.
    async fn chaos(&self, profile: &str) {
        let url = format!("{}/_sandbox/chaos", self.house.sandbox.url);
        let wish = serde_json::json!({ "profile": profile }).to_string();
        let http = reqwest::Client::new();
        let answer = http.post(url).header("content-type", "application/json").body(wish).send().await;
        let status = answer.expect("the sandbox answers").status();
        assert!(status.is_success(), "{profile}: {status}");
    }

    /// `kill -9` of the sandbox, and a new one with its state at its address.
    fn replace_sandbox(&mut self) {
        let listen = address(&self.house.sandbox.url).to_string();
        tokio::task::block_in_place(|| {
            self.house.sandbox.end();
            self.house.sandbox = Running::start(self.house.folder.path(), "sandbox", &sandbox(&listen, "1"));
        });
    }

    /// What nobody answered and some of the rest, under the same keys.
    async fn repeat(&self, gateway: &Running, asked: &[Ask]) -> Vec<Ask> {
        let lost = asked.iter().filter(|ask| ask.answer.is_none());
        let known = asked.iter().filter(|ask| ask.answer.is_some()).take(REPEATS);
        let mut repeats = Vec::new();
        for ask in lost.chain(known) {
            repeats.push(self.merchant.ask(&gateway.url, ask.clone()).await);
        }
        repeats
    }
}

fn sandbox<'a>(listen: &'a str, seed: &'a str) -> [&'a str; 7] {
    ["sandbox", "--listen", listen, "--seed", seed, "--state", "sandbox.json"]
}

/// What the line does to the next requests that can move money; most of them pass.
fn hits(dice: &mut Dice) -> Vec<Fault> {
    let one = |dice: &mut Dice| match dice.below(40) {
        0..=2 => Fault::LoseReply,
        3 => Fault::Hang,
        4..=5 => Fault::LoseRequest,
        6..=7 => Fault::ErrorPage,
        8..=9 => Fault::Delay(moment(dice, 900)),
        10..=11 => Fault::Truncate,
        _ => Fault::Pass,
    };
    (0..HITS).map(|_| one(dice)).collect()
}
