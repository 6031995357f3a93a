//! Expressions of time in a text, and what they mean on the day they were said.
//!
//! "Yesterday" said on 8 May 2023 is 7 May 2023, and "last Friday" is Friday, 5 May 2023. "Last week"
//! is the week before 8 May 2023: the text supports nothing finer.

mod tense;

use super::calendar::{
    feast_of, monday_of, month_number, number, number_word, weekday, weekday_name,
};
use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use regex::{Captures, Regex, RegexSet};
use std::ops::Range;
use std::sync::LazyLock;

/// An expression of time, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
    /// What it means, in words, in the granularity that the text supports.
    pub phrase: String,
    /// The first day that it can mean.
    pub first: Date,
    /// The last day that it can mean.
    pub last: Date,
    /// Whether the text names a date by itself, needing no day on which it was said.
    pub absolute: bool,
}

/// A day as people write it: `7 May 2023`.
pub fn written(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// Every expression of time in a text that was said on `said`, in the order in which they stand;
/// none within another.
pub fn times(text: &str, said: Date) -> Vec<When> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<When> = Vec::new();
    for (range, meaning) in meanings(text, &lower, said) {
        let taken =
            found.iter().any(|one| one.range.start < range.end && range.start < one.range.end);
        if !taken {
            found.push(When {
                range,
                phrase: meaning.phrase,
                first: meaning.first,
                last: meaning.last,
                absolute: meaning.absolute,
            });
        }
    }
    found.sort_by_key(|one| one.range.start);
    found
}

/// Whether [`times`] would find any, without looking for all of them.
pub fn has_time(text: &str, said: Date) -> bool {
    meanings(text, &text.to_ascii_lowercase(), said).next().is_some()
}

/// What each pattern finds and what that means, in the order of the patterns; some within others.
/// `lower` is `text` in ASCII's lower case, in which every byte stays where it stands.
fn meanings<'t>(
    text: &'t str,
    lower: &'t str,
    said: Date,
) -> impl Iterator<Item = (Range<usize>, Meaning)> {
    let patterns = &*PATTERNS;
    let holding = patterns.rough.as_ref().map(|rough| rough.matches(lower));
    let tried =
        patterns.exact.iter().enumerate().filter(move |(place, _)| {
            holding.as_ref().is_none_or(|holding| holding.matched(*place))
        });
    tried.flat_map(move |(_, (pattern, resolve))| {
        pattern.captures_iter(lower).filter_map(move |captures| {
            Some((captures.get(0)?.range(), resolve(&captures, said, text)?))
        })
    })
}

struct Meaning {
    phrase: String,
    first: Date,
    last: Date,
    absolute: bool,
}

