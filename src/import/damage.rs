//! What every format must bear: a small valid text of each, damaged anywhere. Nothing panics, and
//! nothing reaches an error message raw.

use crate::import::testing::{options, read_as, read_bytes, read_path};
use proptest::prelude::any;

/// A format, and a small text of it.
const TEXTS: &[(&str, &str)] = &[
    (
        "claude_code",
        r#"{"type":"user","uuid":"a","sessionId":"s","timestamp":"2025-01-01T10:00:00Z","message":{"role":"user","content":"<command-name>x</command-name>"}}
{"type":"assistant","uuid":"b","parentUuid":"a","sessionId":"s","message":{"id":"m","role":"assistant","content":[{"type":"text","text":"y"},{"type":"tool_use","id":"t","name":"n","input":{}}]}}
{"type":"user","uuid":"c","parentUuid":"b","isSidechain":true,"message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"z"}]}]}}
"#,
    ),
    (
        "codex",
        r##"{"timestamp":"2025-01-01T10:00:00Z","type":"session_meta","payload":{"id":"s"}}
{"timestamp":"2025-01-01T10:00:01Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"# Context from my IDE setup: ## My request for Codex: x"}]}}
{"timestamp":"2025-01-01T10:00:02Z","type":"response_item","payload":{"type":"function_call_output","call_id":"c","output":{"content":"y"}}}
"##,
    ),
    (
        "gemini_cli",
        r#"{"sessionId":"s","projectHash":"p","startTime":"2025-01-01T10:00:00Z"}
{"id":"1","type":"user","content":[{"text":"x"}],"timestamp":"2025-01-01T10:00:01Z"}
{"$set":{"messages":[{"id":"1","type":"user","content":"x"}]}}
{"$rewindTo":"1"}
"#,
    ),
    (
        "gemini",
        r#"[{"header":"Gemini Apps","title":"Prompted x","time":"2024-01-01T10:00:02Z","products":["Gemini Apps"],"safeHtmlItem":[{"html":"<p>y</p>"}]}]"#,
    ),
    (
        "gemini",
        "<div class=\"outer-cell mdl-cell\"><div class=\"header-cell\"><p class=\"mdl-typography--title\">Gemini</p></div><div class=\"content-cell mdl-typography--body-1\">Prompted&nbsp;x<br>Jan 1, 2026, 10:00:00 AM CET<br><p>y</p></div></div><div class=\"outer-cell mdl-cell\"></div>",
    ),
    (
        "ai_studio",
        r#"{"chunkedPrompt":{"chunks":[{"role":"user","text":"x","driveImage":{"id":"i"}},{"role":"model","parts":[{"text":"y","thought":true}],"executableCode":{"code":"z"}}]}}"#,
    ),
    (
        "opencode",
        r#"{"info":{"id":"ses_1","time":{"created":1}},"messages":[{"info":{"id":"msg_1","role":"user","time":{"created":1}},"parts":[{"id":"p","type":"text","text":"x"},{"type":"tool","tool":"t","state":{"input":{},"output":"y"}}]}]}"#,
    ),
    (
        "opencode",
        r#"{"id":"msg_1","role":"user","parts":[{"type":"text","text":"x"}],"metadata":{"sessionID":"ses_1","time":{"created":1}}}"#,
    ),
    (
        "llm",
        r#"[{"id":"r","conversation_id":"c","prompt":"x","response":"y","datetime_utc":"2025-01-01T10:00:00"}]"#,
    ),
    (
        "aichat",
        "model: m\nmessages:\n- role: user\n  content:\n  - type: text\n    text: x\n- role: assistant\n  content: |-\n    y\n    z\n",
    ),
    ("aichat", "# CHAT: x [2024-11-23T14:48:44+01:00]\nx\n--------\ny\n--------\n"),
    ("alpaca", r#"[{"instruction":"x","input":"y","output":"z","history":[["a","b"]]}]"#),
    (
        "openwebui",
        r#"[{"id":"c","chat":{"history":{"currentId":"a","messages":{"a":{"role":"assistant","content":"<details type=\"reasoning\"><summary>s</summary>\n> t</details>x"}}}}}]"#,
    ),
    (
        "lmstudio",
        r#"{"createdAt":1746605587520,"messages":[{"versions":[{"role":"assistant","steps":[{"stepIdentifier":"1746605599000-0.5","content":[{"type":"text","text":"x"}]}]}],"currentlySelected":0}]}"#,
    ),
    (
        "jan",
        r#"{"id":"m","object":"thread.message","thread_id":"t","role":"user","content":[{"type":"text","text":{"value":"x"}}],"created_at":1700000000}"#,
    ),
    (
        "grok",
        r#"{"conversations":[{"conversation":{"id":"c"},"responses":[{"response":{"_id":"a","sender":"human","message":"x<grok:render>y</grok:render>","create_time":{"$date":{"$numberLong":"1735725601000"}}}}]}]}"#,
    ),
    (
        "longmemeval",
        r#"[{"question_id":"q","haystack_dates":["2023/05/20 (Sat) 02:21"],"haystack_session_ids":["s"],"haystack_sessions":[[{"role":"user","content":"x"}]]}]"#,
    ),
    (
        "vscode_copilot",
        r#"{"version":3,"sessionId":"s","responderUsername":"r","requests":[{"requestId":"a","message":{"text":"x"},"response":[{"value":"y"},{"kind":"inlineReference","inlineReference":{"path":"/z"}},{"kind":"thinking","value":"t"}]}]}"#,
    ),
    (
        "vscode_copilot",
        r#"{"kind":0,"v":{"version":3,"sessionId":"s","requests":[]}}
{"kind":2,"k":["requests"],"v":[{"requestId":"a","message":{"text":"x"},"response":[]}]}
{"kind":1,"k":["requests",0,"response"],"v":[{"value":"y"}]}
{"kind":2,"k":["requests",0,"response"],"i":1,"v":[{"value":"z"}]}
{"kind":3,"k":["requests",0,"timestamp"]}
"#,
    ),
    (
        "cursor",
        r#"{"role":"user","message":{"content":[{"type":"text","text":"<user_query>x</user_query>"}]}}
{"role":"assistant","message":{"content":[{"type":"text","text":"y"},{"type":"tool_use","name":"n","input":{}}]}}
"#,
    ),
    (
        "copilot_cli",
        r#"{"type":"session.start","data":{"sessionId":"s"},"id":"a","timestamp":"2025-01-01T10:00:00Z"}
{"type":"user.message","data":{"content":"x"},"id":"b"}
{"type":"assistant.message","data":{"content":"y","toolRequests":[{"toolCallId":"t","name":"n","arguments":{}}]},"id":"c"}
{"type":"session.snapshot_rewind","data":{"upToEventId":"c"},"id":"d"}
"#,
    ),
    (
        "cline",
        r#"[{"ts":1767225600000,"type":"say","say":"text","text":"x"},{"ts":1767225601000,"type":"ask","ask":"followup","text":"{\"question\":\"y\"}"}]"#,
    ),
    (
        "zed",
        r#"{"id":"c","zed":"context","text":"x\ny\n","messages":[{"id":0,"start":0,"metadata":{"role":"user"}},{"id":1,"start":2,"metadata":{"role":"assistant"}}]}"#,
    ),
    (
        "perplexity",
        r#"{"metadata":{"thread_title":"t"},"conversations":[{"uuid":"u","query":"x","answer":"y","timestamp":"2024-01-01T00:00:10.000Z"}]}"#,
    ),
    (
        "perplexity",
        r#"{"entries":[{"uuid":"u","context_uuid":"c","query_str":"x","blocks":[{"intended_usage":"ask_text","markdown_block":{"chunks":["y"]}}]}]}"#,
    ),
    (
        "frontends",
        r#"{"messages":[{"messageId":"a","text":"x","isCreatedByUser":true,"createdAt":"2025-03-01T10:00:00Z","children":[{"messageId":"b","parentMessageId":"a","isCreatedByUser":false,"content":[{"type":"text","text":"y"}]}]}]}"#,
    ),
    (
        "frontends",
        r#"{"character_name":"c","create_date":"2025-3-1@10h00m00s"}
{"name":"c","is_user":false,"send_date":"March 1, 2025 10:00am","mes":"x","swipes":["x","y"]}
{"name":"u","is_user":true,"mes":"z","extra":{}}
"#,
    ),
    (
        "frontends",
        r#"{"chats":[{"chat_id":"c","turns":[{"turn_key":{"turn_id":"t"},"author":{"name":"n","is_human":true},"candidates":[{"candidate_id":"x","raw_content":"y"}],"primary_candidate_id":"x"}]}]}"#,
    ),
    ("frontends", r#"{"internal":[["x","y"]],"visible":[["x","y"]],"metadata":{}}"#),
    ("markdown", "# t\n\n#### Du hast gesagt:\nx\n\n#### ChatGPT hat gesagt:\ny\n"),
    ("signal", include_str!("../../tests/fixtures/import/signal-own")),
    ("twitter", include_str!("../../tests/fixtures/import/twitter")),
    ("sms_backup", include_str!("../../tests/fixtures/import/sms_backup")),
    ("google_voice", include_str!("../../tests/fixtures/import/google_voice")),
    ("qq", include_str!("../../tests/fixtures/import/qq")),
    ("wechat", include_str!("../../tests/fixtures/import/wechat-weflow")),
    ("wechat", include_str!("../../tests/fixtures/import/wechat-text")),
    ("whatsapp", include_str!("../../tests/fixtures/import/whatsapp-exporter")),
    ("teams", include_str!("../../tests/fixtures/import/teams")),
    ("teams", include_str!("../../tests/fixtures/import/teams-page")),
    ("teams", include_str!("../../tests/fixtures/import/teams-paste")),
    ("mattermost", include_str!("../../tests/fixtures/import/mattermost")),
    ("rocketchat", include_str!("../../tests/fixtures/import/rocketchat")),
    ("zulip", include_str!("../../tests/fixtures/import/zulip")),
    ("mastodon", include_str!("../../tests/fixtures/import/mastodon")),
    ("zoom_chat", include_str!("../../tests/fixtures/import/zoom_chat")),
    ("zoom_chat", include_str!("../../tests/fixtures/import/zoom_chat-recording")),
    ("google_meet", include_str!("../../tests/fixtures/import/google_meet")),
    ("viber", include_str!("../../tests/fixtures/import/viber")),
    ("viber", include_str!("../../tests/fixtures/import/viber-text")),
    ("pidgin", include_str!("../../tests/fixtures/import/pidgin")),
    ("pidgin", include_str!("../../tests/fixtures/import/pidgin-html")),
    ("pidgin", include_str!("../../tests/fixtures/import/pidgin-adium")),
    ("pidgin", include_str!("../../tests/fixtures/import/pidgin-page")),
];

/// A format that keeps a database, and the statements that make one.
const DATABASES: &[(&str, &str)] = &[
    ("openwebui", include_str!("../../tests/fixtures/import/openwebui.sql")),
    ("opencode", include_str!("../../tests/fixtures/import/opencode.sql")),
    ("llm", include_str!("../../tests/fixtures/import/llm.sql")),
    ("cursor", include_str!("../../tests/fixtures/import/cursor.sql")),
    ("zed", include_str!("../../tests/fixtures/import/zed.sql")),
];

#[test]
fn the_texts_are_valid() {
    for (format, text) in TEXTS {
        let sink = read_as(format, text);
        assert!(!sink.conversations.is_empty(), "{format}: {text}");
    }
}

fn damaged(mut bytes: Vec<u8>, damage: &[(usize, u8)], cut: usize) -> Vec<u8> {
    let length = bytes.len();
    for (at, byte) in damage {
        bytes[at % length] = *byte;
    }
    bytes.truncate(if cut == 0 { length } else { 1 + cut % length });
    bytes
}

proptest::proptest! {
    #[test]
    fn damaged_texts_do_no_harm(
        which in 0..TEXTS.len(),
        damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..6),
        cut in proptest::prop_oneof![proptest::strategy::Just(0), any::<usize>()],
    ) {
        let (format, text) = TEXTS[which];
        let bytes = damaged(text.as_bytes().to_vec(), &damage, cut);
        if let (Err(error), _) = read_bytes(&bytes) {
            let clean = !error.to_string().contains(['\n', '\x1b']);
            proptest::prop_assert!(clean, "{}", error);
        }
        // What is no longer recognised can still be forced upon a format.
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("download");
        std::fs::write(&path, &bytes)?;
        let forced = crate::import::Options { format: Some(format.to_owned()), ..options() };
        let _ = read_path(&path, &forced);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn damaged_databases_do_no_harm(
        which in 0..DATABASES.len(),
        damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..12),
        cut in proptest::prop_oneof![proptest::strategy::Just(0), any::<usize>()],
    ) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("download");
        crate::import::reading::database::build(&path, DATABASES[which].1);
        // Behind its first bytes, so that it stays a database.
        let whole = std::fs::read(&path)?;
        let (head, rest) = whole.split_at(crate::import::reading::database::MAGIC.len());
        let bytes = [head, &damaged(rest.to_vec(), &damage, cut)].concat();
        std::fs::write(&path, &bytes)?;
        let (result, _) = read_path(&path, &options());
        if let Err(error) = result {
            proptest::prop_assert!(!error.to_string().contains('\n'));
        }
        proptest::prop_assert_eq!(std::fs::read(&path)?, bytes);
        proptest::prop_assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
    }
}
