//! Links to the hosted page and what a person does there: sign up or log in, consent, return.
//! No HTML and no HTTP; the pages call these methods.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::accounts::{NewAccount, Profile};
use super::fill;
use super::payees::PayeeStatus;
use super::refusal::Refusal;
use super::settings::{Review, check_url};
use super::time::Time;
use super::{World, limits};

/// Which call made the link, and so which view the page opens with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// `registration-link`: the page opens with signing up.
    Registration,
    /// `login-link`: the page opens with logging in.
    Login,
}

/// What a link call asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// Sign-up or log-in view.
    pub kind: LinkKind,
    /// The merchant's id of its user.
    pub payee_id: String,
    /// Returned in callbacks as `sessionid`.
    pub session_id: Option<String>,
    /// Where to send the browser afterwards; may hold `{{placeholders}}`.
    pub redirect_url: Option<String>,
    /// Seconds before that, 0 to 999.
    pub redirect_seconds: Option<u16>,
    /// Payoneer's number of the page's language.
    pub language_id: Option<u8>,
    /// What the merchant already knows of the person.
    pub prefill: Profile,
    /// The e-mail address that the merchant knows, or nothing.
    pub prefill_email: String,
}

/// A link to the hosted page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// 32 lower-case and 10 upper-case hexadecimal digits.
    pub token: String,
    /// Sign-up or log-in view.
    pub kind: LinkKind,
    /// The merchant's id of its user.
    pub payee_id: String,
    /// Returned in callbacks as `sessionid`.
    pub session_id: Option<String>,
    /// Where to send the browser afterwards, before placeholders are filled in; nothing: the setting.
    pub redirect_url: Option<String>,
    /// Seconds before that; nothing: the setting.
    pub redirect_seconds: Option<u16>,
    /// Payoneer's number of the page's language; nothing: the setting.
    pub language_id: Option<u8>,
    /// What the merchant already knows of the person.
    pub prefill: Profile,
    /// The e-mail address that the merchant knows, or nothing.
    pub prefill_email: String,
    /// When it was made.
    pub created_at: Time,
    /// Who logged in or signed up on the page and has not consented yet.
    pub(super) signed_in: Option<SignedIn>,
    /// How it ended; a completed link cannot be used again.
    pub completed: Option<Completion>,
}

/// A person who proved on the page who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SignedIn {
    ticket: String,
    account: String,
}

/// How a link ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// When the person consented.
    pub at: Time,
    /// The account that was bound, seven digits.
    pub account: String,
    /// What the payee was right after.
    pub payee_status: PayeeStatus,
    /// Where to send the browser, placeholders filled in; nothing when neither link nor settings name an address.
    pub redirect_url: Option<String>,
    /// Seconds before that.
    pub redirect_seconds: u16,
}

impl World {
    /// Makes a link, or gives the one that the same payee, session and kind have and have not completed (with the new wishes).
    /// Says also whether it was there before.
    pub fn make_link(&mut self, new: NewLink) -> Result<(Link, bool), Refusal> {
        new.check()?;
        let key = open_key(new.kind, &new.payee_id, new.session_id.as_deref());
        let kept = self.open_links.get(&key).and_then(|token| self.links.get(token));
        let again = kept.is_some();
        let (token, created_at, signed_in) = match kept {
            Some(link) => (link.token.clone(), link.created_at, link.signed_in.clone()),
            None if self.links.len() >= limits::LINKS => return Err(Refusal::Full("links")),
            None => (self.draw.page_token(), self.now(), None),
        };
        let link = Link {
            token: token.clone(),
            kind: new.kind,
            payee_id: new.payee_id,
            session_id: new.session_id,
            redirect_url: new.redirect_url,
            redirect_seconds: new.redirect_seconds,
            language_id: new.language_id,
            prefill: new.prefill,
            prefill_email: new.prefill_email,
            created_at,
            signed_in,
            completed: None,
        };
        self.open_links.insert(key, token.clone());
        self.links.insert(token, link.clone());
        Ok((link, again))
    }

    /// All links, by token.
    pub fn links(&self) -> impl DoubleEndedIterator<Item = &Link> {
        self.links.values()
    }

    /// The link of that token.
    #[must_use]
    pub fn link(&self, token: &str) -> Option<&Link> {
        self.links.get(token)
    }

    /// Payoneer's number of the language that the link's page opens in.
    #[must_use]
    pub fn link_language(&self, link: &Link) -> u8 {
        link.language_id.unwrap_or(self.settings.language_id)
    }

    /// Logs an existing account in on the link's page; the ticket is needed to consent.
    pub fn log_in(&mut self, token: &str, email: &str, password: &str) -> Result<String, Refusal> {
        self.open_link(token)?;
        let account = self.account_by_email(email).filter(|a| a.password.matches(password));
        let account = account.ok_or(Refusal::WrongPassword)?.id.clone();
        self.sign_in(token, account)
    }

    /// Opens an account on the link's page, funded with the setting `opening_balance`; the ticket is needed to consent.
    pub fn sign_up(&mut self, token: &str, email: &str, password: &str, profile: Profile) -> Result<String, Refusal> {
        self.open_link(token)?;
        let balance = self.settings.opening_balance;
        let new = NewAccount { email: email.to_owned(), password: password.to_owned(), profile, balance };
        let account = self.open_account(new)?;
        self.sign_in(token, account.id)
    }

