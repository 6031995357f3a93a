//! Discord's own data package: what the user said, a folder for each channel.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{file_about, spoken};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{id_under, text_under};
use crate::import::reading::time;
use crate::import::reading::turns::{Turns, with_files};
use crate::import::{Input, Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;

const LARGEST: usize = 256 << 20;

/// Whether a file holds the messages of a channel.
pub(super) fn is_messages(sample: &Sample) -> bool {
    sample.records().iter().any(is_message) || has_header(sample.text())
}

fn is_message(value: &Value) -> bool {
    ["ID", "Timestamp", "Contents"].iter().all(|key| value.get(*key).is_some())
}

fn has_header(text: &str) -> bool {
    text.trim_start_matches('\u{FEFF}').starts_with("ID,Timestamp,Contents")
}

/// What the package says of itself beside the messages.
#[derive(Debug, Default)]
pub(super) struct About {
    user: Option<String>,
    /// By the channel's id.
    titles: HashMap<String, String>,
    /// By the folder of a channel.
    folders: HashMap<String, (String, Option<String>)>,
}

impl About {
    /// Reads the lists of a package. One that cannot be read is passed over: it holds names only.
    pub(super) fn read(input: &mut Input<'_>, sink: &mut dyn Sink) -> Self {
        let mut about = Self::default();
        let lists: Vec<(usize, String)> = input
            .beside()
            .filter(|(_, name)| {
                let file = name.rsplit('/').next().unwrap_or(name).to_lowercase();
                matches!(file.as_str(), "index.json" | "channel.json" | "user.json")
            })
            .map(|(index, name)| (index, name.to_owned()))
            .collect();
        for (index, name) in lists {
            let Ok(mut source) = input.open(index) else { continue };
            let mut value = Value::Null;
            let layout = crate::import::reading::json::Layout::Whole;
            let _ = source.each_record(layout, Unit::Message, sink, |read, _| {
                value = read;
                Ok(())
            });
            about.take(&name, &value);
        }
        about
    }

    fn take(&mut self, name: &str, value: &Value) {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        match file {
            "user.json" => {
                let name = ["global_name", "username"].iter().find_map(|k| text_under(value, k));
                self.user = name.map(str::to_owned);
            }
            "channel.json" => {
                let Some(id) = id_under(value, &["id"]) else { return };
                let guild = value.get("guild").and_then(|guild| text_under(guild, "name"));
                let title = text_under(value, "name").map(|name| match guild {
                    Some(guild) => format!("{guild} #{name}"),
                    None => name.to_owned(),
                });
                self.folders.insert(folder.to_owned(), (id, title));
            }
            _ => {
                let titles = value.as_object().into_iter().flatten();
                self.titles.extend(
                    titles.filter_map(|(id, name)| Some((id.clone(), name.as_str()?.to_owned()))),
                );
            }
        }
    }
}

/// Reads the messages of a channel.
pub(super) fn read(
    source: &mut Source<'_>,
    about: &About,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let path = source.sample().name().to_owned();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let known = about.folders.get(folder).cloned();
    let last = folder.rsplit('/').next().unwrap_or_default();
    let id =
        last.strip_prefix('c').filter(|id| id.len() > 10 && id.bytes().all(|b| b.is_ascii_digit()));
    let (id, title) = known.unwrap_or_else(|| (id.unwrap_or(source.stem()).to_owned(), None));
    let title = title.or_else(|| about.titles.get(&id).cloned()).unwrap_or_else(|| id.clone());
    let user = about.user.as_deref().unwrap_or("Me");
    let mut said: Vec<NewTurn> = Vec::new();
    if has_header(source.sample().text()) {
        let text = source.whole_text(LARGEST, sink)?;
        let text = text.trim_start_matches('\u{FEFF}');
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let field = |at: usize| record.get(at).unwrap_or_default();
                    said.push(turn(user, field(0), field(1), field(2), field(3)));
                }
                Err(error) => sink.skipped("row that cannot be read", &shorten(&error.to_string())),
            }
        }
    } else {
        let layout = source.sample().layout(is_message);
        source.each_record(layout, Unit::Message, sink, |value, sink| {
            if !is_message(&value) {
                sink.skipped("record that is no message", &shorten(&value.to_string()));
                return Ok(());
            }
            let id = id_under(&value, &["ID"]).unwrap_or_default();
            let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
            said.push(turn(user, &id, text("Timestamp"), text("Contents"), text("Attachments")));
            Ok(())
        })?;
    }
    // The package is newest first.
    said.sort_by_key(|turn| turn.said_at);
    let mut turns = Turns::default();
    for turn in said {
        turns.push(turn, sink);
    }
    let turns = turns.into_vec();
    sink.conversation(Conversation {
        source_id: Some(id),
        title: Some(title),
        started_at: turns.first().and_then(|turn| turn.said_at),
        turns,
    })?;
    Ok(())
}

fn turn(user: &str, id: &str, time: &str, text: &str, attached: &str) -> NewTurn {
    let names = attached.split_whitespace().map(|url| {
        let name = url.split('?').next().and_then(|url| url.rsplit('/').next());
        file_about(name, None, None)
    });
    let files: Vec<String> = names.collect();
    let mut turn = NewTurn::message(Role::User, user, spoken(with_files(text.to_owned(), &files)));
    turn.source_id = Some(id.to_owned()).filter(|id| !id.is_empty());
    // The package tells its times in UTC.
    turn.at(time::parse(time, &jiff::tz::TimeZone::UTC).said_at)
}
