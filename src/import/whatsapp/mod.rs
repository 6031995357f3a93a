//! `WhatsApp`: the text of an exported chat, by itself, in its ZIP or folder, in the way of writing
//! dates of any phone.
//!
//! A line that begins with a stamp begins a message; any other line goes on with the one before.

mod line;
mod wording;

use super::chat::{Stamps, service, spoken};
use super::dates::{self, Orders};
use super::error::{ImportError, shorten};
use super::sample::prose;
use super::turns::Turns;
use super::{Confidence, Importer, Input, Options, Sample, Sink};
use crate::conversation::{Conversation, NewTurn, Role};
use line::Line;
use std::collections::HashMap;

/// A longer text is no chat: the app itself exports 40,000 messages at most on most phones.
const LARGEST: usize = 256 << 20;

/// The format `whatsapp`.
pub(super) struct WhatsApp;

impl Importer for WhatsApp {
    fn format(&self) -> &'static str {
        "whatsapp"
    }

    fn description(&self) -> &'static str {
        "WhatsApp: the text or ZIP of an exported chat, from Android or iOS, in any language"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let Some(text) = prose(sample) else { return Confidence::No };
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let Some(first) = lines.next() else { return Confidence::No };
        let stamped: Vec<Line<'_>> =
            lines.take(400).chain([first]).filter_map(line::read).collect();
        let named = stamped.iter().filter(|line| line.author().is_some()).count();
        match (line::read(first), named) {
            (_, 0) => Confidence::No,
            (Some(_), 1..) => Confidence::Likely,
            (None, 3..) => Confidence::Possible,
            (None, _) => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let around = input.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        input.each(sink, |source, sink| {
            let text = source.whole_text(LARGEST, sink)?;
            let name = if source.stem().trim_start_matches('_') == "chat" {
                around.as_str()
            } else {
                source.stem()
            };
            let conversation = conversation(&text, wording::chat_name(name), options, sink);
            if conversation.turns.is_empty() {
                sink.failed("file without a message", &shorten(&text));
                return Ok(());
            }
            sink.conversation(conversation)?;
            Ok(())
        })
    }
}

/// A message with all its lines.
struct Message<'t> {
    line: Line<'t>,
    text: String,
}

fn conversation(
    text: &str,
    title: Option<&str>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Conversation {
    let messages = messages(text, sink);
    let written: Vec<_> = messages.iter().map(|message| message.line.date).collect();
    let halves = messages.iter().filter(|message| message.line.clock.halves).count();
    let orders = Orders::decide(&written, halves * 2 > messages.len(), options.date_order, sink);
    let notices = notice_authors(&messages);
    let mut turns = Turns::default();
    let mut stamps = Stamps::default();
    for message in &messages {
        let Line { stamp, date, clock, .. } = message.line;
        let day = orders.date(date);
        if day.is_none() {
            sink.skipped("time that cannot be read", &shorten(stamp));
        }
        let when = day
            .map(|day| dates::instant(day.to_datetime(clock.time), stamp, options))
            .unwrap_or_default();
        let said = wording::said(&message.text);
        let mut turn = match message.line.author() {
            Some(author) if !(notices.contains(&author) || wording::is_notice(&message.text)) => {
                NewTurn::message(Role::User, author, spoken(said))
            }
            // A line in the words of the app.
            Some(_) => service(said),
            None => service(wording::said(&format!("{}{}", message.line.rest, message.text))),
        };
        turn.source_id = Some(stamps.id(day.map(|day| day.to_datetime(clock.time)), &turn.speaker));
        turn.said_at_text = when.text.or_else(|| Some(stamp.to_owned()));
        turns.push(turn.at(when.said_at), sink);
    }
    let turns = turns.into_vec();
    Conversation {
        title: title.map(str::to_owned),
        started_at: turns.iter().find_map(|turn| turn.said_at),
        turns,
        ..Conversation::default()
    }
}

fn messages<'t>(text: &'t str, sink: &mut dyn Sink) -> Vec<Message<'t>> {
    let mut messages: Vec<Message<'t>> = Vec::new();
    for raw in text.split('\n') {
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        if let Some(line) = line::read(raw) {
            let said = line.author().map_or("", |_| line.said());
            messages.push(Message { line, text: said.to_owned() });
        } else if let Some(message) = messages.last_mut() {
            message.text.push('\n');
            message.text.push_str(raw);
        } else if !raw.trim_matches(|c: char| c.is_whitespace() || dates::is_mark(c)).is_empty() {
            sink.skipped("line before the first message", &shorten(raw));
        }
    }
    for message in &mut messages {
        let length = message.text.trim_end().len();
        message.text.truncate(length);
    }
    messages
}

/// Returns the names that only the app speaks under: on iOS that of the group, before each of
/// whose lines stands an invisible mark.
fn notice_authors<'m>(messages: &'m [Message<'_>]) -> Vec<&'m str> {
    let mut only: HashMap<&str, bool> = HashMap::new();
    for message in messages {
        if let Some(author) = message.line.author() {
            let notice = wording::looks_like_notice(&message.text);
            *only.entry(author).or_insert(true) &= notice;
        }
    }
    only.into_iter().filter(|(_, only)| *only).map(|(author, _)| author).collect()
}

#[cfg(test)]
mod tests;
