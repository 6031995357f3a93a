//! The second round: what the best turn of the first tells of the others.
//!
//! What belongs together was mostly said in one sitting: a question that needs several turns shares
//! its words with one of them, and the others are in the same session. Where a question asks for
//! several things they were said on several occasions, so that the session tells less.
//!
//! Owns the signals of the second round; how much they count is `weights.rs`'s.

use super::signals::Beside;
use crate::evidence::Signals;
use crate::question::Question;

/// Fills in the signals of the second round, from [`Signals::alone`] of the first. The first
/// `candidates` of the turns were found, the others only stand beside them.
pub(super) fn fill_in(
    question: &Question,
    beside: &Beside<'_>,
    candidates: usize,
    signals: &mut [Signals],
) {
    // What was asked of recount, and its answers, repeat the question and lead nowhere.
    let leads = (0..candidates).filter(|index| beside.turns[*index].kind.is_evidence());
    // Of equal ones the first that was remembered: the last of the largest in reverse.
    let best = leads.rev().max_by(|a, b| signals[*a].alone.total_cmp(&signals[*b].alone));
    let Some(best) = best else { return };
    let session = beside.turns[best].session;
    for (signal, turn) in signals.iter_mut().zip(&beside.turns) {
        let shared = f32::from(turn.session == session);
        signal.best_session = shared;
        signal.list_best_session = if question.asks_for_list { shared } else { 0.0 };
    }
}
