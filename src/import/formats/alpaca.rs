//! Instructions with their answers, as models are trained on: Alpaca (`instruction`, `input`,
//! `output`), its seed tasks (`instances`), Dolly (`context`, `response`), with earlier rounds
//! (`history`); pairs of a prompt and its completion, under whatever names; rounds of `human` and
//! `assistant`. Each record is a conversation.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `alpaca`.
pub(super) struct Alpaca;

impl Importer for Alpaca {
    fn format(&self) -> &'static str {
        "alpaca"
    }

    fn description(&self) -> &'static str {
        "instructions and prompts with their answers, JSON or JSON Lines: Alpaca, Dolly, prompt/completion pairs"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let is = |keys: &'static [&str]| move |value: &Value| asks(value, keys) && is_task(value);
        if sample.any(is(&ASKED[..1])) {
            Confidence::General(3)
        } else if sample.any(is(&ASKED[..4])) || sample.any(|value| !rounds(value).is_empty()) {
            Confidence::General(2)
        } else if sample.any(is(&ASKED)) {
            // A quiz looks like that as well.
            Confidence::General(0)
        } else {
            Confidence::No
        }
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

/// The keys under which stands what was asked; the last two are those of a quiz too.
const ASKED: [&str; 6] = ["instruction", "prompt", "human", "user", "question", "query"];
/// The keys under which an answer stands.
const ANSWERS: [&str; 6] = ["output", "response", "completion", "assistant", "answer", "target"];
/// The keys under which stands what an instruction is about.
const INPUTS: [&str; 2] = ["input", "context"];

fn is_text(value: &Value, key: &str) -> bool {
    value.get(key).is_some_and(Value::is_string)
}

fn asks(value: &Value, keys: &[&str]) -> bool {
    keys.iter().any(|key| is_text(value, key))
}

fn is_task(value: &Value) -> bool {
    let instances = array_under(value, "instances").iter().any(|one| one.get("output").is_some());
    asks(value, &ASKED) && (asks(value, &ANSWERS) || instances)
}

/// The rounds of a record that holds several, each with what was asked and answered.
fn rounds(value: &Value) -> &[Value] {
    let both =
        |round: &Value| asks(round, &["human", "user"]) && asks(round, &["assistant", "bot"]);
    let lists =
        ["conversation", "conversations", "rounds", "history"].map(|key| array_under(value, key));
    lists.into_iter().find(|list| list.iter().any(both)).unwrap_or_default()
}

/// What was asked, without the mark that the first data for fine-tuning had at its end.
fn asked(record: &Value) -> Option<&str> {
    let text = ASKED.iter().find_map(|key| text_under(record, key))?;
    let text = text.trim_end();
    Some(text.strip_suffix("\n\n###").or_else(|| text.strip_suffix("\n\n->")).unwrap_or(text))
}

fn task(record: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let told = rounds(record);
    let instruction =
        asked(record).filter(|_| is_task(record)).or_else(|| told.iter().find_map(asked));
    let Some(instruction) = instruction else {
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
    for round in told {
        for (role, keys) in [(Role::User, &ASKED[..]), (Role::Assistant, &["assistant", "bot"])] {
            push(role, keys.iter().find_map(|key| text_under(round, key)).unwrap_or_default());
        }
    }
    let instances = array_under(record, "instances");
    let instances = if instances.is_empty() { std::slice::from_ref(record) } else { instances };
    for instance in instances.iter().filter(|_| is_task(record)) {
        let input = INPUTS.iter().find_map(|key| text_under(instance, key));
        let input = input.filter(|input| !input.trim().eq_ignore_ascii_case("<noinput>"));
        let asked = match input {
            Some(input) => format!("{instruction}\n\n{input}"),
            None => instruction.to_owned(),
        };
        push(Role::User, &asked);
        push(
            Role::Assistant,
            ANSWERS.iter().find_map(|key| text_under(instance, key)).unwrap_or_default().trim(),
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
    use crate::import::testing::{read_as, read_bytes};

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
    fn pairs_and_rounds() {
        let expected = ["user: Hi", "assistant: Ho"];
        for text in [
            r#"{"prompt": "Hi\n\n###\n\n", "completion": " Ho\n"}"#,
            r#"{"prompt": "Hi", "response": "Ho"}"#,
            r#"{"instruction": "Hi", "response": "Ho"}"#,
            r#"{"human": "Hi", "assistant": "Ho"}"#,
            r#"{"question": "Hi", "answer": "Ho"}"#,
        ] {
            check(text, &expected);
            check(&format!("{text}\n{text}\n"), &[expected, expected].concat());
        }
        check(
            r#"[{"conversation_id": 1, "conversation": [{"human": "Hi", "assistant": "Ho"}, {"human": "a", "assistant": "b"}]}]"#,
            &["user: Hi", "assistant: Ho", "user: a", "assistant: b"],
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
