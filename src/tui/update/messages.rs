//! What can be done with one message of the conversation: going to it, copying it or its code,
//! asking it differently, answering it again.

use super::{chat, compose, copy, intent, notify, transcript_area, undo};
use crate::conversation::{Role, TurnId, visible};
use crate::language::Intent;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::{Body, Entry, Focus, Model, Tone};
use crate::tui::view::markdown::code_of;

/// Handles the keys that concern a message; `None` for others.
pub(super) fn press(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    Some(match action {
        Action::NextMessage => step(model, true),
        Action::PreviousMessage => step(model, false),
        Action::CopyCode => copy_code(model),
        Action::EditQuestion => edit_question(model),
        Action::Again => again(model),
        Action::Raw => raw(model),
        Action::Incognito => incognito(model),
        Action::SwitchIntent => intent::switch(model),
        Action::UndoStatement => undo::undo(model, false),
        Action::MeantQuestion => undo::undo(model, true),
        _ => return None,
    })
}

fn step(model: &mut Model, forward: bool) -> Vec<Effect> {
    let area = transcript_area(model);
    let theme = model.theme;
    model.chat.focus = Focus::Transcript;
    model.chat.transcript.step(forward, area.width, area.height, &theme);
    Vec::new()
}

/// Copies the selected message; else the newest answer.
pub(super) fn copy_message(model: &mut Model) -> Vec<Effect> {
    match model.chat.transcript.selected().and_then(Entry::text) {
        Some(text) => copy(text, "Message"),
        None => chat::copy_answer(model),
    }
}

/// Copies the code of the selected message, else of the newest that has any, without its fences.
fn copy_code(model: &mut Model) -> Vec<Effect> {
    let transcript = &model.chat.transcript;
    let code = if let Some(entry) = transcript.selected() {
        entry.text().map(code_of).filter(|code| !code.is_empty())
    } else {
        let texts = transcript.entries().rev().filter_map(Entry::text);
        texts.map(code_of).find(|code| !code.is_empty())
    };
    match code {
        Some(code) => copy(&code, "Code"),
        None => notify(model, Tone::Plain, "No code to copy here"),
    }
}

/// The question that is meant: the selected one, or that which the selected answer answers, else
/// the newest. Statements count where they are selected.
fn question(model: &Model) -> Option<(Option<TurnId>, String)> {
    let mine = |entry: &Entry| match &entry.body {
        Body::Mine { text, stored, .. } => Some((*stored, text.clone())),
        Body::Said(turn) if turn.role == Role::User => Some((Some(turn.id), turn.text.clone())),
        _ => None,
    };
    let transcript = &model.chat.transcript;
    let from = transcript.selected().map(|entry| entry.key);
    let mut entries =
        transcript.entries().rev().skip_while(|entry| from.is_some_and(|key| entry.key != key));
    entries.find_map(mine)
}

pub(super) fn edit_question(model: &mut Model) -> Vec<Effect> {
    let Some((turn, text)) = question(model) else {
        return notify(model, Tone::Plain, "No question to rephrase here yet");
    };
    if !model.chat.composer.is_blank() {
        compose::stash(model);
    }
    model.chat.set_draft(&visible(&text));
    // In incognito no turn is stored that a fork could begin at.
    model.chat.editing = turn.filter(|_| !model.chat.stores_nothing());
    model.chat.focus = Focus::Composer;
    notify(model, Tone::Plain, "Enter asks it in a new session that continues from here")
}

pub(super) fn again(model: &mut Model) -> Vec<Effect> {
    let Some((turn, text)) = question(model) else {
        return notify(model, Tone::Plain, "No question to answer again here yet");
    };
    if let Some(effects) = chat::busy(model) {
        return effects;
    }
    match turn {
        Some(turn) if !model.chat.stores_nothing() => chat::again(model, turn),
        _ => chat::whisper(model, text, Some(Intent::Ask)),
    }
}

/// Shows texts as they were written, or laid out.
pub(super) fn raw(model: &mut Model) -> Vec<Effect> {
    model.theme.raw = !model.theme.raw;
    model.theme.revision += 1;
    let said = if model.theme.raw { "Showing texts as written" } else { "Showing texts formatted" };
    notify(model, Tone::Plain, said)
}

/// Begins a conversation of which nothing is stored, or ends it.
pub(super) fn incognito(model: &mut Model) -> Vec<Effect> {
    if model.chat.read_only {
        return notify(model, Tone::Plain, "The memory is read-only: nothing is stored anyway");
    }
    let on = !model.chat.incognito;
    let mut effects = super::session::new(model);
    model.chat.incognito = on;
    if on {
        // What was being written is not kept any longer either.
        effects.extend(compose::keep(model));
    }
    let said = if on {
        "Incognito: this conversation is not stored"
    } else {
        "Incognito is off: your messages are remembered again"
    };
    effects.extend(notify(model, Tone::Plain, said));
    effects
}
