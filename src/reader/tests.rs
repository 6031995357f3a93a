//! That the model is read as it was trained to be, and knows what it should.

use super::passage::Place;
use super::*;

#[derive(serde::Deserialize)]
struct Example {
    question: String,
    speaker: String,
    text: String,
    before: Option<(String, String)>,
    ids: Vec<i64>,
    own: usize,
    types: usize,
}

/// What training makes of questions and passages (`assets/reader/fixture.py`).
const FIXTURE: &str = include_str!("../../assets/reader/fixture.json");

#[test]
fn texts_become_the_tokens_that_training_makes_of_them() {
    let tokenizer = passage::tokenizer(TOKENIZER).unwrap();
    let examples: Vec<Example> = serde_json::from_str(FIXTURE).unwrap();
    assert!(examples.len() >= 8);
    for example in examples {
        let asked = passage::question(&tokenizer, &example.question).unwrap();
        let before = example.before.as_ref().map(|(who, text)| (who.as_str(), text.as_str()));
        let passage =
            Passage { speaker: &example.speaker, text: &example.text, before, terms: &[] };
        let tokens = passage.tokens(&tokenizer, &asked).unwrap();
        assert_eq!(tokens.ids, example.ids, "{}", example.text);
        assert_eq!(tokens.own, example.own, "{}", example.text);
        assert_eq!(tokens.parts.iter().position(|part| *part == 1), Some(example.types));
        for place in &tokens.places {
            if let Place::Text(range) = place {
                assert!(example.text.get(range.clone()).is_some());
            }
        }
    }
}

#[test]
fn the_model_is_the_one_that_the_script_made() {
    use sha2::{Digest, Sha256};
    use std::fmt::Write as _;
    let sums = include_str!("../../assets/reader/SHA256SUMS");
    let digest = Sha256::digest(MODEL);
    let mut hex = String::new();
    for byte in digest {
        let _ = write!(hex, "{byte:02x}");
    }
    assert_eq!(sums.split_whitespace().next(), Some(hex.as_str()));
}

fn read(question: &str, speaker: &str, text: &str) -> Reading {
    let reader = Reader::start().unwrap();
    let passage = Passage { speaker, text, before: None, terms: &[] };
    reader.read(question, &[passage]).unwrap().remove(0)
}

#[test]
fn marks_the_answer_and_knows_where_there_is_none() {
    let text = "Moved the bikes to the cellar, and Ottilie has the spare key, bless her.";
    let found = read("who has the spare key", "me", text);
    let range = found.spans[0].range.clone().unwrap();
    assert_eq!(&text[range], "Ottilie");
    assert!(found.spans[0].score > 0.0 && found.about > 0.0);
    let missing = read("what colour is my car", "me", text);
    assert!(missing.spans[0].score < found.spans[0].score && missing.about < 0.0);
}

#[test]
fn claims_nothing_that_the_turn_does_not_say() {
    let text = "Luca can't have peanuts, walnuts he tolerates.";
    let claim = |question: &str| read(question, "me", text).claim;
    for question in
        ["am i allergic to peanuts", "is luca allergic to cats", "did amir pay the rent"]
    {
        let claim = claim(question);
        assert!(claim.silent > 0.5, "{question}: {claim:?}");
        assert!((claim.yes + claim.no + claim.silent - 1.0).abs() < 1e-4);
    }
    let settled = claim("can luca eat walnuts");
    assert!(settled.yes > settled.no && settled.silent < claim("did amir pay the rent").silent);
}

#[test]
fn a_passage_has_the_same_reading_in_any_company() {
    let reader = Reader::start().unwrap();
    let texts = ["The ferry leaves at seven.", "We ate.", "Bo sold his boat to Ida in 2019."];
    let passages: Vec<Passage<'_>> = texts
        .iter()
        .map(|text| Passage { speaker: "Ida", text, before: None, terms: &[] })
        .collect();
    let all = reader.read("When does the ferry leave?", &passages).unwrap();
    for (passage, reading) in passages.iter().zip(&all) {
        let alone = reader.read("When does the ferry leave?", std::slice::from_ref(passage));
        assert_eq!(alone.unwrap()[0], *reading);
    }
    assert!(reader.read("When?", &[]).unwrap().is_empty());
    let odd = [Passage { speaker: "", text: "", before: Some(("", "")), terms: &[] }];
    assert_eq!(reader.read("", &odd).unwrap().len(), 1);
}
