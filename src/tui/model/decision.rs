//! What Enter will do with the draft: have it remembered, or have it answered.

use crate::conversation::{SessionId, TurnId};
use crate::language::Intent;
use crate::tui::event::JobId;

/// What is known about the draft. Drafts are told apart by the composer's revision.
#[derive(Debug, Clone, Copy, Default)]
pub struct Decision {
    /// The decision that is being made.
    pub running: Option<JobId>,
    /// The revision it was last asked for.
    pub asked: u64,
    /// What was decided last, and for which revision.
    made: Option<(u64, Intent)>,
    /// What the user chose instead. It stays until the draft is cleared.
    pub chosen: Option<Intent>,
}

impl Decision {
    /// Takes the result for the revision that was asked for.
    pub fn take(&mut self, intent: Intent) {
        self.made = Some((self.asked, intent));
    }

    /// The intent of the draft with this revision: what the user chose, or what was decided for
    /// exactly this text.
    pub fn of(&self, revision: u64) -> Option<Intent> {
        let made = self.made.filter(|(of, _)| *of == revision).map(|(_, intent)| intent);
        self.chosen.or(made)
    }
}

/// A statement that was remembered since the program started, and can be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its session.
    pub session: SessionId,
    /// Its turn.
    pub turn: TurnId,
    /// Its text as it was typed. The transcript may show it masked.
    pub text: String,
}

/// A statement that is being undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoing {
    /// The statement.
    pub statement: Statement,
    /// Whether its text is a question, to be asked next.
    pub ask: bool,
}
