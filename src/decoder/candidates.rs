//! The spans that could be the answer, each with what is known of it.
//!
//! A candidate is a run of words inside one sentence that could stand alone: it neither ends in a
//! word that leans on the next one nor begins with one that joins. What is known of it is numbers
//! only, and named: [`scorer`](super::scorer) weighs them by a table.

use super::evidence::{Evidence, Sentence};
use super::features::{BESIDE, BREAK, EDGE, FORMED, Form, Measures, ROUGH_LENGTHS, block};
use super::nearness::{Best, Near};
use super::tokens::{
    Numbers, Token, bit, is_nameable, is_number, is_quantity, terms, terms_of, tokens,
};
use super::word_class::WordClass;
use crate::conversation::{Role, Timestamp};
use crate::language;
use std::ops::Range;

/// Spans inside of a sentence have so many words at most; a whole clause may have more.
const LONGEST: usize = 12;
const LONGEST_CLAUSE: usize = 28;
/// Candidates are cut from so many of the best hits…
const HITS: usize = 8;
/// …and from so many of their sentences, the best ones: a turn can be as long as a book.
const SENTENCES: usize = 40;
/// How many words around a span the question's words are looked for.
const REACH: usize = 8;

/// A span that could be the answer.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// The sentence that holds it, by its place in [`Evidence::sentences`].
    pub sentence: usize,
    /// Where it stands in its turn, in bytes; none where it is the name of who said the sentence.
    pub range: Option<Range<usize>>,
    /// The terms it is made of, articles and *and* left out, sorted: the number of each among all
    /// terms of the sentences, so that comparing spans compares numbers.
    pub terms: Vec<u32>,
    /// What is known of it: the number of a feature (its name is in [`feature_names`](super::features::feature_names)) and its
    /// value. Features that are 0 are left out.
    pub features: Vec<(u16, f32)>,
}

impl Candidate {
    /// The words, as they stand in the turn.
    pub fn text<'h>(&self, evidence: &Evidence<'h>) -> &'h str {
        let turn = &evidence.sentences[self.sentence].hit.turn;
        self.range.clone().map_or(&turn.speaker, |range| &turn.text[range])
    }
}

/// What the question asks, as candidates are measured by it.
struct Asked<'e> {
    question: &'e str,
    evidence: &'e Evidence<'e>,
    form: Form,
    /// Whether a span is the kind of thing that is asked for.
    fits: fn(&[Token]) -> bool,
    /// The rarity of all of its terms together.
    all: f32,
    most: f32,
    /// Which of several words on the same matter it wants.
    time: Wanted,
    /// The preposition that it ends with.
    preposition: Option<String>,
}

impl<'e> Asked<'e> {
    fn new(question: &'e str, evidence: &'e Evidence<'e>) -> Self {
        let last = language::words(question).last().map(|word| word.text.to_lowercase());
        let form = Form::of(question, evidence.answer_type);
        let fits = match form {
            Form::Count if is_how_many(question) => is_number,
            Form::Count => is_quantity,
            Form::Who => is_nameable,
            _ => |_: &[Token]| true,
        };
        Self {
            question,
            evidence,
            form,
            fits,
            time: Wanted::of(question),
            all: evidence.rarity.iter().sum::<f32>().max(1e-6),
            most: evidence.rarity.iter().copied().fold(1e-6, f32::max),
            preposition: last.filter(|word| {
                matches!(WordClass::of(word, false), WordClass::Preposition | WordClass::To)
            }),
        }
    }

    fn coverage(&self, set: u64) -> f32 {
        let held = self.evidence.rarity.iter().enumerate();
        held.filter(|(term, _)| set & bit(*term) != 0).map(|(_, rarity)| rarity).sum::<f32>()
            / self.all
    }
}

/// Of what was said about the same matter at different times, what a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// *Where does Ann live?* What is so now.
    Present,
    /// *What is the latest…?*
    Latest,
    /// *Where did Ann live at first?*
    First,
    Any,
}

impl Wanted {
    pub fn of(question: &str) -> Self {
        let words: Vec<String> =
            language::words(question).iter().map(|word| word.text.to_lowercase()).collect();
        // "Where did I live at first?" is of the past, and still wants one of several.
        let is_first = |word: &String| {
            matches!(word.as_str(), "first" | "originally" | "initially" | "earliest")
        };
        if words.iter().any(is_first) {
            return Self::First;
        }
        let mut wanted = Self::Any;
        for word in &words {
            match word.as_str() {
                "latest" | "newest" | "currently" | "current" | "now" | "nowadays" | "today"
                | "last" | "lately" => return Self::Latest,
                "did" | "was" | "were" | "had" => return Self::Any,
                "do" | "does" | "is" | "are" | "am" | "has" | "have" => wanted = Self::Present,
                _ => {}
            }
        }
        wanted
    }
}

