use crate::import::testing::{json_lines, options, read_as, read_bytes, read_path};
use serde_json::{Value, json};
use std::path::Path;

fn check(value: &Value, expected: &[&str]) {
    assert_eq!(read_as("frontends", &value.to_string()).said(), expected, "{value}");
}

#[test]
fn silly_tavern() {
    let lines = [
        json!({"user_name": "Ada", "character_name": "Potter", "create_date": "2025-3-1@10h00m00s", "chat_metadata": {}}),
        json!({"name": "Potter", "is_user": false, "is_system": false, "send_date": "March 1, 2025 10:00am", "mes": "Clay?", "swipes": ["Clay?", "Glaze?"], "swipe_id": 0, "extra": {}}),
        json!({"name": "Ada", "is_user": true, "is_system": true, "send_date": "2025-3-1 @10h 01m 00s 500ms", "mes": "Hidden words", "extra": {}}),
        json!({"name": "System", "is_user": false, "is_system": true, "send_date": 1_740_823_300_000_i64, "mes": "A note", "extra": {"type": "comment"}}),
        json!({"name": "Potter", "is_user": false, "send_date": "2025-03-01T10:02:00.000Z", "mes": "Red clay.", "extra": {"reasoning": "Hm"}}),
    ];
    let sink = read_as("frontends", &json_lines(&lines));
    assert_eq!(
        sink.said(),
        [
            "Potter: Glaze?",
            "Potter: Clay?",
            "Ada: Hidden words",
            "(tool) system: A note",
            "(reasoning) assistant: Hm",
            "Potter: Red clay."
        ]
    );
    let conversation = &sink.conversations[0];
    assert_eq!(conversation.title.as_deref(), Some("Potter"));
    assert_eq!(conversation.started_at.unwrap().to_string(), "2025-03-01T10:00:00Z");
    let times: Vec<_> = sink.messages().map(|turn| turn.said_at.unwrap().to_string()).collect();
    assert_eq!(
        times,
        [
            "2025-03-01T10:00:00Z",
            "2025-03-01T10:00:00Z",
            "2025-03-01T10:01:00Z",
            "2025-03-01T10:02:00Z"
        ]
    );
    let shown: Vec<_> = sink.messages().map(|turn| turn.on_active_path).collect();
    assert_eq!(shown, [false, true, true, true]);
}

#[test]
fn libre_chat_as_a_tree_and_flat() {
    let message = |id: &str, parent: &str, user: bool, text: &str, second: i64| {
        json!({"messageId": id, "parentMessageId": parent, "sender": "X", "text": text, "isCreatedByUser": user,
            "createdAt": format!("2025-03-01T10:00:0{second}.000Z")})
    };
    let mut tree = message("a", "00000000-0000-0000-0000-000000000000", true, "Clay?", 0);
    tree["children"] =
        json!([message("b", "a", false, "Red.", 1), message("c", "a", false, "White.", 2)]);
    let document =
        json!({"conversationId": "k", "title": "Clay", "recursive": true, "messages": [tree]});
    let sink = read_as("frontends", &document.to_string());
    assert_eq!(sink.said(), ["user: Clay?", "assistant: Red.", "assistant: White."]);
    let turns = &sink.conversations[0].turns;
    let shown: Vec<_> = turns.iter().map(|turn| turn.on_active_path).collect();
    assert_eq!(shown, [true, false, true]);
    assert_eq!(turns[2].parent_source_id.as_deref(), Some("a"));
    assert_eq!(sink.conversations[0].source_id.as_deref(), Some("k"));
    let mut answer = message("b", "a", false, "", 1);
    answer["content"] = json!([{"type": "think", "think": "Hm"},
        {"type": "tool_call", "tool_call": {"name": "look", "args": "{}", "output": "red"}}, {"type": "text", "text": {"value": "Red."}}]);
    check(
        &json!({"conversationId": "k", "messages": [message("a", "0", true, "Clay?", 0), answer]}),
        &[
            "user: Clay?",
            "(reasoning) assistant: Hm",
            "(tool) look: {}",
            "(tool) look: red",
            "assistant: Red.",
        ],
    );
}

