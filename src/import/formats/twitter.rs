//! X (Twitter): the direct messages in the archive of an account, `data/direct-messages.js` and
//! `direct-messages-group.js`. Grok's chats in the same archive are read by `grok`.
//!
//! A file is a program that sets a variable to a list of conversations, the newest message first,
//! with other events in between. People are numbers; who the account's owner is stands in
//! `account.js`.

use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{service, spoken};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{self, Layout, array_under, id_under, text_under};
use crate::import::reading::rooms::{Order, Rooms};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{file, with_files};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `twitter`.
pub(super) struct Twitter;

/// The variables that hold messages.
const MESSAGES: [&str; 4] =
    ["direct_messages", "direct_messages_group", "direct_message", "direct_message_group"];

impl Importer for Twitter {
    fn format(&self) -> &'static str {
        "twitter"
    }

    fn description(&self) -> &'static str {
        "X (Twitter): the direct messages in the archive of an account"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        match variable(sample.text()) {
            Some(name) if MESSAGES.contains(&name) => Confidence::Certain,
            Some("account" | "direct_message_headers" | "direct_message_group_headers") => {
                Confidence::Beside("data/direct-messages.js of the same archive")
            }
            _ => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let owner = owner(input, sink)?;
        // A conversation can be spread over several files.
        let mut rooms = Rooms::new();
        input.each(sink, |source, sink| {
            source.skip_past(b'=')?;
            let layout = Layout::Document(None);
            source.each_record(layout, Unit::Conversation, sink, |value, sink| {
                conversation(&value, &owner, &mut rooms, sink);
                Ok(())
            })
        })?;
        rooms.send(Order::Time, sink)
    }
}

/// The name of the variable that a file of the archive sets: `window.YTD.account.part0 = [`.
fn variable(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches('\u{FEFF}').trim_start().strip_prefix("window.YTD.")?;
    let name = rest.split(['=', ' ']).next()?;
    Some(name.split_once(".part").map_or(name, |(name, _)| name))
}

/// Whose archive it is.
#[derive(Debug, Default)]
struct Owner {
    id: Option<String>,
    name: Option<String>,
}

impl Owner {
    fn name_of<'n>(&'n self, id: &'n str) -> &'n str {
        if self.id.as_deref() == Some(id) { self.name.as_deref().unwrap_or("Me") } else { id }
    }
}

