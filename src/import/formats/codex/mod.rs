//! Codex: a log per session, `~/.codex/sessions/<year>/<month>/<day>/rollout-….jsonl`.
//!
//! Three layouts: records `{timestamp, type, payload}`; those of 2025, a header and bare items
//! without times; and before that one document `{session, items}`. Also what `codex exec --json`
//! prints. Only `response_item` messages count: events repeat them, and are read only where a log
//! has nothing else.
//!
//! A session whose user went back to an earlier turn goes on in another file, which says up to where
//! the one before still counts (`history_base`). Such files are read as one session.

mod history;
mod scaffold;

use crate::conversation::{Conversation, Kind, NewTurn, Role, Said, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::media;
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::spool::Spool;
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Calls, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;
use std::io;

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
        let parts = history::parts(input.look(history::Rollout::of));
        input.order_by(|index| parts.get(index).map_or((*index, 0), |part| (part.first, part.at)));
        let by_name: HashMap<String, history::Part> = input
            .beside()
            .filter_map(|(index, name)| Some((name.to_owned(), *parts.get(&index)?)))
            .collect();
        let mut open: Option<(usize, String, Log)> = None;
        input.each(sink, |source, sink| {
            let part = by_name.get(source.sample().name());
            if let Some((_, stem, log)) =
                open.take_if(|(first, ..)| part.is_none_or(|part| part.first != *first))
            {
                log.finish(&stem, sink)?;
            }
            let Some(part) = part else {
                let mut log = Log::new();
                session(source, &mut log, sink)?;
                return log.finish(source.stem(), sink);
            };
            let (.., log) =
                open.get_or_insert_with(|| (part.first, source.stem().to_owned(), Log::new()));
            log.until = part.until;
            session(source, log, sink)
        })?;
        open.map_or(Ok(()), |(_, stem, log)| log.finish(&stem, sink))
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

/// Reads a file of a session.
fn session(source: &mut Source<'_>, log: &mut Log, sink: &mut dyn Sink) -> Result<(), ImportError> {
    // A document's session stands before its items.
    if let Some(about) = source.sample().document().and_then(|document| document.get("session")) {
        log.take_header(about);
    }
    let layout = source.sample().layout(|v| is_envelope(v) || is_bare(v) || is_started(v));
    log.ordinal = 0;
    source.each_record(layout, Unit::Message, sink, |record, sink| {
        log.take(&record, sink);
        Ok(())
    })?;
    log.settle(sink).map_err(|error| ImportError::io(source.path(), error))
}

struct Log {
    id: Option<String>,
    title: Option<String>,
    started_at: Option<Timestamp>,
    turns: Turns,
    tools: Calls,
    said: bool,
    /// What events tell of messages: wanted only where no item does.
    events: Spool,
    /// What the last event of each role told, and of which kind it was: two kinds can tell the same.
    told: HashMap<Role, (bool, String)>,
    /// Whether the session begins in a file that was not read: then it is not called after what stands
    /// first here.
    begins_elsewhere: bool,
    /// The place of the next record among those of the session, and where those end that are shown.
    ordinal: u64,
    until: u64,
}

impl Log {
    fn new() -> Self {
        Self {
            id: None,
            title: None,
            started_at: None,
            turns: Turns::long(),
            tools: Calls::default(),
            said: false,
            events: Spool::long(),
            told: HashMap::new(),
            begins_elsewhere: false,
            ordinal: 0,
            until: u64::MAX,
        }
    }

    fn take_header(&mut self, about: &Value) {
        // A log that was forked from another carries its header too, below its own.
        self.id = self.id.take().or_else(|| id_under(about, &["id", "session_id"]));
        self.started_at = self.started_at.or_else(|| instant_under(about, &["timestamp"]));
        let goes_on = about.get("history_base").is_some_and(Value::is_object);
        self.begins_elsewhere |= goes_on && self.turns.is_empty();
    }

    fn take(&mut self, record: &Value, sink: &mut dyn Sink) {
        let kind = text_under(record, "type").unwrap_or_default();
        let payload = record.get("payload").unwrap_or(&Value::Null);
        self.ordinal = record.get("ordinal").and_then(Value::as_u64).unwrap_or(self.ordinal);
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
        self.ordinal += 1;
    }

    /// Whether what the record at hand tells is on the path that is shown.
    fn shown(&self) -> bool {
        self.ordinal < self.until
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
            // What an agent told another.
            "agent_message" => {
                let author = text_under(item, "author").unwrap_or("agent");
                let author = author.rsplit('/').next().unwrap_or(author);
                let text = item.get("content").map(plain).unwrap_or_default();
                Some(NewTurn::message(Role::Tool, author, folded(text)).of_kind(Kind::Tool))
            }
            other => {
                sink.skipped("record about the session", other);
                None
            }
        };
        let Some(mut turn) = turn else { return };
        turn.said_at = said_at;
        turn.on_active_path = self.shown();
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
        let (mut files, mut pictures, mut marked) = (Vec::new(), 0, 0);
        match item.get("content") {
            Some(Value::String(text)) => said.push(text.as_str()),
            Some(Value::Array(parts)) => {
                for part in parts {
                    match text_under(part, "type") {
                        Some("input_image") => pictures += 1,
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
        let mut scaffolding = false;
        let mut words = Vec::new();
        for text in said {
            if role != Role::User {
                words.push(text.to_owned());
            } else if scaffold::opens_picture(text) {
                // The mark stands around the picture, which is there too in most cases.
                marked += 1;
            } else if let Some(answer) = scaffold::answer(text) {
                words.push(answer);
            } else if scaffold::is(text) {
                scaffolding = true;
            } else if text.trim() != "</image>" {
                words.push(scaffold::request(text).to_owned());
            }
        }
        files.splice(0..0, (0..pictures.max(marked)).map(|_| media("picture")));
        let text = turns::with_files(words.join("\n\n").trim().to_owned(), &files);
        if text.is_empty() {
            sink.skipped(if scaffolding { "scaffolding" } else { "empty message" }, &example());
            return None;
        }
        Some(NewTurn::message(role, role.as_str(), text))
    }

    fn event(&mut self, event: &Value, said_at: Option<Timestamp>, sink: &mut dyn Sink) {
        let item = event.get("item").unwrap_or(&Value::Null);
        let (role, of_item) = match (text_under(event, "type"), text_under(item, "type")) {
            (Some("user_message"), _) => (Role::User, false),
            (Some("agent_message"), _) => (Role::Assistant, false),
            // Since 0.148 events tell of whole items.
            (Some("item_completed"), Some("UserMessage" | "userMessage")) => (Role::User, true),
            (Some("item_completed"), Some("AgentMessage" | "agentMessage")) => {
                (Role::Assistant, true)
            }
            (kind, _) => {
                if kind == Some("thread_name_updated") {
                    let title = text_under(event, "thread_name").map(shorten);
                    self.title = title.or(self.title.take());
                }
                sink.skipped("record about the session", kind.unwrap_or("event"));
                return;
            }
        };
        let text = if of_item {
            let content = item.get("content").or_else(|| item.get("text"));
            content.map(plain_parts).unwrap_or_default()
        } else {
            text_under(event, "message").unwrap_or_default().to_owned()
        };
        let wanted = role == Role::Assistant || !scaffold::is(&text);
        let again =
            self.told.get(&role).is_some_and(|(kind, told)| *kind != of_item && *told == text);
        if wanted && !again && !self.said {
            let words = if role == Role::User { scaffold::request(&text) } else { &text };
            let mut turn = NewTurn::message(role, role.as_str(), words.trim()).at(said_at);
            turn.on_active_path = self.shown();
            turn.source_id = id_under(item, &["id"]);
            self.events.push(turn, sink);
        }
        self.told.insert(role, (of_item, text));
        sink.skipped("event that repeats a message", "");
    }

    /// Takes over what only the events of a file told.
    fn settle(&mut self, sink: &mut dyn Sink) -> io::Result<()> {
        let events = std::mem::replace(&mut self.events, Spool::long());
        if !std::mem::take(&mut self.said) {
            for turn in events.tell() {
                self.turns.push(turn?.into_owned(), sink);
            }
        }
        self.told.clear();
        Ok(())
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

    fn finish(self, stem: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
        if self.turns.is_empty() {
            sink.skipped("session without messages", self.id.as_deref().unwrap_or(stem));
            return Ok(());
        }
        let head = Conversation {
            source_id: self.id,
            title: self
                .title
                .or_else(|| self.turns.first_words().filter(|_| !self.begins_elsewhere)),
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

/// Returns the words of the parts of a message.
fn plain_parts(content: &Value) -> String {
    let Value::Array(parts) = content else { return plain(content) };
    let texts = parts.iter().map(|part| match text_under(part, "type") {
        Some(kind) if kind.to_lowercase().contains("image") => media("picture"),
        _ => part.as_str().or_else(|| text_under(part, "text")).unwrap_or_default().to_owned(),
    });
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{
        Counting, error_of, json_lines, options, read_as, read_bytes, read_file, read_path, zip,
    };
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

    #[test]
    fn what_the_program_writes_in_the_users_name() {
        let user = |content: &Value| {
            envelope(
                "response_item",
                &json!({"type": "message", "role": "user", "content": content}),
            )
        };
        let text = |text: &str| json!({"type": "input_text", "text": text});
        let sink = read(&[
            user(&json!([text("<recommended_plugins>\nA list.")])),
            user(&json!([text(
                "<codex_internal_context source=\"x\">\nBack.\n</codex_internal_context>"
            )])),
            user(&json!([text(
                "<send_user_message_question_reply>\n[{\"answer\":\"oak\",\"question\":\"Which?\"},{\"answer\":\"red\"}]"
            )])),
            user(&json!([
                text("<image name=[Image #1] path=\"/tmp/a.png\">"),
                {"type": "input_image", "image_url": "data:image/png;base64,x"},
                text("</image>"),
                text("look"),
            ])),
            user(&json!([text("<image name=[Image #1]>"), text("</image>")])),
            envelope(
                "response_item",
                &json!({"type": "agent_message", "author": "/root/worker",
                "content": [text("found it")]}),
            ),
        ]);
        assert_eq!(
            sink.said(),
            [
                "user: oak\nred",
                "user: look\n[picture]",
                "user: [picture]",
                "(tool) worker: found it"
            ]
        );
        assert_eq!(sink.conversations[0].title.as_deref(), Some("oak"));
        assert_eq!(sink.skipped["scaffolding"], 2);
    }

    fn item(kind: &str, part: &str, text: &str) -> Value {
        envelope(
            "event_msg",
            &json!({"type": "item_completed", "item": {"type": kind, "id": text,
                "content": [{"type": part, "text": text}]}}),
        )
    }

    #[test]
    fn events_of_whole_items_stand_in_too() {
        let records = [
            envelope("session_meta", &json!({"id": "s1"})),
            envelope("event_msg", &json!({"type": "user_message", "message": "Hi"})),
            item("UserMessage", "text", "Hi"),
            item("AgentMessage", "Text", "Ho"),
            item("UserMessage", "text", "Hi"),
        ];
        assert_eq!(read(&records).said(), ["user: Hi", "assistant: Ho", "user: Hi"]);
        let mut with_items = records.to_vec();
        with_items.push(envelope("response_item", &message("user", "Hi")));
        assert_eq!(read(&with_items).said(), ["user: Hi"]);
    }

    const THREAD: &str = "11111111-0000-7000-8000-000000000001";

    fn part(base: Option<(&str, u64)>, from: u64, texts: &[&str]) -> String {
        let base = base.map(|(id, end)| json!({"thread_id": id, "end_ordinal_exclusive": end}));
        let mut records =
            vec![envelope("session_meta", &json!({"id": THREAD, "history_base": base}))];
        for (at, text) in texts.iter().enumerate() {
            let role = if at % 2 == 0 { "user" } else { "assistant" };
            records.push(envelope("response_item", &message(role, text)));
        }
        for (record, ordinal) in records.iter_mut().zip(from..) {
            record["ordinal"] = json!(ordinal);
        }
        json_lines(&records)
    }

    #[test]
    fn a_session_that_was_taken_back_goes_on_in_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            &format!("rollout-2026-09-01T10-00-00-{THREAD}.jsonl"),
            &part(None, 0, &["a", "b", "wrong", "no"]),
        );
        write(
            "rollout-2026-09-01T10-30-00-other.jsonl",
            &json_lines(&[envelope("response_item", &message("user", "else"))]),
        );
        write(
            &format!("rollout-2026-09-01T11-00-00-{THREAD}_r1.jsonl"),
            &part(Some((THREAD, 3)), 3, &["c", "d", "e", "f"]),
        );
        write(
            &format!("rollout-2026-09-01T12-00-00-{THREAD}_r2.jsonl"),
            &part(Some(("r1", 6)), 6, &["g", "h"]),
        );
        let (_, sink) = read_path(folder.path(), &options());
        let said: Vec<Vec<(&str, bool)>> = sink
            .conversations
            .iter()
            .map(|c| c.turns.iter().map(|t| (t.text.as_str(), t.on_active_path)).collect())
            .collect();
        let (yes, no) = (true, false);
        assert_eq!(
            said,
            [
                vec![
                    ("a", yes),
                    ("b", yes),
                    ("wrong", no),
                    ("no", no),
                    ("c", yes),
                    ("d", yes),
                    ("e", no),
                    ("f", no),
                    ("g", yes),
                    ("h", yes)
                ],
                vec![("else", yes)],
            ]
        );
        assert_eq!(sink.conversations[0].title.as_deref(), Some("a"));
        // By itself a later file does not name the session.
        let (_, sink) = read_path(
            &folder.path().join(format!("rollout-2026-09-01T12-00-00-{THREAD}_r2.jsonl")),
            &options(),
        );
        assert_eq!(
            (sink.said(), sink.conversations[0].title.as_deref()),
            (vec!["user: g".to_owned(), "assistant: h".to_owned()], None)
        );
    }

    #[test]
    fn logs_that_were_packed_are_read() {
        let log = json_lines(&[
            envelope("session_meta", &json!({"id": "s1"})),
            envelope("response_item", &message("user", "Hi")),
        ]);
        let packed = zstd::encode_all(log.as_bytes(), 3).unwrap();
        let name = "rollout-2026-09-01T10-00-00-s1.jsonl.zst";
        assert_eq!(read_file(name, &packed).said(), ["user: Hi"]);
        assert_eq!(read_file("a.zip", &zip(&[("x/log.jsonl.zst", &packed)])).said(), ["user: Hi"]);
        // What is in it up to the damage is read; what is no log is told by what it holds.
        let long = log.clone()
            + &format!("{}\n", envelope("response_item", &message("user", "Hi"))).repeat(9999);
        let packed = zstd::encode_all(long.as_bytes(), 3).unwrap();
        let (result, _) = read_bytes(&packed[..packed.len() / 2]);
        assert!(result.is_ok() || result.unwrap_err().to_string().contains("zstd"));
        let other = zstd::encode_all(&b"{\"odd\": 1}"[..], 3).unwrap();
        assert!(error_of(&other).contains("odd"));
    }
}
