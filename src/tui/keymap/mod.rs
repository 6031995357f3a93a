//! The keys as data: which key does what, where. The help overlay is made from the same table.
//!
//! Owns the bindings, their reading and their remapping; what an action does is the business of
//! `update`.

mod chord;
mod table;

pub use chord::label;
pub use table::DEFAULT;

use chord::Chord;
use ratatui::crossterm::event::KeyEvent;
use std::collections::{BTreeMap, HashMap};

/// Where a key is pressed. A key is looked up in the innermost scope first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Anywhere.
    Everywhere,
    /// While a message is written.
    Composer,
    /// While a conversation, a source or the help is read.
    Reading,
    /// In a field above a list: the search, the sessions.
    Field,
    /// In the list below such a field.
    List,
    /// In the path field of the import.
    Import,
}

impl Scope {
    /// Every scope, in the order of the help.
    pub const ALL: [Self; 6] =
        [Self::Everywhere, Self::Composer, Self::Reading, Self::Field, Self::List, Self::Import];

    /// The scope's name in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Composer => "composer",
            Self::Reading => "reading",
            Self::Field => "field",
            Self::List => "list",
            Self::Import => "import",
        }
    }

    /// The scope's name in the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Composer => "While writing",
            Self::Reading => "While reading",
            Self::Field => "Searching and filtering",
            Self::List => "In a list",
            Self::Import => "Importing",
        }
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Sends the message.
    Send,
    /// Closes what is open, else cancels the answer.
    Dismiss,
    /// Cancels, then stashes the draft, then quits.
    Interrupt,
    /// Quits where nothing is written.
    QuitIfEmpty,
    /// Opens the search.
    Search,
    /// Starts a new session.
    New,
    /// Opens the list of sessions.
    Sessions,
    /// Shows the keys.
    Help,
    /// Draws everything anew.
    Redraw,
    /// Goes to the background.
    Suspend,
    /// Moves the focus on, or completes what is typed.
    Focus,
    /// Moves the focus back.
    FocusBack,
    /// Takes an earlier message, or moves up.
    Up,
    /// Takes a later message, or moves down.
    Down,
    /// Moves half a page up.
    HalfUp,
    /// Moves half a page down.
    HalfDown,
    /// Moves a page up.
    PageUp,
    /// Moves a page down.
    PageDown,
    /// Goes to the beginning.
    Top,
    /// Goes to the end.
    Bottom,
    /// Opens a source of the answer, by its number.
    Source(usize),
    /// Goes to the next source.
    NextSource,
    /// Goes to the previous source.
    PreviousSource,
    /// Opens what is selected.
    Open,
    /// Copies what is read.
    Copy,
    /// Edits what is being written.
    Edit(Edit),
    /// Writes on in the user's own editor.
    Editor,
    /// Opens the command palette.
    Palette,
    /// Goes to the message before.
    PreviousMessage,
    /// Goes to the message after.
    NextMessage,
    /// Copies the code of the message.
    CopyCode,
    /// Shows texts as they were written, or laid out.
    Raw,
    /// Takes an earlier question up, to ask it differently.
    EditQuestion,
    /// Answers the question once more.
    Again,
    /// Turns incognito on or off.
    Incognito,
    /// Takes the last filter of the search away.
    RemoveFilter,
    /// Gives the session a name.
    Rename,
    /// Adds tags to the session, or takes some away.
    Tag,
    /// Pins the session to the top, or takes the pin away.
    Pin,
    /// Merges the session into another.
    Merge,
    /// Deletes what is selected.
    Delete,
    /// Takes back: an import, a deletion.
    TakeBack,
    /// Picks a filter for the search.
    Filter,
    /// Exports the session.
    Export,
    /// Looks for words in what is shown.
    Find,
    /// Checks all of the memory.
    Check,
    /// Loads the demo, or removes it.
    Demo,
    /// Switches what Enter will do: remember the draft, or answer it.
    SwitchIntent,
    /// Undoes the last statement that was remembered.
    UndoStatement,
    /// Asks the last statement that was remembered as a question instead.
    MeantQuestion,
}

impl Action {
    /// The action's name in the settings: `half-up`, `source-1`, `delete-word-left`.
    pub fn name(self) -> String {
        let text = format!("{self:?}");
        let mut name = String::new();
        for c in text.trim_start_matches("Edit(").chars() {
            match c {
                '(' | 'A'..='Z' if name.is_empty() || name.ends_with('-') => {}
                '(' | 'A'..='Z' => name.push('-'),
                _ => {}
            }
            if c.is_ascii_alphanumeric() {
                name.push(c.to_ascii_lowercase());
            }
        }
        name
    }
}

