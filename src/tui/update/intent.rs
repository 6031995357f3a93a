//! What Enter will do with the draft: asked for while it is being written, shown, and switched by
//! the user.

use super::{command, notify};
use crate::language::Intent;
use crate::tui::effect::Effect;
use crate::tui::event::JobId;
use crate::tui::model::{Model, Tone};

/// What Enter will do with the draft: what the user chose, else what was decided for exactly this
/// text. `None` for a command, an empty draft, and one that is not decided yet.
pub fn shown(model: &Model) -> Option<Intent> {
    let chat = &model.chat;
    can_be_sent(model).then(|| chat.decision.of(chat.composer.revision())).flatten()
}

/// Whether something is written that is not a command.
fn can_be_sent(model: &Model) -> bool {
    let composer = &model.chat.composer;
    // The first line is enough to recognise a command, and a draft can be long.
    !composer.is_blank() && command::read(&composer.lines()[0]).is_none()
}

/// After each event: asks for a decision if the draft has changed. Only one is made at a time, so
/// that drafts do not queue up; the newest is next.
pub(super) fn settle(model: &mut Model) -> Vec<Effect> {
    if model.chat.composer.is_blank() {
        model.chat.decision.chosen = None;
        return Vec::new();
    }
    let revision = model.chat.composer.revision();
    let decision = &model.chat.decision;
    let is_due = decision.running.is_none() && decision.asked != revision;
    if !is_due || decision.chosen.is_some() || !can_be_sent(model) {
        return Vec::new();
    }
    let job = model.job();
    let decision = &mut model.chat.decision;
    (decision.running, decision.asked) = (Some(job), revision);
    vec![Effect::Decide { job, text: model.chat.draft().trim().to_owned() }]
}

/// Takes a decision; `None` if it failed. Then nothing is shown, and the assistant decides on Enter.
pub(super) fn decided(model: &mut Model, job: JobId, intent: Option<Intent>) -> Vec<Effect> {
    let decision = &mut model.chat.decision;
    if decision.running == Some(job) {
        decision.running = None;
        if let Some(intent) = intent {
            decision.take(intent);
        }
    }
    Vec::new()
}

/// Switches to the other one.
pub(super) fn switch(model: &mut Model) -> Vec<Effect> {
    if !can_be_sent(model) {
        return notify(model, Tone::Plain, "Type a statement or a question first");
    }
    // Before anything is decided the key still does something that can be seen.
    model.chat.decision.chosen = Some(shown(model).map_or(Intent::Ask, Intent::other));
    Vec::new()
}
