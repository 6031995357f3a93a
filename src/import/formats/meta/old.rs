//! Instagram's download of 2018 and 2019: one `messages.json` with every chat.

use super::thread::{Thread, Threads};
use crate::conversation::{NewTurn, Role};
use crate::import::Sink;
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, spoken};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{array_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns;
use serde_json::Value;

/// Whether a record is a chat.
pub(super) fn is_thread(value: &Value) -> bool {
    value.get("participants").is_some_and(Value::is_array)
        && array_under(value, "conversation").iter().any(|m| m.get("sender").is_some())
}

/// Reads the chats of a file.
pub(super) fn read(
    source: &mut Source<'_>,
    threads: &mut Threads,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let layout = source.sample().layout(is_thread);
    source.each_record(layout, Unit::Conversation, sink, |value, sink| {
        let people: Vec<String> = array_under(&value, "participants")
            .iter()
            .filter_map(|person| Some(person.as_str()?.to_owned()))
            .collect();
        let mut messages = Vec::new();
        for message in array_under(&value, "conversation") {
            match turn(message) {
                Some(turn) => messages.push(turn),
                None => sink.skipped("record that is no message", &shorten(&message.to_string())),
            }
        }
        if messages.is_empty() {
            sink.failed("conversation without messages", &shorten(&people.join(", ")));
            return Ok(());
        }
        threads.add(Thread { id: Some(people.join(",")), title: None, people, messages });
        Ok(())
    })
}

fn turn(message: &Value) -> Option<NewTurn> {
    let sender = text_under(message, "sender")?;
    let mut shared: Vec<String> = Vec::new();
    for key in ["media_share_caption", "media", "media_url", "media_share_url", "story_share"] {
        shared.extend(text_under(message, key).map(str::to_owned));
    }
    if message.get("heart").is_some() {
        shared.push(media("heart"));
    }
    let text = text_under(message, "text").unwrap_or_default().to_owned();
    let text = spoken(turns::with_files(text, &shared));
    let said_at = instant_under(message, &["created_at"]);
    Some(NewTurn::message(Role::User, sender, text).at(said_at))
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;

    #[test]
    fn every_chat_of_a_file() {
        let text = r#"[{"participants": ["ada", "bob"], "conversation": [
                {"sender": "bob", "created_at": "2019-01-01T10:00:01.5+00:00", "media_url": "https://x.example/a.jpg"},
                {"sender": "ada", "created_at": "2019-01-01T10:00:00.5+00:00", "text": "h\u00e9"}, 7]},
            {"participants": ["ada", "cy"], "conversation": [{"sender": "cy", "created_at": "2019-01-01T11:00:00+00:00", "heart": "x"}]},
            {"participants": ["ada"], "conversation": []}]"#;
        let sink = read_as("instagram", text);
        assert_eq!(sink.said(), ["ada: hé", "bob: https://x.example/a.jpg", "cy: [heart]"]);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("ada, bob"));
        assert_eq!(sink.failed["conversation without messages"], 1);
        assert_eq!(sink.skipped["record that is no message"], 1);
    }
}
