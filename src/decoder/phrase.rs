//! Brings a stretch of a turn to a whole phrase: nothing that is part of it is cut off, and nothing is
//! left at its ends that leans on what is no longer there.

use crate::language;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Words that need another one behind them: an answer does not end with one.
const OPEN_ENDED: &[&str] = &[
    "a", "an", "the", "and", "or", "but", "nor", "of", "to", "for", "with", "from", "at", "by",
    "in", "on", "into", "onto", "since", "because", "that", "which", "who", "whose", "when",
    "where", "while", "if", "than", "as", "like", "is", "are", "was", "were", "am", "be", "been",
    "my", "your", "his", "her", "its", "our", "their", "very", "so", "i", "we", "they", "he",
    "she", "has", "have", "had", "will", "would", "can", "could", "should", "must", "i'm", "we're",
    "they're", "it's", "she's", "he's", "i've", "we've",
];

/// Words that join an answer to what was before it: an answer does not begin with one.
const JOINING: &[&str] = &["and", "or", "but", "nor", "so", "then", "which", "that", "than"];

/// A line of a shell, an option, a path or a code: no space ends it as long as options follow.
static COMMAND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"`[^`\n]+`|(?:[\w./~@:=-]+ )*[\w./~@:=-]+(?: --?[A-Za-z][\w-]*(?:[= ][\w./~@:-]*\w)?)+",
    )
    .ok()
});

/// The whole phrase that a stretch of a text belongs to; `None` where nothing that says something is
/// in it.
pub(super) fn whole(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let mut range = trimmed(text, range.clone());
    range = leave_joining(text, range);
    range = widened(text, range);
    range = whole_code(text, range);
    range = with_exception(text, range);
    if let Some(command) = command_around(text, &range) {
        return Some(command);
    }
    range = balanced(text, range);
    let says = language::words(&text[range.clone()]);
    (!says.is_empty()).then_some(range)
}

/// The members of an enumeration that a stretch is one of, all of them: "head torch, two gas
/// cartridges, cards". The stretch alone, if it stands in none.
pub(super) fn enumeration(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    /// A longer part between two commas is a clause.
    const WORDS: usize = 6;
    // A mark inside of a number or a clock ("7:52") ends nothing.
    let ends = |at: usize, mark: &str| {
        mark == "\n" || text[at + mark.len()..].starts_with(char::is_whitespace)
    };
    let marks = ['\n', '.', '!', '?', ':', ';'];
    let line_start = text[..range.start]
        .rmatch_indices(marks)
        .find(|(at, mark)| ends(*at, mark))
        .map_or(0, |(at, mark)| at + mark.len());
    let line_end = text[range.end..]
        .match_indices(['\n', '!', '?', ';'])
        .map(|(at, _)| range.end + at)
        .next()
        .unwrap_or(text.len());
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut from = line_start;
    let line = &text[line_start..line_end];
    let breaks = line.match_indices([',']).map(|(at, mark)| (line_start + at, mark.len()));
    for (at, width) in breaks.chain(std::iter::once((line_end, 0))) {
        parts.push(from..at);
        from = at + width;
    }
    let is_member = |part: &Range<usize>| {
        let words = language::words(&text[part.clone()]);
        let has_verb = words.iter().any(|word| {
            let lower = word.text.to_lowercase();
            language::is_auxiliary(&lower) && !matches!(lower.as_str(), "of" | "for" | "in" | "on")
                || matches!(lower.as_str(), "i" | "we" | "she" | "he" | "they" | "mine" | "it")
        });
        !words.is_empty() && words.len() <= WORDS && !has_verb
    };
    let Some(own) = parts.iter().position(|part| part.start < range.end && range.start < part.end)
    else {
        return vec![range.clone()];
    };
    // A stretch inside a member, or across two members, is answered alone.
    let member = trimmed(text, parts[own].clone());
    if member.end != trimmed(text, range.clone()).end || (own > 0 && member.start != range.start) {
        return vec![range.clone()];
    }
    let first = (0..own).rev().take_while(|at| is_member(&parts[*at])).last().unwrap_or(own);
    let last = (own + 1..parts.len()).take_while(|at| is_member(&parts[*at])).last().unwrap_or(own);
    if last == first {
        return vec![range.clone()];
    }
    let members = (first..=last).filter_map(|at| {
        // The first part can begin before the enumeration does: the stretch says where.
        let part = if at == own && at == first {
            range.start.max(parts[at].start)..parts[at].end
        } else {
            parts[at].clone()
        };
        whole(text, &part)
    });
    members.collect()
}

