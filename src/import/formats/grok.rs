//! Grok: the export of xAI accounts (`prod-grok-backend.json`), and single conversations in the form
//! of its API, as browser extensions save them; and the archive of an X account, whose
//! `grok-chat-item.js` holds messages of all chats, the newest first.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{self, array_under, flag, id_under, text_under};
use crate::import::reading::time::instant;
use crate::import::reading::tree::Node;
use crate::import::reading::turns::{self, Branch, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;

/// The format `grok`.
pub(super) struct Grok;

impl Importer for Grok {
    fn format(&self) -> &'static str {
        "grok"
    }

    fn description(&self) -> &'static str {
        "Grok: the data export of an xAI account (prod-grok-backend.json), or the archive of an X account"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_conversation) || sample.text().trim_start().starts_with(OF_X) {
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
        input.each(sink, |source, sink| {
            if source.sample().text().trim_start().starts_with(OF_X) {
                return archive_of_x(source, sink);
            }
            let layout = source.sample().layout(is_conversation);
            source.each_record(layout, Unit::Conversation, sink, |value, sink| {
                conversation(&value, sink)
            })
        })
    }
}

/// How the file of an X account's archive begins.
const OF_X: &str = "window.YTD.grok_chat_item";

/// Reads what an X account's archive holds: a program that sets a variable to a list of messages.
fn archive_of_x(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    const LARGEST: usize = 256 << 20;
    let text = source.whole_text(LARGEST, sink)?;
    let list = text.split_once('=').map_or("", |(_, list)| list.trim().trim_end_matches(';'));
    let Ok(Value::Array(items)) = json::parse(list) else {
        sink.failed("file that is damaged", &shorten(&text));
        return Ok(());
    };
    let item = |value: &Value| value.get("grokChatItem").cloned().unwrap_or_default();
    let mut items: Vec<(Option<Timestamp>, Value)> =
        items.iter().map(item).map(|item| (time_under(&item, &["createdAt"]), item)).collect();
    // A question and its answer may carry the same instant; they stand in order where the file goes
    // forward, and turned round where it goes backward.
    let steps = |back: bool| {
        let pairs = items.windows(2);
        pairs
            .filter(|pair| if back { pair[1].0 < pair[0].0 } else { pair[1].0 > pair[0].0 })
            .count()
    };
    let answer_first = items.first().is_some_and(|(_, item)| !is_of_user(item));
    if steps(true) > steps(false) || steps(true) == steps(false) && answer_first {
        items.reverse();
    }
    items.sort_by_key(|(said_at, _)| *said_at);
    let mut chats: Vec<(Option<String>, Turns)> = Vec::new();
    let mut places: HashMap<Option<String>, usize> = HashMap::new();
    for (said_at, item) in items {
        let id = id_under(&item, &["chatId"]);
        let message = text_under(&item, "message").unwrap_or_default();
        let role = if is_of_user(&item) { Role::User } else { Role::Assistant };
        let names = array_under(&item, "attachments")
            .iter()
            .filter_map(|file| text_under(file, "fileName"));
        let files: Vec<String> = names.map(turns::file).collect();
        let text = turns::with_files(without_marks(message), &files);
        let turn = NewTurn::message(role, role.as_str(), text.trim()).at(said_at);
        let place = *places.entry(id.clone()).or_insert(chats.len());
        if place == chats.len() {
            chats.push((id, Turns::default()));
        }
        chats[place].1.push(turn, sink);
    }
    for (source_id, turns) in chats {
        if turns.is_empty() {
            sink.skipped("conversation without messages", source_id.as_deref().unwrap_or_default());
            continue;
        }
        let (title, started_at) = (turns.first_words(), turns.first_at());
        turns.send(Conversation { source_id, title, started_at, turns: Vec::new() }, sink)?;
    }
    Ok(())
}

/// Whether the user sent a message of an X account's archive.
fn is_of_user(item: &Value) -> bool {
    let sender = item.get("sender").unwrap_or(&Value::Null);
    let name = sender.as_str().or_else(|| text_under(sender, "name"));
    name.is_some_and(|name| name.eq_ignore_ascii_case("user"))
}

/// Returns a response without what the export wraps it in.
fn inner(response: &Value) -> &Value {
    response.get("response").filter(|inner| inner.is_object()).unwrap_or(response)
}

