//! What the operator may set: the seed's developer options and how the imitation behaves.
//! Holds and checks values; what they cause happens in the nouns' own files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::money::Amount;
use super::secret::Secret;

/// What becomes of a payee that has just finished the hosted page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// Approved, at once or after `review_seconds`.
    Approve,
    /// Stays pending until an operator decides.
    Pending,
    /// Declined, at once or after `review_seconds`.
    Decline,
}

/// How a callback is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Style {
    /// An IPCN: GET of the address with its placeholders filled in.
    #[default]
    Get,
    /// A webhook: POST of a JSON object to the address.
    Post,
}

/// Where and how to call the merchant for one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// An absolute http(s) address; `{{placeholders}}` are filled in.
    pub url: String,
    /// GET with a query, or POST with a JSON body.
    #[serde(default)]
    pub method: Style,
}

impl Template {
    /// The guide's example of an event below a base address.
    fn example(event: Event, base: &str, method: Style) -> Self {
        let url = match method {
            Style::Post => format!("{}/{event}", base.trim_end_matches('/')),
            Style::Get if base.contains('?') => format!("{base}&{}", event.example_query()),
            Style::Get => format!("{base}?{}", event.example_query()),
        };
        Self { url, method }
    }
}

/// The `hmacauth` signature on callbacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// Whether callbacks are signed.
    pub enabled: bool,
    /// The name in front of the signature.
    pub app_name: String,
    /// The shared secret.
    pub secret: Option<Secret>,
}

/// The word that `charges/{reference}/status` uses for a charge that is through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SuccessWord {
    /// As a merchant met it in production.
    Transferred,
    /// As one published client expects it.
    #[serde(rename = "DONE")]
    Done,
}

/// What becomes of a charge whose reference counts as used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameReference {
    /// It is refused with code 10704.
    Refused,
    /// It is answered as the first one was, and no money moves.
    Replayed,
    /// It is taken, as a further charge.
    Taken,
}

impl SameReference {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Refused, Self::Replayed, Self::Taken];
}

/// How a status query says that it knows of no charge of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusAbsent {
    /// HTTP 404 with the body `{}`, as Payoneer's hosts also answer when something is wrong with them.
    Empty,
    /// HTTP 404, an envelope with code 10311.
    NotFound,
    /// HTTP 400, an envelope with code 10311.
    BadRequest,
}

