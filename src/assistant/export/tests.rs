//! What is exported as recount's own JSON and imported again is the same, whatever was remembered.

use super::super::tests::assistant;
use super::super::{Assistant, Cancel, ImportOptions};
use super::{Format, Selection, Shown};
use crate::conversation::{
    Conversation, GivenAnswer, Kind, Mark, NewTurn, Role, SessionId, Timestamp, TurnId,
};
use crate::evidence::Citation;
use crate::memory::Ingest;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// Something that happens to a memory. Numbers choose among what is there by then.
#[derive(Debug, Clone)]
enum Step {
    Import(&'static str, Vec<Conversation>),
    Answer {
        cites: Vec<usize>,
        given: Option<GivenAnswer>,
        asks: Option<usize>,
        mark: Option<Mark>,
        text: String,
    },
    Note(String),
    Fork(usize),
    Empty,
    Rename(usize, Option<String>),
    Tag(usize, String),
    Pin(usize),
    ReadTo(usize),
    Merge(usize, usize),
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// Texts of the kind that formats break on.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé🚲 \n\"\\\\\u{0}\u{1b}\u{2028}\u{202e}<&]{1,20}",
        "[a-c]{1,2}",
        Just("{\"turns\": [".to_owned()),
    ]
    .prop_filter("a turn says something", |text| !text.trim().is_empty())
}

fn turn() -> impl Strategy<Value = NewTurn> {
    let role = (0..Role::ALL.len()).prop_map(|at| Role::ALL[at]);
    let kind = prop_oneof![Just(Kind::Message), Just(Kind::Reasoning), Just(Kind::Tool)];
    let said = (of(-5_000_000_000_i64..5_000_000_000_000), of("[0-9/: ]{1,12}"));
    (role, kind, "[A-Cé ]{1,3}", text(), said, of("[m-p]"), of("[m-p]"), any::<bool>()).prop_map(
        |(role, kind, speaker, text, (said_at, said_at_text), source_id, parent, shown)| NewTurn {
            role,
            kind,
            speaker,
            text,
            said_at: said_at.map(at),
            said_at_text,
            source_id,
            parent_source_id: parent,
            on_active_path: shown,
        },
    )
}

