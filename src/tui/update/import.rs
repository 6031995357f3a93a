//! The import view. A path is looked at first: what it is and what an import would bring stands on
//! the screen before anything is appended.

use super::{motion, notify, scrolled, tell_outside};
use crate::assistant::{ImportProgress, Imported, Removed, Report};
use crate::conversation::ImportId;
use crate::tui::effect::Effect;
use crate::tui::event::{Failure, JobId};
use crate::tui::keymap::Action;
use crate::tui::model::{ImportState, Model, Progress, Question, Tone, Undo, View};
use crate::tui::review::Review;
use crate::tui::view::counted;
use ratatui::crossterm::event::KeyEvent;
use std::path::Path;

/// Opens the view; a path that is given is looked at right away, so that one key imports it.
pub(super) fn open(model: &mut Model, path: &str) -> Vec<Effect> {
    model.view = View::Import;
    model.overlay = None;
    let mut effects = vec![Effect::Review(Review::Imports), Effect::Review(Review::Discover)];
    if !path.is_empty() {
        model.import.field.set(path);
        if model.import.job().is_none() {
            effects.extend(begin(model, true));
        }
    } else if !model.import.field.text().is_empty()
        && matches!(model.import.state, ImportState::Idle)
    {
        effects.extend(complete(model));
    }
    effects
}

pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    if action == Some(Action::Dismiss)
        && model.import.undo.is_some()
        && let Some(effects) = cancel(model)
    {
        return effects;
    }
    if model.import.chosen.is_some() {
        return press_past(model, action);
    }
    match action {
        Some(Action::Send) => enter(model),
        Some(Action::Dismiss) => {
            if !model.import.completions.is_empty() {
                model.import.completions.clear();
                model.import.selected = None;
            } else if let Some(effects) = cancel(model) {
                return effects;
            } else {
                model.view = View::Chat;
            }
            Vec::new()
        }
        Some(Action::Focus) => take_completion(model),
        Some(Action::Down) if model.import.completions.is_empty() => {
            model.import.chosen = (model.import.rows() > 0).then_some(0);
            Vec::new()
        }
        Some(action @ (Action::PageUp | Action::PageDown)) => {
            let page = usize::from(model.area.height).saturating_sub(6).max(1);
            model.import.scroll = scrolled(model.import.scroll, action, page);
            Vec::new()
        }
        Some(action @ (Action::Up | Action::Down | Action::FocusBack)) => {
            let import = &mut model.import;
            let count = import.completions.len();
            if count > 0 {
                import.selected = Some(match (import.selected, action) {
                    (None, Action::Down) => 0,
                    (None, _) => count - 1,
                    (Some(at), Action::Down) => (at + 1) % count,
                    (Some(at), _) => (at + count - 1) % count,
                });
            }
            Vec::new()
        }
        _ => {
            if model.import.field.key(key) {
                complete(model)
            } else {
                Vec::new()
            }
        }
    }
}

/// A key in the list of what was found and of the imports that were made.
fn press_past(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    let import = &mut model.import;
    let (Some(at), Some(action)) = (import.chosen, action) else { return Vec::new() };
    let last = import.rows().saturating_sub(1);
    match action {
        Action::TakeBack | Action::Delete if import.chosen().is_none() => {
            let said = "Only past imports can be undone. Enter previews this one";
            return notify(model, Tone::Plain, said);
        }
        Action::TakeBack | Action::Delete if import.undo.is_some() => {
            return notify(model, Tone::Plain, "Still undoing an import: Esc cancels");
        }
        Action::TakeBack | Action::Delete => {
            model.question = import.chosen().cloned().map(Question::UndoImport);
        }
        Action::Open => {
            // The same again brings what is new in it.
            let path = import.chosen_path().map(Path::to_owned);
            import.chosen = None;
            if let Some(path) = path.filter(|_| import.job().is_none()) {
                import.field.set(&path.display().to_string());
                return begin(model, true);
            }
        }
        Action::Dismiss | Action::Focus | Action::FocusBack => import.chosen = None,
        Action::Up if at == 0 => import.chosen = None,
        _ => {
            if let Some(by) = motion(action, 5) {
                import.chosen = Some(at.saturating_add_signed(by).min(last));
            }
        }
    }
    Vec::new()
}

