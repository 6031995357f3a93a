//! `recount import --discover`: shows what is on this machine, and asks what to import of it.

use super::import::count;
use super::search::day;
use super::{CliError, Output};
use crate::assistant::{Cancel, Discovered};
use crate::conversation::{Timestamp, visible_line};
use crate::shapes;
use indicatif::HumanBytes;
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

pub(super) fn to_json(found: &[Discovered]) -> Value {
    let found: Vec<Value> = found
        .iter()
        .map(|one| {
            json!({
                "format": one.format,
                "path": one.path.display().to_string(),
                "files": one.files,
                "bytes": one.bytes,
                "oldest": shapes::time(one.oldest),
                "newest": shapes::time(one.newest),
            })
        })
        .collect();
    json!({"found": found})
}

pub(super) fn list(
    out: &mut impl Write,
    output: Output,
    found: &[Discovered],
) -> Result<(), CliError> {
    for (index, one) in found.iter().enumerate() {
        writeln!(
            out,
            "{:>3}  {:<12}  {:>10}  {}  {}  {}",
            index + 1,
            output.bold(one.format),
            HumanBytes(one.bytes).to_string(),
            count(output, one.files, "file"),
            span(one.oldest, one.newest),
            output.dim(&visible_line(&one.path.display().to_string())),
        )?;
    }
    if found.is_empty() {
        output.message(
            "no conversations found in the usual places; name a file or folder: recount import PATH",
        );
    }
    Ok(())
}

fn span(oldest: Option<Timestamp>, newest: Option<Timestamp>) -> String {
    match (oldest.map(day), newest.map(day)) {
        (Some(oldest), Some(newest)) if oldest != newest => format!("{oldest} to {newest}"),
        (_, newest) => newest.unwrap_or_default(),
    }
}

/// Which of them are to be imported: all with `yes`, those that are named, else those that the user
/// names when asked; none where nobody can be asked.
pub(super) fn choose(
    output: Output,
    found: &[Discovered],
    names: &[PathBuf],
    yes: bool,
    cancel: &Cancel,
) -> Result<Vec<PathBuf>, CliError> {
    if yes || found.is_empty() {
        return Ok(found.iter().map(|one| one.path.clone()).collect());
    }
    if !names.is_empty() {
        let names: Vec<String> =
            names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        return named(found, names.iter().map(String::as_str));
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        output.message("to import, add names or numbers after --discover, or --yes for everything");
        return Ok(Vec::new());
    }
    let answer = output.answer("what to import? (numbers or names, all, or nothing) ", cancel)?;
    named(found, answer.split([' ', ',', '\t', '\n', '\r']).filter(|word| !word.is_empty()))
}

fn named<'w>(
    found: &[Discovered],
    words: impl Iterator<Item = &'w str>,
) -> Result<Vec<PathBuf>, CliError> {
    let mut chosen = Vec::new();
    for word in words {
        let is_it = |(index, one): &(usize, &Discovered)| {
            word == "all" || word == one.format || word.parse() == Ok(index + 1)
        };
        let mut any = false;
        for (_, one) in found.iter().enumerate().filter(is_it) {
            any = true;
            if !chosen.contains(&one.path) {
                chosen.push(one.path.clone());
            }
        }
        if !any {
            let word = visible_line(word);
            return Err(CliError::Usage(format!(
                "{word} not found; `recount import --discover` lists what was found"
            )));
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_number_by_name_or_all() {
        let one = |format, path: &str| Discovered {
            format,
            path: path.into(),
            files: 1,
            bytes: 1,
            oldest: None,
            newest: None,
        };
        let found = [one("codex", "/a"), one("llm", "/b"), one("codex", "/c")];
        for (words, expected) in
            [("2", "/b"), ("codex", "/a /c"), ("3 codex", "/c /a"), ("all", "/a /b /c"), ("", "")]
        {
            let chosen = named(&found, words.split_whitespace()).unwrap();
            let chosen: Vec<_> = chosen.iter().map(|path| path.display().to_string()).collect();
            assert_eq!(chosen.join(" "), expected, "{words}");
        }
        assert!(named(&found, ["4"].into_iter()).is_err());
    }
}
