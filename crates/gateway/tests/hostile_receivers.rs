//! Receivers that mean no good, or cannot help it: each is met within its bounds, and what came of it is told in a word.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use bytes::Bytes;
use domain::delivery::{Answer, Trouble};
use gateway::deliver::guard::{Names, Rules};
use gateway::deliver::{Courier as _, HttpCourier, Letter, Reply};
use reqwest::header::HeaderMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::eventually;
use support::receiver::{Act, Receiver};

const LAX: Rules = Rules { allow_private: true };
const STRICT: Rules = Rules { allow_private: false };
/// Short enough for a test that waits for it.
const PATIENCE: Duration = Duration::from_millis(700);

fn letter(url: &str) -> Letter {
    Letter { url: url.to_owned(), headers: HeaderMap::new(), body: Bytes::from_static(b"{}"), flaw: None }
}

async fn post(url: &str) -> Reply {
    HttpCourier::new(LAX, PATIENCE).unwrap().post(letter(url)).await
}

async fn post_to(receiver: &Receiver) -> Reply {
    post(&receiver.url("/")).await
}

const fn status(code: u16) -> Answer {
    Answer::Status { code, retry_after: None }
}

#[tokio::test]
async fn who_never_answers_or_drips_is_given_up_in_time() {
    for act in [
        Act::Hang,
        Act::Drip,
        Act::SayThenHang("HTTP/1.1 200 OK\r\n"),
        Act::SayThenHang("HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let receiver = Receiver::always(act.clone()).await;
        assert_eq!(post_to(&receiver).await.answer, Answer::None(Trouble::Timeout), "{act:?}");
        eventually("the connection is closed", || async { (receiver.open_now() == 0).then_some(()) }).await;
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_cut_off_and_the_status_holds() {
    let endless = Receiver::always(Act::Endless("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n")).await;
    let reply = post_to(&endless).await;
    assert_eq!((reply.answer, reply.said.len()), (status(200), 2_048));
    eventually("the connection is closed", || async { (endless.open_now() == 0).then_some(()) }).await;
    let slow = Receiver::always(Act::SayThenHang("HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\nsorry")).await;
    let reply = post_to(&slow).await;
    assert_eq!((reply.answer, reply.said.as_str()), (status(500), "sorry"));
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let inner = Receiver::always(Act::Answer(200, "")).await;
    let location = format!("location: {}\r\n", inner.url("/latest/meta-data"));
    let location: &'static str = Box::leak(location.into_boxed_str());
    for code in [301, 302, 303, 307, 308] {
        let outer = Receiver::always(Act::Answer(code, location)).await;
        assert_eq!(post_to(&outer).await.answer, status(code));
    }
    assert_eq!(inner.got(), []);
}

#[tokio::test]
async fn what_is_no_answer_is_told_as_broken() {
    let many: &'static str = Box::leak(format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(500)).into_boxed_str());
    let long: &'static str = Box::leak(format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(2_000_000)).into_boxed_str());
    let odd = "SSH-2.0-OpenSSH_9.2\r\n";
    for act in [Act::Close, Act::SayThenHang(odd), Act::SayThenHang(many), Act::SayThenHang(long)] {
        let receiver = Receiver::always(act).await;
        assert_eq!(post_to(&receiver).await.answer, Answer::None(Trouble::Broken));
    }
}

#[tokio::test]
async fn nobody_there_and_no_such_name_are_told_apart() {
    let address = Receiver::always(Act::Close).await.address;
    eventually("the port is free", || async { tokio::net::TcpListener::bind(address).await.ok() }).await;
    assert_eq!(post(&format!("http://{address}/")).await.answer, Answer::None(Trouble::Connect));
    let nowhere = Told::new(&[&[]]);
    let reply = HttpCourier::with_names(LAX, PATIENCE, nowhere).unwrap().post(letter("http://a.example/")).await;
    assert_eq!(reply.answer, Answer::None(Trouble::Name));
}

#[tokio::test]
async fn who_cannot_prove_to_be_the_host_is_not_told_anything() {
    let reply = post(&format!("https://{}/", no_tls().await)).await;
    assert_eq!(reply.answer, Answer::None(Trouble::Tls), "{}", reply.said);
    let (address, heard) = self_signed().await;
    let reply = post(&format!("https://localhost:{}/", address.port())).await;
    assert_eq!(reply.answer, Answer::None(Trouble::Tls), "{}", reply.said);
    assert_eq!(heard.load(Ordering::SeqCst), 0, "no byte of the request was sent");
}

/// A server that knows of no TLS.
async fn no_tls() -> SocketAddr {
    use tokio::io::AsyncWriteExt as _;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    address
}

/// A server with a certificate that nobody vouches for; it counts the bytes that it is told after the handshake.
async fn self_signed() -> (SocketAddr, Arc<AtomicUsize>) {
    use tokio::io::AsyncReadExt as _;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificate = CertificateDer::from_pem_slice(include_bytes!("support/self_signed.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("support/self_signed.pem")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut bytes = [0; 1_024];
                counted.fetch_add(stream.read(&mut bytes).await.unwrap_or(0), Ordering::SeqCst);
            }
        }
    });
    (address, heard)
}

/// Names that change their mind: one answer after the other, the last for ever.
struct Told {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Told {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self { answers: Mutex::new(answers.iter().rev().map(parse).collect()), asked: AtomicUsize::new(0) })
    }
}