/// Begins to undo an import.
pub(super) fn undo(model: &mut Model, import: ImportId) -> Vec<Effect> {
    let job = model.job();
    model.import.undo = Some(Undo { job, progress: None, stopping: false });
    vec![Effect::Undo { job, import }]
}

pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    model.import.chosen = None;
    // A path dragged into the window comes with quotes or a newline.
    model.import.field.insert(text.trim().trim_matches(['\'', '"']));
    complete(model)
}

/// Tab: the selected completion, else as much as all of them share.
fn take_completion(model: &mut Model) -> Vec<Effect> {
    let import = &mut model.import;
    if import.completing.is_some() {
        // Whoever is faster than the disk has it completed in a moment.
        import.takes = true;
        return Vec::new();
    }
    let taken = match import.selected {
        Some(at) => import.completions.get(at).cloned(),
        None => shared(&import.completions),
    };
    match taken {
        Some(text) if text != import.field.text() => {
            import.field.set(&text);
            complete(model)
        }
        _ if import.completions.is_empty() => complete(model),
        _ => {
            let next = import.selected.map_or(0, |at| at + 1);
            import.selected = Some(next % import.completions.len());
            Vec::new()
        }
    }
}

/// What all the texts begin with.
fn shared(texts: &[String]) -> Option<String> {
    let first = texts.first()?;
    let length = texts.iter().fold(first.len(), |length, text| {
        let same = first.char_indices().zip(text.chars()).take_while(|((_, a), b)| a == b);
        same.last().map_or(0, |((at, c), _)| at + c.len_utf8()).min(length)
    });
    Some(first[..length].to_owned())
}

fn complete(model: &mut Model) -> Vec<Effect> {
    let job = model.job();
    let import = &mut model.import;
    import.selected = None;
    import.takes = false;
    import.completions.clear();
    let mut effects: Vec<Effect> =
        import.completing.replace(job).map(Effect::Cancel).into_iter().collect();
    effects.push(Effect::Complete { job, path: import.field.text().to_owned() });
    effects
}

pub(super) fn completed(model: &mut Model, job: JobId, paths: Vec<String>) -> Vec<Effect> {
    if model.import.completing == Some(job) {
        model.import.completing = None;
        model.import.completions = paths;
        model.import.selected = None;
        if std::mem::take(&mut model.import.takes) && !model.import.completions.is_empty() {
            return take_completion(model);
        }
    }
    Vec::new()
}

/// Enter: takes the selected completion; else looks at the path; else, where that was done or is
/// being done, imports.
fn enter(model: &mut Model) -> Vec<Effect> {
    let import = &mut model.import;
    if let Some(text) = import.selected.and_then(|at| import.completions.get(at)).cloned() {
        import.field.set(&text);
        return complete(model);
    }
    let path = import.field.text().trim().to_owned();
    if path.is_empty() {
        return notify(model, Tone::Plain, "Type the path of an export; Tab completes it");
    }
    match &import.state {
        ImportState::Running { dry_run: false, .. } => {
            notify(model, Tone::Plain, "An import is running: Esc cancels it")
        }
        ImportState::Running { job, path: looked_at, .. } => {
            let mut effects = vec![Effect::Cancel(*job)];
            let same = *looked_at == path;
            effects.extend(begin(model, !same));
            effects
        }
        ImportState::Done { dry_run: true, path: looked_at, report } if *looked_at == path => {
            if report.messages.new == 0 {
                let known = "Everything in it is already in memory";
                return notify(model, Tone::Plain, known);
            }
            begin(model, false)
        }
        _ => begin(model, true),
    }
}

/// Begins to look at the path, or to import it.
fn begin(model: &mut Model, dry_run: bool) -> Vec<Effect> {
    let job = model.job();
    let since = model.now;
    let import = &mut model.import;
    let path = import.field.text().trim().to_owned();
    import.completions.clear();
    import.completing = None;
    import.scroll = 0;
    let state = ImportState::Running {
        job,
        path: path.clone(),
        dry_run,
        since,
        progress: None,
        stopping: false,
    };
    import.state = state;
    vec![Effect::Import { job, path, dry_run }]
}

