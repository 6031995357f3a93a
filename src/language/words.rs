//! Words and their stems: the terms that are indexed and looked for.

use super::lemmas::lemma;
use rust_stemmers::{Algorithm, Stemmer};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A word of a text, where it stands, and its term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word as it stands.
    pub text: &'a str,
    /// Its first byte in the text.
    pub start: usize,
    /// The term it is indexed by: lower case, without diacritics, reduced to its stem.
    pub term: String,
}

impl Word<'_> {
    /// The byte after its last one.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// The words of a text in order. Scripts that do not put spaces between words (Chinese, Japanese,
/// Korean, Thai, Lao, Khmer, Burmese) are cut into overlapping pairs of letters, which is what
/// full-text search of them does where there is no dictionary.
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut run: Option<(usize, usize)> = None;
    for (start, word) in text.unicode_word_indices() {
        let end = start + word.len();
        if word.chars().next().is_some_and(is_unspaced) {
            match &mut run {
                Some((_, until)) if *until == start => *until = end,
                _ => {
                    flush(text, &mut run, &mut words);
                    run = Some((start, end));
                }
            }
            continue;
        }
        flush(text, &mut run, &mut words);
        let word = strip_possessive(word);
        let term = stem(word);
        if !term.is_empty() {
            words.push(Word { text: word, start, term });
        }
    }
    flush(text, &mut run, &mut words);
    words
}

/// The term of a single word.
pub fn stem(word: &str) -> String {
    let plain: String = word
        .nfkd()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c) && c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    match lemma(&plain) {
        Some(lemma) => lemma.to_owned(),
        None if plain.is_ascii() => STEMMER.stem(&plain).into_owned(),
        None => plain,
    }
}

/// The terms of a text as the memory's full-text index takes them, separated by spaces.
pub fn index_terms(text: &str) -> String {
    let words = words(text);
    let mut terms = String::with_capacity(text.len());
    for word in &words {
        if !terms.is_empty() {
            terms.push(' ');
        }
        terms.push_str(&word.term);
    }
    terms
}

/// The terms to look for: each once, without stop words unless there are no others.
pub fn query_terms(text: &str) -> Vec<String> {
    let words = words(text);
    let mut terms: Vec<String> = Vec::new();
    for (place, word) in words.iter().enumerate() {
        // "How many", "how long", "how old": what is asked for, not what is spoken of.
        let asked = place > 0 && words[place - 1].text.eq_ignore_ascii_case("how");
        if !asked && !is_stop_word(word.text) && !terms.contains(&word.term) {
            terms.push(word.term.clone());
        }
    }
    if terms.is_empty() {
        for word in words {
            if !terms.contains(&word.term) {
                terms.push(word.term);
            }
        }
    }
    terms
}

/// Whether a word says so little that questions are better looked for without it.
pub fn is_stop_word(word: &str) -> bool {
    const STOP_WORDS: &[&str] = &[
        "a",
        "about",
        "above",
        "after",
        "again",
        "against",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "arent",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "can",
        "cannot",
        "cant",
        "could",
        "couldnt",
        "did",
        "didnt",
        "do",
        "does",
        "doesnt",
        "doing",
        "dont",
        "down",
        "during",
        "each",
        "few",
        "for",
        "from",
        "further",
        "had",
        "hadnt",
        "has",
        "hasnt",
        "have",
        "havent",
        "having",
        "he",
        "hed",
        "her",
        "here",
        "hers",
        "herself",
        "hes",
        "him",
        "himself",
        "his",
        "how",
        "i",
        "id",
        "if",
        "ill",
        "im",
        "in",
        "into",
        "is",
        "isnt",
        "it",
        "its",
        "itself",
        "ive",
        "just",
        "lets",
        "may",
        "me",
        "might",
        "more",
        "most",
        "my",
        "myself",
        "no",
        "nor",
        "not",
        "of",
        "off",
        "on",
        "once",
        "only",
        "or",
        "other",
        "our",
        "ours",
        "ourselves",
        "out",
        "over",
        "own",
        "same",
        "shall",
        "she",
        "shed",
        "shes",
        "should",
        "shouldnt",
        "so",
        "some",
        "such",
        "than",
        "that",
        "thats",
        "the",
        "their",
        "theirs",
        "them",
        "themselves",
        "then",
        "there",
        "theres",
        "these",
        "they",
        "theyre",
        "theyve",
        "this",
        "those",
        "through",
        "to",
        "too",
        "under",
        "until",
        "up",
        "us",
        "very",
        "was",
        "wasnt",
        "we",
        "were",
        "werent",
        "weve",
        "what",
        "whats",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "wont",
        "would",
        "wouldnt",
        "you",
        "youre",
        "your",
        "yours",
        "yourself",
        "youve",
    ];
    let plain: String =
        word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    STOP_WORDS.binary_search(&plain.as_str()).is_ok()
}

fn strip_possessive(word: &str) -> &str {
    ["'s", "’s", "'S", "’S"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word)
}

fn flush<'a>(text: &'a str, run: &mut Option<(usize, usize)>, words: &mut Vec<Word<'a>>) {
    let Some((start, end)) = run.take() else { return };
    let letters: Vec<(usize, char)> = text[start..end].char_indices().collect();
    let mut push = |from: usize, until: usize| {
        let pair = &text[start + from..start + until];
        let term = pair.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric());
        words.push(Word { text: pair, start: start + from, term: term.collect() });
    };
    if letters.len() == 1 {
        return push(0, end - start);
    }
    for (index, (from, _)) in letters.iter().enumerate().take(letters.len() - 1) {
        let until = letters.get(index + 2).map_or(end - start, |(offset, _)| *offset);
        push(*from, until);
    }
}

/// Whether a letter is of a script that does not put spaces between words, or whose words carry
/// their particles (Korean).
fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1100..=0x11FF | 0x1780..=0x17FF
        | 0x3040..=0x30FF | 0x3100..=0x312F | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.term).collect()
    }

    #[test]
    fn stems_so_that_forms_of_a_word_meet() {
        assert_eq!(terms("painting painted paints"), ["paint", "paint", "paint"]);
        assert_eq!(terms("went goes gone"), ["go", "go", "go"]);
        assert_eq!(terms("Zoë's café"), ["zoe", "cafe"]);
    }

    #[test]
    fn cuts_unspaced_scripts_into_pairs() {
        assert_eq!(terms("我去北京了"), ["我去", "去北", "北京", "京了"]);
        assert_eq!(terms("ok 猫 yes"), ["ok", "猫", "yes"]);
    }

    #[test]
    fn stop_words_are_sorted_for_the_binary_search() {
        assert!(is_stop_word("The") && is_stop_word("don't") && is_stop_word("a"));
        assert!(is_stop_word("youve") && !is_stop_word("paint"));
    }

    #[test]
    fn a_query_of_stop_words_alone_keeps_them() {
        assert_eq!(query_terms("who is it"), ["who", "is", "it"]);
        assert_eq!(query_terms("When did Ann paint?"), ["ann", "paint"]);
        assert_eq!(query_terms("How many cats has Ann?"), ["cat", "ann"]);
    }

    proptest::proptest! {
        #[test]
        fn words_stand_where_they_say(text in ".{0,80}") {
            for word in words(&text) {
                proptest::prop_assert_eq!(&text[word.start..word.end()], word.text);
            }
        }

        #[test]
        fn terms_hold_letters_and_digits_only(text in ".{0,80}") {
            for term in terms(&text) {
                proptest::prop_assert!(term.chars().all(char::is_alphanumeric), "{}", term);
            }
        }
    }
}
