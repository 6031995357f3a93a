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
    ("agentlog", [0.86, 0.60, 0.27, 0.46, 0.29]),
    ("assistant", [0.91, 0.71, 0.37, 0.26, 0.14]),
    ("assistant2", [0.89, 0.71, 0.39, 0.56, 0.25]),
    ("classmates", [0.75, 0.50, 0.26, 0.41, 0.31]),
    ("coding", [0.84, 0.68, 0.29, 0.13, 0.17]),
    ("cousins", [0.87, 0.67, 0.32, 0.56, 0.29]),
    ("crew", [0.78, 0.59, 0.34, 0.30, 0.25]),
    ("daily", [0.94, 0.83, 0.52, 0.30, 0.17]),
    ("dating", [0.77, 0.57, 0.25, 0.25, 0.25]),
    ("friends", [0.87, 0.76, 0.42, 0.02, 0.17]),
    ("group", [0.77, 0.57, 0.39, 0.00, 0.17]),
    ("handover", [0.89, 0.72, 0.38, 0.41, 0.25]),
    ("helpdesk", [0.82, 0.57, 0.20, 0.51, 0.29]),
    ("household", [0.83, 0.61, 0.29, 0.46, 0.29]),
    ("journal2", [0.93, 0.76, 0.33, 0.41, 0.25]),
    ("notes", [0.87, 0.65, 0.38, 0.17, 0.20]),
    ("oldfriends2", [0.87, 0.70, 0.36, 0.46, 0.29]),
];

/// The same over all sets, each counting alike: chance moves that less.
const OVER_ALL: [f64; 5] = [0.90, 0.72, 0.38, 0.41, 0.18];

#[test]
fn no_set_drops_below_its_floors() {
    let home = Home::new();
    let mut faults = Vec::new();
    let mut sums = [0.0; 5];
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
        for (at, (group, measure, floor)) in floors.into_iter().enumerate() {
            let got = figure(&report, group, measure).unwrap_or(0.0);
            sums[at] += got;
            if got < floor {
                faults.push(format!("{name}: {group} {measure} is {got:.3}, below {floor}"));
            }
        }
        let got = figure(&report, "1-4", "abstained").unwrap_or(1.0);
        sums[4] += got;
        if got > *falsely {
            faults.push(format!("{name}: false refusals are {got:.3}, above {falsely}"));
        }
    }
    for (at, (sum, floor)) in sums.into_iter().zip(OVER_ALL).enumerate() {
        let mean = sum / SETS.len() as f64;
        if if at < 4 { mean < floor } else { mean > floor } {
            faults.push(format!("all sets: figure {at} is {mean:.3}, the limit is {floor}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A file, the least share of right answers, and the largest share of harmful ones.
const EVERYDAY: &[(&str, f64, f64)] =
    &[("everyday/notes.json", 0.75, 0.0), ("yesno/items.jsonl", 0.48, 0.02)];

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
