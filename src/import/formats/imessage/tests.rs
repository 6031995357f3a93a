use super::{attributed, edited};
use crate::import::reading::database::build;
use crate::import::testing::{Counting, options, read_as, read_bytes, read_path};
use std::fmt::Write as _;

const DATABASE: &str = include_str!("../../../../tests/fixtures/import/imessage.sql");
const EDITED: &str = include_str!("../../../../tests/fixtures/import/imessage-edited.sql");
const OLD_DATABASE: &str = include_str!("../../../../tests/fixtures/import/imessage-old.sql");

const TEXT: &str = "May 17, 2022  5:29:42 PM (Read by them after 3 minutes)\nMe\nHello\n\nthere\nTapbacks:\n    Loved by Ada B\n\n\
    May 17, 2022 12:30:00 PM\nAda B\nearlier, but later in the file\n\n\
    May 17, 2022  5:31:00 PM Ada B named the conversation Hills\n\n\
    May 17, 2022  5:32:00 PM\nAda B\nWho comes?\n    May 17, 2022  5:33:00 PM\n    Me\n    I do\n\n\
    May 17, 2022  5:33:00 PM\nMe\nI do\nThis message responded to an earlier message.\n\n\
    May 17, 2022  5:34:00 PM\n+15558675309\n/Users/me/Library/Messages/Attachments/1.jpg\n";

#[test]
fn text_of_the_exporter() {
    let sink = read_as("imessage", TEXT);
    assert_eq!(
        sink.said(),
        [
            "Ada B: earlier, but later in the file",
            "Me: Hello\n\nthere",
            "(tool) system: Ada B named the conversation Hills",
            "Ada B: Who comes?",
            "Me: I do",
            "+15558675309: /Users/me/Library/Messages/Attachments/1.jpg",
        ]
    );
    assert_eq!(sink.span().0.unwrap().to_string(), "2022-05-17T12:30:00Z");
    let turn = &sink.conversations[0].turns[1];
    assert_eq!(turn.said_at_text.as_deref(), Some("May 17, 2022  5:29:42 PM"));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn store(statements: &str) -> Counting {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    build(&path, statements);
    let before = std::fs::read(&path).unwrap();
    let (result, sink) = read_path(&path, &options());
    assert_eq!(result.unwrap().formats, ["imessage"]);
    assert_eq!(std::fs::read(&path).unwrap(), before, "the database was changed");
    sink
}

#[test]
fn the_database() {
    let body = hex(&attributed::archive("kept with attributes"));
    let sink = store(&DATABASE.replace("BODY", &body));
    let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
    assert_eq!(titles, ["Hills", "ada@x.example", "+15550001"]);
    let ids: Vec<_> = sink.conversations.iter().filter_map(|c| c.source_id.as_deref()).collect();
    assert_eq!(ids, ["iMessage;+;chat9", "with ada@x.example", "iMessage;-;+15550001"]);
    assert_eq!(
        sink.said(),
        [
            "ada@x.example: in seconds",
            "(tool) system: ada@x.example named the chat \u{201c}Hills\u{201d}",
            "+15550001: Loved \u{201c}in seconds\u{201d}",
            "ada@x.example: out of any chat",
            "+15550001: in nanoseconds",
            "Me: kept with attributes",
            "+15550001: [file: IMG_1.heic (image/heic, 2 MB)]",
        ]
    );
    let (first, last) = sink.span();
    assert_eq!(first.unwrap().to_string(), "2010-07-05T05:20:00Z");
    assert_eq!(last.unwrap().to_string(), "2023-05-04T03:00:02Z");
}

#[test]
fn an_edited_message_says_its_last_wording() {
    let summary = hex(&edited::list(&[&["at sevn", "at seven"]]));
    let sink = store(&EDITED.replace("SUMMARY", &summary));
    assert_eq!(sink.said(), ["+15550001: at seven", "Me: ok"]);
}

#[test]
fn an_older_database_has_fewer_columns() {
    let sink = store(OLD_DATABASE);
    assert_eq!(sink.said(), ["ada: hi", "Me: ho"]);
}

#[test]
fn other_files_are_not_taken() {
    for text in ["May 17, 2022\nMe\nHello\n", "May 17, 2022 17:29:42 started\nMe\n", "May 17\n"] {
        let (_, sink) = read_bytes(text.as_bytes());
        assert!(!sink.formats.contains(&"imessage"), "{text}");
    }
}
