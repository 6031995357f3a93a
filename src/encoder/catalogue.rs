//! The encoders that can be asked for by name.
//!
//! Owns which names there are, and what the models of fastembed's catalogue want to be told. Which
//! one a memory wants is the start's business.

use super::places::Places;
use super::weights::{Prefixes, Spec, TOKENIZER, Weights, own};
use super::{Encoder, EncoderError, HashingEncoder, MiniLm};
use fastembed::{EmbeddingModel, ModelInfo, Pooling, TextEmbedding};
use std::path::PathBuf;
use std::sync::Arc;

/// What starts an encoder.
pub type Start = Box<dyn FnOnce() -> Result<Arc<dyn Encoder>, EncoderError> + Send>;

/// Before the name of a folder with a model of the user's own.
const OWN: &str = "own/";

/// An encoder that was asked for by its name, to be started.
pub struct Choice {
    /// Its [`Encoder::name`].
    pub name: &'static str,
    /// Its [`Encoder::dim`].
    pub dim: usize,
    /// Starts it.
    pub start: Start,
}

/// An encoder as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// How many dimensions its embeddings have.
    pub dim: usize,
    /// What it is.
    pub about: String,
    /// Where its weights come from; `None` for what is part of the program.
    pub repository: Option<String>,
    /// The folder in which they were found.
    pub found: Option<PathBuf>,
}

const MINILM: &str = "all-MiniLM-L6-v2 in 8 bit, part of the program; English";
const HASHING: &str = "hashes of words, without a model: finds the same words, no meaning";

/// Every encoder that has a name, the usual one first; the user's own are those of its folder.
pub fn listed(places: &Places) -> Vec<Listed> {
    let part = |name: &str, dim, about: &str| Listed {
        name: name.into(),
        dim,
        about: about.into(),
        repository: None,
        found: None,
    };
    let mut listed =
        vec![part(MiniLm::NAME, MiniLm::DIM, MINILM), part(HashingEncoder::NAME, 384, HASHING)];
    let mut models: Vec<Listed> = models()
        .map(|model| {
            let name = name_of(&model);
            Listed {
                found: places.holding(&name, &model.model_code, &model.model_file),
                dim: model.dim,
                about: model.description,
                repository: Some(model.model_code),
                name,
            }
        })
        .collect();
    models.sort_by(|a, b| a.name.cmp(&b.name));
    listed.extend(models);
    listed
}

/// Whether this can be an encoder's name. Whether its weights are there shows when it is started.
pub fn is_name(name: &str) -> bool {
    matches!(name, MiniLm::NAME | HashingEncoder::NAME)
        || own_folder(name).is_some()
        || models().any(|model| name_of(&model) == name)
}

/// The encoder of a name.
pub fn named(name: &str, places: &Places) -> Result<Choice, EncoderError> {
    if name == MiniLm::NAME {
        let start = || Ok(Arc::new(MiniLm::start()?) as Arc<dyn Encoder>);
        return Ok(Choice { name: MiniLm::NAME, dim: MiniLm::DIM, start: Box::new(start) });
    }
    if name == HashingEncoder::NAME {
        let start = || Ok(Arc::new(HashingEncoder::default()) as Arc<dyn Encoder>);
        let dim = HashingEncoder::DIM;
        return Ok(Choice { name: HashingEncoder::NAME, dim, start: Box::new(start) });
    }
    // One encoder a process, or two while embeddings are made anew.
    let kept = || -> &'static str { name.to_owned().leak() };
    let spec = if let Some(folder) = own_folder(name) {
        own(kept(), places.of_name(folder))?
    } else if let Some(model) = models().find(|model| name_of(model) == name) {
        spec(kept(), model, places)?
    } else {
        return Err(EncoderError::Unknown(name.to_owned()));
    };
    let (name, dim) = (spec.name, spec.dim);
    let start = || Ok(Arc::new(Weights::start(spec)?) as Arc<dyn Encoder>);
    Ok(Choice { name, dim, start: Box::new(start) })
}

/// The folder that a name of the user's own means. It is one, and not a way to another.
fn own_folder(name: &str) -> Option<&str> {
    name.strip_prefix(OWN).filter(|folder| {
        !folder.is_empty() && !folder.starts_with('.') && !folder.contains(['/', '\\'])
    })
}