    fn sign_in(&mut self, token: &str, account: String) -> Result<String, Refusal> {
        let ticket = self.draw.hex32("ticket");
        let link = self.links.get_mut(token).ok_or(Refusal::NotFound("link"))?;
        link.signed_in = Some(SignedIn { ticket: ticket.clone(), account });
        Ok(ticket)
    }

    /// The account that holds `ticket` on the link's page, if it does.
    #[must_use]
    pub fn ticket_account(&self, token: &str, ticket: &str) -> Option<&super::Account> {
        let signed_in = self.links.get(token)?.signed_in.as_ref()?;
        self.accounts.get(&signed_in.account).filter(|_| signed_in.ticket == ticket)
    }

    /// The person consents: the payee is bound to the account and reviewed as `review` says (nothing: as the settings say).
    pub fn consent(&mut self, token: &str, ticket: &str, review: Option<Review>) -> Result<Completion, Refusal> {
        let account = self.ticket_account(token, ticket).ok_or(Refusal::WrongPassword)?.id.clone();
        self.complete_link(token, &account, review)
    }

    /// Completes a link for an account without a browser.
    pub fn complete_link(&mut self, token: &str, account: &str, review: Option<Review>) -> Result<Completion, Refusal> {
        let link = self.open_link(token)?.clone();
        if !self.accounts.contains_key(account) {
            return Err(Refusal::NotFound("account"));
        }
        let payee_status = self.register_payee(&link.payee_id, account, link.session_id.as_deref(), review)?;
        let (redirect_url, redirect_seconds) = self.way_back(&link, account);
        let completion =
            Completion { at: self.now(), account: account.to_owned(), payee_status, redirect_url, redirect_seconds };
        self.open_links.remove(&open_key(link.kind, &link.payee_id, link.session_id.as_deref()));
        if let Some(link) = self.links.get_mut(token) {
            link.signed_in = None;
            link.completed = Some(completion.clone());
        }
        Ok(completion)
    }

    /// The person declines on the consent page: who signed in is forgotten, nothing is bound and the link stays open.
    /// Gives where to send the browser, placeholders filled in, and the seconds before that.
    pub fn decline_consent(&mut self, token: &str, ticket: &str) -> Result<(Option<String>, u16), Refusal> {
        self.ticket_account(token, ticket).ok_or(Refusal::WrongPassword)?;
        // The merchant learns nothing of the account of somebody who declined.
        let way = self.way_back(self.open_link(token)?, "");
        if let Some(link) = self.links.get_mut(token) {
            link.signed_in = None;
        }
        Ok(way)
    }

    fn way_back(&self, link: &Link, account: &str) -> (Option<String>, u16) {
        let values = BTreeMap::from([
            ("apuid", link.payee_id.clone()),
            ("payoneerid", account.to_owned()),
            ("sessionid", link.session_id.clone().unwrap_or_default()),
        ]);
        let address = link.redirect_url.as_ref().or(self.settings.redirect_url.as_ref());
        let seconds = link.redirect_seconds.unwrap_or(self.settings.redirect_seconds);
        (address.map(|a| fill::address(a, &values)), seconds)
    }

    /// Whether the link can be completed now; the refusal that [`World::complete_link`] would give.
    pub fn check_completable(&self, token: &str) -> Result<(), Refusal> {
        let link = self.open_link(token)?;
        match self.payees.get(&link.payee_id).map(|p| p.status) {
            Some(PayeeStatus::Active | PayeeStatus::Pending) => {
                Err(Refusal::conflict("payee_id", "is registered already"))
            }
            Some(PayeeStatus::Inactive) | None => Ok(()),
        }
    }

    /// An e-mail address and a password that nobody has, for an account that is opened without a person.
    pub fn draw_login(&mut self) -> (String, String) {
        let (name, password) = (self.draw.hex32("login name"), self.draw.hex32("login password"));
        (format!("payee-{}@sandbox.example", name.get(..12).unwrap_or_default()), password)
    }

    fn open_link(&self, token: &str) -> Result<&Link, Refusal> {
        let link = self.links.get(token).ok_or(Refusal::NotFound("link"))?;
        if link.completed.is_some() {
            return Err(Refusal::conflict("link", "was completed before"));
        }
        Ok(link)
    }
}

pub(super) fn open_key(kind: LinkKind, payee_id: &str, session_id: Option<&str>) -> (LinkKind, String, String) {
    (kind, payee_id.to_owned(), session_id.unwrap_or_default().to_owned())
}

/// Whether `id` can be a payee id: 1 to 50 of the characters that Payoneer's guide allows.
fn is_payee_id(id: &str) -> bool {
    (1..=50).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-^@!?\".".contains(&b))
}

impl NewLink {
    /// A link for a payee with nothing else wished.
    #[must_use]
    pub fn plain(kind: LinkKind, payee_id: &str) -> Self {
        Self {
            kind,
            payee_id: payee_id.to_owned(),
            session_id: None,
            redirect_url: None,
            redirect_seconds: None,
            language_id: None,
            prefill: Profile::default(),
            prefill_email: String::new(),
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        if !is_payee_id(&self.payee_id) {
            let why = "must be 1 to 50 letters, digits or _-^@!?\".";
            return Err(Refusal::invalid("payee_id", why));
        }
        if self.session_id.as_ref().is_some_and(|s| s.chars().count() > 50) {
            return Err(Refusal::invalid("client_session_id", "must be at most 50 characters"));
        }
        if let Some(url) = &self.redirect_url {
            check_url(url).map_err(|why| Refusal::invalid("redirect_url", why))?;
        }
        Ok(())
    }
}
