//! The state of the import view, and how far long work is.

use super::Field;
use crate::assistant::{Discovered, ImportProgress, Imported, Report};
use crate::conversation::Timestamp;
use crate::tui::event::JobId;
use std::path::{Path, PathBuf};

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
    /// Whether to take the completion as soon as it is listed.
    pub takes: bool,
    /// How far it is.
    pub state: ImportState,
    /// The first line of the account that is shown.
    pub scroll: usize,
    /// What other programs on this machine keep that can be imported.
    pub found: Vec<Discovered>,
    /// The imports that were made, newest first; `None` until they are known.
    pub past: Option<Vec<Imported>>,
    /// The selected row of both, what was found first, while keys go to their list.
    pub chosen: Option<usize>,
    /// The import that is being undone.
    pub undo: Option<Undo>,
}

/// An import that is being undone.
#[derive(Debug, Clone, Copy)]
pub struct Undo {
    /// The work's number.
    pub job: JobId,
    /// How far it is, once that is known.
    pub progress: Option<Progress>,
    /// Whether it was told to stop.
    pub stopping: bool,
}

impl Import {
    /// The import that is running, also if it only looks.
    pub fn job(&self) -> Option<JobId> {
        match self.state {
            ImportState::Running { job, .. } => Some(job),
            _ => None,
        }
    }

    /// How many rows the list has: what was found, and the imports that were made.
    pub fn rows(&self) -> usize {
        self.found.len() + self.past.as_ref().map_or(0, Vec::len)
    }

    /// The selected one of the imports that were made.
    pub fn chosen(&self) -> Option<&Imported> {
        self.past.as_ref()?.get(self.chosen?.checked_sub(self.found.len())?)
    }

    /// The path of the selected row.
    pub fn chosen_path(&self) -> Option<&Path> {
        match self.found.get(self.chosen?) {
            Some(found) => Some(&found.path),
            None => self.chosen()?.paths.first().map(PathBuf::as_path),
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
        /// What is read.
        path: String,
        /// Whether it only looks, and appends nothing.
        dry_run: bool,
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
        /// What was read.
        path: String,
        /// Whether nothing was appended.
        dry_run: bool,
    },
    /// It was cancelled.
    Cancelled {
        /// How far it was.
        progress: Option<ImportProgress>,
        /// Whether nothing was appended.
        dry_run: bool,
    },
    /// It failed.
    Failed(String),
}

/// How far a piece of long work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many are done.
    pub done: u64,
    /// How many are left.
    pub left: u64,
    /// When it began.
    since: Timestamp,
    /// When this was told.
    told: Timestamp,
}

impl Progress {
    /// Takes how far it is now, and when it began from what was known before.
    pub fn told(before: Option<Self>, done: u64, left: u64, now: Timestamp) -> Self {
        // Fewer than before: it began anew.
        let since = before.filter(|before| before.done <= done).map_or(now, |before| before.since);
        Self { done, left, since, told: now }
    }

    /// How many are done in a second, once that can be said.
    pub fn rate(&self) -> Option<f64> {
        let seconds = (self.told.as_millis() - self.since.as_millis()) as f64 / 1e3;
        (seconds >= 1.0).then(|| self.done as f64 / seconds).filter(|rate| *rate > 0.0)
    }

    /// How many seconds are left, once that can be said.
    pub fn seconds_left(&self) -> Option<f64> {
        Some(self.left as f64 / self.rate()?)
    }
}
