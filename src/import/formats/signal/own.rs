//! Signal's own export: a folder with `main.jsonl`, which has a line for the account, for each person
//! and group, for each chat, and for each message of all chats, mixed; attachments are beside it.
//!
//! A line names its kind by its one key. A chat refers to whom it is with, a message to its chat and
//! its author, by numbers that hold in this export only.

use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, service, spoken};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{Layout, array_under, id_under, text_under};
use crate::import::reading::rooms::{Order, Rooms};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{file, with_files};
use crate::import::{Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;

/// What a recipient is, by the key beside its number.
const RECIPIENTS: [&str; 6] =
    ["self", "contact", "group", "distributionList", "releaseNotes", "callLink"];

/// The kinds of lines that say nothing of a conversation.
const ASIDE: [&str; 5] =
    ["stickerPack", "adHocCall", "notificationProfile", "chatFolder", "backupTimeMs"];

/// Whether a file is the export's `main.jsonl`.
pub(super) fn holds(sample: &Sample) -> bool {
    sample.is_lines() && sample.records().iter().any(is_line)
}

/// Whether this is the little file that comes with it.
pub(super) fn is_beside(sample: &Sample) -> bool {
    let about = sample.document().and_then(Value::as_object);
    sample.file_name() == "metadata.json"
        && about.is_some_and(|about| about.len() == 1 && about.contains_key("version"))
}

fn is_line(value: &Value) -> bool {
    let under = |key: &str| value.get(key).unwrap_or(&Value::Null);
    let (item, person, chat) = (under("chatItem"), under("recipient"), under("chat"));
    item.get("chatId").is_some() && item.get("dateSent").is_some()
        || person.get("id").is_some() && RECIPIENTS.iter().any(|key| person.get(*key).is_some())
        || chat.get("id").is_some() && chat.get("recipientId").is_some()
}

/// What is known of the people and chats.
#[derive(Default)]
struct Known {
    /// How the account's owner is called.
    own: Option<String>,
    people: HashMap<String, Person>,
    /// The recipient of each chat.
    chats: HashMap<String, String>,
}

/// A person or a group.
struct Person {
    name: String,
    /// What another export tells it by too.
    key: Option<String>,
    is_self: bool,
}

impl Known {
    fn own(&self) -> &str {
        self.own.as_deref().unwrap_or("Me")
    }

    fn name(&self, id: Option<&str>) -> &str {
        match id.and_then(|id| self.people.get(id)) {
            Some(person) if person.is_self => self.own(),
            Some(person) => &person.name,
            None => "unknown",
        }
    }
}

/// Reads the file into chats.
pub(super) fn read(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let (mut known, mut rooms) = (Known::default(), Rooms::new());
    source.each_record(Layout::Lines, Unit::Message, sink, |value, sink| {
        let under = |key: &str| value.get(key).filter(|inner| inner.is_object());
        if let Some(account) = under("account") {
            known.own = full_name(account, "givenName", "familyName")
                .or_else(|| text_under(account, "username").map(str::to_owned));
        } else if let Some(recipient) = under("recipient") {
            if let Some(id) = id_under(recipient, &["id"]) {
                known.people.insert(id, person(recipient));
            }
        } else if let Some(chat) = under("chat") {
            if let (Some(id), Some(with)) =
                (id_under(chat, &["id"]), id_under(chat, &["recipientId"]))
            {
                known.chats.insert(id, with);
            }
        } else if let Some(item) = under("chatItem") {
            take(item, &known, &mut rooms, sink);
        } else if !ASIDE.iter().any(|key| value.get(*key).is_some()) {
            sink.skipped("record that is no message", &shorten(&value.to_string()));
        }
        Ok(())
    })?;
    // The file is in the order in which a phone shows the messages.
    rooms.send(Order::Written, sink)
}

fn full_name(about: &Value, given: &str, family: &str) -> Option<String> {
    let names: Vec<&str> =
        [given, family].into_iter().filter_map(|key| text_under(about, key)).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// Who a recipient is: for a person the name that the phone shows.
fn person(recipient: &Value) -> Person {
    let mut found = Person { name: "unknown".to_owned(), key: None, is_self: false };
    let number = |value: &Value| id_under(value, &["e164"]).map(|number| format!("+{number}"));
    if recipient.get("self").is_some() {
        found.is_self = true;
        found.key = Some("self".to_owned());
    } else if let Some(contact) = recipient.get("contact") {
        let nickname = contact.get("nickname").unwrap_or(&Value::Null);
        let name = full_name(nickname, "given", "family")
            .or_else(|| full_name(contact, "systemGivenName", "systemFamilyName"))
            .or_else(|| full_name(contact, "profileGivenName", "profileFamilyName"))
            .or_else(|| id_under(contact, &["systemNickname", "username"]))
            .or_else(|| number(contact));
        found.key = id_under(contact, &["aci", "pni"]).or_else(|| number(contact));
        found.name = name.unwrap_or(found.name);
    } else if let Some(group) = recipient.get("group") {
        found.key = id_under(group, &["masterKey"]);
        let title = group.pointer("/snapshot/title/title").and_then(Value::as_str);
        title.unwrap_or("group").clone_into(&mut found.name);
    } else if recipient.get("releaseNotes").is_some() {
        "Signal".clone_into(&mut found.name);
    } else if let Some(named) = recipient.get("distributionList").or(recipient.get("callLink")) {
        let list = named.get("distributionList").unwrap_or(named);
        text_under(list, "name").unwrap_or("list").clone_into(&mut found.name);
    }
    found
}

fn take(item: &Value, known: &Known, rooms: &mut Rooms, sink: &mut dyn Sink) {
    let chat = id_under(item, &["chatId"]).unwrap_or_default();
    let with = known.chats.get(&chat);
    let person = with.and_then(|id| known.people.get(id));
    let key = person.and_then(|person| person.key.clone()).unwrap_or(chat);
    let author = id_under(item, &["authorId"]);
    let said_at = instant_under(item, &["dateSent"]);
    let turn = match said(item) {
        Said::Message(text) => {
            let outgoing = item.get("outgoing").is_some();
            let name = if outgoing { known.own() } else { known.name(author.as_deref()) };
            NewTurn::message(Role::User, name, spoken(text))
        }
        Said::Notice(text) => service(text),
        Said::Deleted => {
            sink.skipped(
                "message that was deleted",
                &said_at.map_or(String::new(), |at| at.to_string()),
            );
            return;
        }
        Said::Unknown => {
            sink.skipped("record that is no message", &shorten(&item.to_string()));
            return;
        }
    };
    if item.pointer("/standardMessage/longText").is_some() {
        sink.skipped("rest of a long text, which is in a file of its own", &shorten(&turn.text));
    }
    let title = match person {
        Some(person) if person.is_self => "Note to Self",
        Some(person) => &person.name,
        None => "unknown",
    };
    let head = rooms.head(&key);
    if head.title.is_none() {
        head.title = Some(title.to_owned());
    }
    // An edit has a later time: the first wording tells which message it is.
    let first = array_under(item, "revisions").first();
    let first = first.and_then(|first| instant_under(first, &["dateSent"]));
    rooms.push_edited(&key, turn.at(said_at), first.or(said_at), sink);
}

/// What an item of a chat is.
enum Said {
    Message(String),
    /// Something that the program tells.
    Notice(String),
    Deleted,
    Unknown,
}

fn said(item: &Value) -> Said {
    let under = |key: &str| item.get(key).filter(|inner| inner.is_object());
    if let Some(message) = under("standardMessage") {
        let text = message.pointer("/text/body").and_then(Value::as_str).unwrap_or_default();
        let files: Vec<String> =
            array_under(message, "attachments").iter().map(attachment).collect();
        return Said::Message(with_files(text.to_owned(), &files));
    }
    if let Some(message) = under("stickerMessage") {
        let emoji = message.get("sticker").and_then(|sticker| text_under(sticker, "emoji"));
        return Said::Message(
            emoji.map_or_else(|| media("sticker"), |emoji| media(&format!("sticker: {emoji}"))),
        );
    }
    if let Some(message) = under("contactMessage") {
        let contact = message.get("contact").unwrap_or(&Value::Null);
        let contact = contact.get(0).unwrap_or(contact);
        let name = contact.get("name").unwrap_or(&Value::Null);
        let name = full_name(name, "givenName", "familyName")
            .or_else(|| text_under(contact, "organization").map(str::to_owned));
        let number = array_under(contact, "number").first();
        let number = number.and_then(|number| text_under(number, "value"));
        let about = [name.as_deref(), number].into_iter().flatten().collect::<Vec<_>>().join(" ");
        return Said::Message(media(&format!("contact: {about}")));
    }
    if let Some(message) = under("directStoryReplyMessage") {
        let text = message.pointer("/textReply/text/body").and_then(Value::as_str);
        return Said::Message(
            text.or_else(|| text_under(message, "emoji")).unwrap_or_default().to_owned(),
        );
    }
    if let Some(poll) = under("poll") {
        let mut text = format!("Poll: {}", text_under(poll, "question").unwrap_or_default());
        for option in array_under(poll, "options") {
            text.push_str("\n- ");
            text.push_str(text_under(option, "option").unwrap_or_default());
        }
        return Said::Message(text);
    }
    if under("viewOnceMessage").is_some() {
        return Said::Message(media("view-once message"));
    }
    if let Some(payment) = under("paymentNotification") {
        let note = text_under(payment, "note").map(str::to_owned);
        return Said::Message(with_files(media("payment"), &note.into_iter().collect::<Vec<_>>()));
    }
    if under("giftBadge").is_some() {
        return Said::Message(media("gift"));
    }
    if under("remoteDeletedMessage").or(under("adminDeletedMessage")).is_some() {
        return Said::Deleted;
    }
    match under("updateMessage") {
        Some(update) => Said::Notice(notice(update)),
        None => Said::Unknown,
    }
}

/// The line that stands for something that was sent.
fn attachment(attachment: &Value) -> String {
    let pointer = attachment.get("pointer").unwrap_or(attachment);
    let kind = text_under(pointer, "contentType").unwrap_or_default();
    let voice = text_under(attachment, "flag") == Some("VOICE_MESSAGE");
    let line = match text_under(pointer, "fileName") {
        Some(name) => file(name),
        None if voice => media("voice message"),
        None if kind.starts_with("image/") => media("picture"),
        None if kind.starts_with("video/") => media("video"),
        None if kind.starts_with("audio/") => media("audio"),
        None => file("unnamed"),
    };
    match text_under(pointer, "caption") {
        Some(caption) => format!("{line}\n{caption}"),
        None => line,
    }
}

/// What the program tells, in the words of its names: `groupNameUpdate` is *group name update*.
fn notice(update: &Value) -> String {
    if let Some(kind) = update.pointer("/simpleUpdate/type").and_then(Value::as_str) {
        return kind.replace('_', " ").to_lowercase();
    }
    if let Some(changes) = update.pointer("/groupChange/updates").and_then(Value::as_array) {
        let told = changes.iter().filter_map(Value::as_object).flatten().map(|(key, about)| {
            match text_under(about, "newGroupName") {
                Some(name) => format!("{}: {name}", words(key)),
                None => words(key),
            }
        });
        return told.collect::<Vec<_>>().join(", ");
    }
    let key = update.as_object().and_then(|update| update.keys().next());
    key.map_or_else(|| "update".to_owned(), |key| words(key))
}

/// Returns a name of several words as words.
fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{options, read_as, read_path};

    const EXPORT: &str = r#"{"version":"1","backupTimeMs":"1767225600000"}
{"account":{"givenName":"Mia"}}
{"recipient":{"id":"1","self":{}}}
{"recipient":{"id":"2","contact":{"aci":"QQ==","e164":"4700000000","profileGivenName":"Jon","profileFamilyName":"Lie"}}}
{"recipient":{"id":"3","group":{"masterKey":"Rw==","snapshot":{"title":{"title":"Choir"}}}}}
{"recipient":{"id":"4","contact":{"e164":"4711111111"}}}
{"chat":{"id":"7","recipientId":"2"}}
{"chat":{"id":"8","recipientId":"3"}}
{"stickerPack":{"packId":"AA=="}}
{"chatItem":{"chatId":"7","authorId":"2","dateSent":"1700000000000","incoming":{},"standardMessage":{"text":{"body":"Is the hall free?"},"reactions":[{"emoji":"x"}]}}}
{"chatItem":{"chatId":"8","authorId":"4","dateSent":"1700000000500","incoming":{},"standardMessage":{"attachments":[{"pointer":{"contentType":"image/jpeg"}},{"pointer":{"fileName":"notes.pdf"}}]}}}
{"chatItem":{"chatId":"7","authorId":"1","dateSent":"1700000001000","outgoing":{},"revisions":[{"dateSent":"1700000000900","standardMessage":{"text":{"body":"Yess"}}}],"standardMessage":{"text":{"body":"Yes"},"quote":{"text":{"body":"Is the hall free?"}}}}}
{"chatItem":{"chatId":"7","authorId":"2","dateSent":"1700000002000","updateMessage":{"simpleUpdate":{"type":"IDENTITY_UPDATE"}}}}
{"chatItem":{"chatId":"7","authorId":"2","dateSent":"1700000002000","incoming":{},"stickerMessage":{"sticker":{"emoji":"x"}}}}
{"chatItem":{"chatId":"7","authorId":"2","dateSent":"1700000002000","incoming":{},"viewOnceMessage":{}}}
{"chatItem":{"chatId":"7","authorId":"2","dateSent":"1700000003000","remoteDeletedMessage":{}}}
{"chatItem":{"chatId":"8","authorId":"2","dateSent":"1700000004000","updateMessage":{"groupChange":{"updates":[{"groupNameUpdate":{"newGroupName":"Choir"}}]}}}}
"#;

    #[test]
    fn chats_of_all_kinds() {
        let sink = read_as("signal", EXPORT);
        assert_eq!(
            sink.said(),
            [
                "Jon Lie: Is the hall free?",
                "Mia: Yes",
                "(tool) system: identity update",
                "Jon Lie: [sticker: x]",
                "Jon Lie: [view-once message]",
                "+4711111111: [picture]\n[file: notes.pdf]",
                "(tool) system: group name update: Choir",
            ]
        );
        let about: Vec<_> = sink
            .conversations
            .iter()
            .map(|c| (c.source_id.as_deref(), c.title.as_deref()))
            .collect();
        assert_eq!(about, [(Some("QQ=="), Some("Jon Lie")), (Some("Rw=="), Some("Choir"))]);
        assert_eq!(sink.skipped["message that was deleted"], 1);
        assert_eq!(sink.skipped.len(), 1);
        let edited = &sink.conversations[0].turns[1];
        assert_eq!(edited.source_id.as_deref(), Some("2023-11-14T22:13:20.9/Mia/1"));
        assert_eq!(edited.said_at.unwrap().to_string(), "2023-11-14T22:13:21Z");
    }

    #[test]
    fn the_folder_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.jsonl"), EXPORT).unwrap();
        std::fs::write(folder.path().join("metadata.json"), "{\"version\":1}").unwrap();
        let (result, sink) = read_path(folder.path(), &options());
        assert_eq!(result.unwrap().formats, ["signal"]);
        assert!(!sink.skipped.contains_key("file of no known format"));
        let (alone, _) = read_path(&folder.path().join("metadata.json"), &options());
        assert!(alone.unwrap_err().to_string().contains("main.jsonl"));
    }

    /// Damage costs only the line that has it.
    #[test]
    fn damaged_lines() {
        let damaged =
            EXPORT.replace("\"Is the hall free?\"},\"reactions\"", "\"Is the hall,\"reactions\"");
        let sink = read_as("signal", &damaged);
        assert_eq!(sink.messages().count(), 4);
        assert_eq!(sink.skipped["record is not valid JSON"], 1);
        let sink = read_as("signal", &EXPORT.replace("\"chatId\":\"8\"", "\"chatId\":\"99\""));
        assert_eq!(sink.conversations[1].title.as_deref(), Some("unknown"));
    }
}
