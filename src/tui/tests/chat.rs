//! The conversation, the composer, the palette and the themes: what keys do, and how it looks.

use super::fixtures::{
    alt, answer, answered, at, citation, ctrl, drawn, job, key, model, reading, send, session,
    text, turn, type_in, work,
};
use crate::assistant::{Chosen, Outcome, Part, Reply};
use crate::conversation::{Kind, Role, SOURCE_CHAT, SessionId, Turn, TurnId};
use crate::evidence::GivenAnswer;
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Failure, Page, Pointer, Timer, Work};
use crate::tui::model::{Focus, Mode, Model, Vim};
use crate::tui::outside::Copied;
use crate::tui::theme::all;
use crate::tui::update::update;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

const MARKDOWN: &str = "# Frost\n\nCover them **before** the night:\n\n1. fleece\n2. a cold frame\n   - \
with a lid\n\n> said by everyone\n\n| what | to |\n|---|---|\n| fleece | -4 °C |\n| frame | -8 °C |\n\n\
```rust\nfn cover(plant: &mut Plant) {\n    plant.covered = true; // at dusk\n}\n```\n\nMore at \
[the society](https://example.org/frost).";

fn said(id: i64, role: Role, kind: Kind, text: &str) -> Turn {
    let speaker = if role == Role::User { "user" } else { "recount" };
    Turn { role, kind, speaker: speaker.to_owned(), text: text.to_owned(), ..turn(id, speaker, "") }
}

/// A session held here, opened from memory: a question that was answered, one that was not.
pub fn opened(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    update(&mut model, ctrl('s'));
    let open = crate::tui::event::JobId(900);
    model.chat.opening = Some(open);
    let turns = vec![
        said(101, Role::User, Kind::Question, "How many seedlings did Bruno plant?"),
        said(102, Role::Assistant, Kind::Answer, "Eleven [1]"),
        said(103, Role::User, Kind::Question, "What is Ida's sister called?"),
        said(104, Role::Assistant, Kind::Answer, "I don't know: nobody mentions a sister."),
    ];
    let mut page = Page { turns, at_start: true, at_end: true, ..Page::default() };
    page.citations.insert(TurnId(102), vec![citation(1, 101, "eleven new seedlings")]);
    let given = |abstained, confidence, reason: Option<&str>| GivenAnswer {
        abstained,
        reason: reason.map(str::to_owned),
        confidence,
        decoder: "extractive".to_owned(),
    };
    page.given.insert(TurnId(102), given(false, 0.84, None));
    page.given.insert(TurnId(104), given(true, 0.1, Some("nobody mentions a sister.")));
    let mut held_here = session(7, "Seedlings");
    held_here.source = SOURCE_CHAT.to_owned();
    model.view = crate::tui::model::View::Chat;
    work(&mut model, Work::Opened(open, Ok((held_here, page))));
    update(&mut model, key(KeyCode::Tab));
    model
}

pub fn markdown(width: u16, height: u16) -> Model {
    let mut model = reading(width, height);
    let open = crate::tui::event::JobId(901);
    model.chat.opening = Some(open);
    let turns = vec![said(100, Role::Assistant, Kind::Message, MARKDOWN)];
    let page = Page { turns, at_start: true, at_end: true, ..Page::default() };
    work(&mut model, Work::Opened(open, Ok((session(7, "Frost"), page))));
    update(&mut model, key(KeyCode::Tab));
    update(&mut model, key(KeyCode::Char('g')));
    model
}

pub fn palette(width: u16, height: u16) -> Model {
    let mut model = answered(width, height);
    model.themes = all(None);
    update(&mut model, ctrl('p'));
    type_in(&mut model, "theme");
    model
}

pub fn incognito(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    send(&mut model, "/incognito");
    let asked = job_of(&send(&mut model, "How many seedlings did Bruno plant?"));
    work(&mut model, Work::Whispered(asked, Ok(Some(answer()))));
    let notice = model.notice.as_ref().unwrap().number;
    update(&mut model, Event::Timer(Timer::Notice(notice)));
    model
}

pub fn forgetting(width: u16, height: u16) -> Model {
    let mut model = answered(width, height);
    let effects = send(&mut model, "/forget seedlings");
    assert!(effects.contains(&Effect::Choose("seedlings".to_owned())));
    let mut chosen = Chosen::default();
    chosen.turns = vec![TurnId(1), TurnId(2)];
    chosen.answers = vec![TurnId(3)];
    work(&mut model, Work::Chosen("seedlings".to_owned(), Ok(chosen)));
    model
}

