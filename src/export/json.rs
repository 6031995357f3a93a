//! recount's own JSON: everything that memory keeps, so that an import of it gives the same again.
//!
//! `docs/export-format.md` tells it field by field; a change of what is there is a new version.

use super::{About, Exporter};
use crate::conversation::{SessionRecord, Timestamp, TurnRecord};
use crate::shapes;
use serde_json::{Value, json};
use std::io::{self, Write};

/// The version of the schema.
const VERSION: u32 = 1;

/// Writes JSON, one turn a line.
#[derive(Debug, Default)]
pub(super) struct Json {
    sessions: u64,
    turns: u64,
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::String(at.to_string()))
}

impl Exporter for Json {
    fn begin(&mut self, about: &About, out: &mut dyn Write) -> io::Result<()> {
        let head = json!({
            "format": "recount",
            "version": VERSION,
            "exported_at": time(Some(about.exported_at)),
            "query": about.query,
            "secrets": if about.masked { "masked" } else { "as stored" },
        });
        write!(out, "{},\n\"sessions\":[", open(&head))
    }

    fn session(&mut self, record: &SessionRecord, out: &mut dyn Write) -> io::Result<()> {
        let session = &record.session;
        let merged: Vec<Value> = record
            .merged
            .iter()
            .map(|merged| json!({"source": merged.source, "source_id": merged.source_id}))
            .collect();
        let head = json!({
            "session": session.id.0,
            "source": session.source,
            "source_id": session.source_id,
            "title": session.title,
            "name": session.name,
            "tags": session.tags,
            "pinned": session.pinned,
            "read_position": session.read_position,
            "forked_from": session.forked_from.map(|turn| turn.0),
            "remembered_at": time(Some(session.remembered_at)),
            "merged": merged,
        });
        let comma = if self.sessions > 0 { "," } else { "" };
        self.sessions += 1;
        self.turns = 0;
        write!(out, "{comma}\n{},\"turns\":[", open(&head))
    }

    fn holds(&self, _: &TurnRecord) -> bool {
        true
    }

    fn turn(&mut self, record: &TurnRecord, out: &mut dyn Write) -> io::Result<()> {
        let turn = &record.turn;
        let citations: Vec<Value> = record
            .quotations
            .iter()
            .map(|quotation| {
                json!({
                    "number": quotation.number,
                    "turn": quotation.turn.0,
                    "quote": quotation.quote,
                })
            })
            .collect();
        let whole = json!({
            "turn": turn.id.0,
            "position": turn.position,
            "key": hex(&record.key),
            "source_id": turn.source_id,
            "parent_source_id": record.parent_source_id,
            "on_active_path": record.on_active_path,
            "kind": turn.kind.as_str(),
            "role": turn.role.as_str(),
            "speaker": turn.speaker,
            "said_at": time(turn.said_at),
            "said_at_text": record.said_at_text,
            "remembered_at": time(Some(turn.remembered_at)),
            "text": turn.text,
            "citations": citations,
            "given": record.given.as_ref().map(|given| json!({
                "abstained": given.abstained,
                "reason": given.reason,
                "confidence": given.confidence,
                "decoder": given.decoder,
            })),
            "question": record.question.map(|question| question.0),
            "marked": record.marked.map(|marked| json!({
                "mark": marked.mark.as_str(),
                "at": time(Some(marked.at)),
            })),
        });
        let comma = if self.turns > 0 { "," } else { "" };
        self.turns += 1;
        write!(out, "{comma}\n{}", shapes::line(&whole))
    }

    fn end_session(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"]}")
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}\n")
    }
}

/// An object without its closing brace: more fields follow.
fn open(object: &Value) -> String {
    let mut text = shapes::line(object);
    text.pop();
    text
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{about, answer, export, session, turn};
    use super::*;
    use crate::conversation::Merged;

    #[test]
    fn everything_stands_in_it() {
        let mut first = session(7, Some("Bread"));
        first.merged.push(Merged { source: "chatgpt".into(), source_id: "c9".into() });
        first.session.tags = vec!["home".into()];
        let mut branch = turn(2, "Ann", "It \"rose\"\n\u{1b}[31m\u{2028}");
        branch.on_active_path = false;
        let text = export(
            &mut Json::default(),
            &[(first, vec![turn(1, "Ann", "Rye"), branch]), (session(8, None), vec![answer(3, 1)])],
        );
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["format"], "recount");
        assert_eq!(read["version"], VERSION);
        assert_eq!(read["secrets"], "as stored");
        assert_eq!(read["exported_at"], about().exported_at.to_string());
        let first = &read["sessions"][0];
        assert_eq!((&first["session"], &first["title"]), (&json!(7), &json!("Bread")));
        assert_eq!(first["merged"], json!([{"source": "chatgpt", "source_id": "c9"}]));
        assert_eq!(first["tags"], json!(["home"]));
        assert_eq!(first["turns"][1]["text"], "It \"rose\"\n\u{1b}[31m\u{2028}");
        assert_eq!(first["turns"][1]["on_active_path"], false);
        assert_eq!(first["turns"][0]["key"], "0102");
        let answer = &read["sessions"][1]["turns"][0];
        assert_eq!(answer["citations"], json!([{"number": 1, "turn": 1, "quote": "Rye"}]));
        // No line ends inside of a value.
        assert!(text.lines().count() == 8, "{text}");
    }

    #[test]
    fn nothing_is_still_a_document() {
        let text = export(&mut Json::default(), &[]);
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["sessions"], json!([]));
    }
}
