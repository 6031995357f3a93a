//! The encoders that can be asked for by name.
//!
//! Owns which names there are. Which one a memory wants is the start's business.

use super::{Encoder, EncoderError, HashingEncoder, MiniLm};
use std::sync::Arc;

/// An encoder that can be started.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its [`Encoder::name`].
    pub name: &'static str,
    /// Its [`Encoder::dim`].
    pub dim: usize,
    /// What it is, in one line.
    pub about: &'static str,
    /// Starts it.
    pub start: fn() -> Result<Arc<dyn Encoder>, EncoderError>,
}

/// Every encoder, the usual one first.
pub const KNOWN: &[Known] = &[
    Known {
        name: MiniLm::NAME,
        dim: MiniLm::DIM,
        about: "all-MiniLM-L6-v2 in 8 bit, part of the program; English",
        start: || Ok(Arc::new(MiniLm::start()?)),
    },
    Known {
        name: HashingEncoder::NAME,
        dim: HashingEncoder::DIM,
        about: "hashes of words, without a model: finds the same words, no meaning",
        start: || Ok(Arc::new(HashingEncoder::default())),
    },
];

/// The encoder of a name.
pub fn named(name: &str) -> Result<&'static Known, EncoderError> {
    KNOWN.iter().find(|known| known.name == name).ok_or_else(|| EncoderError::Unknown {
        name: name.to_owned(),
        known: KNOWN.iter().map(|known| known.name).collect::<Vec<_>>().join(", "),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_told_with_what_is_known() {
        assert_eq!(named("hashing").unwrap().name, "hashing");
        let error = named("word2vec").err().unwrap().to_string();
        assert!(error.contains("word2vec") && error.contains(MiniLm::NAME), "{error}");
        let hashing = (named("hashing").unwrap().start)().unwrap();
        assert_eq!((hashing.name(), hashing.dim()), ("hashing", named("hashing").unwrap().dim));
    }
}
