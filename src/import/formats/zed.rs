//! Zed: the threads of its agent, `threads/threads.db` in the editor's data folder.
//!
//! A row is a thread: a JSON document, or the same compressed. Newer versions write a message as
//! `{"User": …}` or `{"Agent": …}`, with what its tools gave back beside its content; older ones as
//! a role and segments. Only the thread has times, no message has.
//!
//! Text threads (`conversations/*.zed.json`) are one text, and a list of where messages begin in it.

use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::database::{Cell, Database, Row, Select};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{self, Layout, array_under, id_under, text_under};
use crate::import::reading::time::{instant, instant_under};
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::io::Read as _;

/// The format `zed`.
pub(super) struct Zed;

const TABLE: &str = "threads";
/// A thread may be this large when it is unpacked.
const LARGEST: u64 = 96 << 20;

impl Importer for Zed {
    fn format(&self) -> &'static str {
        "zed"
    }

    fn description(&self) -> &'static str {
        "Zed: the threads of its agent (threads.db), and text threads (*.zed.json)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.has_table(TABLE, &["id", "summary", "data_type", "data"]) {
            return Confidence::Certain;
        }
        if sample.document().is_some_and(is_text_thread) {
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
        input.each_of_either(sink, read_database, |source, sink| {
            source.each_record(Layout::Whole, Unit::Conversation, sink, |value, sink| {
                text_thread(&value, sink)
            })
        })
    }
}

fn is_text_thread(value: &Value) -> bool {
    text_under(value, "zed") == Some("context") && value.get("text").is_some_and(Value::is_string)
}

fn text_thread(value: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let title = text_under(value, "summary").map(str::to_owned);
    let text = value.get("text").and_then(Value::as_str).unwrap_or_default();
    let list = array_under(value, "messages");
    let start = |message: &Value| {
        message.get("start").and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok())
    };
    let mut turns = Turns::long();
    for (place, message) in list.iter().enumerate() {
        let key = message.get("id").unwrap_or(&Value::Null);
        let id = id_under(message, &["id"]).or_else(|| id_under(key, &["value"]));
        // First versions keep what is known of messages apart from where they are.
        let apart = || value.get("message_metadata")?.get(id.as_deref()?);
        let about = message.get("metadata").or_else(apart).unwrap_or(message);
        let begin = start(message).unwrap_or(usize::MAX);
        let end = list.get(place + 1).map_or(Some(text.len()), start).unwrap_or(text.len());
        let Some(said) = text.get(begin..end) else {
            sink.skipped("message that begins outside of the text", id.as_deref().unwrap_or(""));
            continue;
        };
        let Some((role, kind)) = text_under(about, "role").and_then(turns::role) else {
            sink.skipped("message without a known role", &shorten(said));
            continue;
        };
        // The last is what was being typed.
        if !said.trim().is_empty() {
            let mut turn = NewTurn::message(role, role.as_str(), said.trim()).of_kind(kind);
            turn.source_id = id;
            turns.push(turn.at(instant_under(about, &["sent_at"])), sink);
        }
    }
    if turns.is_empty() {
        sink.skipped("thread without messages", &shorten(title.as_deref().unwrap_or_default()));
        return Ok(());
    }
    let head = Conversation {
        source_id: id_under(value, &["id"]),
        title: title.or_else(|| turns.first_words()),
        started_at: turns.first_at(),
        turns: Vec::new(),
    };
    turns.send(head, sink)?;
    Ok(())
}

fn read_database(database: &Database, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let select = Select {
        table: TABLE,
        columns: &["id", "summary", "updated_at", "data", "parent_id", "created_at"],
        order: &["updated_at", "id"],
        ..Select::default()
    };
    database.each_row(&select, |row| {
        let name = row.text(1).or_else(|| row.text(0)).unwrap_or_default();
        match document(&row) {
            Ok(document) => thread(&row, &document, sink),
            Err(reason) => {
                sink.failed(reason, &shorten(name));
                Ok(())
            }
        }
    })
}

/// Returns the document of a row. What it is tells its beginning, whatever its column says.
fn document(row: &Row) -> Result<Value, &'static str> {
    const ZSTD: &[u8] = b"\x28\xB5\x2F\xFD";
    let bytes = match row.cell(3) {
        Cell::Blob(bytes) => bytes.as_slice(),
        Cell::Text(text) => text.as_bytes(),
        _ => return Err("thread without its content"),
    };
    let mut unpacked = Vec::new();
    let bytes = if bytes.starts_with(ZSTD) {
        zstd::Decoder::new(bytes)
            .and_then(|reader| reader.take(LARGEST + 1).read_to_end(&mut unpacked))
            .map_err(|_| "thread that cannot be unpacked")?;
        unpacked.as_slice()
    } else {
        bytes
    };
    if bytes.len() as u64 > LARGEST {
        return Err("record is too long");
    }
    json::parse(&String::from_utf8_lossy(bytes)).map_err(|_| "thread that is not valid JSON")
}

