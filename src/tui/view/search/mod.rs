//! The search: what was found, what stands around it, and why it was found.

mod list;
mod picker;
mod preview;
mod why;

pub use list::rows;
pub use preview::around;

use super::{Target, chips, count, counted, field, put};
use crate::language;
use crate::tui::layout::{self, ListAreas};
use crate::tui::model::{ListFocus, Model};
use crate::tui::update::{Looked, parse};
use crate::tui::wrap::cut;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use std::ops::Range;

/// Where the parts stand. A window too small for the preview shows it in place of the list while it
/// has the focus.
pub fn areas(model: &Model, body: Rect) -> ListAreas {
    let search = &model.search;
    let mut areas = layout::list(body, !search.hits.is_empty());
    if areas.preview.is_empty() && search.focus == ListFocus::Preview {
        std::mem::swap(&mut areas.preview, &mut areas.list);
    }
    areas
}

/// What stands at a place of the screen.
pub(super) fn target(model: &Model, body: Rect, at: Position) -> Option<Target> {
    let areas = areas(model, body);
    if areas.field.contains(at) {
        return Some(Target::Field);
    }
    if areas.preview.contains(at) {
        return Some(Target::Preview);
    }
    if !areas.list.contains(at) {
        return None;
    }
    let row = at.y - areas.list.y;
    match &model.search.picker {
        Some(picker) => picker::row_at(model, picker, areas.list, row),
        None => list::row_at(&model.search, areas.list, row),
    }
    .map(Target::Row)
}

pub(super) fn draw(model: &Model, frame: &mut Frame, body: Rect) {
    let (search, theme) = (&model.search, &model.theme);
    let areas = areas(model, body);
    let looked = parse(search.field.text(), model.now);
    let marked: Vec<Range<usize>> = looked.chips.iter().map(|chip| chip.range.clone()).collect();
    let shown = field::Shown {
        prompt: "search",
        field: &search.field,
        focused: search.focus == ListFocus::Field
            && search.picker.is_none()
            && model.overlay.is_none(),
        marked: &marked,
    };
    field::draw(frame, areas.field, &shown, theme);
    summary(model, &looked, frame, areas.summary);
    if let Some(picker) = &search.picker {
        picker::draw(model, picker, frame, areas.list);
        preview::draw(model, frame, areas.preview);
        return;
    }
    if search.hits.is_empty() {
        hints(model, &looked, frame, areas.list);
        return;
    }
    let terms = language::query_terms(&looked.query.text);
    list::draw(model, &terms, frame, areas.list);
    preview::draw(model, frame, areas.preview);
}

/// The filters as chips, and how far the search is.
fn summary(model: &Model, looked: &Looked, frame: &mut Frame, area: Rect) {
    let (search, theme) = (&model.search, &model.theme);
    let room = usize::from(area.width);
    let mut spans = vec![Span::raw(if room >= 30 { "  " } else { "" })];
    spans.extend(chips::spans(&looked.chips, room - spans[0].width().min(room), theme));
    let cells: usize = spans.iter().map(Span::width).sum();
    let style = if search.error.is_some() { theme.bad } else { theme.quiet };
    spans.push(Span::styled(cut(&state(model, looked), room.saturating_sub(cells)), style));
    put(frame, area, vec![Line::from(spans)]);
}

fn state(model: &Model, looked: &Looked) -> String {
    let search = &model.search;
    let hits = || counted(search.hits.len() as u64, "hit");
    let turns = || counted(search.hits.len() as u64, "turn");
    match &search.error {
        _ if looked.query.text.is_empty() && looked.chips.is_empty() => String::new(),
        Some(error) => format!("✗ {error}"),
        _ if looked.query.text.is_empty() && looked.query.filter.is_open() => {
            "type what to look for".to_owned()
        }
        None if !search.answered => "searching …".to_owned(),
        None if looked.query.text.is_empty() && search.hits.len() >= search.limit => {
            format!(
                "the newest {}; type words to narrow them down",
                count(search.hits.len() as u64)
            )
        }
        None if looked.query.text.is_empty() => format!("{}, newest first", turns()),
        None if search.meaning.is_some() && search.limit > crate::tui::effect::HITS => {
            format!("{}, loading more …", hits())
        }
        None if search.meaning.is_some() => format!("{} by words, searching by meaning …", hits()),
        None => format!("{} by words and meaning", hits()),
    }
}

