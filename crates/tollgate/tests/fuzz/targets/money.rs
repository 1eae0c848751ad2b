//! Money as text, both ways: what is read is what stood there, and writing it and reading it again changes nothing.

use super::first_line;
use domain::{Currency, Money};
use payoneer::{Amount, NumberAmount};

/// The digits of a decimal number counted in units of `10^-digits`, without needless zeros; by hand, without the product.
fn units(text: &str, digits: usize) -> String {
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut fraction = fraction.to_owned();
    while fraction.len() < digits {
        fraction.push('0');
    }
    let surplus = fraction.split_off(digits);
    assert!(surplus.bytes().all(|byte| byte == b'0'), "a digit was dropped from {text:?}");
    let all = format!("{whole}{fraction}");
    match all.trim_start_matches('0') {
        "" => "0".to_owned(),
        rest => format!("{sign}{rest}"),
    }
}

/// An amount as Payoneer's wire has it, as bare text and as JSON.
pub(super) fn amount(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(amount) = text.parse::<Amount>() {
        assert_eq!(amount.hundredths().to_string(), units(&text, 2), "{text:?}");
        assert_eq!(amount.to_string().parse(), Ok(amount), "{text:?}");
        assert_eq!(Amount::parse_reply(&text), Ok(amount), "a reply may say what a request may say");
        let json = serde_json::to_string(&amount).expect("JSON");
        assert_eq!(serde_json::from_str::<Amount>(&json).ok(), Some(amount));
        let number = serde_json::to_string(&NumberAmount(amount)).expect("JSON");
        assert_eq!(serde_json::from_str::<NumberAmount>(&number).ok(), Some(NumberAmount(amount)));
        assert_eq!(number, amount.to_string());
    }
    if let Ok(amount) = Amount::parse_reply(&text) {
        assert_eq!(amount.hundredths().to_string(), units(&text, 2), "{text:?}");
    }
    if let Ok(amount) = serde_json::from_slice::<Amount>(data) {
        let inner = serde_json::from_slice::<String>(data).unwrap_or_else(|_| text.trim().to_owned());
        assert_eq!(amount.hundredths().to_string(), units(&inner, 2), "{text:?}");
        assert_eq!(amount.checked_sub(amount), Some(Amount::ZERO));
    }
}

/// A currency, a line feed, an amount as a merchant writes it.
pub(super) fn money(data: &[u8]) {
    let (code, text) = first_line(data);
    let Ok(currency) = Currency::parse(&code) else { return };
    assert_eq!(currency.code(), code);
    let text = String::from_utf8_lossy(text);
    if let Ok(money) = Money::parse(&text, currency) {
        let digits = usize::from(currency.digits());
        assert!(money.minor() > 0);
        assert_eq!(money.minor().to_string(), units(&text, digits), "{text:?}");
        assert_eq!(Money::parse(&money.amount(), currency), Ok(money), "{text:?}");
        if let Ok(hundredths) = money.hundredths() {
            assert_eq!(Money::from_hundredths(hundredths, currency), Ok(money), "{text:?}");
            // The two crates agree about what goes over the wire, where the wire can carry it.
            if let Ok(amount) = Amount::from_hundredths(hundredths) {
                assert_eq!(units(&amount.to_string(), digits.max(2)), units(&text, digits.max(2)), "{text:?}");
            }
        }
    }
    // Any number that somebody may have stored.
    let bytes: [u8; 8] = std::array::from_fn(|at| text.as_bytes().get(at).copied().unwrap_or_default());
    let stored = Money::from_minor(i64::from_le_bytes(bytes), currency);
    assert_eq!(stored.minor().to_string(), units(&stored.amount(), usize::from(currency.digits())));
    if let Ok(hundredths) = stored.hundredths() {
        assert_eq!(Money::from_hundredths(hundredths, currency), Ok(stored));
    }
}