fn thread(row: &Row, document: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut told = Told { is_agent: row.id(4).is_some(), ..Told::default() };
    for message in array_under(document, "messages") {
        told.take(message, sink);
    }
    let turns = told.turns;
    let title = row
        .text(1)
        .or_else(|| ["title", "summary"].iter().find_map(|key| text_under(document, key)));
    if turns.is_empty() {
        sink.skipped("thread without messages", &shorten(title.unwrap_or_default()));
        return Ok(());
    }
    let started_at = [5, 2].iter().find_map(|at| instant(&row.moment(*at)));
    let head = Conversation {
        source_id: row.id(0),
        title: title.map(str::to_owned).or_else(|| turns.first_words()),
        started_at: started_at.or_else(|| instant_under(document, &["updated_at"])),
        turns: Vec::new(),
    };
    turns.send(head, sink)?;
    Ok(())
}

struct Told {
    turns: Turns,
    /// Whether an agent began the thread: what is asked in it, an agent asks.
    is_agent: bool,
    /// The user's message that was last, and how many turns came since: answers have no ids.
    asked: Option<String>,
    since: usize,
}

impl Default for Told {
    fn default() -> Self {
        Self { turns: Turns::long(), is_agent: false, asked: None, since: 0 }
    }
}

impl Told {
    fn take(&mut self, message: &Value, sink: &mut dyn Sink) {
        if let Some(said) = message.get("User") {
            self.asked = id_under(said, &["id"]);
            self.since = 0;
            let text = array_under(said, "content").iter().map(part).collect::<String>();
            let id = self.asked.clone();
            self.push(NewTurn::message(Role::User, "user", text.trim()), id, sink);
        } else if let Some(said) = message.get("Agent") {
            self.answer(said, sink);
        } else if let Some((role, _)) = text_under(message, "role").and_then(turns::role) {
            self.segments(role, message, sink);
        } else if message.is_object() {
            sink.skipped("message of an unknown kind", &shorten(&message.to_string()));
        }
    }

    /// Takes a turn, with an id where one is known.
    fn push(&mut self, mut turn: NewTurn, id: Option<String>, sink: &mut dyn Sink) {
        if turn.text.trim().is_empty() {
            return;
        }
        if self.is_agent && turn.role == Role::User {
            (turn.role, turn.speaker) = (Role::Assistant, "assistant".to_owned());
        }
        self.since += 1;
        let made = || Some(format!("{}/{}", self.asked.as_ref()?, self.since));
        turn.source_id = id.or_else(made);
        self.turns.push(turn, sink);
    }

    fn answer(&mut self, said: &Value, sink: &mut dyn Sink) {
        let mut words: Vec<String> = Vec::new();
        for one in array_under(said, "content") {
            if let Some(thought) = one.get("Thinking") {
                let thought = text_under(thought, "text").unwrap_or_default();
                self.fold(Role::Assistant, Kind::Reasoning, "assistant", thought, sink);
            } else if let Some(call) = one.get("ToolUse") {
                let name = text_under(call, "name").unwrap_or("tool");
                self.call(name, call, sink);
                let results = said.get("tool_results").unwrap_or(&Value::Null);
                if let Some(result) = id_under(call, &["id"]).and_then(|id| results.get(&id)) {
                    self.fold(Role::Tool, Kind::Tool, name, &given(result), sink);
                }
            } else {
                words.push(part(one));
            }
        }
        self.said(Role::Assistant, &words, None, sink);
    }

    /// A message as older versions write it.
    fn segments(&mut self, role: Role, message: &Value, sink: &mut dyn Sink) {
        let id = id_under(message, &["id"]);
        let mut words = Vec::new();
        if let Some(text) = text_under(message, "text") {
            words.push(text.to_owned());
        }
        for segment in array_under(message, "segments") {
            let text = text_under(segment, "text").unwrap_or_default();
            match text_under(segment, "type") {
                Some("thinking") => {
                    self.fold(Role::Assistant, Kind::Reasoning, "assistant", text, sink);
                }
                _ => words.push(text.to_owned()),
            }
        }
        // What a tool gave back stands with the message after the call.
        for result in array_under(message, "tool_results") {
            let name = text_under(result, "tool_name").unwrap_or("tool");
            self.fold(Role::Tool, Kind::Tool, name, &given(result), sink);
        }
        for call in array_under(message, "tool_uses") {
            self.call(text_under(call, "name").unwrap_or("tool"), call, sink);
        }
        self.said(role, &words, id, sink);
    }

    fn said(&mut self, role: Role, words: &[String], id: Option<String>, sink: &mut dyn Sink) {
        let words = words.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        let text = words.collect::<Vec<_>>().join("\n\n");
        self.push(NewTurn::message(role, role.as_str(), text), id, sink);
    }

