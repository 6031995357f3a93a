//! The list of sessions: finding one, opening it where it was left, and keeping order.

use super::query::{self, Listed};
use super::{compose, copy, motion, notify, session};
use crate::conversation::{SOURCE_CHAT, Session, SessionId, tag_of};
use crate::tui::effect::{Effect, Place};
use crate::tui::event::{Failure, JobId};
use crate::tui::keymap::Action;
use crate::tui::layout;
use crate::tui::model::{Asked, Field, ListFocus, Model, Prompt, Question, Sessions, Tone, View};
use crate::tui::review::Review;
use ratatui::crossterm::event::KeyEvent;

pub(super) fn open(model: &mut Model, filter: &str) -> Vec<Effect> {
    model.view = View::Sessions;
    model.overlay = None;
    let cancelled = model.sessions.loading.take();
    let deleted = std::mem::take(&mut model.sessions.deleted);
    model.sessions = Sessions { deleted, ..Sessions::default() };
    model.sessions.field.set(filter);
    let waiting = Effect::Review(Review::Waiting);
    cancelled.map(Effect::Cancel).into_iter().chain([waiting]).collect()
}

pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    if model.sessions.prompt.is_some() {
        return answer(model, action, key);
    }
    match action {
        Some(Action::Focus | Action::FocusBack) => {
            model.sessions.focus = match model.sessions.focus {
                ListFocus::Field => ListFocus::List,
                ListFocus::List | ListFocus::Preview => ListFocus::Field,
            };
        }
        Some(Action::Dismiss) if model.sessions.merging.take().is_none() => {
            model.view = View::Chat;
        }
        Some(Action::Dismiss) => {}
        Some(Action::Open) => {
            let target = model.sessions.list.current().map(|session| (session.id, place(session)));
            return target
                .map_or_else(Vec::new, |(session, place)| session::open(model, session, place));
        }
        Some(Action::RemoveFilter) => {
            let text = query::without_last_chip(model.sessions.field.text(), model.now);
            if let Some(text) = text {
                model.sessions.field.set(&text);
                return refilter(model);
            }
        }
        Some(Action::TakeBack) => {
            let last = model.sessions.deleted.first().map(|(id, _)| *id);
            return match last {
                Some(id) => vec![Effect::Review(Review::TakeBack(id))],
                None => notify(model, Tone::Plain, "No deletion to undo"),
            };
        }
        Some(Action::Top) => model.sessions.list.top(),
        Some(Action::Bottom) => model.sessions.list.bottom(),
        Some(action) => {
            if let Some(session) = model.sessions.list.current().cloned()
                && let Some(effects) = keep_order(model, action, &session)
            {
                return effects;
            }
            let list = layout::list(layout::areas(model, model.area).body, false).list;
            if let Some(by) = motion(action, usize::from(list.height)) {
                model.sessions.list.step(by);
            }
        }
        None if model.sessions.focus == ListFocus::Field && model.sessions.field.key(key) => {
            return refilter(model);
        }
        None => {}
    }
    Vec::new()
}

/// Where a session opens: one's own at its end, another where it was left.
fn place(session: &Session) -> Place {
    match session.read_position {
        _ if session.source == SOURCE_CHAT => Place::End,
        Some(position) => Place::Position(position),
        None => Place::Start,
    }
}

/// What is done to the selected session; `None` where the action is none of these.
fn keep_order(model: &mut Model, action: Action, session: &Session) -> Option<Vec<Effect>> {
    let id = session.id;
    let ask = |asked, text: &str| {
        let mut field = Field::default();
        field.set(text);
        Some(Prompt { session: id, asked, field })
    };
    match action {
        Action::Copy => return Some(copy(&session.display_title(), "Title")),
        Action::Rename => {
            model.sessions.prompt = ask(Asked::Name, &session.display_title());
        }
        Action::Tag => model.sessions.prompt = ask(Asked::Tags, ""),
        Action::Delete => {
            let title = session.display_title();
            model.question = Some(Question::DeleteSession { session: id, title });
        }
        Action::Export => {
            let file = file_name(&session.display_title());
            model.sessions.prompt = ask(Asked::File, &format!("~/{file}.md"));
        }
        Action::Pin => return Some(vec![Effect::Review(Review::Pin(id, !session.pinned))]),
        Action::Merge => match model.sessions.merging.take() {
            None => {
                let title = session.display_title();
                model.sessions.merging = Some((id, title));
            }
            Some((from, _)) if from == id => {}
            Some(from) => {
                let into = (id, session.display_title());
                model.question = Some(Question::Merge { into, from });
            }
        },
        _ => return None,
    }
    Some(Vec::new())
}

