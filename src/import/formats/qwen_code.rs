//! Qwen Code: a log per session, `~/.qwen/projects/<project>/chats/<session>.jsonl`.
//!
//! Records are linked by `parentUuid` into a tree, and hold what the API was given: a role and
//! parts. What the program adds for itself are records `system`.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{array_under, flag, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::tree::Node;
use crate::import::reading::turns::{Branch, Branches, Calls, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `qwen_code`.
pub(super) struct QwenCode;

impl Importer for QwenCode {
    fn format(&self) -> &'static str {
        "qwen_code"
    }

    fn description(&self) -> &'static str {
        "Qwen Code: session logs (~/.qwen/projects/…/chats/*.jsonl)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_message) { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, session)
    }
}

fn is_message(value: &Value) -> bool {
    let parts = value.get("message").is_some_and(|m| m.get("parts").is_some_and(Value::is_array));
    let kind = text_under(value, "type");
    parts
        && value.get("uuid").is_some()
        && value.get("sessionId").is_some()
        && matches!(kind, Some("user" | "assistant" | "tool_result"))
}

fn session(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let layout = source.sample().layout(is_message);
    let mut log = Log { branches: Branches::long(), ..Log::default() };
    source.each_record(layout, Unit::Message, sink, |record, sink| {
        log.take(&record, sink);
        Ok(())
    })?;
    let Log { branches, id, title, started_at, last, .. } = log;
    let mut turns = Turns::long();
    branches
        .read(last.as_deref(), &mut turns, sink)
        .map_err(|error| ImportError::io(source.path(), error))?;
    let id = id.or_else(|| Some(source.stem().to_owned()));
    if turns.is_empty() {
        sink.skipped("session without messages", id.as_deref().unwrap_or_default());
        return Ok(());
    }
    let title = title.map(|(_, title)| title).or_else(|| turns.first_words());
    Ok(turns.send(Conversation { source_id: id, title, started_at, turns: Vec::new() }, sink)?)
}

#[derive(Default)]
struct Log {
    branches: Branches,
    tools: Calls,
    id: Option<String>,
    /// One that the user gave stands above one that was made up.
    title: Option<(bool, String)>,
    started_at: Option<Timestamp>,
    last: Option<String>,
}

impl Log {
    fn take(&mut self, record: &Value, sink: &mut dyn Sink) {
        self.id = self.id.take().or_else(|| id_under(record, &["sessionId"]));
        let said_at = instant_under(record, &["timestamp"]);
        self.started_at = self.started_at.or(said_at);
        let id = id_under(record, &["uuid"]);
        if let Some(id) = id.as_deref().filter(|id| self.branches.holds(id)) {
            sink.skipped("repeated record", id);
            return;
        }
        let payload = record.get("systemPayload").unwrap_or(&Value::Null);
        if let Some(title) = text_under(payload, "customTitle") {
            let given = text_under(payload, "titleSource") != Some("auto");
            if self.title.as_ref().is_none_or(|(known, _)| given || !known) {
                self.title = Some((given, shorten(title)));
            }
        }
        let side = flag(record, "isSidechain");
        let turns = self.turns_of(record, side, sink);
        let place = self.branches.len();
        let node_id = id.clone().unwrap_or_else(|| format!("\u{0}{place}"));
        let last = turns.len().saturating_sub(1);
        let named = turns.into_iter().enumerate().map(|(place, mut turn)| {
            turn.said_at = said_at;
            turn.source_id = id
                .as_ref()
                .map(|id| if place == last { id.clone() } else { format!("{id}#{place}") });
            turn
        });
        let turns = named.collect();
        // Where nothing is named, a record follows the one before.
        let parent = id_under(record, &["parentUuid"])
            .or_else(|| self.last.clone().filter(|_| record.get("parentUuid").is_none()));
        if !side {
            self.last = Some(node_id.clone());
        }
        self.branches.push(Branch { node: Node { id: node_id, parent, said_at }, turns }, sink);
    }

    /// The turns of a record, folded ones first.
    fn turns_of(&mut self, record: &Value, side: bool, sink: &mut dyn Sink) -> Vec<NewTurn> {
        let id = text_under(record, "uuid").unwrap_or_default();
        let kind = text_under(record, "type").unwrap_or_default();
        let role = match kind {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool_result" => Role::Tool,
            _ => {
                let what = text_under(record, "subtype").unwrap_or(kind);
                sink.skipped("record about the session", what);
                return Vec::new();
            }
        };
        let subtype = text_under(record, "subtype");
        let own = subtype.is_some_and(|subtype| subtype != "mid_turn_user_message")
            || matches!(
                text_under(record, "provenance"),
                Some("goal_control" | "goal_runtime" | "system")
            );
        if role == Role::User && own {
            sink.skipped("scaffolding", id);
            return Vec::new();
        }
        let mut turns = Vec::new();
        let mut said: Vec<&str> = Vec::new();
        for part in array_under(record.get("message").unwrap_or(&Value::Null), "parts") {
            if let Some(turn) = self.folded_part(part) {
                turns.push(turn);
            } else if let Some(text) = text_under(part, "text") {
                said.push(text);
            } else if part.get("inlineData").is_some() || part.get("fileData").is_some() {
                said.push("[file]");
            }
        }
        // What was typed, where files were put into what the model got.
        let typed =
            record.get("systemPayload").and_then(|payload| text_under(payload, "displayText"));
        let text = match typed.filter(|_| role == Role::User) {
            Some(typed) => typed.to_owned(),
            None => said.join("\n\n"),
        };
        let text = text.trim();
        if !text.is_empty() {
            let (role, speaker) = match (role, side) {
                // A sub-agent is asked by the assistant.
                (Role::User, true) => (Role::Assistant, "assistant"),
                (Role::Assistant, true) => (Role::Assistant, "sub-agent"),
                (role, _) => (role, role.as_str()),
            };
            let kind = if role == Role::Tool { Kind::Tool } else { Kind::Message };
            turns.push(NewTurn::message(role, speaker, text).of_kind(kind));
        } else if turns.is_empty() {
            sink.skipped("empty message", id);
        }
        turns
    }

