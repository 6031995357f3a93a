//! The command line as its users meet it: data, messages, exit statuses, the JSON contract.

use crate::program::{Home, Ran, finish};
use recount::memory::Memory;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

/// A ChatGPT export with one conversation of three messages, one branch of which was edited away.
fn chatgpt() -> String {
    let node =
        |id: &str, parent: Option<&str>, children: &[&str], role: &str, text: &str, at: f64| {
            json!({"id": id, "parent": parent, "children": children, "message": {
            "id": id, "author": {"role": role}, "create_time": at,
            "content": {"content_type": "text", "parts": [text]}, "metadata": {}}})
        };
    let mapping = json!({
        "root": {"id": "root", "parent": null, "children": ["m1"], "message": null},
        "m1": node("m1", Some("root"), &["m2"], "user", "Which bread did I bake on Sunday?", 1_714_900_000.0),
        "m2": node("m2", Some("m1"), &["m3"], "assistant", "You baked a rye loaf with caraway.", 1_714_900_060.0),
        "m3": node("m3", Some("m2"), &[], "user", "It took five hours to rise.", 1_714_900_120.0),
    });
    json!([{"id": "conv-1", "conversation_id": "conv-1", "title": "Bread",
        "create_time": 1_714_900_000.0, "update_time": 1_714_900_120.0,
        "mapping": mapping, "current_node": "m3"}])
    .to_string()
}

/// Two dated sessions between two people.
fn locomo() -> String {
    json!([{"sample_id": "garden", "qa": [], "conversation": {
        "speaker_a": "Mira", "speaker_b": "Jonas",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [
            {"speaker": "Mira", "dia_id": "D1:1", "text": "I adopted a greyhound called Pepper yesterday!"},
            {"speaker": "Jonas", "dia_id": "D1:2", "text": "Lovely. I am learning to repair clocks."}],
        "session_2_date_time": "10:00 am on 2 June, 2023",
        "session_2": [
            {"speaker": "Jonas", "dia_id": "D2:1", "text": "My first clock ticks again, an oak one from 1890."}]}}])
    .to_string()
}

fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Everything that must not change where a command refuses: all rows of the ground tables.
fn rows(memory: &Path) -> Vec<String> {
    let connection = Connection::open(memory).unwrap();
    let mut rows = Vec::new();
    for sql in [
        "SELECT 'import ' || id || format || path FROM imports",
        "SELECT 'session ' || id || source || coalesce(title, '') || turn_count FROM sessions",
        "SELECT 'turn ' || id || hex(key) || text FROM turns",
        "SELECT 'pending ' || turn_id FROM pending_embeddings",
        "SELECT 'embedding ' || sequence || hex(vector) FROM embeddings",
        "SELECT 'speaker ' || id || name FROM speakers",
    ] {
        let mut statement = connection.prepare(sql).unwrap();
        let found = statement.query_map([], |row| row.get(0)).unwrap();
        rows.extend(found.map(Result::unwrap));
    }
    rows
}

