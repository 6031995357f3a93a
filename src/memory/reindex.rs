//! Making derived state anew: the words from the turns, the embeddings by the same or another
//! encoder.
//!
//! New embeddings gather beside those that answer, and take their place all at once. Owns where
//! they stand meanwhile; making them is `assistant`'s.

use super::append::encoder_id;
use super::embeddings::half_bytes;
use super::words::Words;
use super::{Memory, MemoryError, Pending, words};
use crate::conversation::{Encoded, Kind, TurnId};
use rusqlite::{Connection, OptionalExtension, params};

/// Embeddings that are being made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coming {
    /// By which encoder.
    pub encoder: String,
    /// How many are made.
    pub made: u64,
    /// How many turns want one.
    pub wanted: u64,
}

impl Memory {
    /// The name of the encoder whose embeddings answer; `None` where there is no embedding yet.
    pub fn encoder_name(&self) -> Result<Option<String>, MemoryError> {
        self.read(|connection| {
            Ok(connection
                .query_row(
                    "SELECT name FROM encoders
                     WHERE id = (SELECT encoder_id FROM embeddings LIMIT 1)",
                    [],
                    |row| row.get(0),
                )
                .optional()?)
        })
    }

    /// Makes the words of all turns anew, in one transaction: whoever searches meanwhile, searches
    /// the old ones. Returns how many turns were read.
    pub fn rebuild_words(&self, go_on: &mut dyn FnMut(u64) -> bool) -> Result<u64, MemoryError> {
        self.write(|connection| rebuild_words(connection, go_on))
    }

    /// The embeddings that are being made anew, if any are.
    pub fn coming(&self) -> Result<Option<Coming>, MemoryError> {
        self.read(|connection| {
            Ok(connection
                .query_row(
                    "SELECT e.name, (SELECT count(*) FROM coming_embeddings),
                            (SELECT count(*) FROM turns WHERE kind NOT IN ('reasoning', 'tool'))
                     FROM encoders e
                     WHERE e.id = (SELECT encoder_id FROM coming_embeddings LIMIT 1)",
                    [],
                    |row| {
                        Ok(Coming {
                            encoder: row.get(0)?,
                            made: row.get::<_, i64>(1)? as u64,
                            wanted: row.get::<_, i64>(2)? as u64,
                        })
                    },
                )
                .optional()?)
        })
    }

    /// Drops what another encoder than this one has begun to make anew.
    pub fn begin_coming(&self, encoder: &str) -> Result<(), MemoryError> {
        self.write(|connection| {
            connection.execute(
                "DELETE FROM coming_embeddings WHERE encoder_id NOT IN
                    (SELECT id FROM encoders WHERE name = ?1)",
                [encoder],
            )?;
            drop_unused_encoders(connection)
        })
    }

    /// Turns before `before` that have no new embedding yet, newest first.
    pub fn without_coming(
        &self,
        before: Option<TurnId>,
        limit: usize,
    ) -> Result<Vec<Pending>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT t.id, s.name, t.text FROM turns t JOIN speakers s ON s.id = t.speaker_id
                 WHERE t.id < ?1 AND t.kind NOT IN ('reasoning', 'tool')
                   AND NOT EXISTS (SELECT 1 FROM coming_embeddings WHERE turn_id = t.id)
                 ORDER BY t.id DESC LIMIT ?2",
            )?;
            let before = before.map_or(i64::MAX, |turn| turn.0);
            let rows = statement.query_map(params![before, limit as i64], |row| {
                Ok(Pending { turn: TurnId(row.get(0)?), speaker: row.get(1)?, text: row.get(2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps new embeddings, in one transaction. Turns that are gone meanwhile are passed over.
    pub fn store_coming(
        &self,
        encoder: &str,
        encoded: &[(TurnId, Encoded)],
    ) -> Result<(), MemoryError> {
        let Some((_, first)) = encoded.first() else { return Ok(()) };
        self.write(|connection| {
            let encoder = encoder_id(connection, encoder, first.embedding.dim())?;
            let mut insert = connection.prepare_cached(
                "INSERT OR REPLACE INTO coming_embeddings (turn_id, encoder_id, vector, tokens)
                 SELECT id, ?2, ?3, ?4 FROM turns WHERE id = ?1",
            )?;
            for (turn, encoded) in encoded {
                let vector = half_bytes(&encoded.embedding);
                insert.execute(params![turn.0, encoder, vector, encoded.tokens.codes()])?;
            }
            Ok(())
        })
    }

    /// Puts the new embeddings in the place of the old ones, in one transaction. Returns `false`,
    /// and changes nothing, where a turn has none yet: somebody spoke meanwhile.
    pub fn finish_coming(&self) -> Result<bool, MemoryError> {
        self.write(|connection| {
            let missing: bool = connection.query_row(
                "SELECT EXISTS (SELECT 1 FROM turns t WHERE kind NOT IN ('reasoning', 'tool')
                    AND NOT EXISTS (SELECT 1 FROM coming_embeddings WHERE turn_id = t.id))",
                [],
                |row| row.get(0),
            )?;
            if missing {
                return Ok(false);
            }
            connection.execute("DELETE FROM embeddings", [])?;
            connection.execute(
                "INSERT INTO embeddings (turn_id, encoder_id, vector, tokens)
                 SELECT c.turn_id, c.encoder_id, c.vector, c.tokens
                 FROM coming_embeddings c JOIN turns t ON t.id = c.turn_id
                 WHERE t.kind NOT IN ('reasoning', 'tool') ORDER BY c.turn_id",
                [],
            )?;
            connection.execute("DELETE FROM coming_embeddings", [])?;
            connection.execute("DELETE FROM pending_embeddings", [])?;
            drop_unused_encoders(connection)?;
            Ok(true)
        })
    }
}

fn drop_unused_encoders(connection: &Connection) -> Result<(), MemoryError> {
    connection.execute(
        "DELETE FROM encoders WHERE NOT EXISTS
            (SELECT 1 FROM embeddings WHERE encoder_id = encoders.id)
         AND NOT EXISTS (SELECT 1 FROM coming_embeddings WHERE encoder_id = encoders.id)",
        [],
    )?;
    Ok(())
}

/// See [`Memory::rebuild_words`].
pub(super) fn rebuild_words(
    connection: &Connection,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Result<u64, MemoryError> {
    // Not row by row: that would ask for the old words, which may be what is wrong.
    connection.execute("INSERT INTO words (words) VALUES ('delete-all')", [])?;
    connection.execute("INSERT INTO folded_words (folded_words) VALUES ('delete-all')", [])?;
    let mut statement = connection.prepare(
        "SELECT t.id, t.kind, s.name, t.text FROM turns t JOIN speakers s ON s.id = t.speaker_id
         ORDER BY t.id",
    )?;
    let mut rows = statement.query([])?;
    let mut read = 0;
    while let Some(row) = rows.next()? {
        let kind: String = row.get(1)?;
        let kind = Kind::parse(&kind).unwrap_or(Kind::Message);
        let (speaker, text): (String, String) = (row.get(2)?, row.get(3)?);
        words::insert(connection, TurnId(row.get(0)?), kind, &Words::of(&speaker, &text))?;
        read += 1;
        if read % 1000 == 0 && !go_on(read) {
            return Err(MemoryError::Stopped);
        }
    }
    Ok(read)
}
