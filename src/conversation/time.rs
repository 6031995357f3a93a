//! Instants, and the clock that tells the present one.

use std::fmt;

/// The number of milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The earliest and latest instants that can be written as a four-digit year (years 0 to 9999).
const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_207_200_000;

impl Timestamp {
    /// Makes a timestamp from milliseconds since the Unix epoch, or `None` outside of the years
    /// 0 to 9999: such a value in a file is damage, not a time.
    pub fn from_millis(millis: i64) -> Option<Self> {
        RANGE.contains(&millis).then_some(Self(millis))
    }

    /// Milliseconds since the Unix epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// The same instant in the terms of the time library.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// Takes an instant from the time library, rounded down to milliseconds.
    pub fn from_jiff(instant: jiff::Timestamp) -> Option<Self> {
        Self::from_millis(instant.as_millisecond())
    }

    /// Reads RFC 3339 or the laxer ISO 8601 with an offset or `Z`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_jiff(text.trim().parse::<jiff::Timestamp>().ok()?)
    }

    /// Reads a time as people type it: an instant, or the beginning of a year, month or day in UTC
    /// (`2023`, `2023-05`, `2023-05-08`, `2023-05-08T13:56`).
    pub fn parse_beginning(text: &str) -> Option<Self> {
        Self::parse_typed(text, false)
    }

    /// The same, as the end of the year, month or day: the beginning of the next one.
    pub fn parse_end(text: &str) -> Option<Self> {
        Self::parse_typed(text, true)
    }

    fn parse_typed(text: &str, end: bool) -> Option<Self> {
        use jiff::ToSpan;
        use jiff::civil::{Date, DateTime};
        let text = text.trim();
        if let Some(instant) = Self::parse(text) {
            return Some(instant);
        }
        let date = |text: &str| text.parse::<Date>().ok();
        let (begin, length) = match text.len() {
            4 => (date(&format!("{text}-01-01")), 1.year()),
            7 => (date(&format!("{text}-01")), 1.month()),
            10 => (date(text), 1.day()),
            _ => (None, 1.day()),
        };
        let civil = match begin {
            Some(begin) if end => begin.checked_add(length).ok().map(DateTime::from),
            Some(begin) => Some(DateTime::from(begin)),
            None => text.parse::<DateTime>().ok(),
        };
        let zoned = civil?.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?;
        Self::from_jiff(zoned.timestamp())
    }

    /// The civil date and time in UTC.
    pub fn civil(self) -> jiff::civil::DateTime {
        self.to_jiff().to_zoned_datetime(jiff::tz::TimeZone::UTC).datetime()
    }
}

/// RFC 3339 in UTC, with milliseconds only where there are any.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

/// Tells the present instant. Injected wherever time matters, so that tests can stand still.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_jiff(jiff::Timestamp::now()).unwrap_or(Timestamp(0))
    }
}

/// A clock that always shows the same instant, for tests.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_at_every_granularity() {
        for (text, end, expected) in [
            ("2023", false, "2023-01-01T00:00:00Z"),
            ("2023", true, "2024-01-01T00:00:00Z"),
            ("2023-12", true, "2024-01-01T00:00:00Z"),
            ("2023-05-08", true, "2023-05-09T00:00:00Z"),
            ("2023-05-08T13:56:00+02:00", true, "2023-05-08T11:56:00Z"),
            ("2023-05-08T13:56", false, "2023-05-08T13:56:00Z"),
        ] {
            assert_eq!(Timestamp::parse_typed(text, end).unwrap().to_string(), expected, "{text}");
        }
        assert!(Timestamp::parse_beginning("yesterday").is_none());
    }

    #[test]
    fn reads_and_writes_rfc3339() {
        for text in ["2023-05-08T13:56:00Z", "2023-09-21T19:57:53.969Z"] {
            assert_eq!(Timestamp::parse(text).map(|t| t.to_string()).as_deref(), Some(text));
        }
        assert_eq!(
            Timestamp::parse("2023-05-08T15:56:00+02:00"),
            Timestamp::parse("2023-05-08T13:56:00Z")
        );
    }

    #[test]
    fn refuses_absurd_instants() {
        assert_eq!(Timestamp::from_millis(i64::MAX), None);
        assert_eq!(Timestamp::from_millis(i64::MIN), None);
        assert_eq!(Timestamp::parse("yesterday"), None);
    }
}
