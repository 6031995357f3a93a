//! The import: the path, how far it is, and what came of it.

use super::wrap::{Pieces, cut};
use super::{bar, count, counted, day, field, put, size};
use crate::assistant::{ImportProgress, Report};
use crate::conversation::Timestamp;
use crate::tui::layout;
use crate::tui::model::{ImportState, Model};
use crate::tui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, frame: &mut Frame, body: Rect) {
    let (import, theme) = (&model.import, &model.theme);
    let mut rest = body;
    let first = layout::cut_top(&mut rest, 1);
    let focused = model.help.is_none();
    let shown = field::Shown { prompt: "import", field: &import.field, focused, marked: &[] };
    field::draw(frame, first, &shown, theme);
    if rest.height >= 3 {
        let mode = if import.dry_run {
            "trial run: reads and counts, appends nothing (Ctrl+T)"
        } else {
            "Enter imports, Tab completes, Ctrl+T makes it a trial run"
        };
        let line = layout::cut_top(&mut rest, 1);
        let room = usize::from(line.width.saturating_sub(2));
        put(frame, line, vec![Line::styled(format!("  {}", cut(mode, room)), theme.quiet)]);
    }
    let text = layout::transcript(rest);
    let mut page = Page { lines: Vec::new(), width: text.width, theme };
    if import.completions.is_empty() {
        page.state(&import.state, model.now);
    } else {
        let rows = usize::from(text.height);
        let top = import.selected.unwrap_or(0).saturating_sub(rows / 2);
        for (at, path) in import.completions.iter().enumerate().skip(top).take(rows) {
            let selected = import.selected == Some(at);
            let (mark, style) =
                if selected { ("▸ ", theme.selected) } else { ("  ", theme.text) };
            let room = usize::from(text.width.saturating_sub(2));
            page.lines.push(Line::styled(format!("{mark}{}", cut(path, room)), style));
        }
    }
    put(frame, text, page.lines);
}

struct Page<'a> {
    lines: Vec<Line<'static>>,
    width: u16,
    theme: &'a Theme,
}

impl Page<'_> {
    fn say(&mut self, text: &str, style: Style) {
        let mut pieces = Pieces::default();
        pieces.push_line(text, style);
        self.lines.extend(pieces.wrap(self.width));
    }

    fn state(&mut self, state: &ImportState, now: Timestamp) {
        let theme = *self.theme;
        match state {
            ImportState::Idle => {
                self.say("", theme.text);
                self.say(
                    "A file, a folder or a ZIP: exports of ChatGPT and Claude, OpenAI messages, \
                     ShareGPT, Markdown and plain transcripts. The format is recognised.",
                    theme.quiet,
                );
                self.say("Importing the same again adds only what is new.", theme.quiet);
            }
            ImportState::Running { since, progress, stopping, .. } => {
                let word = if *stopping { "stopping …" } else { "importing … Esc cancels" };
                self.say("", theme.text);
                self.say(word, theme.accent);
                if let Some(progress) = progress {
                    self.progress(progress, *since, now);
                }
            }
            ImportState::Done { report, dry_run } => self.report(report, *dry_run),
            ImportState::Cancelled => {
                self.say("", theme.text);
                self.say("Cancelled. What was read before is kept; again goes on.", theme.warn);
            }
            ImportState::Failed(why) => {
                self.say("", theme.text);
                self.say(&format!("✗ {why}"), theme.bad);
            }
        }
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
            "{} of {}, {} a second",
            size(progress.bytes_read),
            size(progress.bytes_total),
            size(rate as u64),
        );
        if progress.bytes_read > 0 && seconds >= 1.0 {
            said = format!("{said}, {left:.0} s left");
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
        self.say("", theme.text);
        let done = if dry_run { "○ Trial run: nothing was appended" } else { "✓ Imported" };
        self.say(&format!("{done} ({})", report.format), theme.good);
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
            &[("new", report.messages.new), ("known already", report.messages.duplicate)],
        );
        if let (Some(first), Some(last)) = (report.first_said_at, report.last_said_at) {
            self.say(&format!("said from {} to {}", day(first), day(last)), theme.text);
        }
        for skipped in &report.skipped {
            let said = format!(
                "left out: {} × {} ({})",
                count(skipped.count),
                skipped.reason,
                cut(&skipped.example, 40)
            );
            self.say(&said, theme.quiet);
        }
        for warning in &report.warnings {
            self.say(&format!("! {warning}"), theme.warn);
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
