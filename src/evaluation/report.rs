//! The figures as plain data: a table by category with intervals, calibration, curves.

use super::bootstrap::{Interval, interval};
use super::calibration::{Asked, Calibration, Refusals, calibrate, refusals};
use super::measures::{Measure, Outcome, scores};
use super::samples::{Category, Question};

/// Which evidence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// That of the file.
    Given,
    /// That of the file with its corrections.
    Corrected,
}

impl Evidence {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Corrected => "corrected",
        }
    }

    /// Returns the evidence of a question; empty where the question does not count.
    pub fn of(self, question: &Question) -> &[String] {
        match self {
            Self::Given => &question.given,
            Self::Corrected => &question.corrected,
        }
    }
}

/// A row of the table: some of the questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// All.
    All,
    /// Those that memory answers: all but category 5.
    Answerable,
    /// Those of one category.
    Of(Category),
}

impl Group {
    /// All, in the order of the rows.
    pub const ALL: [Self; 8] = [
        Self::All,
        Self::Answerable,
        Self::Of(Category::MultiHop),
        Self::Of(Category::Temporal),
        Self::Of(Category::OpenDomain),
        Self::Of(Category::SingleHop),
        Self::Of(Category::Adversarial),
        Self::Of(Category::Other),
    ];

    /// Its name at the head of its row and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Answerable => "1-4",
            Self::Of(Category::MultiHop) => "1 multi-hop",
            Self::Of(Category::Temporal) => "2 temporal",
            Self::Of(Category::OpenDomain) => "3 open-domain",
            Self::Of(Category::SingleHop) => "4 single-hop",
            Self::Of(Category::Adversarial) => "5 adversarial",
            Self::Of(Category::Other) => "other",
        }
    }

    fn holds(self, category: Category) -> bool {
        match self {
            Self::All => true,
            Self::Answerable => category != Category::Adversarial,
            Self::Of(own) => category == own,
        }
    }
}

/// A mean over questions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// The mean.
    pub value: f64,
    /// How far it can be off by the choice of the questions.
    pub interval: Interval,
}

/// The figures of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Whose they are.
    pub group: Group,
    /// How many questions it holds.
    pub n: usize,
    /// A figure for each of [`Measure::ALL`]; `None` where no question counts for it.
    pub figures: [Option<Figure>; Measure::COUNT],
}

impl Row {
    /// The figure of a measure.
    pub fn figure(&self, measure: Measure) -> Option<Figure> {
        let place = Measure::ALL.iter().position(|one| *one == measure)?;
        self.figures[place]
    }
}

/// Everything measured with one sort of evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Which evidence counts.
    pub evidence: Evidence,
    /// A row for each of [`Group::ALL`], also where it holds nothing.
    pub rows: Vec<Row>,
    /// The confidence of the answers. Right is an answer whose citations hold evidence; none is
    /// right where memory does not hold the answer (category 5). Abstentions do not count.
    pub calibration: Calibration,
    /// What is refused, if both sorts of questions are there.
    pub refusals: Option<Refusals>,
}

impl Table {
    /// The row of a group.
    pub fn row(&self, group: Group) -> Option<&Row> {
        self.rows.iter().find(|row| row.group == group)
    }

    /// The share of refused questions among those that memory answers (categories 1 to 4).
    pub fn false_refusals(&self) -> Option<Figure> {
        self.row(Group::Answerable)?.figure(Measure::Abstained)
    }

    /// The share of refused questions among those that memory does not answer (category 5).
    pub fn refused(&self) -> Option<Figure> {
        self.row(Group::Of(Category::Adversarial))?.figure(Measure::Abstained)
    }
}

/// A question with what it scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored<'a> {
    /// The question.
    pub question: &'a Question,
    /// What came back.
    pub outcome: &'a Outcome,
    /// Its value for each of [`Measure::ALL`]; `None` where it does not count.
    pub scores: [Option<f64>; Measure::COUNT],
}

