//! Teams: messages of Microsoft Graph as JSON, pages of an organization's export (`page`), and
//! messages that were copied out of the program (`paste`).

mod page;
mod paste;

use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, service, spoken};
use crate::import::reading::html::Element;
use crate::import::reading::input::Unit;
use crate::import::reading::json::{self, array_under, id_under, text_under};
use crate::import::reading::rooms::{Order, Rooms};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{file, with_files};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `teams`.
pub(super) struct Teams;

impl Importer for Teams {
    fn format(&self) -> &'static str {
        "teams"
    }

    fn description(&self) -> &'static str {
        "Teams: messages of Microsoft Graph (JSON), pages of a compliance export, copied text"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_message) {
            return Confidence::Certain;
        }
        if page::holds(sample) || paste::holds(sample) {
            return Confidence::Likely;
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let mut rooms = Rooms::new();
        input.each(sink, |source, sink| {
            let stem = source.stem().to_owned();
            if page::holds(source.sample()) {
                return page::read(source, options, &mut rooms, sink);
            }
            if !source.sample().any(is_message) && paste::holds(source.sample()) {
                return paste::read(source, options, &mut rooms, sink);
            }
            let layout = source.sample().layout(is_message);
            source.each_record(layout, Unit::Message, sink, |value, sink| {
                take(&value, &stem, &mut rooms, sink);
                for reply in array_under(&value, "replies") {
                    take(reply, &stem, &mut rooms, sink);
                }
                Ok(())
            })
        })?;
        rooms.send(Order::Time, sink)
    }
}

/// Whether a record is a message of a chat; Graph's mails are made alike.
fn is_message(value: &Value) -> bool {
    let of = |key: &str| value.get(key).is_some();
    value.get("createdDateTime").is_some_and(Value::is_string)
        && value.get("body").is_some_and(|body| body.get("content").is_some())
        && (of("messageType") || of("chatId") || of("channelIdentity"))
        && !of("internetMessageId")
}

fn take(message: &Value, stem: &str, rooms: &mut Rooms, sink: &mut dyn Sink) {
    let id = id_under(message, &["id"]);
    if !is_message(message) {
        sink.skipped("record that is no message", &shorten(&message.to_string()));
        return;
    }
    if message.get("deletedDateTime").is_some_and(|at| !at.is_null()) {
        sink.skipped("message that was deleted", id.as_deref().unwrap_or_default());
        return;
    }
    let key = id_under(message, &["chatId"]).or_else(|| {
        let channel = message.get("channelIdentity")?;
        id_under(channel, &["channelId"])
    });
    let key = key.unwrap_or_else(|| stem.to_owned());
    let event = message.get("eventDetail").filter(|event| event.is_object());
    let told = event.is_some() || text_under(message, "messageType") == Some("systemEventMessage");
    let mut turn = if told {
        service(event.map_or_else(|| "event".to_owned(), what))
    } else {
        let from = message.get("from").unwrap_or(&Value::Null);
        let name = |kind: &str| from.get(kind).and_then(|one| text_under(one, "displayName"));
        let bot = name("user").is_none() && name("application").is_some();
        let role = if bot { Role::Assistant } else { Role::User };
        let speaker = name("user").or_else(|| name("application")).or_else(|| name("device"));
        NewTurn::message(role, speaker.unwrap_or("unknown"), spoken(said(message)))
    };
    turn.source_id = id;
    rooms.head(&key).title = Some(stem.to_owned());
    rooms.push(&key, turn.at(instant_under(message, &["createdDateTime"])), sink);
}

