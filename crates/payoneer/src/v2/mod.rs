//! Payoneer's API of the second generation: HTTP Basic, flat envelopes, `/v2/programs/{program_id}/...`.
//! One file per noun; what other generations would share lies beside this folder.

pub mod charges;
pub mod payees;
pub mod payouts;
pub mod program;

use bytes::Bytes;
use reqwest::Method;
use serde::Serialize;

use crate::config::{Config, InvalidConfig};
use crate::envelope::{BadField, Envelope, Reply};
use crate::error::{Error, Oddity, success};
use crate::fields::Reference;
use crate::proof::{Answer, Call, Expected};
use crate::transport::{Query, Transport};

/// A client of one program. Cheap to clone; clones share their connections.
///
/// Queries return `Result<_, Error>`, keep connections and repeat themselves a little where that is harmless. Requests that
/// can move money (`send_...`) return an [`Answer`], use one fresh connection each and are never repeated.
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
}

impl Client {
    /// A client. Opens no connection yet.
    pub fn new(config: &Config) -> Result<Self, InvalidConfig> {
        Transport::new(config).map(|transport| Self { transport })
    }

    async fn get(&self, path: &[&str]) -> Result<Reply, Error> {
        self.transport.query(Query { method: Method::GET, path, body: None }).await
    }

    async fn send(&self, call: Call, path: &[&str], body: &[u8], expected: &Expected) -> Answer {
        let (arrived, exchange) = self.transport.send_money(path, body).await;
        Answer::new(call, arrived.as_ref().map_err(|fault| *fault), expected, exchange)
    }
}

/// The body of a cancellation: an empty object.
pub const CANCEL_BODY: &[u8] = b"{}";

/// JSON bytes of a request's body.
#[expect(clippy::expect_used, reason = "these bodies are structs of texts, which always serialise")]
fn body<T: Serialize>(request: &T) -> Bytes {
    Bytes::from(serde_json::to_vec(request).expect("texts serialise"))
}

/// A reply's envelope and what is read from it.
fn typed<T>(reply: &Reply, read: impl FnOnce(&Envelope) -> Result<T, BadField>) -> Result<T, Error> {
    read(&success(reply)?).map_err(|field| Error::unexpected(reply, Oddity::Field(field)))
}

/// Fields that a status reply may repeat of the payment it is about, as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repeated {
    /// `client_reference_id`
    pub reference: Option<String>,
    /// `payee_id`
    pub payee_id: Option<String>,
    /// `amount`
    pub amount: Option<crate::Amount>,
    /// `currency`
    pub currency: Option<String>,
}

impl Repeated {
    fn read(envelope: &Envelope) -> Result<Self, BadField> {
        let text = |name| match envelope.raw(name) {
            Some(_) => envelope.text(name).ok_or(BadField(name)).map(Some),
            None => Ok(None),
        };
        Ok(Self {
            reference: text("client_reference_id")?,
            payee_id: text("payee_id")?,
            amount: envelope.amount("amount")?,
            currency: text("currency")?,
        })
    }

    /// The first field that was repeated differently from the request. A status that contradicts is no evidence.
    pub fn contradiction(&self, expected: &Expected) -> Option<&'static str> {
        fn differ<T: PartialEq>(sent: Option<&T>, expected: Option<&T>) -> bool {
            matches!((sent, expected), (Some(sent), Some(expected)) if sent != expected)
        }
        if differ(self.reference.as_ref(), Some(&expected.reference)) {
            Some("client_reference_id")
        } else if differ(self.payee_id.as_ref(), expected.payee_id.as_ref()) {
            Some("payee_id")
        } else if differ(self.amount.as_ref(), expected.amount.as_ref()) {
            Some("amount")
        } else if differ(self.currency.as_ref(), expected.currency.as_ref()) {
            Some("currency")
        } else {
            None
        }
    }
}

fn cancel_path<'a>(noun: &'static str, reference: &'a Reference) -> [&'a str; 3] {
    [noun, reference.as_str(), "cancel"]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_fields_are_compared_where_both_sides_know_them() {
        let expected = Expected {
            reference: "r".to_owned(),
            payee_id: Some("p".to_owned()),
            amount: "1.20".parse().ok(),
            currency: None,
        };
        let read = |fields: &str| {
            let text = format!(r#"{{"audit_id":1,"code":0,"description":"Success"{fields}}}"#);
            Repeated::read(&Envelope::parse(text.as_bytes()).unwrap())
        };
        let contradiction = |fields: &str| read(fields).unwrap().contradiction(&expected);
        assert_eq!(contradiction(""), None);
        assert_eq!(contradiction(r#","client_reference_id":"r","payee_id":"p","amount":1.2,"currency":"EUR""#), None);
        assert_eq!(contradiction(r#","client_reference_id":"R""#), Some("client_reference_id"));
        assert_eq!(contradiction(r#","payee_id":"q""#), Some("payee_id"));
        assert_eq!(contradiction(r#","amount":"1.21""#), Some("amount"));
        assert_eq!(read(r#","amount":"x""#), Err(BadField("amount")));
        assert_eq!(read(r#","payee_id":[]"#), Err(BadField("payee_id")));
    }
}
