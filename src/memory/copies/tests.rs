#![allow(clippy::unwrap_used, reason = "a test fails where something is missing")]

use super::*;
use crate::conversation::{NewTurn, Role, SessionId, Timestamp};
use crate::memory::migrations::tests::of_schema;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn say(memory: &Memory, session: SessionId, text: &str) {
    memory.append(session, &NewTurn::message(Role::User, "Ann", text), None, at(1)).unwrap();
}

/// A memory with one session of these turns.
fn memory_of(path: &Path, texts: &[&str]) -> (Memory, SessionId) {
    let memory = Memory::open(path).unwrap();
    let session = memory.begin_session("chat", Some("T"), at(1)).unwrap();
    for text in texts {
        say(&memory, session, text);
    }
    (memory, session)
}

fn texts(path: &Path) -> Vec<String> {
    let memory = Memory::open(path).unwrap();
    let turns = memory.turns(SessionId(1), 0, 100).unwrap();
    turns.into_iter().map(|turn| turn.text).collect()
}

#[test]
fn a_backup_is_what_was_there_and_only_the_owners() {
    let place = Place::new();
    let (memory, session) = memory_of(&place.path("memory.db"), &["one", "two"]);
    let target = place.path("backup.db");
    let mut told = 0;
    let copied = memory
        .backup(&target, false, &mut |_, _| {
            told += 1;
            true
        })
        .unwrap();
    say(&memory, session, "three");
    assert_eq!((copied.turns, copied.sessions), (2, 1));
    assert_eq!(copied.bytes, fs::metadata(&target).unwrap().len());
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(place.names().iter().all(|name| !name.contains("partial")), "{:?}", place.names());
    assert!(!place.names().iter().any(|name| name.starts_with("backup.db-")));
    assert_eq!(Memory::inspect_backup(&target).unwrap(), copied);
    assert_eq!(texts(&target), ["one", "two"]);

    // What is there stays, unless it is said otherwise; the memory itself always.
    assert!(matches!(
        memory.backup(&target, false, &mut |_, _| true),
        Err(MemoryError::Exists(path)) if path == target
    ));
    for overwrite in [false, true] {
        let itself = memory.backup(&place.path("memory.db"), overwrite, &mut |_, _| true);
        let expected = if overwrite { "was not overwritten" } else { "already exists" };
        assert!(itself.unwrap_err().to_string().contains(expected));
    }
    // A backup that was opened is a memory; one that was not gives way to the next.
    let opened = memory.backup(&target, true, &mut |_, _| true);
    assert!(opened.unwrap_err().to_string().contains("was not overwritten"));
    let again = place.path("again.db");
    memory.backup(&again, false, &mut |_, _| true).unwrap();
    assert_eq!(memory.backup(&again, true, &mut |_, _| true).unwrap().turns, 3);
    assert!(matches!(
        memory.backup(&place.path("no/such/folder"), false, &mut |_, _| true),
        Err(MemoryError::Copy { .. })
    ));
}

#[test]
fn a_backup_that_is_stopped_leaves_nothing() {
    let place = Place::new();
    let (memory, session) = memory_of(&place.path("memory.db"), &[]);
    // More pages than are copied in one step.
    let long = "tomato ".repeat(20_000);
    for _ in 0..100 {
        let turn = NewTurn::message(Role::User, "Ann", &long);
        memory.append(session, &turn, None, at(1)).unwrap();
    }
    let stopped = memory.backup(&place.path("backup.db"), false, &mut |_, _| false);
    assert!(matches!(stopped, Err(MemoryError::Stopped)), "{stopped:?}");
    assert!(place.names().iter().all(|name| name.starts_with("memory.db")), "{:?}", place.names());
}