/// The words of an event: `#microsoft.graph.membersAddedEventMessageDetail` is *members added*.
fn what(event: &Value) -> String {
    let kind = text_under(event, "@odata.type").unwrap_or("event");
    let kind = kind.rsplit('.').next().unwrap_or(kind).trim_end_matches("EventMessageDetail");
    let mut words = String::new();
    for c in kind.chars() {
        if c.is_uppercase() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

/// What a message says, with its subject and a line for each thing that was attached.
fn said(message: &Value) -> String {
    let body = message.get("body").unwrap_or(&Value::Null);
    let content = body.get("content").and_then(Value::as_str).unwrap_or_default();
    let html = text_under(body, "contentType").is_none_or(|kind| kind.eq_ignore_ascii_case("html"));
    let text = if html { words(&Element::parse(content)) } else { content.to_owned() };
    let mut lines: Vec<String> = Vec::new();
    for attached in array_under(message, "attachments") {
        let kind = text_under(attached, "contentType").unwrap_or_default();
        // What was answered was said before.
        if kind == "messageReference" || kind == "forwardedMessageReference" {
            continue;
        }
        if kind.contains(".card.") {
            let mut card = Vec::new();
            let content = text_under(attached, "content").map(json::parse);
            texts(&content.and_then(Result::ok).unwrap_or_default(), &mut card);
            lines.push(if card.is_empty() { media("card") } else { card.join("\n") });
        } else {
            lines.push(file(text_under(attached, "name").unwrap_or("unnamed")));
        }
    }
    let subject = text_under(message, "subject").map(str::to_owned);
    let text: Vec<String> =
        [Some(text).filter(|text| !text.is_empty())].into_iter().flatten().collect();
    with_files(with_files(subject.unwrap_or_default(), &text), &lines)
}

/// The words of a page's element: emoji as they are, a mark for pictures, without what is quoted.
fn words(element: &Element) -> String {
    let text = element.text_replacing(&|inner| {
        let kind = inner.attribute("itemtype").unwrap_or_default();
        let alt = || inner.attribute("alt").unwrap_or_default().to_owned();
        match () {
            () if inner.is("emoji") || inner.is("customemoji") => Some(alt()),
            () if inner.is("img") && kind.ends_with("Emoji") => Some(alt()),
            () if inner.is("img") => Some(media("picture")),
            () if inner.is("blockquote") && kind.ends_with("Reply") => Some(String::new()),
            () if inner.is("attachment") || inner.is("systemeventmessage") => Some(String::new()),
            () => None,
        }
    });
    text.replace('\u{A0}', " ").trim().to_owned()
}

/// The texts of a card, in their order.
fn texts(card: &Value, found: &mut Vec<String>) {
    const MOST: usize = 40;
    match card {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(text)
                        if matches!(key.as_str(), "text" | "title")
                            && found.len() < MOST
                            && !text.trim().is_empty() =>
                    {
                        found.push(Element::parse(text).text());
                    }
                    Value::Object(_) | Value::Array(_) => texts(value, found),
                    _ => {}
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{json_lines, read_as, read_bytes};
    use serde_json::json;

    #[test]
    fn messages_of_graph() {
        let messages = json!([
            {"id": "3", "createdDateTime": "2024-05-01T10:02:00Z", "messageType": "message", "chatId": "19:x", "from": {"user": null, "application": {"displayName": "Bot"}},
             "body": {"contentType": "html", "content": "<attachment id=\"1\"></attachment>"},
             "attachments": [{"id": "1", "contentType": "application/vnd.microsoft.card.adaptive", "content": "{\"body\":[{\"text\":\"A build\"},{\"items\":[{\"text\":\"failed\"}]}]}"}]},
            {"id": "2", "createdDateTime": "2024-05-01T10:01:00Z", "messageType": "message", "chatId": "19:x", "from": {"user": {"displayName": "Jon"}},
             "body": {"contentType": "html", "content": "<blockquote itemtype=\"http://schema.skype.com/Reply\">when?</blockquote><p>At&nbsp;<b>ten</b> <emoji alt=\"\u{1F600}\"></emoji></p><img src=\"x\"><attachment id=\"5\"></attachment>"},
             "attachments": [{"id": "5", "contentType": "reference", "name": "plan.docx"}, {"id": "6", "contentType": "messageReference", "content": "{}"}]},
            {"id": "1", "createdDateTime": "2024-05-01T10:00:00Z", "messageType": "message", "chatId": "19:x", "subject": "Choir", "from": {"user": {"displayName": "Eva Lie"}},
             "body": {"contentType": "text", "content": "when <is> it?"}, "reactions": [{"reactionType": "like"}]},
            {"id": "4", "createdDateTime": "2024-05-01T10:03:00Z", "messageType": "unknownFutureValue", "chatId": "19:x", "from": null, "body": {"contentType": "html", "content": "<systemEventMessage/>"},
             "eventDetail": {"@odata.type": "#microsoft.graph.membersAddedEventMessageDetail"}},
            {"id": "5", "createdDateTime": "2024-05-01T10:04:00Z", "deletedDateTime": "2024-05-01T10:05:00Z", "messageType": "message", "chatId": "19:x", "from": {"user": {"displayName": "Jon"}}, "body": {"contentType": "html", "content": ""}},
        ]);
        for text in [
            json!({"@odata.context": "x", "value": messages}).to_string(),
            messages.to_string(),
            json_lines(messages.as_array().unwrap()),
        ] {
            let sink = read_as("teams", &text);
            assert_eq!(
                sink.said(),
                [
                    "Eva Lie: Choir\nwhen <is> it?",
                    "Jon: At ten \u{1F600}\n[picture]\n[file: plan.docx]",
                    "Bot: A build\nfailed",
                    "(tool) system: members added"
                ],
                "{text}"
            );
            assert_eq!(sink.skipped["message that was deleted"], 1);
            assert_eq!(sink.conversations[0].source_id.as_deref(), Some("19:x"));
        }
    }

    #[test]
    fn mails_are_not_taken() {
        let mail = json!([{"id": "1", "createdDateTime": "2024-05-01T10:00:00Z", "internetMessageId": "<x>", "body": {"contentType": "text", "content": "x"}, "from": {"emailAddress": {"name": "Eva"}}}]);
        assert!(!read_bytes(mail.to_string().as_bytes()).1.formats.contains(&"teams"));
    }
}
