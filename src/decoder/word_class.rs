//! What part a word plays in its sentence, as far as closed lists and endings tell it: enough to
//! know where an answer may begin and end.

/// The part that a word plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordClass {
    /// *a, the, some*
    Determiner,
    /// *my, your, her*
    Possessive,
    /// *I, you, them, something*
    Pronoun,
    /// *in, at, of, with*
    Preposition,
    /// *to*
    To,
    /// *and, or*
    And,
    /// *but, because, which, that's*: begins a clause of its own
    Clause,
    /// *is, was, been*
    Be,
    /// *has, do, would*
    Auxiliary,
    /// *not, never, don't*
    Negation,
    /// *really, just, quickly*
    Adverb,
    /// *thanks, yeah, wow*
    Interjection,
    /// *I'm, they've*
    Contraction,
    /// *three, 12, $5*
    Number,
    /// ends in *-ing*
    Ing,
    /// ends in *-ed*, or is an irregular past
    Past,
    /// begins with a capital inside of a sentence
    Capital,
    /// all others
    Other,
}

impl WordClass {
    /// How many there are.
    pub const COUNT: usize = 18;

    /// Every class with the name that it has in the table of weights, in the order of the enum.
    pub const NAMES: [&'static str; Self::COUNT] = [
        "determiner",
        "possessive",
        "pronoun",
        "preposition",
        "to",
        "and",
        "clause",
        "be",
        "auxiliary",
        "negation",
        "adverb",
        "interjection",
        "contraction",
        "number",
        "ing",
        "past",
        "capital",
        "other",
    ];

    /// The class of a word; `opens` where it is the first of its sentence, whose capital says
    /// nothing.
    pub fn of(word: &str, opens: bool) -> Self {
        let lower = word.to_lowercase().replace('’', "'");
        if let Some(class) = closed(&lower) {
            return class;
        }
        if lower.contains("n't") {
            Self::Negation
        } else if is_contraction(&lower) {
            Self::Contraction
        } else if lower.starts_with(|c: char| c.is_ascii_digit()) || is_spelt_number(&lower) {
            Self::Number
        } else if lower.len() > 4 && lower.ends_with("ly") {
            Self::Adverb
        } else if lower.len() > 4 && lower.ends_with("ing") {
            Self::Ing
        } else if (lower.len() > 3 && lower.ends_with("ed")) || is_irregular_past(&lower) {
            Self::Past
        } else if !opens && word.starts_with(char::is_uppercase) {
            Self::Capital
        } else {
            Self::Other
        }
    }

    /// Whether an answer may begin with it.
    pub fn may_open(self) -> bool {
        !matches!(self, Self::And | Self::Interjection)
    }

    /// Whether an answer may end with it: a word that leans on the next one cannot be the last.
    pub fn may_close(self) -> bool {
        !matches!(
            self,
            Self::Determiner
                | Self::Possessive
                | Self::Preposition
                | Self::To
                | Self::And
                | Self::Auxiliary
                | Self::Be
                | Self::Clause
                | Self::Contraction
        )
    }
}

fn closed(word: &str) -> Option<WordClass> {
    Some(match word {
        "a" | "an" | "the" | "this" | "that" | "these" | "those" | "some" | "any" | "every"
        | "each" | "another" => WordClass::Determiner,
        "my" | "your" | "his" | "her" | "its" | "our" | "their" => WordClass::Possessive,
        "i" | "you" | "he" | "she" | "it" | "we" | "they" | "me" | "him" | "us" | "them"
        | "myself" | "yourself" | "himself" | "herself" | "ourselves" | "themselves"
        | "something" | "anything" | "everything" | "someone" => WordClass::Pronoun,
        "in" | "on" | "at" | "from" | "of" | "for" | "with" | "by" | "about" | "into" | "over"
        | "through" | "during" | "after" | "before" | "around" | "near" | "between" | "against"
        | "like" | "as" | "than" | "since" | "until" | "without" | "within" | "along"
        | "across" | "behind" | "under" => WordClass::Preposition,
        "to" => WordClass::To,
        "and" | "or" => WordClass::And,
        "but" | "so" | "because" | "if" | "when" | "while" | "though" | "although" | "then"
        | "which" | "who" | "whom" | "what" | "where" | "why" | "how" | "that's" => {
            WordClass::Clause
        }
        "is" | "are" | "was" | "were" | "be" | "been" | "being" | "am" => WordClass::Be,
        "has" | "have" | "had" | "do" | "does" | "did" | "will" | "would" | "can" | "could"
        | "should" | "may" | "might" | "must" => WordClass::Auxiliary,
        "not" | "never" | "no" => WordClass::Negation,
        "really" | "just" | "also" | "too" | "still" | "already" | "even" | "pretty" | "quite"
        | "very" | "always" | "definitely" | "now" | "lately" | "recently" | "currently"
        | "here" | "there" | "again" | "super" => WordClass::Adverb,
        "thanks" | "yeah" | "yes" | "yep" | "hey" | "wow" | "oh" | "well" | "haha" | "sure"
        | "thank" | "congrats" | "nope" | "hi" => WordClass::Interjection,
        _ => return None,
    })
}

fn is_contraction(word: &str) -> bool {
    let Some((head, tail)) = word.split_once('\'') else { return false };
    matches!(head, "i" | "you" | "he" | "she" | "it" | "we" | "they" | "that" | "there" | "what")
        && matches!(tail, "s" | "m" | "re" | "ve" | "ll" | "d")
}

fn is_spelt_number(word: &str) -> bool {
    matches!(word, "couple" | "dozen" | "hundred") || crate::language::number(word).is_some()
}

fn is_irregular_past(word: &str) -> bool {
    matches!(
        word,
        "went"
            | "got"
            | "made"
            | "saw"
            | "took"
            | "gave"
            | "found"
            | "told"
            | "said"
            | "thought"
            | "came"
            | "became"
            | "began"
            | "brought"
            | "bought"
            | "built"
            | "caught"
            | "chose"
            | "drew"
            | "drove"
            | "ate"
            | "felt"
            | "fell"
            | "flew"
            | "forgot"
            | "grew"
            | "heard"
            | "held"
            | "kept"
            | "knew"
            | "led"
            | "left"
            | "lost"
            | "met"
            | "paid"
            | "ran"
            | "sang"
            | "sent"
            | "spent"
            | "spoke"
            | "stood"
            | "taught"
            | "wore"
            | "won"
            | "wrote"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_parts_of_a_sentence() {
        let classes: Vec<_> = ["Yesterday", "I", "didn't", "visit", "the", "Louvre", "quickly"]
            .iter()
            .enumerate()
            .map(|(place, word)| WordClass::of(word, place == 0))
            .collect();
        assert_eq!(
            classes,
            [
                WordClass::Other,
                WordClass::Pronoun,
                WordClass::Negation,
                WordClass::Other,
                WordClass::Determiner,
                WordClass::Capital,
                WordClass::Adverb
            ]
        );
        assert_eq!(WordClass::of("I’ve", false), WordClass::Contraction);
        assert_eq!(WordClass::of("twelve", false), WordClass::Number);
        assert_eq!(WordClass::of("painted", false), WordClass::Past);
    }

    #[test]
    fn names_stand_in_the_order_of_the_classes() {
        assert_eq!(WordClass::NAMES[WordClass::Determiner as usize], "determiner");
        assert_eq!(WordClass::NAMES[WordClass::Other as usize], "other");
        assert_eq!(WordClass::NAMES[WordClass::Past as usize], "past");
    }
}
