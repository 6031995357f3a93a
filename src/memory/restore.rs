//! Restoring a backup in place of a memory.
//!
//! The backup is copied beside the memory and verified there; the memory that was there is kept
//! under a dated name; only then the copy takes its place, in one rename. Whatever ends the program
//! in between, one of both stands whole under the memory's name.

use super::beside::replaced_copy;
use super::copies::{Copied, copy, counts, failed, verify};
use super::{Memory, MemoryError, open};
use crate::conversation::Timestamp;
use crate::files::{JOURNALS, Partial, regular, with_suffix};
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long another process is waited for to let go of the memory.
const LET_GO: Duration = Duration::from_millis(500);

impl Memory {
    /// What a backup holds, after all of it was checked. Nothing is written.
    pub fn inspect_backup(path: &Path) -> Result<Copied, MemoryError> {
        let connection = open_backup(path)?;
        verify(&connection).map_err(|why| MemoryError::DamagedBackup { path: path.into(), why })?;
        let (turns, sessions, schema) = counts(&connection)?;
        let bytes = fs::metadata(path).map_or(0, |meta| meta.len());
        Ok(Copied { turns, sessions, schema, bytes })
    }

    /// Puts a backup in the place of a memory, which no process may have open. Returns what it
    /// holds, and where the memory is kept that was there.
    pub fn restore(
        backup: &Path,
        target: &Path,
        now: Timestamp,
    ) -> Result<(Copied, Option<PathBuf>), MemoryError> {
        let source = open_backup(backup)?;
        verify(&source)
            .map_err(|why| MemoryError::DamagedBackup { path: backup.to_owned(), why })?;
        open::create_folder(target).map_err(|why| failed(target, &why))?;
        let partial = Partial::beside(target).map_err(|why| failed(target, &why))?;
        let copied = copy(&source, partial.path(), target, &mut |_, _| true)?;
        let aside = set_aside(target, now)?;
        partial.name(target, true).map_err(|why| failed(target, &why))?;
        Ok((copied, aside.map(|(kept, _)| kept)))
    }
}

fn open_backup(path: &Path) -> Result<Connection, MemoryError> {
    let failed = |why: String| MemoryError::NoBackup { path: path.to_owned(), why };
    match fs::metadata(path) {
        Ok(meta) if meta.is_file() && meta.len() == 0 => return Err(failed("it is empty".into())),
        Ok(_) => {}
        Err(why) => return Err(failed(why.to_string())),
    }
    regular(path).map_err(|why| failed(why.to_string()))?;
    let (connection, version) = open::inspected(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if version == 0 {
        return Err(failed("it contains no memory".into()));
    }
    Ok(connection)
}

/// Keeps the memory that is there under a dated name as well. The connection holds it locked until
/// another file has taken its place.
fn set_aside(
    target: &Path,
    now: Timestamp,
) -> Result<Option<(PathBuf, Option<Connection>)>, MemoryError> {
    if fs::metadata(target).map_or(0, |meta| meta.len()) == 0 {
        return Ok(None);
    }
    let date = now.civil().strftime("%Y-%m-%dT%H-%M-%SZ").to_string();
    let mut kept = replaced_copy(target, &date);
    for number in 2.. {
        if !kept.exists() {
            break;
        }
        kept = replaced_copy(target, &format!("{date}-{number}"));
    }
    match open::inspected(target, OpenFlags::SQLITE_OPEN_READ_WRITE) {
        Ok((connection, _)) => keep_whole(connection, target, kept).map(Some),
        Err(MemoryError::Refused { .. }) => {
            let connection =
                Connection::open_with_flags(target, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            keep_whole(connection, target, kept).map(Some)
        }
        // What is damaged is kept as it is, with its log.
        Err(MemoryError::Damaged(_)) => {
            for suffix in JOURNALS {
                match fs::rename(with_suffix(target, suffix), with_suffix(&kept, suffix)) {
                    Err(why) if why.kind() != io::ErrorKind::NotFound => {
                        return Err(failed(&kept, &why));
                    }
                    _ => {}
                }
            }
            fs::rename(target, &kept).map_err(|why| failed(&kept, &why))?;
            Ok(Some((kept, None)))
        }
        Err(error) => Err(error),
    }
}

/// Brings the log into the file, which only works where no other process has it open, and gives the
/// file a second name.
fn keep_whole(
    connection: Connection,
    target: &Path,
    kept: PathBuf,
) -> Result<(PathBuf, Option<Connection>), MemoryError> {
    connection.busy_timeout(LET_GO)?;
    let in_use = |error: rusqlite::Error| match MemoryError::from(error) {
        MemoryError::Busy => MemoryError::InUse(target.to_owned()),
        error => error,
    };
    let mode: String = connection
        .query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))
        .map_err(in_use)?;
    if mode != "delete" {
        return Err(MemoryError::InUse(target.to_owned()));
    }
    connection.execute_batch("BEGIN EXCLUSIVE").map_err(in_use)?;
    if fs::hard_link(target, &kept).is_err() {
        // Where there are no second links.
        fs::copy(target, &kept).map_err(|why| failed(&kept, &why))?;
    }
    Ok((kept, Some(connection)))
}
