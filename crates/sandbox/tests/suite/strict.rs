//! A strict sandbox does not guess: what is merely inferred or invented is refused, by name, and has no effect.

use sandbox::provenance::TABLE;
use sandbox::world::{Review, Settings};
use sandbox::{Options, Sandbox};

use crate::support::{Answer, control, options, payment, register, v2};

async fn strict() -> Sandbox {
    let settings = Settings { strict: true, ..Settings::default() };
    Sandbox::start(Options { settings, ..options() }).await.unwrap()
}

/// The hint of a refusal, which must be one.
fn refused(answer: &Answer) -> String {
    assert_eq!((answer.verdict(), answer.fidelity()), ((501, 501), "invented; strict"), "{}", answer.text);
    answer.json()["hint"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_known_is_answered_and_what_is_guessed_is_refused_by_name() {
    let sandbox = strict().await;
    for path in ["echo", "balance", "payees/Test123/status"] {
        assert_eq!(v2(&sandbox, "GET", path, "").await.verdict(), (200, 0), "{path}");
    }
    assert_eq!(v2(&sandbox, "GET", "payees/nobody/status", "").await.verdict(), (404, 10005));
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", "r")).await.verdict(), (200, 0));

    let again = v2(&sandbox, "POST", "charges", &payment("Test123", "1", "r")).await;
    assert_eq!(
        refused(&again),
        "charge-duplicate is inferred, not known: A reference used by an accepted charge: 400, code 10704, for as long as \
         reference_memory_seconds says. It rests on: code from a published client, status presumed; for how long and in \
         which case is unknown"
    );
    for (method, path, body, key) in [
        ("POST", "charges", payment("nobody", "1", "n"), "charge-not-authorised is inferred"),
        ("POST", "charges", payment("Test123", "500", "n"), "charge-short is inferred"),
        ("GET", "charges/none/status", String::new(), "charge-absent is invented"),
        ("GET", "nonsense", String::new(), "path-unknown is invented"),
        ("POST", "charges", "[]".to_owned(), "body-unreadable is invented"),
    ] {
        let hint = refused(&v2(&sandbox, method, path, &body).await);
        assert!(hint.starts_with(key), "{hint}");
    }
}

#[tokio::test]
async fn what_is_refused_has_not_happened() {
    let sandbox = strict().await;
    register(&sandbox, "p", Review::Approve);
    let before = sandbox.with_world(|w| (w.payees().count(), w.charges().count(), w.journal().entries().len()));
    let hint = refused(&v2(&sandbox, "DELETE", "payees/p", "").await);
    assert!(hint.starts_with("payee-release is inferred"), "{hint}");
    assert_eq!(v2(&sandbox, "GET", "payees/p/status", "").await.json()["status"], "ACTIVE");
    // Free again after a cancel: invented, and so not taken.
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", "r")).await.verdict(), (200, 0));
    assert_eq!(v2(&sandbox, "POST", "charges/r/cancel", "").await.verdict(), (200, 0));
    let hint = refused(&v2(&sandbox, "POST", "charges", &payment("Test123", "1", "r")).await);
    assert!(hint.starts_with("charge-reference-free is invented"), "{hint}");
    let after = sandbox.with_world(|w| (w.payees().count(), w.charges().count(), w.journal().entries().len()));
    assert_eq!(after, (before.0, before.1 + 1, before.2 + 2));

    control(&sandbox, "PATCH", "settings", r#"{"strict":false}"#).await;
    assert_eq!(v2(&sandbox, "DELETE", "payees/p", "").await.verdict(), (200, 0));
}

#[test]
fn there_is_something_of_each_kind() {
    let known = TABLE.iter().filter(|row| row.fidelity.is_known()).count();
    assert!(known > 20 && TABLE.len() - known > 20, "{known} of {}", TABLE.len());
}
