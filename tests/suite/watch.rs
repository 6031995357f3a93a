//! Following logs from outside: what an agent appends becomes memory while the program runs.

use super::program::Home;
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

/// A record of a coding agent's log.
fn record(number: u32, text: &str) -> String {
    format!(
        "{{\"type\":\"user\",\"uuid\":\"u{number}\",\"parentUuid\":null,\"sessionId\":\"s1\",\
         \"timestamp\":\"2026-03-04T10:0{number}:00Z\",\"cwd\":\"/w\",\"isSidechain\":false,\
         \"message\":{{\"role\":\"user\",\"content\":\"{text}\"}}}}\n"
    )
}

#[test]
fn what_is_appended_to_a_log_is_remembered() {
    let home = Home::new();
    let logs = home.path("projects/garden");
    std::fs::create_dir_all(&logs).unwrap();
    let log = logs.join("s1.jsonl");
    std::fs::write(&log, record(1, "Plan the bed of tulips")).unwrap();

    let mut command = home.command();
    command.args(["watch", "--json"]).arg(home.path("projects"));
    let mut watching = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut told = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };

    // What stood there before.
    let first = told();
    assert_eq!((&first["format"], &first["messages"]["new"]), (&"claude_code".into(), &1.into()));
    // What comes while it runs, and only that.
    let mut append = OpenOptions::new().append(true).open(&log).unwrap();
    append.write_all(record(2, "Water the tulips at noon").as_bytes()).unwrap();
    let second = told();
    assert_eq!(second["messages"]["new"], 1, "{second}");
    assert!(second["path"].as_str().unwrap().ends_with("s1.jsonl"), "{second}");
    // A session that did not exist.
    let other = record(3, "Prune the roses").replace("s1", "s2").replace("u3", "v3");
    std::fs::write(logs.join("s2.jsonl"), other).unwrap();
    assert_eq!(told()["conversations"]["new"], 1);

    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &watching.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    assert!(watching.wait().unwrap().success());
    let found = home.json(["search", "tulips", "--json"]);
    assert_eq!(found["hits"].as_array().unwrap().len(), 3, "{found}");
}

#[test]
fn nothing_to_follow_is_said() {
    let home = Home::new();
    let ran = home.run(["watch"]).expect(3);
    assert!(ran.err.contains("name a file or folder"), "{ran:?}");
    let gone = home.path("gone");
    let ran = home.run(["watch", gone.to_str().unwrap()]).expect(1);
    assert!(ran.err.contains("gone"), "{ran:?}");
}
