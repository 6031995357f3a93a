//! The hits as a list.

use super::super::{day, put};
use super::found;
use crate::conversation::name_of;
use crate::evidence::Hit;
use crate::tui::model::{Model, Search};
use crate::tui::theme::Theme;
use crate::tui::wrap::{Pieces, cut, width};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::ops::Range;

/// How many rows of the screen a hit takes in a list of this size.
fn row_height(list: Rect) -> u16 {
    if list.height >= 6 { 2 } else { 1 }
}

/// How many hits fit into a list of this size.
pub fn rows(list: Rect) -> usize {
    usize::from(list.height / row_height(list)).max(1)
}

/// The hit that stands on a row of the list.
pub(super) fn row_at(search: &Search, list: Rect, row: u16) -> Option<usize> {
    let at = search.first_row(rows(list)) + usize::from(row / row_height(list));
    (at < search.hits.len()).then_some(at)
}

pub(super) fn draw(model: &Model, terms: &[String], frame: &mut Frame, area: Rect) {
    if area.is_empty() {
        return;
    }
    let search = &model.search;
    let rows = rows(area);
    let mut lines = Vec::new();
    for (at, hit) in search.hits.iter().enumerate().skip(search.first_row(rows)).take(rows) {
        let row = Row { hit, selected: at == search.selected, terms, theme: &model.theme };
        if row_height(area) == 1 {
            lines.push(row.short(area.width));
        } else {
            lines.extend(row.long(area.width));
        }
    }
    put(frame, area, lines);
}

struct Row<'a> {
    hit: &'a Hit,
    selected: bool,
    terms: &'a [String],
    theme: &'a Theme,
}

impl Row<'_> {
    fn mark(&self) -> Span<'static> {
        Span::styled(if self.selected { "▸ " } else { "  " }, self.theme.selected)
    }

    /// On one line: who, and the words around the first that was found.
    fn short(&self, available: u16) -> Line<'static> {
        let room = usize::from(available.saturating_sub(3));
        let style = if self.selected { self.theme.selected } else { self.theme.speaker };
        let speaker = format!("{}: ", cut(name_of(&self.hit.turn.speaker), room / 3));
        let left = room.saturating_sub(width(&speaker));
        let mut spans = vec![self.mark(), Span::styled(speaker, style)];
        spans.extend(self.snippet(left).spans);
        Line::from(spans)
    }

    /// On two: who, when and where; and below it the words.
    fn long(&self, available: u16) -> [Line<'static>; 2] {
        let room = usize::from(available.saturating_sub(3));
        let style = if self.selected { self.theme.selected } else { self.theme.speaker };
        let speaker = cut(name_of(&self.hit.turn.speaker), room.min(24));
        let when = self.hit.turn.said_at.map(|at| format!("  {}", day(at))).unwrap_or_default();
        let about = format!("{when}  {}", self.hit.session_title);
        let about = cut(&about, room.saturating_sub(width(&speaker)));
        let head =
            vec![self.mark(), Span::styled(speaker, style), Span::styled(about, self.theme.quiet)];
        let mut text = self.snippet(room);
        text.spans.insert(0, Span::raw("  "));
        [Line::from(head), text]
    }

    /// The part of the turn in which the first word that was found stands, on one line.
    fn snippet(&self, room: usize) -> Line<'static> {
        let text = self.hit.turn.text.trim();
        let marks = found(text, self.terms);
        let from = begin(text, &marks, room);
        let mut pieces = Pieces::default();
        if from > 0 {
            pieces.push("…", self.theme.quiet);
        }
        let mut at = from;
        for mark in marks.iter().filter(|mark| mark.start >= from) {
            pieces.push_line(&text[at..mark.start], self.theme.text);
            pieces.push_line(&text[mark.clone()], self.theme.mark);
            at = mark.end;
            // More than fits need not be measured.
            if at - from > 4 * room {
                break;
            }
        }
        let end = text.len().min(at + 4 * room);
        let end = (at..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(at);
        pieces.push_line(&text[at..end], self.theme.text);
        pieces.one_line(room)
    }
}

/// Where a snippet begins: at the text's own beginning where the first word that was found is in
/// view then, else a few words before it.
fn begin(text: &str, marks: &[Range<usize>], room: usize) -> usize {
    let Some(first) = marks.first() else { return 0 };
    if width(&cut(&text[..first.end], room + 1)) <= room * 2 / 3 {
        return 0;
    }
    let lead = first.start.saturating_sub(room / 3);
    let lead = (lead..=first.start).find(|at| text.is_char_boundary(*at)).unwrap_or(first.start);
    let space = text[lead..first.start].find(' ').map_or(lead, |space| lead + space + 1);
    space.min(first.start)
}
