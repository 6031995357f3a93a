//! The view of the memory as a whole.

use super::motion;
use crate::assistant::{Sizes, Stats};
use crate::tui::effect::Effect;
use crate::tui::event::Failure;
use crate::tui::keymap::Action;
use crate::tui::model::{Model, View};
use crate::tui::review::Review;
use crate::tui::view::memory as view;

/// Opens the view; what it shows is counted anew, and what was counted before stands until then.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.view = View::Memory;
    model.help = None;
    model.memory.scroll = 0;
    model.memory.error = None;
    vec![Effect::Status, Effect::Review(Review::Stats), Effect::Review(Review::Sizes)]
}

pub(super) fn press(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    if let Some(by) = action.and_then(|action| motion(action, 4)) {
        let last = view::parts(model).saturating_sub(1);
        model.memory.scroll = model.memory.scroll.saturating_add_signed(by).min(last);
    }
    Vec::new()
}

pub(super) fn counted(model: &mut Model, stats: Result<Box<Stats>, Failure>) -> Vec<Effect> {
    match stats {
        Ok(stats) => model.memory.stats = Some(stats),
        Err(failure) => failed(model, failure),
    }
    Vec::new()
}

pub(super) fn weighed(model: &mut Model, sizes: Result<Sizes, Failure>) -> Vec<Effect> {
    match sizes {
        Ok(sizes) => model.memory.sizes = Some(sizes),
        Err(failure) => failed(model, failure),
    }
    Vec::new()
}

fn failed(model: &mut Model, failure: Failure) {
    if let Failure::Failed(why) = failure {
        model.memory.error = Some(why);
    }
}
