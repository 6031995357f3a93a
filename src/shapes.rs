//! The JSON shapes of what is found, answered and remembered, as every door of the program shows
//! them: the command line and the protocol server.
//!
//! Names are a contract: fields are added, never renamed. Does not own shapes that one command
//! alone prints.

use crate::conversation::{Session, Timestamp, Turn, acts};
use crate::evidence::{Answer, Citation, Hit};
use serde_json::{Map, Value, json};

/// A value as JSON on one line. What acts on a terminal or hides there is escaped, so that the line
/// can be shown as it is; whoever reads the JSON gets the text exactly.
pub fn line(value: &Value) -> String {
    use std::fmt::Write as _;
    let line = value.to_string();
    if !line.contains(acts) {
        return line;
    }
    // Outside of its strings JSON has none of these.
    let mut escaped = String::with_capacity(line.len() + 16);
    for char in line.chars() {
        if acts(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(char);
        }
    }
    escaped
}

/// An instant as RFC 3339 UTC, or null.
pub fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::String(at.to_string()))
}

/// What a search found.
pub fn hits(query: &str, hits: &[Hit]) -> Map<String, Value> {
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

/// An answer with its citations.
pub fn answer(answer: &Answer) -> Map<String, Value> {
    let citations: Vec<Value> = answer.citations.iter().map(citation).collect();
    object([
        ("question", answer.question.clone().into()),
        ("answer", answer.text.clone().into()),
        ("abstained", answer.abstained.into()),
        ("reason", answer.reason.clone().into()),
        ("confidence", number(answer.confidence)),
        ("decoder", answer.decoder.into()),
        ("citations", citations.into()),
        ("elapsed_ms", answer.elapsed_ms.into()),
        ("answer_kind", answer.kind.as_str().into()),
    ])
}

/// A source of an answer.
pub fn citation(citation: &Citation) -> Value {
    json!({
        "number": citation.number,
        "turn": citation.turn.0,
        "source_id": citation.source_id,
        "session": citation.session.0,
        "speaker": citation.speaker,
        "said_at": time(citation.said_at),
        "quote": citation.quote,
    })
}

/// A session as lists show it.
pub fn session(session: &Session) -> Map<String, Value> {
    object([
        ("session", session.id.0.into()),
        ("title", session.display_title().into()),
        ("source", session.source.clone().into()),
        ("source_id", session.source_id.clone().into()),
        ("turns", session.turns.into()),
        ("first_said_at", time(session.first_said_at)),
        ("last_said_at", time(session.last_said_at)),
        ("remembered_at", time(Some(session.remembered_at))),
        ("name", session.name.clone().into()),
        ("tags", session.tags.clone().into()),
        ("pinned", session.pinned.into()),
    ])
}

/// A turn of a session.
pub fn turn(turn: &Turn) -> Value {
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

/// An object whose fields keep their order.
pub fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn number(value: f32) -> Value {
    double(f64::from(value))
}

/// Six digits are more than any score means.
pub fn double(value: f64) -> Value {
    let rounded = (value * 1e6).round() / 1e6;
    serde_json::Number::from_f64(rounded).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_line_shows_nothing_that_acts_and_keeps_the_text(
            text in "([\u{7f}\u{85}\u{9b}\u{202e}\u{2028}\u{feff}\u{e0041}\u{1b}\"\\\\]|\\PC){0,40}"
        ) {
            let value = json!({ &text: [&text] });
            let line = line(&value);
            prop_assert!(!line.contains(acts) && !line.contains('\n'), "{line:?}");
            prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
        }
    }
}
