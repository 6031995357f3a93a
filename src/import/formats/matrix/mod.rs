//! Matrix: the export of a room from Element, JSON or HTML, and events as a server gives them: lists,
//! and what it answers to `/sync`.

mod page;

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{file_about, media, service};
use crate::import::reading::input::{Part, Unit};
use crate::import::reading::json::{Layout, Parts, array_under, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;

const PARTS: Parts = Parts {
    records: &["messages", "chunk", "events"],
    around: &["timeline"],
    members: &["room_name", "room_id", "topic"],
};

/// The format `matrix`.
pub(super) struct Matrix;

impl Importer for Matrix {
    fn format(&self) -> &'static str {
        "matrix"
    }

    fn description(&self) -> &'static str {
        "Matrix: the export of a room from Element, JSON or HTML; lists of events"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let synced = sample.document().is_some_and(|document| rooms(document).next().is_some());
        if synced || sample.any(is_event) || page::is(sample) {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            if page::is(source.sample()) {
                return page::read(source, options, sink);
            }
            if source.sample().document().is_some_and(|document| rooms(document).next().is_some()) {
                return source.each_record(
                    Layout::Whole,
                    Unit::Conversation,
                    sink,
                    |document, sink| synced(&document, sink),
                );
            }
            let mut room = Room { title: source.stem().to_owned(), ..Room::default() };
            if source.sample().document().is_some_and(Value::is_object) {
                source.each_part(PARTS, sink, |part, sink| {
                    match part {
                        Part::Member(key, value) => room.about(&key, &value),
                        Part::Record(value) => room.take(&value, sink),
                        Part::End => {}
                    }
                    Ok(())
                })?;
            } else {
                let layout = source.sample().layout(is_event);
                source.each_record(layout, Unit::Message, sink, |value, sink| {
                    room.take(&value, sink);
                    Ok(())
                })?;
            }
            room.push(sink)
        })
    }
}

/// The rooms of what a server answers to `/sync`, with what is new in each.
fn rooms(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let about = document.get("rooms");
    let kinds = ["join", "leave"].into_iter().filter_map(move |kind| about?.get(kind)?.as_object());
    let has_events = |(_, room): &(&String, &Value)| {
        room.get("timeline")
            .is_some_and(|timeline| array_under(timeline, "events").iter().any(is_event))
    };
    kinds.flatten().filter(has_events)
}

fn synced(document: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    for (id, about) in rooms(document) {
        let mut room = Room { id: Some(id.clone()), title: id.clone(), ..Room::default() };
        for part in ["state", "timeline"].iter().filter_map(|key| about.get(*key)) {
            for event in array_under(part, "events") {
                if let Some(name) = event
                    .pointer("/content/name")
                    .filter(|_| text_under(event, "type") == Some("m.room.name"))
                {
                    room.about("room_name", name);
                }
                room.take(event, sink);
            }
        }
        room.push(sink)?;
    }
    Ok(())
}

fn is_event(value: &Value) -> bool {
    value.get("origin_server_ts").is_some()
        && text_under(value, "type")
            .is_some_and(|kind| kind.starts_with("m.") || kind.starts_with("org.matrix."))
        && (value.get("sender").is_some() || value.get("user_id").is_some())
}

#[derive(Default)]
struct Room {
    id: Option<String>,
    title: String,
    names: HashMap<String, String>,
    /// Each with the identity of who sent it.
    turns: Vec<(String, NewTurn)>,
    place: HashMap<String, usize>,
    /// What an event became, by its identity: the moment and the words of the latest edit.
    edits: HashMap<String, (Option<crate::conversation::Timestamp>, String)>,
}

impl Room {
    fn about(&mut self, key: &str, value: &Value) {
        match (key, value) {
            ("room_name", Value::String(name)) if !name.trim().is_empty() => {
                self.title.clone_from(name);
            }
            ("room_id", Value::String(id)) => self.id = Some(id.clone()),
            _ => {}
        }
    }

