//! Pages that a compliance export (Purview, eDiscovery) or a script makes of chats in Teams. They are
//! made differently by version: a message is an element whose class says so, with its parts in
//! elements of telling classes; or a row of a table with telling heads.

use super::words;
use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{service, spoken};
use crate::import::reading::dates::{self, Stamp};
use crate::import::reading::html::Element;
use crate::import::reading::input::Source;
use crate::import::reading::rooms::Rooms;
use crate::import::reading::time::{When, parse};
use crate::import::reading::turns::{file, with_files};
use crate::import::{Options, Sample, Sink};

/// A page is that of a chat, or of a day of one.
const LARGEST: usize = 64 << 20;

const MESSAGE: [&str; 6] =
    ["message", "chat-message", "msg", "message-row", "message-container", "messagecard"];
const SENDER: [&str; 5] = ["sender", "author", "from", "display-name", "username"];
const TIME: [&str; 3] = ["time", "date", "sent"];
const BODY: [&str; 4] = ["body", "content", "text", "message-"];

/// Whether a page is such a chat.
pub(super) fn holds(sample: &Sample) -> bool {
    let text = sample.text();
    let page = text.trim_start_matches('\u{FEFF}').trim_start().starts_with('<');
    page && (text.contains("Microsoft Teams") || text.contains("teams.microsoft.com"))
        && !messages(&Element::parse(text)).is_empty()
}

/// A message as it is on the page.
struct Found<'e> {
    sender: String,
    time: String,
    body: Option<&'e Element>,
    files: Vec<String>,
    told: bool,
}

fn class(element: &Element) -> String {
    element.attribute("class").unwrap_or_default().to_lowercase()
}

fn part<'e>(message: &'e Element, words: &[&str]) -> Option<&'e Element> {
    let is = |element: &Element| {
        let class = class(element);
        class.split_ascii_whitespace().any(|token| words.iter().any(|word| token.contains(word)))
    };
    message.find(&is)
}

fn messages(page: &Element) -> Vec<Found<'_>> {
    let is = |element: &Element| {
        let named = class(element)
            .split_ascii_whitespace()
            .any(|token| MESSAGE.contains(&token) || token == "system-message");
        named && part(element, &TIME).is_some()
    };
    let found: Vec<Found<'_>> = page.find_all(&is).into_iter().map(found).collect();
    if found.is_empty() { rows(page) } else { found }
}

fn found(message: &Element) -> Found<'_> {
    let time = part(message, &TIME).map(|time| {
        let exact =
            ["datetime", "data-timestamp", "title"].iter().find_map(|key| time.attribute(key));
        exact.map_or_else(|| time.text(), str::to_owned)
    });
    let sender =
        part(message, &SENDER).map(|sender| sender.text().trim_end_matches(':').to_owned());
    // The other parts can have these words in their classes too.
    let body = message.find(&|e| {
        let class = class(e);
        let has = |words: &[&str]| words.iter().any(|word| class.contains(word));
        has(&BODY) && !has(&SENDER) && !has(&TIME) && !class.contains("header")
    });
    let is_file =
        |e: &Element| class(e).split_ascii_whitespace().any(|c| c.starts_with("attachment"));
    let attached = message.find_all(&|e| is_file(e) && e.find(&is_file).is_none());
    Found {
        told: sender.is_none() || class(message).contains("system"),
        sender: sender.unwrap_or_default(),
        time: time.unwrap_or_default(),
        body,
        files: attached.into_iter().map(|one| file(&shorten(&one.text()))).collect(),
    }
}

