//! Asks: each sample goes into a memory of its own, and its questions through search and answer.

use super::EvaluationError;
use super::measures::Outcome;
use super::samples::{Question, Sample};
use crate::assistant::{Assistant, AssistantError, Cancel, EncoderStatus, ImportOptions};
use crate::evidence::Query;
use std::time::{Duration, Instant};

/// How many hits are looked at.
const HITS: usize = 50;

/// What is done with a sample at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its conversation is imported.
    Importing,
    /// Embeddings are made.
    Encoding,
    /// Its questions are searched for.
    Searching,
    /// Its questions are answered.
    Asking,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The sample's id.
    pub sample: &'a str,
    /// What is done with it.
    pub stage: Stage,
    /// How much of the stage is done.
    pub done: u64,
    /// How much there is; 0 where that is not known.
    pub total: u64,
}

/// How long the stages took, over all samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seconds {
    /// Opening memories, importing, making embeddings.
    pub import: Duration,
    /// Searching.
    pub search: Duration,
    /// Answering.
    pub ask: Duration,
}

/// What came of asking.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Each question that was asked, with what came back, in the order of the files.
    pub asked: Vec<(Question, Outcome)>,
    /// How many samples were asked about.
    pub samples: usize,
    /// How many questions were left out because none of their evidence is in the conversation.
    pub left_out: usize,
    /// Why there was no encoder, if there was none: everything was found by its words alone.
    pub without_meaning: Option<String>,
    /// How long it took.
    pub seconds: Seconds,
}

/// Asks every question that has evidence, given or corrected.
///
/// `open` opens an assistant on an empty memory; it is called once for each sample, and what it
/// opened is dropped before the next. Everything goes through the assistant as it does from the
/// command line, so the figures are those of the commands.
pub fn run(
    samples: &[Sample],
    open: &dyn Fn() -> Result<Assistant, AssistantError>,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Run, EvaluationError> {
    let mut run = Run::default();
    for sample in samples {
        let questions: Vec<&Question> = sample
            .questions
            .iter()
            .filter(|question| !(question.given.is_empty() && question.corrected.is_empty()))
            .collect();
        run.left_out += sample.questions.len() - questions.len();
        if questions.is_empty() {
            continue;
        }
        run.samples += 1;
        let mut tell = |stage, done, total| {
            progress(Progress { sample: &sample.id, stage, done, total });
        };
        stop_if(cancel)?;
        let started = Instant::now();
        let assistant = open()?;
        tell(Stage::Importing, 0, 0);
        import(&assistant, sample, cancel)?;
        if let EncoderStatus::Unavailable { why } = assistant.wait_for_encoder() {
            run.without_meaning = Some(why);
        }
        assistant.encode_pending(cancel, &mut |done, left| {
            tell(Stage::Encoding, done, done + left);
        })?;
        stop_if(cancel)?;
        run.seconds.import += started.elapsed();

        let total = questions.len() as u64;
        let started = Instant::now();
        let mut found = Vec::with_capacity(questions.len());
        for (done, question) in (0..).zip(&questions) {
            tell(Stage::Searching, done, total);
            stop_if(cancel)?;
            let hits = assistant.search(&Query::new(&question.text), HITS)?;
            found.push(hits.into_iter().map(|hit| hit.turn.source_id).collect());
        }
        run.seconds.search += started.elapsed();

        let started = Instant::now();
        for ((done, question), hits) in (0..).zip(&questions).zip(found) {
            tell(Stage::Asking, done, total);
            stop_if(cancel)?;
            let answer = assistant.ask(&Query::new(&question.text), cancel, &mut |_| ())?;
            let outcome = Outcome {
                hits,
                abstained: answer.abstained,
                confidence: f64::from(answer.confidence),
                cited: answer.citations.into_iter().filter_map(|c| c.source_id).collect(),
                answer: answer.text,
            };
            run.asked.push(((*question).clone(), outcome));
        }
        run.seconds.ask += started.elapsed();
    }
    Ok(run)
}

/// Imports a sample as the command does: from a file, which is gone afterwards.
fn import(assistant: &Assistant, sample: &Sample, cancel: &Cancel) -> Result<(), EvaluationError> {
    let folder = tempfile::Builder::new().prefix("recount-eval-").tempdir()?;
    let path = folder.path().join("sample.json");
    std::fs::write(&path, serde_json::json!([sample.record]).to_string())?;
    let options = ImportOptions { format: Some("locomo".into()), ..ImportOptions::default() };
    assistant.import(&[path], &options, cancel, &mut |_| ())?;
    Ok(())
}

fn stop_if(cancel: &Cancel) -> Result<(), EvaluationError> {
    if cancel.is_cancelled() { Err(EvaluationError::Interrupted) } else { Ok(()) }
}
