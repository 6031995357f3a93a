//! The trees of small files that opencode kept before its database: one for each session, message
//! and part, that belong together by the ids in them.

use super::{About, Message};
use crate::import::Sink;
use crate::import::error::{ImportError, shorten};
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::turns::folded;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Returns whether this is one of those files.
pub(super) fn is_piece(value: &Value) -> bool {
    Piece::of(value).is_some()
}

enum Piece {
    Session(String),
    Message(String, String),
    Part(String, String),
}

impl Piece {
    fn of(value: &Value) -> Option<Self> {
        let id = text_under(value, "id")?;
        let session = text_under(value, "sessionID").or_else(|| {
            // The oldest versions keep it with the times.
            text_under(value.get("metadata")?, "sessionID")
        });
        if let (Some(message), Some(_), Some(_)) =
            (text_under(value, "messageID"), session, text_under(value, "type"))
        {
            return Some(Self::Part(message.to_owned(), id.to_owned()));
        }
        if let (Some(session), Some(_)) = (session, text_under(value, "role")) {
            return Some(Self::Message(session.to_owned(), id.to_owned()));
        }
        let has_times = value.get("time").is_some_and(|time| time.get("created").is_some());
        let is_session = has_times
            && value.get("title").is_some()
            && value.get("version").is_some()
            && id.starts_with("ses");
        is_session.then(|| Self::Session(id.to_owned()))
    }
}

/// The files of a tree as far as they were read.
#[derive(Default)]
pub(super) struct Storage {
    sessions: BTreeMap<String, Value>,
    /// By session, then by message.
    messages: BTreeMap<String, BTreeMap<String, Value>>,
    /// By message, then by part.
    parts: BTreeMap<String, BTreeMap<String, Value>>,
}

impl Storage {
    /// Takes a file.
    pub(super) fn take(&mut self, value: Value, sink: &mut dyn Sink) {
        match Piece::of(&value) {
            Some(Piece::Session(id)) => {
                self.sessions.insert(id, value);
            }
            Some(Piece::Message(session, id)) => {
                self.messages.entry(session).or_default().insert(id, value);
            }
            Some(Piece::Part(message, id)) => {
                self.parts.entry(message).or_default().insert(id, bounded(value));
            }
            None => sink.failed("record of no session", &shorten(&value.to_string())),
        }
    }

    /// Puts the files together.
    pub(super) fn finish(mut self, sink: &mut dyn Sink) -> Result<(), ImportError> {
        let mut sessions: Vec<(About, BTreeMap<String, Value>)> = Vec::new();
        for (id, messages) in std::mem::take(&mut self.messages) {
            let about = self.sessions.remove(&id).map(|info| About::of(&info));
            let about = about.unwrap_or_else(|| About { source_id: Some(id), ..About::default() });
            sessions.push((about, messages));
        }
        for info in self.sessions.values() {
            let title = text_under(info, "title").unwrap_or_default();
            sink.skipped("session without messages", &shorten(title));
        }
        sessions.sort_by(|a, b| {
            (a.0.started_at, &a.0.source_id).cmp(&(b.0.started_at, &b.0.source_id))
        });
        for (about, messages) in sessions {
            let messages = messages.into_iter().map(|(id, mut info)| {
                let parts: Vec<Value> =
                    self.parts.remove(&id).unwrap_or_default().into_values().collect();
                let parts =
                    if parts.is_empty() { array_under(&info, "parts").to_vec() } else { parts };
                if info.get("time").is_none()
                    && let Some(time) =
                        info.get("metadata").and_then(|metadata| metadata.get("time")).cloned()
                {
                    info["time"] = time;
                }
                Message::new(&info, &parts, sink)
            });
            let messages = messages.collect();
            about.conversation(messages, sink)?;
        }
        for (message, parts) in self.parts {
            let example = parts.into_keys().next().unwrap_or(message);
            sink.skipped("part of a message that is missing", &example);
        }
        Ok(())
    }
}

/// Returns a part without what would not be kept of it: a tree can hold gigabytes of tools' output,
/// and all of it waits for the last file.
fn bounded(mut part: Value) -> Value {
    if id_under(&part, &["type"]).as_deref() != Some("tool") {
        return part;
    }
    if let Some(state) = part.get_mut("state").and_then(Value::as_object_mut) {
        let kept = ["input", "output", "error"].iter().filter_map(|key| {
            let value = match state.remove(*key)? {
                Value::String(text) => Value::from(folded(text)),
                value => value,
            };
            Some(((*key).to_owned(), value))
        });
        let kept = kept.collect();
        *state = kept;
        return part;
    }
    json!({"id": part.get("id"), "type": "tool", "tool": part.get("tool")})
}
