//! Appending imported conversations: finds what is there already and appends what is new.
//!
//! The same conversation is known by `(source, the file's id of it)`, the same message by the
//! file's id in its conversation. Where a format has no ids, a message is known by the hash of
//! everything said up to it, and a conversation by the messages it begins with: one that goes on
//! after what an earlier import brought continues that session.

use super::append::{
    Key, find_session, insert_pending, insert_session, insert_turn, key_of, next_position,
    update_session,
};
use super::{Memory, MemoryError, imports};
use crate::conversation::{Conversation, ImportId, NewTurn, SessionId, Timestamp};
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};

/// What became of one conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Whether memory did not know the conversation.
    pub new_session: bool,
    /// For each of its turns, in order, whether it was appended (`false`: known before).
    pub appended: Vec<bool>,
}

/// One run of an import, over one input or several. Remembers what it has brought, so that a
/// conversation without an id that stands twice in one file is taken twice, and so that a dry run
/// counts as the real one does.
#[derive(Debug, Default)]
pub struct Ingest {
    source: &'static str,
    path: String,
    dry_run: bool,
    import: Option<ImportId>,
    /// Whether the import says already that it reads this format of this input.
    recorded: bool,
    claimed: HashSet<SessionId>,
    imagined: HashMap<(&'static str, String), HashSet<Key>>,
}

impl Ingest {
    /// Begins a run. Nothing is written before the first new conversation.
    pub fn new(dry_run: bool) -> Self {
        Self { dry_run, ..Self::default() }
    }

    /// What is ingested from here on comes from this input.
    pub fn begin_input(&mut self, path: &str) {
        path.clone_into(&mut self.path);
        self.recorded = false;
        self.claimed.clear();
    }

    /// What is ingested from here on is of this format.
    pub fn begin_format(&mut self, source: &'static str) {
        self.source = source;
        self.recorded = false;
    }

