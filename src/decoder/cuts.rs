//! Things that can be told by their form alone: spans of time, numbers, titles, denials. All other
//! answers are cut by [`candidates`](super::candidates).

use super::evidence::Sentence;
use crate::language::{self, Word};
use jiff::Unit;
use jiff::civil::Date;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// A span of time: "for 4 years", "three months".
pub(super) fn duration(sentence: &Sentence<'_>) -> Option<String> {
    let text = sentence.text();
    if let Some(found) = DURATION.as_ref()?.captures(text) {
        return Some(found.get(1)?.as_str().to_owned());
    }
    since(text, sentence.hit.turn.said_at?.civil().date())
}

/// "Since 2016", said in 2023, is 7 years; "since March", said in May, is 2 months.
fn since(text: &str, said: Date) -> Option<String> {
    let at = SINCE.as_ref()?.find(text)?;
    let when = language::times(text, said)
        .into_iter()
        .find(|when| when.range.end > at.end() && when.range.start <= at.end() + REACH)?;
    let whole = |unit: Unit| when.first.until((unit, said)).ok();
    let (count, unit) = if when.first.year() != said.year() && spans_year(&when) {
        // Where only the year is known, months would claim too much.
        (i64::from(said.year()) - i64::from(when.first.year()), "year")
    } else if let Some(years) = whole(Unit::Year).map(|span| span.get_years()).filter(|n| *n > 0) {
        (i64::from(years), "year")
    } else if let Some(months) = whole(Unit::Month).map(|s| s.get_months()).filter(|n| *n > 0) {
        (i64::from(months), "month")
    } else {
        (i64::from(whole(Unit::Day)?.get_days()), "day")
    };
    let plural = if count == 1 { "" } else { "s" };
    (count > 0).then(|| format!("{count} {unit}{plural}"))
}

fn spans_year(when: &language::When) -> bool {
    when.first.year() == when.last.year() && when.first.month() == 1 && when.last.month() == 12
}

/// How many bytes may stand between "since" and its time: "since early last year".
const REACH: usize = 12;

/// Whether a text that was said on that day tells how long something took or has been going on.
pub(super) fn has_duration(text: &str, said: Option<Date>) -> bool {
    DURATION.as_ref().is_some_and(|pattern| pattern.is_match(text))
        || said.is_some_and(|said| since(text, said).is_some())
}

static DURATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\b((?:(?:about|around|over|almost|nearly|more than) )?(?:\d+(?:\.\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|a few|a couple of|several|many)(?: and a half)? (?:second|minute|hour|day|week|month|year|decade)s?)\b",
    )
});
static SINCE: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?i)\bsince\b"));

/// Where a number is, best of all one that counts `noun` (a stem).
pub(super) fn count(text: &str, noun: &str) -> Option<Range<usize>> {
    let words = language::words(text);
    let numbers: Vec<usize> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| is_number(word.text))
        .map(|(index, _)| index)
        .collect();
    let counts = |index: &&usize| words[**index + 1..].iter().take(3).any(|word| word.term == noun);
    let word = &words[*numbers.iter().find(counts).or_else(|| numbers.first())?];
    Some(word.start..word.end())
}

fn is_number(word: &str) -> bool {
    let lower = word.to_lowercase();
    let digits = lower.trim_start_matches(['$', '€', '£']);
    digits.chars().next().is_some_and(|c| c.is_ascii_digit())
        || matches!(lower.as_str(), "once" | "twice" | "dozen" | "couple")
        || (lower != "a" && lower != "an" && language::number(&lower).is_some())
}

/// A title: what stands in quotes, else capitalised words.
pub(super) fn title(text: &str) -> Option<String> {
    if let Some(found) = QUOTED.as_ref()?.captures(text) {
        return Some(found.get(1)?.as_str().to_owned());
    }
    capitalised(text).into_iter().next().map(str::to_owned)
}

static QUOTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern("[\"“]([^\"“”]{2,80}?)[,.!?]?[\"”]"));

