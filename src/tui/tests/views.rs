//! What keys and news do to the search, the sessions, the import and the memory view.

use super::fixtures::*;
use crate::conversation::{SessionId, TurnId};
use crate::tui::effect::{Effect, Place};
use crate::tui::event::{Event, Failure, Page, Pointer, Work};
use crate::tui::model::{ImportState, Model, View};
use crate::tui::update::update;
use ratatui::crossterm::event::KeyCode;

#[test]
fn words_come_at_once_and_meaning_later() {
    let mut model = model(80, 24);
    update(&mut model, ctrl('r'));
    let effects = type_in(&mut model, "a");
    let [Effect::Search { job: words, meaning: false, .. }, Effect::Wake(_, timer)] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    work(&mut model, Work::Hits(*words, Ok(vec![hit(100, 0.9), hit(101, 0.5), hit(102, 0.2)])));
    // The user walks down while meaning is still being searched.
    update(&mut model, key(KeyCode::Down));
    let effects = update(&mut model, Event::Timer(*timer));
    let [Effect::Search { job: meaning, meaning: true, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    work(&mut model, Work::Hits(*meaning, Ok(vec![hit(103, 0.9), hit(100, 0.5), hit(101, 0.4)])));
    assert_eq!(model.search.current().unwrap().turn.id, TurnId(101));
    // What was searched before is no longer wanted.
    let effects = type_in(&mut model, "b");
    assert!(!effects.contains(&Effect::Cancel(*meaning)));
    work(&mut model, Work::Hits(*words, Ok(Vec::new())));
    assert_eq!(model.search.hits.len(), 3);
}

#[test]
fn a_hit_opens_in_its_session() {
    let mut model = search(80, 24);
    let effects = update(&mut model, key(KeyCode::Enter));
    let opened = job(&effects);
    let page = Page { turns: turns(), at_start: true, at_end: true, ..Page::default() };
    work(&mut model, Work::Opened(opened, Ok((session(7, "The allotment"), page))));
    assert_eq!(model.view, View::Chat);
    let marked: Vec<_> = model.chat.transcript.entries().map(|entry| entry.marked).collect();
    assert_eq!(marked, [false, true, false, false]);
    // What was imported stays as it was.
    let effects = send(&mut model, "Thank you");
    assert!(matches!(&effects[..], [Effect::Say { session: None, .. }]), "{effects:?}");
}

#[test]
fn a_path_is_looked_at_before_it_is_imported() {
    let mut model = model(80, 24);
    let effects = send(&mut model, "/import ~/export.zip");
    let [.., Effect::Import { job: looks, path, dry_run: true }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(path, "~/export.zip");
    let effects = work(&mut model, Work::Imported(*looks, Ok(Box::new(report()))));
    assert_eq!(effects, []);
    // What it says belongs to this path alone.
    type_in(&mut model, "x");
    assert!(matches!(
        &update(&mut model, key(KeyCode::Enter))[..],
        [Effect::Import { dry_run: true, .. }]
    ));
    let mut model = recognised(80, 24);
    let effects = update(&mut model, key(KeyCode::Enter));
    assert!(matches!(&effects[..], [Effect::Import { dry_run: false, .. }]));
    // Who does not want to wait for the look imports at once.
    let mut model = super::fixtures::model(80, 24);
    let looks = job(&send(&mut model, "/import ~/export.zip"));
    let effects = update(&mut model, key(KeyCode::Enter));
    assert!(
        matches!(&effects[..], [Effect::Cancel(job), Effect::Import { dry_run: false, .. }] if *job == looks)
    );
}

#[test]
fn an_import_runs_and_can_be_cancelled() {
    let mut model = importing(80, 24);
    let running = model.import.job().unwrap();
    assert_eq!(update(&mut model, key(KeyCode::Esc)), [Effect::Cancel(running)]);
    let effects = work(&mut model, Work::Imported(running, Err(Failure::Cancelled)));
    assert!(matches!(model.import.state, ImportState::Cancelled { dry_run: false, .. }));
    assert!(text(&drawn(&model)).contains("stay (2,210 messages)"));
    // What was read before waits for its embeddings.
    assert!(effects.contains(&Effect::Encode));
}

#[test]
fn an_import_is_undone_after_a_yes() {
    use crate::assistant::Removed;
    use crate::conversation::ImportId;
    use crate::tui::review::Review;
    for code in [KeyCode::Esc, KeyCode::Enter, KeyCode::Char('n')] {
        let mut model = undoing(80, 24);
        let effects = update(&mut model, key(code));
        assert!(effects.iter().all(|effect| !matches!(effect, Effect::Undo { .. })), "{code:?}");
        assert!(model.question.is_none() && model.import.undo.is_none());
    }
    let mut model = undoing(80, 24);
    let effects = update(&mut model, key(KeyCode::Char('y')));
    let [Effect::Undo { job, import: ImportId(1) }] = effects[..] else { panic!("{effects:?}") };
    // It tells how far it is, in every view, and can be stopped.
    work(&mut model, Work::Undoing(job, 500, 359_500));
    model.now = at("2024-02-03T10:00:10Z");
    work(&mut model, Work::Undoing(job, 20_000, 340_000));
    assert!(text(&drawn(&model)).contains("undoing an import: 20,000 of 360,000, 2000/s, 3 min"));
    assert_eq!(update(&mut model, key(KeyCode::Char('u'))).len(), 1, "one at a time");
    assert_eq!(update(&mut model, key(KeyCode::Esc)), [Effect::Cancel(job)]);
    let effects = work(&mut model, Work::Undone(job, Err(Failure::Cancelled)));
    assert!(effects.contains(&Effect::Review(Review::Imports)));
    assert!(text(&drawn(&model)).contains("Undo the import again to remove the rest"));

    let mut model = undoing(80, 24);
    let effects = update(&mut model, key(KeyCode::Char('y')));
    let [Effect::Undo { job, .. }] = effects[..] else { panic!("{effects:?}") };
    let removed = Removed { messages: 1_204, sessions: 12, ..Removed::default() };
    let effects = work(&mut model, Work::Undone(job, Ok(removed)));
    assert!(effects.contains(&Effect::Review(Review::Imports)));
    assert!(text(&drawn(&model)).contains("1,204 messages and 12 sessions"));
}

#[test]
fn encoding_tells_its_rate_and_the_time_left() {
    let mut model = model(80, 24);
    work(&mut model, Work::Encoding(128, 9_872));
    assert!(text(&drawn(&model)).contains("encoding 128 of 10,000 ·"));
    model.now = at("2024-02-03T10:00:10Z");
    work(&mut model, Work::Encoding(4_000, 6_000));
    assert!(text(&drawn(&model)).contains("encoding 4,000 of 10,000, 400/s, 15 s left"));
    work(&mut model, Work::Encoding(10_000, 0));
    assert!(model.encoding.is_none());
}

#[test]
fn tab_completes_a_path() {
    let mut model = model(80, 24);
    send(&mut model, "/import");
    let effects = type_in(&mut model, "~/D");
    let paths = vec!["~/Documents/".to_owned(), "~/Downloads/".to_owned()];
    work(&mut model, Work::Completed(job(&effects), paths));
    let effects = update(&mut model, key(KeyCode::Tab));
    assert_eq!(model.import.field.text(), "~/Do");
    let paths = vec!["~/Documents/".to_owned(), "~/Downloads/".to_owned()];
    work(&mut model, Work::Completed(job(&effects), paths));
    update(&mut model, key(KeyCode::Down));
    update(&mut model, key(KeyCode::Down));
    update(&mut model, key(KeyCode::Tab));
    assert_eq!(model.import.field.text(), "~/Downloads/");
    // A Tab that comes before the list is not lost.
    let effects = type_in(&mut model, "e");
    assert_eq!(update(&mut model, key(KeyCode::Tab)), []);
    work(&mut model, Work::Completed(job(&effects), vec!["~/Downloads/export.zip".to_owned()]));
    assert_eq!(model.import.field.text(), "~/Downloads/export.zip");
}

#[test]
fn the_row_under_the_cursor_stays_where_it_is() {
    let mut model = model(80, 24);
    update(&mut model, ctrl('r'));
    let words = job(&type_in(&mut model, "a").into_iter().take(1).collect::<Vec<_>>());
    let by_words = (100..104).map(|id| hit(id, 0.5)).collect();
    work(&mut model, Work::Hits(words, Ok(by_words)));
    update(&mut model, key(KeyCode::Down));
    update(&mut model, key(KeyCode::Down));
    let meaning = model.search.meaning.unwrap();
    // Meaning finds other hits better, and one of those above no longer.
    let by_meaning = vec![hit(103, 0.9), hit(102, 0.8), hit(100, 0.7)];
    work(&mut model, Work::Hits(meaning, Ok(by_meaning)));
    let ids: Vec<_> = model.search.hits.iter().map(|hit| hit.turn.id.0).collect();
    assert_eq!((ids, model.search.selected), (vec![100, 101, 102, 103], 2));
}

#[test]
fn enter_opens_what_was_seen_before_the_hits_changed() {
    let mut model = model(80, 24);
    update(&mut model, ctrl('r'));
    let words = job(&type_in(&mut model, "a").into_iter().take(1).collect::<Vec<_>>());
    work(&mut model, Work::Hits(words, Ok(vec![hit(100, 0.5)])));
    let meaning = model.search.meaning.unwrap();
    work(&mut model, Work::Hits(meaning, Ok(vec![hit(101, 0.9), hit(100, 0.5)])));
    assert_eq!(model.search.target(model.now), Some((SessionId(7), TurnId(100))));
    assert_eq!(model.search.target(at("2024-02-03T10:00:01Z")), Some((SessionId(7), TurnId(101))));
    update(&mut model, key(KeyCode::Down));
    assert_eq!(model.search.target(model.now), Some((SessionId(7), TurnId(100))));
}

#[test]
fn filters_go_with_a_key_and_the_preview_scrolls() {
    let mut model = search(40, 12);
    assert!(!text(&drawn(&model)).contains("▌ Bruno"));
    // There is no room beside the list: the preview takes its place.
    update(&mut model, key(KeyCode::Tab));
    update(&mut model, key(KeyCode::Tab));
    assert!(text(&drawn(&model)).contains("▌ Bruno"));
    let before = text(&drawn(&model));
    update(&mut model, key(KeyCode::Down));
    update(&mut model, key(KeyCode::Down));
    assert_ne!(before, text(&drawn(&model)));
    update(&mut model, key(KeyCode::Tab));
    let effects = update(&mut model, ctrl('x'));
    assert_eq!(model.search.field.text(), "seedlings ");
    let [Effect::Cancel(_), Effect::Search { query, .. }, _] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((query.text.as_str(), &query.filter.speaker), ("seedlings", &None));
    assert!(!update(&mut model, ctrl('x')).iter().any(|e| matches!(e, Effect::Search { .. })));
}

#[test]
fn more_hits_come_at_the_end_of_the_list() {
    let mut model = model(80, 24);
    update(&mut model, ctrl('r'));
    type_in(&mut model, "a");
    let meaning = model.search.meaning.unwrap();
    let many = |count: i64| {
        (0..count)
            .map(|id| crate::evidence::Hit { turn: turn(id, "Ida", "a"), ..hit(100, 0.5) })
            .collect()
    };
    work(&mut model, Work::Hits(meaning, Ok(many(50))));
    let effects = (0..40).flat_map(|_| update(&mut model, key(KeyCode::Down))).collect::<Vec<_>>();
    let asked =
        effects.iter().find(|e| matches!(e, Effect::Search { limit: 100, meaning: true, .. }));
    let asked = job(std::slice::from_ref(asked.unwrap()));
    work(&mut model, Work::Hits(asked, Ok(many(100))));
    assert_eq!((model.search.hits.len(), model.search.selected), (100, 40));
    assert_eq!(model.search.current().unwrap().turn.id, TurnId(40));
}

#[test]
fn sessions_are_renamed_tagged_pinned_and_merged() {
    use crate::tui::review::{Review, Reviewed};
    let mut model = sessions(80, 24);
    update(&mut model, key(KeyCode::Tab));
    // The second session is selected.
    assert_eq!(
        update(&mut model, key(KeyCode::Char('p'))),
        [Effect::Review(Review::Pin(SessionId(1), true))]
    );
    update(&mut model, key(KeyCode::Char('r')));
    assert!(update(&mut model, ctrl('u')).is_empty());
    type_in(&mut model, "Plums");
    assert_eq!(
        update(&mut model, key(KeyCode::Enter)),
        [Effect::Review(Review::Rename(SessionId(1), Some("Plums".to_owned())))]
    );
    update(&mut model, key(KeyCode::Char('t')));
    type_in(&mut model, "garden -old");
    let tag = Review::Tag {
        session: SessionId(1),
        add: vec!["garden".to_owned()],
        remove: vec!["old".to_owned()],
    };
    assert_eq!(update(&mut model, key(KeyCode::Enter)), [Effect::Review(tag)]);
    update(&mut model, key(KeyCode::Char('m')));
    update(&mut model, key(KeyCode::Down));
    update(&mut model, key(KeyCode::Char('m')));
    // Esc leaves the question, not the view.
    update(&mut model, key(KeyCode::Esc));
    assert!(model.view == View::Sessions && model.question.is_none());
    update(&mut model, key(KeyCode::Char('m')));
    update(&mut model, key(KeyCode::Up));
    update(&mut model, key(KeyCode::Char('m')));
    let merge = Review::Merge { into: SessionId(1), from: SessionId(2) };
    assert_eq!(update(&mut model, key(KeyCode::Char('y'))), [Effect::Review(merge)]);
    // What is changed is read again, and the selected row stays.
    let effects = work(&mut model, Work::Reviewed(Reviewed::Changed(Ok("Merged"))));
    assert!(effects.iter().any(|e| matches!(e, Effect::Sessions { offset: 0, .. })));
    assert_eq!(model.sessions.list.selected(), 1);
}

#[test]
fn the_filter_of_sessions_reads_words_and_filters() {
    let mut model = sessions(80, 24);
    let effects = type_in(&mut model, "plum tag:Garden speaker:ida is:pinned");
    let query = effects.iter().rev().find_map(|effect| match effect {
        Effect::Sessions { query, .. } => Some(query.clone()),
        _ => None,
    });
    let query = query.unwrap();
    assert_eq!(query.text, "plum");
    assert_eq!(query.tag.as_deref(), Some("garden"));
    assert_eq!(query.speaker.as_deref(), Some("ida"));
    assert!(query.pinned);
}

#[test]
fn a_session_opens_where_it_was_left() {
    use crate::tui::review::Review;
    let mut model = sessions(40, 12);
    let mut rows = vec![session(7, "The allotment")];
    rows[0].read_position = Some(2);
    let page = job(&update(&mut model, ctrl('s')));
    work(&mut model, Work::Sessions(page, 0, 100, Ok(rows.clone())));
    let effects = update(&mut model, key(KeyCode::Enter));
    assert!(matches!(effects[..], [Effect::Open { place: Place::Position(2), .. }]));
    let long: Vec<_> = (0..60).map(|at| turn(100 + at, "Ida", "A word.")).collect();
    let page = Page { turns: long, at_start: true, at_end: true, ..Page::default() };
    work(&mut model, Work::Opened(job(&effects), Ok((rows[0].clone(), page))));
    assert_eq!(model.chat.transcript.place(), Some(2));
    update(&mut model, key(KeyCode::Tab));
    for _ in 0..6 {
        update(&mut model, key(KeyCode::Char('j')));
    }
    let place = model.chat.transcript.place().unwrap();
    assert!(place > 2);
    let kept = Effect::Review(Review::ReadTo(SessionId(7), place));
    assert!(update(&mut model, ctrl('n')).contains(&kept));
}

#[test]
fn a_deletion_waits_and_is_taken_back() {
    use crate::tui::review::{Review, Reviewed};
    let mut model = sessions(80, 24);
    update(&mut model, key(KeyCode::Tab));
    for code in [KeyCode::Enter, KeyCode::Esc] {
        assert!(update(&mut model, key(KeyCode::Char('d'))).is_empty());
        let effects = update(&mut model, key(code));
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Review(_))), "{code:?}");
    }
    assert!(update(&mut model, key(KeyCode::Char('d'))).is_empty());
    let wish = Effect::Review(Review::Delete(SessionId(1)));
    assert_eq!(update(&mut model, key(KeyCode::Char('y'))), [wish]);
    let effects = work(&mut model, Work::Reviewed(Reviewed::Changed(Ok("Deleted"))));
    assert!(effects.contains(&Effect::Review(Review::Waiting)));
    let waiting = vec![session(1, "The plums")];
    work(&mut model, Work::Reviewed(Reviewed::Waiting(Ok(waiting))));
    assert!(text(&drawn(&model)).contains("deleted “The plums”; press u to undo (until you quit)"));
    // It survives the view being left.
    update(&mut model, key(KeyCode::Esc));
    update(&mut model, ctrl('s'));
    update(&mut model, key(KeyCode::Tab));
    let back = Effect::Review(Review::TakeBack(SessionId(1)));
    assert_eq!(update(&mut model, key(KeyCode::Char('u'))), [back]);
}

