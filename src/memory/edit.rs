//! Replacing what a turn says, and the title of a session: an import knows them and brings another
//! text.
//!
//! Words and embedding go with the text. What stood there is kept for as long as the import that
//! replaced it is not undone.

use super::append::{insert_pending, speaker_id};
use super::words::Words;
use super::{MemoryError, words};
use crate::conversation::{ImportId, Kind, NewTurn, Role, SessionId, TurnId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What a turn says.
struct Says {
    kind: Kind,
    role: Role,
    speaker: String,
    text: String,
}

impl Says {
    fn of(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            kind: Kind::parse(row.get_ref("kind")?.as_str()?).unwrap_or(Kind::Message),
            role: Role::parse(row.get_ref("role")?.as_str()?).unwrap_or(Role::User),
            speaker: row.get("speaker")?,
            text: row.get("text")?,
        })
    }
}

/// Replaces what a turn says by what an import brings.
pub(super) fn replace(
    connection: &Connection,
    turn: TurnId,
    new: &NewTurn,
    import: ImportId,
) -> Result<(), MemoryError> {
    let Some(before) = said(connection, turn)? else { return Ok(()) };
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO earlier_texts (turn_id, import_id, kind, role, speaker, text)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            turn.0,
            import.0,
            before.kind.as_str(),
            before.role.as_str(),
            before.speaker,
            before.text
        ])?;
    let after = Says {
        kind: new.kind,
        role: new.role,
        speaker: new.speaker.clone(),
        text: new.text.clone(),
    };
    set(connection, turn, &before, &after)
}

/// Brings back what turns said before an import replaced it. Where a later import replaced it once
/// more, that one's text stays, and undoing it brings back what stood here first.
pub(super) fn restore(connection: &Connection, import: ImportId) -> Result<(), MemoryError> {
    let replaced: Vec<(TurnId, Says)> = connection
        .prepare_cached("SELECT * FROM earlier_texts WHERE import_id = ?1 ORDER BY turn_id")?
        .query_map([import.0], |row| Ok((TurnId(row.get("turn_id")?), Says::of(row)?)))?
        .collect::<Result<_, _>>()?;
    let mut hand_on = connection.prepare_cached(
        "UPDATE earlier_texts SET kind = ?3, role = ?4, speaker = ?5, text = ?6
         WHERE turn_id = ?1 AND import_id =
            (SELECT min(import_id) FROM earlier_texts WHERE turn_id = ?1 AND import_id > ?2)",
    )?;
    for (turn, earlier) in &replaced {
        let handed_on = hand_on.execute(params![
            turn.0,
            import.0,
            earlier.kind.as_str(),
            earlier.role.as_str(),
            earlier.speaker,
            earlier.text
        ])?;
        if handed_on == 0
            && let Some(now) = said(connection, *turn)?
        {
            set(connection, *turn, &now, earlier)?;
        }
    }
    connection
        .prepare_cached("DELETE FROM earlier_texts WHERE import_id = ?1")?
        .execute([import.0])?;
    Ok(())
}

/// Gives a session another title; `import` keeps the one before.
pub(super) fn retitle(
    connection: &Connection,
    session: SessionId,
    title: &str,
    import: Option<ImportId>,
) -> Result<(), MemoryError> {
    if let Some(import) = import {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO earlier_titles (session_id, import_id, title)
                 SELECT id, ?3, title FROM sessions WHERE id = ?1 AND title IS NOT ?2",
            )?
            .execute(params![session.0, title, import.0])?;
    }
    connection
        .prepare_cached("UPDATE sessions SET title = ?2 WHERE id = ?1 AND title IS NOT ?2")?
        .execute(params![session.0, title])?;
    Ok(())
}

/// Brings back the titles that an import replaced, as [`restore`] does texts.
pub(super) fn restore_titles(connection: &Connection, import: ImportId) -> Result<(), MemoryError> {
    let replaced: Vec<(i64, Option<String>)> = connection
        .prepare_cached("SELECT session_id, title FROM earlier_titles WHERE import_id = ?1")?
        .query_map([import.0], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut hand_on = connection.prepare_cached(
        "UPDATE earlier_titles SET title = ?3 WHERE session_id = ?1 AND import_id =
            (SELECT min(import_id) FROM earlier_titles WHERE session_id = ?1 AND import_id > ?2)",
    )?;
    let mut set = connection.prepare_cached("UPDATE sessions SET title = ?2 WHERE id = ?1")?;
    for (session, title) in &replaced {
        if hand_on.execute(params![session, import.0, title])? == 0 {
            set.execute(params![session, title])?;
        }
    }
    connection
        .prepare_cached("DELETE FROM earlier_titles WHERE import_id = ?1")?
        .execute([import.0])?;
    Ok(())
}

fn said(connection: &Connection, turn: TurnId) -> Result<Option<Says>, MemoryError> {
    Ok(connection
        .prepare_cached(
            "SELECT t.kind, t.role, s.name AS speaker, t.text
             FROM turns t JOIN speakers s ON s.id = t.speaker_id WHERE t.id = ?1",
        )?
        .query_row([turn.0], Says::of)
        .optional()?)
}

fn set(
    connection: &Connection,
    turn: TurnId,
    before: &Says,
    after: &Says,
) -> Result<(), MemoryError> {
    words::delete(connection, turn, before.kind, &before.speaker, &before.text)?;
    let speaker = speaker_id(connection, &after.speaker)?;
    connection
        .prepare_cached(
            "UPDATE turns SET kind = ?2, role = ?3, speaker_id = ?4, text = ?5,
                    checksum = turn_checksum(?2, ?3, ?6, said_at_ms, ?5)
             WHERE id = ?1",
        )?
        .execute(params![
            turn.0,
            after.kind.as_str(),
            after.role.as_str(),
            speaker,
            after.text,
            after.speaker
        ])?;
    words::insert(connection, turn, after.kind, &Words::of(&after.speaker, &after.text))?;
    connection.prepare_cached("DELETE FROM embeddings WHERE turn_id = ?1")?.execute([turn.0])?;
    connection
        .prepare_cached("DELETE FROM pending_embeddings WHERE turn_id = ?1")?
        .execute([turn.0])?;
    insert_pending(connection, turn, after.kind)?;
    connection
        .prepare_cached(
            "DELETE FROM speakers WHERE name = ?1
             AND NOT EXISTS (SELECT 1 FROM turns WHERE speaker_id = speakers.id)",
        )?
        .execute([&before.speaker])?;
    Ok(())
}
