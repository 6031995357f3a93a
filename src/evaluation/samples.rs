//! Reads files of samples: conversations with questions whose evidence is known.
//!
//! The shape is `LoCoMo`'s, `[{"sample_id", "conversation", "qa"}]`. Only the questions are read
//! here, and which turn ids there are: the conversation is left to the importer.

use super::EvaluationError;
use crate::files;
use regex::Regex;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::LazyLock;

/// What kind of question it is, as `LoCoMo` counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// 1: the answer lies in several turns.
    MultiHop,
    /// 2: when something was.
    Temporal,
    /// 3: what was said has to be joined with what is known of the world.
    OpenDomain,
    /// 4: the answer lies in one turn.
    SingleHop,
    /// 5: memory does not hold the answer; the evidence is what misleads.
    Adversarial,
    /// None of these, or none given. Memory holds the answer.
    Other,
}

impl Category {
    /// The number by which files call it; none for [`Other`](Self::Other).
    pub fn number(self) -> Option<u8> {
        match self {
            Self::MultiHop => Some(1),
            Self::Temporal => Some(2),
            Self::OpenDomain => Some(3),
            Self::SingleHop => Some(4),
            Self::Adversarial => Some(5),
            Self::Other => None,
        }
    }

    fn read(question: &Value) -> Self {
        let number = match question.get("category") {
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_i64(),
            None => None,
        };
        match number {
            Some(1) => Self::MultiHop,
            Some(2) => Self::Temporal,
            Some(3) => Self::OpenDomain,
            Some(4) => Self::SingleHop,
            Some(5) => Self::Adversarial,
            _ => Self::Other,
        }
    }
}

/// A question with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// `sample_id/index`, the index counted in the sample's `qa` from 0.
    pub id: String,
    /// Its category.
    pub category: Category,
    /// What is asked.
    pub text: String,
    /// The reference answer, if there is one.
    pub answer: Option<String>,
    /// The ids of the evidence turns as the file gives them; those only that the conversation has.
    pub given: Vec<String>,
    /// The same after corrections.
    pub corrected: Vec<String>,
}

/// A conversation with its questions.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The sample's id; made of the file's name and its place where it has none.
    pub id: String,
    /// The record as the importer reads it.
    pub(super) record: Value,
    /// The questions that can be asked, evidence or not.
    pub questions: Vec<Question>,
    /// The ids of the conversation's turns.
    turns: HashSet<String>,
}

/// Corrected evidence: question id → turn ids.
pub type Corrections = BTreeMap<String, Vec<String>>;

/// Reads the samples of a file.
pub fn read(path: &Path) -> Result<Vec<Sample>, EvaluationError> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    samples(json(path)?, &stem)
        .map_err(|why| EvaluationError::NotSamples { path: path.to_owned(), why })
}

/// Reads a file of corrected evidence, a map from question ids to lists of turn ids.
pub fn read_corrections(path: &Path) -> Result<Corrections, EvaluationError> {
    let failed = |why: String| EvaluationError::NotCorrections { path: path.to_owned(), why };
    let Value::Object(fields) = json(path)? else {
        return Err(failed("it is no JSON object".into()));
    };
    fields
        .into_iter()
        .map(|(id, value)| match &value {
            Value::Array(ids) if ids.iter().all(Value::is_string) => Ok((id, turn_ids(&value))),
            _ => Err(failed(format!("the value of \"{id}\" is not a list of strings"))),
        })
        .collect()
}

/// Puts corrections in the place of the evidence; returns the ids of those that name no question.
/// A turn id that the conversation does not have is dropped.
pub fn correct<'c>(samples: &mut [Sample], corrections: &'c Corrections) -> Vec<&'c str> {
    let mut unused: Vec<&str> = corrections.keys().map(String::as_str).collect();
    for sample in samples {
        for question in &mut sample.questions {
            if let Some(ids) = corrections.get(&question.id) {
                question.corrected = among(ids.clone(), &sample.turns);
                unused.retain(|id| *id != question.id);
            }
        }
    }
    unused
}

pub(super) fn json(path: &Path) -> Result<Value, EvaluationError> {
    let bytes = files::regular(path)
        .and_then(|()| std::fs::read(path))
        .map_err(|why| EvaluationError::Unreadable { path: path.to_owned(), why })?;
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes))
        .map_err(|error| EvaluationError::NotJson { path: path.to_owned(), why: error.to_string() })
}

fn samples(file: Value, stem: &str) -> Result<Vec<Sample>, String> {
    let records = match file {
        Value::Array(records) => records,
        Value::Object(_) => vec![file],
        _ => return Err("it is no list of samples".into()),
    };
    if records.is_empty() {
        return Err("its list of samples is empty".into());
    }
    (1..).zip(records).map(|(place, record)| sample(record, stem, place)).collect()
}

fn sample(mut record: Value, stem: &str, place: usize) -> Result<Sample, String> {
    let Value::Object(fields) = &mut record else {
        return Err(format!("sample {place} is no JSON object"));
    };
    let id = fields.get("sample_id").and_then(text).unwrap_or_else(|| format!("{stem}-{place}"));
    fields.insert("sample_id".into(), id.clone().into());
    // In the older layout the sessions stand in the sample itself.
    let conversation = fields.get("conversation").and_then(Value::as_object).unwrap_or(fields);
    let turns = turns(conversation);
    if turns.is_empty() {
        return Err(format!("sample {place} has no \"conversation\" of turns with a \"dia_id\""));
    }
    let questions = match fields.get("qa") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(questions)) => (0..)
            .zip(questions)
            .filter_map(|(index, one)| question(one, format!("{id}/{index}"), &turns))
            .collect(),
        Some(_) => return Err(format!("\"qa\" of sample {place} is no list")),
    };
    Ok(Sample { id, record, questions, turns })
}

