use super::*;
use crate::conversation::{FixedClock, Timestamp};
use crate::decoder::Extractive;
use crate::encoder::{Encoder, EncoderError, HashingEncoder};
use crate::evidence::Filter;
use std::path::Path;

fn setup(memory: Memory, start: meaning::StartEncoder) -> Assistant {
    let now = Timestamp::parse("2024-06-10T12:00:00Z").unwrap();
    Assistant::new(Setup {
        memory,
        encoder: EncoderSetup { name: "hashing", dim: 384, start },
        reader: None,
        decoder: Box::new(Extractive),
        clock: Arc::new(FixedClock(now)),
    })
}

fn hashing() -> meaning::StartEncoder {
    Box::new(|| Ok(Arc::new(HashingEncoder::default()) as Arc<dyn Encoder>))
}

/// An assistant on a memory in a file.
pub(super) fn assistant_on(memory: &Path) -> Assistant {
    setup(Memory::open(memory).unwrap(), hashing())
}

pub(super) fn assistant() -> Assistant {
    let assistant = setup(Memory::open_in_memory().unwrap(), hashing());
    assistant.wait_for_encoder();
    assistant
}

fn say(assistant: &Assistant, session: Option<SessionId>, text: &str) -> Reply {
    assistant.say(session, text, None, &Cancel::new(), &mut |_| ()).unwrap()
}

fn answered(reply: Reply) -> Answer {
    match reply.outcome {
        Outcome::Answered { answer, .. } => answer,
        Outcome::Noted => panic!("it was taken for a statement"),
    }
}

#[test]
fn statements_are_noted_and_questions_answered_from_them() {
    let assistant = assistant();
    let told = say(&assistant, None, "I adopted a greyhound named Pepper yesterday.");
    assert_eq!(told.outcome, Outcome::Noted);
    let session = Some(told.session);
    let reply = say(&assistant, session, "When did I adopt the greyhound?");
    let asked = reply.turn;
    let answer = answered(reply);
    assert_eq!(answer.text, "9 June 2024");
    assert_eq!(answer.citations[0].turn, told.turn);
    assert!(answer.citations.iter().all(|citation| citation.turn < asked));
    // Question and answer are remembered, the answer with its citations.
    let turns = assistant.turns(told.session, 0, 10).unwrap();
    let kinds: Vec<Kind> = turns.iter().map(|turn| turn.kind).collect();
    assert_eq!(kinds, [Kind::Message, Kind::Question, Kind::Answer]);
    assert_eq!(assistant.citations(turns[2].id).unwrap(), answer.citations);
}

#[test]
fn a_follow_up_is_understood_by_the_window() {
    let assistant = assistant();
    let told = say(&assistant, None, "We moved the piano to the attic on 3 May 2024.");
    say(&assistant, Some(told.session), "The dentist is on Tuesday, do not be late.");
    say(&assistant, Some(told.session), "Where did we move the piano?");
    let answer = answered(say(&assistant, Some(told.session), "And when was that?"));
    assert_eq!(answer.text, "3 May 2024", "{answer:?}");
}

#[test]
fn the_same_question_has_the_same_answer() {
    let assistant = assistant();
    for n in 0..30 {
        say(&assistant, None, &format!("The parcel number {n} went to Lisbon."));
    }
    let ask = || {
        let query = Query::new("Where did the parcel number 7 go?");
        let mut answer = assistant.ask(&query, &Cancel::new(), &mut |_| ()).unwrap();
        answer.elapsed_ms = 0;
        answer
    };
    assert_eq!(ask(), ask());
}

#[test]
fn asking_writes_nothing_and_an_empty_memory_knows_nothing() {
    let assistant = assistant();
    let answer = assistant.ask(&Query::new("Who am I?"), &Cancel::new(), &mut |_| ()).unwrap();
    assert!(answer.abstained && answer.citations.is_empty() && answer.reason.is_some());
    assert_eq!(assistant.status().unwrap().turns, 0);
}

