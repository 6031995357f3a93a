//! The imports that were made.

use super::super::wrap::{cut, width};
use super::super::{counted, day, put};
use crate::assistant::Imported;
use crate::tui::model::Model;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let (import, theme) = (&model.import, &model.theme);
    let Some(past) = &import.past else { return };
    let rows = usize::from(area.height).max(1);
    let selected = import.chosen.unwrap_or(0);
    let top = selected.saturating_sub(rows / 2).min(past.len().saturating_sub(rows));
    let room = usize::from(area.width.saturating_sub(2));
    let lines = past
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(at, one)| {
            let chosen = import.chosen == Some(at);
            if import.undoing == Some(one.id) {
                let said = format!("▸ take back {}? Enter, or Esc", held(one));
                return Line::styled(cut(&said, room + 2), theme.warn);
            }
            let style = if chosen { theme.selected } else { theme.text };
            let mark = Span::styled(if chosen { "▸ " } else { "  " }, theme.selected);
            let what = if room >= 90 { held(one) } else { counted(one.messages, "message") };
            let when =
                if room >= 60 { format!(", {}", day(one.imported_at)) } else { String::new() };
            let beside = cut(&format!("  {what}{when}"), room * 2 / 3);
            let left = room.saturating_sub(width(&beside));
            let name = cut(&name(one), left);
            let gap = " ".repeat(left.saturating_sub(width(&name)));
            Line::from(vec![
                mark,
                Span::styled(name, style),
                Span::raw(gap),
                Span::styled(beside, theme.quiet),
            ])
        })
        .collect();
    put(frame, area, lines);
}

/// The end of the path is what tells files apart.
fn name(import: &Imported) -> String {
    let name = match import.paths.as_slice() {
        [] => "standard input".to_owned(),
        [path, rest @ ..] => {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            if rest.is_empty() { name } else { format!("{name} and {} more", rest.len()) }
        }
    };
    format!("{name} ({})", import.formats.join(", "))
}

fn held(import: &Imported) -> String {
    format!(
        "{} in {}",
        counted(import.messages, "message"),
        counted(import.conversations, "conversation")
    )
}
