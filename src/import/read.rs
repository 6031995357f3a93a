//! From a path to its conversations: who reads which file, in which order.

use crate::conversation::{Conversation, Kind, Restored, Role, Said};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::database;
use crate::import::reading::input::{Input, Progress};
use crate::import::reading::package::Package;
use crate::import::reading::sample::{SAMPLE, Sample};
use crate::import::{Confidence, Importer, Options, Sink, Stop, formats};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What was seen under a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The formats that were read, each once, in the order of reading.
    pub formats: Vec<&'static str>,
    /// How many files were read.
    pub files: usize,
    /// What the first file that was read looks like, in a few words: for saying why nothing came
    /// of it.
    pub looks_like: String,
}

/// How many bytes tell whether a file is text.
const FIRST: u64 = 4096;

/// What a file is to the formats.
enum Claim {
    /// A format reads it.
    Mine(&'static dyn Importer),
    /// It belongs to an export but holds no conversations.
    Beside(&'static str, &'static str),
    /// What it says is in another file beside it, which is read.
    Repeated,
    /// There is nothing in it.
    Empty(&'static str),
    /// Nobody knows it.
    Unknown,
}

/// Reads what a path leads to: a file, a folder with all below it, a ZIP with those inside of it.
///
/// `on_format` is told the name of the format of the conversations that the sink gets next. Returns
/// what was seen; it can be that no conversation came of it. Fails where nothing of it is of any
/// format, and with what the sink stopped for.
pub fn read(
    path: &Path,
    options: &Options,
    on_format: &mut dyn FnMut(&'static str),
    sink: &mut dyn Sink,
) -> Result<Account, ImportError> {
    let sink = &mut Told::new(sink);
    let forced = options.format.as_deref().map(by_name).transpose()?;
    let mut packages = Package::find(path)?;
    let mut claims = Vec::new();
    let mut account = Account::default();
    let mut looked_at = 0;
    let mut total = 0;
    let mut unread: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for package in &mut packages {
        let mut of_package = Vec::new();
        for index in 0..package.entries.len() {
            let sample = match sample(package, index) {
                Ok(sample) => sample,
                Err(error) if package.single => return Err(error),
                Err(error) => {
                    package.unreadable.push(("file cannot be read", error.to_string()));
                    of_package.push(Claim::Unknown);
                    continue;
                }
            };
            let claim = claim(&sample, forced, package.single);
            let first_read = matches!(claim, Claim::Mine(_)) && account.files == 0;
            if looked_at == 0 || first_read {
                account.looks_like = sample.looks_like();
            }
            if matches!(claim, Claim::Mine(_)) {
                account.files += 1;
                total += package.entries[index].size;
            }
            if matches!(claim, Claim::Unknown) && looks_like_talk(&sample) {
                let kind = kind_of_name(&sample.file_name());
                unread.entry(kind).or_insert_with(|| (0, shorten(sample.name()))).0 += 1;
            }
            looked_at += 1;
            of_package.push(claim);
        }
        for index in repeated(package, &of_package) {
            of_package[index] = Claim::Repeated;
            account.files -= 1;
            total -= package.entries[index].size;
        }
        claims.push(of_package);
    }
    if account.files == 0 {
        return Err(nothing(path, &packages, &claims, looked_at, account.looks_like));
    }
    let progress = Progress::new(total);
    for (mut package, claims) in packages.into_iter().zip(claims) {
        for (reason, example) in std::mem::take(&mut package.unreadable) {
            sink.skipped(reason, &shorten(&example));
        }
        for (entry, claim) in package.entries.iter().zip(&claims) {
            match claim {
                Claim::Unknown => sink.skipped("file of no known format", &shorten(&entry.name)),
                Claim::Empty(_) => sink.skipped("empty file", &shorten(&entry.name)),
                Claim::Repeated => {
                    sink.skipped(
                        "file whose content is in another one beside it",
                        &shorten(&entry.name),
                    );
                }
                Claim::Mine(_) | Claim::Beside(..) => {}
            }
        }
        for importer in formats() {
            let is_mine =
                |claim: &Claim| matches!(claim, Claim::Mine(m) if m.format() == importer.format());
            let chosen: Vec<usize> = claims
                .iter()
                .enumerate()
                .filter(|(_, c)| is_mine(c))
                .map(|(index, _)| index)
                .collect();
            if chosen.is_empty() {
                continue;
            }
            on_format(importer.format());
            if !account.formats.contains(&importer.format()) {
                account.formats.push(importer.format());
            }
            let mut input = Input::new(&mut package, chosen, progress.clone());
            sink.begin();
            let files = claims.iter().filter(|claim| is_mine(claim)).count();
            match importer.read(&mut input, options, sink) {
                Ok(()) => sink.settle(importer.format(), files, account.files > files),
                Err(ImportError::Stopped(stop)) => return Err(stop.into()),
                Err(error) if account.files == 1 => return Err(error),
                Err(error) => sink.failed("file cannot be read", &error.to_string()),
            }
        }
    }
    for (count, example) in unread.into_values().take(UNREAD) {
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        sink.warning(format!(
            "{files} next to what was read may hold messages, but recount does not know the format: {example}"
        ));
    }
    Ok(account)
}

/// So many kinds of files that were not read are named.
const UNREAD: usize = 5;

/// Whether a file that no format knows may hold what people said, by its name or its records.
fn looks_like_talk(sample: &Sample) -> bool {
    const NAMES: [&str; 9] = [
        "message",
        "conversation",
        "chat",
        "direct",
        "dms",
        "thread",
        "transcript",
        "sms",
        "inbox",
    ];
    const ENDINGS: [&str; 8] = ["json", "jsonl", "ndjson", "js", "html", "htm", "xml", "csv"];
    if sample.binary().is_some() {
        return false;
    }
    let name = sample.file_name();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name.as_str(), ""));
    let named = ENDINGS.contains(&ending) && NAMES.iter().any(|word| stem.contains(word));
    let has = |value: &Value, keys: &[&str]| keys.iter().any(|key| value.get(key).is_some());
    named
        || sample.any(|value| {
            has(value, &["sender", "senderId", "role", "from", "author"])
                && has(value, &["text", "content", "body", "message"])
        })
}

/// Returns a file's name without its numbers: parts of one export have one kind.
fn kind_of_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Hands on what formats tell, with examples of a length that people read: an identity of a message
/// can be anything in a damaged file. Counts what comes of a format, so that words which are no
/// longer where they were do not go unnoticed.
struct Told<'s> {
    sink: &'s mut dyn Sink,
    conversations: usize,
    /// Messages of assistants, and of people.
    answers: usize,
    asked: usize,
    /// Messages without words.
    empty: usize,
    /// Whether anything was counted as left out.
    accounted: bool,
}

