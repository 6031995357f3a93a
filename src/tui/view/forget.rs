//! The question whether something shall be forgotten.

use super::wrap::Pieces;
use super::{counted, put};
use crate::tui::layout::centred;
use crate::tui::model::{Forgetting, Model};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear};

pub(super) fn draw(model: &Model, forgetting: &Forgetting, frame: &mut Frame, window: Rect) {
    let theme = &model.theme;
    let width = 60.min(window.width);
    let room = width.saturating_sub(4);
    let chosen = &forgetting.chosen;
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut say = |text: &str, style| {
        let mut pieces = Pieces::default();
        pieces.push_line(text, style);
        lines.extend(pieces.wrap(room));
    };
    let what = format!(
        "Forget {} that hold “{}”",
        counted(chosen.turns.len() as u64, "turn"),
        super::wrap::cut(&forgetting.text, 40)
    );
    let what = match chosen.answers.len() as u64 {
        0 => what,
        1 => format!("{what}, and 1 answer that rests on them"),
        count => format!("{what}, and {} that rest on them", counted(count, "answer")),
    };
    say(&format!("{what}?"), theme.text);
    say("They cannot be brought back, and an import does not bring them again.", theme.quiet);
    say("y  forget     any other key  keep", theme.title);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = centred(window, width, height);
    frame.render_widget(Clear, area);
    let mut inner = area;
    if area.height >= 5 && area.width >= 12 {
        let block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(theme.warn)
            .title(" For good ");
        inner = block.inner(area);
        frame.render_widget(block, area);
        inner = Rect { x: inner.x + 1, width: inner.width - 2, ..inner };
    }
    put(frame, inner, lines);
}
