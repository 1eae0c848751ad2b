//! Seeded chaos: the same seed and the same requests give the same faults and the same record, whatever the timing.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use sandbox::faults::{PROFILES, Profile};
use sandbox::v2::{Context, Request, Sender, meet};
use sandbox::world::{ClockMode, Currency, Program, Settings, World};
use sandbox::{Options, Sandbox};

use crate::support::{control, epoch, options, payment, start};

const REFERENCES: usize = 48;

/// The calls about one reference, in their order.
fn calls(n: usize) -> [(&'static str, String, String); 4] {
    let body = payment("Test123", "1.00", &format!("r{n}"));
    [
        ("POST", "charges".to_owned(), body.clone()),
        ("GET", format!("charges/r{n}/status"), String::new()),
        ("POST", "charges".to_owned(), body),
        ("POST", format!("charges/r{n}/cancel"), String::new()),
    ]
}

/// One call over a connection of its own; whatever comes of it.
fn send(sandbox: &Sandbox, (method, path, body): &(&str, String, String)) {
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    let call = format!(
        "{method} /v2/programs/100012345/{path} HTTP/1.1\r\nhost: x\r\nauthorization: Basic ZGVtbzpkZW1vLWFwaS1wYXNzd29yZA==\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(call.as_bytes()).unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
}

async fn over_sockets(profile: &str, seed: u64, threads: usize) -> String {
    let options = Options { chaos: Some(profile.to_owned()), seed: Some(seed), ..options() };
    let sandbox = Sandbox::start(options).await.unwrap();
    tokio::task::block_in_place(|| {
        let left = Mutex::new((0..REFERENCES).collect::<Vec<_>>());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let Some(n) = left.lock().unwrap().pop() else { return };
                        for call in &calls(n) {
                            send(&sandbox, call);
                        }
                    }
                });
            }
        });
    });
    sandbox.advance_to(epoch().plus_seconds(600)).await;
    control(&sandbox, "GET", "record", "").await.text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_threads_give_the_record_of_one() {
    let one = over_sockets("lossy_replies", 7, 1).await;
    assert_eq!(one.lines().filter(|l| l.starts_with("exchange")).count(), REFERENCES * 4);
    for fault in ["after_apply_before_reply/reset", "after_apply_before_reply/close", "mid_reply/truncated"] {
        assert!(one.contains(fault), "{fault} never happened");
    }
    assert!(one == over_sockets("lossy_replies", 7, 8).await, "the threads' timing shows");
    assert_ne!(one, over_sockets("lossy_replies", 8, 8).await);
}

fn world(seed: u64) -> World {
    let program = Program { id: "1".into(), currency: Currency::USD };
    let mut world = World::new(program, Settings::default(), seed, ClockMode::Manual, epoch()).unwrap();
    world.faults_mut().set_chaos(Profile::named("hostile").unwrap().chaos(seed, ""));
    world
}

/// Every call about every reference, the references interleaved by `step`.
fn directly(seed: u64, step: usize) -> World {
    let mut world = world(seed);
    for round in 0..4 {
        for n in 0..REFERENCES {
            let (method, path, body) = &calls(n * step % REFERENCES)[round];
            let target = format!("/v2/programs/1/{path}");
            let request = Request { method, target: &target, authorized: true, body: Some(body.as_bytes()) };
            meet(&mut world, Context { public_url: "http://s" }, &request, Sender::default());
        }
    }
    world.advance_to(epoch().plus_seconds(600));
    sandbox::v2::catch_up(&mut world, Context { public_url: "http://s" });
    world
}

#[test]
fn another_order_of_arrival_gives_the_same_record() {
    let mut kinds = BTreeSet::new();
    for seed in 0..20 {
        let (one, two) = (directly(seed, 1), directly(seed, 5));
        assert_eq!(one.canonical_record(), two.canonical_record(), "seed {seed}");
        assert_ne!(one.snapshot().unwrap(), two.snapshot().unwrap(), "the order itself does show in a snapshot");
        assert!(one.journal().audit().balanced);
        kinds.extend(one.exchanges().filter_map(|e| e.fault.clone()).map(|f| f.kind));
    }
    assert!(kinds.len() >= 12, "{kinds:?}");
}

#[tokio::test]
async fn profiles_are_listed_put_in_force_and_ended() {
    let sandbox = start().await;
    let seen = control(&sandbox, "POST", "chaos", r#"{"profile":"flaky"}"#).await.json();
    assert_eq!((&seen["chaos"]["profile"], &seen["chaos"]["seed"]), (&"flaky".into(), &1.into()));
    assert_eq!(seen["profiles"].as_array().unwrap().len(), PROFILES.len());
    let calm = control(&sandbox, "POST", "chaos", r#"{"profile":"calm","seed":9}"#).await.json();
    assert!(calm["chaos"].is_null());
    let wild = Options { chaos: Some("wild".to_owned()), ..options() };
    assert!(Sandbox::start(wild).await.unwrap_err().to_string().contains("chaos must be"));
}
