//! Discord: JSON files of `DiscordChatExporter` and of the programs that write alike, one a
//! channel, or several parts of one; what it writes for people; lists of messages as the API gives
//! them; and Discord's own data package.

mod package;
mod written;

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat;
use crate::import::reading::input::{Part, Unit};
use crate::import::reading::json::{Parts, array_under, flag, id_under, text_under};
use crate::import::reading::time::{instant, instant_under};
use crate::import::reading::turns::{self, Turns};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `discord`.
pub(super) struct Discord;

const PARTS: Parts =
    Parts { records: &["messages"], around: &[], members: &["guild", "channel", "messageCount"] };

impl Importer for Discord {
    fn format(&self) -> &'static str {
        "discord"
    }

    fn description(&self) -> &'static str {
        "Discord: JSON, HTML, CSV and text of DiscordChatExporter; Discord's own data package"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if package::is_messages(sample) || written::kind(sample).is_some() {
            return Confidence::Certain;
        }
        if sample.records().iter().any(is_raw) {
            return Confidence::Certain;
        }
        let Some(document) = sample.document() else { return Confidence::No };
        let channel = document
            .get("channel")
            .is_some_and(|channel| channel.get("id").is_some() && channel.get("name").is_some());
        let messages = document.get("messages").and_then(Value::as_array);
        let fits = messages.is_some_and(|list| {
            list.is_empty()
                || list.iter().any(|m| m.get("author").is_some() && m.get("id").is_some())
        });
        match (channel, document.get("guild").is_some_and(Value::is_object)) {
            (true, true) if fits || messages.is_none() => Confidence::Certain,
            (true, _) if fits => Confidence::Likely,
            _ => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        // The parts of a channel are put together, whatever the order of their names.
        let mut open: Vec<Channel> = Vec::new();
        let about = package::About::read(input, sink);
        input.each(sink, |source, sink| {
            if package::is_messages(source.sample()) {
                return package::read(source, &about, sink);
            }
            let mut channel;
            if let Some(kind) = written::kind(source.sample()) {
                channel = written::read(kind, source, options, sink)?;
            } else {
                channel = Channel { title: source.stem().to_owned(), ..Channel::default() };
                if source.sample().records().iter().any(is_raw) {
                    let layout = source.sample().layout(is_raw);
                    source.each_record(layout, Unit::Message, sink, |value, sink| {
                        channel.id =
                            channel.id.take().or_else(|| id_under(&value, &["channel_id"]));
                        channel.take(&value, sink);
                        Ok(())
                    })?;
                    open.push(channel);
                    return Ok(());
                }
                source.each_part(PARTS, sink, |part, sink| {
                    match part {
                        Part::Member(key, value) => channel.about(&key, &value),
                        Part::Record(value) => channel.take(&value, sink),
                        Part::End => {}
                    }
                    Ok(())
                })?;
            }
            match open.iter_mut().find(|known| known.id.is_some() && known.id == channel.id) {
                Some(known) => known.turns.append(&mut channel.turns),
                None => open.push(channel),
            }
            Ok(())
        })?;
        for channel in open {
            channel.push(sink)?;
        }
        Ok(())
    }
}

/// Whether a record is a message as Discord's API gives it.
fn is_raw(value: &Value) -> bool {
    let author = value.get("author");
    author.is_some_and(|author| author.get("username").is_some())
        && ["id", "timestamp", "content"]
            .iter()
            .all(|key| value.get(*key).is_some_and(Value::is_string))
        && value.get("channel_id").is_some()
}

#[derive(Default)]
struct Channel {
    id: Option<String>,
    guild: Option<String>,
    title: String,
    turns: Vec<NewTurn>,
}

impl Channel {
    fn about(&mut self, key: &str, value: &Value) {
        let name = text_under(value, "name").map(str::to_owned);
        if key == "guild" {
            // Direct messages stand in a place of that name.
            self.guild = name.filter(|_| id_under(value, &["id"]).is_some_and(|id| id != "0"));
        } else if key == "channel" {
            self.id = id_under(value, &["id"]);
            let direct = text_under(value, "type").is_some_and(|kind| kind.contains("Direct"));
            if let Some(name) = name {
                self.title = match &self.guild {
                    Some(guild) if !direct => format!("{guild} #{name}"),
                    _ => name,
                };
            }
        }
    }