    /// The import, once it has added something.
    pub fn import(&self) -> Option<ImportId> {
        self.import
    }
}

impl Memory {
    /// Appends conversations in one transaction; says what became of each, in their order.
    pub fn ingest(
        &self,
        run: &mut Ingest,
        conversations: &[Conversation],
        now: Timestamp,
    ) -> Result<Vec<Ingested>, MemoryError> {
        if run.dry_run {
            return self.read(|connection| {
                conversations
                    .iter()
                    .map(|conversation| imagine(connection, run, conversation))
                    .collect()
            });
        }
        self.write(|connection| {
            conversations
                .iter()
                .map(|conversation| ingest(connection, run, conversation, now))
                .collect()
        })
    }
}

/// What memory knows of a conversation.
struct Known {
    session: Option<SessionId>,
    keys: HashSet<Key>,
}

fn ingest(
    connection: &Connection,
    run: &mut Ingest,
    conversation: &Conversation,
    now: Timestamp,
) -> Result<Ingested, MemoryError> {
    let keys = keys_of(conversation);
    let mut known = known(connection, run, conversation, &keys)?;
    let mut outcome =
        Ingested { new_session: known.session.is_none(), appended: Vec::with_capacity(keys.len()) };
    if keys.iter().all(|key| known.keys.contains(key)) && known.session.is_some() {
        run.claimed.extend(known.session);
        outcome.appended.resize(keys.len(), false);
        return Ok(outcome);
    }
    let import = match run.import {
        Some(import) if run.recorded => import,
        known => imports::record(connection, known, run.source, &run.path, now)?,
    };
    run.import = Some(import);
    run.recorded = true;
    let session = match known.session {
        Some(session) => session,
        None => insert_session(
            connection,
            run.source,
            conversation.source_id.as_deref(),
            conversation.title.as_deref(),
            now,
            Some(import),
        )?,
    };
    run.claimed.insert(session);
    let mut position = next_position(connection, session)?;
    for (turn, key) in conversation.turns.iter().zip(&keys) {
        let new = known.keys.insert(*key);
        outcome.appended.push(new);
        if new {
            let id = insert_turn(connection, session, position, key, turn, now, Some(import))?;
            insert_pending(connection, id, turn.kind)?;
            position += 1;
        }
    }
    update_session(connection, session, conversation.started_at.unwrap_or(now))?;
    Ok(outcome)
}

/// What [`ingest`] would do, from what memory holds and what this run has seen.
fn imagine(
    connection: &Connection,
    run: &mut Ingest,
    conversation: &Conversation,
) -> Result<Ingested, MemoryError> {
    let keys = keys_of(conversation);
    let known = known(connection, run, conversation, &keys)?;
    run.claimed.extend(known.session);
    let seen = conversation.source_id.as_ref();
    let seen = seen.and_then(|id| run.imagined.get(&(run.source, id.clone())));
    let new_session = known.session.is_none() && seen.is_none();
    let mut taken = known.keys;
    taken.extend(seen.into_iter().flatten());
    let appended = keys.iter().map(|key| taken.insert(*key)).collect();
    if let Some(id) = &conversation.source_id {
        run.imagined.insert((run.source, id.clone()), taken);
    }
    Ok(Ingested { new_session, appended })
}

fn known(
    connection: &Connection,
    run: &Ingest,
    conversation: &Conversation,
    keys: &[Key],
) -> Result<Known, MemoryError> {
    let session = match &conversation.source_id {
        Some(id) => find_session(connection, run.source, id)?,
        None => find_by_content(connection, run, keys)?,
    };
    let keys = match session {
        Some(session) => connection
            .prepare_cached("SELECT key FROM turns WHERE session_id = ?1")?
            .query_map([session.0], |row| row.get(0))?
            .collect::<Result<_, _>>()?,
        None => HashSet::new(),
    };
    Ok(Known { session, keys })
}

/// The session without an id that holds all of the conversation, or all of whose turns the
/// conversation begins with; none that this run has brought or met already.
fn find_by_content(
    connection: &Connection,
    run: &Ingest,
    keys: &[Key],
) -> Result<Option<SessionId>, MemoryError> {
    let mut holding = connection.prepare_cached(
        "SELECT t.session_id, t.position + 1 = x.all_turns FROM turns t
         JOIN (SELECT session_id, max(position) + 1 AS all_turns FROM turns
               WHERE session_id IN (SELECT session_id FROM turns WHERE key = ?1)
               GROUP BY session_id) x ON x.session_id = t.session_id
         JOIN sessions s ON s.id = t.session_id
         WHERE t.key = ?1 AND s.source = ?2 AND s.source_id IS NULL
         ORDER BY t.session_id",
    )?;
    for (index, key) in keys.iter().enumerate().rev() {
        let whole = index + 1 == keys.len();
        let mut rows = holding.query(params![key, run.source])?;
        while let Some(row) = rows.next()? {
            let session = SessionId(row.get(0)?);
            let ends_here: bool = row.get(1)?;
            if (whole || ends_here) && !run.claimed.contains(&session) {
                return Ok(Some(session));
            }
        }
    }
    Ok(None)
}

/// The key of each turn. Turns without the file's own id carry the hash of all that was said up to
/// them. A file's id that stands twice with different contents is two turns.
fn keys_of(conversation: &Conversation) -> Vec<Key> {
    let mut chain = Key::default();
    let mut by_id: HashMap<&str, &NewTurn> = HashMap::new();
    conversation
        .turns
        .iter()
        .map(|turn| {
            let content: [&[u8]; 3] =
                [turn.role.as_str().as_bytes(), turn.speaker.as_bytes(), turn.text.as_bytes()];
            chain = key_of(&[&chain, content[0], content[1], content[2]]);
            match turn.source_id.as_deref() {
                None => chain,
                Some(id) => {
                    let first = *by_id.entry(id).or_insert(turn);
                    if first.text == turn.text && first.kind == turn.kind {
                        key_of(&[b"id", id.as_bytes()])
                    } else {
                        key_of(&[b"id", id.as_bytes(), turn.kind.as_str().as_bytes(), content[2]])
                    }
                }
            }
        })
        .collect()
}
