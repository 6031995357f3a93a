//! aichat: a session (`sessions/<name>.yaml`), and the log of everything else (`messages.md`).

use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::formats::openai_chat;
use crate::import::reading::json::{array_under, text_under};
use crate::import::reading::time;
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// A longer text is no log that somebody keeps.
const LARGEST: usize = 128 << 20;

/// The format `aichat`.
pub(super) struct AiChat;

impl Importer for AiChat {
    fn format(&self) -> &'static str {
        "aichat"
    }

    fn description(&self) -> &'static str {
        "aichat: sessions/*.yaml, and messages.md"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if is_session(sample.text())
            || sample.text().lines().take(400).any(|l| heading(l).is_some())
        {
            Confidence::Certain
        } else {
            Confidence::No
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let stem = source.stem().to_owned();
            let text = source.whole_text(LARGEST, sink)?;
            if is_session(&text) { session(&text, &stem, sink) } else { log(&text, options, sink) }
        })
    }
}

/// Returns whether a text is a session: YAML with a model and messages that have roles.
fn is_session(text: &str) -> bool {
    let mut model = false;
    let mut messages = false;
    for line in text.lines() {
        model |= line.starts_with("model:");
        messages |= line == "messages:" || line == "compressed_messages:";
        if model && messages && (line.starts_with("- role:") || line.starts_with("  - role:")) {
            return true;
        }
    }
    false
}

fn session(text: &str, stem: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let session: Value = match serde_saphyr::from_str(text) {
        Ok(session) => session,
        Err(error) => {
            sink.failed("session that is not valid YAML", &shorten(&error.to_string()));
            return Ok(());
        }
    };
    let mut turns = Turns::default();
    // Where a session grew too long, its beginning was put aside and a summary took its place.
    let compressed = array_under(&session, "compressed_messages");
    let messages = array_under(&session, "messages");
    for message in compressed.iter().chain(messages) {
        push(message, &mut turns, sink);
    }
    let turns = turns.into_vec();
    if turns.is_empty() {
        sink.failed("session without messages", stem);
        return Ok(());
    }
    sink.conversation(Conversation {
        source_id: Some(stem.to_owned()),
        title: Some(stem.to_owned()),
        started_at: None,
        turns,
    })?;
    Ok(())
}

fn push(message: &Value, turns: &mut Turns, sink: &mut dyn Sink) {
    let word = text_under(message, "role").unwrap_or_default();
    let Some((role, kind)) = turns::role(word) else {
        sink.skipped("message without a known role", &shorten(&message.to_string()));
        return;
    };
    let content = message.get("content").unwrap_or(&Value::Null);
    let text = if content.is_object() {
        // Tools that were called, with what the assistant said before.
        for result in array_under(content, "tool_results") {
            let call = result.get("call").unwrap_or(&Value::Null);
            let name = text_under(call, "name").unwrap_or("tool");
            for (role, value) in
                [(Role::Assistant, call.get("arguments")), (Role::Tool, result.get("output"))]
            {
                let text = value.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
                let turn = NewTurn::message(role, name, folded(text.unwrap_or_default()));
                if !turn.text.trim().is_empty() {
                    turns.push(turn.of_kind(Kind::Tool), sink);
                }
            }
        }
        let text = text_under(content, "text").unwrap_or_default().to_owned();
        if text.is_empty() {
            return;
        }
        text
    } else {
        openai_chat::content(content)
    };
    // What was said beside a call of tools is the assistant's.
    let (role, kind) =
        if content.is_object() { (Role::Assistant, Kind::Message) } else { (role, kind) };
    said(role, kind, &text, turns, sink);
}

fn said(role: Role, kind: Kind, text: &str, turns: &mut Turns, sink: &mut dyn Sink) {
    let (spoken, thoughts) =
        if role == Role::Assistant { turns::without_thoughts(text) } else { (text, Vec::new()) };
    for thought in thoughts {
        let turn = NewTurn::message(role, role.as_str(), folded(thought.to_owned()));
        turns.push(turn.of_kind(Kind::Reasoning), sink);
    }
    turns.push(NewTurn::message(role, role.as_str(), spoken.trim()).of_kind(kind), sink);
}

/// Returns the title and the time of a line `# CHAT: title [time]`, behind which a role can stand.
fn heading(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("# CHAT:")?;
    let (title, rest) = rest.rsplit_once('[')?;
    let (when, _) = rest.split_once(']')?;
    when.starts_with(|c: char| c.is_ascii_digit()).then_some((title.trim(), when))
}