fn is_conversation(value: &Value) -> bool {
    let responses = array_under(value, "responses");
    let is_response = |response: &Value| {
        let response = inner(response);
        response.get("sender").is_some() && response.get("message").is_some()
    };
    responses.iter().any(is_response)
        || (responses.is_empty()
            && value.get("responses").is_some()
            && value.get("conversation").is_some_and(|about| about.get("id").is_some()))
}

/// Returns the time under the first of some keys: a text, a number, or an object `$date`.
fn time_under(value: &Value, keys: &[&str]) -> Option<Timestamp> {
    keys.iter().find_map(|key| {
        let time = value.get(key)?;
        let time = time.get("$date").unwrap_or(time);
        instant(time.get("$numberLong").unwrap_or(time))
    })
}

fn conversation(value: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let about = value.get("conversation").unwrap_or(value);
    let source_id = id_under(about, &["id", "conversationId", "conversation_id"]);
    let title = text_under(about, "title").map(str::to_owned);
    let example = shorten(title.as_deref().or(source_id.as_deref()).unwrap_or("without a title"));
    if flag(about, "temporary") {
        sink.skipped("conversation is marked as not to be remembered", &example);
        return Ok(());
    }
    if !is_conversation(value) {
        sink.failed("conversation without its messages (`responses`)", &example);
        return Ok(());
    }
    let responses = array_under(value, "responses");
    let branches: Vec<Branch> =
        responses.iter().enumerate().map(|(place, r)| branch(place, inner(r), sink)).collect();
    let current = id_under(about, &["leaf_response_id", "leafResponseId"]);
    let current = current.or_else(|| branches.last().map(|branch| branch.node.id.clone()));
    let turns = turns::from_tree(branches, current.as_deref(), sink);
    if turns.is_empty() {
        sink.skipped("conversation without messages", &example);
        return Ok(());
    }
    let started_at = time_under(about, &["create_time", "createTime"]);
    sink.conversation(Conversation { source_id, title, started_at, turns })?;
    Ok(())
}

fn branch(place: usize, response: &Value, sink: &mut dyn Sink) -> Branch {
    let id = id_under(response, &["_id", "responseId", "id"]);
    let parent = id_under(response, &["parent_response_id", "parentResponseId"]);
    let said_at = time_under(response, &["create_time", "createTime"]);
    let turns = turns_of(response, id.as_deref(), sink);
    let turns = turns.into_iter().map(|turn| turn.at(said_at)).collect();
    // Nodes need a name of their own to stand in the tree, also those without one.
    let id = id.unwrap_or_else(|| format!("\u{0}{place}"));
    Branch { node: Node { id, parent, said_at }, turns }
}

fn turns_of(response: &Value, id: Option<&str>, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let word = text_under(response, "sender").unwrap_or_default();
    let word = if word.to_lowercase().starts_with("grok") { "assistant" } else { word };
    let Some((role, kind)) = turns::role(word) else {
        sink.skipped("message without a known sender", &shorten(word));
        return Vec::new();
    };
    let mut turns = Vec::new();
    let traces =
        ["thinking_trace", "thinkingTrace"].iter().find_map(|key| text_under(response, key));
    if let Some(trace) = traces {
        let turn = NewTurn::message(Role::Assistant, "assistant", folded(trace.to_owned()));
        turns.push(turn.of_kind(Kind::Reasoning));
    }
    if let Some(turn) = turns.last_mut() {
        turn.source_id = id.map(|id| format!("{id}#thought"));
    }
    let mut files = Vec::new();
    for key in ["file_attachments", "fileAttachments", "fileAttachmentsMetadata"] {
        for file in array_under(response, key) {
            let name = file
                .as_str()
                .or_else(|| text_under(file, "fileName"))
                .or_else(|| text_under(file, "file_name"));
            files.extend(name.map(turns::file));
        }
    }
    let text = without_marks(text_under(response, "message").unwrap_or_default());
    let text = turns::with_files(text, &files);
    if text.trim().is_empty() {
        sink.skipped("empty message", id.unwrap_or_default());
        return turns;
    }
    let mut turn = NewTurn::message(role, role.as_str(), text).of_kind(kind);
    turn.source_id = id.map(str::to_owned);
    turns.push(turn);
    turns
}

