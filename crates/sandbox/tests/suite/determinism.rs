//! The world called directly: the same seed and commands give the same bytes, and money is never lost, whatever the commands.

use proptest::prelude::*;
use sandbox::v2::{Context, Request, answer};
use sandbox::world::{
    Amount, CANCEL_CODE, CallbackStatus, ChargeStatus, ClockMode, Currency, LinkKind, NewLink, Outcome, PayoutStatus,
    Program, Purse, Review, Settings, Style, World,
};

use crate::support::{epoch, payment};

const PAYEES: [&str; 4] = ["Test123", "p1", "p2", "p3"];

/// One thing that a merchant, a payee, an operator or time does.
#[derive(Clone, Debug)]
enum Command {
    Link { payee: usize, review: Option<Review> },
    Charge { payee: usize, amount: u32, reference: u8 },
    CancelCharge(u8),
    SettleCharge(u8),
    FailCharge(u8),
    Payout { payee: usize, amount: u32, reference: u8 },
    CancelPayout(u8),
    FailPayout(u8),
    Release(usize),
    Block(usize),
    Drain { payee: usize, amount: u32 },
    Advance(u16),
    Deliver(bool),
    Reload,
}

fn command() -> impl Strategy<Value = Command> {
    let payee = 0..PAYEES.len();
    let reference = 0..12_u8;
    let review =
        prop_oneof![Just(None), Just(Some(Review::Approve)), Just(Some(Review::Pending)), Just(Some(Review::Decline))];
    prop_oneof![
        (payee.clone(), review).prop_map(|(payee, review)| Command::Link { payee, review }),
        (payee.clone(), 0..12_000_u32, reference.clone()).prop_map(|(payee, amount, reference)| Command::Charge {
            payee,
            amount,
            reference
        }),
        reference.clone().prop_map(Command::CancelCharge),
        reference.clone().prop_map(Command::SettleCharge),
        reference.clone().prop_map(Command::FailCharge),
        (payee.clone(), 0..800_000_u32, reference.clone()).prop_map(|(payee, amount, reference)| Command::Payout {
            payee,
            amount,
            reference
        }),
        reference.clone().prop_map(Command::CancelPayout),
        reference.prop_map(Command::FailPayout),
        payee.clone().prop_map(Command::Release),
        payee.clone().prop_map(Command::Block),
        (payee, 0..20_000_u32).prop_map(|(payee, amount)| Command::Drain { payee, amount }),
        (0..5_u16).prop_map(Command::Advance),
        any::<bool>().prop_map(Command::Deliver),
        Just(Command::Reload),
    ]
}

fn hundredths(amount: u32) -> Amount {
    Amount::from_hundredths(amount.into()).unwrap()
}

fn world(seed: u64) -> World {
    let callbacks = Settings::example_callbacks("http://127.0.0.1:1/cb", Style::Get);
    let settings = Settings { callbacks, ..Settings::default() };
    let program = Program { id: "1".into(), currency: Currency::USD };
    let mut world = World::new(program, settings, seed, ClockMode::Manual, epoch()).unwrap();
    for payee in 1..PAYEES.len() {
        perform(&mut world, &Command::Link { payee, review: Some(Review::Approve) });
    }
    world
}

fn post(world: &mut World, path: &str, body: &str) -> String {
    let target = format!("/v2/programs/1/{path}");
    let request = Request { method: "POST", target: &target, authorized: true, body: Some(body.as_bytes()) };
    answer(world, Context { public_url: "http://s" }, &request).body
}

/// Does it; gives what a caller would see.
fn perform(world: &mut World, command: &Command) -> String {
    match command {
        Command::Link { payee, review } => {
            let Ok((link, _)) = world.make_link(NewLink::plain(LinkKind::Registration, PAYEES[*payee])) else {
                return "full".into();
            };
            let account = world.accounts().next().unwrap().id.clone();
            format!("{:?}", world.complete_link(&link.token, &account, *review))
        }
        Command::Charge { payee, amount, reference } => {
            let amount = format!("\"{}\"", hundredths(*amount));
            post(world, "charges", &payment(PAYEES[*payee], &amount, &format!("r{reference}")))
        }
        Command::CancelCharge(n) => post(world, &format!("charges/R{n}/cancel"), ""),
        Command::SettleCharge(n) => format!("{:?}", world.settle_charge(&format!("r{n}"))),
        Command::FailCharge(n) => format!("{:?}", world.fail_charge(&format!("r{n}"))),
        Command::Payout { payee, amount, reference } => {
            let amount = hundredths(*amount).to_string();
            post(world, "payouts", &payment(PAYEES[*payee], &amount, &format!("r{reference}")))
        }
        Command::CancelPayout(n) => post(world, &format!("payouts/r{n}/cancel"), "{}"),
        Command::FailPayout(n) => format!("{:?}", world.fail_payout(&format!("r{n}"), CANCEL_CODE, "why")),
        Command::Release(payee) => format!("{:?}", world.release_payee(PAYEES[*payee])),
        Command::Block(payee) => format!("{:?}", world.block_payee(PAYEES[*payee], None)),
        Command::Drain { payee, amount } => {
            let account = world.payee(PAYEES[*payee]).map(|p| p.account.clone()).unwrap_or_default();
            format!("{:?}", world.drain_account(&account, hundredths(*amount), Currency::USD))
        }
        Command::Advance(seconds) => {
            let to = world.now().plus_seconds(u64::from(*seconds));
            format!("{:?}", world.advance_to(to))
        }
        Command::Deliver(works) => {
            let taken = world.take_due_callbacks(3);
            for dispatch in &taken {
                let outcome = if *works { Outcome::Answered(200) } else { Outcome::Failed("no".into()) };
                world.record_try(dispatch.epoch, dispatch.id, outcome);
            }
            format!("{taken:?}")
        }
        Command::Reload => {
            *world = World::from_snapshot(&world.snapshot().unwrap()).unwrap();
            String::new()
        }
    }
}

