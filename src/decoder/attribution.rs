//! Who said it: whether what was found answers the question, or was said by somebody else.
//!
//! The best score does not tell a question that memory answers from one about the wrong person:
//! the words were said in both. Who said them does.

use super::evidence::{Evidence, Sentence};
use crate::evidence::Hit;

/// The verdict on the best evidence.
pub(super) enum Attribution<'e, 'h> {
    /// It can be answered from.
    Answers {
        /// How much better the named speaker's best turn is than anybody else's; 0 where nobody is
        /// named.
        margin: f32,
    },
    /// Whoever is asked about did not say it, another did.
    SomebodyElse { asked: String, said_by: String, sentence: &'e Sentence<'h> },
    /// Nothing fits.
    Unknown,
}

/// By how much another speaker's turn must be better than all of the named speaker's.
/// Chosen on five conversations; `docs/quality.md` has the curve.
const MARGIN: f32 = 0.8;
/// Share of the question's weighted terms that the best evidence must hold, unless its meaning is
/// near.
const COVERAGE: f32 = 0.15;
const NEAR: f32 = 0.3;

pub(super) fn attribute<'e, 'h>(evidence: &'e Evidence<'h>, hits: &[Hit]) -> Attribution<'e, 'h> {
    if evidence.best().is_none() {
        return Attribution::Unknown;
    }
    let nearest = hits.iter().map(|hit| hit.signals.cosine).fold(0.0, f32::max);
    let covered = evidence.sentences.iter().map(|s| s.coverage).fold(0.0, f32::max);
    if covered < COVERAGE && nearest < NEAR {
        return Attribution::Unknown;
    }
    let [asked] = evidence.named.as_slice() else { return Attribution::Answers { margin: 0.0 } };
    let own = strongest(hits, |hit| hit.turn.speaker == *asked);
    let others = strongest(hits, |hit| hit.turn.speaker != *asked);
    let margin = own - others;
    if margin > -MARGIN {
        return Attribution::Answers { margin };
    }
    let mut sentences = evidence.sentences.iter();
    if let Some(sentence) = sentences.find(|sentence| sentence.hit.turn.speaker != *asked) {
        let said_by = sentence.hit.turn.speaker.clone();
        return Attribution::SomebodyElse { asked: asked.clone(), said_by, sentence };
    }
    Attribution::Answers { margin }
}

/// The best score of the turns that pass, without the bonus for being spoken by the named person.
fn strongest(hits: &[Hit], passes: impl Fn(&Hit) -> bool) -> f32 {
    hits.iter()
        .filter(|hit| passes(hit))
        .map(|hit| hit.signals.content)
        .fold(f32::NEG_INFINITY, f32::max)
        .max(-10.0)
}

/// The probability that the answer is right, from the margin and how much of the question is
/// covered.
pub(super) fn confidence(evidence: &Evidence<'_>, verdict: &Attribution<'_, '_>) -> f32 {
    let covered = evidence.sentences.iter().map(|s| s.coverage).fold(0.0, f32::max);
    match verdict {
        Attribution::Answers { margin } => {
            let x = -1.2 + 1.0 * covered + 0.3 * margin.clamp(-2.0, 2.0);
            1.0 / (1.0 + (-x).exp())
        }
        _ => 0.1,
    }
}
