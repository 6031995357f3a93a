//! Copies of the memory's file: a backup that is consistent while the memory is in use, and the
//! copies that recount itself keeps beside the memory.
//!
//! A copy is written to a partial file of its own, verified, and only then given its name, so that
//! what carries the name of a backup is one.

use super::{Memory, MemoryError, check, migrations};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

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

/// Why recount keeps a copy beside the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyKind {
    /// Made before a migration.
    BeforeMigration,
    /// What a restore took the place of.
    Replaced,
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
        let same = |own: &PathBuf| {
            fs::canonicalize(own).ok().is_some_and(|own| Some(own) == fs::canonicalize(path).ok())
        };
        if self.path.as_ref().is_some_and(same) {
            return Err(MemoryError::Exists(path.to_owned()));
        }
        self.read(|connection| {
            let partial = Partial::beside(path).map_err(|why| failed(path, &why))?;
            let copied = copy(connection, &partial.0, path, go_on)?;
            partial.name(path, overwrite)?;
            Ok(copied)
        })
    }

    /// The copies that recount keeps beside this memory, oldest schema or date first.
    pub fn copies(&self) -> Vec<(CopyKind, PathBuf)> {
        self.path.as_deref().map(copies_beside).unwrap_or_default()
    }

    /// Removes the copies of one kind. What was forgotten must not go on in them.
    pub fn remove_copies(&self, kind: CopyKind) -> Result<usize, MemoryError> {
        let mut removed = 0;
        for (_, path) in self.copies().into_iter().filter(|(one, _)| *one == kind) {
            fs::remove_file(&path).map_err(|why| MemoryError::Remove { path, why })?;
            removed += 1;
        }
        Ok(removed)
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
    let target = with_suffix(path, &format!(".schema-{schema}.backup"));
    let made = Partial::beside(&target).map_err(|why| failed(&target, &why)).and_then(|partial| {
        copy(&snapshot, &partial.0, &target, &mut |_, _| true)?;
        partial.name(&target, true)
    });
    made.map_err(wrapped)?;
    drop(snapshot);
    let mut kept = copies_beside(path);
    kept.retain(|(kind, _)| *kind == CopyKind::BeforeMigration);
    for (_, old) in kept.iter().take(kept.len().saturating_sub(KEPT)) {
        // One more copy than wanted harms nobody.
        if let Err(error) = fs::remove_file(old) {
            tracing::debug!(%error, "an old backup stays");
        }
    }
    Ok(())
}

/// The copies beside a memory's file, each kind in its order.
pub(super) fn copies_beside(path: &Path) -> Vec<(CopyKind, PathBuf)> {
    let (Some(name), Some(folder)) = (path.file_name(), path.parent()) else { return Vec::new() };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let name = name.to_string_lossy();
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let full = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = full.strip_prefix(name.as_ref()) else { continue };
        let schema = rest.strip_prefix(".schema-").and_then(|rest| rest.strip_suffix(".backup"));
        if let Some(Ok(schema)) = schema.map(str::parse::<u64>) {
            found.push((CopyKind::BeforeMigration, schema, entry.path()));
        } else if rest.starts_with(".replaced-") {
            found.push((CopyKind::Replaced, 0, entry.path()));
        }
    }
    found.sort_by(|(_, a, path_a), (_, b, path_b)| (a, path_a).cmp(&(b, path_b)));
    found.into_iter().map(|(kind, _, path)| (kind, path)).collect()
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

pub(super) fn failed(path: &Path, why: &dyn std::fmt::Display) -> MemoryError {
    MemoryError::Copy { path: path.to_owned(), why: super::first_line(&why.to_string()) }
}

/// A path with something behind its name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A file that is not done yet; gone with the value unless it gets its name.
pub(super) struct Partial(pub(super) PathBuf);

impl Partial {
    /// An empty file in the folder of `path` that only its owner can read.
    pub(super) fn beside(path: &Path) -> io::Result<Self> {
        let partial = with_suffix(path, &format!(".partial-{}", std::process::id()));
        match fs::remove_file(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&partial)?;
        Ok(Self(partial))
    }

    /// Gives the file its name, all at once.
    pub(super) fn name(self, path: &Path, overwrite: bool) -> Result<(), MemoryError> {
        let named = if overwrite {
            fs::rename(&self.0, path)
        } else {
            // Unlike a rename, a second link refuses a name that was taken meanwhile.
            fs::hard_link(&self.0, path)
        };
        match named {
            Ok(()) => {}
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
                return Err(MemoryError::Exists(path.to_owned()));
            }
            // Some file systems know no second links.
            Err(_) if !overwrite && !path.exists() => {
                fs::rename(&self.0, path).map_err(|why| failed(path, &why))?;
            }
            Err(why) => return Err(failed(path, &why)),
        }
        sync_folder(path);
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            // Mostly there is none.
            let _ = fs::remove_file(with_suffix(&self.0, suffix));
        }
    }
}

/// Makes a new name durable. Where a folder cannot be synced, the file system does it by itself.
pub(super) fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests;
