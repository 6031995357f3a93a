//! The text files of `imessage-exporter`: a line with the time, one with the name, what was said.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::shorten;
use crate::import::reading::chat::{service, spoken};
use crate::import::reading::dates;
use crate::import::reading::turns::Turns;
use crate::import::{Options, Sink};
use jiff::civil::{Date, DateTime};
use std::collections::HashSet;

/// A line that begins a message.
struct Begin<'t> {
    civil: DateTime,
    stamp: &'t str,
    /// An answer is shown below what it answers, set in; it comes again in its own place.
    inset: usize,
    /// What stands behind the time: an announcement, or when it was read.
    rest: &'t str,
}

/// Reads `May 17, 2022  5:29:42 PM`, with what may follow.
fn begin(line: &str) -> Option<Begin<'_>> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = line.trim_start();
    let inset = line.len() - text.len();
    let (month, after) = text.split_once(' ')?;
    let month = MONTHS.iter().position(|name| *name == month)? as i8 + 1;
    let (day, after) = after.trim_start().split_once(", ")?;
    let (year, after) = after.split_once(' ')?;
    let (clock, rest) = dates::clock(after)?;
    let seconds = after.split_whitespace().next()?.matches(':').count() == 2;
    let civil = Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    (clock.halves && seconds).then(|| Begin {
        civil: civil.to_datetime(clock.time),
        stamp: text[..text.len() - rest.len()].trim_end(),
        inset,
        rest: rest.trim(),
    })
}

/// Whether a text is such an export: it begins with a time, and a name follows.
pub(super) fn is_export(text: &str) -> bool {
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    let Some(first) = lines.next().and_then(begin) else { return false };
    let next = lines.next().unwrap_or_default().trim();
    first.inset == 0 && (!next.is_empty() || !first.rest.is_empty()) && begin(next).is_none()
}

/// Reads a file, which is a chat.
pub(super) fn conversation(
    text: &str,
    title: &str,
    options: &Options,
    sink: &mut dyn Sink,
) -> Conversation {
    let mut turns: Vec<(DateTime, NewTurn)> = Vec::new();
    let mut seen: HashSet<(DateTime, String, String)> = HashSet::new();
    let mut later = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let begins: Vec<usize> = (0..lines.len()).filter(|at| begin(lines[*at]).is_some()).collect();
    if let Some(line) = lines
        .iter()
        .take(begins.first().copied().unwrap_or(lines.len()))
        .find(|l| !l.trim().is_empty())
    {
        sink.skipped("line before the first message", &shorten(line));
    }
    for (place, at) in begins.iter().enumerate() {
        let Some(begin) = begin(lines[*at]) else { continue };
        let end = begins.get(place + 1).copied().unwrap_or(lines.len());
        let when = dates::instant(begin.civil, begin.stamp, options);
        let read = begin.rest.is_empty() || begin.rest.starts_with('(');
        let mut turn = if read {
            let name = lines.get(at + 1).filter(|_| at + 1 < end).map_or("", |name| name.trim());
            let body = lines.get(at + 2..end).unwrap_or_default();
            let name = if name.is_empty() { "Unknown" } else { name };
            NewTurn::message(Role::User, name, spoken(said(body, begin.inset)))
        } else {
            service(begin.rest)
        };
        turn.said_at_text = when.text;
        let turn = turn.at(when.said_at);
        let key = (begin.civil, turn.speaker.clone(), turn.text.clone());
        if begin.inset > 0 {
            later.push((key, turn));
        } else {
            seen.insert(key);
            turns.push((begin.civil, turn));
        }
    }
    for (key, turn) in later {
        if seen.insert(key.clone()) {
            turns.push((key.0, turn));
        }
    }
    turns.sort_by_key(|(civil, _)| *civil);
    let mut kept = Turns::default();
    let mut stamps = crate::import::reading::chat::Stamps::default();
    for (civil, mut turn) in turns {
        turn.source_id = Some(stamps.id(Some(civil), &turn.speaker));
        kept.push(turn, sink);
    }
    let turns = kept.into_vec();
    Conversation {
        title: Some(title.to_owned()),
        started_at: turns.iter().find_map(|turn| turn.said_at),
        turns,
        ..Conversation::default()
    }
}

/// Returns what was said, without the exporter's own remarks.
fn said(lines: &[&str], inset: usize) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut reactions = false;
    for line in lines {
        let own = line.get(inset.min(line.len())..).unwrap_or(line);
        if matches!(own, "Tapbacks:" | "Reactions:") {
            reactions = true;
        } else if reactions && own.starts_with("    ") {
            // Who liked it.
        } else if own == "This message responded to an earlier message." {
            reactions = false;
        } else {
            reactions = false;
            kept.push(own);
        }
    }
    kept.join("\n").trim().to_owned()
}
