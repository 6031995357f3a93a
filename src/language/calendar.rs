//! The names of the calendar and of numbers, and when its feasts fall.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// The day of a feast, by its name in lower case; of one that is not known here, St Patrick's.
pub(super) fn feast_of(name: &str, year: i16) -> Option<Date> {
    let day = |month, day| Date::new(year, month, day).ok();
    match name.get(..5)? {
        "easte" => easter(year),
        "thank" => day(11, 1)?.nth_weekday_of_month(4, Weekday::Thursday).ok(),
        "hallo" => day(10, 31),
        "hogma" => day(12, 31),
        "boxin" => day(12, 26),
        "valen" => day(2, 14),
        "chris" if name.ends_with("eve") => day(12, 24),
        "chris" => day(12, 25),
        "new y" if name.ends_with("eve") => day(12, 31),
        "new y" => day(1, 1),
        _ => day(3, 17),
    }
}

/// Easter Sunday by the anonymous Gregorian algorithm, in its own letters.
#[expect(clippy::many_single_char_names, reason = "the algorithm is known by them")]
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?).ok()
}

pub(super) fn monday_of(date: Date) -> Date {
    let offset = i32::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(offset.days()).unwrap_or(date)
}

pub(super) fn month_number(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let place = MONTHS.iter().position(|month| word.starts_with(month))?;
    i8::try_from(place + 1).ok()
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    Some(match word.get(..3)? {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

/// Whether a term is the stem of a month's or a weekday's name.
pub fn is_calendar_word(term: &str) -> bool {
    /// Some are names of people too.
    const NAMES: [i8; 3] = [4, 5, 6];
    (term.len() >= 3 && weekday(term).is_some_and(|day| is_cut_of(term, weekday_name(day))))
        || month_number(term).filter(|month| !NAMES.contains(month)).is_some_and(|month| {
            Date::new(2000, month, 1)
                .is_ok_and(|day| is_cut_of(term, &day.strftime("%B").to_string()))
        })
}

/// Whether a word is the beginning of another, but for the last letter, which a stem can change.
fn is_cut_of(term: &str, name: &str) -> bool {
    let term = term.get(..term.len().saturating_sub(1)).unwrap_or_default();
    term.len() >= 2 && name.to_lowercase().starts_with(term)
}

pub(super) fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

const NUMBER_WORDS: [&str; 13] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
];

/// The number that digits or a word stand for; `None` for "a few" and the like.
pub fn number(words: &str) -> Option<i32> {
    match words {
        "a" | "an" => Some(1),
        "a couple" | "a couple of" => Some(2),
        "fifteen" => Some(15),
        "twenty" => Some(20),
        "thirty" => Some(30),
        word => NUMBER_WORDS
            .iter()
            .position(|known| *known == word)
            .and_then(|place| i32::try_from(place).ok())
            .or_else(|| word.parse().ok()),
    }
}

pub(super) fn number_word(count: i32) -> String {
    usize::try_from(count)
        .ok()
        .and_then(|count| NUMBER_WORDS.get(count))
        .map_or_else(|| count.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn easter_falls_on_its_sundays() {
        for (year, day) in
            [(2023, date(2023, 4, 9)), (2024, date(2024, 3, 31)), (2025, date(2025, 4, 20))]
        {
            assert_eq!(easter(year), Some(day));
        }
    }

    #[test]
    fn calendar_words_are_no_names() {
        assert!(is_calendar_word("august") && is_calendar_word("sunday"));
        assert!(!is_calendar_word("april") && !is_calendar_word("marta"));
        assert!(!is_calendar_word("sunris") && !is_calendar_word("decor"));
    }
}
