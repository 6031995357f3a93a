//! What the tests of this room share: a sink that counts, and files to read.

use crate::conversation::{Conversation, Kind, NewTurn, Timestamp};
use crate::import::{Account, ImportError, Options, Sink, Stop, read};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

/// Keeps and counts everything.
#[derive(Debug, Default)]
pub(super) struct Counting {
    pub(super) conversations: Vec<Conversation>,
    pub(super) skipped: BTreeMap<String, u64>,
    pub(super) failed: BTreeMap<String, u64>,
    pub(super) warnings: Vec<String>,
    pub(super) formats: Vec<&'static str>,
    pub(super) progress: Vec<(u64, u64)>,
    /// Stops at this many conversations.
    pub(super) stop_at: Option<usize>,
    /// Has no place for files.
    pub(super) no_scratch: bool,
}

impl Sink for Counting {
    fn conversation(&mut self, conversation: Conversation) -> Result<(), Stop> {
        if self.stop_at == Some(self.conversations.len()) {
            return Err(Stop);
        }
        self.conversations.push(conversation);
        Ok(())
    }

    fn scratch(&self) -> io::Result<File> {
        if self.no_scratch { Err(io::ErrorKind::StorageFull.into()) } else { tempfile::tempfile() }
    }

    fn skipped(&mut self, reason: &str, example: &str) {
        assert!(example.chars().count() < 200, "an example is long: {example}");
        *self.skipped.entry(reason.to_owned()).or_default() += 1;
    }

    fn failed(&mut self, reason: &str, _: &str) {
        *self.failed.entry(reason.to_owned()).or_default() += 1;
    }

    fn warning(&mut self, text: String) {
        self.warnings.push(text);
    }

    fn progress(&mut self, bytes_read: u64, bytes_total: u64) -> Result<(), Stop> {
        assert!(bytes_read <= bytes_total);
        self.progress.push((bytes_read, bytes_total));
        Ok(())
    }
}

impl Counting {
    /// The turns that people count as messages.
    pub(super) fn messages(&self) -> impl Iterator<Item = &NewTurn> {
        self.conversations.iter().flat_map(|c| &c.turns).filter(|turn| turn.kind == Kind::Message)
    }

    /// The earliest and the latest time of a turn, as the report tells it.
    pub(super) fn span(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        let turns = || self.conversations.iter().flat_map(|c| &c.turns);
        let times = || turns().filter_map(|turn| turn.said_at);
        (times().min(), times().max())
    }

    /// Every turn as `speaker: text`, those of other kinds with the kind before.
    pub(super) fn said(&self) -> Vec<String> {
        let line = |turn: &NewTurn| match turn.kind {
            Kind::Message => format!("{}: {}", turn.speaker, turn.text),
            kind => format!("({}) {}: {}", kind.as_str(), turn.speaker, turn.text),
        };
        self.conversations.iter().flat_map(|c| &c.turns).map(line).collect()
    }
}

pub(super) fn options() -> Options {
    Options { format: None, time_zone: jiff::tz::TimeZone::UTC, date_order: None }
}

/// Reads a path.
pub(super) fn read_path(
    path: &Path,
    options: &Options,
) -> (Result<Account, ImportError>, Counting) {
    let mut sink = Counting::default();
    let mut formats = Vec::new();
    let result = read(path, options, &mut |format| formats.push(format), &mut sink);
    sink.formats = formats;
    (result, sink)
}

/// Reads bytes as a file of a name that says nothing.
pub(super) fn read_bytes(bytes: &[u8]) -> (Result<Account, ImportError>, Counting) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("download");
    std::fs::write(&path, bytes).unwrap();
    read_path(&path, &options())
}

/// Reads bytes as a file of a name; that it can be read is part of the test.
pub(super) fn read_file(name: &str, bytes: &[u8]) -> Counting {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let (result, sink) = read_path(&path, &options());
    result.unwrap();
    sink
}

/// Returns values as JSON Lines.
pub(super) fn json_lines(records: &[serde_json::Value]) -> String {
    records.iter().flat_map(|record| [record.to_string(), "\n".to_owned()]).collect()
}