/// Runs of capitalised words that do not begin the sentence, small joining words inside of them
/// allowed.
fn capitalised(text: &str) -> Vec<&str> {
    let words = language::words(text);
    let mut spans = Vec::new();
    let mut index = 1;
    while index < words.len() {
        if !is_capitalised(&words[index]) {
            index += 1;
            continue;
        }
        let first = index;
        let mut last = index;
        while let Some(next) = words.get(last + 1) {
            let joined = text[words[last].end()..next.start]
                .chars()
                .all(|c| matches!(c, ' ' | '-' | '\'' | '’' | '.' | '&'));
            let joins = matches!(next.text, "of" | "the" | "and" | "de")
                && words.get(last + 2).is_some_and(is_capitalised);
            if !joined || !(is_capitalised(next) || joins) {
                break;
            }
            last += 1;
        }
        spans.push(&text[words[first].start..words[last].end()]);
        index = last + 1;
    }
    spans
}

fn is_capitalised(word: &Word<'_>) -> bool {
    word.text.chars().next().is_some_and(char::is_uppercase)
        && word.text != "I"
        && !word.text.starts_with("I'")
        && !word.text.starts_with("I’")
}

/// Whether a sentence says no.
pub(super) fn denies(text: &str) -> bool {
    let lower = text.to_lowercase();
    language::words(&lower).iter().any(|word| {
        matches!(word.text, "no" | "not" | "never" | "nope" | "nothing" | "none")
            || word.text.ends_with("n't")
            || word.text.ends_with("n’t")
    })
}

/// Whether the clause of a text that holds most of the question's terms says no: "I don't keep a
/// cat, but I have a dog" denies the cat only.
pub(super) fn denies_that(text: &str, terms: &[String]) -> bool {
    let Some(breaks) = CLAUSE.as_ref() else { return denies(text) };
    let held = |clause: &str| {
        let words = language::words(clause);
        terms.iter().filter(|term| words.iter().any(|word| word.term == **term)).count()
    };
    let mut best = ("", 0);
    for clause in breaks.split(text) {
        let held = held(clause);
        if held > best.1 {
            best = (clause, held);
        }
    }
    // An answer that opens with "no" denies all that was asked before it.
    let opens = language::words(text)
        .first()
        .is_some_and(|word| matches!(word.text.to_lowercase().as_str(), "no" | "nope" | "never"));
    opens || denies(if best.1 > 0 { best.0 } else { text })
}

static CLAUSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i)[;:—–]|[,.!?]\s|\b(?:but|although|though|whereas|however|because|so that)\b")
});

/// How many of the terms the clause holds in which a part of a text stands.
pub(super) fn held_beside(text: &str, part: &Range<usize>, terms: &[String]) -> usize {
    let breaks = || CLAUSE.as_ref().into_iter().flat_map(|pattern| pattern.find_iter(text));
    let from = breaks().map(|at| at.end()).filter(|at| *at <= part.start).last().unwrap_or(0);
    let until = breaks().map(|at| at.start()).find(|at| *at >= part.end).unwrap_or(text.len());
    let words = language::words(&text[from..until]);
    terms.iter().filter(|term| words.iter().any(|word| word.term == **term)).count()
}

/// Whether a time tells when something was, beside others that do not: "since 2011" tells how long
/// ago, "a 2017 Berlingo" which one.
pub(super) fn tells_when(text: &str, time: &Range<usize>) -> bool {
    let is_year = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let words = language::words(&text[..time.start]);
    let before = words.last().map(|word| word.text.to_lowercase()).unwrap_or_default();
    let part = &text[time.clone()];
    let since =
        before == "since" || part.get(..5).is_some_and(|part| part.eq_ignore_ascii_case("since"));
    let describes = is_year(part)
        && text[time.end..].trim_start().starts_with(char::is_alphabetic)
        && matches!(
            before.as_str(),
            "a" | "an" | "the" | "my" | "our" | "your" | "his" | "her" | "their"
        );
    !since && !describes
}

/// Whether a question asks for a time of the day.
pub(super) fn asks_for_clock(question: &str) -> bool {
    ASKS_FOR_CLOCK.as_ref().is_some_and(|pattern| pattern.is_match(question))
}

/// Whether a question asks when something always is: "When does the backup start?"
pub(super) fn asks_for_habit(question: &str) -> bool {
    ASKS_FOR_HABIT.as_ref().is_some_and(|pattern| pattern.is_match(question.trim()))
}

