//! A message of the JSON export.

use crate::conversation::{NewTurn, Role};
use crate::import::Options;
use crate::import::reading::chat::{file_about, media, service, spoken};
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::time::{When, instant_in};
use crate::import::reading::turns::with_files;
use serde_json::Value;

/// What a chat says of itself before its messages.
#[derive(Debug, Default)]
pub(super) struct Chat {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) kind: String,
}

impl Chat {
    pub(super) fn about(&mut self, key: &str, value: &Value) {
        match (key, value) {
            ("id", Value::Number(number)) => self.id = Some(number.to_string()),
            ("id", Value::String(id)) => self.id = Some(id.clone()),
            ("name", Value::String(name)) if !name.trim().is_empty() => {
                self.name = Some(name.clone());
            }
            ("type", Value::String(kind)) => kind.clone_into(&mut self.kind),
            _ => {}
        }
    }

    /// Returns the turn of a record; `None` where it is no message.
    pub(super) fn turn(&self, value: &Value, options: &Options) -> Option<NewTurn> {
        let mut turn = match text_under(value, "type") {
            Some("service") => service(action(value)),
            _ if value.get("text").is_none() && value.get("from").is_none() => return None,
            _ => {
                let name = id_under(value, &["from"])
                    .or_else(|| id_under(value, &["from_id"]))
                    .unwrap_or_else(|| "Deleted Account".to_owned());
                let is_bot = self.kind == "bot_chat" && self.name.as_ref() == Some(&name);
                let role = if is_bot { Role::Assistant } else { Role::User };
                NewTurn::message(role, name, spoken(with_files(text(value), &files(value))))
            }
        };
        turn.source_id = id_under(value, &["id"]);
        let When { said_at, text } = when(value, options);
        turn.said_at_text = text;
        Some(turn.at(said_at))
    }
}

/// Returns when a message was sent: in seconds since the epoch where that stands there, as older
/// versions leave it out, else in local time.
fn when(value: &Value, options: &Options) -> When {
    let exact = value.get("date_unixtime").map(|date| instant_in(date, &options.time_zone));
    exact
        .filter(|when| when.said_at.is_some())
        .or_else(|| value.get("date").map(|date| instant_in(date, &options.time_zone)))
        .unwrap_or_default()
}

/// Returns the text: a string, or strings and marked pieces in turn.
fn text(value: &Value) -> String {
    let plain = match value.get("text") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(pieces)) => pieces.iter().map(piece).collect(),
        _ => String::new(),
    };
    if plain.is_empty() {
        return array_under(value, "text_entities").iter().map(piece).collect();
    }
    plain
}

fn piece(piece: &Value) -> String {
    if let Value::Array(pieces) = piece {
        return pieces.iter().filter_map(Value::as_str).collect();
    }
    let text = piece.as_str().or_else(|| piece.get("text")?.as_str()).unwrap_or_default();
    match text_under(piece, "href") {
        Some(href) if !href.contains(text) => format!("{text} ({href})"),
        _ => text.to_owned(),
    }
}

/// Returns a line for each thing that was shared.
fn files(value: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let number = |key: &str| value.get(key).and_then(Value::as_u64);
    // What was left out of the export has a remark in the place of its path.
    let path = |key: &str| {
        let path = text_under(value, key).filter(|path| !path.starts_with('('))?;
        path.rsplit('/').next()
    };
    if let Some(kind) = text_under(value, "media_type").filter(|kind| *kind != "document") {
        let emoji = text_under(value, "sticker_emoji").map(|emoji| format!(": {emoji}"));
        let word = match kind {
            "voice_message" | "audio_file" => "audio",
            "video_message" | "video_file" => "video",
            "animation" => "picture",
            other => other,
        };
        match text_under(value, "file_name").or_else(|| path("file")) {
            Some(name) if kind != "sticker" => {
                lines.push(file_about(
                    Some(name),
                    text_under(value, "mime_type"),
                    number("file_size"),
                ));
            }
            _ => lines.push(media(&format!("{word}{}", emoji.unwrap_or_default()))),
        }
    } else if value.get("photo").is_some() {
        lines.push(match path("photo") {
            Some(name) => file_about(Some(name), None, number("photo_file_size")),
            None => media("picture"),
        });
    } else if value.get("file").is_some() {
        let name = text_under(value, "file_name").or_else(|| path("file"));
        lines.push(file_about(name, text_under(value, "mime_type"), number("file_size")));
    }
    if let Some(contact) = value.get("contact_information") {
        let word = |key: &str| text_under(contact, key).unwrap_or_default();
        let about = [word("first_name"), word("last_name"), word("phone_number")].join(" ");
        lines.push(media(&format!("contact: {}", about.trim())));
    }
    if let Some(place) = value.get("location_information") {
        let name = text_under(value, "place_name").unwrap_or_default();
        let at = |key: &str| place.get(key).map(ToString::to_string).unwrap_or_default();
        let about = format!("{name} {}, {}", at("latitude"), at("longitude"));
        lines.push(media(&format!("place: {}", about.trim())));
    }
    if let Some(poll) = value.get("poll") {
        lines.push(format!("Poll: {}", poll.get("question").map(piece).unwrap_or_default()));
        for answer in array_under(poll, "answers") {
            lines.push(format!("- {}", piece(answer)));
        }
    }
    if let Some(game) = text_under(value, "game_title") {
        lines.push(media(&format!("game: {game}")));
    }
    lines
}

/// Returns what a service message says: who did what, with whom.
fn action(value: &Value) -> String {
    let who = id_under(value, &["actor", "from"]).unwrap_or_default();
    let action = text_under(value, "action").unwrap_or("service message").replace('_', " ");
    let members: Vec<&str> =
        array_under(value, "members").iter().filter_map(Value::as_str).collect();
    let members = members.join(", ");
    let title = text_under(value, "title").map(|title| format!("\u{201c}{title}\u{201d}"));
    let seconds = value.get("duration_seconds").and_then(Value::as_u64);
    let seconds = seconds.map(|seconds| format!("{seconds} s"));
    let words =
        [who, action, members, title.unwrap_or_default(), seconds.unwrap_or_default(), text(value)];
    words.iter().map(|word| word.trim()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}
