//! The terminal itself: setting it up, restoring it on every way out, keys and signals coming in,
//! the clipboard. Owns every byte that is written beside the frames; decides nothing.

use super::event::{Event, Pointer};
use super::outside;
use super::plain::Running;
use crate::files::Partial;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture, Event as Input, KeyCode, KeyEvent, KeyEventKind,
    KeyModifiers, KeyboardEnhancementFlags, MouseButton, MouseEvent, MouseEventKind,
    PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute};
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};
use std::io::{self, Stdout, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

/// Whether the terminal is in our hands at the moment.
static HELD: AtomicBool = AtomicBool::new(false);
/// Whether the user's editor has it: signals from the keyboard are meant for that.
static EDITING: AtomicBool = AtomicBool::new(false);
/// Whether the terminal was asked for its colours and has not answered in time.
static UNANSWERED: AtomicBool = AtomicBool::new(false);
/// Whether the mouse is listened to.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// The screen while it is ours. Dropping it gives the terminal back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    /// Whether the terminal was taken again already when the signal comes that says so.
    back: bool,
}

impl Screen {
    /// Takes the terminal: raw mode, the alternate screen, bracketed paste. A panic from now on
    /// gives it back before it is reported.
    pub fn take(mouse: bool) -> io::Result<Self> {
        MOUSE.store(mouse, Ordering::SeqCst);
        restore_on_panic();
        take()?;
        match Terminal::new(CrosstermBackend::new(stdout())) {
            Ok(terminal) => Ok(Self { terminal, back: false }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }

    /// The size of the window in cells.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame; only what changed is written.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> io::Result<()> {
        self.terminal.draw(view).map(|_| ())
    }

    /// Clears the screen and makes the next frame write everything. ratatui's own `clear` asks the
    /// terminal where the cursor is, and the answer would be taken for a key by [`listen`].
    pub fn clear(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from(size))
    }

    /// Gives the terminal back, stops the program, and takes the terminal again when the program
    /// is continued.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        #[cfg(unix)]
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        take()?;
        self.back = cfg!(unix);
        self.clear()
    }

    /// Takes the terminal again after the program was stopped: the shell may have changed it.
    pub fn resume(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.back) {
            return Ok(());
        }
        restore();
        take()?;
        self.clear()
    }

    /// Writes to the terminal beside the frames: to its clipboard, or to make it notify.
    #[expect(clippy::unused_self, reason = "only who holds the screen may write to it")]
    pub fn send(&mut self, bytes: &str) -> io::Result<()> {
        let mut out = stdout();
        out.write_all(bytes.as_bytes())?;
        out.flush()
    }

    /// Gives the terminal to the user's editor and takes it again. Nobody may read keys meanwhile:
    /// see [`Keys`].
    pub fn edit(&mut self, draft: io::Result<Partial>) -> io::Result<Result<String, String>> {
        EDITING.store(true, Ordering::SeqCst);
        restore();
        let edited = outside::edit(draft);
        EDITING.store(false, Ordering::SeqCst);
        take()?;
        self.clear()?;
        Ok(edited)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    HELD.store(true, Ordering::SeqCst);
    let mut taken = execute!(
        stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableFocusChange,
        PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES)
    );
    if taken.is_ok() && MOUSE.load(Ordering::SeqCst) {
        taken = execute!(stdout(), EnableMouseCapture);
    }
    if taken.is_err() {
        restore();
    }
    taken
}

/// Gives the terminal back as it was. Does nothing where it is not ours. Errors are of no use
/// here: the terminal may be gone.
pub fn restore() {
    if !HELD.swap(false, Ordering::SeqCst) {
        return;
    }
    if MOUSE.load(Ordering::SeqCst) {
        let _ = execute!(stdout(), DisableMouseCapture);
    }
    let _ = execute!(
        stdout(),
        PopKeyboardEnhancementFlags,
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

/// Makes a panic of this thread restore the terminal before it is reported. A panic of a worker
/// is caught there and becomes a message on the screen; reporting it here would spoil the screen.
fn restore_on_panic() {
    let screen = thread::current().id();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == screen {
            restore();
            report(panic);
        } else if HELD.load(Ordering::SeqCst) {
            tracing::error!("a worker failed: {panic}");
        } else {
            report(panic);
        }
    }));
}

