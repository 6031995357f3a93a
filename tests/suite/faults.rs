//! What keeping a memory safe meets: kills in the middle, several processes at once, a full disk.

use crate::kill::{Numbers, Working, assistant, damage, number};
use crate::program::{Home, finish, skipped};
use recount::assistant::{Cancel, ForgetFilter};
use recount::conversation::{NewTurn, Role, SessionId, Timestamp};
use recount::encoder::HashingEncoder;
use recount::memory::Memory;
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

fn seed() -> u64 {
    number("RECOUNT_KILL_SEED").unwrap_or(1)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn said(number: usize) -> String {
    format!("Kettle number {number} stands on shelf {}.", number % 17)
}

/// What makes a file of the first schema.
fn schema_1() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat/schema-1.sql");
    fs::read_to_string(path).unwrap()
}

/// A reindex that is killed leaves a memory whose old embeddings answer, and goes on.
#[test]
fn a_killed_reindex_goes_on() {
    const TURNS: usize = 1_000;
    let mut numbers = Numbers(seed());
    let home = Home::new();
    let whole = assistant(&home.memory());
    let notes: Vec<_> = (0..TURNS)
        .map(|number| serde_json::json!({"role": "user", "content": said(number)}))
        .collect();
    let file =
        home.file("kettles.json", serde_json::json!([{"id": "k", "messages": notes}]).to_string());
    whole
        .import(&[file], &recount::assistant::ImportOptions::default(), &Cancel::new(), &mut |_| ())
        .unwrap();
    whole.encode_pending(&Cancel::new(), &mut |_, _| ()).unwrap();
    drop(whole);
    let mut resumed = 0;
    for round in 0..number("RECOUNT_KILLS").unwrap_or(25) / 3 {
        let child = Working::start("reindex", &home.memory(), round as usize);
        child.watch_file(&home.memory().with_extension("db-wal"), 1 + numbers.below(700 << 10));
        child.kill();
        assert_eq!(damage(&home.memory()), [""; 0], "round {round}, seed {}", seed());
        let memory = Memory::open(&home.memory()).unwrap();
        assert_eq!(memory.pending_count().unwrap(), 0);
        resumed += usize::from(memory.coming().unwrap().is_some());
    }
    assert!(resumed > 0, "no kill fell between the first new embedding and the last");
    let assistant = assistant(&home.memory());
    let mut first = None;
    let made = assistant
        .reindex_embeddings(&HashingEncoder::new(16), &Cancel::new(), &mut |made, _| {
            first.get_or_insert(made);
        })
        .unwrap();
    assert_eq!(made as usize, TURNS);
    assert_eq!(damage(&home.memory()), [""; 0]);
    assert_eq!(Memory::open(&home.memory()).unwrap().check(false).unwrap().findings, []);
}

/// A migration that is killed leaves the old schema or the newest.
#[test]
fn a_killed_migration_leaves_the_old_schema_or_the_new() {
    let mut numbers = Numbers(seed());
    let old = schema_1();
    let mut seen = Vec::new();
    for round in 0..number("RECOUNT_KILLS").unwrap_or(25) / 2 {
        let home = Home::new();
        let connection = Connection::open(home.memory()).unwrap();
        connection.execute_batch(&old).unwrap();
        // Enough that a migration is not over in one write.
        connection
            .execute_batch(
                "WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
                 INSERT INTO turns (id, session_id, position, key, kind, role, speaker_id, text,
                                    remembered_at_ms)
                 SELECT i, 1, i, CAST(i AS BLOB), 'reasoning', 'user', 1, 'Kettle ' || i, 1 FROM n",
            )
            .unwrap();
        drop(connection);
        let child = Working::start("migrate", &home.memory(), round as usize);
        // While the copy is made, when it has its name, and while the schema changes.
        let sign = match round % 3 {
            0 => format!("memory.db.schema-1.backup.partial-{}", child.id()),
            1 => "memory.db.schema-1.backup".to_owned(),
            _ => "memory.db-wal".to_owned(),
        };
        child.watch_file(&home.path(&sign), 1 + numbers.below(4 << 10));
        child.kill();
        let connection = Connection::open(home.memory()).unwrap();
        let schema: i64 =
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        let turns: i64 =
            connection.query_row("SELECT count(*) FROM turns", [], |row| row.get(0)).unwrap();
        assert_eq!(turns, 2_995, "round {round}");
        drop(connection);
        let memory = Memory::open(&home.memory()).unwrap();
        let newest = memory.check(true).unwrap().schema;
        assert!(schema == 1 || schema == newest, "round {round}: schema {schema}");
        assert_eq!(damage(&home.memory()), [""; 0], "round {round}");
        seen.push(schema);
    }
    assert!(seen.contains(&1), "every kill came too late: {seen:?}");
}

