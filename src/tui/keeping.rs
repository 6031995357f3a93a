//! Exporting and forgetting, as the commands of the screen ask for it. Owns what is done outside of
//! the model; what is said about it is the business of `update`.

use super::view::counted;
use crate::assistant::{
    Assistant, AssistantError, Cancel, Chosen, ForgetFilter, Format, Selection, Shown,
};
use crate::conversation::SessionId;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a session, or all of them, to a new file; its ending names the format. Returns what is to
/// be said. The file takes its name when all is in it, and one that is there already is left alone.
pub fn export(
    assistant: &Assistant,
    session: Option<SessionId>,
    path: &Path,
    cancel: &Cancel,
) -> Result<String, String> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let format = match ending {
        Some(ending) => Format::parse(ending).ok_or_else(|| {
            format!("{}: an export ends in .md, .json, .jsonl or .html", path.display())
        })?,
        None => Format::Markdown,
    };
    let path: PathBuf = if ending.is_none() { path.with_extension("md") } else { path.to_owned() };
    let taken = || format!("{} is there already; name another file", path.display());
    if path.symlink_metadata().is_ok() {
        return Err(taken());
    }
    let failed = |why: &io::Error| format!("cannot write {}: {why}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // What was said is nobody else's business: only its owner can read it.
    let mut file = tempfile::Builder::new()
        .prefix(".recount-export-")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(|why| failed(&why))?;
    let selection = Selection { sessions: session.into_iter().collect(), ..Selection::default() };
    let mut exporter = format.exporter(Shown::default());
    let mut out = BufWriter::new(&mut file);
    let exported = assistant
        .export(&selection, exporter.as_mut(), &mut out, cancel, &mut |_| {})
        .map_err(|error| error.to_string())?;
    let flushed = out.flush();
    drop(out);
    flushed.and_then(|()| file.as_file().sync_all()).map_err(|why| failed(&why))?;
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(format!("{} written to {}", counted(exported.turns, "turn"), path.display())),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(taken()),
        Err(error) => Err(failed(&error.error)),
    }
}

/// Which turns hold a text, with the answers that rest on them.
pub fn choose(assistant: &Assistant, text: &str) -> Result<Chosen, AssistantError> {
    let filter = ForgetFilter { text: Some(text.to_owned()), ..ForgetFilter::default() };
    assistant.choose(&filter, None)
}
