//! Le Chat of Mistral: the ZIP of an account's chats, a file `chat-<id>.json` for each.
//!
//! A file is a list of messages in no order. What an answer says can stand in `content`, in pieces
//! beside it, or in both.

use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;

/// The format `lechat`.
pub(super) struct LeChat;

impl Importer for LeChat {
    fn format(&self) -> &'static str {
        "lechat"
    }

    fn description(&self) -> &'static str {
        "Le Chat (Mistral): the ZIP of an account's chats, or single files chat-….json of it"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_message) { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let layout = source.sample().layout(is_message);
            let mut chats: Vec<(Option<String>, Vec<Value>)> = Vec::new();
            source.each_record(layout, Unit::Message, sink, |message, _| {
                let id = id_under(&message, &["chatId"]);
                match chats.iter_mut().rev().find(|(known, _)| *known == id) {
                    Some((_, messages)) => messages.push(message),
                    None => chats.push((id, vec![message])),
                }
                Ok(())
            })?;
            for (id, messages) in chats {
                chat(id, messages, sink)?;
            }
            Ok(())
        })
    }
}

fn is_message(value: &Value) -> bool {
    let has = |keys: &[&str]| keys.iter().filter(|key| value.get(**key).is_some()).count();
    has(&["chatId", "role", "createdAt"]) == 3
        && has(&["contentChunks", "canvas", "quotes", "reactionDetail"]) > 0
}

fn chat(
    source_id: Option<String>,
    mut messages: Vec<Value>,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let when = |message: &Value| instant_under(message, &["createdAt"]);
    messages.sort_by_key(when);
    let mut turns = Turns::default();
    // A document comes with every message that it is open beside.
    let mut documents: HashMap<String, String> = HashMap::new();
    for message in &messages {
        for turn in turns_of(message, &mut documents, sink) {
            turns.push(turn.at(when(message)), sink);
        }
    }
    if turns.is_empty() {
        sink.skipped("chat without messages", &shorten(source_id.as_deref().unwrap_or_default()));
        return Ok(());
    }
    let title = turns.first_words();
    let started_at = turns.first_at();
    sink.conversation(Conversation { source_id, title, started_at, turns: turns.into_vec() })?;
    Ok(())
}

/// The turns of a message, folded ones first.
fn turns_of(
    message: &Value,
    documents: &mut HashMap<String, String>,
    sink: &mut dyn Sink,
) -> Vec<NewTurn> {
    let id = id_under(message, &["id"]);
    let Some((role, kind)) = text_under(message, "role").and_then(turns::role) else {
        sink.skipped("message without a known role", id.as_deref().unwrap_or_default());
        return Vec::new();
    };
    let mut turns = Vec::new();
    let mut fold = |role: Role, kind: Kind, speaker: &str, text: String| {
        if !text.trim().is_empty() {
            let turn = NewTurn::message(role, speaker, folded(text)).of_kind(kind);
            let place = turns.len();
            let id = id.as_ref().map(|id| format!("{id}#{place}"));
            turns.push(NewTurn { source_id: id, ..turn });
        }
    };
    let mut said = String::new();
    for chunk in array_under(message, "contentChunks") {
        let text = chunk.get("text").and_then(Value::as_str);
        match (text_under(chunk, "type").unwrap_or("text"), text) {
            ("text", Some(text)) => said.push_str(text),
            ("tool_call", _) => {
                let name = text_under(chunk, "name").unwrap_or("tool");
                let given = plain(chunk, &["publicArguments", "arguments"]);
                let given = Some(given).filter(|given| !given.is_empty());
                fold(
                    Role::Assistant,
                    Kind::Tool,
                    name,
                    given.unwrap_or_else(|| format!("{name}()")),
                );
                fold(Role::Tool, Kind::Tool, name, plain(chunk, &["publicResult", "result"]));
            }
            ("thinking" | "reasoning" | "think", _) => {
                let thought = plain(chunk, &["text", "thinking", "content"]);
                fold(Role::Assistant, Kind::Reasoning, "assistant", thought);
            }
            _ => {}
        }
    }
    let mut text = match message.get("content") {
        Some(Value::String(text)) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => said.trim().to_owned(),
    };
    for document in array_under(message, "canvas") {
        let Some(content) = text_under(document, "content") else { continue };
        let name = id_under(document, &["id", "canvasId", "title"]).unwrap_or_default();
        if documents.insert(name, content.to_owned()).is_some_and(|known| known == content) {
            continue;
        }
        if role == Role::Assistant {
            // It was written for the user.
            let gap = if text.is_empty() { "" } else { "\n\n" };
            text = format!("{text}{gap}{}", content.trim());
        } else {
            fold(Role::Assistant, Kind::Tool, "canvas", content.to_owned());
        }
    }
    let files: Vec<String> = array_under(message, "files")
        .iter()
        .filter(|file| file.is_object())
        .map(|file| turns::file(text_under(file, "name").unwrap_or("unnamed")))
        .collect();
    let text = turns::with_files(text, &files);
    if text.is_empty() {
        let reason = if turns.is_empty() { "empty message" } else { "message of tools alone" };
        sink.skipped(reason, id.as_deref().unwrap_or_default());
        return turns;
    }
    let turn = NewTurn::message(role, role.as_str(), text).of_kind(kind);
    turns.push(NewTurn { source_id: id, ..turn });
    turns
}

