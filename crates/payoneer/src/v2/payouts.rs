//! Payouts: money out to a payee. Create, cancel, status.
//! What an answer proves is decided in [`crate::proof`].

use bytes::Bytes;
use serde::Serialize;

use crate::amount::Amount;
use crate::envelope::{BadField, Reply};
use crate::error::Error;
use crate::fields::{Currency, Description, InvalidField, PayeeId, Reference, check_date, check_positive, check_text};
use crate::proof::{Answer, Call, Expected};

use super::{CANCEL_BODY, Client, Repeated, body, cancel_path, typed};

/// A payout to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CreatePayout {
    payee_id: PayeeId,
    amount: Amount,
    client_reference_id: Reference,
    description: Description,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payout_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<String>,
}

impl CreatePayout {
    /// A payout of more than nothing. Without a currency it is the program's.
    pub fn new(
        payee_id: PayeeId,
        amount: Amount,
        currency: Option<Currency>,
        client_reference_id: Reference,
        description: Description,
    ) -> Result<Self, InvalidField> {
        check_positive(amount)?;
        Ok(Self { payee_id, amount, client_reference_id, description, currency, payout_date: None, group_id: None })
    }

    /// Asks for a day, `YYYY-MM-DD`.
    pub fn with_payout_date(mut self, date: &str) -> Result<Self, InvalidField> {
        check_date("payout_date", date)?;
        self.payout_date = Some(date.to_owned());
        Ok(self)
    }

    /// Names a group of payouts, at most 250 characters.
    pub fn with_group_id(mut self, group: &str) -> Result<Self, InvalidField> {
        check_text("group_id", group, 250)?;
        self.group_id = Some(group.to_owned());
        Ok(self)
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
            currency: self.currency.as_ref().map(ToString::to_string),
        }
    }
}

/// What became of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayoutStatus {
    /// Accepted, not executed.
    Pending,
    /// Executed (`Funded`, category `Transferred`). A bank may still send it back, and then it is cancelled.
    Funded,
    /// Cancelled.
    Cancelled,
    /// Another word, as sent.
    Other(String),
}

impl PayoutStatus {
    /// Reads the word and the category, in any case. Where either says cancelled, it is; where the word says nothing known,
    /// the category does.
    pub fn of_words(status: &str, category: Option<&str>) -> Self {
        let known = |word: &str| match word.trim().to_ascii_lowercase().as_str() {
            "pending" => Some(Self::Pending),
            "funded" | "transferred" => Some(Self::Funded),
            "cancelled" | "canceled" => Some(Self::Cancelled),
            _ => None,
        };
        match (known(status), category.and_then(known)) {
            (Some(Self::Cancelled), _) | (_, Some(Self::Cancelled)) => Self::Cancelled,
            (Some(word), _) | (None, Some(word)) => word,
            (None, None) => Self::Other(status.to_owned()),
        }
    }
}

/// The answer to a status query.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayoutReport {
    /// What became of it.
    pub status: PayoutStatus,
    /// The word as sent.
    pub raw: String,
    /// The category as sent, in newer answers.
    pub status_category: Option<String>,
    /// Payoneer's number of the payout.
    pub payout_id: Option<String>,
    /// When it was or will be executed, as sent: a local time without zone.
    pub payout_date: Option<String>,
    /// When it was loaded, as sent: a local time without zone.
    pub load_date: Option<String>,
    /// What the reply repeats of the payout; compare it before you believe the status.
    pub repeated: Repeated,
    /// Payoneer's number of the request.
    pub audit_id: Option<i64>,
}

impl PayoutReport {
    /// Reads a reply.
    pub fn from_reply(reply: &Reply) -> Result<Self, Error> {
        typed(reply, |envelope| {
            let raw = envelope.text("status").ok_or(BadField("status"))?;
            let status_category = envelope.text("status_category");
            Ok(Self {
                status: PayoutStatus::of_words(&raw, status_category.as_deref()),
                raw,
                status_category,
                payout_id: envelope.text("payout_id"),
                payout_date: envelope.text("payout_date"),
                load_date: envelope.text("load_date"),
                repeated: Repeated::read(envelope)?,
                audit_id: envelope.audit_id,
            })
        })
    }
}

impl Client {
    /// `POST payouts` with exactly these bytes (of [`CreatePayout::to_bytes`]), once, over a fresh connection.
    pub async fn send_payout(&self, body: &[u8], expected: &Expected) -> Answer {
        self.send(Call::CreatePayout, &["payouts"], body, expected).await
    }

    /// `POST payouts/{reference}/cancel`, once, over a fresh connection.
    pub async fn send_payout_cancel(&self, reference: &Reference, expected: &Expected) -> Answer {
        self.send(Call::CancelPayout, &cancel_path("payouts", reference), CANCEL_BODY, expected).await
    }

    /// `GET payouts/{reference}`. That a payout is not found proves nothing: it may still arrive.
    pub async fn payout_status(&self, reference: &Reference) -> Result<PayoutReport, Error> {
        PayoutReport::from_reply(&self.get(&["payouts", reference.as_str()]).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payout() -> CreatePayout {
        let (payee, reference) = (PayeeId::new("ID123").unwrap(), Reference::new("pay-7").unwrap());
        let description = Description::new("Payout test").unwrap();
        CreatePayout::new(payee, "25.22".parse().unwrap(), None, reference, description).unwrap()
    }

    #[test]
    fn the_body_leaves_out_what_is_not_set() {
        assert_eq!(
            payout().to_bytes(),
            r#"{"payee_id":"ID123","amount":"25.22","client_reference_id":"pay-7","description":"Payout test"}"#
        );
        let full = payout().with_payout_date("2026-01-31").unwrap().with_group_id("g").unwrap();
        assert!(full.to_bytes().ends_with(br#","payout_date":"2026-01-31","group_id":"g"}"#));
        assert!(payout().with_payout_date("31.1.2026").is_err());
        assert!(payout().with_group_id(&"g".repeat(251)).is_err());
    }

    #[test]
    fn a_report_as_recorded() {
        let body = r#"{"audit_id":1,"code":0,"description":"Success","payout_id":"7001","status":"Funded","status_category":"Transferred","payee_id":"ID123","payout_date":"2018-01-02T03:04:05.67","amount":25.22,"currency":"USD","load_date":"2018-01-02T03:10:00"}"#;
        let report = PayoutReport::from_reply(&Reply::json(200, body)).unwrap();
        assert_eq!((report.status, report.payout_id.as_deref()), (PayoutStatus::Funded, Some("7001")));
        assert_eq!(report.repeated.contradiction(&payout().expected()), None);
        assert_eq!(report.load_date.as_deref(), Some("2018-01-02T03:10:00"));
    }

    #[test]
    fn words_and_categories() {
        for (word, category, status) in [
            ("Pending", None, PayoutStatus::Pending),
            ("FUNDED", None, PayoutStatus::Funded),
            ("Funded", Some("Cancelled"), PayoutStatus::Cancelled),
            ("Cancelled", Some("Transferred"), PayoutStatus::Cancelled),
            ("Settling", Some("Transferred"), PayoutStatus::Funded),
            ("Settling", Some("?"), PayoutStatus::Other("Settling".to_owned())),
        ] {
            assert_eq!(PayoutStatus::of_words(word, category), status, "{word} {category:?}");
        }
    }
}
