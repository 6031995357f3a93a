//! Measuring token vectors along fixed directions.

use crate::conversation::DIRECTIONS;
use std::sync::{Arc, Mutex, PoisonError};

/// Directions in the space of an encoder's vectors, at right angles to each other and the same in
/// every run: they are part of what a stored code means.
pub(super) struct Projection {
    dim: usize,
    /// One row of `dim` components per direction.
    rows: Vec<f32>,
}

impl Projection {
    /// The directions for vectors of `dim` dimensions, made at the first call. There are few models,
    /// and two only while the embeddings are made anew.
    pub(super) fn of(dim: usize) -> Arc<Self> {
        static MADE: Mutex<Vec<Arc<Projection>>> = Mutex::new(Vec::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.iter().find(|known| known.dim == dim) {
            return Arc::clone(known);
        }
        let new = Arc::new(Self::new(dim));
        made.push(Arc::clone(&new));
        new
    }

    fn new(dim: usize) -> Self {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let mut rows: Vec<f32> = Vec::with_capacity(DIRECTIONS * dim);
        for _ in 0..DIRECTIONS {
            let mut row: Vec<f32> = (0..dim).map(|_| numbers.next()).collect();
            // Gram–Schmidt.
            for known in rows.chunks_exact(dim) {
                let along: f32 = row.iter().zip(known).map(|(a, b)| a * b).sum();
                for (x, y) in row.iter_mut().zip(known) {
                    *x -= along * y;
                }
            }
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            rows.extend(row.iter().map(|x| x / length));
        }
        Self { dim, rows }
    }

    /// The components of a vector along the directions.
    pub(super) fn apply(&self, vector: &[f32]) -> [f32; DIRECTIONS] {
        std::array::from_fn(|direction| {
            let row = &self.rows[direction * self.dim..(direction + 1) * self.dim];
            dot(row, vector)
        })
    }
}

/// Eight sums at a time, so that the compiler may use vector instructions: floating-point sums
/// keep the order in which they are written.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// Numbers between −1 and 1 that are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dimension_has_its_own() {
        assert_eq!(Projection::of(8).rows.len(), DIRECTIONS * 8);
        assert_eq!(Projection::of(16).rows.len(), DIRECTIONS * 16);
        assert!(Projection::of(8).apply(&[0.0; 8]).iter().all(|along| *along == 0.0));
    }

    #[test]
    fn directions_are_at_right_angles_and_of_length_one() {
        let projection = Projection::new(384);
        let rows: Vec<&[f32]> = projection.rows.chunks_exact(384).collect();
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate().take(i + 1) {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot(a, b) - expected).abs() < 1e-3, "{i} {j}");
            }
        }
    }

    /// Stored codes mean these directions: they must never change for this encoder's name.
    #[test]
    fn directions_stay_what_they_are() {
        let first = &Projection::new(384).rows[..3];
        let expected = EXPECTED;
        for (a, b) in first.iter().zip(expected) {
            assert!((a - b).abs() < 1e-5, "{first:?}");
        }
    }

    const EXPECTED: [f32; 3] = [0.066_169_4, -0.019_438_952, -0.003_570_072_8];
}
