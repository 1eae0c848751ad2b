//! The world: everything the imitation Payoneer knows, as plain data with methods.
//! No I/O, no clock and no randomness of its own: the same seed and the same calls give the same bytes.

mod accounts;
mod api_log;
mod canonical;
mod charges;
mod draw;
mod event;
mod exchanges;
mod fate;
mod fill;
mod intents;
mod journal;
mod links;
mod money;
mod outbox;
mod payees;
mod payouts;
mod postponed;
mod references;
mod refusal;
mod scene;
mod schedule;
mod secret;
mod settings;
mod snapshot;
mod time;
mod webhook;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::faults::{Call, Chosen, Faults, Subject};

pub use accounts::{Account, Kind, NewAccount, Profile};
pub use api_log::ApiCall;
pub use charges::{Charge, ChargeStatus, NewPayment};
pub use event::Event;
pub use exchanges::{Answered, Exchange, FaultMark};
pub use intents::{Intent, IntentKind, NewIntent, Says};
pub use journal::{Audit, Entry, Journal, Leg, NoTransfer, Purse, Transfer};
pub use links::{Completion, Link, LinkKind, NewLink};
pub use money::{Amount, Currency, NotAnAmount};
pub use outbox::{Callback, CallbackStatus, Dispatch, Outcome, Try};
pub use payees::{DECLINE_REASON, Payee, PayeeStatus};
pub use payouts::{CANCEL_CODE, CANCEL_REASON, Payout, PayoutStatus};
pub(crate) use postponed::Postponed;
pub use references::{Arrival, Named};
pub use refusal::Refusal;
pub use schedule::{Clock, ClockMode, Fired, MOST_TIMES, Transition};
pub use secret::Secret;
pub use settings::{BadSetting, Hmac, Review, SameReference, Settings, StatusAbsent, Style, SuccessWord, Template};
pub use snapshot::BadSnapshot;
pub use time::Time;

/// The most that a world holds of each thing.
pub mod limits {
    /// Accounts.
    pub const ACCOUNTS: usize = 50_000;
    /// Links.
    pub const LINKS: usize = 200_000;
    /// Payees.
    pub const PAYEES: usize = 100_000;
    /// Charges, and as many payouts.
    pub const PAYMENTS: usize = 500_000;
    /// Callbacks; older ones are dropped.
    pub const CALLBACKS: usize = 10_000;
    /// Logged API calls; older ones are dropped.
    pub const API_CALLS: usize = 1_000;
    /// Recorded exchanges; older ones are dropped.
    pub const EXCHANGES: usize = 20_000;
    /// Calls whose effect is put off; further ones never take effect.
    pub const POSTPONED: usize = 10_000;
    /// Intents that the client under test reported.
    pub const INTENTS: usize = 20_000;
}

/// The merchant's program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The program id in paths, decimal.
    pub id: String,
    /// The one currency that it is kept in.
    pub currency: Currency,
}

/// The payee that exists from the start, active and funded with 100.00 USD.
pub const FIRST_PAYEE: &str = "Test123";
/// The e-mail address of the first payee's account.
pub const FIRST_EMAIL: &str = "test123@sandbox.example";
/// The e-mail address of a second account, bound to no payee, to try logging in with.
pub const SECOND_EMAIL: &str = "existing@sandbox.example";
/// The password of both accounts.
pub const FIRST_PASSWORD: &str = "sandbox-password";

/// Everything that the imitation Payoneer knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    program: Program,
    settings: Settings,
    clock: Clock,
    draw: draw::Draw,
    journal: Journal,
    accounts: BTreeMap<String, Account>,
    payees: BTreeMap<String, Payee>,
    links: BTreeMap<String, Link>,
    charges: BTreeMap<String, Charge>,
    payouts: BTreeMap<String, Payout>,
    schedule: schedule::Schedule,
    outbox: outbox::Outbox,
    exchanges: exchanges::Exchanges,
    faults: Faults,
    postponed: Vec<Postponed>,
    habits: BTreeMap<String, fate::Habit>,
    intents: intents::Intents,
    #[serde(skip)]
    emails: BTreeMap<String, String>,
    #[serde(skip)]
    open_links: BTreeMap<(LinkKind, String, String), String>,
    /// Counts how often this world took another's place; keeps late news of the other's callbacks apart.
    #[serde(skip)]
    epoch: u64,
    #[serde(skip)]
    api_log: api_log::ApiLog,
}

