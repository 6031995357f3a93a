use crate::import::testing::{Counting, error_of, json_lines, read_as, read_bytes};
use serde_json::{Value, json};

/// A record; `more` is merged into it.
fn record(kind: &str, id: &str, parent: Option<&str>, content: &Value, more: &Value) -> Value {
    let mut record = json!({"type": kind, "uuid": id, "parentUuid": parent, "sessionId": "s1", "cwd": "/p",
        "isSidechain": false, "timestamp": format!("2025-06-14T10:00:0{}.000Z", id.len().min(9)),
        "message": {"role": kind, "content": content}});
    for (key, value) in more.as_object().into_iter().flatten() {
        record[key] = value.clone();
    }
    record
}

fn read(records: &[Value]) -> Counting {
    read_as("claude_code", &json_lines(records))
}

#[test]
fn prompts_replies_tools_and_thoughts() {
    let sink = read(&[
        json!({"type": "file-history-snapshot", "messageId": "m", "snapshot": {}}),
        record(
            "user",
            "a",
            None,
            &json!("Fix it\n<system-reminder>be good</system-reminder>"),
            &json!({}),
        ),
        record(
            "assistant",
            "ab",
            Some("a"),
            &json!([{"type": "thinking", "thinking": "Hm", "signature": "x"}]),
            &json!({}),
        ),
        record(
            "assistant",
            "abc",
            Some("ab"),
            &json!([{"type": "text", "text": "Looking."},
            {"type": "tool_use", "id": "t1", "name": "Read", "input": {"path": "x"}}]),
            &json!({}),
        ),
        record(
            "user",
            "abcd",
            Some("abc"),
            &json!([{"type": "tool_result", "tool_use_id": "t1",
            "content": [{"type": "text", "text": "let x;"}]}]),
            &json!({"toolUseResult": {}}),
        ),
        record(
            "assistant",
            "abcde",
            Some("abcd"),
            &json!([{"type": "text", "text": "Done."}]),
            &json!({}),
        ),
        record(
            "user",
            "abcdef",
            Some("abcde"),
            &json!([{"type": "text", "text": "See"},
            {"type": "image", "source": {"data": "AAAA"}}]),
            &json!({}),
        ),
        json!({"type": "custom-title", "customTitle": "A fix", "sessionId": "s1"}),
    ]);
    assert_eq!(
        sink.said(),
        [
            "user: Fix it",
            "(reasoning) assistant: Hm",
            "(tool) Read: {\"path\":\"x\"}",
            "assistant: Looking.",
            "(tool) Read: let x;",
            "assistant: Done.",
            "user: See\n[picture]",
        ]
    );
    let conversation = &sink.conversations[0];
    assert_eq!(conversation.source_id.as_deref(), Some("s1"));
    assert_eq!(conversation.title.as_deref(), Some("A fix"));
    assert!(conversation.turns.iter().all(|turn| turn.on_active_path));
    let ids: Vec<_> = conversation.turns.iter().filter_map(|t| t.source_id.as_deref()).collect();
    assert_eq!(ids, ["a", "ab#0", "abc#0", "abc", "abcd#0", "abcde", "abcdef"]);
}

#[test]
fn what_the_program_wrote_is_not_said() {
    let sink = read(&[
        record("user", "a", None, &json!("Real"), &json!({})),
        record("user", "b", Some("a"), &json!("<command-name>/clear</command-name>"), &json!({})),
        record(
            "user",
            "c",
            Some("b"),
            &json!(
                "<command-message>do</command-message>\n<command-name>/do</command-name>\n<command-args>the dishes</command-args>"
            ),
            &json!({}),
        ),
        record(
            "user",
            "d",
            Some("c"),
            &json!("<local-command-stdout>ok</local-command-stdout>"),
            &json!({}),
        ),
        record("user", "e", Some("d"), &json!("a note"), &json!({"isMeta": true})),
        record(
            "user",
            "f",
            Some("e"),
            &json!([{"type": "text", "text": "<task-notification>x</task-notification>"}]),
            &json!({}),
        ),
        record("user", "g", Some("f"), &json!("<bash-input>ls</bash-input>"), &json!({})),
        record(
            "user",
            "h",
            Some("g"),
            &json!("<system-reminder>only this</system-reminder>"),
            &json!({}),
        ),
        record(
            "user",
            "i",
            Some("h"),
            &json!("Stop hook feedback"),
            &json!({"origin": {"kind": "hook"}}),
        ),
        record(
            "user",
            "k",
            Some("i"),
            &json!("This session is being continued"),
            &json!({"isCompactSummary": true}),
        ),
    ]);
    assert_eq!(
        sink.said(),
        [
            "user: Real",
            "(tool) user: the dishes",
            "(tool) user: ls",
            "summary: This session is being continued",
        ]
    );
    assert_eq!(sink.skipped["scaffolding"], 5);
}

