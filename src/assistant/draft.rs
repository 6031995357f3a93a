//! The draft: what was being written in the screen and never sent.
//!
//! It lies in one file beside the memory, `memory.db-draft`, which only its owner can read, and
//! nowhere else: removed as soon as it is sent, and by whatever forgets everything. A memory that
//! ends with the program has none.

use super::{Assistant, AssistantError};
use crate::files::Partial;
use crate::memory::draft_path;
use std::io::Write as _;

/// A larger file was not written by [`Assistant::keep_draft`].
const LARGEST: u64 = 16 << 20;

impl Assistant {
    /// A draft as a file of its own, for an editor. It goes with the value; where a run is killed,
    /// the next draft or whatever is forgotten takes it away.
    pub fn draft_to_edit(&self, text: &str) -> std::io::Result<Partial> {
        let place = self.memory.path().map(draft_path);
        let place = place.unwrap_or_else(|| std::env::temp_dir().join("recount-draft"));
        let mut file = Partial::ending_in(&place, ".md")?;
        file.file().write_all(text.as_bytes())?;
        file.file().flush()?;
        Ok(file)
    }

    /// The draft that was kept last, if there is one.
    pub fn draft(&self) -> Option<String> {
        let path = draft_path(self.memory.path()?);
        if std::fs::metadata(&path).ok()?.len() > LARGEST {
            return None;
        }
        let bytes = std::fs::read(path).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Keeps a draft in the place of the last one; an empty one is removed. It is there whole or
    /// not at all, whenever the program is killed.
    pub fn keep_draft(&self, text: &str) -> Result<(), AssistantError> {
        let Some(memory) = self.memory.path() else { return Ok(()) };
        let path = draft_path(memory);
        let failed = |error| AssistantError::Draft { path: path.clone(), error };
        if text.trim().is_empty() {
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(error)),
                _ => Ok(()),
            };
        }
        let mut file = Partial::beside(&path).map_err(failed)?;
        file.file().write_all(text.as_bytes()).map_err(failed)?;
        file.name(&path, true).map_err(failed)
    }
}
