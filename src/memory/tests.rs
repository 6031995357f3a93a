use super::*;
use crate::conversation::{
    Conversation, DIRECTIONS, Embedding, Encoded, Kind, NewTurn, Role, SessionId, Timestamp,
    Tokens, TurnId,
};
use crate::evidence::{Citation, Filter};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn said(speaker: &str, text: &str) -> NewTurn {
    NewTurn::message(Role::User, speaker, text)
}

fn encoded(x: f32) -> Encoded {
    let mut tokens = Tokens::default();
    tokens.push(&[x; DIRECTIONS], 1.0);
    Encoded { embedding: Embedding::normalised(vec![1.0, x, 0.0]), tokens }
}

fn conversation(id: Option<&str>, texts: &[&str]) -> Conversation {
    Conversation {
        source_id: id.map(str::to_owned),
        turns: texts.iter().map(|text| said("Ann", text)).collect(),
        ..Conversation::default()
    }
}

fn run_of(dry_run: bool) -> Ingest {
    let mut run = Ingest::new(dry_run);
    run.begin_input("file");
    run.begin_format("test");
    run
}

fn import(memory: &Memory, conversations: &[Conversation]) -> Vec<Ingested> {
    let mut run = run_of(false);
    memory.ingest(&mut run, conversations, at(5)).unwrap()
}

fn appended(ingested: &[Ingested]) -> usize {
    ingested
        .iter()
        .flat_map(|one| &one.became)
        .filter(|became| **became == Became::Appended)
        .count()
}

#[test]
fn a_turn_its_words_and_its_embedding_come_together() {
    let memory = Memory::open_in_memory().unwrap();
    let session = memory.begin_session("chat", Some("T"), at(1)).unwrap();
    let first = memory
        .append(session, &said("Ann", "I painted a sunrise"), Some(("e", &encoded(0.5))), at(2))
        .unwrap();
    let second = memory.append(session, &said("Bob", "Lovely colours"), None, at(3)).unwrap();
    assert_eq!(memory.pending_count().unwrap(), 1);
    assert_eq!(memory.pending(10).unwrap()[0].turn, second.turn);
    let hits = memory.word_matches(&["paint".into()], false, 5).unwrap();
    assert_eq!(hits.iter().map(|hit| hit.turn).collect::<Vec<_>>(), [first.turn]);
    assert_eq!(memory.document_frequencies(&["paint".into(), "nothing".into()]).unwrap(), [1, 0]);
    let mut seen = Vec::new();
    let last = memory.embeddings_after("e", 0, |one| seen.push(one.turn)).unwrap();
    assert_eq!(seen, [first.turn]);
    assert_eq!(memory.embedding_state().unwrap().sequence, last);
    assert_eq!(memory.counts().unwrap(), Counts { turns: 2, sessions: 1 });

    memory.store_embeddings("e", &[(second.turn, encoded(0.1))]).unwrap();
    assert_eq!(memory.pending_count().unwrap(), 0);
    // Made twice, by two processes: the second is passed over.
    memory.store_embeddings("e", &[(second.turn, encoded(0.9))]).unwrap();
    let stored = memory.embeddings_of("e", &[second.turn, TurnId(99)]).unwrap();
    assert!(stored[0].as_ref().unwrap().dot(&encoded(0.1).embedding) > 0.999);
    assert!(stored[1].is_none());
    let codes = memory.token_codes("e", &[first.turn, TurnId(99)]).unwrap();
    assert_eq!(codes, [vec![255; 16], vec![]]);
}

