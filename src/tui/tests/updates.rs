//! What keys and news do to the model.

use super::fixtures::*;
use crate::assistant::{Outcome, Part, Reply};
use crate::conversation::{SessionId, TurnId};
use crate::tui::effect::{Effect, Place};
use crate::tui::event::{Event, Failure, Page, Timer, Work};
use crate::tui::model::{Body, Focus, Scroll};
use crate::tui::update::update;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

#[test]
fn enter_sends_and_the_session_goes_on() {
    let mut model = model(80, 24);
    let effects = send(&mut model, "Hello there");
    let [Effect::Say { session: None, text, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(text, "Hello there");
    assert!(model.chat.composer.is_empty());
    let model = answered(80, 24);
    assert_eq!(model.chat.transcript.id, Some(SessionId(1)));
    let mut model = model;
    let effects = send(&mut model, "and when was that?");
    assert!(matches!(&effects[..], [Effect::Say { session: Some(SessionId(1)), .. }]));
}

#[test]
fn new_lines_and_pastes_do_not_send() {
    let mut model = model(80, 24);
    type_in(&mut model, "one");
    assert!(
        update(&mut model, Event::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::ALT))).is_empty()
    );
    assert!(update(&mut model, ctrl('j')).is_empty());
    assert!(update(&mut model, Event::Paste("two\r\nthree\n\x1b[2J".to_owned())).is_empty());
    assert_eq!(model.chat.draft(), "one\n\ntwo\nthree\n␛[2J");
}

#[test]
fn a_large_paste_is_taken_at_once() {
    let mut model = model(80, 24);
    let text = "a line of some length\n".repeat(5_000);
    update(&mut model, Event::Paste(text));
    assert_eq!(model.chat.composer.lines().len(), 5_001);
    drawn(&model);
}

#[test]
fn ctrl_c_cancels_then_stashes_then_quits() {
    let mut model = model(80, 24);
    let asked = job(&send(&mut model, "Where is Ida?"));
    assert_eq!(update(&mut model, ctrl('c')), [Effect::Cancel(asked)]);
    work(&mut model, Work::Said(asked, Err(Failure::Cancelled)));
    // Nothing had been stored, so the text is back.
    assert_eq!(model.chat.draft(), "Where is Ida?");
    let effects = update(&mut model, ctrl('c'));
    assert!(matches!(effects[..], [Effect::Wake(_, Timer::Notice(_))]));
    assert!(model.chat.composer.is_empty());
    update(&mut model, key(KeyCode::Up));
    assert_eq!(model.chat.draft(), "Where is Ida?");
    // A key in between takes the threat back.
    assert!(!update(&mut model, ctrl('c')).contains(&Effect::Quit(None)));
    assert_eq!(update(&mut model, ctrl('c')).last(), Some(&Effect::Quit(None)));
}

#[test]
fn the_second_ctrl_c_must_come_soon() {
    let mut model = model(80, 24);
    let effects = update(&mut model, ctrl('c'));
    let [Effect::Wake(_, timer)] = effects[..] else { panic!("{effects:?}") };
    update(&mut model, Event::Timer(timer));
    assert!(model.notice.is_none());
    assert!(!update(&mut model, ctrl('c')).contains(&Effect::Quit(None)));
}

#[test]
fn ctrl_d_quits_only_when_nothing_is_written() {
    let mut model = model(80, 24);
    type_in(&mut model, "x");
    assert!(update(&mut model, ctrl('d')).is_empty());
    update(&mut model, key(KeyCode::Backspace));
    assert_eq!(update(&mut model, ctrl('d')).last(), Some(&Effect::Quit(None)));
}

#[test]
fn what_was_stored_is_not_given_back() {
    let mut model = model(80, 24);
    let asked = job(&send(&mut model, "Where is Ida?"));
    let stored = Part::Stored { session: SessionId(3), turn: TurnId(30) };
    work(&mut model, Work::Part(asked, stored));
    work(&mut model, Work::Said(asked, Err(Failure::Failed("disk full".into()))));
    assert!(model.chat.composer.is_empty() && model.chat.asking.is_none());
    let last = model.chat.transcript.entries().next_back().unwrap();
    assert!(matches!(&last.body, Body::Note(text) if text.contains("disk full")));
}

