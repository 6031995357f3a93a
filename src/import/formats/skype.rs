//! Skype: `messages.json` of the data export, which has every conversation with the newest message
//! first. Texts are written in a markup of their own.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, service, spoken};
use crate::import::reading::html::Element;
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Turns};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `skype`.
pub(super) struct Skype;

impl Importer for Skype {
    fn format(&self) -> &'static str {
        "skype"
    }

    fn description(&self) -> &'static str {
        "Skype: messages.json of the data export"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_conversation) {
            return Confidence::Certain;
        }
        let endpoints =
            sample.any(|value| value.get("endpoints").is_some() && value.get("userId").is_some());
        if endpoints {
            Confidence::Beside("messages.json of the same export")
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
        input.each(sink, |source, sink| {
            let layout = source.sample().layout(is_conversation);
            source.each_record(layout, Unit::Conversation, sink, |value, sink| {
                conversation(&value, sink)
            })
        })
    }
}

fn is_conversation(value: &Value) -> bool {
    value.get("MessageList").is_some_and(Value::is_array) && value.get("id").is_some()
}

fn conversation(value: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let id = id_under(value, &["id"]);
    let example = shorten(id.as_deref().unwrap_or_default());
    if !is_conversation(value) {
        sink.failed("conversation without its messages (`MessageList`)", &example);
        return Ok(());
    }
    let mut turns = Turns::default();
    let topic = value.get("threadProperties").and_then(|about| text_under(about, "topic"));
    let title = text_under(value, "displayName").or(topic).map(str::to_owned);
    for message in array_under(value, "MessageList").iter().rev() {
        let kind = text_under(message, "messagetype").unwrap_or("RichText");
        let content = message.get("content").and_then(Value::as_str).unwrap_or_default();
        let from = text_under(message, "from").unwrap_or("unknown");
        // Accounts carry a number for their kind: `8:live:ada`.
        let account = from.split_once(':').map_or(from, |(_, rest)| rest);
        let speaker = text_under(message, "displayName").unwrap_or(account);
        let bot = from.starts_with("28:");
        let role = if bot { Role::Assistant } else { Role::User };
        let turn = match kind {
            "Text" => NewTurn::message(role, speaker, spoken(content.to_owned())),
            kind if kind.starts_with("RichText") => {
                NewTurn::message(role, speaker, spoken(words(kind, content)))
            }
            "Event/Call" => NewTurn::message(role, speaker, media("call")),
            "Poll" => NewTurn::message(role, speaker, media("poll")),
            kind if kind.starts_with("ThreadActivity") || kind == "Notice" => {
                let text = Element::parse(content).text();
                service(format!("{} {text}", kind.rsplit('/').next().unwrap_or_default()))
            }
            other => {
                sink.skipped("record that is no message", other);
                continue;
            }
        };
        let said_at = instant_under(message, &["originalarrivaltime"]);
        let turn = turn.at(said_at);
        turns.push(NewTurn { source_id: id_under(message, &["id"]), ..turn }, sink);
    }
    if turns.is_empty() {
        sink.skipped("conversation without messages", &example);
        return Ok(());
    }
    let started_at = turns.first_at();
    let title = title.or_else(|| {
        let id = id.as_deref()?;
        Some(id.split_once(':').map_or(id, |(_, rest)| rest).to_owned())
    });
    Ok(turns.send(Conversation { source_id: id, title, started_at, turns: Vec::new() }, sink)?)
}

