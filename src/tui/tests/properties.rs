//! Whatever happens, at whatever size: no panic, nothing outside, no control character.

use super::colours::VIEWS;
use super::fixtures::{self, answer, ctrl, drawn, hit, job, model, session, turn, work};
use crate::assistant::{EncoderStatus, Outcome, Part, Reply, Status, TakenBack};
use crate::conversation::{SessionId, TurnId};
use crate::evidence::{Answer, Citation};
use crate::language::Intent;
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Failure, JobId, Page, Pointer, Work};
use crate::tui::model::{Model, Vim};
use crate::tui::outside::Copied;
use crate::tui::review::{Review, Reviewed};
use crate::tui::update::update;
use crate::tui::wrap::width;
use proptest::prelude::*;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

const HOSTILE: &str =
    "a\x1b]0;own\x07\x1b[2J\u{9b}31m\r\nb\u{202e}c\u{2066}d\u{200b}e\u{e0041}\tf\u{7f}\0";

#[derive(Debug, Clone)]
enum Step {
    Key(KeyCode, KeyModifiers),
    Paste(String),
    Resize(u16, u16),
    Mouse(Pointer, u16, u16),
    Focused(bool),
    Edited(bool),
    /// The worker does the newest piece of work, well or not.
    Work(bool),
    Rewind,
}

fn step() -> impl Strategy<Value = Step> {
    let code = prop_oneof![
        4 => any::<char>().prop_map(KeyCode::Char),
        8 => prop::sample::select(vec!['/', '?', 'j', 'k', 'g', 'G', 'n', 'y', '1', '2', 'o', 'c', 'd', 'r', 's', 'u', 'z', '7', 't', 'p', 'm', 'x', 'f', 'e'])
            .prop_map(KeyCode::Char),
        8 => prop::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Up, KeyCode::Down,
            KeyCode::Left, KeyCode::Right, KeyCode::Home, KeyCode::End, KeyCode::PageUp,
            KeyCode::PageDown, KeyCode::Backspace, KeyCode::Delete, KeyCode::F(1),
        ]),
    ];
    let modifiers = prop::sample::select(vec![
        KeyModifiers::NONE,
        KeyModifiers::NONE,
        KeyModifiers::CONTROL,
        KeyModifiers::ALT,
        KeyModifiers::SHIFT,
    ]);
    let pasted = prop_oneof![
        any::<String>(),
        Just(HOSTILE.to_owned()),
        prop::sample::select(vec![
            "/import x",
            "/status",
            "/search a",
            "/forget a",
            "/theme",
            "/check",
            "/decoder",
            "/sessions a",
            "/export",
            "/incognito",
            "Who is it?",
            "日本語\n\n長い文",
            "word ".repeat(99).leak()
        ])
        .prop_map(str::to_owned),
    ];
    let pointers =
        vec![Pointer::Click, Pointer::Click, Pointer::Drag, Pointer::WheelUp, Pointer::WheelDown];
    let pointer = prop::sample::select(pointers.clone());
    let pointer_near = prop::sample::select(pointers);
    prop_oneof![
        12 => (code, modifiers).prop_map(|(code, modifiers)| Step::Key(code, modifiers)),
        2 => pasted.prop_map(Step::Paste),
        3 => (pointer, 0_u16..210, 0_u16..70).prop_map(|(what, x, y)| Step::Mouse(what, x, y)),
        3 => (pointer_near, 0_u16..60, 0_u16..20).prop_map(|(what, x, y)| Step::Mouse(what, x, y)),
        1 => any::<bool>().prop_map(Step::Focused),
        1 => any::<bool>().prop_map(Step::Edited),
        2 => (0_u16..220, 0_u16..70).prop_map(|(width, height)| Step::Resize(width, height)),
        2 => (0_u16..22, 0_u16..7).prop_map(|(width, height)| Step::Resize(width, height)),
        5 => any::<bool>().prop_map(Step::Work),
        1 => Just(Step::Rewind),
    ]
}

