//! Telling or asking: what a line that somebody typed is.

use super::Assistant;
use crate::language::{self, Intent};

/// How much the log-odds of the reader, and of words and places, count. The reader decides; the other is
/// for what it is unsure of. Not fitted.
const READER: f32 = 1.0;
const WORDS: f32 = 0.35;

impl Assistant {
    /// Returns whether a text is a statement or a question, as Enter in the screen decides it. Waits for
    /// the reader to start; if it cannot, words and their places decide.
    pub fn intent(&self, text: &str) -> Intent {
        // "For the doctor: can I take both?" is a note; without a colon, a mark says it all.
        if text.trim_end().ends_with(['?', '？']) && !text.contains([':', '：', '\n']) {
            return Intent::Ask;
        }
        let by_words = language::asks(text);
        let Some(by_reader) = self.reading.asks(text) else {
            return Intent::of(by_words);
        };
        Intent::of(WORDS * by_words + READER * by_reader)
    }
}