#[test]
fn a_primer_is_weighed_in_whatever_is_asked() {
    let assistant = assistant();
    let primer = assistant.prime("I am Ada, a beekeeper in Graz.").unwrap();
    assert_eq!(assistant.prime("I am Ada, a beekeeper in Graz.").unwrap(), primer);
    for n in 0..40 {
        assistant
            .remember(&format!("My profession talk {n} was long and about professions."))
            .unwrap();
    }
    let mut hits = assistant.search(&Query::new("profession"), 5).unwrap();
    assistant.weigh_in_primers(&mut hits).unwrap();
    assert!(hits.iter().any(|hit| hit.turn.id == primer));
}

#[test]
fn a_cancelled_question_stays_and_its_answer_does_not_come() {
    let assistant = assistant();
    let cancel = Cancel::new();
    cancel.cancel();
    let mut stored = None;
    let ended = assistant.say(None, "Where is Pepper?", None, &cancel, &mut |part| {
        if let Part::Stored { session, .. } = part {
            stored = Some(session);
        }
    });
    assert!(matches!(ended, Err(AssistantError::Cancelled)));
    let turns = assistant.turns(stored.unwrap(), 0, 10).unwrap();
    assert_eq!(turns.iter().map(|turn| turn.kind).collect::<Vec<_>>(), [Kind::Question]);
}

#[test]
fn without_an_encoder_words_alone_answer() {
    let why = || EncoderError::Model("it is a test".into());
    let assistant = setup(Memory::open_in_memory().unwrap(), Box::new(move || Err(why())));
    let told = say(&assistant, None, "Pepper the greyhound sleeps in the kitchen.");
    assert!(matches!(assistant.wait_for_encoder(), EncoderStatus::Unavailable { .. }));
    let hits = assistant.search(&Query::new("greyhound"), 3).unwrap();
    assert_eq!(hits[0].turn.id, told.turn);
    assert_eq!(assistant.status().unwrap().pending, 1);
    assert_eq!(assistant.encode_pending(&Cancel::new(), &mut |_, _| ()).unwrap(), 1);
}

#[test]
fn pending_embeddings_are_made_and_found_by_meaning() {
    let assistant = assistant();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("talk.md");
    std::fs::write(
        &file,
        "Ann: The heron stood in the pond.\n\nBob: The heron stood in the pond.\n\nAnn: Lovely.\n",
    )
    .unwrap();
    let import = |path: &Path| {
        assistant
            .import(&[path.to_owned()], &ImportOptions::default(), &Cancel::new(), &mut |_| ())
            .unwrap()
    };
    let report = import(&file);
    assert_eq!((report.messages.new, report.conversations.new), (3, 1));
    // Words are found before any embedding is made.
    assert_eq!(assistant.search_words(&Query::new("heron"), 5).unwrap().len(), 2);
    let mut told = Vec::new();
    let left = assistant.encode_pending(&Cancel::new(), &mut |done, left| told.push((done, left)));
    assert_eq!((left.unwrap(), told), (0, vec![(3, 0)]));
    let hits = assistant.search(&Query::new("heron"), 5).unwrap();
    assert!(hits[0].signals.cosine > 0.3);
    // Again: nothing new.
    let report = import(&file);
    assert_eq!((report.messages.new, report.messages.duplicate), (0, 3));
    assert_eq!(report.conversations.unchanged, 1);
}

#[test]
fn what_is_undone_is_found_no_more_by_any_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.db");
    let open = || setup(Memory::open(&path).unwrap(), hashing());
    let (one, other) = (open(), open());
    let file = folder.path().join("talk.md");
    std::fs::write(&file, "User: The heron stood in the pond.\n\nAssistant: Lovely.\n").unwrap();
    let import = |assistant: &Assistant| {
        let options = ImportOptions::default();
        let paths = [file.clone()];
        let report = assistant.import(&paths, &options, &Cancel::new(), &mut |_| ()).unwrap();
        assistant.encode_pending(&Cancel::new(), &mut |_, _| ()).unwrap();
        report.import.unwrap()
    };
    let found = |assistant: &Assistant| {
        let hits = assistant.search(&Query::new("heron"), 5).unwrap();
        let held = assistant.meaning.with(|meaning| Ok(meaning.unwrap().index.len())).unwrap();
        (hits.len(), held)
    };
    let first = import(&one);
    assert_eq!((found(&one), found(&other)), ((2, 2), (2, 2)));
    assert_eq!(one.imports().unwrap()[0].messages, 2);
    let removed = one.undo_import(first, &Cancel::new(), &mut |_, _| {}).unwrap();
    assert_eq!((removed.messages, removed.sessions), (2, 1));
    assert_eq!((found(&one), found(&other)), ((0, 0), (0, 0)));
    assert!(matches!(
        other.undo_import(first, &Cancel::new(), &mut |_, _| {}),
        Err(AssistantError::NoImport { .. })
    ));
    // Brought back by the other one: nothing of the first time stands in the way.
    assert!(import(&other) > first);
    assert_eq!((found(&one), found(&other)), ((2, 2), (2, 2)));
}

