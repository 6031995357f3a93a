//! A date and a time as pages write them for people, in the words of their language:
//! `Jan 1, 2026, 10:00:00 AM CET`, `1. 1. 2026 10:00:00 SEČ`, `2026年1月1日 10:00:00 JST`,
//! `01-Jan-20 01:33 AM`.

use super::{Clock, Orders, Week, Written};
use crate::conversation::Timestamp;
use crate::import::reading::dates;
use crate::import::reading::time::When;
use crate::import::{Options, Sink};
use jiff::civil::{Date, DateTime};

/// A line that is a time and nothing else.
const LONGEST: usize = 64;

/// The beginnings of the months' names, longer ones before those that they begin with.
const MONTHS: [(i8, &[&str]); 14] = [
    (11, &["marras"]),
    (7, &["červenc"]),
    (1, &["jan", "ene", "gen", "sty", "led", "oca", "ian", "tam", "янв", "січ", "ιαν"]),
    (2, &["feb", "fév", "fev", "lut", "úno", "şub", "hel", "фев", "лют", "φεβ"]),
    (3, &["mar", "mär", "mrt", "bře", "maa", "мар", "бер", "μαρ", "μάρ"]),
    (4, &["apr", "avr", "abr", "kwi", "dub", "nis", "huh", "апр", "кві", "απρ"]),
    (
        5,
        &[
            "may", "mai", "mag", "maj", "mei", "máj", "kvě", "tou", "май", "мая", "тра", "μαΐ",
            "μαι",
        ],
    ),
    (6, &["jun", "juin", "giu", "cze", "čvn", "červ", "haz", "kes", "июн", "чер", "ιουν"]),
    (7, &["jul", "juil", "lug", "lip", "čvc", "tem", "hei", "июл", "лип", "ιουλ"]),
    (8, &["aug", "aoû", "ago", "sie", "srp", "ağu", "elo", "авг", "сер", "αυγ"]),
    (9, &["sep", "set", "wrz", "zář", "eyl", "syy", "сен", "вер", "σεπ"]),
    (10, &["oct", "okt", "out", "ott", "paź", "říj", "eki", "lok", "окт", "жов", "οκτ"]),
    (11, &["nov", "lis", "kas", "ноя", "лис", "νοε"]),
    (12, &["dec", "déc", "dez", "des", "dic", "gru", "pro", "ara", "jou", "дек", "гру", "δεκ"]),
];

/// The offsets from UTC, in minutes, that abbreviations of zones stand for. Those that stand for
/// several (CST, IST) are those of the most speakers of the languages that write them.
const ZONES: [(&str, i16); 33] = [
    ("UTC", 0),
    ("GMT", 0),
    ("WET", 0),
    ("BST", 60),
    ("WEST", 60),
    ("CET", 60),
    ("MEZ", 60),
    ("SEČ", 60),
    ("CEST", 120),
    ("MESZ", 120),
    ("SELČ", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("TRT", 180),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("BRT", -180),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
];

/// Words that stand between the parts of a date.
const JOINING: [&str; 8] = ["de", "del", "of", "den", "the", "г", "р", "m"];

/// A time as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::import) struct Stamp {
    day: Day,
    clock: Clock,
    /// Minutes from UTC.
    offset: Option<i16>,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    /// In numbers: which is the month is decided over the page.
    Numbers(Written),
    /// With the month's name.
    Named(Date),
}

impl Stamp {
    /// Reads a line that is a time and nothing else.
    pub(in crate::import) fn read(line: &str) -> Option<Self> {
        let line = line.trim_matches(|c| dates::is_space(c) || dates::is_mark(c));
        if line.chars().count() > LONGEST || !line.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        // The day of the week can stand before numbers.
        let after = line.split_once([',', ' ']).filter(|(word, _)| Week::of(word).names());
        let (word, numbers) = after.map_or(("", line), |(word, rest)| {
            (word, rest.trim_start_matches(|c: char| c == ',' || dates::is_space(c)))
        });
        let (day, rest) = if let Some((written, rest)) = Written::read(numbers) {
            (Day::Numbers(written.on(word)), after_week(rest))
        } else {
            let (date, rest) = named(line)?;
            (Day::Named(date), rest)
        };
        let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let (clock, rest) = clock_in(rest)?;
        let offset = zone(rest.trim())?;
        Some(Self { day, clock, offset: offset.minutes, text: line.to_owned() })
    }

