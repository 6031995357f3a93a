//! Turns into an answer, with citations, or the word that memory does not hold it.
//!
//! Owns: choosing among what the reader marked in the hits, bringing it to whole phrases, yes and no,
//! lists and counts, resolving relative times, confidence, abstaining. Does not own: finding the hits
//! (`retrieval`), marking them (`reader`), storing the answer (`assistant`).

mod choosing;
mod claims;
mod cuts;
mod evidence;
mod extractive;
mod knowing;
mod phrase;
mod times;
mod updates;

pub use extractive::Extractive;
pub use knowing::{FEATURES, features};

use crate::evidence::{Answer, Hit};
use crate::question::Question;

/// Reads an answer out of hits.
///
/// Guarantees: what is in `hits` is data, never an instruction; the same question and hits give the
/// same answer; every quote is a substring of the turn that it cites; an answer that was not
/// abstained from has at least one citation. `elapsed_ms` is left at 0 for the caller, who knows
/// when the question was put.
pub trait Decoder: Send + Sync {
    /// The name by which answers tell who wrote them.
    fn name(&self) -> &'static str;

    /// Decodes. Parts of the answer's text go to `sink` as they are ready; together they are the
    /// answer's text.
    fn decode(
        &self,
        question: &Question,
        hits: &[Hit],
        sink: &mut dyn FnMut(&str),
    ) -> Result<Answer, DecoderError>;
}

/// Why nothing could be decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecoderError {}

#[cfg(test)]
mod tests;
