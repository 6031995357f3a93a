//! Nearest vectors, in memory, kept in step with what is stored and always rebuildable from it.
//!
//! Owns: codes of the embeddings and the scan over them. Does not own: the truth, which is
//! `memory`'s; making embeddings, which is `encoder`'s.

mod exact;
mod flat;

pub use exact::ExactIndex;
pub use flat::FlatIndex;

use crate::conversation::{Embedding, TurnId};

/// A turn and how near its embedding is: the cosine, −1 to 1.
pub type Near = (TurnId, f32);

/// An index of embeddings by turn.
///
/// Order: results come nearest first; equal ones by ascending turn id, so that they are the same
/// in every run. Vectors of a wrong dimension are never added and never found.
pub trait VectorIndex: Send + Sync {
    /// How many turns it holds.
    fn len(&self) -> usize;

    /// Whether it holds none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a turn, or replaces its embedding.
    fn add(&mut self, turn: TurnId, embedding: &Embedding);

    /// Takes a turn out; does nothing where it is not there.
    fn remove(&mut self, turn: TurnId);

    /// Takes out every turn that `keep` does not hold.
    fn retain(&mut self, keep: &dyn Fn(TurnId) -> bool);

    /// The `k` nearest of the turns that pass.
    fn nearest(&self, query: &Embedding, k: usize, passes: &dyn Fn(TurnId) -> bool) -> Vec<Near>;

    /// The cosine with each of `turns`, in their order; `None` where one is not in the index.
    fn similarities(&self, query: &Embedding, turns: &[TurnId]) -> Vec<Option<f32>>;
}

/// Keeps the `k` nearest of a stream.
struct Nearest {
    k: usize,
    found: std::collections::BinaryHeap<std::cmp::Reverse<Ranked>>,
}

#[derive(PartialEq)]
struct Ranked(f32, TurnId);

impl Eq for Ranked {}
impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}
impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Nearest {
    fn new(k: usize) -> Self {
        Self { k, found: std::collections::BinaryHeap::with_capacity(k + 1) }
    }

    /// The similarity below which nothing is kept any more.
    fn threshold(&self) -> f32 {
        if self.found.len() < self.k {
            f32::NEG_INFINITY
        } else {
            self.found.peek().map_or(f32::NEG_INFINITY, |least| least.0.0)
        }
    }

    fn offer(&mut self, turn: TurnId, similarity: f32) {
        self.found.push(std::cmp::Reverse(Ranked(similarity, turn)));
        if self.found.len() > self.k {
            self.found.pop();
        }
    }

    fn into_sorted(self) -> Vec<Near> {
        self.found.into_sorted_vec().into_iter().map(|entry| (entry.0.1, entry.0.0)).collect()
    }
}

#[cfg(test)]
mod tests;
