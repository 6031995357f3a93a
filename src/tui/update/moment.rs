//! Reads spans of time that are typed into the search: `2023-05`, `May 2023`, `last summer`.

use crate::conversation::Timestamp;
use crate::language;
use jiff::civil::{Date, DateTime};
use jiff::{ToSpan, tz::TimeZone};

/// A span of days, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// What it means, in words.
    pub phrase: String,
    first: Date,
    last: Date,
}

impl Moment {
    /// Its first instant, in UTC.
    pub fn begin(&self) -> Option<Timestamp> {
        midnight(self.first)
    }

    /// The first instant after it, in UTC.
    pub fn end(&self) -> Option<Timestamp> {
        midnight(self.last.checked_add(1.day()).ok()?)
    }
}

fn midnight(day: Date) -> Option<Timestamp> {
    let day = DateTime::from(day).to_zoned_datetime(TimeZone::UTC).ok()?;
    Timestamp::from_jiff(day.timestamp())
}

/// What words mean as a span of days, if all of them together mean one. They stand where a time is
/// wanted, so case does not matter.
pub fn read(words: &str, today: Date) -> Option<Moment> {
    let words = words.trim();
    let words = words.strip_prefix("in ").or(words.strip_prefix("on ")).unwrap_or(words);
    let capital = with_capitals(words);
    whole_of_a_date(words)
        .or_else(|| season_of_a_year(words))
        .or_else(|| spoken(&capital, today))
        .or_else(|| alone(&capital, today))
}

/// The same for words among others, where they must not be taken for a time by mistake: "may" is a
/// month only with its capital and behind a word like "in", a bare year may be what is looked for,
/// and nothing was said in the future yet. `led` says whether such a word stands before them.
pub fn read_among_words(words: &str, led: bool, today: Date) -> Option<Moment> {
    const TOO_VAGUE: &[&str] =
        &["few", "several", "some", "couple", "other", "now", "every", "for", "of", "around"];
    let season = season_of_a_year(words);
    let vague = words.split_whitespace().any(|word| TOO_VAGUE.contains(&word));
    let year = words.len() == 4 && whole_of_a_date(words).is_some();
    if (year && !led) || (vague && season.is_none()) {
        return None;
    }
    whole_of_a_date(words)
        .or(season)
        .or_else(|| spoken(words, today))
        .or_else(|| alone(words, today).filter(|_| led))
        .filter(|moment| moment.first <= today)
}

/// `2023`, `2023-05`, `2023-05-08`.
fn whole_of_a_date(text: &str) -> Option<Moment> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = |text: &str| text.parse::<Date>().ok();
    let (first, last, phrase) = match text.len() {
        4 if digits => {
            let first = date(&format!("{text}-01-01"))?;
            (first, first.last_of_year(), text.to_owned())
        }
        7 if digits => {
            let first = date(&format!("{text}-01"))?;
            (first, first.last_of_month(), first.strftime("%B %Y").to_string())
        }
        10 if digits => {
            let day = date(text)?;
            (day, day, language::written(day))
        }
        _ => return None,
    };
    Some(Moment { phrase, first, last })
}

/// `summer 2023`, `the winter of 2021`.
fn season_of_a_year(text: &str) -> Option<Moment> {
    let lower = text.to_ascii_lowercase();
    let mut words = lower.split_whitespace().filter(|word| !matches!(*word, "the" | "of" | "in"));
    let (season, year, None) = (words.next()?, words.next()?, words.next()) else { return None };
    if !matches!(season, "spring" | "summer" | "autumn" | "fall" | "winter") || year.len() != 4 {
        return None;
    }
    spoken(&format!("this {season}"), Date::new(year.parse().ok()?, 6, 15).ok()?)
}

/// A month or a day of the week by its name alone: the last one, since what is looked for was said
/// already.
fn alone(word: &str, today: Date) -> Option<Moment> {
    let a_year_ago = today.checked_sub(1.year()).ok()?;
    [today, a_year_ago].into_iter().find_map(|day| {
        spoken(&format!("in {word}"), day)
            .or_else(|| spoken(&format!("on {word}"), day))
            .filter(|moment| moment.first <= today)
    })
}

/// What is said of a time relative to today, or by its name.
fn spoken(text: &str, today: Date) -> Option<Moment> {
    let [when] = <[_; 1]>::try_from(language::times(text, today)).ok()?;
    let whole = when.range == (0..text.len());
    whole.then_some(Moment { phrase: when.phrase, first: when.first, last: when.last })
}

/// The months and days that are words as well, with their capitals: people type them without.
fn with_capitals(text: &str) -> String {
    let mut text = text.to_owned();
    for word in ["may", "mar", "sat", "sun"] {
        if let Some(at) = text.find(word) {
            let capital = word[..1].to_ascii_uppercase();
            text.replace_range(at..=at, &capital);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn span(words: &str) -> Option<(Date, Date)> {
        read(words, date(2024, 2, 3)).map(|moment| (moment.first, moment.last))
    }

    #[test]
    fn dates_and_words_become_spans() {
        for (words, first, last) in [
            ("2023", date(2023, 1, 1), date(2023, 12, 31)),
            ("2023-05", date(2023, 5, 1), date(2023, 5, 31)),
            ("2023-05-08", date(2023, 5, 8), date(2023, 5, 8)),
            ("May 2023", date(2023, 5, 1), date(2023, 5, 31)),
            ("in may 2023", date(2023, 5, 1), date(2023, 5, 31)),
            ("march", date(2023, 3, 1), date(2023, 3, 31)),
            ("friday", date(2024, 2, 2), date(2024, 2, 2)),
            ("last summer", date(2023, 6, 1), date(2023, 8, 31)),
            ("summer 2021", date(2021, 6, 1), date(2021, 8, 31)),
            ("the winter of 2021", date(2021, 12, 1), date(2022, 2, 28)),
            ("yesterday", date(2024, 2, 2), date(2024, 2, 2)),
            ("8 May 2023", date(2023, 5, 8), date(2023, 5, 8)),
        ] {
            assert_eq!(span(words), Some((first, last)), "{words}");
        }
        for words in ["", "garden", "2023-13", "20230508", "garden in 2023", "2023 2024"] {
            assert_eq!(span(words), None, "{words}");
        }
    }

    #[test]
    fn among_words_only_what_is_surely_a_time_is_one() {
        let read = |words, led| read_among_words(words, led, date(2024, 2, 3)).is_some();
        for words in ["last summer", "May 2023", "today", "the summer of 2021", "2023-05"] {
            assert!(read(words, false), "{words}");
        }
        for words in ["2023", "may", "May", "march", "right now", "a few weeks ago", "tomorrow"] {
            assert!(!read(words, false), "{words}");
        }
        assert!(read("2023", true) && read("May", true) && read("Friday", true));
        assert!(!read("may", true) && !read("the garden", true));
    }
}
