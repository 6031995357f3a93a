//! `DeepSeek`: the export of an account (`conversations.json`), and single chats in the form of its
//! API, as browser extensions save them.
//!
//! A message is made of fragments: what was asked, thought and answered, and what was searched for.

use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::time::{instant, instant_under};
use crate::import::reading::tree::Node;
use crate::import::reading::turns::{self, Branch, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The format `deepseek`.
pub(super) struct DeepSeek;

impl Importer for DeepSeek {
    fn format(&self) -> &'static str {
        "deepseek"
    }

    fn description(&self) -> &'static str {
        "DeepSeek: the data export of an account (ZIP or conversations.json), single chats of its API"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_conversation) {
            return Confidence::Certain;
        }
        let account = |value: &Value| {
            ["user_id", "mobile_number", "oauth_profiles"]
                .iter()
                .filter(|key| value.get(**key).is_some())
                .count()
                >= 2
        };
        if sample.any(account) {
            return Confidence::Beside("conversations.json of the same export, or its ZIP");
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let layout = source.sample().layout(is_conversation);
            source.each_record(layout, Unit::Conversation, sink, |value, sink| {
                conversation(inner(&value), sink)
            })
        })
    }
}

/// Returns a chat without what the API wraps it in.
fn inner(value: &Value) -> &Value {
    value.pointer("/data/biz_data").or_else(|| value.get("biz_data")).unwrap_or(value)
}

/// The messages of the export's tree, by the ids of their nodes.
fn mapping(value: &Value) -> Option<&Map<String, Value>> {
    value.get("mapping").and_then(Value::as_object)
}

fn is_conversation(value: &Value) -> bool {
    let value = inner(value);
    if value.get("chat_session").is_some_and(Value::is_object) {
        return value.get("chat_messages").is_some_and(Value::is_array);
    }
    let Some(mapping) = mapping(value) else { return false };
    let message = |node: &Value| {
        let message = node.get("message").unwrap_or(&Value::Null);
        message.get("fragments").is_some_and(Value::is_array)
            || message.get("author").is_none() && message.get("reasoning_content").is_some()
    };
    value.get("inserted_at").is_some() && mapping.values().any(message)
}

fn conversation(value: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let about = value.get("chat_session").unwrap_or(value);
    let source_id = id_under(about, &["id"]);
    let title = text_under(about, "title").map(str::to_owned);
    let example = shorten(title.as_deref().or(source_id.as_deref()).unwrap_or("without a title"));
    let mut branches = Vec::new();
    if let Some(mapping) = mapping(value) {
        let odd = odd_depths(mapping);
        for (id, node) in mapping {
            let message = node.get("message").filter(|message| message.is_object());
            let parent = id_under(node, &["parent"]);
            // A message without fragments or a role is the user's where theirs stand.
            let role = message.and_then(|message| text_under(message, "role"));
            let asked = role.map_or_else(|| odd.contains(id.as_str()), is_user);
            branches.push(branch(id.clone(), parent, message, asked, sink));
        }
    } else if let Some(messages) = value.get("chat_messages").and_then(Value::as_array) {
        for (place, message) in messages.iter().enumerate() {
            let id = id_under(message, &["message_id"]).unwrap_or_else(|| format!("\u{0}{place}"));
            let asked = text_under(message, "role").is_some_and(is_user);
            branches.push(branch(
                id,
                id_under(message, &["parent_id"]),
                Some(message),
                asked,
                sink,
            ));
        }
    } else {
        sink.failed("conversation without its messages (`mapping`)", &example);
        return Ok(());
    }
    let current = id_under(about, &["current_message_id"]);
    let turns = turns::from_tree(branches, current.as_deref(), sink);
    if turns.is_empty() {
        sink.skipped("conversation without messages", &example);
        return Ok(());
    }
    let started_at = instant_under(about, &["inserted_at"]);
    sink.conversation(Conversation { source_id, title, started_at, turns })?;
    Ok(())
}

fn is_user(role: &str) -> bool {
    role.eq_ignore_ascii_case("user")
}