/// The number in a stretch, without what is only beside it: "40" of "40 lengths today".
pub(super) fn number_in(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let words = language::words(&text[range.clone()]);
    let first = words.iter().position(|word| is_number_word(word.text))?;
    let run = words[first..].iter().take_while(|word| is_number_word(word.text)).last()?;
    Some(range.start + words[first].start..range.start + run.end())
}

/// Whether a text holds a number, in digits or words.
pub(super) fn has_number(text: &str) -> bool {
    language::words(text).iter().any(|word| is_number_word(word.text))
}

/// Whether a text is nothing but numbers.
pub(super) fn is_number(text: &str) -> bool {
    let words = language::words(text);
    !words.is_empty() && words.iter().all(|word| is_number_word(word.text))
}

/// Whether a word says which one of several: "third", "22nd".
pub(super) fn is_ordinal(word: &str) -> bool {
    let lower = word.to_lowercase();
    let digits = lower.trim_start_matches(|c: char| c.is_ascii_digit());
    (digits.len() < lower.len() && matches!(digits, "st" | "nd" | "rd" | "th"))
        || matches!(
            lower.as_str(),
            "first"
                | "second"
                | "third"
                | "fourth"
                | "fifth"
                | "sixth"
                | "seventh"
                | "eighth"
                | "ninth"
                | "tenth"
                | "ground"
                | "top"
                | "last"
        )
}

pub(super) fn is_number_word(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower.chars().any(|c| c.is_ascii_digit())
        || matches!(
            lower.as_str(),
            "once"
                | "twice"
                | "dozen"
                | "couple"
                | "half"
                | "hundred"
                | "thousand"
                | "million"
                | "several"
                | "few"
        )
        || lower.ends_with("teen")
        || lower.ends_with("ty") && language::number(lower.trim_end_matches("ty")).is_some()
        || (lower != "a" && lower != "an" && language::number(&lower).is_some())
}

/// Without white space and marks at the ends; a closing mark that belongs to an opened one stays.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let is_loose = |c: char| {
        c.is_whitespace() || matches!(c, '.' | ',' | '!' | ';' | ':' | '?' | '—' | '–' | '…' | '-')
    };
    let part = &text[range.clone()];
    let from =
        range.start + (part.len() - part.trim_start_matches(|c| is_loose(c) && c != '-').len());
    let part = &text[from.min(range.end)..range.end];
    from..from + part.trim_end_matches(is_loose).len()
}

/// Without joining words at the beginning and words at the end that need another.
fn leave_joining(text: &str, mut range: Range<usize>) -> Range<usize> {
    loop {
        let words = language::words(&text[range.clone()]);
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return range };
        if words.len() == 1 {
            return range;
        }
        let lower = |word: &language::Word<'_>| word.text.to_lowercase().replace('’', "'");
        let ends_sentence = text[range.end..].trim_start().is_empty()
            || text[range.end..].starts_with(['.', '!', '?', '\n', ',', ';']);
        if JOINING.contains(&lower(first).as_str()) {
            range.start += words[1].start;
        } else if OPEN_ENDED.contains(&lower(last).as_str()) && last.text != "I" && !ends_sentence {
            let before = &words[words.len() - 2];
            range.end = range.start + before.end();
            range = trimmed(text, range);
        } else {
            return range;
        }
    }
}

