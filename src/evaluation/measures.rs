//! What one question scores: recall, rank, F1, abstaining, citations.
//!
//! Pure. The measures are those of the `LoCoMo` paper (arXiv 2402.17753) for answers, and turn-level
//! recall for retrieval.

use super::samples::{Category, Question};
use super::{dates, porter};
use crate::language::{self, AnswerType};
use regex::Regex;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Mean share of a question's evidence turns among the first 1, 5, 10, 20 or 50 hits.
    Recall(usize),
    /// Share of questions with at least one evidence turn among the first 10 hits.
    Hit10,
    /// Mean reciprocal rank of the first evidence turn; 0 where it is not among the hits.
    Mrr,
    /// The paper's F1 of the answer. A question without a reference answer does not count; one of
    /// category 5 scores 1 where it was abstained on.
    F1,
    /// Share of questions that were abstained on.
    Abstained,
    /// Share of the answered questions whose citations hold an evidence turn.
    Cited,
    /// Share of the questions for a time (category 2) whose answer means the reference's day or
    /// period, however it is put; where the reference names none, that say the same.
    Date,
    /// Share of the questions for yes or no that were answered rightly: the reference's word where
    /// there is one, abstaining where memory does not say (category 5).
    YesNo,
    /// Share of the questions for yes or no that were answered by a wrong yes or no.
    FalseClaim,
}

impl Measure {
    /// How many there are.
    pub const COUNT: usize = 13;

    /// All, in the order of the columns.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Recall(1),
        Self::Recall(5),
        Self::Recall(10),
        Self::Recall(20),
        Self::Recall(50),
        Self::Hit10,
        Self::Mrr,
        Self::F1,
        Self::Abstained,
        Self::Cited,
        Self::Date,
        Self::YesNo,
        Self::FalseClaim,
    ];

    /// Those that have a column of the printed table.
    pub const COLUMNS: [Self; 10] = [
        Self::Recall(1),
        Self::Recall(5),
        Self::Recall(10),
        Self::Recall(20),
        Self::Recall(50),
        Self::Hit10,
        Self::Mrr,
        Self::F1,
        Self::Abstained,
        Self::Cited,
    ];

    /// Its name at the head of its column and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recall(1) => "R@1",
            Self::Recall(5) => "R@5",
            Self::Recall(10) => "R@10",
            Self::Recall(20) => "R@20",
            Self::Recall(_) => "R@50",
            Self::Hit10 => "hit@10",
            Self::Mrr => "mrr",
            Self::F1 => "f1",
            Self::Abstained => "abstained",
            Self::Cited => "cited",
            Self::Date => "date",
            Self::YesNo => "yes_no",
            Self::FalseClaim => "false_claims",
        }
    }
}

/// What search and answer gave for a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The source ids of the hits, best first; `None` for a turn without one.
    pub hits: Vec<Option<String>>,
    /// The answer's text.
    pub answer: String,
    /// Whether it was abstained on.
    pub abstained: bool,
    /// The answer's confidence, 0 to 1.
    pub confidence: f64,
    /// The source ids of the cited turns.
    pub cited: Vec<String>,
}

impl Outcome {
    /// Whether a cited turn is among the evidence.
    pub(super) fn cites(&self, evidence: &[String]) -> bool {
        self.cited.iter().any(|id| evidence.contains(id))
    }
}

/// Returns a question's value for each measure, in the order of [`Measure::ALL`]; `None` where the
/// question does not count for it. `evidence` is not empty.
pub(super) fn scores(
    question: &Question,
    outcome: &Outcome,
    evidence: &[String],
) -> [Option<f64>; Measure::COUNT] {
    let wanted: HashSet<&str> = evidence.iter().map(String::as_str).collect();
    let found = |k: usize| {
        let hits = outcome.hits.iter().take(k).flatten().map(String::as_str);
        hits.filter(|id| wanted.contains(id)).collect::<HashSet<_>>().len()
    };
    let yes = |yes: bool| f64::from(u8::from(yes));
    Measure::ALL.map(|measure| match measure {
        Measure::Recall(k) => Some(found(k) as f64 / wanted.len() as f64),
        Measure::Hit10 => Some(yes(found(10) > 0)),
        Measure::Mrr => {
            let rank = outcome
                .hits
                .iter()
                .position(|id| id.as_deref().is_some_and(|id| wanted.contains(id)));
            Some(rank.map_or(0.0, |rank| 1.0 / (rank + 1) as f64))
        }
        Measure::F1 => answered(question, outcome),
        Measure::Abstained => Some(yes(outcome.abstained)),
        Measure::Cited => (!outcome.abstained).then(|| yes(outcome.cites(evidence))),
        Measure::Date => (question.category == Category::Temporal)
            .then_some(question.answer.as_deref())
            .flatten()
            .map(|gold| yes(!outcome.abstained && dates::same(&outcome.answer, gold))),
        Measure::YesNo => Some(yes(claims(question, outcome)? == Claimed::Right)),
        Measure::FalseClaim => Some(yes(claims(question, outcome)? == Claimed::Wrong)),
    })
}

