//! recount's own JSON export (`docs/export-format.md`): what memory kept, brought back without loss.
//!
//! Does not own what becomes of it: who knows a turn again by its key is memory's business.

use crate::conversation::{
    Conversation, GivenAnswer, Kind, Mark, Marked, Merged, NewTurn, Quotation, Restored,
    RestoredTurn, Role, Timestamp, TurnId,
};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Part;
use crate::import::reading::json::{Parts, array_under, flag, id_under, text_under};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::{Map, Value};

/// The newest version of the schema that is read.
const VERSION: u64 = 1;

const PARTS: Parts = Parts {
    records: &["turns"],
    around: &["sessions"],
    members: &[
        "source",
        "source_id",
        "title",
        "name",
        "tags",
        "pinned",
        "read_position",
        "forked_from",
        "remembered_at",
        "merged",
    ],
};

/// The format `recount`.
pub(super) struct Recount;

impl Importer for Recount {
    fn format(&self) -> &'static str {
        "recount"
    }

    fn description(&self) -> &'static str {
        "recount's own export: recount export --format json"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if version(sample).is_some() { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            if let Some(found) = version(source.sample()).filter(|found| *found > VERSION) {
                sink.warning(format!(
                    "the export is of version {found}, newer than this recount knows ({VERSION}): \
                     what it does not know is left out; update recount and import it again"
                ));
            }
            // Turn by turn: a session can be of any length.
            let mut session = Session::default();
            source.each_part(PARTS, sink, |part, sink| {
                match part {
                    Part::Member(key, value) => {
                        session.head.insert(key, value);
                    }
                    Part::Record(value) => session.turn(&value, sink),
                    Part::End => std::mem::take(&mut session).finish(sink)?,
                }
                Ok(())
            })
        })
    }
}

/// The version of the schema, where this is such an export.
fn version(sample: &Sample) -> Option<u64> {
    let document = sample.document()?;
    let is_it = text_under(document, "format") == Some("recount")
        && document.get("sessions").is_some_and(Value::is_array);
    document.get("version").and_then(Value::as_u64).filter(|_| is_it)
}

/// A session as far as it is read.
#[derive(Default)]
struct Session {
    head: Map<String, Value>,
    turns: Vec<NewTurn>,
    restored: Vec<RestoredTurn>,
}

impl Session {
    fn turn(&mut self, value: &Value, sink: &mut dyn Sink) {
        match read_turn(value) {
            Ok((new, mut more)) => {
                if new.kind == Kind::Answer && value.get("question").is_none() {
                    more.question = self.asked_last();
                }
                self.turns.push(new);
                self.restored.push(more);
            }
            Err(reason) => {
                sink.skipped(reason, &shorten(text_under(value, "text").unwrap_or_default()));
            }
        }
    }

    /// The last question so far. Exports of earlier versions do not say which question an answer
    /// is to.
    fn asked_last(&self) -> Option<TurnId> {
        let asked = self.turns.iter().zip(&self.restored).rev();
        asked.filter(|(new, _)| new.kind == Kind::Question).find_map(|(_, more)| more.turn)
    }

    fn finish(self, sink: &mut dyn Sink) -> Result<(), ImportError> {
        // The end of the document.
        if self.head.is_empty() && self.turns.is_empty() {
            return Ok(());
        }
        finish(&Value::Object(self.head), self.turns, self.restored, sink)
    }
}

fn finish(
    value: &Value,
    turns: Vec<NewTurn>,
    restored: Vec<RestoredTurn>,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let owned = |key| text_under(value, key).map(str::to_owned);
    let Some(source) = owned("source") else {
        let title = text_under(value, "title").unwrap_or("without a title");
        sink.failed("session without its source", &shorten(title));
        return Ok(());
    };
    let merged = array_under(value, "merged").iter().filter_map(|one| {
        let source = text_under(one, "source")?.to_owned();
        Some(Merged { source, source_id: text_under(one, "source_id")?.to_owned() })
    });
    let tags = array_under(value, "tags").iter().filter_map(Value::as_str);
    let remembered_at = instant(value, "remembered_at");
    let conversation = Conversation {
        source_id: id_under(value, &["source_id"]),
        title: value.get("title").and_then(Value::as_str).map(str::to_owned),
        started_at: remembered_at,
        turns,
    };
    sink.restored(
        conversation,
        Restored {
            source,
            name: owned("name"),
            tags: tags.map(str::to_owned).collect(),
            pinned: flag(value, "pinned"),
            read_position: value.get("read_position").and_then(Value::as_i64),
            forked_from: value.get("forked_from").and_then(Value::as_i64).map(TurnId),
            remembered_at,
            merged: merged.collect(),
            turns: restored,
        },
    )?;
    Ok(())
}

