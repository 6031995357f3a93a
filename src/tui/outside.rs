//! Other programs and what the terminal itself offers: the user's editor, the clipboard, a
//! notification. Owns how they are called and what is known of their success; says nothing on the
//! screen.

use crate::files::Partial;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// So long may a clipboard's program take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads the environment; injected, so that it can be tested.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The environment of this process; an empty variable counts as none.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Lets the user write on in their own editor and returns the text. The terminal must have been
/// given back before.
pub fn edit(draft: io::Result<Partial>) -> Result<String, String> {
    let editor = environment("VISUAL").or_else(|| environment("EDITOR"));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    let failed = |error: io::Error| format!("cannot run the editor {editor}: {error}; set $EDITOR");
    let draft = draft.map_err(failed)?;
    // By the shell, as git does: an editor may have arguments.
    let status = Command::new("sh")
        .args(["-c", &format!("{editor} \"$1\""), "recount"])
        .arg(draft.path())
        .status()
        .map_err(failed)?;
    if !status.success() {
        return Err(format!("{editor} failed ({status}); the draft was not changed"));
    }
    // Some editors write another file in the place of the one they were given.
    std::fs::read_to_string(draft.path()).map_err(failed)
}

/// How a text reached a clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// A program took it and said so.
    By(&'static str),
    /// Nothing but the terminal is left, which never says whether it took a text.
    NeedsTerminal,
}

/// A clipboard's program with its arguments.
type Clipboard = &'static [&'static str];

/// The clipboards that belong to the place where the user sits, best first.
fn clipboards(environment: Environment) -> Vec<Clipboard> {
    let mut found: Vec<Clipboard> = Vec::new();
    if environment("TMUX").is_some() {
        // It passes the text on to the terminal around it, where that is allowed.
        found.push(&["tmux", "load-buffer", "-w", "-"]);
    }
    // Over SSH the programs here would fill the clipboard of a machine that nobody sits at.
    if environment("SSH_TTY").is_some() || environment("SSH_CONNECTION").is_some() {
        return found;
    }
    if cfg!(target_os = "macos") {
        found.push(&["pbcopy"]);
    }
    if environment("WSL_DISTRO_NAME").is_some() || cfg!(windows) {
        found.push(&["clip.exe"]);
    }
    if environment("WAYLAND_DISPLAY").is_some() {
        found.push(&["wl-copy"]);
    }
    if environment("DISPLAY").is_some() {
        found.push(&["xclip", "-selection", "clipboard", "-in"]);
        found.push(&["xsel", "--clipboard", "--input"]);
    }
    found
}

/// Copies a text by the first clipboard's program that takes it.
pub fn copy(text: &str) -> Copied {
    let taken = clipboards(&environment).into_iter().find(|command| run(command, text));
    taken.map_or(Copied::NeedsTerminal, |command| Copied::By(command[0]))
}

/// Whether a program took a text from its standard input.
fn run(command: Clipboard, text: &str) -> bool {
    let started = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else { return false };
    let Some(mut input) = child.stdin.take() else { return false };
    let text = text.to_owned();
    // A program that does not read must not hold up this one.
    let written = thread::spawn(move || input.write_all(text.as_bytes()).is_ok());
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success() && written.join().unwrap_or(false),
            Ok(None) if began.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

/// The bytes that hand a text to the terminal's clipboard (OSC 52), which also works over SSH.
pub fn osc52(text: &str) -> String {
    format!("\x1b]52;c;{}\x07", base64(text.as_bytes()))
}

/// The bytes that make the terminal notify its user; where no better way is known, the bell.
pub fn notification(text: &str, environment: Environment) -> String {
    // What stands in a notification must not end it.
    let text: String = crate::conversation::visible_line(text).replace(';', ",");
    let terminal = environment("TERM_PROGRAM").unwrap_or_default().to_lowercase();
    let term = environment("TERM").unwrap_or_default();
    if environment("TMUX").is_some() {
        return "\x07".to_owned();
    }
    match terminal.as_str() {
        "iterm.app" | "wezterm" | "ghostty" => return format!("\x1b]9;{text}\x07"),
        _ => {}
    }
    if term.contains("kitty") {
        format!("\x1b]9;{text}\x07")
    } else if term.starts_with("foot") || term.starts_with("rxvt") {
        format!("\x1b]777;notify;recount;{text}\x07")
    } else {
        "\x07".to_owned()
    }
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            (0..3).fold(0_u32, |word, i| word << 8 | u32::from(chunk.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(char::from(SIGNS[(word >> (18 - 6 * i)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn base64_pads() {
        for (text, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    #[test]
    fn the_clipboard_is_where_the_user_sits() {
        let names = |set| clipboards(&of(set)).iter().map(|command| command[0]).collect::<Vec<_>>();
        assert_eq!(names(&[("DISPLAY", ":0")]).last(), Some(&"xsel"));
        assert!(names(&[("DISPLAY", ":0"), ("SSH_TTY", "/dev/pts/1")]).is_empty());
        assert_eq!(names(&[("TMUX", "x"), ("SSH_TTY", "/dev/pts/1")]), ["tmux"]);
        assert!(!run(&["recount-has-no-such-program"], "x"));
        assert!(!run(&["false"], "x") && run(&["cat"], &"x".repeat(1 << 20)));
    }

    #[test]
    fn a_notification_cannot_be_broken_out_of() {
        let text = "done\x07\x1b]0;own";
        let shown = notification(text, &of(&[("TERM", "foot")]));
        assert_eq!(shown, "\x1b]777;notify;recount;done␇␛]0,own\x07");
        assert_eq!(notification(text, &of(&[("TERM", "xterm")])), "\x07");
        let iterm = notification("x", &of(&[("TERM_PROGRAM", "iTerm.app")]));
        assert_eq!(iterm, "\x1b]9;x\x07");
    }
}
