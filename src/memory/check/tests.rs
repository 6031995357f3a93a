#![allow(clippy::unwrap_used, reason = "a test fails where something is missing")]

use super::*;
use crate::conversation::{
    DIRECTIONS, Embedding, Encoded, Kind, NewTurn, Role, SessionId, Timestamp, Tokens, TurnId,
};
use std::path::Path;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn encoded(x: f32) -> Encoded {
    let mut tokens = Tokens::default();
    tokens.push(&[x; DIRECTIONS], 1.0);
    Encoded { embedding: Embedding::normalised(vec![1.0, x, 0.0]), tokens }
}

/// Three turns: with an embedding, without, folded away.
fn memory(path: &Path) -> Memory {
    let memory = Memory::open(path).unwrap();
    let session = memory.begin_session("chat", Some("T"), at(1)).unwrap();
    let turn = |text: &str| NewTurn::message(Role::User, "Ann", text).at(Some(at(7)));
    let made = encoded(0.5);
    memory.append(session, &turn("Röda stugor står i 東京"), Some(("e", &made)), at(2)).unwrap();
    memory.append(session, &turn("tomatoes"), None, at(3)).unwrap();
    memory.append(session, &turn("hm").of_kind(Kind::Reasoning), None, at(4)).unwrap();
    memory
}

/// What is wrong after a change of the file, by part.
fn damaged(sql: &str) -> (Memory, tempfile::TempDir, Vec<Finding>) {
    let folder = tempfile::tempdir().unwrap();
    let memory = memory(&folder.path().join("memory.db"));
    assert_eq!(memory.check(false).unwrap().findings, [], "{sql}");
    let writer = lock(&memory.writer);
    writer.pragma_update(None, "foreign_keys", false).unwrap();
    writer.execute_batch(sql).unwrap();
    writer.pragma_update(None, "foreign_keys", true).unwrap();
    drop(writer);
    let findings = memory.check(false).unwrap().findings;
    (memory, folder, findings)
}

#[test]
fn each_damage_is_found_and_what_is_derived_is_repaired() {
    for (sql, part) in [
        ("UPDATE sessions SET turn_count = 7", Part::Sessions),
        ("UPDATE sessions SET first_said_at_ms = 1", Part::Sessions),
        ("DELETE FROM words_docsize WHERE id = 2", Part::Words),
        ("INSERT INTO words (rowid, speaker, text) VALUES (99, 'a', 'b')", Part::Words),
        ("INSERT INTO folded_words (rowid, speaker, text) VALUES (99, 'a', 'b')", Part::Words),
        ("DELETE FROM words_data WHERE id > 10", Part::Words),
        ("DELETE FROM pending_embeddings", Part::Embeddings),
        ("INSERT INTO pending_embeddings (turn_id) VALUES (1)", Part::Embeddings),
        ("DELETE FROM embeddings", Part::Embeddings),
        ("UPDATE embeddings SET vector = x'0000'", Part::Embeddings),
        ("UPDATE embeddings SET vector = x'ffffffffffff'", Part::Embeddings),
        ("UPDATE embeddings SET tokens = x'00'", Part::Embeddings),
        (
            "INSERT INTO encoders (id, name, dim) VALUES (9, 'f', 3);
             INSERT INTO embeddings (turn_id, encoder_id, vector, tokens)
                SELECT 2, 9, vector, tokens FROM embeddings;
             DELETE FROM pending_embeddings",
            Part::Embeddings,
        ),
    ] {
        let (memory, _folder, findings) = damaged(sql);
        assert!(findings.iter().any(|finding| finding.part == part), "{sql}: {findings:?}");
        assert!(part.can_be_repaired());
        memory.repair(part).unwrap();
        assert_eq!(memory.check(false).unwrap().findings, [], "{sql}");
        // The text can be found again, and no text was lost.
        assert_eq!(memory.counts().unwrap().turns, 2, "{sql}");
        let found = memory.word_matches(&["stugor".into()], false, 5).unwrap();
        assert_eq!(found.iter().map(|hit| hit.turn).collect::<Vec<_>>(), [TurnId(1)], "{sql}");
    }
}

