//! Reads a turn with a question in mind: where the answer is in it, or that it is not there; whether it
//! says yes or no; how much it is about the matter.
//!
//! Owns: the model in `assets/reader`, how a question and a turn become its tokens, and what its numbers
//! mean. Does not own: which turns are read (`retrieval` finds them, `assistant` hands them over), what
//! becomes of the readings (`retrieval` ranks by them, `decoder` answers from them), the runtime.

mod passage;
mod spans;

pub use passage::Passage;

use crate::evidence::{Claim, Reading};
use crate::runtime::{Model, RuntimeError};
use passage::Tokens;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use tokenizers::Tokenizer;

const MODEL: &[u8] = include_bytes!("../../assets/reader/model-int8.onnx");
const TOKENIZER: &[u8] = include_bytes!("../../assets/all-minilm-l6-v2/tokenizer.json");

/// The model's outputs: for each token, whether the answer starts and ends at it; for the whole, how
/// much it is about the question; yes, no, silent; whether the question is one.
const OUTPUTS: &[&str] = &["token", "whole"];

/// A reading model, loaded. It speaks English.
pub struct Reader {
    tokenizer: Tokenizer,
    /// One model per thread. The first is loaded at the start, the others when first wanted.
    models: Vec<OnceLock<Mutex<Model>>>,
}

/// Why the reader did not start or did not read. Each message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReaderError {
    /// The runtime or the model failed.
    #[error("the reader failed: {0}")]
    Runtime(#[from] RuntimeError),
    /// The tokenizer failed.
    #[error("the reader cannot tokenize a text: {0}")]
    Tokenizer(String),
}

impl Reader {
    /// Loads the model that comes with recount.
    pub fn start() -> Result<Self, ReaderError> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let reader = Self {
            tokenizer: passage::tokenizer(TOKENIZER)?,
            models: (0..threads.min(8)).map(|_| OnceLock::new()).collect(),
        };
        reader.model(0)?;
        Ok(reader)
    }

    /// Reads each passage for the question; one [`Reading`] per passage, in order. The same passage
    /// has the same reading whatever it is read together with.
    pub fn read(
        &self,
        question: &str,
        passages: &[Passage<'_>],
    ) -> Result<Vec<Reading>, ReaderError> {
        let asked = passage::question(&self.tokenizer, question)?;
        let tokens: Vec<Tokens> = passages
            .iter()
            .map(|passage| passage.tokens(&self.tokenizer, &asked))
            .collect::<Result<_, _>>()?;
        // The longest first: one that comes last would leave the other threads idle.
        let mut order: Vec<usize> = (0..tokens.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(tokens[*at].ids.len()));
        let next = AtomicUsize::new(0);
        let work = |thread: usize| -> Result<Vec<(usize, Reading)>, ReaderError> {
            let mut read = Vec::new();
            while let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut model = self.model(thread)?.lock().unwrap_or_else(PoisonError::into_inner);
                read.push((at, run(&mut model, &tokens[at], &passages[at])?));
            }
            Ok(read)
        };
        let threads = self.models.len().min(tokens.len());
        let mut read = std::thread::scope(|scope| {
            let others: Vec<_> =
                (1..threads).map(|thread| scope.spawn(move || work(thread))).collect();
            let mut read = work(0)?;
            for other in others {
                match other.join() {
                    Ok(part) => read.extend(part?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok::<_, ReaderError>(read)
        })?;
        read.sort_unstable_by_key(|(at, _)| *at);
        Ok(read.into_iter().map(|(_, reading)| reading).collect())
    }

    /// The log-odds that a line asks something, as opposed to telling it.
    pub fn asks(&self, line: &str) -> Result<f32, ReaderError> {
        let line = passage::question(&self.tokenizer, line)?;
        let (ids, parts) = passage::alone(&line);
        let mut model = self.model(0)?.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = model.run(&ids, &parts, &["whole"])?;
        let asks = outputs.first().and_then(|whole| whole.get(4));
        Ok(*asks.ok_or_else(|| RuntimeError::Model("it gave numbers of another shape".into()))?)
    }

    fn model(&self, thread: usize) -> Result<&Mutex<Model>, ReaderError> {
        let cell = &self.models[thread];
        if let Some(model) = cell.get() {
            return Ok(model);
        }
        let model = Model::load(MODEL)?;
        Ok(cell.get_or_init(|| Mutex::new(model)))
    }
}

fn run(model: &mut Model, tokens: &Tokens, passage: &Passage<'_>) -> Result<Reading, ReaderError> {
    let mut outputs = model.run(&tokens.ids, &tokens.parts, OUTPUTS)?.into_iter();
    let (Some(token), Some(whole)) = (outputs.next(), outputs.next()) else {
        return Err(RuntimeError::Model("it gave no numbers".into()).into());
    };
    let [about, yes, no, silent, _] = whole[..] else {
        return Err(RuntimeError::Model("it gave numbers of another shape".into()).into());
    };
    Ok(Reading {
        spans: spans::best(&token, tokens, passage),
        about,
        claim: claim([yes, no, silent]),
    })
}

/// Probabilities from logits.
fn claim(logits: [f32; 3]) -> Claim {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let [yes, no, silent] = logits.map(|logit| (logit - most).exp());
    let all = yes + no + silent;
    Claim { yes: yes / all, no: no / all, silent: silent / all }
}

#[cfg(test)]
mod tests;