static ASKS_FOR_CLOCK: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)\b(?:what|which) (?:time|hour)\b|\bo['’]clock\b|['’]s time\b"));
static ASKS_FOR_HABIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i)^(?:and |so )?(?:when|which days?|what days?) (?:do(?:es)?|is|are)\b")
});

/// A time of the day: "at half past three", "03:30", "7 pm".
pub(super) fn clock(sentence: &Sentence<'_>) -> Option<String> {
    let text = sentence.text();
    clocks(text).next().map(|range| text[range].to_owned())
}

/// Where a text tells times of the day.
pub(super) fn clocks(text: &str) -> impl Iterator<Item = Range<usize>> {
    CLOCK.as_ref().into_iter().flat_map(|pattern| pattern.find_iter(text)).map(|at| at.range())
}

static CLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const HOUR: &str = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\d{1,2}";
    pattern(&format!(
        r"(?i)\b(?:(?:[01]?\d|2[0-3])[:.][0-5]\d(?:\s?[ap]\.?m\b)?|\d{{1,2}}\s?[ap]\.?m\b|(?:half past|half|(?:a )?quarter (?:to|past)|(?:five|ten|twenty|\d+) (?:to|past)) (?:{HOUR})|(?:{HOUR}) o['’]clock|noon|midday|midnight)\b"
    ))
});

/// How often: "twice a week", "every other Sunday".
pub(super) fn frequency(sentence: &Sentence<'_>) -> Option<String> {
    Some(FREQUENCY.as_ref()?.find(sentence.text())?.as_str().to_owned())
}

static FREQUENCY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const UNIT: &str = "second|minute|hour|day|night|morning|afternoon|evening|week|weekend|month|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday";
    pattern(&format!(
        r"(?i)\b(?:(?:(?:once|twice|thrice)|(?:\d+|two|three|four|five|six|seven|eight|a few|several|a couple of|many)(?: or \w+)? times) (?:a|an|per|each|every|in a) (?:{UNIT})|(?:every|each)(?: (?:other|single|second|third|few|\d+|two|three|four|five|six))? (?:{UNIT})s?|once in a while|(?:daily|weekly|monthly|yearly|hourly|nightly))\b"
    ))
});

/// Where a text tells of times that come again: "every second Tuesday", "the first Monday of the month",
/// "on the 3rd" of what is monthly.
pub(super) fn repeated_times(text: &str) -> Vec<Range<usize>> {
    let all = |pattern: &LazyLock<Option<Regex>>| -> Vec<Range<usize>> {
        pattern
            .as_ref()
            .into_iter()
            .flat_map(|one| one.find_iter(text))
            .map(|at| at.range())
            .collect()
    };
    let mut found = all(&REPEATED);
    found.extend(all(&FREQUENCY));
    if MONTHLY.as_ref().is_some_and(|pattern| pattern.is_match(text)) {
        found.extend(all(&DAY_OF_MONTH));
    }
    found.sort_by_key(|range| range.start);
    found
}

static REPEATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const DAY: &str = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekday|day";
    pattern(&format!(
        r"(?i)\b(?:(?:on )?(?:the )?(?:first|second|third|fourth|last|1st|2nd|3rd) (?:{DAY}) of (?:the|each|every) (?:month|week|year|quarter)|(?:on )?(?:{DAY})s(?: (?:mornings?|evenings?|nights?|afternoons?))?|(?:on )?(?:{DAY}) (?:mornings|evenings|nights|afternoons)|(?:on )?weekdays)\b"
    ))
});
static MONTHLY: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)\b(?:a|per|each|every|of the) month\b|\bmonthly\b|\brent\b"));
static DAY_OF_MONTH: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)\b(?:on |by )?the \d{1,2}(?:st|nd|rd|th)\b"));

/// The reason that a sentence gives in so many words: "because of the noise".
pub(super) fn reason(sentence: &Sentence<'_>) -> Option<String> {
    let text = sentence.text();
    let at = REASON.as_ref()?.find(text)?.start();
    let reason = trim(&text[at..]);
    (language::words(reason).len() > 2).then(|| reason.to_owned())
}

static REASON: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)\b(?:because|due to|in order to|thanks to)\b"));

