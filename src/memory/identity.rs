//! Which imported turns are the same one: their keys.
//!
//! A message with an id of its own is known by it. One without is known by its time, speaker and
//! words where it has a time, and else by everything said up to it. Does not own the matching of
//! what is known with what comes (`reconcile`).

use super::MemoryError;
use super::append::{Key, key_of};
use super::merge::{elsewhere, suffix};
use crate::conversation::{Kind, NewTurn, Role, Said, Timestamp};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use std::collections::HashMap;

/// A turn's key as its row holds it: as long as a [`Key`] in its own session, longer in one that
/// its session was merged into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct StoredKey {
    bytes: [u8; 24],
    length: u8,
}

impl StoredKey {
    fn new(parts: [&[u8]; 2]) -> Self {
        let mut bytes = [0; 24];
        let whole = parts[0].iter().chain(parts[1]).take(bytes.len());
        let length = whole.zip(&mut bytes).map(|(from, to)| *to = *from).count() as u8;
        Self { bytes, length }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl ToSql for StoredKey {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_slice())))
    }
}

impl FromSql for StoredKey {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self::new([value.as_blob()?, &[]]))
    }
}

/// Where the turns of a conversation stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Home {
    /// In a session of their own.
    Own,
    /// In a session that theirs was merged into; the end of their keys there.
    Merged([u8; 8]),
}

impl Home {
    /// The home of what was merged under an identity.
    pub(super) fn merged(identity: &str) -> Self {
        Self::Merged(suffix(identity))
    }

    /// The key that a turn has there.
    pub(super) fn stored(self, source: &str, conversation: Option<&str>, key: &Key) -> StoredKey {
        match self {
            Self::Own => StoredKey::new([key, &[]]),
            Self::Merged(suffix) => {
                StoredKey::new([&elsewhere(source, conversation, key), &suffix])
            }
        }
    }

    /// Whether a stored key is of a turn that stands there.
    pub(super) fn holds(self, key: &StoredKey) -> bool {
        match self {
            Self::Own => usize::from(key.length) == size_of::<Key>(),
            Self::Merged(suffix) => {
                key.as_slice()[size_of::<Key>().min(key.length.into())..] == suffix
            }
        }
    }
}

/// The key of each turn of a conversation.
///
/// A file's id that stands twice with different contents is two turns; the same words of the same
/// speaker at the same time, said twice, are two as well.
pub(super) fn keys_of(said: &dyn Said) -> Result<Vec<Key>, MemoryError> {
    let mut keys = Vec::with_capacity(said.count());
    let mut chained = false;
    for turn in said.tell() {
        let turn = turn?;
        keys.push(match (turn.source_id.as_deref(), clock(&turn)) {
            (Some(id), _) => key_of(&[b"id", id.as_bytes()]),
            (None, Some(clock)) => timed(&clock, turn.role.as_str(), &turn.speaker, &turn.text),
            (None, None) => {
                chained = true;
                Key::default()
            }
        });
    }
    let again = repeated(&keys);
    // Hashing all that was said is only worth it where something hangs on it.
    if chained || !again.is_empty() {
        settle(said, &mut keys, &again)?;
    }
    Ok(keys)
}

/// The places of turns whose key stands before them already, in their order; each with the place of
/// the first one that has it.
pub(super) fn repeated(keys: &[Key]) -> Vec<(u32, u32)> {
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    order.sort_unstable_by_key(|at| (keys[*at as usize], *at));
    let mut again = Vec::new();
    for same in order.chunk_by(|a, b| keys[*a as usize] == keys[*b as usize]) {
        let (first, others) = same.split_first().map_or((0, same), |(first, rest)| (*first, rest));
        let unchained = keys[first as usize] != Key::default();
        again.extend(others.iter().filter(|_| unchained).map(|at| (*at, first)));
    }
    again.sort_unstable();
    again
}

/// Tells apart turns that have the same key so far, and gives those their keys that have neither an
/// id nor a time.
fn settle(said: &dyn Said, keys: &mut [Key], again: &[(u32, u32)]) -> Result<(), MemoryError> {
    let mut chain = Key::default();
    // What stands under an id first, and how often the words of a moment were said.
    let mut firsts: HashMap<u32, (Key, u64)> =
        again.iter().map(|(_, first)| (*first, (Key::default(), 1))).collect();
    let mut again = again.iter().copied().peekable();
    let chains = keys.contains(&Key::default());
    for (at, turn) in said.tell().enumerate() {
        let turn = turn?;
        let text = turn.text.as_bytes();
        if chains {
            chain = key_of(&[&chain, turn.role.as_str().as_bytes(), turn.speaker.as_bytes(), text]);
        }
        let first = again.next_if(|(place, _)| *place == at as u32).map(|(_, first)| first);
        let stands = || key_of(&[turn.kind.as_str().as_bytes(), text]);
        if let Some(first) = first.and_then(|first| firsts.get_mut(&first)) {
            match turn.source_id.as_deref() {
                Some(_) if first.0 == stands() => {}
                Some(id) => {
                    let kind = turn.kind.as_str().as_bytes();
                    keys[at] = key_of(&[b"id", id.as_bytes(), kind, text]);
                }
                None => {
                    first.1 += 1;
                    keys[at] = key_of(&[&keys[at], &first.1.to_le_bytes()]);
                }
            }
        } else if let Some(first) = firsts.get_mut(&(at as u32)) {
            first.0 = stands();
        } else if keys[at] == Key::default() {
            keys[at] = chain;
        }
    }
    Ok(())
}

/// The key of a turn that is known by its time, the first time that it stands there.
fn timed(clock: &[u8], role: &str, speaker: &str, text: &str) -> Key {
    key_of(&[b"at", clock, role.as_bytes(), speaker.as_bytes(), text.as_bytes()])
}

/// The key that a turn without an id had before an import gave it another text, where its time is
/// known: an older file brings it under that.
pub(super) fn earlier(
    said_at_text: Option<&str>,
    said_at_ms: Option<i64>,
    role: &str,
    speaker: &str,
    text: &str,
) -> Option<Key> {
    Some(timed(&clock_of(said_at_text, said_at_ms)?, role, speaker, text))
}

/// When a turn was said, as its file tells it.
fn clock(turn: &NewTurn) -> Option<Vec<u8>> {
    clock_of(turn.said_at_text.as_deref(), turn.said_at.map(Timestamp::as_millis))
}

/// The file's own words for a time, which stay the same whatever zone they are read in; else the
/// instant.
fn clock_of(said_at_text: Option<&str>, said_at_ms: Option<i64>) -> Option<Vec<u8>> {
    match (said_at_text, said_at_ms) {
        (Some(text), _) => Some(text.as_bytes().to_vec()),
        (None, Some(at)) => Some(at.to_le_bytes().to_vec()),
        (None, None) => None,
    }
}

/// Whether every turn is known by its time rather than by its place.
pub(super) fn is_timed(said: &dyn Said) -> Result<bool, MemoryError> {
    for turn in said.tell() {
        let turn = turn?;
        if turn.source_id.is_none() && clock(&turn).is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Who says something, as a hash.
pub(super) fn who(role: Role, kind: Kind, speaker: &str) -> Key {
    key_of(&[role.as_str().as_bytes(), kind.as_str().as_bytes(), speaker.as_bytes()])
}

/// Who says what, as a hash.
pub(super) fn content(who: &Key, text: &str) -> Key {
    key_of(&[who, text.as_bytes()])
}
