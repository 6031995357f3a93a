//! The command palette: everything there is to do, by its name.

use super::Field;
use crate::tui::keymap::{Action, Keymap, Scope};
use crate::tui::theme::Named;
use crate::tui::update::COMMANDS;
use frizbee::{Config, Matcher};

/// The palette while it is open.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What is looked for.
    pub field: Field,
    /// The selected row.
    pub selected: usize,
    /// Whether only themes are offered.
    pub themes: bool,
}

/// What a row of the palette does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// What a key does.
    Act(Action),
    /// Begins or runs a slash command.
    Command(&'static str, bool),
    /// Chooses a theme.
    Theme(String),
}

/// A row of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is called.
    pub label: String,
    /// Its key, or how else it is reached.
    pub key: String,
    /// What it does.
    pub does: Does,
}

/// What the palette's actions are looked up in: elsewhere they would act on nothing.
const SCOPES: [Scope; 2] = [Scope::Everywhere, Scope::Composer];

impl Palette {
    /// The rows for what is typed, best first.
    pub fn items(&self, keymap: &Keymap, themes: &[Named]) -> Vec<Item> {
        let all = if self.themes { theme_items(themes) } else { items(keymap, themes) };
        let wanted = self.field.text().trim();
        if wanted.is_empty() {
            return all;
        }
        // Commands are found by their names as well.
        let labels: Vec<String> =
            all.iter().map(|item| format!("{} {}", item.label, item.key)).collect();
        let mut found = Matcher::new(wanted, &Config::default()).match_list(&labels);
        // Equal scores keep the order of the table.
        found.sort_by(|a, b| b.score.cmp(&a.score).then(a.index.cmp(&b.index)));
        found.iter().filter_map(|hit| all.get(hit.index as usize).cloned()).collect()
    }
}

fn items(keymap: &Keymap, themes: &[Named]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for command in COMMANDS {
        let key = command.action.map(|action| key_of(keymap, action)).unwrap_or_default();
        items.push(Item {
            label: command.help.to_owned(),
            key: [command.name, &key].join(" ").trim_end().to_owned(),
            does: Does::Command(command.name, !command.takes.is_empty()),
        });
    }
    for row in keymap.rows() {
        let offered = SCOPES.contains(&row.scope) && !row.help.is_empty();
        if !offered || !is_for_the_palette(row.action) {
            continue;
        }
        let key = keymap.key_of(row.scope, row.action);
        items.push(Item { label: row.help.to_owned(), key, does: Does::Act(row.action) });
    }
    items.extend(theme_items(themes));
    items
}

/// The first key of an action, wherever it holds.
fn key_of(keymap: &Keymap, action: Action) -> String {
    let keys = SCOPES.iter().chain(&[Scope::Reading]).map(|scope| keymap.key_of(*scope, action));
    keys.into_iter().find(|key| !key.is_empty()).unwrap_or_default()
}

fn theme_items(themes: &[Named]) -> Vec<Item> {
    let item = |theme: &Named| Item {
        label: format!("theme {}", theme.name),
        key: "/theme".to_owned(),
        does: Does::Theme(theme.name.clone()),
    };
    themes.iter().map(item).collect()
}

/// Whether an action makes sense without its key: moving does not, and what a command does as well
/// is offered once.
fn is_for_the_palette(action: Action) -> bool {
    matches!(
        action,
        Action::Editor
            | Action::EditQuestion
            | Action::Again
            | Action::Raw
            | Action::Copy
            | Action::Redraw
            | Action::Suspend
            | Action::Source(1)
            | Action::UndoStatement
            | Action::MeantQuestion
    )
}
