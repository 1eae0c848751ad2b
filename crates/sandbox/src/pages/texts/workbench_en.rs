//! The pages for tests, in English.
//! Sentences only; where they stand is said by the shapes.

use super::workbench::{FaultsText, InspectorText, ReferencesText};
use crate::faults::{Cut, Kind};
use crate::world::{Answered, SameReference, Says, StatusAbsent, Transition};

/// Answers that Payoneer documents nowhere.
pub(super) const REFERENCES: ReferencesText = ReferencesText {
    title: "References",
    intro: "What becomes of a reference that is used again, and what a status query shows, nobody outside Payoneer knows. \
            Each answer is a switch, and a correct client is safe under all of them.",
    yes: "Yes",
    no: "No",
    used_title: "A charge under a used reference",
    same_reference: "What becomes of it",
    same: |same| match same {
        SameReference::Refused => "Refused with code 10704",
        SameReference::Replayed => "Answered as a success, without a second charge",
        SameReference::Taken => "Taken as a second charge",
    },
    memory: "Seconds until a reference is forgotten",
    memory_hint: "Leave it empty for never.",
    case_matters: "Upper and lower case tell references apart",
    free_after_cancel: "Free again after the charge was cancelled",
    races: "Two at the same time are both taken",
    status_title: "Status queries",
    lag: "Seconds until a new payment is found",
    lag_hint: "0: at once.",
    absent_label: "Answer for a reference that was never sent",
    absent: |absent| match absent {
        StatusAbsent::Empty => "HTTP 404 with the body {}",
        StatusAbsent::NotFound => "HTTP 404 with code 10311",
        StatusAbsent::BadRequest => "HTTP 400 with code 10311",
    },
    close_title: "Closed connections",
    survives_close: "Carry out a call whose client closed the connection after the last byte",
    nasty: "The nastiest answers",
    kind: "The kindest answers",
    bad_seconds: "Enter whole seconds, at most a year.",
};

/// Faults, scenarios, chaos.
pub(super) const FAULTS: FaultsText = FaultsText {
    title: "Faults",
    intro: "Let calls go wrong, to see what your client does. A fault says whether the call took effect before it went \
            wrong: that is what costs money.",
    optional: "Optional.",
    star: "Optional; a * at the end stands for any rest.",
    joint: ": ",
    rules_title: "In force",
    rules_empty: "No call is meant to go wrong. Run a scenario or add a rule below.",
    rule: "Rule",
    operation_label: "Call",
    any: "Any call",
    operation,
    fault: "What goes wrong",
    cut_label: "Where",
    cut,
    kind_label: "What happens there",
    kind,
    when: "Only for",
    fired: "Fired",
    remove: "Remove",
    clear: "Remove all",
    removed: "Removed.",
    scenario_title: "Run a scenario",
    scenario_intro: "It happens to the next calls that fit, or only to those about one reference or payee.",
    scenario: "Scenario",
    run: "Let it happen",
    ran: |name| format!("{name} waits for the next calls that fit."),
    catalogue: "What each scenario is, and what a correct client does",
    correct: "A correct client",
    scenario_words: |scenario| (scenario.happens, scenario.correct),
    chaos_title: "Chaos",
    chaos_none: "No chaos: only the rules above go wrong.",
    chaos_on: |profile, seed| {
        format!("{profile}, drawn from seed {seed}. The same seed and calls give the same faults.")
    },
    profile: "Profile",
    profile_says: |profile| profile.says,
    seed_hint: "Empty: the sandbox's own.",
    chaos_set: "Put in force",
    chaos_saved: "The profile is in force.",
    add_title: "Add a rule",
    times: "How often",
    times_hint: "0: for ever.",
    skip: "Calls to leave alone first",
    seconds: "Virtual seconds",
    seconds_hint: "Of late, returned, delayed and calls that are taken late.",
    delay_ms: "Real milliseconds of a late reply",
    status: "HTTP status of an error",
    retry_after: "Retry-After, in seconds",
    add: "Add the rule",
    added: "The rule is in force.",
    met_title: "Calls that met a fault",
    met_empty: "None yet.",
    answer: "Answer",
    no_answer: "none",
    effect_label: "Effect",
    effect: "taken",
    no_effect: "none",
    bad_number: "Enter a whole number.",
    bad_seed: "Choose a profile, and a whole number for the seed.",
    bad_rule: |bad| format!("Not added: {} {}.", bad.field, bad.why),
};