#[test]
fn esc_leads_back_to_where_a_session_was_opened_from() {
    let page = || Page { turns: turns(), at_start: true, at_end: true, ..Page::default() };
    let mut model = search(80, 24);
    let hits = model.search.hits.len();
    let opened = job(&update(&mut model, key(KeyCode::Enter)));
    work(&mut model, Work::Opened(opened, Ok((session(7, "The allotment"), page()))));
    // Whoever types writes, and nothing is taken for a key of reading.
    type_in(&mut model, "jkyq");
    assert_eq!((model.view, model.chat.draft().as_str()), (View::Chat, "jkyq"));
    assert!(text(&drawn(&model)).contains("Esc back"));
    update(&mut model, key(KeyCode::Esc));
    assert_eq!((model.view, model.search.hits.len()), (View::Search, hits));
    // From there it is as it always was.
    update(&mut model, key(KeyCode::Esc));
    update(&mut model, key(KeyCode::Esc));
    assert_eq!(model.view, View::Chat);

    let mut model = reading(80, 24);
    update(&mut model, key(KeyCode::Esc));
    assert_eq!(model.view, View::Sessions);
    // A conversation that goes on is where one is.
    let mut model = search(80, 24);
    let opened = job(&update(&mut model, key(KeyCode::Enter)));
    let mut here = session(7, "The allotment");
    here.source = crate::conversation::SOURCE_CHAT.to_owned();
    work(&mut model, Work::Opened(opened, Ok((here, page()))));
    send(&mut model, "And the plums?");
    update(&mut model, key(KeyCode::Esc));
    update(&mut model, key(KeyCode::Esc));
    assert_eq!(model.view, View::Chat);
}

