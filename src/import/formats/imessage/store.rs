//! The database `chat.db`, of macOS or out of a backup of a phone (`sms.db`).

use super::{attributed, edited};
use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::Sink;
use crate::import::error::ImportError;
use crate::import::reading::chat::{file_about, service, spoken};
use crate::import::reading::database::{Cell, Database, Row, Select};
use crate::import::reading::turns::{Turns, with_files};
use std::collections::HashMap;

/// The moment that the system counts from, in milliseconds since the Unix epoch: 2001.
const EPOCH_MS: i64 = 978_307_200_000;
/// Later versions count in nanoseconds.
const NANOSECONDS: i64 = 1_000_000_000_000;

/// Reads a database.
pub(super) fn read(database: &Database, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let names = names(database)?;
    let chats = chats(database, &names)?;
    let chat_of = pairs(database, "chat_message_join", ["message_id", "chat_id"])?;
    let files = files(database)?;
    let mut order: Vec<Place> = Vec::new();
    let mut turns: HashMap<Place, Turns> = HashMap::new();
    let select = Select {
        table: "message",
        columns: &[
            "ROWID",
            "guid",
            "text",
            "attributedBody",
            "handle_id",
            "is_from_me",
            "date",
            "item_type",
            "subject",
            "group_title",
            "other_handle",
            "message_summary_info",
        ],
        order: &["date", "rowid"],
        ..Select::default()
    };
    database.each_row(&select, |row| {
        let id = row.integer(0).unwrap_or_default();
        let handle = row.integer(4).unwrap_or_default();
        let place = chat_of.get(&id).map_or(Place::With(handle), |chat| Place::Chat(*chat));
        let turn = turn(&row, &names, files.get(&id).map_or(&[][..], Vec::as_slice));
        if !turns.contains_key(&place) {
            order.push(place);
        }
        turns.entry(place).or_default().push(turn, sink);
        Ok(())
    })?;
    for place in order {
        let turns = turns.remove(&place).unwrap_or_default().into_vec();
        let (source_id, title) = match place {
            Place::Chat(id) => {
                chats.get(&id).cloned().unwrap_or_else(|| (format!("chat {id}"), people(&turns)))
            }
            Place::With(handle) => {
                let name = names.get(&handle).cloned();
                (format!("with {}", name.as_deref().unwrap_or("me")), name)
            }
        };
        sink.conversation(Conversation {
            source_id: Some(source_id),
            title: title.or_else(|| people(&turns)),
            started_at: turns.iter().find_map(|turn| turn.said_at),
            turns,
        })?;
    }
    Ok(())
}

/// Where a message stands: in a chat, or, where that was deleted, with somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Chat(i64),
    With(i64),
}

