//! The tokens of a text with their whole vectors: for comparing few texts closely.

use std::ops::Range;

/// The tokens of a text, each with where it stands and its vector.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vectors {
    dim: usize,
    places: Vec<Range<usize>>,
    weights: Vec<f32>,
    /// `dim` components a token, of length 1.
    components: Vec<f32>,
}

impl Vectors {
    /// Adds a token: where it stands in the text, in bytes, its vector, and how much it counts in a
    /// query. All vectors of a text are of the same dimension.
    pub fn push(&mut self, place: Range<usize>, vector: &[f32], weight: f32) {
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        self.dim = vector.len();
        self.places.push(place);
        self.weights.push(weight);
        self.components.extend(vector.iter().map(|x| x / length));
    }

    /// Where each token stands, in bytes.
    pub fn places(&self) -> &[Range<usize>] {
        &self.places
    }

    /// How much each token counts in a query.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The cosine of each of these tokens with each of the other text's, those of one of these
    /// tokens in a row.
    pub fn cosines(&self, other: &Self) -> Vec<f32> {
        if self.dim != other.dim || self.dim == 0 {
            return Vec::new();
        }
        let rows = self.components.chunks_exact(self.dim);
        rows.flat_map(|a| other.components.chunks_exact(self.dim).map(|b| super::tokens::dot(a, b)))
            .collect()
    }
}
