//! How well recount finds and answers: asks the questions of `LoCoMo`-like samples and scores what
//! comes back.
//!
//! Owns: reading samples and corrected evidence, asking each sample's questions of a memory of its
//! own, the measures with their intervals, calibration, curves, and the pictures of these. Does not
//! own: finding and answering, which go through `assistant` as the commands do; printing; which
//! encoder and decoder there are, and where the memories lie (whoever calls [`run`] opens them).

mod asking;
mod samples;

mod bootstrap;
mod calibration;
mod dates;
mod everyday;
mod measures;
mod porter;
mod report;

pub mod pictures;

pub use asking::{Progress, Run, Seconds, Stage, run};
pub use bootstrap::{COVERS, Interval, RESAMPLES};
pub use calibration::{BINS, Bin, Calibration, Point, Refusals};
pub use everyday::{Everyday, Tally, is_everyday, run_everyday};
pub use measures::{Measure, Outcome};
pub use report::{Evidence, Figure, Group, Row, Scored, Table, scored, table};
pub use samples::{Category, Corrections, Question, Sample, correct, read, read_corrections};

use crate::assistant::AssistantError;
use std::path::PathBuf;

/// Why nothing was measured. Each message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// A file cannot be read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// A file is not JSON.
    #[error("{path} is not JSON: {why}")]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Where it stops to be.
        why: String,
    },
    /// A file is JSON of another shape.
    #[error(
        "{path} is not in LoCoMo format: {why}; expected \
         [{{\"sample_id\", \"conversation\": {{\"session_1\": […]}}, \"qa\": […]}}]"
    )]
    NotSamples {
        /// The file.
        path: PathBuf,
        /// What was found in it.
        why: String,
    },
    /// A file of corrected evidence has another shape.
    #[error(
        "{path} is not a file of corrected evidence: {why}; expected {{\"sample_id/index\": [\"D1:3\"]}}"
    )]
    NotCorrections {
        /// The file.
        path: PathBuf,
        /// What was found in it.
        why: String,
    },
    /// A file of notes with questions, or of items for yes and no, has another shape.
    #[error(
        "{path} is not a file of notes with questions: {why}; expected {{\"statements\": […], \"questions\": [{{\"q\", \"accept\"}}]}} or, a line each, {{\"speaker\", \"text\", \"questions\"}}"
    )]
    NotEveryday {
        /// The file.
        path: PathBuf,
        /// What was found in it.
        why: String,
    },
    /// There is nothing to ask.
    #[error("no question with evidence in {0}; each question needs \"question\" and \"evidence\"")]
    NoQuestions(String),
    /// A sample could not be written for the importer.
    #[error("cannot write a sample to a temporary file: {0}")]
    Temporary(#[from] std::io::Error),
    /// The assistant failed.
    #[error(transparent)]
    Assistant(AssistantError),
    /// The user interrupted.
    #[error("interrupted; nothing was measured")]
    Interrupted,
}

impl From<AssistantError> for EvaluationError {
    fn from(error: AssistantError) -> Self {
        match error {
            AssistantError::Cancelled => Self::Interrupted,
            error => Self::Assistant(error),
        }
    }
}
