//! Tests of files that are made to do harm: each costs at most itself. What is really large is made
//! here in small; the limits themselves are told in `docs/importing.md`.

use crate::import::Options;
use crate::import::testing::{Counting, error_of, options, read_bytes, read_path, zip};
use std::io::{Seek as _, SeekFrom, Write as _};
use zip::write::SimpleFileOptions;

const CHAT: &str = r#"[{"id": "c1", "mapping": {"a": {"id": "a", "message": {"author": {"role": "user"},
    "content": {"content_type": "text", "parts": ["hello"]}}}}}]"#;

/// An archive of files that say how large they are and hold nothing but one byte again and again.
fn bomb(files: usize, megabytes: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let much = vec![b' '; 1 << 20];
    for number in 0..files {
        zip.start_file(format!("{number}.json"), SimpleFileOptions::default()).unwrap();
        for _ in 0..megabytes {
            zip.write_all(&much).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

/// Writes over the unpacked size that the last entry's record in the directory tells.
fn lying(mut archive: Vec<u8>, size: u32) -> Vec<u8> {
    let entry = archive.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    archive[entry + 24..entry + 28].copy_from_slice(&size.to_le_bytes());
    archive
}

#[test]
fn archives_that_unpack_to_far_too_much_are_refused() {
    // 600 MB in 600 KB, told by the directory alone: nothing of it is unpacked.
    let one = lying(bomb(1, 1), 600 << 20);
    assert!(error_of(&one).contains("times as large"), "{}", error_of(&one));
    // Many of them are one.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.zip"), &one).unwrap();
    std::fs::write(folder.path().join("b.json"), CHAT).unwrap();
    let (result, sink) = read_path(folder.path(), &options());
    assert!(result.is_ok());
    assert_eq!(sink.skipped["archive cannot be opened"], 1);
    // An archive that was packed once more to next to nothing.
    let inner = zip(&[("spaces.json", &vec![b' '; 4 << 20])]);
    let stored = {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let plain = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file("spaces.json", plain).unwrap();
        zip.write_all(&vec![b' '; 4 << 20]).unwrap();
        zip.finish().unwrap().into_inner()
    };
    assert!(error_of(&zip(&[("inner.zip", &stored)])).contains("once more"));
    assert!(!error_of(&zip(&[("inner.zip", &inner)])).contains("once more"));
}

#[test]
fn an_archive_never_gives_more_than_it_says() {
    let archive = lying(zip(&[("conversations.json", CHAT.as_bytes())]), 40);
    let (_, sink) = read_bytes(&archive);
    assert_eq!(sink.messages().count(), 0);
}

#[test]
fn names_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    let names =
        ["../../../escape.json", "/tmp/recount-escape.json", "..\\..\\escape.json", "C:\\x"];
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, CHAT.as_bytes())).collect();
    std::fs::write(inside.join("a.zip"), zip(&files)).unwrap();
    let before = std::fs::read_dir(folder.path()).unwrap().count();
    let (result, sink) = read_path(&inside.join("a.zip"), &options());
    result.unwrap();
    assert_eq!(sink.messages().count(), names.len());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), before);
    assert_eq!(std::fs::read_dir(&inside).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("chat.json"), CHAT).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("round")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("secrets.txt")).unwrap();
    let (result, sink) = read_path(folder.path(), &options());
    assert_eq!((result.unwrap().files, sink.messages().count()), (1, 1));
}

