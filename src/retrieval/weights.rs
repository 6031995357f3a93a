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
                words: -0.255,
                words_around: 0.574,
                meaning: 0.41,
                meaning_before: 0.304,
                meaning_after: 0.084,
                words_before: -0.133,
                words_after: -0.206,
                coverage: 1.126,
                rarest: 0.543,
                speaker: 1.352,
                mentions: 0.842,
                answer_type: 1.29,
                time: 1.22,
                phrase: 4.0,
                pairs: -0.035,
                is_question: -0.697,
                feedback: 0.145,
                late: 0.489,
                answers_words: 0.073,
                answers_late: 0.107,
                ..Signals::default()
            },
            second: Signals {
                words: -0.225,
                words_around: 0.498,
                meaning: 0.373,
                meaning_before: 0.272,
                meaning_after: 0.068,
                words_before: -0.116,
                words_after: -0.187,
                coverage: 0.849,
                rarest: 0.641,
                speaker: 1.267,
                mentions: 0.725,
                answer_type: 1.184,
                time: 0.979,
                phrase: 4.0,
                pairs: -0.014,
                is_question: -0.655,
                feedback: 0.14,
                late: 0.462,
                answers_words: 0.072,
                answers_late: 0.101,
                best_session: 0.496,
                list_best_session: -0.246,
                ..Signals::default()
            },
            own_talk: -4.0,
        }
    }
}
