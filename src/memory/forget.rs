//! Forgetting: choosing turns, taking them out with all that tells of them, and leaving no trace of
//! them in the file.
//!
//! Owns: which turns a filter means, the answers that go with them, titles that were made of them,
//! and the cleaning of pages and log. Does not own: what goes with a turn ([`super::remove`]) and
//! what keeps an import from bringing it back ([`super::tombstones`]).
//!
//! A message that was edited still has its earlier wordings here, as long as the import that edited
//! it can be undone: it is forgotten with all of them, whichever of them is meant.
//!
//! An answer that rests on a forgotten turn goes whole. It could be kept with its quote blacked
//! out; but an answer is a stretch of the turn that it rests on, or made of one, so what is left of
//! it would either still tell or tell nothing.

use super::reindex::rebuild_words;
use super::remove::{Removed, remove_turns};
use super::{Memory, MemoryError, checksums, lock, tombstones, waiting};
use crate::conversation::{ImportId, SessionId, Timestamp, TurnId};
use rusqlite::{Connection, OptionalExtension, named_params, params};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

/// What is to be forgotten: the turns for which all that is given holds. Nothing given means
/// nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForgetFilter {
    /// One of these turns.
    pub turns: Option<Vec<TurnId>>,
    /// A turn of one of these sessions.
    pub sessions: Option<Vec<SessionId>>,
    /// A turn of a session with this source.
    pub source: Option<String>,
    /// Said by this speaker, now or before an import replaced it; case does not matter.
    pub speaker: Option<String>,
    /// Added by this import.
    pub import: Option<ImportId>,
    /// Holds this text, or held it before an import replaced it; case does not matter.
    pub text: Option<String>,
    /// Said at this instant or later.
    pub since: Option<Timestamp>,
    /// Said before this instant.
    pub until: Option<Timestamp>,
}

impl ForgetFilter {
    /// Whether nothing is given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The turns that a filter means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The turns for which it holds, oldest first.
    pub turns: Vec<TurnId>,
    /// The answers that rest on one of them, or on such an answer.
    pub answers: Vec<TurnId>,
    /// The sessions in which they stand.
    pub sessions: u64,
    /// Those of which nothing would be left.
    pub whole_sessions: u64,
    /// The text of the filter: titles that hold it are not kept.
    text: Option<String>,
    /// The speaker of the filter.
    speaker: Option<String>,
}

impl Chosen {
    /// Whether there is nothing to forget.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }
}

/// What was forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// What is gone.
    pub removed: Removed,
    /// Names and titles of sessions that were made of what is gone, or held it: taken away.
    pub titles: u64,
}

impl Memory {
    /// Which turns a filter means, with the answers that rest on them.
    pub fn choose(&self, filter: &ForgetFilter) -> Result<Chosen, MemoryError> {
        if filter.is_empty() {
            return Ok(Chosen::default());
        }
        self.read(|connection| {
            let turns = matching(connection, filter)?;
            let answers = answers_on(connection, &turns)?;
            let (sessions, whole_sessions) = sessions_of(connection, &turns, &answers)?;
            let folded = |text: &Option<String>| text.as_deref().map(str::to_lowercase);
            let (text, speaker) = (folded(&filter.text), folded(&filter.speaker));
            Ok(Chosen { turns, answers, sessions, whole_sessions, text, speaker })
        })
    }

    /// Takes chosen turns out of memory with the answers that rest on them, in one transaction:
    /// their words, embeddings and citations, sessions and speakers of whom nothing is left, titles
    /// that were made of them. A later import does not bring them back. The file may still hold
    /// traces of them until [`Memory::clean`].
    pub fn forget(&self, chosen: &Chosen, now: Timestamp) -> Result<Forgotten, MemoryError> {
        self.write(|connection| {
            let mut turns = chosen.turns.clone();
            turns.extend(answers_on(connection, &turns)?);
            let titles = forget_titles(connection, &turns, chosen.text.as_deref())?;
            for turn in &turns {
                tombstones::bury(connection, *turn, now)?;
            }
            let imports = imports_of(connection, &turns)?;
            let changed = checksums::any_changed(connection, &turns)?;
            let removed = remove_turns(connection, &turns)?;
            if changed {
                // Words are taken out by what the text says now, which is not what they came from.
                rebuild_words(connection, &mut |_| true)?;
            }
            let words = [chosen.text.as_deref(), chosen.speaker.as_deref()];
            forget_inputs(connection, &imports, words.into_iter().flatten())?;
            Ok(Forgotten { removed, titles })
        })
    }

