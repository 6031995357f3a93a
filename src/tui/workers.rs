//! The workers that carry out effects.
//!
//! Owns the threads: one lane for each sort of work, so that a long import holds up neither the
//! search nor the next page. A lane does one job after the other; every job has a number and a
//! cancel flag. What the workers bring arrives as events. Nothing here knows how things look.

use super::effect::{AROUND, Effect, Place, TURNS};
use super::event::{Event, Failure, JobId, Page, Work};
use super::paths::{completions, expand};
use super::{KeepTheme, Options, keeping, outside, review};
use crate::assistant::{Assistant, AssistantError, Cancel, ImportOptions, Part};
use crate::conversation::{Kind, Session, SessionId, Turn};
use crate::files::Partial;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// At most so often does long work tell how far it is.
const PROGRESS: Duration = Duration::from_millis(80);
/// The same, where what moves by itself shall stand still.
const CALM_PROGRESS: Duration = Duration::from_secs(2);
/// How long the end of the program waits for work that was told to stop.
const PATIENCE: Duration = Duration::from_secs(3);
/// How much of what was typed in earlier sessions can be taken up again.
const TYPED: usize = 500;

/// An effect with its flags: the first ends the work, the second also ends a wait for the memory.
type Job = (Effect, Flags);

/// The flags of a piece of work.
#[derive(Clone, Default)]
struct Flags {
    /// The result is not wanted any more.
    cancel: Cancel,
    /// The user wants nothing to be stored of it either. What is only left behind is still stored.
    give_up: Cancel,
}

/// A sort of work: what is of one sort is done one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Talk,
    /// Apart from the rest, because it waits for the reader to load.
    Decide,
    Words,
    Meaning,
    Read,
    Import,
    Encode,
    Review,
    /// What passes over the whole memory, or over the disk.
    Count,
    Copy,
}

impl Lane {
    const ALL: [Self; 10] = [
        Self::Talk,
        Self::Decide,
        Self::Words,
        Self::Meaning,
        Self::Read,
        Self::Import,
        Self::Encode,
        Self::Review,
        Self::Count,
        Self::Copy,
    ];

    /// The lane of an effect, and the number of its work; `None` where it is not for the workers.
    fn of(effect: &Effect) -> Option<(Self, Option<JobId>)> {
        Some(match effect {
            Effect::Say { job, .. }
            | Effect::Fork { job, .. }
            | Effect::Again { job, .. }
            | Effect::Whisper { job, .. } => (Self::Talk, Some(*job)),
            Effect::Remember(_) | Effect::TakeBack(_) => (Self::Talk, None),
            Effect::Decide { job, .. } => (Self::Decide, Some(*job)),
            Effect::Search { job, meaning: false, .. } => (Self::Words, Some(*job)),
            Effect::Search { job, .. } => (Self::Meaning, Some(*job)),
            Effect::Sessions { job, .. }
            | Effect::Open { job, .. }
            | Effect::Page { job, .. }
            | Effect::Surroundings { job, .. }
            | Effect::Complete { job, .. } => (Self::Read, Some(*job)),
            Effect::KeepTheme(_) | Effect::Status | Effect::History | Effect::KeepDrafts(_) => {
                (Self::Read, None)
            }
            Effect::Import { job, .. } | Effect::Undo { job, .. } => (Self::Import, Some(*job)),
            Effect::Encode => (Self::Encode, None),
            Effect::Review(review) if review.counts() => (Self::Count, None),
            Effect::Review(_) | Effect::Export { .. } | Effect::Choose(_) | Effect::Forget(_) => {
                (Self::Review, None)
            }
            Effect::Copy(..) => (Self::Copy, None),
            Effect::Cancel(_)
            | Effect::Leave(_)
            | Effect::Osc52(_)
            | Effect::Notify(_)
            | Effect::Editor(_)
            | Effect::Wake(..)
            | Effect::Suspend
            | Effect::Resume
            | Effect::Redraw
            | Effect::Quit(_) => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Talk => "talk",
            Self::Decide => "decide",
            Self::Words => "words",
            Self::Meaning => "meaning",
            Self::Read => "read",
            Self::Import => "import",
            Self::Encode => "encode",
            Self::Review => "review",
            Self::Count => "count",
            Self::Copy => "copy",
        }
    }
}

/// What a lane works with.
#[derive(Clone)]
struct Worker {
    assistant: Arc<Assistant>,
    events: Sender<Event>,
    /// What an import assumes.
    import: ImportOptions,
    /// Keeps a theme in the settings.
    keep_theme: KeepTheme,
    /// At most so often does long work tell how far it is.
    progress: Duration,
}

/// The threads that carry out effects.
pub struct Workers {
    assistant: Arc<Assistant>,
    /// In the order of [`Lane::ALL`].
    lanes: Vec<Sender<Job>>,
    running: HashMap<JobId, Flags>,
    stop: Cancel,
    ended: Receiver<()>,
}

impl Workers {
    /// Starts the threads. What they bring is sent as events.
    pub fn start(
        assistant: &Arc<Assistant>,
        options: &Options,
        events: &Sender<Event>,
    ) -> std::io::Result<Self> {
        let (end, ended) = mpsc::channel();
        let calm = options.settings.reduced_motion;
        let worker = Worker {
            assistant: Arc::clone(assistant),
            events: events.clone(),
            import: options.import.clone(),
            keep_theme: Arc::clone(&options.keep_theme),
            progress: if calm { CALM_PROGRESS } else { PROGRESS },
        };
        let lane = |lane: &Lane| {
            let (sender, jobs) = mpsc::channel::<Job>();
            let (worker, end) = (worker.clone(), end.clone());
            thread::Builder::new().name(lane.name().to_owned()).spawn(move || {
                // Dropped when the lane has ended, which is what `stop` waits for.
                let _end = end;
                for (effect, flags) in jobs {
                    let Flags { cancel, give_up } = &flags;
                    let work = give_up.ends_waiting(|| worker.carry_out(effect, cancel));
                    if work.is_some_and(|work| worker.events.send(Event::Work(work)).is_err()) {
                        break;
                    }
                }
            })?;
            Ok::<_, std::io::Error>(sender)
        };
        Ok(Self {
            assistant: Arc::clone(assistant),
            lanes: Lane::ALL.iter().map(lane).collect::<Result<_, _>>()?,
            running: HashMap::new(),
            stop: Cancel::new(),
            ended,
        })
    }

