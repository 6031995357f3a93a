//! Gemini CLI: a log per session in `~/.gemini/tmp/<project>/chats/`, one document or a list of
//! events, and the checkpoints of `/chat save` and `/chat share`.
//!
//! In a list of events `$set` writes fields of the session anew (with `messages` all of them) and
//! `$rewindTo` takes messages back; both leave what was said before in the file. It is kept, off the
//! shown path. The latest record of a message counts, with the time of its first one: resuming
//! writes all times anew.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{Layout, array_under, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;

const WANTED: &str = "the folder ~/.gemini/tmp, or a file chats/session-… of it";

/// The format `gemini_cli`.
pub(super) struct GeminiCli;

impl Importer for GeminiCli {
    fn format(&self) -> &'static str {
        "gemini_cli"
    }

    fn description(&self) -> &'static str {
        "Gemini CLI: session logs (~/.gemini/tmp/…/chats) and saved checkpoints"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let records = sample.records();
        let document = sample.document();
        let talk = |value: &Value| contents(value).is_some_and(|list| list.iter().any(is_content));
        if document.is_some_and(is_session)
            || sample.is_lines() && records.iter().any(talk)
            || (sample.is_lines() && records.iter().any(|v| is_event(v) || is_header(v)))
            || document.is_some_and(talk)
        {
            return Confidence::Certain;
        }
        let has = |value: &Value, keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());
        if document.is_some_and(Value::is_array)
            && records.iter().any(|v| has(v, &["sessionId", "messageId", "type", "message"]))
        {
            return Confidence::Beside(WANTED);
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, session)
    }
}

const TYPES: [&str; 5] = ["user", "gemini", "info", "error", "warning"];

fn is_message(value: &Value) -> bool {
    text_under(value, "type").is_some_and(|kind| TYPES.contains(&kind))
        && value.get("content").is_some()
}

fn is_session(value: &Value) -> bool {
    is_header(value)
        && value
            .get("messages")
            .and_then(Value::as_array)
            .is_some_and(|list| list.is_empty() || list.iter().any(is_message))
}

fn is_header(value: &Value) -> bool {
    let about = ["projectHash", "startTime", "lastUpdated"];
    value.get("sessionId").is_some()
        && about.iter().filter(|key| value.get(**key).is_some()).count() >= 2
}

fn is_event(value: &Value) -> bool {
    value.get("$set").is_some_and(Value::is_object) || value.get("$rewindTo").is_some()
}

/// Returns the list of a checkpoint: what the API is given, as a request to it as well.
fn contents(document: &Value) -> Option<&[Value]> {
    let request = document.get("request").unwrap_or(document);
    let under = |key: &str| request.get(key).and_then(Value::as_array);
    let list = document.as_array().or_else(|| under("history")).or_else(|| under("contents"))?;
    Some(list.as_slice())
}

fn is_content(value: &Value) -> bool {
    matches!(text_under(value, "role"), Some("user" | "model"))
        && array_under(value, "parts").iter().any(|part| {
            // Parts with a type are those of other programs.
            part.get("type").is_none()
                && ["text", "functionCall", "functionResponse", "inlineData"]
                    .iter()
                    .any(|key| part.get(key).is_some())
        })
}

fn session(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut log = Log::default();
    let lines = source.sample().is_lines();
    let stem = source.stem().to_owned();
    let layout = if lines { Layout::Lines } else { Layout::Whole };
    let unit = if lines { Unit::Message } else { Unit::Conversation };
    source.each_record(layout, unit, sink, |record, sink| {
        match contents(&record) {
            Some(list) if !lines || list.iter().any(is_content) => {
                return checkpoint(list, &stem, sink);
            }
            _ => log.take(&record, sink),
        }
        Ok(())
    })?;
    log.finish(&stem, sink)
}

/// A message as far as it is known.
struct Message {
    record: Value,
    said_at: Option<Timestamp>,
    shown: bool,
}

#[derive(Default)]
struct Log {
    id: Option<String>,
    title: Option<String>,
    started_at: Option<Timestamp>,
    messages: Vec<Message>,
    places: HashMap<String, usize>,
    any: bool,
}

