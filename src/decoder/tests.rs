//! What the decoder makes of hits, seen from outside of it.

use super::{Decoder as _, Extractive};
use crate::conversation::{Kind, Role, SessionId, Timestamp, Turn, TurnId};
use crate::evidence::{Answer, Hit, Query, Reading, Signals, Span};
use crate::question::Question;
use proptest::prelude::*;

fn hit(id: i64, speaker: &str, text: &str, score: f32) -> Hit {
    Hit {
        turn: Turn {
            id: TurnId(id),
            session: SessionId(1),
            position: id,
            role: Role::User,
            speaker: speaker.to_owned(),
            kind: Kind::Message,
            text: text.to_owned(),
            said_at: Timestamp::from_millis(1_700_000_000_000),
            remembered_at: Timestamp::from_millis(1_700_000_000_000).unwrap(),
            source_id: None,
        },
        session_title: String::new(),
        source: "chat".into(),
        score,
        signals: Signals { coverage: 1.0, rarest: 1.0, cosine: 0.5, ..Signals::default() },
        reading: None,
    }
}

/// The question, in a memory of those who speak in the hits.
fn understood(query: &Query, hits: &[Hit]) -> Question {
    let mut speakers: Vec<String> = hits.iter().map(|hit| hit.turn.speaker.clone()).collect();
    speakers.sort_unstable();
    speakers.dedup();
    Question::understand(query, &speakers)
}

fn decoded(query: &Query, hits: &[Hit]) -> Answer {
    Extractive.decode(&understood(query, hits), hits, &mut |_| ()).unwrap()
}

fn answer(question: &str, said: &[(&str, &str)]) -> Answer {
    let hits: Vec<Hit> = said
        .iter()
        .enumerate()
        .map(|(place, (speaker, text))| hit(place as i64 + 1, speaker, text, 5.0 - place as f32))
        .collect();
    decoded(&Query::new(question), &hits)
}

#[test]
fn a_number_is_asked_for_and_given() {
    let made = answer(
        "How many beehives does Ida keep?",
        &[("Ida", "We keep seven beehives behind the barn, and one cat.")],
    );
    assert_eq!(made.text, "seven");
    let made = answer(
        "How much did Ida pay for the boat?",
        &[("Ida", "I paid £1,200 for the boat in the end.")],
    );
    assert_eq!(made.text, "£1,200");
    let made = answer(
        "How many kilometres did Ida row?",
        &[("Ida", "I rowed nine kilometres."), ("Ida", "There were two swans and six ducks.")],
    );
    assert_eq!(made.text, "nine");
}

/// Hits said on days apart, the first the best.
fn answer_over_time(question: &str, said: &[(&str, &str, i64)]) -> Answer {
    let hits: Vec<Hit> = said
        .iter()
        .enumerate()
        .map(|(place, (speaker, text, day))| {
            let mut hit = hit(place as i64 + 1, speaker, text, 5.0 - place as f32 * 0.1);
            hit.turn.said_at = Timestamp::from_millis(1_700_000_000_000 + day * 86_400_000);
            hit
        })
        .collect();
    decoded(&Query::new(question), &hits)
}

#[test]
fn the_later_word_holds_and_both_are_shown() {
    let lyon = ("user", "I live in Lyon, near the river.", 0);
    let porto = ("user", "I moved to Porto!", 200);
    for said in [[lyon, porto], [porto, lyon]] {
        let made = answer_over_time("Where do I live?", &said);
        assert!(made.text.contains("Porto"), "{made:?}");
        assert!(made.citations[1].quote.contains("Lyon"));
        assert!(made.reason.unwrap().contains("Lyon"));
    }
    // What was so then is not what is so now.
    let made = answer_over_time("Where did I live at first?", &[lyon, porto]);
    assert!(made.text.contains("Lyon"), "{made:?}");
}

#[test]
fn yes_or_no_is_said_with_the_reason() {
    let made = answer("Does Ida keep a dog?", &[("Ida", "I keep no cat, but I keep a dog.")]);
    assert_eq!(made.text, "Yes");
    assert!(made.reason.unwrap().contains("I keep a dog"));
    let made = answer("Does Ida keep a dog?", &[("Ida", "I don't keep a dog any more.")]);
    assert_eq!(made.text, "No");
}

#[test]
fn since_a_year_is_so_many_years() {
    let made = answer("How long has Ida been rowing?", &[("Ida", "I've been rowing since 2016.")]);
    assert_eq!(made.text, "7 years");
}

#[test]
fn what_another_said_is_named() {
    let made = answer(
        "Which instrument does Ida play?",
        &[
            ("Bruno", "I play the cello, an instrument for patient people."),
            ("Ida", "You sound good!"),
        ],
    );
    assert!(made.abstained);
    assert_eq!(made.reason.as_deref(), Some("Ida did not say that; Bruno did [1]"));
    assert!(made.citations[0].quote.contains("cello"));
}

