//! The names under which front ends keep what a message is: who speaks, what was said, when, and
//! which message it follows.

use crate::conversation::{Kind, NewTurn, Role};
use crate::import::reading::chat::service;
use crate::import::reading::dates::{self, Stamp};
use crate::import::reading::json::{array_under, flag, id_under, text_under};
use crate::import::reading::time::{When, instant_in};
use crate::import::reading::turns::{self, folded};
use crate::import::{Options, Sink};
use serde_json::Value;

/// Objects in which a message says what it is.
const INSIDE: [&str; 2] = ["data", "kwargs"];
/// Objects in which it says who speaks.
const SPEAKERS: [&str; 3] = ["author", "src", "sender"];
/// The keys that say whether a person speaks.
const PERSON: [&str; 6] =
    ["isCreatedByUser", "is_user", "isUser", "is_human", "fromUser", "isHuman"];
/// The keys under which the speaker's role is a word.
const ROLES: [&str; 6] = ["role", "from", "sender", "author", "type", "speaker"];
/// The keys of lists of what a message is made of.
const PARTS: [&str; 4] = ["parts", "fragments", "contentParts", "content"];
/// The keys under which its words are a text.
const TEXTS: [&str; 8] =
    ["content", "text", "mes", "raw_content", "message", "value", "body", "say"];
/// The keys under which thoughts are a text.
const THOUGHTS: [&str; 4] = ["reasoning", "reasoning_content", "reasoningContent", "thinking"];
/// The keys of lists of files.
const FILES: [&str; 4] = ["files", "attachments", "experimental_attachments", "images"];
const IDS: [&str; 6] = ["messageId", "message_id", "id", "uuid", "_id", "fId"];
const PARENTS: [&str; 4] = ["parentMessageId", "parentId", "parent_id", "parent_message_id"];
const TIMES: [&str; 10] = [
    "createdAt",
    "created_at",
    "create_time",
    "timestamp",
    "send_date",
    "created",
    "time",
    "date",
    "ts",
    "sentAt",
];

/// What a message says.
pub(super) struct Told {
    pub(super) id: Option<String>,
    pub(super) parent: Option<String>,
    pub(super) turns: Vec<NewTurn>,
}

/// Returns a message without what some libraries put around it.
fn inner(value: &Value) -> &Value {
    INSIDE.iter().find_map(|key| value.get(key).filter(|inner| inner.is_object())).unwrap_or(value)
}

/// Returns the role that a word of any of these programs stands for.
fn role(word: &str) -> Option<(Role, Kind)> {
    match word {
        "HumanMessage" | "HumanMessageChunk" => Some((Role::User, Kind::Message)),
        "AIMessage" | "AIMessageChunk" => Some((Role::Assistant, Kind::Message)),
        "SystemMessage" => Some((Role::System, Kind::Message)),
        "ToolMessage" | "FunctionMessage" => Some((Role::Tool, Kind::Tool)),
        word => turns::role(word),
    }
}

/// Returns who speaks.
pub(super) fn speaker(value: &Value) -> Option<(Role, Kind)> {
    let person = |value: &Value| {
        PERSON
            .iter()
            .find_map(|key| value.get(key).and_then(Value::as_bool))
            .map(|person| (if person { Role::User } else { Role::Assistant }, Kind::Message))
    };
    let word = |value: &Value| ROLES.iter().find_map(|key| text_under(value, key).and_then(role));
    if let Some(known) = person(value).or_else(|| word(value)).or_else(|| word(inner(value))) {
        return Some(known);
    }
    let objects = || SPEAKERS.iter().filter_map(|key| value.get(key).filter(|v| v.is_object()));
    if let Some(known) = objects().find_map(|one| person(one).or_else(|| word(one))) {
        return Some(known);
    }
    // A class's path: its last part names it.
    if let Some(class) = array_under(value, "id").last().and_then(Value::as_str).and_then(role) {
        return Some(class);
    }
    // Only people are said to be such.
    let candidates = value.get("candidates").is_some_and(Value::is_array);
    (candidates && objects().next().is_some()).then_some((Role::Assistant, Kind::Message))
}

