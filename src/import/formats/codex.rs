//! Codex: a log per session, `~/.codex/sessions/<year>/<month>/<day>/rollout-….jsonl`.
//!
//! Three layouts: records `{timestamp, type, payload}`; those of 2025, a header and bare items
//! without times; and before that one document `{session, items}`. Also what `codex exec --json`
//! prints. Only `response_item` messages count: events repeat them, and are read only where a log
//! has nothing else.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Said, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::spool::Spool;
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Calls, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::path::Path;

const WANTED: &str = "the folder ~/.codex/sessions, or a rollout file of it";

/// The format `codex`.
pub(super) struct Codex;

impl Importer for Codex {
    fn format(&self) -> &'static str {
        "codex"
    }

    fn description(&self) -> &'static str {
        "Codex: session logs (~/.codex/sessions/…/rollout-*.jsonl) of every version"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let records = sample.records();
        if records.iter().any(is_envelope) || sample.any(|v| is_document(v) || is_started(v)) {
            return Confidence::Certain;
        }
        let has = |value: &Value, keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());
        if records.iter().any(|v| has(v, &["session_id", "ts", "text"])) {
            return Confidence::Beside(WANTED);
        }
        let bare = sample.is_lines() && records.iter().any(is_bare);
        match (bare, records.first().is_some_and(is_header)) {
            (true, true) => Confidence::Certain,
            (true, false) => Confidence::Likely,
            (false, _) => Confidence::No,
        }
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

fn is_envelope(value: &Value) -> bool {
    value.get("payload").is_some_and(Value::is_object)
        && matches!(
            text_under(value, "type"),
            Some("session_meta" | "response_item" | "turn_context" | "event_msg" | "compacted")
        )
}

fn is_document(value: &Value) -> bool {
    value.get("session").is_some_and(Value::is_object)
        && array_under(value, "items").iter().any(is_bare)
}

fn is_started(value: &Value) -> bool {
    text_under(value, "type") == Some("thread.started") && value.get("thread_id").is_some()
}

fn is_header(value: &Value) -> bool {
    value.get("type").is_none()
        && value.get("id").is_some()
        && value.get("timestamp").is_some()
        && (value.get("instructions").is_some()
            || value.get("git").is_some()
            || value.as_object().is_some_and(|o| o.len() == 2))
}

/// Returns whether this is an item as the API gives it, without an envelope.
fn is_bare(value: &Value) -> bool {
    match text_under(value, "type") {
        Some("message") => array_under(value, "content").iter().any(|part| {
            matches!(text_under(part, "type"), Some("input_text" | "output_text" | "input_image"))
        }),
        Some("function_call") => value.get("call_id").is_some() && value.get("arguments").is_some(),
        Some("local_shell_call") => value.get("action").is_some(),
        _ => false,
    }
}

fn session(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut log = Log { turns: Turns::long(), events: Spool::long(), ..Log::default() };
    // A document's session stands before its items.
    if let Some(about) = source.sample().document().and_then(|document| document.get("session")) {
        log.take_header(about);
    }
    let layout = source.sample().layout(|v| is_envelope(v) || is_bare(v) || is_started(v));
    let stem = source.stem().to_owned();
    source.each_record(layout, Unit::Message, sink, |record, sink| {
        log.take(&record, sink);
        Ok(())
    })?;
    log.finish(&stem, sink)
}

#[derive(Default)]
struct Log {
    id: Option<String>,
    title: Option<String>,
    started_at: Option<Timestamp>,
    turns: Turns,
    tools: Calls,
    said: bool,
    /// What events tell of messages: wanted only where no item does.
    events: Spool,
}

impl Log {
    fn take_header(&mut self, about: &Value) {
        // A log that was forked from another carries its header too, below its own.
        self.id = self.id.take().or_else(|| id_under(about, &["id", "session_id"]));
        self.started_at = self.started_at.or_else(|| instant_under(about, &["timestamp"]));
    }

