//! Questions before something that cannot be undone: shown first, done only after a yes.

use super::{compose, fail, import, notify, session, sessions};
use crate::assistant::{Chosen, Traces};
use crate::tui::effect::Effect;
use crate::tui::event::Failure;
use crate::tui::model::{Model, Question, Tone};
use crate::tui::review::Review;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

pub(super) fn chosen(
    model: &mut Model,
    text: String,
    result: Result<Chosen, Failure>,
) -> Vec<Effect> {
    match result {
        Ok(chosen) if chosen.is_empty() => {
            notify(model, Tone::Plain, &format!("No turn contains “{text}”"))
        }
        Ok(chosen) => {
            model.question = Some(Question::Forget { text, chosen });
            Vec::new()
        }
        Err(failure) => fail(model, "Nothing was deleted", failure),
    }
}

/// A `y` is a yes; every other key keeps everything.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(question) = model.question.take() else { return Vec::new() };
    let yes = key.code == KeyCode::Char('y') && key.modifiers.is_empty();
    match question {
        _ if !yes => notify(model, Tone::Plain, "Nothing was changed"),
        Question::Forget { text, chosen } => forget(model, &text, chosen),
        Question::UndoImport(past) => import::undo(model, past.id),
        Question::DeleteSession { session, .. } => sessions::delete(model, session),
        Question::Merge { into: (into, _), from: (from, _) } => {
            if let Some(draft) = model.chat.drafts.remove(&Some(from)) {
                compose::remember(&mut model.chat, draft);
            }
            vec![Effect::Review(Review::Merge { into, from })]
        }
    }
}

fn forget(model: &mut Model, text: &str, chosen: Chosen) -> Vec<Effect> {
    let text = text.to_lowercase();
    // What was typed is known here as well.
    model.chat.history.retain(|typed| !typed.to_lowercase().contains(&text));
    model.chat.statements.retain(|said| !said.text.to_lowercase().contains(&text));
    model.chat.drafts.retain(|_, draft| !draft.to_lowercase().contains(&text));
    model.chat.history_at = None;
    // What is shown may be gone in a moment.
    let mut effects = session::new(model);
    effects.push(Effect::Forget(chosen));
    effects
}

pub(super) fn forgotten(model: &mut Model, result: Result<(u64, Traces), Failure>) -> Vec<Effect> {
    match result {
        Ok((count, traces)) => {
            let turns = if count == 1 { "1 turn".to_owned() } else { format!("{count} turns") };
            let (tone, said) = match traces {
                Traces::Gone => (Tone::Good, format!("{turns} permanently deleted")),
                Traces::InLog => {
                    let until = "traces stay in the file until the other recount quits";
                    (Tone::Good, format!("{turns} deleted; {until}"))
                }
                Traces::Left(why) => {
                    let then = "then run `recount forget --traces`";
                    (Tone::Bad, format!("{turns} deleted, but traces may be left: {why}; {then}"))
                }
            };
            let mut effects = notify(model, tone, &said);
            effects.push(Effect::Status);
            effects
        }
        Err(failure) => fail(model, "Nothing was deleted", failure),
    }
}
