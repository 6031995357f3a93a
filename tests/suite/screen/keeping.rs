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
