//! Merging a session into another, so that an import still knows the one that is gone.
//!
//! Its turns take along the identity that they had: a turn's key says which message of its own
//! session it is, so in another session it becomes a hash of source, the file's id of the
//! conversation and the key ([`elsewhere`]), which is also what a tombstone holds. The session's own
//! identity goes to the table `merged_sessions`.

use super::append::{Key, key_of, update_session};
use super::sessions::session;
use super::{Memory, MemoryError};
use crate::conversation::{SessionId, Timestamp};
use rusqlite::{Connection, params};
use std::fmt::Write as _;

/// The identity of a turn outside of its session.
pub(super) fn elsewhere(source: &str, source_id: Option<&str>, key: &Key) -> Key {
    key_of(&[source.as_bytes(), source_id.unwrap_or_default().as_bytes(), key])
}

/// What follows [`elsewhere`] in the key of a merged turn: which merged session it came with. Two
/// that were merged into one may have had the same words.
pub(super) fn suffix(merged: &str) -> [u8; 8] {
    let mut suffix = [0; 8];
    suffix.copy_from_slice(&key_of(&[merged.as_bytes()])[..8]);
    suffix
}

/// How the identity of a merged session begins whose file has no ids: the key of its last turn
/// follows, and the id that it had here.
pub(super) const BY_CONTENT: &str = "content:";

impl Memory {
    /// Moves the turns of sessions into `into`, in the order of time where both have times, and
    /// behind its own turns otherwise. Tags and a pin go along; the sessions are gone. All of it is
    /// one transaction: killed in between, nothing has happened. None of them may be `into`; one
    /// that is not there is passed over.
    pub fn merge_sessions(
        &self,
        into: SessionId,
        from: &[SessionId],
        now: Timestamp,
    ) -> Result<(), MemoryError> {
        self.write(|connection| from.iter().try_for_each(|one| merge(connection, into, *one, now)))
    }
}

fn merge(
    connection: &Connection,
    into: SessionId,
    from: SessionId,
    now: Timestamp,
) -> Result<(), MemoryError> {
    let (Some(kept), Some(gone)) = (session(connection, into)?, session(connection, from)?) else {
        return Ok(());
    };
    let own = places(connection, into)?;
    let moved = places(connection, from)?;
    let read = kept.read_position.and_then(|position| own.get(position as usize));
    let order = interleaved(&own, &moved);
    let read = read.and_then(|read| order.iter().position(|turn| *turn == read.turn));
    let identity = rekey(connection, from, &gone.source, gone.source_id.as_deref())?;
    reorder(connection, into, from, &order)?;
    connection.execute(
        "UPDATE OR IGNORE session_tags SET session_id = ?1 WHERE session_id = ?2",
        [into.0, from.0],
    )?;
    connection.execute(
        "UPDATE merged_sessions SET session_id = ?1 WHERE session_id = ?2",
        [into.0, from.0],
    )?;
    if let Some(identity) = identity {
        connection.execute(
            "INSERT OR REPLACE INTO merged_sessions (source, source_id, session_id)
                     VALUES (?1, ?2, ?3)",
            params![gone.source, identity, into.0],
        )?;
    }
    connection.execute(
        "UPDATE sessions SET pinned = max(pinned, ?2), read_position = ?3,
                        remembered_at_ms = min(remembered_at_ms, ?4)
                 WHERE id = ?1",
        params![
            into.0,
            gone.pinned,
            read.map(|place| place as i64),
            gone.remembered_at.as_millis()
        ],
    )?;
    connection.execute("DELETE FROM sessions WHERE id = ?1", [from.0])?;
    update_session(connection, into, now)
}

/// A turn with the instant by which it is ordered: its own, or that of the turn before it.
struct Place {
    turn: i64,
    at: Option<i64>,
}

