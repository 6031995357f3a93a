//! The command palette: finding and running.

use super::{act, command, motion, notify};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::{Does, Focus, Model, Palette, Tone, View};
use crate::tui::theme::Theme;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

pub(super) fn open(model: &mut Model, themes: bool) -> Vec<Effect> {
    model.overlay = None;
    model.palette = Some(Palette { themes, ..Palette::default() });
    Vec::new()
}

/// Handles a key while the palette is open.
pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    let page = usize::from(model.area.height / 2).max(1);
    let Some(palette) = &mut model.palette else { return Vec::new() };
    match action {
        Some(Action::Dismiss | Action::Palette | Action::Interrupt) => {
            model.palette = None;
            take_off(model);
        }
        Some(Action::Open) => return run(model),
        Some(action) if motion(action, page).is_some() => {
            let last = palette.items(&model.keymap, &model.themes).len().saturating_sub(1);
            let by = motion(action, page).unwrap_or(0);
            palette.selected = palette.selected.saturating_add_signed(by).min(last);
            try_on(model);
        }
        _ => {
            if palette.field.key(key) {
                palette.selected = 0;
                try_on(model);
            }
        }
    }
    Vec::new()
}

/// Shows the screen in the theme that is selected, if one is.
fn try_on(model: &mut Model) {
    let Some(palette) = model.palette.as_ref().filter(|_| model.colors) else { return };
    let item = palette.items(&model.keymap, &model.themes).into_iter().nth(palette.selected);
    let Some(Does::Theme(name)) = item.map(|item| item.does) else { return take_off(model) };
    let found = model.themes.iter().find(|theme| theme.name == name);
    if let Some(Ok(theme)) = found.map(|found| found.theme.clone()) {
        model.theme_before.get_or_insert(model.theme);
        wear(model, &theme);
    }
}

/// Goes back to the theme from before one was tried on.
fn take_off(model: &mut Model) {
    if let Some(theme) = model.theme_before.take() {
        wear(model, &theme);
    }
}

fn wear(model: &mut Model, theme: &Theme) {
    let (raw, revision) = (model.theme.raw, model.theme.revision + 1);
    model.theme = Theme { raw, revision, ..*theme };
}

pub(super) fn paste(model: &mut Model, text: &str) {
    if let Some(palette) = &mut model.palette {
        palette.field.insert(text);
        palette.selected = 0;
    }
}

fn run(model: &mut Model) -> Vec<Effect> {
    let Some(palette) = model.palette.take() else { return Vec::new() };
    take_off(model);
    let item = palette.items(&model.keymap, &model.themes).into_iter().nth(palette.selected);
    match item.map(|item| item.does) {
        None => Vec::new(),
        Some(Does::Theme(name)) => theme(model, &name),
        Some(Does::Act(action)) => {
            model.view = View::Chat;
            act(model, Some(action), KeyEvent::from(KeyCode::Null))
        }
        Some(Does::Command(name, takes)) if takes => {
            // It waits for what it is to act on.
            model.view = View::Chat;
            model.chat.focus = Focus::Composer;
            if !model.chat.composer.is_blank() {
                super::compose::stash(model);
            }
            model.chat.set_draft(&format!("{name} "));
            Vec::new()
        }
        Some(Does::Command(name, _)) => command::obey(model, name, ""),
    }
}

/// Chooses a theme by its name.
pub(super) fn theme(model: &mut Model, name: &str) -> Vec<Effect> {
    let found = model.themes.iter().find(|theme| theme.name == name).cloned();
    match found.map(|found| found.theme) {
        Some(Ok(theme)) if model.colors => {
            wear(model, &theme);
            vec![Effect::KeepTheme(name.to_owned())]
        }
        Some(Ok(_)) => notify(model, Tone::Plain, "Colours are off (NO_COLOR or --color never)"),
        Some(Err(why)) => {
            let _ = notify(model, Tone::Bad, &format!("Cannot use this theme: {why}"));
            Vec::new()
        }
        None => {
            let names: Vec<&str> = model.themes.iter().map(|theme| theme.name.as_str()).collect();
            let said = format!("Theme {name} not found. Themes: {}", names.join(", "));
            notify(model, Tone::Bad, &said)
        }
    }
}