fn read_turn(value: &Value) -> Result<(NewTurn, RestoredTurn), &'static str> {
    let role = text_under(value, "role").and_then(Role::parse).ok_or("turn of an unknown role")?;
    let kind = text_under(value, "kind").and_then(Kind::parse).ok_or("turn of an unknown kind")?;
    let text = value.get("text").and_then(Value::as_str).ok_or("turn without its text")?;
    let key = text_under(value, "key").and_then(bytes).ok_or("turn without its key")?;
    let speaker = value.get("speaker").and_then(Value::as_str).unwrap_or(role.as_str());
    let string = |key| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let quotations = array_under(value, "citations").iter().filter_map(|citation| {
        Some(Quotation {
            number: usize::try_from(citation.get("number")?.as_u64()?).ok()?,
            turn: TurnId(citation.get("turn")?.as_i64()?),
            quote: citation.get("quote")?.as_str()?.to_owned(),
        })
    });
    let turn = NewTurn {
        role,
        kind,
        speaker: speaker.to_owned(),
        text: text.to_owned(),
        said_at: instant(value, "said_at"),
        said_at_text: string("said_at_text"),
        source_id: id_under(value, &["source_id"]),
        parent_source_id: id_under(value, &["parent_source_id"]),
        on_active_path: value.get("on_active_path").and_then(Value::as_bool).unwrap_or(true),
    };
    let restored = RestoredTurn {
        turn: value.get("turn").and_then(Value::as_i64).map(TurnId),
        position: value.get("position").and_then(Value::as_i64).unwrap_or_default(),
        key,
        remembered_at: instant(value, "remembered_at"),
        quotations: quotations.collect(),
        given: value.get("given").and_then(given),
        question: value.get("question").and_then(Value::as_i64).map(TurnId),
        marked: value.get("marked").and_then(marked),
    };
    Ok((turn, restored))
}

/// How an answer was given; one that does not say by whom was not.
fn given(value: &Value) -> Option<GivenAnswer> {
    Some(GivenAnswer {
        abstained: flag(value, "abstained"),
        reason: value.get("reason").and_then(Value::as_str).map(str::to_owned),
        confidence: value
            .get("confidence")
            .and_then(Value::as_f64)
            .unwrap_or_default()
            .clamp(0.0, 1.0) as f32,
        decoder: value.get("decoder")?.as_str()?.to_owned(),
    })
}

/// Whether an answer was marked right or wrong. A mark without its time counts as made at the epoch:
/// losing it would be worse.
fn marked(value: &Value) -> Option<Marked> {
    let mark = Mark::parse(text_under(value, "mark")?)?;
    let at = instant(value, "at").or_else(|| Timestamp::from_millis(0))?;
    Some(Marked { mark, at })
}

fn instant(value: &Value, key: &str) -> Option<Timestamp> {
    text_under(value, key).and_then(Timestamp::parse)
}

/// The bytes that hexadecimal digits stand for: 16 of a turn's key, or 24 of one that was merged.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let nibbles: Option<Vec<u8>> =
        digits.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect();
    let bytes: Vec<u8> = nibbles?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    matches!(bytes.len(), 16 | 24).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::{error_of, read_as};
    use serde_json::json;

    fn export(sessions: &Value) -> String {
        json!({"format": "recount", "version": 1, "exported_at": "2026-01-02T03:04:05Z",
            "query": null, "sessions": sessions})
        .to_string()
    }

    fn turn(text: &str, more: &Value) -> Value {
        let mut turn = json!({"turn": 1, "position": 0, "key": "00112233445566778899aabbccddeeff",
            "kind": "message", "role": "user", "speaker": "Ann", "text": text});
        for (key, value) in more.as_object().into_iter().flatten() {
            turn[key] = value.clone();
        }
        turn
    }

    #[test]
    fn sessions_and_what_is_damaged_in_them() {
        let sink = read_as(
            "recount",
            &export(&json!([
                {"source": "chat", "turns": [
                    turn("hi", &json!({})), turn("x", &json!({"role": "cook"})),
                    turn("y", &json!({"key": "zz"})), turn("42", &json!({"kind": "answer"}))]},
                {"title": "of nobody", "turns": []},
            ])),
        );
        assert_eq!(sink.said(), ["Ann: hi", "(answer) Ann: 42"]);
        assert_eq!(sink.skipped["turn of an unknown role"], 1);
        assert_eq!(sink.skipped["turn without its key"], 1);
        assert_eq!(sink.failed["session without its source"], 1);
        assert!(error_of(br#"{"format": "recount"}"#).contains("--list-formats"));
    }

    #[test]
    fn answers_have_their_questions_and_marks() {
        let mut session = Session::default();
        let mut sink = crate::import::testing::Counting::default();
        for more in [
            json!({"kind": "question", "turn": 7}),
            // As earlier versions wrote it.
            json!({"kind": "answer"}),
            json!({"kind": "answer", "question": 3,
                "marked": {"mark": "wrong", "at": "2026-01-02T03:04:05Z"}}),
            // The question was deleted.
            json!({"kind": "answer", "question": null, "marked": {"mark": "odd"}}),
        ] {
            session.turn(&turn("Because.", &more), &mut sink);
        }
        let questions: Vec<_> = session.restored.iter().skip(1).map(|one| one.question).collect();
        assert_eq!(questions, [Some(TurnId(7)), Some(TurnId(3)), None]);
        let marks: Vec<_> =
            session.restored.iter().map(|one| one.marked.map(|marked| marked.mark)).collect();
        assert_eq!(marks, [None, None, Some(Mark::Wrong), None]);
    }
}
