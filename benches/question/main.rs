//! What a warm question costs: whole, by what it asks for, and by its parts. `../README.md` says how
//! to run it and how to read it.

#![expect(clippy::expect_used, clippy::print_stderr, reason = "a bench that cannot run says so")]

mod kept;
mod lists;
mod talk;

use criterion::{Criterion, criterion_group, criterion_main};
use recount::assistant::{Assistant, Cancel, EncoderSetup, Setup};
use recount::conversation::{Clock, Encoded, SystemClock, Turn, TurnId};
use recount::decoder::{Decoder, Extractive};
use recount::encoder::{Encoder, EncoderError, MiniLm, Purpose};
use recount::evidence::{Hit, Query};
use recount::index::{FlatIndex, VectorIndex};
use recount::language;
use recount::memory::Memory;
use recount::question::{MOST_SPEAKERS, Question};
use recount::retrieval::{Meaning, Retriever};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use talk::Asked;

/// How many turns there are, unless `RECOUNT_BENCH_TURNS` says so.
const TURNS: usize = 10_000;
/// Another seed is another memory: `RECOUNT_BENCH_SEED`.
const SEED: usize = 7;
/// How many questions of each kind are asked in turn.
const QUESTIONS: usize = 12;
/// How many candidates each of words and meaning brings, as in `retrieval`.
const CANDIDATES: usize = 300;
/// How many hits an answer is read from, as in `assistant`.
const READ: usize = 20;

fn question(criterion: &mut Criterion) {
    let (turns, seed) =
        (setting("RECOUNT_BENCH_TURNS", TURNS), setting("RECOUNT_BENCH_SEED", SEED));
    let talk = talk::talk(turns, QUESTIONS, seed as u64);
    let encoder: Arc<dyn Encoder> = Arc::new(MiniLm::start().expect("an encoder"));
    let path = kept::memory(&talk, turns, seed as u64, encoder.as_ref());
    let asked = |kind: Asked| -> Vec<Query> {
        let of_kind = talk.questions.iter().filter(|question| question.0 == kind);
        of_kind.map(|question| query(&question.1)).collect()
    };
    let all: Vec<Query> = talk.questions.iter().map(|question| query(&question.1)).collect();
    let size = format!("{turns}_turns");

    let assistant = assistant(&path, &encoder);
    let mut group = criterion.benchmark_group(format!("{size}/ask"));
    for kind in Asked::ALL {
        let queries = asked(kind);
        group.bench_function(
            kind.as_str(),
            each(&queries, |query| {
                assistant.ask(query, &Cancel::new(), &mut |_| {}).expect("an answer")
            }),
        );
    }
    group.finish();
    let mut group = criterion.benchmark_group(format!("{size}/search"));
    group.bench_function("all", each(&all, |query| assistant.search(query, READ).expect("hits")));
    group.finish();

    parts(criterion, &size, &all, &path, encoder.as_ref());
}