impl<'s> Told<'s> {
    fn new(sink: &'s mut dyn Sink) -> Self {
        Self { sink, conversations: 0, answers: 0, asked: 0, empty: 0, accounted: false }
    }

    /// Begins to count anew.
    fn begin(&mut self) {
        (self.conversations, self.answers, self.asked, self.empty) = (0, 0, 0, 0);
        self.accounted = false;
    }

    /// Says what is odd about what came of a format. `others` says that
    /// files of other formats were read too: where there are none, an import without anything new
    /// is an error by itself.
    fn settle(&mut self, format: &str, files: usize, others: bool) {
        // Of a chat of many some are empty; where nobody answers, two are odd already.
        let none = self.answers == 0 && self.empty >= 2 && self.empty * 2 >= self.asked;
        let few = self.empty >= 3 && self.empty > self.answers && self.empty * 4 >= self.asked;
        if none || few {
            self.sink.warning(format!(
                "{} messages of {format} have no text where recount looks for it: the format may have changed",
                self.empty
            ));
        }
        if self.conversations == 0 && others && !self.accounted {
            let files = match files {
                1 => "1 file looks".to_owned(),
                _ => format!("{files} files look"),
            };
            self.sink.warning(format!(
                "{files} like {format}, but no conversation was found: the format may have changed"
            ));
        }
    }

    fn example(example: &str) -> Cow<'_, str> {
        const LONG: usize = 160;
        if example.len() > LONG { shorten(example).into() } else { example.into() }
    }
}

