//! Token vectors: a text's words, each by itself, where the embedding is all of them at once.

/// How many directions a token's vector is measured along.
pub const DIRECTIONS: usize = 128;
/// The bytes of a token's code.
const CODE: usize = DIRECTIONS / 8;

/// The tokens of a text, as an encoder makes them.
///
/// To be stored, each token is cut down to its [`codes`](Self::codes): one bit a direction, 16
/// bytes a token. To compare, the query's tokens stay whole and the turn's are read from their
/// codes. On five long conversations that cost a point of R@10 against whole vectors of both, about
/// what chance does to them (`docs/quality.md`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tokens {
    /// `DIRECTIONS` components per token.
    components: Vec<f32>,
    /// How much each token counts in a query.
    weights: Vec<f32>,
}

impl Tokens {
    /// Adds a token: its components along the directions, and how much it counts.
    pub fn push(&mut self, components: &[f32; DIRECTIONS], weight: f32) {
        self.components.extend_from_slice(components);
        self.weights.push(weight);
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The signs of the components: a bit per direction, the first direction in the lowest bit of
    /// the first byte.
    pub fn codes(&self) -> Vec<u8> {
        self.components
            .chunks_exact(8)
            .map(|eight| {
                eight
                    .iter()
                    .enumerate()
                    .fold(0, |byte, (bit, component)| byte | (u8::from(*component > 0.0) << bit))
            })
            .collect()
    }

    /// Prepares these tokens, a query's, to be compared with many turns'.
    pub fn to_query(&self) -> TokenQuery {
        let tables = self
            .components
            .chunks_exact(DIRECTIONS)
            .map(|token| {
                let length = token.iter().map(|x| x * x).sum::<f32>().sqrt();
                let scale =
                    if length > 0.0 { 1.0 / (length * (DIRECTIONS as f32).sqrt()) } else { 0.0 };
                table(token, scale)
            })
            .collect();
        let total = self.weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        TokenQuery { tables, weights: self.weights.iter().map(|weight| weight / total).collect() }
    }
}

/// A query's tokens, prepared. For each byte of a code and each value of it, what it contributes
/// to the cosine: comparing a token is 16 look-ups.
pub struct TokenQuery {
    tables: Vec<Vec<f32>>,
    weights: Vec<f32>,
}

impl TokenQuery {
    /// The weighted mean over the query's tokens of the best cosine with any token of a turn, as
    /// its codes tell it; 0 where either has no tokens.
    pub fn similarity(&self, codes: &[u8]) -> f32 {
        let mut similarity = 0.0;
        for (table, weight) in self.tables.iter().zip(&self.weights) {
            let best = codes
                .chunks_exact(CODE)
                .map(|code| {
                    code.iter()
                        .zip(table.chunks_exact(256))
                        .map(|(byte, values)| values[usize::from(*byte)])
                        .sum::<f32>()
                })
                .fold(f32::NEG_INFINITY, f32::max);
            if best.is_finite() {
                similarity += weight * best;
            }
        }
        similarity
    }
}

fn table(token: &[f32], scale: f32) -> Vec<f32> {
    let mut table = Vec::with_capacity(CODE * 256);
    for eight in token.chunks_exact(8) {
        for byte in 0..256_usize {
            let signed = eight
                .iter()
                .enumerate()
                .map(|(bit, component)| if byte >> bit & 1 == 1 { *component } else { -component });
            table.push(signed.sum::<f32>() * scale);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(seed: usize) -> [f32; DIRECTIONS] {
        std::array::from_fn(|i| ((i * 37 + seed * 101) % 17) as f32 - 8.0)
    }

    fn tokens(seeds: &[usize]) -> Tokens {
        let mut tokens = Tokens::default();
        for seed in seeds {
            tokens.push(&token(*seed), 1.0);
        }
        tokens
    }

    #[test]
    fn a_code_is_sixteen_bytes() {
        assert_eq!(tokens(&[1, 2]).codes().len(), 32);
        assert!(tokens(&[]).codes().is_empty());
    }

    #[test]
    fn the_table_gives_what_the_components_give() {
        let (query, turn) = (tokens(&[3]), tokens(&[5]));
        let signs = turn.components.iter().map(|x| if *x > 0.0 { 1.0 } else { -1.0 });
        let dot: f32 = query.components.iter().zip(signs).map(|(a, b)| a * b).sum();
        let length = query.components.iter().map(|x| x * x).sum::<f32>().sqrt();
        let expected = dot / length / (DIRECTIONS as f32).sqrt();
        let got = query.to_query().similarity(&turn.codes());
        assert!((got - expected).abs() < 1e-4, "{got} {expected}");
    }

    #[test]
    fn the_same_words_are_nearest_in_any_order() {
        let query = tokens(&[1, 2]).to_query();
        let same = query.similarity(&tokens(&[2, 4, 1]).codes());
        assert!(same > query.similarity(&tokens(&[4, 3]).codes()));
        assert!(same <= 1.0 + 1e-5);
        assert!(query.similarity(&[]).abs() < f32::EPSILON);
    }
}