/// Whether a value is a message: somebody speaks, and there is a place for what is said.
pub(super) fn is_message(value: &Value) -> bool {
    let has_words = |value: &Value| {
        PARTS.iter().any(|key| value.get(key).is_some_and(Value::is_array))
            || TEXTS.iter().any(|key| value.get(key).is_some_and(Value::is_string))
    };
    value.is_object()
        && (has_words(value)
            || has_words(inner(value))
            || value.get("candidates").is_some_and(Value::is_array))
        && speaker(value).is_some()
}

/// Whether a message is written as only one of these programs writes it.
pub(super) fn is_marked(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    let typed = |key: &str, of: &[&str]| {
        array_under(value, key).iter().any(|part| of.iter().any(|of| part.get(of).is_some()))
    };
    has("isCreatedByUser")
        || has("mes") && has("is_user")
        || typed("contentParts", &["type"])
        || typed("fragments", &["ft"])
        || has("role") && typed("parts", &["type"])
        || has("candidates") && has("turn_key")
        || has("src") && has("text")
        || has("from") && has("content")
        || has("lc") && has("kwargs")
        || has("data") && has("type") && value.pointer("/data/content").is_some()
}

/// Returns the first time that is under one of some keys.
pub(super) fn instant(
    value: &Value,
    keys: &[&str],
    options: &Options,
    sink: &mut dyn Sink,
) -> When {
    let known = keys.iter().filter_map(|key| value.get(key));
    let known: Vec<When> = known.map(|time| one_instant(time, options, sink)).collect();
    known.into_iter().find(|when| when.said_at.is_some()).unwrap_or_default()
}

fn one_instant(time: &Value, options: &Options, sink: &mut dyn Sink) -> When {
    let when = instant_in(time, &options.time_zone);
    let Some(text) = time.as_str().filter(|_| when.said_at.is_none()) else { return when };
    // "2025-3-1@10h00m00s", or with a space and milliseconds.
    let plain = match text.split_once('@') {
        Some((date, clock)) => {
            let mut clock: Vec<&str> = clock
                .split(|c: char| !c.is_ascii_digit())
                .filter(|part| !part.is_empty())
                .collect();
            clock.truncate(3);
            format!("{} {}", date.trim(), clock.join(":"))
        }
        None => text.to_owned(),
    };
    // A date in numbers alone could be read in two ways, of which no message knows the right one.
    let is_clear = plain.bytes().take(4).all(|byte| byte.is_ascii_digit())
        || plain.chars().any(char::is_alphabetic);
    match Stamp::read(&plain).filter(|_| is_clear) {
        Some(stamp) => {
            let orders = dates::orders(std::iter::once(&stamp), options, sink);
            stamp.instant(&orders, options)
        }
        None => When::default(),
    }
}

