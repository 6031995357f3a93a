//! Conversations as text: the log of the `llm` tool, markdown with a heading for each speaker, and
//! plain transcripts (`Name: text`).
//!
//! Headings inside of code fences are part of what was said.

mod lines;
mod llm;
mod transcript;

use super::error::ImportError;
use super::{Confidence, Importer, Input, Options, Sample, Sink};

/// A longer text is no conversation that somebody wrote down.
const LARGEST: usize = 128 << 20;

/// The format `markdown`.
pub(super) struct Markdown;

impl Importer for Markdown {
    fn format(&self) -> &'static str {
        "markdown"
    }

    fn description(&self) -> &'static str {
        "markdown and plain transcripts: llm logs, ## Prompt/## Response, #### You:, User:/Assistant:, Name: text"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.document().is_some() || sample.is_lines() || sample.binary().is_some() {
            return Confidence::No;
        }
        if llm::is_log(sample.text()) {
            return Confidence::Certain;
        }
        match transcript::Style::of(sample.text()) {
            Some(transcript::Style::Headings) => Confidence::Likely,
            Some(_) => Confidence::Possible,
            None => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let text = source.whole_text(LARGEST, sink)?;
            if llm::is_log(&text) {
                return llm::read(&text, sink);
            }
            transcript::read(&text, source.stem(), options, sink)
        })
    }
}