/// The models that fastembed knows.
fn models() -> impl Iterator<Item = ModelInfo<EmbeddingModel>> {
    TextEmbedding::list_supported_models().into_iter()
}

/// A model's name: that of its repository, without what tells how it is stored; `-q` where it is
/// quantised.
fn name_of(model: &ModelInfo<EmbeddingModel>) -> String {
    let repository = model.model_code.rsplit('/').next().unwrap_or_default().to_lowercase();
    let bare = ["-onnx-q", "-onnx"].iter().find_map(|end| repository.strip_suffix(end));
    let quantised = format!("{:?}", model.model);
    let end = match quantised.rsplit_once('Q') {
        Some((_, "")) => "-q",
        Some((_, "4")) => "-q4",
        _ => "",
    };
    format!("{}{end}", bare.unwrap_or(&repository))
}

fn spec(
    name: &'static str,
    model: ModelInfo<EmbeddingModel>,
    places: &Places,
) -> Result<Spec, EncoderError> {
    let folder = places.holding(name, &model.model_code, &model.model_file);
    let folder = folder.ok_or_else(|| EncoderError::NoWeights {
        name: name.to_owned(),
        repository: model.model_code.clone(),
        folder: places.of_name(name),
        files: [&[model.model_file.as_str()][..], &TOKENIZER].concat().join(", "),
    })?;
    Ok(Spec {
        name,
        folder,
        model: model.model_file,
        more: model.additional_files,
        dim: model.dim,
        pooling: TextEmbedding::get_default_pooling_method(&model.model).unwrap_or(Pooling::Cls),
        quantization: TextEmbedding::get_quantization_mode(&model.model),
        output: model.output_key,
        prefixes: prefixes(name),
    })
}