/// Cancels the import that is running or being undone, if any.
pub(super) fn cancel(model: &mut Model) -> Option<Vec<Effect>> {
    if let Some(undo) = model.import.undo.as_mut().filter(|undo| !undo.stopping) {
        undo.stopping = true;
        return Some(vec![Effect::Cancel(undo.job)]);
    }
    match &mut model.import.state {
        ImportState::Running { job, stopping, .. } if !*stopping => {
            *stopping = true;
            Some(vec![Effect::Cancel(*job)])
        }
        _ => None,
    }
}

pub(super) fn progress(model: &mut Model, job: JobId, news: ImportProgress) -> Vec<Effect> {
    if let ImportState::Running { job: running, progress, .. } = &mut model.import.state
        && *running == job
    {
        *progress = Some(news);
    }
    Vec::new()
}

pub(super) fn imported(
    model: &mut Model,
    job: JobId,
    result: Result<Box<Report>, Failure>,
) -> Vec<Effect> {
    let ImportState::Running { job: running, path, dry_run, progress, .. } = &model.import.state
    else {
        return Vec::new();
    };
    if *running != job {
        return Vec::new();
    }
    let (path, dry_run, progress) = (path.clone(), *dry_run, progress.clone());
    let (state, tone, said) = match result {
        Ok(report) => {
            let said = format!("Import done: {}", counted(report.messages.new, "new message"));
            (ImportState::Done { report, path, dry_run }, Tone::Good, said)
        }
        Err(Failure::Cancelled) => (
            ImportState::Cancelled { progress, dry_run },
            Tone::Plain,
            "Import cancelled; messages imported so far stay".to_owned(),
        ),
        Err(Failure::Failed(why)) => {
            let said = format!("Import failed: {why}");
            (ImportState::Failed(why), Tone::Bad, said)
        }
    };
    model.import.state = state;
    if dry_run {
        return Vec::new();
    }
    let mut effects =
        if model.view == View::Import { Vec::new() } else { notify(model, tone, &said) };
    effects.extend([Effect::Status, Effect::Review(Review::Imports), Effect::Encode]);
    effects
}

/// The imports that were made are known.
pub(super) fn past(model: &mut Model, result: Result<Vec<Imported>, Failure>) -> Vec<Effect> {
    match result {
        Ok(past) => {
            let import = &mut model.import;
            import.past = Some(past);
            let last = import.rows().checked_sub(1);
            import.chosen = import.chosen.zip(last).map(|(at, last)| at.min(last));
            Vec::new()
        }
        Err(failure) => super::fail(model, "Cannot read the imports", failure),
    }
}

pub(super) fn undoing(model: &mut Model, job: JobId, done: u64, left: u64) -> Vec<Effect> {
    if let Some(undo) = model.import.undo.as_mut().filter(|undo| undo.job == job) {
        undo.progress = Some(Progress::told(undo.progress, done, left, model.now));
    }
    Vec::new()
}

pub(super) fn undo_ended(
    model: &mut Model,
    job: JobId,
    result: Result<Removed, Failure>,
) -> Vec<Effect> {
    let undo = model.import.undo.take_if(|undo| undo.job == job);
    let long = undo.is_some_and(|undo| undo.progress.is_some());
    let mut effects = if long { tell_outside(model, "The import is undone") } else { Vec::new() };
    effects.extend(match result {
        Err(Failure::Cancelled) => {
            let said = "Stopped. Undo the import again to remove the rest";
            let mut effects = notify(model, Tone::Plain, said);
            effects.extend([Effect::Status, Effect::Review(Review::Imports)]);
            effects
        }
        result => undone(model, result),
    });
    effects
}

/// An import was undone.
pub(super) fn undone(model: &mut Model, result: Result<Removed, Failure>) -> Vec<Effect> {
    let mut effects = match result {
        Ok(removed) => {
            // The account of what is gone would mislead.
            if matches!(model.import.state, ImportState::Done { dry_run: false, .. }) {
                model.import.state = ImportState::Idle;
            }
            let resting = match removed.answers {
                0 => String::new(),
                answers => format!(", and {} based on them", counted(answers, "answer")),
            };
            let said = format!(
                "Import undone: deleted {} and {}{resting}",
                counted(removed.messages - removed.answers, "message"),
                counted(removed.sessions, "session"),
            );
            notify(model, Tone::Good, &said)
        }
        Err(failure) => super::fail(model, "The import was not undone", failure),
    };
    effects.extend([Effect::Status, Effect::Review(Review::Imports)]);
    effects
}
