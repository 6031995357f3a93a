//! ChatGPT: `conversations.json`, whole or in numbered parts, or a single conversation object.
//!
//! A conversation is a tree under `mapping`; `current_node` ends the path that is shown.

use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{self, array_under, flag, id_under, text_under};
use crate::import::reading::time::{instant, instant_under};
use crate::import::reading::tree::Node;
use crate::import::reading::turns::{self, Branch};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

const WANTED: &str =
    "conversations.json (or every conversations-000.json, …), or the whole ZIP of the export";

/// The format `chatgpt`.
pub(super) struct ChatGpt;

impl Importer for ChatGpt {
    fn format(&self) -> &'static str {
        "chatgpt"
    }

    fn description(&self) -> &'static str {
        "ChatGPT data export: the ZIP, its folder, conversations.json or its numbered parts"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_conversation) {
            return Confidence::Certain;
        }
        if sample.any(|value| value.get("mapping").is_some_and(Value::is_object)) {
            // Others keep a tree under that name too; theirs have no `author`.
            let foreign =
                sample.any(|value| messages(value).any(|message| message.get("author").is_none()));
            return if foreign { Confidence::No } else { Confidence::Likely };
        }
        if is_beside(sample) { Confidence::Beside(WANTED) } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let layout = source.sample().layout(|value| value.get("mapping").is_some());
            source.each_record(layout, Unit::Conversation, sink, |value, sink| {
                conversation(&value, sink)
            })
        })
    }
}

fn messages(conversation: &Value) -> impl Iterator<Item = &Value> {
    let mapping = conversation.get("mapping").and_then(Value::as_object);
    mapping
        .into_iter()
        .flat_map(|nodes| nodes.values())
        .filter_map(|node| node.get("message"))
        .filter(|message| message.is_object())
}

fn is_conversation(value: &Value) -> bool {
    messages(value).any(|message| message.get("author").is_some())
}

/// Returns whether this is one of the files that come with the export but hold no conversations.
fn is_beside(sample: &Sample) -> bool {
    let has = |keys: &[&str]| sample.any(|value| keys.iter().all(|key| value.get(key).is_some()));
    let name = sample.file_name();
    has(&["email", "chatgpt_plus_user"])
        || has(&["conversation_id", "rating"])
        || has(&["conversation_id", "is_anonymous"])
        || matches!(name.as_str(), "export_manifest.json" | "conversation_asset_file_names.json")
            && sample.document().is_some()
        || has(&["export_files"])
        || (name == "chat.html" && sample.text().contains("jsonData"))
}

fn conversation(value: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let title = text_under(value, "title").map(str::to_owned);
    let source_id = id_under(value, &["conversation_id", "id"]);
    let example = shorten(title.as_deref().or(source_id.as_deref()).unwrap_or("without a title"));
    let Some(mapping) = value.get("mapping").and_then(Value::as_object) else {
        sink.failed("conversation without its messages (`mapping`)", &example);
        return Ok(());
    };
    if flag(value, "is_do_not_remember") || flag(value, "is_temporary_chat") {
        sink.skipped("conversation is marked as not to be remembered", &example);
        return Ok(());
    }
    let mut parents: HashMap<&str, &str> = HashMap::new();
    for (id, node) in mapping {
        for child in array_under(node, "children").iter().filter_map(Value::as_str) {
            parents.entry(child).or_insert(id);
        }
    }
    let branches = mapping.iter().map(|(id, node)| {
        let message = node.get("message").filter(|message| message.is_object());
        let parent = text_under(node, "parent").or_else(|| parents.get(id.as_str()).copied());
        let said_at = message.and_then(|m| m.get("create_time")).and_then(instant);
        let node = Node { id: id.clone(), parent: parent.map(str::to_owned), said_at };
        let turn = message.and_then(|message| turn(message, sink));
        let turns = turn.into_iter().map(|turn| turn.at(said_at).with_source_id(id)).collect();
        Branch { node, turns }
    });
    let mut branches: Vec<Branch> = branches.collect();
    drop_repeated_reports(&mut branches, mapping, sink);
    let current = value.get("current_node").and_then(Value::as_str);
    let turns = turns::from_tree(branches, current, sink);
    let started_at = instant_under(value, &["create_time", "update_time"]);
    sink.conversation(Conversation { source_id, title, started_at, turns })?;
    Ok(())
}

