//! Flat codes: one byte per dimension, scanned whole.
//!
//! No graph: appending costs nothing, a removed turn is a hole that the next one fills, and the
//! index is always exact about what exists. A scan of 100,000 turns takes about as long as two
//! disk reads. The best candidates of the coarse scan are compared again at finer precision:
//! besides its codes each vector keeps a second byte per dimension with what the first one lost,
//! so that rescoring needs no trip to the disk and agrees with `f32` to about five digits.

use super::{Near, Nearest, VectorIndex};
use crate::conversation::{Embedding, TurnId};
use std::collections::HashMap;

/// How many times more candidates than asked for are rescored. Measured in the tests beside this
/// file: recall@10 against exact `f32` is 1.000 from a factor of 2 on.
const OVERSAMPLE: usize = 4;
/// At least so many candidates are rescored.
const LEAST_CANDIDATES: usize = 64;

/// An index of int8 codes with finer rescoring.
#[derive(Debug)]
pub struct FlatIndex {
    dim: usize,
    turns: Vec<Option<TurnId>>,
    slots: HashMap<TurnId, u32>,
    holes: Vec<u32>,
    /// `dim` coarse codes per slot.
    coarse: Vec<i8>,
    /// `dim` codes per slot of what the coarse ones lost.
    fine: Vec<i8>,
    /// What a coarse step is worth, per slot. A fine step is 1/254 of it.
    scales: Vec<f32>,
}

/// How many fine steps make a coarse one: the rest is within half a coarse step either way.
const FINE: f32 = 254.0;

impl FlatIndex {
    /// An empty index for embeddings of `dim` dimensions.
    pub fn new(dim: usize) -> Self {
        Self {
            dim,
            turns: Vec::new(),
            slots: HashMap::new(),
            holes: Vec::new(),
            coarse: Vec::new(),
            fine: Vec::new(),
            scales: Vec::new(),
        }
    }

    fn rescore(&self, slot: usize, query: &[f32]) -> f32 {
        let range = slot * self.dim..(slot + 1) * self.dim;
        let mut coarse = 0.0;
        let mut fine = 0.0;
        for ((q, c), f) in query.iter().zip(&self.coarse[range.clone()]).zip(&self.fine[range]) {
            coarse += q * f32::from(*c);
            fine += q * f32::from(*f);
        }
        (coarse + fine / FINE) * self.scales[slot]
    }
}

impl VectorIndex for FlatIndex {
    fn len(&self) -> usize {
        self.slots.len()
    }

    fn add(&mut self, turn: TurnId, embedding: &Embedding) {
        if embedding.dim() != self.dim {
            return;
        }
        let free = self.slots.get(&turn).copied().or_else(|| self.holes.pop());
        let slot = if let Some(slot) = free {
            slot as usize
        } else {
            self.turns.push(None);
            self.scales.push(0.0);
            self.coarse.resize(self.turns.len() * self.dim, 0);
            self.fine.resize(self.turns.len() * self.dim, 0);
            self.turns.len() - 1
        };
        let largest = embedding.as_slice().iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        for (offset, x) in embedding.as_slice().iter().enumerate() {
            let exact = x / scale;
            let coarse = exact.round();
            self.coarse[slot * self.dim + offset] = coarse as i8;
            self.fine[slot * self.dim + offset] = ((exact - coarse) * FINE).round() as i8;
        }
        self.scales[slot] = scale;
        self.turns[slot] = Some(turn);
        self.slots.insert(turn, slot as u32);
    }

    fn remove(&mut self, turn: TurnId) {
        if let Some(slot) = self.slots.remove(&turn) {
            self.turns[slot as usize] = None;
            self.scales[slot as usize] = 0.0;
            self.holes.push(slot);
        }
    }

    fn nearest(&self, query: &Embedding, k: usize, passes: &dyn Fn(TurnId) -> bool) -> Vec<Near> {
        if query.dim() != self.dim || k == 0 {
            return Vec::new();
        }
        let (codes, scale) = quantise(query.as_slice());
        let mut dots = vec![0_i32; self.turns.len()];
        scan(&self.coarse, &codes, &mut dots);
        let mut candidates = Nearest::new((k * OVERSAMPLE).max(LEAST_CANDIDATES));
        let mut threshold = f32::NEG_INFINITY;
        for (slot, (dot, turn)) in dots.iter().zip(&self.turns).enumerate() {
            let similarity = *dot as f32 * scale * self.scales[slot];
            if similarity >= threshold
                && let Some(turn) = *turn
                && passes(turn)
            {
                candidates.offer(turn, similarity);
                threshold = candidates.threshold();
            }
        }
        let mut nearest = Nearest::new(k);
        for (turn, _) in candidates.into_sorted() {
            if let Some(slot) = self.slots.get(&turn) {
                nearest.offer(turn, self.rescore(*slot as usize, query.as_slice()));
            }
        }
        nearest.into_sorted()
    }

    fn similarities(&self, query: &Embedding, turns: &[TurnId]) -> Vec<Option<f32>> {
        turns
            .iter()
            .map(|turn| {
                let slot = self.slots.get(turn).filter(|_| query.dim() == self.dim)?;
                Some(self.rescore(*slot as usize, query.as_slice()))
            })
            .collect()
    }
}

fn quantise(vector: &[f32]) -> (Vec<i8>, f32) {
    let largest = vector.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
    (vector.iter().map(|x| (x / scale).round() as i8).collect(), scale)
}

/// The inner product of `query` with each row of `codes`.
///
/// The whole loop stands inside of the dispatched function, so that the processor's features are
/// looked up once a scan; the compiler turns the inner loop into multiply-add instructions of the
/// widest vectors there are.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512vl+avx512vnni",
    "x86_64+avx2+fma",
    "aarch64+neon+dotprod",
    "aarch64+neon"
))]
fn scan(codes: &[i8], query: &[i8], dots: &mut [i32]) {
    for (row, dot) in codes.chunks_exact(query.len()).zip(dots) {
        *dot = row.iter().zip(query).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    }
}

#[cfg(test)]
pub(super) fn scan_portably(codes: &[i8], query: &[i8]) -> Vec<i32> {
    codes
        .chunks_exact(query.len())
        .map(|row| row.iter().zip(query).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum())
        .collect()
}

#[cfg(test)]
pub(super) fn scan_dispatched(codes: &[i8], query: &[i8]) -> Vec<i32> {
    let mut dots = vec![0; codes.len() / query.len()];
    scan(codes, query, &mut dots);
    dots
}