/// Returns what stands under the first of some keys that has anything, as text.
fn plain(value: &Value, keys: &[&str]) -> String {
    let found = keys.iter().filter_map(|key| value.get(*key)).find(|value| !value.is_null());
    match found {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes, zip};
    use serde_json::{Value, json};

    fn message(id: &str, role: &str, second: u32, more: &Value) -> Value {
        let mut message = json!({"version": 0, "id": id, "chatId": "c1", "role": role, "content": "", "contentChunks": null,
            "canvas": [], "quotes": [], "files": [], "createdAt": format!("2025-03-01T10:00:{second:02}.000Z")});
        for (key, value) in more.as_object().into_iter().flatten() {
            message[key] = value.clone();
        }
        message
    }

    #[test]
    fn messages_in_no_order_and_answers_in_pieces() {
        let plan = json!([{"id": "k", "title": "Plan", "content": "Sow in May"}]);
        let list = json!([
            message(
                "m3",
                "user",
                9,
                &json!({"content": "Thanks", "files": [{"type": "image", "name": "bed.png"}], "canvas": plan})
            ),
            message("m1", "user", 1, &json!({"content": "When?"})),
            message(
                "m2",
                "assistant",
                5,
                &json!({"canvas": plan, "contentChunks": [
                {"type": "tool_call", "name": "web_search", "publicArguments": "{\"q\":1}", "publicResult": null},
                {"type": "text", "text": "In"}, {"type": "reference", "referenceIds": [1]}, {"type": "text", "text": " May."}]})
            ),
            message("m4", "assistant", 10, &json!({"content": null})),
        ]);
        let sink = read_as("lechat", &list.to_string());
        assert_eq!(
            sink.said(),
            [
                "user: When?",
                "(tool) web_search: {\"q\":1}",
                "assistant: In May.\n\nSow in May",
                "user: Thanks\n[file: bed.png]",
            ]
        );
        let chat = &sink.conversations[0];
        assert_eq!((chat.source_id.as_deref(), chat.title.as_deref()), (Some("c1"), Some("When?")));
        assert_eq!(sink.skipped["empty message"], 1);
        let files = [list.to_string(), list.to_string().replace("c1", "c2")];
        let export =
            zip(&[("chat-1.json", files[0].as_bytes()), ("chat-2.json", files[1].as_bytes())]);
        let (_, sink) = read_bytes(&export);
        assert_eq!((sink.formats.as_slice(), sink.conversations.len()), (&["lechat"][..], 2));
    }
}
