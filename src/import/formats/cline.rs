//! Cline, Roo Code and their kin: what their panel shows of a task, `tasks/<id>/ui_messages.json`.
//!
//! It has times, and tells what the user typed from what the extension adds. What goes to the model
//! is in `api_conversation_history.json` beside it, which is read (as `openai_chat`) only where this
//! file is missing.

use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{self, Layout, array_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `cline`.
pub(super) struct Cline;

const FILE: &str = "ui_messages.json";
const REPEATED: &str = "api_conversation_history.json";

impl Importer for Cline {
    fn format(&self) -> &'static str {
        "cline"
    }

    fn description(&self) -> &'static str {
        "Cline, Roo Code, Kilo Code: the messages of a task (tasks/…/ui_messages.json)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let is_list = sample.document().is_some_and(Value::is_array);
        if is_list && sample.records().iter().any(is_message) {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn instead_of(&self, name: &str) -> Option<String> {
        let folder = name.strip_suffix(FILE)?;
        Some(format!("{folder}{REPEATED}"))
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, task)
    }
}

/// Whether a record is a message of the panel: its type is also the key of what kind it is.
fn is_message(value: &Value) -> bool {
    let kind = text_under(value, "type");
    value.get("ts").is_some_and(Value::is_number)
        && kind
            .is_some_and(|kind| matches!(kind, "say" | "ask") && text_under(value, kind).is_some())
}

fn task(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let id = id_of(source);
    let mut told = Told { turns: Turns::long(), asked: false };
    source.each_record(Layout::Document(None), Unit::Message, sink, |record, sink| {
        told.take(&record, sink);
        Ok(())
    })?;
    let turns = told.turns;
    if turns.is_empty() {
        sink.skipped("task without messages", id.as_deref().unwrap_or_default());
        return Ok(());
    }
    let head = Conversation {
        source_id: id,
        title: turns.first_words(),
        started_at: turns.first_at(),
        turns: Vec::new(),
    };
    turns.send(head, sink)?;
    Ok(())
}

