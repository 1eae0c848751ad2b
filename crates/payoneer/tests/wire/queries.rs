//! Queries over real sockets: kept connections, bounded repeats, and no credentials to anybody else.
//! How their replies are read is tested beside each noun.

use payoneer::{ChargeStatus, Code, Error, Fault, LinkRequest, Oddity, PayeeId, PayeeStatus, PayoutStatus};
use tokio::net::TcpListener;

use crate::server::{Act, SUCCESS, Server, envelope, json};
use crate::{client, client_with, impatient, reference};

fn payee() -> PayeeId {
    PayeeId::new("a?b@c").unwrap()
}

fn first_lines(server: &Server) -> Vec<String> {
    server.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn connections_are_kept() {
    let server = Server::always(Act::Keep(json(200, SUCCESS))).await;
    let client = client(&server.http());
    for _ in 0..3 {
        assert_eq!(client.echo().await.unwrap().code, Code::Success);
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 3));
}

#[tokio::test]
async fn each_query_has_its_place() {
    let body = envelope(
        0,
        "Success",
        r#","version":"4.18","registration_link":"https://p.example/r","login_link":"https://p.example/l","status":"Transferred","balance":1.5,"payout_id":"7""#,
    );
    let server = Server::always(Act::Keep(json(200, &body))).await;
    let client = client(&server.http());
    let (payee, reference, link) = (payee(), reference(), LinkRequest::new(payee()));
    assert_eq!(client.api_version().await.unwrap(), "4.18");
    assert_eq!(client.registration_link(&link).await.unwrap().url, "https://p.example/r");
    assert_eq!(client.login_link(&link).await.unwrap().url, "https://p.example/l");
    assert_eq!(client.payee_status(&payee).await.unwrap().status, PayeeStatus::Other("Transferred".to_owned()));
    assert!(client.payee_details(&payee).await.unwrap().company.is_none());
    assert_eq!(client.release_payee(&payee).await.unwrap(), Some(2_166_201_939));
    assert_eq!(client.charge_status(&reference).await.unwrap().status, ChargeStatus::Transferred);
    assert_eq!(client.payout_status(&reference).await.unwrap().status, PayoutStatus::Funded);
    assert_eq!(client.balance().await.unwrap().balance.to_string(), "1.50");
    let program = "/v2/programs/100012345";
    let expected = [
        "GET {}/api-version",
        "POST {}/payees/registration-link",
        "POST {}/payees/login-link",
        "GET {}/payees/a%3Fb@c/status",
        "GET {}/payees/a%3Fb@c/details",
        "DELETE {}/payees/a%3Fb@c",
        "GET {}/charges/test_88/status",
        "GET {}/payouts/test_88",
        "GET {}/balance",
    ]
    .map(|line| format!("{} HTTP/1.1", line.replace("{}", program)));
    assert_eq!(first_lines(&server), expected);
    assert!(server.requests()[1].ends_with("\r\n\r\n{\"payee_id\":\"a?b@c\"}"));
}

#[tokio::test]
async fn a_payee_who_is_not_there_is_a_refusal_with_all_its_words() {
    let body = r#"{"audit_id":38935299,"code":10005,"hint":"Please ensure that the payee has registered with Payoneer","description":"Payee was not found"}"#;
    for status in [200, 404] {
        let server = Server::always(Act::Say(json(status, body))).await;
        let Err(Error::Refused(problem)) = client(&server.http()).payee_status(&payee()).await else {
            panic!("{status}")
        };
        assert_eq!(
            (problem.http_status, problem.code, problem.audit_id),
            (status, Code::PayeeNotFound, Some(38_935_299))
        );
        assert_eq!(problem.hint.as_deref(), Some("Please ensure that the payee has registered with Payoneer"));
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn lost_connections_and_empty_404s_are_asked_again_twice() {
    for act in [Act::Reset, Act::ReadThenClose, Act::Say(json(404, "{}"))] {
        let server = Server::each(move |nth| if nth < 2 { act.clone() } else { Act::Say(json(200, SUCCESS)) }).await;
        let answer = client(&server.http()).echo().await;
        assert!(answer.is_ok(), "{answer:?}");
        assert_eq!(server.connections(), 3);
    }
    let server = Server::always(Act::Say(json(404, "{}"))).await;
    let answer = client(&server.http()).charge_status(&reference()).await;
    assert!(
        matches!(answer, Err(Error::Unexpected { oddity: Oddity::EmptyNotFound, http_status: 404, .. })),
        "{answer:?}"
    );
    assert_eq!(server.connections(), 3);
    let server = Server::always(Act::Reset).await;
    assert_eq!(client(&server.http()).echo().await.err(), Some(Error::Transport { fault: Fault::Interrupted }));
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced() {
    let server = Server::each(|_| Act::Say(json(200, SUCCESS))).await;
    let client = client(&server.http());
    for _ in 0..3 {
        assert!(client.echo().await.is_ok());
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn what_was_answered_is_not_asked_again() {
    for (status, body) in [(500, "oops"), (429, ""), (401, ""), (400, &*envelope(10999, "x", "")), (404, "<html>")] {
        let server = Server::always(Act::Say(json(status, body))).await;
        assert!(client(&server.http()).echo().await.is_err_and(|error| error.http_status() == Some(status)));
        assert_eq!(server.connections(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_release_is_asked_once_over_a_fresh_connection() {
    let server = Server::always(Act::ReadThenReset).await;
    let answer = client(&server.http()).release_payee(&payee()).await;
    assert_eq!(answer, Err(Error::Transport { fault: Fault::Interrupted }));
    assert_eq!(server.connections(), 1);

    let server = Server::always(Act::Keep(json(200, SUCCESS))).await;
    let client = client(&server.http());
    for _ in 0..2 {
        assert!(client.release_payee(&payee()).await.is_ok());
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn silence_ends_with_the_deadline_and_is_not_repeated() {
    let server = Server::always(Act::Silence).await;
    let answer = client_with(&server.http(), impatient()).echo().await;
    assert_eq!(answer.err(), Some(Error::Transport { fault: Fault::Deadline }));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn credentials_do_not_follow_redirects() {
    let elsewhere = Server::always(Act::Say(json(200, SUCCESS))).await;
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} X\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", elsewhere.http());
        let server = Server::always(Act::Say(head.into_bytes())).await;
        let client = client(&server.http());
        for answer in [client.echo().await.err(), client.registration_link(&LinkRequest::new(payee())).await.err()] {
            assert!(matches!(answer, Some(Error::Unexpected { oddity: Oddity::Redirect, .. })), "{answer:?}");
        }
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn bounds_hold_for_queries_too() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".to_vec();
    let server = Server::always(Act::Endless(head, vec![b' '; 4096])).await;
    assert_eq!(client(&server.http()).echo().await.err(), Some(Error::Transport { fault: Fault::TooLarge }));
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let answer = client(&format!("http://{address}/")).echo().await;
    assert!(matches!(answer, Err(Error::Transport { fault: Fault::NotConnected(_) })), "{answer:?}");
}
