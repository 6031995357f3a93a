//! The stamp and the name at the beginning of a message.

use crate::import::reading::dates::{self, Written, is_mark, is_space};
use dates::clock;

/// A line that begins a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    /// Date and time as they stand there.
    pub(super) stamp: &'t str,
    pub(super) date: Written,
    pub(super) clock: dates::Clock,
    /// Whether the stamp stands in brackets, as on iOS.
    pub(super) bracket: bool,
    /// Whether nothing stands between it and the name.
    pub(super) bare: bool,
    /// What stands behind the stamp.
    pub(super) rest: &'t str,
    /// Where in `rest` the name ends, where there is one.
    name: Option<usize>,
}

impl<'t> Line<'t> {
    /// Who speaks; `None` for a line of the app.
    pub(super) fn author(&self) -> Option<&'t str> {
        let name = self.rest.get(..self.name?)?;
        // A tilde marks people who are not in the address book.
        let name = name.trim_matches(|c| is_mark(c) || c.is_whitespace());
        Some(
            name.strip_prefix('~')
                .unwrap_or(name)
                .trim_matches(|c| is_mark(c) || c.is_whitespace()),
        )
        .filter(|name| !name.is_empty())
    }

    /// What follows the name.
    pub(super) fn said(&self) -> &'t str {
        let after = self.name.and_then(|at| self.rest.get(at..)).unwrap_or_default();
        let after = after.strip_prefix([':', '：']).unwrap_or(after);
        after.strip_prefix([' ', '\u{A0}']).unwrap_or(after)
    }
}

/// Reads a line that begins with a stamp: `4/5/23, 15:12 - `, `[04.05.23, 15:12:05] `,
/// `04/05/12 15:12:05: `, with the marks that phones put in.
pub(super) fn read(line: &str) -> Option<Line<'_>> {
    read_as(line, false)
}

/// The same; in a file whose stamps have nothing behind them, `loose`, a line of the app has no name.
pub(super) fn read_as(line: &str, loose: bool) -> Option<Line<'_>> {
    let line = line.trim_start_matches(|c| is_mark(c) || is_space(c));
    let (bracket, inside) = match line.strip_prefix('[') {
        Some(inside) => (true, inside.trim_start_matches(|c| is_mark(c) || is_space(c))),
        None => (false, line),
    };
    let (date, clock, after) = date_and_clock(inside).or_else(|| {
        let (word, rest) = after_weekday(inside)?;
        let (date, clock, rest) = date_and_clock(rest)?;
        Some((date.on(word), clock, rest))
    })?;
    let stamp = inside.get(..inside.len() - after.len())?;
    let mut bare = false;
    let gap = after_word(after.trim_start_matches(|c| is_mark(c) || is_space(c)));
    let rest = if bracket {
        let rest = gap.strip_prefix(']')?;
        // Some programs write a dash as well.
        let rest = rest.trim_start_matches(|c| is_mark(c) || is_space(c));
        rest.strip_prefix("- ").unwrap_or(rest)
    } else if let Some(rest) = gap.strip_prefix(['-', '–', '—']) {
        rest.strip_prefix(is_space).or_else(|| rest.is_empty().then_some(rest))?
    } else if let Some(rest) = gap.strip_prefix(": ") {
        rest
    } else {
        // Some exports of 2018 have nothing between; what was said can stand on the next line.
        bare = true;
        if gap.len() == after.len() || date.year_first() {
            return None;
        }
        if loose { gap } else { named(gap)? }
    };
    Some(Line { stamp, date, clock, bracket, bare, rest, name: name_end(rest) })
}

/// Returns a text that begins with somebody's name and a colon: not one of a program's log, whose lines
/// begin alike.
fn named(text: &str) -> Option<&str> {
    const LONGEST: usize = 40;
    let (name, said) = text.split_once(':')?;
    let person = name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '+' | '~'))
        && !name.contains(['[', ']', '|', '=', '<', '>', '"', '/', '\\', '_'])
        && name.chars().count() <= LONGEST
        && (said.is_empty() || said.starts_with(' '));
    let level = name.len() > 3 && name.bytes().all(|b| b.is_ascii_uppercase());
    (person && !level).then_some(text)
}

