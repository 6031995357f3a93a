//! The weights: the one place where signals become a score.

/// How much each signal counts. Words and meaning are weighed as standard scores (how many
/// standard deviations above the candidates' mean), the others as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// BM25 of the turn alone.
    pub words: f32,
    /// BM25 of the turn with its neighbours.
    pub words_around: f32,
    /// Cosine of the turn.
    pub meaning: f32,
    /// Cosine of the better neighbour.
    pub meaning_around: f32,
    /// The query's words, weighted by rarity, that the turn holds.
    pub coverage: f32,
    /// The turn's speaker is named, or somebody else is.
    pub speaker: f32,
    /// The turn has what the question's type asks for.
    pub answer_type: f32,
    /// A phrase in quotes stands in the turn.
    pub phrase: f32,
    /// The query's words stand close together.
    pub proximity: f32,
    /// The turn is a question itself.
    pub is_question: f32,
    /// The turn's length.
    pub length: f32,
    /// Share of the neighbours' scores that a turn takes on.
    pub smoothing: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            words: 0.5,
            words_around: 0.25,
            meaning: 0.5,
            meaning_around: 0.0,
            coverage: 0.0,
            speaker: 0.5,
            answer_type: 0.0,
            phrase: 2.0,
            proximity: 0.0,
            is_question: 0.0,
            length: 0.0,
            smoothing: 0.15,
        }
    }
}
