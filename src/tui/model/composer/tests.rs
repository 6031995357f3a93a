use super::*;
use crate::tui::keymap::Motion;
use proptest::prelude::*;

fn typed(text: &str) -> Composer {
    let mut composer = Composer::default();
    for c in text.chars() {
        composer.type_in(c.encode_utf8(&mut [0; 4]));
    }
    composer
}

#[test]
fn clusters_are_one_step() {
    let mut composer = typed("a👩‍👩‍👧‍👦e\u{301}日");
    for expected in ["a👩‍👩‍👧‍👦e\u{301}", "a👩‍👩‍👧‍👦", "a", ""] {
        composer.edit(Edit::Delete(Motion::Left));
        assert_eq!(composer.text(), expected);
    }
}

#[test]
fn typing_is_undone_by_words() {
    let mut composer = typed("one two");
    composer.edit(Edit::Newline);
    composer.insert("three\nfour");
    for expected in ["one two\n", "one two", "one ", ""] {
        composer.edit(Edit::Undo);
        assert_eq!(composer.text(), expected);
    }
    composer.edit(Edit::Undo);
    for expected in ["one ", "one two", "one two\n", "one two\nthree\nfour"] {
        composer.edit(Edit::Redo);
        assert_eq!(composer.text(), expected);
    }
    composer.type_in("!");
    composer.edit(Edit::Redo);
    assert_eq!(composer.text(), "one two\nthree\nfour!");
}

#[test]
fn scripts_without_spaces_go_by_runs() {
    let mut composer = typed("a 我在北京大学，学习です ขอบคุณ");
    let steps = [
        "a 我在北京大学，学习です ",
        "a 我在北京大学，学习",
        "a 我在北京大学，",
        "a 我在北京大学",
        "a ",
    ];
    for expected in steps {
        composer.edit(Edit::Delete(Motion::WordLeft));
        assert_eq!(composer.text(), expected);
    }
    let mut composer = typed("我在北京 b");
    composer.edit(Edit::Move(Motion::Start));
    composer.edit(Edit::Delete(Motion::WordRight));
    assert_eq!(composer.text(), " b");
}

#[test]
fn words_and_lines() {
    let mut composer = typed("plums, and\n日本 tea");
    composer.edit(Edit::Delete(Motion::WordLeft));
    assert_eq!(composer.text(), "plums, and\n日本 ");
    composer.edit(Edit::Yank);
    composer.edit(Edit::Move(Motion::LineStart));
    composer.edit(Edit::Delete(Motion::LineEndOrNext));
    assert_eq!((composer.text(), composer.killed()), ("plums, and\n".to_owned(), "日本 tea"));
    composer.edit(Edit::Move(Motion::WordLeft));
    composer.edit(Edit::Select(Motion::WordLeft));
    assert_eq!(composer.selected().as_deref(), Some(", "));
    composer.type_in("-");
    assert_eq!(composer.text(), "plums-and\n");
    composer.edit(Edit::SelectAll);
    composer.edit(Edit::Cut);
    assert!(composer.is_empty() && composer.killed() == "plums-and\n");
}

#[test]
fn up_and_down_go_by_rows_and_keep_their_column() {
    let mut composer = typed("one two three\nab\nfour five six");
    composer.follow(8, 9);
    assert_eq!(composer.rows(0), [0..4, 4..8, 8..13]);
    assert_eq!((composer.cursor_row(), composer.column()), ((2, 2), 3));
    composer.edit(Edit::Move(Motion::Up));
    composer.edit(Edit::Move(Motion::Up));
    assert_eq!((composer.cursor_row(), composer.column()), ((2, 0), 3));
    composer.edit(Edit::Move(Motion::Up));
    assert_eq!((composer.cursor_row(), composer.column()), ((1, 0), 2));
    composer.edit(Edit::Move(Motion::Up));
    assert_eq!((composer.cursor_row(), composer.column()), ((0, 2), 3));
    assert_eq!(composer.place_at(3, 1), Place { line: 1, byte: 1 });
}

#[test]
fn the_view_follows_the_cursor() {
    let lines: Vec<String> = (0..100).map(|i| i.to_string()).collect();
    let mut composer = Composer::new(&lines.join("\n"));
    composer.follow(20, 5);
    assert_eq!(composer.top(), (95, 0));
    composer.edit(Edit::Move(Motion::Up));
    composer.follow(20, 5);
    assert_eq!(composer.top(), (95, 0));
    composer.edit(Edit::Move(Motion::Start));
    composer.follow(20, 5);
    assert_eq!(composer.top(), (0, 0));
    composer.edit(Edit::SelectAll);
    composer.edit(Edit::Cut);
    composer.follow(20, 5);
    assert_eq!((composer.top(), composer.cursor_row()), ((0, 0), (0, 0)));
}

/// Were all lines wrapped at each key, this would take minutes.
#[test]
fn a_long_paste_is_edited_line_by_line() {
    let pasted = "a line of a long paste, with some words in it\n".repeat(5_000);
    let mut composer = Composer::default();
    composer.insert(&pasted);
    assert_eq!(composer.lines().len(), 5_001);
    for _ in 0..2_000 {
        composer.type_in("x");
        composer.follow(80, 10);
        composer.edit(Edit::Move(Motion::Up));
        composer.follow(80, 10);
    }
    assert_eq!(composer.text().len(), pasted.len() + 2_000);
}

fn edit() -> impl Strategy<Value = Edit> {
    let motion = prop::sample::select(Motion::ALL.to_vec());
    prop_oneof![
        Just(Edit::Newline),
        Just(Edit::Undo),
        Just(Edit::Redo),
        Just(Edit::Yank),
        Just(Edit::Cut),
        Just(Edit::SelectAll),
        motion.clone().prop_map(Edit::Move),
        motion.clone().prop_map(Edit::Select),
        motion.prop_map(Edit::Delete),
    ]
}

proptest! {
    #[test]
    fn any_edits_keep_the_cursor_between_clusters_and_can_be_undone(
        steps in prop::collection::vec((edit(), "[a-c \n日👩\u{200d}👧\u{301}]{0,4}"), 1..60),
        width in 0_u16..12,
        height in 0_u16..5,
    ) {
        let mut composer = Composer::default();
        for (edit, text) in steps {
            composer.type_in(&text);
            composer.edit(edit);
            composer.follow(width, height);
            let Place { line, byte } = composer.cursor();
            let text = &composer.lines()[line];
            prop_assert!(byte == text.len() || text.grapheme_indices(true).any(|(at, _)| at == byte));
            prop_assert!(composer.top() <= composer.cursor_row());
        }
        for _ in 0..200 {
            composer.undo();
        }
        prop_assert_eq!(composer.text(), "");
    }
}
