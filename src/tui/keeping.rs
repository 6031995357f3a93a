//! Exporting and forgetting, as the commands of the screen ask for it. Owns what is done outside of
//! the model; what is said about it is the business of `update`.

use super::view::counted;
use crate::assistant::{
    Assistant, AssistantError, Cancel, Chosen, ForgetFilter, Format, Selection, Shown,
};
use crate::conversation::SessionId;
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
            format!("{}: the name must end in .md, .json, .jsonl or .html", path.display())
        })?,
        None => Format::Markdown,
    };
    let path: PathBuf = if ending.is_none() { path.with_extension("md") } else { path.to_owned() };
    let selection = Selection { sessions: session.into_iter().collect(), ..Selection::default() };
    let mut exporter = format.exporter(Shown::default());
    match assistant.export_to(&path, false, &selection, exporter.as_mut(), cancel, &mut |_| {}) {
        Ok(exported) if exported.turns == 0 => Err("nothing to export".to_owned()),
        Ok(exported) => {
            Ok(format!("{} written to {}", counted(exported.turns, "turn"), path.display()))
        }
        Err(AssistantError::Exists(path)) => {
            Err(format!("{} already exists; choose another name", path.display()))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Which turns hold a text, with the answers that rest on them.
pub fn choose(assistant: &Assistant, text: &str) -> Result<Chosen, AssistantError> {
    let filter = ForgetFilter { text: Some(text.to_owned()), ..ForgetFilter::default() };
    assistant.choose(&filter, None)
}