pub fn writing(width: u16, height: u16) -> Model {
    let mut model = answered(width, height);
    update(
        &mut model,
        Event::Paste("日本の梅も植えたい 👩‍👩‍👧‍👦 e\u{301}\n\tand a second line\n".repeat(4)),
    );
    update(&mut model, key(KeyCode::Up));
    let shift = |code| Event::Key(KeyEvent::new(code, KeyModifiers::SHIFT));
    update(&mut model, shift(KeyCode::Up));
    model
}

fn check(name: &str, view: fn(u16, u16) -> Model) {
    for (width, height) in [(40, 12), (80, 24), (200, 60)] {
        let shown = text(&drawn(&view(width, height)));
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), shown);
    }
}

macro_rules! views {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            check(stringify!($name), super::$name);
        })*
    };
}

mod snapshots {
    use super::check;
    views!(opened, markdown, palette, incognito, forgetting, writing);
}

fn job_of(effects: &[Effect]) -> crate::tui::event::JobId {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Whisper { job, .. } | Effect::Fork { job, .. } | Effect::Again { job, .. } => {
            Some(*job)
        }
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{effects:?}"))
}

#[test]
fn a_paste_of_5000_lines_sends_nothing_and_keeps_its_size() {
    let mut model = model(80, 24);
    let effects = update(&mut model, Event::Paste("a pasted line\r".repeat(5_000)));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Say { .. })));
    assert_eq!(model.chat.composer.lines().len(), 5_001);
    let shown = text(&drawn(&model));
    assert!(shown.contains("5000 lines pasted"), "{shown}");
    // It grows to a third of the window and no further.
    assert_eq!(shown.matches("a pasted line").count(), 6, "{shown}");
    assert!(shown.contains("line 5001 of 5001"), "{shown}");
    // An escape in a paste is a mark.
    update(&mut model, Event::Paste("\x1b[2J".to_owned()));
    assert!(model.chat.draft().ends_with("␛[2J"));
}

#[test]
fn the_draft_is_kept_and_goes_when_it_is_stored() {
    let mut model = model(80, 24);
    let effects = type_in(&mut model, "half a tho");
    let waits = |effect: &&Effect| matches!(effect, Effect::Wake(_, Timer::Draft));
    assert_eq!(effects.iter().filter(waits).count(), 1);
    let kept = update(&mut model, Event::Timer(Timer::Draft));
    assert_eq!(kept, [Effect::KeepDrafts(vec![draft(None, "half a tho")])]);
    let said = job(&send(&mut model, "ught"));
    let stored = Part::Stored { session: SessionId(1), turn: TurnId(1) };
    let effects = work(&mut model, Work::Part(said, stored));
    assert!(effects.contains(&Effect::KeepDrafts(Vec::new())));

    // Leaving keeps it, and it is there the next time.
    type_in(&mut model, "later");
    let effects = update(&mut model, Event::Terminate(15));
    assert_eq!(effects[0], Effect::KeepDrafts(vec![draft(Some(1), "later")]));
    let mut model = super::fixtures::model(80, 24);
    let drafts =
        vec![draft(None, "first"), draft(Some(7), "of a session"), draft(Some(1), "later\x07")];
    work(&mut model, Work::Drafts(drafts));
    assert_eq!(model.chat.draft(), "later␇");
    // The others are not lost: one waits for its session, one is in the history.
    assert_eq!(model.chat.drafts[&Some(SessionId(7))], "of a session");
    assert_eq!(model.chat.history, ["first"]);
}

fn draft(session: Option<i64>, text: &str) -> crate::assistant::Draft {
    crate::assistant::Draft { session: session.map(SessionId), text: text.to_owned() }
}

#[test]
fn drafts_of_earlier_screens_are_not_overwritten_before_they_have_come() {
    let mut model = model(80, 24);
    model.chat.kept.begun = false;
    let quit = update(&mut model, Event::Terminate(15));
    assert!(!quit.iter().any(|effect| matches!(effect, Effect::KeepDrafts(_))), "{quit:?}");
    work(&mut model, Work::Drafts(Vec::new()));
    let quit = update(&mut model, Event::Terminate(15));
    assert!(quit.contains(&Effect::KeepDrafts(Vec::new())));
}

