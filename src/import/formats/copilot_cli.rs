//! GitHub Copilot CLI: the log of a session, `~/.copilot/session-state/<id>/events.jsonl` (in older
//! versions `<id>.jsonl`), one event a line.
//!
//! Going back takes events out of the conversation but not out of the file: what was said in them
//! stands off the shown path. So does what sub-agents said.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{Layout, array_under, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::tree::Node;
use crate::import::reading::turns::{self, Branch, Branches, Calls, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;

/// The format `copilot_cli`.
pub(super) struct CopilotCli;

/// The file beside the log that names the session.
const ABOUT: &str = "workspace.yaml";

impl Importer for CopilotCli {
    fn format(&self) -> &'static str {
        "copilot_cli"
    }

    fn description(&self) -> &'static str {
        "GitHub Copilot CLI: session logs (~/.copilot/session-state/…/events.jsonl)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let known = ["session.start", "session.resume", "user.message", "assistant.message"];
        let is_event = |value: &Value| {
            text_under(value, "type").is_some_and(|kind| known.contains(&kind))
                && value.get("data").is_some_and(Value::is_object)
        };
        if sample.records().iter().any(is_event) { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let titles = titles(input, sink);
        input.each(sink, |source, sink| {
            let name = source.sample().name();
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            session(source, titles.get(&folder).cloned(), &folder, sink)
        })
    }
}

/// The titles of sessions, by their folders.
fn titles(input: &mut Input<'_>, sink: &mut dyn Sink) -> HashMap<String, String> {
    const LARGEST: usize = 1 << 20;
    let about = input.beside().filter_map(|(index, name)| {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        (file == ABOUT).then(|| (index, folder.to_owned()))
    });
    let about: Vec<_> = about.collect();
    let mut titles = HashMap::new();
    for (index, folder) in about {
        let Ok(mut source) = input.open(index) else { continue };
        let Ok(text) = source.whole_text(LARGEST, sink) else { continue };
        if let Some(title) = title_in(&text) {
            titles.insert(folder, title);
        }
    }
    titles
}

/// Returns the title that a description of a session gives, on the line of its key or below it.
fn title_in(text: &str) -> Option<String> {
    ["name:", "summary:"].iter().find_map(|key| {
        let mut lines = text.lines().skip_while(|line| !line.starts_with(key));
        let value = lines.next()?[key.len()..].trim();
        let value = match value {
            "|" | "|-" | ">" | ">-" => lines.next().unwrap_or_default().trim(),
            value => value,
        };
        let quote = |c: char| c == '"' || c == '\'';
        let value = value.trim_matches(quote).trim();
        (!value.is_empty() && value != "null").then(|| shorten(value))
    })
}

fn session(
    source: &mut Source<'_>,
    title: Option<String>,
    folder: &str,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let mut log = Log { branches: Branches::long(), title, ..Log::default() };
    let path = source.path().to_owned();
    let stem = source.stem().to_owned();
    source.each_record(Layout::Lines, Unit::Message, sink, |record, sink| {
        log.take(&record, sink);
        Ok(())
    })?;
    let named =
        if stem == "events" { folder.rsplit('/').next().unwrap_or_default() } else { &stem };
    let source_id = log.id.or_else(|| Some(named.to_owned()).filter(|id| !id.is_empty()));
    let mut turns = Turns::long();
    let current = log.path.last().map(String::as_str);
    log.branches.read(current, &mut turns, sink).map_err(|error| ImportError::io(&path, error))?;
    if turns.is_empty() {
        sink.skipped("session without messages", source_id.as_deref().unwrap_or_default());
        return Ok(());
    }
    let head = Conversation {
        source_id,
        title: log.title.or_else(|| turns.first_words()),
        started_at: log.started_at.or_else(|| turns.first_at()),
        turns: Vec::new(),
    };
    turns.send(head, sink)?;
    Ok(())
}

#[derive(Default)]
struct Log {
    id: Option<String>,
    title: Option<String>,
    started_at: Option<Timestamp>,
    branches: Branches,
    /// The messages that are shown so far.
    path: Vec<String>,
    /// How many of them there were when each event came.
    before: HashMap<String, usize>,
    calls: Calls,
    /// What was thought last: some versions write it by itself, and again with the message.
    thought: String,
    count: usize,
}