    fn take(&mut self, event: &Value, sink: &mut dyn Sink) {
        let Some(sender) = id_under(event, &["sender", "user_id"]).filter(|_| is_event(event))
        else {
            sink.skipped("record that is no event", &shorten(&event.to_string()));
            return;
        };
        if self.id.is_none() {
            self.id = id_under(event, &["room_id"]);
        }
        let said_at = instant_under(event, &["origin_server_ts"]);
        let content = event.get("content").unwrap_or(&Value::Null);
        let relation = content.get("m.relates_to");
        let related = relation.and_then(|r| text_under(r, "event_id"));
        let replaces = relation.is_some_and(|r| text_under(r, "rel_type") == Some("m.replace"));
        if let (true, Some(id)) = (replaces, related) {
            let new = said(content.get("m.new_content").unwrap_or(content));
            let known = self.edits.get(id).is_none_or(|(at, _)| *at <= said_at);
            if known {
                self.edits.insert(id.to_owned(), (said_at, new));
            }
            return;
        }
        let mut turn = match text_under(event, "type").unwrap_or_default() {
            "m.room.message" | "m.sticker" => NewTurn::message(Role::User, "", said(content)),
            "m.poll.start" | "org.matrix.msc3381.poll.start" => {
                NewTurn::message(Role::User, "", poll(content))
            }
            "m.room.encrypted" => {
                sink.skipped("event that could not be decrypted", &sender);
                return;
            }
            "m.room.member" => {
                let subject = id_under(event, &["state_key"]).unwrap_or_else(|| sender.clone());
                if let Some(name) = text_under(content, "displayname") {
                    self.names.entry(subject.clone()).or_insert_with(|| name.to_owned());
                }
                let did = text_under(content, "membership").unwrap_or("changed");
                service(format!("{} {did}", self.name(&subject)))
            }
            kind @ ("m.room.name" | "m.room.topic") => {
                let words = ["name", "topic"].iter().find_map(|key| text_under(content, key));
                let what = kind.trim_start_matches("m.room.");
                service(format!("{what}: {}", words.unwrap_or_default()))
            }
            _ => {
                sink.skipped("event that is no message", text_under(event, "type").unwrap_or(""));
                return;
            }
        };
        if turn.role == Role::User && turn.text.trim().is_empty() {
            sink.skipped("message that was taken back", &sender);
            return;
        }
        turn.source_id = id_under(event, &["event_id"]);
        if let Some(id) = &turn.source_id {
            self.place.entry(id.clone()).or_insert(self.turns.len());
        }
        self.turns.push((sender, turn.at(said_at)));
    }

    /// The name of a member: what they call themselves, else the first part of their address.
    fn name(&self, id: &str) -> String {
        let local = id.trim_start_matches('@').split(':').next().unwrap_or(id);
        self.names.get(id).cloned().unwrap_or_else(|| local.to_owned())
    }

    fn push(mut self, sink: &mut dyn Sink) -> Result<(), ImportError> {
        for (id, (_, text)) in std::mem::take(&mut self.edits) {
            let place = self.place.get(&id).copied();
            if let Some((_, turn)) = place.and_then(|place| self.turns.get_mut(place))
                && !text.is_empty()
            {
                turn.text = text;
            }
        }
        let mut kept: Vec<(String, NewTurn)> = std::mem::take(&mut self.turns);
        kept.sort_by_key(|(_, turn)| turn.said_at);
        let mut turns = Turns::default();
        for (sender, mut turn) in kept {
            if turn.role == Role::User {
                turn.speaker = self.name(&sender);
            }
            turns.push(turn, sink);
        }
        let turns = turns.into_vec();
        sink.conversation(Conversation {
            source_id: self.id,
            title: Some(self.title),
            started_at: turns.first().and_then(|turn| turn.said_at),
            turns,
        })?;
        Ok(())
    }
}

