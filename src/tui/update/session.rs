//! Opening a session, and reading on in it page by page.

use super::{chat, fail, transcript_area};
use crate::conversation::{SOURCE_CHAT, Session, SessionId};
use crate::tui::effect::{Effect, Place};
use crate::tui::event::{Failure, JobId, Page};
use crate::tui::model::{Focus, Model, Scroll, Transcript, View};
use crate::tui::review::Review;

/// Leaves what is shown; an answer that is being made is cancelled.
fn leave(model: &mut Model) -> Vec<Effect> {
    let left = keep_place(model);
    let left_behind = model.chat.asking.take().map(Effect::Leave);
    let cancelled = model.chat.opening.take().map(Effect::Cancel);
    model.chat.transcript.loading = None;
    model.source = None;
    left.into_iter().chain(left_behind).chain(cancelled).collect()
}

/// Keeps the place up to which a session from elsewhere was read. One's own opens at its end.
pub(super) fn keep_place(model: &mut Model) -> Option<Effect> {
    let transcript = &mut model.chat.transcript;
    let place = transcript.place()?;
    let session = transcript.session.as_mut().filter(|session| session.source != SOURCE_CHAT)?;
    let known = session.read_position.replace(place);
    (known != Some(place)).then_some(Effect::Review(Review::ReadTo(session.id, place)))
}

pub(super) fn new(model: &mut Model) -> Vec<Effect> {
    let effects = leave(model);
    model.chat.transcript = Transcript::default();
    model.chat.focus = Focus::Composer;
    model.chat.opened_from = None;
    model.chat.send_when_open = false;
    model.view = View::Chat;
    model.overlay = None;
    effects
}

pub(super) fn open(model: &mut Model, session: SessionId, place: Place) -> Vec<Effect> {
    let mut effects = leave(model);
    let job = model.job();
    model.chat.opening = Some(job);
    effects.push(Effect::Open { job, session, place });
    model.chat.wanted = place;
    match model.view {
        View::Search | View::Sessions => model.chat.opened_from = Some(model.view),
        View::Chat => {}
        View::Import | View::Memory => model.chat.opened_from = None,
    }
    model.view = View::Chat;
    effects
}

pub(super) fn opened(
    model: &mut Model,
    job: JobId,
    result: Result<(Session, Page), Failure>,
) -> Vec<Effect> {
    if model.chat.opening != Some(job) {
        return Vec::new();
    }
    model.chat.opening = None;
    let sends = std::mem::take(&mut model.chat.send_when_open);
    match result {
        Ok((session, page)) => {
            let mut transcript = Transcript::opened(session, page);
            match model.chat.wanted {
                Place::Start => transcript.scroll_to_top(),
                Place::End => transcript.scroll = Scroll::Bottom,
                Place::Position(place) => transcript.scroll_to_place(place),
                Place::Turn(turn) => transcript.show(turn),
            }
            model.chat.transcript = transcript;
            if let Place::Turn(_) = model.chat.wanted {
                // Some of what comes before it should be in view too.
                let area = transcript_area(model);
                let theme = model.theme;
                let by = -isize::try_from(area.height / 3).unwrap_or(0);
                model.chat.transcript.scroll_by(by, area.width, area.height, &theme);
            }
            if sends {
                return chat::send(model);
            }
            // Whoever types wants to write; Tab goes to the conversation.
            model.chat.focus = Focus::Composer;
            Vec::new()
        }
        Err(failure) => fail(model, "Cannot open the session", failure),
    }
}

/// Asks for the next page of the session where what is held comes to its end.
pub(super) fn read_on(model: &mut Model) -> Vec<Effect> {
    if model.view != View::Chat {
        return Vec::new();
    }
    let transcript = &model.chat.transcript;
    let (Some(session), Some((from, limit))) = (transcript.id, transcript.wanted()) else {
        return Vec::new();
    };
    let job = model.job();
    model.chat.transcript.loading = Some(job);
    vec![Effect::Page { job, session, from, limit }]
}

pub(super) fn page(
    model: &mut Model,
    job: JobId,
    session: SessionId,
    result: Result<Page, Failure>,
) -> Vec<Effect> {
    let transcript = &mut model.chat.transcript;
    if transcript.loading != Some(job) || transcript.id != Some(session) {
        return Vec::new();
    }
    transcript.loading = None;
    match result {
        Ok(page) if transcript.is_before(&page) => transcript.prepend_page(page),
        Ok(page) => transcript.append_page(page),
        Err(failure) => {
            // Asking again at once would fail again.
            transcript.more_before = false;
            transcript.more_after = false;
            return fail(model, "Cannot read more of the session", failure);
        }
    }
    Vec::new()
}
