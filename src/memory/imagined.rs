//! What a dry run would have added so far, so that it counts what comes later as the import would.

use super::append::Key;
use super::identity::Home;
use super::reconcile::Side;
use crate::conversation::{SessionId, TurnId};
use std::collections::HashMap;

/// Sessions as they would stand: new ones under ids below zero, known ones under their own.
#[derive(Debug, Default)]
pub(super) struct Imagined {
    begun: i64,
    by_id: HashMap<(&'static str, String), SessionId>,
    by_key: HashMap<(&'static str, Key), Vec<SessionId>>,
    turns: HashMap<(SessionId, Home), Vec<(TurnId, Side)>>,
}

impl Imagined {
    /// The session that was imagined for a file's id.
    pub(super) fn session(&self, source: &'static str, id: &str) -> Option<SessionId> {
        self.by_id.get(&(source, id.to_owned())).copied()
    }

    /// The sessions that a key leads to.
    pub(super) fn sessions_with(&self, source: &'static str, key: &Key) -> &[SessionId] {
        self.by_key.get(&(source, *key)).map_or(&[], Vec::as_slice)
    }

    /// The turns of a home in a session, if anything was imagined of it.
    pub(super) fn turns(&self, session: SessionId, home: Home) -> Option<&[(TurnId, Side)]> {
        self.turns.get(&(session, home)).map(Vec::as_slice)
    }

    /// Begins a session.
    pub(super) fn begin(&mut self, source: &'static str, id: Option<&str>) -> SessionId {
        self.begun -= 1;
        let session = SessionId(self.begun);
        self.call(source, id, session);
        session
    }

    /// Says that a session is known by an id.
    pub(super) fn call(&mut self, source: &'static str, id: Option<&str>, session: SessionId) {
        if let Some(id) = id {
            self.by_id.insert((source, id.to_owned()), session);
        }
    }

    /// Says that keys lead to a session.
    pub(super) fn lead(
        &mut self,
        source: &'static str,
        keys: impl IntoIterator<Item = Key>,
        session: SessionId,
    ) {
        for key in keys {
            let led = self.by_key.entry((source, key)).or_default();
            if !led.contains(&session) {
                led.push(session);
            }
        }
    }

    /// Sets the turns of a home in a session.
    pub(super) fn set(&mut self, session: SessionId, home: Home, turns: Vec<(TurnId, Side)>) {
        self.turns.insert((session, home), turns);
    }
}