impl World {
    /// A new world at `now`: the program with 10200.00, the payee [`FIRST_PAYEE`] with 100.00, and a second account with 250.00.
    pub fn new(program: Program, settings: Settings, seed: u64, mode: ClockMode, now: Time) -> Result<Self, Refusal> {
        settings.check().map_err(|e| Refusal::invalid("settings", e.to_string()))?;
        let mut world = Self {
            program,
            settings,
            clock: Clock::new(mode, 1, now),
            draw: draw::Draw::new(seed),
            journal: Journal::default(),
            accounts: BTreeMap::new(),
            payees: BTreeMap::new(),
            links: BTreeMap::new(),
            charges: BTreeMap::new(),
            payouts: BTreeMap::new(),
            schedule: schedule::Schedule::default(),
            outbox: outbox::Outbox::default(),
            exchanges: exchanges::Exchanges::default(),
            faults: Faults::default(),
            postponed: Vec::new(),
            habits: BTreeMap::new(),
            intents: intents::Intents::default(),
            emails: BTreeMap::new(),
            open_links: BTreeMap::new(),
            epoch: 0,
            api_log: api_log::ApiLog::default(),
        };
        world.begin()?;
        Ok(world)
    }

    fn begin(&mut self) -> Result<(), Refusal> {
        let (id, currency) = (self.program.id.clone(), self.program.currency);
        self.fund(Purse::Program, "program opened", &id, Amount::whole(10_200), currency)?;
        let person = |first: &str, last: &str| Profile {
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            date_of_birth: "1990-01-01".to_owned(),
            country: "US".to_owned(),
            state: "NY".to_owned(),
            address_line_1: "1 Sandbox Street".to_owned(),
            city: "New York".to_owned(),
            zip_code: "10001".to_owned(),
            ..Profile::default()
        };
        let people = [
            (FIRST_EMAIL, person("Test", "Payee"), Amount::whole(100)),
            (SECOND_EMAIL, person("Existing", "Holder"), Amount::whole(250)),
        ];
        for (email, profile, balance) in people {
            self.open_account(NewAccount {
                email: email.to_owned(),
                password: FIRST_PASSWORD.to_owned(),
                profile,
                balance,
            })?;
        }
        let account = self.account_by_email(FIRST_EMAIL).map(|a| a.id.clone()).unwrap_or_default();
        self.register_payee(FIRST_PAYEE, &account, None, Some(Review::Approve))?;
        // The first payee was there before the merchant could listen.
        self.outbox = outbox::Outbox::default();
        Ok(())
    }

    /// The merchant's program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Puts other settings in force; nothing has changed when one of them cannot be taken.
    pub fn set_settings(&mut self, settings: Settings) -> Result<(), BadSetting> {
        settings.check()?;
        self.settings = settings;
        Ok(())
    }

    /// The journal of all money.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The seed of all ids and tokens.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.draw.seed()
    }

    /// The number of the next answer: above 2^31 and growing, as Payoneer's are.
    pub fn next_audit_id(&mut self) -> i64 {
        let n = self.draw.count("audit id");
        let step = self.draw.between("audit id", 0, 17);
        i64::try_from(2_166_201_939 + n * 17 + step).unwrap_or(i64::MAX)
    }

    /// Logs a call of the API; its number is given here.
    pub fn log_call(&mut self, call: ApiCall) {
        self.api_log.push(call);
    }

    /// The newest calls of the API, oldest first.
    pub fn api_calls(&self) -> impl DoubleEndedIterator<Item = &ApiCall> {
        self.api_log.iter()
    }

    /// The rules and the chaos by which calls go wrong.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The same, to change them.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// What goes wrong with a call. One that names a payment by its reference alone is also about that payment's payee.
    pub(crate) fn choose_fault(&mut self, call: &Call<'_>) -> Option<Chosen> {
        let named = call.subject.reference.as_deref().filter(|_| call.subject.payee_id.is_none());
        let payee = named.and_then(|reference| {
            let charge = self.charge(reference).map(|charge| charge.payee_id.clone());
            if call.subject.operation.contains("charge") {
                charge
            } else {
                self.payout(reference).map(|payout| payout.payee_id.clone())
            }
        });
        let Some(payee) = payee else { return self.faults.choose(call) };
        let subject = Subject { payee_id: Some(payee), ..call.subject.clone() };
        self.faults.choose(&Call { subject: &subject, ..*call })
    }

    /// Puts `other` in this world's place.
    pub fn become_world(&mut self, mut other: Self) {
        other.epoch = self.epoch + 1;
        *self = other;
    }

    /// Forgets everything and begins anew with the same program, settings, seed and clock.
    pub fn reset(&mut self) -> Result<(), Refusal> {
        let clock = self.clock.clone();
        let mut fresh = Self::new(self.program.clone(), self.settings.clone(), self.seed(), clock.mode, clock.now)?;
        fresh.clock = clock;
        self.become_world(fresh);
        Ok(())
    }
}
