//! A file of every schema that there ever was opens, and holds what it held.
//!
//! `tests/compat/schema-N.sql` makes such a file: the migrations as they were, and rows as the
//! program wrote them. A released one is never edited. A new schema gets its file by
//! `RECOUNT_COMPAT=write cargo test --test suite compat`, which writes only what is missing.

use crate::kill::{Numbers, number};
use crate::program::Home;
use recount::conversation::SessionId;
use recount::memory::{Memory, Part};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The rows, by the schema that made room for them.
const ROWS: &[(usize, &str)] = &[
    (
        1,
        "INSERT INTO imports VALUES (1, 'chatgpt', 'conversations.json', 1714900000000);
INSERT INTO speakers VALUES (1, 'user'), (2, 'recount'), (3, 'Jørn');
INSERT INTO sessions (id, source, source_id, title, remembered_at_ms, first_said_at_ms, last_said_at_ms, activity_ms, turn_count, import_id)
    VALUES (1, 'chat', NULL, 'The kettle', 1714900000000, 1714900000000, 1714900060000, 1714900060000, 3, NULL),
           (2, 'chatgpt', 'conv-1', 'Seedlings', 1714900100000, NULL, NULL, 1714900100000, 1, 1);
INSERT INTO turns (id, session_id, position, key, kind, role, speaker_id, text, said_at_ms, said_at_text, remembered_at_ms, source_id, parent_source_id, on_active_path, import_id)
    VALUES (1, 1, 0, x'01', 'message', 'user', 1, 'The kettle is blue.', 1714900000000, NULL, 1714900000000, NULL, NULL, 1, NULL),
           (2, 1, 1, x'02', 'question', 'user', 1, 'Which colour is the kettle?', 1714900060000, NULL, 1714900060000, NULL, NULL, 1, NULL),
           (3, 1, 2, x'03', 'answer', 'assistant', 2, 'blue', 1714900060000, NULL, 1714900060000, NULL, NULL, 1, NULL),
           (4, 2, 0, x'04', 'message', 'user', 3, 'Røde tomater.', NULL, '5 May', 1714900100000, 'm1', NULL, 1, 1);
INSERT INTO words (rowid, speaker, text)
    VALUES (1, 'user', 'the kettl is blue'), (2, 'user', 'which colour is the kettl'), (3, 'recount', 'blue'), (4, 'jorn', 'rode tomat');
INSERT INTO encoders VALUES (1, 'all-minilm-l6-v2-int8', 4);
INSERT INTO embeddings (turn_id, encoder_id, vector, tokens) VALUES (1, 1, x'003c000000000000', x''), (2, 1, x'0000003c00000000', x'');
INSERT INTO pending_embeddings VALUES (3), (4);
INSERT INTO citations VALUES (3, 1, 1, 'The kettle is blue.');
",
    ),
    (
        3,
        "UPDATE sessions SET name = 'Kitchen', pinned = 1, read_position = 1 WHERE id = 1;
INSERT INTO session_tags VALUES ('home', 1);
",
    ),
    (4, "INSERT INTO tombstones VALUES (x'0a0b', 1714900200000);\n"),
    (
        13,
        "INSERT INTO answer_questions VALUES (3, 2);
INSERT INTO answer_marks VALUES (3, 'right', 1714900300000);
",
    ),
    (
        14,
        "UPDATE turns SET checksum = CASE id WHEN 1 THEN 2532205591722319618
    WHEN 2 THEN 5978484893337891351 WHEN 3 THEN 7975374765085947311
    WHEN 4 THEN 5892727966059024136 END;
",
    ),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat")
}

fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// The statements that make a file of a schema as the program of its time did.
fn statements(migrations: &[String]) -> String {
    let schema = migrations.len();
    let mut sql = format!("-- A memory of schema {schema}; see tests/suite/compat.rs.\nBEGIN;\n");
    for (number, migration) in (1..).zip(migrations) {
        let digest = Sha256::digest(migration.as_bytes());
        sql += migration;
        sql += "\nINSERT INTO migrations VALUES (";
        let _ = write!(sql, "{number}, '");
        digest.iter().for_each(|byte| {
            let _ = write!(sql, "{byte:02x}");
        });
        sql += "');\n";
    }
    for (_, rows) in ROWS.iter().filter(|(since, _)| *since <= schema) {
        sql += rows;
    }
    let _ = write!(
        sql,
        "PRAGMA application_id = {};\nPRAGMA user_version = {schema};\nCOMMIT;\n",
        0x7265_636e
    );
    sql
}

