//! The log of the `llm` tool, `logs.db`, and what `llm logs --json` prints.
//!
//! Three schemas: up to 0.31 `conversations` and `responses`; from 0.32 `threads`, `turns` and
//! messages that are known by their content; the very first versions had one table `logs` (or
//! `log`). After an upgrade there are several in one file: all are read, and a conversation that
//! stands in two is one.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::database::{Database, Row, Select};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{id_under, text_under};
use crate::import::reading::time::{instant, instant_under};
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The format `llm`.
pub(super) struct Llm;

impl Importer for Llm {
    fn format(&self) -> &'static str {
        "llm"
    }

    fn description(&self) -> &'static str {
        "the llm command line tool: its logs.db of every version, or `llm logs --json`"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let responses = sample.has_table("responses", &["prompt", "response", "conversation_id"])
            && sample.has_table("conversations", &["id", "name"]);
        let threads = sample.has_table("threads", &["tip_message_hash"])
            && sample.has_table("messages", &["hash", "parent_hash", "role"]);
        let first =
            FIRST.iter().any(|t| sample.has_table(t, &["prompt", "system", "response", "chat_id"]));
        if responses || threads || first || sample.any(is_response) {
            Confidence::Certain
        } else {
            Confidence::No
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each_of_either(sink, read_database, |source, sink| {
            let mut talks = Talks::default();
            let layout = source.sample().layout(is_response);
            source.each_record(layout, Unit::Message, sink, |record, sink| {
                talks.printed(&record, sink);
                Ok(())
            })?;
            talks.finish(sink)
        })
    }
}

/// The one table of the first versions, by either of its names.
const FIRST: [&str; 2] = ["logs", "log"];

fn is_response(value: &Value) -> bool {
    ["prompt", "response", "conversation_id", "datetime_utc"]
        .iter()
        .all(|key| value.get(key).is_some())
}

/// A conversation as far as it was read.
#[derive(Default)]
struct Talk {
    title: Option<String>,
    started_at: Option<Timestamp>,
    turns: Vec<NewTurn>,
}

/// The conversations of a log by their ids, in the order in which they began.
#[derive(Default)]
struct Talks {
    talks: Vec<(Option<String>, Talk)>,
    places: HashMap<String, usize>,
}

impl Talks {
    fn of(&mut self, id: Option<String>) -> &mut Talk {
        let next = self.talks.len();
        let place = match &id {
            Some(id) => *self.places.entry(id.clone()).or_insert(next),
            None => next,
        };
        if place == next {
            self.talks.push((id, Talk::default()));
        }
        &mut self.talks[place].1
    }

    /// Takes a response that `llm logs --json` printed.
    fn printed(&mut self, record: &Value, sink: &mut dyn Sink) {
        if !is_response(record) {
            sink.skipped("record without a prompt and a response", &shorten(&record.to_string()));
            return;
        }
        let text = |key: &str| text_under(record, key).map(str::to_owned);
        let response = Response {
            id: id_under(record, &["id"]),
            said_at: instant_under(record, &["datetime_utc"]),
            prompt: text("prompt"),
            system: text("system"),
            answer: text("response"),
            reasoning: text("reasoning"),
            ..Response::default()
        };
        let talk = self.of(id_under(record, &["conversation_id"]));
        talk.title = text("conversation_name").or(talk.title.take());
        talk.take(response);
    }

    fn finish(mut self, sink: &mut dyn Sink) -> Result<(), ImportError> {
        self.talks.sort_by_key(|(_, talk)| talk.started_at);
        for (source_id, talk) in self.talks {
            let mut turns = Turns::default();
            for turn in talk.turns {
                turns.push(turn, sink);
            }
            let turns = turns.into_vec();
            if turns.is_empty() {
                sink.skipped(
                    "conversation without messages",
                    source_id.as_deref().unwrap_or_default(),
                );
                continue;
            }
            sink.conversation(Conversation {
                title: talk.title.or_else(|| turns::first_words(&turns)),
                started_at: talk.started_at,
                source_id,
                turns,
            })?;
        }
        Ok(())
    }
}

