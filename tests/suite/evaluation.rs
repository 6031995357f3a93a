//! `recount eval`: its figures are those of the commands, its shapes are kept, its errors are clear.

use super::program::{Home, Ran, finish};
use recount::assistant::{Assistant, AssistantError, Cancel, EncoderSetup, Setup};
use recount::conversation::SystemClock;
use recount::decoder::Extractive;
use recount::encoder::{Encoder, HashingEncoder};
use recount::evaluation::{self, EvaluationError, Stage};
use recount::memory::Memory;
use serde_json::{Value, json};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn club() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/club.json")
}

/// Runs the program, without naming a memory.
fn eval(home: &Home, args: &[&Path]) -> Ran {
    finish(home.bare_command().arg("eval").args(args), "")
}

fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

fn group<'r>(table: &'r Value, name: &str) -> &'r Value {
    table["groups"].as_array().unwrap().iter().find(|group| group["group"] == name).unwrap()
}

#[test]
fn figures_are_those_of_the_commands() {
    let home = Home::new();
    let report = eval(&home, &[&club(), Path::new("--json")]).expect(0).json();

    let file = std::fs::read_to_string(club()).unwrap();
    let sample: Value = serde_json::from_str(&file).unwrap();
    finish(home.command().arg("import").arg(club()), "").expect(0);
    let asked: String = (0..5)
        .map(|index| {
            let question = &sample[0]["qa"][index]["question"];
            json!({"id": format!("club/{index}"), "query": question}).to_string() + "\n"
        })
        .collect();
    let found = home.run_with(&asked, ["search", "--batch", "-k", "50"]).expect(0).json_lines();
    let answers = home.run_with(&asked, ["ask", "--batch"]).expect(0).json_lines();
    let evidence = [&["D1:3", "D2:1"][..], &["D1:1"], &["D2:2"], &["D1:6"], &["D2:4"]];
    let scored = report["questions"].as_array().unwrap();
    assert_eq!(scored.len(), evidence.len());
    for (((scored, found), answer), evidence) in
        scored.iter().zip(&found).zip(&answers).zip(evidence)
    {
        assert_eq!(scored["id"], found["id"]);
        let is_evidence = |id: &Value| id.as_str().is_some_and(|id| evidence.contains(&id));
        let hits = found["hits"].as_array().unwrap();
        for k in [1, 5, 10, 20, 50] {
            let among = hits.iter().take(k).filter(|hit| is_evidence(&hit["source_id"])).count();
            let share = among as f64 / evidence.len() as f64;
            assert_eq!(scored[format!("R@{k}")].as_f64(), Some(share), "{scored}");
        }
        let rank = hits.iter().position(|hit| is_evidence(&hit["source_id"])).unwrap();
        let reciprocal = scored["mrr"].as_f64().unwrap();
        assert!((reciprocal - 1.0 / (rank + 1) as f64).abs() < 1e-6, "{scored}");
        let abstained = answer["abstained"].as_bool().unwrap();
        assert_eq!(scored["abstained"].as_f64(), Some(f64::from(u8::from(abstained))));
        assert_eq!(scored["confidence"], answer["confidence"]);
        let cited = answer["citations"].as_array().unwrap();
        let holds = cited.iter().any(|citation| is_evidence(&citation["source_id"]));
        let expected = (!abstained).then(|| f64::from(u8::from(holds)));
        assert_eq!(scored["cited"].as_f64(), expected, "{scored}");
    }
}

