//! A client with one planted bug, run under chaos: what is left of all its faults is the one that shows the bug.

use std::time::Duration;

use sandbox::faults::{Cut, Kind};
use sandbox::shrink::{Shrunk, Told, shrink};
use sandbox::verdict;
use sandbox::{Options, Sandbox};
use serde_json::json;

/// Orders of different amounts, each charged once and asked about until it is known.
struct Shop<'a> {
    sandbox: &'a Sandbox,
    http: reqwest::Client,
    /// What it does with a reply that breaks off: it charges again under a new reference.
    is_wrong: bool,
    /// Whether its references are new in every run.
    salt: String,
}

impl Shop<'_> {
    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/v2/programs/100012345/{path}", self.sandbox.url());
        self.http.request(method, url).basic_auth("demo", Some("demo-api-password"))
    }

    /// Whether the reply broke off in the middle.
    async fn charge(&self, reference: &str, cents: u32) -> Option<bool> {
        let body = json!({
            "payee_id": "Test123", "amount": format!("0.{cents:02}"), "currency": "USD",
            "client_reference_id": reference, "description": "order",
        });
        let sent = self.request(reqwest::Method::POST, "charges").body(body.to_string()).send().await;
        let text = sent.ok()?.text().await;
        match text {
            Err(_) => Some(true),
            Ok(text) => serde_json::from_str::<serde_json::Value>(&text).ok()?.get("audit_id").map(|_| false),
        }
    }

    async fn order(&self, number: u32) {
        let reference = format!("order{}-{number}", self.salt);
        match self.charge(&reference, number + 1).await {
            Some(false) => return,
            Some(true) if self.is_wrong => {
                self.charge(&format!("{reference}-again"), number + 1).await;
            }
            _ => {}
        }
        for _ in 0..8 {
            let asked = self.request(reqwest::Method::GET, &format!("charges/{reference}/status")).send().await;
            let Ok(text) = (match asked {
                Ok(answer) => answer.text().await,
                Err(error) => Err(error),
            }) else {
                continue;
            };
            if text.contains("\"status\"") {
                return;
            }
        }
    }
}

async fn run(sandbox: &Sandbox, is_wrong: bool, salt: String) -> bool {
    let http = reqwest::Client::builder()
        .tls_certs_only([])
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_millis(400))
        .build()
        .unwrap();
    let shop = Shop { sandbox, http, is_wrong, salt };
    for number in 0..30 {
        shop.order(number).await;
    }
    // It never notices anything itself: the verdict does.
    false
}

fn options() -> Options {
    Options { chaos: Some("hostile".to_owned()), seed: Some(21), ..crate::support::options() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planted_bug_is_shown_by_the_one_fault_that_it_needs() {
    let shrunk = shrink(options(), async |sandbox: &Sandbox| run(sandbox, true, String::new()).await).await.unwrap();
    let Shrunk::Smallest(smallest) = shrunk else { panic!("{shrunk:?}") };
    assert!(smallest.fired > 10, "there was much to leave off: {}", smallest.fired);
    let faults: Vec<_> = smallest.script.iter().map(|f| (f.operation.as_str(), f.fault.cut, f.fault.kind)).collect();
    assert_eq!(faults, [("create_charge", Cut::MidReply, Kind::Truncated)]);
    assert_eq!((smallest.told, smallest.unfinished), (Told::BySubject, false));
    assert!(smallest.verdict.kinds().contains(&verdict::Kind::PaidTwice), "{}", smallest.verdict);
    assert!(smallest.runs < 60, "{} runs", smallest.runs);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_with_new_references_in_every_run_is_followed_by_the_order_of_its_calls() {
    let mut runs = 0;
    let shrunk = shrink(options(), async |sandbox: &Sandbox| {
        runs += 1;
        run(sandbox, true, format!("-{runs}")).await
    });
    let shrunk = shrunk.await.unwrap();
    // Chaos goes by references, so that this run need not meet the fault; when it does, it is found by order.
    match shrunk {
        Shrunk::Smallest(smallest) => {
            assert_eq!(smallest.told, Told::ByOrder);
            assert!(smallest.script.iter().any(|f| f.fault.kind == Kind::Truncated), "{:?}", smallest.script);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_the_bug_has_nothing_to_shrink_and_one_that_always_fails_needs_no_fault() {
    let fine = shrink(options(), async |sandbox: &Sandbox| run(sandbox, false, String::new()).await).await.unwrap();
    assert!(matches!(fine, Shrunk::Fine), "{fine:?}");
    let always = shrink(options(), async |_: &Sandbox| true).await.unwrap();
    let Shrunk::Smallest(smallest) = always else { panic!("{always:?}") };
    assert_eq!((smallest.script.len(), smallest.fired), (0, 0));
}
