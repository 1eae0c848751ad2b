//! Paths to calls: slashes collapsed, segments decoded, methods as tolerant as the published clients need.
//! Nothing here looks at bodies or at the world.

use std::collections::BTreeMap;

use url::form_urlencoded;

use crate::world::LinkKind;

/// A query's keys and values.
pub(super) type Query = BTreeMap<String, String>;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Echo,
    ApiVersion,
    Balance,
    MakeLink(LinkKind),
    PayeeStatus(String),
    PayeeDetails(String),
    ReleasePayee(String),
    CreateCharge,
    ChargeStatus(String),
    CancelCharge(String),
    CreatePayout,
    PayoutStatus(String),
    CancelPayout(String),
    PayeeReport(Query),
    PayeesReport(Query),
}

impl Call {
    /// Whether it may change something.
    pub(super) fn changes(&self) -> bool {
        matches!(
            self,
            Self::MakeLink(_)
                | Self::ReleasePayee(_)
                | Self::CreateCharge
                | Self::CancelCharge(_)
                | Self::CreatePayout
                | Self::CancelPayout(_)
        )
    }

    /// Whether the body says anything; elsewhere any body is ignored.
    pub(super) fn reads_body(&self) -> bool {
        matches!(self, Self::MakeLink(_) | Self::CreateCharge | Self::CreatePayout)
    }
}

/// Why there is no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// Not below `/v2/programs`: nothing of Payoneer's.
    Elsewhere,
    Path,
    Program,
    /// The path is right; it takes these methods.
    Method(&'static [&'static str]),
}

/// Finds the call that `method` and `target` (path and query) name within `program`.
pub(super) fn find(program: &str, method: &str, target: &str) -> Result<Call, Miss> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let segments: Vec<String> = path.split('/').filter(|s| !s.is_empty()).map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (id, rest) = match segments.as_slice() {
        ["v2", "programs", id, rest @ ..] => (*id, rest),
        _ => return Err(Miss::Elsewhere),
    };
    let query = || form_urlencoded::parse(query.as_bytes()).into_owned().collect::<Query>();
    let (call, methods): (Call, &'static [&'static str]) = match rest {
        ["echo"] => (Call::Echo, &["GET"]),
        ["api-version"] => (Call::ApiVersion, &["GET"]),
        ["balance"] => (Call::Balance, &["GET"]),
        ["payees", "registration-link"] => (Call::MakeLink(LinkKind::Registration), &["POST"]),
        ["payees", "login-link"] => (Call::MakeLink(LinkKind::Login), &["POST"]),
        ["payees", id, "status"] => (Call::PayeeStatus((*id).to_owned()), &["GET", "POST"]),
        ["payees", id, "details"] => (Call::PayeeDetails((*id).to_owned()), &["GET"]),
        ["payees", id] => (Call::ReleasePayee((*id).to_owned()), &["DELETE"]),
        ["charges"] => (Call::CreateCharge, &["POST"]),
        ["charges", reference, "status"] => (Call::ChargeStatus((*reference).to_owned()), &["GET", "POST"]),
        ["charges", reference, "cancel"] => (Call::CancelCharge((*reference).to_owned()), &["POST"]),
        ["payouts"] => (Call::CreatePayout, &["POST"]),
        ["payouts", reference] => (Call::PayoutStatus((*reference).to_owned()), &["GET"]),
        ["payouts", reference, "cancel"] => (Call::CancelPayout((*reference).to_owned()), &["POST"]),
        ["reports", "payee_details"] => (Call::PayeeReport(query()), &["GET"]),
        ["reports", "payees_status"] => (Call::PayeesReport(query()), &["GET"]),
        _ => return Err(Miss::Path),
    };
    if id != program {
        return Err(Miss::Program);
    }
    if methods.contains(&method) { Ok(call) } else { Err(Miss::Method(methods)) }
}

/// Percent-decoding of one segment; what is no valid escape stays as it is, and bytes that are no UTF-8 become marks.
fn decode(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|hex| first == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, target: &str) -> Result<Call, Miss> {
        find("100", method, target)
    }

    #[test]
    fn slashes_escapes_and_methods() {
        let status = Ok(Call::PayeeStatus("a b".into()));
        assert_eq!(call("GET", "/v2/programs/100/payees/a%20b/status"), status);
        assert_eq!(call("POST", "//v2//programs/100/payees//a%20b/status/"), status);
        assert_eq!(call("DELETE", "/v2/programs/100/payees/a%20b/status"), Err(Miss::Method(&["GET", "POST"])));
        assert_eq!(call("GET", "/v2/programs/100/payees/registration-link"), Err(Miss::Method(&["POST"])));
        assert_eq!(call("GET", "/v2/programs/100"), Err(Miss::Path));
        assert_eq!(call("GET", "/v2/programs/101/echo"), Err(Miss::Program));
        assert_eq!(call("GET", "/v2/programs/101/nonsense"), Err(Miss::Path));
    }

    #[test]
    fn odd_references_arrive_whole() {
        for (path, reference) in [
            ("a%2Fb", "a/b"),
            ("{client_reference_id}", "{client_reference_id}"),
            ("%7Bx%7d", "{x}"),
            ("100%", "100%"),
            ("%zz%+1", "%zz%+1"),
            ("%ff", "\u{fffd}"),
        ] {
            let target = format!("/v2/programs/100/charges/{path}/status");
            assert_eq!(call("POST", &target), Ok(Call::ChargeStatus(reference.into())), "{path}");
        }
    }
}
