//! What a question asks for.

use super::words::{is_stop_word, words};

/// The kind of thing that would answer a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AnswerType {
    /// *When*: a time.
    When,
    /// *How long*, *since when*: a span of time.
    Duration,
    /// *How many*, *how much*, *how old*: a number.
    Count,
    /// *How often*: a frequency.
    Frequency,
    /// *Who*, *whose*: a person.
    Who,
    /// *Where*: a place.
    Where,
    /// *Why*: a reason.
    Why,
    /// *How*: a manner.
    How,
    /// *Did*, *is*, *would*…: yes or no.
    YesNo,
    /// *What*, *which*: a thing.
    What,
    /// Nothing is asked, or nothing that words tell.
    Open,
}

impl AnswerType {
    /// The word for it in explanations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::When => "when",
            Self::Duration => "how long",
            Self::Count => "how many",
            Self::Frequency => "how often",
            Self::Who => "who",
            Self::Where => "where",
            Self::Why => "why",
            Self::How => "how",
            Self::YesNo => "yes or no",
            Self::What => "what",
            Self::Open => "open",
        }
    }
}

/// The kind of thing that would answer `question`.
pub fn answer_type(question: &str) -> AnswerType {
    let lower: Vec<String> = words(question).iter().map(|word| word.text.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    // The question word may stand behind an opening: "In which month…", "And when was that?".
    for (index, word) in lower.iter().enumerate().take(8) {
        let next = lower.get(index + 1).copied().unwrap_or_default();
        let found = match *word {
            "when" => AnswerType::When,
            "who" | "whom" | "whose" => AnswerType::Who,
            "where" => AnswerType::Where,
            "why" => AnswerType::Why,
            "how" => match next {
                "long" => AnswerType::Duration,
                "many" | "much" | "old" | "far" | "tall" | "big" | "heavy" | "high" | "wide"
                | "deep" | "large" | "fast" | "expensive" | "warm" | "hot" | "cold" | "thick" => {
                    AnswerType::Count
                }
                "often" | "frequently" => AnswerType::Frequency,
                _ => AnswerType::How,
            },
            "what" | "which" => match next {
                "year" | "month" | "day" | "date" | "time" | "week" | "weekday" | "season" => {
                    AnswerType::When
                }
                "city" | "country" | "town" | "place" | "state" | "places" | "countries"
                | "cities" | "states" => AnswerType::Where,
                "person" => AnswerType::Who,
                _ if asks_for_words(&lower[index + 1..]) => AnswerType::Open,
                _ => AnswerType::What,
            },
            _ => continue,
        };
        return found;
    }
    match lower.first().copied().unwrap_or_default() {
        "do" | "does" | "did" | "is" | "are" | "was" | "were" | "has" | "have" | "had" | "can"
        | "could" | "will" | "would" | "should" | "am" | "may" | "might" => AnswerType::YesNo,
        _ => AnswerType::Open,
    }
}

/// Whether what follows "what" asks for what was said of something, or for what happened: the answer
/// is a sentence, not a thing.
fn asks_for_words(after: &[&str]) -> bool {
    const SAID: &[&str] = &[
        "say",
        "said",
        "tell",
        "told",
        "mention",
        "mentioned",
        "think",
        "thought",
        "write",
        "wrote",
    ];
    let said = after.iter().position(|word| SAID.contains(word));
    let about = after.iter().rposition(|word| matches!(*word, "about" | "of"));
    matches!(after.first(), Some(&("happened" | "happens")))
        || said.zip(about).is_some_and(|(said, about)| said < about && about - said <= 2)
}

/// Whether a text typed into the chat asks something, as opposed to telling it.
pub fn is_question(text: &str) -> bool {
    let trimmed = text.trim_end_matches(|c: char| c.is_whitespace() || "\"')”’*_".contains(c));
    if trimmed.ends_with(['?', '？', '؟', '⸮']) {
        return true;
    }
    let lower: Vec<String> = trimmed.split_whitespace().take(3).map(str::to_lowercase).collect();
    let first: Vec<&str> = lower.iter().map(String::as_str).collect();
    if is_request(&first) && !trimmed.contains('\n') {
        return true;
    }
    // "what a day!" exclaims; "who is Ann" asks, though the mark is missing.
    if trimmed.ends_with(['!', '.', '！', '。']) || trimmed.contains('\n') {
        return false;
    }
    match first.as_slice() {
        ["what" | "how", "a" | "an", ..] => false,
        [
            "when" | "who" | "whom" | "whose" | "where" | "why" | "how" | "what" | "which"
            | "what's" | "who's" | "where's" | "when's" | "how's" | "did" | "does" | "do" | "is"
            | "are" | "was" | "were" | "has" | "had" | "can" | "could" | "would" | "should",
            _,
            ..,
        ] => true,
        [word, _, ..] => ASKS_ELSEWHERE.contains(word),
        _ => false,
    }
}

/// What asks in other languages, where a question mark was not typed: only words that are no others
/// in any of them.
const ASKS_ELSEWHERE: &[&str] = &[
    // German
    "wer", "wem", "wen", "wessen", "wo", "wann", "warum", "wieso", "weshalb", "welche", "welcher",
    "welches", "wieviel", // Dutch
    "waar", "wanneer", "waarom", "welke", "hoeveel", // French
    "où", "pourquoi", "combien", "quel", "quelle", "quels", "quelles",
    // Spanish and Portuguese
    "qué", "quién", "dónde", "cuándo", "cómo", "cuál", "cuánto", "cuántos", "cuántas", "quem",
    "onde", "quantos", "quantas", // Italian
    "dove", "quale", "quali", "quanti", "quante",
];

/// Whether a text opens as one that wants to be told something: "tell me about…". What is to be
/// remembered is not: "remind me to…".
fn is_request(first: &[&str]) -> bool {
    const ASKED: &[&str] =
        &["what", "when", "where", "who", "whose", "why", "how", "which", "about", "if", "whether"];
    const DEFINITE: &[&str] = &["all", "every", "everything", "my", "our", "the"];
    match first {
        ["tell", "me", "everything" | "all" | "more"] => true,
        ["tell" | "remind", "me", next] => ASKED.contains(next) || *next == "of",
        ["show" | "give", "me", next] => ASKED.contains(next) || DEFINITE.contains(next),
        ["list" | "name" | "find" | "summarise" | "summarize", next, ..] => {
            DEFINITE.contains(next) || matches!(*next, "what")
        }
        _ => false,
    }
}

/// Whether a speaker is the one who asks: what is typed here or told to an assistant carries no name.
pub fn is_self(speaker: &str) -> bool {
    matches!(speaker, "user" | "me")
}

/// Whether a speaker is a program that people talk to.
pub fn is_program(speaker: &str) -> bool {
    matches!(speaker, "assistant" | "tool" | "system" | "recount")
}

/// Whether a question is about the one who asks it.
pub fn is_of_self(question: &str) -> bool {
    words(question).iter().any(|word| {
        let lower = word.text.to_lowercase().replace('’', "'");
        matches!(lower.as_str(), "i" | "my" | "mine" | "me" | "myself") || lower.starts_with("i'")
    })
}

/// Whether a text asks after nothing that could have been said: a greeting, a bare sum.
pub fn asks_for_nothing(question: &str) -> bool {
    const GREETINGS: &[&str] = &[
        "hello", "hi", "hey", "thanks", "thank", "bye", "goodbye", "good", "morning", "evening",
        "night", "ok", "okay", "yo",
    ];
    let words = words(question);
    let content = words.iter().filter(|word| !is_stop_word(word.text));
    let mut content = content.map(|word| word.text.to_lowercase());
    let is_empty =
        |word: String| GREETINGS.contains(&word.as_str()) || !word.contains(char::is_alphabetic);
    // "What did we do in 2020" names a time, "who am I" is told by a primer.
    !words.is_empty()
        && content.all(is_empty)
        && !is_of_self(question)
        && super::times(question, jiff::civil::Date::constant(2000, 1, 1)).is_empty()
}

/// Whether a question leans on what was said before it: a pronoun without a name, or hardly a word
/// of its own.
pub fn is_follow_up(question: &str) -> bool {
    let words = words(question);
    let lower: Vec<String> = words.iter().map(|word| word.text.to_lowercase()).collect();
    let opens = lower.first().is_some_and(|word| matches!(word.as_str(), "and" | "but" | "so"));
    let points = lower.iter().any(|word| {
        matches!(
            word.as_str(),
            "that"
                | "it"
                | "this"
                | "those"
                | "these"
                | "them"
                | "they"
                | "he"
                | "she"
                | "him"
                | "her"
                | "his"
                | "hers"
                | "their"
                | "there"
                | "then"
        )
    });
    let content = words.iter().filter(|word| !is_stop_word(word.text)).count();
    let named = words
        .iter()
        .skip(1)
        .any(|word| word.text.chars().next().is_some_and(char::is_uppercase) && word.text != "I");
    (opens && content <= 3) || content == 0 || (points && !named && content <= 4)
}

/// The phrases that a question puts in double quotes.
pub fn quoted_phrases(question: &str) -> Vec<String> {
    let mut phrases = Vec::new();
    let mut rest = question;
    while let Some(open) = rest.find(['"', '“']) {
        let after = &rest[open..];
        let width = after.chars().next().map_or(1, char::len_utf8);
        let Some(close) = after[width..].find(['"', '”']) else { break };
        let phrase = after[width..width + close].trim();
        if !phrase.is_empty() {
            phrases.push(phrase.to_lowercase());
        }
        let end = &after[width + close..];
        rest = &end[end.chars().next().map_or(0, char::len_utf8)..];
    }
    phrases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_is_asked_for() {
        for (question, expected) in [
            ("When did Ann move?", AnswerType::When),
            ("In which month did Ann move?", AnswerType::When),
            ("How long has Ann lived there?", AnswerType::Duration),
            ("How many cats does Ann have?", AnswerType::Count),
            ("What country is Ann from?", AnswerType::Where),
            ("Who gave Ann the cat?", AnswerType::Who),
            ("Did Ann move?", AnswerType::YesNo),
            ("Which cats does Ann have?", AnswerType::What),
            ("And why was that?", AnswerType::Why),
            ("How heavy is the boat?", AnswerType::Count),
            ("What did Ann say about the boat?", AnswerType::Open),
            ("What happened to the boat?", AnswerType::Open),
            ("What did Ann say?", AnswerType::What),
            ("Ann's cat", AnswerType::Open),
        ] {
            assert_eq!(answer_type(question), expected, "{question}");
        }
    }

    #[test]
    fn tells_questions_from_statements() {
        for question in [
            "Where do I live?",
            "where do I live",
            "what's my cat called",
            "北京在哪里？",
            "Tell me about the garden.",
            "remind me where the key is",
            "list all birds",
            "wo wohne ich",
            "¿Dónde vivo?",
        ] {
            assert!(is_question(question), "{question}");
        }
        for statement in [
            "I live in Lyon.",
            "What a day",
            "When I was ten, we moved.",
            "remember the milk",
            "remind me to water the beans",
            "Tell me a joke",
            "Show me",
            "list of birds: heron, wren",
        ] {
            assert!(!is_question(statement), "{statement}");
        }
    }

    #[test]
    fn tells_follow_ups() {
        assert!(is_follow_up("And when was that?"));
        assert!(is_follow_up("where did she buy it?"));
        assert!(!is_follow_up("When did Caroline move to Sweden?"));
    }

    #[test]
    fn tells_what_asks_for_nothing() {
        for text in ["hello", "Hi there!", "how are you?", "what is 2+2", "good morning"] {
            assert!(asks_for_nothing(text), "{text}");
        }
        let asking =
            ["what did we do in 2020", "Who am I?", "what is good for bees", "北京", "who is Ida?"];
        for text in asking.into_iter().chain([""]) {
            assert!(!asks_for_nothing(text), "{text}");
        }
    }

    #[test]
    fn takes_quoted_phrases() {
        assert_eq!(
            quoted_phrases("who said \"blue moon\" and “Big Sur”?"),
            ["blue moon", "big sur"]
        );
        assert!(quoted_phrases("it's \"").is_empty());
    }
}
