//! opencode: its database `opencode.db`, what `opencode export` writes, and the trees of small files
//! (`storage/`) of the versions before the database.
//!
//! All three hold the same objects with the same ids: a session, its messages (who, when), and
//! their parts (what). So all are read by the same functions, and importing two of them adds a
//! message once.

mod storage;

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::database::{Database, Select};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, flag, id_under, text_under};
use crate::import::reading::time::{instant, instant_under};
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// The format `opencode`.
pub(super) struct OpenCode;

impl Importer for OpenCode {
    fn format(&self) -> &'static str {
        "opencode"
    }

    fn description(&self) -> &'static str {
        "opencode: its database opencode.db, `opencode export`, or an older storage folder"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let database = ["session", "session_v2"]
            .iter()
            .any(|table| sample.has_table(table, &["id", "title", "directory"]))
            && (sample.has_table("message", &["id", "session_id", "data"])
                || sample.has_table("session_message", &["id", "session_id", "data"]));
        if database || sample.any(is_export) {
            return Confidence::Certain;
        }
        if sample.document().is_some_and(storage::is_piece) {
            Confidence::Likely
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
        let mut storage = storage::Storage::default();
        input.each_of_either(sink, read_database, |source, sink| {
            let layout = source.sample().layout(|v| is_export(v) || storage::is_piece(v));
            source.each_record(layout, Unit::Conversation, sink, |record, sink| {
                if is_export(&record) {
                    return export(&record, sink);
                }
                storage.take(record, sink);
                Ok(())
            })
        })?;
        storage.finish(sink)
    }
}

fn is_export(value: &Value) -> bool {
    let message = |message: &Value| {
        message.get("info").is_some_and(|info| info.get("role").is_some())
            && message.get("parts").is_some()
            || is_newer(message)
    };
    let messages = value.get("messages").and_then(Value::as_array);
    value.get("info").is_some_and(|info| info.get("id").is_some())
        && messages.is_some_and(|list| list.is_empty() || list.iter().any(message))
}

/// Whether a message is one of the second version: its kind and its words stand side by side.
fn is_newer(message: &Value) -> bool {
    message.get("id").is_some()
        && message.get("time").is_some()
        && match text_under(message, "type") {
            Some("user") => message.get("text").is_some(),
            Some("assistant") => message.get("content").is_some_and(Value::is_array),
            _ => false,
        }
}

fn export(value: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let messages = array_under(value, "messages").iter().map(|message| {
        if let (None, Some(kind)) = (message.get("info"), text_under(message, "type")) {
            return Message::newer(kind, message, sink);
        }
        let info = message.get("info").unwrap_or(&Value::Null);
        Message::new(info, array_under(message, "parts"), sink)
    });
    let messages = messages.collect();
    let info = value.get("info").unwrap_or(&Value::Null);
    About::of(info).conversation(messages, sink)
}

/// Reads the sessions of a database. Since its second version opencode has a new table of them, and
/// leaves the old one as it was.
fn read_database(database: &Database, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut known = HashSet::new();
    read_sessions(database, "session_v2", &mut known, sink)?;
    read_sessions(database, "session", &mut known, sink)
}

fn read_sessions(
    database: &Database,
    table: &str,
    known: &mut HashSet<String>,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let sessions = Select {
        table,
        columns: &["id", "title", "parent_id", "revert", "time_created"],
        order: &["time_created", "id"],
        ..Select::default()
    };
    database.each_row(&sessions, |row| {
        let Some(session) = row.id(0).filter(|id| known.insert(id.clone())) else { return Ok(()) };
        let about = About {
            title: row.text(1).map(str::to_owned),
            is_agent: row.id(2).is_some(),
            reverted_from: id_under(&row.json(3), &["messageID"]),
            started_at: instant(&row.moment(4)),
            source_id: Some(session.clone()),
            in_order: false,
        };
        let mut parts: HashMap<String, Vec<Value>> = HashMap::new();
        let select = Select {
            table: "part",
            columns: &["id", "message_id", "data"],
            only: Some(("session_id", &session)),
            order: &["message_id", "id"],
        };
        database.each_row(&select, |row| {
            if let (Some(id), Some(message)) = (row.id(0), row.id(1)) {
                parts.entry(message).or_default().push(with_id(row.json(2), &id));
            }
            Ok(())
        })?;
        let newer = newer_messages(database, &session, sink)?;
        let ids: HashSet<&str> = newer.iter().filter_map(|message| message.id.as_deref()).collect();
        let mut messages = Vec::new();
        let select = Select {
            table: "message",
            columns: &["id", "data", "time_created"],
            only: Some(("session_id", &session)),
            order: &["time_created", "id"],
        };
        database.each_row(&select, |row| {
            let Some(id) = row.id(0).filter(|id| !ids.contains(id.as_str())) else { return Ok(()) };
            let info = with_id(row.json(1), &id);
            let parts = parts.remove(&id).unwrap_or_default();
            let mut message = Message::new(&info, &parts, sink);
            message.said_at = message.said_at.or_else(|| instant(&row.moment(2)));
            messages.push(message);
            Ok(())
        })?;
        messages.sort_by(order);
        let about = About { in_order: true, ..about };
        messages.extend(newer);
        about.conversation(messages, sink)
    })
}

