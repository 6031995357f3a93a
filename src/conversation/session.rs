//! A session: turns that belong together, in order.

use super::{NewTurn, SessionId, Timestamp};

/// The `source` of sessions that were held in recount's own screen.
pub const SOURCE_CHAT: &str = "chat";
/// The `source` of notes appended with `recount remember`.
pub const SOURCE_NOTE: &str = "note";

/// A session as the memory lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The memory's id.
    pub id: SessionId,
    /// Where it comes from: `chat`, `note`, or the name of an import format.
    pub source: String,
    /// The id that the imported file gave the conversation.
    pub source_id: Option<String>,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// When its first turn was said.
    pub first_said_at: Option<Timestamp>,
    /// When its last turn was said.
    pub last_said_at: Option<Timestamp>,
    /// When it was first appended to the memory.
    pub remembered_at: Timestamp,
    /// How many turns were said in it (folded reasoning and tool content left out).
    pub turns: u64,
}

impl Session {
    /// The title, or what stands in for one.
    pub fn display_title(&self) -> String {
        match (&self.title, &self.source_id) {
            (Some(title), _) if !title.trim().is_empty() => title.clone(),
            (_, Some(id)) => id.clone(),
            _ => format!("{} {}", self.source, self.id),
        }
    }
}

/// A conversation as an importer reads it from a foreign file, whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    /// The file's own id of the conversation; `None` where the format has none.
    pub source_id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// When it began, as the file says; used for turns without a time of their own only to order.
    pub started_at: Option<Timestamp>,
    /// Its turns in the order in which they were said.
    pub turns: Vec<NewTurn>,
}
