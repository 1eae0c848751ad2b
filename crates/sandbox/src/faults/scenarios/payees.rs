//! Scenarios about payees and their links.
//! Data only.

use super::{Change, Cut, Kind, Scenario, scenario, step, steps};

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario(
        "payee_status_unavailable",
        "Three questions about a payee's status fail with HTTP 503.",
        "Takes a failure for no answer: neither active nor inactive.",
        &[steps("payee_status", 3, Cut::AfterReadBeforeApply, Kind::ServerError)],
    ),
    scenario(
        "payee_status_empty_not_found",
        "A question about a payee's status meets an empty 404.",
        "Does not take a 404 without Payoneer's code for proof that there is no such payee.",
        &[step("payee_status", Cut::AfterReadBeforeApply, Kind::EmptyNotFound)],
    ),
    scenario(
        "reply_lost_after_link",
        "The link is made; the connection is reset before the reply.",
        "Asks for the link again: the same payee and session get the same one.",
        &[step("make_link", Cut::AfterApplyBeforeReply, Kind::Reset)],
    ),
    scenario(
        "forged_approval",
        "A callback with a wrong signature says that a payee was approved when only a link was made.",
        "Verifies it, and asks for the payee's status before it charges.",
        &[step("make_link", Cut::AfterReplyBeforeCallback, Kind::Forged)],
    ),
    scenario(
        "reply_lost_after_release",
        "The payee is released; the connection is reset before the reply.",
        "Asks for the payee's status; it may release again and takes code 10005 for done.",
        &[step("release_payee", Cut::AfterApplyBeforeReply, Kind::Reset)],
    ),
    Scenario {
        name: "payee_waits_for_review",
        happens: "Payees who finish the page stay pending until they are approved.",
        correct: "Does not charge before the payee is active, whatever the redirect says.",
        steps: &[],
        change: Some(Change::ReviewPending),
    },
];
