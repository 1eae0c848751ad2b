//! What has been proven about how Payoneer treats one program, by asking it in its sandbox. Nothing here is assumed: a
//! capability is off until probes have proven it, and what the answers prove is decided here.

use crate::{ProgramId, Time};

text_enum! {
    /// Something that Payoneer may or may not do. All are off until proven.
    pub enum Capability {
        /// A reference that was used once is refused for ever, whatever comes with it, before and after a cancel.
        RefUniqueForever = "ref_unique_forever",
        /// References that differ only in case are the same.
        RefIgnoresCase = "ref_ignores_case",
        /// A reference may be used again once its charge was cancelled.
        ReferenceReusableAfterCancel = "reference_reusable_after_cancel",
        /// A status query right after a charge shows it.
        StatusReadYourWrites = "status_read_your_writes",
        /// A status query finds a reference in another case than it was used in.
        StatusCaseInsensitiveReference = "status_case_insensitive_reference",
        /// A status query of a reference that was never used is refused in words, not with an empty answer.
        StatusAbsentIsExplicit = "status_absent_is_explicit",
        /// A charge whose connection was closed after the last byte is not taken.
        CloseStopsCharge = "close_stops_charge",
    }
}

text_enum! {
    /// A question that is put to Payoneer's sandbox.
    pub enum Probe {
        /// The status of a reference that was never sent.
        StatusNeverSent = "status_never_sent",
        /// The status right after a charge.
        StatusAfterCharge = "status_after_charge",
        /// The status of that charge, asked in another case.
        StatusOtherCase = "status_other_case",
        /// The same charge again: same reference, same bytes.
        SameReference = "same_reference",
        /// The same reference with another amount.
        OtherAmount = "other_amount",
        /// The same reference in another case.
        OtherCase = "other_case",
        /// The same reference after the charge was cancelled.
        AfterCancel = "after_cancel",
        /// Two charges with one new reference at the same time.
        Parallel = "parallel",
        /// A charge whose connection is closed after the last byte, before the answer.
        ClosedAfterSending = "closed_after_sending",
    }
}

text_enum! {
    /// What Payoneer answered to a probe.
    pub enum Reaction {
        /// It was done, or found.
        Accepted = "accepted",
        /// It was refused because the reference exists, or as not found; of two at once exactly one was done; of one whose
        /// connection was closed nothing was.
        Refused = "refused",
        /// Anything else; it proves nothing.
        Unclear = "unclear",
    }
}

/// A probe with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The question.
    pub probe: Probe,
    /// The answer, in one word.
    pub reaction: Reaction,
    /// What went over the wire, as JSON text without credentials.
    pub exchange: String,
}

/// Where a capability of a program stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose.
    pub program: ProgramId,
    /// Which.
    pub capability: Capability,
    /// Whether it was proven. Refuted otherwise.
    pub proven: bool,
    /// When that was found.
    pub found_at: Time,
    /// The raw exchanges that show it, as a JSON array.
    pub evidence: String,
}

impl Capability {
    /// The probes that decide it, each with the answer that speaks for it.
    pub const fn needs(self) -> &'static [(Probe, Reaction)] {
        use Probe as P;
        use Reaction::{Accepted, Refused};
        match self {
            Self::RefUniqueForever => &[
                (P::SameReference, Refused),
                (P::OtherAmount, Refused),
                (P::AfterCancel, Refused),
                (P::Parallel, Refused),
            ],
            Self::RefIgnoresCase => &[(P::OtherCase, Refused)],
            Self::ReferenceReusableAfterCancel => &[(P::AfterCancel, Accepted)],
            Self::StatusReadYourWrites => &[(P::StatusAfterCharge, Accepted)],
            Self::StatusCaseInsensitiveReference => &[(P::StatusOtherCase, Accepted)],
            Self::StatusAbsentIsExplicit => &[(P::StatusNeverSent, Refused)],
            Self::CloseStopsCharge => &[(P::ClosedAfterSending, Refused)],
        }
    }

    /// Whether these answers prove it; `None` where they say nothing. One answer to the contrary refutes it, even beside
    /// unclear ones; without that, one that is unclear or missing leaves it as it was.
    pub fn judged_by(self, answers: &[Answered]) -> Option<bool> {
        let mut proven = Some(true);
        for (probe, wanted) in self.needs() {
            let reaction = answers.iter().find(|answer| answer.probe == *probe).map(|answer| answer.reaction);
            match reaction {
                Some(reaction) if reaction == *wanted => {}
                None | Some(Reaction::Unclear) => proven = None,
                Some(_) => return Some(false),
            }
        }
        proven
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(reaction_of: impl Fn(Probe) -> Reaction) -> Vec<Answered> {
        let all = Probe::ALL.iter();
        all.map(|probe| Answered { probe: *probe, reaction: reaction_of(*probe), exchange: "{}".to_owned() }).collect()
    }

    #[test]
    fn a_capability_is_proven_by_all_its_probes_and_refuted_by_one() {
        for capability in Capability::ALL {
            let wanted = |probe: Probe| {
                let need = capability.needs().iter().find(|(p, _)| *p == probe);
                need.map_or(Reaction::Unclear, |(_, reaction)| *reaction)
            };
            assert_eq!(capability.judged_by(&answers(wanted)), Some(true), "{capability}");
            for (other, right) in capability.needs() {
                let wrong = if *right == Reaction::Refused { Reaction::Accepted } else { Reaction::Refused };
                let but = |reaction| answers(move |probe| if probe == *other { reaction } else { wanted(probe) });
                assert_eq!(capability.judged_by(&but(wrong)), Some(false), "{capability} {other}");
                assert_eq!(capability.judged_by(&but(Reaction::Unclear)), None, "{capability} {other}");
            }
            assert_eq!(capability.judged_by(&[]), None, "silence proves nothing");
        }
    }
}
