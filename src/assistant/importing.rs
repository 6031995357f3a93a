//! An import: what is read goes to memory in batches, each a transaction; the account of it all.

use super::guarding::Guard;
use super::{Assistant, AssistantError, Cancel};
use crate::conversation::{Clock, Conversation, ImportId, Kind, Restored, Role, Said};
use crate::files::Partial;
use crate::import::{self, DateOrder, ImportError, Report, Sink, Stop};
use crate::memory::{
    self, Became, Imported, Ingest, Ingested, Memory, MemoryError, Prepared, Removed,
};
use crate::secrets::{Census, Mode};
use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

/// So many turns are appended in one transaction: their words are sorted together, and the more
/// there are, the fewer pages they touch.
const BATCH: usize = 20_000;
/// Or fewer of so much text: a batch waits in memory while another is written.
const BATCH_BYTES: usize = 16 << 20;

/// How to import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// Forces a format by its name; `None` recognises it by content.
    pub format: Option<String>,
    /// The zone of wall-clock times without an offset.
    pub time_zone: jiff::tz::TimeZone,
    /// Forces the order of day and month; `None` decides from the whole file.
    pub date_order: Option<DateOrder>,
    /// Says what an import would do, and does nothing.
    pub dry_run: bool,
    /// Brings back what was forgotten as well.
    pub again: bool,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            format: None,
            time_zone: jiff::tz::TimeZone::system(),
            date_order: None,
            dry_run: false,
            again: false,
        }
    }
}

/// How far an import is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// The input that is being read.
    pub path: PathBuf,
    /// How much of it is read.
    pub bytes_read: u64,
    /// Its size.
    pub bytes_total: u64,
    /// Conversations read, of all inputs.
    pub conversations: u64,
    /// Messages read, of all inputs.
    pub messages: u64,
}

impl Assistant {
    /// A file for standard input while it is imported: formats are recognised by looking at their
    /// beginning twice.
    pub fn spool(&self) -> io::Result<Partial> {
        let place = self.memory.path().map(memory::input_path);
        Partial::beside(&place.unwrap_or_else(|| std::env::temp_dir().join("recount-input")))
    }

    /// Imports files, folders and archives. Several inputs give a report each and their sum; one
    /// that cannot be read does not keep the others from being imported, and stands in the
    /// warnings.
    ///
    /// Cancelled, what was read stays and the same import goes on from there.
    pub fn import(
        &self,
        paths: &[PathBuf],
        options: &ImportOptions,
        cancel: &Cancel,
        progress: &mut dyn FnMut(&ImportProgress),
    ) -> Result<Report, AssistantError> {
        let started = Instant::now();
        let mut so_far = ImportProgress::default();
        let mut run = Ingest::new(options.dry_run).again(options.again);
        if let [path] = paths {
            return self.import_one(path, options, &mut run, cancel, &mut so_far, progress);
        }
        let mut sum = Report::default();
        let mut first_error = None;
        for path in paths {
            match self.import_one(path, options, &mut run, cancel, &mut so_far, progress) {
                Ok(report) => {
                    add(&mut sum, &report);
                    sum.files.push((path.display().to_string(), report));
                }
                Err(AssistantError::Cancelled) => return Err(AssistantError::Cancelled),
                Err(AssistantError::Memory(error)) => return Err(error.into()),
                Err(error) => {
                    sum.warnings.push(error.to_string());
                    first_error.get_or_insert(error);
                }
            }
        }
        match first_error {
            Some(error) if sum.files.is_empty() => Err(error),
            _ => {
                sum.elapsed_ms = super::elapsed_ms(started);
                sum.import = run.import();
                Ok(sum)
            }
        }
    }

    /// Every import that was not undone, newest first.
    pub fn imports(&self) -> Result<Vec<Imported>, AssistantError> {
        Ok(self.memory.imports()?)
    }