/// A key while something is asked: Enter answers, Esc leaves.
fn answer(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    match action {
        Some(Action::Open) => {
            let Some(prompt) = model.sessions.prompt.take() else { return Vec::new() };
            let session = prompt.session;
            let text = prompt.field.text().trim();
            let review = match prompt.asked {
                Asked::Name => Review::Rename(session, (!text.is_empty()).then(|| text.to_owned())),
                Asked::Tags => {
                    let (add, remove) = tags(text);
                    if add.is_empty() && remove.is_empty() {
                        return Vec::new();
                    }
                    Review::Tag { session, add, remove }
                }
                Asked::File if text.is_empty() => return Vec::new(),
                Asked::File => {
                    return vec![Effect::Export { session: Some(session), path: text.to_owned() }];
                }
            };
            vec![Effect::Review(review)]
        }
        Some(Action::Dismiss) => {
            model.sessions.prompt = None;
            Vec::new()
        }
        _ => {
            if let Some(prompt) = &mut model.sessions.prompt {
                prompt.field.key(key);
            }
            Vec::new()
        }
    }
}

/// Deletes a session; where it is the open one, the conversation begins anew.
pub(super) fn delete(model: &mut Model, id: SessionId) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(draft) = model.chat.drafts.remove(&Some(id)) {
        compose::remember(&mut model.chat, draft);
    }
    // Known before memory says so: who takes it back at once is not told that there is none.
    let title = model.sessions.list.current().filter(|session| session.id == id);
    let title = title.map(Session::display_title).unwrap_or_default();
    model.sessions.deleted.insert(0, (id, title));
    if model.chat.transcript.id == Some(id) {
        effects = session::new(model);
        model.view = View::Sessions;
    }
    effects.push(Effect::Review(Review::Delete(id)));
    effects
}

/// The sessions whose deletion waits are known.
pub(super) fn waiting(model: &mut Model, result: Result<Vec<Session>, Failure>) -> Vec<Effect> {
    match result {
        Ok(waiting) => {
            let title = |session: Session| (session.id, session.display_title());
            model.sessions.deleted = waiting.into_iter().map(title).collect();
            Vec::new()
        }
        Err(failure) => super::fail(model, "Cannot read the deletions", failure),
    }
}

/// A name for a file, from a title: letters and digits, the rest made hyphens.
fn file_name(title: &str) -> String {
    const LONGEST: usize = 40;
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.collect::<Vec<_>>().join("-").chars().take(LONGEST).collect();
    if name.is_empty() { "session".to_owned() } else { name.to_lowercase() }
}

/// Reads `garden -old`: what is added, and behind a minus what is taken away.
fn tags(text: &str) -> (Vec<String>, Vec<String>) {
    let (remove, add): (Vec<_>, Vec<_>) = text
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .partition(|word| word.starts_with('-'));
    let read = |word: &str| tag_of(word.trim_start_matches(['-', '+']));
    (add.into_iter().filter_map(read).collect(), remove.into_iter().filter_map(read).collect())
}

pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(prompt) = &mut model.sessions.prompt {
        prompt.field.insert(text);
        return Vec::new();
    }
    model.sessions.field.insert(text);
    refilter(model)
}

/// Begins the list anew after the filter changed.
fn refilter(model: &mut Model) -> Vec<Effect> {
    let sessions = &mut model.sessions;
    let (field, merging) = (std::mem::take(&mut sessions.field), sessions.merging.take());
    let (focus, cancelled) = (sessions.focus, sessions.loading.take());
    let deleted = std::mem::take(&mut sessions.deleted);
    *sessions = Sessions { field, focus, deleted, merging, ..Sessions::default() };
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
    let Listed { query, .. } = query::listed(model.sessions.field.text(), model.now);
    vec![Effect::Sessions { job, query, offset, limit }]
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

/// A session was changed: the list is read again around the selected row.
pub(super) fn changed(
    model: &mut Model,
    result: Result<&'static str, (&'static str, Failure)>,
) -> Vec<Effect> {
    let mut effects: Vec<Effect> =
        model.sessions.loading.take().map(Effect::Cancel).into_iter().collect();
    model.sessions.list.reread();
    effects.extend(match result {
        Ok(said) => notify(model, Tone::Good, said),
        Err((what, why)) => super::fail(model, what, why),
    });
    effects.extend([Effect::Status, Effect::Review(Review::Waiting)]);
    effects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_added_and_taken_away() {
        let (add, remove) = tags("Garden, -old +#plum -");
        assert_eq!((add.join(" "), remove.join(" ")), ("garden plum".into(), "old".into()));
    }
}
