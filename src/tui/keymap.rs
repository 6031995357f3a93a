//! The keys as data: which key does what, where. The help overlay is made from the same table.
//!
//! Owns the bindings and their reading; what an action does is the business of `update`.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::HashMap;

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
    /// Begins a new line.
    Newline,
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
    /// Undoes the last edit.
    Undo,
    /// Does the undone edit again.
    Redo,
    /// Deletes to the beginning of the line.
    DeleteToHead,
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

/// The keys as they come.
pub const DEFAULT: &[Binding] = &[
    bind(Scope::Everywhere, "f1", Action::Help, "this help"),
    bind(Scope::Everywhere, "ctrl-r", Action::Search, "search"),
    bind(Scope::Everywhere, "ctrl-s", Action::Sessions, "sessions"),
    bind(Scope::Everywhere, "ctrl-n", Action::New, "new session"),
    bind(Scope::Everywhere, "esc", Action::Dismiss, "close, back; cancel the answer"),
    bind(
        Scope::Everywhere,
        "ctrl-c",
        Action::Interrupt,
        "cancel; put the draft aside; twice: quit",
    ),
    bind(Scope::Everywhere, "tab", Action::Focus, "next pane; complete"),
    bind(Scope::Everywhere, "backtab", Action::FocusBack, "previous pane"),
    bind(Scope::Everywhere, "ctrl-z", Action::Suspend, "suspend"),
    bind(Scope::Everywhere, "ctrl-l", Action::Redraw, "draw anew"),
    bind(Scope::Everywhere, "pageup", Action::PageUp, "page up"),
    bind(Scope::Everywhere, "pagedown", Action::PageDown, "page down"),
    bind(Scope::Composer, "enter", Action::Send, "send"),
    bind(Scope::Composer, "alt-enter ctrl-j shift-enter", Action::Newline, "new line"),
    bind(Scope::Composer, "up", Action::Up, "earlier message, when empty"),
    bind(Scope::Composer, "down", Action::Down, "later message"),
    bind(Scope::Composer, "alt-1", Action::Source(1), "open source 1, and so on to 9"),
    bind(Scope::Composer, "alt-2", Action::Source(2), ""),
    bind(Scope::Composer, "alt-3", Action::Source(3), ""),
    bind(Scope::Composer, "alt-4", Action::Source(4), ""),
    bind(Scope::Composer, "alt-5", Action::Source(5), ""),
    bind(Scope::Composer, "alt-6", Action::Source(6), ""),
    bind(Scope::Composer, "alt-7", Action::Source(7), ""),
    bind(Scope::Composer, "alt-8", Action::Source(8), ""),
    bind(Scope::Composer, "alt-9", Action::Source(9), ""),
    bind(Scope::Composer, "?", Action::Help, "this help, when empty"),
    bind(Scope::Composer, "ctrl-u", Action::DeleteToHead, "delete to the line's beginning"),
    bind(Scope::Composer, "ctrl-_ ctrl-7 ctrl-/", Action::Undo, "undo"),
    bind(Scope::Composer, "alt-r", Action::Redo, "redo"),
    bind(Scope::Composer, "ctrl-d", Action::QuitIfEmpty, "quit, when empty"),
    bind(Scope::Reading, "up k", Action::Up, "up"),
    bind(Scope::Reading, "down j", Action::Down, "down"),
    bind(Scope::Reading, "ctrl-u", Action::HalfUp, "half a page up"),
    bind(Scope::Reading, "ctrl-d", Action::HalfDown, "half a page down"),
    bind(Scope::Reading, "g home", Action::Top, "beginning"),
    bind(Scope::Reading, "G end", Action::Bottom, "end"),
    bind(Scope::Reading, "1 alt-1", Action::Source(1), "open source 1, and so on to 9"),
    bind(Scope::Reading, "2 alt-2", Action::Source(2), ""),
    bind(Scope::Reading, "3 alt-3", Action::Source(3), ""),
    bind(Scope::Reading, "4 alt-4", Action::Source(4), ""),
    bind(Scope::Reading, "5 alt-5", Action::Source(5), ""),
    bind(Scope::Reading, "6 alt-6", Action::Source(6), ""),
    bind(Scope::Reading, "7 alt-7", Action::Source(7), ""),
    bind(Scope::Reading, "8 alt-8", Action::Source(8), ""),
    bind(Scope::Reading, "9 alt-9", Action::Source(9), ""),
    bind(Scope::Reading, "n", Action::NextSource, "next source"),
    bind(Scope::Reading, "N", Action::PreviousSource, "previous source"),
    bind(Scope::Reading, "enter o", Action::Open, "open the source in its session"),
    bind(Scope::Reading, "y", Action::Copy, "copy the answer or the source"),
    bind(Scope::Reading, "?", Action::Help, "this help"),
    bind(Scope::Field, "enter", Action::Open, "open the selected row"),
    bind(Scope::Field, "up", Action::Up, "row above"),
    bind(Scope::Field, "down", Action::Down, "row below"),
    bind(Scope::Field, "ctrl-x", Action::RemoveFilter, "take the last filter away"),
    bind(Scope::List, "up k", Action::Up, "row above"),
    bind(Scope::List, "down j", Action::Down, "row below"),
    bind(Scope::List, "ctrl-u", Action::HalfUp, "half a page up"),
    bind(Scope::List, "ctrl-d", Action::HalfDown, "half a page down"),
    bind(Scope::List, "g home", Action::Top, "first row"),
    bind(Scope::List, "G end", Action::Bottom, "last row"),
    bind(Scope::List, "enter o", Action::Open, "open"),
    bind(Scope::List, "x", Action::RemoveFilter, "take the last filter away"),
    bind(Scope::List, "y", Action::Copy, "copy"),
    bind(Scope::List, "r", Action::Rename, "rename the session"),
    bind(Scope::List, "t", Action::Tag, "tag the session"),
    bind(Scope::List, "p", Action::Pin, "pin the session to the top"),
    bind(Scope::List, "m", Action::Merge, "merge the session into another"),
    bind(Scope::List, "d delete", Action::Delete, "delete the session"),
    bind(Scope::List, "u", Action::TakeBack, "take back: a deletion, an import"),
    bind(Scope::List, "?", Action::Help, "this help"),
    bind(Scope::Import, "enter", Action::Send, "look at what it is; again: import it"),
    bind(Scope::Import, "up", Action::Up, "completion above"),
    bind(Scope::Import, "down", Action::Down, "completion below; the imports that were made"),
];

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    fn of(event: KeyEvent) -> Self {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        // Capitals and signs already tell of the shift key.
        if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Self { code: event.code, modifiers }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        loop {
            let (modifier, tail) = match rest.split_once('-') {
                Some(("ctrl", tail)) => (KeyModifiers::CONTROL, tail),
                Some(("alt", tail)) => (KeyModifiers::ALT, tail),
                Some(("shift", tail)) => (KeyModifiers::SHIFT, tail),
                _ => break,
            };
            modifiers |= modifier;
            rest = tail;
        }
        let code = match rest {
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "tab" => KeyCode::Tab,
            "backtab" => KeyCode::BackTab,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            "pageup" => KeyCode::PageUp,
            "pagedown" => KeyCode::PageDown,
            "delete" => KeyCode::Delete,
            "f1" => KeyCode::F(1),
            _ => {
                let mut chars = rest.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => KeyCode::Char(c),
                    _ => return None,
                }
            }
        };
        Some(Self { code, modifiers })
    }
}