impl Log {
    fn take(&mut self, record: &Value, sink: &mut dyn Sink) {
        self.count += 1;
        let id = id_under(record, &["id"]).unwrap_or_else(|| format!("\u{0}{}", self.count));
        self.before.insert(id.clone(), self.path.len());
        let none = Value::Null;
        let data = record.get("data").unwrap_or(&none);
        let mut turns = Vec::new();
        let text = |key: &str| text_under(data, key).unwrap_or_default();
        match text_under(record, "type").unwrap_or_default() {
            "session.start" | "session.resume" => {
                self.id = self.id.take().or_else(|| id_under(data, &["sessionId"]));
                let begun = instant_under(data, &["startTime"]);
                self.started_at = self.started_at.or(begun);
            }
            "session.title_changed" => {
                self.title = text_under(data, "title").map(str::to_owned).or(self.title.take());
            }
            "session.snapshot_rewind" => {
                let to = id_under(data, &["upToEventId"]).and_then(|id| self.before.get(&id));
                match to {
                    Some(count) => self.path.truncate(*count),
                    None => sink.skipped("going back to something that is not there", &id),
                }
            }
            // What is put in the user's name, such as the text of a skill.
            "user.message" if text_under(data, "source").is_some_and(is_added) => {
                sink.skipped("scaffolding", &id);
            }
            "user.message" => {
                let said = turns::with_files(text("content").trim().to_owned(), &files(data));
                turns.push(NewTurn::message(Role::User, "user", said));
            }
            "system.message" => sink.skipped("scaffolding", &id),
            "assistant.reasoning" => {
                text("content").clone_into(&mut self.thought);
                turns.push(thought(text("content")));
            }
            "assistant.message" => {
                if text("reasoningText") != self.thought {
                    turns.push(thought(text("reasoningText")));
                }
                self.thought.clear();
                for call in array_under(data, "toolRequests") {
                    turns.push(self.call(call, "name"));
                }
                turns.push(NewTurn::message(Role::Assistant, "assistant", text("content").trim()));
            }
            "tool.execution_start" | "tool.user_requested" => {
                let known = id_under(data, &["toolCallId"]);
                if known.is_none_or(|call| self.calls.name(&call).is_none()) {
                    turns.push(self.call(data, "toolName"));
                }
            }
            "tool.execution_complete" => {
                let name = id_under(data, &["toolCallId"]);
                let name = name.and_then(|call| self.calls.name(&call)).unwrap_or("tool");
                let result = data.get("result").unwrap_or(&none);
                let given =
                    ["content", "detailedContent"].iter().find_map(|k| text_under(result, k));
                let given = given.or_else(|| result.as_str()).or_else(|| {
                    data.get("error")
                        .and_then(|error| text_under(error, "message").or(error.as_str()))
                });
                let given = folded(given.unwrap_or_default().to_owned());
                turns.push(NewTurn::message(Role::Tool, name, given).of_kind(Kind::Tool));
            }
            "session.compaction_complete" => {
                // A model's account of what stands above.
                turns.push(NewTurn::message(Role::Assistant, "summary", text("summaryContent")));
            }
            "session.error" => sink.skipped("error", &shorten(text("message"))),
            _ => {}
        }
        turns.retain(|turn| !turn.text.trim().is_empty());
        self.push(record, data, id, turns, sink);
    }

    fn call(&mut self, call: &Value, key: &str) -> NewTurn {
        let name = text_under(call, key).unwrap_or("tool");
        if let Some(id) = id_under(call, &["toolCallId"]) {
            self.calls.insert(&id, name);
        }
        let given = call.get("arguments").filter(|given| !given.is_null());
        let given =
            given.map(|given| given.as_str().map_or_else(|| given.to_string(), str::to_owned));
        let given = given.unwrap_or_else(|| format!("{name}()"));
        NewTurn::message(Role::Assistant, name, folded(given)).of_kind(Kind::Tool)
    }

    fn push(
        &mut self,
        record: &Value,
        data: &Value,
        id: String,
        mut turns: Vec<NewTurn>,
        sink: &dyn Sink,
    ) {
        if turns.is_empty() {
            return;
        }
        let is_agent = data.get("parentToolCallId").is_some_and(Value::is_string)
            || record.get("agentId").is_some_and(Value::is_string);
        let said_at = instant_under(record, &["timestamp"]);
        let last = turns.len() - 1;
        for (place, turn) in turns.iter_mut().enumerate() {
            turn.said_at = said_at;
            let known = record.get("id").is_some();
            let own = if place == last { id.clone() } else { format!("{id}#{place}") };
            turn.source_id = known.then_some(own);
            if is_agent && turn.kind == Kind::Message {
                (turn.role, turn.speaker) = (Role::Assistant, "sub-agent".to_owned());
            }
        }
        let parent = self.path.last().cloned();
        self.branches.push(Branch { node: Node { id: id.clone(), parent, said_at }, turns }, sink);
        if !is_agent {
            self.path.push(id);
        }
    }
}

fn thought(text: &str) -> NewTurn {
    let turn = NewTurn::message(Role::Assistant, "assistant", folded(text.to_owned()));
    turn.of_kind(Kind::Reasoning)
}