/// An edit of what is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edit {
    /// Begins a new line.
    Newline,
    /// Moves the cursor.
    Move(Motion),
    /// Moves the cursor and selects what lies between.
    Select(Motion),
    /// Deletes the selection, or up to where the motion leads.
    Delete(Motion),
    /// Takes the selection away and keeps it.
    Cut,
    /// Inserts what was deleted last.
    Yank,
    /// Selects everything.
    SelectAll,
    /// Takes the last edit back.
    Undo,
    /// Makes the edit that was taken back again.
    Redo,
}

/// Where the cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Motion {
    /// A character back.
    Left,
    /// A character on.
    Right,
    /// A row up.
    Up,
    /// A row down.
    Down,
    /// To the beginning of the word.
    WordLeft,
    /// To the end of the word.
    WordRight,
    /// To the beginning of the line.
    LineStart,
    /// To the end of the line.
    LineEnd,
    /// To the end of the line, and from there over the newline.
    LineEndOrNext,
    /// To the beginning of the text.
    Start,
    /// To the end of the text.
    End,
}

#[cfg(test)]
impl Motion {
    /// Every motion.
    pub const ALL: [Self; 11] = [
        Self::Left,
        Self::Right,
        Self::Up,
        Self::Down,
        Self::WordLeft,
        Self::WordRight,
        Self::LineStart,
        Self::LineEnd,
        Self::LineEndOrNext,
        Self::Start,
        Self::End,
    ];
}

/// A row of the keymap.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Where it holds.
    pub scope: Scope,
    /// The keys, separated by spaces, such as `ctrl-j alt-enter`.
    pub keys: &'static str,
    /// What they do.
    pub action: Action,
    /// What the help says about it; empty where another row already says it.
    pub help: &'static str,
}

const fn bind(scope: Scope, keys: &'static str, action: Action, help: &'static str) -> Binding {
    Binding { scope, keys, action, help }
}

/// Why a keymap cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No such key.
    #[error("`{0}` is not a key; write it like `ctrl-j` or `alt-enter`")]
    Key(String),
    /// No such action.
    #[error(
        "`{0}` is not an action; write `send`, or `list.open` for one place only; \
         docs/screen.md lists all actions"
    )]
    Action(String),
    /// One key, two meanings.
    #[error(
        "`{key}` is bound to both `{first}` and `{second}` {place}; change one of them in \
         [screen.keys]"
    )]
    Clash {
        /// The key.
        key: String,
        /// Where.
        place: String,
        /// What it does already.
        first: String,
        /// What it was to do as well.
        second: String,
    },
}

/// The keymap, ready for looking up.
#[derive(Debug, Clone, Default)]
pub struct Keymap {
    actions: HashMap<(Scope, Chord), Action>,
    rows: Vec<Row>,
}

/// A row of the keymap in force.
#[derive(Debug, Clone)]
pub struct Row {
    /// Where it holds.
    pub scope: Scope,
    /// The keys.
    pub keys: Vec<String>,
    /// What they do.
    pub action: Action,
    /// What the help says about it.
    pub help: &'static str,
}

impl Keymap {
    /// Reads the rows, with other keys for the actions that the settings name. A clash in one
    /// scope is an error that names both meanings.
    pub fn new(
        bindings: &[Binding],
        remapped: &BTreeMap<String, Vec<String>>,
    ) -> Result<Self, KeymapError> {
        let mut used: Vec<&str> = Vec::new();
        let mut keymap = Self::default();
        for binding in bindings {
            let name = binding.action.name();
            let here = format!("{}.{name}", binding.scope.name());
            // What is said of one place goes before what is said of all.
            let own = [here.as_str(), name.as_str()]
                .into_iter()
                .find_map(|name| remapped.get_key_value(name));
            let keys: Vec<String> = match own {
                Some((name, keys)) => {
                    used.push(name);
                    keys.clone()
                }
                None => binding.keys.split(' ').map(str::to_owned).collect(),
            };
            for key in &keys {
                let chord = Chord::parse(key).ok_or_else(|| KeymapError::Key(key.clone()))?;
                let place = (binding.scope, chord);
                if let Some(first) = keymap.actions.insert(place, binding.action) {
                    return Err(KeymapError::Clash {
                        key: key.clone(),
                        place: binding.scope.title().to_lowercase(),
                        first: first.name(),
                        second: name,
                    });
                }
            }
            let Binding { scope, action, help, .. } = *binding;
            keymap.rows.push(Row { scope, keys, action, help });
        }
        match remapped.keys().find(|name| !used.contains(&name.as_str())) {
            Some(unknown) => Err(KeymapError::Action(unknown.clone())),
            None => Ok(keymap),
        }
    }

