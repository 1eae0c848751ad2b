//! Calls about the program itself: `echo`, `api-version`, `balance`.
//! Nothing here concerns a payee or a payment.

use crate::amount::Amount;
use crate::envelope::{BadField, Envelope, Reply};
use crate::error::{Error, success};

use super::{Client, typed};

/// The program's own balance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Balance {
    /// What the program may pay out.
    pub balance: Amount,
    /// Its currency, as sent.
    pub currency: Option<String>,
    /// Fees owed to Payoneer.
    pub fees_due: Option<Amount>,
    /// Payoneer's number of the request.
    pub audit_id: Option<i64>,
}

impl Balance {
    /// Reads a reply.
    pub fn from_reply(reply: &Reply) -> Result<Self, Error> {
        typed(reply, |envelope| {
            Ok(Self {
                balance: envelope.amount("balance")?.ok_or(BadField("balance"))?,
                currency: envelope.text("currency"),
                fees_due: envelope.amount("fees_due")?,
                audit_id: envelope.audit_id,
            })
        })
    }
}

impl Client {
    /// `GET echo`: whether address, program and credentials are right.
    pub async fn echo(&self) -> Result<Envelope, Error> {
        success(&self.get(&["echo"]).await?)
    }

    /// `GET api-version`: Payoneer's own version, such as `4.18`.
    pub async fn api_version(&self) -> Result<String, Error> {
        typed(&self.get(&["api-version"]).await?, |envelope| envelope.text("version").ok_or(BadField("version")))
    }

    /// `GET balance`.
    pub async fn balance(&self) -> Result<Balance, Error> {
        Balance::from_reply(&self.get(&["balance"]).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_as_recorded() {
        let body =
            r#"{"audit_id":1,"code":0,"description":"Success","balance":10200.00,"currency":"USD","fees_due":0.00}"#;
        let balance = Balance::from_reply(&Reply::json(200, body)).unwrap();
        assert_eq!(balance.balance.to_string(), "10200.00");
        assert_eq!((balance.currency.as_deref(), balance.fees_due), (Some("USD"), Some(Amount::ZERO)));
        let none = Balance::from_reply(&Reply::json(200, r#"{"audit_id":1,"code":0,"description":"Success"}"#));
        assert!(matches!(none, Err(Error::Unexpected { .. })));
    }
}
