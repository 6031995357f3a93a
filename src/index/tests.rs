use super::flat::{scan_dispatched, scan_portably};
use super::*;
use proptest::prelude::*;

/// A stream of numbers that is the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// Vectors around a few centres, as the embeddings of talk about a few things are.
fn vectors(count: usize, dim: usize, seed: u64) -> Vec<Embedding> {
    let mut numbers = Numbers(seed);
    let centres: Vec<Vec<f32>> =
        (0..20).map(|_| (0..dim).map(|_| numbers.next()).collect()).collect();
    (0..count)
        .map(|i| {
            let centre = &centres[i % centres.len()];
            Embedding::normalised(centre.iter().map(|x| x + 0.8 * numbers.next()).collect())
        })
        .collect()
}

#[test]
fn finds_what_the_exact_index_finds() {
    let all = vectors(5_000, 384, 7);
    let (mut flat, mut exact) = (FlatIndex::new(384), ExactIndex::default());
    for (id, embedding) in all.iter().enumerate() {
        flat.add(TurnId(id as i64), embedding);
        exact.add(TurnId(id as i64), embedding);
    }
    let (mut same, mut asked) = (0, 0);
    for query in vectors(100, 384, 99) {
        let want = exact.nearest(&query, 10, &|_| true);
        let got = flat.nearest(&query, 10, &|_| true);
        asked += want.len();
        same += want.iter().filter(|(id, _)| got.iter().any(|(other, _)| other == id)).count();
        for ((_, a), (_, b)) in want.iter().zip(&got) {
            assert!((a - b).abs() < 1e-4);
        }
    }
    assert!(same as f32 / asked as f32 >= 0.99, "{same} of {asked}");
}

#[test]
fn the_dispatched_scan_is_the_portable_one() {
    let mut numbers = Numbers(3);
    let mut codes =
        |n: usize| -> Vec<i8> { (0..n).map(|_| (numbers.next() * 127.0) as i8).collect() };
    for dim in [1, 7, 32, 384] {
        let (rows, query) = (codes(dim * 50), codes(dim));
        assert_eq!(scan_dispatched(&rows, &query), scan_portably(&rows, &query));
    }
    // The largest products there are do not overflow.
    let extreme = vec![-128_i8; 384];
    assert_eq!(scan_dispatched(&extreme, &extreme), [128 * 128 * 384]);
}

#[test]
fn wrong_dimensions_and_empty_indexes_find_nothing() {
    let mut flat = FlatIndex::new(3);
    let query = Embedding::normalised(vec![1.0, 0.0, 0.0]);
    assert!(flat.nearest(&query, 5, &|_| true).is_empty());
    flat.add(TurnId(1), &Embedding::normalised(vec![1.0, 0.0]));
    assert!(flat.is_empty());
    flat.add(TurnId(1), &query);
    assert!(flat.nearest(&Embedding::raw(vec![1.0]), 5, &|_| true).is_empty());
    assert!(flat.nearest(&query, 5, &|_| false).is_empty());
}

proptest! {
    /// Whatever is added and removed, the index holds what a map would hold.
    #[test]
    fn kept_in_step_equals_rebuilt(steps in prop::collection::vec((0_i64..30, any::<bool>(), 1_u64..1000), 1..80)) {
        let dim = 16;
        let mut kept = FlatIndex::new(dim);
        let mut map = std::collections::BTreeMap::new();
        for (id, add, seed) in steps {
            if add {
                let embedding = vectors(1, dim, seed).remove(0);
                kept.add(TurnId(id), &embedding);
                map.insert(TurnId(id), embedding);
            } else {
                kept.remove(TurnId(id));
                map.remove(&TurnId(id));
            }
        }
        let mut rebuilt = FlatIndex::new(dim);
        for (id, embedding) in &map {
            rebuilt.add(*id, embedding);
        }
        let query = vectors(1, dim, 5).remove(0);
        prop_assert_eq!(kept.len(), map.len());
        prop_assert_eq!(kept.nearest(&query, 40, &|_| true), rebuilt.nearest(&query, 40, &|_| true));
    }
}
