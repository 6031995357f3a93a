//! The first run: the demo that can be tried, and removed again.

use super::{fail, notify, session};
use crate::tui::effect::Effect;
use crate::tui::event::Failure;
use crate::tui::model::{Model, Tone};
use crate::tui::review::Review;

/// Loads the demo, or removes it where it is there.
pub(super) fn demo(model: &mut Model) -> Vec<Effect> {
    let load = !model.has_demo();
    // What is shown may be what is taken away.
    let mut effects = session::new(model);
    effects.push(Effect::Review(Review::Demo(load)));
    effects
}

/// The demo was appended.
pub(super) fn loaded(model: &mut Model, result: Result<(), Failure>) -> Vec<Effect> {
    let mut effects = match result {
        Ok(()) => notify(model, Tone::Good, "Demo loaded; F2 removes it"),
        Err(failure) => fail(model, "The demo was not loaded", failure),
    };
    effects.extend([Effect::Status, Effect::Review(Review::Imports), Effect::Encode]);
    effects
}
