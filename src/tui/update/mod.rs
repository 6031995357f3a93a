//! Turns events into changes of the model and effects. Pure: no I/O, no clock, no thread; the same
//! model and event give the same model and effects.

mod chat;
mod command;
mod import;
mod memory;
mod moment;
mod query;
mod search;
mod session;
mod sessions;
mod source;

pub use command::{COMMANDS, matching};
pub use query::{Chip, Listed, Looked, listed, parse};

use super::effect::Effect;
use super::event::{Event, Failure, Timer, Work};
use super::keymap::{Action, Scope};
use super::layout;
use super::model::{Encoding, Focus, ListFocus, Model, Notice, Tone, View};
use super::review::Reviewed;
use crate::assistant::{EncoderStatus, Status};
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use std::time::Duration;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(4);
/// How often to look whether the encoder has started.
const STARTING: Duration = Duration::from_millis(500);

/// What happens when the screen opens.
pub fn start(_model: &mut Model) -> Vec<Effect> {
    vec![Effect::Status, Effect::Encode]
}

/// What an event changes, and what is to be done because of it.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    let mut effects = match event {
        Event::Key(key) => press(model, key),
        Event::Paste(text) => paste(model, &text),
        Event::Resize(width, height) => {
            model.area = Rect::new(0, 0, width, height);
            Vec::new()
        }
        Event::Timer(timer) => ring(model, timer),
        Event::Work(work) => receive(model, work),
        Event::Suspend => vec![Effect::Suspend],
        Event::Resumed => vec![Effect::Resume],
        Event::Terminate(signal) => vec![Effect::Quit(Some(signal))],
    };
    effects.extend(session::read_on(model));
    effects.extend(sessions::read_on(model));
    if effects.iter().any(|effect| matches!(effect, Effect::Quit(_))) {
        effects.splice(0..0, session::keep_place(model));
    }
    effects
}

/// Where a key is looked up.
fn scope(model: &Model) -> Scope {
    if model.help.is_some() {
        return Scope::Reading;
    }
    let of = |focus| match focus {
        ListFocus::Field => Scope::Field,
        ListFocus::List => Scope::List,
        ListFocus::Preview => Scope::Reading,
    };
    match model.view {
        View::Chat if model.chat.focus == Focus::Composer => Scope::Composer,
        View::Chat | View::Memory => Scope::Reading,
        View::Search => of(model.search.focus),
        View::Sessions if model.sessions.prompt.is_some() => Scope::Field,
        View::Sessions => of(model.sessions.focus),
        View::Import if model.import.chosen.is_some() => Scope::List,
        View::Import => Scope::Import,
    }
}

fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let scope = scope(model);
    let action = model.keymap.action(scope, key);
    if action != Some(Action::Interrupt) {
        disarm(model);
    }
    if let Some(effects) = action.and_then(|action| everywhere(model, action, key)) {
        return effects;
    }
    if let Some(scroll) = model.help {
        if let Some(action) = action {
            let page = usize::from(model.area.height.saturating_sub(4)).max(1);
            model.help = Some(scrolled(scroll, action, page));
        }
        return Vec::new();
    }
    match model.view {
        View::Chat => chat::press(model, action, key),
        View::Search => search::press(model, action, key),
        View::Sessions => sessions::press(model, action, key),
        View::Import => import::press(model, action, key),
        View::Memory => memory::press(model, action),
    }
}

/// What the keys do that mean the same in every view; `None` where the view decides.
fn everywhere(model: &mut Model, action: Action, key: KeyEvent) -> Option<Vec<Effect>> {
    Some(match action {
        // A question mark is one as soon as something is written.
        Action::Help
            if model.help.is_none()
                && matches!(key.code, KeyCode::Char(_))
                && scope(model) == Scope::Composer
                && !model.chat.is_empty() =>
        {
            return None;
        }
        Action::Help => {
            model.help = if model.help.is_some() { None } else { Some(0) };
            Vec::new()
        }
        Action::Dismiss if model.help.is_some() => {
            model.help = None;
            Vec::new()
        }
        Action::Dismiss if matches!(model.view, View::Search | View::Memory) => {
            model.view = View::Chat;
            Vec::new()
        }
        Action::Search => search::open(model, None),
        Action::Sessions => sessions::open(model, ""),
        Action::New => session::new(model),
        Action::Interrupt => interrupt(model),
        Action::Suspend => vec![Effect::Suspend],
        Action::Redraw => vec![Effect::Redraw],
        _ => return None,
    })
}

/// Ctrl+C: cancels what runs, else puts the draft aside, and quits on the second press.
fn interrupt(model: &mut Model) -> Vec<Effect> {
    if model.quit_armed.take().is_some() {
        return vec![Effect::Quit(None)];
    }
    if let Some(job) = model.chat.asking {
        return vec![Effect::Cancel(job)];
    }
    if model.view == View::Import
        && let Some(effects) = import::cancel(model)
    {
        return effects;
    }
    let said = if model.view == View::Chat && !model.chat.is_blank() {
        chat::stash(model);
        "Draft put aside (↑ brings it back). Ctrl+C again quits"
    } else {
        "Ctrl+C again quits"
    };
    let effects = notify(model, Tone::Plain, said);
    model.quit_armed = model.notice.as_ref().map(|notice| notice.number);
    effects
}

fn disarm(model: &mut Model) {
    if let Some(number) = model.quit_armed.take()
        && model.notice.as_ref().is_some_and(|notice| notice.number == number)
    {
        model.notice = None;
    }
}

