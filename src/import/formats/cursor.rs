//! Cursor: the database of the editor (`state.vscdb`), and the transcripts that its agent writes
//! (`~/.cursor/projects/…/agent-transcripts/*.jsonl`).
//!
//! The database keeps keys and values. `composerData:ID` is a conversation with the order of its
//! bubbles, each of which is `bubbleId:ID:BUBBLE`; older versions keep them inside of the
//! conversation, and the oldest ones keep all in one value. A bubble that the order does not name
//! was taken back, and stands off the shown path.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::database::{Database, Row, Select};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{self, Layout, array_under, flag, id_under, text_under};
use crate::import::reading::time::{instant, instant_under};
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// The format `cursor`.
pub(super) struct Cursor;

/// The table of conversations, with the names of its columns.
const KEPT: (&str, &str, &str) = ("cursorDiskKV", "key", "value");
/// The table of the editor's state.
const STATE: &str = "ItemTable";

impl Importer for Cursor {
    fn format(&self) -> &'static str {
        "cursor"
    }

    fn description(&self) -> &'static str {
        "Cursor: its database (state.vscdb) and its agent's transcripts (agent-transcripts/*.jsonl)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.has_table(KEPT.0, &[KEPT.1, KEPT.2]) {
            return Confidence::Certain;
        }
        // Old versions keep chats in the table that VS Code has too.
        if sample.has_table(STATE, &["key", "value"]) {
            return Confidence::Possible;
        }
        let records = sample.records();
        let lines = sample.is_lines() || sample.document().is_some_and(Value::is_object);
        if lines && records.iter().any(is_line) && !records.iter().any(is_foreign) {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        // A transcript repeats what the database keeps with times.
        let known = RefCell::new(HashSet::new());
        input.each_of_either(
            sink,
            |database, sink| read_database(database, &mut known.borrow_mut(), sink),
            |source, sink| transcript(source, &known.borrow(), sink),
        )
    }
}

/// Whether a record is a line of a transcript: a role, and a message of blocks without one.
fn is_line(value: &Value) -> bool {
    let message = value.get("message").unwrap_or(&Value::Null);
    matches!(text_under(value, "role"), Some("user" | "assistant"))
        && message.get("content").is_some_and(|content| content.is_array() || content.is_string())
        && message.get("role").is_none()
}

fn is_foreign(value: &Value) -> bool {
    ["uuid", "sessionId", "content", "messages"].iter().any(|key| value.get(key).is_some())
}

/// Returns the value of a row, which some versions write as a text that holds JSON.
fn value_of(row: &Row) -> Value {
    match row.json(0) {
        Value::String(text) => json::parse(&text).unwrap_or(Value::Null),
        value => value,
    }
}

fn read_database(
    database: &Database,
    known: &mut HashSet<String>,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let names = names(database)?;
    database.each_key(KEPT, "composerData:", |id, row| {
        let composer = value_of(&row);
        if !composer.is_object() {
            // What was deleted leaves its key behind.
            return Ok(());
        }
        if composer_of(Some(database), id, &composer, names.get(id).cloned(), sink)? {
            known.insert(id.to_owned());
        }
        Ok(())
    })?;
    let state = |key: &str| -> Result<Value, ImportError> {
        let only = Some(("key", key));
        let select = Select { table: STATE, columns: &["value"], only, ..Select::default() };
        Ok(database.rows(&select)?.first().map(value_of).unwrap_or_default())
    };
    for composer in array_under(&state("composer.composerData")?, "allComposers") {
        // Since the bubbles moved, this lists only what is kept elsewhere.
        if let Some(id) = id_under(composer, &["composerId"])
            && !array_under(composer, "conversation").is_empty()
        {
            composer_of(None, &id, composer, None, sink)?;
        }
    }
    for tab in array_under(&state("workbench.panel.aichat.view.aichat.chatdata")?, "tabs") {
        let mut turns = Turns::long();
        for bubble in array_under(tab, "bubbles") {
            for turn in bubble_of(bubble, "", false) {
                turns.push(turn, sink);
            }
        }
        let title = text_under(tab, "chatTitle").map(|title| shorten(title.trim()));
        let at = instant_under(tab, &["createdAt", "lastSendTime"]);
        finish(id_under(tab, &["tabId"]), title, at, turns, sink)?;
    }
    Ok(())
}