/// What a worker might bring for an effect.
fn brought(effect: &Effect, well: bool) -> Option<Work> {
    let failed = || Failure::Failed(HOSTILE.to_owned());
    let hostile = |id| turn(id, HOSTILE, HOSTILE);
    let cited = Citation { speaker: HOSTILE.to_owned(), ..fixtures::citation(1, 101, HOSTILE) };
    Some(match effect {
        Effect::Say { job, .. } => {
            let answer = Answer { text: HOSTILE.to_owned(), citations: vec![cited], ..answer() };
            let outcome = Outcome::Answered { turn: TurnId(901), answer };
            let reply = Reply { session: SessionId(1), turn: TurnId(900), outcome };
            Work::Said(*job, if well { Ok(reply) } else { Err(failed()) })
        }
        Effect::Search { job, .. } => {
            let mut bad = hit(101, 0.5);
            bad.session_title = HOSTILE.to_owned();
            bad.turn = hostile(101);
            Work::Hits(*job, if well { Ok(vec![bad, hit(102, 0.1)]) } else { Err(failed()) })
        }
        Effect::Sessions { job, offset, limit, .. } => {
            let rows = if well { vec![session(7, HOSTILE), session(8, "b")] } else { Vec::new() };
            Work::Sessions(*job, *offset, *limit, Ok(rows))
        }
        Effect::Review(Review::Stats) => {
            let mut stats = fixtures::stats();
            stats.speakers[0].name = HOSTILE.to_owned();
            stats.sources[0].name = HOSTILE.to_owned();
            stats.months[0].0 = HOSTILE.to_owned();
            Work::Reviewed(Reviewed::Stats(if well { Ok(Box::new(stats)) } else { Err(failed()) }))
        }
        Effect::Review(Review::Imports) => {
            let mut imports = fixtures::imports();
            imports[0].formats = vec![HOSTILE.to_owned()];
            imports[0].paths = vec![HOSTILE.into()];
            Work::Reviewed(Reviewed::Imports(if well { Ok(imports) } else { Err(failed()) }))
        }
        Effect::Undo { job, .. } => {
            let removed = crate::assistant::Removed::default();
            Work::Undone(*job, if well { Ok(removed) } else { Err(failed()) })
        }
        Effect::Review(Review::Demo(_)) => {
            Work::Reviewed(Reviewed::Demo(if well { Ok(()) } else { Err(failed()) }))
        }
        Effect::Review(Review::Waiting) => {
            let waiting = vec![session(9, HOSTILE), session(8, "b")];
            Work::Reviewed(Reviewed::Waiting(if well { Ok(waiting) } else { Err(failed()) }))
        }
        Effect::Review(Review::Subjects) => {
            let mut subjects = fixtures::subjects();
            subjects[0].words[0] = HOSTILE.to_owned();
            Work::Reviewed(Reviewed::Subjects(if well { Ok(subjects) } else { Err(failed()) }))
        }
        Effect::Review(Review::Check { quick }) => {
            let checked = crate::assistant::Checked {
                findings: vec![crate::assistant::Finding {
                    part: crate::assistant::MemoryPart::File,
                    what: HOSTILE.to_owned(),
                }],
                ..crate::assistant::Checked::default()
            };
            let checked = if well { Ok(Box::new(checked)) } else { Err(failed()) };
            Work::Reviewed(Reviewed::Checked(checked, *quick))
        }
        Effect::Review(Review::Discover) => {
            let mut found = fixtures::found();
            found[0].path = HOSTILE.into();
            Work::Reviewed(Reviewed::Discovered(if well { found } else { Vec::new() }))
        }
        Effect::Review(Review::Sizes) => Work::Reviewed(Reviewed::Sizes(Ok(fixtures::sizes()))),
        Effect::Review(_) => {
            let done = if well { Ok("done") } else { Err((HOSTILE, failed())) };
            Work::Reviewed(Reviewed::Changed(done))
        }
        Effect::Open { job, .. } => {
            let page = Page { turns: (120..180).map(hostile).collect(), ..Page::default() };
            let opened = Ok((session(7, HOSTILE), page));
            Work::Opened(*job, if well { opened } else { Err(failed()) })
        }
        Effect::Page { job, session, from, limit } => {
            let count = (*limit as i64).min(if well { 100 } else { 3 });
            let turns = (*from + 100..*from + 100 + count).map(hostile).collect();
            let page = Page { turns, at_start: *from <= 0, at_end: !well, ..Page::default() };
            Work::Page(*job, *session, Ok(page))
        }
        Effect::Surroundings { job, .. } => {
            Work::Surroundings(*job, if well { Ok(vec![hostile(101)]) } else { Err(failed()) })
        }
        Effect::Whisper { job, .. } => {
            let answer = Answer { text: HOSTILE.to_owned(), citations: vec![cited], ..answer() };
            Work::Whispered(*job, if well { Ok(Some(answer)) } else { Err(failed()) })
        }
        Effect::Fork { job, .. } | Effect::Again { job, .. } => {
            let answer = Answer { text: HOSTILE.to_owned(), citations: vec![cited], ..answer() };
            let outcome = Outcome::Answered { turn: TurnId(903), answer };
            let reply = Reply { session: SessionId(2), turn: TurnId(902), outcome };
            Work::Said(*job, if well { Ok(reply) } else { Err(failed()) })
        }
        Effect::Decide { job, .. } => {
            Work::Decided(*job, if well { Ok(Intent::Tell) } else { Err(failed()) })
        }
        Effect::TakeBack(turn) => {
            let taken = TakenBack { turns: vec![*turn, TurnId(901)], session_gone: true };
            Work::TakenBack(*turn, if well { Ok(taken) } else { Err(failed()) })
        }
        Effect::Choose(_) => {
            let mut chosen = crate::assistant::Chosen::default();
            chosen.turns = vec![TurnId(101)];
            Work::Chosen(HOSTILE.to_owned(), if well { Ok(chosen) } else { Err(failed()) })
        }
        Effect::Forget(_) => Work::Forgotten(if well {
            Ok((3, crate::assistant::Traces::InLog))
        } else {
            Err(failed())
        }),
        Effect::Export { .. } => {
            Work::Exported(if well { Ok(HOSTILE.into()) } else { Err(HOSTILE.into()) })
        }
        Effect::Copy(what, text) => Work::Copied(what, text.clone(), Copied::NeedsTerminal),
        Effect::History => Work::History(vec![HOSTILE.to_owned(), "b".to_owned()]),
        Effect::Remember(_) => Work::Remembered(if well { Ok(TurnId(9)) } else { Err(failed()) }),
        Effect::Encode if well => Work::Encoding(128, 9_000),
        Effect::Encode => Work::Encoded(Err(failed())),
        Effect::Status => {
            let encoder = EncoderStatus::Unavailable { why: HOSTILE.to_owned() };
            let status = Status { encoder, path: HOSTILE.into(), ..fixtures::status(3) };
            Work::Status(if well { Ok(status) } else { Err(failed()) })
        }
        Effect::Complete { job, .. } => Work::Completed(*job, vec![HOSTILE.to_owned(), "é".into()]),
        Effect::Import { job, .. } => Work::Imported(
            *job,
            if well { Ok(Box::new(fixtures::report())) } else { Err(failed()) },
        ),
        _ => return None,
    })
}

