//! The choice of a filter, in place of the hits.

use super::super::{count, field, put};
use crate::tui::layout;
use crate::tui::model::{Model, Picker};
use crate::tui::update::choices;
use crate::tui::wrap::{cut, width};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The first choice that is shown in so many rows.
fn first_row(selected: usize, choices: usize, rows: usize) -> usize {
    selected.saturating_sub(rows / 2).min(choices.saturating_sub(rows))
}

/// The choice that stands on a row of the area.
pub(super) fn row_at(model: &Model, picker: &Picker, area: Rect, row: u16) -> Option<usize> {
    let choices = choices(model).len();
    let selected = picker.selected.min(choices.checked_sub(1)?);
    let rows = usize::from(area.height.saturating_sub(1)).max(1);
    let at = first_row(selected, choices, rows) + usize::from(row.checked_sub(1)?);
    (at < choices).then_some(at)
}

pub(super) fn draw(model: &Model, picker: &Picker, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let mut rest = area;
    let shown = field::Shown {
        prompt: "filter",
        field: &picker.field,
        focused: model.overlay.is_none(),
        marked: &[],
    };
    field::draw(frame, layout::cut_top(&mut rest, 1), &shown, theme);
    let choices = choices(model);
    if choices.is_empty() {
        let said = if model.memory.stats.is_none() { "  counting …" } else { "  No match" };
        put(frame, rest, vec![Line::styled(cut(said, usize::from(rest.width)), theme.quiet)]);
        return;
    }
    let rows = usize::from(rest.height).max(1);
    let room = usize::from(rest.width.saturating_sub(2));
    let selected = picker.selected.min(choices.len() - 1);
    let top = first_row(selected, choices.len(), rows);
    let lines = choices
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .map(|(at, choice)| {
            let chosen = at == selected;
            let mark = if chosen { "▸ " } else { "  " };
            let style = if chosen { theme.selected } else { theme.text };
            let about = match choice.turns {
                Some(turns) => format!("  {}", count(turns)),
                None if choice.name == "with" => "  include tools and reasoning".to_owned(),
                None => String::new(),
            };
            let name = cut(&format!("{:<8} ", choice.name), room);
            let value = cut(&choice.value, room.saturating_sub(width(&name) + width(&about)));
            let about = cut(&about, room.saturating_sub(width(&name) + width(&value)));
            Line::from(vec![
                Span::styled(mark, theme.selected),
                Span::styled(name, theme.quiet),
                Span::styled(value, style),
                Span::styled(about, theme.quiet),
            ])
        })
        .collect();
    put(frame, rest, lines);
}
