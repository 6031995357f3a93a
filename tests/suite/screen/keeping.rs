//! What is kept, and what is not: drafts, incognito, pastes.

use super::terminal::{DEADLINE, Terminal};
use std::path::Path;
use std::time::Instant;

/// Whether any file of the memory holds a text.
fn holds(home: &Path, text: &str) -> bool {
    std::fs::read_dir(home).unwrap().flatten().any(|entry| {
        entry.path().is_file()
            && std::fs::read(entry.path())
                .unwrap()
                .windows(text.len())
                .any(|window| window == text.as_bytes())
    })
}

/// The files with drafts.
fn drafts(home: &Path) -> Vec<std::path::PathBuf> {
    let is_draft = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("memory.db-draft-") && !name.contains("partial")
    };
    let entries = std::fs::read_dir(home).unwrap().flatten();
    entries.map(|entry| entry.path()).filter(is_draft).collect()
}

/// Waits until a draft is kept.
fn wait_for_draft(home: &Path, text: &str) {
    let deadline = Instant::now() + DEADLINE;
    let kept = |path: &std::path::PathBuf| {
        std::fs::read_to_string(path).is_ok_and(|kept| kept.contains(&format!("{text:?}")))
    };
    while !drafts(home).iter().any(kept) {
        assert!(Instant::now() < deadline, "the draft is not kept");
        std::thread::yield_now();
    }
}

#[test]
fn a_draft_survives_a_kill_and_goes_when_it_is_sent() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for("Three things to try");
    terminal.type_in("half a thought");
    wait_for_draft(home.path(), "half a thought");
    terminal.kill();

    let mut terminal = Terminal::start(home.path());
    terminal.wait_for("half a thought");
    terminal.type_in(" is a thought.\r");
    terminal.wait_for("remembered");
    terminal.leave();
    assert!(drafts(home.path()).is_empty());
}

#[test]
fn two_screens_keep_two_drafts() {
    let home = tempfile::tempdir().unwrap();
    let mut one = Terminal::start(home.path());
    one.wait_for("Three things to try");
    one.type_in("the draft of one");
    wait_for_draft(home.path(), "the draft of one");
    let mut two = Terminal::start(home.path());
    two.wait_for("Three things to try");
    two.type_in("Sent by two.\r");
    two.wait_for("remembered");
    two.leave();
    assert_eq!(drafts(home.path()).len(), 1);
    one.kill();
    let mut again = Terminal::start(home.path());
    again.wait_for("the draft of one");
    again.kill();
}

#[test]
fn incognito_stores_nothing_anywhere() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for("Three things to try");
    terminal.type_in("An ordinary zebra.\r");
    terminal.wait_for("remembered");
    terminal.type_in("/incognito\r");
    terminal.wait_for("INCOGNITO");
    terminal.type_in("A secret quagga lives here.\r");
    terminal.wait_for("Not remembered: incognito is on");
    terminal.type_in("Where does the quagga live?\r");
    terminal.wait_for("not in memory");
    // What is written and never sent is not kept either.
    terminal.type_in("another quagga");
    terminal.wait_for("another quagga");
    terminal.signal("TERM");
    assert_eq!(terminal.finish().status, 128 + 15);
    assert!(holds(home.path(), "zebra"), "the test looks in the wrong place");
    assert!(!holds(home.path(), "quagga"));
}

#[test]
fn a_paste_of_5000_lines_neither_sends_nor_stalls() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for("Three things to try");
    let lines = "a line of a long paste\r".repeat(5_000);
    terminal.type_in(&format!("\x1b[200~{lines}the last line\x1b[201~"));
    terminal.wait_for("5001 lines pasted, not sent yet");
    terminal.wait_for("the last line");
    terminal.type_in(" goes on");
    terminal.wait_for("the last line goes on");
    terminal.type_in("\x03");
    terminal.wait_for("Draft stashed");
    terminal.wait_for("Three things to try");
    terminal.leave();
}

#[test]
#[cfg(unix)]
fn two_screens_and_a_watch_share_a_memory() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    let home = tempfile::tempdir().unwrap();
    let logs = home.path().join("logs");
    std::fs::create_dir(&logs).unwrap();
    let record = |number: u32| {
        format!(
            "{{\"type\":\"user\",\"uuid\":\"u{number}\",\"parentUuid\":null,\"sessionId\":\"s1\",\
             \"timestamp\":\"2026-03-04T10:00:{number:02}Z\",\"cwd\":\"/w\",\"isSidechain\":false,\
             \"message\":{{\"role\":\"user\",\"content\":\"Line {number} of the log\"}}}}\n"
        )
    };
    let log = logs.join("s1.jsonl");
    std::fs::write(&log, record(0)).unwrap();
    let program = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_recount"));
        command.arg("--db").arg(home.path().join("memory.db"));
        command.env("HOME", home.path()).env("XDG_CACHE_HOME", home.path().join("cache"));
        command.env("RECOUNT_ENCODER", "hashing");
        command
    };
    let mut watch = program();
    watch.args(["watch", "--json"]).arg(&logs).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut watch = watch.spawn().unwrap();
    let mut told = BufReader::new(watch.stdout.take().unwrap()).lines();
    told.next().unwrap().unwrap();
    let hashing = [("RECOUNT_ENCODER", "hashing")];
    let mut one = Terminal::start_with(home.path(), &hashing);
    let mut two = Terminal::start_with(home.path(), &hashing);
    for terminal in [&mut one, &mut two] {
        terminal.wait_for("nothing leaves this machine");
    }
    let mut append = std::fs::OpenOptions::new().append(true).open(&log).unwrap();
    for number in 1..=6 {
        std::io::Write::write_all(&mut append, record(number).as_bytes()).unwrap();
        one.type_in(&format!("The first screen says {number}.\r"));
        two.type_in(&format!("The second screen says {number}.\r"));
        one.wait_for(&format!("The first screen says {number}."));
        two.wait_for(&format!("The second screen says {number}."));
        // The composer is empty again, and nothing is being remembered any more.
        one.wait_for("/ for commands");
        two.wait_for("/ for commands");
        told.next().unwrap().unwrap();
    }
    one.leave();
    two.leave();
    assert!(Command::new("kill").arg(watch.id().to_string()).status().unwrap().success());
    watch.wait().unwrap();
    let checked = program().args(["check", "--json"]).output().unwrap();
    let checked: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!((&checked["ok"], &checked["turns"]), (&true.into(), &19.into()), "{checked}");
}
