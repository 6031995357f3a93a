use crate::conversation::Role;
use crate::import::testing::{Counting, options, read_as, read_bytes, read_file, read_path, zip};
use crate::import::{DateOrder, Options};

fn check(text: &str, expected: &[&str]) {
    assert_eq!(read_as("whatsapp", text).said(), expected, "{text}");
    let crlf = read_as("whatsapp", &format!("\u{FEFF}{}", text.replace('\n', "\r\n")));
    assert_eq!(crlf.said(), expected, "with CRLF and a mark: {text}");
}

fn times(sink: &Counting) -> Vec<String> {
    sink.messages().filter_map(|turn| turn.said_at).map(|t| t.to_string()).collect()
}

#[test]
fn android() {
    check(
        "13/05/23, 10:00 - Messages and calls are end-to-end encrypted. Tap to learn more.\n\
         13/05/23, 10:01 - Ada created group \"Hills: 2023\"\n\
         13/05/23, 10:02 - Ada: Who comes?\n\
         \n\
         Second thought: all\n\
         13/05/23, 10:03 - Bob B: IMG-20230513-WA0001.jpg (file attached)\nThe view\n\
         13/05/23, 10:04 - Bob B: <Media omitted>\n\
         13/05/23, 10:05 - Ada: See you @\u{2068}Bob B\u{2069} \u{200E}<This message was edited>\n\
         13/05/23, 10:06 - +44 20 7946 0000 left\n\
         13/05/23, 10:07 - Ada: <b> is bold, (really)\n",
        &[
            "(tool) system: Messages and calls are end-to-end encrypted. Tap to learn more.",
            "(tool) system: Ada created group \"Hills: 2023\"",
            "Ada: Who comes?\n\nSecond thought: all",
            "Bob B: [file: IMG-20230513-WA0001.jpg]\nThe view",
            "Bob B: [media]",
            "Ada: See you @Bob B",
            "(tool) system: +44 20 7946 0000 left",
            "Ada: <b> is bold, (really)",
        ],
    );
}

#[test]
fn ios() {
    check(
        "\u{200E}[5/13/23, 10:00:01\u{202F}AM] Hills: \u{200E}Messages and calls are end-to-end encrypted. No one outside of this chat can read them.\n\
         [5/13/23, 10:00:02\u{202F}AM] Hills: \u{200E}Ada created this group and everybody may now join it\n\
         [5/13/23, 10:00:05\u{202F}AM] Ada: Who comes?\n\
         \u{200E}[5/13/23, 10:00:06\u{202F}AM] ~\u{202F}Bob: \u{200E}<attached: 00000004-PHOTO-2023-05-13-10-00-06.jpg>\n\
         \u{200E}[5/13/23, 10:00:07\u{202F}AM] Ada: plan.pdf • \u{200E}4 pages \u{200E}<attached: 00000005-plan.pdf>\n\
         \u{200E}[5/13/23, 10:00:08\u{202F}AM] Bob: \u{200E}image omitted\n\
         \u{200E}[5/13/23, 10:00:09\u{202F}AM] Bob: \u{200E}This message was deleted.\n",
        &[
            "(tool) system: Messages and calls are end-to-end encrypted. No one outside of this chat can read them.",
            "(tool) system: Ada created this group and everybody may now join it",
            "Ada: Who comes?",
            "Bob: [file: 00000004-PHOTO-2023-05-13-10-00-06.jpg]",
            "Ada: [file: 00000005-plan.pdf]",
            "Bob: [picture]",
            "(tool) system: This message was deleted.",
        ],
    );
}