#[test]
fn fields_are_kept_and_the_users_memory_is_not_touched() {
    let home = Home::new();
    let report = eval(&home, &[&club(), Path::new("--json")]).expect(0).json();
    assert!(!home.path("data").exists(), "a memory was made");
    assert_eq!(
        names(&report),
        ["files", "samples", "asked", "left_out", "meaning", "tables", "questions", "elapsed_ms"]
    );
    assert_eq!(
        (&report["samples"], &report["asked"], &report["left_out"]),
        (&json!(1), &json!(5), &json!(2))
    );
    let table = &report["tables"][0];
    assert_eq!(
        names(table),
        ["evidence", "groups", "false_refusals", "refused", "calibration", "refusals"]
    );
    let counts: Vec<(&str, u64)> = table["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["group"].as_str().unwrap(), group["n"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        counts,
        [
            ("all", 5),
            ("1-4", 4),
            ("1 multi-hop", 1),
            ("2 temporal", 1),
            ("3 open-domain", 0),
            ("4 single-hop", 1),
            ("5 adversarial", 1),
            ("other", 1)
        ]
    );
    let measures = [
        "R@1",
        "R@5",
        "R@10",
        "R@20",
        "R@50",
        "hit@10",
        "mrr",
        "f1",
        "abstained",
        "cited",
        "date",
        "yes_no",
        "false_claims",
    ];
    assert_eq!(names(group(table, "all"))[2..], measures);
    assert_eq!(names(&report["questions"][0])[..3], ["evidence", "id", "confidence"]);
    assert_eq!(names(&report["questions"][0])[3..], measures);
    assert_eq!(names(&group(table, "all")["R@1"]), ["value", "low", "high"]);
    assert_eq!(group(table, "3 open-domain")["R@1"], Value::Null);
    assert_eq!(names(&table["calibration"]), ["n", "error", "bins"]);
    assert_eq!(table["calibration"]["bins"].as_array().unwrap().len(), 10);
    assert_eq!(names(&table["calibration"]["bins"][0]), ["from", "to", "n", "confidence", "right"]);
    assert_eq!(names(&table["refusals"]), ["now", "area", "by_confidence", "abstaining_kept"]);
    assert_eq!(names(&table["refusals"]["now"]), ["threshold", "refused", "false_refusals"]);
    assert_eq!(names(&report["elapsed_ms"]), ["import", "search", "ask"]);

    // The same again, but for how long it took.
    let mut again = eval(&home, &[&club(), Path::new("--json")]).expect(0).json();
    again["elapsed_ms"] = report["elapsed_ms"].clone();
    assert_eq!(again, report);
}

#[test]
fn corrected_evidence_shows_both_tables_and_draws_the_second() {
    let home = Home::new();
    let corrections =
        json!({"club/5": ["D1:2"], "club/4": [], "club/0": ["D1:3"], "boat/1": ["D1:1"]});
    let corrections = home.file("corrections.json", corrections.to_string());
    // Several files are joined; one is a single sample without questions.
    let mut quiet: Value = serde_json::from_str(&std::fs::read_to_string(club()).unwrap()).unwrap();
    quiet[0]["qa"] = json!([]);
    let quiet = home.file("quiet.json", quiet[0].to_string());
    let pictures = home.path("made/pictures");
    let ran = finish(
        home.bare_command()
            .arg("eval")
            .args([&quiet, &club()])
            .arg("--evidence")
            .arg(&corrections)
            .arg("--pictures")
            .arg(&pictures),
        "",
    )
    .expect(0);
    let lines: Vec<&str> = ran.out.lines().collect();
    let head = format!(
        "{:16}{:>5}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}",
        "", "n", "R@1", "R@5", "R@10", "R@20", "R@50", "hit@10", "mrr", "f1", "abstained", "cited"
    );
    assert_eq!(lines[..2], ["original evidence", &head], "{}", ran.out);
    assert!(lines[2].starts_with("all                 5     "), "{}", ran.out);
    assert!(ran.out.contains("\n\ncorrected evidence\n"), "{}", ran.out);
    // What stands in no row is left out: category 3 is missing, one question has none.
    assert!(!ran.out.contains("open-domain") && ran.out.contains("\nother               1"));
    assert!(
        ran.out.contains("\n4 single-hop        1") && ran.out.contains("\n4 single-hop        2")
    );
    assert!(ran.err.contains("that match no question in these files: 1 of 4, such as boat/1"));
    assert!(
        ran.err
            .contains("questions skipped because none of their evidence is in the conversation: 1"),
        "{}",
        ran.err
    );
    for name in ["reliability.svg", "refusals.svg"] {
        let svg = std::fs::read_to_string(pictures.join(name)).unwrap();
        assert!(svg.starts_with("<svg ") && svg.contains("(evidence corrected)"), "{svg}");
    }
}