    /// The turn of a part that is a thought, a call of a tool or what one gave back.
    fn folded_part(&mut self, part: &Value) -> Option<NewTurn> {
        if flag(part, "thought") {
            let text = text_under(part, "text")?.to_owned();
            let turn = NewTurn::message(Role::Assistant, "assistant", folded(text));
            return Some(turn.of_kind(Kind::Reasoning));
        }
        if let Some(call) = part.get("functionCall") {
            let name = text_under(call, "name").unwrap_or("tool");
            if let Some(id) = text_under(call, "id") {
                self.tools.insert(id, name);
            }
            let given = call.get("args").map_or_else(|| format!("{name}()"), ToString::to_string);
            let turn = NewTurn::message(Role::Assistant, name, folded(given));
            return Some(turn.of_kind(Kind::Tool));
        }
        let result = part.get("functionResponse")?;
        let name = text_under(result, "name")
            .or_else(|| text_under(result, "id").and_then(|id| self.tools.name(id)))
            .unwrap_or("tool");
        let response = result.get("response").unwrap_or(&Value::Null);
        let given = ["output", "error"].iter().find_map(|key| text_under(response, key));
        let given = given.map_or_else(|| response.to_string(), str::to_owned);
        let turn = NewTurn::message(Role::Tool, name, folded(given));
        Some(turn.of_kind(Kind::Tool))
    }
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{json_lines, read_as};
    use serde_json::{Value, json};

    fn record(id: &str, parent: Option<&str>, kind: &str, parts: &Value) -> Value {
        let role = if kind == "assistant" { "model" } else { "user" };
        json!({"uuid": id, "parentUuid": parent, "sessionId": "s", "type": kind, "cwd": "/p", "version": "0.9",
            "timestamp": "2025-12-01T10:00:00.000Z", "message": {"role": role, "parts": parts}})
    }

    #[test]
    fn prompts_answers_tools_and_thoughts() {
        let mut typed =
            record("a", None, "user", &json!([{"text": "Read @x.txt"}, {"text": "content of x"}]));
        typed["systemPayload"] = json!({"displayText": "Read @x.txt", "hookContext": ""});
        let mut notice = record("n", Some("d"), "user", &json!([{"text": "A task has ended"}]));
        notice["subtype"] = json!("notification");
        let sink = read_as(
            "qwen_code",
            &json_lines(&[
                typed,
                record(
                    "b",
                    Some("a"),
                    "assistant",
                    &json!([{"text": "I look", "thought": true}, {"text": "I read it."},
                    {"functionCall": {"id": "c1", "name": "read_file", "args": {"path": "x.txt"}}}]),
                ),
                record(
                    "c",
                    Some("b"),
                    "tool_result",
                    &json!([{"functionResponse": {"id": "c1", "response": {"output": "words"}}}]),
                ),
                record("d", Some("c"), "assistant", &json!([{"text": "It says words."}])),
                notice,
                json!({"uuid": "t", "parentUuid": "n", "sessionId": "s", "type": "system", "subtype": "custom_title",
                    "systemPayload": {"customTitle": "The file", "titleSource": "manual"}}),
            ]),
        );
        assert_eq!(
            sink.said(),
            [
                "user: Read @x.txt",
                "(reasoning) assistant: I look",
                "(tool) read_file: {\"path\":\"x.txt\"}",
                "assistant: I read it.",
                "(tool) read_file: words",
                "assistant: It says words."
            ]
        );
        let conversation = &sink.conversations[0];
        assert_eq!(conversation.source_id.as_deref(), Some("s"));
        assert_eq!(conversation.title.as_deref(), Some("The file"));
        assert_eq!((sink.skipped["scaffolding"], sink.skipped["record about the session"]), (1, 1));
    }

    #[test]
    fn what_was_taken_back_is_a_branch() {
        let text = |text: &str| json!([{"text": text}]);
        let sink = read_as(
            "qwen_code",
            &json_lines(&[
                record("a", None, "user", &text("Hi")),
                record("b", Some("a"), "assistant", &text("Ho")),
                record("c", Some("b"), "user", &text("Wrong")),
                json!({"uuid": "r", "parentUuid": "b", "sessionId": "s", "type": "system", "subtype": "rewind"}),
                record("d", Some("r"), "user", &text("Right")),
            ]),
        );
        let turns = &sink.conversations[0].turns;
        let shown: Vec<(&str, bool)> =
            turns.iter().map(|turn| (turn.text.as_str(), turn.on_active_path)).collect();
        assert_eq!(shown, [("Hi", true), ("Ho", true), ("Wrong", false), ("Right", true)]);
    }
}