    /// The wall-clock time.
    pub(in crate::import) fn civil(&self, orders: &Orders) -> Option<DateTime> {
        let date = match self.day {
            Day::Named(date) => Some(date),
            Day::Numbers(written) => orders.date(written),
        };
        Some(DateTime::from_parts(date?, self.clock.time))
    }

    /// Returns the instant; without a zone it counts in that of the options.
    pub(in crate::import) fn instant(&self, orders: &Orders, options: &Options) -> When {
        let Some(civil) = self.civil(orders) else {
            return When { said_at: None, text: Some(self.text.clone()) };
        };
        match self.offset {
            None => dates::instant(civil, &self.text, options),
            Some(minutes) => {
                let offset = jiff::tz::Offset::from_seconds(i32::from(minutes) * 60).ok();
                let instant = offset.and_then(|offset| offset.to_timestamp(civil).ok());
                let said_at = instant.and_then(Timestamp::from_jiff);
                When { said_at, text: Some(self.text.clone()) }
            }
        }
    }
}

/// Returns what follows the day of the week that can stand behind a date: `(Wed)`.
fn after_week(text: &str) -> &str {
    if !Week::first_of(text).names() {
        return text;
    }
    let word = text.trim_start_matches(|c: char| !c.is_alphabetic());
    word.find(|c: char| !c.is_alphabetic()).map_or("", |end| &word[end..])
}

/// Decides the order of day and month over times in the order in which they were.
pub(in crate::import) fn orders<'s>(
    stamps: impl Iterator<Item = &'s Stamp>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Orders {
    let (mut numbers, mut halves) = (Vec::new(), false);
    for stamp in stamps {
        halves |= stamp.clock.halves;
        if let Day::Numbers(written) = stamp.day {
            numbers.push(written);
        }
    }
    Orders::decide(&numbers, halves, options.date_order, sink)
}

/// Reads a date with the name of its month: the day and the year are the numbers around it.
pub(super) fn named(line: &str) -> Option<(Date, &str)> {
    let (mut day, mut month, mut year) = (None, None, None);
    let mut at = 0;
    while at < line.len() {
        let rest = &line[at..];
        let c = rest.chars().next()?;
        let length = if c.is_ascii_digit() {
            let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            match (length, rest[..length].parse::<i16>().ok()?) {
                (4, number) => year = Some(number),
                (1 | 2, number) if day.is_none() => day = Some(number as i8),
                // A year of two digits is the last of the three.
                (2, number) if month.is_some() => year = Some(2000 + number),
                _ => return None,
            }
            length
        } else if c.is_alphabetic() {
            let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            let word = rest[..length].to_lowercase();
            let is_month = |names: &[&str]| names.iter().any(|name| word.starts_with(name));
            let found = MONTHS.iter().find(|(_, names)| is_month(names));
            match found.filter(|_| month.is_none()) {
                Some((number, _)) => month = Some(*number),
                None if JOINING.contains(&word.as_str()) => {}
                None => return None,
            }
            length
        } else {
            c.len_utf8()
        };
        at += length;
        if let (Some(day), Some(month), Some(year)) = (day, month, year) {
            return Some((Date::new(year, month, day).ok()?, &line[at..]));
        }
    }
    None
}

/// Reads the time of day in what follows a date: a word such as *at* can stand between them.
fn clock_in(text: &str) -> Option<(Clock, &str)> {
    if let Some(found) = dates::clock(text) {
        return Some(found);
    }
    let first = text.find(|c: char| c.is_ascii_digit()).filter(|first| *first > 0)?;
    (text[..first].chars().count() < 12).then(|| dates::clock(&text[first..]))?
}

