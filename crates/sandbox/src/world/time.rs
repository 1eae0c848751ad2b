//! Virtual time: a point on the sandbox's own clock and how Payoneer's texts write it.
//! Nothing here may read a real clock; the world is told what time it is.

use std::fmt;

use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const MICROS: i64 = 1_000_000;
/// The first moment of the year 9000: far beyond any test, safely inside what can be written down.
const LAST: i64 = 221_845_305_600 * MICROS;

/// A moment, in whole microseconds since 1970-01-01T00:00:00Z. Always between 1970 and the year 9000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// A moment from microseconds since 1970; values outside the supported range are brought to its edge.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(0, LAST))
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(MICROS)
    }

    /// The moment `seconds` later.
    #[must_use]
    pub fn plus_seconds(self, seconds: u64) -> Self {
        let micros = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(MICROS);
        self.plus_micros(micros)
    }

    /// The moment `micros` later (or earlier, when negative).
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Self::from_micros(self.0.saturating_add(micros))
    }

    /// Reads RFC 3339 text; `None` when it is not that or lies outside the supported range.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let micros = text.parse::<jiff::Timestamp>().ok()?.as_microsecond();
        (0..=LAST).contains(&micros).then_some(Self(micros))
    }

    /// The date in Payoneer's own (US Eastern standard) time, `YYYY-MM-DD`.
    #[must_use]
    pub fn eastern_date(self) -> String {
        self.eastern().date().to_string()
    }

    /// Date and time in US Eastern standard time without a zone and with three fraction digits, as the v2 API writes them.
    #[must_use]
    pub fn eastern_naive(self) -> String {
        let t = self.eastern();
        format!("{}T{:02}:{:02}:{:02}.{:03}", t.date(), t.hour(), t.minute(), t.second(), t.millisecond())
    }

    fn stamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    fn eastern(self) -> jiff::civil::DateTime {
        Offset::constant(-5).to_datetime(self.stamp())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.stamp())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 time between 1970 and 9000"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let t = Time::parse("2026-11-23T15:00:00.25Z").unwrap();
        assert_eq!(t.to_string(), "2026-11-23T15:00:00.250000Z");
        assert_eq!(t.eastern_naive(), "2026-11-23T10:00:00.250");
        assert_eq!(Time::parse("2026-11-23T02:00:00Z").unwrap().eastern_date(), "2026-11-22");
        assert_eq!(Time::parse(&Time::from_micros(i64::MAX).to_string()), Some(Time(LAST)));
        assert_eq!(Time::parse("1969-12-31T23:59:59Z"), None);
        assert_eq!(t.plus_seconds(u64::MAX), Time(LAST));
    }
}
