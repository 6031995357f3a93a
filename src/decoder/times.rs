//! When something was, is or will be: the expression of time that answers, resolved against the day on
//! which it was said.

use super::cuts;
use super::evidence::{Evidence, Sentence};
use crate::conversation::Timestamp;
use crate::evidence::Hit;
use crate::language::{self, When};
use crate::question::Question;
use jiff::civil::Date;
use std::ops::Range;

/// A time as an answer, what it was worked out from, and the sentence it is in.
pub(super) struct Told<'e, 'h> {
    pub text: String,
    pub reason: Option<String>,
    pub from: &'e Sentence<'h>,
}

/// How much a hit's score counts beside what the reader says of a time in it.
const HIT: f32 = 1.0;
/// A time that the reader did not mark counts as this.
const UNMARKED: f32 = -3.0;
/// Further hits are looked at if their score is at most this far behind.
const MARGIN: f32 = 1.6;
/// So many of the reader's stretches of a hit are looked at.
const STRETCHES: usize = 4;

/// The time that answers the question.
pub(super) fn when<'e, 'h>(
    question: &Question,
    evidence: &'e Evidence<'h>,
    best: &'e Sentence<'h>,
) -> Told<'e, 'h> {
    if let Some(told) = clock_of(question, evidence).or_else(|| habit(question, evidence)) {
        return told;
    }
    let since = language::words(&question.query.text)
        .iter()
        .any(|word| word.text.eq_ignore_ascii_case("since"));
    if let Some((sentence, when, said)) = dated(question, evidence, best, since) {
        let as_said = &sentence.text()[when.range.clone()];
        let reason = (!when.absolute && !is_written(&when, as_said))
            .then(|| format!("“{as_said}”, said on {} [1]", language::written(said)));
        return Told { text: when.phrase, reason, from: sentence };
    }
    let said_at = best.hit.turn.said_at;
    let on_the_day = said_at.map(|at| language::written(at.civil().date()));
    if let Some(text) = on_the_day.filter(|day| !question.avoids(best.hit.turn.id, day)) {
        return Told { text, reason: Some("when it was said [1]".into()), from: best };
    }
    // Nobody knows the year of what was said at an unknown time: its own words tell what it tells.
    let text = best.text();
    let told = match best_time(text, jiff::civil::date(2000, 1, 1), &evidence.terms, since) {
        Some(when) => cuts::trim(&text[when.range]).to_owned(),
        None => cuts::clause(best),
    };
    Told { text: told, reason: None, from: best }
}

/// Whether an expression is its meaning, word for word.
fn is_written(when: &When, as_said: &str) -> bool {
    when.phrase.eq_ignore_ascii_case(as_said)
}

/// The expression of time that answers best: where the reader marked one, that; else, of the best few
/// sentences, the one beside most of the question's words.
fn dated<'e, 'h>(
    question: &Question,
    evidence: &'e Evidence<'h>,
    best: &'e Sentence<'h>,
    since: bool,
) -> Option<(&'e Sentence<'h>, When, Date)> {
    let top = evidence.hits.first().map_or(0.0, |hit| hit.score);
    let mut found: Option<(f32, &'e Sentence<'h>, When, Date)> = None;
    for hit in evidence.hits.iter().filter(|hit| hit.score >= top - MARGIN) {
        let Some(said) = hit.turn.said_at.map(Timestamp::civil).map(jiff::civil::DateTime::date)
        else {
            continue;
        };
        let Some((score, sentence, when)) = time_in(evidence, hit, said, since) else {
            continue;
        };
        let score = score + HIT * (hit.score - top);
        if question.avoids(hit.turn.id, &when.phrase) {
            continue;
        }
        if found.as_ref().is_none_or(|found| score > found.0) {
            found = Some((score, sentence, when, said));
        }
    }
    let (score, sentence, when, said) = found?;
    // A time that is not marked, in another turn than the best one, is of something else.
    let is_elsewhere = sentence.hit.turn.id != best.hit.turn.id;
    let is_read = evidence.hits.iter().any(|hit| hit.reading.is_some());
    (!(is_read && is_elsewhere && score < UNMARKED)).then_some((sentence, when, said))
}

/// The best time in a hit, and how likely it is the one that is asked for.
fn time_in<'e, 'h>(
    evidence: &'e Evidence<'h>,
    hit: &'h Hit,
    said: Date,
    since: bool,
) -> Option<(f32, &'e Sentence<'h>, When)> {
    let marked = hit.reading.iter().flat_map(|reading| reading.spans.iter().take(STRETCHES));
    for span in marked {
        let Some(range) = &span.range else { continue };
        let Some(sentence) = evidence.sentence_of(hit, Some(range)) else { continue };
        let inside = |when: &When| {
            let (start, end) =
                (when.range.start + sentence.range.start, when.range.end + sentence.range.start);
            start < range.end && range.start < end
        };
        let mut times = language::times(sentence.text(), said).into_iter().filter(inside);
        if let Some(when) = times.next() {
            // A day and an hour, marked together, are one; two days are not.
            return Some((span.score, sentence, when));
        }
    }
    let own = evidence.sentences.iter().filter(|one| one.hit.turn.id == hit.turn.id);
    own.take(3).find_map(|sentence| {
        let when = best_time(sentence.text(), said, &evidence.terms, since)?;
        Some((UNMARKED, sentence, when))
    })
}

