//! Where every behaviour of the imitated API comes from: one row each, named in the answers' `X-Sandbox-Fidelity`.
//! Only facts about the imitation; no behaviour is implemented here.

use std::fmt;

/// How far a behaviour can be trusted to be Payoneer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fidelity {
    /// Payoneer published it.
    Documented,
    /// Somebody recorded it, or runs on it in production.
    Observed,
    /// Concluded from neighbouring facts; likely, not known.
    Inferred,
    /// Nothing is known; something had to be done.
    Invented,
}

impl Fidelity {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
            Self::Invented => "invented",
        }
    }
}

impl Fidelity {
    /// Whether somebody has seen Payoneer do it, or Payoneer says so.
    #[must_use]
    pub fn is_known(self) -> bool {
        matches!(self, Self::Documented | Self::Observed)
    }
}

impl fmt::Display for Fidelity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One behaviour.
#[derive(Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// Its name.
    pub key: &'static str,
    /// The call or part it belongs to.
    pub call: &'static str,
    /// What the sandbox does.
    pub says: &'static str,
    /// How far to trust it.
    pub fidelity: Fidelity,
    /// What it rests on.
    pub source: &'static str,
}

macro_rules! behaviours {
    ($($name:ident = $fidelity:ident, $call:literal, $key:literal, $says:literal, $source:literal;)*) => {
        $(
            #[doc = $says]
            pub static $name: Behaviour =
                Behaviour { key: $key, call: $call, says: $says, fidelity: Fidelity::$fidelity, source: $source };
        )*
        /// Every row, in the order of the API.
        pub static TABLE: &[&Behaviour] = &[$(&$name),*];
    };
}

