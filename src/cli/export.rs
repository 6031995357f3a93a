//! `recount export`.

use super::args::ExportArgs;
use super::import::{bar, count, encode_a_few};
use super::search::filter;
use super::{CliError, Output, Status};
use crate::assistant::{Assistant, AssistantError, Cancel, Format, Selection, Shown};
use crate::conversation::{SessionId, visible_line};
use crate::evidence::Query;
use std::io::{self, BufWriter};
use std::path::Path;

pub(super) fn run(
    args: &ExportArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let format = format(args)?;
    let filter = filter(&args.filter())?;
    let search = match args.search.as_deref().map(str::trim) {
        None => None,
        Some("") => {
            return Err(CliError::Usage("the query is empty; type what to search for".into()));
        }
        Some(text) => {
            encode_a_few(output, assistant, cancel)?;
            let query = Query { filter: filter.clone(), ..Query::new(text) };
            Some((query, args.limit as usize))
        }
    };
    let selection = Selection {
        sessions: args.session.iter().copied().map(SessionId).collect(),
        search,
        filter,
    };
    let shown = Shown { folded: args.folded, branches: args.branches };
    let bar = bar(output, "{spinner} {pos} turns {per_sec}");
    let mut exporter = format.exporter(shown);
    let mut progress = |turns| bar.set_position(turns);
    let exported = match &args.output {
        None => {
            let out = &mut BufWriter::new(io::stdout().lock());
            assistant.export(&selection, exporter.as_mut(), out, cancel, &mut progress)
        }
        Some(path) => assistant.export_to(
            path,
            args.force,
            &selection,
            exporter.as_mut(),
            cancel,
            &mut progress,
        ),
    };
    let exported = exported.map_err(|error| match error {
        AssistantError::Exists(path) => CliError::Exists(path),
        error => error.into(),
    })?;
    bar.finish_and_clear();
    if exported.turns == 0 {
        output.message("nothing found, nothing exported");
        return Ok(Status::NothingFound);
    }
    if exported.masked > 0 {
        output.message(&format!(
            "secrets are masked in {}; use --secrets to write them unmasked",
            count(output, exported.masked, "turn")
        ));
    }
    if let Some(path) = &args.output {
        output.message(&format!(
            "exported {} in {} to {}",
            count(output, exported.turns, "turn"),
            count(output, exported.sessions, "session"),
            path.display()
        ));
    }
    Ok(Status::Done)
}

/// The format that is named, or the one that the file's name ends in: a file must not hold something
/// else than its name says.
fn format(args: &ExportArgs) -> Result<Format, CliError> {
    if let Some(named) = args.format.as_deref().and_then(Format::parse) {
        return Ok(named);
    }
    let ending = args.output.as_deref().and_then(Path::extension);
    let Some(ending) = ending.filter(|ending| *ending != "txt") else {
        return Ok(Format::Markdown);
    };
    ending.to_str().and_then(Format::parse).ok_or_else(|| {
        let names = Format::ALL.map(Format::name).join(", ");
        let ending = ending.to_string_lossy();
        let ending = visible_line(&ending);
        CliError::Usage(format!("unknown extension .{ending}; use --format with one of: {names}"))
    })
}
