//! `ShareGPT`: `{"id", "conversations": [{"from", "value"}]}`, as a list, one object or JSON Lines.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Turns};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

const TIMES: [&str; 3] = ["timestamp", "created_at", "create_time"];

/// The format `sharegpt`.
pub(super) struct ShareGpt;

impl Importer for ShareGpt {
    fn format(&self) -> &'static str {
        "sharegpt"
    }

    fn description(&self) -> &'static str {
        "ShareGPT datasets, JSON or JSON Lines: {\"conversations\": [{\"from\", \"value\"}]}"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(|value| messages(value).is_some()) {
            return Confidence::General(3);
        }
        let records = sample.records();
        let bare = sample.document().is_some_and(Value::is_array)
            && records.first().is_some_and(is_message);
        if bare { Confidence::General(2) } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let is = |value: &Value| messages(value).is_some();
            let layout = source.sample().layout(is);
            let bare = !source.sample().any(is);
            let mut all = Vec::new();
            source.each_record(layout, Unit::Conversation, sink, |value, sink| {
                if bare && is_message(&value) {
                    all.push(value);
                    return Ok(());
                }
                match messages(&value) {
                    Some(list) => conversation(&value, list, sink),
                    None if holds_empty(&value) => conversation(&value, &[], sink),
                    None => {
                        sink.failed("record without a conversation", &shorten(&value.to_string()));
                        Ok(())
                    }
                }
            })?;
            if all.is_empty() { Ok(()) } else { conversation(&Value::Null, &all, sink) }
        })
    }
}

/// The keys under which a record keeps its messages.
const KEYS: [&str; 3] = ["conversations", "conversation", "items"];

/// Returns the messages of a record: a list by itself, or one under a key. Only under a key they
/// may also be in the words of other formats, `role` and `content`.
fn messages(record: &Value) -> Option<&[Value]> {
    if let Value::Array(list) = record {
        return list.iter().any(is_message).then_some(list.as_slice());
    }
    KEYS.iter().find_map(|key| {
        let list = record.get(key)?.as_array()?;
        let is = |m: &Value| is_message(m) || (has_role(m, "role") && text_of(m).is_some());
        list.iter().any(is).then_some(list.as_slice())
    })
}

fn holds_empty(record: &Value) -> bool {
    KEYS.iter().any(|key| record.get(key).and_then(Value::as_array).is_some_and(Vec::is_empty))
}

/// Returns whether this is a message. Other chats have `from` too, but with people's names there.
fn is_message(value: &Value) -> bool {
    has_role(value, "from") && text_of(value).is_some()
}

fn has_role(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_str).is_some_and(|word| turns::role(word).is_some())
}

fn text_of(message: &Value) -> Option<&str> {
    ["value", "text", "content", "markdown"].iter().find_map(|key| message.get(key)?.as_str())
}

fn conversation(record: &Value, list: &[Value], sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut turns = Turns::default();
    for message in list {
        let from =
            text_under(message, "from").or_else(|| text_under(message, "role")).unwrap_or_default();
        let Some((role, kind)) = turns::role(from) else {
            sink.skipped("message without a known speaker", &shorten(&message.to_string()));
            continue;
        };
        let speaker = if role == Role::Tool { from } else { role.as_str() };
        let text = text_of(message).unwrap_or_default();
        let mut turn =
            NewTurn::message(role, speaker, text).of_kind(kind).at(instant_under(message, &TIMES));
        turn.source_id = id_under(message, &["id"]);
        turns.push(turn, sink);
    }
    sink.conversation(Conversation {
        source_id: id_under(record, &["id", "conversation_id"]),
        title: text_under(record, "title").map(str::to_owned),
        started_at: instant_under(record, &TIMES),
        turns: turns.into_vec(),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read_as("sharegpt", text).said(), expected, "{text}");
    }

    #[test]
    fn speakers_in_every_word() {
        check(
            r#"[{"id": "a", "conversations": [{"from": "system", "value": "Rules."}, {"from": "human", "value": "Hi"},
               {"from": "gpt", "value": "Ho"}, {"from": "user", "value": "Hm"}, {"from": "chatgpt", "value": "Ha"},
               {"from": "tool", "value": "42"}, {"from": "gpt", "value": ""}, {"from": "nobody", "value": "x"}]}]"#,
            &[
                "system: Rules.",
                "user: Hi",
                "assistant: Ho",
                "user: Hm",
                "assistant: Ha",
                "(tool) tool: 42",
            ],
        );
    }

    #[test]
    fn every_layout() {
        let one = r#"{"conversations": [{"from": "human", "value": "hi"}]}"#;
        check(one, &["user: hi"]);
        check(&format!("[{one}, {one}]"), &["user: hi", "user: hi"]);
        check(&format!("{one}\n{one}\n"), &["user: hi", "user: hi"]);
        check(
            r#"[{"from": "human", "value": "hi"}, {"from": "gpt", "value": "ho"}]"#,
            &["user: hi", "assistant: ho"],
        );
        check(r#"{"conversation": [{"role": "user", "content": "hi"}]}"#, &["user: hi"]);
        check(
            r#"{"data": [{"conversations": [{"from": "human", "value": "hi"}]}]}"#,
            &["user: hi"],
        );
    }

    #[test]
    fn records_without_a_conversation_are_counted() {
        let sink = read_as(
            "sharegpt",
            r#"[{"conversations": [{"from": "human", "value": "hi"}]}, {"x": 1}, 7]"#,
        );
        assert_eq!((sink.conversations.len(), sink.failed.values().sum::<u64>()), (1, 2));
    }

    #[test]
    fn people_are_no_roles() {
        let text = r#"{"name": "chat", "messages": [{"from": "Ada", "text": "hi"}, {"from": "Bob", "text": "ho"}]}"#;
        assert!(read_bytes(text.as_bytes()).0.is_err());
    }
}