/// Why a keymap cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No such key.
    #[error("`{0}` is not a key; write it as in `ctrl-j` or `alt-enter`")]
    Unknown(String),
    /// One key, two meanings.
    #[error("`{key}` is bound twice where {place} holds: to {first:?} and to {second:?}")]
    Clash {
        /// The key.
        key: String,
        /// The scope's name.
        place: &'static str,
        /// What it does already.
        first: Action,
        /// What it was to do as well.
        second: Action,
    },
}

/// The keymap, ready for looking up.
#[derive(Debug, Clone, Default)]
pub struct Keymap {
    actions: HashMap<(Scope, Chord), Action>,
}

impl Keymap {
    /// Reads the rows. A clash in one scope is an error that names both meanings.
    pub fn new(bindings: &[Binding]) -> Result<Self, KeymapError> {
        let mut actions = HashMap::new();
        for binding in bindings {
            for key in binding.keys.split(' ') {
                let chord =
                    Chord::parse(key).ok_or_else(|| KeymapError::Unknown(key.to_owned()))?;
                if let Some(first) = actions.insert((binding.scope, chord), binding.action) {
                    return Err(KeymapError::Clash {
                        key: key.to_owned(),
                        place: binding.scope.title(),
                        first,
                        second: binding.action,
                    });
                }
            }
        }
        Ok(Self { actions })
    }

