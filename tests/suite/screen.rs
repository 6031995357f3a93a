//! The screen end to end, through a real pseudo-terminal.
#![allow(clippy::unwrap_used, reason = "a test fails where something is missing")]

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take; reached only when something is wrong.
const DEADLINE: Duration = Duration::from_secs(30);

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

/// A terminal in which the program runs.
struct Terminal {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Everything that was written, for what the parser does not keep.
    written: Vec<u8>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Terminal {
    /// Starts the program with a memory of its own.
    fn start(home: &std::path::Path, rows: u16, cols: u16) -> Self {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_recount"));
        command.args(["--db".as_ref(), home.join("memory.db").as_os_str()]);
        command.env("TERM", "xterm-256color");
        command.env("XDG_CACHE_HOME", home.join("cache"));
        command.env("XDG_CONFIG_HOME", home.join("config"));
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            parser: vt100::Parser::new(cells(rows), cells(cols), 0),
            output,
            input: pair.master.take_writer().unwrap(),
            child,
            written: Vec::new(),
            _master: pair.master,
        }
    }

    fn type_in(&mut self, text: &str) {
        self.input.write_all(text.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    fn contents(&self) -> String {
        self.parser.screen().contents()
    }

    /// Reads what the program writes until the screen is as wanted.
    fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !wanted(self.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => {
                    self.parser.process(&bytes);
                    self.written.extend(bytes);
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("{what} did not come; the screen is\n{}", self.contents())
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the program ended before {what} came:\n{}", self.contents())
                }
            }
        }
    }

    fn wait_for(&mut self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Reads to the end of the program and returns its exit status.
    fn finish(mut self) -> (u32, vt100::Parser, Vec<u8>) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => {
                    self.parser.process(&bytes);
                    self.written.extend(bytes);
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("the program does not end; the screen is\n{}", self.contents());
                }
            }
        }
        let status = self.child.wait().unwrap();
        (status.exit_code(), self.parser, self.written)
    }
}

/// The terminal is as it was: no alternate screen, the cursor shown, pastes and keys plain.
fn assert_restored(parser: &vt100::Parser, written: &[u8]) {
    let screen = parser.screen();
    assert!(!screen.alternate_screen(), "the alternate screen was not left");
    assert!(!screen.hide_cursor(), "the cursor stays hidden");
    assert!(!screen.bracketed_paste(), "bracketed paste stays on");
    let count = |code: &str| written.windows(code.len()).filter(|w| *w == code.as_bytes()).count();
    assert_eq!(count("\x1b[>1u"), count("\x1b[<1u"), "the keyboard flags stay pushed");
}

#[test]
fn a_statement_a_question_and_its_source() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path(), 24, 80);
    terminal.wait_for("Three things to try");
    assert!(terminal.parser.screen().alternate_screen());

    terminal.type_in("Bruno planted eleven tomato seedlings in the allotment.\r");
    terminal.wait_for("remembered");
    terminal.type_in("How many tomato seedlings did Bruno plant?\r");
    terminal.wait_for("[1]");
    terminal.wait("the answer", |screen| screen.contents().contains('%'));

    // Alt+1 opens the source in its surroundings, with the quote marked.
    terminal.type_in("\x1b1");
    terminal.wait_for("Enter in session");
    terminal.wait("the quote, underlined", |screen| {
        let (rows, cols) = screen.size();
        (0..rows.get()).any(|row| {
            (0..cols.get()).any(|col| screen.cell(row, col).is_some_and(vt100::Cell::underline))
        })
    });
    terminal.type_in("\x1b");
    terminal.wait("the source to close", |screen| !screen.contents().contains("Enter in session"));

    // A paste of many lines stays in the composer.
    terminal.type_in("\x1b[200~first line\rsecond line\x1b[201~");
    terminal.wait_for("second line");
    terminal.type_in("\x03");
    terminal.wait_for("Draft put aside");
    let left = Instant::now();
    terminal.type_in("\x03");
    let (status, parser, written) = terminal.finish();
    assert_eq!(status, 0);
    assert_restored(&parser, &written);
    assert!(left.elapsed() < Duration::from_secs(2), "leaving took {:?}", left.elapsed());

    // It remembers.
    let mut terminal = Terminal::start(home.path(), 24, 80);
    terminal.wait_for("are remembered");
    terminal.type_in("\x12seedlings");
    terminal.wait_for("why:");
    terminal.wait_for("eleven tomato seedlings");
    terminal.type_in("\x1b");
    terminal.wait_for("A new session");
    terminal.type_in("/quit\r");
    let (status, parser, written) = terminal.finish();
    assert_eq!(status, 0);
    assert_restored(&parser, &written);
}

#[test]
fn signals_restore_the_terminal() {
    for (signal, expected) in [("TERM", 128 + 15), ("HUP", 128 + 1), ("INT", 128 + 2)] {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = Terminal::start(home.path(), 24, 80);
        terminal.wait_for("Three things to try");
        let id = terminal.child.process_id().unwrap().to_string();
        let sent =
            std::process::Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap();
        assert!(sent.success());
        let (status, parser, written) = terminal.finish();
        assert_eq!(status, expected, "{signal}");
        assert_restored(&parser, &written);
    }
}

#[test]
fn suspended_and_continued() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path(), 24, 80);
    terminal.wait_for("Three things to try");
    terminal.type_in("\x1a");
    terminal.wait("the terminal to be given back", |screen| !screen.alternate_screen());
    let id = terminal.child.process_id().unwrap().to_string();
    // The program may not have stopped yet; it is continued until it is back.
    let deadline = Instant::now() + DEADLINE;
    while !terminal.parser.screen().alternate_screen() {
        assert!(Instant::now() < deadline, "it does not come back");
        std::process::Command::new("kill").args(["-CONT", &id]).status().unwrap();
        if let Ok(bytes) = terminal.output.recv_timeout(Duration::from_millis(100)) {
            terminal.parser.process(&bytes);
            terminal.written.extend(bytes);
        }
    }
    terminal.wait_for("Three things to try");
    // Drawing anew (Ctrl+L) asks nothing of the terminal.
    terminal.type_in("\x0chello");
    terminal.wait_for("hello");
    terminal.type_in("\x15\x04");
    let (status, parser, written) = terminal.finish();
    assert_eq!(status, 0);
    assert_restored(&parser, &written);
}
