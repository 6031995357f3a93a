//! The JSON shapes that one command alone prints; those that the protocol server shares are
//! `shapes`. Names are a contract: fields are added, never renamed.

use crate::assistant::{Imported, Report};
use crate::evaluation::{Figure, Measure, Point, Scored, Table};
use crate::shapes::{double, object, time};
use serde_json::{Map, Value, json};

pub(super) fn report(report: &Report) -> Map<String, Value> {
    let skipped: Vec<Value> = report
        .skipped
        .iter()
        .map(|s| json!({"reason": s.reason, "count": s.count, "example": s.example}))
        .collect();
    let conversations = &report.conversations;
    let mut made = object([
        ("format", report.format.clone().into()),
        (
            "conversations",
            json!({
                "new": conversations.new,
                "updated": conversations.updated,
                "unchanged": conversations.unchanged,
                "failed": conversations.failed,
            }),
        ),
        (
            "messages",
            json!({
                "new": report.messages.new,
                "duplicate": report.messages.duplicate,
                "by_role": report.messages.by_role,
                "edited": report.messages.edited,
            }),
        ),
        ("skipped", skipped.into()),
        ("first_said_at", time(report.first_said_at)),
        ("last_said_at", time(report.last_said_at)),
        ("warnings", report.warnings.clone().into()),
        ("elapsed_ms", report.elapsed_ms.into()),
        ("import", report.import.map(|id| id.0).into()),
    ]);
    if !report.files.is_empty() {
        let files: Vec<Value> = report
            .files
            .iter()
            .map(|(path, one)| {
                let mut file = object([("path", path.clone().into())]);
                file.extend(self::report(one));
                file.into()
            })
            .collect();
        made.insert("files".into(), files.into());
    }
    made
}

pub(super) fn imported(imported: &Imported) -> Value {
    let paths: Vec<String> = imported.paths.iter().map(|path| path.display().to_string()).collect();
    json!({
        "import": imported.id.0,
        "imported_at": time(Some(imported.imported_at)),
        "formats": imported.formats,
        "paths": paths,
        "conversations": imported.conversations,
        "messages": imported.messages,
        "folded": imported.folded,
    })
}

/// What was measured with one sort of evidence. The fields are told in `docs/evaluation.md`.
pub(super) fn table(table: &Table) -> Value {
    let groups: Vec<Value> = table
        .rows
        .iter()
        .map(|row| {
            let mut group = object([("group", row.group.name().into()), ("n", row.n.into())]);
            let figures = Measure::ALL.iter().zip(row.figures);
            group.extend(figures.map(|(one, value)| (one.name().to_owned(), figure(value))));
            group.into()
        })
        .collect();
    let calibration = &table.calibration;
    let bins: Vec<Value> = calibration
        .bins
        .iter()
        .map(|bin| {
            json!({
                "from": double(bin.from),
                "to": double(bin.to),
                "n": bin.n,
                "confidence": bin.confidence.map(double),
                "right": bin.right.map(double),
            })
        })
        .collect();
    let curve = |points: &[Point]| -> Value { points.iter().map(point).collect() };
    json!({
        "evidence": table.evidence.name(),
        "groups": groups,
        "false_refusals": figure(table.false_refusals()),
        "refused": figure(table.refused()),
        "calibration": {
            "n": calibration.n,
            "error": calibration.error.map(double),
            "bins": bins,
        },
        "refusals": table.refusals.as_ref().map(|refusals| json!({
            "now": point(&refusals.now),
            "area": double(refusals.area),
            "by_confidence": curve(&refusals.by_confidence),
            "abstaining_kept": curve(&refusals.abstaining_kept),
        })),
    })
}

/// What a single question scored.
pub(super) fn scored(scored: &Scored<'_>) -> Map<String, Value> {
    let mut made = object([
        ("id", scored.question.id.clone().into()),
        ("confidence", double(scored.outcome.confidence)),
    ]);
    let scores = Measure::ALL.iter().zip(scored.scores);
    made.extend(scores.map(|(one, score)| (one.name().to_owned(), score.map(double).into())));
    made
}

fn figure(figure: Option<Figure>) -> Value {
    figure.map_or(Value::Null, |figure| {
        json!({
            "value": double(figure.value),
            "low": double(figure.interval.low),
            "high": double(figure.interval.high),
        })
    })
}

fn point(point: &Point) -> Value {
    json!({
        "threshold": double(point.threshold),
        "refused": double(point.refused),
        "false_refusals": double(point.false_refusals),
    })
}
