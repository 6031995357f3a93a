//! Which files change: places of other programs, followed while these write.
//!
//! Owns: being told by the system, waiting until a writer pauses, which file is meant where a
//! database writes beside itself. Does not read what changed.

use crate::import::ImportError;
use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// A writer that pauses for so long has written a whole record.
const PAUSE: Duration = Duration::from_millis(400);
/// How long a writer that does not pause is waited for.
const LONGEST: Duration = Duration::from_secs(5);
/// How often files are looked at where the system cannot tell of changes.
const LOOK: Duration = Duration::from_secs(5);
/// A new folder is looked through this deep for what was written before it was followed.
const DEPTH: usize = 8;

/// Follows files and folders with all below them.
pub struct Follower {
    /// Tells of changes as long as it lives.
    _watcher: Box<dyn Watcher + Send>,
    events: Receiver<notify::Result<Event>>,
}

impl Follower {
    /// Begins to follow. What changed before is not told.
    ///
    /// Where the system cannot tell of changes (a network's file system, a limit on watches), the
    /// files are looked at every few seconds.
    pub fn new(places: &[PathBuf]) -> Result<Self, ImportError> {
        for place in places {
            std::fs::metadata(place).map_err(|error| ImportError::io(place, error))?;
        }
        let (sender, events) = mpsc::channel();
        let told = RecommendedWatcher::new(sender.clone(), Config::default())
            .and_then(|watcher| watch(watcher, places));
        let watcher = match told {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!(%error, "the system cannot tell of changes: looking at the files");
                PollWatcher::new(sender, Config::default().with_poll_interval(LOOK))
                    .and_then(|watcher| watch(watcher, places))
                    .map_err(|error| failed(places, error))?
            }
        };
        Ok(Self { _watcher: watcher, events })
    }

    /// Waits until something changes, at most for so long, and then until the writer pauses; returns
    /// the files that changed, each once, in order.
    pub fn changed(&self, longest: Duration) -> Vec<PathBuf> {
        let mut changed = BTreeSet::new();
        let Ok(first) = self.events.recv_timeout(longest) else { return Vec::new() };
        take(first, &mut changed);
        let until = Instant::now() + LONGEST;
        while Instant::now() < until {
            match self.events.recv_timeout(PAUSE) {
                Ok(event) => take(event, &mut changed),
                Err(_) => break,
            }
        }
        changed.into_iter().filter(|path| path.is_file()).collect()
    }
}

fn watch<W: Watcher + Send + 'static>(
    mut watcher: W,
    places: &[PathBuf],
) -> notify::Result<Box<dyn Watcher + Send>> {
    for place in places {
        // A database's log is another file beside it, and a file may be put in the place of another.
        let folder = if place.is_file() { place.parent().unwrap_or(place) } else { place };
        let depth =
            if place.is_file() { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
        watcher.watch(folder, depth)?;
    }
    Ok(Box::new(watcher))
}

fn failed(places: &[PathBuf], error: notify::Error) -> ImportError {
    let path = error.paths.first().or(places.first()).cloned().unwrap_or_default();
    let source = match error.kind {
        notify::ErrorKind::Io(source) => source,
        _ => std::io::Error::other(error.to_string()),
    };
    ImportError::io(&path, source)
}

fn take(event: notify::Result<Event>, changed: &mut BTreeSet<PathBuf>) {
    let event = match event {
        Ok(event) => event,
        Err(error) => {
            tracing::debug!(%error, "a change could not be told");
            return;
        }
    };
    if matches!(event.kind, EventKind::Access(_) | EventKind::Remove(_)) {
        return;
    }
    for path in event.paths {
        if path.is_dir() {
            if matches!(event.kind, EventKind::Create(_)) {
                files_in(&path, 0, changed);
            }
        } else {
            changed.insert(database_of(path));
        }
    }
}

fn files_in(folder: &Path, depth: usize, files: &mut BTreeSet<PathBuf>) {
    let Ok(listed) = std::fs::read_dir(folder) else { return };
    for entry in listed.flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < DEPTH => files_in(&entry.path(), depth + 1, files),
            Ok(kind) if kind.is_file() => {
                files.insert(database_of(entry.path()));
            }
            _ => {}
        }
    }
}

/// Returns the database whose log a file is, or the file itself.
fn database_of(path: PathBuf) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str());
    let whole = name.and_then(|name| {
        ["-wal", "-shm", "-journal"].iter().find_map(|end| name.strip_suffix(end))
    });
    match whole.map(|name| path.with_file_name(name)) {
        Some(database) if database.is_file() => database,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const SOON: Duration = Duration::from_mins(1);

    #[test]
    fn what_is_written_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let old = root.join("old.jsonl");
        fs::write(&old, "{}\n").unwrap();
        let follower = Follower::new(std::slice::from_ref(&root)).unwrap();
        fs::write(root.join("a.jsonl"), "{}\n").unwrap();
        fs::write(root.join("a.jsonl"), "{}\n{}\n").unwrap();
        assert_eq!(follower.changed(SOON), [root.join("a.jsonl")]);
        fs::create_dir_all(root.join("new/deeper")).unwrap();
        fs::write(root.join("new/deeper/b.jsonl"), "{}\n").unwrap();
        assert_eq!(follower.changed(SOON), [root.join("new/deeper/b.jsonl")]);
        fs::remove_file(&old).unwrap();
        fs::write(root.join("last"), "").unwrap();
        assert_eq!(follower.changed(SOON), [root.join("last")]);
    }

    #[test]
    fn a_database_is_told_for_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let database = root.join("talk.db");
        fs::write(&database, "x").unwrap();
        let follower = Follower::new(std::slice::from_ref(&database)).unwrap();
        fs::write(root.join("talk.db-wal"), "y").unwrap();
        assert_eq!(follower.changed(SOON), [database]);
        assert_eq!(database_of(root.join("other-wal")), root.join("other-wal"));
    }

    #[test]
    fn a_place_that_is_gone_is_said() {
        let error = Follower::new(&[PathBuf::from("/nowhere/at/all")]).err().unwrap();
        assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
    }
}
