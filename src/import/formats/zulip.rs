//! Zulip: the folder of an organization's export, with `messages-000001.json` and on, and who is who
//! and what is called how in `realm.json`.

use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::spoken;
use crate::import::reading::input::Part;
use crate::import::reading::json::{Parts, id_under, text_under};
use crate::import::reading::rooms::{Order, Rooms};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::file;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;

/// The format `zulip`.
pub(super) struct Zulip;

const MESSAGES: Parts = Parts { records: &["zerver_message"], around: &[], members: &[] };

const REALM: Parts = Parts {
    records: &[
        "zerver_userprofile",
        "zerver_userprofile_mirrordummy",
        "zerver_userprofile_crossrealm",
        "zerver_stream",
        "zerver_recipient",
        "zerver_subscription",
    ],
    around: &[],
    members: &[],
};

impl Importer for Zulip {
    fn format(&self) -> &'static str {
        "zulip"
    }

    fn description(&self) -> &'static str {
        "Zulip: the folder of an organization's export"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let Some(document) = sample.document() else { return Confidence::No };
        if document.get("zerver_message").is_some_and(Value::is_array) {
            return Confidence::Certain;
        }
        let other =
            document.as_object().is_some_and(|o| o.keys().any(|k| k.starts_with("zerver_")));
        if other {
            Confidence::Beside("the folder with its messages-000001.json")
        } else {
            Confidence::No
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let realm = Realm::of(input, sink)?;
        let mut rooms = Rooms::new();
        input.each(sink, |source, sink| {
            source.each_part(MESSAGES, sink, |part, sink| {
                if let Part::Record(message) = part {
                    take(&message, &realm, &mut rooms, sink);
                }
                Ok(())
            })
        })?;
        rooms.send(Order::Time, sink)
    }
}

/// Who is who.
#[derive(Debug, Default)]
struct Realm {
    people: HashMap<String, Person>,
    streams: HashMap<String, String>,
    /// To whom messages are: the kind, and the person, stream or group.
    recipients: HashMap<String, (i64, String)>,
    /// The members of the groups, by the recipient.
    members: HashMap<String, Vec<String>>,
}

#[derive(Debug)]
struct Person {
    name: String,
    bot: bool,
}

/// The kinds of recipients.
const PERSONAL: i64 = 1;
const STREAM: i64 = 2;

impl Realm {
    fn of(input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<Self, ImportError> {
        let mut realm = Self::default();
        let is = |name: &str| name == "realm.json" || name.ends_with("/realm.json");
        let Some((index, _)) = input.beside().find(|(_, name)| is(name)) else {
            return Ok(realm);
        };
        let mut source = match input.open(index) {
            Ok(source) => source,
            Err(ImportError::Stopped(stop)) => return Err(stop.into()),
            Err(error) => {
                sink.skipped("list of members cannot be read", &shorten(&error.to_string()));
                return Ok(realm);
            }
        };
        source.each_part(REALM, sink, |part, _| {
            if let Part::Record(value) = part {
                realm.take(&value);
            }
            Ok(())
        })?;
        Ok(realm)
    }

    /// Takes a row, which tells by its columns what it is of.
    fn take(&mut self, value: &Value) {
        let id = id_under(value, &["id"]);
        if let Some(name) = text_under(value, "full_name") {
            let bot = value.get("is_bot").and_then(Value::as_bool).unwrap_or(false);
            let person = Person { name: name.to_owned(), bot };
            self.people.extend(id.map(|id| (id, person)));
        } else if let (Some(kind), Some(of)) =
            (value.get("type").and_then(Value::as_i64), id_under(value, &["type_id"]))
        {
            self.recipients.extend(id.map(|id| (id, (kind, of))));
        } else if let (Some(person), Some(recipient)) =
            (id_under(value, &["user_profile"]), id_under(value, &["recipient"]))
        {
            self.members.entry(recipient).or_default().push(person);
        } else if let (Some(id), Some(name)) = (id, text_under(value, "name")) {
            self.streams.insert(id, name.to_owned());
        }
    }

    fn name<'n>(&'n self, id: &'n str) -> &'n str {
        self.people.get(id).map_or(id, |person| person.name.as_str())
    }

    fn names(&self, ids: &[String]) -> String {
        let mut names: Vec<&str> = ids.iter().map(|id| self.name(id)).collect();
        names.sort_unstable();
        names.dedup();
        shorten(&names.join(", "))
    }

    /// What tells the conversation of a message, and how it is called: a topic of a stream, or the
    /// people who write to each other.
    fn conversation(&self, message: &Value, sender: &str) -> (String, String) {
        let recipient = id_under(message, &["recipient"]).unwrap_or_default();
        let topic = text_under(message, "subject").unwrap_or_default();
        match self.recipients.get(&recipient) {
            Some((PERSONAL, other)) => {
                let mut two = [sender.to_owned(), other.clone()];
                two.sort_unstable();
                (format!("personal/{}", two.join("/")), self.names(&two))
            }
            Some((STREAM, stream)) => {
                let name = self.streams.get(stream).map_or("stream", String::as_str);
                let title =
                    if topic.is_empty() { name.to_owned() } else { format!("{name} > {topic}") };
                (format!("{recipient}/{topic}"), title)
            }
            Some(_) => {
                let members = self.members.get(&recipient).map(Vec::as_slice).unwrap_or_default();
                (recipient.clone(), self.names(members))
            }
            None if topic.is_empty() => (recipient.clone(), format!("chat {recipient}")),
            None => (format!("{recipient}/{topic}"), topic.to_owned()),
        }
    }
}

fn take(message: &Value, realm: &Realm, rooms: &mut Rooms, sink: &mut dyn Sink) {
    let Some(text) = message.get("content").and_then(Value::as_str) else {
        sink.skipped("record that is no message", &shorten(&message.to_string()));
        return;
    };
    let sender = id_under(message, &["sender", "sender_id"]).unwrap_or_default();
    let (key, title) = realm.conversation(message, &sender);
    let bot = realm.people.get(&sender).is_some_and(|person| person.bot);
    let role = if bot { Role::Assistant } else { Role::User };
    let name = realm.name(&sender);
    let name = if name.is_empty() { "unknown" } else { name };
    let mut turn = NewTurn::message(role, name, spoken(with_placeholders(text)));
    turn.source_id = id_under(message, &["id"]);
    let said_at = instant_under(message, &["date_sent", "pub_date"]);
    rooms.head(&key).title = Some(title);
    rooms.push(&key, turn.at(said_at), sink);
}

/// Returns a text in which a line for each file stands for its address.
fn with_placeholders(text: &str) -> String {
    let line = |line: &str| {
        let trimmed = line.trim();
        let link = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(')'));
        let (name, path) = link?.split_once("](")?;
        let one = !path.contains("](") && path.starts_with("/user_uploads/");
        let name = if name.is_empty() { path.rsplit('/').next()? } else { name };
        one.then(|| file(name))
    };
    let lines = text.lines().map(|text| line(text).unwrap_or_else(|| text.to_owned()));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{options, read_as, read_bytes, read_path};