/// A prompt with its response.
#[derive(Debug, Default)]
struct Response {
    id: Option<String>,
    said_at: Option<Timestamp>,
    prompt: Option<String>,
    system: Option<String>,
    answer: Option<String>,
    reasoning: Option<String>,
    calls: Vec<(String, String)>,
    results: Vec<(String, String)>,
    files: Vec<String>,
}

impl Talk {
    fn take(&mut self, response: Response) {
        self.started_at = self.started_at.or(response.said_at);
        let id = |mark: &str| response.id.as_ref().map(|id| format!("{id}/{mark}"));
        let mut push = |mut turn: NewTurn, mark: &str| {
            turn.source_id = id(mark);
            turn.said_at = response.said_at;
            if !turn.text.trim().is_empty() {
                self.turns.push(turn);
            }
        };
        let message = |role: Role, text: Option<String>| {
            NewTurn::message(role, role.as_str(), text.unwrap_or_default())
        };
        push(message(Role::System, response.system), "system");
        for (place, (name, text)) in response.results.into_iter().enumerate() {
            let turn = NewTurn::message(Role::Tool, name, folded(text)).of_kind(Kind::Tool);
            push(turn, &format!("tool-result{place}"));
        }
        let prompt = turns::with_files(response.prompt.unwrap_or_default(), &response.files);
        push(message(Role::User, Some(prompt)), "prompt");
        let reasoning = response.reasoning.map(folded);
        push(message(Role::Assistant, reasoning).of_kind(Kind::Reasoning), "reasoning");
        push(message(Role::Assistant, response.answer), "response");
        for (place, (name, text)) in response.calls.into_iter().enumerate() {
            let turn = NewTurn::message(Role::Assistant, name, folded(text)).of_kind(Kind::Tool);
            push(turn, &format!("tool-call{place}"));
        }
    }
}

fn read_database(database: &Database, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut talks = Talks::default();
    first_versions(database, &mut talks)?;
    responses(database, &mut talks)?;
    threads(database, &mut talks, sink)?;
    talks.finish(sink)
}

fn first_versions(database: &Database, talks: &mut Talks) -> Result<(), ImportError> {
    for table in FIRST {
        let select = Select {
            table,
            columns: &["id", "chat_id", "timestamp", "prompt", "system", "response"],
            order: &["timestamp", "id"],
            ..Select::default()
        };
        database.each_row(&select, |row| {
            let text = |at| row.text(at).map(str::to_owned);
            let response = Response {
                id: row.id(0),
                said_at: instant(&row.moment(2)),
                prompt: text(3),
                system: text(4),
                answer: text(5),
                ..Response::default()
            };
            // A chat is named by its first record, which names none itself.
            let chat = row.id(1).or_else(|| row.id(0));
            talks.of(chat.map(|chat| format!("chat-{chat}"))).take(response);
            Ok(())
        })?;
    }
    Ok(())
}

/// Reads a table of things that belong to others: `by` names whose they are.
fn belonging(
    database: &Database,
    table: &str,
    by: &str,
    columns: [&str; 2],
) -> Result<HashMap<String, Vec<(String, String)>>, ImportError> {
    let mut found: HashMap<String, Vec<(String, String)>> = HashMap::new();
    let [one, two] = columns;
    let select =
        Select { table, columns: &[by, one, two], order: &["order", "id"], ..Select::default() };
    database.each_row(&select, |row| {
        if let Some(owner) = row.id(0) {
            let pair = (row.id(1).unwrap_or_default(), row.text(2).unwrap_or_default().to_owned());
            found.entry(owner).or_default().push(pair);
        }
        Ok(())
    })?;
    Ok(found)
}

/// Pieces of text that are used in several prompts, and files, by their ids.
struct Shared {
    fragments: HashMap<String, (String, String)>,
    files: HashMap<String, String>,
}

