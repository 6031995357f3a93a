//! Who said it: whether what was found answers the question, or was said by somebody else.
//!
//! The best score does not tell a question that memory answers from one about the wrong person:
//! the words were said in both. Who said them, and of whom, does.

use super::evidence::{Evidence, Sentence};
use super::nearness::Near;
use crate::evidence::Hit;
use crate::language;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// The verdict on the best evidence.
pub(super) enum Attribution<'e, 'h> {
    /// It can be answered from.
    Answers,
    /// Whoever is asked about did not say it, another did.
    SomebodyElse { asked: String, said_by: String, sentence: &'e Sentence<'h> },
    /// Nothing fits.
    Unknown,
}

/// Feature and weight, a line each. How it was made is told in `assets/README.md`.
const TABLE: &str = include_str!("../../assets/spans/attribution.tsv");

/// Below these log-odds that the evidence is of the person who is asked about, another said it.
/// Chosen on the conversations that the table was fitted to; `docs/quality.md` has the curve.
const LEAST: f32 = 0.3;
/// Share of the question's weighted terms that the best evidence must hold, unless its meaning is
/// near.
const COVERAGE: f32 = 0.15;
const NEAR: f32 = 0.3;
/// The same where only the question's rarest word is missing.
const NEAR_ENOUGH: f32 = 0.25;
/// The same, token by token.
const CLOSE: f32 = 0.45;

/// Share of the question's weighted terms that a turn must hold to be said to say it.
const SAID: f32 = 0.4;
/// Share of them that a sentence must hold to be taken as said by its speaker, nobody else having.
const COVERED: f32 = 0.99;
/// What [`rarest`](crate::evidence::Signals::rarest) is where the question's rarest word is held.
const ALL: f32 = 0.999;

/// What is known of a sentence where it is asked whose it is. The first few say how likely it is
/// the evidence, the others whether it speaks for the person who is asked about: their sign is
/// that of its speaker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stance([f32; Self::NAMES.len()]);

impl Stance {
    pub const NAMES: [&'static str; 10] = [
        "fits",
        "near",
        "asks",
        "theirs",
        "theirs, of themselves",
        "theirs, to another",
        "theirs, of both",
        "theirs, asks",
        "theirs, asks another",
        "another's, of them by name",
    ];
    /// So many of them say how likely it is the evidence.
    const FIT: usize = 3;

    fn of(sentence: &Sentence<'_>, near: Option<&Near<'_>>, asked: &str) -> Self {
        let theirs = sentence.hit.turn.speaker == asked;
        let text = sentence.text();
        let near = near.map_or(0.0, |near| near.best(&[near.tokens_in(&sentence.range)]));
        let (mut own, mut to) = (false, false);
        for word in language::words(text) {
            let lower = word.text.to_lowercase().replace('’', "'");
            let head = lower.split('\'').next().unwrap_or_default();
            own |= matches!(head, "i" | "my" | "me" | "we" | "our" | "us" | "mine" | "myself");
            to |= matches!(head, "you" | "your" | "yours" | "yourself");
        }
        let asks = text.trim_end().ends_with('?');
        let sign = if theirs { 1.0 } else { -1.0 };
        let signed = |holds: bool| if holds { sign } else { 0.0 };
        Self([
            sentence.hit.signals.content,
            near * 5.0,
            if asks { 1.0 } else { 0.0 },
            sign,
            signed(own && !to),
            signed(to && !own),
            signed(own && to),
            signed(asks),
            signed(asks && to),
            f32::from(!theirs && speaks_of(asked, text)),
        ])
    }

    pub fn values(&self) -> impl Iterator<Item = (&'static str, f32)> {
        Self::NAMES.into_iter().zip(self.0)
    }

    /// How likely it is the evidence, and the probability that it then speaks for the person.
    fn weigh(&self, weights: &Weights) -> (f32, f32) {
        let of = |from: usize, until: usize| -> f32 {
            let both = self.0[from..until].iter().zip(&weights.features[from..until]);
            both.map(|(x, weight)| x * weight).sum()
        };
        let stance = of(Self::FIT, Self::NAMES.len());
        (of(0, Self::FIT), 1.0 / (1.0 + (-stance).exp()))
    }
}