#[test]
fn an_older_answer_is_dropped() {
    let mut model = model(80, 24);
    let old = job(&send(&mut model, "Where is Ida?"));
    let effects = update(&mut model, ctrl('n'));
    assert_eq!(effects, [Effect::Leave(old)]);
    work(&mut model, Work::Part(old, Part::Text("late".to_owned())));
    let outcome = Outcome::Answered { turn: TurnId(9), answer: answer() };
    let reply = Reply { session: SessionId(1), turn: TurnId(8), outcome };
    work(&mut model, Work::Said(old, Ok(reply)));
    assert!(model.chat.transcript.is_empty() && model.chat.transcript.id.is_none());
}

#[test]
fn a_source_opens_by_its_number_and_in_its_session() {
    let mut model = answered(80, 24);
    let effects = update(&mut model, alt('2'));
    assert!(matches!(effects[..], [Effect::Surroundings { turn: TurnId(103), .. }]));
    assert_eq!(model.chat.focus, Focus::Source);
    let effects = update(&mut model, key(KeyCode::Char('n')));
    assert!(matches!(
        effects[..],
        [Effect::Cancel(_), Effect::Surroundings { turn: TurnId(101), .. }]
    ));
    let effects = update(&mut model, key(KeyCode::Char('y')));
    let copied = Effect::Copy("Source", "I planted eleven new seedlings yesterday".to_owned());
    assert!(effects.contains(&copied));
    let effects = update(&mut model, key(KeyCode::Enter));
    let place = Place::Turn(TurnId(101));
    assert!(
        effects.iter().any(|e| matches!(e, Effect::Open { place: p, .. } if *p == place)),
        "{effects:?}"
    );
}

#[test]
fn without_sources_nothing_opens() {
    let mut model = model(80, 24);
    update(&mut model, alt('1'));
    assert!(model.source.is_none() && model.notice.is_some());
    let mut model = answered(80, 24);
    update(&mut model, alt('9'));
    assert!(model.source.is_none() && model.notice.is_some());
}

#[test]
fn a_long_session_is_read_in_pages() {
    let mut model = reading(80, 24);
    let long = |from: i64, count: i64| Page {
        turns: (from..from + count).map(|i| turn(i + 100, "Ida", &format!("line {i}"))).collect(),
        at_start: from == 0,
        at_end: from + count >= 1_000,
        ..Page::default()
    };
    update(&mut model, ctrl('s'));
    let rows = vec![session(7, "Long")];
    let effects = update(&mut model, ctrl('s'));
    let listed = job(&effects);
    work(&mut model, Work::Sessions(listed, 0, 100, Ok(rows)));
    let opened = job(&update(&mut model, key(KeyCode::Enter)));
    let mut effects =
        work(&mut model, Work::Opened(opened, Ok((session(7, "Long"), long(0, 100)))));
    model.chat.focus = Focus::Transcript;
    let mut pages = 0;
    for _ in 0..4_000 {
        if let Some(Effect::Page { job, session, from, limit }) = effects.first().cloned() {
            pages += 1;
            effects = work(&mut model, Work::Page(job, session, Ok(long(from, limit as i64))));
        } else {
            effects = update(&mut model, key(KeyCode::Char('j')));
        }
        assert!(model.chat.transcript.entries().count() <= 600);
    }
    assert_eq!(pages, 9);
    assert_eq!(model.chat.transcript.scroll, Scroll::Bottom);
    assert!(text(&drawn(&model)).contains("line 999"));
    for _ in 0..4_000 {
        if let Some(Effect::Page { job, session, from, limit }) = effects.first().cloned() {
            effects = work(&mut model, Work::Page(job, session, Ok(long(from, limit as i64))));
        } else {
            effects = update(&mut model, key(KeyCode::Char('k')));
        }
        assert!(model.chat.transcript.entries().count() <= 600);
    }
    assert!(text(&drawn(&model)).contains("line 0\n"));
}