/// The names of conversations, which newer versions keep apart from them.
fn names(database: &Database) -> Result<HashMap<String, String>, ImportError> {
    let mut names = HashMap::new();
    let columns = &["composerId", "value"];
    let select = Select { table: "composerHeaders", columns, ..Select::default() };
    database.each_row(&select, |row| {
        let about = row.json(1);
        if let (Some(id), Some(name)) = (row.id(0), text_under(&about, "name")) {
            names.insert(id, name.to_owned());
        }
        Ok(())
    })?;
    Ok(names)
}

/// Hands over a conversation; returns whether anything was said in it.
fn composer_of(
    database: Option<&Database>,
    id: &str,
    composer: &Value,
    name: Option<String>,
    sink: &mut dyn Sink,
) -> Result<bool, ImportError> {
    let is_agent = composer.get("subagentInfo").is_some_and(Value::is_object);
    let mut turns = Turns::long();
    let headers = array_under(composer, "fullConversationHeadersOnly");
    let mut kept: HashMap<String, Vec<NewTurn>> = HashMap::new();
    let mut order: Vec<String> = Vec::new();
    if let Some(database) = database {
        database.each_key(KEPT, &format!("bubbleId:{id}:"), |bubble, row| {
            let turns = bubble_of(&value_of(&row), bubble, is_agent);
            if !turns.is_empty() {
                kept.insert(bubble.to_owned(), turns);
                order.push(bubble.to_owned());
            }
            Ok(())
        })?;
    }
    // Some versions keep a bubble inside of the conversation and beside it.
    let mut told = HashSet::new();
    let named = headers.iter().filter_map(|header| id_under(header, &["bubbleId"]));
    for bubble in named {
        let inside =
            || bubble_of(composer.get("conversationMap")?.get(&bubble)?, &bubble, is_agent).into();
        for turn in kept.remove(&bubble).or_else(inside).unwrap_or_default() {
            turns.push(turn, sink);
        }
        told.insert(bubble);
    }
    for bubble in array_under(composer, "conversation") {
        let id = id_under(bubble, &["bubbleId"]).unwrap_or_default();
        if id.is_empty() || told.insert(id.clone()) {
            kept.remove(&id);
            for turn in bubble_of(bubble, &id, is_agent) {
                turns.push(turn, sink);
            }
        }
    }
    let shown = turns.is_empty();
    let mut rest: Vec<_> = order.iter().filter_map(|bubble| kept.remove(bubble)).collect();
    rest.sort_by_key(|turns| turns.first().and_then(|turn| turn.said_at));
    for mut turn in rest.into_iter().flatten() {
        turn.on_active_path = shown;
        turns.push(turn, sink);
    }
    let at = instant_under(composer, &["createdAt"]);
    let name = text_under(composer, "name").map(str::to_owned).or(name);
    finish(Some(id.to_owned()), name, at, turns, sink)
}

fn finish(
    source_id: Option<String>,
    title: Option<String>,
    started_at: Option<Timestamp>,
    turns: Turns,
    sink: &mut dyn Sink,
) -> Result<bool, ImportError> {
    if turns.is_empty() {
        let example = title.or(source_id).unwrap_or_default();
        sink.skipped("session without messages", &shorten(&example));
        return Ok(false);
    }
    let title = title.filter(|title| !title.trim().is_empty()).or_else(|| turns.first_words());
    let started_at = started_at.or_else(|| turns.first_at());
    let head = Conversation { source_id, title, started_at, turns: Vec::new() };
    turns.send(head, sink)?;
    Ok(true)
}