#[test]
fn a_note_is_remembered_found_and_answered_from() {
    let home = Home::new();
    let told = home.run(["remember", "Bruno planted eleven tomato seedlings in the allotment."]);
    let told = told.expect(0);
    assert_eq!((told.out.as_str(), told.err.as_str()), ("", "remembered as turn 1\n"));
    home.run_with("Nadia plays the cello on Thursdays.\n", ["remember", "-"]).expect(0);

    let found = home.json(["search", "tomato seedlings", "--json", "-k", "1"]);
    assert_eq!(names(&found), ["query", "hits"]);
    assert_eq!(found["query"], "tomato seedlings");
    assert_eq!(found["hits"].as_array().unwrap().len(), 1);
    let hit = &found["hits"][0];
    assert_eq!(
        names(hit),
        [
            "rank",
            "score",
            "turn",
            "source_id",
            "session",
            "session_title",
            "source",
            "speaker",
            "role",
            "said_at",
            "text",
            "signals"
        ]
    );
    assert_eq!(
        (&hit["rank"], &hit["turn"], &hit["source_id"]),
        (&json!(1), &json!(1), &Value::Null)
    );
    assert_eq!((&hit["role"], &hit["source"]), (&json!("user"), &json!("note")));
    assert!(hit["said_at"].as_str().unwrap().ends_with('Z'));
    assert!(hit["signals"].as_object().unwrap().values().all(Value::is_number));

    let question = "How many tomato seedlings did Bruno plant?";
    let answer = home.json(["ask", question, "--json"]);
    assert_eq!(
        names(&answer),
        [
            "question",
            "answer",
            "abstained",
            "reason",
            "confidence",
            "decoder",
            "citations",
            "elapsed_ms"
        ]
    );
    assert_eq!((&answer["question"], &answer["answer"]), (&json!(question), &json!("eleven")));
    assert_eq!((&answer["abstained"], &answer["decoder"]), (&json!(false), &json!("extractive")));
    assert!((0.0..=1.0).contains(&answer["confidence"].as_f64().unwrap()));
    let citation = &answer["citations"][0];
    assert_eq!(
        names(citation),
        ["number", "turn", "source_id", "session", "speaker", "said_at", "quote"]
    );
    assert_eq!((&citation["number"], &citation["turn"]), (&json!(1), &json!(1)));

    // Asking wrote nothing; asking with --remember appends the question and the answer.
    let turns = |home: &Home| rows(&home.memory()).iter().filter(|r| r.starts_with("turn")).count();
    assert_eq!(turns(&home), 2);
    home.run(["ask", question, "--remember"]).expect(0);
    assert_eq!(turns(&home), 4);
    // The same question on the same memory has the same answer, its own traces apart.
    let mut again = home.json(["ask", question, "--json"]);
    again["elapsed_ms"] = answer["elapsed_ms"].clone();
    assert_eq!(again["answer"], answer["answer"]);
    assert_eq!(again["citations"], answer["citations"]);
}

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
fn a_batch_goes_on_after_a_bad_line() {
    let home = Home::new();
    home.run(["remember", "Nadia plays the cello on Thursdays."]).expect(0);
    home.run(["remember", "Bruno planted eleven tomato seedlings."]).expect(0);
    // The embeddings of the notes are made by the first search.
    home.run(["search", "cello"]).expect(0);
    let before = rows(&home.memory());
    let questions = "{\"id\": 7, \"query\": \"What does Nadia play?\"}\n\
        {\"id\": \"bad\", \"query\"\n\
        \n\
        {\"id\": \"b\", \"query\": \"How many seedlings did Bruno plant?\", \"source\": \"note\"}\n\
        {\"id\": \"c\"}\n\
        {\"id\": \"d\", \"query\": \"How many seedlings?\", \"source\": \"nowhere\"}\n";
    let ran = home.run_with(questions, ["ask", "--batch"]).expect(0);
    let lines = ran.json_lines();
    let ids: Vec<&Value> = lines.iter().map(|line| &line["id"]).collect();
    assert_eq!(ids, [&json!(7), &Value::Null, &json!("b"), &json!("c"), &json!("d")]);
    for (line, bad) in lines.iter().zip([false, true, false, true, false]) {
        if bad {
            assert_eq!(names(line), ["id", "error"]);
        } else {
            assert_eq!(names(line)[..4], ["id", "question", "answer", "abstained"]);
        }
    }
    assert_eq!(lines[2]["answer"], "eleven");
    assert_eq!(lines[4]["abstained"], true);
    assert_eq!(rows(&home.memory()), before, "a batch writes nothing");

    let ran = home.run_with(questions, ["search", "--batch", "-k", "1"]).expect(0);
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 5);
    assert_eq!(names(&lines[0]), ["id", "query", "hits"]);
    assert_eq!(lines[2]["hits"][0]["turn"], 2);
    assert_eq!(lines[4]["hits"], json!([]));
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
fn imports_once() {
    let home = Home::new();
    let bread = home.file("conversations.json", chatgpt());
    let garden = home.file("garden.json", locomo());
    let import = |extra: &[&str]| {
        let mut command = home.command();
        command.args(["import", "--json"]).args([&bread, &garden]).args(extra);
        let mut report = finish(&mut command, "").expect(0).json();
        report["elapsed_ms"] = json!(0);
        for file in report["files"].as_array_mut().unwrap() {
            file["elapsed_ms"] = json!(0);
        }
        report
    };

    let dry = import(&["--dry-run"]);
    assert_eq!(home.json(["import", "--list", "--json"]), json!({"imports": []}));
    home.json(["import", "--discover", "--json"]);
    home.run(["import", "--list-formats"]).expect(0);
    home.run(["import", "--undo", "1"]).expect(1);
    assert!(!home.memory().exists(), "what only looks begins no memory");
    let mut real = import(&[]);
    assert_eq!(real["import"], 1, "one run is one import");
    // Only what was done can be undone.
    real["import"] = json!(null);
    for file in real["files"].as_array_mut().unwrap() {
        assert_eq!(file["import"].take(), 1);
    }
    assert_eq!(dry, real, "a dry run reports what the import does");
    assert_eq!(
        names(&real),
        [
            "format",
            "conversations",
            "messages",
            "skipped",
            "first_said_at",
            "last_said_at",
            "warnings",
            "elapsed_ms",
            "import",
            "files"
        ]
    );
    assert_eq!(names(&real["files"][0])[..4], ["path", "format", "conversations", "messages"]);
    assert_eq!(names(&real["conversations"]), ["new", "updated", "unchanged", "failed"]);
    assert_eq!(names(&real["messages"]), ["new", "duplicate", "by_role", "edited"]);
    assert_eq!(real["conversations"]["new"], 3);
    assert_eq!(
        (&real["messages"]["new"], &real["files"][1]["messages"]["new"]),
        (&json!(6), &json!(3))
    );
    assert_eq!(real["files"][0]["format"], "chatgpt");
    assert_eq!(real["files"][1]["format"], "locomo");
    assert_eq!(real["first_said_at"], "2023-05-08T13:56:00Z");
    assert_eq!(real["last_said_at"], "2024-05-05T09:08:40Z");

    let before = rows(&home.memory());
    let again = import(&[]);
    assert_eq!(rows(&home.memory()), before, "importing again adds nothing");
    assert_eq!(
        (&again["messages"]["new"], &again["messages"]["duplicate"]),
        (&json!(0), &json!(6))
    );
    assert_eq!(again["conversations"]["unchanged"], 3);

    // The file's own ids are kept, and relative days are read from when it was said.
    let answer = home.json(["ask", "When did Mira adopt Pepper?", "--json", "--source", "locomo"]);
    assert_eq!(answer["answer"], "7 May 2023");
    assert_eq!(answer["citations"][0]["source_id"], "D1:1");
    assert_eq!(answer["citations"][0]["speaker"], "Mira");
    // Filters.
    let texts = |query: &str, args: &[&str]| -> Vec<Value> {
        let mut all = vec!["search", query, "--json"];
        all.extend(args);
        let found = home.run(&all).json();
        found["hits"].as_array().unwrap().iter().map(|hit| hit["source_id"].clone()).collect()
    };
    assert_eq!(texts("clock", &["--speaker", "jonas", "--until", "2023-05"]), ["D1:2"]);
    assert_eq!(texts("clock", &["--source", "locomo", "--since", "2023-06-02"]), ["D2:1"]);
    assert_eq!(texts("bread", &["--role", "assistant"]), ["m2"]);
    // Neither a word nor its meaning is there.
    home.run(["search", "zeppelin", "--role", "assistant"]).expect(3);
    // Standard input.
    let other = Home::new();
    let report = other.run_with(&chatgpt(), ["import", "-", "--json"]).expect(0).json();
    assert_eq!((&report["format"], &report["messages"]["new"]), (&json!("chatgpt"), &json!(3)));
}

