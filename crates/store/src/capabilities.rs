//! The SQL of what was proven about Payoneer, per program: one row per capability, and one per probe with its exchange.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells};
use domain::capability::{Answered, Standing};
use domain::{ProgramId, Time};

const OF_PROGRAM: &str = "select * from capability where program = $1 order by capability";
const PUT: &str = "insert into capability (program, capability, proven, found_at, evidence) \
    values ($1, $2, $3, $4, $5) on conflict (program, capability) do update set proven = excluded.proven, \
    found_at = excluded.found_at, evidence = excluded.evidence";
const PROBES: &str = "select probe, reaction, exchange from probe where program = $1 and asked_at = (select \
    max(asked_at) from probe where program = $1) order by probe";
const PROBED: &str = "insert into probe (program, asked_at, probe, reaction, exchange) values ($1, $2, $3, $4, $5)";

pub(crate) const STATEMENTS: &[&str] = &[OF_PROGRAM, PUT, PROBES, PROBED];

/// What was found about a program; what is missing was never decided.
pub fn of_program(program: &ProgramId) -> Query<Standing> {
    Query::new(OF_PROGRAM, args![program.as_str()])
}

/// What is found now, in place of what was found before.
pub fn put(s: &Standing) -> Write {
    let found_at = s.found_at.micros();
    let args = args![s.program.as_str(), s.capability.as_str(), i64::from(s.proven), found_at, s.evidence.as_str()];
    Write::one(PUT, args)
}

/// The answers of the latest round of probes.
pub fn latest_probes(program: &ProgramId) -> Query<Answered> {
    Query::new(PROBES, args![program.as_str()])
}

/// An answer to a probe. Kept for good.
pub fn probed(program: &ProgramId, asked_at: Time, answer: &Answered) -> Write {
    let (probe, reaction) = (answer.probe.as_str(), answer.reaction.as_str());
    Write::one(PROBED, args![program.as_str(), asked_at.micros(), probe, reaction, answer.exchange.as_str()])
}

impl FromRow for Standing {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            program: row.parse("program")?,
            capability: row.parse("capability")?,
            proven: row.int("proven")? == 1,
            found_at: cells::time(row, "found_at")?,
            evidence: row.text("evidence")?,
        })
    }
}

impl FromRow for Answered {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self { probe: row.parse("probe")?, reaction: row.parse("reaction")?, exchange: row.text("exchange")? })
    }
}
