//! The search and the list of sessions.

use super::{copy, motion, query, session};
use crate::conversation::{SOURCE_CHAT, Session, Turn};
use crate::evidence::Hit;
use crate::tui::effect::{Effect, Place};
use crate::tui::event::{Failure, JobId, Timer};
use crate::tui::keymap::Action;
use crate::tui::layout;
use crate::tui::model::{ListFocus, Model, Preview, Sessions, View};
use crate::tui::view::search::row_height;
use ratatui::crossterm::event::KeyEvent;
use std::time::Duration;

/// How long the typing must pause before meaning is searched too.
const PAUSE: Duration = Duration::from_millis(180);

fn other(focus: ListFocus) -> ListFocus {
    match focus {
        ListFocus::Field => ListFocus::List,
        ListFocus::List => ListFocus::Field,
    }
}

/// Opens the search; `None` leaves what was looked for before.
pub(super) fn open_search(model: &mut Model, text: Option<&str>) -> Vec<Effect> {
    model.view = View::Search;
    model.help = None;
    model.search.focus = ListFocus::Field;
    match text {
        Some(text) => {
            model.search.field.set(text);
            search(model)
        }
        None => Vec::new(),
    }
}

pub(super) fn press_search(
    model: &mut Model,
    action: Option<Action>,
    key: KeyEvent,
) -> Vec<Effect> {
    match action {
        Some(Action::Focus | Action::FocusBack) => {
            model.search.focus = other(model.search.focus);
            Vec::new()
        }
        Some(Action::Open) => {
            let target = model.search.current().map(|hit| (hit.turn.session, hit.turn.id));
            target.map_or_else(Vec::new, |(session, turn)| {
                session::open(model, session, Place::Turn(turn))
            })
        }
        Some(Action::Copy) => match model.search.current().map(|hit| hit.turn.text.clone()) {
            Some(text) => copy(model, text, "Turn"),
            None => Vec::new(),
        },
        Some(action) => {
            let list = layout::list(layout::areas(model, model.area).body, true).list;
            let page = usize::from(list.height / row_height(list));
            if let Some(by) = motion(action, page) {
                model.search.step(by);
            }
            look(model)
        }
        None if model.search.focus == ListFocus::Field => {
            if model.search.field.key(key) {
                search(model)
            } else {
                Vec::new()
            }
        }
        None => Vec::new(),
    }
}

pub(super) fn paste_search(model: &mut Model, text: &str) -> Vec<Effect> {
    model.search.focus = ListFocus::Field;
    model.search.field.insert(text);
    search(model)
}

/// Searches by words at once, and by meaning when the typing has paused.
fn search(model: &mut Model) -> Vec<Effect> {
    let (words, meaning) = (model.job(), model.job());
    let search = &mut model.search;
    let mut effects: Vec<Effect> = [search.words.take(), search.meaning.take()]
        .into_iter()
        .flatten()
        .map(Effect::Cancel)
        .collect();
    search.moved = false;
    search.answered = false;
    let (query, _) = query::parse(search.field.text());
    if query.text.is_empty() {
        search.hits.clear();
        search.selected = 0;
        search.preview = None;
        search.error = None;
        return effects;
    }
    search.words = Some(words);
    search.meaning = Some(meaning);
    effects.push(Effect::Search { job: words, query, meaning: false });
    effects.push(Effect::Wake(PAUSE, Timer::Meaning(meaning)));
    effects
}

pub(super) fn search_meaning(model: &mut Model, job: JobId) -> Vec<Effect> {
    if model.search.meaning != Some(job) {
        return Vec::new();
    }
    let (query, _) = query::parse(model.search.field.text());
    vec![Effect::Search { job, query, meaning: true }]
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
        Ok(hits) => search.take(hits),
        Err(Failure::Failed(why)) => search.error = Some(why),
        Err(Failure::Cancelled) => {}
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
    let before =
        model.search.preview.replace(Preview { turn, loading: Some(job), turns: Vec::new() });
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

pub(super) fn open_sessions(model: &mut Model, filter: &str) -> Vec<Effect> {
    model.view = View::Sessions;
    model.help = None;
    let cancelled = model.sessions.loading.take();
    model.sessions = Sessions::default();
    model.sessions.field.set(filter);
    cancelled.map(Effect::Cancel).into_iter().collect()
}

pub(super) fn press_sessions(
    model: &mut Model,
    action: Option<Action>,
    key: KeyEvent,
) -> Vec<Effect> {
    match action {
        Some(Action::Focus | Action::FocusBack) => {
            model.sessions.focus = other(model.sessions.focus);
        }
        Some(Action::Open) => {
            let target = model.sessions.list.current().map(|session| {
                let own = session.source == SOURCE_CHAT;
                (session.id, if own { Place::End } else { Place::Start })
            });
            return target
                .map_or_else(Vec::new, |(session, place)| session::open(model, session, place));
        }
        Some(Action::Copy) => {
            let title = model.sessions.list.current().map(Session::display_title);
            return title.map_or_else(Vec::new, |title| copy(model, title, "Title"));
        }
        Some(Action::Top) => model.sessions.list.top(),
        Some(Action::Bottom) => model.sessions.list.bottom(),
        Some(action) => {
            let list = layout::list(layout::areas(model, model.area).body, false).list;
            if let Some(by) = motion(action, usize::from(list.height)) {
                model.sessions.list.step(by);
            }
        }
        None => {
            if model.sessions.focus == ListFocus::Field && model.sessions.field.key(key) {
                return refilter(model);
            }
        }
    }
    Vec::new()
}

pub(super) fn paste_sessions(model: &mut Model, text: &str) -> Vec<Effect> {
    model.sessions.field.insert(text);
    refilter(model)
}

/// Begins the list anew after the filter changed.
fn refilter(model: &mut Model) -> Vec<Effect> {
    let field = std::mem::take(&mut model.sessions.field);
    let cancelled = model.sessions.loading.take();
    model.sessions = Sessions { field, ..Sessions::default() };
    cancelled.map(Effect::Cancel).into_iter().collect()
}

/// Asks for the next page of the list of sessions where what is held comes to its end.
pub(super) fn read_on(model: &mut Model) -> Vec<Effect> {
    let sessions = &model.sessions;
    let idle = sessions.loading.is_none() && sessions.error.is_none();
    let Some((offset, limit)) =
        sessions.list.wanted().filter(|_| model.view == View::Sessions && idle)
    else {
        return Vec::new();
    };
    let job = model.job();
    model.sessions.loading = Some(job);
    let filter = model.sessions.field.text().trim().to_owned();
    vec![Effect::Sessions { job, filter, offset, limit }]
}

pub(super) fn sessions(
    model: &mut Model,
    job: JobId,
    (offset, limit): (usize, usize),
    result: Result<Vec<Session>, Failure>,
) -> Vec<Effect> {
    let sessions = &mut model.sessions;
    if sessions.loading != Some(job) {
        return Vec::new();
    }
    sessions.loading = None;
    match result {
        Ok(rows) => sessions.list.insert(offset, rows, limit),
        Err(Failure::Failed(why)) => sessions.error = Some(why),
        Err(Failure::Cancelled) => {}
    }
    Vec::new()
}