    /// Returns what a key does: in the scope first, then everywhere.
    pub fn action(&self, scope: Scope, event: KeyEvent) -> Option<Action> {
        let chord = Chord::of(event);
        [scope, Scope::Everywhere]
            .into_iter()
            .find_map(|scope| self.actions.get(&(scope, chord)).copied())
    }
}

/// Returns a key as people read it: `Ctrl+J`, `Alt+Enter`, `?`.
pub fn label(key: &str) -> String {
    let named = |part: &str| match part {
        "ctrl" => "Ctrl".to_owned(),
        "alt" => "Alt".to_owned(),
        "shift" => "Shift".to_owned(),
        "backtab" => "Shift+Tab".to_owned(),
        "pageup" => "PgUp".to_owned(),
        "pagedown" => "PgDn".to_owned(),
        "up" => "↑".to_owned(),
        "down" => "↓".to_owned(),
        "f1" => "F1".to_owned(),
        "esc" | "tab" | "enter" | "home" | "end" | "delete" => {
            part[..1].to_uppercase() + &part[1..]
        }
        _ => part.to_owned(),
    };
    match key.rsplit_once('-') {
        Some((modifiers, code)) if !code.is_empty() => {
            let code = if modifiers == "ctrl" { code.to_uppercase() } else { named(code) };
            let modifiers: Vec<String> = modifiers.split('-').map(named).collect();
            format!("{}+{code}", modifiers.join("+"))
        }
        _ => named(key),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;

    #[test]
    fn the_default_keymap_has_no_clash() {
        let keymap = Keymap::new(DEFAULT).unwrap();
        let press = |code, modifiers| KeyEvent::new(code, modifiers);
        assert_eq!(
            keymap.action(Scope::Composer, press(KeyCode::Enter, KeyModifiers::ALT)),
            Some(Action::Newline)
        );
        assert_eq!(
            keymap.action(Scope::Reading, press(KeyCode::Char('G'), KeyModifiers::SHIFT)),
            Some(Action::Bottom)
        );
        assert_eq!(
            keymap.action(Scope::List, press(KeyCode::Char('r'), KeyModifiers::CONTROL)),
            Some(Action::Search)
        );
        assert_eq!(
            keymap.action(Scope::Composer, press(KeyCode::Char('j'), KeyModifiers::NONE)),
            None
        );
    }

    #[test]
    fn a_clash_names_both() {
        let rows =
            [bind(Scope::List, "j down", Action::Down, ""), bind(Scope::List, "j", Action::Up, "")];
        let error = Keymap::new(&rows).unwrap_err().to_string();
        assert!(error.contains("`j`") && error.contains("Down") && error.contains("Up"), "{error}");
        assert!(Keymap::new(&[bind(Scope::List, "hyper-j", Action::Up, "")]).is_err());
    }

    #[test]
    fn labels_read_well() {
        for (key, expected) in [
            ("ctrl-j", "Ctrl+J"),
            ("alt-enter", "Alt+Enter"),
            ("?", "?"),
            ("G", "G"),
            ("backtab", "Shift+Tab"),
            ("esc", "Esc"),
        ] {
            assert_eq!(label(key), expected);
        }
    }
}
