//! The search: what was found, what stands around it, and why it was found.

use super::wrap::{cut, width};
use super::{bar, counted, day, field, put, rule, source};
use crate::evidence::Hit;
use crate::tui::layout;
use crate::tui::model::{ListFocus, Model};
use crate::tui::theme::Theme;
use crate::tui::update::parse;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// How many rows of the screen a hit takes in a list of this size.
pub fn row_height(list: Rect) -> u16 {
    if list.height >= 6 { 2 } else { 1 }
}

pub(super) fn draw(model: &Model, frame: &mut Frame, body: Rect) {
    let (search, theme) = (&model.search, &model.theme);
    let areas = layout::list(body, !search.hits.is_empty());
    let prompt = Span::styled(if body.width >= 30 { "  search › " } else { "› " }, theme.accent);
    let focused = search.focus == ListFocus::Field && model.help.is_none();
    field(frame, areas.field, prompt, &search.field, focused, theme);
    summary(model, frame, areas.summary);
    if search.hits.is_empty() {
        hints(model, frame, areas.list);
        return;
    }
    list(model, frame, areas.list);
    preview(model, frame, areas.preview);
}

fn summary(model: &Model, frame: &mut Frame, area: Rect) {
    let (search, theme) = (&model.search, &model.theme);
    let (query, chips) = parse(search.field.text());
    let mut spans = vec![Span::raw("  ")];
    for chip in chips {
        spans
            .push(Span::styled(format!("[{}: {}]", chip.name, cut(&chip.value, 24)), theme.source));
        spans.push(Span::raw(" "));
    }
    let said = match (&search.error, search.words.is_some(), search.meaning.is_some()) {
        _ if query.text.is_empty() => String::new(),
        (Some(error), ..) => format!("✗ {error}"),
        (None, true, _) if !search.answered => "searching …".to_owned(),
        (None, _, true) => {
            format!("{} by words, meaning follows …", counted(search.hits.len() as u64, "hit"))
        }
        (None, ..) => format!("{} by words and meaning", counted(search.hits.len() as u64, "hit")),
    };
    let style = if search.error.is_some() { theme.bad } else { theme.quiet };
    spans.push(Span::styled(cut(&said, usize::from(area.width.saturating_sub(2))), style));
    put(frame, area, vec![Line::from(spans)]);
}

fn hints(model: &Model, frame: &mut Frame, area: Rect) {
    let search = &model.search;
    let lines = if search.field.text().trim().is_empty() {
        vec![
            "Type to search everything that was said.",
            "",
            "speaker:ann   source:chatgpt   role:user",
            "since:2023-05   until:2024",
        ]
    } else if search.answered && search.meaning.is_none() && search.error.is_none() {
        vec!["Nothing was said about this."]
    } else {
        Vec::new()
    };
    let room = usize::from(area.width.saturating_sub(2));
    let lines = lines
        .into_iter()
        .map(|text| Line::styled(format!("  {}", cut(text, room)), model.theme.quiet))
        .collect();
    put(frame, area, lines);
}

fn list(model: &Model, frame: &mut Frame, area: Rect) {
    if area.is_empty() {
        return;
    }
    let search = &model.search;
    let height = row_height(area);
    let rows = usize::from(area.height / height).max(1);
    // The selected row stands in the middle, except near the ends.
    let top = search.selected.saturating_sub(rows / 2).min(search.hits.len().saturating_sub(rows));
    let mut lines = Vec::new();
    for (at, hit) in search.hits.iter().enumerate().skip(top).take(rows) {
        let selected = at == search.selected;
        lines.extend(row(hit, selected, height, area.width, &model.theme));
    }
    put(frame, area, lines);
}

