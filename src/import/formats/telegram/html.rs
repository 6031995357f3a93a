//! The pages of the HTML export: `messages.html`, `messages2.html`, …, a thousand messages each.

use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, service, spoken};
use crate::import::reading::dates;
use crate::import::reading::html::Element;
use crate::import::reading::input::Source;
use crate::import::reading::time::{self, When};
use crate::import::reading::turns::{Turns, file};
use crate::import::{Options, Sink};
use std::collections::BTreeMap;

/// A page is written with a thousand messages; a larger one is none.
const LARGEST: usize = 64 << 20;

/// What a page is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// One of a chat.
    Messages,
    /// One of an export that lists chats or contacts.
    Other,
    /// Nothing of Telegram's.
    Foreign,
}

/// Tells a page by its beginning.
pub(super) fn kind(text: &str) -> Page {
    let begins = text.trim_start();
    let page = begins.starts_with('<')
        && text.contains("page_wrap")
        && (text.contains("page_header") || text.contains("page_body"));
    match page {
        true if text.contains("class=\"history\"") || text.contains("message default clearfix") => {
            Page::Messages
        }
        true if text.contains("js/script.js") => Page::Other,
        _ => Page::Foreign,
    }
}

/// The pages of the chats of an export, by the folder in which they lie.
#[derive(Default)]
pub(super) struct Pages(BTreeMap<String, Chat>);

#[derive(Default)]
struct Chat {
    title: Option<String>,
    /// By the number of the page.
    pages: BTreeMap<u32, Vec<NewTurn>>,
}

impl Pages {
    /// Reads a page.
    pub(super) fn take(
        &mut self,
        source: &mut Source<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let text = source.whole_text(LARGEST, sink)?;
        let name = source.sample().name();
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let stem = source.stem();
        let digits = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = stem[digits.len()..].parse().unwrap_or(1);
        let (title, turns) = page(&text, options, sink);
        let chat = self.0.entry(folder).or_default();
        chat.title = chat.title.take().or(title);
        chat.pages.entry(number).or_default().extend(turns);
        Ok(())
    }

    pub(super) fn into_conversations(self, sink: &mut dyn Sink) -> Vec<Conversation> {
        let mut conversations = Vec::new();
        for chat in self.0.into_values() {
            let mut turns = Turns::default();
            for turn in chat.pages.into_values().flatten() {
                turns.push(turn, sink);
            }
            let turns = turns.into_vec();
            conversations.push(Conversation {
                title: chat.title,
                started_at: turns.iter().find_map(|turn| turn.said_at),
                turns,
                ..Conversation::default()
            });
        }
        conversations
    }
}

fn page(text: &str, options: &Options, sink: &mut dyn Sink) -> (Option<String>, Vec<NewTurn>) {
    let document = Element::parse(text);
    let header = document.find(&|e| e.has_classes(&["page_header"]));
    let title = header.and_then(|header| header.find(&|e| e.has_classes(&["text", "bold"])));
    let title = title.map(Element::text).filter(|title| !title.is_empty());
    let mut speaker = String::from("Deleted Account");
    let mut turns = Vec::new();
    let mut last = When::default();
    for message in document.find_all(&|e| e.is("div") && e.has_classes(&["message"])) {
        let id = message.attribute("id").unwrap_or_default().trim_start_matches("message");
        if message.has_classes(&["service"]) {
            let said = message.find(&|e| e.has_classes(&["details"])).map(Element::text);
            // A day stands alone between the messages; notices have no time of their own.
            if let Some(said) = said.filter(|said| !id.starts_with('-') && !said.is_empty()) {
                let mut turn = service(said).with_source_id(id);
                turn.said_at_text.clone_from(&last.text);
                turns.push(turn.at(last.said_at));
            }
            continue;
        }
        let body = message.find(&|e| e.has_classes(&["body"])).unwrap_or(message);
        // Without a name it goes on with who spoke before. The name of whom a message was
        // forwarded from stands deeper.
        if let Some(from) = body.elements().find(|e| e.has_classes(&["from_name"])) {
            speaker = from.own_text();
        }
        let when = body.find(&|e| e.has_classes(&["date", "details"]));
        let when = when.and_then(|date| date.attribute("title"));
        last = when.map(|title| moment(title, options)).unwrap_or_default();
        if last.said_at.is_none() {
            sink.skipped("time that cannot be read", &shorten(when.unwrap_or_default()));
        }
        let mut turn = NewTurn::message(Role::User, speaker.clone(), spoken(said(body)));
        turn.said_at_text.clone_from(&last.text);
        turn.source_id = Some(id.to_owned()).filter(|id| !id.is_empty());
        turns.push(turn.at(last.said_at));
    }
    (title, turns)
}

/// Returns what a message says, with a line for what was shared.
fn said(body: &Element) -> String {
    let texts = body.find_all(&|e| e.has_classes(&["text"]));
    let mut lines: Vec<String> = texts.into_iter().map(Element::text).collect();
    let words = |class: &str| -> Option<String> {
        let wrap = body.find(&|e| e.has_classes(&["media_wrap"]))?;
        wrap.find(&|e| e.has_classes(&[class])).map(Element::text)
    };
    let file_name = body.find(&|e| e.has_classes(&["media_wrap"])).and_then(|wrap| {
        let path = wrap.find(&|e| e.is("a"))?.attribute("href")?;
        let local = !path.contains("://") && path.contains('/') && !path.starts_with('#');
        path.rsplit('/').next().filter(|_| local)
    });
    if let Some(poll) = body.find(&|e| e.has_classes(&["media_poll"])) {
        lines.push(poll.text());
    } else if let Some(name) = file_name {
        lines.push(file(name));
    } else if let Some(kind) = words("title") {
        let status = words("status").filter(|status| !status.is_empty());
        let about = status.map_or(kind.clone(), |status| format!("{kind}: {status}"));
        lines.push(media(&about.replace('\n', " ").to_lowercase()));
    }
    lines.retain(|line| !line.trim().is_empty());
    lines.join("\n")
}

/// Reads `04.05.2023 15:12:05 UTC+02:00`; older versions leave the offset out.
fn moment(title: &str, options: &Options) -> When {
    let read = || {
        let (date, rest) = dates::Written::read(title)?;
        let (clock, rest) = dates::clock(rest.trim_start())?;
        let orders = dates::Orders::day_first();
        Some((orders.date(date)?.to_datetime(clock.time), rest.trim()))
    };
    let Some((civil, zone)) = read() else { return time::parse(title, &options.time_zone) };
    let Some(offset) = zone.strip_prefix("UTC") else {
        return dates::instant(civil, title, options);
    };
    let offset = if offset.is_empty() { "Z" } else { offset };
    match Timestamp::parse(&format!("{civil}{offset}")) {
        Some(said_at) => When { said_at: Some(said_at), text: None },
        None => dates::instant(civil, title, options),
    }
}