/// The nodes that stand an odd number of steps below a root, each looked at once: a chain can be as
/// long as the file.
fn odd_depths(mapping: &Map<String, Value>) -> HashSet<&str> {
    let mut depths: HashMap<&str, usize> = HashMap::with_capacity(mapping.len());
    for id in mapping.keys() {
        let (mut path, mut at) = (Vec::new(), Some(id.as_str()));
        // What leads in a circle ends where it began: its nodes are known then.
        while let Some(node) = at.filter(|node| !depths.contains_key(node)) {
            depths.insert(node, 0);
            path.push(node);
            at = mapping.get(node).and_then(|node| text_under(node, "parent"));
        }
        let first = at.map_or(0, |known| depths[known] + 1);
        depths.extend(path.into_iter().rev().zip(first..));
    }
    depths.into_iter().filter(|(_, depth)| depth % 2 == 1).map(|(id, _)| id).collect()
}

fn branch(
    id: String,
    parent: Option<String>,
    message: Option<&Value>,
    asked: bool,
    sink: &mut dyn Sink,
) -> Branch {
    let said_at = message.and_then(|message| message.get("inserted_at")).and_then(instant);
    let mut turns = message.map(|message| turns_of(message, asked, sink)).unwrap_or_default();
    let last = turns.len().saturating_sub(1);
    for (place, turn) in turns.iter_mut().enumerate() {
        turn.said_at = said_at;
        turn.source_id = Some(if place == last { id.clone() } else { format!("{id}#{place}") });
    }
    Branch { node: Node { id, parent, said_at }, turns }
}

/// The turns of a message, folded ones first.
fn turns_of(message: &Value, asked: bool, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let mut turns = Vec::new();
    let mut said: Vec<&str> = Vec::new();
    let mut role = if asked { Role::User } else { Role::Assistant };
    let mut fold = |kind: Kind, speaker: &str, text: String| {
        let role = if kind == Kind::Tool { Role::Tool } else { Role::Assistant };
        turns.push(NewTurn::message(role, speaker, folded(text)).of_kind(kind));
    };
    for fragment in array_under(message, "fragments") {
        let content = text_under(fragment, "content");
        match (text_under(fragment, "type").unwrap_or_default(), content) {
            ("REQUEST", Some(text)) => {
                role = Role::User;
                said.push(text);
            }
            ("RESPONSE" | "TEMPLATE_RESPONSE", Some(text)) => {
                role = Role::Assistant;
                said.push(text);
            }
            ("THINK", Some(text)) => fold(Kind::Reasoning, "assistant", text.to_owned()),
            (kind @ ("REQUEST" | "RESPONSE" | "THINK" | "TIP" | ""), _) => {
                sink.skipped("fragment without words", kind);
            }
            (kind, _) => {
                let found =
                    found(fragment).unwrap_or_else(|| content.unwrap_or_default().to_owned());
                if !found.trim().is_empty() {
                    fold(Kind::Tool, &kind.to_lowercase(), found);
                }
            }
        }
    }
    for key in ["reasoning_content", "thinking_content"] {
        if let Some(text) = text_under(message, key) {
            fold(Kind::Reasoning, "assistant", text.to_owned());
        }
    }
    if said.is_empty() {
        said.extend(text_under(message, "content"));
    }
    let names = array_under(message, "files").iter().map(|file| {
        let name = ["file_name", "name", "id"].iter().find_map(|key| text_under(file, key));
        turns::file(name.unwrap_or("unnamed"))
    });
    let files: Vec<String> = names.collect();
    let text = turns::with_files(said.join("\n\n"), &files);
    if !text.trim().is_empty() {
        turns.push(NewTurn::message(role, role.as_str(), text));
    } else if turns.is_empty() {
        sink.skipped("empty message", "");
    }
    turns
}