    const REALM: &str = r#"{"zerver_realm": [{"id": 2, "name": "Choir"}],
        "zerver_userprofile": [{"id": 8, "full_name": "Eva Lie", "email": "x"}, {"id": 9, "full_name": "Jon"}],
        "zerver_userprofile_crossrealm": [{"id": 1, "full_name": "Reminder", "is_bot": true}],
        "zerver_stream": [{"id": 5, "name": "songs"}],
        "zerver_recipient": [{"id": 3, "type": 2, "type_id": 5}, {"id": 4, "type": 1, "type_id": 8}, {"id": 6, "type": 1, "type_id": 9}, {"id": 7, "type": 3, "type_id": 1}],
        "zerver_subscription": [{"id": 1, "user_profile": 8, "recipient": 7}, {"id": 2, "user_profile": 9, "recipient": 7}]}"#;
    const MESSAGES: &str = r#"{"zerver_message": [
        {"id": 11, "sender": 8, "recipient": 3, "subject": "hall", "content": "is it free?", "date_sent": 1714550400.0},
        {"id": 12, "sender": 9, "recipient": 4, "subject": "", "content": "psst", "date_sent": 1714550401.0},
        {"id": 13, "sender": 8, "recipient": 6, "subject": "", "content": "[a.png](/user_uploads/2/x/a.png)", "date_sent": 1714550402.0},
        {"id": 14, "sender": 1, "recipient": 7, "subject": "", "content": "remember", "date_sent": 1714550403.0},
        {"id": 15, "sender": 9, "recipient": 3, "subject": "hall", "content": "yes", "date_sent": 1714550404.5},
        {"id": 16}], "zerver_usermessage": [{"id": 1}]}"#;

    #[test]
    fn an_export() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("realm.json"), REALM).unwrap();
        std::fs::write(folder.path().join("messages-000001.json"), MESSAGES).unwrap();
        let (result, sink) = read_path(folder.path(), &options());
        assert_eq!(result.unwrap().formats, ["zulip"]);
        assert_eq!(
            sink.said(),
            [
                "Eva Lie: is it free?",
                "Jon: yes",
                "Jon: psst",
                "Eva Lie: [file: a.png]",
                "Reminder: remember"
            ]
        );
        let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
        assert_eq!(titles, ["songs > hall", "Eva Lie, Jon", "Eva Lie, Jon"]);
        assert_eq!(sink.skipped["record that is no message"], 1);
        assert_eq!(sink.span().1.unwrap().to_string(), "2024-05-01T08:00:04.5Z");
    }

    #[test]
    fn a_file_by_itself() {
        let sink = read_as("zulip", MESSAGES);
        assert_eq!(sink.said()[..2], ["8: is it free?", "9: yes"]);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("hall"));
        let (result, _) = read_bytes(REALM.as_bytes());
        assert!(result.unwrap_err().to_string().contains("messages-000001.json"));
    }
}
