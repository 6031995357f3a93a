//! Reading turns.

use super::sessions::first_words;
use super::{Memory, MemoryError};
use crate::conversation::{Kind, Role, SessionId, Timestamp, Turn, TurnId, title_of};
use crate::evidence::{Citation, Filter};
use rusqlite::{Connection, Row, ToSql, named_params, params};
use std::collections::HashSet;

/// The columns of [`turn_of`], in its order.
macro_rules! turn_columns {
    () => {
        "t.id, t.session_id, t.position, t.role, t.kind, s.name, t.text, t.said_at_ms, \
         t.remembered_at_ms, t.source_id"
    };
}

pub(super) use turn_columns;

/// `kind <> 'message'` is the condition of the index `turns_beside_messages`: SQLite takes an index
/// of some rows only where a query has its condition, word by word.
pub(super) const NO_EVIDENCE: &str =
    "SELECT id FROM turns WHERE kind <> 'message' AND kind NOT IN ('message', 'primer')";
pub(super) const PRIMERS: &str = concat!(
    "SELECT ",
    turn_columns!(),
    " FROM turns t JOIN sessions x ON x.id = t.session_id JOIN speakers s ON s.id = t.speaker_id
      WHERE t.kind <> 'message' AND t.kind = 'primer' AND x.source = 'primer' ORDER BY t.id"
);

/// The condition of a filter, over turns `t` and their sessions `x`; its parameters are those of
/// [`with_bound`].
macro_rules! passes {
    () => {
        "(:session IS NULL OR t.session_id = :session)
         AND (:speaker IS NULL OR t.speaker_id IN
              (SELECT id FROM speakers WHERE name = :speaker COLLATE NOCASE))
         AND (:role IS NULL OR t.role = :role)
         AND (:source IS NULL OR x.source = :source)
         AND (:since IS NULL OR t.said_at_ms >= :since)
         AND (:until IS NULL OR t.said_at_ms < :until)
         AND (:evidence = 0 OR t.kind IN ('message', 'primer'))
         AND (:before IS NULL OR t.id < :before)
         AND x.id NOT IN (SELECT session_id FROM deletions)"
    };
}

/// A turn with what its session tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The turn.
    pub turn: Turn,
    /// The title of its session, or what stands in for one.
    pub session_title: String,
    /// The source of its session.
    pub source: String,
}

/// Which turns pass a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passing {
    /// All but a few.
    AllBut {
        /// Those.
        left_out: HashSet<TurnId>,
        /// And this one with all that came after it.
        before: Option<TurnId>,
    },
    /// These and no others.
    Only(HashSet<TurnId>),
}

impl Passing {
    /// Whether a turn passes.
    pub fn holds(&self, turn: TurnId) -> bool {
        match self {
            Self::AllBut { left_out, before } => {
                before.is_none_or(|before| turn < before) && !left_out.contains(&turn)
            }
            Self::Only(turns) => turns.contains(&turn),
        }
    }
}

/// How much the memory holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Turns that were said.
    pub turns: u64,
    /// Sessions.
    pub sessions: u64,
}

/// Calls with the parameters of a filter's condition.
fn with_bound<T>(filter: &Filter, call: impl FnOnce(&[(&str, &dyn ToSql)]) -> T) -> T {
    call(named_params! {
        ":session": filter.session.map(|id| id.0),
        ":speaker": filter.speaker,
        ":role": filter.role.map(Role::as_str),
        ":source": filter.source,
        ":since": filter.since.map(Timestamp::as_millis),
        ":until": filter.until.map(Timestamp::as_millis),
        ":evidence": filter.evidence_only,
        ":before": filter.before_turn.map(|id| id.0),
    })
}

impl Memory {
    /// How much the memory holds. Costs a pass over the sessions, never over the turns.
    pub fn counts(&self) -> Result<Counts, MemoryError> {
        self.read(|connection| {
            Ok(connection.query_row(
                "SELECT count(*), coalesce(sum(turn_count), 0) FROM sessions
                 WHERE id NOT IN (SELECT session_id FROM deletions)",
                [],
                |row| {
                    Ok(Counts {
                        sessions: row.get::<_, i64>(0)? as u64,
                        turns: row.get::<_, i64>(1)? as u64,
                    })
                },
            )?)
        })
    }

