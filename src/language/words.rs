//! Words and their stems: the terms that are indexed and looked for.

use super::lemmas::lemma;
use rust_stemmers::{Algorithm, Stemmer};
use std::cell::RefCell;
use std::collections::HashMap;
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
    cut(text, |piece, start, text| {
        if let Some(term) = piece.term(text) {
            words.push(Word { text, start, term });
        }
    });
    words
}

/// What is told of the words of many texts. Most of the words of a talk are the same few, so each
/// different word is brought to its term, and told of, only once.
///
/// Sees the same words as [`words`].
pub struct Told<'t, T, F> {
    of: F,
    known: HashMap<(Piece, &'t str), Option<T>>,
}

impl<'t, T: Copy, F: Fn(&str, &str) -> T> Told<'t, T, F> {
    /// Begins with nothing known. `of` tells of a word as it stands and its term.
    pub fn new(of: F) -> Self {
        Self { of, known: HashMap::new() }
    }

    /// Feeds what is told of every word of a text to `visit`, in order.
    pub fn each(&mut self, text: &'t str, mut visit: impl FnMut(T)) {
        cut(text, |piece, _, text| {
            let known = self.known.entry((piece, text));
            let told = known.or_insert_with(|| Some((self.of)(text, &piece.term(text)?)));
            if let Some(told) = *told {
                visit(told);
            }
        });
    }
}

/// How a piece of a text was cut out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Piece {
    /// Between spaces and signs.
    Word,
    /// As a pair of neighbouring letters.
    Pair,
}

impl Piece {
    /// The term of a piece; `None` where nothing is left of a word.
    fn term(self, text: &str) -> Option<String> {
        match self {
            Self::Word => Some(stem(text)).filter(|term| !term.is_empty()),
            Self::Pair => {
                let letters = text.nfkc().flat_map(char::to_lowercase);
                Some(letters.filter(|c| c.is_alphanumeric()).collect())
            }
        }
    }
}

/// Feeds the pieces of a text to `visit`, in order: how it was cut, its first byte, itself.
fn cut<'t>(text: &'t str, mut visit: impl FnMut(Piece, usize, &'t str)) {
    let mut run: Option<(usize, usize)> = None;
    for (start, word) in text.unicode_word_indices() {
        let end = start + word.len();
        if word.chars().next().is_some_and(is_unspaced) {
            match &mut run {
                Some((_, until)) if *until == start => *until = end,
                _ => {
                    cut_pairs(text, &mut run, &mut visit);
                    run = Some((start, end));
                }
            }
            continue;
        }
        cut_pairs(text, &mut run, &mut visit);
        visit(Piece::Word, start, strip_possessive(word));
    }
    cut_pairs(text, &mut run, &mut visit);
}

fn cut_pairs<'t>(
    text: &'t str,
    run: &mut Option<(usize, usize)>,
    visit: &mut impl FnMut(Piece, usize, &'t str),
) {
    let Some((start, end)) = run.take() else { return };
    let letters: Vec<(usize, char)> = text[start..end].char_indices().collect();
    let mut pair = |from: usize, until: usize| {
        visit(Piece::Pair, start + from, &text[start + from..start + until]);
    };
    if letters.len() == 1 {
        return pair(0, end - start);
    }
    for (index, (from, _)) in letters.iter().enumerate().take(letters.len() - 1) {
        let until = letters.get(index + 2).map_or(end - start, |(offset, _)| *offset);
        pair(*from, until);
    }
}