/// Returns what a bubble says: what was thought and what tools did, then the words.
fn bubble_of(bubble: &Value, id: &str, is_agent: bool) -> Vec<NewTurn> {
    let kind = bubble.get("type").unwrap_or(&Value::Null);
    let asked = kind.as_u64() == Some(1) || kind.as_str() == Some("user");
    let own = id_under(bubble, &["bubbleId", "id"]);
    let id = Some(id.to_owned()).filter(|id| !id.is_empty()).or(own);
    let mut turns = Vec::new();
    let mut fold = |role, kind, speaker: &str, text: &str| {
        if !text.trim().is_empty() {
            let mut turn = NewTurn::message(role, speaker, folded(text.to_owned())).of_kind(kind);
            turn.source_id = id.as_ref().map(|id| format!("{id}#{}", turns.len()));
            turns.push(turn);
        }
    };
    let thinking = bubble.get("thinking").unwrap_or(&Value::Null);
    let thoughts = thinking.as_str().or_else(|| text_under(thinking, "text"));
    let blocks = array_under(bubble, "allThinkingBlocks").iter();
    let blocks = blocks.filter_map(|block| {
        text_under(block, "text").or_else(|| text_under(block, "thinking")).or(block.as_str())
    });
    match thoughts {
        Some(thought) => fold(Role::Assistant, Kind::Reasoning, "assistant", thought),
        None => blocks.for_each(|thought| {
            fold(Role::Assistant, Kind::Reasoning, "assistant", thought);
        }),
    }
    if let Some(call) = bubble.get("toolFormerData").filter(|call| call.is_object()) {
        let name = text_under(call, "name").unwrap_or("tool");
        let words = |keys: &[&str]| {
            let given = keys.iter().find_map(|key| call.get(key).filter(|v| !v.is_null()));
            given.map(|given| given.as_str().map_or_else(|| given.to_string(), str::to_owned))
        };
        let given = words(&["rawArgs", "params", "args"]).filter(|given| !given.trim().is_empty());
        fold(Role::Assistant, Kind::Tool, name, &given.unwrap_or_else(|| format!("{name}()")));
        fold(Role::Tool, Kind::Tool, name, &words(&["result", "error"]).unwrap_or_default());
    }
    let rich = || {
        let rich = text_under(bubble, "richText").and_then(|text| json::parse(text).ok())?;
        let mut words = String::new();
        lexical(rich.get("root")?, &mut words);
        Some(words)
    };
    let text = ["text", "rawText"].iter().find_map(|key| text_under(bubble, key));
    let text = text.map(str::to_owned).or_else(rich).unwrap_or_default();
    let text = turns::with_files(text.trim().to_owned(), &files(bubble));
    let role = if asked && !is_agent { Role::User } else { Role::Assistant };
    if !text.is_empty() {
        let mut turn = NewTurn::message(role, role.as_str(), text);
        turn.source_id = id;
        turns.push(turn);
    }
    let at = said_at(bubble);
    turns.into_iter().map(|turn| turn.at(at)).collect()
}

/// When a bubble was said. Some of its clocks count from when the editor was opened.
fn said_at(bubble: &Value) -> Option<Timestamp> {
    const EPOCH: f64 = 1e12;
    let timing = bubble.get("timingInfo").unwrap_or(&Value::Null);
    let clocks = ["clientStartTime", "clientRpcSendTime", "clientSettleTime", "clientEndTime"];
    bubble.get("createdAt").and_then(instant).or_else(|| {
        let known = clocks.iter().filter_map(|key| timing.get(key));
        known.filter(|time| time.as_f64().is_some_and(|time| time > EPOCH)).find_map(instant)
    })
}

/// The files and pictures that a user put beside what they said.
fn files(bubble: &Value) -> Vec<String> {
    let context = bubble.get("context").unwrap_or(&Value::Null);
    let names = array_under(context, "fileSelections").iter().filter_map(|file| {
        let uri = file.get("uri")?;
        let path = ["path", "fsPath"].iter().find_map(|key| text_under(uri, key))?;
        path.rsplit(['/', '\\']).next().map(turns::file)
    });
    let pictures = array_under(bubble, "images").iter().map(|_| "[picture]".to_owned());
    names.chain(pictures).collect()
}

/// Adds the words of what was typed in the editor's own box: nodes with children.
fn lexical(node: &Value, words: &mut String) {
    let kind = text_under(node, "type").unwrap_or_default();
    if kind == "linebreak" || kind == "paragraph" && !words.is_empty() {
        words.push('\n');
    }
    words.push_str(node.get("text").and_then(Value::as_str).unwrap_or_default());
    for child in array_under(node, "children") {
        lexical(child, words);
    }
}

