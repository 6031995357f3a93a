//! The list of sessions.

use super::{Target, chips, count, counted, day, field, joined, put, rule};
use crate::conversation::{SOURCE_CHAT, Session};
use crate::tui::layout::{self, ListAreas};
use crate::tui::model::{Asked, ListFocus, Model, Prompt, Sessions};
use crate::tui::theme::Theme;
use crate::tui::update::{Listed, listed};
use crate::tui::wrap::{cut, width};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use std::ops::Range;

/// What can be done in the list, what is wanted most first: as far as there is room to say it.
const KEYS: &[&str] = &[
    "Enter open",
    "d delete",
    "r rename",
    "e export",
    "t tag",
    "p pin",
    "m merge",
    "Tab filter",
    "y copy",
];

pub(super) fn draw(model: &Model, frame: &mut Frame, body: Rect) {
    let (sessions, theme) = (&model.sessions, &model.theme);
    let (areas, below) = areas(model, body);
    let looked = listed(sessions.field.text(), model.now);
    let marked: Vec<Range<usize>> = looked.chips.iter().map(|chip| chip.range.clone()).collect();
    let shown = field::Shown {
        prompt: "sessions",
        field: &sessions.field,
        focused: sessions.focus == ListFocus::Field
            && sessions.prompt.is_none()
            && model.overlay.is_none(),
        marked: &marked,
    };
    field::draw(frame, areas.field, &shown, theme);
    let room = usize::from(areas.summary.width.saturating_sub(2));
    let mut summary = vec![Span::raw("  ")];
    summary.extend(chips::spans(&looked.chips, room, theme));
    let left = room.saturating_sub(summary.iter().map(Span::width).sum::<usize>() - 2);
    let style = if sessions.error.is_some() { theme.bad } else { theme.quiet };
    summary.push(Span::styled(cut(&state(model, &looked, left), left), style));
    put(frame, areas.summary, vec![Line::from(summary)]);
    if let Some(prompt) = &sessions.prompt {
        ask(model, prompt, frame, below);
    }
    list(model, frame, areas.list);
}

/// Where the parts stand, and below the list what is asked.
fn areas(model: &Model, body: Rect) -> (ListAreas, Rect) {
    let mut areas = layout::list(body, false);
    let rows = match model.sessions.prompt {
        None => 0,
        Some(_) if areas.list.height >= 4 => 2,
        Some(_) => 1,
    };
    let below = layout::cut_bottom(&mut areas.list, rows);
    (areas, below)
}

/// What stands at a place of the screen.
pub(super) fn target(model: &Model, body: Rect, at: Position) -> Option<Target> {
    let (areas, _) = areas(model, body);
    if areas.field.contains(at) {
        return Some(Target::Field);
    }
    let row = first_row(&model.sessions, areas.list) + usize::from(at.y.checked_sub(areas.list.y)?);
    let there = areas.list.contains(at) && model.sessions.list.get(row).is_some();
    there.then_some(Target::Row(row))
}

/// The first row that is shown: the selected one stands in the middle, as far as that can be.
fn first_row(sessions: &Sessions, list: Rect) -> usize {
    let rows = usize::from(list.height);
    let top = sessions.list.selected().saturating_sub(rows / 2);
    let last = sessions.list.total().map(|total| total.saturating_sub(rows));
    last.map_or(top, |last| top.min(last))
}

fn state(model: &Model, looked: &Listed, room: usize) -> String {
    let sessions = &model.sessions;
    if let Some(error) = &sessions.error {
        return format!("✗ {error}");
    }
    if let Some((_, title)) = &sessions.merging {
        return format!("m on another session merges “{}” into it · Esc cancels", cut(title, 30));
    }
    if let Some((_, title)) = sessions.deleted.first() {
        let rest = match sessions.deleted.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let title = cut(title, 24);
        return format!("deleted “{title}”{rest}; press u to undo (until you quit)");
    }
    if sessions.focus == ListFocus::List {
        return joined(KEYS.iter().copied(), room);
    }
    let all = *looked == Listed::default();
    let known = model.status.as_ref().filter(|_| all).map(|status| status.sessions as usize);
    match sessions.list.total().or(known) {
        Some(0) if !all => "No session matches.".to_owned(),
        Some(0) => "No sessions yet.".to_owned(),
        Some(total) => {
            let sessions = counted(total as u64, "session");
            joined([sessions.as_str(), "newest first", "Tab to the list"], room)
        }
        None if sessions.list.current().is_none() => "reading …".to_owned(),
        None => joined(["newest first", "Tab to the list"], room),
    }
}

