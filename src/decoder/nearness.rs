//! How near parts of a turn are to the question, in meaning, token by token.

use crate::evidence::{Hit, Nearness};
use std::ops::Range;

/// Tokens of the question of less weight are signs and the most frequent words.
const SAYS_SOMETHING: f32 = 5.0;

/// How many tokens around a span the question's are looked for.
const REACH: usize = 8;

/// A hit that was read closely, prepared to be asked about its parts.
pub(super) struct Near<'h> {
    nearness: &'h Nearness,
    /// The cosines of each of the question's tokens.
    rows: Vec<&'h [f32]>,
    /// How much each of the question's tokens counts, in sum 1.
    weights: Vec<f32>,
    /// Of each of the turn's tokens, the best cosine with any of the question's, by its weight.
    relevance: Vec<f32>,
    /// Of each of the turn's tokens, the weighted mean of its cosines with the question's.
    means: Vec<f32>,
    /// The best cosines in the turn.
    whole: Best,
    /// Which of the question's tokens is *what*, *who*…
    pub question_word: Option<usize>,
    /// Which is the noun that it asks for: *instrument* in "what instrument".
    pub noun: Option<usize>,
    /// Which is the last that says something, often its verb.
    pub last: Option<usize>,
}

impl<'h> Near<'h> {
    /// Prepares a hit; `None` where it was not read closely.
    pub fn of(hit: &'h Hit) -> Option<Self> {
        let nearness = &hit.nearness;
        if nearness.is_empty() {
            return None;
        }
        let (tokens, rows): (Vec<_>, Vec<_>) = nearness.rows().unzip();
        let sum: f32 = tokens.iter().map(|token| token.weight).sum();
        let most = tokens.iter().map(|token| token.weight).fold(f32::MIN_POSITIVE, f32::max);
        let mut relevance = vec![f32::NEG_INFINITY; nearness.places.len()];
        for (token, row) in tokens.iter().zip(&rows) {
            for (best, cosine) in relevance.iter_mut().zip(*row) {
                *best = best.max(token.weight / most * cosine);
            }
        }
        let weights: Vec<f32> =
            tokens.iter().map(|token| token.weight / sum.max(f32::MIN_POSITIVE)).collect();
        let mut means = vec![0.0; nearness.places.len()];
        for (weight, row) in weights.iter().zip(&rows) {
            for (mean, cosine) in means.iter_mut().zip(*row) {
                *mean += weight * cosine;
            }
        }
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let question_word = texts.iter().position(|text| is_question_word(text));
        Some(Self {
            nearness,
            weights,
            relevance,
            means,
            noun: question_word.and_then(|at| noun_after(&texts, at)),
            question_word,
            last: tokens
                .iter()
                .rposition(|token| token.weight > SAYS_SOMETHING && !is_question_word(&token.text)),
            whole: Best::of(&rows, 0..nearness.places.len()),
            rows,
        })
    }

    /// The best cosines in a part, to be asked what is left of them without a smaller one.
    pub fn best_in(&self, part: &Range<usize>) -> Best {
        Best::of(&self.rows, part.clone())
    }

    /// How many tokens the turn has.
    pub fn len(&self) -> usize {
        self.nearness.places.len()
    }

    /// The tokens in a part of the turn's text.
    pub fn tokens_in(&self, part: &Range<usize>) -> Range<usize> {
        let places = &self.nearness.places;
        let first = places.partition_point(|place| place.end <= part.start);
        first..places.partition_point(|place| place.start < part.end).max(first)
    }

    /// The weighted mean over the question's tokens of the best cosine with any token of the parts;
    /// 0 where there is none.
    pub fn best(&self, parts: &[Range<usize>]) -> f32 {
        let of = |row: &[f32]| {
            let all = parts.iter().flat_map(|part| &row[part.clone()]).copied();
            all.reduce(f32::max).unwrap_or(0.0)
        };
        self.rows.iter().zip(&self.weights).map(|(row, weight)| weight * of(row)).sum()
    }

    /// The same of all tokens outside of a part.
    pub fn best_outside(&self, part: &Range<usize>) -> f32 {
        self.best_without(&self.whole, part)
    }

