//! Adium's logs: XML with an element for each message, and the older pages with a line for each.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::shorten;
use crate::import::reading::chat::{Stamps, media, service, spoken};
use crate::import::reading::dates::{self, Orders, Written, clock};
use crate::import::reading::html::Element;
use crate::import::reading::time::parse;
use crate::import::reading::turns::Turns;
use crate::import::{Options, Sink};
use jiff::Span;
use jiff::civil::{Date, Time};

/// Whether a text is such a log.
pub(super) fn is_log(text: &str) -> bool {
    let xml =
        text.starts_with('<') && text.contains("purl.org/net/ulf/ns") && text.contains("<chat");
    let kinds = ["<div class=\"send\">", "<div class=\"receive\">", "<div class=\"status\">"];
    let page = kinds.iter().any(|kind| text.starts_with(kind))
        && text.contains("<span class=\"timestamp\">");
    xml || page
}

/// Reads a log.
pub(super) fn read(
    page: &Element,
    name: &str,
    options: &Options,
    sink: &mut dyn Sink,
) -> Conversation {
    let turns = match page.find(&|e| e.is("chat")) {
        Some(chat) => messages(chat, options, sink),
        None => lines(page, name, options, sink),
    };
    // `eva@example.com (2024-05-01T10.00.00+0200).xml`
    let with = name.rsplit_once(" (").or_else(|| name.rsplit_once(" on ")).map(|(with, _)| with);
    Conversation {
        title: with.map(|with| with.trim().to_owned()),
        started_at: turns.iter().find_map(|turn| turn.said_at),
        turns,
        ..Conversation::default()
    }
}

fn words(element: &Element) -> String {
    let text = element.text_replacing(&|e| {
        let name = || e.attribute("alt").filter(|alt| !alt.trim().is_empty()).map(str::to_owned);
        e.is("img").then(|| name().unwrap_or_else(|| media("picture")))
    });
    text.trim().to_owned()
}

fn messages(chat: &Element, options: &Options, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let (mut turns, mut stamps) = (Turns::default(), Stamps::default());
    let kinds = |e: &Element| e.is("message") || e.is("action") || e.is("status") || e.is("event");
    for element in chat.find_all(&kinds) {
        let sender = element.attribute("alias").filter(|alias| !alias.trim().is_empty());
        let sender = sender.or(element.attribute("sender")).unwrap_or("unknown");
        let said = words(element);
        let mut turn = if element.is("message") || element.is("action") {
            NewTurn::message(Role::User, sender, spoken(said))
        } else {
            let what = element.attribute("type").unwrap_or_default();
            // That a window was opened is no part of what happened.
            if element.is("event") && said.is_empty() {
                continue;
            }
            let said = if said.is_empty() { format!("{sender}: {what}") } else { said };
            service(said)
        };
        let when = parse(element.attribute("time").unwrap_or_default(), &options.time_zone);
        if when.said_at.is_none() {
            sink.skipped(
                "time that cannot be read",
                &shorten(element.attribute("time").unwrap_or("")),
            );
        }
        let account = element.attribute("sender").unwrap_or_default();
        turn.source_id = when.said_at.map(|at| stamps.id(Some(at.civil()), account));
        turn.said_at_text = when.text;
        turns.push(turn.at(when.said_at), sink);
    }
    turns.into_vec()
}

fn lines(page: &Element, name: &str, options: &Options, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let mut day = day(name);
    let mut last: Option<Time> = None;
    let (mut turns, mut stamps) = (Turns::default(), Stamps::default());
    let kinds = ["send", "receive", "status"];
    for line in page.find_all(&|e| e.is("div") && kinds.iter().any(|kind| e.has_classes(&[kind]))) {
        let part = |class: &str| line.find(&|e| e.has_classes(&[class])).map(words);
        let written = part("timestamp").unwrap_or_default();
        let read = clock(&written).map(|(clock, _)| clock.time);
        let minutes = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
        if let (Some(last), Some(time)) = (last, read)
            && minutes(last) - minutes(time) > 12 * 60
        {
            day = day.and_then(|day| day.checked_add(Span::new().days(1)).ok());
        }
        last = read.or(last);
        let said = part("message");
        let sender = part("sender").map(|name| name.trim_end_matches([':', ' ']).to_owned());
        let mut turn = match (sender, said) {
            (Some(sender), Some(said)) => NewTurn::message(Role::User, sender, spoken(said)),
            _ => service(words(line).trim_start_matches(&written).trim()),
        };
        let civil = day.zip(read).map(|(day, time)| day.to_datetime(time));
        turn.source_id = civil.map(|civil| stamps.id(Some(civil), &turn.speaker));
        let said_at = civil.and_then(|civil| dates::instant(civil, &written, options).said_at);
        turn.said_at_text = Some(written);
        turns.push(turn.at(said_at), sink);
    }
    turns.into_vec()
}

/// The day that a file's name tells: `eva (2006-11-06).AdiumHTMLLog`, `eva (2006|11|06).html`.
fn day(name: &str) -> Option<Date> {
    let (_, rest) = name.rsplit_once('(').or_else(|| name.rsplit_once(" on "))?;
    let rest = rest.trim_start().replace('|', "-");
    let (written, _) = Written::read(&rest)?;
    Orders::year_first().date(written)
}