/// A hit in which the reader marked stretches, the likeliest first.
fn read_hit(id: i64, text: &str, marked: &[&str]) -> Hit {
    let spans = marked.iter().zip([6.0, 5.0, 4.0, 3.0]).map(|(part, score)| {
        let at = text.find(part).unwrap();
        Span { range: Some(at..at + part.len()), score }
    });
    let reading = Reading { spans: spans.collect(), about: 3.0, ..Reading::default() };
    Hit { reading: Some(reading), ..hit(id, "user", text, 5.0 - id as f32) }
}

#[test]
fn what_numbers_the_thing_that_is_asked_for_is_told() {
    let train = "Train to Ghent leaves 7:52 from platform 9, seats 61 and 62 in coach 4";
    let made = decoded(
        &Query::new("which platform does the train to ghent leave from"),
        &[read_hit(1, train, &["coach 4", "61 and 62"])],
    );
    assert_eq!(made.text, "9");
    let made = decoded(
        &Query::new("which seats do we have"),
        &[read_hit(1, train, &["coach 4", "61 and 62"])],
    );
    assert_eq!(made.text, "61 and 62");
    let flat = "Moved into the flat on Lindengasse on 1 September, third floor, no lift.";
    let made =
        decoded(&Query::new("what floor do i live on"), &[read_hit(1, flat, &["Lindengasse"])]);
    assert_eq!(made.text, "third floor");
}

#[test]
fn the_time_of_the_day_is_the_one_that_is_marked() {
    let physio = "Wednesday 16 December at 14:15: physiotherapy, bring the referral.";
    let train = "Train to Ghent leaves 7:52 on 21 December, what's the time";
    let made = decoded(
        &Query::new("whats physio's time"),
        &[read_hit(1, physio, &["at 14:15"]), read_hit(2, train, &["Ghent"])],
    );
    assert_eq!(made.text, "14:15");
}

fn talk() -> impl Strategy<Value = String> {
    // Words of every kind, marks, scripts without spaces, and what breaks sloppy slicing.
    let word = prop_oneof![
        Just("the"),
        Just("I"),
        Just("don't"),
        Just("Lyon"),
        Just("dairy-free"),
        Just("$5"),
        Just("12"),
        Just("three"),
        Just("painting"),
        Just("painted"),
        Just("and"),
        Just("to"),
        Just("猫が好き"),
        Just("éclair"),
        Just("👩‍👩‍👧"),
        Just("“Big Sur”"),
        Just("[picture: a dog]"),
        Just("\n"),
        Just("."),
        Just(","),
        Just("?"),
        Just("Ann's"),
        Just("%"),
        Just("我住在北京"),
    ];
    proptest::collection::vec(word, 0..24).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn quotes_stand_in_the_turns_that_they_cite(
        question in prop_oneof![
            Just("What did Ann paint?"), Just("Which cities does Ann like?"), Just("How many?"),
            Just("Who is it?"), Just("When was that?"), Just("Why?"), Just("Did Ann paint?"),
            Just("How long did it take?"), Just("猫?"), Just("Where is \"Big Sur\"?"), Just(""),
        ],
        said in proptest::collection::vec(talk(), 0..5),
    ) {
        let said: Vec<(&str, &str)> = said.iter().map(|text| ("Ann", text.as_str())).collect();
        let made = answer(question, &said);
        prop_assert_eq!(&made, &answer(question, &said));
        prop_assert!(made.abstained || !made.citations.is_empty());
        for citation in &made.citations {
            let text = said[citation.turn.0 as usize - 1].1;
            prop_assert!(!citation.quote.is_empty() && text.contains(&citation.quote));
        }
        prop_assert!((0.0..=1.0).contains(&made.confidence));
    }
}

#[test]
fn how_often_and_why_are_cut_by_their_form() {
    let made = answer(
        "How often does Ida water the beans?",
        &[("Ida", "I water the beans twice a week, more when it is hot.")],
    );
    assert_eq!(made.text, "twice a week");
    let made = answer(
        "Why did Ida sell the boat?",
        &[("Ida", "I sold the boat in the end because of the leak.")],
    );
    assert_eq!(made.text, "because of the leak");
}

#[test]
fn of_two_times_the_one_beside_the_matter_is_told() {
    let made = answer(
        "When does Ida come home?",
        &[("Ida", "We leave on 3 August 2024, and we come home on 17 August 2024.")],
    );
    assert_eq!(made.text, "17 August 2024");
}

