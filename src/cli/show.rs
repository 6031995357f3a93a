//! `recount sessions show`: what was said in a session.

use super::pager::Pager;
use super::search::day;
use super::{CliError, Output, Status};
use crate::assistant::Assistant;
use crate::conversation::{Kind, Session, TurnRecord, name_of, visible, visible_line};
use crate::shapes;
use serde_json::{Value, json};
use std::io::{self, Write};

/// What is shown beside what was said on the branch that the source shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    /// Reasoning, tool calls and their results.
    pub(super) folded: bool,
    /// Turns on other branches.
    pub(super) branches: bool,
}

pub(super) fn run(
    output: Output,
    assistant: &Assistant,
    session: &Session,
    shown: Shown,
    as_json: bool,
) -> Result<Status, CliError> {
    if as_json {
        let mut out = io::stdout().lock();
        let mut turns = Vec::new();
        assistant.each_turn(session.id, &mut |record| {
            turns.push(turn(record));
            Ok(())
        })?;
        let mut whole = shapes::session(session);
        // The count of turns gives way to the turns; it is their number.
        whole.insert("turns".into(), turns.into());
        writeln!(out, "{}", shapes::line(&Value::Object(whole)))?;
        out.flush()?;
        return Ok(Status::Done);
    }
    let mut out = Pager::start(output);
    head(&mut out, output, session)?;
    let (mut folded, mut branches) = (0, 0);
    assistant.each_turn(session.id, &mut |record| {
        if !record.on_active_path && !shown.branches {
            branches += 1;
        } else if !record.turn.kind.is_said() && !shown.folded {
            folded += 1;
        } else {
            print(&mut out, output, record)?;
        }
        Ok(())
    })?;
    for (count, what) in [
        (folded, "hidden (reasoning, tools); --folded shows them"),
        (branches, "on other branches; --branches shows them"),
    ] {
        if count > 0 {
            let s = if count == 1 { "" } else { "s" };
            writeln!(out, "\n{}", output.dim(&format!("{count} turn{s} {what}")))?;
        }
    }
    out.flush()?;
    Ok(Status::Done)
}

fn head(out: &mut impl Write, output: Output, session: &Session) -> io::Result<()> {
    writeln!(out, "{}", output.bold(&visible_line(&session.display_title())))?;
    let mut about = vec![format!("session {}", session.id), session.source.clone()];
    let days = (session.first_said_at.map(day), session.last_said_at.map(day));
    match days {
        (Some(first), Some(last)) if first != last => about.push(format!("{first} to {last}")),
        (Some(first), _) => about.push(first),
        _ => {}
    }
    about.extend(session.pinned.then(|| "pinned".to_owned()));
    about.extend(session.tags.iter().map(|tag| format!("#{tag}")));
    about.extend(session.forked_from.map(|turn| format!("forked from turn {turn}")));
    writeln!(out, "{}", output.dim(&visible_line(&about.join(", "))))
}

fn print(out: &mut impl Write, output: Output, record: &TurnRecord) -> io::Result<()> {
    let turn = &record.turn;
    let when = turn
        .said_at
        .map(|at| at.civil().strftime("%-d %B %Y, %H:%M").to_string())
        .unwrap_or_default();
    let mut head = format!("{when}  turn {}", turn.id);
    if !matches!(turn.kind, Kind::Message | Kind::Question) {
        head.push_str(", ");
        head.push_str(turn.kind.as_str());
    }
    if !record.on_active_path {
        head.push_str(", another branch");
    }
    let speaker = visible_line(name_of(&turn.speaker));
    writeln!(out, "\n{}  {}", output.accent(&speaker), output.dim(&head))?;
    writeln!(out, "{}", visible(&turn.text))?;
    for quotation in &record.quotations {
        let quote = visible_line(&quotation.quote);
        let source = format!("  [{}] turn {}: “{quote}”", quotation.number, quotation.turn);
        writeln!(out, "{}", output.dim(&source))?;
    }
    Ok(())
}

/// A turn with all that is kept of it.
fn turn(record: &TurnRecord) -> Value {
    let mut turn = shapes::turn(&record.turn);
    let citations: Vec<Value> = record
        .quotations
        .iter()
        .map(|one| json!({"number": one.number, "turn": one.turn.0, "quote": one.quote}))
        .collect();
    turn["on_active_path"] = record.on_active_path.into();
    turn["parent_source_id"] = record.parent_source_id.clone().into();
    turn["citations"] = citations.into();
    turn
}
