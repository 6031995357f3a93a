//! Whatever is done to a memory, in whatever order, it holds what a plain map holds.
//!
//! Notes, imports that grow and edit, undoing the latest import, forgetting, making derived state
//! anew and opening again, by random. After each step the texts are compared with the map, and
//! after each row of steps what was kept in step answers as what is made anew from the file does.
//! Imports come by another handle than the one that searches, as from another process.

use crate::program::Home;
use proptest::prelude::*;
use recount::assistant::{Assistant, Cancel, EncoderSetup, ForgetFilter, Setup};
use recount::conversation::{Conversation, FixedClock, ImportId, NewTurn, Role, Timestamp, TurnId};
use recount::decoder::Extractive;
use recount::encoder::HashingEncoder;
use recount::evidence::Query;
use recount::memory::{Ingest, Memory};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// How many conversations there are to import.
const CONVERSATIONS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Remember,
    /// A conversation has so many more messages, and one of them another text.
    Import {
        conversation: usize,
        more: usize,
        edited: Option<usize>,
    },
    UndoLatest,
    Forget(usize),
    Reopen,
    ReindexWords,
    ReindexEmbeddings,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Remember),
        5 => (0..CONVERSATIONS, 0..4_usize, prop::option::of(0..6_usize)).prop_map(
            |(conversation, more, edited)| Step::Import { conversation, more, edited }
        ),
        1 => Just(Step::UndoLatest),
        2 => any::<usize>().prop_map(Step::Forget),
        1 => Just(Step::Reopen),
        1 => Just(Step::ReindexWords),
        1 => Just(Step::ReindexEmbeddings),
    ]
}

/// A message by its conversation and its place in it.
type Message = (usize, usize);

/// What an import did.
struct Done {
    import: ImportId,
    added: Vec<Message>,
    replaced: Vec<(Message, String)>,
}

/// The plain map, and what the files say that are imported.
#[derive(Default)]
struct Model {
    notes: Vec<String>,
    messages: BTreeMap<Message, String>,
    forgotten: BTreeSet<Message>,
    files: [Vec<String>; CONVERSATIONS],
    done: Vec<Done>,
    said: usize,
}

impl Model {
    fn text(&mut self, about: &str) -> String {
        self.said += 1;
        let shelf = ["oak", "pine", "birch"][self.said % 3];
        format!("{about} number {} stands on the {shelf} shelf.", self.said)
    }

    fn texts(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.notes.clone();
        texts.extend(self.messages.values().cloned());
        texts.sort();
        texts
    }
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_714_900_000_000).unwrap()
}

fn assistant(path: &Path) -> Assistant {
    let assistant = Assistant::new(Setup {
        memory: Memory::open(path).unwrap(),
        encoder: EncoderSetup {
            name: HashingEncoder::NAME,
            dim: HashingEncoder::DIM,
            start: Box::new(|| Ok(Arc::new(HashingEncoder::default()))),
        },
        reader: None,
        decoder: Box::<Extractive>::default(),
        clock: Arc::new(FixedClock(now())),
    });
    assistant.wait_for_encoder();
    assistant
}

/// The turns of the file with their texts, by text.
fn stored(path: &Path) -> Vec<(String, TurnId)> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT text, id FROM turns ORDER BY text").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, TurnId(row.get(1)?)))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn import(path: &Path, model: &mut Model, which: usize) {
    let turns = model.files[which].iter().enumerate().map(|(place, text)| {
        let mut turn = NewTurn::message(Role::User, "Ann", text);
        turn.source_id = Some(format!("m{place}"));
        turn
    });
    let conversation = Conversation {
        source_id: Some(format!("c{which}")),
        turns: turns.collect(),
        ..Conversation::default()
    };
    let mut run = Ingest::new(false);
    run.begin_format("test");
    run.begin_input("file");
    let memory = Memory::open(path).unwrap();
    memory.ingest(&mut run, &[conversation], now()).unwrap();
    let mut done = Done { import: ImportId(0), added: Vec::new(), replaced: Vec::new() };
    for (place, text) in model.files[which].iter().enumerate() {
        let message = (which, place);
        if model.forgotten.contains(&message) {
            continue;
        }
        match model.messages.insert(message, text.clone()) {
            None => done.added.push(message),
            Some(before) if before != *text => done.replaced.push((message, before)),
            Some(_) => {}
        }
    }
    // One that changed no turn may have begun a session that has none.
    let changed = !done.added.is_empty() || !done.replaced.is_empty();
    assert!(run.import().is_some() || !changed, "{which}: {:?}", model.files[which]);
    if let Some(import) = run.import() {
        model.done.push(Done { import, ..done });
    }
}

