//! Bringing back what recount itself exported: sessions under the identity they had, turns under
//! their own keys, names, tags, pins, citations.
//!
//! A turn that is there already is left as it is, and so is what the user did to a session since.
//! Does not own reading the export.

use super::answers::insert_given;
use super::append::{
    Key, find_session, insert_pending, insert_session, insert_turn, next_position, update_session,
};
use super::identity::StoredKey;
use super::ingest::{Became, Ingested};
use super::marks::{insert_mark, insert_question};
use super::merge::elsewhere;
use super::recognise::empty_session;
use super::words::Words;
use super::{MemoryError, order, tombstones};
use crate::conversation::{
    Conversation, ImportId, Kind, Quotation, Restored, RestoredTurn, SessionId, Timestamp, TurnId,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// What a run has brought back, by the ids that the export uses: what refers to a turn may stand
/// before it.
#[derive(Debug, Default)]
pub(super) struct Restoring {
    turns: HashMap<TurnId, TurnId>,
    quotations: Vec<(TurnId, Quotation)>,
    /// Answers with the questions that they answer.
    questions: Vec<(TurnId, TurnId)>,
    forks: Vec<(SessionId, TurnId)>,
    /// The sessions without an id that it has met: the next one is another.
    met: HashSet<SessionId>,
    /// The sessions that it began.
    begun: HashSet<SessionId>,
}

/// What is to be brought back, and how.
pub(super) struct Restore<'a> {
    pub(super) connection: &'a Connection,
    pub(super) conversation: &'a Conversation,
    pub(super) restored: &'a Restored,
    pub(super) words: Option<&'a [Words]>,
    /// Whether what was forgotten is taken again.
    pub(super) again: bool,
    pub(super) now: Timestamp,
}

