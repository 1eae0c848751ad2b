//! From a field's text to the domain's type, gathering the field's name into the refusal.
//! The limits are the domain's; only what the domain does not know (addresses, notes, names) is limited here.

use super::problem::Refused;
use api::Amount;
use domain::program::Program;
use domain::words::{Note, Purpose};
use domain::{Currency, Description, Money, PayeeId, Reference, Span};
use std::collections::BTreeMap;
use url::Url;

/// The longest web address taken.
const URL_MAX: usize = 2_048;
/// The longest name of a person that Payoneer is known to take.
const NAME_MAX: usize = 26;
/// The longest e-mail address there can be.
const EMAIL_MAX: usize = 254;
/// How many notes, how long a note's name, how long a note.
const METADATA_MAX: (usize, usize, usize) = (50, 40, 500);
/// The longest name of an API key, in characters.
const KEY_NAME_MAX: usize = 100;
/// How long an API key that expires may live, in days.
const KEY_LIFETIME: core::ops::RangeInclusive<i64> = 1..=3_650;
/// How long a checkout may stay open, in seconds.
const LIFETIME: core::ops::RangeInclusive<i64> = 300..=30 * 86_400;

pub(super) fn payee_id(text: &str) -> Result<PayeeId, Refused> {
    if matches!(text, "." | "..") {
        // In an address such a segment means another place, so the payee could never be asked about.
        return Err(Refused::field("payee_id", "must not be only points"));
    }
    PayeeId::parse(text).map_err(|reason| Refused::field("payee_id", reason))
}

/// The amount and its currency; the field named is the one at fault.
pub(super) fn money(amount: &Amount, currency: &str) -> Result<Money, Refused> {
    let currency = Currency::parse(currency).map_err(|reason| Refused::field("currency", reason))?;
    Money::parse(amount.as_str(), currency).map_err(|reason| Refused::field("amount", reason))
}

pub(super) fn description(text: &str) -> Result<Description, Refused> {
    if text.trim().is_empty() {
        return Err(Refused::field("description", "must not be empty"));
    }
    Description::parse(text).map_err(|reason| Refused::field("description", reason))
}

pub(super) fn client_reference_id(text: Option<&str>) -> Result<Option<Reference>, Refused> {
    let parse = |text| Reference::parse(text).map_err(|reason| Refused::field("client_reference_id", reason));
    let reference = text.map(parse).transpose()?;
    match &reference {
        // The reference becomes a segment of Payoneer's addresses.
        Some(reference) if reference.as_str().trim_matches(['.', ' ']).is_empty() => {
            Err(Refused::field("client_reference_id", "must hold more than points and spaces"))
        }
        _ => Ok(reference),
    }
}

pub(super) fn purpose(text: Option<&str>) -> Result<Option<Purpose>, Refused> {
    text.map(|text| Purpose::parse(text).map_err(|reason| Refused::field("purpose", reason))).transpose()
}

