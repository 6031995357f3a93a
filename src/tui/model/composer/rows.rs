//! The soft-wrapped rows: where the cursor stands on them, and which are in view.

use super::{Composer, Place};
use crate::tui::wrap::{rows, width_with_tabs};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

impl Composer {
    /// Lays the text out in a view of so many cells, and brings the cursor into it.
    pub fn follow(&mut self, width: u16, height: u16) {
        // One cell stays free at the end of a row, for the cursor.
        self.width = usize::from(width).saturating_sub(1).max(1);
        let height = usize::from(height).max(1);
        let line = self.top.0.min(self.lines.len() - 1);
        let last = self.rows(line).len() - 1;
        self.top = (line, if line == self.top.0 { self.top.1.min(last) } else { last });
        let cursor = self.cursor_row();
        if cursor < self.top {
            self.top = cursor;
        }
        // The furthest that the top may be up, with the cursor at the bottom.
        let highest = self.back(cursor, height - 1);
        if self.top < highest {
            self.top = highest;
        }
        // No empty rows below the text while there are some above it.
        let line = self.lines.len() - 1;
        let lowest = self.back((line, self.rows(line).len() - 1), height - 1);
        if self.top > lowest {
            self.top = lowest;
        }
    }

    /// The rows of a line, as ranges of its bytes.
    pub fn rows(&self, line: usize) -> Vec<Range<usize>> {
        rows(&self.lines[line], self.width)
    }

    /// How many rows the text has, as far as `most`, in a view of so many cells.
    pub fn height(&self, width: u16, most: usize) -> usize {
        let width = usize::from(width).saturating_sub(1).max(1);
        let mut count = 0;
        for line in self.lines.iter().take(most) {
            count += rows(line, width).len();
            if count >= most {
                return most;
            }
        }
        count
    }

    /// The first row in view: a line, and a row of it.
    pub fn top(&self) -> (usize, usize) {
        self.top
    }

    /// The row on which the cursor stands.
    pub fn cursor_row(&self) -> (usize, usize) {
        let rows = self.rows(self.cursor.line);
        (self.cursor.line, row_of(&rows, self.cursor.byte))
    }

    /// The column at which the cursor stands on its row, in cells.
    pub fn column(&self) -> usize {
        let rows = self.rows(self.cursor.line);
        let row = &rows[row_of(&rows, self.cursor.byte)];
        width_with_tabs(&self.lines[self.cursor.line][row.start..self.cursor.byte])
    }

    /// The row so many rows before another.
    fn back(&self, from: (usize, usize), by: usize) -> (usize, usize) {
        let (mut line, mut row, mut left) = (from.0, from.1, by);
        loop {
            if row >= left {
                return (line, row - left);
            }
            if line == 0 {
                return (0, 0);
            }
            left -= row + 1;
            line -= 1;
            row = self.rows(line).len() - 1;
        }
    }

    /// The place a row below or above the cursor; `None` at the last or the first row.
    pub(super) fn vertical(&self, down: bool) -> Option<Place> {
        let goal = self.goal.unwrap_or_else(|| self.column());
        let (mut line, row) = self.cursor_row();
        let mut rows = self.rows(line);
        let row = match (down, row) {
            (true, row) if row + 1 < rows.len() => row + 1,
            (true, _) if line + 1 == self.lines.len() => return None,
            (true, _) => {
                line += 1;
                rows = self.rows(line);
                0
            }
            (false, 0) => {
                line = line.checked_sub(1)?;
                rows = self.rows(line);
                rows.len() - 1
            }
            (false, row) => row - 1,
        };
        Some(Place { line, byte: self.byte_at(line, &rows, row, goal) })
    }

    /// The byte at a column of a row.
    fn byte_at(&self, line: usize, rows: &[Range<usize>], row: usize, column: usize) -> usize {
        let range = rows[row].clone();
        let text = &self.lines[line][range.clone()];
        let mut cells = 0;
        let mut last = range.start;
        for (at, cluster) in text.grapheme_indices(true) {
            cells += width_with_tabs(cluster);
            if cells > column {
                return range.start + at;
            }
            last = range.start + at;
        }
        // The end of a row that goes on is the beginning of the next one.
        if row + 1 < rows.len() { last } else { range.end }
    }

    /// The place that is shown at a row and a column of the view.
    pub fn place_at(&self, row: usize, column: usize) -> Place {
        let (mut line, mut at) = self.top;
        let mut left = row;
        loop {
            let rows = self.rows(line);
            if at + left < rows.len() {
                at += left;
                return Place { line, byte: self.byte_at(line, &rows, at, column) };
            }
            left -= rows.len() - at;
            at = 0;
            if line + 1 == self.lines.len() {
                return self.end();
            }
            line += 1;
        }
    }
}

/// The row that holds a byte; between two rows it is the later one.
fn row_of(rows: &[Range<usize>], byte: usize) -> usize {
    rows.iter().rposition(|row| row.start <= byte).unwrap_or(0)
}
