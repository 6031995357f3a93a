//! Secrets in turns: through every door they are masked, warned of, and refused where that is
//! wished. They are put together here, so that no file of the project looks as if it held one.

use super::program::{Home, Ran, finish};
use serde_json::{Value, json};

const CARD: &str = "4539 1488 0343 6467";
const MARK: &str = "••••••••";

fn token() -> String {
    ["ghp", "_", "R7kQ2mXvT9pLw4ZcN8bYd3HfJ6sGa1EuK5oV"].concat()
}

fn said() -> String {
    format!("The deploy robot logs in with {} and pays with {CARD}.", token())
}

fn file(home: &Home) -> std::path::PathBuf {
    let messages = json!([
        {"role": "user", "content": said()},
        {"role": "assistant", "content": "The robot deploys on Fridays."},
        {"role": "user", "content": token()},
    ]);
    home.file("robot.json", json!([{"id": "robot", "messages": messages}]).to_string())
}

fn assert_masked(ran: &Ran) {
    for part in ["R7kQ2mXv", "a1EuK5oV", "4539", "6467"] {
        assert!(!ran.out.contains(part) && !ran.err.contains(part), "{part}: {ran:?}");
    }
}

#[test]
fn an_import_warns_and_no_door_shows_them() {
    let home = Home::new();
    let report = home.json(["import", "--json", file(&home).to_str().unwrap()]);
    let warning = report["warnings"][0].as_str().unwrap();
    assert!(
        warning.starts_with("3 secrets (2 GitHub tokens, 1 card number) in 2 messages"),
        "{report}"
    );
    // What is known is not warned of again.
    let again = home.json(["import", "--json", file(&home).to_str().unwrap()]);
    assert_eq!(again["warnings"], json!([]));

    let ask = "With what does the deploy robot log in?";
    for (args, shows) in [
        (vec!["ask", ask], true),
        (vec!["ask", ask, "--json"], true),
        (vec!["ask", ask, "--explain"], true),
        (vec!["search", "deploy robot"], true),
        (vec!["search", "deploy robot", "--json", "--explain"], true),
        (vec!["sessions", "list"], true),
        (vec!["sessions", "list", "--json"], true),
        (vec!["sessions", "show", "1"], true),
        (vec!["sessions", "show", "1", "--json"], true),
        (vec!["export"], true),
        (vec!["export", "--format", "json"], true),
        (vec!["export", "--format", "jsonl"], true),
        (vec!["export", "--format", "html"], true),
        (vec!["export", "--search", "deploy robot"], true),
        (vec!["forget", "--text", "deploy robot", "--dry-run"], true),
        (vec!["stats"], false),
    ] {
        let ran = home.run(&args);
        assert_masked(&ran);
        assert_eq!(ran.out.contains(MARK), shows, "{args:?}: {ran:?}");
    }

    // Whoever asks for them gets them.
    for args in [
        &["ask", ask, "--secrets"][..],
        &["search", "deploy robot", "--secrets"],
        &["sessions", "show", "1", "--secrets"],
        &["export", "--secrets"],
    ] {
        let ran = home.run(args);
        assert!(ran.out.contains(&token()) && !ran.out.contains(MARK), "{args:?}: {ran:?}");
    }
}

/// A quote stands in its turn, as both are shown.
#[test]
fn a_quote_is_what_the_turn_shows() {
    let home = Home::new();
    home.run(["import", file(&home).to_str().unwrap()]).expect(0);
    let answer = home.json(["ask", "With what does the deploy robot log in?", "--json"]);
    let shown = home.json(["sessions", "show", "1", "--json"]);
    for citation in answer["citations"].as_array().unwrap() {
        let turn = shown["turns"].as_array().unwrap().iter();
        let turn = turn.clone().find(|turn| turn["turn"] == citation["turn"]).unwrap();
        let (text, quote) = (turn["text"].as_str().unwrap(), citation["quote"].as_str().unwrap());
        assert!(text.contains(quote.trim_end_matches('…')), "{quote:?} is not in {text:?}");
    }
}

/// Raw with the flag, and then without loss; masked without it, and then the text that is there
/// stays as it is.
#[test]
fn an_export_comes_back() {
    let home = Home::new();
    home.run(["import", file(&home).to_str().unwrap()]).expect(0);
    let texts = |home: &Home| -> Vec<Value> {
        let shown = home.json(["sessions", "show", "1", "--json", "--secrets"]);
        shown["turns"].as_array().unwrap().iter().map(|turn| turn["text"].clone()).collect()
    };
    let before = texts(&home);
    let (raw, masked) = (home.path("raw.json"), home.path("masked.json"));
    home.run(["export", "--secrets", "-o", raw.to_str().unwrap()]).expect(0);
    let told = home.run(["export", "-o", masked.to_str().unwrap()]).expect(0);
    assert!(told.err.contains("secrets are masked in 2 turns; use --secrets"), "{told:?}");
    let head = |path| serde_json::from_str::<Value>(&std::fs::read_to_string(path).unwrap());
    assert_eq!(head(&raw).unwrap()["secrets"], "as stored");
    assert_eq!(head(&masked).unwrap()["secrets"], "masked");
    home.run(["import", masked.to_str().unwrap()]).expect(0);
    assert_eq!(texts(&home), before);
    let other = Home::new();
    other.run(["import", raw.to_str().unwrap()]).expect(0);
    assert_eq!(texts(&other), before);
}

#[test]
fn a_note_is_warned_of_kept_or_refused() {
    let run = |home: &Home, mode: &str, args: &[&str]| {
        finish(home.command().env("RECOUNT_SECRETS_MODE", mode).args(args), "")
    };
    let home = Home::new();
    let ran = run(&home, "mask", &["remember", &said()]).expect(0);
    assert!(
        ran.err.contains("2 secrets (1 GitHub token, 1 card number): stored as written"),
        "{ran:?}"
    );
    let ran = run(&home, "refuse", &["remember", &said()]).expect(1);
    assert!(ran.err.contains("nothing was remembered") && !ran.err.contains("4539"), "{ran:?}");
    let ran = run(&home, "keep", &["remember", &said()]).expect(0);
    assert!(!ran.err.contains("secret"), "{ran:?}");
    let ran = run(&home, "keep", &["search", "deploy robot", "--json"]).expect(0);
    assert_eq!(ran.json()["hits"].as_array().unwrap().len(), 2);
    assert!(ran.out.contains(&token()));

    let home = Home::new();
    let file = file(&home);
    let ran = run(&home, "refuse", &["import", "--json", file.to_str().unwrap()]).expect(0);
    let report = ran.json();
    assert_eq!(report["messages"]["new"], 1);
    let refused: Vec<&str> = report["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["reason"].as_str().unwrap())
        .collect();
    assert!(refused.iter().all(|reason| reason.ends_with(" refused")), "{refused:?}");
    assert_eq!(refused.len(), 2);
    let bytes = std::fs::read(home.memory()).unwrap();
    let holds = |part: &str| bytes.windows(part.len()).any(|bytes| bytes == part.as_bytes());
    assert!(!holds("R7kQ2mXv") && !holds("1488"));
    assert!(holds("deploys on Fridays"));
}
