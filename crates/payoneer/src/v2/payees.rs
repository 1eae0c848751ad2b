//! Calls about payees: links to Payoneer's hosted page, status, details, release.
//! Payments to or from them are in the neighbouring files.

use std::fmt;

use reqwest::Method;
use serde::{Deserialize, Serialize, Serializer};
use url::Url;

use crate::envelope::{BadField, Reply};
use crate::error::{Error, success};
use crate::fields::{InvalidField, PayeeId, check_text};
use crate::transport::Query;

use super::{Client, body, typed};

/// What to ask of a link to the hosted page. Only the payee's id is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkRequest {
    /// Your id of the payee; best the id of your own user table.
    pub payee_id: PayeeId,
    /// At most 50 characters; comes back as `sessionid` in callbacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_session_id: Option<String>,
    /// Where the browser goes at the end, instead of the console's default. May hold `{{apuid}}` and other placeholders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// How many seconds the last page stays, 0 to 999.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_time: Option<u16>,
    /// The page's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_id: Option<Language>,
    /// Which payout methods to offer: `PREPAID_CARD`, `BANK`, `PAYPAL`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payout_methods_list: Vec<String>,
    /// `FULL`, presumably also `EXPRESS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_mode: Option<String>,
    /// Which prefilled fields the payee may not change: `NONE`, `ALL`, and others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock_type: Option<String>,
    /// What to fill in beforehand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee: Option<Prefill>,
}

impl LinkRequest {
    /// A request for this payee with nothing else set.
    pub fn new(payee_id: PayeeId) -> Self {
        Self {
            payee_id,
            client_session_id: None,
            redirect_url: None,
            redirect_time: None,
            language_id: None,
            payout_methods_list: Vec::new(),
            registration_mode: None,
            lock_type: None,
            payee: None,
        }
    }

    /// Checks what Payoneer published limits for.
    pub fn check(&self) -> Result<(), InvalidField> {
        if let Some(session) = &self.client_session_id {
            check_text("client_session_id", session, 50)?;
        }
        if self.redirect_time.is_some_and(|seconds| seconds > 999) {
            return Err(InvalidField { field: "redirect_time", reason: "has more than three digits" });
        }
        Ok(())
    }
}

/// A language of the hosted page, by Payoneer's number; text on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Language(pub u8);

impl Language {
    /// English, 1.
    pub const ENGLISH: Self = Self(1);
    /// Simplified Chinese, 4.
    pub const CHINESE_SIMPLIFIED: Self = Self(4);
    /// Traditional Chinese, 17.
    pub const CHINESE_TRADITIONAL: Self = Self(17);
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Personal data to fill into the hosted page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Prefill {
    /// `INDIVIDUAL` or `COMPANY`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The company, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<Company>,
}

/// A person. Payoneer writes an empty text where it knows nothing; so do these fields, which are left out when sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// First name, 2 to 26 Latin letters.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub first_name: String,
    /// Last name, 2 to 26 Latin letters.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub last_name: String,
    /// E-mail address.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub email: String,
    /// `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub date_of_birth: String,
    /// Mobile number.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub mobile: String,
    /// Telephone number.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub phone: String,
}

/// An address; empty texts as in [`Contact`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Two letters. Payoneer says `UK` for the United Kingdom; `GB` is sent as that.
    #[serde(skip_serializing_if = "String::is_empty", serialize_with = "country", deserialize_with = "text")]
    pub country: String,
    /// State or province.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub state: String,
    /// First line, at most 30 characters.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub address_line_1: String,
    /// Second line.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub address_line_2: String,
    /// City, at most 40 characters.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub city: String,
    /// Postal code, 3 to 10 characters.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub zip_code: String,
}

/// A company; empty texts as in [`Contact`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Company {
    /// Legal form.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub legal_type: String,
    /// Name, at most 50 characters.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub name: String,
    /// Web address.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub url: String,
    /// Country of incorporation.
    #[serde(skip_serializing_if = "String::is_empty", serialize_with = "country", deserialize_with = "text")]
    pub incorporated_country: String,
    /// State of incorporation.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "text")]
    pub incorporated_state: String,
}

fn country<S: Serializer>(country: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if country == "GB" { "UK" } else { country })
}

fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A link to the hosted page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// Send the payee's browser there. Opaque, but an absolute `https` (or `http`) URL.
    pub url: String,
    /// Payoneer's number of the request.
    pub audit_id: Option<i64>,
}

