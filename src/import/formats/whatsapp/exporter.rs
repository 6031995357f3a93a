//! The JSON that `whatsapp-chat-exporter` makes of `WhatsApp`'s database: an object with a chat under
//! the identity of each, in which an object holds the messages by their numbers.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, service, spoken};
use crate::import::reading::input::{Part, Source};
use crate::import::reading::json::{Parts, flag, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{Turns, file, with_files};
use crate::import::{Sample, Sink};
use serde_json::Value;

const PARTS: Parts =
    Parts { records: &["messages"], around: &[Parts::ANY], members: &["name", Parts::ANY] };

/// Whether a file is such an export.
pub(super) fn holds(sample: &Sample) -> bool {
    let chats = sample.document().and_then(Value::as_object);
    let messages = |chat: &Value| {
        let messages = chat.get("messages").and_then(Value::as_object);
        messages.is_some_and(|messages| messages.values().take(3).any(is_message))
    };
    // The first chats can be empty.
    chats.is_some_and(|chats| chats.values().any(messages))
}

fn is_message(value: &Value) -> bool {
    ["from_me", "timestamp", "key_id", "data"].iter().all(|key| value.get(*key).is_some())
}

/// Reads all chats.
pub(super) fn read(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut turns = Turns::long();
    let (mut id, mut name): (Option<String>, Option<String>) = (None, None);
    source.each_part(PARTS, sink, |part, sink| {
        match part {
            Part::Member(key, Value::String(value)) if key == Parts::ANY => id = Some(value),
            Part::Member(_, value) => name = value.as_str().map(str::to_owned).or(name.take()),
            Part::Record(message) => {
                let called = name.as_deref().or(id.as_deref().map(number));
                match turn(&message, called.unwrap_or("unknown")) {
                    Some(turn) => turns.push(turn, sink),
                    None => {
                        sink.skipped("record that is no message", &shorten(&message.to_string()));
                    }
                }
            }
            Part::End => {
                let turns = std::mem::replace(&mut turns, Turns::long());
                let (id, name) = (id.take(), name.take());
                if turns.is_empty() {
                    // The end of the whole is one too.
                    if let Some(id) = id {
                        sink.skipped("chat without messages", &shorten(&id));
                    }
                    return Ok(());
                }
                let title = name.or_else(|| Some(number(id.as_deref()?).to_owned()));
                let started_at = turns.first_at();
                let head = Conversation { source_id: id, title, started_at, turns: Vec::new() };
                turns.send(head, sink)?;
            }
        }
        Ok(())
    })
}

/// The number in an account's identity.
fn number(id: &str) -> &str {
    id.split('@').next().unwrap_or(id)
}

fn turn(message: &Value, chat: &str) -> Option<NewTurn> {
    if !is_message(message) {
        return None;
    }
    let data = message.get("data").and_then(Value::as_str).unwrap_or_default();
    let mut turn = if flag(message, "meta") {
        service(lines(data))
    } else {
        let me = flag(message, "from_me").then_some("Me");
        let speaker = me.or_else(|| text_under(message, "sender")).unwrap_or(chat);
        let caption = text_under(message, "caption").map(lines);
        let text = if flag(message, "sticker") {
            media("sticker")
        } else if flag(message, "media") {
            let name = data.rsplit(['/', '\\']).next().unwrap_or(data);
            let kind = text_under(message, "mime").unwrap_or_default();
            let missing = data.trim().is_empty() || data.contains("media is missing");
            match kind.split('/').next() {
                _ if !missing => file(name),
                Some("image") => media("picture"),
                Some(kind @ ("video" | "audio")) => media(kind),
                _ => media("file"),
            }
        } else {
            lines(data)
        };
        let text = match caption {
            Some(caption) if caption != text => with_files(caption, &[text]),
            _ => text,
        };
        NewTurn::message(Role::User, speaker, spoken(text))
    };
    turn.source_id = id_under(message, &["key_id"]);
    Some(turn.at(instant_under(message, &["timestamp"])))
}

/// A text with its line breaks, which are written as in a page.
fn lines(text: &str) -> String {
    text.replace("<br>", "\n").replace("<br/>", "\n").replace("<br />", "\n")
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;

    #[test]
    fn chats_and_groups() {
        let text = r#"{"4700@s.whatsapp.net": {"name": "Eva", "type": "android", "their_avatar": null, "media_base": {"x": 1}, "messages": {
            "1": {"from_me": true, "timestamp": 1714557601.5, "media": false, "key_id": "A", "meta": false, "data": "one<br>two", "sender": null, "safe": false, "mime": null, "caption": null, "sticker": false},
            "2": {"from_me": false, "timestamp": 1714557602, "media": true, "key_id": "B", "meta": false, "data": "WhatsApp/Media/leaf.jpg", "sender": null, "mime": "image/jpeg", "caption": "look", "sticker": false},
            "3": {"from_me": false, "timestamp": 1714557603, "media": true, "key_id": "C", "meta": true, "data": "The media is missing", "sender": null, "mime": "media", "sticker": false}}},
            "4701@s.whatsapp.net": {"name": null, "messages": {}},
            "9@g.us": {"name": null, "type": "android", "messages": {
            "4": {"from_me": false, "timestamp": 1714557604, "media": false, "key_id": "D", "meta": false, "data": "hi", "sender": "Jon"},
            "5": {"from_me": false, "timestamp": 1714557605, "media": false, "key_id": "E", "meta": true, "data": "Jon left", "sender": null}, "6": {}}}}"#;
        let sink = read_as("whatsapp", text);
        assert_eq!(
            sink.said(),
            [
                "Me: one\ntwo",
                "Eva: look\n[file: leaf.jpg]",
                "(tool) system: The media is missing",
                "Jon: hi",
                "(tool) system: Jon left"
            ]
        );
        let about: Vec<_> = sink
            .conversations
            .iter()
            .map(|c| (c.source_id.as_deref(), c.title.as_deref()))
            .collect();
        assert_eq!(
            about,
            [(Some("4700@s.whatsapp.net"), Some("Eva")), (Some("9@g.us"), Some("9"))]
        );
        assert_eq!(sink.skipped["chat without messages"], 1);
        assert_eq!(sink.skipped["record that is no message"], 1);
    }
}
