//! Draws the model. Every view is a function of `&Model`; nothing here changes anything, and
//! nothing but `wrap` decides how text from outside reaches the screen.

mod chat;
mod chips;
pub mod code;
mod confirm;
pub mod entry;
mod field;
mod import;
pub mod markdown;
pub mod memory;
mod onboarding;
pub mod overlay;
mod palette;
pub mod search;
mod sessions;
pub mod source;
mod status;
mod table;
use super::layout;
use super::model::{Model, Progress, View};
use super::theme::Theme;
use super::wrap;
use crate::conversation::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use std::borrow::Cow;
use std::sync::OnceLock;

pub use status::session_title as title;

/// Draws the whole screen.
pub fn draw(model: &Model, frame: &mut Frame) {
    let window = frame.area();
    if window.is_empty() {
        return;
    }
    let areas = layout::areas(model, window);
    status::header(model, frame, areas.header);
    match model.view {
        View::Chat => chat::draw(model, frame, &areas),
        View::Search => search::draw(model, frame, areas.body),
        View::Sessions => sessions::draw(model, frame, areas.body),
        View::Import => import::draw(model, frame, areas.body),
        View::Memory => memory::draw(model, frame, areas.body),
    }
    status::draw(model, frame, areas.status);
    if let Some(overlay) = &model.overlay {
        overlay::draw(model, overlay, frame, window);
    }
    if let Some(palette) = &model.palette {
        palette::draw(model, palette, frame, window);
    }
    if let Some(question) = &model.question {
        confirm::draw(model, question, frame, window);
    }
    if let Some(ground) = model.theme.text.bg {
        // A theme with a ground of its own has it everywhere, and nothing on it is written in the
        // terminal's own colour, which was chosen for another ground.
        let ink = model.theme.text.fg.unwrap_or(Color::Reset);
        for cell in &mut frame.buffer_mut().content {
            if cell.bg == Color::Reset {
                cell.bg = ground;
            }
            if cell.fg == Color::Reset {
                cell.fg = ink;
            }
        }
    }
}

/// What stands at a place of the screen and can be clicked on, beside the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The field of the view.
    Field,
    /// A row of its list.
    Row(usize),
    /// What a path may be completed to.
    Completion(usize),
    /// The preview of the selected row.
    Preview,
}

/// What stands at a place of the screen; `None` for what nothing is done with, and in the
/// conversation, which knows its own places.
pub fn target(model: &Model, at: Position) -> Option<Target> {
    if let Some(palette) = &model.palette {
        return palette::row_at(model, palette, model.area, at).map(Target::Row);
    }
    let body = layout::areas(model, model.area).body;
    match model.view {
        View::Chat | View::Memory => None,
        View::Search => search::target(model, body, at),
        View::Sessions => sessions::target(model, body, at),
        View::Import => import::target(model, body, at),
    }
}

/// Draws lines from the top of an area; what does not fit is left out.
fn put(frame: &mut Frame, area: Rect, mut lines: Vec<Line<'_>>) {
    if !area.is_empty() {
        for span in lines.iter_mut().flat_map(|line| &mut line.spans) {
            if let Cow::Owned(drawn) = wrap::drawn(&span.content) {
                span.content = drawn.into();
            }
        }
        frame.render_widget(Paragraph::new(lines), area);
    }
}

/// Draws a line across the top of an area.
fn rule(frame: &mut Frame, area: Rect, title: &str, style: Style) {
    if area.is_empty() {
        return;
    }
    let line = ruled(title, usize::from(area.width), style);
    put(frame, Rect { height: 1, ..area }, vec![line]);
}

/// Writes a remark into the right end of a rule, if there is room for it and for some of the rule.
fn remark(frame: &mut Frame, area: Rect, said: &str, style: Style) {
    let said = format!(" {said} ");
    let cells = u16::try_from(wrap::width(&said)).unwrap_or(u16::MAX);
    if area.is_empty() || area.width < cells.saturating_add(2) {
        return;
    }
    let place = Rect { x: area.right() - cells - 1, width: cells, height: 1, ..area };
    put(frame, place, vec![Line::styled(said, style)]);
}