#[test]
fn slash_commands_are_obeyed() {
    let mut model = model(80, 24);
    let effects = send(&mut model, "/remember The key is under the pot");
    assert_eq!(effects, [Effect::Remember("The key is under the pot".to_owned())]);
    send(&mut model, "/nonsense");
    assert_eq!(model.chat.draft(), "/nonsense");
    assert!(model.notice.is_some());
    update(&mut model, ctrl('u'));
    type_in(&mut model, "/sta");
    update(&mut model, key(KeyCode::Tab));
    assert_eq!(model.chat.draft(), "/status");
    assert!(update(&mut model, key(KeyCode::Enter)).contains(&Effect::Status));
    update(&mut model, key(KeyCode::Esc));
    let effects = send(&mut model, "/home/ann is full");
    assert!(matches!(&effects[..], [Effect::Say { .. }]));
    let mut model = answered(80, 24);
    assert_eq!(send(&mut model, "/quit").last(), Some(&Effect::Quit(None)));
}

#[test]
fn a_question_mark_helps_only_when_nothing_is_written() {
    let mut model = model(80, 24);
    type_in(&mut model, "why?");
    assert!(model.chat.draft() == "why?" && model.overlay.is_none());
    update(&mut model, key(KeyCode::F(1)));
    assert!(model.overlay.is_some());
    update(&mut model, key(KeyCode::Down));
    assert_eq!(model.overlay.as_ref().unwrap().scroll, 1);
    // What is typed narrows the list down.
    type_in(&mut model, "undo stat");
    let shown = text(&drawn(&model));
    assert!(shown.contains("undo the last statement") && !shown.contains("half a page"), "{shown}");
    type_in(&mut model, "zzz");
    assert!(text(&drawn(&model)).contains("No match"));
    update(&mut model, key(KeyCode::Esc));
    assert!(model.overlay.is_none());
}

#[test]
fn pending_embeddings_are_made_once_the_encoder_is_ready() {
    use crate::assistant::EncoderStatus;
    let mut model = model(80, 24);
    let with = |encoder| crate::assistant::Status { pending: 5, encoder, ..status(10) };
    let effects = work(&mut model, Work::Status(Ok(with(EncoderStatus::Starting))));
    assert!(matches!(effects[..], [Effect::Wake(_, Timer::Status)]));
    let ready = || EncoderStatus::Ready { name: "m".to_owned() };
    assert_eq!(work(&mut model, Work::Status(Ok(with(ready())))), [Effect::Encode]);
    assert!(work(&mut model, Work::Status(Ok(with(ready())))).is_empty());
}

#[test]
fn a_long_notice_is_wrapped_and_can_be_looked_up() {
    let mut model = model(80, 24);
    let why = "the folder /home/ann/a/very/long/path is full; free some space, or name another";
    work(&mut model, Work::Exported(Err(format!("{why} memory with --db, and try it again"))));
    let shown = text(&drawn(&model));
    let last: Vec<&str> = shown.lines().rev().take(2).collect();
    assert!(last[1].contains("Not exported") && last[0].contains("try it again"), "{shown}");
    // In a small window it is cut, and its whole text is in the list.
    update(&mut model, Event::Resize(40, 12));
    assert!(text(&drawn(&model)).trim_end().ends_with('…'));
    update(&mut model, Event::Resize(80, 24));
    work(&mut model, Work::Exported(Ok("4 turns written to /a.md".to_owned())));
    send(&mut model, "/notices");
    let shown = text(&drawn(&model));
    assert!(shown.contains("10:00  4 turns written") && shown.contains("try it again"), "{shown}");
    type_in(&mut model, "full");
    assert!(!text(&drawn(&model)).contains("10:00  4 turns"));
    update(&mut model, key(KeyCode::Esc));
    assert!(model.overlay.is_none());
}
