//! Deletions that wait: the session is neither listed nor found, and still there.
//!
//! Owns: which sessions wait. Does not own: forgetting them for good, which is the room's
//! forgetting, and when that is done, which is the assistant's to say.

use super::{Memory, MemoryError};
use crate::conversation::{Session, SessionId, Timestamp, TurnId};
use rusqlite::params;
use std::collections::HashSet;

impl Memory {
    /// Writes down that a session is to be deleted. Says whether it is there.
    pub fn wish_deleted(&self, id: SessionId, now: Timestamp) -> Result<bool, MemoryError> {
        self.write(|connection| {
            let there: bool = connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM sessions WHERE id = ?1)")?
                .query_row([id.0], |row| row.get(0))?;
            if there {
                connection
                    .prepare_cached(
                        "INSERT OR IGNORE INTO deletions (session_id, wished_at_ms) VALUES (?1, ?2)",
                    )?
                    .execute(params![id.0, now.as_millis()])?;
            }
            Ok(there)
        })
    }

    /// Takes the wish back. Says whether there was one.
    pub fn take_deletion_back(&self, id: SessionId) -> Result<bool, MemoryError> {
        self.write(|connection| {
            let mut statement =
                connection.prepare_cached("DELETE FROM deletions WHERE session_id = ?1")?;
            Ok(statement.execute([id.0])? > 0)
        })
    }

    /// The sessions whose deletion waits, the last wish first.
    pub fn waiting_deletions(&self) -> Result<Vec<Session>, MemoryError> {
        let ids = self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT session_id FROM deletions ORDER BY wished_at_ms DESC, session_id DESC",
            )?;
            let ids = statement.query_map([], |row| row.get(0).map(SessionId))?;
            Ok(ids.collect::<Result<Vec<_>, _>>()?)
        })?;
        let sessions = ids.into_iter().map(|id| self.session(id));
        Ok(sessions.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// The turns of the sessions whose deletion waits: usually none.
    pub(super) fn turns_to_be_deleted(&self) -> Result<HashSet<TurnId>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT t.id FROM deletions d JOIN turns t ON t.session_id = d.session_id",
            )?;
            let rows = statement.query_map([], |row| row.get(0).map(TurnId))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
