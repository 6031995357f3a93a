//! The signals of candidate turns, and the score that the weights make of them.

use super::{Question, RetrievalError, Weights};
use crate::conversation::{SessionId, Turn, TurnId};
use crate::evidence::{Hit, Signals};
use crate::language;
use crate::memory::{Found, Memory};
use std::collections::HashMap;

/// BM25's saturation and length normalisation.
const K1: f32 = 1.2;
const B: f32 = 0.6;

/// A turn's words, counted for the question's terms.
struct Document {
    length: f32,
    /// How often each of the question's terms stands in it.
    counts: Vec<f32>,
    proximity: f32,
}

/// Computes the signals and the score of every candidate. `neighbours` are turns next to them that
/// are not candidates themselves.
pub(super) fn score(
    memory: &Memory,
    weights: &Weights,
    question: &Question,
    found: Vec<Found>,
    neighbours: &[Turn],
    similarities: &dyn Fn(&[TurnId]) -> Vec<Option<f32>>,
) -> Result<Vec<Hit>, RetrievalError> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let turns: Vec<&Turn> = found.iter().map(|found| &found.turn).chain(neighbours).collect();
    let places: HashMap<(SessionId, i64), usize> =
        turns.iter().enumerate().map(|(i, turn)| ((turn.session, turn.position), i)).collect();
    let beside = |i: usize| {
        let turn = turns[i];
        [turn.position - 1, turn.position + 1]
            .into_iter()
            .filter_map(|position| places.get(&(turn.session, position)).copied())
    };

    let documents: Vec<Document> =
        turns.iter().map(|turn| document(turn, &question.terms)).collect();
    let rarity = rarity(memory, &question.terms)?;
    let mean_length = mean(documents.iter().map(|document| document.length)).max(1.0);
    let alone: Vec<f32> = documents
        .iter()
        .map(|document| bm25(&document.counts, document.length, mean_length, &rarity))
        .collect();
    let around: Vec<f32> = (0..turns.len())
        .map(|i| {
            let mut counts = documents[i].counts.clone();
            let mut length = documents[i].length;
            for j in beside(i) {
                length += documents[j].length;
                for (count, more) in counts.iter_mut().zip(&documents[j].counts) {
                    *count += more;
                }
            }
            bm25(&counts, length, mean_length * 3.0, &rarity)
        })
        .collect();
    let ids: Vec<TurnId> = turns.iter().map(|turn| turn.id).collect();
    let meaning: Vec<f32> = similarities(&ids).into_iter().map(Option::unwrap_or_default).collect();

    let standard_alone = standard_scores(&alone);
    let standard_around = standard_scores(&around);
    let standard_meaning = standard_scores(&meaning);
    let most_alone = largest(&alone);
    let most_around = largest(&around);
    let all_rarity: f32 = rarity.iter().sum();

    let mut signals: Vec<Signals> = (0..turns.len())
        .map(|i| {
            let turn = turns[i];
            let covered: f32 = documents[i]
                .counts
                .iter()
                .zip(&rarity)
                .filter(|(count, _)| **count > 0.0)
                .map(|(_, rarity)| rarity)
                .sum();
            let lower = turn.text.to_lowercase();
            Signals {
                words: share(alone[i], most_alone),
                words_around: share(around[i], most_around),
                meaning: meaning[i],
                meaning_around: beside(i).map(|j| meaning[j]).fold(0.0, f32::max),
                coverage: share(covered, all_rarity),
                speaker: speaker(turn, &question.names),
                answer_type: 0.0,
                time: 0.0,
                phrase: f32::from(u8::from(
                    question.phrases.iter().any(|phrase| lower.contains(phrase)),
                )),
                proximity: documents[i].proximity,
                is_question: f32::from(u8::from(turn.text.trim_end().ends_with('?'))),
                length: documents[i].length.ln_1p(),
                neighbours: 0.0,
                alone: 0.0,
                content: 0.0,
            }
        })
        .collect();
    for (i, signal) in signals.iter_mut().enumerate() {
        signal.content = weights.words * standard_alone[i]
            + weights.words_around * standard_around[i]
            + weights.meaning * standard_meaning[i]
            + weights.meaning_around * signal.meaning_around
            + weights.coverage * signal.coverage
            + weights.answer_type * signal.answer_type
            + weights.phrase * signal.phrase
            + weights.proximity * signal.proximity
            + weights.is_question * signal.is_question
            + weights.length * signal.length;
        signal.alone = signal.content + weights.speaker * signal.speaker;
    }
    let by_itself: Vec<f32> = signals.iter().map(|signal| signal.alone).collect();
    for (i, signal) in signals.iter_mut().enumerate() {
        signal.neighbours = beside(i).map(|j| by_itself[j]).sum();
    }
    Ok(found
        .into_iter()
        .zip(signals)
        .map(|(found, signals)| Hit {
            turn: found.turn,
            session_title: found.session_title,
            source: found.source,
            score: signals.alone + weights.smoothing * signals.neighbours,
            signals,
        })
        .collect())
}

fn document(turn: &Turn, terms: &[String]) -> Document {
    let words = language::words(&turn.text);
    let mut counts = vec![0.0; terms.len()];
    let mut places = Vec::new();
    for (place, word) in words.iter().enumerate() {
        if let Some(term) = terms.iter().position(|term| *term == word.term) {
            counts[term] += 1.0;
            places.push((place, term));
        }
    }
    Document { length: words.len() as f32, counts, proximity: proximity(&places) }
}

/// How closely different terms stand together: the mean over neighbouring pairs of 1 / distance.
fn proximity(places: &[(usize, usize)]) -> f32 {
    let pairs: Vec<f32> = places
        .windows(2)
        .filter(|pair| pair[0].1 != pair[1].1)
        .map(|pair| 1.0 / (pair[1].0 - pair[0].0) as f32)
        .collect();
    mean(pairs.into_iter())
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

fn speaker(turn: &Turn, names: &[String]) -> f32 {
    if names.is_empty() {
        0.0
    } else if names.contains(&turn.speaker) {
        1.0
    } else {
        -1.0
    }
}

fn standard_scores(values: &[f32]) -> Vec<f32> {
    let mean_value = mean(values.iter().copied());
    let deviation = mean(values.iter().map(|x| (x - mean_value).powi(2))).sqrt();
    if deviation < 1e-6 {
        return vec![0.0; values.len()];
    }
    values.iter().map(|x| (x - mean_value) / deviation).collect()
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

fn largest(values: &[f32]) -> f32 {
    values.iter().copied().fold(0.0, f32::max)
}

fn share(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
