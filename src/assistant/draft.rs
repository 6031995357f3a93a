//! Drafts: what was being written in the screen and never sent.
//!
//! Each process has one file for them beside the memory, `memory.db-draft-N`, which only its owner
//! can read, and holds a lock on it. A file that nobody holds was left behind by a process that is
//! gone: the next screen takes its drafts over. Drafts are stored nowhere else, and are removed as
//! soon as they are sent, and by whatever forgets. A memory that ends with the program has none.

use super::{Assistant, AssistantError};
use crate::conversation::SessionId;
use crate::files::{Partial, with_suffix};
use crate::memory::{draft_files, draft_path};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A larger file was not written by [`Assistant::keep_drafts`].
const LARGEST: u64 = 16 << 20;

/// What was written in a session and not sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The session; `None` for one that is not stored yet.
    pub session: Option<SessionId>,
    /// The text.
    pub text: String,
}

impl Draft {
    fn line(&self) -> String {
        json!({"session": self.session.map(|id| id.0), "text": self.text}).to_string()
    }

    fn of(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        let text = value.get("text")?.as_str()?.to_owned();
        Some(Self { session: value["session"].as_i64().map(SessionId), text })
    }
}

/// The file with the drafts of this process, while there is one. As long as it is open, it is locked.
#[derive(Debug, Default)]
pub(super) struct Drafts(Mutex<Option<File>>);

impl Assistant {
    /// A draft as a file of its own, for an editor. It goes with the value; if a run is killed, the
    /// next draft or whatever is forgotten removes it.
    pub fn draft_to_edit(&self, text: &str) -> io::Result<Partial> {
        let place = self.memory.path().map(draft_path);
        let place = place.unwrap_or_else(|| std::env::temp_dir().join("recount-draft"));
        let mut file = Partial::ending_in(&place, ".md")?;
        file.file().write_all(text.as_bytes())?;
        file.file().flush()?;
        Ok(file)
    }

    /// Takes over the drafts of processes that are gone, in the order in which they were kept. They
    /// belong to this process from now on.
    pub fn take_drafts(&self) -> Result<Vec<Draft>, AssistantError> {
        let Some(memory) = self.drafts_beside() else { return Ok(Vec::new()) };
        let mut held = lock(&self.drafts);
        if held.is_some() {
            return Ok(Vec::new());
        }
        let mut left: Vec<(PathBuf, File)> =
            draft_files(memory).into_iter().filter_map(left_behind).collect();
        left.sort_by_key(|(_, file)| file.metadata().and_then(|meta| meta.modified()).ok());
        let found: Vec<Draft> = left.iter().flat_map(|(path, _)| read(path)).collect();
        let own = own_path(memory);
        *held = write(memory, &found)?;
        for (path, _) in left.iter().filter(|(path, _)| *path != own || found.is_empty()) {
            remove(path)?;
        }
        Ok(found)
    }

    /// Keeps the drafts of this process in place of those kept last; empty ones are left out. They
    /// are there whole or not at all, whenever the program is killed.
    pub fn keep_drafts(&self, drafts: &[Draft]) -> Result<(), AssistantError> {
        let Some(memory) = self.drafts_beside() else { return Ok(()) };
        let mut held = lock(&self.drafts);
        let had = held.is_some();
        *held = write(memory, drafts)?;
        if had && held.is_none() { remove(&own_path(memory)) } else { Ok(()) }
    }

    /// The memory beside which drafts are kept, if this user may write there.
    fn drafts_beside(&self) -> Option<&Path> {
        self.memory.path().filter(|_| !self.memory.is_read_only())
    }

    /// Removes the drafts of all processes. A screen that is open keeps what it shows, and stores it
    /// again when it changes.
    pub(super) fn remove_drafts(&self) -> Result<(), AssistantError> {
        let Some(memory) = self.memory.path() else { return Ok(()) };
        *lock(&self.drafts) = None;
        draft_files(memory).iter().try_for_each(|path| remove(path))
    }
}

fn own_path(memory: &Path) -> PathBuf {
    with_suffix(&draft_path(memory), &format!("-{}", std::process::id()))
}

/// The file, locked, if the process that wrote it is gone.
fn left_behind(path: PathBuf) -> Option<(PathBuf, File)> {
    let file = File::open(&path).ok()?;
    // Whoever took it over in the meantime has removed it.
    (file.try_lock().is_ok() && path.exists()).then_some((path, file))
}

fn read(path: &Path) -> Vec<Draft> {
    if fs::metadata(path).map_or(true, |meta| !meta.is_file() || meta.len() > LARGEST) {
        return Vec::new();
    }
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let drafts: Option<Vec<Draft>> = text.lines().map(Draft::of).collect();
    // Version 0.1 kept one text as it is.
    drafts.unwrap_or_else(|| vec![Draft { session: None, text: text.into_owned() }])
}

fn write(memory: &Path, drafts: &[Draft]) -> Result<Option<File>, AssistantError> {
    let path = own_path(memory);
    let failed = |error: io::Error| AssistantError::Draft { path: path.clone(), error };
    let mut text = String::new();
    for draft in drafts.iter().filter(|draft| !draft.text.trim().is_empty()) {
        text.push_str(&draft.line());
        text.push('\n');
    }
    if text.is_empty() {
        return Ok(None);
    }
    let mut file = Partial::beside(&draft_path(memory)).map_err(failed)?;
    file.file().write_all(text.as_bytes()).map_err(failed)?;
    file.name_and_hold(&path).map(Some).map_err(failed)
}

fn remove(path: &Path) -> Result<(), AssistantError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(AssistantError::Draft { path: path.to_owned(), error })
        }
        _ => Ok(()),
    }
}

fn lock(drafts: &Drafts) -> std::sync::MutexGuard<'_, Option<File>> {
    drafts.0.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::super::tests::assistant_on as assistant;
    use super::*;

    fn draft(session: Option<i64>, text: &str) -> Draft {
        Draft { session: session.map(SessionId), text: text.to_owned() }
    }

    #[test]
    fn drafts_of_a_process_that_is_gone_are_taken_over_once() {
        let folder = tempfile::tempdir().unwrap();
        let memory = folder.path().join("memory.db");
        let gone = [draft(Some(3), "one\ntwo"), draft(None, "three")];
        let lines: Vec<String> = gone.iter().map(Draft::line).collect();
        fs::write(folder.path().join("memory.db-draft-0"), lines.join("\n")).unwrap();
        // As version 0.1 left it, and one that another process has open.
        fs::write(folder.path().join("memory.db-draft"), "of 0.1").unwrap();
        let others = folder.path().join("memory.db-draft-1");
        fs::write(&others, "{}").unwrap();
        let open = File::open(&others).unwrap();
        open.lock().unwrap();

        let first = assistant(&memory);
        let mut taken = first.take_drafts().unwrap();
        taken.sort_by(|a, b| a.text.cmp(&b.text));
        assert_eq!(taken, [draft(None, "of 0.1"), gone[0].clone(), gone[1].clone()]);
        assert_eq!(draft_files(&memory), [others.clone(), own_path(&memory)]);
        // They are this one's now, and another screen does not get them.
        assert!(assistant(&memory).take_drafts().unwrap().is_empty());
        first.keep_drafts(&[draft(Some(3), " ")]).unwrap();
        assert_eq!(draft_files(&memory), std::slice::from_ref(&others));
        first.keep_drafts(&gone).unwrap();
        drop(first);
        assert_eq!(assistant(&memory).take_drafts().unwrap(), gone);
        drop(open);
        assistant(&memory).remove_drafts().unwrap();
        assert!(draft_files(&memory).is_empty());
    }
}
