//! An encoder of one's own: any model that makes vectors of texts can take the place of the bundled
//! one. This one counts pairs of letters, which finds misspelt names and little else.
//!
//! `cargo run --example custom_encoder`

use recount::assistant::{Assistant, EncoderSetup, Setup};
use recount::conversation::{DIRECTIONS, SystemClock, Tokens};
use recount::decoder::Extractive;
use recount::encoder::{Embedding, Encoded, Encoder, EncoderError, Purpose};
use recount::evidence::Query;
use recount::memory::Memory;
use std::error::Error;
use std::sync::Arc;

/// Each pair of neighbouring letters is a dimension.
struct LetterPairs;

impl LetterPairs {
    /// A vector's name changes whenever the vectors do: vectors of different names are never
    /// compared.
    const NAME: &str = "letter-pairs-1";
    const LETTERS: usize = 26;
    const DIM: usize = Self::LETTERS * Self::LETTERS;

    fn vector(text: &str) -> Vec<f32> {
        let letters: Vec<usize> = text
            .bytes()
            .map(|byte| byte.to_ascii_lowercase())
            .filter(u8::is_ascii_lowercase)
            .map(|letter| usize::from(letter - b'a'))
            .collect();
        let mut vector = vec![0.0; Self::DIM];
        // A direction of its own for a text without pairs: a vector must not be zero.
        vector[0] = 0.01;
        for pair in letters.windows(2) {
            vector[pair[0] * Self::LETTERS + pair[1]] += 1.0;
        }
        vector
    }
}

impl Encoder for LetterPairs {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn dim(&self) -> usize {
        Self::DIM
    }

    fn encode(&self, texts: &[&str], _: Purpose) -> Result<Vec<Encoded>, EncoderError> {
        let encode = |text: &&str| {
            // One code for each word, of the signs of its first pairs: for late interaction.
            let mut tokens = Tokens::default();
            for word in text.split_whitespace() {
                let vector = Self::vector(word);
                tokens.push(&std::array::from_fn::<f32, DIRECTIONS, _>(|at| vector[at] - 0.5), 1.0);
            }
            Encoded { embedding: Embedding::normalised(Self::vector(text)), tokens }
        };
        Ok(texts.iter().map(encode).collect())
    }
}

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> Result<(), Box<dyn Error>> {
    let assistant = Assistant::new(Setup {
        memory: Memory::open_in_memory()?,
        encoder: EncoderSetup {
            name: LetterPairs::NAME,
            dim: LetterPairs::DIM,
            start: Box::new(|| Ok(Arc::new(LetterPairs))),
        },
        reader: None,
        decoder: Box::<Extractive>::default(),
        clock: Arc::new(SystemClock),
    });
    assistant.wait_for_encoder();
    for note in [
        "The ferry to Bergen was late.",
        "Our neighbour paints boats.",
        "Katarzyna sold the red canoe.",
    ] {
        assistant.remember(note)?;
    }
    for hit in assistant.search(&Query::new("Katarzina"), 1)? {
        println!("{:.2}  {}", hit.signals.cosine, hit.turn.text);
    }
    Ok(())
}
