//! What a model makes of one text: its tokens in order, each with its vector.
//!
//! Does not own which model it is, nor what becomes of the vectors.

use super::EncoderError;
use fastembed::{OutputKey, TextEmbedding};

/// A text as a model reads it.
pub(super) struct Read {
    pub(super) ids: Vec<u32>,
    /// Where each token stands in the text, in bytes.
    pub(super) places: Vec<(usize, usize)>,
    /// How long a vector is.
    pub(super) dim: usize,
    /// The vectors of the tokens, one after the other; of one for the whole text where the model
    /// gives no more.
    pub(super) values: Vec<f32>,
    /// Whether each token has a vector.
    pub(super) by_token: bool,
}

/// Runs the model on a text alone.
pub(super) fn read(
    session: &mut TextEmbedding,
    outputs: &[OutputKey],
    text: &str,
) -> Result<Read, EncoderError> {
    let failed = |why: String| EncoderError::Model(why);
    let tokens = session.tokenizer.encode(text, true).map_err(|error| failed(error.to_string()))?;
    let output = session.transform([text], Some(1)).map_err(model_error)?;
    let batches = output.into_raw();
    let batch = batches.first().ok_or_else(|| failed("it gave no vectors".into()))?;
    let hidden = batch.select_output(&outputs).map_err(model_error)?;
    let values = hidden.as_slice().ok_or_else(|| failed("its vectors are not in a row".into()))?;
    let (length, dim, by_token) = match *hidden.shape() {
        [1, length, dim] => (length, dim, true),
        [1, dim] => (1, dim, false),
        ref shape => {
            return Err(failed(format!("it gave vectors of an unknown shape, {shape:?}")));
        }
    };
    let known = length.min(tokens.get_ids().len());
    Ok(Read {
        ids: tokens.get_ids()[..known].to_vec(),
        places: tokens.get_offsets()[..known].to_vec(),
        dim,
        values: values[..known * dim].to_vec(),
        by_token,
    })
}

impl Read {
    /// Its words: the first and the last token are marks.
    pub(super) fn words(&self) -> impl Iterator<Item = (usize, &[f32])> {
        let last = if self.by_token { self.ids.len().saturating_sub(1) } else { 0 };
        let all = self.values.chunks_exact(self.dim).enumerate();
        all.filter(move |(place, _)| *place > 0 && *place < last)
    }

    /// The mean of its tokens' vectors, or the one that there is.
    pub(super) fn mean(&self) -> Vec<f32> {
        let mut mean = vec![0.0; self.dim];
        for vector in self.values.chunks_exact(self.dim) {
            for (sum, x) in mean.iter_mut().zip(vector) {
                *sum += x;
            }
        }
        mean
    }

    /// The vector of its first token, or the one that there is.
    pub(super) fn first(&self) -> Vec<f32> {
        self.values[..self.dim.min(self.values.len())].to_vec()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(super) fn model_error(error: fastembed::Error) -> EncoderError {
    EncoderError::Model(error.to_string())
}
