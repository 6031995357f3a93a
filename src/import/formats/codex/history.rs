//! Files of one session: since 2026 a session that was taken back to an earlier turn goes on in another
//! file, whose header says up to which record the one before it counts.

use crate::import::Sample;
use crate::import::reading::json::{id_under, text_under};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// What the header of a file says of its place in a session.
#[derive(Debug)]
pub(super) struct Rollout {
    index: usize,
    name: String,
    thread: String,
    /// What other files call this one.
    id: String,
    base: Option<Base>,
}

/// Which file goes before, and where what counts of it ends.
#[derive(Debug)]
struct Base {
    id: String,
    end: u64,
}

/// The place of a file in a session of several.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// The first of the files, by which they are known.
    pub(super) first: usize,
    /// How many stand before this one.
    pub(super) at: usize,
    /// The place of the first record that is no longer shown.
    pub(super) until: u64,
}

impl Rollout {
    /// Reads the header of a file.
    pub(super) fn of(index: usize, sample: &Sample) -> Option<Self> {
        let header = sample.records().first()?;
        let payload =
            header.get("payload").filter(|_| text_under(header, "type") == Some("session_meta"))?;
        let about = payload.get("meta").unwrap_or(payload);
        let thread = id_under(about, &["id", "session_id"])?;
        let base = about.get("history_base").and_then(|base| {
            let end = base.get("end_ordinal_exclusive").and_then(Value::as_u64)?;
            Some(Base { id: id_under(base, &["thread_id"])?, end })
        });
        let name = sample.file_name();
        // The first file is known by the session's id, the others by one behind an underscore.
        let stem = name.split(".jsonl").next().unwrap_or_default();
        let id = stem.rsplit_once('_').map_or(thread.as_str(), |(_, revision)| revision).to_owned();
        Some(Self { index, name, thread, id, base })
    }
}

/// Returns the places of those files that are parts of a session of several.
pub(super) fn parts(mut rollouts: Vec<Rollout>) -> BTreeMap<usize, Part> {
    rollouts.sort_by(|a, b| a.name.cmp(&b.name));
    let mut threads: HashMap<&str, Vec<&Rollout>> = HashMap::new();
    for rollout in &rollouts {
        threads.entry(&rollout.thread).or_default().push(rollout);
    }
    let mut parts = BTreeMap::new();
    for files in threads.into_values() {
        if files.len() < 2 || files.iter().all(|file| file.base.is_none()) {
            continue;
        }
        let first = files.iter().map(|file| file.index).min().unwrap_or_default();
        let mut until: HashMap<usize, u64> = HashMap::new();
        // The newest file is the one that is shown; what it goes back to counts up to there.
        let mut next = files.last().copied();
        let mut end = u64::MAX;
        while let Some(file) = next {
            if until.insert(file.index, end).is_some() {
                break;
            }
            next = file.base.as_ref().and_then(|base| {
                end = end.min(base.end);
                let named = files.iter().find(|other| other.id == base.id);
                named.or_else(|| files.iter().find(|other| other.base.is_none())).copied()
            });
        }
        for (at, file) in files.iter().enumerate() {
            let until = until.get(&file.index).copied().unwrap_or(0);
            parts.insert(file.index, Part { first, at, until });
        }
    }
    parts
}