#[test]
fn several_inputs_go_on_past_a_bad_one() {
    let assistant = assistant();
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.md");
    std::fs::write(&good, "User: hello there\n\nAssistant: good day\n").unwrap();
    let bad = folder.path().join("bad.md");
    let options = ImportOptions::default();
    let report =
        assistant.import(&[bad.clone(), good], &options, &Cancel::new(), &mut |_| ()).unwrap();
    assert_eq!((report.files.len(), report.messages.new, report.warnings.len()), (1, 2, 1));
    assert!(assistant.import(&[bad], &options, &Cancel::new(), &mut |_| ()).is_err());
}

/// What an export tells of a memory, without the ids that each memory gives anew: turns are named by
/// their source and key.
fn told_by_export(assistant: &Assistant, path: &Path) -> serde_json::Value {
    let mut bytes = Vec::new();
    let mut exporter = export::Format::Json.exporter(export::Shown::default());
    let cancel = Cancel::new();
    assistant
        .export(&Selection::default(), exporter.as_mut(), &mut bytes, &cancel, &mut |_| ())
        .unwrap();
    std::fs::write(path, &bytes).unwrap();
    let mut told: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let mut names = std::collections::HashMap::new();
    for session in told["sessions"].as_array().unwrap() {
        for turn in session["turns"].as_array().unwrap() {
            let name = format!("{} {}", session["source"], turn["key"]);
            names.insert(turn["turn"].as_i64().unwrap(), name);
        }
    }
    let name = |id: &mut serde_json::Value| {
        if let Some(number) = id.as_i64() {
            *id = names[&number].clone().into();
        }
    };
    for session in told["sessions"].as_array_mut().unwrap() {
        session["session"].take();
        name(&mut session["forked_from"]);
        for turn in session["turns"].as_array_mut().unwrap() {
            name(&mut turn["turn"]);
            turn["citations"].as_array_mut().unwrap().iter_mut().for_each(|c| name(&mut c["turn"]));
        }
    }
    told
}

