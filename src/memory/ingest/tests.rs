use super::*;
use crate::conversation::{Embedding, Encoded, Kind, NewTurn, Role, Tokens};
use crate::memory::SessionQuery;

const NOW: i64 = 1_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// Turns as `id=text@time`, by Ann; id and time may be missing.
fn talk(id: Option<&str>, text: &str) -> Conversation {
    let turn = |word: &str| {
        let (rest, time) = word.split_once('@').unwrap_or((word, ""));
        let (id, text) = rest.split_once('=').map_or((None, rest), |(id, text)| (Some(id), text));
        let turn = NewTurn::message(Role::User, "Ann", text.replace('_', " "));
        let turn = turn.at(time.parse().ok().and_then(Timestamp::from_millis));
        NewTurn { source_id: id.map(str::to_owned), ..turn }
    };
    Conversation {
        source_id: id.map(str::to_owned),
        turns: text.split_whitespace().map(turn).collect(),
        ..Conversation::default()
    }
}

fn run_of(dry_run: bool) -> Ingest {
    let mut run = Ingest::new(dry_run);
    run.begin_input("file");
    run.begin_format("test");
    run
}

fn import_with(memory: &Memory, mut run: Ingest, file: &[Conversation]) -> (String, Ingest) {
    let dry = memory.ingest(&mut Ingest { dry_run: true, ..copy(&run) }, file, at(NOW)).unwrap();
    let real = memory.ingest(&mut run, file, at(NOW)).unwrap();
    assert_eq!(dry, real, "a dry run tells what the import does");
    let word = |became: &Became| match became {
        Became::Appended => 'a',
        Became::Edited => 'e',
        Became::Known => 'k',
        Became::Forgotten => 'f',
    };
    let one = |one: &Ingested| {
        let new = if one.new_session { "+" } else { "" };
        format!("{new}{}", one.became.iter().map(word).collect::<String>())
    };
    (real.iter().map(one).collect::<Vec<_>>().join(" "), run)
}

fn copy(run: &Ingest) -> Ingest {
    Ingest { source: run.source, path: run.path.clone(), again: run.again, ..Ingest::default() }
}

/// Imports and says what became of each turn: appended, edited, known, forgotten.
fn import(memory: &Memory, file: &[Conversation]) -> String {
    import_with(memory, run_of(false), file).0
}

fn texts(memory: &Memory, session: usize) -> String {
    let sessions = memory.sessions(&SessionQuery::default(), 0, 99).unwrap();
    let mut ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    ids.sort_unstable();
    let turns = memory.turns(ids[session], 0, 99).unwrap();
    turns.into_iter().map(|turn| turn.text).collect::<Vec<_>>().join(" ")
}

fn found(memory: &Memory, word: &str) -> usize {
    memory.word_matches(&[word.to_owned()], false, 9).unwrap().len()
}

#[test]
fn an_edited_message_says_the_new_text_and_nothing_of_the_old() {
    let memory = Memory::open_in_memory().unwrap();
    assert_eq!(import(&memory, &[talk(Some("c"), "1=kettle 2=rain")]), "+aa");
    let made =
        Encoded { embedding: Embedding::normalised(vec![1.0, 0.0]), tokens: Tokens::default() };
    let all: Vec<_> =
        memory.pending(9).unwrap().into_iter().map(|one| (one.turn, made.clone())).collect();
    memory.store_embeddings("e", &all).unwrap();
    let before = memory.embedding_state().unwrap();
    let edited = [talk(Some("c"), "1=teapot 2=rain")];
    let (became, run) = import_with(&memory, run_of(false), &edited);
    assert_eq!(became, "ek");
    assert_eq!(texts(&memory, 0), "teapot rain");
    assert_eq!((found(&memory, "kettl"), found(&memory, "teapot")), (0, 1));
    assert_eq!(memory.pending(9).unwrap().len(), 1);
    assert!(memory.embedding_state().unwrap().removals > before.removals);
    assert_eq!(import(&memory, &edited), "kk");
    // Undone, it says again what it said.
    memory.undo_import(run.import().unwrap(), &mut |_, _| true).unwrap();
    assert_eq!(texts(&memory, 0), "kettle rain");
    assert_eq!((found(&memory, "kettl"), found(&memory, "teapot")), (1, 0));
}

#[test]
fn a_session_spans_the_times_that_are_mended() {
    let memory = Memory::open_in_memory().unwrap();
    import(&memory, &[talk(Some("c"), "1=a@5000 2=b@6000")]);
    assert_eq!(import(&memory, &[talk(Some("c"), "1=a@7000 2=b@8000")]), "kk");
    let session = &memory.sessions(&SessionQuery::default(), 0, 9).unwrap()[0];
    assert_eq!((session.first_said_at, session.last_said_at), (Some(at(7000)), Some(at(8000))));
}