    fn take(&mut self, record: &Value, sink: &mut dyn Sink) {
        let kind = text_under(record, "type").unwrap_or_default();
        let payload = record.get("payload").unwrap_or(&Value::Null);
        let said_at = instant_under(record, &["timestamp"])
            .or_else(|| instant_under(payload, &["timestamp"]));
        match kind {
            "session_meta" => self.take_header(payload.get("meta").unwrap_or(payload)),
            "response_item" => self.item(payload, said_at, sink),
            "event_msg" => self.event(payload, said_at, sink),
            "compacted" => sink.skipped("compacted history", ""),
            "thread.started" => {
                self.id = self.id.take().or_else(|| id_under(record, &["thread_id"]));
            }
            "item.completed" => self.printed(record.get("item").unwrap_or(&Value::Null), sink),
            "" if is_header(record) => self.take_header(record),
            _ if payload.is_object() => sink.skipped("record about the session", kind),
            _ if record.get("record_type").is_some() => {
                sink.skipped("record about the session", "state");
            }
            _ => self.item(record, said_at, sink),
        }
    }

    /// Takes an item of the conversation as the API gives it.
    fn item(&mut self, item: &Value, said_at: Option<Timestamp>, sink: &mut dyn Sink) {
        let id = id_under(item, &["id"]);
        let call = id_under(item, &["call_id"]);
        let kind = text_under(item, "type");
        let name = || text_under(item, "name").unwrap_or("tool").to_owned();
        let turn = match kind.unwrap_or("message") {
            "message" => Self::message(item, sink),
            "reasoning" => {
                let parts = array_under(item, "summary").iter().chain(array_under(item, "content"));
                let text = parts
                    .filter_map(|part| text_under(part, "text"))
                    .collect::<Vec<_>>()
                    .join("\n\n");
                if text.is_empty() {
                    sink.skipped("reasoning that is encrypted", id.as_deref().unwrap_or_default());
                    return;
                }
                Some(
                    NewTurn::message(Role::Assistant, "assistant", folded(text))
                        .of_kind(Kind::Reasoning),
                )
            }
            "function_call" | "custom_tool_call" | "local_shell_call" | "web_search_call"
            | "mcp_call" => {
                let name = match kind {
                    Some("local_shell_call") => "shell".to_owned(),
                    Some("web_search_call") => "web_search".to_owned(),
                    _ => name(),
                };
                if let Some(call) = call.clone().or_else(|| id.clone()) {
                    self.tools.insert(&call, &name);
                }
                let given =
                    ["arguments", "input", "action", "summary"].iter().find_map(|k| item.get(k));
                let given = given.map(plain).filter(|given| !given.trim().is_empty());
                let given = given.unwrap_or_else(|| format!("{name}()"));
                Some(NewTurn::message(Role::Assistant, name, folded(given)).of_kind(Kind::Tool))
            }
            "function_call_output"
            | "custom_tool_call_output"
            | "local_shell_call_output"
            | "mcp_call_output" => {
                let name = call.as_ref().and_then(|call| self.tools.name(call));
                let output = item.get("output").map(plain).unwrap_or_default();
                let name = name.unwrap_or("tool");
                Some(NewTurn::message(Role::Tool, name, folded(output)).of_kind(Kind::Tool))
            }
            other => {
                sink.skipped("record about the session", other);
                None
            }
        };
        let Some(mut turn) = turn else { return };
        turn.said_at = said_at;
        // A call and its result share the call's id.
        turn.source_id = id.or_else(|| {
            call.map(|call| if turn.role == Role::Tool { format!("{call}#result") } else { call })
        });
        self.said |= turn.kind == Kind::Message;
        self.turns.push(turn, sink);
    }

