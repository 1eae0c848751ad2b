//! What the real schema refuses whatever the code does: what operators said and the audit log never change.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

use store::{Batch, Fault, Options, Store, Write, args};

const PROGRAM: &str = "insert into program (id, name, program_id, environment, dialect, username, sealed, \
    callback_token, version, created_at, updated_at) values ('prg_1', 'Shop', '1', 'sandbox', 'v2', 'u', $1, 't', 1, \
    0, 0)";
const ATTEMPT: &str = "insert into attempt (id, program, subject, kind, number, reference, body, state, epoch, owner, \
    deadline, sent_at, looks, resends) values ('at_1', 'prg_1', 'ch_1', 'charge', 1, 'r', $1, 'unknown', 1, 'o', 0, 0, \
    0, 0)";
const PROPOSE: &str = "insert into settlement (id, program, attempt, subject, verdict, state, proposed_by, \
    proposed_origin, reason, evidence, proposed_at) values ($1, 'prg_1', 'at_1', 'ch_1', 'failed', 'proposed', 'key_1', \
    'key_1', 'r', 'e', 0)";
const SETTLE: &str = "update settlement set state = 'settled', closed_at = 1 where id = $1";
const BY_OPERATOR: &str = "update attempt set state = 'declined', evidence = 'operator', settled_at = 1 where id = $1";
const AUDIT: &str =
    "insert into audit (id, program, actor, action, subject, at) values ('aud_1', null, 'console:a', 'a', 's', 0)";

async fn write(store: &Store, sql: &'static str, args: Vec<store::Value>) -> Result<(), Fault> {
    store.commit(Batch::new().with(Write::one(sql, args))).await
}

async fn refused(store: &Store, sql: &'static str, args: Vec<store::Value>) {
    let fault = write(store, sql, args).await.unwrap_err();
    assert!(matches!(fault, Fault::Refused(_) | Fault::Duplicate(_)), "{sql}: {fault}");
}

#[tokio::test]
async fn an_attempt_is_settled_by_operators_only_where_their_words_are_written_down_and_stay() {
    let store = Store::open(&Options::memory()).unwrap();
    write(&store, PROGRAM, args![vec![0_u8]]).await.unwrap();
    write(&store, ATTEMPT, args![vec![0_u8]]).await.unwrap();
    refused(&store, BY_OPERATOR, args!["at_1"]).await;
    write(&store, PROPOSE, args!["stl_1"]).await.unwrap();
    refused(&store, BY_OPERATOR, args!["at_1"]).await;
    refused(&store, PROPOSE, args!["stl_2"]).await;
    refused(&store, "update settlement set verdict = 'succeeded' where id = $1", args!["stl_1"]).await;
    refused(&store, "update settlement set evidence = 'other' where id = $1", args!["stl_1"]).await;
    write(&store, SETTLE, args!["stl_1"]).await.unwrap();
    write(&store, BY_OPERATOR, args!["at_1"]).await.unwrap();
    refused(&store, "update settlement set answer_evidence = 'x' where id = $1", args!["stl_1"]).await;
    refused(&store, "delete from settlement where id = $1", args!["stl_1"]).await;
}

#[tokio::test]
async fn the_audit_log_only_grows() {
    let store = Store::open(&Options::memory()).unwrap();
    write(&store, AUDIT, args![]).await.unwrap();
    refused(&store, "update audit set actor = $1", args!["nobody"]).await;
    refused(&store, "delete from audit where id = $1", args!["aud_1"]).await;
    refused(&store, AUDIT, args![]).await;
}
