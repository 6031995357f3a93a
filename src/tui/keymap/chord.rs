//! Keys as they are written in the table, in the settings and in the help.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    /// The key of an event.
    pub fn of(event: KeyEvent) -> Self {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        // Capitals and signs already tell of the shift key.
        if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Self { code: event.code, modifiers }
    }

    /// Reads a key as in `ctrl-j`, `alt-enter`, `G` or `f1`.
    pub fn parse(text: &str) -> Option<Self> {
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
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "backspace" => KeyCode::Backspace,
            "delete" => KeyCode::Delete,
            "insert" => KeyCode::Insert,
            "space" => KeyCode::Char(' '),
            _ if rest.starts_with('f') && rest.len() > 1 => {
                KeyCode::F(rest[1..].parse().ok().filter(|number| (1..=12).contains(number))?)
            }
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
        "left" => "←".to_owned(),
        "right" => "→".to_owned(),
        "esc" | "tab" | "enter" | "home" | "end" | "backspace" | "delete" | "insert" | "space" => {
            part[..1].to_uppercase() + &part[1..]
        }
        _ if part.len() > 1 && part.starts_with('f') => part.to_uppercase(),
        _ => part.to_owned(),
    };
    match key.rsplit_once('-') {
        Some((modifiers, code)) if !code.is_empty() => {
            let single = code.chars().count() == 1;
            let code =
                if modifiers == "ctrl" && single { code.to_uppercase() } else { named(code) };
            let modifiers: Vec<String> = modifiers.split('-').map(named).collect();
            format!("{}+{code}", modifiers.join("+"))
        }
        _ => named(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_read_well() {
        for (key, expected) in [
            ("ctrl-j", "Ctrl+J"),
            ("alt-enter", "Alt+Enter"),
            ("ctrl-left", "Ctrl+←"),
            ("shift-f3", "Shift+F3"),
            ("?", "?"),
            ("G", "G"),
            ("f", "f"),
            ("backtab", "Shift+Tab"),
            ("esc", "Esc"),
        ] {
            assert_eq!(label(key), expected);
            assert!(Chord::parse(key).is_some(), "{key}");
        }
        for key in ["hyper-j", "f13", "", "ctrl-", "no"] {
            assert!(Chord::parse(key).is_none(), "{key}");
        }
    }
}
