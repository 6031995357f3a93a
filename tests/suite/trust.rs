//! What must not happen to a memory, as its users could make it happen: written over, left behind in
//! copies, told by the name of a file that was forgotten, hung up by a pipe.

use crate::program::{Home, finish};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn pipe(home: &Home, name: &str) -> std::path::PathBuf {
    let path = home.path(name);
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

fn garden() -> Home {
    let home = Home::new();
    home.run(["import", "tests/fixtures/garden.md"]).expect(0);
    home
}

/// The turns as they are exported.
fn all(home: &Home) -> Value {
    home.run(["export", "--format", "json"]).expect(0).json()["sessions"].clone()
}

#[test]
fn no_command_writes_over_a_memory_or_what_belongs_to_it() {
    let home = garden();
    let before = all(&home);
    home.run(["backup", text(&home.path("copy.db"))]).expect(0);
    let other = Home::new();
    other.run(["remember", "The other memory has a turn as well."]).expect(0);
    symlink(home.memory(), home.path("link.md")).unwrap();
    fs::hard_link(home.memory(), home.path("second.json")).unwrap();
    symlink(home.path(""), home.path("folder")).unwrap();
    let drafted = home.file("memory.db-draft", "half a thought");
    fs::set_permissions(&drafted, fs::Permissions::from_mode(0o600)).unwrap();
    for target in [
        home.memory(),
        home.path("link.md"),
        home.path("second.json"),
        home.path("folder/memory.db"),
        home.path("folder/memory.db-wal"),
        home.path("memory.db-wal"),
        home.path("memory.db-shm"),
        home.path("memory.db-draft"),
        home.path("memory.db-draft-7"),
        home.path("memory.db.schema-3.backup"),
        home.path("copy.db"),
        other.memory(),
    ] {
        let args = ["export", "--format", "markdown", "--force", "-o", text(&target)];
        let refused = home.run(args).expect(1);
        assert!(refused.err.contains("was not overwritten"), "{}: {refused:?}", target.display());
    }
    for target in [home.memory(), home.path("link.md"), home.path("memory.db-wal"), other.memory()]
    {
        let refused = home.run(["backup", "--force", text(&target)]).expect(1);
        assert!(refused.err.contains("was not overwritten"), "{}: {refused:?}", target.display());
    }
    assert_eq!(fs::read_to_string(drafted).unwrap(), "half a thought");
    assert_eq!(all(&home), before);
    assert_eq!(home.json(["check", "--json"])["ok"], true);
    assert_eq!(other.json(["check", "--json"])["turns"], 1);
}

#[test]
fn what_is_no_file_is_written_to_and_never_replaced() {
    let home = garden();
    let wanted = home.run(["export"]).expect(0).out;
    assert_eq!(home.run(["export", "-o", "/dev/stdout"]).expect(0).out, wanted);
    assert_eq!(home.run(["export", "--force", "-o", "/dev/stdout"]).expect(0).out, wanted);
    let fifo = pipe(&home, "fifo.md");
    let mut child =
        home.command().args(["export", "--force", "-o"]).arg(&fifo).stderr(Stdio::null()).spawn();
    let mut read = String::new();
    fs::File::open(&fifo).unwrap().read_to_string(&mut read).unwrap();
    assert!(child.as_mut().unwrap().wait().unwrap().success());
    assert_eq!(read, wanted);
    assert!(!fs::metadata(&fifo).unwrap().is_file());
    home.run(["export", "--force", "--format", "json", "-o", "/dev/null"]).expect(0);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    // Through a link, the file that it leads to is written.
    let file = home.file("real.md", "old");
    symlink(&file, home.path("to-real.md")).unwrap();
    home.run(["export", "--force", "-o", text(&home.path("to-real.md"))]).expect(0);
    assert!(fs::symlink_metadata(home.path("to-real.md")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(file).unwrap(), wanted);
}

#[test]
fn a_pipe_is_no_memory_no_setting_and_no_input() {
    let home = garden();
    let fifo = pipe(&home, "fifo");
    for args in [
        &["--db", text(&fifo), "search", "x"][..],
        &["--db", text(&fifo), "remember", "x"],
        &["--db", "/dev/null", "remember", "x"],
        &["--db", "/dev/zero", "search", "x"],
        &["--config", text(&fifo), "search", "x"],
        &["restore", "--yes", text(&fifo)],
        &["import", text(&fifo)],
        &["eval", text(&fifo)],
    ] {
        let ran = finish(home.bare_command().args(args), "");
        assert!(
            ran.status != Some(0) && ran.err.contains("a pipe or a device"),
            "{args:?}: {ran:?}"
        );
    }
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

/// Names of files, folders and members of archives are told by nothing that is kept, nor is what was
/// folded away.
#[test]
fn a_forgotten_import_leaves_no_name() {
    const NAMES: [&str; 5] =
        ["qzvorplatch", "wuxembrodal", "kjyntesquiv", "ybbrazzolin", "fnokterdami"];
    let home = garden();
    let chat = "User: the qzvorplatch is new\nAssistant: yes\n";
    fs::create_dir(home.path("wuxembrodal")).unwrap();
    home.file("wuxembrodal/kjyntesquiv.md", chat);
    let archive = home.path("ybbrazzolin.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("fnokterdami.jsonl", options).unwrap();
    let lines = [
        json!({"type": "user", "sessionId": "s", "uuid": "1", "timestamp": "2026-01-01T10:00:00Z",
               "message": {"role": "user", "content": "where is the qzvorplatch?"}}),
        json!({"type": "assistant", "sessionId": "s", "uuid": "2", "parentUuid": "1",
               "timestamp": "2026-01-01T10:00:01Z", "message": {"role": "assistant", "content": [
                   {"type": "thinking", "thinking": "kjyntesquiv, I think"},
                   {"type": "text", "text": "In the shed."}]}}),
    ];
    for line in &lines {
        writeln!(zip, "{line}").unwrap();
    }
    zip.finish().unwrap();
    let mut ids = Vec::new();
    for input in [home.path("wuxembrodal"), archive.clone()] {
        ids.push(home.json(["import", text(&input), "--json"])["import"].as_i64().unwrap());
    }
    fs::remove_dir_all(home.path("wuxembrodal")).unwrap();
    fs::remove_file(&archive).unwrap();
    let holds = |name: &str| {
        fs::read_dir(home.path("")).unwrap().flatten().any(|entry| {
            let bytes = fs::read(entry.path()).unwrap_or_default().to_ascii_lowercase();
            bytes.windows(name.len()).any(|part| part == name.as_bytes())
        })
    };
    assert!(NAMES[..4].iter().all(|name| holds(name)));
    // By the word first: the name of an input that holds it is hidden, and the rest stays.
    home.run(["forget", "--text", "ybbrazzolin", "--yes"]);
    for id in ids {
        home.run(["forget", "--import", &id.to_string(), "--yes"]).expect(0);
    }
    let left: Vec<_> = NAMES.iter().filter(|name| holds(name)).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(home.json(["import", "--list", "--json"])["imports"].as_array().unwrap().len(), 1);
    assert_eq!(home.json(["check", "--json"])["ok"], true);
}

/// A backup that is killed leaves a file: the next run takes it away, `check` names it, `forget` cleans
/// it.
#[test]
fn what_a_killed_backup_leaves_is_named_and_cleaned() {
    let home = garden();
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("copy.db");
    let partial = || {
        let entries = fs::read_dir(elsewhere.path()).unwrap().flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().contains("partial")).count()
    };
    let kill_one = || {
        for _ in 0..200 {
            let mut child =
                home.command().arg("backup").arg(&target).stderr(Stdio::null()).spawn().unwrap();
            while child.try_wait().unwrap().is_none() && partial() == 0 {
                std::thread::yield_now();
            }
            child.kill().unwrap();
            child.wait().unwrap();
            if partial() > 0 {
                return;
            }
            fs::remove_file(&target).unwrap();
        }
        panic!("no kill came in time");
    };
    kill_one();
    home.run(["backup", text(&target)]).expect(0);
    assert_eq!(partial(), 0);
    fs::remove_file(&target).unwrap();

    kill_one();
    let named = home.run(["check", "--quick", "--json"]).expect(1).json();
    assert_eq!(named["findings"][0]["part"], "left over", "{named}");
    home.run(["check", "--quick", "--repair"]).expect(0);
    assert_eq!(partial(), 0);

    kill_one();
    home.run(["forget", "--text", "greyhound", "--yes"]).expect(0);
    assert_eq!(partial(), 0);
}

#[test]
fn nothing_of_an_argument_or_a_text_reaches_a_terminal_raw() {
    let home = Home::new();
    let evil = "kettle \u{9b}31m \u{7f} \u{202e}live\u{2066} \u{1b}]0;x\u{7} end";
    home.run_with(evil, ["remember", "-"]).expect(0);
    let raw = ['\u{9b}', '\u{7f}', '\u{202e}', '\u{2066}', '\u{1b}', '\u{7}'];
    for args in [
        &["search", "kettle", "--json"][..],
        &["ask", "which kettle?", "--json"],
        &["sessions", "show", "1", "--json"],
        &["sessions", "list", "--json"],
        &["export", "--format", "json"],
        &["export", "--format", "jsonl"],
    ] {
        let ran = home.run(args);
        assert!(!ran.out.contains(raw), "{args:?}: {:?}", ran.out);
    }
    let hits = home.json(["search", "kettle", "--json"]);
    assert_eq!(hits["hits"][0]["text"], evil);
    for args in [&["--\u{9b}31m"][..], &["search", "--role", "\u{1b}[31m"], &["\u{202e}x"]] {
        let refused = home.run(args).expect(2);
        assert!(!refused.err.contains(raw), "{args:?}: {:?}", refused.err);
    }
}