impl Names for Told {
    fn look_up(&self, _: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() };
        Box::pin(
            async move { if answer.is_empty() { Err(io::Error::from(io::ErrorKind::NotFound)) } else { Ok(answer) } },
        )
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_after_it_was_resolved() {
    for inside in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::ffff:10.0.0.1", "fe80::1", "100.64.0.1"] {
        let names = Told::new(&[&[inside]]);
        let courier = HttpCourier::with_names(STRICT, PATIENCE, names).unwrap();
        let reply = courier.post(letter("https://hooks.shop.example/")).await;
        assert_eq!(reply.answer, Answer::None(Trouble::Refused), "{inside}: {}", reply.said);
    }
    let courier = HttpCourier::new(STRICT, PATIENCE).unwrap();
    for inside in ["https://127.0.0.1/", "https://[::1]/", "http://8.8.8.8/", "https://localhost/"] {
        assert_eq!(courier.post(letter(inside)).await.answer, Answer::None(Trouble::Refused), "{inside}");
    }
}

#[tokio::test]
async fn a_name_is_asked_once_and_what_was_checked_is_what_is_connected_to() {
    let receiver = Receiver::always(Act::Answer(200, "")).await;
    // Whoever asked a second time would be led to where nobody listens.
    let names = Told::new(&[&["127.0.0.1"], &["127.0.0.77"]]);
    let courier = HttpCourier::with_names(LAX, PATIENCE, Arc::clone(&names) as _).unwrap();
    let url = format!("http://hooks.shop.example:{}/", receiver.address.port());
    assert_eq!(courier.post(letter(&url)).await.answer, status(200));
    assert_eq!((names.asked.load(Ordering::SeqCst), receiver.got().len()), (1, 1));
    // Nothing is remembered: the next request is led, and checked, anew.
    assert_eq!(courier.post(letter(&url)).await.answer, Answer::None(Trouble::Connect));
    assert_eq!(names.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_environment_with_a_proxy_changes_nothing() {
    let proxy = Receiver::always(Act::Answer(200, "")).await;
    let receiver = Receiver::always(Act::Answer(204, "")).await;
    // The builder would read it when a client is made; edition 2024 lets no test set it, so a child process does.
    let output = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "posts_where_it_is_told", "--ignored"])
        .env("HTTP_PROXY", proxy.url("/"))
        .env("http_proxy", proxy.url("/"))
        .env("POST_TO", receiver.url("/"))
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!((proxy.got().len(), receiver.got().len()), (0, 1));
}

#[tokio::test]
#[ignore = "run by another test, with an environment of its own"]
async fn posts_where_it_is_told() {
    let Ok(url) = std::env::var("POST_TO") else { return };
    assert_eq!(post(&url).await.answer, status(204));
}
