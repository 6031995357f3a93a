//! `recount answers`: lists, marks and exports stored answers.

use super::args::{AnswersArgs, AnswersCommand, AnswersListArgs, MarkArg};
use super::pager::Pager;
use super::search::day;
use super::{CliError, Output, Status};
use crate::assistant::{Assistant, MarkFilter, StoredAnswer};
use crate::conversation::{Mark, TurnId, name_of, visible_line};
use crate::shapes;
use serde_json::{Value, json};
use std::io::{self, Write};

pub(super) fn run(
    args: AnswersArgs,
    output: Output,
    assistant: &Assistant,
) -> Result<Status, CliError> {
    match args.command {
        None => list(&AnswersListArgs::default(), output, assistant),
        Some(AnswersCommand::List(args)) => list(&args, output, assistant),
        Some(AnswersCommand::Mark { id, mark }) => {
            let mark = marks(mark);
            assistant.mark_answer(TurnId(id), mark)?;
            output.message(&match mark {
                Some(mark) => format!("answer {id} is marked {}", mark.as_str()),
                None => format!("answer {id} has no mark"),
            });
            Ok(Status::Done)
        }
        Some(AnswersCommand::Export) => export(output, assistant),
    }
}

fn marks(mark: MarkArg) -> Option<Mark> {
    match mark {
        MarkArg::Right => Some(Mark::Right),
        MarkArg::Wrong => Some(Mark::Wrong),
        MarkArg::None => None,
    }
}

fn list(args: &AnswersListArgs, output: Output, assistant: &Assistant) -> Result<Status, CliError> {
    let filter = match args.marked.map(marks) {
        None => MarkFilter::Any,
        Some(None) => MarkFilter::Unmarked,
        Some(Some(mark)) => MarkFilter::Only(mark),
    };
    let answers = assistant.stored_answers(filter, args.limit as usize)?;
    if args.json {
        let mut out = io::stdout().lock();
        let listed: Vec<Value> = answers.iter().map(shape).collect();
        writeln!(out, "{}", shapes::line(&json!({"answers": listed})))?;
        out.flush()?;
    } else {
        let mut out = Pager::start(output);
        for answer in &answers {
            print(&mut out, output, answer)?;
        }
        out.flush()?;
    }
    let all = filter == MarkFilter::Any;
    if answers.is_empty() && !args.json {
        output.message(if all {
            "no stored answers; the screen and `recount ask --remember` store answers"
        } else {
            "no answers with this mark"
        });
    }
    Ok(if answers.is_empty() && !all { Status::NothingFound } else { Status::Done })
}

/// An answer: its id, day, mark and question on one line, then the answer, then its sources.
fn print(out: &mut impl Write, output: Output, answer: &StoredAnswer) -> io::Result<()> {
    let mark = answer.marked.map_or("", |marked| marked.mark.as_str());
    writeln!(
        out,
        "{:>6}  {:<17}  {mark:<5}  {}",
        answer.turn.0,
        answer.said_at.map(day).unwrap_or_default(),
        output.bold(&visible_line(answer.question.as_deref().unwrap_or("(question deleted)"))),
    )?;
    writeln!(out, "        {}", output.accent(&visible_line(&answer.text)))?;
    for citation in &answer.citations {
        writeln!(
            out,
            "        {}",
            output.dim(&visible_line(&format!(
                "[{}] {}: “{}” (session {}, turn {})",
                citation.number,
                name_of(&citation.speaker),
                citation.quote,
                citation.session,
                citation.turn
            )))
        )?;
    }
    Ok(())
}

/// The JSON of an answer. Names are a contract.
fn shape(answer: &StoredAnswer) -> Value {
    let given = answer.given.as_ref();
    let citations: Vec<Value> = answer.citations.iter().map(shapes::citation).collect();
    json!({
        "answer": answer.turn.0,
        "session": answer.session.0,
        "question": answer.question,
        "text": answer.text,
        "abstained": given.map(|given| given.abstained),
        "confidence": given.map(|given| shapes::double(f64::from(given.confidence))),
        "said_at": shapes::time(answer.said_at),
        "mark": answer.marked.map(|marked| marked.mark.as_str()),
        "marked_at": shapes::time(answer.marked.map(|marked| marked.at)),
        "citations": citations,
    })
}

fn export(output: Output, assistant: &Assistant) -> Result<Status, CliError> {
    let samples = assistant.marked_samples()?;
    if samples.left_out > 0 {
        output.message(&format!(
            "{} marked {} not exported: no question, no source, or nothing to \
             measure",
            samples.left_out,
            if samples.left_out == 1 { "answer is" } else { "answers are" },
        ));
    }
    let Some(file) = samples.file else {
        output.message("nothing to export: mark answers with `recount answers mark ID right`");
        return Ok(Status::NothingFound);
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{}", shapes::line(&file))?;
    out.flush()?;
    Ok(Status::Done)
}
