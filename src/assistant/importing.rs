//! An import: what is read goes to memory in batches, each a transaction; the account of it all.

use super::{Assistant, AssistantError, Cancel};
use crate::conversation::{Clock, Conversation, ImportId, Kind, Role};
use crate::import::{self, DateOrder, ImportError, Report, Sink, Stop};
use crate::memory::{Became, Imported, Ingest, Ingested, Memory, MemoryError, Removed};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How many turns are appended in one transaction.
const BATCH: usize = 4_000;

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

    /// Removes exactly what an import added; says what that was.
    pub fn undo_import(&self, id: ImportId) -> Result<Removed, AssistantError> {
        self.memory.undo_import(id)?.ok_or(AssistantError::NoImport { id })
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
        let writing = std::cell::RefCell::new(Writing {
            memory: &self.memory,
            clock: self.clock.as_ref(),
            run,
            waiting: Vec::new(),
            waiting_turns: 0,
            report: Report::default(),
            failure: None,
        });
        let reading = import::Options {
            format: options.format.clone(),
            time_zone: options.time_zone.clone(),
            date_order: options.date_order,
        };
        let mut sink = Batching { writing: &writing, cancel, so_far, progress };
        let read = import::read(
            path,
            &reading,
            &mut |format| writing.borrow_mut().begin_format(format),
            &mut sink,
        );
        let mut writing = writing.into_inner();
        // What was read before a failure or a cancel is worth keeping.
        let flushed = writing.flush();
        if let Some(failure) = writing.failure.take() {
            return Err(failure.into());
        }
        flushed.map_err(|Stop| AssistantError::Cancelled)?;
        let account = match read {
            Ok(account) => account,
            Err(ImportError::Stopped(_)) => return Err(AssistantError::Cancelled),
            Err(error) => return Err(error.into()),
        };
        let mut report = writing.report;
        report.import = writing.run.import().filter(|_| report.adds());
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

/// Appends to memory what importers push, a batch at a time, and counts.
struct Writing<'a> {
    memory: &'a Memory,
    clock: &'a dyn Clock,
    run: &'a mut Ingest,
    waiting: Vec<Conversation>,
    waiting_turns: usize,
    report: Report,
    failure: Option<MemoryError>,
}

impl Writing<'_> {
    fn begin_format(&mut self, format: &'static str) {
        // A failure is kept in `failure` and stops the reading at the next conversation.
        let _ = self.flush();
        self.run.begin_format(format);
    }

    fn push(&mut self, conversation: Conversation) -> Result<(), Stop> {
        if self.failure.is_some() {
            return Err(Stop);
        }
        self.waiting_turns += conversation.turns.len();
        self.waiting.push(conversation);
        if self.waiting_turns >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Stop> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let conversations = std::mem::take(&mut self.waiting);
        self.waiting_turns = 0;
        match self.memory.ingest(self.run, &conversations, self.clock.now()) {
            Ok(ingested) => {
                for (conversation, outcome) in conversations.iter().zip(ingested) {
                    count(&mut self.report, conversation, &outcome);
                }
                Ok(())
            }
            Err(error) => {
                self.failure = Some(error);
                Err(Stop)
            }
        }
    }
}

fn count(report: &mut Report, conversation: &Conversation, outcome: &Ingested) {
    let mut changed = false;
    for (turn, became) in conversation.turns.iter().zip(&outcome.became) {
        changed |= matches!(became, Became::Appended | Became::Edited);
        // What is folded belongs to the time that a conversation spans.
        report.said_at(turn.said_at);
        if turn.kind != Kind::Message {
            if *became == Became::Appended {
                let service = turn.role == Role::System;
                let what = if service { "service message" } else { turn.kind.as_str() };
                report.skip(&format!("{what} kept folded"), &turn.text);
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
}

struct Batching<'a, 'w> {
    writing: &'a std::cell::RefCell<Writing<'w>>,
    cancel: &'a Cancel,
    so_far: &'a mut ImportProgress,
    progress: &'a mut dyn FnMut(&ImportProgress),
}

impl Batching<'_, '_> {
    fn stop_if_cancelled(&self) -> Result<(), Stop> {
        if self.cancel.is_cancelled() { Err(Stop) } else { Ok(()) }
    }
}

impl Sink for Batching<'_, '_> {
    fn conversation(&mut self, conversation: Conversation) -> Result<(), Stop> {
        self.stop_if_cancelled()?;
        self.so_far.conversations += 1;
        self.so_far.messages +=
            conversation.turns.iter().filter(|turn| turn.kind == Kind::Message).count() as u64;
        self.writing.borrow_mut().push(conversation)
    }

    fn skipped(&mut self, reason: &str, example: &str) {
        self.writing.borrow_mut().report.skip(reason, example);
    }

    fn failed(&mut self, reason: &str, example: &str) {
        let report = &mut self.writing.borrow_mut().report;
        report.conversations.failed += 1;
        report.skip(reason, example);
    }

    fn warning(&mut self, text: String) {
        self.writing.borrow_mut().report.warnings.push(text);
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
    if !sum.format.split(',').any(|known| known == one.format) {
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
