//! The draft: what was being written in the screen and never sent.
//!
//! It lies in one file beside the memory, `memory.db-draft`, which only its owner can read, and
//! nowhere else: removed as soon as it is sent, and by whatever forgets everything. A memory that
//! ends with the program has none.

use super::{Assistant, AssistantError};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A larger file was not written by [`Assistant::keep_draft`].
const LARGEST: u64 = 16 << 20;

/// Where the draft of a memory lies: beside its file.
pub fn draft_path(memory: &Path) -> PathBuf {
    let mut name = OsString::from(memory);
    name.push("-draft");
    PathBuf::from(name)
}

impl Assistant {
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
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // A temporary file is made with mode 0600.
        let mut file =
            tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}
