//! The catalogue of problems: one table, read from left to right.
//! How a problem travels is in the parent module.

use super::{Outcome, Retry};

/// What is the same for every problem of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The HTTP status.
    pub status: u16,
    /// The code in words.
    pub title: &'static str,
    /// What is known about money, unless the problem says otherwise.
    pub outcome: Outcome,
    /// Whether and how to try again, unless the problem says otherwise.
    pub retry: Retry,
}

macro_rules! catalogue {
    ($($variant:ident = $text:literal $status:literal $outcome:ident $retry:ident $title:literal;)+) => {
        words! {
            /// Which problem it is.
            pub enum Code {
                $(#[doc = concat!(" HTTP ", stringify!($status), ": ", $title, ".")] $variant = $text,)+
            }
        }

        impl Code {
            /// What is the same for every problem of this code.
            pub const fn entry(self) -> Entry {
                match self {
                    $(Self::$variant => Entry {
                        status: $status,
                        title: $title,
                        outcome: Outcome::$outcome,
                        retry: Retry::$retry,
                    },)+
                    Self::Unrecognized => Entry {
                        status: 500,
                        title: "A problem that this version does not know",
                        outcome: Outcome::Unknown,
                        retry: Retry::SameKey,
                    },
                }
            }
        }
    };
}

catalogue! {
    // code                                              status outcome retry            title
    InvalidJson = "invalid_json"                            400 None AfterFix         "The body is not well-formed JSON";
    IdempotencyKeyMissing = "idempotency_key_missing"       400 None AfterFix         "The request needs an Idempotency-Key";
    IdempotencyKeyInvalid = "idempotency_key_invalid"       400 None AfterFix         "The Idempotency-Key is not acceptable";
    BadRequest = "bad_request"                              400 None AfterFix         "The request is malformed";
    VersionUnknown = "version_unknown"                      400 None AfterFix         "There is no such version of the API";
    Unauthorized = "unauthorized"                           401 None AfterFix         "The API key is missing or not valid";
    Forbidden = "forbidden"                                 403 None AfterFix         "The API key may not do this";
    NotFound = "not_found"                                  404 None No               "There is no such thing";
    MethodNotAllowed = "method_not_allowed"                 405 None AfterFix         "This method is not supported here";
    RequestTimeout = "request_timeout"                      408 None SameKey          "The request took too long to arrive";
    IdempotencyKeyInUse = "idempotency_key_in_use"          409 None AfterTime        "The first request with this key is still running";
    ClientReferenceIdTaken = "client_reference_id_taken"    409 None No               "The client_reference_id is already used";
    PurposeBusy = "purpose_busy"                            409 None NewKeyLater      "Another charge for this purpose is undecided";
    PayeeNotAuthorized = "payee_not_authorized"             409 None AfterPayeeAction "The payee has not authorised charges";
    ChargeNotRefundable = "charge_not_refundable"           409 None No               "The charge cannot be refunded";
    ChargeNotCancelable = "charge_not_cancelable"           409 None No               "The charge can no longer be canceled";
    RefundExists = "refund_exists"                          409 None No               "The charge has a refund already";
    PayoutNotCancelable = "payout_not_cancelable"           409 None No               "The payout can no longer be canceled";
    SessionClosed = "session_closed"                        409 None No               "The session is no longer open";
    NotUnknown = "not_unknown"                              409 None No               "Only what is unknown is settled by operators";
    SettlementDisputed = "settlement_disputed"              409 None AfterFix         "Another operator's open proposal says otherwise";
    Conflict = "conflict"                                   409 None No               "The resource does not allow this now";
    BodyTooLarge = "body_too_large"                         413 None AfterFix         "The body is too large";
    UnsupportedMediaType = "unsupported_media_type"         415 None AfterFix         "The body must be application/json";
    InvalidField = "invalid_field"                          422 None AfterFix         "A field is not acceptable";
    MissingField = "missing_field"                          422 None AfterFix         "A field is missing";
    UnknownField = "unknown_field"                          422 None AfterFix         "There is no such field";
    IdempotencyKeyReused = "idempotency_key_reused"         422 None AfterFix         "The key was used for another request";
    RateLimited = "rate_limited"                            429 None AfterTime        "Too many requests";
    Internal = "internal"                                   500 Unknown SameKey       "The gateway made a mistake";
    NotSupported = "not_supported"                          501 None No               "This is not supported";
    PayoneerError = "payoneer_error"                        502 None NewKeyLater      "Payoneer did not answer as expected";
    PayoneerUnreachable = "payoneer_unreachable"            503 None SameKey          "Payoneer cannot be reached";
    PayoneerDown = "payoneer_down"                          503 None AfterTime        "Payoneer does not answer as it should";
    PayoneerBusy = "payoneer_busy"                          503 None AfterTime        "Payoneer is asked as much as it may be";
    StoreUnavailable = "store_unavailable"                  503 None SameKey          "The gateway cannot use its database now";
    Quarantined = "quarantined"                             503 None AfterFix         "The gateway's database went back in time; nothing is sent until an operator has looked";
    Draining = "draining"                                   503 None AfterTime        "The gateway is shutting down";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_error_says_that_no_money_moved() {
        for code in Code::ALL {
            let entry = code.entry();
            assert!((400..=599).contains(&entry.status), "{code}");
            if entry.status < 500 {
                assert_eq!(entry.outcome, Outcome::None, "{code}");
            }
            assert_ne!(entry.retry, Retry::Unrecognized, "{code}");
        }
    }

    #[test]
    fn codes_read_back_and_new_ones_do_not_break_old_clients() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), *code);
        }
        assert_eq!(serde_json::from_str::<Code>("\"from_the_future\"").unwrap(), Code::Unrecognized);
        assert!(serde_json::from_str::<Code>("5").is_err());
    }
}
