//! Review: what people do with remembered sessions besides asking about them.
//!
//! Owns: that a change names a session which is there. Does not own: how a list is found and
//! ordered (`memory`), how it is shown.

use super::{Assistant, AssistantError};
use crate::conversation::{Session, SessionId, TurnRecord};
use crate::evidence::Filter;
use crate::memory::{SessionQuery, Sizes, Stats, Tally, Visited};

impl Assistant {
    /// A page of the sessions that a query asks for.
    pub fn sessions(
        &self,
        query: &SessionQuery,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<Session>, AssistantError> {
        let mut sessions = self.memory.sessions(query, offset, limit)?;
        for session in &mut sessions {
            self.guard.session(session);
        }
        Ok(sessions)
    }

    /// How many sessions a query asks for.
    pub fn session_count(&self, query: &SessionQuery) -> Result<u64, AssistantError> {
        Ok(self.memory.session_count(query)?)
    }

    /// A session, if it is there.
    pub fn session(&self, id: SessionId) -> Result<Option<Session>, AssistantError> {
        let mut session = self.memory.session(id)?;
        if let Some(session) = &mut session {
            self.guard.session(session);
        }
        Ok(session)
    }

    /// Gives a session a name, which stands before the title that its file gave it and outlives
    /// the next import; `None` takes the name away.
    pub fn rename_session(&self, id: SessionId, name: Option<&str>) -> Result<(), AssistantError> {
        there(id, self.memory.rename_session(id, name)?)
    }

    /// Adds tags to a session and removes others. Tags are kept in small letters, without `#`,
    /// blanks made hyphens.
    pub fn tag_session(
        &self,
        id: SessionId,
        add: &[String],
        remove: &[String],
    ) -> Result<(), AssistantError> {
        there(id, self.memory.tag_session(id, add, remove)?)
    }

    /// Every tag with the number of sessions that have it, by name.
    pub fn tags(&self) -> Result<Vec<(String, u64)>, AssistantError> {
        Ok(self.memory.tags()?)
    }

    /// Pins a session to the top of the list, or takes the pin away.
    pub fn pin_session(&self, id: SessionId, pinned: bool) -> Result<(), AssistantError> {
        there(id, self.memory.pin_session(id, pinned)?)
    }

    /// Keeps the position up to which a session was read.
    pub fn set_read_position(
        &self,
        id: SessionId,
        position: Option<i64>,
    ) -> Result<(), AssistantError> {
        there(id, self.memory.set_read_position(id, position)?)
    }

    /// Moves the turns of sessions into `into`, in the order of time where both have times, and
    /// behind its own turns otherwise; tags and pins go along. All of it happens, or nothing. A later
    /// import of what they came from is known again and goes on in `into`.
    pub fn merge_sessions(
        &self,
        into: SessionId,
        from: &[SessionId],
    ) -> Result<(), AssistantError> {
        for id in from.iter().chain([&into]) {
            there(*id, self.memory.session(*id)?.is_some())?;
        }
        if from.contains(&into) {
            return Err(AssistantError::MergeWithItself(into));
        }
        Ok(self.memory.merge_sessions(into, from, self.clock.now())?)
    }

    /// Shows every turn of a session in order, with all that is kept of it, as one consistent
    /// state; stops where the visitor fails.
    pub fn each_turn(
        &self,
        id: SessionId,
        visitor: &mut dyn FnMut(&TurnRecord) -> std::io::Result<()>,
    ) -> Result<(), AssistantError> {
        let everything = self.memory.passing(&Filter::default())?;
        self.memory.visit(Some(&[id]), &everything, &mut |visited| match visited {
            Visited::Turn(record) => {
                visitor(&self.guard.turn(record)).map_err(AssistantError::Write)
            }
            Visited::Session(_) | Visited::End => Ok(()),
        })
    }

    /// What memory holds, with months and hours in a time zone. Costs a pass over all turns.
    pub fn stats(&self, zone: &jiff::tz::TimeZone) -> Result<Stats, AssistantError> {
        Ok(self.memory.stats(zone)?)
    }

    /// The words that some sessions are about and others are not, the most telling first.
    pub fn topics(&self, limit: usize) -> Result<Vec<Tally>, AssistantError> {
        Ok(self.memory.topics(limit)?)
    }

    /// What takes the room in the memory's file. Costs a pass over the file.
    pub fn sizes(&self) -> Result<Sizes, AssistantError> {
        Ok(self.memory.sizes()?)
    }
}

fn there(id: SessionId, there: bool) -> Result<(), AssistantError> {
    if there { Ok(()) } else { Err(AssistantError::NoSession(id)) }
}
