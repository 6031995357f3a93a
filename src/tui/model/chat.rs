//! The state of the conversation view: the composer, the transcript, an open source.

use super::{Composer, Decision, Scroll, Statement, Transcript, Undoing, View};
use crate::conversation::{SessionId, Timestamp, Turn, TurnId};
use crate::evidence::Citation;
use crate::tui::effect::Place;
use crate::tui::event::JobId;
use std::collections::BTreeMap;

/// Where keys go in the conversation view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Focus {
    /// To the composer.
    #[default]
    Composer,
    /// To the conversation.
    Transcript,
    /// To the open source.
    Source,
}

/// The conversation view.
pub struct Chat {
    /// What is being written.
    pub composer: Composer,
    /// The state of vim's keys, where the settings ask for them.
    pub vim: Option<Vim>,
    /// Where keys go.
    pub focus: Focus,
    /// What was sent or put aside, oldest first.
    pub history: Vec<String>,
    /// The place in the history that the composer shows.
    pub history_at: Option<usize>,
    /// What was written in other sessions and not sent; `None` stands for a session that is not
    /// stored yet.
    pub drafts: BTreeMap<Option<SessionId>, String>,
    /// The session that the composer's text is for.
    pub drafting: Option<SessionId>,
    /// The turn that is asked again, differently.
    pub editing: Option<TurnId>,
    /// The draft as it was last kept against a crash.
    pub kept: Kept,
    /// What Enter will do with the draft.
    pub decision: Decision,
    /// What was sent last, as it was typed.
    pub sent: String,
    /// The statements that can be undone, oldest first.
    pub statements: Vec<Statement>,
    /// The statement that is being undone.
    pub undoing: Option<Undoing>,
    /// Whether the user wants nothing of this conversation to be stored.
    pub incognito: bool,
    /// Whether nothing can be stored, because the memory can only be read.
    pub read_only: bool,
    /// The conversation.
    pub transcript: Transcript,
    /// The answer that is being made.
    pub asking: Option<JobId>,
    /// When it was asked for.
    pub asked_at: Option<Timestamp>,
    /// The session that is being opened.
    pub opening: Option<JobId>,
    /// Where in it to begin.
    pub wanted: Place,
    /// The list that the session was opened from: Esc leads back to it.
    pub opened_from: Option<View>,
    /// Whether to send the draft as soon as the end of the session has been read.
    pub send_when_open: bool,
}

impl Default for Chat {
    fn default() -> Self {
        Self {
            composer: Composer::default(),
            vim: None,
            focus: Focus::default(),
            history: Vec::new(),
            history_at: None,
            drafts: BTreeMap::new(),
            drafting: None,
            editing: None,
            kept: Kept::default(),
            decision: Decision::default(),
            sent: String::new(),
            statements: Vec::new(),
            undoing: None,
            incognito: false,
            read_only: false,
            transcript: Transcript::default(),
            asking: None,
            asked_at: None,
            opening: None,
            wanted: Place::Start,
            opened_from: None,
            send_when_open: false,
        }
    }
}

impl Chat {
    /// Whether nothing of this conversation is stored.
    pub fn stores_nothing(&self) -> bool {
        self.incognito || self.read_only
    }

    /// What is written, as one text.
    pub fn draft(&self) -> String {
        self.composer.text()
    }

    /// Replaces what is written; the cursor stands at its end.
    pub fn set_draft(&mut self, text: &str) {
        self.composer.set(text);
    }

    /// Begins a new draft; the old one cannot be brought back by undoing.
    pub fn clear_draft(&mut self) {
        let killed = self.composer.killed().to_owned();
        let revision = self.composer.revision();
        self.composer = Composer::default();
        self.composer.set_killed(killed);
        self.composer.count_from(revision + 1);
        self.history_at = None;
        self.editing = None;
        self.decision.chosen = None;
    }
}

/// How far the draft is kept against a crash.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kept {
    /// The composer's revision that was kept last.
    pub revision: u64,
    /// Whether a timer will keep the next one.
    pub waiting: bool,
    /// Whether the drafts of earlier screens have come. Keeping any before would lose them.
    pub begun: bool,
}

/// The state of vim's keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vim {
    /// The mode.
    pub mode: Mode,
    /// The keys of a command that is not complete yet.
    pub pending: String,
}

/// A mode of vim's keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Keys insert.
    #[default]
    Insert,
    /// Keys command.
    Normal,
    /// Keys select.
    Visual,
}

/// A source of an answer, opened in its surroundings.
#[derive(Debug)]
pub struct SourcePane {
    /// The citations of the answer it belongs to.
    pub citations: Vec<Citation>,
    /// Which of them is open.
    pub at: usize,
    /// The turns around it, once read.
    pub turns: Vec<Turn>,
    /// The reading of them, while it lasts.
    pub loading: Option<JobId>,
    /// Why they could not be read.
    pub error: Option<String>,
    /// The first line that is shown; `None` brings the cited turn into view.
    pub scroll: Option<usize>,
}

impl SourcePane {
    /// The open citation.
    pub fn citation(&self) -> Option<&Citation> {
        self.citations.get(self.at)
    }
}

impl Scroll {
    /// Whether the newest line is kept in view.
    pub fn is_bottom(self) -> bool {
        self == Self::Bottom
    }
}
