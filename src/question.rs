//! What a question is, worked out once: retrieval, the reader and the decoder all take this value, so
//! that they cannot disagree about it.
//!
//! Pure: the query and the names of those who spoke go in, a [`Question`] comes out.

use crate::conversation::TurnId;
use crate::evidence::{Query, WrongAnswer};
use crate::language::{self, AnswerType};
use jiff::civil::Date;
use std::ops::Range;

/// How many names of speakers a question is compared with at most.
pub const MOST_SPEAKERS: usize = 20_000;

/// How many turns of the window a follow-up is read with: the answer before it, and its question.
const CONTINUES: usize = 2;

/// A question, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The query that it was made of.
    pub query: Query,
    /// Its words, together with those that it continues where it is a follow-up.
    pub text: String,
    /// Whether it continues what was said before it.
    pub is_follow_up: bool,
    /// The speakers that it names, as the memory spells them.
    pub names: Vec<String>,
    /// The speakers who are the one who asks, where it asks about them and names nobody.
    pub selves: Vec<String>,
    /// Whether it is about the one who asks.
    pub of_self: bool,
    /// Stems of the proper names in it that are no speaker's.
    pub other_names: Vec<String>,
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
    /// Which of several words on the same matter it wants.
    pub wanted: Wanted,
    /// The stem of the thing that is counted or asked for: "turtle" in "how many turtles".
    pub noun: String,
    /// Phrases in quotes, in lower case.
    pub phrases: Vec<String>,
    /// The days that it names: first and last.
    pub days: Option<(Date, Date)>,
    /// The month of any year that it names.
    pub month: Option<i8>,
    /// Answers to a question like this one that people marked wrong: they are not given again.
    pub avoid: Vec<WrongAnswer>,
}

/// Of what was said about the same matter at different times, what a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// *Where does Ann live?* What is so now.
    Present,
    /// *What is the latest…?*
    Latest,
    /// *Where did Ann live at first?*
    First,
    /// Nothing in it tells.
    Any,
}

impl Question {
    /// The search terms of words that are not spelt right, as far as `spelt` can say.
    pub fn strange_terms(&self, spelt: &dyn Fn(&str) -> bool) -> Vec<String> {
        let words = language::words(&self.text).into_iter();
        let strange =
            |word: &language::Word<'_>| self.search_terms.contains(&word.term) && !spelt(word.text);
        words.filter(strange).map(|word| word.term).collect()
    }

    /// Replaces a misspelt term by the one that is meant.
    pub fn respell(&mut self, term: &str, meant: &str) {
        for terms in [&mut self.terms, &mut self.search_terms] {
            for one in terms.iter_mut().filter(|one| *one == term) {
                meant.clone_into(one);
            }
        }
        if self.noun == term {
            meant.clone_into(&mut self.noun);
        }
    }

    /// Understands a query, given the names of all who spoke.
    pub fn understand(query: &Query, speakers: &[String]) -> Self {
        let (mut names, _) = find_names(&query.text, speakers);
        // A follow-up is understood by what was said before it: the newest turn of the window and
        // the question that it answered.
        let continued: Vec<&String> = query.context.iter().take(CONTINUES).collect();
        let is_follow_up =
            !continued.is_empty() && language::is_follow_up(&query.text, !names.is_empty());
        let mut text = query.text.clone();
        if is_follow_up {
            for earlier in continued {
                text.push('\n');
                text.push_str(earlier);
            }
        }
        let (all_names, places) = find_names(&text, speakers);
        // Whoever a follow-up names itself is asked about, not who was before.
        if names.is_empty() {
            names = all_names;
        }
        let without_names = strip(&text, &places);
        let mut terms = language::query_terms(&without_names);
        let search_terms = language::query_terms(&text);
        if terms.is_empty() {
            terms.clone_from(&search_terms);
        }
        let of_self = names.is_empty() && language::is_of_self(&text);
        let selves =
            speakers.iter().filter(|one| of_self && language::is_self(one)).cloned().collect();
        let noun = language::asked_noun(&query.text);
        Self {
            is_follow_up,
            names,
            selves,
            of_self,
            other_names: other_names(&query.text, &find_names(&query.text, speakers).1),
            without_names,
            terms,
            search_terms,
            unfinished: false,
            answer_type: language::answer_type(&query.text),
            asks_for_list: language::asks_for_list(&query.text),
            wanted: Wanted::of(&query.text),
            noun: noun.as_deref().map(language::stem).unwrap_or_default(),
            phrases: language::quoted_phrases(&query.text),
            days: days(query),
            month: month(query),
            avoid: Vec::new(),
            query: query.clone(),
            text,
        }
    }