/// Leaves out reports of research that stand in the conversation already: a message of its own can
/// repeat one, and so can each state of the widget that shows it.
fn drop_repeated_reports(
    branches: &mut [Branch],
    mapping: &serde_json::Map<String, Value>,
    sink: &mut dyn Sink,
) {
    let is_report = |branch: &Branch| {
        let message = mapping.get(&branch.node.id).and_then(|node| node.get("message"));
        message.and_then(|message| message.get("metadata")).and_then(report).is_some()
    };
    let reports: Vec<bool> = branches.iter().map(is_report).collect();
    if !reports.contains(&true) {
        return;
    }
    let own = |(branch, report): (&Branch, &bool)| {
        (!report).then(|| branch.turns.last()).flatten().map(|turn| turn.text.trim().to_owned())
    };
    let mut said: HashSet<String> = branches.iter().zip(&reports).filter_map(own).collect();
    for (branch, _) in branches.iter_mut().zip(&reports).filter(|(_, report)| **report) {
        let again = |turn: &NewTurn| !said.insert(turn.text.trim().to_owned());
        if branch.turns.last().is_some_and(again) {
            sink.skipped("repeated message", &shorten(&branch.node.id));
            branch.turns.clear();
        }
    }
}

/// Returns the report of a research, which stands in the state of the widget that shows it: as a
/// message, in JSON inside of a text.
fn report(metadata: &Value) -> Option<String> {
    const DEPTH: usize = 5;
    fn message(value: &Value, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        match value {
            Value::String(text) if text.contains("report_message") => {
                message(&json::parse(text).ok()?, depth + 1)
            }
            Value::Object(members) => members.iter().find_map(|(key, inner)| match inner {
                Value::Object(_) | Value::String(_) if key == "report_message" => {
                    Some(inner.clone())
                }
                _ => message(inner, depth + 1),
            }),
            Value::Array(items) => items.iter().find_map(|inner| message(inner, depth + 1)),
            _ => None,
        }
    }
    let sdk = metadata.get("chatgpt_sdk").or_else(|| metadata.get("widget_state"))?;
    let message = message(sdk, 0)?;
    let content = message.get("content").unwrap_or(&message);
    let text = without_marks(&text(content, text_under(content, "content_type").unwrap_or("text")));
    Some(text).filter(|text| !text.trim().is_empty())
}

/// Returns what a call of the canvas writes for the user: a document, the whole of it anew, or
/// remarks on it. What changes a part of one is no text by itself.
fn on_canvas(recipient: &str, content: &Value) -> Option<String> {
    let call = recipient.strip_prefix("canmore.")?;
    let given = text(content, text_under(content, "content_type").unwrap_or("text"));
    let given = json::parse(given.trim()).ok()?;
    match call {
        "create_textdoc" => text_under(&given, "content").map(str::to_owned),
        "update_textdoc" => {
            let [update] = array_under(&given, "updates") else { return None };
            let whole = matches!(text_under(update, "pattern"), Some(".*" | "^.*$" | "(?s).*"));
            text_under(update, "replacement").filter(|_| whole).map(str::to_owned)
        }
        "comment_textdoc" => {
            let comments = array_under(&given, "comments").iter();
            let comments: Vec<&str> = comments.filter_map(|c| text_under(c, "comment")).collect();
            (!comments.is_empty()).then(|| comments.join("\n"))
        }
        _ => None,
    }
}

