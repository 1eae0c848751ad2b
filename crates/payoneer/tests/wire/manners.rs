//! How requests that can move money look on the wire, and that each has a connection of its own.
//! What may go wrong with them is in `faults`.

use std::process::Command;

use payoneer::{CreatePayout, Currency, Description, Expected, PayeeId, Proof, Reference};
use tokio::net::TcpListener;

use crate::server::{Act, SUCCESS, Server, json};
use crate::{CREDENTIALS, charge, client, reference, send};

/// Head lines in lower case, and the body.
fn parts(request: &str) -> (String, Vec<String>, String) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let first = lines.next().unwrap().to_owned();
    (first, lines.map(str::to_ascii_lowercase).collect(), body.to_owned())
}

#[tokio::test]
async fn a_charge_to_the_byte() {
    let server = Server::always(Act::Say(json(200, SUCCESS))).await;
    assert!(matches!(send(&client(&server.http())).await.proof, Proof::Done(_)));
    let (first, lines, body) = parts(&server.requests()[0]);
    assert_eq!(first, "POST /v2/programs/100012345/charges HTTP/1.1");
    assert_eq!(body.as_bytes(), charge().to_bytes());
    for line in [
        format!("authorization: basic {}", CREDENTIALS.to_ascii_lowercase()),
        format!("content-length: {}", body.len()),
        "content-type: application/json".to_owned(),
        "connection: close".to_owned(),
        format!("host: {}", server.address),
    ] {
        assert_eq!(lines.iter().filter(|other| **other == line).count(), 1, "{line} in {lines:?}");
    }
    for name in ["expect:", "transfer-encoding:", "upgrade:", "referer:", "cookie:"] {
        assert!(!lines.iter().any(|line| line.starts_with(name)), "{name} in {lines:?}");
    }
    assert!(server.requests()[0].contains(CREDENTIALS));
}

#[tokio::test]
async fn every_money_call_has_a_connection_of_its_own_and_the_same_bytes() {
    // The server would keep the connection open for more.
    let server = Server::always(Act::Keep(json(200, SUCCESS))).await;
    let client = client(&server.http());
    let queried = client.echo().await;
    assert!(queried.is_ok(), "{queried:?}");
    for _ in 0..3 {
        assert!(matches!(send(&client).await.proof, Proof::Done(_)));
    }
    assert_eq!(server.connections(), 4);
    let requests = server.requests();
    assert_eq!(requests[1], requests[2]);
    assert_eq!(requests[2], requests[3]);
}

#[tokio::test]
async fn cancellations_and_payouts() {
    let server = Server::always(Act::Say(json(200, SUCCESS))).await;
    let client = client(&server.http());
    let expected = Expected::reference("test_88");
    let odd = Reference::new("a/b #1").unwrap();
    let payout = CreatePayout::new(
        PayeeId::new("ID123").unwrap(),
        "25.22".parse().unwrap(),
        Some(Currency::new("USD").unwrap()),
        reference(),
        Description::new("Payout test").unwrap(),
    )
    .unwrap();
    for answer in [
        client.send_charge_cancel(&reference(), &expected).await,
        client.send_payout(&payout.to_bytes(), &payout.expected()).await,
        client.send_payout_cancel(&odd, &Expected::reference(odd.as_str())).await,
    ] {
        assert!(matches!(answer.proof, Proof::Done(_)), "{answer:?}");
    }
    let requests: Vec<_> = server.requests().iter().map(|request| parts(request)).collect();
    let firsts: Vec<&str> = requests.iter().map(|parts| parts.0.as_str()).collect();
    assert_eq!(
        firsts,
        [
            "POST /v2/programs/100012345/charges/test_88/cancel HTTP/1.1",
            "POST /v2/programs/100012345/payouts HTTP/1.1",
            "POST /v2/programs/100012345/payouts/a%2Fb%20%231/cancel HTTP/1.1",
        ]
    );
    assert_eq!((requests[0].2.as_str(), requests[1].2.as_bytes()), ("{}", payout.to_bytes().as_ref()));
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn records_hold_no_credentials_even_if_the_peer_reflects_them() {
    let reflected = format!("{{\"headers\":\"Basic {CREDENTIALS}\",\"password\":\"demo-api-password\"}}");
    let server = Server::always(Act::Say(json(200, &reflected))).await;
    let client = client(&server.http());
    let shown = format!("{:?} {client:?}", send(&client).await);
    assert!(!shown.contains(CREDENTIALS) && !shown.contains("demo-api-password"), "{shown}");
}

#[tokio::test]
async fn the_date_is_kept() {
    let reply = format!(
        "HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\nContent-Type: application/json\r\n\r\n{SUCCESS}"
    );
    let server = Server::always(Act::Say(reply.into_bytes())).await;
    let answer = send(&client(&server.http())).await;
    assert_eq!(answer.exchange.date.as_deref(), Some("Tue, 14 Nov 2023 22:13:20 GMT"));
    assert_eq!(answer.exchange.content_type.as_deref(), Some("application/json"));
}

/// Runs the first test of this file again in a process whose environment names a proxy that nobody answers at.
#[tokio::test]
async fn proxies_of_the_environment_are_not_used() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "manners::a_charge_to_the_byte"]).env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        again.env(name, format!("http://{nobody}"));
    }
    let output = tokio::task::spawn_blocking(move || again.output()).await.unwrap().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}
