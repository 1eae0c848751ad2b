//! What must be true after every crash, asked of both sides through their public APIs.
//! Nothing here looks into a database or a log.

use super::load::{Ask, Merchant};
use super::support::{House, Running};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often both sides are asked, a quarter of a second apart, until all is settled: what a hostile Payoneer takes a
/// minute late is found by the look at the age of two minutes.
const LOOKS: u32 = 720;

/// Every key that was ever used, with what is known of it.
#[derive(Debug, Default)]
pub(crate) struct Asked(BTreeMap<String, Known>);

#[derive(Debug)]
struct Known {
    path: String,
    amount: Option<String>,
    id: Option<String>,
    succeeded: bool,
}

impl Asked {
    /// Adds answers; one key must never have two ids, and a key is never refused for what it is.
    pub(crate) fn note(&mut self, asks: impl Iterator<Item = Ask>, name: &str) {
        for ask in asks {
            let amount = ask.body["amount"].as_str().map(str::to_owned);
            let fresh = || Known { path: ask.path.clone(), amount, id: None, succeeded: false };
            let known = self.0.entry(ask.key.clone()).or_insert_with(fresh);
            let Some((status, body)) = ask.answer else { continue };
            // In use, a refund that exists, busy, or nobody at Payoneer's: all may be asked again.
            assert!(status < 300 || [409, 502, 503].contains(&status), "{name}: {}: {status} {body}", ask.key);
            if status < 300 {
                let id = body["id"].as_str().expect("an id").to_owned();
                let first = known.id.get_or_insert_with(|| id.clone());
                assert_eq!(*first, id, "{name}: two resources under the key {}", ask.key);
                known.succeeded |= body["status"] == "succeeded";
            }
        }
    }
}

/// Both sides at one moment, by reference or id.
pub(crate) struct Truth {
    charges: BTreeMap<String, Value>,
    refunds: Vec<Value>,
    payouts: BTreeMap<String, Value>,
    taken: BTreeMap<String, Value>,
    paid: BTreeMap<String, Value>,
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// By that field, each once.
fn by(rows: Vec<Value>, field: &str) -> BTreeMap<String, Value> {
    let count = rows.len();
    let map: BTreeMap<String, Value> = rows.into_iter().map(|row| (text(&row, field).to_owned(), row)).collect();
    assert_eq!(map.len(), count, "one {field} twice");
    map
}

impl Truth {
    async fn look(house: &House, merchant: &Merchant, gateway: &Running) -> Option<Self> {
        let theirs = async |kind: &str| {
            let list = house.control(&format!("{kind}?limit=1000")).await;
            assert!(list["next"].is_null(), "more {kind} than one page holds");
            let mut rows = list["data"].as_array().expect("a list").clone();
            for row in &mut rows {
                row["status"] = Value::from(text(row, "status").to_ascii_lowercase());
            }
            by(rows, "client_reference_id")
        };
        // Ours last: what is there by then at Payoneer's, we may know already; the other way round would look like a loss.
        let (taken, paid) = (theirs("charges").await, theirs("payouts").await);
        Some(Self {
            charges: by(merchant.all(&gateway.url, "charges").await?, "reference"),
            refunds: merchant.all(&gateway.url, "refunds").await?,
            payouts: by(merchant.all(&gateway.url, "payouts").await?, "reference"),
            taken,
            paid,
        })
    }

    /// What is still under way, or unknown although Payoneer shows what became of it.
    fn open(&self) -> Vec<String> {
        let mut open = Vec::new();
        let mut add = |row: &Value, shown: bool| {
            let status = text(row, "status");
            if status == "processing" || (status == "unknown" && shown) {
                open.push(format!("{} is {status}, shown at Payoneer: {shown}", text(row, "id")));
            }
        };
        for (reference, charge) in &self.charges {
            add(charge, self.taken.contains_key(reference));
        }
        for (reference, payout) in &self.payouts {
            add(payout, self.paid.contains_key(reference));
        }
        for refund in &self.refunds {
            let back = self.charge_there(refund).is_some_and(|there| text(there, "status") == "refunded");
            add(refund, back);
        }
        open
    }

