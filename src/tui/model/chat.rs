//! The state of the conversation view: the composer, the transcript, an open source.

use super::{Scroll, Transcript};
use crate::conversation::Turn;
use crate::evidence::Citation;
use crate::tui::effect::Place;
use crate::tui::event::JobId;
use ratatui::style::{Modifier, Style};
use ratatui_textarea::{TextArea, WrapMode};

/// Where keys go in the conversation view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Focus {
    /// To the composer.
    #[default]
    Composer,
    /// To the conversation.
    Transcript,
    /// To the open source.
    Source,
}

/// The conversation view.
pub struct Chat {
    /// What is being written.
    pub composer: TextArea<'static>,
    /// Where keys go.
    pub focus: Focus,
    /// What was sent or put aside, oldest first.
    pub history: Vec<String>,
    /// The place in the history that the composer shows.
    pub history_at: Option<usize>,
    /// The conversation.
    pub transcript: Transcript,
    /// The answer that is being made.
    pub asking: Option<JobId>,
    /// The session that is being opened.
    pub opening: Option<JobId>,
    /// Where in it to begin.
    pub wanted: Place,
    /// Whether to send the draft as soon as the end of the session has been read.
    pub send_when_open: bool,
}

impl Default for Chat {
    fn default() -> Self {
        Self {
            composer: composer(""),
            focus: Focus::default(),
            history: Vec::new(),
            history_at: None,
            transcript: Transcript::default(),
            asking: None,
            opening: None,
            wanted: Place::Start,
            send_when_open: false,
        }
    }
}

impl Chat {
    /// What is written, as one text.
    pub fn draft(&self) -> String {
        self.composer.lines().join("\n")
    }

    /// Replaces what is written; the cursor stands at its end.
    pub fn set_draft(&mut self, text: &str) {
        self.composer = composer(text);
    }

    /// Whether nothing but space is written.
    pub fn is_blank(&self) -> bool {
        self.composer.lines().iter().all(|line| line.trim().is_empty())
    }

    /// Whether nothing at all is written.
    pub fn is_empty(&self) -> bool {
        self.composer.is_empty()
    }
}

fn composer(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
    area.set_wrap_mode(WrapMode::WordOrGlyph);
    area.set_cursor_line_style(Style::new());
    // The terminal's own cursor is used: input methods look for it.
    area.set_cursor_style(Style::new());
    area.set_selection_style(Style::new().add_modifier(Modifier::REVERSED));
    area.move_cursor(ratatui_textarea::CursorMove::Bottom);
    area.move_cursor(ratatui_textarea::CursorMove::End);
    area
}

/// A source of an answer, opened in its surroundings.
#[derive(Debug)]
pub struct SourcePane {
    /// The citations of the answer it belongs to.
    pub citations: Vec<Citation>,
    /// Which of them is open.
    pub at: usize,
    /// The turns around it, once read.
    pub turns: Vec<Turn>,
    /// The reading of them, while it lasts.
    pub loading: Option<JobId>,
    /// Why they could not be read.
    pub error: Option<String>,
    /// The first line that is shown; `None` brings the cited turn into view.
    pub scroll: Option<usize>,
}

impl SourcePane {
    /// The open citation.
    pub fn citation(&self) -> Option<&Citation> {
        self.citations.get(self.at)
    }
}

impl Scroll {
    /// Whether the newest line is kept in view.
    pub fn is_bottom(self) -> bool {
        self == Self::Bottom
    }
}
