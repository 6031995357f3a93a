use super::*;
use crate::conversation::{Conversation, Embedding, Encoded, Kind, NewTurn, Role, Tokens};
use crate::evidence::Citation;
use crate::memory::{Ingest, SessionQuery};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn said(speaker: &str, text: &str) -> NewTurn {
    NewTurn::message(Role::User, speaker, text)
}

fn conversation(id: &str, turns: Vec<NewTurn>) -> Conversation {
    Conversation { source_id: Some(id.to_owned()), turns, ..Conversation::default() }
}

fn import(memory: &Memory, path: &str, conversations: &[Conversation]) -> Option<ImportId> {
    let mut run = Ingest::new(false);
    run.begin_input(path);
    run.begin_format("test");
    memory.ingest(&mut run, conversations, at(5)).unwrap();
    run.import()
}

/// Every row of every table but the totals of the full text, and how often each word is held.
fn everything(memory: &Memory) -> Vec<String> {
    let rows = |connection: &Connection| -> Result<Vec<String>, MemoryError> {
        let mut all = Vec::new();
        for table in [
            "imports",
            "sessions",
            "earlier_titles",
            "session_tags",
            "merged_sessions",
            "speakers",
            "turns",
            "citations",
            "answer_questions",
            "answer_marks",
            "embeddings",
            "pending_embeddings",
            "words_docsize",
            "folded_words_docsize",
            "word_counts",
        ] {
            let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let cells: Vec<String> =
                    (0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap())).collect();
                all.push(format!("{table} {}", cells.join(" ")));
            }
        }
        connection
            .execute_batch("INSERT INTO words (words, rank) VALUES ('integrity-check', 0)")?;
        Ok(all)
    };
    memory.write(rows).unwrap()
}

#[test]
fn undone_it_is_as_if_it_had_never_been() {
    let memory = Memory::open_in_memory().unwrap();
    let first = [conversation("a", vec![said("Ann", "I sail on Sundays"), said("Bob", "Nice")])];
    let first = import(&memory, "first.zip", &first).unwrap();
    let before = everything(&memory);
    let second = [
        conversation(
            "a",
            vec![said("Ann", "I sail on Sundays"), said("Cleo", "May I come along?")],
        ),
        conversation(
            "b",
            vec![said("Dan", "The kettle sings"), said("Dan", "sailing").of_kind(Kind::Tool)],
        ),
    ];
    let second = import(&memory, "second.zip", &second).unwrap();
    let made =
        Encoded { embedding: Embedding::normalised(vec![1.0, 0.0]), tokens: Tokens::default() };
    let pending = memory.pending(9).unwrap();
    memory.store_embeddings("e", &[(pending[0].turn, made)]).unwrap();
    assert_eq!(memory.imports().unwrap().iter().map(|i| i.id).collect::<Vec<_>>(), [second, first]);

    let would = memory.would_undo(second).unwrap().unwrap();
    let removed = memory.undo_import(second, &mut |_, _| true).unwrap().unwrap();
    assert_eq!(would, removed);
    assert_eq!(removed, Removed { messages: 2, folded: 1, answers: 0, sessions: 1 });
    assert_eq!(everything(&memory), before);
    assert_eq!(memory.undo_import(second, &mut |_, _| true).unwrap(), None);
    // It can be brought back, and the other one undone, in any order.
    assert!(import(&memory, "second.zip", &first_and_more()).is_some());
    assert!(memory.undo_import(first, &mut |_, _| true).unwrap().is_some());
    let left = memory.sessions(&SessionQuery::default(), 0, 9).unwrap();
    assert_eq!(left.iter().map(|s| s.turns).collect::<Vec<_>>(), [1]);
    let imports = memory.imports().unwrap();
    assert_eq!((imports.len(), imports[0].conversations, imports[0].messages), (1, 1, 1));
    memory.undo_import(imports[0].id, &mut |_, _| true).unwrap();
    assert_eq!(everything(&memory), Vec::<String>::new());
}

