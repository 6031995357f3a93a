//! Instants as exports write them: numbers of any unit, ISO texts with and without a zone.

use crate::conversation::Timestamp;
use serde_json::Value;

/// An instant, with the original text where it was only wall-clock time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::import) struct When {
    /// The instant.
    pub said_at: Option<Timestamp>,
    /// The text as written, where it named no zone.
    pub text: Option<String>,
}

/// Returns the instant of a number or a text. Numbers are seconds, milliseconds, microseconds or
/// nanoseconds since the Unix epoch by their size. Zero, negative and absurd values are no times.
/// A text without a zone counts in `zone`.
pub(in crate::import) fn instant_in(value: &Value, zone: &jiff::tz::TimeZone) -> When {
    match value {
        Value::Number(number) => {
            When { said_at: number.as_f64().and_then(from_number), text: None }
        }
        Value::String(text) => parse(text, zone),
        _ => When::default(),
    }
}

/// Returns the instant of a number or a text that counts in UTC where it names no zone.
pub(in crate::import) fn instant(value: &Value) -> Option<Timestamp> {
    instant_in(value, &jiff::tz::TimeZone::UTC).said_at
}

/// Returns the first instant found under one of some keys.
pub(in crate::import) fn instant_under(object: &Value, keys: &[&str]) -> Option<Timestamp> {
    keys.iter().find_map(|key| object.get(key).and_then(instant))
}

/// Returns the instant that a text writes.
pub(in crate::import) fn parse(text: &str, zone: &jiff::tz::TimeZone) -> When {
    let text = text.trim();
    if let Some(said_at) = Timestamp::parse(text) {
        return When { said_at: Some(said_at), text: None };
    }
    // Some exports write "2024-05-01 10:00:00 UTC".
    if let Some(bare) = text.strip_suffix("UTC").map(str::trim)
        && let Some(said_at) = naive(bare, &jiff::tz::TimeZone::UTC)
    {
        return When { said_at: Some(said_at), text: None };
    }
    if let Some(said_at) = naive(text, zone) {
        return When { said_at: Some(said_at), text: Some(text.to_owned()) };
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 9 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return When { said_at: text.parse().ok().and_then(from_number), text: None };
    }
    When::default()
}

/// Returns the instant of ISO wall-clock time in a zone. A time that the summer-time rule of its
/// date makes ambiguous counts as the earlier of the two.
fn naive(text: &str, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    Timestamp::from_jiff(zone.to_ambiguous_zoned_datetime(civil).compatible().ok()?.timestamp())
}

fn from_number(number: f64) -> Option<Timestamp> {
    /// The end of the year 9999, in seconds: what is larger counts in the next smaller unit.
    const LAST: f64 = 2.6e11;
    /// The largest whole number of 64 bits stands for "never".
    const NEVER: f64 = 9.2e18;
    if !number.is_finite() || number <= 0.0 || number >= NEVER {
        return None;
    }
    let millis = if number < LAST {
        number * 1e3
    } else if number < LAST * 1e3 {
        number
    } else if number < LAST * 1e6 {
        number / 1e3
    } else {
        number / 1e6
    };
    Timestamp::from_millis(millis.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: &Value, expected: Option<&str>) {
        assert_eq!(instant(value).map(|t| t.to_string()).as_deref(), expected, "{value}");
    }

    #[test]
    fn reads_every_unit() {
        check(&json!(1_700_000_001), Some("2023-11-14T22:13:21Z"));
        check(&json!(1_700_000_001.25), Some("2023-11-14T22:13:21.25Z"));
        check(&json!(1_700_000_001_000_i64), Some("2023-11-14T22:13:21Z"));
        check(&json!(1_700_000_001_000_000_i64), Some("2023-11-14T22:13:21Z"));
        check(&json!(1_700_000_001_000_000_000_i64), Some("2023-11-14T22:13:21Z"));
        // The last second of the year 9999 is no time that anything was said at, in any unit.
        for unit in [1, 1_000, 1_000_000, 1_000_000_000] {
            check(&json!(253_402_300_799_f64 * f64::from(unit)), None);
        }
        check(&json!(i64::MAX), None);
        check(&json!(u64::MAX), None);
        check(&json!("1700000001.5"), Some("2023-11-14T22:13:21.5Z"));
        check(&json!("2024-10-29T15:59:18.774635+00:00"), Some("2024-10-29T15:59:18.774Z"));
        check(&json!("2024-10-29 15:59:18"), Some("2024-10-29T15:59:18Z"));
        check(&json!("2024-10-29 15:59:18 UTC"), Some("2024-10-29T15:59:18Z"));
    }

    #[test]
    fn absurd_times_are_none() {
        for value in
            [json!(0), json!(-5), json!(1e300), json!("soon"), json!(null), json!(""), json!([1])]
        {
            check(&value, None);
        }
    }

    #[test]
    fn local_time_takes_the_rule_of_its_date() {
        let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
        let summer = parse("2024-07-01T10:00:00", &zone);
        assert_eq!(summer.said_at, Timestamp::parse("2024-07-01T08:00:00Z"));
        assert_eq!(summer.text.as_deref(), Some("2024-07-01T10:00:00"));
        let winter = parse("2024-01-01T10:00:00", &zone);
        assert_eq!(winter.said_at, Timestamp::parse("2024-01-01T09:00:00Z"));
    }
}
