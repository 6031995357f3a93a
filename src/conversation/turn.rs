//! What was said: one turn of a conversation.

use super::{SessionId, Timestamp, TurnId};
use std::fmt;

/// Who speaks, in the terms of chat formats. People in a group chat are all `User`; their names
/// stand in [`Turn::speaker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A person.
    User,
    /// A language model, a bot, or recount itself.
    Assistant,
    /// Instructions to a model, or a service message of a chat.
    System,
    /// What a tool was given or gave back.
    Tool,
}

impl Role {
    /// Every role, in the order in which they are listed to people.
    pub const ALL: [Self; 4] = [Self::User, Self::Assistant, Self::System, Self::Tool];

    /// The word that stands for the role in files, in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
            Self::Tool => "tool",
        }
    }

    /// The role that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What part a turn plays in its conversation. Only some kinds are evidence for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Said by a person or an assistant: evidence.
    Message,
    /// The user's description of who they are, always weighed in: evidence.
    Primer,
    /// A question asked of recount. Found by search, never evidence for an answer.
    Question,
    /// recount's own answer. Found by search, never evidence: it would quote itself.
    Answer,
    /// A model's reasoning, folded away.
    Reasoning,
    /// A tool call or its result, folded away.
    Tool,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Message, Self::Primer, Self::Question, Self::Answer, Self::Reasoning, Self::Tool];

    /// The word that stands for the kind in the memory's file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Primer => "primer",
            Self::Question => "question",
            Self::Answer => "answer",
            Self::Reasoning => "reasoning",
            Self::Tool => "tool",
        }
    }

    /// The kind that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether an answer may rest on turns of this kind.
    pub fn is_evidence(self) -> bool {
        matches!(self, Self::Message | Self::Primer)
    }

    /// Whether people count it as something that was said, as opposed to what is folded away.
    pub fn is_said(self) -> bool {
        !matches!(self, Self::Reasoning | Self::Tool)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A turn as the memory holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The memory's id.
    pub id: TurnId,
    /// The session in which it was said.
    pub session: SessionId,
    /// Its place in the session, from 0, dense as appended.
    pub position: i64,
    /// The speaker's role.
    pub role: Role,
    /// The part it plays.
    pub kind: Kind,
    /// The speaker's name; the role's word where the source gave no name.
    pub speaker: String,
    /// What was said, exactly. The caption of a shared picture stands at its end as
    /// `[picture: …]`, a file as `[file: …]`.
    pub text: String,
    /// When it was said, if the source tells.
    pub said_at: Option<Timestamp>,
    /// When it was appended to the memory.
    pub remembered_at: Timestamp,
    /// The id that the imported file gave it.
    pub source_id: Option<String>,
}

/// A turn that is not in the memory yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTurn {
    /// The speaker's role.
    pub role: Role,
    /// The part it plays.
    pub kind: Kind,
    /// The speaker's name; the role's word where the source gave no name.
    pub speaker: String,
    /// What was said, exactly (see [`Turn::text`] for captions).
    pub text: String,
    /// When it was said, if the source tells.
    pub said_at: Option<Timestamp>,
    /// The local wall-clock as the source wrote it, where that is all it gave.
    pub said_at_text: Option<String>,
    /// The id that the imported file gave it; unique in its conversation.
    pub source_id: Option<String>,
    /// The file's id of the turn it follows, where the source keeps branches.
    pub parent_source_id: Option<String>,
    /// Whether it stands on the branch that the source shows.
    pub on_active_path: bool,
}

impl NewTurn {
    /// A plain message of a role, spoken by a name.
    pub fn message(role: Role, speaker: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            role,
            kind: Kind::Message,
            speaker: speaker.into(),
            text: text.into(),
            said_at: None,
            said_at_text: None,
            source_id: None,
            parent_source_id: None,
            on_active_path: true,
        }
    }

    /// The same turn, of another kind.
    #[must_use]
    pub fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same turn, said at an instant.
    #[must_use]
    pub fn at(mut self, said_at: Option<Timestamp>) -> Self {
        self.said_at = said_at;
        self
    }

    /// The same turn, with the file's own id.
    #[must_use]
    pub fn with_source_id(mut self, id: impl Into<String>) -> Self {
        self.source_id = Some(id.into());
        self
    }
}

/// What an encoder is given for a turn, and what its words are taken from: the speaker's name
/// belongs to it, since questions name people.
pub fn spoken(speaker: &str, text: &str) -> String {
    format!("{speaker}: {text}")
}
