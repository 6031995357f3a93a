//! Imports conversations from elsewhere and searches them.
//!
//! `cargo run --example import_and_search -- PATH WORDS…`; the memory ends with the program. Without
//! arguments it reads the repository's own `tests/fixtures/garden.md`.

use recount::assistant::{Assistant, Cancel, EncoderSetup, ImportOptions, Setup};
use recount::conversation::{SystemClock, visible};
use recount::decoder::Extractive;
use recount::encoder::MiniLm;
use recount::evidence::{Filter, Query};
use recount::memory::Memory;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "tests/fixtures/garden.md".to_owned());
    let words: Vec<String> = arguments.collect();
    let words = if words.is_empty() { "repairing clocks".to_owned() } else { words.join(" ") };

    let assistant = Assistant::new(Setup {
        memory: Memory::open_in_memory()?,
        encoder: EncoderSetup {
            name: MiniLm::NAME,
            dim: MiniLm::DIM,
            start: Box::new(|| Ok(Arc::new(MiniLm::start()?))),
        },
        reader: None,
        decoder: Box::<Extractive>::default(),
        clock: Arc::new(SystemClock),
    });
    let cancel = Cancel::new();
    let report = assistant.import(
        &[PathBuf::from(path)],
        &ImportOptions::default(),
        &cancel,
        &mut |progress| println!("{} messages read", progress.messages),
    )?;
    println!("{} new messages, read as {}", report.messages.new, report.format);

    // The words can be found at once; meaning follows with the embeddings.
    assistant.encode_pending(&cancel, &mut |_, _| ())?;
    let query = Query { filter: Filter::default(), ..Query::new(words) };
    for hit in assistant.search(&query, 5)? {
        // What was said elsewhere may hold control characters: `visible` shows them as marks.
        println!("{:6.2}  {}: {}", hit.score, visible(&hit.turn.speaker), visible(&hit.turn.text));
    }
    Ok(())
}