impl Sink for Told<'_> {
    fn conversation(&mut self, conversation: Conversation) -> Result<(), Stop> {
        self.conversations += 1;
        let said = |role| {
            let turns = conversation.turns.iter();
            turns.filter(|turn| turn.role == role && turn.kind == Kind::Message).count()
        };
        self.answers += said(Role::Assistant);
        self.asked += said(Role::User);
        self.sink.conversation(conversation)
    }

    fn long(&mut self, conversation: Conversation, turns: Box<dyn Said>) -> Result<(), Stop> {
        self.conversations += 1;
        // What is long has words.
        self.answers += turns.count();
        self.sink.long(conversation, turns)
    }

    fn scratch(&self) -> io::Result<File> {
        self.sink.scratch()
    }

    fn restored(&mut self, conversation: Conversation, restored: Restored) -> Result<(), Stop> {
        self.conversations += 1;
        self.answers += conversation.turns.len();
        self.sink.restored(conversation, restored)
    }

    fn skipped(&mut self, reason: &str, example: &str) {
        self.empty += usize::from(reason == "empty message");
        self.accounted = true;
        self.sink.skipped(reason, &Self::example(example));
    }

    fn failed(&mut self, reason: &str, example: &str) {
        self.accounted = true;
        self.sink.failed(reason, &Self::example(example));
    }

    fn warning(&mut self, text: String) {
        self.sink.warning(text);
    }

    fn progress(&mut self, bytes_read: u64, bytes_total: u64) -> Result<(), Stop> {
        self.sink.progress(bytes_read, bytes_total)
    }
}

fn by_name(name: &str) -> Result<&'static dyn Importer, ImportError> {
    let wanted = name.trim().to_lowercase().replace(['-', ' ', '.'], "_");
    let found = formats().iter().find(|importer| importer.format() == wanted);
    found.copied().ok_or_else(|| ImportError::NoSuchFormat { name: shorten(name) })
}

/// Returns the beginning of a file.
fn sample(package: &mut Package, index: usize) -> Result<Sample, ImportError> {
    let path = package.path.clone();
    let name = package.entries[index].name.clone();
    let mut head = Vec::new();
    let mut reader = package.open(index)?;
    // Thousands of pictures can come with an export: a few bytes tell them.
    reader
        .by_ref()
        .take(FIRST)
        .read_to_end(&mut head)
        .map_err(|error| ImportError::io(&path, error))?;
    if head.len() as u64 == FIRST {
        let first = Sample::new(name.as_str(), head.clone(), false);
        if first.binary().is_some() {
            drop(reader);
            return Ok(with_tables(first, package, index));
        }
    }
    let rest = SAMPLE as u64 - head.len() as u64;
    reader.take(rest).read_to_end(&mut head).map_err(|error| ImportError::io(&path, error))?;
    let whole = head.len() < SAMPLE;
    Ok(with_tables(Sample::new(name, head, whole), package, index))
}

/// Returns the files that another one of the same package is read instead of.
fn repeated(package: &Package, claims: &[Claim]) -> Vec<usize> {
    let named = package.entries.iter().zip(claims).filter_map(|(entry, claim)| match claim {
        Claim::Mine(importer) => importer.instead_of(&entry.name),
        _ => None,
    });
    let named: HashSet<String> = named.collect();
    let read = package.entries.iter().zip(claims).enumerate().filter(|(_, (entry, claim))| {
        matches!(claim, Claim::Mine(_)) && named.contains(&entry.name)
    });
    read.map(|(index, _)| index).collect()
}

/// Returns whether a file says what another one beside it says with more, so that it is not read by
/// itself when it changes.
pub fn is_repeated(path: &Path) -> bool {
    let (Some(name), Some(folder)) = (path.file_name(), path.parent()) else { return false };
    let name = name.to_string_lossy();
    let Ok(beside) = std::fs::read_dir(folder) else { return false };
    beside.flatten().any(|other| {
        let other = other.file_name();
        let other = other.to_string_lossy();
        formats().iter().any(|format| format.instead_of(&other).is_some_and(|known| known == name))
    })
}

/// Adds the tables of a database. One that cannot be opened is told by its first bytes alone.
fn with_tables(sample: Sample, package: &mut Package, index: usize) -> Sample {
    if !sample.head().starts_with(database::MAGIC) {
        return sample;
    }
    match package.database(index) {
        Ok(database) => sample.with_tables(database.tables().clone()),
        Err(_) => sample,
    }
}

fn claim(sample: &Sample, forced: Option<&'static dyn Importer>, single: bool) -> Claim {
    if let Some(what) = sample.emptiness() {
        return Claim::Empty(what);
    }
    if let Some(importer) = forced {
        // A file that was named by itself is read as the user says; of many only those that fit.
        return match importer.recognise(sample) {
            Confidence::Beside(wanted) => Claim::Beside(importer.format(), wanted),
            Confidence::No if !single => Claim::Unknown,
            _ => Claim::Mine(importer),
        };
    }
    let mut best = (Confidence::No, Claim::Unknown);
    for importer in formats() {
        let confidence = importer.recognise(sample);
        let rank = |c: &Confidence| match c {
            Confidence::Beside(_) => Confidence::Beside(""),
            c => *c,
        };
        if rank(&confidence) > rank(&best.0) {
            let claim = match confidence {
                Confidence::Beside(wanted) => Claim::Beside(importer.format(), wanted),
                _ => Claim::Mine(*importer),
            };
            best = (confidence, claim);
        }
    }
    best.1
}

