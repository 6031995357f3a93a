//! The terminal screen. ratatui appears only here.
//!
//! One pure function, `update`, changes the one `Model`; views draw it; effects
//! are carried out by workers on threads of their own, and what they bring comes back as events.
//! The screen is drawn when something happened, and only then. This room owns no memory of what
//! was said: it asks the assistant for pages.

mod effect;
mod event;
mod keeping;
mod keymap;
mod layout;
mod model;
mod outside;
mod paths;
mod plain;
mod review;
mod settings;
mod terminal;
mod theme;
mod update;
mod view;
mod workers;
mod wrap;

pub use settings::Settings;

#[cfg(test)]
mod tests;

use crate::assistant::{Assistant, ImportOptions};
use crate::conversation::{Clock, SystemClock};
use effect::Effect;
use event::{Event, Timer};
use keymap::Keymap;
use model::Model;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use terminal::{Keys, Screen};
use theme::{Named, Theme};
use workers::Workers;

/// Frames are drawn at most so often.
const FRAME: Duration = Duration::from_millis(8);

/// Writes the name of a theme into the user's settings; returns the file.
pub type KeepTheme = Arc<dyn Fn(&str) -> Result<PathBuf, String> + Send + Sync>;

/// How the screen shall be.
#[derive(Clone)]
pub struct Options {
    /// Whether colours are used.
    pub color: bool,
    /// What the user chose.
    pub settings: Settings,
    /// The folder with the user's own themes.
    pub themes: Option<PathBuf>,
    /// What an import assumes.
    pub import: ImportOptions,
    /// Keeps a theme that was chosen in the screen.
    pub keep_theme: KeepTheme,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            color: true,
            settings: Settings::default(),
            themes: None,
            import: ImportOptions::default(),
            keep_theme: Arc::new(|_| Err("no config file".to_owned())),
        }
    }
}

/// Why the screen ended other than by the user's wish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TuiError {
    /// Standard input or output is not a terminal.
    #[error(
        "the screen needs a terminal; in a pipe use `recount ask QUESTION`, `recount search WORDS` \
         or `recount remember TEXT`"
    )]
    NotATerminal,
    /// The terminal failed.
    #[error("terminal error: {0}")]
    Terminal(#[from] io::Error),
    /// The keymap cannot be used.
    #[error("cannot use the keymap: {0}")]
    Keymap(String),
    /// A signal ended the program.
    #[error("ended by signal {0}")]
    Signal(i32),
}

/// Why keys of the user's own cannot be used; `None` where they can.
pub fn keys_fault(keys: &BTreeMap<String, Vec<String>>) -> Option<String> {
    let why = Keymap::new(keymap::DEFAULT, keys).err()?;
    Some(format!("cannot be used: {why}"))
}

/// Opens the screen and stays until the user leaves. The terminal is restored on every way out.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the screen keeps the assistant alive, and the options are its own"
)]
pub fn run(assistant: Arc<Assistant>, options: Options) -> Result<(), TuiError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(TuiError::NotATerminal);
    }
    let keymap = Keymap::new(keymap::DEFAULT, &options.settings.keys)
        .map_err(|error| TuiError::Keymap(error.to_string()))?;
    view::use_local_time();
    if options.settings.screen_reader || terminal::is_dumb() {
        return line_by_line(&assistant);
    }
    let themes = theme::all(options.themes.as_deref());
    let (theme, problem) = chosen_theme(&options, &themes);
    let (sender, events) = mpsc::channel();
    // The first code that is shown must not wait for the grammars.
    std::thread::Builder::new().name("grammars".to_owned()).spawn(view::code::warm)?;
    let mut workers = Workers::start(&assistant, &options, &sender)?;
    terminal::watch_signals(sender.clone())?;
    let mut screen = Screen::take(options.settings.mouse)?;
    let keys = terminal::listen(sender.clone())?;
    let clock = SystemClock;
    let mut model =
        Model::new(screen.size()?, clock.now(), &theme, keymap, options.settings.clone());
    model.themes = themes;
    model.colors = options.color;
    if let Some(problem) = problem {
        // Nobody but the loop receives, and it has not begun.
        let _ = sender.send(Event::Work(event::Work::Failed(problem)));
    }
    let ended = serve(&mut model, &events, &mut screen, &keys, &mut workers, &clock);
    drop(screen);
    workers.stop();
    // What waited for being deleted could be taken back until now.
    if let Err(error) = assistant.carry_out_deletions() {
        tracing::warn!(%error, "deletions are postponed to the next start");
    }
    ended
}

