//! Telling or asking: what a line that somebody typed is.

use super::Assistant;
use crate::language::{self, Intent};

/// How much the reader's log-odds count beside those of words and places. Fitted by `assets/tell/fit.py`.
const READER: f32 = 1.0;
const WORDS: f32 = 0.35;

impl Assistant {
    /// Whether a text is told or asked, as Enter in the screen takes it. Waits for the reader to start;
    /// without one, words and their places decide.
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