type Resolve = fn(&Captures<'_>, Date, &str) -> Option<Meaning>;

const MONTH: &str = "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec";
const WEEKDAY: &str = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues|tue|wed|thurs|thur|thu|fri|sat|sun";
const NUMBER: &str = r"\d{1,3}|a few|a couple of|a couple|several|some|an|a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty";
const FEAST: &str = "christmas eve|christmas day|boxing day|new year['’]?s eve|hogmanay|new year['’]?s day|valentine['’]?s day|halloween|st\\.? patrick['’]?s day";
const SEASON: &str = "spring|summer|fall|autumn|winter";

struct Patterns {
    /// In the order in which they are tried: the more exact one takes the place.
    exact: Vec<(Regex, Resolve)>,
    /// The same without `\b`, all at once: whatever holds a pattern holds its rough form. Most
    /// texts hold none, and this one pass tells so without trying them one by one. (With `\b`, a
    /// text beyond ASCII would be read by the slowest engine of the library.)
    rough: Option<RegexSet>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let patterns: [(String, Resolve); 24] = [
        (r"\b(\d{4})-(\d{2})-(\d{2})\b".to_owned(), iso_date),
        // A weekday beside its date is one day, not two.
        (
            format!(
                r"\b({WEEKDAY})\b\.?,? (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?(?: of)?,? ({MONTH})\b\.?(?:,? (\d{{4}}))?"
            ),
            weekday_day_month,
        ),
        (
            format!(
                r"\b({WEEKDAY})\b\.?,? ({MONTH})\b\.? (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}})\b)?"
            ),
            weekday_month_day,
        ),
        (
            format!(r"\b({WEEKDAY})\b\.?,? (?:the )?(\d{{1,2}})(?:st|nd|rd|th)\b"),
            weekday_day_of_month,
        ),
        (
            format!(r"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)?,? ({MONTH})\b\.?(?:,? (\d{{4}}))?"),
            day_month,
        ),
        (format!(r"\b({MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}})\b)?"), month_day),
        (format!(r"\b({MONTH})\b\.?,? (?:of )?(\d{{4}})\b"), month_year),
        (r"\bthe day before yesterday\b".to_owned(), |_, said, _| day(said, -2)),
        (r"\bthe day after tomorrow\b".to_owned(), |_, said, _| day(said, 2)),
        (r"\b(yesterday|last night|last evening)\b".to_owned(), |_, said, _| day(said, -1)),
        (
            r"\b(today|tonight|this morning|this afternoon|this evening|right now|just now)\b"
                .to_owned(),
            |_, said, _| day(said, 0),
        ),
        (r"\b(tomorrow)\b".to_owned(), |_, said, _| day(said, 1)),
        (
            format!(
                r"\b({NUMBER}) (day|week|weekend|month|year|decade)s? (?:ago|back|earlier|before)\b"
            ),
            ago,
        ),
        (format!(r"\bin (?:about )?({NUMBER}) (day|week|month|year)s?\b"), ahead),
        (format!(r"\b(?:(last|this|next) )?({FEAST})\b"), feast),
        (
            format!(
                r"\b(?:the )?(earlier this|later this|last|past|previous|this past|this|next|coming|upcoming) (day|week|weekend|month|year|{SEASON}|{MONTH}|{WEEKDAY}|christmas|halloween|thanksgiving|easter)\b"
            ),
            named,
        ),
        (r"\bthe other day\b".to_owned(), |_, said, _| vague("a few days before", said, 7)),
        (r"\b(?:recently|lately)\b".to_owned(), |_, _, _| None),
        (format!(r"\b(?:in|on|since|during|by|until|around|of|for|every) ({MONTH})\b"), bare_month),
        (
            r"\b(?:in|since|during|by|until|around|of|from|back in) ((?:19|20)\d{2})\b".to_owned(),
            year,
        ),
        (
            r"\b(?:on|by|until|till|since|from|before|after) the (\d{1,2})(?:st|nd|rd|th)\b"
                .to_owned(),
            day_of_month,
        ),
        (format!(r"\b(?:(on|this|since|by|every|each) )?({WEEKDAY})\b"), bare_weekday),
        (
            r"\b(?:at|over|for|before|after|until|by|since) (christmas|easter)\b".to_owned(),
            feast_alone,
        ),
        (r"\b((?:19|20)\d{2})\b".to_owned(), year),
    ];
    let rough: Vec<String> =
        patterns.iter().map(|(pattern, _)| pattern.replace(r"\b", "")).collect();
    let exact = patterns
        .into_iter()
        .filter_map(|(pattern, resolve)| Some((Regex::new(&pattern).ok()?, resolve)))
        .collect();
    Patterns { exact, rough: RegexSet::new(rough).ok() }
});

fn exact(day: Date, absolute: bool) -> Meaning {
    Meaning { phrase: written(day), first: day, last: day, absolute }
}

fn day(said: Date, offset: i32) -> Option<Meaning> {
    Some(exact(said.checked_add(offset.days()).ok()?, false))
}

fn vague(words: &str, said: Date, days: i32) -> Option<Meaning> {
    Some(Meaning {
        phrase: format!("{words} {}", written(said)),
        first: said.checked_sub(days.days()).ok()?,
        last: said,
        absolute: false,
    })
}

fn iso_date(captures: &Captures<'_>, _: Date, _: &str) -> Option<Meaning> {
    let part = |i: usize| captures.get(i)?.as_str().parse::<i16>().ok();
    let date = Date::new(part(1)?, part(2)?.try_into().ok()?, part(3)?.try_into().ok()?).ok()?;
    Some(exact(date, true))
}

fn day_month(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    let day = captures.get(1)?.as_str().parse().ok()?;
    let month = month_number(captures.get(2)?.as_str())?;
    let ahead = looks_ahead(captures, text);
    dated(day, month, captures.get(3).and_then(|y| y.as_str().parse().ok()), said, ahead)
}

fn month_day(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    capital_month(captures, 1, text)?;
    let month = month_number(captures.get(1)?.as_str())?;
    let day = captures.get(2)?.as_str().parse().ok()?;
    let ahead = looks_ahead(captures, text);
    dated(day, month, captures.get(3).and_then(|y| y.as_str().parse().ok()), said, ahead)
}

/// A day and month; without a year, the nearest to the day on which it was said, rather one after
/// it where plans are told.
fn dated(day: i8, month: i8, year: Option<i16>, said: Date, ahead: bool) -> Option<Meaning> {
    let date = match year {
        Some(year) => Date::new(year, month, day).ok()?,
        None => nearest_year(said, ahead, |year| Date::new(year, month, day).ok())?,
    };
    Some(exact(date, year.is_some()))
}

