//! Where the program's own messages go: standard error for commands, a file for the screen, which
//! owns the terminal. Nothing is logged unless `-v` asks for it, and never the text of a turn.

use etcetera::BaseStrategy;
use std::fs::{DirBuilder, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Begins to log. `verbosity` counts the `-v`s; `screen` says that the terminal is not to be
/// written to.
pub fn start(verbosity: u8, screen: bool) {
    let level = match verbosity {
        0 => return,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    // recount's own lines alone: a library's may hold what it was handed, the text of a turn.
    let own = Targets::new().with_target("recount", level);
    let lines = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_target(true);
    if !screen {
        lines.with_writer(std::io::stderr).finish().with(own).init();
    } else if let Some(file) = folder().and_then(|folder| file(&folder)) {
        lines.with_writer(Mutex::new(file)).finish().with(own).init();
    }
}

/// recount's part of the state folder.
fn folder() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.state_dir().unwrap_or_else(|| base.cache_dir()).join("recount"))
}

/// `recount.log` in a folder, both for the owner alone.
fn file(folder: &Path) -> Option<File> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    builder.create(folder).ok()?;
    options.open(folder.join("recount.log")).ok()
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_log_is_its_owners() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("recount");
        let log = file(&folder).unwrap();
        let mode = |meta: std::fs::Metadata| meta.permissions().mode() & 0o777;
        assert_eq!(mode(log.metadata().unwrap()), 0o600);
        assert_eq!(mode(std::fs::metadata(&folder).unwrap()), 0o700);
    }
}
