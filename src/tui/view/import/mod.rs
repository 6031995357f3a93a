//! The import: the path, how far it is, what came of it, and the imports that were made.

mod account;
mod rows;

pub(super) use rows::{held, name};

use super::{Target, field, joined, more, put};
use crate::tui::layout;
use crate::tui::model::{Import, ImportState, Model};
use crate::tui::wrap::cut;
use account::Account;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

pub(super) fn draw(model: &Model, frame: &mut Frame, body: Rect) {
    let (import, theme) = (&model.import, &model.theme);
    let Areas { field: first, hint: line, text } = areas(body);
    let focused = import.chosen.is_none() && model.overlay.is_none();
    let shown = field::Shown { prompt: "import", field: &import.field, focused, marked: &[] };
    field::draw(frame, first, &shown, theme);
    let room = usize::from(line.width.saturating_sub(2));
    put(frame, line, vec![Line::styled(format!("  {}", joined(hint(model), room)), theme.quiet)]);
    if !import.completions.is_empty() {
        completions(model, frame, text);
        return;
    }
    let account = account(model, text.width);
    let (above, below) = parts(import, text, account.lines.len());
    let rows = usize::from(above.height);
    let top = import.scroll.min(account.lines.len().saturating_sub(rows));
    let below_it = account.lines.len() - top > rows;
    put(frame, above, account.lines.into_iter().skip(top).take(rows).collect());
    if below_it {
        more(frame, above, " ↓ PgDn ", theme);
    }
    rows::draw(model, frame, below);
}

/// The parts of the view.
struct Areas {
    field: Rect,
    hint: Rect,
    text: Rect,
}

fn areas(body: Rect) -> Areas {
    let mut rest = body;
    let field = layout::cut_top(&mut rest, 1);
    let hint_rows = u16::from(rest.height >= 3);
    let hint = layout::cut_top(&mut rest, hint_rows);
    Areas { field, hint, text: layout::transcript(rest) }
}

fn account(model: &Model, width: u16) -> Account<'_> {
    let mut account = Account::new(width, &model.theme);
    account.state(&model.import.state, model.now);
    account
}

/// What stands at a place of the screen.
pub(super) fn target(model: &Model, body: Rect, at: Position) -> Option<Target> {
    let import = &model.import;
    let Areas { field, text, .. } = areas(body);
    if field.contains(at) {
        return Some(Target::Field);
    }
    if !text.contains(at) {
        return None;
    }
    if !import.completions.is_empty() {
        let row = first_completion(import, text) + usize::from(at.y - text.y);
        return (row < import.completions.len()).then_some(Target::Completion(row));
    }
    let (_, below) = parts(import, text, account(model, text.width).lines.len());
    let row = usize::from(at.y.checked_sub(below.y)?);
    rows::row_at(import, usize::from(below.height), row).map(Target::Row)
}

/// The first completion that is shown.
fn first_completion(import: &Import, area: Rect) -> usize {
    import.selected.unwrap_or(0).saturating_sub(usize::from(area.height) / 2)
}

/// Where the account stands, and below it what can be chosen. While keys go to these rows they have
/// the room; else they get what the account leaves.
fn parts(import: &Import, area: Rect, lines: usize) -> (Rect, Rect) {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(1);
    let wanted = u16::try_from(rows::height(import)).unwrap_or(u16::MAX);
    let rows = if import.chosen.is_some() {
        let most = if area.height >= 12 { area.height - 4 } else { area.height };
        wanted.min(most).max(area.height.saturating_sub(lines).min(wanted))
    } else {
        wanted.min(area.height.saturating_sub(lines))
    };
    // A title alone says nothing.
    let rows = if rows < 2 { 0 } else { rows };
    let mut above = area;
    let below = layout::cut_bottom(&mut above, rows);
    (above, below)
}

/// What can be done, what is wanted most first.
fn hint(model: &Model) -> &'static [&'static str] {
    let import = &model.import;
    match &import.state {
        _ if import.undo.is_some() => &["Esc stop", "removed messages stay removed"],
        _ if import.chosen().is_some() => &["u undo", "Enter import again", "Esc back"],
        _ if import.chosen.is_some() => &["Enter preview", "Esc back"],
        _ if import.selected.is_some() => &["Enter or Tab choose", "Esc close list"],
        ImportState::Running { dry_run: true, .. } => &["Enter import now", "Esc stop"],
        ImportState::Running { .. } => &["Esc cancel", "imported messages stay"],
        ImportState::Done { dry_run: true, path, .. } if path == import.field.text().trim() => {
            &["Enter import", "Esc back"]
        }
        _ if import.rows() > 0 => &["Enter preview", "↓ list", "Tab complete"],
        _ => &["Enter preview", "Tab complete"],
    }
}

fn completions(model: &Model, frame: &mut Frame, area: Rect) {
    let (import, theme) = (&model.import, &model.theme);
    let rows = usize::from(area.height);
    let top = first_completion(import, area);
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