impl Shared {
    fn of(database: &Database) -> Result<Self, ImportError> {
        let mut fragments = HashMap::new();
        let select = Select {
            table: "fragments",
            columns: &["id", "source", "content", "hash"],
            ..Select::default()
        };
        database.each_row(&select, |row| {
            if let Some(id) = row.id(0) {
                let name = row.text(1).or_else(|| row.text(3)).unwrap_or("fragment").to_owned();
                fragments.insert(id, (name, folded(row.text(2).unwrap_or_default().to_owned())));
            }
            Ok(())
        })?;
        let mut files = HashMap::new();
        let select = Select {
            table: "attachments",
            columns: &["id", "type", "path", "url"],
            ..Select::default()
        };
        database.each_row(&select, |row| {
            let Some(id) = row.id(0) else { return Ok(()) };
            let name = row
                .text(2)
                .or_else(|| row.text(3))
                .map(|name| name.rsplit('/').next().unwrap_or(name));
            let kind = row.text(1).unwrap_or("unnamed");
            files.insert(
                id,
                match name {
                    Some(name) => turns::file(name),
                    None if kind.starts_with("image/") => "[picture]".to_owned(),
                    None => turns::file(kind),
                },
            );
            Ok(())
        })?;
        Ok(Self { fragments, files })
    }

    /// Returns the lines that stand for fragments and files.
    fn lines(
        &self,
        fragments: Option<&Vec<(String, String)>>,
        files: Option<&Vec<(String, String)>>,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, _) in fragments.into_iter().flatten() {
            if let Some((name, content)) = self.fragments.get(id) {
                lines.extend([turns::file(name), content.clone()]);
            }
        }
        lines.extend(files.into_iter().flatten().filter_map(|(id, _)| self.files.get(id).cloned()));
        lines
    }
}

fn responses(database: &Database, talks: &mut Talks) -> Result<(), ImportError> {
    let mut names = HashMap::new();
    let select = Select { table: "conversations", columns: &["id", "name"], ..Select::default() };
    database.each_row(&select, |row| {
        if let (Some(id), Some(name)) = (row.id(0), row.text(1)) {
            names.insert(id, name.to_owned());
        }
        Ok(())
    })?;
    let by = "response_id";
    let mut calls = belonging(database, "tool_calls", by, ["name", "arguments"])?;
    let mut results = belonging(database, "tool_results", by, ["name", "output"])?;
    let fragments = belonging(database, "prompt_fragments", by, ["fragment_id", ""])?;
    let files = belonging(database, "prompt_attachments", by, ["attachment_id", ""])?;
    let shared = Shared::of(database)?;
    let select = Select {
        table: "responses",
        columns: &[
            "id",
            "conversation_id",
            "datetime_utc",
            "prompt",
            "system",
            "response",
            "reasoning",
        ],
        order: &["datetime_utc", "id"],
        ..Select::default()
    };
    database.each_row(&select, |row| {
        let text = |at| row.text(at).map(str::to_owned);
        let id = row.id(0);
        let own = id.as_deref().unwrap_or_default();
        let response = Response {
            said_at: instant(&row.moment(2)),
            prompt: text(3),
            system: text(4),
            answer: text(5),
            reasoning: text(6),
            calls: calls.remove(own).unwrap_or_default(),
            results: results.remove(own).unwrap_or_default(),
            files: shared.lines(fragments.get(own), files.get(own)),
            id: id.clone(),
        };
        let conversation = row.id(1).or(id);
        let title = conversation.as_ref().and_then(|id| names.get(id)).cloned();
        let talk = talks.of(conversation);
        talk.title = title.or(talk.title.take());
        talk.take(response);
        Ok(())
    })
}

/// A message of the newer schema.
struct Message {
    parent: Option<String>,
    role: String,
}