fn hints(model: &Model, looked: &Looked, frame: &mut Frame, area: Rect) {
    const EXAMPLES: &[(&str, &str)] = &[
        ("speaker:ann", "said by Ann; with a space: speaker:\"Ann Lee\""),
        ("source:chatgpt", "imported from ChatGPT"),
        ("role:user", "by role: user, assistant, system, tool"),
        ("last summer", "a time in words; also: in May 2023, since 2021"),
        ("since:2023-05", "from May 2023 on; also: until: before: after: in:"),
        ("with:folded", "include tools and reasoning"),
        ("with:questions", "rank past questions with the rest, not below"),
        ("Ctrl+F", "chooses a filter, Ctrl+X removes the last one"),
    ];
    let search = &model.search;
    let theme = &model.theme;
    let room = usize::from(area.width.saturating_sub(2));
    let say = |text: &str| Line::styled(format!("  {}", cut(text, room)), theme.quiet);
    let lines = if search.field.text().trim().is_empty() {
        let mut lines = vec![say("Type to search everything."), Line::default()];
        lines.extend(EXAMPLES.iter().map(|(typed, what)| {
            Line::from(vec![
                Span::styled(format!("  {}", cut(&format!("{typed:<16}"), room)), theme.source),
                Span::styled(cut(what, room.saturating_sub(16)), theme.quiet),
            ])
        }));
        lines
    } else if !search.answered || search.meaning.is_some() {
        Vec::new()
    } else if search.error.is_some() {
        vec![say("The search failed. Change the words to try again.")]
    } else if looked.chips.is_empty() {
        vec![say("No hits."), say("Try fewer or different words.")]
    } else {
        vec![say("No hits with these filters."), say("Ctrl+X removes the last filter.")]
    };
    put(frame, area, lines);
}

/// Where words that are looked for are in a text, in bytes: in order, and apart from each other. The
/// last term may be unfinished.
fn found(text: &str, terms: &[String]) -> Vec<Range<usize>> {
    let unfinished = terms.last().filter(|last| last.chars().count() > 1);
    let words = language::words(text).into_iter().filter(|word| {
        terms.contains(&word.term)
            || unfinished.is_some_and(|last| word.term.starts_with(last.as_str()))
    });
    merged(words.map(|word| word.start..word.end()))
}

/// Ranges in the order of their starts, with those that overlap or touch made one. Scripts without
/// spaces are cut into overlapping pairs of letters, and two pairs share a letter.
fn merged(ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn neighbouring_pairs_of_letters_are_one_mark() {
        let terms = language::query_terms("北京大学");
        let only = |marks: Vec<Range<usize>>| (marks.len(), marks[0].clone());
        assert_eq!(only(found("我在北京大学读书", &terms)), (1, 6..18));
        assert_eq!(only(found("한국어를 배운다", &language::query_terms("한국어"))), (1, 0..9));
    }

    proptest! {
        #[test]
        fn marks_are_apart_and_in_the_text(
            text in "([a-c]|北|京|大|か|ら|한|국| |é|\n){0,24}",
            query in "([a-c]|北|京|大|か|ら|한|국| |é){1,8}",
        ) {
            let marks = found(&text, &language::query_terms(&query));
            let mut at = 0;
            for mark in &marks {
                prop_assert!(at <= mark.start && mark.start < mark.end);
                prop_assert!(text.get(at..mark.start).is_some() && text.get(mark.clone()).is_some());
                at = mark.end;
            }
        }

        #[test]
        fn merging_keeps_every_byte(ranges in prop::collection::vec((0_usize..40, 1_usize..6), 0..12)) {
            let mut ranges: Vec<_> = ranges.into_iter().map(|(start, len)| start..start + len).collect();
            ranges.sort_by_key(|range| range.start);
            let held = |all: &[Range<usize>], at: usize| all.iter().any(|range| range.contains(&at));
            let merged = merged(ranges.iter().cloned());
            prop_assert!((0..50).all(|at| held(&ranges, at) == held(&merged, at)));
            prop_assert!(merged.windows(2).all(|pair| pair[0].end < pair[1].start));
        }
    }
}