#[test]
fn answers_keep_their_citations() {
    let memory = Memory::open_in_memory().unwrap();
    let session = memory.begin_session("chat", None, at(1)).unwrap();
    let fact = memory.append(session, &said("Ann", "My cat is Tom"), None, at(2)).unwrap();
    let citation = Citation {
        number: 1,
        turn: fact.turn,
        source_id: None,
        session,
        speaker: "Ann".into(),
        said_at: None,
        quote: "My cat is Tom".into(),
    };
    let reply = NewTurn::message(Role::Assistant, "recount", "Tom").of_kind(Kind::Answer);
    let answer = memory
        .append_answer(session, &reply, None, std::slice::from_ref(&citation), at(3))
        .unwrap();
    assert_eq!(memory.citations(answer.turn).unwrap(), [citation]);
}

#[test]
fn filters_let_pass_what_they_say() {
    let memory = Memory::open_in_memory().unwrap();
    let session = memory.begin_session("chat", None, at(1)).unwrap();
    let other = memory.begin_session("note", None, at(1)).unwrap();
    let add = |session, turn: NewTurn| memory.append(session, &turn, None, at(9)).unwrap().turn;
    let ann = add(session, said("Ann", "one").at(Some(at(1_000))));
    let bob = add(session, said("Bob", "two").at(Some(at(2_000))));
    let question = add(session, said("Bob", "three?").of_kind(Kind::Question));
    let note = add(other, NewTurn::message(Role::Assistant, "x", "four"));
    let passing = |filter: Filter| {
        let passing = memory.passing(&filter).unwrap();
        [ann, bob, question, note]
            .into_iter()
            .filter(|turn| passing.holds(*turn))
            .collect::<Vec<_>>()
    };
    let open = Filter::default();
    assert_eq!(passing(open.clone()), [ann, bob, question, note]);
    assert_eq!(passing(Filter { speaker: Some("ann".into()), ..open.clone() }), [ann]);
    assert_eq!(passing(Filter { session: Some(other), ..open.clone() }), [note]);
    assert_eq!(passing(Filter { source: Some("note".into()), ..open.clone() }), [note]);
    assert_eq!(passing(Filter { role: Some(Role::Assistant), ..open.clone() }), [note]);
    assert_eq!(passing(Filter { since: Some(at(2_000)), ..open.clone() }), [bob]);
    assert_eq!(passing(Filter { until: Some(at(2_000)), ..open.clone() }), [ann]);
    assert_eq!(passing(Filter { evidence_only: true, ..open.clone() }), [ann, bob, note]);
    assert_eq!(passing(Filter { before_turn: Some(bob), ..open.clone() }), [ann]);
    let newest = |filter: &Filter, limit| memory.newest_passing(filter, limit).unwrap();
    assert_eq!(newest(&open, 9), [bob, ann, note, question], "those without a time come last");
    assert_eq!(newest(&open, 1), [bob]);
    assert_eq!(newest(&Filter { speaker: Some("bob".into()), ..open.clone() }, 9), [bob, question]);
    let thought = add(session, said("Ann", "hm").of_kind(Kind::Reasoning));
    assert!(!newest(&open, 9).contains(&thought));
    assert!(newest(&Filter { folded: true, ..open.clone() }, 9).contains(&thought));
    let both = Filter { evidence_only: true, before_turn: Some(note), ..open };
    assert_eq!(passing(both.clone()), [ann, bob]);
    assert_eq!(passing(Filter { speaker: Some("Bob".into()), ..both }), [bob]);
}

/// Every question asks for both: reading all turns instead took longer than all the rest.
#[test]
fn what_is_no_message_is_read_from_its_index() {
    let memory = Memory::open_in_memory().unwrap();
    for sql in [super::turns::NO_EVIDENCE, super::turns::PRIMERS] {
        let explained = |connection: &Connection| -> Result<String, MemoryError> {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            Ok(connection.query_row(&explain, [], |row| row.get("detail"))?)
        };
        let plan = memory.read(explained).unwrap();
        assert!(plan.contains("turns_beside_messages"), "{sql}: {plan}");
    }
}

