//! Every component as it is: the reference that the compressed index is measured by.

use super::{Near, Nearest, VectorIndex};
use crate::conversation::{Embedding, TurnId};
use std::collections::BTreeMap;

/// An index that compares full `f32` vectors. Exact, and four times the size of [`super::FlatIndex`].
#[derive(Debug, Default)]
pub struct ExactIndex {
    vectors: BTreeMap<TurnId, Embedding>,
}

impl VectorIndex for ExactIndex {
    fn len(&self) -> usize {
        self.vectors.len()
    }

    fn add(&mut self, turn: TurnId, embedding: &Embedding) {
        self.vectors.insert(turn, embedding.clone());
    }

    fn remove(&mut self, turn: TurnId) {
        self.vectors.remove(&turn);
    }

    fn retain(&mut self, keep: &dyn Fn(TurnId) -> bool) {
        self.vectors.retain(|turn, _| keep(*turn));
    }

    fn nearest(&self, query: &Embedding, k: usize, passes: &dyn Fn(TurnId) -> bool) -> Vec<Near> {
        let mut nearest = Nearest::new(k);
        for (turn, embedding) in &self.vectors {
            if embedding.dim() == query.dim() && passes(*turn) {
                nearest.offer(*turn, embedding.dot(query));
            }
        }
        nearest.into_sorted()
    }

    fn similarities(&self, query: &Embedding, turns: &[TurnId]) -> Vec<Option<f32>> {
        turns.iter().map(|turn| self.vectors.get(turn).map(|vector| vector.dot(query))).collect()
    }
}
