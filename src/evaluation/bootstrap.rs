//! How far a mean can be off by the choice of the questions: the percentile bootstrap.
//!
//! Questions are drawn again with replacement, as many as there are, and the mean is taken of each
//! draw. The draws come from a fixed seed, so the same figures give the same interval. Questions of
//! one conversation are drawn as if they had nothing to do with each other; intervals are a little
//! too narrow for it.

/// How many times the questions are drawn again.
pub const RESAMPLES: usize = 1_000;

/// The share of the draws between the bounds.
pub const COVERS: f64 = 0.95;

/// Between what bounds 95 % of the draws lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// Returns the interval of the mean of some values; `None` of none.
pub(super) fn interval(values: &[f64]) -> Option<Interval> {
    if values.is_empty() {
        return None;
    }
    let mut numbers = Numbers(0x7265_636f_756e_7421);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn = (0..values.len()).map(|_| values[numbers.below(values.len())]);
            drawn.sum::<f64>() / values.len() as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let tail = (1.0 - COVERS) / 2.0;
    Some(Interval { low: quantile(&means, tail), high: quantile(&means, 1.0 - tail) })
}

/// Returns the value below which a share of the sorted values lies, between two by their distance.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = sorted[place.floor() as usize];
    below + (sorted[place.ceil() as usize] - below) * place.fract()
}

/// `SplitMix64`: a counter whose bits are mixed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`. Some are likelier than others by less than `end` / 2⁶⁴.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_normal_approximation() {
        // Of 400 questions 100 are right: standard error √(.25 × .75 / 400) = .02165.
        let values: Vec<f64> = (0..400).map(|i| f64::from(u8::from(i % 4 == 0))).collect();
        let Interval { low, high } = interval(&values).unwrap();
        assert!((low - (0.25 - 1.96 * 0.02165)).abs() < 0.006, "{low}");
        assert!((high - (0.25 + 1.96 * 0.02165)).abs() < 0.006, "{high}");
        assert_eq!(interval(&values), interval(&values), "it is the same each time");
    }

    #[test]
    fn few_values() {
        assert_eq!(interval(&[]), None);
        assert_eq!(interval(&[0.5]), Some(Interval { low: 0.5, high: 0.5 }));
        let Interval { low, high } = interval(&[0.0, 1.0]).unwrap();
        assert_eq!((low, high), (0.0, 1.0));
    }

    #[test]
    fn quantiles_lie_between_values() {
        for (share, expected) in [(0.0, 1.0), (0.5, 2.0), (0.25, 1.5), (1.0, 3.0)] {
            assert!((quantile(&[1.0, 2.0, 3.0], share) - expected).abs() < 1e-9, "{share}");
        }
    }
}
