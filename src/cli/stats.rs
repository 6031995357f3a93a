//! `recount stats`: what memory holds, as tables, as charts, as JSON.

use super::args::StatsArgs;
use super::charts::{bar, bytes, columns, grouped};
use super::pager::Pager;
use super::search::day;
use super::{CliError, Output, Status, import};
use crate::assistant::{Assistant, Sizes, Stats, Tally};
use crate::conversation::{name_of, visible_line};
use crate::shapes;
use serde_json::{Value, json};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr as _;

/// How many rows a table of speakers or tags shows; JSON has them all.
const ROWS: usize = 15;
/// How many topics are told, in JSON as well.
const TOPICS: usize = 15;
/// More months than this are shown by the year.
const MONTHS: usize = 36;

pub(super) fn run(
    args: &StatsArgs,
    output: Output,
    assistant: &Assistant,
) -> Result<Status, CliError> {
    let stats = assistant.stats(&import::time_zone(args.tz.as_deref())?)?;
    let sizes = assistant.sizes()?;
    let topics = assistant.topics(TOPICS)?;
    if args.json {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", shapes::line(&whole(&stats, &topics, &sizes)))?;
        out.flush()?;
        return Ok(Status::Done);
    }
    let status = assistant.status()?;
    let mut page = Page {
        out: Pager::start(output),
        output,
        width: width(),
        charts: args.charts || output.is_terminal(),
    };
    let path = visible_line(&status.path.display().to_string()).into_owned();
    page.line("memory", &format!("{path}, {}", bytes(sizes.total())))?;
    page.line("sessions", &grouped(stats.sessions))?;
    let folded = match stats.folded {
        0 => String::new(),
        folded => format!(", and {} hidden", grouped(folded)),
    };
    page.line("turns", &format!("{}{folded}", grouped(stats.turns)))?;
    if let (Some(first), Some(last)) = (stats.first_said_at, stats.last_said_at) {
        let untimed = match stats.untimed {
            0 => String::new(),
            untimed => format!(", {} without a time", grouped(untimed)),
        };
        page.line("said", &format!("{} to {}{untimed}", day(first), day(last)))?;
    }
    let pending = match stats.pending {
        0 => "all made".to_owned(),
        pending => format!("{} pending", grouped(pending)),
    };
    page.line("embeddings", &pending)?;
    page.tallies("sources", &stats.sources)?;
    page.tallies("speakers", &stats.speakers)?;
    page.tallies("roles", &stats.roles)?;
    page.tallies("tags", &stats.tags)?;
    page.tallies("topics", &topics)?;
    page.time(&stats)?;
    page.sizes(&sizes)?;
    page.out.flush()?;
    Ok(Status::Done)
}

/// The width of the terminal, or of a usual one.
fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0)).clamp(40, 120)
}

struct Page {
    out: Pager,
    output: Output,
    width: usize,
    charts: bool,
}

impl Page {
    fn line(&mut self, what: &str, value: &str) -> io::Result<()> {
        writeln!(self.out, "{}{value}", self.output.dim(&format!("{what:<12}")))
    }