    /// A turn, if it is there.
    pub fn turn(&self, id: TurnId) -> Result<Option<Turn>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT ",
                turn_columns!(),
                " FROM turns t JOIN speakers s ON s.id = t.speaker_id WHERE t.id = ?1"
            ))?;
            Ok(statement.query_map([id.0], turn_of)?.next().transpose()?)
        })
    }

    /// The turns of a session from a position on, in order, at most `limit`.
    pub fn turns(
        &self,
        session: SessionId,
        from_position: i64,
        limit: usize,
    ) -> Result<Vec<Turn>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT ",
                turn_columns!(),
                " FROM turns t JOIN speakers s ON s.id = t.speaker_id
                  WHERE t.session_id = ?1 AND t.position >= ?2
                  ORDER BY t.position LIMIT ?3"
            ))?;
            let rows =
                statement.query_map(params![session.0, from_position, limit as i64], turn_of)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The newest turns of a session that were said, newest first.
    pub fn newest_turns(&self, session: SessionId, limit: usize) -> Result<Vec<Turn>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT ",
                turn_columns!(),
                " FROM turns t JOIN speakers s ON s.id = t.speaker_id
                  WHERE t.session_id = ?1 AND t.kind NOT IN ('reasoning', 'tool')
                  ORDER BY t.position DESC LIMIT ?2"
            ))?;
            let rows = statement.query_map(params![session.0, limit as i64], turn_of)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Turns with what is known of their sessions, in the order of `ids`; missing ones are left
    /// out.
    pub fn found(&self, ids: &[TurnId]) -> Result<Vec<Found>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT ",
                turn_columns!(),
                ", x.source, coalesce(x.name, nullif(trim(x.title), '')), x.source_id,
                  CASE WHEN coalesce(x.name, nullif(trim(x.title), '')) IS NULL THEN ",
                first_words!(),
                " END
                  FROM turns t JOIN speakers s ON s.id = t.speaker_id
                  JOIN sessions x ON x.id = t.session_id WHERE t.id = ?1"
            ))?;
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                let mut rows = statement.query([id.0])?;
                if let Some(row) = rows.next()? {
                    let turn = turn_of(row)?;
                    let source: String = row.get(10)?;
                    let title: Option<String> = row.get(11)?;
                    let source_id: Option<String> = row.get(12)?;
                    let begins: Option<String> = row.get(13)?;
                    let session_title = title
                        .or_else(|| {
                            begins.as_deref().map(title_of).filter(|title| !title.is_empty())
                        })
                        .or(source_id)
                        .unwrap_or_else(|| format!("{source} {}", turn.session));
                    found.push(Found { turn, session_title, source });
                }
            }
            Ok(found)
        })
    }

    /// The turns next to each of `turns` in its session: those at the position before and after
    /// that were said.
    pub fn neighbours(&self, turns: &[Turn]) -> Result<Vec<Turn>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT ",
                turn_columns!(),
                " FROM turns t JOIN speakers s ON s.id = t.speaker_id
                  WHERE t.session_id = ?1 AND t.position BETWEEN ?2 - 1 AND ?2 + 1
                    AND t.position <> ?2 AND t.kind NOT IN ('reasoning', 'tool')
                  ORDER BY t.position"
            ))?;
            let mut seen: HashSet<(SessionId, i64)> =
                turns.iter().map(|turn| (turn.session, turn.position)).collect();
            let mut neighbours = Vec::new();
            for turn in turns {
                let place = |offset| (turn.session, turn.position + offset);
                if seen.contains(&place(-1)) && seen.contains(&place(1)) {
                    continue;
                }
                let mut rows = statement.query([turn.session.0, turn.position])?;
                while let Some(row) = rows.next()? {
                    if seen.insert((turn.session, row.get(2)?)) {
                        neighbours.push(turn_of(row)?);
                    }
                }
            }
            Ok(neighbours)
        })
    }

    /// Which turns pass a filter. Costs a pass over all turns, unless the filter asks at most for
    /// evidence and for what is older than a turn: every question does.
    pub fn passing(&self, filter: &Filter) -> Result<Passing, MemoryError> {
        let wide =
            Filter { evidence_only: false, before_turn: None, folded: false, ..filter.clone() }
                .is_open();
        if wide {
            let mut left_out = self.turns_to_be_deleted()?;
            if filter.evidence_only {
                left_out.extend(self.no_evidence()?);
            }
            return Ok(Passing::AllBut { left_out, before: filter.before_turn });
        }
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT t.id FROM turns t JOIN sessions x ON x.id = t.session_id WHERE ",
                passes!()
            ))?;
            with_bound(filter, |bound| {
                let rows = statement.query_map(bound, |row| row.get(0).map(TurnId))?;
                Ok(Passing::Only(rows.collect::<Result<_, _>>()?))
            })
        })
    }

    /// The turns that pass a filter, those said last first and those without a time last. Costs a
    /// pass over all turns.
    pub fn newest_passing(
        &self,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<TurnId>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT t.id FROM turns t JOIN sessions x ON x.id = t.session_id WHERE ",
                passes!(),
                " AND (:folded OR t.kind NOT IN ('reasoning', 'tool'))
                  ORDER BY t.said_at_ms DESC, t.id DESC LIMIT :limit"
            ))?;
            with_bound(filter, |bound| {
                let more = named_params! {":folded": filter.folded, ":limit": limit as i64};
                let all: Vec<_> = bound.iter().chain(more).copied().collect();
                let rows = statement.query_map(all.as_slice(), |row| row.get(0).map(TurnId))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
        })
    }

    /// The turns that no answer may rest on.
    fn no_evidence(&self) -> Result<HashSet<TurnId>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(NO_EVIDENCE)?;
            let rows = statement.query_map([], |row| row.get(0).map(TurnId))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The citations of a stored answer, in the order of their numbers.
    pub fn citations(&self, answer: TurnId) -> Result<Vec<Citation>, MemoryError> {
        self.read(|connection| citations(connection, answer))
    }

    /// What the user typed in the newest sessions of a source, newest first.
    pub fn typed(&self, source: &str, limit: usize) -> Result<Vec<String>, MemoryError> {
        self.read(|connection| {
            // By session, so that the turns of imports are not passed through.
            let mut statement = connection.prepare_cached(
                "SELECT t.text FROM turns t
                 WHERE t.session_id IN (SELECT id FROM sessions WHERE source = ?1
                                        ORDER BY activity_ms DESC, id DESC LIMIT 100)
                   AND t.role = 'user' AND t.kind IN ('message', 'question')
                 ORDER BY t.id DESC LIMIT ?2",
            )?;
            let rows = statement.query_map(params![source, limit as i64], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The primers, oldest first.
    pub fn primers(&self) -> Result<Vec<Turn>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(PRIMERS)?;
            Ok(statement.query_map([], turn_of)?.collect::<Result<_, _>>()?)
        })
    }

    /// The names of everyone who spoke, with how many turns each, most first, at most `limit`.
    pub fn speakers(&self, limit: usize) -> Result<Vec<String>, MemoryError> {
        self.read(|connection| speakers(connection, limit))
    }
}

