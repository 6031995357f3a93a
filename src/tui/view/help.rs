//! The help, made from the keymap and the list of commands.

use super::put;
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
    let lines = lines(&model.theme, &model.keymap, if window.width >= 70 { 30 } else { 12 });
    let wanted = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = centred(window, 76, wanted.min(window.height.saturating_sub(2).max(3)));
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

fn lines(theme: &Theme, keymap: &Keymap, column: usize) -> Vec<Line<'static>> {
    let row = |keys: String, help: &'static str| {
        Line::from(vec![
            Span::styled(format!("  {keys:<column$}  "), theme.text),
            Span::styled(help, theme.quiet),
        ])
    };
    let mut lines = Vec::new();
    for scope in Scope::ALL {
        lines.push(Line::styled(format!(" {}", scope.title()), theme.title));
        for binding in keymap.rows().iter().filter(|row| row.scope == scope && !row.help.is_empty())
        {
            let keys: Vec<String> = binding.keys.iter().map(|key| label(key)).collect();
            lines.push(row(keys.join(" "), binding.help));
        }
        lines.push(Line::default());
    }
    lines.push(Line::styled(" Commands", theme.title));
    for command in COMMANDS {
        lines.push(row(format!("{} {}", command.name, command.takes), command.help));
    }
    lines
}