fn nearest_year(said: Date, ahead: bool, make: impl Fn(i16) -> Option<Date>) -> Option<Date> {
    let years = [said.year() - 1, said.year(), said.year() + 1];
    nearest(said, ahead, years.into_iter().filter_map(make))
}

/// The nearest of several days to the one on which they were said, rather one after it where plans
/// are told.
fn nearest(said: Date, ahead: bool, days: impl Iterator<Item = Date>) -> Option<Date> {
    /// So much further away is the past where plans are told: "I booked it on 3 May" tells one too.
    const PAST: i32 = 4;
    days.min_by_key(|date| match days_between(said, *date) {
        past @ ..0 if ahead => past.saturating_mul(-PAST),
        days => days.abs(),
    })
}

fn weekday_day_month(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    let day = captures.get(2)?.as_str().parse().ok()?;
    let month = month_number(captures.get(3)?.as_str())?;
    dated_on(captures, day, month, said, text)
}

fn weekday_month_day(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    let month = month_number(captures.get(2)?.as_str())?;
    let day = captures.get(3)?.as_str().parse().ok()?;
    dated_on(captures, day, month, said, text)
}

/// A day and month that fall on a weekday. Without a year, it is the nearest one in which they do;
/// where that is in none of the next few, the weekday is a slip and the date counts.
fn dated_on(
    captures: &Captures<'_>,
    day: i8,
    month: i8,
    said: Date,
    text: &str,
) -> Option<Meaning> {
    /// How many years away a date without a year can be.
    const YEARS: i16 = 3;
    let weekday = weekday(captures.get(1)?.as_str())?;
    let year: Option<i16> = captures.get(4).and_then(|year| year.as_str().parse().ok());
    let ahead = looks_ahead(captures, text);
    let fitting = (said.year() - YEARS..=said.year() + YEARS)
        .filter_map(|year| Date::new(year, month, day).ok())
        .filter(|date| date.weekday() == weekday);
    match year.or_else(|| nearest(said, ahead, fitting).map(Date::year)) {
        Some(found) => Some(on_weekday(Date::new(found, month, day).ok()?, year.is_some())),
        None => dated(day, month, None, said, ahead),
    }
}

/// "Thursday the 10th": the nearest 10th that is a Thursday.
fn weekday_day_of_month(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    /// A day of the month falls on each weekday at least once in so many months.
    const MONTHS: i32 = 12;
    let weekday = weekday(captures.get(1)?.as_str())?;
    let day: i8 = captures.get(2)?.as_str().parse().ok()?;
    let first = said.first_of_month();
    let months = (-MONTHS..=MONTHS).filter_map(|months| first.checked_add(months.months()).ok());
    let days = months
        .filter_map(|month| Date::new(month.year(), month.month(), day).ok())
        .filter(|date| date.weekday() == weekday);
    Some(on_weekday(nearest(said, looks_ahead(captures, text), days)?, false))
}

/// A day whose weekday was said: people look for it in the answer.
fn on_weekday(day: Date, absolute: bool) -> Meaning {
    Meaning {
        phrase: format!("{}, {}", weekday_name(day.weekday()), written(day)),
        first: day,
        last: day,
        absolute,
    }
}

/// Whether an expression is told of as lying ahead: by words of planning or obligation, or by a
/// verb in the present where there is none in the past. Looks at its clause only: "we met on
/// Monday, and the dentist is on Friday".
fn looks_ahead(captures: &Captures<'_>, text: &str) -> bool {
    let Some(found) = captures.get(0) else { return false };
    let (Some(before), Some(after)) = (text.get(..found.start()), text.get(found.end()..)) else {
        return false;
    };
    tense::is_ahead(before, after)
}

fn days_between(from: Date, until: Date) -> i32 {
    from.until(until).map_or(i32::MAX, |span| span.get_days())
}

fn month_year(captures: &Captures<'_>, _: Date, _: &str) -> Option<Meaning> {
    let month = month_number(captures.get(1)?.as_str())?;
    let year = captures.get(2)?.as_str().parse().ok()?;
    Some(whole_month(Date::new(year, month, 1).ok()?, true))
}

fn whole_month(in_it: Date, absolute: bool) -> Meaning {
    Meaning {
        phrase: in_it.strftime("%B %Y").to_string(),
        first: in_it.first_of_month(),
        last: in_it.last_of_month(),
        absolute,
    }
}

