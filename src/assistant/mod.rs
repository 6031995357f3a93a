//! The one place that joins the rooms: a turn, a question, an import.
//!
//! Owns: the order of what happens in a turn (durable first, then answered), the window, the
//! background encoder's start, keeping the index in step with memory. Does not own: threads of the
//! screen, printing, which encoder and decoder there are (`main` names them).

mod asking;
mod deleting;
mod demo;
mod draft;
mod error;
mod export;
mod forgetting;
mod guarding;
mod importing;
mod intent;
mod keeping;
mod marks;
mod meaning;
mod reading;
mod review;
mod samples;
mod searching;
mod subjects;
mod taking_back;
mod watching;
mod window;

pub use crate::conversation::USER;
pub use crate::encoder::{Encoder, Listed as ListedEncoder};
pub use crate::import::{
    DateOrder, Discovered, ImportError, Places, Report, Skipped, discover, formats,
};
pub use crate::memory::{Checked, Copied, Finding, Part as MemoryPart};
pub use crate::memory::{
    Chosen, ForgetFilter, Forgotten, Found, Imported, Removed, SessionQuery, SessionSort, Sizes,
    Stats, Tally,
};
pub use crate::memory::{MarkFilter, StoredAnswer};
pub use demo::{DEMO_QUESTIONS, SOURCE_DEMO};
pub use draft::Draft;
pub use error::AssistantError;
pub use export::{Exported, Format, Selection, Shown};
pub use forgetting::{Likeness, Traces};
pub use importing::{ImportOptions, ImportProgress};
pub use keeping::{inspect_backup, restore};
pub use meaning::{EncoderSetup, EncoderStatus};
pub use reading::StartReader;
pub use samples::MarkedSamples;
pub use subjects::Subject;
pub use taking_back::TakenBack;
pub use watching::Watched;
pub use window::Window;

use crate::conversation::{
    Clock, Kind, NewTurn, Role, SOURCE_CHAT, SOURCE_NOTE, SessionId, Timestamp, Turn, TurnId,
};
use crate::decoder::Decoder;
use crate::encoder::Purpose;
use crate::evidence::{Answer, Citation, GivenAnswer, Hit, Query, Signals};
use crate::language::Intent;
use crate::memory::{Memory, interruptible};
use crate::retrieval::Retriever;
use guarding::Guard;
use meaning::Meaning;
use reading::Reading;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// How many turns of a session give a follow-up its context.
const WINDOW: usize = 6;
/// How many hits an answer is made of.
const HITS: usize = 20;
/// How many of them the reader reads for an answer: more would make a question wait.
const READ: usize = 8;
/// How many it reads for a search, which waits for nothing else.
const READ_FOR_SEARCH: usize = 16;
/// The name that recount's own turns carry.
pub const RECOUNT: &str = "recount";
/// The `source` of the session that holds the primer.
const SOURCE_PRIMER: &str = "primer";

/// Says to a running job that its result is not wanted any more.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Runs `body`. When the flag is raised, it does not wait for other programs that use the memory
    /// any longer, and ends with [`AssistantError::Cancelled`].
    pub fn ends_waiting<T>(&self, body: impl FnOnce() -> T) -> T {
        interruptible(&self.0, body)
    }

    /// Whether the flag is raised.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What there is and how it does.
#[derive(Debug, Clone)]
pub struct Status {
    /// Turns that were said.
    pub turns: u64,
    /// Sessions.
    pub sessions: u64,
    /// Turns whose embedding is still to be made.
    pub pending: u64,
    /// The encoder.
    pub encoder: EncoderStatus,
    /// The decoder's name.
    pub decoder: &'static str,
    /// The memory's file; empty for one that ends with the program.
    pub path: PathBuf,
    /// Its size with the write-ahead log.
    pub bytes: u64,
    /// Whether this user can only read the memory.
    pub read_only: bool,
}

/// What became of something typed into the chat.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The session that it was appended to.
    pub session: SessionId,
    /// The appended turn.
    pub turn: TurnId,
    /// What recount made of it.
    pub outcome: Outcome,
}

/// What recount made of a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was a question.
    Answered {
        /// The appended answer.
        turn: TurnId,
        /// The answer.
        answer: Answer,
    },
    /// It was a statement: remembered, nothing to answer.
    Noted,
}

/// What is told while a turn is worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The turn is durable.
    Stored {
        /// Its session.
        session: SessionId,
        /// The turn.
        turn: TurnId,
    },
    /// The turn holds secrets: how it is shown from now on, and what the user should know.
    Masked {
        /// The turn's text as it is shown.
        text: String,
        /// What was found.
        notice: String,
    },
    /// A piece of the answer.
    Text(String),
}