    /// Returns what a key does: in the scope first, then everywhere.
    pub fn action(&self, scope: Scope, event: KeyEvent) -> Option<Action> {
        let chord = Chord::of(event);
        [scope, Scope::Everywhere]
            .into_iter()
            .find_map(|scope| self.actions.get(&(scope, chord)).copied())
    }

    /// The rows, in the order of the help.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The first key of an action as people read it, in a scope or everywhere; empty where it has
    /// none.
    pub fn key_of(&self, scope: Scope, action: Action) -> String {
        let row = self.rows.iter().find(|row| {
            row.action == action && (row.scope == scope || row.scope == Scope::Everywhere)
        });
        row.and_then(|row| row.keys.first()).map(|key| label(key)).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use ratatui::crossterm::event::{KeyCode, KeyModifiers};

    fn remapped(rows: &[(&str, &str)]) -> Result<Keymap, KeymapError> {
        let keys = |keys: &str| keys.split_whitespace().map(str::to_owned).collect();
        let own = rows.iter().map(|(name, own)| ((*name).to_owned(), keys(own)));
        Keymap::new(DEFAULT, &own.collect())
    }

    fn press(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn the_default_keymap_has_no_clash() {
        let keymap = remapped(&[]).unwrap();
        for (scope, code, modifiers, expected) in [
            (Scope::Composer, KeyCode::Enter, KeyModifiers::ALT, Some(Action::Edit(Edit::Newline))),
            (Scope::Reading, KeyCode::Char('G'), KeyModifiers::SHIFT, Some(Action::Bottom)),
            (Scope::List, KeyCode::Char('r'), KeyModifiers::CONTROL, Some(Action::Search)),
            (Scope::Composer, KeyCode::Char('j'), KeyModifiers::NONE, None),
        ] {
            assert_eq!(keymap.action(scope, press(code, modifiers)), expected, "{code:?}");
        }
    }

    #[test]
    fn names_are_of_one_sort() {
        for (action, expected) in [
            (Action::HalfUp, "half-up"),
            (Action::Source(3), "source-3"),
            (Action::Edit(Edit::Newline), "newline"),
            (Action::Edit(Edit::Delete(Motion::WordLeft)), "delete-word-left"),
        ] {
            assert_eq!(action.name(), expected);
        }
    }

    #[test]
    fn keys_can_be_changed_everywhere_or_in_one_place() {
        let keymap = remapped(&[("down", "ctrl-g"), ("list.down", "Z"), ("composer.up", "")]);
        let keymap = keymap.unwrap();
        let g = press(KeyCode::Char('g'), KeyModifiers::CONTROL);
        let t = press(KeyCode::Char('Z'), KeyModifiers::NONE);
        assert_eq!(keymap.action(Scope::Reading, g), Some(Action::Down));
        assert_eq!(keymap.action(Scope::List, t), Some(Action::Down));
        assert_eq!(keymap.action(Scope::List, press(KeyCode::Down, KeyModifiers::NONE)), None);
        assert_eq!(keymap.action(Scope::Composer, press(KeyCode::Up, KeyModifiers::NONE)), None);
        assert_eq!(keymap.key_of(Scope::List, Action::Down), "Z");
    }

    #[test]
    fn the_documentation_lists_every_action() {
        let docs = include_str!("../../../docs/screen.md");
        for binding in DEFAULT {
            let name = format!("| `{}` |", binding.action.name());
            assert!(docs.contains(&name), "docs/screen.md does not list {name}");
        }
    }

    #[test]
    fn a_clash_names_both() {
        let error = remapped(&[("search", "ctrl-n")]).unwrap_err().to_string();
        assert!(error.contains("`ctrl-n`") && error.contains("`search`"), "{error}");
        assert!(error.contains("`new`"), "{error}");
        assert_eq!(remapped(&[("seek", "x")]).unwrap_err(), KeymapError::Action("seek".into()));
        let unknown = remapped(&[("search", "hyper-x")]).unwrap_err();
        assert_eq!(unknown, KeymapError::Key("hyper-x".into()));
    }
}
