//! The built-in decoder: words of the turns themselves, nothing invented.

use super::{Decoder, DecoderError};
use crate::conversation::Turn;
use crate::evidence::{Answer, Citation, Hit, Query};
use crate::language;

/// Answers with the best sentence of the best turn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extractive;

impl Decoder for Extractive {
    fn name(&self) -> &'static str {
        "extractive"
    }

    fn decode(
        &self,
        query: &Query,
        hits: &[Hit],
        sink: &mut dyn FnMut(&str),
    ) -> Result<Answer, DecoderError> {
        let mut answer = Answer {
            question: query.text.clone(),
            text: String::new(),
            abstained: true,
            reason: None,
            confidence: 0.0,
            decoder: self.name(),
            citations: Vec::new(),
            elapsed_ms: 0,
        };
        if let Some(hit) = hits.first() {
            let range = language::sentences(&hit.turn.text).into_iter().next().unwrap_or(0..hit.turn.text.len());
            answer.text = hit.turn.text[range.clone()].to_owned();
            answer.abstained = false;
            answer.confidence = 0.5;
            answer.citations.push(cite(1, &hit.turn, range));
            sink(&answer.text);
        }
        Ok(answer)
    }
}

fn cite(number: usize, turn: &Turn, range: std::ops::Range<usize>) -> Citation {
    Citation {
        number,
        turn: turn.id,
        source_id: turn.source_id.clone(),
        session: turn.session,
        speaker: turn.speaker.clone(),
        said_at: turn.said_at,
        quote: turn.text[range].to_owned(),
    }
}