/// What an assistant is made of.
pub struct Setup {
    /// The memory.
    pub memory: Memory,
    /// The encoder, to be started in the background.
    pub encoder: EncoderSetup,
    /// What starts the reader; without one, answers are whole sentences, and hits are not ranked a
    /// second time.
    pub reader: Option<StartReader>,
    /// The decoder.
    pub decoder: Box<dyn Decoder>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// Remembers, finds and answers. Share it between threads; all methods take `&self`.
pub struct Assistant {
    memory: Arc<Memory>,
    meaning: Arc<Meaning>,
    reading: Arc<Reading>,
    retriever: Retriever,
    decoder: Box<dyn Decoder>,
    clock: Arc<dyn Clock>,
    guard: Guard,
    drafts: draft::Drafts,
}

impl Assistant {
    /// Puts the parts together, and begins to start the encoder and to read the embeddings.
    pub fn new(setup: Setup) -> Self {
        let assistant = Self::asleep(setup);
        assistant.meaning.wake();
        assistant.reading.wake();
        assistant
    }

    /// Puts the parts together; the encoder is started when something first wants it. For what gets
    /// along without: an encoder takes longer to start than a list of sessions to print.
    pub fn asleep(setup: Setup) -> Self {
        let memory = Arc::new(setup.memory);
        Self {
            meaning: Meaning::new(Arc::clone(&memory), setup.encoder),
            memory,
            reading: Reading::new(setup.reader),
            retriever: Retriever::default(),
            decoder: setup.decoder,
            clock: setup.clock,
            guard: Guard::default(),
            drafts: draft::Drafts::default(),
        }
    }

    /// The present instant by the assistant's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What there is and how it does. Does not wait for the encoder.
    pub fn status(&self) -> Result<Status, AssistantError> {
        let counts = self.memory.counts()?;
        Ok(Status {
            turns: counts.turns,
            sessions: counts.sessions,
            pending: self.memory.pending_count()?,
            encoder: self.meaning.status(),
            decoder: self.decoder.name(),
            path: self.memory.path().map(PathBuf::from).unwrap_or_default(),
            bytes: self.memory.bytes(),
            read_only: self.memory.is_read_only(),
        })
    }

