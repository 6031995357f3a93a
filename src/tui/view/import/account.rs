//! How far an import is, and the account of it.

use super::super::{bar, count, counted, day, size, time_left};
use crate::assistant::{ImportProgress, Report};
use crate::conversation::Timestamp;
use crate::tui::model::ImportState;
use crate::tui::theme::Theme;
use crate::tui::wrap::{Pieces, cut};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The account as lines, while it is written.
pub(super) struct Account<'a> {
    /// The lines so far.
    pub lines: Vec<Line<'static>>,
    width: u16,
    theme: &'a Theme,
}

impl<'a> Account<'a> {
    /// Begins one of a width.
    pub(super) fn new(width: u16, theme: &'a Theme) -> Self {
        Self { lines: Vec::new(), width, theme }
    }

    fn say(&mut self, text: &str, style: Style) {
        let mut pieces = Pieces::default();
        pieces.push_line(text, style);
        self.lines.extend(pieces.wrap(self.width));
    }

    /// Writes down how far it is.
    pub(super) fn state(&mut self, state: &ImportState, now: Timestamp) {
        let theme = *self.theme;
        if self.width >= 40 {
            self.lines.push(Line::default());
        }
        match state {
            ImportState::Idle => self.idle(),
            ImportState::Running { since, progress, stopping, dry_run, .. } => {
                let word = match (*stopping, *dry_run) {
                    (true, _) => "stopping …",
                    (_, true) => "reading …",
                    (_, false) => "importing …",
                };
                self.say(word, theme.accent);
                if let Some(progress) = progress {
                    self.progress(progress, *since, now);
                }
            }
            ImportState::Done { report, dry_run, .. } => self.report(report, *dry_run),
            ImportState::Cancelled { dry_run: true, .. } => {
                self.say("Cancelled. Nothing was imported.", theme.warn);
            }
            ImportState::Cancelled { progress, .. } => {
                let read = progress.as_ref().map_or_else(String::new, |progress| {
                    format!(" ({})", counted(progress.messages, "message"))
                });
                let said = format!(
                    "Cancelled. Messages imported so far stay{read}; you can undo that below. Import \
                     again to continue."
                );
                self.say(&said, theme.warn);
            }
            ImportState::Failed(why) => self.say(&format!("✗ {why}"), theme.bad),
        }
    }

    fn idle(&mut self) {
        let theme = *self.theme;
        let formats: Vec<&str> =
            crate::assistant::formats().iter().map(|importer| importer.format()).collect();
        // The first few stand for all.
        let (first, rest) = formats.split_at(if self.width < 60 { 4 } else { 12 });
        let more =
            if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        self.say(
            &format!(
                "Choose a file, folder or ZIP; it can contain several exports. Recognised formats: \
                 {}{more}.",
                first.join(", ")
            ),
            theme.quiet,
        );
        self.say(
            "You see a preview first. Importing an export again adds only new messages.",
            theme.quiet,
        );
    }

    fn progress(&mut self, progress: &ImportProgress, since: Timestamp, now: Timestamp) {
        let theme = *self.theme;
        self.say(&progress.path.display().to_string(), theme.quiet);
        let share = if progress.bytes_total == 0 {
            0.0
        } else {
            progress.bytes_read as f64 / progress.bytes_total as f64
        };
        let width = usize::from(self.width.saturating_sub(8)).min(48);
        self.lines.push(Line::from(vec![
            Span::styled(bar(share, width), theme.bar),
            Span::styled(format!(" {:>3.0} %", share.clamp(0.0, 1.0) * 100.0), theme.text),
        ]));
        let seconds = (now.as_millis() - since.as_millis()).max(1) as f64 / 1e3;
        let rate = progress.bytes_read as f64 / seconds;
        let left = progress.bytes_total.saturating_sub(progress.bytes_read) as f64 / rate.max(1.0);
        let mut said = format!(
            "{} of {}, {}/s",
            size(progress.bytes_read),
            size(progress.bytes_total),
            size(rate as u64),
        );
        if progress.bytes_read > 0 && seconds >= 1.0 {
            said = format!("{said}, {} left", time_left(left));
        }
        self.say(&said, theme.quiet);
        let read = format!(
            "{}, {}",
            counted(progress.conversations, "conversation"),
            counted(progress.messages, "message"),
        );
        self.say(&read, theme.text);
    }

    fn report(&mut self, report: &Report, dry_run: bool) {
        let theme = *self.theme;
        let done = match (dry_run, report.messages.new) {
            (true, 0) => "○ Already in memory, nothing to import",
            (true, _) => "○ Preview, nothing imported yet",
            (false, _) => "✓ Imported",
        };
        let style = if dry_run { theme.accent } else { theme.good };
        self.say(&format!("{done}: {}", report.format.replace(',', ", ")), style);
        let conversations = &report.conversations;
        self.row(
            "conversations",
            &[
                ("new", conversations.new),
                ("updated", conversations.updated),
                ("unchanged", conversations.unchanged),
                ("failed", conversations.failed),
            ],
        );
        self.row(
            "messages",
            &[("new", report.messages.new), ("already known", report.messages.duplicate)],
        );
        if let (Some(first), Some(last)) = (report.first_said_at, report.last_said_at) {
            self.say(&format!("said from {} to {}", day(first), day(last)), theme.text);
        }
        for warning in &report.warnings {
            self.say(&format!("! {warning}"), theme.warn);
        }
        for skipped in &report.skipped {
            let example = cut(&skipped.example, 40);
            let example = if example.is_empty() { example } else { format!(" ({example})") };
            // What is folded away is kept, and found on request.
            let (what, reason) = match skipped.reason.strip_suffix(" kept folded") {
                Some(kind) => ("hidden", kind),
                None => ("skipped", skipped.reason.as_str()),
            };
            let said = format!("{what}: {} × {reason}{example}", count(skipped.count));
            self.say(&said, theme.quiet);
        }
        for (path, one) in &report.files {
            let said = format!("{path}: {}, {} new", one.format, count(one.messages.new));
            self.say(&said, theme.quiet);
        }
        self.say(&format!("in {:.1} s", report.elapsed_ms as f64 / 1e3), theme.quiet);
    }

    fn row(&mut self, name: &str, counts: &[(&str, u64)]) {
        let counts: Vec<String> = counts
            .iter()
            .filter(|(what, number)| *number > 0 || *what == "new")
            .map(|(what, number)| format!("{} {what}", count(*number)))
            .collect();
        let style = self.theme.text;
        self.say(&format!("{name}: {}", counts.join(", ")), style);
    }
}