/// What the cards of the models ask to be put before a text.
fn prefixes(name: &str) -> Prefixes {
    const SEARCHING: &str = "Represent this sentence for searching relevant passages: ";
    let (query, turn) = if name.starts_with("multilingual-e5-") {
        ("query: ", "passage: ")
    } else if name.starts_with("nomic-embed-") || name.starts_with("modernbert-embed-") {
        ("search_query: ", "search_document: ")
    } else if name.starts_with("embeddinggemma-") {
        ("task: search result | query: ", "title: none | text: ")
    } else if name.starts_with("bge-") && name.contains("-zh-") {
        ("为这个句子生成表示以用于检索相关文章：", "")
    } else if name.starts_with("bge-") && name.contains("-en-")
        || name.starts_with("snowflake-arctic-")
        || name.starts_with("mxbai-embed-")
    {
        (SEARCHING, "")
    } else {
        ("", "")
    };
    Prefixes { query: query.into(), turn: turn.into() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use crate::encoder::Purpose;
    use std::collections::HashSet;
    use std::fs;
    use std::path::Path;

    fn failure(name: &str, places: &Places) -> String {
        match named(name, places) {
            Err(error) => error.to_string(),
            Ok(choice) => (choice.start)().err().unwrap().to_string(),
        }
    }

    #[test]
    fn every_model_has_a_name_of_its_own() {
        let places = Places::default();
        let names: HashSet<String> = listed(&places).into_iter().map(|one| one.name).collect();
        assert_eq!(names.len(), models().count() + 2);
        for name in ["multilingual-e5-small", "bge-small-en-v1.5-q", "bge-m3", "hashing"] {
            assert!(names.contains(name) && is_name(name), "{name}: {names:?}");
        }
        assert!(is_name("own/mine"));
        for name in ["word2vec", "own/", "own/../etc", "own/..", "Hashing", ""] {
            assert!(!is_name(name), "{name}");
        }
        let hashing = named("hashing", &places).unwrap();
        let started = (hashing.start)().unwrap();
        assert_eq!((started.name(), started.dim()), ("hashing", hashing.dim));
    }

    #[test]
    fn what_is_unknown_or_missing_is_told_with_what_to_do() {
        let empty = tempfile::tempdir().unwrap();
        let places = Places { folder: Some(empty.path().into()), hub: None };
        let error = failure("word2vec", &places);
        assert!(error.contains("word2vec") && error.contains("--list-encoders"), "{error}");
        let error = failure("multilingual-e5-small", &places);
        assert!(
            error.contains("intfloat/multilingual-e5-small")
                && error.contains("onnx/model.onnx, tokenizer.json")
                && error.contains(&*empty.path().to_string_lossy()),
            "{error}"
        );
        let error = failure("own/mine", &places);
        assert!(error.contains("mine/config.json") && error.contains("hidden_size"), "{error}");
    }

    /// The bundled model, laid into a folder as its files lie in a repository.
    fn lay(folder: &Path, model: &str) {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/all-minilm-l6-v2");
        fs::create_dir_all(folder.join(model).parent().unwrap()).unwrap();
        fs::copy(assets.join("model-int8.onnx"), folder.join(model)).unwrap();
        for file in TOKENIZER {
            fs::copy(assets.join(file), folder.join(file)).unwrap();
        }
    }

    #[test]
    fn a_model_of_a_folder_makes_the_vectors_that_its_weights_make() {
        let home = tempfile::tempdir().unwrap();
        let places = Places { folder: Some(home.path().join("encoders")), hub: None };
        lay(&home.path().join("encoders/mine"), "model.onnx");
        let choice = named("own/mine", &places).unwrap();
        assert_eq!((choice.name, choice.dim), ("own/mine", 384));
        let mine = (choice.start)().unwrap();
        let bundled = MiniLm::start().unwrap();
        let texts = ["Zoë plays the violin daily.", ""];
        let (a, b) = (mine.encode(&texts, Purpose::Turn), bundled.encode(&texts, Purpose::Turn));
        for (a, b) in a.unwrap().iter().zip(b.unwrap()) {
            assert!(a.embedding.dot(&b.embedding) > 0.999);
        }

        // Its own configuration says what the model wants to be told.
        let config = home.path().join("encoders/mine/config_sentence_transformers.json");
        fs::write(config, r#"{"prompts": {"query": "query: ", "document": ""}}"#).unwrap();
        let mine = (named("own/mine", &places).unwrap().start)().unwrap();
        let encoded = |purpose| mine.encode(&["violin"], purpose).unwrap().remove(0);
        let (query, turn) = (encoded(Purpose::Query), encoded(Purpose::Turn));
        assert!(query.embedding.dot(&turn.embedding) < 0.99);
        assert_eq!(query.tokens.codes().len(), turn.tokens.codes().len());
    }

    #[test]
    fn weights_are_found_in_the_cache_of_the_hub_and_must_fit() {
        let home = tempfile::tempdir().unwrap();
        let cached = home.path().join("hub/models--Qdrant--all-MiniLM-L6-v2-onnx");
        for revision in ["aaa", "bbb"] {
            lay(&cached.join("snapshots").join(revision), "model.onnx");
        }
        fs::create_dir_all(cached.join("refs")).unwrap();
        fs::write(cached.join("refs/main"), "aaa\n").unwrap();
        let places = Places { folder: None, hub: Some(home.path().join("hub")) };
        let found = listed(&places).into_iter().find(|one| one.name == "all-minilm-l6-v2").unwrap();
        assert!(found.found.unwrap().ends_with("snapshots/aaa"));
        let started = (named("all-minilm-l6-v2", &places).unwrap().start)().unwrap();
        assert_eq!(started.name(), "all-minilm-l6-v2");

        // Other weights under a name are seen by their dimensions; a broken file is told.
        let places = Places { folder: Some(home.path().join("encoders")), hub: None };
        let wrong = home.path().join("encoders/multilingual-e5-base");
        lay(&wrong, "onnx/model.onnx");
        let error = failure("multilingual-e5-base", &places);
        assert!(error.contains("384 dimensions") && error.contains("has 768"), "{error}");
        fs::write(wrong.join("onnx/model.onnx"), "no model").unwrap();
        let error = failure("multilingual-e5-base", &places);
        assert!(error.contains("multilingual-e5-base does not start"), "{error}");
        fs::remove_file(wrong.join("tokenizer.json")).unwrap();
        let error = failure("multilingual-e5-base", &places);
        assert!(error.contains("tokenizer.json") && error.contains("needs it"), "{error}");
    }
}
