//! Jan: a folder for each thread, with `thread.json` and `messages.jsonl`. The objects are those of
//! OpenAI's threads.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The format `jan`.
pub(super) struct Jan;

impl Importer for Jan {
    fn format(&self) -> &'static str {
        "jan"
    }

    fn description(&self) -> &'static str {
        "Jan: the folder of a thread (thread.json, messages.jsonl), or of all threads"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let is = |object: &str| sample.any(|value| text_under(value, "object") == Some(object));
        match (is("thread.message"), is("thread")) {
            (true, _) => Confidence::Certain,
            (false, true) => Confidence::Likely,
            (false, false) => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let mut threads: HashMap<String, Thread> = HashMap::new();
        let mut order: Vec<String> = Vec::new();
        input.each(sink, |source, sink| {
            let is_object = |value: &Value| {
                text_under(value, "object").is_some_and(|object| object.starts_with("thread"))
            };
            let layout = source.sample().layout(is_object);
            let stem = source.stem().to_owned();
            source.each_record(layout, Unit::Message, sink, |record, sink| {
                let is_thread = text_under(&record, "object") == Some("thread");
                let key = if is_thread { "id" } else { "thread_id" };
                let id = id_under(&record, &[key]).unwrap_or_else(|| stem.clone());
                let thread = threads.entry(id.clone()).or_insert_with(|| {
                    order.push(id);
                    Thread::default()
                });
                if is_thread {
                    thread.title = text_under(&record, "title").map(str::to_owned);
                    thread.started_at = instant_under(&record, &["created", "created_at"]);
                } else {
                    thread.take(&record, sink);
                }
                Ok(())
            })
        })?;
        for id in order {
            let Some(thread) = threads.remove(&id) else { continue };
            thread.finish(id, sink)?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Thread {
    title: Option<String>,
    started_at: Option<Timestamp>,
    turns: Turns,
    /// Messages that were written again as they grew.
    seen: HashSet<String>,
}

impl Thread {
    fn take(&mut self, message: &Value, sink: &mut dyn Sink) {
        let id = id_under(message, &["id"]);
        let example = id.as_deref().unwrap_or_default();
        let Some((role, kind)) = text_under(message, "role").and_then(turns::role) else {
            sink.skipped("message without a known role", &shorten(&message.to_string()));
            return;
        };
        if !id.as_ref().is_none_or(|id| self.seen.insert(id.clone())) {
            sink.skipped("repeated message", example);
            return;
        }
        let said_at = instant_under(message, &["created", "created_at", "completed_at"]);
        let mut said = Vec::new();
        let mut files = Vec::new();
        let mut folds = Vec::new();
        let content = message.get("content").unwrap_or(&Value::Null);
        if let Some(text) = content.as_str() {
            said.push(text);
        }
        for part in content.as_array().into_iter().flatten() {
            let text = part.get("text").unwrap_or(&Value::Null);
            let text = text.as_str().or_else(|| text_under(text, "value"));
            match text_under(part, "type").unwrap_or("text") {
                "reasoning" => folds.extend(text.map(|text| {
                    NewTurn::message(Role::Assistant, "assistant", folded(text.to_owned()))
                        .of_kind(Kind::Reasoning)
                })),
                "tool_call" => {
                    let name = text_under(part, "tool_name")
                        .or_else(|| text_under(part, "name"))
                        .unwrap_or("tool");
                    for (role, key) in [(Role::Assistant, "input"), (Role::Tool, "output")] {
                        let given = part.get(key).filter(|value| !value.is_null()).map(|value| {
                            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                        });
                        folds.extend(given.map(|text| {
                            NewTurn::message(role, name, folded(text)).of_kind(Kind::Tool)
                        }));
                    }
                }
                "image" | "image_url" | "image_file" => files.push("[picture]".to_owned()),
                _ => said.extend(text),
            }
        }
        for file in array_under(message, "attachments") {
            let name = ["name", "filename", "file_id"].iter().find_map(|key| text_under(file, key));
            files.extend(name.map(turns::file));
        }
        let said = said.join("\n\n");
        let (spoken, thoughts) = if role == Role::Assistant {
            turns::without_thoughts(&said)
        } else {
            (said.as_str(), Vec::new())
        };
        folds.extend(thoughts.into_iter().map(|thought| {
            NewTurn::message(role, role.as_str(), folded(thought.to_owned()))
                .of_kind(Kind::Reasoning)
        }));
        for (place, mut turn) in
            folds.into_iter().filter(|turn| !turn.text.trim().is_empty()).enumerate()
        {
            turn.source_id = id.as_ref().map(|id| format!("{id}#{place}"));
            self.turns.push(turn.at(said_at), sink);
        }
        let text = turns::with_files(spoken.trim().to_owned(), &files);
        let mut turn = NewTurn::message(role, role.as_str(), text).of_kind(kind).at(said_at);
        turn.source_id = id;
        self.turns.push(turn, sink);
    }

    fn finish(self, id: String, sink: &mut dyn Sink) -> Result<(), ImportError> {
        let turns = self.turns.into_vec();
        if turns.is_empty() {
            sink.skipped("thread without messages (they stand in messages.jsonl beside it)", &id);
            return Ok(());
        }
        sink.conversation(Conversation {
            source_id: Some(id),
            title: self.title.or_else(|| turns::first_words(&turns)),
            started_at: self.started_at,
            turns,
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{error_of, options, read_as, read_path};
    use serde_json::json;

    #[test]
    fn a_folder_and_its_messages() {
        let folder = tempfile::tempdir().unwrap();
        let thread = folder.path().join("threads/t1");
        std::fs::create_dir_all(&thread).unwrap();
        let about =
            json!({"id": "t1", "object": "thread", "title": "Tea", "created": 1_700_000_000});
        std::fs::write(thread.join("thread.json"), about.to_string()).unwrap();
        let message = |id: &str, role: &str, content: serde_json::Value| {
            json!({"id": id, "object": "thread.message", "thread_id": "t1", "role": role, "content": content, "created_at": 1_700_000_001_000_i64}).to_string()
        };
        let lines = [
            message(
                "m1",
                "user",
                json!([{"type": "text", "text": {"value": "Hi", "annotations": []}}, {"type": "image_url"}]),
            ),
            message(
                "m2",
                "assistant",
                json!([{"type": "text", "text": {"value": "<think>Hm</think>Ho"}},
                {"type": "tool_call", "tool_name": "look", "input": {"q": 1}, "output": "found"}]),
            ),
            message("m2", "assistant", json!([{"type": "text", "text": {"value": "again"}}])),
            "{cut".to_owned(),
        ];
        std::fs::write(thread.join("messages.jsonl"), lines.join("\n")).unwrap();
        let (result, sink) = read_path(folder.path(), &options());
        assert_eq!(result.unwrap().formats, ["jan"]);
        assert_eq!(
            sink.said(),
            [
                "user: Hi\n[picture]",
                "(tool) look: {\"q\":1}",
                "(tool) look: found",
                "(reasoning) assistant: Hm",
                "assistant: Ho"
            ]
        );
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Tea"));
        assert_eq!(sink.skipped["repeated message"], 1);
    }

    #[test]
    fn a_thread_alone_says_where_its_messages_are() {
        let text = json!({"id": "t1", "object": "thread", "title": "Tea"}).to_string();
        let sink = read_as("jan", &text);
        assert!(
            sink.conversations.is_empty()
                && sink.skipped.keys().any(|why| why.contains("messages.jsonl"))
        );
        assert!(error_of(br#"{"object": "list", "data": []}"#).contains("--list-formats"));
    }
}
