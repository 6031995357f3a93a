//! Meaning in the background: starts the encoder, reads the embeddings into the index, keeps both
//! in step with memory.

use super::{AssistantError, Cancel};
use crate::conversation::{TurnId, spoken};
use crate::encoder::{Encoded, Encoder, EncoderError, Purpose};
use crate::index::{FlatIndex, VectorIndex};
use crate::memory::{EmbeddingState, Memory, MemoryError, Pending};
use crate::retrieval;
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};

/// How many turns are encoded between two looks at the cancel flag, and stored in one transaction.
pub(super) const BATCH: usize = 128;

/// What starts an encoder.
pub type StartEncoder = Box<dyn FnOnce() -> Result<Arc<dyn Encoder>, EncoderError> + Send>;

/// An encoder to be started. Its name and dimension are known before, so that its embeddings can
/// be read while it starts.
pub struct EncoderSetup {
    /// [`Encoder::name`].
    pub name: &'static str,
    /// [`Encoder::dim`].
    pub dim: usize,
    /// Starts it.
    pub start: StartEncoder,
}

/// How the encoder does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncoderStatus {
    /// It is being started.
    Starting,
    /// It encodes.
    Ready {
        /// Its name.
        name: String,
    },
    /// It cannot start; recount goes on with words alone.
    Unavailable {
        /// Why.
        why: String,
    },
}

enum State {
    /// Nobody has wanted it yet.
    Asleep(StartEncoder),
    Starting,
    Ready(Arc<dyn Encoder>),
    Unavailable(String),
}

/// The index with the place up to which it is in step.
struct Kept {
    index: FlatIndex,
    in_step_with: EmbeddingState,
}

pub(super) struct Meaning {
    memory: Arc<Memory>,
    encoder_name: &'static str,
    state: Mutex<State>,
    changed: Condvar,
    kept: RwLock<Kept>,
}

impl Meaning {
    /// Nothing is started or read until it is wanted, or told to [`Meaning::wake`].
    pub(super) fn new(memory: Arc<Memory>, setup: EncoderSetup) -> Arc<Self> {
        Arc::new(Self {
            memory,
            encoder_name: setup.name,
            state: Mutex::new(State::Asleep(setup.start)),
            changed: Condvar::new(),
            kept: RwLock::new(Kept {
                index: FlatIndex::new(setup.dim),
                in_step_with: EmbeddingState::default(),
            }),
        })
    }

    /// Begins to start the encoder and to read the embeddings, if nobody has yet.
    pub(super) fn wake(self: &Arc<Self>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*state, State::Asleep(_)) {
            return;
        }
        let State::Asleep(start) = std::mem::replace(&mut *state, State::Starting) else { return };
        drop(state);
        let reading = Arc::clone(self);
        std::thread::spawn(move || {
            // What fails here is tried again, and reported, by the first search.
            let _ = reading.keep_in_step();
        });
        let starting = Arc::clone(self);
        std::thread::spawn(move || {
            let started = std::panic::catch_unwind(std::panic::AssertUnwindSafe(start));
            let state = match started {
                Ok(Ok(encoder)) => State::Ready(encoder),
                Ok(Err(error)) => State::Unavailable(error.to_string()),
                Err(_) => State::Unavailable("the encoder panicked while it started".into()),
            };
            if let State::Unavailable(why) = &state {
                tracing::warn!(why, "the encoder did not start");
            }
            *starting.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
            starting.changed.notify_all();
        });
    }

    pub(super) fn status(&self) -> EncoderStatus {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Asleep(_) | State::Starting => EncoderStatus::Starting,
            State::Ready(encoder) => EncoderStatus::Ready { name: encoder.name().to_owned() },
            State::Unavailable(why) => EncoderStatus::Unavailable { why: why.clone() },
        }
    }

    pub(super) fn wait(self: &Arc<Self>) -> EncoderStatus {
        self.started();
        self.status()
    }

    /// The encoder, if it is there already.
    pub(super) fn ready(&self) -> Option<Arc<dyn Encoder>> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Ready(encoder) => Some(Arc::clone(encoder)),
            _ => None,
        }
    }

    /// The encoder, waited for; `None` where it cannot start.
    pub(super) fn started(self: &Arc<Self>) -> Option<Arc<dyn Encoder>> {
        self.wake();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while matches!(*state, State::Starting) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        match &*state {
            State::Ready(encoder) => Some(Arc::clone(encoder)),
            _ => None,
        }
    }

    /// Runs a search with encoder and index, both waited for and in step with memory.
    pub(super) fn with<T>(
        self: &Arc<Self>,
        body: impl FnOnce(Option<retrieval::Meaning<'_>>) -> Result<T, AssistantError>,
    ) -> Result<T, AssistantError> {
        self.wake();
        self.keep_in_step()?;
        let Some(encoder) = self.started() else { return body(None) };
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        body(Some(retrieval::Meaning { encoder: encoder.as_ref(), index: &kept.index }))
    }

    /// Adds to the index what was stored since the last time, by this process or another, and drops
    /// what was taken away.
    fn keep_in_step(&self) -> Result<(), MemoryError> {
        let in_step = self.kept.read().unwrap_or_else(PoisonError::into_inner).in_step_with;
        let stored = self.memory.embedding_state()?;
        if stored.sequence <= in_step.sequence && stored.removals == in_step.removals {
            return Ok(());
        }
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let Kept { index, in_step_with } = &mut *kept;
        in_step_with.sequence =
            self.memory.embeddings_after(self.encoder_name, in_step_with.sequence, |encoded| {
                index.add(encoded.turn, &encoded.embedding);
            })?;
        // Read after the embeddings, so that none of them is missed; the count was read before
        // both, so that what is taken away meanwhile is seen the next time.
        if stored.removals != in_step_with.removals {
            let stay = self.memory.encoded_turns()?;
            index.retain(&|turn| stay.contains(&turn));
            in_step_with.removals = stored.removals;
        }
        Ok(())
    }

    pub(super) fn encode_pending(
        self: &Arc<Self>,
        memory: &Memory,
        cancel: &Cancel,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64, AssistantError> {
        let mut left = memory.pending_count()?;
        if left == 0 || memory.is_read_only() {
            return Ok(left);
        }
        let Some(encoder) = self.started() else { return Ok(left) };
        let mut done = 0;
        while !cancel.is_cancelled() {
            let pending = memory.pending(BATCH)?;
            if pending.is_empty() {
                return Ok(0);
            }
            let made = encode(encoder.as_ref(), pending)?;
            memory.store_embeddings(encoder.name(), &made)?;
            done += made.len() as u64;
            left = memory.pending_count()?;
            progress(done, left);
        }
        Ok(left)
    }
}

/// Makes the embeddings of turns. The same words by the same speaker are encoded once.
pub(super) fn encode(
    encoder: &dyn Encoder,
    pending: Vec<Pending>,
) -> Result<Vec<(TurnId, Encoded)>, EncoderError> {
    let mut place = HashMap::new();
    let mut texts: Vec<String> = Vec::new();
    let places: Vec<(TurnId, usize)> = pending
        .into_iter()
        .map(|turn| {
            let text = spoken(&turn.speaker, &turn.text);
            let at = *place.entry(text.clone()).or_insert(texts.len());
            if at == texts.len() {
                texts.push(text);
            }
            (turn.turn, at)
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let made = encoder.encode(&texts, Purpose::Turn)?;
    Ok(places.into_iter().filter_map(|(turn, at)| Some((turn, made.get(at)?.clone()))).collect())
}
