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

/// How many slots are rescored side by side.
const TOGETHER: usize = 4;

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

    /// The finer similarity of each slot.
    ///
    /// Floating-point sums depend on their order, so each is added up from the first dimension to
    /// the last; those of a few slots are added side by side, where one would wait for itself.
    fn rescore(&self, slots: &[u32], query: &[f32]) -> Vec<f32> {
        let mut products = vec![[0.0_f32; 2 * TOGETHER]; self.dim];
        let mut similarities = Vec::with_capacity(slots.len());
        for slots in slots.chunks(TOGETHER) {
            for (lane, slot) in slots.iter().enumerate() {
                let range = *slot as usize * self.dim..(*slot as usize + 1) * self.dim;
                let codes = self.coarse[range.clone()].iter().zip(&self.fine[range]);
                for ((products, q), (coarse, fine)) in products.iter_mut().zip(query).zip(codes) {
                    products[lane] = q * f32::from(*coarse);
                    products[TOGETHER + lane] = q * f32::from(*fine);
                }
            }
            let mut sums = [0.0_f32; 2 * TOGETHER];
            for products in &products {
                for (sum, product) in sums.iter_mut().zip(products) {
                    *sum += product;
                }
            }
            similarities.extend(slots.iter().enumerate().map(|(lane, slot)| {
                (sums[lane] + sums[TOGETHER + lane] / FINE) * self.scales[*slot as usize]
            }));
        }
        similarities
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

    fn retain(&mut self, keep: &dyn Fn(TurnId) -> bool) {
        let gone: Vec<TurnId> = self.slots.keys().copied().filter(|turn| !keep(*turn)).collect();
        for turn in gone {
            self.remove(turn);
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
        let (turns, slots): (Vec<TurnId>, Vec<u32>) = candidates
            .into_sorted()
            .into_iter()
            .filter_map(|(turn, _)| Some((turn, *self.slots.get(&turn)?)))
            .unzip();
        let mut nearest = Nearest::new(k);
        for (turn, similarity) in turns.into_iter().zip(self.rescore(&slots, query.as_slice())) {
            nearest.offer(turn, similarity);
        }
        nearest.into_sorted()
    }

    fn similarities(&self, query: &Embedding, turns: &[TurnId]) -> Vec<Option<f32>> {
        if query.dim() != self.dim {
            return vec![None; turns.len()];
        }
        let slots: Vec<Option<u32>> =
            turns.iter().map(|turn| self.slots.get(turn).copied()).collect();
        let there: Vec<u32> = slots.iter().copied().flatten().collect();
        let mut rescored = self.rescore(&there, query.as_slice()).into_iter();
        slots.into_iter().map(|slot| slot.and_then(|_| rescored.next())).collect()
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
