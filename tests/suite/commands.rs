//! What holds for every command: exit statuses, pipes, colour, what reaches a terminal, whose file
//! it is.

use crate::program::{Home, finish};
use crate::samples::{assert_refused, locomo, names};
use recount::memory::Memory;
use rusqlite::Connection;
use serde_json::json;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

#[test]
fn statuses_tell_how_it_went() {
    let home = Home::new();
    // Nothing is remembered yet.
    drop(Memory::open(&home.memory()).unwrap());
    home.run(["search", "anything"]).expect(3);
    let answer = home.run(["ask", "What is the name of the dog?", "--json"]).expect(3).json();
    assert_eq!((&answer["abstained"], &answer["citations"]), (&json!(true), &json!([])));
    assert!(answer["reason"].is_string());
    home.run(["remember", "The dog is called Pepper."]).expect(0);
    home.run(["search", "dog", "--speaker", "nobody"]).expect(3);
    home.run(["ask", "How tall is the lighthouse of Genoa?"]).expect(3);
    home.run(["search", "dog"]).expect(0);
    home.run(["sessions"]).expect(0);
    // Wrong usage.
    for args in [
        &["frobnicate"][..],
        &["ask"],
        &["search", "dog", "-k", "0"],
        &["search", "dog", "--role", "queen"],
        &["search", "dog", "--since", "yesterday"],
        &["search", " "],
        &["import", "x", "--tz", "Mars/Olympus"],
        &["ask", "x", "--batch"],
    ] {
        let ran = home.run(args).expect(2);
        assert_eq!(ran.out, "", "{args:?}");
        assert!(!ran.err.is_empty(), "{args:?}");
    }
    // Failed.
    for args in
        [&["remember", " "][..], &["sessions", "show", "99"], &["import", "x", "--format", "y"]]
    {
        assert_refused(&home.run(args), args);
    }
    // The screen wants a terminal.
    assert_refused(&home.run::<&str>([]), &["chat"]);
    for args in [&["--version"][..], &["--help"], &["help", "search"]] {
        assert!(!home.run(args).expect(0).out.is_empty());
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let home = Home::new();
    home.run(["remember", "The harbour ferry leaves at seven."]).expect(0);
    let mut child = home
        .command()
        .args(["search", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    input.write_all(b"{\"id\": 1, \"query\": \"ferry\"}\n").unwrap();
    output.read_line(&mut line).unwrap();
    assert!(line.contains("harbour"));
    drop(output);
    // The reader is gone: the next line cannot be written.
    let _ = input.write_all(b"{\"id\": 2, \"query\": \"ferry\"}\n{\"id\": 3, \"query\": \"x\"}\n");
    drop(input);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");

    // Closed before anything is written.
    for args in [&["sessions"][..], &["search", "ferry"], &["ask", "When does the ferry leave?"]] {
        let mut child = home
            .command()
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8(ended.stderr).unwrap(), "", "{args:?}");
    }
}

#[test]
fn sessions_are_listed_and_shown() {
    let home = Home::new();
    let garden = home.file("garden.json", locomo());
    finish(home.command().arg("import").arg(&garden), "").expect(0);
    let listed = home.json(["sessions", "list", "--json"]);
    let sessions = listed["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!(
        names(&sessions[0]),
        [
            "session",
            "title",
            "source",
            "source_id",
            "turns",
            "first_said_at",
            "last_said_at",
            "remembered_at",
            "name",
            "tags",
            "pinned"
        ]
    );
    // The last active first.
    assert_eq!(sessions[0]["source_id"], "garden/session_2");
    assert_eq!((&sessions[1]["turns"], &sessions[1]["source"]), (&json!(2), &json!("locomo")));
    let shorter = home.json(["sessions", "list", "--json", "-n", "1", "--offset", "1"]);
    assert_eq!(shorter["sessions"], json!([sessions[1]]));
    let none = home.run(["sessions", "list", "nothing like it", "--json"]).expect(3).json();
    assert_eq!(none, json!({"sessions": [], "total": 0}));

    let id = sessions[1]["session"].to_string();
    let shown = home.json(["sessions", "show", &id, "--json"]);
    let turns = shown["turns"].as_array().unwrap();
    assert_eq!(
        names(&turns[0]),
        [
            "turn",
            "source_id",
            "position",
            "speaker",
            "role",
            "kind",
            "said_at",
            "remembered_at",
            "text",
            "on_active_path",
            "parent_source_id",
            "citations"
        ]
    );
    assert_eq!(turns[0]["speaker"], "Mira");
    assert_eq!(turns[1]["text"], "Lovely. I am learning to repair clocks.");
    let text = home.run(["sessions", "show", &id]).expect(0).out;
    assert!(text.contains("8 May 2023, 13:56") && text.contains("greyhound"), "{text}");
}

/// Everything that could reach a terminal's controls: colour, title, clipboard, link, clear screen
/// by C1, an overriding direction, a bell, a return that overwrites.
const HOSTILE: &str = "red \u{1b}[31m title \u{1b}]0;owned\u{7} copy \u{1b}]52;c;aGk=\u{7} link \
    \u{1b}]8;;http://example.invalid\u{1b}\\here\u{1b}]8;;\u{1b}\\ clear \u{9b}2J gpj\u{202e}exe over\rwritten";

#[test]
fn stored_controls_never_reach_standard_output_raw() {
    let home = Home::new();
    let hostile =
        json!([{"role": "user", "content": HOSTILE}, {"role": "assistant", "content": "Fine."}]);
    let title = format!("A title {HOSTILE}");
    let export = json!([{"id": "h", "title": title, "messages": hostile}]);
    let file = home.file("hostile \u{1b}[31m.json", export.to_string());
    let ran = finish(home.command().arg("import").arg(&file), "").expect(0);
    let mut shown = vec![("import", ran)];
    home.run(["remember", HOSTILE]).expect(0);
    for args in [
        &["search", "red title copy", "--explain"][..],
        &["search", "red title copy", "--color", "never"],
        &["ask", "What is red?", "--explain"],
        &["ask", HOSTILE],
        &["sessions"],
        &["sessions", "show", "1"],
        &["sessions", "show", "2"],
        &["search", "x", "--since", HOSTILE],
        &["import", HOSTILE],
        &["import", "x", "--format", HOSTILE],
        &["import", "x", "--tz", HOSTILE],
    ] {
        shown.push((args[0], home.run(args)));
    }
    let mut seen = 0;
    for (command, ran) in &shown {
        for text in [&ran.out, &ran.err] {
            let raw: Vec<char> = text
                .chars()
                .filter(|c| (c.is_control() && !matches!(c, '\n' | '\t')) || *c == '\u{202e}')
                .collect();
            assert!(raw.is_empty(), "{command} let {raw:?} through: {text:?}");
            seen += text.matches("red ␛[31m").count();
        }
    }
    assert!(seen >= 8, "the hostile text was shown {seen} times only");

    // JSON keeps it exact, and escapes what JSON must.
    let ran = home.run(["sessions", "show", "1", "--json"]).expect(0);
    assert_eq!(ran.json()["turns"][0]["text"], HOSTILE);
    let ran = home.run(["search", "red title copy", "--json"]).expect(0);
    assert!(!ran.out.contains('\u{1b}'));
    assert!(ran.json()["hits"].as_array().unwrap().iter().any(|hit| hit["text"] == HOSTILE));
}

#[test]
fn colour_is_only_where_it_is_wanted() {
    let home = Home::new();
    home.run(["remember", "The harbour ferry leaves at seven."]).expect(0);
    assert!(!home.run(["search", "ferry"]).out.contains('\u{1b}'));
    assert!(home.run(["search", "ferry", "--color", "always"]).out.contains("\u{1b}[1m"));
    assert_eq!(home.run(["remember", "Quietly.", "--quiet"]).expect(0).err, "");
}

#[test]
fn files_that_are_no_memory_are_refused_untouched() {
    let newer = Home::new();
    newer.run(["remember", "From the future."]).expect(0);
    let connection = Connection::open(newer.memory()).unwrap();
    connection.pragma_update(None, "user_version", 9_999).unwrap();
    connection.pragma_update(None, "wal_checkpoint", "TRUNCATE").unwrap();
    drop(connection);
    let text = Home::new();
    text.file("memory.db", "Dear diary, today I was mistaken for a database. ".repeat(200));
    let foreign = Home::new();
    let connection = Connection::open(foreign.memory()).unwrap();
    connection
        .execute_batch("CREATE TABLE albums (title TEXT); INSERT INTO albums VALUES ('x')")
        .unwrap();
    drop(connection);
    let folder = Home::new();
    fs::create_dir(folder.memory()).unwrap();

    for (name, home) in [("newer", newer), ("text", text), ("foreign", foreign), ("folder", folder)]
    {
        let file = home.file("garden.json", locomo());
        let read = || (home.memory().is_file()).then(|| fs::read(home.memory()).unwrap());
        let before = read();
        let import = ["import", file.to_str().unwrap()];
        for args in
            [&["remember", "x"][..], &["search", "x"], &["ask", "x?"], &["sessions"], &import]
        {
            assert_refused(&home.run(args), &[name, args[0]]);
            assert_eq!(read(), before, "{name}: {args:?} changed it");
        }
        for beside in ["memory.db-wal", "memory.db-journal"] {
            assert!(!home.path(beside).exists(), "{name} has a {beside}");
        }
    }
}

#[test]
fn the_memory_is_private_and_stands_where_it_is_said() {
    let home = Home::new();
    finish(home.bare_command().args(["remember", "By default."]), "").expect(0);
    let path = home.path("data").join("recount").join("memory.db");
    assert!(path.is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }
    let named = home.path("other.db");
    let mut command = home.bare_command();
    finish(command.env("RECOUNT_DB", &named).args(["remember", "By name."]), "").expect(0);
    assert!(named.is_file());
}
