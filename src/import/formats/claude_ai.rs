//! Claude.ai: `conversations.json`, or a single conversation as browser extensions save it.

use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, flag, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::tree::Node;
use crate::import::reading::turns::{self, Branch};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

const WANTED: &str = "conversations.json, or the whole ZIP of the export";

/// The format `claude_ai`.
pub(super) struct ClaudeAi;

impl Importer for ClaudeAi {
    fn format(&self) -> &'static str {
        "claude_ai"
    }

    fn description(&self) -> &'static str {
        "Claude.ai data export: the ZIP, its folder, conversations.json or a single conversation"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(|value| messages(value).is_some()) {
            return Confidence::Certain;
        }
        let has =
            |keys: &[&str]| sample.any(|value| keys.iter().all(|key| value.get(key).is_some()));
        if has(&["uuid", "full_name"])
            || has(&["conversations_memory"])
            || has(&["uuid", "docs"])
            || has(&["uuid", "prompt_template"])
        {
            return Confidence::Beside(WANTED);
        }
        // Not what has messages in another form.
        let others = sample.any(|value| {
            ["messages", "conversations", "conversation"].iter().any(|key| value.get(key).is_some())
        });
        let named = has(&["uuid", "name", "created_at"]) && !others;
        if named { Confidence::Possible } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let layout = source.sample().layout(|value| messages(value).is_some());
            source.each_record(layout, Unit::Conversation, sink, |value, sink| {
                conversation(&value, sink)
            })
        })
    }
}

/// Returns the messages of a conversation. Programs that keep what they fetched may call them by
/// another name: then their senders tell whose they are.
fn messages(conversation: &Value) -> Option<&[Value]> {
    if let Some(messages) = conversation.get("chat_messages") {
        return messages.as_array().map(Vec::as_slice);
    }
    let messages = conversation.get("messages")?.as_array()?;
    let is = |message: &Value| {
        matches!(text_under(message, "sender"), Some("human" | "assistant"))
            && (message.get("text").is_some() || message.get("content").is_some())
    };
    let own = conversation.get("uuid").is_some() && messages.iter().any(is);
    own.then_some(messages.as_slice())
}

fn conversation(value: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let title = text_under(value, "name").or_else(|| text_under(value, "title")).map(str::to_owned);
    let source_id = id_under(value, &["uuid", "id", "conversation_id"]);
    let example = shorten(title.as_deref().or(source_id.as_deref()).unwrap_or("without a title"));
    let Some(messages) = messages(value) else {
        sink.failed("conversation without its messages (`chat_messages`)", &example);
        return Ok(());
    };
    if flag(value, "is_temporary") {
        sink.skipped("conversation is marked as not to be remembered", &example);
        return Ok(());
    }
    let branches =
        messages.iter().enumerate().map(|(place, message)| branch(place, message, sink)).collect();
    let current = text_under(value, "current_leaf_message_uuid");
    let turns = turns::from_tree(branches, current, sink);
    let started_at = instant_under(value, &["created_at", "updated_at"]);
    sink.conversation(Conversation { source_id, title, started_at, turns })?;
    Ok(())
}

fn branch(place: usize, message: &Value, sink: &mut dyn Sink) -> Branch {
    let id = id_under(message, &["uuid", "id"]);
    let said_at = instant_under(message, &["created_at", "updated_at"]);
    let mut turns = turns_of(message, id.as_deref(), sink);
    for turn in &mut turns {
        turn.said_at = said_at;
    }
    let parent = id_under(message, &["parent_message_uuid"]);
    // Nodes need a name of their own to stand in the tree, also those without one.
    let id = id.unwrap_or_else(|| format!("\u{0}{place}"));
    Branch { node: Node { id, parent, said_at }, turns }
}

fn turns_of(message: &Value, id: Option<&str>, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let word = text_under(message, "sender").or_else(|| text_under(message, "role"));
    let Some((role, kind)) = word.and_then(turns::role) else {
        let reason =
            if message.is_null() { "missing message (null)" } else { "message without a sender" };
        sink.skipped(reason, id.unwrap_or_default());
        return Vec::new();
    };
    let speaker = if role == Role::User { "user" } else { role.as_str() };
    let mut said = Vec::new();
    let mut folded = Vec::new();
    let mut written = 0;
    match message.get("content") {
        Some(Value::String(text)) => said.push(text.as_str()),
        Some(Value::Array(blocks)) => {
            for block in blocks {
                match block_of(block) {
                    Block::Said(text) => said.push(text),
                    Block::Written(text) => {
                        said.push(text);
                        written += 1;
                    }
                    Block::Folded(role, kind, speaker, text) => {
                        let turn = NewTurn::message(role, speaker, text).of_kind(kind);
                        // What is written for the user counts too: it was folded once, and what
                        // stands behind it is to be known by the same place.
                        folded.push((folded.len() + written, turn));
                    }
                    Block::Nothing => {}
                }
            }
        }
        _ => {}
    }
    said.retain(|text| !text.trim().is_empty());
    let mut text = said.join("\n\n");
    if text.is_empty() {
        // Only where the blocks say nothing: it can repeat what tools were given.
        text = text_under(message, "text").map(without_placeholder).unwrap_or_default();
    }
    let text = turns::with_files(text, &files(message));
    let mut turns: Vec<NewTurn> = folded
        .into_iter()
        .map(|(place, turn)| match id {
            Some(id) => turn.with_source_id(format!("{id}#{place}")),
            None => turn,
        })
        .collect();
    if text.trim().is_empty() {
        let reason = if turns.is_empty() { "empty message" } else { "message of tools alone" };
        sink.skipped(reason, id.unwrap_or_default());
    } else {
        let turn = NewTurn::message(role, speaker, text).of_kind(kind);
        turns.push(match id {
            Some(id) => turn.with_source_id(id),
            None => turn,
        });
    }
    turns
}

