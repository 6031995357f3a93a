//! Printing: data, messages, colour.

use super::CliError;
use crate::assistant::Cancel;
use crate::conversation::visible;
use std::io::{self, IsTerminal, Read, Write};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How long an interrupt goes unseen while an answer is waited for.
const LOOK: Duration = Duration::from_millis(50);

/// Where and how a command prints.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    color: bool,
    quiet: bool,
}

impl Output {
    /// Colour as asked for, and whether messages are wanted.
    pub fn new(color: super::Color, quiet: bool) -> Self {
        let color = match color {
            super::Color::Always => true,
            super::Color::Never => false,
            super::Color::Auto => {
                io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        Self { color, quiet }
    }

    /// Whether colours are used.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Whether data goes to a terminal.
    pub fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether a progress bar should be shown.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Says something to the user, on standard error.
    pub fn message(&self, text: &str) {
        if !self.quiet {
            // Nobody can be told that standard error is closed.
            let _ = writeln!(io::stderr(), "{}", visible(text));
        }
    }

    /// Asks the user, on standard error, also where little is to be said.
    pub fn ask(&self, question: &str) {
        let _ = write!(io::stderr(), "{}", visible(question));
        let _ = io::stderr().flush();
    }

    /// Asks the user, in words of our own, and waits for a line or an interrupt, whichever comes
    /// first.
    pub fn answer(&self, question: &str, cancel: &Cancel) -> Result<String, CliError> {
        let _ = write!(io::stderr(), "{question}");
        let _ = io::stderr().flush();
        let (sender, line) = channel();
        // Reading a line cannot be interrupted; a thread that still waits ends with the program.
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = sender.send(io::stdin().read_line(&mut text).map(|_| text));
        });
        loop {
            match line.recv_timeout(LOOK) {
                Ok(line) => return Ok(line?),
                Err(RecvTimeoutError::Disconnected) => return Ok(String::new()),
                Err(RecvTimeoutError::Timeout) if cancel.is_cancelled() => {
                    // The answer that was begun ends its line.
                    let _ = writeln!(io::stderr());
                    return Err(CliError::Interrupted);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Says what went wrong, on standard error, also where little is to be said.
    pub fn error(&self, text: &str) {
        let _ = writeln!(io::stderr(), "recount: {}", visible(text));
    }

    /// Data in bold, if there is colour.
    pub fn bold(&self, text: &str) -> String {
        self.styled("1", text)
    }

    /// Data that stands back, if there is colour.
    pub fn dim(&self, text: &str) -> String {
        self.styled("2", text)
    }

    /// Data that stands out, if there is colour.
    pub fn accent(&self, text: &str) -> String {
        self.styled("36", text)
    }

    /// The text with control characters made visible, in a style.
    fn styled(self, code: &str, text: &str) -> String {
        let text = visible(text);
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.into_owned() }
    }
}

/// The argument, or what stands on standard input where it is `-`.
pub(super) fn argument_or_stdin(argument: &str) -> io::Result<String> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidData, "standard input is not UTF-8 text")
    })?;
    Ok(text.trim().to_owned())
}