    fn head(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.output.accent(text))
    }

    fn tallies(&mut self, what: &str, tallies: &[Tally]) -> io::Result<()> {
        if tallies.is_empty() {
            return Ok(());
        }
        self.head(what)?;
        let rows: Vec<(String, u64, String)> = tallies
            .iter()
            .take(ROWS)
            .map(|one| {
                let s = if one.sessions == 1 { "" } else { "s" };
                let note = format!("in {} session{s}", grouped(one.sessions));
                (visible_line(name_of(&one.name)).into_owned(), one.turns, note)
            })
            .collect();
        self.rows(&rows)?;
        if tallies.len() > ROWS {
            let more = format!("and {} more", grouped((tallies.len() - ROWS) as u64));
            writeln!(self.out, "  {}", self.output.dim(&more))?;
        }
        Ok(())
    }

    /// Rows of a name, a number and a note, with bars where there are charts.
    fn rows(&mut self, rows: &[(String, u64, String)]) -> io::Result<()> {
        let widest = |of: &dyn Fn(&(String, u64, String)) -> usize| rows.iter().map(of).max();
        let names = widest(&|row| row.0.width()).unwrap_or_default().min(28);
        let numbers = widest(&|row| grouped(row.1).len()).unwrap_or_default();
        let notes = widest(&|row| row.2.width()).unwrap_or_default();
        let largest = rows.iter().map(|row| row.1).max().unwrap_or_default();
        let cells = self.width.saturating_sub(names + numbers + notes + 8).max(8);
        for (name, number, note) in rows {
            let name = cut(name, names);
            let gap = " ".repeat(names.saturating_sub(name.width()));
            let number_text = grouped(*number);
            write!(self.out, "  {name}{gap}  {number_text:>numbers$}")?;
            if !note.is_empty() {
                write!(self.out, "  {}", self.output.dim(note))?;
            }
            if self.charts && *number > 0 {
                let gap = " ".repeat(notes - note.width() + 2);
                write!(self.out, "{gap}{}", self.output.accent(&bar(*number, largest, cells)))?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn time(&mut self, stats: &Stats) -> io::Result<()> {
        if !stats.months.is_empty() {
            let (unit, months) = by_year_if_long(&stats.months);
            self.head(&format!("said by {unit}"))?;
            self.rows(&months)?;
            self.head("said by hour")?;
            self.hours(&stats.hours)?;
            self.head("said by day")?;
            let days =
                ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
            let days: Vec<_> = days
                .iter()
                .zip(stats.weekdays)
                .map(|(day, turns)| ((*day).to_owned(), turns, String::new()))
                .collect();
            self.rows(&days)?;
        }
        if !stats.growth.is_empty() {
            let (unit, mut months) = by_year_if_long(&stats.growth);
            let mut sum = 0;
            for (_, turns, note) in &mut months {
                sum += *turns;
                *note = format!("+{}", grouped(*turns));
                *turns = sum;
            }
            self.head(&format!("remembered, growth by {unit}"))?;
            self.rows(&months)?;
        }
        Ok(())
    }

    fn hours(&mut self, hours: &[u64; 24]) -> io::Result<()> {
        if self.charts {
            for line in columns(hours, 4, 2) {
                writeln!(self.out, "  {}", self.output.accent(&line))?;
            }
            let scale = "0     3     6     9     12    15    18    21";
            return writeln!(self.out, "  {}", self.output.dim(scale));
        }
        for (hour, turns) in hours.iter().enumerate().filter(|(_, turns)| **turns > 0) {
            writeln!(self.out, "  {hour:02}:00  {}", grouped(*turns))?;
        }
        Ok(())
    }

    fn sizes(&mut self, sizes: &Sizes) -> io::Result<()> {
        let total = sizes.total();
        if total == 0 {
            return Ok(());
        }
        self.head("space in the file")?;
        let rows = parts(sizes);
        let largest = rows.iter().map(|(_, size)| *size).max().unwrap_or_default();
        for (name, size) in rows.into_iter().filter(|(_, size)| *size > 0) {
            let share = format!("{:.0} %", size as f64 * 100.0 / total as f64);
            write!(self.out, "  {name:<16}{:>8}  {:>5}", bytes(size), share)?;
            if self.charts {
                let cells = self.width.saturating_sub(36).max(8);
                write!(self.out, "  {}", self.output.accent(&bar(size, largest, cells)))?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }
}

fn parts(sizes: &Sizes) -> [(&'static str, u64); 6] {
    [
        ("text", sizes.text),
        ("words", sizes.words),
        ("embeddings", sizes.embeddings),
        ("other", sizes.other),
        ("free", sizes.free),
        ("log", sizes.log),
    ]
}

/// Months as rows, or years where they are many.
fn by_year_if_long(months: &[(String, u64)]) -> (&'static str, Vec<(String, u64, String)>) {
    let row = |name: &str, turns| (name.to_owned(), turns, String::new());
    if months.len() <= MONTHS {
        return ("month", months.iter().map(|(month, turns)| row(month, *turns)).collect());
    }
    let mut years: Vec<(String, u64, String)> = Vec::new();
    for (month, turns) in months {
        let year = month.get(..4).unwrap_or(month);
        match years.last_mut() {
            Some((last, sum, _)) if last == year => *sum += turns,
            _ => years.push(row(year, *turns)),
        }
    }
    ("year", years)
}

/// A text of at most so many cells.
fn cut(text: &str, cells: usize) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        cut.push(c);
        if cut.width() >= cells {
            cut.pop();
            break;
        }
    }
    cut + "…"
}

fn whole(stats: &Stats, topics: &[Tally], sizes: &Sizes) -> Value {
    let tallies = |tallies: &[Tally]| -> Value {
        tallies
            .iter()
            .map(|one| json!({"name": one.name, "turns": one.turns, "sessions": one.sessions}))
            .collect()
    };
    let months = |months: &[(String, u64)]| -> Value {
        months.iter().map(|(month, turns)| json!({"month": month, "turns": turns})).collect()
    };
    let mut size: serde_json::Map<String, Value> =
        parts(sizes).into_iter().map(|(name, size)| (name.to_owned(), size.into())).collect();
    size.insert("total".into(), sizes.total().into());
    json!({
        "sessions": stats.sessions,
        "turns": stats.turns,
        "folded": stats.folded,
        "pending": stats.pending,
        "untimed": stats.untimed,
        "first_said_at": shapes::time(stats.first_said_at),
        "last_said_at": shapes::time(stats.last_said_at),
        "sources": tallies(&stats.sources),
        "speakers": tallies(&stats.speakers),
        "roles": tallies(&stats.roles),
        "tags": tallies(&stats.tags),
        "topics": tallies(topics),
        "months": months(&stats.months),
        "hours": stats.hours,
        "weekdays": stats.weekdays,
        "growth": months(&stats.growth),
        "bytes": size,
    })
}
