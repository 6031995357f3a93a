//! What retrieval and decoding pass on: a query, its hits with their signals, an answer with its
//! citations.
//!
//! Plain values. How they are made is the business of `retrieval` and `decoder`, how they are
//! shown that of `cli` and `tui`.

pub use crate::conversation::GivenAnswer;

use crate::conversation::{Role, SessionId, Timestamp, Turn, TurnId, speaker_of};
use std::ops::Range;

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// The question or the words.
    pub text: String,
    /// Which turns may be found.
    pub filter: Filter,
    /// The newest turns of the window, newest first: they give a follow-up its context.
    pub context: Vec<String>,
    /// When it is asked: what "last week" in it is told from. Without it, times in the query are
    /// words like others.
    pub asked_at: Option<Timestamp>,
    /// Whether a search ranks what recount was asked, and its answers, among the rest. Otherwise they
    /// come after it.
    pub questions: bool,
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
    /// Reasoning, tool calls and their results too: they are looked for only on request.
    pub folded: bool,
    /// Never turns with this id or a larger one: the question itself is not its own evidence.
    pub before_turn: Option<TurnId>,
}

impl Filter {
    /// Whether every turn passes.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

/// A filter as people and programs write it, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilterWords {
    /// A session's id.
    pub session: Option<i64>,
    /// A speaker's name.
    pub speaker: Option<String>,
    /// A role's word.
    pub role: Option<String>,
    /// `chat`, `note`, or an import format.
    pub source: Option<String>,
    /// A time as people type it (see [`Timestamp::parse_beginning`]).
    pub since: Option<String>,
    /// A time whose end is meant.
    pub until: Option<String>,
}

/// Why words are no filter. Each message is one line that says what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// There is no such role.
    #[error("unknown role {0}; use user, assistant, system or tool")]
    Role(String),
    /// That is no time.
    #[error("{0} is not a time; write it like 2023, 2023-05, 2023-05-08 or 2023-05-08T13:56:00Z")]
    Time(String),
}

impl FilterWords {
    /// The filter that the words mean.
    pub fn read(&self) -> Result<Filter, FilterError> {
        let role = |word: &String| Role::parse(word).ok_or_else(|| FilterError::Role(word.clone()));
        let time = |text: &Option<String>, parse: fn(&str) -> Option<Timestamp>| {
            let read = |text: &String| parse(text).ok_or_else(|| FilterError::Time(text.clone()));
            text.as_ref().map(read).transpose()
        };
        Ok(Filter {
            session: self.session.map(SessionId),
            speaker: self.speaker.as_deref().map(|name| speaker_of(name).into_owned()),
            role: self.role.as_ref().map(role).transpose()?,
            source: self.source.clone(),
            since: time(&self.since, Timestamp::parse_beginning)?,
            until: time(&self.until, Timestamp::parse_end)?,
            ..Filter::default()
        })
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
    /// What the reader made of it, where it was read.
    pub reading: Option<Reading>,
}

/// What the reader made of a hit: where in its turn the answer to the question may be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The likeliest stretches, best first. Each begins and ends where a word does.
    pub spans: Vec<Span>,
    /// How much the turn is about what is asked, as log-odds.
    pub about: f32,
    /// Of a question for yes or no: how likely the turn says so, denies it, or does not say. Sums
    /// to 1.
    pub claim: Claim,
}

/// A stretch of a turn that may be the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Where it is in the turn's text, in bytes; `None` for the name of who said it.
    pub range: Option<Range<usize>>,
    /// How likely it is, against the turn not holding the answer: log-odds.
    pub score: f32,
}

/// What a turn makes of a question for yes or no. Probabilities; in sum 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Claim {
    /// It says so.
    pub yes: f32,
    /// It says that it is not so.
    pub no: f32,
    /// It does not say.
    pub silent: f32,
}

