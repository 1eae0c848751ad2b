//! IPCN: a GET whose query the merchant templated with `{{placeholder}}`s. Rendering, reading by template, reading without.
//! What arrives is never trusted here; signatures are in `hmacauth`.

use std::fmt;

use url::form_urlencoded;

use super::event::Event;
use super::notice::{Notice, fold};

/// A callback URL with placeholders, as a merchant enters it in Payoneer's console:
/// `https://m.example/cb?APPROVED=true&payeeid={{apuid}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Placeholder(String),
}

/// Why a text is not a [`Template`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTemplate {
    /// A `{{` without `}}`, or `}}` without `{{`.
    #[error("a placeholder is not closed, or closed but not opened")]
    Unclosed,
    /// A placeholder's name is empty or has other characters than letters, digits, `_`, `-` and blanks.
    #[error("a placeholder's name is empty or has a strange character")]
    Name,
    /// Longer than 2,048 bytes.
    #[error("the template is too long")]
    Length,
}

/// A received query does not fit the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the query does not fit the template")]
pub struct Mismatch;

/// The longest template, in bytes.
const MAX_TEMPLATE_BYTES: usize = 2048;

impl Template {
    /// Reads a template. The text around the placeholders is kept as it stands, URL or not.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        if text.len() > MAX_TEMPLATE_BYTES {
            return Err(InvalidTemplate::Length);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, behind)) = rest.split_once("{{") {
            let (name, after) = behind.split_once("}}").ok_or(InvalidTemplate::Unclosed)?;
            if literal.contains("}}") {
                return Err(InvalidTemplate::Unclosed);
            }
            let name = name.trim();
            let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | ' ');
            if name.is_empty() || !name.chars().all(plain) {
                return Err(InvalidTemplate::Name);
            }
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::Placeholder(name.to_owned()));
            rest = after;
        }
        if rest.contains("}}") {
            return Err(InvalidTemplate::Unclosed);
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The placeholders' names, in their order.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// The URL with every placeholder replaced by its URL-encoded value. `value` is asked with the name in lower case and
    /// without `_`, `-` and blanks (`apuid`, `intpaymentid`); where it knows none, nothing is put in.
    pub fn render(&self, mut value: impl FnMut(&str) -> Option<String>) -> String {
        let mut rendered = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => rendered.push_str(text),
                Part::Placeholder(name) => {
                    let value = value(&fold(name)).unwrap_or_default();
                    rendered.extend(form_urlencoded::byte_serialize(value.as_bytes()));
                }
            }
        }
        rendered
    }

    /// Reads a received raw query (without `?`) that this template was rendered to: the values of its placeholders.
    ///
    /// Every pair of the template's query must be there, in any order; text around a placeholder must match; further pairs
    /// are ignored. A value with more than one placeholder, or of a name that stands twice, cannot be told apart and yields
    /// none.
    pub fn read(&self, raw_query: &str) -> Result<Vec<(String, String)>, Mismatch> {
        let received: Vec<(String, String)> = form_urlencoded::parse(raw_query.as_bytes()).into_owned().collect();
        let (pairs, mut values) = (self.query_pairs(), Vec::new());
        for (key, pattern) in &pairs {
            let mut fits = received.iter().filter(|(name, _)| name == key);
            let captured = fits.find_map(|(_, value)| pattern.capture(value).ok()).ok_or(Mismatch)?;
            let is_alone = pairs.iter().filter(|(name, _)| name == key).count() == 1;
            values.extend(captured.filter(|_| is_alone));
        }
        Ok(values)
    }

    /// Reads a received raw query as the callback that this template is configured for.
    pub fn read_notice(&self, event: Event, raw_query: &str) -> Result<Notice, Mismatch> {
        self.read(raw_query).map(|values| Notice::from_pairs(event, values))
    }

    /// The template's query, pair by pair, decoded.
    fn query_pairs(&self) -> Vec<(String, Pattern)> {
        let mut pairs: Vec<Vec<Part>> = Vec::new();
        let mut in_query = false;
        for part in &self.parts {
            match part {
                Part::Literal(text) => {
                    let mut text = text.as_str();
                    if !in_query {
                        let Some((_, query)) = text.split_once('?') else { continue };
                        in_query = true;
                        pairs.push(Vec::new());
                        text = query;
                    }
                    for (index, piece) in text.split('&').enumerate() {
                        if index > 0 {
                            pairs.push(Vec::new());
                        }
                        if let (Some(pair), false) = (pairs.last_mut(), piece.is_empty()) {
                            pair.push(Part::Literal(piece.to_owned()));
                        }
                    }
                }
                Part::Placeholder(name) => {
                    if let Some(pair) = pairs.last_mut() {
                        pair.push(Part::Placeholder(name.clone()));
                    }
                }
            }
        }
        pairs.iter().filter_map(|pair| Pattern::of_pair(pair)).collect()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Literal(text) => f.write_str(text)?,
                Part::Placeholder(name) => write!(f, "{{{{{name}}}}}")?,
            }
        }
        Ok(())
    }
}

