//! Turns events into changes of the model and effects. Pure: no I/O, no clock, no thread; the same
//! model and event give the same model and effects.

mod chat;
mod command;
mod compose;
mod confirm;
mod import;
mod intent;
mod memory;
mod messages;
mod moment;
mod onboarding;
mod overlay;
mod palette;
mod picker;
mod pointer;
mod query;
mod search;
mod session;
mod sessions;
mod source;
mod undo;
mod vim;

pub use command::{COMMANDS, matching};
pub use intent::shown as intent;
pub use picker::choices;
pub use query::{Chip, Listed, Looked, listed, parse};

use super::effect::Effect;
use super::event::{Event, Failure, Timer, Work};
use super::keymap::{Action, Scope};
use super::layout;
use super::model::{Focus, ListFocus, Lists, Model, Notice, PastNotice, Progress, Tone, View};
use super::outside::Copied;
use super::review::{Review, Reviewed};
use crate::assistant::{EncoderStatus, Status};
use crate::conversation::visible;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use std::time::Duration;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(4);
/// How often to look whether the encoder has started.
const STARTING: Duration = Duration::from_millis(500);

/// What happens when the screen opens.
pub fn start(_model: &mut Model) -> Vec<Effect> {
    vec![Effect::Status, Effect::History, Effect::Review(Review::Imports), Effect::Encode]
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
        Event::Pointer(pointer, column, row) => pointer::act(model, pointer, (column, row).into()),
        Event::Focused(focused) => {
            model.focused = focused;
            Vec::new()
        }
        Event::Edited(result) => compose::edited(model, result),
    };
    effects.extend(compose::settle(model));
    effects.extend(intent::settle(model));
    if effects.iter().any(|effect| matches!(effect, Effect::Quit(_))) {
        // What was not sent is there again the next time.
        effects.splice(0..0, compose::keep(model));
    }
    effects.extend(session::read_on(model));
    effects.extend(sessions::read_on(model));
    if effects.iter().any(|effect| matches!(effect, Effect::Quit(_))) {
        effects.splice(0..0, session::keep_place(model));
    }
    effects
}