/// Reads the table that newer versions write: a message with all that it holds in one row.
fn newer_messages(
    database: &Database,
    session: &str,
    sink: &mut dyn Sink,
) -> Result<Vec<Message>, ImportError> {
    let select = Select {
        table: "session_message",
        columns: &["id", "type", "data", "time_created"],
        only: Some(("session_id", session)),
        order: &["seq", "time_created", "id"],
    };
    let mut messages = Vec::new();
    database.each_row(&select, |row| {
        let Some(id) = row.id(0) else { return Ok(()) };
        let info = with_id(row.json(2), &id);
        let kind = row.text(1).unwrap_or_default();
        let mut message = Message::newer(kind, &info, sink);
        message.said_at = message.said_at.or_else(|| instant(&row.moment(3)));
        messages.push(message);
        Ok(())
    })?;
    Ok(messages)
}

/// The order of messages that stand in no order.
fn order(a: &Message, b: &Message) -> std::cmp::Ordering {
    (a.said_at, &a.id).cmp(&(b.said_at, &b.id))
}

/// Returns an object with its id, which rows keep beside it.
fn with_id(mut value: Value, id: &str) -> Value {
    if let Value::Object(object) = &mut value {
        object.entry("id").or_insert_with(|| Value::from(id));
        value
    } else {
        serde_json::json!({"id": id})
    }
}

/// What is known of a session.
#[derive(Debug, Default)]
struct About {
    source_id: Option<String>,
    title: Option<String>,
    /// Whether it was begun by another session, for a sub-agent.
    is_agent: bool,
    /// The message from which on the user took back what was said.
    reverted_from: Option<String>,
    started_at: Option<Timestamp>,
    /// Whether the messages come in their order.
    in_order: bool,
}

impl About {
    fn of(info: &Value) -> Self {
        let revert = info.get("revert").unwrap_or(&Value::Null);
        Self {
            source_id: id_under(info, &["id"]),
            title: text_under(info, "title").map(str::to_owned),
            is_agent: id_under(info, &["parentID"]).is_some(),
            reverted_from: id_under(revert, &["messageID"]),
            started_at: info
                .get("time")
                .and_then(|time| instant_under(time, &["created", "updated"])),
            in_order: false,
        }
    }

    fn conversation(
        self,
        mut messages: Vec<Message>,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        if !self.in_order {
            messages.sort_by(order);
        }
        let mut turns = Turns::default();
        let mut shown = true;
        for message in messages {
            shown &= message.id.is_none() || message.id != self.reverted_from;
            for mut turn in message.turns {
                turn.said_at = message.said_at;
                turn.on_active_path = shown;
                // The prompt of a sub-agent is the main assistant's.
                if self.is_agent && turn.role == Role::User && turn.kind == Kind::Message {
                    (turn.role, turn.speaker) = (Role::Assistant, "assistant".to_owned());
                }
                turns.push(turn, sink);
            }
        }
        let turns = turns.into_vec();
        if turns.is_empty() {
            let example = self.title.as_deref().or(self.source_id.as_deref());
            sink.skipped("session without messages", &shorten(example.unwrap_or_default()));
            return Ok(());
        }
        // Until a model names it, a session is called after its time.
        let title = self.title.filter(|title| !title.starts_with("New session - "));
        sink.conversation(Conversation {
            source_id: self.source_id,
            title: title.or_else(|| turns::first_words(&turns)),
            started_at: self.started_at,
            turns,
        })?;
        Ok(())
    }
}

