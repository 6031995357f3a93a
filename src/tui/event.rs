//! What happens: keys, sizes, timers, and what the workers bring.

use super::outside::Copied;
use super::review::Reviewed;
use crate::assistant::{
    Chosen, Draft, ImportProgress, Part, Removed, Reply, Report, Status, TakenBack, Traces,
};
use crate::conversation::{Session, SessionId, Turn, TurnId};
use crate::evidence::{Answer, Citation, GivenAnswer, Hit};
use crate::language::Intent;
use ratatui::crossterm::event::KeyEvent;
use std::collections::HashMap;
use std::path::PathBuf;

/// Names one piece of work. Later work has a larger number; what comes from work that was
/// replaced by later work is dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// Something that happened.
#[expect(
    clippy::large_enum_variant,
    reason = "an event is moved once, from the channel into `update`; a few hundred bytes are \
              cheaper than a box for each"
)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something at a column and a row.
    Pointer(Pointer, u16, u16),
    /// The window got the focus, or lost it.
    Focused(bool),
    /// The user's editor ended: with the text, or with what went wrong.
    Edited(Result<String, String>),
    /// Text was pasted; it never sends.
    Paste(String),
    /// The window has this size now, in cells.
    Resize(u16, u16),
    /// A timer went off.
    Timer(Timer),
    /// A worker brings something.
    Work(Work),
    /// The program goes to the background, or is stopped from outside.
    Suspend,
    /// The program is in the foreground again.
    Resumed,
    /// The program is told to end, by the signal with this number.
    Terminate(i32),
}

impl Event {
    /// Whether it came from the thread that reads keys, which waits to be told to go on.
    pub fn is_input(&self) -> bool {
        matches!(
            self,
            Self::Key(_) | Self::Paste(_) | Self::Resize(..) | Self::Pointer(..) | Self::Focused(_)
        )
    }
}

/// What the mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// The wheel was turned up.
    WheelUp,
    /// The wheel was turned down.
    WheelDown,
    /// The left button was pressed.
    Click,
    /// The mouse moved while it was held.
    Drag,
}

/// What a timer was set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// The typing has paused: search by meaning too, if this job is still the newest.
    Meaning(JobId),
    /// The notice with this number has been read.
    Notice(u64),
    /// Look whether the encoder has started.
    Status,
    /// The draft has changed a while ago: keep it.
    Draft,
}

/// Why work brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The user cancelled it.
    Cancelled,
    /// It failed; one line that says what to do.
    Failed(String),
}

/// A part of a session.
#[derive(Debug, Default)]
pub struct Page {
    /// The turns, in order.
    pub turns: Vec<Turn>,
    /// The citations of the answers among them.
    pub citations: HashMap<TurnId, Vec<Citation>>,
    /// How the answers among them were given, where that is known.
    pub given: HashMap<TurnId, GivenAnswer>,
    /// Whether nothing comes before.
    pub at_start: bool,
    /// Whether nothing comes after.
    pub at_end: bool,
}

/// What a worker brings.
#[expect(clippy::large_enum_variant, reason = "each is made once and moved twice")]
pub enum Work {
    /// A part of an answer.
    Part(JobId, Part),
    /// What was said is stored, and answered if it was a question.
    Said(JobId, Result<Reply, Failure>),
    /// What was said in incognito is answered; `None` where it was no question.
    Whispered(JobId, Result<Option<Answer>, Failure>),
    /// Whether a draft is a statement or a question.
    Decided(JobId, Result<Intent, Failure>),
    /// A statement was removed from memory.
    TakenBack(TurnId, Result<TakenBack, Failure>),
    /// A note is stored.
    Remembered(Result<TurnId, Failure>),
    /// Hits, by words alone or by meaning too.
    Hits(JobId, Result<Vec<Hit>, Failure>),
    /// A page of the list of sessions, from an offset, of an asked number.
    Sessions(JobId, usize, usize, Result<Vec<Session>, Failure>),
    /// A session was opened at one of its pages.
    Opened(JobId, Result<(Session, Page), Failure>),
    /// The next page before or after what is held.
    Page(JobId, SessionId, Result<Page, Failure>),
    /// What was typed in earlier sessions, oldest first.
    History(Vec<String>),
    /// A text of this sort was copied, by what and how.
    Copied(&'static str, String, Copied),
    /// What was to be exported is written; what is to be said about it.
    Exported(Result<String, String>),
    /// What would be forgotten: what holds a text.
    Chosen(String, Result<Chosen, Failure>),
    /// How many turns were deleted, and what is left of them in the file.
    Forgotten(Result<(u64, Traces), Failure>),
    /// The theme of this name was kept in a file, or why it was not.
    ThemeKept(String, Result<PathBuf, String>),
    /// Something failed that nobody waited for.
    Failed(String),
    /// Drafts that were never sent, the newest last.
    Drafts(Vec<Draft>),
    /// What stands around a turn.
    Surroundings(JobId, Result<Vec<Turn>, Failure>),
    /// What a path may be completed to.
    Completed(JobId, Vec<String>),
    /// How far an import is.
    ImportProgress(JobId, ImportProgress),
    /// An import has ended.
    Imported(JobId, Result<Box<Report>, Failure>),
    /// How far the undoing of an import is: turns that are removed, and those that are left.
    Undoing(JobId, u64, u64),
    /// The undoing of an import has ended.
    Undone(JobId, Result<Removed, Failure>),
    /// What came of a review.
    Reviewed(Reviewed),
    /// How far the background encoding is: done and left.
    Encoding(u64, u64),
    /// The background encoding has ended; so many turns remain.
    Encoded(Result<u64, Failure>),
    /// The state of the memory and the encoder.
    Status(Result<Status, Failure>),
}
