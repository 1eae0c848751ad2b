//! Filling `{{placeholders}}` into addresses.
//! Pure text; what each placeholder stands for is said by the caller.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The values of placeholders, by name; names are compared without regard to case.
pub(super) type Values = BTreeMap<&'static str, String>;

/// `template` with every `{{name}}` replaced by its percent-encoded value (nothing for an unknown name) and spaces encoded.
pub(super) fn address(template: &str, values: &Values) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template.trim();
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        filled.push_str(before);
        let value = values.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
        if let Some((_, value)) = value {
            encode(value, &mut filled);
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled.replace(' ', "%20")
}

fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            into.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_encoded() {
        let values = BTreeMap::from([("apuid", "a b&c".to_owned()), ("payoneerid", "5510700".to_owned())]);
        let template = "https://m.example/x?payee={{apuid}}&pid={{PayoneerId}}&s={{sessionid}}&e=a  b";
        assert_eq!(address(template, &values), "https://m.example/x?payee=a%20b%26c&pid=5510700&s=&e=a%20%20b");
        assert_eq!(address("http://m/{{apuid", &values), "http://m/{{apuid");
    }
}