/// Returns what follows a short word behind the time, as Bulgarian and German have one.
fn after_word(text: &str) -> &str {
    let (word, rest) = text.split_once(is_space).unwrap_or((text, ""));
    let ends = rest.starts_with(['-', '–']) || word.ends_with(']');
    let short = word.chars().count() <= 4 && word.starts_with(|c: char| c.is_alphabetic());
    if short && ends && !word.contains(']') { rest } else { text }
}

/// Returns what follows the day of the week, which Element writes before the date: `Fri, `.
fn after_weekday(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 14;
    let (word, rest) = text.split_once(',')?;
    let fits =
        word.chars().count() <= LONGEST && word.chars().all(|c| c.is_alphabetic() || c == '.');
    (fits && !word.is_empty()).then(|| (word, rest.trim_start_matches(blank)))
}

fn blank(c: char) -> bool {
    is_mark(c) || is_space(c) || matches!(c, ',' | '،' | '、')
}

/// Reads a date and a time with what the languages put between them: a comma, `klo`, `à`, `um`. The
/// time comes first in Vietnamese, and in what is copied out of the web version.
fn date_and_clock(text: &str) -> Option<(Written, dates::Clock, &str)> {
    const LONGEST: usize = 6;
    let Some((date, rest)) = Written::read(text).or_else(|| Written::read_named(text)) else {
        let (clock, rest) = clock(text)?;
        let gap = rest.trim_start_matches(blank);
        let (date, rest) = Written::read(gap).filter(|_| gap.len() < rest.len())?;
        return Some((date, clock, rest));
    };
    let gap = rest.trim_start_matches(blank);
    if gap.len() == rest.len() && !gap.starts_with(|c: char| c.is_alphabetic()) {
        return None;
    }
    if let Some((clock, rest)) = clock(gap) {
        return Some((date, clock, rest));
    }
    let word = gap.chars().take_while(|c| c.is_alphabetic() || *c == '.').count();
    let end = gap.char_indices().nth(word).map(|(at, _)| at)?;
    let (clock, rest) = clock(gap.get(end..)?.trim_start_matches(blank))?;
    (1..=LONGEST).contains(&word).then_some((date, clock, rest))
}

/// Returns the place of a colon that nothing separates from what follows, where that is neither an
/// address nor a time.
fn tight_colon(rest: &str) -> Option<usize> {
    const LONGEST: usize = 30;
    let (name, said) = rest.split_once(':')?;
    let other = said.starts_with(|c: char| c == '/' || c.is_numeric());
    (!other && name.chars().count() <= LONGEST).then_some(name.len())
}

