//! What happens: keys, sizes, timers, and what the workers bring.

use super::review::Reviewed;
use crate::assistant::{ImportProgress, Part, Reply, Report, Status};
use crate::conversation::{Session, SessionId, Turn, TurnId};
use crate::evidence::{Citation, Hit};
use ratatui::crossterm::event::KeyEvent;
use std::collections::HashMap;

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

/// What a timer was set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// The typing has paused: search by meaning too, if this job is still the newest.
    Meaning(JobId),
    /// The notice with this number has been read.
    Notice(u64),
    /// Look whether the encoder has started.
    Status,
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
    /// Whether nothing comes before.
    pub at_start: bool,
    /// Whether nothing comes after.
    pub at_end: bool,
}

/// What a worker brings.
pub enum Work {
    /// A part of an answer.
    Part(JobId, Part),
    /// What was said is stored, and answered if it was a question.
    Said(JobId, Result<Reply, Failure>),
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
    /// What stands around a turn.
    Surroundings(JobId, Result<Vec<Turn>, Failure>),
    /// What a path may be completed to.
    Completed(JobId, Vec<String>),
    /// How far an import is.
    ImportProgress(JobId, ImportProgress),
    /// An import has ended.
    Imported(JobId, Result<Box<Report>, Failure>),
    /// What came of a review.
    Reviewed(Reviewed),
    /// How far the background encoding is: done and left.
    Encoding(u64, u64),
    /// The background encoding has ended; so many turns remain.
    Encoded(Result<u64, Failure>),
    /// The state of the memory and the encoder.
    Status(Result<Status, Failure>),
}