#[test]
fn a_file_of_every_schema_opens() {
    let migrations = migrations();
    for schema in 1..=migrations.len() {
        let path = folder().join(format!("schema-{schema}.sql"));
        let sql = fs::read_to_string(&path).unwrap_or_else(|_| {
            // A schema under work: before it is released its file is written.
            let sql = statements(&migrations[..schema]);
            if std::env::var("RECOUNT_COMPAT").is_ok_and(|wish| wish == "write") {
                fs::write(&path, &sql).unwrap();
            }
            sql
        });
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("memory.db");
        make(&file, &sql);
        let memory = Memory::open(&file).unwrap_or_else(|error| panic!("schema {schema}: {error}"));
        // This test made the file, not recount.
        memory.repair(Part::Permissions).unwrap();
        let checked = memory.check(false).unwrap();
        // Its words were made with an older language; all else is in step.
        let wrong: Vec<_> =
            checked.findings.iter().filter(|finding| finding.part.name() != "words").collect();
        assert!(wrong.is_empty(), "schema {schema}: {wrong:?}");
        assert_eq!((checked.turns, checked.sessions), (4, 2), "schema {schema}");
        assert_eq!((checked.embeddings, checked.pending), (2, 2), "schema {schema}");
        assert_eq!(checked.schema as usize, migrations.len());
        let turns = memory.turns(SessionId(1), 0, 10).unwrap();
        let texts: Vec<&str> = turns.iter().map(|turn| turn.text.as_str()).collect();
        assert_eq!(texts, ["The kettle is blue.", "Which colour is the kettle?", "blue"]);
        assert_eq!(memory.citations(turns[2].id).unwrap()[0].quote, "The kettle is blue.");
        assert_eq!(memory.encoder_name().unwrap().as_deref(), Some("all-minilm-l6-v2-int8"));
        memory.rebuild_words(&mut |_| true).unwrap();
        let found = memory.word_matches(&["tomat".into()], false, 5).unwrap();
        assert_eq!(found.len(), 1, "schema {schema}");
        assert_eq!(memory.check(false).unwrap().findings, []);
        let copies = memory.copies().len();
        assert_eq!(copies, usize::from(schema < migrations.len()), "schema {schema}");
    }
}

/// Makes a file by statements.
fn make(file: &Path, sql: &str) {
    let connection = Connection::open(file).unwrap();
    // A migration of its time calls it, and there were no turns yet.
    let flags = FunctionFlags::SQLITE_UTF8;
    connection.create_scalar_function("turn_checksum", 5, flags, |_| Ok(0)).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// Bytes that a disk changed or lost, in a file of any schema: each command answers or refuses, and
/// none ends in a panic. `RECOUNT_DAMAGES=50` damages each schema so many times.
#[test]
fn a_damaged_file_of_any_schema_is_read_or_refused() {
    let rounds = number("RECOUNT_DAMAGES").unwrap_or(2);
    let mut numbers = Numbers(0x5eed);
    let mut refused = 0;
    for schema in 1..=migrations().len() {
        let Ok(sql) = fs::read_to_string(folder().join(format!("schema-{schema}.sql"))) else {
            continue;
        };
        let whole = tempfile::tempdir().unwrap();
        make(&whole.path().join("memory.db"), &sql);
        let whole = fs::read(whole.path().join("memory.db")).unwrap();
        for round in 0..rounds {
            let home = Home::new();
            let mut bytes = whole.clone();
            for _ in 0..=numbers.below(8) {
                let at = numbers.below(bytes.len() as u64) as usize;
                bytes[at] = numbers.below(256) as u8;
            }
            if round % 5 == 4 {
                bytes.truncate(numbers.below(whole.len() as u64) as usize);
            }
            fs::write(home.memory(), &bytes).unwrap();
            for args in [&["search", "kettle"][..], &["check", "--json"], &["remember", "one more"]]
            {
                let ran = home.run(args.iter().copied());
                let said = format!("schema {schema}, round {round}, {args:?}: {ran:?}");
                assert!(!ran.err.contains("panicked"), "{said}");
                assert!(ran.status.is_some_and(|status| (0..=3).contains(&status)), "{said}");
                refused += usize::from(ran.status != Some(0));
            }
        }
    }
    assert!(refused > 0, "nothing was damaged");
}

/// A released migration that was edited would shut out every file that it was applied to.
#[test]
fn the_files_hold_the_migrations_as_they_are() {
    for (number, migration) in (1..).zip(migrations()) {
        let path = folder().join(format!("schema-{number}.sql"));
        let Ok(sql) = fs::read_to_string(&path) else { continue };
        assert!(
            sql.contains(&migration),
            "migration {number} is not the one of {}",
            path.display()
        );
    }
}
