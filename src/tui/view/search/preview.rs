//! What stands around the selected hit.

use super::super::{day_and_time, put, rule, source};
use super::{found, why};
use crate::conversation::{Turn, name_of};
use crate::language;
use crate::tui::layout;
use crate::tui::model::{ListFocus, Model};
use crate::tui::theme::Theme;
use crate::tui::update::parse;
use crate::tui::wrap::{Pieces, cut};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let Some(hit) = model.search.current().filter(|_| !area.is_empty()) else { return };
    let theme = &model.theme;
    let focused = model.search.focus == ListFocus::Preview;
    let title = format!("{} · {}", hit.session_title, hit.source);
    rule(frame, area, &title, if focused { theme.accent } else { theme.quiet });
    let reasons = reasons(model);
    let (text, below) = parts(area, reasons.len());
    if below.height > 1 {
        put(frame, below, why::lines(&reasons, below, theme));
    } else if below.height == 1 {
        let said = cut(&format!(" why: {}", why::in_short(&reasons)), usize::from(below.width));
        put(frame, below, vec![Line::styled(said, theme.quiet)]);
    }
    if let Some((lines, top, rows)) = around(model, area) {
        put(frame, text, lines.into_iter().skip(top).take(rows).collect());
    }
}

fn reasons(model: &Model) -> Vec<why::Reason> {
    let looked = parse(model.search.field.text(), model.now);
    model.search.current().map_or_else(Vec::new, |hit| why::reasons(hit, &looked.query.text))
}

/// Where the turns stand, and below them why the hit was found.
fn parts(area: Rect, reasons: usize) -> (Rect, Rect) {
    let mut rest = area;
    layout::cut_top(&mut rest, 1);
    let below = match rest.height {
        0..4 => 0,
        4..10 => 1,
        height => u16::try_from(reasons).unwrap_or(u16::MAX).clamp(1, height / 3) + 1,
    };
    let below = layout::cut_bottom(&mut rest, below);
    let text = Rect { x: rest.x + 1.min(rest.width), width: rest.width.saturating_sub(2), ..rest };
    (text, below)
}

/// The lines around the selected hit, the first of them that is shown, and how many are.
pub fn around(model: &Model, area: Rect) -> Option<(Vec<Line<'static>>, usize, usize)> {
    let hit = model.search.current()?;
    let text = parts(area, reasons(model).len()).0;
    if text.is_empty() {
        return None;
    }
    let terms = language::query_terms(&parse(model.search.field.text(), model.now).query.text);
    let preview = model.search.preview.as_ref().filter(|preview| preview.turn == hit.turn.id);
    let turns = preview.map_or(&[][..], |preview| &preview.turns);
    let mut lines = Vec::new();
    let mut central = 0;
    if turns.iter().all(|turn| turn.id != hit.turn.id) {
        lines.extend(said(&hit.turn, &terms, text.width, &model.theme));
    } else {
        for turn in turns.iter().filter(|turn| turn.kind.is_said() || turn.id == hit.turn.id) {
            if turn.id == hit.turn.id {
                central = lines.len();
                lines.extend(said(turn, &terms, text.width, &model.theme));
            } else {
                lines.extend(source::turn_lines(turn, None, false, text.width, &model.theme));
            }
            lines.push(Line::default());
        }
    }
    let rows = usize::from(text.height);
    let last = lines.len().saturating_sub(rows);
    let scroll = preview.and_then(|preview| preview.scroll);
    let top = scroll.unwrap_or_else(|| central.saturating_sub(rows / 3)).min(last);
    Some((lines, top, rows))
}

/// The hit itself, with the words that were found marked.
fn said(turn: &Turn, terms: &[String], width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut head = Pieces::default();
    head.push_line(name_of(&turn.speaker), theme.speaker);
    if let Some(at) = turn.said_at {
        head.push(&format!("  {}", day_and_time(at)), theme.quiet);
    }
    let mut text = Pieces::default();
    let mut at = 0;
    for mark in found(&turn.text, terms) {
        text.push(&turn.text[at..mark.start], theme.text);
        text.push(&turn.text[mark.clone()], theme.mark);
        at = mark.end;
    }
    text.push(turn.text[at..].trim_end(), theme.text);
    let indent = if width >= 20 { 2 } else { 0 };
    let mut lines = head.wrap(width - indent);
    lines.extend(text.wrap(width - indent));
    if indent > 0 {
        for line in &mut lines {
            line.spans.insert(0, Span::styled("▌ ", theme.accent));
        }
    }
    lines
}
