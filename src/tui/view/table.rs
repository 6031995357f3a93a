//! A table as lines: columns as wide as they need to be, narrowed where the window is.

use crate::tui::theme::Theme;
use crate::tui::wrap::{Pieces, width as cells};
use ratatui::text::{Line, Span};

/// A column is never narrower.
const NARROWEST: usize = 3;
/// Between two columns.
const BETWEEN: &str = " │ ";

/// A table while it is read; its first row is the head.
#[derive(Default)]
pub struct Table {
    rows: Vec<Vec<Pieces>>,
}

impl Table {
    /// Begins a row.
    pub fn begin_row(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Appends a cell to the last row.
    pub fn push(&mut self, cell: Pieces) {
        if let Some(row) = self.rows.last_mut() {
            row.push(cell);
        }
    }

    /// Returns the table as lines of at most `room` cells.
    pub fn lines(&self, room: u16, theme: &Theme) -> Vec<Line<'static>> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let Some(widths) = self.widths(columns, usize::from(room)) else {
            return self.stacked(room, theme);
        };
        let mut lines = Vec::new();
        for (number, row) in self.rows.iter().enumerate() {
            lines.extend(row_lines(row, &widths, theme));
            if number == 0 {
                let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
                lines.push(Line::styled(rule.join("─┼─"), theme.quiet));
            }
        }
        lines
    }

    /// How wide each column is; `None` where they do not fit beside each other.
    fn widths(&self, columns: usize, room: usize) -> Option<Vec<usize>> {
        let between = cells(BETWEEN) * columns.saturating_sub(1);
        let room = room.checked_sub(between)?;
        let natural = |column: usize| {
            let rows = self.rows.iter().filter_map(|row| row.get(column));
            rows.map(Pieces::widest).max().unwrap_or(0).max(NARROWEST)
        };
        let mut widths: Vec<usize> = (0..columns).map(natural).collect();
        if columns * NARROWEST > room {
            return None;
        }
        // The widest gives way first.
        while widths.iter().sum::<usize>() > room {
            let excess = widths.iter().sum::<usize>() - room;
            let mut sorted = widths.clone();
            sorted.sort_unstable();
            let (widest, next) = (sorted[columns - 1], sorted.get(columns.wrapping_sub(2)));
            let cut = next.map_or(excess, |next| (widest - next).max(1)).min(excess);
            let at = widths.iter().position(|width| *width == widest)?;
            widths[at] -= cut.min(widest - NARROWEST);
        }
        Some(widths)
    }

    /// One cell below the other, where the window is too narrow for columns.
    fn stacked(&self, room: u16, theme: &Theme) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for row in &self.rows {
            lines.extend(row.iter().flat_map(|cell| cell.wrap(room)));
            lines.push(Line::styled("─", theme.quiet));
        }
        lines
    }
}

fn row_lines(row: &[Pieces], widths: &[usize], theme: &Theme) -> Vec<Line<'static>> {
    let wrapped: Vec<Vec<Line<'static>>> = widths
        .iter()
        .enumerate()
        .map(|(column, width)| {
            let width = u16::try_from(*width).unwrap_or(u16::MAX);
            row.get(column).map_or_else(Vec::new, |cell| cell.wrap(width))
        })
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    let mut lines = Vec::new();
    for at in 0..height {
        let mut spans: Vec<Span<'static>> = Vec::new();
        for (column, width) in widths.iter().enumerate() {
            if column > 0 {
                spans.push(Span::styled(BETWEEN, theme.quiet));
            }
            let cell = wrapped[column].get(at).cloned().unwrap_or_default();
            let used = cells(&cell.to_string());
            spans.extend(cell.spans);
            if column + 1 < widths.len() {
                spans.push(Span::raw(" ".repeat(width.saturating_sub(used))));
            }
        }
        lines.push(Line::from(spans));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::markdown::lines;
    use crate::tui::theme::Theme;

    fn check(text: &str, width: u16, expected: &[&str]) {
        let shown: Vec<String> = lines(text, 0, width, &Theme::ansi())
            .iter()
            .map(|l| l.to_string().trim_end().to_owned())
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn columns_are_as_wide_as_they_need() {
        let table = "| what | how many |\n|---|---|\n| plum trees | 2 |\n| 梅 | 11 |";
        check(
            table,
            40,
            &[
                "what       │ how many",
                "───────────┼─────────",
                "plum trees │ 2",
                "梅         │ 11",
            ],
        );
        check(
            table,
            14,
            &[
                "what  │ how",
                "      │ many",
                "──────┼───────",
                "plum  │ 2",
                "trees │",
                "梅    │ 11",
            ],
        );
        check(
            "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |",
            6,
            &["a", "b", "c", "─", "1", "2", "3", "─"],
        );
    }
}