#[test]
fn a_filter_is_picked_from_what_there_is() {
    let mut model = picking(80, 24);
    assert!(text(&drawn(&model)).contains("speaker  Ida"));
    let effects = update(&mut model, key(KeyCode::Enter));
    assert_eq!(model.search.field.text(), "seedlings speaker:Ida ");
    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::Search { query, .. } if query.filter.speaker.as_deref() == Some("Ida")
    )));
    update(&mut model, ctrl('f'));
    type_in(&mut model, "said summer");
    update(&mut model, key(KeyCode::Enter));
    assert!(model.search.field.text().ends_with("said:\"last summer\" "));
    // Esc closes the choice, not the search.
    update(&mut model, ctrl('f'));
    update(&mut model, key(KeyCode::Esc));
    assert!(model.view == View::Search && model.search.picker.is_none());
    update(&mut model, key(KeyCode::Esc));
    assert_eq!(model.view, View::Chat);
}

#[test]
fn a_session_is_exported_to_the_file_that_is_named() {
    let mut model = sessions(80, 24);
    update(&mut model, key(KeyCode::Tab));
    update(&mut model, key(KeyCode::Char('e')));
    let path = "~/the-allotment-part-1.md".to_owned();
    let export = Effect::Export { session: Some(SessionId(1)), path };
    assert_eq!(update(&mut model, key(KeyCode::Enter)), [export]);
    work(&mut model, Work::Exported(Ok("4 turns written to /a.md".to_owned())));
    assert!(text(&drawn(&model)).contains("4 turns written to /a.md"));
}