/// The parts of a question, one by one.
fn parts(criterion: &mut Criterion, size: &str, all: &[Query], path: &Path, encoder: &dyn Encoder) {
    let memory = Memory::open(path).expect("a memory");
    let mut index = FlatIndex::new(encoder.dim());
    memory
        .embeddings_after(encoder.name(), 0, |turn| index.add(turn.turn, &turn.embedding))
        .expect("an index");
    let retriever = Retriever::default();
    let ready: Vec<Ready> = all
        .iter()
        .map(|query| {
            let terms = language::query_terms(&query.text);
            let encoded = encode(encoder, query);
            let ids: Vec<TurnId> = index
                .nearest(&encoded.embedding, CANDIDATES, &|_| true)
                .into_iter()
                .map(|near| near.0)
                .collect();
            let found = memory.found(&ids).expect("turns");
            let meaning = Meaning { encoder: &Known(&encoded, encoder), index: &index };
            let speakers = memory.speakers(MOST_SPEAKERS).expect("speakers");
            let question = Question::understand(query, &speakers);
            let hits = retriever.retrieve(&memory, Some(meaning), &question, READ).expect("hits");
            let turns = found.into_iter().map(|found| found.turn).collect();
            Ready { question, terms, encoded, ids, turns, hits }
        })
        .collect();

    let mut group = criterion.benchmark_group(format!("{size}/part"));
    group.bench_function("encode", each(&ready, |ready| encode(encoder, &ready.question.query)));
    group.bench_function(
        "nearest",
        each(&ready, |ready| index.nearest(&ready.encoded.embedding, CANDIDATES, &|_| true)),
    );
    group.bench_function(
        "words",
        each(&ready, |ready| memory.word_matches(&ready.terms, false, CANDIDATES).expect("turns")),
    );
    group.bench_function(
        "frequencies",
        each(&ready, |ready| memory.document_frequencies(&ready.terms).expect("counts")),
    );
    group.bench_function("found", each(&ready, |ready| memory.found(&ready.ids).expect("turns")));
    group.bench_function(
        "neighbours",
        each(&ready, |ready| memory.neighbours(&ready.turns).expect("turns")),
    );
    group.bench_function(
        "token_codes",
        each(&ready, |ready| memory.token_codes(encoder.name(), &ready.ids).expect("codes")),
    );
    group.bench_function(
        "language",
        each(&ready, |ready| {
            ready.turns.iter().map(|turn| language::words(&turn.text).len()).sum::<usize>()
        }),
    );
    group.bench_function(
        "times",
        each(&ready, |ready| {
            let day = |turn: &Turn| Some(turn.said_at?.civil().date());
            let dated = ready.turns.iter().filter_map(|turn| Some((turn, day(turn)?)));
            dated.map(|(turn, day)| language::times(&turn.text, day).len()).sum::<usize>()
        }),
    );
    group.bench_function(
        "retrieve_without_encode",
        each(&ready, |ready| {
            let meaning = Meaning { encoder: &Known(&ready.encoded, encoder), index: &index };
            retriever.retrieve(&memory, Some(meaning), &ready.question, READ).expect("hits")
        }),
    );
    group.bench_function(
        "decode",
        each(&ready, |ready| {
            Extractive.decode(&ready.question, &ready.hits, &mut |_| {}).expect("an answer")
        }),
    );
    group.finish();
}

/// A question with what each part is given.
struct Ready {
    question: Question,
    terms: Vec<String>,
    encoded: Encoded,
    /// The nearest turns: about what retrieval reads.
    ids: Vec<TurnId>,
    turns: Vec<Turn>,
    hits: Vec<Hit>,
}

/// An encoder that has encoded its one text already.
struct Known<'a>(&'a Encoded, &'a dyn Encoder);

impl Encoder for Known<'_> {
    fn name(&self) -> &str {
        self.1.name()
    }

    fn dim(&self) -> usize {
        self.1.dim()
    }

    fn encode(&self, _: &[&str], _: Purpose) -> Result<Vec<Encoded>, EncoderError> {
        Ok(vec![self.0.clone()])
    }
}

fn encode(encoder: &dyn Encoder, query: &Query) -> Encoded {
    let encoded = encoder.encode(&[query.text.as_str()], Purpose::Query).expect("vectors");
    encoded.into_iter().next().expect("a vector")
}

fn query(text: &str) -> Query {
    Query { asked_at: Some(SystemClock.now()), ..Query::new(text) }
}

/// A bench that runs `body` on one of `items` after the other, so that none is favoured.
fn each<'a, T, O>(
    items: &'a [T],
    mut body: impl FnMut(&T) -> O + 'a,
) -> impl FnMut(&mut criterion::Bencher<'_>) + 'a {
    move |bencher| {
        let mut round = items.iter().cycle();
        bencher.iter(|| black_box(body(round.next().expect("something to ask"))));
    }
}

fn assistant(path: &Path, encoder: &Arc<dyn Encoder>) -> Assistant {
    let encoder = Arc::clone(encoder);
    let assistant = Assistant::new(Setup {
        memory: Memory::open(path).expect("a memory"),
        encoder: EncoderSetup {
            name: MiniLm::NAME,
            dim: MiniLm::DIM,
            start: Box::new(move || Ok(encoder)),
        },
        reader: None,
        decoder: Box::<Extractive>::default(),
        clock: Arc::new(SystemClock),
    });
    assistant.wait_for_encoder();
    assistant
}

fn setting(name: &str, otherwise: usize) -> usize {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is {text}, not a number")),
        Err(_) => otherwise,
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    targets = question
}
criterion_main!(benches);