#[test]
fn edits_are_undone_in_any_order() {
    for order in [[1, 2], [2, 1]] {
        let memory = Memory::open_in_memory().unwrap();
        let mut imports = Vec::new();
        for text in ["1=one 9=z", "1=two 9=z", "1=three 9=z"] {
            let (_, run) = import_with(&memory, run_of(false), &[talk(Some("c"), text)]);
            imports.push(run.import().unwrap());
        }
        assert_eq!(texts(&memory, 0), "three z");
        memory.undo_import(imports[order[0]], &mut |_, _| true).unwrap();
        assert_eq!(texts(&memory, 0), if order[0] == 1 { "three z" } else { "two z" });
        memory.undo_import(imports[order[1]], &mut |_, _| true).unwrap();
        assert_eq!(texts(&memory, 0), "one z");
        assert_eq!(
            (found(&memory, "one"), found(&memory, "two"), found(&memory, "three")),
            (1, 0, 0)
        );
    }
}

#[test]
fn what_was_said_in_between_stands_in_between() {
    let memory = Memory::open_in_memory().unwrap();
    assert_eq!(import(&memory, &[talk(Some("c"), "3=c 5=e")]), "+aa");
    let session = memory.sessions(&SessionQuery::default(), 0, 1).unwrap()[0].id;
    memory.set_read_position(session, Some(0)).unwrap();
    let whole = [talk(Some("c"), "1=a 2=b 3=c 4=d 5=e 6=f")];
    assert_eq!(import(&memory, &whole), "aakaka");
    assert_eq!(texts(&memory, 0), "a b c d e f");
    assert_eq!(memory.session(session).unwrap().unwrap().read_position, Some(2));
    // Another order of the same is nothing new.
    assert_eq!(import(&memory, &[talk(Some("c"), "6=f 5=e 4=d 3=c 2=b 1=a")]), "kkkkkk");
    assert_eq!(texts(&memory, 0), "a b c d e f");
}

#[test]
fn ids_that_moved_are_followed() {
    let memory = Memory::open_in_memory().unwrap();
    assert_eq!(import(&memory, &[talk(Some("c"), "1=a@1 2=b@2 3=c@3")]), "+aaa");
    // Messages got other ids, and exchanged them.
    assert_eq!(import(&memory, &[talk(Some("c"), "2=a@1 1=b@2 7=c@3 8=d@4")]), "kkka");
    assert_eq!(import(&memory, &[talk(Some("c"), "2=a@1 1=b@2 7=c@3 8=d@4")]), "kkkk");
    // So did the conversation.
    assert_eq!(import(&memory, &[talk(Some("k"), "2=a@1 1=b@2 7=c@3 8=d@4")]), "kkkk");
    assert_eq!(import(&memory, &[talk(Some("k"), "2=a@1 1=b@2 7=c@3 8=d@4 9=e@5")]), "kkkka");
    assert_eq!(memory.counts().unwrap().sessions, 1);
    // Another conversation that begins alike is another.
    assert_eq!(import(&memory, &[talk(Some("m"), "2=a@1 1=b@2 5=x@3")]), "+aaa");
}

#[test]
fn an_older_file_replaces_nothing() {
    let memory = Memory::open_in_memory().unwrap();
    let named = |id, text, title: &str| Conversation {
        title: Some(title.to_owned()),
        ..talk(Some(id), text)
    };
    import(&memory, &[named("c", "1=a 2=b", "Plans")]);
    import(&memory, &[named("c", "1=A 2=b 3=c", "Better plans")]);
    let title = |memory: &Memory| {
        memory.sessions(&SessionQuery::default(), 0, 1).unwrap()[0].title.clone().unwrap()
    };
    assert_eq!(title(&memory), "Better plans");
    assert_eq!(import(&memory, &[named("c", "1=a 2=b", "Plans")]), "kk");
    assert_eq!((title(&memory).as_str(), texts(&memory, 0).as_str()), ("Better plans", "A b c"));
}

#[test]
fn exports_of_other_stretches_are_the_same_conversation() {
    let memory = Memory::open_in_memory().unwrap();
    assert_eq!(import(&memory, &[talk(None, "a@1 b@2 c@3 d@4 e@5")]), "+aaaaa");
    assert_eq!(import(&memory, &[talk(None, "c@3 d@4 e@5 f@6")]), "kkka");
    assert_eq!(import(&memory, &[talk(None, "x@0 a@1 b@2 c@3")]), "akkk");
    assert_eq!(texts(&memory, 0), "x a b c d e f");
    // A greeting that was sent to two people is not one conversation.
    assert_eq!(import(&memory, &[talk(None, "a@1 p@7 q@8 r@9")]), "+aaaa");
    // Without times, one that goes on is the same, one that goes another way is not.
    assert_eq!(import(&memory, &[talk(None, "hi how fine")]), "+aaa");
    assert_eq!(import(&memory, &[talk(None, "hi how fine good")]), "kkka");
    assert_eq!(import(&memory, &[talk(None, "hi how bad")]), "+aaa");
}

/// A format that learns to tell a notice from what somebody says reads its words in another way.
#[test]
fn a_short_conversation_that_is_read_in_another_way_is_the_same_one() {
    let memory = Memory::open_in_memory().unwrap();
    let mut file = [talk(None, "n=notice@1 a=hi@2 p=omitted@3")];
    assert_eq!(import(&memory, &file), "+aaa");
    file[0].turns[0].kind = Kind::Tool;
    "[picture]".clone_into(&mut file[0].turns[2].text);
    assert_eq!(import(&memory, &file), "eke");
    assert_eq!(import(&memory, &file), "kkk");
    // Somebody else who said the same at one of these times is another.
    assert_eq!(import(&memory, &[talk(None, "a=hi@2 q=other@4")]), "+aa");
}

