//! The first run: what recount is, where the memory lies, what to try.

use super::put;
use crate::assistant::DEMO_QUESTIONS;
use crate::tui::model::Model;
use crate::tui::theme::Theme;
use crate::tui::wrap::{Pieces, cut};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// With more turns than this the demo is not what one came for.
const MOSTLY_DEMO: u64 = 60;

/// Whether there is something to say to somebody who is new here.
pub(super) fn is_due(model: &Model) -> bool {
    let little = model.status.as_ref().is_some_and(|status| status.turns < MOSTLY_DEMO);
    model.is_first_run() || (model.has_demo() && little)
}

pub(super) fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let mut page = Page { lines: Vec::new(), width: area.width, roomy: area.height >= 14 };
    // In a small window less is said, and all of it is seen.
    let tight = area.width < 60 || area.height < 10;
    match (model.has_demo(), tight) {
        (true, _) => demo(&mut page, tight, &model.theme),
        (false, true) => tight_welcome(&mut page, model),
        (false, false) => welcome(&mut page, model),
    }
    let spare = usize::from(area.height).saturating_sub(page.lines.len());
    let top = u16::try_from(spare / 2).unwrap_or(0);
    put(frame, Rect { y: area.y + top, height: area.height - top, ..area }, page.lines);
}

fn welcome(page: &mut Page, model: &Model) {
    const THINGS: [&str; 3] = [
        "Tell it something, then ask: “When is Ann's birthday?”",
        "Import your conversations: /import ~/Downloads/export.zip",
        "Press F2 to load a small demo; F2 removes it again.",
    ];
    let theme = &model.theme;
    page.say("recount", theme.title);
    page.say("remembers your conversations and answers from them, with sources.", theme.text);
    page.gap();
    page.say("Three things to try", theme.title);
    page.items(&THINGS, theme);
    page.gap();
    if let Some(path) = path(model) {
        page.say(&format!("Your memory is one file: {path}"), theme.quiet);
    }
    page.say("Nothing leaves this machine. F1 shows the keys.", theme.quiet);
}

fn tight_welcome(page: &mut Page, model: &Model) {
    const THINGS: [&str; 3] =
        ["Tell it something, then ask.", "/import ~/export.zip", "F2 loads or removes a demo."];
    let theme = &model.theme;
    page.say("recount answers from what you told it, with sources.", theme.text);
    page.items(&THINGS, theme);
    if let Some(path) = path(model) {
        // The end of a path tells more than its beginning.
        let room = usize::from(page.width).saturating_sub(1);
        let skip = path.chars().count().saturating_sub(room);
        let lead = if skip > 0 { "…" } else { "" };
        let end: String = path.chars().skip(skip).collect();
        page.say(&cut(&format!("{lead}{end}"), usize::from(page.width)), theme.quiet);
    }
    page.say("Nothing leaves this machine. F1: keys", theme.quiet);
}

fn demo(page: &mut Page, tight: bool, theme: &Theme) {
    page.say("The demo is in your memory", theme.title);
    let about = "Mara and Jonas rent a house, and lose a teapot. Ask about them:";
    page.say(if tight { "Ask about it:" } else { about }, theme.text);
    page.gap();
    page.items(&DEMO_QUESTIONS, theme);
    page.gap();
    if !tight {
        page.say("Each answer shows who said it; Alt+1 opens source 1.", theme.text);
    }
    page.say("F2 removes the demo completely.", theme.quiet);
}

/// Where the memory lies.
fn path(model: &Model) -> Option<String> {
    let path = model.status.as_ref()?.path.display().to_string();
    (!path.is_empty()).then_some(path)
}

struct Page {
    lines: Vec<Line<'static>>,
    width: u16,
    /// Whether there is room for lines of air.
    roomy: bool,
}

impl Page {
    fn say(&mut self, text: &str, style: Style) {
        let mut pieces = Pieces::default();
        pieces.push_line(text, style);
        self.lines.extend(pieces.wrap(self.width));
    }

    /// Numbered items; what does not fit on a line goes on below its text.
    fn items(&mut self, texts: &[&str], theme: &Theme) {
        for (number, text) in (1..).zip(texts) {
            let mut pieces = Pieces::default();
            pieces.push_line(text, theme.text);
            let wrapped = pieces.wrap(self.width.saturating_sub(3));
            for (row, mut line) in wrapped.into_iter().enumerate() {
                let lead = if row == 0 { format!("{number}  ") } else { "   ".to_owned() };
                line.spans.insert(0, Span::styled(lead, theme.source));
                self.lines.push(line);
            }
        }
    }

    fn gap(&mut self) {
        if self.roomy {
            self.lines.push(Line::default());
        }
    }
}