fn is_how_many(question: &str) -> bool {
    let words = language::words(question);
    words.windows(2).any(|pair| {
        pair[0].text.eq_ignore_ascii_case("how") && pair[1].text.eq_ignore_ascii_case("many")
    })
}

/// The candidates of the best sentences of the best hits, in a fixed order.
pub(super) fn candidates<'e>(question: &'e str, evidence: &'e Evidence<'e>) -> Vec<Candidate> {
    let mut asked = Asked::new(question, evidence);
    let candidates = cut_all(&asked);
    if !candidates.is_empty() {
        return candidates;
    }
    // There is no number where one is asked for: anything may be the answer.
    asked.fits = |_| true;
    cut_all(&asked)
}

fn cut_all(asked: &Asked<'_>) -> Vec<Candidate> {
    let evidence = asked.evidence;
    let mut sentences: Vec<(usize, &Sentence<'_>)> = evidence
        .sentences
        .iter()
        .enumerate()
        .filter(|(_, sentence)| sentence.rank < HITS)
        .take(SENTENCES)
        .collect();
    // "What does Ann not eat?" is answered by what denies, where anything does.
    if super::cuts::denies(asked.question) {
        let denying: Vec<_> =
            sentences.iter().copied().filter(|(_, one)| super::cuts::denies(one.text())).collect();
        if !denying.is_empty() {
            sentences = denying;
        }
    }
    sentences.sort_by_key(|(_, sentence)| (sentence.rank, sentence.range.start));
    let mut numbers = Numbers::default();
    let tokens: Vec<Vec<Token>> =
        sentences.iter().map(|(_, sentence)| tokens(sentence, evidence, &mut numbers)).collect();
    let sets: Vec<u64> = tokens.iter().map(|tokens| terms_of(tokens)).collect();
    let top = sentences.first().map_or(0.0, |(_, sentence)| sentence.hit.score);

    let mut times: Vec<Option<Timestamp>> = vec![None; HITS];
    for (_, sentence) in &sentences {
        times[sentence.rank] = sentence.hit.turn.said_at;
    }
    let later = |rank: usize, wanted: Wanted| -> f32 {
        let (true, Some(at)) = (asked.time == wanted, times[rank]) else { return 0.0 };
        let known = times.iter().flatten();
        let before = known.clone().filter(|other| **other < at).count();
        before as f32 / known.count() as f32
    };

    let mut nears: Vec<Option<Near<'_>>> = (0..HITS).map(|_| None).collect();
    for (_, sentence) in &sentences {
        if nears[sentence.rank].is_none() {
            nears[sentence.rank] = Near::of(sentence.hit);
        }
    }
    let near_of = |place: usize| {
        let sentence = sentences[place].1;
        let near = nears[sentence.rank].as_ref();
        near.map(|near| near.best(&[near.tokens_in(&sentence.range)]))
    };

    let mut candidates = Vec::new();
    for (place, (index, sentence)) in sentences.iter().enumerate() {
        let same_turn = |other: usize| sentences[other].1.rank == sentence.rank;
        let others = (0..sentences.len()).filter(|other| *other != place && same_turn(*other));
        let others = others.fold(0, |set, other| set | sets[other]);
        let before = place.checked_sub(1).filter(|other| same_turn(*other));
        let after = Some(place + 1).filter(|other| *other < sets.len() && same_turn(*other));
        let beside = |other: Option<usize>| other.map_or(0.0, |other| asked.coverage(sets[other]));
        let tokens = &tokens[place];
        let signals = &sentence.hit.signals;
        let text = sentence.text();
        let measures = Measures {
            hit_gap: (sentence.hit.score - top) / 3.0,
            hit_first: f32::from(sentence.rank == 0),
            hit_rank: 1.0 / (sentence.rank + 1) as f32,
            hit_speaker: signals.speaker,
            hit_late: signals.late / 3.0,
            hit_cosine: signals.cosine,
            hit_words_before: signals.words_before / 3.0,
            hit_answers_words: signals.answers_words / 3.0,
            hit_answers: f32::from(signals.answers_late != 0.0),
            later_of_present: later(sentence.rank, Wanted::Present),
            later_of_latest: later(sentence.rank, Wanted::Latest),
            later_of_first: later(sentence.rank, Wanted::First),
            turn_coverage: asked.coverage(sets[place] | others),
            sentence_coverage: asked.coverage(sets[place]),
            sentence_before: beside(before),
            sentence_after: beside(after),
            sentence_asks: f32::from(text.ends_with('?')),
            sentence_picture: f32::from(sentence.is_picture()),
            sentence_first: f32::from(sentence.range.start == 0),
            sentence_length: (tokens.len() as f32).ln_1p(),
            sentence_i: f32::from(tokens.iter().any(|token| token.is_i)),
            sentence_you: f32::from(
                tokens.iter().any(|token| matches!(token.term.as_str(), "you" | "your")),
            ),
            near_sentence_before: before.and_then(near_of).map_or(0.0, scaled),
            near_sentence_after: after.and_then(near_of).map_or(0.0, scaled),
            ..Measures::default()
        };
        let near = nears[sentence.rank].as_ref();
        let (index, set, best) = (*index, sets[place], None);
        let mut whole = Whole { index, sentence, tokens, set, others, measures, near, best };
        if let Some(near) = near {
            let own = near.tokens_in(&sentence.range);
            whole.best = Some(near.best_in(&own));
            whole.measures.near_sentence = scaled(near.best(std::slice::from_ref(&own)));
            let turn = 0..near.len();
            whole.measures.near_turn = scaled(near.best(std::slice::from_ref(&turn)));
            whole.measures.near_sentence_all = scaled(near.mean(own));
        }
        cut(asked, &whole, &mut candidates);
        candidates.extend(speaker(asked, &whole, &mut numbers));
    }
    candidates
}

/// Who said the sentence, where somebody is asked for and the speaker speaks of themselves.
fn speaker(asked: &Asked<'_>, whole: &Whole<'_>, numbers: &mut Numbers) -> Option<Candidate> {
    let name = &whole.sentence.hit.turn.speaker;
    let is_named = asked.evidence.named.contains(name);
    let is_role = matches!(whole.sentence.hit.turn.role, Role::User | Role::Assistant)
        && matches!(name.as_str(), "user" | "assistant" | "me");
    if asked.form != Form::Who || is_named || is_role || whole.measures.sentence_i == 0.0 {
        return None;
    }
    let measures = Measures {
        rest_coverage: whole.measures.sentence_coverage,
        turn_rest: whole.measures.turn_coverage,
        capitals: 1.0,
        speaker_name: 1.0,
        ..whole.measures
    };
    let words = language::words(name);
    let mut terms: Vec<u32> = words.into_iter().map(|word| numbers.of(word.term)).collect();
    terms.sort_unstable();
    let features = measures.values().into_iter().enumerate();
    let features = features.filter(|(_, value)| *value != 0.0);
    let features = features.map(|(feature, value)| (feature as u16, value)).collect();
    Some(Candidate { sentence: whole.index, range: None, terms, features })
}

/// A sentence to be cut.
struct Whole<'a> {
    index: usize,
    sentence: &'a Sentence<'a>,
    tokens: &'a [Token],
    /// The question's terms in it.
    set: u64,
    /// The question's terms in the rest of its turn.
    others: u64,
    measures: Measures,
    near: Option<&'a Near<'a>>,
    /// The best cosines in the sentence.
    best: Option<Best>,
}