/// The thread that reads keys, seen from the loop. After each event it waits until it is told to go
/// on: what one key starts may need the terminal for itself, as an editor does.
pub struct Keys(Sender<()>);

impl Keys {
    /// Lets the next key be read.
    pub fn go_on(&self) {
        // Without its thread the terminal is gone, which was told already.
        let _ = self.0.send(());
    }
}

/// Sends what is typed, pasted, clicked and resized, from a thread of its own. The thread ends with
/// the program, or when the terminal is gone, which ends the program.
pub fn listen(events: Sender<Event>) -> io::Result<Keys> {
    let (go_on, gate) = mpsc::channel();
    let mut late = Late::default();
    thread::Builder::new().name("keys".to_owned()).spawn(move || {
        loop {
            let event = match event::read() {
                Ok(Input::Key(key)) if key.kind != KeyEventKind::Release => {
                    if UNANSWERED.load(Ordering::SeqCst) && late.is_part(key) {
                        continue;
                    }
                    Event::Key(key)
                }
                Ok(Input::Paste(text)) => Event::Paste(text),
                Ok(Input::Resize(width, height)) => Event::Resize(width, height),
                Ok(Input::FocusGained) => Event::Focused(true),
                Ok(Input::FocusLost) => Event::Focused(false),
                Ok(Input::Mouse(mouse)) => match pointer(mouse) {
                    Some(pointer) => Event::Pointer(pointer, mouse.column, mouse.row),
                    None => continue,
                },
                Ok(Input::Key(_)) => continue,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => Event::Terminate(HANGUP),
            };
            let last = matches!(event, Event::Terminate(_));
            if events.send(event).is_err() || last || gate.recv().is_err() {
                break;
            }
        }
    })?;
    Ok(Keys(go_on))
}

/// The terminal's answer to the question for its colours, where it comes too late (over a slow
/// line) and would be taken for keys: `Alt+]`, the text, and `Ctrl+G` or `Alt+\\`.
#[derive(Default)]
struct Late {
    inside: bool,
    seen: usize,
}

impl Late {
    /// No answer has more characters.
    const LONGEST: usize = 64;

    /// Whether a key belongs to such an answer.
    fn is_part(&mut self, key: KeyEvent) -> bool {
        let (alt, ctrl) = (KeyModifiers::ALT, KeyModifiers::CONTROL);
        match (self.inside, key.code) {
            (false, KeyCode::Char(']')) if key.modifiers == alt => {
                (self.inside, self.seen) = (true, 0);
                true
            }
            (true, KeyCode::Char(c)) => {
                self.seen += 1;
                let ends =
                    (c == 'g' && key.modifiers == ctrl) || (c == '\\' && key.modifiers == alt);
                self.inside = !ends && self.seen < Self::LONGEST;
                ends || c.is_ascii_hexdigit() || matches!(c, ';' | ':' | '/' | 'r' | 'g')
            }
            _ => {
                self.inside = false;
                false
            }
        }
    }
}

/// What the mouse did, where it matters.
fn pointer(mouse: MouseEvent) -> Option<Pointer> {
    Some(match mouse.kind {
        MouseEventKind::ScrollUp => Pointer::WheelUp,
        MouseEventKind::ScrollDown => Pointer::WheelDown,
        MouseEventKind::Down(MouseButton::Left) => Pointer::Click,
        MouseEventKind::Drag(MouseButton::Left) => Pointer::Drag,
        _ => return None,
    })
}

/// So long is waited for the terminal to tell its colours.
const COLORS: Duration = Duration::from_millis(120);

/// Whether the terminal's ground is light, as far as it tells. Asks before anybody reads keys.
pub fn is_light() -> bool {
    // Some terminals say so without being asked: `foreground;background`.
    if let Some(colors) = outside::environment("COLORFGBG") {
        return matches!(colors.rsplit(';').next(), Some("7" | "15"));
    }
    let mut options = terminal_colorsaurus::QueryOptions::default();
    options.timeout = COLORS;
    match terminal_colorsaurus::theme_mode(options) {
        Ok(mode) => mode == terminal_colorsaurus::ThemeMode::Light,
        Err(error) => {
            tracing::debug!(%error, "the terminal does not tell its colours");
            UNANSWERED.store(true, Ordering::SeqCst);
            false
        }
    }
}

