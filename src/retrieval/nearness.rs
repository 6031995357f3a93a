//! Reads the best hits closely: how near each of their words is to each of the question's.
//!
//! The tokens' vectors of the best few turns are made again when the question is asked. What is
//! stored of them is too rough to choose words by (`docs/quality.md`).

use super::question::MOST_SPEAKERS;
use super::{Meaning, Question, RetrievalError};
use crate::conversation::spoken;
use crate::encoder::Vectors;
use crate::evidence::{AskedToken, Hit, Nearness, Query};
use crate::language;
use crate::memory::Memory;
use std::ops::Range;
use std::sync::Arc;

/// So many of the best hits are read closely.
const HITS: usize = 8;
/// So much of a turn is read, in bytes: an answer of an assistant can be as long as a book, and a
/// question must not take longer for it.
const EXCERPT: usize = 600;

/// Fills in [`Hit::nearness`] of the best hits.
pub fn read_closely(
    memory: &Memory,
    meaning: Meaning<'_>,
    query: &Query,
    hits: &mut [Hit],
) -> Result<(), RetrievalError> {
    let question = Question::understand(query, &memory.speakers(MOST_SPEAKERS)?);
    let read = hits.len().min(HITS);
    let excerpts: Vec<Range<usize>> =
        hits[..read].iter().map(|hit| excerpt(&hit.turn.text, &question.terms)).collect();
    let mut texts = vec![question.without_names.clone()];
    for (hit, excerpt) in hits.iter().zip(&excerpts) {
        texts.push(spoken(&hit.turn.speaker, &hit.turn.text[excerpt.clone()]));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut vectors = meaning.encoder.vectors(&texts)?.into_iter();
    let Some(asked) = vectors.next() else { return Ok(()) };
    let tokens: Arc<[AskedToken]> = asked_tokens(&question.without_names, &asked).into();
    for ((hit, excerpt), said) in hits.iter_mut().zip(excerpts).zip(vectors) {
        // The speaker's name stands before the text.
        let name = spoken(&hit.turn.speaker, "").len();
        let own: Vec<Range<usize>> = said
            .places()
            .iter()
            .filter(|place| place.start >= name)
            .map(|place| place.start - name + excerpt.start..place.end - name + excerpt.start)
            .collect();
        let (all, before) = (said.places().len(), said.places().len() - own.len());
        let cosines = asked.cosines(&said);
        let cosines = cosines.chunks_exact(all.max(1)).flat_map(|row| row[before..].to_vec());
        hit.nearness =
            Nearness { asked: Arc::clone(&tokens), cosines: cosines.collect(), places: own };
    }
    Ok(())
}

fn asked_tokens(question: &str, asked: &Vectors) -> Vec<AskedToken> {
    let tokens = asked.places().iter().zip(asked.weights());
    tokens
        .map(|(place, weight)| AskedToken {
            text: question.get(place.clone()).unwrap_or_default().to_lowercase(),
            weight: *weight,
        })
        .collect()
}

/// The part of a turn that is read: all of a short one, of a longer one the sentences around the
/// one with most of the question's terms.
fn excerpt(text: &str, terms: &[String]) -> Range<usize> {
    if text.len() <= EXCERPT {
        return 0..text.len();
    }
    let sentences = language::sentences(text);
    let held = |range: &Range<usize>| {
        let words = language::words(&text[range.clone()]);
        terms.iter().filter(|term| words.iter().any(|word| word.term == **term)).count()
    };
    let mut best = (0, 0);
    for (place, sentence) in sentences.iter().enumerate() {
        let held = held(sentence);
        if held > best.1 {
            best = (place, held);
        }
    }
    let start = sentences.get(best.0.saturating_sub(1)).map_or(0, |sentence| sentence.start);
    start..text.floor_char_boundary((start + EXCERPT).min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_turn_is_read_where_it_speaks_of_the_question() {
        let talk = "Nothing of note happened é that day. ".repeat(60);
        let text = format!("{talk}Then the heron landed. {talk}");
        let range = excerpt(&text, &["heron".to_owned()]);
        assert!(text[range.clone()].contains("heron landed"));
        assert!(range.len() <= EXCERPT && range.len() > EXCERPT - 4);
        assert_eq!(excerpt("Short.", &[]), 0..6);
    }
}
