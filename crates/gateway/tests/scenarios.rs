//! The real gateway in each of the sandbox's scenarios: what the merchant is answered first, how it ends, what the
//! sandbox's verdict is. The table is kept in `docs/scenarios.md` (written with `TOLLGATE_WRITE_DOCS=1`).

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod edge;
mod support;

use domain::Span;
use edge::{Asker, Reply};
use gateway::source::Source as _;
use sandbox::faults::Scenario;
use sandbox::world::{FIRST_PASSWORD, Settings};
use std::fmt::Write as _;
use std::sync::Arc;
use store::{Options, Store};
use support::clock::Clock;
use support::{House, eventually};
use tokio::sync::Semaphore;

/// Houses that stand at once.
const AT_ONCE: usize = 8;
/// How far the clocks are set forward, one after the other, until all is settled: three days together.
const LATER: [i64; 9] = [0, 3, 10, 65, 65, 300, 3_600, 90_000, 170_000];
/// A charge of the sandbox's first payee.
const CHARGE: &str = r#"{"payee_id":"Test123","amount":"5","currency":"USD","description":"Scenario"}"#;

/// One scenario on its own stage.
struct Play {
    house: House,
    clock: Arc<Clock>,
    merchant: Asker,
    store: Store,
}

/// What is shown of one scenario.
struct Row {
    name: &'static str,
    first: String,
    end: String,
    verdict: String,
}

/// The status code and the word that tells most: the resource's status or the problem's code.
fn word(reply: &Reply) -> String {
    let body = reply.json();
    let word = body["status"].as_str().or(body["code"].as_str()).unwrap_or("-");
    format!("{} `{word}`", reply.status)
}

impl Play {
    async fn open(scenario: &Scenario) -> Self {
        let clock = Arc::new(Clock::default());
        let house = House::open_by(Arc::<Clock>::clone(&clock)).await;
        house.sandbox.with_world(|world| world.install_scenario(scenario.name, None)).expect("a scenario");
        let merchant = Asker::merchant(&house);
        let store = Store::open(&Options::sqlite(house.database())).expect("the database");
        Self { house, clock, merchant, store }
    }

    /// Both clocks go forward, and everything that is due by then is done.
    async fn later(&self, seconds: i64) {
        self.clock.advance(Span::from_secs(seconds));
        let now = self.house.sandbox.with_world(|world| world.now());
        self.house.sandbox.advance_to(now.plus_seconds(u64::try_from(seconds).unwrap_or_default())).await;
        eventually("no job is due", || async {
            let due = self.store.read_one(store::jobs::due(self.clock.now())).await.ok()??;
            (due.0 == 0).then_some(())
        })
        .await;
    }

    /// Time passes until nothing changes any more.
    async fn until_settled(&self) {
        for seconds in LATER {
            self.later(seconds).await;
        }
    }

    /// Asks, and asks the same again a minute later as long as nothing came of it. The first answer and the last.
    async fn ask(&self, path: &str, key: &str, body: &str) -> (String, Reply) {
        let mut reply = self.merchant.post(path, key, body).await;
        let first = word(&reply);
        for _ in 0..3 {
            if reply.status < 500 {
                break;
            }
            self.later(65).await;
            reply = self.merchant.post(path, key, body).await;
        }
        (first, reply)
    }

    /// The resource's status in the end, and what a person was told about it.
    async fn end(&self, path: &str) -> String {
        let shown = self.merchant.get(path).await.json();
        let subject = shown["id"].as_str().expect("an id").to_owned();
        let filter = store::events::Filter::Subject(subject);
        let events = self.house.engine().events(&self.house.program, &gateway::engine::After::Start, &filter, 100);
        let kinds = events.await.expect("events").into_iter().map(|stored| stored.event.kind.to_string());
        let told: Vec<String> = kinds
            .filter(|kind| kind.ends_with(".contradicted") || kind.ends_with(".needs_attention"))
            .map(|kind| format!("`{kind}`"))
            .collect();
        let status = shown["status"].as_str().or(shown["mandate"]["status"].as_str()).unwrap_or("-");
        if told.is_empty() { format!("`{status}`") } else { format!("`{status}`, told by {}", told.join(", ")) }
    }

    async fn charge(&self, amount: &str) -> (String, String) {
        let body = CHARGE.replace("\"5\"", &format!("\"{amount}\""));
        let (first, made) = self.ask("/v1/charges", "charge", &body).await;
        self.until_settled().await;
        (first, self.end(&format!("/v1/charges/{}", made.json()["id"].as_str().expect("a charge"))).await)
    }

    /// A charge that is through, then its refund.
    async fn refund(&self) -> (String, String) {
        let charge = self.merchant.post("/v1/charges", "charge", CHARGE).await;
        assert_eq!(charge.json()["status"], "succeeded", "{}", charge.text());
        self.later(65).await;
        let path = format!("/v1/charges/{}/refund", charge.json()["id"].as_str().expect("an id"));
        let (first, made) = self.ask(&path, "refund", "{}").await;
        self.until_settled().await;
        (first, self.end(&format!("/v1/refunds/{}", made.json()["id"].as_str().expect("a refund"))).await)
    }

    async fn payout(&self, cancel: bool) -> (String, String) {
        if cancel {
            // Otherwise it is executed before it can be taken back.
            self.house.sandbox.with_world(|world| {
                let settings = Settings { payout_settle_seconds: None, ..world.settings().clone() };
                world.set_settings(settings).expect("settings");
            });
        }
        let (mut first, made) = self.ask("/v1/payouts", "payout", CHARGE).await;
        let path = format!("/v1/payouts/{}", made.json()["id"].as_str().expect("a payout"));
        if cancel {
            first = self.ask(&format!("{path}/cancel"), "cancel", "").await.0;
        }
        self.until_settled().await;
        (first, self.end(&path).await)
    }

