//! The same chats downloaded as HTML: `message_1.html` and on, for people to read.
//!
//! The names of classes are short and without sense, but have stood for years. A page tells times
//! as wall-clock, in the words of the account's language, newest first.

use super::thread::Thread;
use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{Stamps, spoken};
use crate::import::reading::dates::{self, Stamp};
use crate::import::reading::html::Element;
use crate::import::reading::input::Source;
use crate::import::reading::turns;
use crate::import::{Options, Sample, Sink};

/// A page holds ten thousand messages at most.
const LARGEST: usize = 128 << 20;

/// What is what, in the pages of today and in those until 2020.
const BOX: [&str; 2] = ["_a6-g", "_2lej"];
const SENDER: [&str; 2] = ["_a6-h", "_2lek"];
const BODY: [&str; 2] = ["_a6-p", "_2let"];
const WHEN: [&str; 2] = ["_a6-o", "_2lem"];

/// Which of the two a page is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Messenger,
    Instagram,
}

/// Tells a page of a chat. The other pages of a download are made alike: the name tells them apart.
pub(super) fn kind(sample: &Sample) -> Option<Of> {
    let text = sample.text();
    let marked = |classes: [&str; 2]| classes.iter().any(|class| text.contains(class));
    let page = text.trim_start().starts_with('<')
        && text.contains("uiBoxWhite")
        && [BOX, SENDER, WHEN].into_iter().all(marked);
    let name = sample.name().to_lowercase();
    let is_chat = sample.file_name().starts_with("message_") || text.contains("messages/inbox/");
    if !page || !is_chat {
        return None;
    }
    if name.contains("instagram")
        || text.contains("instagram.com")
        || text.contains("your_instagram_activity")
    {
        return Some(Of::Instagram);
    }
    Some(Of::Messenger)
}

fn has(element: &Element, classes: [&str; 2]) -> bool {
    classes.iter().any(|class| element.has_classes(&[class]))
}

/// Reads a page into a chat.
pub(super) fn read(
    source: &mut Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<Thread, ImportError> {
    let name = source.sample().name().to_owned();
    let folder = name.rsplit_once('/').and_then(|(folder, _)| folder.rsplit('/').next());
    let text = source.whole_text(LARGEST, sink)?;
    let page = Element::parse(&text);
    let title = page.find(&|e| e.is("h1")).or_else(|| page.find(&|e| e.is("title")));
    let title = title.map(|title| title.all_text().trim().to_owned());
    let boxes = page.find_all(&|e| has(e, BOX) && e.find(&|e| has(e, WHEN)).is_some());
    // A box can stand in another.
    let boxes: Vec<&Element> = boxes
        .into_iter()
        .flat_map(|outer| {
            let inner = outer.find_all(&|e| has(e, BOX) && e.find(&|e| has(e, WHEN)).is_some());
            if inner.is_empty() { vec![outer] } else { inner }
        })
        .collect();
    let written =
        |one: &Element| one.find(&|e| has(e, WHEN)).map(Element::text).unwrap_or_default();
    // Oldest first.
    let read: Vec<Option<Stamp>> =
        boxes.iter().rev().map(|one| Stamp::read(&written(one))).collect();
    let orders = dates::orders(read.iter().flatten(), options, sink);
    let mut stamps = Stamps::default();
    let mut messages = Vec::new();
    for (one, stamp) in boxes.iter().rev().zip(read) {
        let Some(sender) = one.find(&|e| has(e, SENDER)).map(Element::text) else {
            sink.skipped("record that is no message", &shorten(&one.text()));
            continue;
        };
        let when = stamp.as_ref().map(|stamp| stamp.instant(&orders, options)).unwrap_or_default();
        if when.said_at.is_none() {
            sink.skipped("time that cannot be read", &shorten(&written(one)));
        }
        let civil = stamp.and_then(|stamp| stamp.civil(&orders));
        let said = one.find(&|e| has(e, BODY)).map(said).unwrap_or_default();
        let mut turn = NewTurn::message(Role::User, sender, spoken(said));
        turn.source_id = Some(stamps.id(civil, &turn.speaker));
        turn.said_at_text = when.text;
        messages.push(turn.at(when.said_at));
    }
    messages.reverse();
    Ok(Thread {
        // Of the JSON of the same chat nothing tells which message is which.
        id: folder.map(|folder| format!("{folder}/html")),
        title: title.filter(|title| !title.is_empty()),
        people: Vec::new(),
        messages,
    })
}

/// What a message says, without who reacted to it, and with a line for each file.
fn said(body: &Element) -> String {
    let mut text = body.text();
    for reactions in body.find_all(&|e| e.is("ul")) {
        if let Some(before) = text.strip_suffix(&reactions.text()) {
            text.truncate(before.trim_end().len());
        }
    }
    let mut files: Vec<String> = Vec::new();
    for shared in body.find_all(&|e| e.attribute("src").is_some() || e.attribute("href").is_some())
    {
        let path = shared.attribute("href").or_else(|| shared.attribute("src")).unwrap_or_default();
        let local = !path.contains("://") && path.contains("messages/");
        let name = turns::file(path.rsplit('/').next().unwrap_or(path));
        if local && !files.contains(&name) {
            files.push(name);
        } else if !local && path.starts_with("http") && !text.contains(path) {
            text = turns::with_files(text, &[path.to_owned()]);
        }
    }
    turns::with_files(text, &files)
}