/// With the signs that belong to a sum: "$" before it, "%" or "€" after it.
fn widened(text: &str, range: Range<usize>) -> Range<usize> {
    let sign = |c: &char| matches!(c, '$' | '€' | '£' | '¥' | '#' | '@' | '~' | '+');
    let before = text[..range.start].chars().next_back().filter(sign).map_or(0, char::len_utf8);
    let after = &text[range.end..];
    let after = match after.chars().next() {
        Some(c @ ('%' | '€' | '°' | '£')) => c.len_utf8(),
        Some(' ') if after[1..].starts_with(['€', '%', '£']) => {
            1 + after[1..].chars().next().map_or(0, char::len_utf8)
        }
        _ => 0,
    };
    range.start - before..range.end + after
}

/// With the rest of a code or a compound that it is part of: "plane-77-oak".
fn whole_code(text: &str, range: Range<usize>) -> Range<usize> {
    let joins = |c: char| matches!(c, '-' | '_' | '/' | '@' | '.' | ':' | '\\');
    let is_part = |c: char| c.is_alphanumeric() || joins(c);
    let before = &text[..range.start];
    let own = before.trim_end_matches(is_part).len();
    let glued = before.ends_with(joins) && before[own..].contains(char::is_alphanumeric);
    let start = if glued { own } else { range.start };
    let after = &text[range.end..];
    let rest = after.len() - after.trim_start_matches(is_part).len();
    let tail = after[..rest].trim_end_matches(['.', ':', '-', '/']);
    let glued = tail.starts_with(joins) && tail.contains(char::is_alphanumeric);
    start..if glued { range.end + tail.len() } else { range.end }
}

/// A stretch without a further clause behind a comma that speaks of something else: "Brno, mine are from
/// Cork".
pub(super) fn one_clause(text: &str, range: Range<usize>) -> Range<usize> {
    const SUBJECTS: &[&str] = &[
        "i", "we", "you", "he", "she", "they", "it", "mine", "his", "hers", "theirs", "ours",
        "yours", "there", "this", "that",
    ];
    let part = &text[range.clone()];
    let clause = part.match_indices(", ").find(|(at, _)| {
        let rest = language::words(&part[at + 2..]);
        let mut rest = rest.iter().map(|word| word.text.to_lowercase());
        let first = rest.next().unwrap_or_default();
        let subject = if matches!(first.as_str(), "and" | "but" | "so") {
            rest.next().unwrap_or_default()
        } else {
            first
        };
        SUBJECTS.contains(&subject.as_str())
    });
    match clause {
        Some((at, _)) if at > 0 => range.start..range.start + at,
        _ => range,
    }
}

/// Of a stretch of several clauses with numbers, the one that speaks of what is asked for: "the insurance
/// will refund half", asked how much is refunded, or its number where that follows at once. `terms` are
/// those of the question.
pub(super) fn clause_of(text: &str, range: Range<usize>, terms: &[String]) -> Range<usize> {
    let mut clauses: Vec<(usize, Range<usize>)> = Vec::new();
    let mut from = range.start;
    for part in text[range.clone()].split_inclusive(", ") {
        let clause = trimmed(text, from..from + part.len());
        from += part.len();
        let words = language::words(&text[clause.clone()]);
        let asked = words.iter().filter(|word| terms.contains(&word.term)).count();
        let numbered = words.iter().any(|word| is_number_word(word.text));
        clauses.push((if numbered { asked } else { 0 }, clause));
    }
    let most = clauses.iter().map(|(asked, _)| *asked).max().unwrap_or(0);
    let mut best = clauses.iter().filter(|(asked, _)| *asked == most);
    match (best.next(), best.next()) {
        (Some((1.., clause)), None) if clauses.len() > 1 => {
            after_asked(text, clause.clone(), terms)
        }
        _ => range,
    }
}

