//! The account of an import, the same for a dry run. Its JSON form is a contract (see
//! `docs/architecture.md`): fields are added, never renamed.

use crate::conversation::{ImportId, Timestamp};
use std::collections::BTreeMap;

/// What became of the conversations of an input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conversations {
    /// Not in memory before.
    pub new: u64,
    /// In memory before, with turns added or replaced now.
    pub updated: u64,
    /// In memory before, nothing to add.
    pub unchanged: u64,
    /// Not readable; the reasons stand in [`Report::skipped`].
    pub failed: u64,
}

/// What became of the messages of an input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Messages {
    /// Appended to memory.
    pub new: u64,
    /// In memory before.
    pub duplicate: u64,
    /// In memory before with another text, which was replaced.
    pub edited: u64,
    /// The new ones by role.
    pub by_role: BTreeMap<&'static str, u64>,
}

impl Messages {
    /// All that the input holds.
    pub fn total(&self) -> u64 {
        self.new + self.duplicate + self.edited
    }
}

/// Things of one kind that were not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// One of them, shortened.
    pub example: String,
}

/// The account of one input, or of several added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The import by which what was added can be undone; `None` where nothing was added. Several
    /// inputs of one run share it.
    pub import: Option<ImportId>,
    /// The name of the format; several, joined by a comma, where inputs differ.
    pub format: String,
    /// The conversations.
    pub conversations: Conversations,
    /// The messages.
    pub messages: Messages,
    /// What was not taken, and why.
    pub skipped: Vec<Skipped>,
    /// The time of the earliest turn of the input, new or not, folded or not.
    pub first_said_at: Option<Timestamp>,
    /// The time of the latest turn of the input, new or not, folded or not.
    pub last_said_at: Option<Timestamp>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// How long it took.
    pub elapsed_ms: u64,
    /// One report for each input, where there were several.
    pub files: Vec<(String, Report)>,
}

impl Report {
    /// Whether anything was added to memory.
    pub fn adds(&self) -> bool {
        self.conversations.new > 0 || self.conversations.updated > 0
    }

    /// Counts something that was not taken.
    pub fn skip(&mut self, reason: &str, example: &str) {
        const EXAMPLE: usize = 120;
        if let Some(known) = self.skipped.iter_mut().find(|s| s.reason == reason) {
            known.count += 1;
            return;
        }
        let example = example.chars().take(EXAMPLE).collect();
        self.skipped.push(Skipped { reason: reason.to_owned(), count: 1, example });
    }

    /// Widens the span of time by an instant.
    pub fn said_at(&mut self, instant: Option<Timestamp>) {
        let Some(instant) = instant else { return };
        self.first_said_at = Some(self.first_said_at.map_or(instant, |t| t.min(instant)));
        self.last_said_at = Some(self.last_said_at.map_or(instant, |t| t.max(instant)));
    }
}