/// What a block of a message is.
enum Block<'v> {
    Said(&'v str),
    /// A document that a tool shows to the user.
    Written(&'v str),
    Folded(Role, Kind, String, String),
    Nothing,
}

fn block_of(block: &Value) -> Block<'_> {
    if let Some(text) = block.as_str() {
        return Block::Said(text);
    }
    let name = || text_under(block, "name").unwrap_or("tool").to_owned();
    match block.get("type").and_then(Value::as_str).unwrap_or("text") {
        "text" | "voice_note" => text_under(block, "text").map_or(Block::Nothing, Block::Said),
        "thinking" => match text_under(block, "thinking") {
            Some(text) => Block::Folded(
                Role::Assistant,
                Kind::Reasoning,
                "assistant".to_owned(),
                text.to_owned(),
            ),
            None => Block::Nothing,
        },
        "tool_use" => {
            if let Some(text) = written(block) {
                return Block::Written(text);
            }
            let input = block.get("input").map(tool_text).unwrap_or_default();
            Block::Folded(Role::Assistant, Kind::Tool, name(), input)
        }
        "tool_result" => {
            let output = block.get("content").map(tool_text).unwrap_or_default();
            Block::Folded(Role::Tool, Kind::Tool, name(), output)
        }
        _ => Block::Nothing,
    }
}

/// Returns the whole text of a document that the assistant writes for the user: an artifact, a file.
/// What changes a part of one is no text by itself.
fn written(call: &Value) -> Option<&str> {
    let input = call.get("input")?;
    match (text_under(call, "name")?, text_under(input, "command")) {
        ("artifacts", None | Some("create" | "rewrite")) => text_under(input, "content"),
        ("create_file", _) | (_, Some("create")) => text_under(input, "file_text"),
        _ => None,
    }
}

/// Returns the readable part of what a tool was given or gave back.
fn tool_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts: Vec<&str> = blocks
                .iter()
                .filter_map(|b| b.as_str().or_else(|| text_under(b, "text")))
                .collect();
            if texts.is_empty() { value.to_string() } else { texts.join("\n") }
        }
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

/// Returns the text without the line that older exports put where a tool was used.
fn without_placeholder(text: &str) -> String {
    const PLACEHOLDER: &str = "This block is not supported on your current device yet.";
    if !text.contains(PLACEHOLDER) {
        return text.to_owned();
    }
    text.replace(&format!("```\n{PLACEHOLDER}\n```"), "").replace(PLACEHOLDER, "").trim().to_owned()
}

