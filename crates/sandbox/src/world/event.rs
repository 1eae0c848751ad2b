//! The events that Payoneer tells a merchant of, their names, flags and example templates.
//! Nothing here sends anything.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An occasion on which the sandbox may call the merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A payee finished registering, with a bank account as payout method.
    Registered,
    /// A payee was approved.
    Approved,
    /// A payee was declined.
    Declined,
    /// A payee's id was released and may register again.
    PayeeReleased,
    /// A payout was accepted.
    PaymentAccepted,
    /// A payout reached the payee.
    PaymentLoaded,
    /// A payout was cancelled.
    PaymentCancelled,
    /// Money came to the program's balance.
    BalanceUpdated,
    /// A charge was transferred to the program. Invented: Payoneer publishes no such callback.
    ChargeTransferred,
    /// A charge was refunded. Invented: Payoneer publishes no such callback.
    ChargeRefunded,
}

impl Event {
    /// Every event, in the order in which the back office lists them.
    pub const ALL: [Self; 10] = [
        Self::Registered,
        Self::Approved,
        Self::Declined,
        Self::PayeeReleased,
        Self::PaymentAccepted,
        Self::PaymentLoaded,
        Self::PaymentCancelled,
        Self::BalanceUpdated,
        Self::ChargeTransferred,
        Self::ChargeRefunded,
    ];

    /// The event's name in settings and paths, in kebab-case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::PayeeReleased => "payee-released",
            Self::PaymentAccepted => "payment-accepted",
            Self::PaymentLoaded => "payment-loaded",
            Self::PaymentCancelled => "payment-cancelled",
            Self::BalanceUpdated => "balance-updated",
            Self::ChargeTransferred => "charge-transferred",
            Self::ChargeRefunded => "charge-refunded",
        }
    }

    /// Whether Payoneer publishes no such callback.
    #[must_use]
    pub fn is_invented(self) -> bool {
        matches!(self, Self::ChargeTransferred | Self::ChargeRefunded)
    }

    /// The event of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.name() == name)
    }

    /// The query that Payoneer's guide gives as an example for this event, without the question mark.
    #[must_use]
    pub fn example_query(self) -> &'static str {
        match self {
            Self::Registered => "iACHREG=true&payeeid={{apuid}}&sessionid={{sessionid}}&Payoneerid={{payoneerid}}",
            Self::Approved => "APPROVED=true&payeeid={{apuid}}&sessionid={{sessionid}}&Payoneerid={{payoneerid}}",
            Self::Declined => "DECLINE=true&payeeid={{apuid}}&sessionid={{sessionid}}&Payoneerid={{payoneerid}}",
            Self::PayeeReleased => "ReusePayeeID=true&payeeid={{apuid}}",
            Self::PaymentAccepted => {
                "PAYMENT=true&payeeid={{apuid}}&PaymentId={{PayoneerPaymentId}}&PartnerPaymentId={{IntPaymentId}}"
            }
            Self::PaymentLoaded => {
                "LOADiACH=true&payeeid={{apuid}}&PaymentId={{PaymentId}}&PartnerPaymentId={{IntPaymentId}}"
            }
            Self::PaymentCancelled => {
                "CancelPayment=true&payeeid={{apuid}}&PaymentId={{PaymentId}}&PartnerPaymentId={{IntPaymentId}}"
            }
            Self::BalanceUpdated => {
                "BALANCE_UPDATED=true&Amount={{Amount}}&Balance={{Balance}}&FundingId={{FundingId}}&FundingTime={{FundingTime}}"
            }
            Self::ChargeTransferred => {
                "CHARGE=true&payeeid={{apuid}}&PaymentId={{PaymentId}}&PartnerPaymentId={{IntPaymentId}}"
            }
            Self::ChargeRefunded => {
                "CHARGEREFUND=true&payeeid={{apuid}}&PaymentId={{PaymentId}}&PartnerPaymentId={{IntPaymentId}}"
            }
        }
    }

    /// The placeholders that have a value for this event.
    #[must_use]
    pub fn placeholders(self) -> &'static [&'static str] {
        match self {
            Self::Registered | Self::Approved => &["apuid", "payoneerid", "sessionid"],
            Self::Declined => &["apuid", "payoneerid", "sessionid", "ReasonDescription"],
            Self::PayeeReleased => &["apuid"],
            Self::PaymentAccepted | Self::PaymentLoaded | Self::ChargeTransferred | Self::ChargeRefunded => {
                &["apuid", "payoneerid", "PaymentId", "PayoneerPaymentId", "IntPaymentId", "Amount", "Currency"]
            }
            Self::PaymentCancelled => &[
                "apuid",
                "payoneerid",
                "PaymentId",
                "PayoneerPaymentId",
                "IntPaymentId",
                "Amount",
                "Currency",
                "ReasonCode",
                "ReasonDescription",
            ],
            Self::BalanceUpdated => &["Amount", "Balance", "FundingId", "FundingTime"],
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
