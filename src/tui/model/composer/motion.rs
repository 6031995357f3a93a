//! Where the keys that move lead to.

use super::{Composer, Place};
use crate::tui::keymap::Motion;
use unicode_segmentation::UnicodeSegmentation;

impl Motion {
    /// Whether it is a step of one cluster.
    pub(super) fn is_step(self) -> bool {
        matches!(self, Self::Left | Self::Right)
    }

    /// Where a selection is left by this motion, if it is left at one of its ends.
    pub(super) fn leaves(self, from: Place, to: Place) -> Option<Place> {
        match self {
            Self::Left => Some(from),
            Self::Right => Some(to),
            _ => None,
        }
    }
}

impl Composer {
    /// Moves the cursor.
    pub fn go(&mut self, motion: Motion) {
        let goal = match motion {
            Motion::Up | Motion::Down => Some(self.goal.unwrap_or_else(|| self.column())),
            _ => None,
        };
        self.goal = goal;
        self.cursor = self.target(motion);
        self.joins = false;
    }

    /// Where a motion leads to.
    pub fn target(&self, motion: Motion) -> Place {
        let Place { line, byte } = self.cursor;
        let text = &self.lines[line];
        match motion {
            Motion::Left => self.before(self.cursor).unwrap_or(self.cursor),
            Motion::Right => self.after(self.cursor).unwrap_or(self.cursor),
            Motion::Up => self.vertical(false).unwrap_or(Place { line, byte: 0 }),
            Motion::Down => self.vertical(true).unwrap_or(Place { line, byte: text.len() }),
            Motion::WordLeft => self.word_before(self.cursor),
            Motion::WordRight => self.word_after(self.cursor),
            Motion::LineStart => Place { line, byte: 0 },
            // At the end already, the newline is meant.
            Motion::LineEnd => Place { line, byte: text.len() },
            Motion::LineEndOrNext if byte == text.len() => {
                self.after(self.cursor).unwrap_or(self.cursor)
            }
            Motion::LineEndOrNext => Place { line, byte: text.len() },
            Motion::Start => Place::default(),
            Motion::End => self.end(),
        }
    }

    /// The place one cluster before another.
    pub fn before(&self, place: Place) -> Option<Place> {
        let Place { line, byte } = place;
        if let Some((at, _)) = self.lines[line][..byte].grapheme_indices(true).next_back() {
            return Some(Place { line, byte: at });
        }
        let line = line.checked_sub(1)?;
        Some(Place { line, byte: self.lines[line].len() })
    }

    /// The place one cluster after another.
    pub fn after(&self, place: Place) -> Option<Place> {
        let Place { line, byte } = place;
        if let Some(cluster) = self.lines[line][byte..].graphemes(true).next() {
            return Some(Place { line, byte: byte + cluster.len() });
        }
        (line + 1 < self.lines.len()).then_some(Place { line: line + 1, byte: 0 })
    }

    /// The beginning of the word before a place.
    pub fn word_before(&self, place: Place) -> Place {
        let mut at = place;
        loop {
            let before = &self.lines[at.line][..at.byte];
            let word = before
                .split_word_bound_indices()
                .rev()
                .find(|(_, word)| !word.chars().all(char::is_whitespace));
            match (word, at.line.checked_sub(1)) {
                (Some((byte, _)), _) => return Place { line: at.line, byte },
                (None, Some(line)) => at = Place { line, byte: self.lines[line].len() },
                (None, None) => return Place::default(),
            }
        }
    }

    /// The end of the word after a place.
    pub fn word_after(&self, place: Place) -> Place {
        let mut at = place;
        loop {
            let after = &self.lines[at.line][at.byte..];
            let word = after
                .split_word_bound_indices()
                .find(|(_, word)| !word.chars().all(char::is_whitespace));
            match word {
                Some((from, word)) => {
                    return Place { line: at.line, byte: at.byte + from + word.len() };
                }
                None if at.line + 1 < self.lines.len() => at = Place { line: at.line + 1, byte: 0 },
                None => return self.end(),
            }
        }
    }

    /// The beginning of the word after a place, as vim's `w` has it.
    pub fn next_word(&self, place: Place) -> Place {
        let mut at = place;
        let mut inside = true;
        loop {
            let after = &self.lines[at.line][at.byte..];
            let mut words = after.split_word_bound_indices();
            if inside {
                // The word that one stands on is left.
                words.next();
            }
            if let Some((from, _)) = words.find(|(_, word)| !word.chars().all(char::is_whitespace))
            {
                return Place { line: at.line, byte: at.byte + from };
            }
            if at.line + 1 == self.lines.len() {
                return self.end();
            }
            at = Place { line: at.line + 1, byte: 0 };
            inside = false;
        }
    }
}
