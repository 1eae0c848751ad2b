//! A correct client is acquitted under every seed: the world called directly, answers and requests lost as a seed says.
//! Inside the crate, for a request that never arrived can only be recorded here.

use super::{Kind, Level, Verdict};
use crate::v2::{self, Context, Request};
use crate::world::{
    Amount, Answered, ClockMode, Currency, Event, Exchange, FaultMark, IntentKind, NewIntent, NewPayment, Program,
    Refusal, Says, Settings, Time, World,
};

/// A sequence of numbers from a seed; splitmix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }
}

/// What became of a call on its way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Good,
    AnswerLost,
    HalfAnAnswer,
    ServerError,
    Busy,
    NeverArrived,
}

struct Run {
    world: World,
    dice: Dice,
    /// Whether things go wrong, or the network has healed.
    faulty: bool,
    /// Requests that were lost on their way in and may arrive later.
    late: Vec<NewPayment>,
}

const PATH: &str = "/v2/programs/1";

impl Run {
    fn new(seed: u64) -> Self {
        let program = Program { id: "1".to_owned(), currency: Currency::USD };
        let now = Time::parse("2026-11-23T15:00:00Z").unwrap();
        let mut settings = Settings::default();
        let template = serde_json::from_value(serde_json::json!({ "url": "http://127.0.0.1:1/", "method": "GET" }));
        settings.callbacks.insert(Event::ChargeTransferred, template.unwrap());
        let world = World::new(program, settings, seed, ClockMode::Manual, now).unwrap();
        Self { world, dice: Dice(seed), faulty: true, late: Vec::new() }
    }

    fn way(&mut self) -> Way {
        if !self.faulty || self.dice.one_in(2) {
            return Way::Good;
        }
        let ways = [Way::AnswerLost, Way::HalfAnAnswer, Way::ServerError, Way::Busy, Way::NeverArrived];
        ways[usize::try_from(self.dice.next() % 5).unwrap()]
    }

    fn serve(&mut self, method: &str, target: &str, body: &str) -> v2::Answer {
        let request = Request { method, target, authorized: true, body: Some(body.as_bytes()) };
        v2::answer(&mut self.world, Context { public_url: "http://127.0.0.1" }, &request)
    }

    /// The code of the answer, when the client could read it.
    fn call(&mut self, method: &str, target: &str, body: &str) -> Option<(u16, i64)> {
        let way = self.way();
        if way == Way::NeverArrived && method == "POST" && target.ends_with("/charges") {
            let payment = self.record_nothing(body);
            self.late.push(payment);
            return None;
        }
        let answer = self.serve(method, target, body);
        let (kind, answered, wait) = match way {
            Way::Good => {
                let reply: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
                // What says nothing at all has no code.
                return Some((answer.status, reply["code"].as_i64().unwrap_or(-1)));
            }
            Way::AnswerLost | Way::NeverArrived => ("reset", Answered::Nothing, None),
            Way::HalfAnAnswer => ("truncated", Answered::Broken, None),
            Way::ServerError => ("500", Answered::Whole, None),
            Way::Busy => ("429", Answered::Whole, Some(1 + self.dice.next() % 60)),
        };
        let number = self.world.exchanges().next_back().unwrap().number;
        let cut = "after_apply_before_reply".to_owned();
        let fault = FaultMark { id: "seed".to_owned(), cut, kind: kind.to_owned(), retry_after_seconds: wait };
        self.world.mark_exchange(number, fault, answered);
        self.pass(wait.unwrap_or(0));
        None
    }

    /// A charge whose request was lost on its way in: the record has it, the world does not.
    fn record_nothing(&mut self, body: &str) -> NewPayment {
        let sent: serde_json::Value = serde_json::from_str(body).unwrap();
        let text = |name: &str| sent[name].as_str().map(str::to_owned);
        let cut = "after_read_before_apply".to_owned();
        self.world.record_exchange(Exchange {
            number: 0,
            at: self.world.now(),
            operation: "create_charge".to_owned(),
            reference: text("client_reference_id"),
            payee_id: text("payee_id"),
            amount: text("amount"),
            currency: text("currency"),
            body_sha256: body.len().to_string(),
            code: -1,
            http_status: 0,
            effect: false,
            applied: false,
            fault: Some(FaultMark { id: "seed".to_owned(), cut, kind: "reset".to_owned(), retry_after_seconds: None }),
            answered: Answered::Nothing,
        });
        NewPayment {
            client_reference_id: text("client_reference_id").unwrap(),
            payee_id: text("payee_id").unwrap(),
            amount: Amount::parse(&text("amount").unwrap()).unwrap(),
            currency: Currency::USD,
            description: "late".to_owned(),
        }
    }

    fn pass(&mut self, seconds: u64) {
        let to = self.world.now().plus_seconds(seconds);
        self.world.advance_to(to);
    }

    fn says(&mut self, intent: &str, kind: IntentKind, amount: &str, reference: &str, says: Says) {
        let intent = NewIntent {
            intent: intent.to_owned(),
            kind,
            payee_id: "Test123".to_owned(),
            amount: Amount::parse(amount).unwrap(),
            currency: Currency::USD,
            reference: Some(reference.to_owned()),
            says,
        };
        self.world.note_intent(intent).unwrap();
    }