    /// A draft as a file, for the user's editor.
    pub fn draft_to_edit(&self, text: &str) -> std::io::Result<Partial> {
        self.assistant.draft_to_edit(text)
    }

    /// Hands an effect to its lane.
    pub fn hand(&mut self, effect: Effect) {
        if let Effect::Cancel(job) | Effect::Leave(job) = &effect
            && let Some(flags) = self.running.remove(job)
        {
            flags.cancel.cancel();
            if matches!(effect, Effect::Cancel(_)) {
                flags.give_up.cancel();
            }
        }
        let Some((lane, job)) = Lane::of(&effect) else { return };
        let flags = match job {
            Some(job) => self.running.entry(job).or_default().clone(),
            None => Flags { cancel: self.stop.clone(), give_up: Cancel::new() },
        };
        // A lane ends only with the program.
        let _ = self.lanes[lane as usize].send((effect, flags));
    }

    /// Forgets the cancel flag of work that has ended.
    pub fn ended(&mut self, work: &Work) {
        let (Work::Said(job, _)
        | Work::Whispered(job, _)
        | Work::Decided(job, _)
        | Work::Hits(job, _)
        | Work::Sessions(job, ..)
        | Work::Opened(job, _)
        | Work::Page(job, ..)
        | Work::Surroundings(job, _)
        | Work::Completed(job, _)
        | Work::Undone(job, _)
        | Work::Imported(job, _)) = work
        else {
            return;
        };
        self.running.remove(job);
    }

