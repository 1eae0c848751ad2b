//! A database that may not be written, is cut short, or holds other bytes than were written.

use super::shop::{Shop, charge};
use serde_json::json;
use std::path::{Path, PathBuf};

fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// A gateway that has charged and ended in order, so that everything is in the one file.
async fn with_three_charges(shop: &mut Shop) {
    let gateway = shop.serve();
    for key in ["one", "two", "three"] {
        assert_eq!(shop.charge(&gateway, key).await.0, 201);
    }
    assert!(tokio::task::block_in_place(|| gateway.stop()).success());
}

/// After the cause is gone: the three charges are there, and their keys are known.
async fn all_is_there(shop: &mut Shop, name: &str) {
    let gateway = shop.serve();
    assert_eq!(shop.readiness(&gateway).await.1["status"], "ready");
    let asked = ["one", "two", "three"].map(charge).to_vec();
    let told = shop.compare(&gateway, asked, name).await;
    assert_eq!(shop.taken().await, 3, "{name}: {told}");
    gateway.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_may_not_be_written_is_refused_and_harmless() {
    let Some(mut shop) = Shop::open_on_disk(96) else { return };
    with_three_charges(&mut shop).await;
    shop.disk.as_ref().expect("a disk").remount("ro");
    shop.refuses_to_start("cannot use");
    shop.disk.as_ref().expect("a disk").remount("rw");
    all_is_there(&mut shop, "read-only").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_refused_and_the_copy_put_back_is_whole() {
    let mut shop = Shop::open();
    with_three_charges(&mut shop).await;
    let whole = std::fs::read(&shop.database).expect("a database");
    let page = 4_096;
    assert!(whole.len() > 20 * page, "{} bytes", whole.len());

    std::fs::write(&shop.database, &whole[..whole.len() / 2]).expect("cut");
    shop.refuses_to_start("is damaged");
    std::fs::write(&shop.database, &whole[..whole.len() - 100]).expect("cut");
    shop.refuses_to_start("is damaged");
    // Other bytes in a whole page in the middle, then in the head of the file.
    let mut changed = whole.clone();
    let at = whole.len() / page / 2 * page;
    changed[at..at + page].fill(0x5a);
    std::fs::write(&shop.database, &changed).expect("changed");
    shop.refuses_to_start("is damaged");
    changed[..100].fill(0x5a);
    std::fs::write(&shop.database, &changed).expect("changed");
    shop.refuses_to_start("not a tollgate database");

    std::fs::write(&shop.database, &whole).expect("put back");
    all_is_there(&mut shop, "damaged").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_log_takes_the_database_back_in_time_and_nothing_is_sent() {
    let mut shop = Shop::open();
    let gateway = shop.serve();
    for key in ["one", "two", "three"] {
        assert_eq!(shop.charge(&gateway, key).await.0, 201);
    }
    gateway.kill();
    // What was committed last is in the log only, and SQLite reads a log up to the first frame that is not whole.
    let log = beside(&shop.database, "-wal");
    let (database, whole) = (std::fs::read(&shop.database).expect("a database"), std::fs::read(&log).expect("a log"));
    let mut changed = whole.clone();
    let at = whole.len() / 2;
    changed[at..at + 64].fill(0x5a);
    std::fs::write(&log, &changed).expect("changed");
    let _ = std::fs::remove_file(beside(&shop.database, "-shm"));

    let (taken, sent) = (shop.taken().await, shop.line.money_requests());
    let gateway = shop.serve();
    assert_eq!(shop.readiness(&gateway).await.1["status"], "quarantined");
    for key in ["one", "three", "four"] {
        let (status, body) = shop.merchant.ask(&gateway.url, charge(key)).await.answer.expect("an answer");
        let replayed = status == 200;
        assert!(replayed || (status == 503 && body["code"] == "quarantined"), "{key}: {status} {body}");
    }
    assert_eq!((shop.taken().await, shop.line.money_requests()), (taken, sent), "nothing was sent");
    gateway.kill();

    // The right files are put back: nothing needs to be left, for they still agree with the head file.
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(beside(&shop.database, end));
    }
    std::fs::write(&shop.database, &database).expect("put back");
    std::fs::write(&log, &whole).expect("put back");
    all_is_there(&mut shop, "damaged log").await;
    let gateway = shop.serve();
    assert_eq!(shop.charge(&gateway, "four").await.1["status"], json!("succeeded"));
}