fn speakers(connection: &Connection, limit: usize) -> Result<Vec<String>, MemoryError> {
    let mut statement =
        connection.prepare_cached("SELECT name FROM speakers ORDER BY id LIMIT ?1")?;
    let rows = statement.query_map([limit as i64], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn turn_of(row: &Row<'_>) -> Result<Turn, rusqlite::Error> {
    let (role, kind) = (row.get_ref(3)?.as_str()?, row.get_ref(4)?.as_str()?);
    Ok(Turn {
        id: TurnId(row.get(0)?),
        session: SessionId(row.get(1)?),
        position: row.get(2)?,
        // The table's CHECK admits no other word.
        role: Role::parse(role).unwrap_or(Role::User),
        kind: Kind::parse(kind).unwrap_or(Kind::Message),
        speaker: row.get(5)?,
        text: row.get(6)?,
        said_at: timestamp(row, 7)?,
        remembered_at: timestamp(row, 8)?.unwrap_or_else(epoch),
        source_id: row.get(9)?,
    })
}

pub(super) fn citations(
    connection: &Connection,
    answer: TurnId,
) -> Result<Vec<Citation>, MemoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT c.number, t.id, t.source_id, t.session_id, s.name, t.said_at_ms, c.quote
         FROM citations c JOIN turns t ON t.id = c.turn_id
         JOIN speakers s ON s.id = t.speaker_id
         WHERE c.answer_id = ?1 ORDER BY c.number",
    )?;
    let rows = statement.query_map([answer.0], |row| {
        Ok(Citation {
            number: row.get::<_, i64>(0)? as usize,
            turn: TurnId(row.get(1)?),
            source_id: row.get(2)?,
            session: SessionId(row.get(3)?),
            speaker: row.get(4)?,
            said_at: timestamp(row, 5)?,
            quote: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn timestamp(
    row: &Row<'_>,
    column: usize,
) -> Result<Option<Timestamp>, rusqlite::Error> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(Timestamp::from_millis))
}

pub(super) fn epoch() -> Timestamp {
    Timestamp::from_millis(0).unwrap_or_else(|| unreachable!("the epoch is in range"))
}
