//! What can be chosen below the account: what was found on this machine, and the imports that were
//! made.

use super::super::{counted, day, put, ruled, size};
use crate::assistant::{Discovered, Imported};
use crate::tui::model::{Import, Model};
use crate::tui::wrap::{cut, width};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// A row of the screen.
enum Row<'a> {
    Title(&'static str),
    Found(&'a Discovered),
    Past(&'a Imported),
}

/// The rows, and beside each the place in the list that it stands for.
fn rows(import: &Import) -> Vec<(Option<usize>, Row<'_>)> {
    let mut rows = Vec::new();
    if !import.found.is_empty() {
        rows.push((None, Row::Title("found on this machine")));
        let found = import.found.iter().enumerate();
        rows.extend(found.map(|(at, one)| (Some(at), Row::Found(one))));
    }
    let past = import.past.as_deref().unwrap_or_default();
    if !past.is_empty() {
        rows.push((None, Row::Title("past imports")));
        let before = import.found.len();
        rows.extend((before..).zip(past).map(|(at, one)| (Some(at), Row::Past(one))));
    }
    rows
}

/// How many rows there are, titles among them.
pub(super) fn height(import: &Import) -> usize {
    rows(import).len()
}

/// The rows that are in view in so many rows of the screen: the selected one is among them.
fn visible(import: &Import, height: usize) -> Vec<(Option<usize>, Row<'_>)> {
    let rows = rows(import);
    let selected = rows.iter().position(|(at, _)| at.is_some() && *at == import.chosen);
    let last = rows.len().saturating_sub(height);
    // The title above the first row is not left out for nothing.
    let top = selected.map_or(0, |at| at.saturating_sub(height / 2)).min(last);
    rows.into_iter().skip(top).take(height).collect()
}

/// The place in the list of a row of the screen.
pub(super) fn row_at(import: &Import, height: usize, row: usize) -> Option<usize> {
    visible(import, height).get(row)?.0
}

pub(super) fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let (import, theme) = (&model.import, &model.theme);
    let room = usize::from(area.width.saturating_sub(2));
    let lines = visible(import, usize::from(area.height)).into_iter().map(|(at, row)| {
        let chosen = at.is_some() && at == import.chosen;
        let (name, beside) = match row {
            Row::Title(title) => return ruled(title, usize::from(area.width), theme.quiet),
            Row::Past(one) => (name(one), about(one, room)),
            Row::Found(one) => (found(one), about_found(one, import, room)),
        };
        let style = if chosen { theme.selected } else { theme.text };
        let beside = cut(&format!("  {beside}"), room * 2 / 3);
        let left = room.saturating_sub(width(&beside));
        let name = cut(&name, left);
        let gap = " ".repeat(left.saturating_sub(width(&name)));
        Line::from(vec![
            Span::styled(if chosen { "▸ " } else { "  " }, theme.selected),
            Span::styled(name, style),
            Span::raw(gap),
            Span::styled(beside, theme.quiet),
        ])
    });
    put(frame, area, lines.collect());
}

/// What was found: the format, and the end of the path.
fn found(one: &Discovered) -> String {
    let name = one.path.file_name().unwrap_or(one.path.as_os_str()).to_string_lossy();
    format!("{} ({name})", one.format)
}

fn about_found(one: &Discovered, import: &Import, room: usize) -> String {
    let mut past = import.past.iter().flatten();
    let imported = past.find(|past| past.paths.contains(&one.path));
    let held = format!("{}, {}", counted(one.files, "file"), size(one.bytes));
    match (imported, one.newest) {
        (Some(past), _) if room >= 40 => format!("imported {}", day(past.imported_at)),
        (None, Some(newest)) if room >= 60 => format!("{held}, {}", day(newest)),
        _ if room >= 40 => held,
        _ => size(one.bytes),
    }
}

/// The end of the path is what tells files apart.
pub(in super::super) fn name(import: &Imported) -> String {
    let name = match import.paths.as_slice() {
        [] => "standard input".to_owned(),
        [path, rest @ ..] => {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            if rest.is_empty() { name } else { format!("{name} and {} more", rest.len()) }
        }
    };
    format!("{name} ({})", import.formats.join(", "))
}

fn about(import: &Imported, room: usize) -> String {
    let what = if room >= 90 { held(import) } else { counted(import.messages, "message") };
    let when = if room >= 60 { format!(", {}", day(import.imported_at)) } else { String::new() };
    format!("{what}{when}")
}

pub(in super::super) fn held(import: &Imported) -> String {
    format!(
        "{} in {}",
        counted(import.messages, "message"),
        counted(import.conversations, "conversation")
    )
}
