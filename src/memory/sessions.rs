//! Reading sessions, a page at a time.

use super::turns::{epoch, timestamp};
use super::{Memory, MemoryError};
use crate::conversation::{Session, SessionId};
use rusqlite::{Row, params};

impl Memory {
    /// A page of the sessions, the last active first; only those whose title or source id holds
    /// `filter`, where it is not empty.
    pub fn sessions(
        &self,
        filter: &str,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<Session>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, source, source_id, title, first_said_at_ms, last_said_at_ms,
                        remembered_at_ms, turn_count
                 FROM sessions
                 WHERE ?1 = '' OR instr(lower(coalesce(title, '') || ' ' || source || ' ' ||
                                        coalesce(source_id, '')), lower(?1)) > 0
                 ORDER BY activity_ms DESC, id DESC LIMIT ?2 OFFSET ?3",
            )?;
            let rows =
                statement.query_map(params![filter, limit as i64, offset as i64], session_of)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// A session, if it is there.
    pub fn session(&self, id: SessionId) -> Result<Option<Session>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, source, source_id, title, first_said_at_ms, last_said_at_ms,
                        remembered_at_ms, turn_count
                 FROM sessions WHERE id = ?1",
            )?;
            Ok(statement.query_map([id.0], session_of)?.next().transpose()?)
        })
    }

    /// Gives a session its title.
    pub fn rename_session(&self, id: SessionId, title: &str) -> Result<(), MemoryError> {
        self.write(|connection| {
            connection
                .prepare_cached("UPDATE sessions SET title = ?2 WHERE id = ?1")?
                .execute(params![id.0, title])?;
            Ok(())
        })
    }
}

fn session_of(row: &Row<'_>) -> Result<Session, rusqlite::Error> {
    Ok(Session {
        id: SessionId(row.get(0)?),
        source: row.get(1)?,
        source_id: row.get(2)?,
        title: row.get(3)?,
        first_said_at: timestamp(row, 4)?,
        last_said_at: timestamp(row, 5)?,
        remembered_at: timestamp(row, 6)?.unwrap_or_else(epoch),
        turns: row.get::<_, i64>(7)? as u64,
    })
}
