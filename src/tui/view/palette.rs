//! The command palette, above everything.

use super::wrap::{cut, width};
use super::{field, put};
use crate::tui::layout::centred;
use crate::tui::model::{Model, Palette};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear};

pub(super) fn draw(model: &Model, palette: &Palette, frame: &mut Frame, window: Rect) {
    let theme = &model.theme;
    let items = palette.items(&model.keymap, &model.themes);
    let wanted = u16::try_from(items.len()).unwrap_or(u16::MAX).saturating_add(3).max(4);
    let most = window.height.saturating_sub(2).clamp(1, 20);
    let area = centred(window, 64, wanted.min(most));
    frame.render_widget(Clear, area);
    let mut inner = area;
    if area.height >= 5 && area.width >= 12 {
        let block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(theme.accent)
            .title(if palette.themes { " Themes " } else { " What shall be done? " });
        inner = block.inner(area);
        frame.render_widget(block, area);
    }
    let top = Rect { height: inner.height.min(1), ..inner };
    let shown = field::Shown { prompt: "", field: &palette.field, focused: true, marked: &[] };
    field::draw(frame, top, &shown, theme);
    let list = Rect { y: inner.y + top.height, height: inner.height - top.height, ..inner };
    if items.is_empty() {
        put(frame, list, vec![Line::styled("   Nothing is called so", theme.quiet)]);
        return;
    }
    let rows = usize::from(list.height).max(1);
    let selected = palette.selected.min(items.len() - 1);
    let first = (selected + 1).saturating_sub(rows);
    let room = usize::from(list.width);
    let lines = items.iter().enumerate().skip(first).take(rows).map(|(at, item)| {
        let (mark, style) =
            if at == selected { (" ▸ ", theme.selected) } else { ("   ", theme.text) };
        let key = cut(&item.key, 14);
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