/// What happened to each payment.
pub(super) const INSPECTOR: InspectorText = InspectorText {
    title: "Inspector",
    intro: "What happened to each payment and payee: requests, what went wrong with them, money, callbacks.",
    empty: "Nothing has happened yet. Call the API, or make a link under Payees.",
    start_live: "Follow live",
    stop_live: "Stop following",
    charge: "Charge",
    payout: "Payout",
    payee: "Payee",
    request: "request",
    journal: "money",
    callback: "callback",
    client: "the client says",
    planned: "planned",
    planned_what: |transition| match transition {
        Transition::ApprovePayee { .. } => "Is approved",
        Transition::DeclinePayee { .. } => "Is declined",
        Transition::SettleCharge(_) | Transition::SettlePayout(_) => "Is settled",
        Transition::FailPayment { .. } => "Fails",
        Transition::ReturnPayment { .. } => "Is returned",
    },
    operation,
    memo,
    answered: |answered| match answered {
        Answered::Whole => "answered",
        Answered::Broken => "half an answer",
        Answered::Nothing => "not a byte came back",
    },
    says: |says| match says {
        Says::Pending => "pending",
        Says::Succeeded => "succeeded",
        Says::Failed => "failed",
        Says::Unknown => "unknown",
    },
    code: "code",
    no_answer: "no answer",
    effect: "took effect",
    no_effect: "no effect",
    forged: "forged",
    presumed: "presumed: Payoneer publishes no such callback",
    tried: "tried",
    fault: "Fault",
    more: "More",
    fail_next: "Lose the next reply",
    fails: |id| format!("The next such call takes effect and its reply is lost (rule {id})."),
};

fn operation(word: &str) -> &'static str {
    match word {
        "create_charge" => "Charge",
        "charge_status" => "Charge status",
        "cancel_charge" => "Cancel charge",
        "create_payout" => "Payout",
        "payout_status" => "Payout status",
        "cancel_payout" => "Cancel payout",
        "payee_status" => "Payee status",
        "payee_details" => "Payee details",
        "make_link" => "Link to the hosted page",
        "release_payee" => "Release payee",
        "report" => "Report",
        _ => "Other",
    }
}

fn memo(word: &str) -> &'static str {
    match word {
        "charge taken" => "Taken from the payee",
        "charge transferred" => "Transferred to the program",
        "charge failed" => "Failed, back to the payee",
        "charge refunded" => "Given back to the payee",
        "payout accepted" => "Taken from the program",
        "payout paid" => "Paid to the payee",
        "payout cancelled" => "Back to the program",
        _ => "Money moved",
    }
}

fn cut(cut: Cut) -> &'static str {
    match cut {
        Cut::BeforeRead => "not taken: before it is read",
        Cut::AfterReadBeforeApply => "not taken: read, then turned away",
        Cut::AfterApplyBeforeReply => "taken, then instead of the reply",
        Cut::MidReply => "taken, in the middle of the reply",
        Cut::AfterReplyBeforeCallback => "taken and answered, then afterwards",
        Cut::CallbackBeforeReply => "taken, callback before the reply",
        Cut::CallbackNever => "taken, and no callback ever",
        Cut::ApplyAfterTimeout => "taken late, when the client has given up",
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Pass => "nothing goes wrong",
        Kind::Hang => "the connection hangs",
        Kind::Reset => "the connection is reset",
        Kind::Close => "the connection is closed",
        Kind::Truncated => "half a reply",
        Kind::Garbage => "a reply that is not JSON",
        Kind::TooManyRequests => "HTTP 429",
        Kind::ServerError => "HTTP 503",
        Kind::Html => "a page of HTML",
        Kind::EmptyNotFound => "HTTP 404 with {}",
        Kind::Drip => "byte by byte",
        Kind::Delay => "late",
        Kind::Late => "callbacks come late",
        Kind::Duplicate => "callbacks come twice",
        Kind::Forged => "a forged callback",
        Kind::Fails => "the payment fails later",
        Kind::Returned => "the payment is returned later",
        Kind::Stuck => "the payment stays pending",
    }
}
