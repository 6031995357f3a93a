//! How stored answers were given, beside their text.

use super::{Memory, MemoryError};
use crate::conversation::{GivenAnswer, SessionId, Timestamp, TurnId};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

impl Memory {
    /// How an answer was given; `None` for what is no answer, and for answers of before this was
    /// stored.
    pub fn given_answer(&self, turn: TurnId) -> Result<Option<GivenAnswer>, MemoryError> {
        self.read(|connection| given(&mut connection.prepare_cached(GIVEN)?, turn))
    }

    /// Begins a session that repeats a turn of another one, edited.
    pub fn begin_fork(
        &self,
        source: &str,
        forked_from: TurnId,
        now: Timestamp,
    ) -> Result<SessionId, MemoryError> {
        self.write(|connection| {
            let id = super::append::insert_session(connection, source, None, None, now, None)?;
            connection
                .prepare_cached("UPDATE sessions SET forked_from = ?2 WHERE id = ?1")?
                .execute(params![id.0, forked_from.0])?;
            Ok(id)
        })
    }
}

/// What [`given`] reads.
pub(super) const GIVEN: &str =
    "SELECT abstained, reason, confidence, decoder FROM answers WHERE turn_id = ?1";

pub(super) fn given(
    statement: &mut CachedStatement<'_>,
    answer: TurnId,
) -> Result<Option<GivenAnswer>, MemoryError> {
    let found = statement.query_row([answer.0], |row| {
        Ok(GivenAnswer {
            abstained: row.get(0)?,
            reason: row.get(1)?,
            confidence: row.get::<_, f64>(2)? as f32,
            decoder: row.get(3)?,
        })
    });
    Ok(found.optional()?)
}

pub(super) fn insert_given(
    connection: &Connection,
    turn: TurnId,
    given: &GivenAnswer,
) -> Result<(), MemoryError> {
    connection
        .prepare_cached(
            "INSERT INTO answers (turn_id, abstained, reason, confidence, decoder)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            turn.0,
            given.abstained,
            given.reason,
            f64::from(given.confidence),
            given.decoder
        ])?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use crate::conversation::{NewTurn, Role};

    #[test]
    fn an_answer_is_read_as_it_was_given() {
        let now = Timestamp::from_millis(5).unwrap();
        let memory = Memory::open_in_memory().unwrap();
        let session = memory.begin_session("chat", None, now).unwrap();
        let turn = NewTurn::message(Role::Assistant, "recount", "I don't know.");
        let given = GivenAnswer {
            abstained: true,
            reason: Some("nobody said so".to_owned()),
            confidence: 0.25,
            decoder: "extractive".to_owned(),
        };
        let appended =
            memory.append_given(session, &turn, None, &[], Some((&given, None)), now).unwrap();
        assert_eq!(memory.given_answer(appended.turn).unwrap(), Some(given));
        let plain = memory.append(session, &turn, None, now).unwrap();
        assert_eq!(memory.given_answer(plain.turn).unwrap(), None);
    }

    #[test]
    fn what_was_typed_comes_newest_first_and_only_from_here() {
        let now = |ms| Timestamp::from_millis(ms).unwrap();
        let memory = Memory::open_in_memory().unwrap();
        let chat = memory.begin_session("chat", None, now(1)).unwrap();
        let imported = memory.begin_session("markdown", None, now(2)).unwrap();
        for (session, role, text) in [
            (chat, Role::User, "one"),
            (imported, Role::User, "imported"),
            (chat, Role::Assistant, "answer"),
            (chat, Role::User, "two"),
        ] {
            memory.append(session, &NewTurn::message(role, "x", text), None, now(3)).unwrap();
        }
        assert_eq!(memory.typed("chat", 9).unwrap(), ["two", "one"]);
        assert_eq!(memory.typed("chat", 1).unwrap(), ["two"]);
    }
}
