//! Why the assistant could not do what it was asked.
//!
//! Owns: the one error of this room, and what it says. Does not own: exit statuses (the command
//! line) and how an error is shown (the screen).

use crate::conversation::{ImportId, SessionId, TurnId};
use crate::decoder::DecoderError;
use crate::encoder::EncoderError;
use crate::import::ImportError;
use crate::memory::MemoryError;
use crate::retrieval::RetrievalError;
use crate::secrets::Census;
use std::path::PathBuf;

/// Why the assistant could not do what it was asked. Each message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssistantError {
    /// The memory failed.
    #[error(transparent)]
    Memory(MemoryError),
    /// Retrieval failed.
    #[error(transparent)]
    Retrieval(#[from] RetrievalError),
    /// The encoder failed.
    #[error(transparent)]
    Encoder(#[from] EncoderError),
    /// The decoder failed.
    #[error(transparent)]
    Decoder(#[from] DecoderError),
    /// An input could not be read.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A turn was to be stored that holds what the settings refuse.
    #[error(
        "nothing was remembered: the text contains {0}, which `secrets.mode` refuses; remove them, or \
         set it to mask"
    )]
    Secret(Census),
    /// There was nothing in it.
    #[error("nothing to remember: the text is empty")]
    Empty,
    /// Notes cannot come from there.
    #[error(
        "{0:?} is not a valid source for notes; use lower-case letters, digits, - and _, but not \
         chat"
    )]
    NoSource(String),
    /// There is no session with this id.
    #[error("session {0} not found; `recount sessions list` lists all sessions")]
    NoSession(SessionId),
    /// A turn was to be marked that is not a stored answer.
    #[error(
        "cannot mark turn {0}: it is not a stored answer; `recount answers list` prints the ids"
    )]
    NoAnswer(TurnId),
    /// A session was to be merged with itself.
    #[error("cannot merge session {0} with itself; choose another session")]
    MergeWithItself(SessionId),
    /// A file that holds something gave no message.
    #[error(
        "{path}: nothing was imported: {why}; `recount import --list-formats` lists supported formats"
    )]
    NothingImported {
        /// The input.
        path: PathBuf,
        /// What was seen in it.
        why: String,
    },
    /// There is no such import, or it was undone.
    #[error("import {id} not found; `recount import --list` lists all imports")]
    NoImport {
        /// What was asked for.
        id: ImportId,
    },
    /// Turns were to be chosen by meaning, and there is no encoder.
    #[error("cannot choose turns by meaning: {why}; use --text instead")]
    NoMeaning {
        /// Why there is none.
        why: String,
    },
    /// What was to be written could not be.
    #[error("cannot write: {0}")]
    Write(std::io::Error),
    /// A file could not be written.
    #[error("cannot write {}: {why}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// A file of this name is there.
    #[error("{0} already exists; choose another name")]
    Exists(PathBuf),
    /// The draft cannot be kept.
    #[error("{path}: cannot save your draft: {error}")]
    Draft {
        /// The draft's file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The turn was forgotten meanwhile.
    #[error("this turn is no longer in memory: it was deleted in the meantime")]
    Gone,
    /// The user cancelled.
    #[error("cancelled; data stored so far is kept")]
    Cancelled,
}

impl From<MemoryError> for AssistantError {
    fn from(error: MemoryError) -> Self {
        match error {
            MemoryError::Stopped => Self::Cancelled,
            error => Self::Memory(error),
        }
    }
}