fn whole_year(year: i16, absolute: bool) -> Option<Meaning> {
    Some(Meaning {
        phrase: year.to_string(),
        first: Date::new(year, 1, 1).ok()?,
        last: Date::new(year, 12, 31).ok()?,
        absolute,
    })
}

fn bare_month(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    capital_month(captures, 1, text)?;
    let month = month_number(captures.get(1)?.as_str())?;
    let ahead = looks_ahead(captures, text);
    let date = nearest_year(said, ahead, |year| Date::new(year, month, 15).ok())?;
    Some(whole_month(date, false))
}

/// "may" and "march" are months only with a capital.
fn capital_month(captures: &Captures<'_>, group: usize, text: &str) -> Option<()> {
    let found = captures.get(group)?;
    let as_written = text.get(found.range())?;
    let ambiguous = matches!(found.as_str(), "may" | "march" | "mar" | "sat" | "sun");
    (!ambiguous || as_written.starts_with(char::is_uppercase)).then_some(())
}

fn year(captures: &Captures<'_>, _: Date, _: &str) -> Option<Meaning> {
    whole_year(captures.get(1)?.as_str().parse().ok()?, true)
}

fn bare_weekday(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    capital_month(captures, 2, text)?;
    let weekday = weekday(captures.get(2)?.as_str())?;
    // What follows tells only so much: people tell of the past more often than of plans, and say
    // "this" or "next" of plans.
    match captures.get(1).map(|before| before.as_str()) {
        // Any of them.
        Some("every" | "each") => None,
        Some("this") => weekday_meaning(said, weekday, 1),
        Some("since") => weekday_meaning(said, weekday, -1),
        // Cut short, it needs something that says it is one: "sun", "wed".
        None if captures.get(2)?.len() < "monday".len() => None,
        _ if looks_ahead(captures, text) => weekday_meaning(said, weekday, 1),
        _ => weekday_meaning(said, weekday, -1),
    }
}

/// "On the 22nd": the nearest one, rather one that comes where plans are told.
fn day_of_month(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    let day: i8 = captures.get(1)?.as_str().parse().ok()?;
    let ahead = looks_ahead(captures, text);
    let first = said.first_of_month();
    let months = (-1..=1).filter_map(|months: i32| first.checked_add(months.months()).ok());
    let days = months.filter_map(|month| Date::new(month.year(), month.month(), day).ok());
    Some(exact(nearest(said, ahead, days)?, false))
}

fn weekday_meaning(said: Date, weekday: Weekday, direction: i32) -> Option<Meaning> {
    Some(on_weekday(said.nth_weekday(direction, weekday).ok()?, false))
}

fn ago(captures: &Captures<'_>, said: Date, _: &str) -> Option<Meaning> {
    shifted(captures, said, -1)
}

fn ahead(captures: &Captures<'_>, said: Date, _: &str) -> Option<Meaning> {
    shifted(captures, said, 1)
}

fn shifted(captures: &Captures<'_>, said: Date, direction: i32) -> Option<Meaning> {
    let words = captures.get(1)?.as_str();
    let unit = captures.get(2)?.as_str();
    let side = if direction < 0 { "before" } else { "after" };
    let Some(count) = number(words) else {
        // "a few", "several": the text supports no number.
        let words = if words == "some" { "several" } else { words };
        let anchor = match unit {
            "year" | "decade" => said.year().to_string(),
            "month" => said.strftime("%B %Y").to_string(),
            _ => written(said),
        };
        let reach = said.checked_add(span(unit, 6 * direction)?).ok()?;
        return Some(Meaning {
            phrase: format!("{words} {unit}s {side} {anchor}"),
            first: said.min(reach),
            last: said.max(reach),
            absolute: false,
        });
    };
    let date = said.checked_add(span(unit, count * direction)?).ok()?;
    match unit {
        "day" => Some(exact(date, false)),
        "month" => Some(whole_month(date, false)),
        "year" => whole_year(date.year(), false),
        "decade" => whole_year(date.year(), false),
        _ => {
            let words = if count == 1 {
                format!("the {unit} {side}")
            } else {
                format!("{} {unit}s {side}", number_word(count))
            };
            Some(Meaning {
                phrase: format!("{words} {}", written(said)),
                first: monday_of(date),
                last: monday_of(date).checked_add(6.days()).ok()?,
                absolute: false,
            })
        }
    }
}

fn span(unit: &str, count: i32) -> Option<Span> {
    let span = match unit {
        "day" => Span::new().try_days(count),
        "week" | "weekend" => Span::new().try_weeks(count),
        "month" => Span::new().try_months(count),
        "year" => Span::new().try_years(count),
        "decade" => Span::new().try_years(count.checked_mul(10)?),
        _ => return None,
    };
    span.ok()
}

