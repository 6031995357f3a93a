//! An encoder without a model: words hashed to signed dimensions.

use super::{Embedding, Encoded, Encoder, EncoderError, Purpose};
use crate::conversation::{DIRECTIONS, Tokens};
use crate::language;
use sha2::{Digest, Sha256};

/// Hashes a text's terms into a few dimensions: deterministic, instant, and texts that share words
/// are near each other. For tests, and for trying recount where no model runs.
#[derive(Debug, Clone)]
pub struct HashingEncoder {
    dim: usize,
}

impl HashingEncoder {
    /// Its [`Encoder::name`].
    pub const NAME: &'static str = "hashing";
    /// Its usual [`Encoder::dim`].
    pub const DIM: usize = 384;

    /// An encoder of `dim` dimensions, at least 1.
    pub fn new(dim: usize) -> Self {
        Self { dim: dim.max(1) }
    }
}

impl Default for HashingEncoder {
    fn default() -> Self {
        Self::new(Self::DIM)
    }
}

impl Encoder for HashingEncoder {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn encode(&self, texts: &[&str], _: Purpose) -> Result<Vec<Encoded>, EncoderError> {
        Ok(texts.iter().map(|text| self.encode_one(text)).collect())
    }
}

impl HashingEncoder {
    fn encode_one(&self, text: &str) -> Encoded {
        let mut vector = vec![0.0; self.dim];
        let mut tokens = Tokens::default();
        for word in language::words(text) {
            if language::is_stop_word(word.text) {
                continue;
            }
            let hash = Sha256::digest(word.term.as_bytes());
            tokens.push(&signs(&hash), 1.0);
            for bytes in hash.chunks_exact(4).take(4) {
                let place = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                let sign = if place & 1 == 0 { 1.0 } else { -1.0 };
                vector[(place >> 1) as usize % self.dim] += sign;
            }
        }
        // Also a text without words has a direction of its own.
        if vector.iter().all(|x| *x == 0.0) {
            vector[0] = 1.0;
        }
        Encoded { embedding: Embedding::normalised(vector), tokens }
    }
}

/// A direction of its own for each hash.
fn signs(hash: &[u8]) -> [f32; DIRECTIONS] {
    std::array::from_fn(|i| if hash[i / 8 % hash.len()] >> (i % 8) & 1 == 1 { 1.0 } else { -1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_words_bring_texts_near() {
        let encoder = HashingEncoder::default();
        let texts = ["I painted a sunrise", "a painting of the sunrise", "tax forms are due"];
        let made = encoder.encode(&texts, Purpose::Turn).unwrap();
        let cosine = |a: usize, b: usize| made[a].embedding.dot(&made[b].embedding);
        assert!(cosine(0, 1) > 0.5);
        assert!(cosine(0, 2) < 0.3);
        assert!((cosine(0, 0) - 1.0).abs() < 1e-5);
        let late =
            |a: usize, b: usize| made[a].tokens.to_query().similarity(&made[b].tokens.codes());
        assert!(late(0, 1) > 0.9 && late(0, 2) < 0.5);
    }
}
