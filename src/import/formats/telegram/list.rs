//! Lists of messages without their chat: taken out of an export, or written by programs that use
//! Telegram's API (Telethon's `to_json`).

use super::message::Chat;
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{flag, id_under, text_under};
use crate::import::reading::turns::Turns;
use crate::import::{Options, Sample, Sink};
use serde_json::{Value, json};

/// Whether the records of a file are such messages.
pub(super) fn holds(sample: &Sample) -> bool {
    sample.records().iter().any(|value| is_exported(value) || is_raw(value))
}

/// A message of an export: Slack's and others have times of another form.
fn is_exported(value: &Value) -> bool {
    super::is_message(value)
        && id_under(value, &["id"]).is_some()
        && (value.get("from").is_some() || value.get("from_id").is_some())
}

/// A message of the API.
fn is_raw(value: &Value) -> bool {
    text_under(value, "_") == Some("Message")
        && value.get("message").is_some_and(Value::is_string)
        && value.get("date").is_some_and(Value::is_string)
}

/// Reads the file as one chat.
pub(super) fn read(
    source: &mut Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let stem = source.stem().to_owned();
    let layout = source.sample().layout(|value| is_exported(value) || is_raw(value));
    let (chat, mut turns) = (Chat::default(), Vec::new());
    source.each_record(layout, Unit::Message, sink, |value, sink| {
        let value = if is_raw(&value) { exported(&value) } else { value };
        match chat.turn(&value, options) {
            Some(turn) => turns.push(turn),
            None => sink.skipped("record that is no message", &shorten(&value.to_string())),
        }
        Ok(())
    })?;
    // The API gives the newest first.
    turns.sort_by_key(|turn| turn.said_at);
    let mut kept = Turns::default();
    for turn in turns {
        kept.push(turn, sink);
    }
    sink.conversation(chat.conversation(kept.into_vec(), &stem))?;
    Ok(())
}

/// Returns a message of the API in the form of an export. It names people by their numbers only.
fn exported(value: &Value) -> Value {
    let number = |key: &str| {
        let peer = value.get(key)?;
        id_under(peer, &["user_id", "channel_id", "chat_id"])
    };
    let mine = flag(value, "out");
    let from = number("from_id").or_else(|| number("peer_id").filter(|_| !mine));
    let from = from.map_or_else(|| "me".to_owned(), |number| format!("user{number}"));
    let media = value.get("media").and_then(|media| text_under(media, "_"));
    let text = match (value.get("message").and_then(Value::as_str), media) {
        (Some(""), Some(kind)) => {
            format!("[{}]", kind.trim_start_matches("MessageMedia").to_lowercase())
        }
        (text, _) => text.unwrap_or_default().to_owned(),
    };
    json!({"id": value.get("id"), "type": "message", "date": value.get("date"), "from": from, "text": text})
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;

    #[test]
    fn messages_taken_out_of_an_export() {
        let one = r#"{"id": 1, "type": "message", "date": "2023-05-04T15:12:05", "from": "Ada", "text": "hi"}"#;
        let two = r#"{"id": 2, "type": "message", "date": "2023-05-04T15:12:06", "from": "Bob", "text": ["h", "o"]}"#;
        for text in [format!("[{two}, {one}]"), format!("{one}\n{two}\n")] {
            let sink = read_as("telegram", &text);
            assert_eq!(sink.said(), ["Ada: hi", "Bob: ho"], "{text}");
            assert_eq!(sink.conversations[0].title.as_deref(), Some("download"));
        }
    }

    #[test]
    fn messages_of_the_api() {
        let text = r#"[
            {"_": "Message", "id": 3, "date": "2023-05-04T15:12:07+00:00", "message": "", "out": false, "peer_id": {"_": "PeerUser", "user_id": 9}, "media": {"_": "MessageMediaPhoto"}},
            {"_": "Message", "id": 2, "date": "2023-05-04T15:12:06+00:00", "message": "ho", "out": true, "peer_id": {"_": "PeerUser", "user_id": 9}, "from_id": null},
            {"_": "MessageService", "id": 4, "date": "2023-05-04T15:12:08+00:00"},
            {"_": "Message", "id": 1, "date": "2023-05-04T15:12:05+00:00", "message": "hi", "out": false, "peer_id": {"_": "PeerUser", "user_id": 9}}]"#;
        let sink = read_as("telegram", text);
        assert_eq!(sink.said(), ["user9: hi", "me: ho", "user9: [photo]"]);
        assert_eq!(sink.skipped["record that is no message"], 1);
        assert_eq!(sink.span().0.map(|t| t.to_string()).as_deref(), Some("2023-05-04T15:12:05Z"));
    }
}