/// Reads a message; `None` where it is none.
pub(super) fn told(value: &Value, options: &Options, sink: &mut dyn Sink) -> Option<Told> {
    if !is_message(value) {
        return None;
    }
    let (role, kind) = speaker(value)?;
    let inside = inner(value);
    let own = |key: &&str| value.get(key).or_else(|| inside.get(key));
    let id = id_under(value, &IDS)
        .or_else(|| id_under(value.get("turn_key")?, &["turn_id"]))
        .or_else(|| id_under(inside, &IDS));
    let ancestor = array_under(value, "ancestors").last().and_then(Value::as_str);
    let parent = id_under(value, &PARENTS).or_else(|| ancestor.map(str::to_owned));
    let name = name_of(value, role);
    let mut pieces = Pieces::default();
    for key in THOUGHTS {
        if let Some(thought) = own(&key).and_then(Value::as_str) {
            pieces.think(thought);
        }
    }
    let extra = value.get("extra").unwrap_or(&Value::Null);
    pieces.think(text_under(extra, "reasoning").unwrap_or_default());
    let lists = PARTS.iter().filter_map(own).filter_map(Value::as_array);
    // Of two lists or a list and a text, one repeats the other.
    for list in lists {
        if pieces.said.is_empty() {
            for part in list {
                pieces.take(part, 0);
            }
        }
    }
    if pieces.said.is_empty() {
        let text = TEXTS.iter().filter_map(own).filter_map(Value::as_str);
        pieces.say(text.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default());
    }
    for key in ["toolInvocations", "tool_calls"] {
        let calls = own(&key).and_then(Value::as_array);
        calls.into_iter().flatten().for_each(|call| pieces.tool(call));
    }
    for key in FILES {
        let files = own(&key).and_then(Value::as_array);
        files.into_iter().flatten().for_each(|file| pieces.file(file));
    }
    let mut others = alternatives(value);
    let words = if others.is_empty() {
        pieces.said.join("\n\n")
    } else {
        let chosen = chosen(value, &others).unwrap_or_else(|| pieces.said.join("\n\n"));
        others.retain(|other| other.trim() != chosen.trim());
        chosen
    };
    let (said, thoughts) = match role {
        Role::Assistant => turns::without_thoughts(&words),
        _ => (words.as_str(), Vec::new()),
    };
    for thought in thoughts {
        pieces.think(thought);
    }
    let said = turns::with_files(said.trim().to_owned(), &pieces.files);
    let mut turns = pieces.folds;
    for other in others {
        let mut turn = NewTurn::message(role, name.as_str(), other.trim());
        turn.on_active_path = false;
        turns.push(turn);
    }
    turns.retain(|turn| !turn.text.trim().is_empty());
    if !said.is_empty() || turns.is_empty() {
        // What the program itself puts into the chat; a person's message can be hidden from the model.
        let is_service = flag(value, "is_system")
            && (text_under(extra, "type").is_some() || name == "SillyTavern System");
        turns.push(if is_service {
            service(said)
        } else if kind == Kind::Tool {
            NewTurn::message(role, name.as_str(), folded(said)).of_kind(kind)
        } else {
            NewTurn::message(role, name.as_str(), said).of_kind(kind)
        });
    }
    let when = TIMES.iter().filter_map(own).map(|time| one_instant(time, options, sink));
    let when: Vec<When> = when.collect();
    let when = when.into_iter().find(|when| when.said_at.is_some()).unwrap_or_default();
    let last = turns.len().saturating_sub(1);
    for (place, turn) in turns.iter_mut().enumerate() {
        turn.said_at = when.said_at;
        turn.said_at_text.clone_from(&when.text);
        let own = |id: &String| if place == last { id.clone() } else { format!("{id}#{place}") };
        turn.source_id = id.as_ref().map(own);
    }
    Some(Told { id, parent, turns })
}

/// Returns the name of a speaker, where people and characters have names.
fn name_of(value: &Value, role: Role) -> String {
    let object = SPEAKERS.iter().find_map(|key| text_under(value.get(key)?, "name"));
    let named = text_under(value, "name").filter(|_| value.get("is_user").is_some());
    named.or(object).unwrap_or(role.as_str()).to_owned()
}

/// Returns every wording of an answer that the user could choose among.
fn alternatives(value: &Value) -> Vec<String> {
    let swipes = array_under(value, "swipes").iter().filter_map(Value::as_str);
    let candidates = array_under(value, "candidates").iter().filter_map(|one| {
        ["raw_content", "text", "content"].iter().find_map(|key| text_under(one, key))
    });
    swipes.chain(candidates).map(str::to_owned).collect()
}

/// Returns the wording that is shown, where the message says which.
fn chosen(value: &Value, others: &[String]) -> Option<String> {
    // The text beside the swipes is the one that is shown, as it was edited last.
    if let Some(text) = text_under(value, "mes") {
        return Some(text.to_owned());
    }
    let candidates = array_under(value, "candidates");
    let primary = id_under(value, &["primary_candidate_id"]);
    let place = primary.and_then(|id| {
        candidates.iter().position(|one| id_under(one, &["candidate_id"]).as_ref() == Some(&id))
    });
    others.get(place.unwrap_or(0)).or_else(|| others.first()).cloned()
}

/// What a message is made of.
#[derive(Default)]
struct Pieces {
    said: Vec<String>,
    folds: Vec<NewTurn>,
    files: Vec<String>,
}