    /// Appends what the user typed to a session (`None`: a new one), and answers it if it is a
    /// question. `intent` says which it is; without it, [`Assistant::intent`] decides.
    ///
    /// The turn is durable before anything is answered, and told as [`Part::Stored`]. Cancelled
    /// after that, the turn stays and no answer is appended.
    pub fn say(
        &self,
        session: Option<SessionId>,
        text: &str,
        intent: Option<Intent>,
        cancel: &Cancel,
        sink: &mut dyn FnMut(Part),
    ) -> Result<Reply, AssistantError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AssistantError::Empty);
        }
        self.admit(text)?;
        let session = match session {
            Some(session) => session,
            None => self.memory.begin_session(SOURCE_CHAT, None, self.clock.now())?,
        };
        let context = self.window(session)?;
        self.say_in(session, context, text, intent, cancel, sink)
    }

    /// Appends what was typed to a session, and answers it if it is a question.
    fn say_in(
        &self,
        session: SessionId,
        context: Vec<String>,
        text: &str,
        intent: Option<Intent>,
        cancel: &Cancel,
        sink: &mut dyn FnMut(Part),
    ) -> Result<Reply, AssistantError> {
        let started = Instant::now();
        let now = self.clock.now();
        let asked = intent.unwrap_or_else(|| self.intent(text)) == Intent::Ask;
        let kind = if asked { Kind::Question } else { Kind::Message };
        let turn = NewTurn::message(Role::User, USER, text).of_kind(kind).at(Some(now));
        let stored = self.append(session, &turn)?;
        sink(Part::Stored { session, turn: stored });
        if let Some(notice) = self.secrets_in(text) {
            sink(Part::Masked { text: self.guard.shown(text).into_owned(), notice });
        }
        if !asked {
            return Ok(Reply { session, turn: stored, outcome: Outcome::Noted });
        }
        let mut query = Query { context, ..Query::new(text) };
        query.filter.before_turn = Some(stored);
        let mut answer =
            self.answer(&query, cancel, &mut |part| sink(Part::Text(part.to_owned())))?;
        answer.elapsed_ms = elapsed_ms(started);
        let turn = self.append_answer(session, stored, &answer)?;
        Ok(Reply { session, turn: stored, outcome: Outcome::Answered { turn, answer } })
    }

    /// Answers a question without writing anything.
    pub fn ask(
        &self,
        query: &Query,
        cancel: &Cancel,
        sink: &mut dyn FnMut(&str),
    ) -> Result<Answer, AssistantError> {
        let started = Instant::now();
        let mut answer = self.answer(query, cancel, sink)?;
        answer.elapsed_ms = elapsed_ms(started);
        Ok(answer)
    }

    /// Appends a question with its answer, as the screen does.
    pub fn record(&self, answer: &Answer) -> Result<(), AssistantError> {
        self.admit(&answer.question)?;
        let now = self.clock.now();
        let session = self.memory.begin_session(SOURCE_CHAT, None, now)?;
        let question = NewTurn::message(Role::User, USER, answer.question.trim())
            .of_kind(Kind::Question)
            .at(Some(now));
        let question = self.append(session, &question)?;
        self.append_answer(session, question, answer)?;
        Ok(())
    }

    /// Appends a note.
    pub fn remember(&self, text: &str) -> Result<TurnId, AssistantError> {
        self.remember_from(SOURCE_NOTE, text)
    }

    /// Appends a note to those from a source, such as `git`. A source is a word in small letters.
    pub fn remember_from(&self, source: &str, text: &str) -> Result<TurnId, AssistantError> {
        let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if source.is_empty() || source == SOURCE_CHAT || !source.chars().all(named) {
            return Err(AssistantError::NoSource(source.to_owned()));
        }
        let text = text.trim();
        if text.is_empty() {
            return Err(AssistantError::Empty);
        }
        self.admit(text)?;
        let now = self.clock.now();
        let title = match source {
            SOURCE_NOTE => "Notes".to_owned(),
            source => format!("Notes from {source}"),
        };
        let session = self.memory.session_with_source_id(source, "notes", &title, now)?;
        self.append(session, &NewTurn::message(Role::User, USER, text).at(Some(now)))
    }

    /// Appends a primer: who the user is, the domain, the kind of questions. It is remembered like
    /// a turn and always weighed in. One that is there already is not appended again.
    pub fn prime(&self, text: &str) -> Result<TurnId, AssistantError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AssistantError::Empty);
        }
        self.admit(text)?;
        if let Some(known) = self.memory.primers()?.iter().find(|turn| turn.text == text) {
            return Ok(known.id);
        }
        let now = self.clock.now();
        let session = self.memory.session_with_source_id(SOURCE_PRIMER, "primer", "Primer", now)?;
        let turn = NewTurn::message(Role::User, USER, text).of_kind(Kind::Primer).at(Some(now));
        self.append(session, &turn)
    }

    /// The turns of a session from a position on, in order.
    pub fn turns(
        &self,
        session: SessionId,
        from_position: i64,
        limit: usize,
    ) -> Result<Vec<Turn>, AssistantError> {
        Ok(self.guard.turns(self.memory.turns(session, from_position, limit)?))
    }

    /// What the user typed in earlier sessions, newest first. What holds a secret is not taken up
    /// again.
    pub fn typed(&self, limit: usize) -> Result<Vec<String>, AssistantError> {
        let mut typed = self.memory.typed(SOURCE_CHAT, limit)?;
        typed.retain(|text| self.guard.shown(text) == *text);
        Ok(typed)
    }

    /// A turn with those before and after it in its session, in order; empty where it is gone.
    pub fn surroundings(
        &self,
        turn: TurnId,
        before: usize,
        after: usize,
    ) -> Result<Vec<Turn>, AssistantError> {
        let Some(turn) = self.memory.turn(turn)? else { return Ok(Vec::new()) };
        let from = (turn.position - before as i64).max(0);
        let limit = (turn.position - from) as usize + 1 + after;
        self.turns(turn.session, from, limit)
    }

    /// The citations of a stored answer.
    pub fn citations(&self, answer: TurnId) -> Result<Vec<Citation>, AssistantError> {
        Ok(self.guard.citations(self.memory.citations(answer)?))
    }

    /// Makes the embeddings that are pending, newest first, and tells how many are done and left
    /// after each batch; returns how many remain. Resumes where an earlier run stopped.
    pub fn encode_pending(
        &self,
        cancel: &Cancel,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64, AssistantError> {
        self.meaning.encode_pending(&self.memory, cancel, progress)
    }

    /// Leaves the memory's file in one piece. Call it last; nothing is lost where it is not called.
    pub fn close(&self) {
        if let Err(error) = self.memory.checkpoint() {
            tracing::debug!(%error, "the write-ahead log stays");
        }
    }

    /// Waits until the encoder has started or has failed to.
    pub fn wait_for_encoder(&self) -> EncoderStatus {
        self.meaning.wait()
    }

    fn answer(
        &self,
        query: &Query,
        cancel: &Cancel,
        sink: &mut dyn FnMut(&str),
    ) -> Result<Answer, AssistantError> {
        let mut query = query.clone();
        query.filter.evidence_only = true;
        let mut question = self.understand(&query)?;
        question.avoid = self.wrong_answers(&question)?;
        let mut hits = if query.text.trim().is_empty() {
            self.newest_passing(&query.filter, HITS)?
        } else {
            self.retrieve(&question, HITS)?
        };
        self.weigh_in_primers(&mut hits)?;
        self.read(&question, &mut hits, READ)?;
        if cancel.is_cancelled() {
            return Err(AssistantError::Cancelled);
        }
        let answer = self.decoder.decode(&question, &hits, sink)?;
        if cancel.is_cancelled() {
            return Err(AssistantError::Cancelled);
        }
        Ok(answer)
    }

    /// Appends a turn with its embedding, or as pending where the encoder is not there yet: what
    /// the user typed does not wait for a model to load.
    fn append(&self, session: SessionId, turn: &NewTurn) -> Result<TurnId, AssistantError> {
        self.append_given(session, turn, &[], None)
    }

    fn append_given(
        &self,
        session: SessionId,
        turn: &NewTurn,
        citations: &[Citation],
        given: Option<(&GivenAnswer, Option<TurnId>)>,
    ) -> Result<TurnId, AssistantError> {
        let embedding = self.meaning.ready().and_then(|encoder| {
            let spoken = crate::conversation::spoken(&turn.speaker, &turn.text);
            let made = encoder.encode(&[spoken.as_str()], Purpose::Turn);
            // A turn is never lost for its embedding: it stays pending.
            made.inspect_err(|error| tracing::warn!(%error, "encoding a turn failed"))
                .ok()
                .and_then(|mut made| made.pop())
                .map(|made| (encoder, made))
        });
        let embedding = embedding.as_ref().map(|(encoder, encoded)| (encoder.name(), encoded));
        let now = self.clock.now();
        let appended = self.memory.append_given(session, turn, embedding, citations, given, now)?;
        Ok(appended.turn)
    }

    /// Adds the primers that were not found, behind all that was: they are always weighed in.
    fn weigh_in_primers(&self, hits: &mut Vec<Hit>) -> Result<(), AssistantError> {
        for turn in self.guard.turns(self.memory.primers()?) {
            if hits.iter().all(|hit| hit.turn.id != turn.id) {
                let score = hits.last().map_or(0.0, |hit| hit.score) - 1.0;
                hits.push(Hit {
                    turn,
                    session_title: "Primer".into(),
                    source: SOURCE_PRIMER.into(),
                    score,
                    signals: Signals::default(),
                    reading: None,
                });
            }
        }
        Ok(())
    }

    fn append_answer(
        &self,
        session: SessionId,
        question: TurnId,
        answer: &Answer,
    ) -> Result<TurnId, AssistantError> {
        let reply = NewTurn::message(Role::Assistant, RECOUNT, answer_text(answer))
            .of_kind(Kind::Answer)
            .at(Some(self.clock.now()));
        let given = GivenAnswer {
            abstained: answer.abstained,
            reason: answer.reason.clone(),
            confidence: answer.confidence,
            decoder: answer.decoder.to_owned(),
        };
        self.append_given(session, &reply, &answer.citations, Some((&given, Some(question))))
    }

    /// The texts of the session's newest turns, newest first.
    fn window(&self, session: SessionId) -> Result<Vec<String>, AssistantError> {
        let mut window = Window::new(WINDOW);
        for turn in self.memory.newest_turns(session, WINDOW)?.into_iter().rev() {
            window.push(turn.text);
        }
        Ok(window.iter().cloned().collect())
    }
}

/// The text under which an answer is remembered: also an abstention says something.
fn answer_text(answer: &Answer) -> String {
    match (answer.abstained, &answer.reason) {
        (false, _) => answer.text.clone(),
        (true, Some(reason)) => format!("I don't know: {reason}"),
        (true, None) => "I don't know.".to_owned(),
    }
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// An assistant with an empty memory, for tests of rooms that may not make one themselves.
#[cfg(test)]
pub(crate) fn empty() -> Assistant {
    tests::assistant()
}

#[cfg(test)]
mod tests;
