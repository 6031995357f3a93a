//! Which candidate is the answer: a table of weights, and what the likely candidates agree on.

use super::candidates::Candidate;
use super::features::feature_names;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Feature and weight, a line each. How it was made is told in `assets/README.md`.
const TABLE: &str = include_str!("../../assets/spans/weights.tsv");

/// So many of the best candidates are compared with each other.
const COMPARED: usize = 80;
/// How far the scores are believed: higher means that the candidates agree on more.
const TEMPERATURE: f32 = 0.8;
/// Where the likely candidates agree on less, none of them is an answer: a whole sentence says more
/// then. It costs nothing in F1 and reads better.
const UNSURE: f32 = 0.2;

static WEIGHTS: LazyLock<Vec<f32>> = LazyLock::new(|| weights(TABLE));

/// The weights in the order of the features. A line that is no weight of a feature counts for
/// nothing here; a test refuses it.
fn weights(table: &str) -> Vec<f32> {
    let table: HashMap<&str, f32> = table.lines().filter_map(entry).collect();
    feature_names().iter().map(|name| table.get(name.as_str()).copied().unwrap_or(0.0)).collect()
}

fn entry(line: &str) -> Option<(&str, f32)> {
    let (name, weight) = line.split_once('\t')?;
    Some((name, weight.parse().ok()?))
}

fn score(candidate: &Candidate) -> f32 {
    candidate.features.iter().map(|(feature, x)| WEIGHTS[usize::from(*feature)] * x).sum()
}

/// The likely candidates of a question, ready to be chosen from.
pub(super) struct Ranking<'c> {
    candidates: Vec<&'c Candidate>,
    /// How likely each is, in sum 1.
    likely: Vec<f32>,
    /// How much each agrees with each other.
    agreement: Vec<Vec<f32>>,
}

impl<'c> Ranking<'c> {
    pub fn new(candidates: &'c [Candidate]) -> Self {
        let mut scored: Vec<(f32, &Candidate)> =
            candidates.iter().map(|candidate| (score(candidate), candidate)).collect();
        // The sort is stable: of equal scores the one that was cut first.
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        scored.truncate(COMPARED);
        let best = scored.first().map_or(0.0, |(score, _)| *score);
        let mut likely: Vec<f32> =
            scored.iter().map(|(score, _)| ((score - best) / TEMPERATURE).exp()).collect();
        let all: f32 = likely.iter().sum();
        for share in &mut likely {
            *share /= all.max(f32::MIN_POSITIVE);
        }
        let candidates: Vec<&Candidate> = scored.into_iter().map(|(_, one)| one).collect();
        let agreement = candidates
            .iter()
            .map(|one| candidates.iter().map(|other| overlap(&one.terms, &other.terms)).collect())
            .collect();
        Self { candidates, likely, agreement }
    }

    /// Up to `most` answers, the best first: each is the candidate that agrees best with all that
    /// are likely and that share no word with an answer before it. After the first, those that
    /// agree with less than `least` of what the first agreed with are left out. None where the
    /// likely ones agree on nothing.
    ///
    /// The most likely span alone is often a word too long or too short; the one in the middle of
    /// all likely ones costs least where it is wrong (minimum Bayes risk).
    pub fn answers(&self, most: usize, least: f32) -> Vec<&'c Candidate> {
        let mut likely = self.likely.clone();
        let mut answers = Vec::new();
        let mut first = 0.0;
        while answers.len() < most {
            let Some((best, agrees)) = self.middle(&likely) else { break };
            if answers.is_empty() {
                if agrees < UNSURE {
                    break;
                }
                first = agrees;
            } else if agrees < least * first {
                break;
            }
            answers.push(self.candidates[best]);
            for (share, overlap) in likely.iter_mut().zip(&self.agreement[best]) {
                if *overlap > 0.0 {
                    *share = 0.0;
                }
            }
        }
        answers
    }

    /// The candidate that agrees best with the likely ones, and how well.
    fn middle(&self, likely: &[f32]) -> Option<(usize, f32)> {
        let expected = |row: &Vec<f32>| row.iter().zip(likely).map(|(x, share)| x * share).sum();
        let mut best: Option<(usize, f32)> = None;
        for (place, row) in self.agreement.iter().enumerate() {
            let agrees: f32 = expected(row);
            if agrees > 0.0 && best.is_none_or(|(_, most)| agrees > most) {
                best = Some((place, agrees));
            }
        }
        best
    }
}

/// How much two lists of terms, both sorted, have in common: the harmonic mean of the shares.
fn overlap(a: &[u32], b: &[u32]) -> f32 {
    let (mut i, mut j, mut same) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                same += 1;
                i += 1;
                j += 1;
            }
        }
    }
    if same == 0 { 0.0 } else { (2 * same) as f32 / (a.len() + b.len()) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number for each word, of its letters; sorted.
    fn numbers(words: &[&str]) -> Vec<u32> {
        let number = |word: &&str| word.bytes().fold(0, |sum, byte| sum * 31 + u32::from(byte));
        let mut numbers: Vec<u32> = words.iter().map(number).collect();
        numbers.sort_unstable();
        numbers
    }

    fn candidate(terms: &[&str], features: &[(u16, f32)]) -> Candidate {
        Candidate { sentence: 0, range: None, terms: numbers(terms), features: features.to_vec() }
    }

    #[test]
    fn every_line_of_the_table_is_a_weight_of_a_feature() {
        let mut seen = std::collections::HashSet::new();
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (name, weight) = entry(line).unwrap_or_else(|| panic!("no weight: {line}"));
            assert!(feature_names().iter().any(|known| known == name), "no feature: {name}");
            assert!(weight.is_finite() && seen.insert(name), "twice or no number: {line}");
        }
        assert!(seen.len() > 100);
    }

    #[test]
    fn overlap_is_one_for_the_same_and_nothing_for_strangers() {
        assert!((overlap(&[1, 2], &[1, 2]) - 1.0).abs() < 1e-6);
        assert!((overlap(&[1, 2], &[2, 3]) - 0.5).abs() < 1e-6);
        assert!(overlap(&[1], &[2]).abs() < 1e-6);
    }

    #[test]
    fn what_the_likely_ones_agree_on_wins() {
        let ends = ["red", "old", "wet"];
        let mut all: Vec<Candidate> =
            ends.iter().map(|end| candidate(&["boat", end], &[])).collect();
        all.insert(0, candidate(&["hill"], &[]));
        let ranking = Ranking::new(&all);
        assert!(ranking.answers(1, 0.0)[0].terms.contains(&numbers(&["boat"])[0]));
        // The second answer shares no word with the first.
        assert_eq!(ranking.answers(5, 0.0).len(), 2);
        assert_eq!(ranking.answers(5, 0.9).len(), 1);
        assert!(Ranking::new(&[]).answers(3, 0.0).is_empty());
    }
}
