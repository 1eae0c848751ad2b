//! What a seed decides beforehand: how many nodes, which faults how often, how Payoneer behaves, what merchants do.
//! Swarm: many seeds lack whole kinds of faults, so that the others can show what they do alone.

use crate::dice::Dice;
use sandbox::world::SuccessWord;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;

/// Faults in a thousand calls.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// No connection: certainly not sent.
    pub(crate) not_connected: i64,
    /// The request never arrives, and nobody says so.
    pub(crate) lost_request: i64,
    /// The request is taken and the answer is lost.
    pub(crate) lost_reply: i64,
    /// The request arrives long after its sender gave up.
    pub(crate) delayed: i64,
    /// HTML, 429, 5xx and the like instead of doing it.
    pub(crate) garbage_before: i64,
    /// The same after it was done.
    pub(crate) garbage_after: i64,
    /// A well-formed answer that is about somebody else's request.
    pub(crate) wrong_reply: i64,
    /// A query that fails, or that shows an older state.
    pub(crate) query: i64,
    /// A commit or read that is refused.
    pub(crate) shut: i64,
    /// A commit that takes place and says that nobody knows.
    pub(crate) deaf: i64,
    /// A commit that does not take place and says that nobody knows.
    pub(crate) lost: i64,
    /// A callback that gets lost, comes twice, or late.
    pub(crate) callback: i64,
    /// A crash, per ten thousand steps.
    pub(crate) crash: i64,
    /// A pause of a whole node, per ten thousand steps.
    pub(crate) pause: i64,
}

impl Faults {
    fn draw(dice: &mut Dice) -> Self {
        let mut some = |most: i64| if dice.chance(500) { dice.between(1, most) } else { 0 };
        Self {
            not_connected: some(300),
            lost_request: some(250),
            lost_reply: some(300),
            delayed: some(250),
            garbage_before: some(150),
            garbage_after: some(200),
            wrong_reply: some(100),
            query: some(500),
            shut: some(30),
            deaf: some(60),
            lost: some(60),
            callback: some(600),
            crash: some(120),
            pause: some(60),
        }
    }
}

/// One charge or payout that the merchant wants.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// Its number; the idempotency key follows from it.
    pub(crate) number: usize,
    /// The index of the payee.
    pub(crate) payee: usize,
    /// In cents.
    pub(crate) cents: i64,
    /// The merchant's own reference.
    pub(crate) reference: Option<String>,
    /// What it is for.
    pub(crate) purpose: Option<String>,
}

/// What happens from outside.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A charge request; other cents than the order's make it another body.
    Charge { order: usize, more_cents: i64 },
    /// The same reference in another case under another key.
    ChargeAgainUnderOtherKey { order: usize },
    /// A refund of that order's charge, under the n-th key.
    Refund { order: usize, key: usize },
    /// Withdraw the charge.
    CancelCharge { order: usize },
    /// Read the charge by its key.
    Read { order: usize },
    /// A payout request.
    Payout { order: usize },
    /// Take the payout back.
    CancelPayout { order: usize },
    /// Send a payee to Payoneer's page; the payee consents later, or never.
    Authorize { payee: usize, consents_in: Option<i64> },
    /// Release a payee.
    Revoke { payee: usize },
    /// Ask about a payee.
    Refresh { payee: usize },
    /// A stranger's callback.
    Forge { order: usize, event: usize },
    /// Payoneer blocks a payee.
    Block { payee: usize },
    /// Money from outside.
    Fund { payee: usize },
    /// Payoneer cancels a payout that is on its way.
    FailPayout { order: usize },
    /// The merchant's other system used the reference at Payoneer before.
    Foreign { order: usize },
}

/// When what happens.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) at: i64,
    pub(crate) act: Act,
}

/// Everything that is decided beforehand.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) nodes: usize,
    /// How far each node's clock is from the true time, in microseconds.
    pub(crate) skews: Vec<i64>,
    pub(crate) faults: Faults,
    pub(crate) payees: usize,
    pub(crate) charges: Vec<Order>,
    pub(crate) payouts: Vec<Order>,
    pub(crate) items: Vec<Item>,
    /// After this long no more faults.
    pub(crate) calm_at: i64,
    pub(crate) charge_settles: u32,
    pub(crate) payout_settles: u32,
    pub(crate) review_seconds: u32,
    pub(crate) word: SuccessWord,
    pub(crate) errors_as_200: bool,
    pub(crate) posts: bool,
}

