//! Dates written in numbers: which of them is the day. Decided once for a whole file, for every
//! format that writes wall-clock time.
//!
//! Owns: reading `04/05/23`, `3:12 p. m.`, `下午3:12` in the digits and words of many languages, and
//! the order of day and month. Does not own what stands around them in a format's lines.

mod calendar;
mod clock;
mod order;
mod stamp;
mod week;

pub(in crate::import) use clock::{Clock, clock};
pub(in crate::import) use order::Orders;
pub(in crate::import) use stamp::{Stamp, orders};
pub(in crate::import) use week::Week;

use crate::conversation::Timestamp;
#[cfg(test)]
use crate::import::DateOrder;
use crate::import::Options;
use crate::import::reading::time::When;
use jiff::civil::{Date, DateTime};

/// The three numbers of a date in the order in which they stand, and what stands between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) struct Written {
    numbers: [u16; 3],
    /// How many digits the first and the last have: four are a year.
    digits: [u8; 2],
    /// What stands between them; [`NAMED`] where the month was a name.
    separator: char,
    /// Whether the digits are those of Arabic, which another calendar is written with than the
    /// numbers alone would tell.
    arabic: bool,
    /// The day of the week that stands beside it.
    week: Week,
}

/// The dates of a file in its order, as far as they tell anything: of many messages on one day some
/// are enough.
#[derive(Debug, Default)]
pub(in crate::import) struct Dates(Vec<Written>);

impl Dates {
    /// Takes the date of the next message.
    pub(in crate::import) fn push(&mut self, written: Written) {
        let latest = self.0.len().saturating_sub(order::MANY);
        let full = self.0.len() >= order::MANY;
        if !(full && self.0[latest..].iter().all(|other| *other == written)) {
            self.0.push(written);
        }
    }

    /// The dates.
    pub(in crate::import) fn as_slice(&self) -> &[Written] {
        &self.0
    }
}

/// What stands for the separator of a date with the name of its month: it has one order.
const NAMED: char = 'M';

impl Written {
    /// Reads a date at the beginning of a text; returns it with what follows.
    pub(in crate::import) fn read(text: &str) -> Option<(Self, &str)> {
        let (first, first_digits, rest) = number(text)?;
        let (separator, rest) = separated(rest)?;
        let (second, second_digits, rest) = number(rest)?;
        let (again, rest) = separated(rest)?;
        let (third, third_digits, rest) = number(rest)?;
        let fits = second_digits <= 2
            && again == separator
            && matches!(first_digits, 1 | 2 | 4)
            && matches!(third_digits, 1 | 2 | 4)
            && first_digits.max(third_digits) >= 2;
        let written = Self {
            numbers: [first, second, third],
            digits: [first_digits, third_digits],
            separator,
            arabic: text.starts_with(|c| ('\u{660}'..='\u{669}').contains(&c)),
            week: Week::default(),
        };
        let written = Self { week: Week::first_of(rest), ..written };
        // Korean and Hungarian dates end in a full stop, Chinese ones with the word for day.
        let rest = match separator {
            '.' => rest.strip_prefix('.').unwrap_or(rest),
            '年' => rest.strip_prefix('日').unwrap_or(rest),
            '년' => rest.strip_prefix('일').unwrap_or(rest),
            _ => rest,
        };
        fits.then_some((written, rest))
    }

    /// Reads a date with the name of its month at the beginning of a text, in any order.
    pub(in crate::import) fn read_named(text: &str) -> Option<(Self, &str)> {
        let (date, rest) = stamp::named(text)?;
        let numbers = [date.day() as u16, date.month() as u16, date.year() as u16];
        let week = Week::default();
        Some((Self { numbers, digits: [2, 4], separator: NAMED, arabic: false, week }, rest))
    }

    /// The same date, with the day of the week that a word before it names.
    #[must_use]
    pub(in crate::import) fn on(self, word: &str) -> Self {
        let week = Week::of(word);
        if week.names() { Self { week, ..self } } else { self }
    }

    /// Whether a year of four digits stands first.
    pub(in crate::import) fn year_first(self) -> bool {
        self.digits[0] == 4
    }

    fn date(self, order: crate::import::DateOrder) -> Option<Date> {
        use crate::import::DateOrder::{DayFirst, MonthFirst, YearFirst};
        let [a, b, c] = self.numbers;
        let (year, digits, month, day) = match order {
            DayFirst => (c, self.digits[1], b, a),
            MonthFirst => (c, self.digits[1], a, b),
            YearFirst => (a, self.digits[0], b, c),
        };
        if digits == 4 && !self.arabic && calendar::PERSIAN.contains(&year) {
            return calendar::persian(year, month, day);
        }
        let year = full_year(year, digits)?;
        Date::new(year, month as i8, day.min(99) as i8).ok().filter(|_| month < 99 && day < 99)
    }
}

