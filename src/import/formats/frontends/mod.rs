//! Programs that put a chat window before language models, and save lists of messages in words of
//! their own: `SillyTavern`, `LibreChat`, `Chatbox`, `TypingMind`, `Big-AGI`, `HuggingChat`,
//! text-generation-webui, Character.AI, Vercel's AI SDK, `LangChain`, and others like them.
//!
//! One reader serves them all: a message is an object that says who speaks and what, under one of
//! the names in [`message`]; a conversation is what holds a list of them. Formats that know their
//! service are asked first: this one is never certain.

mod message;
mod nested;
mod pairs;

use crate::conversation::{Conversation, NewTurn};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{Layout, array_under, id_under, text_under};
use crate::import::reading::tree::Node;
use crate::import::reading::turns::{self, Branch, Turns};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use message::{Told, instant, is_marked, is_message, told};
use serde_json::Value;

/// The format `frontends`.
pub(super) struct FrontEnds;

/// The keys under which a conversation keeps its messages.
const LISTS: [&str; 9] = [
    "messages",
    "msgs",
    "turns",
    "history",
    "chat",
    "conversation",
    "chatMessages",
    "dialogue",
    "items",
];
/// Conversations are looked for this deep in a document.
const DEPTH: usize = 6;

impl Importer for FrontEnds {
    fn format(&self) -> &'static str {
        "frontends"
    }

    fn description(&self) -> &'static str {
        "chats of SillyTavern, LibreChat, Chatbox, TypingMind, Big-AGI, HuggingChat and other programs as JSON"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let records = sample.records();
        let mut found = Found::default();
        if sample.document().is_some_and(pairs::is_history) {
            return Confidence::Likely;
        }
        if records.iter().any(is_message) {
            records.iter().filter(|record| is_message(record)).for_each(|one| found.take(one));
        } else {
            for record in records {
                found.look(record, 0);
            }
        }
        // Elsewhere too, objects have a type and a text.
        match (found.marked, found.asked && found.answered) {
            (true, _) => Confidence::Likely,
            (false, true) => Confidence::General(0),
            (false, false) => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| read(source, options, sink))
    }
}

/// What a sample shows of messages.
#[derive(Default)]
struct Found {
    /// Whether one is of a program that is known.
    marked: bool,
    asked: bool,
    answered: bool,
}

impl Found {
    fn look(&mut self, value: &Value, depth: usize) {
        self.marked |= is_known(value);
        if let Some(list) = list_of(value) {
            list.iter().filter(|one| is_message(one)).for_each(|one| self.take(one));
        } else if depth < DEPTH {
            match value {
                Value::Array(list) => list.iter().for_each(|one| self.look(one, depth + 1)),
                Value::Object(object) => object.values().for_each(|one| self.look(one, depth + 1)),
                _ => {}
            }
        }
    }

    fn take(&mut self, message: &Value) {
        use crate::conversation::Role;
        self.marked |= is_marked(message);
        // These words are those of an API, and have a reader of their own.
        if message.get("role").is_some() && message.get("content").is_some() {
            return;
        }
        match message::speaker(message).map(|(role, _)| role) {
            Some(Role::User) => self.asked = true,
            Some(Role::Assistant) => self.answered = true,
            _ => {}
        }
    }
}

/// Whether an object is written as only one of these programs writes it, whatever its messages are.
fn is_known(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    let holds = |object: &serde_json::Map<String, Value>| {
        object.iter().any(|(key, chat)| key.starts_with("session:") && list_of(chat).is_some())
            || array_under(value, "chat-sessions").iter().any(|chat| list_of(chat).is_some())
    };
    (has("chatTitle") || has("chatID") || has("systemPurposeId")) && list_of(value).is_some()
        || value.as_object().is_some_and(holds)
}

/// Returns the messages of a conversation: the record itself, or what stands under one of its keys.
fn list_of(value: &Value) -> Option<&[Value]> {
    if let Value::Array(list) = value {
        return list.iter().any(is_message).then_some(list.as_slice());
    }
    LISTS.iter().find_map(|key| {
        let list = value.get(key)?.as_array()?;
        list.iter().any(is_message).then_some(list.as_slice())
    })
}

fn read(
    source: &mut Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let sample = source.sample();
    if sample.document().is_some_and(nested::is_nested) {
        return nested::read(source, options, sink);
    }
    let bare = sample.records().iter().any(is_message);
    let lines = sample.is_lines();
    if !bare {
        let layout =
            if lines { Layout::Lines } else { sample.layout(|one| list_of(one).is_some()) };
        // What holds conversations in another way is read as one record.
        let found = lines || sample.any(|one| list_of(one).is_some());
        let layout = if found { layout } else { Layout::Whole };
        return source.each_record(layout, Unit::Conversation, sink, |value, sink| {
            if pairs::is_history(&value) {
                return pairs::read(&value, options, sink);
            }
            let mut count = 0;
            each(&value, None, 0, &mut count, options, sink)?;
            if count == 0 {
                sink.skipped("record without a conversation", &shorten(&value.to_string()));
            }
            Ok(())
        });
    }
    // One conversation, a message a record; the first may say what it is.
    let layout = if lines { Layout::Lines } else { Layout::Document(None) };
    let mut about = Value::Null;
    let mut turns = Turns::long();
    source.each_record(layout, Unit::Message, sink, |value, sink| {
        match told(&value, options, sink) {
            Some(told) => told.turns.into_iter().for_each(|turn| turns.push(turn, sink)),
            None if about.is_null() && turns.is_empty() && value.is_object() => about = value,
            None => sink.skipped("record that is no message", &shorten(&value.to_string())),
        }
        Ok(())
    })?;
    let head = head(&about, None, options, sink);
    send(head, turns, sink)
}

