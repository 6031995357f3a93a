//! Which stretch of which hit is the answer, by what the reader made of each.

use super::phrase;
use crate::evidence::{Hit, Span};
use crate::language::{self, AnswerType};
use crate::question::Question;
use std::ops::Range;

/// How much a hit's score counts beside the reader's. Fitted by `assets/reader/fit.py`.
const HIT: f32 = 0.8;
/// How much likelier a stretch is, as log-odds, if it is next to the noun that is asked for: "platform 9"
/// for "which platform".
const BESIDE: f32 = 1.5;
/// Of a list, members have at least this score, as log-odds against the turn not holding one…
const MEMBER: f32 = -1.5;
/// …and are at most this much behind the best.
const BEHIND: f32 = 4.0;

/// A stretch of a hit that could be the answer.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'h> {
    pub hit: &'h Hit,
    /// Where it is in the turn, in bytes; `None` for the name of who said it.
    pub range: Option<Range<usize>>,
    /// Log-odds that it is the answer, the hit's own score counted.
    pub score: f32,
    /// Whether it numbers the noun that is asked for: "61 and 62" of "seats 61 and 62".
    pub numbers: bool,
    /// The stems of its words, articles and *and* left out, sorted.
    terms: Vec<String>,
}

impl<'h> Candidate<'h> {
    pub fn text(&self) -> &'h str {
        let turn = &self.hit.turn;
        self.range.clone().map_or(&turn.speaker, |range| &turn.text[range])
    }
}

/// The stretches of all hits that were read and that can answer the question, best first.
pub(super) fn candidates<'h>(question: &Question, hits: &[&'h Hit]) -> Vec<Candidate<'h>> {
    let top = hits.first().map_or(0.0, |hit| hit.score);
    let mut all: Vec<Candidate<'h>> = Vec::new();
    for hit in hits {
        let Some(reading) = &hit.reading else { continue };
        let number = numbered(question, hit);
        let numbered = number.iter().filter_map(|range| {
            Some(Span { range: Some(range.clone()), score: reading.spans.first()?.score })
        });
        for span in numbered.collect::<Vec<_>>().iter().chain(&reading.spans) {
            let range = match &span.range {
                Some(range) => match phrase::whole(&hit.turn.text, &clause(question, hit, range)) {
                    Some(whole) => Some(whole),
                    None => continue,
                },
                None if language::is_self(&hit.turn.speaker) => continue,
                None => None,
            };
            // Brought to whole phrases, several stretches become the same: the best one counts.
            if all.iter().any(|known| known.hit.turn.id == hit.turn.id && known.range == range) {
                continue;
            }
            let beside = range.as_ref().is_some_and(|range| is_beside(question, hit, range));
            let score = span.score + HIT * (hit.score - top) + if beside { BESIDE } else { 0.0 };
            let numbers = range.is_some() && range == number;
            let mut made = Candidate { hit, range, score, numbers, terms: Vec::new() };
            if question.avoids(hit.turn.id, made.text()) {
                continue;
            }
            made.terms = terms(made.text());
            all.push(made);
        }
    }
    // A number is asked for: what holds none answers only where nothing does.
    if all.iter().any(|one| fits(question, one)) {
        all.retain(|one| fits(question, one));
    }
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    all
}

/// A reason or a manner may be of several clauses, a thing is of one.
fn clause(question: &Question, hit: &Hit, range: &Range<usize>) -> Range<usize> {
    match question.answer_type {
        AnswerType::Why | AnswerType::How | AnswerType::Open => range.clone(),
        AnswerType::Count => phrase::clause_of(&hit.turn.text, range.clone(), &question.terms),
        _ => {
            let range = phrase::one_clause(&hit.turn.text, range.clone());
            phrase::without_repetition(&hit.turn.text, range, &question.terms)
        }
    }
}

