//! Reads filters out of what is typed into the search: `speaker:"Ann Lee" since:2023-05 garden
//! last summer`. What is typed stays the only truth: a chip is a part of it that was understood,
//! and to remove a chip is to remove its words.

use super::moment::{Moment, read, read_among_words};
use crate::assistant::SessionQuery;
use crate::conversation::{Role, SessionId, Timestamp, speaker_of, tag_of};
use crate::evidence::{Filter, Query};
use jiff::civil::Date;
use std::ops::Range;

/// The most words that a time takes: `the summer of 2023`.
const LONGEST_TIME: usize = 4;

/// A filter as it was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// What is restricted.
    pub name: &'static str,
    /// To what, or what it may be restricted to where the value is not understood.
    pub value: String,
    /// Where it stands in what is typed, in bytes.
    pub range: Range<usize>,
    /// Whether it was understood; what was not restricts nothing.
    pub understood: bool,
}

/// What is looked for, and the filters that are named.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Looked {
    /// What is looked for.
    pub query: Query,
    /// The filters, in the order in which they stand.
    pub chips: Vec<Chip>,
}

/// The sessions that are looked for, and the filters that are named.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listed {
    /// The sessions that are looked for.
    pub query: SessionQuery,
    /// The filters, in the order in which they stand.
    pub chips: Vec<Chip>,
}

/// Splits what is typed above the list of sessions into words and filters.
pub fn listed(text: &str, now: Timestamp) -> Listed {
    let read = read_filters(text, now);
    let Filter { source, speaker, since, until, .. } = read.filter;
    let (text, tag, pinned) = (read.rest.join(" "), read.tag, read.pinned);
    let query = SessionQuery {
        text,
        source,
        speaker,
        tag,
        since,
        until,
        pinned,
        ..SessionQuery::default()
    };
    let mut chips = read.chips;
    for chip in chips.iter_mut().filter(|chip| matches!(chip.name, "session" | "with" | "role")) {
        chip.understood = false;
        "works only in the search".clone_into(&mut chip.value);
    }
    Listed { query, chips }
}

/// Splits what is typed into the search into words and filters; times are told from `now`.
pub fn parse(text: &str, now: Timestamp) -> Looked {
    let read = read_filters(text, now);
    let mut query = Query::new(read.rest.join(" "));
    query.filter = read.filter;
    query.questions = read.questions;
    let mut chips = read.chips;
    for chip in chips.iter_mut().filter(|chip| matches!(chip.name, "tag" | "is")) {
        chip.understood = false;
        "works only in the list of sessions".clone_into(&mut chip.value);
    }
    Looked { query, chips }
}

/// What was read of a text.
#[derive(Default)]
struct Read<'t> {
    filter: Filter,
    tag: Option<String>,
    pinned: bool,
    questions: bool,
    chips: Vec<Chip>,
    /// The words that are no filter.
    rest: Vec<&'t str>,
}

fn read_filters(text: &str, now: Timestamp) -> Read<'_> {
    let today = now.civil().date();
    let words = words(text);
    let mut looked = Read::default();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let found =
            named(text, &words[at..], today).or_else(|| bare_time(text, &words[at..], today));
        if let Some(found) = found {
            let next = at + found.words;
            found.restrict(&mut looked, word.start..words[next - 1].end);
            at = next;
        } else {
            looked.rest.push(&text[word.clone()]);
            at += 1;
        }
    }
    looked
}

/// What is typed without the last filter in it; `None` where there is none.
pub fn without_last_chip(text: &str, now: Timestamp) -> Option<String> {
    let chip = parse(text, now).chips.pop()?;
    let (before, after) = (&text[..chip.range.start], &text[chip.range.end..]);
    Some(if before.trim().is_empty() {
        after.trim_start().to_owned()
    } else {
        before.to_owned() + after.trim_start()
    })
}

/// What is typed with one more filter; one of the same name gives way.
pub fn with_filter(text: &str, name: &str, value: &str, now: Timestamp) -> String {
    let mut kept = text.to_owned();
    for chip in parse(text, now).chips.iter().rev().filter(|chip| chip.name == name) {
        kept.replace_range(chip.range.clone(), "");
    }
    let kept = kept.trim();
    let quoted =
        if value.contains(char::is_whitespace) { format!("\"{value}\"") } else { value.to_owned() };
    let space = if kept.is_empty() { "" } else { " " };
    format!("{kept}{space}{name}:{quoted} ")
}

/// A filter that begins at the first of some words.
struct Found {
    words: usize,
    name: &'static str,
    value: String,
    restriction: Option<Restriction>,
}

enum Restriction {
    Speaker(String),
    Source(String),
    Role(Role),
    Since(Option<Timestamp>),
    Until(Option<Timestamp>),
    Within(Moment),
    Tag(String),
    Pinned,
    Folded,
    Questions,
    Session(SessionId),
    /// A name without a value yet.
    Unfinished,
}

