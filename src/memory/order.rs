//! The order of the turns of a session: where new ones belong, and the positions that say it.

use super::MemoryError;
use crate::conversation::{SessionId, TurnId};
use rusqlite::{Connection, params};
use std::collections::HashSet;

/// Puts new turns where they were said. `order` holds those that are known; `comes` is a
/// conversation in its own order, each turn with whether it is new. A new one stands behind the
/// message that it follows there, or before the one that follows it.
pub(super) fn place(order: &mut Vec<TurnId>, comes: &[(TurnId, bool)]) {
    // From the end, so that what follows a new turn is placed already.
    for (at, (turn, _)) in comes.iter().enumerate().rev().filter(|(_, (_, new))| *new) {
        let place_of = |turn: TurnId| order.iter().position(|known| *known == turn);
        let before = comes[..at].iter().rev().find(|(_, new)| !new);
        let before = before.and_then(|(turn, _)| place_of(*turn)).map(|place| place + 1);
        let after = || comes.get(at + 1).and_then(|(turn, _)| place_of(*turn));
        let place = before.or_else(after).unwrap_or(order.len());
        order.insert(place, *turn);
    }
}

/// Puts appended turns of a session where they were said. Mostly that is the end, and nothing is to
/// be done; `last` is the last turn that was known.
pub(super) fn settle(
    connection: &Connection,
    session: SessionId,
    last: Option<TurnId>,
    comes: &[(TurnId, bool)],
) -> Result<(), MemoryError> {
    let Some(first_new) = comes.iter().position(|(_, new)| *new) else { return Ok(()) };
    let goes_on = comes[first_new..].iter().all(|(_, new)| *new);
    let before = first_new.checked_sub(1).map(|at| comes[at].0);
    if last.is_none() || goes_on && before == last {
        return Ok(());
    }
    let new: HashSet<TurnId> =
        comes.iter().filter(|(_, new)| *new).map(|(turn, _)| *turn).collect();
    let stands = stands(connection, session)?;
    let mut order: Vec<TurnId> =
        stands.iter().copied().filter(|turn| !new.contains(turn)).collect();
    place(&mut order, comes);
    renumber(connection, session, &stands, &order)
}

/// Closes the gaps between the positions of a session.
pub(super) fn close_gaps(connection: &Connection, session: SessionId) -> Result<(), MemoryError> {
    let dense: bool = connection
        .prepare_cached(
            "SELECT count(*) = coalesce(max(position) + 1, 0) FROM turns WHERE session_id = ?1",
        )?
        .query_row([session.0], |row| row.get(0))?;
    if dense {
        return Ok(());
    }
    let stands = stands(connection, session)?;
    let mut read: Option<i64> = connection
        .prepare_cached("SELECT read_position FROM sessions WHERE id = ?1")?
        .query_row([session.0], |row| row.get(0))?;
    if let Some(read) = &mut read {
        // What was read up to may be gone: then it is what stood before that.
        *read = connection
            .prepare_cached(
                "SELECT max(count(*) - 1, 0) FROM turns WHERE session_id = ?1 AND position <= ?2",
            )?
            .query_row([session.0, *read], |row| row.get(0))?;
    }
    set_positions(connection, session, &stands)?;
    set_read(connection, session, read)
}

fn stands(connection: &Connection, session: SessionId) -> Result<Vec<TurnId>, MemoryError> {
    Ok(connection
        .prepare_cached("SELECT id FROM turns WHERE session_id = ?1 ORDER BY position")?
        .query_map([session.0], |row| row.get(0).map(TurnId))?
        .collect::<Result<_, _>>()?)
}

/// Gives the turns of a session their positions; the place that was read up to goes along.
fn renumber(
    connection: &Connection,
    session: SessionId,
    stood: &[TurnId],
    order: &[TurnId],
) -> Result<(), MemoryError> {
    let read: Option<i64> = connection
        .prepare_cached("SELECT read_position FROM sessions WHERE id = ?1")?
        .query_row([session.0], |row| row.get(0))?;
    let read = read.and_then(|at| stood.get(usize::try_from(at).ok()?));
    let read = read.and_then(|read| order.iter().position(|turn| turn == read));
    set_positions(connection, session, order)?;
    set_read(connection, session, read.map(|at| at as i64))
}

fn set_positions(
    connection: &Connection,
    session: SessionId,
    order: &[TurnId],
) -> Result<(), MemoryError> {
    // Out of the way first: a position is taken once in a session.
    connection
        .prepare_cached("UPDATE turns SET position = -1 - position WHERE session_id = ?1")?
        .execute([session.0])?;
    let mut update = connection.prepare_cached("UPDATE turns SET position = ?2 WHERE id = ?1")?;
    for (position, turn) in order.iter().enumerate() {
        update.execute(params![turn.0, position as i64])?;
    }
    Ok(())
}

fn set_read(
    connection: &Connection,
    session: SessionId,
    read: Option<i64>,
) -> Result<(), MemoryError> {
    if read.is_some() {
        connection
            .prepare_cached("UPDATE sessions SET read_position = ?2 WHERE id = ?1")?
            .execute(params![session.0, read])?;
    }
    Ok(())
}