    /// Leaves nothing of what was taken out in the file and its log: merges the index of words,
    /// writes the file anew and empties the log. Says `false` where another process reads at the
    /// moment, which keeps the log until it ends; the change itself is durable in any case.
    ///
    /// Overwriting what is freed (`secure_delete`) is not enough: where a page of the file was split
    /// or filled again, a copy can be left in the part of it that is in no use.
    pub fn clean(&self) -> Result<bool, MemoryError> {
        /// A memory up to this size is written anew without a temporary file.
        const IN_MEMORY: u64 = 256 << 20;
        lock(&self.readers).clear();
        let bytes = self.bytes();
        let _turn = self.queue.wait()?;
        let mut writer = lock(&self.writer);
        writer.execute_batch(
            "INSERT INTO words (words) VALUES ('optimize');
             INSERT INTO folded_words (folded_words) VALUES ('optimize');",
        )?;
        if self.path.is_none() {
            return Ok(true);
        }
        let store = if bytes > IN_MEMORY { "FILE" } else { "MEMORY" };
        writer.pragma_update(None, "temp_store", store)?;
        let vacuumed = writer.execute_batch("VACUUM");
        writer.pragma_update(None, "temp_store", "MEMORY")?;
        vacuumed?;
        writer.busy_timeout(Duration::from_secs(1))?;
        let kept =
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        waiting::be_patient(&mut writer)?;
        Ok(kept? == 0)
    }
}

/// Ids as SQLite's `json_each` takes them.
fn list(ids: impl Iterator<Item = i64>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    format!("[{}]", ids.join(","))
}