#[test]
fn a_large_import_is_undone_in_steps_between_which_others_write() {
    let memory = Memory::open_in_memory().unwrap();
    let turns = |from: usize| (from..from + 700).map(|n| said("Ann", &format!("line {n}")));
    let talk = [conversation("a", turns(0).collect()), conversation("b", turns(700).collect())];
    let id = import(&memory, "f", &talk).unwrap();
    let before = everything(&memory);
    let mut told = Vec::new();
    let stopped = memory.undo_import(id, &mut |done, all| {
        told.push((done, all));
        // Somebody says something meanwhile.
        let session = memory.begin_session("chat", None, at(9)).unwrap();
        memory.append(session, &said("Bob", "meanwhile"), None, at(9)).unwrap();
        told.len() < 2
    });
    assert_eq!(told, [(500, 1_400), (1_000, 1_400)]);
    assert_eq!(stopped.unwrap().unwrap().messages, 1_000);
    // What is left is whole, and the same import brings the rest again.
    let left = &memory.imports().unwrap()[0];
    assert_eq!((left.id, left.messages, left.conversations), (id, 400, 1));
    assert!(memory.check(false).unwrap().findings.is_empty());
    let session = memory.sessions(&SessionQuery::default(), 0, 9).unwrap();
    assert!(session.iter().any(|session| session.turns == 400));
    let removed = memory.undo_import(id, &mut |_, _| true).unwrap().unwrap();
    assert_eq!((removed.messages, removed.sessions), (400, 1));
    assert_eq!(memory.counts().unwrap(), crate::memory::Counts { turns: 2, sessions: 2 });

    let memory = Memory::open_in_memory().unwrap();
    let id = import(&memory, "f", &talk).unwrap();
    assert_eq!(everything(&memory), before);
    let would = memory.would_undo(id).unwrap();
    assert_eq!(memory.undo_import(id, &mut |_, _| true).unwrap(), would);
    assert_eq!(everything(&memory), Vec::<String>::new());
}

fn first_and_more() -> [Conversation; 1] {
    [conversation(
        "a",
        vec![said("Ann", "I sail on Sundays"), said("Bob", "Nice"), said("Ann", "Since 2019")],
    )]
}

#[test]
fn answers_go_with_what_they_rest_on() {
    let memory = Memory::open_in_memory().unwrap();
    let id =
        import(&memory, "f", &[conversation("a", vec![said("Ann", "My cat is Tom")])]).unwrap();
    let fact = memory
        .turns(memory.sessions(&SessionQuery::default(), 0, 1).unwrap()[0].id, 0, 1)
        .unwrap()
        .remove(0);
    let session = memory.begin_session("chat", None, at(9)).unwrap();
    let question = said("user", "What is the cat called?").of_kind(Kind::Question);
    memory.append(session, &question, None, at(10)).unwrap();
    let citation = Citation {
        number: 1,
        turn: fact.id,
        source_id: None,
        session: fact.session,
        speaker: "Ann".into(),
        said_at: None,
        quote: "Tom".into(),
    };
    let answer = said("recount", "Tom").of_kind(Kind::Answer);
    memory.append_answer(session, &answer, None, &[citation], at(11)).unwrap();
    let removed = memory.undo_import(id, &mut |_, _| true).unwrap().unwrap();
    assert_eq!(removed, Removed { messages: 2, folded: 0, answers: 1, sessions: 1 });
    let left = memory.turns(session, 0, 9).unwrap();
    assert_eq!(left.iter().map(|t| t.kind).collect::<Vec<_>>(), [Kind::Question]);
    assert_eq!(memory.sessions(&SessionQuery::default(), 0, 9).unwrap()[0].turns, 1);
}

#[test]
fn one_run_over_several_inputs_is_one_import() {
    let memory = Memory::open_in_memory().unwrap();
    let mut run = Ingest::new(false);
    for (path, format, id) in [("/a.zip", "x", "1"), ("/a.zip", "y", "2"), ("/b.zip", "x", "3")] {
        run.begin_input(path);
        run.begin_format(format);
        memory.ingest(&mut run, &[conversation(id, vec![said("Ann", id)])], at(5)).unwrap();
    }
    let imports = memory.imports().unwrap();
    assert_eq!(imports.len(), 1);
    assert_eq!(imports[0].formats, ["x", "y"]);
    assert_eq!(imports[0].paths, [PathBuf::from("/a.zip"), PathBuf::from("/b.zip")]);
    assert_eq!((imports[0].conversations, imports[0].messages), (3, 3));
}

#[test]
fn titles_are_as_they_were() {
    let memory = Memory::open_in_memory().unwrap();
    let file = |title: &str, count: usize| {
        let turns = (0..count).map(|n| said("Ann", &format!("line {n}"))).collect();
        [Conversation { title: Some(title.into()), ..conversation("a", turns) }]
    };
    let title = || memory.sessions(&SessionQuery::default(), 0, 1).unwrap()[0].title.clone();
    import(&memory, "1", &file("One", 1)).unwrap();
    let two = import(&memory, "2", &file("Two", 2)).unwrap();
    let three = import(&memory, "3", &file("Three", 3)).unwrap();
    // Undone out of order, each hands on what it had found.
    memory.undo_import(two, &mut |_, _| true).unwrap();
    assert_eq!(title().as_deref(), Some("Three"));
    memory.undo_import(three, &mut |_, _| true).unwrap();
    assert_eq!(title().as_deref(), Some("One"));
    // A file with nothing but another title is no import, and changes it all the same.
    assert_eq!(import(&memory, "4", &file("Four", 1)), None);
    assert_eq!(title().as_deref(), Some("Four"));
}
