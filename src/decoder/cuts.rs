//! Things that can be told by their form alone: spans of time, numbers, titles, denials. All other
//! answers are cut by [`candidates`](super::candidates).

use super::evidence::Sentence;
use crate::language::{self, Word};
use regex::Regex;
use std::sync::LazyLock;

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// A span of time: "for 4 years", "three months".
pub(super) fn duration(sentence: &Sentence<'_>) -> Option<String> {
    let text = sentence.text();
    if let Some(found) = DURATION.as_ref()?.captures(text) {
        return Some(found.get(1)?.as_str().to_owned());
    }
    // "since 2016", said in 2023, is 7 years.
    let since = SINCE.as_ref()?.captures(text)?.get(1)?.as_str().parse::<i16>().ok()?;
    let said = sentence.hit.turn.said_at?.civil().date().year();
    let years = said.checked_sub(since).filter(|years| *years > 0)?;
    Some(format!("{years} year{}", if years == 1 { "" } else { "s" }))
}

pub(super) fn has_duration(text: &str) -> bool {
    DURATION.as_ref().is_some_and(|pattern| pattern.is_match(text))
        || SINCE.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

static DURATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\b((?:(?:about|around|over|almost|nearly|more than) )?(?:\d+(?:\.\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|a few|a couple of|several|many)(?: and a half)? (?:second|minute|hour|day|week|month|year|decade)s?)\b",
    )
});
static SINCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)\bsince (?:\w+ )?((?:19|20)\d{2})\b"));

/// A number, best of all one that counts `noun` (a stem).
pub(super) fn count(text: &str, noun: &str) -> Option<String> {
    let words = language::words(text);
    let numbers: Vec<usize> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| is_number(word.text))
        .map(|(index, _)| index)
        .collect();
    let counts = |index: &&usize| words[**index + 1..].iter().take(3).any(|word| word.term == noun);
    let index = numbers.iter().find(counts).or_else(|| numbers.first())?;
    Some(words[*index].text.to_owned())
}

fn is_number(word: &str) -> bool {
    let lower = word.to_lowercase();
    let digits = lower.trim_start_matches(['$', '€', '£']);
    digits.chars().next().is_some_and(|c| c.is_ascii_digit())
        || matches!(lower.as_str(), "once" | "twice" | "dozen" | "couple")
        || (lower != "a" && lower != "an" && language::number(&lower).is_some())
}

/// A title: what stands in quotes, else capitalised words.
pub(super) fn title(text: &str) -> Option<String> {
    if let Some(found) = QUOTED.as_ref()?.captures(text) {
        return Some(found.get(1)?.as_str().to_owned());
    }
    capitalised(text).into_iter().next().map(str::to_owned)
}

static QUOTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern("[\"“]([^\"“”]{2,80}?)[,.!?]?[\"”]"));

/// Runs of capitalised words that do not begin the sentence, small joining words inside of them
/// allowed.
fn capitalised(text: &str) -> Vec<&str> {
    let words = language::words(text);
    let mut spans = Vec::new();
    let mut index = 1;
    while index < words.len() {
        if !is_capitalised(&words[index]) {
            index += 1;
            continue;
        }
        let first = index;
        let mut last = index;
        while let Some(next) = words.get(last + 1) {
            let joined = text[words[last].end()..next.start]
                .chars()
                .all(|c| matches!(c, ' ' | '-' | '\'' | '’' | '.' | '&'));
            let joins = matches!(next.text, "of" | "the" | "and" | "de")
                && words.get(last + 2).is_some_and(is_capitalised);
            if !joined || !(is_capitalised(next) || joins) {
                break;
            }
            last += 1;
        }
        spans.push(&text[words[first].start..words[last].end()]);
        index = last + 1;
    }
    spans
}

fn is_capitalised(word: &Word<'_>) -> bool {
    word.text.chars().next().is_some_and(char::is_uppercase)
        && word.text != "I"
        && !word.text.starts_with("I'")
        && !word.text.starts_with("I’")
}

/// Whether a sentence says no.
pub(super) fn denies(text: &str) -> bool {
    let lower = text.to_lowercase();
    language::words(&lower).iter().any(|word| {
        matches!(word.text, "no" | "not" | "never" | "nope" | "nothing" | "none")
            || word.text.ends_with("n't")
            || word.text.ends_with("n’t")
    })
}

/// The sentence as an answer: without the openings and the full stop that say nothing. Cutting it
/// down to what follows the question's own words was tried and scored lower.
pub(super) fn clause(sentence: &Sentence<'_>) -> String {
    trim(strip_opening(&sentence.hit.turn.text[sentence.spoken()])).to_owned()
}

/// The text without a leading "Yeah,", "Thanks, Ann!", "Hey!".
fn strip_opening(text: &str) -> &str {
    const OPENINGS: &[&str] = &[
        "yeah",
        "yes",
        "yep",
        "thanks",
        "wow",
        "hey",
        "hi",
        "well",
        "oh",
        "sure",
        "so",
        "and",
        "but",
        "also",
        "absolutely",
        "definitely",
        "totally",
        "haha",
    ];
    let mut rest = text;
    while let Some(first) = language::words(rest).first() {
        let tail = rest[first.end()..].trim_start();
        let is_opening = OPENINGS.contains(&first.text.to_lowercase().as_str())
            && rest[..first.start].trim().is_empty();
        match tail.strip_prefix([',', '!', '-', '—']) {
            Some(tail) if is_opening && !tail.trim().is_empty() => rest = tail.trim_start(),
            _ => break,
        }
    }
    rest
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '.' | ',' | '!' | ';' | ':' | '-' | '—')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_asked_for() {
        assert_eq!(
            count("In 2 weeks I will have three turtles.", "turtl").as_deref(),
            Some("three")
        );
        assert_eq!(count("No numbers here", "turtl"), None);
    }

    #[test]
    fn finds_titles_and_names() {
        assert_eq!(title("I loved \"Becoming Nicole\" by Amy."), Some("Becoming Nicole".into()));
        assert_eq!(
            capitalised("We met Ann Lee and the King of Spain in May"),
            ["Ann Lee", "King of Spain", "May"]
        );
    }

    #[test]
    fn denials_are_seen() {
        assert!(denies("I didn't go.") && denies("Nope, not yet"));
        assert!(!denies("I know it well"));
    }

    #[test]
    fn openings_say_nothing() {
        assert_eq!(strip_opening("Yeah, thanks! I paint."), "I paint.");
        assert_eq!(strip_opening("So"), "So");
    }
}