#[test]
fn a_long_conversation_of_libre_chat() {
    const LONG: usize = 400;
    let mut document =
        r#"{"conversationId": "k", "title": "Clay", "options": {"model": "m"}, "messages": ["#
            .to_owned();
    for at in 0..LONG {
        let message = json!({"_id": "x", "messageId": at.to_string(), "conversationId": "k", "parentMessageId": at.wrapping_sub(1).to_string(),
            "text": format!("words {at}"), "isCreatedByUser": at % 2 == 0, "title": "of a message"});
        let message = message.to_string();
        document.push_str(message.trim_end_matches('}'));
        document.push_str(", \"children\": [");
    }
    document.push_str(&"]}".repeat(LONG));
    document.push_str("]}");
    let sink = read_as("frontends", &document);
    let conversation = &sink.conversations[0];
    assert_eq!(conversation.title.as_deref(), Some("Clay"));
    assert_eq!(conversation.turns.len(), LONG);
    assert!(conversation.turns.iter().all(|turn| turn.on_active_path));
    assert_eq!(conversation.turns[LONG - 1].text, format!("words {}", LONG - 1));
    assert!(sink.skipped.is_empty(), "{:?}", sink.skipped);
}

#[test]
fn chatbox_with_threads() {
    let said = |id: &str, role: &str, text: &str| json!({"id": id, "role": role, "contentParts": [{"type": "text", "text": text}], "timestamp": 1_740_823_200_000_i64});
    let document = json!({"chat-sessions-list": [{"id": "s", "name": "Clay"}],
        "session:s": {"id": "s", "name": "Clay", "messages": [said("1", "system", "Be brief"), said("2", "user", "Clay?"), said("3", "assistant", "Red.")],
            "threads": [{"id": "t", "name": "Before", "messages": [said("4", "user", "Old?"), said("5", "assistant", "Old.")]}]},
        "session:u": {"id": "u", "name": "Older", "messages": [{"id": "6", "role": "user", "content": "Plain"}, {"id": "7", "role": "assistant", "content": "Words"}]},
        "settings": {"language": "en"}});
    let sink = read_as("frontends", &document.to_string());
    let titles: Vec<_> = sink.conversations.iter().map(|c| c.title.as_deref().unwrap()).collect();
    assert_eq!(titles, ["Clay", "Before", "Older"]);
    assert_eq!(sink.messages().count(), 7);
}

#[test]
fn older_chatbox_has_titles() {
    let document = json!({"chat-sessions": [{"id": "s", "name": "Clay", "messages": [
        {"id": "1", "role": "user", "content": "Clay?"}, {"id": "2", "role": "assistant", "content": "Red."}]}], "settings": {}});
    let sink = read_as("frontends", &document.to_string());
    assert_eq!(sink.conversations[0].title.as_deref(), Some("Clay"));
}