/// A message with what it says.
#[derive(Debug)]
struct Message {
    id: Option<String>,
    said_at: Option<Timestamp>,
    turns: Vec<NewTurn>,
}

impl Message {
    /// A message as the second version writes it: its kind, and all that it holds in one object.
    fn newer(kind: &str, info: &Value, sink: &mut dyn Sink) -> Self {
        let text = || text_under(info, "text").map(|text| json!({"type": "text", "text": text}));
        let mut parts: Vec<Value> = Vec::new();
        let role = match kind {
            "user" | "assistant" => {
                parts.extend(text());
                parts.extend(array_under(info, "content").iter().cloned());
                for file in array_under(info, "files") {
                    let name =
                        ["filename", "name", "path"].iter().find_map(|k| text_under(file, k));
                    parts.push(json!({"type": "file", "filename": name, "mime": file.get("mime")}));
                }
                text_under(info, "role").unwrap_or(kind)
            }
            "shell" => {
                let given = info.get("command").cloned().unwrap_or_default();
                let output = info.get("output").cloned().unwrap_or_default();
                let state = json!({"input": given, "output": output});
                parts.push(
                    json!({"type": "tool", "id": info.get("id"), "tool": "shell", "state": state}),
                );
                "assistant"
            }
            // A model's account of what stands above, which it goes on from.
            "compaction" => {
                let summary = text_under(info, "summary").or_else(|| text_under(info, "text"));
                parts.push(json!({"type": "reasoning", "id": info.get("id"), "text": summary}));
                "assistant"
            }
            "synthetic" | "system" => {
                sink.skipped("scaffolding", text_under(info, "id").unwrap_or_default());
                return Self { id: id_under(info, &["id"]), said_at: None, turns: Vec::new() };
            }
            _ if text_under(info, "role").is_some() => {
                parts.extend(text());
                parts.extend(array_under(info, "content").iter().cloned());
                text_under(info, "role").unwrap_or(kind)
            }
            other => {
                sink.skipped("record about the session", other);
                return Self { id: id_under(info, &["id"]), said_at: None, turns: Vec::new() };
            }
        };
        let mut with_role = info.clone();
        if let Value::Object(members) = &mut with_role {
            members.insert("role".to_owned(), Value::from(role));
        }
        Self::new(&with_role, &parts, sink)
    }

    fn new(info: &Value, parts: &[Value], sink: &mut dyn Sink) -> Self {
        let id = id_under(info, &["id"]);
        let example = id.as_deref().unwrap_or_default();
        let time = info.get("time").unwrap_or(&Value::Null);
        let said_at = instant_under(time, &["created"]);
        let Some((role, kind)) = text_under(info, "role").and_then(turns::role) else {
            sink.skipped("message without a known role", example);
            return Self { id, said_at, turns: Vec::new() };
        };
        let mut turns = Vec::new();
        let mut said = Vec::new();
        let mut files = Vec::new();
        for part in parts {
            let part_id = id_under(part, &["id"]);
            let mut fold = |role, kind, speaker: &str, text: String, mark: &str| {
                let mut turn = NewTurn::message(role, speaker, folded(text)).of_kind(kind);
                turn.source_id = part_id.as_ref().map(|id| format!("{id}{mark}"));
                if !turn.text.trim().is_empty() {
                    turns.push(turn);
                }
            };
            let text = || text_under(part, "text").unwrap_or_default();
            match text_under(part, "type").unwrap_or_default() {
                "text" if flag(part, "synthetic") || flag(part, "ignored") => {
                    sink.skipped("scaffolding", example);
                }
                "text" => said.extend(text_under(part, "text")),
                "reasoning" => {
                    fold(Role::Assistant, Kind::Reasoning, "assistant", text().to_owned(), "");
                }
                "tool" | "tool-invocation" => {
                    // The oldest versions keep the call in an object of its own.
                    let call = part.get("toolInvocation").unwrap_or(part);
                    let state = part.get("state").filter(|state| state.is_object()).unwrap_or(call);
                    let name =
                        ["tool", "toolName", "name"].iter().find_map(|key| text_under(call, key));
                    let name = name.unwrap_or("tool");
                    let given = state.get("input").or_else(|| state.get("args"));
                    let given = given.map_or_else(
                        || format!("{name}()"),
                        |given| given.as_str().map_or_else(|| given.to_string(), str::to_owned),
                    );
                    fold(Role::Assistant, Kind::Tool, name, given, "");
                    let result = result(state);
                    fold(Role::Tool, Kind::Tool, name, result, "#result");
                }
                "file" => {
                    let picture =
                        text_under(part, "mime").is_some_and(|mime| mime.starts_with("image/"));
                    let name = text_under(part, "filename");
                    files.push(match name {
                        Some(name) => turns::file(name),
                        None if picture => "[picture]".to_owned(),
                        None => turns::file("unnamed"),
                    });
                }
                "subtask" => {
                    let prompt = text_under(part, "prompt").unwrap_or_default().to_owned();
                    fold(Role::Assistant, Kind::Tool, "subtask", prompt, "");
                }
                _ => {}
            }
        }
        let text = turns::with_files(said.join("\n\n").trim().to_owned(), &files);
        if text.is_empty() {
            let reason = if turns.is_empty() { "empty message" } else { "message of tools alone" };
            sink.skipped(reason, example);
        } else {
            // A model's account of what stands above.
            let is_summary = info.get("summary").is_some_and(|summary| *summary == true);
            let speaker = if is_summary { "summary" } else { role.as_str() };
            let mut turn = NewTurn::message(role, speaker, text).of_kind(kind);
            turn.source_id.clone_from(&id);
            turns.push(turn);
        }
        Self { id, said_at, turns }
    }
}