fn files(message: &Value) -> Vec<String> {
    let name = |file: &Value| {
        text_under(file, "file_name")
            .or_else(|| text_under(file, "name"))
            .unwrap_or("unnamed")
            .to_owned()
    };
    let mut lines = Vec::new();
    for attachment in array_under(message, "attachments").iter().filter(|a| a.is_object()) {
        lines.push(turns::file(&name(attachment)));
        if let Some(text) = text_under(attachment, "extracted_content") {
            lines.push(text.to_owned());
        }
    }
    let newer = array_under(message, "files_v2");
    let files = array_under(message, "files");
    let files = if files.is_empty() { newer } else { files };
    lines.extend(files.iter().filter(|f| f.is_object()).map(|file| turns::file(&name(file))));
    lines
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{Counting, error_of, read_as};
    use serde_json::{Value, json};

    fn read(messages: &Value) -> Counting {
        let conversation = json!({"uuid": "c1", "name": "A talk", "created_at": "2024-01-01T10:00:00Z",
            "chat_messages": messages});
        read_as("claude_ai", &json!([conversation]).to_string())
    }

    fn check(message: &Value, expected: &[&str]) {
        assert_eq!(read(&json!([message])).said(), expected, "{message}");
    }

    #[test]
    fn what_is_written_for_the_user_is_said() {
        let call =
            |name: &str, input: Value| json!({"type": "tool_use", "name": name, "input": input});
        let message = json!({"uuid": "m", "sender": "assistant", "content": [
            {"type": "text", "text": "Here:"},
            call("artifacts", json!({"command": "create", "title": "T", "content": "A poem."})),
            call("artifacts", json!({"command": "update", "old_str": "A", "new_str": "B"})),
            call("create_file", json!({"path": "/a.md", "file_text": "A letter."})),
            call("search", json!({"q": 1})),
        ]});
        let sink = read(&json!([message]));
        assert_eq!(
            sink.said(),
            [
                "(tool) artifacts: {\"command\":\"update\",\"old_str\":\"A\",\"new_str\":\"B\"}",
                "(tool) search: {\"q\":1}",
                "assistant: Here:\n\nA poem.\n\nA letter.",
            ]
        );
        let ids: Vec<_> =
            sink.conversations[0].turns.iter().filter_map(|t| t.source_id.as_deref()).collect();
        assert_eq!(ids, ["m#1", "m#3", "m"]);
    }

    #[test]
    fn content_before_text() {
        let human = |content: Value, text: &str| json!({"uuid": "m", "sender": "human", "content": content, "text": text});
        check(&human(json!([{"type": "text", "text": "block"}]), "other"), &["user: block"]);
        check(
            &human(json!([{"type": "text", "text": "a"}, null, {"type": "text", "text": "b"}]), ""),
            &["user: a\n\nb"],
        );
        check(&human(json!([]), "text"), &["user: text"]);
        check(&human(json!(null), "text"), &["user: text"]);
        check(&human(json!("plain"), ""), &["user: plain"]);
        check(&human(json!([{"type": "token_budget"}, {"type": "novelty", "x": 1}]), ""), &[]);
        check(&json!({"role": "user", "content": "hi"}), &["user: hi"]);
        check(&json!(null), &[]);
        check(&json!({"sender": "nobody", "text": "x"}), &[]);
    }

    #[test]
    fn thinking_and_tools_are_folded() {
        let message = json!({"uuid": "m", "sender": "assistant", "content": [
            {"type": "thinking", "thinking": "hm"},
            {"type": "tool_use", "name": "search", "input": {"q": "x"}},
            {"type": "tool_result", "name": "search", "content": [{"type": "text", "text": "found"}]},
            {"type": "text", "text": "Here"}]});
        check(
            &message,
            &[
                "(reasoning) assistant: hm",
                "(tool) search: {\"q\":\"x\"}",
                "(tool) search: found",
                "assistant: Here",
            ],
        );
        let sink = read(&json!([message]));
        let ids: Vec<_> =
            sink.conversations[0].turns.iter().filter_map(|t| t.source_id.as_deref()).collect();
        assert_eq!(ids, ["m#0", "m#1", "m#2", "m"]);
    }

    #[test]
    fn the_placeholder_for_tools_is_no_message() {
        let text = "```\nThis block is not supported on your current device yet.\n```";
        check(&json!({"uuid": "m", "sender": "assistant", "content": [], "text": text}), &[]);
    }

    #[test]
    fn files_are_named_and_their_text_kept() {
        check(
            &json!({"uuid": "m", "sender": "human", "text": "See", "attachments": [
                {"file_name": "a.txt", "extracted_content": "inside"}, null],
                "files": [{"file_name": "b.png"}], "files_v2": [{"file_name": "b.png"}]}),
            &["user: See\n[file: a.txt]\ninside\n[file: b.png]"],
        );
    }

    #[test]
    fn branches_and_flat_files() {
        let message = |id: &str, parent: Value, time: &str| {
            json!({"uuid": id, "sender": "human", "text": id,
            "parent_message_uuid": parent, "created_at": format!("2024-01-01T10:0{time}:00Z")})
        };
        let root = "00000000-0000-4000-8000-000000000000";
        let tree = json!([
            message("a", json!(root), "1"),
            message("b", json!("a"), "2"),
            message("c", json!("a"), "3")
        ]);
        let active = |sink: &Counting| {
            sink.messages().filter(|t| t.on_active_path).map(|t| t.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(active(&read(&tree)), ["a", "c"]);
        let flat = json!([message("a", json!(null), "1"), message("b", json!(null), "2")]);
        assert_eq!(active(&read(&flat)), ["a", "b"]);
    }

    #[test]
    fn conversations_without_messages() {
        let sink = read(&json!([]));
        assert_eq!((sink.conversations.len(), sink.messages().count()), (1, 0));
        let text =
            r#"[{"uuid": "1", "name": "x", "chat_messages": []}, {"uuid": "2", "name": "y"}, 5]"#;
        assert_eq!(read_as("claude_ai", text).failed.values().sum::<u64>(), 2);
    }

    #[test]
    fn messages_under_another_name() {
        let text = r#"{"uuid": "1", "name": "x", "messages": [
            {"uuid": "a", "sender": "human", "text": "Hi"}, {"uuid": "b", "sender": "assistant", "text": "Ho"}]}"#;
        assert_eq!(read_as("claude_ai", text).said(), ["user: Hi", "assistant: Ho"]);
    }

    #[test]
    fn the_wrong_file_is_told() {
        for text in [
            r#"[{"uuid": "1", "full_name": "Ada", "email_address": "a@b.c"}]"#,
            r#"[{"uuid": "1", "name": "p", "created_at": "2024", "docs": []}]"#,
            r#"[{"conversations_memory": "x", "account_uuid": "1"}]"#,
        ] {
            let message = error_of(text.as_bytes());
            assert!(
                message.contains("claude_ai export") && message.contains("conversations.json"),
                "{message}"
            );
        }
    }
}
