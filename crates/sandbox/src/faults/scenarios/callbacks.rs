//! Scenarios about callbacks. Those about charges need a template for `charge-transferred`.
//! Data only.

use super::{Cut, Kind, Scenario, Step, scenario, step};

const CHARGE: &str = "create_charge";
const PAYOUT: &str = "create_payout";

const fn both(cut: Cut, kind: Kind) -> [Step; 2] {
    [step(CHARGE, cut, kind), step(PAYOUT, cut, kind)]
}

const DUPLICATE: [Step; 2] = both(Cut::AfterReplyBeforeCallback, Kind::Duplicate);
const LATE: [Step; 2] = both(Cut::AfterReplyBeforeCallback, Kind::Late);
const FORGED: [Step; 2] = both(Cut::AfterReplyBeforeCallback, Kind::Forged);
const BEFORE_REPLY: [Step; 2] = both(Cut::CallbackBeforeReply, Kind::Pass);
const BEFORE_LOST_REPLY: [Step; 2] = both(Cut::CallbackBeforeReply, Kind::Reset);
const NEVER: [Step; 2] = both(Cut::CallbackNever, Kind::Pass);
const NEVER_AND_LOST: [Step; 2] = both(Cut::CallbackNever, Kind::Reset);

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario(
        "duplicate_callback",
        "Every callback of the payment comes twice.",
        "Acts once; the second changes nothing.",
        &DUPLICATE,
    ),
    scenario(
        "late_callback",
        "Every callback of the payment comes a virtual minute late.",
        "Has asked meanwhile; the late callback changes nothing.",
        &LATE,
    ),
    scenario(
        "callback_before_reply",
        "The payment is settled and its callback arrives before the reply to the call.",
        "Knows its own reference before it sends; the callback wakes a query and the reply does no harm.",
        &BEFORE_REPLY,
    ),
    scenario(
        "callback_before_lost_reply",
        "The callback arrives, and the reply never does.",
        "Lets the callback wake a query, and believes the query.",
        &BEFORE_LOST_REPLY,
    ),
    scenario(
        "missing_callback",
        "The payment goes through and no callback ever comes.",
        "Does not rely on callbacks: asks.",
        &NEVER,
    ),
    scenario(
        "reply_and_callback_lost",
        "The payment is taken; neither reply nor callback ever comes.",
        "Asks by the same reference until it knows.",
        &NEVER_AND_LOST,
    ),
    scenario(
        "forged_callback",
        "A callback that Payoneer never sent says that the payment is through; its signature is wrong.",
        "Verifies signatures, and even then only asks: nothing is settled by a callback.",
        &FORGED,
    ),
];