/// Everything that is anywhere, without what is outside.
fn inside(world: &World) -> i64 {
    let purses = [Purse::Program, Purse::ChargesInTransit, Purse::PayoutsInTransit].into_iter();
    let accounts = world.accounts().map(|a| Purse::Account(a.id.clone()));
    purses.chain(accounts).map(|p| world.journal().balance(&p, Currency::USD).hundredths()).sum()
}

/// What entered from outside, less what left to there.
fn entered(world: &World) -> i64 {
    let legs = world.journal().entries().iter().flat_map(|e| &e.legs);
    -legs.filter(|l| l.purse == Purse::Outside).map(|l| l.change).sum::<i64>()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn money_is_never_lost_made_or_owed(commands in prop::collection::vec(command(), 1..120)) {
        let mut world = world(3);
        for command in &commands {
            perform(&mut world, command);
            let audit = world.journal().audit();
            prop_assert!(audit.balanced, "{:?} after {command:?}", audit.faults);
            prop_assert_eq!(inside(&world), entered(&world));
        }
        // Every charge's money lies exactly where its status says.
        let sum = |entries: Vec<i64>| entries.into_iter().sum::<i64>();
        let pending = sum(world.charges().filter(|c| c.status == ChargeStatus::Pending).map(|c| c.amount.hundredths()).collect());
        prop_assert_eq!(pending, world.journal().balance(&Purse::ChargesInTransit, Currency::USD).hundredths());
        let under_way = sum(world.payouts().filter(|p| p.status == PayoutStatus::Pending).map(|p| p.amount.hundredths()).collect());
        prop_assert_eq!(under_way, world.journal().balance(&Purse::PayoutsInTransit, Currency::USD).hundredths());
        let kept = sum(world.charges().filter(|c| c.status == ChargeStatus::Transferred).map(|c| c.amount.hundredths()).collect());
        let paid = sum(world.payouts().filter(|p| p.status != PayoutStatus::Cancelled).map(|p| p.amount.hundredths()).collect());
        prop_assert_eq!(world.program_balance().hundredths(), 1_020_000 + kept - paid);
    }

    #[test]
    fn the_same_commands_give_the_same_bytes(commands in prop::collection::vec(command(), 1..60), seed in any::<u64>()) {
        let (mut one, mut two) = (world(seed), world(seed));
        for command in &commands {
            prop_assert_eq!(perform(&mut one, command), perform(&mut two, command));
        }
        prop_assert_eq!(one.snapshot().unwrap(), two.snapshot().unwrap());
    }
}

#[test]
fn late_news_of_a_forgotten_callback_changes_nothing() {
    let mut world = world(1);
    perform(&mut world, &Command::Deliver(true));
    let taken = |world: &mut World| {
        world.release_payee("p1").unwrap();
        let all = world.take_due_callbacks(100);
        all.last().map(|d| (d.epoch, d.id)).unwrap()
    };
    let (old, id) = taken(&mut world);
    world.reset().unwrap();
    perform(&mut world, &Command::Link { payee: 1, review: Some(Review::Approve) });
    let again = loop {
        let (epoch, new) = taken(&mut world);
        if new >= id {
            break epoch;
        }
        perform(&mut world, &Command::Link { payee: 1, review: Some(Review::Approve) });
    };
    world.record_try(old, id, Outcome::Answered(200));
    assert_eq!(world.callback(id).unwrap().status, CallbackStatus::Sending);
    world.record_try(again, id, Outcome::Answered(200));
    assert_eq!(world.callback(id).unwrap().status, CallbackStatus::Delivered);
}

#[test]
fn another_seed_gives_other_tokens_and_the_same_money() {
    let run = |seed| {
        let mut world = world(seed);
        let link = format!("{:?}", world.link(&world.links().next().unwrap().token));
        perform(&mut world, &Command::Charge { payee: 1, amount: 120, reference: 1 });
        let memos: Vec<_> = world.journal().entries().iter().map(|e| (e.memo.clone(), e.legs[1].change)).collect();
        (link, world.links().next().unwrap().token.clone(), memos)
    };
    let (one, two) = (run(1), run(2));
    assert!(one.0 != two.0 && one.1 != two.1);
    assert_eq!(one.2, two.2);
}
