//! What the memory holds: figures and charts, in as many columns as there is room for.

mod charts;
mod facts;

use super::{more, put, rule};
use crate::assistant::Stats;
use crate::tui::model::Model;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// A column narrower than this is not worth beginning another one.
const COLUMN: u16 = 56;
/// In fewer rows than this the beginning of a part says nothing.
const LEAST: u16 = 4;
/// Charts wider than this say nothing more.
const WIDEST: u16 = 110;

/// A part of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Facts,
    Means,
    Months,
    Sources,
    Speakers,
    Subjects,
    Hours,
    Growth,
    Size,
}

/// The parts that have something to show.
fn shown(model: &Model) -> Vec<Part> {
    let mut parts = vec![Part::Facts];
    if !model.memory.subjects.is_empty() {
        parts.push(Part::Subjects);
    }
    parts.push(Part::Means);
    if let Some(stats) = &model.memory.stats {
        parts.extend(
            [
                (Part::Months, stats.months.len() > 1),
                (Part::Sources, !stats.sources.is_empty()),
                (Part::Speakers, !stats.speakers.is_empty()),
                (Part::Hours, stats.hours.iter().any(|count| *count > 0)),
                (Part::Growth, !stats.growth.is_empty()),
            ]
            .into_iter()
            .filter_map(|(part, worth)| worth.then_some(part)),
        );
    }
    if model.memory.sizes.is_some() {
        parts.push(Part::Size);
    }
    parts
}

/// How many parts there are.
pub fn parts(model: &Model) -> usize {
    shown(model).len()
}

impl Part {
    fn title(self) -> &'static str {
        match self {
            Self::Facts => "",
            Self::Means => "encoder and file",
            Self::Months => "said, by month",
            Self::Sources => "sources, by turns",
            Self::Speakers => "speakers, by turns",
            Self::Subjects => "subjects, by number of turns",
            Self::Hours => "said, by hour of the day",
            Self::Growth => "growth, turns remembered",
            Self::Size => "what uses the space",
        }
    }

    /// How many rows it takes at a width, its title and a line of air included.
    fn height(self, model: &Model, width: u16) -> u16 {
        let rows = |count: usize| u16::try_from(count.min(charts::MOST_BARS)).unwrap_or(u16::MAX);
        let stats = model.memory.stats.as_ref();
        let lines = |lines: Vec<Line<'_>>| u16::try_from(lines.len()).unwrap_or(u16::MAX);
        match self {
            Self::Facts => lines(facts::held(model, width)) + 1,
            Self::Means => lines(facts::means(model, width)) + 2,
            Self::Months => 8,
            Self::Hours => 7,
            Self::Growth => 8,
            Self::Sources => stats.map_or(0, |stats| rows(stats.sources.len())) + 2,
            Self::Speakers => stats.map_or(0, |stats| rows(stats.speakers.len())) + 2,
            Self::Subjects => rows(model.memory.subjects.len()) + 2,
            Self::Size => 8,
        }
    }

    fn draw(self, model: &Model, frame: &mut Frame, area: Rect) {
        let theme = &model.theme;
        let mut inside = area;
        if self != Self::Facts {
            rule(frame, area, self.title(), theme.quiet);
            inside.y += 1.min(area.height);
            inside.height =
                area.height.saturating_sub(2).max(area.height.min(2) - area.height.min(1));
        }
        let none = Stats::default();
        let stats = model.memory.stats.as_deref().unwrap_or(&none);
        match self {
            Self::Facts => put(frame, inside, facts::held(model, area.width)),
            Self::Means => put(frame, inside, facts::means(model, area.width)),
            Self::Months => charts::months(&stats.months, frame, inside, theme),
            Self::Sources => charts::tallies(&stats.sources, frame, inside, theme),
            Self::Speakers => charts::tallies(&stats.speakers, frame, inside, theme),
            Self::Subjects => charts::subjects(&model.memory.subjects, frame, inside, theme),
            Self::Hours => charts::hours(&stats.hours, frame, inside, theme),
            Self::Growth => charts::growth(&stats.growth, frame, inside, theme),
            Self::Size => {
                if let Some(sizes) = &model.memory.sizes {
                    charts::sizes(sizes, frame, inside, theme);
                }
            }
        }
    }
}

pub(super) fn draw(model: &Model, frame: &mut Frame, body: Rect) {
    let margin = u16::from(body.width >= 30) * 2;
    let width = body.width.saturating_sub(2 * margin);
    let columns = (width / COLUMN).max(1);
    let gap = if columns > 1 { 3 } else { 0 };
    let column = ((width + gap) / columns).saturating_sub(gap).min(WIDEST);
    let (mut at, mut y, mut cut) = (0, body.y, false);
    let parts = shown(model);
    let first = model.memory.scroll.min(parts.len().saturating_sub(1));
    let parts = &parts[first..];
    let all: u16 = parts.iter().map(|part| part.height(model, column)).fold(0, u16::saturating_add);
    let even = body.y + body.height.min(all / columns + 4);
    for part in parts {
        let height = part.height(model, column);
        // Several columns are of even heights, as far as all goes into them.
        let bottom = if at + 1 < columns { even } else { body.bottom() };
        let left = bottom.saturating_sub(y);
        // A part is shown whole or not at all; only at the end of the last column, and at the top
        // of any, as much of it as there is room for.
        let worth = at + 1 == columns && left >= LEAST;
        if height > left && y > body.y && !worth {
            at += 1;
            y = body.y;
        }
        if at >= columns {
            more(frame, body, " ↓ more ", &model.theme);
            return;
        }
        let x = body.x + margin + at * (column + gap);
        let area = Rect { x, y, width: column, height: height.min(body.bottom() - y) };
        part.draw(model, frame, area);
        y += area.height;
        cut = height > area.height;
    }
    if cut {
        more(frame, body, " ↓ more ", &model.theme);
    }
}