fn places(connection: &Connection, session: SessionId) -> Result<Vec<Place>, MemoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, said_at_ms FROM turns WHERE session_id = ?1 ORDER BY position",
    )?;
    let mut latest = None;
    let rows = statement.query_map([session.0], |row| {
        latest = latest.max(row.get::<_, Option<i64>>(1)?);
        Ok(Place { turn: row.get(0)?, at: latest })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Both in one order that keeps each one's own.
fn interleaved(own: &[Place], moved: &[Place]) -> Vec<i64> {
    let timed = |places: &[Place]| places.iter().any(|place| place.at.is_some());
    let by_time = timed(own) && timed(moved);
    let mut order = Vec::with_capacity(own.len() + moved.len());
    let (mut own, mut moved) = (own.iter().peekable(), moved.iter().peekable());
    while let (Some(left), Some(right)) = (own.peek(), moved.peek()) {
        let next = if by_time && right.at < left.at { moved.next() } else { own.next() };
        order.extend(next.map(|place| place.turn));
    }
    order.extend(own.chain(moved).map(|place| place.turn));
    order
}

/// Gives the session's own turns the keys under which they are known in another session; returns
/// the identity of the session itself, `None` where it has no turn of its own.
fn rekey(
    connection: &Connection,
    session: SessionId,
    source: &str,
    source_id: Option<&str>,
) -> Result<Option<String>, MemoryError> {
    let own: Vec<(i64, Key)> = connection
        .prepare_cached(
            "SELECT id, key FROM turns WHERE session_id = ?1 AND length(key) = 16
             ORDER BY position",
        )?
        .query_map([session.0], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let Some((_, last)) = own.last() else { return Ok(source_id.map(str::to_owned)) };
    let identity = match source_id {
        Some(id) => id.to_owned(),
        None => by_content(last, session),
    };
    let suffix = suffix(&identity);
    let mut update = connection.prepare_cached("UPDATE turns SET key = ?2 WHERE id = ?1")?;
    for (turn, key) in own {
        let mut known = elsewhere(source, source_id, &key).to_vec();
        known.extend_from_slice(&suffix);
        update.execute(params![turn, known])?;
    }
    Ok(Some(identity))
}

fn by_content(last: &Key, session: SessionId) -> String {
    let mut identity = BY_CONTENT.to_owned();
    for byte in last {
        let _ = write!(identity, "{byte:02x}");
    }
    let _ = write!(identity, ":{session}");
    identity
}

fn reorder(
    connection: &Connection,
    into: SessionId,
    from: SessionId,
    order: &[i64],
) -> Result<(), MemoryError> {
    // Out of the way first: a position is taken once in a session.
    connection.execute(
        "UPDATE turns SET position = -1 - position WHERE session_id IN (?1, ?2)",
        [into.0, from.0],
    )?;
    let mut update = connection
        .prepare_cached("UPDATE turns SET session_id = ?2, position = ?3 WHERE id = ?1")?;
    for (position, turn) in order.iter().enumerate() {
        update.execute(params![turn, into.0, position as i64])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Conversation, NewTurn, Role};
    use crate::memory::{Became, Ingest, SessionQuery};

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    fn talk(id: Option<&str>, turns: &[(&str, Option<i64>)]) -> Conversation {
        Conversation {
            source_id: id.map(str::to_owned),
            turns: turns
                .iter()
                .map(|(text, time)| {
                    NewTurn::message(Role::User, "Ann", *text)
                        .at(time.and_then(Timestamp::from_millis))
                })
                .collect(),
            ..Conversation::default()
        }
    }

    fn import(memory: &Memory, conversations: &[Conversation]) -> usize {
        let mut run = Ingest::new(false);
        run.begin_input("file");
        run.begin_format("test");
        let ingested = memory.ingest(&mut run, conversations, at(5)).unwrap();
        ingested
            .iter()
            .flat_map(|one| &one.became)
            .filter(|became| **became == Became::Appended)
            .count()
    }

    fn texts(memory: &Memory, session: SessionId) -> Vec<String> {
        let turns = memory.turns(session, 0, 99).unwrap();
        assert!(turns.iter().enumerate().all(|(place, turn)| turn.position == place as i64));
        turns.into_iter().map(|turn| turn.text).collect()
    }

    #[test]
    fn turns_come_in_the_order_of_time_where_both_tell_it() {
        let memory = Memory::open_in_memory().unwrap();
        import(
            &memory,
            &[
                talk(Some("a"), &[("a1", Some(10)), ("a2", None), ("a3", Some(30))]),
                talk(Some("b"), &[("b1", Some(5)), ("b2", Some(20)), ("b3", Some(40))]),
                talk(Some("c"), &[("c1", None)]),
            ],
        );
        let (a, b, c) = (SessionId(1), SessionId(2), SessionId(3));
        memory.set_read_position(a, Some(2)).unwrap();
        memory.tag_session(a, &["x".into()], &[]).unwrap();
        memory.tag_session(b, &["x".into(), "y".into()], &[]).unwrap();
        memory.pin_session(b, true).unwrap();
        memory.merge_sessions(a, &[b], at(9)).unwrap();
        assert_eq!(texts(&memory, a), ["b1", "a1", "a2", "b2", "a3", "b3"]);
        memory.merge_sessions(a, &[c], at(9)).unwrap();
        assert_eq!(texts(&memory, a), ["b1", "a1", "a2", "b2", "a3", "b3", "c1"]);
        let merged = memory.session(a).unwrap().unwrap();
        assert_eq!((merged.tags, merged.pinned), (vec!["x".to_owned(), "y".to_owned()], true));
        assert_eq!((merged.turns, merged.read_position), (7, Some(4)));
        assert_eq!(memory.session_count(&SessionQuery::default()).unwrap(), 1);
    }
}
