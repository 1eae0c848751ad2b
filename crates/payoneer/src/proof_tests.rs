//! Tests of the classifier, row by row, and its properties over arbitrary bytes.
//! The faults themselves, over real sockets, are under `tests/`.

use proptest::prelude::*;

use super::*;

fn expected() -> Expected {
    Expected {
        reference: "ref-1".to_owned(),
        payee_id: Some("payee-1".to_owned()),
        amount: "1.20".parse().ok(),
        currency: Some("USD".to_owned()),
    }
}

fn envelope(code: i64, more: &str) -> String {
    format!(r#"{{"audit_id":2166201939,"code":{code},"description":"words"{more}}}"#)
}

fn proof(call: Call, status: u16, body: &str) -> Proof {
    classify(call, Ok(&Reply::json(status, body.to_owned())), &expected())
}

fn doubt(call: Call, status: u16, body: &str) -> String {
    match proof(call, status, body) {
        Proof::Unknown(doubt) => doubt.name().to_owned(),
        other => panic!("{call:?} {status} {body}: {other:?}"),
    }
}

#[test]
fn row_1_and_2_faults() {
    for call in Call::ALL {
        for cause in [
            Cause::NameResolution,
            Cause::ConnectRefused,
            Cause::ConnectTimeout,
            Cause::ConnectFailed,
            Cause::TlsHandshake,
        ] {
            assert_eq!(classify(call, Err(Fault::NotConnected(cause)), &expected()), Proof::NeverSent(cause));
        }
        for fault in [Fault::Interrupted, Fault::Deadline, Fault::Truncated, Fault::TooLarge] {
            assert_eq!(classify(call, Err(fault), &expected()), Proof::Unknown(Doubt::Transport(fault)));
        }
    }
}

#[test]
fn rows_3_to_6_statuses_decide_before_bodies() {
    for call in Call::ALL {
        for body in [envelope(0, ""), envelope(10005, ""), envelope(10704, "")] {
            for (statuses, name) in [
                (&[300_u16, 301, 302, 303, 307, 308, 399][..], "redirect"),
                (&[429], "rate_limited"),
                (&[500, 501, 502, 503, 504, 599], "server_error"),
                (&[100, 101, 199, 201, 202, 204, 206, 299, 408, 425, 600, 999, 0], "unexpected_status"),
            ] {
                for status in statuses {
                    assert_eq!(doubt(call, *status, &body), name, "{status}");
                }
            }
        }
    }
}

#[test]
fn row_7_and_15_wrong_credentials() {
    for call in Call::ALL {
        for body in ["", "{}", "<html>", r#"{"code":1,"description":"no audit id"}"#] {
            assert_eq!(doubt(call, 401, body), "unauthorized");
        }
        let html = Reply { content_type: Some("text/html".to_owned()), ..Reply::json(401, envelope(1, "")) };
        assert_eq!(classify(call, Ok(&html), &expected()), Proof::Unknown(Doubt::Unauthorized));
        assert!(
            matches!(proof(call, 401, &envelope(1, "")), Proof::Declined(problem) if problem.code == Code::Unknown(1))
        );
        assert_eq!(doubt(call, 401, &envelope(0, "")), "unexpected_status");
        assert_eq!(doubt(call, 401, &envelope(10704, "")), "duplicate_reference");
    }
}

#[test]
fn row_8_content_types() {
    let done = envelope(0, "");
    for (content_type, good) in [
        (Some("application/json"), true),
        (Some("Application/JSON; charset=utf-8"), true),
        (Some("text/json"), true),
        (Some("application/problem+json"), true),
        (Some("text/html"), false),
        (Some("application/jsonp"), false),
        (Some("text/plain;application/json"), false),
        (Some(""), false),
        (None, false),
    ] {
        let reply = Reply { content_type: content_type.map(str::to_owned), ..Reply::json(200, done.clone()) };
        let proof = classify(Call::CreateCharge, Ok(&reply), &expected());
        assert_eq!(matches!(proof, Proof::Done(_)), good, "{content_type:?}");
        assert_eq!(matches!(proof, Proof::Unknown(Doubt::ContentType)), !good, "{content_type:?}");
    }
}

#[test]
fn row_9_bodies_that_are_no_envelope() {
    for call in Call::ALL {
        for status in [200, 400, 403, 404] {
            for body in [
                "",
                "{}",
                "null",
                "[0]",
                "<html></html>",
                r#"{"code":0}"#,
                r#"{"code":10005,"description":"x"}"#,
                r#"{"audit_id":1,"code":0,"description":"Success""#,
            ] {
                assert_eq!(doubt(call, status, body), "no_envelope", "{status} {body}");
            }
        }
    }
}

#[test]
fn row_10_duplicates_are_never_declined() {
    for call in Call::ALL {
        for status in [200, 400, 404, 409] {
            for code in [10304, 10704] {
                assert_eq!(doubt(call, status, &envelope(code, "")), "duplicate_reference");
            }
        }
    }
}

#[test]
fn rows_11_and_13_success_needs_200() {
    for call in Call::ALL {
        let Proof::Done(receipt) = proof(call, 200, &envelope(0, "")) else { panic!("{call:?}") };
        assert_eq!((receipt.audit_id, receipt.payout_id, receipt.status), (2_166_201_939, None, None));
        for status in [400, 403, 404] {
            assert_eq!(doubt(call, status, &envelope(0, "")), "unexpected_status");
        }
    }
    let Proof::Done(receipt) =
        proof(Call::CreatePayout, 200, &envelope(0, r#","payout_id":"77","amount":1.2,"currency":"USD""#))
    else {
        panic!()
    };
    assert_eq!(receipt.payout_id.as_deref(), Some("77"));
}

#[test]
fn row_12_a_success_about_something_else_is_none() {
    for (more, field) in [
        (r#""client_reference_id":"ref-2""#, "client_reference_id"),
        (r#""Client_Reference_Id":"REF-1""#, "client_reference_id"),
        (r#""client_reference_id":{}"#, "client_reference_id"),
        (r#""payee_id":"payee-2""#, "payee_id"),
        (r#""payee_id":1"#, "payee_id"),
        (r#""amount":12"#, "amount"),
        (r#""amount":"1.2 USD""#, "amount"),
        (r#""amount":1.200001"#, "amount"),
        (r#""currency":"EUR""#, "currency"),
        (r#""currency":["USD"]"#, "currency"),
        (r#""status":"Refused""#, "status"),
        (r#""status":{}"#, "status"),
    ] {
        let body = envelope(0, &format!(",{more}"));
        for call in Call::ALL {
            assert_eq!(proof(call, 200, &body), Proof::Unknown(Doubt::Mismatch(field)), "{more}");
        }
    }
    for more in [
        r#","client_reference_id":"ref-1","payee_id":"payee-1","amount":1.2,"currency":"USD","status":"pending""#,
        r#","client_reference_id":null,"payee_id":null,"amount":"1.20000","currency":null,"status":null"#,
    ] {
        assert!(matches!(proof(Call::CreateCharge, 200, &envelope(0, more)), Proof::Done(_)), "{more}");
    }
    let unknowing = Expected::reference("ref-1");
    let reply = Reply::json(200, envelope(0, r#","payee_id":"x","amount":"x","currency":"x""#));
    assert!(matches!(classify(Call::CancelCharge, Ok(&reply), &unknowing), Proof::Done(_)));
}

#[test]
fn row_12_status_words_belong_to_their_calls() {
    for (word, calls) in [
        ("Transferred", &[Call::CreateCharge, Call::CreatePayout][..]),
        ("DONE", &[Call::CreateCharge]),
        ("Pending", &[Call::CreateCharge, Call::CreatePayout]),
        ("Funded", &[Call::CreatePayout]),
        ("Cancelled", &[Call::CancelCharge, Call::CancelPayout]),
        ("Refunded", &[Call::CancelCharge, Call::CancelPayout]),
        ("Failed", &[]),
    ] {
        for call in Call::ALL {
            let done = matches!(proof(call, 200, &envelope(0, &format!(r#","status":"{word}""#))), Proof::Done(_));
            assert_eq!(done, calls.contains(&call), "{call:?} {word}");
        }
    }
}

#[test]
fn rows_14_and_16_only_known_refusals_of_the_call_decline() {
    for call in Call::ALL {
        for code in Code::KNOWN.into_iter().chain([Code::Unknown(10999), Code::Unknown(-1)]) {
            if code == Code::Success || code.is_duplicate_reference() {
                continue;
            }
            for status in [200, 400, 403, 404, 422] {
                let known = call.refusals().contains(&code);
                match proof(call, status, &envelope(code.number(), r#","hint":"h""#)) {
                    Proof::Declined(problem) if known => {
                        assert_eq!((problem.code, problem.http_status), (code, status));
                        assert_eq!((problem.hint.as_deref(), problem.audit_id), (Some("h"), Some(2_166_201_939)));
                    }
                    Proof::Unknown(Doubt::UnknownCode(problem)) if !known => assert_eq!(problem.code, code),
                    other => panic!("{call:?} {code} {status}: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn the_simulated_answer_keeps_its_record() {
    let reply = Reply::json(200, envelope(0, ""));
    let answer = Answer::simulated(Call::CreateCharge, Ok(&reply), &expected());
    assert!(matches!(answer.proof, Proof::Done(_)));
    assert_eq!(answer.exchange.http_status, Some(200));
    let answer = Answer::simulated(Call::CreateCharge, Err(Fault::Deadline), &expected());
    assert_eq!(answer.exchange.fault, Some(Fault::Deadline));
}

fn any_call() -> impl Strategy<Value = Call> {
    proptest::sample::select(Call::ALL.to_vec())
}

proptest! {
    #[test]
    fn bytes_without_an_envelope_prove_nothing(
        call in any_call(),
        status in any::<u16>(),
        body in proptest::collection::vec(any::<u8>(), 0..300),
        content_type in proptest::option::of("application/json|\\PC{0,20}"),
    ) {
        let reply = Reply { content_type, ..Reply::json(status, body) };
        prop_assume!(Envelope::parse(&reply.body).is_err());
        prop_assert!(matches!(classify(call, Ok(&reply), &expected()), Proof::Unknown(_)));
    }

    #[test]
    fn any_cut_of_an_envelope_proves_nothing(call in any_call(), code in 0_i64..11_000, cut in any::<proptest::sample::Index>()) {
        let whole = envelope(code, r#","hint":"}","payout_id":"1""#);
        let part = &whole[..cut.index(whole.len())];
        prop_assert!(matches!(proof(call, 200, part), Proof::Unknown(_)));
    }

    #[test]
    fn done_and_declined_rest_on_an_envelope_and_its_code(
        call in any_call(),
        status in proptest::sample::select(vec![200_u16, 201, 302, 400, 401, 404, 408, 429, 500]),
        code in proptest::sample::select(Code::KNOWN.iter().map(|code| code.number()).chain([1, 10999]).collect::<Vec<_>>()),
        reference in proptest::sample::select(vec!["ref-1", "ref-2"]),
    ) {
        let body = envelope(code, &format!(r#","client_reference_id":"{reference}""#));
        match proof(call, status, &body) {
            Proof::Done(_) => prop_assert!(code == 0 && status == 200 && reference == "ref-1"),
            Proof::Declined(problem) => {
                prop_assert!(problem.code.number() == code && code != 0 && !problem.code.is_duplicate_reference());
                prop_assert!(status == 401 || call.refusals().contains(&problem.code));
                prop_assert!(matches!(status, 200 | 400 | 401 | 404));
            }
            Proof::NeverSent(_) => prop_assert!(false),
            Proof::Unknown(_) => {}
        }
    }
}
