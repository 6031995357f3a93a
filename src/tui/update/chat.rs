//! The conversation view: writing, sending, reading.

use super::{
    command, compose, copy, intent, messages, notify, scroll_transcript, session, source,
    tell_outside, undo, vim,
};
use crate::assistant::{Outcome, Part, Reply};
use crate::conversation::{SOURCE_CHAT, SessionId, TurnId};
use crate::evidence::Answer;
use crate::language::Intent;
use crate::tui::effect::{Effect, Place};
use crate::tui::event::{Failure, JobId};
use crate::tui::keymap::Action;
use crate::tui::model::{AnswerEntry, Body, Entry, Focus, Model, Scroll, Tone, Transcript};
use ratatui::crossterm::event::KeyEvent;

/// How many of the last texts of an incognito conversation give a question its context.
const WINDOW: usize = 6;
/// So long has an answer taken that the user may look elsewhere.
const LONG_MS: i64 = 5_000;

pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    if model.chat.focus == Focus::Composer
        && action == Some(Action::Dismiss)
        && let Some(effects) = vim::press(model, action, key)
    {
        return effects;
    }
    match action {
        Some(Action::Dismiss) => return dismiss(model),
        Some(Action::Focus) => {
            if let Some(command) = command::completion(model) {
                model.chat.set_draft(&command);
            } else {
                move_focus(model, true);
            }
            return Vec::new();
        }
        Some(Action::FocusBack) => {
            move_focus(model, false);
            return Vec::new();
        }
        Some(Action::Source(number)) => return source::open(model, number - 1),
        Some(Action::NextSource) => return source::step(model, 1),
        Some(Action::PreviousSource) => return source::step(model, -1),
        Some(action) => {
            if let Some(effects) = messages::press(model, action) {
                return effects;
            }
        }
        None => {}
    }
    match model.chat.focus {
        Focus::Composer => compose::press(model, action, key),
        Focus::Transcript => read(model, action),
        Focus::Source => source::press(model, action),
    }
}

/// Esc: closes the source, else cancels the answer, else goes back to the list that the session was
/// opened from, else to the composer.
fn dismiss(model: &mut Model) -> Vec<Effect> {
    if model.source.is_some() {
        return source::close(model);
    }
    if let Some(job) = model.chat.asking {
        return vec![Effect::Cancel(job)];
    }
    if model.chat.focus == Focus::Composer && model.chat.editing.take().is_some() {
        compose::stash(model);
        return notify(model, Tone::Plain, "The question was not changed");
    }
    model.chat.focus = Focus::Composer;
    model.notice = None;
    if let Some(view) = model.chat.opened_from.take() {
        model.view = view;
    }
    Vec::new()
}

fn move_focus(model: &mut Model, forward: bool) {
    let panes: &[Focus] = if model.source.is_some() {
        &[Focus::Composer, Focus::Transcript, Focus::Source]
    } else {
        &[Focus::Composer, Focus::Transcript]
    };
    let at = panes.iter().position(|pane| *pane == model.chat.focus).unwrap_or(0);
    let step = if forward { 1 } else { panes.len() - 1 };
    model.chat.focus = panes[(at + step) % panes.len()];
}

pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    if model.chat.composer.is_blank() {
        return Vec::new();
    }
    let draft = model.chat.draft();
    if let Some(command) = command::read(&draft) {
        return command::run(model, &draft, command);
    }
    if let Some(effects) = busy(model) {
        return effects;
    }
    let text = draft.trim_end().to_owned();
    let intent = intent::shown(model);
    if model.chat.stores_nothing() {
        compose::stash(model);
        return whisper(model, text, intent);
    }
    if let Some(turn) = model.chat.editing {
        compose::stash(model);
        return fork(model, turn, text, intent);
    }
    let transcript = &model.chat.transcript;
    if let (true, Some(session)) = (transcript.more_after && is_chat(transcript), transcript.id) {
        model.chat.send_when_open = true;
        return session::open(model, session, Place::End);
    }
    if !is_chat(transcript) {
        // What was imported stays as it was: a new session begins.
        model.chat.transcript = Transcript::default();
        model.source = None;
    }
    compose::remember(&mut model.chat, draft);
    model.chat.clear_draft();
    // The conversation goes on: it is no longer a place that was looked up.
    model.chat.opened_from = None;
    say(model, text, intent)
}

/// Says something in the session that is shown.
pub(super) fn say(model: &mut Model, text: String, intent: Option<Intent>) -> Vec<Effect> {
    let job = ask(model, Some(&text), intent);
    vec![Effect::Say { job, session: model.chat.transcript.id, text, intent }]
}