#[test]
fn pages_and_surroundings_follow_positions() {
    let memory = Memory::open_in_memory().unwrap();
    let texts: Vec<String> = (0..10).map(|n| format!("turn {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    import(&memory, &[conversation(Some("a"), &texts)]);
    let session = memory.sessions(&SessionQuery::default(), 0, 10).unwrap()[0].id;
    let page = memory.turns(session, 4, 3).unwrap();
    assert_eq!(page.iter().map(|t| t.position).collect::<Vec<_>>(), [4, 5, 6]);
    let beside = memory.neighbours(&page[..1]).unwrap();
    assert_eq!(beside.iter().map(|t| t.position).collect::<Vec<_>>(), [3, 5]);
    let newest = memory.newest_turns(session, 2).unwrap();
    assert_eq!(newest.iter().map(|t| t.position).collect::<Vec<_>>(), [9, 8]);
}

#[test]
fn importing_again_adds_only_what_is_new() {
    for id in [Some("a"), None] {
        let memory = Memory::open_in_memory().unwrap();
        let first = conversation(id, &["hello", "how are you", "fine"]);
        assert!(import(&memory, std::slice::from_ref(&first))[0].new_session);
        let again = import(&memory, std::slice::from_ref(&first));
        assert_eq!((again[0].new_session, appended(&again)), (false, 0));
        // The same conversation, grown.
        let longer = conversation(id, &["hello", "how are you", "fine", "good"]);
        let grown = import(&memory, std::slice::from_ref(&longer));
        assert_eq!((grown[0].new_session, appended(&grown)), (false, 1), "{id:?}");
        // An older export comes after the newer one.
        assert_eq!(appended(&import(&memory, &[first])), 0);
        assert_eq!(memory.counts().unwrap(), Counts { turns: 4, sessions: 1 });
        // One that only begins alike is another conversation.
        let other = conversation(id.map(|_| "b"), &["hello", "what is new", "nothing"]);
        assert!(import(&memory, &[other])[0].new_session);
    }
}

#[test]
fn the_same_conversation_twice_in_one_file_is_two_without_ids() {
    let memory = Memory::open_in_memory().unwrap();
    let file = [conversation(None, &["hi", "ho"]), conversation(None, &["hi", "ho"])];
    assert_eq!(appended(&import(&memory, &file)), 4);
    assert_eq!(appended(&import(&memory, &file)), 0);
    assert_eq!(memory.counts().unwrap().sessions, 2);
}

#[test]
fn repeated_ids_and_repeated_words_are_kept_apart() {
    let memory = Memory::open_in_memory().unwrap();
    let turn = |text: &str| said("Ann", text).with_source_id("m1");
    let file = [Conversation {
        source_id: Some("a".into()),
        turns: vec![turn("one"), turn("one"), turn("two")],
        ..Conversation::default()
    }];
    let became = [Became::Appended, Became::Known, Became::Appended];
    assert_eq!(import(&memory, &file)[0].became, became);
    // Without ids the same words said twice are two turns.
    let file = [conversation(Some("b"), &["again", "again"])];
    assert_eq!(appended(&import(&memory, &file)), 2);
    assert_eq!(appended(&import(&memory, &file)), 0);
}

#[test]
fn a_dry_run_counts_as_the_import_does_and_writes_nothing() {
    let memory = Memory::open_in_memory().unwrap();
    import(&memory, &[conversation(Some("a"), &["one"])]);
    let file = [
        conversation(Some("a"), &["one", "two"]),
        conversation(Some("c"), &["x"]),
        conversation(Some("c"), &["x", "y"]),
        conversation(None, &["p"]),
        conversation(None, &["p"]),
    ];
    let before = memory.counts().unwrap();
    let dry = memory.ingest(&mut run_of(true), &file, at(6)).unwrap();
    assert_eq!(memory.counts().unwrap(), before);
    let real = import(&memory, &file);
    assert_eq!(dry, real);
}

fn bytes_of(path: &std::path::Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn files_that_are_no_memory_are_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "this is not a database, but long enough to look at ".repeat(9)).unwrap();
    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let newer = folder.path().join("newer.db");
    drop(Memory::open(&newer).unwrap());
    let raise = rusqlite::Connection::open(&newer).unwrap();
    raise.pragma_update(None, "user_version", migrations::NEWEST + 1).unwrap();
    raise.pragma_update(None, "journal_mode", "DELETE").unwrap();
    drop(raise);
    let edited = folder.path().join("edited.db");
    drop(Memory::open(&edited).unwrap());
    let edit = rusqlite::Connection::open(&edited).unwrap();
    edit.execute_batch("UPDATE migrations SET sha256 = 'other'; PRAGMA journal_mode = DELETE")
        .unwrap();
    drop(edit);
    for (path, says) in [
        (&text, "not a database"),
        (&other, "another program"),
        (&newer, "newer recount"),
        (&edited, "unknown to this recount"),
    ] {
        let before = bytes_of(path);
        let error = Memory::open(path).map(drop).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        assert_eq!(error.lines().count(), 1);
        assert_eq!(bytes_of(path), before);
    }
}

#[test]
fn a_memory_opens_again_and_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/memory.db");
    let memory = Memory::open(&path).unwrap();
    let session = memory.begin_session("chat", None, at(1)).unwrap();
    memory.append(session, &said("Ann", "hello"), None, at(2)).unwrap();
    drop(memory);
    let memory = Memory::open(&path).unwrap();
    assert_eq!(memory.turns(SessionId(1), 0, 9).unwrap()[0].text, "hello");
    assert!(memory.bytes() > 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path) & 0o777, 0o600);
        assert_eq!(mode(path.parent().unwrap()) & 0o777, 0o700);
    }
}

