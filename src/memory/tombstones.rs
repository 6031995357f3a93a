//! What was forgotten, by hashes that tell nothing of it: written when turns are forgotten, looked
//! up when their file is imported again.
//!
//! A tombstone is the identity of a turn outside of its session ([`elsewhere`]). Does not own:
//! removing the turns (`remove`), nor choosing them.

use super::MemoryError;
use super::append::Key;
use super::merge::elsewhere;
use crate::conversation::{Timestamp, TurnId};
use rusqlite::{Connection, OptionalExtension, params};

/// Sets the tombstone of a turn that is about to be removed. A turn of a merged session carries its
/// identity already; what follows it there belongs to the merging alone.
pub(super) fn bury(
    connection: &Connection,
    turn: TurnId,
    now: Timestamp,
) -> Result<(), MemoryError> {
    let found = connection
        .prepare_cached(
            "SELECT s.source, s.source_id, t.key FROM turns t
             JOIN sessions s ON s.id = t.session_id WHERE t.id = ?1",
        )?
        .query_row([turn.0], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((source, conversation, key)) = found else { return Ok(()) };
    let key: Vec<u8> = key;
    let identity = match Key::try_from(key.as_slice()) {
        Ok(key) => elsewhere(&source, conversation.as_deref(), &key).to_vec(),
        Err(_) => key.into_iter().take(size_of::<Key>()).collect(),
    };
    connection
        .prepare_cached("INSERT OR IGNORE INTO tombstones (key, forgotten_at_ms) VALUES (?1, ?2)")?
        .execute(params![identity, now.as_millis()])?;
    Ok(())
}

/// Returns whether anything was ever forgotten.
pub(super) fn any(connection: &Connection) -> Result<bool, MemoryError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM tombstones)")?
        .query_row([], |row| row.get(0))?)
}

/// Returns whether a turn of this identity was forgotten.
pub(super) fn stands(connection: &Connection, identity: &Key) -> Result<bool, MemoryError> {
    let found = connection
        .prepare_cached("SELECT 1 FROM tombstones WHERE key = ?1")?
        .query_row([identity], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Takes a tombstone away: the user wants the turn back.
pub(super) fn lift(connection: &Connection, identity: &Key) -> Result<(), MemoryError> {
    connection.prepare_cached("DELETE FROM tombstones WHERE key = ?1")?.execute([identity])?;
    Ok(())
}
