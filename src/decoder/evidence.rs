//! The sentences of the hits, each with how well it answers.

use crate::conversation::{Kind, Role};
use crate::evidence::Hit;
use crate::language::{self, AnswerType};
use crate::question::Question;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

/// A sentence of a hit.
#[derive(Debug, Clone)]
pub(super) struct Sentence<'h> {
    pub hit: &'h Hit,
    pub range: Range<usize>,
    pub score: f32,
    /// Share of the question's terms, weighted by how rare they are among the hits, that stand in
    /// it or in the rest of its turn.
    pub coverage: f32,
    /// The same of the sentence alone.
    pub own_coverage: f32,
}

impl<'h> Sentence<'h> {
    pub fn text(&self) -> &'h str {
        &self.hit.turn.text[self.range.clone()]
    }

    /// Whether it is by somebody who is neither the user nor a program.
    pub fn is_by_another(&self) -> bool {
        let turn = &self.hit.turn;
        let is_program = turn.role != Role::User || language::is_program(&turn.speaker);
        !is_program && !language::is_self(&turn.speaker)
    }

    /// Where its own words stand in the turn: of a picture, what is seen in it.
    pub fn spoken(&self) -> Range<usize> {
        const SHOWN: &[&str] = &["a photo of ", "a photography of "];
        let Some(caption) = self.text().strip_prefix(PICTURE) else { return self.range.clone() };
        let caption = caption.trim_start();
        let caption = SHOWN.iter().find_map(|shown| caption.strip_prefix(shown)).unwrap_or(caption);
        let end = self.range.end;
        end - caption.len()..end - usize::from(caption.ends_with(']'))
    }
}

/// What opens and closes a block of code.
const FENCE: &str = "```";

/// Answers are read from so many hits.
const READ: usize = 10;

/// How importers write the caption of a picture.
const PICTURE: &str = "[picture:";

/// What there is to answer from.
#[derive(Debug)]
pub(super) struct Evidence<'h> {
    /// The hits that are read, best first.
    pub hits: Vec<&'h Hit>,
    pub answer_type: AnswerType,
    /// The question's terms without the names of speakers.
    pub terms: Vec<String>,
    /// How rare each term is among the hits.
    pub rarity: Vec<f32>,
    /// The speakers whom the question names.
    pub named: Vec<String>,
    /// Whether the question names somebody or something that none of the hits speaks of.
    pub names_unknown: bool,
    /// The stem of the thing that is counted or asked for: "turtle" in "how many turtles".
    pub asked_noun: String,
    /// Whether the question is about the one who asks, whom the hits know.
    pub asks_of_self: bool,
    pub wants_title: bool,
    /// Best first.
    pub sentences: Vec<Sentence<'h>>,
}

impl<'h> Evidence<'h> {
    pub fn gather(question: &Question, all: &'h [Hit]) -> Self {
        let hits = &read_from(all);
        let asked = &question.query.text;
        let mut evidence = Self {
            hits: hits.clone(),
            answer_type: question.answer_type,
            rarity: rarity(&question.terms, hits),
            terms: question.terms.clone(),
            named: question.names.clone(),
            names_unknown: names_unknown(question, all),
            asked_noun: question.noun.clone(),
            asks_of_self: question.of_self
                && hits.iter().any(|hit| language::is_self(&hit.turn.speaker)),
            wants_title: wants_title(asked),
            sentences: Vec::new(),
        };
        evidence.score(hits);
        evidence
    }

    /// Whether a sentence is by the one whom the question is about; any is where that is nobody, or
    /// more than one.
    pub fn is_of_whom_is_asked(&self, sentence: &Sentence<'_>) -> bool {
        match self.named.as_slice() {
            [name] => sentence.hit.turn.speaker == *name,
            [] if self.asks_of_self => !sentence.is_by_another(),
            _ => true,
        }
    }

