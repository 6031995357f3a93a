//! Appending: a turn, its words and its embedding in one transaction.

use super::answers::insert_given;
use super::embeddings::half_bytes;
use super::marks::insert_question;
use super::words::Words;
use super::{Memory, MemoryError, words};
use crate::conversation::{
    Encoded, GivenAnswer, ImportId, Kind, NewTurn, SessionId, Timestamp, TurnId,
};
use crate::evidence::Citation;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

/// Where an appended turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its id.
    pub turn: TurnId,
    /// Its session.
    pub session: SessionId,
}

/// Which turns are the same one; see the migration that makes the table.
pub(super) type Key = [u8; 16];

impl Memory {
    /// Begins a session that is held here, or a place for notes.
    pub fn begin_session(
        &self,
        source: &str,
        title: Option<&str>,
        now: Timestamp,
    ) -> Result<SessionId, MemoryError> {
        self.write(|connection| insert_session(connection, source, None, title, now, None))
    }

    /// The session with a source and the source's own id, begun if there is none.
    pub fn session_with_source_id(
        &self,
        source: &str,
        source_id: &str,
        title: &str,
        now: Timestamp,
    ) -> Result<SessionId, MemoryError> {
        self.write(|connection| match find_session(connection, source, source_id)? {
            Some(session) => Ok(session),
            None => insert_session(connection, source, Some(source_id), Some(title), now, None),
        })
    }

    /// Appends a turn at the end of a session, with its words, and with its embedding or the note
    /// that it is pending. All of it is durable when this returns.
    pub fn append(
        &self,
        session: SessionId,
        turn: &NewTurn,
        embedding: Option<(&str, &Encoded)>,
        now: Timestamp,
    ) -> Result<Appended, MemoryError> {
        self.write(|connection| append(connection, session, turn, embedding, now))
    }

    /// Appends an answer with its citations, in one transaction.
    pub fn append_answer(
        &self,
        session: SessionId,
        turn: &NewTurn,
        embedding: Option<(&str, &Encoded)>,
        citations: &[Citation],
        now: Timestamp,
    ) -> Result<Appended, MemoryError> {
        self.append_given(session, turn, embedding, citations, None, now)
    }

    /// The same, with how the answer was given and the question that it answers.
    pub fn append_given(
        &self,
        session: SessionId,
        turn: &NewTurn,
        embedding: Option<(&str, &Encoded)>,
        citations: &[Citation],
        given: Option<(&GivenAnswer, Option<TurnId>)>,
        now: Timestamp,
    ) -> Result<Appended, MemoryError> {
        self.write(|connection| {
            let appended = append(connection, session, turn, embedding, now)?;
            if let Some((given, question)) = given {
                insert_given(connection, appended.turn, given)?;
                if let Some(question) = question {
                    insert_question(connection, appended.turn, question)?;
                }
            }
            let mut statement = connection.prepare_cached(
                "INSERT INTO citations (answer_id, number, turn_id, quote)
                 VALUES (?1, ?2, ?3, ?4)",
            )?;
            for citation in citations {
                statement.execute(params![
                    appended.turn.0,
                    citation.number as i64,
                    citation.turn.0,
                    citation.quote
                ])?;
            }
            Ok(appended)
        })
    }
}

fn append(
    connection: &Connection,
    session: SessionId,
    turn: &NewTurn,
    embedding: Option<(&str, &Encoded)>,
    now: Timestamp,
) -> Result<Appended, MemoryError> {
    let position = next_position(connection, session)?;
    let key = key_of(&[
        b"said here",
        &position.to_le_bytes(),
        &now.as_millis().to_le_bytes(),
        turn.text.as_bytes(),
    ]);
    let id = insert_turn(connection, session, position, &key, turn, None, now, None)?;
    match embedding {
        Some((encoder, encoded)) => {
            let encoder = encoder_id(connection, encoder, encoded.embedding.dim())?;
            insert_embedding(connection, id, encoder, encoded)?;
        }
        None => insert_pending(connection, id, turn.kind)?,
    }
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO session_keys (key, session_id)
             SELECT ?1, id FROM sessions WHERE id = ?2 AND source_id IS NULL",
        )?
        .execute(params![key, session.0])?;
    update_session(connection, session, now)?;
    Ok(Appended { turn: id, session })
}