/// What one value of the template's query looks like.
enum Pattern {
    Exactly(String),
    Between(String, String, String),
    Anything,
}

impl Pattern {
    /// Splits `key=value`; a pair whose key holds a placeholder is not one that can be read.
    fn of_pair(pair: &[Part]) -> Option<(String, Self)> {
        let Some((Part::Literal(first), rest)) = pair.split_first() else { return None };
        let (key, start) = match first.split_once('=') {
            Some((key, start)) => (key, start),
            None if rest.is_empty() => (first.as_str(), ""),
            None => return None,
        };
        let start = decode(start);
        let pattern = match rest {
            [] => Self::Exactly(start),
            [Part::Placeholder(name)] => Self::Between(start, name.clone(), String::new()),
            [Part::Placeholder(name), Part::Literal(end)] => Self::Between(start, name.clone(), decode(end)),
            _ => Self::Anything,
        };
        Some((decode(key), pattern))
    }

    /// The placeholder and its value, if there is one and the received value fits.
    fn capture(&self, value: &str) -> Result<Option<(String, String)>, Mismatch> {
        match self {
            Self::Exactly(text) if value == text => Ok(None),
            Self::Exactly(_) => Err(Mismatch),
            Self::Between(start, name, end) => {
                let inner = value.strip_prefix(start.as_str()).and_then(|rest| rest.strip_suffix(end.as_str()));
                inner.map(|inner| Some((name.clone(), inner.to_owned()))).ok_or(Mismatch)
            }
            Self::Anything => Ok(None),
        }
    }
}

/// Decodes one form-encoded piece.
fn decode(piece: &str) -> String {
    // `form_urlencoded` splits at `=` and `&`; the pieces here hold neither but for a value's own `=`.
    let whole = format!("={}", piece.replace('=', "%3D"));
    form_urlencoded::parse(whole.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Reads a received raw query (without `?`) without knowing its template: by the guide's flags and by the parameter names
/// that real handlers read, in any case. Never fails; what it cannot tell is [`Event::Unrecognised`].
pub fn read_query(raw_query: &str) -> Notice {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(raw_query.as_bytes()).into_owned().take(super::notice::MAX_PAIRS).collect();
    let mut notice = Notice::from_pairs(Event::Unrecognised, pairs);
    notice.event = event_of(&notice);
    notice
}

/// The one event that the pairs tell, by flag first, then by a `type` or `status` word.
fn event_of(notice: &Notice) -> Event {
    let set = |value: &str| value.is_empty() || value.eq_ignore_ascii_case("true") || value == "1";
    let flagged = notice.pairs.iter().filter(|(_, value)| set(value)).map(|(key, _)| key.as_str());
    let mut found = distinct(flagged.filter_map(|word| event_of_flag(word, notice)));
    if found.is_empty() {
        let words = ["type", "event", "status"].into_iter().filter_map(|name| notice.value(name));
        found = distinct(words.filter_map(|word| event_of_word(word, notice)));
    }
    match found.as_slice() {
        [] if notice.value("code").is_some() && notice.client_reference_id.is_some() => Event::ChargeReported,
        [event] => *event,
        _ => Event::Unrecognised,
    }
}

fn distinct(events: impl Iterator<Item = Event>) -> Vec<Event> {
    let mut events: Vec<Event> = events.collect();
    events.sort_unstable();
    events.dedup();
    events
}

/// The guide uses two flags for two events each; a payment's id or a session's id tells them apart.
fn event_of_flag(word: &str, notice: &Notice) -> Option<Event> {
    let candidates: Vec<Event> = Event::of_flag(word).collect();
    match candidates.as_slice() {
        [Event::PaperCheckRegistered, Event::PaperCheckIssued] => {
            let payment = notice.payment_id.is_some() || notice.client_reference_id.is_some();
            Some(if payment { Event::PaperCheckIssued } else { Event::PaperCheckRegistered })
        }
        [Event::ProfileEdited, Event::BankAccountEdited] => {
            let profile = notice.session_id.is_some() || notice.payoneer_id.is_some();
            Some(if profile { Event::ProfileEdited } else { Event::BankAccountEdited })
        }
        [event] => Some(*event),
        // How a charge's callback would be flagged is not public; a name that begins so, beside a reference, is near enough.
        [] if fold(word).starts_with("charge") && notice.client_reference_id.is_some() => Some(Event::ChargeReported),
        _ => None,
    }
}

/// Words that merchants bake into a template's `type` or `status`, beside the flags' own names and ours.
fn event_of_word(word: &str, notice: &Notice) -> Option<Event> {
    let event = match fold(word).as_str() {
        "loadcard" => Event::CardLoaded,
        "loadbank" => Event::BankLoaded,
        "loadpapercheck" => Event::PaperCheckIssued,
        "banktransferpaymentfailed" => Event::BankTransferFailed,
        "declined" => Event::Declined,
        _ => {
            return event_of_flag(word, notice)
                .or_else(|| word.parse().ok())
                .filter(|event| *event != Event::Unrecognised);
        }
    };
    Some(event)
}

#[cfg(test)]
#[path = "ipcn_tests.rs"]
mod tests;