fn undo(assistant: &Assistant, model: &mut Model) {
    let Some(done) = model.done.pop() else { return };
    // An import of which nothing is left cannot be undone any more.
    let left = done.added.iter().any(|message| model.messages.contains_key(message))
        || done.replaced.iter().any(|(message, _)| model.messages.contains_key(message));
    let undone = assistant.undo_import(done.import, &Cancel::new(), &mut |_, _| {});
    assert!(undone.is_ok() || !left, "{undone:?}");
    for message in &done.added {
        model.messages.remove(message);
    }
    for (message, before) in done.replaced {
        if let Some(text) = model.messages.get_mut(&message) {
            *text = before;
        }
    }
}

fn forget(assistant: &Assistant, path: &Path, model: &mut Model, which: usize) {
    let stored = stored(path);
    if stored.is_empty() {
        return;
    }
    let (text, turn) = &stored[which % stored.len()];
    let filter = ForgetFilter { turns: Some(vec![*turn]), ..ForgetFilter::default() };
    let chosen = assistant.choose(&filter, None).unwrap();
    assistant.forget(&chosen).unwrap();
    model.notes.retain(|note| note != text);
    let message = model.messages.iter().find(|(_, said)| *said == text).map(|(at, _)| *at);
    if let Some(message) = message {
        model.messages.remove(&message);
        model.forgotten.insert(message);
    }
}

/// What a search answers: turns and scores.
fn answers(assistant: &Assistant) -> Vec<(TurnId, String)> {
    let mut answers = Vec::new();
    for question in ["kettle on the oak shelf", "ladder number 7", "what stands on pine"] {
        for hit in assistant.search(&Query::new(question), 8).unwrap() {
            answers.push((hit.turn.id, format!("{:.5}", hit.score)));
        }
    }
    answers
}

fn walk(steps: Vec<Step>) {
    let home = Home::new();
    let path = home.memory();
    let mut open = assistant(&path);
    let mut model = Model::default();
    for step in steps {
        match step.clone() {
            Step::Remember => {
                let text = model.text("Kettle");
                open.remember(&text).unwrap();
                model.notes.push(text);
            }
            Step::Import { conversation, more, edited } => {
                for _ in 0..more {
                    let text = model.text("Ladder");
                    model.files[conversation].push(text);
                }
                let edited = edited.filter(|at| *at < model.files[conversation].len());
                if let Some(at) = edited {
                    model.files[conversation][at] = model.text("Edited ladder");
                }
                import(&path, &mut model, conversation);
            }
            Step::UndoLatest => undo(&open, &mut model),
            Step::Forget(which) => forget(&open, &path, &mut model, which),
            Step::Reopen => {
                drop(open);
                open = assistant(&path);
            }
            Step::ReindexWords => {
                open.reindex_words(&Cancel::new(), &mut |_| ()).unwrap();
            }
            Step::ReindexEmbeddings => {
                let encoder = HashingEncoder::default();
                open.reindex_embeddings(&encoder, &Cancel::new(), &mut |_, _| ()).unwrap();
            }
        }
        let texts: Vec<String> = stored(&path).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, model.texts(), "after {step:?}");
        let checked = open.check(false).unwrap();
        assert_eq!(checked.findings, [], "after {step:?}");
    }
    open.encode_pending(&Cancel::new(), &mut |_, _| ()).unwrap();
    let in_step = answers(&open);
    assert_eq!(answers(&assistant(&path)), in_step, "the index was not in step");
    open.reindex_words(&Cancel::new(), &mut |_| ()).unwrap();
    let encoder = HashingEncoder::default();
    open.reindex_embeddings(&encoder, &Cancel::new(), &mut |_, _| ()).unwrap();
    assert_eq!(answers(&assistant(&path)), in_step, "made anew, it answers otherwise");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_memory_holds_what_a_map_holds(steps in prop::collection::vec(step(), 1..25)) {
        walk(steps);
    }
}