/// A key made of parts; each part's length goes in, so that no two lists of parts collide.
pub(super) fn key_of(parts: &[&[u8]]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut key = Key::default();
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

pub(super) fn find_session(
    connection: &Connection,
    source: &str,
    source_id: &str,
) -> Result<Option<SessionId>, MemoryError> {
    Ok(connection
        .prepare_cached("SELECT id FROM sessions WHERE source = ?1 AND source_id = ?2")?
        .query_row([source, source_id], |row| row.get(0).map(SessionId))
        .optional()?)
}

pub(super) fn insert_session(
    connection: &Connection,
    source: &str,
    source_id: Option<&str>,
    title: Option<&str>,
    now: Timestamp,
    import: Option<ImportId>,
) -> Result<SessionId, MemoryError> {
    connection
        .prepare_cached(
            "INSERT INTO sessions
                (source, source_id, title, remembered_at_ms, activity_ms, import_id)
             VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
        )?
        .execute(params![source, source_id, title, now.as_millis(), import.map(|id| id.0)])?;
    Ok(SessionId(connection.last_insert_rowid()))
}

pub(super) fn next_position(
    connection: &Connection,
    session: SessionId,
) -> Result<i64, MemoryError> {
    Ok(connection
        .prepare_cached("SELECT coalesce(max(position) + 1, 0) FROM turns WHERE session_id = ?1")?
        .query_row([session.0], |row| row.get(0))?)
}

/// Inserts a turn and its words, worked out already or not. The session's totals are for [`update_session`], once a batch.
#[expect(clippy::too_many_arguments, reason = "each is a column of the row")]
pub(super) fn insert_turn(
    connection: &Connection,
    session: SessionId,
    position: i64,
    key: &[u8],
    turn: &NewTurn,
    words: Option<&Words>,
    now: Timestamp,
    import: Option<ImportId>,
) -> Result<TurnId, MemoryError> {
    let speaker = speaker_id(connection, &turn.speaker)?;
    connection
        .prepare_cached(
            "INSERT INTO turns
                (session_id, position, key, kind, role, speaker_id, text, said_at_ms,
                 said_at_text, remembered_at_ms, source_id, parent_source_id, on_active_path,
                 import_id, checksum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                     turn_checksum(?4, ?5, ?15, ?8, ?7))",
        )?
        .execute(params![
            session.0,
            position,
            key,
            turn.kind.as_str(),
            turn.role.as_str(),
            speaker,
            turn.text,
            turn.said_at.map(Timestamp::as_millis),
            turn.said_at_text,
            now.as_millis(),
            turn.source_id,
            turn.parent_source_id,
            turn.on_active_path,
            import.map(|id| id.0),
            turn.speaker,
        ])?;
    let id = TurnId(connection.last_insert_rowid());
    match words {
        Some(words) => words::insert(connection, id, turn.kind, words)?,
        None => {
            words::insert(connection, id, turn.kind, &Words::of(&turn.speaker, &turn.text))?;
        }
    }
    Ok(id)
}

pub(super) fn insert_pending(
    connection: &Connection,
    turn: TurnId,
    kind: Kind,
) -> Result<(), MemoryError> {
    if kind.is_said() {
        connection
            .prepare_cached("INSERT OR IGNORE INTO pending_embeddings (turn_id) VALUES (?1)")?
            .execute([turn.0])?;
    }
    Ok(())
}

/// Brings the session's totals in step with its turns.
pub(super) fn update_session(
    connection: &Connection,
    session: SessionId,
    now: Timestamp,
) -> Result<(), MemoryError> {
    connection
        .prepare_cached(
            "UPDATE sessions SET
                (turn_count, first_said_at_ms, last_said_at_ms) =
                    (SELECT count(*), min(said_at_ms), max(said_at_ms) FROM turns
                     WHERE session_id = ?1 AND kind NOT IN ('reasoning', 'tool')),
                activity_ms = coalesce(
                    (SELECT max(said_at_ms) FROM turns WHERE session_id = ?1), ?2)
             WHERE id = ?1",
        )?
        .execute([session.0, now.as_millis()])?;
    Ok(())
}

pub(super) fn speaker_id(connection: &Connection, name: &str) -> Result<i64, MemoryError> {
    let known = connection
        .prepare_cached("SELECT id FROM speakers WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection.prepare_cached("INSERT INTO speakers (name) VALUES (?1)")?.execute([name])?;
    Ok(connection.last_insert_rowid())
}

pub(super) fn encoder_id(
    connection: &Connection,
    name: &str,
    dim: usize,
) -> Result<i64, MemoryError> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO encoders (name, dim) VALUES (?1, ?2)")?
        .execute(params![name, dim as i64])?;
    Ok(connection
        .prepare_cached("SELECT id FROM encoders WHERE name = ?1")?
        .query_row([name], |row| row.get(0))?)
}

pub(super) fn insert_embedding(
    connection: &Connection,
    turn: TurnId,
    encoder: i64,
    encoded: &Encoded,
) -> Result<(), MemoryError> {
    let vector = half_bytes(&encoded.embedding);
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO embeddings (turn_id, encoder_id, vector, tokens)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![turn.0, encoder, vector, encoded.tokens.codes()])?;
    Ok(())
}
