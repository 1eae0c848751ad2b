//! [`Event`]: the kinds of callback that are publicly known, under their names, flags and example queries.
//! Reading a received callback is the subject of the neighbouring files.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// What a callback is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Event {
    /// A payee finished registration for a card.
    CardRegistered,
    /// A payee finished registration for direct deposit.
    DirectDepositRegistered,
    /// A payee finished registration for a bank transfer (iACH).
    BankRegistered,
    /// A payee finished registration for paper checks.
    PaperCheckRegistered,
    /// A payee was approved.
    Approved,
    /// A payee was declined.
    Declined,
    /// A payment request was accepted.
    PaymentAccepted,
    /// A card (or, in the newer generation, an account) was loaded.
    CardLoaded,
    /// A direct deposit was loaded.
    DirectDepositLoaded,
    /// A payment was sent to the payee's bank.
    BankLoaded,
    /// A paper check was issued.
    PaperCheckIssued,
    /// A PayPal account was loaded (seen with merchants only).
    PaypalLoaded,
    /// A payment was cancelled.
    PaymentCancelled,
    /// A bank transfer failed (seen with merchants only).
    BankTransferFailed,
    /// The program's account was funded.
    ProgramFunded,
    /// A payee was created by itself (e-mail as payee).
    PayeeAutoCreated,
    /// A payee edited the profile.
    ProfileEdited,
    /// A payee edited the bank account.
    BankAccountEdited,
    /// A payee id was released and may register again.
    PayeeReleased,
    /// Something about a charge. No public source describes such a callback; one public library assumes it.
    ChargeReported,
    /// Not one of these, or several at once.
    Unrecognised,
}

