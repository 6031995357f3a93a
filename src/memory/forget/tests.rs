use super::*;
use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::evidence::Citation;
use crate::memory::{Ingest, SessionQuery};
use std::path::Path;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn said(speaker: &str, text: &str) -> NewTurn {
    NewTurn::message(Role::User, speaker, text)
}

fn talk(id: &str, title: Option<&str>, turns: &[(&str, &str)]) -> Conversation {
    Conversation {
        source_id: Some(id.into()),
        title: title.map(str::to_owned),
        turns: turns
            .iter()
            .enumerate()
            .map(|(n, (who, text))| said(who, text).at(Some(at(n as i64 * 1_000))))
            .collect(),
        ..Conversation::default()
    }
}

fn import(memory: &Memory, conversations: &[Conversation]) {
    let mut run = Ingest::new(false);
    run.begin_input("file");
    run.begin_format("test");
    memory.ingest(&mut run, conversations, at(5)).unwrap();
}

fn answer(memory: &Memory, session: SessionId, text: &str, cited: TurnId) -> TurnId {
    let citation = Citation {
        number: 1,
        turn: cited,
        source_id: None,
        session,
        speaker: "Ann".into(),
        said_at: None,
        quote: text.into(),
    };
    let reply = NewTurn::message(Role::Assistant, "recount", text).of_kind(Kind::Answer);
    memory.append_answer(session, &reply, None, &[citation], at(9)).unwrap().turn
}

fn ids(turns: &[TurnId]) -> Vec<i64> {
    turns.iter().map(|turn| turn.0).collect()
}

#[test]
fn a_filter_means_what_it_says() {
    let memory = Memory::open_in_memory().unwrap();
    import(
        &memory,
        &[
            talk("a", None, &[("Ann", "My CAFÉ is open"), ("Bob", "Fine")]),
            talk("b", None, &[("ann", "Rain")]),
        ],
    );
    let chat = memory.begin_session("chat", None, at(1)).unwrap();
    let note = memory.append(chat, &said("Bob", "A café note"), None, at(9)).unwrap().turn;
    let open = ForgetFilter::default;
    for (filter, expected) in [
        (open(), vec![]),
        (ForgetFilter { turns: Some(vec![TurnId(2), TurnId(77)]), ..open() }, vec![2]),
        (ForgetFilter { turns: Some(vec![]), ..open() }, vec![]),
        (ForgetFilter { sessions: Some(vec![SessionId(1)]), ..open() }, vec![1, 2]),
        (ForgetFilter { source: Some("chat".into()), ..open() }, vec![note.0]),
        (ForgetFilter { speaker: Some("ANN".into()), ..open() }, vec![1, 3]),
        (ForgetFilter { import: Some(ImportId(1)), ..open() }, vec![1, 2, 3]),
        (ForgetFilter { text: Some("Café".into()), ..open() }, vec![1, note.0]),
        (ForgetFilter { since: Some(at(1_000)), ..open() }, vec![2]),
        (ForgetFilter { until: Some(at(1_000)), ..open() }, vec![1, 3]),
        (
            ForgetFilter { text: Some("café".into()), speaker: Some("Bob".into()), ..open() },
            vec![note.0],
        ),
    ] {
        assert_eq!(ids(&memory.choose(&filter).unwrap().turns), expected, "{filter:?}");
    }
    assert!(memory.forget(&Chosen::default(), at(9)).unwrap() == Forgotten::default());
    assert_eq!(memory.counts().unwrap().turns, 4);
}

#[test]
fn answers_go_along_and_sessions_end_with_their_last_turn() {
    let memory = Memory::open_in_memory().unwrap();
    import(&memory, &[talk("a", Some("T"), &[("Ann", "The code is 7"), ("Bob", "Ok")])]);
    let chat = memory.begin_session("chat", None, at(1)).unwrap();
    memory.append(chat, &said("user", "The code?").of_kind(Kind::Question), None, at(9)).unwrap();
    let first = answer(&memory, chat, "7", TurnId(1));
    let second = answer(&memory, chat, "Seven", first);
    let filter = ForgetFilter { turns: Some(vec![TurnId(1)]), ..ForgetFilter::default() };
    let chosen = memory.choose(&filter).unwrap();
    assert_eq!((ids(&chosen.turns), ids(&chosen.answers)), (vec![1], vec![first.0, second.0]));
    assert_eq!((chosen.sessions, chosen.whole_sessions), (2, 0));
    let forgotten = memory.forget(&chosen, at(9)).unwrap();
    assert_eq!((forgotten.removed.messages, forgotten.removed.answers), (3, 2));
    assert_eq!(memory.counts().unwrap().turns, 2);
    // The question says nothing of the answer; forgotten, nothing is left of its session.
    let filter = ForgetFilter { sessions: Some(vec![chat]), ..ForgetFilter::default() };
    let chosen = memory.choose(&filter).unwrap();
    assert_eq!((chosen.sessions, chosen.whole_sessions), (1, 1));
    assert_eq!(memory.forget(&chosen, at(9)).unwrap().removed.sessions, 1);
    assert!(memory.session(chat).unwrap().is_none());
}

