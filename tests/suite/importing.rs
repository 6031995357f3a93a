//! `import` from the shell: what it tells, once only, taken back, refused.

use crate::program::{Home, finish};
use crate::samples::{JPEG, assert_refused, chatgpt, locomo, names, rows};
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;

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

    // An answer based on it goes too, and is counted by itself.
    home.run(["import", bread.to_str().unwrap()]).expect(0);
    home.run(["ask", "Which bread did I bake?", "--remember"]).expect(0);
    let undone = home.run(["import", "--undo", "2"]).expect(0).out;
    assert!(undone.starts_with("removed 3 messages and 1 conversation of import 2"), "{undone}");
    assert!(undone.contains("with 1 answer based on it"), "{undone}");
    let gone = home.run(["import", "--undo", "1"]).expect(1);
    assert!(gone.err.contains("import 1 not found") && gone.err.contains("--list"), "{gone:?}");
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
