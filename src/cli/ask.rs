//! `recount ask`.

use super::args::AskArgs;
use super::search::{batch, day, filter, print_hit};
use super::{CliError, Output, Status};
use crate::assistant::{Assistant, Cancel};
use crate::evidence::{Answer, Query};
use crate::shapes;
use serde_json::Value;
use std::io::{self, Write};

pub(super) fn run(
    args: &AskArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let base = filter(&args.filter)?;
    super::import::encode_a_few(output, assistant, cancel)?;
    if args.batch {
        return batch(&base, cancel, |query| {
            Ok(shapes::answer(&assistant.ask(query, cancel, &mut |_| ())?))
        });
    }
    let text = super::output::argument_or_stdin(args.question.as_deref().unwrap_or_default())?;
    if text.trim().is_empty() {
        return Err(CliError::Usage("the question is empty; type what you want to know".into()));
    }
    let query = Query { filter: base, ..Query::new(text) };
    let answer = assistant.ask(&query, cancel, &mut |_| ())?;
    if args.remember {
        assistant.record(&answer)?;
    }
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", shapes::line(&Value::Object(shapes::answer(&answer))))?;
    } else {
        print(&mut out, output, &answer)?;
        if args.explain {
            let mut query = query;
            query.filter.evidence_only = true;
            writeln!(out, "\n{}", output.dim("based on:"))?;
            for (index, hit) in assistant.search(&query, 10)?.iter().enumerate() {
                print_hit(&mut out, output, index + 1, hit, true)?;
            }
        }
    }
    out.flush()?;
    Ok(if answer.abstained { Status::NothingFound } else { Status::Done })
}

pub(super) fn print(out: &mut impl Write, output: Output, answer: &Answer) -> io::Result<()> {
    if answer.abstained {
        writeln!(out, "{}", output.bold("I don't know."))?;
    } else {
        writeln!(out, "{}", output.bold(&answer.text))?;
    }
    if let Some(reason) = &answer.reason {
        writeln!(out, "{}", output.dim(reason))?;
    }
    for citation in &answer.citations {
        let when = citation.said_at.map(day).map(|day| format!(", {day}")).unwrap_or_default();
        writeln!(
            out,
            "{} {}: “{}” {}",
            output.accent(&format!("[{}]", citation.number)),
            crate::conversation::visible(&format!(
                "{}{when}",
                crate::conversation::name_of(&citation.speaker)
            )),
            crate::conversation::visible(&citation.quote),
            output.dim(&format!("(session {}, turn {})", citation.session, citation.turn)),
        )?;
    }
    Ok(())
}