#[test]
fn what_people_said_is_not_repaired() {
    let (memory, _folder, findings) = damaged("UPDATE turns SET session_id = 99 WHERE id = 1");
    let parts: Vec<Part> = findings.iter().map(|finding| finding.part).collect();
    assert!(parts.contains(&Part::References), "{findings:?}");
    for part in Part::ALL {
        memory.repair(part).unwrap();
    }
    let left = memory.check(false).unwrap().findings;
    assert_eq!(left.iter().map(|finding| finding.part).collect::<Vec<_>>(), [Part::References]);
    let (_memory, _folder, findings) =
        damaged("UPDATE migrations SET sha256 = 'x' WHERE number = 2");
    assert_eq!(findings[0].part, Part::File);
}

#[test]
#[cfg(unix)]
fn others_may_not_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.db");
    let memory = memory(&path);
    for file in [path.clone(), folder.path().join("memory.db.replaced-2026")] {
        std::fs::OpenOptions::new().append(true).create(true).open(&file).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let findings = memory.check(true).unwrap().findings;
    assert_eq!(findings.iter().map(|one| one.part).collect::<Vec<_>>(), [Part::Permissions; 2]);
    memory.repair(Part::Permissions).unwrap();
    assert_eq!(memory.check(true).unwrap().findings, []);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn new_embeddings_take_the_place_of_the_old_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let memory = memory(&folder.path().join("memory.db"));
    memory.store_embeddings("e", &[(TurnId(2), encoded(0.1))]).unwrap();
    assert_eq!(memory.encoder_name().unwrap().as_deref(), Some("e"));
    let of = |encoder: &str| {
        let found = memory.embeddings_of(encoder, &[TurnId(1), TurnId(2)]).unwrap();
        found.iter().flatten().count()
    };

    memory.begin_coming("f").unwrap();
    let wanted = memory.without_coming(None, 10).unwrap();
    assert_eq!(wanted.iter().map(|one| one.turn).collect::<Vec<_>>(), [TurnId(2), TurnId(1)]);
    memory.store_coming("f", &[(TurnId(2), encoded(0.2)), (TurnId(77), encoded(0.3))]).unwrap();
    let coming = memory.coming().unwrap().unwrap();
    assert_eq!((coming.encoder.as_str(), coming.made, coming.wanted), ("f", 1, 2));
    // One is missing: the old ones answer.
    assert!(!memory.finish_coming().unwrap());
    assert_eq!((of("e"), of("f")), (2, 0));
    assert_eq!(memory.without_coming(Some(TurnId(2)), 10).unwrap().len(), 1);

    memory.store_coming("f", &[(TurnId(1), encoded(0.3))]).unwrap();
    let turn = NewTurn::message(Role::User, "Ann", "said meanwhile");
    memory.append(SessionId(1), &turn, None, at(9)).unwrap();
    assert!(!memory.finish_coming().unwrap());
    let wanted = memory.without_coming(None, 10).unwrap();
    assert_eq!(wanted.len(), 1);
    memory.store_coming("f", &[(wanted[0].turn, encoded(0.4))]).unwrap();
    assert!(memory.finish_coming().unwrap());
    assert_eq!((of("e"), of("f")), (0, 2));
    assert_eq!(memory.encoder_name().unwrap().as_deref(), Some("f"));
    assert_eq!((memory.coming().unwrap(), memory.pending_count().unwrap()), (None, 0));
    assert_eq!(memory.check(false).unwrap().findings, []);

    // Another encoder begins: what a third had made is dropped.
    memory.begin_coming("g").unwrap();
    memory.store_coming("g", &[(TurnId(1), encoded(0.3))]).unwrap();
    memory.begin_coming("f").unwrap();
    assert_eq!(memory.coming().unwrap(), None);
}

