//! Whether memory holds the answer, and how likely what is answered is right.

use super::evidence::{Evidence, Sentence};
use crate::evidence::{Hit, Signals};
use crate::language;
use crate::question::Question;

/// What is known of the best evidence. Dimensionless; each is 0 where it is unknown.
///
/// `read` and `second` are the reader's log-odds for the best two hits, `near` the largest cosine; `theirs`
/// says that the best hit is by whoever is asked about, `another's` that it neither is nor names them; `named`
/// and `self` say whom the question is about; `gap` is how far the first hit is ahead.
pub const FEATURES: [&str; 8] =
    ["read", "second", "near", "theirs", "another's", "named", "self", "gap"];

/// The weight of each feature, and at the end the offset: the log-odds that memory holds the answer. Fitted
/// by `assets/reader/fit.py` on conversations of our own.
const HOLDS: [f32; FEATURES.len() + 1] =
    [0.222, 0.181, 1.766, 0.526, -1.023, 0.356, 1.675, 0.043, 0.667];
/// The same: the log-odds that what is cited holds the answer.
const RIGHT: [f32; FEATURES.len() + 1] =
    [0.194, 0.007, 2.74, 0.462, -0.673, 0.232, -0.065, 0.268, -1.748];
/// Below these log-odds recount says that it does not know. Chosen on the same conversations: .05 of what
/// has an answer is refused there.
const LEAST: f32 = -0.16;

/// The log-odds of the second hit count as these at least: in a memory of a few turns there may be none.
const ALONE: f32 = -3.0;
/// Of a question about one speaker: if the evidence speaks for that speaker with less probability, it was
/// another. Chosen on the same conversations: .037 of what has an answer is refused for it there.
const THEIRS: f32 = 0.4;
/// How far the reader's log-odds tell which hit is the evidence: higher means that more hits count.
const TEMPERATURE: f32 = 2.0;
/// How much the best span counts beside how much the turn is about the question.
const READ: f32 = 0.35;

/// Share of the question's weighted terms that a turn must hold to be said to say it.
const SAID: f32 = 0.4;
/// What [`rarest`](Signals::rarest) is where the question's rarest word is held.
const ALL: f32 = 0.999;
/// Without the reader: how much of the question the evidence must hold, or how near it must be.
const COVERAGE: f32 = 0.15;
const NEAR: f32 = 0.3;
const NEAR_ENOUGH: f32 = 0.25;

/// Whether what was found answers the question.
pub(super) enum Verdict<'e, 'h> {
    /// It can be answered from.
    Answers,
    /// Whoever is asked about did not say it, another did.
    SomebodyElse { asked: String, said_by: String, sentence: &'e Sentence<'h> },
    /// Nothing fits.
    Unknown,
}

/// What is known of the best evidence, in the order of [`FEATURES`].
pub fn features(question: &Question, hits: &[Hit]) -> [f32; FEATURES.len()] {
    let read = |hit: &Hit| {
        let reading = hit.reading.as_ref()?;
        Some(reading.spans.first().map_or(-10.0, |span| span.score))
    };
    let mut best: Vec<(f32, &Hit)> =
        hits.iter().filter_map(|hit| Some((read(hit)?, hit))).collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (score, hit) = match best.first() {
        Some((score, hit)) => (*score, Some(*hit)),
        None => (0.0, hits.first()),
    };
    let second = best.get(1).map_or(ALONE, |one| one.0);
    let (theirs, anothers) = match (question.subject(), hit) {
        (Some(asked), Some(hit)) => {
            let theirs = hit.turn.speaker == asked;
            (f32::from(theirs), f32::from(!theirs && !names(asked, &hit.turn.text)))
        }
        (None, Some(hit)) if question.of_self => {
            let is_self = language::is_self(&hit.turn.speaker);
            let program = language::is_program(&hit.turn.speaker);
            (f32::from(is_self), f32::from(!is_self && !program))
        }
        _ => (0.0, 0.0),
    };
    let gap = match hits {
        [first, second, ..] => first.score - second.score,
        _ => 0.0,
    };
    [
        score.clamp(-12.0, 12.0),
        second.clamp(ALONE, 12.0),
        most(hits, |signals| signals.cosine),
        theirs,
        anothers,
        f32::from(!question.names.is_empty()),
        f32::from(question.of_self),
        gap.min(6.0),
    ]
}

fn most(hits: &[Hit], signal: fn(&Signals) -> f32) -> f32 {
    hits.iter().map(|hit| signal(&hit.signals)).fold(0.0, f32::max)
}

/// Whether a text names somebody by the first word of their name.
fn names(name: &str, text: &str) -> bool {
    let Some(first) = language::words(name).into_iter().next() else { return false };
    language::words(text).iter().any(|word| word.term == first.term)
}

fn log_odds(weights: &[f32; FEATURES.len() + 1], features: &[f32; FEATURES.len()]) -> f32 {
    let weighed: f32 = features.iter().zip(weights).map(|(x, weight)| x * weight).sum();
    weighed + weights[FEATURES.len()]
}

