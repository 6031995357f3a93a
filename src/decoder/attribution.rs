//! Who said it: whether what was found answers the question, or was said by somebody else.
//!
//! The best score does not tell a question that memory answers from one about the wrong person:
//! the words were said in both. Who said them does.

use super::evidence::{Evidence, Sentence};
use crate::evidence::Hit;

/// The verdict on the best evidence.
pub(super) enum Attribution<'e, 'h> {
    /// It can be answered from.
    Answers,
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
/// The same where only the question's rarest word is missing.
const NEAR_ENOUGH: f32 = 0.25;

/// Share of the question's weighted terms that a turn must hold to be said to say it.
const SAID: f32 = 0.4;
/// What [`rarest`](crate::evidence::Signals::rarest) is where the question's rarest word is held.
const ALL: f32 = 0.999;

pub(super) fn attribute<'e, 'h>(evidence: &'e Evidence<'h>, hits: &[Hit]) -> Attribution<'e, 'h> {
    if evidence.best().is_none() {
        return Attribution::Unknown;
    }
    let nearest = hits.iter().map(|hit| hit.signals.cosine).fold(0.0, f32::max);
    let covered = evidence.sentences.iter().map(|s| s.coverage).fold(0.0, f32::max);
    let rarest = hits.iter().map(|hit| hit.signals.rarest).fold(0.0, f32::max);
    let has_terms = !evidence.terms.is_empty();
    if evidence.names_unknown
        || (covered < COVERAGE && nearest < NEAR)
        || (has_terms && rarest < ALL && nearest < NEAR_ENOUGH)
    {
        return Attribution::Unknown;
    }
    let [asked] = evidence.named.as_slice() else { return Attribution::Answers };
    let own = strongest(hits, |hit| hit.turn.speaker == *asked);
    let others = strongest(hits, |hit| hit.turn.speaker != *asked);
    let margin = own - others;
    if margin > -MARGIN {
        return Attribution::Answers;
    }
    let mut sentences = evidence.sentences.iter();
    if let Some(sentence) = sentences.find(|sentence| sentence.hit.turn.speaker != *asked) {
        // "Another said it" is a claim of its own: it needs the question's words.
        if sentence.coverage < SAID {
            return Attribution::Unknown;
        }
        let said_by = sentence.hit.turn.speaker.clone();
        return Attribution::SomebodyElse { asked: asked.clone(), said_by, sentence };
    }
    Attribution::Answers
}

/// The best score of the turns that pass, without the bonus for being spoken by the named person.
fn strongest(hits: &[Hit], passes: impl Fn(&Hit) -> bool) -> f32 {
    hits.iter()
        .filter(|hit| passes(hit))
        .map(|hit| hit.signals.content)
        .fold(f32::NEG_INFINITY, f32::max)
        .max(-10.0)
}

/// The probability that what is cited holds the answer, from how well the best hit fits and how
/// far it stands above the next.
///
/// Fitted on five conversations; cross-validated over them the expected calibration error was .02.
pub(super) fn confidence(hits: &[Hit], verdict: &Attribution<'_, '_>) -> f32 {
    /// Of the questions that were refused there, so many did have an answer in memory.
    const REFUSED_WRONGLY: f32 = 0.26;
    if !matches!(verdict, Attribution::Answers) {
        return REFUSED_WRONGLY;
    }
    let top = hits.first().map_or(0.0, |hit| hit.score);
    let gap = hits.get(1).map_or(0.0, |next| top - next.score);
    let x = -1.688 + 0.253 * top + 0.143 * gap;
    1.0 / (1.0 + (-x).exp())
}