/// Of a clause, the number that follows what is asked for: "half" of "the insurance will refund half".
fn after_asked(text: &str, clause: Range<usize>, terms: &[String]) -> Range<usize> {
    let words = language::words(&text[clause.clone()]);
    let last = words.iter().rposition(|word| terms.contains(&word.term));
    match last.and_then(|last| words.get(last + 1)) {
        Some(next) if is_number_word(next.text) => clause.start + next.start..clause.end,
        _ => clause,
    }
}

/// Verbs between a thing and what is said of it.
const LINKS: &[&str] = &[
    "came from",
    "comes from",
    "is caused by",
    "was caused by",
    "were caused by",
    "is due to",
    "was due to",
    "is because of",
    "was because of",
    "is called",
    "was called",
    "is named",
    "is",
    "was",
    "are",
    "were",
];

/// A stretch without a beginning that only repeats the question: "a cache" of "the memory leak came from
/// a cache", asked what the memory leak came from. `terms` are those of the question.
pub(super) fn without_repetition(
    text: &str,
    range: Range<usize>,
    terms: &[String],
) -> Range<usize> {
    let part = &text[range.clone()];
    let words = language::words(part);
    let asked = |word: &language::Word<'_>| terms.contains(&word.term);
    let repeats = |word: &&language::Word<'_>| asked(word) || language::is_stop_word(word.text);
    let repeated = words.iter().take_while(repeats).count();
    let Some(last) = words[..repeated].iter().rposition(asked) else { return range };
    let rest = part[words[last].end()..].trim_start();
    let lower = rest.to_lowercase();
    let is_link =
        |link: &&&str| lower.strip_prefix(**link).is_some_and(|after| after.starts_with(' '));
    let Some(link) = LINKS.iter().find(is_link) else { return range };
    let Some(said) = rest.get(link.len()..) else { return range };
    let said = said.trim_start();
    let says = language::words(said);
    let is_new = says.iter().any(|word| !asked(word) && !language::is_stop_word(word.text));
    if is_new { range.end - said.len()..range.end } else { range }
}

/// With what is said to be missing: "a cache without an upper bound". Without it, the opposite may be
/// said.
fn with_exception(text: &str, range: Range<usize>) -> Range<usize> {
    const MOST: usize = 5;
    const ENDS: &[&str] = &[
        "in", "on", "at", "for", "and", "but", "or", "since", "because", "which", "that", "when",
        "to", "so", "until", "if", "from", "by", "while",
    ];
    let after = &text[range.end..];
    if !after.to_lowercase().starts_with(" without ") {
        return range;
    }
    let clause = after.find(['.', ',', ';', ':', '!', '?', '\n', '(']).unwrap_or(after.len());
    let words = language::words(&after[..clause]);
    let inside = |word: &&language::Word<'_>| !ENDS.contains(&word.text.to_lowercase().as_str());
    let taken = words.iter().take(1 + MOST).take_while(inside).last();
    taken.map_or(range.clone(), |word| range.start..range.end + word.end())
}

/// The command that a stretch is part of, whole.
fn command_around(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let found = COMMAND.as_ref()?.find_iter(text).find(|found| {
        let held = found.range();
        held.start < range.end && range.start < held.end
    })?;
    let found = found.range();
    if text[found.clone()].starts_with('`') {
        // Part of what was said beside code is no code.
        let inner = found.start + 1..found.end - 1;
        return (range.start >= found.start && range.end <= found.end).then_some(inner);
    }
    // Words before a command belong to it as far as the reader said.
    let start = if range.start > found.start && !text[found.start..range.start].contains(" -") {
        range.start
    } else {
        found.start.max(range.start.min(found.start))
    };
    let start = if text[start..].starts_with('-') { found.start } else { start };
    // What follows a colon is the command from its first word.
    let line = text[..start].rfind(": ").map(|at| at + 2).filter(|line| *line >= found.start);
    let short = |line: &usize| text[*line..start].split_whitespace().count() <= 3;
    let start = line.filter(short).unwrap_or(start);
    Some(start.min(range.start)..found.end.max(range.end))
}

