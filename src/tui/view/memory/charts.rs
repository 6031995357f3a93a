//! The charts. Every one says its figures in digits as well: nobody has to guess a bar's length.

use super::super::{count, put, size};
use crate::assistant::{Sizes, Subject, Tally};
use crate::conversation::name_of;
use crate::tui::layout;
use crate::tui::theme::Theme;
use crate::tui::wrap::{cut, width};
use ratatui::Frame;
use ratatui::layout::{Direction, Rect};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Bar, BarChart, BarGroup, Chart, Dataset, GraphType, Sparkline};

/// How many rows a table of bars has at most; what is beyond is summed up in its last row.
pub(super) const MOST_BARS: usize = 9;

/// Turns by month.
pub(super) fn months(months: &[(String, u64)], frame: &mut Frame, area: Rect, theme: &Theme) {
    let mut rest = area;
    let axis = layout::cut_bottom(&mut rest, 1);
    let peak_rows = u16::from(rest.height > 2);
    let peak = layout::cut_bottom(&mut rest, peak_rows);
    let values: Vec<u64> = months.iter().map(|(_, count)| *count).collect();
    let columns = stretched(&values, usize::from(rest.width));
    frame.render_widget(Sparkline::default().data(&columns).style(theme.bar), rest);
    if let (Some((first, _)), Some((last, _))) = (months.first(), months.last()) {
        put(frame, axis, vec![ends(&named(first), &named(last), columns.len(), theme)]);
    }
    if let Some((month, most)) = months.iter().max_by_key(|(_, count)| *count) {
        let said = format!("most in {}: {}", named(month), count(*most));
        put(frame, peak, vec![Line::styled(cut(&said, usize::from(peak.width)), theme.quiet)]);
    }
}

/// Turns by the hour of the day.
pub(super) fn hours(hours: &[u64; 24], frame: &mut Frame, area: Rect, theme: &Theme) {
    let mut rest = area;
    // Two cells an hour and one between them, where there is room.
    if rest.width >= 3 * 24 {
        let bars: Vec<Bar<'_>> = hours
            .iter()
            .enumerate()
            .map(|(hour, count)| {
                let label = if hour % 3 == 0 { format!("{hour:02}") } else { String::new() };
                Bar::default().value(*count).text_value(String::new()).label(Line::from(label))
            })
            .collect();
        let chart = BarChart::default()
            .data(BarGroup::default().bars(&bars))
            .bar_width(2)
            .bar_gap(1)
            .bar_style(theme.bar)
            .label_style(theme.quiet);
        frame.render_widget(chart, rest);
        return;
    }
    let axis = layout::cut_bottom(&mut rest, 1);
    let columns = stretched(hours, usize::from(rest.width));
    frame.render_widget(Sparkline::default().data(&columns).style(theme.bar), rest);
    put(frame, axis, vec![ends("00:00", "23:59", columns.len(), theme)]);
}

/// How the memory grew.
pub(super) fn growth(growth: &[(String, u64)], frame: &mut Frame, area: Rect, theme: &Theme) {
    let mut sum = 0;
    let mut points: Vec<(f64, f64)> = vec![(0.0, 0.0)];
    for (month, (_, added)) in growth.iter().enumerate() {
        sum += added;
        points.push((month as f64 + 1.0, sum as f64));
    }
    let (Some((first, _)), Some((last, _))) = (growth.first(), growth.last()) else { return };
    if growth.len() < 2 || area.height < 4 || area.width < 24 {
        let said = format!("{} by {}", count(sum), named(last));
        put(frame, area, vec![Line::styled(cut(&said, usize::from(area.width)), theme.text)]);
        return;
    }
    let data = Dataset::default()
        .marker(Marker::Braille)
        .graph_type(GraphType::Line)
        .style(theme.bar)
        .data(&points);
    let chart = Chart::new(vec![data])
        .x_axis(
            Axis::default()
                .style(theme.quiet)
                .bounds([0.0, growth.len() as f64])
                .labels([named(first), named(last)]),
        )
        .y_axis(
            Axis::default()
                .style(theme.quiet)
                .bounds([0.0, (sum as f64).max(1.0)])
                .labels(["0".to_owned(), count(sum)]),
        );
    frame.render_widget(chart, area);
}