#[test]
fn what_is_exported_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let one = assistant();
    let told = say(&one, None, "I adopted a greyhound named Pepper yesterday.");
    say(&one, Some(told.session), "When did I adopt the greyhound?");
    one.remember("The spare key hangs behind the clock.").unwrap();
    one.prime("I am Ada, a beekeeper in Graz.").unwrap();
    let talk = folder.path().join("talk.md");
    std::fs::write(&talk, "User: The heron stood in the pond.\n\nAssistant: Lovely.\n").unwrap();
    let chats = folder.path().join("chats.json");
    std::fs::write(
        &chats,
        r#"[{"id": "a", "messages": [{"role": "user", "content": "one"}, {"role": "tool", "content": "x"}]},
            {"id": "b", "messages": [{"role": "user", "content": "two"}, {"role": "assistant", "content": "2"}]}]"#,
    )
    .unwrap();
    let import = |assistant: &Assistant, path: &Path, dry_run| {
        let options = ImportOptions { dry_run, ..ImportOptions::default() };
        assistant.import(&[path.to_owned()], &options, &Cancel::new(), &mut |_| ()).unwrap()
    };
    import(&one, &talk, false);
    import(&one, &chats, false);
    let sessions = one.memory.sessions(&SessionQuery::default(), 0, 9).unwrap();
    let by = |source_id: &str| {
        sessions.iter().find(|s| s.source_id.as_deref() == Some(source_id)).unwrap().id
    };
    one.memory.merge_sessions(by("a"), &[by("b")], one.clock.now()).unwrap();
    one.memory.rename_session(by("a"), Some("Numbers")).unwrap();
    one.memory.tag_session(told.session, &["dogs".into()], &[]).unwrap();
    one.memory.pin_session(told.session, true).unwrap();
    one.memory.set_read_position(told.session, Some(1)).unwrap();
    let fork = one.memory.begin_fork("chat", told.turn, one.clock.now()).unwrap();
    say(&one, Some(fork), "I adopted a whippet named Pepper.");

    let path = folder.path().join("memory.json");
    let exported = told_by_export(&one, &path);
    let other = assistant();
    let mut dry = import(&other, &path, true);
    let mut real = import(&other, &path, false);
    assert_eq!(real.format, "recount");
    real.import = None;
    (dry.elapsed_ms, real.elapsed_ms) = (0, 0);
    assert_eq!(dry, real);
    let back = folder.path().join("back.json");
    assert_eq!(told_by_export(&other, &back), exported);
    // Again, in either memory, nothing is new; and what it came from is known.
    for assistant in [&one, &other] {
        for path in [&path, &back, &talk, &chats] {
            let again = import(assistant, path, false);
            assert_eq!((again.messages.new, again.conversations.new), (0, 0), "{}", path.display());
            assert!(again.messages.edited == 0 && again.import.is_none());
        }
    }
    // Taken back as a whole.
    let id = other.imports().unwrap().last().unwrap().id;
    other.undo_import(id, &Cancel::new(), &mut |_, _| {}).unwrap();
    assert_eq!(other.status().unwrap().turns, 0);
}

#[test]
fn a_deletion_waits_hides_and_can_be_taken_back() {
    let assistant = assistant();
    let told = say(&assistant, None, "The wheelbarrow stands behind the shed.");
    let listed =
        |assistant: &Assistant| assistant.sessions(&SessionQuery::default(), 0, 9).unwrap().len();
    let found = |assistant: &Assistant, filter: Filter| {
        let query = Query { filter, ..Query::new("wheelbarrow") };
        assistant.search_words(&query, 9).unwrap().len()
    };
    let narrow = || Filter { speaker: Some(USER.into()), ..Filter::default() };
    assert_eq!((listed(&assistant), found(&assistant, Filter::default())), (1, 1));
    assistant.wish_deleted(told.session).unwrap();
    assert_eq!((listed(&assistant), found(&assistant, Filter::default())), (0, 0));
    assert_eq!(found(&assistant, narrow()), 0);
    assert_eq!(assistant.status().unwrap().sessions, 0);
    assert_eq!(assistant.waiting_deletions().unwrap()[0].id, told.session);
    assistant.take_deletion_back(told.session).unwrap();
    assert_eq!((listed(&assistant), found(&assistant, narrow())), (1, 1));
    assert_eq!(assistant.carry_out_deletions().unwrap(), 0);
    assistant.wish_deleted(told.session).unwrap();
    assert_eq!(assistant.carry_out_deletions().unwrap(), 1);
    assert!(assistant.session(told.session).unwrap().is_none());
    assert!(assistant.take_deletion_back(told.session).is_err());
}

#[test]
fn the_demo_answers_its_questions_and_leaves_nothing_behind() {
    let assistant = assistant();
    assistant.load_demo().unwrap();
    assistant.load_demo().unwrap();
    let turns = assistant.status().unwrap().turns;
    assistant.encode_pending(&Cancel::new(), &mut |_, _| ()).unwrap();
    // Who it was is the model's work; the place is found without one.
    let answers = [None, Some("hazelnuts"), Some("the week before 5 March 2025")];
    let places = ["I broke it", "hazelnuts", ""];
    for ((question, expected), text) in DEMO_QUESTIONS.iter().zip(places).zip(answers) {
        let answer = assistant.ask(&Query::new(*question), &Cancel::new(), &mut |_| ()).unwrap();
        assert!(!answer.abstained, "{question}");
        assert!(text.is_none_or(|text| answer.text.contains(text)), "{question}: {answer:?}");
        assert!(
            answer.citations.iter().any(|one| one.quote.contains(expected)),
            "{question}: {answer:?}"
        );
    }
    assert_eq!(assistant.remove_demo().unwrap().messages, turns);
    assert_eq!(assistant.status().unwrap().sessions, 0);
    assert_eq!(assistant.remove_demo().unwrap(), Removed::default());
}

