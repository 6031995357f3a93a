//! text-generation-webui: rounds of what was asked and answered, `internal` as the model got them and
//! `visible` as they were shown, with times apart.

use super::message::instant;
use super::send;
use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::ImportError;
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Options, Sink};
use serde_json::Value;

/// What stands for the user in a round that the model begins.
const BEGINS: &str = "<|BEGIN-VISIBLE-CHAT|>";

/// The rounds of a history, in the words of newer and of older versions.
fn rounds(value: &Value) -> Option<&Vec<Value>> {
    [("internal", "visible"), ("data", "data_visible")].iter().find_map(|(own, shown)| {
        value.get(shown).filter(|shown| shown.is_array())?;
        value.get(own)?.as_array()
    })
}

pub(super) fn is_history(value: &Value) -> bool {
    let is_round = |round: &Value| {
        round.as_array().is_some_and(|round| round.len() == 2 && round.iter().all(Value::is_string))
    };
    rounds(value).is_some_and(|rounds| !rounds.is_empty() && rounds.iter().take(8).all(is_round))
}

pub(super) fn read(
    value: &Value,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let mut turns = Turns::long();
    for (place, round) in rounds(value).into_iter().flatten().enumerate() {
        for (at, (role, word)) in
            [(Role::User, "user"), (Role::Assistant, "assistant")].into_iter().enumerate()
        {
            let text = round.get(at).and_then(Value::as_str).unwrap_or_default();
            if text.trim().is_empty() || text == BEGINS {
                continue;
            }
            let about = value.get("metadata").and_then(|all| all.get(format!("{word}_{place}")));
            let when = instant(about.unwrap_or(&Value::Null), &["timestamp"], options, sink);
            let (said, thoughts) = if role == Role::Assistant {
                turns::without_thoughts(text)
            } else {
                (text, Vec::new())
            };
            let thoughts = thoughts.into_iter().map(|thought| {
                NewTurn::message(role, word, folded(thought.to_owned())).of_kind(Kind::Reasoning)
            });
            let said = NewTurn::message(role, word, said.trim());
            for mut turn in thoughts.chain([said]).filter(|turn| !turn.text.is_empty()) {
                turn.said_at = when.said_at;
                turn.said_at_text.clone_from(&when.text);
                turns.push(turn, sink);
            }
        }
    }
    let head = Conversation { source_id: None, title: None, started_at: None, turns: Vec::new() };
    send(head, turns, sink)
}
