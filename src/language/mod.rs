//! What recount knows of language: words and their stems, sentences, names, times.
//!
//! Pure functions over text, in the lowest layer, since memory (which words to index), retrieval
//! (what a question asks) and decoding (where an answer stands) must agree on them. Knows nothing
//! of turns or storage.

mod asked;
mod calendar;
mod lemmas;
mod question;
mod sentences;
mod telling;
mod when;
mod words;

pub use asked::{asked_noun, asks_for_list, counts_things, is_auxiliary};
pub use calendar::{is_calendar_word, number};
pub use question::{
    AnswerType, answer_type, asks_for_nothing, is_follow_up, is_of_self, is_program, is_self,
    quoted_phrases,
};
pub use sentences::sentences;
pub use telling::{Intent, asks, line_features};
pub use when::{When, has_time, times, written};
pub use words::{Told, Word, index_terms, is_stop_word, query_terms, stem, words};