/// What is asked about a session, below the list.
fn ask(model: &Model, prompt: &Prompt, frame: &mut Frame, area: Rect) {
    let mut rest = area;
    if rest.height > 1 {
        let parts: &[&str] = match prompt.asked {
            Asked::Name => &["Enter rename", "Esc cancel", "leave empty to restore the title"],
            Asked::Tags => {
                &["Enter save tags", "Esc cancel", "garden -old adds garden, removes old"]
            }
            Asked::File => {
                &["Enter export", "Esc cancel", "end the name in .md, .json, .jsonl or .html"]
            }
        };
        let hint = joined(parts, usize::from(rest.width.saturating_sub(4)));
        rule(frame, layout::cut_top(&mut rest, 1), &hint, model.theme.quiet);
    }
    let shown = match prompt.asked {
        Asked::Name => "name",
        Asked::Tags => "tags",
        Asked::File => "export to",
    };
    let shown = field::Shown {
        prompt: shown,
        field: &prompt.field,
        focused: model.overlay.is_none(),
        marked: &[],
    };
    field::draw(frame, rest, &shown, &model.theme);
}

fn list(model: &Model, frame: &mut Frame, area: Rect) {
    let sessions = &model.sessions;
    let rows = usize::from(area.height);
    let selected = sessions.list.selected();
    let top = first_row(sessions, area);
    let merging = sessions.merging.as_ref().map(|(id, _)| *id);
    let lines = (top..top + rows)
        .filter_map(|at| Some((at, sessions.list.get(at)?)))
        .map(|(at, session)| {
            let mark = match (at == selected, merging == Some(session.id)) {
                (true, _) => "▸ ",
                (false, true) => "◆ ",
                (false, false) => "  ",
            };
            row(session, mark, area.width, &model.theme)
        })
        .collect();
    put(frame, area, lines);
}

/// A session on one line: its title, and as much beside it as there is room for.
fn row(session: &Session, mark: &'static str, available: u16, theme: &Theme) -> Line<'static> {
    let available = usize::from(available);
    let selected = mark.starts_with('▸');
    let style = if selected { theme.selected } else { theme.text };
    let mut beside = String::new();
    if available >= 50 {
        let when = session.last_said_at.or(session.first_said_at).map(day).unwrap_or_default();
        beside = format!("{when:>18}");
    }
    if available >= 72 {
        beside = format!(" {:<12} {:>7}{beside}", cut(&session.source, 12), count(session.turns));
    }
    let room = available.saturating_sub(width(&beside) + width(mark) + 1);
    let (pin, tags) = (if session.pinned { "★ " } else { "" }, about(session));
    let tags = cut(&tags, room / 2);
    let title = cut(&session.display_title(), room.saturating_sub(width(pin) + width(&tags)));
    let gap = room.saturating_sub(width(pin) + width(&title) + width(&tags));
    Line::from(vec![
        Span::styled(mark, theme.selected),
        Span::styled(pin, theme.mark),
        Span::styled(title, style),
        Span::styled(tags, theme.source),
        Span::raw(" ".repeat(gap)),
        Span::styled(beside, theme.quiet),
    ])
}

/// What stands behind the title: that it is a branch of another, how far it was read, its tags.
fn about(session: &Session) -> String {
    let mut about = String::new();
    if session.forked_from.is_some() {
        about.push_str("  ⑂ branch");
    }
    let read = session.read_position.filter(|_| session.source != SOURCE_CHAT && session.turns > 0);
    if let Some(position) = read {
        let share = (position.max(0) as f64 / session.turns as f64).min(1.0);
        about = format!("{about}  {:.0} % read", share * 100.0);
    }
    for tag in &session.tags {
        about = format!("{about}  #{tag}");
    }
    about
}