impl Plan {
    pub(crate) fn draw(seed: u64) -> Self {
        let dice = &mut Dice::new(seed, 1);
        let nodes = *dice.pick(&[1, 1, 2, 3]);
        let skewed = dice.chance(300);
        let skews = (0..nodes).map(|_| if skewed { dice.between(-10 * MINUTE, 10 * MINUTE) } else { 0 }).collect();
        let payees = 1 + dice.below(3);
        let mut plan = Self {
            nodes,
            skews,
            faults: Faults::draw(dice),
            payees,
            charges: orders(dice, 1, 6, payees, "order"),
            payouts: orders(dice, 0, 3, payees, "pay"),
            items: Vec::new(),
            calm_at: dice.between(5, 180) * MINUTE,
            charge_settles: *dice.pick(&[0, 1, 30, 7_200]),
            payout_settles: *dice.pick(&[0, 2, 600, 90_000]),
            review_seconds: *dice.pick(&[0, 0, 20]),
            word: *dice.pick(&[SuccessWord::Transferred, SuccessWord::Done]),
            errors_as_200: dice.chance(300),
            posts: dice.chance(300),
        };
        plan.draw_items(dice);
        if plan.items.iter().any(|item| matches!(item.act, Act::Foreign { .. })) {
            plan.keep_evidence();
        }
        plan.items.sort_by_key(|item| item.at);
        plan
    }

    /// Where another system of the merchant's has used the reference before us, nothing but Payoneer's own "exists
    /// already" tells that. If that word is lost, v2's bare status cannot tell either: a known limit, so here it is kept.
    fn keep_evidence(&mut self) {
        let Faults { not_connected, query, callback, .. } = self.faults;
        self.faults = Faults { not_connected, query, callback, ..Faults::default() };
        self.nodes = 1;
        self.skews = vec![0];
    }

    fn draw_items(&mut self, dice: &mut Dice) {
        let late = *dice.pick(&[2 * SECOND, MINUTE, 20 * MINUTE]);
        let foreign = dice.chance(150);
        let mut put = |at: i64, act: Act| self.items.push(Item { at, act });
        for (order, wanted) in self.charges.iter().enumerate() {
            let first = dice.between(0, late);
            if foreign && wanted.reference.is_some() && dice.chance(500) {
                put(0, Act::Foreign { order });
            }
            put(first, Act::Charge { order, more_cents: 0 });
            for _ in 0..dice.below(4) {
                let more_cents = i64::from(dice.chance(150));
                put(first + dice.between(0, late), Act::Charge { order, more_cents });
            }
            if wanted.reference.is_some() && dice.chance(200) {
                put(first + dice.between(0, late), Act::ChargeAgainUnderOtherKey { order });
            }
            for key in 0..dice.below(3) {
                put(first + dice.between(0, 2 * late), Act::Refund { order, key });
                if dice.chance(400) {
                    put(first + dice.between(0, 2 * late), Act::Refund { order, key });
                }
            }
            if dice.chance(200) {
                put(first + dice.between(0, late), Act::CancelCharge { order });
            }
            if dice.chance(400) {
                put(first + dice.between(0, late), Act::Read { order });
            }
            if dice.chance(300) {
                put(first + dice.between(0, late), Act::Forge { order, event: dice.below(64) });
            }
        }
        for order in 0..self.payouts.len() {
            let first = dice.between(0, late);
            for _ in 0..=dice.below(3) {
                put(first + dice.between(0, late), Act::Payout { order });
            }
            for _ in 0..dice.below(3) {
                put(first + dice.between(0, 2 * late), Act::CancelPayout { order });
            }
            if dice.chance(200) {
                put(first + dice.between(0, late), Act::FailPayout { order });
            }
        }
        for payee in 0..self.payees {
            if dice.chance(300) {
                put(dice.between(0, late), Act::Revoke { payee });
            }
            if dice.chance(400) {
                let consents_in = if dice.chance(800) { Some(dice.between(0, 2 * MINUTE)) } else { None };
                put(dice.between(0, late), Act::Authorize { payee, consents_in });
            }
            if dice.chance(400) {
                put(dice.between(0, late), Act::Refresh { payee });
            }
            if dice.chance(150) {
                put(dice.between(0, late), Act::Block { payee });
            }
            if dice.chance(300) {
                put(dice.between(0, late), Act::Fund { payee });
            }
        }
    }
}

fn orders(dice: &mut Dice, least: usize, most: usize, payees: usize, prefix: &str) -> Vec<Order> {
    let count = least + dice.below(most - least + 1);
    let order = |number| Order {
        number,
        payee: dice.below(payees),
        cents: dice.between(1, 6_000),
        reference: dice.chance(500).then(|| format!("{prefix}-{number}-Ref")),
        purpose: dice.chance(200).then(|| format!("purpose {}", dice.below(2))),
    };
    (0..count).map(order).collect()
}