    /// Removes exactly what an import added; returns what that was. `progress` gets the number of
    /// turns that are removed and the number that there were. If it is cancelled, what was removed
    /// by then stays removed, and undoing the import again removes the rest.
    pub fn undo_import(
        &self,
        id: ImportId,
        cancel: &Cancel,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Removed, AssistantError> {
        if cancel.is_cancelled() {
            return Err(AssistantError::Cancelled);
        }
        let mut stopped = false;
        let removed = self.memory.undo_import(id, &mut |done, all| {
            progress(done, all);
            stopped = cancel.is_cancelled();
            !stopped
        })?;
        match removed {
            Some(_) if stopped => Err(AssistantError::Cancelled),
            Some(removed) => Ok(removed),
            None => Err(AssistantError::NoImport { id }),
        }
    }

    /// What [`Assistant::undo_import`] would remove.
    pub fn would_undo(&self, id: ImportId) -> Result<Removed, AssistantError> {
        self.memory.would_undo(id)?.ok_or(AssistantError::NoImport { id })
    }

    fn import_one(
        &self,
        path: &Path,
        options: &ImportOptions,
        run: &mut Ingest,
        cancel: &Cancel,
        so_far: &mut ImportProgress,
        progress: &mut dyn FnMut(&ImportProgress),
    ) -> Result<Report, AssistantError> {
        let started = Instant::now();
        path.clone_into(&mut so_far.path);
        (so_far.bytes_read, so_far.bytes_total) = (0, 0);
        let name = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        run.begin_input(&name.display().to_string());
        let reading = import::Options {
            format: options.format.clone(),
            time_zone: options.time_zone.clone(),
            date_order: options.date_order,
        };
        let mut report = Report::default();
        let mut written = Report::default();
        let likely_new = AtomicBool::new(true);
        let dry_run = options.dry_run;
        let (read, written_well) = std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(1);
            let likely_new = &likely_new;
            let (memory, clock) = (self.memory.as_ref(), self.clock.as_ref());
            let mut writing = Writing {
                run: &mut *run,
                report: &mut written,
                likely_new,
                guard: self.guard,
                secrets: Census::default(),
                with_secrets: 0,
            };
            let writer = scope.spawn(move || {
                cancel.ends_waiting(|| writing.all(memory, clock, &receiver))?;
                writing.guard.warn(&writing.secrets, writing.with_secrets, dry_run, writing.report);
                Ok::<_, MemoryError>(())
            });
            let to_write = RefCell::new(ToWrite::new(sender, likely_new));
            let mut sink = Reading {
                to_write: &to_write,
                report: &mut report,
                guard: self.guard,
                scratch: self.memory.path().and_then(Path::parent),
                cancel,
                so_far,
                progress,
            };
            let read = import::read(
                path,
                &reading,
                &mut |format| to_write.borrow_mut().begin_format(format),
                &mut sink,
            );
            // What was read before a failure or a cancel is worth keeping.
            let _ = to_write.borrow_mut().flush();
            drop(to_write);
            match writer.join() {
                Ok(written) => (read, written),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        });
        written_well?;
        let account = match read {
            Ok(account) => account,
            Err(ImportError::Stopped(_)) => return Err(AssistantError::Cancelled),
            Err(error) => return Err(error.into()),
        };
        add(&mut report, &written);
        report.import = run.import().filter(|_| report.adds());
        report.format = account.formats.join(",");
        report.elapsed_ms = super::elapsed_ms(started);
        if report.messages.total() == 0 {
            return Err(AssistantError::NothingImported {
                path: path.to_owned(),
                why: match report.skipped.first() {
                    Some(skipped) => format!("{} × {}", skipped.count, skipped.reason),
                    None => format!("it looks like {} without messages", account.looks_like),
                },
            });
        }
        Ok(report)
    }
}

/// What the thread that reads hands to the one that writes.
enum Work {
    /// What comes from here on is of this format.
    Format(&'static str),
    /// Conversations for one transaction.
    Batch(Vec<Prepared>),
}

/// Takes to memory what is read, a batch at a time, and counts.
struct Writing<'a> {
    run: &'a mut Ingest,
    report: &'a mut Report,
    likely_new: &'a AtomicBool,
    guard: Guard,
    /// The secrets in what was new.
    secrets: Census,
    /// How many messages hold them.
    with_secrets: u64,
}