/// Sources, speakers: the largest, and the rest as one.
pub(super) fn tallies(tallies: &[Tally], frame: &mut Frame, area: Rect, theme: &Theme) {
    let mut rows: Vec<(String, u64)> = tallies
        .iter()
        .take(MOST_BARS)
        .map(|tally| (name_of(&tally.name).to_owned(), tally.turns))
        .collect();
    if tallies.len() > MOST_BARS {
        let left = &tallies[MOST_BARS - 1..];
        rows.truncate(MOST_BARS - 1);
        let turns = left.iter().map(|tally| tally.turns).sum();
        rows.push((format!("{} others", count(left.len() as u64)), turns));
    }
    bars(&rows, count, usize::from(area.width) / 3, frame, area, theme);
}

/// What it is about: a subject is told by the words that name it.
pub(super) fn subjects(subjects: &[Subject], frame: &mut Frame, area: Rect, theme: &Theme) {
    let rows = subjects.iter().map(|subject| (subject.words.join(", "), subject.turns));
    let rows: Vec<(String, u64)> = rows.take(MOST_BARS).collect();
    bars(&rows, count, usize::from(area.width) * 3 / 5, frame, area, theme);
}

/// What takes the room.
pub(super) fn sizes(sizes: &Sizes, frame: &mut Frame, area: Rect, theme: &Theme) {
    let rows = [
        ("texts", sizes.text),
        ("words", sizes.words),
        ("embeddings", sizes.embeddings),
        ("other", sizes.other),
        ("free", sizes.free),
        ("log", sizes.log),
    ];
    let rows: Vec<(String, u64)> =
        rows.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    bars(&rows, size, usize::from(area.width) / 3, frame, area, theme);
}

/// Rows of a name, a figure and a bar.
fn bars(
    rows: &[(String, u64)],
    figure: fn(u64) -> String,
    widest: usize,
    frame: &mut Frame,
    area: Rect,
    theme: &Theme,
) {
    if area.is_empty() {
        return;
    }
    let room = usize::from(area.width);
    let figures: Vec<String> = rows.iter().map(|(_, value)| figure(*value)).collect();
    let digits = figures.iter().map(|text| width(text)).max().unwrap_or(0);
    let longest = rows.iter().map(|(name, _)| width(&cut(name, room))).max().unwrap_or(0);
    let names = longest.min(widest);
    let labels: Vec<Line<'static>> = rows
        .iter()
        .zip(&figures)
        .take(usize::from(area.height))
        .map(|((name, _), figure)| {
            let name = cut(name, names);
            let gap = names - width(&name).min(names) + digits - width(figure) + 1;
            Line::from(vec![
                Span::styled(name, theme.text),
                Span::styled(format!("{}{figure}", " ".repeat(gap)), theme.quiet),
            ])
        })
        .collect();
    let left = u16::try_from(names + digits + 2).unwrap_or(u16::MAX).min(area.width);
    put(frame, Rect { width: left, ..area }, labels);
    let beside = Rect { x: area.x + left, width: area.width - left, ..area };
    let bars: Vec<Bar<'_>> = rows
        .iter()
        .map(|(_, value)| Bar::default().value(*value).text_value(String::new()))
        .collect();
    let chart = BarChart::default()
        .data(BarGroup::default().bars(&bars))
        .direction(Direction::Horizontal)
        .bar_width(1)
        .bar_gap(0)
        .bar_style(theme.bar);
    if !beside.is_empty() {
        frame.render_widget(chart, beside);
    }
}

/// Values spread over so many columns, or summed up where they are more.
fn stretched(values: &[u64], columns: usize) -> Vec<u64> {
    if values.is_empty() || columns == 0 {
        return Vec::new();
    }
    if values.len() <= columns {
        let wide = columns / values.len();
        return values.iter().flat_map(|value| std::iter::repeat_n(*value, wide)).collect();
    }
    let bound = |column: usize| column * values.len() / columns;
    (0..columns).map(|column| values[bound(column)..bound(column + 1)].iter().sum()).collect()
}

/// What the left and the right end of a chart stand for.
fn ends(left: &str, right: &str, columns: usize, theme: &Theme) -> Line<'static> {
    let gap = columns.saturating_sub(width(left) + width(right)).max(1);
    Line::styled(format!("{left}{}{right}", " ".repeat(gap)), theme.quiet)
}

/// A month as people write it.
fn named(month: &str) -> String {
    let date: Option<jiff::civil::Date> = format!("{month}-01").parse().ok();
    date.map_or_else(|| cut(month, 12), |date| date.strftime("%b %Y").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fill_the_columns_there_are() {
        assert_eq!(stretched(&[1, 2], 5), [1, 1, 2, 2]);
        assert_eq!(stretched(&[1, 2, 3, 4, 5], 2), [3, 12]);
        assert_eq!(stretched(&[], 9), [0; 0]);
        assert_eq!(named("2023-05"), "May 2023");
    }
}
