//! What the screen knows. Owns the state of every view; changes nothing by itself (`update` does)
//! and draws nothing (`view` does). The clock's reading and the size are set from outside.

mod chat;
mod composer;
mod decision;
mod field;
mod import;
mod memory;
mod paged;
mod palette;
mod search;
mod sessions;
mod transcript;

pub use chat::{Chat, Focus, Mode, SourcePane, Vim};
pub use composer::{Composer, Place};
pub use decision::{Decision, Statement, Undoing};
pub use field::Field;
pub use import::{Import, ImportState, Progress, Undo};
pub use memory::{Health, Holdings};
pub use paged::Paged;
pub use palette::{Does, Palette};
pub use search::{ListFocus, Picker, Preview, Search};
pub use sessions::{Asked, Prompt, Sessions};
pub use transcript::{AnswerEntry, Body, Entry, Scroll, Transcript};

use super::event::JobId;
use super::keymap::Keymap;
use super::settings::Settings;
use super::theme::{Named, Theme};
use crate::assistant::{Chosen, Imported, SOURCE_DEMO, Status};
use crate::conversation::{SessionId, Timestamp};
use ratatui::layout::Rect;
use std::collections::VecDeque;

/// The view that fills the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// The conversation.
    #[default]
    Chat,
    /// The search.
    Search,
    /// The list of sessions.
    Sessions,
    /// The import.
    Import,
    /// What the memory holds.
    Memory,
}

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// For information.
    Plain,
    /// It went well.
    Good,
    /// It failed.
    Bad,
}

/// A line that is shown for a while.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its number; a timer takes away the notice it was set for, not a later one.
    pub number: u64,
    /// How serious it is.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

impl Notice {
    /// The notice with the mark that tells how serious it is.
    pub fn shown(&self) -> String {
        let mark = match self.tone {
            Tone::Plain => "",
            Tone::Good => "✓ ",
            Tone::Bad => "✗ ",
        };
        format!("{mark}{}", self.text)
    }
}

/// A list above the view, with a field that narrows it down.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// What is listed.
    pub lists: Lists,
    /// What its rows must contain.
    pub filter: Field,
    /// The first line that is shown.
    pub scroll: usize,
}

impl Overlay {
    /// All of a list, from its beginning.
    pub fn of(lists: Lists) -> Self {
        Self { lists, filter: Field::default(), scroll: 0 }
    }
}

/// What an overlay lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// The keys and commands.
    Keys,
    /// The notices of this run, the newest first.
    Notices,
}

/// A notice that was shown.
#[derive(Debug, Clone)]
pub struct PastNotice {
    /// When.
    pub at: Timestamp,
    /// How serious it was.
    pub tone: Tone,
    /// What it said.
    pub text: String,
}

/// What a question asks that is answered with `y`, or with any other key for no.
#[derive(Debug, Clone)]
pub enum Question {
    /// Whether to delete turns permanently.
    Forget {
        /// The text that they contain.
        text: String,
        /// The turns.
        chosen: Chosen,
    },
    /// Whether to undo an import.
    UndoImport(Imported),
    /// Whether to delete a session.
    DeleteSession {
        /// The session.
        session: SessionId,
        /// Its title.
        title: String,
    },
    /// Whether to merge a session into another.
    Merge {
        /// The one that stays, and its title.
        into: (SessionId, String),
        /// The one that goes, and its title.
        from: (SessionId, String),
    },
}

/// The whole state of the screen.
pub struct Model {
    /// The window.
    pub area: Rect,
    /// The present instant.
    pub now: Timestamp,
    /// The styles.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
    /// What the user chose.
    pub settings: Settings,
    /// Whether the window has the focus, as far as the terminal tells.
    pub focused: bool,
    /// What fills the screen.
    pub view: View,
    /// What is shown above the view, while it is open.
    pub overlay: Option<Overlay>,
    /// The command palette, while it is open.
    pub palette: Option<Palette>,
    /// What is asked before something is done that cannot be undone.
    pub question: Option<Question>,
    /// The themes there are.
    pub themes: Vec<Named>,
    /// Whether colours are used.
    pub colors: bool,
    /// The conversation and the composer.
    pub chat: Chat,
    /// The source that is open beside the conversation.
    pub source: Option<SourcePane>,
    /// The search.
    pub search: Search,
    /// The sessions.
    pub sessions: Sessions,
    /// The import.
    pub import: Import,
    /// What the memory holds.
    pub memory: Holdings,
    /// The state of memory and encoder, once known.
    pub status: Option<Status>,
    /// How far the making of embeddings is, while some are being made.
    pub encoding: Option<Progress>,
    /// What is said in the status line.
    pub notice: Option<Notice>,
    /// What was said there before, oldest first.
    pub notices: VecDeque<PastNotice>,
    /// The theme in force while another is tried on in the palette.
    pub theme_before: Option<Theme>,
    /// Whether the next Ctrl+C quits: the number of the notice that says so.
    pub quit_armed: Option<u64>,
    last_number: u64,
}

impl Model {
    /// The screen as it is at first, in a window of the given size.
    pub fn new(
        size: (u16, u16),
        now: Timestamp,
        theme: &Theme,
        keymap: Keymap,
        settings: Settings,
    ) -> Self {
        let chat = Chat { vim: settings.vim.then(Vim::default), ..Chat::default() };
        Self {
            area: Rect::new(0, 0, size.0, size.1),
            now,
            theme: *theme,
            keymap,
            settings,
            focused: true,
            view: View::Chat,
            overlay: None,
            palette: None,
            question: None,
            themes: Vec::new(),
            colors: true,
            chat,
            source: None,
            search: Search::default(),
            sessions: Sessions::default(),
            import: Import::default(),
            memory: Holdings::default(),
            status: None,
            encoding: None,
            notice: None,
            notices: VecDeque::new(),
            theme_before: None,
            quit_armed: None,
            last_number: 0,
        }
    }

    /// A number that was not given before.
    pub fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// A number for a piece of work.
    pub fn job(&mut self) -> JobId {
        JobId(self.number())
    }

    /// Whether the demo is in memory.
    pub fn has_demo(&self) -> bool {
        let past = self.import.past.iter().flatten();
        past.flat_map(|import| &import.formats).any(|format| format == SOURCE_DEMO)
    }

    /// Whether the memory is known to hold nothing yet.
    pub fn is_first_run(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.turns == 0)
    }
}
