//! Several nodes that deliver from one database: only the holder of an endpoint's queue sends, and only what the holder
//! records counts. Two engines, one store, a clock by hand; who posts is told what to do.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::audit::Actor;
use domain::delivery::{Answer, State};
use domain::program::{Environment, Program};
use domain::webhook_endpoint::{Kinds, WebhookEndpoint};
use domain::{DeliveryId, Span, Time};
use gateway::deliver::{Courier, Letter, Reply, run_due};
use gateway::engine::{Engine, NewEndpoint, Parts};
use gateway::source::{Source, SystemSource};
use gateway::{Admin, MasterKey, NewProgram, PayoneerTimeouts};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use store::Store;

struct Clock(AtomicI64);

impl Source for Clock {
    fn now(&self) -> Time {
        Time::from_micros(self.0.load(Ordering::SeqCst))
    }

    fn fill(&self, buffer: &mut [u8]) {
        SystemSource.fill(buffer);
    }
}

/// Does something before it answers 200.
struct Posting<F>(F, AtomicUsize);

impl<F, P> Courier for Posting<F>
where
    F: Fn() -> P + Send + Sync,
    P: Future<Output = ()> + Send,
{
    fn post(&self, _: Letter) -> Pin<Box<dyn Future<Output = Reply> + Send + '_>> {
        Box::pin(async {
            self.1.fetch_add(1, Ordering::SeqCst);
            (self.0)().await;
            Reply { answer: Answer::Status { code: 200, retry_after: None }, said: "ok".to_owned() }
        })
    }
}

fn posting<F>(before: F) -> Posting<F> {
    Posting(before, AtomicUsize::new(0))
}

struct Stage {
    clock: Arc<Clock>,
    nodes: [Arc<Engine>; 2],
    program: Program,
    endpoint: WebhookEndpoint,
}

async fn stage() -> Stage {
    let clock = Arc::new(Clock(AtomicI64::new(1_700_000_000_000_000)));
    let store = Store::open(&store::Options::memory()).unwrap();
    let (master, timeouts) = (MasterKey::new([5; 32]), PayoneerTimeouts::default());
    let admin = Admin::on(store.clone(), master.clone(), Arc::clone(&clock) as _, timeouts, "http://127.0.0.1");
    let program = NewProgram {
        name: "Shop".to_owned(),
        program_id: "100012345".to_owned(),
        environment: Environment::Url("http://127.0.0.1:9".to_owned()),
        username: "demo".to_owned(),
        api_password: SecretString::from("demo-api-password"),
        return_url: None,
    };
    let program = admin.add_program(program).await.unwrap();
    let node = || {
        Engine::new(Parts {
            store: store.clone(),
            source: Arc::clone(&clock) as _,
            master: master.clone(),
            connect: Box::new(|_, _| Err("nobody asks Payoneer here".to_owned())),
            public_url: "http://127.0.0.1".to_owned(),
            attempt_lifetime: Span::from_secs(60),
            metrics: Arc::default(),
        })
    };
    let nodes = [node(), node()];
    let kinds = Kinds::new(["webhook_endpoint.tested"]).unwrap();
    let new = NewEndpoint {
        url: "https://a.example/".to_owned(),
        description: String::new(),
        kinds,
        headers: BTreeMap::new(),
    };
    let (endpoint, _) = nodes[0].create_endpoint(&program, &Actor::console("tests"), new).await.unwrap();
    Stage { clock, nodes, program, endpoint }
}

impl Stage {
    async fn test(&self) -> DeliveryId {
        self.nodes[0].test_endpoint(&self.program, &self.endpoint.id).await.unwrap().id
    }
}

#[tokio::test]
async fn what_one_node_holds_another_does_not_send() {
    let stage = stage().await;
    let id = stage.test().await;
    let other = posting(|| async {});
    let holder = posting(|| async {
        assert_eq!(run_due(&stage.nodes[1], &other, 8).await.unwrap(), 0, "the queue is held");
    });
    assert_eq!(run_due(&stage.nodes[0], &holder, 8).await.unwrap(), 1);
    assert_eq!((holder.1.load(Ordering::SeqCst), other.1.load(Ordering::SeqCst)), (1, 0));
    let done = stage.nodes[1].delivery(&stage.program, &id).await.unwrap();
    assert_eq!((done.state, done.tries), (State::Delivered, 1));
    assert_eq!(run_due(&stage.nodes[1], &other, 8).await.unwrap(), 0, "nothing is left");
}

#[tokio::test]
async fn what_a_node_records_after_it_lost_the_queue_does_not_count() {
    let stage = stage().await;
    let id = stage.test().await;
    let heir = posting(|| async {});
    let late = posting(|| async {
        // So long that the lease runs out, and another node takes the queue.
        stage.clock.0.fetch_add(181_000_000, Ordering::SeqCst);
        assert_eq!(run_due(&stage.nodes[1], &heir, 8).await.unwrap(), 1);
    });
    run_due(&stage.nodes[0], &late, 8).await.unwrap();
    assert_eq!((late.1.load(Ordering::SeqCst), heir.1.load(Ordering::SeqCst)), (1, 1), "at least once");
    let done = stage.nodes[0].delivery(&stage.program, &id).await.unwrap();
    assert_eq!((done.state, done.tries), (State::Delivered, 1), "but recorded once");
    assert_eq!(stage.nodes[0].tries(&id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_node_that_starts_alone_takes_over_what_a_dead_one_held() {
    let stage = stage().await;
    let id = stage.test().await;
    // It dies in the middle of a request: nothing after it is ever done.
    let dying = posting(std::future::pending::<()>);
    let round = run_due(&stage.nodes[0], &dying, 8);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(50), round).await.is_err());
    let heir = posting(|| async {});
    assert_eq!(run_due(&stage.nodes[1], &heir, 8).await.unwrap(), 0, "the dead one's lease has not run out");
    stage.nodes[1].adopt_orphans().await.unwrap();
    assert_eq!(run_due(&stage.nodes[1], &heir, 8).await.unwrap(), 1);
    assert_eq!(stage.nodes[1].delivery(&stage.program, &id).await.unwrap().state, State::Delivered);
}