impl Link {
    /// Reads a reply to either link call.
    pub fn from_reply(reply: &Reply, field: &'static str) -> Result<Self, Error> {
        typed(reply, |envelope| {
            let url = envelope.text(field).filter(|url| is_web_address(url)).ok_or(BadField(field))?;
            Ok(Self { url, audit_id: envelope.audit_id })
        })
    }
}

fn is_web_address(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

/// A payee's standing with the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayeeStatus {
    /// May be charged and paid.
    Active,
    /// Declined, blocked or closed.
    Inactive,
    /// Under review.
    Pending,
    /// Another word, as sent.
    Other(String),
}

impl PayeeStatus {
    /// Reads the word, in any case, or the number that stands for it elsewhere in Payoneer's APIs.
    pub fn of_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "active" | "1" => Self::Active,
            "inactive" | "99" => Self::Inactive,
            "pending" | "0" => Self::Pending,
            _ => Self::Other(word.to_owned()),
        }
    }
}

impl fmt::Display for PayeeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Pending => "PENDING",
            Self::Other(word) => word,
        })
    }
}

/// The answer to a status query. A payee who has not finished the hosted page yields [`Error::Refused`] with code 10005.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayeeReport {
    /// The standing.
    pub status: PayeeStatus,
    /// The word as sent.
    pub raw: String,
    /// Payoneer's number of the request.
    pub audit_id: Option<i64>,
}

impl PayeeReport {
    /// Reads a reply.
    pub fn from_reply(reply: &Reply) -> Result<Self, Error> {
        typed(reply, |envelope| {
            let raw = envelope.text("status").ok_or(BadField("status"))?;
            Ok(Self { status: PayeeStatus::of_word(&raw), raw, audit_id: envelope.audit_id })
        })
    }
}

/// What Payoneer tells about a payee.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayeeDetails {
    /// The standing, if it was told.
    pub status: Option<PayeeStatus>,
    /// `INDIVIDUAL` or `COMPANY`, as sent.
    pub kind: Option<String>,
    /// `YYYY-MM-DD`, as sent.
    pub registration_date: Option<String>,
    /// The person.
    pub contact: Contact,
    /// The address.
    pub address: Address,
    /// The company, if it is one.
    pub company: Option<Company>,
    /// How the payee is paid.
    pub payout_method: Option<PayoutMethod>,
    /// Payoneer's number of the request.
    pub audit_id: Option<i64>,
}

/// How a payee is paid; empty texts where nothing was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PayoutMethod {
    /// `BANK` and others.
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: String,
    /// The currency.
    #[serde(deserialize_with = "text")]
    pub currency: String,
}

impl PayeeDetails {
    /// Reads a reply.
    pub fn from_reply(reply: &Reply) -> Result<Self, Error> {
        typed(reply, |envelope| {
            Ok(Self {
                status: envelope.text("status").as_deref().map(PayeeStatus::of_word),
                kind: envelope.text("type"),
                registration_date: envelope.text("registration_date"),
                contact: envelope.read("contact")?.unwrap_or_default(),
                address: envelope.read("address")?.unwrap_or_default(),
                company: envelope.read("company")?,
                payout_method: envelope.read("payout_method")?,
                audit_id: envelope.audit_id,
            })
        })
    }
}

impl Client {
    /// `POST payees/registration-link`: a page where the payee signs up, or logs in, and authorises this program.
    /// Asking again is harmless.
    pub async fn registration_link(&self, request: &LinkRequest) -> Result<Link, Error> {
        self.link("registration-link", "registration_link", request).await
    }

    /// `POST payees/login-link`: the same page, beginning with the log-in of an existing account.
    pub async fn login_link(&self, request: &LinkRequest) -> Result<Link, Error> {
        self.link("login-link", "login_link", request).await
    }

    async fn link(&self, call: &str, field: &'static str, request: &LinkRequest) -> Result<Link, Error> {
        let query = Query { method: Method::POST, path: &["payees", call], body: Some(body(request)) };
        Link::from_reply(&self.transport.query(query).await?, field)
    }

    /// `GET payees/{payee_id}/status`.
    pub async fn payee_status(&self, payee_id: &PayeeId) -> Result<PayeeReport, Error> {
        PayeeReport::from_reply(&self.get(&["payees", payee_id.as_str(), "status"]).await?)
    }

