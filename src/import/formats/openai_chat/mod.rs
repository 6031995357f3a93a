//! Messages in the form of `OpenAI`'s API: `{"messages": [{"role", "content"}]}`, as JSON or JSON
//! Lines; also a bare list of messages, which is one conversation, and what a family of browser
//! extensions saves of ChatGPT, Claude and Gemini: roles `Prompt` and `Response`, text under `say`;
//! the sessions of Continue and Kiro, whose messages stand in a `history` with what was put beside
//! them; and what Cline and Roo keep of a task, in the form of Anthropic's API.

mod agents;

use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::time::{instant_in, instant_under};
use crate::import::reading::turns::{self, Turns};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::path::Path;

const TIMES: [&str; 8] =
    ["created_at", "createdAt", "create_time", "timestamp", "created", "time", "dateCreated", "ts"];

/// The format `openai_chat`.
pub(super) struct OpenAiChat;

impl Importer for OpenAiChat {
    fn format(&self) -> &'static str {
        "openai_chat"
    }

    fn description(&self) -> &'static str {
        "chat messages as OpenAI's API takes them, JSON or JSON Lines: {\"messages\": [{\"role\", \"content\"}]}"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(|value| messages(value).is_some_and(are_messages)) {
            return Confidence::General(2);
        }
        let records = sample.records();
        let bare = sample.is_lines() || sample.document().is_some_and(Value::is_array);
        if bare && are_messages(records) && records.iter().rev().skip(1).all(is_message) {
            return Confidence::General(1);
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let is = |value: &Value| messages(value).is_some_and(are_messages);
            let layout = source.sample().layout(is);
            let bare = !source.sample().any(is)
                && source.sample().records().first().is_some_and(is_message);
            let unit = if bare { Unit::Message } else { Unit::Conversation };
            let mut all = Vec::new();
            source.each_record(layout, unit, sink, |value, sink| {
                if bare {
                    all.push(value);
                    return Ok(());
                }
                let Some(list) = messages(&value) else {
                    sink.failed("record without messages", &shorten(&value.to_string()));
                    return Ok(());
                };
                let ids = ["id", "conversation_id", "custom_id", "session_id", "sessionId"];
                let source_id =
                    id_under(&value, &ids).or_else(|| id_under(value.get("metadata")?, &["link"]));
                let title = text_under(&value, "title").map(str::to_owned);
                let started_at = instant_under(&value, &TIMES);
                let list: Vec<&Value> = list.iter().map(inner).collect();
                let turns = turns_of(&list, options, sink);
                sink.conversation(Conversation { source_id, title, started_at, turns })?;
                Ok(())
            })?;
            if bare {
                let all: Vec<&Value> = all.iter().collect();
                let turns = turns_of(&all, options, sink);
                let (source_id, title) = task(source.path(), &turns, agents::are_of_agent(&all));
                sink.conversation(Conversation { source_id, title, started_at: None, turns })?;
            }
            Ok(())
        })
    }
}

/// Returns the id and the title of a task of Cline or Roo, each of which has a folder of its own.
fn task(path: &Path, turns: &[NewTurn], agent: bool) -> (Option<String>, Option<String>) {
    let named = path.file_name().is_some_and(|name| name == "api_conversation_history.json");
    let title = turns::first_words(turns).filter(|_| agent || named);
    // A path by itself has no folder in it.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().and_then(Path::file_name).filter(|_| named);
    (folder.map(|folder| folder.to_string_lossy().into_owned()), title)
}

/// Returns a message without what a session's history puts around it.
fn inner(value: &Value) -> &Value {
    value.get("message").filter(|message| message.is_object()).unwrap_or(value)
}

/// Returns the messages of a record: under `messages`, in the body of a batch request, or the
/// record itself where it is a list.
fn messages(record: &Value) -> Option<&[Value]> {
    let under = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).is_some();
    if let Value::Array(list) = record {
        return list.first().is_some_and(is_message).then_some(list.as_slice());
    }
    if under(record, "history")
        && array_under(record, "history").iter().any(|one| is_message(inner(one)))
    {
        return Some(array_under(record, "history"));
    }
    let holder = if under(record, "messages") {
        record
    } else {
        record.get("body").or_else(|| record.get("request")).or_else(|| record.get("input"))?
    };
    under(holder, "messages").then(|| array_under(holder, "messages"))
}

