//! The demo: a conversation of our own writing, to try things on. It is an import like any other,
//! and is taken back like one.

use super::{Assistant, AssistantError, Cancel, Removed};
use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::memory::Ingest;
use serde::Deserialize;

/// The `source` of the demo's sessions.
pub const SOURCE_DEMO: &str = "demo";
/// Questions that the demo answers.
pub const DEMO_QUESTIONS: [&str; 3] = [
    "Who broke the blue teapot?",
    "What is Mara allergic to?",
    "When did Jonas start to learn the accordion?",
];

const DEMO: &str = include_str!("../../assets/demo/conversations.json");

#[derive(Deserialize)]
struct Written {
    id: String,
    title: String,
    turns: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    at: String,
    speaker: String,
    text: String,
}

impl Assistant {
    /// Appends the demo; once only, as with every import.
    pub fn load_demo(&self) -> Result<(), AssistantError> {
        let mut run = Ingest::new(false).again(true);
        run.begin_input("the demo of recount");
        run.begin_format(SOURCE_DEMO);
        self.memory.ingest(&mut run, &written(), self.clock.now())?;
        Ok(())
    }

    /// Takes the demo back; nothing happens where it is not there.
    pub fn remove_demo(&self) -> Result<Removed, AssistantError> {
        let mut sum = Removed::default();
        for import in self.memory.imports()? {
            if import.formats.iter().any(|format| format == SOURCE_DEMO) {
                let removed = self.undo_import(import.id, &Cancel::new(), &mut |_, _| {})?;
                sum.messages += removed.messages;
                sum.folded += removed.folded;
                sum.answers += removed.answers;
                sum.sessions += removed.sessions;
            }
        }
        Ok(sum)
    }
}

/// The demo as conversations. A test sees to it that none is missing.
fn written() -> Vec<Conversation> {
    let written: Vec<Written> = serde_json::from_str(DEMO).unwrap_or_default();
    written
        .into_iter()
        .map(|one| Conversation {
            source_id: Some(one.id),
            title: Some(one.title),
            turns: one
                .turns
                .into_iter()
                .map(|line| {
                    NewTurn::message(Role::User, line.speaker, line.text)
                        .at(Timestamp::parse(&line.at))
                })
                .collect(),
            ..Conversation::default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_whole() {
        let written = written();
        assert_eq!(written.len(), 3);
        for conversation in &written {
            assert!(conversation.turns.len() >= 8);
            assert!(conversation.turns.iter().all(|turn| turn.said_at.is_some()));
        }
    }
}
