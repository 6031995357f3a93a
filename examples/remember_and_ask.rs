//! A memory inside of another program: open it, append turns, ask.
//!
//! `cargo run --example remember_and_ask [MEMORY.db]`; without a file the memory ends with the
//! program.

use recount::assistant::{Assistant, Cancel, EncoderSetup, Outcome, Setup};
use recount::conversation::SystemClock;
use recount::decoder::Extractive;
use recount::encoder::MiniLm;
use recount::evidence::Query;
use recount::memory::Memory;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

fn main() -> Result<(), Box<dyn Error>> {
    let memory = match std::env::args().nth(1) {
        Some(path) => Memory::open(Path::new(&path))?,
        None => Memory::open_in_memory()?,
    };
    // The encoder starts in the background: what is appended meanwhile is encoded later.
    let encoder = EncoderSetup {
        name: MiniLm::NAME,
        dim: MiniLm::DIM,
        start: Box::new(|| Ok(Arc::new(MiniLm::start()?))),
    };
    let assistant = Assistant::new(Setup {
        memory,
        encoder,
        reader: None,
        decoder: Box::<Extractive>::default(),
        clock: Arc::new(SystemClock),
    });

    // A note, as `recount remember` appends it. It is durable when this returns.
    assistant.remember("Bruno planted eleven tomato seedlings in the allotment.")?;

    // A turn in a session of its own, as the screen appends it: a statement is noted, a question
    // is answered and the answer is remembered with its citations.
    let cancel = Cancel::new();
    let noted = assistant.say(
        None,
        "My sister Ada moved to Porto last week.",
        None,
        &cancel,
        &mut |_| (),
    )?;
    let question = "Where did Ada move?";
    let reply = assistant.say(Some(noted.session), question, None, &cancel, &mut |_| ())?;
    if let Outcome::Answered { answer, .. } = reply.outcome {
        show(question, &answer);
    }

    // A question that leaves nothing in memory, as `recount ask` puts it.
    let question = "How many tomato seedlings did Bruno plant?";
    let answer = assistant.ask(&Query::new(question), &cancel, &mut |_| ())?;
    show(question, &answer);
    assistant.close();
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn show(question: &str, answer: &recount::evidence::Answer) {
    println!("{question}");
    if answer.abstained {
        println!("  memory does not say: {}", answer.reason.as_deref().unwrap_or_default());
    } else {
        println!("  {} (confidence {:.2})", answer.text, answer.confidence);
    }
    for citation in &answer.citations {
        println!("  [{}] {}: “{}”", citation.number, citation.speaker, citation.quote);
    }
}