impl Log {
    fn take(&mut self, record: &Value, sink: &mut dyn Sink) {
        self.any = true;
        if let Some(id) = record.get("$rewindTo") {
            let id = id.as_str().map(str::to_owned).or_else(|| id_under(id, &["id", "messageId"]));
            if let Some(at) = id.and_then(|id| self.places.get(&id).copied()) {
                self.messages[at..].iter_mut().for_each(|message| message.shown = false);
            }
            return;
        }
        let set = record.get("$set").filter(|set| set.is_object());
        if set.is_none() && !is_header(record) {
            if is_message(record) {
                self.message(record.clone());
            } else {
                sink.skipped("record about the session", &shorten(&record.to_string()));
            }
            return;
        }
        let about = set.unwrap_or(record);
        self.id = self.id.take().or_else(|| id_under(about, &["sessionId"]));
        self.title = text_under(about, "summary").map(shorten).or(self.title.take());
        self.started_at = self.started_at.or_else(|| instant_under(about, &["startTime"]));
        if let Some(list) = about.get("messages").and_then(Value::as_array) {
            self.messages.iter_mut().for_each(|message| message.shown = false);
            for message in list {
                self.message(message.clone());
            }
        }
    }

    fn message(&mut self, record: Value) {
        let said_at = instant_under(&record, &["timestamp"]);
        let known = id_under(&record, &["id"]).map(|id| (self.places.get(&id).copied(), id));
        match known {
            Some((Some(at), _)) => {
                let message = &mut self.messages[at];
                message.shown = true;
                message.said_at = message.said_at.or(said_at);
                // What a later record leaves out, thoughts for one, still holds.
                if let (Value::Object(old), Value::Object(new)) = (&mut message.record, record) {
                    old.extend(new);
                }
            }
            known => {
                if let Some((_, id)) = known {
                    self.places.insert(id, self.messages.len());
                }
                self.messages.push(Message { record, said_at, shown: true });
            }
        }
    }

    fn finish(self, stem: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
        if !self.any {
            return Ok(());
        }
        let mut turns = Turns::default();
        for message in &self.messages {
            for mut turn in turns_of(&message.record, sink) {
                turn.said_at = message.said_at;
                turn.on_active_path = message.shown;
                turns.push(turn, sink);
            }
        }
        let turns = turns.into_vec();
        if turns.is_empty() {
            sink.skipped("session without messages", self.id.as_deref().unwrap_or(stem));
            return Ok(());
        }
        sink.conversation(Conversation {
            source_id: self.id,
            title: self.title.or_else(|| turns::first_words(&turns)),
            started_at: self.started_at,
            turns,
        })?;
        Ok(())
    }
}

fn turns_of(message: &Value, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let id = id_under(message, &["id"]);
    let example = id.as_deref().unwrap_or_default();
    let role = match text_under(message, "type") {
        Some("user") => Role::User,
        Some("gemini" | "model" | "assistant") => Role::Assistant,
        _ => {
            sink.skipped("notice of the program", &shorten(&content(message.get("content"))));
            return Vec::new();
        }
    };
    // What a person typed, where files that they named were put into what was sent.
    let typed = message
        .get("displayContent")
        .filter(|shown| role == Role::User && !content(Some(shown)).is_empty());
    let text = content(typed.or_else(|| message.get("content")));
    if role == Role::User && is_scaffolding(&text) {
        sink.skipped("scaffolding", &shorten(&text));
        return Vec::new();
    }
    let mut turns = Vec::new();
    for thought in array_under(message, "thoughts") {
        let parts = [text_under(thought, "subject"), text_under(thought, "description")];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
        turns.push(NewTurn::message(role, "assistant", folded(text)).of_kind(Kind::Reasoning));
    }
    let said = (!text.trim().is_empty()).then(|| {
        let mut turn = NewTurn::message(role, role.as_str(), text.trim());
        turn.source_id.clone_from(&id);
        turn
    });
    if said.is_none() && array_under(message, "toolCalls").is_empty() {
        sink.skipped("empty message", example);
    }
    // The assistant says what it will do before its tools do it.
    let before = turns.len();
    turns.extend(said);
    for call in array_under(message, "toolCalls") {
        let name = text_under(call, "name").unwrap_or("tool");
        let given = call.get("args").map_or_else(|| format!("{name}()"), ToString::to_string);
        turns.push(NewTurn::message(Role::Assistant, name, folded(given)).of_kind(Kind::Tool));
        let result = call.get("result").map(results).filter(|text| !text.trim().is_empty());
        let result = result.or_else(|| text_under(call, "resultDisplay").map(str::to_owned));
        turns.extend(
            result.map(|text| NewTurn::message(Role::Tool, name, folded(text)).of_kind(Kind::Tool)),
        );
    }
    turns.retain(|turn| !turn.text.trim().is_empty());
    for (place, turn) in turns.iter_mut().enumerate() {
        if turn.kind != Kind::Message {
            let mark = if place < before { "thought" } else { "tool" };
            turn.source_id = id.as_ref().map(|id| format!("{id}#{mark}{place}"));
        }
    }
    turns
}