fn conversation() -> impl Strategy<Value = Conversation> {
    (of("[x-z]"), of(text()), of(0_i64..9_000), vec(turn(), 0..6)).prop_map(
        |(source_id, title, started, turns)| Conversation {
            source_id,
            title,
            started_at: started.map(at),
            turns,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let source = prop_oneof![Just("chatgpt"), Just("whatsapp"), Just("markdown")];
    let given = (any::<bool>(), of(text()), 0_u8..=100).prop_map(|(abstained, reason, sure)| {
        let confidence = f32::from(sure) / 100.0;
        GivenAnswer { abstained, reason, confidence, decoder: "extractive".into() }
    });
    let mark = prop_oneof![Just(Mark::Right), Just(Mark::Wrong)];
    let one = || 0_usize..50;
    prop_oneof![
        6 => (source, vec(conversation(), 1..4)).prop_map(|(source, all)| Step::Import(source, all)),
        3 => (vec(one(), 0..3), of(given), of(one()), of(mark), text()).prop_map(
            |(cites, given, asks, mark, text)| Step::Answer { cites, given, asks, mark, text }
        ),
        1 => text().prop_map(Step::Note),
        1 => one().prop_map(Step::Fork),
        1 => Just(Step::Empty),
        1 => (one(), of(text())).prop_map(|(at, name)| Step::Rename(at, name)),
        1 => (one(), "[a-z]{1,4}").prop_map(|(at, tag)| Step::Tag(at, tag)),
        1 => one().prop_map(Step::Pin),
        1 => one().prop_map(Step::ReadTo),
        2 => (one(), one()).prop_map(|(into, from)| Step::Merge(into, from)),
    ]
}

/// Carries out a step; what it chooses among is empty at first, and then nothing happens.
fn take(assistant: &Assistant, step: Step, now: Timestamp) {
    let memory = &assistant.memory;
    let document = export(assistant);
    let sessions: Vec<SessionId> =
        all(&document).iter().map(|one| SessionId(one["session"].as_i64().unwrap())).collect();
    let turns: Vec<TurnId> = all(&document)
        .iter()
        .flat_map(|one| one["turns"].as_array().unwrap())
        .map(|turn| TurnId(turn["turn"].as_i64().unwrap()))
        .collect();
    let session = |at: usize| sessions.get(at % sessions.len().max(1)).copied();
    let turn = |at: usize| turns.get(at % turns.len().max(1)).copied();
    match step {
        Step::Import(source, conversations) => {
            let mut run = Ingest::new(false);
            run.begin_input("file");
            run.begin_format(source);
            memory.ingest(&mut run, &conversations, now).unwrap();
        }
        Step::Answer { cites, given, asks, mark, text } => {
            let session = memory.begin_session("chat", None, now).unwrap();
            let citation = |(number, cited)| Citation {
                number: number + 1,
                turn: cited,
                source_id: None,
                session,
                speaker: String::new(),
                said_at: None,
                quote: text.clone(),
            };
            let cited = cites.into_iter().filter_map(turn).enumerate().map(citation);
            let citations: Vec<Citation> = cited.collect();
            let asked = asks.and_then(turn);
            let turn = NewTurn::message(Role::Assistant, "recount", &text).of_kind(Kind::Answer);
            let given = given.as_ref().map(|given| (given, asked));
            let made = memory.append_given(session, &turn, None, &citations, given, now).unwrap();
            assert!(memory.mark_answer(made.turn, mark, now).unwrap());
        }
        Step::Note(text) => {
            assistant.remember(&text).unwrap();
        }
        Step::Fork(from) => {
            if let Some(from) = turn(from) {
                let fork = memory.begin_fork("chat", from, now).unwrap();
                let turn = NewTurn::message(Role::User, "user", "again");
                memory.append(fork, &turn, None, now).unwrap();
            }
        }
        Step::Empty => {
            memory.begin_session("chat", None, now).unwrap();
        }
        Step::Rename(at, name) => {
            session(at).map(|id| memory.rename_session(id, name.as_deref()).unwrap());
        }
        Step::Tag(at, tag) => {
            session(at).map(|id| memory.tag_session(id, &[tag], &[]).unwrap());
        }
        Step::Pin(at) => {
            session(at).map(|id| memory.pin_session(id, true).unwrap());
        }
        Step::ReadTo(at) => {
            if let Some(turn) = turn(at).and_then(|id| memory.turn(id).unwrap()) {
                memory.set_read_position(turn.session, Some(turn.position)).unwrap();
            }
        }
        Step::Merge(into, from) => {
            if let (Some(into), Some(from)) = (session(into), session(from))
                && into != from
            {
                memory.merge_sessions(into, &[from], now).unwrap();
            }
        }
    }
}

fn export(assistant: &Assistant) -> Value {
    let mut bytes = Vec::new();
    let shown = Shown { folded: true, branches: true };
    let mut exporter = Format::Json.exporter(shown);
    let all = Selection::default();
    assistant.export(&all, exporter.as_mut(), &mut bytes, &Cancel::new(), &mut |_| ()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn all(document: &Value) -> &[Value] {
    document["sessions"].as_array().unwrap()
}

fn import(assistant: &Assistant, document: &Value, folder: &Path) -> u64 {
    let path = folder.join("export.json");
    std::fs::write(&path, document.to_string()).unwrap();
    let options = ImportOptions::default();
    match assistant.import(&[path], &options, &Cancel::new(), &mut |_| ()) {
        Ok(report) => report.conversations.new + report.messages.new,
        // It holds no messages.
        Err(_) => 0,
    }
}

/// The document with ids as places: they are only compared with each other.
fn by_place(mut document: Value) -> Value {
    let mut places: HashMap<i64, usize> = HashMap::new();
    for session in all(&document) {
        for turn in session["turns"].as_array().unwrap() {
            places.insert(turn["turn"].as_i64().unwrap(), places.len());
        }
    }
    let place = |id: &mut Value| {
        if let Some(number) = id.as_i64() {
            *id = places.get(&number).copied().into();
        }
    };
    for (at, session) in document["sessions"].as_array_mut().unwrap().iter_mut().enumerate() {
        session["session"] = at.into();
        place(&mut session["forked_from"]);
        for turn in session["turns"].as_array_mut().unwrap() {
            place(&mut turn["turn"]);
            place(&mut turn["question"]);
            for citation in turn["citations"].as_array_mut().unwrap() {
                place(&mut citation["turn"]);
            }
        }
    }
    document
}

fn comes_back_the_same(steps: Vec<Step>) {
    let folder = tempfile::tempdir().unwrap();
    let first = assistant();
    for (number, step) in steps.into_iter().enumerate() {
        take(&first, step, at(1_700_000_000_000 + number as i64));
    }
    let document = export(&first);
    assert_eq!(import(&first, &document, folder.path()), 0, "it is all there already");
    assert_eq!(export(&first), document);
    let second = assistant();
    import(&second, &document, folder.path());
    let again = export(&second);
    assert_eq!(by_place(again.clone()), by_place(document));
    assert_eq!(import(&second, &again, folder.path()), 0, "it is all there already");
    assert_eq!(export(&second), again);
}

/// Notes go to one session, which was merged into another and then begun anew.
#[test]
fn notes_begun_anew_after_a_merge_come_back_apart() {
    let turns = vec![NewTurn::message(Role::User, "user", "hello")];
    let talk = Conversation { source_id: None, title: None, started_at: None, turns };
    let note = |text: &str| Step::Note(text.to_owned());
    let merged = Step::Merge(0, 1);
    comes_back_the_same(vec![
        Step::Import("chatgpt", vec![talk]),
        note("before"),
        merged,
        note("after"),
    ]);
}

/// Messages of both have the same id and say the same; one of them holds more.
#[test]
fn conversations_that_are_alike_come_back_as_themselves() {
    let said = |text: &str, id: Option<&str>| NewTurn {
        source_id: id.map(str::to_owned),
        ..NewTurn::message(Role::User, "user", text)
    };
    let talk = |started: i64, turns| Conversation {
        source_id: None,
        title: None,
        started_at: Some(at(started)),
        turns,
    };
    let longer = vec![said("hello", None), said("same", Some("m"))];
    let shorter = vec![said("same", Some("m"))];
    for (first, second) in [(1, 2), (2, 1)] {
        let both = vec![talk(first, longer.clone()), talk(second, shorter.clone())];
        comes_back_the_same(vec![Step::Import("chatgpt", both)]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn an_export_comes_back_the_same(steps in vec(step(), 1..12)) {
        comes_back_the_same(steps);
    }
}
