//! Reading in the background: starts the reader, and has it read the best hits.

use super::{Assistant, AssistantError};
use crate::evidence::Hit;
use crate::question::Question;
use crate::reader::{Passage, Reader, ReaderError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What starts a reader.
pub type StartReader = Box<dyn FnOnce() -> Result<Arc<Reader>, ReaderError> + Send>;

/// A reader that is started when it is first wanted; none where it cannot start, or where none was
/// given.
#[derive(Default)]
pub(super) struct Reading {
    start: Mutex<Option<StartReader>>,
    started: OnceLock<Option<Arc<Reader>>>,
}

impl Reading {
    pub(super) fn new(start: Option<StartReader>) -> Arc<Self> {
        Arc::new(Self { start: Mutex::new(start), started: OnceLock::new() })
    }

    /// Begins to start the reader, if nobody has yet.
    pub(super) fn wake(self: &Arc<Self>) {
        if self.started.get().is_none() {
            let starting = Arc::clone(self);
            std::thread::spawn(move || starting.reader().is_some());
        }
    }

    /// The reader's log-odds that a line asks something; `None` without a reader.
    pub(super) fn asks(&self, line: &str) -> Option<f32> {
        let failed = |error: &ReaderError| tracing::warn!(%error, "reading a line failed");
        self.reader()?.asks(line).inspect_err(failed).ok()
    }

    /// The reader, waited for.
    fn reader(&self) -> Option<&Reader> {
        let start = || {
            let start = self.start.lock().unwrap_or_else(PoisonError::into_inner).take()?;
            // Without a reader, recount answers by what sentences hold.
            let why = |error: &ReaderError| tracing::warn!(%error, "the reader did not start");
            start().inspect_err(why).ok()
        };
        self.started.get_or_init(start).as_deref()
    }
}

impl Assistant {
    /// Has the reader read the best `most` hits, and puts them into the order that it and the scores
    /// give together. Without a reader, all stays as it is.
    pub(super) fn read(
        &self,
        question: &Question,
        hits: &mut [Hit],
        most: usize,
    ) -> Result<(), AssistantError> {
        let Some(reader) = self.reading.reader() else { return Ok(()) };
        let read = hits.len().min(most);
        let turns: Vec<_> = hits[..read].iter().map(|hit| hit.turn.clone()).collect();
        let neighbours = self.memory.neighbours(&turns)?;
        let before: HashMap<_, _> = neighbours
            .iter()
            .chain(&turns)
            .map(|turn| ((turn.session, turn.position), turn))
            .collect();
        let passages: Vec<Passage<'_>> = turns
            .iter()
            .map(|turn| Passage {
                speaker: &turn.speaker,
                text: &turn.text,
                before: before
                    .get(&(turn.session, turn.position - 1))
                    .map(|turn| (turn.speaker.as_str(), turn.text.as_str())),
                terms: &question.terms,
            })
            .collect();
        match reader.read(&question.query.text, &passages) {
            Ok(readings) => {
                for (hit, reading) in hits.iter_mut().zip(readings) {
                    hit.reading = Some(reading);
                }
                crate::retrieval::rerank(hits);
            }
            // What was found is shown all the same.
            Err(error) => tracing::warn!(%error, "reading failed"),
        }
        Ok(())
    }
}
