//! iMessage: the Messages program's own database `chat.db`, and the text that `imessage-exporter`
//! writes of it.

mod attributed;
mod edited;
mod store;
mod text;

use crate::import::error::ImportError;
use crate::import::reading::sample::prose;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};

const LARGEST: usize = 256 << 20;

/// The format `imessage`.
pub(super) struct IMessage;

impl Importer for IMessage {
    fn format(&self) -> &'static str {
        "imessage"
    }

    fn description(&self) -> &'static str {
        "iMessage: the database chat.db of macOS, or the text files of imessage-exporter"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.has_table("message", &["handle_id", "is_from_me", "date", "guid"]) {
            return Confidence::Certain;
        }
        match prose(sample) {
            Some(text) if text::is_export(text) => Confidence::Certain,
            _ => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each_of_either(sink, store::read, |source, sink| {
            let text = source.whole_text(LARGEST, sink)?;
            let conversation = text::conversation(&text, source.stem(), options, sink);
            sink.conversation(conversation)?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
