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
        // "Whats the name" is typed as often as "what's".
        let word = match *word {
            "whats" | "what's" | "what’s" => "what",
            "whos" | "who's" | "who’s" => "who",
            "wheres" | "where's" | "where’s" => "where",
            "whens" | "when's" | "when’s" => "when",
            "hows" | "how's" | "how’s" => "how",
            other => other,
        };
        let found = match word {
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
                _ if ends_in_time(&lower[index + 1..]) => AnswerType::When,
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

/// Whether what follows "what" asks for the time of something: "what is the dentist's time", and not "what
/// did we do last time".
fn ends_in_time(after: &[&str]) -> bool {
    matches!(after, [.., before, "time"] if !matches!(*before, "last" | "first" | "next" | "this" | "that" | "some" | "any" | "free" | "of"))
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

/// Whether a question leans on what was said before it: it opens as one that goes on, has hardly a
/// word of its own, or points at something that it does not name itself. `names_somebody`: whether
/// it names a speaker, with a capital or without.
pub fn is_follow_up(question: &str, names_somebody: bool) -> bool {
    /// A question with more words of its own can be understood without others.
    const OWN: usize = 4;
    let words = words(question);
    let lower: Vec<String> = words.iter().map(|word| word.text.to_lowercase()).collect();
    let opens = lower.first().is_some_and(|word| matches!(word.as_str(), "and" | "but" | "so"));
    let is_own = |word: &str| !is_stop_word(word);
    let content = lower.iter().filter(|word| is_own(word)).count();
    let named = names_somebody
        || words.iter().skip(1).any(|word| {
            word.text.chars().next().is_some_and(char::is_uppercase) && word.text != "I"
        });
    if content == 0 || (opens && content < OWN) {
        return true;
    }
    let points = (0..lower.len()).any(|at| {
        let (before, after) = lower.split_at(at);
        let (Some(word), after) = (after.first(), after.get(1)) else { return false };
        match word.as_str() {
            // "When did jon lose his job": whom it points at stands before it.
            "he" | "she" | "him" | "her" | "his" | "hers" | "they" | "them" | "their" => {
                !named && !names_before(before)
            }
            "those" | "these" => after.is_none_or(|next| !is_own(next)),
            // "It's raining", "was it worth": what it is stands behind it, or nowhere.
            "it" => true,
            "that" | "this" | "then" => after.is_none_or(|next| super::asked::is_auxiliary(next)),
            // "Is there a lift" points at nothing.
            "there" => after.is_none(),
            _ => false,
        }
    });
    points && content <= OWN
}

/// Whether somebody is named before a word: the first word of its own after a verb that helps
/// another, as *jon* in "when did jon".
fn names_before(before: &[String]) -> bool {
    before.windows(2).any(|pair| super::asked::is_auxiliary(&pair[0]) && !is_stop_word(&pair[1]))
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
            ("whats anns cat called", AnswerType::What),
            ("whats physio's time", AnswerType::When),
            ("What did Ann do last time?", AnswerType::What),
            ("who's Ann?", AnswerType::Who),
        ] {
            assert_eq!(answer_type(question), expected, "{question}");
        }
    }

    #[test]
    fn tells_follow_ups() {
        for question in [
            "And when was that?",
            "and when was that",
            "where did she buy it?",
            "what did mel do with it",
            "and the price?",
            "why?",
            "who gave it to her",
            "what did we eat there?",
            "how old is he",
        ] {
            assert!(is_follow_up(question, false), "{question}");
        }
        for question in [
            "When did Caroline move to Sweden?",
            "when did jon lose his job",
            "is there a lift in my building?",
            "where are pavel's parents from",
            "which of those boots did I keep",
            "who said that the door sticks",
            "what did we do this week",
        ] {
            assert!(!is_follow_up(question, false), "{question}");
        }
        assert!(!is_follow_up("what is mel's view of her job", true));
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
