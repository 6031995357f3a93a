//! The figures at the beginning.

use super::super::{count, counted, day, size};
use crate::assistant::EncoderStatus;
use crate::tui::model::{Health, Model};
use crate::tui::theme::Theme;
use crate::tui::wrap::Pieces;
use ratatui::text::{Line, Span};

/// The cells before a value.
const NAME: u16 = 12;
/// How many tags are named.
const TAGS: usize = 12;

/// What it holds, a figure a line.
pub(super) fn held(model: &Model, width: u16) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let Some(status) = &model.status else {
        return vec![Line::styled("reading …", theme.quiet)];
    };
    let mut turns = count(status.turns);
    let mut rows = vec![("sessions", count(status.sessions))];
    if let Some(stats) = &model.memory.stats {
        if stats.folded > 0 {
            turns = format!("{turns}, and {} hidden", count(stats.folded));
        }
        if let (Some(first), Some(last)) = (stats.first_said_at, stats.last_said_at) {
            rows.push(("said", format!("{} to {}", day(first), day(last))));
        }
        rows.push(("speakers", count(stats.speakers.len() as u64)));
        if !stats.tags.is_empty() {
            let tags = stats.tags.iter().take(TAGS);
            let tags: Vec<String> =
                tags.map(|tag| format!("#{} {}", tag.name, tag.sessions)).collect();
            rows.push(("tags", tags.join("  ")));
        }
    }
    rows.insert(0, ("turns", turns));
    let mut lines = laid_out(&rows, width, theme);
    if let Some(error) = &model.memory.error {
        let mut pieces = Pieces::default();
        pieces.push_line(&format!("✗ {error}"), theme.bad);
        lines.extend(pieces.wrap(width));
    } else if model.memory.stats.is_none() {
        lines.push(Line::styled("counting …", theme.quiet));
    }
    lines
}

/// What it works with, a figure a line.
pub(super) fn means(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(status) = &model.status else { return Vec::new() };
    let encoder = match &status.encoder {
        EncoderStatus::Starting => "starting".to_owned(),
        EncoderStatus::Ready { name } => name.clone(),
        EncoderStatus::Unavailable { why } => format!("not available, words only: {why}"),
    };
    let pending = match model.encoding {
        Some(encoding) => super::super::progress(&encoding),
        None if status.pending == 0 => "complete".to_owned(),
        None => format!("{} left", count(status.pending)),
    };
    let rows = [
        ("encoder", encoder),
        ("embeddings", pending),
        ("decoder", status.decoder.to_owned()),
        ("file", status.path.display().to_string()),
        ("size", size(status.bytes)),
        ("health", health(&model.memory.health)),
    ];
    let mut lines = laid_out(&rows, width, &model.theme);
    lines.push(Line::styled("Nothing leaves this machine.", model.theme.quiet));
    lines
}

/// Whether it is whole, in words.
fn health(health: &Health) -> String {
    match health {
        Health::Unknown => "not checked; h runs a full check".to_owned(),
        Health::Looking { quick: true } => "quick check …".to_owned(),
        Health::Looking { quick: false } => "full check …".to_owned(),
        Health::Known { checked, quick } => match (checked.findings.as_slice(), quick) {
            ([], true) => "✓ ok (quick check); h runs a full check".to_owned(),
            ([], false) => "✓ ok (full check)".to_owned(),
            ([first, rest @ ..], _) => {
                let more = match rest.len() {
                    0 => String::new(),
                    count => format!(", and {}", counted(count as u64, "more problem")),
                };
                format!("✗ {}{more}; `recount check` shows what to do", first.what)
            }
        },
    }
}

/// Names before their values; a long value goes on below its beginning.
fn laid_out(rows: &[(&'static str, String)], width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (name, value) in rows {
        let mut pieces = Pieces::default();
        pieces.push_line(value, theme.text);
        for (row, mut line) in pieces.wrap(width.saturating_sub(NAME)).into_iter().enumerate() {
            let name = if row == 0 { name } else { "" };
            let lead = format!("{name:<0$}", usize::from(NAME));
            line.spans.insert(0, Span::styled(lead, theme.quiet));
            lines.push(line);
        }
    }
    lines
}
