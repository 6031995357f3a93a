//! A conversation as it is shown: a window on a session's turns, with what happens at its end.
//!
//! Owns scrolling and paging. The wrapped lines of an entry are kept by (key, version, width), so
//! that a finished message is wrapped once.

use crate::conversation::{Kind, Session, SessionId, Turn, TurnId};
use crate::evidence::Citation;
use crate::language::Intent;
use crate::tui::effect::TURNS;
use crate::tui::event::Page;
use crate::tui::theme::Theme;
use crate::tui::view::entry;
use ratatui::text::Line;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

/// How many entries are held at most while reading a session.
const HELD: usize = 4 * TURNS;
/// So near to the edge of what is held, the next page is asked for.
const MARGIN: usize = 25;
/// How many wrapped entries are kept.
const WRAPPED: usize = 1024;

/// An answer of recount.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnswerEntry {
    /// Its turn, once stored.
    pub turn: Option<TurnId>,
    /// Whether a question or a statement is being worked on, if that is known by now.
    pub intent: Option<Intent>,
    /// Its text so far.
    pub text: String,
    /// Whether it is still being made.
    pub streaming: bool,
    /// Whether memory does not hold what was asked.
    pub abstained: bool,
    /// Why it abstained, or what it was read from.
    pub reason: Option<String>,
    /// How sure the decoder is, where known.
    pub confidence: Option<f32>,
    /// What it rests on.
    pub citations: Vec<Citation>,
}

/// What an entry shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A turn as memory holds it.
    Said(Turn),
    /// What the user just wrote.
    Mine {
        /// The text.
        text: String,
        /// Its turn, once durable.
        stored: Option<TurnId>,
        /// Whether it was a statement, remembered without an answer.
        noted: bool,
    },
    /// An answer.
    Answer(AnswerEntry),
    /// A line of the program itself.
    Note(String),
}

/// One entry of a conversation.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Tells entries apart for as long as the program runs.
    pub key: u64,
    /// Grows with each change.
    pub version: u64,
    /// What it shows.
    pub body: Body,
    /// Whether it is the turn that was looked for.
    pub marked: bool,
    /// Its place in the session, where it was read from memory.
    position: Option<i64>,
}

impl Entry {
    /// What it says.
    pub fn text(&self) -> Option<&str> {
        match &self.body {
            Body::Said(turn) => Some(&turn.text),
            Body::Mine { text, .. } => Some(text),
            Body::Answer(answer) => Some(&answer.text),
            Body::Note(_) => None,
        }
    }

    fn turn(&self) -> Option<TurnId> {
        match &self.body {
            Body::Said(turn) => Some(turn.id),
            Body::Mine { stored, .. } => *stored,
            Body::Answer(answer) => answer.turn,
            Body::Note(_) => None,
        }
    }
}

/// What is in view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scroll {
    /// The end, and it stays so when lines are added.
    #[default]
    Bottom,
    /// A line of an entry stands at the top.
    At {
        /// The entry's key.
        key: u64,
        /// The line of the entry, from 0.
        line: usize,
    },
}