/// The theme that the settings ask for, and what is wrong where it cannot be used.
fn chosen_theme(options: &Options, themes: &[Named]) -> (Theme, Option<String>) {
    if !options.color {
        return (Theme::plain(), None);
    }
    let wanted = match options.settings.theme.as_str() {
        "auto" if terminal::is_light() => "ansi-light",
        "auto" => "ansi",
        name => name,
    };
    match themes.iter().find(|theme| theme.name == wanted) {
        Some(Named { theme: Ok(theme), .. }) => (*theme, None),
        Some(Named { theme: Err(why), .. }) => (Theme::ansi(), Some(why.clone())),
        None => {
            let why = format!("theme `{wanted}` not found; /theme lists all themes");
            (Theme::ansi(), Some(why))
        }
    }
}

/// The screen as plain lines, for a screen reader or a terminal that can do nothing else.
fn line_by_line(assistant: &Assistant) -> Result<(), TuiError> {
    let running = plain::Running::default();
    terminal::cancel_on_interrupt(running.clone())?;
    plain::run(assistant, io::stdin().lock(), io::stdout().lock(), &running)?;
    Ok(())
}

/// The loop: waits for events, updates, carries out, draws.
fn serve(
    model: &mut Model,
    events: &Receiver<Event>,
    screen: &mut Screen,
    keys: &Keys,
    workers: &mut Workers,
    clock: &dyn Clock,
) -> Result<(), TuiError> {
    let mut timers: Vec<(Instant, Timer)> = Vec::new();
    let mut effects = update::start(model);
    let mut changed = true;
    let mut drawn: Option<Instant> = None;
    let mut held = false;
    loop {
        while let Some(effect) = (!effects.is_empty()).then(|| effects.remove(0)) {
            match effect {
                Effect::Quit(None) => return Ok(()),
                Effect::Quit(Some(signal)) => return Err(TuiError::Signal(signal)),
                Effect::Suspend => screen.suspend()?,
                Effect::Resume => screen.resume()?,
                Effect::Redraw => screen.clear()?,
                Effect::Osc52(text) => screen.send(&outside::osc52(&text))?,
                Effect::Notify(text) => {
                    screen.send(&outside::notification(&text, &outside::environment))?;
                }
                Effect::Editor(text) => {
                    let edited = Event::Edited(screen.edit(workers.draft_to_edit(&text))?);
                    effects.extend(update::update(model, edited));
                    changed = true;
                }
                Effect::Wake(after, timer) => timers.push((Instant::now() + after, timer)),
                work => workers.hand(work),
            }
        }
        if std::mem::take(&mut held) {
            keys.go_on();
        }
        let due = drawn.map(|drawn| drawn + FRAME);
        if changed && due.is_none_or(|due| due <= Instant::now()) {
            screen.draw(|frame| view::draw(model, frame))?;
            drawn = Some(Instant::now());
            changed = false;
        }
        let next_frame = due.filter(|_| changed);
        let wake = timers.iter().map(|(at, _)| *at).chain(next_frame).min();
        let Some(event) = wait(events, wake)? else {
            let now = Instant::now();
            while let Some(at) = timers.iter().position(|(at, _)| *at <= now) {
                let (_, timer) = timers.swap_remove(at);
                model.now = clock.now();
                effects.extend(update::update(model, Event::Timer(timer)));
                // Keeping the draft shows nothing.
                changed |= timer != Timer::Draft;
            }
            continue;
        };
        if let Event::Work(work) = &event {
            workers.ended(work);
        }
        held = event.is_input();
        model.now = clock.now();
        effects.extend(update::update(model, event));
        changed = true;
    }
}

/// Waits for an event, at most until an instant.
fn wait(events: &Receiver<Event>, until: Option<Instant>) -> Result<Option<Event>, TuiError> {
    let Some(until) = until else {
        return events.recv().map(Some).map_err(|_| TuiError::Signal(1));
    };
    match events.recv_timeout(until.saturating_duration_since(Instant::now())) {
        Ok(event) => Ok(Some(event)),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => Err(TuiError::Signal(1)),
    }
}
