//! The words of a sentence, as spans are cut from them and measured.
//!
//! Owns what is known of a word, and what a run of words is: a number, a quantity, a name. Does not
//! own which runs are candidates.

use super::evidence::{Evidence, Sentence};
use super::word_class::WordClass;
use crate::language;
use std::collections::HashMap;

/// A word of a sentence.
pub(super) struct Token {
    pub start: usize,
    pub end: usize,
    pub class: WordClass,
    pub term: String,
    /// The number of its term; none of an article or *and*, which tell no answers apart.
    pub number: Option<u32>,
    pub content: bool,
    pub is_i: bool,
    /// Which of the question's terms it is.
    pub asked: Option<usize>,
    /// Whether the sentence breaks before it.
    pub breaks: bool,
    /// Whether a span may begin here: not in the middle of "dairy-free".
    pub opens: bool,
}

/// The numbers of terms, in the order in which they are met.
#[derive(Default)]
pub(super) struct Numbers(HashMap<String, u32>);

impl Numbers {
    /// The number of a term; the next one where it was not met yet.
    pub fn of(&mut self, term: String) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(term).or_insert(next)
    }
}

/// The words of a sentence, in its order.
pub(super) fn tokens(
    sentence: &Sentence<'_>,
    evidence: &Evidence<'_>,
    numbers: &mut Numbers,
) -> Vec<Token> {
    let text = &sentence.hit.turn.text;
    let range = sentence.spoken();
    let words = language::words(&text[range.clone()]);
    let mut tokens: Vec<Token> = Vec::with_capacity(words.len());
    let mut until = range.start;
    for (place, word) in words.into_iter().enumerate() {
        let (start, end) = (range.start + word.start, range.start + word.end());
        // Scripts without spaces are cut into pairs that overlap: nothing stands between those.
        let gap = text.get(until..start).unwrap_or_default();
        let lower = word.text.to_lowercase().replace('’', "'");
        tokens.push(Token {
            start,
            end,
            class: WordClass::of(word.text, place == 0),
            content: !language::is_stop_word(word.text),
            is_i: matches!(lower.as_str(), "i" | "my" | "we" | "our") || lower.starts_with("i'"),
            asked: evidence.terms.iter().position(|term| *term == word.term),
            breaks: place > 0 && is_break(gap),
            opens: place == 0 || gap.chars().any(|c| c.is_whitespace() || is_mark(c)),
            number: (!matches!(word.term.as_str(), "a" | "an" | "the" | "and"))
                .then(|| numbers.of(word.term.clone())),
            term: word.term,
        });
        until = end.max(until);
    }
    tokens
}

fn is_mark(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '—' | '…' | '(' | ')' | ',' | ';' | '，' | '、' | '；' | '：')
}

/// Whether a sentence breaks in what stands between two words.
fn is_break(gap: &str) -> bool {
    gap.contains([',', ';', ':', '(', ')', '—', '–', '…', '，', '、', '；', '：'])
        || gap.contains(" -")
        || gap.contains('\n')
}

/// "Eleven", "two hundred".
pub(super) fn is_number(span: &[Token]) -> bool {
    span.iter().all(|token| token.class == WordClass::Number && !is_ordinal(&token.term))
        && !span.iter().skip(1).any(|token| token.breaks)
}

/// "17th": it counts nothing.
fn is_ordinal(term: &str) -> bool {
    term.starts_with(|c: char| c.is_ascii_digit())
        && ["st", "nd", "rd", "th"].iter().any(|ending| term.ends_with(ending))
}

/// Whatever can be somebody: no number, no month, no day of the week.
pub(super) fn is_nameable(span: &[Token]) -> bool {
    !span.iter().any(|token| token.class == WordClass::Number)
        && !span.iter().all(|token| language::is_calendar_word(&token.term) || !token.content)
}

/// "£940", "3.5 litres", "fourteen years old".
pub(super) fn is_quantity(span: &[Token]) -> bool {
    let goes_on = |token: &Token| {
        token.breaks
            || matches!(token.class, WordClass::Preposition | WordClass::To | WordClass::And)
            || is_ordinal(&token.term)
    };
    span.len() <= 3 && span[0].class == WordClass::Number && !span.iter().any(goes_on)
        || is_number(span)
}

/// The question's terms among tokens: a set, a bit each.
pub(super) fn terms_of(tokens: &[Token]) -> u64 {
    tokens.iter().filter_map(|token| token.asked).fold(0, |set, term| set | bit(term))
}

/// The bit of a term in a set. A question of more than 64 terms has those beyond in one.
pub(super) fn bit(term: usize) -> u64 {
    1 << term.min(63)
}

/// The numbers of a span's terms, sorted.
pub(super) fn terms(span: &[Token]) -> Vec<u32> {
    let mut terms: Vec<u32> = span.iter().filter_map(|token| token.number).collect();
    terms.sort_unstable();
    terms
}
