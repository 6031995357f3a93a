//! Claude Code: a log per session, `~/.claude/projects/<project>/<session>.jsonl`, and the logs of
//! its sub-agents beside it; also the one document `{"loglines": […]}` of its web variant, and what
//! `claude -p --output-format stream-json` prints.
//!
//! Records are linked by `parentUuid` into a tree: rewinding makes a branch. Compacting begins a new
//! root, which `logicalParentUuid` ties to what came before. What a sub-agent was told and said
//! (`isSidechain`) stands off the shown path; in a file of its own it is a conversation of its own.

mod said;

use crate::conversation::{Conversation, NewTurn, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{flag, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::tree::Node;
use crate::import::reading::turns::{Branch, Branches, Calls, Turns};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::path::Path;

const WANTED: &str = "the folder ~/.claude/projects, or a session file of it";

/// The format `claude_code`.
pub(super) struct ClaudeCode;

impl Importer for ClaudeCode {
    fn format(&self) -> &'static str {
        "claude_code"
    }

    fn description(&self) -> &'static str {
        "Claude Code: session logs (~/.claude/projects), also of the web variant and of sub-agents"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_message) {
            return Confidence::Certain;
        }
        if sample.any(|v| v.get("display").is_some() && v.get("pastedContents").is_some()) {
            return Confidence::Beside(WANTED);
        }
        if sample.any(is_record) { Confidence::Likely } else { Confidence::No }
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

/// Returns whether this is a record that holds what somebody said.
fn is_message(value: &Value) -> bool {
    let kind = text_under(value, "type").unwrap_or_default();
    let about = ["uuid", "parentUuid", "sessionId", "session_id", "isSidechain", "cwd", "userType"];
    let message = value.get("message").unwrap_or(&Value::Null);
    let content = message.get("content");
    let has_content = content.is_some_and(|content| content.is_string() || content.is_array());
    has_content
        && match kind {
            "user" | "assistant" => {
                about.iter().any(|key| value.get(key).is_some()) || value.get("timestamp").is_some()
            }
            // Its first versions.
            "message" => value.get("uuid").is_some() && value.get("sessionId").is_some(),
            _ => false,
        }
}

/// Returns whether this is any record of such a log.
fn is_record(value: &Value) -> bool {
    let has = |keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());
    let kind = text_under(value, "type").unwrap_or_default();
    match kind {
        "summary" => has(&["leafUuid", "summary"]),
        "file-history-snapshot" => has(&["snapshot", "messageId"]),
        "queue-operation" | "ai-title" | "custom-title" | "last-prompt" | "permission-mode"
        | "progress" | "attachment" => has(&["sessionId"]),
        "system" => has(&["subtype"]) && (has(&["sessionId"]) || has(&["session_id"])),
        _ => kind.is_empty() && has(&["sessionId", "message", "timestamp"]),
    }
}

/// Reads a file: one session, or one sub-agent's part of it.
fn session(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let layout = source.sample().layout(|value| is_message(value) || is_record(value));
    let stem = source.stem().to_owned();
    let mut log = Log { branches: Branches::long(), ..Log::default() };
    source.each_record(layout, Unit::Message, sink, |record, sink| {
        log.take(&record, sink);
        Ok(())
    })?;
    log.finish(&stem, sink)
}

/// A session as far as it was read.
#[derive(Default)]
struct Log {
    branches: Branches,
    tools: Calls,
    /// How often each session is named, in the order of their first record.
    sessions: Vec<(String, usize)>,
    agent: Option<String>,
    only_agents: bool,
    said_by_main: bool,
    /// The last record of the main line.
    last: Option<String>,
    title: Option<(u8, String)>,
    summaries: Vec<(Option<String>, String)>,
    started_at: Option<Timestamp>,
}