fn owner(input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<Owner, ImportError> {
    const LARGEST: usize = 1 << 20;
    let file = |name: &str| name == "account.js" || name.ends_with("/account.js");
    let Some((index, _)) = input.beside().find(|(_, name)| file(name)) else {
        return Ok(Owner::default());
    };
    let text = match input.open(index).and_then(|mut source| source.whole_text(LARGEST, sink)) {
        Ok(text) => text,
        Err(ImportError::Stopped(stop)) => return Err(stop.into()),
        Err(error) => {
            sink.skipped("account that cannot be read", &shorten(&error.to_string()));
            return Ok(Owner::default());
        }
    };
    let list = text.split_once('=').map_or("", |(_, list)| list.trim().trim_end_matches(';'));
    let list = json::parse(list).unwrap_or_default();
    let account = list.get(0).and_then(|one| one.get("account")).unwrap_or(&Value::Null);
    Ok(Owner {
        id: id_under(account, &["accountId"]),
        name: id_under(account, &["accountDisplayName", "username"]),
    })
}

fn conversation(value: &Value, owner: &Owner, rooms: &mut Rooms, sink: &mut dyn Sink) {
    let about = value.get("dmConversation").unwrap_or(value);
    let Some(events) = about.get("messages").and_then(Value::as_array) else {
        sink.failed("conversation without its messages", &shorten(&value.to_string()));
        return;
    };
    let key = id_under(about, &["conversationId"]).unwrap_or_default();
    let mut name = text_under(about, "name").map(str::to_owned);
    let mut others: Vec<String> = Vec::new();
    let when =
        |event: &Value| event.as_object()?.values().find_map(|e| instant_under(e, &["createdAt"]));
    let (first, last) = (events.first().and_then(when), events.last().and_then(when));
    // Several can be of one instant: they are in order only in the direction of the file.
    let newest_first = first >= last;
    let ordered: Box<dyn Iterator<Item = &Value>> =
        if newest_first { Box::new(events.iter().rev()) } else { Box::new(events.iter()) };
    for event in ordered {
        let Some((kind, event)) = event.as_object().and_then(|event| event.iter().next()) else {
            sink.skipped("event that is no message", &shorten(&event.to_string()));
            continue;
        };
        let said_at = instant_under(event, &["createdAt"]);
        let who = id_under(event, &["senderId", "initiatingUserId"]).unwrap_or_default();
        if !who.is_empty() && owner.id.as_ref() != Some(&who) && !others.contains(&who) {
            others.push(who.clone());
        }
        let speaker = owner.name_of(&who);
        let turn = match kind.as_str() {
            "messageCreate" | "welcomeMessageCreate" => {
                let speaker = if speaker.is_empty() { "unknown" } else { speaker };
                let mut turn = NewTurn::message(Role::User, speaker, spoken(said(event)));
                turn.source_id = id_under(event, &["id"]);
                turn
            }
            "reactionCreate" => {
                sink.skipped(
                    "reaction",
                    id_under(event, &["reactionKey"]).as_deref().unwrap_or(""),
                );
                continue;
            }
            "conversationNameUpdate" => {
                name = text_under(event, "name").map(str::to_owned).or(name);
                service(format!(
                    "{speaker} named the conversation {}",
                    name.as_deref().unwrap_or("")
                ))
            }
            "joinConversation" => service(format!("{speaker} joined the conversation")),
            "participantsJoin" | "participantsLeave" => {
                let people: Vec<&str> = array_under(event, "userIds")
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|id| owner.name_of(id))
                    .collect();
                let what = if kind == "participantsJoin" { "joined" } else { "left" };
                service(format!("{} {what} the conversation", people.join(", ")))
            }
            other => {
                sink.skipped("event that is no message", other);
                continue;
            }
        };
        rooms.push(&key, turn.at(said_at), sink);
    }
    // Of a conversation of two the identity holds both, also where only one of them wrote.
    if others.is_empty() {
        let other = |id: &&str| Some(*id) != owner.id.as_deref();
        others.extend(key.split('-').filter(other).take(1).map(str::to_owned));
    }
    let head = rooms.head(&key);
    if name.is_some() || head.title.is_none() {
        head.title = name.or_else(|| Some(format!("with {}", shorten(&others.join(", ")))));
    }
}