#[derive(PartialEq, Eq)]
enum Claimed {
    Right,
    Wrong,
    /// Nothing was claimed where memory does say.
    Nothing,
}

/// What became of a question for yes or no; `None` for another question, or where the reference is
/// neither.
fn claims(question: &Question, outcome: &Outcome) -> Option<Claimed> {
    let said = |text: &str| {
        let word = text.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty())?;
        match word.to_lowercase().as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    };
    if language::answer_type(&question.text) != AnswerType::YesNo {
        return None;
    }
    let claimed = if outcome.abstained { None } else { said(&outcome.answer) };
    if question.category == Category::Adversarial {
        return Some(if claimed.is_none() { Claimed::Right } else { Claimed::Wrong });
    }
    let wanted = said(question.answer.as_deref()?)?;
    Some(match claimed {
        None => Claimed::Nothing,
        Some(claimed) if claimed == wanted => Claimed::Right,
        Some(_) => Claimed::Wrong,
    })
}

/// Returns the paper's score of an answer: multi-hop answers are lists, of which each member of the
/// reference is looked for; what stands after a semicolon explains an open-domain reference.
fn answered(question: &Question, outcome: &Outcome) -> Option<f64> {
    if question.category == Category::Adversarial {
        return Some(f64::from(u8::from(outcome.abstained)));
    }
    let gold = question.answer.as_deref()?;
    let answer = if outcome.abstained { "" } else { outcome.answer.as_str() };
    Some(match question.category {
        Category::MultiHop => {
            let best = |gold| answer.split(',').map(|one| f1(one, gold)).fold(0.0, f64::max);
            let golds: Vec<f64> = gold.split(',').map(best).collect();
            golds.iter().sum::<f64>() / golds.len() as f64
        }
        Category::OpenDomain => f1(answer, gold.split(';').next().unwrap_or_default()),
        _ => f1(answer, gold),
    })
}

/// Returns the F1 of the stems that two texts share.
pub(super) fn f1(answer: &str, gold: &str) -> f64 {
    let (answer, gold) = (stems(answer), stems(gold));
    let mut left: HashMap<&str, usize> = HashMap::new();
    for stem in &gold {
        *left.entry(stem).or_default() += 1;
    }
    let mut same = 0;
    for stem in &answer {
        if let Some(count) = left.get_mut(stem.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            same += 1;
        }
    }
    if same == 0 { 0.0 } else { 2.0 * f64::from(same) / (answer.len() + gold.len()) as f64 }
}