    /// The same of all tokens of a part outside of a smaller one.
    pub fn best_without(&self, best: &Best, part: &Range<usize>) -> f32 {
        let (start, end) = (part.start - best.start, part.end - best.start);
        let rows = best.until.iter().zip(&best.from).zip(&self.weights);
        rows.map(|((until, from), weight)| {
            let best = until[start].max(from[end]);
            if best.is_finite() { weight * best } else { 0.0 }
        })
        .sum()
    }

    /// The weighted mean over the question's tokens of the mean cosine with the part's.
    pub fn mean(&self, part: Range<usize>) -> f32 {
        let means = &self.means[part];
        means.iter().sum::<f32>() / means.len().max(1) as f32
    }

    /// The mean cosine of one of the question's tokens with the part's.
    pub fn mean_to(&self, token: usize, part: Range<usize>) -> f32 {
        let row = &self.rows[token][part];
        row.iter().sum::<f32>() / row.len().max(1) as f32
    }

    /// The best cosine of one of the question's tokens with any of the part's.
    pub fn best_to(&self, token: usize, part: Range<usize>) -> f32 {
        self.rows[token][part].iter().copied().reduce(f32::max).unwrap_or(0.0)
    }

    /// How near each token of the part is to any of the question's, the rare ones of these more.
    pub fn relevance(&self, part: Range<usize>) -> &[f32] {
        &self.relevance[part]
    }

    /// How near the best of the tokens is, less the further along.
    pub fn anchor(&self, tokens: impl Iterator<Item = usize>) -> f32 {
        let near = tokens.take(REACH).enumerate();
        near.map(|(distance, token)| self.relevance[token] / (1.0 + 0.3 * distance as f32))
            .fold(0.0, f32::max)
    }
}

/// Of each of the question's tokens, the best cosine with any token of a part before each place of
/// it, and from each place on.
pub(super) struct Best {
    start: usize,
    until: Vec<Vec<f32>>,
    from: Vec<Vec<f32>>,
}

impl Best {
    fn of(rows: &[&[f32]], part: Range<usize>) -> Self {
        let rows = || rows.iter().map(|row| &row[part.clone()]);
        let backwards = |row: &[f32]| {
            let mut best = running_best(row.iter().rev());
            best.reverse();
            best
        };
        Self {
            start: part.start,
            until: rows().map(|row| running_best(row.iter())).collect(),
            from: rows().map(backwards).collect(),
        }
    }
}

/// The best of the values before each place, and before the end.
fn running_best<'v>(values: impl Iterator<Item = &'v f32>) -> Vec<f32> {
    let mut best = f32::NEG_INFINITY;
    let mut running = vec![best];
    for value in values {
        best = best.max(*value);
        running.push(best);
    }
    running
}

fn is_question_word(text: &str) -> bool {
    matches!(text, "what" | "which" | "who" | "whom" | "whose" | "where" | "why" | "how" | "when")
}

/// The last of the few tokens between the question word and the verb.
fn noun_after(texts: &[&str], at: usize) -> Option<usize> {
    let after = texts.iter().enumerate().skip(at + 1).take(5);
    after
        .take_while(|(_, text)| {
            !matches!(
                **text,
                "is" | "are"
                    | "was"
                    | "were"
                    | "did"
                    | "does"
                    | "do"
                    | "has"
                    | "have"
                    | "had"
                    | "will"
                    | "would"
                    | "can"
                    | "could"
                    | "to"
                    | "in"
                    | "for"
                    | "on"
            )
        })
        .filter(|(_, text)| {
            !matches!(
                **text,
                "kind" | "type" | "sort" | "of" | "many" | "much" | "long" | "often" | "the"
            )
        })
        .map(|(place, _)| place)
        .last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noun_stands_between_question_word_and_verb() {
        let noun = |question: &str| {
            let texts: Vec<&str> = question.split(' ').collect();
            noun_after(&texts, 0).map(|place| texts[place].to_owned())
        };
        assert_eq!(noun("what kind of boat did they row").as_deref(), Some("boat"));
        assert_eq!(noun("what did they row"), None);
    }
}