/// The words of a text in Skype's markup; of a file what stands for it.
fn words(kind: &str, content: &str) -> String {
    let content = Element::parse(content);
    if let Some(file) = content.find(&|element| element.is("uriobject")) {
        let name = file.find(&|element| element.is("originalname"));
        let name = name.and_then(|element| element.attribute("v"));
        return match (name, kind) {
            (Some(name), _) => turns::file(name),
            (None, kind) if kind.ends_with("UriObject") => media("picture"),
            (None, kind) if kind.ends_with("AudioMsg") => media("voice message"),
            (None, kind) if kind.ends_with("Video") => media("video"),
            _ => media("file"),
        };
    }
    let quoted = content.find(&is_quote).is_some();
    if !quoted {
        return content.text();
    }
    // What is quoted stands between texts for programs that know no quotes, under who said it.
    let mut lines = Vec::new();
    let mut rest = content;
    while let Some((before, quote, after)) = rest.split_at(&is_quote) {
        lines.push(before.text());
        let author = quote.attribute("authorname").or_else(|| quote.attribute("author"));
        let author = author.map(str::trim).filter(|author| !author.is_empty());
        let text = quote.without(&|element| element.is("legacyquote")).text();
        let text = author.map_or(text.clone(), |author| format!("{author}: {text}"));
        lines.extend(text.lines().map(|line| format!("> {line}")));
        rest = after;
    }
    lines.push(rest.text());
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn is_quote(element: &Element) -> bool {
    element.is("quote")
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;

    #[test]
    fn quotes_stand_under_who_said_them() {
        let quote = r#"<quote author=\"live:liv\" authorname=\"Liv\" timestamp=\"1714557600\"><legacyquote>[1714557600] Liv: </legacyquote>where are<br>the oars<legacyquote>\n\n&lt;&lt;&lt; </legacyquote></quote>in the shed"#;
        let text = format!(
            r#"{{"userId": "8:live:me", "conversations": [{{"id": "8:live:ole", "displayName": "Ole", "MessageList": [
              {{"id": "1", "displayName": "Ole", "originalarrivaltime": "2024-04-30T12:01:00Z", "messagetype": "RichText", "content": "{quote}", "from": "8:live:ole"}}]}}]}}"#
        );
        assert_eq!(
            read_as("skype", &text).said(),
            ["Ole: > Liv: where are\n> the oars\nin the shed"]
        );
    }

    #[test]
    fn conversations_with_the_newest_message_first() {
        let sink = read_as(
            "skype",
            r#"{"userId": "8:live:me", "exportDate": "2024-05-01T10:00", "conversations": [
             {"id": "8:live:ada", "displayName": "Ada", "MessageList": [
              {"id": "5", "displayName": null, "originalarrivaltime": "2024-04-30T12:05:00Z", "messagetype": "Other/Thing", "content": "", "from": "8:live:me"},
              {"id": "4", "displayName": null, "originalarrivaltime": "2024-04-30T12:04:00Z", "messagetype": "Event/Call", "content": "<partlist/>", "from": "8:live:me"},
              {"id": "3", "displayName": "Ada", "originalarrivaltime": "2024-04-30T12:03:00.5Z", "messagetype": "RichText/Media_GenericFile",
               "content": "<URIObject uri=\"u\"><OriginalName v=\"a.pdf\"></OriginalName>To view this</URIObject>", "from": "8:live:ada"},
              {"id": "2", "displayName": null, "originalarrivaltime": "2024-04-30T12:02:00Z", "messagetype": "RichText",
               "content": "It&apos;s <a href=\"https://x.example\">https://x.example</a> <ss type=\"smile\">:)</ss>", "from": "8:live:me"},
              {"id": "1", "displayName": "Ada", "originalarrivaltime": "2024-04-30T12:01:00Z", "messagetype": "RichText", "content": "Hi", "from": "8:live:ada"}]},
             {"id": "48:calllogs", "displayName": null, "MessageList": []}]}"#,
        );
        assert_eq!(
            sink.said(),
            [
                "Ada: Hi",
                "live:me: It's https://x.example :)",
                "Ada: [file: a.pdf]",
                "live:me: [call]"
            ]
        );
        assert_eq!(sink.conversations.len(), 1);
        assert_eq!(sink.span().1.unwrap().to_string(), "2024-04-30T12:04:00Z");
        assert_eq!(sink.skipped["record that is no message"], 1);
    }
}
