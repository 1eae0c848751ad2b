//! One test for each fault that a request which can move money may meet.
//! Each names the row of the classifier's table that must come out.

use std::time::Duration;

use payoneer::{Cause, Code, Doubt, Exchange, Fault, Proof, Timeouts};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::server::{Act, SUCCESS, Server, envelope, json, reply};
use crate::{client, client_with, impatient, send};

/// The doubt and the record of a charge sent to a server that behaves so.
async fn doubt(act: Act) -> (Doubt, Exchange) {
    let server = Server::always(act).await;
    let answer = send(&client(&server.http())).await;
    assert_eq!(server.connections(), 1, "it was sent more than once");
    match answer.proof {
        Proof::Unknown(doubt) => (doubt, answer.exchange),
        other => panic!("{other:?}"),
    }
}

async fn fault(act: Act) -> Fault {
    match doubt(act).await {
        (Doubt::Transport(fault), exchange) => {
            assert_eq!(exchange.fault, Some(fault));
            fault
        }
        (other, _) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn connection_refused() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let answer = send(&client(&format!("http://{address}/"))).await;
    assert_eq!(answer.proof, Proof::NeverSent(Cause::ConnectRefused));
    assert_eq!(answer.exchange, Exchange::of_fault(Fault::NotConnected(Cause::ConnectRefused)));
}

#[tokio::test]
async fn connect_time_out() {
    // A listener that accepts nothing and whose backlog is full: the system drops further attempts without a word.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        queued.push(stream.unwrap());
        assert!(queued.len() < 1000, "the backlog never fills");
    }
    let timeouts = Timeouts { connect: Duration::from_millis(300), ..Timeouts::default() };
    let answer = send(&client_with(&format!("http://{address}/"), timeouts)).await;
    assert_eq!(answer.proof, Proof::NeverSent(Cause::ConnectTimeout));
}

#[tokio::test]
async fn name_resolution() {
    // A label of 64 letters is no name, which is known without asking a name server.
    let answer = send(&client(&format!("https://{}.invalid/", "x".repeat(64)))).await;
    assert_eq!(answer.proof, Proof::NeverSent(Cause::NameResolution));
}

#[tokio::test]
async fn tls_failure() {
    // Plain text instead of TLS; an end and a reset in the middle of the handshake.
    for act in [Act::SpeakFirst(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), Act::Close, Act::ReadPartThenReset(20)] {
        let server = Server::always(act).await;
        let answer = send(&client(&server.https())).await;
        assert_eq!(answer.proof, Proof::NeverSent(Cause::TlsHandshake));
        assert_eq!(answer.exchange.http_status, None);
    }
}

#[tokio::test]
async fn a_handshake_without_an_answer() {
    let server = Server::always(Act::Silence).await;
    let answer =
        send(&client_with(&server.https(), Timeouts { connect: Duration::from_millis(300), ..Timeouts::default() }))
            .await;
    assert_eq!(answer.proof, Proof::NeverSent(Cause::ConnectTimeout));
}

#[tokio::test]
async fn reset_before_the_request_was_read() {
    // The connection stood, so nobody can tell whether bytes were taken.
    assert_eq!(fault(Act::Reset).await, Fault::Interrupted);
    assert_eq!(fault(Act::Close).await, Fault::Interrupted);
    assert_eq!(fault(Act::ReadPartThenReset(10)).await, Fault::Interrupted);
}

#[tokio::test]
async fn reset_after_the_request_was_read() {
    assert_eq!(fault(Act::ReadThenReset).await, Fault::Interrupted);
    assert_eq!(fault(Act::ReadThenClose).await, Fault::Interrupted);
}

#[tokio::test]
async fn no_answer_in_time() {
    let server = Server::always(Act::Silence).await;
    let answer = send(&client_with(&server.http(), impatient())).await;
    assert_eq!(answer.proof, Proof::Unknown(Doubt::Transport(Fault::Deadline)));
    assert_eq!(server.connections(), 1);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn half_an_answer_in_time() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Ty",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{\"code\":0",
    ] {
        let server = Server::always(Act::SayThenSilence(head.into())).await;
        let answer = send(&client_with(&server.http(), impatient())).await;
        assert_eq!(answer.proof, Proof::Unknown(Doubt::Transport(Fault::Deadline)));
    }
}

#[tokio::test]
async fn truncated_body() {
    // By length, and by chunks; the part that came would be a success by itself.
    let by_length =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{SUCCESS}");
    let by_chunk = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{SUCCESS}\r\n",
        SUCCESS.len()
    );
    for text in [by_length, by_chunk] {
        let (doubt, exchange) = doubt(Act::Say(text.into_bytes())).await;
        assert_eq!(doubt, Doubt::Transport(Fault::Truncated));
        assert_eq!((exchange.http_status, exchange.body_excerpt.as_str()), (Some(200), SUCCESS));
    }
    // Without either the end of the connection is the end of the body, and only the JSON tells.
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}", &SUCCESS[..SUCCESS.len() - 1]);
    assert_eq!(doubt(Act::Say(cut.into_bytes())).await.0.name(), "no_envelope");
}

