//! Writes the signals of the best candidates of every question of LoCoMo-shaped files: what
//! `assets/retrieval/fit.py` fits the weights of retrieval to.
//!
//! `cargo run --release --example signals -- [--together N] FILE... > signals.jsonl`
//!
//! `--together N` puts N conversations into one memory.

use recount::assistant::{Assistant, Cancel, EncoderSetup, ImportOptions, Setup};
use recount::conversation::SystemClock;
use recount::decoder::Extractive;
use recount::encoder::{Encoder, MiniLm};
use recount::evidence::{Query, Signals};
use recount::index::{FlatIndex, VectorIndex as _};
use recount::memory::Memory;
use recount::question::{MOST_SPEAKERS, Question};
use recount::retrieval::{Meaning, Retriever};
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::Arc;

/// How many of the best candidates of each question are written.
const CANDIDATES: usize = 120;

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
    let encoder = Arc::new(MiniLm::start()?);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let names: Vec<&str> = Signals::default().named().iter().map(|(name, _)| *name).collect();
    writeln!(out, "{}", json!({ "signals": names }))?;
    for group in samples.chunks(together.max(1)) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("memory.db");
        remember(group, &path, &encoder)?;
        let memory = Memory::open(&path)?;
        let mut index = FlatIndex::new(encoder.dim());
        memory.embeddings_after(encoder.name(), 0, |turn| index.add(turn.turn, &turn.embedding))?;
        let speakers = memory.speakers(MOST_SPEAKERS)?;
        let (retriever, now) =
            (Retriever::default(), recount::conversation::Clock::now(&SystemClock));
        for (number, sample) in group.iter().enumerate() {
            for qa in sample["qa"].as_array().into_iter().flatten() {
                let text = qa["question"].as_str().unwrap_or_default();
                let mut query = Query { asked_at: Some(now), ..Query::new(text) };
                query.filter.evidence_only = true;
                let question = Question::understand(&query, &speakers);
                let meaning = Meaning { encoder: encoder.as_ref(), index: &index };
                let hits = retriever.retrieve(&memory, Some(meaning), &question, CANDIDATES)?;
                let ids: Vec<String> = qa["evidence"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|id| Some(format!("{number}/{}", id.as_str()?)))
                    .collect();
                let rows: Vec<Value> = hits
                    .iter()
                    .map(|hit| {
                        let id = hit.turn.source_id.as_deref().unwrap_or_default();
                        let signals: Vec<f32> =
                            hit.signals.named().iter().map(|(_, value)| *value).collect();
                        json!([
                            ids.iter().any(|one| one == id),
                            hit.turn.session.0,
                            hit.score,
                            signals
                        ])
                    })
                    .collect();
                let line = json!({
                    "sample": sample["sample_id"], "category": qa["category"], "wanted": ids.len(),
                    "list": question.asks_for_list, "hits": rows,
                });
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(())
}

/// Imports samples into one memory, their turns under ids that no other sample has.
fn remember(
    group: &[Value],
    path: &std::path::Path,
    encoder: &Arc<MiniLm>,
) -> Result<(), Box<dyn std::error::Error>> {
    let encoder = Arc::clone(encoder);
    let assistant = Assistant::new(Setup {
        memory: Memory::open(path)?,
        encoder: EncoderSetup {
            name: MiniLm::NAME,
            dim: MiniLm::DIM,
            start: Box::new(move || Ok(encoder)),
        },
        reader: None,
        decoder: Box::<Extractive>::default(),
        clock: Arc::new(SystemClock),
    });
    let cancel = Cancel::new();
    for (number, sample) in group.iter().enumerate() {
        let mut sample = sample.clone();
        let sessions = sample["conversation"].as_object_mut().into_iter().flatten();
        for (_, turns) in sessions {
            for turn in turns.as_array_mut().into_iter().flatten() {
                let id = turn["dia_id"].as_str().unwrap_or_default();
                turn["dia_id"] = format!("{number}/{id}").into();
            }
        }
        let file = path.with_extension(format!("{number}.json"));
        std::fs::write(&file, json!([sample]).to_string())?;
        let options = ImportOptions { format: Some("locomo".into()), ..ImportOptions::default() };
        assistant.import(&[file], &options, &cancel, &mut |_| ())?;
    }
    assistant.wait_for_encoder();
    assistant.encode_pending(&cancel, &mut |_, _| ())?;
    assistant.close();
    Ok(())
}
