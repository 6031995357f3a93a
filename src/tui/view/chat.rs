//! The conversation view.

use super::{counted, joined, onboarding, place_cursor, put, remark, rule, source};
use crate::language::Intent;
use crate::tui::keymap::{Action, Scope};
use crate::tui::layout::{self, Areas};
use crate::tui::model::{Composer, Focus, Model, Place};
use crate::tui::theme::Theme;
use crate::tui::update::{intent, matching};
use crate::tui::wrap;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

pub(super) fn draw(model: &Model, frame: &mut Frame, areas: &Areas) {
    if model.chat.transcript.is_empty() && onboarding::is_due(model) {
        onboarding::draw(model, frame, layout::transcript(areas.body));
    } else if model.chat.transcript.is_empty() {
        welcome(model, frame, layout::transcript(areas.body));
    } else {
        transcript(model, frame, areas.body);
    }
    if let Some(pane) = &model.source {
        source::draw(pane, frame, areas.side, model.chat.focus == Focus::Source, &model.theme);
    }
    composer(model, frame, areas.composer);
    commands(model, frame, areas);
}

fn transcript(model: &Model, frame: &mut Frame, body: Rect) {
    let area = layout::transcript(body);
    if area.is_empty() {
        return;
    }
    let transcript = &model.chat.transcript;
    let (at, skip) = transcript.top(area.width, area.height, &model.theme);
    let mut lines = Vec::new();
    let mut skip = skip;
    let selected = transcript.selected().map(|entry| entry.key);
    let mut marked = None;
    for entry in transcript.entries().skip(at) {
        let wrapped = transcript.lines(entry, area.width, &model.theme);
        let from = lines.len();
        lines.extend(wrapped.iter().skip(skip).cloned());
        if selected == Some(entry.key) {
            // The line of air below it is not marked.
            marked = Some((from, lines.len().saturating_sub(1)));
        }
        skip = 0;
        if lines.len() >= usize::from(area.height) {
            break;
        }
    }
    lines.truncate(usize::from(area.height));
    let (shown, focused) = (lines.len(), model.chat.focus == Focus::Transcript);
    put(frame, area, lines);
    if focused && body.width > area.width {
        // The focus shows as a bar in the margin, not by colour alone: beside the message that is
        // selected, or beside all.
        let (from, to) = if selected.is_some() { marked.unwrap_or_default() } else { (0, shown) };
        let bar = (0..shown).map(|row| match row {
            row if (from..to).contains(&row) => Line::styled("▎", model.theme.accent),
            _ => Line::default(),
        });
        put(frame, Rect { width: 1, ..body }, bar.collect());
    }
}

/// What the screen says before anything was said.
fn welcome(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut say = |text: &str, style| {
        let mut pieces = wrap::Pieces::default();
        pieces.push(text, style);
        lines.extend(pieces.wrap(area.width));
    };
    if let Some(status) = &model.status {
        say("New session", theme.title);
        let held = format!(
            "{} from {} are remembered. Ask about them, or add something new.",
            counted(status.turns, "turn"),
            counted(status.sessions, "session"),
        );
        say(&held, theme.text);
        say("", theme.text);
        let key = |action| model.keymap.key_of(Scope::Composer, action);
        let keys = [
            format!("{} search", key(Action::Search)),
            format!("{} sessions", key(Action::Sessions)),
            format!("{} keys", key(Action::Help)),
        ];
        say(&joined(keys, usize::from(area.width)), theme.quiet);
    }
    let spare = usize::from(area.height).saturating_sub(lines.len());
    let top = u16::try_from(spare / 2).unwrap_or(0);
    put(frame, Rect { y: area.y + top, height: area.height - top, ..area }, lines);
}

fn composer(model: &Model, frame: &mut Frame, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let focused = model.chat.focus == Focus::Composer;
    let style = if focused { theme.accent } else { theme.quiet };
    if area.height >= 2 {
        rule(frame, area, "", style);
        let text = layout::composer_text(area);
        let place = place_in_draft(&model.chat.composer, usize::from(text.height));
        let said: Vec<String> = place.into_iter().chain(on_enter(model, area.width)).collect();
        if !said.is_empty() {
            remark(frame, area, &said.join(" · "), theme.quiet);
        }
    }
    let text = layout::composer_text(area);
    let prompt = if text.x - area.x >= 4 { "  › " } else { "› " };
    let first = Rect { y: text.y, height: text.height.min(1), ..area };
    put(frame, first, vec![Line::styled(prompt, style)]);
    if text.is_empty() {
        return;
    }
    let composer = &model.chat.composer;
    if composer.is_empty() {
        let hint = if model.chat.asking.is_some() {
            "Esc cancels the answer"
        } else if !focused {
            "Tab to write"
        } else if model.chat.opened_from.is_some() {
            "Write, or Tab to read · Esc to go back"
        } else if text.width >= 40 {
            "Type a note or a question. / for commands"
        } else {
            "Note or ask; / for commands"
        };
        let hint = wrap::cut(hint, usize::from(text.width));
        put(frame, text, vec![Line::styled(hint, theme.quiet)]);
    } else {
        put(frame, text, written(composer, usize::from(text.height), theme));
    }
    if focused && model.overlay.is_none() {
        let (line, row) = composer.cursor_row();
        let (top, skipped) = composer.top();
        let above: usize = (top..line).map(|line| composer.rows(line).len()).sum();
        let row = u16::try_from((above + row).saturating_sub(skipped)).unwrap_or(u16::MAX);
        place_cursor(frame, text, u16::try_from(composer.column()).unwrap_or(u16::MAX), row);
    }
}