impl Writing<'_> {
    /// A failure ends it, and with it the reading.
    fn all(
        &mut self,
        memory: &Memory,
        clock: &dyn Clock,
        work: &Receiver<Work>,
    ) -> Result<(), MemoryError> {
        for work in work {
            match work {
                Work::Format(format) => self.run.begin_format(format),
                Work::Batch(batch) => {
                    let ingested = memory.ingest_prepared(self.run, &batch, clock.now())?;
                    let mut known = 0;
                    for (prepared, outcome) in batch.iter().zip(&ingested) {
                        self.count_secrets(prepared.said(), outcome)?;
                        count(self.report, self.guard, prepared.said(), outcome)?;
                        known += usize::from(!outcome.new_session);
                    }
                    self.likely_new.store(known * 2 <= batch.len(), Ordering::Relaxed);
                }
            }
        }
        Ok(())
    }

    fn count_secrets(&mut self, said: &dyn Said, outcome: &Ingested) -> io::Result<()> {
        if self.guard.mode != Mode::Mask {
            return Ok(());
        }
        let new = |became: &Became| matches!(became, Became::Appended | Became::Edited);
        if !outcome.became.iter().any(new) {
            return Ok(());
        }
        for (turn, became) in said.tell().zip(&outcome.became) {
            let turn = turn?;
            if new(became) {
                self.with_secrets += u64::from(self.secrets.count(&turn.text));
            }
        }
        Ok(())
    }
}

/// Gathers what is read into batches, and prepares it.
struct ToWrite<'a> {
    work: SyncSender<Work>,
    waiting: Vec<Prepared>,
    turns: usize,
    bytes: usize,
    likely_new: &'a AtomicBool,
}

impl<'a> ToWrite<'a> {
    fn new(work: SyncSender<Work>, likely_new: &'a AtomicBool) -> Self {
        Self { work, waiting: Vec::new(), turns: 0, bytes: 0, likely_new }
    }

    fn begin_format(&mut self, format: &'static str) {
        // Where the writer has failed, the next conversation says so.
        let _ = self.flush();
        let _ = self.work.send(Work::Format(format));
    }

    fn push(&mut self, conversation: Conversation, restored: Option<Restored>) -> Result<(), Stop> {
        self.turns += conversation.turns.len();
        let bytes = conversation.turns.iter().map(|turn| turn.text.len()).sum::<usize>();
        self.bytes += bytes;
        // The words of a conversation that fills a batch by itself are made as they are written: with
        // all of them at once it would stand in memory twice.
        let likely_new = self.likely_new.load(Ordering::Relaxed) && bytes <= BATCH_BYTES;
        self.waiting.push(match restored {
            None => Prepared::new(conversation, likely_new),
            Some(restored) => Prepared::restored(conversation, restored, likely_new),
        });
        if self.turns >= BATCH || self.bytes >= BATCH_BYTES { self.flush() } else { Ok(()) }
    }

    /// A conversation whose turns are not held goes by itself, behind what waits.
    fn push_long(&mut self, conversation: Conversation, turns: Box<dyn Said>) -> Result<(), Stop> {
        self.flush()?;
        self.waiting.push(Prepared::long(conversation, turns));
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Stop> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        (self.turns, self.bytes) = (0, 0);
        let batch = std::mem::take(&mut self.waiting);
        self.work.send(Work::Batch(batch)).map_err(|_| Stop)
    }
}

fn count(report: &mut Report, guard: Guard, said: &dyn Said, outcome: &Ingested) -> io::Result<()> {
    let mut changed = false;
    for (turn, became) in said.tell().zip(&outcome.became) {
        let turn = turn?;
        changed |= matches!(became, Became::Appended | Became::Edited);
        // What is folded belongs to the time that a conversation spans.
        report.said_at(turn.said_at);
        // Questions and answers held here, out of our own export, were said.
        if !turn.kind.is_said() {
            if *became == Became::Appended {
                let service = turn.role == Role::System;
                let what = if service { "service message" } else { turn.kind.as_str() };
                report.skip(&format!("{what} kept folded"), &guard.shown(&turn.text));
            }
            continue;
        }
        match became {
            Became::Appended => {
                report.messages.new += 1;
                *report.messages.by_role.entry(turn.role.as_str()).or_default() += 1;
            }
            Became::Edited => report.messages.edited += 1,
            Became::Known => report.messages.duplicate += 1,
            // What was forgotten is not told again, not even as an example.
            Became::Forgotten => {
                report.messages.duplicate += 1;
                report.skip("message was forgotten; --again brings it back", "");
            }
        }
    }
    match (outcome.new_session, changed) {
        (true, _) => report.conversations.new += 1,
        (false, true) => report.conversations.updated += 1,
        (false, false) => report.conversations.unchanged += 1,
    }
    Ok(())
}