impl StatusAbsent {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Empty, Self::NotFound, Self::BadRequest];
}

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The merchant's name as the hosted page shows it.
    pub merchant_name: String,
    /// Where the hosted page sends the browser when the link names no address of its own. May hold `{{placeholders}}`.
    pub redirect_url: Option<String>,
    /// Seconds before that, 0 to 999, when the link does not say.
    pub redirect_seconds: u16,
    /// Payoneer's number of the hosted page's language when the link does not say: 1 English, 4 simplified Chinese.
    pub language_id: u8,
    /// What becomes of new payees.
    pub review: Review,
    /// Seconds until an automatic review decides.
    pub review_seconds: u32,
    /// What a person who signs up finds in the new account, in the program's currency.
    pub opening_balance: Amount,
    /// Seconds until a charge is transferred; nothing: only when an operator settles it.
    pub charge_settle_seconds: Option<u32>,
    /// The word for a transferred charge.
    pub charge_success_word: SuccessWord,
    /// Seconds until a payout is paid; nothing: only when an operator settles it.
    pub payout_settle_seconds: Option<u32>,
    /// What becomes of a charge whose reference counts as used.
    pub same_reference: SameReference,
    /// Seconds after which a charge's reference counts as used no more; nothing: never.
    pub reference_memory_seconds: Option<u32>,
    /// Whether references of charges that differ in case are different.
    pub reference_case_matters: bool,
    /// Whether a reference may be used again once its charge was cancelled.
    pub reference_free_after_cancel: bool,
    /// Whether two charges of one reference that are under way at the same time are both taken.
    pub same_reference_races: bool,
    /// Seconds during which a status query knows nothing of a new charge or payout.
    pub status_lag_seconds: u32,
    /// How a status query says that it knows of no charge of a reference.
    pub status_absent: StatusAbsent,
    /// Whether a call is carried out although its client closed the connection after the last byte.
    pub survives_close: bool,
    /// Whether the v2 API refuses to answer where nothing better than an inference is known of Payoneer's behaviour.
    pub strict: bool,
    /// Whether business errors of the v2 API come with HTTP 200.
    pub errors_as_200: bool,
    /// Where to call the merchant, per event. Events without an entry are not told.
    pub callbacks: BTreeMap<Event, Template>,
    /// Seconds between an event and the first try of its callback.
    pub callback_delay_seconds: u32,
    /// Seconds between the tries of a callback; their number plus one is the number of tries.
    pub callback_retry_seconds: Vec<u32>,
    /// Milliseconds that the merchant may take to answer a callback.
    pub callback_timeout_ms: u32,
    /// The signature on callbacks.
    pub hmac: Hmac,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            merchant_name: "Demo Merchant".to_owned(),
            redirect_url: None,
            redirect_seconds: 5,
            language_id: 1,
            review: Review::Approve,
            review_seconds: 0,
            opening_balance: Amount::whole(100),
            charge_settle_seconds: Some(1),
            charge_success_word: SuccessWord::Transferred,
            payout_settle_seconds: Some(2),
            same_reference: SameReference::Refused,
            reference_memory_seconds: Some(86_400),
            reference_case_matters: true,
            reference_free_after_cancel: true,
            same_reference_races: true,
            status_lag_seconds: 0,
            status_absent: StatusAbsent::Empty,
            survives_close: true,
            strict: false,
            errors_as_200: false,
            callbacks: BTreeMap::new(),
            callback_delay_seconds: 0,
            callback_retry_seconds: vec![10, 60, 300, 900, 3600],
            callback_timeout_ms: 10_000,
            hmac: Hmac { enabled: false, app_name: "Webhook-IPCNSender-sandbox".to_owned(), secret: None },
        }
    }
}

/// A setting that cannot be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct BadSetting {
    /// The setting's name.
    pub field: String,
    /// What is wrong with it.
    pub why: String,
}

fn bad(field: impl Into<String>, why: impl Into<String>) -> BadSetting {
    BadSetting { field: field.into(), why: why.into() }
}

impl Settings {
    /// The longest address that is kept, in bytes.
    pub const LONGEST_URL: usize = 2_000;

    /// Checks every value; the first that cannot be taken is named.
    pub fn check(&self) -> Result<(), BadSetting> {
        if self.merchant_name.trim().is_empty() || self.merchant_name.chars().count() > 100 {
            return Err(bad("merchant_name", "must have 1 to 100 characters"));
        }
        if let Some(url) = &self.redirect_url {
            check_url(url).map_err(|why| bad("redirect_url", why))?;
        }
        if self.redirect_seconds > 999 {
            return Err(bad("redirect_seconds", "must be 0 to 999"));
        }
        let delays = [
            ("review_seconds", Some(self.review_seconds)),
            ("charge_settle_seconds", self.charge_settle_seconds),
            ("payout_settle_seconds", self.payout_settle_seconds),
            ("reference_memory_seconds", self.reference_memory_seconds),
            ("status_lag_seconds", Some(self.status_lag_seconds)),
            ("callback_delay_seconds", Some(self.callback_delay_seconds)),
            ("callback_retry_seconds", self.callback_retry_seconds.iter().max().copied()),
        ];
        if let Some((field, _)) = delays.iter().find(|(_, s)| s.is_some_and(|s| s > 31_536_000)) {
            return Err(bad(*field, "must be at most a year (31536000)"));
        }
        if self.callback_retry_seconds.len() > 20 {
            return Err(bad("callback_retry_seconds", "must have at most 20 entries"));
        }
        if !(10..=60_000).contains(&self.callback_timeout_ms) {
            return Err(bad("callback_timeout_ms", "must be 10 to 60000"));
        }
        for (event, template) in &self.callbacks {
            check_url(&template.url).map_err(|why| bad(format!("callbacks.{event}.url"), why))?;
        }
        self.hmac.check()
    }

