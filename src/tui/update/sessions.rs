//! The list of sessions.

use super::{copy, motion, session};
use crate::conversation::{SOURCE_CHAT, Session};
use crate::tui::effect::{Effect, Place};
use crate::tui::event::{Failure, JobId};
use crate::tui::keymap::Action;
use crate::tui::layout;
use crate::tui::model::{ListFocus, Model, Sessions, View};
use ratatui::crossterm::event::KeyEvent;

pub(super) fn open(model: &mut Model, filter: &str) -> Vec<Effect> {
    model.view = View::Sessions;
    model.help = None;
    let cancelled = model.sessions.loading.take();
    model.sessions = Sessions::default();
    model.sessions.field.set(filter);
    cancelled.map(Effect::Cancel).into_iter().collect()
}

pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    match action {
        Some(Action::Focus | Action::FocusBack) => {
            model.sessions.focus = match model.sessions.focus {
                ListFocus::Field => ListFocus::List,
                ListFocus::List | ListFocus::Preview => ListFocus::Field,
            };
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

pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
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