#[test]
fn what_another_has_is_not_the_users() {
    let said = [("Ida", "My cat is called Wren."), ("user", "The kettle boils.")];
    let made = answer("What is my cat called?", &said);
    assert!(made.abstained, "{made:?}");
    assert_eq!(made.reason.as_deref(), Some("you did not say that; Ida did [1]"));
    let said = [("user", "My cat is called Wren."), ("Ida", "My cat is called Finch.")];
    assert!(!answer("What is my cat called?", &said).abstained);
    // What an assistant says is said to the user.
    let said = [("assistant", "Bake the bread for 40 minutes."), ("user", "Thanks for that.")];
    assert!(!answer("How long should I bake the bread?", &said).abstained);
}

#[test]
fn a_greeting_finds_nothing() {
    let made = answer("hello", &[("Maria", "Hello, long time no see!")]);
    assert!(made.abstained && made.citations.is_empty(), "{}", made.text);
}

#[test]
fn what_is_cited_beside_the_answer_is_by_the_one_who_is_asked_about() {
    let said = [
        ("Ida", "I keep bees behind the barn."),
        ("Maria", "My bees keep me busy behind the barn."),
        ("Ida", "The bees behind the barn are wild."),
    ];
    let made = answer("What does Ida keep behind the barn?", &said);
    assert!(made.citations.len() > 1, "{:?}", made.citations);
    assert!(made.citations.iter().all(|cited| cited.speaker == "Ida"), "{:?}", made.citations);
}

#[test]
fn a_relative_day_is_told_as_a_date_too() {
    let made = answer("When did Ida row?", &[("Ida", "I rowed last Saturday.")]);
    let reason = made.reason.unwrap();
    assert!(reason.starts_with("“last Saturday”, said on 14"), "{reason}");
}

#[test]
fn a_name_is_told_without_what_stands_around_it() {
    for (question, said, name) in [
        (
            "What is the name of the greyhound?",
            "I adopted a greyhound called Pepper on 7 May.",
            "Pepper",
        ),
        ("What's my sister's name?", "My sister is called Anna and she lives in Porto.", "Anna"),
        ("What is our boat called?", "Our boat is named Sea Breeze since 2020.", "Sea Breeze"),
        (
            "What are the names of my cats?",
            "My cats' names are Luna and Oliver.",
            "Luna and Oliver",
        ),
        (
            "What was the name of my school?",
            "My school's name was St-Mary's, I think.",
            "St-Mary's",
        ),
    ] {
        assert_eq!(answer(question, &[("user", said)]).text, name, "{question}");
    }
}

#[test]
fn who_did_what_a_speaker_did_is_the_speaker() {
    let said = [("Mira", "I adopted a greyhound called Pepper on 7 May."), ("Jonas", "Lovely!")];
    assert_eq!(answer("Who adopted a greyhound?", &said).text, "Mira");
    let said = [("Jonas", "I've just repaired the oak clock."), ("Mira", "Lovely!")];
    assert_eq!(answer("Who has repaired the oak clock?", &said).text, "Jonas");
}

#[test]
fn what_was_said_at_an_unknown_time_tells_its_own_words() {
    let mut said = hit(1, "Mira", "I adopted a greyhound called Pepper on 7 May.", 5.0);
    said.turn.said_at = None;
    let query = Query::new("When did Mira adopt a greyhound?");
    let made = decoded(&query, &[said]);
    assert_eq!(made.text, "7 May");
}

#[test]
fn a_time_beside_the_one_that_is_asked_for_does_not_answer() {
    // All is said on 14 November 2023.
    let told = |question: &str, text: &str| answer(question, &[("Ida", text)]).text;
    let made =
        told("When did Ida lose the race?", "Lost the race on Saturday, my worst since 2011.");
    assert_eq!(made, "Saturday, 11 November 2023");
    let made = told("When did Ida see the Berlingo?", "I saw a 2017 Berlingo in Morpeth.");
    assert_eq!(made, "14 November 2023");
    let made = told("When did Ida get the keys?", "I got the keys, the house is from 1971.");
    assert_eq!(made, "14 November 2023");
    let made = told("Since when does Ida row?", "I row since 2011.");
    assert_eq!(made, "2011");
}

#[test]
fn what_time_is_told_by_the_clock() {
    let said = [("Ida", "The backup starts every night at half past three, on the attic machine.")];
    for question in ["What time does the backup start?", "When does the backup start?"] {
        assert_eq!(answer(question, &said).text, "half past three");
    }
    let said = [("Ida", "The ferry leaves on 3 May at 7 am.")];
    assert_eq!(answer("When does the ferry leave?", &said).text, "3 May 2024");
    assert_eq!(answer("What time does the ferry leave?", &said).text, "7 am");
}

#[test]
fn what_is_told_of_somebody_by_name_is_about_them() {
    let said =
        [("Bo", "Ida begins at the mill on 8 January."), ("Ida", "Good morning all of you.")];
    let made = answer("When does Ida begin at the mill?", &said);
    assert_eq!(made.text, "8 January 2024", "{made:?}");
}
