//! What `charge settle`, `refund settle` and `payout settle` have in common:
//! their arguments and what they print. The gateway decides what follows.

use std::io;

use api::{Settle, Settlement, SettlementStatus, Verdict, WithdrawSettlement};
use clap::{Args, ValueEnum};

use crate::print;

/// Examples that hold for all of them.
pub(crate) const EXAMPLES: &str = "\
Examples:
  tollgate charge settle ch_... --as failed --reason 'a day has passed' \\
      --evidence 'report of 3 May, 12 lines, no such reference'
  tollgate charge settle ch_... --withdraw --reason 'looked at the wrong line'

Where two persons are asked for, the first proposes and another, with a key of their own, says the same.
Needs a key with the scope admin. More in docs/operators.md.";

/// What an operator says.
#[derive(Debug, Clone, Args)]
pub(crate) struct Said {
    /// What became of it.
    #[arg(long = "as", value_enum, value_name = "VERDICT", required_unless_present = "withdraw")]
    verdict: Option<Word>,
    /// Why it is right to decide; kept for ever.
    #[arg(long)]
    reason: String,
    /// What shows it, such as a line of Payoneer's report; kept for ever.
    #[arg(long, required_unless_present = "withdraw", conflicts_with = "withdraw")]
    evidence: Option<String>,
    /// Take the open proposal back instead.
    #[arg(long, conflicts_with = "verdict")]
    withdraw: bool,
}

/// What became of it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Word {
    /// Payoneer did it.
    Succeeded,
    /// Payoneer did not and will not.
    Failed,
}

/// What is to be sent.
pub(crate) enum Request {
    Settle(Settle),
    Withdraw(WithdrawSettlement),
}

impl Said {
    pub(crate) fn request(self) -> Request {
        match (self.verdict, self.evidence) {
            (Some(word), Some(evidence)) => {
                let verdict = match word {
                    Word::Succeeded => Verdict::Succeeded,
                    Word::Failed => Verdict::Failed,
                };
                Request::Settle(Settle { verdict, reason: self.reason, evidence })
            }
            _ => Request::Withdraw(WithdrawSettlement { reason: self.reason, about: None }),
        }
    }
}

/// What operators have said, for people.
pub(crate) fn show(settlement: Option<&Settlement>) -> io::Result<()> {
    let Some(said) = settlement else { return Ok(()) };
    let Settlement { verdict, reason, evidence, proposed_by, proposed_at, .. } = said;
    print::line(format_args!("\n{proposed_by} said at {proposed_at} that it {verdict}: {reason} ({evidence})"))?;
    print::line(match (said.status, &said.settled_by) {
        (SettlementStatus::Proposed, _) => "Another operator, with a key of their own, must say the same.".to_owned(),
        (_, Some(other)) => format!("{other} agreed, and it is settled."),
        (_, None) => "It is settled.".to_owned(),
    })
}