#[test]
fn what_is_written_in_incognito_is_in_no_draft() {
    let mut model = opened(80, 24);
    send(&mut model, "/incognito");
    model.chat.transcript.id = Some(SessionId(3));
    update(&mut model, Event::Resize(80, 24));
    type_in(&mut model, "a secret");
    model.chat.transcript.id = Some(SessionId(4));
    update(&mut model, Event::Resize(80, 24));
    assert!(model.chat.drafts.is_empty(), "{:?}", model.chat.drafts);
    send(&mut model, "/incognito");
    let quit = update(&mut model, Event::Terminate(15));
    assert!(quit.contains(&Effect::KeepDrafts(Vec::new())), "{quit:?}");
}

#[test]
fn each_session_has_its_own_draft() {
    let mut model = opened(80, 24);
    let first = model.chat.transcript.id;
    assert!(first.is_some());
    model.chat.focus = Focus::Composer;
    type_in(&mut model, "for the first");
    update(&mut model, ctrl('n'));
    assert_eq!(model.chat.draft(), "");
    type_in(&mut model, "for a new one");
    model.chat.transcript.id = first;
    update(&mut model, Event::Resize(80, 24));
    assert_eq!(model.chat.draft(), "for the first");
    let kept = update(&mut model, Event::Timer(Timer::Draft));
    assert_eq!(model.chat.drafts[&None], "for a new one");
    let both = [draft(None, "for a new one"), draft(first.map(|id| id.0), "for the first")];
    assert_eq!(kept, [Effect::KeepDrafts(both.to_vec())]);
}

#[test]
fn up_brings_back_what_was_typed_in_earlier_sessions() {
    let mut model = model(80, 24);
    work(&mut model, Work::History(vec!["first".to_owned(), "second\nline".to_owned()]));
    update(&mut model, key(KeyCode::Up));
    assert_eq!(model.chat.draft(), "second\nline");
    update(&mut model, key(KeyCode::Up));
    assert_eq!(model.chat.draft(), "first");
    update(&mut model, key(KeyCode::Down));
    update(&mut model, key(KeyCode::Down));
    assert_eq!(model.chat.draft(), "");
    // What is being written is never replaced.
    type_in(&mut model, "x");
    update(&mut model, key(KeyCode::Up));
    assert_eq!(model.chat.draft(), "x");
}

#[test]
fn an_answer_read_again_looks_as_it_did() {
    let model = opened(80, 24);
    let shown = text(&drawn(&model));
    for expected in ["confident, 84 %", "not in memory", "○ I don't know. nobody mentions"] {
        assert!(shown.contains(expected), "{shown}");
    }
}

#[test]
fn a_question_is_asked_differently_in_a_fork() {
    let mut model = opened(80, 24);
    // The newest question is meant, or that of the message that is selected.
    update(&mut model, key(KeyCode::Char('e')));
    assert_eq!(model.chat.draft(), "What is Ida's sister called?");
    update(&mut model, key(KeyCode::Esc));
    assert!(model.chat.composer.is_empty() && model.chat.editing.is_none());
    update(&mut model, key(KeyCode::Tab));
    for _ in 0..3 {
        update(&mut model, key(KeyCode::Char('K')));
    }
    update(&mut model, key(KeyCode::Char('e')));
    let effects = send(&mut model, " Really?");
    let Some(Effect::Fork { turn, text: asked, job, .. }) = effects.last() else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (*turn, asked.as_str()),
        (TurnId(101), "How many seedlings did Bruno plant? Really?")
    );
    let outcome = Outcome::Answered { turn: TurnId(202), answer: answer() };
    let reply = Reply { session: SessionId(9), turn: TurnId(201), outcome };
    work(&mut model, Work::Said(*job, Ok(reply)));
    let shown = text(&drawn(&model));
    assert!(shown.contains("Continues from “Seedlings”"), "{shown}");
    assert_eq!(model.chat.transcript.id, Some(SessionId(9)));
}

#[test]
fn a_question_is_answered_again() {
    let mut model = opened(80, 24);
    let effects = update(&mut model, key(KeyCode::Char('a')));
    let Some(Effect::Again { turn, job }) = effects.last() else { panic!("{effects:?}") };
    assert_eq!(*turn, TurnId(103));
    let outcome = Outcome::Answered { turn: TurnId(105), answer: answer() };
    let reply = Reply { session: SessionId(7), turn: TurnId(103), outcome };
    work(&mut model, Work::Said(*job, Ok(reply)));
    assert!(text(&drawn(&model)).contains("Eleven, on 7 May 2023 [1]"));
}