/// Returns the other people of a chat.
fn people(turns: &[NewTurn]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for turn in turns.iter().filter(|turn| turn.role == Role::User && turn.speaker != "Me") {
        if !names.contains(&turn.speaker.as_str()) {
            names.push(&turn.speaker);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

fn turn(row: &Row, names: &HashMap<i64, String>, files: &[String]) -> NewTurn {
    let name = |at: usize| row.integer(at).and_then(|handle| names.get(&handle).cloned());
    let mine = row.integer(5) == Some(1);
    let speaker = if mine { Some("Me".to_owned()) } else { name(4) };
    let speaker = speaker.unwrap_or_else(|| "Unknown".to_owned());
    let attributed = || match row.cell(3) {
        Cell::Blob(archive) => attributed::text(archive),
        _ => None,
    };
    // Of an edited message some versions keep the words only with its history.
    let edited = || match row.cell(11) {
        Cell::Blob(list) => edited::text(list),
        _ => None,
    };
    let text = row.text(2).map(str::to_owned).or_else(attributed).or_else(edited);
    let text = text.unwrap_or_default();
    // Something that was put into the text, such as a picture, leaves a mark.
    let text = text.replace(['\u{FFFC}', '\u{FFFD}'], "").trim().to_owned();
    let text = match row.text(8) {
        Some(subject) if !text.is_empty() => format!("{subject}\n{text}"),
        Some(subject) => subject.to_owned(),
        None => text,
    };
    let text = with_files(text, files);
    let event = row.integer(7).filter(|kind| *kind != 0);
    let mut turn = if let Some(kind) = event {
        let what = match kind {
            1 => format!("changed who is in the group: {}", name(10).unwrap_or_default()),
            2 => format!("named the chat \u{201c}{}\u{201d}", row.text(9).unwrap_or_default()),
            3 => "left the chat or changed its picture".to_owned(),
            _ => text,
        };
        service(format!("{speaker} {}", what.trim_end_matches([':', ' '])))
    } else {
        NewTurn::message(Role::User, speaker, spoken(text))
    };
    turn.source_id = row.id(1);
    turn.at(row.integer(6).and_then(instant))
}

/// Returns the instant of the system's own count.
fn instant(date: i64) -> Option<Timestamp> {
    if date == 0 {
        return None;
    }
    let millis = if date.abs() >= NANOSECONDS { date / 1_000_000 } else { date.checked_mul(1000)? };
    Timestamp::from_millis(millis.checked_add(EPOCH_MS)?)
}

fn names(database: &Database) -> Result<HashMap<i64, String>, ImportError> {
    let select = Select { table: "handle", columns: &["ROWID", "id"], ..Select::default() };
    let mut names = HashMap::new();
    database.each_row(&select, |row| {
        if let (Some(id), Some(name)) = (row.integer(0), row.id(1)) {
            names.insert(id, name);
        }
        Ok(())
    })?;
    Ok(names)
}

/// Returns the identity and the title of each chat.
fn chats(
    database: &Database,
    names: &HashMap<i64, String>,
) -> Result<HashMap<i64, (String, Option<String>)>, ImportError> {
    let mut members: HashMap<i64, Vec<String>> = HashMap::new();
    let select = Select {
        table: "chat_handle_join",
        columns: &["chat_id", "handle_id"],
        ..Select::default()
    };
    database.each_row(&select, |row| {
        if let (Some(chat), Some(handle)) = (row.integer(0), row.integer(1)) {
            members.entry(chat).or_default().extend(names.get(&handle).cloned());
        }
        Ok(())
    })?;
    let select = Select {
        table: "chat",
        columns: &["ROWID", "guid", "chat_identifier", "display_name"],
        ..Select::default()
    };
    let mut chats = HashMap::new();
    database.each_row(&select, |row| {
        let Some(id) = row.integer(0) else { return Ok(()) };
        let identity = row.id(1).or_else(|| row.id(2)).unwrap_or_else(|| format!("chat {id}"));
        let others = members.get(&id).filter(|members| !members.is_empty());
        let title = row.text(3).map(str::to_owned).or_else(|| others.map(|m| m.join(", ")));
        chats.insert(id, (identity, title.or_else(|| row.id(2))));
        Ok(())
    })?;
    Ok(chats)
}

fn pairs(
    database: &Database,
    table: &str,
    columns: [&str; 2],
) -> Result<HashMap<i64, i64>, ImportError> {
    let select = Select { table, columns: &columns, ..Select::default() };
    let mut pairs = HashMap::new();
    database.each_row(&select, |row| {
        if let (Some(from), Some(to)) = (row.integer(0), row.integer(1)) {
            pairs.insert(from, to);
        }
        Ok(())
    })?;
    Ok(pairs)
}

/// Returns a line for each file that was sent, by the message.
fn files(database: &Database) -> Result<HashMap<i64, Vec<String>>, ImportError> {
    let select = Select {
        table: "attachment",
        columns: &["ROWID", "transfer_name", "filename", "mime_type", "total_bytes"],
        ..Select::default()
    };
    let mut lines = HashMap::new();
    database.each_row(&select, |row| {
        let path = row.text(2).and_then(|path| path.rsplit('/').next());
        let size = row.integer(4).and_then(|size| u64::try_from(size).ok());
        if let Some(id) = row.integer(0) {
            lines.insert(id, file_about(row.text(1).or(path), row.text(3), size));
        }
        Ok(())
    })?;
    let select = Select {
        table: "message_attachment_join",
        columns: &["message_id", "attachment_id"],
        order: &["rowid"],
        ..Select::default()
    };
    let mut files: HashMap<i64, Vec<String>> = HashMap::new();
    database.each_row(&select, |row| {
        if let (Some(message), Some(file)) = (row.integer(0), row.integer(1)) {
            files.entry(message).or_default().extend(lines.get(&file).cloned());
        }
        Ok(())
    })?;
    Ok(files)
}
