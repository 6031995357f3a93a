//! Which session a conversation that is imported belongs to, and what it holds already.

use super::MemoryError;
use super::append::{Key, find_session};
use super::identity::{Home, StoredKey, content, is_timed, who};
use super::imagined::Imagined;
use super::merge::BY_CONTENT;
use super::reconcile::{Side, goes_on};
use crate::conversation::{Conversation, Kind, Role, Said, SessionId, Timestamp, TurnId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;
use std::fmt::Write as _;

/// How many sessions are looked at closely for one conversation without an id.
const CANDIDATES: usize = 32;

/// Sources whose files an earlier version took for another's: `WhatsApp`'s of an iPhone that writes the
/// year first. Both know a message by its moment and speaker.
const TAKEN_FOR: [(&str, &str); 1] = [("whatsapp", "signal")];

/// A session that a conversation belongs to.
#[derive(Debug, Clone)]
pub(super) struct Recognised {
    /// The session.
    pub(super) session: SessionId,
    /// How the keys of the conversation's turns are stored there.
    pub(super) home: Home,
    /// The conversation's turns there, in their order.
    pub(super) turns: Vec<(TurnId, Side)>,
    /// Whether it was known by another id.
    pub(super) under_another_id: bool,
}

/// A conversation that comes. Its turns stand beside it where they are too many to be held.
#[derive(Clone, Copy)]
pub(super) struct Coming<'c> {
    pub(super) about: &'c Conversation,
    pub(super) said: &'c dyn Said,
}

impl<'c> Coming<'c> {
    /// One that is held as a whole.
    pub(super) fn whole(conversation: &'c Conversation) -> Self {
        Self { about: conversation, said: &conversation.turns }
    }

    /// The file's id of it.
    pub(super) fn id(self) -> Option<&'c str> {
        self.about.source_id.as_deref()
    }
}

/// What is searched: the memory, and what a dry run imagines of it.
pub(super) struct Search<'a> {
    pub(super) connection: &'a Connection,
    pub(super) imagined: &'a Imagined,
    pub(super) source: &'static str,
    /// The sessions that this input has brought or met already: without an id of their own the
    /// next conversation is another one.
    pub(super) claimed: &'a HashSet<SessionId>,
}

impl Search<'_> {
    /// The session that a conversation belongs to, if there is one.
    pub(super) fn find(
        &self,
        conversation: Coming<'_>,
        keys: &[Key],
    ) -> Result<Option<Recognised>, MemoryError> {
        let Some(id) = conversation.id() else {
            return self.by_content(conversation, keys);
        };
        let own = match self.imagined.session(self.source, id) {
            Some(session) => Some(session),
            None => find_session(self.connection, self.source, id)?,
        };
        if let Some(session) = own {
            return self.recognised(session, Home::Own, false).map(Some);
        }
        let merged = self
            .connection
            .prepare_cached(
                "SELECT session_id FROM merged_sessions WHERE source = ?1 AND source_id = ?2",
            )?
            .query_row([self.source, id], |row| row.get(0).map(SessionId))
            .optional()?;
        if let Some(session) = merged {
            return self.recognised(session, Home::merged(id), false).map(Some);
        }
        self.under_another_id(conversation, keys)
    }

    /// A session with exactly these messages, ids and words, whose own id is another: its service
    /// gave it anew.
    fn under_another_id(
        &self,
        conversation: Coming<'_>,
        keys: &[Key],
    ) -> Result<Option<Recognised>, MemoryError> {
        let Some(first) = keys.first().filter(|_| keys.len() > 1) else {
            return Ok(None);
        };
        for session in self.led_to(first)?.into_iter().take(CANDIDATES) {
            if self.claimed.contains(&session) {
                continue;
            }
            let found = self.recognised(session, Home::Own, true)?;
            let comes = sides(self.source, conversation, keys, Home::Own);
            if found.turns.len() == keys.len() && goes_on(&found.turns, comes)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The session without an id that holds all of the conversation, or all of whose turns the
    /// conversation begins with; where messages have times, one with enough of them.
    fn by_content(
        &self,
        conversation: Coming<'_>,
        keys: &[Key],
    ) -> Result<Option<Recognised>, MemoryError> {
        if keys.is_empty() {
            let title = conversation.about.title.as_deref();
            let found = empty_session(self.connection, self.source, title, None, self.claimed)?;
            return found.map(|id| self.recognised(id, Home::Own, false)).transpose();
        }
        let said = |side: &Side| (side.key, side.content);
        // Which is asked only where a key leads somewhere.
        let mut wanted: Option<(HashSet<_>, bool)> = None;
        let mut seen = HashSet::new();
        for key in keys.iter().rev() {
            for session in self.led_to(key)? {
                if self.claimed.contains(&session)
                    || seen.len() >= CANDIDATES
                    || !seen.insert(session)
                {
                    continue;
                }
                let found = self.recognised(session, Home::Own, false)?;
                let comes = || sides(self.source, conversation, keys, Home::Own);
                if goes_on(&found.turns, comes())? {
                    return Ok(Some(found));
                }
                let (wanted, timed) = match &mut wanted {
                    Some(wanted) => wanted,
                    none => none.insert((
                        comes()
                            .map(|side| side.map(|side| said(&side)))
                            .collect::<Result<_, _>>()?,
                        is_timed(conversation.said)?,
                    )),
                };
                let shared =
                    found.turns.iter().filter(|(_, side)| wanted.contains(&said(side))).count();
                let shorter = found.turns.len().min(keys.len());
                // What was said at the same times by the same people is the same conversation,
                // also where each export is of another stretch of it.
                // A later version may read some of it in another way, or some was edited: then its
                // moments and speakers are the same.
                let same_ids = || {
                    let ids: HashSet<_> =
                        keys.iter().map(|key| self.stored(conversation, key)).collect();
                    let known = found.turns.iter().map(|(_, side)| side);
                    known.filter(|side| side.has_id && ids.contains(&side.key)).count()
                };
                let enough = shared == shorter
                    || *timed && shared >= 3 && shared * 20 >= shorter
                    || *timed && shared > 0 && same_ids() == shorter;
                if shared > 0 && enough {
                    return Ok(Some(found));
                }
            }
        }
        self.merged_by_content(keys)
    }

    fn stored(&self, conversation: Coming<'_>, key: &Key) -> StoredKey {
        Home::Own.stored(self.source, conversation.id(), key)
    }

    /// The session that a conversation without an id was merged into: it ended with one of these.
    fn merged_by_content(&self, keys: &[Key]) -> Result<Option<Recognised>, MemoryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT source_id, session_id FROM merged_sessions
             WHERE source = ?1 AND source_id >= ?2 AND source_id < ?3",
        )?;
        let any = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM merged_sessions WHERE source = ?1)")?
            .query_row([self.source], |row| row.get::<_, bool>(0))?;
        if !any {
            return Ok(None);
        }
        for key in keys.iter().rev() {
            let mut identity = BY_CONTENT.to_owned();
            for byte in key {
                let _ = write!(identity, "{byte:02x}");
            }
            let (from, until) = (format!("{identity}:"), format!("{identity};"));
            let found = statement
                .query_row(params![self.source, from, until], |row| {
                    Ok((row.get::<_, String>(0)?, row.get(1).map(SessionId)?))
                })
                .optional()?;
            if let Some((identity, session)) = found {
                return self.recognised(session, Home::merged(&identity), false).map(Some);
            }
        }
        Ok(None)
    }

    /// The sessions of this source that a key leads to, and of one that the same files were taken for.
    fn led_to(&self, key: &Key) -> Result<Vec<SessionId>, MemoryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT k.session_id FROM session_keys k JOIN sessions s ON s.id = k.session_id
             WHERE k.key = ?1 AND s.source IN (?2, ?3) ORDER BY k.session_id",
        )?;
        let before = TAKEN_FOR.iter().find(|(source, _)| *source == self.source);
        let before = before.map_or(self.source, |(_, before)| before);
        let rows = statement
            .query_map(params![key, self.source, before], |row| row.get(0).map(SessionId))?;
        let mut sessions: Vec<SessionId> = rows.collect::<Result<_, _>>()?;
        sessions.extend(self.imagined.sessions_with(self.source, key));
        Ok(sessions)
    }

    fn recognised(
        &self,
        session: SessionId,
        home: Home,
        under_another_id: bool,
    ) -> Result<Recognised, MemoryError> {
        let turns = match self.imagined.turns(session, home) {
            Some(turns) => turns.to_vec(),
            None => stored(self.connection, session)?,
        };
        let turns = turns.into_iter().filter(|(_, side)| home.holds(&side.key)).collect();
        Ok(Recognised { session, home, turns, under_another_id })
    }
}