/// What a message says, with the addresses that its links lead to.
fn said(event: &Value) -> String {
    let mut text = event.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut files: Vec<String> = Vec::new();
    for media in array_under(event, "mediaUrls").iter().filter_map(Value::as_str) {
        files.push(file(media.rsplit('/').next().unwrap_or(media)));
    }
    for link in array_under(event, "urls") {
        let (Some(short), Some(long)) = (text_under(link, "url"), text_under(link, "expanded"))
        else {
            continue;
        };
        // What was attached has a link too, to a page of the site.
        let attached = !files.is_empty()
            && (long.contains("/messages/media/") || long.contains("ton.twitter.com"));
        text = text.replace(short, if attached { "" } else { long });
    }
    text.truncate(text.trim_end().len());
    with_files(text, &files)
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{options, read_as, read_bytes, read_path, zip};

    const MESSAGES: &str = r#"window.YTD.direct_messages.part0 = [ {"dmConversation": {"conversationId": "5-77", "messages": [
        {"messageCreate": {"id": "30", "senderId": "77", "recipientId": "5", "text": "see https://t.co/x and https://t.co/y", "createdAt": "2024-06-10T14:01:00.000Z",
            "mediaUrls": ["https://ton.example/dm/1/2/leaf.jpg"],
            "urls": [{"url": "https://t.co/x", "expanded": "https://example.com/fern", "display": "example.com"}, {"url": "https://t.co/y", "expanded": "https://twitter.com/messages/media/1"}]}},
        {"reactionCreate": {"senderId": "5", "reactionKey": "like", "eventId": "9", "createdAt": "2024-06-10T14:00:30.000Z"}},
        {"messageCreate": {"id": "20", "senderId": "5", "recipientId": "77", "text": "second", "createdAt": "2024-06-10T14:00:00.000Z"}},
        {"messageCreate": {"id": "10", "senderId": "5", "recipientId": "77", "text": "first", "createdAt": "2024-06-10T14:00:00.000Z"}}]}} ]"#;
    const GROUP: &str = r#"window.YTD.direct_messages_group.part0 = [{"dmConversation": {"conversationId": "900", "messages": [
        {"conversationNameUpdate": {"initiatingUserId": "5", "name": "Ferns", "createdAt": "2024-06-09T14:02:00.000Z"}},
        {"messageCreate": {"id": "2", "senderId": "78", "text": "", "mediaUrls": [], "createdAt": "2024-06-09T14:01:00.000Z"}},
        {"participantsLeave": {"userIds": ["79"], "createdAt": "2024-06-09T14:00:30.000Z"}},
        {"joinConversation": {"initiatingUserId": "77", "participantsSnapshot": ["5"], "createdAt": "2024-06-09T14:00:00.000Z"}}]}}]"#;
    const ACCOUNT: &str = r#"window.YTD.account.part0 = [{"account": {"username": "mia", "accountId": "5", "accountDisplayName": "Mia"}}]"#;
    const GROK: &str = r#"window.YTD.grok_chat_item.part0 = [{"grokChatItem": {"chatId": "c", "createdAt": "2025-01-01T10:00:00.000Z", "sender": {"name": "User"}, "message": "hello"}}]"#;

    const SAID: [&str; 7] = [
        "Mia: first",
        "Mia: second",
        "77: see https://example.com/fern and\n[file: leaf.jpg]",
        "(tool) system: 77 joined the conversation",
        "(tool) system: 79 left the conversation",
        "78: [message without text]",
        "(tool) system: Mia named the conversation Ferns",
    ];

    #[test]
    fn an_archive_as_folder_and_zip() {
        let files = [
            ("data/account.js", ACCOUNT),
            ("data/direct-messages.js", MESSAGES),
            ("data/direct-messages-group.js", GROUP),
            ("data/grok-chat-item.js", GROK),
        ];
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let packed = files.map(|(name, text)| (name, text.as_bytes()));
        for (result, sink) in [read_path(folder.path(), &options()), read_bytes(&zip(&packed))] {
            let mut formats = result.unwrap().formats;
            formats.sort_unstable();
            assert_eq!(formats, ["grok", "twitter"]);
            let mut said = sink.said();
            said.retain(|line| line != "user: hello");
            let mut expected = SAID.to_vec();
            // The group's file has the name that comes first.
            expected.rotate_left(3);
            assert_eq!(said, expected);
            assert_eq!(sink.skipped.keys().collect::<Vec<_>>(), ["reaction"]);
            let mut titles: Vec<_> =
                sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
            titles.sort_unstable();
            assert_eq!(titles, ["Ferns", "hello", "with 77"]);
        }
    }

    #[test]
    fn a_file_by_itself() {
        let sink = read_as("twitter", MESSAGES);
        assert_eq!(sink.said()[..2], ["5: first", "5: second"]);
        let damaged = MESSAGES.replace("\"messages\": [", "\"texts\": [");
        assert_eq!(read_as("twitter", &damaged).failed["conversation without its messages"], 1);
        assert!(
            read_bytes(ACCOUNT.as_bytes())
                .0
                .unwrap_err()
                .to_string()
                .contains("direct-messages.js")
        );
    }
}
