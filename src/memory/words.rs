//! The words of turns: full-text candidates, and how rare a word is.

use super::{Memory, MemoryError};
use crate::conversation::{Kind, TurnId};
use crate::language;
use rusqlite::{Connection, OptionalExtension, params};

/// A turn that holds some of the words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WordMatch {
    /// The turn.
    pub turn: TurnId,
    /// `SQLite`'s BM25 over speaker and text; larger is better.
    pub score: f32,
}

impl Memory {
    /// How many turns hold each of `terms`, in their order.
    pub fn document_frequencies(&self, terms: &[String]) -> Result<Vec<u64>, MemoryError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT doc FROM word_counts WHERE term = ?1")?;
            terms
                .iter()
                .map(|term| {
                    Ok(statement
                        .query_row([term], |row| row.get::<_, i64>(0))
                        .optional()?
                        .unwrap_or(0) as u64)
                })
                .collect()
        })
    }

    /// The term of this memory that a misspelt one most likely means: one letter off, in longer terms two;
    /// of several the nearest, then the most frequent. The first two letters must be right.
    pub fn like_term(&self, term: &str) -> Result<Option<String>, MemoryError> {
        let letters = term.len();
        let reach = match letters {
            0..4 => return Ok(None),
            4..8 => 1,
            _ => 2,
        };
        if !term.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Ok(None);
        }
        let (from, to) = (&term[..2], format!("{}{{", &term[..2]));
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT term, doc FROM word_counts WHERE term >= ?1 AND term < ?2",
            )?;
            let mut rows = statement.query([from, &to])?;
            let mut best: Option<(usize, i64, String)> = None;
            while let Some(row) = rows.next()? {
                let known: String = row.get(0)?;
                if known.len().abs_diff(letters) > reach {
                    continue;
                }
                let distance = strsim::osa_distance(term, &known);
                let found: i64 = row.get(1)?;
                let nearer =
                    |(least, most, _): &(usize, i64, String)| (distance, -found) < (*least, -*most);
                if distance <= reach && best.as_ref().is_none_or(nearer) {
                    best = Some((distance, found, known));
                }
            }
            Ok(best.map(|(_, _, term)| term))
        })
    }

    /// The best turns for any of `terms` (as [`crate::language::index_terms`] makes them), best
    /// first, at most `limit`. With `prefix`, the last term may go on: somebody is still typing it.
    pub fn word_matches(
        &self,
        terms: &[String],
        prefix: bool,
        limit: usize,
    ) -> Result<Vec<WordMatch>, MemoryError> {
        self.matches(
            "SELECT rowid, -rank FROM words WHERE words MATCH ?1 ORDER BY rank LIMIT ?2",
            terms,
            prefix,
            limit,
        )
    }

    /// The same among what is folded away: reasoning, tool calls and their results.
    pub fn folded_word_matches(
        &self,
        terms: &[String],
        prefix: bool,
        limit: usize,
    ) -> Result<Vec<WordMatch>, MemoryError> {
        self.matches(
            "SELECT rowid, -rank FROM folded_words WHERE folded_words MATCH ?1
             ORDER BY rank LIMIT ?2",
            terms,
            prefix,
            limit,
        )
    }

    fn matches(
        &self,
        sql: &'static str,
        terms: &[String],
        prefix: bool,
        limit: usize,
    ) -> Result<Vec<WordMatch>, MemoryError> {
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        // Terms hold letters and digits only, so quoting cannot be escaped from.
        let mut expression =
            terms.iter().map(|term| format!("\"{term}\"")).collect::<Vec<_>>().join(" OR ");
        if prefix {
            expression.push('*');
        }
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map(params![expression, limit as i64], |row| {
                Ok(WordMatch { turn: TurnId(row.get(0)?), score: row.get::<_, f64>(1)? as f32 })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// The words of a turn, as the full text takes them.
#[derive(Debug)]
pub(super) struct Words {
    speaker: String,
    text: String,
}

impl Words {
    pub(super) fn of(speaker: &str, text: &str) -> Self {
        Self { speaker: language::index_terms(speaker), text: language::index_terms(text) }
    }
}

/// Adds the words of a turn: those of what is folded away stand by themselves.
pub(super) fn insert(
    connection: &Connection,
    turn: TurnId,
    kind: Kind,
    words: &Words,
) -> Result<(), MemoryError> {
    let sql = if kind.is_said() {
        "INSERT INTO words (rowid, speaker, text) VALUES (?1, ?2, ?3)"
    } else {
        "INSERT INTO folded_words (rowid, speaker, text) VALUES (?1, ?2, ?3)"
    };
    connection.prepare_cached(sql)?.execute(params![turn.0, words.speaker, words.text])?;
    Ok(())
}

/// Takes out the words of a turn. The tables keep no copy of the text, so they must be told the same
/// words again; a turn that they do not hold is passed over, since its totals would be wrong after.
pub(super) fn delete(
    connection: &Connection,
    turn: TurnId,
    kind: Kind,
    speaker: &str,
    text: &str,
) -> Result<(), MemoryError> {
    let (held, delete) = if kind.is_said() {
        (
            "SELECT 1 FROM words_docsize WHERE id = ?1",
            "INSERT INTO words (words, rowid, speaker, text) VALUES ('delete', ?1, ?2, ?3)",
        )
    } else {
        (
            "SELECT 1 FROM folded_words_docsize WHERE id = ?1",
            "INSERT INTO folded_words (folded_words, rowid, speaker, text)
             VALUES ('delete', ?1, ?2, ?3)",
        )
    };
    if connection.prepare_cached(held)?.exists([turn.0])? {
        let words = Words::of(speaker, text);
        connection.prepare_cached(delete)?.execute(params![turn.0, words.speaker, words.text])?;
    }
    Ok(())
}
