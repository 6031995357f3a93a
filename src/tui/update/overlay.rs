//! The lists above the view: keys and commands, past notices.

use super::scrolled;
use crate::tui::keymap::Action;
use crate::tui::model::{Lists, Model, Overlay};
use crate::tui::view::overlay as view;
use ratatui::crossterm::event::KeyEvent;

/// Opens a list, or closes it if it is open.
pub(super) fn toggle(model: &mut Model, lists: Lists) {
    let open = model.overlay.as_ref().is_some_and(|overlay| overlay.lists == lists);
    model.overlay = (!open).then(|| Overlay::of(lists));
}

/// A key while a list is open: it scrolls, or narrows the list down.
pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) {
    let page = view::page(model);
    let last = view::most_scroll(model);
    let Some(overlay) = &mut model.overlay else { return };
    match action {
        Some(Action::Open) => model.overlay = None,
        Some(action) => overlay.scroll = scrolled(overlay.scroll, action, page).min(last),
        None => {
            if overlay.filter.key(key) {
                overlay.scroll = 0;
            }
        }
    }
}