/// Pasted text goes where typed text would; it never sends, and it never holds a control
/// character afterwards.
fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.help.is_some() {
        return Vec::new();
    }
    match model.view {
        View::Chat => chat::paste(model, text),
        View::Search => search::paste(model, text),
        View::Sessions => sessions::paste(model, text),
        View::Import => import::paste(model, text),
        View::Memory => Vec::new(),
    }
}

fn ring(model: &mut Model, timer: Timer) -> Vec<Effect> {
    match timer {
        Timer::Meaning(job) => search::search_meaning(model, job),
        Timer::Notice(number) => {
            if model.quit_armed == Some(number) {
                model.quit_armed = None;
            }
            if model.notice.as_ref().is_some_and(|notice| notice.number == number) {
                model.notice = None;
            }
            Vec::new()
        }
        Timer::Status => vec![Effect::Status],
    }
}

fn receive(model: &mut Model, work: Work) -> Vec<Effect> {
    match work {
        Work::Part(job, part) => chat::part(model, job, part),
        Work::Said(job, result) => chat::said(model, job, result),
        Work::Remembered(Ok(_)) => {
            let mut effects = notify(model, Tone::Good, "Remembered");
            effects.push(Effect::Status);
            effects
        }
        Work::Remembered(Err(failure)) => fail(model, "Not remembered", failure),
        Work::Hits(job, result) => search::hits(model, job, result),
        Work::Sessions(job, offset, limit, result) => {
            sessions::sessions(model, job, (offset, limit), result)
        }
        Work::Opened(job, result) => session::opened(model, job, result),
        Work::Page(job, session, result) => session::page(model, job, session, result),
        Work::Surroundings(job, result) => {
            let for_others = source::surroundings(model, job, result);
            search::preview(model, job, for_others)
        }
        Work::Reviewed(reviewed) => review(model, reviewed),
        Work::Completed(job, paths) => import::completed(model, job, paths),
        Work::ImportProgress(job, progress) => import::progress(model, job, progress),
        Work::Imported(job, result) => import::imported(model, job, result),
        Work::Encoding(done, left) => {
            let told = Encoding::told(model.encoding, done, left, model.now);
            model.encoding = (left > 0).then_some(told);
            Vec::new()
        }
        Work::Encoded(result) => {
            model.encoding = None;
            let mut effects = match result {
                Err(Failure::Failed(why)) => {
                    notify(model, Tone::Bad, &format!("Encoding stopped: {why}"))
                }
                _ => Vec::new(),
            };
            effects.push(Effect::Status);
            effects
        }
        Work::Status(Ok(status)) => {
            let ready = |status: &Status| matches!(status.encoder, EncoderStatus::Ready { .. });
            let starting = matches!(status.encoder, EncoderStatus::Starting);
            let began = ready(&status) && !model.status.as_ref().is_some_and(ready);
            let pending = status.pending > 0;
            model.status = Some(status);
            match (starting, began && pending) {
                (true, _) => vec![Effect::Wake(STARTING, Timer::Status)],
                (false, true) => vec![Effect::Encode],
                (false, false) => Vec::new(),
            }
        }
        Work::Status(Err(failure)) => fail(model, "The memory cannot be read", failure),
    }
}

fn review(model: &mut Model, reviewed: Reviewed) -> Vec<Effect> {
    match reviewed {
        Reviewed::Changed(result) => sessions::changed(model, result),
        Reviewed::Stats(stats) => memory::counted(model, stats),
        Reviewed::Sizes(sizes) => memory::weighed(model, sizes),
        Reviewed::Imports(imports) => import::past(model, imports),
        Reviewed::Undone(removed) => import::undone(model, removed),
    }
}

/// Says something in the status line for a while.
fn notify(model: &mut Model, tone: Tone, text: &str) -> Vec<Effect> {
    let number = model.number();
    model.notice = Some(Notice { number, tone, text: text.to_owned() });
    vec![Effect::Wake(NOTICE, Timer::Notice(number))]
}

/// Says what failed; what the user cancelled needs no word.
fn fail(model: &mut Model, what: &str, failure: Failure) -> Vec<Effect> {
    match failure {
        Failure::Cancelled => Vec::new(),
        // It stays until something else is said.
        Failure::Failed(why) => {
            let _ = notify(model, Tone::Bad, &format!("{what}: {why}"));
            Vec::new()
        }
    }
}

/// Copies, and says what is known about it.
fn copy(model: &mut Model, text: String, what: &str) -> Vec<Effect> {
    let mut effects =
        notify(model, Tone::Good, &format!("{what} handed to the terminal's clipboard"));
    effects.push(Effect::Copy(text));
    effects
}

/// How far an action moves, in a view of so many lines; `None` where it does not move, and the
/// whole way for the beginning and the end.
fn motion(action: Action, page: usize) -> Option<isize> {
    let page = isize::try_from(page.max(1)).unwrap_or(isize::MAX);
    Some(match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::HalfUp => -(page / 2).max(1),
        Action::HalfDown => (page / 2).max(1),
        Action::PageUp => -(page - 1).max(1),
        Action::PageDown => (page - 1).max(1),
        Action::Top => isize::MIN,
        Action::Bottom => isize::MAX,
        _ => return None,
    })
}

/// A first line after an action; the view clamps it to what there is.
fn scrolled(at: usize, action: Action, page: usize) -> usize {
    const FAR: usize = 1 << 16;
    motion(action, page).map_or(at, |by| at.saturating_add_signed(by).min(FAR))
}

/// The transcript's area in the present window.
fn transcript_area(model: &Model) -> Rect {
    layout::transcript(layout::areas(model, model.area).body)
}
