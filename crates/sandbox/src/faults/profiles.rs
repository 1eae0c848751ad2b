//! The profiles of chaos, as data.
//! Every chance here is checked by the tests of `chaos.rs`.

use super::chaos::{Chance, Profile};
use super::cut::Cut;
use super::fault::Fault;
use super::kind::Kind;

const CREATE: &[&str] = &["create_charge", "create_payout"];
const ASK: &[&str] = &["charge_status", "payout_status", "payee_status", "payee_details"];
const ANY: &[&str] = &[];

const fn chance(operations: &'static [&'static str], per_mille: u16, cut: Cut, kind: Kind) -> Chance {
    Chance { operations, per_mille, fault: Fault::new(cut, kind) }
}

/// Every profile, from the mildest to the harshest.
pub const PROFILES: &[Profile] = &[
    Profile { name: "calm", says: "nothing goes wrong", chances: &[] },
    Profile {
        name: "flaky",
        says: "one call in sixteen goes wrong, mostly without effect",
        chances: &[
            chance(ANY, 20, Cut::AfterReadBeforeApply, Kind::ServerError),
            chance(ANY, 15, Cut::BeforeRead, Kind::Reset),
            chance(CREATE, 15, Cut::AfterApplyBeforeReply, Kind::Reset),
            chance(ANY, 10, Cut::BeforeRead, Kind::Close),
        ],
    },
    Profile {
        name: "lossy_replies",
        says: "three calls in ten take effect and their reply is lost or broken",
        chances: &[
            chance(ANY, 120, Cut::AfterApplyBeforeReply, Kind::Reset),
            chance(ANY, 100, Cut::AfterApplyBeforeReply, Kind::Close),
            chance(ANY, 80, Cut::MidReply, Kind::Truncated),
        ],
    },
    Profile {
        name: "overloaded",
        says: "three calls in ten are turned away, and some replies are slow",
        chances: &[
            chance(ANY, 200, Cut::AfterReadBeforeApply, Kind::TooManyRequests),
            chance(ANY, 100, Cut::AfterReadBeforeApply, Kind::ServerError),
            chance(ANY, 50, Cut::AfterApplyBeforeReply, Kind::Delay),
        ],
    },
    Profile {
        name: "hostile",
        says: "about half of all calls go wrong, in every way there is",
        chances: &[
            chance(CREATE, 60, Cut::AfterApplyBeforeReply, Kind::Reset),
            chance(CREATE, 40, Cut::AfterApplyBeforeReply, Kind::Html),
            chance(CREATE, 30, Cut::ApplyAfterTimeout, Kind::Close),
            chance(CREATE, 30, Cut::AfterReplyBeforeCallback, Kind::Duplicate),
            chance(CREATE, 30, Cut::AfterReplyBeforeCallback, Kind::Forged),
            chance(CREATE, 30, Cut::CallbackNever, Kind::Pass),
            chance(CREATE, 20, Cut::CallbackBeforeReply, Kind::Reset),
            chance(ASK, 60, Cut::AfterReadBeforeApply, Kind::EmptyNotFound),
            chance(ANY, 40, Cut::MidReply, Kind::Truncated),
            chance(ANY, 40, Cut::BeforeRead, Kind::Reset),
            chance(ANY, 40, Cut::AfterReadBeforeApply, Kind::ServerError),
            chance(ANY, 30, Cut::AfterReadBeforeApply, Kind::TooManyRequests),
            chance(ANY, 20, Cut::AfterApplyBeforeReply, Kind::Garbage),
            chance(ANY, 20, Cut::BeforeRead, Kind::Hang),
        ],
    },
];
