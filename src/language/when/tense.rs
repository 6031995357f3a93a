//! Whether an expression of time lies ahead of the day on which it was said.

use crate::language::lemmas;
use regex::Regex;
use std::sync::LazyLock;

/// Words that tell of a plan by themselves, whatever the tense around them.
const PLANS: &[&str] = &[
    "will",
    "shall",
    "going",
    "gonna",
    "plan",
    "planning",
    "plans",
    "planned",
    "signed",
    "booked",
    "scheduled",
    "rescheduled",
    "postponed",
    "tickets",
    "appointment",
    "expires",
    "due",
    "deadline",
    "until",
    "till",
    "next",
    "upcoming",
    "turns",
    "starts",
    "starting",
    "flying",
    "moving",
    "leaving",
    "tomorrow",
    "gotta",
    "must",
    "should",
    "won't",
    "wont",
    "let's",
    "lets",
    "reminder",
    "remember",
    "remind",
    "hopefully",
];

/// Words of the present: with a time beside them they tell of what is to come.
const PRESENT: &[&str] = &[
    "is", "are", "am", "isn't", "aren't", "i'm", "we're", "you're", "they're", "he's", "she's",
    "it's", "that's", "can", "can't", "could", "may", "might", "leaves", "leave", "comes", "come",
    "arrives", "arrive", "begins", "begin", "start", "ends", "end", "opens", "open", "closes",
    "close", "lands", "returns", "return", "flies", "fly", "travels", "travel", "moves", "move",
    "goes", "go", "gets", "meets", "meet", "meeting", "finishes", "runs", "takes", "plays",
    "visits", "has", "have",
];

/// Verbs in the past that are no form which [`lemmas`] knows, or that end like no verb in the past.
const PAST: &[&str] = &[
    "was",
    "were",
    "wasn't",
    "weren't",
    "did",
    "didn't",
    "had",
    "hadn't",
    "been",
    "hurt",
    "read",
    "put",
    "cut",
    "hit",
    "let",
    "set",
    "ago",
    "last",
    "yesterday",
    "since",
];

/// Words that end as verbs of the past do and are none.
const NOT_PAST: &[&str] = &[
    "need",
    "red",
    "bed",
    "shed",
    "feed",
    "seed",
    "speed",
    "indeed",
    "wed",
    "excited",
    "tired",
    "worried",
    "supposed",
    "booked",
    "planned",
    "scheduled",
    "invited",
    "married",
    "need",
];

/// Where a clause ends: signs, and words that join two of them. A point inside of a number, and a
/// comma between a weekday and a date, are none.
static CLAUSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[!?;\n]|[.,]\s|\.$|\s(?:but|and|so|because|while|although)\s|\s[-–—]\s").ok()
});

/// Whether what is said `before` and `after` an expression of time, in its clause, tells that it
/// lies ahead.
pub(super) fn is_ahead(before: &str, after: &str) -> bool {
    let Some(clause) = CLAUSE.as_ref() else { return false };
    let from = clause.find_iter(before).last().map_or(0, |found| found.end());
    let until = clause.find(after).map_or(after.len(), |found| found.start());
    let words = |text: &str| -> Vec<String> {
        let apart = |c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’'));
        let words = text.split(apart).filter(|word| !word.is_empty());
        words.map(|word| word.to_lowercase().replace('’', "'")).collect()
    };
    let (before, after) = (words(&before[from..]), words(&after[..until]));
    let is = |known: &[&str], word: &String| known.contains(&word.as_str());
    let all = || before.iter().chain(&after);
    // "I booked it on 3 May" tells of a plan, "on 3 May I booked it" does not.
    if before.iter().any(|word| is(PLANS, word) || word.ends_with("'ll")) {
        return true;
    }
    if all().any(|word| is_past(word)) {
        return false;
    }
    after.iter().any(|word| is(PLANS, word) || word.ends_with("'ll"))
        || all().any(|word| is(PRESENT, word))
        || obliges(&before)
        || obliges(&after)
}

fn is_past(word: &str) -> bool {
    let regular = word.len() > 3 && word.ends_with("ed") && !NOT_PAST.contains(&word);
    PAST.contains(&word) || regular || lemmas::is_past(word)
}

/// "have to", "need to", "want to".
fn obliges(words: &[String]) -> bool {
    words.windows(2).any(|pair| {
        pair[1] == "to"
            && matches!(
                pair[0].as_str(),
                "have" | "has" | "need" | "needs" | "want" | "wants" | "ought" | "hope" | "hopes"
            )
    })
}
