//! Writes what an answer is made of, for every question of LoCoMo-shaped files: the hits with their signals,
//! and what the reader made of each. `assets/reader/fit.py` fits weights to it.
//!
//! `cargo run --release --example readings -- [--together N] FILE... > readings.jsonl`
//!
//! `--together N` puts N conversations into one memory, so that each question is asked among the talk of
//! others, as in a memory in use.

use recount::assistant::{Assistant, Cancel, EncoderSetup, ImportOptions, Setup, StartReader};
use recount::conversation::SystemClock;
use recount::decoder::{self, Decoder, DecoderError, Extractive};
use recount::encoder::{Encoder as _, MiniLm};
use recount::evidence::{Answer, Hit, Query};
use recount::memory::Memory;
use recount::question::Question;
use recount::reader::Reader;
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

type Recorded = Arc<Mutex<Option<(Question, Vec<Hit>)>>>;

/// Answers as the built-in decoder does, and keeps what it answered from.
struct Recording(Recorded);

impl Decoder for Recording {
    fn name(&self) -> &'static str {
        Extractive.name()
    }

    fn decode(
        &self,
        question: &Question,
        hits: &[Hit],
        sink: &mut dyn FnMut(&str),
    ) -> Result<Answer, DecoderError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((question.clone(), hits.to_vec()));
        Extractive.decode(question, hits, sink)
    }
}

/// The turns of a sample under ids that no other sample has.
fn renamed(sample: &mut Value) {
    let name = sample["sample_id"].as_str().unwrap_or_default().to_owned();
    let Some(conversation) = sample["conversation"].as_object_mut() else { return };
    for (_, turns) in conversation.iter_mut() {
        for turn in turns.as_array_mut().into_iter().flatten() {
            let id = format!("{name}/{}", turn["dia_id"].as_str().unwrap_or_default());
            turn["dia_id"] = id.into();
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut together = 1;
    let mut samples: Vec<Value> = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--together" {
            together = arguments.next().unwrap_or_default().parse()?;
            continue;
        }
        let file: Value = serde_json::from_slice(&std::fs::read(&argument)?)?;
        samples.extend(file.as_array().cloned().unwrap_or_default());
    }
    samples.iter_mut().for_each(renamed);
    let encoder = Arc::new(MiniLm::start()?);
    let reader = Arc::new(Reader::start()?);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for group in samples.chunks(together.max(1)) {
        let recorded: Recorded = Arc::default();
        let (encoder, reader) = (Arc::clone(&encoder), Arc::clone(&reader));
        let read: StartReader = Box::new(move || Ok(reader));
        let assistant = Assistant::new(Setup {
            memory: Memory::open_in_memory()?,
            encoder: EncoderSetup {
                name: MiniLm::NAME,
                dim: encoder.dim(),
                start: Box::new(move || Ok(encoder)),
            },
            reader: Some(read),
            decoder: Box::new(Recording(Arc::clone(&recorded))),
            clock: Arc::new(SystemClock),
        });
        let folder = tempfile::tempdir()?;
        let cancel = Cancel::new();
        for (number, sample) in group.iter().enumerate() {
            let path = folder.path().join(format!("{number}.json"));
            std::fs::write(&path, json!([sample]).to_string())?;
            let options =
                ImportOptions { format: Some("locomo".into()), ..ImportOptions::default() };
            assistant.import(&[path], &options, &cancel, &mut |_| ())?;
        }
        assistant.wait_for_encoder();
        assistant.encode_pending(&cancel, &mut |_, _| ())?;
        for sample in group {
            let name = sample["sample_id"].as_str().unwrap_or_default();
            for qa in sample["qa"].as_array().into_iter().flatten() {
                let text = qa["question"].as_str().unwrap_or_default();
                let answer = assistant.ask(&Query::new(text), &cancel, &mut |_| ())?;
                let held = recorded.lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some((question, hits)) = held else { continue };
                let evidence: Vec<String> = qa["evidence"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|id| Some(format!("{name}/{}", id.as_str()?)))
                    .collect();
                let features = decoder::features(&question, &hits);
                let line = json!({
                    "sample": name, "question": text, "category": qa["category"],
                    "kind": qa["kind"], "subject": question.subject(), "reference": qa["answer"], "items": qa["items"],
                    "evidence": evidence, "type": question.answer_type.as_str(),
                    "answer": answer.text, "abstained": answer.abstained,
                    "features": features, "hits": hits.iter().map(hit).collect::<Vec<_>>(),
                });
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(())
}

fn hit(hit: &Hit) -> Value {
    let signals: Vec<f32> = hit.signals.named().iter().map(|(_, value)| *value).collect();
    let reading = hit.reading.as_ref();
    let spans: Vec<Value> = reading
        .iter()
        .flat_map(|reading| &reading.spans)
        .map(|span| {
            let text =
                span.range.clone().map_or(hit.turn.speaker.as_str(), |range| &hit.turn.text[range]);
            json!([text, span.score])
        })
        .collect();
    json!({
        "id": hit.turn.source_id, "speaker": hit.turn.speaker, "text": hit.turn.text, "score": hit.score, "signals": signals,
        "about": reading.map(|reading| reading.about),
        "claim": reading.map(|r| [r.claim.yes, r.claim.no, r.claim.silent]), "spans": spans,
    })
}
