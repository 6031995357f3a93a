//! Exporting: chooses what is written and in which order; the room `export` writes it.

use super::{Assistant, AssistantError, Cancel};
use crate::conversation::{SessionId, TurnId};
use crate::evidence::{Filter, Query};
use crate::export::{About, Exporter};
use crate::files::{Destination, Partial, destination};
use crate::memory::{MemoryError, Passing, Visited};
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::path::Path;

pub use crate::export::{Format, Shown};

/// So much is written at a time, in bytes.
const BLOCK: usize = 1 << 16;

/// What is exported.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// Only these sessions, in this order; empty: all, in the order in which they were held.
    pub sessions: Vec<SessionId>,
    /// Only what this query finds, at most so many turns; the session of the best hit first.
    pub search: Option<(Query, usize)>,
    /// Only turns that pass.
    pub filter: Filter,
}

/// What was exported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Sessions.
    pub sessions: u64,
    /// Turns, without those that the format leaves out.
    pub turns: u64,
    /// Turns whose secrets are masked.
    pub masked: u64,
}

enum Stopped {
    Memory(MemoryError),
    Write(io::Error),
    Cancelled,
}

impl From<MemoryError> for Stopped {
    fn from(error: MemoryError) -> Self {
        Self::Memory(error)
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl Assistant {
    /// Writes what is selected, as one consistent state of the memory, holding one turn at a time;
    /// tells how many turns are written now and then.
    pub fn export(
        &self,
        selection: &Selection,
        exporter: &mut dyn Exporter,
        out: &mut dyn Write,
        cancel: &Cancel,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Exported, AssistantError> {
        let about = About {
            exported_at: self.clock.now(),
            query: selection.search.as_ref().map(|(query, _)| query.text.clone()),
            masked: self.guard.masks(),
        };
        for id in &selection.sessions {
            if self.memory.session(*id)?.is_none() {
                return Err(AssistantError::NoSession(*id));
            }
        }
        let mut sessions = (!selection.sessions.is_empty()).then(|| selection.sessions.clone());
        let mut passing = self.memory.passing(&selection.filter)?;
        if let Some((query, limit)) = &selection.search {
            let (found_in, found) = self.found(query, *limit, &selection.sessions)?;
            sessions = Some(found_in);
            passing =
                Passing::Only(found.into_iter().filter(|turn| passing.holds(*turn)).collect());
        }
        let mut exported = Exported::default();
        let mut seen: u64 = 0;
        let mut write = || {
            exporter.begin(&about, out)?;
            self.memory.visit(sessions.as_deref(), &passing, &mut |visited| {
                match visited {
                    Visited::Session(record) => {
                        exported.sessions += 1;
                        exporter.session(&self.guard.record(record), out)?;
                    }
                    Visited::Turn(record) => {
                        seen += 1;
                        let shown = self.guard.turn(record);
                        if exporter.holds(record) {
                            exported.turns += 1;
                            exported.masked += u64::from(shown.turn.text != record.turn.text);
                        }
                        exporter.turn(&shown, out)?;
                        if seen.is_multiple_of(256) {
                            progress(seen);
                            if cancel.is_cancelled() {
                                return Err(Stopped::Cancelled);
                            }
                        }
                    }
                    Visited::End => exporter.end_session(out)?,
                }
                Ok(())
            })?;
            exporter.end(out)?;
            out.flush()?;
            Ok(())
        };
        match write() {
            Ok(()) => Ok(exported),
            Err(Stopped::Memory(error)) => Err(error.into()),
            Err(Stopped::Write(error)) => Err(AssistantError::Write(error)),
            Err(Stopped::Cancelled) => Err(AssistantError::Cancelled),
        }
    }

    /// Exports to a file, which only its owner can read and which gets its name when all is in it,
    /// so that there is never half an export; where nothing is found, none is made. A memory and
    /// what belongs to one is never written over, and what is no file, as a pipe or a device, is
    /// written to as it is.
    pub fn export_to(
        &self,
        path: &Path,
        overwrite: bool,
        selection: &Selection,
        exporter: &mut dyn Exporter,
        cancel: &Cancel,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Exported, AssistantError> {
        let failed = |why| AssistantError::Unwritable { path: path.to_owned(), why };
        if self.memory.held(path).is_some() {
            return Err(MemoryError::Held(path.to_owned()).into());
        }
        let real = match destination(path).map_err(failed)? {
            Destination::Free => path.to_owned(),
            Destination::Taken(_) if !overwrite => {
                return Err(AssistantError::Exists(path.to_owned()));
            }
            Destination::Taken(real) => real,
            Destination::Stream => {
                let stream = std::fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
                let out = &mut BufWriter::with_capacity(BLOCK, stream);
                return self.export(selection, exporter, out, cancel, progress);
            }
        };
        let _noted = self.memory.unfinished(&real);
        let mut partial = Partial::beside(&real).map_err(failed)?;
        let mut out = BufWriter::with_capacity(BLOCK, partial.file());
        let exported = match self.export(selection, exporter, &mut out, cancel, progress) {
            Err(AssistantError::Write(why)) => return Err(failed(why)),
            done => done?,
        };
        out.into_inner().map_err(|error| failed(error.into_error()))?;
        if exported.turns > 0 {
            partial.name(&real, overwrite).map_err(|why| match why.kind() {
                io::ErrorKind::AlreadyExists => AssistantError::Exists(path.to_owned()),
                _ => failed(why),
            })?;
        }
        Ok(exported)
    }

    /// The turns that a query finds, and their sessions, that of the best hit first.
    fn found(
        &self,
        query: &Query,
        limit: usize,
        within: &[SessionId],
    ) -> Result<(Vec<SessionId>, HashSet<TurnId>), AssistantError> {
        let mut sessions = Vec::new();
        let mut turns = HashSet::new();
        for hit in self.search(query, limit)? {
            if within.is_empty() || within.contains(&hit.turn.session) {
                turns.insert(hit.turn.id);
                if !sessions.contains(&hit.turn.session) {
                    sessions.push(hit.turn.session);
                }
            }
        }
        Ok((sessions, turns))
    }
}

#[cfg(test)]
mod tests;