/// What a disk or another program changes in a turn is seen, and never becomes the right one.
#[test]
fn a_changed_turn_is_named_and_stays_so_whatever_is_repaired() {
    for sql in [
        "UPDATE turns SET text = 'potatoes' WHERE id = 2",
        "UPDATE turns SET text = text || ' ' WHERE id = 2",
        "UPDATE turns SET said_at_ms = 8 WHERE id = 2",
        "UPDATE turns SET said_at_ms = NULL WHERE id = 2",
        "UPDATE turns SET role = 'assistant' WHERE id = 2",
        "UPDATE turns SET kind = 'question' WHERE id = 2",
        "UPDATE turns SET checksum = NULL WHERE id = 2",
        "INSERT INTO speakers (id, name) VALUES (7, 'Bea');
         UPDATE turns SET speaker_id = 7 WHERE id = 2",
    ] {
        let (memory, _folder, _) = damaged(sql);
        let turns = |quick| -> Vec<String> {
            let findings = memory.check(quick).unwrap().findings.into_iter();
            findings.filter(|one| one.part == Part::Turns).map(|one| one.what).collect()
        };
        for quick in [true, false] {
            let found = turns(quick);
            assert_eq!(found.len(), 1, "{sql}: {found:?}");
            assert!(
                found[0].starts_with("turn 2 in session 1 is not what was stored"),
                "{found:?}"
            );
        }
        for part in Part::ALL {
            memory.repair(part).unwrap();
        }
        assert_eq!(turns(true).len(), 1, "{sql}");
        // The words of what was stored are not lost to those of the changed text.
        assert_eq!(memory.word_matches(&["potatoes".into()], false, 5).unwrap(), [], "{sql}");
        // Forgotten, it leaves nothing that is wrong.
        let filter = crate::memory::ForgetFilter {
            turns: Some(vec![TurnId(2)]),
            ..crate::memory::ForgetFilter::default()
        };
        memory.forget(&memory.choose(&filter).unwrap(), at(9)).unwrap();
        let left = memory.check(false).unwrap().findings;
        assert_eq!(left, [], "{sql}");
    }
}

#[test]
fn a_changed_speaker_changes_all_their_turns() {
    let (_memory, _folder, findings) = damaged("UPDATE speakers SET name = 'Bea'");
    assert_eq!(findings.iter().filter(|one| one.part == Part::Turns).count(), 3, "{findings:?}");
}

#[test]
fn a_copy_that_holds_a_changed_turn_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.db");
    let memory = memory(&path);
    // One that recount keeps, and one that somebody made and named.
    let (kept, good) = ("memory.db.replaced-2026-01-01", "monday.db");
    let bad = "memory.db.replaced-2026-01-02";
    memory.backup(&folder.path().join(good), false, &mut |_, _| true).unwrap();
    std::fs::copy(folder.path().join(good), folder.path().join(kept)).unwrap();
    std::fs::write(folder.path().join("notes.md"), "the kettle").unwrap();
    lock(&memory.writer).execute("UPDATE turns SET text = 'x' WHERE id = 1", []).unwrap();
    memory.backup(&folder.path().join("bad"), false, &mut |_, _| true).unwrap();
    std::fs::rename(folder.path().join("bad"), folder.path().join(bad)).unwrap();
    let findings = memory.check(true).unwrap().findings;
    // The copy by other means is as the system made it.
    let turns: Vec<_> = findings.iter().filter(|one| one.part == Part::Turns).collect();
    let [finding] = turns[..] else { panic!("{findings:?}") };
    let named = [kept, good].iter().all(|name| finding.what.contains(name));
    assert!(named && !finding.what.contains(bad), "{finding:?}");
}

#[test]
fn checksums_of_an_older_memory_are_made_and_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.db");
    crate::memory::migrations::tests::of_schema(&path, 13);
    let memory = Memory::open(&path).unwrap();
    let checked = memory.check(false).unwrap();
    // The file was made by hand, for others to read.
    let wrong = checked.findings.iter().filter(|one| one.part != Part::Permissions).count();
    assert_eq!((wrong, checked.summed_later), (0, 1));
}
