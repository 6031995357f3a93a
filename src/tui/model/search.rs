//! The state of the search: what is looked for, the hits, what stands around the selected one.

use super::Field;
use crate::conversation::{SessionId, Timestamp, Turn, TurnId};
use crate::evidence::Hit;
use crate::tui::effect::HITS;
use crate::tui::event::JobId;

/// How many hits are asked for at most: who has not found it by then looks for something else.
const MOST_HITS: usize = 8 * HITS;
/// For so long does Enter open what stood under the cursor before the hits changed, in
/// milliseconds: nobody reads a new row and presses a key in less.
const SETTLING_MS: i64 = 400;

/// Where keys go in a view with a field above a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ListFocus {
    /// To the field; arrows still move in the list.
    #[default]
    Field,
    /// To the list.
    List,
    /// To what is shown of the selected row.
    Preview,
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
    /// The first line that is shown; `None` brings the hit into view.
    pub scroll: Option<usize>,
}

/// The choice of a filter, while it is open.
#[derive(Debug, Default)]
pub struct Picker {
    /// What narrows the choices down.
    pub field: Field,
    /// The selected one of those that are left.
    pub selected: usize,
}

/// The search.
#[derive(Debug)]
pub struct Search {
    /// What is looked for.
    pub field: Field,
    /// Where keys go.
    pub focus: ListFocus,
    /// What was found, best first.
    pub hits: Vec<Hit>,
    /// The selected hit.
    pub selected: usize,
    /// The first hit on the screen.
    pub top: usize,
    /// Whether the user selected it, so that later hits must not move it.
    pub moved: bool,
    /// How many hits are asked for.
    pub limit: usize,
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
    /// The choice of a filter.
    pub picker: Option<Picker>,
    /// What stood under the cursor before other hits came, and when they did.
    before: Option<(Timestamp, SessionId, TurnId)>,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            field: Field::default(),
            focus: ListFocus::default(),
            hits: Vec::new(),
            selected: 0,
            top: 0,
            moved: false,
            limit: HITS,
            words: None,
            meaning: None,
            answered: false,
            error: None,
            preview: None,
            picker: None,
            before: None,
        }
    }
}

impl Search {
    /// The selected hit.
    pub fn current(&self) -> Option<&Hit> {
        self.hits.get(self.selected)
    }

    /// What Enter opens: the selected hit, or what stood in its place until just now.
    pub fn target(&self, now: Timestamp) -> Option<(SessionId, TurnId)> {
        let just_now = |at: Timestamp| now.as_millis() - at.as_millis() < SETTLING_MS;
        match self.before {
            Some((at, session, turn)) if just_now(at) => Some((session, turn)),
            _ => self.current().map(|hit| (hit.turn.session, hit.turn.id)),
        }
    }

    /// Moves the selection, and the list as far as the selected of its rows needs it.
    pub fn step(&mut self, by: isize, rows: usize) {
        let last = self.hits.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
        self.moved = true;
        self.before = None;
        self.top = self.first_row(rows);
    }

    /// The first hit that is shown in so many rows: the selected one is always among them.
    pub fn first_row(&self, rows: usize) -> usize {
        let rows = rows.max(1);
        let lowest = (self.selected + 1).saturating_sub(rows);
        let full = self.hits.len().saturating_sub(rows);
        self.top.min(full).clamp(lowest, self.selected.max(lowest))
    }

    /// Takes hits that were found at an instant.
    ///
    /// Where the user has walked down the list, all that stands above the selected row stays as it
    /// is, and so does that row: what is better but new comes directly below it. Otherwise the best
    /// hit is selected.
    pub fn take(&mut self, hits: Vec<Hit>, now: Timestamp) {
        let held = self.current().map(|hit| (hit.turn.session, hit.turn.id));
        if self.moved && held.is_some() {
            let kept = self.selected + 1;
            let above = std::mem::replace(&mut self.hits, hits);
            let mut merged: Vec<Hit> = above.into_iter().take(kept).collect();
            for hit in std::mem::take(&mut self.hits) {
                // What is known of it by now is more than what was.
                match merged.iter_mut().take(kept).find(|known| known.turn.id == hit.turn.id) {
                    Some(known) => *known = hit,
                    None => merged.push(hit),
                }
            }
            self.hits = merged;
        } else {
            let answered = self.answered;
            self.hits = hits;
            self.selected = 0;
            self.top = 0;
            let best = self.current().map(|hit| hit.turn.id);
            self.before = held
                .filter(|(_, turn)| answered && Some(*turn) != best)
                .map(|(session, turn)| (now, session, turn));
        }
        self.answered = true;
        self.error = None;
    }

    /// How many hits to ask for where the selection comes to the end of what was found.
    pub fn wanted(&self) -> Option<usize> {
        let idle = self.answered && self.words.is_none() && self.meaning.is_none();
        let near_the_end = self.selected + HITS / 5 >= self.hits.len();
        let more = self.hits.len() >= self.limit && self.limit < MOST_HITS;
        (idle && near_the_end && more && self.error.is_none()).then_some(self.limit * 2)
    }

    /// Begins anew, for another query: what was found before stands until something comes.
    pub fn restart(&mut self) {
        self.moved = false;
        self.answered = false;
        self.before = None;
        self.limit = HITS;
    }

    /// Forgets what was found.
    pub fn clear(&mut self) {
        self.hits.clear();
        (self.selected, self.top) = (0, 0);
        self.preview = None;
        self.error = None;
    }
}
