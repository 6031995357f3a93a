//! JSON lines in the shape of `OpenAI`'s messages: a session a line, for programs that train or
//! test models.
//!
//! Only what was said on the branch that the source shows: the shape has no place for times,
//! branches and folded content.

use super::{About, Exporter};
use crate::conversation::{Role, SessionRecord, TurnRecord};
use crate::shapes;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes JSON lines.
#[derive(Debug, Default)]
pub(super) struct Jsonl {
    messages: u64,
}

impl Exporter for Jsonl {
    fn begin(&mut self, _: &About, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn session(&mut self, _: &SessionRecord, _: &mut dyn Write) -> io::Result<()> {
        self.messages = 0;
        Ok(())
    }

    fn holds(&self, record: &TurnRecord) -> bool {
        // A message of a tool answers a call, and calls are folded away.
        let turn = &record.turn;
        turn.kind.is_said() && record.on_active_path && turn.role != Role::Tool
    }

    fn turn(&mut self, record: &TurnRecord, out: &mut dyn Write) -> io::Result<()> {
        let turn = &record.turn;
        if !self.holds(record) {
            return Ok(());
        }
        let mut message = json!({"role": turn.role.as_str()});
        if turn.speaker != turn.role.as_str() {
            message["name"] = name(&turn.speaker).into();
        }
        message["content"] = Value::String(turn.text.clone());
        out.write_all(if self.messages == 0 { b"{\"messages\":[" } else { b"," })?;
        self.messages += 1;
        write!(out, "{}", shapes::line(&message))
    }

    fn end_session(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.messages > 0 { b"]}\n" } else { b"" })
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// A speaker's name as the shape admits it: no blanks and none of `<|\/>`, at most 64 characters.
fn name(speaker: &str) -> String {
    speaker
        .chars()
        .take(64)
        .map(|c| if c.is_whitespace() || c.is_control() || "<|\\/>".contains(c) { '_' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{export, session, turn};
    use super::*;
    use crate::conversation::Kind;

    #[test]
    fn a_session_is_a_line() {
        let mut system = turn(1, "system", "Be brief");
        system.turn.role = Role::System;
        let mut thought = turn(2, "assistant", "hm");
        thought.turn.kind = Kind::Reasoning;
        let mut other = turn(3, "Ann", "no");
        other.on_active_path = false;
        let text = export(
            &mut Jsonl::default(),
            &[
                (
                    session(1, None),
                    vec![system, thought.clone(), turn(4, "Ann Lee", "Hi\nho"), other],
                ),
                (session(2, None), vec![thought]),
                (session(3, None), vec![turn(5, "user", "Bye")]),
            ],
        );
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(
            lines,
            [
                json!({"messages": [
                    {"role": "system", "content": "Be brief"},
                    {"role": "user", "name": "Ann_Lee", "content": "Hi\nho"}]}),
                json!({"messages": [{"role": "user", "content": "Bye"}]}),
            ]
        );
    }
}
