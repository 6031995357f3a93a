//! Filters as chips.

use crate::tui::theme::Theme;
use crate::tui::update::Chip;
use crate::tui::wrap::{cut, width};
use ratatui::text::Span;

/// Draws chips into so many cells, with a space behind each.
pub(super) fn spans(chips: &[Chip], room: usize, theme: &Theme) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut cells = 0;
    for chip in chips {
        let style = if chip.understood { theme.source } else { theme.warn };
        let label = cut(&label(chip), room.saturating_sub(cells + 1));
        cells += width(&label) + 1;
        spans.extend([Span::styled(label, style), Span::raw(" ")]);
    }
    spans
}

/// What was not understood is told by a sign as well.
fn label(chip: &Chip) -> String {
    let name = if chip.name == "said" { "said in" } else { chip.name };
    if chip.understood {
        format!("[{name} {}]", cut(&chip.value, 40))
    } else {
        format!("[? {name} {}]", chip.value)
    }
}
