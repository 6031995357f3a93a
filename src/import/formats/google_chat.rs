//! Google Chat: the folder of a Takeout, `Google Chat/Groups/<group>/messages.json`, with what is
//! known of the group in `group_info.json` beside it. Also Hangouts' one `Hangouts.json`.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, spoken};
use crate::import::reading::dates::{self, Stamp};
use crate::import::reading::input::{Part, Source, Unit};
use crate::import::reading::json::{Parts, array_under, id_under, text_under};
use crate::import::reading::time::{When, instant_under, parse};
use crate::import::reading::turns::{self, Turns};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;

/// The format `google_chat`.
pub(super) struct GoogleChat;

const PARTS: Parts = Parts { records: &["messages"], around: &[], members: &[] };

impl Importer for GoogleChat {
    fn format(&self) -> &'static str {
        "google_chat"
    }

    fn description(&self) -> &'static str {
        "Google Chat and Hangouts: the folder of a Takeout (messages.json, Hangouts.json)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_message) || sample.any(is_hangout) {
            return Confidence::Certain;
        }
        let member = |value: &Value| value.get("email").is_some() && value.get("name").is_some();
        let group = |value: &Value| array_under(value, "members").iter().any(member);
        let user = |value: &Value| value.get("membership_info").is_some_and(Value::is_array);
        if sample.any(group) || sample.any(user) {
            return Confidence::Beside(
                "the folder Google Chat with the messages.json of its groups",
            );
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let groups = groups(input, sink)?;
        input.each(sink, |source, sink| {
            if source.sample().any(is_hangout) {
                return hangouts(source, sink);
            }
            let folder = source.sample().name().rsplit_once('/').map_or("", |(folder, _)| folder);
            let group = groups.get(folder).cloned();
            let folder = folder.rsplit('/').next().unwrap_or_default().to_owned();
            let mut turns = Turns::long();
            let mut space = None;
            source.each_part(PARTS, sink, |part, sink| {
                if let Part::Record(message) = part {
                    space = space.take().or_else(|| space_of(&message));
                    if let Some(turn) = turn(&message, options, sink) {
                        turns.push(turn, sink);
                    }
                }
                Ok(())
            })?;
            if turns.is_empty() {
                sink.skipped("chat without messages", &shorten(&folder));
                return Ok(());
            }
            let head = Conversation {
                source_id: space.or_else(|| Some(folder.clone()).filter(|f| !f.is_empty())),
                title: group.or(Some(folder).filter(|folder| !folder.is_empty())),
                started_at: turns.first_at(),
                turns: Vec::new(),
            };
            Ok(turns.send(head, sink)?)
        })
    }
}

fn is_message(value: &Value) -> bool {
    value.get("creator").is_some_and(Value::is_object)
        && ["message_id", "topic_id", "created_date"]
            .iter()
            .filter(|k| value.get(**k).is_some())
            .count()
            >= 2
}

/// The names of the groups by their folders: what they are called, else who is in them.
fn groups(
    input: &mut Input<'_>,
    sink: &mut dyn Sink,
) -> Result<HashMap<String, String>, ImportError> {
    const LARGEST: usize = 8 << 20;
    let beside: Vec<(usize, String)> = input
        .beside()
        .filter(|(_, name)| name.ends_with("group_info.json"))
        .map(|(index, name)| (index, name.to_owned()))
        .collect();
    let mut groups = HashMap::new();
    for (index, name) in beside {
        let text = match input.open(index).and_then(|mut source| source.whole_text(LARGEST, sink)) {
            Ok(text) => text,
            Err(ImportError::Stopped(stop)) => return Err(stop.into()),
            Err(error) => {
                sink.skipped("list of members cannot be read", &shorten(&error.to_string()));
                continue;
            }
        };
        let about: Value = serde_json::from_str(&text).unwrap_or_default();
        let members = array_under(&about, "members").iter();
        let members: Vec<&str> = members
            .filter_map(|one| text_under(one, "name").or_else(|| text_under(one, "email")))
            .collect();
        let called = text_under(&about, "name").map(str::to_owned);
        let called = called.or_else(|| (!members.is_empty()).then(|| shorten(&members.join(", "))));
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        groups.extend(called.map(|called| (folder.to_owned(), called)));
    }
    Ok(groups)
}

/// The space of a message: the first part of its id.
fn space_of(message: &Value) -> Option<String> {
    let id = text_under(message, "message_id")?;
    let mut parts = id.split('/');
    let (space, more) = (parts.next()?, parts.count());
    (more >= 1).then(|| space.to_owned())
}

