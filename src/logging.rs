//! Where the program's own messages go: standard error for commands, a file for the screen, which
//! owns the terminal. Nothing is logged unless `-v` asks for it, and never the text of a turn.

use etcetera::BaseStrategy;
use std::fs::{DirBuilder, File, OpenOptions};
use std::sync::Mutex;
use tracing::level_filters::LevelFilter;

/// Begins to log. `verbosity` counts the `-v`s; `screen` says that the terminal is not to be
/// written to.
pub fn start(verbosity: u8, screen: bool) {
    let level = match verbosity {
        0 => return,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let lines = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_target(true);
    if !screen {
        lines.with_writer(std::io::stderr).init();
    } else if let Some(file) = file() {
        lines.with_writer(Mutex::new(file)).init();
    }
}

/// `recount/recount.log` in the state folder, for the owner alone.
fn file() -> Option<File> {
    let base = etcetera::choose_base_strategy().ok()?;
    let folder = base.state_dir().unwrap_or_else(|| base.cache_dir()).join("recount");
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    builder.create(&folder).ok()?;
    options.open(folder.join("recount.log")).ok()
}
