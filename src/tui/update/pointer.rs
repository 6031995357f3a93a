//! The mouse: the wheel scrolls what lies below it, a click takes the focus there and opens what it
//! hits.

use super::{press_action, scroll_transcript, search, source};
use crate::tui::effect::Effect;
use crate::tui::event::Pointer;
use crate::tui::keymap::Action;
use crate::tui::layout;
use crate::tui::model::{Focus, ListFocus, Model, View};
use crate::tui::view::{Target, target};
use ratatui::layout::Position;

/// How many lines the wheel scrolls at once.
const WHEEL: usize = 3;

pub(super) fn act(model: &mut Model, pointer: Pointer, at: Position) -> Vec<Effect> {
    match pointer {
        Pointer::WheelUp => wheel(model, Action::Up, at),
        Pointer::WheelDown => wheel(model, Action::Down, at),
        Pointer::Drag => drag(model, at),
        Pointer::Click if model.overlay.is_some() || model.question.is_some() => Vec::new(),
        Pointer::Click if model.view == View::Chat && model.palette.is_none() => click(model, at),
        Pointer::Click => match target(model, at) {
            Some(target) => pick(model, target),
            None => Vec::new(),
        },
    }
}

/// A click on a row selects it, a second one opens it; in the palette one does.
fn pick(model: &mut Model, target: Target) -> Vec<Effect> {
    if let (Some(palette), Target::Row(row)) = (&mut model.palette, target) {
        palette.selected = row;
        return press_action(model, Action::Open);
    }
    match (model.view, target) {
        (View::Search, Target::Field) => model.search.focus = ListFocus::Field,
        (View::Search, Target::Preview) => model.search.focus = ListFocus::Preview,
        (View::Search, Target::Row(row)) => return pick_hit(model, row),
        // While something is asked, the row that it is asked about stays.
        (View::Sessions, _) if model.sessions.prompt.is_some() => {}
        (View::Sessions, Target::Field) => model.sessions.focus = ListFocus::Field,
        (View::Sessions, Target::Row(row)) => {
            let (focus, at) = (model.sessions.focus, model.sessions.list.selected());
            model.sessions.focus = ListFocus::List;
            if focus == ListFocus::List && at == row {
                return press_action(model, Action::Open);
            }
            model.sessions.list.step(distance(at, row));
        }
        (View::Import, Target::Field) => model.import.chosen = None,
        (View::Import, Target::Completion(row)) => {
            model.import.selected = Some(row);
            return press_action(model, Action::Send);
        }
        (View::Import, Target::Row(row)) => {
            if model.import.chosen == Some(row) {
                return press_action(model, Action::Open);
            }
            model.import.chosen = Some(row);
        }
        _ => {}
    }
    Vec::new()
}

fn pick_hit(model: &mut Model, row: usize) -> Vec<Effect> {
    if let Some(picker) = &mut model.search.picker {
        picker.selected = row;
        return press_action(model, Action::Open);
    }
    let (focus, at) = (model.search.focus, model.search.selected);
    model.search.focus = ListFocus::List;
    if focus == ListFocus::List && at == row {
        return press_action(model, Action::Open);
    }
    search::step(model, distance(at, row))
}

/// How far it is from one row to another.
fn distance(from: usize, to: usize) -> isize {
    isize::try_from(to).unwrap_or(isize::MAX) - isize::try_from(from).unwrap_or(isize::MAX)
}

fn wheel(model: &mut Model, action: Action, at: Position) -> Vec<Effect> {
    let mut effects = Vec::new();
    for _ in 0..WHEEL {
        if model.view == View::Chat && model.overlay.is_none() {
            let side = layout::areas(model, model.area).side;
            if side.contains(at) {
                effects.extend(source::press(model, Some(action)));
            } else {
                scroll_transcript(model, action);
            }
        } else {
            effects.extend(press_action(model, action));
        }
    }
    effects
}

/// Selects what is written, from where the button was pressed.
fn drag(model: &mut Model, at: Position) -> Vec<Effect> {
    let text = layout::composer_text(layout::areas(model, model.area).composer);
    let covered = model.overlay.is_some() || model.palette.is_some() || model.question.is_some();
    let writes = model.view == View::Chat && model.chat.focus == Focus::Composer && !covered;
    if writes && text.contains(at) {
        let composer = &mut model.chat.composer;
        let place = composer.place_at(usize::from(at.y - text.y), usize::from(at.x - text.x));
        if composer.selection().is_none() {
            composer.set_anchor(Some(composer.cursor()));
        }
        composer.move_to(place);
    }
    Vec::new()
}

fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    let areas = layout::areas(model, model.area);
    let composer = layout::composer_text(areas.composer);
    if areas.composer.contains(at) {
        model.chat.focus = Focus::Composer;
        if composer.contains(at) {
            let row = usize::from(at.y - composer.y);
            let place = model.chat.composer.place_at(row, usize::from(at.x - composer.x));
            model.chat.composer.set_anchor(None);
            model.chat.composer.move_to(place);
        }
        return Vec::new();
    }
    if areas.side.contains(at) {
        model.chat.focus = Focus::Source;
        return Vec::new();
    }
    let area = layout::transcript(areas.body);
    if !areas.body.contains(at) || model.chat.transcript.is_empty() {
        return Vec::new();
    }
    model.chat.focus = Focus::Transcript;
    let row = usize::from(at.y.saturating_sub(area.y));
    let theme = model.theme;
    let Some((key, line)) = model.chat.transcript.hit(row, area.width, area.height, &theme) else {
        return Vec::new();
    };
    let column = usize::from(at.x.saturating_sub(area.x));
    let number = number_at(&line, column);
    model.chat.transcript.select(key);
    number.map_or_else(Vec::new, |number| source::open(model, number - 1))
}

/// The number of the source that a line names at a column, or at its beginning.
fn number_at(line: &str, column: usize) -> Option<usize> {
    let number = |text: &str| {
        let inside = text.strip_prefix('[')?;
        let number: usize = inside[..inside.find(']')?].parse().ok()?;
        (1..=99).contains(&number).then_some(number)
    };
    let mut cells = 0;
    for (at, c) in line.char_indices() {
        if c == '['
            && let Some(found) = number(&line[at..])
            && (cells..cells + 4).contains(&column)
        {
            return Some(found);
        }
        cells += crate::tui::wrap::width(c.encode_utf8(&mut [0; 4]));
    }
    number(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_finds_the_number() {
        for (line, column, expected) in [
            ("[2] Bruno: “Gern.”", 9, Some(2)),
            ("Eleven [1], or ten [12]", 20, Some(12)),
            ("Eleven [1]", 2, None),
            ("日本語 [3]", 8, Some(3)),
            ("[x] no", 1, None),
        ] {
            assert_eq!(number_at(line, column), expected, "{line}");
        }
    }
}