    /// Stops all work and waits until it has stopped, though not for ever: whatever is not
    /// finished by then is left as after a crash, which the memory withstands.
    pub fn stop(self) {
        let Self { lanes, running, stop, ended, assistant: _ } = self;
        stop.cancel();
        for flags in running.values() {
            flags.cancel.cancel();
        }
        // A lane ends when nobody can hand it work any more.
        drop(lanes);
        match ended.recv_timeout(PATIENCE) {
            Ok(()) | Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => {}
        }
    }
}

impl Worker {
    /// Carries out one effect. `None` where it was cancelled and nobody waits for it any more.
    fn carry_out(&self, effect: Effect, cancel: &Cancel) -> Option<Work> {
        let assistant = self.assistant.as_ref();
        let tell = |work| {
            // Without a receiver the program is ending, and nobody wants to know.
            let _ = self.events.send(Event::Work(work));
        };
        Some(match effect {
            Effect::Say { job, session, text, intent } => {
                let mut sink = |part| tell(Work::Part(job, part));
                let said = caught(|| assistant.say(session, &text, intent, cancel, &mut sink));
                Work::Said(job, said)
            }
            Effect::Fork { job, turn, text, intent } => {
                let mut sink = |part| tell(Work::Part(job, part));
                let said = caught(|| assistant.say_instead(turn, &text, intent, cancel, &mut sink));
                Work::Said(job, said)
            }
            Effect::Again { job, turn } => Work::Said(
                job,
                caught(|| {
                    assistant.answer_again(turn, cancel, &mut |part| tell(Work::Part(job, part)))
                }),
            ),
            Effect::Whisper { job, text, context, intent } => {
                let mut sink = |part: &str| tell(Work::Part(job, Part::Text(part.to_owned())));
                Work::Whispered(
                    job,
                    caught(|| assistant.whisper(&text, context, intent, cancel, &mut sink)),
                )
            }
            Effect::Decide { job, text } => {
                Work::Decided(job, caught(|| Ok(assistant.intent(&text))))
            }
            Effect::TakeBack(turn) => Work::TakenBack(turn, caught(|| assistant.take_back(turn))),
            Effect::Remember(text) => Work::Remembered(caught(|| assistant.remember(&text))),
            Effect::Search { .. }
            | Effect::Surroundings { .. }
            | Effect::Page { .. }
            | Effect::Sessions { .. }
                if cancel.is_cancelled() =>
            {
                return None;
            }
            Effect::Search { job, query, limit, meaning: false } => {
                Work::Hits(job, caught(|| assistant.search_words(&query, limit)))
            }
            Effect::Search { job, query, limit, .. } => {
                Work::Hits(job, caught(|| assistant.search(&query, limit)))
            }
            Effect::Sessions { job, query, offset, limit } => {
                let rows = caught(|| assistant.sessions(&query, offset, limit));
                Work::Sessions(job, offset, limit, rows)
            }
            Effect::Open { job, session, place } => Work::Opened(
                job,
                caught(|| open(assistant, session, place)).and_then(|opened| {
                    opened.ok_or_else(|| {
                        Failure::Failed("this session is no longer in memory".into())
                    })
                }),
            ),
            Effect::Page { job, session, from, limit } => {
                Work::Page(job, session, caught(|| page(assistant, session, from, limit)))
            }
            Effect::Surroundings { job, turn } => {
                Work::Surroundings(job, caught(|| assistant.surroundings(turn, AROUND, AROUND)))
            }
            Effect::Complete { job, path } => Work::Completed(job, completions(&path)),
            Effect::Import { job, path, dry_run } => {
                let options = ImportOptions { dry_run, ..self.import.clone() };
                let mut last: Option<Instant> = None;
                let mut progress = |progress: &crate::assistant::ImportProgress| {
                    if last.is_none_or(|last| last.elapsed() >= self.progress) {
                        last = Some(Instant::now());
                        let path = progress.path.clone();
                        let progress = crate::assistant::ImportProgress { path, ..*progress };
                        tell(Work::ImportProgress(job, progress));
                    }
                };
                let paths = [expand(&path)];
                Work::Imported(
                    job,
                    caught(|| {
                        assistant.import(&paths, &options, cancel, &mut progress).map(Box::new)
                    }),
                )
            }
            Effect::Undo { job, import } => {
                let mut last: Option<Instant> = None;
                let mut progress = |done, all| {
                    if last.is_none_or(|last| last.elapsed() >= self.progress) {
                        last = Some(Instant::now());
                        tell(Work::Undoing(job, done, all - done));
                    }
                };
                Work::Undone(job, caught(|| assistant.undo_import(import, cancel, &mut progress)))
            }
            Effect::Encode => {
                let mut last: Option<Instant> = None;
                let mut progress = |done, left| {
                    if left == 0 || last.is_none_or(|last| last.elapsed() >= self.progress) {
                        last = Some(Instant::now());
                        tell(Work::Encoding(done, left));
                    }
                };
                Work::Encoded(caught(|| assistant.encode_pending(cancel, &mut progress)))
            }
            Effect::Review(review) => Work::Reviewed(review::carry_out(review, assistant)?),
            Effect::Export { session, path } => {
                Work::Exported(keeping::export(assistant, session, &expand(&path), cancel))
            }
            Effect::Choose(text) => {
                let chosen = caught(|| keeping::choose(assistant, &text));
                Work::Chosen(text, chosen)
            }
            Effect::Forget(chosen) => {
                let count = (chosen.turns.len() + chosen.answers.len()) as u64;
                Work::Forgotten(caught(|| {
                    assistant.forget(&chosen).map(|(_, traces)| (count, traces))
                }))
            }
            Effect::Copy(what, text) => {
                let copied = outside::copy(&text);
                Work::Copied(what, text, copied)
            }
            Effect::History => {
                match caught(|| assistant.take_drafts()) {
                    Ok(drafts) => tell(Work::Drafts(drafts)),
                    Err(failure) => {
                        if let Failure::Failed(why) = failure {
                            tell(Work::Failed(why));
                        }
                        tell(Work::Drafts(Vec::new()));
                    }
                }
                // Without a history one types anew; what is wrong with the memory shows elsewhere.
                let mut texts = assistant.typed(TYPED).unwrap_or_default();
                texts.dedup();
                texts.reverse();
                Work::History(texts)
            }
            Effect::KeepDrafts(drafts) => match assistant.keep_drafts(&drafts) {
                Ok(()) => return None,
                Err(error) => Work::Failed(error.to_string()),
            },
            Effect::KeepTheme(name) => {
                let kept = (self.keep_theme)(&name);
                Work::ThemeKept(name, kept)
            }
            Effect::Status => Work::Status(caught(|| assistant.status())),
            _ => return None,
        })
    }
}

/// Runs work; an error or a panic in it becomes a failure that is shown.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T, AssistantError>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(AssistantError::Cancelled)) => Err(Failure::Cancelled),
        Ok(Err(error)) => Err(Failure::Failed(error.to_string())),
        Err(_) => Err(Failure::Failed(
            "recount hit an internal error; your stored data is safe".to_owned(),
        )),
    }
}

