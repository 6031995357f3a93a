//! The built-in decoder: words of the turns themselves, nothing invented but resolved dates.

use super::attribution::{self, Attribution};
use super::candidates::{Candidate, candidates};
use super::evidence::{Evidence, Sentence};
use super::scorer::Ranking;
use super::{Decoder, DecoderError, cuts, updates};
use crate::conversation::Timestamp;
use crate::evidence::{Answer, Citation, Hit, Query};
use crate::language::{self, AnswerType};

/// A list has so many members at most…
const LISTED: usize = 5;
/// …each of which is at least so likely, beside the first.
const LISTED_LEAST: f32 = 0.3;

/// Reads the answer's type from the question, finds the sentence that fits best, and cuts the
/// answer out of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extractive;

impl Decoder for Extractive {
    fn name(&self) -> &'static str {
        "extractive"
    }

    fn decode(
        &self,
        query: &Query,
        hits: &[Hit],
        sink: &mut dyn FnMut(&str),
    ) -> Result<Answer, DecoderError> {
        let mut answer = Answer {
            question: query.text.clone(),
            text: String::new(),
            abstained: true,
            reason: None,
            confidence: 0.0,
            decoder: self.name(),
            citations: Vec::new(),
            elapsed_ms: 0,
        };
        if query.context.is_empty() && language::asks_for_nothing(&query.text) {
            let reason = "no word in it can be looked for; ask about something that was said";
            answer.reason = Some(reason.into());
            return Ok(answer);
        }
        let evidence = Evidence::gather(query, hits);
        let Some(best) = evidence.best() else {
            answer.reason = Some(nothing(hits));
            return Ok(answer);
        };
        let verdict = attribution::attribute(&evidence, hits);
        answer.confidence = attribution::confidence(hits, &verdict);
        if let Attribution::SomebodyElse { asked, said_by, sentence } = &verdict {
            answer.reason = Some(format!("{asked} did not say that; {said_by} did [1]"));
            answer.citations.push(cite(1, sentence));
            return Ok(answer);
        }
        if matches!(verdict, Attribution::Unknown) {
            answer.reason = Some("nothing in memory fits the question; the nearest is [1]".into());
            answer.citations.push(cite(1, best));
            return Ok(answer);
        }
        let mut made = read(query, &evidence, best);
        support(&mut made, &evidence);
        answer.abstained = false;
        answer.text = made.text;
        answer.reason = made.reason;
        for (index, sentence) in made.from.iter().enumerate() {
            answer.citations.push(cite(index + 1, sentence));
        }
        sink(&answer.text);
        Ok(answer)
    }
}

fn nothing(hits: &[Hit]) -> String {
    if hits.is_empty() {
        "there is nothing about it in memory".into()
    } else {
        "nothing in memory has to do with it".into()
    }
}

/// An answer's text, what it was read from, and the sentences it rests on.
struct Made<'e, 'h> {
    text: String,
    reason: Option<String>,
    from: Vec<&'e Sentence<'h>>,
}

impl<'e, 'h> Made<'e, 'h> {
    fn of(text: String, from: &'e Sentence<'h>) -> Self {
        Self { text, reason: None, from: vec![from] }
    }
}

fn read<'e, 'h>(query: &Query, evidence: &'e Evidence<'h>, best: &'e Sentence<'h>) -> Made<'e, 'h> {
    let found = match evidence.answer_type {
        AnswerType::When => {
            return clock_of(query, evidence).unwrap_or_else(|| when(query, evidence, best));
        }
        AnswerType::YesNo => return yes_or_no(evidence, best),
        AnswerType::Open => return Made::of(cuts::clause(best), best),
        AnswerType::Duration => first_span(evidence, cuts::duration),
        AnswerType::Frequency => first_span(evidence, cuts::frequency),
        AnswerType::Why => first_span(evidence, cuts::reason),
        AnswerType::Who => cuts::asked_about(&query.text)
            .and_then(|name| first_span(evidence, |sentence| cuts::relation(sentence, &name)))
            .or_else(|| Some((cuts::speaker_who_did(best, &query.text)?, best))),
        AnswerType::What if cuts::asks_for_name(&query.text) => {
            first_span(evidence, cuts::given_name)
        }
        _ => None,
    };
    match found {
        Some((text, from)) => Made::of(text, from),
        None => spans_of(query, evidence).unwrap_or_else(|| Made::of(cuts::clause(best), best)),
    }
}

