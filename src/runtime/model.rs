//! A model that reads tokens.

use super::{RuntimeError, environment};
use ort::session::Session;
use ort::value::Tensor;

/// A loaded model. It runs on one thread: whoever wants more loads it as often.
pub struct Model {
    session: Session,
}

/// What a model gives: the numbers of each output that was asked for, in row-major order.
pub type Outputs = Vec<Vec<f32>>;

impl Model {
    /// Loads a model from the bytes of its ONNX file.
    pub fn load(bytes: &[u8]) -> Result<Self, RuntimeError> {
        let session = Session::builder(&environment()?)
            .map_err(failed)?
            .with_intra_threads(1)
            .map_err(failed)?
            .commit_from_memory(bytes)
            .map_err(failed)?;
        Ok(Self { session })
    }

    /// Runs the model on one text: its tokens, and which of two parts each belongs to (0 or 1).
    /// `outputs` names what is wanted of it.
    pub fn run(
        &mut self,
        ids: &[i64],
        parts: &[i64],
        outputs: &[&str],
    ) -> Result<Outputs, RuntimeError> {
        let tensor = |values: &[i64]| {
            Tensor::from_array(([1, values.len()], values.to_vec())).map_err(failed)
        };
        let made = self
            .session
            .run(ort::inputs![
                "input_ids" => tensor(ids)?,
                "attention_mask" => tensor(&vec![1; ids.len()])?,
                "token_type_ids" => tensor(parts)?,
            ])
            .map_err(failed)?;
        let numbers = |name: &&str| {
            let value = made
                .get(name)
                .ok_or_else(|| RuntimeError::Model(format!("it has no output {name}")))?;
            Ok(value.try_extract_tensor::<f32>().map_err(failed)?.1.to_vec())
        };
        outputs.iter().map(numbers).collect()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn failed<T>(error: ort::Error<T>) -> RuntimeError {
    RuntimeError::Model(error.to_string())
}
