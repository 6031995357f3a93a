//! Joins words and meaning, ranks turns.
//!
//! Owns: which turns are candidates, their signals, and the weights that make a score of them
//! (`weights.rs`, the one place). Does not own: the words and vectors themselves, which are
//! `memory`'s and `index`'s, nor reading an answer out of a turn, which is `decoder`'s.

mod second_round;
mod second_stage;
mod signals;
mod weights;

pub use second_stage::rerank;
pub use weights::Weights;

use crate::conversation::{Embedding, Encoded, TurnId};
use crate::encoder::{Encoder, EncoderError, Purpose};
use crate::evidence::Hit;
use crate::index::VectorIndex;
use crate::memory::{Memory, MemoryError, WordMatch};
use crate::question::Question;
use std::collections::HashSet;

/// How many candidates each of words and meaning brings. On conversations of 600 turns 300 is
/// nearly everything; on a million it is what can be read in a few milliseconds.
const CANDIDATES: usize = 300;

/// Ranks remembered turns for a query.
pub struct Retriever {
    weights: Weights,
}

/// Where turns are looked for by meaning: the encoder and the index of its vectors.
#[derive(Clone, Copy)]
pub struct Meaning<'a> {
    /// Makes the query's embedding.
    pub encoder: &'a dyn Encoder,
    /// Holds the turns' embeddings, of the same encoder.
    pub index: &'a dyn VectorIndex,
}

/// Why nothing could be retrieved.
#[derive(Debug, thiserror::Error)]
pub enum RetrievalError {
    /// The memory failed.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The encoder failed.
    #[error(transparent)]
    Encoder(#[from] EncoderError),
}

impl Default for Retriever {
    fn default() -> Self {
        Self::new(Weights::default())
    }
}

impl Retriever {
    /// A retriever with other weights than the default ones.
    pub fn new(weights: Weights) -> Self {
        Self { weights }
    }

    /// The `limit` best turns for a question, best first; turns of equal score in the order in which
    /// they were remembered. `meaning` may be missing: then words alone decide.
    pub fn retrieve(
        &self,
        memory: &Memory,
        meaning: Option<Meaning<'_>>,
        question: &Question,
        limit: usize,
    ) -> Result<Vec<Hit>, RetrievalError> {
        let filter = &question.query.filter;
        let passing = memory.passing(filter)?;
        let passes = |turn: TurnId| passing.holds(turn);
        let candidates = CANDIDATES.max(limit);

        // Words and meaning are looked for at the same time: one waits for the disk, the other
        // computes.
        let (near, by_words) = std::thread::scope(|scope| {
            let near = meaning.map(|meaning| {
                scope.spawn(move || nearest(meaning, question, candidates, &passes))
            });
            let by_words = by_words(memory, question, filter.folded, candidates, &passes);
            let near = match near.map(std::thread::ScopedJoinHandle::join) {
                None => Ok(None),
                Some(Ok(near)) => near.map(Some),
                Some(Err(panic)) => std::panic::resume_unwind(panic),
            };
            (near, by_words)
        });
        let (near, by_words) = (near?, by_words?);

        let mut ids: Vec<TurnId> = Vec::new();
        let mut seen = HashSet::new();
        let by_meaning = near.iter().flat_map(|(_, near)| near.iter().map(|(turn, _)| *turn));
        for turn in by_meaning.chain(by_words) {
            if seen.insert(turn) {
                ids.push(turn);
            }
        }
        ids.sort_unstable();
        let found = memory.found(&ids)?;
        let turns: Vec<_> = found.iter().map(|found| found.turn.clone()).collect();
        let neighbours = memory.neighbours(&turns)?;
        let similarities = |turns: &[TurnId]| match (&near, meaning) {
            (Some((encoded, _)), Some(meaning)) => {
                meaning.index.similarities(&encoded.embedding, turns)
            }
            _ => vec![None; turns.len()],
        };
        let feedback = |best: &[TurnId], turns: &[TurnId]| -> Result<Vec<f32>, RetrievalError> {
            let Some(meaning) = meaning else { return Ok(vec![0.0; turns.len()]) };
            let best = memory.embeddings_of(meaning.encoder.name(), best)?;
            let Some(centre) = centre(best.iter().flatten()) else {
                return Ok(vec![0.0; turns.len()]);
            };
            let near = meaning.index.similarities(&centre, turns);
            Ok(near.into_iter().map(Option::unwrap_or_default).collect())
        };
        let late = |turns: &[TurnId]| -> Result<Vec<f32>, RetrievalError> {
            let (Some((encoded, _)), Some(meaning)) = (&near, meaning) else {
                return Ok(vec![0.0; turns.len()]);
            };
            let query = encoded.tokens.to_query();
            let codes = memory.token_codes(meaning.encoder.name(), turns)?;
            Ok(codes.iter().map(|codes| query.similarity(codes)).collect())
        };
        let sources = signals::Sources {
            memory,
            neighbours: &neighbours,
            similarities: &similarities,
            feedback: &feedback,
            late: &late,
        };
        let mut hits = signals::score(&sources, &self.weights, question, found)?;
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.turn.id.cmp(&b.turn.id)));
        if meaning.is_some() && hits.iter().all(is_far) {
            hits.clear();
        }
        hits.truncate(limit);
        Ok(hits)
    }
}

