//! `recount watch`: follows the logs of agents, and tells what came.

use super::args::WatchArgs;
use super::{CliError, Output, Status, json};
use crate::assistant::{
    Assistant, AssistantError, Cancel, ImportOptions, Places, Watched, discover,
};
use crate::shapes;
use serde_json::Value;
use std::io::{self, Write as _};
use std::path::PathBuf;

pub(super) fn run(
    args: WatchArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let places = if args.paths.is_empty() { usual(output) } else { args.paths };
    if places.is_empty() {
        output.message("no agent logs found on this machine; name a file or folder to watch");
        return Ok(Status::NothingFound);
    }
    for place in &places {
        output.message(&format!("watching {}", place.display()));
    }
    let mut out = io::stdout().lock();
    let mut closed = None;
    let mut told = |watched: Watched| {
        let written = match watched {
            Watched::Imported { path, report } if args.json => {
                let mut line = json::report(&report);
                line.insert("path".into(), path.display().to_string().into());
                writeln!(out, "{}", shapes::line(&Value::Object(line))).and_then(|()| out.flush())
            }
            Watched::Imported { path, report } => {
                let new = report.messages.new;
                let turns = if new == 1 { "1 new turn".into() } else { format!("{new} new turns") };
                output.message(&format!("{turns} from {}", path.display()));
                Ok(())
            }
            Watched::Failed { path, error } => {
                output.message(&format!("{}: {error}", path.display()));
                Ok(())
            }
        };
        written.map_err(|error| {
            closed = Some(error);
            AssistantError::Cancelled
        })
    };
    let ended =
        assistant.watch(&places, !args.no_catch_up, &ImportOptions::default(), cancel, &mut told);
    match (ended, closed) {
        (_, Some(error)) => Err(error.into()),
        // Being interrupted is how it ends.
        (Ok(()) | Err(AssistantError::Cancelled), None) => Ok(Status::Done),
        (Err(error), None) => Err(error.into()),
    }
}

/// The places where agents keep their logs on this machine.
fn usual(output: Output) -> Vec<PathBuf> {
    let Some(places) = Places::of_this_process() else {
        output.message("no home folder to search for logs");
        return Vec::new();
    };
    discover(&places).into_iter().map(|found| found.path).collect()
}
