//! The command palette, above everything.

use super::{field, put};
use crate::tui::layout::{self, centred};
use crate::tui::model::{Model, Palette};
use crate::tui::wrap::{cut, width};
use ratatui::Frame;
use ratatui::layout::{Margin, Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear};

/// The parts of the palette.
struct Areas {
    /// With its frame, where it has one.
    whole: Rect,
    framed: bool,
    field: Rect,
    list: Rect,
}

fn areas(items: usize, window: Rect) -> Areas {
    let wanted = u16::try_from(items).unwrap_or(u16::MAX).saturating_add(3).max(4);
    let most = window.height.saturating_sub(2).clamp(1, 20);
    let whole = centred(window, 64, wanted.min(most));
    let framed = whole.height >= 5 && whole.width >= 12;
    let mut list = if framed { whole.inner(Margin::new(1, 1)) } else { whole };
    let field = layout::cut_top(&mut list, 1);
    Areas { whole, framed, field, list }
}

/// The first row that is shown of a list.
fn first_row(selected: usize, list: Rect) -> usize {
    (selected + 1).saturating_sub(usize::from(list.height).max(1))
}

/// The row that stands at a place of the screen.
pub(super) fn row_at(
    model: &Model,
    palette: &Palette,
    window: Rect,
    at: Position,
) -> Option<usize> {
    let items = palette.items(&model.keymap, &model.themes).len();
    let list = areas(items, window).list;
    if !list.contains(at) {
        return None;
    }
    let selected = palette.selected.min(items.saturating_sub(1));
    let row = first_row(selected, list) + usize::from(at.y - list.y);
    (row < items).then_some(row)
}

pub(super) fn draw(model: &Model, palette: &Palette, frame: &mut Frame, window: Rect) {
    let theme = &model.theme;
    let items = palette.items(&model.keymap, &model.themes);
    let Areas { whole: area, framed, field: top, list } = areas(items.len(), window);
    frame.render_widget(Clear, area);
    if framed {
        let block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(theme.accent)
            .title(if palette.themes { " Themes " } else { " What would you like to do? " });
        frame.render_widget(block, area);
    }
    let shown = field::Shown { prompt: "", field: &palette.field, focused: true, marked: &[] };
    field::draw(frame, top, &shown, theme);
    if items.is_empty() {
        put(frame, list, vec![Line::styled("   No match", theme.quiet)]);
        return;
    }
    let rows = usize::from(list.height).max(1);
    let selected = palette.selected.min(items.len() - 1);
    let first = first_row(selected, list);
    let room = usize::from(list.width);
    let lines = items.iter().enumerate().skip(first).take(rows).map(|(at, item)| {
        let (mark, style) =
            if at == selected { (" ▸ ", theme.selected) } else { ("   ", theme.text) };
        let key = cut(&item.key, 20);
        let label = cut(&item.label, room.saturating_sub(5 + width(&key)));
        let gap = room.saturating_sub(4 + width(&label) + width(&key));
        Line::from(vec![
            Span::styled(mark, style),
            Span::styled(label, style),
            Span::raw(" ".repeat(gap)),
            Span::styled(key, theme.quiet),
        ])
    });
    put(frame, list, lines.collect());
}
