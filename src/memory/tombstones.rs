//! What was forgotten, by hashes that tell nothing of it: written when turns are forgotten, looked
//! up when their file is imported again.
//!
//! A tombstone is the identity of a turn outside of its session ([`elsewhere`]). Does not own:
//! removing the turns (`remove`), nor choosing them.

use super::MemoryError;
use super::append::Key;
use super::identity::earlier;
use super::merge::elsewhere;
use crate::conversation::{Timestamp, TurnId};
use rusqlite::{Connection, OptionalExtension, params};

/// Sets the tombstones of a turn that is about to be removed: its own, and those of what it said
/// before an import replaced it, which an older file would bring back. A turn of a merged session
/// carries its identity already; what follows it there belongs to the merging alone.
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
    let mut set = connection.prepare_cached(
        "INSERT OR IGNORE INTO tombstones (key, forgotten_at_ms) VALUES (?1, ?2)",
    )?;
    let Ok(own) = Key::try_from(key.as_slice()) else {
        let identity = key.get(..size_of::<Key>()).unwrap_or(&key);
        set.execute(params![identity, now.as_millis()])?;
        return Ok(());
    };
    for key in earlier_keys(connection, turn)?.into_iter().chain([own]) {
        let identity = elsewhere(&source, conversation.as_deref(), &key);
        set.execute(params![identity, now.as_millis()])?;
    }
    Ok(())
}

/// The keys that a turn had with its earlier texts. An id stays the same whatever it says.
fn earlier_keys(connection: &Connection, turn: TurnId) -> Result<Vec<Key>, MemoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.role, e.speaker, e.text, t.said_at_text, t.said_at_ms
         FROM earlier_texts e JOIN turns t ON t.id = e.turn_id
         WHERE e.turn_id = ?1 AND t.source_id IS NULL",
    )?;
    let rows = statement.query_map([turn.0], |row| {
        let said_at_text: Option<String> = row.get(3)?;
        let text = |at| row.get_ref(at)?.as_str().map_err(rusqlite::Error::from);
        Ok(earlier(said_at_text.as_deref(), row.get(4)?, text(0)?, text(1)?, text(2)?))
    })?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
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
