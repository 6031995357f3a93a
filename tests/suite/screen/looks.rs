//! How it looks where colours, the mouse or the drawing itself are not wanted, and at any size.

use super::terminal::Terminal;
use std::path::Path;

/// Writes the config file of a home.
pub(super) fn configure(home: &Path, text: &str) {
    let folder = home.join("config").join("recount");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();
}

fn colourful(screen: &vt100::Screen) -> bool {
    let (rows, cols) = screen.size();
    (0..rows.get()).any(|row| {
        (0..cols.get()).any(|col| {
            screen.cell(row, col).is_some_and(|cell| {
                cell.fgcolor() != vt100::Color::Default || cell.bgcolor() != vt100::Color::Default
            })
        })
    })
}

#[test]
fn no_color_leaves_weight_and_marks() {
    for (wanted, environment) in [(true, &[][..]), (false, &[("NO_COLOR", "1")][..])] {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = Terminal::start_with(home.path(), environment);
        terminal.wait_for("nothing leaves this machine");
        assert_eq!(colourful(terminal.screen()), wanted);
        terminal.type_in("/nonsense\r");
        terminal.wait_for("✗ Unknown command /nonsense. /help lists all commands");
        assert_eq!(colourful(terminal.screen()), wanted);
        terminal.type_in("\x15");
        terminal.leave();
    }
}

#[test]
fn without_the_mouse_nothing_is_asked_of_it() {
    let home = tempfile::tempdir().unwrap();
    configure(home.path(), "[screen]\nmouse = false\n");
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for("Three things to try");
    let ended = terminal.leave();
    assert_eq!(ended.count("\x1b[?1000h"), 0);
}

#[test]
fn a_window_of_any_size_shows_what_fits() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for("Three things to try");
    terminal.type_in("The greyhound is called Pepper.\r");
    terminal.wait_for("remembered");
    for (rows, cols) in [(12, 40), (5, 12), (1, 1), (60, 200), (24, 80)] {
        terminal.resize(rows, cols);
        if rows >= 12 {
            terminal.wait_for("greyhound is called Pepper");
        }
    }
    // What stands in the composer stays through all of it.
    terminal.type_in("a thought");
    terminal.wait_for("a thought");
    terminal.resize(8, 20);
    terminal.resize(24, 80);
    terminal.wait_for("a thought");
    terminal.type_in("\x15");
    terminal.leave();
}

#[test]
fn a_screen_reader_gets_lines() {
    let home = tempfile::tempdir().unwrap();
    configure(home.path(), "[screen]\nscreen_reader = true\n");
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for("/help lists");
    terminal.type_in("Bruno planted eleven tomato seedlings in the allotment.\n");
    terminal.wait_for("Remembered.");
    terminal.type_in("How many tomato seedlings did Bruno plant?\n");
    terminal.wait_for("percent sure: eleven");
    terminal.wait_for("Source 1: you");
    terminal.type_in("1\n");
    terminal.wait_for("Here: you");
    terminal.type_in("/quit\n");
    terminal.wait_for("Goodbye.");
    let ended = terminal.finish();
    assert_eq!(ended.status, 0);
    assert!(!ended.written.contains(&0x1b), "something was drawn");
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start_with(home.path(), &[("TERM", "dumb")]);
    terminal.wait_for("press Enter.");
    terminal.type_in("The key is under the pot.\r");
    terminal.wait_for("emembered");
    terminal.type_in("/quit\r");
    let ended = terminal.finish();
    assert_eq!(ended.status, 0);
    // Not one escape sequence.
    assert!(!ended.written.contains(&0x1b), "{}", String::from_utf8_lossy(&ended.written));
}
