//! What can go wrong with the memory's file, in words for its user.

use super::waiting::is_unwanted;
use std::path::PathBuf;

/// Why the memory could not do what it was asked. Each message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// The folder or the file could not be made or opened.
    #[error("cannot open the memory {path}: {why}; use --db to choose another file")]
    Open {
        /// The memory's file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The file is something else.
    #[error(
        "cannot open {path}: it is not a recount database ({why}); nothing was changed; use --db to choose another file"
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
    #[error("it belongs to another program; nothing was changed; use --db to choose another file")]
    OtherProgram,
    /// Written by a later recount.
    #[error(
        "it was written by a newer recount (schema {found}, this version supports {known}); nothing was changed; update recount"
    )]
    NewerSchema {
        /// The file's schema.
        found: i64,
        /// The newest one that this program knows.
        known: i64,
    },
    /// The schema was made by other migrations than this program's.
    #[error(
        "migration {number} of this file is unknown to this recount; nothing was changed; use the recount that wrote it"
    )]
    EditedMigration {
        /// Which one.
        number: i64,
    },
    /// The file system cannot share memory between processes, as a network file system.
    #[error(
        "{path} is on a file system without write-ahead logging (journal mode {mode}); use --db to choose a file on a local disk"
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
    #[error("the disk is full; nothing was stored; free some space and try again")]
    Full,
    /// The file cannot be written.
    #[error(
        "cannot write the memory: its file or folder is read-only; change the permissions, or use --db to choose another file"
    )]
    ReadOnly,
    /// There is no memory, and this is not the command to begin one.
    #[error(
        "no memory at {0} yet; `recount remember`, `recount import` or the screen creates one; use --db to choose another file"
    )]
    Missing(PathBuf),
    /// It would have to be brought to the newest schema first, and cannot be written.
    #[error(
        "{path} is read-only and has an older schema ({found}, this version needs {known}); copy it to a folder of your own and use --db to choose the copy"
    )]
    OldSchema {
        /// The memory's file.
        path: PathBuf,
        /// The file's schema.
        found: i64,
        /// The one that this program reads.
        known: i64,
    },
    /// No backup could be made before the schema is changed.
    #[error("{path} was not migrated to the newest schema: cannot make a backup first: {why}")]
    BeforeMigration {
        /// The memory's file.
        path: PathBuf,
        /// Why not.
        why: Box<MemoryError>,
    },
    /// A copy could not be made.
    #[error("cannot write {path}: {why}; nothing was changed")]
    Copy {
        /// The file that was to be written.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The file is a memory or belongs to one.
    #[error("{0} is a memory or belongs to one, and was not overwritten; choose another name")]
    Held(PathBuf),
    /// A file of this name is there.
    #[error("{0} already exists and was not changed; choose another name")]
    Exists(PathBuf),
    /// A copy could not be removed.
    #[error("cannot delete {path}: {why}; it still contains the deleted turns")]
    Remove {
        /// The copy.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// What is to be restored cannot be read.
    #[error("cannot restore {path}: {why}; nothing was changed")]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// What is to be restored is damaged.
    #[error("cannot restore {path}: it is damaged ({why}); nothing was changed")]
    DamagedBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Another process has the memory open.
    #[error("{0} is in use by another recount; nothing was changed; close that recount first")]
    InUse(PathBuf),
    /// The caller wanted no more of it.
    #[error("interrupted; nothing was changed")]
    Stopped,
    /// What is to be remembered cannot be read where it lies meanwhile.
    #[error("cannot read the temporary file of a long conversation: {0}; import it again")]
    Scratch(#[from] std::io::Error),
    /// The file is damaged.
    #[error("the memory file is damaged ({0}); restore it from a backup")]
    Damaged(String),
    /// Anything else that `SQLite` says.
    #[error("memory error: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for MemoryError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) if is_unwanted() => Self::Stopped,
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy,
            Some(Code::DiskFull) => Self::Full,
            Some(Code::ReadOnly) => Self::ReadOnly,
            Some(Code::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}