fn matching(connection: &Connection, filter: &ForgetFilter) -> Result<Vec<TurnId>, MemoryError> {
    let turns = filter.turns.as_ref().map(|ids| list(ids.iter().map(|id| id.0)));
    let sessions = filter.sessions.as_ref().map(|ids| list(ids.iter().map(|id| id.0)));
    let folded = |text: &Option<String>| text.as_deref().map(str::to_lowercase);
    let mut statement = connection.prepare_cached(
        "SELECT t.id FROM turns t JOIN sessions x ON x.id = t.session_id
         WHERE (:turns IS NULL OR t.id IN (SELECT value FROM json_each(:turns)))
           AND (:sessions IS NULL OR t.session_id IN (SELECT value FROM json_each(:sessions)))
           AND (:source IS NULL OR x.source = :source)
           AND (:speaker IS NULL OR t.speaker_id IN
                (SELECT id FROM speakers WHERE fold(name) = :speaker)
                OR t.id IN (SELECT turn_id FROM earlier_texts WHERE fold(speaker) = :speaker))
           AND (:import IS NULL OR t.import_id = :import)
           AND (:since IS NULL OR t.said_at_ms >= :since)
           AND (:until IS NULL OR t.said_at_ms < :until)
           AND (:text IS NULL OR instr(fold(t.text), :text) > 0
                OR t.id IN (SELECT turn_id FROM earlier_texts WHERE instr(fold(text), :text) > 0))
         ORDER BY t.id",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":turns": turns,
            ":sessions": sessions,
            ":source": filter.source,
            ":speaker": folded(&filter.speaker),
            ":import": filter.import.map(|id| id.0),
            ":since": filter.since.map(Timestamp::as_millis),
            ":until": filter.until.map(Timestamp::as_millis),
            ":text": folded(&filter.text),
        },
        |row| row.get(0).map(TurnId),
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The answers that rest on turns, or on answers that do; those among the turns are left out.
fn answers_on(connection: &Connection, turns: &[TurnId]) -> Result<Vec<TurnId>, MemoryError> {
    let mut statement =
        connection.prepare_cached("SELECT DISTINCT answer_id FROM citations WHERE turn_id = ?1")?;
    let mut seen: HashSet<TurnId> = turns.iter().copied().collect();
    let mut open = turns.to_vec();
    let mut answers = Vec::new();
    while let Some(turn) = open.pop() {
        for answer in statement.query_map([turn.0], |row| row.get(0).map(TurnId))? {
            let answer = answer?;
            if seen.insert(answer) {
                answers.push(answer);
                open.push(answer);
            }
        }
    }
    answers.sort_unstable();
    Ok(answers)
}

/// In how many sessions turns stand, and of how many nothing would be left.
fn sessions_of(
    connection: &Connection,
    turns: &[TurnId],
    answers: &[TurnId],
) -> Result<(u64, u64), MemoryError> {
    let mut of_turn = connection.prepare_cached("SELECT session_id FROM turns WHERE id = ?1")?;
    let mut going: BTreeMap<i64, i64> = BTreeMap::new();
    for turn in turns.iter().chain(answers) {
        *going.entry(of_turn.query_row([turn.0], |row| row.get(0))?).or_default() += 1;
    }
    let mut all = connection.prepare_cached("SELECT count(*) FROM turns WHERE session_id = ?1")?;
    let mut whole = 0;
    for (session, gone) in &going {
        let there: i64 = all.query_row([session], |row| row.get(0))?;
        whole += u64::from(there == *gone);
    }
    Ok((going.len() as u64, whole))
}

/// Takes away names and titles that were made of turns or hold a text; returns how many. Titles are
/// often the beginning of what was said first, or a few words of it.
fn forget_titles(
    connection: &Connection,
    turns: &[TurnId],
    text: Option<&str>,
) -> Result<u64, MemoryError> {
    let mut titled = connection.prepare_cached(
        "SELECT t.session_id, t.text, x.title, x.name FROM turns t
         JOIN sessions x ON x.id = t.session_id
         WHERE t.id = ?1 AND (x.title IS NOT NULL OR x.name IS NOT NULL)",
    )?;
    let mut sessions: BTreeMap<i64, (bool, bool)> = BTreeMap::new();
    for turn in turns {
        let found = titled
            .query_row([turn.0], |row| {
                let said = row.get::<_, String>(1)?.to_lowercase();
                let told = |title: Option<String>| title.is_some_and(|title| tells(&title, &said));
                Ok((row.get(0)?, told(row.get(2)?), told(row.get(3)?)))
            })
            .optional()?;
        if let Some((session, title, name)) = found {
            let told: &mut (bool, bool) = sessions.entry(session).or_default();
            *told = (told.0 || title, told.1 || name);
        }
    }
    let mut update = connection.prepare_cached(
        "UPDATE sessions SET title = CASE WHEN ?2 THEN NULL ELSE title END,
                name = CASE WHEN ?3 THEN NULL ELSE name END
         WHERE id = ?1",
    )?;
    let mut forgotten = 0;
    for (session, (title, name)) in sessions {
        if title || name {
            update.execute(params![session, title, name])?;
            forgotten += u64::from(title) + u64::from(name);
        }
    }
    forget_earlier_titles(connection, turns)?;
    if let Some(text) = text {
        connection
            .prepare_cached("DELETE FROM earlier_titles WHERE instr(fold(title), ?1) > 0")?
            .execute([text])?;
        for sql in [
            "UPDATE sessions SET title = NULL WHERE instr(fold(title), ?1) > 0",
            "UPDATE sessions SET name = NULL WHERE instr(fold(name), ?1) > 0",
            "DELETE FROM session_tags WHERE instr(fold(tag), ?1) > 0",
        ] {
            forgotten += connection.prepare_cached(sql)?.execute([text])? as u64;
        }
    }
    Ok(forgotten)
}

/// The imports that added turns.
fn imports_of(connection: &Connection, turns: &[TurnId]) -> Result<BTreeSet<i64>, MemoryError> {
    let mut statement = connection
        .prepare_cached("SELECT import_id FROM turns WHERE id = ?1 AND import_id IS NOT NULL")?;
    let mut imports = BTreeSet::new();
    for turn in turns {
        imports.extend(statement.query_row([turn.0], |row| row.get::<_, i64>(0)).optional()?);
    }
    Ok(imports)
}

/// Stands in the record of an import for an input whose name is forgotten.
const FORGOTTEN: &str = "(forgotten)";

/// Takes away the records of imports of which nothing is left, and the names of inputs that hold one
/// of the words: a file or a folder is often named after the person that it is about.
fn forget_inputs<'w>(
    connection: &Connection,
    imports: &BTreeSet<i64>,
    words: impl Iterator<Item = &'w str>,
) -> Result<(), MemoryError> {
    let mut emptied = connection.prepare_cached(
        "DELETE FROM imports WHERE id = ?1
           AND NOT EXISTS (SELECT 1 FROM turns WHERE import_id = ?1)
           AND NOT EXISTS (SELECT 1 FROM sessions WHERE import_id = ?1)
           AND NOT EXISTS (SELECT 1 FROM earlier_texts WHERE import_id = ?1)
           AND NOT EXISTS (SELECT 1 FROM earlier_titles WHERE import_id = ?1)",
    )?;
    for import in imports {
        emptied.execute([import])?;
    }
    let words: Vec<&str> = words.filter(|word| !word.trim().is_empty()).collect();
    if words.is_empty() {
        return Ok(());
    }
    let mut paths = connection.prepare_cached("SELECT id, path FROM imports")?;
    let paths: Vec<(i64, String)> =
        paths.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut rename = connection.prepare_cached("UPDATE imports SET path = ?2 WHERE id = ?1")?;
    for (import, path) in paths {
        let names: Vec<&str> = path
            .lines()
            .map(|line| {
                let folded = line.to_lowercase();
                if words.iter().any(|word| folded.contains(word)) { FORGOTTEN } else { line }
            })
            .collect();
        let names = names.join("\n");
        if names != path {
            rename.execute(params![import, names])?;
        }
    }
    Ok(())
}