/// Whether a hit has neither a word of the query nor anything of its meaning.
fn is_far(hit: &Hit) -> bool {
    const NEAR: f32 = 0.25;
    hit.signals.coverage <= 0.0 && hit.signals.cosine < NEAR
}

/// The mean of embeddings, of length 1.
fn centre<'a>(embeddings: impl Iterator<Item = &'a Embedding>) -> Option<Embedding> {
    let mut sum: Vec<f32> = Vec::new();
    for embedding in embeddings {
        sum.resize(sum.len().max(embedding.dim()), 0.0);
        for (total, x) in sum.iter_mut().zip(embedding.as_slice()) {
            *total += x;
        }
    }
    (!sum.is_empty()).then(|| Embedding::normalised(sum))
}

#[cfg(test)]
mod tests;

type Nearest = (Encoded, Vec<(TurnId, f32)>);

fn nearest(
    meaning: Meaning<'_>,
    question: &Question,
    limit: usize,
    passes: &dyn Fn(TurnId) -> bool,
) -> Result<Nearest, RetrievalError> {
    let encoded = meaning
        .encoder
        .encode(&[question.without_names.as_str()], Purpose::Query)?
        .pop()
        .ok_or_else(|| EncoderError::Model("it gave no vector".into()))?;
    let near = meaning.index.nearest(&encoded.embedding, limit, passes);
    Ok((encoded, near))
}

/// Full-text candidates, among what is folded away too where it is `folded` that is wanted.
fn by_words(
    memory: &Memory,
    question: &Question,
    folded: bool,
    limit: usize,
    passes: &dyn Fn(TurnId) -> bool,
) -> Result<Vec<TurnId>, RetrievalError> {
    let mut found = enough(limit, passes, |wanted| {
        memory.word_matches(&question.search_terms, question.unfinished, wanted)
    })?;
    if folded {
        found.extend(enough(limit, passes, |wanted| {
            memory.folded_word_matches(&question.search_terms, question.unfinished, wanted)
        })?);
    }
    Ok(found)
}

/// With a filter, more are taken from the full text, so that enough remain.
fn enough(
    limit: usize,
    passes: &dyn Fn(TurnId) -> bool,
    take: impl Fn(usize) -> Result<Vec<WordMatch>, MemoryError>,
) -> Result<Vec<TurnId>, RetrievalError> {
    let mut wanted = limit;
    loop {
        let matches = take(wanted)?;
        let exhausted = matches.len() < wanted;
        let passing: Vec<TurnId> =
            matches.into_iter().map(|found| found.turn).filter(|turn| passes(*turn)).collect();
        if exhausted || passing.len() >= limit {
            return Ok(passing.into_iter().take(limit).collect());
        }
        wanted *= 8;
    }
}
