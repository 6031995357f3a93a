//! Writing: the keys of the composer, pasting, the history, and keeping the draft against a crash.

use super::{chat, copy, notify, scroll_transcript, vim};
use crate::assistant::Draft;
use crate::conversation::visible;
use crate::tui::effect::Effect;
use crate::tui::event::Timer;
use crate::tui::keymap::{Action, Edit, Motion};
use crate::tui::layout;
use crate::tui::model::{Chat, Focus, Model, Tone};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::time::Duration;

/// So long after a change the draft is kept against a crash.
const KEEP: Duration = Duration::from_millis(700);
/// How many entries the history holds.
const HISTORY: usize = 1000;

pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    if let Some(effects) = vim::press(model, action, key) {
        return effects;
    }
    let chat = &mut model.chat;
    match action {
        Some(Action::Send) => return chat::send(model),
        Some(Action::Edit(edit)) => chat.composer.edit(edit),
        Some(Action::QuitIfEmpty) => {
            if chat.composer.is_empty() {
                return vec![Effect::Quit(None)];
            }
            chat.composer.edit(Edit::Delete(Motion::Right));
        }
        Some(Action::Up) if recalls(chat) => recall(chat, true),
        Some(Action::Down) if chat.history_at.is_some() && recalls(chat) => recall(chat, false),
        Some(Action::Up) => chat.composer.edit(Edit::Move(Motion::Up)),
        Some(Action::Down) => chat.composer.edit(Edit::Move(Motion::Down)),
        Some(Action::Editor) if chat.stores_nothing() => {
            let said = "Cannot open an editor: it needs a file, and nothing is stored now";
            return notify(model, Tone::Plain, said);
        }
        Some(Action::Editor) => return vec![Effect::Editor(chat.draft())],
        Some(Action::Copy) => {
            return match chat.composer.selected() {
                Some(text) => copy(&text, "Selection"),
                None => chat::copy_answer(model),
            };
        }
        Some(action @ (Action::PageUp | Action::PageDown)) => scroll_transcript(model, action),
        _ => type_in(chat, key),
    }
    Vec::new()
}

/// Inserts a typed character. One that would act on the terminal when shown becomes a mark.
pub(super) fn type_in(chat: &mut Chat, key: KeyEvent) {
    let KeyCode::Char(c) = key.code else { return };
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        return;
    }
    let text = c.to_string();
    // Joiners are typed alone, and stand alone for a moment.
    if matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}') {
        chat.composer.type_in(&text);
    } else {
        chat.composer.type_in(&visible(&text));
    }
}

/// Whether the arrows go through the history: nothing is written, or what is written is from it.
fn recalls(chat: &Chat) -> bool {
    let shown = chat.history_at.and_then(|at| chat.history.get(at));
    match shown {
        Some(text) => *text == chat.draft(),
        None => chat.composer.is_empty(),
    }
}

/// Takes an earlier message, where nothing is written.
pub(super) fn earlier(model: &mut Model) -> Vec<Effect> {
    if recalls(&model.chat) {
        recall(&mut model.chat, true);
    }
    Vec::new()
}

fn recall(chat: &mut Chat, back: bool) {
    let at = match (chat.history_at, back) {
        (None, true) => chat.history.len().checked_sub(1),
        (Some(at), true) => Some(at.saturating_sub(1)),
        (Some(at), false) => Some(at + 1).filter(|at| *at < chat.history.len()),
        (None, false) => None,
    };
    let text = at.and_then(|at| chat.history.get(at)).cloned().unwrap_or_default();
    chat.set_draft(&text);
    // What was chosen was chosen for another text.
    chat.decision.chosen = None;
    chat.history_at = at;
}

/// Takes what was typed in earlier sessions, oldest first, before what was typed in this one.
pub(super) fn history(model: &mut Model, earlier: &[String]) -> Vec<Effect> {
    let mut all: Vec<String> = earlier.iter().map(|text| visible(text).into_owned()).collect();
    let shift = all.len();
    all.append(&mut model.chat.history);
    model.chat.history = all;
    if let Some(at) = &mut model.chat.history_at {
        *at += shift;
    }
    Vec::new()
}

/// Puts pasted text in, whatever it holds; nothing is sent by it.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    model.chat.focus = Focus::Composer;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    model.chat.composer.insert(&visible(&text));
    let lines = text.lines().count();
    if lines > 50 {
        return notify(model, Tone::Plain, &format!("{lines} lines pasted, not sent yet"));
    }
    Vec::new()
}