    /// Sends a payee to Payoneer's page; the first answer, and the page's address.
    async fn authorize(&self) -> (String, String) {
        let (first, made) = self.ask("/v1/authorization_sessions", "session", r#"{"payee_id":"user-42"}"#).await;
        (first, made.json()["url"].as_str().expect("a link").to_owned())
    }

    /// The payee logs in on Payoneer's page and consents.
    fn consent(&self, url: &str) {
        let token = url.split("token=").nth(1).expect("a token").to_owned();
        self.house.sandbox.with_world(|world| {
            let ticket = world.log_in(&token, "existing@sandbox.example", FIRST_PASSWORD).unwrap();
            world.consent(&token, &ticket, None).unwrap();
        });
    }

    async fn payee(&self, name: &str) -> (String, String) {
        let other = CHARGE.replace("Test123", "user-42");
        match name {
            "reply_lost_after_link" => {
                let (first, url) = self.authorize().await;
                self.consent(&url);
                self.until_settled().await;
                (first, self.end("/v1/payees/user-42").await)
            }
            // The answers to a charge of somebody who has not consented, and of whom Payoneer is not sure yet.
            "forged_approval" => {
                self.authorize().await;
                self.later(10).await;
                let first = word(&self.merchant.post("/v1/charges", "charge", &other).await);
                self.later(300).await;
                (first, self.end("/v1/payees/user-42").await)
            }
            "payee_waits_for_review" => {
                let (_, url) = self.authorize().await;
                self.consent(&url);
                self.later(10).await;
                let first = word(&self.merchant.post("/v1/charges", "charge", &other).await);
                self.house.sandbox.with_world(|world| world.approve_payee("user-42")).expect("an approval");
                self.later(65).await;
                (first, self.end("/v1/payees/user-42").await)
            }
            "reply_lost_after_release" => {
                assert_eq!(self.merchant.post("/v1/payees/Test123/refresh", "", "").await.status, 200);
                let (first, _) = self.ask("/v1/payees/Test123/revoke", "", "").await;
                self.until_settled().await;
                (first, self.end("/v1/payees/Test123").await)
            }
            _ => self.charge("5").await,
        }
    }
}

async fn play(scenario: &'static Scenario) -> Row {
    let play = Play::open(scenario).await;
    let name = scenario.name;
    let about_payees = ["payee", "link", "approval", "release"].iter().any(|noun| name.contains(noun));
    let (first, end) = match name {
        _ if name.contains("payout_cancel") => play.payout(true).await,
        _ if name.contains("payout") => play.payout(false).await,
        _ if name.contains("refund") => play.refund().await,
        _ if about_payees => play.payee(name).await,
        "errors_come_as_200" => play.charge("100.01").await,
        _ => play.charge("5").await,
    };
    play.house.sandbox.settle_callbacks().await;
    let verdict = play.house.sandbox.verdict();
    assert!(verdict.clean, "{name}: {verdict}");
    assert!(!end.contains("processing"), "{name} never ends: {end}");
    assert_ne!(end, "`-`", "{name} has no status in the end");
    let warnings = match verdict.warnings {
        0 => String::new(),
        1 => ", one warning".to_owned(),
        several => format!(", {several} warnings"),
    };
    play.store.close().await;
    Row { name, first, end, verdict: format!("clean{warnings}") }
}

fn document(rows: &[Row]) -> String {
    let mut text = String::from(
        "# The gateway in every scenario\n\n\
        The real gateway, over real sockets, in each of the sandbox's scenarios (`tollgate sandbox scenarios`): what the\n\
        merchant is answered first, how it ends within three days, and what the sandbox's [verdict](verdict.md) on the\n\
        gateway is. Written and compared by a test: `cargo test -p gateway --test scenarios`. `unknown` in the end is\n\
        right where the request never took effect, which nothing can prove; then a person is told after a day. What is\n\
        given back by Payoneer long after it was confirmed is noticed only when a callback or a reader has it looked at.\n\n\
        | Scenario | What happens | First answer | How it ends | Verdict |\n|---|---|---|---|---|\n",
    );
    for Row { name, first, end, verdict } in rows {
        let happens = Scenario::named(name).expect("a scenario").happens;
        let _ = writeln!(text, "| `{name}` | {happens} | {first} | {end} | {verdict} |");
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn no_scenario_convicts_the_gateway() {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let plays: Vec<_> = Scenario::all()
        .map(|scenario| {
            let places = Arc::clone(&places);
            tokio::spawn(async move {
                let _place = places.acquire().await.expect("a place");
                play(scenario).await
            })
        })
        .collect();
    let mut rows = Vec::new();
    for play in plays {
        rows.push(play.await.expect("a scenario that ends well"));
    }
    assert!(rows.len() >= 54, "{} scenarios", rows.len());
    let printed = document(&rows);
    println!("{printed}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scenarios.md");
    if std::env::var_os("TOLLGATE_WRITE_DOCS").is_some() {
        std::fs::write(path, &printed).expect("the document");
    }
    let kept = std::fs::read_to_string(path).expect("docs/scenarios.md");
    assert_eq!(kept, printed, "run with TOLLGATE_WRITE_DOCS=1 to write it");
}