/// Returns a text without what the page draws in it: `<grok:render …>…</grok:render>`.
fn without_marks(text: &str) -> String {
    const OPEN: &str = "<grok:render";
    const CLOSE: &str = "</grok:render>";
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, mark)) = rest.split_once(OPEN) {
        let Some((_, after)) = mark.split_once(CLOSE) else { break };
        kept.push_str(before);
        rest = after;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{Counting, read_as};
    use serde_json::{Value, json};

    fn read(value: &Value) -> Counting {
        read_as("grok", &value.to_string())
    }

    #[test]
    fn the_export_of_an_account() {
        let response = |id: &str, sender: &str, text: &str, millis: &str, parent: Value| {
            json!({"response": {"_id": id, "sender": sender, "message": text, "parent_response_id": parent,
                "create_time": {"$date": {"$numberLong": millis}}, "model": "grok-4"}, "share_link": null})
        };
        let sink = read(&json!({"projects": [], "conversations": [
            {"conversation": {"id": "c1", "title": "Tea", "create_time": "2025-01-01T10:00:00.5Z", "leaf_response_id": "c"}, "responses": [
                response("a", "human", "Which tea?", "1735725601000", json!(null)),
                response("b", "ASSISTANT", "Green.", "1735725602000", json!("a")),
                response("c", "grok-3", "White<grok:render card=\"1\"><argument>2</argument></grok:render>.", "1735725603000", json!("a")),
                response("d", "human", "", "1735725604000", json!("c"))]},
            {"conversation": {"id": "c2", "temporary": true}, "responses": []},
            {"conversation": {"id": "c3"}},
            {"conversation": {"id": "c4"}, "responses": []}]}));
        assert_eq!(sink.said(), ["user: Which tea?", "assistant: Green.", "assistant: White."]);
        let shown: Vec<_> = sink.messages().map(|turn| turn.on_active_path).collect();
        assert_eq!(shown, [true, false, true]);
        assert_eq!(sink.span().0.map(|t| t.to_string()).as_deref(), Some("2025-01-01T10:00:01Z"));
        assert_eq!(sink.skipped["conversation is marked as not to be remembered"], 1);
        assert_eq!(sink.failed["conversation without its messages (`responses`)"], 1);
    }

    #[test]
    fn a_single_conversation() {
        let sink = read(&json!({"conversationId": "c", "title": "T", "responses": [
            {"responseId": "a", "sender": "human", "message": "Hi", "createTime": "2025-01-01T10:00:00Z", "fileAttachmentsMetadata": [{"fileName": "a.txt"}]},
            {"responseId": "b", "sender": "assistant", "message": "Ho", "thinkingTrace": "Hm", "parentResponseId": "a"}]}));
        assert_eq!(
            sink.said(),
            ["user: Hi\n[file: a.txt]", "(reasoning) assistant: Hm", "assistant: Ho"]
        );
    }

    #[test]
    fn the_archive_of_an_x_account() {
        let item = |chat: &str, sender: &str, second: u8, text: &str| {
            json!({"grokChatItem": {"accountId": "1", "chatId": chat, "createdAt": format!("2025-10-23T13:11:{second:02}.692Z"),
                "sender": {"value": "1", "name": sender}, "grokMode": {"name": "Normal"}, "message": text}})
        };
        let rounds = [
            item(
                "c",
                "Agent",
                30,
                "Green<grok:render id=\"x\"><argument>1</argument></grok:render>.",
            ),
            item("c", "User", 30, "Which tea?"),
            item("d", "Agent", 20, "Hello."),
            item("d", "User", 20, "Hi"),
        ];
        let forward: Vec<&Value> = rounds.iter().rev().collect();
        for list in
            [serde_json::to_string(&rounds).unwrap(), serde_json::to_string(&forward).unwrap()]
        {
            let sink = read_as("grok", &format!("window.YTD.grok_chat_item.part0 = {list}"));
            let expected =
                ["user: Hi", "assistant: Hello.", "user: Which tea?", "assistant: Green."];
            assert_eq!(sink.said(), expected);
            let ids: Vec<_> =
                sink.conversations.iter().filter_map(|c| c.source_id.as_deref()).collect();
            assert_eq!(ids, ["d", "c"]);
        }
    }
}