/// What a search or a page that was read brought: queries, titles and addresses.
fn found(fragment: &Value) -> Option<String> {
    let lists = ["queries", "results", "result"].iter().flat_map(|key| array_under(fragment, key));
    let lines = lists.filter_map(|one| {
        let parts = ["query", "title", "url"].iter().filter_map(|key| text_under(one, key));
        let line = one.as_str().map(str::to_owned);
        line.or_else(|| Some(parts.collect::<Vec<_>>().join(" "))).filter(|line| !line.is_empty())
    });
    let lines: Vec<String> = lines.chain(text_under(fragment, "url").map(str::to_owned)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::odd_depths;
    use crate::import::testing::{error_of, read_as};
    use serde_json::json;

    const CHAT: &str = r#"{"id": "c", "title": "Bread", "inserted_at": "2025-03-01T10:00:00+08:00",
        "updated_at": "2025-03-01T10:09:00+08:00", "mapping": {
        "root": {"id": "root", "parent": null, "children": ["1"], "message": null},
        "1": {"id": "1", "parent": "root", "children": ["2", "3"], "message": {"files": [{"file_name": "a.pdf"}],
            "model": "deepseek-chat", "inserted_at": "2025-03-01T10:00:01+08:00",
            "fragments": [{"type": "REQUEST", "content": "How long?"}]}},
        "2": {"id": "2", "parent": "1", "children": [], "message": {"files": [], "inserted_at": "2025-03-01T10:00:02+08:00",
            "fragments": [{"type": "RESPONSE", "content": "An hour."}]}},
        "3": {"id": "3", "parent": "1", "children": [], "message": {"files": [], "inserted_at": "2025-03-01T10:00:03+08:00",
            "fragments": [{"type": "SEARCH", "results": [{"title": "Rye", "url": "https://rye.example"}]},
                {"type": "THINK", "content": "Rye is slow."}, {"type": "RESPONSE", "content": "Two hours."}]}}}}"#;

    #[test]
    fn fragments_branches_and_files() {
        for text in [CHAT.to_owned(), format!("[{CHAT}]")] {
            let sink = read_as("deepseek", &text);
            assert_eq!(
                sink.said(),
                [
                    "user: How long?\n[file: a.pdf]",
                    "assistant: An hour.",
                    "(tool) search: Rye https://rye.example",
                    "(reasoning) assistant: Rye is slow.",
                    "assistant: Two hours."
                ]
            );
            let turns = &sink.conversations[0].turns;
            let shown: Vec<bool> = turns.iter().map(|turn| turn.on_active_path).collect();
            assert_eq!(shown, [true, false, true, true, true]);
            assert_eq!(turns[0].said_at.unwrap().to_string(), "2025-03-01T02:00:01Z");
            assert_eq!(turns[4].source_id.as_deref(), Some("3"));
        }
    }

    #[test]
    fn depths_are_told_of_chains_and_of_circles() {
        let node =
            |parent: Option<usize>| json!({"parent": parent.map(|parent| parent.to_string())});
        let chain = (0..100_000_usize).map(|at| (at.to_string(), node(at.checked_sub(1))));
        let chain = chain.collect();
        let odd = odd_depths(&chain);
        assert_eq!(odd.len(), 50_000);
        assert!(odd.contains("1") && odd.contains("99999") && !odd.contains("2"));
        let circle = [("0".to_owned(), node(Some(1))), ("1".to_owned(), node(Some(0)))];
        assert!(odd_depths(&circle.into_iter().collect()).len() <= 2);
    }

    #[test]
    fn first_exports_and_the_api() {
        let old = r#"[{"id": "c", "title": "t", "inserted_at": "2025-01-30T10:00:00Z", "mapping": {
            "root": {"id": "root", "parent": null, "message": null},
            "1": {"id": "1", "parent": "root", "message": {"content": "Hi", "reasoning_content": null}},
            "2": {"id": "2", "parent": "1", "message": {"content": "Ho", "reasoning_content": "Hm"}}}}]"#;
        let expected = ["user: Hi", "(reasoning) assistant: Hm", "assistant: Ho"];
        assert_eq!(read_as("deepseek", old).said(), expected);
        let api = r#"{"code": 0, "data": {"biz_data": {"chat_session": {"id": "c", "title": "t",
            "current_message_id": 2, "inserted_at": 1763826110.6}, "chat_messages": [
            {"message_id": 1, "parent_id": null, "role": "USER", "inserted_at": 1763826114.5, "content": "Hi"},
            {"message_id": 2, "parent_id": 1, "role": "ASSISTANT", "thinking_content": "Hm", "content": "Ho"},
            {"message_id": 3, "parent_id": 1, "role": "ASSISTANT", "fragments": [{"type": "RESPONSE", "content": "Hu"}]}]}}}"#;
        let sink = read_as("deepseek", api);
        assert_eq!(sink.said(), [&expected[..], &["assistant: Hu"]].concat());
        assert!(!sink.conversations[0].turns[3].on_active_path);
        let user =
            br#"{"user_id": "u", "email": "a@b.c", "mobile_number": null, "oauth_profiles": null}"#;
        assert!(error_of(user).contains("conversations.json"));
    }
}