/// Whom a question asks about by name only: "Who is Alex?".
pub(super) fn asked_about(question: &str) -> Option<String> {
    let found = WHO_IS.as_ref()?.captures(question.trim())?;
    Some(found.get(1)?.as_str().to_owned())
}

static WHO_IS: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)^who(?:'s|’s| is| was| are| were) ([\p{L}'’-]+)\s*\?*$"));

/// Whether a question asks how somebody or something is called.
pub(super) fn asks_for_name(question: &str) -> bool {
    ASKS_FOR_NAME.as_ref().is_some_and(|pattern| pattern.is_match(question.trim()))
}

static ASKS_FOR_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^what(?:'s|’s| is| was| are| were)\s.*(?:\bnames? of\b|(?:'s|s'|’s|s’|\bmy|\byour|\bour|\bhis|\bher|\bits|\btheir)\s+names?\s*\?*$|\b(?:called|named)\s*\?*$)",
    )
});

/// The name that a sentence gives in so many words: "a greyhound called Pepper", "her name is Ann".
pub(super) fn given_name(sentence: &Sentence<'_>) -> Option<String> {
    named_in(sentence.text()).map(str::to_owned)
}

/// The first name that a text gives. "I called Anna" gives nobody one.
fn named_in(text: &str) -> Option<&str> {
    let mut all = GIVEN_NAME.as_ref()?.captures_iter(text);
    let found = all.find(|found| found.name("caller").is_none())?;
    Some(found.name("name")?.as_str())
}

static GIVEN_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?:\b(?<caller>I|[Ww]e|[Yy]ou|[Hh]e|[Ss]he|[Tt]hey|[Ww]ho) )?\b(?:called|named|names? (?:is|was|are|were)|name['’]s) ["“]?(?<name>\p{Lu}[\p{L}\p{N}'’-]*(?:(?: | and | & )\p{Lu}[\p{L}\p{N}'’-]*)*)"#,
    )
});

/// The speaker, where the question asks who did something and the sentence says "I did" of it.
pub(super) fn speaker_who_did(sentence: &Sentence<'_>, question: &str) -> Option<String> {
    let speaker = &sentence.hit.turn.speaker;
    let is_role = matches!(speaker.as_str(), "user" | "assistant" | "me");
    (!is_role && says_i_did(sentence.text(), question)).then(|| speaker.clone())
}

/// Whether a question asks who did something, and a text says "I did" with the same verb.
fn says_i_did(text: &str, question: &str) -> bool {
    let asked = language::words(question);
    let Some((who, rest)) = asked.split_first() else { return false };
    let is_helper =
        |word: &language::Word<'_>| matches!(word.term.as_str(), "has" | "have" | "had");
    let Some(done) = rest.iter().find(|word| !is_helper(word)) else { return false };
    // "Who did Ann meet?" asks for another one than who did it.
    let asks = who.text.eq_ignore_ascii_case("who")
        && !language::is_auxiliary(done.text)
        && !language::is_stop_word(done.text);
    let said = language::words(text);
    let is_own = |word: &language::Word<'_>| {
        let lower = word.text.to_lowercase().replace('’', "'");
        matches!(lower.as_str(), "i" | "we" | "i've" | "we've")
    };
    // One word may stand between: "I just adopted", "we have adopted".
    let does = |at: usize| said.iter().skip(at + 1).take(2).any(|word| word.term == done.term);
    asks && (0..said.len()).any(|at| is_own(&said[at]) && does(at))
}

/// What somebody is to the speaker or to another: "my brother" where "my brother Alex" was said.
pub(super) fn relation(sentence: &Sentence<'_>, name: &str) -> Option<String> {
    let pattern = Regex::new(&format!(
        r"(?i)\b((?:my|our|his|her|their|\p{{L}}+['’]s) (?:\p{{L}}+[ -]){{0,2}}?\p{{L}}+),? (?:called |named )?{}\b",
        regex::escape(name)
    ));
    Some(pattern.ok()?.captures(sentence.text())?.get(1)?.as_str().to_owned())
}

/// The sentence as an answer: without the openings and the full stop that say nothing. Cutting it
/// down to what follows the question's own words was tried and scored lower.
pub(super) fn clause(sentence: &Sentence<'_>) -> String {
    trim(strip_opening(&sentence.hit.turn.text[sentence.spoken()])).to_owned()
}

