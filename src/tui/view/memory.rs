//! What the memory holds.

use super::wrap::Pieces;
use super::{count, put, size};
use crate::assistant::{EncoderStatus, Status};
use crate::tui::layout;
use crate::tui::model::Model;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

pub(super) fn draw(model: &Model, frame: &mut Frame, body: Rect) {
    let area = layout::transcript(body);
    let theme = &model.theme;
    let mut lines = Vec::new();
    let Some(status) = &model.status else {
        put(frame, area, vec![Line::styled("reading …", theme.quiet)]);
        return;
    };
    if area.height >= 8 {
        lines.push(Line::default());
    }
    for (name, value) in rows(status, model.encoding) {
        let mut pieces = Pieces::default();
        pieces.push(&format!("{name:<12}"), theme.quiet).push_line(&value, theme.text);
        lines.extend(pieces.wrap(area.width));
    }
    lines.push(Line::default());
    lines.push(Line::styled("Nothing leaves this machine.", theme.quiet));
    put(frame, area, lines);
}

fn rows(status: &Status, encoding: Option<(u64, u64)>) -> Vec<(&'static str, String)> {
    let encoder = match &status.encoder {
        EncoderStatus::Starting => "starting".to_owned(),
        EncoderStatus::Ready { name } => name.clone(),
        EncoderStatus::Unavailable { why } => format!("not available, words alone: {why}"),
    };
    let pending = match encoding {
        Some((done, left)) => format!("{} made, {} left", count(done), count(left)),
        None if status.pending == 0 => "complete".to_owned(),
        None => format!("{} left", count(status.pending)),
    };
    vec![
        ("turns", count(status.turns)),
        ("sessions", count(status.sessions)),
        ("encoder", encoder),
        ("embeddings", pending),
        ("decoder", status.decoder.to_owned()),
        ("file", status.path.display().to_string()),
        ("size", size(status.bytes)),
    ]
}
