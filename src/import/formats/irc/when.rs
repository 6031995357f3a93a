//! When a line was said: its stamp, together with what the log says of days.

use super::line::{Line, Moment, What, When};
use crate::conversation::Timestamp;
use crate::import::reading::dates::{self, Orders, Written, clock};
use crate::import::{Options, Sink};
use jiff::civil::{Date, DateTime};

/// What a log says of the day: a date, or one in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Day {
    Date(Date),
    Written(Written),
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

fn month(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let at = MONTHS.iter().position(|name| word.starts_with(name))?;
    word.chars().all(char::is_alphabetic).then_some(at as i8 + 1)
}

/// Reads a day in words or numbers: `Thu May  4 2023`, `Thu May  4 15:12:05 2023`, `4 May 2023`,
/// `2023-05-04`, `Thursday, May 4, 2023`.
pub(super) fn day(text: &str) -> Option<Day> {
    let text = text.trim().trim_matches(['-', '=', '*', ' ']);
    let words = || text.split(|c: char| c.is_whitespace() || c == ',');
    let numbers = words().find_map(|word| Some(Written::read(word)?.0));
    if let Some(written) = numbers {
        // The day of the week stands before it or behind it.
        let named = words().find(|word| dates::Week::of(word).names()).unwrap_or_default();
        return Some(Day::Written(written.on(named)));
    }
    let (mut months, mut days, mut year) = (None, None, None);
    for word in text.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty()) {
        let digits = word.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h', '.']);
        match digits.parse::<i16>() {
            Ok(number) if number > 1900 && year.is_none() => year = Some(number),
            Ok(number) if (1..=31).contains(&number) && days.is_none() => days = Some(number as i8),
            Ok(_) => return None,
            Err(_) => months = months.or_else(|| month(word)),
        }
        if text.len() > 60 {
            return None;
        }
    }
    Date::new(year?, months?, days?).ok().map(Day::Date)
}

/// Reads the stamp at the beginning of a line; returns it with what follows.
pub(super) fn stamp(line: &str) -> Option<(When, &str)> {
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some(inside) = line.strip_prefix(open) {
            let (text, rest) = inside.split_once(close)?;
            // A date and a time in brackets of their own.
            if let (Some(date), Some(next)) = (day(text), rest.trim_start().strip_prefix(open)) {
                let (time, after) = next.split_once(close)?;
                let (clock, _) = clock(time)?;
                let moment = match date {
                    Day::Date(date) => Moment::Civil(date.to_datetime(clock.time)),
                    Day::Written(written) => Moment::Written(written, clock.time),
                };
                return Some((When { written: format!("{text} {time}"), moment }, after));
            }
            let (when, after) = moment(text.trim())?;
            return after.trim().is_empty().then_some((when, rest));
        }
    }
    // A bouncer writes seconds since the epoch.
    if let Some(rest) = line.strip_prefix('@') {
        return epoch(rest, 9..=11);
    }
    if let Some(found) = epoch(line, 10..=10) {
        return Some(found);
    }
    let (when, rest) = moment(line)?;
    // A time stands apart from what follows.
    rest.starts_with([' ', '\t']).then_some((when, rest))
}

