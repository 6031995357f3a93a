//! A field of one line, with its prompt and its cursor.

use super::{place_cursor, put};
use crate::tui::model::Field;
use crate::tui::theme::Theme;
use crate::tui::wrap::{cut, width};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// A field as it is to be drawn.
pub(super) struct Shown<'a> {
    /// What stands before it, where there is room.
    pub prompt: &'a str,
    /// The field.
    pub field: &'a Field,
    /// Whether the cursor stands in it.
    pub focused: bool,
    /// Parts of its text that stand out, in bytes.
    pub marked: &'a [Range<usize>],
}

/// Draws a field on the first line of an area; it scrolls so that the cursor is always inside.
pub(super) fn draw(frame: &mut Frame, area: Rect, shown: &Shown<'_>, theme: &Theme) {
    if area.is_empty() {
        return;
    }
    let prompt =
        if area.width >= 30 { format!("  {} › ", shown.prompt) } else { "› ".to_owned() };
    let label = width(&prompt).min(usize::from(area.width));
    let room = usize::from(area.width) - label;
    let before = width(shown.field.before_cursor());
    let skipped = (before + 1).saturating_sub(room.max(1));
    let mut line = vec![Span::styled(prompt, theme.accent)];
    let (mut passed, mut cells) = (0, 0);
    for (at, grapheme) in shown.field.text().grapheme_indices(true) {
        let wide = width(grapheme);
        if passed < skipped {
            passed += wide;
            continue;
        }
        cells += wide;
        if cells > room {
            break;
        }
        let marked = shown.marked.iter().any(|range| range.contains(&at));
        let style = if marked { theme.source } else { theme.text };
        match line.last_mut() {
            Some(last) if last.style == style => {
                last.content.to_mut().push_str(&cut(grapheme, wide));
            }
            _ => line.push(Span::styled(cut(grapheme, wide), style)),
        }
    }
    put(frame, Rect { height: 1, ..area }, vec![Line::from(line)]);
    if shown.focused && room > 0 {
        let at = u16::try_from(label + before.saturating_sub(passed)).unwrap_or(u16::MAX);
        place_cursor(frame, area, at, 0);
    }
}
