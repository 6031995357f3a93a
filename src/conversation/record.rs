//! Sessions and turns with all that memory keeps of them: what an export writes, and what an import
//! of it brings back.

use super::{Session, Timestamp, Turn, TurnId};

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
#[derive(Debug, Clone, PartialEq)]
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
    /// How it was given, where it is an answer.
    pub given: Option<GivenAnswer>,
    /// The turn that it answers, if it is an answer and the question is still there.
    pub question: Option<TurnId>,
    /// Whether somebody marked it right or wrong, if it is an answer.
    pub marked: Option<Marked>,
}

/// What people said of a stored answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
}

impl Mark {
    /// The word for the mark in files, in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
        }
    }

    /// The mark that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Right, Self::Wrong].into_iter().find(|mark| mark.as_str() == word)
    }
}

/// A mark, and when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    /// The mark.
    pub mark: Mark,
    /// When it was made.
    pub at: Timestamp,
}

/// How a stored answer was given, beside its text and its citations.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenAnswer {
    /// Whether it abstained.
    pub abstained: bool,
    /// Why it abstained, or what it was read from.
    pub reason: Option<String>,
    /// How sure the decoder was, 0 to 1.
    pub confidence: f32,
    /// The decoder's name.
    pub decoder: String,
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

/// What an export tells of a session beside the conversation itself. Ids are those of the memory that
/// wrote it; they are only compared with each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// Where it came from, when it was remembered first.
    pub source: String,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// What the user marked it with.
    pub tags: Vec<String>,
    /// Whether the user pinned it.
    pub pinned: bool,
    /// The position up to which the user had read.
    pub read_position: Option<i64>,
    /// The turn whose edited repetition began it.
    pub forked_from: Option<TurnId>,
    /// When it was first appended to a memory.
    pub remembered_at: Option<Timestamp>,
    /// The sessions that were merged into it.
    pub merged: Vec<Merged>,
    /// What is told of each turn of the conversation, in its order.
    pub turns: Vec<RestoredTurn>,
}

/// What an export tells of a turn beside what was said.
#[derive(Debug, Clone, PartialEq)]
pub struct RestoredTurn {
    /// Its id.
    pub turn: Option<TurnId>,
    /// Its place in the session.
    pub position: i64,
    /// By what an import knows it again.
    pub key: Vec<u8>,
    /// When it was appended to a memory.
    pub remembered_at: Option<Timestamp>,
    /// What it rests on, where it is an answer.
    pub quotations: Vec<Quotation>,
    /// How it was given, where it is an answer.
    pub given: Option<GivenAnswer>,
    /// The turn that it answers, if it is an answer.
    pub question: Option<TurnId>,
    /// Whether it was marked right or wrong, if it is an answer.
    pub marked: Option<Marked>,
}