#[test]
fn an_import_is_listed_and_undone() {
    let home = Home::new();
    home.run(["remember", "Nadia plays the cello on Thursdays."]).expect(0);
    // The note does not wait for its embedding, a search does.
    home.run(["search", "cello"]).expect(0);
    let before = rows(&home.memory());
    let bread = home.file("conversations.json", chatgpt());
    let told = finish(home.command().arg("import").arg(&bread), "").expect(0).out;
    assert!(told.contains("recount import --undo 1"), "{told}");

    let listed = home.json(["import", "--list", "--json"]);
    let import = &listed["imports"][0];
    assert_eq!(
        names(import),
        ["import", "imported_at", "formats", "paths", "conversations", "messages", "folded"]
    );
    assert_eq!(import["import"], 1);
    assert_eq!(import["formats"], json!(["chatgpt"]));
    assert_eq!(import["paths"], json!([bread]));
    assert_eq!((&import["conversations"], &import["messages"]), (&json!(1), &json!(3)));
    let shown = home.run(["import", "--list"]).expect(0).out;
    assert!(shown.contains("3 messages, 1 conversation") && shown.contains("chatgpt"), "{shown}");

    let dry = home.json(["import", "--undo", "1", "--dry-run", "--json"]);
    assert_eq!(dry["removed"]["messages"], 3);
    let mut undone = home.json(["import", "--undo", "1", "--json"]);
    assert_eq!((&dry["dry_run"], undone["dry_run"].take()), (&json!(true), json!(false)));
    assert_eq!(dry["removed"], undone["removed"]);
    assert_eq!(rows(&home.memory()), before);
    let gone = home.run(["import", "--undo", "1"]).expect(1);
    assert!(gone.err.contains("no import 1") && gone.err.contains("--list"), "{gone:?}");
    assert_eq!(home.json(["import", "--list", "--json"]), json!({"imports": []}));
}