fn threads(database: &Database, talks: &mut Talks, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut messages: HashMap<String, Message> = HashMap::new();
    let select = Select {
        table: "messages",
        columns: &["hash", "parent_hash", "role"],
        ..Select::default()
    };
    database.each_row(&select, |row| {
        if let Some(hash) = row.id(0) {
            let role = row.text(2).unwrap_or_default().to_owned();
            messages.insert(hash, Message { parent: row.id(1), role });
        }
        Ok(())
    })?;
    if messages.is_empty() {
        return Ok(());
    }
    let fragments = belonging(database, "part_fragments", "part_id", ["fragment_id", ""])?;
    let files = belonging(database, "part_attachments", "part_id", ["attachment_id", ""])?;
    let shared = Shared::of(database)?;
    // Turns in order: what the chain of each adds was said then.
    let mut of_thread: BTreeMap<String, Vec<(Option<Timestamp>, String)>> = BTreeMap::new();
    let select = Select {
        table: "turns",
        columns: &["thread_id", "datetime_utc", "tip_message_hash"],
        order: &["datetime_utc", "id"],
        ..Select::default()
    };
    database.each_row(&select, |row| {
        if let (Some(thread), Some(tip)) = (row.id(0), row.id(2)) {
            of_thread.entry(thread).or_default().push((instant(&row.moment(1)), tip));
        }
        Ok(())
    })?;
    let select = Select {
        table: "threads",
        columns: &["id", "name", "datetime_utc", "tip_message_hash"],
        order: &["datetime_utc", "id"],
        ..Select::default()
    };
    database.each_row(&select, |row| {
        let Some(id) = row.id(0) else { return Ok(()) };
        let mut tips = of_thread.remove(&id).unwrap_or_default();
        let shown_tip = row.id(3);
        tips.extend(shown_tip.clone().map(|tip| (None, tip)));
        let shown: HashSet<String> =
            chain(&messages, shown_tip.as_deref(), &HashSet::new()).into_iter().collect();
        let talk = talks.of(Some(id));
        talk.title = row.text(1).map(str::to_owned).or(talk.title.take());
        let started_at =
            tips.iter().find_map(|(time, _)| *time).or_else(|| instant(&row.moment(2)));
        talk.started_at = talk.started_at.or(started_at);
        // What the tables before hold of the same conversation.
        let known: HashSet<(Role, String)> =
            talk.turns.iter().map(|turn| (turn.role, turn.text.clone())).collect();
        let mut seen = HashSet::new();
        for (said_at, tip) in tips {
            for hash in chain(&messages, Some(&tip), &seen) {
                let Some(message) = messages.get(&hash) else { continue };
                let parts = parts_of(database, &hash)?;
                for mut turn in turns_of(&hash, message, &parts, &shared, &fragments, &files, sink)
                {
                    if known.contains(&(turn.role, turn.text.clone())) {
                        continue;
                    }
                    turn.said_at = said_at;
                    turn.on_active_path = shown.is_empty() || shown.contains(&hash);
                    talk.turns.push(turn);
                }
                seen.insert(hash);
            }
        }
        Ok(())
    })
}

/// Returns the messages up to one, from the first that is not known yet.
fn chain<'m>(
    messages: &'m HashMap<String, Message>,
    tip: Option<&'m str>,
    known: &HashSet<String>,
) -> Vec<String> {
    let mut chain: Vec<String> = Vec::new();
    let mut passed = HashSet::new();
    let mut next = tip;
    while let Some(hash) = next.filter(|hash| !known.contains(*hash) && passed.insert(*hash)) {
        let Some(message) = messages.get(hash) else { break };
        chain.push(hash.to_owned());
        next = message.parent.as_deref();
    }
    chain.reverse();
    chain
}

fn parts_of(database: &Database, hash: &str) -> Result<Vec<Row>, ImportError> {
    database.rows(&Select {
        table: "parts",
        columns: &["id", "type", "tool_name", "text", "payload"],
        only: Some(("message_hash", hash)),
        order: &["position", "id"],
    })
}

type Belonging = HashMap<String, Vec<(String, String)>>;

