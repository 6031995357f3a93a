//! The state of the list of sessions.

use super::{Field, ListFocus, Paged};
use crate::conversation::{Session, SessionId};
use crate::tui::event::JobId;

/// What is asked for below the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A name for the session.
    Name,
    /// Tags to add and, behind a minus, to take away.
    Tags,
    /// The file that it is written to.
    File,
}

/// A question about a session, with a field for the answer.
#[derive(Debug)]
pub struct Prompt {
    /// The session.
    pub session: SessionId,
    /// What is asked.
    pub asked: Asked,
    /// The answer as it is typed.
    pub field: Field,
}

/// The list of sessions.
#[derive(Debug, Default)]
pub struct Sessions {
    /// What they must hold.
    pub field: Field,
    /// Where keys go.
    pub focus: ListFocus,
    /// The list.
    pub list: Paged<Session>,
    /// The page that is being read.
    pub loading: Option<JobId>,
    /// Why it could not be read.
    pub error: Option<String>,
    /// What is asked.
    pub prompt: Option<Prompt>,
    /// The sessions whose deletion waits, the last first, with their titles.
    pub deleted: Vec<(SessionId, String)>,
    /// The session that waits to be merged into another, and its title.
    pub merging: Option<(SessionId, String)>,
}
