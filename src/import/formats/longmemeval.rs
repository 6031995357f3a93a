//! LongMemEval: questions about long histories of chats with an assistant. Each question brings its
//! own history: `haystack_sessions`, with parallel lists of their ids and dates.
//!
//! Each session is a conversation, `question_id/session_id`. Times count as UTC, so that a
//! measurement does not depend on the machine.

use crate::conversation::{Conversation, NewTurn, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::reading::turns::{self, Turns};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `longmemeval`.
pub(super) struct LongMemEval;

impl Importer for LongMemEval {
    fn format(&self) -> &'static str {
        "longmemeval"
    }

    fn description(&self) -> &'static str {
        "LongMemEval: questions with the sessions that they are about"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(|value| value.get("haystack_sessions").is_some_and(Value::is_array)) {
            Confidence::Certain
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
            let layout = source.sample().layout(|value| value.get("haystack_sessions").is_some());
            source
                .each_record(layout, Unit::Conversation, sink, |value, sink| question(&value, sink))
        })
    }
}

fn question(value: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let Some(sessions) = value.get("haystack_sessions").and_then(Value::as_array) else {
        sink.failed("question without its sessions", &shorten(&value.to_string()));
        return Ok(());
    };
    let question = id_under(value, &["question_id"]);
    let ids = array_under(value, "haystack_session_ids");
    let dates = array_under(value, "haystack_dates");
    for (place, session) in sessions.iter().enumerate() {
        let id = ids.get(place).and_then(Value::as_str);
        let id = id.map_or_else(|| format!("session_{}", place + 1), str::to_owned);
        let source_id = question.as_ref().map_or_else(|| id.clone(), |q| format!("{q}/{id}"));
        let Some(messages) = session.as_array() else {
            sink.failed("session that is no list", &source_id);
            continue;
        };
        let said_at = dates.get(place).and_then(Value::as_str).and_then(when);
        let mut turns = Turns::default();
        for (number, message) in messages.iter().enumerate() {
            let Some((role, kind)) = text_under(message, "role").and_then(turns::role) else {
                sink.skipped("message without a known role", &shorten(&message.to_string()));
                continue;
            };
            let text = text_under(message, "content").unwrap_or_default();
            let turn = NewTurn::message(role, role.as_str(), text).of_kind(kind).at(said_at);
            turns.push(turn.with_source_id(format!("{id}:{}", number + 1)), sink);
        }
        let turns = turns.into_vec();
        let title = turns::first_words(&turns);
        let source_id = Some(source_id);
        sink.conversation(Conversation { source_id, title, started_at: said_at, turns })?;
    }
    Ok(())
}

/// Reads `2023/05/20 (Sat) 10:00`.
fn when(text: &str) -> Option<Timestamp> {
    let mut words = text.split_whitespace().filter(|word| !word.starts_with('('));
    let date = words.next()?.replace('/', "-");
    let time = words.next().unwrap_or("00:00");
    Timestamp::parse(&format!("{date}T{time}:00Z"))
        .or_else(|| Timestamp::parse(&format!("{date}T{time}Z")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_is_a_conversation() {
        let text = r#"[{"question_id": "q1", "question": "Who?", "answer": "Ada", "question_date": "2023/06/01 (Thu) 10:00",
            "haystack_dates": ["2023/05/20 (Sat) 02:21", "soon"], "haystack_session_ids": ["s1"],
            "haystack_sessions": [[{"role": "user", "content": "I am Ada", "has_answer": true}, {"role": "assistant", "content": "Hi"}],
                [{"role": "user", "content": "Bye"}, {"content": "?"}], 7]}, {"x": 1}]"#;
        let sink = crate::import::testing::read_as("longmemeval", text);
        assert_eq!(sink.said(), ["user: I am Ada", "assistant: Hi", "user: Bye"]);
        let ids: Vec<_> =
            sink.conversations.iter().filter_map(|c| c.source_id.as_deref()).collect();
        assert_eq!(ids, ["q1/s1", "q1/session_2"]);
        assert_eq!(sink.conversations[0].turns[1].source_id.as_deref(), Some("s1:2"));
        assert_eq!(sink.span().0, Timestamp::parse("2023-05-20T02:21:00Z"));
        assert_eq!(sink.failed.values().sum::<u64>(), 2);
    }
}
