//! `recount reindex --list-encoders`: the encoders that have a name, and whether they can be used.

use super::keeping::ReindexArgs;
use super::{CliError, Output, Status};
use crate::assistant::ListedEncoder;
use crate::conversation::visible_line;
use crate::shapes;
use serde_json::{Value, json};
use std::io::{self, Write as _};

/// Lists encoders.
pub fn list_encoders(
    args: &ReindexArgs,
    output: Output,
    encoders: &[ListedEncoder],
) -> Result<Status, CliError> {
    let mut out = io::stdout().lock();
    if args.json {
        let listed: Vec<Value> = encoders.iter().map(shape).collect();
        writeln!(out, "{}", shapes::line(&json!({ "encoders": listed })))?;
        return Ok(Status::Done);
    }
    let widest = encoders.iter().map(|one| one.name.len()).max().unwrap_or(0);
    for one in encoders {
        let place = match (&one.found, &one.repository) {
            (Some(folder), _) => format!("in {}", folder.display()),
            (None, Some(repository)) => format!("not installed: {repository}"),
            (None, None) => one.about.clone(),
        };
        let place = output.dim(&visible_line(&place));
        writeln!(out, "{:widest$} {:>5}  {place}", one.name, one.dim)?;
    }
    out.flush()?;
    Ok(Status::Done)
}

fn shape(one: &ListedEncoder) -> Value {
    json!({
        "name": one.name,
        "dim": one.dim,
        "about": one.about,
        "repository": one.repository,
        "found": one.found.as_ref().map(|folder| folder.to_string_lossy().into_owned()),
        "ready": one.repository.is_none() || one.found.is_some(),
    })
}
