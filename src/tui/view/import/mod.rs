//! The import: the path, how far it is, what came of it, and the imports that were made.

mod account;
mod past;

use super::wrap::cut;
use super::{field, more, put, rule};
use crate::tui::layout;
use crate::tui::model::{ImportState, Model};
use account::Account;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

pub(super) fn draw(model: &Model, frame: &mut Frame, body: Rect) {
    let (import, theme) = (&model.import, &model.theme);
    let mut rest = body;
    let first = layout::cut_top(&mut rest, 1);
    let focused = import.chosen.is_none() && model.help.is_none();
    let shown = field::Shown { prompt: "import", field: &import.field, focused, marked: &[] };
    field::draw(frame, first, &shown, theme);
    if rest.height >= 3 {
        let line = layout::cut_top(&mut rest, 1);
        let room = usize::from(line.width.saturating_sub(2));
        let hint = Line::styled(format!("  {}", cut(hint(model), room)), theme.quiet);
        put(frame, line, vec![hint]);
    }
    let text = layout::transcript(rest);
    if !import.completions.is_empty() {
        completions(model, frame, text);
        return;
    }
    let mut account = Account::new(text.width, theme);
    account.state(&import.state, model.now);
    let (above, below) = parts(model, text, account.lines.len());
    let rows = usize::from(above.height);
    let top = import.scroll.min(account.lines.len().saturating_sub(rows));
    let below_it = account.lines.len() - top > rows;
    put(frame, above, account.lines.into_iter().skip(top).take(rows).collect());
    if below_it {
        more(frame, above, " ↓ PgDn ", theme);
    }
    if !below.is_empty() {
        let mut list = below;
        rule(frame, layout::cut_top(&mut list, 1), "imports that were made", theme.quiet);
        past::draw(model, frame, list);
    }
}

/// Where the account stands, and below it the imports that were made. While keys go to these they
/// have the room; else they get what the account leaves.
fn parts(model: &Model, area: Rect, lines: usize) -> (Rect, Rect) {
    let past = model.import.past.as_ref().map_or(0, Vec::len);
    let none = Rect { height: 0, ..area };
    if past == 0 {
        return (area, none);
    }
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(1);
    let wanted = u16::try_from(past).unwrap_or(u16::MAX).saturating_add(1);
    let rows = if model.import.chosen.is_some() {
        let most = if area.height >= 12 { area.height - 4 } else { area.height };
        wanted.min(most).max(area.height.saturating_sub(lines).min(wanted))
    } else {
        wanted.min(area.height.saturating_sub(lines))
    };
    // A rule alone says nothing.
    let rows = if rows < 2 { 0 } else { rows };
    let mut above = area;
    let below = layout::cut_bottom(&mut above, rows);
    (above, below)
}

fn hint(model: &Model) -> &'static str {
    let import = &model.import;
    match &import.state {
        _ if import.undoing.is_some() => "Enter takes it back, Esc leaves it",
        _ if import.chosen.is_some() => {
            "u takes it back as a whole, Enter reads the file again, Esc leaves"
        }
        _ if import.selected.is_some() => "Enter or Tab takes it, Esc closes the list",
        ImportState::Running { dry_run: true, .. } => "Enter imports at once, Esc stops looking",
        ImportState::Running { .. } => "Esc cancels; what was read stays",
        ImportState::Done { dry_run: true, path, .. } if path == import.field.text().trim() => {
            "Enter imports it, Esc leaves"
        }
        _ => "Enter looks at what it is, Tab completes, ↓ the imports that were made",
    }
}

fn completions(model: &Model, frame: &mut Frame, area: Rect) {
    let (import, theme) = (&model.import, &model.theme);
    let rows = usize::from(area.height);
    let top = import.selected.unwrap_or(0).saturating_sub(rows / 2);
    let room = usize::from(area.width.saturating_sub(2));
    let lines = import
        .completions
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(at, path)| {
            let selected = import.selected == Some(at);
            let (mark, style) =
                if selected { ("▸ ", theme.selected) } else { ("  ", theme.text) };
            Line::styled(format!("{mark}{}", cut(path, room)), style)
        })
        .collect();
    put(frame, area, lines);
}