macro_rules! signals {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What is known of a hit, before weighing. All are dimensionless; 0 where a signal is
        /// absent.
        #[derive(Debug, Clone, Copy, Default, PartialEq)]
        pub struct Signals {
            $($(#[$doc])* pub $name: f32,)*
        }

        impl Signals {
            /// How many signals there are.
            pub const COUNT: usize = [$(stringify!($name)),*].len();

            /// Every signal with its name, in a fixed order.
            pub fn named(&self) -> [(&'static str, f32); Self::COUNT] {
                [$((stringify!($name), self.$name),)*]
            }
        }
    };
}

signals! {
    /// BM25 of the query's words in the turn, as standard score over the candidates.
    words,
    /// The same over the turn together with its neighbours.
    words_around,
    /// Cosine of the query's embedding with the turn's, as standard score over the candidates;
    /// speakers' names are stripped from the query.
    meaning,
    /// The same of the turn before it.
    meaning_before,
    /// The same of the turn after it.
    meaning_after,
    /// BM25 of the turn before it, as standard score.
    words_before,
    /// BM25 of the turn after it, as standard score.
    words_after,
    /// Share of the query's words, weighted by rarity, that the turn holds.
    coverage,
    /// The largest rarity among the query's words that the turn holds, as a share of the largest
    /// there is.
    rarest,
    /// 1 where the turn's speaker is named in the query, −1 where somebody else is.
    speaker,
    /// 1 where the turn names a speaker that the query names.
    mentions,
    /// 1 where the turn has what the question's type asks for (a time, a number, a name).
    answer_type,
    /// 1 where the turn was said in the time that the query names, −1 where it was not.
    time,
    /// 1 where the turn holds a phrase that the query puts in quotes.
    phrase,
    /// How closely the query's words stand together in the turn, from 0 to 1.
    proximity,
    /// Share of the query's pairs of neighbouring words that neighbour in the turn too.
    pairs,
    /// 1 where the turn asks something itself.
    is_question,
    /// `words` of the turn before it, where that is somebody else's question.
    answers_words,
    /// `late` of the turn before it, where that is somebody else's question.
    answers_late,
    /// The turn's length in words, as `ln(1 + words)`.
    length,
    /// The cosine itself, −1 to 1.
    cosine,
    /// Cosine with the mean of the best few turns, as standard score: what the first hits have in
    /// common.
    feedback,
    /// Late interaction: how well each of the query's tokens finds one like it in the turn, as
    /// standard score over the turns that were compared.
    late,
    /// First round: the weighted signals of the turn alone, without regard to who speaks.
    content,
    /// The same with who speaks.
    alone,
    /// The sum of `alone` of its neighbours.
    neighbours,
    /// Second round: 1 where the turn was said in the session of the turn with the largest `alone`.
    best_session,
    /// `best_session` where the query asks for several things.
    list_best_session,
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

/// What kind of answer one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnswerKind {
    /// A stretch of a turn.
    Span,
    /// A whole sentence.
    Sentence,
    /// Several things.
    List,
    /// How many there are.
    Count,
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// A time.
    Date,
    /// Text that is in no turn, or none.
    Text,
}

impl AnswerKind {
    /// The word for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Span => "span",
            Self::Sentence => "sentence",
            Self::List => "list",
            Self::Count => "count",
            Self::Yes => "yes",
            Self::No => "no",
            Self::Date => "date",
            Self::Text => "text",
        }
    }
}

/// What the decoder makes of the hits.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The question as it was put.
    pub question: String,
    /// The answer: short and bare where a thing was asked, a quoted sentence otherwise; what is
    /// known instead where the decoder abstained, or empty.
    pub text: String,
    /// What kind of answer it is.
    pub kind: AnswerKind,
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

/// An answer that was given and then marked wrong: not to be given again for a question that means
/// the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongAnswer {
    /// The question that it was given for, as it was put.
    pub question: String,
    /// The answer.
    pub text: String,
    /// What it was read from: each cited turn, with the words quoted from it.
    pub citations: Vec<(TurnId, String)>,
}