behaviours! {
    UNAUTHORIZED = Inferred, "every call", "unauthorized",
        "Wrong or missing Basic credentials: 401, an envelope with code 401.", "status expected, body unknown";
    PROGRAM_UNKNOWN = Invented, "every call", "program-unknown",
        "A program id that is not this sandbox's: 404, an envelope with code 404.", "unknown";
    PATH_UNKNOWN = Invented, "every call", "path-unknown",
        "A path that names no call: 404, an envelope with code 404.", "unknown";
    METHOD_WRONG = Invented, "every call", "method-wrong",
        "A method that the call does not take: 405, an envelope with code 405.", "unknown";
    BODY_TOO_LARGE = Invented, "every call", "body-too-large",
        "A body of more than 1 MiB: 413, an envelope with code 413.", "unknown";
    BODY_UNREADABLE = Invented, "every call", "body-unreadable",
        "A body that is neither a JSON object nor a form: 400, code 10001.", "unknown";
    FIELD_INVALID = Invented, "every call", "field-invalid",
        "A field that is missing, of a wrong type or too long: 400, code 10001; the hint names it.",
        "lengths from the guide of the older API";
    FULL = Invented, "every call", "full",
        "The sandbox holds as many of something as it may: 503, code 503.", "unknown";
    SLASHES = Observed, "every call", "slashes",
        "Trailing and repeated slashes in paths do not matter.", "samples with and without";
    KEY_CASE = Inferred, "every call", "key-case",
        "JSON keys are read whatever their case.", "a published client writes client_Reference_id";
    CONTENT_TYPE = Inferred, "every call", "content-type",
        "A body that begins with a brace is JSON, whatever the header says; payee_id may also come as a form.",
        "published clients send JSON labelled as a form";
    AUDIT_ID = Observed, "every call", "audit-id",
        "audit_id is a number above 2^31.", "recordings";
    STRICT = Invented, "every call", "strict",
        "With strict, a call whose answer would be inferred or invented has no effect: 501, code 501, the hint names the row.",
        "nothing: Payoneer does not do this";
    ERRORS_AS_200 = Inferred, "every call", "errors-as-200",
        "With errors_as_200, business errors come with HTTP 200.", "published clients read code from a 200";
    ECHO = Observed, "GET echo", "echo", "The plain success envelope.", "recordings";
    API_VERSION = Observed, "GET api-version", "api-version", "version is 4.18.", "recordings of 2018";
    BALANCE = Observed, "GET balance", "balance",
        "balance and fees_due are numbers with two decimals; fees_due is always 0.00.", "recordings";
    LINK = Observed, "POST payees/registration-link, login-link", "link",
        "A hosted page's address with a token of 32 lower-case and 10 upper-case hexadecimal digits.", "recordings";
    LINK_AGAIN = Observed, "POST payees/registration-link, login-link", "link-again",
        "The same payee and session get the same link until registration completes.", "recordings of the older API";
    PAYEE_STATUS = Observed, "GET or POST payees/{payee_id}/status", "payee-status",
        "ACTIVE or INACTIVE, also PENDING while under review.", "recordings; PENDING is presumed";
    PAYEE_UNKNOWN = Observed, "payees/{payee_id}/...", "payee-unknown",
        "A payee that is not registered (or has not finished the page): 404, code 10005 and a hint.", "recordings";
    PAYEE_DETAILS = Observed, "GET payees/{payee_id}/details", "payee-details",
        "Missing parts are empty texts; a company's part is guessed.", "recordings";
    PAYEE_RELEASE = Inferred, "DELETE payees/{payee_id}", "payee-release",
        "The plain success envelope; the id may register again.", "a published client";
    CHARGE = Documented, "POST charges", "charge",
        "The bare success envelope; amount as text or number with at most two decimals.", "Payoneer's sample call";
    CHARGE_NOT_AUTHORISED = Inferred, "POST charges", "charge-not-authorised",
        "An unknown or pending payee: 400, code 10700.", "code from a published client, status presumed";
    CHARGE_INACTIVE = Inferred, "POST charges", "charge-inactive",
        "An inactive payee: 400, code 10009.", "by analogy with payouts";
    CHARGE_DUPLICATE = Inferred, "POST charges", "charge-duplicate",
        "A reference used by an accepted charge: 400, code 10704, for as long as reference_memory_seconds says.",
        "code from a published client, status presumed; for how long and in which case is unknown";
    CHARGE_REPLAYED = Invented, "POST charges", "charge-replayed",
        "With same_reference replayed, a used reference is answered as a success and no money moves.",
        "unknown; the published client expects code 10704";
    CHARGE_REFERENCE_FREE = Invented, "POST charges", "charge-reference-free",
        "A used reference may be taken again: freed by a cancel, forgotten, in another case, raced, or by same_reference.",
        "unknown; references are called unique, and nobody says for how long and against what";
    CHARGE_SHORT = Inferred, "POST charges", "charge-short",
        "More than the payee's account holds: 400, code 10301.", "by analogy with payouts";
    CHARGE_AMOUNT = Inferred, "POST charges", "charge-amount",
        "A malformed amount, zero, or a currency that is not the program's: 400, code 10403.", "by analogy with payouts";
    CHARGE_CURRENCY = Inferred, "POST charges", "charge-currency",
        "Not a currency code: 400, code 10302.", "by analogy with payouts";
    CHARGE_STATUS = Observed, "GET or POST charges/{reference}/status", "charge-status",
        "Transferred, Refunded; Pending and Failed are guessed words; DONE instead of Transferred by a setting.",
        "a client in production";
    CHARGE_ABSENT = Invented, "charges/{reference}/status", "charge-absent",
        "No charge of that reference: 404 with the body {}, or with status_absent bad_request 400, code 10311.",
        "unknown; payouts answer 404 and 400 with an envelope";
    CHARGE_UNKNOWN = Inferred, "charges/{reference}/...", "charge-unknown",
        "No charge of that reference: 404, code 10311.", "by analogy with payouts";
    CHARGE_CANCEL = Observed, "POST charges/{reference}/cancel", "charge-cancel",
        "The whole charge is given back, the success envelope; a second cancel changes nothing.",
        "published clients; the second cancel is invented";
    CHARGE_CANCEL_REFUSED = Invented, "POST charges/{reference}/cancel", "charge-cancel-refused",
        "A failed charge: 400, code 10705. Too little on the program's balance: 400, code 10301.", "unknown";
    PAYOUT = Observed, "POST payouts", "payout",
        "payout_id as text, amount as number, currency.", "recordings";
    PAYOUT_PAYEE_UNKNOWN = Observed, "POST payouts", "payout-payee-unknown",
        "An unknown payee: 400 (not 404), code 10005.", "recordings";
    PAYOUT_INACTIVE = Inferred, "POST payouts", "payout-inactive",
        "An inactive or pending payee: 400, code 10009.", "reason code of cancelled payouts";
    PAYOUT_DUPLICATE = Observed, "POST payouts", "payout-duplicate",
        "A reference used before, whatever its case: 400, code 10304, for ever.", "recordings; case from the older API";
    PAYOUT_SHORT = Inferred, "POST payouts", "payout-short",
        "More than the program holds: 400, code 10301.", "reason code of cancelled payouts";
    PAYOUT_AMOUNT = Observed, "POST payouts", "payout-amount",
        "A malformed amount such as 2.00 USD, zero, or a currency that is not the program's: 400, code 10403.", "recordings";
    PAYOUT_CURRENCY = Inferred, "POST payouts", "payout-currency",
        "Not a currency code: 400, code 10302.", "reason code of cancelled payouts";
    STATUS_LAG = Invented, "charges/{reference}/status, payouts/{reference}", "status-lag",
        "With status_lag_seconds, a payment is not found for that long after it was taken.", "unknown";
    SURVIVES_CLOSE = Invented, "every call", "survives-close",
        "A call whose client closed the connection after the last byte is carried out, unless survives_close is off.",
        "unknown";
    PAYOUT_STATUS = Observed, "GET payouts/{reference}", "payout-status",
        "Pending, Funded or Cancelled with a category; times in US Eastern without a zone.",
        "recordings; the zone and the category Pending are presumed";
    PAYOUT_UNKNOWN = Observed, "payouts/{reference}", "payout-unknown",
        "No payout of that reference: 404, code 10311.", "recordings show 404 and 400";
    PAYOUT_CANCEL = Observed, "POST payouts/{reference}/cancel", "payout-cancel",
        "payout_id; a second cancel changes nothing.", "recordings; the second cancel is invented";
    PAYOUT_CANCEL_REFUSED = Invented, "POST payouts/{reference}/cancel", "payout-cancel-refused",
        "A payout that is paid already: 400, code 10312.", "unknown";
    REPORT = Observed, "GET reports/payee_details, payees_status", "report",
        "A cancelled payout has two rows, the second with status Refund; total_amount adds every row.", "recordings";
    REPORT_SPAN = Inferred, "GET reports/payees_status", "report-span",
        "Dates that are no dates, or more than 31 days apart: 400, code 10001. Payees are chosen by registration date.",
        "the older API's rule";
    FAULT = Invented, "any call", "fault",
        "What a fault that was asked for, or chaos, makes of the answer.", "nothing: see Faults";
    PAGE = Observed, "/partners/lp.aspx", "page",
        "Sign-up in four steps or log-in, then a wait of redirect_time seconds and the redirect.", "screenshots";
    OPENING_BALANCE = Invented, "/partners/lp.aspx", "opening-balance",
        "A person who signs up finds 100.00 in the new account.", "only the first payee's 100 USD is documented";
    REDIRECT = Documented, "/partners/lp.aspx", "redirect",
        "Nothing is added to the redirect address; placeholders in it are filled in.", "the older guide, published clients";
    IPCN = Documented, "callbacks", "ipcn",
        "GET of one address per event, placeholders filled in, six tries.", "the older guide";
    IPCN_RETRY = Invented, "callbacks", "ipcn-retry",
        "The pauses between tries, and trying again after an answer that is not 2xx.", "only the number after time-outs is documented";
    WEBHOOK = Documented, "callbacks", "webhook",
        "POST of a JSON object whose keys hold spaces; no event type and no envelope.", "published samples";
    HMACAUTH = Observed, "callbacks", "hmacauth",
        "An Authorization header over method, address, time, nonce and body.", "a client verified a real callback with it";
    CHARGE_CALLBACK = Invented, "callbacks", "charge-callback",
        "charge-transferred and charge-refunded: only with a template of their own, or where a fault about callbacks asks for one.",
        "nothing is published";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_are_unique_and_complete() {
        let keys: BTreeSet<_> = TABLE.iter().map(|b| b.key).collect();
        assert_eq!(keys.len(), TABLE.len());
        assert!(TABLE.iter().all(|b| !b.source.is_empty() && !b.says.contains('|')));
    }
}
