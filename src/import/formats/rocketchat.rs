//! Rocket.Chat: the messages of its API (`channels.history` and alike) and of its database, as one
//! document or JSON Lines; and the JSON of the data that a user downloads.

use crate::conversation::{NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{service, spoken};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::rooms::{Order, Rooms};
use crate::import::reading::time::instant;
use crate::import::reading::turns::{file, with_files};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `rocketchat`.
pub(super) struct RocketChat;

impl Importer for RocketChat {
    fn format(&self) -> &'static str {
        "rocketchat"
    }

    fn description(&self) -> &'static str {
        "Rocket.Chat: messages of its API, its database or a user's data, as JSON"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_message) || sample.any(is_of_user) {
            Confidence::Certain
        } else {
            Confidence::No
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let mut rooms = Rooms::new();
        input.each(sink, |source, sink| {
            // Data of a user has a file for each chat, in a folder of its name.
            let name = source.sample().name();
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let folder = folder.rsplit('/').next().unwrap_or_default().to_owned();
            let stem = source.stem().to_owned();
            let chat = if stem == "messages" && !folder.is_empty() { folder } else { stem };
            let layout = source.sample().layout(|value| is_message(value) || is_of_user(value));
            source.each_record(layout, Unit::Message, sink, |value, sink| {
                take(&value, &chat, &mut rooms, sink);
                Ok(())
            })
        })?;
        rooms.send(Order::Time, sink)
    }
}

fn is_message(value: &Value) -> bool {
    value.get("rid").is_some_and(Value::is_string)
        && value.get("msg").is_some_and(Value::is_string)
        && value.get("u").is_some_and(Value::is_object)
        && value.get("ts").is_some()
}

/// Whether it is a message as a user's own data hold it.
fn is_of_user(value: &Value) -> bool {
    ["msg", "username", "ts"].iter().all(|key| value.get(*key).is_some())
        && value.get("rid").is_none()
}

/// Returns the time under a key: a text, or what a database makes of it.
fn time(value: &Value) -> Option<Timestamp> {
    let time = value.get("ts")?;
    let time = time.get("$date").unwrap_or(time);
    instant(time.get("$numberLong").unwrap_or(time))
}

fn take(value: &Value, chat: &str, rooms: &mut Rooms, sink: &mut dyn Sink) {
    let id = id_under(value, &["_id"]);
    if !is_message(value) && !is_of_user(value) {
        sink.skipped("record that is no message", &shorten(&value.to_string()));
        return;
    }
    let kind = text_under(value, "t").or_else(|| text_under(value, "type"));
    let example = || id.as_deref().unwrap_or_default();
    match kind {
        Some("rm") => return sink.skipped("message that was deleted", example()),
        Some("e2e") => return sink.skipped("message that is encrypted", example()),
        _ => {}
    }
    let user = value.get("u").unwrap_or(&Value::Null);
    let speaker = text_under(value, "alias")
        .or_else(|| text_under(user, "name"))
        .or_else(|| text_under(user, "username"))
        .or_else(|| text_under(value, "username"))
        .or_else(|| text_under(value, "name"))
        .unwrap_or("unknown");
    let said = value.get("msg").and_then(Value::as_str).unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    for attached in array_under(value, "attachments") {
        // A quoted message is one that was said before.
        if attached.get("message_link").is_some() {
            continue;
        }
        if text_under(attached, "type") == Some("file") || attached.get("title_link").is_some() {
            lines.push(file(text_under(attached, "title").unwrap_or("unnamed")));
        }
        for words in ["text", "description"] {
            let words = text_under(attached, words).filter(|words| !said.contains(words));
            lines.extend(words.map(str::to_owned));
        }
    }
    let shared = value.get("file").or_else(|| value.get("files")?.get(0));
    if lines.is_empty()
        && let Some(name) = shared.and_then(|shared| text_under(shared, "name"))
    {
        lines.push(file(name));
    }
    let mut turn = match kind {
        // What the server tells: `uj` is somebody who joined.
        Some(kind) if kind != "discussion-created" || said.is_empty() => {
            let what = told(kind);
            let words = [speaker, &what, said];
            let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            service(words.join(" "))
        }
        _ => {
            let bot =
                value.get("bot").is_some_and(|bot| !bot.is_null() && *bot != Value::Bool(false));
            let role = if bot { Role::Assistant } else { Role::User };
            NewTurn::message(role, speaker, spoken(with_files(said.to_owned(), &lines)))
        }
    };
    turn.source_id = id;
    let key = id_under(value, &["rid"]).unwrap_or_else(|| chat.to_owned());
    rooms.head(&key).title = Some(chat.to_owned());
    rooms.push(&key, turn.at(time(value)), sink);
}

/// The words for a kind of message of the server.
fn told(kind: &str) -> String {
    match kind {
        "uj" | "ujt" | "ult" => "joined",
        "ul" => "left",
        "au" | "added-user-to-team" => "added",
        "ru" | "removed-user-from-team" => "removed",
        "r" => "renamed the room",
        other => return other.replace(['_', '-'], " "),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{json_lines, read_as};
    use serde_json::json;

    #[test]
    fn messages_of_all_kinds() {
        let messages = json!([
            {"_id": "d", "rid": "r", "msg": "ida", "t": "au", "ts": "2024-05-01T10:04:00.000Z", "u": {"username": "eva"}},
            {"_id": "c", "rid": "r", "msg": "", "t": "rm", "ts": "2024-05-01T10:03:00.000Z", "u": {"username": "eva"}},
            {"_id": "b", "rid": "r", "msg": "", "ts": "2024-05-01T10:02:00.000Z", "u": {"username": "jon", "name": "Jon"},
             "attachments": [{"title": "plan.pdf", "title_link": "/x", "type": "file", "description": "the plan"}]},
            {"_id": "a", "rid": "r", "msg": "when?", "ts": "2024-05-01T10:00:00.000Z", "u": {"username": "eva"}, "reactions": {":x:": {"usernames": ["jon"]}}},
        ]);
        let said =
            ["eva: when?", "Jon: [file: plan.pdf]\nthe plan", "(tool) system: eva added ida"];
        for text in [
            json!({"messages": messages, "success": true}).to_string(),
            messages.to_string(),
            json_lines(messages.as_array().unwrap()),
        ] {
            let sink = read_as("rocketchat", &text);
            assert_eq!(sink.said(), said, "{text}");
            assert_eq!(sink.skipped["message that was deleted"], 1);
            assert_eq!(sink.conversations[0].source_id.as_deref(), Some("r"));
        }
    }

    #[test]
    fn other_shapes() {
        let text = r#"{"_id": "a", "rid": "r", "msg": "hi", "ts": {"$date": "2024-05-01T10:00:00.000Z"}, "u": {"username": "eva"}}
{"_id": "b", "rid": "q", "msg": "ho", "ts": {"$date": {"$numberLong": "1714557600000"}}, "u": {"username": "jon"}, "bot": {"i": "x"}}
{"x": 1}
"#;
        let sink = read_as("rocketchat", text);
        assert_eq!(sink.said(), ["eva: hi", "jon: ho"]);
        assert_eq!(sink.span().1.unwrap().to_string(), "2024-05-01T10:00:00Z");
        assert_eq!(sink.skipped["record that is no message"], 1);
        let own = r#"[{"msg": "hi", "username": "eva", "ts": "2024-05-01T10:00:00.000Z"}]"#;
        assert_eq!(read_as("rocketchat", own).said(), ["eva: hi"]);
    }
}
