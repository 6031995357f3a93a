//! Undoing the last statement that was remembered, and asking it as a question instead.

use super::{chat, compose, fail, notify, session, source};
use crate::assistant::TakenBack;
use crate::conversation::{SessionId, TurnId, visible};
use crate::language::Intent;
use crate::tui::effect::{Effect, Place};
use crate::tui::event::Failure;
use crate::tui::model::{Body, Chat, Focus, Model, SourcePane, Statement, Tone, Undoing, View};

/// How many statements can be undone.
const STATEMENTS: usize = 100;

/// Keeps a statement that was just remembered, so that it can be undone.
pub(super) fn remember(model: &mut Model, session: SessionId, turn: TurnId) {
    let text = std::mem::take(&mut model.chat.sent);
    let statements = &mut model.chat.statements;
    statements.push(Statement { session, turn, text });
    if statements.len() > STATEMENTS {
        statements.remove(0);
    }
}

/// Undoes the last statement of the session that is shown, and asks it instead if it was meant as a
/// question.
pub(super) fn undo(model: &mut Model, ask: bool) -> Vec<Effect> {
    if let Some(effects) = chat::busy(model) {
        return effects;
    }
    if model.chat.stores_nothing() {
        return whispered(model, ask);
    }
    let session = model.chat.transcript.id;
    let last = model.chat.statements.iter().rfind(|said| Some(said.session) == session).cloned();
    let Some(statement) = last else {
        let said = "Nothing to undo: no statement in this session yet";
        return notify(model, Tone::Plain, said);
    };
    if model.chat.transcript.more_after {
        // What is undone must be in sight.
        let mut effects = session::open(model, statement.session, Place::End);
        effects.extend(notify(model, Tone::Plain, "Jumped to the end; press again"));
        return effects;
    }
    let turn = statement.turn;
    model.chat.undoing = Some(Undoing { statement, ask });
    vec![Effect::TakeBack(turn)]
}

/// In incognito nothing was stored that could be undone, but the last statement can be asked.
fn whispered(model: &mut Model, ask: bool) -> Vec<Effect> {
    let is_statement = {
        let mut newest = model.chat.transcript.entries().rev().map(|entry| &entry.body);
        matches!(newest.next(), Some(Body::Note(_)))
            && matches!(newest.next(), Some(Body::Mine { .. }))
            && !model.chat.sent.is_empty()
    };
    if !ask || !is_statement {
        return notify(model, Tone::Plain, "Nothing to undo: nothing is stored");
    }
    let transcript = &mut model.chat.transcript;
    transcript.drop_last(|body| matches!(body, Body::Note(_)));
    transcript.drop_last(|body| matches!(body, Body::Mine { .. }));
    let text = std::mem::take(&mut model.chat.sent);
    chat::whisper(model, text, Some(Intent::Ask))
}

/// A statement was removed from memory: its entry goes, and its text comes back or is asked.
pub(super) fn taken_back(
    model: &mut Model,
    turn: TurnId,
    result: Result<TakenBack, Failure>,
) -> Vec<Effect> {
    let Some(Undoing { statement, ask }) =
        model.chat.undoing.take_if(|undoing| undoing.statement.turn == turn)
    else {
        return vec![Effect::Status];
    };
    let taken = match result {
        Ok(taken) => taken,
        Err(failure) => return fail(model, "The statement was not undone", failure),
    };
    model.chat.statements.retain(|said| said.turn != turn);
    let gone = [&[turn], taken.turns.as_slice()].concat();
    let mut effects = Vec::new();
    let quotes =
        |pane: &SourcePane| pane.citations.iter().any(|citation| gone.contains(&citation.turn));
    if model.source.as_ref().is_some_and(quotes) {
        let focus = model.chat.focus;
        effects.extend(source::close(model));
        model.chat.focus = if focus == Focus::Source { Focus::Composer } else { focus };
    }
    let is_here = model.chat.transcript.id == Some(statement.session);
    let transcript = &mut model.chat.transcript;
    transcript.remove(&gone);
    if is_here && taken.session_gone {
        // What is said next begins a new one, which looks the same here.
        (transcript.id, transcript.session) = (None, None);
        move_draft(&mut model.chat, None);
    }
    if ask && is_here {
        effects.extend(chat::say(model, statement.text, Some(Intent::Ask)));
    } else {
        effects.extend(give_back(model, &statement.text, ask, taken.turns.len()));
    }
    effects.push(Effect::Status);
    effects
}

/// Puts the text of a statement back into the composer, or into the history if something else is
/// being written.
fn give_back(model: &mut Model, text: &str, ask: bool, turns: usize) -> Vec<Effect> {
    let answers = match turns.saturating_sub(1) {
        0 => String::new(),
        1 => ", with the answer based on it".to_owned(),
        more => format!(", with {more} answers based on it"),
    };
    let text = visible(text).into_owned();
    let place = if model.chat.composer.is_blank() {
        model.chat.clear_draft();
        model.chat.set_draft(&text);
        model.chat.decision.chosen = ask.then_some(Intent::Ask);
        if model.view == View::Chat {
            model.chat.focus = Focus::Composer;
        }
        ""
    } else {
        compose::remember(&mut model.chat, text);
        "; press ↑ in an empty composer to get its text back"
    };
    notify(model, Tone::Good, &format!("Undone{answers}{place}"))
}

/// Lets what is being written be for another session; a draft that waited there goes to the history.
fn move_draft(chat: &mut Chat, session: Option<SessionId>) {
    if let Some(waited) = chat.drafts.remove(&session) {
        compose::remember(chat, waited);
    }
    chat.drafting = session;
}
