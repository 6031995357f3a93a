//! Exporting and forgetting, as the commands of the screen ask for it. Owns what is done outside of
//! the model; what is said about it is the business of `update`.

use crate::assistant::{
    Assistant, AssistantError, Cancel, Chosen, ForgetFilter, Format, Selection, Shown,
};
use crate::conversation::SessionId;
use std::fs::OpenOptions;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Writes a session, or all of them, to a new file; its ending names the format. Returns what is to
/// be said. A file that is there already is never written over.
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
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // What was said is nobody else's business.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let selection = Selection { sessions: session.into_iter().collect(), ..Selection::default() };
    let mut exporter = format.exporter(Shown::default());
    let mut out = BufWriter::new(file);
    match assistant.export(&selection, exporter.as_mut(), &mut out, cancel, &mut |_| {}) {
        Ok(exported) => Ok(format!("{} turns written to {}", exported.turns, path.display())),
        Err(error) => {
            // Half a file would be taken for a whole one.
            let _ = std::fs::remove_file(&path);
            Err(error.to_string())
        }
    }
}

/// Which turns hold a text, with the answers that rest on them.
pub fn choose(assistant: &Assistant, text: &str) -> Result<Chosen, AssistantError> {
    let filter = ForgetFilter { text: Some(text.to_owned()), ..ForgetFilter::default() };
    assistant.choose(&filter, None)
}