#[test]
fn other_languages() {
    check(
        "04.05.23, 15:12 - Ada: <Medien ausgeschlossen>\n04.05.23, 15:13 - Ada: Wirklich?\n",
        &["Ada: [media]", "Ada: Wirklich?"],
    );
    check(
        "[04/05/2023 15:12:05] Ada: \u{200E}<pièce jointe : 00000004-PHOTO.jpg>\n[05/05/2023 15:12:05] Ada: Voilà\n",
        &["Ada: [file: 00000004-PHOTO.jpg]", "Ada: Voilà"],
    );
    let sink =
        read_as("whatsapp", "2023/5/4 下午3:12 - 小明: 你好\n2023/5/4 晚上11:02 - 小明: 再见\n");
    assert_eq!(times(&sink), ["2023-05-04T15:12:00Z", "2023-05-04T23:02:00Z"]);
    let sink = read_as("whatsapp", "4/5/2566 15:12 - ดา: สวัสดี\n14/5/2566 15:12 - ดา: ครับ\n");
    assert_eq!(times(&sink), ["2023-05-04T15:12:00Z", "2023-05-14T15:12:00Z"]);
    let arabic = "\u{200F}\u{661}\u{663}/\u{660}\u{665}/\u{662}\u{660}\u{662}\u{663}، \u{663}:\u{661}\u{662} م - آدا: مرحبا\n";
    assert_eq!(times(&read_as("whatsapp", arabic)), ["2023-05-13T15:12:00Z"]);
}

#[test]
fn the_apps_own_words_in_any_language() {
    let text = "[2024-03-05, 14:02:11] Ada: \u{200E}Qwer asdf yxcv.\n\
         [2024-03-05, 14:02:30] Ada: Hej\n\
         \u{200E}[2024-03-05, 14:03:01] Bob: \u{200E}bild utelämnad\n\
         [2024-03-05, 14:03:02] Bob: \u{200E}Plats: https://maps.example/1\n\
         [2024-03-05, 14:03:03] Bob: \u{200E}POLL:\nWhen?\n\u{200E}OPTION: now\n";
    let said = [
        "(tool) system: Qwer asdf yxcv.",
        "Ada: Hej",
        "Bob: [picture]",
        "Bob: Plats: https://maps.example/1",
        "Bob: POLL:\nWhen?\n\u{200E}OPTION: now",
    ];
    check(text, &said);
    let sink = read_as("whatsapp", text);
    let ids: Vec<_> =
        sink.conversations[0].turns.iter().filter_map(|turn| turn.source_id.as_deref()).collect();
    // As before such words were told apart.
    assert_eq!(ids[..2], ["2024-03-05T14:02:11/Ada/1", "2024-03-05T14:02:30/Ada/1"]);
    // Somebody may begin a message with a mark on Android.
    check("13/05/23, 10:00 - Ada: \u{200E}hello\n", &["Ada: hello"]);
}

#[test]
fn stamps_with_the_year_first_are_an_iphones() {
    for text in [
        "\u{200E}[2024-03-05, 14:02] Ada: Hej\n",
        "[2024-03-05, 14:02:11] Ada: Hej\n[2024-03-05, 14:02:30] Bob: Ja\n",
        "[2024-03-05 14:02:11] Ada: Hej\n[2024-03-05 14:02:30] Bob: Ja\n",
    ] {
        assert_eq!(read_as("whatsapp", text).said()[0], "Ada: Hej");
    }
    let plain = b"[2024-03-05, 14:02] Ada: Hej\n";
    assert_eq!(read_file("WhatsApp-chatt med Ada.txt", plain).formats, ["whatsapp"]);
    assert_eq!(read_bytes(&zip(&[("_chat.txt", plain)])).1.formats, ["whatsapp"]);
    assert_eq!(read_bytes(plain).1.formats, ["signal"]);
}

#[test]
fn old_exports_with_the_text_below_the_name() {
    let text = "02-12-18 22:55:45 Ada B:\nWhere is\nthe sled?\n\n31-12-18 23:01:02 Bob:\nShed\n";
    let sink = read_as("whatsapp", text);
    assert_eq!(sink.said(), ["Ada B: Where is\nthe sled?", "Bob: Shed"]);
    let text = "02-12-18 22:55:45 Ada B: Where?\n31-12-18 23:01:02 Bob: Shed\n31-12-18 23:01:03 Cy left\n31-12-18 23:01:04 Bob: Ha\n";
    let on_one_line = read_as("whatsapp", text);
    let said = ["Ada B: Where?", "Bob: Shed", "(tool) system: Cy left", "Bob: Ha"];
    assert_eq!(on_one_line.said(), said);
    assert_eq!(times(&sink), ["2018-12-02T22:55:45Z", "2018-12-31T23:01:02Z"]);
}