    /// `GET payees/{payee_id}/details`.
    pub async fn payee_details(&self, payee_id: &PayeeId) -> Result<PayeeDetails, Error> {
        PayeeDetails::from_reply(&self.get(&["payees", payee_id.as_str(), "details"]).await?)
    }

    /// `DELETE payees/{payee_id}`: releases the id; the payee must authorise anew. Not repeated by itself; after an
    /// [`Error::Transport`], query the status. Returns Payoneer's number of the request.
    pub async fn release_payee(&self, payee_id: &PayeeId) -> Result<Option<i64>, Error> {
        let query = Query { method: Method::DELETE, path: &["payees", payee_id.as_str()], body: None };
        success(&self.transport.ask_once(query).await?).map(|envelope| envelope.audit_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(fields: &str) -> Reply {
        Reply::json(200, format!(r#"{{"audit_id":38935280,"code":0,"description":"Success",{fields}}}"#))
    }

    #[test]
    fn a_link_request_says_what_is_set_and_no_more() {
        let mut request = LinkRequest::new(PayeeId::new("ID123").unwrap());
        assert_eq!(body(&request), r#"{"payee_id":"ID123"}"#);
        request.client_session_id = Some("s".to_owned());
        request.redirect_time = Some(0);
        request.language_id = Some(Language::CHINESE_SIMPLIFIED);
        request.payee = Some(Prefill {
            contact: Some(Contact { first_name: "Ann".to_owned(), ..Contact::default() }),
            address: Some(Address { country: "GB".to_owned(), ..Address::default() }),
            ..Prefill::default()
        });
        assert_eq!(
            body(&request),
            r#"{"payee_id":"ID123","client_session_id":"s","redirect_time":0,"language_id":"4","payee":{"contact":{"first_name":"Ann"},"address":{"country":"UK"}}}"#
        );
        assert_eq!(request.check(), Ok(()));
        request.redirect_time = Some(1000);
        assert_eq!(request.check().map_err(|invalid| invalid.field), Err("redirect_time"));
        request.client_session_id = Some("s".repeat(51));
        assert_eq!(request.check().map_err(|invalid| invalid.field), Err("client_session_id"));
    }

    #[test]
    fn a_link_must_be_a_web_address() {
        let link =
            |url: &str| Link::from_reply(&reply(&format!(r#""registration_link":"{url}""#)), "registration_link");
        let url =
            "https://payouts.sandbox.payoneer.com/partners/lp.aspx?token=00112233445566778899aabbccddeeff0A1B2C3D4E";
        assert_eq!(link(url).map(|link| link.url).as_deref(), Ok(url));
        for bad in ["javascript:alert(1)", "/partners/lp.aspx", "", "data:text/html,x", "ftp://x/"] {
            assert!(matches!(link(bad), Err(Error::Unexpected { .. })), "{bad}");
        }
    }

    #[test]
    fn status_words() {
        for (word, status) in [
            ("ACTIVE", PayeeStatus::Active),
            ("Active", PayeeStatus::Active),
            ("InActive", PayeeStatus::Inactive),
            ("PENDING", PayeeStatus::Pending),
            ("Frozen", PayeeStatus::Other("Frozen".to_owned())),
            ("", PayeeStatus::Other(String::new())),
        ] {
            let report = PayeeReport::from_reply(&reply(&format!(r#""status":"{word}""#))).unwrap();
            assert_eq!((report.status, report.raw.as_str()), (status, word));
        }
        assert!(matches!(PayeeReport::from_reply(&reply(r#""status":null"#)), Err(Error::Unexpected { .. })));
    }

    #[test]
    fn details_with_and_without_parts() {
        let details = PayeeDetails::from_reply(&reply(
            r#""type":"INDIVIDUAL","status":"ACTIVE","registration_date":"2018-01-02","contact":{"first_name":"Ann","mobile":"","phone":null,"else":1},"payout_method":{"type":"BANK","currency":"USD"}"#,
        ))
        .unwrap();
        assert_eq!((details.status, details.contact.first_name.as_str()), (Some(PayeeStatus::Active), "Ann"));
        assert_eq!(details.payout_method.map(|method| method.kind).as_deref(), Some("BANK"));
        assert_eq!((details.address, details.company), (Address::default(), None));
        assert!(PayeeDetails::from_reply(&reply(r#""contact":"Ann""#)).is_err_and(|error| error.code().is_none()));
    }
}