/// Reads a text that must be of a format.
pub(super) fn read_as(format: &str, text: &str) -> Counting {
    let (result, sink) = read_bytes(text.as_bytes());
    assert_eq!(
        result.map(|account| account.formats).map_err(|e| e.to_string()),
        Ok(vec![format_of(format)])
    );
    sink
}

/// Reads a database that statements make and that must be of a format.
pub(super) fn read_database(format: &str, statements: &str) -> Counting {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("download");
    crate::import::reading::database::build(&path, statements);
    let (result, sink) = read_path(&path, &options());
    assert_eq!(
        result.map(|account| account.formats).map_err(|e| e.to_string()),
        Ok(vec![format_of(format)])
    );
    sink
}

fn format_of(name: &str) -> &'static str {
    crate::import::formats().iter().map(|f| f.format()).find(|f| *f == name).unwrap()
}

/// Returns the message of the error that bytes end with.
pub(super) fn error_of(bytes: &[u8]) -> String {
    let (result, _) = read_bytes(bytes);
    let message = result.unwrap_err().to_string();
    assert!(!message.contains('\n') && message.chars().count() < 420, "{message}");
    message
}

/// Returns the bytes of a ZIP.
pub(super) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

mod samples {
    use super::*;
    use serde_json::Value;

    /// Samples that hold something else than the scripts counted.
    const DISPUTED: [(&str, &str); 1] = [(
        "openwebui/hstry-webui.db",
        "its chat has two messages under `messages`; the script looked for rows only",
    )];

    /// Compares with what independent scripts counted in real exports, where those are at hand.
    #[test]
    fn real_samples_give_what_they_hold() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/import-samples");
        let Ok(expected) = std::fs::read_to_string(folder.join("EXPECTED.json")) else {
            eprintln!("skipped: there are no import samples at {}", folder.display());
            return;
        };
        let expected: Vec<Value> = serde_json::from_str(&expected).unwrap();
        let formats: Vec<&str> = super::super::formats().iter().map(|f| f.format()).collect();
        let mut wrong = Vec::new();
        let mut compared = 0;
        for entry in &expected {
            let file = entry["file"].as_str().unwrap();
            let format = file.split('/').next().unwrap();
            if !formats.contains(&format) || DISPUTED.iter().any(|(name, _)| *name == file) {
                continue;
            }
            compared += 1;
            let (result, sink) =
                read_path(&folder.join(file.trim_end_matches(" (dir)")), &options());
            wrong.extend(compare(entry, &result, &sink).map(|why| format!("{file}: {why}")));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(compared > 0);
    }

    fn compare(
        entry: &Value,
        result: &Result<Account, ImportError>,
        sink: &Counting,
    ) -> Option<String> {
        let total = entry["total_messages"].as_u64().unwrap();
        if let Err(error) = result {
            return (total > 0).then(|| error.to_string());
        }
        let quiet = ["service", "system"]
            .iter()
            .filter_map(|k| entry["messages"][*k].as_u64())
            .sum::<u64>();
        let got = sink.messages().count() as u64;
        if !(total - quiet..=total).contains(&got) {
            return Some(format!("{got} messages, not {total}"));
        }
        if total > 0 && Some(sink.conversations.len() as u64) != entry["conversations"].as_u64() {
            return Some(format!("{} conversations", sink.conversations.len()));
        }
        if total == 0 {
            return None;
        }
        let (first, last) = sink.span();
        for (key, got) in [("first_ts", first), ("last_ts", last)] {
            let expected = entry[key].as_str().and_then(Timestamp::parse);
            let apart = |a: Timestamp, b: Timestamp| (a.as_millis() - b.as_millis()).abs() > 1000;
            match (expected, got) {
                (Some(a), Some(b)) if apart(a, b) => return Some(format!("{key} {b}, not {a}")),
                (Some(a), None) => return Some(format!("{key} is missing, not {a}")),
                _ => {}
            }
        }
        None
    }
}