/// Returns where a name ends: before the first colon with a space behind it, or the first one at
/// all. What is too long or quoted is no name.
fn name_end(rest: &str) -> Option<usize> {
    const LONGEST: usize = 80;
    let spaced = rest.char_indices().zip(rest.chars().skip(1).map(Some).chain([None]));
    let end = spaced
        .filter(|((_, c), _)| matches!(c, ':' | '：'))
        .find(|(_, next)| next.is_none_or(char::is_whitespace))
        .map(|((at, _), _)| at)
        .or_else(|| tight_colon(rest))?;
    let name = rest.get(..end)?;
    let blank = name.chars().all(|c| is_mark(c) || c.is_whitespace());
    let quoted = name.contains(['"', '“', '”', '„', '«', '»']);
    let tag = name.trim_start_matches(is_mark).starts_with(['<', '*']);
    (!blank && !quoted && !tag && name.chars().count() <= LONGEST).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(Option<&str>, &str)>) {
        let read = read(text);
        let read = read.as_ref().map(|line| {
            (line.author(), if line.author().is_some() { line.said() } else { line.rest })
        });
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn stamps_of_many_phones() {
        for stamp in [
            "04/05/23, 15:12 - ",
            "4/5/23, 3:12 PM - ",
            "4/5/23, 3:12\u{202F}PM - ",
            "4.5.2023 klo 15.12 - ",
            "04/05/2023 à 15:12 - ",
            "04.05.23, 15:12 – ",
            "2023-05-04 15:12 - ",
            "2023/05/04 下午3:12 - ",
            "2023年5月4日 下午3:12 - ",
            "2023. 5. 4. 오후 3:12 - ",
            "04-05-2023 15:12 - ",
            "\u{200F}4/5/2023، 3:12 م - ",
            "[04.05.23, 15:12:05] ",
            "\u{200E}[4/5/23, 3:12:05 PM] ",
            "[4/5/23, 3:12:05 p.\u{A0}m.] ",
            "[04/05/23 15:12] ",
            "[2023-05-04, 15:12:05] ",
            "04/05/12 15:12:05: ",
            "4/5/12 3:12:05 PM: ",
            "4/5/2566 15:12 - ",
            "Fri, May 4, 2023, 15:12:05 - ",
            "Fr., 4. Mai 2023, 15:12:05 - ",
            "5-4-2023 at 3:12:05 PM - ",
            "04.05.23 г., 15:12 ч. - ",
            "4. 5. 2023 15:12 - ",
            "04.05.2023. 15:12 - ",
            "15:12, 04/05/2023 - ",
            "[15:12, 04/05/2023] ",
            "[3:12 PM, 5/4/2023] ",
            "4 May 2023, 15:12 - ",
            "May 4, 2023, 3:12 PM - ",
            "4 de mayo de 2023, 15:12 - ",
            "[4. Mai 2023, 15:12:05] ",
            "۱۴۰۲/۲/۱۴، ۱۵:۱۲ - ",
            "2023-05-04 15 h 12 - ",
            "[2023-05-04, 15\u{A0}h\u{A0}12\u{A0}min\u{A0}05\u{A0}s] ",
        ] {
            check(&format!("{stamp}Ada: hi: there"), Some((Some("Ada"), "hi: there")));
            check(&format!("{stamp}Ada left"), Some((None, "Ada left")));
        }
    }

    #[test]
    fn names_alone() {
        check("02-12-18 22:55:45 Ada B:", Some((Some("Ada B"), "")));
        check("02-12-18 22:55:45 Ada: ", Some((Some("Ada"), "")));
        check("02-12-18 22:55:45 Ada: hi", Some((Some("Ada"), "hi")));
        for other in [
            "2018-12-02 22:55:45 Ada: hi",
            "02-12-18 22:55:45 WARN: hi",
            "02-12-18 22:55:45 [x]:",
            "02-12-18 22:55:45:",
            "02-12-18 22:55:45 Ada left",
        ] {
            check(other, None);
        }
        let told = read_as("02-12-18 22:55:45 Ada left", true);
        assert_eq!(told.map(|line| (line.author(), line.rest)), Some((None, "Ada left")));
    }

    #[test]
    fn names() {
        check("[4/5/23, 3:12:05 PM] ~\u{A0}Ada B.: hi", Some((Some("Ada B."), "hi")));
        check("4/5/23, 15:12 - +44 20 7946 0000: hi", Some((Some("+44 20 7946 0000"), "hi")));
        check("4/5/23, 15:12 - Ada:.", Some((Some("Ada"), ".")));
        check("4/5/23, 15:12 - Ada: ", Some((Some("Ada"), "")));
        check("4/5/23, 15:12 - Ada:", Some((Some("Ada"), "")));
        check(
            "4/5/23, 15:12 - Ada changed the subject to \"Trip: 2023\"",
            Some((None, "Ada changed the subject to \"Trip: 2023\"")),
        );
        for told in ["You joined by https://x.example", "Ada set the timer to 12:30"] {
            check(&format!("4/5/23, 15:12 - {told}"), Some((None, told)));
        }
    }

    #[test]
    fn other_lines() {
        for text in [
            "hello",
            "4/5/23 was fine",
            "On 4/5/23, 15:12 - Ada: hi",
            "[15:12] <ada> hi",
            "4/5/23, 15:12-16:00: meeting",
            "1.2.3.4 - 10:00",
            "",
        ] {
            check(text, None);
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\[?[0-9/., :\u{200E}年下午apm\\]-]{0,40}\\PC{0,12}") {
            if let Some(line) = read(&text) {
                let _ = (line.author(), line.said());
            }
        }
    }
}
