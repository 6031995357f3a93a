//! `recount sessions`.

use super::args::{SessionsArgs, SessionsCommand};
use super::search::day;
use super::{CliError, Output, Status};
use crate::assistant::{Assistant, AssistantError, SessionQuery};
use crate::conversation::{SessionId, visible};
use crate::shapes;
use serde_json::Value;
use std::io::{self, Write};

/// How many turns are read from memory at a time.
const PAGE: usize = 500;

pub(super) fn run(
    args: SessionsArgs,
    output: Output,
    assistant: &Assistant,
) -> Result<Status, CliError> {
    match args.command {
        None => list(output, assistant, "", 0, 50, false),
        Some(SessionsCommand::List { filter, limit, offset, json }) => list(
            output,
            assistant,
            filter.as_deref().unwrap_or_default(),
            offset as usize,
            limit as usize,
            json,
        ),
        Some(SessionsCommand::Show { id, json }) => show(output, assistant, id, json),
    }
}

fn list(
    output: Output,
    assistant: &Assistant,
    filter: &str,
    offset: usize,
    limit: usize,
    as_json: bool,
) -> Result<Status, CliError> {
    let sessions = assistant.sessions(&SessionQuery::titled(filter), offset, limit)?;
    let mut out = io::stdout().lock();
    if as_json {
        let listed: Vec<Value> =
            sessions.iter().map(|session| shapes::session(session).into()).collect();
        writeln!(out, "{}", Value::Object(shapes::object([("sessions", listed.into())])))?;
    } else {
        for session in &sessions {
            writeln!(
                out,
                "{:>6}  {:<18}  {:>5}  {:<12}  {}",
                session.id.0,
                session.last_said_at.map(day).unwrap_or_default(),
                session.turns,
                visible(&session.source),
                output.bold(&session.display_title()),
            )?;
        }
        if sessions.is_empty() {
            output.message("no sessions");
        } else if sessions.len() == limit {
            output.message("there may be more; --limit and --offset show them");
        }
    }
    out.flush()?;
    Ok(Status::Done)
}

fn show(output: Output, assistant: &Assistant, id: i64, as_json: bool) -> Result<Status, CliError> {
    let session =
        assistant.session(SessionId(id))?.ok_or(AssistantError::NoSession(SessionId(id)))?;
    let mut turns = Vec::new();
    let mut out = io::stdout().lock();
    if !as_json {
        writeln!(out, "{}", output.bold(&session.display_title()))?;
    }
    let mut position = 0;
    loop {
        let page = assistant.turns(session.id, position, PAGE)?;
        let Some(last) = page.last() else { break };
        position = last.position + 1;
        for turn in page {
            if as_json {
                turns.push(shapes::turn(&turn));
                continue;
            }
            let when = turn
                .said_at
                .map(|at| at.civil().strftime("%-d %B %Y, %H:%M").to_string())
                .unwrap_or_default();
            let head = format!("{when}  turn {}", turn.id);
            writeln!(out, "\n{}  {}", output.accent(&turn.speaker), output.dim(&head))?;
            writeln!(out, "{}", visible(&turn.text))?;
        }
    }
    if as_json {
        let mut shown = shapes::session(&session);
        // The count of turns gives way to the turns; it is their number.
        shown.insert("turns".into(), turns.into());
        writeln!(out, "{}", Value::Object(shown))?;
    }
    out.flush()?;
    Ok(Status::Done)
}