#[test]
fn a_file_that_was_taken_for_anothers_is_known() {
    let memory = Memory::open_in_memory().unwrap();
    let of = |source| {
        let mut run = run_of(false);
        run.begin_format(source);
        run
    };
    let file = [talk(None, "a=hi@1 b=ho@2")];
    assert_eq!(import_with(&memory, of("signal"), &file).0, "+aa");
    assert_eq!(import_with(&memory, of("whatsapp"), &file).0, "kk");
    assert_eq!(import_with(&memory, of("line"), &file).0, "+aa");
}

#[test]
fn a_conversation_with_an_edit_in_the_middle_is_not_doubled() {
    let memory = Memory::open_in_memory().unwrap();
    import(&memory, &[talk(Some("c"), "a b c d e")]);
    assert_eq!(import(&memory, &[talk(Some("c"), "a B c d e f")]), "kekkka");
    assert_eq!(texts(&memory, 0), "a B c d e f");
    assert_eq!(import(&memory, &[talk(Some("c"), "a B c d e f")]), "kkkkkk");
}

#[test]
fn a_merged_session_is_still_known() {
    for (one, two) in [(Some("x"), Some("y")), (None, None)] {
        let memory = Memory::open_in_memory().unwrap();
        let file = [talk(one, "a b"), talk(two, "c d")];
        assert_eq!(import(&memory, &file), "+aa +aa");
        memory.merge_sessions(SessionId(1), &[SessionId(2)], at(NOW)).unwrap();
        assert_eq!(import(&memory, &file), "kk kk");
        let longer = [talk(one, "a b B"), talk(two, "c d D")];
        assert_eq!(import(&memory, &longer), "kka kka");
        assert_eq!(import(&memory, &longer), "kkk kkk");
        assert_eq!(memory.counts().unwrap().sessions, 1);
    }
}

#[test]
fn what_was_forgotten_does_not_come_back_by_itself() {
    for (session, text) in [(Some("c"), "1=a 2=b 3=c"), (None, "a b c"), (None, "a@1 b@2 c@3")] {
        let memory = Memory::open_in_memory().unwrap();
        let file = [talk(session, text)];
        assert_eq!(import(&memory, &file), "+aaa");
        let forget = |turns: &[TurnId]| {
            memory
                .write(|connection| {
                    for turn in turns {
                        tombstones::bury(connection, *turn, at(NOW))?;
                    }
                    super::super::remove::remove_turns(connection, turns)
                })
                .unwrap()
        };
        forget(&[TurnId(2)]);
        assert_eq!(import(&memory, &file), "kfk");
        assert_eq!(texts(&memory, 0), "a c");
        forget(&[TurnId(1), TurnId(3)]);
        assert_eq!(import(&memory, &file), "fff");
        assert_eq!(memory.counts().unwrap().sessions, 0);
        assert_eq!(import_with(&memory, run_of(false).again(true), &file).0, "+aaa");
        assert_eq!(import(&memory, &file), "kkk");
    }
}

#[test]
fn what_is_folded_is_found_on_request_only() {
    let memory = Memory::open_in_memory().unwrap();
    let mut file = [talk(Some("c"), "1=kettle 2=teapot")];
    file[0].turns[1].kind = Kind::Tool;
    import(&memory, &file);
    let folded =
        |word: &str| memory.folded_word_matches(&[word.to_owned()], false, 9).unwrap().len();
    assert_eq!((found(&memory, "teapot"), folded("teapot"), folded("kettl")), (0, 1, 0));
    let import = memory.imports().unwrap()[0].id;
    memory.undo_import(import, &mut |_, _| true).unwrap();
    assert_eq!(folded("teapot"), 0);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 64, ..Default::default() })]

    /// Whatever is imported in whatever order: a dry run tells the same (`import_with` compares),
    /// again nothing is new, and undoing everything leaves nothing.
    #[test]
    fn any_exports_in_any_order(
        files in proptest::collection::vec(
            proptest::collection::vec(
                (0_usize..4, "((1=|2=|3=)?[abc](@[12])? ){1,5}"), 1..4),
            1..5),
    ) {
        let memory = Memory::open_in_memory().unwrap();
        for file in &files {
            let conversations: Vec<Conversation> = file
                .iter()
                .map(|(id, text)| talk([None, None, Some("x"), Some("y")][*id], text))
                .collect();
            import(&memory, &conversations);
        }
        let mut imports = memory.imports().unwrap();
        // Not in the order in which they came.
        let count = imports.len();
        imports.rotate_left(usize::from(count > 1));
        for import in imports {
            memory.undo_import(import.id, &mut |_, _| true).unwrap();
        }
        let counts = memory.counts().unwrap();
        proptest::prop_assert_eq!((counts.turns, counts.sessions), (0, 0));
    }
}