    fn take(&mut self, value: &Value, sink: &mut dyn Sink) {
        if value.get("author").is_none() && value.get("content").is_none() {
            sink.skipped("record that is no message", &shorten(&value.to_string()));
            return;
        }
        self.turns.push(turn(value));
    }

    fn push(mut self, sink: &mut dyn Sink) -> Result<(), ImportError> {
        // Parts may overlap; an export can also be newest first.
        self.turns.sort_by_key(|turn| turn.said_at);
        let mut turns = Turns::default();
        for turn in self.turns {
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

fn turn(value: &Value) -> NewTurn {
    let author = value.get("author").unwrap_or(&Value::Null);
    let name = ["nickname", "global_name", "globalName", "name", "username"]
        .iter()
        .find_map(|key| text_under(author, key))
        .unwrap_or("Deleted User");
    let is_bot = flag(author, "isBot") || flag(author, "bot");
    let role = if is_bot { Role::Assistant } else { Role::User };
    let text = turns::with_files(content(value), &files(value));
    let kind = match value.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        _ => "Default",
    };
    // What somebody did, such as calling or joining, is written as said by them.
    let text = match kind {
        "Default" | "Reply" => chat::spoken(text),
        kind if text.trim().is_empty() => chat::media(kind),
        _ => text,
    };
    let mut turn = NewTurn::message(role, name, text);
    turn.source_id = id_under(value, &["id"]);
    turn.at(value.get("timestamp").and_then(instant).or_else(|| instant_under(value, &["date"])))
}

/// Returns what was said: the text with what is embedded, or a forwarded message.
fn content(value: &Value) -> String {
    let mut text = value.get("content").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut add = |line: &str| {
        if !line.trim().is_empty() && !text.contains(line) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
    };
    if let Some(forwarded) = value.get("forwardedMessage") {
        add(text_under(forwarded, "content").unwrap_or_default());
        for file in files(forwarded) {
            add(&file);
        }
    }
    for embed in array_under(value, "embeds") {
        // What stands behind a link that somebody wrote is not said by them.
        let linked = text_under(embed, "url").is_some()
            && value.get("content").and_then(Value::as_str).is_some_and(|c| c.contains("http"));
        if linked {
            continue;
        }
        for key in ["title", "description"] {
            add(text_under(embed, key).unwrap_or_default());
        }
        for field in array_under(embed, "fields") {
            let name = text_under(field, "name").unwrap_or_default();
            let value = text_under(field, "value").unwrap_or_default();
            add(format!("{name}: {value}").trim_matches([':', ' ']));
        }
    }
    if let Some(poll) = value.get("poll").filter(|poll| poll.is_object()) {
        let question = poll.get("question");
        let question = question.and_then(|q| q.as_str().or_else(|| text_under(q, "text")));
        add(&format!("Poll: {}", question.unwrap_or_default()));
        for answer in array_under(poll, "answers") {
            let words = answer.get("text").or_else(|| answer.get("pollMedia")?.get("text"));
            add(&format!("- {}", words.and_then(Value::as_str).unwrap_or_default()));
        }
    }
    text
}

fn files(value: &Value) -> Vec<String> {
    let attached = array_under(value, "attachments").iter().map(|file| {
        let url = text_under(file, "url").and_then(|url| url.rsplit('/').next());
        let name = text_under(file, "fileName").or_else(|| text_under(file, "filename")).or(url);
        let size = ["fileSizeBytes", "size"].iter().find_map(|key| file.get(*key)?.as_u64());
        chat::file_about(name, text_under(file, "content_type"), size)
    });
    let stickers = array_under(value, "stickers").iter().map(|sticker| {
        chat::media(&format!("sticker: {}", text_under(sticker, "name").unwrap_or("unnamed")))
    });
    attached.chain(stickers).collect()
}

#[cfg(test)]
mod tests;
