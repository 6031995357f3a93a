//! `recount forget` and `recount sessions delete`: says what would go, asks, takes it away.

use super::args::{ForgetArgs, SureArgs};
use super::import::{count, encode_a_few};
use super::search::{day, time};
use super::{CliError, Output, Status};
use crate::assistant::{Assistant, Cancel, Chosen, ForgetFilter, Likeness, Traces};
use crate::conversation::{
    ImportId, SessionId, Timestamp, TurnId, name_of, speaker_of, visible_line,
};
use crate::shapes;
use serde_json::json;
use std::io::{self, IsTerminal as _, Write};

/// How many turns are listed before it is asked.
const LISTED: usize = 20;

pub(super) fn run(
    args: &ForgetArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    if args.traces {
        let traces = assistant.remove_traces();
        if traces == Traces::Gone {
            output.message("no traces of deleted turns are left");
        }
        tell_traces(&traces, output);
        return Ok(Status::Done);
    }
    let filter = filter(args)?;
    let meaning = match args.meaning.as_deref().map(str::trim) {
        Some("") => return Err(CliError::Usage("--meaning is empty; type what to delete".into())),
        Some(text) => Some(Likeness { text: text.to_owned(), at_least: args.likeness }),
        None => None,
    };
    if filter.is_empty() && meaning.is_none() {
        return Err(CliError::Usage(
            "choose what to delete: --turn, --session, --source, --speaker, --import, --text, \
             --meaning, --since or --until"
                .into(),
        ));
    }
    if !(0.0..=1.0).contains(&args.likeness) {
        return Err(CliError::Usage("--likeness must be from 0 to 1".into()));
    }
    if meaning.is_some() {
        encode_a_few(output, assistant, cancel)?;
    }
    let chosen = assistant.choose(&filter, meaning.as_ref())?;
    if cancel.is_cancelled() {
        return Err(CliError::Interrupted);
    }
    carry_out(&chosen, args.sure, output, assistant, cancel)
}

/// Permanently deletes whole sessions.
pub(super) fn sessions(
    ids: &[i64],
    sure: SureArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let sessions = Some(ids.iter().copied().map(SessionId).collect());
    let chosen = assistant.choose(&ForgetFilter { sessions, ..ForgetFilter::default() }, None)?;
    carry_out(&chosen, sure, output, assistant, cancel)
}

fn filter(args: &ForgetArgs) -> Result<ForgetFilter, CliError> {
    let text = args.text.clone();
    if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
        return Err(CliError::Usage("--text is empty; type what to delete".into()));
    }
    Ok(ForgetFilter {
        turns: (!args.turn.is_empty()).then(|| args.turn.iter().copied().map(TurnId).collect()),
        sessions: (!args.session.is_empty())
            .then(|| args.session.iter().copied().map(SessionId).collect()),
        source: args.source.clone(),
        speaker: args.speaker.as_deref().map(|name| speaker_of(name).into_owned()),
        import: args.import.map(ImportId),
        text,
        since: args
            .since
            .as_deref()
            .map(|text| time(text, Timestamp::parse_beginning))
            .transpose()?,
        until: args.until.as_deref().map(|text| time(text, Timestamp::parse_end)).transpose()?,
    })
}

