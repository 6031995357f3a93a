//! Cutting a text into sentences.

use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// The sentences of a text as byte ranges, in order, without surrounding white space. Lines that
/// are left empty and list items end a sentence as a full stop does.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (start, piece) in text.split_sentence_bound_indices() {
        let mut offset = start;
        for line in piece.split_inclusive('\n') {
            let trimmed = line.trim();
            let begin = offset + (line.len() - line.trim_start().len());
            offset += line.len();
            if trimmed.is_empty() {
                continue;
            }
            let range = begin..begin + trimmed.len();
            // "Dr." and initials do not end a sentence.
            match ranges.last_mut() {
                Some(last)
                    if ends_in_abbreviation(&text[last.clone()])
                        && !line_break(text, last.end, range.start) =>
                {
                    last.end = range.end;
                }
                _ => ranges.push(range),
            }
        }
    }
    ranges
}

fn line_break(text: &str, from: usize, until: usize) -> bool {
    text[from..until].contains('\n')
}

fn ends_in_abbreviation(sentence: &str) -> bool {
    const ABBREVIATIONS: &[&str] = &[
        "Dr.", "Mr.", "Mrs.", "Ms.", "Prof.", "St.", "Mt.", "Jr.", "Sr.", "vs.", "e.g.", "i.e.",
        "approx.",
    ];
    sentence.split_whitespace().next_back().is_some_and(|last| ABBREVIATIONS.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn cuts_at_ends_and_lines() {
        assert_eq!(cut("I went. It was fun! Really?"), ["I went.", "It was fun!", "Really?"]);
        assert_eq!(cut("One\n[picture: a dog]"), ["One", "[picture: a dog]"]);
        assert_eq!(cut("I saw Dr. Seuss. Nice."), ["I saw Dr. Seuss.", "Nice."]);
        assert!(cut("  \n ").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn covers_all_but_white_space(text in ".{0,80}") {
            let cut: String = cut(&text).concat();
            let squeeze = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            proptest::prop_assert_eq!(squeeze(&cut), squeeze(&text));
        }
    }
}