#[tokio::test]
async fn html_body() {
    let page = "<html><body>Attention required</body></html>";
    for (status, name) in [(200, "content_type"), (403, "content_type"), (502, "server_error")] {
        let (doubt, exchange) = doubt(Act::Say(reply(status, "text/html", page))).await;
        assert_eq!(doubt.name(), name);
        assert_eq!(exchange.content_type.as_deref(), Some("text/html"));
        assert_eq!(exchange.body_excerpt, page);
    }
    assert_eq!(doubt(Act::Say(json(200, page))).await.0.name(), "no_envelope");
}

#[tokio::test]
async fn too_many_requests() {
    let reply = b"HTTP/1.1 429 Slow Down\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n";
    let (doubt, exchange) = doubt(Act::Say(reply.to_vec())).await;
    assert_eq!(doubt, Doubt::RateLimited);
    assert_eq!(exchange.retry_after_seconds, Some(17));
}

#[tokio::test]
async fn server_errors() {
    for status in [500, 502, 503, 504] {
        assert_eq!(doubt(Act::Say(json(status, &envelope(10700, "x", "")))).await.0, Doubt::ServerError);
        assert_eq!(doubt(Act::Say(json(status, SUCCESS))).await.0, Doubt::ServerError);
    }
}

#[tokio::test]
async fn empty_object_404() {
    for body in ["{}", ""] {
        let (doubt, exchange) = doubt(Act::Say(json(404, body))).await;
        assert_eq!((doubt.name(), exchange.http_status), ("no_envelope", Some(404)));
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Server::always(Act::Say(json(200, SUCCESS))).await;
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} X\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", elsewhere.http());
        assert_eq!(doubt(Act::Say(head.into_bytes())).await.0, Doubt::Redirect);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn garbage_json() {
    for body in ["{\"code\":0", "[]", "{\"code\":0,\"description\":\"Success\"} trailing", "\u{0}\u{1}"] {
        assert_eq!(doubt(Act::Say(json(200, body))).await.0.name(), "no_envelope", "{body}");
    }
}

#[tokio::test]
async fn what_is_not_http() {
    for text in ["SSH-2.0-OpenSSH\r\n", "\0\0\0\0\0\0\0\0", "HTTP/9.9 200 OK\r\n\r\n"] {
        assert_eq!(fault(Act::Say(text.into())).await, Fault::Interrupted, "{text}");
    }
}

#[tokio::test]
async fn endless_head() {
    assert_eq!(fault(Act::Endless(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 1024])).await, Fault::TooLarge);
    assert_eq!(fault(Act::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X: x\r\n".to_vec())).await, Fault::TooLarge);
}

#[tokio::test]
async fn endless_body() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".to_vec();
    let (doubt, exchange) = doubt(Act::Endless(head, vec![b' '; 4096])).await;
    assert_eq!(doubt, Doubt::Transport(Fault::TooLarge));
    assert!(exchange.body_bytes <= 1024 * 1024 && exchange.body_excerpt.len() <= 4096);
}

#[tokio::test]
async fn endless_interim_replies() {
    let server = Server::always(Act::Endless(Vec::new(), b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())).await;
    let answer = send(&client_with(&server.http(), impatient())).await;
    assert!(matches!(answer.proof, Proof::Unknown(Doubt::Transport(_))), "{:?}", answer.proof);
}

#[tokio::test]
async fn definite_answers_are_definite() {
    let server = Server::always(Act::Say(json(200, SUCCESS))).await;
    let answer = send(&client(&server.http())).await;
    assert!(matches!(answer.proof, Proof::Done(receipt) if receipt.audit_id == 2_166_201_939));
    assert_eq!(answer.exchange.body_excerpt, SUCCESS);

    let refusal = envelope(10700, "Payee is not authorized", r#","hint":"ask the payee""#);
    let server = Server::always(Act::Say(json(400, &refusal))).await;
    let answer = send(&client(&server.http())).await;
    let Proof::Declined(problem) = answer.proof else { panic!("{:?}", answer.proof) };
    assert_eq!((problem.code, problem.http_status), (Code::PayeeNotAuthorized, 400));

    let server = Server::always(Act::Say(json(400, &envelope(10704, "exists", "")))).await;
    let answer = send(&client(&server.http())).await;
    assert!(matches!(answer.proof, Proof::Unknown(Doubt::DuplicateReference(_))), "{:?}", answer.proof);
}
