//! Picking a filter for the search instead of typing it.

use super::{motion, query, search};
use crate::conversation::Role;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::{Model, Picker};
use crate::tui::review::Review;
use ratatui::crossterm::event::KeyEvent;

/// Times that are often looked for; any other one is typed.
const TIMES: [&str; 6] =
    ["today", "yesterday", "last week", "last month", "last summer", "last year"];

/// A filter that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is restricted.
    pub name: &'static str,
    /// To what.
    pub value: String,
    /// How many turns that are, where it is known.
    pub turns: Option<u64>,
}

/// The filters that can be picked and hold what is typed.
pub fn choices(model: &Model) -> Vec<Choice> {
    let Some(picker) = &model.search.picker else { return Vec::new() };
    let choice = |name, value: &str, turns| Choice { name, value: value.to_owned(), turns };
    let mut all = Vec::new();
    if let Some(stats) = &model.memory.stats {
        let speakers = stats.speakers.iter();
        all.extend(speakers.map(|tally| choice("speaker", &tally.name, Some(tally.turns))));
        let sources = stats.sources.iter();
        all.extend(sources.map(|tally| choice("source", &tally.name, Some(tally.turns))));
    }
    all.extend(Role::ALL.iter().map(|role| choice("role", role.as_str(), None)));
    all.extend(TIMES.iter().map(|time| choice("said", time, None)));
    all.push(choice("with", "folded", None));
    let typed = picker.field.text().to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    all.retain(|choice| {
        let text = format!("{} {}", choice.name, choice.value.to_lowercase());
        words.iter().all(|word| text.contains(word))
    });
    all
}

/// Opens the choice; what there is to choose from is counted where that was not done yet.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.search.picker = Some(Picker::default());
    if model.memory.stats.is_some() { Vec::new() } else { vec![Effect::Review(Review::Stats)] }
}

pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    let choices = choices(model);
    let Some(picker) = &mut model.search.picker else { return Vec::new() };
    match action {
        Some(Action::Open) => {
            let chosen = choices.get(picker.selected);
            let text = chosen.map(|chosen| {
                let typed = model.search.field.text();
                query::with_filter(typed, chosen.name, &chosen.value, model.now)
            });
            model.search.picker = None;
            text.map_or_else(Vec::new, |text| search::look_for(model, &text))
        }
        Some(Action::Dismiss | Action::Filter) => {
            model.search.picker = None;
            Vec::new()
        }
        Some(action) => {
            if let Some(by) = motion(action, 8) {
                let last = choices.len().saturating_sub(1);
                picker.selected = picker.selected.saturating_add_signed(by).min(last);
            }
            Vec::new()
        }
        None => {
            if picker.field.key(key) {
                picker.selected = 0;
            }
            Vec::new()
        }
    }
}