/// Returns the turn that a message makes, or counts why it makes none.
fn turn(message: &Value, sink: &mut dyn Sink) -> Option<NewTurn> {
    let author = message.get("author").unwrap_or(&Value::Null);
    let id = message.get("id").and_then(Value::as_str).unwrap_or_default();
    let Some(word) = text_under(author, "role") else {
        sink.skipped("message without a role", id);
        return None;
    };
    let metadata = message.get("metadata").unwrap_or(&Value::Null);
    let content = message.get("content").unwrap_or(&Value::Null);
    let content_type = text_under(content, "content_type").unwrap_or("text");
    if let Some(report) = report(metadata) {
        return Some(NewTurn::message(Role::Assistant, "assistant", report));
    }
    if flag(metadata, "is_visually_hidden_from_conversation")
        || matches!(content_type, "user_editable_context" | "model_editable_context")
    {
        sink.skipped("hidden message", id);
        return None;
    }
    let recipient = text_under(message, "recipient").unwrap_or("all");
    if let Some(written) = on_canvas(recipient, content).filter(|_| word == "assistant") {
        return Some(NewTurn::message(Role::Assistant, word, written));
    }
    let (role, kind) = match (word, content_type) {
        (_, "thoughts" | "reasoning_recap") => (Role::Assistant, Kind::Reasoning),
        ("user", _) => (Role::User, Kind::Message),
        ("assistant", _) if recipient != "all" => (Role::Assistant, Kind::Tool),
        (
            "assistant",
            "execution_output" | "tether_quote" | "tether_browsing_display" | "system_error",
        ) => (Role::Assistant, Kind::Tool),
        ("assistant", _) => (Role::Assistant, Kind::Message),
        // What instructs the model was not said: folded where it says anything.
        ("system", _) => (Role::System, Kind::Tool),
        _ => (Role::Tool, Kind::Tool),
    };
    let text =
        turns::with_files(without_marks(&text(content, content_type)), &files(metadata, content));
    if text.trim().is_empty() {
        let reason = if role == Role::System { "hidden message" } else { "empty message" };
        sink.skipped(reason, id);
        return None;
    }
    let name = text_under(author, "name")
        .or(Some(recipient).filter(|r| kind == Kind::Tool && *r != "all"));
    let speaker = name.filter(|_| kind != Kind::Message || role == Role::User).unwrap_or(word);
    Some(NewTurn::message(role, speaker, text).of_kind(kind))
}

fn text(content: &Value, content_type: &str) -> String {
    if let Value::String(text) = content {
        return text.clone();
    }
    if content_type == "thoughts" {
        let thoughts = array_under(content, "thoughts").iter();
        let texts = thoughts.flat_map(|t| [text_under(t, "summary"), text_under(t, "content")]);
        return texts.flatten().collect::<Vec<_>>().join("\n\n");
    }
    let parts: Vec<&str> = array_under(content, "parts").iter().filter_map(part).collect();
    if !parts.is_empty() {
        return parts.join("\n\n");
    }
    let other = ["text", "result", "content"].iter().find_map(|key| text_under(content, key));
    other.unwrap_or_default().to_owned()
}

fn part(part: &Value) -> Option<&str> {
    match part {
        Value::String(text) => Some(text.as_str()),
        part => text_under(part, "text"),
    }
    .filter(|text| !text.trim().is_empty())
}

fn files(metadata: &Value, content: &Value) -> Vec<String> {
    let attachments = array_under(metadata, "attachments").iter();
    let mut files: Vec<String> = attachments
        .filter_map(|a| text_under(a, "name").or_else(|| text_under(a, "id")))
        .map(turns::file)
        .collect();
    let pictures = array_under(content, "parts").iter().filter(|part| {
        text_under(part, "content_type").is_some_and(|kind| kind == "image_asset_pointer")
    });
    // Where both are there, a picture is listed among the attachments.
    for _ in pictures.skip(files.len()) {
        files.push("[picture]".to_owned());
    }
    files
}

