//! How well recount finds and answers, on question sets of our own that nothing was trained on or fitted to.
//!
//! Each set has floors of its own, a little below what was measured: as far as chance moves a figure of so
//! few questions. Whoever changes retrieval, reading or decoding for the worse is told here; whoever makes
//! them better raises the floors.

use super::program::{Home, finish};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn figure(report: &Value, group: &str, measure: &str) -> Option<f64> {
    let groups = report["tables"][0]["groups"].as_array()?;
    groups.iter().find(|one| one["group"] == group)?[measure]["value"].as_f64()
}

/// A set, and the floors of R@10, MRR, F1 over the questions that memory answers, the share of refused
/// questions that it does not, and the ceiling of false refusals.
const SETS: &[(&str, [f64; 5])] = &[
    ("agentlog", [0.86, 0.61, 0.20, 0.46, 0.29]),
    ("assistant", [0.91, 0.67, 0.37, 0.13, 0.14]),
    ("assistant2", [0.90, 0.68, 0.40, 0.46, 0.27]),
    ("classmates", [0.76, 0.47, 0.20, 0.25, 0.36]),
    ("coding", [0.83, 0.66, 0.40, 0.13, 0.21]),
    ("cousins", [0.89, 0.65, 0.26, 0.51, 0.36]),
    ("crew", [0.77, 0.58, 0.26, 0.25, 0.32]),
    ("daily", [0.94, 0.82, 0.39, 0.30, 0.25]),
    ("dating", [0.83, 0.60, 0.16, 0.20, 0.23]),
    ("friends", [0.85, 0.74, 0.37, 0.17, 0.20]),
    ("group", [0.75, 0.53, 0.28, 0.00, 0.17]),
    ("handover", [0.90, 0.75, 0.33, 0.46, 0.36]),
    ("helpdesk", [0.81, 0.60, 0.21, 0.46, 0.27]),
    ("household", [0.85, 0.59, 0.35, 0.46, 0.25]),
    ("journal2", [0.93, 0.77, 0.33, 0.46, 0.25]),
    ("notes", [0.89, 0.69, 0.43, 0.31, 0.20]),
    ("oldfriends2", [0.87, 0.67, 0.30, 0.46, 0.29]),
];

#[test]
fn no_set_drops_below_its_floors() {
    let home = Home::new();
    let mut faults = Vec::new();
    for (name, [found, rank, f1, refused, falsely]) in SETS {
        let path = file("quality").join(name).with_extension("json");
        let report =
            finish(home.bare_command().args(["eval", "--json"]).arg(&path), "").expect(0).json();
        let floors = [
            ("all", "R@10", *found),
            ("all", "mrr", *rank),
            ("1-4", "f1", *f1),
            ("5 adversarial", "abstained", *refused),
        ];
        for (group, measure, floor) in floors {
            let got = figure(&report, group, measure).unwrap_or(0.0);
            if got < floor {
                faults.push(format!("{name}: {group} {measure} is {got:.3}, below {floor}"));
            }
        }
        let got = figure(&report, "1-4", "abstained").unwrap_or(1.0);
        if got > *falsely {
            faults.push(format!("{name}: false refusals are {got:.3}, above {falsely}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A file, the least share of right answers, and the largest share of harmful ones.
const EVERYDAY: &[(&str, f64, f64)] =
    &[("everyday/notes.json", 0.62, 0.0), ("yesno/items.jsonl", 0.30, 0.03)];

#[test]
fn everyday_questions_are_answered_rightly_and_harmlessly() {
    let home = Home::new();
    for (name, least, harmful) in EVERYDAY {
        let report = finish(home.bare_command().args(["eval", "--json"]).arg(file(name)), "")
            .expect(0)
            .json();
        let tally = &report["everyday"][0];
        let share = |field: &str| tally[field].as_f64().unwrap() / tally["asked"].as_f64().unwrap();
        assert!(share("right") >= *least, "{name}: {tally}");
        assert!(share("harmful") <= *harmful, "{name}: {tally}");
    }
}
