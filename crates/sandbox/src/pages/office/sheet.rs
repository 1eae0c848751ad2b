//! A form of the back office: its values and what is wrong with them, by field name.
//! Knows no field; the sections do.

use std::collections::BTreeMap;

use super::super::reader::Posted;

/// Longest value that is written back into a page.
const LONGEST: usize = 4_000;

/// Values and faults of a form.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    values: BTreeMap<String, String>,
    faults: BTreeMap<String, &'static str>,
}

impl Sheet {
    /// Puts a value.
    pub(super) fn set(&mut self, field: &str, value: impl Into<String>) {
        let mut value = value.into();
        if value.len() > LONGEST {
            value = value.chars().take(LONGEST).collect();
        }
        self.values.insert(field.to_owned(), value);
    }

    /// Puts what was posted for each of the fields.
    pub(super) fn take(&mut self, posted: &Posted, fields: &[&str]) {
        for field in fields {
            self.set(field, posted.field(field));
        }
    }

    /// Marks a field as wrong; the first fault of a field stays.
    pub(super) fn fault(&mut self, field: &str, text: &'static str) {
        self.faults.entry(field.to_owned()).or_insert(text);
    }

    /// Whether nothing is wrong.
    pub(super) fn is_good(&self) -> bool {
        self.faults.is_empty()
    }

    /// A value, empty if there is none.
    pub(super) fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    /// Whether a value is exactly this.
    pub(super) fn is(&self, field: &str, value: &str) -> bool {
        self.value(field) == value
    }

    /// What is wrong with a field.
    pub(super) fn error(&self, field: &str) -> Option<&'static str> {
        self.faults.get(field).copied()
    }

    /// A whole number from a field, if it is one within the bounds; otherwise the field is marked.
    pub(super) fn number(&mut self, field: &str, least: u32, most: u32, fault: &'static str) -> u32 {
        let number = whole(self.value(field)).filter(|n| (least..=most).contains(n));
        if number.is_none() {
            self.fault(field, fault);
        }
        number.unwrap_or(least)
    }
}

/// Reads plain digits.
pub(super) fn whole(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::{Sheet, whole};

    #[test]
    fn numbers_are_plain_digits_within_bounds() {
        assert_eq!(whole("007"), Some(7));
        for bad in ["", " 1", "+1", "-1", "1.0", "1e3", "4294967296", "１"] {
            assert_eq!(whole(bad), None, "{bad}");
        }
        let mut sheet = Sheet::default();
        sheet.set("a", "999");
        sheet.set("b", "1000");
        assert_eq!((sheet.number("a", 0, 999, "wrong"), sheet.error("a")), (999, None));
        assert_eq!((sheet.number("b", 0, 999, "wrong"), sheet.error("b")), (0, Some("wrong")));
        assert!(!sheet.is_good());
    }
}
