//! The search.

use super::picker;
use super::query::{self, Looked};
use super::{copy, motion, notify, scrolled, session};
use crate::conversation::Turn;
use crate::evidence::Hit;
use crate::tui::effect::{Effect, Place};
use crate::tui::event::{Failure, JobId, Timer};
use crate::tui::keymap::Action;
use crate::tui::layout;
use crate::tui::model::{ListFocus, Model, Preview, Tone, View};
use crate::tui::view::search as view;
use ratatui::crossterm::event::KeyEvent;
use std::time::Duration;

/// How long the typing must pause before meaning is searched too.
const PAUSE: Duration = Duration::from_millis(180);

/// Opens the search; `None` leaves what was looked for before.
pub(super) fn open(model: &mut Model, text: Option<&str>) -> Vec<Effect> {
    model.view = View::Search;
    model.overlay = None;
    model.search.focus = ListFocus::Field;
    match text {
        Some(text) => look_for(model, text),
        None => Vec::new(),
    }
}

/// Looks for something else.
pub(super) fn look_for(model: &mut Model, text: &str) -> Vec<Effect> {
    model.search.field.set(text);
    search(model)
}

pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    if model.search.picker.is_some() {
        return picker::press(model, action, key);
    }
    let focus = model.search.focus;
    match action {
        Some(Action::Dismiss) => model.view = View::Chat,
        Some(Action::Filter) => return picker::open(model),
        Some(Action::Focus) => move_focus(model, true),
        Some(Action::FocusBack) => move_focus(model, false),
        Some(Action::Open) => {
            return match model.search.target(model.now) {
                Some((session, turn)) => session::open(model, session, Place::Turn(turn)),
                None => Vec::new(),
            };
        }
        Some(Action::Copy) => {
            return match model.search.current().map(|hit| hit.turn.text.clone()) {
                Some(text) => copy(&text, "Turn"),
                None => Vec::new(),
            };
        }
        Some(Action::RemoveFilter) => return remove_filter(model),
        Some(action) if focus == ListFocus::Preview => scroll_preview(model, action),
        Some(action) => {
            return motion(action, rows(model)).map_or_else(Vec::new, |by| step(model, by));
        }
        None if focus == ListFocus::Field && model.search.field.key(key) => {
            return search(model);
        }
        None => {}
    }
    Vec::new()
}

/// How many hits are in view.
fn rows(model: &Model) -> usize {
    view::rows(view::areas(model, layout::areas(model, model.area).body).list)
}

/// Selects a hit further down or up.
pub(super) fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let rows = rows(model);
    model.search.step(by, rows);
    let mut effects = look(model);
    effects.extend(more(model));
    effects
}

/// The field, the list, the preview; the latter two only where something was found.
fn move_focus(model: &mut Model, forward: bool) {
    let search = &mut model.search;
    search.focus = match (search.focus, forward) {
        _ if search.hits.is_empty() => ListFocus::Field,
        (ListFocus::Field, true) | (ListFocus::Preview, false) => ListFocus::List,
        (ListFocus::List, true) | (ListFocus::Field, false) => ListFocus::Preview,
        (ListFocus::Preview, true) | (ListFocus::List, false) => ListFocus::Field,
    };
}

fn scroll_preview(model: &mut Model, action: Action) {
    let area = view::areas(model, layout::areas(model, model.area).body).preview;
    let Some((lines, top, rows)) = view::around(model, area) else { return };
    if let Some(preview) = &mut model.search.preview {
        let last = lines.len().saturating_sub(rows);
        preview.scroll = Some(scrolled(top, action, rows).min(last));
    }
}

pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(picker) = &mut model.search.picker {
        picker.field.insert(text);
        picker.selected = 0;
        return Vec::new();
    }
    model.search.focus = ListFocus::Field;
    model.search.field.insert(text);
    search(model)
}