fn carry_out(
    chosen: &Chosen,
    sure: SureArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    if !sure.json {
        list(chosen, output, assistant)?;
    }
    let ready = sure.yes || sure.dry_run || chosen.is_empty();
    if !ready && !ask(output, chosen, cancel)? {
        output.message("nothing was deleted");
        return Ok(Status::Done);
    }
    // An interrupt while it was asked is a no.
    if cancel.is_cancelled() {
        return Err(CliError::Interrupted);
    }
    let forgotten =
        if sure.dry_run || chosen.is_empty() { None } else { Some(assistant.forget(chosen)?) };
    if sure.json {
        let told = json!({
            "dry_run": sure.dry_run,
            "turns": chosen.turns.iter().map(|turn| turn.0).collect::<Vec<_>>(),
            "answers": chosen.answers.iter().map(|turn| turn.0).collect::<Vec<_>>(),
            "sessions": chosen.whole_sessions,
            "forgotten": forgotten.is_some(),
            "titles": forgotten.as_ref().map(|(forgotten, _)| forgotten.titles),
            "log_emptied": forgotten.as_ref().map(|(_, traces)| *traces == Traces::Gone),
            "traces_left": forgotten.as_ref().and_then(|(_, traces)| match traces {
                Traces::Left(why) => Some(why),
                Traces::Gone | Traces::InLog => None,
            }),
        });
        writeln!(io::stdout().lock(), "{}", shapes::line(&told))?;
    }
    if let Some((forgotten, traces)) = &forgotten {
        let titles = match forgotten.titles {
            0 => String::new(),
            titles => {
                format!("; {titles} names, titles or tags that contained it were deleted too")
            }
        };
        output.message(&format!("permanently deleted{titles}"));
        for path in assistant.replaced() {
            output.message(&format!(
                "warning: {} was replaced by a restore and may still contain it; delete it if you do \
                 not need it",
                path.display()
            ));
        }
        tell_traces(traces, output);
    }
    Ok(if chosen.is_empty() { Status::NothingFound } else { Status::Done })
}

/// Warns of what is left of deleted turns.
fn tell_traces(traces: &Traces, output: Output) {
    match traces {
        Traces::Gone => {}
        Traces::InLog => output.message(
            "warning: another recount is using this memory; traces of deleted turns stay in its \
             write-ahead log until that one quits; then run `recount forget --traces`",
        ),
        Traces::Left(why) => output.message(&format!(
            "warning: traces of deleted turns may be left in the file: {why}; then run `recount \
             forget --traces`"
        )),
    }
}

fn list(chosen: &Chosen, output: Output, assistant: &Assistant) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    if chosen.is_empty() {
        output.message("nothing in memory matches; nothing was deleted");
        return Ok(());
    }
    for (turns, mark) in [(&chosen.turns, ""), (&chosen.answers, " answer based on it:")] {
        for found in assistant.chosen(turns, LISTED)? {
            let turn = &found.turn;
            let when = turn.said_at.map(day).map(|day| format!(", {day}")).unwrap_or_default();
            let about = format!("{}{when}", visible_line(&found.session_title));
            writeln!(
                out,
                "{:>7} {}{mark} {}  {}",
                turn.id.0,
                output.accent(&visible_line(name_of(&turn.speaker))),
                shortened(&visible_line(&turn.text)),
                output.dim(&about),
            )?;
        }
        if turns.len() > LISTED {
            writeln!(out, "        {}", output.dim(&format!("and {} more", turns.len() - LISTED)))?;
        }
    }
    writeln!(out, "{}", sum(chosen, output))?;
    out.flush()?;
    Ok(())
}

/// "3 turns in 2 sessions, 1 of them entirely, with 1 answer based on them".
fn sum(chosen: &Chosen, output: Output) -> String {
    let turns = count(output, chosen.turns.len() as u64, "turn");
    let sessions = count(output, chosen.sessions, "session");
    let whole = match chosen.whole_sessions {
        0 => String::new(),
        whole => format!(", {whole} of them entirely"),
    };
    let answers = match chosen.answers.len() as u64 {
        0 => String::new(),
        answers => format!(", with {} based on them", count(output, answers, "answer")),
    };
    format!("{turns} in {sessions}{whole}{answers}")
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 100;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Asks on the terminal; where there is none, nobody has said yes.
fn ask(output: Output, chosen: &Chosen, cancel: &Cancel) -> Result<bool, CliError> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(CliError::Unsure);
    }
    let line =
        output.answer(&format!("Permanently delete {}? [y/N] ", sum(chosen, output)), cancel)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}
