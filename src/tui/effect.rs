//! What `update` wants done, as data. How it is done is the business of `workers`, and of the loop
//! where it concerns the terminal.

use super::event::{JobId, Timer};
use super::review::Review;
use crate::assistant::{Chosen, Draft, SessionQuery};
use crate::conversation::{ImportId, SessionId, TurnId};
use crate::evidence::Query;
use crate::language::Intent;
use std::time::Duration;

/// How many turns of a session are read at once.
pub const TURNS: usize = 100;
/// How many hits a search brings at first.
pub const HITS: usize = 50;
/// How many turns are read on either side of a source.
pub const AROUND: usize = 10;

/// Where in a session to begin reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At its first turn.
    Start,
    /// At its last turn.
    End,
    /// Around a position.
    Position(i64),
    /// Around a turn.
    Turn(TurnId),
}

/// Something to be done outside of the model.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Say something in a session, or in a new one.
    Say {
        /// The work's number.
        job: JobId,
        /// The session; `None` for a new one.
        session: Option<SessionId>,
        /// What is said.
        text: String,
        /// Whether it is a statement or a question; `None` lets the assistant decide.
        intent: Option<Intent>,
    },
    /// Ask an earlier question differently, in a new session that goes on from there.
    Fork {
        /// The work's number.
        job: JobId,
        /// The turn that is asked differently.
        turn: TurnId,
        /// What is said now.
        text: String,
        /// Whether it is a statement or a question; `None` lets the assistant decide.
        intent: Option<Intent>,
    },
    /// Answer a stored question once more.
    Again {
        /// The work's number.
        job: JobId,
        /// The question.
        turn: TurnId,
    },
    /// Answer without storing anything.
    Whisper {
        /// The work's number.
        job: JobId,
        /// What is said.
        text: String,
        /// What was said before, newest first.
        context: Vec<String>,
        /// Whether it is a statement or a question; `None` lets the assistant decide.
        intent: Option<Intent>,
    },
    /// Decide whether a draft is a statement or a question.
    Decide {
        /// The work's number.
        job: JobId,
        /// The draft.
        text: String,
    },
    /// Remove a statement from memory.
    TakeBack(TurnId),
    /// Stop a piece of work.
    Cancel(JobId),
    /// Let go of a piece of work: its answer is not wanted, but what the user said is still stored.
    Leave(JobId),
    /// Append a note.
    Remember(String),
    /// Search by words, or by words and meaning.
    Search {
        /// The work's number.
        job: JobId,
        /// What is looked for.
        query: Query,
        /// How many hits are wanted.
        limit: usize,
        /// Whether meaning counts too.
        meaning: bool,
    },
    /// Read a page of the list of sessions.
    Sessions {
        /// The work's number.
        job: JobId,
        /// Which ones, and in which order.
        query: SessionQuery,
        /// The first row.
        offset: usize,
        /// How many rows.
        limit: usize,
    },
    /// Open a session.
    Open {
        /// The work's number.
        job: JobId,
        /// The session.
        session: SessionId,
        /// Where to begin.
        place: Place,
    },
    /// Read the turns of a session from a position on.
    Page {
        /// The work's number.
        job: JobId,
        /// The session.
        session: SessionId,
        /// The first position.
        from: i64,
        /// How many turns.
        limit: usize,
    },
    /// Read what stands around a turn.
    Surroundings {
        /// The work's number.
        job: JobId,
        /// The turn.
        turn: TurnId,
    },
    /// List what a path may be completed to.
    Complete {
        /// The work's number.
        job: JobId,
        /// What is typed so far.
        path: String,
    },
    /// Import a file or a folder.
    Import {
        /// The work's number.
        job: JobId,
        /// The path as typed.
        path: String,
        /// Whether to read only, and append nothing.
        dry_run: bool,
    },
    /// Undo an import.
    Undo {
        /// The work's number.
        job: JobId,
        /// The import.
        import: ImportId,
    },
    /// Review sessions, imports, the memory as a whole.
    Review(Review),
    /// Make the embeddings that are pending.
    Encode,
    /// Look at the state of the memory and the encoder.
    Status,
    /// Read what was typed in earlier sessions, and the draft that was never sent.
    History,
    /// Keep the drafts against a crash, the one that is shown last; empty ones are left out.
    KeepDrafts(Vec<Draft>),
    /// Write on in the user's editor.
    Editor(String),
    /// Write a session, or everything, to a new file.
    Export {
        /// The session; `None` for all of them.
        session: Option<SessionId>,
        /// The path as typed.
        path: String,
    },
    /// Find what would be forgotten: the turns that hold a text.
    Choose(String),
    /// Forget what was chosen.
    Forget(Chosen),
    /// Copy a text of this sort to the clipboard.
    Copy(&'static str, String),
    /// Keep the theme of this name in the settings.
    KeepTheme(String),
    /// Hand a text to the terminal's clipboard.
    Osc52(String),
    /// Have the terminal notify its user.
    Notify(String),
    /// Set a timer.
    Wake(Duration, Timer),
    /// Go to the background.
    Suspend,
    /// Set the terminal up again and draw everything.
    Resume,
    /// Draw everything anew.
    Redraw,
    /// End the program, successfully or because of a signal.
    Quit(Option<i32>),
}