/// Returns why nothing can be read.
fn nothing(
    path: &Path,
    packages: &[Package],
    claims: &[Vec<Claim>],
    files: usize,
    looks_like: String,
) -> ImportError {
    let path = path.to_owned();
    let single = packages.iter().any(|package| package.single);
    let beside = claims.iter().flatten().find_map(|claim| match claim {
        Claim::Beside(format, wanted) => Some((*format, *wanted)),
        _ => None,
    });
    let empty = claims.iter().flatten().find_map(|claim| match claim {
        Claim::Empty(what) => Some(*what),
        _ => None,
    });
    let unreadable = packages.iter().flat_map(|package| &package.unreadable).next();
    match (beside, empty, unreadable) {
        (_, Some(what), _) if single || files == 1 => ImportError::Empty { path, what },
        (Some((format, wanted)), ..) => ImportError::WrongFile { path, format, wanted },
        (_, Some(what), _) => ImportError::Empty { path, what },
        (_, _, Some((reason, example))) if files == 0 => {
            ImportError::Archive { path, reason: shorten(&format!("{reason}: {example}")) }
        }
        _ if single => ImportError::Unknown { path, looks_like },
        _ if files == 0 => ImportError::Empty { path, what: "no files" },
        _ => ImportError::NothingInside { path, files, looks_like },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::{Counting, error_of, options, read_bytes, read_path, zip};
    use crate::import::{ImportError, Stop};

    const CHATGPT: &str = r#"[{"id": "c1", "title": "t", "mapping": {"a": {"id": "a",
        "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["naïve 🚲"]}}}}}]"#;
    const CLAUDE: &str = r#"[{"uuid": "k1", "name": "t", "chat_messages": [{"uuid": "m", "sender": "human", "text": "hi"}]}]"#;

    fn formats_of(bytes: &[u8]) -> (Vec<&'static str>, Counting) {
        let (result, sink) = read_bytes(bytes);
        let account = result.unwrap();
        assert_eq!(account.formats, sink.formats);
        assert!(sink.progress.is_sorted(), "progress goes back: {:?}", sink.progress);
        let (read, total) = sink.progress.last().copied().unwrap();
        assert_eq!(read, total, "not read to the end");
        (account.formats, sink)
    }

    #[test]
    fn an_archive_is_read_in_place() {
        let export = zip(&[
            ("__MACOSX/._conversations.json", b"\0\x05\x16\x07"),
            ("user.json", br#"{"email": "a@b.c", "chatgpt_plus_user": true}"#),
            ("conversations-000.json", CHATGPT.as_bytes()),
            ("conversations-001.json", CHATGPT.as_bytes()),
            ("file-abc.png", b"\x89PNG\r\n"),
            ("../../escape.txt", b"out"),
        ]);
        let (formats, sink) = formats_of(&export);
        assert_eq!((formats, sink.conversations.len()), (vec!["chatgpt"], 2));
        assert_eq!(sink.skipped["file of no known format"], 2);
        let nested = zip(&[("inner/export.zip", &export), ("claude.json", CLAUDE.as_bytes())]);
        let (formats, sink) = formats_of(&nested);
        assert_eq!((formats, sink.conversations.len()), (vec!["chatgpt", "claude_ai"], 3));
        let mut deep = export;
        for _ in 0..6 {
            deep = zip(&[("next.zip", &deep)]);
        }
        assert!(error_of(&deep).contains("nested too deeply"));
    }

    #[test]
    fn a_folder_is_walked() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        std::fs::write(folder.path().join("a/b/conversations.json"), CHATGPT).unwrap();
        std::fs::write(
            folder.path().join("claude.zip"),
            zip(&[("conversations.json", CLAUDE.as_bytes())]),
        )
        .unwrap();
        std::fs::write(folder.path().join("broken.zip"), b"PK\x03\x04 and then nothing").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "nothing of the kind").unwrap();
        let (result, sink) = read_path(folder.path(), &options());
        assert_eq!(result.unwrap().formats, ["chatgpt", "claude_ai"]);
        assert_eq!(sink.conversations.len(), 2);
        assert_eq!(sink.skipped["archive cannot be opened"], 1);
        assert_eq!(sink.skipped["file of no known format"], 1);
    }

    #[test]
    fn what_is_not_read_is_named() {
        let moved = |id: &str| {
            format!(
                r#"{{"uuid": "{id}", "sender": "assistant", "text": "", "elsewhere": "words"}}"#
            )
        };
        let claude = format!(
            r#"[{{"uuid": "k1", "name": "t", "chat_messages": [{{"uuid": "m", "sender": "human", "text": "hi"}}, {}, {}, {}]}}]"#,
            moved("a"),
            moved("b"),
            moved("c")
        );
        let export = zip(&[
            ("conversations.json", claude.as_bytes()),
            ("data/direct-messages.js", b"window.x = [1]"),
            ("data/direct-messages2.js", b"window.x = [1]"),
            ("data/group.json", br#"{"list": [{"sender": "a", "text": "b"}]}"#),
            ("data/tweets.js", b"window.x = [1]"),
            ("logo.png", b"\x89PNG"),
        ]);
        let (_, sink) = formats_of(&export);
        assert_eq!(
            sink.warnings,
            [
                "3 messages of claude_ai have no text where recount looks for it: the format may have changed",
                "2 files next to what was read may hold messages, but recount does not know the format: data/direct-messages.js",
                "1 file next to what was read may hold messages, but recount does not know the format: data/group.json",
            ]
        );
    }

    #[test]
    fn every_encoding() {
        let wide = |mark: &[u8], text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            mark.iter().copied().chain(text.encode_utf16().flat_map(unit)).collect()
        };
        for bytes in [
            [b"\xEF\xBB\xBF", CHATGPT.as_bytes()].concat(),
            wide(b"\xFF\xFE", CHATGPT, u16::to_le_bytes),
            wide(b"\xFE\xFF", CHATGPT, u16::to_be_bytes),
            wide(b"", CHATGPT, u16::to_le_bytes),
        ] {
            assert_eq!(formats_of(&bytes).1.said(), ["user: naïve 🚲"]);
        }
        let latin = b"User: caf\xE9?\nAssistant: d\xE9j\xE0 vu\nUser: caf\xC3\xA9\n";
        assert_eq!(formats_of(latin).1.said(), ["user: café?", "assistant: déjà vu", "user: café"]);
    }

    #[test]
    fn errors_say_what_to_do() {
        for (bytes, part) in [
            (&b""[..], "is empty (no text)"),
            (b" \n", "is empty (no text)"),
            (b"[]", "is empty (an empty list)"),
            (b"{}", "is empty (an empty object)"),
            (b"\xFF\xD8\xFF\xE0 picture", "a JPEG picture"),
            (b"SQLite format 3\0 and more", "an SQLite database"),
            (b"PK\x03\x04 cut", "download or copy it again"),
            (b"{\"x\": \"\x1b[31m\"}", "--list-formats"),
            (b"{\"very\\nodd\": 1}", "--list-formats"),
        ] {
            let message = error_of(bytes);
            assert!(message.contains(part), "{message}");
        }
        assert!(
            error_of(&zip(&[("a.png", b"\x89PNG"), ("b.png", b"\x89PNG")]))
                .contains("read 2 files")
        );
        assert!(error_of(&zip(&[])).contains("empty"));
        let (result, _) = read_path(Path::new("/nowhere/at/all"), &options());
        assert!(matches!(result, Err(ImportError::Io { .. })));
        let cut = zip(&[("conversations.json", CHATGPT.repeat(50).as_bytes())]);
        assert!(error_of(&cut[..cut.len() - 30]).contains("download or copy it again"));
    }

    #[test]
    fn a_format_can_be_forced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.txt");
        std::fs::write(&path, "User: hi\nAssistant: ho\n").unwrap();
        let forced = |name: &str| Options { format: Some(name.to_owned()), ..options() };
        assert!(read_path(&path, &forced("Markdown")).0.is_ok());
        assert!(matches!(
            read_path(&path, &forced("nope")).0,
            Err(ImportError::NoSuchFormat { .. })
        ));
        let (result, sink) = read_path(&path, &forced("chatgpt"));
        assert_eq!(result.unwrap().formats, ["chatgpt"]);
        assert!(sink.conversations.is_empty() && !sink.failed.is_empty());
    }

    /// Found by fuzzing: an identity as long as the file.
    #[test]
    fn examples_are_short() {
        let long = "x".repeat(5_000);
        let file = CHATGPT
            .replace(r#""role": "user""#, r#""role": null"#)
            .replace(r#""message": {"#, &format!(r#""message": {{"id": "{long}", "#));
        // The sink of the tests panics where an example is long.
        let (_, sink) = read_bytes(file.as_bytes());
        assert_eq!(sink.skipped["message without a role"], 1);
    }

    #[test]
    fn a_stop_is_passed_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        std::fs::write(&path, CHATGPT).unwrap();
        let mut sink = Counting { stop_at: Some(0), ..Counting::default() };
        let result = read(&path, &options(), &mut |_| {}, &mut sink);
        assert!(matches!(result, Err(ImportError::Stopped(Stop))));
    }

    /// No format without its fixture (which is recognised as its own, and holds something), its fuzz
    /// target and its section in the documentation.
    #[test]
    fn every_format_is_complete() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
        let (docs, fuzz) = (text("docs/importing.md"), text("fuzz/Cargo.toml"));
        let mut missing = Vec::new();
        for importer in formats() {
            let name = importer.format();
            let mut check = |there: bool, what: &str| {
                if !there {
                    missing.push(format!("{name}: {what}"));
                }
            };
            check(docs.contains(&format!("\n## {name}\n")), "a section in docs/importing.md");
            let target = format!("read_as(\"{name}\", bytes)");
            check(
                text(&format!("fuzz/fuzz_targets/{name}.rs")).contains(&target)
                    && fuzz.contains(&format!("name = \"{name}\"")),
                "a fuzz target",
            );
            let fixture = root.join("tests/fixtures/import").join(name);
            let (result, sink) = read_path(&fixture, &options());
            let read = result.map(|account| account.formats).unwrap_or_default();
            check(read == [name], "a fixture in tests/fixtures/import that is read as it");
            check(sink.messages().count() > 1, "messages in its fixture");
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    /// Formats of several shapes have a file for each, from which their fuzzing begins too.
    #[test]
    fn further_fixtures_are_read_as_their_format() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import");
        let mut read = 0;
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let Some((format, _)) = name.split_once('-').filter(|_| !name.contains('.')) else {
                continue;
            };
            let (result, sink) = read_path(&path, &options());
            assert_eq!(result.unwrap().formats, [format], "{name}");
            assert!(sink.messages().count() > 1, "{name}");
            read += 1;
        }
        assert!(read > 0);
    }

    #[test]
    fn names_are_unique_and_short() {
        let mut names: Vec<_> = formats().iter().map(|f| f.format()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), formats().len());
        assert!(formats().iter().all(|f| f.description().len() < 120));
    }

    proptest::proptest! {
        #[test]
        fn bytes_of_any_kind_do_no_harm(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = read_bytes(&bytes);
        }

        #[test]
        fn damaged_exports_do_no_harm(
            which in 0_usize..6,
            damage in proptest::collection::vec((0_usize..4000, proptest::prelude::any::<u8>()), 1..6),
            cut in 0_usize..4000,
        ) {
            const LOCOMO: &str = r#"[{"sample_id": "s", "conversation": {"speaker_a": "A", "speaker_b": "B",
                "session_1_date_time": "1:56 pm on 8 May, 2023", "session_1": [{"speaker": "A", "dia_id": "D1:1", "text": "x"}]}}]"#;
            const OPENAI: &str = "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"x\"}]}]}\n";
            const SHAREGPT: &str = r#"[{"id": "x", "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}]"#;
            const LOG: &str = "# 2024-05-01T10:00:00    conversation: c id: r\n\n## Prompt\n\n```\nx\n\n## Response\n\n**y**: z\n";
            let text = [CHATGPT, CLAUDE, LOCOMO, OPENAI, SHAREGPT, LOG][which];
            let mut bytes = text.as_bytes().to_vec();
            for (at, byte) in damage {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            bytes.truncate(cut.max(1));
            let _ = read_bytes(&bytes);
        }

        #[test]
        fn texts_of_any_kind_do_no_harm(text in "([#>*_`~: \n\\[\\]()é🚲]|User|Ada|You|:\n|```\n|## |Prompt){0,60}") {
            let _ = read_bytes(text.as_bytes());
            let forced = Options { format: Some("markdown".to_owned()), ..options() };
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("x.md");
            std::fs::write(&path, text).unwrap();
            let _ = read_path(&path, &forced);
        }
    }
}
