//! Forgetting: what would go, and taking it away for good.

use super::{Assistant, AssistantError};
use crate::conversation::{SessionId, TurnId};
use crate::evidence::Query;
use crate::memory::{Chosen, CopyKind, ForgetFilter, Forgotten, Found, MemoryError};
use std::path::PathBuf;

/// How many turns a meaning is looked for among.
const CANDIDATES: usize = 1_000;

/// A meaning by which turns are forgotten.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// What they mean.
    pub text: String,
    /// The cosine that they must have with it, from 0 to 1.
    pub at_least: f32,
}

/// What is left of forgotten turns in the memory's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Traces {
    /// Nothing.
    Gone,
    /// Traces in the write-ahead log, until another process that reads the memory ends.
    InLog,
    /// Traces in the file, which could not be written anew; says why.
    Left(String),
}

impl Assistant {
    /// Which turns would be forgotten, with the answers that rest on them. Nothing given means
    /// nothing. Fails where there is a meaning and no encoder to compare it with.
    pub fn choose(
        &self,
        filter: &ForgetFilter,
        meaning: Option<&Likeness>,
    ) -> Result<Chosen, AssistantError> {
        let mut filter = filter.clone();
        if let Some(meaning) = meaning {
            let alike = self.alike(meaning)?;
            filter.turns = Some(match filter.turns {
                Some(turns) => turns.into_iter().filter(|turn| alike.contains(turn)).collect(),
                None => alike,
            });
        }
        Ok(self.memory.choose(&filter)?)
    }

    /// Chosen turns as they can be shown, the first so many.
    pub fn chosen(&self, turns: &[TurnId], limit: usize) -> Result<Vec<Found>, AssistantError> {
        Ok(self.guard.found(self.memory.found(&turns[..turns.len().min(limit)])?))
    }

    /// Forgets chosen turns: they, and all that tells of them, are neither in memory nor in its
    /// file afterwards, nor in the copies that are kept from before migrations, and a later import
    /// does not bring them back. Also returns what may still be left of them in the file.
    pub fn forget(&self, chosen: &Chosen) -> Result<(Forgotten, Traces), AssistantError> {
        let forgotten = self.memory.forget(chosen, self.clock.now())?;
        // Drafts may hold what is to be forgotten.
        self.remove_drafts()?;
        Ok((forgotten, self.clean_up()?))
    }

    /// Removes what else holds turns that were forgotten.
    fn clean_up(&self) -> Result<Traces, AssistantError> {
        // They hold what the memory held then.
        self.memory.remove_copies(CopyKind::BeforeMigration)?;
        self.memory.remove_left_over()?;
        Ok(self.remove_traces())
    }

    /// Removes what the file and its log may still hold of turns that were forgotten. A failure is no
    /// error: the turns are forgotten whatever becomes of it.
    pub fn remove_traces(&self) -> Traces {
        match self.memory.clean() {
            Ok(true) => Traces::Gone,
            Ok(false) => Traces::InLog,
            Err(MemoryError::Full) => Traces::Left("the disk is full".to_owned()),
            Err(error) => Traces::Left(error.to_string()),
        }
    }

    /// Files beside the memory that a restore replaced. They are not recount's to remove, and may
    /// hold what was forgotten.
    pub fn replaced(&self) -> Vec<PathBuf> {
        let copies = self.memory.copies().into_iter();
        copies.filter(|(kind, _)| *kind == CopyKind::Replaced).map(|(_, path)| path).collect()
    }

    /// Forgets whole sessions.
    pub fn delete_sessions(
        &self,
        ids: &[SessionId],
    ) -> Result<(Forgotten, Traces), AssistantError> {
        let filter = ForgetFilter { sessions: Some(ids.to_vec()), ..ForgetFilter::default() };
        let chosen = self.memory.choose(&filter)?;
        // Drafts are for sessions that stay as well: they are no part of what is deleted.
        let forgotten = self.memory.forget(&chosen, self.clock.now())?;
        Ok((forgotten, self.clean_up()?))
    }

    fn alike(&self, meaning: &Likeness) -> Result<Vec<TurnId>, AssistantError> {
        if let super::EncoderStatus::Unavailable { why } = self.wait_for_encoder() {
            return Err(AssistantError::NoMeaning { why });
        }
        // What was asked tells as much as what was said.
        let query = Query { questions: true, ..Query::new(meaning.text.clone()) };
        let hits = self.search(&query, CANDIDATES)?;
        let alike = hits.iter().filter(|hit| hit.signals.cosine >= meaning.at_least);
        Ok(alike.map(|hit| hit.turn.id).collect())
    }
}