/// A session without an id and without turns, of a title and, if it is given, of the time at which it
/// was remembered, which is not claimed: all there is to know one by.
pub(super) fn empty_session(
    connection: &Connection,
    source: &str,
    title: Option<&str>,
    remembered_at: Option<Timestamp>,
    claimed: &HashSet<SessionId>,
) -> Result<Option<SessionId>, MemoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM sessions s
         WHERE source = ?1 AND source_id IS NULL AND title IS ?2
           AND (?3 IS NULL OR remembered_at_ms = ?3)
           AND NOT EXISTS (SELECT 1 FROM turns WHERE session_id = s.id) ORDER BY id",
    )?;
    let remembered_at = remembered_at.map(Timestamp::as_millis);
    let found = statement
        .query_map(params![source, title, remembered_at], |row| row.get(0).map(SessionId))?;
    for session in found {
        let session = session?;
        if !claimed.contains(&session) {
            return Ok(Some(session));
        }
    }
    Ok(None)
}

/// The turns of a session as the memory holds them.
fn stored(connection: &Connection, session: SessionId) -> Result<Vec<(TurnId, Side)>, MemoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT t.id, t.key, t.source_id IS NOT NULL, t.said_at_ms, t.role, t.kind, s.name, t.text
         FROM turns t JOIN speakers s ON s.id = t.speaker_id
         WHERE t.session_id = ?1 ORDER BY t.position",
    )?;
    let rows = statement.query_map([session.0], |row| {
        let role = Role::parse(row.get_ref(4)?.as_str()?).unwrap_or(Role::User);
        let kind = Kind::parse(row.get_ref(5)?.as_str()?).unwrap_or(Kind::Message);
        let who = who(role, kind, row.get_ref(6)?.as_str()?);
        let key: StoredKey = row.get(1)?;
        let side = Side {
            key,
            has_id: row.get(2)?,
            who,
            content: content(&who, row.get_ref(7)?.as_str()?),
            said_at_ms: row.get(3)?,
        };
        Ok((TurnId(row.get(0)?), side))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The turns of a conversation that comes.
pub(super) fn sides<'c>(
    source: &'static str,
    conversation: Coming<'c>,
    keys: &'c [Key],
    home: Home,
) -> impl Iterator<Item = Result<Side, MemoryError>> + 'c {
    conversation.said.tell().zip(keys).map(move |(turn, key)| {
        let turn = turn?;
        let who = who(turn.role, turn.kind, &turn.speaker);
        Ok(Side {
            key: home.stored(source, conversation.id(), key),
            has_id: turn.source_id.is_some(),
            who,
            content: content(&who, &turn.text),
            said_at_ms: turn.said_at.map(Timestamp::as_millis),
        })
    })
}
