//! The stemmer of the measure: Porter's of 1980, as answers are scored with it.
//!
//! It is not the search's, which is `language`'s: changing that one must not move the measure. It
//! follows the variant by which earlier figures were made, so that they stay comparable; the
//! differences to the paper are in the fourth step, where `sion` and `tion` count as suffixes of
//! their own and lose only `ion`.

/// Step 2: what is put in the place of a suffix where something is left of it.
const SECOND: &[(&str, &str)] = &[
    ("ational", "ate"),
    ("ization", "ize"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("tional", "tion"),
    ("biliti", "ble"),
    ("entli", "ent"),
    ("ousli", "ous"),
    ("ation", "ate"),
    ("alism", "al"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("abli", "able"),
    ("alli", "al"),
    ("ator", "ate"),
    ("eli", "e"),
];

/// Step 3.
const THIRD: &[(&str, &str)] = &[
    ("icate", "ic"),
    ("ative", ""),
    ("alize", "al"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ness", ""),
    ("ful", ""),
];

/// Step 4: what falls off a long word.
const FOURTH: &[(&str, &str)] = &[
    ("ement", ""),
    ("ance", ""),
    ("ence", ""),
    ("able", ""),
    ("ible", ""),
    ("ment", ""),
    ("sion", "s"),
    ("tion", "t"),
    ("ant", ""),
    ("ent", ""),
    ("ism", ""),
    ("ate", ""),
    ("iti", ""),
    ("ous", ""),
    ("ive", ""),
    ("ize", ""),
    ("al", ""),
    ("er", ""),
    ("ic", ""),
    ("ou", ""),
];

/// Returns the stem of a word in lower case.
pub(super) fn stem(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() <= 2 {
        return word.to_owned();
    }
    plural(&mut letters);
    past(&mut letters);
    if ends(&letters, "y") && has_vowel(&letters[..letters.len() - 1]) {
        replace(&mut letters, 1, "i");
    }
    longest(&mut letters, SECOND, 0);
    longest(&mut letters, THIRD, 0);
    longest(&mut letters, FOURTH, 1);
    if let Some(('e', rest)) = letters.split_last() {
        let long = measure(rest);
        if long > 1 || (long == 1 && !ends_short(rest)) {
            letters.pop();
        }
    }
    if ends(&letters, "l") && ends_double(&letters) && measure(&letters) > 1 {
        letters.pop();
    }
    letters.into_iter().collect()
}

/// Step 1a: `caresses` to `caress`, `ponies` to `poni`, `cats` to `cat`.
fn plural(letters: &mut Vec<char>) {
    if ends(letters, "sses") || ends(letters, "ies") {
        replace(letters, 2, "");
    } else if ends(letters, "s") && !ends(letters, "ss") {
        letters.pop();
    }
}

/// Step 1b: `agreed` to `agree`, `hopping` to `hop`, `filing` to `file`.
fn past(letters: &mut Vec<char>) {
    if ends(letters, "eed") {
        if measure(&letters[..letters.len() - 3]) > 0 {
            letters.pop();
        }
        return;
    }
    for suffix in ["ed", "ing"] {
        if !ends(letters, suffix) || !has_vowel(&letters[..letters.len() - suffix.len()]) {
            continue;
        }
        replace(letters, suffix.len(), "");
        if ["at", "bl", "iz"].iter().any(|end| ends(letters, end)) {
            letters.push('e');
        } else if ends_double(letters) && !matches!(letters.last(), Some('l' | 's' | 'z')) {
            letters.pop();
        } else if measure(letters) == 1 && ends_short(letters) {
            letters.push('e');
        }
        return;
    }
}

/// Replaces the longest suffix of a table, if what stands before it measures more than `least`.
/// A shorter suffix is not tried after it. The table is sorted by length, the longest first.
fn longest(letters: &mut Vec<char>, table: &[(&str, &str)], least: usize) {
    let Some((suffix, new)) = table.iter().find(|(suffix, _)| ends(letters, suffix)) else {
        return;
    };
    // Of `tion` the `t` stays, and belongs to what is measured.
    let kept = if least > 0 { new.len() } else { 0 };
    if measure(&letters[..letters.len() - suffix.len() + kept]) > least {
        replace(letters, suffix.len(), new);
    }
}

fn ends(letters: &[char], suffix: &str) -> bool {
    let mut before = letters.iter().rev();
    suffix.chars().rev().all(|c| before.next() == Some(&c))
}

fn replace(letters: &mut Vec<char>, cut: usize, new: &str) {
    letters.truncate(letters.len() - cut);
    letters.extend(new.chars());
}

/// Tells for each letter whether it is a consonant. A `y` is one at the beginning and after a vowel.
fn consonants(letters: &[char]) -> Vec<bool> {
    let mut consonants: Vec<bool> = Vec::with_capacity(letters.len());
    for letter in letters {
        consonants.push(match letter {
            'a' | 'e' | 'i' | 'o' | 'u' => false,
            'y' => !consonants.last().copied().unwrap_or(false),
            _ => true,
        });
    }
    consonants
}

/// Returns how often consonants follow on vowels: Porter's m.
fn measure(letters: &[char]) -> usize {
    consonants(letters).windows(2).filter(|pair| !pair[0] && pair[1]).count()
}

fn has_vowel(letters: &[char]) -> bool {
    consonants(letters).contains(&false)
}

/// Whether it ends with the same consonant twice.
fn ends_double(letters: &[char]) -> bool {
    match letters {
        [.., one, other] => one == other && consonants(letters).last() == Some(&true),
        _ => false,
    }
}

/// Whether it ends with consonant, vowel, consonant, the last none of `w`, `x` and `y`.
fn ends_short(letters: &[char]) -> bool {
    matches!(consonants(letters).as_slice(), [.., true, false, true])
        && !matches!(letters.last(), Some('w' | 'x' | 'y'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems() {
        for (word, expected) in [
            ("as", "as"),
            ("caresses", "caress"),
            ("ponies", "poni"),
            ("ties", "ti"),
            ("cats", "cat"),
            ("feed", "feed"),
            ("agreed", "agre"),
            ("plastered", "plaster"),
            ("bled", "bled"),
            ("sing", "sing"),
            ("conflated", "conflat"),
            ("troubled", "troubl"),
            ("sized", "size"),
            ("hopping", "hop"),
            ("falling", "fall"),
            ("fizzed", "fizz"),
            ("filing", "file"),
            ("happy", "happi"),
            ("sky", "sky"),
            ("yyy", "yyi"),
            ("relational", "relat"),
            ("rational", "ration"),
            ("valenci", "valenc"),
            ("vietnamization", "vietnam"),
            ("hopefulness", "hope"),
            ("triplicate", "triplic"),
            ("electrical", "electr"),
            ("goodness", "good"),
            ("replacement", "replac"),
            ("adoption", "adopt"),
            ("decision", "decis"),
            ("nation", "nation"),
            ("opinion", "opinion"),
            ("communism", "commun"),
            ("effective", "effect"),
            ("probate", "probat"),
            ("rate", "rate"),
            ("cease", "ceas"),
            ("controlling", "control"),
            ("roll", "roll"),
            ("cafés", "café"),
            ("2022", "2022"),
        ] {
            assert_eq!(stem(word), expected, "{word}");
        }
    }

    #[test]
    fn the_longest_suffix_comes_first() {
        for table in [SECOND, THIRD, FOURTH] {
            let lengths: Vec<usize> = table.iter().map(|(suffix, _)| suffix.len()).collect();
            assert!(lengths.is_sorted_by(|one, next| one >= next), "{lengths:?}");
        }
    }
}
