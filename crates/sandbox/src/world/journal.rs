//! The double-entry journal: every movement of money as an entry whose legs sum to nothing.
//! Nothing else in the sandbox may change a balance.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::money::{Amount, Currency};
use super::time::Time;

/// A place where money can be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purse {
    /// Everything outside the sandbox; the only purse that may be below zero.
    Outside,
    /// The merchant's program balance.
    Program,
    /// Charges taken from a payee and not yet transferred to the program.
    ChargesInTransit,
    /// Payouts taken from the program and not yet paid to the payee.
    PayoutsInTransit,
    /// A person's Payoneer account, by its seven-digit id.
    Account(String),
}

impl fmt::Display for Purse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside => f.write_str("outside"),
            Self::Program => f.write_str("program"),
            Self::ChargesInTransit => f.write_str("transit/charges"),
            Self::PayoutsInTransit => f.write_str("transit/payouts"),
            Self::Account(id) => write!(f, "account/{id}"),
        }
    }
}

impl Purse {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "outside" => Self::Outside,
            "program" => Self::Program,
            "transit/charges" => Self::ChargesInTransit,
            "transit/payouts" => Self::PayoutsInTransit,
            other => Self::Account(other.strip_prefix("account/")?.to_owned()),
        })
    }
}

impl Serialize for Purse {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Purse {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("unknown purse"))
    }
}

/// One side of an entry: `change` hundredths of `currency` come to (or, below zero, leave) `purse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Where.
    pub purse: Purse,
    /// In which currency.
    pub currency: Currency,
    /// By how much, in hundredths, signed.
    pub change: i64,
}

/// One balanced movement of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3, ... without gaps.
    pub number: u64,
    /// When, on the virtual clock.
    pub at: Time,
    /// What for, such as `charge taken`.
    pub memo: String,
    /// The charge's or payout's reference, or the account's id, where there is one.
    pub subject: Option<String>,
    /// At least two legs, summing to nothing per currency.
    pub legs: Vec<Leg>,
}

/// What to write into the journal: from where to where, and why.
#[derive(Clone, Debug)]
pub struct Transfer<'a> {
    /// What for.
    pub memo: &'a str,
    /// The reference or id that it belongs to.
    pub subject: Option<&'a str>,
    /// Where the money leaves.
    pub from: Purse,
    /// Where it arrives.
    pub to: Purse,
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
}

/// Why a transfer was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTransfer {
    /// The purse that the money should leave holds too little.
    #[error("the balance is too small")]
    Short,
    /// The journal holds as many entries as it may, or a balance would leave the range of amounts.
    #[error("the journal is full")]
    Full,
}

/// All movements since the world began, and the balances they add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    entries: Vec<Entry>,
    #[serde(skip)]
    balances: BTreeMap<(Purse, Currency), i64>,
}

/// What an audit of the journal found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Whether every entry sums to nothing, the numbers have no gap, the balances follow from the entries, and none but `outside` is below zero.
    pub balanced: bool,
    /// How many entries were looked at.
    pub entries: usize,
    /// What is wrong, in words; empty when balanced.
    pub faults: Vec<String>,
}

impl Journal {
    /// The most entries that a world keeps.
    pub const MOST: usize = 2_000_000;

    /// Moves money, or says why not and changes nothing.
    pub fn transfer(&mut self, at: Time, transfer: Transfer<'_>) -> Result<(), NoTransfer> {
        let Transfer { memo, subject, from, to, amount, currency } = transfer;
        let change = amount.hundredths();
        if from != Purse::Outside && self.raw_balance(&from, currency) < change {
            return Err(NoTransfer::Short);
        }
        let arrives = self.raw_balance(&to, currency).saturating_add(change);
        let too_large = to != Purse::Outside && Amount::from_hundredths(arrives).is_none();
        if too_large || self.entries.len() >= Self::MOST {
            return Err(NoTransfer::Full);
        }
        let entry = Entry {
            number: self.entries.len() as u64 + 1,
            at,
            memo: memo.to_owned(),
            subject: subject.map(str::to_owned),
            legs: vec![Leg { purse: from, currency, change: -change }, Leg { purse: to, currency, change }],
        };
        Self::apply(&mut self.balances, &entry);
        self.entries.push(entry);
        Ok(())
    }

    fn apply(balances: &mut BTreeMap<(Purse, Currency), i64>, entry: &Entry) {
        for leg in &entry.legs {
            let held = balances.entry((leg.purse.clone(), leg.currency)).or_insert(0);
            *held = held.saturating_add(leg.change);
        }
    }

    fn raw_balance(&self, purse: &Purse, currency: Currency) -> i64 {
        self.balances.get(&(purse.clone(), currency)).copied().unwrap_or(0)
    }

    /// What `purse` holds; nothing for `outside`, whose balance has no meaning.
    #[must_use]
    pub fn balance(&self, purse: &Purse, currency: Currency) -> Amount {
        Amount::from_hundredths(self.raw_balance(purse, currency)).unwrap_or_default()
    }

    /// Every currency that `purse` ever held, with what it holds now.
    #[must_use]
    pub fn balances(&self, purse: &Purse) -> BTreeMap<Currency, Amount> {
        let wanted = self.balances.iter().filter(|((p, _), _)| p == purse);
        wanted.map(|((_, c), held)| (*c, Amount::from_hundredths(*held).unwrap_or_default())).collect()
    }

    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds everything up anew and compares.
    #[must_use]
    pub fn audit(&self) -> Audit {
        let mut faults = Vec::new();
        let mut sums = BTreeMap::new();
        for (index, entry) in self.entries.iter().enumerate() {
            if entry.number != index as u64 + 1 {
                faults.push(format!("entry at position {} has number {}", index + 1, entry.number));
            }
            let mut per_currency: BTreeMap<Currency, i64> = BTreeMap::new();
            for leg in &entry.legs {
                let sum = per_currency.entry(leg.currency).or_insert(0);
                *sum = sum.saturating_add(leg.change);
            }
            if entry.legs.len() < 2 || per_currency.values().any(|sum| *sum != 0) {
                faults.push(format!("entry {} does not sum to nothing", entry.number));
            }
            Self::apply(&mut sums, entry);
        }
        for ((purse, currency), held) in &sums {
            if *purse != Purse::Outside && *held < 0 {
                faults.push(format!("{purse} is below zero in {currency}"));
            }
        }
        if sums != self.balances {
            faults.push("the balances do not follow from the entries".to_owned());
        }
        faults.truncate(100);
        Audit { balanced: faults.is_empty(), entries: self.entries.len(), faults }
    }

    /// Adds the balances up again after loading.
    pub(super) fn add_up(&mut self) {
        self.balances.clear();
        for entry in &self.entries {
            Self::apply(&mut self.balances, entry);
        }
    }
}
