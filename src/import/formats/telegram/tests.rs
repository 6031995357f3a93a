use crate::conversation::Role;
use crate::import::Options;
use crate::import::testing::{Counting, error_of, options, read_as, read_bytes, read_path};

const CHAT: &str = r#"{"name": "Ada", "type": "personal_chat", "id": 77, "messages": [
    {"id": 1, "type": "service", "date": "2023-05-04T10:00:00", "date_unixtime": "1683187200", "actor": "Ada", "actor_id": "user1", "action": "phone_call", "duration_seconds": 61, "text": ""},
    {"id": 2, "type": "message", "date": "2023-05-04T12:00:01", "date_unixtime": "1683194401", "from": "Ada", "from_id": "user1", "text": "plain"},
    {"id": 3, "type": "message", "date": "2023-05-04T12:00:02", "date_unixtime": "1683194402", "from": "Bob", "from_id": "user2",
     "text": ["see ", {"type": "text_link", "text": "this", "href": "https://x.example"}, " and ", {"type": "link", "text": "https://y.example"}]},
    {"id": 4, "type": "message", "date": "2023-05-04T12:00:03", "from": null, "from_id": "user3", "photo": "photos/p1.jpg", "text": "caption"},
    {"id": 5, "type": "message", "date": "2023-05-04T12:00:04", "from": "Bob", "file": "(File not included. Change data exporting settings to download.)", "media_type": "sticker", "sticker_emoji": "😀", "text": ""},
    {"id": 6, "type": "message", "date": "2023-05-04T12:00:05", "from": "Bob", "file": "files/a.pdf", "file_name": "plan.pdf", "mime_type": "application/pdf", "file_size": 5000, "text": ""},
    {"id": 7, "type": "message", "date": "2023-05-04T12:00:06", "from": "Bob", "poll": {"question": "When?", "answers": [{"text": "now"}, {"text": "later"}]}, "text": ""}]}"#;

fn said(sink: &Counting) -> Vec<String> {
    sink.said()
}

#[test]
fn one_chat() {
    let sink = read_as("telegram", CHAT);
    assert_eq!(
        said(&sink),
        [
            "(tool) system: Ada phone call 61 s",
            "Ada: plain",
            "Bob: see this (https://x.example) and https://y.example",
            "user3: caption\n[file: p1.jpg]",
            "Bob: [sticker: 😀]",
            "Bob: [file: plan.pdf (application/pdf, 4 KB)]",
            "Bob: Poll: When?\n- now\n- later",
        ]
    );
    let conversation = &sink.conversations[0];
    assert_eq!(
        (conversation.source_id.as_deref(), conversation.title.as_deref()),
        (Some("77"), Some("Ada"))
    );
    assert_eq!(conversation.turns[1].said_at.unwrap().to_string(), "2023-05-04T10:00:01Z");
    assert_eq!(conversation.turns[1].source_id.as_deref(), Some("2"));
}

#[test]
fn all_chats() {
    let other = CHAT.replace("77", "78").replace("personal_chat", "bot_chat");
    let text = format!(
        r#"{{"about": "x", "personal_information": {{"first_name": "A"}}, "contacts": {{"about": "", "list": [{{"first_name": "C"}}]}},
        "chats": {{"about": "y", "list": [{CHAT}, {{"name": "empty", "messages": []}}]}}, "left_chats": {{"list": [{other}]}}}}"#
    );
    let sink = read_as("telegram", &text);
    let ids: Vec<_> = sink.conversations.iter().filter_map(|c| c.source_id.as_deref()).collect();
    assert_eq!(ids, ["77", "78"]);
    assert_eq!(sink.conversations[1].turns[1].role, Role::Assistant);
}

#[test]
fn local_times_take_the_zone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result.json");
    std::fs::write(&path, CHAT).unwrap();
    let time_zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let sink = read_path(&path, &Options { time_zone, ..options() }).1;
    let times: Vec<_> = sink.messages().filter_map(|t| t.said_at).map(|t| t.to_string()).collect();
    assert_eq!(
        times[..3],
        ["2023-05-04T10:00:01Z", "2023-05-04T10:00:02Z", "2023-05-04T10:00:03Z"]
    );
}

const PAGE: &str = r#"<!DOCTYPE html>
<html><head><meta charset="utf-8"/><title>Exported Data</title><script src="js/script.js"></script></head>
<body><div class="page_wrap"><div class="page_header"><div class="content"><div class="text bold">
Hills &amp; Dales
    </div></div></div>