fn yes_or_no<'e, 'h>(evidence: &'e Evidence<'h>, best: &'e Sentence<'h>) -> Made<'e, 'h> {
    let text = if cuts::denies_that(best.text(), &evidence.terms) { "No" } else { "Yes" };
    let reason = format!("{}: “{}” [1]", best.hit.turn.speaker, best.text());
    Made { text: text.to_owned(), reason: Some(reason), from: vec![best] }
}

/// The likeliest span; of a list, its members, each once.
fn spans_of<'e, 'h>(query: &Query, evidence: &'e Evidence<'h>) -> Option<Made<'e, 'h>> {
    let candidates = candidates(&query.text, evidence);
    let most = if evidence.wants_list { LISTED } else { 1 };
    let ranking = Ranking::new(&candidates);
    if most == 1 {
        /// Of so many likely answers one may be a later word than the best…
        const COMPARED: usize = 4;
        /// …that is at least so likely, beside it.
        const LEAST: f32 = 0.1;
        let likely = ranking.answers(COMPARED, LEAST);
        if let Some(update) = updates::update(&query.text, evidence, &likely) {
            return Some(updated(evidence, &update));
        }
    }
    let answers = ranking.answers(most, LISTED_LEAST);
    let mut from: Vec<&Sentence<'h>> = Vec::new();
    let mut members: Vec<&str> = Vec::new();
    for answer in answers {
        let sentence = &evidence.sentences[answer.sentence];
        members.push(answer.text(evidence));
        if from.iter().all(|known| known.hit.turn.id != sentence.hit.turn.id) {
            from.push(sentence);
        }
    }
    (!members.is_empty()).then(|| Made { text: members.join(", "), reason: None, from })
}

/// The word that holds, with the other one beside it.
fn updated<'e, 'h>(evidence: &'e Evidence<'h>, update: &updates::Update<'_>) -> Made<'e, 'h> {
    let sentence = |one: &Candidate| &evidence.sentences[one.sentence];
    let (holds, other, which, beside) = if update.asks_for_earlier {
        (update.earlier, update.later, "earlier", "after")
    } else {
        (update.later, update.earlier, "later", "before")
    };
    let said = sentence(other).hit.turn.said_at.map(|at| at.civil().date());
    let on = said.map_or(String::new(), |day| format!(", said on {}", language::written(day)));
    let told = other.text(evidence);
    Made {
        text: holds.text(evidence).to_owned(),
        reason: Some(format!("the {which} word [1]; {beside} it “{told}”{on} [2]")),
        from: vec![sentence(holds), sentence(other)],
    }
}

/// Adds the best sentences of further turns that speak of the same, by the one who is asked about
/// where it is one: the reader sees at once whether they agree.
fn support<'e, 'h>(made: &mut Made<'e, 'h>, evidence: &'e Evidence<'h>) {
    const CITED: usize = 3;
    const MARGIN: f32 = 2.0;
    let Some(best) = evidence.best() else { return };
    for sentence in evidence.sentences.iter().take_while(|s| s.score >= best.score - MARGIN) {
        if made.from.len() >= CITED {
            break;
        }
        let is_new = made.from.iter().all(|cited| cited.hit.turn.id != sentence.hit.turn.id);
        if is_new && evidence.is_of_whom_is_asked(sentence) {
            made.from.push(sentence);
        }
    }
}

