//! The likeliest stretches of a turn, from the model's numbers for its tokens.

use super::Passage;
use super::passage::{Place, Tokens};
use crate::evidence::Span;
use std::ops::Range;

/// So many stretches are kept of a turn.
const KEPT: usize = 12;
/// So many of the likeliest starts and ends are joined.
const ENDS: usize = 12;
/// A stretch has so many tokens at most: about 30 words.
const LONGEST: usize = 44;

/// The best stretches, best first. `numbers` holds two for each token: how likely the answer starts
/// and ends at it; those of the first token say that it is not here.
pub(super) fn best(numbers: &[f32], tokens: &Tokens, passage: &Passage<'_>) -> Vec<Span> {
    let [none_start, none_end, ..] = numbers else { return Vec::new() };
    let none = none_start + none_end;
    let of = |at: usize, end: usize| numbers.get(2 * (tokens.own + at) + end).copied();
    let likeliest = |end: usize, allowed: &dyn Fn(usize) -> bool| {
        let mut ranked: Vec<(usize, f32)> = (0..tokens.places.len())
            .filter(|at| allowed(*at))
            .filter_map(|at| Some((at, of(at, end)?)))
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked.truncate(ENDS);
        ranked
    };
    let text = passage.text;
    let in_text = |at: usize| match &tokens.places[at] {
        Place::Text(range) => Some(range.clone()),
        Place::Speaker => None,
    };
    let starts = likeliest(0, &|at| in_text(at).is_some_and(|range| begins_word(text, &range)));
    let ends = likeliest(1, &|at| in_text(at).is_some_and(|range| ends_word(text, &range)));
    let mut spans = Vec::new();
    for (first, start) in &starts {
        for (last, end) in &ends {
            if let (Some(from), Some(until)) = (in_text(*first), in_text(*last))
                && first <= last
                && last - first < LONGEST
            {
                let range = Some(from.start..until.end);
                spans.push(Span { range, score: start + end - none });
            }
        }
    }
    spans.extend(speaker(tokens, &of, none));
    spans.sort_by(|a, b| b.score.total_cmp(&a.score));
    spans.truncate(KEPT);
    spans
}

/// The name of who speaks, as an answer.
fn speaker(tokens: &Tokens, of: &dyn Fn(usize, usize) -> Option<f32>, none: f32) -> Option<Span> {
    // The last of its tokens is the colon.
    let name = tokens.places.iter().take_while(|place| **place == Place::Speaker).count();
    let last = name.checked_sub(2)?;
    Some(Span { range: None, score: of(0, 0)? + of(last, 1)? - none })
}

fn begins_word(text: &str, range: &Range<usize>) -> bool {
    let first = text[range.start..].chars().next().is_some_and(char::is_alphanumeric);
    !(first && text[..range.start].ends_with(char::is_alphanumeric))
}

fn ends_word(text: &str, range: &Range<usize>) -> bool {
    let last = text[..range.end].chars().next_back().is_some_and(char::is_alphanumeric);
    !(last && text[range.end..].starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made<'t>(text: &'t str, numbers: &[(f32, f32)]) -> Vec<(Option<&'t str>, f32)> {
        // A token for each word, and two for the name and its colon.
        let mut places = vec![Place::Speaker, Place::Speaker];
        let mut at = 0;
        for word in text.split(' ') {
            places.push(Place::Text(at..at + word.len()));
            at += word.len() + 1;
        }
        let tokens = Tokens { ids: Vec::new(), parts: Vec::new(), own: 1, places };
        let passage = Passage { speaker: "Ann", text, before: None, terms: &[] };
        let numbers: Vec<f32> = numbers.iter().flat_map(|(start, end)| [*start, *end]).collect();
        let spans = best(&numbers, &tokens, &passage);
        spans.into_iter().map(|span| (span.range.map(|range| &text[range]), span.score)).collect()
    }

    #[test]
    fn the_likeliest_stretch_comes_first() {
        let numbers = [(1.0, 1.0), (0.0, -9.0), (-9.0, -9.0), (-2.0, -2.0), (4.0, 0.0), (0.0, 5.0)];
        let spans = made("I saw herons", &numbers);
        assert_eq!(spans[0], (Some("saw herons"), 7.0));
        assert!(spans.windows(2).all(|pair| pair[0].1 >= pair[1].1));
        assert!(spans.iter().all(|span| span.0 != Some("")));
    }

    #[test]
    fn the_speaker_can_be_the_answer() {
        let numbers = [(0.0, 0.0), (5.0, 4.0), (-9.0, -9.0), (0.0, 0.0)];
        assert_eq!(made("me", &numbers)[0], (None, 9.0));
        assert!(made("me", &[]).is_empty());
    }
}