impl Restriction {
    fn of(name: &str, moment: Moment) -> Self {
        match name {
            "since" => Self::Since(moment.begin()),
            "until" => Self::Until(moment.end()),
            "before" => Self::Until(moment.begin()),
            "after" => Self::Since(moment.end()),
            _ => Self::Within(moment),
        }
    }
}

impl Found {
    fn restrict(self, read: &mut Read<'_>, range: Range<usize>) {
        let filter = &mut read.filter;
        let understood = self.restriction.is_some();
        match self.restriction {
            Some(Restriction::Speaker(speaker)) => filter.speaker = Some(speaker),
            Some(Restriction::Source(source)) => filter.source = Some(source),
            Some(Restriction::Role(role)) => filter.role = Some(role),
            Some(Restriction::Since(since)) => filter.since = since,
            Some(Restriction::Until(until)) => filter.until = until,
            Some(Restriction::Within(moment)) => {
                (filter.since, filter.until) = (moment.begin(), moment.end());
            }
            Some(Restriction::Tag(tag)) => read.tag = Some(tag),
            Some(Restriction::Pinned) => read.pinned = true,
            Some(Restriction::Folded) => filter.folded = true,
            Some(Restriction::Questions) => read.questions = true,
            Some(Restriction::Session(session)) => filter.session = Some(session),
            Some(Restriction::Unfinished) => return,
            None => {}
        }
        read.chips.push(Chip { name: self.name, value: self.value, range, understood });
    }
}

