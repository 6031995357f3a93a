//! The bundled model, all-MiniLM-L6-v2 with int8 weights, run by fastembed.

use super::reading::{self, Read, model_error};
use super::tokens::Projection;
use super::{Embedding, Encoded, Encoder, EncoderError, Purpose};
use crate::conversation::Tokens;
use crate::runtime;
use fastembed::{
    InitOptionsUserDefined, OutputKey, Pooling, QuantizationMode, TextEmbedding, TokenizerFiles,
    UserDefinedEmbeddingModel,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

const MODEL: &[u8] = include_bytes!("../../assets/all-minilm-l6-v2/model-int8.onnx");
const TOKENIZER: &[u8] = include_bytes!("../../assets/all-minilm-l6-v2/tokenizer.json");
const CONFIG: &[u8] = include_bytes!("../../assets/all-minilm-l6-v2/config.json");
const SPECIAL_TOKENS: &[u8] =
    include_bytes!("../../assets/all-minilm-l6-v2/special_tokens_map.json");
const TOKENIZER_CONFIG: &[u8] =
    include_bytes!("../../assets/all-minilm-l6-v2/tokenizer_config.json");

/// all-MiniLM-L6-v2: 384 dimensions, mean pooling, at most 256 tokens of a text.
pub struct MiniLm {
    /// One session per thread. The first is made at the start, the others when a batch first
    /// wants them.
    sessions: Vec<OnceLock<Mutex<TextEmbedding>>>,
}

impl MiniLm {
    /// Its [`Encoder::name`].
    pub const NAME: &'static str = "all-minilm-l6-v2-int8";
    /// Its [`Encoder::dim`].
    pub const DIM: usize = 384;

    /// Starts the encoder: loads the runtime library and the model.
    pub fn start() -> Result<Self, EncoderError> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        // Beyond a few threads the memory's single writer is what an import waits for.
        let encoder = Self { sessions: (0..threads.min(8)).map(|_| OnceLock::new()).collect() };
        encoder.session(0)?;
        Ok(encoder)
    }

    fn session(&self, index: usize) -> Result<&Mutex<TextEmbedding>, EncoderError> {
        let cell = &self.sessions[index];
        if let Some(session) = cell.get() {
            return Ok(session);
        }
        let session = open()?;
        Ok(cell.get_or_init(|| Mutex::new(session)))
    }

    /// One text at a time per thread: that was the fastest of what was tried (`assets/README.md`),
    /// since a batch pads all of its texts to the longest.
    fn each<T: Send>(
        &self,
        texts: &[&str],
        make: fn(&mut TextEmbedding, &str) -> Result<T, EncoderError>,
    ) -> Result<Vec<T>, EncoderError> {
        let threads = self.sessions.len().min(texts.len());
        if threads <= 1 {
            let mut session = lock(self.session(0)?);
            return texts.iter().map(|text| make(&mut session, text)).collect();
        }
        // The longest first: one that comes last would leave the other threads idle.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(texts[*index].len()));
        let next = AtomicUsize::new(0);
        let work = |thread: usize| -> Result<Vec<(usize, T)>, EncoderError> {
            let mut made = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(&index) = order.get(place) else { return Ok(made) };
                // The lock is let go after each text, so that a question asked meanwhile waits
                // for one text and not for the batch.
                made.push((index, make(&mut lock(self.session(thread)?), texts[index])?));
            }
        };
        let mut made = std::thread::scope(|scope| {
            let others: Vec<_> =
                (1..threads).map(|thread| scope.spawn(move || work(thread))).collect();
            let mut made = work(0)?;
            for other in others {
                let part = other
                    .join()
                    .map_err(|_| EncoderError::Model("a thread of it panicked".into()))??;
                made.extend(part);
            }
            Ok::<_, EncoderError>(made)
        })?;
        made.sort_unstable_by_key(|(index, _)| *index);
        Ok(made.into_iter().map(|(_, made)| made).collect())
    }
}

