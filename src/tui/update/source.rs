//! The source that is open beside the conversation.

use super::{copy, motion, notify, scrolled, session};
use crate::conversation::Turn;
use crate::tui::effect::{Effect, Place};
use crate::tui::event::{Failure, JobId};
use crate::tui::keymap::Action;
use crate::tui::layout;
use crate::tui::model::{Focus, Model, SourcePane, Tone};
use crate::tui::view::source as view;

/// Opens a source of the newest answer that has any, by its place; a source that is open already
/// stays with its answer.
pub(super) fn open(model: &mut Model, at: usize) -> Vec<Effect> {
    if model.source.is_none() {
        let Some(answer) = model.chat.transcript.cited_answer() else {
            return notify(model, Tone::Plain, "No answer with sources here yet");
        };
        let citations = answer.citations.clone();
        model.source = Some(SourcePane {
            citations,
            at,
            turns: Vec::new(),
            loading: None,
            error: None,
            scroll: None,
        });
    }
    let count = model.source.as_ref().map_or(0, |pane| pane.citations.len());
    if at >= count {
        if model.source.as_ref().is_some_and(|pane| pane.at >= count) {
            model.source = None;
        }
        let said = match count {
            1 => "The answer has one source: [1]".to_owned(),
            _ => format!("The answer has {count} sources"),
        };
        return notify(model, Tone::Plain, &said);
    }
    load(model, at)
}

fn load(model: &mut Model, at: usize) -> Vec<Effect> {
    let job = model.job();
    let Some(pane) = &mut model.source else { return Vec::new() };
    let mut effects: Vec<Effect> = pane.loading.take().map(Effect::Cancel).into_iter().collect();
    pane.at = at;
    pane.turns.clear();
    pane.error = None;
    pane.scroll = None;
    if let Some(citation) = pane.citation() {
        let turn = citation.turn;
        pane.loading = Some(job);
        model.chat.focus = Focus::Source;
        effects.push(Effect::Surroundings { job, turn });
    }
    effects
}

/// Opens the next or the previous source.
pub(super) fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let Some(pane) = &model.source else { return open(model, 0) };
    let count = pane.citations.len().max(1);
    let at = (pane.at + count).saturating_add_signed(by) % count;
    load(model, at)
}

pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    model.chat.focus = Focus::Composer;
    let loading = model.source.take().and_then(|pane| pane.loading);
    loading.map(Effect::Cancel).into_iter().collect()
}

/// Takes what was read, or hands it back where it is not for the source.
pub(super) fn surroundings(
    model: &mut Model,
    job: JobId,
    result: Result<Vec<Turn>, Failure>,
) -> Option<Result<Vec<Turn>, Failure>> {
    let Some(pane) = model.source.as_mut().filter(|pane| pane.loading == Some(job)) else {
        return Some(result);
    };
    pane.loading = None;
    match result {
        Ok(turns) => pane.turns = turns,
        Err(Failure::Failed(why)) => pane.error = Some(why),
        Err(Failure::Cancelled) => {}
    }
    None
}

pub(super) fn press(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    let (Some(pane), Some(action)) = (&model.source, action) else { return Vec::new() };
    match action {
        Action::Open => {
            let target = pane.citation().map(|citation| (citation.session, citation.turn));
            target.map_or_else(Vec::new, |(session, turn)| {
                session::open(model, session, Place::Turn(turn))
            })
        }
        Action::Copy => match pane.citation().map(|citation| citation.quote.clone()) {
            Some(quote) => copy(&quote, "Source"),
            None => Vec::new(),
        },
        _ => {
            let area = layout::areas(model, model.area).side;
            let page = usize::from(view::text_area(area).height);
            if motion(action, page).is_some() {
                let (lines, top) = view::visible_part(pane, area, &model.theme);
                let last = lines.len().saturating_sub(page);
                let scroll = scrolled(top, action, page).min(last);
                if let Some(pane) = &mut model.source {
                    pane.scroll = Some(scroll);
                }
            }
            Vec::new()
        }
    }
}
