//! The built-in decoder: words of the turns themselves, nothing invented but resolved dates.

use super::choosing::{self, Candidate};
use super::evidence::{Evidence, Sentence};
use super::knowing::{self, Verdict};
use super::{Decoder, DecoderError, claims, cuts, phrase, times, updates};
use crate::evidence::{Answer, AnswerKind, Citation, Hit};
use crate::language::{self, AnswerType};
use crate::question::Question;

/// A list has so many members at most.
const LISTED: usize = 7;

/// Reads the answer's type from the question, chooses among the stretches that the reader marked in the
/// hits, and brings the best one to a whole phrase. Without the reader it tells the sentence that fits
/// best, or what can be told by its form: a number, a time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extractive;

impl Decoder for Extractive {
    fn name(&self) -> &'static str {
        "extractive"
    }

    fn decode(
        &self,
        question: &Question,
        hits: &[Hit],
        sink: &mut dyn FnMut(&str),
    ) -> Result<Answer, DecoderError> {
        let mut answer = Answer {
            question: question.query.text.clone(),
            text: String::new(),
            kind: AnswerKind::Text,
            abstained: true,
            reason: None,
            confidence: 0.0,
            decoder: self.name(),
            citations: Vec::new(),
            elapsed_ms: 0,
        };
        if !question.is_follow_up && language::asks_for_nothing(&question.query.text) {
            let reason = "no word in it can be looked for; ask about something that was said";
            answer.reason = Some(reason.into());
            return Ok(answer);
        }
        let evidence = Evidence::gather(question, hits);
        let Some(best) = evidence.best() else {
            answer.reason = Some(nothing(hits));
            return Ok(answer);
        };
        let verdict = knowing::judge(question, &evidence, hits);
        answer.confidence = knowing::confidence(question, hits, &verdict);
        let made = if question.answer_type == AnswerType::YesNo {
            let Some(claim) = claims::decide(question, &evidence) else {
                answer.confidence = answer.confidence.min(NOT_CLAIMED);
                answer.reason = Some(known(&verdict, best));
                answer.citations.push(cite(1, best));
                return Ok(answer);
            };
            answer.confidence = claim.probability;
            said_so(&claim)
        } else {
            match &verdict {
                Verdict::SomebodyElse { asked, said_by, sentence } => {
                    answer.reason = Some(format!("{asked} did not say that; {said_by} did [1]"));
                    answer.citations.push(cite(1, sentence));
                    return Ok(answer);
                }
                Verdict::Unknown => {
                    answer.reason = Some("nothing in memory matches; the nearest is [1]".into());
                    answer.citations.push(cite(1, best));
                    return Ok(answer);
                }
                Verdict::Answers => {}
            }
            let mut made = read(question, &evidence, best);
            support(&mut made, &evidence);
            made
        };
        answer.abstained = false;
        answer.text = made.text;
        answer.kind = made.kind;
        answer.reason = made.reason;
        for (index, sentence) in made.from.iter().enumerate() {
            answer.citations.push(cite(index + 1, sentence));
        }
        sink(&answer.text);
        Ok(answer)
    }
}

/// A question for yes or no that nothing decides has this confidence at most.
const NOT_CLAIMED: f32 = 0.4;

fn nothing(hits: &[Hit]) -> String {
    if hits.is_empty() {
        "there is nothing about it in memory".into()
    } else {
        "nothing in memory has to do with it".into()
    }
}

/// What is known where neither yes nor no can be said.
fn known(verdict: &Verdict<'_, '_>, best: &Sentence<'_>) -> String {
    match verdict {
        Verdict::Unknown => "nothing in memory matches; the nearest is [1]".into(),
        Verdict::SomebodyElse { .. } | Verdict::Answers => {
            format!("memory does not say; I know only “{}” [1]", cuts::trim(best.text()))
        }
    }
}

/// An answer's text, what it was read from, and the sentences it rests on.
struct Made<'e, 'h> {
    text: String,
    kind: AnswerKind,
    reason: Option<String>,
    from: Vec<&'e Sentence<'h>>,
}

impl<'e, 'h> Made<'e, 'h> {
    fn of(text: String, kind: AnswerKind, from: &'e Sentence<'h>) -> Self {
        Self { text, kind, reason: None, from: vec![from] }
    }