/// Says that something must end first; `None` if nothing has to.
pub(super) fn busy(model: &mut Model) -> Option<Vec<Effect>> {
    let said = match (model.chat.asking, &model.chat.undoing) {
        (Some(_), _) => "Still answering: Esc cancels",
        (None, Some(_)) => "Still undoing the last statement",
        (None, None) => return None,
    };
    Some(notify(model, Tone::Plain, said))
}

/// Shows what is asked, and the place where the answer will come.
fn ask(model: &mut Model, text: Option<&str>, intent: Option<Intent>) -> JobId {
    let job = model.job();
    model.chat.asking = Some(job);
    model.chat.asked_at = Some(model.now);
    text.unwrap_or_default().clone_into(&mut model.chat.sent);
    let transcript = &mut model.chat.transcript;
    if let Some(text) = text {
        transcript.push(Body::Mine { text: text.to_owned(), stored: None, noted: false });
    }
    transcript.push(Body::Answer(AnswerEntry {
        intent,
        streaming: true,
        ..AnswerEntry::default()
    }));
    transcript.scroll = Scroll::Bottom;
    job
}

/// Asks an earlier question differently, in a new session that goes on from there.
fn fork(model: &mut Model, turn: TurnId, text: String, intent: Option<Intent>) -> Vec<Effect> {
    let title = super::super::view::title(model);
    let mut effects = session::new(model);
    let note = format!("Continues from “{title}”, with this question rephrased.");
    model.chat.transcript.push(Body::Note(note));
    let job = ask(model, Some(&text), intent);
    effects.push(Effect::Fork { job, turn, text, intent });
    effects
}

/// Answers a stored question once more.
pub(super) fn again(model: &mut Model, turn: TurnId) -> Vec<Effect> {
    if let (true, Some(session)) = (model.chat.transcript.more_after, model.chat.transcript.id) {
        // The answer comes at the end of the session, which is not here.
        let mut effects = session::open(model, session, Place::End);
        effects.extend(notify(model, Tone::Plain, "Jumped to the end; press again"));
        return effects;
    }
    let job = ask(model, None, Some(Intent::Ask));
    vec![Effect::Again { job, turn }]
}

/// Answers without storing anything. What was said in this conversation is given along, since
/// memory does not have it.
pub(super) fn whisper(model: &mut Model, text: String, intent: Option<Intent>) -> Vec<Effect> {
    let context = model.chat.transcript.entries().rev().filter_map(Entry::text);
    let context = context.take(WINDOW).map(str::to_owned).collect();
    let job = ask(model, Some(&text), intent);
    model.chat.transcript.change_last(|body| match body {
        Body::Mine { noted, .. } => {
            *noted = true;
            true
        }
        _ => false,
    });
    vec![Effect::Whisper { job, text, context, intent }]
}

/// Whether one may talk on in what is shown.
fn is_chat(transcript: &Transcript) -> bool {
    transcript.session.as_ref().is_none_or(|session| session.source == SOURCE_CHAT)
}

fn read(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    match action {
        Some(Action::Top) if model.chat.transcript.more_before => match model.chat.transcript.id {
            Some(session) => return session::open(model, session, Place::Start),
            None => model.chat.transcript.scroll_to_top(),
        },
        Some(Action::Top) => model.chat.transcript.scroll_to_top(),
        Some(Action::Bottom) => match model.chat.transcript.id {
            Some(session) if model.chat.transcript.more_after => {
                return session::open(model, session, Place::End);
            }
            _ => model.chat.transcript.scroll = Scroll::Bottom,
        },
        Some(Action::Open) => return source::open(model, 0),
        Some(Action::Copy) => return messages::copy_message(model),
        Some(action) => scroll_transcript(model, action),
        None => {}
    }
    Vec::new()
}

/// Copies the newest answer.
pub(super) fn copy_answer(model: &mut Model) -> Vec<Effect> {
    let answer = model.chat.transcript.answers().next();
    match answer.filter(|answer| !answer.text.is_empty()) {
        Some(answer) => copy(&answer.text, "Answer"),
        None => notify(model, Tone::Plain, "No answer to copy yet"),
    }
}

pub(super) fn part(model: &mut Model, job: JobId, part: Part) -> Vec<Effect> {
    if model.chat.asking != Some(job) {
        return Vec::new();
    }
    match part {
        Part::Stored { session, turn } => {
            stored(model, session, turn);
            // What is in memory need not be kept beside it any more.
            return compose::keep(model);
        }
        Part::Masked { text: shown, notice } => {
            model.chat.transcript.change_last(|body| match body {
                Body::Mine { text, .. } => {
                    text.clone_from(&shown);
                    true
                }
                _ => false,
            });
            return notify(model, Tone::Plain, &notice);
        }
        // The answer comes as a whole then.
        Part::Text(_) if model.settings.reduced_motion => {}
        Part::Text(piece) => model.chat.transcript.change_last(|body| match body {
            Body::Answer(answer) => {
                answer.text.push_str(&piece);
                true
            }
            _ => false,
        }),
    }
    Vec::new()
}

