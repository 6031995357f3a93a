//! Second-stage ranking: the hits that the reader read, ordered by it and by their scores together.

use crate::evidence::Hit;

/// How much the reader's log-odds that a turn is about the question count beside its score. Fitted by
/// `assets/reader/fit.py`.
const ABOUT: f32 = 0.8;
/// The log-odds of a hit that was not read: of those that are found further behind, hardly any is about
/// the question.
const UNREAD: f32 = -4.0;
/// The log-odds say no more beyond these.
const SURE: f32 = 6.0;

/// Adds what the reader says to the score of each hit, and puts the hits in order again. Those of equal
/// score keep their order.
pub fn rerank(hits: &mut [Hit]) {
    for hit in hits.iter_mut() {
        let about = hit.reading.as_ref().map_or(UNREAD, |reading| reading.about);
        hit.score += ABOUT * about.clamp(-SURE, SURE);
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score));
}