#[test]
fn titles_that_tell_of_it_go_too() {
    let memory = Memory::open_in_memory().unwrap();
    import(
        &memory,
        &[
            talk(
                "a",
                Some("my pin is 4711…"),
                &[("Ann", "Note: My PIN is 4711, ok?"), ("Bob", "x")],
            ),
            talk("b", Some("Weather"), &[("Ann", "My pin is 4711 still"), ("Bob", "Weather")]),
            talk("c", Some("About 4711"), &[("Ann", "Nothing")]),
        ],
    );
    memory.rename_session(SessionId(3), Some("The 4711 thing")).unwrap();
    memory.tag_session(SessionId(3), &["4711".into(), "kept".into()], &[]).unwrap();
    let chosen = memory
        .choose(&ForgetFilter { turns: Some(vec![TurnId(1)]), ..ForgetFilter::default() })
        .unwrap();
    assert_eq!(memory.forget(&chosen, at(9)).unwrap().titles, 1);
    let session = |id| memory.session(SessionId(id)).unwrap().unwrap();
    assert_eq!((session(1).title, session(1).display_title()), (None, "x".into()));
    assert_eq!(session(3).title.as_deref(), Some("About 4711"));
    let text = ForgetFilter { text: Some("4711".into()), ..ForgetFilter::default() };
    let chosen = memory.choose(&text).unwrap();
    assert_eq!(ids(&chosen.turns), [3]);
    assert_eq!(memory.forget(&chosen, at(9)).unwrap().titles, 3);
    assert_eq!(session(2).title.as_deref(), Some("Weather"));
    assert_eq!((session(3).title, session(3).name), (None, None));
    assert_eq!(session(3).tags, ["kept"]);
}

/// Words that stand nowhere else. Pieces of them are looked for: an index keeps only what a term
/// has beside the one before it.
const SECRET: &str = "qzvorplatch wuxembrodal kjyntesquiv";
const PIECES: [&str; 3] = ["rplatch", "mbrodal", "tesquiv"];

/// Which pieces stand anywhere in the files of a memory.
fn traces(memory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(memory.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
        for piece in PIECES {
            let times = bytes.windows(piece.len()).filter(|w| *w == piece.as_bytes()).count();
            if times > 0 {
                let name = path.file_name().unwrap().to_string_lossy();
                found.push(format!("{piece} in {name}, {times} times"));
            }
        }
    }
    found
}

/// A memory with the secret in texts, in a speaker's name, a title, a name, a tag, an answer and
/// its quote, among much else, some of it rewritten, so that pages are split and used again.
fn with_secret(path: &Path) -> Memory {
    let memory = Memory::open(path).unwrap();
    for round in 0..6 {
        let noise: Vec<Conversation> = (0..40)
            .map(|n| {
                let texts: Vec<String> = (0..12)
                    .map(|turn| format!("turn {turn} of {n} in {round}: ") + &"much ado ".repeat(n))
                    .collect();
                let turns: Vec<(&str, &str)> = texts.iter().map(|t| ("Ann", t.as_str())).collect();
                talk(&format!("noise {round} {n}"), Some("About this and that"), &turns)
            })
            .collect();
        import(&memory, &noise);
        let long = format!("{}{SECRET} {}", "before ".repeat(900), "after ".repeat(900));
        let secret = talk(
            &format!("secret {round}"),
            Some(&format!("{SECRET} in a title")),
            &[("Ann", &format!("I say {SECRET}.")), ("kjyntesquiv", "hm"), ("Bob", &long)],
        );
        import(&memory, &[secret, talk(&format!("other {round}"), None, &[("Bob", "fine")])]);
        let last = memory.sessions(&SessionQuery::titled(SECRET), 0, 1).unwrap()[0].id;
        memory.rename_session(last, Some(&format!("Name {SECRET}"))).unwrap();
        memory.tag_session(last, &[SECRET.into()], &[]).unwrap();
        let fact = memory.turns(last, 0, 1).unwrap()[0].id;
        let chat = memory.begin_session("chat", None, at(round)).unwrap();
        memory.append(chat, &said("user", "What?").of_kind(Kind::Question), None, at(9)).unwrap();
        answer(&memory, chat, SECRET, fact);
        let other = memory.sessions(&SessionQuery::titled(format!("other {round}")), 0, 1).unwrap();
        memory.merge_sessions(last, &[other[0].id], at(9)).unwrap();
    }
    memory
}