/// Whether a text tells something of somebody by name: "Ida's tonsils", "Ida begins on Monday". In
/// "Thanks, Ida!" they are only spoken to: their name stands between breaks, or behind a greeting.
fn speaks_of(name: &str, text: &str) -> bool {
    const GREETING: &[&str] =
        &["hi", "hey", "hello", "thanks", "yeah", "yes", "no", "wow", "oh", "ok", "sorry", "dear"];
    let words = language::words(text);
    let Some(name) = language::words(name).into_iter().next().map(|word| word.term) else {
        return false;
    };
    words.iter().enumerate().any(|(at, word)| {
        let before = at.checked_sub(1).map(|at| words[at].text.to_lowercase());
        let opens = before.is_none_or(|before| GREETING.contains(&before.as_str()))
            || text[..word.start].trim_end().ends_with([',', '-', '—']);
        let after = text[word.end()..].trim_start_matches(' ');
        let breaks =
            after.is_empty() || after.starts_with([',', '!', '?', '.', ':', '…', '-', '—']);
        word.term == name && !(opens && breaks)
    })
}

struct Weights {
    features: [f32; Stance::NAMES.len()],
    slope: f32,
    offset: f32,
}

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let table: HashMap<&str, f32> = TABLE
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(name, weight)| Some((name, weight.parse().ok()?)))
        .collect();
    let of = |name: &str| table.get(name).copied().unwrap_or(0.0);
    Weights { features: Stance::NAMES.map(of), slope: of("slope"), offset: of("offset") }
});

/// The sentences with what is known of whose they are; none where the question does not name
/// exactly one speaker.
pub(super) fn stances(evidence: &Evidence<'_>) -> Vec<Stance> {
    let [asked] = evidence.named.as_slice() else { return Vec::new() };
    let mut nears: BTreeMap<usize, Option<Near<'_>>> = BTreeMap::new();
    let sentences = evidence.sentences.iter();
    sentences
        .map(|sentence| {
            let near = nears.entry(sentence.rank).or_insert_with(|| Near::of(sentence.hit));
            Stance::of(sentence, near.as_ref(), asked)
        })
        .collect()
}

pub(super) fn attribute<'e, 'h>(evidence: &'e Evidence<'h>, hits: &[Hit]) -> Attribution<'e, 'h> {
    if evidence.best().is_none() {
        return Attribution::Unknown;
    }
    let nearest = hits.iter().map(|hit| hit.signals.cosine).fold(0.0, f32::max);
    let covered = evidence.sentences.iter().map(|s| s.coverage).fold(0.0, f32::max);
    let rarest = hits.iter().map(|hit| hit.signals.rarest).fold(0.0, f32::max);
    let has_terms = !evidence.terms.is_empty();
    if evidence.names_unknown
        || (covered < COVERAGE && nearest < NEAR)
        || (has_terms && rarest < ALL && nearest < NEAR_ENOUGH && !is_close(evidence))
        || is_unspoken(evidence, hits)
    {
        return Attribution::Unknown;
    }
    if evidence.asks_of_self
        && let Some(other) = evidence.best().filter(|best| best.is_by_another())
        && !evidence.sentences.iter().any(|own| !own.is_by_another() && own.coverage >= SAID)
    {
        let said_by = other.hit.turn.speaker.clone();
        return Attribution::SomebodyElse { asked: "you".into(), said_by, sentence: other };
    }
    let [asked] = evidence.named.as_slice() else { return Attribution::Answers };
    let weighed: Vec<(f32, f32)> =
        stances(evidence).iter().map(|stance| stance.weigh(&WEIGHTS)).collect();
    if odds(&weighed) >= LEAST {
        return Attribution::Answers;
    }
    // What another said of themselves comes first, then what they said at all.
    let others = evidence.sentences.iter().zip(&weighed);
    let others = others.filter(|(sentence, _)| sentence.hit.turn.speaker != *asked);
    let best = others.reduce(|best, one| {
        let against = |(fit, theirs): &(f32, f32)| fit + (1.0 - theirs).max(1e-6).ln();
        if against(one.1) > against(best.1) { one } else { best }
    });
    let Some((sentence, _)) = best else { return Attribution::Answers };
    // "Another said it" is a claim of its own: it needs the question's words.
    if sentence.coverage < SAID {
        // Nobody else said it; where the one who is asked about did, in so many words, it is theirs.
        let own = evidence.sentences.iter().filter(|own| own.hit.turn.speaker == *asked);
        let said = own.map(|own| own.coverage).fold(0.0, f32::max);
        return if said >= COVERED { Attribution::Answers } else { Attribution::Unknown };
    }
    let said_by = sentence.hit.turn.speaker.clone();
    Attribution::SomebodyElse { asked: asked.clone(), said_by, sentence }
}