fn turns(conversation: &Map<String, Value>) -> HashSet<String> {
    let lists = conversation.values().filter_map(Value::as_array).flatten();
    lists.filter_map(|turn| turn.get("dia_id").and_then(text)).collect()
}

/// Returns a question; `None` where nothing is asked.
fn question(value: &Value, id: String, turns: &HashSet<String>) -> Option<Question> {
    let asked = value.get("question").and_then(Value::as_str)?;
    if asked.trim().is_empty() {
        return None;
    }
    let given = among(value.get("evidence").map(turn_ids).unwrap_or_default(), turns);
    Some(Question {
        id,
        category: Category::read(value),
        text: asked.to_owned(),
        answer: value.get("answer").and_then(text),
        corrected: given.clone(),
        given,
    })
}

/// Returns every turn id in a text or a list of texts: some entries hold several, or more than ids.
fn turn_ids(value: &Value) -> Vec<String> {
    #[expect(clippy::unwrap_used, reason = "a constant, compiled in a test")]
    static TURN_ID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"D\d+:\d+").unwrap());
    let ids = |text: &str| -> Vec<String> {
        TURN_ID.find_iter(text).map(|id| id.as_str().to_owned()).collect()
    };
    match value {
        Value::String(text) => ids(text),
        Value::Array(list) => list.iter().filter_map(Value::as_str).flat_map(ids).collect(),
        _ => Vec::new(),
    }
}

/// Returns those ids that the conversation has, each once.
fn among(ids: Vec<String>, turns: &HashSet<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for id in ids {
        if turns.contains(&id) && !kept.contains(&id) {
            kept.push(id);
        }
    }
    kept
}

/// Returns what a value says as text: some answers are numbers, some are lists.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Array(list) => Some(list.iter().filter_map(text).collect::<Vec<_>>().join(", ")),
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn club() -> Value {
        json!([{"sample_id": "club", "conversation": {
            "session_1_date_time": "1:00 pm on 3 May, 2024",
            "session_1": [{"speaker": "Ida", "dia_id": "D1:1", "text": "x"},
                          {"speaker": "Ole", "dia_id": "D1:2", "text": "y"},
                          {"speaker": "Uma", "text": "has no id"}]},
            "qa": [
                {"question": "a?", "answer": 3, "evidence": ["D1:2; D1:1", "D1:2"], "category": 4},
                {"question": "b?", "evidence": ["D9:9", "see D1:1"], "category": "5"},
                {"question": "c?", "answer": ["x", "y"], "evidence": []},
                {"question": " ", "evidence": ["D1:1"]},
                {"question": "e?", "answer": null, "evidence": "D1:2", "category": 9}]}])
    }

    #[test]
    fn questions_are_read() {
        let samples = samples(club(), "file").unwrap();
        let seen: Vec<_> = samples[0]
            .questions
            .iter()
            .map(|q| (q.id.as_str(), q.category, q.answer.as_deref(), q.given.join(" ")))
            .collect();
        assert_eq!(
            seen,
            [
                ("club/0", Category::SingleHop, Some("3"), "D1:2 D1:1".into()),
                ("club/1", Category::Adversarial, None, "D1:1".into()),
                ("club/2", Category::Other, Some("x, y"), String::new()),
                ("club/4", Category::Other, None, "D1:2".into()),
            ]
        );
    }

    #[test]
    fn one_sample_without_an_id_or_a_list_is_read() {
        let mut sample = club()[0].clone();
        sample.as_object_mut().unwrap().remove("sample_id");
        let read = samples(sample, "file").unwrap();
        assert_eq!((read[0].id.as_str(), read[0].questions.len()), ("file-1", 4));
        assert_eq!(read[0].record["sample_id"], "file-1");
        // The older layout.
        let mut sample = club()[0]["conversation"].clone();
        sample["qa"] = club()[0]["qa"].clone();
        assert_eq!(samples(sample, "file").unwrap()[0].questions[0].given, ["D1:2", "D1:1"]);
    }

    #[test]
    fn what_is_no_sample_says_why() {
        for (file, why) in [
            (json!(3), "no list of samples"),
            (json!([]), "empty"),
            (json!(["x"]), "sample 1 is no JSON object"),
            (json!([club()[0], {"messages": []}]), "sample 2 has no \"conversation\""),
            (json!({"conversation": {"session_1": []}, "qa": []}), "sample 1 has no"),
            (json!({"session_1": [{"dia_id": "D1:1"}], "qa": {}}), "\"qa\" of sample 1 is no list"),
        ] {
            let error = samples(file, "file").unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn evidence_is_corrected() {
        let mut read = samples(club(), "file").unwrap();
        let corrections: Corrections = [
            ("club/0", &["D1:1"][..]),
            ("club/1", &[]),
            ("club/2", &["D1:2", "D7:1"]),
            ("club/3", &["D1:1"]),
            ("clubs/0", &["D1:1"]),
        ]
        .map(|(id, ids)| (id.to_owned(), ids.iter().map(|id| (*id).to_owned()).collect()))
        .into();
        assert_eq!(correct(&mut read, &corrections), ["club/3", "clubs/0"]);
        let seen: Vec<_> = read[0].questions.iter().map(|q| q.corrected.join(" ")).collect();
        assert_eq!(seen, ["D1:1", "", "D1:2", "D1:2"]);
        assert_eq!(read[0].questions[0].given, ["D1:2", "D1:1"], "what was given stays");
    }
}
