//! Where things lie.

use etcetera::BaseStrategy;
use std::path::PathBuf;

/// The memory's file, where the user names none: `recount/memory.db` in the data folder (by the
/// XDG rules on Linux). `None` where there is no home folder.
pub fn default_memory() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.data_dir().join("recount").join("memory.db"))
}
