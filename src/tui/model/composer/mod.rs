//! The composer: a text of several lines that is being written, its cursor, selection and undo.
//!
//! Owns editing, and where the soft-wrapped rows lie; draws nothing. Everything moves by grapheme
//! clusters, so that a family of emoji or a letter with its marks is one step, and the cursor stands
//! where input methods look for it. Nothing here costs more than the lines it touches: a paste of
//! thousands of lines stays as quick as one.
//!
//! What is put in was made visible before (`update` does): the text holds no control character
//! but tabs and newlines.

mod motion;
mod rows;

use crate::tui::keymap::Edit;
use unicode_segmentation::UnicodeSegmentation;

/// How many steps can be undone.
const UNDOS: usize = 1000;

/// A place in the text: a line, and a byte in it between two grapheme clusters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 0.
    pub line: usize,
    /// The byte in the line.
    pub byte: usize,
}

/// A replacement of text by other text, as it can be undone.
#[derive(Debug, Clone)]
struct Change {
    at: Place,
    removed: String,
    inserted: String,
    /// Where the cursor stood before.
    before: Place,
}

/// A text that is being written.
#[derive(Debug, Clone)]
pub struct Composer {
    /// Never empty; without newlines.
    lines: Vec<String>,
    cursor: Place,
    /// The other end of the selection.
    anchor: Option<Place>,
    /// The column in cells that moving up and down keeps to.
    goal: Option<usize>,
    undone: Vec<Change>,
    done: Vec<Change>,
    /// Whether the next typed character joins the last change.
    joins: bool,
    killed: String,
    /// The cells that a row has, as last laid out.
    width: usize,
    /// The first row in view: a line, and a row of it.
    top: (usize, usize),
    /// Grows with each change of the text.
    revision: u64,
}

impl Default for Composer {
    fn default() -> Self {
        Self::new("")
    }
}

impl Composer {
    /// Makes a composer that holds a text; the cursor stands at its end.
    pub fn new(text: &str) -> Self {
        let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        let line = lines.len() - 1;
        let cursor = Place { line, byte: lines[line].len() };
        Self {
            lines,
            cursor,
            anchor: None,
            goal: None,
            undone: Vec::new(),
            done: Vec::new(),
            joins: false,
            killed: String::new(),
            width: 80,
            top: (0, 0),
            revision: 0,
        }
    }

    /// A number that grows with each change of the text.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Counts revisions from a number on.
    pub fn count_from(&mut self, revision: u64) {
        self.revision = revision;
    }

    /// Replaces the text, as an edit that can be undone; the cursor stands at its end.
    pub fn set(&mut self, text: &str) {
        self.replace(Place::default(), self.end(), text);
    }

