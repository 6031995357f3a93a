//! A chat of Meta's, put together from its files.

use super::mojibake::mended;
use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::Sink;
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::Stamps;
use crate::import::reading::chat::{file_about, media, spoken};
use crate::import::reading::input::{Part, Source};
use crate::import::reading::json::{Parts, array_under, flag, id_under, text_under};
use crate::import::reading::time::{instant, instant_under};
use crate::import::reading::turns::{self, Turns};
use serde_json::Value;

const PARTS: Parts = Parts {
    records: &["messages"],
    around: &[],
    members: &["participants", "title", "thread_path", "threadName"],
};

/// The chats of an input, in the order in which they were met.
#[derive(Default)]
pub(super) struct Threads(Vec<Thread>);

#[derive(Default)]
pub(super) struct Thread {
    /// What its files have in common.
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) people: Vec<String>,
    /// Newest first.
    pub(super) messages: Vec<NewTurn>,
}

impl Threads {
    /// Reads a file. Those of one chat are known by its path, or by their folder.
    pub(super) fn take(
        &mut self,
        source: &mut Source<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let name = source.sample().name().to_owned();
        let folder = name.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let folder = folder.filter(|_| source.stem().starts_with("message_"));
        let mut thread = Thread::default();
        source.each_part(PARTS, sink, |part, sink| {
            match part {
                Part::Member(key, value) => thread.about(&key, &value),
                Part::Record(value) => match turn(&value) {
                    Some(turn) => thread.messages.push(turn),
                    None => sink.skipped("record that is no message", &shorten(&value.to_string())),
                },
                Part::End => {}
            }
            Ok(())
        })?;
        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        thread.id = thread.id.map(|id| last(&id)).or(folder.as_deref().map(last));
        self.add(thread);
        Ok(())
    }

    /// Adds a file of a chat.
    pub(super) fn add(&mut self, mut thread: Thread) {
        match self.0.iter_mut().find(|known| known.id.is_some() && known.id == thread.id) {
            Some(known) => {
                known.messages.append(&mut thread.messages);
                known.title = known.title.take().or(thread.title);
            }
            None => self.0.push(thread),
        }
    }

    /// Hands the chats over, each in the order of time: the files are newest first.
    pub(super) fn push(self, sink: &mut dyn Sink) -> Result<(), ImportError> {
        for thread in self.0 {
            let mut messages = thread.messages;
            // Equal moments stand newest first too.
            messages.reverse();
            messages.sort_by_key(|turn| turn.said_at);
            let mut turns = Turns::default();
            let mut stamps = Stamps::default();
            for mut turn in messages {
                if turn.source_id.is_none() {
                    let civil = turn.said_at.map(Timestamp::civil);
                    turn.source_id = Some(stamps.id(civil, &turn.speaker));
                }
                turns.push(turn, sink);
            }
            let turns = turns.into_vec();
            let title = thread.title.filter(|title| !title.trim().is_empty());
            let people = (!thread.people.is_empty()).then(|| thread.people.join(", "));
            sink.conversation(Conversation {
                source_id: thread.id,
                title: title.or(people),
                started_at: turns.first().and_then(|turn| turn.said_at),
                turns,
            })?;
        }
        Ok(())
    }
}

impl Thread {
    fn about(&mut self, key: &str, value: &Value) {
        match (key, value) {
            ("title", Value::String(title)) => self.title = Some(mended(title)),
            ("threadName", Value::String(name)) => {
                // The name ends in the number of the chat.
                let title = name.rsplit_once('_').map_or(name.as_str(), |(title, _)| title);
                self.title = Some(mended(title));
                self.id = Some(name.clone());
            }
            ("thread_path", Value::String(path)) => self.id = Some(path.clone()),
            ("participants", Value::Array(people)) => {
                let name = |person: &Value| {
                    person.as_str().or_else(|| text_under(person, "name")).map(mended)
                };
                self.people = people.iter().filter_map(name).collect();
            }
            _ => {}
        }
    }
}

/// Returns the turn of a record; `None` where it is no message. What somebody did to the chat, such
/// as adding people, is written as said by them.
fn turn(value: &Value) -> Option<NewTurn> {
    let name = id_under(value, &["sender_name", "senderName"]);
    let said_at = instant_under(value, &["timestamp_ms", "timestamp"]);
    if name.is_none() && said_at.is_none() {
        return None;
    }
    let name = name.map_or_else(|| "Facebook user".to_owned(), |name| mended(&name));
    let text = ["content", "text"].iter().find_map(|key| text_under(value, key));
    let text = turns::with_files(text.map(mended).unwrap_or_default(), &shared(value));
    let unsent = flag(value, "is_unsent") || flag(value, "isUnsent");
    let text = if unsent { media("message that was taken back") } else { spoken(text) };
    Some(NewTurn::message(Role::User, name, text).at(said_at))
}

/// Returns a line for each thing that was shared.
fn shared(value: &Value) -> Vec<String> {
    const LISTS: [&str; 7] =
        ["photos", "videos", "audio_files", "gifs", "files", "media", "attachments"];
    let mut lines = Vec::new();
    for key in LISTS {
        for item in array_under(value, key) {
            let uri = text_under(item, "uri").map(mended);
            let name = uri.as_deref().and_then(|uri| uri.rsplit('/').next());
            lines.push(file_about(name, None, item.get("file_size").and_then(Value::as_u64)));
        }
    }
    if let Some(sticker) = value.get("sticker") {
        let uri = text_under(sticker, "uri").and_then(|uri| uri.rsplit('/').next());
        lines.push(media(&format!("sticker: {}", uri.unwrap_or("unnamed"))));
    }
    if let Some(share) = value.get("share") {
        let words = ["share_text", "original_content_owner", "link"];
        let words = words.iter().filter_map(|key| text_under(share, key)).map(mended);
        let words: Vec<String> = words.collect();
        if !words.is_empty() {
            lines.push(words.join(" "));
        }
    }
    if let Some(seconds) = value.get("call_duration").and_then(Value::as_u64)
        && text_under(value, "content").is_none()
    {
        lines.push(media(&format!("call: {seconds} s")));
    }
    // The time of a thing stands in for its name where there is none.
    if let Some(at) = value.get("photo_timestamp").and_then(instant) {
        lines.push(media(&format!("picture: {at}")));
    }
    lines
}
