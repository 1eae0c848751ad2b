//! What one client can hold of a server, on real sockets. Every wait here ends by itself in a server that works.

use super::*;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;

const FOR_EVER: Duration = Duration::from_mins(1);
const PATIENT: Limits =
    Limits { connections: 8, head: FOR_EVER, head_bytes: 16 * 1_024, head_fields: 16, write: FOR_EVER };
const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

struct Served {
    addr: SocketAddr,
    connections: TaskTracker,
    finish: CancellationToken,
    accept: tokio::task::JoinHandle<()>,
}

async fn serve_on(router: Router, limits: Limits) -> Served {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (connections, finish) = (TaskTracker::new(), CancellationToken::new());
    let signals = (finish.clone(), CancellationToken::new());
    let accept = tokio::spawn(accept(listener, router, limits, connections.clone(), signals));
    Served { addr, connections, finish, accept }
}

fn plain() -> Router {
    Router::new().route("/", get(|| async { "served" }))
}

/// Everything until the server closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    let read = tokio::time::timeout(FOR_EVER, stream.read_to_end(&mut all)).await;
    let _ = read.expect("the server closes by itself");
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut_off() {
    let served = serve_on(plain(), Limits { head: Duration::from_millis(50), ..PATIENT }).await;
    let mut slow = TcpStream::connect(served.addr).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
    assert!(!rest(slow).await.contains("served"));
    let silent = TcpStream::connect(served.addr).await.unwrap();
    assert_eq!(rest(silent).await, "", "a connection that says nothing");
    let mut idle = TcpStream::connect(served.addr).await.unwrap();
    idle.write_all(ASK).await.unwrap();
    assert!(rest(idle).await.ends_with("served"), "answered, then closed as it stays idle");
}

#[tokio::test]
async fn a_head_has_a_size() {
    let served = serve_on(plain(), PATIENT).await;
    let answer = |head: String| async move {
        let mut stream = TcpStream::connect(served.addr).await.unwrap();
        let _ = stream.write_all(head.as_bytes()).await;
        rest(stream).await
    };
    let fields = "X: y\r\n".repeat(17);
    assert!(answer(format!("GET / HTTP/1.1\r\n{fields}\r\n")).await.starts_with("HTTP/1.1 431"));
    let long = "a".repeat(17 * 1_024);
    assert!(!answer(format!("GET / HTTP/1.1\r\nX: {long}\r\n\r\n")).await.contains("served"));
    assert!(!answer(format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n")).await.contains("served"));
    let good = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(answer(good.to_owned()).await.ends_with("served"));
}

#[tokio::test]
async fn connections_have_a_number() {
    let served = serve_on(plain(), Limits { connections: 1, ..PATIENT }).await;
    let first = TcpStream::connect(served.addr).await.unwrap();
    while served.connections.is_empty() {
        tokio::task::yield_now().await;
    }
    let mut second = TcpStream::connect(served.addr).await.unwrap();
    second.write_all(ASK).await.unwrap();
    let mut byte = [0];
    let waits = tokio::time::timeout(Duration::from_millis(100), second.read(&mut byte)).await;
    assert!(waits.is_err() && served.connections.len() == 1, "the second one waits for a place");
    drop(first);
    assert_eq!(second.read(&mut byte).await.unwrap(), 1, "and gets it");
}

#[tokio::test]
async fn a_client_that_takes_no_answer_is_given_up() {
    let large = Router::new().route("/", get(|| async { vec![b'x'; 64 * 1_024 * 1_024] }));
    let served = serve_on(large, Limits { write: Duration::from_millis(50), ..PATIENT }).await;
    let mut deaf = TcpStream::connect(served.addr).await.unwrap();
    deaf.write_all(ASK).await.unwrap();
    while served.connections.is_empty() {
        tokio::task::yield_now().await;
    }
    served.connections.close();
    tokio::time::timeout(FOR_EVER, served.connections.wait()).await.expect("the connection is closed");
    drop(deaf);
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_end() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (b, g) = (Arc::clone(&begun), Arc::clone(&go_on));
    let slow = Router::new().route(
        "/",
        get(move || async move {
            b.notify_one();
            g.notified().await;
            "served"
        }),
    );
    let served = serve_on(slow, PATIENT).await;
    let mut waiting = TcpStream::connect(served.addr).await.unwrap();
    waiting.write_all(ASK).await.unwrap();
    begun.notified().await;
    let idle = TcpStream::connect(served.addr).await.unwrap();
    served.finish.cancel();
    served.accept.await.unwrap();
    assert!(TcpStream::connect(served.addr).await.is_err(), "nobody is let in any more");
    assert_eq!(rest(idle).await, "", "an idle connection is closed at once");
    go_on.notify_one();
    let answer = rest(waiting).await;
    assert!(answer.ends_with("served") && answer.contains("connection: close"), "{answer}");
    served.connections.close();
    served.connections.wait().await;
}

#[tokio::test]
async fn a_refusal_is_heard_by_a_client_that_is_still_sending() {
    let refuses = Router::new().route("/", axum::routing::post(|| async { "refused" }));
    let served = serve_on(refuses, PATIENT).await;
    let mut stream = TcpStream::connect(served.addr).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n").await.unwrap();
    stream.write_all(&vec![b'x'; 50_000]).await.unwrap();
    stream.readable().await.unwrap();
    // The answer is there; the client has not looked yet and goes on.
    for _ in 0..20 {
        stream.write_all(&vec![b'x'; 50_000]).await.expect("nobody resets the connection");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut answer = vec![0; 4_096];
    let count = stream.read(&mut answer).await.expect("nor now");
    assert!(String::from_utf8_lossy(&answer[..count]).ends_with("refused"));
}

#[tokio::test]
async fn a_handler_that_panics_costs_one_answer_and_nothing_else() {
    async fn broken() -> &'static str {
        panic!("a handler breaks, as this test asks it to")
    }
    let router = plain().route("/broken", get(broken));
    let router = router.layer(tower_http::catch_panic::CatchPanicLayer::custom(super::super::answer::panicked));
    let served = serve_on(router, PATIENT).await;
    let mut stream = TcpStream::connect(served.addr).await.unwrap();
    let two = "GET /broken HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(two.as_bytes()).await.unwrap();
    let answers = rest(stream).await;
    assert!(answers.starts_with("HTTP/1.1 500") && answers.ends_with("served"), "{answers}");
    assert!(!answers.contains("breaks"), "the panic's words stay inside");
}
