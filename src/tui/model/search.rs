//! The state of the search and of the list of sessions: a field, and a list below it.

use super::{Field, Paged};
use crate::conversation::{Session, Turn, TurnId};
use crate::evidence::Hit;
use crate::tui::event::JobId;

/// Where keys go in a view with a field above a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ListFocus {
    /// To the field; arrows still move in the list.
    #[default]
    Field,
    /// To the list.
    List,
}

/// What stands around the selected hit.
#[derive(Debug)]
pub struct Preview {
    /// The hit's turn.
    pub turn: TurnId,
    /// The reading of it, while it lasts.
    pub loading: Option<JobId>,
    /// The turns around it.
    pub turns: Vec<Turn>,
}

/// The search.
#[derive(Debug, Default)]
pub struct Search {
    /// What is looked for.
    pub field: Field,
    /// Where keys go.
    pub focus: ListFocus,
    /// What was found, best first.
    pub hits: Vec<Hit>,
    /// The selected hit.
    pub selected: usize,
    /// Whether the user selected it, so that later hits must not move it.
    pub moved: bool,
    /// The search by words, while it lasts.
    pub words: Option<JobId>,
    /// The search by meaning, while it lasts or is about to begin.
    pub meaning: Option<JobId>,
    /// Whether what is shown was found for what is typed.
    pub answered: bool,
    /// Why the search failed.
    pub error: Option<String>,
    /// What stands around the selected hit.
    pub preview: Option<Preview>,
}

impl Search {
    /// The selected hit.
    pub fn current(&self) -> Option<&Hit> {
        self.hits.get(self.selected)
    }

    /// Moves the selection.
    pub fn step(&mut self, by: isize) {
        let last = self.hits.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
        self.moved = true;
    }

    /// Takes hits. The row that the user selected stays selected where it was found again.
    pub fn take(&mut self, hits: Vec<Hit>) {
        let held = self.current().map(|hit| hit.turn.id).filter(|_| self.moved);
        self.hits = hits;
        self.selected =
            held.and_then(|id| self.hits.iter().position(|hit| hit.turn.id == id)).unwrap_or(0);
        self.answered = true;
        self.error = None;
    }
}

/// The list of sessions.
#[derive(Debug, Default)]
pub struct Sessions {
    /// What the titles must hold.
    pub field: Field,
    /// Where keys go.
    pub focus: ListFocus,
    /// The list.
    pub list: Paged<Session>,
    /// The page that is being read.
    pub loading: Option<JobId>,
    /// Why it could not be read.
    pub error: Option<String>,
}