/// Where in a draft the cursor stands, if not all of the draft is in view.
fn place_in_draft(composer: &Composer, height: usize) -> Option<String> {
    let lines = composer.lines().len();
    let (line, row) = composer.cursor_row();
    let rows = composer.rows(line).len();
    if lines > height || lines > 1 && composer.top() != (0, 0) {
        Some(format!("line {} of {lines}", line + 1))
    } else if rows > height {
        Some(format!("row {} of {rows}", row + 1))
    } else {
        None
    }
}

/// What Enter will do with the draft, in words. In a wide window the key that switches it as well.
fn on_enter(model: &Model, width: u16) -> Option<String> {
    let will = match intent(model)? {
        Intent::Tell if model.chat.stores_nothing() => "will not be remembered",
        Intent::Tell => "will be remembered",
        Intent::Ask => "will be answered",
    };
    let chosen = if model.chat.decision.chosen.is_some() { ", as you chose" } else { "" };
    let key = model.keymap.key_of(Scope::Composer, Action::SwitchIntent);
    Some(if width < 60 || key.is_empty() {
        format!("{will}{chosen}")
    } else {
        format!("{will}{chosen} · {key} switches")
    })
}

/// The rows of what is written that are in view, the selection marked.
fn written(composer: &Composer, height: usize, theme: &Theme) -> Vec<Line<'static>> {
    let (top, skipped) = composer.top();
    let selection = composer.selection();
    let mut rows = Vec::new();
    for (number, line) in composer.lines().iter().enumerate().skip(top) {
        let skip = if number == top { skipped } else { 0 };
        for row in composer.rows(number).into_iter().skip(skip) {
            if rows.len() == height {
                return rows;
            }
            let text = |range: std::ops::Range<usize>| line[range].replace('\t', "    ");
            let Some((from, to)) = selection else {
                rows.push(Line::styled(text(row), theme.text));
                continue;
            };
            let byte = |place: Place| match place.line.cmp(&number) {
                std::cmp::Ordering::Less => 0,
                std::cmp::Ordering::Equal => place.byte,
                std::cmp::Ordering::Greater => usize::MAX,
            };
            let from = byte(from).clamp(row.start, row.end);
            let to = byte(to).clamp(row.start, row.end);
            rows.push(Line::from(vec![
                Span::styled(text(row.start..from), theme.text),
                Span::styled(text(from..to), theme.text.add_modifier(Modifier::REVERSED)),
                Span::styled(text(to..row.end), theme.text),
            ]));
        }
    }
    rows
}

/// The commands that what is typed may become, above the composer.
fn commands(model: &Model, frame: &mut Frame, areas: &Areas) {
    if model.chat.focus != Focus::Composer {
        return;
    }
    let [draft] = model.chat.composer.lines() else { return };
    let found: Vec<_> = matching(draft).collect();
    let above = areas.composer.y.saturating_sub(areas.header.bottom());
    let rows = u16::try_from(found.len()).unwrap_or(u16::MAX).min(above);
    if rows == 0 {
        return;
    }
    let area = Rect {
        y: areas.composer.y - rows,
        height: rows,
        width: areas.composer.width.min(60),
        ..areas.composer
    };
    frame.render_widget(Clear, area);
    let theme = &model.theme;
    let lines = found
        .iter()
        .enumerate()
        .map(|(row, command)| {
            let name = format!("{} {}", command.name, command.takes);
            let style = if row == 0 { theme.selected } else { theme.text };
            let mark = if row == 0 { "  ▸ " } else { "    " };
            Line::from(vec![
                Span::styled(mark, style),
                Span::styled(format!("{name:<20}"), style),
                Span::styled(command.help, theme.quiet),
            ])
        })
        .collect();
    put(frame, area, lines);
}
