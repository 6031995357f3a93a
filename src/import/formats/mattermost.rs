//! Mattermost: the JSON Lines of its bulk export (`mmctl export`, `mattermost export bulk`), with the
//! posts of all channels and all direct messages, mixed.

use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{service, spoken};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{Layout, array_under, text_under};
use crate::import::reading::rooms::{Order, Rooms};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{file, with_files};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `mattermost`.
pub(super) struct Mattermost;

/// The kinds of lines that say something of a conversation.
const KINDS: [&str; 4] = ["post", "direct_post", "channel", "direct_channel"];

/// The kinds of lines that do not.
const ASIDE: [&str; 8] =
    ["version", "team", "user", "emoji", "role", "scheme", "bot", "permissions_system"];

impl Importer for Mattermost {
    fn format(&self) -> &'static str {
        "mattermost"
    }

    fn description(&self) -> &'static str {
        "Mattermost: the JSON Lines of a bulk export, or its ZIP"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        // Thousands of users can come before the first post.
        let line = |value: &Value| {
            let Some((kind, inside)) = inside(value) else { return false };
            match kind {
                "post" | "direct_post" => is_post(inside),
                "channel" => inside.get("team").is_some() && inside.get("name").is_some(),
                "user" => inside.get("username").is_some() && inside.get("teams").is_some(),
                _ => false,
            }
        };
        let found = sample.is_lines() && sample.records().iter().any(line);
        if found { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let mut rooms = Rooms::new();
        input.each(sink, |source, sink| {
            source.each_record(Layout::Lines, Unit::Message, sink, |value, sink| {
                match inside(&value) {
                    Some((kind, inside)) if KINDS.contains(&kind) => {
                        take(kind, inside, &mut rooms, sink);
                    }
                    _ if text_under(&value, "type").is_some_and(|kind| ASIDE.contains(&kind)) => {}
                    _ => sink.skipped("record that is no message", &shorten(&value.to_string())),
                }
                Ok(())
            })
        })?;
        rooms.send(Order::Time, sink)
    }
}

/// The kind of a line, and what stands under the key of that name.
fn inside(value: &Value) -> Option<(&str, &Value)> {
    let kind = text_under(value, "type")?;
    Some((kind, value.get(kind).filter(|inside| inside.is_object())?))
}

fn is_post(value: &Value) -> bool {
    value.get("message").is_some() && value.get("create_at").is_some()
}

fn take(kind: &str, inside: &Value, rooms: &mut Rooms, sink: &mut dyn Sink) {
    match kind {
        "channel" => {
            let title = text_under(inside, "display_name").or_else(|| text_under(inside, "name"));
            rooms.head(&channel(inside, "name")).title = title.map(str::to_owned);
        }
        "direct_channel" => {
            let members = members(inside, "members");
            rooms.head(&members).title = Some(shorten(&members));
        }
        _ if is_post(inside) => {
            let key = if kind == "post" {
                channel(inside, "channel")
            } else {
                members(inside, "channel_members")
            };
            let head = rooms.head(&key);
            if head.title.is_none() {
                let name = text_under(inside, "channel").unwrap_or(&key);
                head.title = Some(shorten(name));
            }
            post(inside, &key, rooms, sink);
            for reply in array_under(inside, "replies") {
                post(reply, &key, rooms, sink);
            }
        }
        _ => sink.skipped("record that is no message", &shorten(&inside.to_string())),
    }
}

/// What tells a channel: names are unique in a team only.
fn channel(value: &Value, name: &str) -> String {
    let word = |key: &str| text_under(value, key).unwrap_or_default();
    format!("{}/{}", word("team"), word(name))
}

/// The people of a direct channel, whatever order they are in. With newer versions they are objects.
fn members(value: &Value, key: &str) -> String {
    let name =
        |one: &Value| one.as_str().or_else(|| text_under(one, "username")).map(str::to_owned);
    let mut members: Vec<String> = array_under(value, key).iter().filter_map(name).collect();
    if members.is_empty() && key == "members" {
        members = array_under(value, "participants").iter().filter_map(name).collect();
    }
    members.sort_unstable();
    members.join(", ")
}

fn post(post: &Value, key: &str, rooms: &mut Rooms, sink: &mut dyn Sink) {
    let said_at = instant_under(post, &["create_at"]);
    if post.get("delete_at").and_then(Value::as_i64).is_some_and(|at| at > 0) {
        sink.skipped(
            "message that was deleted",
            &said_at.map_or(String::new(), |at| at.to_string()),
        );
        return;
    }
    let mut lines: Vec<String> = Vec::new();
    // Bots say what they have to say beside the text.
    let props = post.get("props").unwrap_or(&Value::Null);
    for card in array_under(props, "attachments") {
        let words = ["pretext", "title", "text", "fallback"];
        let mut words = words.iter().filter_map(|word| text_under(card, word));
        lines.extend(words.next().map(str::to_owned));
    }
    for attached in array_under(post, "attachments") {
        let path = text_under(attached, "path").unwrap_or("unnamed");
        lines.push(file(path.rsplit('/').next().unwrap_or(path)));
    }
    let text = post.get("message").and_then(Value::as_str).unwrap_or_default();
    let text = with_files(text.to_owned(), &lines);
    let speaker = text_under(props, "override_username").or_else(|| text_under(post, "user"));
    let told = text_under(post, "type").is_some_and(|kind| kind.starts_with("system_"));
    let turn = if told {
        service(text)
    } else {
        NewTurn::message(Role::User, speaker.unwrap_or("unknown"), spoken(text))
    };
    rooms.push(key, turn.at(said_at), sink);
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;

    #[test]
    fn channels_and_direct_messages() {
        let sink = read_as(
            "mattermost",
            r#"{"type":"version","version":1}
{"type":"team","team":{"name":"t"}}
{"type":"channel","channel":{"team":"t","name":"choir","display_name":"Choir","type":"O"}}
{"type":"user","user":{"username":"eva","teams":[]}}
{"type":"post","post":{"team":"t","channel":"choir","user":"jon","message":"later","create_at":1714550500000,"edit_at":1}}
{"type":"post","post":{"team":"t","channel":"choir","user":"eva","message":"when?","create_at":1714550400000,"reactions":[{"user":"jon"}],"replies":[{"user":"jon","message":"","create_at":1714550460000,"attachments":[{"path":"data/2024/plan.pdf"}]}]}}
{"type":"post","post":{"team":"t","channel":"choir","type":"system_join_channel","user":"ida","message":"ida joined the channel.","create_at":1714550470000}}
{"type":"direct_channel","direct_channel":{"members":["jon","eva"]}}
{"type":"direct_post","direct_post":{"channel_members":["eva","jon"],"user":"eva","message":"psst","create_at":1714550480000}}
{"type":"direct_post","direct_post":{"channel_members":["eva","jon"],"user":"jon","message":"gone","create_at":1714550480000,"delete_at":5}}
{"type":"unheard","unheard":{}}
"#,
        );
        assert_eq!(
            sink.said(),
            [
                "eva: when?",
                "jon: [file: plan.pdf]",
                "(tool) system: ida joined the channel.",
                "jon: later",
                "eva: psst"
            ]
        );
        let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
        assert_eq!(titles, ["Choir", "eva, jon"]);
        assert_eq!(sink.skipped["message that was deleted"], 1);
        assert_eq!(sink.skipped["record that is no message"], 1);
    }
}
