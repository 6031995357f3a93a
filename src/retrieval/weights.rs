//! The weights: the one place where signals become a score.

use crate::evidence::Signals;

/// How much each signal counts; see [`Signals`] for what each is. A signal that is not named here
/// does not count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// The signals themselves, as weights.
    pub signals: Signals,
    /// Share of the neighbours' scores that a turn takes on.
    pub smoothing: f32,
}

impl Weights {
    /// Fills in [`Signals::content`] and [`Signals::alone`].
    pub(super) fn weigh(&self, signals: &mut Signals) {
        let w = &self.signals;
        signals.content = w.words * signals.words
            + w.words_around * signals.words_around
            + w.meaning * signals.meaning
            + w.meaning_before * signals.meaning_before
            + w.meaning_after * signals.meaning_after
            + w.words_before * signals.words_before
            + w.words_after * signals.words_after
            + w.coverage * signals.coverage
            + w.rarest * signals.rarest
            + w.mentions * signals.mentions
            + w.answer_type * signals.answer_type
            + w.time * signals.time
            + w.phrase * signals.phrase
            + w.proximity * signals.proximity
            + w.pairs * signals.pairs
            + w.is_question * signals.is_question
            + w.answers * signals.answers
            + w.length * signals.length
            + w.feedback * signals.feedback
            + w.late * signals.late;
        signals.alone = signals.content + w.speaker * signals.speaker;
    }

    pub(super) fn score(&self, signals: &Signals) -> f32 {
        signals.alone + self.smoothing * signals.neighbours
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            signals: Signals {
                words: 0.5,
                words_around: 0.25,
                meaning: 0.5,
                speaker: 0.5,
                phrase: 2.0,
                ..Signals::default()
            },
            smoothing: 0.15,
        }
    }
}