#[test]
fn what_was_forgotten_stands_nowhere_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.db");
    let memory = with_secret(&path);
    assert_eq!(
        PIECES.iter().filter(|p| traces(&path).iter().any(|t| t.starts_with(**p))).count(),
        3
    );
    let by = |filter: ForgetFilter| {
        let chosen = memory.choose(&filter).unwrap();
        assert!(!chosen.is_empty());
        memory.forget(&chosen, at(99)).unwrap();
    };
    by(ForgetFilter { text: Some("qzvorplatch".into()), ..ForgetFilter::default() });
    by(ForgetFilter { speaker: Some("kjyntesquiv".into()), ..ForgetFilter::default() });
    assert!(memory.clean().unwrap());
    assert_eq!(traces(&path), Vec::<String>::new());
    drop(memory);
    assert_eq!(traces(&path), Vec::<String>::new());
    let memory = Memory::open(&path).unwrap();
    memory
        .read(|connection| {
            let sound: String =
                connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
            assert_eq!(sound, "ok");
            Ok(())
        })
        .unwrap();
    assert!(memory.word_matches(&["ado".into()], false, 5).unwrap().len() == 5);
}

/// What an edited message said before is kept, so that the edit can be undone: it is found, and goes
/// without a trace, with the message. Neither the file from before the edit nor one of after it brings
/// it back.
#[test]
fn what_was_said_before_an_edit_goes_too() {
    for id in [Some("m"), None] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("memory.db");
        let memory = Memory::open(&path).unwrap();
        let file = |who: &str, text: &str| {
            // The title tells it too, and comes to tell it no more.
            let mut file = talk("a", Some(text), &[("Bob", "one"), (who, text), ("Bob", "three")]);
            file.turns[1].source_id = id.map(str::to_owned);
            [file]
        };
        let (before, after) = (file("kjyntesquiv", SECRET), file("kjyntesquiv", "never mind"));
        import(&memory, &before);
        import(&memory, &after);
        let fact = TurnId(2);
        assert_eq!(memory.turn(fact).unwrap().unwrap().text, "never mind");
        let chat = memory.begin_session("chat", None, at(1)).unwrap();
        answer(&memory, chat, SECRET, fact);
        for filter in [
            ForgetFilter { text: Some("WUXEMBRODAL".into()), ..ForgetFilter::default() },
            ForgetFilter { speaker: Some("KJYNTESQUIV".into()), ..ForgetFilter::default() },
        ] {
            let chosen = memory.choose(&filter).unwrap();
            assert!(chosen.turns.contains(&fact), "{filter:?}");
        }
        let text = ForgetFilter { text: Some(SECRET.into()), ..ForgetFilter::default() };
        memory.forget(&memory.choose(&text).unwrap(), at(9)).unwrap();
        assert!(memory.clean().unwrap());
        import(&memory, &before);
        import(&memory, &after);
        assert!(memory.clean().unwrap());
        assert_eq!(traces(&path), Vec::<String>::new(), "{id:?}");
        assert_eq!(memory.counts().unwrap().turns, 2);
    }
}

/// The search above sees what a plain deletion leaves behind.
#[test]
fn a_plain_deletion_leaves_traces() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.db");
    let memory = with_secret(&path);
    memory.checkpoint().unwrap();
    drop(memory);
    let plain = Connection::open(&path).unwrap();
    plain.pragma_update(None, "secure_delete", false).unwrap();
    plain.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM sessions; DELETE FROM speakers; DELETE FROM session_tags").unwrap();
    drop(plain);
    let left = traces(&path);
    assert!(left.len() >= 3, "{left:?}");
}

#[test]
fn another_reader_keeps_the_log_and_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.db");
    let memory = Memory::open(&path).unwrap();
    import(&memory, &[talk("a", None, &[("Ann", SECRET)])]);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN; SELECT count(*) FROM turns").unwrap();
    let _: i64 = other.query_row("SELECT count(*) FROM turns", [], |row| row.get(0)).unwrap();
    let text = ForgetFilter { text: Some(SECRET.into()), ..ForgetFilter::default() };
    memory.forget(&memory.choose(&text).unwrap(), at(9)).unwrap();
    assert!(!memory.clean().unwrap());
    drop(other);
    assert!(memory.clean().unwrap());
    assert_eq!(traces(&path), Vec::<String>::new());
}
