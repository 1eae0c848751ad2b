//! Exact money: whole minor units with an ISO 4217 currency, and its decimal text.
//! No float, no rounding, no conversion between currencies.

use core::fmt;

/// The longest amount taken, in digits with all decimals of its currency: what a double could still carry exactly on somebody else's side.
pub const DIGITS_MAX: usize = 15;

/// A currency of ISO 4217 that has a minor unit (metals, funds and test codes have none and are refused).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency {
    iso: iso_currency::Currency,
    digits: u8,
}

impl Currency {
    /// The currency with this upper-case three-letter code.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        let upper = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
        let iso =
            upper.then(|| iso_currency::Currency::from_code(code)).flatten().ok_or(MoneyError::UnknownCurrency)?;
        let digits = iso.exponent().and_then(|e| u8::try_from(e).ok()).ok_or(MoneyError::UnknownCurrency)?;
        Ok(Self { iso, digits })
    }

    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// How many decimal digits the currency has: 2 for USD, 0 for JPY, 3 for KWD.
    pub const fn digits(self) -> u8 {
        self.digits
    }
}

impl core::str::FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Self::parse(code)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of one currency in its minor units: 1250 USD is twelve dollars and fifty cents.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why a text is no amount that may be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not of the form `12` or `12.50`.
    #[error("an amount is written like \"12.50\": digits, and at most one point between digits")]
    NotDecimal,
    /// Below zero.
    #[error("an amount cannot be negative")]
    Negative,
    /// Zero.
    #[error("an amount must be greater than zero")]
    Zero,
    /// More decimals than the currency has.
    #[error("{currency} has {digits} decimal digits, the amount has more")]
    TooManyDecimals {
        /// The currency's code.
        currency: &'static str,
        /// How many digits it has.
        digits: u8,
    },
    /// More than [`DIGITS_MAX`] digits.
    #[error("an amount has at most 15 digits, the currency's decimals included")]
    TooLarge,
    /// Not a currency of ISO 4217 with a minor unit.
    #[error("not an ISO 4217 currency code such as \"USD\"")]
    UnknownCurrency,
    /// Payoneer's wire has two decimals; this amount needs more.
    #[error("Payoneer's wire carries two decimals, this amount needs more")]
    NotInHundredths,
}