#[test]
fn what_was_asked_is_found_after_what_was_said() {
    let assistant = assistant();
    let told = say(&assistant, None, "I adopted a greyhound named Pepper yesterday.");
    for _ in 0..3 {
        say(&assistant, Some(told.session), "When did I adopt the greyhound?");
    }
    say(&assistant, None, "Between two boats and a crane my cousin saw a greyhound.");
    let kinds = |query: &Query| -> Vec<(Kind, Kind)> {
        let kinds = |hits: Vec<Hit>| hits.into_iter().map(|hit| hit.turn.kind).collect::<Vec<_>>();
        let words = kinds(assistant.search_words(query, 9).unwrap());
        words.into_iter().zip(kinds(assistant.search(query, 9).unwrap())).collect()
    };
    let found = kinds(&Query::new("adopt greyhound"));
    let said = (Kind::Message, Kind::Message);
    assert!(found.len() >= 5 && found[..2] == [said, said] && !found[2..].contains(&said));
    let folded = Filter { folded: true, ..Filter::default() };
    assert_eq!(
        kinds(&Query { filter: folded, ..Query::new("adopt greyhound") })[..2],
        [said, said]
    );
    // Wanted among the rest, they stand where retrieval puts them.
    let mut query = Query { questions: true, ..Query::new("adopt greyhound") };
    query.filter.speaker = Some(USER.to_owned());
    let mixed = assistant.search(&query, 9).unwrap();
    let scores: Vec<f32> = mixed.iter().map(|hit| hit.score).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    // Enough of what was said: nothing else is looked for.
    let two = assistant.search(&Query::new("greyhound"), 2).unwrap();
    assert!(two.iter().all(|hit| hit.turn.kind == Kind::Message));
}

#[test]
fn an_undo_that_was_cancelled_before_it_began_removes_nothing() {
    let assistant = assistant();
    let folder = tempfile::tempdir().unwrap();
    let talk = folder.path().join("talk.md");
    std::fs::write(&talk, "User: hello there\n\nAssistant: good day\n").unwrap();
    let options = ImportOptions::default();
    let report = assistant.import(&[talk], &options, &Cancel::new(), &mut |_| ()).unwrap();
    let cancel = Cancel::new();
    cancel.cancel();
    let undone = assistant.undo_import(report.import.unwrap(), &cancel, &mut |_, _| {});
    assert!(matches!(undone, Err(AssistantError::Cancelled)));
    assert_eq!(assistant.status().unwrap().turns, 2);
}

#[test]
fn questions_are_forgotten_by_meaning_too() {
    let assistant = assistant();
    say(&assistant, None, "When did I adopt the greyhound?");
    // More of what was said than a search looks at.
    for number in 0..1_010 {
        assistant.remember(&format!("The greyhound ran lap {number}.")).unwrap();
    }
    assistant.encode_pending(&Cancel::new(), &mut |_, _| ()).unwrap();
    let meaning = Likeness { text: "When did I adopt the greyhound?".into(), at_least: 0.3 };
    let chosen = assistant.choose(&ForgetFilter::default(), Some(&meaning)).unwrap();
    assert!(chosen.turns.contains(&TurnId(1)), "the question is not among them");
}

#[test]
fn deleting_a_session_leaves_the_drafts_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let assistant = assistant_on(&folder.path().join("memory.db"));
    let told = say(&assistant, None, "I adopted a greyhound named Pepper yesterday.");
    let draft = Draft { session: None, text: "half a thought".into() };
    assistant.keep_drafts(std::slice::from_ref(&draft)).unwrap();
    assistant.wish_deleted(told.session).unwrap();
    assert_eq!(assistant.carry_out_deletions().unwrap(), 1);
    drop(assistant);
    let again = assistant_on(&folder.path().join("memory.db"));
    assert_eq!(again.take_drafts().unwrap(), [draft]);
}
