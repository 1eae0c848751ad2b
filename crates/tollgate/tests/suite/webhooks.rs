//! Webhooks as a merchant's engineer meets them: the commands, and the published receivers of `examples/`, against a
//! real gateway process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{House, Running, json as printed, tollgate};
use crate::{Ended, run};

#[path = "../../../../examples/receiver-rust/receiver.rs"]
#[expect(dead_code, unreachable_pub, reason = "a program of its own, of which the test uses the part that receives")]
mod receiver;

/// A person with a key, beside a running gateway that may send webhooks to this machine.
struct Person {
    house: House,
    gateway: Running,
}

impl Person {
    fn new() -> Self {
        let house = House::build(None);
        let args = ["serve", "--listen", "127.0.0.1:0", "--webhook-allow-private"];
        let gateway = Running::start(house.folder.path(), "gateway", &args);
        Self { house, gateway }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = tollgate(self.house.folder.path());
        command.args(args).env("TOLLGATE_URL", &self.gateway.url).env("TOLLGATE_API_KEY", &self.house.key);
        command
    }

    fn run(&self, args: &[&str]) -> Ended {
        run(&mut self.command(args))
    }

    /// What it prints as JSON.
    fn says(&self, args: &[&str]) -> Value {
        printed(self.command(args).arg("--json"))
    }

    fn charge(&self, key: &str) {
        let order = ["--payee", "Test123", "--amount", "1.20", "--currency", "USD", "--description", "Order 88"];
        let made = self.run(&[&["charge", "create", "--idempotency-key", key], &order[..]].concat());
        assert_eq!(made.code, Some(0), "{}", made.err);
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

/// Waits until the look answers something; a minute is for ever.
fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..1_200 {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it never happened: {what}")
}

/// A server that thanks for everything and remembers it.
struct Thanks {
    url: String,
    got: Arc<Mutex<Vec<String>>>,
}

impl Thanks {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let got = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&got);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if let Some(request) = Self::thank(stream) {
                    kept.lock().expect("a lock").push(request);
                }
            }
        });
        Self { url, got }
    }

    fn thank(mut stream: TcpStream) -> Option<String> {
        let mut request = String::new();
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = text.trim().parse().ok()?;
            }
            request += &line;
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").ok()?;
        Some(request + &String::from_utf8_lossy(&body))
    }

    fn count(&self) -> usize {
        self.got.lock().expect("a lock").len()
    }
}

#[test]
fn an_endpoints_life_on_the_command_line() {
    let person = Person::new();
    let server = Thanks::start();
    let headers = person.house.folder.path().join("headers.txt");
    std::fs::write(&headers, "Authorization: Bearer canary\n\nx-shop: 7\n").expect("a file");
    let headers = headers.to_str().expect("a path");
    let add =
        ["webhook", "add", &server.url, "--type", "charge.*", "--description", "books", "--headers-file", headers];
    let made = person.run(&add);
    assert_eq!(made.code, Some(0), "{}", made.err);
    assert!(made.out.starts_with("whsec_") && made.err.contains("only time"), "{}{}", made.out, made.err);
    let list = person.says(&["webhook", "list"]);
    let endpoint = text(&list["data"][0], "id").to_owned();
    assert!(person.run(&["webhook", "list"]).out.contains("enabled"));
    let got = person.run(&["webhook", "get", &endpoint]);
    assert!(got.out.contains("books") && got.out.contains("authorization x-shop") && !got.out.contains("canary"));

    let tested = person.run(&["webhook", "test", &endpoint]);
    assert_eq!(tested.code, Some(0), "{}{}", tested.out, tested.err);
    assert!(tested.out.contains("delivered") && tested.out.contains("200"), "{}", tested.out);
    let first = server.got.lock().expect("a lock")[0].clone();
    assert!(first.contains("Bearer canary") && first.contains("webhook_endpoint.tested"), "{first}");

    person.charge("k1");
    eventually("both events of the charge", || (server.count() == 3).then_some(()));
    let delivered = eventually("both are recorded", || {
        let list = person.says(&["webhook", "deliveries", "--endpoint", &endpoint, "--status", "delivered"]);
        (list["data"].as_array().map(Vec::len) == Some(3)).then(|| list["data"].clone())
    });
    let delivery = text(&delivered[0], "id").to_owned();
    assert!(person.run(&["webhook", "delivery", &delivery]).out.contains("200"));
    assert_eq!(person.says(&["webhook", "resend", &delivery])["status"], "pending");
    eventually("one again", || (server.count() == 4).then_some(()));
    assert_eq!(person.says(&["webhook", "replay", &endpoint, "--after", "0"])["deliveries"], 2);
    eventually("both again", || (server.count() == 6).then_some(()));
    let none = person.run(&["webhook", "replay", &endpoint, "--failed-since", "2026-01-31T09:30:00Z"]);
    assert_eq!(none.out, "0 deliveries are due again.\n", "{}", none.err);

    let rotated = person.run(&["webhook", "rotate", &endpoint, "--overlap", "60"]);
    assert!(rotated.out.starts_with("whsec_") && rotated.out != made.out && rotated.err.contains("old secret"));
    assert_eq!(
        person.says(&["webhook", "update", &endpoint, "--type", "payout.paid"])["types"],
        json!(["payout.paid"])
    );
    assert!(person.run(&["webhook", "disable", &endpoint]).out.contains("disabled (merchant)"));
    let refused = person.run(&["webhook", "test", &endpoint]);
    assert!(refused.code == Some(1) && refused.err.contains("conflict"), "{}", refused.err);
    assert_eq!(person.says(&["webhook", "enable", &endpoint])["status"], "enabled");
    assert_eq!(person.says(&["webhook", "delete", &endpoint])["status"], "deleted");
    assert_eq!(person.run(&["webhook", "get", &endpoint]).code, Some(1));
    assert_eq!(person.run(&["webhook", "add", "http://a b/"]).code, Some(1));
}