/// With both of a pair of quotes or brackets, or with neither.
fn balanced(text: &str, mut range: Range<usize>) -> Range<usize> {
    for (open, close) in [('(', ')'), ('“', '”'), ('[', ']'), ('"', '"')] {
        let part = &text[range.clone()];
        let opened = part.matches(open).count();
        let closed = if open == close { opened / 2 } else { part.matches(close).count() };
        let opened = if open == close { opened.div_ceil(2) } else { opened };
        if opened > closed {
            let rest = &text[range.end..];
            let line = rest.split('\n').next().unwrap_or_default();
            match line.find(close).filter(|at| *at < 40) {
                Some(at) => range.end += at + close.len_utf8(),
                None => {
                    if let Some(at) = part.rfind(open) {
                        if part[..at].trim().is_empty() {
                            range.start += at + open.len_utf8();
                        } else {
                            range.end = range.start + at;
                        }
                    }
                }
            }
        } else if closed > opened
            && let Some(at) = part.find(close)
        {
            if part[at + close.len_utf8()..].trim().is_empty() {
                range.end = range.start + at;
            } else if part[..at].trim().is_empty() {
                range.start += at + close.len_utf8();
            }
        }
        range = trimmed(text, range);
    }
    // A whole quotation is told without its marks.
    for (open, close) in [('“', '”'), ('"', '"')] {
        let part = &text[range.clone()];
        if let Some(inner) = part.strip_prefix(open).and_then(|rest| rest.strip_suffix(close))
            && !inner.contains(open)
            && !inner.contains(close)
        {
            let start = range.start + open.len_utf8();
            range = start..start + inner.len();
        }
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, part: &str, expected: &str) {
        let at = text.find(part).unwrap();
        let made = whole(text, &(at..at + part.len())).map(|range| &text[range]);
        assert_eq!(made, Some(expected), "{part}");
    }

    #[test]
    fn nothing_is_left_that_leans_on_what_is_gone() {
        let text = "I weigh 71.4 kg since this morning and want to be at 70.";
        check(text, "71.4 kg since", "71.4 kg");
        check("it was old, and very loud", "and very loud", "very loud");
    }

    #[test]
    fn of_several_clauses_the_one_with_what_is_asked_counts() {
        let text = "86 euros on 20 November, the insurance will refund half";
        for (terms, expected) in [
            ("refund", "half"),
            ("euro", "86 euros on 20 November"),
            ("euro refund", text),
            ("kettl", text),
        ] {
            let terms: Vec<String> = terms.split(' ').map(str::to_owned).collect();
            assert_eq!(&text[clause_of(text, 0..text.len(), &terms)], expected, "{terms:?}");
        }
        assert_eq!(clause_of("two, or three", 0..13, &["two".into()]), 0..3);
    }

    #[test]
    fn what_is_missing_belongs_to_the_thing() {
        let text = "The memory leak came from a cache without an upper bound in session_store.";
        check(text, "a cache", "a cache without an upper bound");
        check("tea without milk, please", "tea", "tea without milk");
        check("we left without him", "we", "we");
    }

    #[test]
    fn a_beginning_that_repeats_the_question_is_left_out() {
        for (text, terms, expected) in [
            ("The memory leak came from a cache", "memori leak caus", "a cache"),
            ("the kettle is blue", "colour kettl", "blue"),
            ("The Kettle was made in Delft", "kettl made", "made in Delft"),
            ("the kettle is", "kettl", "the kettle is"),
            ("blue, as the kettle is", "kettl", "blue, as the kettle is"),
            ("Ann is my sister", "kettl", "Ann is my sister"),
        ] {
            let terms: Vec<String> = terms.split(' ').map(str::to_owned).collect();
            let range = without_repetition(text, 0..text.len(), &terms);
            assert_eq!(&text[range], expected, "{text}");
        }
    }

    #[test]
    fn commands_come_whole() {
        let text = "To deploy staging: just ship staging --no-cache --region eu-2";
        check(text, "just ship staging", "just ship staging --no-cache --region eu-2");
        check(
            text,
            "just ship staging --no-cache --region",
            "just ship staging --no-cache --region eu-2",
        );
        check("run `cargo test --locked` first", "cargo test", "cargo test --locked");
        check("use backup --threads 4 then", "backup", "backup --threads 4");
        check(text, "ship staging", "just ship staging --no-cache --region eu-2");
    }

    #[test]
    fn quotes_and_brackets_are_pairs() {
        check("I read “The Long Ditch” at once", "“The Long Ditch", "The Long Ditch");
        check("at the mill (the old one) there", "the mill (the old", "the mill (the old one)");
        check("we paid 482.50 € for it", "482.50", "482.50 €");
        check("about $5, I think", "5", "$5");
    }

    #[test]
    fn codes_come_whole_and_other_clauses_do_not_come() {
        check("network sawdust, password plane-77-oak", "77-oak", "plane-77-oak");
        check("in session_store, I think", "session", "session_store");
        check("It is at work. Then", "work", "work");
        let text = "They are from Brno, mine are from Cork.";
        let at = text.find("Brno").unwrap();
        assert_eq!(&text[one_clause(text, at..text.len())], "Brno");
        assert_eq!(&text[one_clause(text, 0..text.len())], "They are from Brno");
        let text = "red, blue";
        assert_eq!(one_clause(text, 0..text.len()), 0..text.len());
    }

    #[test]
    fn an_enumeration_comes_whole() {
        let text = "Packing list: headlamp, rain jacket, two pairs of wool socks, power bank";
        let at = text.find("rain jacket").unwrap();
        let members = enumeration(text, &(at..at + 11));
        let members: Vec<&str> = members.into_iter().map(|range| &text[range]).collect();
        assert_eq!(members, ["headlamp", "rain jacket", "two pairs of wool socks", "power bank"]);
        let text = "Pavel's parents are from Brno, mine are from Cork.";
        let at = text.find("Brno").unwrap();
        let alone = enumeration(text, &(at..at + 4));
        assert_eq!((alone.len(), alone[0].clone()), (1, at..at + 4));
    }

    #[test]
    fn a_number_is_told_without_what_is_beside_it() {
        let text = "Swam 40 lengths today in 32 minutes";
        assert_eq!(number_in(text, &(5..text.len())).map(|range| &text[range]), Some("40"));
    }

    #[test]
    fn ordinals_say_which_one() {
        assert!(["third", "22nd", "Ground"].iter().all(|word| is_ordinal(word)));
        assert!(["three", "22", "and", "nd", "flat"].iter().all(|word| !is_ordinal(word)));
    }

    #[test]
    fn numbers_are_known_in_words() {
        for text in ["40", "£1,200", "three", "twice", "sixteen", "half", "seventy"] {
            assert!(has_number(text), "{text}");
        }
        for text in ["a boat", "Ida", "party"] {
            assert!(!has_number(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_stretch_of_any_text_stays_in_it(
            text in "([a-z]{1,4}|and|the|-|--x|`|\"|“|”|\\(|\\)|€|é|北|\\.|,|\\n|[0-9]| ){0,20}",
            from in 0_usize..40, length in 0_usize..30,
        ) {
            let from = text.floor_char_boundary(from.min(text.len()));
            let until = text.floor_char_boundary((from + length).min(text.len()));
            if let Some(range) = whole(&text, &(from..until)) {
                proptest::prop_assert!(text.get(range.clone()).is_some() && !range.is_empty());
            }
        }
    }
}