/// Returns what an event says, without what it quotes of the one that it answers.
fn said(content: &Value) -> String {
    let body = text_under(content, "body").unwrap_or_default();
    let kind = text_under(content, "msgtype").unwrap_or("m.text");
    let size = content.get("info").and_then(|info| info.get("size")).and_then(Value::as_u64);
    let mime = content.get("info").and_then(|info| text_under(info, "mimetype"));
    match kind {
        "m.image" | "m.file" | "m.video" | "m.audio" => {
            let name = text_under(content, "filename").unwrap_or(body);
            let line = file_about(Some(name), mime, size);
            if name == body || body.is_empty() { line } else { format!("{body}\n{line}") }
        }
        "m.location" => media(&format!("place: {body}")),
        _ if content.get("url").is_some() && content.get("msgtype").is_none() => {
            media(&format!("sticker: {body}"))
        }
        _ => unquoted(body, content).to_owned(),
    }
}

fn unquoted<'b>(body: &'b str, content: &Value) -> &'b str {
    let answers = content.get("m.relates_to").is_some_and(|r| r.get("m.in_reply_to").is_some());
    if !answers || !body.starts_with("> <") {
        return body;
    }
    let mut rest = body;
    while rest.starts_with('>') {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    if rest.trim().is_empty() { body } else { rest.trim_start() }
}