/// The text without a leading "Yeah,", "Thanks, Ann!", "Hey!".
fn strip_opening(text: &str) -> &str {
    const OPENINGS: &[&str] = &[
        "yeah",
        "yes",
        "yep",
        "thanks",
        "wow",
        "hey",
        "hi",
        "well",
        "oh",
        "sure",
        "so",
        "and",
        "but",
        "also",
        "absolutely",
        "definitely",
        "totally",
        "haha",
    ];
    let mut rest = text;
    while let Some(first) = language::words(rest).first() {
        let tail = rest[first.end()..].trim_start();
        let is_opening = OPENINGS.contains(&first.text.to_lowercase().as_str())
            && rest[..first.start].trim().is_empty();
        match tail.strip_prefix([',', '!', '-', '—']) {
            Some(tail) if is_opening && !tail.trim().is_empty() => rest = tail.trim_start(),
            _ => break,
        }
    }
    rest
}

pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '.' | ',' | '!' | ';' | ':' | '-' | '—')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_asked_for() {
        let text = "In 2 weeks I will have three turtles.";
        assert_eq!(count(text, "turtl").map(|range| &text[range]), Some("three"));
        assert_eq!(count("No numbers here", "turtl"), None);
    }

    #[test]
    fn since_then_is_so_long() {
        let said = jiff::civil::date(2023, 7, 17);
        let of = |text: &str| since(text, said);
        assert_eq!(of("I have rowed since 2016.").as_deref(), Some("7 years"));
        assert_eq!(of("Married since May 2021, can you believe it").as_deref(), Some("2 years"));
        assert_eq!(of("I've been vegan since 3 April").as_deref(), Some("3 months"));
        assert_eq!(of("I've had a cold since last Friday").as_deref(), Some("3 days"));
        assert_eq!(of("Since you ask, I moved in 2016"), None);
        assert_eq!(of("I hardly row since."), None);
    }

    #[test]
    fn a_name_is_asked_for_by_its_words() {
        for question in
            ["What is my dog's name?", "What are its names", "What was the boat called?"]
        {
            assert!(asks_for_name(question), "{question}");
        }
        for question in
            ["What is my brother's job?", "What called you back?", "Who named the boat?"]
        {
            assert!(!asks_for_name(question), "{question}");
        }
    }

    #[test]
    fn who_did_it_says_so_with_the_same_verb() {
        let mended = "I've just repaired the oak clock.";
        assert!(says_i_did(mended, "Who repaired the clock?"));
        assert!(says_i_did(mended, "Who has repaired the clock?"));
        assert!(!says_i_did(mended, "Who did the clock repair?"));
        assert!(!says_i_did(mended, "What repaired the clock?"));
        assert!(!says_i_did("I met Ada when Ilse repaired the clock.", "Who repaired the clock?"));
        assert!(!says_i_did("I am glad.", "Who is glad?"));
    }

    #[test]
    fn whom_somebody_calls_is_no_name_that_is_given() {
        assert_eq!(named_in("I called Anna about the form."), None);
        assert_eq!(named_in("When I called Anna, her dog named Rex barked."), Some("Rex"));
        assert_eq!(named_in("She's called Anna."), Some("Anna"));
    }

    #[test]
    fn finds_titles_and_names() {
        assert_eq!(title("I loved \"Becoming Nicole\" by Amy."), Some("Becoming Nicole".into()));
        assert_eq!(
            capitalised("We met Ann Lee and the King of Spain in May"),
            ["Ann Lee", "King of Spain", "May"]
        );
    }

    #[test]
    fn denials_are_seen() {
        assert!(denies("I didn't go.") && denies("Nope, not yet"));
        assert!(!denies("I know it well"));
        let terms = ["dog".to_owned(), "keep".to_owned()];
        assert!(!denies_that("I don't have a cat, but I keep a dog.", &terms));
        assert!(denies_that("I have a cat, but I don't keep a dog.", &terms));
        assert!(denies_that("Nope, the dog stays with Ann.", &terms));
    }

    #[test]
    fn openings_say_nothing() {
        assert_eq!(strip_opening("Yeah, thanks! I paint."), "I paint.");
        assert_eq!(strip_opening("So"), "So");
    }
}
