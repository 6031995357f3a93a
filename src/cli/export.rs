//! `recount export`.

use super::args::ExportArgs;
use super::import::{bar, count, encode_a_few};
use super::search::filter;
use super::{CliError, Output, Status};
use crate::assistant::{Assistant, AssistantError, Cancel, Exported, Format, Selection, Shown};
use crate::conversation::{SessionId, visible_line};
use crate::evidence::Query;
use std::io::{self, BufWriter, Write};
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
            return Err(CliError::Usage("the query is empty; say what to look for".into()));
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
    let mut write = |out: &mut dyn Write| {
        let mut exporter = format.exporter(shown);
        assistant.export(&selection, exporter.as_mut(), out, cancel, &mut |turns| {
            bar.set_position(turns);
        })
    };
    let exported = match &args.output {
        None => write(&mut BufWriter::new(io::stdout().lock()))?,
        Some(path) => to_file(path, args.force, &mut write)?.unwrap_or_default(),
    };
    bar.finish_and_clear();
    if exported.turns == 0 {
        output.message("nothing found; nothing was exported");
        return Ok(Status::NothingFound);
    }
    if exported.masked > 0 {
        output.message(&format!(
            "secrets are masked in {}; --secrets writes them as they are stored",
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
        CliError::Usage(format!(
            "no format is known by the ending .{ending}; name one with --format: {names}"
        ))
    })
}

/// What the system said. The name of the file beside the right one, which nobody asked for and which
/// `tempfile` puts before it, is not told.
fn of_the_system(why: &io::Error) -> io::Error {
    why.raw_os_error().map_or_else(|| why.kind().into(), io::Error::from_raw_os_error)
}

type Writing<'w> = dyn FnMut(&mut dyn Write) -> Result<Exported, AssistantError> + 'w;

/// Writes beside the file and takes its name when all is there, so that there is never half an
/// export; `None` where there was nothing to write. Only its owner can read the file.
fn to_file(
    path: &Path,
    force: bool,
    write: &mut Writing<'_>,
) -> Result<Option<Exported>, CliError> {
    let failed =
        |why: io::Error| CliError::Write { path: path.to_owned(), why: of_the_system(&why) };
    let is_there = || CliError::Exists(path.to_owned());
    if !force && path.symlink_metadata().is_ok() {
        return Err(is_there());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // That there is no such folder is said best by the folder itself.
    folder.metadata().map_err(failed)?;
    let mut file =
        tempfile::Builder::new().prefix(".recount-export-").tempfile_in(folder).map_err(failed)?;
    let mut out = BufWriter::with_capacity(1 << 16, &mut file);
    let exported = match write(&mut out) {
        Err(AssistantError::Write(why)) => return Err(failed(why)),
        done => done?,
    };
    out.flush().map_err(failed)?;
    drop(out);
    if exported.turns == 0 {
        return Ok(None);
    }
    file.as_file().sync_all().map_err(failed)?;
    let named = if force { file.persist(path) } else { file.persist_noclobber(path) };
    match named {
        Ok(_) => Ok(Some(exported)),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(is_there()),
        Err(error) => Err(failed(error.error)),
    }
}
