//! Whether confidence means what it says, and what a threshold of it would refuse.
//!
//! Pure. Knows answers only by their confidence and by whether they were right or refused.

/// How many bins of confidence there are, all of the same width.
pub const BINS: usize = 10;

/// How many thresholds a curve has above the first, all the same distance from each other.
const STEPS: usize = 100;

/// The answers of one stretch of confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Where it begins.
    pub from: f64,
    /// Where it ends, this value itself left out, but for the last.
    pub to: f64,
    /// How many answers it holds.
    pub n: usize,
    /// Their mean confidence, if there are any.
    pub confidence: Option<f64>,
    /// The share of them that is right.
    pub right: Option<f64>,
}

/// Confidence against what was right.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// How many answers there are.
    pub n: usize,
    /// The expected calibration error: the mean distance between confidence and the share that is
    /// right, over the bins, each weighted by its answers. `None` without answers.
    pub error: Option<f64>,
    /// The bins, from the lowest confidence up.
    pub bins: Vec<Bin>,
}

/// Puts answers in bins, each by its confidence and by whether it is right.
pub(super) fn calibrate(answers: &[(f64, bool)]) -> Calibration {
    let mut bins = Vec::with_capacity(BINS);
    let mut error = 0.0;
    for place in 0..BINS {
        let held: Vec<&(f64, bool)> = answers
            .iter()
            .filter(|(confidence, _)| ((confidence * BINS as f64) as usize).min(BINS - 1) == place)
            .collect();
        let n = held.len();
        let mean = |sum: f64| (n > 0).then(|| sum / n as f64);
        let confidence = mean(held.iter().map(|(confidence, _)| confidence).sum());
        let right = mean(held.iter().filter(|(_, right)| *right).count() as f64);
        if let (Some(confidence), Some(right)) = (confidence, right) {
            error += (confidence - right).abs() * n as f64 / answers.len() as f64;
        }
        let (from, to) = (place as f64 / BINS as f64, (place + 1) as f64 / BINS as f64);
        bins.push(Bin { from, to, n, confidence, right });
    }
    let n = answers.len();
    Calibration { n, error: (n > 0).then_some(error), bins }
}

/// A question as refusing sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Asked {
    /// Whether memory does not hold the answer.
    pub(super) adversarial: bool,
    /// Whether it was abstained on.
    pub(super) abstained: bool,
    /// The confidence of its answer or abstention.
    pub(super) confidence: f64,
}

/// What is refused at some threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The confidence below which everything is refused.
    pub threshold: f64,
    /// The share of refused questions among those that memory does not answer (category 5).
    pub refused: f64,
    /// The same among those that it does.
    pub false_refusals: f64,
}

/// What is refused, and what a threshold of confidence would refuse. There is none where questions
/// of one of the two sorts are missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusals {
    /// The program as it stands: refused is what was abstained on. Its threshold is 0.
    pub now: Point,
    /// If confidence alone decided, whatever was abstained on.
    pub by_confidence: Vec<Point>,
    /// If what was abstained on stayed refused, and confidence decided on the others.
    pub abstaining_kept: Vec<Point>,
    /// How often a question that memory does not answer has less confidence than one that it does:
    /// the area under the first curve. 0.5 is chance.
    pub area: f64,
}

/// Returns the curves.
pub(super) fn refusals(asked: &[Asked]) -> Option<Refusals> {
    let (without, with): (Vec<Asked>, Vec<Asked>) = asked.iter().partition(|q| q.adversarial);
    if without.is_empty() || with.is_empty() {
        return None;
    }
    let point = |threshold: f64, keep: bool| {
        let share = |of: &[Asked]| {
            let refused =
                of.iter().filter(|q| q.confidence < threshold || (keep && q.abstained)).count();
            refused as f64 / of.len() as f64
        };
        Point { threshold, refused: share(&without), false_refusals: share(&with) }
    };
    let curve = |keep: bool| {
        (0..=STEPS).map(|step| point(step as f64 / STEPS as f64, keep)).collect::<Vec<_>>()
    };
    let mut area = 0.0;
    for one in &without {
        for other in &with {
            area += match one.confidence.total_cmp(&other.confidence) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Greater => 0.0,
            };
        }
    }
    Some(Refusals {
        now: point(0.0, true),
        by_confidence: curve(false),
        abstaining_kept: curve(true),
        area: area / (without.len() * with.len()) as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_the_weighted_distance() {
        let answers = [(0.1, false), (0.15, true), (0.95, true), (1.0, true)];
        let made = calibrate(&answers);
        assert_eq!(made.n, 4);
        let counts: Vec<usize> = made.bins.iter().map(|bin| bin.n).collect();
        assert_eq!(counts, [0, 2, 0, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!((made.bins[1].from, made.bins[1].to), (0.1, 0.2));
        assert_eq!((made.bins[1].confidence, made.bins[1].right), (Some(0.125), Some(0.5)));
        assert_eq!((made.bins[0].confidence, made.bins[0].right), (None, None));
        // (|.125 − .5| × 2 + |.975 − 1| × 2) / 4
        assert!((made.error.unwrap() - 0.2).abs() < 1e-9);
        assert_eq!(calibrate(&[]).error, None);
    }

    #[test]
    fn every_confidence_has_its_bin() {
        for (confidence, bin) in [(0.0, 0), (0.0999, 0), (0.1, 1), (0.5, 5), (0.999, 9), (1.0, 9)] {
            let made = calibrate(&[(confidence, true)]);
            assert_eq!(made.bins[bin].n, 1, "{confidence}");
        }
    }

    fn asked(adversarial: bool, abstained: bool, confidence: f64) -> Asked {
        Asked { adversarial, abstained, confidence }
    }

    #[test]
    fn the_curves_go_from_nothing_to_everything() {
        let made = refusals(&[
            asked(true, true, 0.255),
            asked(true, false, 0.405),
            asked(false, true, 0.255),
            asked(false, false, 0.605),
            asked(false, false, 0.305),
            asked(false, false, 0.805),
        ])
        .unwrap();
        let at = |curve: &[Point], step: usize| (curve[step].refused, curve[step].false_refusals);
        assert_eq!((made.now.refused, made.now.false_refusals), (0.5, 0.25));
        assert_eq!(made.by_confidence.len(), 101);
        assert_eq!(at(&made.by_confidence, 0), (0.0, 0.0));
        assert_eq!(at(&made.by_confidence, 26), (0.5, 0.25));
        assert_eq!(at(&made.by_confidence, 50), (1.0, 0.5));
        assert_eq!(at(&made.by_confidence, 100), (1.0, 1.0));
        assert_eq!(at(&made.abstaining_kept, 0), (0.5, 0.25));
        assert_eq!(at(&made.abstaining_kept, 100), (1.0, 1.0));
        // Pairs: .255 against .255 .605 .305 .805 is 3.5 of 4, .405 against the same 2 of 4.
        assert!((made.area - 5.5 / 8.0).abs() < 1e-9);
    }

    #[test]
    fn one_sort_alone_has_no_curve() {
        assert_eq!(refusals(&[]), None);
        assert_eq!(refusals(&[asked(true, true, 0.1)]), None);
        assert_eq!(refusals(&[asked(false, true, 0.1)]), None);
    }
}