fn cut(asked: &Asked<'_>, whole: &Whole<'_>, candidates: &mut Vec<Candidate>) {
    let tokens = whole.tokens;
    let breaks = |place: usize| place == 0 || place == tokens.len() || tokens[place].breaks;
    for first in 0..tokens.len() {
        if !tokens[first].opens || !(tokens[first].class.may_open() || tokens.len() == 1) {
            continue;
        }
        for end in first + 1..=tokens.len().min(first + LONGEST_CLAUSE) {
            let is_clause = breaks(first) && breaks(end);
            let ends_inside = end < tokens.len() && !tokens[end].opens;
            if (end - first > LONGEST && !is_clause)
                || ends_inside
                || !tokens[end - 1].class.may_close()
                || tokens[first..end].iter().all(|token| !token.content)
                || !(asked.fits)(&tokens[first..end])
            {
                continue;
            }
            candidates.push(candidate(asked, whole, first, end));
        }
    }
}

fn candidate(asked: &Asked<'_>, whole: &Whole<'_>, first: usize, end: usize) -> Candidate {
    let tokens = whole.tokens;
    let span = &tokens[first..end];
    let text = &whole.sentence.hit.turn.text;
    let range = widened(text, span[0].start..span[span.len() - 1].end);
    let breaks = |place: usize| place == 0 || place == tokens.len() || tokens[place].breaks;
    let content: Vec<&Token> = span.iter().filter(|token| token.content).collect();
    let repeated = content.iter().filter(|token| token.asked.is_some()).count();
    let inside = terms_of(span);
    let rest = terms_of(&tokens[..first]) | terms_of(&tokens[end..]);
    let noun = &asked.evidence.asked_noun;
    let is_noun = |token: &Token| !noun.is_empty() && token.term == *noun;
    let before = first.checked_sub(1).map(|place| &tokens[place]);
    let after = tokens.get(end);
    let is_term = |token: &Token, term: usize| token.asked == Some(term);
    let just_before = &tokens[first.saturating_sub(2)..first];
    let just_after = &tokens[end..tokens.len().min(end + 2)];
    let has = |tokens: &[Token], term: Option<usize>| {
        f32::from(term.is_some_and(|term| tokens.iter().any(|token| is_term(token, term))))
    };
    let last_term = asked.evidence.terms.len().checked_sub(1);
    let first_term = last_term.map(|_| 0);
    let mut measures = Measures {
        rest_coverage: asked.coverage(rest),
        turn_rest: asked.coverage(rest | whole.others),
        inside_coverage: asked.coverage(inside),
        repeated: repeated as f32 / content.len() as f32,
        all_repeated: f32::from(repeated == content.len()),
        anchor_before: anchor(asked, tokens[..first].iter().rev()),
        anchor_after: anchor(asked, tokens[end..].iter()),
        verb_before: has(just_before, last_term),
        verb_after: has(just_after, last_term),
        first_before: has(just_before, first_term),
        first_after: has(just_after, first_term),
        noun_inside: f32::from(content.iter().any(|token| is_noun(token))),
        noun_last: f32::from(is_noun(&span[span.len() - 1])),
        noun_before: f32::from(before.is_some_and(is_noun)),
        noun_after: f32::from(after.is_some_and(is_noun)),
        preposition_before: f32::from(
            before.is_some_and(|token| {
                asked.preposition.as_deref() == text.get(token.start..token.end)
            }),
        ),
        content_words: (content.len() as f32).ln(),
        whole_sentence: f32::from(span.len() == tokens.len()),
        whole_clause: f32::from(breaks(first) && breaks(end)),
        breaks: f32::from(span.iter().skip(1).any(|token| token.breaks)),
        joins: f32::from(span.iter().any(|token| token.class == WordClass::And)),
        capitals: content.iter().filter(|token| token.class == WordClass::Capital).count() as f32
            / content.len() as f32,
        number: f32::from(span.iter().any(|token| token.class == WordClass::Number)),
        quoted: f32::from(is_quoted(text, &range)),
        auxiliary: f32::from(span.iter().any(|token| {
            matches!(token.class, WordClass::Be | WordClass::Auxiliary | WordClass::Contraction)
        })),
        pronoun: f32::from(span.iter().any(|token| token.class == WordClass::Pronoun)),
        says_i: f32::from(span.iter().any(|token| token.is_i)),
        ..whole.measures
    };
    debug_assert_eq!(whole.set, rest | inside);
    if let (Some(near), Some(best)) = (whole.near, &whole.best) {
        measure_nearness(&mut measures, near, best, &whole.sentence.range, &range);
    }

    let mut features: Vec<(u16, f32)> = Vec::with_capacity(48);
    let mut push = |feature: usize, value: f32| {
        if value != 0.0 {
            features.push((feature as u16, value));
        }
    };
    for (feature, value) in measures.values().into_iter().enumerate() {
        push(feature, value);
    }
    let beside = |place: usize, token: Option<&Token>| match token {
        None => EDGE,
        Some(_) if breaks(place) => BREAK,
        Some(token) => token.class as usize,
    };
    let (left, right) = (beside(first, before), beside(end, after));
    let (opening, closing) = (span[0].class as usize, span[span.len() - 1].class as usize);
    let form = asked.form as usize;
    push(block::LENGTH + bucket(span.len(), &[1, 2, 3, 4, 6, 8, 12]), 1.0);
    push(block::BEFORE + left, 1.0);
    push(block::AFTER + right, 1.0);
    push(block::FIRST + opening, 1.0);
    push(block::LAST + closing, 1.0);
    push(block::OPENING + roughly(left) * WordClass::COUNT + opening, 1.0);
    let rough = bucket(span.len(), &[2, 5, 10]);
    push(block::FORM_LENGTH + form * ROUGH_LENGTHS.len() + rough, 1.0);
    push(block::FORM_BEFORE + form * BESIDE + left, 1.0);
    let formed = [
        measures.capitals,
        measures.number,
        measures.quoted,
        measures.sentence_picture,
        measures.whole_clause,
    ];
    for (place, value) in formed.into_iter().enumerate() {
        push(block::FORM_MEASURE + form * FORMED.len() + place, value);
    }
    Candidate { sentence: whole.index, terms: terms(span), range: Some(range), features }
}