fn poll(content: &Value) -> String {
    const STARTS: [&str; 4] =
        ["m.poll", "m.poll.start", "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll"];
    let start = STARTS.iter().find_map(|key| content.get(*key));
    let words = |value: &Value| -> String {
        let keys = ["body", "org.matrix.msc1767.text", "m.text"];
        // A text, or a list of it in several forms.
        let text = keys.iter().find_map(|key| text_under(value, key)).or_else(|| {
            let forms = keys.iter().flat_map(|key| array_under(value, key));
            forms.into_iter().find_map(|form| text_under(form, "body"))
        });
        text.or_else(|| value.as_str()).unwrap_or_default().to_owned()
    };
    let Some(start) = start else { return words(content) };
    let mut lines = vec![format!("Poll: {}", start.get("question").map(words).unwrap_or_default())];
    lines.extend(array_under(start, "answers").iter().map(|answer| format!("- {}", words(answer))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    fn event(id: u32, kind: &str, sender: &str, content: &str, more: &str) -> String {
        format!(
            r#"{{"type": "{kind}", "event_id": "$e{id}", "room_id": "!r:x", "sender": "{sender}", "origin_server_ts": {}, "content": {content}{more}}}"#,
            1_683_187_200_000_u64 + u64::from(id) * 1000
        )
    }

    #[test]
    fn a_room() {
        let events = [
            event(
                1,
                "m.room.member",
                "@ada:x",
                r#"{"membership": "join", "displayname": "Ada B"}"#,
                r#", "state_key": "@ada:x""#,
            ),
            event(2, "m.room.message", "@ada:x", r#"{"msgtype": "m.text", "body": "helo"}"#, ""),
            event(
                3,
                "m.room.message",
                "@bob:x",
                r#"{"msgtype": "m.text", "body": "> <@ada:x> helo\n\nhi", "m.relates_to": {"m.in_reply_to": {"event_id": "$e2"}}}"#,
                "",
            ),
            event(
                4,
                "m.room.message",
                "@ada:x",
                r#"{"msgtype": "m.text", "body": "* hello", "m.new_content": {"msgtype": "m.text", "body": "hello"}, "m.relates_to": {"rel_type": "m.replace", "event_id": "$e2"}}"#,
                "",
            ),
            event(
                5,
                "m.room.message",
                "@bob:x",
                r#"{"msgtype": "m.image", "body": "view.jpg", "url": "mxc://x", "info": {"mimetype": "image/jpeg", "size": 2048}}"#,
                "",
            ),
            event(6, "m.reaction", "@bob:x", "{}", ""),
            event(7, "m.room.message", "@bob:x", "{}", r#", "unsigned": {"redacted_because": {}}"#),
            event(8, "m.room.encrypted", "@bob:x", "{}", ""),
        ];
        let text = format!(
            r#"{{"room_name": "Hills", "room_creator": "@ada:x", "topic": "", "export_date": "4.5.2023", "messages": [{}]}}"#,
            events.join(",")
        );
        let sink = read_as("matrix", &text);
        assert_eq!(
            sink.said(),
            [
                "(tool) system: Ada B join",
                "Ada B: hello",
                "bob: hi",
                "bob: [file: view.jpg (image/jpeg, 2 KB)]",
            ]
        );
        let conversation = &sink.conversations[0];
        assert_eq!(conversation.title.as_deref(), Some("Hills"));
        assert_eq!(conversation.source_id.as_deref(), Some("!r:x"));
        assert_eq!(sink.span().0.unwrap().to_string(), "2023-05-04T08:00:01Z");
        for reason in ["message that was taken back", "event that could not be decrypted"] {
            assert_eq!(sink.skipped[reason], 1, "{reason}");
        }
        let lines = events[1..3].join("\n");
        assert_eq!(read_as("matrix", &lines).said(), ["ada: helo", "bob: hi"]);
        let list = format!("[{}]", events[1..3].join(","));
        assert_eq!(read_as("matrix", &list).said(), ["ada: helo", "bob: hi"]);
    }

    #[test]
    fn polls() {
        let old = r#"{"org.matrix.msc3381.poll.start": {"question": {"org.matrix.msc1767.text": "When?"}, "answers": [{"id": "a", "org.matrix.msc1767.text": "Now"}, {"id": "b", "org.matrix.msc1767.text": "Later"}]}}"#;
        let new = r#"{"m.poll": {"question": {"m.text": [{"body": "Where?"}]}, "answers": [{"m.id": "a", "m.text": [{"body": "Here"}]}]}}"#;
        let lines = [
            event(1, "m.room.message", "@ada:x", r#"{"msgtype": "m.text", "body": "hi"}"#, ""),
            event(2, "org.matrix.msc3381.poll.start", "@ada:x", old, ""),
            event(3, "m.poll.start", "@bob:x", new, ""),
            event(4, "org.matrix.msc3381.poll.response", "@bob:x", "{}", ""),
        ]
        .join("\n");
        let sink = read_as("matrix", &lines);
        assert_eq!(
            sink.said(),
            ["ada: hi", "ada: Poll: When?\n- Now\n- Later", "bob: Poll: Where?\n- Here"]
        );
        assert_eq!(sink.skipped["event that is no message"], 1);
    }

    #[test]
    fn other_files_are_not_taken() {
        for text in
            [r#"{"messages": [{"type": "m", "sender": "x"}]}"#, r#"{"events": [{"type": "m.x"}]}"#]
        {
            let (_, sink) = read_bytes(text.as_bytes());
            assert!(!sink.formats.contains(&"matrix"), "{text}");
        }
    }

    #[test]
    fn what_a_server_answers_to_sync() {
        let sink = read_as(
            "matrix",
            r#"{"next_batch": "s", "rooms": {"invite": {}, "join": {
                "!a:x": {"state": {"events": [{"type": "m.room.name", "event_id": "$n", "sender": "@ada:x", "state_key": "", "origin_server_ts": 1700000000000, "content": {"name": "Garden"}}]},
                  "timeline": {"limited": false, "events": [{"type": "m.room.message", "event_id": "$1", "sender": "@ada:x", "origin_server_ts": 1700000001000, "content": {"msgtype": "m.text", "body": "hi"}}]}},
                "!b:x": {"timeline": {"events": [{"type": "m.room.message", "event_id": "$2", "sender": "@bob:x", "origin_server_ts": 1700000002000, "content": {"msgtype": "m.text", "body": "ho"}}]}}}}}"#,
        );
        let said: Vec<&str> = sink.messages().map(|turn| turn.text.as_str()).collect();
        assert_eq!(said, ["hi", "ho"]);
        let ids: Vec<_> =
            sink.conversations.iter().filter_map(|c| c.source_id.as_deref()).collect();
        assert_eq!(ids, ["!a:x", "!b:x"]);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Garden"));
    }
}
