//! [`Notice`]: what a callback claims, whichever form it came in. All of it is hearsay.
//! The forms themselves are read in `ipcn` and `webhook`.

use serde::Serialize;

use crate::amount::Amount;

use super::event::Event;

/// The claims of one callback. Every field is as sent, unverified, and may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Notice {
    /// What it is about.
    pub event: Event,
    /// Your id of the payee (`apuid`, `payeeid`, `Payee Id`).
    pub payee_id: Option<String>,
    /// Payoneer's account number of the payee.
    pub payoneer_id: Option<String>,
    /// The `client_session_id` of the link call.
    pub session_id: Option<String>,
    /// Payoneer's number of the payment.
    pub payment_id: Option<String>,
    /// Your reference of the payment (`IntPaymentId`).
    pub client_reference_id: Option<String>,
    /// The amount, if it can be read as one.
    pub amount: Option<Amount>,
    /// The currency, as sent.
    pub currency: Option<String>,
    /// The reason's code, as sent.
    pub reason_code: Option<String>,
    /// The reason in words.
    pub reason_description: Option<String>,
    /// All names and values, decoded once, in the order of arrival; at most [`MAX_PAIRS`].
    pub pairs: Vec<(String, String)>,
}

/// More pairs than this are dropped.
pub const MAX_PAIRS: usize = 64;

/// The names under which real callbacks carry one field, folded by [`fold`].
const PAYEE_ID: [&str; 2] = ["payeeid", "apuid"];
const PAYONEER_ID: [&str; 1] = ["payoneerid"];
const SESSION_ID: [&str; 2] = ["sessionid", "clientsessionid"];
const PAYMENT_ID: [&str; 2] = ["payoneerpaymentid", "paymentid"];
const REFERENCE: [&str; 3] = ["intpaymentid", "partnerpaymentid", "clientreferenceid"];
const AMOUNT: [&str; 2] = ["amount", "paymentamount"];
const CURRENCY: [&str; 1] = ["currency"];
const REASON_CODE: [&str; 1] = ["reasoncode"];
const REASON_DESCRIPTION: [&str; 1] = ["reasondescription"];

impl Notice {
    /// Finds the known names among the pairs, in any case and with or without blanks, `_` and `-`.
    pub(crate) fn from_pairs(event: Event, mut pairs: Vec<(String, String)>) -> Self {
        pairs.truncate(MAX_PAIRS);
        let find = |names: &[&str]| {
            names.iter().find_map(|name| {
                pairs
                    .iter()
                    .find(|(key, value)| !value.is_empty() && letters(key).eq(name.chars()))
                    .map(|(_, value)| value.clone())
            })
        };
        Self {
            event,
            payee_id: find(&PAYEE_ID),
            payoneer_id: find(&PAYONEER_ID),
            session_id: find(&SESSION_ID),
            payment_id: find(&PAYMENT_ID),
            client_reference_id: find(&REFERENCE),
            amount: find(&AMOUNT).and_then(|text| Amount::parse_reply(&text).ok()),
            currency: find(&CURRENCY),
            reason_code: find(&REASON_CODE),
            reason_description: find(&REASON_DESCRIPTION),
            pairs,
        }
    }

    /// The first value sent under this name, in any case and with or without blanks, `_` and `-`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| letters(key).eq(letters(name))).map(|(_, value)| value.as_str())
    }
}

/// A name in lower case without blanks, `_` and `-`, so that `Payee Id`, `payee_id` and `payeeid` are one.
pub(crate) fn fold(name: &str) -> String {
    letters(name).collect()
}

/// The letters of a folded name, for comparisons that need no text of their own.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|letter| !matches!(letter, ' ' | '_' | '-')).map(|letter| letter.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn names_are_found_in_any_spelling_and_empty_values_are_skipped() {
        let notice = Notice::from_pairs(
            Event::PaymentCancelled,
            pairs(&[
                ("payeeid", ""),
                ("APUID", "u1"),
                ("PartnerPaymentId", "ref"),
                ("Payment Amount", "357.65"),
                ("X", "1"),
            ]),
        );
        assert_eq!(notice.payee_id.as_deref(), Some("u1"));
        assert_eq!(notice.client_reference_id.as_deref(), Some("ref"));
        assert_eq!(notice.amount.map(Amount::hundredths), Some(35_765));
        assert_eq!(notice.value("x"), Some("1"));
        assert_eq!(notice.pairs.len(), 5);
    }

    #[test]
    fn an_amount_that_is_none_stays_in_the_pairs_only() {
        let notice = Notice::from_pairs(Event::CardLoaded, pairs(&[("Amount", "1e3")]));
        assert_eq!(notice.amount, None);
        assert_eq!(notice.value("amount"), Some("1e3"));
    }

    #[test]
    fn pairs_are_bounded() {
        let many = (0..1000).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!(Notice::from_pairs(Event::Unrecognised, many).pairs.len(), MAX_PAIRS);
    }
}
