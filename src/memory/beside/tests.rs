#![allow(clippy::unwrap_used, reason = "a test fails where something is missing")]

use super::*;
use crate::conversation::{NewTurn, Role, Timestamp};
use std::os::unix::fs::{PermissionsExt as _, symlink};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// A memory with a turn.
fn memory(path: &Path) -> Memory {
    let memory = Memory::open(path).unwrap();
    let session = memory.begin_session("chat", None, at(1)).unwrap();
    let turn = NewTurn::message(Role::User, "Ann", "the kettle is red");
    memory.append(session, &turn, None, at(1)).unwrap();
    memory
}

#[test]
fn a_memory_and_what_is_beside_it_are_known_by_any_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let memory = memory(&at("my-memory.db"));
    memory.backup(&at("copy.db"), false, &mut |_, _| true).unwrap();
    symlink(at("my-memory.db"), at("link.md")).unwrap();
    fs::hard_link(at("my-memory.db"), at("second.md")).unwrap();
    fs::hard_link(at("my-memory.db-wal"), at("log.md")).unwrap();
    symlink(folder.path(), at("folder")).unwrap();
    for (name, expected) in [
        ("my-memory.db", Held::Memory),
        ("link.md", Held::Memory),
        ("second.md", Held::Memory),
        ("folder/my-memory.db", Held::Memory),
        ("./my-memory.db", Held::Memory),
        ("copy.db", Held::Copy),
        ("log.md", Held::Beside),
        ("my-memory.db-wal", Held::Beside),
        ("my-memory.db-shm", Held::Beside),
        ("my-memory.db-journal", Held::Beside),
        ("my-memory.db-draft", Held::Beside),
        ("my-memory.db-draft-412", Held::Beside),
        ("my-memory.db-unfinished", Held::Beside),
        ("my-memory.db.partial-17", Held::Beside),
        ("my-memory.db-draft.partial-17", Held::Beside),
        ("my-memory.db.schema-3.backup", Held::Beside),
        ("folder/my-memory.db.replaced-2026-01-01T00-00-00Z", Held::Beside),
        // Also of a memory that is closed or a copy.
        ("copy.db-wal", Held::Beside),
    ] {
        assert_eq!(memory.held(&at(name)), Some(expected), "{name}");
        // Of a memory that another process has open, or none.
        assert_eq!(held(&at(name), None), Some(expected), "{name}");
    }
    fs::write(at("notes.md"), "SQLite format 3\0 is how such a file begins").unwrap();
    for name in [
        "notes.md",
        "notes.md-wal",
        "new.md",
        "my-memory.md",
        "my-memory.db.md",
        "my-memory.db-draft-x",
        "no/x",
    ] {
        assert_eq!(memory.held(&at(name)), None, "{name}");
    }
    assert_eq!(memory.held(folder.path()), None);
    assert_eq!(memory.held(Path::new("/dev/null")), None);
}

/// Closing any file of a process drops all of its locks on that file, also those of `SQLite`: so a
/// memory that is open must not be opened by other means.
#[cfg(target_os = "linux")]
#[test]
fn asking_what_a_file_is_leaves_the_locks_alone() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let memory = memory(&at("memory.db"));
    fs::hard_link(at("memory.db"), at("second.md")).unwrap();
    fs::hard_link(at("memory.db-wal"), at("log.md")).unwrap();
    fs::hard_link(at("memory.db-shm"), at("shared.md")).unwrap();
    symlink(at("memory.db"), at("link.md")).unwrap();
    let locks = || {
        let inodes = ["memory.db", "memory.db-shm"]
            .map(|name| format!(":{} ", fs::metadata(at(name)).unwrap().ino()));
        let all = fs::read_to_string("/proc/locks").unwrap();
        let own = |line: &&str| {
            line.contains("POSIX") && inodes.iter().any(|inode| line.contains(inode.as_str()))
        };
        all.lines().filter(own).count()
    };
    let held_before = locks();
    assert!(held_before > 0);
    for name in
        ["memory.db", "second.md", "link.md", "log.md", "shared.md", "memory.db-wal", "memory.db-x"]
    {
        memory.held(&at(name));
        assert_eq!(locks(), held_before, "{name}");
    }
    assert!(copies_in_folder(&at("memory.db")).is_empty());
    assert_eq!(locks(), held_before);
}

#[test]
fn what_a_killed_run_left_is_named_and_cleaned_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let memory = memory(&at("memory.db"));
    let target = elsewhere.path().join("copy\n.db");
    // A run that is killed drops nothing.
    std::mem::forget(memory.unfinished(&target));
    std::mem::forget(memory.unfinished(&elsewhere.path().join("done.db")));
    let list = at("memory.db-unfinished");
    assert_eq!(fs::metadata(&list).unwrap().permissions().mode() & 0o777, 0o600);
    let mut left = vec![with_suffix(&target, ".partial-99999")];
    for name in ["memory.db.partial-12", "memory.db.partial-12-wal", "memory.db-draft.partial-9"] {
        left.push(at(name));
    }
    for path in &left {
        fs::write(path, "the kettle is red").unwrap();
    }
    left.sort();
    assert_eq!(memory.left_over().len(), 4);
    let named = memory.check(true).unwrap().findings;
    let named: Vec<_> =
        named.iter().filter(|one| one.part == super::super::Part::LeftOver).collect();
    assert_eq!(named.len(), 4, "{named:?}");
    // One that is being written stays, and stays noted.
    let other = elsewhere.path().join("now.db");
    let noted = memory.unfinished(&other);
    let writing = files::Partial::beside(&other).unwrap();
    assert_eq!(memory.remove_left_over().unwrap(), 4);
    assert!(memory.left_over().is_empty());
    assert!(writing.path().exists());
    assert_eq!(read_list(&list).len(), 1);
    drop((writing, noted));
    assert!(!list.exists());
}

/// Whatever is done with a memory, no other file is beside it than those of the list.
#[test]
fn no_other_file_is_beside_a_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.db");
    let memory = memory(&path);
    let mut seen = Vec::new();
    let mut look = || {
        for (rest, path) in beside(&path) {
            assert!(rest.is_empty() || is_ours(&rest), "{}", path.display());
        }
        for entry in fs::read_dir(folder.path()).unwrap() {
            seen.push(entry.unwrap().file_name().into_string().unwrap());
        }
        true
    };
    memory.backup(&folder.path().join("copy.db"), false, &mut |_, _| look()).unwrap();
    fs::remove_file(folder.path().join("copy.db")).unwrap();
    look();
    drop(memory);
    Memory::open(&path).unwrap().backup(&folder.path().join("b"), false, &mut |_, _| true).unwrap();
    Memory::restore(&folder.path().join("b"), &path, at(0)).unwrap();
    look();
    assert!(
        seen.iter().all(|name| name.starts_with("memory.db")
            || name == "b"
            || name.starts_with("copy.db")),
        "{seen:?}"
    );
}