fn turn(message: &Value, options: &Options, sink: &mut dyn Sink) -> Option<NewTurn> {
    let id = id_under(message, &["message_id"]);
    if text_under(message, "message_state") == Some("DELETED")
        || message.get("deletion_metadata").is_some()
    {
        sink.skipped("message that was deleted", id.as_deref().unwrap_or_default());
        return None;
    }
    let creator = message.get("creator").unwrap_or(&Value::Null);
    let speaker = text_under(creator, "name").or_else(|| text_under(creator, "email"));
    let bot = text_under(creator, "user_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bot"));
    let role = if bot { Role::Assistant } else { Role::User };
    let mut files: Vec<String> = Vec::new();
    for file in array_under(message, "attached_files") {
        let name = text_under(file, "original_name").or_else(|| text_under(file, "export_name"));
        files.push(turns::file(name.unwrap_or("unnamed")));
    }
    for note in array_under(message, "annotations") {
        if note.get("video_call_metadata").is_some() {
            files.push(media("call"));
        } else if let Some(gif) =
            note.get("gsuite_integration_metadata").or_else(|| note.get("drive_metadata"))
        {
            files.extend(text_under(gif, "title").map(turns::file));
        }
    }
    let text = text_under(message, "text").unwrap_or_default().to_owned();
    let text = spoken(turns::with_files(text, &files));
    let written = text_under(message, "created_date").unwrap_or_default();
    let when = when(written, options, sink);
    let mut turn = NewTurn::message(role, speaker.unwrap_or("unknown"), text).at(when.said_at);
    turn.said_at_text = when.text;
    turn.source_id = id;
    Some(turn)
}

/// A time in the words of the account's language: `Monday, June 8, 2015 at 11:46:23 PM UTC`.
fn when(written: &str, options: &Options, sink: &mut dyn Sink) -> When {
    let exact = parse(written, &options.time_zone);
    if exact.said_at.is_some() || written.is_empty() {
        return exact;
    }
    // The day of the week stands before a comma, in some languages without one.
    let behind = written.split_once(',').map_or("", |(_, rest)| rest);
    let word = written.split_once(' ').map_or("", |(_, rest)| rest);
    let stamp = [written, behind, word].iter().find_map(|text| Stamp::read(text));
    if let Some(stamp) = stamp {
        let orders = dates::orders(std::iter::once(&stamp), options, sink);
        return stamp.instant(&orders, options);
    }
    sink.skipped("time that cannot be read", &shorten(written));
    When { said_at: None, text: Some(written.to_owned()) }
}

/// Whether this is a conversation of Hangouts.
fn is_hangout(value: &Value) -> bool {
    let events = value.get("events").is_some_and(Value::is_array);
    events && value.get("conversation").is_some_and(|inner| inner.get("conversation").is_some())
}

fn hangouts(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let layout = source.sample().layout(is_hangout);
    source.each_record(layout, Unit::Conversation, sink, |value, sink| {
        if !is_hangout(&value) {
            sink.failed("conversation without its events", &shorten(&value.to_string()));
            return Ok(());
        }
        let about = value.pointer("/conversation/conversation").unwrap_or(&Value::Null);
        let people: HashMap<String, String> = array_under(about, "participant_data")
            .iter()
            .filter_map(|one| {
                let id = id_under(one.get("id")?, &["gaia_id", "chat_id"])?;
                Some((id, text_under(one, "fallback_name")?.to_owned()))
            })
            .collect();
        let mut events: Vec<&Value> = array_under(&value, "events").iter().collect();
        events.sort_by_key(|event| instant_under(event, &["timestamp"]));
        let mut turns = Turns::default();
        for event in events {
            let Some(text) = event_text(event) else {
                sink.skipped(
                    "event that is no message",
                    text_under(event, "event_type").unwrap_or_default(),
                );
                continue;
            };
            let sender =
                event.get("sender_id").and_then(|id| id_under(id, &["gaia_id", "chat_id"]));
            let sender = sender.unwrap_or_else(|| "unknown".to_owned());
            let speaker = people.get(&sender).unwrap_or(&sender);
            let mut turn = NewTurn::message(Role::User, speaker.as_str(), spoken(text));
            turn.source_id = id_under(event, &["event_id"]);
            turns.push(turn.at(instant_under(event, &["timestamp"])), sink);
        }
        if turns.is_empty() {
            sink.skipped("chat without messages", "");
            return Ok(());
        }
        let mut names: Vec<&str> = people.values().map(String::as_str).collect();
        names.sort_unstable();
        let title =
            text_under(about, "name").map_or_else(|| shorten(&names.join(", ")), str::to_owned);
        let source_id = value
            .pointer("/conversation/conversation_id")
            .or_else(|| about.get("id"))
            .and_then(|id| id_under(id, &["id"]));
        let started_at = turns.first_at();
        let title = Some(title).filter(|title| !title.is_empty());
        Ok(turns.send(Conversation { source_id, title, started_at, turns: Vec::new() }, sink)?)
    })
}

