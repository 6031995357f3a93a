//! `LibreChat`'s recursive export: each answer stands inside of the message that it follows, so that a
//! long conversation is nested more deeply than JSON is read. The objects are read as they come.
//!
//! Nothing tells where an object begins. But a message has its `children` behind everything else,
//! and all messages begin with the same key: where a key comes again, the next one has begun.

use super::message::told;
use super::{head, send};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Part, Source};
use crate::import::reading::json::{Parts, array_under};
use crate::import::reading::tree::Node;
use crate::import::reading::turns::{Branch, Branches, Turns};
use crate::import::{Options, Sink};
use serde_json::{Map, Value};

/// What is said of the conversation, before its messages.
const ABOUT: [&str; 4] = ["conversationId", "title", "endpoint", "exportAt"];

const PARTS: Parts = Parts {
    records: &[],
    around: &["messages", "children"],
    members: &[
        "conversationId",
        "title",
        "endpoint",
        "exportAt",
        "messageId",
        "parentMessageId",
        "isCreatedByUser",
        "sender",
        "text",
        "content",
        "createdAt",
        "files",
        "attachments",
    ],
};

/// Whether messages of a document stand inside of each other.
pub(super) fn is_nested(document: &Value) -> bool {
    document.is_object()
        && array_under(document, "messages").iter().any(|message| {
            message.get("isCreatedByUser").is_some() && !array_under(message, "children").is_empty()
        })
}

pub(super) fn read(
    source: &mut Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let path = source.path().to_owned();
    let mut nested = Nested { about: None, open: Map::new(), branches: Branches::long(), options };
    source.each_part(PARTS, sink, |part, sink| {
        match part {
            Part::Member(key, value) => nested.member(key, value, sink),
            Part::End => nested.flush(sink),
            Part::Record(_) => {}
        }
        Ok(())
    })?;
    let about = nested.about.unwrap_or_default();
    let mut turns = Turns::long();
    nested.branches.read(None, &mut turns, sink).map_err(|error| ImportError::io(&path, error))?;
    send(head(&about, None, options, sink), turns, sink)
}

struct Nested<'o> {
    about: Option<Value>,
    /// The object whose members come.
    open: Map<String, Value>,
    branches: Branches,
    options: &'o Options,
}

impl Nested<'_> {
    fn member(&mut self, key: String, value: Value, sink: &mut dyn Sink) {
        let ends = match self.about {
            None => self.open.contains_key(&key) || !ABOUT.contains(&key.as_str()),
            Some(_) => self.open.contains_key(&key),
        };
        if ends {
            self.flush(sink);
        }
        self.open.insert(key, value);
    }

    fn flush(&mut self, sink: &mut dyn Sink) {
        let object = Value::Object(std::mem::take(&mut self.open));
        if self.about.is_none() {
            self.about = Some(object);
            return;
        }
        let Some(told) = told(&object, self.options, sink) else {
            // What stands behind the messages says nothing more.
            if object.get("messageId").is_some() {
                sink.skipped("record that is no message", &shorten(&object.to_string()));
            }
            return;
        };
        let id = told.id.unwrap_or_else(|| format!("\u{0}{}", self.branches.len()));
        let said_at = told.turns.last().and_then(|turn| turn.said_at);
        let node = Node { id, parent: told.parent, said_at };
        self.branches.push(Branch { node, turns: told.turns }, sink);
    }
}