impl Restore<'_> {
    /// Brings a session back. `import` is asked for the import only where something is added.
    pub(super) fn carry_out(
        &self,
        restoring: &mut Restoring,
        import: &mut dyn FnMut() -> Result<ImportId, MemoryError>,
    ) -> Result<Ingested, MemoryError> {
        let found = self.find(restoring)?;
        let known = match found {
            Some(session) => known(self.connection, session)?,
            None => HashMap::new(),
        };
        let mut became = Vec::with_capacity(self.restored.turns.len());
        // No session holds a key twice: an export that does was damaged or made by others.
        let mut seen = HashSet::with_capacity(became.capacity());
        for turn in &self.restored.turns {
            let repeated = !seen.insert(turn.key.as_slice());
            became.push(if repeated || known.contains_key(turn.key.as_slice()) {
                Became::Known
            } else if self.is_forgotten(turn)? {
                Became::Forgotten
            } else {
                Became::Appended
            });
        }
        for (turn, id) in self
            .restored
            .turns
            .iter()
            .filter_map(|turn| Some((turn.turn?, *known.get(turn.key.as_slice())?)))
        {
            restoring.turns.insert(turn, id);
        }
        let any = became.contains(&Became::Appended) || became.is_empty() && found.is_none();
        let ingested = Ingested { new_session: found.is_none() && any, became };
        if !any {
            restoring.met.extend(found.filter(|_| self.conversation.source_id.is_none()));
            return Ok(ingested);
        }
        let import = import()?;
        let session = match found {
            Some(session) => session,
            None => self.begin(import)?,
        };
        if self.conversation.source_id.is_none() {
            restoring.met.insert(session);
        }
        let comes = self.append(session, import, &ingested.became, &known, restoring)?;
        let last = known.values().max().copied();
        order::settle(self.connection, session, last, &comes)?;
        if found.is_none() {
            restoring.begun.insert(session);
            self.dress(session, restoring)?;
        }
        let remembered_at = self.restored.remembered_at.unwrap_or(self.now);
        update_session(self.connection, session, remembered_at)?;
        Ok(ingested)
    }

    /// The session, by its own identity, by that of one that was merged, or by one of its turns.
    fn find(&self, restoring: &Restoring) -> Result<Option<SessionId>, MemoryError> {
        let source = self.restored.source.as_str();
        if let Some(id) = self.conversation.source_id.as_deref() {
            if let Some(session) = find_session(self.connection, source, id)? {
                return Ok(Some(session));
            }
            let merged = self
                .connection
                .prepare_cached(
                    "SELECT session_id FROM merged_sessions WHERE source = ?1 AND source_id = ?2",
                )?
                .query_row([source, id], |row| row.get(0).map(SessionId))
                .optional()?;
            // What stands beside the session that it was merged into was begun anew since.
            return Ok(merged.filter(|into| !restoring.begun.contains(into)));
        }
        if self.restored.turns.is_empty() {
            let title = self.conversation.title.as_deref();
            let remembered_at = self.restored.remembered_at;
            return empty_session(self.connection, source, title, remembered_at, &restoring.met);
        }
        // Ids of messages alone can be the same in two conversations: what they say decides.
        let mut best = None;
        for session in self.candidates()? {
            if restoring.met.contains(&session) {
                continue;
            }
            let alike = self.alike(session)?;
            if (alike.0 > 0 || alike.1) && best.is_none_or(|(known, _)| alike > known) {
                best = Some((alike, session));
            }
        }
        Ok(best.map(|(_, session)| session))
    }

    /// The sessions without an id that hold one of the turns.
    fn candidates(&self) -> Result<Vec<SessionId>, MemoryError> {
        /// So many are looked at.
        const MOST: usize = 32;
        let source = self.restored.source.as_str();
        let mut by_key = self.connection.prepare_cached(
            "SELECT k.session_id FROM session_keys k JOIN sessions s ON s.id = k.session_id
             WHERE k.key = ?1 AND s.source = ?2 AND s.source_id IS NULL ORDER BY 1",
        )?;
        let mut found = Vec::new();
        for turn in &self.restored.turns {
            for session in by_key.query_map(params![turn.key, source], |row| row.get(0))? {
                let session = SessionId(session?);
                if !found.contains(&session) && found.len() < MOST {
                    found.push(session);
                }
            }
        }
        let mut merged = self.connection.prepare_cached(
            "SELECT session_id FROM merged_sessions m JOIN sessions s ON s.id = m.session_id
             WHERE m.source = ?1 AND m.source_id = ?2 AND s.source = ?3 AND s.source_id IS NULL",
        )?;
        for one in &self.restored.merged {
            let into = merged.query_row([&one.source, &one.source_id, source], |row| row.get(0));
            found.extend(into.optional()?.map(SessionId));
        }
        Ok(found)
    }

    /// How much of a session says the same under the same keys, whether it was remembered at the
    /// same time, and how little else it holds.
    fn alike(&self, session: SessionId) -> Result<(usize, bool, Reverse<usize>), MemoryError> {
        let comes: HashMap<&[u8], &str> = self
            .restored
            .turns
            .iter()
            .zip(&self.conversation.turns)
            .map(|(turn, new)| (turn.key.as_slice(), new.text.as_str()))
            .collect();
        let mut turns =
            self.connection.prepare_cached("SELECT key, text FROM turns WHERE session_id = ?1")?;
        let mut rows = turns.query([session.0])?;
        let (mut same, mut other) = (0, 0);
        while let Some(row) = rows.next()? {
            let key = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let text = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            if comes.get(key) == Some(&text) {
                same += 1;
            } else {
                other += 1;
            }
        }
        let at: i64 = self
            .connection
            .prepare_cached("SELECT remembered_at_ms FROM sessions WHERE id = ?1")?
            .query_row([session.0], |row| row.get(0))?;
        let restored_at = self.restored.remembered_at.map(Timestamp::as_millis);
        Ok((same, restored_at == Some(at), Reverse(other)))
    }

    /// The identity outside of its session: what follows it in the key of a merged turn belongs to
    /// the merging alone.
    fn is_forgotten(&self, turn: &RestoredTurn) -> Result<bool, MemoryError> {
        if !tombstones::any(self.connection)? {
            return Ok(false);
        }
        let identity = if let Ok(key) = Key::try_from(turn.key.as_slice()) {
            let conversation = self.conversation.source_id.as_deref();
            elsewhere(&self.restored.source, conversation, &key)
        } else {
            let begins = turn.key.get(..size_of::<Key>()).unwrap_or_default();
            Key::try_from(begins).unwrap_or_default()
        };
        let forgotten = tombstones::stands(self.connection, &identity)?;
        if forgotten && self.again {
            tombstones::lift(self.connection, &identity)?;
        }
        Ok(forgotten && !self.again)
    }

    fn begin(&self, import: ImportId) -> Result<SessionId, MemoryError> {
        insert_session(
            self.connection,
            &self.restored.source,
            self.conversation.source_id.as_deref(),
            self.conversation.title.as_deref(),
            self.restored.remembered_at.unwrap_or(self.now),
            Some(import),
        )
    }

    /// Appends what is new; returns the turns in the order of the export, each with whether it is.
    fn append(
        &self,
        session: SessionId,
        import: ImportId,
        became: &[Became],
        known: &HashMap<Vec<u8>, TurnId>,
        restoring: &mut Restoring,
    ) -> Result<Vec<(TurnId, bool)>, MemoryError> {
        let mut lead = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO session_keys (key, session_id) VALUES (?1, ?2)",
        )?;
        let mut position = next_position(self.connection, session)?;
        let mut comes = Vec::with_capacity(became.len());
        for (at, (new, turn)) in
            self.conversation.turns.iter().zip(&self.restored.turns).enumerate()
        {
            if let Some(id) = known.get(turn.key.as_slice()) {
                comes.push((*id, false));
            }
            if became[at] != Became::Appended {
                continue;
            }
            let id = insert_turn(
                self.connection,
                session,
                position,
                &turn.key,
                new,
                self.words.and_then(|words| words.get(at)),
                turn.remembered_at.unwrap_or(self.now),
                Some(import),
            )?;
            insert_pending(self.connection, id, new.kind)?;
            position += 1;
            comes.push((id, true));
            if turn.key.len() == size_of::<Key>()
                && (at == 0 || self.conversation.source_id.is_none())
            {
                lead.execute(params![turn.key, session.0])?;
            }
            if let Some(given) = &turn.given {
                insert_given(self.connection, id, given)?;
            }
            if let Some(marked) = turn.marked.filter(|_| new.kind == Kind::Answer) {
                insert_mark(self.connection, id, marked)?;
            }
            restoring.questions.extend(turn.question.map(|question| (id, question)));
            restoring.turns.extend(turn.turn.map(|old| (old, id)));
            restoring.quotations.extend(turn.quotations.iter().map(|one| (id, one.clone())));
        }
        Ok(comes)
    }

    /// Gives a session that was begun what its user gave it.
    fn dress(&self, session: SessionId, restoring: &mut Restoring) -> Result<(), MemoryError> {
        let restored = self.restored;
        // Positions are counted from 0 again, also where an export had gaps.
        let read = restored.read_position.and_then(|read| {
            restored.turns.iter().filter(|turn| turn.position <= read).count().checked_sub(1)
        });
        self.connection
            .prepare_cached(
                "UPDATE sessions SET name = ?2, pinned = ?3, read_position = ?4 WHERE id = ?1",
            )?
            .execute(params![
                session.0,
                restored.name,
                restored.pinned,
                read.map(|read| read as i64)
            ])?;
        let mut tag = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO session_tags (tag, session_id) VALUES (?1, ?2)",
        )?;
        for word in &restored.tags {
            tag.execute(params![word, session.0])?;
        }
        let mut merged = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO merged_sessions (source, source_id, session_id)
             VALUES (?1, ?2, ?3)",
        )?;
        for one in &restored.merged {
            merged.execute(params![one.source, one.source_id, session.0])?;
        }
        restoring.forks.extend(restored.forked_from.map(|turn| (session, turn)));
        Ok(())
    }
}

