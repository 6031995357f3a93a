//! Embeddings at rest: which are pending, storing what was made, reading what is new.

use super::append::{encoder_id, insert_embedding};
use super::{Memory, MemoryError};
use crate::conversation::{Embedding, Encoded, TurnId};
use half::f16;
use half::slice::HalfFloatSliceExt;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::HashSet;

/// A turn whose embedding is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The turn.
    pub turn: TurnId,
    /// Who spoke.
    pub speaker: String,
    /// What was said.
    pub text: String,
}

/// An embedding as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodedTurn {
    /// Grows with each stored embedding.
    pub sequence: i64,
    /// The turn.
    pub turn: TurnId,
    /// Its embedding.
    pub embedding: Embedding,
}

/// How far the stored embeddings are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EmbeddingState {
    /// The sequence number of the embedding stored last; 0 where there is none.
    pub sequence: i64,
    /// How often one was taken away; only grows.
    pub removals: i64,
}

impl Memory {
    /// How many turns still wait for their embedding.
    pub fn pending_count(&self) -> Result<u64, MemoryError> {
        self.read(|connection| {
            Ok(connection.query_row("SELECT count(*) FROM pending_embeddings", [], |row| {
                row.get::<_, i64>(0).map(|n| n as u64)
            })?)
        })
    }

    /// Turns that wait for their embedding, newest first.
    pub fn pending(&self, limit: usize) -> Result<Vec<Pending>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT t.id, s.name, t.text FROM pending_embeddings p
                 JOIN turns t ON t.id = p.turn_id JOIN speakers s ON s.id = t.speaker_id
                 ORDER BY p.turn_id DESC LIMIT ?1",
            )?;
            let rows = statement.query_map([limit as i64], |row| {
                Ok(Pending { turn: TurnId(row.get(0)?), speaker: row.get(1)?, text: row.get(2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Stores embeddings, in one transaction. Those of turns that are gone meanwhile, or were made
    /// by another process, are passed over.
    pub fn store_embeddings(
        &self,
        encoder: &str,
        encoded: &[(TurnId, Encoded)],
    ) -> Result<(), MemoryError> {
        let Some((_, first)) = encoded.first() else { return Ok(()) };
        self.write(|connection| {
            let encoder = encoder_id(connection, encoder, first.embedding.dim())?;
            let mut delete =
                connection.prepare_cached("DELETE FROM pending_embeddings WHERE turn_id = ?1")?;
            for (turn, encoded) in encoded {
                if delete.execute([turn.0])? > 0 {
                    insert_embedding(connection, *turn, encoder, encoded)?;
                }
            }
            Ok(())
        })
    }

    /// What an index compares itself with, to see whether it is in step.
    pub fn embedding_state(&self) -> Result<EmbeddingState, MemoryError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT coalesce((SELECT max(sequence) FROM embeddings), 0),
                            (SELECT count FROM removals)",
                )?
                .query_row([], |row| {
                    Ok(EmbeddingState { sequence: row.get(0)?, removals: row.get(1)? })
                })?)
        })
    }

    /// Every turn that has an embedding.
    pub fn encoded_turns(&self) -> Result<HashSet<TurnId>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT turn_id FROM embeddings")?;
            let rows = statement.query_map([], |row| row.get(0).map(TurnId))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Feeds every embedding of an encoder after a sequence number to `visit`, in order; returns
    /// the last sequence number seen.
    pub fn embeddings_after(
        &self,
        encoder: &str,
        sequence: i64,
        mut visit: impl FnMut(EncodedTurn),
    ) -> Result<i64, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT e.sequence, e.turn_id, e.vector FROM embeddings e
                 WHERE e.sequence > ?1
                   AND e.encoder_id = (SELECT id FROM encoders WHERE name = ?2)
                 ORDER BY e.sequence",
            )?;
            let mut rows = statement.query(params![sequence, encoder])?;
            let mut last = sequence;
            while let Some(row) = rows.next()? {
                let encoded = encoded_turn(row)?;
                last = encoded.sequence;
                visit(encoded);
            }
            Ok(last)
        })
    }

    /// The stored embeddings of turns, in the order of `turns`; `None` where there is none of this
    /// encoder.
    pub fn embeddings_of(
        &self,
        encoder: &str,
        turns: &[TurnId],
    ) -> Result<Vec<Option<Embedding>>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT sequence, turn_id, vector FROM embeddings
                 WHERE turn_id = ?1
                   AND encoder_id = (SELECT id FROM encoders WHERE name = ?2)",
            )?;
            turns
                .iter()
                .map(|turn| {
                    let mut rows = statement.query(params![turn.0, encoder])?;
                    Ok(match rows.next()? {
                        Some(row) => Some(encoded_turn(row)?.embedding),
                        None => None,
                    })
                })
                .collect()
        })
    }
}

impl Memory {
    /// The codes of the tokens of turns, in the order of `turns`; empty where there are none of
    /// this encoder.
    pub fn token_codes(
        &self,
        encoder: &str,
        turns: &[TurnId],
    ) -> Result<Vec<Vec<u8>>, MemoryError> {
        self.read(|connection| {
            let encoder: Option<i64> = connection
                .prepare_cached("SELECT id FROM encoders WHERE name = ?1")?
                .query_row([encoder], |row| row.get(0))
                .optional()?;
            let mut statement = connection.prepare_cached(
                "SELECT tokens FROM embeddings WHERE turn_id = ?1 AND encoder_id = ?2",
            )?;
            turns
                .iter()
                .map(|turn| {
                    let mut rows = statement.query(params![turn.0, encoder])?;
                    Ok(match rows.next()? {
                        Some(row) => row.get(0)?,
                        None => Vec::new(),
                    })
                })
                .collect()
        })
    }
}

/// A vector as it is stored: see the migration that makes the table.
pub(super) fn half_bytes(embedding: &Embedding) -> Vec<u8> {
    embedding.as_slice().iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect()
}

/// A stored vector as an embedding.
pub(super) fn embedding_of(bytes: &[u8]) -> Embedding {
    let halves: Vec<f16> =
        bytes.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]])).collect();
    let mut vector = vec![0.0; halves.len()];
    halves.convert_to_f32_slice(&mut vector);
    Embedding::raw(vector)
}

fn encoded_turn(row: &Row<'_>) -> Result<EncodedTurn, rusqlite::Error> {
    Ok(EncodedTurn {
        sequence: row.get(0)?,
        turn: TurnId(row.get(1)?),
        embedding: embedding_of(row.get_ref(2)?.as_blob()?),
    })
}
