//! Messenger and Instagram: the JSON of Meta's "download your information", a folder for each
//! chat with `message_1.json` and on, and the JSON of Messenger's end-to-end encrypted chats.
//!
//! What was downloaded as HTML is read by `page`. The two write alike, so they are read by one hand; what tells them apart is small.

mod mojibake;
mod old;
mod page;
mod thread;

use crate::import::error::ImportError;
use crate::import::reading::json::{array_under, text_under};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use thread::Threads;

/// The format `messenger`.
pub(super) struct Messenger;

/// The format `instagram`.
pub(super) struct Instagram;

impl Importer for Messenger {
    fn format(&self) -> &'static str {
        "messenger"
    }

    fn description(&self) -> &'static str {
        "Facebook Messenger: the chats in Meta's download, JSON or HTML, or the whole ZIP"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if page::kind(sample) == Some(page::Of::Messenger) {
            return Confidence::Likely;
        }
        let Some(document) = sample.document() else { return Confidence::No };
        if is_encrypted_thread(document) {
            return Confidence::Certain;
        }
        if !is_thread(document) {
            return Confidence::No;
        }
        // A chat of Instagram says so for certain.
        Confidence::Likely
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        read(input, options, sink)
    }
}

impl Importer for Instagram {
    fn format(&self) -> &'static str {
        "instagram"
    }

    fn description(&self) -> &'static str {
        "Instagram: the chats in Meta's download, JSON or HTML, or the whole ZIP"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if page::kind(sample) == Some(page::Of::Instagram) {
            return Confidence::Likely;
        }
        if sample.records().iter().any(old::is_thread) {
            return Confidence::Certain;
        }
        let Some(document) = sample.document() else { return Confidence::No };
        if is_thread(document) && is_of_instagram(sample, document) {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        read(input, options, sink)
    }
}

fn read(input: &mut Input<'_>, options: &Options, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut threads = Threads::default();
    input.each(sink, |source, sink| {
        if page::kind(source.sample()).is_some() {
            threads.add(page::read(source, options, sink)?);
            return Ok(());
        }
        if source.sample().records().iter().any(old::is_thread) {
            return old::read(source, &mut threads, sink);
        }
        threads.take(source, sink)
    })?;
    threads.push(sink)
}

fn is_thread(document: &Value) -> bool {
    const LOOKED_AT: usize = 24;
    array_under(document, "messages")
        .iter()
        .take(LOOKED_AT)
        .any(|m| m.get("timestamp_ms").is_some() && m.get("sender_name").is_some())
        || (document.get("participants").is_some_and(Value::is_array)
            && document.get("thread_path").is_some())
}

fn is_encrypted_thread(document: &Value) -> bool {
    array_under(document, "messages")
        .iter()
        .take(24)
        .any(|m| m.get("senderName").is_some() && m.get("timestamp").is_some())
}

/// Whether a chat is one of Instagram's: by its folder, by what it links to, or by what those of
/// Messenger always have.
fn is_of_instagram(sample: &Sample, document: &Value) -> bool {
    let name = sample.name().to_lowercase();
    if name.contains("facebook") || name.contains("messenger") {
        return false;
    }
    if name.contains("instagram") {
        return true;
    }
    let messages = array_under(document, "messages");
    let shares = messages.iter().take(64).filter_map(|m| text_under(m.get("share")?, "link"));
    let typed = messages.iter().any(|m| m.get("type").is_some());
    let bare = document.get("participants").is_none() && document.get("thread_path").is_none();
    shares.clone().any(|link| link.contains("instagram.com")) || (bare && !typed)
}

#[cfg(test)]
mod tests;
