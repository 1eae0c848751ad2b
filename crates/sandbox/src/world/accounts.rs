//! People with a Payoneer account: who they are and how they log in.
//! Their money lies in the journal, not here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::journal::{NoTransfer, Purse, Transfer};
use super::money::{Amount, Currency};
use super::refusal::Refusal;
use super::secret::Password;
use super::time::Time;
use super::{World, limits};

/// A person or a company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// A person.
    #[default]
    Individual,
    /// A company.
    Company,
}

/// What is known of an account's holder. Missing parts are empty, as in Payoneer's answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Person or company.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// First name, Latin letters.
    pub first_name: String,
    /// Last name, Latin letters.
    pub last_name: String,
    /// Birth date, `YYYY-MM-DD`.
    pub date_of_birth: String,
    /// Mobile phone number.
    pub mobile: String,
    /// Phone number.
    pub phone: String,
    /// Two letters; the United Kingdom is `UK`.
    pub country: String,
    /// State or province.
    pub state: String,
    /// First line of the address.
    pub address_line_1: String,
    /// Second line of the address.
    pub address_line_2: String,
    /// City.
    pub city: String,
    /// Postal code.
    pub zip_code: String,
    /// The company's name.
    pub company_name: String,
}

/// A Payoneer account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Payoneer's number of the account, seven digits; callbacks carry it as `payoneerid`.
    pub id: String,
    /// The e-mail address to log in with.
    pub email: String,
    /// The password's hash.
    pub(super) password: Password,
    /// The holder.
    pub profile: Profile,
    /// When it was opened.
    pub created_at: Time,
}

/// What opening an account takes.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The e-mail address to log in with; unique among accounts, whatever its case.
    pub email: String,
    /// The password to log in with, at least one character.
    pub password: String,
    /// The holder.
    pub profile: Profile,
    /// What the account holds at first, in the program's currency.
    pub balance: Amount,
}

impl World {
    /// Opens an account. Refused when the address is taken or malformed, a text is too long, or the world is full.
    pub fn open_account(&mut self, new: NewAccount) -> Result<Account, Refusal> {
        let NewAccount { email, password, profile, balance } = new;
        let email = email.trim().to_owned();
        check_email(&email)?;
        profile.check()?;
        if password.is_empty() || password.len() > 200 {
            return Err(Refusal::invalid("password", "must have 1 to 200 bytes"));
        }
        if self.emails.contains_key(&email.to_lowercase()) {
            return Err(Refusal::conflict("email", "belongs to another account"));
        }
        if self.accounts.len() >= limits::ACCOUNTS {
            return Err(Refusal::Full("accounts"));
        }
        let id = self.fresh_account_id();
        let password = Password::new(self.draw.hex32("password salt"), &password);
        let account = Account { id: id.clone(), email, password, profile, created_at: self.now() };
        self.fund(Purse::Account(id.clone()), "account opened", &id, balance, self.program.currency)?;
        self.emails.insert(account.email.to_lowercase(), id.clone());
        self.accounts.insert(id, account.clone());
        Ok(account)
    }

    fn fresh_account_id(&mut self) -> String {
        loop {
            let id = self.draw.between("account id", 1_000_000, 10_000_000).to_string();
            if !self.accounts.contains_key(&id) {
                return id;
            }
        }
    }

    /// All accounts, by id.
    pub fn accounts(&self) -> impl DoubleEndedIterator<Item = &Account> {
        self.accounts.values()
    }

    /// The account of that seven-digit id.
    #[must_use]
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// The account of that e-mail address, whatever its case.
    #[must_use]
    pub fn account_by_email(&self, email: &str) -> Option<&Account> {
        self.accounts.get(self.emails.get(&email.trim().to_lowercase())?)
    }

    /// What the account holds, per currency.
    #[must_use]
    pub fn account_balances(&self, id: &str) -> BTreeMap<Currency, Amount> {
        self.journal.balances(&Purse::Account(id.to_owned()))
    }

    /// Brings money from outside into an account.
    pub fn fund_account(&mut self, id: &str, amount: Amount, currency: Currency) -> Result<(), Refusal> {
        if !self.accounts.contains_key(id) {
            return Err(Refusal::NotFound("account"));
        }
        if amount.is_zero() {
            return Err(Refusal::invalid("amount", "must be above zero"));
        }
        self.fund(Purse::Account(id.to_owned()), "account funded", id, amount, currency)
    }

    /// Takes money from an account to outside, as a withdrawal would.
    pub fn drain_account(&mut self, id: &str, amount: Amount, currency: Currency) -> Result<(), Refusal> {
        if !self.accounts.contains_key(id) {
            return Err(Refusal::NotFound("account"));
        }
        if amount.is_zero() {
            return Err(Refusal::invalid("amount", "must be above zero"));
        }
        let from = Purse::Account(id.to_owned());
        let transfer =
            Transfer { memo: "account drained", subject: Some(id), from, to: Purse::Outside, amount, currency };
        Ok(self.journal.transfer(self.clock.now, transfer)?)
    }

    /// Brings money from outside to `to`; nothing happens for nothing.
    pub(super) fn fund(
        &mut self,
        to: Purse,
        memo: &str,
        subject: &str,
        amount: Amount,
        currency: Currency,
    ) -> Result<(), Refusal> {
        if amount.is_zero() {
            return Ok(());
        }
        let transfer = Transfer { memo, subject: Some(subject), from: Purse::Outside, to, amount, currency };
        Ok(self.journal.transfer(self.clock.now, transfer)?)
    }
}

impl From<NoTransfer> for Refusal {
    fn from(no: NoTransfer) -> Self {
        match no {
            NoTransfer::Short => Self::Short,
            NoTransfer::Full => Self::Full("journal"),
        }
    }
}

fn check_email(email: &str) -> Result<(), Refusal> {
    let visible = email.bytes().all(|b| b.is_ascii_graphic());
    let shaped = email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.contains('@') && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    });
    if !visible || !shaped || email.len() > 100 {
        return Err(Refusal::invalid("email", "is not an e-mail address of at most 100 characters"));
    }
    Ok(())
}

impl Profile {
    /// Checks lengths and characters only: no field is required here, the hosted page asks for more.
    pub fn check(&self) -> Result<(), Refusal> {
        let fields: [(&'static str, &str, usize); 12] = [
            ("first_name", &self.first_name, 26),
            ("last_name", &self.last_name, 26),
            ("date_of_birth", &self.date_of_birth, 10),
            ("mobile", &self.mobile, 20),
            ("phone", &self.phone, 20),
            ("country", &self.country, 2),
            ("state", &self.state, 50),
            ("address_line_1", &self.address_line_1, 60),
            ("address_line_2", &self.address_line_2, 60),
            ("city", &self.city, 40),
            ("zip_code", &self.zip_code, 10),
            ("company_name", &self.company_name, 50),
        ];
        for (field, text, most) in fields {
            if text.chars().count() > most || text.chars().any(char::is_control) {
                return Err(Refusal::invalid(field, format!("must be at most {most} plain characters")));
            }
        }
        Ok(())
    }
}
