//! `recount answers`: listing, marking, and exporting marked answers for `recount eval`.

use super::program::{Home, Ran, finish};
use serde_json::{Value, json};

const ASKED: &str = "Which dog did Mira adopt?";

/// A conversation, and an answer from it that was stored.
fn home() -> Home {
    let home = Home::new();
    let garden = json!([{"sample_id": "garden", "qa": [], "conversation": {
        "speaker_a": "Mira", "speaker_b": "Jonas",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [
            {"speaker": "Mira", "dia_id": "D1:1", "text": "I adopted a greyhound called Pepper yesterday!"},
            {"speaker": "Jonas", "dia_id": "D1:2", "text": "Lovely. I am learning to repair clocks."}]}}]);
    let path = home.file("garden.json", garden.to_string());
    finish(home.command().arg("import").arg(path), "").expect(0);
    home.run(["ask", ASKED, "--remember"]).expect(0);
    home
}

fn listed(home: &Home, more: &[&str]) -> Vec<Value> {
    let args = ["answers", "list", "--json"].iter().chain(more).copied();
    home.run(args).json()["answers"].as_array().unwrap().clone()
}

fn mark(home: &Home, id: &str, mark: &str) -> Ran {
    home.run(["answers", "mark", id, mark])
}

#[test]
fn answers_are_listed_and_marked() {
    let home = home();
    let all = listed(&home, &[]);
    assert_eq!(all.len(), 1);
    let names: Vec<&str> = all[0].as_object().unwrap().keys().map(String::as_str).collect();
    let fields = ["answer", "session", "question", "text", "abstained", "confidence", "said_at"];
    assert_eq!(names, [&fields[..], &["mark", "marked_at", "citations"]].concat());
    assert_eq!((&all[0]["question"], &all[0]["mark"]), (&json!(ASKED), &Value::Null));
    assert_eq!(all[0]["citations"][0]["source_id"], "D1:1");
    let id = all[0]["answer"].to_string();

    let marked = mark(&home, &id, "wrong").expect(0);
    assert_eq!(
        (marked.out.as_str(), marked.err.trim()),
        ("", &*format!("answer {id} is marked wrong"))
    );
    assert_eq!(listed(&home, &["--marked", "wrong"])[0]["mark"], "wrong");
    let table = home.run(["answers"]).expect(0).out;
    assert!(
        table.contains(ASKED) && table.contains("wrong") && table.contains("[1] Mira:"),
        "{table}"
    );
    home.run(["answers", "list", "--marked", "none"]).expect(3);
    home.run(["answers", "list", "--marked", "right", "--json"]).expect(3);
    assert_eq!(listed(&home, &["-n", "0"]), [] as [Value; 0]);

    mark(&home, &id, "none").expect(0);
    assert_eq!(listed(&home, &["--marked", "none"]).len(), 1);
    // The turn that it cites is there, and no answer.
    for other in ["1", "999"] {
        let refused = mark(&home, other, "right").expect(1);
        assert!(refused.err.contains("`recount answers list`"), "{refused:?}");
    }
    mark(&home, &id, "good").expect(2);
}

#[test]
fn without_a_memory_there_is_nothing_to_mark() {
    let home = Home::new();
    for args in [&["list"][..], &["mark", "1", "right"], &["export"]] {
        let ran = home.run(["answers"].iter().chain(args)).expect(1);
        assert!(ran.err.contains("no memory at"), "{ran:?}");
        assert!(!home.memory().exists());
    }
}

#[test]
fn marks_outlive_an_export_and_go_when_the_answer_is_forgotten() {
    let home = home();
    let id = listed(&home, &[])[0]["answer"].to_string();
    mark(&home, &id, "right").expect(0);
    let everything = home.run(["export", "--format", "json"]).expect(0).out;
    let other = Home::new();
    let path = other.file("all.json", everything);
    finish(other.command().arg("import").arg(path), "").expect(0);
    let (here, there) = (listed(&home, &[]), listed(&other, &[]));
    for field in ["question", "text", "mark", "marked_at", "said_at", "confidence"] {
        assert_eq!(here[0][field], there[0][field], "{field}");
    }
    other.run(["forget", "--text", "greyhound", "--yes"]).expect(0);
    assert_eq!(listed(&other, &[]), [] as [Value; 0]);
}

#[test]
fn marked_answers_are_exported_for_eval() {
    let home = home();
    assert_eq!(home.run(["answers", "export"]).expect(3).out, "");
    let id = listed(&home, &[])[0]["answer"].to_string();
    let text = listed(&home, &[])[0]["text"].clone();
    for (word, answer, category) in
        [("right", text.clone(), Value::Null), ("wrong", Value::Null, json!(5))]
    {
        mark(&home, &id, word).expect(0);
        let file = home.run(["answers", "export"]).expect(0);
        let asked = &file.json()[0]["qa"][0];
        assert_eq!((&asked["question"], &asked["answer"]), (&json!(ASKED), &answer));
        assert_eq!((&asked["category"], &asked["evidence"]), (&category, &json!(["D1:1"])));
        let path = home.file("marked.json", &file.out);
        let report = finish(home.bare_command().arg("eval").arg(path).arg("--json"), "");
        let report = report.expect(0).json();
        assert_eq!((&report["asked"], &report["left_out"]), (&json!(1), &json!(0)));
        assert_eq!(report["questions"][0]["R@10"], 1.0, "{report}");
    }
}
