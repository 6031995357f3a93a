//! Open WebUI: its database `webui.db`, and the JSON that it exports (all chats, or one).
//!
//! A chat keeps its messages as a tree under `history.messages`; `history.currentId` ends the path
//! that is shown. `messages` repeats that path, and is read only where there is no tree.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::formats::openai_chat;
use crate::import::reading::database::{Database, Select};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::time::{instant, instant_under};
use crate::import::reading::tree::Node;
use crate::import::reading::turns::{self, Branch, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `openwebui`.
pub(super) struct OpenWebUi;

impl Importer for OpenWebUi {
    fn format(&self) -> &'static str {
        "openwebui"
    }

    fn description(&self) -> &'static str {
        "Open WebUI: its database webui.db, or its export of chats as JSON"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.has_table("chat", &["id", "user_id", "title", "chat"]) || sample.any(is_chat) {
            Confidence::Certain
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
        input.each_of_either(
            sink,
            |database, sink| read_database(database, sink),
            |source, sink| {
                let layout = source.sample().layout(is_chat);
                source.each_record(layout, Unit::Conversation, sink, |value, sink| {
                    conversation(&About::of(&value), inner(&value), sink)
                })
            },
        )
    }
}

/// Returns the chat inside of a record: exports wrap it, with its times beside it.
fn inner(record: &Value) -> &Value {
    record.get("chat").filter(|chat| chat.is_object()).unwrap_or(record)
}

fn is_chat(record: &Value) -> bool {
    let chat = inner(record);
    let tree = chat.get("history").and_then(|history| history.get("messages"));
    tree.is_some_and(Value::is_object)
        || (record.get("chat").is_some()
            && array_under(chat, "messages").iter().any(|m| text_under(m, "role").is_some()))
}

/// What stands beside a chat.
struct About {
    source_id: Option<String>,
    title: Option<String>,
    started_at: Option<Timestamp>,
}

impl About {
    fn of(record: &Value) -> Self {
        let chat = inner(record);
        let title = text_under(record, "title").or_else(|| text_under(chat, "title"));
        Self {
            source_id: id_under(record, &["id"]).or_else(|| id_under(chat, &["id"])),
            title: title.map(str::to_owned),
            started_at: instant_under(record, &["created_at", "timestamp"])
                .or_else(|| instant_under(chat, &["timestamp"])),
        }
    }
}

fn read_database(database: &Database, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let select = Select {
        table: "chat",
        columns: &["id", "title", "chat", "created_at", "timestamp"],
        order: &["created_at", "timestamp", "id"],
        ..Select::default()
    };
    database.each_row(&select, |row| {
        let about = About {
            source_id: row.id(0),
            title: row.text(1).map(str::to_owned),
            started_at: instant(&row.moment(3)).or_else(|| instant(&row.moment(4))),
        };
        let chat = row.json(2);
        if !chat.is_object() {
            let example = about.title.as_deref().or(about.source_id.as_deref());
            sink.failed("chat that is not valid JSON", &shorten(example.unwrap_or_default()));
            return Ok(());
        }
        conversation(&about, &chat, sink)
    })
}

fn conversation(about: &About, chat: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let history = chat.get("history").unwrap_or(&Value::Null);
    let tree = history.get("messages").and_then(Value::as_object);
    let mut branches = Vec::new();
    let current;
    if let Some(tree) = tree.filter(|tree| !tree.is_empty()) {
        current = id_under(history, &["currentId"]);
        for (id, message) in tree {
            let parent = id_under(message, &["parentId"]);
            branches.push(branch(id.clone(), parent, message, sink));
        }
    } else {
        let mut above = None;
        for (place, message) in array_under(chat, "messages").iter().enumerate() {
            let id = id_under(message, &["id"]).unwrap_or_else(|| format!("#{place}"));
            branches.push(branch(id.clone(), above, message, sink));
            above = Some(id);
        }
        current = above;
    }
    if branches.is_empty() {
        let example = about.title.as_deref().or(about.source_id.as_deref());
        sink.skipped("chat without messages", &shorten(example.unwrap_or_default()));
        return Ok(());
    }
    let turns = turns::from_tree(branches, current.as_deref(), sink);
    sink.conversation(Conversation {
        source_id: about.source_id.clone(),
        title: about.title.clone().or_else(|| turns::first_words(&turns)),
        started_at: about.started_at,
        turns,
    })?;
    Ok(())
}