    fn message(item: &Value, sink: &mut dyn Sink) -> Option<NewTurn> {
        let example = || shorten(text_under(item, "id").unwrap_or_default());
        let role = match text_under(item, "role") {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            Some("developer" | "system") => {
                sink.skipped("scaffolding", &example());
                return None;
            }
            _ => {
                sink.skipped("message without a known role", &shorten(&item.to_string()));
                return None;
            }
        };
        let mut said = Vec::new();
        let mut files = Vec::new();
        let mut scaffolding = false;
        match item.get("content") {
            Some(Value::String(text)) => said.push(text.as_str()),
            Some(Value::Array(parts)) => {
                for part in parts {
                    match text_under(part, "type") {
                        Some("input_image") => files.push("[picture]".to_owned()),
                        Some("input_file") => {
                            files.push(turns::file(
                                text_under(part, "filename").unwrap_or("unnamed"),
                            ));
                        }
                        _ => said.extend(
                            part.as_str()
                                .or_else(|| text_under(part, "text"))
                                .or_else(|| text_under(part, "refusal")),
                        ),
                    }
                }
            }
            _ => {}
        }
        if role == Role::User {
            let before = said.len();
            said.retain(|text| !is_scaffolding(text));
            scaffolding = said.len() < before;
        }
        let said: Vec<&str> = said
            .into_iter()
            .map(|text| if role == Role::User { request(text) } else { text })
            .collect();
        let text = turns::with_files(said.join("\n\n").trim().to_owned(), &files);
        if text.is_empty() {
            sink.skipped(if scaffolding { "scaffolding" } else { "empty message" }, &example());
            return None;
        }
        Some(NewTurn::message(role, role.as_str(), text))
    }

    fn event(&mut self, event: &Value, said_at: Option<Timestamp>, sink: &mut dyn Sink) {
        let role = match text_under(event, "type") {
            Some("user_message") => Role::User,
            Some("agent_message") => Role::Assistant,
            kind => {
                if kind == Some("thread_name_updated") {
                    let title = text_under(event, "thread_name").map(shorten);
                    self.title = title.or(self.title.take());
                }
                sink.skipped("record about the session", kind.unwrap_or("event"));
                return;
            }
        };
        let text = text_under(event, "message").unwrap_or_default();
        let wanted = role == Role::Assistant || !is_scaffolding(text);
        if wanted && !self.said {
            let text = if role == Role::User { request(text) } else { text };
            let turn = NewTurn::message(role, role.as_str(), text.trim()).at(said_at);
            self.events.push(turn, sink);
        }
        sink.skipped("event that repeats a message", "");
    }

    /// Takes an item that `codex exec --json` printed.
    fn printed(&mut self, item: &Value, sink: &mut dyn Sink) {
        let text = text_under(item, "text").unwrap_or_default();
        let turn = match text_under(item, "type") {
            Some("agent_message") => NewTurn::message(Role::Assistant, "assistant", text),
            Some("reasoning") => {
                NewTurn::message(Role::Assistant, "assistant", folded(text.to_owned()))
                    .of_kind(Kind::Reasoning)
            }
            Some("command_execution") => {
                let output =
                    ["command", "aggregated_output"].iter().filter_map(|key| text_under(item, key));
                let text = output.collect::<Vec<_>>().join("\n");
                NewTurn::message(Role::Tool, "shell", folded(text)).of_kind(Kind::Tool)
            }
            kind => {
                sink.skipped("record about the session", kind.unwrap_or("item"));
                return;
            }
        };
        self.said |= turn.kind == Kind::Message;
        let id = id_under(item, &["id"]);
        self.turns.push(NewTurn { source_id: id, ..turn }, sink);
    }

    fn finish(mut self, stem: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
        if !self.said {
            for turn in self.events.tell() {
                let turn = turn.map_err(|error| ImportError::io(Path::new(stem), error))?;
                self.turns.push(turn.into_owned(), sink);
            }
        }
        if self.turns.is_empty() {
            sink.skipped("session without messages", self.id.as_deref().unwrap_or(stem));
            return Ok(());
        }
        let head = Conversation {
            source_id: self.id,
            title: self.title.or_else(|| self.turns.first_words()),
            started_at: self.started_at,
            turns: Vec::new(),
        };
        Ok(self.turns.send(head, sink)?)
    }
}