#[test]
fn other_programs() {
    let asked = ["user: Clay?", "assistant: Red."];
    check(
        &json!({"data": {"chats": [{"chatID": "c", "chatTitle": "Clay", "messages": [
            {"role": "user", "content": "Clay?"}, {"role": "assistant", "content": [{"type": "text", "text": "Red."}]}]}], "folders": []}}),
        &asked,
    );
    check(
        &json!([{"id": "c", "title": "Clay", "messages": [
            {"from": "system", "content": "", "id": "0"},
            {"from": "user", "content": "Clay?", "id": "1", "ancestors": ["0"]},
            {"from": "assistant", "content": "Red.", "reasoning": "Hm", "id": "2", "ancestors": ["0", "1"]}]}]),
        &["user: Clay?", "(reasoning) assistant: Hm", "assistant: Red."],
    );
    check(
        &json!({"id": "c", "autoTitle": "Clay", "messages": [
            {"id": "1", "role": "user", "created": 1_740_823_200_000_i64, "fragments": [
                {"ft": "content", "part": {"pt": "text", "text": "Clay?"}}, {"ft": "attachment", "title": "a.pdf", "part": {"pt": "doc", "data": {"text": "x"}}}]},
            {"id": "2", "role": "assistant", "fragments": [{"ft": "void", "part": {"pt": "ma", "aText": "Hm"}},
                {"ft": "content", "part": {"pt": "tool_invocation", "invocation": {"type": "function_call", "name": "look", "args": "{}"}}},
                {"ft": "content", "part": {"pt": "text", "text": "Red."}}]}]}),
        &[
            "user: Clay?\n[file: a.pdf]",
            "(reasoning) assistant: Hm",
            "(tool) look: {}",
            "assistant: Red.",
        ],
    );
    check(
        &json!({"chats": [{"chat_id": "c", "turns": [
            {"turn_key": {"turn_id": "2"}, "author": {"author_id": "9", "name": "Potter"}, "create_time": "2025-03-01T10:00:05Z",
                "candidates": [{"candidate_id": "x", "raw_content": "White."}, {"candidate_id": "y", "raw_content": "Red."}], "primary_candidate_id": "y"},
            {"turn_key": {"turn_id": "1"}, "author": {"name": "Ada", "is_human": true}, "create_time": "2025-03-01T10:00:00Z",
                "candidates": [{"candidate_id": "z", "raw_content": "Clay?"}]}]}]}),
        &["Ada: Clay?", "Potter: White.", "Potter: Red."],
    );
    check(
        &json!({"info": {"name": "Potter"}, "histories": {"histories": [{"external_id": "h", "msgs": [
            {"id": 1, "text": "Clay?", "src": {"name": "Ada", "is_human": true}},
            {"id": 2, "text": "Red.", "src": {"name": "Potter", "is_human": false}}]}]}}),
        &["Ada: Clay?", "Potter: Red."],
    );
    check(
        &json!({"internal": [["<|BEGIN-VISIBLE-CHAT|>", "Hello"], ["Clay?", "<think>Hm</think>Red."]], "visible": [["", "Hello"], ["Clay?", "Red."]],
            "metadata": {"user_1": {"timestamp": "Mar 01, 2025 10:00"}}}),
        &["assistant: Hello", "user: Clay?", "(reasoning) assistant: Hm", "assistant: Red."],
    );
}

#[test]
fn libraries() {
    check(
        &json!({"id": "c", "messages": [
            {"id": "1", "role": "user", "content": "Clay?", "parts": [{"type": "text", "text": "Clay?"}, {"type": "file", "mediaType": "image/png", "url": "data:"}]},
            {"id": "2", "role": "assistant", "parts": [{"type": "step-start"}, {"type": "reasoning", "text": "Hm"},
                {"type": "tool-look", "toolCallId": "t", "state": "output-available", "input": {"a": 1}, "output": "red"},
                {"type": "tool-invocation", "toolInvocation": {"toolName": "see", "args": {}, "result": "ok"}}, {"type": "text", "text": "Red."}]}]}),
        &[
            "user: Clay?\n[picture]",
            "(reasoning) assistant: Hm",
            "(tool) look: {\"a\":1}",
            "(tool) look: red",
            "(tool) see: {}",
            "(tool) see: ok",
            "assistant: Red.",
        ],
    );
    check(
        &json!([{"type": "human", "data": {"content": "Clay?", "type": "human"}},
            {"type": "ai", "data": {"content": [{"type": "text", "text": "Red."}], "tool_calls": [{"name": "look", "args": {}}]}}]),
        &["user: Clay?", "(tool) look: {}", "assistant: Red."],
    );
    check(
        &json!([{"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"], "kwargs": {"content": "Clay?"}},
            {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"], "kwargs": {"content": "Red."}}]),
        &["user: Clay?", "assistant: Red."],
    );
}

#[test]
fn a_program_that_is_not_known() {
    check(
        &json!({"version": 1, "sessions": [{"topic": "Clay", "history": [{"sender": "user", "text": "Clay?"}, {"sender": "bot", "text": "Red."}]}]}),
        &["user: Clay?", "assistant: Red."],
    );
    for other in [
        json!([{"type": "user", "text": "one"}, {"type": "user", "text": "two"}]),
        json!({"items": [{"type": "text", "text": "x"}]}),
        json!([{"messages": [{"role": "user", "content": "a"}, {"role": "model", "content": "b"}]}]),
    ] {
        assert!(read_bytes(other.to_string().as_bytes()).0.is_err(), "{other}");
    }
}

/// The examples that everybody's readers are tried with stay those of their own formats.
#[test]
fn other_formats_come_first() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import");
    for name in ["openai_chat", "sharegpt", "openwebui", "gemini_cli", "jan", "lmstudio", "grok"] {
        let (result, _) = read_path(&folder.join(name), &options());
        assert_eq!(result.unwrap().formats, [name]);
    }
}
