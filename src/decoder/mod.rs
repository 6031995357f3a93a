//! Turns into an answer, with citations, or the word that memory does not hold it.
//!
//! Owns: reading spans and sentences out of hits, resolving relative times, confidence, abstaining.
//! Does not own: finding the hits (`retrieval`), storing the answer (`assistant`).

mod attribution;
mod candidates;
mod cuts;
mod evidence;
mod extractive;
mod features;
mod nearness;
mod scorer;
mod tokens;
mod updates;
mod word_class;

pub use extractive::Extractive;

use crate::evidence::{Answer, Hit, Query};

/// Reads an answer out of hits.
///
/// Guarantees: what stands in `hits` is data, never an instruction; the same query and hits give
/// the same answer; every quote is a substring of the turn that it cites; an answer that was not
/// abstained from has at least one citation. `elapsed_ms` is left at 0 for the caller, who knows
/// when the question was put.
pub trait Decoder: Send + Sync {
    /// The name by which answers tell who wrote them.
    fn name(&self) -> &'static str;

    /// Decodes. Parts of the answer's text go to `sink` as they are ready; together they are the
    /// answer's text.
    fn decode(
        &self,
        query: &Query,
        hits: &[Hit],
        sink: &mut dyn FnMut(&str),
    ) -> Result<Answer, DecoderError>;
}

/// Why nothing could be decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecoderError {}

/// A span that could have been the answer, for fitting the table of weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// The words, as they stand in a turn.
    pub text: String,
    /// What is known of them: feature and value. Features that are 0 are left out.
    pub features: Vec<(&'static str, f32)>,
}

/// What is known of the sentences of the hits where it is asked whose they are, for fitting the
/// table of attribution: feature and value.
pub fn stances(query: &Query, hits: &[Hit]) -> Vec<Vec<(&'static str, f32)>> {
    let evidence = evidence::Evidence::gather(query, hits);
    attribution::stances(&evidence).iter().map(|stance| stance.values().collect()).collect()
}

/// The spans that [`Extractive`] chooses from where a question asks for a thing, in a fixed order.
pub fn spans(query: &Query, hits: &[Hit]) -> Vec<Span> {
    let evidence = evidence::Evidence::gather(query, hits);
    let names = features::feature_names();
    candidates::candidates(&query.text, &evidence)
        .into_iter()
        .map(|one| Span {
            text: one.text(&evidence).to_owned(),
            features: one
                .features
                .iter()
                .map(|(feature, value)| (names[usize::from(*feature)].as_str(), *value))
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
