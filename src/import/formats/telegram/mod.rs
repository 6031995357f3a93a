//! Telegram: exports of Telegram Desktop, as JSON (one chat or all) and as pages of HTML.

mod html;
mod list;
mod message;

use crate::conversation::Conversation;
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Part;
use crate::import::reading::json::{Parts, id_under, text_under};
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use message::Chat;
use serde_json::Value;

/// The format `telegram`.
pub(super) struct Telegram;

const PARTS: Parts = Parts {
    records: &["messages"],
    around: &["chats", "left_chats", "list"],
    members: &["name", "type", "id"],
};

impl Importer for Telegram {
    fn format(&self) -> &'static str {
        "telegram"
    }

    fn description(&self) -> &'static str {
        "Telegram Desktop: result.json of one chat or of all, or the pages messages.html"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if list::holds(sample) {
            return Confidence::Certain;
        }
        if let Some(document) = sample.document() {
            return if holds_chat(document, 0) { Confidence::Certain } else { Confidence::No };
        }
        match html::kind(sample.text()) {
            html::Page::Messages => Confidence::Certain,
            html::Page::Other => Confidence::Beside("result.json or the messages.html of a chat"),
            html::Page::Foreign => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let mut pages = html::Pages::default();
        input.each(sink, |source, sink| {
            if list::holds(source.sample()) {
                return list::read(source, options, sink);
            }
            if source.sample().document().is_none() {
                return pages.take(source, options, sink);
            }
            let stem = source.stem().to_owned();
            let mut open: Vec<Chat> = Vec::new();
            let mut chat = Chat::default();
            let mut turns = Turns::long();
            source.each_part(PARTS, sink, |part, sink| {
                match part {
                    Part::Member(key, value) => chat.about(&key, &value),
                    Part::Record(value) => match chat.turn(&value, options) {
                        Some(turn) => turns.push(turn, sink),
                        None => {
                            sink.skipped("record that is no message", &shorten(&value.to_string()));
                        }
                    },
                    Part::End => {
                        let turns = std::mem::replace(&mut turns, Turns::long());
                        let ended = std::mem::take(&mut chat);
                        chat = open.pop().unwrap_or_default();
                        if !turns.is_empty() {
                            let started_at = turns.first_at();
                            let head = ended.conversation(Vec::new(), &stem);
                            turns.send(Conversation { started_at, ..head }, sink)?;
                        }
                    }
                }
                Ok(())
            })
        })?;
        for conversation in pages.into_conversations(sink) {
            sink.conversation(conversation)?;
        }
        Ok(())
    }
}

/// Whether a document is a chat or holds some.
fn holds_chat(value: &Value, depth: usize) -> bool {
    const LOOKED_AT: usize = 24;
    if let Some(messages) = value.get("messages").and_then(Value::as_array) {
        return messages.iter().take(LOOKED_AT).any(is_message);
    }
    let below = |key: &str| value.get(key).is_some_and(|inner| holds_chat(inner, depth + 1));
    match value.get("list").and_then(Value::as_array) {
        Some(chats) => depth < 3 && chats.iter().take(LOOKED_AT).any(|c| holds_chat(c, depth + 1)),
        None => depth < 2 && (below("chats") || below("left_chats")),
    }
}

fn is_message(value: &Value) -> bool {
    matches!(text_under(value, "type"), Some("message" | "service"))
        && (value.get("date_unixtime").is_some() || value.get("date").is_some_and(Value::is_string))
        && (value.get("text").is_some() || value.get("action").is_some())
        && id_under(value, &["ts"]).is_none()
}

impl Chat {
    fn conversation(self, turns: Vec<crate::conversation::NewTurn>, stem: &str) -> Conversation {
        let title = self.name.unwrap_or_else(|| match self.kind.as_str() {
            "saved_messages" => "Saved Messages".to_owned(),
            "" => stem.to_owned(),
            kind => kind.replace('_', " "),
        });
        Conversation {
            source_id: self.id,
            title: Some(title),
            started_at: turns.iter().find_map(|turn| turn.said_at),
            turns,
        }
    }
}

#[cfg(test)]
mod tests;
