//! A terminal in which the program runs: a pseudo-terminal, and what stands on its screen.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take; reached only when something is wrong.
pub const DEADLINE: Duration = Duration::from_mins(1);

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// A terminal with the program in it.
pub struct Terminal {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Everything that was written, for what the parser does not keep.
    written: Vec<u8>,
    master: Box<dyn MasterPty + Send>,
}

/// What a program leaves behind when it has ended.
pub struct Ended {
    /// Its exit status.
    pub status: u32,
    /// The screen.
    pub parser: vt100::Parser,
    /// Everything that it wrote.
    pub written: Vec<u8>,
}

impl Terminal {
    /// Starts the program with a memory of its own, in a window of 80×24 cells.
    pub fn start(home: &Path) -> Self {
        Self::start_with(home, &[])
    }

    /// The same, with more in its environment.
    pub fn start_with(home: &Path, environment: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_recount"));
        command.args(["--db".as_ref(), home.join("memory.db").as_os_str()]);
        command.env("HOME", home);
        command.env("XDG_CACHE_HOME", home.join("cache"));
        command.env("XDG_CONFIG_HOME", home.join("config"));
        for name in ["NO_COLOR", "VISUAL", "EDITOR", "TMUX", "DISPLAY", "WAYLAND_DISPLAY"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        // Nobody answers the question for the terminal's colours here.
        command.env("COLORFGBG", "15;0");
        for (name, value) in environment {
            command.env(name, value);
        }
        Self::spawn(command)
    }

    /// Runs a command in a terminal.
    fn spawn(command: CommandBuilder) -> Self {
        let (rows, cols) = (24, 80);
        let pair = native_pty_system().openpty(size(rows, cols)).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 1 << 13];
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
            master: pair.master,
        }
    }

    /// Types, or pastes, or clicks: whatever the bytes say.
    pub fn type_in(&mut self, text: &str) {
        self.input.write_all(text.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    /// The screen.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    fn contents(&self) -> String {
        self.screen().contents()
    }

    /// Makes the window larger or smaller.
    pub fn resize(&mut self, rows: u16, cols: u16) {
        self.master.resize(size(rows, cols)).unwrap();
        self.parser.screen_mut().set_size(cells(rows), cells(cols));
    }

    /// Reads what the program writes until the screen is as wanted.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !wanted(self.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("{what} did not come; the screen is\n{}", self.contents())
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the program ended before {what} came:\n{}", self.contents())
                }
            }
        }
    }

    /// Waits for a text on the screen.
    pub fn wait_for(&mut self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Waits until a text has gone from the screen.
    pub fn wait_until_gone(&mut self, text: &str) {
        self.wait(&format!("{text} to go"), |screen| !screen.contents().contains(text));
    }

    /// Clicks on the first row of the screen that holds a text.
    pub fn click(&mut self, text: &str) {
        let rows: Vec<String> = self.screen().rows(0, 500).collect();
        let row = rows.iter().position(|row| row.contains(text)).unwrap();
        let before = rows[row].find(text).unwrap();
        let column = rows[row][..before].chars().count() + 1;
        let row = row + 1;
        self.type_in(&format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"));
    }

    /// Sends the program a signal.
    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Continues the program once it has stopped, and waits until it has the terminal again.
    pub fn go_on(&mut self) {
        let id = self.child.process_id().unwrap().to_string();
        let deadline = Instant::now() + DEADLINE;
        let state =
            || Command::new("ps").args(["-o", "state=", "-p", &id]).output().unwrap().stdout;
        while !state().starts_with(b"T") {
            assert!(Instant::now() < deadline, "it does not stop");
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.take(&bytes);
            }
        }
        self.signal("CONT");
        self.wait("the alternate screen", vt100::Screen::alternate_screen);
    }

    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.written.extend(bytes);
    }

    /// Kills the program, which can do nothing about it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Reads to the end of the program.
    pub fn finish(mut self) -> Ended {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("the program does not end; the screen is\n{}", self.contents());
                }
            }
        }
        let status = self.child.wait().unwrap().exit_code();
        Ended { status, parser: self.parser, written: self.written }
    }

    /// Leaves by Ctrl+D; the composer must be empty.
    pub fn leave(mut self) -> Ended {
        self.type_in("\x04");
        let ended = self.finish();
        assert_eq!(ended.status, 0);
        ended.assert_restored();
        ended
    }
}

impl Ended {
    /// The terminal is as it was: no alternate screen, the cursor shown, pastes and keys plain,
    /// nothing told of the mouse and the focus.
    pub fn assert_restored(&self) {
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen was not left");
        assert!(!screen.hide_cursor(), "the cursor stays hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste stays on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse");
        assert_eq!(
            self.count("\x1b[>1u"),
            self.count("\x1b[<1u"),
            "the keyboard flags stay pushed"
        );
        for (mode, what) in
            [("1000", "the mouse is"), ("1003", "the mouse is"), ("1004", "the focus is")]
        {
            let (on, off) = (format!("\x1b[?{mode}h"), format!("\x1b[?{mode}l"));
            assert_eq!(self.count(&on), self.count(&off), "{what} still told");
        }
    }

    /// How often a sequence was written.
    pub fn count(&self, sequence: &str) -> usize {
        self.written.windows(sequence.len()).filter(|w| *w == sequence.as_bytes()).count()
    }

    /// All that was written, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.written).into_owned()
    }
}