#[test]
fn events_are_followed_and_forwarded_to_a_laptop() {
    let person = Person::new();
    let laptop = Thanks::start();
    let tail = |more: &[&str]| {
        let mut command = person.command(&[&["event", "tail", "--count", "2"], more].concat());
        command.stdout(Stdio::piped()).spawn().expect("it runs")
    };
    // One that waits for what comes, one that begins at the beginning.
    let mut live = tail(&["--type", "charge.succeeded"]);
    let forwarded = {
        let listen = ["--json", "listen", "--forward-to", &laptop.url, "--after", "0", "--count", "2"];
        person.command(&listen).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
    };
    person.charge("k1");
    let ended = forwarded.wait_with_output().expect("it ends");
    let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    let posted: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(posted.iter().map(|line| &line["status"]).collect::<Vec<_>>(), [&json!(200), &json!(200)], "{err}");
    let secret = err.split_whitespace().find(|word| word.starts_with("whsec_")).expect("the secret");
    let webhook = standardwebhooks::Webhook::new(secret).expect("a secret");
    for request in laptop.got.lock().expect("a lock").iter() {
        let (head, body) = request.split_once("\r\n\r\n").expect("a body");
        let mut headers = axum::http::HeaderMap::new();
        for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
            headers.insert(axum::http::HeaderName::try_from(name).expect("a name"), value.parse().expect("a value"));
        }
        assert!(webhook.verify(body.as_bytes(), &headers).is_ok(), "{request}");
    }
    // The one that waits may have begun before or after the first charge: it is given as many as it needs.
    let mut charges = 1;
    let ended = eventually("the tail ends", || {
        charges += 1;
        person.charge(&format!("k{charges}"));
        live.try_wait().expect("a child")
    });
    assert!(ended.success());
    let mut out = String::new();
    live.stdout.take().expect("its output").read_to_string(&mut out).expect("text");
    assert_eq!(out.lines().filter(|line| line.contains("charge.succeeded")).count(), 2, "{out}");
}

/// Adds an endpoint for charges and answers its secret and its id.
fn add(person: &Person, url: &str) -> (String, String) {
    let made = person.says(&["webhook", "add", url, "--type", "charge.*"]);
    (text(&made, "secret").to_owned(), text(&made, "id").to_owned())
}

/// The receiver takes what is genuine, once, and refuses what is not.
fn takes_what_is_genuine(person: &Person, endpoint: &str, url: &str) {
    person.charge("k1");
    let deliveries = eventually("both events are delivered", || {
        let list = person.says(&["webhook", "deliveries", "--endpoint", endpoint, "--status", "delivered"]);
        (list["data"].as_array().map(Vec::len) == Some(2)).then(|| list["data"].clone())
    });
    let tries = person.says(&["webhook", "delivery", text(&deliveries[0], "id")])["tries"].clone();
    assert_eq!(tries.as_array().and_then(|tries| tries.last()).map(|tried| &tried["status"]), Some(&json!(204)));
    let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut forged = TcpStream::connect(&address).expect("it listens");
    let request = "POST / HTTP/1.1\r\nhost: a\r\nwebhook-id: evt_1\r\nwebhook-timestamp: 1700000000\r\n\
        webhook-signature: v1,AAAA\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    forged.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    let _ = forged.read_to_string(&mut answer);
    assert!(answer.lines().next().is_some_and(|line| line.contains(" 400 ")), "{answer}");
}

#[test]
fn the_receiver_in_rust_takes_what_the_gateway_sends() {
    let person = Person::new();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let (secret, endpoint) = add(&person, &url);
    runtime.spawn(async move {
        let _ = receiver::serve(listener, &secret).await;
    });
    takes_what_is_genuine(&person, &endpoint, &url);
    runtime.shutdown_background();
}

#[test]
fn the_receiver_in_python_takes_what_the_gateway_sends() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/receiver-python");
    let python = venv(&example);
    let person = Person::new();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let url = format!("http://127.0.0.1:{port}/");
    let (secret, endpoint) = add(&person, &url);
    let child = Command::new(python)
        .arg(example.join("receiver.py"))
        .envs([("TOLLGATE_WEBHOOK_SECRET", secret.as_str()), ("PORT", &port.to_string())])
        .stdout(Stdio::piped())
        .spawn();
    let mut child = Ending(child.expect("it starts"));
    let mut lines = BufReader::new(child.0.stdout.take().expect("its output")).lines();
    let mut line = || lines.next().expect("a line").expect("text");
    assert!(line().starts_with("listening"));
    takes_what_is_genuine(&person, &endpoint, &url);
    let told = [line(), line()].join("\n");
    assert!(told.contains("charge.processing") && told.contains("charge.succeeded"), "{told}");
}

/// A process that ends with the test.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A Python with the example's requirements, made once per target folder.
fn venv(example: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("receiver-python");
    let python = folder.join("bin/python");
    let is_there = || {
        Command::new(&python).args(["-c", "import standardwebhooks"]).output().is_ok_and(|ended| ended.status.success())
    };
    if !is_there() {
        let requirements = example.join("requirements.txt");
        let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).status().expect("python3 runs");
        assert!(made.success(), "a virtual environment; on Debian it needs python3-venv");
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        let installed = Command::new(&python).args(install).arg(requirements).status().expect("pip runs");
        assert!(installed.success() && is_there(), "the requirements of the example");
    }
    python
}