    /// Whether an answer of these words, from this turn, was marked wrong.
    pub fn avoids(&self, turn: TurnId, text: &str) -> bool {
        let terms = |text: &str| -> Vec<String> {
            language::words(text).into_iter().map(|word| word.term).collect()
        };
        self.avoid.iter().any(|wrong| {
            wrong.citations.iter().any(|(cited, _)| *cited == turn)
                && terms(&wrong.text) == terms(text)
        })
    }

    /// The one speaker whom it asks about; none where it names nobody or several.
    pub fn subject(&self) -> Option<&str> {
        match self.names.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }
}

impl Wanted {
    fn of(question: &str) -> Self {
        let words: Vec<String> =
            language::words(question).iter().map(|word| word.text.to_lowercase()).collect();
        // "Where did I live at first?" is of the past, and still wants one of several.
        let is_first = |word: &String| {
            matches!(word.as_str(), "first" | "originally" | "initially" | "earliest")
        };
        if words.iter().any(is_first) {
            return Self::First;
        }
        let mut wanted = Self::Any;
        for word in &words {
            match word.as_str() {
                "latest" | "newest" | "currently" | "current" | "now" | "nowadays" | "today"
                | "last" | "lately" => return Self::Latest,
                "did" | "was" | "were" | "had" => return Self::Any,
                "do" | "does" | "is" | "are" | "am" | "has" | "have" => wanted = Self::Present,
                _ => {}
            }
        }
        wanted
    }
}

