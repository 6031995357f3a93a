//! Deleting sessions in two steps: the wish, which is durable and can be taken back, and its
//! carrying out, which is for good.

use super::{Assistant, AssistantError};
use crate::conversation::{Session, SessionId};

impl Assistant {
    /// Writes down that a session is to be deleted. From now on nothing lists or finds it; it is
    /// still there until [`Assistant::carry_out_deletions`], also where the program is killed.
    pub fn wish_deleted(&self, id: SessionId) -> Result<(), AssistantError> {
        let there = self.memory.wish_deleted(id, self.clock.now())?;
        if there { Ok(()) } else { Err(AssistantError::NoSession(id)) }
    }

    /// Takes the wish back.
    pub fn take_deletion_back(&self, id: SessionId) -> Result<(), AssistantError> {
        let waited = self.memory.take_deletion_back(id)?;
        if waited { Ok(()) } else { Err(AssistantError::NoSession(id)) }
    }

    /// The sessions whose deletion waits, the last wish first.
    pub fn waiting_deletions(&self) -> Result<Vec<Session>, AssistantError> {
        Ok(self.memory.waiting_deletions()?)
    }

    /// Deletes for good what waits for it; returns how many sessions that were.
    pub fn carry_out_deletions(&self) -> Result<usize, AssistantError> {
        let waiting: Vec<SessionId> =
            self.memory.waiting_deletions()?.into_iter().map(|session| session.id).collect();
        if !waiting.is_empty() {
            self.delete_sessions(&waiting)?;
        }
        Ok(waiting.len())
    }
}
