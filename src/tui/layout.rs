//! Where things stand on the screen. Pure arithmetic: `update` asks it how far a page is, `view`
//! draws into what it gives. Every rectangle lies inside the window, and may be empty.

use super::model::{Model, View};
use super::wrap;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// From this width on, a source or a preview stands beside what it belongs to.
const WIDE: u16 = 100;
/// Lines longer than this are hard to read.
const READABLE: u16 = 96;

/// The parts of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// The line at the top.
    pub header: Rect,
    /// What the view fills. Empty where a source takes its place.
    pub body: Rect,
    /// The open source.
    pub side: Rect,
    /// The composer, its rule and its prompt included.
    pub composer: Rect,
    /// The line at the bottom.
    pub status: Rect,
}

/// Splits the window.
pub fn areas(model: &Model, window: Rect) -> Areas {
    let none = Rect::new(window.x, window.y, 0, 0);
    let mut rest = window;
    let status = if rest.height >= 4 {
        let rows = notice_rows(model, window.width);
        cut_bottom(&mut rest, rows.min(window.height / 4).max(1))
    } else {
        none
    };
    let header = match rest.height {
        0..8 => none,
        8..16 => cut_top(&mut rest, 1),
        // A line of air below it.
        _ => cut_top(&mut rest, 2),
    };
    let mut areas = Areas { header, body: rest, side: none, composer: none, status };
    if model.view == View::Chat {
        let rows = composer_height(model, rest);
        areas.composer = cut_bottom(&mut rest, rows);
        areas.body = rest;
        if model.source.is_some() {
            if window.width >= WIDE {
                let side = (rest.width * 2 / 5).min(READABLE);
                areas.side = Rect { x: rest.right() - side, width: side, ..rest };
                areas.body.width -= side;
            } else {
                areas.side = rest;
                areas.body = none;
            }
        }
    }
    areas
}

/// How many rows the status line takes: a notice that is longer than a row goes on below.
fn notice_rows(model: &Model, width: u16) -> u16 {
    let Some(notice) = &model.notice else { return 1 };
    let mut pieces = wrap::Pieces::default();
    pieces.push_line(&notice.shown(), Style::new());
    u16::try_from(pieces.wrap(status_text(Rect { width, height: 1, ..Rect::ZERO }).width).len())
        .unwrap_or(u16::MAX)
}

/// Where the text of the status line stands.
pub fn status_text(status: Rect) -> Rect {
    let margin = u16::from(status.width >= 30) * 2;
    Rect { x: status.x + margin, width: status.width.saturating_sub(margin), ..status }
}

/// Where the conversation's text stands inside of the body: with a margin, not too wide.
pub fn transcript(body: Rect) -> Rect {
    let margin = u16::from(body.width >= 30) * 2;
    let width = body.width.saturating_sub(2 * margin).min(READABLE);
    Rect { x: body.x + margin.min(body.width), width, ..body }
}

/// Where the text of the composer stands: below its rule, behind its prompt.
pub fn composer_text(composer: Rect) -> Rect {
    let rule = u16::from(composer.height >= 2);
    let prompt = if composer.width >= 20 { 4 } else { 2.min(composer.width) };
    Rect {
        x: composer.x + prompt,
        y: composer.y + rule,
        width: composer.width - prompt,
        height: composer.height - rule,
    }
}

fn composer_height(model: &Model, rest: Rect) -> u16 {
    if rest.height <= 2 {
        return rest.height.min(1);
    }
    let rule = u16::from(rest.height >= 5);
    let inner = composer_text(Rect { height: 2, ..rest }).width.max(1);
    let most = (rest.height / 3).clamp(1, 10);
    let rows = model.chat.composer.height(inner, usize::from(most));
    u16::try_from(rows).unwrap_or(u16::MAX).clamp(1, most) + rule
}

/// The parts of a view with a field above a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListAreas {
    /// The field.
    pub field: Rect,
    /// What is known of the list as a whole.
    pub summary: Rect,
    /// The list.
    pub list: Rect,
    /// The preview of the selected row.
    pub preview: Rect,
}

/// Splits a body into a field, a list and, if asked for, a preview.
pub fn list(body: Rect, preview: bool) -> ListAreas {
    let none = Rect::new(body.x, body.y, 0, 0);
    let mut rest = body;
    let field = cut_top(&mut rest, 1);
    let summary = if rest.height >= 4 { cut_top(&mut rest, 1) } else { none };
    let mut areas = ListAreas { field, summary, list: rest, preview: none };
    if preview && body.width >= WIDE {
        let side = rest.width / 2;
        areas.preview = Rect { x: rest.right() - side, width: side, ..rest };
        areas.list.width -= side;
    } else if preview && rest.height >= 12 {
        areas.preview = cut_bottom(&mut rest, areas.list.height * 2 / 5);
        areas.list = rest;
    }
    areas
}

/// A rectangle in the middle of the window, at most so large.
pub fn centred(window: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(window.width), height.min(window.height));
    Rect {
        x: window.x + (window.width - width) / 2,
        y: window.y + (window.height - height) / 2,
        width,
        height,
    }
}

/// Takes rows from the top of a rectangle, as many as there are.
pub fn cut_top(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    let cut = Rect { height: rows, ..*rest };
    rest.y += rows;
    rest.height -= rows;
    cut
}

/// Takes rows from the bottom of a rectangle, as many as there are.
pub fn cut_bottom(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    rest.height -= rows;
    Rect { y: rest.bottom(), height: rows, ..*rest }
}
