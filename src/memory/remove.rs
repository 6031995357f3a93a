//! Removing turns, with everything that is derived from them.
//!
//! Owns: what goes with a turn. Does not own: which turns (undoing an import and forgetting choose
//! them), tombstones, and making the freed pages and the write-ahead log clean.

use super::append::update_session;
use super::turns::timestamp;
use super::{MemoryError, order, words};
use crate::conversation::{Kind, SessionId, TurnId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeSet, HashSet};

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Turns that were said.
    pub messages: u64,
    /// Reasoning, tool calls and their results.
    pub folded: u64,
    /// Answers held here that rested on a removed turn; counted among the messages as well.
    pub answers: u64,
    /// Sessions of which nothing is left.
    pub sessions: u64,
}

impl std::ops::AddAssign for Removed {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.folded += other.folded;
        self.answers += other.answers;
        self.sessions += other.sessions;
    }
}

/// Removes turns with their words, embeddings, citations and texts of earlier imports; the answers
/// that rest on them, which quote them; the sessions and speakers of whom nothing is left. Ids of
/// turns that are not there are passed over. The totals of the sessions that stay are right
/// afterwards.
///
/// Runs inside of the caller's transaction.
pub(super) fn remove_turns(
    connection: &Connection,
    turns: &[TurnId],
) -> Result<Removed, MemoryError> {
    let mut removed = Removed::default();
    let mut sessions = BTreeSet::new();
    let mut speakers = BTreeSet::new();
    let mut look = connection.prepare_cached(
        "SELECT t.session_id, t.speaker_id, t.kind, s.name, t.text
         FROM turns t JOIN speakers s ON s.id = t.speaker_id WHERE t.id = ?1",
    )?;
    let mut resting =
        connection.prepare_cached("SELECT DISTINCT answer_id FROM citations WHERE turn_id = ?1")?;
    let mut unlead = connection.prepare_cached(
        "DELETE FROM session_keys WHERE (key, session_id) IN
            (SELECT key, session_id FROM turns WHERE id = ?1)",
    )?;
    let mut delete = connection.prepare_cached("DELETE FROM turns WHERE id = ?1")?;
    let mut seen: HashSet<TurnId> = turns.iter().copied().collect();
    let mut open: Vec<TurnId> = turns.to_vec();
    while let Some(turn) = open.pop() {
        let found = look
            .query_row([turn.0], |row| {
                Ok((
                    SessionId(row.get(0)?),
                    row.get::<_, i64>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, String>(4)?,
                ))
            })
            .optional()?;
        let Some((session, speaker, kind, name, text)) = found else { continue };
        let kind = Kind::parse(&kind).unwrap_or(Kind::Message);
        let answers = resting.query_map([turn.0], |row| row.get(0).map(TurnId))?;
        for answer in answers {
            let answer = answer?;
            if seen.insert(answer) {
                open.push(answer);
            }
        }
        words::delete(connection, turn, kind, &name, &text)?;
        unlead.execute([turn.0])?;
        delete.execute([turn.0])?;
        sessions.insert(session);
        speakers.insert(speaker);
        removed.messages += u64::from(kind.is_said());
        removed.folded += u64::from(!kind.is_said());
        removed.answers += u64::from(kind == Kind::Answer);
    }
    for session in sessions {
        removed.sessions += u64::from(settle(connection, session)?);
    }
    let mut forgotten = connection.prepare_cached(
        "DELETE FROM speakers WHERE id = ?1
         AND NOT EXISTS (SELECT 1 FROM turns WHERE speaker_id = ?1)",
    )?;
    for speaker in speakers {
        forgotten.execute([speaker])?;
    }
    Ok(removed)
}

/// Brings a session in step with the turns that are left; removes it where there are none, and says
/// so.
fn settle(connection: &Connection, session: SessionId) -> Result<bool, MemoryError> {
    let emptied = connection
        .prepare_cached(
            "DELETE FROM sessions WHERE id = ?1
             AND NOT EXISTS (SELECT 1 FROM turns WHERE session_id = ?1)",
        )?
        .execute([session.0])?;
    if emptied > 0 {
        return Ok(true);
    }
    order::close_gaps(connection, session)?;
    let begun = connection
        .prepare_cached("SELECT remembered_at_ms FROM sessions WHERE id = ?1")?
        .query_row(params![session.0], |row| timestamp(row, 0))?;
    update_session(connection, session, begun.unwrap_or_else(super::turns::epoch))?;
    Ok(false)
}