/// Every cell holds what fits into it, and nothing acts on a terminal.
fn check(model: &Model) {
    let buffer = drawn(model);
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            assert!(!symbol.chars().any(acts), "{symbol:?} at {x},{y}");
            let cells = u16::try_from(width(symbol)).unwrap().max(1);
            assert!(x + cells <= buffer.area.width, "{symbol:?} sticks out at {x},{y}");
            x += cells;
        }
    }
}

fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0020}'..='\u{e007e}')
}

proptest! {
    // Each case draws dozens of frames.
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_events_at_any_size(
        begin in prop::sample::select(VIEWS),
        vim in any::<bool>(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let (_, view) = begin;
        let mut model = view(80, 24);
        model.chat.vim = vim.then(Vim::default);
        model.themes = crate::tui::theme::all(None);
        let mut open: Vec<Effect> = Vec::new();
        for step in steps {
            let event = match step {
                Step::Key(code, modifiers) => Event::Key(KeyEvent::new(code, modifiers)),
                Step::Paste(text) => Event::Paste(text),
                Step::Resize(width, height) => Event::Resize(width, height),
                Step::Mouse(what, x, y) => Event::Pointer(what, x, y),
                Step::Focused(focused) => Event::Focused(focused),
                Step::Edited(well) => {
                    Event::Edited(if well { Ok(HOSTILE.into()) } else { Err(HOSTILE.into()) })
                }
                Step::Work(well) => match open.pop().and_then(|effect| brought(&effect, well)) {
                    Some(work) => Event::Work(work),
                    None => continue,
                },
                Step::Rewind => Event::Work(Work::Part(JobId(1), Part::Text(HOSTILE.to_owned()))),
            };
            open.extend(update(&mut model, event));
            if !model.area.is_empty() {
                check(&model);
            }
        }
    }
}

#[test]
fn hostile_text_is_shown_as_marks() {
    for (width, height) in [(20, 5), (40, 12), (80, 24), (200, 60)] {
        let mut model = model(width, height);
        update(&mut model, Event::Paste(HOSTILE.to_owned()));
        check(&model);
        let said = update(&mut model, super::fixtures::key(KeyCode::Enter));
        let Effect::Say { job: asked, .. } = said[0].clone() else { panic!("{said:?}") };
        work(&mut model, Work::Part(asked, Part::Text(HOSTILE.to_owned())));
        check(&model);
        work(&mut model, brought(&said[0], true).unwrap());
        check(&model);
        let opened = update(&mut model, super::fixtures::alt('1'));
        work(&mut model, brought(&opened[0], true).unwrap());
        check(&model);
        update(&mut model, ctrl('s'));
        update(&mut model, super::fixtures::key(KeyCode::Esc));
        update(&mut model, ctrl('r'));
        update(&mut model, Event::Paste(HOSTILE.to_owned()));
        let found = super::fixtures::type_in(&mut model, "x");
        let search = found.iter().find(|effect| matches!(effect, Effect::Search { .. })).unwrap();
        assert_eq!(job(&found), job(std::slice::from_ref(search)));
        work(&mut model, brought(search, true).unwrap());
        check(&model);
        let shown = super::fixtures::text(&drawn(&model));
        assert!(height < 12 || shown.contains('␛'), "{shown}");
    }
}
