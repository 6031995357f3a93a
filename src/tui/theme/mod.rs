//! Styles by purpose. Owns the mapping from meaning to look, and nothing else: views name a
//! purpose, never a colour.
//!
//! The ANSI palette is used, so that the terminal's own theme rules. Nothing is told by colour
//! alone: without colour the same marks and words remain.

mod file;

pub use file::{Named, all};

use ratatui::style::{Color, Modifier, Style};

/// The styles of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// What stands in the background: hints, dates, rules.
    pub quiet: Style,
    /// recount's own name, and what is active.
    pub accent: Style,
    /// A speaker's name.
    pub speaker: Style,
    /// The numbers of sources.
    pub source: Style,
    /// The quoted words inside their turn, and found words.
    pub mark: Style,
    /// The selected row of a list.
    pub selected: Style,
    /// A title.
    pub title: Style,
    /// What went well.
    pub good: Style,
    /// What deserves attention.
    pub warn: Style,
    /// What failed.
    pub bad: Style,
    /// The bars of progress and signals.
    pub bar: Style,
    /// Code within a text.
    pub code: Style,
    /// Keywords of code.
    pub keyword: Style,
    /// Strings of code.
    pub string: Style,
    /// Numbers and constants of code.
    pub number: Style,
    /// Names of functions and types of code.
    pub name: Style,
    /// Whether texts are shown as they were written.
    pub raw: bool,
    /// Tells looks apart: what was drawn under another number is drawn anew.
    pub revision: u32,
}

impl Theme {
    /// The theme in the terminal's own palette.
    pub fn ansi() -> Self {
        let base = Style::new();
        Self {
            text: base,
            quiet: base.add_modifier(Modifier::DIM),
            accent: base.fg(Color::Cyan),
            speaker: base.add_modifier(Modifier::BOLD),
            source: base.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            mark: base.fg(Color::Yellow).add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            selected: base.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            title: base.add_modifier(Modifier::BOLD),
            good: base.fg(Color::Green),
            warn: base.fg(Color::Yellow),
            bad: base.fg(Color::Red),
            bar: base.fg(Color::Cyan),
            code: base.fg(Color::Magenta),
            keyword: base.fg(Color::Blue).add_modifier(Modifier::BOLD),
            string: base.fg(Color::Green),
            number: base.fg(Color::Magenta),
            name: base.fg(Color::Cyan),
            raw: false,
            revision: 0,
        }
    }

    /// What a theme has, as it is written in a file.
    pub const SLOTS: [&str; 17] = [
        "text", "quiet", "accent", "speaker", "source", "mark", "selected", "title", "good",
        "warn", "bad", "bar", "code", "keyword", "string", "number", "name",
    ];

    /// The style of a purpose, by its name in a file.
    pub fn slot(&mut self, name: &str) -> Option<&mut Style> {
        Some(match name {
            "text" => &mut self.text,
            "quiet" => &mut self.quiet,
            "accent" => &mut self.accent,
            "speaker" => &mut self.speaker,
            "source" => &mut self.source,
            "mark" => &mut self.mark,
            "selected" => &mut self.selected,
            "title" => &mut self.title,
            "good" => &mut self.good,
            "warn" => &mut self.warn,
            "bad" => &mut self.bad,
            "bar" => &mut self.bar,
            "code" => &mut self.code,
            "keyword" => &mut self.keyword,
            "string" => &mut self.string,
            "number" => &mut self.number,
            "name" => &mut self.name,
            _ => return None,
        })
    }

    /// The theme without any colour, for `NO_COLOR`.
    pub fn plain() -> Self {
        let mut theme = Self::ansi();
        for name in Self::SLOTS {
            if let Some(style) = theme.slot(name) {
                *style = Style { fg: None, bg: None, ..*style };
            }
        }
        theme
    }
}