/// The words of a text as ranges; what stands in quotes is not cut.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        if c == '"' {
            quoted = !quoted;
        }
        match (c.is_whitespace() && !quoted, start) {
            (true, Some(from)) => {
                words.push(from..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    words.extend(start.map(|from| from..text.len()));
    words
}

/// A filter by its name: `speaker:ann`, `since:last summer`.
fn named(text: &str, words: &[Range<usize>], today: Date) -> Option<Found> {
    let first = words.first()?;
    let (name, value) = text[first.clone()].split_once(':')?;
    let name = match name.to_ascii_lowercase().as_str() {
        "speaker" | "who" | "by" => "speaker",
        "source" => "source",
        "role" => "role",
        "since" | "from" => "since",
        "until" => "until",
        "before" => "before",
        "after" => "after",
        "when" | "in" | "said" => "said",
        "tag" => "tag",
        "is" => "is",
        "with" => "with",
        "session" => "session",
        _ => return None,
    };
    let plain = value.trim_matches('"');
    let found = |restriction, value: String| Found { words: 1, name, value, restriction };
    if plain.trim().is_empty() {
        return Some(found(Some(Restriction::Unfinished), String::new()));
    }
    Some(match name {
        "speaker" => {
            found(Some(Restriction::Speaker(speaker_of(plain).into_owned())), plain.to_owned())
        }
        "source" => found(Some(Restriction::Source(plain.to_lowercase())), plain.to_lowercase()),
        "role" => match Role::parse(&plain.to_lowercase()) {
            Some(role) => found(Some(Restriction::Role(role)), role.as_str().to_owned()),
            None => found(None, "must be user, assistant, system or tool".to_owned()),
        },
        "tag" => match tag_of(plain) {
            Some(tag) => found(Some(Restriction::Tag(tag.clone())), tag),
            None => found(None, "must be a word".to_owned()),
        },
        "is" if plain.eq_ignore_ascii_case("pinned") => {
            found(Some(Restriction::Pinned), "pinned".to_owned())
        }
        "is" => found(None, "is:pinned".to_owned()),
        "with" if plain.eq_ignore_ascii_case("folded") => {
            found(Some(Restriction::Folded), "folded".to_owned())
        }
        "with" if plain.eq_ignore_ascii_case("questions") => {
            found(Some(Restriction::Questions), "questions".to_owned())
        }
        "with" => found(None, "with:folded or with:questions".to_owned()),
        "session" => match plain.parse() {
            Ok(id) => found(Some(Restriction::Session(SessionId(id))), plain.to_owned()),
            Err(_) => found(None, "must be a number".to_owned()),
        },
        _ => {
            let value_at = first.end - value.len();
            let (count, moment) =
                longest(words, |end| read(text[value_at..end].trim_matches('"'), today)).unzip();
            let Some(moment) = moment else {
                return Some(found(None, "must be like 2023-05, May 2023, last summer".to_owned()));
            };
            let value = moment.phrase.clone();
            let restriction = Restriction::of(name, moment);
            Found { words: count.unwrap_or(1), ..found(Some(restriction), value) }
        }
    })
}

/// A time among the words: `last summer`, `in May 2023`, `since 2021`.
fn bare_time(text: &str, words: &[Range<usize>], today: Date) -> Option<Found> {
    let first = words.first()?;
    let lead = text[first.clone()].to_ascii_lowercase();
    let name = match lead.as_str() {
        "since" => "since",
        "until" | "till" => "until",
        "before" => "before",
        "after" => "after",
        "in" | "during" | "on" => "said",
        _ => "",
    };
    if name.is_empty() {
        let (words, moment) =
            longest(words, |end| read_among_words(&text[first.start..end], false, today))?;
        let value = moment.phrase.clone();
        return Some(Found {
            words,
            name: "said",
            value,
            restriction: Some(Restriction::Within(moment)),
        });
    }
    let second = words.get(1)?;
    let (count, moment) =
        longest(&words[1..], |end| read_among_words(&text[second.start..end], true, today))?;
    let value = moment.phrase.clone();
    let restriction = Restriction::of(name, moment);
    Some(Found { words: count + 1, name, value, restriction: Some(restriction) })
}

/// The most words, up to the end of which something can be read, and what it is.
fn longest<T>(words: &[Range<usize>], read: impl Fn(usize) -> Option<T>) -> Option<(usize, T)> {
    let most = words.len().min(LONGEST_TIME);
    (1..=most).rev().find_map(|count| Some((count, read(words[count - 1].end)?)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn looked(text: &str) -> Looked {
        parse(text, at("2024-02-03T10:00:00Z"))
    }

    /// What is left of the text, and the filters as `name value`.
    fn check(text: &str, rest: &str, chips: &[&str]) {
        let looked = looked(text);
        assert_eq!(looked.query.text, rest, "{text}");
        let found: Vec<String> =
            looked.chips.iter().map(|chip| format!("{} {}", chip.name, chip.value)).collect();
        assert_eq!(found, chips, "{text}");
    }

    #[test]
    fn filters_are_taken_out_of_the_words() {
        check(
            "garden speaker:Ann since:2023-05 at 10:30",
            "garden at 10:30",
            &["speaker Ann", "since May 2023"],
        );
        check(
            "speaker:\"Ann Lee\" source:WhatsApp role:User tea",
            "tea",
            &["speaker Ann Lee", "source whatsapp", "role user"],
        );
        check("tea since:last summer with Ida", "tea with Ida", &["since the summer of 2023"]);
        check("in:2023 until:2023-06-01", "", &["said 2023", "until 1 June 2023"]);
        let filter = looked("speaker:\"Ann Lee\" since:2023-05 until:2023-05").query.filter;
        assert_eq!(filter.speaker.as_deref(), Some("Ann Lee"));
        assert_eq!(filter.since, Some(at("2023-05-01T00:00:00Z")));
        assert_eq!(filter.until, Some(at("2023-06-01T00:00:00Z")));
    }

    #[test]
    fn times_are_read_among_the_words() {
        check("the plums last summer", "the plums", &["said the summer of 2023"]);
        check("in May 2023 plums", "plums", &["said May 2023"]);
        check("plums since 2021", "plums", &["since 2021"]);
        check("the Olympics 2021, may I", "the Olympics 2021, may I", &[]);
        check("\"last summer\" plums", "\"last summer\" plums", &[]);
        let filter = looked("plums in 2021").query.filter;
        assert_eq!(filter.since, Some(at("2021-01-01T00:00:00Z")));
        assert_eq!(filter.until, Some(at("2022-01-01T00:00:00Z")));
    }

    #[test]
    fn what_is_not_understood_says_what_would_be() {
        let king = looked("role:king tea");
        assert_eq!((king.query.text.as_str(), king.query.filter.role), ("tea", None));
        assert!(!king.chips[0].understood && king.chips[0].value.contains("user"));
        assert!(!looked("since:whenever").chips[0].understood);
        // While the value is being typed it restricts nothing.
        check("tea speaker:", "tea", &[]);
    }

    #[test]
    fn chips_are_removed_and_put_in() {
        let now = at("2024-02-03T10:00:00Z");
        let text = "tea speaker:ann last summer";
        let text = without_last_chip(text, now).unwrap();
        assert_eq!(text, "tea speaker:ann ");
        assert_eq!(without_last_chip(&text, now).unwrap(), "tea ");
        assert_eq!(without_last_chip("tea", now), None);
        let more = with_filter("speaker:ann tea", "speaker", "Ida B", now);
        assert_eq!(more, "tea speaker:\"Ida B\" ");
        assert_eq!(with_filter("", "said", "last week", now), "said:\"last week\" ");
        check("said:\"last week\" tea", "tea", &["said the week before 3 February 2024"]);
        assert!(parse("with:folded tea", now).query.filter.folded);
        assert!(parse("with:questions tea", now).query.questions);
        assert_eq!(parse("session:7 tea", now).query.filter.session, Some(SessionId(7)));
        assert!(!listed("session:7 tea", now).chips[0].understood);
    }

    proptest! {
        #[test]
        fn every_chip_lies_in_the_text(text in "(speaker:|since:|in |May|last |summer|2023|-05|\"|é|日| |role:|user|:){0,14}") {
            let now = at("2024-02-03T10:00:00Z");
            let mut end = 0;
            for chip in parse(&text, now).chips {
                prop_assert!(text.get(chip.range.clone()).is_some() && chip.range.start >= end);
                end = chip.range.end;
            }
            if let Some(shorter) = without_last_chip(&text, now) {
                prop_assert!(shorter.len() < text.len());
            }
        }
    }
}
