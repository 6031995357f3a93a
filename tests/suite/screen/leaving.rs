//! Every way out gives the terminal back as it was.

use super::terminal::Terminal;

#[test]
fn signals_restore_the_terminal() {
    for (signal, expected) in
        [("TERM", 128 + 15), ("HUP", 128 + 1), ("INT", 128 + 2), ("QUIT", 128 + 3)]
    {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = Terminal::start(home.path());
        terminal.wait_for("Three things to try");
        terminal.signal(signal);
        let ended = terminal.finish();
        assert_eq!(ended.status, expected, "{signal}");
        ended.assert_restored();
    }
}

#[test]
fn suspended_and_continued() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path());
    terminal.wait_for("Three things to try");
    terminal.type_in("\x1a");
    terminal.wait("the terminal to be given back", |screen| !screen.alternate_screen());
    terminal.go_on();
    terminal.wait_for("Three things to try");
    // The same from outside, with SIGTSTP.
    terminal.signal("TSTP");
    terminal.wait("the terminal to be given back", |screen| !screen.alternate_screen());
    terminal.go_on();
    terminal.wait_for("Three things to try");
    // Drawing anew (Ctrl+L) asks nothing of the terminal.
    terminal.type_in("\x0chello");
    terminal.wait_for("hello");
    terminal.type_in("\x15");
    terminal.leave();
}

#[test]
fn the_editor_gets_the_terminal_and_gives_it_back() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start_with(home.path(), &[("VISUAL", "printf ' and more' >>")]);
    terminal.wait_for("Three things to try");
    terminal.type_in("a line");
    terminal.wait_for("a line");
    terminal.type_in("\x0f");
    terminal.wait_for("a line and more");
    // Keys come here again.
    terminal.type_in("!");
    terminal.wait_for("a line and more!");
    terminal.type_in("\x15");
    terminal.leave();
}

#[test]
fn an_editor_that_fails_is_told_and_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start_with(home.path(), &[("EDITOR", "false")]);
    terminal.wait_for("Three things to try");
    terminal.type_in("a line\x0f");
    terminal.wait_for("✗ false");
    terminal.wait_for("a line");
    terminal.type_in("\x15");
    terminal.leave();
}

#[test]
fn keys_that_clash_are_told_before_the_terminal_is_taken() {
    let home = tempfile::tempdir().unwrap();
    super::looks::configure(home.path(), "[screen.keys]\nsearch = \"ctrl-s\"\n");
    let ended = Terminal::start(home.path()).finish();
    assert_eq!(ended.status, 1);
    let text = ended.text();
    assert!(text.contains("`ctrl-s` is bound to both `search` and `sessions`"), "{text}");
    assert_eq!(ended.count("\x1b[?1049h"), 0, "the screen was taken");
}
