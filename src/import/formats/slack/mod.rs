//! Slack: the ZIP or folder of an export, a folder for each channel with a file for each day; also
//! single files of messages as its API and the programs around it give them.
//!
//! The moment of a message (`ts`) is its identity. Who is who stands in lists beside the messages;
//! where those are missing, the ids stay.

mod names;
mod text;

use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{self, service};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, flag, id_under, text_under};
use crate::import::reading::turns::{self, Turns};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use names::Names;
use serde_json::Value;

/// The format `slack`.
pub(super) struct Slack;

impl Importer for Slack {
    fn format(&self) -> &'static str {
        "slack"
    }

    fn description(&self) -> &'static str {
        "Slack: the ZIP or folder of a workspace export, with channels, groups and direct messages"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_message) {
            return Confidence::Certain;
        }
        let listed = |value: &Value| {
            names::is_user(value) || names::is_channel(value) || names::is_direct(value)
        };
        if sample.records().iter().any(listed) {
            return Confidence::Beside("the whole ZIP or folder of the export");
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let mut names = Names::read(input, sink)?;
        let mut channel = Channel::default();
        input.each(sink, |source, sink| {
            let path = source.sample().name().to_owned();
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let folder = folder.rsplit('/').next().unwrap_or_default();
            // A day is a file in the folder of its channel; anything else is a channel by itself.
            let name =
                if is_day(source.stem()) && !folder.is_empty() { folder } else { source.stem() };
            if name != channel.name {
                std::mem::take(&mut channel).push(&names, sink)?;
                name.clone_into(&mut channel.name);
            }
            let layout = source.sample().layout(is_message);
            source.each_record(layout, Unit::Message, sink, |value, sink| {
                names.learn(&value);
                channel.take(value, sink);
                Ok(())
            })
        })?;
        channel.push(&names, sink)
    }
}

/// Whether a file's name is a day: `2016-01-15`.
fn is_day(stem: &str) -> bool {
    stem.len() == 10 && stem.parse::<jiff::civil::Date>().is_ok()
}

/// Whether a record is a message: it has a moment in Slack's form, and something that messages have.
fn is_message(value: &Value) -> bool {
    moment(value).is_some()
        && ["type", "subtype", "user", "text", "bot_id", "blocks"]
            .iter()
            .any(|key| value.get(*key).is_some_and(|v| v.is_string() || v.is_array()))
}

/// Whether an answer inside of a message is more than who gave it, and when.
fn says_something(reply: &Value) -> bool {
    ["type", "subtype", "text", "blocks", "files", "file", "attachments"]
        .iter()
        .any(|key| reply.get(*key).is_some_and(|value| !value.is_null()))
}

/// Returns the moment that is the identity of a message: seconds with six digits behind a point.
fn moment(value: &Value) -> Option<&str> {
    let ts = value.get("ts")?.as_str()?;
    let (seconds, micros) = ts.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (matches!(seconds.len(), 9..=11) && digits(seconds) && micros.len() <= 9 && digits(micros))
        .then_some(ts)
}

/// The messages of a channel.
#[derive(Default)]
struct Channel {
    name: String,
    messages: Vec<(String, Value)>,
}

impl Channel {
    fn take(&mut self, value: Value, sink: &mut dyn Sink) {
        // Some programs write the moment as a number.
        let number = || value.get("ts").and_then(Value::as_f64).filter(|ts| *ts >= 1e8);
        let ts = moment(&value).map(str::to_owned);
        let Some(ts) = ts.or_else(|| Some(format!("{:.6}", number()?))) else {
            sink.skipped("record that is no message", &shorten(&value.to_string()));
            return;
        };
        // Some programs put a thread's answers inside of the message that it begins with.
        for key in ["slackdump_thread_replies", "replies"] {
            for reply in array_under(&value, key) {
                // Slack's own exports only point to answers, which stand by themselves.
                if is_message(reply) && says_something(reply) {
                    self.take(reply.clone(), sink);
                }
            }
        }
        self.messages.push((ts, value));
    }