fn branch(id: String, parent: Option<String>, message: &Value, sink: &mut dyn Sink) -> Branch {
    let said_at = instant_under(message, &["timestamp", "created_at"]);
    let turns = turns_of(&id, message, sink).into_iter().map(|turn| turn.at(said_at)).collect();
    Branch { node: Node { id, parent, said_at }, turns }
}

fn turns_of(id: &str, message: &Value, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let Some((role, kind)) = text_under(message, "role").and_then(turns::role) else {
        sink.skipped("message without a known role", id);
        return Vec::new();
    };
    let text = openai_chat::content(message.get("content").unwrap_or(&Value::Null));
    let mut turns = Vec::new();
    let mut said = String::new();
    if text.trim().is_empty() && !array_under(message, "content_list").is_empty() {
        // Qwen's own service keeps the phases of an answer apart.
        for phase in array_under(message, "content_list") {
            let Some(text) = text_under(phase, "content") else { continue };
            let (role, kind, speaker) = match text_under(phase, "phase") {
                None | Some("answer" | "summary") => {
                    if !said.is_empty() {
                        said.push_str("\n\n");
                    }
                    said.push_str(text.trim());
                    continue;
                }
                Some(word) if word.starts_with("think") => {
                    (Role::Assistant, Kind::Reasoning, "assistant")
                }
                Some(tool) => (Role::Tool, Kind::Tool, tool),
            };
            let turn = NewTurn::message(role, speaker, folded(text.to_owned())).of_kind(kind);
            let place = turns.len();
            turns.push(turn.with_source_id(format!("{id}#{place}")));
        }
    } else if role == Role::Assistant {
        for piece in pieces(&text) {
            match piece {
                Piece::Said(text) => said.push_str(text),
                Piece::Folded(kind, text) => {
                    let role = if kind == Kind::Tool { Role::Tool } else { Role::Assistant };
                    let speaker = if kind == Kind::Tool { "tool" } else { "assistant" };
                    let turn = NewTurn::message(role, speaker, folded(text)).of_kind(kind);
                    turns.push(turn.with_source_id(format!("{id}#{}", turns.len())));
                }
            }
        }
    } else {
        said.push_str(&text);
    }
    let (spoken, thoughts) = turns::without_thoughts(&said);
    for thought in thoughts {
        let turn = NewTurn::message(role, role.as_str(), folded(thought.to_owned()));
        let place = turns.len();
        turns.push(turn.of_kind(Kind::Reasoning).with_source_id(format!("{id}#{place}")));
    }
    let text = turns::with_files(spoken.trim().to_owned(), &files(message));
    if text.is_empty() {
        let error = message.get("error").is_some_and(|error| !error.is_null());
        let reason = match (error, turns.is_empty()) {
            (true, _) => "answer that failed",
            (false, true) => "empty message",
            (false, false) => "message of tools alone",
        };
        sink.skipped(reason, id);
        return turns;
    }
    turns.push(NewTurn::message(role, role.as_str(), text).of_kind(kind).with_source_id(id));
    turns
}

/// A part of what stands in an answer.
enum Piece<'t> {
    Said(&'t str),
    Folded(Kind, String),
}

/// Returns the parts of an answer: reasoning and tools stand in it as
/// `<details type="reasoning" …><summary>…</summary> … </details>`.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    const OPEN: &str = "<details type=\"";
    const CLOSE: &str = "</details>";
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, block)) = rest.split_once(OPEN) {
        let (kind, after) = block.split_once('"').unwrap_or((block, ""));
        let kind = match kind {
            "reasoning" => Kind::Reasoning,
            "tool_calls" | "code_interpreter" => Kind::Tool,
            _ => {
                let end = rest.len() - block.len();
                pieces.push(Piece::Said(&rest[..end]));
                rest = block;
                continue;
            }
        };
        pieces.push(Piece::Said(before));
        let (inside, after) = after.split_once(CLOSE).unwrap_or((after, ""));
        let (attributes, body) = inside.split_once('>').unwrap_or(("", inside));
        let body = body.split_once("</summary>").map_or(body, |(_, body)| body);
        let lines = body.trim().lines().map(|line| line.strip_prefix("> ").unwrap_or(line));
        let body = lines.collect::<Vec<_>>().join("\n");
        let body = if body.trim().is_empty() { attributes.trim().to_owned() } else { body };
        pieces.push(Piece::Folded(kind, body));
        rest = after;
    }
    pieces.push(Piece::Said(rest));
    pieces
}