/// Returns the year that is meant: of this century, or of the Thai calendar.
fn full_year(year: u16, digits: u8) -> Option<i16> {
    let year = match (year, digits) {
        (0..=69, 1 | 2) => year + 2000,
        (70..=99, 2) => year + 1900,
        (2400..=2700, 4) => year - 543,
        (1900..=2399, 4) => year,
        _ => return None,
    };
    Some(year as i16)
}

/// Returns a number of at most four digits of any script, its length, and what follows.
fn number(text: &str) -> Option<(u16, u8, &str)> {
    let mut value: u16 = 0;
    let mut count = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let Some(digit) = digit(c) else { break };
        if count == 4 {
            return None;
        }
        value = value * 10 + digit;
        count += 1;
        rest = &rest[c.len_utf8()..];
    }
    (count > 0).then_some((value, count, rest))
}

/// Returns the value of a decimal digit of the scripts in which phones write dates.
fn digit(c: char) -> Option<u16> {
    const ZEROS: [char; 8] =
        ['0', '\u{660}', '\u{6F0}', '\u{966}', '\u{9E6}', '\u{E50}', '\u{1040}', '\u{FF10}'];
    let found = ZEROS.iter().find(|zero| (**zero as u32..**zero as u32 + 10).contains(&(c as u32)));
    found.map(|zero| (c as u32 - *zero as u32) as u16)
}

/// Returns what separates the numbers of a date, marks and spaces around it passed over.
fn separated(text: &str) -> Option<(char, &str)> {
    let text = text.trim_start_matches(is_mark);
    let c = text.chars().next()?;
    let c = match c {
        '月' => '年',
        '월' => '년',
        '/' | '.' | '-' | '年' | '년' => c,
        '\u{2010}' | '\u{2011}' | '\u{2013}' => '-',
        _ => return None,
    };
    let rest = &text[text.chars().next()?.len_utf8()..];
    Some((c, rest.trim_start_matches(|c| is_mark(c) || is_space(c))))
}

/// Whether a character is one of the invisible ones that set the direction of writing.
pub(in crate::import) fn is_mark(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{61C}' | '\u{FEFF}')
}

/// Whether a character is a space, also one that does not break.
pub(in crate::import) fn is_space(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

/// Returns the instant of wall-clock time in the zone of the options, with the text as written.
pub(in crate::import) fn instant(civil: DateTime, written: &str, options: &Options) -> When {
    let zoned = options.time_zone.to_ambiguous_zoned_datetime(civil).compatible();
    let said_at = zoned.ok().and_then(|zoned| Timestamp::from_jiff(zoned.timestamp()));
    When { said_at, text: Some(written.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<([u16; 3], &str)>) {
        let read = Written::read(text);
        assert_eq!(read.map(|(written, rest)| (written.numbers, rest)), expected, "{text}");
    }

    #[test]
    fn reads_numbers_of_any_script() {
        check("04/05/23, 15:12", Some(([4, 5, 23], ", 15:12")));
        check("4.5.2023 klo", Some(([4, 5, 2023], " klo")));
        check("2023. 5. 4. 오후", Some(([2023, 5, 4], " 오후")));
        check("2023年5月4日 下午", Some(([2023, 5, 4], " 下午")));
        check(
            "\u{664}/\u{200F}\u{665}/\u{200F}\u{662}\u{660}\u{662}\u{663}،",
            Some(([4, 5, 2023], "،")),
        );
        check("4/5/23", Some(([4, 5, 23], "")));
        for text in ["", "4/5", "4/5-23", "12345/1/1", "192.168.1.1"[..7].trim(), "a/b/c", "1/2/3"]
        {
            check(text, None);
        }
    }

    #[test]
    fn dates_with_names_and_of_other_calendars() {
        for (text, expected) in [
            ("12 Jan 2023, 10:00", Some("2023-01-12")),
            ("Jan 12, 2023, 10:00", Some("2023-01-12")),
            ("12 de enero de 2023 10:00", Some("2023-01-12")),
            ("01-Jan-20 01:33 AM", Some("2020-01-01")),
            ("31 Feb 2023", None),
        ] {
            let date = Written::read_named(text).and_then(|(w, _)| w.date(DateOrder::DayFirst));
            assert_eq!(date.map(|date| date.to_string()).as_deref(), expected, "{text}");
        }
        for (text, expected) in [
            ("۱۴۰۲/۲/۱۴", Some("2023-05-04")),
            ("1402/12/29", Some("2024-03-19")),
            // The Islamic calendar, which depends on who saw the moon.
            ("١٤٤٤/١٠/١٤", None),
        ] {
            let date = Written::read(text).and_then(|(w, _)| w.date(DateOrder::YearFirst));
            assert_eq!(date.map(|date| date.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn years() {
        for (year, digits, expected) in
            [(23, 2, Some(2023)), (99, 2, Some(1999)), (2566, 4, Some(2023)), (1023, 4, None)]
        {
            assert_eq!(full_year(year, digits), expected, "{year}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = Written::read(&text);
            let _ = clock(&text);
        }
    }
}