/// Returns what a tool gave back: a text, or the texts of the parts that the second version keeps.
fn result(state: &Value) -> String {
    let plain = ["output", "result", "error"].iter().find_map(|key| text_under(state, key));
    let error = || text_under(state.get("error")?, "message");
    plain.or_else(error).map_or_else(
        || {
            let parts = array_under(state, "content").iter();
            parts.filter_map(|part| text_under(part, "text")).collect::<Vec<_>>().join("\n")
        },
        str::to_owned,
    )
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{Counting, options, read_as, read_database, read_path};
    use serde_json::{Value, json};

    const DATABASE: &str = include_str!("../../../../tests/fixtures/import/opencode.sql");
    const NEWER: &str = include_str!("../../../../tests/fixtures/import/opencode-2.sql");
    const FROZEN: &str = include_str!("../../../../tests/fixtures/import/opencode-2-frozen.sql");

    fn message(id: &str, role: &str, second: i64, parts: &Value) -> Value {
        json!({"info": {"id": id, "role": role, "sessionID": "ses_1", "time": {"created": 1_700_000_000_000_i64 + second * 1000}},
            "parts": parts})
    }

    fn read(info: &Value, messages: &[Value]) -> Counting {
        let mut about =
            json!({"id": "ses_1", "title": "Tea", "time": {"created": 1_700_000_000_000_i64}});
        for (key, value) in info.as_object().into_iter().flatten() {
            about[key] = value.clone();
        }
        read_as("opencode", &json!({"info": about, "messages": messages}).to_string())
    }

    #[test]
    fn parts_of_every_kind() {
        let sink = read(
            &json!({}),
            &[
                message(
                    "msg_1",
                    "user",
                    1,
                    &json!([{"id": "p1", "type": "text", "text": "Look"},
                {"id": "p2", "type": "text", "text": "file content", "synthetic": true},
                {"id": "p3", "type": "file", "mime": "image/png"}, {"id": "p4", "type": "file", "filename": "a.rs"}]),
                ),
                message(
                    "msg_2",
                    "assistant",
                    2,
                    &json!([{"type": "step-start"}, {"id": "r", "type": "reasoning", "text": "Hm"},
                {"id": "t", "type": "tool", "tool": "read", "state": {"status": "completed", "input": {"p": 1}, "output": "let"}},
                {"id": "x", "type": "text", "text": "It is"}, {"id": "y", "type": "text", "text": "code."}]),
                ),
                message("msg_3", "user", 3, &json!([{"id": "z", "type": "compaction"}])),
            ],
        );
        assert_eq!(
            sink.said(),
            [
                "user: Look\n[picture]\n[file: a.rs]",
                "(reasoning) assistant: Hm",
                "(tool) read: {\"p\":1}",
                "(tool) read: let",
                "assistant: It is\n\ncode.",
            ]
        );
        assert_eq!((sink.skipped["scaffolding"], sink.skipped["empty message"]), (1, 1));
    }

    #[test]
    fn the_database_of_the_second_version() {
        let said = [
            "user: Old words",
            "user: Go\n[file: a.rs]",
            "(reasoning) assistant: Hm",
            "(tool) read: {\"p\":1}",
            "(tool) read: let",
            "assistant: Done",
            "(tool) shell: ls",
            "(tool) shell: a",
            "(reasoning) assistant: sum",
        ];
        assert_eq!(read_database("opencode", NEWER).said(), said);
        // The tables of the first version stay as they were.
        let migrated = [NEWER, FROZEN].concat();
        assert_eq!(read_database("opencode", &migrated).said(), said);
    }

    #[test]
    fn what_was_taken_back_and_what_an_agent_was_told() {
        let text = |text: &str| json!([{"type": "text", "text": text}]);
        let messages = [
            message("msg_1", "user", 1, &text("Go")),
            message("msg_2", "user", 2, &text("No")),
            message("msg_3", "assistant", 3, &text("Gone")),
        ];
        let sink = read(&json!({"revert": {"messageID": "msg_2"}}), &messages);
        let shown: Vec<_> = sink.messages().map(|turn| turn.on_active_path).collect();
        assert_eq!(shown, [true, false, false]);
        let sink = read(&json!({"parentID": "ses_0"}), &messages[..1]);
        assert_eq!(sink.said(), ["assistant: Go"]);
    }

    #[test]
    fn its_database() {
        let sink = read_database("opencode", DATABASE);
        assert_eq!(sink.said(), ["user: Hello", "assistant: Hi", "user: Newer", "assistant: Yes"]);
        let ids: Vec<_> =
            sink.conversations.iter().filter_map(|c| c.source_id.as_deref()).collect();
        assert_eq!(ids, ["ses_1", "ses_2"]);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Hello"));
        assert_eq!(sink.skipped["session without messages"], 1);
    }

    #[test]
    fn the_trees_of_small_files() {
        let session = json!({"id": "ses_1", "version": "1", "title": "Tea", "projectID": "p", "time": {"created": 1_700_000_000_000_i64}});
        let said = |id: &str, role: &str, second: i64| json!({"id": id, "sessionID": "ses_1", "role": role, "time": {"created": 1_700_000_000_000_i64 + second}});
        let part = |id: &str, message: &str, text: &str| json!({"id": id, "messageID": message, "sessionID": "ses_1", "type": "text", "text": text});
        let old = json!({"id": "msg_9", "role": "user", "parts": [{"type": "text", "text": "Oldest"}], "metadata": {"sessionID": "ses_9", "time": {"created": 1}}});
        for names in [
            [
                "session/info/ses_1",
                "session/message/ses_1/msg_1",
                "session/message/ses_1/msg_2",
                "session/part/ses_1/msg_1/prt_1",
                "session/part/ses_1/msg_2/prt_2",
                "session/message/ses_9/msg_9",
            ],
            [
                "session/p/ses_1",
                "message/ses_1/msg_1",
                "message/ses_1/msg_2",
                "part/msg_1/prt_1",
                "part/msg_2/prt_2",
                "message/ses_9/msg_9",
            ],
        ] {
            let folder = tempfile::tempdir().unwrap();
            let files = [
                &session,
                &said("msg_1", "user", 1),
                &said("msg_2", "assistant", 2),
                &part("prt_1", "msg_1", "Hello"),
                &part("prt_2", "msg_2", "Hi"),
                &old,
            ];
            for (name, value) in names.iter().zip(files) {
                let path = folder.path().join("storage").join(format!("{name}.json"));
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, value.to_string()).unwrap();
            }
            let (result, sink) = read_path(folder.path(), &options());
            assert_eq!(result.unwrap().formats, ["opencode"]);
            assert_eq!(sink.said(), ["user: Oldest", "user: Hello", "assistant: Hi"]);
            assert_eq!(sink.conversations[1].title.as_deref(), Some("Tea"));
        }
    }
}
