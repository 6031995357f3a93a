//! Paths as they are typed: what they mean, and what they may be completed to.

use std::path::PathBuf;

/// How many completions of a path are listed.
const COMPLETIONS: usize = 50;

/// The path that a typed text means: `~` is the home folder.
pub fn expand(text: &str) -> PathBuf {
    let text = text.trim();
    let home = std::env::var_os("HOME").map(PathBuf::from);
    match (text.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home,
        (Some(rest), Some(home)) if rest.starts_with('/') => {
            home.join(rest.trim_start_matches('/'))
        }
        _ => PathBuf::from(text),
    }
}

/// The texts that a typed path may be completed to, folders with a slash at their end.
pub fn completions(text: &str) -> Vec<String> {
    let (folder, prefix) = match text.rfind('/') {
        Some(at) => text.split_at(at + 1),
        None => ("", text),
    };
    let place = if folder.is_empty() { PathBuf::from(".") } else { expand(folder) };
    let Ok(entries) = place.read_dir() else { return Vec::new() };
    let mut found: Vec<String> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !prefix.starts_with('.');
            let slash = if entry.path().is_dir() { "/" } else { "" };
            (name.starts_with(prefix) && !hidden).then(|| format!("{folder}{name}{slash}"))
        })
        .collect();
    found.sort();
    found.truncate(COMPLETIONS);
    found
}