/// Returns the id of a task, after which its folder is named.
fn id_of(source: &Source<'_>) -> Option<String> {
    let name = source.sample().name();
    let own = || {
        // A file that was given by itself.
        Some(source.path().parent()?.file_name()?.to_string_lossy().into_owned())
    };
    let folder = name
        .rsplit_once('/')
        .map_or_else(own, |(folder, _)| folder.rsplit('/').next().map(str::to_owned));
    let is_id = |folder: &String| {
        folder.len() >= 8 && folder.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    folder.filter(is_id)
}

struct Told {
    turns: Turns,
    /// Whether the task was given: it is the first text, and all others are the assistant's.
    asked: bool,
}

impl Told {
    fn take(&mut self, message: &Value, sink: &mut dyn Sink) {
        let kind = text_under(message, "type").unwrap_or_default();
        let what = text_under(message, kind).unwrap_or_default();
        let text = text_under(message, "text").unwrap_or_default();
        let said = |role: Role, text: String| NewTurn::message(role, role.as_str(), text);
        let fold = |role: Role, name: &str| {
            NewTurn::message(role, name, folded(text.to_owned())).of_kind(Kind::Tool)
        };
        if let Some(thought) = text_under(message, "reasoning") {
            self.push(message, "#reasoning", reasoning(thought), sink);
        }
        let turn = match what {
            "text" | "task" if !self.asked => {
                self.asked = true;
                said(Role::User, turns::with_files(text.trim().to_owned(), &files(message)))
            }
            "user_feedback" => {
                said(Role::User, turns::with_files(text.trim().to_owned(), &files(message)))
            }
            "text" | "task" => said(Role::Assistant, text.trim().to_owned()),
            // Said once by the model and once more as a question, which is empty then.
            "completion_result" => {
                let text = text.trim().trim_end_matches("HAS_CHANGES").trim();
                if text.is_empty() {
                    return;
                }
                said(Role::Assistant, text.to_owned())
            }
            "followup" | "plan_mode_respond" | "act_mode_respond" => {
                said(Role::Assistant, question(text))
            }
            "reasoning" => reasoning(text),
            "command"
            | "tool"
            | "use_mcp_server"
            | "browser_action"
            | "browser_action_launch"
            | "user_feedback_diff" => {
                let name = json::parse(text).ok();
                let name = name.as_ref().and_then(|call| {
                    ["tool", "toolName", "action"].iter().find_map(|key| text_under(call, key))
                });
                fold(Role::Assistant, name.unwrap_or(what))
            }
            "command_output"
            | "mcp_server_response"
            | "browser_action_result"
            | "codebase_search_result"
            | "subtask_result" => fold(Role::Tool, what),
            "error"
            | "api_req_failed"
            | "diff_error"
            | "mistake_limit_reached"
            | "clineignore_error"
            | "rooignore_error" => {
                sink.skipped("error", &shorten(text));
                return;
            }
            // What the panel shows of itself: requests, checkpoints, that a task goes on.
            _ => return,
        };
        if turn.text.trim().is_empty() {
            return;
        }
        self.push(message, "", turn, sink);
    }

    fn push(&mut self, message: &Value, mark: &str, mut turn: NewTurn, sink: &mut dyn Sink) {
        turn.said_at = instant_under(message, &["ts"]);
        let id = message.get("ts").filter(|ts| ts.is_number());
        turn.source_id = id.map(|id| format!("{id}{mark}"));
        self.turns.push(turn, sink);
    }
}

fn reasoning(text: &str) -> NewTurn {
    let turn = NewTurn::message(Role::Assistant, "assistant", folded(text.to_owned()));
    turn.of_kind(Kind::Reasoning)
}

/// Returns the words of a question, which newer versions write as an object with its choices.
fn question(text: &str) -> String {
    let object = json::parse(text).ok().filter(Value::is_object);
    let words = object.as_ref().and_then(|object| {
        ["question", "response", "text"].iter().find_map(|key| text_under(object, key))
    });
    words.unwrap_or(text).trim().to_owned()
}

fn files(message: &Value) -> Vec<String> {
    let pictures = array_under(message, "images").iter().map(|_| "[picture]".to_owned());
    let files = array_under(message, "files")
        .iter()
        .filter_map(Value::as_str)
        .map(|path| turns::file(path.rsplit(['/', '\\']).next().unwrap_or(path)));
    pictures.chain(files).collect()
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{options, read_as, read_path};
    use serde_json::{Value, json};

    fn say(second: i64, what: &str, text: &str) -> Value {
        json!({"ts": 1_767_225_600_000_i64 + second * 1000, "type": "say", "say": what, "text": text})
    }

    fn ask(second: i64, what: &str, text: &str) -> Value {
        json!({"ts": 1_767_225_600_000_i64 + second * 1000, "type": "ask", "ask": what, "text": text})
    }

    fn messages() -> Value {
        let mut first = say(0, "text", "Fire it");
        first["images"] = json!(["data:"]);
        json!([
            first,
            say(1, "api_req_started", "{\"request\": \"x\"}"),
            say(2, "reasoning", "Hm"),
            say(3, "text", "I look."),
            ask(4, "tool", "{\"tool\": \"readFile\", \"path\": \"kiln.rs\"}"),
            ask(5, "command", "ls"),
            say(6, "command_output", "kiln.rs"),
            ask(7, "followup", "{\"question\": \"How hot?\", \"options\": [\"900\"]}"),
            say(8, "user_feedback", "Cone 6"),
            say(9, "error", "lost"),
            say(10, "completion_result", "Fired.HAS_CHANGES"),
            ask(11, "completion_result", ""),
            ask(12, "resume_task", ""),
        ])
    }

    const SAID: [&str; 9] = [
        "user: Fire it\n[picture]",
        "(reasoning) assistant: Hm",
        "assistant: I look.",
        "(tool) readFile: {\"tool\": \"readFile\", \"path\": \"kiln.rs\"}",
        "(tool) command: ls",
        "(tool) command_output: kiln.rs",
        "assistant: How hot?",
        "user: Cone 6",
        "assistant: Fired.",
    ];

    #[test]
    fn messages_of_every_kind() {
        let sink = read_as("cline", &messages().to_string());
        assert_eq!(sink.said(), SAID);
        let conversation = &sink.conversations[0];
        assert_eq!(conversation.title.as_deref(), Some("Fire it"));
        assert_eq!(conversation.turns[8].said_at.unwrap().to_string(), "2026-01-01T00:00:10Z");
        assert_eq!(sink.skipped["error"], 1);
    }

    #[test]
    fn it_counts_where_the_history_stands_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let api = json!([{"role": "user", "content": [{"type": "text", "text": "<task>\nFire it\n</task>"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Fired."}]}]);
        for (task, has_panel) in [("1767225600000", true), ("1767225600001", false)] {
            let folder = folder.path().join("tasks").join(task);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(super::REPEATED), api.to_string()).unwrap();
            if has_panel {
                std::fs::write(folder.join(super::FILE), messages().to_string()).unwrap();
            }
        }
        let (result, sink) = read_path(folder.path(), &options());
        let mut formats = result.unwrap().formats;
        formats.sort_unstable();
        assert_eq!(formats, ["cline", "openai_chat"]);
        let mut ids: Vec<_> = sink.conversations.iter().map(|c| c.source_id.as_deref()).collect();
        ids.sort_unstable();
        assert_eq!(ids, [Some("1767225600000"), Some("1767225600001")]);
        let history = folder.path().join("tasks/1767225600000").join(super::REPEATED);
        assert!(crate::import::is_repeated(&history));
        let history = folder.path().join("tasks/1767225600001").join(super::REPEATED);
        assert!(!crate::import::is_repeated(&history));
        // Who names the file by itself gets it read.
        let alone = folder.path().join("tasks/1767225600000").join(super::FILE);
        let (_, sink) = read_path(&alone, &options());
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("1767225600000"));
    }
}
