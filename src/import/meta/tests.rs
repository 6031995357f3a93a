use super::super::testing::{options, read_as, read_bytes, read_path, zip};

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