/// The lines of an entry, with the version, the width and the look that they were made for.
type Wrapped = HashMap<u64, ((u64, u16, u32), Rc<Vec<Line<'static>>>)>;

/// A conversation as it is shown.
#[derive(Debug, Default)]
pub struct Transcript {
    /// The session as memory lists it, where one was opened.
    pub session: Option<Session>,
    /// The session's id, once there is one.
    pub id: Option<SessionId>,
    /// What is in view.
    pub scroll: Scroll,
    /// Whether entries come before what is held.
    pub more_before: bool,
    /// Whether entries come after what is held.
    pub more_after: bool,
    /// The page that is being read.
    pub loading: Option<crate::tui::event::JobId>,
    entries: VecDeque<Entry>,
    /// The positions of the first and the last turn that were read from memory.
    span: Option<(i64, i64)>,
    last_key: u64,
    selected: Option<u64>,
    wrapped: RefCell<Wrapped>,
}

impl Transcript {
    /// Makes the transcript of an opened session.
    pub fn opened(session: Session, page: Page) -> Self {
        let mut transcript =
            Self { id: Some(session.id), session: Some(session), ..Self::default() };
        transcript.append_page(page);
        transcript
    }

    /// The place in the session of what stands at the top of the view; `None` at the end of it.
    pub fn place(&self) -> Option<i64> {
        let Scroll::At { key, .. } = self.scroll else { return None };
        self.entries.iter().find(|entry| entry.key == key)?.position
    }

    /// Brings the turn at a place of the session to the top of the view.
    pub fn scroll_to_place(&mut self, place: i64) {
        let at = self.entries.iter().find(|entry| entry.position.is_some_and(|at| at >= place));
        self.scroll = at.map_or(Scroll::Bottom, |entry| Scroll::At { key: entry.key, line: 0 });
    }

    /// Whether nothing has been said.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries that are held, in order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Appends an entry at the end and returns its key.
    pub fn push(&mut self, body: Body) -> u64 {
        let key = self.next_key();
        self.entries.push_back(Entry { key, version: 0, body, marked: false, position: None });
        key
    }

    fn next_key(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }

    /// Changes the newest entry for which `change` says that it changed it.
    pub fn change_last(&mut self, mut change: impl FnMut(&mut Body) -> bool) {
        for entry in self.entries.iter_mut().rev() {
            if change(&mut entry.body) {
                entry.version += 1;
                return;
            }
        }
    }

    /// Removes the newest entry if `unwanted` says so.
    pub fn drop_last(&mut self, unwanted: impl Fn(&Body) -> bool) {
        if self.entries.back().is_some_and(|entry| unwanted(&entry.body)) {
            self.entries.pop_back();
        }
    }

    /// Removes the entries of turns that are gone from memory.
    pub fn remove(&mut self, turns: &[TurnId]) {
        self.entries.retain(|entry| entry.turn().is_none_or(|turn| !turns.contains(&turn)));
        self.narrow();
    }

    fn entry_of(&mut self, turn: Turn, page: &mut Page) -> Entry {
        let position = Some(turn.position);
        let body = if turn.kind == Kind::Answer {
            let citations = page.citations.remove(&turn.id).unwrap_or_default();
            let given = page.given.remove(&turn.id);
            let abstained = given.as_ref().is_some_and(|given| given.abstained);
            Body::Answer(AnswerEntry {
                turn: Some(turn.id),
                // That it abstained, and why, is said anew.
                text: if abstained { String::new() } else { turn.text },
                citations,
                abstained,
                confidence: given.as_ref().map(|given| given.confidence),
                reason: given.and_then(|given| given.reason),
                ..AnswerEntry::default()
            })
        } else {
            Body::Said(turn)
        };
        Entry { key: self.next_key(), version: 0, body, marked: false, position }
    }

    /// Appends a page that follows what is held.
    pub fn append_page(&mut self, mut page: Page) {
        self.more_after = !page.at_end;
        if self.entries.is_empty() {
            self.more_before = !page.at_start;
        }
        for turn in std::mem::take(&mut page.turns) {
            let position = turn.position;
            self.span =
                Some(self.span.map_or((position, position), |(first, _)| (first, position)));
            let entry = self.entry_of(turn, &mut page);
            self.entries.push_back(entry);
        }
        while self.entries.len() > HELD && self.top_index() > TURNS {
            self.entries.pop_front();
            self.more_before = true;
            self.narrow();
        }
    }

    /// Puts a page before what is held.
    pub fn prepend_page(&mut self, mut page: Page) {
        self.more_before = !page.at_start;
        let turns = std::mem::take(&mut page.turns);
        for turn in turns.into_iter().rev() {
            let position = turn.position;
            self.span = Some(self.span.map_or((position, position), |(_, last)| (position, last)));
            let entry = self.entry_of(turn, &mut page);
            self.entries.push_front(entry);
        }
        while self.entries.len() > HELD
            && self.entries.back().is_some_and(|entry| entry.position.is_some())
            && !self.scroll.is_bottom()
        {
            self.entries.pop_back();
            self.more_after = true;
            self.narrow();
        }
    }

    /// Sets the span anew after entries were dropped.
    fn narrow(&mut self) {
        let first = self.entries.iter().find_map(|entry| entry.position);
        let last = self.entries.iter().rev().find_map(|entry| entry.position);
        self.span = first.zip(last);
    }

    /// Returns the position and the number of the turns that should be read next, if any, for
    /// what is in view.
    pub fn wanted(&self) -> Option<(i64, usize)> {
        let (first, last) = self.span?;
        if self.loading.is_some() {
            return None;
        }
        let top = self.top_index();
        if self.more_before && top < MARGIN {
            let from = (first - TURNS as i64).max(0);
            return (first > from).then_some((from, (first - from) as usize));
        }
        let near_end = self.scroll.is_bottom() || top + MARGIN * 2 > self.entries.len();
        (self.more_after && near_end).then_some((last + 1, TURNS))
    }

    /// Whether a page that starts at a position belongs before what is held.
    pub fn is_before(&self, page: &Page) -> bool {
        match (self.span, page.turns.first()) {
            (Some((first, _)), Some(turn)) => turn.position < first,
            _ => false,
        }
    }

    /// The place of the entry that stands at the top, near enough for paging.
    fn top_index(&self) -> usize {
        match self.scroll {
            Scroll::Bottom => self.entries.len().saturating_sub(1),
            Scroll::At { key, .. } => {
                self.entries.iter().position(|entry| entry.key == key).unwrap_or(0)
            }
        }
    }

    /// Marks a turn and brings it into view.
    pub fn show(&mut self, turn: TurnId) {
        for entry in &mut self.entries {
            if entry.turn() == Some(turn) {
                entry.marked = true;
                entry.version += 1;
                self.scroll = Scroll::At { key: entry.key, line: 0 };
            }
        }
    }

    /// Returns an entry's lines at a width.
    pub fn lines(&self, entry: &Entry, width: u16, theme: &Theme) -> Rc<Vec<Line<'static>>> {
        let mut wrapped = self.wrapped.borrow_mut();
        let wanted = (entry.version, width, theme.revision);
        if let Some((made, lines)) = wrapped.get(&entry.key)
            && *made == wanted
        {
            return Rc::clone(lines);
        }
        if wrapped.len() >= WRAPPED {
            wrapped.clear();
        }
        let lines = Rc::new(entry::lines(entry, width, theme));
        wrapped.insert(entry.key, (wanted, Rc::clone(&lines)));
        lines
    }

    /// Returns where the top of the view lies, as the place of an entry and a line in it, in a
    /// view of a width and a height.
    pub fn top(&self, width: u16, height: u16, theme: &Theme) -> (usize, usize) {
        let height = usize::from(height);
        let end = self.end(width, height, theme);
        match self.scroll {
            Scroll::Bottom => end,
            Scroll::At { key, line } => {
                match self.entries.iter().position(|entry| entry.key == key) {
                    Some(at) => {
                        let length = self.lines(&self.entries[at], width, theme).len();
                        (at, line.min(length.saturating_sub(1))).min(end)
                    }
                    None => end,
                }
            }
        }
    }

    /// The top of the view when the last line stands at its bottom.
    fn end(&self, width: u16, height: usize, theme: &Theme) -> (usize, usize) {
        let mut left = height;
        for (at, entry) in self.entries.iter().enumerate().rev() {
            let length = self.lines(entry, width, theme).len();
            if length >= left {
                return (at, length - left);
            }
            left -= length;
        }
        (0, 0)
    }

    /// Scrolls by lines; scrolling to the end keeps the end in view.
    pub fn scroll_by(&mut self, by: isize, width: u16, height: u16, theme: &Theme) {
        let (mut at, mut line) = self.top(width, height, theme);
        let length = |at: usize| self.lines(&self.entries[at], width, theme).len();
        let mut left = by.unsigned_abs();
        while left > 0 && !self.entries.is_empty() {
            let step;
            if by < 0 {
                step = line.min(left);
                line -= step;
                if step == 0 {
                    if at == 0 {
                        break;
                    }
                    at -= 1;
                    line = length(at);
                }
            } else {
                step = length(at).saturating_sub(line + 1).min(left);
                line += step;
                if step == 0 {
                    if at + 1 >= self.entries.len() {
                        break;
                    }
                    at += 1;
                    line = 0;
                    left -= 1;
                }
            }
            left -= step;
        }
        let end = self.end(width, usize::from(height), theme);
        self.scroll = match self.entries.get(at) {
            Some(entry) if (at, line) < end => Scroll::At { key: entry.key, line },
            _ => Scroll::Bottom,
        };
    }

    /// The entry that stands at a row of the view, and the text of its line there.
    pub fn hit(&self, row: usize, width: u16, height: u16, theme: &Theme) -> Option<(u64, String)> {
        let (at, skip) = self.top(width, height, theme);
        let mut left = row + skip;
        for entry in self.entries.iter().skip(at) {
            let lines = self.lines(entry, width, theme);
            if let Some(line) = lines.get(left) {
                return Some((entry.key, line.to_string()));
            }
            left -= lines.len();
        }
        None
    }

    /// Brings the first entry that is held into view.
    pub fn scroll_to_top(&mut self) {
        if let Some(entry) = self.entries.front() {
            self.scroll = Scroll::At { key: entry.key, line: 0 };
        }
    }

    /// Selects an entry.
    pub fn select(&mut self, key: u64) {
        self.selected = Some(key);
    }

    /// The selected entry.
    pub fn selected(&self) -> Option<&Entry> {
        let key = self.selected?;
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Selects the next or the previous entry and brings it into view.
    pub fn step(&mut self, forward: bool, width: u16, height: u16, theme: &Theme) {
        let (top, _) = self.top(width, height, theme);
        let held = self.selected.and_then(|key| self.entries.iter().position(|e| e.key == key));
        let at = match (held, forward) {
            (Some(at), true) => (at + 1).min(self.entries.len().saturating_sub(1)),
            (Some(at), false) => at.saturating_sub(1),
            // At first the newest message that is in view is meant.
            (None, _) if self.scroll.is_bottom() => self.entries.len().saturating_sub(1),
            (None, _) => top,
        };
        let Some(entry) = self.entries.get(at) else { return };
        self.selected = Some(entry.key);
        let (top, skip) = self.top(width, height, theme);
        if at < top || (at == top && skip > 0) {
            self.scroll = Scroll::At { key: entry.key, line: 0 };
            return;
        }
        let before: usize = (top..at)
            .map(|at| self.lines(&self.entries[at], width, theme).len())
            .sum::<usize>()
            .saturating_sub(skip);
        let below = before + self.lines(&self.entries[at], width, theme).len();
        let room = usize::from(height);
        if below > room {
            // Its head stays in view, however long it is.
            let by = (below - room).min(before);
            self.scroll_by(isize::try_from(by).unwrap_or(0), width, height, theme);
        }
    }

    /// The newest answer with sources.
    pub fn cited_answer(&self) -> Option<&AnswerEntry> {
        self.answers().find(|answer| !answer.citations.is_empty())
    }

    /// The answers, newest first.
    pub fn answers(&self) -> impl Iterator<Item = &AnswerEntry> {
        self.entries.iter().rev().filter_map(|entry| match &entry.body {
            Body::Answer(answer) => Some(answer),
            _ => None,
        })
    }
}
