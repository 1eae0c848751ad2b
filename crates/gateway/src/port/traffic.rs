//! How much may be asked of Payoneer right now: the pause that Payoneer asked for, and the circuit that breaks while it
//! does not answer. A pure state machine: the time is an argument, nothing here waits, sends or counts connections.

use domain::{Span, Time};

/// Where the limits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// After this many answers in a row that are none, the circuit breaks.
    pub strikes: u32,
    /// How long a broken circuit rests before one request tries it; doubles with each trial that fails.
    pub rest: Span,
    /// The longest rest.
    pub rest_max: Span,
    /// How long to pause after a "too many requests" that does not say how long.
    pub pause: Span,
    /// The longest pause, whatever Payoneer says.
    pub pause_max: Span,
    /// How much earlier than money requests the queries come back after a pause.
    pub lead: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            strikes: 5,
            rest: Span::from_secs(10),
            rest_max: Span::from_secs(300),
            pause: Span::from_secs(5),
            pause_max: Span::from_secs(3_600),
            lead: Span::from_secs(1),
        }
    }
}

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It could move money.
    Money,
    /// It could not.
    Query,
}

/// What an answer says about Payoneer's health, whatever it says about the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Payoneer's application spoke.
    Well,
    /// No connection, no whole answer in time, or an error of the server.
    Ill,
    /// Too many requests; wait this long, if it was said.
    TooMany(Option<Span>),
}

/// Why nothing is sent or asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Payoneer does not answer as it should.
    Down,
    /// Payoneer asked for a pause.
    Paused,
    /// As much is under way as may be, and as much waits.
    Full,
}

impl Why {
    /// In a word, for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Paused => "paused",
            Self::Full => "full",
        }
    }
}

/// A request that was turned away before anything was written down or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", match why {
    Why::Down => "Payoneer does not answer as it should",
    Why::Paused => "Payoneer asked for a pause",
    Why::Full => "as many requests as may be are under way",
})]
pub struct Turned {
    /// Why.
    pub why: Why,
    /// When to try again, from now.
    pub retry_after: Span,
}

/// How a money request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// At once.
    Free,
    /// As the one trial of a broken circuit; its number is for [`Traffic::abandon`].
    Trial(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Circuit {
    Whole,
    Broken { until: Time, rest: Span, by: Way },
    OnTrial { number: u64, rest: Span, by: Way },
}

/// How one program stands with Payoneer.
#[derive(Debug, Clone)]
pub struct Traffic {
    limits: Limits,
    circuit: Circuit,
    money_strikes: u32,
    query_strikes: u32,
    paused_until: Option<Time>,
    trials: u64,
}

impl Traffic {
    /// All is well so far.
    pub fn new(limits: Limits) -> Self {
        Self { limits, circuit: Circuit::Whole, money_strikes: 0, query_strikes: 0, paused_until: None, trials: 0 }
    }

    /// Whether a query may go. A broken circuit never holds one back.
    pub fn may_ask(&self, now: Time) -> Result<(), Turned> {
        self.pause_over(now, Span::ZERO)
    }

    /// Whether a new money request may go, and how. Whoever gets a trial must be heard or abandon it.
    pub fn admit(&mut self, now: Time) -> Result<Entry, Turned> {
        self.pause_over(now, self.limits.lead)?;
        match self.circuit {
            Circuit::Whole => Ok(Entry::Free),
            Circuit::Broken { until, rest, by } => {
                // A clock that was set back must not keep the circuit broken for longer than one rest.
                let left = Span::from_micros((until - now).micros().min(rest.micros()));
                if until > now {
                    return Err(Turned { why: Why::Down, retry_after: left });
                }
                self.trials += 1;
                self.circuit = Circuit::OnTrial { number: self.trials, rest, by };
                Ok(Entry::Trial(self.trials))
            }
            Circuit::OnTrial { .. } => Err(Turned { why: Why::Down, retry_after: Span::from_secs(1) }),
        }
    }

    /// Why a new money request would be turned away now, if so. Changes nothing.
    pub fn closed(&self, now: Time) -> Option<Turned> {
        self.clone().admit(now).err()
    }

    /// What an answer, or the lack of one, said.
    pub fn heard(&mut self, way: Way, sign: Sign, now: Time) {
        match sign {
            Sign::Well => self.well(way),
            Sign::Ill => self.ill(way, now),
            Sign::TooMany(said) => {
                let most = self.limits.pause_max.micros();
                let pause = said.unwrap_or(self.limits.pause).micros().clamp(Span::from_secs(1).micros(), most);
                let until = now + Span::from_micros(pause);
                self.paused_until = Some(self.paused_until.map_or(until, |earlier| earlier.max(until)));
            }
        }
    }

    /// A trial ended without an answer of its own: the next request may try.
    pub fn abandon(&mut self, trial: u64, now: Time) {
        if let Circuit::OnTrial { number, rest, by } = self.circuit
            && number == trial
        {
            self.circuit = Circuit::Broken { until: now, rest, by };
        }
    }

    fn pause_over(&self, now: Time, lead: Span) -> Result<(), Turned> {
        let Some(until) = self.paused_until.map(|until| until + lead).filter(|until| *until > now) else {
            return Ok(());
        };
        // A clock that was set back must not make the pause longer than any can be.
        let most = self.limits.pause_max.micros().saturating_add(lead.micros());
        let left = Span::from_micros((until - now).micros().min(most));
        Err(Turned { why: Why::Paused, retry_after: left })
    }

    fn well(&mut self, way: Way) {
        self.query_strikes = 0;
        match (way, self.circuit) {
            (Way::Money, _) => {
                self.money_strikes = 0;
                self.circuit = Circuit::Whole;
            }
            // Queries that are answered mend what queries broke; they prove nothing about money requests.
            (Way::Query, Circuit::Broken { by: Way::Query, .. } | Circuit::OnTrial { by: Way::Query, .. }) => {
                self.circuit = Circuit::Whole;
            }
            (Way::Query, _) => {}
        }
    }

    fn ill(&mut self, way: Way, now: Time) {
        match self.circuit {
            Circuit::Whole => {
                let strikes = match way {
                    Way::Money => &mut self.money_strikes,
                    Way::Query => &mut self.query_strikes,
                };
                *strikes = strikes.saturating_add(1);
                if *strikes >= self.limits.strikes {
                    let rest = self.limits.rest;
                    self.circuit = Circuit::Broken { until: now + rest, rest, by: way };
                }
            }
            // Those that were under way when it broke come back late; that is nothing new.
            Circuit::Broken { .. } => {}
            Circuit::OnTrial { rest, by, .. } => {
                let doubled = rest.micros().saturating_mul(2).min(self.limits.rest_max.micros());
                let rest = Span::from_micros(doubled);
                self.circuit = Circuit::Broken { until: now + rest, rest, by };
            }
        }
    }
}

#[cfg(test)]
mod tests;
