//! What retrieval and decoding pass on: a query, its hits with their signals, an answer with its
//! citations.
//!
//! Plain values. How they are made is the business of `retrieval` and `decoder`, how they are
//! shown that of `cli` and `tui`.

use crate::conversation::{Role, SessionId, Timestamp, Turn, TurnId};

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// The question or the words.
    pub text: String,
    /// Which turns may be found.
    pub filter: Filter,
    /// The newest turns of the window, newest first: they give a follow-up its context.
    pub context: Vec<String>,
}

impl Query {
    /// A query without filter or context.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// Restricts which turns a query may find. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only turns of this session.
    pub session: Option<SessionId>,
    /// Only turns of this speaker; case does not matter.
    pub speaker: Option<String>,
    /// Only turns of this role.
    pub role: Option<Role>,
    /// Only turns of sessions with this source.
    pub source: Option<String>,
    /// Only turns said at this instant or later. Turns without a time do not pass.
    pub since: Option<Timestamp>,
    /// Only turns said before this instant. Turns without a time do not pass.
    pub until: Option<Timestamp>,
    /// Only turns that an answer may rest on.
    pub evidence_only: bool,
    /// Never turns with this id or a larger one: the question itself is not its own evidence.
    pub before_turn: Option<TurnId>,
}

impl Filter {
    /// Whether every turn passes.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

/// A remembered turn that was found for a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The turn.
    pub turn: Turn,
    /// The title of its session.
    pub session_title: String,
    /// The source of its session.
    pub source: String,
    /// How well it fits; larger is better. Comparable within one list of hits only.
    pub score: f32,
    /// What the score was made of.
    pub signals: Signals,
}

/// What is known of a hit, before weighing. All are dimensionless; 0 where a signal is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Signals {
    /// BM25 of the query's words in the turn, speaker and caption included, as a share of the
    /// best such score in this query.
    pub words: f32,
    /// The same over the turn together with its neighbours.
    pub words_around: f32,
    /// Cosine of the query's embedding with the turn's; speakers' names stripped from the query.
    pub meaning: f32,
    /// Cosine with the better of the turn's neighbours.
    pub meaning_around: f32,
    /// Share of the query's words, weighted by rarity, that the turn holds.
    pub coverage: f32,
    /// 1 where the turn's speaker is named in the query, −1 where somebody else is.
    pub speaker: f32,
    /// 1 where the turn has what the question's type asks for (a time, a number, a name).
    pub answer_type: f32,
    /// 1 where the turn was said in the time that the query names.
    pub time: f32,
    /// 1 where the turn holds a phrase that the query puts in quotes.
    pub phrase: f32,
    /// How closely the query's words stand together in the turn, from 0 to 1.
    pub proximity: f32,
    /// 1 where the turn asks something itself.
    pub is_question: f32,
    /// The turn's length in words, as `ln(1 + words)`.
    pub length: f32,
    /// The fused score of the neighbours, before smoothing.
    pub neighbours: f32,
    /// The fused score of the turn alone, before its neighbours smooth it.
    pub alone: f32,
    /// The same without regard to who speaks.
    pub content: f32,
}

impl Signals {
    /// Every signal with its name, in a fixed order.
    pub fn named(&self) -> [(&'static str, f32); 15] {
        [
            ("words", self.words),
            ("words_around", self.words_around),
            ("meaning", self.meaning),
            ("meaning_around", self.meaning_around),
            ("coverage", self.coverage),
            ("speaker", self.speaker),
            ("answer_type", self.answer_type),
            ("time", self.time),
            ("phrase", self.phrase),
            ("proximity", self.proximity),
            ("is_question", self.is_question),
            ("length", self.length),
            ("neighbours", self.neighbours),
            ("alone", self.alone),
            ("content", self.content),
        ]
    }
}

/// A turn that an answer rests on, with the words it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The number by which the answer refers to it, from 1.
    pub number: usize,
    /// The cited turn.
    pub turn: TurnId,
    /// The id that the imported file gave it.
    pub source_id: Option<String>,
    /// The session in which it was said.
    pub session: SessionId,
    /// Who said it.
    pub speaker: String,
    /// When it was said.
    pub said_at: Option<Timestamp>,
    /// The words, exactly as they stand in the turn.
    pub quote: String,
}

/// What the decoder makes of the hits.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The question as it was put.
    pub question: String,
    /// The answer: short and bare where a thing was asked, a quoted sentence otherwise; what is
    /// known instead where the decoder abstained, or empty.
    pub text: String,
    /// Whether memory does not hold the answer.
    pub abstained: bool,
    /// Why it abstained, or what the answer was read from (such as "yesterday", said on a date).
    pub reason: Option<String>,
    /// The probability, from 0 to 1, that the answer is right, as the decoder sees it.
    pub confidence: f32,
    /// The name of the decoder.
    pub decoder: &'static str,
    /// What the answer rests on, best first. Empty only where the decoder abstained.
    pub citations: Vec<Citation>,
    /// How long it took, from the question to the whole answer.
    pub elapsed_ms: u64,
}