    /// Pushes the channel to the sink, if there is anything in it.
    fn push(mut self, names: &Names, sink: &mut dyn Sink) -> Result<(), ImportError> {
        if self.messages.is_empty() {
            return Ok(());
        }
        // Newest first in what the API gives.
        self.messages.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        let mut turns = Turns::default();
        for (ts, value) in &self.messages {
            match turn(ts, value, names) {
                Some(turn) => turns.push(turn, sink),
                None => sink.skipped("message that was taken back", ts),
            }
        }
        let turns = turns.into_vec();
        let (source_id, title) = names.channel(&self.name);
        sink.conversation(Conversation {
            source_id: Some(source_id),
            title: Some(title),
            started_at: turns.first().and_then(|turn| turn.said_at),
            turns,
        })?;
        Ok(())
    }
}

/// What members said or shared, as opposed to what Slack says of them.
const SAID: [&str; 10] = [
    "bot_message",
    "me_message",
    "file_share",
    "file_comment",
    "thread_broadcast",
    "reply_broadcast",
    "slackbot_response",
    "message_replied",
    "message_changed",
    "document_mention",
];

fn turn(ts: &str, value: &Value, names: &Names) -> Option<NewTurn> {
    let subtype = text_under(value, "subtype").unwrap_or_default();
    if subtype == "message_deleted" || flag(value, "is_hidden_by_limit") {
        return None;
    }
    let said = text::said(value, names);
    let mut turn = if subtype.is_empty() || SAID.contains(&subtype) {
        let (role, speaker) = speaker(value, subtype, names);
        NewTurn::message(role, speaker, said)
    } else if said.trim().is_empty() {
        service(subtype.replace('_', " "))
    } else {
        service(said)
    };
    turn.text = chat::spoken(turns::with_files(turn.text, &files(value)));
    turn.source_id = Some(ts.to_owned());
    let seconds: f64 = ts.parse().ok()?;
    Some(turn.at(Timestamp::from_millis((seconds * 1e3).round() as i64)))
}

fn speaker(value: &Value, subtype: &str, names: &Names) -> (Role, String) {
    let is_bot = subtype == "bot_message" || value.get("bot_id").is_some_and(Value::is_string);
    let user = id_under(value, &["user", "user_id"])
        .or_else(|| id_under(value.get("comment")?, &["user"]));
    let own = || {
        let profile = value.get("user_profile").or_else(|| value.get("bot_profile"))?;
        names::name(profile)
    };
    let named = || id_under(value, &["username", "bot_name"]);
    let known = || user.as_deref().and_then(|id| names.user(id));
    let bot = id_under(value, &["bot_id"]);
    if is_bot {
        let known_bot = || bot.as_deref().and_then(|id| names.user(id));
        let name = named().or_else(known).or_else(own).or_else(known_bot);
        let name = name.or(user.clone()).or(bot.clone());
        return (Role::Assistant, name.unwrap_or_else(|| "bot".to_owned()));
    }
    let role = if user.as_deref() == Some("USLACKBOT") { Role::Assistant } else { Role::User };
    let name = known().or_else(own).or_else(named).or(user.clone());
    (role, name.unwrap_or_else(|| "user".to_owned()))
}

fn files(value: &Value) -> Vec<String> {
    let one = value.get("file").filter(|file| file.is_object());
    let shared = array_under(value, "files").iter().chain(one);
    shared
        .filter(|file| file.is_object())
        .flat_map(|file| {
            let name = text_under(file, "name").or_else(|| text_under(file, "title"));
            let kind = text_under(file, "mimetype");
            let about = chat::file_about(name, kind, file.get("size").and_then(Value::as_u64));
            std::iter::once(about).chain(words_of(file))
        })
        .collect()
}

/// Returns the words of a file that was written in Slack itself, as far as the export has them: a
/// snippet, a post, a mail.
fn words_of(file: &Value) -> Option<String> {
    let written = matches!(text_under(file, "mode"), Some("snippet" | "post" | "email"));
    let words = ["plain_text", "preview_plain_text", "preview"];
    let words = written.then(|| words.iter().find_map(|key| text_under(file, key)))??;
    Some(words.trim_end().to_owned()).filter(|words| !words.trim().is_empty())
}

#[cfg(test)]
mod tests;
