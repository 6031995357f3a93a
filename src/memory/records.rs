//! Reading everything that is kept, one turn at a time: what an export is made of.

use super::answers::{GIVEN, given};
use super::marks::{MARKED, QUESTION, marked, question};
use super::sessions::session;
use super::turns::{turn_columns, turn_of};
use super::{Memory, MemoryError, Passing};
use crate::conversation::{Kind, Merged, Quotation, SessionId, SessionRecord, TurnId, TurnRecord};
use rusqlite::{CachedStatement, Connection, Row};
use std::borrow::Cow;

/// What a visitor is shown: a session, then those of its turns that pass, then its end.
#[derive(Debug)]
pub enum Visited<'v> {
    /// A session that has turns which pass; every session where all pass.
    Session(&'v SessionRecord),
    /// A turn of it.
    Turn(&'v TurnRecord),
    /// The end of the session.
    End,
}

/// Sessions in the order in which they were held.
const SESSIONS: &str =
    "SELECT id FROM sessions ORDER BY coalesce(first_said_at_ms, remembered_at_ms), id";

impl Memory {
    /// Shows a visitor the turns that pass, session by session: all sessions in the order in which
    /// they were held, or those that are named, in their order. Sees one consistent state and
    /// holds one turn at a time; the visitor must not call the memory.
    pub fn visit<E: From<MemoryError>>(
        &self,
        sessions: Option<&[SessionId]>,
        passing: &Passing,
        visitor: &mut dyn FnMut(Visited<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.read(|connection| Ok(visit(connection, sessions, passing, visitor)))?
    }
}

fn visit<E: From<MemoryError>>(
    connection: &Connection,
    sessions: Option<&[SessionId]>,
    passing: &Passing,
    visitor: &mut dyn FnMut(Visited<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let sessions = match sessions {
        Some(sessions) => Cow::Borrowed(sessions),
        None => Cow::Owned(ids(connection)?),
    };
    let mut reading = Reading::new(connection)?;
    for id in sessions.iter() {
        reading.session(*id, passing, visitor)?;
    }
    Ok(())
}

fn ids(connection: &Connection) -> Result<Vec<SessionId>, MemoryError> {
    let mut statement = connection.prepare_cached(SESSIONS)?;
    let rows = statement.query_map([], |row| row.get(0).map(SessionId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The statements that each session needs.
struct Reading<'c> {
    connection: &'c Connection,
    turns: CachedStatement<'c>,
    quotations: CachedStatement<'c>,
    given: CachedStatement<'c>,
    question: CachedStatement<'c>,
    marked: CachedStatement<'c>,
    merged: CachedStatement<'c>,
}

impl<'c> Reading<'c> {
    fn new(connection: &'c Connection) -> Result<Self, MemoryError> {
        Ok(Self {
            connection,
            turns: connection.prepare_cached(concat!(
                "SELECT ",
                turn_columns!(),
                ", t.key, t.said_at_text, t.parent_source_id, t.on_active_path
                  FROM turns t JOIN speakers s ON s.id = t.speaker_id
                  WHERE t.session_id = ?1 ORDER BY t.position"
            ))?,
            quotations: connection.prepare_cached(
                "SELECT number, turn_id, quote FROM citations WHERE answer_id = ?1 ORDER BY number",
            )?,
            given: connection.prepare_cached(GIVEN)?,
            question: connection.prepare_cached(QUESTION)?,
            marked: connection.prepare_cached(MARKED)?,
            merged: connection.prepare_cached(
                "SELECT source, source_id FROM merged_sessions WHERE session_id = ?1
                 ORDER BY source, source_id",
            )?,
        })
    }

    fn session<E: From<MemoryError>>(
        &mut self,
        id: SessionId,
        passing: &Passing,
        visitor: &mut dyn FnMut(Visited<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(session) = session(self.connection, id)? else { return Ok(()) };
        let merged = self.merged(id)?;
        let record = SessionRecord { session, merged };
        // Where every turn passes, a session without turns is a part of what is kept.
        let mut begun = matches!(passing,
            Passing::AllBut { left_out, before: None } if left_out.is_empty());
        if begun {
            visitor(Visited::Session(&record))?;
        }
        let mut rows = self.turns.query([id.0]).map_err(MemoryError::from)?;
        while let Some(row) = rows.next().map_err(MemoryError::from)? {
            let id = TurnId(row.get(0).map_err(MemoryError::from)?);
            if !passing.holds(id) {
                continue;
            }
            if !begun {
                visitor(Visited::Session(&record))?;
                begun = true;
            }
            let mut record = record_of(row).map_err(MemoryError::from)?;
            if record.turn.kind == Kind::Answer {
                record.quotations = quotations(&mut self.quotations, id)?;
                record.given = given(&mut self.given, id)?;
                record.question = question(&mut self.question, id)?;
                record.marked = marked(&mut self.marked, id)?;
            }
            visitor(Visited::Turn(&record))?;
        }
        if begun { visitor(Visited::End) } else { Ok(()) }
    }

    fn merged(&mut self, session: SessionId) -> Result<Vec<Merged>, MemoryError> {
        let rows = self.merged.query_map([session.0], |row| {
            Ok(Merged { source: row.get(0)?, source_id: row.get(1)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn quotations(
    statement: &mut CachedStatement<'_>,
    answer: TurnId,
) -> Result<Vec<Quotation>, MemoryError> {
    let rows = statement.query_map([answer.0], |row| {
        Ok(Quotation {
            number: row.get::<_, i64>(0)? as usize,
            turn: TurnId(row.get(1)?),
            quote: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn record_of(row: &Row<'_>) -> Result<TurnRecord, rusqlite::Error> {
    Ok(TurnRecord {
        turn: turn_of(row)?,
        key: row.get(10)?,
        said_at_text: row.get(11)?,
        parent_source_id: row.get(12)?,
        on_active_path: row.get(13)?,
        quotations: Vec::new(),
        given: None,
        question: None,
        marked: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
    use crate::evidence::Filter;
    use crate::memory::Ingest;

    #[test]
    fn shows_all_that_is_kept_in_order() {
        let memory = Memory::open_in_memory().unwrap();
        let at = |millis| Timestamp::from_millis(millis).unwrap();
        let mut branch = NewTurn::message(Role::User, "Bob", "other").with_source_id("m2");
        branch.parent_source_id = Some("m1".into());
        branch.on_active_path = false;
        branch.said_at_text = Some("yesterday".into());
        let first =
            NewTurn::message(Role::User, "Ann", "one").at(Some(at(50))).with_source_id("m1");
        let talk = |id: &str, turns| Conversation {
            source_id: Some(id.into()),
            turns,
            ..Conversation::default()
        };
        let early = NewTurn::message(Role::User, "Ann", "zero").at(Some(at(1)));
        let file = [talk("late", vec![first, branch]), talk("early", vec![early])];
        let mut run = Ingest::new(false);
        run.begin_input("file");
        run.begin_format("test");
        memory.ingest(&mut run, &file, at(99)).unwrap();
        let seen = |sessions: Option<&[SessionId]>, filter: &Filter| {
            let passing = memory.passing(filter).unwrap();
            let mut seen = Vec::new();
            memory
                .visit(sessions, &passing, &mut |visited| {
                    seen.push(match visited {
                        Visited::Session(record) => format!("session {}", record.session.id),
                        Visited::Turn(record) => format!(
                            "{} {:?} {:?} {}",
                            record.turn.text,
                            record.parent_source_id,
                            record.said_at_text,
                            record.on_active_path
                        ),
                        Visited::End => "end".into(),
                    });
                    Ok::<(), MemoryError>(())
                })
                .unwrap();
            seen
        };
        let open = Filter::default();
        assert_eq!(
            seen(None, &open),
            [
                "session 2",
                "zero None None true",
                "end",
                "session 1",
                "one None None true",
                "other Some(\"m1\") Some(\"yesterday\") false",
                "end"
            ]
        );
        assert_eq!(seen(Some(&[SessionId(1), SessionId(9)]), &open).len(), 4);
        let bob = Filter { speaker: Some("Bob".into()), ..open };
        assert_eq!(seen(None, &bob).len(), 3);
        let stopped =
            memory.visit(None, &memory.passing(&bob).unwrap(), &mut |_| Err(MemoryError::Full));
        assert!(matches!(stopped, Err(MemoryError::Full)));
    }
}