/// Reads a session's turns from a position on, with the citations of the answers among them.
fn page(
    assistant: &Assistant,
    session: SessionId,
    from: i64,
    limit: usize,
) -> Result<Page, AssistantError> {
    let turns = assistant.turns(session, from, limit)?;
    let at_end = turns.len() < limit;
    cited(assistant, Page { turns, at_start: from <= 0, at_end, ..Page::default() })
}

fn cited(assistant: &Assistant, mut page: Page) -> Result<Page, AssistantError> {
    for turn in page.turns.iter().filter(|turn| turn.kind == Kind::Answer) {
        page.citations.insert(turn.id, assistant.citations(turn.id)?);
        if let Some(given) = assistant.given_answer(turn.id)? {
            page.given.insert(turn.id, given);
        }
    }
    Ok(page)
}

fn open(
    assistant: &Assistant,
    id: SessionId,
    place: Place,
) -> Result<Option<(Session, Page)>, AssistantError> {
    let Some(session) = assistant.session(id)? else { return Ok(None) };
    let half = (TURNS / 2) as i64;
    let page = match place {
        Place::Start => page(assistant, id, 0, TURNS)?,
        Place::Position(at) => page(assistant, id, (at - half).max(0), TURNS)?,
        Place::Turn(turn) => {
            let position = assistant
                .surroundings(turn, 0, 0)?
                .iter()
                .find(|t| t.id == turn)
                .map_or(0, |t| t.position);
            page(assistant, id, (position - half).max(0), TURNS)?
        }
        Place::End => last_page(assistant, &session)?,
    };
    Ok(Some((session, page)))
}

/// Reads the last turns of a session. Its count leaves out what is folded away, so the last
/// position may lie further on.
fn last_page(assistant: &Assistant, session: &Session) -> Result<Page, AssistantError> {
    let mut from = i64::try_from(session.turns).unwrap_or(0).saturating_sub(TURNS as i64).max(0);
    let mut held: Vec<Turn> = Vec::new();
    let mut at_start = from == 0;
    loop {
        let turns = assistant.turns(session.id, from, TURNS)?;
        let full = turns.len() == TURNS;
        if held.len() > TURNS {
            held.drain(..held.len() - TURNS);
            at_start = false;
        }
        from = turns.last().map_or(from, |turn| turn.position + 1);
        held.extend(turns);
        if !full {
            break;
        }
    }
    cited(assistant, Page { turns: held, at_start, at_end: true, ..Page::default() })
}
