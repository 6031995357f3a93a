//! How a question and a turn become the tokens that the model reads. `assets/reader/examples.py` does the
//! same for training.

use super::ReaderError;
use crate::language;
use std::ops::Range;
use tokenizers::Tokenizer;

/// The tokens of a question and a passage together: more takes longer, and answers are near the words
/// of the question.
const MOST: usize = 160;
/// The tokens of a question.
const MOST_QUESTION: usize = 40;
/// So much of the turn before is read, in characters: its end.
const BEFORE: usize = 120;
/// A turn of fewer words is read together with the one before it, whatever that is.
const SHORT: usize = 12;
/// So much of a turn is taken apart, in bytes: one can be as long as a book.
const EXCERPT: usize = 900;

const BEGIN: i64 = 101;
const BREAK: i64 = 102;

/// A turn to be read.
#[derive(Debug, Clone)]
pub struct Passage<'t> {
    /// Who said it.
    pub speaker: &'t str,
    /// What was said.
    pub text: &'t str,
    /// The turn before it in its session: who said it, and what.
    pub before: Option<(&'t str, &'t str)>,
    /// Stems of the question's words: of a long turn the part that holds most of them is read.
    pub terms: &'t [String],
}

/// A question and a passage as tokens.
pub(super) struct Tokens {
    pub ids: Vec<i64>,
    /// 0 for the question's, 1 for the passage's.
    pub parts: Vec<i64>,
    /// The first token of the turn itself, its speaker's name included.
    pub own: usize,
    /// Where each of the turn's own tokens is: in the turn's text, in bytes, or in its speaker's
    /// name, as a place before 0.
    pub places: Vec<Place>,
}

/// Where a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In the name of who speaks, or the colon behind it.
    Speaker,
    /// In the turn's text, in bytes.
    Text(Range<usize>),
}

/// The tokenizer as it is used here: no text is cut or filled up.
pub(super) fn tokenizer(bytes: &[u8]) -> Result<Tokenizer, ReaderError> {
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(failed)?;
    tokenizer.with_padding(None).with_truncation(None).map_err(failed)?;
    Ok(tokenizer)
}

/// The tokens of a question.
pub(super) fn question(tokenizer: &Tokenizer, text: &str) -> Result<Vec<u32>, ReaderError> {
    let mut ids = tokenizer.encode_fast(text, false).map_err(failed)?.get_ids().to_vec();
    ids.truncate(MOST_QUESTION);
    Ok(ids)
}

/// A line without a passage, as tokens and their parts.
pub(super) fn alone(line: &[u32]) -> (Vec<i64>, Vec<i64>) {
    let mut ids = vec![BEGIN];
    ids.extend(line.iter().copied().map(i64::from));
    ids.push(BREAK);
    let parts = vec![0; ids.len()];
    (ids, parts)
}

impl Passage<'_> {
    /// The tokens of a question together with this passage.
    pub(super) fn tokens(
        &self,
        tokenizer: &Tokenizer,
        asked: &[u32],
    ) -> Result<Tokens, ReaderError> {
        let room = MOST - 3 - asked.len();
        let excerpt = excerpt(self.text, self.terms);
        let name = format!("{}: ", self.speaker);
        let said = format!("{name}{}", &self.text[excerpt.clone()]);
        let own = tokenizer.encode(said, false).map_err(failed)?;
        let before = match self.before() {
            Some(before) => {
                tokenizer.encode_fast(before, false).map_err(failed)?.get_ids().to_vec()
            }
            None => Vec::new(),
        };
        let before =
            if own.get_ids().len() + before.len() > room { &[][..] } else { before.as_slice() };
        let own_ids = &own.get_ids()[..own.get_ids().len().min(room)];
        let mut ids = vec![BEGIN];
        ids.extend(asked.iter().copied().map(i64::from));
        ids.push(BREAK);
        let question = ids.len();
        ids.extend(before.iter().chain(own_ids).copied().map(i64::from));
        ids.push(BREAK);
        let place = |&(start, end): &(usize, usize)| match start.checked_sub(name.len()) {
            Some(start) => Place::Text(start + excerpt.start..end - name.len() + excerpt.start),
            None => Place::Speaker,
        };
        Ok(Tokens {
            parts: (0..ids.len()).map(|at| i64::from(at >= question)).collect(),
            own: question + before.len(),
            places: own.get_offsets()[..own_ids.len()].iter().map(place).collect(),
            ids,
        })
    }

    /// The turn before, where it helps to understand this one: it asks something, or this one is
    /// short.
    fn before(&self) -> Option<String> {
        let (speaker, text) = self.before?;
        // Two notes of one's own may be about anything.
        if speaker == self.speaker && language::is_self(speaker) {
            return None;
        }
        let text = text.trim();
        if !text.ends_with('?') && self.text.split_whitespace().count() >= SHORT {
            return None;
        }
        let from = text.char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
        Some(format!("{speaker}: {} ", &text[from..]))
    }
}

/// The part of a turn that is read: all of a short one, of a longer one the sentences around the
/// one with most of the question's terms.
fn excerpt(text: &str, terms: &[String]) -> Range<usize> {
    if text.len() <= EXCERPT {
        return 0..text.len();
    }
    let sentences = language::sentences(text);
    let held = |range: &Range<usize>| {
        let words = language::words(&text[range.clone()]);
        terms.iter().filter(|term| words.iter().any(|word| word.term == **term)).count()
    };
    let mut best = (0, 0);
    for (place, sentence) in sentences.iter().enumerate() {
        let held = held(sentence);
        if held > best.1 {
            best = (place, held);
        }
    }
    let start = sentences.get(best.0.saturating_sub(1)).map_or(0, |sentence| sentence.start);
    start..text.floor_char_boundary((start + EXCERPT).min(text.len()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn failed(error: tokenizers::Error) -> ReaderError {
    ReaderError::Tokenizer(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_turn_is_read_where_it_speaks_of_the_question() {
        let talk = "Nothing of note happened é that day. ".repeat(60);
        let text = format!("{talk}Then the heron landed. {talk}");
        let range = excerpt(&text, &["heron".to_owned()]);
        assert!(text[range.clone()].contains("heron landed"));
        assert!(range.len() <= EXCERPT && range.len() > EXCERPT - 4);
        assert_eq!(excerpt("Short.", &[]), 0..6);
    }

    #[test]
    fn the_turn_before_is_read_where_it_helps() {
        let before = |text, before| Passage { speaker: "Ann", text, before, terms: &[] }.before();
        let long = "I think that we will go there again in the summer, all of us together.";
        assert_eq!(before(long, Some(("Bo", "And then?"))).as_deref(), Some("Bo: And then? "));
        assert_eq!(before(long, Some(("Bo", "So it was."))), None);
        assert_eq!(before("Yes.", Some(("Bo", "So it was."))).as_deref(), Some("Bo: So it was. "));
        assert_eq!(before("Yes.", None), None);
        // Two messages of one person belong together, two notes of one's own need not.
        assert!(before("Yes.", Some(("Ann", "So it was."))).is_some());
        let note = |before| Passage { speaker: "user", text: "Yes.", before, terms: &[] }.before();
        assert_eq!(note(Some(("user", "So it was."))), None);
        assert!(note(Some(("Ann", "So it was."))).is_some());
        let question = format!("{}?", "é".repeat(300));
        assert_eq!(before("Yes.", Some(("Bo", &question))).unwrap().chars().count(), 4 + 120 + 1);
    }
}