/// Whether some sentence is near the question token by token: one that shares no word with it can
/// say it all the same.
fn is_close(evidence: &Evidence<'_>) -> bool {
    closest(evidence) >= CLOSE
}

/// How near the nearest sentence is, token by token.
fn closest(evidence: &Evidence<'_>) -> f32 {
    let mut nears: BTreeMap<usize, Option<Near<'_>>> = BTreeMap::new();
    let mut closest = 0.0_f32;
    for sentence in &evidence.sentences {
        let near = nears.entry(sentence.rank).or_insert_with(|| Near::of(sentence.hit));
        if let Some(near) = near {
            closest = closest.max(near.best(&[near.tokens_in(&sentence.range)]));
        }
    }
    closest
}

/// Whether the thing that somebody is said to have stands in no hit, nor anything like it: whose
/// car was never spoken of, of them no colour of it is known.
fn is_unspoken(evidence: &Evidence<'_>, hits: &[Hit]) -> bool {
    evidence.possessed.iter().any(|noun| is_unspoken_noun(noun, hits))
}

fn is_unspoken_noun(noun: &str, hits: &[Hit]) -> bool {
    /// How near a word must be to be something like it.
    const LIKE: f32 = 0.4;
    let term = language::stem(noun);
    let spoken = |hit: &Hit| language::words(&hit.turn.text).iter().any(|word| word.term == term);
    let mut read = hits.iter().filter(|hit| !hit.nearness.is_empty()).peekable();
    if read.peek().is_none() || hits.iter().any(spoken) {
        return false;
    }
    !read.any(|hit| {
        let mut rows = hit.nearness.rows().filter(|(token, _)| noun.starts_with(&token.text));
        rows.any(|(_, row)| row.iter().any(|cosine| *cosine >= LIKE))
    })
}

/// The log-odds that the evidence, whichever sentence it is, speaks for the person who is asked
/// about.
fn odds(weighed: &[(f32, f32)]) -> f32 {
    let most = weighed.iter().map(|(fit, _)| *fit).fold(f32::NEG_INFINITY, f32::max);
    let (mut all, mut theirs) = (0.0, 0.0);
    for (fit, stance) in weighed {
        let likely = (fit - most).exp();
        all += likely;
        theirs += likely * stance;
    }
    let share = (theirs / all).clamp(1e-6, 1.0 - 1e-6);
    WEIGHTS.slope * (share / (1.0 - share)).ln() + WEIGHTS.offset
}

/// The probability that what is cited holds the answer, from how near the best hit is to the
/// question token by token, and how far it stands above the next.
///
/// Fitted on five conversations and the five sets of `tests/quality/`. The score itself says less on
/// other kinds of talk, where it has nobody's name to go by: `docs/quality.md`.
pub(super) fn confidence(hits: &[Hit], verdict: &Attribution<'_, '_>) -> f32 {
    /// Of the questions that were refused there, so many did have an answer in memory.
    const REFUSED_WRONGLY: f32 = 0.26;
    if !matches!(verdict, Attribution::Answers) {
        return REFUSED_WRONGLY;
    }
    let Some(best) = hits.first() else { return REFUSED_WRONGLY };
    let gap = hits.get(1).map_or(0.0, |next| best.score - next.score);
    // Where there is no encoder, the words have to do.
    let near = Near::of(best).map_or(best.signals.coverage, |near| {
        let all = 0..near.len();
        near.best(std::slice::from_ref(&all))
    });
    let x = -1.26 + 3.092 * near + 0.254 * gap;
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_spoken_to_is_not_spoken_of() {
        for text in [
            "Ida's tonsils come out",
            "so ida begins on Monday",
            "I saw Ida.",
            "Ida, and then Ida fell",
        ] {
            assert!(speaks_of("Ida Holm", text), "{text}");
        }
        for text in
            ["Thanks, Ida!", "Ida, look at this", "hey Ida, my knee hurts", "Idaho is far", ""]
        {
            assert!(!speaks_of("Ida Holm", text), "{text}");
        }
    }
}
