//! `ask`, `search` and `remember` from the shell.

use crate::program::Home;
use crate::samples::{names, rows};
use serde_json::{Value, json};

#[test]
fn a_note_is_remembered_found_and_answered_from() {
    let home = Home::new();
    let told = home.run(["remember", "Bruno planted eleven tomato seedlings in the allotment."]);
    let told = told.expect(0);
    assert_eq!((told.out.as_str(), told.err.as_str()), ("", "remembered as turn 1\n"));
    home.run_with("Nadia plays the cello on Thursdays.\n", ["remember", "-"]).expect(0);

    let found = home.json(["search", "tomato seedlings", "--json", "-k", "1"]);
    assert_eq!(names(&found), ["query", "hits"]);
    assert_eq!(found["query"], "tomato seedlings");
    assert_eq!(found["hits"].as_array().unwrap().len(), 1);
    let hit = &found["hits"][0];
    assert_eq!(
        names(hit),
        [
            "rank",
            "score",
            "turn",
            "source_id",
            "session",
            "session_title",
            "source",
            "speaker",
            "role",
            "said_at",
            "text",
            "signals"
        ]
    );
    assert_eq!(
        (&hit["rank"], &hit["turn"], &hit["source_id"]),
        (&json!(1), &json!(1), &Value::Null)
    );
    assert_eq!((&hit["role"], &hit["source"]), (&json!("user"), &json!("note")));
    assert!(hit["said_at"].as_str().unwrap().ends_with('Z'));
    assert!(hit["signals"].as_object().unwrap().values().all(Value::is_number));

    let question = "How many tomato seedlings did Bruno plant?";
    let answer = home.json(["ask", question, "--json"]);
    assert_eq!(
        names(&answer),
        [
            "question",
            "answer",
            "abstained",
            "reason",
            "confidence",
            "decoder",
            "citations",
            "elapsed_ms",
            "answer_kind"
        ]
    );
    assert_eq!((&answer["question"], &answer["answer"]), (&json!(question), &json!("eleven")));
    assert_eq!((&answer["abstained"], &answer["decoder"]), (&json!(false), &json!("extractive")));
    assert!((0.0..=1.0).contains(&answer["confidence"].as_f64().unwrap()));
    let citation = &answer["citations"][0];
    assert_eq!(
        names(citation),
        ["number", "turn", "source_id", "session", "speaker", "said_at", "quote"]
    );
    assert_eq!((&citation["number"], &citation["turn"]), (&json!(1), &json!(1)));

    // Asking wrote nothing; asking with --remember appends the question and the answer.
    let turns = |home: &Home| rows(&home.memory()).iter().filter(|r| r.starts_with("turn")).count();
    assert_eq!(turns(&home), 2);
    home.run(["ask", question, "--remember"]).expect(0);
    assert_eq!(turns(&home), 4);
    // The same question on the same memory has the same answer, its own traces apart.
    let mut again = home.json(["ask", question, "--json"]);
    again["elapsed_ms"] = answer["elapsed_ms"].clone();
    assert_eq!(again["answer"], answer["answer"]);
    assert_eq!(again["citations"], answer["citations"]);
}

#[test]
fn a_batch_goes_on_after_a_bad_line() {
    let home = Home::new();
    home.run(["remember", "Nadia plays the cello on Thursdays."]).expect(0);
    home.run(["remember", "Bruno planted eleven tomato seedlings."]).expect(0);
    // The embeddings of the notes are made by the first search.
    home.run(["search", "cello"]).expect(0);
    let before = rows(&home.memory());
    let questions = "{\"id\": 7, \"query\": \"What does Nadia play?\"}\n\
        {\"id\": \"bad\", \"query\"\n\
        \n\
        {\"id\": \"b\", \"query\": \"How many seedlings did Bruno plant?\", \"source\": \"note\"}\n\
        {\"id\": \"c\"}\n\
        {\"id\": \"d\", \"query\": \"How many seedlings?\", \"source\": \"nowhere\"}\n";
    let ran = home.run_with(questions, ["ask", "--batch"]).expect(0);
    let lines = ran.json_lines();
    let ids: Vec<&Value> = lines.iter().map(|line| &line["id"]).collect();
    assert_eq!(ids, [&json!(7), &Value::Null, &json!("b"), &json!("c"), &json!("d")]);
    for (line, bad) in lines.iter().zip([false, true, false, true, false]) {
        if bad {
            assert_eq!(names(line), ["id", "error"]);
        } else {
            assert_eq!(names(line)[..4], ["id", "question", "answer", "abstained"]);
        }
    }
    assert_eq!(lines[2]["answer"], "eleven");
    assert_eq!(lines[4]["abstained"], true);
    assert_eq!(rows(&home.memory()), before, "a batch writes nothing");

    let ran = home.run_with(questions, ["search", "--batch", "-k", "1"]).expect(0);
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 5);
    assert_eq!(names(&lines[0]), ["id", "query", "hits"]);
    assert_eq!(lines[2]["hits"][0]["turn"], 2);
    assert_eq!(lines[4]["hits"], json!([]));
}

/// Typing errors are ordinary input; a word that is spelt right is never taken for another.
#[test]
fn misspelt_words_are_looked_for_as_they_are_meant() {
    let home = Home::new();
    for note in [
        "The wifi password is written on the fridge.",
        "The dentist costs 120 euros each time.",
        "Grandmother's recipe for gingerbread needs molasses.",
        "Our house has a green door.",
        "Pavel repaired the boiler in the cellar.",
        "The insurance for the motorbike ends in June.",
    ] {
        home.run(["remember", note]).expect(0);
    }
    for (query, turn) in [
        ("pasword", 1),
        ("dentsit", 2),
        ("gingerbraed", 3),
        ("insurence motobike", 6),
        ("boilre", 5),
    ] {
        let found = home.json(["search", query, "--json", "-k", "1"]);
        let hit = &found["hits"][0];
        assert_eq!(hit["turn"], turn, "{query}: {found}");
        assert!(hit["signals"]["coverage"].as_f64().unwrap() > 0.0, "{query}: {hit}");
    }
    // "horse" is a word, and not "house".
    let found = home.run(["search", "horse", "--json", "-k", "6"]).json();
    let hits = found["hits"].as_array().unwrap();
    assert!(hits.iter().all(|hit| hit["signals"]["coverage"] == 0.0), "{found}");
}
