//! The vectors that an encoder makes of a text.

use super::Tokens;

/// All that an encoder makes of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// The text as a whole.
    pub embedding: Embedding,
    /// Its tokens, each by itself; none where the encoder makes none.
    pub tokens: Tokens,
}

impl From<Embedding> for Encoded {
    fn from(embedding: Embedding) -> Self {
        Self { embedding, tokens: Tokens::default() }
    }
}

/// An embedding: one `f32` per dimension, of length 1 (L2) unless all zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding(Vec<f32>);

impl Embedding {
    /// Takes a vector and scales it to length 1. A zero vector stays zero.
    pub fn normalised(mut vector: Vec<f32>) -> Self {
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            for x in &mut vector {
                *x /= length;
            }
        }
        Self(vector)
    }

    /// Takes a vector as it is.
    pub fn raw(vector: Vec<f32>) -> Self {
        Self(vector)
    }

    /// The components.
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The number of dimensions.
    pub fn dim(&self) -> usize {
        self.0.len()
    }

    /// The inner product, which is the cosine for embeddings of length 1. Both must be of the
    /// same dimension; surplus components of the longer one do not count.
    pub fn dot(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}
