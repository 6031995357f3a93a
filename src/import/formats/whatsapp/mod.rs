//! `WhatsApp`: the text of an exported chat, by itself, in its ZIP or folder, in the way of writing
//! dates of any phone.
//!
//! A line that begins with a stamp begins a message; any other line goes on with the one before.

mod exporter;
mod line;
mod wording;

use crate::conversation::{Conversation, NewTurn, Role, Said};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{Stamps, service, spoken};
use crate::import::reading::dates::{self, Dates, Orders};
use crate::import::reading::input::Source;
use crate::import::reading::sample::prose;
use crate::import::reading::spool::Spool;
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use line::Line;
use std::collections::HashMap;
use std::io;

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
        if exporter::holds(sample) {
            return Confidence::Certain;
        }
        let Some(text) = prose(sample) else { return Confidence::No };
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let Some(first) = lines.next() else { return Confidence::No };
        let stamped: Vec<Line<'_>> =
            lines.take(400).chain([first]).filter_map(line::read).collect();
        let named = stamped.iter().filter(|line| line.author().is_some()).count();
        // A log looks like that too: somebody must speak again, or below the name.
        if are_bare(&stamped) && !speaks_again(&stamped) {
            return Confidence::No;
        }
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
            if exporter::holds(source.sample()) {
                return exporter::read(source, sink);
            }
            let messages = Messages::of(source, sink)?;
            let name = if source.stem().trim_start_matches('_') == "chat" {
                around.as_str()
            } else {
                source.stem()
            };
            let turns = messages
                .turns(options, sink)
                .map_err(|error| ImportError::io(source.path(), error))?;
            if turns.is_empty() {
                sink.failed("file without a message", &shorten(source.sample().text()));
                return Ok(());
            }
            let head = Conversation {
                title: wording::chat_name(name).map(str::to_owned),
                started_at: turns.first_at(),
                ..Conversation::default()
            };
            Ok(turns.send(head, sink)?)
        })
    }
}

/// Whether most stamps of a file have nothing behind them.
fn are_bare(lines: &[Line<'_>]) -> bool {
    lines.iter().filter(|line| line.bare).count() * 2 > lines.len()
}

/// Whether somebody speaks more than once, or what is said stands below the name.
fn speaks_again(lines: &[Line<'_>]) -> bool {
    let mut authors: Vec<&str> = lines.iter().filter_map(Line::author).collect();
    let all = authors.len();
    authors.sort_unstable();
    authors.dedup();
    authors.len() < all || lines.iter().all(|line| line.said().trim().is_empty())
}

/// The messages of a chat as they stand in its text, with what only all of them tell.
struct Messages {
    /// Each with all of its lines.
    raw: Spool,
    open: Option<String>,
    /// Whether nothing stands behind the stamps.
    loose: bool,
    dates: Dates,
    /// How many of the times are written with halves of the day.
    halves: usize,
    /// Who speaks, and whether nothing is said under that name but notices.
    only_notices: HashMap<String, bool>,
}

impl Messages {
    fn of(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<Self, ImportError> {
        let mut messages = Self {
            raw: Spool::long(),
            open: None,
            loose: false,
            dates: Dates::default(),
            halves: 0,
            only_notices: HashMap::new(),
        };
        let stamped: Vec<Line<'_>> =
            source.sample().text().lines().filter_map(line::read).collect();
        messages.loose = are_bare(&stamped);
        source.each_line_of_text(sink, |raw, sink| {
            let raw = raw.strip_suffix('\n').unwrap_or(raw);
            messages.take(raw.strip_suffix('\r').unwrap_or(raw), sink);
            Ok(())
        })?;
        messages.close(sink);
        Ok(messages)
    }

    fn take(&mut self, raw: &str, sink: &mut dyn Sink) {
        if line::read_as(raw, self.loose).is_some() {
            self.close(sink);
            self.open = Some(raw.to_owned());
        } else if let Some(open) = &mut self.open {
            open.push('\n');
            open.push_str(raw);
        } else if !raw.trim_matches(|c: char| c.is_whitespace() || dates::is_mark(c)).is_empty() {
            sink.skipped("line before the first message", &shorten(raw));
        }
    }

    /// Ends the message that is open.
    fn close(&mut self, sink: &dyn Sink) {
        let Some(raw) = self.open.take() else { return };
        let Some((line, text)) = message(&raw, self.loose) else { return };
        self.dates.push(line.date);
        self.halves += usize::from(line.clock.halves);
        // On iOS the group's name is one that only the app speaks under.
        if let Some(author) = line.author() {
            let notice = wording::looks_like_notice(&text);
            match self.only_notices.get_mut(author) {
                Some(only) => *only &= notice,
                None => _ = self.only_notices.insert(author.to_owned(), notice),
            }
        }
        self.raw.push(NewTurn::message(Role::User, "", raw), sink);
    }

    fn turns(&self, options: &Options, sink: &mut dyn Sink) -> io::Result<Turns> {
        let halves = self.halves * 2 > self.raw.count();
        let orders = Orders::decide(self.dates.as_slice(), halves, options.date_order, sink);
        let mut turns = Turns::long();
        let mut stamps = Stamps::default();
        for raw in self.raw.tell() {
            let raw = raw?;
            let Some((line, text)) = message(&raw.text, self.loose) else { continue };
            let Line { stamp, date, clock, .. } = line;
            let day = orders.date(date);
            if day.is_none() {
                sink.skipped("time that cannot be read", &shorten(stamp));
            }
            let when = day
                .map(|day| dates::instant(day.to_datetime(clock.time), stamp, options))
                .unwrap_or_default();
            let said = wording::said(&text);
            let notice = |author: &str| {
                self.only_notices.get(author) == Some(&true) || wording::is_notice(&text)
            };
            let author = line.author().filter(|author| !notice(author));
            let mut turn = match (line.author(), author) {
                // A line in the words of the app.
                (Some(_), Some(_)) if line.bracket && wording::is_own_word(&text) => service(said),
                (Some(_), Some(author)) => NewTurn::message(Role::User, author, spoken(said)),
                (Some(_), None) => service(said),
                (None, _) => service(wording::said(&format!("{}{text}", line.rest))),
            };
            let civil = day.map(|day| day.to_datetime(clock.time));
            // The app's own words were somebody's before they were told apart by their mark: their
            // identity is still of that name, so that they are known again.
            turn.source_id = Some(stamps.id(civil, author.unwrap_or(&turn.speaker)));
            turn.said_at_text = when.text.or_else(|| Some(stamp.to_owned()));
            turns.push_unique(turn.at(when.said_at), sink);
        }
        Ok(turns)
    }
}

/// Returns the first line of a message, and all that is said in it; of a line of the app what stands
/// below it.
fn message(raw: &str, loose: bool) -> Option<(Line<'_>, String)> {
    let (first, below) = raw.split_at(raw.find('\n').unwrap_or(raw.len()));
    let line = line::read_as(first, loose)?;
    let mut text = line.author().map_or("", |_| line.said()).to_owned();
    text.push_str(below);
    text.truncate(text.trim_end().len());
    // The name stands on a line by itself.
    if text.starts_with('\n') {
        text.drain(..text.len() - text.trim_start_matches('\n').len());
    }
    Some((line, text))
}

#[cfg(test)]
mod tests;
