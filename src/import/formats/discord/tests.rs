use crate::conversation::Role;
use crate::import::testing::{options, read_as, read_bytes, read_path, zip};

const CHANNEL: &str = r#"{"guild": {"id": "7", "name": "Hills"},
    "channel": {"id": "42", "type": "GuildTextChat", "category": "Text", "name": "walks", "topic": null},
    "dateRange": {"after": null, "before": null}, "exportedAt": "2023-05-04T10:00:00+00:00",
    "messages": [MESSAGES], "messageCount": 2}"#;

fn channel(messages: &[&str]) -> String {
    CHANNEL.replace("MESSAGES", &messages.join(","))
}

fn message(id: u32, kind: &str, text: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{id}", "type": "{kind}", "timestamp": "2023-05-04T10:00:{id:02}.5+02:00", "content": "{text}",
        "author": {{"id": "1", "name": "ada", "discriminator": "0001", "nickname": "Ada B", "isBot": false}}{more}}}"#
    )
}

#[test]
fn a_channel() {
    let text = channel(&[
        &message(1, "Default", "Who comes?", ""),
        &message(
            2,
            "Reply",
            "",
            r#", "attachments": [{"id": "1", "url": "https://x.example/a/plan.pdf", "fileName": "plan.pdf", "fileSizeBytes": 3000}], "stickers": [{"name": "Wave"}]"#,
        ),
        &message(3, "GuildMemberJoin", "Joined the server.", ""),
        &message(4, "Call", "Started a call that lasted 2 minutes.", ""),
        &message(
            5,
            "Default",
            "",
            r#", "embeds": [{"title": "Forecast", "url": "", "description": "Rain", "fields": [{"name": "Wind", "value": "5"}]}]"#,
        ),
        &message(
            6,
            "Default",
            "see https://x.example",
            r#", "embeds": [{"title": "A page", "url": "https://x.example"}]"#,
        ),
        "{\"odd\": 1}",
    ]);
    let sink = read_as("discord", &text);
    assert_eq!(
        sink.said(),
        [
            "Ada B: Who comes?",
            "Ada B: [file: plan.pdf (2 KB)]\n[sticker: Wave]",
            "Ada B: Joined the server.",
            "Ada B: Started a call that lasted 2 minutes.",
            "Ada B: Forecast\nRain\nWind: 5",
            "Ada B: see https://x.example",
        ]
    );
    let conversation = &sink.conversations[0];
    assert_eq!(conversation.source_id.as_deref(), Some("42"));
    assert_eq!(conversation.title.as_deref(), Some("Hills #walks"));
    let first = conversation.turns[0].said_at.map(|t| t.to_string());
    assert_eq!(first.as_deref(), Some("2023-05-04T08:00:01.5Z"));
    assert_eq!(sink.skipped["record that is no message"], 1);
}

#[test]
fn bots_and_people_who_left() {
    let bot = r#"{"id": "9", "type": "Default", "timestamp": "2023-05-04T10:00:00+00:00", "content": "beep",
        "author": {"id": "2", "name": "robot", "isBot": true}}"#;
    let gone = r#"{"id": "10", "type": "Default", "timestamp": "2023-05-04T10:00:01+00:00", "content": "boo", "author": null}"#;
    let sink = read_as("discord", &channel(&[bot, gone]));
    assert_eq!(sink.said(), ["robot: beep", "Deleted User: boo"]);
    assert_eq!(sink.conversations[0].turns[0].role, Role::Assistant);
}

#[test]
fn parts_of_a_channel_are_one_conversation() {
    let folder = tempfile::tempdir().unwrap();
    let part = |numbers: std::ops::Range<u32>| {
        let messages: Vec<String> =
            numbers.map(|id| message(id, "Default", &format!("number {id}"), "")).collect();
        channel(&messages.iter().map(String::as_str).collect::<Vec<_>>())
    };
    std::fs::write(folder.path().join("walks [part 2].json"), part(1..3)).unwrap();
    std::fs::write(folder.path().join("walks [part 10].json"), part(2..5)).unwrap();
    let (result, sink) = read_path(folder.path(), &options());
    assert_eq!(result.unwrap().formats, ["discord"]);
    assert_eq!(sink.conversations.len(), 1);
    let texts: Vec<_> = sink.messages().map(|turn| turn.text.as_str()).collect();
    assert_eq!(texts, ["number 1", "number 2", "number 3", "number 4"]);
    assert_eq!(sink.skipped["repeated message"], 1);
}

#[test]
fn a_broken_download_keeps_what_came() {
    let whole = channel(&[&message(1, "Default", "one", ""), &message(2, "Default", "two", "")]);
    let (result, sink) = read_bytes(&whole.as_bytes()[..whole.len() - 150]);
    assert_eq!(result.unwrap().formats, ["discord"]);
    assert_eq!(sink.said(), ["Ada B: one"]);
    assert_eq!(sink.warnings.len(), 1);
}

#[test]
fn the_package_that_discord_sends() {
    let csv = "ID,Timestamp,Contents,Attachments\n2,2023-05-04 10:00:01.5+00:00,\"two,\nlines\",\n1,2023-05-04 10:00:00,,https://x.example/1/plan.pdf?ex=1\n";
    let json = r#"[{"ID": 12, "Timestamp": "2023-05-05 10:00:01", "Contents": "later", "Attachments": ""}, {"no": 1}]"#;
    let export = zip(&[
        ("account/user.json", br#"{"id": "1", "username": "ada"}"#),
        ("messages/index.json", br#"{"41": "walks in Hills", "42": "Direct Message with bob"}"#),
        (
            "messages/c41/channel.json",
            br#"{"id": "41", "type": 0, "name": "walks", "guild": {"id": "7", "name": "Hills"}}"#,
        ),
        ("messages/c41/messages.csv", csv.as_bytes()),
        ("messages/c42/channel.json", br#"{"id": "42", "type": 1, "recipients": ["1", "2"]}"#),
        ("messages/c42/messages.json", json.as_bytes()),
    ]);
    let (result, sink) = read_bytes(&export);
    assert_eq!(result.unwrap().formats, ["discord"]);
    assert_eq!(sink.said(), ["ada: [file: plan.pdf]", "ada: two,\nlines", "ada: later"]);
    let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
    assert_eq!(titles, ["Hills #walks", "Direct Message with bob"]);
    assert_eq!(sink.span().0.unwrap().to_string(), "2023-05-04T10:00:00Z");
}

#[test]
fn messages_of_the_api() {
    let text = r#"[
        {"id": "2", "type": 19, "content": "ho", "channel_id": "5", "author": {"id": "8", "username": "bob", "bot": true}, "timestamp": "2023-05-04T15:12:06.123000+00:00", "attachments": []},
        {"id": "1", "type": 0, "content": "hi", "channel_id": "5", "author": {"id": "9", "username": "ada", "global_name": "Ada"}, "timestamp": "2023-05-04T15:12:05+00:00",
            "attachments": [{"id": "1", "filename": "a.png", "size": 2048, "url": "https://x.example/a.png"}]}]"#;
    let lines = text.replace('\n', "").replace("}, {", "}\n{");
    for text in [text, lines.trim_matches(['[', ']'])] {
        let sink = read_as("discord", text);
        assert_eq!(sink.said(), ["Ada: hi\n[file: a.png (2 KB)]", "bob: ho"], "{text}");
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("5"));
    }
}