/// Where a key is looked up.
fn scope(model: &Model) -> Scope {
    if model.palette.is_some() {
        return Scope::Field;
    }
    if model.overlay.is_some() {
        return Scope::Field;
    }
    let of = |focus| match focus {
        ListFocus::Field => Scope::Field,
        ListFocus::List => Scope::List,
        ListFocus::Preview => Scope::Reading,
    };
    match model.view {
        View::Chat if model.chat.focus == Focus::Composer => Scope::Composer,
        View::Chat | View::Memory => Scope::Reading,
        View::Search if model.search.picker.is_some() => Scope::Field,
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
    // What failed is read by then, and the state of things is worth more.
    let goes_on = matches!(
        action,
        Some(
            Action::Send
                | Action::Open
                | Action::Dismiss
                | Action::Search
                | Action::Sessions
                | Action::New
                | Action::Palette
        )
    );
    if goes_on && model.notice.as_ref().is_some_and(|notice| notice.tone == Tone::Bad) {
        model.notice = None;
    }
    if action != Some(Action::Interrupt) {
        disarm(model);
        if model.settings.reduced_motion {
            model.notice = None;
        }
    }
    act(model, action, key)
}

fn act(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    if model.question.is_some() {
        return confirm::press(model, key);
    }
    if model.palette.is_some() && !matches!(action, Some(Action::Redraw | Action::Suspend)) {
        return palette::press(model, action, key);
    }
    if let Some(effects) = action.and_then(|action| everywhere(model, action, key)) {
        return effects;
    }
    if model.overlay.is_some() {
        overlay::press(model, action, key);
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

/// Carries out an action in the view that has the focus, as if its key had been pressed.
fn press_action(model: &mut Model, action: Action) -> Vec<Effect> {
    act(model, Some(action), KeyEvent::from(KeyCode::Null))
}

/// What the keys do that mean the same in every view; `None` where the view decides.
fn everywhere(model: &mut Model, action: Action, key: KeyEvent) -> Option<Vec<Effect>> {
    Some(match action {
        // A question mark is one as soon as something is written.
        Action::Help
            if model.overlay.is_none()
                && matches!(key.code, KeyCode::Char(_))
                && scope(model) == Scope::Composer
                && !model.chat.composer.is_empty() =>
        {
            return None;
        }
        Action::Find if model.overlay.is_some() => return None,
        Action::Help => {
            overlay::toggle(model, Lists::Keys);
            Vec::new()
        }
        Action::Dismiss if model.overlay.is_some() => {
            model.overlay = None;
            Vec::new()
        }
        Action::Dismiss if model.view == View::Memory => {
            model.view = View::Chat;
            Vec::new()
        }
        Action::Find => return find(model),
        Action::Palette => palette::open(model, false),
        Action::Search => search::open(model, None),
        Action::Sessions => sessions::open(model, ""),
        Action::Demo => onboarding::demo(model),
        Action::New => session::new(model),
        Action::Interrupt => interrupt(model),
        Action::Suspend => vec![Effect::Suspend],
        Action::Redraw => vec![Effect::Redraw],
        _ => return None,
    })
}

/// `/` outside of a field: to the field of the list, or a search in what is read.
fn find(model: &mut Model) -> Option<Vec<Effect>> {
    if model.overlay.is_some() {
        return None;
    }
    match model.view {
        View::Search => model.search.focus = ListFocus::Field,
        View::Sessions => model.sessions.focus = ListFocus::Field,
        View::Import => model.import.chosen = None,
        View::Memory => return Some(search::open(model, None)),
        View::Chat => {
            // What is not stored cannot be searched.
            let session = model.chat.transcript.id.filter(|_| !model.chat.stores_nothing());
            let text = session.map(|session| format!("session:{session} "));
            return Some(search::open(model, text.as_deref()));
        }
    }
    Some(Vec::new())
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
    let said = if model.view == View::Chat && !model.chat.composer.is_blank() {
        compose::stash(model);
        "Draft stashed (↑ restores it). Ctrl+C again quits"
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
    if model.palette.is_some() {
        palette::paste(model, text);
        return Vec::new();
    }
    if model.question.is_some() {
        return Vec::new();
    }
    if let Some(overlay) = &mut model.overlay {
        overlay.filter.insert(text);
        overlay.scroll = 0;
        return Vec::new();
    }
    match model.view {
        View::Chat => compose::paste(model, text),
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
        Timer::Draft => compose::keep(model),
    }
}

fn receive(model: &mut Model, work: Work) -> Vec<Effect> {
    match work {
        Work::Part(job, part) => chat::part(model, job, part),
        Work::Said(job, result) => chat::said(model, job, result),
        Work::Whispered(job, result) => chat::whispered(model, job, result),
        Work::Decided(job, result) => intent::decided(model, job, result.ok()),
        Work::TakenBack(turn, result) => undo::taken_back(model, turn, result),
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
        Work::Copied(what, text, how) => copied(model, what, text, how),
        Work::Exported(Ok(said)) => notify(model, Tone::Good, &said),
        Work::Exported(Err(why)) => fail(model, "Not exported", Failure::Failed(why)),
        Work::Chosen(text, chosen) => confirm::chosen(model, text, chosen),
        Work::Forgotten(result) => confirm::forgotten(model, result),
        Work::ThemeKept(name, Ok(path)) => {
            let said = format!("Theme {name}, saved in {}", path.display());
            notify(model, Tone::Good, &said)
        }
        Work::ThemeKept(name, Err(why)) => {
            let said = format!("Theme {name}, until you quit: it was not saved ({why})");
            notify(model, Tone::Bad, &said)
        }
        Work::Failed(why) => fail(model, "Something failed", Failure::Failed(why)),
        Work::History(texts) => compose::history(model, &texts),
        Work::Drafts(drafts) => compose::drafts(model, drafts),
        Work::Completed(job, paths) => import::completed(model, job, paths),
        Work::ImportProgress(job, progress) => import::progress(model, job, progress),
        Work::Imported(job, result) => {
            let mut effects = tell_outside(model, "The import has ended");
            effects.extend(import::imported(model, job, result));
            effects
        }
        Work::Undoing(job, done, left) => import::undoing(model, job, done, left),
        Work::Undone(job, result) => import::undo_ended(model, job, result),
        Work::Encoding(done, left) => {
            let told = Progress::told(model.encoding, done, left, model.now);
            model.encoding = (left > 0).then_some(told);
            Vec::new()
        }
        Work::Encoded(result) => {
            let told = model.encoding.take().map(|_| tell_outside(model, "All turns are encoded"));
            let mut effects = match result {
                Err(Failure::Failed(why)) => {
                    notify(model, Tone::Bad, &format!("Encoding stopped: {why}"))
                }
                _ => told.unwrap_or_default(),
            };
            effects.push(Effect::Status);
            effects
        }
        Work::Status(Ok(status)) => {
            let ready = |status: &Status| matches!(status.encoder, EncoderStatus::Ready { .. });
            let starting = matches!(status.encoder, EncoderStatus::Starting);
            let began = ready(&status) && !model.status.as_ref().is_some_and(ready);
            let pending = status.pending > 0;
            model.chat.read_only = status.read_only;
            model.status = Some(status);
            match (starting, began && pending) {
                (true, _) => vec![Effect::Wake(STARTING, Timer::Status)],
                (false, true) => vec![Effect::Encode],
                (false, false) => Vec::new(),
            }
        }
        Work::Status(Err(failure)) => fail(model, "Cannot read the memory", failure),
    }
}

fn review(model: &mut Model, reviewed: Reviewed) -> Vec<Effect> {
    match reviewed {
        Reviewed::Changed(result) => sessions::changed(model, result),
        Reviewed::Waiting(waiting) => sessions::waiting(model, waiting),
        Reviewed::Stats(stats) => memory::counted(model, stats),
        Reviewed::Sizes(sizes) => memory::weighed(model, sizes),
        Reviewed::Subjects(subjects) => memory::told_apart(model, subjects),
        Reviewed::Checked(result, quick) => memory::checked(model, result, quick),
        Reviewed::Discovered(found) => {
            model.import.found = found;
            Vec::new()
        }
        Reviewed::Imports(imports) => import::past(model, imports),
        Reviewed::Demo(result) => onboarding::loaded(model, result),
        Reviewed::DemoRemoved(removed) => import::undone(model, removed),
    }
}

/// Says something in the status line for a while.
fn notify(model: &mut Model, tone: Tone, text: &str) -> Vec<Effect> {
    /// How many notices are kept for looking them up.
    const KEPT: usize = 200;
    let number = model.number();
    model.notice = Some(Notice { number, tone, text: text.to_owned() });
    if model.notices.len() == KEPT {
        model.notices.pop_front();
    }
    model.notices.push_back(PastNotice { at: model.now, tone, text: text.to_owned() });
    if model.settings.reduced_motion {
        // It goes with the next key instead of by itself.
        return Vec::new();
    }
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

/// Copies; what became of it is said when it is known.
fn copy(text: &str, what: &'static str) -> Vec<Effect> {
    // What is copied may be pasted into a terminal.
    vec![Effect::Copy(what, visible(text).into_owned())]
}

/// Says what is known about a copy, and goes on with the terminal's own clipboard where there is no
/// better one.
fn copied(model: &mut Model, what: &str, text: String, copied: Copied) -> Vec<Effect> {
    match copied {
        Copied::By("tmux") => notify(
            model,
            Tone::Good,
            &format!("{what} copied to tmux's buffer (and to the clipboard if tmux allows it)"),
        ),
        Copied::By(program) => notify(model, Tone::Good, &format!("{what} copied (by {program})")),
        Copied::NeedsTerminal => {
            let said = format!("{what} sent to the terminal, which does not confirm copies");
            let mut effects = notify(model, Tone::Plain, &said);
            effects.push(Effect::Osc52(text));
            effects
        }
    }
}

/// Has the terminal notify its user of the end of a long job, where nobody looks.
fn tell_outside(model: &Model, text: &str) -> Vec<Effect> {
    if model.focused || !model.settings.notifications {
        return Vec::new();
    }
    vec![Effect::Notify(text.to_owned())]
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

/// Scrolls the conversation.
fn scroll_transcript(model: &mut Model, action: Action) {
    let area = transcript_area(model);
    if let Some(by) = motion(action, usize::from(area.height)) {
        let theme = model.theme;
        model.chat.transcript.scroll_by(by, area.width, area.height, &theme);
    }
}

/// The transcript's area in the present window.
fn transcript_area(model: &Model) -> Rect {
    layout::transcript(layout::areas(model, model.area).body)
}