/// A line of a width with a title in it.
fn ruled(title: &str, width: usize, style: Style) -> Line<'static> {
    let title = if title.is_empty() {
        String::new()
    } else {
        format!("─ {} ", wrap::cut(title, width.saturating_sub(4)))
    };
    let rest = "─".repeat(width.saturating_sub(wrap::width(&title)));
    Line::styled(title + &rest, style)
}

/// Says at the bottom of an area that there is more below.
fn more(frame: &mut Frame, area: Rect, said: &str, theme: &Theme) {
    let cells = u16::try_from(wrap::width(said)).unwrap_or(u16::MAX);
    if area.width > cells && area.height > 1 {
        let corner =
            Rect { x: area.right() - cells, y: area.bottom() - 1, width: cells, height: 1 };
        put(frame, corner, vec![Line::styled(said.to_owned(), theme.accent)]);
    }
}

/// Places the cursor inside of an area.
fn place_cursor(frame: &mut Frame, area: Rect, column: u16, row: u16) {
    if !area.is_empty() {
        frame.set_cursor_position(Position::new(
            area.x.saturating_add(column).min(area.right() - 1),
            area.y.saturating_add(row).min(area.bottom() - 1),
        ));
    }
}

/// The zone in which times are told: set once, before the first frame; UTC until then.
static ZONE: OnceLock<TimeZone> = OnceLock::new();

/// Tells times in the zone of this machine from now on.
pub fn use_local_time() {
    ZONE.get_or_init(TimeZone::system);
}

/// The date and time where the user is.
fn local(at: Timestamp) -> jiff::civil::DateTime {
    match ZONE.get() {
        Some(zone) => zone.to_datetime(at.to_jiff()),
        None => at.civil(),
    }
}

/// A day as people write it: `8 May 2023`.
pub fn day(at: Timestamp) -> String {
    local(at).strftime("%-d %B %Y").to_string()
}

/// A day with the time: `8 May 2023, 13:56`.
pub fn day_and_time(at: Timestamp) -> String {
    local(at).strftime("%-d %B %Y, %H:%M").to_string()
}

/// The time of day: `13:56`.
fn time_of_day(at: Timestamp) -> String {
    local(at).strftime("%H:%M").to_string()
}

/// Parts with dots between them, as many as fit: what matters less is left out whole rather than
/// cut. The first is there in any case.
fn joined(parts: impl IntoIterator<Item = impl AsRef<str>>, room: usize) -> String {
    let mut text = String::new();
    for part in parts {
        let part = part.as_ref();
        if text.is_empty() {
            part.clone_into(&mut text);
        } else if wrap::width(&text) + wrap::width(part) + 3 <= room {
            text = format!("{text} · {part}");
        } else {
            break;
        }
    }
    text
}

/// A number with its thousands apart: `12,345`.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun: `1 turn`, `12,345 turns`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// How far long work is, with its rate and the time left once they are known.
fn progress(progress: &Progress) -> String {
    let said = format!("{} of {}", count(progress.done), count(progress.done + progress.left));
    match (progress.rate(), progress.seconds_left()) {
        (Some(rate), Some(left)) => format!("{said}, {rate:.0}/s, {} left", time_left(left)),
        _ => said,
    }
}

/// A stretch of time that is still to come: `40 s`, `3 min`, `2 h`.
fn time_left(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 90.0 * 60.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.0} h", s / 3600.0),
    }
}

/// A size on disk: `12.3 MB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// A bar of a width, filled to a share from 0 to 1.
fn bar(share: f64, width: usize) -> String {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let full = (share * width as f64).round() as usize;
    "━".repeat(full) + &"╌".repeat(width - full.min(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(counted(1, "turn"), "1 turn");
        assert_eq!(counted(1_234_567, "turn"), "1,234,567 turns");
        assert_eq!(count(999), "999");
        assert_eq!(size(12_300_000), "12.3 MB");
        assert_eq!(bar(0.5, 4), "━━╌╌");
        assert_eq!(joined(["one", "two", "three"], 10), "one · two");
        assert_eq!(bar(f64::NAN, 2), "╌╌");
    }
}