/// Whether a message comes from the program and not from the user.
fn is_added(source: &str) -> bool {
    ["skill", "system", "autopilot"].iter().any(|known| source.starts_with(known))
}

fn files(data: &Value) -> Vec<String> {
    let name = |file: &Value| {
        let name =
            ["displayName", "name", "path", "title"].iter().find_map(|k| text_under(file, k));
        let name = name.unwrap_or("unnamed");
        turns::file(name.rsplit(['/', '\\']).next().unwrap_or(name))
    };
    array_under(data, "attachments").iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::title_in;
    use crate::import::testing::{json_lines, options, read_as, read_path};
    use serde_json::{Value, json};

    fn event(id: &str, kind: &str, data: &Value) -> Value {
        json!({"type": kind, "data": data, "id": id, "timestamp": "2026-01-01T10:00:00Z", "parentId": null})
    }

    fn log() -> Vec<Value> {
        vec![
            event(
                "0",
                "session.start",
                &json!({"sessionId": "s", "startTime": "2026-01-01T09:59:00Z"}),
            ),
            event("1", "system.message", &json!({"content": "You are"})),
            event(
                "2",
                "user.message",
                &json!({"content": "Fire it", "transformedContent": "<x>Fire it",
                "attachments": [{"type": "file", "path": "/w/kiln.rs", "displayName": "kiln.rs"}]}),
            ),
            event("3", "assistant.reasoning", &json!({"content": "Hm"})),
            event(
                "4",
                "assistant.message",
                &json!({"content": "I look.", "reasoningText": "Hm",
                "toolRequests": [{"toolCallId": "t", "name": "bash", "arguments": {"command": "ls"}}]}),
            ),
            event(
                "5",
                "tool.execution_start",
                &json!({"toolCallId": "t", "toolName": "bash", "arguments": {"command": "ls"}}),
            ),
            event(
                "6",
                "assistant.message",
                &json!({"content": "Found it", "parentToolCallId": "t"}),
            ),
            event(
                "7",
                "tool.execution_complete",
                &json!({"toolCallId": "t", "success": true, "result": {"content": "kiln.rs"}}),
            ),
            event("8", "user.message", &json!({"content": "Wrong way"})),
            event("9", "assistant.message", &json!({"content": "Gone"})),
            event(
                "10",
                "session.snapshot_rewind",
                &json!({"upToEventId": "8", "eventsRemoved": 2}),
            ),
            event("11", "user.message", &json!({"content": "Skill text", "source": "skill-pdf"})),
            event("12", "assistant.message", &json!({"content": "Fired.", "toolRequests": []})),
            event("13", "session.shutdown", &json!({})),
        ]
    }

    #[test]
    fn a_session() {
        let sink = read_as("copilot_cli", &json_lines(&log()));
        let said: Vec<_> = sink.said();
        assert_eq!(
            said[..4],
            [
                "user: Fire it\n[file: kiln.rs]",
                "(reasoning) assistant: Hm",
                "(tool) bash: {\"command\":\"ls\"}",
                "assistant: I look.",
            ]
        );
        for (text, shown) in [
            ("Found it", false),
            ("kiln.rs", true),
            ("Wrong way", false),
            ("Gone", false),
            ("Fired.", true),
        ] {
            let turn = sink.conversations[0].turns.iter().find(|turn| turn.text == text).unwrap();
            assert_eq!(turn.on_active_path, shown, "{text}");
        }
        assert_eq!(said.len(), 9);
        let conversation = &sink.conversations[0];
        assert_eq!(conversation.source_id.as_deref(), Some("s"));
        assert_eq!(conversation.title.as_deref(), Some("Fire it"));
        assert_eq!(conversation.started_at.unwrap().to_string(), "2026-01-01T09:59:00Z");
        assert_eq!(sink.skipped["scaffolding"], 2);
    }

    #[test]
    fn the_title_stands_beside_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let session = folder.path().join("session-state/s");
        std::fs::create_dir_all(&session).unwrap();
        std::fs::write(session.join("events.jsonl"), json_lines(&log()[2..])).unwrap();
        std::fs::write(session.join("workspace.yaml"), "id: s\nsummary: |-\n  Fire the kiln\n")
            .unwrap();
        let (result, sink) = read_path(folder.path(), &options());
        assert_eq!(result.unwrap().formats, ["copilot_cli"]);
        let conversation = &sink.conversations[0];
        assert_eq!(conversation.source_id.as_deref(), Some("s"));
        assert_eq!(conversation.title.as_deref(), Some("Fire the kiln"));
        assert_eq!(title_in("name: \"A: b\"\n").as_deref(), Some("A: b"));
        assert_eq!(title_in("summary: null\n"), None);
    }
}
