//! The memory that is asked: made once, kept in the target folder.

use super::talk::{Numbers, Talk};
use recount::conversation::{Embedding, Encoded, SystemClock, Timestamp, TurnId, spoken};
use recount::encoder::{Encoder, Purpose};
use recount::memory::{Ingest, Memory, Pending};
use std::path::{Path, PathBuf};

/// So many turns are encoded by the encoder; the others get vectors that are derived from those,
/// since 100,000 would take minutes. Where a derived turn is found means nothing, what finding it
/// costs is the same.
const ENCODED: usize = 10_000;
/// How many turns are encoded and stored at a time.
const BATCH: usize = 1_000;

/// The memory's file for some talk, made if it is not there.
pub fn memory(talk: &Talk, turns: usize, seed: u64, encoder: &dyn Encoder) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("question");
    // Other talk is another file; an older schema is brought to the newest as any memory is.
    let file = folder.join(format!("{turns}-turns-seed-{seed}-{:08x}.db", fingerprint(talk)));
    if !file.exists() {
        eprintln!("making {}, once; about a minute for {ENCODED} turns", file.display());
        let unfinished = file.with_extension("unfinished");
        for part in ["unfinished", "unfinished-wal", "unfinished-shm"] {
            let _ = std::fs::remove_file(file.with_extension(part));
        }
        let memory = Memory::open(&unfinished).expect("a memory");
        remember(&memory, talk);
        encode(&memory, encoder, seed);
        memory.checkpoint().expect("one file");
        drop(memory);
        std::fs::rename(&unfinished, &file).expect("a file under its name");
    }
    file
}

fn remember(memory: &Memory, talk: &Talk) {
    let mut run = Ingest::new(false);
    run.begin_input("generated");
    run.begin_format("talk");
    let now = recount::conversation::Clock::now(&SystemClock);
    for conversations in talk.conversations.chunks(200) {
        memory.ingest(&mut run, conversations, now).expect("a batch of turns");
    }
}

fn encode(memory: &Memory, encoder: &dyn Encoder, seed: u64) {
    let mut numbers = Numbers::new(seed);
    let mut made: Vec<Encoded> = Vec::new();
    loop {
        let pending = memory.pending(BATCH).expect("what is pending");
        if pending.is_empty() {
            break;
        }
        let encoded: Vec<Encoded> = if made.len() < ENCODED {
            let text = |turn: &Pending| spoken(&turn.speaker, &turn.text);
            let texts: Vec<String> = pending.iter().map(text).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let encoded = encoder.encode(&texts, Purpose::Turn).expect("vectors");
            made.extend(encoded.iter().cloned());
            encoded
        } else {
            pending.iter().map(|_| derived(&mut numbers, &made)).collect()
        };
        let stored: Vec<(TurnId, Encoded)> =
            pending.iter().map(|turn| turn.turn).zip(encoded).collect();
        memory.store_embeddings(encoder.name(), &stored).expect("stored vectors");
    }
}

/// Vectors near those of a turn that was encoded, with the tokens of that turn.
fn derived(numbers: &mut Numbers, made: &[Encoded]) -> Encoded {
    /// As far from it as turns about the same are from each other: a cosine of about 0.7.
    const NOISE: f64 = 0.09;
    let base = &made[numbers.below(made.len())];
    let moved = base
        .embedding
        .as_slice()
        .iter()
        .map(|x| x + (NOISE * (2.0 * numbers.share() - 1.0)) as f32)
        .collect();
    Encoded { embedding: Embedding::normalised(moved), tokens: base.tokens.clone() }
}

/// FNV-1a over all that is said.
fn fingerprint(talk: &Talk) -> u32 {
    let turns = talk.conversations.iter().flat_map(|conversation| &conversation.turns);
    turns.fold(0x811c_9dc5, |hash, turn| {
        let said = turn.said_at.map_or(0, Timestamp::as_millis).to_le_bytes();
        let bytes = turn.speaker.bytes().chain(turn.text.bytes()).chain(said);
        bytes.fold(hash, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    })
}
