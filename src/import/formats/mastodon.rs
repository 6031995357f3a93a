//! Mastodon: `outbox.json` of an account's archive, which has what the account itself wrote: posts,
//! and what it wrote to single people.

use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::spoken;
use crate::import::reading::html::Element;
use crate::import::reading::input::Part;
use crate::import::reading::json::{self, Parts, array_under, id_under, text_under};
use crate::import::reading::rooms::{Order, Rooms};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{file, with_files};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `mastodon`.
pub(super) struct Mastodon;

const PARTS: Parts = Parts { records: &["orderedItems"], around: &[], members: &[] };

impl Importer for Mastodon {
    fn format(&self) -> &'static str {
        "mastodon"
    }

    fn description(&self) -> &'static str {
        "Mastodon: outbox.json of an account's archive (what the account wrote)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let Some(document) = sample.document() else { return Confidence::No };
        let of = |key: &str| document.get(key).unwrap_or(&Value::Null);
        let items = array_under(document, "orderedItems");
        if of("type") == "OrderedCollection" && items.iter().any(is_activity) {
            return Confidence::Certain;
        }
        if of("type") == "Person" && of("preferredUsername").is_string() && of("outbox").is_string()
        {
            return Confidence::Beside("outbox.json of the same archive");
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let owner = owner(input, sink)?;
        let mut rooms = Rooms::new();
        input.each(sink, |source, sink| {
            source.each_part(PARTS, sink, |part, sink| {
                if let Part::Record(activity) = part {
                    take(&activity, owner.as_deref(), &mut rooms, sink);
                }
                Ok(())
            })
        })?;
        rooms.send(Order::Time, sink)
    }
}

fn is_activity(value: &Value) -> bool {
    matches!(text_under(value, "type"), Some("Create" | "Announce"))
        && value.get("actor").is_some()
        && value.get("object").is_some()
}