/// Several processes on one memory: nobody is told that it is busy, nothing is missing or double.
#[test]
fn several_processes_share_a_memory() {
    const EACH: usize = 15;
    let home = Home::new();
    drop(Memory::open(&home.memory()).unwrap());
    let file = |number: usize| {
        let notes: Vec<_> = (0..40)
            .map(|turn| serde_json::json!({"role": "user", "content": said(number * 1000 + turn)}))
            .collect();
        let json = serde_json::json!([{"id": format!("c{number}"), "messages": notes}]);
        home.file(&format!("{number}.json"), json.to_string())
    };
    let files: Vec<_> = (0..EACH).map(file).collect();
    let run = |args: &[&str]| {
        let mut command = home.command();
        // Words are enough here, and no process spends seconds on a model.
        command.env("RECOUNT_ENCODER", "hashing").args(args);
        finish(&mut command, "")
    };
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let run = &run;
            scope.spawn(move || {
                for number in 0..EACH {
                    run(&["remember", &format!("Note {writer} of number {number}.")]).expect(0);
                }
            });
        }
        let (run, files) = (&run, &files);
        // The same files by two processes at the same time.
        for _ in 0..2 {
            scope.spawn(move || {
                for file in files {
                    run(&["import", file.to_str().unwrap()]).expect(0);
                }
            });
        }
        scope.spawn(move || {
            for number in 0..EACH {
                let ran = run(&["search", &format!("kettle shelf {number}"), "--json"]);
                assert!(matches!(ran.status, Some(0 | 3)), "{ran:?}");
                assert!(!ran.err.contains("busy"), "{ran:?}");
            }
        });
        let home = &home;
        scope.spawn(move || {
            for number in 0..3 {
                let target = home.path(&format!("backup-{number}.db"));
                run(&["backup", target.to_str().unwrap()]).expect(0);
            }
        });
    });
    let memory = Memory::open(&home.memory()).unwrap();
    let checked = memory.check(false).unwrap();
    assert_eq!(checked.findings, []);
    assert_eq!(checked.turns as usize, 2 * EACH + EACH * 40);
    assert_eq!(checked.sessions as usize, EACH + 1, "a session was begun twice");
    assert_eq!(checked.pending, 0);
    for number in 0..3 {
        let backup = Memory::open(&home.path(&format!("backup-{number}.db"))).unwrap();
        assert_eq!(backup.check(false).unwrap().findings, []);
    }
}

/// A small file system of its own; `None`, and said, where none may be mounted.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(kib: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "recount-test"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        skipped("no small file system may be mounted here");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

/// Fills a file system until nothing more goes on it.
fn fill(folder: &Path) -> std::path::PathBuf {
    use std::io::Write as _;
    let path = folder.join("ballast");
    let mut file = fs::File::create(&path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    path
}

#[test]
fn a_full_disk_is_told_and_costs_nothing() {
    let Some(disk) = SmallDisk::new(3 << 10) else { return };
    let path = disk.0.path().join("memory.db");
    let memory = Memory::open(&path).unwrap();
    let session = memory.begin_session("chat", None, at(0)).unwrap();
    let mut stored = 0;
    let long = "tomato seedling ".repeat(400);
    let error = loop {
        let turn = NewTurn::message(Role::User, "user", format!("{stored} {long}"));
        match memory.append(session, &turn, None, at(1)) {
            Ok(_) => stored += 1,
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("disk is full"), "{error}");
    // Reading goes on; a copy does not fit, and leaves nothing behind.
    assert_eq!(memory.counts().unwrap().turns, stored);
    let error = memory.backup(&disk.0.path().join("backup.db"), false, &mut |_, _| true);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("full") || error.contains("cannot write"), "{error}");
    let names: Vec<_> =
        fs::read_dir(disk.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| name.to_str().unwrap().starts_with("memory.db")), "{names:?}");
    drop(memory);

    // There is room again.
    let rescued = tempfile::tempdir().unwrap();
    let elsewhere = rescued.path().join("memory.db");
    let memory = Memory::open(&path).unwrap();
    memory.backup(&elsewhere, false, &mut |_, _| true).unwrap();
    let memory = Memory::open(&elsewhere).unwrap();
    let turn = NewTurn::message(Role::User, "user", "one more");
    memory.append(SessionId(1), &turn, None, at(2)).unwrap();
    assert_eq!(memory.check(false).unwrap().findings, []);
    assert_eq!(memory.counts().unwrap().turns, stored + 1);
}

#[test]
fn forgetting_on_a_full_disk_forgets_and_says_what_is_left() {
    use recount::assistant::Traces;
    let Some(disk) = SmallDisk::new(8 << 10) else { return };
    let path = disk.0.path().join("memory.db");
    let memory = Memory::open(&path).unwrap();
    let session = memory.begin_session("chat", None, at(0)).unwrap();
    for number in 0..120 {
        let text = format!("{number} {}", "tomato seedling ".repeat(200));
        let turn = NewTurn::message(Role::User, "user", text);
        memory.append(session, &turn, None, at(1)).unwrap();
    }
    drop(memory);
    let assistant = assistant(&path);
    let filter = ForgetFilter { text: Some("7 tomato".into()), ..ForgetFilter::default() };
    let chosen = assistant.choose(&filter, None).unwrap();
    // The deletion itself needs some room, writing the file anew more than there is.
    let ballast = fill(disk.0.path());
    let length = fs::metadata(&ballast).unwrap().len();
    let file = fs::OpenOptions::new().write(true).open(&ballast).unwrap();
    file.set_len(length - (700 << 10)).unwrap();
    let (forgotten, traces) = assistant.forget(&chosen).unwrap();
    assert_eq!(forgotten.removed.messages, chosen.turns.len() as u64);
    assert_eq!(traces, Traces::Left("the disk is full".into()));
    drop(file);
    fs::remove_file(ballast).unwrap();
    assert_eq!(assistant.remove_traces(), Traces::Gone);
    assert_eq!(assistant.check(false).unwrap().findings, []);
}

#[test]
fn a_migration_on_a_full_disk_changes_nothing() {
    let Some(disk) = SmallDisk::new(1 << 10) else { return };
    let path = disk.0.path().join("memory.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(&schema_1()).unwrap();
    drop(connection);
    let ballast = fill(disk.0.path());
    let error = Memory::open(&path).err().unwrap().to_string();
    assert!(error.contains("full"), "{error}");
    fs::remove_file(&ballast).unwrap();
    let connection = Connection::open(&path).unwrap();
    let schema: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(schema, 1);
    drop(connection);
    let memory = Memory::open(&path).unwrap();
    assert_eq!(memory.counts().unwrap().sessions, 2);
}