/// Takes the text back that was written in the user's editor.
pub(super) fn edited(model: &mut Model, result: Result<String, String>) -> Vec<Effect> {
    match result {
        Ok(text) => {
            let text = text.replace("\r\n", "\n");
            let text = text.strip_suffix('\n').unwrap_or(&text);
            model.chat.focus = Focus::Composer;
            model.chat.set_draft(&visible(text));
            Vec::new()
        }
        Err(why) => {
            let _ = notify(model, Tone::Bad, &why);
            Vec::new()
        }
    }
}

/// Puts the draft into the history and clears the composer.
pub(super) fn stash(model: &mut Model) {
    let draft = model.chat.draft();
    remember(&mut model.chat, draft);
    model.chat.clear_draft();
}

pub(super) fn remember(chat: &mut Chat, text: String) {
    if chat.history.last() != Some(&text) && !text.trim().is_empty() {
        chat.history.push(text);
    }
    if chat.history.len() > HISTORY {
        chat.history.remove(0);
    }
}

/// After each event: lays the composer out, and sets the timer that keeps the draft.
pub(super) fn settle(model: &mut Model) -> Vec<Effect> {
    follow(&mut model.chat);
    let text = layout::composer_text(layout::areas(model, model.area).composer);
    model.chat.composer.follow(text.width, text.height);
    let chat = &mut model.chat;
    let changed = chat.composer.revision() != chat.kept.revision;
    if !changed || chat.kept.waiting || chat.stores_nothing() {
        return Vec::new();
    }
    chat.kept.waiting = true;
    vec![Effect::Wake(KEEP, Timer::Draft)]
}

/// Another session is shown: its draft comes into the composer, and the one that was there waits
/// until its session is shown again.
fn follow(chat: &mut Chat) {
    let shown = chat.transcript.id;
    if chat.opening.is_some() || shown == chat.drafting {
        return;
    }
    let left = chat.draft();
    let found = chat.drafts.remove(&shown);
    if chat.incognito {
        // Nothing of it is kept, and what is in the map would be.
        remember(chat, left);
    } else if !left.trim().is_empty() {
        chat.drafts.insert(chat.drafting, left);
    }
    chat.drafting = shown;
    if !chat.composer.is_empty() || found.is_some() {
        chat.clear_draft();
        chat.set_draft(&found.unwrap_or_default());
    }
}

/// Keeps the drafts as they are now. Nothing of incognito is kept.
pub(super) fn keep(model: &mut Model) -> Vec<Effect> {
    let chat = &mut model.chat;
    chat.kept.waiting = false;
    chat.kept.revision = chat.composer.revision();
    if chat.read_only || !chat.kept.begun {
        return Vec::new();
    }
    let waiting = chat.drafts.iter().filter(|(session, _)| session.is_some() || !chat.incognito);
    let mut drafts: Vec<Draft> =
        waiting.map(|(session, text)| Draft { session: *session, text: text.clone() }).collect();
    if !chat.incognito {
        drafts.push(Draft { session: chat.drafting, text: chat.draft() });
    }
    drafts.retain(|draft| !draft.text.trim().is_empty());
    vec![Effect::KeepDrafts(drafts)]
}

/// Takes the drafts that a crash, or leaving, left behind. The newest comes into the composer, those
/// of other sessions wait for these, and any others are in the history.
pub(super) fn drafts(model: &mut Model, mut drafts: Vec<Draft>) -> Vec<Effect> {
    let chat = &mut model.chat;
    chat.kept.begun = true;
    let mut shown = None;
    while let Some(draft) = drafts.pop() {
        let text = visible(&draft.text).into_owned();
        if text.trim().is_empty() {
            continue;
        }
        if shown.is_none() && chat.composer.is_empty() {
            chat.set_draft(&text);
            shown = Some(text);
        } else if draft.session.is_none() || chat.drafts.contains_key(&draft.session) {
            remember(chat, text);
        } else {
            chat.drafts.insert(draft.session, text);
        }
    }
    chat.kept.revision = chat.composer.revision();
    if shown.is_none() {
        return Vec::new();
    }
    notify(model, Tone::Plain, "Your unsent draft is back (Ctrl+C stashes it)")
}
