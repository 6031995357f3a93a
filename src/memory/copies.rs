//! Copies of the memory's file: a backup that is consistent while the memory is in use, and the
//! copy that is made before a migration.
//!
//! A copy is written to a partial file of its own, verified, and only then given its name, so that
//! what carries the name of a backup is one.

use super::beside::{self, CopyKind, Held};
use super::{Memory, MemoryError, check, migrations};
use crate::files::{Destination, Partial, destination};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// How many pages are copied between two looks at whether to go on.
const PAGES: i32 = 2048;
/// How many backups from before migrations stay beside a memory.
const KEPT: usize = 2;

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Turns of every kind.
    pub turns: u64,
    /// Sessions.
    pub sessions: u64,
    /// The schema that it is of.
    pub schema: i64,
    /// The size of the file, in bytes.
    pub bytes: u64,
}

impl Memory {
    /// Copies the memory to a file that only its owner can read, as it is at one instant, however
    /// much is written meanwhile; the copy is verified before it gets its name. `go_on` is told how
    /// many pages are left and of how many, and ends it by returning `false`.
    pub fn backup(
        &self,
        path: &Path,
        overwrite: bool,
        go_on: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Copied, MemoryError> {
        if !overwrite && path.exists() {
            return Err(MemoryError::Exists(path.to_owned()));
        }
        // An earlier backup may be written over, a memory that is in use may not.
        if matches!(self.held(path), Some(Held::Memory | Held::Beside)) {
            return Err(MemoryError::Held(path.to_owned()));
        }
        let real = match destination(path).map_err(|why| failed(path, &why))? {
            Destination::Free => path.to_owned(),
            Destination::Taken(real) => real,
            Destination::Stream => return Err(failed(path, &"it is no regular file")),
        };
        let _noted = self.unfinished(&real);
        self.read(|connection| {
            let partial = Partial::beside(&real).map_err(|why| failed(path, &why))?;
            let copied = copy(connection, partial.path(), path, go_on)?;
            named(partial, &real, overwrite)?;
            Ok(copied)
        })
    }
}

/// Copies a memory whose schema is about to change to a file beside it, once for each schema. Older
/// ones of these copies are removed.
pub(super) fn before_migration(
    connection: &mut Connection,
    path: &Path,
) -> Result<(), MemoryError> {
    let wrapped = |error: MemoryError| MemoryError::BeforeMigration {
        path: path.to_owned(),
        why: Box::new(error),
    };
    let snapshot = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    // Another process may have been faster.
    let schema = migrations::version(&snapshot)?;
    if schema == 0 || schema >= migrations::NEWEST {
        return Ok(());
    }
    let target = beside::schema_copy(path, schema);
    let made = Partial::beside(&target).map_err(|why| failed(&target, &why)).and_then(|partial| {
        copy(&snapshot, partial.path(), &target, &mut |_, _| true)?;
        named(partial, &target, true)
    });
    made.map_err(wrapped)?;
    drop(snapshot);
    let mut kept = beside::copies(path);
    kept.retain(|(kind, _)| *kind == CopyKind::BeforeMigration);
    for (_, old) in kept.iter().take(kept.len().saturating_sub(KEPT)) {
        // One more copy than wanted harms nobody.
        if let Err(error) = fs::remove_file(old) {
            tracing::debug!(%error, "an old backup stays");
        }
    }
    Ok(())
}

/// Copies what a connection sees to a file and verifies it. `named` is what the file is for.
pub(super) fn copy(
    source: &Connection,
    to: &Path,
    named: &Path,
    go_on: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Copied, MemoryError> {
    let wanted = counts(source)?;
    let at_fault = |error: rusqlite::Error| match MemoryError::from(error) {
        MemoryError::Full => MemoryError::Full,
        error => failed(named, &error),
    };
    {
        let mut target = open_copy(to).map_err(at_fault)?;
        let backup = Backup::new(source, &mut target).map_err(at_fault)?;
        while backup.step(PAGES).map_err(at_fault)? != StepResult::Done {
            let progress = backup.progress();
            if !go_on(progress.remaining as u64, progress.pagecount as u64) {
                return Err(MemoryError::Stopped);
            }
        }
    }
    // Opened anew: what is verified is what stands in the file.
    let copy = open_copy(to).map_err(at_fault)?;
    // One file without a log beside it: so it can be carried away.
    let mode: String =
        copy.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(at_fault)?;
    if mode != "delete" {
        return Err(failed(named, &format!("the copy stays in the journal mode {mode}")));
    }
    verify(&copy).map_err(|why| failed(named, &why))?;
    let found = counts(&copy)?;
    if found != wanted {
        return Err(failed(named, &"the copy does not hold what the memory does"));
    }
    drop(copy);
    let synced = File::open(to).and_then(|file| file.sync_all().and_then(|()| file.metadata()));
    let bytes = synced.map_err(|why| failed(named, &why))?.len();
    let (turns, sessions, schema) = found;
    Ok(Copied { turns, sessions, schema, bytes })
}

/// What must hold in a file that is to be relied on: its pages and its references. Words can be
/// made again, so a fault in them alone does not keep anybody from a copy.
pub(super) fn verify(connection: &Connection) -> Result<(), String> {
    let (pages, _) = check::integrity(connection).map_err(|error| error.to_string())?;
    if let Some(fault) = pages.first() {
        return Err(super::first_line(fault));
    }
    match check::dangling(connection).map_err(|error| error.to_string())? {
        0 => Ok(()),
        rows => Err(format!("{rows} rows refer to rows that are not there")),
    }
}

/// Turns of every kind, sessions, schema.
pub(super) fn counts(connection: &Connection) -> Result<(u64, u64, i64), MemoryError> {
    let (turns, sessions) = connection.query_row(
        "SELECT (SELECT count(*) FROM turns), (SELECT count(*) FROM sessions)",
        [],
        |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64)),
    )?;
    Ok((turns, sessions, migrations::version(connection)?))
}

fn open_copy(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// Gives a copy its name.
fn named(partial: Partial, path: &Path, overwrite: bool) -> Result<(), MemoryError> {
    partial.name(path, overwrite).map_err(|why| match why.kind() {
        io::ErrorKind::AlreadyExists => MemoryError::Exists(path.to_owned()),
        _ => failed(path, &why),
    })
}

pub(super) fn failed(path: &Path, why: &dyn std::fmt::Display) -> MemoryError {
    MemoryError::Copy { path: path.to_owned(), why: super::first_line(&why.to_string()) }
}

#[cfg(test)]
mod tests;