/// Brings a cosine to about the size of the other measures, 0 where it is nothing special.
fn scaled(cosine: f32) -> f32 {
    (cosine - 0.3) / 0.15
}

fn measure_nearness(
    measures: &mut Measures,
    near: &Near<'_>,
    best: &Best,
    sentence: &Range<usize>,
    span: &Range<usize>,
) {
    let (whole, own) = (near.tokens_in(sentence), near.tokens_in(span));
    // A sign that belongs to a span may reach over the end of its sentence.
    let own = own.start.max(whole.start)..own.end.min(whole.end);
    if own.is_empty() {
        return;
    }
    let (first, end) = (whole.start, whole.end);
    let (before, after) = (first..own.start, own.end..end);
    measures.near_rest = scaled(near.best_without(best, &own));
    measures.near_turn_rest = scaled(near.best_outside(&own));
    measures.near_inside = scaled(near.best(std::slice::from_ref(&own)));
    measures.near_before = scaled(near.anchor(before.clone().rev()));
    measures.near_after = scaled(near.anchor(after.clone()));
    let relevance = near.relevance(own.clone());
    measures.near_mean = scaled(relevance.iter().sum::<f32>() / own.len() as f32);
    measures.near_best = scaled(relevance.iter().copied().fold(0.0, f32::max));
    measures.near_all = scaled(near.mean(own.clone()));
    if let Some(word) = near.question_word {
        measures.near_question_word = scaled(near.mean_to(word, own.clone()));
    }
    if let Some(noun) = near.noun {
        measures.near_noun_mean = scaled(near.mean_to(noun, own.clone()));
        measures.near_noun = scaled(near.best_to(noun, own.clone()));
    }
    if let Some(verb) = near.last {
        let beside = 4;
        let before = own.start.saturating_sub(beside).max(first)..own.start;
        let after = own.end..(own.end + beside).min(end);
        measures.near_verb_before = scaled(near.best_to(verb, before));
        measures.near_verb_after = scaled(near.best_to(verb, after));
    }
}