    pub fn best(&self) -> Option<&Sentence<'h>> {
        self.sentences.first()
    }

    /// The sentence in which a stretch of a hit begins; of who said it, the hit's best.
    pub fn sentence_of(&self, hit: &Hit, range: Option<&Range<usize>>) -> Option<&Sentence<'h>> {
        let mut own = self.sentences.iter().filter(|one| one.hit.turn.id == hit.turn.id);
        match range {
            Some(range) => own
                .clone()
                .find(|one| one.range.start <= range.start && range.start < one.range.end)
                .or_else(|| own.next()),
            None => own.next(),
        }
    }

    /// The first stretch that `find` sees in the best few sentences.
    pub fn first_span(
        &self,
        find: impl Fn(&Sentence<'h>) -> Option<String>,
    ) -> Option<(String, &Sentence<'h>)> {
        const LOOKED_AT: usize = 4;
        const MARGIN: f32 = 1.5;
        let least = self.best().map_or(0.0, |best| best.score - MARGIN);
        let best_few = self.sentences.iter().take(LOOKED_AT);
        best_few
            .take_while(|sentence| sentence.score >= least)
            .find_map(|sentence| Some((find(sentence)?, sentence)))
    }

    fn score(&mut self, hits: &[&'h Hit]) {
        let rarity: BTreeMap<&str, f32> =
            self.terms.iter().map(String::as_str).zip(self.rarity.iter().copied()).collect();
        let all: f32 = rarity.values().sum::<f32>().max(1e-6);
        let top = hits.first().map_or(0.0, |hit| hit.score);
        for hit in hits {
            let of_turn = held(&hit.turn.text, &rarity) / all;
            for range in language::sentences(&hit.turn.text) {
                let text = &hit.turn.text[range.clone()];
                if text.starts_with(FENCE) {
                    continue;
                }
                let own = held(text, &rarity) / all;
                let mut score = (hit.score - top) * 0.6 + own * 1.5 + of_turn * 0.5;
                if text.ends_with('?') {
                    score -= 1.0;
                }
                if is_empty_talk(text) {
                    score -= 3.0;
                }
                if text.starts_with(PICTURE) {
                    score -= 0.4;
                }
                // A heading says what comes, not what is.
                if text.ends_with(':') {
                    score -= 0.6;
                }
                if self.fits(text, hit) {
                    score += 0.6;
                }
                self.sentences.push(Sentence {
                    hit,
                    range,
                    score,
                    coverage: own.max(of_turn),
                    own_coverage: own,
                });
            }
        }
        // Equal scores keep the order of the hits: the sort is stable.
        self.sentences.sort_by(|a, b| b.score.total_cmp(&a.score));
    }

    /// Whether a sentence has the kind of thing that is asked for.
    fn fits(&self, text: &str, hit: &Hit) -> bool {
        match self.answer_type {
            AnswerType::When => hit
                .turn
                .said_at
                .is_some_and(|at| !language::times(text, at.civil().date()).is_empty()),
            AnswerType::Duration => {
                let said = hit.turn.said_at.map(|at| at.civil().date());
                super::cuts::has_duration(text, said)
            }
            AnswerType::Count => super::cuts::count(text, &self.asked_noun).is_some(),
            AnswerType::What if self.wants_title => super::cuts::title(text).is_some(),
            _ => false,
        }
    }
}

/// The best hits, and every primer: it is always weighed in.
fn read_from(hits: &[Hit]) -> Vec<&Hit> {
    let is_read = |(place, hit): &(usize, &Hit)| *place < READ || hit.turn.kind == Kind::Primer;
    hits.iter().enumerate().filter(is_read).map(|(_, hit)| hit).collect()
}

/// Whether the question holds proper names, and none of them is in any hit.
fn names_unknown(question: &Question, hits: &[Hit]) -> bool {
    let names = &question.other_names;
    !names.is_empty()
        && question.names.is_empty()
        && !hits.iter().any(|hit| {
            let spoken = crate::conversation::spoken(&hit.turn.speaker, &hit.turn.text);
            language::words(&spoken).iter().any(|word| names.contains(&word.term))
        })
}

/// How rare each term is among the hits: a term that all of them hold tells them apart no more.
fn rarity(terms: &[String], hits: &[&Hit]) -> Vec<f32> {
    let all = hits.len() as f32;
    let sets: Vec<HashSet<String>> = hits
        .iter()
        .map(|hit| language::words(&hit.turn.text).into_iter().map(|word| word.term).collect())
        .collect();
    terms
        .iter()
        .map(|term| {
            let held = sets.iter().filter(|set| set.contains(term)).count() as f32;
            (1.0 + all / (held + 0.5)).ln()
        })
        .collect()
}

fn held(text: &str, rarity: &BTreeMap<&str, f32>) -> f32 {
    let words: HashSet<String> = language::words(text).into_iter().map(|word| word.term).collect();
    // In the order of the text's set the sum would differ in its last bits from run to run.
    let mut held: Vec<f32> =
        words.iter().filter_map(|word| rarity.get(word.as_str())).copied().collect();
    held.sort_by(f32::total_cmp);
    held.iter().sum()
}

/// "Wow!", "Thanks, Ann!": sentences that say nothing.
fn is_empty_talk(text: &str) -> bool {
    const EMPTY: &[&str] = &[
        "wow",
        "thanks",
        "thank",
        "hey",
        "hi",
        "hello",
        "yeah",
        "yep",
        "yes",
        "no",
        "sure",
        "cool",
        "awesome",
        "great",
        "nice",
        "congrats",
        "haha",
        "ok",
        "okay",
        "bye",
        "nope",
        "absolutely",
    ];
    let words = language::words(text);
    words.len() <= 3
        && words.first().is_some_and(|word| EMPTY.contains(&word.text.to_lowercase().as_str()))
}

/// Whether the thing asked for has a name of its own.
fn wants_title(question: &str) -> bool {
    const NAMED: &[&str] = &[
        "book", "movi", "film", "song", "game", "show", "seri", "titl", "name", "call", "band",
        "artist", "album", "novel", "podcast",
    ];
    language::words(question).iter().any(|word| NAMED.contains(&word.term.as_str()))
}
