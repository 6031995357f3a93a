//! The log that `aider` keeps beside the code, `.aider.chat.history.md`: prompts as headings of the
//! fourth level, what the program says as quotes, the answer between them.

use super::lines::{Line, lines};
use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::ImportError;
use crate::import::reading::time;
use crate::import::reading::turns::{Turns, folded};
use crate::import::{Options, Sink};

const BEGINS: &str = "# aider chat started at ";

/// Returns whether a text is such a log.
pub(super) fn is_log(text: &str) -> bool {
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with(BEGINS))
}

/// Who says a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    User,
    Assistant,
    Program,
}

fn says(line: Line<'_>) -> (Says, &str) {
    let quoted = |mark| line.text.strip_prefix(mark).filter(|_| !line.code);
    match (quoted("####"), quoted(">")) {
        (Some(text), _) if text.is_empty() || text.starts_with(' ') => (Says::User, text.trim()),
        (_, Some(text)) => (Says::Program, text.trim()),
        _ => (Says::Assistant, line.text),
    }
}

/// Reads the runs of a log, each a conversation.
pub(super) fn read(text: &str, options: &Options, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let lines = lines(text);
    let begins = |line: &Line<'_>| !line.code && line.text.starts_with(BEGINS);
    let starts: Vec<usize> = (0..lines.len()).filter(|at| begins(&lines[*at])).collect();
    for (place, start) in starts.iter().enumerate() {
        let end = starts.get(place + 1).copied().unwrap_or(lines.len());
        let written = lines[*start].text[BEGINS.len()..].trim();
        let when = time::parse(written, &options.time_zone);
        let mut turns = Turns::default();
        let mut open: Option<(Says, Vec<&str>)> = None;
        for line in &lines[start + 1..end] {
            let (says, text) = says(*line);
            match &mut open {
                // A blank line belongs to what it stands in.
                Some((_, said)) if line.text.trim().is_empty() => said.push(""),
                Some((before, said)) if *before == says => said.push(text),
                open => push(open.replace((says, vec![text])), &mut turns, sink),
            }
        }
        push(open, &mut turns, sink);
        let mut turns = turns.into_vec();
        if turns.iter().all(|turn| turn.kind != Kind::Message) {
            sink.skipped("run without a prompt", written);
            continue;
        }
        if let Some(first) = turns.iter_mut().find(|turn| turn.kind == Kind::Message) {
            first.said_at = when.said_at;
            first.said_at_text = when.text;
        }
        sink.conversation(Conversation {
            source_id: Some(written.to_owned()),
            title: Some(format!("aider {written}")),
            started_at: when.said_at,
            turns,
        })?;
    }
    Ok(())
}

fn push(said: Option<(Says, Vec<&str>)>, turns: &mut Turns, sink: &mut dyn Sink) {
    let Some((says, said)) = said else { return };
    let text = said.join("\n").trim().to_owned();
    if text.is_empty() {
        return;
    }
    let turn = match says {
        Says::User => NewTurn::message(Role::User, Role::User.as_str(), text),
        Says::Assistant => NewTurn::message(Role::Assistant, Role::Assistant.as_str(), text),
        Says::Program => NewTurn::message(Role::Tool, "aider", folded(text)).of_kind(Kind::Tool),
    };
    turns.push(turn, sink);
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;

    #[test]
    fn runs_of_a_log() {
        let log = "\n# aider chat started at 2024-05-01 10:00:00\n\n> Aider v1  \n> Model: m  \n\n\
                   #### mend it  \n####   \n#### now  \n\nDone:\n\n```\n> quoted in code\n#### x\n```\n\n> Applied edit to a.py  \n\n\
                   # aider chat started at 2024-05-02 10:00:00\n\n> Aider v1  \n\n\
                   # aider chat started at 2024-05-03 10:00:00\n\n#### thanks\n\nWelcome\n";
        let sink = read_as("markdown", log);
        assert_eq!(
            sink.said(),
            [
                "(tool) aider: Aider v1\nModel: m",
                "user: mend it\n\nnow",
                "assistant: Done:\n\n```\n> quoted in code\n#### x\n```",
                "(tool) aider: Applied edit to a.py",
                "user: thanks",
                "assistant: Welcome",
            ]
        );
        assert_eq!(sink.conversations.len(), 2);
        assert_eq!(sink.skipped.get("run without a prompt"), Some(&1));
        let first = sink.conversations[0].started_at.map(|t| t.to_string());
        assert_eq!(first.as_deref(), Some("2024-05-01T10:00:00Z"));
    }
}