/// Returns the stems of a text, without punctuation, articles and "and".
fn stems(text: &str) -> Vec<String> {
    #[expect(clippy::unwrap_used, reason = "a constant, compiled in a test")]
    static ARTICLES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(?:a|an|the|and)\b").unwrap());
    let mut text = text.to_lowercase();
    text.retain(|c| !c.is_ascii_punctuation());
    ARTICLES.replace_all(&text, " ").split_whitespace().map(porter::stem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(category: Category, answer: Option<&str>) -> Question {
        Question {
            id: "s/0".into(),
            category,
            text: "?".into(),
            answer: answer.map(str::to_owned),
            given: Vec::new(),
            corrected: Vec::new(),
        }
    }

    fn outcome(hits: &[&str], answer: Option<&str>, cited: &[&str]) -> Outcome {
        Outcome {
            hits: hits.iter().map(|id| (!id.is_empty()).then(|| (*id).to_owned())).collect(),
            answer: answer.unwrap_or("what is known instead").to_owned(),
            abstained: answer.is_none(),
            confidence: 0.5,
            cited: cited.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    fn check(question: &Question, outcome: &Outcome, evidence: &[&str], expected: &[Option<f64>]) {
        let evidence: Vec<String> = evidence.iter().map(|id| (*id).to_owned()).collect();
        let scores = scores(question, outcome, &evidence);
        assert_eq!(scores.len(), expected.len());
        for ((measure, score), expected) in Measure::ALL.iter().zip(scores).zip(expected) {
            let close = match (score, expected) {
                (Some(score), Some(expected)) => (score - expected).abs() < 1e-9,
                (None, None) => true,
                _ => false,
            };
            assert!(close, "{}: {score:?}, not {expected:?}", measure.name());
        }
    }

    #[test]
    fn a_question_is_scored() {
        let single = question(Category::SingleHop, Some("a red bicycle"));
        // Of two evidence turns one is third (found twice), the other is not found.
        let found = outcome(&["D1:9", "", "D1:1", "D1:1"], Some("the red bike"), &["D1:1", "D1:9"]);
        let with_none = |figures: [f64; 10]| -> Vec<Option<f64>> {
            figures.into_iter().map(Some).chain([None; 3]).collect()
        };
        check(
            &single,
            &found,
            &["D1:1", "D2:2"],
            &with_none([0.0, 0.5, 0.5, 0.5, 0.5, 1.0, 1.0 / 3.0, 0.5, 0.0, 1.0]),
        );
        // Nothing is found, nothing is answered: what was cited does not count.
        let mut nothing = with_none([0.0; 10]);
        nothing[8] = Some(1.0);
        nothing[9] = None;
        check(&single, &outcome(&[], None, &["D1:1"]), &["D1:1"], &nothing);
        // The eleventh hit is none of the first ten.
        let many: Vec<String> = (1..=60).map(|n| format!("D1:{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        check(
            &single,
            &outcome(&many, Some("no"), &["D1:1"]),
            &["D1:11", "D1:51"],
            &with_none([0.0, 0.0, 0.0, 0.5, 0.5, 0.0, 1.0 / 11.0, 0.0, 0.0, 0.0]),
        );
    }

    #[test]
    fn yes_and_no_are_claims() {
        let asked = |category, answer: Option<&str>| Question {
            text: "is ines coming".into(),
            ..question(category, answer)
        };
        let of = |question: &Question, answer: Option<&str>| {
            let scores = scores(question, &outcome(&[], answer, &[]), &["D1:1".to_owned()]);
            (scores[11], scores[12])
        };
        let yes = asked(Category::OpenDomain, Some("Yes, on Friday"));
        assert_eq!(of(&yes, Some("Yes")), (Some(1.0), Some(0.0)));
        assert_eq!(of(&yes, Some("No")), (Some(0.0), Some(1.0)));
        assert_eq!(of(&yes, None), (Some(0.0), Some(0.0)));
        let silent = asked(Category::Adversarial, None);
        assert_eq!(of(&silent, None), (Some(1.0), Some(0.0)));
        assert_eq!(of(&silent, Some("No")), (Some(0.0), Some(1.0)));
        assert_eq!(of(&asked(Category::OpenDomain, Some("likely")), Some("Yes")), (None, None));
        assert_eq!(of(&question(Category::OpenDomain, Some("Yes")), Some("Yes")), (None, None));
    }

    #[test]
    fn answers_are_scored_by_category() {
        for (category, gold, answer, expected) in [
            (Category::SingleHop, Some("The cellos, and a drum!"), Some("cello drums"), Some(1.0)),
            (Category::SingleHop, Some("two clocks"), Some("clock clock"), Some(0.5)),
            (Category::SingleHop, Some("x"), Some(""), Some(0.0)),
            (Category::SingleHop, None, Some("anything"), None),
            (Category::Temporal, Some("1,200"), Some("1200"), Some(1.0)),
            (Category::Other, Some("Pepper"), Some("pepper"), Some(1.0)),
            (Category::SingleHop, Some("what is known instead"), None, Some(0.0)),
            // Each member of the reference has its best match.
            (Category::MultiHop, Some("rowing, chess"), Some("chess, a boat"), Some(0.5)),
            (Category::MultiHop, Some("rowing"), Some("chess, rows"), Some(1.0)),
            (Category::OpenDomain, Some("Yes; she is brave"), Some("yes"), Some(1.0)),
            (Category::Adversarial, None, Some("rowing"), Some(0.0)),
            (Category::Adversarial, None, None, Some(1.0)),
        ] {
            let score = answered(&question(category, gold), &outcome(&[], answer, &[]));
            assert_eq!(score, expected, "{category:?} {gold:?} {answer:?}");
        }
    }
}
