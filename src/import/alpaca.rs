//! Instructions with their answers, as models are trained on: Alpaca (`instruction`, `input`,
//! `output`), its seed tasks (`instances`), Dolly (`context`, `response`), with earlier rounds
//! (`history`). Each record is a conversation.

use super::error::{ImportError, shorten};
use super::input::Unit;
use super::json::{array_under, id_under, text_under};
use super::turns::Turns;
use super::{Confidence, Importer, Input, Options, Sample, Sink};
use crate::conversation::{Conversation, NewTurn, Role};
use serde_json::Value;

/// The format `alpaca`.
pub(super) struct Alpaca;

impl Importer for Alpaca {
    fn format(&self) -> &'static str {
        "alpaca"
    }

    fn description(&self) -> &'static str {
        "Alpaca and Dolly datasets, JSON or JSON Lines: {\"instruction\", \"input\", \"output\"}"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_task) { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let layout = source.sample().layout(is_task);
            source.each_record(layout, Unit::Conversation, sink, |record, sink| task(&record, sink))
        })
    }
}

/// The keys under which an answer stands.
const ANSWERS: [&str; 5] = ["output", "response", "completion", "answer", "target"];
/// The keys under which stands what an instruction is about.
const INPUTS: [&str; 2] = ["input", "context"];

fn is_task(value: &Value) -> bool {
    let is_text = |key: &str| value.get(key).is_some_and(Value::is_string);
    is_text("instruction")
        && (ANSWERS.iter().any(|key| is_text(key))
            || array_under(value, "instances").iter().any(|one| one.get("output").is_some()))
}

fn task(record: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let Some(instruction) = text_under(record, "instruction").filter(|_| is_task(record)) else {
        sink.failed("record without an instruction and an answer", &shorten(&record.to_string()));
        return Ok(());
    };
    let mut turns = Turns::default();
    let mut push = |role: Role, text: &str| {
        turns.push(NewTurn::message(role, role.as_str(), text), sink);
    };
    if let Some(text) = text_under(record, "system").or_else(|| text_under(record, "system_prompt"))
    {
        push(Role::System, text);
    }
    for round in array_under(record, "history").iter().filter_map(Value::as_array) {
        for (role, text) in [Role::User, Role::Assistant].into_iter().zip(round) {
            push(role, text.as_str().unwrap_or_default());
        }
    }
    let instances = array_under(record, "instances");
    let instances = if instances.is_empty() { std::slice::from_ref(record) } else { instances };
    for instance in instances {
        let input = INPUTS.iter().find_map(|key| text_under(instance, key));
        let input = input.filter(|input| !input.trim().eq_ignore_ascii_case("<noinput>"));
        let asked = match input {
            Some(input) => format!("{instruction}\n\n{input}"),
            None => instruction.to_owned(),
        };
        push(Role::User, &asked);
        push(
            Role::Assistant,
            ANSWERS.iter().find_map(|key| text_under(instance, key)).unwrap_or_default(),
        );
    }
    sink.conversation(Conversation {
        source_id: id_under(record, &["id", "task_id", "idx"]),
        title: Some(shorten(text_under(record, "name").unwrap_or(instruction))),
        started_at: None,
        turns: turns.into_vec(),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{read_as, read_bytes};

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read_as("alpaca", text).said(), expected, "{text}");
    }

    #[test]
    fn every_dialect() {
        let one = r#"{"instruction": "Add", "input": "1 and 2", "output": "3"}"#;
        let expected = ["user: Add\n\n1 and 2", "assistant: 3"];
        check(&format!("[{one}]"), &expected);
        check(&format!("{one}\n{one}\n"), &[expected, expected].concat());
        check(&format!("{{\"data\": [{one}]}}"), &expected);
        check(
            r#"{"instruction": "Hi", "input": "<noinput>", "output": "Ho"}"#,
            &["user: Hi", "assistant: Ho"],
        );
        check(
            r#"{"id": "s", "name": "n", "instruction": "Add", "instances": [{"input": "1", "output": "2"}, {"input": "", "output": "0"}]}"#,
            &["user: Add\n\n1", "assistant: 2", "user: Add", "assistant: 0"],
        );
        check(
            r#"[{"instruction": "Who?", "context": "Ada.", "response": "Ada", "category": "qa"}]"#,
            &["user: Who?\n\nAda.", "assistant: Ada"],
        );
        check(
            r#"[{"system": "Be kind", "instruction": "b", "output": "d", "history": [["a", "c"]]}]"#,
            &["system: Be kind", "user: a", "assistant: c", "user: b", "assistant: d"],
        );
    }

    #[test]
    fn what_is_no_task_is_counted() {
        let sink = read_as(
            "alpaca",
            r#"[{"instruction": "a", "output": "b"}, {"instruction": "", "output": "c"}, 7, {"x": 1}]"#,
        );
        assert_eq!((sink.conversations.len(), sink.failed.values().sum::<u64>()), (1, 3));
        assert!(read_bytes(br#"[{"instruction": "a"}]"#).0.is_err());
    }
}
