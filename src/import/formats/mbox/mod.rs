//! mbox: mailboxes as Thunderbird, Apple Mail, Gmail's Takeout and mailing lists write them; also a
//! mail by itself. A thread, by what its mails refer to, is a conversation.

mod mail;
mod split;

use crate::conversation::{Conversation, NewTurn};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::sample::prose;
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use mail::Mail;
use std::collections::HashMap;

/// How much text of mails is held before threads are handed over; one that goes on later is
/// known again by its identity.
const HELD: usize = 64 << 20;

/// Headers that mails have.
const KNOWN: [&str; 9] = [
    "from",
    "to",
    "date",
    "subject",
    "message-id",
    "received",
    "return-path",
    "mime-version",
    "delivered-to",
];

/// The format `mbox`.
pub(super) struct Mbox;

impl Importer for Mbox {
    fn format(&self) -> &'static str {
        "mbox"
    }

    fn description(&self) -> &'static str {
        "mail: mbox files of Thunderbird, Apple Mail, Gmail's Takeout; single mails (.eml)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let Some(text) = prose(sample) else { return Confidence::No };
        let mut lines = text.lines();
        let Some(first) = lines.next() else { return Confidence::No };
        let second = lines.next().unwrap_or_default();
        if first.starts_with("From ") && split::begins(first.as_bytes(), second.as_bytes()) {
            return Confidence::Certain;
        }
        let headers = text.lines().take_while(|line| !line.trim().is_empty());
        let mut names: Vec<String> = headers
            .filter(|line| split::is_header(line))
            .filter_map(|line| Some(line.split_once(':')?.0.to_lowercase()))
            .filter(|name| KNOWN.contains(&name.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        let sent = names.iter().any(|name| name == "from");
        let mailed = names.iter().any(|n| matches!(n.as_str(), "date" | "message-id" | "received"));
        if split::is_header(first) && sent && mailed && names.len() >= 3 {
            Confidence::Likely
        } else {
            Confidence::No
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let mut threads = Threads::default();
        input.each(sink, |source, sink| {
            let mut split = split::Split::default();
            source.each_line(sink, |line, sink| match split.line(line) {
                Some(raw) => threads.take(&raw, options, sink),
                None => Ok(()),
            })?;
            match split.end() {
                Some(raw) => threads.take(&raw, options, sink),
                None => Ok(()),
            }
        })?;
        threads.push(sink)
    }
}

/// The threads of a mailbox.
#[derive(Default)]
struct Threads {
    /// The thread of each mail that was met or referred to.
    known: HashMap<String, String>,
    order: Vec<String>,
    open: HashMap<String, Vec<NewTurn>>,
    titles: HashMap<String, String>,
    held: usize,
    nameless: usize,
}

impl Threads {
    fn take(
        &mut self,
        raw: &split::Raw,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let Some(mail) = Mail::read(raw, options) else {
            sink.skipped(
                "mail that cannot be read",
                &shorten(&String::from_utf8_lossy(&raw.bytes)),
            );
            return Ok(());
        };
        let thread = self.thread(&mail);
        self.held += mail.turn.text.len();
        if !self.open.contains_key(&thread) {
            self.order.push(thread.clone());
        }
        if let Some(subject) = mail.subject.filter(|subject| !subject.is_empty()) {
            self.titles.entry(thread.clone()).or_insert(subject);
        }
        self.open.entry(thread).or_default().push(mail.turn);
        if self.held > HELD { self.push(sink) } else { Ok(()) }
    }

    /// Returns the identity of a mail's thread: that of a mail it refers to, else of the first one
    /// that it names, else its own.
    fn thread(&mut self, mail: &Mail) -> String {
        let named = || mail.refers.iter().chain(mail.id.as_ref());
        let known = named().find_map(|id| self.known.get(id).cloned());
        let thread = known.or_else(|| named().next().cloned()).unwrap_or_else(|| {
            self.nameless += 1;
            format!("\u{0}{}", self.nameless)
        });
        for id in named() {
            self.known.entry(id.clone()).or_insert_with(|| thread.clone());
        }
        thread
    }

    /// Hands over what is held, each thread in the order of time.
    fn push(&mut self, sink: &mut dyn Sink) -> Result<(), ImportError> {
        self.held = 0;
        for thread in std::mem::take(&mut self.order) {
            let mut mails = self.open.remove(&thread).unwrap_or_default();
            mails.sort_by_key(|turn| turn.said_at);
            let mut turns = Turns::default();
            for turn in mails {
                turns.push(turn, sink);
            }
            let turns = turns.into_vec();
            let title = self.titles.get(&thread).cloned();
            sink.conversation(Conversation {
                source_id: Some(thread).filter(|thread| !thread.starts_with('\0')),
                title,
                started_at: turns.first().and_then(|turn| turn.said_at),
                turns,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
