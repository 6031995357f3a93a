//! Claude.ai: `conversations.json`, or a single conversation as browser extensions save it.

use super::error::{ImportError, shorten};
use super::input::Unit;
use super::json::{array_under, flag, id_under, text_under};
use super::time::instant_under;
use super::tree::Node;
use super::turns::{self, Branch};
use super::{Confidence, Importer, Input, Options, Sample, Sink};
use crate::conversation::{Conversation, Kind, NewTurn, Role};
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
        if sample.any(|value| value.get("chat_messages").is_some_and(Value::is_array)) {
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
        if has(&["uuid", "name", "created_at"]) { Confidence::Possible } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let layout = source.sample().layout(|value| value.get("chat_messages").is_some());
            source.each_record(layout, Unit::Conversation, sink, |value, sink| {
                conversation(&value, sink)
            })
        })
    }
}

fn conversation(value: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let title = text_under(value, "name").or_else(|| text_under(value, "title")).map(str::to_owned);
    let source_id = id_under(value, &["uuid", "id", "conversation_id"]);
    let example = shorten(title.as_deref().or(source_id.as_deref()).unwrap_or("without a title"));
    let Some(messages) = value.get("chat_messages").and_then(Value::as_array) else {
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
    match message.get("content") {
        Some(Value::String(text)) => said.push(text.as_str()),
        Some(Value::Array(blocks)) => {
            for block in blocks {
                match block_of(block) {
                    Block::Said(text) => said.push(text),
                    Block::Folded(role, kind, speaker, text) => {
                        folded.push(NewTurn::message(role, speaker, text).of_kind(kind));
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
        .enumerate()
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
