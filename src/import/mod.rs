//! Foreign files to conversations: recognises a format by content and reads it, one file a format.
//!
//! Owns: detection, ZIP and folder walking, encodings, each format's schema, the counting of what
//! was skipped. Does not own: the memory. What is read is pushed to a [`Sink`], one conversation
//! at a time; what the sink does with it (dedupe, append) is not known here.
//!
//! A new format is a file in `formats/` that implements [`Importer`], and a line in [`formats()`].
//! What several formats need to read a file is in `reading/`.

mod discover;
mod error;
mod follow;
mod formats;
mod read;
mod reading;
mod report;

#[cfg(test)]
mod damage;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod testing;

pub use discover::{Discovered, Places, discover};
pub use error::ImportError;
pub use follow::Follower;
pub use formats::formats;
pub use read::{Account, is_repeated, read};
pub use reading::input::{Input, Source};
pub use reading::sample::Sample;
pub use report::{Conversations, Messages, Report, Skipped};

use crate::conversation::{Conversation, Restored, Said};
use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Day and month order of dates such as `03/04/2023`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
    /// Year, month, day.
    YearFirst,
}

impl DateOrder {
    /// The order that a word of the settings names: `dmy`, `mdy` or `ymd`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "dmy" => Some(Self::DayFirst),
            "mdy" => Some(Self::MonthFirst),
            "ymd" => Some(Self::YearFirst),
            _ => None,
        }
    }
}

/// How to read.
#[derive(Debug, Clone)]
pub struct Options {
    /// Forces a format by its name; `None` recognises it by content.
    pub format: Option<String>,
    /// The zone of wall-clock times without an offset.
    pub time_zone: jiff::tz::TimeZone,
    /// Forces the order of day and month; `None` decides from the whole file.
    pub date_order: Option<DateOrder>,
}

/// Why a conversation fails whose turns waited in a file.
pub(crate) const UNREADABLE: &str = "long conversation whose temporary file cannot be read";

/// Where importers push what they read. An `Err` means: stop at once (cancelled, or the memory
/// failed); what was pushed before stays.
pub trait Sink {
    /// Takes one conversation, whole.
    fn conversation(&mut self, conversation: Conversation) -> Result<(), Stop>;
    /// Takes one conversation whose turns are too many to be held: they stand in `turns`, and none in
    /// the conversation. A sink that can hold them takes it whole.
    fn long(&mut self, mut conversation: Conversation, turns: Box<dyn Said>) -> Result<(), Stop> {
        let told = turns.tell().map(|turn| turn.map(Cow::into_owned));
        match told.collect::<Result<_, _>>() {
            Ok(turns) => conversation.turns = turns,
            Err(error) => {
                self.failed(UNREADABLE, &error.to_string());
                return Ok(());
            }
        }
        self.conversation(conversation)
    }
    /// Where the turns of such a conversation can lie meanwhile: a file that is gone when it is closed.
    fn scratch(&self) -> io::Result<File> {
        tempfile::tempfile()
    }
    /// Takes one conversation of recount's own export, with all that memory kept of it. A sink that
    /// has no use for that takes the conversation.
    fn restored(&mut self, conversation: Conversation, _: Restored) -> Result<(), Stop> {
        self.conversation(conversation)
    }
    /// Counts something that was not taken, with its reason and an example of it. `reason` is a
    /// short constant phrase such as "hidden message", so that equal ones add up.
    fn skipped(&mut self, reason: &str, example: &str);
    /// Counts a whole conversation that could not be read, with its reason.
    fn failed(&mut self, reason: &str, example: &str);
    /// Says something that the user should know about the file as a whole.
    fn warning(&mut self, text: String);
    /// Tells how far reading is. Returns `Err` where the user cancelled.
    fn progress(&mut self, bytes_read: u64, bytes_total: u64) -> Result<(), Stop>;
}

/// The sink wants no more. Importers pass it on untouched.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub struct Stop;

/// How sure a format is that a file is its own. Of several formats the surest reads the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It is not.
    No,
    /// It comes with such an export but holds no conversations; says what to import in its place.
    Beside(&'static str),
    /// It has a shape that many programs write: any format that knows whose file it is reads it
    /// better. Of several such shapes the higher one fits more closely.
    General(u8),
    /// It can be read so, if nobody knows better.
    Possible,
    /// It looks like it.
    Likely,
    /// Nothing else looks like this.
    Certain,
}

/// A foreign format. Importers keep no state between files.
pub trait Importer: Sync {
    /// Its name, as `--format` takes it and as the `source` of what is imported.
    fn format(&self) -> &'static str;
    /// What it reads, in one line for people.
    fn description(&self) -> &'static str;
    /// Returns how sure it is that a file is of this format, from its content; names only help.
    fn recognise(&self, sample: &Sample) -> Confidence;
    /// Where the program that writes it keeps its conversations on this machine, whether they are
    /// there or not. Files that people download have no such place.
    fn usual_places(&self, places: &Places) -> Vec<PathBuf> {
        discover::usual_places(self.format(), places)
    }
    /// The file beside one of its own that says the same with less: where both are there, only the
    /// format's own is read. Names are as in [`Sample::name`].
    fn instead_of(&self, _name: &str) -> Option<String> {
        None
    }
    /// Reads the files of an input and pushes what they hold to the sink, in the order of the
    /// files. What is damaged is counted there; an `Err` means that the input as a whole cannot be
    /// read, or that the sink stopped it.
    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError>;
}