/// The same for titles from before an import, which undoing it would bring back.
fn forget_earlier_titles(connection: &Connection, turns: &[TurnId]) -> Result<(), MemoryError> {
    let any: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM earlier_titles)")?
        .query_row([], |row| row.get(0))?;
    if !any {
        return Ok(());
    }
    let mut titled = connection.prepare_cached(
        "SELECT e.session_id, e.import_id, e.title, t.text FROM turns t
         JOIN earlier_titles e ON e.session_id = t.session_id
         WHERE t.id = ?1 AND e.title IS NOT NULL",
    )?;
    let mut delete = connection
        .prepare_cached("DELETE FROM earlier_titles WHERE session_id = ?1 AND import_id = ?2")?;
    for turn in turns {
        let told: Vec<(i64, i64)> = titled
            .query_map([turn.0], |row| {
                let said = row.get::<_, String>(3)?.to_lowercase();
                let told = tells(&row.get::<_, String>(2)?, &said);
                Ok((told, (row.get(0)?, row.get(1)?)))
            })?
            .filter_map(|row| row.map(|(told, key)| told.then_some(key)).transpose())
            .collect::<Result<_, _>>()?;
        for (session, import) in told {
            delete.execute([session, import])?;
        }
    }
    Ok(())
}

/// Whether a title stands in what was said, as one that was cut from it does.
pub(super) fn tells(title: &str, said: &str) -> bool {
    let title = title.to_lowercase();
    let title = title.trim().trim_end_matches(['…', '.']).trim_end();
    title.chars().count() >= 3 && said.contains(title)
}

#[cfg(test)]
mod tests;