    /// The lines.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.lines.len() == 1 && self.lines[0].is_empty()
    }

    /// Whether nothing but space is written.
    pub fn is_blank(&self) -> bool {
        self.lines.iter().all(|line| line.trim().is_empty())
    }

    /// Where the cursor stands.
    pub fn cursor(&self) -> Place {
        self.cursor
    }

    /// The selection, its beginning first.
    pub fn selection(&self) -> Option<(Place, Place)> {
        let anchor = self.anchor.filter(|anchor| *anchor != self.cursor)?;
        Some((anchor.min(self.cursor), anchor.max(self.cursor)))
    }

    /// The selected text.
    pub fn selected(&self) -> Option<String> {
        self.selection().map(|(from, to)| self.slice(from, to))
    }

    /// Selects between a place and the cursor, or nothing.
    pub fn set_anchor(&mut self, anchor: Option<Place>) {
        self.anchor = anchor;
    }

    /// What was last cut.
    pub fn killed(&self) -> &str {
        &self.killed
    }

    /// Remembers a text as the last that was cut.
    pub fn set_killed(&mut self, text: String) {
        self.killed = text;
    }

    /// Moves the cursor, without a selection.
    pub fn move_to(&mut self, place: Place) {
        self.cursor = self.snap(place);
        self.joins = false;
        self.goal = None;
    }

    /// The place behind the last character.
    pub fn end(&self) -> Place {
        let line = self.lines.len() - 1;
        Place { line, byte: self.lines[line].len() }
    }

    /// The text between two places.
    pub fn slice(&self, from: Place, to: Place) -> String {
        if from.line == to.line {
            return self.lines[from.line][from.byte..to.byte].to_owned();
        }
        let mut text = self.lines[from.line][from.byte..].to_owned();
        for line in &self.lines[from.line + 1..to.line] {
            text.push('\n');
            text.push_str(line);
        }
        text.push('\n');
        text.push_str(&self.lines[to.line][..to.byte]);
        text
    }

    /// Inserts text where the cursor or the selection is.
    pub fn insert(&mut self, text: &str) {
        let (from, to) = self.selection().unwrap_or((self.cursor, self.cursor));
        self.replace(from, to, text);
    }

    /// Inserts what was typed. Characters typed in a row are undone a word at a time.
    pub fn type_in(&mut self, text: &str) {
        let (from, to) = self.selection().unwrap_or((self.cursor, self.cursor));
        let joined = self.joins && from == to && self.join(from, text);
        if joined {
            let end = self.splice(from, from, text);
            self.land(end);
        } else {
            self.replace(from, to, text);
        }
        self.joins = true;
    }

    /// Adds what was typed to the last change, where it goes on with it.
    fn join(&mut self, at: Place, text: &str) -> bool {
        let Some(last) = self.done.last_mut() else { return false };
        let word_begins =
            last.inserted.ends_with(char::is_whitespace) && !text.starts_with(char::is_whitespace);
        if advance(last.at, &last.inserted) != at || word_begins || text.contains('\n') {
            return false;
        }
        last.inserted.push_str(text);
        self.undone.clear();
        true
    }

    /// Replaces what lies between two places; the cursor stands behind what was put there.
    pub fn replace(&mut self, from: Place, to: Place, text: &str) {
        let removed = self.slice(from, to);
        self.joins = false;
        if removed.is_empty() && text.is_empty() {
            self.anchor = None;
            return;
        }
        let before = self.cursor;
        let end = self.splice(from, to, text);
        self.done.push(Change { at: from, removed, inserted: text.to_owned(), before });
        if self.done.len() > UNDOS {
            self.done.remove(0);
        }
        self.undone.clear();
        self.land(end);
    }

    /// Takes away what lies between two places and keeps it for [`Edit::Yank`].
    pub fn kill(&mut self, from: Place, to: Place) {
        if from != to {
            self.killed = self.slice(from, to);
            self.replace(from, to, "");
        }
    }

    fn land(&mut self, at: Place) {
        self.cursor = self.snap(at);
        self.anchor = None;
        self.goal = None;
    }

    /// Changes the lines and returns where the new text ends.
    fn splice(&mut self, from: Place, to: Place, text: &str) -> Place {
        self.revision += 1;
        if from.line == to.line && !text.contains('\n') {
            self.lines[from.line].replace_range(from.byte..to.byte, text);
            return Place { line: from.line, byte: from.byte + text.len() };
        }
        let tail = self.lines[to.line].split_off(to.byte);
        self.lines[from.line].truncate(from.byte);
        let mut pieces = text.split('\n');
        let mut last = std::mem::take(&mut self.lines[from.line]);
        last.push_str(pieces.next().unwrap_or_default());
        let mut lines = Vec::new();
        for piece in pieces {
            lines.push(std::mem::replace(&mut last, piece.to_owned()));
        }
        let end = Place { line: from.line + lines.len(), byte: last.len() };
        last.push_str(&tail);
        lines.push(last);
        self.lines.splice(from.line..=to.line, lines);
        end
    }

    /// Takes back the last change.
    pub fn undo(&mut self) {
        if let Some(change) = self.done.pop() {
            let end = advance(change.at, &change.inserted);
            self.splice(change.at, end, &change.removed);
            self.land(change.before);
            self.undone.push(change);
        }
        self.joins = false;
    }

    /// Makes the change again that was taken back last.
    pub fn redo(&mut self) {
        if let Some(change) = self.undone.pop() {
            let end = advance(change.at, &change.removed);
            let end = self.splice(change.at, end, &change.inserted);
            self.land(end);
            self.done.push(change);
        }
        self.joins = false;
    }

    /// Carries out an editing key.
    pub fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Newline => self.insert("\n"),
            Edit::Undo => self.undo(),
            Edit::Redo => self.redo(),
            Edit::Yank => {
                let killed = self.killed.clone();
                self.insert(&killed);
            }
            Edit::Cut => {
                if let Some((from, to)) = self.selection() {
                    self.kill(from, to);
                }
            }
            Edit::SelectAll => {
                self.anchor = Some(Place::default());
                self.cursor = self.end();
                self.joins = false;
            }
            Edit::Move(motion) => {
                // A selection is left at the side to which one moves.
                let left = self.selection().and_then(|(from, to)| motion.leaves(from, to));
                self.anchor = None;
                match left {
                    Some(place) => self.move_to(place),
                    None => self.go(motion),
                }
            }
            Edit::Select(motion) => {
                self.anchor = self.anchor.or(Some(self.cursor));
                self.go(motion);
            }
            Edit::Delete(motion) => {
                let (from, to) = self.selection().unwrap_or_else(|| {
                    let to = self.target(motion);
                    (self.cursor.min(to), self.cursor.max(to))
                });
                // Single characters are not worth keeping.
                if motion.is_step() {
                    self.replace(from, to, "");
                } else {
                    self.kill(from, to);
                }
            }
        }
    }

    /// The nearest place between two clusters, not before `place`.
    fn snap(&self, place: Place) -> Place {
        let line = place.line.min(self.lines.len() - 1);
        let text = &self.lines[line];
        let mut byte = place.byte.min(text.len());
        while !text.is_char_boundary(byte) {
            byte += 1;
        }
        // Only what is near can join with what stands here.
        let near = text.as_bytes()[..byte].iter().rev().take_while(|b| !b.is_ascii()).count();
        let from = byte - near - usize::from(byte > near);
        let end = text[from..]
            .grapheme_indices(true)
            .map(|(at, _)| from + at)
            .find(|at| *at >= byte)
            .unwrap_or(text.len());
        Place { line, byte: end }
    }
}

/// The place behind a text that begins at a place.
fn advance(at: Place, text: &str) -> Place {
    match text.rfind('\n') {
        None => Place { line: at.line, byte: at.byte + text.len() },
        Some(last) => {
            Place { line: at.line + text.matches('\n').count(), byte: text.len() - last - 1 }
        }
    }
}

#[cfg(test)]
mod tests;
