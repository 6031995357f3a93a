//! `recount say`: what Enter does in the screen.

use super::args::SayArgs;
use super::ask::print;
use super::search::batch;
use super::{CliError, Output, Status};
use crate::assistant::{Assistant, Cancel, Outcome, Reply};
use crate::conversation::SessionId;
use crate::evidence::Filter;
use crate::language::Intent;
use crate::shapes;
use serde_json::{Map, Value};
use std::io::{self, Write};

pub(super) fn run(
    args: &SayArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    if args.batch {
        // What is said in one batch is one session, so that a question can continue another.
        let mut session = None;
        return batch(&Filter::default(), cancel, |query| {
            if args.dry_run {
                return Ok(decided(assistant.intent(&query.text)));
            }
            let (fields, reply) = said(assistant, session, &query.text, cancel)?;
            session = Some(reply.session);
            Ok(fields)
        });
    }
    let text = super::output::argument_or_stdin(args.text.as_deref().unwrap_or_default())?;
    if text.trim().is_empty() {
        return Err(CliError::Usage("the text is empty; type a statement or a question".into()));
    }
    let mut out = io::stdout().lock();
    if args.dry_run {
        let intent = assistant.intent(&text);
        if args.json {
            writeln!(out, "{}", shapes::line(&Value::Object(decided(intent))))?;
        } else {
            writeln!(out, "{}", intent.as_str())?;
        }
        return Ok(Status::Done);
    }
    super::import::encode_a_few(output, assistant, cancel)?;
    let (fields, reply) = said(assistant, None, &text, cancel)?;
    let outcome = reply.outcome;
    if args.json {
        writeln!(out, "{}", shapes::line(&Value::Object(fields)))?;
    } else {
        match &outcome {
            Outcome::Noted => output.message("remembered"),
            Outcome::Answered { answer, .. } => print(&mut out, output, answer)?,
        }
    }
    if let Some(notice) = assistant.secrets_in(&text) {
        output.message(&format!("warning: {notice}"));
    }
    out.flush()?;
    Ok(match outcome {
        Outcome::Answered { answer, .. } if answer.abstained => Status::NothingFound,
        _ => Status::Done,
    })
}

fn decided(intent: Intent) -> Map<String, Value> {
    shapes::object([("kind", intent.as_str().into())])
}

/// Remembers or answers. The fields are the kind, the stored turn, and those of an answer.
fn said(
    assistant: &Assistant,
    session: Option<SessionId>,
    text: &str,
    cancel: &Cancel,
) -> Result<(Map<String, Value>, Reply), CliError> {
    let reply = assistant.say(session, text, None, cancel, &mut |_| ())?;
    let intent = match &reply.outcome {
        Outcome::Noted => Intent::Tell,
        Outcome::Answered { .. } => Intent::Ask,
    };
    let mut fields = decided(intent);
    fields.extend(shapes::object([
        ("turn", reply.turn.0.into()),
        ("session", reply.session.0.into()),
    ]));
    if let Outcome::Answered { answer, .. } = &reply.outcome {
        fields.extend(shapes::answer(answer));
    }
    Ok((fields, reply))
}