/// Reads a transcript, one message a line, without times. Its file is named after the conversation.
fn transcript(
    source: &mut Source<'_>,
    known: &HashSet<String>,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let stem = source.stem();
    let is_id = stem.len() >= 32 && stem.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if known.contains(stem) {
        sink.skipped("transcript of a conversation that is in the database", stem);
        return Ok(());
    }
    // Not the id of the database: without ids and times its messages would be told apart from those.
    let source_id = is_id.then(|| format!("transcript/{stem}"));
    let is_agent = source.sample().name().contains("/subagents/");
    let mut turns = Turns::long();
    source.each_record(Layout::Lines, Unit::Message, sink, |record, sink| {
        line(&record, is_agent, &mut turns, sink);
        Ok(())
    })?;
    finish(source_id, None, None, turns, sink)?;
    Ok(())
}

fn line(record: &Value, is_agent: bool, turns: &mut Turns, sink: &mut dyn Sink) {
    let Some((mut role, kind)) = text_under(record, "role").and_then(turns::role) else {
        // Such as that a turn has ended.
        if record.get("type").is_none() {
            sink.skipped("record that is no message", &shorten(&record.to_string()));
        }
        return;
    };
    let asked = role == Role::User;
    if asked && is_agent {
        role = Role::Assistant;
    }
    let content = record.pointer("/message/content").unwrap_or(&Value::Null);
    let blocks = match content {
        Value::Array(blocks) => blocks.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut said = Vec::new();
    let mut folds = Vec::new();
    let mut files = Vec::new();
    for block in blocks {
        let fold = |role, kind, name: &str, text: String| {
            NewTurn::message(role, name, folded(text)).of_kind(kind)
        };
        let name = text_under(block, "name").unwrap_or("tool");
        match text_under(block, "type").unwrap_or("text") {
            "tool_use" => {
                let given = block.get("input").or_else(|| block.get("args"));
                let given = given.map_or_else(|| format!("{name}()"), Value::to_string);
                folds.push(fold(Role::Assistant, Kind::Tool, name, given));
            }
            "tool_result" => {
                let given =
                    super::openai_chat::content(block.get("content").unwrap_or(&Value::Null));
                folds.push(fold(Role::Tool, Kind::Tool, name, given));
            }
            "thinking" | "reasoning" => {
                let thought = text_under(block, "thinking").or_else(|| text_under(block, "text"));
                let thought = thought.unwrap_or_default().to_owned();
                folds.push(fold(Role::Assistant, Kind::Reasoning, "assistant", thought));
            }
            "image" => files.push("[picture]".to_owned()),
            _ => {
                let text = block.as_str().or_else(|| text_under(block, "text")).unwrap_or_default();
                if flag(block, "isHidden") {
                    continue;
                }
                said.push(if asked { typed(text) } else { text.trim().to_owned() });
            }
        }
    }
    said.retain(|text| !text.is_empty());
    let nothing = said.is_empty() && files.is_empty();
    if nothing && folds.is_empty() && asked {
        sink.skipped("scaffolding", "");
        return;
    }
    for turn in folds.into_iter().filter(|turn| !turn.text.trim().is_empty()) {
        turns.push(turn, sink);
    }
    if !nothing {
        let text = turns::with_files(said.join("\n\n"), &files);
        turns.push(NewTurn::message(role, role.as_str(), text).of_kind(kind), sink);
    }
}

/// What the editor writes around the words of a user, each in a tag of its own.
const ADDED: [&str; 14] = [
    "timestamp",
    "system_reminder",
    "attached_files",
    "user_info",
    "git_status",
    "rules",
    "open_and_recently_viewed_files",
    "agent_transcripts",
    "agent_skills",
    "manually_attached_skills",
    "additional_data",
    "project_layout",
    "image_files",
    "external_links",
];

/// Returns what a user typed of a text into which the editor writes what it adds, between tags.
fn typed(text: &str) -> String {
    let mut queries = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("<user_query>") {
        let (inside, next) = after.split_once("</user_query>").unwrap_or((after, ""));
        queries.push(inside.trim());
        rest = next;
    }
    if !queries.is_empty() {
        return queries.join("\n\n");
    }
    let mut words = text.to_owned();
    for tag in ADDED {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        while let Some(begin) = words.find(&open) {
            let end =
                words[begin..].find(&close).map_or(words.len(), |at| begin + at + close.len());
            words.replace_range(begin..end, "");
        }
    }
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::typed;
    use crate::import::reading::database::build;
    use crate::import::testing::{json_lines, options, read_as, read_database, read_path};
    use serde_json::json;

    const DATABASE: &str = include_str!("../../../tests/fixtures/import/cursor.sql");

    #[test]
    fn its_database() {
        let sink = read_database("cursor", DATABASE);
        assert_eq!(
            sink.said(),
            [
                "user: Glaze it\n[file: kiln.rs]",
                "(reasoning) assistant: Hm",
                "(tool) read_file: {\"p\":1}",
                "(tool) read_file: found",
                "assistant: It is glazed.",
                "assistant: Taken back",
                "user: In the map",
                "user: Two\nlines",
                "assistant: Inline",
                "user: Old question",
                "assistant: Old answer",
            ]
        );
        let about: Vec<_> = sink
            .conversations
            .iter()
            .map(|c| (c.source_id.as_deref(), c.title.as_deref()))
            .collect();
        let expected = [("a", "Glazing"), ("b", "Named apart"), ("t", "Oldest")];
        assert_eq!(about, expected.map(|(id, title)| (Some(id), Some(title))));
        let shown: Vec<_> = sink.messages().map(|turn| turn.on_active_path).collect();
        assert_eq!(shown, [true, true, false, true, true, true, true, true]);
        let first = &sink.conversations[0].turns;
        assert_eq!(first[0].said_at.unwrap().to_string(), "2025-03-01T10:00:00Z");
        assert_eq!(first[4].said_at.unwrap().to_string(), "2025-03-01T10:00:09Z");
        assert_eq!(sink.skipped["session without messages"], 1);
    }

    #[test]
    fn transcripts() {
        let lines = [
            json!({"role": "user", "message": {"content": [{"type": "text", "text": "<timestamp>Mon</timestamp>\n<user_query>\nGlaze it\n</user_query>"}]}}),
            json!({"role": "assistant", "message": {"content": [{"type": "text", "text": "Done."}, {"type": "tool_use", "name": "Read", "input": {"p": 1}}]}}),
            json!({"type": "turn_ended"}),
            json!({"role": "user", "message": {"content": [{"type": "text", "text": "<system_reminder>x</system_reminder>"}]}}),
        ];
        let expected = ["user: Glaze it", "(tool) Read: {\"p\":1}", "assistant: Done."];
        let sink = read_as("cursor", &json_lines(&lines));
        assert_eq!(sink.said(), expected);
        assert_eq!(
            (sink.conversations[0].source_id.as_ref(), sink.skipped["scaffolding"]),
            (None, 1)
        );
        let folder = tempfile::tempdir().unwrap();
        let id = "0b3d0d5e-0000-4000-8000-000000000001";
        let inner = folder.path().join(id).join("subagents");
        std::fs::create_dir_all(&inner).unwrap();
        for place in [&folder.path().join(id), &inner] {
            std::fs::write(place.join(format!("{id}.jsonl")), json_lines(&lines)).unwrap();
        }
        let (result, sink) = read_path(folder.path(), &options());
        assert_eq!(result.unwrap().formats, ["cursor"]);
        let kept = format!("transcript/{id}");
        assert_eq!(sink.conversations[0].source_id.as_ref(), Some(&kept));
        assert_eq!(sink.said()[3..], ["assistant: Glaze it", expected[1], expected[2]]);
        // The same conversations in the database of the same folder.
        let database =
            DATABASE.replace(":a'", &format!(":{id}'")).replace(":a:", &format!(":{id}:"));
        build(&folder.path().join("state.vscdb"), &database);
        let (_, sink) = read_path(folder.path(), &options());
        assert_eq!(sink.conversations.len(), 3);
        assert_eq!(sink.skipped["transcript of a conversation that is in the database"], 2);
    }

    #[test]
    fn what_was_typed() {
        for (text, expected) in [
            ("plain", "plain"),
            ("<user_query>a</user_query><user_query>b", "a\n\nb"),
            ("<attached_files>x</attached_files>\nwords <b>", "words <b>"),
            ("<rules>cut off", ""),
        ] {
            assert_eq!(typed(text), expected);
        }
    }
}