fn row(
    hit: &Hit,
    selected: bool,
    height: u16,
    available: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let room = usize::from(available.saturating_sub(3));
    let mark = if selected { "▸ " } else { "  " };
    let style = if selected { theme.selected } else { theme.speaker };
    let mark = Span::styled(mark, theme.selected);
    if height == 1 {
        let text = format!("{}: {}", hit.turn.speaker, hit.turn.text);
        let style = if selected { theme.selected } else { theme.text };
        return vec![Line::from(vec![mark, Span::styled(cut(&text, room), style)])];
    }
    let speaker = cut(&hit.turn.speaker, room.min(24));
    let mut about = String::new();
    if let Some(at) = hit.turn.said_at {
        about = format!("  {}", day(at));
    }
    about = format!("{about}  {}", hit.session_title);
    let about = cut(&about, room.saturating_sub(width(&speaker)));
    let head = vec![mark, Span::styled(speaker, style), Span::styled(about, theme.quiet)];
    let text = Span::styled(cut(hit.turn.text.trim(), room), theme.text);
    vec![Line::from(head), Line::from(vec![Span::raw("  "), text])]
}

fn preview(model: &Model, frame: &mut Frame, area: Rect) {
    let Some(hit) = model.search.current().filter(|_| !area.is_empty()) else { return };
    let theme = &model.theme;
    let title = format!("{} · {}", hit.session_title, hit.source);
    rule(frame, area, &title, theme.quiet);
    let mut rest = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if rest.height >= 10 {
        let signals = signals(hit, usize::from(rest.width), theme);
        let rows = u16::try_from(signals.len()).unwrap_or(0).min(rest.height / 2);
        let below = layout::cut_bottom(&mut rest, rows);
        put(frame, below, signals);
    } else if rest.height >= 4 {
        let why: Vec<String> = strongest(hit)
            .into_iter()
            .map(|(name, value)| format!("{} {value:.2}", name.replace('_', " ")))
            .collect();
        let below = layout::cut_bottom(&mut rest, 1);
        let said = cut(&format!(" why: {}", why.join(" · ")), usize::from(below.width));
        put(frame, below, vec![Line::styled(said, theme.quiet)]);
    }
    let text = Rect { x: rest.x + 1.min(rest.width), width: rest.width.saturating_sub(2), ..rest };
    if text.is_empty() {
        return;
    }
    let around = model.search.preview.as_ref().filter(|preview| preview.turn == hit.turn.id);
    let mut lines = Vec::new();
    let mut central = 0;
    match around.filter(|preview| !preview.turns.is_empty()) {
        Some(preview) => {
            for turn in
                preview.turns.iter().filter(|turn| turn.kind.is_said() || turn.id == hit.turn.id)
            {
                let found = turn.id == hit.turn.id;
                if found {
                    central = lines.len();
                }
                lines.extend(source::turn_lines(turn, None, found, text.width, theme));
                lines.push(Line::default());
            }
        }
        None => lines.extend(source::turn_lines(&hit.turn, None, true, text.width, theme)),
    }
    let rows = usize::from(text.height);
    let top = central.saturating_sub(rows / 3).min(lines.len().saturating_sub(rows));
    put(frame, text, lines.into_iter().skip(top).take(rows).collect());
}

/// Why the hit was found: its strongest signals as bars.
fn signals(hit: &Hit, available: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled(" why this hit", theme.quiet)];
    let width = available.saturating_sub(26).min(24);
    lines.extend(strongest(hit).into_iter().map(|(name, value)| {
        let style: Style = if value < 0.0 { theme.quiet } else { theme.bar };
        let name = name.replace('_', " ");
        Line::from(vec![
            Span::styled(format!(" {name:<15} {value:>5.2} "), theme.text),
            Span::styled(bar(f64::from(value.abs()), width), style),
        ])
    }));
    lines
}

/// The strongest signals of a hit with their names.
fn strongest(hit: &Hit) -> Vec<(&'static str, f32)> {
    const SHOWN: usize = 6;
    let mut named: Vec<_> = hit
        .signals
        .named()
        .into_iter()
        // These only temper or sum up the others.
        .filter(|(name, value)| {
            *value != 0.0 && !matches!(*name, "length" | "neighbours" | "alone")
        })
        .collect();
    named.sort_by(|(_, a), (_, b)| b.abs().total_cmp(&a.abs()));
    named.truncate(SHOWN);
    named
}
