//! A list of which only a part is held: a million rows scroll like a hundred.

use std::collections::VecDeque;

/// How many rows are asked for at once.
pub const PAGE: usize = 100;
/// How many rows are held at most.
const HELD: usize = 4 * PAGE;

/// A window on a long list, with a selected row.
#[derive(Debug)]
pub struct Paged<T> {
    start: usize,
    rows: VecDeque<T>,
    /// How many rows there are in all, once the end was seen.
    total: Option<usize>,
    selected: usize,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { start: 0, rows: VecDeque::new(), total: None, selected: 0 }
    }
}

impl<T> Paged<T> {
    /// The place of the selected row in the whole list.
    pub fn selected(&self) -> usize {
        self.selected
    }

    /// The row at a place, if it is held.
    pub fn get(&self, at: usize) -> Option<&T> {
        self.rows.get(at.checked_sub(self.start)?)
    }

    /// The selected row, if it is held.
    pub fn current(&self) -> Option<&T> {
        self.get(self.selected)
    }

    /// The number of rows in the whole list, once known.
    pub fn total(&self) -> Option<usize> {
        self.total
    }

    fn end(&self) -> usize {
        self.start + self.rows.len()
    }

    /// Moves the selection; it never leaves what is held, which grows around it.
    pub fn step(&mut self, by: isize) {
        let last = self.end().saturating_sub(1);
        self.selected =
            self.selected.saturating_add_signed(by).clamp(self.start, last.max(self.start));
    }

    /// Forgets what is held, because it has changed; the selected row keeps its place.
    pub fn reread(&mut self) {
        let margin = PAGE / 2;
        let start = self.selected.saturating_sub(margin + 1);
        *self = Self { start, selected: self.selected, ..Self::default() };
    }

    /// Selects the first row and forgets what is held where that is elsewhere.
    pub fn top(&mut self) {
        if self.start > 0 {
            let total = self.total;
            *self = Self { total, ..Self::default() };
        }
        self.selected = 0;
    }

    /// Selects the last row that is held.
    pub fn bottom(&mut self) {
        self.selected = self.end().saturating_sub(1);
    }

    /// Returns the place and the number of the rows that should be asked for next, if any.
    pub fn wanted(&self) -> Option<(usize, usize)> {
        let margin = PAGE / 2;
        if self.start > 0 && self.selected < self.start + margin {
            let from = self.start.saturating_sub(PAGE);
            return Some((from, self.start - from));
        }
        let more = self.total.is_none_or(|total| self.end() < total);
        (more && self.selected + margin >= self.end()).then_some((self.end(), PAGE))
    }

    /// Takes rows that were asked for. Rows that touch what is held extend it; what is then too
    /// much is dropped at the other end.
    pub fn insert(&mut self, from: usize, rows: Vec<T>, asked: usize) {
        if rows.is_empty() && self.rows.is_empty() && from > 0 {
            // The list has become shorter than where it was read from.
            *self = Self::default();
            return;
        }
        if rows.len() < asked {
            self.total = Some(from + rows.len());
        }
        if from == self.end() {
            self.rows.extend(rows);
            while self.rows.len() > HELD && self.selected > self.start + PAGE {
                self.rows.pop_front();
                self.start += 1;
            }
        } else if from + rows.len() == self.start {
            for row in rows.into_iter().rev() {
                self.rows.push_front(row);
            }
            self.start = from;
            while self.rows.len() > HELD {
                self.rows.pop_back();
            }
        }
        if self.total.is_some() {
            // What was selected may be gone.
            self.selected = self.selected.min(self.end().saturating_sub(1)).max(self.start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_never_held_whole() {
        let all: Vec<usize> = (0..5_000).collect();
        let mut list = Paged::default();
        let feed = |list: &mut Paged<usize>| {
            while let Some((from, count)) = list.wanted() {
                let rows = all.iter().skip(from).take(count).copied().collect();
                list.insert(from, rows, count);
            }
        };
        feed(&mut list);
        for _ in 0..6_000 {
            list.step(1);
            feed(&mut list);
            assert!(list.rows.len() <= HELD + PAGE);
            assert_eq!(list.current(), Some(&list.selected()));
        }
        assert_eq!(list.selected(), 4_999);
        assert_eq!(list.total(), Some(5_000));
        for _ in 0..6_000 {
            list.step(-1);
            feed(&mut list);
            assert!(list.rows.len() <= HELD + PAGE);
            assert_eq!(list.current(), Some(&list.selected()));
        }
        assert_eq!(list.selected(), 0);
    }

    #[test]
    fn a_changed_list_is_read_again_around_the_selected_row() {
        for (length, expected) in [(1_000, 300), (300, 299), (200, 0), (0, 0)] {
            let mut list: Paged<usize> = Paged::default();
            let feed = |list: &mut Paged<usize>, length: usize| {
                for _ in 0..20 {
                    let Some((from, count)) = list.wanted() else { break };
                    let rows = (from..length).take(count).collect();
                    list.insert(from, rows, count);
                }
            };
            feed(&mut list, 1_000);
            for _ in 0..300 {
                list.step(1);
                feed(&mut list, 1_000);
            }
            list.reread();
            feed(&mut list, length);
            assert_eq!(list.selected(), expected, "{length}");
            assert_eq!(list.current().copied(), (length > 0).then_some(expected));
        }
    }

    #[test]
    fn an_empty_list_stands_still() {
        let mut list: Paged<u8> = Paged::default();
        list.insert(0, Vec::new(), PAGE);
        list.step(5);
        list.step(-9);
        list.bottom();
        assert!(list.total() == Some(0) && list.wanted().is_none() && list.current().is_none());
    }
}
