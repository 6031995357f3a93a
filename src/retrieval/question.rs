//! What a query asks, found in its words.

use crate::evidence::Query;
use crate::language::{self, AnswerType};
use jiff::civil::Date;
use std::ops::Range;

/// How many names are matched against a question at most.
pub(super) const MOST_SPEAKERS: usize = 20_000;

/// A query, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The speakers that it names, as the memory spells them.
    pub names: Vec<String>,
    /// The speakers who are the one who asks, where it asks of them and names nobody.
    pub selves: Vec<String>,
    /// The text that is encoded: a speaker's name in it would pull it towards every turn that
    /// mentions them.
    pub without_names: String,
    /// The terms that turns are scored by, names left out.
    pub terms: Vec<String>,
    /// The terms that candidates are looked up by, names included.
    pub search_terms: Vec<String>,
    /// Whether the last word may still go on.
    pub unfinished: bool,
    /// What would answer it.
    pub answer_type: AnswerType,
    /// Whether it asks for several things.
    pub asks_for_list: bool,
    /// Phrases in quotes, in lower case.
    pub phrases: Vec<String>,
    /// The days that it names: first and last.
    pub days: Option<(Date, Date)>,
    /// The month of any year that it names.
    pub month: Option<i8>,
}

impl Question {
    /// Understands a query, given the names of all who spoke.
    pub fn understand(query: &Query, speakers: &[String]) -> Self {
        // A follow-up is understood by what was said before it: the newest turn of the window and
        // the question that it answered.
        let mut text = query.text.clone();
        if language::is_follow_up(&query.text) {
            for earlier in query.context.iter().take(2) {
                text.push('\n');
                text.push_str(earlier);
            }
        }
        let (names, places) = find_names(&text, speakers);
        let without_names = strip(&text, &places);
        let mut terms = language::query_terms(&without_names);
        let search_terms = language::query_terms(&text);
        if terms.is_empty() {
            terms.clone_from(&search_terms);
        }
        let of_self = names.is_empty() && language::is_of_self(&text);
        let selves =
            speakers.iter().filter(|one| of_self && language::is_self(one)).cloned().collect();
        Self {
            names,
            selves,
            without_names,
            terms,
            search_terms,
            unfinished: false,
            answer_type: language::answer_type(&query.text),
            asks_for_list: language::asks_for_list(&query.text),
            phrases: language::quoted_phrases(&query.text),
            days: days(query),
            month: month(query),
        }
    }
}

/// The times that a question names, read on the day on which it is asked.
fn times(query: &Query) -> Vec<language::When> {
    let Some(asked_at) = query.asked_at else { return Vec::new() };
    language::times(&query.text, asked_at.civil().date())
}

/// The days that a question names, first and last.
fn days(query: &Query) -> Option<(Date, Date)> {
    let times: Vec<_> =
        times(query).into_iter().filter(|time| !is_bare_month(query, time)).collect();
    let first = times.iter().map(|time| time.first).min()?;
    let last = times.iter().map(|time| time.last).max()?;
    Some((first, last))
}

/// A month without a year ("in June") is any year's: most questions are about what was long ago.
fn month(query: &Query) -> Option<i8> {
    times(query).iter().find(|time| is_bare_month(query, time)).map(|time| time.first.month())
}

fn is_bare_month(query: &Query, time: &language::When) -> bool {
    let text = query.text[time.range.clone()].to_lowercase();
    let points = ["last", "past", "previous", "this", "next", "coming", "ago"];
    !time.absolute
        && time.first.day() == 1
        && time.last == time.first.last_of_month()
        && !points.iter().any(|word| text.contains(word))
}

/// The speakers whose name, or whose first name, stands in the text, and where.
fn find_names(text: &str, speakers: &[String]) -> (Vec<String>, Vec<Range<usize>>) {
    const NOT_NAMES: &[&str] =
        &["user", "assistant", "system", "tool", "human", "bot", "me", "you"];
    let words = language::words(text);
    let capitals = text.chars().any(char::is_uppercase);
    let mut names = Vec::new();
    let mut places: Vec<Range<usize>> = Vec::new();
    for speaker in speakers {
        let parts: Vec<String> =
            language::words(speaker).iter().map(|word| word.text.to_lowercase()).collect();
        let Some(first) = parts.first() else { continue };
        if NOT_NAMES.contains(&first.as_str()) {
            continue;
        }
        let mut named = false;
        for (index, word) in words.iter().enumerate() {
            // In a text that knows capitals a name has one: "will" is not Will.
            let capital = word.text.chars().next().is_some_and(char::is_uppercase);
            if word.text.to_lowercase() != *first || (capitals && !capital && first.is_ascii()) {
                continue;
            }
            named = true;
            let more = parts
                .iter()
                .skip(1)
                .zip(&words[index + 1..])
                .take_while(|(part, word)| word.text.to_lowercase() == **part)
                .count();
            let end = words[index + more].end();
            if !places.iter().any(|place| place.start <= word.start && end <= place.end) {
                places.push(word.start..end);
            }
        }
        if named {
            names.push(speaker.clone());
        }
    }
    (names, places)
}

/// The text without the places, and without what a name leaves behind: a possessive ending.
fn strip(text: &str, places: &[Range<usize>]) -> String {
    if places.is_empty() {
        return text.to_owned();
    }
    let mut places = places.to_vec();
    places.sort_by_key(|place| place.start);
    let mut stripped = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        if place.start < from {
            continue;
        }
        stripped.push_str(&text[from..place.start]);
        from = place.end;
        for ending in ["'s", "’s"] {
            if text[from..].starts_with(ending) {
                from += ending.len();
            }
        }
    }
    stripped.push_str(&text[from..]);
    stripped.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understand(text: &str) -> Question {
        let speakers = ["Ann", "Will", "Zoë Li", "user"].map(String::from);
        Question::understand(&Query::new(text), &speakers)
    }

    #[test]
    fn finds_and_strips_names() {
        let question = understand("When did Ann's cat meet Zoë Li?");
        assert_eq!(question.names, ["Ann", "Zoë Li"]);
        assert_eq!(question.without_names, "When did cat meet ?");
        assert_eq!(question.terms, ["cat", "meet"]);
        assert_eq!(question.answer_type, AnswerType::When);
    }

    #[test]
    fn a_word_that_is_also_a_name_needs_its_capital() {
        assert!(understand("When will it rain?").names.is_empty());
        assert_eq!(understand("Where does Will live?").names, ["Will"]);
        assert_eq!(understand("where does ann live").names, ["Ann"]);
        assert!(understand("what did the user say?").names.is_empty());
    }

    #[test]
    fn who_asks_of_themselves_is_a_speaker() {
        assert_eq!(understand("Where do I live?").selves, ["user"]);
        assert!(understand("Where does Ann live?").selves.is_empty());
        assert!(understand("What did Ann tell me?").selves.is_empty());
    }

    #[test]
    fn a_follow_up_takes_the_window_along() {
        let query = Query {
            context: vec!["7 May 2023".into(), "When did Ann paint the sunrise?".into()],
            ..Query::new("And where was that?")
        };
        let question = Question::understand(&query, &["Ann".to_owned()]);
        assert!(question.terms.contains(&"sunris".to_owned()));
        assert_eq!(question.names, ["Ann"]);
        assert_eq!(question.answer_type, AnswerType::Where);
    }
}
