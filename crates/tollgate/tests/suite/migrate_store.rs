//! `tollgate migrate-store`: a gateway that has worked on a file goes on in PostgreSQL, with everything it knew.

use serde_json::{Value, json};

use crate::run;
use crate::support::{House, json as printed, tollgate};

async fn post_charge(url: &str, key: &str, name: &str) -> (u16, Value) {
    let body = json!({"payee_id": "Test123", "amount": "0.50", "currency": "USD", "description": "Moving"});
    let answer = reqwest::Client::new()
        .post(format!("{url}/v1/charges"))
        .bearer_auth(key)
        .header("idempotency-key", name)
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_moves_to_postgresql_with_everything_it_knew() {
    let house = tokio::task::block_in_place(|| House::build(None));
    let cluster = cluster::shared();
    let to = cluster.fresh();
    let folder = house.folder.path();
    let migrate = ["migrate-store", "--from", "tollgate.db", "--to", &to];
    let gateway = house.serve();
    let (status, charge) = post_charge(&gateway.url, &house.key, "before").await;
    assert_eq!((status, &charge["status"]), (201, &json!("succeeded")));
    let early = run(tollgate(folder).args(migrate));
    assert_eq!(early.code, Some(4), "{}", early.err);
    assert!(early.err.contains("another tollgate is using the database"), "{}", early.err);
    assert!(gateway.stop().success());

    let moved = printed(tollgate(folder).arg("--json").args(migrate));
    let rows = |name: &str| {
        let tables = moved["tables"].as_array().expect("tables");
        tables.iter().find(|table| table["table"] == name).expect("the table")["rows"].as_u64().expect("a number")
    };
    assert_eq!((rows("program"), rows("charge"), rows("attempt"), rows("api_key")), (1, 1, 1, 1));
    let twice = run(tollgate(folder).args(migrate));
    assert_eq!(twice.code, Some(2), "{}", twice.err);
    assert!(twice.err.contains("is not empty"), "{}", twice.err);
    let nonsense =
        run(tollgate(folder).args(["migrate-store", "--from", "tollgate.db", "--to", "mysql://u:secret@h/d"]));
    assert!(nonsense.code == Some(2) && !nonsense.err.contains("secret"), "{}", nonsense.err);

    std::fs::write(folder.join("tollgate.toml"), format!("database = \"{to}\"\n")).expect("a configuration");
    let gateway = house.node("moved");
    let (status, again) = post_charge(&gateway.url, &house.key, "before").await;
    assert_eq!((status, &again["id"]), (200, &charge["id"]), "the same request is the same charge");
    let (status, next) = post_charge(&gateway.url, &house.key, "after").await;
    assert_eq!((status, &next["status"]), (201, &json!("succeeded")));
    let verdict = house.control("verdict").await;
    assert_eq!(verdict["clean"], true, "{verdict:#}");
}
