//! How times appear on pages. No arithmetic: the world's own texts, shortened.

use jiff::civil::Date;

use crate::world::Time;

/// Date and time in UTC to the second, such as `2026-11-23 15:04:05`.
pub(super) fn moment(time: Time) -> String {
    let text = time.to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

/// The day in UTC.
pub(super) fn day(time: Time) -> Date {
    let text = time.to_string();
    text.get(..10).and_then(|day| day.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Time, day, moment};

    #[test]
    fn times_are_shortened() {
        let time = Time::parse("2026-11-23T15:04:05.678901Z").expect("a time");
        assert_eq!(moment(time), "2026-11-23 15:04:05");
        assert_eq!(day(time), jiff::civil::date(2026, 11, 23));
    }
}
