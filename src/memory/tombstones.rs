//! What was forgotten, by hashes that tell nothing of it: written when turns are forgotten, looked
//! up when their file is imported again.
//!
//! Does not own: removing the turns (`remove`), nor choosing them.

use super::MemoryError;
use super::append::{Key, key_of};
use crate::conversation::{Timestamp, TurnId};
use rusqlite::{Connection, OptionalExtension, params};

/// The key of the tombstone of a turn: `source` and `conversation` (the file's id of it, if it has
/// one) say where an import meets it, `turn` is its own key there.
pub(super) fn key(source: &str, conversation: Option<&str>, turn: &Key) -> Key {
    key_of(&[b"tombstone", source.as_bytes(), conversation.unwrap_or_default().as_bytes(), turn])
}

/// Sets the tombstones of a turn that is about to be removed: one for the identity of its session,
/// and one for each session that was merged into it, because the turn may have come from any.
pub(super) fn bury(
    connection: &Connection,
    turn: TurnId,
    now: Timestamp,
) -> Result<(), MemoryError> {
    let mut identities = connection.prepare_cached(
        "SELECT s.source, s.source_id, t.key FROM turns t JOIN sessions s ON s.id = t.session_id
         WHERE t.id = ?1
         UNION ALL
         SELECT m.source, m.source_id, t.key FROM turns t
         JOIN merged_sessions m ON m.session_id = t.session_id WHERE t.id = ?1",
    )?;
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO tombstones (key, forgotten_at_ms) VALUES (?1, ?2)",
    )?;
    let mut rows = identities.query([turn.0])?;
    while let Some(row) = rows.next()? {
        let (source, conversation): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let key = key(&source, conversation.as_deref(), &row.get(2)?);
        insert.execute(params![key, now.as_millis()])?;
    }
    Ok(())
}

/// Returns whether there is such a tombstone.
pub(super) fn stands(connection: &Connection, key: &Key) -> Result<bool, MemoryError> {
    let found = connection
        .prepare_cached("SELECT 1 FROM tombstones WHERE key = ?1")?
        .query_row([key], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Takes a tombstone away: the user wants the turn back.
pub(super) fn lift(connection: &Connection, key: &Key) -> Result<(), MemoryError> {
    connection.prepare_cached("DELETE FROM tombstones WHERE key = ?1")?.execute([key])?;
    Ok(())
}
