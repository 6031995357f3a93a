//! Exporting: sessions and turns as files that people read and programs take in.
//!
//! Owns: the formats, one file each. Does not own: which turns are exported and in which order
//! (`assistant`), where the bytes go. Everything is written as it comes; no exporter holds more
//! than one turn.

mod html;
mod json;
mod jsonl;
mod markdown;

use crate::conversation::{SessionRecord, Timestamp, TurnRecord};
use std::io::{self, Write};

/// Writes sessions in one format. Called in this order: `begin`, then for each session `session`,
/// its turns in their order, `end_session`, and `end` at last.
pub trait Exporter {
    /// What stands before everything.
    fn begin(&mut self, about: &About, out: &mut dyn Write) -> io::Result<()>;
    /// Begins a session.
    fn session(&mut self, session: &SessionRecord, out: &mut dyn Write) -> io::Result<()>;
    /// Whether a turn is written: what is folded, or on another branch, may be left out.
    fn holds(&self, turn: &TurnRecord) -> bool;
    /// A turn of the session that was begun last.
    fn turn(&mut self, turn: &TurnRecord, out: &mut dyn Write) -> io::Result<()>;
    /// Ends the session.
    fn end_session(&mut self, out: &mut dyn Write) -> io::Result<()>;
    /// What stands after everything.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// What an export says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// When it was made.
    pub exported_at: Timestamp,
    /// What was searched for, where it holds what a search found.
    pub query: Option<String>,
    /// Whether secrets are masked in it.
    pub masked: bool,
}

/// A format that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// To be read by people, as it is or rendered.
    Markdown,
    /// Everything; `docs/export-format.md` tells it field by field.
    Json,
    /// A session a line in the shape of `OpenAI`'s messages.
    Jsonl,
    /// One page for a browser, with a search.
    Html,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Markdown, Self::Json, Self::Jsonl, Self::Html];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Html => "html",
        }
    }

    /// The format that a word or the ending of a file's name stands for.
    pub fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "md" => Some(Self::Markdown),
            "htm" => Some(Self::Html),
            word => Self::ALL.into_iter().find(|format| format.name() == word),
        }
    }

    /// What writes it.
    pub fn exporter(self, shown: Shown) -> Box<dyn Exporter> {
        match self {
            Self::Markdown => Box::new(markdown::Markdown::new(shown)),
            Self::Json => Box::<json::Json>::default(),
            Self::Jsonl => Box::<jsonl::Jsonl>::default(),
            Self::Html => Box::new(html::Html::new(shown)),
        }
    }
}

/// Which turns markdown and HTML show beside what was said on the branch that the source shows.
/// JSON always holds them all, JSONL never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// Reasoning, tool calls and their results.
    pub folded: bool,
    /// Turns on other branches.
    pub branches: bool,
}

impl Shown {
    fn holds(self, record: &TurnRecord) -> bool {
        (self.folded || record.turn.kind.is_said()) && (self.branches || record.on_active_path)
    }
}

/// What is said of a turn that is not plainly said: its kind, another branch.
fn marks(record: &TurnRecord) -> Vec<&'static str> {
    use crate::conversation::Kind;
    let kind = match record.turn.kind {
        Kind::Message | Kind::Question => None,
        kind => Some(kind.as_str()),
    };
    kind.into_iter().chain((!record.on_active_path).then_some("another branch")).collect()
}

/// How many turns of a session an export leaves out.
fn left_out(count: u64) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} folded turn{s} or turn{s} of other branches left out")
}

/// A time as people read it.
fn time(at: Timestamp) -> String {
    let civil = at.civil();
    let format =
        if civil.second() == 0 { "%-d %B %Y, %H:%M UTC" } else { "%-d %B %Y, %H:%M:%S UTC" };
    civil.strftime(format).to_string()
}

#[cfg(test)]
mod testing;