#[test]
fn one_bad_input_does_not_keep_the_others_out() {
    let home = Home::new();
    let garden = home.file("garden.json", locomo());
    let picture = home.file("picture.jpg", JPEG);
    let mut command = home.command();
    command.args(["import", "--json"]).args([&picture, &garden]);
    let ran = finish(&mut command, "").expect(0);
    let report = ran.json();
    assert_eq!(report["messages"]["new"], 3);
    assert_eq!(report["warnings"].as_array().unwrap().len(), 1);
    assert!(ran.err.contains("picture.jpg"), "{}", ran.err);
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

const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9";

/// A failure says what is wrong on one line and nothing on standard output.
#[track_caller]
fn assert_refused(ran: &Ran, what: &[&str]) {
    assert_eq!(ran.status, Some(1), "{what:?}: {ran:?}");
    assert_eq!(ran.out, "", "{what:?}");
    assert!(ran.err.starts_with("recount: "), "{what:?}: {}", ran.err);
    assert_eq!(ran.err.trim_end().lines().count(), 1, "{what:?}: {}", ran.err);
}

#[test]
fn inputs_that_hold_nothing_are_refused_and_change_nothing() {
    let home = Home::new();
    home.run(["remember", "What was there before stays."]).expect(0);
    home.run(["search", "before"]).expect(0);
    let before = rows(&home.memory());
    assert!(before.len() >= 4);

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("conversations.json", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(chatgpt().as_bytes()).unwrap();
    let whole = zip.finish().unwrap().into_inner();
    let folder = home.path("pictures");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("one.jpg"), JPEG).unwrap();
    let empty = home.path("empty");
    fs::create_dir(&empty).unwrap();

    for path in [
        home.path("missing.json"),
        folder,
        empty,
        home.file("picture.jpg", JPEG),
        home.file("cut.zip", &whole[..whole.len() / 2]),
        home.file("empty.json", ""),
        home.file("list.json", "[]"),
        home.file("object.json", "{}"),
        home.file("cut.json", &chatgpt()[..40]),
        home.file("noise.bin", [0u8, 159, 146, 150, 7, 0, 3].repeat(64)),
    ] {
        let ran = finish(home.command().arg("import").arg(&path), "");
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_refused(&ran, &[name]);
        assert!(ran.err.contains(name), "{name}: {}", ran.err);
        assert_eq!(rows(&home.memory()), before, "{name}");
    }
    // The whole archive is fine.
    finish(home.command().arg("import").arg(home.file("whole.zip", &whole)), "").expect(0);
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