fn open() -> Result<TextEmbedding, EncoderError> {
    let files = TokenizerFiles {
        tokenizer_file: TOKENIZER.to_vec(),
        config_file: CONFIG.to_vec(),
        special_tokens_map_file: SPECIAL_TOKENS.to_vec(),
        tokenizer_config_file: TOKENIZER_CONFIG.to_vec(),
    };
    let model = UserDefinedEmbeddingModel::new(MODEL.to_vec(), files)
        .with_pooling(Pooling::Mean)
        .with_quantization(QuantizationMode::Static);
    let options = InitOptionsUserDefined::new()
        .with_environment(runtime::environment()?)
        .with_max_length(256)
        .with_intra_threads(1);
    TextEmbedding::try_new_from_user_defined(model, options).map_err(model_error)
}

fn read(session: &mut TextEmbedding, text: &str) -> Result<Read, EncoderError> {
    reading::read(session, &[OutputKey::OnlyOne], text)
}

/// The embedding is the mean of the tokens' vectors, so one run of the model gives both.
fn encode_one(session: &mut TextEmbedding, text: &str) -> Result<Encoded, EncoderError> {
    let read = read(session, text)?;
    let mut tokens = Tokens::default();
    let projection = Projection::of(read.dim);
    for (place, vector) in read.words() {
        tokens.push(&projection.apply(vector), weight(read.ids[place]));
    }
    Ok(Encoded { embedding: Embedding::normalised(read.mean()), tokens })
}

/// How much a token counts in a query. The vocabulary is sorted by how frequent words are, so a
/// token's place in it tells how rare it is, as the rank does in Zipf's law.
fn weight(id: u32) -> f32 {
    /// The place of the most frequent word; signs and single letters stand before it.
    const FIRST_WORD: u32 = 1_991;
    match id.checked_sub(FIRST_WORD) {
        Some(rank) => (2.0 + rank as f32).ln(),
        None => 0.5,
    }
}

impl Encoder for MiniLm {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn dim(&self) -> usize {
        Self::DIM
    }

    fn encode(&self, texts: &[&str], _: Purpose) -> Result<Vec<Encoded>, EncoderError> {
        self.each(texts, encode_one)
    }

    fn knows(&self, word: &str) -> Option<bool> {
        let session = lock(self.session(0).ok()?);
        Some(session.tokenizer.token_to_id(&word.to_lowercase()).is_some())
    }
}

fn lock<T>(held: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Row {
        text: String,
        embedding: Vec<f32>,
    }
    #[derive(serde::Deserialize)]
    struct Fixture {
        rows: Vec<Row>,
    }

    #[test]
    fn agrees_with_the_full_precision_model() {
        let fixture: Fixture = serde_json::from_str(
            &std::fs::read_to_string(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/assets/all-minilm-l6-v2/fixture-embeddings.json"
            ))
            .unwrap(),
        )
        .unwrap();
        let encoder = MiniLm::start().unwrap();
        let texts: Vec<&str> = fixture.rows.iter().map(|row| row.text.as_str()).collect();
        assert!(texts.len() >= 10);
        let made = encoder.encode(&texts, Purpose::Turn).unwrap();
        for (row, made) in fixture.rows.iter().zip(&made) {
            let cosine = made.embedding.dot(&Embedding::normalised(row.embedding.clone()));
            assert!(cosine >= 0.98, "{cosine} for {:?}", row.text);
        }
        // Alone or in company, the same text gives the same bits.
        let alone = encoder.encode(&texts[3..4], Purpose::Turn).unwrap();
        assert_eq!(alone[0], made[3]);
    }

    #[test]
    fn an_empty_text_has_an_embedding() {
        let encoder = MiniLm::start().unwrap();
        let made = encoder.encode(&[""], Purpose::Query).unwrap();
        assert_eq!(made[0].embedding.dim(), encoder.dim());
        assert!(made[0].tokens.is_empty());
    }
}