/// Reads seconds since the epoch, of so many digits, with a space behind.
fn epoch(line: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<(When, &str)> {
    let (seconds, rest) = line.split_once(' ')?;
    let fits = lengths.contains(&seconds.len()) && seconds.bytes().all(|b| b.is_ascii_digit());
    let millis = seconds.parse::<i64>().ok().filter(|_| fits)?.checked_mul(1000)?;
    let moment = Moment::Instant(Timestamp::from_millis(millis)?);
    Some((When { written: seconds.to_owned(), moment }, rest))
}

/// Reads a time with or without a date: `15:12`, `2023-05-04T15:12:05+0000`, `May 04 15:12:05`.
fn moment(text: &str) -> Option<(When, &str)> {
    let done = |moment: Moment, rest: &str| {
        let written = text[..text.len() - rest.len()].trim().to_owned();
        Some((When { written, moment }, text.get(text.len() - rest.len()..)?))
    };
    // With the name of its month a date begins with the day here: `04-May-2023 15:12:05`.
    let named =
        || Written::read_named(text).filter(|_| text.starts_with(|c: char| c.is_ascii_digit()));
    let dated = Written::read(text).or_else(named).and_then(|(written, rest)| {
        let after = rest.strip_prefix(['T', ' ', ',', '_']).unwrap_or(rest);
        // The hour of a date without a year can look like one.
        let (clock, rest) = clock(after.trim_start_matches([' ', ',']))?;
        Some((written, clock, rest))
    });
    if let Some((written, clock, rest)) = dated {
        // An offset makes of it an instant.
        let end = rest.find([' ', '\t', ']', ')']).unwrap_or(rest.len());
        let zone = &rest[..end];
        if zone.starts_with(['Z', '+', '-', '.'])
            && let Some(instant) = exact(&text[..text.len() - rest.len() + end])
        {
            return done(Moment::Instant(instant), &rest[end..]);
        }
        return done(Moment::Written(written, clock.time), rest);
    }
    if let Some((read, rest)) = clock(text)
        && text.starts_with(|c: char| c.is_ascii_digit())
    {
        return done(Moment::Clock(read.time), rest);
    }
    // May 04 15:12:05, 04 May 15:12:05
    let (first, rest) = text.split_once([' ', '-', '/'])?;
    let (second, rest) = rest.trim_start().split_once(' ')?;
    let (word, number) = if first.starts_with(|c: char| c.is_ascii_digit()) {
        (second, first)
    } else {
        (first, second)
    };
    let month = month(word).filter(|_| word.len() == 3)?;
    let number = number.trim_end_matches([',', '.']);
    let day = number.parse::<i8>().ok().filter(|day| (1..=31).contains(day))?;
    let rest = rest.trim_start();
    let (read, rest) = clock(rest)?;
    done(Moment::Yearless(month, day, read.time), rest)
}

/// Reads an instant whose offset may lack its colon.
fn exact(text: &str) -> Option<Timestamp> {
    let text = text.trim().replacen(' ', "T", 1);
    Timestamp::parse(&text).or_else(|| {
        let at = text.rfind(['+', '-']).filter(|at| text.len() - at == 5)?;
        Timestamp::parse(&format!("{}:{}", &text[..at + 3], &text[at + 3..]))
    })
}

/// Returns the date in numbers that a line tells.
pub(super) fn written(line: &Line) -> Option<Written> {
    match (&line.what, &line.time) {
        (What::Day(Some(Day::Written(written))), _) => Some(*written),
        (_, Some(When { moment: Moment::Written(written, _), .. })) => Some(*written),
        _ => None,
    }
}

/// Follows the days of a log.
pub(super) struct Clockwork<'o> {
    options: &'o Options,
    orders: Orders,
    day: Option<Date>,
    last: Option<DateTime>,
}

impl<'o> Clockwork<'o> {
    /// Starts on a log with such dates in numbers: `name` may hold its day.
    pub(super) fn new(
        written: &[Written],
        name: &str,
        options: &'o Options,
        sink: &mut dyn Sink,
    ) -> Self {
        let orders = Orders::decide(written, false, options.date_order, sink);
        Self { options, orders, day: in_name(name), last: None }
    }

