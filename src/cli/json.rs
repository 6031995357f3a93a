//! The JSON shapes of the command line. Names are a contract: fields are added, never renamed.

use crate::assistant::Report;
use crate::conversation::{Session, Timestamp, Turn};
use crate::evaluation::{Figure, Measure, Point, Scored, Table};
use crate::evidence::{Answer, Hit};
use serde_json::{Map, Value, json};

pub(super) fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::String(at.to_string()))
}

pub(super) fn hits(query: &str, hits: &[Hit]) -> Map<String, Value> {
    let hits: Vec<Value> =
        hits.iter().enumerate().map(|(index, one)| hit(index + 1, one)).collect();
    object([("query", query.into()), ("hits", hits.into())])
}

fn hit(rank: usize, hit: &Hit) -> Value {
    let signals: Map<String, Value> = hit
        .signals
        .named()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), number(value)))
        .collect();
    let turn = &hit.turn;
    json!({
        "rank": rank,
        "score": number(hit.score),
        "turn": turn.id.0,
        "source_id": turn.source_id,
        "session": turn.session.0,
        "session_title": hit.session_title,
        "source": hit.source,
        "speaker": turn.speaker,
        "role": turn.role.as_str(),
        "said_at": time(turn.said_at),
        "text": turn.text,
        "signals": signals,
    })
}

pub(super) fn answer(answer: &Answer) -> Map<String, Value> {
    let citations: Vec<Value> = answer
        .citations
        .iter()
        .map(|citation| {
            json!({
                "number": citation.number,
                "turn": citation.turn.0,
                "source_id": citation.source_id,
                "session": citation.session.0,
                "speaker": citation.speaker,
                "said_at": time(citation.said_at),
                "quote": citation.quote,
            })
        })
        .collect();
    object([
        ("question", answer.question.clone().into()),
        ("answer", answer.text.clone().into()),
        ("abstained", answer.abstained.into()),
        ("reason", answer.reason.clone().into()),
        ("confidence", number(answer.confidence)),
        ("decoder", answer.decoder.into()),
        ("citations", citations.into()),
        ("elapsed_ms", answer.elapsed_ms.into()),
    ])
}

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
            }),
        ),
        ("skipped", skipped.into()),
        ("first_said_at", time(report.first_said_at)),
        ("last_said_at", time(report.last_said_at)),
        ("warnings", report.warnings.clone().into()),
        ("elapsed_ms", report.elapsed_ms.into()),
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

pub(super) fn session(session: &Session) -> Map<String, Value> {
    object([
        ("session", session.id.0.into()),
        ("title", session.display_title().into()),
        ("source", session.source.clone().into()),
        ("source_id", session.source_id.clone().into()),
        ("turns", session.turns.into()),
        ("first_said_at", time(session.first_said_at)),
        ("last_said_at", time(session.last_said_at)),
        ("remembered_at", time(Some(session.remembered_at))),
    ])
}

pub(super) fn turn(turn: &Turn) -> Value {
    json!({
        "turn": turn.id.0,
        "source_id": turn.source_id,
        "position": turn.position,
        "speaker": turn.speaker,
        "role": turn.role.as_str(),
        "kind": turn.kind.as_str(),
        "said_at": time(turn.said_at),
        "remembered_at": time(Some(turn.remembered_at)),
        "text": turn.text,
    })
}

pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
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

fn number(value: f32) -> Value {
    double(f64::from(value))
}

/// Six digits are more than any score means.
fn double(value: f64) -> Value {
    let rounded = (value * 1e6).round() / 1e6;
    serde_json::Number::from_f64(rounded).map_or(Value::Null, Value::Number)
}
