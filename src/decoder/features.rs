//! What is known of a candidate, as numbers with names: the table of weights speaks of these.

use super::word_class::WordClass;
use crate::language::{self, AnswerType};
use std::sync::LazyLock;

/// The form of a question, as far as it tells what its answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Who,
    Where,
    Why,
    Duration,
    Count,
    Often,
    How,
    WhatKind,
    WhatIs,
    WhatDoes,
    WhatThing,
    YesNo,
    Open,
    When,
}

impl Form {
    pub const NAMES: [&'static str; 14] = [
        "who",
        "where",
        "why",
        "how long",
        "how many",
        "how often",
        "how",
        "what kind",
        "what is",
        "what does",
        "what thing",
        "yes or no",
        "open",
        "when",
    ];

    pub fn of(question: &str, answer_type: AnswerType) -> Self {
        match answer_type {
            AnswerType::Who => Self::Who,
            AnswerType::Where => Self::Where,
            AnswerType::Why => Self::Why,
            AnswerType::Duration => Self::Duration,
            AnswerType::Count => Self::Count,
            AnswerType::Frequency => Self::Often,
            AnswerType::How => Self::How,
            AnswerType::YesNo => Self::YesNo,
            AnswerType::Open => Self::Open,
            AnswerType::When => Self::When,
            AnswerType::What => {
                let words = language::words(question);
                let next = words
                    .iter()
                    .skip_while(|word| {
                        !matches!(word.text.to_lowercase().as_str(), "what" | "which")
                    })
                    .nth(1)
                    .map(|word| word.text.to_lowercase());
                match next.as_deref().unwrap_or_default() {
                    "kind" | "kinds" | "type" | "types" | "sort" | "sorts" => Self::WhatKind,
                    "is" | "are" | "was" | "were" => Self::WhatIs,
                    "did" | "does" | "do" | "has" | "have" | "will" | "can" | "would" | "had"
                    | "could" | "might" => Self::WhatDoes,
                    _ => Self::WhatThing,
                }
            }
        }
    }
}