    /// Whether a reference that was used once is refused for ever, whatever comes with it: what makes it safe to send a
    /// charge again under its reference.
    #[must_use]
    pub fn takes_references_once(&self) -> bool {
        self.same_reference == SameReference::Refused
            && self.reference_memory_seconds.is_none()
            && !self.reference_free_after_cancel
            && !self.same_reference_races
    }

    /// These settings with the kindest answers about references: used once, for ever, whatever their case, and seen at once.
    #[must_use]
    pub fn kind_to_references(self) -> Self {
        Self {
            same_reference: SameReference::Refused,
            reference_memory_seconds: None,
            reference_case_matters: false,
            reference_free_after_cancel: false,
            same_reference_races: false,
            status_lag_seconds: 0,
            status_absent: StatusAbsent::NotFound,
            survives_close: false,
            ..self
        }
    }

    /// These settings with the nastiest answers about references, which are also those of a new sandbox.
    #[must_use]
    pub fn nasty_to_references(self) -> Self {
        let nasty = Self::default();
        Self {
            same_reference: nasty.same_reference,
            reference_memory_seconds: nasty.reference_memory_seconds,
            reference_case_matters: nasty.reference_case_matters,
            reference_free_after_cancel: nasty.reference_free_after_cancel,
            same_reference_races: nasty.same_reference_races,
            status_lag_seconds: nasty.status_lag_seconds,
            status_absent: nasty.status_absent,
            survives_close: nasty.survives_close,
            ..self
        }
    }

    /// One template per event of Payoneer's, made of `base` and the guide's example query (or, for POST, the event's name as a further path segment).
    #[must_use]
    pub fn example_callbacks(base: &str, method: Style) -> BTreeMap<Event, Template> {
        let told = Event::ALL.into_iter().filter(|event| !event.is_invented());
        told.map(|event| (event, Template::example(event, base, method))).collect()
    }

    /// Where a callback about a charge would go if Payoneer sent one: the place of the callbacks about payouts, whose
    /// addresses are alike.
    pub(super) fn presumed_template(&self, event: Event) -> Option<Template> {
        let (known, template) = [Event::PaymentLoaded, Event::PaymentAccepted, Event::Approved]
            .into_iter()
            .find_map(|event| self.callbacks.get(&event).map(|template| (event, template)))?;
        let base = match template.method {
            Style::Post => template.url.strip_suffix(known.name()).unwrap_or(&template.url),
            Style::Get => template.url.split('?').next().unwrap_or(&template.url),
        };
        event.is_invented().then(|| Template::example(event, base, template.method))
    }
}

impl Hmac {
    fn check(&self) -> Result<(), BadSetting> {
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if self.app_name.is_empty() || self.app_name.len() > 100 || !plain(&self.app_name) {
            return Err(bad("hmac.app_name", "must be 1 to 100 visible ASCII characters without a colon"));
        }
        match &self.secret {
            Some(secret) if secret.expose().is_empty() || secret.expose().len() > 500 => {
                Err(bad("hmac.secret", "must have 1 to 500 bytes"))
            }
            None if self.enabled => Err(bad("hmac.secret", "is needed to sign callbacks")),
            _ => Ok(()),
        }
    }
}

/// Whether `url` is an absolute http(s) address once its placeholders are filled in.
pub(super) fn check_url(url: &str) -> Result<(), &'static str> {
    if url.len() > Settings::LONGEST_URL {
        return Err("is longer than 2000 bytes");
    }
    let filled = url.replace("{{", "").replace("}}", "");
    let parsed = url::Url::parse(filled.trim()).map_err(|_| "is not an absolute address")?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err("must be an http or https address");
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("must not carry credentials");
    }
    Ok(())
}
