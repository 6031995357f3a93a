//! The list of sessions.

use super::field;
use super::wrap::{cut, width};
use super::{count, counted, day, put};
use crate::conversation::Session;
use crate::tui::layout;
use crate::tui::model::{ListFocus, Model};
use crate::tui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, frame: &mut Frame, body: Rect) {
    let (sessions, theme) = (&model.sessions, &model.theme);
    let areas = layout::list(body, false);
    let shown = field::Shown {
        prompt: "sessions",
        field: &sessions.field,
        focused: sessions.focus == ListFocus::Field && model.help.is_none(),
        marked: &[],
    };
    field::draw(frame, areas.field, &shown, theme);
    let filtered = !sessions.field.text().trim().is_empty();
    let said = match (&sessions.error, sessions.list.total()) {
        (Some(error), _) => format!("✗ {error}"),
        (None, Some(0)) if filtered => "No title holds this.".to_owned(),
        (None, Some(0)) => "There are no sessions yet.".to_owned(),
        (None, Some(total)) => counted(total as u64, "session"),
        (None, None) if sessions.list.current().is_none() => "reading …".to_owned(),
        (None, None) => "newest first".to_owned(),
    };
    let style = if sessions.error.is_some() { theme.bad } else { theme.quiet };
    let room = usize::from(areas.summary.width.saturating_sub(2));
    put(frame, areas.summary, vec![Line::styled(format!("  {}", cut(&said, room)), style)]);
    let rows = usize::from(areas.list.height);
    let selected = sessions.list.selected();
    let mut top = selected.saturating_sub(rows / 2);
    if let Some(total) = sessions.list.total() {
        top = top.min(total.saturating_sub(rows));
    }
    let lines = (top..top + rows)
        .filter_map(|at| Some((at, sessions.list.get(at)?)))
        .map(|(at, session)| row(session, at == selected, areas.list.width, theme))
        .collect();
    put(frame, areas.list, lines);
}

/// A session on one line: its title, and as much beside it as there is room for.
fn row(session: &Session, selected: bool, available: u16, theme: &Theme) -> Line<'static> {
    let available = usize::from(available);
    let style = if selected { theme.selected } else { theme.text };
    let mark = if selected { "▸ " } else { "  " };
    let mut beside = String::new();
    if available >= 50 {
        let when = session.last_said_at.or(session.first_said_at).map(day).unwrap_or_default();
        beside = format!("{when:>18}");
    }
    if available >= 72 {
        beside = format!(" {:<12} {:>7}{beside}", cut(&session.source, 12), count(session.turns));
    }
    let room = available.saturating_sub(width(&beside) + 3);
    let title = cut(&session.display_title(), room);
    let gap = room - width(&title).min(room);
    Line::from(vec![
        Span::styled(mark, theme.selected),
        Span::styled(title, style),
        Span::raw(" ".repeat(gap)),
        Span::styled(beside, theme.quiet),
    ])
}