fn remove_filter(model: &mut Model) -> Vec<Effect> {
    match query::without_last_chip(model.search.field.text(), model.now) {
        Some(text) => look_for(model, &text),
        None => notify(model, Tone::Plain, "No filter to remove; Ctrl+F adds one"),
    }
}

/// What is typed, understood.
fn looked(model: &Model) -> Looked {
    query::parse(model.search.field.text(), model.now)
}

/// Searches by words at once, and by meaning when the typing has paused.
fn search(model: &mut Model) -> Vec<Effect> {
    let (words, meaning) = (model.job(), model.job());
    let query = looked(model).query;
    let search = &mut model.search;
    let mut effects: Vec<Effect> = [search.words.take(), search.meaning.take()]
        .into_iter()
        .flatten()
        .map(Effect::Cancel)
        .collect();
    search.restart();
    if query.text.is_empty() && query.filter.is_open() {
        search.clear();
        return effects;
    }
    search.words = Some(words);
    if query.text.is_empty() {
        // Filters alone: what passes them, the newest first. There is no meaning to look for.
        effects.push(Effect::Search { job: words, query, limit: search.limit, meaning: false });
        return effects;
    }
    search.meaning = Some(meaning);
    let limit = search.limit;
    effects.push(Effect::Search { job: words, query, limit, meaning: false });
    effects.push(Effect::Wake(PAUSE, Timer::Meaning(meaning)));
    effects
}

pub(super) fn search_meaning(model: &mut Model, job: JobId) -> Vec<Effect> {
    if model.search.meaning != Some(job) {
        return Vec::new();
    }
    let limit = model.search.limit;
    vec![Effect::Search { job, query: looked(model).query, limit, meaning: true }]
}

/// Asks for more hits where the selection comes to the end of them.
fn more(model: &mut Model) -> Vec<Effect> {
    let Some(limit) = model.search.wanted() else { return Vec::new() };
    let job = model.job();
    model.search.limit = limit;
    model.search.meaning = Some(job);
    vec![Effect::Search { job, query: looked(model).query, limit, meaning: true }]
}

pub(super) fn hits(
    model: &mut Model,
    job: JobId,
    result: Result<Vec<Hit>, Failure>,
) -> Vec<Effect> {
    let search = &mut model.search;
    let mut effects = Vec::new();
    if search.meaning == Some(job) {
        search.meaning = None;
        // Words alone, should they come later, know less.
        effects.extend(search.words.take().map(Effect::Cancel));
    } else if search.words == Some(job) {
        search.words = None;
    } else {
        return Vec::new();
    }
    match result {
        Ok(hits) => search.take(hits, model.now),
        Err(Failure::Failed(why)) => search.error = Some(why),
        Err(Failure::Cancelled) => {}
    }
    if search.hits.is_empty() {
        search.focus = ListFocus::Field;
    }
    effects.extend(look(model));
    effects
}

/// Reads what stands around the selected hit, if it is not there already.
fn look(model: &mut Model) -> Vec<Effect> {
    let Some(turn) = model.search.current().map(|hit| hit.turn.id) else {
        model.search.preview = None;
        return Vec::new();
    };
    if model.search.preview.as_ref().is_some_and(|preview| preview.turn == turn) {
        return Vec::new();
    }
    let job = model.job();
    let next = Preview { turn, loading: Some(job), turns: Vec::new(), scroll: None };
    let before = model.search.preview.replace(next);
    let mut effects: Vec<Effect> =
        before.and_then(|preview| preview.loading).map(Effect::Cancel).into_iter().collect();
    effects.push(Effect::Surroundings { job, turn });
    effects
}

pub(super) fn preview(
    model: &mut Model,
    job: JobId,
    result: Option<Result<Vec<Turn>, Failure>>,
) -> Vec<Effect> {
    let preview = model.search.preview.as_mut();
    if let (Some(preview), Some(result)) =
        (preview.filter(|preview| preview.loading == Some(job)), result)
    {
        preview.loading = None;
        // Without its surroundings the hit itself is still shown.
        preview.turns = result.unwrap_or_default();
    }
    Vec::new()
}
