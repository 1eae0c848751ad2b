//! `tollgate sandbox --verdict`: a real client, a real process, its file and its exit code.

use serde_json::json;

use crate::run;
use crate::support::{Running, tollgate};

fn sandbox(folder: &std::path::Path, file: &str) -> Running {
    Running::start(folder, "sandbox", &["sandbox", "--listen", "127.0.0.1:0", "--seed", "7", "--verdict", file])
}

async fn says(world: &str, says: &str) {
    let intent = json!({
        "intent": "order-1", "kind": "charge", "payee_id": "Test123", "amount": "1.20", "currency": "USD",
        "reference": "test_88", "says": says,
    });
    let request = reqwest::Client::new().post(format!("{world}/_sandbox/intents")).body(intent.to_string());
    assert_eq!(request.send().await.expect("an answer").status(), 200);
}

async fn charge(world: &str) {
    let body = json!({
        "payee_id": "Test123", "amount": "1.20", "currency": "USD", "client_reference_id": "test_88", "description": "x",
    });
    let url = format!("{world}/v2/programs/100012345/charges");
    let request = reqwest::Client::new().post(url).basic_auth("demo", Some("demo-api-password"));
    let request = request.header("content-type", "application/json").body(body.to_string());
    assert_eq!(request.send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_client_that_lies_makes_the_sandbox_exit_with_5() {
    let folder = tempfile::tempdir().expect("a folder");
    let sandbox = sandbox(folder.path(), "verdict.xml");
    charge(&sandbox.url).await;
    says(&sandbox.url, "failed").await;
    let log = sandbox.log.clone();
    assert_eq!(sandbox.stop().code(), Some(5));
    let written = std::fs::read_to_string(folder.path().join("verdict.xml")).expect("the verdict");
    assert!(written.contains("<failure type=\"client_says_failed_but_paid\""), "{written}");
    let said = std::fs::read_to_string(log).expect("a log");
    assert!(said.contains("violation client_says_failed_but_paid [order-1, test_88]"), "{said}");
}

#[tokio::test]
async fn a_client_that_tells_the_truth_makes_it_exit_with_0() {
    let folder = tempfile::tempdir().expect("a folder");
    let sandbox = sandbox(folder.path(), "verdict.json");
    charge(&sandbox.url).await;
    says(&sandbox.url, "succeeded").await;
    assert_eq!(sandbox.stop().code(), Some(0));
    let written = std::fs::read_to_string(folder.path().join("verdict.json")).expect("the verdict");
    let verdict: serde_json::Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!((&verdict["clean"], &verdict["exchanges"], &verdict["seed"]), (&json!(true), &json!(1), &json!(7)));
}

#[tokio::test]
async fn a_sin_in_a_namespace_counts_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let sandbox = sandbox(folder.path(), "verdict.json");
    charge(&sandbox.url).await;
    let namespace = format!("{}/ns/test-1", sandbox.url);
    charge(&namespace).await;
    says(&namespace, "failed").await;
    let log = sandbox.log.clone();
    assert_eq!(sandbox.stop().code(), Some(5));
    let written = std::fs::read_to_string(folder.path().join("verdict.json")).expect("the verdict");
    let verdict: serde_json::Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!((&verdict["clean"], &verdict["exchanges"]), (&json!(true), &json!(1)), "the file is of its own world");
    let said = std::fs::read_to_string(log).expect("a log");
    assert!(said.contains("namespace test-1: the verdict: 1 violations"), "{said}");
}

#[test]
fn a_file_that_cannot_be_written_is_known_before_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["verdict.txt", "verdict", "nowhere/verdict.json"] {
        let args = ["sandbox", "--listen", "127.0.0.1:0", "--verdict", file];
        let ended = run(tollgate(folder.path()).args(args));
        assert_eq!(ended.code, Some(2), "{file}: {}", ended.err);
        assert!(ended.err.contains(file), "{}", ended.err);
    }
}
