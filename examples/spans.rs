//! Writes what the decoder chooses from, with its features, for every question with evidence of
//! LoCoMo-shaped files: the spans, and the sentences as far as it is asked whose they are. This is
//! what `assets/spans/fit.py` and `assets/spans/attribution.py` fit the tables of weights to.
//!
//! `cargo run --release --example spans -- FILE... > spans.jsonl`

use recount::assistant::{Assistant, Cancel, EncoderSetup, Setup};
use recount::conversation::SystemClock;
use recount::decoder::{self, Decoder, DecoderError, Extractive, Span};
use recount::encoder::MiniLm;
use recount::evaluation;
use recount::evidence::{Answer, Hit, Query};
use recount::memory::Memory;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What was chosen from for a question.
struct Choice {
    spans: Vec<Span>,
    stances: Vec<Vec<(&'static str, f32)>>,
}

/// Answers as the built-in decoder does, and keeps what it chose from.
struct Recording(Arc<Mutex<Vec<Choice>>>);

impl Decoder for Recording {
    fn name(&self) -> &'static str {
        Extractive.name()
    }

    fn decode(
        &self,
        query: &Query,
        hits: &[Hit],
        sink: &mut dyn FnMut(&str),
    ) -> Result<Answer, DecoderError> {
        let choice =
            Choice { spans: decoder::spans(query, hits), stances: decoder::stances(query, hits) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(choice);
        Extractive.decode(query, hits, sink)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut samples = Vec::new();
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        samples.extend(evaluation::read(&path)?);
    }
    let encoder = Arc::new(MiniLm::start()?);
    let recorded = Arc::default();
    let open = || {
        let encoder = Arc::clone(&encoder);
        Ok(Assistant::new(Setup {
            memory: Memory::open_in_memory()?,
            encoder: EncoderSetup {
                name: MiniLm::NAME,
                dim: MiniLm::DIM,
                start: Box::new(move || Ok(encoder)),
            },
            decoder: Box::new(Recording(Arc::clone(&recorded))),
            clock: Arc::new(SystemClock),
        }))
    };
    let run = evaluation::run(&samples, &open, &Cancel::new(), &mut |_| ())?;

    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let recorded = recorded.lock().unwrap_or_else(PoisonError::into_inner);
    for ((question, outcome), choice) in run.asked.iter().zip(recorded.iter()) {
        let spans: Vec<_> =
            choice.spans.iter().map(|span| serde_json::json!([span.text, span.features])).collect();
        let line = serde_json::json!({
            "id": question.id,
            "question": question.text,
            "category": question.category.number(),
            "answer": question.answer,
            "given": outcome.answer,
            "abstained": outcome.abstained,
            "spans": spans,
            "stances": choice.stances,
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}