impl Money {
    /// That many minor units.
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads decimal text such as `12.50`; exactly the currency's digits or fewer, greater than zero.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        if let Some(rest) = text.strip_prefix('-') {
            return Err(if is_decimal(rest) { MoneyError::Negative } else { MoneyError::NotDecimal });
        }
        if !is_decimal(text) {
            return Err(MoneyError::NotDecimal);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = usize::from(currency.digits);
        // Counted as it will be written, with all of the currency's decimals: what is read can be read again.
        if whole.len() + fraction.len().max(digits) > DIGITS_MAX {
            return Err(MoneyError::TooLarge);
        }
        if fraction.len() > digits {
            return Err(MoneyError::TooManyDecimals { currency: currency.code(), digits: currency.digits });
        }
        let minor: i64 = format!("{whole}{fraction:0<digits$}").parse().map_err(|_| MoneyError::TooLarge)?;
        if minor == 0 {
            return Err(MoneyError::Zero);
        }
        Ok(Self { minor, currency })
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount in hundredths, which is how Payoneer's v2 wire counts in every currency.
    pub fn hundredths(self) -> Result<i64, MoneyError> {
        match self.currency.digits {
            digits @ 0..=2 => self.minor.checked_mul(10_i64.pow(u32::from(2 - digits))).ok_or(MoneyError::TooLarge),
            digits => {
                let unit = 10_i64.checked_pow(u32::from(digits - 2)).ok_or(MoneyError::NotInHundredths)?;
                if self.minor % unit == 0 { Ok(self.minor / unit) } else { Err(MoneyError::NotInHundredths) }
            }
        }
    }

    /// An amount that Payoneer states in hundredths.
    pub fn from_hundredths(hundredths: i64, currency: Currency) -> Result<Self, MoneyError> {
        let minor = match currency.digits {
            digits @ 0..=2 => {
                let unit = 10_i64.pow(u32::from(2 - digits));
                if hundredths % unit != 0 {
                    return Err(MoneyError::TooManyDecimals { currency: currency.code(), digits });
                }
                hundredths / unit
            }
            digits => 10_i64
                .checked_pow(u32::from(digits - 2))
                .and_then(|unit| hundredths.checked_mul(unit))
                .ok_or(MoneyError::TooLarge)?,
        };
        Ok(Self { minor, currency })
    }

    /// The decimal text without the currency, with all of the currency's digits: `12.50`.
    pub fn amount(self) -> String {
        let digits = usize::from(self.currency.digits);
        let sign = if self.minor < 0 { "-" } else { "" };
        let text = format!("{:0>width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = text.split_at(text.len() - digits);
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

/// Digits, optionally a point and digits; no sign, no exponent, no spaces, no leading zero before a digit.
fn is_decimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && fraction.is_none_or(digits) && (whole == "0" || !whole.starts_with('0'))
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn takes_decimal_text_of_the_currency() {
        for (text, code, minor, shown) in [
            ("12.50", "USD", 1250, "12.50"),
            ("1.2", "USD", 120, "1.20"),
            ("5", "USD", 500, "5.00"),
            ("0.01", "EUR", 1, "0.01"),
            ("1200", "JPY", 1200, "1200"),
            ("1.234", "KWD", 1234, "1.234"),
            ("9999999999999.99", "USD", 999_999_999_999_999, "9999999999999.99"),
        ] {
            let money = Money::parse(text, currency(code)).unwrap();
            assert_eq!((money.minor(), money.amount().as_str()), (minor, shown), "{text} {code}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        use MoneyError::{Negative, NotDecimal, TooLarge, TooManyDecimals, Zero};
        let too_many = TooManyDecimals { currency: "USD", digits: 2 };
        for (text, error) in [
            ("", NotDecimal),
            ("-", NotDecimal),
            ("1e3", NotDecimal),
            ("1E3", NotDecimal),
            (" 1", NotDecimal),
            ("1 ", NotDecimal),
            ("+1", NotDecimal),
            (".5", NotDecimal),
            ("5.", NotDecimal),
            ("1,5", NotDecimal),
            ("1.2.3", NotDecimal),
            ("01.20", NotDecimal),
            ("00", NotDecimal),
            ("NaN", NotDecimal),
            ("١٢", NotDecimal),
            ("0x10", NotDecimal),
            ("2.00 USD", NotDecimal),
            ("-1.20", Negative),
            ("0", Zero),
            ("0.00", Zero),
            ("1.234", too_many),
            ("1.200", too_many),
            ("1000000000000000", TooLarge),
            ("99999999999999.99", TooLarge),
            ("10000000000000", TooLarge),
        ] {
            assert_eq!(Money::parse(text, currency("USD")), Err(error), "{text:?}");
        }
        for code in ["", "usd", "US", "USDD", "XXX", "XAU", "ZZZ", "U$D"] {
            assert_eq!(Currency::parse(code), Err(MoneyError::UnknownCurrency), "{code:?}");
        }
    }

    #[test]
    fn hundredths_are_exact_or_refused() {
        let money = |text, code| Money::parse(text, currency(code)).unwrap();
        assert_eq!(money("12.50", "USD").hundredths(), Ok(1250));
        assert_eq!(money("12", "JPY").hundredths(), Ok(1200));
        assert_eq!(money("1.230", "KWD").hundredths(), Ok(123));
        assert_eq!(money("1.234", "KWD").hundredths(), Err(MoneyError::NotInHundredths));
        assert_eq!(Money::from_hundredths(1200, currency("JPY")), Ok(money("12", "JPY")));
        assert!(Money::from_hundredths(1250, currency("JPY")).is_err());
        assert_eq!(Money::from_hundredths(123, currency("KWD")), Ok(money("1.230", "KWD")));
    }

    proptest! {
        #[test]
        fn text_and_minor_units_agree(minor in 1_i64..=999_999_999_999_999, code in prop::sample::select(vec!["USD", "JPY", "KWD", "CNY"])) {
            let money = Money::from_minor(minor, currency(code));
            prop_assert_eq!(Money::parse(&money.amount(), currency(code)), Ok(money));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            if let Ok(money) = Money::parse(&text, currency("USD")) {
                prop_assert!(money.minor() > 0);
            }
        }
    }
}
