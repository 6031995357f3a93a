//! What Enter will do, and undoing a statement: what keys do, and how it looks.

use super::fixtures::{
    alt, answer, answered, ctrl, drawn, job, key, model, send, text, type_in, work,
};
use crate::assistant::{Outcome, Part, Reply, TakenBack};
use crate::conversation::{SessionId, TurnId};
use crate::language::Intent;
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Failure, JobId, Work};
use crate::tui::model::{Body, Model};
use crate::tui::update::update;
use ratatui::crossterm::event::KeyCode;

/// The decision that is asked for among effects, and for which text.
fn decision(effects: &[Effect]) -> Option<(JobId, String)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Decide { job, text } => Some((*job, text.clone())),
        _ => None,
    })
}

/// Types a draft and decides on it, as the worker would.
fn decide(model: &mut Model, draft: &str, intent: Intent) {
    let mut effects = type_in(model, draft);
    while let Some((job, _)) = decision(&effects) {
        effects = work(model, Work::Decided(job, Ok(intent)));
    }
}

/// A model where no decision is running.
fn fresh(width: u16, height: u16) -> Model {
    let mut model = answered(width, height);
    if let Some(job) = model.chat.decision.running {
        work(&mut model, Work::Decided(job, Ok(Intent::Ask)));
    }
    model
}

pub fn deciding(width: u16, height: u16) -> Model {
    let mut model = fresh(width, height);
    decide(&mut model, "until when is the warranty", Intent::Tell);
    model
}

fn chosen(width: u16, height: u16) -> Model {
    let mut model = deciding(width, height);
    update(&mut model, alt('t'));
    model
}

fn check(name: &str, view: fn(u16, u16) -> Model) {
    for (width, height) in [(40, 12), (80, 24), (200, 60)] {
        let shown = text(&drawn(&view(width, height)));
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), shown);
    }
}

#[test]
fn deciding_at_three_sizes() {
    check("deciding", deciding);
    check("chosen", chosen);
}

