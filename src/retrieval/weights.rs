//! The weights: the one place where signals become a score.

use crate::evidence::Signals;

/// How much each signal counts; see [`Signals`] for what each is. A signal that is not named here
/// does not count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// The first round: which turn is the best, and how well each fits alone.
    pub first: Signals,
    /// The second round, which knows the best turn of the first: the score.
    pub second: Signals,
    /// Added where the turn is a question to recount or its answer: found, but behind what people
    /// said.
    pub own_talk: f32,
}

impl Weights {
    /// Fills in [`Signals::content`] and [`Signals::alone`].
    pub(super) fn weigh(&self, signals: &mut Signals) {
        signals.content = content(&self.first, signals);
        signals.alone = signals.content + self.first.speaker * signals.speaker;
    }

    pub(super) fn score(&self, signals: &Signals) -> f32 {
        let w = &self.second;
        content(w, signals)
            + w.speaker * signals.speaker
            + w.neighbours * signals.neighbours
            + w.best_session * signals.best_session
            + w.list_best_session * signals.list_best_session
    }
}

fn content(w: &Signals, signals: &Signals) -> f32 {
    w.words * signals.words
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
        + w.late * signals.late
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            first: Signals {
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
            second: Signals {
                words: -0.15,
                words_around: 0.487,
                meaning: 0.149,
                meaning_before: 0.136,
                meaning_after: 0.124,
                words_before: -0.174,
                words_after: -0.15,
                coverage: 0.164,
                rarest: 0.048,
                speaker: 0.562,
                mentions: 0.17,
                answer_type: 1.014,
                time: 1.337,
                phrase: 4.0,
                pairs: 0.27,
                is_question: -0.652,
                feedback: 0.187,
                late: 0.544,
                answers_words: 0.14,
                answers_late: 0.164,
                best_session: 1.072,
                list_best_session: -1.156,
                ..Signals::default()
            },
            own_talk: -4.0,
        }
    }
}
