//! Sessions and turns with all that memory keeps of them: what an export writes.

use super::{Session, Turn, TurnId};

/// A session with all that memory keeps of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The session.
    pub session: Session,
    /// The sessions that were merged into it.
    pub merged: Vec<Merged>,
}

/// The identity of a session that was merged into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Where it came from.
    pub source: String,
    /// The id that the imported file gave it, or what stands for one.
    pub source_id: String,
}

/// A turn with all that memory keeps of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnRecord {
    /// The turn.
    pub turn: Turn,
    /// By what an import knows it again.
    pub key: Vec<u8>,
    /// The local wall-clock as the source wrote it, where that is all it gave.
    pub said_at_text: Option<String>,
    /// The file's id of the turn it follows, where the source keeps branches.
    pub parent_source_id: Option<String>,
    /// Whether it stands on the branch that the source shows.
    pub on_active_path: bool,
    /// What it rests on, where it is an answer.
    pub quotations: Vec<Quotation>,
}

/// A citation by what only it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// The number by which the answer refers to it, from 1.
    pub number: usize,
    /// The cited turn.
    pub turn: TurnId,
    /// The words, exactly as they stand in the turn.
    pub quote: String,
}