#[test]
fn branches_compacting_and_parallel_tools() {
    let sink = read(&[
        record("user", "a", None, &json!("Start"), &json!({})),
        record("assistant", "ab", Some("a"), &json!("Ready"), &json!({})),
        record("user", "b1", Some("ab"), &json!("First"), &json!({})),
        record("user", "b2x", Some("ab"), &json!("Second"), &json!({})),
        record(
            "assistant",
            "t1xx",
            Some("b2x"),
            &json!([{"type": "tool_use", "id": "1", "name": "A", "input": {}}]),
            &json!({}),
        ),
        record(
            "assistant",
            "t2xxx",
            Some("t1xx"),
            &json!([{"type": "tool_use", "id": "2", "name": "B", "input": {}}]),
            &json!({}),
        ),
        record(
            "user",
            "r1xxx",
            Some("t1xx"),
            &json!([{"type": "tool_result", "tool_use_id": "1", "content": "one"}]),
            &json!({}),
        ),
        record(
            "user",
            "r2xxx",
            Some("t2xxx"),
            &json!([{"type": "tool_result", "tool_use_id": "2", "content": "two"}]),
            &json!({}),
        ),
        json!({"type": "system", "subtype": "compact_boundary", "uuid": "boundary", "parentUuid": null,
            "logicalParentUuid": "r2xxx", "sessionId": "s1", "timestamp": "2025-06-14T10:00:08.000Z"}),
        record("user", "after-it-all", Some("boundary"), &json!("After"), &json!({})),
    ]);
    let shown: Vec<_> = sink.conversations[0].turns.iter().filter(|t| !t.on_active_path).collect();
    assert_eq!(shown.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(), ["First"]);
    assert_eq!(sink.messages().count(), 5);
}

#[test]
fn sub_agents_stand_off_the_shown_path_or_by_themselves() {
    let side = json!({"isSidechain": true, "agentId": "e1"});
    let sink = read(&[
        record("user", "a", None, &json!("Research"), &json!({})),
        record("user", "s", None, &json!("Look into it"), &side),
        record("assistant", "st", Some("s"), &json!([{"type": "text", "text": "Found"}]), &side),
        record(
            "assistant",
            "abc",
            Some("a"),
            &json!([{"type": "text", "text": "Done"}]),
            &json!({}),
        ),
    ]);
    assert_eq!(
        sink.said(),
        ["user: Research", "assistant: Look into it", "sub-agent: Found", "assistant: Done"]
    );
    let shown: Vec<_> = sink.messages().map(|turn| turn.on_active_path).collect();
    assert_eq!(shown, [true, false, false, true]);
    let sink = read(&[
        record("user", "s", None, &json!("Look into it"), &side),
        record("assistant", "st", Some("s"), &json!([{"type": "text", "text": "Found"}]), &side),
    ]);
    assert_eq!(sink.conversations[0].source_id.as_deref(), Some("s1/e1"));
    assert!(sink.messages().all(|turn| turn.on_active_path));
}

#[test]
fn the_web_variant_old_records_and_streams() {
    let text = json!({"loglines": [{"type": "user", "timestamp": "2025-01-01T10:00:00Z", "message": {"content": "Hi", "role": "user"}},
        {"type": "assistant", "timestamp": "2025-01-01T10:00:01Z", "message": {"role": "assistant", "content": [{"type": "text", "text": "Ho"}]}}]});
    assert_eq!(read_as("claude_code", &text.to_string()).said(), ["user: Hi", "assistant: Ho"]);
    let old = record(
        "message",
        "a",
        None,
        &json!("Hi"),
        &json!({"message": {"role": "user", "content": "Hi"}}),
    );
    assert_eq!(read(&[old.clone(), old]).said(), ["user: Hi"]);
    let stream = [
        json!({"type": "system", "subtype": "init", "session_id": "s"}),
        json!({"type": "assistant", "session_id": "s", "message": {"role": "assistant", "content": [{"type": "text", "text": "Ho"}]}}),
        json!({"type": "result", "session_id": "s", "result": "Ho"}),
    ];
    assert_eq!(read(&stream).said(), ["assistant: Ho"]);
}

#[test]
fn a_cut_last_line_and_a_bad_one_cost_only_themselves() {
    let good = json_lines(&[record("user", "a", None, &json!("Hi"), &json!({}))]);
    let sink = read_as("claude_code", &format!("{good}{{broken}}\n{good}{{\"type\": \"assis"));
    assert_eq!(sink.said(), ["user: Hi"]);
    assert_eq!(sink.skipped["record is not valid JSON"], 1);
    assert_eq!(sink.warnings.len(), 1);
}

#[test]
fn logs_of_others_are_left_to_them() {
    for text in [
        json!({"type": "session_meta", "payload": {"id": "x"}}),
        json!({"type": "user", "id": "x", "content": "Hi", "timestamp": "2025-01-01T10:00:00Z"}),
        json!({"type": "message", "id": "x", "message": {"role": "user", "content": "Hi"}}),
    ] {
        let text = format!("{text}\n{text}\n");
        let (result, _) = read_bytes(text.as_bytes());
        assert!(!result.is_ok_and(|account| account.formats.contains(&"claude_code")), "{text}");
    }
    let history = json!({"display": "hi", "pastedContents": {}, "timestamp": 1, "project": "/p"});
    assert!(error_of(format!("{history}\n{history}\n").as_bytes()).contains("projects"));
}

#[test]
fn of_two_records_of_one_id_the_one_with_more_words_counts() {
    let said = |text: &str| json!([{"type": "text", "text": text}]);
    let user = |id: &str, parent: Option<&str>, text: &str| {
        record("user", id, parent, &said(text), &json!({}))
    };
    let assistant = |id: &str, parent: &str, text: &str| {
        record("assistant", id, Some(parent), &said(text), &json!({}))
    };
    let sink = read(&[
        user("a", None, ""),
        user("a", None, "Which oak?"),
        assistant("ab", "a", "The"),
        assistant("ab", "a", "The old one."),
        assistant("ab", "a", "The old"),
        user("abc", Some("ab"), "Thanks"),
    ]);
    assert_eq!(sink.said(), ["user: Which oak?", "assistant: The old one.", "user: Thanks"]);
    assert!(sink.messages().all(|turn| turn.on_active_path && turn.source_id.is_some()));
    assert_eq!(sink.skipped["repeated record"], 1);
}
