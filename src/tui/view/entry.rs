//! One entry of a conversation as lines.

use super::{day_and_time, markdown};
use crate::conversation::{Kind, Role, Turn, USER, name_of};
use crate::evidence::Citation;
use crate::language::Intent;
use crate::tui::model::{AnswerEntry, Body, Entry};
use crate::tui::theme::Theme;
use crate::tui::wrap::{Pieces, cut, width};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Returns an entry's lines at a width, with an empty one at the end.
pub fn lines(entry: &Entry, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = match &entry.body {
        Body::Said(turn) => said(turn, entry.marked, width, theme),
        Body::Mine { text, stored, noted } => {
            let mark = match (stored, noted) {
                (Some(_), true) => "✓ remembered",
                (Some(_), false) => "",
                // Only what is said in incognito is taken note of without being stored.
                (None, true) => "◌ not stored",
                (None, false) => "…",
            };
            let mut lines = vec![head(name_of(USER), mark, theme.speaker, theme)];
            lines.extend(written(text, false, width, theme));
            lines
        }
        Body::Answer(answer) => self::answer(answer, width, theme),
        Body::Note(text) => body(&format!("· {text}"), theme.quiet, width),
    };
    lines.push(Line::default());
    lines
}

/// A turn as memory holds it.
fn said(turn: &Turn, marked: bool, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    if !turn.kind.is_said() {
        let what = match turn.kind {
            Kind::Reasoning => "reasoning",
            _ => "tool",
        };
        let words = turn.text.split_whitespace().count();
        let folded = format!("⋯ {what}, {} (hidden)", super::counted(words as u64, "word"));
        return vec![Line::styled(cut(&folded, usize::from(width)), theme.quiet)];
    }
    let when = turn.said_at.map(day_and_time).unwrap_or_default();
    let name = match (turn.role, turn.kind) {
        (Role::User, Kind::Question) => name_of(USER),
        _ => name_of(&turn.speaker),
    };
    let style = if turn.role == Role::Assistant { theme.accent } else { theme.speaker };
    let mut first = head(name, &when, style, theme);
    if marked {
        first.spans.insert(0, Span::styled("▶ ", theme.mark));
    }
    let mut lines = vec![first];
    let laid_out = turn.role == Role::Assistant;
    lines.extend(written(&turn.text, laid_out, width, theme));
    lines
}

/// What somebody wrote. Assistants write markdown; what people write is laid out only where it
/// surely is.
fn written(text: &str, laid_out: bool, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    if laid_out || markdown::is_likely(text) {
        markdown::lines(text, 0, width, theme)
    } else {
        body(text, theme.text, width)
    }
}

/// The line above a text: who, and a quiet remark.
fn head(name: &str, remark: &str, style: Style, theme: &Theme) -> Line<'static> {
    let mut spans = vec![Span::styled(cut(name, 40), style)];
    if !remark.is_empty() {
        spans.push(Span::styled(format!("  {remark}"), theme.quiet));
    }
    Line::from(spans)
}

/// A text, wrapped.
fn body(text: &str, style: Style, width: u16) -> Vec<Line<'static>> {
    let mut pieces = Pieces::default();
    pieces.push(text.trim_end(), style);
    pieces.wrap(width)
}

fn answer(answer: &AnswerEntry, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let remark = match (answer.streaming, answer.abstained, answer.confidence) {
        (true, ..) if answer.text.is_empty() => match answer.intent {
            Some(Intent::Ask) => "searching memory …".to_owned(),
            Some(Intent::Tell) => "remembering …".to_owned(),
            None => "…".to_owned(),
        },
        (true, ..) => "…".to_owned(),
        (_, true, _) => "not in memory".to_owned(),
        (_, _, Some(confidence)) => sureness(confidence),
        _ => String::new(),
    };
    let mut lines = vec![head("recount", &remark, theme.accent, theme)];
    if answer.abstained {
        lines.extend(abstained(answer, width, theme));
    } else {
        if !answer.text.is_empty() {
            lines.extend(markdown::lines(&answer.text, answer.citations.len(), width, theme));
        }
        if let Some(reason) = &answer.reason {
            lines.extend(body(reason, theme.quiet, width));
        }
    }
    if !answer.citations.is_empty() {
        lines.push(Line::default());
    }
    lines.extend(answer.citations.iter().flat_map(|citation| source(citation, width, theme)));
    lines
}

/// How sure an answer is, in words and percent.
fn sureness(confidence: f32) -> String {
    let word = match confidence {
        c if c >= 0.8 => "confident",
        c if c >= 0.5 => "likely",
        _ => "unsure",
    };
    format!("{word}, {:.0} %", confidence.clamp(0.0, 1.0) * 100.0)
}

fn abstained(answer: &AnswerEntry, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut pieces = Pieces::default();
    pieces.push("○ I don't know.", theme.warn);
    if let Some(reason) = &answer.reason {
        pieces.push(" ", theme.text).push_line(reason, theme.text);
    }
    let mut lines = pieces.wrap(width);
    if !answer.text.trim().is_empty() {
        let mut pieces = Pieces::default();
        pieces.push("Related: ", theme.quiet).push(&answer.text, theme.text);
        lines.extend(pieces.wrap(width));
    }
    lines
}

/// A source below an answer: at most three lines, indented behind its number.
fn source(citation: &Citation, available: u16, theme: &Theme) -> Vec<Line<'static>> {
    const ROWS: usize = 3;
    let number = format!("[{}] ", citation.number);
    let indent = u16::try_from(width(&number)).unwrap_or(4).min(available / 2);
    let mut pieces = Pieces::default();
    pieces.push_line(name_of(&citation.speaker), theme.speaker);
    if let Some(at) = citation.said_at {
        pieces.push(&format!(", {}", super::day(at)), theme.quiet);
    }
    pieces.push(": ", theme.quiet);
    pieces.push_line(&format!("“{}”", citation.quote.trim()), theme.text);
    let mut wrapped = pieces.wrap(available - indent);
    if wrapped.len() > ROWS {
        wrapped.truncate(ROWS);
        if let Some(last) = wrapped.last_mut() {
            last.spans.push(Span::styled(" …", theme.quiet));
        }
    }
    let label = Span::styled(cut(&number, usize::from(indent)), theme.source);
    let space = Span::raw(" ".repeat(usize::from(indent)));
    for (row, line) in wrapped.iter_mut().enumerate() {
        line.spans.insert(0, if row == 0 { label.clone() } else { space.clone() });
    }
    wrapped
}
