use super::*;
use crate::conversation::{Kind, NewTurn, Role, Timestamp};
use crate::encoder::HashingEncoder;
use crate::evidence::{Filter, Query};
use crate::index::FlatIndex;
use crate::question::MOST_SPEAKERS;

/// A memory of a few turns, with their embeddings in an index.
struct Held {
    memory: Memory,
    index: FlatIndex,
    encoder: HashingEncoder,
}

/// Each turn: who, on which day of May 2023, what. A speaker of "-" begins a new session.
fn held(turns: &[(&str, i64, &str)]) -> Held {
    let encoder = HashingEncoder::default();
    let memory = Memory::open_in_memory().unwrap();
    let mut index = FlatIndex::new(encoder.dim());
    let begin = Timestamp::parse("2023-05-01T12:00:00Z").unwrap().as_millis();
    let at = |day: i64| Timestamp::from_millis(begin + (day - 1) * 86_400_000).unwrap();
    let mut session = memory.begin_session("test", None, at(1)).unwrap();
    for (speaker, day, text) in turns {
        if *speaker == "-" {
            session = memory.begin_session("test", None, at(1)).unwrap();
            continue;
        }
        let turn = NewTurn::message(Role::User, *speaker, *text).at(Some(at(*day)));
        let spoken = crate::conversation::spoken(speaker, text);
        let encoded = encoder.encode(&[&spoken], Purpose::Turn).unwrap().remove(0);
        let stored = memory.append(session, &turn, Some(("hashing", &encoded)), at(*day)).unwrap();
        index.add(stored.turn, &encoded.embedding);
    }
    Held { memory, index, encoder }
}

fn understood(memory: &Memory, query: &Query) -> Question {
    Question::understand(query, &memory.speakers(MOST_SPEAKERS).unwrap())
}

impl Held {
    fn retrieve(&self, query: &Query) -> Vec<Hit> {
        let meaning = Meaning { encoder: &self.encoder, index: &self.index };
        let asked_at = Timestamp::parse("2023-07-01T00:00:00Z");
        let query = Query { asked_at, ..query.clone() };
        let question = understood(&self.memory, &query);
        Retriever::default().retrieve(&self.memory, Some(meaning), &question, 5).unwrap()
    }

    fn first(&self, question: &str) -> String {
        self.retrieve(&Query::new(question)).remove(0).turn.text
    }
}

fn garden() -> Held {
    held(&[
        ("Ann", 3, "I planted tomatoes behind the shed."),
        ("Bob", 3, "Nice, I planted beans on the balcony."),
        ("Ann", 3, "The weather was awful all week."),
        ("-", 0, ""),
        ("Bob", 20, "My sister gave me an old piano."),
        ("Ann", 20, "Can you play the piano?"),
        ("Bob", 20, "Only one song, badly."),
    ])
}

#[test]
fn the_named_speaker_comes_first() {
    let garden = garden();
    assert!(garden.first("What did Ann plant?").contains("tomatoes"));
    assert!(garden.first("What did Bob plant?").contains("beans"));
}

#[test]
fn a_turn_that_tells_comes_before_one_that_asks() {
    assert!(garden().first("Who gave Bob the piano?").contains("sister"));
}

#[test]
fn days_in_a_question_count() {
    let twice = held(&[
        ("Ann", 2, "We went swimming in the lake."),
        ("-", 0, ""),
        ("Ann", 28, "We went swimming in the lake."),
    ]);
    let hits = twice.retrieve(&Query::new("Where did we go swimming on 27 May 2023?"));
    assert_eq!(hits[0].turn.said_at.unwrap().to_string(), "2023-05-28T12:00:00Z");
    assert!(hits[0].signals.time > hits[1].signals.time);
}

#[test]
fn filters_hold_and_order_is_the_same_each_time() {
    let garden = garden();
    let filter = Filter { speaker: Some("Ann".into()), ..Filter::default() };
    let query = Query { filter, ..Query::new("piano beans song") };
    let hits = garden.retrieve(&query);
    assert!(!hits.is_empty() && hits.iter().all(|hit| hit.turn.speaker == "Ann"));
    assert_eq!(hits, garden.retrieve(&query));
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
}

#[test]
fn words_alone_find_where_there_is_no_encoder() {
    let garden = garden();
    let query = Query::new("old piano");
    let hits = Retriever::default()
        .retrieve(&garden.memory, None, &understood(&garden.memory, &query), 5)
        .unwrap();
    assert!(hits[0].turn.text.contains("old piano"));
    let nothing = understood(&garden.memory, &Query::new("zeppelin"));
    assert!(Retriever::default().retrieve(&garden.memory, None, &nothing, 5).unwrap().is_empty());
}

#[test]
fn chinese_words_are_found() {
    let talk = held(&[("李", 1, "我昨天去北京看朋友了"), ("王", 1, "今天下雨")]);
    assert!(talk.first("北京").contains("北京"));
}

/// Two sessions in which the same was said at the end, of different matters.
fn two_trips() -> Held {
    let day = |matter: &'static str| {
        [
            ("Ann", 3, matter),
            ("Bob", 3, "Good for you."),
            ("Ann", 3, "The bus was late as always."),
            ("Bob", 3, "Buses!"),
            ("Ann", 3, "In the evening we roasted chestnuts."),
            ("-", 0, ""),
        ]
    };
    let days = [day("I tidied the cellar."), day("We walked to the waterfall."), day("I was ill.")];
    held(&days.concat())
}

#[test]
fn a_question_that_needs_two_turns_finds_the_second_where_the_first_was_said() {
    let trips = two_trips();
    let hits = trips.retrieve(&Query::new("What did Ann do on the day of the waterfall?"));
    assert!(hits[0].turn.text.contains("waterfall"));
    let evening = hits.iter().find(|hit| hit.turn.text.contains("chestnuts")).unwrap();
    assert_eq!(evening.turn.session, hits[0].turn.session);
    assert!(evening.signals.best_session > 0.5 && evening.signals.list_best_session < 0.5);
}

#[test]
fn a_question_for_several_things_gathers_them_from_several_sessions() {
    let music = held(&[
        ("Ann", 3, "I play the violin, my first of all instruments."),
        ("Bob", 3, "Is the violin hard to play?"),
        ("Ann", 3, "The violin lessons are expensive."),
        ("-", 0, ""),
        ("Ann", 9, "These days I play the cello too."),
        ("Bob", 9, "Lovely."),
        ("-", 0, ""),
        ("Ann", 20, "I learned to play the harp."),
        ("Bob", 20, "A harp!"),
    ]);
    let hits = music.retrieve(&Query::new("Which instruments does Ann play?"));
    let sessions: HashSet<_> = hits[..3].iter().map(|hit| hit.turn.session).collect();
    assert_eq!(sessions.len(), 3, "{hits:#?}");
    assert!(hits[..3].iter().all(|hit| hit.turn.text.contains("play the")));
}

#[test]
fn what_was_asked_of_recount_before_leads_nowhere() {
    let trips = two_trips();
    let now = Timestamp::parse("2023-06-01T12:00:00Z").unwrap();
    let chat = trips.memory.begin_session("chat", None, now).unwrap();
    let question = "What did Ann do on the day of the waterfall?";
    let asked = NewTurn::message(Role::User, "me", question).of_kind(Kind::Question);
    trips.memory.append(chat, &asked, None, now).unwrap();
    let hits = trips.retrieve(&Query::new(question));
    assert!(hits[0].turn.text.contains("waterfall") && hits[0].turn.session != chat);
    assert!(hits[0].signals.best_session > 0.5);
}