/// Returns a text without the marks that stand for citations: U+E200 to U+E201 and what is between.
fn without_marks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, mark)) = rest.split_once('\u{E200}') {
        kept.push_str(before);
        match mark.split_once('\u{E201}') {
            Some((_, after)) => rest = after,
            // An open mark hides nothing but itself.
            None => rest = mark,
        }
    }
    kept.push_str(rest);
    kept.retain(|c| !('\u{E200}'..='\u{E206}').contains(&c));
    kept
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{Counting, error_of, read_as};
    use serde_json::{Value, json};

    /// A node with a text; `more` is merged into its message.
    fn node(
        id: &str,
        parent: Option<&str>,
        role: &str,
        text: &str,
        more: &Value,
    ) -> (String, Value) {
        let mut message = json!({"id": id, "author": {"role": role}, "create_time": 1_700_000_000,
            "content": {"content_type": "text", "parts": [text]}, "recipient": "all"});
        for (key, value) in more.as_object().into_iter().flatten() {
            message[key] = value.clone();
        }
        (id.to_owned(), json!({"id": id, "parent": parent, "children": [], "message": message}))
    }

    fn conversation(nodes: Vec<(String, Value)>, current: &str) -> Value {
        let mapping: serde_json::Map<String, Value> = nodes.into_iter().collect();
        json!({"id": "c1", "title": "A talk", "create_time": 1_700_000_000.5, "mapping": mapping, "current_node": current})
    }

    fn read(conversations: &[Value]) -> Counting {
        read_as("chatgpt", &json!(conversations).to_string())
    }

    fn check_message(more: &Value, role: &str, expected: &[&str]) {
        let plain = node("p", None, "user", "plain", &json!({}));
        let odd = node("q", Some("p"), role, "odd", more);
        let said = read(&[conversation(vec![plain, odd], "q")]).said();
        assert_eq!(said[1..], *expected, "{more}");
    }

    #[test]
    fn what_is_said_and_what_is_folded() {
        check_message(&json!({}), "assistant", &["assistant: odd"]);
        check_message(
            &json!({"metadata": {"is_visually_hidden_from_conversation": true}}),
            "user",
            &[],
        );
        check_message(&json!({"recipient": "python"}), "assistant", &["(tool) python: odd"]);
        check_message(
            &json!({"author": {"role": "tool", "name": "browser"}}),
            "tool",
            &["(tool) browser: odd"],
        );
        check_message(&json!({}), "system", &["(tool) system: odd"]);
        check_message(&json!({"content": {"content_type": "text", "parts": [""]}}), "user", &[]);
        check_message(&json!({"content": null}), "user", &[]);
        check_message(&json!({"author": null}), "user", &[]);
        check_message(
            &json!({"content": {"content_type": "code", "text": "x = 1"}}),
            "assistant",
            &["assistant: x = 1"],
        );
        check_message(
            &json!({"content": {"content_type": "thoughts", "thoughts": [{"summary": "Plan", "content": "First"}]}}),
            "assistant",
            &["(reasoning) assistant: Plan\n\nFirst"],
        );
        check_message(
            &json!({"content": {"content_type": "reasoning_recap", "content": "Thought for 3s"}}),
            "assistant",
            &["(reasoning) assistant: Thought for 3s"],
        );
        check_message(
            &json!({"content": {"content_type": "user_editable_context", "user_profile": "x"}}),
            "user",
            &[],
        );
        check_message(
            &json!({"content": {"content_type": "tether_browsing_display", "result": "a page"}}),
            "tool",
            &["(tool) tool: a page"],
        );
    }

    #[test]
    fn what_is_written_on_the_canvas_is_said() {
        let call = |recipient: &str, given: Value| json!({"recipient": recipient, "content": {"content_type": "code", "text": given.to_string()}});
        check_message(
            &call(
                "canmore.create_textdoc",
                json!({"name": "L", "type": "document", "content": "Dear all"}),
            ),
            "assistant",
            &["assistant: Dear all"],
        );
        check_message(
            &call(
                "canmore.update_textdoc",
                json!({"updates": [{"pattern": ".*", "replacement": "Dear both"}]}),
            ),
            "assistant",
            &["assistant: Dear both"],
        );
        let part = json!({"updates": [{"pattern": "all", "replacement": "both"}]});
        check_message(
            &call("canmore.update_textdoc", part.clone()),
            "assistant",
            &[&format!("(tool) canmore.update_textdoc: {part}")],
        );
    }

    #[test]
    fn the_report_of_a_research_stands_in_its_widget() {
        let state = json!({"status": "completed", "report_message":
            {"content": {"content_type": "text", "parts": ["It rains."]}}})
        .to_string();
        let widget = json!({"author": {"role": "tool", "name": "api_tool.call_tool"}, "content": {"parts": [""]},
            "metadata": {"is_visually_hidden_from_conversation": true, "chatgpt_sdk": {"widget_state": state}}});
        check_message(&widget, "tool", &["assistant: It rains."]);
        let nodes = vec![
            node("a", None, "user", "Weather?", &json!({})),
            node("b", Some("a"), "tool", "", &widget),
            node("c", Some("b"), "tool", "", &widget),
        ];
        let sink = read(&[conversation(nodes, "c")]);
        assert_eq!(sink.said(), ["user: Weather?", "assistant: It rains."]);
        let nothing = json!({"metadata": {"is_visually_hidden_from_conversation": true,
            "chatgpt_sdk": {"widget_state": "{\"status\": \"running\"}"}}});
        check_message(&nothing, "tool", &[]);
    }

    #[test]
    fn files_pictures_and_voices() {
        check_message(
            &json!({"content": {"content_type": "multimodal_text", "parts": [
                {"content_type": "image_asset_pointer", "asset_pointer": "file-service://f"}, "Look",
                {"content_type": "audio_transcription", "text": "spoken"}]},
                "metadata": {"attachments": [{"id": "f", "name": "cat.png", "size": 10}]}}),
            "user",
            &["user: Look\n\nspoken\n[file: cat.png]"],
        );
        check_message(
            &json!({"content": {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}]}}),
            "user",
            &["user: [picture]"],
        );
    }

    #[test]
    fn citation_marks_are_left_out() {
        let text = "It rained\u{E200}cite\u{E202}turn0search1\u{E201} all day\u{E200}, they say";
        let nodes = vec![node("a", None, "assistant", text, &json!({}))];
        assert_eq!(
            read(&[conversation(nodes, "a")]).said(),
            ["assistant: It rained all day, they say"]
        );
    }

    #[test]
    fn branches_are_kept_and_the_shown_path_marked() {
        let nodes = vec![
            node(
                "hidden",
                Some("a"),
                "user",
                "x",
                &json!({"metadata": {"is_visually_hidden_from_conversation": true}}),
            ),
            node(
                "c",
                Some("hidden"),
                "assistant",
                "old answer",
                &json!({"create_time": 1_700_000_002}),
            ),
            node(
                "d",
                Some("a"),
                "assistant",
                "new answer",
                &json!({"create_time": 1_700_000_003.5}),
            ),
            node("a", Some("gone"), "user", "question", &json!({"create_time": 1_700_000_001})),
        ];
        let sink = read(&[conversation(nodes, "d")]);
        let turns: Vec<_> = sink.conversations[0]
            .turns
            .iter()
            .map(|t| {
                (t.source_id.as_deref().unwrap(), t.parent_source_id.as_deref(), t.on_active_path)
            })
            .collect();
        assert_eq!(turns, [("a", None, true), ("c", Some("a"), false), ("d", Some("a"), true)]);
        assert_eq!(sink.span().1.map(|t| t.to_string()).as_deref(), Some("2023-11-14T22:13:23.5Z"));
    }

    #[test]
    fn circles_and_absurd_times_do_no_harm() {
        let nodes = vec![
            node("a", Some("b"), "user", "one", &json!({"create_time": 1e300})),
            node("b", Some("a"), "assistant", "two", &json!({"create_time": "1700000000"})),
        ];
        assert_eq!(read(&[conversation(nodes, "b")]).messages().count(), 2);
    }

    #[test]
    fn a_bad_conversation_costs_only_itself() {
        let good = conversation(vec![node("a", None, "user", "hi", &json!({}))], "a");
        let mut secret = good.clone();
        secret["is_do_not_remember"] = json!(true);
        let sink = read(&[
            good.clone(),
            json!({"id": "c2", "title": "no mapping"}),
            json!(null),
            secret,
            good.clone(),
        ]);
        assert_eq!(sink.conversations.len(), 2);
        assert_eq!(sink.failed.values().sum::<u64>(), 2);
        assert_eq!(sink.skipped["conversation is marked as not to be remembered"], 1);
    }

    #[test]
    fn every_layout() {
        let good = conversation(vec![node("a", None, "user", "hi", &json!({}))], "a");
        for text in [
            good.to_string(),
            json!({"conversations": [good]}).to_string(),
            format!("{good}\n{good}"),
            serde_json::to_string_pretty(&json!([good])).unwrap(),
            format!("\u{FEFF}[{good}]"),
        ] {
            assert_eq!(read_as("chatgpt", &text).said()[0], "user: hi", "{text}");
        }
    }

    #[test]
    fn a_cut_off_file_keeps_what_came_before() {
        let good = conversation(vec![node("a", None, "user", "hi", &json!({}))], "a");
        let text = json!([good, good, good]).to_string();
        let sink = read_as("chatgpt", &text[..text.len() - 40]);
        assert_eq!(sink.conversations.len(), 2);
        assert!(sink.warnings[0].contains("the 2 records before"), "{:?}", sink.warnings);
    }

    #[test]
    fn the_wrong_file_is_told() {
        for text in [
            r#"{"id": "user-1", "email": "a@b.c", "chatgpt_plus_user": true}"#,
            r#"[{"id": "1", "conversation_id": "c", "title": "t", "is_anonymous": true}]"#,
            r#"{"export_files": [], "logical_files": {}}"#,
        ] {
            let message = error_of(text.as_bytes());
            assert!(message.contains("conversations.json"), "{message}");
        }
    }

    #[test]
    fn the_tree_of_another_assistant_is_not_ours() {
        error_of(br#"[{"id": "1", "mapping": {"1": {"id": "1", "message": {"fragments": []}}}}]"#);
    }
}