/// "last week", "this summer", "next Friday".
fn named(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    let (which, what) = (captures.get(1)?.as_str(), captures.get(2)?.as_str());
    let direction = match which {
        "last" | "past" | "previous" | "this past" => -1,
        "next" | "coming" | "upcoming" => 1,
        _ => 0,
    };
    match what {
        "day" => day(said, direction),
        "week" => {
            let monday = monday_of(said).checked_add((7 * direction).days()).ok()?;
            let sunday = monday.checked_add(6.days()).ok()?;
            Some(around(direction, "week", said, monday, sunday))
        }
        "weekend" => {
            let saturday = match direction {
                // The weekend before a Sunday is the one before it, not the day itself.
                -1 => said.nth_weekday(-1, Weekday::Saturday).ok().map(|saturday| {
                    if said.weekday() == Weekday::Sunday {
                        saturday.checked_sub(7.days()).unwrap_or(saturday)
                    } else {
                        saturday
                    }
                })?,
                _ => monday_of(said).checked_add((5 + 7 * direction).days()).ok()?,
            };
            let sunday = saturday.checked_add(1.day()).ok()?;
            Some(Meaning {
                phrase: format!("the weekend of {}", written(saturday)),
                first: saturday,
                last: sunday,
                absolute: false,
            })
        }
        "month" => {
            let first = said.first_of_month().checked_add(direction.months()).ok()?;
            Some(whole_month(first, false))
        }
        "year" => whole_year(said.year() + i16::try_from(direction).ok()?, false),
        "spring" | "summer" | "fall" | "autumn" | "winter" => season(what, said, direction),
        "christmas" | "halloween" | "thanksgiving" | "easter" => holiday(what, said, direction),
        _ => {
            if let Some(weekday) = weekday(what) {
                capital_month(captures, 2, text)?;
                return weekday_meaning(said, weekday, if direction < 0 { -1 } else { 1 });
            }
            capital_month(captures, 2, text)?;
            let month = month_number(what)?;
            let mut year = said.year();
            match direction {
                -1 if month >= said.month() => year -= 1,
                1 if month <= said.month() => year += 1,
                _ => {}
            }
            Some(whole_month(Date::new(year, month, 1).ok()?, false))
        }
    }
}

fn around(direction: i32, unit: &str, said: Date, first: Date, last: Date) -> Meaning {
    let side = match direction {
        -1 => "before",
        1 => "after",
        _ => "of",
    };
    let phrase = format!("the {unit} {side} {}", written(said));
    Meaning { phrase, first, last, absolute: false }
}

fn season(name: &str, said: Date, direction: i32) -> Option<Meaning> {
    let first_month = match name {
        "spring" => 3,
        "summer" => 6,
        "fall" | "autumn" => 9,
        _ => 12,
    };
    let mut year = said.year();
    if direction < 0 && said.month() < first_month + 3 {
        year -= 1;
    } else if direction > 0 && said.month() >= first_month {
        year += 1;
    }
    let first = Date::new(year, first_month, 1).ok()?;
    let last = first.checked_add(2.months()).ok()?.last_of_month();
    Some(Meaning { phrase: format!("the {name} of {year}"), first, last, absolute: false })
}

/// "Christmas Eve", "last Halloween": the nearest one, where nothing says which.
fn feast(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    let name = captures.get(2)?.as_str();
    match captures.get(1).map(|which| which.as_str()) {
        Some("last") => holiday(name, said, -1),
        Some("next") => holiday(name, said, 1),
        Some(_) => holiday(name, said, 0),
        None => nearest_feast(name, captures, said, text),
    }
}

/// "At Christmas".
fn feast_alone(captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    nearest_feast(captures.get(1)?.as_str(), captures, said, text)
}

fn nearest_feast(name: &str, captures: &Captures<'_>, said: Date, text: &str) -> Option<Meaning> {
    let ahead = looks_ahead(captures, text);
    Some(exact(nearest_year(said, ahead, |year| feast_of(name, year))?, false))
}

fn holiday(name: &str, said: Date, direction: i32) -> Option<Meaning> {
    let date = |year: i16| feast_of(name, year);
    let this = date(said.year())?;
    let year = match direction {
        -1 if this >= said => said.year() - 1,
        1 if this <= said => said.year() + 1,
        _ => said.year(),
    };
    Some(exact(date(year)?, false))
}

#[cfg(test)]
mod tests;
