//! Everyday questions: notes with questions, each with what every person would accept; and short items
//! that say yes, no or nothing.
//!
//! A wrong yes or no is counted by itself: people act on it.

use super::EvaluationError;
use super::samples::json;
use crate::assistant::{Assistant, AssistantError, Cancel, EncoderStatus, ImportOptions};
use crate::evidence::{Answer, Query};
use crate::files;
use crate::language::{self, AnswerType};
use regex::{Regex, RegexBuilder};
use serde_json::Value;
use std::path::Path;

/// An answer may be so many times as long as what is accepted, or so many letters longer, before it is
/// clumsy.
const LONGER: f32 = 2.5;
const LETTERS: usize = 25;

/// Notes with questions, each group in a memory of its own.
#[derive(Debug)]
pub struct Everyday {
    groups: Vec<Asked>,
}

#[derive(Debug)]
struct Asked {
    /// Who said each, `None` for notes, and what.
    said: Vec<(Option<String>, String)>,
    questions: Vec<Wanted>,
}

#[derive(Debug)]
struct Wanted {
    text: String,
    accept: Vec<Regex>,
    /// Memory does not hold the answer.
    abstain: bool,
    /// Not knowing is right too.
    abstain_ok: bool,
}

/// How many answers were what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// What every person would accept.
    pub right: usize,
    /// Right, and much longer than it has to be.
    pub clumsy: usize,
    /// Something else.
    pub wrong: usize,
    /// Not known, though memory holds it.
    pub refused: usize,
    /// A wrong yes or no.
    pub harmful: usize,
}

impl Tally {
    /// How many there are.
    pub fn all(&self) -> usize {
        self.right + self.clumsy + self.wrong + self.refused + self.harmful
    }
}

/// Whether a file is of this shape: an object with statements, or lines of items.
pub fn is_everyday(path: &Path) -> bool {
    let is_lines = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jsonl"));
    is_lines || json(path).is_ok_and(|file| file.get("statements").is_some())
}

impl Everyday {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, EvaluationError> {
        let failed =
            |why: &str| EvaluationError::NotEveryday { path: path.to_owned(), why: why.to_owned() };
        if let Ok(file) = json(path) {
            let texts = file["statements"].as_array().ok_or_else(|| failed("no statements"))?;
            let said = texts.iter().filter_map(Value::as_str).map(|text| (None, text.to_owned()));
            let questions = file["questions"].as_array().ok_or_else(|| failed("no questions"))?;
            let questions: Option<Vec<Wanted>> = questions.iter().map(wanted).collect();
            let questions = questions
                .ok_or_else(|| failed("a question without \"q\" or with a broken pattern"))?;
            return Ok(Self { groups: vec![Asked { said: said.collect(), questions }] });
        }
        let text = files::regular(path)
            .and_then(|()| std::fs::read_to_string(path))
            .map_err(|why| EvaluationError::Unreadable { path: path.to_owned(), why })?;
        let groups: Option<Vec<Asked>> = text.lines().map(item).collect();
        Ok(Self { groups: groups.ok_or_else(|| failed("a line that is no item"))? })
    }

    /// How many questions there are.
    pub fn questions(&self) -> usize {
        self.groups.iter().map(|group| group.questions.len()).sum()
    }
}

fn wanted(question: &Value) -> Option<Wanted> {
    let patterns = question["accept"].as_array().map(Vec::as_slice).unwrap_or_default();
    let accept: Option<Vec<Regex>> = patterns
        .iter()
        .map(|pattern| {
            let mut made = RegexBuilder::new(pattern.as_str()?);
            made.case_insensitive(true).dot_matches_new_line(true).build().ok()
        })
        .collect();
    let is = |name: &str| question[name].as_bool().unwrap_or(false);
    Some(Wanted {
        text: question["q"].as_str()?.to_owned(),
        accept: accept?,
        abstain: is("abstain"),
        abstain_ok: is("abstain_ok"),
    })
}