/// Returns the text of a content: a text, or a list of texts and parts.
fn content(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let mut text = String::new();
            let mut files = Vec::new();
            for part in parts {
                if let Some(said) = part.as_str().or_else(|| text_under(part, "text")) {
                    if part.get("thought").is_none_or(|thought| thought != true) {
                        text.push_str(said);
                    }
                } else if let Some(data) = part.get("inlineData").or_else(|| part.get("fileData")) {
                    let kind = text_under(data, "mimeType").unwrap_or("unnamed");
                    files.push(if kind.starts_with("image/") {
                        "[picture]".to_owned()
                    } else {
                        turns::file(kind)
                    });
                }
            }
            turns::with_files(text, &files)
        }
        Some(part @ Value::Object(_)) => text_under(part, "text").unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

/// Returns the readable part of what a tool gave back.
fn results(result: &Value) -> String {
    let parts = result.as_array().map_or(std::slice::from_ref(result), Vec::as_slice);
    let one = |part: &Value| {
        let response = part.get("functionResponse").and_then(|given| given.get("response"));
        match response {
            Some(response) => ["output", "error", "content"]
                .iter()
                .find_map(|key| text_under(response, key))
                .map_or_else(|| response.to_string(), str::to_owned),
            None => {
                part.as_str().or_else(|| text_under(part, "text")).unwrap_or_default().to_owned()
            }
        }
    };
    parts.iter().map(one).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

fn is_scaffolding(text: &str) -> bool {
    let begin = text.trim_start();
    begin.starts_with("<session_context>")
        || begin.starts_with("This is the Gemini CLI. We are setting up the context for our chat.")
        || begin.starts_with("My setup is complete. I will provide my first command")
}

/// Reads a checkpoint: what the API is given, in turn by the user and the model.
fn checkpoint(list: &[Value], stem: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut turns = Turns::default();
    let mut setup = false;
    for message in list {
        let role = match text_under(message, "role") {
            Some("user") => Role::User,
            Some("model") => Role::Assistant,
            _ => {
                sink.skipped("message without a known role", &shorten(&message.to_string()));
                continue;
            }
        };
        let text = content(message.get("parts"));
        let answers_setup = std::mem::take(&mut setup) && role == Role::Assistant;
        setup = role == Role::User && is_scaffolding(&text);
        // A model is made to answer the setup with a set phrase.
        if setup || (answers_setup && text.starts_with("Got it. Thanks for the context")) {
            sink.skipped("scaffolding", &shorten(&text));
            continue;
        }
        for part in array_under(message, "parts") {
            let (role, speaker, text) = if let Some(call) = part.get("functionCall") {
                let given = call.get("args").map(ToString::to_string).unwrap_or_default();
                (Role::Assistant, text_under(call, "name"), given)
            } else if let Some(given) = part.get("functionResponse") {
                (Role::Tool, text_under(given, "name"), results(part))
            } else {
                continue;
            };
            let turn = NewTurn::message(role, speaker.unwrap_or("tool"), folded(text));
            if !turn.text.trim().is_empty() {
                turns.push(turn.of_kind(Kind::Tool), sink);
            }
        }
        if !text.trim().is_empty() {
            turns.push(NewTurn::message(role, role.as_str(), text.trim()), sink);
        }
    }
    let turns = turns.into_vec();
    sink.conversation(Conversation {
        title: turns::first_words(&turns).or_else(|| Some(stem.to_owned())),
        turns,
        ..Conversation::default()
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{Counting, error_of, json_lines, read_as};
    use serde_json::{Value, json};

    fn lines(records: &[Value]) -> Counting {
        read_as("gemini_cli", &json_lines(records))
    }

    fn message(id: &str, kind: &str, text: &str, second: u8) -> Value {
        json!({"id": id, "type": kind, "content": [{"text": text}], "timestamp": format!("2026-01-01T10:00:{second:02}Z")})
    }

    #[test]
    fn what_the_api_is_given() {
        let talk = r#"[{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Ho"}]}]"#;
        for (text, times) in [
            (talk.to_owned(), 1),
            (format!("{{\"contents\": {talk}, \"generationConfig\": {{}}}}"), 1),
            (format!("{{\"request\": {{\"contents\": {talk}}}}}\n{{\"contents\": {talk}}}\n"), 2),
        ] {
            let sink = read_as("gemini_cli", &text);
            assert_eq!(sink.said(), ["user: Hi", "assistant: Ho"].repeat(times), "{text}");
            assert_eq!(sink.conversations.len(), times);
        }
    }

    #[test]
    fn one_document() {
        let sink = read_as("gemini_cli", &json!({"sessionId": "s", "projectHash": "p", "startTime": "2024-01-01T10:00:00Z", "messages": [
            {"id": "1", "type": "user", "content": "Fix it", "timestamp": "2024-01-01T10:00:01Z"},
            {"id": "2", "type": "info", "content": "Update available"},
            {"id": "3", "type": "gemini", "content": "Done", "timestamp": "2024-01-01T10:00:05Z",
             "thoughts": [{"subject": "Plan", "description": "Read first"}],
             "toolCalls": [{"id": "t", "name": "read", "args": {"p": 1}, "result": [{"functionResponse": {"response": {"output": "text"}}}]}]},
            {"id": "4", "type": "gemini", "content": ""}]}).to_string());
        assert_eq!(
            sink.said(),
            [
                "user: Fix it",
                "(reasoning) assistant: Plan\n\nRead first",
                "assistant: Done",
                "(tool) read: {\"p\":1}",
                "(tool) read: text"
            ]
        );
        assert_eq!((sink.skipped["notice of the program"], sink.skipped["empty message"]), (1, 1));
    }

    #[test]
    fn events_are_replayed_and_nothing_is_lost() {
        let header = json!({"sessionId": "s", "projectHash": "p", "startTime": "2026-01-01T10:00:00Z", "lastUpdated": "2026-01-01T10:00:00Z"});
        let sink = lines(&[
            header.clone(),
            json!({"$set": {"messages": [message("0", "user", "<session_context>\nx</session_context>", 0)]}}),
            message("1", "user", "First", 1),
            json!({"id": "2", "type": "gemini", "content": "draft", "thoughts": [{"subject": "Hm"}], "timestamp": "2026-01-01T10:00:02Z"}),
            message("2", "gemini", "Answer", 3),
            message("3", "user", "Taken back", 4),
            message("4", "gemini", "Gone", 5),
            json!({"$rewindTo": "3"}),
            json!({"$set": {"lastUpdated": "2026-01-01T10:00:05Z", "summary": "A talk"}}),
            header,
            json!({"$set": {"messages": [message("1", "user", "First", 30), message("2", "gemini", "Answer", 30)]}}),
            message("5", "user", "Again", 31),
        ]);
        assert_eq!(
            sink.said(),
            [
                "user: First",
                "(reasoning) assistant: Hm",
                "assistant: Answer",
                "user: Taken back",
                "assistant: Gone",
                "user: Again"
            ]
        );
        let shown: Vec<_> = sink.messages().map(|turn| turn.on_active_path).collect();
        assert_eq!(shown, [true, true, false, false, true]);
        assert_eq!(sink.span().0.map(|t| t.to_string()).as_deref(), Some("2026-01-01T10:00:01Z"));
        assert_eq!(sink.conversations[0].title.as_deref(), Some("A talk"));
        assert_eq!(sink.skipped["scaffolding"], 1);
    }

    #[test]
    fn checkpoints() {
        let list = json!([
            {"role": "user", "parts": [{"text": "This is the Gemini CLI. We are setting up the context for our chat."}]},
            {"role": "model", "parts": [{"text": "Got it. Thanks for the context!"}]},
            {"role": "user", "parts": [{"text": "List"}]},
            {"role": "model", "parts": [{"functionCall": {"name": "ls", "args": {}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "ls", "response": {"output": "a"}}}]},
            {"role": "model", "parts": [{"text": "One file"}]}]);
        let expected = ["user: List", "(tool) ls: {}", "(tool) ls: a", "assistant: One file"];
        assert_eq!(read_as("gemini_cli", &list.to_string()).said(), expected);
        assert_eq!(read_as("gemini_cli", &json!({"history": list}).to_string()).said(), expected);
    }

    #[test]
    fn the_list_of_prompts_is_not_the_log() {
        let list = json!([{"sessionId": "s", "messageId": 0, "type": "user", "message": "Hi", "timestamp": "2025-01-01T10:00:00Z"}]);
        assert!(error_of(list.to_string().as_bytes()).contains("chats"));
    }
}