    /// Asks for the status, with pauses: the word of a status that was found.
    fn ask(&mut self, reference: &str) -> bool {
        let heard = self.call("GET", &format!("{PATH}/charges/{reference}/status"), "");
        self.pass(2);
        heard == Some((200, 0))
    }
}

/// An order whose outcome the client does not know yet.
struct Doubt {
    order: u64,
    amount: &'static str,
}

/// Sends one charge and says what it knows; gives it back when that is nothing.
fn order(run: &mut Run, order: u64) -> Option<Doubt> {
    // Few amounts, so that equal payments are in doubt at the same time.
    let amount = ["1.20", "2", "500"][usize::try_from(run.dice.next() % 3).unwrap()];
    let (intent, reference) = (format!("order-{order}"), format!("ref-{order}"));
    run.says(&intent, IntentKind::Charge, amount, &reference, Says::Pending);
    let body = serde_json::json!({
        "payee_id": "Test123", "amount": amount, "currency": "USD", "client_reference_id": reference, "description": "x",
    });
    let heard = run.call("POST", &format!("{PATH}/charges"), &body.to_string());
    run.pass(1);
    if run.dice.one_in(4) {
        // A forger speaks of it; a callback is no evidence.
        run.world.forge_callback(Event::ChargeTransferred, "Test123", &reference).unwrap();
    }
    let says = match heard {
        Some((200, 0)) => Says::Succeeded,
        Some((400, 10301)) => Says::Failed,
        Some(other) => panic!("{other:?}"),
        None => Says::Unknown,
    };
    run.says(&intent, IntentKind::Charge, amount, &reference, says);
    (says == Says::Unknown).then_some(Doubt { order, amount })
}

/// Asks about every doubt once; what is found is settled.
fn resolve(run: &mut Run, doubts: Vec<Doubt>) -> Vec<Doubt> {
    let mut left = Vec::new();
    for doubt in doubts {
        let reference = format!("ref-{}", doubt.order);
        if run.ask(&reference) {
            let intent = format!("order-{}", doubt.order);
            run.says(&intent, IntentKind::Charge, doubt.amount, &reference, Says::Succeeded);
        } else {
            left.push(doubt);
        }
    }
    left
}

/// One whole run of a correct client: orders under faults, late arrivals, healing, then the last questions.
fn correct(seed: u64) -> (Verdict, usize) {
    let mut run = Run::new(seed);
    let mut doubts = Vec::new();
    for number in 0..8 {
        doubts.extend(order(&mut run, number));
        if run.dice.one_in(2) {
            doubts = resolve(&mut run, doubts);
        }
    }
    run.faulty = false;
    for late in std::mem::take(&mut run.late) {
        if run.dice.one_in(2) {
            // It was on its way all the time: the same request, so no exchange of its own.
            let arrived = run.world.create_charge(late);
            assert!(matches!(arrived, Ok(_) | Err(Refusal::Short)), "{arrived:?}");
        }
    }
    run.pass(3_600);
    let left = resolve(&mut run, doubts);
    (Verdict::of(&run.world), left.len())
}

#[test]
fn a_correct_client_is_acquitted_under_a_thousand_seeds() {
    let (mut doubted, mut refused, mut paid) = (0, 0, 0);
    for seed in 0..1_000 {
        let (verdict, left) = correct(seed);
        assert!(verdict.clean, "seed {seed}: {verdict}");
        // What Payoneer does not know stays unknown, one warning each, and nothing else is found.
        let warned = verdict.findings.iter().filter(|f| f.kind == Kind::Unresolved).count();
        assert_eq!((warned, verdict.findings.len()), (left, left), "seed {seed}: {verdict}");
        doubted += left;
        paid += verdict.payments.iter().filter(|p| p.outcome == Kind::PaidOnce).count();
        refused += verdict.payments.iter().filter(|p| p.outcome == Kind::NotPaid).count();
    }
    // The seeds are worth something only when all of this happens.
    assert!(doubted > 100 && refused > 100 && paid > 100, "{doubted} {refused} {paid}");
}

#[test]
fn the_same_runs_convict_a_client_that_concludes_from_silence() {
    let mut convicted = 0;
    for seed in 0..100 {
        let mut run = Run::new(seed);
        for number in 0..8 {
            if let Some(doubt) = order(&mut run, number) {
                let (intent, reference) = (format!("order-{number}"), format!("ref-{number}"));
                run.says(&intent, IntentKind::Charge, doubt.amount, &reference, Says::Failed);
                let verdict = Verdict::of(&run.world);
                let found: Vec<Kind> = verdict.findings.iter().map(|f| f.kind).collect();
                let named = [Kind::ClientSaysFailedButPaid, Kind::FailureWithoutEvidence];
                assert!(found.iter().all(|kind| named.contains(kind)), "seed {seed}: {verdict}");
                assert!(found.iter().any(|kind| kind.level() == Level::Violation), "seed {seed}: {verdict}");
                convicted += 1;
            }
        }
    }
    assert!(convicted > 100, "{convicted}");
}