/// What stands for a zone.
struct Zone {
    minutes: Option<i16>,
}

/// Reads the zone behind a time: nothing, an abbreviation, or `GMT+2`. Anything else is no zone, and
/// the line no time.
fn zone(text: &str) -> Option<Zone> {
    let text =
        text.trim_matches(|c: char| dates::is_space(c) || dates::is_mark(c) || "()".contains(c));
    if text.is_empty() {
        return Some(Zone { minutes: None });
    }
    if let Some((_, minutes)) = ZONES.iter().find(|(name, _)| *name == text) {
        return Some(Zone { minutes: Some(*minutes) });
    }
    let bare = Some(text).filter(|text| text.starts_with(['+', '-']) && text.contains(':'));
    let rest = text.strip_prefix("GMT").or_else(|| text.strip_prefix("UTC")).or(bare);
    if let Some(rest) = rest.map(|rest| rest.replace('\u{2212}', "-")) {
        let sign = if rest.starts_with('-') { -1 } else { 1 };
        let digits = rest.trim_start_matches(['+', '-']);
        let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
        let minutes = hours.parse::<i16>().ok()?.checked_mul(60)? + minutes.parse::<i16>().ok()?;
        return (minutes <= 14 * 60).then_some(Zone { minutes: Some(sign * minutes) });
    }
    // An abbreviation that is not known: the zone of the options is the best guess.
    let abbreviates = text.chars().count() <= 6 && text.chars().all(char::is_alphabetic);
    abbreviates.then_some(Zone { minutes: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::{Counting, options};

    fn check(line: &str, expected: Option<&str>) {
        let stamp = Stamp::read(line);
        let read = stamp.map(|stamp| {
            let orders = orders([&stamp].into_iter(), &options(), &mut Counting::default());
            stamp.instant(&orders, &options()).said_at.map(|t| t.to_string()).unwrap_or_default()
        });
        assert_eq!(read.as_deref(), expected, "{line}");
    }

    #[test]
    fn many_languages() {
        for line in [
            "Jan 31, 2026, 3:04:05 PM UTC",
            "Jan 31, 2026, 3:04:05\u{202F}PM UTC",
            "31 Jan 2026, 15:04:05 GMT",
            "31.01.2026, 16:04:05 MEZ",
            "31. 1. 2026 16:04:05 SEČ",
            "31 janv. 2026, 16:04:05 CET",
            "31 ene 2026, 12:04:05 GMT-3",
            "31 sty 2026, 16:04:05 CET",
            "2026/01/31 15:04:05",
            "2026年1月31日 15:04:05",
            "31 янв. 2026 г., 18:04:05 MSK",
            "31 de jan. de 2026, 12:04:05 BRT",
            "31 Oca 2026 18:04:05 GMT+03:00",
            "31/01/2026 15:04:05 XYZ",
        ] {
            check(line, Some("2026-01-31T15:04:05Z"));
        }
    }

    #[test]
    fn days_of_the_week_decide() {
        check("Wed, 05/01/2024, 10:00:00 UTC", Some("2024-05-01T10:00:00Z"));
        check("05/01/2024 (Fri) 10:00:00", Some("2024-01-05T10:00:00Z"));
    }

    #[test]
    fn other_lines_are_no_times() {
        for line in [
            "",
            "What happened on Jan 31, 2026?",
            "Jan 31, 2026",
            "10:00:00",
            "In 2026 at 10:00 we met in March, 5 of us",
            "1. 2. 2026 10:00 was a good time to go",
            "99 Jan 2026, 10:00:00 UTC",
        ] {
            check(line, None);
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(line in "[0-9年月日:./, apmJanGMT+\\-é]{0,30}") {
            let _ = Stamp::read(&line);
        }
    }
}
