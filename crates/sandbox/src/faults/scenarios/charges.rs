//! Scenarios about charges and their refunds.
//! Data only.

use super::{Change, Cut, Fault, Kind, Scenario, Step, scenario, step, steps};

const CREATE: &str = "create_charge";
const ASK: &str = "charge_status";
const CANCEL: &str = "cancel_charge";
const LOST: Step = step(CREATE, Cut::AfterApplyBeforeReply, Kind::Reset);
const ASK_SAME: &str =
    "Keeps the charge open as unknown, asks for its status by the same reference, never charges under a new one.";
const NOT_PROOF: &str = "Takes the reply for no proof: keeps the charge as unknown and asks by the same reference.";

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario(
        "reply_lost_after_charge",
        "The charge is taken; the connection is reset before the reply.",
        ASK_SAME,
        &[LOST],
    ),
    scenario(
        "reply_closed_after_charge",
        "The charge is taken; the connection is closed without a byte.",
        ASK_SAME,
        &[step(CREATE, Cut::AfterApplyBeforeReply, Kind::Close)],
    ),
    scenario(
        "reply_truncated_after_charge",
        "The charge is taken; half of the reply arrives, then the end.",
        ASK_SAME,
        &[step(CREATE, Cut::MidReply, Kind::Truncated)],
    ),
    scenario(
        "reply_reset_mid_charge",
        "The charge is taken; half of the reply arrives, then a reset.",
        ASK_SAME,
        &[step(CREATE, Cut::MidReply, Kind::Reset)],
    ),
    scenario(
        "reply_hangs_after_charge",
        "The charge is taken; the connection stays open and silent.",
        "Gives up at its own deadline, keeps the charge as unknown and asks by the same reference.",
        &[step(CREATE, Cut::AfterApplyBeforeReply, Kind::Hang)],
    ),
    scenario(
        "reply_late_after_charge",
        "The charge is taken at once; the reply comes 45 virtual seconds later.",
        "Gives up at its own deadline; a reply after it changes nothing, the status query decides.",
        &[Step { fault: Fault { seconds: Some(45), ..Fault::new(Cut::AfterApplyBeforeReply, Kind::Delay) }, ..LOST }],
    ),
    scenario(
        "reply_drips_after_charge",
        "The charge is taken; the reply comes byte by byte.",
        "Counts its deadline over the whole reply, not from byte to byte.",
        &[step(CREATE, Cut::AfterApplyBeforeReply, Kind::Drip)],
    ),
    scenario(
        "garbage_after_charge",
        "The charge is taken; HTTP 200 comes with a body that is not JSON.",
        NOT_PROOF,
        &[step(CREATE, Cut::AfterApplyBeforeReply, Kind::Garbage)],
    ),
    scenario(
        "html_page_after_charge",
        "The charge is taken; a proxy's HTML page comes instead of the reply.",
        NOT_PROOF,
        &[step(CREATE, Cut::AfterApplyBeforeReply, Kind::Html)],
    ),
    scenario(
        "server_error_after_charge",
        "The charge is taken; HTTP 503 says otherwise.",
        NOT_PROOF,
        &[step(CREATE, Cut::AfterApplyBeforeReply, Kind::ServerError)],
    ),
    scenario(
        "rate_limited_after_charge",
        "The charge is taken; HTTP 429 says otherwise.",
        "Waits as Retry-After says and asks by the same reference before anything else.",
        &[step(CREATE, Cut::AfterApplyBeforeReply, Kind::TooManyRequests)],
    ),
    scenario(
        "not_found_after_charge",
        "The charge is taken; an empty 404 comes instead of the reply.",
        NOT_PROOF,
        &[step(CREATE, Cut::AfterApplyBeforeReply, Kind::EmptyNotFound)],
    ),
    scenario(
        "charge_reset_before_read",
        "The connection is reset; the charge is not taken.",
        "Cannot tell this from a lost reply: the same reference, a status query, no second charge.",
        &[step(CREATE, Cut::BeforeRead, Kind::Reset)],
    ),
    scenario(
        "charge_closed_before_read",
        "The connection is closed without a byte; the charge is not taken.",
        "Cannot tell this from a lost reply: the same reference, a status query, no second charge.",
        &[step(CREATE, Cut::BeforeRead, Kind::Close)],
    ),
    scenario(
        "charge_hangs_before_read",
        "The connection stays silent; the charge is not taken.",
        "Gives up at its own deadline and asks by the same reference.",
        &[step(CREATE, Cut::BeforeRead, Kind::Hang)],
    ),
    scenario(
        "charge_rate_limited",
        "Two charges are turned away with HTTP 429 and Retry-After; neither is taken.",
        "Sends nothing before Retry-After is over, then asks by the same reference.",
        &[steps(CREATE, 2, Cut::AfterReadBeforeApply, Kind::TooManyRequests)],
    ),
    scenario(
        "charge_unavailable",
        "HTTP 503; the charge is not taken.",
        NOT_PROOF,
        &[step(CREATE, Cut::AfterReadBeforeApply, Kind::ServerError)],
    ),
    scenario(
        "charge_taken_after_timeout",
        "The connection is silent; the charge is taken a virtual minute later, so that the first queries find nothing.",
        "Does not take the first 404 for proof of absence: goes on asking by the same reference.",
        &[step(CREATE, Cut::ApplyAfterTimeout, Kind::Hang)],
    ),
    scenario(
        "charge_taken_after_error",
        "HTTP 503 at once; the charge is taken a virtual minute later all the same.",
        "Does not take 503 for proof of absence: goes on asking by the same reference.",
        &[step(CREATE, Cut::ApplyAfterTimeout, Kind::ServerError)],
    ),
    scenario(
        "status_unavailable_after_lost_reply",
        "The charge is taken and its reply lost; then three status queries fail with HTTP 503.",
        "Goes on asking with growing pauses; the charge stays unknown meanwhile.",
        &[LOST, steps(ASK, 3, Cut::AfterReadBeforeApply, Kind::ServerError)],
    ),
    scenario(
        "status_not_found_after_lost_reply",
        "The charge is taken and its reply lost; then two status queries meet an empty 404.",
        "Takes no bare 404 for proof that there is no charge.",
        &[LOST, steps(ASK, 2, Cut::AfterReadBeforeApply, Kind::EmptyNotFound)],
    ),
    scenario(
        "status_rate_limited_after_lost_reply",
        "The charge is taken and its reply lost; then two status queries are turned away with HTTP 429.",
        "Waits as Retry-After says, then asks again.",
        &[LOST, steps(ASK, 2, Cut::AfterReadBeforeApply, Kind::TooManyRequests)],
    ),
    scenario(
        "status_garbage",
        "A status query is answered with a body that is not JSON.",
        "Learns nothing from it and asks again later.",
        &[step(ASK, Cut::AfterApplyBeforeReply, Kind::Garbage)],
    ),
    scenario(
        "status_hangs",
        "A status query is never answered.",
        "Gives up at its own deadline and asks again later; a question may be repeated.",
        &[step(ASK, Cut::BeforeRead, Kind::Hang)],
    ),
    scenario(
        "charge_fails_after_acceptance",
        "The charge is accepted with code 0 and fails a virtual second later.",
        "Does not take acceptance for the end: confirms by a status query and tells of the contradiction.",
        &[step(CREATE, Cut::AfterReplyBeforeCallback, Kind::Fails)],
    ),
    scenario(
        "charge_returned_after_transfer",
        "The charge is transferred, and given back to the payee a virtual minute later.",
        "Notices that a settled charge is no longer what it was, and tells a person.",
        &[step(CREATE, Cut::AfterReplyBeforeCallback, Kind::Returned)],
    ),
    scenario(
        "charge_stays_pending",
        "The charge is accepted and stays pending.",
        "Keeps it pending and goes on asking; after a day it tells a person.",
        &[step(CREATE, Cut::AfterReplyBeforeCallback, Kind::Stuck)],
    ),
    scenario(
        "reply_lost_after_refund",
        "The charge is given back; the connection is reset before the reply.",
        "Asks for the charge's status before it cancels again; gives back once.",
        &[step(CANCEL, Cut::AfterApplyBeforeReply, Kind::Reset)],
    ),
    scenario(
        "refund_reset_before_read",
        "The connection is reset; the charge is not given back.",
        "Asks for the charge's status; it may cancel again, for that changes nothing the second time.",
        &[step(CANCEL, Cut::BeforeRead, Kind::Reset)],
    ),
    scenario(
        "refund_taken_after_timeout",
        "The connection is silent; the charge is given back a virtual minute later.",
        "Keeps the refund as unknown and goes on asking.",
        &[step(CANCEL, Cut::ApplyAfterTimeout, Kind::Hang)],
    ),
    Scenario {
        name: "errors_come_as_200",
        happens: "Payoneer's refusals come with HTTP 200 and a code other than 0.",
        correct: "Reads the code, not the HTTP status.",
        steps: &[],
        change: Some(Change::ErrorsAs200),
    },
    Scenario {
        name: "success_word_is_done",
        happens: "A charge that is through has the status DONE instead of Transferred.",
        correct: "Knows both words; one that it does not know proves nothing.",
        steps: &[],
        change: Some(Change::SuccessWordDone),
    },
];