#[test]
fn what_cannot_be_measured_says_why_in_one_line() {
    let home = Home::new();
    let chat = home.file("chat.json", r#"[{"messages": [{"role": "user", "content": "hi"}]}]"#);
    let text = home.file("text.json", "Dear diary");
    let mut empty: Value = serde_json::from_str(&std::fs::read_to_string(club()).unwrap()).unwrap();
    empty[0]["qa"] = json!([{"question": "Who?", "evidence": ["D9:9"]}]);
    let empty = home.file("empty.json", empty.to_string());
    let list = home.file("list.json", "[]");
    let words = home.file("words.json", r#"{"club/0": "D1:1"}"#);
    let club = club();
    let path = Path::new;
    for (args, status, why) in [
        (&[&*home.path("none.json")][..], 1, "none.json: No such file"),
        (&[&*chat], 1, "chat.json is not in LoCoMo format: sample 1 has no \"conversation\""),
        (&[&*text], 1, "text.json is not JSON: "),
        (&[&*list], 1, "list.json is not in LoCoMo format: its list of samples is empty"),
        (&[&*empty], 1, "no question with evidence in "),
        (&[&*club, path("--evidence"), &*list], 1, "list.json is not a file of corrected evidence"),
        (&[&*club, path("--evidence"), &*words], 1, "the value of \"club/0\""),
        (&[&*club, path("--pictures"), &*text], 1, "text.json"),
        (&[], 2, "<FILE>"),
    ] {
        let ran = eval(&home, args).expect(status);
        assert_eq!(ran.out, "", "{args:?}");
        assert!(ran.err.contains(why), "{args:?}: {}", ran.err);
        assert!(status == 2 || ran.err.lines().count() == 1, "{args:?}: {}", ran.err);
    }
}

fn hashing() -> Result<Assistant, AssistantError> {
    Ok(Assistant::new(Setup {
        memory: Memory::open_in_memory()?,
        encoder: EncoderSetup {
            name: "hashing",
            dim: 384,
            start: Box::new(|| Ok(Arc::new(HashingEncoder::default()) as Arc<dyn Encoder>)),
        },
        reader: None,
        decoder: Box::<Extractive>::default(),
        clock: Arc::new(SystemClock),
    }))
}

#[test]
fn an_interrupt_ends_it_at_every_stage() {
    let samples = evaluation::read(&club()).unwrap();
    let mut seen = Vec::new();
    let run = evaluation::run(&samples, &hashing, &Cancel::new(), &mut |progress| {
        if !seen.contains(&progress.stage) {
            seen.push(progress.stage);
        }
    });
    assert_eq!(run.unwrap().asked.len(), 5);
    assert_eq!(seen, [Stage::Importing, Stage::Encoding, Stage::Searching, Stage::Asking]);
    for stage in seen {
        let cancel = Cancel::new();
        let after = Cell::new(0);
        let ended = evaluation::run(&samples, &hashing, &cancel, &mut |progress| {
            if cancel.is_cancelled() {
                after.set(after.get() + 1);
            }
            if progress.stage == stage {
                cancel.cancel();
            }
        });
        assert!(matches!(ended, Err(EvaluationError::Interrupted)), "{stage:?}: {ended:?}");
        assert_eq!(after.get(), 0, "{stage:?}: it went on");
        let error = recount::cli::CliError::from(ended.unwrap_err());
        assert_eq!(error.exit_code(), 130);
        assert_eq!(error.to_string(), "interrupted; nothing was measured");
    }
}
