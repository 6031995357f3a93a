//! The import view.

use super::notify;
use crate::assistant::{ImportProgress, Report};
use crate::tui::effect::Effect;
use crate::tui::event::{Failure, JobId};
use crate::tui::keymap::Action;
use crate::tui::model::{ImportState, Model, Tone, View};
use ratatui::crossterm::event::KeyEvent;

pub(super) fn open(model: &mut Model, path: &str) -> Vec<Effect> {
    model.view = View::Import;
    model.help = None;
    if !path.is_empty() {
        model.import.field.set(path);
    }
    complete(model)
}

pub(super) fn press(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Effect> {
    match action {
        Some(Action::Send) => begin(model),
        Some(Action::Dismiss) => {
            if let Some(effects) = cancel(model) {
                return effects;
            }
            model.view = View::Chat;
            Vec::new()
        }
        Some(Action::DryRun) => {
            model.import.dry_run = !model.import.dry_run;
            Vec::new()
        }
        Some(Action::Focus) => take_completion(model),
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

pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    // A path dragged into the window comes with quotes or a newline.
    model.import.field.insert(text.trim().trim_matches(['\'', '"']));
    complete(model)
}

/// Tab: the selected completion, else as much as all of them share.
fn take_completion(model: &mut Model) -> Vec<Effect> {
    let import = &mut model.import;
    let taken = match import.selected {
        Some(at) => import.completions.get(at).cloned(),
        None => shared(&import.completions),
    };
    match taken {
        Some(text) if text != import.field.text() => {
            import.field.set(&text);
            complete(model)
        }
        _ => {
            if !import.completions.is_empty() {
                let next = import.selected.map_or(0, |at| at + 1);
                import.selected = Some(next % import.completions.len());
            }
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
    }
    Vec::new()
}

fn begin(model: &mut Model) -> Vec<Effect> {
    if let Some(text) =
        model.import.selected.and_then(|at| model.import.completions.get(at)).cloned()
    {
        model.import.field.set(&text);
        return complete(model);
    }
    if model.import.job().is_some() {
        return notify(model, Tone::Plain, "An import is running: Esc cancels it");
    }
    let path = model.import.field.text().trim().to_owned();
    if path.is_empty() {
        return notify(model, Tone::Plain, "Type the path of an export; Tab completes it");
    }
    let job = model.job();
    model.import.completions.clear();
    model.import.completing = None;
    model.import.state =
        ImportState::Running { job, since: model.now, progress: None, stopping: false };
    vec![Effect::Import { job, path, dry_run: model.import.dry_run }]
}

/// Cancels the import that is running, if any.
pub(super) fn cancel(model: &mut Model) -> Option<Vec<Effect>> {
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
    if model.import.job() != Some(job) {
        return Vec::new();
    }
    let dry_run = model.import.dry_run;
    let (state, tone, said) = match result {
        Ok(report) => {
            let said = format!("{} new messages", report.messages.new);
            (ImportState::Done { report, dry_run }, Tone::Good, format!("Import done: {said}"))
        }
        Err(Failure::Cancelled) => (
            ImportState::Cancelled,
            Tone::Plain,
            "Import cancelled; what was read before is kept".to_owned(),
        ),
        Err(Failure::Failed(why)) => {
            let said = format!("Import failed: {why}");
            (ImportState::Failed(why), Tone::Bad, said)
        }
    };
    model.import.state = state;
    let mut effects =
        if model.view == View::Import { Vec::new() } else { notify(model, tone, &said) };
    effects.extend([Effect::Status, Effect::Encode]);
    effects
}