impl Pieces {
    fn say(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.said.push(text.trim().to_owned());
        }
    }

    fn think(&mut self, thought: &str) {
        let turn =
            NewTurn::message(Role::Assistant, "assistant", folded(thought.trim().to_owned()));
        let turn = turn.of_kind(Kind::Reasoning);
        if !turn.text.is_empty() && !self.folds.contains(&turn) {
            self.folds.push(turn);
        }
    }

    fn file(&mut self, file: &Value) {
        let name = ["filename", "fileName", "name", "title", "value"];
        let name = file.as_str().or_else(|| name.iter().find_map(|key| text_under(file, key)));
        let about = ["mediaType", "mimeType", "mime", "type", "contentType"];
        let is_picture = about
            .iter()
            .any(|key| text_under(file, key).is_some_and(|kind| kind.contains("image")));
        self.files.push(match name.filter(|name| name.len() < 256 && !name.contains("://")) {
            Some(name) if !is_picture => turns::file(name),
            _ if is_picture || file.is_string() => "[picture]".to_owned(),
            _ => turns::file("unnamed"),
        });
    }

    /// Takes a part, of a kind that its type tells.
    fn take(&mut self, part: &Value, depth: usize) {
        if let Some(text) = part.as_str() {
            return self.say(text);
        }
        // Around some parts stands another object.
        if let Some(inner) = part.get("part").filter(|inner| inner.is_object() && depth == 0) {
            if text_under(part, "ft") == Some("attachment") {
                return self.file(part);
            }
            return self.take(inner, depth + 1);
        }
        let kind = ["type", "pt"].iter().find_map(|key| text_under(part, key)).unwrap_or("text");
        let text = |keys: &[&str]| {
            keys.iter().find_map(|key| {
                let value = part.get(key)?;
                value.as_str().or_else(|| text_under(value, "value"))
            })
        };
        match kind {
            "think" | "thinking" | "reasoning" | "ma" => self.think(
                text(&["think", "thinking", "reasoning", "aText", "text", "content"])
                    .unwrap_or_default(),
            ),
            "doc" | "file" | "document" | "attachment" => self.file(part),
            "error" | "ph" | "info" | "step-start" | "source" | "source-url"
            | "source-document" => {}
            kind if kind.contains("image") => self.files.push("[picture]".to_owned()),
            kind if kind.contains("tool") || kind.contains("function") => self.tool(part),
            _ => self.say(text(&["text", "content", "value"]).unwrap_or_default()),
        }
    }

    /// Takes a call of a tool, or what it gave back.
    fn tool(&mut self, part: &Value) {
        const INNER: [&str; 5] =
            ["toolInvocation", "tool_call", "invocation", "response", "function"];
        let call = INNER.iter().find_map(|key| part.get(key).filter(|v| v.is_object()));
        let call = call.unwrap_or(part);
        let name = ["toolName", "tool_name", "name"].iter().find_map(|key| text_under(call, key));
        let typed = || text_under(part, "type").and_then(|kind| kind.strip_prefix("tool-"));
        let typed = || typed().filter(|kind| !matches!(*kind, "call" | "result" | "invocation"));
        let name = name.or_else(typed).unwrap_or("tool").to_owned();
        let words = |keys: &[&str]| {
            let given = keys.iter().find_map(|key| call.get(key).filter(|v| !v.is_null()))?;
            let text = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
            Some(text).filter(|text| !text.trim().is_empty())
        };
        let given = words(&["input", "args", "arguments"]);
        let result = words(&["output", "result", "errorText"]);
        if given.is_none() && result.is_some() {
            // A result by itself: its call stands elsewhere.
        } else {
            let given = given.unwrap_or_else(|| format!("{name}()"));
            let turn = NewTurn::message(Role::Assistant, name.as_str(), folded(given));
            self.folds.push(turn.of_kind(Kind::Tool));
        }
        if let Some(result) = result {
            let turn = NewTurn::message(Role::Tool, name, folded(result));
            self.folds.push(turn.of_kind(Kind::Tool));
        }
    }
}