    fn sentence(from: &'e Sentence<'h>) -> Self {
        Self::of(cuts::clause(from), AnswerKind::Sentence, from)
    }
}

fn said_so<'e, 'h>(claim: &claims::Verdict<'e, 'h>) -> Made<'e, 'h> {
    let text = if claim.kind == AnswerKind::No { "No" } else { "Yes" };
    let from = claim.from;
    let reason = format!("{}: “{}” [1]", from.hit.turn.speaker, from.text());
    Made { reason: Some(reason), ..Made::of(text.to_owned(), claim.kind, from) }
}

fn read<'e, 'h>(
    question: &Question,
    evidence: &'e Evidence<'h>,
    best: &'e Sentence<'h>,
) -> Made<'e, 'h> {
    if question.answer_type == AnswerType::When {
        let told = times::when(question, evidence, best);
        return Made { reason: told.reason, ..Made::of(told.text, AnswerKind::Date, told.from) };
    }
    chosen(question, evidence)
        .or_else(|| by_form(question, evidence, best))
        .or_else(|| later_sentence(question, evidence, best))
        .unwrap_or_else(|| Made::sentence(best))
}

/// What the reader marked: the best stretch, or the members of a list.
fn chosen<'e, 'h>(question: &Question, evidence: &'e Evidence<'h>) -> Option<Made<'e, 'h>> {
    /// Of so many likely answers one may be a later word than the best…
    const COMPARED: usize = 4;
    /// …that is at most so much less likely, as log-odds.
    const BEHIND: f32 = 3.0;
    let mut candidates = choosing::candidates(question, &evidence.hits);
    // "What does Ann not eat?" is answered by what denies, where anything does.
    if cuts::denies(&question.query.text) {
        let denies = |one: &Candidate<'h>| {
            let sentence = evidence.sentence_of(one.hit, one.range.as_ref());
            sentence.is_some_and(|sentence| cuts::denies(sentence.text()))
        };
        if candidates.iter().any(denies) {
            candidates.retain(denies);
        }
    }
    // "Seats 61 and 62" says all of them.
    if question.asks_for_list && !candidates.first().is_some_and(|best| best.numbers) {
        return listed(evidence, &choosing::members(&candidates, LISTED));
    }
    let best = candidates.first()?;
    let likely = choosing::members(&candidates, COMPARED);
    let mut likely: Vec<&Candidate<'h>> =
        likely.into_iter().filter(|one| one.score >= best.score - BEHIND).collect();
    if let Some(at) = likely.iter().position(|one| std::ptr::eq(*one, best)) {
        likely.swap(0, at);
    } else {
        likely.insert(0, best);
    }
    let from: Option<Vec<&Sentence<'h>>> =
        likely.iter().map(|one| evidence.sentence_of(one.hit, one.range.as_ref())).collect();
    if let Some(from) = &from
        && let Some(update) = updates::update(question, from)
    {
        let text = |place: usize| likely[place].text();
        return Some(updated(update, from, &text, AnswerKind::Span));
    }
    if language::counts_things(&question.query.text) && !phrase::has_number(best.text()) {
        return counted(evidence, &choosing::members(&candidates, LISTED));
    }
    let from = evidence.sentence_of(best.hit, best.range.as_ref())?;
    if language::counts_things(&question.query.text)
        && let Some(range) = &best.range
        && let Some(number) = phrase::number_in(&best.hit.turn.text, range)
    {
        return Some(Made::of(best.hit.turn.text[number].to_owned(), AnswerKind::Count, from));
    }
    let kind = if best.text().trim() == cuts::trim(from.text()) {
        AnswerKind::Sentence
    } else {
        AnswerKind::Span
    };
    Some(Made::of(best.text().to_owned(), kind, from))
}

