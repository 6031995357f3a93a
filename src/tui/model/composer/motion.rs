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
            let word = words(before)
                .into_iter()
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
            let word =
                words(after).into_iter().find(|(_, word)| !word.chars().all(char::is_whitespace));
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
            let mut words = words(after).into_iter();
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

/// The words of a line with what is between them, and where each begins. Scripts that write no spaces
/// between words go by runs: nobody wants to press a key for each character.
fn words(line: &str) -> Vec<(usize, &str)> {
    let mut words: Vec<(usize, &str)> = Vec::new();
    for (at, word) in line.split_word_bound_indices() {
        match words.last_mut() {
            Some((from, last)) if script(last).is_some() && script(last) == script(word) => {
                *last = &line[*from..at + word.len()];
            }
            _ => words.push((at, word)),
        }
    }
    words
}

/// A script without spaces between words, if that is what a text is written in.
fn script(text: &str) -> Option<u8> {
    let of = |c| match u32::from(c) {
        0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF | 0x3005 => Some(0),
        0x3041..=0x309F => Some(1),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF => Some(2),
        _ => None,
    };
    let first = text.chars().next().and_then(of)?;
    text.chars().all(|c| of(c) == Some(first)).then_some(first)
}