/// The time of the day, where one is asked for.
fn clock_of<'e, 'h>(question: &Question, evidence: &'e Evidence<'h>) -> Option<Told<'e, 'h>> {
    let text = &question.query.text;
    let by_clock = cuts::asks_for_clock(text);
    if !by_clock && !cuts::asks_for_habit(text) {
        return None;
    }
    if by_clock && let Some(told) = marked_clock(evidence) {
        return Some(told);
    }
    let (text, from) = evidence.first_span(|sentence| {
        let said = sentence.hit.turn.said_at.map(|at| at.civil().date());
        let has_day = said.is_some_and(|said| language::has_time(sentence.text(), said));
        if !by_clock && has_day {
            return None;
        }
        cuts::clock(sentence)
    })?;
    Some(Told { text, reason: None, from })
}

/// The time of the day that the reader marked, in the best hit that has one.
fn marked_clock<'e, 'h>(evidence: &'e Evidence<'h>) -> Option<Told<'e, 'h>> {
    evidence.hits.iter().find_map(|hit| {
        let spans = hit.reading.iter().flat_map(|reading| reading.spans.iter().take(STRETCHES));
        spans.filter_map(|span| span.range.as_ref()).find_map(|marked| {
            let from = evidence.sentence_of(hit, Some(marked))?;
            let at = from.range.start;
            let mut clocks = cuts::clocks(from.text());
            let told = clocks.find(|c| c.start + at < marked.end && marked.start < c.end + at)?;
            Some(Told { text: from.text()[told].to_owned(), reason: None, from })
        })
    })
}

/// What happens again and again is told as it was said: "every second Tuesday", "on the 3rd".
fn habit<'e, 'h>(question: &Question, evidence: &'e Evidence<'h>) -> Option<Told<'e, 'h>> {
    if !cuts::asks_for_habit(&question.query.text) {
        return None;
    }
    let hit = evidence.hits.first()?;
    // Beside a date, "every" tells of something else.
    let marked = hit.reading.iter().flat_map(|reading| reading.spans.iter().take(1));
    for span in marked {
        let Some(range) = &span.range else { continue };
        let Some(sentence) = evidence.sentence_of(hit, Some(range)) else { continue };
        let start = range.start.max(sentence.range.start) - sentence.range.start;
        let end = range.end.clamp(sentence.range.start + start, sentence.range.end)
            - sentence.range.start;
        if let Some(told) = repeated(sentence.text(), Some(&(start..end))) {
            return Some(Told { text: told, reason: None, from: sentence });
        }
    }
    if hit.reading.is_some() {
        return None;
    }
    let (text, from) = evidence.first_span(|sentence| repeated(sentence.text(), None))?;
    Some(Told { text, reason: None, from })
}

/// The words of a text that tell of a repeated time, those that meet a stretch of it.
fn repeated(text: &str, marked: Option<&Range<usize>>) -> Option<String> {
    let meets = |range: &Range<usize>| {
        marked.is_none_or(|marked| range.start < marked.end && marked.start < range.end)
    };
    let found = cuts::repeated_times(text).into_iter().find(meets)?;
    Some(text[found].to_owned())
}

/// Of the times in a text that tell when something was, the one whose clause holds most of the
/// question's terms; of these the finer one, then the first.
fn best_time(text: &str, said: Date, terms: &[String], since: bool) -> Option<When> {
    /// "The house of 1971": a year so far back, away from what is asked, is of something else.
    const LONG_AGO: i16 = 2;
    let is_year = |when: &When| {
        (when.first.month(), when.last.month()) == (1, 12) && when.first.year() == when.last.year()
    };
    let times = language::times(text, said);
    let times = times.into_iter().filter(|when| since || cuts::tells_when(text, &when.range));
    let held = times.map(|when| (cuts::held_beside(text, &when.range, terms), when));
    let held: Vec<(usize, When)> = held
        .filter(|(held, when)| {
            let is_long_ago = is_year(when) && said.year() - when.first.year() >= LONG_AGO;
            *held > 0 || terms.is_empty() || !is_long_ago
        })
        .collect();
    // The last of the largest is the first in reverse.
    let best = held.into_iter().rev().max_by_key(|(held, when)| (*held, !is_year(when)));
    best.map(|(_, when)| when)
}