/// The account's name, from the file that comes with the posts.
fn owner(input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<Option<String>, ImportError> {
    const LARGEST: usize = 1 << 20;
    let is = |name: &str| name == "actor.json" || name.ends_with("/actor.json");
    let Some((index, _)) = input.beside().find(|(_, name)| is(name)) else { return Ok(None) };
    match input.open(index).and_then(|mut source| source.whole_text(LARGEST, sink)) {
        Ok(text) => {
            let actor = json::parse(&text).unwrap_or_default();
            Ok(id_under(&actor, &["name", "preferredUsername"]))
        }
        Err(ImportError::Stopped(stop)) => Err(stop.into()),
        Err(error) => {
            sink.skipped("account that cannot be read", &shorten(&error.to_string()));
            Ok(None)
        }
    }
}

/// The last part of an account's address.
fn account(address: &str) -> &str {
    address.trim_end_matches('/').rsplit('/').next().unwrap_or(address).trim_start_matches('@')
}

fn take(activity: &Value, owner: Option<&str>, rooms: &mut Rooms, sink: &mut dyn Sink) {
    let note = activity.get("object").unwrap_or(&Value::Null);
    if text_under(activity, "type") == Some("Announce") {
        sink.skipped("post of somebody else that was shared", note.as_str().unwrap_or_default());
        return;
    }
    if !is_activity(activity) || !note.is_object() {
        sink.skipped("record that is no message", &shorten(&activity.to_string()));
        return;
    }
    let html = |key: &str| {
        let text = text_under(note, key).map(|text| Element::parse(text).text());
        text.filter(|text| !text.is_empty())
    };
    // What stands before a post that is folded.
    let mut text = html("summary").map(|warning| format!("{warning}\n")).unwrap_or_default();
    text.push_str(&html("content").unwrap_or_default());
    let mut lines: Vec<String> = Vec::new();
    for option in array_under(note, "oneOf").iter().chain(array_under(note, "anyOf")) {
        lines.extend(text_under(option, "name").map(|name| format!("- {name}")));
    }
    for attached in array_under(note, "attachment") {
        let path = text_under(attached, "url").unwrap_or("unnamed");
        lines.push(file(path.rsplit('/').next().unwrap_or(path)));
        lines.extend(text_under(attached, "name").map(str::to_owned));
    }
    let actor = text_under(activity, "actor").map_or("Me", account);
    let text = spoken(with_files(text, &lines));
    let mut turn = NewTurn::message(Role::User, owner.unwrap_or(actor), text);
    turn.source_id = id_under(note, &["id"]).or_else(|| id_under(activity, &["id"]));
    let said_at = instant_under(note, &["published"]);
    let said_at = said_at.or_else(|| instant_under(activity, &["published"]));
    let (key, title) = addressed(activity, note);
    rooms.head(&key).title = Some(title);
    rooms.push(&key, turn.at(said_at), sink);
}

/// What a post belongs to: the people that it is to, or the posts for everybody who follows.
fn addressed(activity: &Value, note: &Value) -> (String, String) {
    let all = |key: &str| {
        let own = array_under(note, key);
        if own.is_empty() { array_under(activity, key) } else { own }
    };
    let mut people: Vec<&str> = Vec::new();
    for address in all("to").iter().chain(all("cc")).filter_map(Value::as_str) {
        if address.ends_with("#Public")
            || address.ends_with(":Public")
            || address.ends_with("/followers")
        {
            return ("posts".to_owned(), "Posts".to_owned());
        }
        people.push(address);
    }
    if people.is_empty() {
        return ("posts".to_owned(), "Posts".to_owned());
    }
    people.sort_unstable();
    people.dedup();
    let names: Vec<&str> = people.iter().map(|address| account(address)).collect();
    (people.join(" "), format!("with {}", shorten(&names.join(", "))))
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{options, read_as, read_path};

    const OUTBOX: &str = r#"{"@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json", "type": "OrderedCollection", "totalItems": 4, "orderedItems": [
        {"id": "x/activity", "type": "Create", "actor": "https://m.example/users/eva", "published": "2024-05-01T10:00:00Z", "to": ["https://www.w3.org/ns/activitystreams#Public"],
         "object": {"id": "x", "type": "Note", "summary": "ferns", "content": "<p>One<br>two</p><p>three &amp; more</p>", "published": "2024-05-01T10:00:00Z",
            "attachment": [{"type": "Document", "url": "/media/files/fern.png", "name": "a fern"}]}},
        {"type": "Announce", "actor": "https://m.example/users/eva", "object": "https://m.example/y"},
        {"id": "z/activity", "type": "Create", "actor": "https://m.example/users/eva", "published": "2024-05-02T10:00:00Z", "to": ["https://m.example/users/jon"], "cc": [],
         "object": {"id": "z", "type": "Note", "content": "<p><span>@<a href=\"x\">jon</a></span> psst</p>"}},
        {"type": "Like"}]}"#;

    #[test]
    fn posts_and_messages() {
        let sink = read_as("mastodon", OUTBOX);
        assert_eq!(
            sink.said(),
            ["eva: ferns\nOne\ntwo\nthree & more\n[file: fern.png]\na fern", "eva: @jon psst"]
        );
        let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
        assert_eq!(titles, ["Posts", "with jon"]);
        assert_eq!(sink.skipped["post of somebody else that was shared"], 1);
        assert_eq!(sink.skipped["record that is no message"], 1);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("outbox.json"), OUTBOX).unwrap();
        let actor = r#"{"type": "Person", "preferredUsername": "eva", "name": "Eva Lie", "outbox": "outbox.json"}"#;
        std::fs::write(folder.path().join("actor.json"), actor).unwrap();
        let (_, sink) = read_path(folder.path(), &options());
        assert_eq!(sink.said()[1], "Eva Lie: @jon psst");
        assert!(!sink.skipped.contains_key("file of no known format"));
    }
}