/// Reads a log: each entry is a question with its answer, by itself.
fn log(text: &str, options: &Options, sink: &mut dyn Sink) -> Result<(), ImportError> {
    const RULE: &str = "--------";
    let lines: Vec<&str> = text.lines().collect();
    let begins: Vec<usize> = (0..lines.len()).filter(|at| heading(lines[*at]).is_some()).collect();
    for (place, begin) in begins.iter().enumerate() {
        let end = begins.get(place + 1).copied().unwrap_or(lines.len());
        let Some((title, when)) = heading(lines[*begin]) else { continue };
        let body = &lines[begin + 1..end];
        let Some(rule) = body.iter().position(|line| *line == RULE) else {
            sink.failed("entry without an answer", &shorten(lines[*begin]));
            continue;
        };
        let (asked, answered) = (body[..rule].join("\n"), &body[rule + 1..]);
        // An answer can hold such a rule; the last one ends it.
        let last = answered.iter().rposition(|line| *line == RULE).unwrap_or(answered.len());
        let answered = answered[..last].join("\n");
        let (calls, answered) = match answered.trim_start().strip_prefix("<tool_calls>") {
            Some(rest) => rest.split_once("</tool_calls>").unwrap_or((rest, "")),
            None => ("", answered.as_str()),
        };
        let mut turns = Turns::default();
        said(Role::User, Kind::Message, &asked, &mut turns, sink);
        if !calls.trim().is_empty() {
            let turn = NewTurn::message(Role::Tool, "tool", folded(calls.trim().to_owned()));
            turns.push(turn.of_kind(Kind::Tool), sink);
        }
        said(Role::Assistant, Kind::Message, answered, &mut turns, sink);
        let when_said = time::parse(when, &options.time_zone);
        let mut turns = turns.into_vec();
        for turn in &mut turns {
            turn.said_at = when_said.said_at;
            turn.said_at_text.clone_from(&when_said.text);
        }
        sink.conversation(Conversation {
            source_id: Some(when.to_owned()),
            title: Some(title.to_owned()).filter(|title| !title.is_empty()),
            started_at: when_said.said_at,
            turns,
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    #[test]
    fn sessions() {
        let sink = read_as(
            "aichat",
            "model: openai:gpt-4o\ntemperature: null\nsave_session: true\ncompressed_messages:\n- role: user\n  content: Before\n\
             messages:\n- role: system\n  content: Be brief\n- role: user\n  content:\n  - type: text\n    text: Look\n  - type: image_url\n    image_url:\n      url: data\n\
             - role: tool\n  content:\n    tool_results:\n    - call:\n        name: clock\n        arguments: {}\n        id: x\n      output: '10:00'\n    text: Let me see.\n    sequence: false\n\
             - role: assistant\n  content: |-\n    <think>\n    Hm\n    </think>\n    Ten:\n\n    - o'clock\n",
        );
        assert_eq!(
            sink.said(),
            [
                "user: Before",
                "system: Be brief",
                "user: Look\n[picture]",
                "(tool) clock: {}",
                "(tool) clock: 10:00",
                "assistant: Let me see.",
                "(reasoning) assistant: Hm",
                "assistant: Ten:\n\n- o'clock",
            ]
        );
    }

    #[test]
    fn the_log_of_everything_else() {
        let sink = read_as(
            "aichat",
            "# CHAT: a question [2024-11-23T14:48:44+01:00] (coder)\na question\nin two lines\n--------\n<tool_calls>\nclock\n</tool_calls>\nAn answer\n--------\nwith a rule\n--------\n\n\
             # CHAT:[2023-03-08T10:00:00Z]\nOld\n--------\nYes\n--------\n\n# CHAT: cut [2024-11-24T00:00:00Z]\nno answer\n",
        );
        assert_eq!(
            sink.said(),
            [
                "user: a question\nin two lines",
                "(tool) tool: clock",
                "assistant: An answer\n--------\nwith a rule",
                "user: Old",
                "assistant: Yes",
            ]
        );
        assert_eq!((sink.conversations.len(), sink.failed["entry without an answer"]), (2, 1));
        assert_eq!(sink.span().1.map(|t| t.to_string()).as_deref(), Some("2024-11-23T13:48:44Z"));
    }

    #[test]
    fn broken_and_foreign_yaml() {
        let sink = read_as("aichat", "model: x\nmessages:\n- role: user\n  content: \"open\n");
        assert_eq!(sink.failed["session that is not valid YAML"], 1);
        assert!(read_bytes(b"messages:\n- role: user\n  content: x\n").0.is_err());
    }
}