#[test]
fn several_open_a_new_memory_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.db");
    let together = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (path, together) = (&path, &together);
            scope.spawn(move || {
                together.wait();
                let memory = Memory::open(path).unwrap();
                let session = memory.begin_session("chat", None, at(1)).unwrap();
                for n in 0..20 {
                    let turn = said("Ann", &format!("{writer} {n}"));
                    memory.append(session, &turn, None, at(n)).unwrap();
                }
            });
        }
    });
    assert_eq!(Memory::open(&path).unwrap().counts().unwrap(), Counts { turns: 80, sessions: 4 });
}

#[test]
fn a_memory_that_another_is_making_is_nobody_elses() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("memory.db");
        std::fs::write(&path, "").unwrap();
        let made = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| {
                let mut connection = rusqlite::Connection::open(&path).unwrap();
                waiting::be_patient(&mut connection).unwrap();
                while !made.load(std::sync::atomic::Ordering::Relaxed) {
                    let found = migrations::inspect(&connection).unwrap();
                    assert!(found == 0 || found == migrations::NEWEST, "{found}");
                }
            });
            let opened = Memory::open(&path);
            made.store(true, std::sync::atomic::Ordering::Relaxed);
            looking.join().unwrap();
            opened.unwrap();
        });
    }
}

#[test]
fn a_misspelt_term_is_like_the_nearest_known_one() {
    let memory = Memory::open_in_memory().unwrap();
    let session = memory.begin_session("chat", None, at(1)).unwrap();
    for text in ["password password", "passport", "boiler", "kettle", "gingerbread"] {
        memory.append(session, &said("Ann", text), None, at(1)).unwrap();
    }
    for (term, like) in [
        ("pasword", Some("password")),
        ("passwrod", Some("password")),
        ("biler", None),
        ("boilr", Some("boiler")),
        ("gingrbred", Some("gingerbread")),
        ("kettel", Some("kettle")),
        // The first two letters must be right, and short or foreign words are left alone.
        ("apssword", None),
        ("boi", None),
        ("pässword", None),
        ("\"%_", None),
    ] {
        let like = like.map(crate::language::stem);
        assert_eq!(memory.like_term(term).unwrap(), like, "{term}");
    }
}