    /// What Payoneer shows of a refund's charge.
    fn charge_there(&self, refund: &Value) -> Option<&Value> {
        let charge = self.charges.values().find(|charge| charge["id"] == refund["charge"])?;
        self.taken.get(text(charge, "reference"))
    }
}

/// Waits until nothing is under way that could be known; bounded.
pub(crate) async fn settled(house: &House, merchant: &Merchant, gateway: &Running, name: &str) -> Truth {
    let mut open = Vec::new();
    for _ in 0..LOOKS {
        if let Some(truth) = Truth::look(house, merchant, gateway).await {
            open = truth.open();
            if open.is_empty() {
                return truth;
            }
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("{name}: it never settled: {open:#?}");
}

/// Compares both sides and what merchants were told. Answers a summary.
pub(crate) fn compare(truth: &Truth, asked: &Asked, name: &str) -> String {
    let mut unknown = 0;
    for (reference, charge) in &truth.charges {
        let there = truth.taken.get(reference);
        let shown = there.map_or("nothing", |there| text(there, "status"));
        match text(charge, "status") {
            "succeeded" => assert!(["pending", "transferred"].contains(&shown), "{name}: {shown}: {charge}"),
            "refunded" => assert_eq!(shown, "refunded", "{name}: {charge}"),
            "refund_pending" => assert_ne!(shown, "nothing", "{name}: {charge}"),
            "failed" | "created" | "canceled" => assert_eq!(shown, "nothing", "{name}: {charge}"),
            "unknown" => {
                unknown += 1;
                assert_eq!(shown, "nothing", "{name}: {charge}");
            }
            other => panic!("{name}: {other}: {charge}"),
        }
        same(charge, there, name);
    }
    for (reference, payout) in &truth.payouts {
        let there = truth.paid.get(reference);
        let is_taken = ["pending", "paid"].contains(&text(payout, "status"));
        assert_eq!(is_taken, there.is_some(), "{name}: {payout}");
        unknown += u64::from(payout["status"] == "unknown");
        same(payout, there, name);
    }
    for refund in &truth.refunds {
        let back = truth.charge_there(refund).is_some_and(|there| text(there, "status") == "refunded");
        if text(refund, "status") != "failed" {
            assert_eq!(text(refund, "status") == "succeeded", back, "{name}: {refund}");
        }
        unknown += u64::from(refund["status"] == "unknown");
    }
    for (kind, there, here) in [("charge", &truth.taken, &truth.charges), ("payout", &truth.paid, &truth.payouts)] {
        let strange: Vec<_> = there.keys().filter(|reference| !here.contains_key(*reference)).collect();
        assert!(strange.is_empty(), "{name}: Payoneer has a {kind} that the gateway does not know: {strange:?}");
    }
    answers(truth, asked, name);
    let (charges, payouts) = (truth.charges.len(), truth.payouts.len());
    format!("{charges} charges, {} refunds, {payouts} payouts, {unknown} unknown", truth.refunds.len())
}

/// The same payee and the same amount on both sides.
fn same(ours: &Value, theirs: Option<&Value>, name: &str) {
    if let Some(theirs) = theirs {
        for field in ["amount", "currency", "payee_id"] {
            assert_eq!(ours[field], theirs[field], "{name}: {field} of {ours}");
        }
    }
}

/// Each key has one resource at most, with the amount that was asked; what was answered is still there and still true.
fn answers(truth: &Truth, asked: &Asked, name: &str) {
    let rows = truth.charges.values().chain(truth.payouts.values()).chain(&truth.refunds);
    let mut keys = BTreeSet::new();
    for row in rows {
        let key = text(row, "idempotency_key");
        assert!(keys.insert(key), "{name}: two resources under the key {key}");
        let known = asked.0.get(key).unwrap_or_else(|| panic!("{name}: nobody asked for {row}"));
        if let Some(amount) = &known.amount {
            assert_eq!(text(row, "amount"), amount, "{name}: {row}");
        }
        assert!(known.id.as_deref().is_none_or(|id| id == text(row, "id")), "{name}: {known:?}: {row}");
        let stands = ["succeeded", "refund_pending", "refunded"].contains(&text(row, "status"));
        assert!(!known.succeeded || stands, "{name}: {} was said to have succeeded: {row}", known.path);
    }
    for (key, known) in &asked.0 {
        assert!(known.id.is_none() || keys.contains(key.as_str()), "{name}: {key} was answered and is gone: {known:?}");
    }
}

/// The sandbox's own judgement of its client. It is told of no intents, so two payments of the same amount look to it like
/// one that was made twice; that they have two keys and two references is what [`compare`] shows. That nobody has asked
/// about a payment yet is only a question of when.
pub(crate) async fn verdict(house: &House, name: &str) {
    let mut violation = None;
    for _ in 0..LOOKS {
        let verdict = house.control("verdict").await;
        let findings = verdict["findings"].as_array().expect("a list");
        let look_alike =
            |finding: &Value| finding["references"].as_array().is_some_and(|references| references.len() > 1);
        violation = findings.iter().find(|finding| finding["level"] == "violation" && !look_alike(finding)).cloned();
        if violation.is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("{name}: {violation:?}");
}
