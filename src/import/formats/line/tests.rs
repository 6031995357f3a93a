use crate::import::testing::{Counting, read_as, read_bytes};

fn check(text: &str, title: &str, expected: &[&str], first: &str) {
    for text in [text.to_owned(), format!("\u{FEFF}{}", text.replace('\n', "\r\n"))] {
        let sink = read_as("line", &text);
        assert_eq!(sink.said(), expected, "{text}");
        assert_eq!(sink.conversations[0].title.as_deref(), Some(title));
        assert_eq!(begins(&sink), first);
    }
}

fn begins(sink: &Counting) -> String {
    sink.span().0.map(|t| t.to_string()).unwrap_or_default()
}

#[test]
fn japanese() {
    check(
        "[LINE] 花子とのトーク履歴\n保存日時：2024/01/03 00:00\n\n2024/01/01(月)\n09:05\t花子\tあけまして\n09:06\t太郎\t\"一行目\n\n2024/01/02(火)の話\n\"\"引用\"\"\"\n\
         09:07\t太郎\t[スタンプ]\n09:08\t\t花子がメッセージの送信を取り消しました\n\n2024/01/02(火)\n午後3:12\t花子\t[写真]\n",
        "花子",
        &[
            "花子: あけまして",
            "太郎: 一行目\n\n2024/01/02(火)の話\n\"引用\"",
            "太郎: [sticker]",
            "(tool) system: 花子がメッセージの送信を取り消しました",
            "花子: [picture]",
        ],
        "2024-01-01T09:05:00Z",
    );
}

#[test]
fn english_dates_have_either_order() {
    check(
        "Chat history with Ada\nSaved on: 8/20/2014, 10:00\n\nThu, 8/14/2014\n10:00\tAda\thi\n10:01 PM\tBob B\tho\nsecond line\n\nFri, 8/15/2014\n10:00AM\tAda joined the group\n",
        "Ada",
        &["Ada: hi", "Bob B: ho\nsecond line", "(tool) system: Ada joined the group"],
        "2014-08-14T10:00:00Z",
    );
    check(
        "[LINE] Chat history in Hills\nSaved on: 20/08/2014, 10:00\n\nThu, 14/08/2014\n10:00\tAda\t[Photo]\n",
        "Hills",
        &["Ada: [picture]"],
        "2014-08-14T10:00:00Z",
    );
}

#[test]
fn chinese_and_thai() {
    check(
        "[LINE] 與小明的聊天記錄\n儲存日期：2023/05/04 12:00\n\n2023/05/04（四）\n下午03:12\t小明\t你好\n",
        "小明",
        &["小明: 你好"],
        "2023-05-04T15:12:00Z",
    );
    check(
        "[LINE] ประวัติการสนทนากับ ดา\nบันทึกวันที่: 2023/05/04 12:00\n\nพฤ., 4/5/2566\n15:12\tดา\tสวัสดี\n",
        "ดา",
        &["ดา: สวัสดี"],
        "2023-05-04T15:12:00Z",
    );
}

#[test]
fn a_quotation_mark_that_stays_open() {
    let sink = read_as("line", "2024/01/01(Mon)\n09:05\tAda\t\"so\n09:06\tBob\twhat?\n");
    assert_eq!(sink.said(), ["Ada: \"so", "Bob: what?"]);
}

#[test]
fn spaces_in_place_of_tabs() {
    check(
        "2024.01.15 Monday\n09:05 Ada hello there\n09:06 Bob ho\n2024.01.16 Tuesday\n09:07 Ada bye now\n",
        "download",
        &["Ada: hello there", "Bob: ho", "Ada: bye now"],
        "2024-01-15T09:05:00Z",
    );
}

#[test]
fn names_of_several_words_without_tabs() {
    check(
        "[LINE] Chat history with Ada B. King\nSaved on: 1/15/2024 10:00\n\nMon, 1/15/2024\n09:05 AM Ada B. King hello there\n09:06 AM Bob ho\nand on\n",
        "Ada B. King",
        &["Ada B. King: hello there", "Bob: ho\nand on"],
        "2024-01-15T09:05:00Z",
    );
    let said = ["hello you", "are you there?", "hm", "hello", "bye\nnow"];
    let lines: Vec<String> =
        said.iter().map(|said| format!("09:05 Ada King {said}\n09:06 Bob yes {said}\n")).collect();
    let sink = read_as("line", &format!("2024.01.15 Monday\n{}09:07 Bob no\n", lines.concat()));
    let names: Vec<&str> = sink.messages().map(|turn| turn.speaker.as_str()).collect();
    assert_eq!(names[..2], ["Ada King", "Bob"]);
    assert_eq!(sink.said()[8..], ["Ada King: bye\nnow", "Bob: yes bye\nnow", "Bob: no"]);
}

/// A longer export tells more of a name; what is known must be known again.
#[test]
fn a_name_that_grows_keeps_its_identities() {
    let export = |days: usize| {
        let lines: Vec<String> =
            (0..days).map(|n| format!("09:0{n} Ada King word{n} x\n")).collect();
        read_as("line", &format!("2024.01.15 Monday\n{}09:10 Bob no\n", lines.concat()))
    };
    let (short, long) = (export(4), export(5));
    let names = |sink: &Counting| -> Vec<String> {
        sink.messages().map(|turn| turn.speaker.clone()).take(1).collect()
    };
    assert_eq!((names(&short), names(&long)), (vec!["Ada".into()], vec!["Ada King".into()]));
    let ids = |sink: &Counting| -> Vec<_> {
        sink.messages().map(|turn| turn.source_id.clone()).take(4).collect()
    };
    assert_eq!(ids(&short), ids(&long));
}

#[test]
fn other_files_are_not_taken() {
    for text in [
        "10:00\tAda\thi\n10:01\tBob\tho\n",
        "2023-05-04 15:12:05\tada\thi\n2023-05-04 15:12:06\tbob\tho\n",
        "2024/01/15\nwent home early\n2024/01/16\nslept\n",
        "Meeting\n1/2/2024\n10:00 start\n",
    ] {
        let (_, sink) = read_bytes(text.as_bytes());
        assert!(!sink.formats.contains(&"line"), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn texts_of_any_kind_do_no_harm(text in "(2024/01/0[1-9]\\(Mon\\)\n|1[0-9]:00\t\\PC{0,6}\t\"?\\PC{0,12}\n|\\PC{0,12}\n){0,8}") {
        let _ = read_bytes(text.as_bytes());
    }

    #[test]
    fn names_of_any_kind_do_no_harm(text in "2024.01.15 Monday\n(1[0-9]:00 (A|é🚲) ?(b|é)? ?\\PC{0,4}\n){0,9}") {
        let _ = read_bytes(text.as_bytes());
    }
}
