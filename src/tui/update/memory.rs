//! The view of the memory as a whole.

use super::motion;
use crate::assistant::{Checked, Sizes, Stats, Subject};
use crate::tui::effect::Effect;
use crate::tui::event::Failure;
use crate::tui::keymap::Action;
use crate::tui::model::{Health, Model, View};
use crate::tui::review::Review;
use crate::tui::view::memory as view;

/// Opens the view; what it shows is counted anew, and what was counted before stands until then.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.view = View::Memory;
    model.overlay = None;
    model.memory.scroll = 0;
    model.memory.error = None;
    let looks = [Review::Stats, Review::Sizes, Review::Subjects].map(Effect::Review);
    let mut effects: Vec<Effect> = [Effect::Status].into_iter().chain(looks).collect();
    // What all of it looked like is worth more than another glance.
    if !matches!(model.memory.health, Health::Looking { .. } | Health::Known { quick: false, .. }) {
        effects.extend(check(model, true));
    }
    effects
}

/// Looks whether the memory is whole.
pub(super) fn check(model: &mut Model, quick: bool) -> Vec<Effect> {
    if matches!(model.memory.health, Health::Looking { quick: false }) {
        return Vec::new();
    }
    model.memory.health = Health::Looking { quick };
    vec![Effect::Review(Review::Check { quick })]
}

pub(super) fn checked(
    model: &mut Model,
    result: Result<Box<Checked>, Failure>,
    quick: bool,
) -> Vec<Effect> {
    // A glance that ends after all of it is being read tells nothing new.
    if quick && matches!(model.memory.health, Health::Looking { quick: false }) {
        return Vec::new();
    }
    match result {
        Ok(checked) => model.memory.health = Health::Known { checked, quick },
        Err(failure) => {
            model.memory.health = Health::Unknown;
            failed(model, failure);
        }
    }
    Vec::new()
}

pub(super) fn press(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    if action == Some(Action::Check) {
        return check(model, false);
    }
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

pub(super) fn told_apart(
    model: &mut Model,
    subjects: Result<Vec<Subject>, Failure>,
) -> Vec<Effect> {
    match subjects {
        Ok(subjects) => model.memory.subjects = subjects,
        Err(failure) => failed(model, failure),
    }
    Vec::new()
}

fn failed(model: &mut Model, failure: Failure) {
    if let Failure::Failed(why) = failure {
        model.memory.error = Some(why);
    }
}