impl Restoring {
    /// Joins what refers to turns with those that are there by now; what is not waits.
    pub(super) fn join(&mut self, connection: &Connection) -> Result<(), MemoryError> {
        let mut cite = connection.prepare_cached(
            "INSERT OR IGNORE INTO citations (answer_id, number, turn_id, quote)
             VALUES (?1, ?2, ?3, ?4)",
        )?;
        let mut waiting = Vec::new();
        for (answer, quotation) in std::mem::take(&mut self.quotations) {
            match self.turns.get(&quotation.turn) {
                Some(turn) => {
                    let number = quotation.number as i64;
                    cite.execute(params![answer.0, number, turn.0, quotation.quote])?;
                }
                None => waiting.push((answer, quotation)),
            }
        }
        self.quotations = waiting;
        let mut waiting = Vec::new();
        for (answer, question) in std::mem::take(&mut self.questions) {
            match self.turns.get(&question) {
                Some(turn) => insert_question(connection, answer, *turn)?,
                None => waiting.push((answer, question)),
            }
        }
        self.questions = waiting;
        let mut fork =
            connection.prepare_cached("UPDATE sessions SET forked_from = ?2 WHERE id = ?1")?;
        let mut waiting = Vec::new();
        for (session, turn) in std::mem::take(&mut self.forks) {
            match self.turns.get(&turn) {
                Some(turn) => {
                    fork.execute([session.0, turn.0])?;
                }
                None => waiting.push((session, turn)),
            }
        }
        self.forks = waiting;
        Ok(())
    }
}

/// The turns of a session by their keys.
fn known(
    connection: &Connection,
    session: SessionId,
) -> Result<HashMap<Vec<u8>, TurnId>, MemoryError> {
    let mut statement =
        connection.prepare_cached("SELECT key, id FROM turns WHERE session_id = ?1")?;
    let rows = statement.query_map([session.0], |row| {
        let key: StoredKey = row.get(0)?;
        Ok((key.as_slice().to_vec(), TurnId(row.get(1)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