macro_rules! measures {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What is known of a candidate as a number, where the rest is yes or no.
        #[derive(Debug, Clone, Copy, Default)]
        pub(super) struct Measures {
            $($(#[$doc])* pub $name: f32,)*
        }

        impl Measures {
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            pub fn values(&self) -> [f32; Self::NAMES.len()] {
                [$(self.$name),*]
            }
        }
    };
}

measures! {
    /// The hit's score below the best one's, in threes.
    hit_gap,
    /// Whether it is the best hit.
    hit_first,
    /// 1 / rank of the hit.
    hit_rank,
    /// The hit's signal of that name.
    hit_speaker,
    /// The hit's signal of that name, in threes.
    hit_late,
    /// The hit's signal of that name.
    hit_cosine,
    /// The hit's signal of that name, in threes.
    hit_words_before,
    /// The hit's signal of that name, in threes.
    hit_answers_words,
    /// Whether the turn before it asked something.
    hit_answers,
    /// Share of the hits that were said before it, where the question is about what is so now.
    later_of_present,
    /// The same, where the question asks for the latest.
    later_of_latest,
    /// The same, where the question asks for the first.
    later_of_first,
    /// Share of the question's terms, by rarity, in the turn.
    turn_coverage,
    /// The same in the sentence.
    sentence_coverage,
    /// The same in the sentence before it in the turn.
    sentence_before,
    /// The same in the sentence after it.
    sentence_after,
    /// Whether the sentence asks something.
    sentence_asks,
    /// Whether it says what is in a picture.
    sentence_picture,
    /// Whether it opens the turn.
    sentence_first,
    /// Its words, as a logarithm.
    sentence_length,
    /// Whether its speaker speaks of themselves.
    sentence_i,
    /// Whether it speaks to somebody.
    sentence_you,
    /// Share of the question's terms in the sentence outside of the span.
    rest_coverage,
    /// Share of the question's terms in the turn outside of the span.
    turn_rest,
    /// Share of the question's terms in the span.
    inside_coverage,
    /// Share of the span's content words that the question has too.
    repeated,
    /// Whether all of them are.
    all_repeated,
    /// How near before it a term of the question stands, by its rarity.
    anchor_before,
    /// How near after it.
    anchor_after,
    /// Whether the question's last term, often its verb, stands one or two words before it.
    verb_before,
    /// One or two words after it.
    verb_after,
    /// The same of the question's first term.
    first_before,
    /// The same of the question's first term.
    first_after,
    /// Whether it holds the noun that is asked for.
    noun_inside,
    /// Whether that noun is its last word.
    noun_last,
    /// Whether that noun stands just before it.
    noun_before,
    /// Whether that noun stands just after it.
    noun_after,
    /// Whether the preposition that the question ends with stands just before it.
    preposition_before,
    /// Its content words, as a logarithm.
    content_words,
    /// Whether it is the whole sentence.
    whole_sentence,
    /// Whether it goes from one break of the sentence to another.
    whole_clause,
    /// Whether a break is in it.
    breaks,
    /// Whether *and* or *or* is in it.
    joins,
    /// Share of capitals among its content words.
    capitals,
    /// Whether a number is in it.
    number,
    /// Whether it stands in quotes.
    quoted,
    /// Whether an auxiliary is in it.
    auxiliary,
    /// Whether a pronoun is in it.
    pronoun,
    /// Whether its speaker speaks of themselves in it.
    says_i,
    /// Whether it is the name of who said the sentence.
    speaker_name,
    // From here on in meaning: the question's tokens each find the one like it most, weighed by
    // rarity; see `decoder/nearness.rs`.
    /// How near the sentence outside of the span is to the question.
    near_rest,
    /// How near the turn outside of the span is.
    near_turn_rest,
    /// How near the span itself is.
    near_inside,
    /// How near the sentence is.
    near_sentence,
    /// How near the turn is.
    near_turn,
    /// How near the best token before the span is, less the further away.
    near_before,
    /// The same after it.
    near_after,
    /// How near the span's tokens are, on average.
    near_mean,
    /// How near the best of them is.
    near_best,
    /// How near they are to the question word, on average.
    near_question_word,
    /// How near they are to the noun that is asked for, on average.
    near_noun_mean,
    /// How near the best of them is to it.
    near_noun,
    /// How near what stands just before is to the question's last word.
    near_verb_before,
    /// How near what stands just after is to it.
    near_verb_after,
    /// How near the span's tokens are to all of the question's, on average.
    near_all,
    /// The same of the sentence.
    near_sentence_all,
    /// How near the sentence before it is.
    near_sentence_before,
    /// How near the sentence after it is.
    near_sentence_after,
}

/// What stands before or after a span: a word of a class, a break, or the sentence's edge.
pub(super) const EDGE: usize = WordClass::COUNT;
pub(super) const BREAK: usize = WordClass::COUNT + 1;
pub(super) const BESIDE: usize = WordClass::COUNT + 2;
pub(super) const LENGTHS: [&str; 8] = ["1", "2", "3", "4", "5-6", "7-8", "9-12", "13+"];
pub(super) const ROUGH_LENGTHS: [&str; 4] = ["1-2", "3-5", "6-10", "11+"];
/// Which measures depend on the form of the question.
pub(super) const FORMED: [&str; 5] =
    ["capitals", "number", "quoted", "sentence_picture", "whole_clause"];

/// The features in blocks: where each begins.
pub(super) mod block {
    use super::{BESIDE, FORMED, Form, LENGTHS, Measures, ROUGH_LENGTHS, WordClass};

    pub const LENGTH: usize = Measures::NAMES.len();
    pub const BEFORE: usize = LENGTH + LENGTHS.len();
    pub const AFTER: usize = BEFORE + BESIDE;
    pub const FIRST: usize = AFTER + BESIDE;
    pub const LAST: usize = FIRST + WordClass::COUNT;
    /// What stands before it, roughly, with its first word.
    pub const OPENING: usize = LAST + WordClass::COUNT;
    pub const FORM_LENGTH: usize = OPENING + BESIDE * WordClass::COUNT;
    pub const FORM_BEFORE: usize = FORM_LENGTH + Form::NAMES.len() * ROUGH_LENGTHS.len();
    pub const FORM_MEASURE: usize = FORM_BEFORE + Form::NAMES.len() * BESIDE;
    pub const END: usize = FORM_MEASURE + Form::NAMES.len() * FORMED.len();
}

/// The name of each feature, in the order of their numbers.
pub(super) fn feature_names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let beside = |edge: &str| {
            let mut names = WordClass::NAMES.map(str::to_owned).to_vec();
            names.extend([edge.to_owned(), "break".to_owned()]);
            names
        };
        let mut names: Vec<String> = Measures::NAMES.iter().map(ToString::to_string).collect();
        names.extend(LENGTHS.map(|length| format!("words {length}")));
        names.extend(beside("start").iter().map(|name| format!("before: {name}")));
        names.extend(beside("end").iter().map(|name| format!("after: {name}")));
        names.extend(WordClass::NAMES.map(|name| format!("first: {name}")));
        names.extend(WordClass::NAMES.map(|name| format!("last: {name}")));
        for before in beside("start or break") {
            names.extend(WordClass::NAMES.map(|first| format!("opening: {before}, {first}")));
        }
        for form in Form::NAMES {
            names.extend(ROUGH_LENGTHS.map(|length| format!("{form}: words {length}")));
        }
        for form in Form::NAMES {
            names.extend(beside("start").iter().map(|name| format!("{form}: before {name}")));
        }
        for form in Form::NAMES {
            names.extend(FORMED.map(|measure| format!("{form}: {measure}")));
        }
        debug_assert_eq!(names.len(), block::END);
        names
    });
    &NAMES
}
