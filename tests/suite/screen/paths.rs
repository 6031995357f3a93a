//! The main paths: telling, asking, sources, importing, searching, exporting, deleting.

use super::terminal::Terminal;
use std::time::{Duration, Instant};

const HINT: &str = "Three things to try";

fn underlined(screen: &vt100::Screen) -> bool {
    let (rows, cols) = screen.size();
    (0..rows.get()).any(|row| {
        (0..cols.get()).any(|col| screen.cell(row, col).is_some_and(vt100::Cell::underline))
    })
}

#[test]
fn a_statement_a_question_and_its_source() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for(HINT);
    assert!(terminal.screen().alternate_screen());

    terminal.type_in("Bruno planted eleven tomato seedlings in the allotment.\r");
    terminal.wait_for("remembered");
    terminal.type_in("How many tomato seedlings did Bruno plant?\r");
    terminal.wait_for("[1]");
    terminal.wait("the answer", |screen| screen.contents().contains('%'));

    // Alt+1 opens the source in its surroundings, with the quote marked.
    terminal.type_in("\x1b1");
    terminal.wait_for("Enter in session");
    terminal.wait("the quote, underlined", underlined);
    terminal.type_in("\x1b");
    terminal.wait_until_gone("Enter in session");

    // A paste of many lines stays in the composer.
    terminal.type_in("\x1b[200~first line\rsecond line\x1b[201~");
    terminal.wait_for("second line");
    terminal.type_in("\x03");
    terminal.wait_for("Draft stashed");
    let left = Instant::now();
    terminal.type_in("\x03");
    let ended = terminal.finish();
    assert_eq!(ended.status, 0);
    ended.assert_restored();
    assert!(left.elapsed() < Duration::from_secs(2), "leaving took {:?}", left.elapsed());

    // It remembers.
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for("are remembered");
    terminal.type_in("\x12seedlings");
    terminal.wait_for("why:");
    terminal.wait_for("eleven tomato seedlings");
    terminal.type_in("\x1b");
    terminal.wait_for("New session");
    terminal.type_in("/quit\r");
    let ended = terminal.finish();
    assert_eq!(ended.status, 0);
    ended.assert_restored();
}

#[test]
fn an_import_a_search_an_export_a_deletion_and_its_way_back() {
    let home = tempfile::tempdir().unwrap();
    let chat = "[01/05/2023, 10:00:00] Ida: The greyhound sleeps all day\n\
                [01/05/2023, 10:01:00] Bruno: Ours is called Pepper\n";
    std::fs::write(home.path().join("chat.txt"), chat).unwrap();
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for(HINT);

    // The path is completed, looked at, imported.
    terminal.type_in("/import\r");
    terminal.wait_for("import ›");
    terminal.type_in("~/ch\t");
    terminal.wait_for("import › ~/chat.txt");
    terminal.type_in("\r");
    terminal.wait_for("Preview, nothing imported yet");
    terminal.type_in("\r");
    terminal.wait_for("✓ Imported");

    // A click on a hit selects it, another one opens it.
    terminal.type_in("\x12Pepper");
    terminal.wait_for("why:");
    terminal.click("Ours is called Pepper");
    terminal.click("Ours is called Pepper");
    terminal.wait_for("▶ Bruno");

    // From the list it is written to a file, deleted, and taken back.
    terminal.type_in("\x13");
    terminal.wait_for("1 session");
    terminal.type_in("\te");
    terminal.wait_for("export to ›");
    terminal.type_in("\x15~/out.md\r");
    terminal.wait_for("2 turns written to");
    let written = std::fs::read_to_string(home.path().join("out.md")).unwrap();
    assert!(written.contains("Ours is called Pepper"));
    terminal.type_in("d");
    terminal.wait_for("Delete “");
    terminal.type_in("y");
    terminal.wait_for("Press u to undo");
    terminal.type_in("u");
    terminal.wait_for("Session restored");
    terminal.type_in("\x1b");
    terminal.wait_until_gone("sessions ›");
    terminal.type_in("\x0e");
    terminal.wait_for("2 turns from 1 session are remembered");
    terminal.leave();
}

#[test]
fn the_demo_comes_answers_and_goes() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for(HINT);
    terminal.type_in("\x1bOQ");
    terminal.wait_for("The demo is in your memory");
    terminal.type_in("\x1bOQ");
    terminal.wait_for(HINT);
    terminal.leave();
}
