//! `recount say`: a statement is remembered, a question is answered, as Enter does in the screen.

use super::program::Home;
use serde_json::{Value, json};

/// Lines that nobody could take for the other, which nothing was trained on: `T` tells, `A` asks.
const LINES: &str = include_str!("../tell/lines.txt");

#[test]
fn a_statement_is_remembered_and_a_question_is_answered() {
    let home = Home::new();
    let told = home.run(["say", "the spare key is with Amir on the ground floor", "--json"]);
    let told = told.expect(0).json();
    assert_eq!((&told["kind"], told.get("answer")), (&json!("tell"), None));
    let asked = home.run(["say", "who has the spare key", "--json"]).expect(0).json();
    assert_eq!((&asked["kind"], &asked["answer"]), (&json!("ask"), &json!("Amir")));
    assert_eq!(asked["answer_kind"], "span");
    // The question was stored, and is no evidence for itself.
    let again = home.run(["ask", "who has the spare key", "--json"]).expect(0).json();
    assert_eq!((&again["answer"], &again["citations"][0]["turn"]), (&json!("Amir"), &told["turn"]));
    home.run(["say", "what is the name of my dog"]).expect(3);
}

#[test]
fn a_dry_run_decides_and_stores_nothing() {
    let home = Home::new();
    let decided = home.run(["say", "until when is the warranty", "--dry-run"]).expect(0);
    assert_eq!(decided.out, "ask\n");
    assert!(!home.memory().exists(), "a memory was made");
}

#[test]
fn a_batch_is_one_session_and_a_bad_line_ends_nothing() {
    let home = Home::new();
    let lines = [
        json!({"id": 1, "text": "had lunch with tom at the thai place"}).to_string(),
        "{}".to_owned(),
        json!({"id": 2, "text": "where did i have lunch"}).to_string(),
    ];
    let replies =
        home.run_with(&(lines.join("\n") + "\n"), ["say", "--batch"]).expect(0).json_lines();
    assert_eq!((&replies[0]["kind"], &replies[2]["kind"]), (&json!("tell"), &json!("ask")));
    assert!(replies[1]["error"].is_string());
    assert_eq!(replies[0]["session"], replies[2]["session"]);
}

#[test]
fn hardly_a_line_is_taken_for_the_other() {
    /// A little below what was measured.
    const LEAST: f64 = 0.95;
    let home = Home::new();
    let asked: String = LINES
        .lines()
        .map(|line| json!({"id": line, "text": &line[2..]}).to_string() + "\n")
        .collect();
    let replies = home.run_with(&asked, ["say", "--batch", "--dry-run"]).expect(0).json_lines();
    assert!(replies.len() >= 500);
    let is_right = |reply: &&Value| {
        let wanted = if reply["id"].as_str().unwrap().starts_with('A') { "ask" } else { "tell" };
        reply["kind"] == wanted
    };
    let wrong: Vec<&str> =
        replies.iter().filter(|reply| !is_right(reply)).filter_map(|r| r["id"].as_str()).collect();
    let share = 1.0 - wrong.len() as f64 / replies.len() as f64;
    assert!(share >= LEAST, "{share:.3} are right; wrong are {wrong:#?}");
}
