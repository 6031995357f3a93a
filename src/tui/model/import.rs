//! The state of the import view.

use super::Field;
use crate::assistant::{ImportProgress, Report};
use crate::conversation::Timestamp;
use crate::tui::event::JobId;

/// The import view.
#[derive(Default)]
pub struct Import {
    /// The path.
    pub field: Field,
    /// What the path may be completed to.
    pub completions: Vec<String>,
    /// The selected completion.
    pub selected: Option<usize>,
    /// The listing of completions, while it lasts.
    pub completing: Option<JobId>,
    /// Whether to read only, and append nothing.
    pub dry_run: bool,
    /// How far it is.
    pub state: ImportState,
}

impl Import {
    /// The import that is running.
    pub fn job(&self) -> Option<JobId> {
        match self.state {
            ImportState::Running { job, .. } => Some(job),
            _ => None,
        }
    }
}

/// How far an import is.
#[derive(Default)]
pub enum ImportState {
    /// Nothing was imported yet.
    #[default]
    Idle,
    /// It is reading.
    Running {
        /// The work's number.
        job: JobId,
        /// When it began.
        since: Timestamp,
        /// How far it is.
        progress: Option<ImportProgress>,
        /// Whether it was told to stop.
        stopping: bool,
    },
    /// It is done.
    Done {
        /// The account.
        report: Box<Report>,
        /// Whether nothing was appended.
        dry_run: bool,
    },
    /// It was cancelled.
    Cancelled,
    /// It failed.
    Failed(String),
}