/// Reads each conversation in a value.
fn each(
    value: &Value,
    title: Option<&str>,
    depth: usize,
    count: &mut usize,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    if let Some(list) = list_of(value) {
        *count += 1;
        conversation(value, list, title, options, sink)?;
        // What was said in the same place before it was begun anew.
        let name = title_of(value).or(title);
        for thread in array_under(value, "threads") {
            each(thread, name, depth + 1, count, options, sink)?;
        }
        return Ok(());
    }
    if depth >= DEPTH {
        return Ok(());
    }
    let name = value.get("info").and_then(title_of).or(title);
    match value {
        Value::Array(list) => {
            list.iter().try_for_each(|one| each(one, name, depth + 1, count, options, sink))
        }
        Value::Object(object) => {
            object.values().try_for_each(|one| each(one, name, depth + 1, count, options, sink))
        }
        _ => Ok(()),
    }
}

fn title_of(value: &Value) -> Option<&str> {
    const TITLES: [&str; 7] =
        ["title", "chatTitle", "userTitle", "autoTitle", "name", "character_name", "topic"];
    // SillyTavern's word in the chats of groups.
    TITLES.iter().find_map(|key| text_under(value, key)).filter(|title| *title != "unused")
}

fn head(
    value: &Value,
    title: Option<&str>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Conversation {
    const IDS: [&str; 9] = [
        "conversationId",
        "conversation_id",
        "id",
        "chatID",
        "chat_id",
        "_id",
        "uuid",
        "external_id",
        "sessionId",
    ];
    const TIMES: [&str; 6] =
        ["createdAt", "created_at", "create_time", "created", "create_date", "timestamp"];
    Conversation {
        source_id: id_under(value, &IDS),
        title: title_of(value).or(title).map(str::to_owned),
        started_at: instant(value, &TIMES, options, sink).said_at,
        turns: Vec::new(),
    }
}

fn conversation(
    value: &Value,
    list: &[Value],
    title: Option<&str>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let mut all = Vec::new();
    flatten(list, None, 0, &mut all, options, sink);
    let head = head(value, title, options, sink);
    let ids = |told: &Told| told.id.clone();
    let known: std::collections::HashSet<String> = all.iter().filter_map(ids).collect();
    let follows = |told: &&Told| told.parent.as_ref().is_some_and(|id| known.contains(id));
    let is_tree = all.iter().filter(follows).count() * 2 >= all.len() && all.len() > 1;
    let mut turns = Turns::long();
    if is_tree {
        let branches = all.into_iter().enumerate().map(|(place, told)| {
            let id = told.id.unwrap_or_else(|| format!("\u{0}{place}"));
            let said_at = told.turns.last().and_then(|turn: &NewTurn| turn.said_at);
            Branch { node: Node { id, parent: told.parent, said_at }, turns: told.turns }
        });
        for turn in turns::from_tree(branches.collect(), None, sink) {
            turns.push_unique(turn, sink);
        }
    } else {
        // Some write the newest first.
        let times: Vec<_> =
            all.iter().map(|told| told.turns.last().and_then(|turn| turn.said_at)).collect();
        let falls = times.iter().all(Option::is_some)
            && times.is_sorted_by(|a, b| a >= b)
            && times.first() != times.last();
        if falls {
            all.reverse();
        }
        all.into_iter().flat_map(|told| told.turns).for_each(|turn| turns.push(turn, sink));
    }
    send(head, turns, sink)
}

/// Collects messages, with those that stand inside of those that they answer.
fn flatten(
    list: &[Value],
    parent: Option<&str>,
    depth: usize,
    all: &mut Vec<Told>,
    options: &Options,
    sink: &mut dyn Sink,
) {
    // As deep as JSON is read.
    const DEEPEST: usize = 64;
    for value in list {
        let Some(mut told) = told(value, options, sink) else {
            sink.skipped("record that is no message", &shorten(&value.to_string()));
            continue;
        };
        told.parent = told.parent.or_else(|| parent.map(str::to_owned));
        let id = told.id.clone();
        all.push(told);
        let below = array_under(value, "children");
        if depth < DEEPEST && below.iter().any(Value::is_object) {
            flatten(below, id.as_deref().or(parent), depth + 1, all, options, sink);
        }
    }
}

fn send(head: Conversation, turns: Turns, sink: &mut dyn Sink) -> Result<(), ImportError> {
    if turns.is_empty() {
        let example = head.title.or(head.source_id).unwrap_or_default();
        sink.skipped("conversation without messages", &shorten(&example));
        return Ok(());
    }
    let head = Conversation {
        title: head.title.or_else(|| turns.first_words()),
        started_at: head.started_at.or_else(|| turns.first_at()),
        ..head
    };
    turns.send(head, sink)?;
    Ok(())
}

#[cfg(test)]
mod tests;