/// One row of the table: the event, our kebab-case name, the guide's flag, the guide's example query.
type Row = (Event, &'static str, Option<&'static str>, &'static str);

const REGISTRATION: &str = "payeeid={{apuid}}&sessionid={{sessionid}}&Payoneerid={{payoneerid}}";
const PAYMENT: &str = "payeeid={{apuid}}&PaymentId={{PaymentId}}&PartnerPaymentId={{IntPaymentId}}";

const TABLE: [Row; 21] = [
    (Event::CardRegistered, "card-registered", Some("REG"), REGISTRATION),
    (Event::DirectDepositRegistered, "direct-deposit-registered", Some("ACHREG"), REGISTRATION),
    (Event::BankRegistered, "bank-registered", Some("iACHREG"), REGISTRATION),
    (Event::PaperCheckRegistered, "paper-check-registered", Some("PaperCheck"), REGISTRATION),
    (Event::Approved, "approved", Some("APPROVED"), REGISTRATION),
    (Event::Declined, "declined", Some("DECLINE"), REGISTRATION),
    (
        Event::PaymentAccepted,
        "payment-accepted",
        Some("PAYMENT"),
        "payeeid={{apuid}}&PaymentId={{PayoneerPaymentId}}&PartnerPaymentId={{IntPaymentId}}",
    ),
    (
        Event::CardLoaded,
        "card-loaded",
        Some("LOADCC"),
        "payeeid={{apuid}}&PayoneerPaymentId={{PaymentId}}&PartnerPaymentId={{IntPaymentId}}",
    ),
    (
        Event::DirectDepositLoaded,
        "direct-deposit-loaded",
        Some("LOADACH"),
        "payeeid={{apuid}}&PaymentId={{PayoneerPaymentId}}&PartnerPaymentId={{IntPaymentId}}",
    ),
    (Event::BankLoaded, "bank-loaded", Some("LOADiACH"), PAYMENT),
    (Event::PaperCheckIssued, "paper-check-issued", Some("PaperCheck"), PAYMENT),
    (Event::PaypalLoaded, "paypal-loaded", Some("LoadPayPal"), PAYMENT),
    (Event::PaymentCancelled, "payment-cancelled", Some("CancelPayment"), PAYMENT),
    (
        Event::BankTransferFailed,
        "bank-transfer-failed",
        Some("BankTranferPaymentFailed"),
        "payeeid={{apuid}}&PaymentId={{PaymentId}}&PartnerPaymentId={{IntPaymentId}}&ReasonCode={{ReasonCode}}&ReasonDescription={{ReasonDescription}}",
    ),
    (
        Event::ProgramFunded,
        "program-funded",
        Some("BALANCE_UPDATED"),
        "Amount={{Amount}}&Balance={{Balance}}&FundingId={{FundingId}}&FundingTime={{FundingTime}}",
    ),
    (
        Event::PayeeAutoCreated,
        "payee-auto-created",
        Some("AUTOPAYEECREATION"),
        "payeeid={{apuid}}&PaymentId={{PaymentId}}",
    ),
    (Event::ProfileEdited, "profile-edited", Some("CustomerDetailsEdited"), REGISTRATION),
    (Event::BankAccountEdited, "bank-account-edited", Some("CustomerDetailsEdited"), "payeeid={{apuid}}"),
    (Event::PayeeReleased, "payee-released", Some("ReusePayeeID"), "payeeid={{apuid}}"),
    (
        Event::ChargeReported,
        "charge-reported",
        None,
        "payeeid={{apuid}}&code={{Code}}&client_reference_id={{IntPaymentId}}",
    ),
    (Event::Unrecognised, "unrecognised", None, ""),
];

impl Event {
    /// Every kind, [`Event::Unrecognised`] last.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.into_iter().map(|row| row.0)
    }

    /// Its name in kebab-case, such as `approved`; the inverse of [`str::parse`].
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The flag that the integration guide's example sets to `true` (`APPROVED`). Two pairs of events share a flag.
    pub fn flag(self) -> Option<&'static str> {
        self.row().2
    }

    /// The query of the guide's example template, flag included:
    /// `APPROVED=true&payeeid={{apuid}}&sessionid={{sessionid}}&Payoneerid={{payoneerid}}`.
    /// Rows that the guide lacks (see the variants) are written in its manner.
    pub fn example_query(self) -> String {
        match self.row() {
            (_, _, Some(flag), rest) => format!("{flag}=true&{rest}"),
            (_, _, None, rest) => rest.to_owned(),
        }
    }

    /// Whether it tells of a payee's standing, so that the payee's status should be queried.
    pub fn concerns_payee(self) -> bool {
        matches!(
            self,
            Self::CardRegistered
                | Self::DirectDepositRegistered
                | Self::BankRegistered
                | Self::PaperCheckRegistered
                | Self::Approved
                | Self::Declined
                | Self::PayeeAutoCreated
                | Self::ProfileEdited
                | Self::BankAccountEdited
                | Self::PayeeReleased
        )
    }

    /// Whether it tells of a payment by reference, so that the payment's status should be queried.
    pub fn concerns_payment(self) -> bool {
        matches!(
            self,
            Self::PaymentAccepted
                | Self::CardLoaded
                | Self::DirectDepositLoaded
                | Self::BankLoaded
                | Self::PaperCheckIssued
                | Self::PaypalLoaded
                | Self::PaymentCancelled
                | Self::BankTransferFailed
                | Self::ChargeReported
        )
    }

    /// The events whose guide flag is this word, any case; none or several.
    pub(crate) fn of_flag(word: &str) -> impl Iterator<Item = Self> {
        TABLE.into_iter().filter(move |row| row.2.is_some_and(|flag| flag.eq_ignore_ascii_case(word))).map(|row| row.0)
    }

    fn row(self) -> Row {
        let unrecognised = TABLE[TABLE.len() - 1];
        TABLE.into_iter().find(|row| row.0 == self).unwrap_or(unrecognised)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// As its name.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The text names no [`Event`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such kind of callback")]
pub struct NoSuchEvent;

impl FromStr for Event {
    type Err = NoSuchEvent;

    fn from_str(name: &str) -> Result<Self, NoSuchEvent> {
        TABLE.into_iter().find(|row| row.1 == name).map(|row| row.0).ok_or(NoSuchEvent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_one_row_and_its_name_reads_back() {
        for event in Event::all() {
            assert_eq!(event.row().0, event);
            assert_eq!(event.name().parse(), Ok(event));
            assert_eq!(Event::all().filter(|other| other.name() == event.name()).count(), 1);
        }
        assert_eq!("Approved".parse::<Event>(), Err(NoSuchEvent));
        assert_eq!(serde_json::to_string(&Event::Approved).unwrap(), "\"approved\"");
    }

    #[test]
    fn the_guides_example_for_approval() {
        assert_eq!(
            Event::Approved.example_query(),
            "APPROVED=true&payeeid={{apuid}}&sessionid={{sessionid}}&Payoneerid={{payoneerid}}"
        );
        assert_eq!(Event::of_flag("papercheck").count(), 2);
    }
}
