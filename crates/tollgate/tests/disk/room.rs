//! No room: the disk fills up, and later has room again. New things are refused before anything is written.

use super::shop::{Shop, charge};
use super::support::eventually;
use super::support::line::Fault;
use serde_json::json;
use std::io::Write as _;
use std::path::Path;

/// The size of the disk: room enough to begin with.
const DISK_MIB: u32 = 160;
/// So much is left free when it is called nearly full: less than the reserve of 64 MiB, enough to settle.
const LEFT_MIB: usize = 24;
const MIB: usize = 1024 * 1024;

/// Writes so many MiB, or as many as fit.
fn fill(path: &Path, mib: usize) -> bool {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).expect("a file");
    let block = vec![1_u8; MIB / 4];
    (0..mib * 4).all(|_| file.write_all(&block).is_ok())
}

fn free_mib(at: &Path) -> usize {
    let output = std::process::Command::new("df").args(["--output=avail", "-BM"]).arg(at).output().expect("df runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = text.lines().nth(1).map(|line| line.trim().trim_end_matches('M').to_owned());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("df says {text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_nearly_full_takes_nothing_new_and_settles_what_is_under_way() {
    let Some(mut shop) = Shop::open_on_disk(DISK_MIB) else { return };
    let gateway = shop.serve();
    assert_eq!(shop.charge(&gateway, "before").await.0, 201);
    // Under way, with nobody to say what became of it until the disk is nearly full.
    shop.line.hit(&[Fault::LoseReply]);
    let (status, body) = shop.charge(&gateway, "under-way").await;
    assert_eq!((status, &body["outcome"]), (202, &json!("unknown")));
    let place = shop.database.parent().expect("a folder").to_owned();
    let filler = place.join("filler");
    assert!(fill(&filler, free_mib(&place) - LEFT_MIB));

    let (taken, sent) = (shop.taken().await, shop.line.money_requests());
    for key in ["refused-1", "refused-2"] {
        let refused = shop.merchant.ask(&gateway.url, charge(key)).await.answer.expect("an answer");
        assert_eq!((refused.0, &refused.1["code"]), (503, &json!("store_unavailable")), "{refused:?}");
        assert_eq!((&refused.1["outcome"], &refused.1["retry"]), (&json!("none"), &json!("same_key")), "{refused:?}");
    }
    let refund = shop.shown(&gateway, "before").await["id"].as_str().expect("an id").to_owned();
    let mut ask = charge("refused-3");
    ask.path = format!("/v1/charges/{refund}/refund");
    ask.body = json!({});
    let refused = shop.merchant.ask(&gateway.url, ask).await.answer.expect("an answer");
    assert_eq!((refused.0, &refused.1["outcome"]), (503, &json!("none")), "{refused:?}");
    let charges = shop.merchant.all(&gateway.url, "charges").await.expect("queries go on");
    assert_eq!(charges.len(), 2, "nothing was written: {charges:?}");
    assert_eq!((shop.taken().await, shop.line.money_requests()), (taken, sent), "nothing was sent");

    // The look at what was under way is answered and recorded.
    eventually("what was under way settles", || async {
        (shop.shown(&gateway, "under-way").await["status"] == "succeeded").then_some(())
    })
    .await;
    std::fs::remove_file(&filler).expect("room again");
    let (status, body) = shop.charge(&gateway, "refused-1").await;
    assert_eq!((status, &body["status"]), (201, &json!("succeeded")), "{body}");
    let asked = vec![charge("refused-2")];
    println!("{}", shop.compare(&gateway, asked, "nearly full").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_to_the_last_byte_loses_nothing() {
    let Some(mut shop) = Shop::open_on_disk(DISK_MIB) else { return };
    let mut gateway = shop.serve();
    shop.line.hit(&[Fault::Pass, Fault::LoseReply, Fault::Pass, Fault::Hang]);
    let crowd = shop.merchant.crowd(&gateway.url, "filling");
    let place = shop.database.parent().expect("a folder").to_owned();
    let filler = place.join("filler");
    assert!(!fill(&filler, DISK_MIB as usize), "the disk is larger than it is");
    let mut asked = Vec::new();
    for merchant in crowd {
        asked.extend(merchant.await.expect("a merchant"));
    }
    let refused = shop.merchant.ask(&gateway.url, charge("full")).await.answer.expect("an answer");
    assert_eq!((refused.0, &refused.1["outcome"]), (503, &json!("none")), "{refused:?}");
    assert!(shop.merchant.all(&gateway.url, "charges").await.is_some(), "queries go on");
    assert!(!gateway.has_ended(), "a full disk is not the end");
    // It may also be restarted while there is no room at all: what is there can be read.
    gateway.kill();
    std::fs::remove_file(&filler).expect("room again");
    let gateway = shop.serve();
    asked.push(charge("full"));
    println!("{}", shop.compare(&gateway, asked, "full").await);
}
