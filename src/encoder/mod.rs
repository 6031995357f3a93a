//! Text to vector.
//!
//! Owns: the [`Encoder`] trait, the bundled model by way of fastembed, models whose weights are in a
//! folder of the user's, a hashing encoder for tests. Does not own: storing or comparing vectors.

mod catalogue;
mod hashing;
mod minilm;
mod places;
mod reading;
mod tokens;
mod weights;

pub use catalogue::{Choice, Listed, Start, is_name, listed, named};
pub use hashing::HashingEncoder;
pub use minilm::MiniLm;
pub use places::Places;

pub use crate::conversation::{Embedding, Encoded};
pub use crate::runtime::{NO_TELEMETRY, RuntimeError};

/// What a text is encoded for. Some models want to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be found: a turn.
    Turn,
    /// To find: a question.
    Query,
}

/// Makes embeddings of texts.
///
/// Guarantees: one [`Encoded`] per text, in order, its embedding of [`Encoder::dim`] dimensions and
/// of length 1; the same text gives the same vectors whatever it is encoded together with. A text that is
/// longer than the model reads is cut at its end; an empty one is allowed.
pub trait Encoder: Send + Sync {
    /// A name that changes whenever the embeddings do. Stored beside each vector: vectors of
    /// different names are never compared.
    fn name(&self) -> &str;

    /// The number of dimensions.
    fn dim(&self) -> usize;

    /// Encodes texts, on as many threads as pay.
    fn encode(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Encoded>, EncoderError>;

    /// Whether its vocabulary holds a word whole, as it does common words of its language that are spelt
    /// right; `None` if it cannot say.
    fn knows(&self, _word: &str) -> Option<bool> {
        None
    }
}

/// Why an encoder did not start or did not encode. Each message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncoderError {
    /// The runtime did not start.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// No encoder has this name.
    #[error("unknown encoder {0}; `recount reindex --list-encoders` lists all encoders")]
    Unknown(String),
    /// The weights of an encoder are nowhere.
    #[error(
        "the weights of {name} are not installed, and recount does not download them: put the files \
         of {repository} ({files}) into {folder}, or run `hf download {repository}`"
    )]
    NoWeights {
        /// The encoder.
        name: String,
        /// Where they come from.
        repository: String,
        /// Where they are looked for first.
        folder: std::path::PathBuf,
        /// The files.
        files: String,
    },
    /// A file of the weights is missing, broken, or another model's.
    #[error("{path}: {why}")]
    Weights {
        /// The file or folder.
        path: std::path::PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The model failed.
    #[error("encoder error: {0}")]
    Model(String),
}
