//! Pidgin and Adium: the log of each conversation, as text and HTML (Pidgin), as XML and the older
//! HTML (Adium).

mod adium;
mod log;

use crate::import::error::ImportError;
use crate::import::reading::html::Element;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};

/// A log is that of one conversation, or of a day.
const LARGEST: usize = 64 << 20;

/// The format `pidgin`.
pub(super) struct Pidgin;

impl Importer for Pidgin {
    fn format(&self) -> &'static str {
        "pidgin"
    }

    fn description(&self) -> &'static str {
        "Pidgin and Adium: logs as text, HTML or XML"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.binary().is_some() || sample.document().is_some() {
            return Confidence::No;
        }
        let text = sample.text().trim_start_matches('\u{FEFF}').trim_start();
        if log::is_log(text) || adium::is_log(text) {
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
        input.each(sink, |source, sink| {
            let stem = source.stem().to_owned();
            let text = source.whole_text(LARGEST, sink)?;
            let text = text.trim_start_matches('\u{FEFF}').trim_start();
            // A name such as `eva@example.com` has no ending, though there is a full stop in it.
            let name = source.sample().name().rsplit('/').next().unwrap_or_default().to_owned();
            let conversation = if adium::is_log(text) {
                adium::read(&Element::parse(text), &name, options, sink)
            } else {
                log::read(text, &name, options, sink)
            };
            let mut conversation = conversation;
            if conversation.turns.is_empty() {
                sink.skipped("log without messages", &crate::import::error::shorten(&name));
                return Ok(());
            }
            conversation.title = conversation.title.or(Some(stem));
            Ok(sink.conversation(conversation)?)
        })
    }
}

#[cfg(test)]
mod tests;
