//! The signals of candidate turns, and the score that the weights make of them.

use super::{RetrievalError, Weights, second_round};
use crate::conversation::{Role, SessionId, Turn, TurnId};
use crate::evidence::{Hit, Signals};
use crate::language::{self, AnswerType};
use crate::memory::{Found, Memory};
use crate::question::Question;
use std::collections::{HashMap, HashSet};

/// BM25's saturation and length normalisation.
const K1: f32 = 1.2;
const B: f32 = 0.6;
/// Feedback is taken from so many of the best turns.
const FEEDBACK: usize = 3;

/// Where the signals come from.
#[expect(clippy::type_complexity, reason = "each function is named and explained by its field")]
pub(super) struct Sources<'a> {
    pub memory: &'a Memory,
    /// Turns next to the candidates that are not candidates themselves.
    pub neighbours: &'a [Turn],
    /// Cosines with the question.
    pub similarities: &'a (dyn Fn(&[TurnId]) -> Vec<Option<f32>> + Sync),
    /// Late interaction with the question.
    pub late: &'a (dyn Fn(&[TurnId]) -> Result<Vec<f32>, RetrievalError> + Sync),
    /// Cosines of the second list of turns with the mean of the first.
    pub feedback: &'a dyn Fn(&[TurnId], &[TurnId]) -> Result<Vec<f32>, RetrievalError>,
}

/// What a word of a turn tells of the turn, for a question.
#[derive(Clone, Copy)]
struct Told {
    /// Which of the question's terms it is.
    term: Option<usize>,
    /// Whether it names a speaker that the question names.
    names: bool,
    /// Whether it is such a thing as the question asks for.
    answers: bool,
}

/// A turn's words, counted for the question's terms.
struct Document {
    length: f32,
    /// How often each of the question's terms stands in it.
    counts: Vec<f32>,
    proximity: f32,
    pairs: f32,
    mentions: bool,
    /// Whether it has what the question's type asks for.
    answers: bool,
}

/// Turns with those beside them.
pub(super) struct Beside<'a> {
    pub turns: Vec<&'a Turn>,
    places: HashMap<(SessionId, i64), usize>,
}

impl<'a> Beside<'a> {
    fn new(found: &'a [Found], neighbours: &'a [Turn]) -> Self {
        let turns: Vec<&Turn> = found.iter().map(|found| &found.turn).chain(neighbours).collect();
        let places = turns
            .iter()
            .enumerate()
            .map(|(index, turn)| ((turn.session, turn.position), index))
            .collect();
        Self { turns, places }
    }

    /// The turn that stands so far behind another in its session, or before it.
    fn at(&self, index: usize, offset: i64) -> Option<usize> {
        let turn = self.turns[index];
        self.places.get(&(turn.session, turn.position + offset)).copied()
    }

    fn both(&self, index: usize) -> impl Iterator<Item = usize> {
        [self.at(index, -1), self.at(index, 1)].into_iter().flatten()
    }
}

/// Computes the signals and the score of every candidate.
pub(super) fn score(
    sources: &Sources<'_>,
    weights: &Weights,
    question: &Question,
    found: Vec<Found>,
) -> Result<Vec<Hit>, RetrievalError> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let beside = Beside::new(&found, sources.neighbours);
    let mut signals = by_words_and_meaning(sources, question, &beside)?;
    for signal in &mut signals {
        weights.weigh(signal);
    }
    // What the best turns have in common finds others of their kind.
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|a, b| signals[*b].alone.total_cmp(&signals[*a].alone).then(a.cmp(b)));
    let ids: Vec<TurnId> = beside.turns.iter().map(|turn| turn.id).collect();
    let best: Vec<TurnId> = order.iter().take(FEEDBACK).map(|index| ids[*index]).collect();
    let feedback = FEEDBACK_COSINE.standard_scores(&(sources.feedback)(&best, &ids)?);
    for (signal, feedback) in signals.iter_mut().zip(feedback) {
        signal.feedback = feedback;
        weights.weigh(signal);
    }
    let alone: Vec<f32> = signals.iter().map(|signal| signal.alone).collect();
    for (index, signal) in signals.iter_mut().enumerate() {
        signal.neighbours = beside.both(index).map(|other| alone[other]).sum();
    }
    second_round::fill_in(question, &beside, found.len(), &mut signals);
    Ok(found
        .into_iter()
        .zip(signals)
        .map(|(found, signals)| {
            let behind = if found.turn.kind.is_evidence() { 0.0 } else { weights.own_talk };
            Hit {
                turn: found.turn,
                session_title: found.session_title,
                source: found.source,
                score: weights.score(&signals) + behind,
                signals,
                reading: None,
            }
        })
        .collect())
}