fn stored(model: &mut Model, session: SessionId, turn: TurnId) {
    // What is being written meanwhile goes on in the session that has begun.
    if model.chat.drafting == model.chat.transcript.id {
        model.chat.drafting = Some(session);
    }
    let transcript = &mut model.chat.transcript;
    transcript.id = Some(session);
    transcript.change_last(|body| match body {
        Body::Mine { stored, .. } => {
            *stored = Some(turn);
            true
        }
        _ => false,
    });
}

pub(super) fn said(model: &mut Model, job: JobId, result: Result<Reply, Failure>) -> Vec<Effect> {
    if model.chat.asking != Some(job) {
        return vec![Effect::Status];
    }
    model.chat.asking = None;
    match result {
        Ok(reply) => {
            stored(model, reply.session, reply.turn);
            match reply.outcome {
                Outcome::Answered { turn, answer } => answered(model, Some(turn), &answer),
                Outcome::Noted => noted(model, reply.session, reply.turn),
            }
        }
        Err(failure) => unanswered(model, &failure),
    }
}

/// What was said in incognito was answered, or was a statement.
pub(super) fn whispered(
    model: &mut Model,
    job: JobId,
    result: Result<Option<Answer>, Failure>,
) -> Vec<Effect> {
    if model.chat.asking != Some(job) {
        return Vec::new();
    }
    model.chat.asking = None;
    let transcript = &mut model.chat.transcript;
    match result {
        Ok(Some(answer)) => return answered(model, None, &answer),
        Ok(None) => {
            transcript.drop_last(|body| matches!(body, Body::Answer(_)));
            let why =
                if model.chat.read_only { "the memory is read-only" } else { "incognito is on" };
            transcript.push(Body::Note(format!("Not remembered: {why}.")));
        }
        Err(failure) => {
            transcript.drop_last(|body| matches!(body, Body::Answer(_)));
            transcript.push(Body::Note(match failure {
                Failure::Cancelled => "Cancelled.".to_owned(),
                Failure::Failed(why) => format!("No answer: {why}"),
            }));
        }
    }
    Vec::new()
}

fn answered(model: &mut Model, turn: Option<TurnId>, answer: &Answer) -> Vec<Effect> {
    model.chat.transcript.change_last(|body| match body {
        Body::Answer(entry) => {
            *entry = AnswerEntry {
                turn,
                intent: Some(Intent::Ask),
                text: answer.text.clone(),
                streaming: false,
                abstained: answer.abstained,
                reason: answer.reason.clone(),
                confidence: Some(answer.confidence),
                citations: answer.citations.clone(),
            };
            true
        }
        _ => false,
    });
    let mut effects = vec![Effect::Status];
    let took = model.chat.asked_at.map_or(0, |at| model.now.as_millis() - at.as_millis());
    if took >= LONG_MS {
        effects.extend(tell_outside(model, "The answer is ready"));
    }
    effects
}

fn noted(model: &mut Model, session: SessionId, turn: TurnId) -> Vec<Effect> {
    undo::remember(model, session, turn);
    let transcript = &mut model.chat.transcript;
    transcript.drop_last(|body| matches!(body, Body::Answer(_)));
    transcript.change_last(|body| match body {
        Body::Mine { noted, .. } => {
            *noted = true;
            true
        }
        _ => false,
    });
    vec![Effect::Status]
}

/// No answer came: what was written is kept, in memory or else in the composer.
fn unanswered(model: &mut Model, failure: &Failure) -> Vec<Effect> {
    let transcript = &mut model.chat.transcript;
    transcript.drop_last(|body| matches!(body, Body::Answer(_)));
    let mut lost = None;
    transcript.change_last(|body| match body {
        Body::Mine { text, stored: None, .. } => {
            lost = Some(text.clone());
            true
        }
        Body::Mine { .. } => true,
        _ => false,
    });
    let what = match (failure, &lost) {
        (Failure::Cancelled, None) => "Cancelled. Your text is remembered.".to_owned(),
        (Failure::Cancelled, Some(_)) => "Cancelled. Nothing was remembered.".to_owned(),
        (Failure::Failed(why), _) => format!("No answer: {why}"),
    };
    transcript.push(Body::Note(what));
    if let Some(text) = lost.filter(|_| model.chat.composer.is_blank()) {
        model.chat.set_draft(&text);
    }
    vec![Effect::Status]
}
