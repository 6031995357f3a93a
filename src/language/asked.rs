//! The thing that a question asks for.

use super::question::{AnswerType, answer_type};
use super::words::{is_stop_word, words};

/// The noun after "what", "which", "how many": the last word before the verb.
pub fn asked_noun(question: &str) -> Option<String> {
    let words = words(question);
    let at = words.iter().position(|word| {
        let lower = word.text.to_lowercase();
        matches!(lower.as_str(), "what" | "what's" | "what’s" | "whats" | "which" | "many" | "much")
    })?;
    // "What kind of food" asks for food.
    let of_kind = words.get(at + 1..at + 3).is_some_and(|next| {
        matches!(next[0].term.as_str(), "kind" | "type" | "sort") && next[1].term == "of"
    });
    let noun = words[at + if of_kind { 3 } else { 1 }..]
        .iter()
        .take(4)
        .take_while(|word| !is_auxiliary(word.text))
        .filter(|word| !is_stop_word(word.text))
        .last()?;
    Some(noun.text.to_lowercase())
}

/// Whether a question asks for several things: "which instruments", "what kinds of boats". "How many"
/// asks for one number.
pub fn asks_for_list(question: &str) -> bool {
    matches!(answer_type(question), AnswerType::What | AnswerType::Where | AnswerType::Who)
        && (asked_noun(question).as_deref().is_some_and(is_plural) || names_a_list(question))
}

/// "What's on the packing list", "what do I pack for the hut": several things are wanted, whatever the
/// noun.
fn names_a_list(question: &str) -> bool {
    const LISTS: &[&str] = &["list", "pack", "ingredi", "member", "step"];
    words(question).iter().any(|word| LISTS.contains(&word.term.as_str()))
}

/// Whether a question asks how many things there are or how often something was: "how many trips".
pub fn counts_things(question: &str) -> bool {
    let words = words(question);
    words.windows(2).any(|pair| {
        pair[0].text.eq_ignore_ascii_case("how") && pair[1].text.eq_ignore_ascii_case("many")
    })
}

fn is_plural(noun: &str) -> bool {
    noun == "people"
        || noun == "children"
        || (noun.len() > 3 && noun.ends_with('s') && !noun.ends_with("ss") && !noun.ends_with("us"))
}

/// Whether a word ends what is asked for: the verb that helps another, or a preposition.
pub fn is_auxiliary(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "do" | "does"
            | "did"
            | "is"
            | "are"
            | "was"
            | "were"
            | "has"
            | "have"
            | "had"
            | "can"
            | "could"
            | "will"
            | "would"
            | "should"
            | "might"
            | "in"
            | "of"
            | "on"
            | "for"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thing_asked_for_stands_before_the_verb() {
        assert_eq!(asked_noun("What kind of boats has Ann built?").as_deref(), Some("boats"));
        assert_eq!(asked_noun("How many turtles are there?").as_deref(), Some("turtles"));
        assert_eq!(asked_noun("When did it rain?"), None);
    }

    #[test]
    fn several_things_are_a_list() {
        assert!(asks_for_list("Which instruments does Ann play?"));
        assert!(asks_for_list("What people did they meet?"));
        assert!(!asks_for_list("Which instrument does Ann play?"));
        assert!(!asks_for_list("How many instruments does Ann play?"));
        assert!(!asks_for_list("What bus did they take?"));
    }
}
