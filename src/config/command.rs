//! `recount config`: `init`, `show`, `path`.

use super::{ConfigError, KEYS, Key, Origin, Resolved, file, path, resolve};
use crate::cli::{Cli, ConfigCommand, Output};
use crate::conversation::visible_line;
use serde_json::{Map, Value as Json, json};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Runs the command.
pub fn run(
    cli: &Cli,
    command: &ConfigCommand,
    environment: &dyn Fn(&str) -> Option<OsString>,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Path => {
            let (path, _) = path(cli, environment)?;
            print(&format!("{}\n", path.display()))?;
        }
        ConfigCommand::Init => {
            let (path, _) = path(cli, environment)?;
            init(&path)?;
            output.message(&format!("wrote all defaults, as comments, to {}", path.display()));
        }
        ConfigCommand::Show { json } => {
            let resolved = resolve(cli, environment)?;
            if *json {
                print(&format!("{}\n", as_json(&resolved)))?;
            } else {
                print(&as_text(&resolved, output))?;
            }
            for (name, hint) in strangers(std::env::vars_os().map(|(name, _)| name)) {
                output.message(&format!("unknown environment variable {name}; {hint}"));
            }
        }
    }
    Ok(())
}

/// Writes the commented defaults, readable by their owner alone. What is there is never touched.
fn init(path: &Path) -> Result<(), ConfigError> {
    let failed = |why: io::Error| ConfigError::Write { path: path.to_owned(), why };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|why| match why.kind() {
        io::ErrorKind::AlreadyExists => ConfigError::Exists(path.to_owned()),
        _ => failed(why),
    })?;
    file.write_all(file::commented_defaults().as_bytes()).map_err(failed)
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has seen enough is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

fn origin_words(origin: &Origin) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::File { path, line } => format!("{}:{line}", path.display()),
        Origin::Environment(variable) => variable.to_string(),
        Origin::CommandLine(option) => option.to_string(),
    }
}

/// What holds, as a config file of its own, with where it comes from behind each line.
fn as_text(resolved: &Resolved, output: Output) -> String {
    let there = if resolved.file.exists() { "" } else { " (does not exist)" };
    let head = format!("# {}{there}", visible_line(&resolved.file.to_string_lossy()));
    let mut text = output.dim(&head) + "\n";
    let mut section = "";
    for key in KEYS {
        let (its, name) = key.parts();
        if its != section {
            let _ = writeln!(text, "\n[{its}]");
            section = its;
        }
        let (value, origin) = resolved.value(key);
        let line = match value {
            Some(value) => format!("{name} = {value}"),
            None => format!("# {name} = {}", key.value),
        };
        let pad = " ".repeat(36_usize.saturating_sub(line.chars().count()).max(2));
        let from = match (&origin, key.default) {
            (Origin::Default, Some(words)) => format!("default: {words}"),
            _ => origin_words(&origin),
        };
        let shown = match origin {
            Origin::Default => visible_line(&line).into_owned(),
            _ => output.bold(&line),
        };
        let _ = writeln!(text, "{shown}{pad}{}", output.dim(&visible_line(&format!("# {from}"))));
    }
    text
}

fn as_json(resolved: &Resolved) -> Json {
    let options = KEYS.iter().map(|key: &Key| {
        let (value, origin) = resolved.value(key);
        let value = value.and_then(|value| serde_json::to_value(value).ok());
        let mut option = Map::new();
        option.insert("name".into(), key.name.into());
        option.insert("value".into(), value.unwrap_or(Json::Null));
        let (kind, detail) = match origin {
            Origin::Default => ("default", json!({})),
            Origin::File { path, line } => {
                ("file", json!({"file": path.to_string_lossy(), "line": line}))
            }
            Origin::Environment(variable) => ("environment", json!({"variable": variable})),
            Origin::CommandLine(spelling) => ("command line", json!({"option": spelling})),
        };
        option.insert("from".into(), kind.into());
        option.extend(detail.as_object().cloned().unwrap_or_default());
        Json::Object(option)
    });
    json!({
        "file": resolved.file.to_string_lossy(),
        "exists": resolved.file.exists(),
        "options": options.collect::<Vec<_>>(),
    })
}

/// Variables that look like options and are none, each with what may have been meant.
fn strangers(names: impl Iterator<Item = OsString>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in names {
        let Some(name) = name.to_str().filter(|name| name.starts_with("RECOUNT_")) else {
            continue;
        };
        if name == super::VARIABLE || KEYS.iter().any(|key| key.variable == name) {
            continue;
        }
        let nearness = |key: &Key| strsim::normalized_damerau_levenshtein(name, key.variable);
        let nearest = KEYS.iter().max_by(|a, b| nearness(a).total_cmp(&nearness(b)));
        if let Some(key) = nearest.filter(|key| nearness(key) > 0.75) {
            found.push((name.to_owned(), format!("did you mean {}?", key.variable)));
        }
    }
    found.sort();
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_variable_is_named() {
        let names = ["RECOUNT_SCREEN_THEM", "RECOUNT_DB", "RECOUNT_KILLS", "PATH"];
        assert_eq!(
            strangers(names.iter().map(OsString::from)),
            [("RECOUNT_SCREEN_THEM".into(), "did you mean RECOUNT_SCREEN_THEME?".into())]
        );
    }
}
