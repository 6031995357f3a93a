//! Keeping a memory safe, as its users meet it: backup, restore, check, reindex, and memories that
//! are not there or is read-only.

use crate::program::{Home, finish, skipped};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Remembers notes, and has their embeddings made.
fn remember(home: &Home, texts: &[&str]) {
    for text in texts {
        home.run(["remember", text]).expect(0);
    }
    home.run(["search", texts[0]]).expect(0);
}

/// How many turns the memory holds, which is whole.
fn turns(home: &Home) -> Value {
    home.json(["check", "--json"])["turns"].clone()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn found(home: &Home, query: &str) -> Vec<i64> {
    let hits = home.json(["search", query, "--json", "-k", "5"]);
    hits["hits"].as_array().unwrap().iter().map(|hit| hit["turn"].as_i64().unwrap()).collect()
}

#[test]
fn a_backup_is_restored_and_what_was_there_is_kept() {
    let home = Home::new();
    remember(&home, &["The kettle is blue.", "Pepper is a greyhound."]);
    let backup = home.path("backup.db");
    let told = home.json(["backup", text(&backup), "--json"]);
    assert_eq!((&told["turns"], &told["path"]), (&json!(2), &json!(text(&backup))));
    home.run(["backup", text(&backup)]).expect(2);
    home.run(["backup", text(&backup), "--force"]).expect(0);
    remember(&home, &["The kettle is red."]);

    // Nobody can be asked.
    let refused = home.run(["restore", text(&backup)]).expect(2);
    assert!(refused.err.contains("--yes"), "{refused:?}");
    assert_eq!(turns(&home), 3);
    let told = home.json(["restore", text(&backup), "--yes", "--json"]);
    assert_eq!(told["turns"], 2);
    let kept = told["kept"].as_str().unwrap();
    assert!(Path::new(kept).exists() && kept.contains("memory.db.replaced-"), "{kept}");
    assert_eq!(turns(&home), 2);

    // A folder gets a file with the date in its name.
    let folder = home.path("backups");
    fs::create_dir(&folder).unwrap();
    home.run(["backup", text(&folder)]).expect(0);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    // What is none is not restored.
    let note = home.file("note.txt", "no database, only a note about seedlings");
    let refused = home.run(["restore", text(&note), "--yes"]).expect(1);
    assert!(refused.err.contains("is not a recount database"), "{refused:?}");
    assert_eq!(turns(&home), 2);
}

#[test]
fn a_check_tells_what_is_wrong_and_repairs_what_is_derived() {
    let home = Home::new();
    remember(&home, &["The kettle is blue.", "Pepper is a greyhound."]);
    let whole = home.json(["check", "--json"]);
    assert_eq!(
        (&whole["ok"], &whole["turns"], &whole["embeddings"], &whole["findings"]),
        (&json!(true), &json!(2), &json!(2), &json!([]))
    );
    let connection = Connection::open(home.memory()).unwrap();
    connection.execute_batch("DELETE FROM embeddings; DELETE FROM words_docsize").unwrap();
    drop(connection);
    let broken = home.run(["check", "--json"]).expect(1);
    assert!(broken.err.contains("check --repair"), "{broken:?}");
    let parts: Vec<Value> = broken.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["part"].clone())
        .collect();
    assert!(parts.contains(&json!("words")) && parts.contains(&json!("embeddings")), "{parts:?}");
    home.run(["check"]).expect(1);
    let repaired = home.json(["check", "--repair", "--json"]);
    assert_eq!((&repaired["ok"], &repaired["embeddings"]), (&json!(true), &json!(2)));
    assert_eq!(repaired["repaired"].as_array().unwrap().len(), parts.len());
    assert_eq!(found(&home, "kettle")[0], 1);
    home.run(["check"]).expect(0);
}

