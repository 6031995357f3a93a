//! A pager for what is longer than a screen, as `$PAGER` names it.

use super::Output;
use std::io::{self, StdoutLock, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

/// Where a list goes: through a pager on a terminal, straight to standard output otherwise.
pub(super) enum Pager {
    /// Standard output.
    Direct(StdoutLock<'static>),
    /// A pager that reads from here.
    Piped {
        /// Closed before the pager is waited for.
        input: Option<ChildStdin>,
        /// The pager.
        child: Child,
    },
}

impl Pager {
    /// Starts the pager if standard output is a terminal and `$PAGER` does not say otherwise;
    /// where it cannot be started, everything goes to standard output.
    pub(super) fn start(output: Output) -> Self {
        let wanted = std::env::var("PAGER").unwrap_or_else(|_| "less".to_owned());
        if !output.is_terminal() || matches!(wanted.trim(), "" | "cat") {
            return Self::Direct(io::stdout().lock());
        }
        let mut command = Command::new("sh");
        command.arg("-c").arg(&wanted).stdin(Stdio::piped());
        if std::env::var_os("LESS").is_none() {
            // Ends at once where all fits on the screen, keeps colours, leaves the text there.
            command.env("LESS", "FRX");
        }
        let there = Command::new("sh")
            .args(["-c", "command -v \"$1\"", "sh", wanted.split(' ').next().unwrap_or_default()])
            .stdout(Stdio::null())
            .status();
        if !there.is_ok_and(|status| status.success()) {
            return Self::Direct(io::stdout().lock());
        }
        match command.spawn() {
            Ok(mut child) => Self::Piped { input: child.stdin.take(), child },
            Err(_) => Self::Direct(io::stdout().lock()),
        }
    }
}

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Direct(out) => out.write(bytes),
            Self::Piped { input: Some(input), .. } => input.write(bytes),
            Self::Piped { input: None, .. } => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Direct(out) => out.flush(),
            Self::Piped { input: Some(input), .. } => input.flush(),
            Self::Piped { input: None, .. } => Ok(()),
        }
    }
}

/// The terminal belongs to the pager until the user has left it.
impl Drop for Pager {
    fn drop(&mut self) {
        if let Self::Piped { input, child } = self {
            drop(input.take());
            let _ = child.wait();
        }
    }
}