    fn fold(&mut self, role: Role, kind: Kind, speaker: &str, text: &str, sink: &mut dyn Sink) {
        let turn = NewTurn::message(role, speaker, folded(text.to_owned())).of_kind(kind);
        self.push(turn, None, sink);
    }

    fn call(&mut self, name: &str, call: &Value, sink: &mut dyn Sink) {
        let input = call.get("input").filter(|input| !input.is_null());
        let input = input.map(Value::to_string);
        let input = input.or_else(|| text_under(call, "raw_input").map(str::to_owned));
        let input = input.unwrap_or_else(|| format!("{name}()"));
        self.fold(Role::Assistant, Kind::Tool, name, &input, sink);
    }
}

/// Returns what a tool gave back.
fn given(result: &Value) -> String {
    let content = result.get("content").unwrap_or(&Value::Null);
    let text = |one: &Value| {
        let text =
            one.as_str().or_else(|| text_under(one, "Text")).or_else(|| text_under(one, "text"));
        text.map(str::to_owned)
    };
    let all = |list: &Vec<Value>| list.iter().filter_map(text).collect::<Vec<_>>().join("\n");
    text(content).or_else(|| content.as_array().map(all)).unwrap_or_default()
}

/// Returns the words of a piece of content: text, or the name of what was mentioned in it.
fn part(content: &Value) -> String {
    if let Some(text) = content.get("Text").and_then(Value::as_str) {
        return text.to_owned();
    }
    if content.get("Image").is_some() {
        return "\n[picture]".to_owned();
    }
    let Some(uri) = content.get("Mention").and_then(|mention| mention.get("uri")) else {
        return String::new();
    };
    let about = uri.as_object().and_then(|uri| uri.values().next()).unwrap_or(uri);
    let name = ["name", "abs_path", "path", "url"].iter().find_map(|key| text_under(about, key));
    let name = name.or_else(|| about.as_str()).unwrap_or("mention");
    format!("@{}", name.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::Zed;
    use crate::import::testing::{read_as, read_database};
    use crate::import::{Confidence, Importer as _, Sample};
    use serde_json::json;

    const TABLE: &str = include_str!("../../../tests/fixtures/import/zed.sql");

    #[test]
    fn messages_of_both_ages() {
        let sink = read_database("zed", TABLE);
        assert_eq!(
            sink.said(),
            [
                "user: Look at @kiln.rs\n[picture]",
                "(reasoning) assistant: Hm",
                "(tool) read: {\"p\":1}",
                "(tool) read: fire",
                "assistant: I look.\n\nSeen.",
                "user: Old?",
                "(reasoning) assistant: Hm",
                "(tool) ls: {}",
                "assistant: Old.",
                "(tool) tool: a",
            ]
        );
        let ids: Vec<_> = sink.messages().map(|turn| turn.source_id.as_deref()).collect();
        assert_eq!(ids, [Some("u"), Some("u/5"), Some("1"), Some("2")]);
        assert_eq!(sink.failed["thread that cannot be unpacked"], 1);
        assert_eq!(sink.skipped["thread without messages"], 1);
        assert_eq!(sink.skipped["message of an unknown kind"], 1);
        assert_eq!(sink.conversations[0].started_at.unwrap().to_string(), "2026-01-01T10:00:00Z");
    }

    #[test]
    fn text_threads() {
        let text = "Wie heiß?\nNeunhundert.\n";
        let of = |place: usize, role: &str| json!({"role": role, "status": "done", "n": place});
        let newer = json!({"id": "c", "zed": "context", "version": "0.4.0", "text": text, "summary": "Ofen",
            "messages": [{"id": {"replica_id": 0, "value": 0}, "start": 0, "metadata": of(0, "user")},
                {"id": {"replica_id": 0, "value": 1}, "start": 11, "metadata": of(1, "assistant")},
                {"id": {"replica_id": 0, "value": 2}, "start": 24, "metadata": of(2, "user")},
                {"id": {"replica_id": 0, "value": 3}, "start": 99, "metadata": of(3, "user")}]});
        let first = json!({"zed": "context", "version": "0.1.0", "text": text, "summary": "",
            "messages": [{"id": 0, "start": 0}, {"id": 1, "start": 11}],
            "message_metadata": {"0": of(0, "user"), "1": of(1, "assistant")}});
        for (document, title) in [(newer, "Ofen"), (first, "Wie heiß?")] {
            let sink = read_as("zed", &document.to_string());
            assert_eq!(sink.said(), ["user: Wie heiß?", "assistant: Neunhundert."]);
            assert_eq!(sink.conversations[0].title.as_deref(), Some(title));
        }
    }

    #[test]
    fn only_its_table_counts() {
        let other = Sample::new("threads.db", b"SQLite format 3\0".to_vec(), true);
        assert_eq!(Zed.recognise(&other), Confidence::No);
    }
}
