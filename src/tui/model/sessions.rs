//! The state of the list of sessions.

use super::{Field, ListFocus, Paged};
use crate::conversation::Session;
use crate::tui::event::JobId;

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