fn turns_of(
    hash: &str,
    message: &Message,
    parts: &[Row],
    shared: &Shared,
    fragments: &Belonging,
    files: &Belonging,
    sink: &mut dyn Sink,
) -> Vec<NewTurn> {
    let Some((role, kind)) = turns::role(&message.role) else {
        sink.skipped("message without a known role", hash);
        return Vec::new();
    };
    let mut turns = Vec::new();
    let mut said = Vec::new();
    let mut lines = Vec::new();
    for part in parts {
        let id = part.id(0).unwrap_or_default();
        lines.extend(shared.lines(fragments.get(&id), files.get(&id)));
        let text = part.text(3).unwrap_or_default();
        let payload = || match part.text(4) {
            Some(payload) if text.is_empty() => payload.to_owned(),
            _ => text.to_owned(),
        };
        let name = part.text(2).unwrap_or("tool");
        let turn = match part.text(1).unwrap_or("text") {
            "reasoning" | "thinking" => {
                NewTurn::message(Role::Assistant, "assistant", folded(payload()))
                    .of_kind(Kind::Reasoning)
            }
            "tool_call" => {
                NewTurn::message(Role::Assistant, name, folded(payload())).of_kind(Kind::Tool)
            }
            "tool_result" => {
                NewTurn::message(Role::Tool, name, folded(payload())).of_kind(Kind::Tool)
            }
            _ => {
                said.push(text);
                continue;
            }
        };
        if !turn.text.trim().is_empty() {
            let place = turns.len();
            turns.push(turn.with_source_id(format!("{hash}#{place}")));
        }
    }
    let text = turns::with_files(said.concat(), &lines);
    if !text.trim().is_empty() {
        turns.push(NewTurn::message(role, role.as_str(), text).of_kind(kind).with_source_id(hash));
    }
    turns
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_database};

    const BOTH: &str = include_str!("../../../tests/fixtures/import/llm.sql");
    const FIRST: &str = include_str!("../../../tests/fixtures/import/llm-first.sql");

    #[test]
    fn every_schema_of_one_file() {
        let sink = read_database("llm", BOTH);
        let ids: Vec<_> =
            sink.conversations.iter().filter_map(|c| c.source_id.as_deref()).collect();
        assert_eq!(ids, ["c1", "t2"]);
        assert_eq!(
            sink.said(),
            [
                "system: Be brief",
                "user: Why?\n[file: notes.txt]\nThe notes\n[picture]",
                "(reasoning) assistant: Hm",
                "assistant: Because",
                "(tool) clock: {}",
                // Continued with the newer version.
                "user: Really?",
                "assistant: Yes",
                "system: Be brief",
                "user: Second",
                "(tool) clock: {\"zone\": \"UTC\"}",
                "(tool) clock: 10:00",
                "assistant: Ten",
                "assistant: Another ten",
            ]
        );
        let shown: Vec<_> = sink.messages().map(|turn| turn.on_active_path).collect();
        assert_eq!(shown, [true, true, true, true, true, true, true, false, true]);
        assert_eq!(sink.span().0.map(|t| t.to_string()).as_deref(), Some("2025-01-01T10:00:00Z"));
    }

    #[test]
    fn the_first_versions() {
        let sink = read_database("llm", FIRST);
        assert_eq!(sink.said(), ["user: Hi", "assistant: Ho", "user: More", "assistant: Enough"]);
        assert_eq!(sink.conversations.len(), 1);
    }

    #[test]
    fn what_it_prints_as_json() {
        let sink = read_as(
            "llm",
            r#"[{"id": "r2", "conversation_id": "c", "prompt": "More", "response": "No", "datetime_utc": "2025-01-01T10:01:00"},
            {"id": "r1", "conversation_id": "c", "prompt": "Hi", "system": null, "response": "Ho", "datetime_utc": "2025-01-01T10:00:00", "conversation_name": "Talk"}, {"x": 1}]"#,
        );
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Talk"));
        assert_eq!((sink.conversations.len(), sink.messages().count()), (1, 4));
        assert_eq!(sink.skipped["record without a prompt and a response"], 1);
    }
}