/// The stems of the proper names in a question that are not at the given places, nor times.
fn other_names(question: &str, places: &[Range<usize>]) -> Vec<String> {
    let times = language::times(question, Date::constant(2000, 1, 1));
    let words = language::words(question);
    let proper = words.iter().skip(1).filter(|word| {
        word.text.starts_with(char::is_uppercase)
            && !matches!(word.text, "I" | "I'm" | "I've" | "I’m" | "I’ve" | "I'll" | "I’ll")
            && !times.iter().any(|time| time.range.contains(&word.start))
            && !places.iter().any(|place| place.contains(&word.start))
    });
    proper.map(|word| word.term.clone()).collect()
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

/// The speakers whom a text names, and where. A name is a whole name, its first word or its last
/// ("Weiss"), or the beginning of the first ("Mel" for Melanie) where that can be nobody else.
fn find_names(text: &str, speakers: &[String]) -> (Vec<String>, Vec<Range<usize>>) {
    const NOT_NAMES: &[&str] =
        &["user", "assistant", "system", "tool", "human", "bot", "me", "you"];
    let words = language::words(text);
    let lower: Vec<String> = words.iter().map(|word| word.text.to_lowercase()).collect();
    let capitals = text.chars().any(char::is_uppercase);
    let mut names = Vec::new();
    let mut places: Vec<Range<usize>> = Vec::new();
    // In a text that knows capitals a name has one: "will" is not Will.
    let is_written_as_name = |at: usize, name: &str| {
        let capital = words[at].text.chars().next().is_some_and(char::is_uppercase);
        !capitals || capital || !name.is_ascii()
    };
    for speaker in speakers {
        let parts: Vec<String> =
            language::words(speaker).iter().map(|word| word.text.to_lowercase()).collect();
        let Some(first) = parts.first() else { continue };
        if NOT_NAMES.contains(&first.as_str()) {
            continue;
        }
        let mut named = false;
        for (index, word) in words.iter().enumerate() {
            if lower[index] != *first || !is_written_as_name(index, first) {
                continue;
            }
            named = true;
            let rest = parts.iter().skip(1).zip(&lower[index + 1..]);
            let more = rest.take_while(|(part, word)| word == part).count();
            let end = words[index + more].end();
            if !places.iter().any(|place| place.start <= word.start && end <= place.end) {
                places.push(word.start..end);
            }
        }
        if named {
            names.push(speaker.clone());
        }
    }
    for (index, word) in words.iter().enumerate() {
        let taken = places.iter().any(|place| place.contains(&word.start));
        if taken || !is_where_names_are(text, &words, index) {
            continue;
        }
        let meant: Vec<&String> = speakers
            .iter()
            .filter(|speaker| is_short_for(&lower[index], speaker) && !is_role(speaker))
            .collect();
        if let [speaker] = meant.as_slice()
            && is_written_as_name(index, &lower[index])
        {
            places.push(word.start..word.end());
            if !names.contains(speaker) {
                names.push((*speaker).clone());
            }
        }
    }
    (names, places)
}

fn is_role(speaker: &str) -> bool {
    language::is_self(speaker) || language::is_program(speaker)
}

/// Whether a word in lower case is the last part of a name, or the beginning of its first.
fn is_short_for(word: &str, name: &str) -> bool {
    /// Fewer letters begin too many names.
    const LEAST: usize = 3;
    if word.chars().count() < LEAST || language::is_stop_word(word) {
        return false;
    }
    let parts: Vec<String> =
        language::words(name).iter().map(|part| part.text.to_lowercase()).collect();
    match parts.as_slice() {
        [] => false,
        [first] => first.starts_with(word),
        [first, .., last] => first.starts_with(word) || last == word,
    }
}

/// Whether a person can be named at a word: it has a capital inside of a sentence, or something of
/// its own, or it follows a verb that helps another ("what did mel paint") or a preposition.
fn is_where_names_are(text: &str, words: &[language::Word<'_>], index: usize) -> bool {
    let word = &words[index];
    let ending = text[word.end()..].chars().take(2).collect::<String>();
    let Some(before) = index.checked_sub(1).map(|before| words[before].text.to_lowercase()) else {
        return matches!(ending.as_str(), "'s" | "’s");
    };
    word.text.starts_with(char::is_uppercase)
        || matches!(ending.as_str(), "'s" | "’s")
        || matches!(
            before.as_str(),
            "do" | "does"
                | "did"
                | "is"
                | "are"
                | "was"
                | "were"
                | "has"
                | "have"
                | "had"
                | "can"
                | "could"
                | "will"
                | "would"
                | "should"
                | "about"
                | "with"
                | "to"
                | "for"
                | "from"
                | "by"
                | "and"
        )
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
        assert!(question.is_follow_up && question.terms.contains(&"sunris".to_owned()));
        assert_eq!(question.names, ["Ann"]);
        assert_eq!(question.answer_type, AnswerType::Where);
    }

    #[test]
    fn who_is_named_in_lower_case_is_no_follow_up() {
        let context = vec!["two turtles".into(), "What pets does Nate have?".into()];
        let speakers = ["Jon".to_owned(), "Nate".to_owned()];
        let understand = |text: &str| {
            let query = Query { context: context.clone(), ..Query::new(text) };
            Question::understand(&query, &speakers)
        };
        let jon = understand("when did jon lose his job");
        assert!(!jon.is_follow_up && jon.names == ["Jon"], "{jon:?}");
        assert!(!jon.terms.contains(&"turtl".to_owned()));
        let and = understand("and when was that?");
        assert!(and.is_follow_up && and.names == ["Nate"]);
        // Whom it names itself is asked about.
        assert_eq!(understand("and what did jon say about that?").names, ["Jon"]);
    }

    #[test]
    fn short_names_are_known_where_a_name_can_be() {
        let speakers = ["Melanie", "Anna Weiss", "Theodor", "user"].map(String::from);
        let names = |text: &str| Question::understand(&Query::new(text), &speakers).names;
        assert_eq!(names("what did mel paint"), ["Melanie"]);
        assert_eq!(names("mel's kids"), ["Melanie"]);
        assert_eq!(names("When did Theo call?"), ["Theodor"]);
        assert_eq!(names("what does dr weiss say"), Vec::<String>::new());
        assert_eq!(names("what did weiss say"), ["Anna Weiss"]);
        assert!(names("the melons were good").is_empty());
        assert!(names("what did the use of it cost").is_empty());
        assert_eq!(
            Question::understand(&Query::new("Who told Kai about Mel?"), &speakers).other_names,
            ["kai"]
        );
    }
}
