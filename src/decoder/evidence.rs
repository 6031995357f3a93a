//! The sentences of the hits, each with how well it answers.

use crate::conversation::{Kind, Role};
use crate::evidence::{Hit, Query};
use crate::language::{self, AnswerType};
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

/// A sentence of a hit.
#[derive(Debug, Clone)]
pub(super) struct Sentence<'h> {
    pub hit: &'h Hit,
    /// The hit's place among those that are read, from 0.
    pub rank: usize,
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

    /// Whether it is the caption of a picture that was sent along.
    pub fn is_picture(&self) -> bool {
        self.text().starts_with(PICTURE)
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
    pub answer_type: AnswerType,
    /// The question's terms without the names of speakers.
    pub terms: Vec<String>,
    /// How rare each term is among the hits.
    pub rarity: Vec<f32>,
    /// The speakers among the hits whom the question names.
    pub named: Vec<String>,
    /// Whether the question names somebody or something that none of the hits speaks of.
    pub names_unknown: bool,
    /// The stem of the thing that is counted or asked for: "turtles" in "how many turtles".
    pub asked_noun: String,
    /// The things that somebody is said to have, where the question asks about one: "car" in "what
    /// colour is my car", "dog" and "name" in "what is my dog's name".
    pub possessed: Vec<String>,
    /// Whether the question is about the one who asks, whom the hits know.
    pub asks_of_self: bool,
    pub wants_list: bool,
    pub wants_title: bool,
    /// Best first.
    pub sentences: Vec<Sentence<'h>>,
}

impl<'h> Evidence<'h> {
    pub fn gather(query: &Query, all: &'h [Hit]) -> Self {
        let hits = &read_from(all);
        let named = named(&query.text, hits);
        let mut question = query.text.clone();
        if language::is_follow_up(&query.text) {
            for earlier in query.context.iter().take(2) {
                question.push('\n');
                question.push_str(earlier);
            }
        }
        let name_terms: HashSet<String> =
            named.iter().flat_map(|name| language::words(name)).map(|word| word.term).collect();
        let terms: Vec<String> = language::query_terms(&question)
            .into_iter()
            .filter(|term| !name_terms.contains(term))
            .collect();
        let answer_type = language::answer_type(&query.text);
        let asked = language::asked_noun(&query.text);
        let named_nobody = named.is_empty();
        let mut evidence = Self {
            answer_type,
            rarity: rarity(&terms, hits),
            terms,
            named,
            names_unknown: names_unknown(&query.text, all),
            asked_noun: asked.as_deref().map(language::stem).unwrap_or_default(),
            possessed: possessed(&query.text),
            asks_of_self: named_nobody
                && language::is_of_self(&query.text)
                && hits.iter().any(|hit| language::is_self(&hit.turn.speaker)),
            wants_list: language::asks_for_list(&query.text),
            wants_title: wants_title(&query.text),
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

    fn score(&mut self, hits: &[&'h Hit]) {
        let rarity: BTreeMap<&str, f32> =
            self.terms.iter().map(String::as_str).zip(self.rarity.iter().copied()).collect();
        let all: f32 = rarity.values().sum::<f32>().max(1e-6);
        let top = hits.first().map_or(0.0, |hit| hit.score);
        for (rank, hit) in hits.iter().enumerate() {
            let of_turn = held(&hit.turn.text, &rarity) / all;
            for range in language::sentences(&hit.turn.text) {
                let text = &hit.turn.text[range.clone()];
                if is_empty_talk(text) || text.starts_with(FENCE) {
                    continue;
                }
                let own = held(text, &rarity) / all;
                let mut score = (hit.score - top) * 0.6 + own * 1.5 + of_turn * 0.5;
                if text.ends_with('?') {
                    score -= 1.0;
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
                    rank,
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

/// The speakers of the hits whom the question names.
fn named(question: &str, hits: &[&Hit]) -> Vec<String> {
    let words: HashSet<String> =
        language::words(question).iter().map(|word| word.text.to_lowercase()).collect();
    let mut named: Vec<String> = Vec::new();
    for hit in hits {
        let speaker = &hit.turn.speaker;
        let first = speaker.split_whitespace().next().unwrap_or_default().to_lowercase();
        if !named.contains(speaker)
            && words.contains(&first)
            && !matches!(first.as_str(), "user" | "assistant")
        {
            named.push(speaker.clone());
        }
    }
    named
}

/// Whether the question holds proper names, and none of them stands in any hit.
fn names_unknown(question: &str, hits: &[Hit]) -> bool {
    let times = language::times(question, jiff::civil::Date::constant(2000, 1, 1));
    let names: Vec<String> = language::words(question)
        .iter()
        .skip(1)
        .filter(|word| word.text.starts_with(char::is_uppercase))
        .filter(|word| !matches!(word.text, "I" | "I'm" | "I've" | "I’m" | "I’ve"))
        .filter(|word| !times.iter().any(|time| time.range.contains(&word.start)))
        .map(|word| word.term.clone())
        .collect();
    !names.is_empty()
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

/// The noun after the last possessive of a question that asks what something is like.
fn possessed(question: &str) -> Vec<String> {
    things_of_somebody(question).unwrap_or_default()
}

fn things_of_somebody(question: &str) -> Option<Vec<String>> {
    let words = language::words(question);
    let lower: Vec<String> = words.iter().map(|word| word.text.to_lowercase()).collect();
    let is_asked = lower.iter().any(|word| matches!(word.as_str(), "is" | "are" | "was" | "were"))
        && matches!(lower.first().map(String::as_str), Some("what" | "which"));
    let owner = words.iter().rposition(|word| {
        // A possessive ending is no part of the word.
        let ending = question[word.end()..].chars().take(2);
        matches!(word.text.to_lowercase().as_str(), "my" | "our")
            || (word.text.starts_with(char::is_uppercase)
                && matches!(ending.collect::<String>().as_str(), "'s" | "’s"))
    })?;
    let of_owner: Vec<_> = words[owner + 1..]
        .iter()
        .take(3)
        .take_while(|word| !language::is_auxiliary(word.text) && !language::is_stop_word(word.text))
        .collect();
    let noun = of_owner.last()?;
    let has_ending = |word: &language::Word<'_>| question[word.end()..].starts_with(['\'', '’']);
    let lower_case = |text: &str| {
        let text = text.to_lowercase();
        text.strip_suffix("'s").or(text.strip_suffix("’s")).map(str::to_owned).unwrap_or(text)
    };
    // "My sister allergic to": what follows the noun says that something else is asked for.
    let ends = question[noun.end()..].trim_matches(|c: char| !c.is_alphanumeric()).is_empty();
    let things = of_owner.iter().filter(|word| {
        word.start == noun.start || has_ending(word) || word.text.contains(['\'', '’'])
    });
    (is_asked && ends).then(|| things.map(|word| lower_case(word.text)).collect())
}

/// Whether the thing asked for has a name of its own.
fn wants_title(question: &str) -> bool {
    const NAMED: &[&str] = &[
        "book", "movi", "film", "song", "game", "show", "seri", "titl", "name", "call", "band",
        "artist", "album", "novel", "podcast",
    ];
    language::words(question).iter().any(|word| NAMED.contains(&word.term.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_somebody_has() {
        assert_eq!(possessed("What colour is my car?"), ["car"]);
        assert_eq!(possessed("What is Ida's blood type?"), ["type"]);
        assert_eq!(possessed("What is my dog's name?"), ["dog", "name"]);
        assert!(possessed("What is my brother allergic to?").is_empty());
        assert!(possessed("What did Ida paint?").is_empty());
    }
}