#[test]
fn a_backup_is_of_one_instant_while_others_write() {
    let place = Place::new();
    let (memory, session) = memory_of(&place.path("memory.db"), &["begin"]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (memory, done) = (&memory, &done);
        scope.spawn(move || {
            let mut number = 0;
            while !done.load(Ordering::Relaxed) && number < 2_000 {
                say(memory, session, &format!("kettle {number}"));
                number += 1;
            }
        });
        for round in 0..5 {
            let target = place.path(&format!("backup-{round}.db"));
            let copied = memory.backup(&target, false, &mut |_, _| true).unwrap();
            let backup = Memory::open(&target).unwrap();
            let checked = backup.check(false).unwrap();
            assert_eq!(checked.findings, []);
            assert_eq!(checked.turns, copied.turns);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn restoring_keeps_what_was_there() {
    let place = Place::new();
    let target = place.path("memory.db");
    let backup = place.path("backup.db");
    let (memory, session) = memory_of(&target, &["one"]);
    memory.backup(&backup, false, &mut |_, _| true).unwrap();
    say(&memory, session, "two");

    // Somebody has it open.
    let refused = Memory::restore(&backup, &target, at(0));
    assert!(matches!(refused, Err(MemoryError::InUse(_))), "{refused:?}");
    drop(memory);
    assert_eq!(texts(&target), ["one", "two"]);

    let (copied, kept) = Memory::restore(&backup, &target, at(0)).unwrap();
    let kept = kept.unwrap();
    assert_eq!((copied.turns, texts(&target)), (1, vec!["one".to_owned()]));
    assert_eq!(kept, place.path("memory.db.replaced-1970-01-01T00-00-00Z"));
    assert_eq!(texts(&kept), ["one", "two"]);
    let (_, again) = Memory::restore(&backup, &target, at(0)).unwrap();
    assert_eq!(again.unwrap(), place.path("memory.db.replaced-1970-01-01T00-00-00Z-2"));
    let kinds: Vec<_> = beside::copies(&target).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [CopyKind::Replaced; 2]);
    // Where nothing was, nothing is kept.
    let (_, none) = Memory::restore(&backup, &place.path("new/memory.db"), at(0)).unwrap();
    assert_eq!((none, texts(&place.path("new/memory.db"))), (None, vec!["one".to_owned()]));
    assert!(place.names().iter().all(|name| !name.contains("partial")), "{:?}", place.names());
}

#[test]
fn what_is_no_whole_memory_is_not_restored() {
    let place = Place::new();
    let target = place.path("memory.db");
    drop(memory_of(&target, &["one"]));
    let before = fs::read(&target).unwrap();
    let refused = |name: &str| {
        let error = Memory::restore(&place.path(name), &target, at(0)).unwrap_err().to_string();
        assert_eq!(fs::read(&target).unwrap(), before, "{name}");
        assert!(beside::copies(&target).is_empty());
        error
    };
    fs::write(place.path("text"), "no database, but some text that is long enough").unwrap();
    assert!(refused("text").contains("not a recount database"), "{}", refused("text"));
    fs::write(place.path("empty"), "").unwrap();
    assert!(refused("empty").contains("it is empty"));
    assert!(refused("nowhere").contains("cannot restore"));
    let other = Connection::open(place.path("other")).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(refused("other").contains("another program"));
    drop(memory_of(&place.path("newer"), &["new"]));
    let newer = Connection::open(place.path("newer")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    assert!(refused("newer").contains("newer recount"));

    // Pages that were overwritten.
    let texts: Vec<String> = (0..200).map(|number| format!("kettle {number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    drop(memory_of(&place.path("broken"), &texts));
    let mut bytes = fs::read(place.path("broken")).unwrap();
    let from = 4096 * 8;
    bytes[from..].fill(0x55);
    fs::write(place.path("broken"), bytes).unwrap();
    let error = refused("broken");
    assert!(error.contains("damaged") || error.contains("not a recount database"), "{error}");
}

#[test]
fn a_damaged_memory_gives_way_to_a_backup_and_is_kept() {
    let place = Place::new();
    let (target, backup) = (place.path("memory.db"), place.path("backup.db"));
    let (memory, _) = memory_of(&target, &["one"]);
    memory.backup(&backup, false, &mut |_, _| true).unwrap();
    drop(memory);
    let mut bytes = fs::read(&target).unwrap();
    bytes[100..4096].fill(0x55);
    fs::write(&target, &bytes).unwrap();
    let error = Memory::open(&target).err().unwrap();
    assert!(matches!(error, MemoryError::Damaged(_)), "{error}");
    let (_, kept) = Memory::restore(&backup, &target, at(0)).unwrap();
    assert_eq!(texts(&target), ["one"]);
    assert_eq!(fs::read(kept.unwrap()).unwrap(), bytes);
    // What was never a memory is not put aside.
    fs::write(&target, "a list of seedlings, and certainly no database at all").unwrap();
    assert!(matches!(
        Memory::restore(&backup, &target, at(0)),
        Err(MemoryError::NotAMemory { .. })
    ));
}

#[test]
fn a_copy_is_kept_from_before_a_migration() {
    let place = Place::new();
    let path = place.path("memory.db");
    for schema in 1..migrations::NEWEST {
        fs::remove_file(&path).ok();
        of_schema(&path, schema);
        let memory = Memory::open(&path).unwrap();
        let copies = memory.copies();
        assert!(copies.len() <= KEPT, "{copies:?}");
        let (kind, newest) = copies.last().unwrap();
        assert_eq!(*kind, CopyKind::BeforeMigration);
        assert_eq!(*newest, place.path(&format!("memory.db.schema-{schema}.backup")));
        assert_eq!(Memory::inspect_backup(newest).unwrap().schema, schema);
        assert_eq!(fs::metadata(newest).unwrap().permissions().mode() & 0o777, 0o600);
        drop(memory);
        // Of the newest schema already: nothing more is copied.
        let before = place.names();
        drop(Memory::open(&path).unwrap());
        assert_eq!(place.names(), before);
    }
    let memory = Memory::open(&path).unwrap();
    assert_eq!(memory.remove_copies(CopyKind::BeforeMigration).unwrap(), KEPT);
    assert_eq!(memory.copies(), []);
}

#[test]
fn without_a_copy_there_is_no_migration() {
    let place = Place::new();
    let path = place.path("memory.db");
    of_schema(&path, 3);
    // Where the copy should be, something stands in the way.
    fs::create_dir_all(place.path("memory.db.schema-3.backup/full")).unwrap();
    let error = Memory::open(&path).err().unwrap();
    assert!(matches!(error, MemoryError::BeforeMigration { .. }), "{error}");
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    let connection = Connection::open(&path).unwrap();
    assert_eq!(migrations::version(&connection).unwrap(), 3);
}