fn listed<'e, 'h>(evidence: &'e Evidence<'h>, members: &[&Candidate<'h>]) -> Option<Made<'e, 'h>> {
    let (mut texts, from) = gathered(evidence, members);
    texts.truncate(LISTED);
    let kind = if texts.len() > 1 { AnswerKind::List } else { AnswerKind::Span };
    (!texts.is_empty()).then(|| Made { text: texts.join(", "), kind, reason: None, from })
}

/// How many things there are, where no turn says the number.
fn counted<'e, 'h>(evidence: &'e Evidence<'h>, members: &[&Candidate<'h>]) -> Option<Made<'e, 'h>> {
    let (texts, from) = gathered(evidence, members);
    let reason = format!("counted: {}", texts.join(", "));
    (!texts.is_empty()).then(|| Made {
        text: texts.len().to_string(),
        kind: AnswerKind::Count,
        reason: Some(reason),
        from,
    })
}

fn gathered<'e, 'h>(
    evidence: &'e Evidence<'h>,
    members: &[&Candidate<'h>],
) -> (Vec<&'h str>, Vec<&'e Sentence<'h>>) {
    let mut texts = Vec::new();
    let mut from: Vec<&'e Sentence<'h>> = Vec::new();
    for member in members {
        let Some(sentence) = evidence.sentence_of(member.hit, member.range.as_ref()) else {
            continue;
        };
        let text = &member.hit.turn.text;
        let whole = member.range.iter().flat_map(|range| phrase::enumeration(text, range));
        let mut new: Vec<&str> = whole.map(|range| &text[range]).collect();
        if new.is_empty() {
            new.push(member.text());
        }
        new.retain(|text| !texts.contains(text));
        texts.extend(new);
        if from.iter().all(|known| known.hit.turn.id != sentence.hit.turn.id) {
            from.push(sentence);
        }
    }
    (texts, from)
}

/// What can be told by its form alone.
fn by_form<'e, 'h>(
    question: &Question,
    evidence: &'e Evidence<'h>,
    best: &'e Sentence<'h>,
) -> Option<Made<'e, 'h>> {
    let found = match question.answer_type {
        AnswerType::Duration => evidence.first_span(cuts::duration),
        AnswerType::Frequency => evidence.first_span(cuts::frequency),
        AnswerType::Why => evidence.first_span(cuts::reason),
        AnswerType::Count => evidence.first_span(|sentence| {
            let text = sentence.text();
            let number = cuts::count(text, &evidence.asked_noun)?;
            Some(text[phrase::whole(text, &number)?].to_owned())
        }),
        AnswerType::Who => cuts::asked_about(&question.query.text)
            .and_then(|name| evidence.first_span(|sentence| cuts::relation(sentence, &name)))
            .or_else(|| Some((cuts::speaker_who_did(best, &question.query.text)?, best))),
        AnswerType::What if cuts::asks_for_name(&question.query.text) => {
            evidence.first_span(cuts::given_name)
        }
        _ => None,
    };
    found.map(|(text, from)| Made::of(text, AnswerKind::Span, from))
}

/// Without the reader: the later of two sentences on the same matter.
fn later_sentence<'e, 'h>(
    question: &Question,
    evidence: &'e Evidence<'h>,
    best: &'e Sentence<'h>,
) -> Option<Made<'e, 'h>> {
    /// So many other turns are looked at.
    const COMPARED: usize = 4;
    let others = evidence.sentences.iter().filter(|one| one.hit.turn.id != best.hit.turn.id);
    let from: Vec<&Sentence<'h>> = std::iter::once(best).chain(others.take(COMPARED)).collect();
    let update = updates::update(question, &from)?;
    let text = |place: usize| cuts::trim(from[place].text());
    Some(updated(update, &from, &text, AnswerKind::Sentence))
}

/// The word that holds, with the other one beside it.
fn updated<'e, 'h>(
    update: updates::Update,
    from: &[&'e Sentence<'h>],
    text: &dyn Fn(usize) -> &'e str,
    kind: AnswerKind,
) -> Made<'e, 'h> {
    let (holds, other, told) = if update.asks_for_earlier {
        (update.earlier, update.later, "later")
    } else {
        (update.later, update.earlier, "earlier")
    };
    let said = from[other].hit.turn.said_at.map(|at| at.civil().date());
    let on = said.map_or(String::new(), |day| format!(", said on {}", language::written(day)));
    Made {
        text: text(holds).to_owned(),
        kind,
        reason: Some(format!("updated [1]; {told}: “{}”{on} [2]", text(other))),
        from: vec![from[holds], from[other]],
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