#[test]
fn what_enter_will_do_is_shown_while_typing() {
    let mut model = fresh(80, 24);
    let (first, of) = decision(&type_in(&mut model, "whe")).unwrap();
    assert_eq!(of, "w");
    // One at a time, and the newest draft is next.
    assert_eq!(decision(&type_in(&mut model, "re is Ida")), None);
    let effects = work(&mut model, Work::Decided(first, Ok(Intent::Tell)));
    let shown = text(&drawn(&model));
    assert!(!shown.contains("will be"), "{shown}");
    let (second, of) = decision(&effects).unwrap();
    assert_eq!(of, "where is Ida");
    assert!(work(&mut model, Work::Decided(second, Ok(Intent::Ask))).is_empty());
    assert!(text(&drawn(&model)).contains("will be answered"));
    // What was decided for another text does not count.
    type_in(&mut model, "s");
    assert!(!text(&drawn(&model)).contains("will be"));
    let effects = update(&mut model, key(KeyCode::Enter));
    let [Effect::Say { intent: None, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert!(!text(&drawn(&model)).contains("will be"));
}

#[test]
fn enter_does_what_is_shown() {
    let mut model = fresh(80, 24);
    decide(&mut model, "until when is the warranty", Intent::Ask);
    let effects = update(&mut model, key(KeyCode::Enter));
    let [Effect::Say { intent: Some(Intent::Ask), .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    // In incognito as well.
    let mut model = fresh(80, 24);
    send(&mut model, "/incognito");
    decide(&mut model, "the warranty lasts until May", Intent::Tell);
    assert!(text(&drawn(&model)).contains("will not be remembered"));
    let effects = update(&mut model, key(KeyCode::Enter));
    assert!(matches!(effects[..], [Effect::Whisper { intent: Some(Intent::Tell), .. }]));
}

#[test]
fn commands_and_empty_drafts_are_not_decided() {
    let mut model = model(80, 24);
    assert_eq!(decision(&type_in(&mut model, "/remember me")), None);
    update(&mut model, alt('t'));
    assert!(model.chat.decision.chosen.is_none() && model.notice.is_some());
    update(&mut model, ctrl('u'));
    assert_eq!(decision(&type_in(&mut model, "  ")), None);
}

#[test]
fn a_decision_that_fails_is_not_asked_for_again() {
    let mut model = model(80, 24);
    let (asked, _) = decision(&type_in(&mut model, "a")).unwrap();
    let failed = Err(Failure::Failed("no reader".to_owned()));
    assert!(work(&mut model, Work::Decided(asked, failed)).is_empty());
    assert!(!text(&drawn(&model)).contains("will be"));
    assert!(decision(&type_in(&mut model, "b")).is_some());
}

#[test]
fn the_user_can_switch_what_enter_will_do() {
    let mut model = chosen(80, 24);
    assert!(text(&drawn(&model)).contains("will be answered, as you chose"));
    // It holds while the draft changes, and until it is cleared.
    assert_eq!(decision(&type_in(&mut model, " of the car")), None);
    assert!(text(&drawn(&model)).contains("will be answered, as you chose"));
    update(&mut model, alt('t'));
    let effects = update(&mut model, key(KeyCode::Enter));
    let [Effect::Say { intent: Some(Intent::Tell), .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let mut model = chosen(80, 24);
    update(&mut model, ctrl('u'));
    decide(&mut model, "the key is under the pot", Intent::Tell);
    let shown = text(&drawn(&model));
    assert!(shown.contains("will be remembered") && !shown.contains("as you chose"), "{shown}");
}

/// A session with two statements, the last of them sent as typed.
fn told(model: &mut Model, turn: i64, said: &str) {
    let job = job(&send(model, said));
    let stored = Part::Stored { session: SessionId(1), turn: TurnId(turn) };
    work(model, Work::Part(job, stored));
    let reply = Reply { session: SessionId(1), turn: TurnId(turn), outcome: Outcome::Noted };
    work(model, Work::Said(job, Ok(reply)));
}

fn taken(turns: &[i64], session_gone: bool) -> TakenBack {
    TakenBack { turns: turns.iter().copied().map(TurnId).collect(), session_gone }
}

#[test]
fn the_last_statement_is_undone() {
    let mut model = answered(80, 24);
    told(&mut model, 910, "where is the cat");
    assert_eq!(update(&mut model, alt('u')), [Effect::TakeBack(TurnId(910))]);
    // Nothing is sent while that lasts.
    assert_eq!(update(&mut model, alt('u')).len(), 1);
    let effects = work(&mut model, Work::TakenBack(TurnId(910), Ok(taken(&[910], false))));
    assert!(effects.contains(&Effect::Status));
    assert_eq!(model.chat.draft(), "where is the cat");
    assert_eq!(model.notice.as_ref().unwrap().text, "Undone");
    assert!(!text(&drawn(&model)).contains("✓ remembered\n  where is the cat"));

    // The one before it, though something is being written: it goes with the answer based on it.
    assert_eq!(update(&mut model, alt('u')), [Effect::TakeBack(TurnId(900))]);
    work(&mut model, Work::TakenBack(TurnId(900), Ok(taken(&[900, 902], false))));
    assert_eq!(model.chat.draft(), "where is the cat");
    let said = &model.notice.as_ref().unwrap().text;
    assert!(said.contains("with the answer based on it") && said.contains('↑'), "{said}");
    let left: Vec<_> = model.chat.transcript.entries().map(|entry| entry.body.clone()).collect();
    let [Body::Mine { stored: Some(TurnId(901)), .. }] = &left[..] else { panic!("{left:?}") };
    update(&mut model, ctrl('u'));
    update(&mut model, key(KeyCode::Up));
    assert_eq!(model.chat.draft(), "The plum tree blossoms early this year.");

    // There is no other.
    assert!(!update(&mut model, alt('u')).iter().any(|e| matches!(e, Effect::TakeBack(_))));
    assert!(model.notice.as_ref().unwrap().text.starts_with("Nothing to undo"));
}

#[test]
fn a_session_of_which_nothing_is_left_begins_anew() {
    let mut model = model(80, 24);
    told(&mut model, 10, "the key is under the pot");
    update(&mut model, alt('u'));
    work(&mut model, Work::TakenBack(TurnId(10), Ok(taken(&[10], true))));
    assert!(model.chat.transcript.is_empty());
    let effects = update(&mut model, key(KeyCode::Enter));
    let [Effect::Say { session: None, text, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(text, "the key is under the pot");
}

#[test]
fn what_could_not_be_undone_stays() {
    let mut model = answered(80, 24);
    update(&mut model, alt('u'));
    let failed = Err(Failure::Failed("the disk is full".to_owned()));
    work(&mut model, Work::TakenBack(TurnId(900), failed));
    assert!(model.chat.composer.is_empty());
    assert!(text(&drawn(&model)).contains("was not undone: the disk is full"));
    assert_eq!(update(&mut model, alt('u')), [Effect::TakeBack(TurnId(900))]);
}

#[test]
fn what_was_undone_in_a_session_that_was_left_is_not_lost() {
    let mut model = answered(80, 24);
    update(&mut model, alt('q'));
    update(&mut model, ctrl('n'));
    let effects = work(&mut model, Work::TakenBack(TurnId(900), Ok(taken(&[900], false))));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Say { .. })), "{effects:?}");
    assert_eq!(model.chat.draft(), "The plum tree blossoms early this year.");
    assert!(text(&drawn(&model)).contains("will be answered, as you chose"));
}

#[test]
fn a_statement_that_was_a_question_is_asked() {
    let mut model = answered(80, 24);
    told(&mut model, 910, "until when is the warranty");
    type_in(&mut model, "next");
    assert_eq!(update(&mut model, alt('q')), [Effect::TakeBack(TurnId(910))]);
    let effects = work(&mut model, Work::TakenBack(TurnId(910), Ok(taken(&[910], false))));
    let Effect::Say { job: asked, session, text: said, intent } = &effects[0] else {
        panic!("{effects:?}")
    };
    assert_eq!((*session, *intent), (Some(SessionId(1)), Some(Intent::Ask)));
    assert_eq!(said, "until when is the warranty");
    let outcome = Outcome::Answered { turn: TurnId(912), answer: answer() };
    let reply = Reply { session: SessionId(1), turn: TurnId(911), outcome };
    work(&mut model, Work::Said(*asked, Ok(reply)));
    let shown = text(&drawn(&model));
    assert_eq!(shown.matches("until when is the warranty").count(), 1, "{shown}");
    // What is being written stays.
    assert_eq!(model.chat.draft(), "next");

    // In incognito nothing has to be removed.
    let mut model = super::fixtures::model(80, 24);
    send(&mut model, "/incognito");
    let effects = send(&mut model, "until when is the warranty");
    let Some(Effect::Whisper { job, .. }) = effects.last() else { panic!("{effects:?}") };
    work(&mut model, Work::Whispered(*job, Ok(None)));
    let effects = update(&mut model, alt('q'));
    assert!(matches!(effects[..], [Effect::Whisper { intent: Some(Intent::Ask), .. }]));
    assert!(!text(&drawn(&model)).contains("Not remembered"));
}

#[test]
fn masked_text_comes_back_as_it_was_typed() {
    let mut model = model(80, 24);
    let said = job(&send(&mut model, "the password is hunter2"));
    let masked =
        Part::Masked { text: "the password is ••••".to_owned(), notice: String::new() };
    work(&mut model, Work::Part(said, masked));
    let reply = Reply { session: SessionId(1), turn: TurnId(10), outcome: Outcome::Noted };
    work(&mut model, Work::Said(said, Ok(reply)));
    update(&mut model, alt('u'));
    work(&mut model, Work::TakenBack(TurnId(10), Ok(taken(&[10], true))));
    assert_eq!(model.chat.draft(), "the password is hunter2");
    // What is forgotten cannot be brought back this way.
    let mut model = answered(80, 24);
    update(&mut model, Event::Paste("/forget plum".to_owned()));
    update(&mut model, key(KeyCode::Enter));
    let mut chosen = crate::assistant::Chosen::default();
    chosen.turns = vec![TurnId(900)];
    work(&mut model, Work::Chosen("plum".to_owned(), Ok(chosen)));
    update(&mut model, key(KeyCode::Char('y')));
    assert!(model.chat.statements.is_empty());
}