impl Log {
    fn take(&mut self, record: &Value, sink: &mut dyn Sink) {
        let kind = text_under(record, "type").unwrap_or_default();
        if let Some(id) = id_under(record, &["sessionId", "session_id"]) {
            match self.sessions.iter_mut().find(|(known, _)| *known == id) {
                Some((_, count)) => *count += 1,
                None => self.sessions.push((id, 1)),
            }
        }
        self.take_title(kind, record);
        let side = flag(record, "isSidechain")
            || record.get("parent_tool_use_id").is_some_and(Value::is_string);
        if side && self.agent.is_none() {
            self.agent = text_under(record, "agentId").map(str::to_owned);
        }
        let said_at = instant_under(record, &["timestamp"]);
        self.started_at = self.started_at.or(said_at);
        let id = id_under(record, &["uuid"]);
        let parent = self.parent(record, side);
        let said = said::turns_of(kind, record, side, &mut self.tools, sink);
        let is_message = !said.is_empty();
        let turns = said.into_iter().enumerate().map(|(place, (last, mut turn))| {
            turn.said_at = said_at;
            turn.source_id =
                id.as_ref().map(|id| if last { id.clone() } else { format!("{id}#{place}") });
            turn
        });
        let turns: Vec<NewTurn> = turns.collect();
        let node_id = match &id {
            Some(id) if !self.branches.holds(id) => id.clone(),
            // The same record again: resuming copied it, or only this one has the words.
            Some(id) => {
                if is_message && self.branches.replace(id, turns, sink) {
                    self.told_by(side);
                } else if is_message {
                    sink.skipped("repeated record", id);
                }
                return;
            }
            None if turns.is_empty() => return,
            None => format!("\u{0}{}", self.branches.len()),
        };
        if is_message {
            self.told_by(side);
        }
        if !side && (is_message || kind == "user" || kind == "assistant") {
            self.last = Some(node_id.clone());
        }
        let node = Node { id: node_id, parent, said_at };
        self.branches.push(Branch { node, turns }, sink);
    }

    /// Takes down whether the main line or a sub-agent says something.
    fn told_by(&mut self, side: bool) {
        self.only_agents = side && (self.only_agents || !self.said_by_main);
        self.said_by_main |= !side;
    }

    /// Returns what a record follows: what it names, or, where that stands in another file or is
    /// not named, what came last on the main line.
    fn parent(&self, record: &Value, side: bool) -> Option<String> {
        let named = ["parentUuid", "logicalParentUuid"]
            .iter()
            .find_map(|key| id_under(record, &[key]).filter(|id| self.branches.holds(id)));
        named.or_else(|| self.last.clone().filter(|_| !side))
    }

    fn take_title(&mut self, kind: &str, record: &Value) {
        let found = match kind {
            "custom-title" => text_under(record, "customTitle").map(|title| (3, title)),
            "ai-title" => text_under(record, "aiTitle").map(|title| (2, title)),
            "summary" => {
                if let Some(summary) = text_under(record, "summary") {
                    let leaf = id_under(record, &["leafUuid"]);
                    self.summaries.push((leaf, summary.to_owned()));
                }
                None
            }
            _ => None,
        };
        if let Some((rank, title)) = found
            && self.title.as_ref().is_none_or(|(known, _)| *known <= rank)
        {
            self.title = Some((rank, shorten(title)));
        }
    }

    fn finish(self, stem: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
        let id = self.conversation_id(stem);
        // A summary can be that of another session, which this one's file begins with.
        let summary = self
            .summaries
            .iter()
            .rev()
            .find(|(leaf, _)| leaf.as_ref().is_none_or(|leaf| self.branches.holds(leaf)));
        let title = self.title.map(|(_, title)| title);
        let title = title.or_else(|| summary.map(|(_, text)| shorten(text)));
        let current = self.last.filter(|_| !self.only_agents);
        let mut branches = self.branches;
        branches.all_shown = self.only_agents;
        branches.results_with_calls = true;
        let mut turns = Turns::long();
        branches
            .read(current.as_deref(), &mut turns, sink)
            .map_err(|error| ImportError::io(Path::new(stem), error))?;
        if turns.is_empty() {
            sink.skipped("session without messages", id.as_deref().unwrap_or(stem));
            return Ok(());
        }
        let head = Conversation {
            source_id: id,
            title: title.or_else(|| turns.first_words()),
            started_at: self.started_at,
            turns: Vec::new(),
        };
        Ok(turns.send(head, sink)?)
    }

    /// A session's file carries its id as its name; a file with another name is that of the session
    /// that most of its records are of. A sub-agent's file is a part of a session.
    fn conversation_id(&self, stem: &str) -> Option<String> {
        let by_name = self.sessions.iter().find(|(id, _)| id == stem);
        let most = self.sessions.iter().rev().max_by_key(|(_, count)| *count);
        let session = by_name.or(most).map(|(id, _)| id.clone())?;
        if !self.only_agents {
            return Some(session);
        }
        let agent = self.agent.as_deref().unwrap_or(stem);
        Some(format!("{session}/{}", agent.strip_prefix("agent-").unwrap_or(agent)))
    }
}

#[cfg(test)]
mod tests;