#[test]
fn a_memory_that_can_only_be_read_is_asked_and_stores_nothing() {
    let mut model = model(80, 24);
    let status = crate::assistant::Status { read_only: true, ..super::fixtures::status(3) };
    work(&mut model, Work::Status(Ok(status)));
    assert!(text(&drawn(&model)).contains("READ-ONLY, nothing is stored"));
    let mut effects = send(&mut model, "/incognito");
    effects.extend(send(&mut model, "The key is under the pot."));
    let Some(Effect::Whisper { job, .. }) = effects.last().cloned() else { panic!("{effects:?}") };
    effects.extend(work(&mut model, Work::Whispered(job, Ok(None))));
    assert!(text(&drawn(&model)).contains("Not remembered: the memory is read-only."));
    effects.extend(type_in(&mut model, "a draft"));
    effects.extend(update(&mut model, Event::Terminate(15)));
    let stores = |effect: &Effect| matches!(effect, Effect::Say { .. } | Effect::KeepDrafts(_));
    assert!(!effects.iter().any(stores), "{effects:?}");
}

#[test]
fn incognito_stores_nothing() {
    let mut model = model(80, 24);
    let mut effects = send(&mut model, "/incognito");
    effects.extend(send(&mut model, "The key is under the pot."));
    let whispered = job_of(&effects);
    effects.extend(work(&mut model, Work::Whispered(whispered, Ok(None))));
    effects.extend(send(&mut model, "Where is the key?"));
    effects.extend(type_in(&mut model, "a draft"));
    effects.extend(update(&mut model, Event::Terminate(15)));
    for effect in &effects {
        let stores = match effect {
            Effect::Say { .. } | Effect::Remember(_) | Effect::Fork { .. } => true,
            Effect::KeepDrafts(drafts) => !drafts.is_empty(),
            _ => false,
        };
        assert!(!stores, "{effect:?}");
    }
    // What was said in it is known in it.
    let Some(Effect::Whisper { context, .. }) =
        effects.iter().rev().find(|effect| matches!(effect, Effect::Whisper { .. }))
    else {
        panic!("{effects:?}")
    };
    assert!(context.contains(&"The key is under the pot.".to_owned()), "{context:?}");
    assert!(text(&drawn(&model)).to_lowercase().contains("incognito"));
}

#[test]
fn copying_says_what_is_known() {
    let mut model = markdown(80, 24);
    let effects = update(&mut model, key(KeyCode::Char('c')));
    let code = "fn cover(plant: &mut Plant) {\n    plant.covered = true; // at dusk\n}\n";
    assert_eq!(effects, [Effect::Copy("Code", code.to_owned())]);
    work(&mut model, Work::Copied("Code", code.to_owned(), Copied::By("wl-copy")));
    assert!(model.notice.as_ref().unwrap().text.contains("by wl-copy"));
    let effects = work(&mut model, Work::Copied("Code", code.to_owned(), Copied::NeedsTerminal));
    assert!(effects.contains(&Effect::Osc52(code.to_owned())));
    assert!(model.notice.as_ref().unwrap().text.contains("does not confirm"));
}

#[test]
fn raw_text_and_back() {
    let mut model = markdown(80, 40);
    assert!(!text(&drawn(&model)).contains("**before**"));
    update(&mut model, key(KeyCode::Char('m')));
    assert!(text(&drawn(&model)).contains("**before**"));
    update(&mut model, key(KeyCode::Char('m')));
    assert!(!text(&drawn(&model)).contains("**before**"));
}

#[test]
fn the_palette_finds_and_runs() {
    let mut model = answered(80, 24);
    model.themes = all(None);
    update(&mut model, ctrl('p'));
    type_in(&mut model, "theme paper");
    assert!(text(&drawn(&model)).contains("▸ theme paper"));
    // It is tried on while it is selected, and taken off again.
    let before = super::fixtures::model(80, 24).theme;
    assert_ne!(model.theme.accent, before.accent);
    update(&mut model, key(KeyCode::Esc));
    assert_eq!(model.theme.accent, before.accent);
    update(&mut model, ctrl('p'));
    type_in(&mut model, "theme paper");
    update(&mut model, key(KeyCode::Enter));
    assert!(model.palette.is_none());
    let paper = all(None).into_iter().find(|theme| theme.name == "paper").unwrap();
    assert_eq!(model.theme.accent, paper.theme.unwrap().accent);
    // A command that takes something waits for it.
    update(&mut model, ctrl('p'));
    type_in(&mut model, "remember");
    update(&mut model, key(KeyCode::Enter));
    assert_eq!(model.chat.draft(), "/remember ");
    update(&mut model, ctrl('p'));
    update(&mut model, key(KeyCode::Esc));
    assert!(model.palette.is_none());
    // Without colours a theme is no theme.
    model.colors = false;
    update(&mut model, ctrl('u'));
    send(&mut model, "/theme dusk");
    assert!(model.notice.as_ref().unwrap().text.contains("NO_COLOR"));
}

