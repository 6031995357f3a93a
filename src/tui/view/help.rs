//! The help, made from the keymap and the list of commands.

use super::put;
use super::wrap::{self, Pieces};
use crate::tui::keymap::{Keymap, Scope, label};
use crate::tui::layout::centred;
use crate::tui::model::Model;
use crate::tui::theme::Theme;
use crate::tui::update::COMMANDS;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear};

pub(super) fn draw(model: &Model, frame: &mut Frame, window: Rect, scroll: usize) {
    let width = window.width.min(WIDTH);
    let lines = lines(&model.theme, &model.keymap, width.saturating_sub(3));
    let wanted = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = centred(window, WIDTH, wanted.min(window.height.saturating_sub(2).max(3)));
    frame.render_widget(Clear, area);
    let mut inner = area;
    if area.height >= 5 && area.width >= 12 {
        let block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(model.theme.accent)
            .title(" Keys and commands ");
        inner = block.inner(area);
        frame.render_widget(block, area);
    }
    let rows = usize::from(inner.height);
    let top = scroll.min(lines.len().saturating_sub(rows));
    put(frame, inner, lines.into_iter().skip(top).take(rows).collect());
}

/// How many lines are above the last screenful of the help: it scrolls no further.
pub fn most_scroll(model: &Model) -> usize {
    let window = model.area;
    let lines = lines(&model.theme, &model.keymap, window.width.min(WIDTH).saturating_sub(3)).len();
    lines.saturating_sub(usize::from(window.height.saturating_sub(4)))
}

/// The width of the help, where there is room for it.
const WIDTH: u16 = 76;

/// The lines in so many cells; what an action does goes on below its beginning.
fn lines(theme: &Theme, keymap: &Keymap, available: u16) -> Vec<Line<'static>> {
    let column: u16 = if available >= 64 { 30 } else { 14 };
    let row = |keys: String, help: &'static str| {
        let lead = usize::from(column) + 2;
        let keys = format!("  {keys}");
        // Keys too long for their column have a line of their own.
        let apart = wrap::width(&keys) >= lead;
        let mut pieces = Pieces::default();
        pieces.push_line(help, theme.quiet);
        let mut rows = pieces.wrap(available.saturating_sub(column + 2).max(8));
        for (at, line) in rows.iter_mut().enumerate() {
            let first = if at == 0 && !apart { keys.as_str() } else { "" };
            line.spans.insert(0, Span::styled(format!("{first:<lead$}"), theme.text));
        }
        if apart {
            rows.insert(0, Line::styled(keys, theme.text));
        }
        rows
    };
    let mut lines: Vec<Line<'static>> = Vec::new();
    for scope in Scope::ALL {
        lines.push(Line::styled(format!(" {}", scope.title()), theme.title));
        for binding in keymap.rows().iter().filter(|row| row.scope == scope && !row.help.is_empty())
        {
            let keys: Vec<String> = binding.keys.iter().map(|key| label(key)).collect();
            lines.extend(row(keys.join(" "), binding.help));
        }
        lines.push(Line::default());
    }
    lines.push(Line::styled(" Commands", theme.title));
    for command in COMMANDS {
        lines.extend(row(format!("{} {}", command.name, command.takes), command.help));
    }
    lines
}
