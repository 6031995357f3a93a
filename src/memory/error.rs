//! What can go wrong with the memory's file, in words for its user.

use std::path::PathBuf;

/// Why the memory could not do what it was asked. Each message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// The folder or the file could not be made or opened.
    #[error("cannot open the memory {path}: {why}; choose another place with --db")]
    Open {
        /// The memory's file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The file is something else.
    #[error(
        "{path} is not a memory of recount: {why}; nothing was changed; choose another file with --db"
    )]
    NotAMemory {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// It is a memory, but not one that this program may write to.
    #[error("{path}: {why}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: Box<MemoryError>,
    },
    /// A `SQLite` database of another program.
    #[error(
        "it is a database of another program; nothing was changed; choose another file with --db"
    )]
    OtherProgram,
    /// Written by a later recount.
    #[error(
        "it was written by a newer recount (schema {found}, this program knows {known}); nothing was changed; update recount"
    )]
    NewerSchema {
        /// The file's schema.
        found: i64,
        /// The newest one that this program knows.
        known: i64,
    },
    /// The schema was made by other migrations than this program's.
    #[error(
        "migration {number} of this file is not the one that this recount knows; nothing was changed; use the recount that wrote it"
    )]
    EditedMigration {
        /// Which one.
        number: i64,
    },
    /// The file system cannot share memory between processes, as a network file system.
    #[error(
        "{path} lies on a file system without write-ahead logging (it answered {mode}); put it on a local disk with --db"
    )]
    NoWal {
        /// The memory's file.
        path: PathBuf,
        /// The journal mode that it got.
        mode: String,
    },
    /// Another process holds the file for too long.
    #[error("the memory is busy: another recount is writing; try again when it is done")]
    Busy,
    /// The disk is full.
    #[error("the disk is full; nothing of this was stored; free some space and try again")]
    Full,
    /// The file cannot be written.
    #[error(
        "the memory cannot be written: its file or folder is read-only; change the permissions or choose another place with --db"
    )]
    ReadOnly,
    /// The file is damaged.
    #[error("the memory's file is damaged ({0}); restore it from a backup")]
    Damaged(String),
    /// Anything else that `SQLite` says.
    #[error("the memory failed: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for MemoryError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy,
            Some(Code::DiskFull) => Self::Full,
            Some(Code::ReadOnly) => Self::ReadOnly,
            Some(Code::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}