/// Returns the readable part of what a tool was given or gave back.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts
                .iter()
                .filter_map(|part| part.as_str().or_else(|| text_under(part, "text")))
                .collect();
            if texts.is_empty() { value.to_string() } else { texts.join("\n") }
        }
        Value::Object(_) => match value.get("content").filter(|content| !content.is_null()) {
            Some(content) => plain(content),
            None => value.to_string(),
        },
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Returns whether a text in the user's name was written by the program.
fn is_scaffolding(text: &str) -> bool {
    const TAGS: [&str; 14] = [
        "environment_context",
        "user_instructions",
        "permissions instructions",
        "INSTRUCTIONS",
        "turn_aborted",
        "user_shell_command",
        "skill",
        "skills_instructions",
        "subagent_notification",
        "collaboration_mode",
        "personality_spec",
        "model_switch",
        "user_action",
        "hook_prompt",
    ];
    let begin = text.trim_start();
    begin.starts_with("# AGENTS.md instructions")
        || begin.strip_prefix('<').is_some_and(|rest| {
            TAGS.iter().any(|tag| {
                rest.strip_prefix(tag).is_some_and(|after| after.starts_with(['>', ' ', '\n']))
            })
        })
}

/// Returns what the user typed of a message that an editor put its state before.
fn request(text: &str) -> &str {
    if !text.trim_start().starts_with("# Context from my IDE setup") {
        return text;
    }
    text.split_once("## My request for Codex:").map_or(text, |(_, request)| request.trim_start())
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{Counting, error_of, json_lines, read_as, read_bytes};
    use serde_json::{Value, json};

    fn read(records: &[Value]) -> Counting {
        read_as("codex", &json_lines(records))
    }

    fn envelope(kind: &str, payload: &Value) -> Value {
        json!({"timestamp": "2025-10-01T10:00:00.000Z", "type": kind, "payload": payload})
    }

    fn message(role: &str, text: &str) -> Value {
        let kind = if role == "assistant" { "output_text" } else { "input_text" };
        json!({"type": "message", "role": role, "content": [{"type": kind, "text": text}]})
    }

    #[test]
    fn only_items_count_and_scaffolding_does_not() {
        let sink = read(&[
            envelope(
                "session_meta",
                &json!({"id": "s1", "timestamp": "2025-10-01T09:59:59Z", "cwd": "/p"}),
            ),
            envelope(
                "session_meta",
                &json!({"id": "forked-from", "timestamp": "2025-09-01T09:59:59Z"}),
            ),
            envelope("response_item", &message("developer", "Be good")),
            envelope(
                "response_item",
                &json!({"type": "message", "role": "user", "content": [
                {"type": "input_text", "text": "# AGENTS.md instructions for /p\n\n<INSTRUCTIONS>x</INSTRUCTIONS>"},
                {"type": "input_text", "text": "<environment_context>\n</environment_context>"}]}),
            ),
            envelope("event_msg", &json!({"type": "user_message", "message": "Fix it"})),
            envelope("response_item", &message("user", "Fix it")),
            envelope(
                "response_item",
                &json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "Plan"}], "encrypted_content": "x"}),
            ),
            envelope(
                "response_item",
                &json!({"type": "reasoning", "summary": [], "encrypted_content": "x"}),
            ),
            envelope(
                "response_item",
                &json!({"type": "function_call", "name": "shell", "arguments": "{\"cmd\":\"ls\"}", "call_id": "c1"}),
            ),
            envelope(
                "response_item",
                &json!({"type": "function_call_output", "call_id": "c1", "output": {"content": "a.txt", "success": true}}),
            ),
            envelope(
                "response_item",
                &json!({"type": "function_call", "name": "look", "call_id": "c2"}),
            ),
            envelope(
                "compacted",
                &json!({"message": "so far", "replacement_history": [message("user", "Fix it")]}),
            ),
            envelope("response_item", &message("assistant", "Done")),
            envelope("event_msg", &json!({"type": "agent_message", "message": "Done"})),
            envelope(
                "response_item",
                &message(
                    "user",
                    "# Context from my IDE setup:\n\n## Active file: x\n\n## My request for Codex:\nAnd now?\n",
                ),
            ),
            envelope("something_new", &json!({"a": 1})),
        ]);
        assert_eq!(
            sink.said(),
            [
                "user: Fix it",
                "(reasoning) assistant: Plan",
                "(tool) shell: {\"cmd\":\"ls\"}",
                "(tool) shell: a.txt",
                "(tool) look: look()",
                "assistant: Done",
                "user: And now?",
            ]
        );
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("s1"));
        assert_eq!(sink.skipped["scaffolding"], 2);
    }

    #[test]
    fn the_layouts_before() {
        let header = json!({"id": "s1", "timestamp": "2025-06-01T10:00:00Z", "instructions": null});
        let flat = [
            header,
            message("user", "Hi"),
            json!({"record_type": "state"}),
            message("assistant", "Ho"),
        ];
        let sink = read(&flat);
        assert_eq!(sink.said(), ["user: Hi", "assistant: Ho"]);
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("s1"));
        assert!(sink.conversations[0].started_at.is_some());
        let document = json!({"session": {"id": "s2", "timestamp": "2025-04-20T10:00:00Z"},
            "items": [message("user", "Hi"), {"type": "local_shell_call", "call_id": "x", "action": {"command": ["ls"]}}]});
        let sink = read_as("codex", &document.to_string());
        assert_eq!(sink.said(), ["user: Hi", "(tool) shell: {\"command\":[\"ls\"]}"]);
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("s2"));
    }

    #[test]
    fn events_stand_in_where_there_are_no_items() {
        let sink = read(&[
            envelope("session_meta", &json!({"meta": {"id": "s1"}})),
            envelope("event_msg", &json!({"type": "user_message", "message": "Hi"})),
            envelope("event_msg", &json!({"type": "thread_name_updated", "thread_name": "A name"})),
            envelope("event_msg", &json!({"type": "agent_message", "message": "Ho"})),
        ]);
        assert_eq!(sink.said(), ["user: Hi", "assistant: Ho"]);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("A name"));
    }

    #[test]
    fn what_exec_prints() {
        let sink = read(&[
            json!({"type": "thread.started", "thread_id": "t1"}),
            json!({"type": "turn.started"}),
            json!({"type": "item.completed", "item": {"id": "item_0", "type": "reasoning", "text": "Hm"}}),
            json!({"type": "item.completed", "item": {"id": "item_1", "type": "agent_message", "text": "4"}}),
        ]);
        assert_eq!(sink.said(), ["(reasoning) assistant: Hm", "assistant: 4"]);
    }

    #[test]
    fn a_cut_last_line_costs_only_itself() {
        let good = envelope("response_item", &message("user", "Hi"));
        let sink = read_as("codex", &format!("{good}\n{{\"timestamp\": \"2025"));
        assert_eq!((sink.said(), sink.warnings.len()), (vec!["user: Hi".to_owned()], 1));
    }

    #[test]
    fn the_list_of_prompts_is_not_the_log() {
        let line = json!({"session_id": "s", "ts": 1, "text": "Hi"});
        assert!(error_of(format!("{line}\n{line}\n").as_bytes()).contains("sessions"));
        let other = json!({"type": "message", "role": "user", "content": []});
        assert!(read_bytes(format!("{other}\n{other}\n").as_bytes()).0.is_err());
    }
}
