//! `recount sessions`: lists and changes; what was said in one is shown by [`super::show`].

use super::args::{SessionsArgs, SessionsCommand, SessionsListArgs, SortArg};
use super::pager::Pager;
use super::search::{day, time};
use super::{CliError, Output, Status, forget, show};
use crate::assistant::{Assistant, AssistantError, Cancel, SessionQuery, SessionSort};
use crate::conversation::{Session, SessionId, Timestamp, tag_of, visible_line};
use crate::shapes;
use serde_json::{Value, json};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr as _;

/// How many sessions `recount sessions` lists.
const PAGE: usize = 50;

pub(super) fn run(
    args: SessionsArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let named = |id| -> Result<Session, CliError> {
        let id = SessionId(id);
        Ok(assistant.session(id)?.ok_or(AssistantError::NoSession(id))?)
    };
    match args.command {
        None => list(output, assistant, &SessionQuery::default(), 0, PAGE, false),
        Some(SessionsCommand::List(args)) => {
            let query = query(&args)?;
            let (offset, limit) = (args.offset as usize, args.limit as usize);
            list(output, assistant, &query, offset, limit, args.json)
        }
        Some(SessionsCommand::Show { id, folded, branches, json, .. }) => {
            show::run(output, assistant, &named(id)?, show::Shown { folded, branches }, json)
        }
        Some(SessionsCommand::Rename { id, name, clear }) => {
            let name = name.as_deref().map(str::trim).filter(|_| !clear);
            if name.is_some_and(str::is_empty) {
                let usage = "the name is empty; use --clear to remove a name";
                return Err(CliError::Usage(usage.into()));
            }
            assistant.rename_session(SessionId(id), name)?;
            output.message(&format!("session {id} is now “{}”", named(id)?.display_title()));
            Ok(Status::Done)
        }
        Some(SessionsCommand::Tag { id, tags, remove }) => {
            if let Some(bad) = tags.iter().find(|tag| tag_of(tag).is_none()) {
                return Err(CliError::Usage(format!("“{bad}” is not a tag; write a word")));
            }
            assistant.tag_session(SessionId(id), &tags, &remove)?;
            let tags = named(id)?.tags;
            output.message(&match tags.as_slice() {
                [] => format!("session {id} has no tags"),
                tags => format!("session {id} has the tags {}", tags.join(", ")),
            });
            Ok(Status::Done)
        }
        Some(SessionsCommand::Pin { ids, off }) => {
            for id in ids {
                assistant.pin_session(SessionId(id), !off)?;
                let is = if off { "no longer pinned" } else { "pinned" };
                output.message(&format!("session {id} is {is}"));
            }
            Ok(Status::Done)
        }
        Some(SessionsCommand::Merge { into, from }) => {
            named(into)?;
            for id in &from {
                named(*id)?;
            }
            let all: Vec<SessionId> = from.iter().copied().map(SessionId).collect();
            assistant.merge_sessions(SessionId(into), &all)?;
            for id in from {
                output.message(&format!("session {id} was merged into session {into}"));
            }
            Ok(Status::Done)
        }
        Some(SessionsCommand::Delete { ids, sure }) => {
            for id in &ids {
                named(*id)?;
            }
            forget::sessions(&ids, sure, output, assistant, cancel)
        }
    }
}

fn query(args: &SessionsListArgs) -> Result<SessionQuery, CliError> {
    Ok(SessionQuery {
        title: args.filter.clone().unwrap_or_default(),
        text: args.text.clone().unwrap_or_default(),
        source: args.source.clone(),
        speaker: args.speaker.clone(),
        tag: args.tag.clone(),
        since: args
            .since
            .as_deref()
            .map(|text| time(text, Timestamp::parse_beginning))
            .transpose()?,
        until: args.until.as_deref().map(|text| time(text, Timestamp::parse_end)).transpose()?,
        pinned: args.pinned,
        sort: match args.sort {
            SortArg::Activity => SessionSort::Activity,
            SortArg::Title => SessionSort::Title,
            SortArg::Turns => SessionSort::Turns,
            SortArg::Created => SessionSort::Created,
        },
        reverse: args.reverse,
    })
}

fn list(
    output: Output,
    assistant: &Assistant,
    query: &SessionQuery,
    offset: usize,
    limit: usize,
    as_json: bool,
) -> Result<Status, CliError> {
    let sessions = assistant.sessions(query, offset, limit)?;
    let total = assistant.session_count(query)?;
    if as_json {
        let mut out = io::stdout().lock();
        let listed: Vec<Value> =
            sessions.iter().map(|session| shapes::session(session).into()).collect();
        writeln!(out, "{}", shapes::line(&json!({"sessions": listed, "total": total})))?;
        out.flush()?;
    } else {
        let mut out = Pager::start(output);
        table(&mut out, output, &sessions)?;
        out.flush()?;
        drop(out);
        let last = offset + sessions.len();
        if (last as u64) < total && !sessions.is_empty() {
            output.message(&format!(
                "sessions {} to {last} of {total}; --offset {last} shows the next",
                offset + 1
            ));
        }
    }
    let open = *query
        == SessionQuery { sort: query.sort, reverse: query.reverse, ..SessionQuery::default() };
    if sessions.is_empty() && !as_json {
        output.message(if open { "no sessions" } else { "no session matches" });
    }
    Ok(if total == 0 && !open { Status::NothingFound } else { Status::Done })
}

/// A session a line: id, day, turns, source, title and what the user marked it with.
fn table(out: &mut impl Write, output: Output, sessions: &[Session]) -> io::Result<()> {
    let source = |session: &Session| visible_line(&session.source).into_owned();
    let widest = sessions.iter().map(|session| source(session).width()).max().unwrap_or_default();
    for session in sessions {
        let source = source(session);
        let gap = " ".repeat(widest - source.width());
        write!(
            out,
            "{} {:>6}  {:<17}  {:>5}  {}{gap}  {}",
            if session.pinned { "*" } else { " " },
            session.id.0,
            session.last_said_at.map(day).unwrap_or_default(),
            session.turns,
            output.dim(&source),
            output.bold(&visible_line(&session.display_title())),
        )?;
        for tag in &session.tags {
            write!(out, " {}", output.accent(&format!("#{}", visible_line(tag))))?;
        }
        writeln!(out)?;
    }
    Ok(())
}