    /// Returns when a line was said, and its time as written.
    pub(super) fn instant(&mut self, line: &Line) -> (Option<Timestamp>, Option<String>) {
        if let What::Day(Some(day)) = &line.what {
            self.day = match day {
                Day::Date(date) => Some(*date),
                Day::Written(written) => self.orders.date(*written),
            };
            self.last = None;
        }
        let Some(When { written, moment }) = &line.time else { return (None, None) };
        let civil = match moment {
            Moment::Instant(instant) => return (Some(*instant), None),
            Moment::Civil(civil) => Some(*civil),
            Moment::Written(written, time) => {
                self.orders.date(*written).map(|date| date.to_datetime(*time))
            }
            Moment::Yearless(month, day, time) => {
                let year = self.day.map(Date::year);
                let date = year.and_then(|year| Date::new(year, *month, *day).ok());
                // A log that goes past the end of a year.
                let date = match (date, self.last) {
                    (Some(date), Some(last)) if last.date() > date && last.month() == 12 => {
                        Date::new(date.year() + 1, *month, *day).ok()
                    }
                    (date, _) => date,
                };
                self.day = date.or(self.day);
                date.map(|date| date.to_datetime(*time))
            }
            Moment::Clock(time) => {
                // A clock that goes back by most of a day has gone past midnight.
                if let (Some(last), Some(day)) = (self.last, self.day)
                    && last.date() == day
                    && last.hour() >= 18
                    && time.hour() < 6
                {
                    self.day = day.tomorrow().ok();
                }
                self.day.map(|day| day.to_datetime(*time))
            }
        };
        self.last = civil.or(self.last);
        match civil {
            Some(civil) => {
                let when = dates::instant(civil, written, self.options);
                (when.said_at, when.text)
            }
            None => (None, Some(written.clone())),
        }
    }
}

/// Returns the day that a file's name holds: `#rust_20230504.log`, `2023-05-04.txt`.
fn in_name(name: &str) -> Option<Date> {
    let bytes = name.as_bytes();
    let digits = |from: usize, to: usize| -> Option<i16> {
        let text = name.get(from..to)?;
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
    };
    (0..bytes.len()).find_map(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        if before.is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let year = digits(at, at + 4).filter(|year| (1988..2100).contains(year))?;
        let gap = usize::from(matches!(bytes.get(at + 4), Some(b'-' | b'_' | b'.')));
        let month = digits(at + 4 + gap, at + 6 + gap)?;
        let day = digits(at + 6 + gap * 2, at + 8 + gap * 2)?;
        Date::new(year, month as i8, day as i8).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        for text in [
            "Thu May 04 2023",
            "Thu May  4 15:12:05 2023",
            "Thursday, May 4th, 2023",
            "4 May 2023",
            "Thu, 04 May 2023",
        ] {
            let found = day(&text.replace("15:12:05 ", ""));
            assert_eq!(found, Some(Day::Date(jiff::civil::date(2023, 5, 4))), "{text}");
        }
        assert!(matches!(day("2023-05-04"), Some(Day::Written(_))));
        assert_eq!(day("May the fourth"), None);
        assert_eq!(in_name("#rust_20230504.log"), Some(jiff::civil::date(2023, 5, 4)));
        assert_eq!(in_name("2023-05-04.txt"), Some(jiff::civil::date(2023, 5, 4)));
        assert_eq!(in_name("120230504"), None);
        assert_eq!(in_name("rust.log"), None);
    }

    #[test]
    fn stamps() {
        for (text, rest) in [
            ("[15:12] <a> b", " <a> b"),
            ("15:12 <a> b", " <a> b"),
            ("15:12:05 <a> b", " <a> b"),
            ("(15:12:05) <a> b", " <a> b"),
            ("[2023-05-04 15:12:05] <a> b", " <a> b"),
            ("2023-05-04 15:12:05\ta\tb", "\ta\tb"),
            ("2023-05-04T15:12:05  <a> b", "  <a> b"),
            ("[2023-05-04T15:12:05+0000] <a> b", " <a> b"),
            ("[2023-05-04T15:12:05.123Z] <a> b", " <a> b"),
            ("May 04 15:12:05 <a>\tb", " <a>\tb"),
            ("[Thu May 04 2023] [15:12:05] <a> b", " <a> b"),
            ("@1683213125 <a> b", "<a> b"),
            ("1683213125 <a> b", "<a> b"),
            ("[04-May-2023 15:12:05]  <a> b", "  <a> b"),
        ] {
            assert_eq!(stamp(text).map(|(_, rest)| rest), Some(rest), "{text}");
        }
        for text in ["<a> b", "15:12<a>", "[x] y", "@nick hi", "May be", "4 May"] {
            assert!(stamp(text).is_none(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[\\[(@]?[0-9:TZ+. \\-MayThu]{0,30}[\\])]?\\PC{0,8}") {
            let _ = stamp(&text);
            let _ = day(&text);
            let _ = in_name(&text);
        }
    }
}
