//! Charges: money taken from a payee's Payoneer balance. Create, cancel (which refunds the whole), status.
//! What an answer proves is decided in [`crate::proof`].

use bytes::Bytes;
use reqwest::Method;
use serde::Serialize;

use crate::amount::Amount;
use crate::envelope::{BadField, Reply};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::fields::{Currency, Description, InvalidField, PayeeId, Reference, check_positive};
use crate::proof::{Answer, Call, Expected};
use crate::transport::Query;

use super::{CANCEL_BODY, Client, Repeated, body, cancel_path, typed};

/// A charge to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CreateCharge {
    payee_id: PayeeId,
    amount: Amount,
    client_reference_id: Reference,
    description: Description,
    currency: Currency,
}

impl CreateCharge {
    /// A charge of more than nothing.
    pub fn new(
        payee_id: PayeeId,
        amount: Amount,
        currency: Currency,
        client_reference_id: Reference,
        description: Description,
    ) -> Result<Self, InvalidField> {
        check_positive(amount)?;
        Ok(Self { payee_id, amount, client_reference_id, description, currency })
    }

    /// The body to send. Store these bytes before sending them, and send no others under this reference.
    pub fn to_bytes(&self) -> Bytes {
        body(self)
    }

    /// What an answer has to agree with.
    pub fn expected(&self) -> Expected {
        Expected {
            reference: self.client_reference_id.to_string(),
            payee_id: Some(self.payee_id.to_string()),
            amount: Some(self.amount),
            currency: Some(self.currency.to_string()),
        }
    }
}

/// What became of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargeStatus {
    /// The money was taken (`Transferred`; one public client expects `DONE`).
    Transferred,
    /// The money was given back.
    Refunded,
    /// Cancelled.
    Cancelled,
    /// Not decided yet. The real word is not public.
    Pending,
    /// Another word, as sent. The words for failure are not public: treat it as not decided.
    Other(String),
}

impl ChargeStatus {
    /// Reads the word in any case.
    pub fn of_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "transferred" | "done" => Self::Transferred,
            "refunded" => Self::Refunded,
            "cancelled" | "canceled" => Self::Cancelled,
            "pending" => Self::Pending,
            _ => Self::Other(word.to_owned()),
        }
    }
}

/// The answer to a status query.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChargeReport {
    /// What became of it.
    pub status: ChargeStatus,
    /// The word as sent.
    pub raw: String,
    /// What the reply repeats of the charge; compare it before you believe the status.
    pub repeated: Repeated,
    /// Payoneer's number of the request.
    pub audit_id: Option<i64>,
}

impl ChargeReport {
    /// Reads a reply.
    pub fn from_reply(reply: &Reply) -> Result<Self, Error> {
        typed(reply, |envelope| {
            let raw = envelope.text("status").ok_or(BadField("status"))?;
            let repeated = Repeated::read(envelope)?;
            Ok(Self { status: ChargeStatus::of_word(&raw), raw, repeated, audit_id: envelope.audit_id })
        })
    }
}

impl Client {
    /// `POST charges` with exactly these bytes (of [`CreateCharge::to_bytes`]), once, over a fresh connection.
    pub async fn send_charge(&self, body: &[u8], expected: &Expected) -> Answer {
        self.send(Call::CreateCharge, &["charges"], body, expected).await
    }

    /// `POST charges/{reference}/cancel`, once, over a fresh connection: cancels or refunds the whole charge.
    pub async fn send_charge_cancel(&self, reference: &Reference, expected: &Expected) -> Answer {
        self.send(Call::CancelCharge, &cancel_path("charges", reference), CANCEL_BODY, expected).await
    }

    /// `POST charges` with exactly these bytes, over a fresh connection that is closed once the last of them has left: for
    /// finding out in a sandbox what becomes of such a charge. Whether no answer had come by then.
    pub async fn send_charge_and_close(&self, body: &[u8]) -> Result<bool, Error> {
        self.transport.send_and_close(&["charges"], body).await.map_err(|fault| Error::Transport { fault })
    }

    /// [`Client::charge_status`] asked once, over a fresh connection, with the record of what came back.
    pub async fn charge_status_recorded(&self, reference: &Reference) -> (Result<ChargeReport, Error>, Exchange) {
        let path = ["charges", reference.as_str(), "status"];
        let query = Query { method: Method::GET, path: &path, body: None };
        let (reply, exchange) = self.transport.ask_recorded(query).await;
        let reply = reply.map_err(|fault| Error::Transport { fault });
        (reply.and_then(|reply| ChargeReport::from_reply(&reply)), exchange)
    }

    /// `GET charges/{reference}/status`. That a charge is not found proves nothing: it may still arrive.
    pub async fn charge_status(&self, reference: &Reference) -> Result<ChargeReport, Error> {
        ChargeReport::from_reply(&self.get(&["charges", reference.as_str(), "status"]).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(amount: &str) -> Result<CreateCharge, InvalidField> {
        CreateCharge::new(
            PayeeId::new("ID123")?,
            amount.parse().unwrap(),
            Currency::new("USD")?,
            Reference::new("test_88")?,
            Description::new("Charge test")?,
        )
    }

    #[test]
    fn the_body_is_the_published_sample_with_two_decimals() {
        let charge = charge("1.2").unwrap();
        let bytes = charge.to_bytes();
        assert_eq!(
            bytes,
            r#"{"payee_id":"ID123","amount":"1.20","client_reference_id":"test_88","description":"Charge test","currency":"USD"}"#
        );
        assert_eq!(charge.to_bytes(), bytes);
        assert_eq!(charge.expected().amount, "1.20".parse().ok());
    }

    #[test]
    fn nothing_and_less_than_nothing_is_refused() {
        for amount in ["0", "0.00", "-1"] {
            assert_eq!(charge(amount).map_err(|invalid| invalid.field), Err("amount"));
        }
    }

    #[test]
    fn status_words() {
        for (word, status) in [
            ("Transferred", ChargeStatus::Transferred),
            ("DONE", ChargeStatus::Transferred),
            ("refunded", ChargeStatus::Refunded),
            ("Cancelled", ChargeStatus::Cancelled),
            ("Canceled", ChargeStatus::Cancelled),
            ("Pending", ChargeStatus::Pending),
            ("Failed", ChargeStatus::Other("Failed".to_owned())),
        ] {
            let body =
                format!(r#"{{"audit_id":1,"code":0,"description":"Success","status":"{word}","amount":"1.20"}}"#);
            let report = ChargeReport::from_reply(&Reply::json(200, body)).unwrap();
            assert_eq!((report.status, report.raw.as_str()), (status, word));
            assert_eq!(report.repeated.amount, "1.20".parse().ok());
        }
    }
}