fn files(message: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for file in array_under(message, "files").iter().filter(|file| file.is_object()) {
        let inner = file.get("file").unwrap_or(&Value::Null);
        if text_under(file, "type") == Some("image") {
            lines.push("[picture]".to_owned());
            continue;
        }
        let name = text_under(file, "name")
            .or_else(|| text_under(inner, "filename"))
            .or_else(|| text_under(file, "url"));
        lines.push(turns::file(name.unwrap_or("unnamed")));
        let text = inner.get("data").and_then(|data| text_under(data, "content"));
        lines.extend(text.map(str::to_owned));
    }
    lines
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{Counting, read_as, read_database};
    use serde_json::json;

    const DATABASE: &str = include_str!("../../../tests/fixtures/import/openwebui.sql");

    fn read(chats: &serde_json::Value) -> Counting {
        read_as("openwebui", &chats.to_string())
    }

    #[test]
    fn answers_in_phases_as_qwens_service_writes_them() {
        let sink = read(
            &json!({"success": true, "data": [{"id": "c1", "title": "Shed", "chat": {"history": {"currentId": "b", "messages": {
            "a": {"id": "a", "parentId": null, "role": "user", "content": "Where?"},
            "b": {"id": "b", "parentId": "a", "role": "assistant", "content": "", "content_list": [
                {"content": "Hm", "phase": "think", "status": "finished"},
                {"content": "found", "phase": "web_search"},
                {"content": "In the shed.", "phase": "answer"}]}}}}}]}),
        );
        assert_eq!(
            sink.said(),
            [
                "user: Where?",
                "(reasoning) assistant: Hm",
                "(tool) web_search: found",
                "assistant: In the shed."
            ]
        );
    }

    #[test]
    fn the_tree_is_read_and_its_shown_path_marked() {
        let sink = read(
            &json!([{"id": "c1", "title": "Tea", "created_at": 1_700_000_000, "chat": {
            "models": ["m"], "messages": [{"id": "a", "role": "user", "content": "repeated"}],
            "history": {"currentId": "c", "messages": {
                "a": {"id": "a", "parentId": null, "role": "user", "content": "Which tea?", "timestamp": 1_700_000_001},
                "b": {"id": "b", "parentId": "a", "role": "assistant", "content": "Oolong.", "timestamp": 1_700_000_002},
                "c": {"id": "c", "parentId": "a", "role": "assistant", "model": "m:7b", "timestamp": 1_700_000_003,
                    "content": "<details type=\"reasoning\" done=\"true\" duration=\"2\">\n<summary>Thought for 2 seconds</summary>\n> Green or black\n> or white\n</details>\n<details type=\"tool_calls\" done=\"true\" name=\"shop\" arguments=\"{}\">\n<summary>Tool Executed</summary>\n</details>\nWhite."}}}}}]),
        );
        assert_eq!(
            sink.said(),
            [
                "user: Which tea?",
                "assistant: Oolong.",
                "(reasoning) assistant: Green or black\nor white",
                "(tool) tool: done=\"true\" name=\"shop\" arguments=\"{}\"",
                "assistant: White."
            ]
        );
        let shown: Vec<_> = sink.messages().map(|turn| turn.on_active_path).collect();
        assert_eq!(shown, [true, false, true]);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Tea"));
        assert_eq!(sink.span().0.map(|t| t.to_string()).as_deref(), Some("2023-11-14T22:13:21Z"));
    }

    #[test]
    fn files_thoughts_and_failures() {
        let sink = read(&json!({"title": "x", "history": {"currentId": "d", "messages": {
            "a": {"role": "user", "content": "See", "files": [{"type": "image", "url": "data:"},
                {"type": "file", "name": "a.txt", "file": {"data": {"content": "inside"}}}]},
            "b": {"parentId": "a", "role": "assistant", "content": "<think>Hm</think>A cat", "error": null},
            "c": {"parentId": "b", "role": "assistant", "content": "", "error": {"content": "no"}},
            "d": {"parentId": "c", "role": "user", "content": [{"type": "text", "text": "Ah <details type=\"x\">"}]}}}}));
        assert_eq!(
            sink.said(),
            [
                "user: See\n[picture]\n[file: a.txt]\ninside",
                "(reasoning) assistant: Hm",
                "assistant: A cat",
                "user: Ah <details type=\"x\">"
            ]
        );
        assert_eq!(sink.skipped["answer that failed"], 1);
    }

    #[test]
    fn its_database() {
        let sink = read_database("openwebui", DATABASE);
        assert_eq!(sink.said(), ["user: Hello", "assistant: Hi", "user: Flat"]);
        assert_eq!(sink.conversations.len(), 2);
        assert_eq!(sink.failed["chat that is not valid JSON"], 1);
        assert_eq!(sink.skipped["chat without messages"], 1);
    }
}