/// What an API key is for.
pub(super) fn key_name(text: &str) -> Result<String, Refused> {
    let fits = (1..=KEY_NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    let reason = || Refused::field("name", format!("has 1 to {KEY_NAME_MAX} printable characters"));
    if fits && !text.trim().is_empty() { Ok(text.to_owned()) } else { Err(reason()) }
}

/// After how long an API key opens nothing.
pub(super) fn key_lifetime(days: Option<i64>) -> Result<Option<Span>, Refused> {
    match days {
        Some(days) if !KEY_LIFETIME.contains(&days) => Err(Refused::field(
            "expires_in_days",
            format!("must be between {} and {}", KEY_LIFETIME.start(), KEY_LIFETIME.end()),
        )),
        days => Ok(days.map(|days| Span::from_secs(days * 86_400))),
    }
}

/// A sentence of an operator's.
pub(super) fn note(field: &'static str, text: &str) -> Result<Note, Refused> {
    if text.trim().is_empty() {
        return Err(Refused::field(field, "must not be empty"));
    }
    Note::parse(text).map_err(|reason| Refused::field(field, reason))
}

/// The merchant's notes as JSON text with sorted names.
pub(super) fn metadata(notes: Option<&BTreeMap<String, String>>) -> Result<Option<String>, Refused> {
    let Some(notes) = notes else { return Ok(None) };
    let (count, name_max, note_max) = METADATA_MAX;
    if notes.len() > count {
        return Err(Refused::field("metadata", format!("has at most {count} entries")));
    }
    for (name, note) in notes {
        if name.is_empty() || name.chars().count() > name_max || name.chars().any(char::is_control) {
            return Err(Refused::field("metadata", format!("a name has 1 to {name_max} printable characters")));
        }
        if note.chars().count() > note_max || note.contains('\0') {
            return Err(Refused::field(format!("metadata.{name}"), format!("has at most {note_max} characters")));
        }
    }
    serde_json::to_string(notes).map(Some).map_err(|error| Refused::internal(error.to_string()))
}

/// A web address that a browser may be sent to.
pub(super) fn web_address(field: &'static str, text: &str, program: &Program) -> Result<String, Refused> {
    let refused = |reason: &str| Err(Refused::field(field, reason));
    if text.len() > URL_MAX {
        return Err(Refused::field(field, format!("has at most {URL_MAX} characters")));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return refused("must not hold spaces, control characters or backslashes");
    }
    let Ok(url) = Url::parse(text) else {
        return refused("must be an absolute address such as https://shop.example/paid");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refused("must not hold a user name or password");
    }
    match url.scheme() {
        "https" => Ok(url.into()),
        "http" if !program.environment.is_live() => Ok(url.into()),
        "http" => refused("must begin with https:// where money is real"),
        _ => refused("must begin with https:// or http://"),
    }
}

/// A name or e-mail address that Payoneer's form is filled with.
pub(super) fn name(field: &'static str, text: Option<String>) -> Result<Option<String>, Refused> {
    let fits = |text: &str| (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    match text {
        Some(text) if !fits(&text) => Err(Refused::field(field, format!("has 1 to {NAME_MAX} printable characters"))),
        text => Ok(text),
    }
}

pub(super) fn email(field: &'static str, text: Option<String>) -> Result<Option<String>, Refused> {
    let fits = |text: &str| {
        text.len() <= EMAIL_MAX
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && text
                .split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'))
    };
    match text {
        Some(text) if !fits(&text) => Err(Refused::field(field, "must be an e-mail address")),
        text => Ok(text),
    }
}

pub(super) fn lifetime(seconds: Option<i64>) -> Result<Option<Span>, Refused> {
    match seconds {
        Some(seconds) if !LIFETIME.contains(&seconds) => Err(Refused::field(
            "expires_in_seconds",
            format!("must be between {} and {}", LIFETIME.start(), LIFETIME.end()),
        )),
        seconds => Ok(seconds.map(Span::from_secs)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::program::{Dialect, Environment};
    use domain::{ProgramId, Time};

    fn program(environment: Environment) -> Program {
        let at = Time::from_micros(1);
        Program {
            id: ProgramId::new(at, [1; 10]),
            name: "Shop".to_owned(),
            program_id: "100012345".to_owned(),
            environment,
            dialect: Dialect::V2,
            username: "demo".to_owned(),
            return_url: None,
            callback_token: String::new(),
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    fn at_fault<T>(result: Result<T, Refused>) -> Option<String> {
        result.err().and_then(|refused| refused.problem.field)
    }

    #[test]
    fn the_amount_rules_name_amount_or_currency() {
        let fault = |amount: &str, currency: &str| at_fault(money(&Amount::from(amount), currency));
        for amount in ["1.234", "0", "0.00", "-1", "1e3", "1E3", "", " 1", "1,5", "NaN", "1234567890123456", "01"] {
            assert_eq!(fault(amount, "USD").as_deref(), Some("amount"), "{amount:?}");
        }
        for currency in ["", "usd", "XXX", "ZZZ", "USDT", "美元"] {
            assert_eq!(fault("1.20", currency).as_deref(), Some("currency"), "{currency:?}");
        }
        assert_eq!(fault("1", "JPY"), None);
        assert_eq!(fault("1.5", "JPY").as_deref(), Some("amount"));
    }

    #[test]
    fn addresses_that_could_mislead_a_browser_are_refused() {
        let shop = program(Environment::Sandbox);
        for bad in [
            "/paid",
            "//evil.example",
            "shop.example/paid",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://user@evil.example/",
            "https://shop.example:pw@evil.example/",
            "https:\\\\evil.example",
            "https://shop.example/\r\nSet-Cookie: a=b",
            "https://shop.example/ x",
            "https://",
            "",
        ] {
            assert_eq!(at_fault(web_address("return_url", bad, &shop)).as_deref(), Some("return_url"), "{bad:?}");
        }
        assert!(
            at_fault(web_address("return_url", &format!("https://a.example/{}", "x".repeat(URL_MAX)), &shop)).is_some()
        );
        let good = web_address("return_url", "https://shop.example/pay?order=1#top", &shop).unwrap();
        assert_eq!(good, "https://shop.example/pay?order=1#top");
        assert!(web_address("return_url", "http://127.0.0.1:3000/", &shop).is_ok());
        assert!(web_address("return_url", "http://shop.example/", &program(Environment::Production)).is_err());
    }

    #[test]
    fn limits_of_words_hold_and_name_the_field() {
        assert_eq!(at_fault(payee_id(&"p".repeat(51))).as_deref(), Some("payee_id"));
        assert_eq!(at_fault(payee_id("a/b")).as_deref(), Some("payee_id"));
        assert_eq!(at_fault(payee_id("..")).as_deref(), Some("payee_id"));
        assert_eq!(at_fault(payee_id("p.")), None);
        assert_eq!(at_fault(client_reference_id(Some("a?b"))).as_deref(), Some("client_reference_id"));
        assert_eq!(at_fault(client_reference_id(Some(".."))).as_deref(), Some("client_reference_id"));
        assert_eq!(at_fault(client_reference_id(Some(&"r".repeat(51)))).as_deref(), Some("client_reference_id"));
        assert_eq!(at_fault(description(" ")).as_deref(), Some("description"));
        assert_eq!(at_fault(purpose(Some(""))).as_deref(), Some("purpose"));
        assert_eq!(at_fault(lifetime(Some(299))).as_deref(), Some("expires_in_seconds"));
        assert_eq!(at_fault(lifetime(Some(i64::MAX))).as_deref(), Some("expires_in_seconds"));
        assert_eq!(lifetime(Some(300)).ok().flatten(), Some(Span::from_secs(300)));
        assert_eq!(at_fault(email("contact.email", Some("a@b".to_owned()))).as_deref(), Some("contact.email"));
        assert_eq!(at_fault(name("contact.first_name", Some(String::new()))).as_deref(), Some("contact.first_name"));
    }

    #[test]
    fn notes_are_bounded_and_come_out_sorted() {
        let notes = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let good: BTreeMap<_, _> = notes(&[("b", "2"), ("a", "1")]);
        assert_eq!(metadata(Some(&good)).unwrap().unwrap(), r#"{"a":"1","b":"2"}"#);
        let long: BTreeMap<_, _> = notes(&[("a", &"x".repeat(501))]);
        assert_eq!(at_fault(metadata(Some(&long))).as_deref(), Some("metadata.a"));
        let many: BTreeMap<_, _> = (0..51).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!(at_fault(metadata(Some(&many))).as_deref(), Some("metadata"));
        assert_eq!(metadata(None).unwrap(), None);
    }
}
