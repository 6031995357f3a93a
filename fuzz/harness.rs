//! What every target does: bytes are read as a format, whatever they are.
//!
//! A panic, an abort, or memory beyond libFuzzer's limit is a finding. So is a sink that is told
//! nonsense: progress that goes back, a message of one conversation under an id that is taken.

use recount::conversation::Conversation;
use recount::import::{self, Options, Sink, Stop};
use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::PathBuf;

thread_local! {
    /// A file in memory, where the system has such a place, written anew for each input.
    static FILE: OnceCell<(tempfile::TempDir, PathBuf)> = const { OnceCell::new() };
}

/// Reads bytes as a format, and once more as whatever they look like.
///
/// # Panics
///
/// Where the importer does, and where it tells the sink what cannot be.
pub fn read_as(format: &str, bytes: &[u8]) {
    FILE.with(|file| {
        let (_, path) = file.get_or_init(|| {
            let memory = std::path::Path::new("/dev/shm");
            let folder = if memory.is_dir() {
                tempfile::tempdir_in(memory)
            } else {
                tempfile::tempdir()
            };
            let folder = folder.expect("a folder for the input");
            let path = folder.path().join("input");
            (folder, path)
        });
        std::fs::write(path, bytes).expect("the input can be written");
        for format in [Some(format.to_owned()), None] {
            let options =
                Options { format, time_zone: jiff::tz::TimeZone::UTC, date_order: None };
            // An error is an answer: what must not happen is a panic.
            let _ = import::read(path, &options, &mut |_| {}, &mut Watching::default());
        }
    });
}

/// Takes everything, and looks at what it is told.
#[derive(Default)]
struct Watching {
    read: u64,
}

impl Sink for Watching {
    fn conversation(&mut self, conversation: Conversation) -> Result<(), Stop> {
        let mut ids = HashSet::new();
        for turn in &conversation.turns {
            if let Some(id) = &turn.source_id {
                assert!(ids.insert((id, turn.kind, &turn.text)), "the same message twice: {id}");
            }
        }
        Ok(())
    }

    fn skipped(&mut self, _: &str, example: &str) {
        assert!(example.chars().count() < 1_000, "an example is too long");
    }

    fn failed(&mut self, _: &str, example: &str) {
        assert!(example.chars().count() < 1_000, "an example is too long");
    }

    fn warning(&mut self, _: String) {}

    fn progress(&mut self, bytes_read: u64, bytes_total: u64) -> Result<(), Stop> {
        assert!(self.read <= bytes_read && bytes_read <= bytes_total, "progress goes back");
        self.read = bytes_read;
        Ok(())
    }
}
