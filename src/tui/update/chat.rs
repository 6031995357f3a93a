//! The conversation view: writing, sending, reading.

use super::{command, copy, motion, notify, session, source, transcript_area};
use crate::assistant::{Outcome, Part, Reply};
use crate::conversation::{SOURCE_CHAT, SessionId, TurnId, visible};
use crate::tui::effect::{Effect, Place};
use crate::tui::event::{Failure, JobId};
use crate::tui::keymap::Action;
use crate::tui::model::{AnswerEntry, Body, Chat, Focus, Model, Scroll, Tone, Transcript};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::CursorMove;

pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
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
        _ => {}
    }
    match model.chat.focus {
        Focus::Composer => write(model, action, key),
        Focus::Transcript => read(model, action),
        Focus::Source => source::press(model, action),
    }
}

/// Esc: closes the source, else cancels the answer, else goes back to the composer.
fn dismiss(model: &mut Model) -> Vec<Effect> {
    if model.source.is_some() {
        return source::close(model);
    }
    if let Some(job) = model.chat.asking {
        return vec![Effect::Cancel(job)];
    }
    model.chat.focus = Focus::Composer;
    model.notice = None;
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

fn write(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    let chat = &mut model.chat;
    match action {
        Some(Action::Send) => return send(model),
        Some(Action::Newline) => chat.composer.insert_newline(),
        Some(Action::Undo) => {
            chat.composer.undo();
        }
        Some(Action::Redo) => {
            chat.composer.redo();
        }
        Some(Action::DeleteToHead) => {
            chat.composer.delete_line_by_head();
        }
        Some(Action::QuitIfEmpty) => {
            if chat.is_empty() {
                return vec![Effect::Quit(None)];
            }
            chat.composer.delete_next_char();
        }
        Some(Action::Up) if recalls(chat) => recall(chat, true),
        Some(Action::Down) if chat.history_at.is_some() && recalls(chat) => recall(chat, false),
        Some(Action::Up) => chat.composer.move_cursor(CursorMove::Up),
        Some(Action::Down) => chat.composer.move_cursor(CursorMove::Down),
        Some(action @ (Action::PageUp | Action::PageDown)) => {
            scroll(model, action);
        }
        _ => {
            // A control character typed by some means would act on the terminal when shown.
            let typed = match key.code {
                KeyCode::Char(c) => {
                    let plain =
                        !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
                    plain.then(|| visible_char(c)).flatten()
                }
                _ => None,
            };
            match typed {
                Some(mark) => {
                    chat.composer.insert_str(mark);
                }
                None => {
                    chat.composer.input(key);
                }
            }
        }
    }
    Vec::new()
}

/// The mark for a typed character that must not be shown as it is. Joiners are typed alone, and
/// stand alone for a moment.
fn visible_char(c: char) -> Option<String> {
    if matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}') {
        return None;
    }
    let text = c.to_string();
    let shown = visible(&text);
    (shown != text).then(|| shown.into_owned())
}

/// Whether the arrows go through the history: nothing is written, or what is written is from it.
fn recalls(chat: &Chat) -> bool {
    chat.is_empty()
        || chat
            .history_at
            .is_some_and(|at| chat.history.get(at).is_some_and(|text| *text == chat.draft()))
}

fn recall(chat: &mut Chat, back: bool) {
    let at = match (chat.history_at.filter(|_| !chat.is_empty()), back) {
        (None, true) => chat.history.len().checked_sub(1),
        (Some(at), true) => Some(at.saturating_sub(1)),
        (Some(at), false) => Some(at + 1).filter(|at| *at < chat.history.len()),
        (None, false) => None,
    };
    let text = at.and_then(|at| chat.history.get(at)).cloned().unwrap_or_default();
    chat.history_at = at;
    chat.set_draft(&text);
}

pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    model.chat.focus = Focus::Composer;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    model.chat.composer.insert_str(visible(&text));
    Vec::new()
}

/// Puts the draft into the history and clears the composer.
pub(super) fn stash(model: &mut Model) {
    let draft = model.chat.draft();
    remember_draft(&mut model.chat, draft);
    model.chat.set_draft("");
}

fn remember_draft(chat: &mut Chat, text: String) {
    chat.history_at = None;
    if chat.history.last() != Some(&text) {
        chat.history.push(text);
    }
}

pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    if model.chat.is_blank() {
        return Vec::new();
    }
    let draft = model.chat.draft();
    if let Some(command) = command::read(&draft) {
        return command::run(model, &draft, command);
    }
    if model.chat.asking.is_some() {
        return notify(model, Tone::Plain, "Still answering: Esc cancels");
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
    let text = draft.trim_end().to_owned();
    remember_draft(&mut model.chat, draft);
    model.chat.set_draft("");
    let job = model.job();
    model.chat.asking = Some(job);
    let transcript = &mut model.chat.transcript;
    transcript.push(Body::Mine { text: text.clone(), stored: None, noted: false });
    transcript.push(Body::Answer(AnswerEntry { streaming: true, ..AnswerEntry::default() }));
    transcript.scroll = Scroll::Bottom;
    vec![Effect::Say { job, session: transcript.id, text }]
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
        Some(Action::Copy) => {
            let answer = model.chat.transcript.answers().next();
            return match answer.filter(|answer| !answer.text.is_empty()) {
                Some(answer) => {
                    let text = answer.text.clone();
                    copy(model, text, "Answer")
                }
                None => notify(model, Tone::Plain, "There is no answer to copy yet"),
            };
        }
        Some(action) => scroll(model, action),
        None => {}
    }
    Vec::new()
}

fn scroll(model: &mut Model, action: Action) {
    let area = transcript_area(model);
    if let Some(by) = motion(action, usize::from(area.height)) {
        let theme = model.theme;
        model.chat.transcript.scroll_by(by, area.width, area.height, &theme);
    }
}

pub(super) fn part(model: &mut Model, job: JobId, part: Part) -> Vec<Effect> {
    if model.chat.asking != Some(job) {
        return Vec::new();
    }
    match part {
        Part::Stored { session, turn } => stored(model, session, turn),
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
            let transcript = &mut model.chat.transcript;
            match reply.outcome {
                Outcome::Answered { turn, answer } => transcript.change_last(|body| match body {
                    Body::Answer(entry) => {
                        *entry = AnswerEntry {
                            turn: Some(turn),
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
                }),
                Outcome::Noted => {
                    transcript.drop_last(|body| matches!(body, Body::Answer(_)));
                    transcript.change_last(|body| match body {
                        Body::Mine { noted, .. } => {
                            *noted = true;
                            true
                        }
                        _ => false,
                    });
                }
            }
            vec![Effect::Status]
        }
        Err(failure) => unanswered(model, &failure),
    }
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
        (Failure::Cancelled, None) => "Cancelled. What you wrote is remembered.".to_owned(),
        (Failure::Cancelled, Some(_)) => "Cancelled. Nothing was remembered.".to_owned(),
        (Failure::Failed(why), _) => format!("No answer: {why}"),
    };
    transcript.push(Body::Note(what));
    if let Some(text) = lost.filter(|_| model.chat.is_blank()) {
        model.chat.set_draft(&text);
    }
    vec![Effect::Status]
}