/// What numbers the noun that is asked for: "9" of "platform 9", "third floor". The reader seldom marks it
/// among other numbers.
fn numbered(question: &Question, hit: &Hit) -> Option<Range<usize>> {
    if question.noun.is_empty() || question.answer_type != AnswerType::What {
        return None;
    }
    let words = language::words(&hit.turn.text);
    let joined = |a: &language::Word<'_>, b: &language::Word<'_>| {
        hit.turn.text[a.end()..b.start].trim().is_empty()
    };
    let is_number = |word: &language::Word<'_>| word.text.starts_with(|c: char| c.is_ascii_digit());
    words.windows(2).enumerate().find_map(|(at, pair)| match pair {
        [noun, number] if noun.term == question.noun && joined(noun, number) => {
            // "Seats 61 and 62" are both.
            let more = words[at + 2..].chunks_exact(2);
            let more = more.take_while(|next| next[0].text == "and" && is_number(&next[1]));
            let end = more.last().map_or(number, |next| &next[1]).end();
            is_number(number).then_some(number.start..end)
        }
        [number, noun] if noun.term == question.noun && joined(number, noun) => {
            phrase::is_ordinal(number.text).then_some(number.start..noun.end())
        }
        _ => None,
    })
}

/// Whether a stretch holds the noun that is asked for, or is next to it.
fn is_beside(question: &Question, hit: &Hit, range: &Range<usize>) -> bool {
    if question.noun.is_empty() || !matches!(question.answer_type, AnswerType::What) {
        return false;
    }
    let words = language::words(&hit.turn.text);
    let inside = |word: &language::Word<'_>| word.start < range.end && range.start < word.end();
    let (Some(first), Some(last)) = (words.iter().position(inside), words.iter().rposition(inside))
    else {
        return false;
    };
    words[first.saturating_sub(1)..words.len().min(last + 2)]
        .iter()
        .any(|word| word.term == question.noun)
}

/// Whether a candidate is the kind of thing that is asked for.
fn fits(question: &Question, candidate: &Candidate<'_>) -> bool {
    let text = candidate.text();
    match question.answer_type {
        AnswerType::Count | AnswerType::Duration => {
            candidate.range.is_some() && phrase::has_number(text)
        }
        AnswerType::Who => !phrase::is_number(text),
        _ => true,
    }
}

/// The members of a list, each once, best first: the likely stretches that share no word with one
/// before them.
pub(super) fn members<'c, 'h>(
    candidates: &'c [Candidate<'h>],
    most: usize,
) -> Vec<&'c Candidate<'h>> {
    let Some(best) = candidates.first() else { return Vec::new() };
    let least = MEMBER.max(best.score - BEHIND).min(best.score);
    let mut members: Vec<&Candidate<'h>> = Vec::new();
    for one in candidates.iter().take_while(|one| one.score >= least) {
        let is_known = members.iter().any(|known| {
            overlap(&known.terms, &one.terms) > 0.0
                || (known.hit.turn.id == one.hit.turn.id
                    && meet(known.range.as_ref(), one.range.as_ref()))
        });
        if !is_known && !one.terms.is_empty() {
            members.push(one);
        }
        if members.len() == most {
            break;
        }
    }
    members
}

fn meet(a: Option<&Range<usize>>, b: Option<&Range<usize>>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a.start < b.end && b.start < a.end)
}

fn terms(text: &str) -> Vec<String> {
    let words = language::words(text).into_iter().map(|word| word.term);
    let mut terms: Vec<String> =
        words.filter(|term| !matches!(term.as_str(), "a" | "an" | "the" | "and")).collect();
    terms.sort_unstable();
    terms
}

/// How much two sorted lists of terms have in common: the harmonic mean of the shares.
fn overlap(a: &[String], b: &[String]) -> f32 {
    let (mut i, mut j, mut same) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                same += 1;
                i += 1;
                j += 1;
            }
        }
    }
    if same == 0 { 0.0 } else { (2 * same) as f32 / (a.len() + b.len()) as f32 }
}