/// Nothing in these files is a time that could be meant, or a text that a terminal should see.
#[test]
fn absurd_dates_and_zeros_cost_only_themselves() {
    let chatgpt = |time: &str| {
        format!(
            r#"[{{"id": "c", "create_time": {time}, "mapping": {{"a": {{"id": "a", "message":
            {{"author": {{"role": "user"}}, "create_time": {time},
            "content": {{"content_type": "text", "parts": ["a\u0000b"]}}}}}}}}}}]"#
        )
    };
    let claude = |time: &str| {
        format!(
            r#"[{{"uuid": "k", "created_at": "{time}", "chat_messages": [{{"uuid": "m",
            "sender": "human", "created_at": "{time}", "text": "a\u0000b"}}]}}]"#
        )
    };
    let times = ["1e300", "-1e300", "1e18", "-62135596800.5", "0", "\"NaN\"", "[]", "true", "null"];
    for file in times.iter().map(|time| chatgpt(time)) {
        assert_eq!(said(file.as_bytes()), ["user: a\0b"], "{file}");
    }
    for time in ["0000-00-00T00:00:00Z", "9999-12-31T23:59:59.999Z", "+275760-09-13", "-1", "x"] {
        assert_eq!(said(claude(time).as_bytes()), ["user: a\0b"], "{time}");
    }
    let whatsapp = "1/1/20, 10:00 - Ada: one\n31/2/20, 10:01 - Bob: two\n99/99/9999, 99:99 - Bob: x\n\
                    1/1/0000, 10:02 - Ada: three\n2/1/20, 10:03 - Bob: four\n";
    let (result, sink) = read_bytes(whatsapp.as_bytes());
    assert_eq!(result.unwrap().formats, ["whatsapp"]);
    assert!(sink.messages().count() >= 3, "{:?}", sink.said());
}

fn said(bytes: &[u8]) -> Vec<String> {
    let (result, sink) = read_bytes(bytes);
    result.unwrap();
    sink.said()
}

/// A tree whose every node follows the next, the last one the first, and one that follows itself.
#[test]
fn trees_that_run_in_circles_are_read_once() {
    let nodes: Vec<String> = (0..500)
        .map(|at| {
            let parent = if at == 499 { 499 } else { (at + 1) % 498 };
            format!(
                r#""n{at}": {{"id": "n{at}", "parent": "n{parent}", "children": ["n{at}", "n0"],
                "message": {{"author": {{"role": "user"}}, "content": {{"parts": ["m{at}"]}}}}}}"#
            )
        })
        .collect();
    let file = format!(r#"[{{"mapping": {{{}}}, "current_node": "n7"}}]"#, nodes.join(","));
    let (result, sink) = read_bytes(file.as_bytes());
    result.unwrap();
    assert_eq!(sink.messages().count(), 500);
}

#[test]
fn deep_nesting_costs_one_record() {
    let deep = "{\"mapping\":".repeat(100_000);
    let file = format!("[{}, {}]", &CHAT[1..CHAT.len() - 1], deep);
    let (_, sink) = read_bytes(file.as_bytes());
    assert_eq!(sink.messages().count(), 1);
    for open in ["[", "{\"messages\":[", "{\"chats\":{\"list\":[", "<div>", "> ", "<i>", "(", "- "]
    {
        let _ = read_bytes(open.repeat(60_000).as_bytes());
    }
}

/// A line that is longer than any may be, in a file with a hole: it takes no room on disk.
#[test]
fn a_line_without_an_end_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.txt");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(b"1/1/20, 10:00 - Ada: one\n1/1/20, 10:01 - Bob: two\n1/1/20, 10:02 - Ada: ")
        .unwrap();
    file.seek(SeekFrom::Start(40 << 20)).unwrap();
    file.write_all(b"\n1/1/20, 10:03 - Bob: four\n").unwrap();
    drop(file);
    let whatsapp = Options { format: Some("whatsapp".into()), ..options() };
    let (result, sink) = read_path(&path, &whatsapp);
    result.unwrap();
    let longest = sink.messages().map(|turn| turn.text.len()).max().unwrap();
    assert!(longest <= 8 << 20, "{longest}");
    assert_eq!(sink.messages().last().map(|turn| turn.text.as_str()), Some("four"));
}

#[test]
fn what_is_not_a_file_says_so() {
    let missing = read_path(std::path::Path::new("/dev/null"), &options()).0;
    let why = missing.unwrap_err().to_string();
    assert!(why.contains("a pipe or a device") && why.contains("name it -"), "{why}");
    let _: Counting = read_bytes(b"\0".repeat(10_000).as_slice()).1;
}