#[test]
fn filters_alone_list_what_passes_them() {
    let mut model = model(80, 24);
    update(&mut model, ctrl('r'));
    type_in(&mut model, "speaker:brun");
    let effects = type_in(&mut model, "o");
    let [.., Effect::Search { job, query, meaning: false, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((query.text.as_str(), query.filter.speaker.as_deref()), ("", Some("bruno")));
    // There is no meaning to wait for.
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Wake(..))));
    work(&mut model, Work::Hits(*job, Ok(vec![hit(103, 0.0), hit(101, 0.0)])));
    let shown = text(&drawn(&model));
    assert!(shown.contains("2 turns, newest first"), "{shown}");
    assert!(shown.contains("matches the filters"), "{shown}");
}

#[test]
fn rows_are_clicked_once_to_select_and_twice_to_open() {
    let click = |model: &mut Model, wanted: &str| {
        // A column that is inside of the list and of the palette.
        let shown = text(&drawn(model));
        let row = shown.lines().position(|line| line.contains(wanted)).unwrap();
        update(model, Event::Pointer(Pointer::Click, 12, u16::try_from(row).unwrap()))
    };
    let mut model = search(80, 24);
    click(&mut model, "Gern");
    assert_eq!(model.search.selected, 1);
    let effects = click(&mut model, "Gern");
    assert!(matches!(effects[..], [Effect::Open { place: Place::Turn(TurnId(103)), .. }]));

    let mut model = sessions(80, 24);
    assert_eq!(click(&mut model, "part 5"), []);
    assert_eq!(model.sessions.list.selected(), 5);
    let effects = click(&mut model, "part 5");
    assert!(matches!(effects[..], [Effect::Open { session: SessionId(5), .. }]), "{effects:?}");

    let mut model = discovered(80, 24);
    let effects = click(&mut model, "codex (sessions)");
    let [Effect::Import { path, dry_run: true, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(path, "/home/ann/.codex/sessions");
    let mut model = discovered(80, 24);
    click(&mut model, "(whatsapp)");
    assert_eq!(model.import.chosen().unwrap().formats, ["whatsapp"]);

    // In the palette one click does it.
    let mut model = super::fixtures::model(80, 24);
    update(&mut model, ctrl('p'));
    click(&mut model, "/status");
    assert_eq!((model.view, model.palette.is_none()), (View::Memory, true));
}

#[test]
fn the_memory_is_checked_at_a_glance_and_as_a_whole() {
    use crate::assistant::{Checked, Finding, MemoryPart};
    use crate::tui::review::{Review, Reviewed};
    let mut model = model(80, 24);
    let effects = send(&mut model, "/status");
    assert!(effects.contains(&Effect::Review(Review::Check { quick: true })));
    let effects = update(&mut model, key(KeyCode::Char('h')));
    assert_eq!(effects, [Effect::Review(Review::Check { quick: false })]);
    // The glance comes too late to be of interest.
    work(&mut model, Work::Reviewed(Reviewed::Checked(Ok(Box::default()), true)));
    assert!(text(&drawn(&model)).contains("full check"));
    let finding = Finding { part: MemoryPart::Words, what: "3 turns lack words".to_owned() };
    let checked = Box::new(Checked { findings: vec![finding], ..Checked::default() });
    work(&mut model, Work::Reviewed(Reviewed::Checked(Ok(checked), false)));
    let shown = text(&drawn(&model));
    assert!(shown.contains("✗ 3 turns lack words; `recount check` shows what to do"), "{shown}");
}

#[test]
fn reduced_motion_shows_answers_whole_and_notices_until_a_key() {
    use crate::assistant::Part;
    let mut model = model(80, 24);
    model.settings.reduced_motion = true;
    let asked = job(&send(&mut model, "Who planted them?"));
    work(&mut model, Work::Part(asked, Part::Text("Bru".to_owned())));
    assert!(!text(&drawn(&model)).contains("Bru"));
    let effects = send(&mut model, "/decoder");
    assert_eq!(effects, []);
    assert!(text(&drawn(&model)).contains("word for word"));
    type_in(&mut model, "x");
    assert!(!text(&drawn(&model)).contains("word by word"));
}

#[test]
fn commands_that_need_a_language_model_say_so() {
    let mut model = model(120, 24);
    for command in ["/translate", "/write", "/model"] {
        send(&mut model, command);
        let shown = text(&drawn(&model));
        assert!(shown.contains(&format!("{command} is not available: ")), "{shown}");
        assert!(shown.contains("language model"), "{shown}");
        update(&mut model, ctrl('u'));
    }
}

#[test]
fn a_slash_searches_in_what_is_shown() {
    let mut model = reading(80, 24);
    update(&mut model, key(KeyCode::Char('/')));
    assert_eq!((model.view, model.search.field.text()), (View::Search, "session:7 "));
    let effects = type_in(&mut model, "f");
    let searched = effects.iter().find_map(|effect| match effect {
        Effect::Search { query, .. } => query.filter.session,
        _ => None,
    });
    assert_eq!(searched, Some(SessionId(7)));
    // In a list it goes to the field above it.
    let mut model = sessions(80, 24);
    update(&mut model, key(KeyCode::Tab));
    update(&mut model, key(KeyCode::Char('/')));
    type_in(&mut model, "plum");
    assert_eq!(model.sessions.field.text(), "plum");
}

#[test]
fn the_mouse_selects_what_is_written() {
    let mut model = model(80, 24);
    type_in(&mut model, "eleven seedlings");
    let row = model.area.height - 2;
    update(&mut model, Event::Pointer(Pointer::Click, 4, row));
    update(&mut model, Event::Pointer(Pointer::Drag, 7, row));
    update(&mut model, Event::Pointer(Pointer::Drag, 10, row));
    assert_eq!(model.chat.composer.selected().as_deref(), Some("eleven"));
}
