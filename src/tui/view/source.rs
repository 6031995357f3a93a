//! A source of an answer in its surroundings, with the quoted words marked.

use super::{day_and_time, joined, put, rule};
use crate::conversation::{Turn, name_of};
use crate::tui::model::SourcePane;
use crate::tui::theme::Theme;
use crate::tui::wrap::{Pieces, cut};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(pane: &SourcePane, frame: &mut Frame, area: Rect, focused: bool, theme: &Theme) {
    if area.is_empty() {
        return;
    }
    let Some(citation) = pane.citation() else { return };
    let style = if focused { theme.accent } else { theme.quiet };
    let title = format!(
        "[{}] {}{}",
        citation.number,
        name_of(&citation.speaker),
        citation.said_at.map(|at| format!(", {}", super::day(at))).unwrap_or_default(),
    );
    rule(frame, area, &title, style);
    if area.x > 0 && area.height > 1 {
        let beside = Rect { y: area.y + 1, height: area.height - 1, width: 1, ..area };
        put(frame, beside, vec![Line::styled("│", theme.quiet); usize::from(beside.height)]);
    }
    let text = text_area(area);
    let (lines, top) = visible_part(pane, area, theme);
    let rows = usize::from(text.height);
    put(frame, text, lines.into_iter().skip(top).take(rows).collect());
    if area.height >= 6 {
        let count = pane.citations.len();
        let mut parts = vec![format!("{} of {count}", pane.at + 1)];
        if count > 1 {
            parts.push("n next".to_owned());
        }
        parts.extend(["Enter in session", "Esc close", "y copy"].map(str::to_owned));
        let hint = joined(parts, usize::from(text.width));
        let last = Rect { y: area.bottom() - 1, height: 1, x: text.x, width: text.width };
        put(frame, last, vec![Line::styled(cut(&hint, usize::from(last.width)), theme.quiet)]);
    }
}

/// Where the text of a source stands in its area.
pub fn text_area(area: Rect) -> Rect {
    let margin = if area.width >= 20 { 2 } else { 0 };
    let below = u16::from(area.height >= 6);
    Rect {
        x: area.x + margin,
        y: area.y + 1.min(area.height),
        width: area.width - 2 * margin,
        height: area.height.saturating_sub(1 + below),
    }
}

/// Returns the lines of a source, and the first of them that is shown.
pub fn visible_part(pane: &SourcePane, area: Rect, theme: &Theme) -> (Vec<Line<'static>>, usize) {
    let text = text_area(area);
    let (lines, cited) = lines(pane, text.width, theme);
    let rows = usize::from(text.height);
    let last = lines.len().saturating_sub(rows);
    let top = pane.scroll.unwrap_or_else(|| cited.saturating_sub(rows / 4)).min(last);
    (lines, top)
}

/// The lines, and where the cited turn begins.
fn lines(pane: &SourcePane, width: u16, theme: &Theme) -> (Vec<Line<'static>>, usize) {
    let Some(citation) = pane.citation() else { return (Vec::new(), 0) };
    let plain = |text: &str, style| {
        let mut pieces = Pieces::default();
        pieces.push(text, style);
        pieces.wrap(width)
    };
    if let Some(error) = &pane.error {
        return (plain(&format!("✗ {error}"), theme.bad), 0);
    }
    if pane.turns.is_empty() {
        let said =
            if pane.loading.is_some() { "reading …" } else { "It is no longer in memory." };
        return (plain(said, theme.quiet), 0);
    }
    let mut lines = Vec::new();
    let mut cited = 0;
    for turn in pane.turns.iter().filter(|turn| turn.kind.is_said()) {
        if turn.id == citation.turn {
            cited = lines.len();
            lines.extend(turn_lines(turn, Some(&citation.quote), true, width, theme));
        } else {
            lines.extend(turn_lines(turn, None, false, width, theme));
        }
        lines.push(Line::default());
    }
    (lines, cited)
}

/// A turn with the quoted words marked. Also used by the preview of the search.
pub fn turn_lines(
    turn: &Turn,
    quote: Option<&str>,
    central: bool,
    width: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut head = Pieces::default();
    head.push_line(name_of(&turn.speaker), if central { theme.speaker } else { theme.quiet });
    if let Some(at) = turn.said_at {
        head.push(&format!("  {}", day_and_time(at)), theme.quiet);
    }
    let mut text = Pieces::default();
    let base = if central { theme.text } else { theme.quiet };
    match quote.and_then(|quote| split(&turn.text, quote)) {
        Some((before, quoted, after)) => {
            text.push(before, base).push(quoted, theme.mark).push(after.trim_end(), base);
        }
        None => {
            text.push(turn.text.trim_end(), base);
        }
    }
    let indent = if width >= 20 { 2 } else { 0 };
    let mut lines = head.wrap(width - indent);
    lines.extend(text.wrap(width - indent));
    let gutter = if central { "▌ " } else { "  " };
    if indent > 0 {
        for line in &mut lines {
            line.spans.insert(0, Span::styled(gutter, theme.accent));
        }
    }
    lines
}

/// Splits a text around the words that are quoted from it.
fn split<'a>(text: &'a str, quote: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let quote = quote.trim().trim_end_matches('…').trim_end();
    if quote.is_empty() {
        return None;
    }
    let at = text.find(quote)?;
    Some((&text[..at], &text[at..at + quote.len()], &text[at + quote.len()..]))
}