pub(super) fn judge<'e, 'h>(
    question: &Question,
    evidence: &'e Evidence<'h>,
    hits: &[Hit],
) -> Verdict<'e, 'h> {
    let known = features(question, hits);
    let is_read = hits.iter().any(|hit| hit.reading.is_some());
    let holds = if is_read {
        log_odds(&HOLDS, &known) >= LEAST
    } else {
        let near = most(hits, |signals| signals.cosine);
        let covered = most(hits, |signals| signals.coverage);
        let rarest = most(hits, |signals| signals.rarest);
        !((covered < COVERAGE && near < NEAR) || (rarest < ALL && near < NEAR_ENOUGH))
    };
    let by_another = said_by_another(question, hits);
    if holds && by_another.is_none() && !evidence.names_unknown && (is_read || known[4] == 0.0) {
        return Verdict::Answers;
    }
    if let (Some(asked), Some(hit)) = (question.subject(), by_another) {
        let range = hit.reading.iter().flat_map(|reading| &reading.spans).next();
        let range = range.and_then(|span| span.range.as_ref());
        if let Some(sentence) = evidence.sentence_of(hit, range) {
            let said_by = hit.turn.speaker.clone();
            return Verdict::SomebodyElse { asked: asked.to_owned(), said_by, sentence };
        }
    }
    // "Another said it" is a claim of its own: it needs the question's words.
    let asked = match question.subject() {
        Some(asked) => asked.to_owned(),
        None if question.of_self => "you".to_owned(),
        None => return Verdict::Unknown,
    };
    let is_theirs = |sentence: &Sentence<'_>| match question.subject() {
        Some(asked) => sentence.hit.turn.speaker == asked || names(asked, sentence.text()),
        None => !sentence.is_by_another(),
    };
    let said = evidence
        .sentences
        .iter()
        .find(|sentence| sentence.coverage >= SAID && !sentence.text().ends_with('?'));
    match said {
        Some(sentence) if !is_theirs(sentence) => {
            Verdict::SomebodyElse { asked, said_by: sentence.hit.turn.speaker.clone(), sentence }
        }
        _ => Verdict::Unknown,
    }
}

/// The hit by somebody else that the question is answered by, if it asks about one speaker and that is
/// likelier than that the evidence speaks for this speaker.
///
/// Which hit is the evidence nobody knows: each is with some probability, and speaks for the speaker with
/// another.
fn said_by_another<'h>(question: &Question, hits: &'h [Hit]) -> Option<&'h Hit> {
    let asked = question.subject()?;
    let read: Vec<(f32, &Hit)> = hits
        .iter()
        .filter_map(|hit| {
            let reading = hit.reading.as_ref()?;
            let span = reading.spans.first().map_or(0.0, |span| span.score);
            Some(((reading.about + READ * span) / TEMPERATURE, hit))
        })
        .collect();
    let most = read.iter().map(|(fit, _)| *fit).fold(f32::NEG_INFINITY, f32::max);
    let (mut all, mut theirs) = (0.0, 0.0);
    let mut another: Option<(f32, &Hit)> = None;
    for (fit, hit) in read {
        let likely = (fit - most).exp();
        let stance = speaks_for(asked, hit);
        all += likely;
        theirs += likely * stance;
        let against = likely * (1.0 - stance);
        if hit.turn.speaker != asked && another.is_none_or(|(known, _)| against > known) {
            another = Some((against, hit));
        }
    }
    if all > 0.0 && theirs / all < THEIRS { another.map(|(_, hit)| hit) } else { None }
}

/// The probability that a turn tells of somebody, from who says it and to whom: "I" in their own turn
/// does, "you" in another's may, and so does their name.
fn speaks_for(asked: &str, hit: &Hit) -> f32 {
    let (mut own, mut to) = (false, false);
    for word in language::words(&hit.turn.text) {
        let lower = word.text.to_lowercase().replace('’', "'");
        let head = lower.split('\'').next().unwrap_or_default();
        own |= matches!(head, "i" | "my" | "me" | "we" | "our" | "us" | "mine" | "myself");
        to |= matches!(head, "you" | "your" | "yours" | "yourself");
    }
    if hit.turn.speaker == asked {
        return if own || !to { 0.92 } else { 0.45 };
    }
    match (names(asked, &hit.turn.text), own, to) {
        (true, ..) => 0.85,
        (false, false, true) => 0.5,
        (false, true, true) => 0.3,
        (false, _, false) => 0.08,
    }
}

/// The probability that what is cited holds the answer; of what was not answered, that memory holds it
/// all the same.
pub(super) fn confidence(question: &Question, hits: &[Hit], verdict: &Verdict<'_, '_>) -> f32 {
    let known = features(question, hits);
    let weights = if matches!(verdict, Verdict::Answers) { &RIGHT } else { &HOLDS };
    1.0 / (1.0 + (-log_odds(weights, &known)).exp())
}
