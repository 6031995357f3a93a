//! Forgetting what holds a text: shown first, done only after a yes.

use super::{fail, notify, session};
use crate::assistant::Chosen;
use crate::tui::effect::Effect;
use crate::tui::event::Failure;
use crate::tui::model::{Forgetting, Model, Tone};
use ratatui::crossterm::event::{KeyCode, KeyEvent};

pub(super) fn chosen(
    model: &mut Model,
    text: String,
    result: Result<Chosen, Failure>,
) -> Vec<Effect> {
    match result {
        Ok(chosen) if chosen.is_empty() => {
            notify(model, Tone::Plain, &format!("Nothing in memory holds “{text}”"))
        }
        Ok(chosen) => {
            model.forgetting = Some(Forgetting { text, chosen });
            Vec::new()
        }
        Err(failure) => fail(model, "Nothing was forgotten", failure),
    }
}

/// A `y` forgets; every other key keeps everything.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(forgetting) = model.forgetting.take() else { return Vec::new() };
    if key.code != KeyCode::Char('y') || !key.modifiers.is_empty() {
        return notify(model, Tone::Plain, "Nothing was forgotten");
    }
    let text = forgetting.text.to_lowercase();
    // What was typed is known here as well.
    model.chat.history.retain(|typed| !typed.to_lowercase().contains(&text));
    model.chat.statements.retain(|said| !said.text.to_lowercase().contains(&text));
    model.chat.history_at = None;
    // What is shown may be gone in a moment.
    let mut effects = session::new(model);
    effects.push(Effect::Forget(forgetting.chosen));
    effects
}

pub(super) fn forgotten(model: &mut Model, result: Result<(u64, bool), Failure>) -> Vec<Effect> {
    match result {
        Ok((count, clean)) => {
            let said = if clean {
                format!("{count} turns are forgotten, in the file as well")
            } else {
                format!("{count} turns are forgotten; traces go when the other recount ends")
            };
            let mut effects = notify(model, Tone::Good, &said);
            effects.push(Effect::Status);
            effects
        }
        Err(failure) => fail(model, "Nothing was forgotten", failure),
    }
}
