//! The weights: the one place where signals become a score.

use crate::evidence::Signals;

/// How much each signal counts; see [`Signals`] for what each is. A signal that is not named here
/// does not count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// The signals themselves, as weights.
    pub signals: Signals,
    /// Added where the turn is a question to recount or its answer: found, but behind what people
    /// said.
    pub own_talk: f32,
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
            + w.answers_words * signals.answers_words
            + w.answers_late * signals.answers_late
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
                words: -0.159,
                words_around: 0.638,
                meaning: 0.089,
                meaning_before: 0.121,
                meaning_after: 0.127,
                words_before: -0.207,
                words_after: -0.17,
                coverage: 0.355,
                rarest: -0.163,
                speaker: 0.653,
                mentions: 0.182,
                answer_type: 1.45,
                time: 1.848,
                phrase: 4.0,
                pairs: 0.664,
                is_question: -0.696,
                feedback: 0.235,
                late: 0.613,
                answers_words: 0.137,
                answers_late: 0.274,
                ..Signals::default()
            },
            own_talk: -4.0,
            smoothing: 0.0,
        }
    }
}