#[test]
fn forgetting_wants_a_yes() {
    let mut kept = forgetting(80, 24);
    assert!(update(&mut kept, key(KeyCode::Enter)).iter().all(|e| !matches!(e, Effect::Forget(_))));
    let mut model = forgetting(80, 24);
    let effects = update(&mut model, key(KeyCode::Char('y')));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Forget(_))));
    assert!(model.chat.history.iter().all(|text| !text.contains("seedlings")));
    work(&mut model, Work::Forgotten(Ok((3, crate::assistant::Traces::Gone))));
    assert!(model.notice.as_ref().unwrap().text.contains("3 turns permanently deleted"));
}

#[test]
fn a_long_job_notifies_only_out_of_sight() {
    let mut model = model(80, 24);
    let failed = || Work::Imported(crate::tui::event::JobId(1), Err(Failure::Cancelled));
    let notifies = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::Notify(_)));
    assert!(!notifies(&work(&mut model, failed())));
    update(&mut model, Event::Focused(false));
    assert!(notifies(&work(&mut model, failed())));
    model.settings.notifications = false;
    assert!(!notifies(&work(&mut model, failed())));
}

#[test]
fn the_mouse_opens_a_source_and_moves_the_cursor() {
    let mut model = answered(80, 24);
    let shown = text(&drawn(&model));
    let row = shown.lines().position(|line| line.contains("[2] Bruno")).unwrap();
    let effects = update(&mut model, Event::Pointer(Pointer::Click, 4, row as u16));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Surroundings { .. })));
    assert_eq!(model.source.as_ref().unwrap().at, 1);
    update(&mut model, key(KeyCode::Esc));
    type_in(&mut model, "hello");
    update(&mut model, Event::Pointer(Pointer::Click, 6, 22));
    type_in(&mut model, "X");
    assert_eq!(model.chat.draft(), "heXllo");
    let mut model = answered(80, 12);
    let before = text(&drawn(&model));
    for _ in 0..9 {
        update(&mut model, Event::Pointer(Pointer::WheelUp, 10, 5));
    }
    update(&mut model, Event::Pointer(Pointer::WheelDown, 199, 199));
    assert_ne!(before, text(&drawn(&model)));
}

#[test]
fn vim_commands_and_inserts() {
    let mut model = model(80, 24);
    model.chat.vim = Some(Vim::default());
    type_in(&mut model, "one two");
    update(&mut model, key(KeyCode::Esc));
    assert_eq!(model.chat.vim.as_ref().unwrap().mode, Mode::Normal);
    type_in(&mut model, "bcwthree");
    update(&mut model, key(KeyCode::Esc));
    assert_eq!(model.chat.draft(), "one three");
    assert!(text(&drawn(&model)).contains("NORMAL"));
    // Sending, searching and the sources stay where they are.
    assert!(matches!(job(&update(&mut model, key(KeyCode::Enter))), crate::tui::event::JobId(_)));
    update(&mut model, alt('1'));
}

#[test]
fn the_editor_gives_its_text_back() {
    let mut model = model(80, 24);
    type_in(&mut model, "draft");
    assert_eq!(update(&mut model, ctrl('o')), [Effect::Editor("draft".to_owned())]);
    update(&mut model, Event::Edited(Ok("draft, written on\r\n\x1b\n".to_owned())));
    assert_eq!(model.chat.draft(), "draft, written on\n␛");
    update(&mut model, Event::Edited(Err("vi ended with 1".to_owned())));
    assert_eq!(model.chat.draft(), "draft, written on\n␛");
    assert!(text(&drawn(&model)).contains("vi ended with 1"));
    assert!(at("2024-01-01T00:00:00Z") < model.now);
}
