//! The built-in decoder: words of the turns themselves, nothing invented but resolved dates.

use super::attribution::{self, Attribution};
use super::evidence::{Evidence, Sentence};
use super::{Decoder, DecoderError, spans};
use crate::conversation::{Kind, Timestamp};
use crate::evidence::{Answer, Citation, Hit, Query};
use crate::language::{self, AnswerType};

/// Answers are read from so many hits.
const READ: usize = 10;
/// Lists gather from so many hits.
const LISTED: usize = 5;

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
        let evidence = Evidence::gather(query, &read_from(hits));
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
        let mut made = read(&evidence, best);
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

/// The best hits, and every primer: it is always weighed in.
fn read_from(hits: &[Hit]) -> Vec<&Hit> {
    let is_read = |(place, hit): &(usize, &Hit)| *place < READ || hit.turn.kind == Kind::Primer;
    hits.iter().enumerate().filter(is_read).map(|(_, hit)| hit).collect()
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

fn read<'e, 'h>(evidence: &'e Evidence<'h>, best: &'e Sentence<'h>) -> Made<'e, 'h> {
    let plain =
        |text: String, from: &'e Sentence<'h>| Made { text, reason: None, from: vec![from] };
    match evidence.answer_type {
        AnswerType::When => when(evidence, best),
        AnswerType::Duration => match first_span(evidence, spans::duration) {
            Some((text, from)) => plain(text, from),
            None => when(evidence, best),
        },
        AnswerType::Count => {
            match first_span(evidence, |s| spans::count(s.text(), &evidence.asked_noun)) {
                Some((text, from)) => plain(text, from),
                None => plain(spans::clause(best), best),
            }
        }
        AnswerType::Who => match first_span(evidence, |s| spans::name(s, evidence)) {
            Some((text, from)) => plain(text, from),
            None => plain(spans::clause(best), best),
        },
        AnswerType::Where => match first_span(evidence, |s| spans::place(s, evidence)) {
            Some((text, from)) => plain(text, from),
            None => plain(spans::clause(best), best),
        },
        AnswerType::What if evidence.wants_list => list(evidence, best),
        AnswerType::What if evidence.wants_title => {
            match first_span(evidence, |s| spans::title(s.text())) {
                Some((text, from)) => plain(text, from),
                None => plain(spans::clause(best), best),
            }
        }
        AnswerType::YesNo => {
            let no = spans::denies(best.text());
            let text = if no { "No" } else { "Yes" };
            Made {
                text: text.to_owned(),
                reason: Some(format!("{}: “{}” [1]", best.hit.turn.speaker, best.text())),
                from: vec![best],
            }
        }
        _ => plain(spans::clause(best), best),
    }
}

/// Adds the best sentences of further turns that speak of the same: the reader sees at once
/// whether they agree.
fn support<'e, 'h>(made: &mut Made<'e, 'h>, evidence: &'e Evidence<'h>) {
    const CITED: usize = 3;
    const MARGIN: f32 = 1.2;
    let Some(best) = evidence.best() else { return };
    for sentence in evidence.sentences.iter().take_while(|s| s.score >= best.score - MARGIN) {
        if made.from.len() >= CITED {
            break;
        }
        if made.from.iter().all(|cited| cited.hit.turn.id != sentence.hit.turn.id) {
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
fn when<'e, 'h>(evidence: &'e Evidence<'h>, best: &'e Sentence<'h>) -> Made<'e, 'h> {
    const MARGIN: f32 = 0.8;
    let dated = evidence
        .sentences
        .iter()
        .take_while(|sentence| sentence.score >= best.score - MARGIN)
        .find_map(|sentence| {
            let said = sentence.hit.turn.said_at.map(Timestamp::civil)?.date();
            let when = language::times(sentence.text(), said).into_iter().next()?;
            Some((sentence, when, said))
        });
    if let Some((sentence, when, said)) = dated {
        let as_said = &sentence.text()[when.range.clone()];
        let reason = (!when.absolute)
            .then(|| format!("“{as_said}”, said on {} [1]", language::written(said)));
        return Made { text: when.phrase, reason, from: vec![sentence] };
    }
    match best.hit.turn.said_at {
        Some(at) => Made {
            text: language::written(at.civil().date()),
            reason: Some("when it was said [1]".into()),
            from: vec![best],
        },
        None => Made { text: spans::clause(best), reason: None, from: vec![best] },
    }
}

/// Several things, each once, from the best turns of whoever is asked about.
fn list<'e, 'h>(evidence: &'e Evidence<'h>, best: &'e Sentence<'h>) -> Made<'e, 'h> {
    const MARGIN: f32 = 1.5;
    let mut members: Vec<String> = Vec::new();
    let mut from = Vec::new();
    for sentence in
        evidence.sentences.iter().take(LISTED).take_while(|s| s.score >= best.score - MARGIN)
    {
        let member = if evidence.wants_title {
            spans::title(sentence.text())
        } else {
            Some(spans::clause(sentence))
        };
        let Some(member) = member else { continue };
        let known = members.iter().any(|known| {
            let (a, b) = (known.to_lowercase(), member.to_lowercase());
            a.contains(&b) || b.contains(&a)
        });
        if !known {
            members.push(member);
            from.push(sentence);
        }
    }
    if members.is_empty() {
        return Made { text: spans::clause(best), reason: None, from: vec![best] };
    }
    Made { text: members.join(", "), reason: None, from }
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
