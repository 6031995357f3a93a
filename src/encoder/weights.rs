//! A model whose weights lie in a folder of the user's: one of fastembed's catalogue, or any other
//! that gives sentence embeddings as ONNX.
//!
//! Owns: which files belong to it, what its own configuration says of it, running it. Does not own
//! where the folder is (`places`), and fetches nothing.

use super::reading::{self, Read, model_error};
use super::tokens::Projection;
use super::{Embedding, Encoded, Encoder, EncoderError, Purpose};
use crate::conversation::Tokens;
use crate::runtime;
use fastembed::{
    InitOptionsUserDefined, OutputKey, Pooling, QuantizationMode, TextEmbedding, TokenizerFiles,
    UserDefinedEmbeddingModel,
};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The files beside the model itself.
pub(super) const TOKENIZER: [&str; 4] =
    ["tokenizer.json", "config.json", "special_tokens_map.json", "tokenizer_config.json"];
/// At most so many tokens of a text are read.
const LONGEST: usize = 512;

/// What is known of a model before it is read.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    /// The folder with its files.
    pub(super) folder: PathBuf,
    /// The model's file in it.
    pub(super) model: String,
    /// Files of weights that the model's file refers to.
    pub(super) more: Vec<String>,
    pub(super) dim: usize,
    pub(super) pooling: Pooling,
    pub(super) quantization: QuantizationMode,
    pub(super) output: Option<OutputKey>,
    pub(super) prefixes: Prefixes,
}

/// What stands before a text, so that the model knows what it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prefixes {
    pub(super) query: String,
    pub(super) turn: String,
}

/// The model, started.
pub(super) struct Weights {
    spec: Spec,
    outputs: Vec<OutputKey>,
    session: Mutex<TextEmbedding>,
}

/// One of the user's own, as its folder tells it: the layout of sentence-transformers.
pub(super) fn own(name: &'static str, folder: PathBuf) -> Result<Spec, EncoderError> {
    let models =
        ["model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx"];
    let model = models.into_iter().find(|file| folder.join(file).is_file()).unwrap_or(models[0]);
    let config = json(&folder.join("config.json")).unwrap_or_default();
    let size = ["hidden_size", "dim", "d_model"].iter().find_map(|key| config.get(key)?.as_u64());
    let dim = size.ok_or_else(|| EncoderError::Weights {
        path: folder.join("config.json"),
        why: format!("{name} needs it, with the number of dimensions as `hidden_size`"),
    })?;
    let pooling = json(&folder.join("1_Pooling/config.json")).unwrap_or_default();
    let by_first = pooling.get("pooling_mode_cls_token").and_then(Value::as_bool) == Some(true);
    let prompts = json(&folder.join("config_sentence_transformers.json")).unwrap_or_default();
    let prompt = |keys: &[&str]| {
        let found = keys.iter().find_map(|key| prompts.get("prompts")?.get(key)?.as_str());
        found.unwrap_or_default().to_owned()
    };
    Ok(Spec {
        name,
        model: model.into(),
        more: vec![format!("{model}_data")],
        dim: dim as usize,
        pooling: if by_first { Pooling::Cls } else { Pooling::Mean },
        quantization: QuantizationMode::None,
        output: None,
        prefixes: Prefixes { query: prompt(&["query"]), turn: prompt(&["document", "passage"]) },
        folder,
    })
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

impl Weights {
    /// Reads the files and starts the model; makes sure that it gives what was promised.
    pub(super) fn start(spec: Spec) -> Result<Self, EncoderError> {
        let bytes = |file: &str| {
            let path = spec.folder.join(file);
            fs::read(&path).map_err(|why| EncoderError::Weights {
                why: format!("{} needs it: {why}", spec.name),
                path,
            })
        };
        let [tokenizer_file, config_file, special_tokens_map_file, tokenizer_config_file] =
            TOKENIZER;
        let files = TokenizerFiles {
            tokenizer_file: bytes(tokenizer_file)?,
            config_file: bytes(config_file)?,
            special_tokens_map_file: bytes(special_tokens_map_file)?,
            tokenizer_config_file: bytes(tokenizer_config_file)?,
        };
        let mut model = UserDefinedEmbeddingModel::new(bytes(&spec.model)?, files)
            .with_pooling(spec.pooling.clone())
            .with_quantization(spec.quantization);
        for file in &spec.more {
            if spec.folder.join(file).is_file() {
                let name = file.rsplit('/').next().unwrap_or(file).to_owned();
                model = model.with_external_initializer(name, bytes(file)?);
            }
        }
        // One text at a time, on all processors: a session a thread would hold the weights as often.
        let options = InitOptionsUserDefined::new()
            .with_environment(runtime::environment()?)
            .with_max_length(LONGEST);
        let (name, folder) = (spec.name, spec.folder.clone());
        let of_it = |error: EncoderError| EncoderError::Weights {
            path: folder.clone(),
            why: format!("{name} does not start: {error}"),
        };
        let session = TextEmbedding::try_new_from_user_defined(model, options);
        let outputs = match &spec.output {
            Some(key) => vec![key.clone()],
            None => vec![
                OutputKey::OnlyOne,
                OutputKey::ByName("text_embeds"),
                OutputKey::ByName("last_hidden_state"),
                OutputKey::ByName("sentence_embedding"),
            ],
        };
        let session = Mutex::new(session.map_err(|error| of_it(model_error(error)))?);
        let started = Self { spec, outputs, session };
        let dim = started.read("").map_err(of_it)?.dim;
        if dim != started.spec.dim {
            return Err(EncoderError::Weights {
                path: started.spec.folder.join(&started.spec.model),
                why: format!(
                    "it makes vectors of {dim} dimensions, and {} has {}: these are the weights of \
                     another model",
                    started.spec.name, started.spec.dim
                ),
            });
        }
        Ok(started)
    }

    fn read(&self, text: &str) -> Result<Read, EncoderError> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        reading::read(&mut session, &self.outputs, text)
    }

    fn encode_one(&self, text: &str, purpose: Purpose) -> Result<Encoded, EncoderError> {
        let prefix = match purpose {
            Purpose::Query => &self.spec.prefixes.query,
            Purpose::Turn => &self.spec.prefixes.turn,
        };
        let read = self.read(&format!("{prefix}{text}"))?;
        let vector = match self.spec.pooling {
            Pooling::Cls => read.first(),
            Pooling::Mean => read.mean(),
        };
        let mut tokens = Tokens::default();
        let projection = Projection::of(read.dim);
        for (place, vector) in read.words() {
            // What the prefix says is said of every text.
            if read.places[place].0 >= prefix.len() {
                tokens.push(&projection.apply(vector), weight(read.ids[place]));
            }
        }
        Ok(Encoded { embedding: Embedding::normalised(vector), tokens })
    }
}

/// Every token counts alike: how vocabularies are ordered differs.
fn weight(_: u32) -> f32 {
    1.0
}

impl Encoder for Weights {
    fn name(&self) -> &str {
        self.spec.name
    }

    fn dim(&self) -> usize {
        self.spec.dim
    }

    fn encode(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Encoded>, EncoderError> {
        texts.iter().map(|text| self.encode_one(text, purpose)).collect()
    }
}