/// The sink of an import.
struct Reading<'a, 'w> {
    to_write: &'a RefCell<ToWrite<'w>>,
    report: &'a mut Report,
    guard: Guard,
    scratch: Option<&'a Path>,
    cancel: &'a Cancel,
    so_far: &'a mut ImportProgress,
    progress: &'a mut dyn FnMut(&ImportProgress),
}

impl Reading<'_, '_> {
    fn stop_if_cancelled(&self) -> Result<(), Stop> {
        if self.cancel.is_cancelled() { Err(Stop) } else { Ok(()) }
    }
}

impl Reading<'_, '_> {
    fn take(
        &mut self,
        mut conversation: Conversation,
        mut restored: Option<Restored>,
    ) -> Result<(), Stop> {
        self.stop_if_cancelled()?;
        self.guard.admit(&mut conversation, restored.as_mut(), self.report);
        self.so_far.conversations += 1;
        self.so_far.messages +=
            conversation.turns.iter().filter(|turn| turn.kind == Kind::Message).count() as u64;
        self.to_write.borrow_mut().push(conversation, restored)
    }
}

impl Sink for Reading<'_, '_> {
    fn conversation(&mut self, conversation: Conversation) -> Result<(), Stop> {
        self.take(conversation, None)
    }

    fn long(&mut self, mut conversation: Conversation, turns: Box<dyn Said>) -> Result<(), Stop> {
        self.stop_if_cancelled()?;
        let turns = match self.guard.admit_long(&mut conversation, turns, self.report) {
            Ok(turns) => turns,
            Err(error) => {
                self.failed(import::UNREADABLE, &error.to_string());
                return Ok(());
            }
        };
        self.so_far.conversations += 1;
        self.so_far.messages += turns.count() as u64;
        self.to_write.borrow_mut().push_long(conversation, turns)
    }

    fn scratch(&self) -> io::Result<File> {
        // Beside the memory there is room for what it is about to hold, and nobody else may look.
        match self.scratch.map(tempfile::tempfile_in) {
            Some(Ok(file)) => Ok(file),
            _ => tempfile::tempfile(),
        }
    }

    fn restored(&mut self, conversation: Conversation, restored: Restored) -> Result<(), Stop> {
        self.take(conversation, Some(restored))
    }

    fn skipped(&mut self, reason: &str, example: &str) {
        self.report.skip(reason, &self.guard.shown(example));
    }

    fn failed(&mut self, reason: &str, example: &str) {
        self.report.conversations.failed += 1;
        self.report.skip(reason, &self.guard.shown(example));
    }

    fn warning(&mut self, text: String) {
        self.report.warnings.push(text);
    }

    fn progress(&mut self, bytes_read: u64, bytes_total: u64) -> Result<(), Stop> {
        self.so_far.bytes_read = bytes_read;
        self.so_far.bytes_total = bytes_total;
        (self.progress)(self.so_far);
        self.stop_if_cancelled()
    }
}

/// Adds one report to the sum of several.
fn add(sum: &mut Report, one: &Report) {
    if !one.format.is_empty() && !sum.format.split(',').any(|known| known == one.format) {
        if !sum.format.is_empty() {
            sum.format.push(',');
        }
        sum.format.push_str(&one.format);
    }
    sum.conversations.new += one.conversations.new;
    sum.conversations.updated += one.conversations.updated;
    sum.conversations.unchanged += one.conversations.unchanged;
    sum.conversations.failed += one.conversations.failed;
    sum.messages.new += one.messages.new;
    sum.messages.duplicate += one.messages.duplicate;
    sum.messages.edited += one.messages.edited;
    for (role, count) in &one.messages.by_role {
        *sum.messages.by_role.entry(role).or_default() += count;
    }
    for skipped in &one.skipped {
        match sum.skipped.iter_mut().find(|known| known.reason == skipped.reason) {
            Some(known) => known.count += skipped.count,
            None => sum.skipped.push(skipped.clone()),
        }
    }
    sum.said_at(one.first_said_at);
    sum.said_at(one.last_said_at);
    sum.warnings.extend(one.warnings.iter().cloned());
}

#[cfg(test)]
mod tests;