const ROLES: [&str; 8] =
    ["system", "developer", "user", "assistant", "tool", "function", "Prompt", "Response"];

/// Returns the role that a word stands for, those of the extensions with it.
fn role_of(word: &str) -> Option<(Role, Kind)> {
    match word {
        "Prompt" => Some((Role::User, Kind::Message)),
        "Response" => Some((Role::Assistant, Kind::Message)),
        word => turns::role(word),
    }
}

/// Returns whether a list is one of messages: some are, and none has a role of another format. The
/// end of a sample may have cut the last.
fn are_messages(list: &[Value]) -> bool {
    const LOOKED_AT: usize = 24;
    let foreign = |message: &&Value| {
        let role = message.get("role").and_then(Value::as_str);
        role.is_some_and(|role| !ROLES.iter().any(|known| known.starts_with(role)))
    };
    let head = || list.iter().take(LOOKED_AT).map(inner);
    head().any(is_message) && !head().any(|message| foreign(&message))
}

fn is_message(value: &Value) -> bool {
    value.get("role").and_then(Value::as_str).is_some_and(|role| ROLES.contains(&role))
        && value.get("type").is_none()
        && value.get("object").is_none()
        && ["content", "tool_calls", "function_call", "refusal", "say"]
            .iter()
            .any(|key| value.get(key).is_some())
}

fn turns_of(list: &[&Value], options: &Options, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let mut turns = Turns::default();
    let agent = agents::are_of_agent(list);
    for message in list {
        let word = text_under(message, "role").unwrap_or_default();
        let Some((role, kind)) = role_of(word) else {
            sink.skipped("message without a known role", &shorten(&message.to_string()));
            continue;
        };
        let id = id_under(message, &["id"]);
        let when = TIMES
            .iter()
            .map(|key| instant_in(message.get(*key).unwrap_or(&Value::Null), &options.time_zone))
            .find(|when| when.said_at.is_some())
            .unwrap_or_default();
        let mut take = |mut turn: NewTurn, mark: &str| {
            turn.said_at = when.said_at;
            turn.said_at_text.clone_from(&when.text);
            turn.source_id = id.as_ref().map(|id| format!("{id}{mark}"));
            turns.push(turn, sink);
        };
        if let Some(text) =
            ["reasoning_content", "reasoning"].iter().find_map(|k| text_under(message, k))
        {
            take(
                NewTurn::message(Role::Assistant, "assistant", text).of_kind(Kind::Reasoning),
                "#reasoning",
            );
        }
        let content_of = message.get("content").unwrap_or(&Value::Null);
        let agents::Content { folded: blocks, rest } = agents::content(role, content_of, agent);
        let folded = !blocks.is_empty();
        for (place, turn) in blocks.into_iter().enumerate() {
            take(turn, &format!("#block{place}"));
        }
        let calls = calls(message);
        let text = content(&rest);
        let text = if text.is_empty() {
            ["refusal", "say"]
                .iter()
                .find_map(|k| text_under(message, k))
                .unwrap_or_default()
                .to_owned()
        } else {
            text
        };
        if !text.trim().is_empty() || calls.is_empty() && !folded {
            let speaker = text_under(message, "name").unwrap_or(role.as_str());
            take(NewTurn::message(role, speaker, text).of_kind(kind), "");
        }
        for (place, (name, given)) in calls.into_iter().enumerate() {
            let turn = NewTurn::message(Role::Assistant, name, given).of_kind(Kind::Tool);
            take(turn, &format!("#call{place}"));
        }
    }
    turns.into_vec()
}

/// Returns the text of a message's content: a string, or a list of parts.
pub(super) fn content(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let mut text = String::new();
            let mut files = Vec::new();
            for part in parts {
                let kind = text_under(part, "type").unwrap_or_default();
                let said = part
                    .as_str()
                    .or_else(|| text_under(part, "text"))
                    .or_else(|| text_under(part, "refusal"));
                if let Some(said) = said {
                    if !text.is_empty() {
                        text.push_str("\n\n");
                    }
                    text.push_str(said);
                } else if kind.contains("image") {
                    files.push("[picture]".to_owned());
                } else if kind.contains("file") {
                    let file = part.get("file").unwrap_or(part);
                    let name = text_under(file, "filename").or_else(|| text_under(file, "file_id"));
                    files.push(turns::file(name.unwrap_or("unnamed")));
                }
            }
            turns::with_files(text, &files)
        }
        _ => String::new(),
    }
}