#[test]
fn times_take_the_zone_and_the_order_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("WhatsApp Chat with Ada (1).txt");
    std::fs::write(&path, "01/02/23, 10:00 - Ada: a\n02/07/23, 10:00 - Ada: b\n").unwrap();
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let read = |date_order| {
        let options = Options { time_zone: zone.clone(), date_order, ..options() };
        read_path(&path, &options).1
    };
    let sink = read(None);
    assert_eq!(times(&sink), ["2023-01-02T09:00:00Z", "2023-02-07T09:00:00Z"]);
    assert_eq!(sink.warnings.len(), 1, "{:?}", sink.warnings);
    assert_eq!(sink.conversations[0].title.as_deref(), Some("Ada"));
    let texts: Vec<_> = sink.messages().filter_map(|t| t.said_at_text.as_deref()).collect();
    assert_eq!(texts, ["01/02/23, 10:00", "02/07/23, 10:00"]);
    let sink = read(Some(DateOrder::DayFirst));
    assert_eq!(times(&sink), ["2023-02-01T09:00:00Z", "2023-07-02T08:00:00Z"]);
    assert!(sink.warnings.is_empty());
}

#[test]
fn messages_are_known_again_after_an_edit() {
    let ids = |text: &str| -> Vec<_> {
        let sink = read_as("whatsapp", text);
        sink.messages().filter_map(|turn| turn.source_id.clone()).collect()
    };
    let before = ids("13/05/23, 10:00 - Ada: a\n13/05/23, 10:00 - Ada: b\n");
    let after = ids(
        "13/05/23, 10:00 - Ada: This message was deleted\n13/05/23, 10:00 - Ada: b\n14/05/23, 10:00 - Ada: c\n",
    );
    assert_eq!(before, after[..2]);
    assert_ne!(before[0], before[1]);
}

#[test]
fn an_archive_with_its_files() {
    let chat = "[13.05.23, 10:00:01] Ada: \u{200E}<Anhang: 00000001-PHOTO.jpg>\n[13.05.23, 10:00:02] Bob: Schön\n";
    let export = zip(&[("_chat.txt", chat.as_bytes()), ("00000001-PHOTO.jpg", b"\xFF\xD8\xFF")]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("WhatsApp Chat - Hills.zip");
    std::fs::write(&path, export).unwrap();
    let (result, sink) = read_path(&path, &options());
    assert_eq!(result.unwrap().formats, ["whatsapp"]);
    assert_eq!(sink.conversations[0].title.as_deref(), Some("Hills"));
    assert_eq!(sink.said(), ["Ada: [file: 00000001-PHOTO.jpg]", "Bob: Schön"]);
}

#[test]
fn service_messages_are_said_by_nobody() {
    let sink = read_as("whatsapp", "13/05/23, 10:00 - You were added\n13/05/23, 10:01 - Ada: hi\n");
    let roles: Vec<_> = sink.messages().map(|turn| turn.role).collect();
    assert_eq!(roles, [Role::User]);
    assert_eq!(sink.said()[0], "(tool) system: You were added");
}

#[test]
fn other_files_are_not_taken() {
    for text in [
        "13/05/23, 10:00 - a note\n13/05/23, 11:00 - another note\n",
        "2023-05-13 10:00:00 INFO: started\n2023-05-13 10:00:01 WARN: stopped\n",
        "[10:00] <ada> hi\n[10:01] <bob> ho\n",
        "[2023-05-13 10:00:00] <ada> hi\n[2023-05-13 10:00:01] <bob> ho: yes\n",
        "Minutes of 13/05/23, 10:00 - noon\n\nAda: absent\n",
    ] {
        let (result, sink) = read_bytes(text.as_bytes());
        assert!(!sink.formats.contains(&"whatsapp"), "{text}: {result:?}");
    }
}

proptest::proptest! {
    #[test]
    fn texts_of_any_kind_do_no_harm(text in "(\\[?0?[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2}, [0-9]{1,2}:[0-9]{2}\\]?( - )?\\PC{0,12}\n?){0,6}") {
        let _ = read_bytes(text.as_bytes());
    }
}