<div class="page_body chat_page"><div class="history">
<div class="message service" id="message-1"><div class="body details">4 May 2023</div></div>
<div class="message service" id="message1"><div class="body details">Ada created group «Hills»</div></div>
<div class="message default clearfix" id="message2"><div class="pull_left userpic_wrap"><div class="userpic"><div class="initials">A</div></div></div>
 <div class="body"><div class="pull_right date details" title="04.05.2023 12:00:01 UTC+02:00">12:00</div>
 <div class="from_name">
Ada B
 </div><div class="text">
Hello<br>there &lt;you&gt; <a href="https://x.example">x.example</a>
 </div></div></div>
<div class="message default clearfix joined" id="message3"><div class="body"><div class="pull_right date details" title="04.05.2023 12:00:02 UTC+02:00">12:00</div>
 <div class="media_wrap clearfix"><a class="photo_wrap clearfix pull_left" href="photos/p1.jpg"><img class="photo" src="photos/p1_thumb.jpg"/></a></div>
 <div class="text">the view</div></div></div>
<div class="message default clearfix" id="message4"><div class="body"><div class="pull_right date details" title="04.05.2023 12:00:03">12:00</div>
 <div class="from_name">Bob</div><div class="media_wrap clearfix"><div class="media clearfix pull_left media_voice_message"><div class="body">
 <div class="title bold">Voice message</div><div class="status details">00:05</div></div></div></div></div></div>
<div class="message default clearfix" id="message5"><div class="body"><div class="pull_right date details" title="04.05.2023 12:00:04 UTC+02:00">12:00</div>
 <div class="from_name">Bob</div><div class="forwarded body"><div class="from_name">Cy <span class="date details" title="01.01.2020 10:00:00"> 01.01.2020 10:00:00</span></div><div class="text">old news</div></div></div></div>
</div></div></div></body></html>"#;

#[test]
fn pages() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("messages.html"), PAGE).unwrap();
    let later = |page: &str| {
        let first = "id=\"message-1\"";
        let moved = PAGE.replace("id=\"message", &format!("id=\"message{page}"));
        moved.replace(&format!("id=\"message{page}-1\""), first)
    };
    std::fs::write(folder.path().join("messages10.html"), later("10")).unwrap();
    std::fs::write(folder.path().join("messages2.html"), later("9")).unwrap();
    let (result, sink) = read_path(folder.path(), &options());
    assert_eq!(result.unwrap().formats, ["telegram"]);
    assert_eq!(sink.conversations.len(), 1);
    let conversation = &sink.conversations[0];
    assert_eq!(conversation.title.as_deref(), Some("Hills & Dales"));
    assert_eq!(
        sink.said()[..5],
        [
            "(tool) system: Ada created group «Hills»",
            "Ada B: Hello\nthere <you> x.example",
            "Ada B: the view\n[file: p1.jpg]",
            "Bob: [voice message: 00:05]",
            "Bob: old news",
        ]
    );
    let ids: Vec<_> = conversation.turns.iter().filter_map(|t| t.source_id.as_deref()).collect();
    assert_eq!(ids[..6], ["1", "2", "3", "4", "5", "91"]);
    assert_eq!(ids[10], "101");
    let times: Vec<_> = sink.messages().filter_map(|t| t.said_at).map(|t| t.to_string()).collect();
    assert_eq!(
        times[..3],
        ["2023-05-04T10:00:01Z", "2023-05-04T10:00:02Z", "2023-05-04T12:00:03Z"]
    );
}

#[test]
fn lists_say_what_is_wanted() {
    let page = "<!DOCTYPE html><html><head><script src=\"js/script.js\"></script></head><body><div class=\"page_wrap list_page\"><div class=\"page_header\">Chats</div><div class=\"page_body\"></div></div></body></html>";
    assert!(error_of(page.as_bytes()).contains("result.json"));
}

#[test]
fn other_files_are_not_taken() {
    for text in [
        r#"{"messages": [{"role": "user", "content": "hi"}]}"#,
        r#"{"messages": [{"sender_name": "A", "timestamp_ms": 1, "content": "x"}]}"#,
        r#"{"chats": {"list": []}}"#,
        "<html><body><div class=\"message\">hi</div></body></html>",
    ] {
        let (_, sink) = read_bytes(text.as_bytes());
        assert!(!sink.formats.contains(&"telegram"), "{text}");
    }
}
