//! The question before something that cannot be undone.

use super::{counted, put};
use crate::tui::layout::centred;
use crate::tui::model::{Model, Question};
use crate::tui::wrap::Pieces;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear};

pub(super) fn draw(model: &Model, question: &Question, frame: &mut Frame, window: Rect) {
    let theme = &model.theme;
    let width = 60.min(window.width);
    let room = width.saturating_sub(4);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut say = |text: &str, style| {
        let mut pieces = Pieces::default();
        pieces.push_line(text, style);
        lines.extend(pieces.wrap(room));
    };
    let (title, asked, why) = words(question);
    say(&asked, theme.text);
    say(&why, theme.quiet);
    let yes = if matches!(question, Question::Merge { .. }) { "merge" } else { "delete" };
    say(&format!("y  {yes}     any other key  cancel"), theme.title);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = centred(window, width, height);
    frame.render_widget(Clear, area);
    let mut inner = area;
    if area.height >= 5 && area.width >= 12 {
        let block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(theme.warn)
            .title(title);
        inner = block.inner(area);
        frame.render_widget(block, area);
        inner = Rect { x: inner.x + 1, width: inner.width - 2, ..inner };
    }
    put(frame, inner, lines);
}

/// The title of a question, the question itself, and what to know before answering it.
fn words(question: &Question) -> (&'static str, String, String) {
    let short = |title: &str| crate::tui::wrap::cut(title, 40);
    match question {
        Question::Forget { text, chosen } => {
            let turns = counted(chosen.turns.len() as u64, "turn");
            let answers = match chosen.answers.len() as u64 {
                0 => String::new(),
                count => format!(" and {} based on them", counted(count, "answer")),
            };
            let text = short(text);
            let asked = format!("Permanently delete {turns} containing “{text}”{answers}?");
            let why = "This cannot be undone, and imports do not bring them back.";
            (" Delete permanently ", asked, why.to_owned())
        }
        Question::UndoImport(past) => {
            let held = super::import::held(past);
            let asked =
                format!("Undo the import of {}? This deletes {held}.", super::import::name(past));
            let why = "You can import it again later.";
            (" Undo import ", asked, why.to_owned())
        }
        Question::DeleteSession { title, .. } => {
            let asked = format!("Delete “{}”?", short(title));
            (" Delete session ", asked, "Press u to undo this, until you quit.".to_owned())
        }
        Question::Merge { into, from } => {
            let asked = format!("Merge “{}” into “{}”?", short(&from.1), short(&into.1));
            (" Merge sessions ", asked, "This cannot be undone.".to_owned())
        }
    }
}
