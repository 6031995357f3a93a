//! The Persian calendar, which phones in Iran and Afghanistan write.
//!
//! Does not own the Islamic calendar: its days depend on the country, and on who saw the moon.

use jiff::Span;
use jiff::civil::{Date, date};
use std::ops::RangeInclusive;

/// The years of it in which people may have chatted: 1921 to 2120.
pub(super) const PERSIAN: RangeInclusive<u16> = 1300..=1499;

/// A new year's day to count from: 1 Farvardin 1403.
const ANCHOR: (u16, Date) = (1403, date(2024, 3, 20));

/// Returns the day that a date of the Persian calendar is.
pub(super) fn persian(year: u16, month: u16, day: u16) -> Option<Date> {
    let length = match month {
        1..=6 => 31,
        7..=11 => 30,
        12 if is_leap(year) => 30,
        12 => 29,
        _ => return None,
    };
    if !PERSIAN.contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    let (anchor, new_year) = ANCHOR;
    let days_of = |year: u16| if is_leap(year) { 366 } else { 365 };
    let years: i64 = if year >= anchor {
        (anchor..year).map(days_of).sum()
    } else {
        -(year..anchor).map(days_of).sum::<i64>()
    };
    let before = i64::from(month - 1);
    let months = before * 31 - (before - 6).max(0);
    new_year.checked_add(Span::new().days(years + months + i64::from(day) - 1)).ok()
}

/// Eight years of 33 are leap years, in the centuries that count here.
fn is_leap(year: u16) -> bool {
    matches!(year % 33, 1 | 5 | 9 | 13 | 17 | 22 | 26 | 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_are_known() {
        for (year, month, day, expected) in [
            (1403, 1, 1, Some(date(2024, 3, 20))),
            (1402, 1, 1, Some(date(2023, 3, 21))),
            (1399, 12, 30, Some(date(2021, 3, 20))),
            (1357, 11, 22, Some(date(1979, 2, 11))),
            (1404, 7, 1, Some(date(2025, 9, 23))),
            (1408, 12, 30, Some(date(2030, 3, 20))),
            (1402, 12, 30, None),
            (1402, 13, 1, None),
            (1402, 7, 31, None),
            (1402, 1, 0, None),
        ] {
            assert_eq!(persian(year, month, day), expected, "{year}/{month}/{day}");
        }
    }
}