fn by_words_and_meaning(
    sources: &Sources<'_>,
    question: &Question,
    beside: &Beside<'_>,
) -> Result<Vec<Signals>, RetrievalError> {
    let turns = &beside.turns;
    let names: HashSet<String> = question
        .names
        .iter()
        .filter_map(|name| language::words(name).into_iter().next())
        .map(|word| word.term)
        .collect();
    let ids: Vec<TurnId> = turns.iter().map(|turn| turn.id).collect();
    // Meaning is compared while the words are counted.
    let (documents, cosines, late) = std::thread::scope(|scope| {
        let meaning = scope.spawn(|| ((sources.similarities)(&ids), (sources.late)(&ids)));
        let documents = documents(turns, question, &names);
        match meaning.join() {
            Ok((cosines, late)) => (documents, cosines, late),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    let cosines: Vec<f32> = cosines.into_iter().map(Option::unwrap_or_default).collect();
    let rarity = rarity(sources.memory, &question.terms)?;
    let mean_length = mean(documents.iter().map(|document| document.length)).max(1.0);
    let words: Vec<f32> = documents
        .iter()
        .map(|document| bm25(&document.counts, document.length, mean_length, &rarity))
        .collect();
    let around: Vec<f32> = (0..turns.len())
        .map(|index| {
            let mut counts = documents[index].counts.clone();
            let mut length = documents[index].length;
            for other in beside.both(index) {
                length += documents[other].length;
                for (count, more) in counts.iter_mut().zip(&documents[other].counts) {
                    *count += more;
                }
            }
            bm25(&counts, length, mean_length * 3.0, &rarity)
        })
        .collect();

    let (words, around, meaning) = (
        WORDS.standard_scores(&words),
        AROUND.standard_scores(&around),
        COSINE.standard_scores(&cosines),
    );
    let late = LATE.standard_scores(&late?);
    let all_rarity: f32 = rarity.iter().sum();
    let most_rarity = rarity.iter().copied().fold(0.0, f32::max);
    Ok((0..turns.len())
        .map(|index| {
            let (turn, document) = (turns[index], &documents[index]);
            let held =
                || document.counts.iter().zip(&rarity).filter(|(n, _)| **n > 0.0).map(|(_, r)| *r);
            let (before, after) = (beside.at(index, -1), beside.at(index, 1));
            let of = |values: &[f32], place: Option<usize>| place.map_or(0.0, |at| values[at]);
            let answers =
                before.is_some_and(|at| asks(turns[at]) && turns[at].speaker != turn.speaker);
            Signals {
                words: words[index],
                words_around: around[index],
                meaning: meaning[index],
                meaning_before: of(&meaning, before),
                meaning_after: of(&meaning, after),
                words_before: of(&words, before),
                words_after: of(&words, after),
                coverage: share(held().sum(), all_rarity),
                rarest: share(held().fold(0.0, f32::max), most_rarity),
                speaker: speaker(turn, question),
                mentions: f32::from(document.mentions),
                answer_type: f32::from(document.answers),
                time: time(turn, question),
                phrase: f32::from(holds_phrase(turn, &question.phrases)),
                proximity: document.proximity,
                pairs: document.pairs,
                is_question: f32::from(asks(turn)),
                answers_words: if answers { of(&words, before) } else { 0.0 },
                answers_late: if answers { of(&late, before) } else { 0.0 },
                late: late[index],
                length: document.length.ln_1p(),
                cosine: cosines[index],
                ..Signals::default()
            }
        })
        .collect())
}

fn asks(turn: &Turn) -> bool {
    turn.text.trim_end().ends_with('?')
}

fn holds_phrase(turn: &Turn, phrases: &[String]) -> bool {
    if phrases.is_empty() {
        return false;
    }
    let lower = turn.text.to_lowercase();
    phrases.iter().any(|phrase| lower.contains(phrase))
}

/// How long after it happened something is still told: a question about May finds what was said
/// in May and shortly after.
const TOLD_WITHIN_DAYS: i32 = 14;

fn time(turn: &Turn, question: &Question) -> f32 {
    use jiff::ToSpan as _;
    let Some(at) = turn.said_at else { return 0.0 };
    let day = at.civil().date();
    let told_of = day.checked_sub(TOLD_WITHIN_DAYS.days()).unwrap_or(day);
    let in_days = question.days.map(|(first, last)| first <= day && told_of <= last);
    let in_month = question.month.map(|month| day.month() == month || told_of.month() == month);
    match in_days.or(in_month) {
        None => 0.0,
        Some(true) => 1.0,
        Some(false) => -1.0,
    }
}

fn documents(turns: &[&Turn], question: &Question, names: &HashSet<String>) -> Vec<Document> {
    let told = |word: &str, term: &str| Told {
        term: question.terms.iter().position(|known| known == term),
        names: names.contains(term),
        answers: answers(word, question.answer_type),
    };
    let mut words = language::Told::new(told);
    turns.iter().map(|turn| document(turn, question, &mut words)).collect()
}

fn document<'t>(
    turn: &'t Turn,
    question: &Question,
    words: &mut language::Told<'t, Told, impl Fn(&str, &str) -> Told>,
) -> Document {
    let mut counts = vec![0.0; question.terms.len()];
    let mut places = Vec::new();
    let mut length = 0;
    let mut mentions = false;
    let mut answers = question.answer_type == AnswerType::When
        && turn.said_at.is_some_and(|at| language::has_time(&turn.text, at.civil().date()));
    // Whoever begins a sentence has a capital too.
    let first = match question.answer_type {
        AnswerType::Who | AnswerType::Where => 1,
        _ => 0,
    };
    words.each(&turn.text, |told| {
        if let Some(term) = told.term {
            counts[term] += 1.0;
            places.push((length, term));
        }
        mentions |= told.names;
        answers |= told.answers && length >= first;
        length += 1;
    });
    let neighbouring = places
        .windows(2)
        .filter(|pair| pair[0].0 + 1 == pair[1].0 && pair[0].1 + 1 == pair[1].1)
        .map(|pair| pair[0].1)
        .collect::<HashSet<_>>()
        .len();
    Document {
        length: length as f32,
        counts,
        proximity: proximity(&places),
        pairs: share(neighbouring as f32, question.terms.len().saturating_sub(1) as f32),
        mentions,
        answers,
    }
}

/// Whether a word by itself is such a thing as is asked for: a number, a name.
fn answers(word: &str, asked: AnswerType) -> bool {
    match asked {
        AnswerType::Duration | AnswerType::Count => {
            word != "a" && language::number(&word.to_lowercase()).is_some()
        }
        AnswerType::Who | AnswerType::Where => {
            word.len() > 1 && word.starts_with(char::is_uppercase)
        }
        _ => false,
    }
}

/// How closely different terms stand together: the mean over neighbouring pairs of 1 / distance.
fn proximity(places: &[(usize, usize)]) -> f32 {
    let pairs = places
        .windows(2)
        .filter(|pair| pair[0].1 != pair[1].1)
        .map(|pair| 1.0 / (pair[1].0 - pair[0].0) as f32);
    mean(pairs)
}

fn bm25(counts: &[f32], length: f32, mean_length: f32, rarity: &[f32]) -> f32 {
    let norm = K1 * (1.0 - B + B * length / mean_length);
    counts
        .iter()
        .zip(rarity)
        .map(|(count, rarity)| rarity * count * (K1 + 1.0) / (count + norm))
        .sum()
}

/// The inverse document frequency of each term.
fn rarity(memory: &Memory, terms: &[String]) -> Result<Vec<f32>, RetrievalError> {
    let all = memory.counts()?.turns as f32;
    let frequencies = memory.document_frequencies(terms)?;
    Ok(frequencies
        .into_iter()
        .map(|n| (1.0 + (all - n as f32 + 0.5).max(0.0) / (n as f32 + 0.5)).ln())
        .collect())
}

fn speaker(turn: &Turn, question: &Question) -> f32 {
    // An assistant's words are about the one it talks to.
    let is_program = turn.role != Role::User || language::is_program(&turn.speaker);
    if !question.selves.is_empty() && is_program {
        return 0.0;
    }
    let names = if question.names.is_empty() { &question.selves } else { &question.names };
    if names.is_empty() {
        0.0
    } else if names.contains(&turn.speaker) {
        1.0
    } else {
        -1.0
    }
}

/// What a signal usually is over the candidates of a question: measured on 300 questions to five
/// long conversations.
struct Usual {
    mean: f32,
    deviation: f32,
}

const WORDS: Usual = Usual { mean: 0.317, deviation: 0.961 };
const AROUND: Usual = Usual { mean: 0.838, deviation: 1.665 };
const COSINE: Usual = Usual { mean: 0.096, deviation: 0.095 };
const LATE: Usual = Usual { mean: 0.218, deviation: 0.064 };
const FEEDBACK_COSINE: Usual = Usual { mean: 0.408, deviation: 0.125 };

impl Usual {
    /// How many candidates the usual values count as: enough to carry a memory of a few turns,
    /// where mean and deviation mean nothing yet, and nothing beside hundreds.
    const WEIGHT: f32 = 40.0;

    /// How many standard deviations each value lies above the mean.
    fn standard_scores(&self, values: &[f32]) -> Vec<f32> {
        let n = values.len() as f32;
        let seen = mean(values.iter().copied());
        let spread = mean(values.iter().map(|x| (x - seen).powi(2)));
        let whole = n + Self::WEIGHT;
        let middle = (n * seen + Self::WEIGHT * self.mean) / whole;
        let variance = (n * (spread + (seen - middle).powi(2))
            + Self::WEIGHT * (self.deviation.powi(2) + (self.mean - middle).powi(2)))
            / whole;
        values.iter().map(|x| (x - middle) / variance.sqrt()).collect()
    }
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

fn share(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
