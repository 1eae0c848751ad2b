//! Scenarios about payouts.
//! Data only.

use super::{Cut, Kind, Scenario, scenario, step, steps};

const CREATE: &str = "create_payout";
const ASK_SAME: &str = "Keeps the payout as unknown, asks for it by the same reference, never pays under a new one.";

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario(
        "reply_lost_after_payout",
        "The payout is taken; the connection is reset before the reply.",
        ASK_SAME,
        &[step(CREATE, Cut::AfterApplyBeforeReply, Kind::Reset)],
    ),
    scenario(
        "reply_truncated_after_payout",
        "The payout is taken; half of the reply arrives, then the end.",
        ASK_SAME,
        &[step(CREATE, Cut::MidReply, Kind::Truncated)],
    ),
    scenario(
        "payout_reset_before_read",
        "The connection is reset; the payout is not taken.",
        ASK_SAME,
        &[step(CREATE, Cut::BeforeRead, Kind::Reset)],
    ),
    scenario(
        "payout_taken_after_timeout",
        "The connection is silent; the payout is taken a virtual minute later.",
        "Does not take the first 404 for proof of absence: goes on asking by the same reference.",
        &[step(CREATE, Cut::ApplyAfterTimeout, Kind::Hang)],
    ),
    scenario(
        "payout_status_unavailable",
        "Three questions about payouts fail with HTTP 503.",
        "Asks again with growing pauses.",
        &[steps("payout_status", 3, Cut::AfterReadBeforeApply, Kind::ServerError)],
    ),
    scenario(
        "payout_returned_after_transfer",
        "The payout reaches the payee; the bank returns it a virtual minute later.",
        "Goes on watching a payout that was paid, and books the return.",
        &[step(CREATE, Cut::AfterReplyBeforeCallback, Kind::Returned)],
    ),
    scenario(
        "payout_fails_after_acceptance",
        "The payout is accepted and cancelled a virtual second later.",
        "Does not take acceptance for payment.",
        &[step(CREATE, Cut::AfterReplyBeforeCallback, Kind::Fails)],
    ),
    scenario(
        "payout_stays_pending",
        "The payout is accepted and stays pending.",
        "Goes on asking and tells a person in the end.",
        &[step(CREATE, Cut::AfterReplyBeforeCallback, Kind::Stuck)],
    ),
    scenario(
        "reply_lost_after_payout_cancel",
        "The payout is cancelled; the connection is reset before the reply.",
        "Asks for the payout before it pays in another way.",
        &[step("cancel_payout", Cut::AfterApplyBeforeReply, Kind::Reset)],
    ),
];