#[test]
fn another_encoder_takes_over() {
    let home = Home::new();
    remember(&home, &["The kettle is blue.", "Pepper is a greyhound."]);
    let encoder = || {
        let connection = Connection::open(home.memory()).unwrap();
        let names: Vec<(String, i64)> = connection
            .prepare("SELECT name, count(*) FROM embeddings JOIN encoders c ON c.id = encoder_id GROUP BY 1")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        names
    };
    let usual = encoder();
    assert_eq!(usual.len(), 1);
    // What is not known changes nothing.
    let refused = home.run(["reindex", "--encoder", "word2vec"]).expect(1);
    assert!(refused.err.contains("unknown encoder word2vec"), "{refused:?}");
    assert_eq!(encoder(), usual);

    home.run(["reindex", "--encoder", "hashing"]).expect(0);
    assert_eq!(encoder(), [("hashing".to_owned(), 2)]);
    // Said afterwards, by the encoder that the memory has; and it is told that the settings differ,
    // where somebody chose them.
    let mut command = home.command();
    command.env("RECOUNT_ENCODER", "all-minilm-l6-v2-int8");
    let told = finish(command.args(["remember", "The shed is green."]), "").expect(0);
    assert!(told.err.contains("reindex --encoder all-minilm-l6-v2-int8"), "{told:?}");
    assert_eq!(found(&home, "greyhound")[0], 2);
    assert_eq!(encoder(), [("hashing".to_owned(), 3)]);
    let mut command = home.command();
    let quiet = finish(command.env("RECOUNT_ENCODER", "hashing").args(["search", "shed"]), "");
    assert_eq!(quiet.expect(0).err, "");
    assert_eq!(home.run(["search", "shed"]).expect(0).err, "");
    home.run(["reindex"]).expect(0);
    assert_eq!(encoder(), [("hashing".to_owned(), 3)]);
    home.run(["reindex", "--words"]).expect(0);
    home.run(["check"]).expect(0);
}

#[test]
fn a_memory_that_is_not_there_is_not_begun_by_a_question() {
    let home = Home::new();
    for args in [
        &["ask", "Where is the kettle?", "--json"][..],
        &["search", "kettle"],
        &["sessions"],
        &["check"],
        &["backup", "somewhere.db"],
        &["reindex"],
    ] {
        let ran = home.run(args).expect(1);
        assert!(ran.out.is_empty(), "{ran:?}");
        assert!(ran.err.contains("no memory at") && ran.err.contains("remember"), "{ran:?}");
        assert!(!home.memory().exists());
    }
    // Somebody who is asked again finds nothing in one that is there.
    remember(&home, &["The kettle is blue."]);
    home.run(["search", "lighthouse", "--speaker", "nobody"]).expect(3);
}

/// Who may not write may still read. Root may always write, so another user runs the program.
#[test]
#[cfg(unix)]
fn a_memory_that_cannot_be_written_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65_534;
    let home = Home::new();
    remember(&home, &["The kettle is blue.", "Pepper is a greyhound."]);
    let root = fs::metadata("/proc/self")
        .is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&home.memory(), 0o444);
    mode(&home.path(""), 0o555);
    let run = |args: &[&str]| {
        let mut command = home.command();
        command.args(args);
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    };
    if run(&["--version"]).output().is_err() {
        skipped("another user cannot run the program here");
        mode(&home.path(""), 0o755);
        return;
    }
    for args in [&["search", "kettle", "--json"][..], &["ask", "What is Pepper?"], &["sessions"]] {
        let ran = finish(&mut run(args), "").expect(0);
        assert!(!ran.out.is_empty());
        assert!(ran.err.contains("is read-only"), "{ran:?}");
    }
    let refused = finish(&mut run(&["remember", "The shed is green."]), "").expect(1);
    assert!(refused.err.contains("memory.db"), "{refused:?}");
    mode(&home.path(""), 0o755);
    mode(&home.memory(), 0o600);
    assert_eq!(found(&home, "kettle")[0], 1);
    home.run(["check"]).expect(0);
}
