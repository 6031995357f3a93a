//! Turns into an answer, with citations, or the word that memory does not hold it.
//!
//! Owns: reading spans and sentences out of hits, resolving relative times, confidence, abstaining.
//! Does not own: finding the hits (`retrieval`), storing the answer (`assistant`).

mod attribution;
mod evidence;
mod extractive;
mod spans;

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
