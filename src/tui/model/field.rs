//! A field of one line: its text and where the cursor stands. What is put in is made visible on
//! the way, so the field never holds a control character.

use crate::conversation::visible_line;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// A field of one line.
#[derive(Debug, Clone, Default)]
pub struct Field {
    text: String,
    /// A byte position between two grapheme clusters.
    cursor: usize,
}

impl Field {
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor.
    pub fn before_cursor(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// Replaces the text; the cursor stands at its end.
    pub fn set(&mut self, text: &str) {
        self.text = visible_line(text).into_owned();
        self.cursor = self.text.len();
    }

    /// Inserts at the cursor.
    pub fn insert(&mut self, text: &str) {
        let text = visible_line(text);
        self.text.insert_str(self.cursor, &text);
        self.cursor += text.len();
        // What was inserted may have joined with what follows.
        self.cursor = self.boundary(self.cursor);
    }

    /// Edits by a key. Returns whether the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let held = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
        let word = !held.is_empty();
        let length = self.text.len();
        match key.code {
            KeyCode::Char('a') if held == KeyModifiers::CONTROL => self.cursor = 0,
            KeyCode::Char('e') if held == KeyModifiers::CONTROL => self.cursor = length,
            KeyCode::Char('u') if held == KeyModifiers::CONTROL => {
                self.text.drain(..self.cursor);
                self.cursor = 0;
            }
            KeyCode::Char('k') if held == KeyModifiers::CONTROL => self.text.truncate(self.cursor),
            KeyCode::Char('w') if held == KeyModifiers::CONTROL => self.delete_back(true),
            KeyCode::Char('h') if held == KeyModifiers::CONTROL => self.delete_back(false),
            KeyCode::Char('b') if word => self.cursor = self.back(held == KeyModifiers::ALT),
            KeyCode::Char('f') if word => self.cursor = self.forward(held == KeyModifiers::ALT),
            KeyCode::Char(c) if held.is_empty() => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => self.delete_back(word),
            KeyCode::Delete => {
                let end = self.forward(word);
                self.text.drain(self.cursor..end);
            }
            KeyCode::Left => self.cursor = self.back(word),
            KeyCode::Right => self.cursor = self.forward(word),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = length,
            _ => {}
        }
        self.cursor = self.boundary(self.cursor);
        self.text.len() != length
    }

    fn delete_back(&mut self, word: bool) {
        let start = self.back(word);
        self.text.drain(start..self.cursor);
        self.cursor = start;
    }

    fn back(&self, word: bool) -> usize {
        let before = &self.text[..self.cursor];
        if word {
            let trimmed = before.trim_end();
            trimmed
                .rfind(char::is_whitespace)
                .map_or(0, |at| at + trimmed[at..].chars().next().map_or(0, char::len_utf8))
        } else {
            before.grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
        }
    }

    fn forward(&self, word: bool) -> usize {
        let after = &self.text[self.cursor..];
        let by = if word {
            let skipped = after.len() - after.trim_start().len();
            after[skipped..].find(char::is_whitespace).map_or(after.len(), |at| skipped + at)
        } else {
            after.graphemes(true).next().map_or(0, str::len)
        };
        self.cursor + by
    }

    /// The next boundary between grapheme clusters, from a byte position on.
    fn boundary(&self, at: usize) -> usize {
        self.text
            .grapheme_indices(true)
            .map(|(i, _)| i)
            .find(|i| *i >= at)
            .unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn edits_by_graphemes_and_words() {
        let mut field = Field::default();
        field.insert("tea with 👩‍👩‍👧‍👦\x1b");
        assert_eq!(field.text(), "tea with 👩‍👩‍👧‍👦␛");
        field.key(press(KeyCode::Backspace, KeyModifiers::NONE));
        field.key(press(KeyCode::Backspace, KeyModifiers::NONE));
        assert_eq!(field.text(), "tea with ");
        field.key(press(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(field.text(), "tea ");
        assert!(!field.key(press(KeyCode::Home, KeyModifiers::NONE)));
        field.key(press(KeyCode::Char('x'), KeyModifiers::NONE));
        assert_eq!((field.text(), field.before_cursor()), ("xtea ", "x"));
        field.key(press(KeyCode::Right, KeyModifiers::CONTROL));
        assert_eq!(field.before_cursor(), "xtea");
    }

    proptest! {
        #[test]
        fn the_cursor_stays_between_graphemes(
            steps in prop::collection::vec((any::<char>(), 0_u8..10), 0..60),
        ) {
            let mut field = Field::default();
            for (c, step) in steps {
                let code = match step {
                    0 => KeyCode::Left,
                    1 => KeyCode::Right,
                    2 => KeyCode::Backspace,
                    3 => KeyCode::Delete,
                    4 => KeyCode::Home,
                    _ => KeyCode::Char(c),
                };
                let held = if step > 8 { KeyModifiers::ALT } else { KeyModifiers::NONE };
                field.key(press(code, held));
                prop_assert!(field.text().is_char_boundary(field.before_cursor().len()));
            }
        }
    }
}
