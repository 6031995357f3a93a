//! The lines at the top and at the bottom.

use super::{count, counted, joined, put};
use crate::assistant::EncoderStatus;
use crate::tui::layout;
use crate::tui::model::{Body, Mode, Model, Tone, Undo, View};
use crate::tui::wrap::{Pieces, cut, width};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The line at the top: where one is.
pub(super) fn header(model: &Model, frame: &mut Frame, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let room = usize::from(area.width);
    let title = match model.view {
        View::Chat => session_title(model),
        View::Search => "search".to_owned(),
        View::Sessions => "sessions".to_owned(),
        View::Import => "import".to_owned(),
        View::Memory => "memory".to_owned(),
    };
    let keys = match model.view {
        View::Chat if model.chat.opened_from.is_none() => "F1 help ",
        _ => "Esc back  F1 help ",
    };
    let left = room.saturating_sub(13 + width(keys));
    let title = cut(&title, left);
    let gap = room.saturating_sub(12 + width(&title) + width(keys));
    put(
        frame,
        area,
        vec![Line::from(vec![
            Span::styled("  recount", theme.accent),
            Span::styled(" · ", theme.quiet),
            Span::styled(title, theme.text),
            Span::raw(" ".repeat(gap)),
            Span::styled(keys, theme.quiet),
        ])],
    );
}

/// What the session that is shown is called.
pub fn session_title(model: &Model) -> String {
    let transcript = &model.chat.transcript;
    if model.chat.opening.is_some() {
        return "opening …".to_owned();
    }
    if let Some(session) = &transcript.session {
        return session.display_title();
    }
    let first = transcript.entries().find_map(|entry| match &entry.body {
        Body::Mine { text, .. } => Some(text.clone()),
        _ => None,
    });
    first.unwrap_or_else(|| "new session".to_owned())
}

/// The line at the bottom: a notice, or the state of things.
pub(super) fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let room = usize::from(area.width).saturating_sub(2);
    let margin = if area.width >= 30 { "  " } else { "" };
    if let Some(notice) = &model.notice {
        let style = match notice.tone {
            Tone::Plain => theme.text,
            Tone::Good => theme.good,
            Tone::Bad => theme.bad,
        };
        let area = layout::status_text(area);
        let mut pieces = Pieces::default();
        pieces.push_line(&notice.shown(), style);
        let mut lines = pieces.wrap(area.width);
        if lines.len() > usize::from(area.height) {
            // The whole of it is in the list of notices.
            let last = usize::from(area.height.max(1)) - 1;
            lines.truncate(last);
            let mut rest = Pieces::default();
            let all = pieces.wrap(area.width);
            let tail: Vec<String> = all[last..].iter().map(ToString::to_string).collect();
            rest.push_line(&tail.join(" "), style);
            lines.push(rest.one_line(usize::from(area.width)));
        }
        put(frame, area, lines);
        return;
    }
    let text = joined(parts(model), room);
    put(frame, area, vec![Line::styled(format!("{margin}{}", cut(&text, room)), theme.quiet)]);
}

/// The state of things, what matters most first.
fn parts(model: &Model) -> Vec<String> {
    let Some(status) = &model.status else { return vec!["opening memory …".to_owned()] };
    let mut parts = Vec::new();
    if model.chat.read_only {
        parts.push("◌ READ-ONLY, nothing is stored".to_owned());
    } else if model.chat.incognito {
        parts.push("◌ INCOGNITO, nothing is stored".to_owned());
    }
    match model.chat.vim.as_ref().filter(|_| model.view == View::Chat).map(|vim| vim.mode) {
        Some(Mode::Normal) => parts.push("NORMAL".to_owned()),
        Some(Mode::Visual) => parts.push("VISUAL".to_owned()),
        Some(Mode::Insert) => parts.push("INSERT".to_owned()),
        None => {}
    }
    if let Some(undo) = &model.import.undo {
        parts.push(undoing(undo));
    }
    if model.import.job().is_some() && model.view != View::Import {
        parts.push("importing …".to_owned());
    }
    parts.push(counted(status.turns, "turn"));
    match (&status.encoder, model.encoding) {
        (EncoderStatus::Ready { .. }, Some(encoding)) => {
            parts.push(format!("encoding {}", super::progress(&encoding)));
        }
        (EncoderStatus::Ready { .. }, None) if status.pending == 0 => {
            parts.push("encoder ready".to_owned());
        }
        (EncoderStatus::Ready { .. }, None) => {
            parts.push(format!("{} to encode", count(status.pending)));
        }
        (EncoderStatus::Starting, _) => parts.push("encoder starting".to_owned()),
        (EncoderStatus::Unavailable { why }, _) => {
            parts.push(format!("! words only, no encoder: {why}"));
        }
    }
    parts.push(format!("decoder {}", status.decoder));
    parts.push("nothing leaves this machine".to_owned());
    parts
}

/// How far the undoing of an import is.
pub(super) fn undoing(undo: &Undo) -> String {
    match &undo.progress {
        _ if undo.stopping => "stopping …".to_owned(),
        None => "undoing an import …".to_owned(),
        Some(progress) => format!("undoing an import: {}", super::progress(progress)),
    }
}
