//! How well recount finds and answers, on question sets of our own about five kinds of talk. The
//! floors are a little below what was measured: whoever changes retrieval or decoding for the worse
//! is told here, whoever makes them better raises the floors.

use super::program::{Home, finish};
use serde_json::Value;
use std::path::Path;

fn figure(report: &Value, group: &str, measure: &str) -> f64 {
    let groups = report["tables"][0]["groups"].as_array().unwrap();
    let group = groups.iter().find(|one| one["group"] == group).unwrap();
    group[measure]["value"].as_f64().unwrap()
}

#[test]
fn scores_do_not_drop() {
    let home = Home::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/quality");
    let files = ["assistant", "coding", "friends", "group", "notes"]
        .map(|name| folder.join(name).with_extension("json"));
    let report =
        finish(home.bare_command().args(["eval", "--json"]).args(files), "").expect(0).json();
    let floors = [
        ("all", "R@10", 0.84),
        ("all", "mrr", 0.65),
        ("all", "cited", 0.75),
        ("1-4", "f1", 0.28),
        ("2 temporal", "f1", 0.44),
        ("5 adversarial", "abstained", 0.35),
    ];
    for (group, measure, floor) in floors {
        let got = figure(&report, group, measure);
        assert!(got >= floor, "{group} {measure}: {got:.3} is below {floor}");
    }
}