/// Returns the tool calls of a message: the name of each tool and what it was given.
fn calls(message: &Value) -> Vec<(String, String)> {
    let call = |value: &Value| {
        let function = value.get("function").unwrap_or(value);
        let name = text_under(function, "name").unwrap_or("tool").to_owned();
        let given = function.get("arguments").map(|arguments| match arguments {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let given =
            given.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| format!("{name}()"));
        (name, given)
    };
    let single = message.get("function_call").filter(|call| call.is_object());
    array_under(message, "tool_calls")
        .iter()
        .chain(single)
        .filter(|c| c.is_object())
        .map(call)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{options, read_as, read_bytes, read_path};
    use serde_json::json;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read_as("openai_chat", text).said(), expected, "{text}");
    }

    #[test]
    fn content_in_every_form() {
        check(
            r#"{"messages": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "name": "Ada", "content": [{"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": "data:"}}]},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "c", "function": {"name": "look", "arguments": "{\"x\":1}"}}]},
                {"role": "tool", "tool_call_id": "c", "content": "a cat"},
                {"role": "assistant", "reasoning_content": "Fur.", "content": "A cat."},
                {"role": "assistant", "content": null}]}"#,
            &[
                "system: Be brief.",
                "Ada: What is this?\n[picture]",
                "(tool) look: {\"x\":1}",
                "(tool) tool: a cat",
                "(reasoning) assistant: Fur.",
                "assistant: A cat.",
            ],
        );
    }

    #[test]
    fn what_browser_extensions_save() {
        let text = r#"{"metadata": {"user": {}, "dates": {"created": "1/2/2025 10:00:00"}, "link": "https://chatgpt.com/c/1"},
            "title": "Tea", "messages": [{"role": "Prompt", "say": "Which?"}, {"role": "Response", "say": "Green."}]}"#;
        let sink = read_as("openai_chat", text);
        assert_eq!(sink.said(), ["user: Which?", "assistant: Green."]);
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("https://chatgpt.com/c/1"));
    }

    #[test]
    fn every_layout() {
        let one = r#"{"messages": [{"role": "user", "content": "hi"}]}"#;
        check(one, &["user: hi"]);
        check(&format!("{one}\n{one}\n"), &["user: hi", "user: hi"]);
        check(&format!("[{one}, {one}]"), &["user: hi", "user: hi"]);
        check(&format!("{{\"conversations\": [{one}]}}"), &["user: hi"]);
        check(&format!("{{\"custom_id\": \"r1\", \"body\": {one}}}"), &["user: hi"]);
        let bare = r#"[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]"#;
        check(bare, &["user: hi", "assistant: ho"]);
        check(
            &format!("[{bare}, {bare}]"),
            &["user: hi", "assistant: ho", "user: hi", "assistant: ho"],
        );
        let lines = bare.trim_matches(['[', ']']).replace("}, ", "}\n");
        let sink = read_as("openai_chat", &lines);
        assert_eq!((sink.conversations.len(), sink.messages().count()), (1, 2));
    }

    #[test]
    fn sessions_of_continue_and_kiro() {
        let text = r#"{"sessionId": "s", "title": "Ports", "dateCreated": "1776149767446", "workspaceDirectory": "/p", "history": [
            {"message": {"role": "user", "content": [{"type": "text", "text": "Which port?"}], "id": "1"}, "contextItems": [], "editorState": {}},
            {"message": {"role": "assistant", "content": "8080.", "id": "2"}, "contextItems": []}]}"#;
        let sink = read_as("openai_chat", text);
        assert_eq!(sink.said(), ["user: Which port?", "assistant: 8080."]);
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("s"));
        assert_eq!(
            sink.conversations[0].started_at.unwrap().to_string(),
            "2026-04-14T06:56:07.446Z"
        );
    }

    #[test]
    fn tasks_of_cline_and_roo() {
        check(
            r#"[{"role": "user", "content": [{"type": "text", "text": "<task>\nFix the port\n</task>"},
                  {"type": "text", "text": "<environment_details>\n# Files\n</environment_details>"}], "ts": 1770000000000},
                {"role": "assistant", "content": [{"type": "thinking", "thinking": "Read first"}, {"type": "text", "text": "I read it."},
                  {"type": "tool_use", "id": "t", "name": "read_file", "input": {"path": "a"}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "port = 1"}]}]},
                {"role": "user", "content": [{"type": "text", "text": "[read_file for 'b'] Result:\nport = 2"}]},
                {"role": "assistant", "content": "It is 1."}]"#,
            &[
                "user: Fix the port",
                "(reasoning) assistant: Read first",
                "(tool) read_file: {\"path\":\"a\"}",
                "assistant: I read it.",
                "(tool) tool: port = 1",
                "(tool) tool: [read_file for 'b'] Result:\nport = 2",
                "assistant: It is 1.",
            ],
        );
    }

    #[test]
    fn tasks_whose_tools_stand_in_the_text() {
        let text = |text: &str| json!({"type": "text", "text": text});
        let list = json!([
            {"role": "user", "content": [text("<task>\nFix the port\n</task>"), text("<environment_details>x</environment_details>")]},
            {"role": "assistant", "content": [text("<thinking>Hm</thinking>\nI read it.\n<read_file>\n<path>a</path>\n</read_file>")]},
            {"role": "user", "content": [text("[read_file for 'a'] Result:"), text("port = 1"), text("<environment_details>x</environment_details>")]},
            {"role": "assistant", "content": "<ask_followup_question>\n<question>Which one?</question>\n</ask_followup_question>"},
            {"role": "user", "content": [text("[ask_followup_question for 'Which one?'] Result:"), text("<answer>\n80\n</answer>")]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "attempt_completion", "input": {"result": "It is 80."}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [text("<feedback>\nmake it 81\n</feedback>")]}]},
            {"role": "user", "content": [text("[ERROR] You did not use a tool")]},
            {"role": "assistant", "content": [text("<attempt_completion>\n<result>\nIt is 81.\n</result>\n</attempt_completion>")]},
        ]);
        let said = [
            "user: Fix the port",
            "(reasoning) assistant: Hm",
            "(tool) read_file: <path>a</path>",
            "assistant: I read it.",
            "(tool) tool: [read_file for 'a'] Result:\nport = 1",
            "assistant: Which one?",
            "user: 80",
            "assistant: It is 80.",
            "user: make it 81",
            "(tool) tool: [ERROR] You did not use a tool",
            "assistant: It is 81.",
        ];
        let sink = read_as("openai_chat", &list.to_string());
        assert_eq!(sink.said(), said);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Fix the port"));
        let folder = tempfile::tempdir().unwrap();
        let task = folder.path().join("1700000000000");
        std::fs::create_dir(&task).unwrap();
        let file = task.join("api_conversation_history.json");
        std::fs::write(&file, list.to_string()).unwrap();
        for path in [folder.path(), task.as_path(), file.as_path()] {
            let (_, sink) = read_path(path, &options());
            assert_eq!(sink.conversations[0].source_id.as_deref(), Some("1700000000000"));
        }
    }

    #[test]
    fn tags_in_answers_of_others_stay() {
        let one = r#"{"messages": [{"role": "user", "content": "XML?"}, {"role": "assistant", "content": "<my_tag>\nx\n</my_tag>"}]}"#;
        check(one, &["user: XML?", "assistant: <my_tag>\nx\n</my_tag>"]);
    }

    #[test]
    fn a_bad_line_costs_only_itself() {
        let line = r#"{"messages": [{"role": "user", "content": "hi"}]}"#;
        let sink = read_as("openai_chat", &format!("{line}\n{{broken\n{{\"other\": 1}}\n{line}\n"));
        assert_eq!(sink.conversations.len(), 2);
        assert_eq!(sink.failed.values().sum::<u64>(), 2);
    }

    #[test]
    fn chats_of_others_are_left_to_them() {
        for text in [
            r#"[{"messages": [{"role": "user", "content": "a"}, {"role": "model", "content": "b"}]}]"#,
            r#"{"messages": [{"from": "Ada", "text": "hi", "date": "2024-01-01T10:00:00"}]}"#,
            r#"{"messages": [{"sender_name": "Ada", "content": "hi"}]}"#,
            "{\"type\":\"message\",\"role\":\"user\",\"content\":[]}\n{\"type\":\"message\",\"role\":\"user\",\"content\":[]}\n",
        ] {
            assert!(read_bytes(text.as_bytes()).0.is_err(), "{text}");
        }
    }
}
