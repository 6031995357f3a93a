//! Yes and no. Both are claims: each is made only if a turn entails it, of the person and the thing that
//! is asked about. If none does, the nearest words are shown as what is known.

use super::cuts;
use super::evidence::{Evidence, Sentence};
use crate::evidence::{AnswerKind, Claim};
use crate::question::Question;

/// A turn that decides does so with at least this probability. Fitted by `assets/reader/fit.py`, so that
/// hardly any false claim is made.
const SURE: f32 = 0.94;
/// A turn that is less about the matter, as log-odds, decides nothing.
const ABOUT: f32 = -2.0;
/// So many of the best hits are asked.
const ASKED: usize = 6;
/// Without the reader, a turn decides only if it holds all words of the question.
const COVERED: f32 = 0.99;

/// What is claimed, and from which sentence.
pub(super) struct Verdict<'e, 'h> {
    pub kind: AnswerKind,
    /// How likely it is right.
    pub probability: f32,
    pub from: &'e Sentence<'h>,
}

/// What the hits say to a question for yes or no; `None` if they do not say.
pub(super) fn decide<'e, 'h>(
    question: &Question,
    evidence: &'e Evidence<'h>,
) -> Option<Verdict<'e, 'h>> {
    if evidence.hits.iter().all(|hit| hit.reading.is_none()) {
        return by_words(question, evidence);
    }
    let mut decided: Vec<(f32, AnswerKind, &'e Sentence<'h>)> = Vec::new();
    for hit in evidence.hits.iter().take(ASKED) {
        let Some(reading) = &hit.reading else { continue };
        let (kind, probability) = side(reading.claim);
        let word = if kind == AnswerKind::Yes { "Yes" } else { "No" };
        if probability < SURE || reading.about < ABOUT || question.avoids(hit.turn.id, word) {
            continue;
        }
        let range = reading.spans.iter().find_map(|span| span.range.as_ref());
        if let Some(sentence) = evidence.sentence_of(hit, range) {
            decided.push((probability, kind, sentence));
        }
    }
    let (probability, kind, from) = decided.iter().copied().reduce(|best, one| {
        let newer = one.2.hit.turn.said_at > best.2.hit.turn.said_at;
        let same_speaker = one.2.hit.turn.speaker == best.2.hit.turn.speaker;
        // Of two words of the same person the later one holds; else the surer one.
        let better = if one.1 != best.1 && same_speaker { newer } else { one.0 > best.0 };
        if better { one } else { best }
    })?;
    Some(Verdict { kind, probability, from })
}

fn side(claim: Claim) -> (AnswerKind, f32) {
    if claim.yes >= claim.no { (AnswerKind::Yes, claim.yes) } else { (AnswerKind::No, claim.no) }
}

/// Without the reader: a sentence that holds all of the question's words, said by whom it is about.
fn by_words<'e, 'h>(question: &Question, evidence: &'e Evidence<'h>) -> Option<Verdict<'e, 'h>> {
    let from = evidence.sentences.iter().find(|sentence| {
        sentence.own_coverage >= COVERED
            && !sentence.text().ends_with('?')
            && evidence.is_of_whom_is_asked(sentence)
    })?;
    let denied =
        cuts::denies_that(from.text(), &evidence.terms) != cuts::denies(&question.query.text);
    let kind = if denied { AnswerKind::No } else { AnswerKind::Yes };
    Some(Verdict { kind, probability: 0.5, from })
}
