//! The checksum of what a turn says: it shows where a disk, or another program, changed a text.
//!
//! Owns: how it is made, finding turns whose checksum does not match, and finding copies that still have
//! such a turn as it was stored. A mismatch is reported and never repaired: data derived from a changed text
//! would make that text look right.

use super::{Memory, MemoryError, beside, open};
use crate::conversation::{SessionId, TurnId};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// What a turn says, in the order in which [`register`]'s function takes it.
pub(super) const SAYS: &str = "t.kind, t.role, (SELECT name FROM speakers WHERE id = t.speaker_id),
    t.said_at_ms, t.text";

/// A turn that is not what was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    pub turn: TurnId,
    pub session: SessionId,
    /// What it should have; `None` where it never had one.
    checksum: Option<i64>,
}

/// Makes SQL know `turn_checksum(kind, role, speaker, said_at_ms, text)`.
pub(super) fn register(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.create_scalar_function(
        "turn_checksum",
        5,
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
        |context| {
            let mut hash = Sha256::new();
            for place in 0..context.len() {
                // Kind and length go in, so that no two lists of parts look alike.
                let (kind, part): (u8, &[u8]) = match context.get_raw(place) {
                    ValueRef::Null => (0, &[]),
                    ValueRef::Integer(number) => (1, &number.to_le_bytes()),
                    ValueRef::Real(number) => (2, &number.to_le_bytes()),
                    ValueRef::Text(text) => (3, text),
                    ValueRef::Blob(bytes) => (4, bytes),
                };
                hash.update([kind]);
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
            let mut first = [0; 8];
            first.copy_from_slice(&hash.finalize()[..8]);
            Ok(i64::from_le_bytes(first))
        },
    )
}

/// The turns that do not have the checksum of what they say.
pub(super) fn changed(connection: &Connection) -> Result<Vec<Changed>, rusqlite::Error> {
    let mut statement = connection.prepare(&format!(
        "SELECT t.id, t.session_id, t.checksum FROM turns t
         WHERE t.checksum IS NOT turn_checksum({SAYS}) ORDER BY t.id"
    ))?;
    let rows = statement.query_map([], |row| {
        Ok(Changed {
            turn: TurnId(row.get(0)?),
            session: SessionId(row.get(1)?),
            checksum: row.get(2)?,
        })
    })?;
    rows.collect()
}

/// Whether one of these turns is not what was stored.
pub(super) fn any_changed(
    connection: &Connection,
    turns: &[TurnId],
) -> Result<bool, rusqlite::Error> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT 1 FROM turns t WHERE t.id = ?1 AND t.checksum IS NOT turn_checksum({SAYS})"
    ))?;
    for turn in turns {
        if statement.exists([turn.0])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many turns had no checksum before the migration that made it.
pub(super) fn made_later(connection: &Connection) -> Result<u64, rusqlite::Error> {
    connection.query_row(
        "SELECT count(*) FROM turns, checksums_begin WHERE turns.id <= after_turn",
        [],
        |row| Ok(row.get::<_, i64>(0)? as u64),
    )
}

impl Memory {
    /// The copies in this memory's folder in which a turn is still as it was stored.
    pub(super) fn copies_that_hold(&self, changed: &Changed) -> Vec<PathBuf> {
        let Some(path) = &self.path else { return Vec::new() };
        let holds = |copy: &PathBuf| {
            let (connection, _) = open::inspected(copy, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
            register(&connection).ok()?;
            let sql = format!("SELECT turn_checksum({SAYS}) FROM turns t WHERE t.id = ?1");
            let found: Option<i64> =
                connection.query_row(&sql, [changed.turn.0], |row| row.get(0)).optional().ok()?;
            (found.is_some() && found == changed.checksum).then_some(())
        };
        let copies = beside::copies_in_folder(path).into_iter();
        copies.filter(|copy| holds(copy).is_some()).collect()
    }

    /// Whether any turn is not what was stored.
    pub(super) fn is_changed(&self) -> Result<bool, MemoryError> {
        self.read(|connection| Ok(!changed(connection)?.is_empty()))
    }
}
