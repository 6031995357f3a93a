//! The lists above the view: the help, made from the keymap and the list of commands, and what was said
//! in the status line before.

use super::{field, more, put};
use crate::tui::keymap::{Keymap, Scope, label};
use crate::tui::layout::{self, centred};
use crate::tui::model::{Lists, Model, Overlay, Tone};
use crate::tui::theme::Theme;
use crate::tui::update::COMMANDS;
use crate::tui::wrap::{self, Pieces};
use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear};

pub(super) fn draw(model: &Model, overlay: &Overlay, frame: &mut Frame, window: Rect) {
    let Areas { whole, framed, field: top, list } = areas(window);
    let lines = lines(model, overlay, list.width);
    frame.render_widget(Clear, whole);
    if framed {
        let title = match overlay.lists {
            Lists::Keys => " Keys and commands ",
            Lists::Notices => " Notices ",
        };
        let block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(model.theme.accent)
            .title(title);
        frame.render_widget(block, whole);
    }
    let shown =
        field::Shown { prompt: "filter", field: &overlay.filter, focused: true, marked: &[] };
    field::draw(frame, top, &shown, &model.theme);
    let rows = usize::from(list.height);
    let first = overlay.scroll.min(lines.len().saturating_sub(rows));
    let below = lines.len() - first > rows;
    put(frame, list, lines.into_iter().skip(first).take(rows).collect());
    if below {
        more(frame, list, " ↓ ", &model.theme);
    }
}

/// The parts of an overlay.
struct Areas {
    whole: Rect,
    framed: bool,
    field: Rect,
    list: Rect,
}

fn areas(window: Rect) -> Areas {
    let whole = centred(window, WIDTH, window.height.saturating_sub(2).max(3));
    let framed = whole.height >= 5 && whole.width >= 12;
    let mut list = if framed { whole.inner(Margin::new(1, 1)) } else { whole };
    let field = layout::cut_top(&mut list, 1);
    Areas { whole, framed, field, list }
}

/// How many lines of an overlay are in view.
pub fn page(model: &Model) -> usize {
    usize::from(areas(model.area).list.height).max(1)
}

/// How many lines are above the last screenful: it scrolls no further.
pub fn most_scroll(model: &Model) -> usize {
    let list = areas(model.area).list;
    let lines = model.overlay.as_ref().map_or(0, |open| lines(model, open, list.width).len());
    lines.saturating_sub(usize::from(list.height))
}

/// The width of an overlay, where there is room for it.
const WIDTH: u16 = 76;

/// The rows that the filter leaves, in so many cells.
fn lines(model: &Model, overlay: &Overlay, available: u16) -> Vec<Line<'static>> {
    let wanted = overlay.filter.text().trim().to_lowercase();
    let passes =
        |text: &str| wanted.split_whitespace().all(|word| text.to_lowercase().contains(word));
    let lines = match overlay.lists {
        Lists::Keys => keys(&model.theme, &model.keymap, available, &passes),
        Lists::Notices => notices(model, available, &passes),
    };
    if lines.is_empty() {
        let why = if wanted.is_empty() { "  No notices yet" } else { "  No match" };
        return vec![Line::styled(why, model.theme.quiet)];
    }
    lines
}

/// The notices of this run, the newest first, each with its time of day.
fn notices(model: &Model, available: u16, passes: &dyn Fn(&str) -> bool) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let past = model.notices.iter().rev().filter(|notice| passes(&notice.text));
    let lines = past.flat_map(|notice| {
        let style = match notice.tone {
            Tone::Plain => theme.text,
            Tone::Good => theme.good,
            Tone::Bad => theme.bad,
        };
        let mut pieces = Pieces::default();
        pieces.push_line(&notice.text, style);
        let mut rows = pieces.wrap(available.saturating_sub(9).max(8));
        for (at, line) in rows.iter_mut().enumerate() {
            let lead = if at == 0 { super::time_of_day(notice.at) } else { String::new() };
            line.spans.insert(0, Span::styled(format!(" {lead:<7}"), theme.quiet));
        }
        rows
    });
    lines.collect()
}

/// The keys and commands; what an action does goes on below its beginning.
fn keys(
    theme: &Theme,
    keymap: &Keymap,
    available: u16,
    passes: &dyn Fn(&str) -> bool,
) -> Vec<Line<'static>> {
    let column: u16 = if available >= 64 { 30 } else { 14 };
    let row = |keys: String, help: &'static str| {
        let lead = usize::from(column) + 2;
        let keys = format!("  {keys}");
        // Keys too long for their column have a line of their own.
        let apart = wrap::width(&keys) >= lead;
        let mut pieces = Pieces::default();
        pieces.push_line(help, theme.quiet);
        let mut rows = pieces.wrap(available.saturating_sub(column + 2).max(8));
        for (at, line) in rows.iter_mut().enumerate() {
            let first = if at == 0 && !apart { keys.as_str() } else { "" };
            line.spans.insert(0, Span::styled(format!("{first:<lead$}"), theme.text));
        }
        if apart {
            rows.insert(0, Line::styled(keys, theme.text));
        }
        rows
    };
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut section = |title: &str, rows: Vec<Vec<Line<'static>>>| {
        if rows.is_empty() {
            return;
        }
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(format!(" {title}"), theme.title));
        lines.extend(rows.into_iter().flatten());
    };
    for scope in Scope::ALL {
        let bindings = keymap.rows().iter().filter(|row| row.scope == scope);
        let bindings = bindings.filter(|row| !row.help.is_empty());
        let rows = bindings.filter_map(|binding| {
            let keys: Vec<String> = binding.keys.iter().map(|key| label(key)).collect();
            let keys = keys.join(" ");
            passes(&format!("{keys} {}", binding.help)).then(|| row(keys, binding.help))
        });
        section(scope.title(), rows.collect());
    }
    let commands = COMMANDS.iter().filter_map(|command| {
        let typed = format!("{} {}", command.name, command.takes);
        passes(&format!("{typed} {}", command.help)).then(|| row(typed, command.help))
    });
    section("Commands", commands.collect());
    lines
}