/// The messages of a table.
fn rows(page: &Element) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for table in page.find_all(&|e| e.is("table")) {
        let rows = table.find_all(&|e| e.is("tr"));
        let Some((head, rows)) = rows.split_first() else { continue };
        let cells = |row: &Element| {
            row.elements().map(|cell| cell.text().to_lowercase()).collect::<Vec<_>>()
        };
        let heads = cells(head);
        let column = |words: &[&str]| {
            heads.iter().position(|head| words.iter().any(|word| head.contains(word)))
        };
        let time = column(&TIME);
        let sender = column(&["from", "sender", "author", "name"]);
        let body = column(&["message", "body", "content", "text"]);
        let (Some(time), Some(sender), Some(body)) = (time, sender, body) else { continue };
        for row in rows {
            let cells: Vec<&Element> = row.elements().collect();
            let text = |at: usize| cells.get(at).map(|cell| cell.text()).unwrap_or_default();
            found.push(Found {
                sender: text(sender),
                time: text(time),
                body: cells.get(body).copied(),
                files: Vec::new(),
                told: text(sender).is_empty(),
            });
        }
    }
    found
}

/// Reads the page as a chat.
pub(super) fn read(
    source: &mut Source<'_>,
    options: &Options,
    rooms: &mut Rooms,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let stem = source.stem().to_owned();
    let page = Element::parse(&source.whole_text(LARGEST, sink)?);
    let title = page.find(&|e| e.is("h1")).map(Element::text).filter(|title| !title.is_empty());
    let found = messages(&page);
    let stamps: Vec<Option<Stamp>> = found.iter().map(|one| Stamp::read(&one.time)).collect();
    let orders = dates::orders(stamps.iter().flatten(), options, sink);
    rooms.head(&stem).title = title.or_else(|| Some(stem.clone()));
    for (one, stamp) in found.into_iter().zip(stamps) {
        let mut when = parse(&one.time, &options.time_zone);
        if let Some(stamp) = stamp.filter(|_| when.said_at.is_none()) {
            when = stamp.instant(&orders, options);
        }
        if when.said_at.is_none() {
            sink.skipped("time that cannot be read", &shorten(&one.time));
            when = When { said_at: None, text: Some(one.time) };
        }
        let text = with_files(one.body.map(words).unwrap_or_default(), &one.files);
        let mut turn = if one.told {
            service(text)
        } else {
            NewTurn::message(Role::User, one.sender, spoken(text))
        };
        turn.said_at_text = when.text;
        rooms.push(&stem, turn.at(when.said_at), sink);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;

    #[test]
    fn messages_by_their_classes() {
        let page = "<html><head><title>x</title></head><body><h1>Choir</h1><p>Microsoft Teams export</p>\
            <div class=\"message\"><div class=\"message-header\"><span class=\"sender\">Eva Lie</span> <span class=\"timestamp\">2024-05-01T10:00:00Z</span></div>\
            <div class=\"message-body\">when?<br>today <img src=\"x\"></div><div class=\"attachments\"><a class=\"attachment\">plan.docx</a></div></div>\
            <div class=\"message\"><div class=\"message-header\"><span class=\"sender\">Jon:</span><span class=\"timestamp\">5/13/2024 10:01 AM</span></div><div class=\"message-body\">at ten</div></div>\
            <div class=\"system-message\"><span class=\"timestamp\">2024-05-14T10:00:00Z</span><div class=\"message-body\">Ida joined</div></div></body></html>";
        let sink = read_as("teams", page);
        assert_eq!(
            sink.said(),
            [
                "Eva Lie: when?\ntoday [picture]\n[file: plan.docx]",
                "Jon: at ten",
                "(tool) system: Ida joined"
            ]
        );
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Choir"));
        assert_eq!(sink.span().0.unwrap().to_string(), "2024-05-01T10:00:00Z");
    }

    #[test]
    fn messages_of_a_table() {
        let page = "<!DOCTYPE html><html><body>Exported from Microsoft Teams<table><tr><th>Sent</th><th>From</th><th>Message</th></tr>\
            <tr><td>2024-05-01 10:00:00</td><td>Eva Lie</td><td><p>when?</p></td></tr><tr><td>2024-05-01 10:01:00</td><td>Jon</td><td>ten</td></tr></table></body></html>";
        assert_eq!(read_as("teams", page).said(), ["Eva Lie: when?", "Jon: ten"]);
    }
}