/// The first span that `find` sees in the best few sentences.
fn first_span<'e, 'h>(
    evidence: &'e Evidence<'h>,
    find: impl Fn(&Sentence<'h>) -> Option<String>,
) -> Option<(String, &'e Sentence<'h>)> {
    const LOOKED_AT: usize = 4;
    const MARGIN: f32 = 1.5;
    let least = evidence.best().map_or(0.0, |best| best.score - MARGIN);
    let best_few = evidence.sentences.iter().take(LOOKED_AT);
    best_few
        .take_while(|sentence| sentence.score >= least)
        .find_map(|sentence| Some((find(sentence)?, sentence)))
}

/// A time: the expression in the best sentence that has one, resolved against when it was said;
/// else when the best sentence was said.
fn when<'e, 'h>(query: &Query, evidence: &'e Evidence<'h>, best: &'e Sentence<'h>) -> Made<'e, 'h> {
    const MARGIN: f32 = 0.8;
    let since =
        language::words(&query.text).iter().any(|word| word.text.eq_ignore_ascii_case("since"));
    let dated = evidence
        .sentences
        .iter()
        .take_while(|sentence| sentence.score >= best.score - MARGIN)
        .find_map(|sentence| {
            let said = sentence.hit.turn.said_at.map(Timestamp::civil)?.date();
            let when = best_time(sentence.text(), said, &evidence.terms, since)?;
            Some((sentence, when, said))
        });
    if let Some((sentence, when, said)) = dated {
        let as_said = &sentence.text()[when.range.clone()];
        // Which day is meant, where the text tells it and the answer keeps to the text's own words.
        let day = (when.first == when.last).then(|| language::written(when.first));
        let day = day.filter(|day| !when.phrase.contains(day.as_str()));
        let is = day.map_or(String::new(), |day| format!(" is {day}"));
        let reason = (!when.absolute)
            .then(|| format!("“{as_said}”{is}, said on {} [1]", language::written(said)));
        return Made { text: when.phrase, reason, from: vec![sentence] };
    }
    if let Some(at) = best.hit.turn.said_at {
        return Made {
            text: language::written(at.civil().date()),
            reason: Some("when it was said [1]".into()),
            from: vec![best],
        };
    }
    // Nobody knows the year of what was said at an unknown time: its own words tell what it tells.
    let text = best.text();
    let told = match best_time(text, jiff::civil::date(2000, 1, 1), &evidence.terms, since) {
        Some(when) => cuts::trim(&text[when.range]).to_owned(),
        None => cuts::clause(best),
    };
    Made::of(told, best)
}

/// The time of the day, where one is asked for; of what always is, also how often it is.
fn clock_of<'e, 'h>(query: &Query, evidence: &'e Evidence<'h>) -> Option<Made<'e, 'h>> {
    let by_clock = cuts::asks_for_clock(&query.text);
    if !by_clock && !cuts::asks_for_habit(&query.text) {
        return None;
    }
    let (text, from) = first_span(evidence, |sentence| {
        let said = sentence.hit.turn.said_at.map(|at| at.civil().date());
        let has_day = said.is_some_and(|said| language::has_time(sentence.text(), said));
        if !by_clock && has_day {
            return None;
        }
        let often = || cuts::frequency(sentence).filter(|_| !by_clock);
        cuts::clock(sentence).or_else(often)
    })?;
    Some(Made::of(text, from))
}

/// Of the times in a text that tell when something was, the one whose clause holds most of the
/// question's terms; of these the finer one, then the first.
fn best_time(
    text: &str,
    said: jiff::civil::Date,
    terms: &[String],
    since: bool,
) -> Option<language::When> {
    /// "The house of 1971": a year so far back, away from what is asked, is of something else.
    const LONG_AGO: i16 = 2;
    let is_year = |when: &language::When| {
        (when.first.month(), when.last.month()) == (1, 12) && when.first.year() == when.last.year()
    };
    let times = language::times(text, said);
    let times = times.into_iter().filter(|when| since || cuts::tells_when(text, &when.range));
    let held = times.map(|when| (cuts::held_beside(text, &when.range, terms), when));
    let held: Vec<(usize, language::When)> = held
        .filter(|(held, when)| {
            let is_long_ago = is_year(when) && said.year() - when.first.year() >= LONG_AGO;
            *held > 0 || terms.is_empty() || !is_long_ago
        })
        .collect();
    // The last of the largest is the first in reverse.
    let best = held.into_iter().rev().max_by_key(|(held, when)| (*held, !is_year(when)));
    best.map(|(_, when)| when)
}

fn cite(number: usize, sentence: &Sentence<'_>) -> Citation {
    let turn = &sentence.hit.turn;
    Citation {
        number,
        turn: turn.id,
        source_id: turn.source_id.clone(),
        session: turn.session,
        speaker: turn.speaker.clone(),
        said_at: turn.said_at,
        quote: sentence.text().to_owned(),
    }
}