/// Scores every question that has evidence of this sort.
pub fn scored(asked: &[(Question, Outcome)], evidence: Evidence) -> Vec<Scored<'_>> {
    asked
        .iter()
        .filter(|(question, _)| !evidence.of(question).is_empty())
        .map(|(question, outcome)| Scored {
            question,
            outcome,
            scores: scores(question, outcome, evidence.of(question)),
        })
        .collect()
}

/// Makes the table of what was asked.
pub fn table(asked: &[(Question, Outcome)], evidence: Evidence) -> Table {
    let scored = scored(asked, evidence);
    let rows = Group::ALL.into_iter().map(|group| row(group, &scored)).collect();
    let answers: Vec<(f64, bool)> = scored
        .iter()
        .filter(|one| !one.outcome.abstained)
        .map(|Scored { question, outcome, .. }| {
            let known = question.category != Category::Adversarial;
            (outcome.confidence, known && outcome.cites(evidence.of(question)))
        })
        .collect();
    let curve: Vec<Asked> = scored
        .iter()
        .map(|Scored { question, outcome, .. }| Asked {
            adversarial: question.category == Category::Adversarial,
            abstained: outcome.abstained,
            confidence: outcome.confidence,
        })
        .collect();
    Table { evidence, rows, calibration: calibrate(&answers), refusals: refusals(&curve) }
}

fn row(group: Group, scored: &[Scored<'_>]) -> Row {
    let own: Vec<&Scored<'_>> =
        scored.iter().filter(|one| group.holds(one.question.category)).collect();
    let figures = std::array::from_fn(|place| {
        let values: Vec<f64> = own.iter().filter_map(|one| one.scores[place]).collect();
        let interval = interval(&values)?;
        Some(Figure { value: values.iter().sum::<f64>() / values.len() as f64, interval })
    });
    Row { group, n: own.len(), figures }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(
        category: Category,
        given: &[&str],
        corrected: &[&str],
        cited: Option<&str>,
    ) -> (Question, Outcome) {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let question = Question {
            id: "s/0".into(),
            category,
            text: "?".into(),
            answer: None,
            given: ids(given),
            corrected: ids(corrected),
        };
        let outcome = Outcome {
            hits: vec![Some("D1:1".into())],
            answer: String::new(),
            abstained: cited.is_none(),
            confidence: 0.75,
            cited: cited.map(str::to_owned).into_iter().collect(),
        };
        (question, outcome)
    }

    #[test]
    fn rows_hold_their_questions() {
        let asked = [
            asked(Category::SingleHop, &["D1:1"], &["D1:2"], Some("D1:1")),
            asked(Category::Other, &["D1:1"], &[], None),
            asked(Category::Adversarial, &["D1:1"], &["D1:1"], Some("D1:1")),
            asked(Category::Temporal, &[], &["D1:1"], None),
        ];
        let given = table(&asked, Evidence::Given);
        let counts: Vec<usize> = given.rows.iter().map(|row| row.n).collect();
        assert_eq!(counts, [3, 2, 0, 0, 0, 1, 1, 1]);
        assert_eq!(given.false_refusals().map(|figure| figure.value), Some(0.5));
        assert_eq!(given.refused().map(|figure| figure.value), Some(0.0));
        let value = |table: &Table, group, measure| {
            table.row(group).unwrap().figure(measure).map(|figure| figure.value)
        };
        assert_eq!(value(&given, Group::All, Measure::Recall(1)), Some(1.0));
        assert_eq!(value(&given, Group::Of(Category::MultiHop), Measure::Recall(1)), None);
        // Nothing is right in category 5.
        assert_eq!((given.calibration.n, given.calibration.error), (2, Some(0.25)));

        let corrected = table(&asked, Evidence::Corrected);
        let counts: Vec<usize> = corrected.rows.iter().map(|row| row.n).collect();
        assert_eq!(counts, [3, 2, 0, 1, 0, 1, 1, 0]);
        assert_eq!(value(&corrected, Group::Of(Category::SingleHop), Measure::Cited), Some(0.0));
    }
}