/// How near the best of the question's words stands: its rarity, less the further away.
fn anchor<'t>(asked: &Asked<'_>, tokens: impl Iterator<Item = &'t Token>) -> f32 {
    tokens
        .take(REACH)
        .enumerate()
        .filter_map(|(distance, token)| Some((distance, token.asked?)))
        .map(|(distance, term)| {
            asked.evidence.rarity[term] / asked.most / (1.0 + 0.3 * distance as f32)
        })
        .fold(0.0, f32::max)
}

/// What stands before a span, breaks and the start as one, and verbs and nouns as one.
fn roughly(beside: usize) -> usize {
    if beside == BREAK {
        EDGE
    } else if beside == WordClass::Ing as usize || beside == WordClass::Past as usize {
        WordClass::Other as usize
    } else {
        beside
    }
}

fn bucket(value: usize, limits: &[usize]) -> usize {
    limits.iter().take_while(|limit| value > **limit).count()
}

/// A span with the signs that belong to it: "$" before a price, "%" after a share.
fn widened(text: &str, range: Range<usize>) -> Range<usize> {
    let sign = |c: &char| matches!(c, '$' | '€' | '£' | '#' | '@');
    let before = text[..range.start].chars().next_back().filter(sign).map_or(0, char::len_utf8);
    let after = text[range.end..].chars().next().filter(|c| *c == '%').map_or(0, char::len_utf8);
    range.start - before..range.end + after
}

fn is_quoted(text: &str, range: &Range<usize>) -> bool {
    text[..range.start].ends_with(['"', '“'])
        && text[range.end..].trim_start_matches([',', '.', '!', '?']).starts_with(['"', '”'])
}