/// The words of an event of Hangouts, and what was sent with them; `None` where it is no message.
fn event_text(event: &Value) -> Option<String> {
    let content = event.get("chat_message")?.get("message_content")?;
    let mut text = String::new();
    for segment in array_under(content, "segment") {
        match text_under(segment, "type") {
            Some("LINE_BREAK") => text.push('\n'),
            _ => text.push_str(segment.get("text").and_then(Value::as_str).unwrap_or_default()),
        }
    }
    let attached = array_under(content, "attachment").len();
    let files: Vec<String> = (0..attached).map(|_| media("picture")).collect();
    Some(turns::with_files(text, &files))
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{options, read_as, read_path};

    #[test]
    fn messages_of_a_group() {
        let folder = tempfile::tempdir().unwrap();
        let group = folder.path().join("Google Chat/Groups/Space AAAA");
        std::fs::create_dir_all(&group).unwrap();
        let messages = "{\"messages\": [
            {\"creator\": {\"name\": \"Ada\", \"email\": \"ada@x.example\", \"user_type\": \"Human\"},
             \"created_date\": \"Monday, June 8, 2015 at 11:46:23\u{202F}PM UTC\", \"text\": \"Hi\", \"topic_id\": \"T\", \"message_id\": \"AAAA/T/M1\"},
            {\"creator\": {\"name\": \"Bob\"}, \"created_date\": \"martes, 9 de junio de 2015, 8:01:00 UTC\",
             \"attached_files\": [{\"original_name\": \"a.png\", \"export_name\": \"File-a.png\"}], \"topic_id\": \"T\", \"message_id\": \"AAAA/T/M2\"},
            {\"creator\": {\"name\": \"Bob\"}, \"message_state\": \"DELETED\", \"created_date\": \"x\", \"topic_id\": \"T\", \"message_id\": \"AAAA/T/M3\"}]}";
        std::fs::write(group.join("messages.json"), messages).unwrap();
        let about = r#"{"name": "Garden", "members": [{"name": "Ada", "email": "ada@x.example"}]}"#;
        std::fs::write(group.join("group_info.json"), about).unwrap();
        let (result, sink) = read_path(folder.path(), &options());
        assert_eq!(result.unwrap().formats, ["google_chat"]);
        assert_eq!(sink.said(), ["Ada: Hi", "Bob: [file: a.png]"]);
        let conversation = &sink.conversations[0];
        assert_eq!(conversation.title.as_deref(), Some("Garden"));
        assert_eq!(conversation.source_id.as_deref(), Some("AAAA"));
        let times: Vec<String> =
            conversation.turns.iter().filter_map(|turn| Some(turn.said_at?.to_string())).collect();
        assert_eq!(times, ["2015-06-08T23:46:23Z", "2015-06-09T08:01:00Z"]);
    }

    #[test]
    fn hangouts() {
        let sink = read_as(
            "google_chat",
            r#"{"conversations": [{"conversation": {"conversation_id": {"id": "C"}, "conversation": {"participant_data": [
                {"id": {"gaia_id": "1"}, "fallback_name": "Ada"}]}}, "events": [
                {"event_id": "e2", "sender_id": {"gaia_id": "2"}, "timestamp": "1400000060000000", "event_type": "ADD_USER"},
                {"event_id": "e1", "sender_id": {"gaia_id": "1"}, "timestamp": "1400000000000000", "chat_message": {"message_content": {
                    "segment": [{"type": "TEXT", "text": "Hi"}, {"type": "LINE_BREAK"}, {"type": "LINK", "text": "x.example"}]}}}]}]}"#,
        );
        assert_eq!(sink.said(), ["Ada: Hi\nx.example"]);
        assert_eq!(sink.span().0.unwrap().to_string(), "2014-05-13T16:53:20Z");
    }
}
