//! Foreign files to conversations: recognises a format by content and reads it, one file a format.
//!
//! Owns: detection, ZIP and folder walking, encodings, each format's schema, the counting of what
//! was skipped. Does not own: the memory. What is read is pushed to a [`Sink`], one conversation
//! at a time; what the sink does with it (dedupe, append) is not known here.

mod report;

pub use report::{Conversations, Messages, Report, Skipped};

use crate::conversation::Conversation;
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

/// Where importers push what they read. An `Err` means: stop at once (cancelled, or the memory
/// failed); what was pushed before stays.
pub trait Sink {
    /// Takes one conversation, whole.
    fn conversation(&mut self, conversation: Conversation) -> Result<(), Stop>;
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

/// Why an input could not be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The sink stopped the reading; it knows why.
    #[error(transparent)]
    Stopped(#[from] Stop),
    /// The file system said no.
    #[error("cannot read {path}: {source}")]
    Io {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