/// The term of a single word.
pub fn stem(word: &str) -> String {
    let plain: String = if word.is_ascii() {
        // What the other way comes to, without the tables of Unicode.
        word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    } else {
        word.nfkd()
            .filter(|c| !('\u{300}'..='\u{36f}').contains(c) && c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    match lemma(&plain) {
        Some(lemma) => lemma.to_owned(),
        None if plain.is_ascii() => STEMMER.stem(&plain).into_owned(),
        None => plain,
    }
}

/// So many words are known again before all are forgotten.
const KNOWN_WORDS: usize = 1 << 15;

thread_local! {
    /// The terms of the words that were met last: an import meets the same few again and again, and
    /// stemming one takes longer than looking it up.
    static KNOWN: RefCell<HashMap<Box<str>, Box<str>>> = RefCell::default();
}

/// The terms of a text as the memory's full-text index takes them, separated by spaces.
pub fn index_terms(text: &str) -> String {
    /// A longer word is hardly met twice.
    const LONGEST: usize = 24;
    let mut terms = String::with_capacity(text.len());
    let mut add = |term: &str| {
        if !terms.is_empty() {
            terms.push(' ');
        }
        terms.push_str(term);
    };
    KNOWN.with_borrow_mut(|known| {
        cut(text, |piece, _, word| {
            if piece != Piece::Word || word.len() > LONGEST {
                piece.term(word).iter().for_each(|term| add(term));
                return;
            }
            if let Some(term) = known.get(word) {
                // Nothing is left of some words.
                if !term.is_empty() {
                    add(term);
                }
                return;
            }
            let term = piece.term(word).unwrap_or_default();
            if !term.is_empty() {
                add(&term);
            }
            if known.len() >= KNOWN_WORDS {
                known.clear();
            }
            known.insert(word.into(), term.into());
        });
    });
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

/// Words that say so little that questions are better looked for without them; sorted by their bytes. Written
/// without an apostrophe, as [`is_stop_word`] compares them. *I'll*, *she'd* and *I'd* are not among them:
/// without theirs they are *ill*, *shed* and *id*.
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
    "if",
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
    "your",
    "youre",
    "yours",
    "yourself",
    "youve",
];

/// Whether a word says so little that questions are better looked for without it.
pub fn is_stop_word(word: &str) -> bool {
    let plain: String =
        word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let is_contraction =
        word.contains(['\'', '’']) && matches!(plain.as_str(), "ill" | "shed" | "id");
    is_contraction || STOP_WORDS.binary_search(&plain.as_str()).is_ok()
}

fn strip_possessive(word: &str) -> &str {
    ["'s", "’s", "'S", "’S"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word)
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
        for pair in STOP_WORDS.windows(2) {
            assert!(pair[0] < pair[1], "{} comes before {}", pair[1], pair[0]);
        }
        // The search finds each of them, however it is written.
        assert!(STOP_WORDS.iter().all(|word| is_stop_word(word)));
        assert!(is_stop_word("The") && is_stop_word("don't") && is_stop_word("she’s"));
        assert!(is_stop_word("I'll") && is_stop_word("I’d") && is_stop_word("she'd"));
    }

    #[test]
    fn words_that_only_look_like_stop_words_are_looked_for() {
        for word in ["ill", "shed", "id", "paint"] {
            assert!(!is_stop_word(word), "{word}");
        }
        assert_eq!(query_terms("who was ill in the shed"), ["ill", "shed"]);
    }

    #[test]
    fn a_query_of_stop_words_alone_keeps_them() {
        assert_eq!(query_terms("who is it"), ["who", "is", "it"]);
        assert_eq!(query_terms("When did Ann paint?"), ["ann", "paint"]);
        assert_eq!(query_terms("How many cats has Ann?"), ["cat", "ann"]);
    }

    proptest::proptest! {
        #[test]
        fn what_is_told_is_of_the_same_words(texts in proptest::collection::vec("([a-zA-Zé']{1,3}|北|京|ก|ำ| |’s|-){0,12}", 1..6)) {
            let of = |word: &str, term: &str| (word.len(), term.len(), term.bytes().next());
            let mut told = Told::new(of);
            for text in &texts {
                let mut seen = Vec::new();
                told.each(text, |one| seen.push(one));
                let words = words(text);
                let expected: Vec<_> = words.iter().map(|word| of(word.text, &word.term)).collect();
                proptest::prop_assert_eq!(seen, expected);
            }
        }

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
