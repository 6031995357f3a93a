use crate::import::testing::{options, read_as, read_bytes, read_file, read_path, zip};

fn broken(text: &str) -> String {
    text.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<Vec<_>>().concat()
}

#[test]
fn newest_first_and_in_broken_text() {
    let text = format!(
        r#"{{"participants": [{{"name": "{name}"}}, {{"name": "Bob"}}],
        "messages": [
          {{"sender_name": "Bob", "timestamp_ms": 1675597571851, "photos": [{{"uri": "messages/inbox/x/photos/1.jpg", "creation_timestamp": 1}}], "type": "Generic"}},
          {{"sender_name": "Bob", "timestamp_ms": 1675597571851, "content": "first of two", "type": "Generic"}},
          {{"sender_name": "Bob", "timestamp_ms": 1675597571000, "is_unsent": true}},
          {{"sender_name": "{name}", "timestamp_ms": 1675597570000, "content": "{hi}", "type": "Generic", "reactions": [{{"reaction": "x", "actor": "Bob"}}]}},
          {{"sender_name": "Bob", "timestamp_ms": 1675597560000, "share": {{"link": "https://x.example", "share_text": "a page"}}}},
          {{"sender_name": "Bob", "timestamp_ms": 1675597550000, "content": "Bob added Cy to the group.", "type": "Subscribe", "users": [{{"name": "Cy"}}]}},
          {{"odd": 1}}],
        "title": "{name}", "is_still_participant": true, "thread_path": "inbox/zaneta_77"}}"#,
        name = broken("Žaneta"),
        hi = broken("Čau 🐎"),
    );
    let sink = read_as("messenger", &text);
    assert_eq!(
        sink.said(),
        [
            "Bob: Bob added Cy to the group.",
            "Bob: a page https://x.example",
            "Žaneta: Čau 🐎",
            "Bob: [message that was taken back]",
            "Bob: first of two",
            "Bob: [file: 1.jpg]",
        ]
    );
    let conversation = &sink.conversations[0];
    assert_eq!(conversation.source_id.as_deref(), Some("zaneta_77"));
    assert_eq!(conversation.title.as_deref(), Some("Žaneta"));
    let last = sink.span().1.map(|t| t.to_string());
    assert_eq!(last.as_deref(), Some("2023-02-05T11:46:11.851Z"));
    assert_eq!(sink.skipped["record that is no message"], 1);
}

fn file(from: u64) -> String {
    format!(
        r#"{{"participants": [{{"name": "Ada"}}], "messages": [{{"sender_name": "Ada", "timestamp_ms": {}, "content": "b{from}"}},
        {{"sender_name": "Ada", "timestamp_ms": {from}, "content": "a{from}"}}], "title": "Ada", "thread_path": "inbox/ada_1"}}"#,
        from + 1
    )
}

#[test]
fn the_files_of_a_chat_are_one() {
    let at =
        |folder: &str, number: u32| format!("{folder}/messages/inbox/ada_1/message_{number}.json");
    let newer = file(1_675_597_570_000);
    let older = file(1_575_597_570_000);
    let archive = |folder: &str| {
        zip(&[
            (at(folder, 1).as_str(), newer.as_bytes()),
            (at(folder, 2).as_str(), older.as_bytes()),
            (&format!("{folder}/messages/inbox/ada_1/photos/1.jpg"), b"\xFF\xD8\xFF"),
        ])
    };
    for (folder, format) in
        [("your_facebook_activity", "messenger"), ("your_instagram_activity", "instagram")]
    {
        let (result, sink) = read_bytes(&archive(folder));
        assert_eq!(result.unwrap().formats, [format]);
        assert_eq!(sink.conversations.len(), 1);
        let texts: Vec<_> = sink.messages().map(|turn| turn.text.as_str()).collect();
        assert_eq!(texts, ["a1575597570000", "b1575597570000", "a1675597570000", "b1675597570000"]);
    }
}

#[test]
fn encrypted_chats() {
    let text = r#"{"participants": ["Ada", "Bob"], "threadName": "Ada_12", "messages": [
        {"isUnsent": false, "media": [], "reactions": [], "senderName": "Ada", "text": "hi", "timestamp": 1675597570000, "type": "text"},
        {"isUnsent": false, "media": [{"uri": "./media/1.jpeg"}], "reactions": [], "senderName": "Bob", "text": "", "timestamp": 1675597571000, "type": "media"}]}"#;
    let sink = read_as("messenger", text);
    assert_eq!(sink.said(), ["Ada: hi", "Bob: [file: 1.jpeg]"]);
    assert_eq!(sink.conversations[0].title.as_deref(), Some("Ada"));
}

#[test]
fn a_bare_chat_is_instagrams() {
    let text =
        r#"{"messages": [{"sender_name": "Ada", "timestamp_ms": 1675597570000, "content": "hi"}]}"#;
    assert_eq!(read_as("instagram", text).said(), ["Ada: hi"]);
}

#[test]
fn a_folder_of_one_chat() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("message_1.json"), file(1_675_597_570_000)).unwrap();
    let (_, sink) = read_path(folder.path(), &options());
    assert_eq!(sink.conversations[0].source_id.as_deref(), Some("ada_1"));
}

#[test]
fn pages_for_people() {
    let block = |sender: &str, body: &str, when: &str| {
        format!(
            "<div class=\"pam _3-95 _2ph- _a6-g uiBoxWhite noborder\">\
             <h2 class=\"_3-95 _2pim _a6-h _a6-i\">{sender}</h2>\
             <div class=\"_3-95 _a6-p\"><div><div></div><div>{body}</div><div></div></div></div>\
             <div class=\"_3-94 _a6-o\">{when}</div></div>"
        )
    };
    let page = |path: &str, blocks: &[String]| {
        format!(
            "<html><head><title>x</title><base href=\"../{path}/messages/inbox/\"/></head><body>\
             <h1>Mei &amp; Ada</h1><main class=\"_a706\">{}</main></body></html>",
            blocks.concat()
        )
    };
    let blocks = [
        block(
            "Mei",
            "second<br>line<ul class=\"_a6-q\"><li>\u{2764}Ada</li></ul>",
            "Sep 24, 2025 10:44 pm",
        ),
        block(
            "Ada",
            "<a href=\"messages/inbox/a_1/photos/cat.jpg\"><img src=\"x\"/></a>",
            "Sep 24, 2025 10:44 pm",
        ),
        block("Mei", "first", "Sep 3, 2025 8:15 pm"),
    ];
    let old: Vec<String> = [block("Mei", "hi", "12 d\u{e9}c. 2018 10:44")]
        .map(|block| {
            block
                .replace("_a6-g", "_2lej")
                .replace("_a6-h", "_2lek")
                .replace("_a6-p", "_2let")
                .replace("_a6-o", "_2lem")
        })
        .to_vec();
    for (path, blocks, format, said, first) in [
        (
            "your_instagram_activity",
            &blocks[..],
            "instagram",
            &["Mei: first", "Ada: [file: cat.jpg]", "Mei: second\nline"][..],
            "2025-09-03T20:15:00Z",
        ),
        ("facebook", &old[..], "messenger", &["Mei: hi"][..], "2018-12-12T10:44:00Z"),
    ] {
        let file = page(path, blocks);
        let sink = read_file("message_1.html", file.as_bytes());
        assert_eq!(
            (sink.formats.as_slice(), sink.said()),
            (&[format][..], said.iter().map(|s| (*s).to_owned()).collect())
        );
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Mei & Ada"));
        assert_eq!(sink.span().0.unwrap().to_string(), first);
    }
}