/// `{"speaker", "text", "questions": [["can luca eat walnuts", "yes"], …]}`
fn item(line: &str) -> Option<Asked> {
    let item: Value = serde_json::from_str(line).ok()?;
    let speaker = item["speaker"].as_str().filter(|name| !language::is_self(name));
    let questions: Option<Vec<Wanted>> = item["questions"]
        .as_array()?
        .iter()
        .map(|one| {
            let label = one[1].as_str()?;
            let accept = if label == "unsure" {
                Vec::new()
            } else {
                vec![Regex::new(&format!("(?i)^{label}\\b")).ok()?]
            };
            let abstain = label == "unsure";
            Some(Wanted { text: one[0].as_str()?.to_owned(), accept, abstain, abstain_ok: false })
        })
        .collect();
    let said = vec![(speaker.map(str::to_owned), item["text"].as_str()?.to_owned())];
    Some(Asked { said, questions: questions? })
}

/// Asks every question, each group in a memory of its own. `tell` gets each question with its answer
/// and what became of it.
pub fn run_everyday(
    file: &Everyday,
    open: &dyn Fn() -> Result<Assistant, AssistantError>,
    cancel: &Cancel,
    tell: &mut dyn FnMut(&str, &Answer, &'static str),
) -> Result<Tally, EvaluationError> {
    let mut tally = Tally::default();
    for group in &file.groups {
        let assistant = open()?;
        remember(&assistant, group, cancel)?;
        for wanted in &group.questions {
            if cancel.is_cancelled() {
                return Err(EvaluationError::Interrupted);
            }
            let answer = assistant.ask(&Query::new(&wanted.text), cancel, &mut |_| ())?;
            let (count, name) = match judge(wanted, &answer) {
                Judged::Right => (&mut tally.right, "right"),
                Judged::Clumsy => (&mut tally.clumsy, "clumsy"),
                Judged::Wrong => (&mut tally.wrong, "wrong"),
                Judged::Refused => (&mut tally.refused, "refused"),
                Judged::Harmful => (&mut tally.harmful, "harmful"),
            };
            *count += 1;
            tell(&wanted.text, &answer, name);
        }
    }
    Ok(tally)
}

fn remember(assistant: &Assistant, group: &Asked, cancel: &Cancel) -> Result<(), EvaluationError> {
    let notes = group.said.iter().filter(|(speaker, _)| speaker.is_none());
    for (_, text) in notes {
        assistant.remember(text)?;
    }
    let talk: Vec<Value> = (1..)
        .zip(group.said.iter().filter_map(|(speaker, text)| Some((speaker.as_ref()?, text))))
        .map(|(number, (speaker, text))| {
            serde_json::json!({"speaker": speaker, "dia_id": format!("D1:{number}"), "text": text})
        })
        .collect();
    if !talk.is_empty() {
        let folder = tempfile::Builder::new().prefix("recount-eval-").tempdir()?;
        let path = folder.path().join("talk.json");
        let conversation = serde_json::json!({"session_1_date_time": "10:00 am on 2 June, 2025", "session_1": talk});
        let record =
            serde_json::json!([{"sample_id": "talk", "conversation": conversation, "qa": []}]);
        std::fs::write(&path, record.to_string())?;
        let options = ImportOptions { format: Some("locomo".into()), ..ImportOptions::default() };
        assistant.import(&[path], &options, cancel, &mut |_| ())?;
    }
    if let EncoderStatus::Ready { .. } = assistant.wait_for_encoder() {
        assistant.encode_pending(cancel, &mut |_, _| ())?;
    }
    Ok(())
}

enum Judged {
    Right,
    Clumsy,
    Wrong,
    Refused,
    Harmful,
}

fn judge(wanted: &Wanted, answer: &Answer) -> Judged {
    let is_claim = language::answer_type(&wanted.text) == AnswerType::YesNo;
    let wrong = if is_claim { Judged::Harmful } else { Judged::Wrong };
    if wanted.abstain {
        return if answer.abstained { Judged::Right } else { wrong };
    }
    if answer.abstained {
        return if wanted.abstain_ok { Judged::Right } else { Judged::Refused };
    }
    let found = wanted.accept.iter().filter_map(|pattern| pattern.find(&answer.text));
    let Some(longest) = found.map(|found| found.as_str().chars().count()).max() else {
        return wrong;
    };
    let length = answer.text.chars().count();
    let allowed = ((longest as f32 * LONGER) as usize).max(longest + LETTERS);
    if is_claim || length <= allowed { Judged::Right } else { Judged::Clumsy }
}