/// Whether the terminal can only write one line after another, as in an editor's shell window.
pub fn is_dumb() -> bool {
    outside::environment("TERM").is_some_and(|term| term == "dumb")
}

/// Makes Ctrl+C cancel what is running, or end the program where nothing is.
pub fn cancel_on_interrupt(running: Running) -> io::Result<()> {
    #[cfg(unix)]
    {
        use signal_hook::consts::SIGINT;
        let mut signals = signal_hook::iterator::Signals::new([SIGINT])?;
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for _ in signals.forever() {
                if !running.cancel() {
                    // What was stored is durable at any instant.
                    signal_hook::low_level::exit(130);
                }
            }
        })?;
    }
    #[cfg(not(unix))]
    drop(running);
    Ok(())
}

/// The number of the signal that tells of a lost terminal.
const HANGUP: i32 = 1;

/// Sends the signals that concern the screen. A second signal to end the program ends it at once,
/// should the first have found it stuck.
#[cfg(unix)]
pub fn watch_signals(events: Sender<Event>) -> io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    let mut signals =
        signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut told = false;
        for signal in signals.forever() {
            let event = match signal {
                SIGTSTP if EDITING.load(Ordering::SeqCst) => {
                    // The editor stops; the program that waits for it must stop too.
                    let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
                    continue;
                }
                SIGINT | SIGQUIT | SIGCONT if EDITING.load(Ordering::SeqCst) => continue,
                SIGTSTP => Event::Suspend,
                SIGCONT => Event::Resumed,
                _ if told => {
                    restore();
                    std::process::exit(128 + signal);
                }
                _ => {
                    told = true;
                    Event::Terminate(signal)
                }
            };
            if events.send(event).is_err() {
                break;
            }
        }
    })?;
    Ok(())
}

/// Sends the signals that concern the screen: there are none on this system.
#[cfg(not(unix))]
pub fn watch_signals(_events: Sender<Event>) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Not a test by itself: what the next one runs in a terminal.
    #[test]
    #[ignore = "panics on purpose"]
    fn panics_with_the_terminal_in_hand() {
        let mut screen = Screen::take(true).unwrap();
        screen.draw(|frame| frame.render_widget("drawn", frame.area())).unwrap();
        panic!("on purpose");
    }

    #[test]
    fn a_panic_gives_the_terminal_back_before_it_is_told() {
        use portable_pty::{CommandBuilder, PtySize, native_pty_system};
        use std::io::Read as _;
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        let name = "tui::terminal::tests::panics_with_the_terminal_in_hand";
        command.args(["--exact", name, "--ignored", "--nocapture", "--test-threads", "1"]);
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut written = Vec::new();
        // The end of a pseudo-terminal is told as an error.
        let _ = pair.master.try_clone_reader().unwrap().read_to_end(&mut written);
        assert!(!child.wait().unwrap().success());
        let written = String::from_utf8_lossy(&written);
        let at = |text: &str| written.rfind(text).unwrap_or_else(|| panic!("{text:?}: {written}"));
        assert!(at("\x1b[?1049h") < at("drawn") && at("drawn") < at("\x1b[?1049l"));
        for code in ["\x1b[?1000l", "\x1b[?1004l", "\x1b[?2004l", "\x1b[<1u", "\x1b[?25h"] {
            // ratatui shows the cursor once more when it is dropped.
            let first = written.find(code).unwrap_or(usize::MAX);
            assert!(first < at("on purpose"), "{code:?} comes too late: {written}");
        }
    }

    #[test]
    fn a_late_answer_is_no_typing() {
        let mut late = Late::default();
        let key = |c, modifiers| KeyEvent::new(KeyCode::Char(c), modifiers);
        assert!(!late.is_part(key('a', KeyModifiers::NONE)));
        assert!(late.is_part(key(']', KeyModifiers::ALT)));
        for c in "11;rgb:1d1d/2020/2121".chars() {
            assert!(late.is_part(key(c, KeyModifiers::NONE)), "{c}");
        }
        assert!(late.is_part(key('\\', KeyModifiers::ALT)));
        assert!(!late.is_part(key('1', KeyModifiers::NONE)));
        assert!(!late.is_part(KeyEvent::from(KeyCode::Enter)));
    }
}
