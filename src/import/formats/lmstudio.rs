//! LM Studio: a file for each chat, `~/.lmstudio/conversations/<number>.conversation.json`.
//!
//! A message has versions (an answer made again); one is selected. There are no times but that of
//! the chat and those that the names of an answer's steps begin with.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{Layout, array_under, id_under, text_under};
use crate::import::reading::time::instant;
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `lmstudio`.
pub(super) struct LmStudio;

impl Importer for LmStudio {
    fn format(&self) -> &'static str {
        "lmstudio"
    }

    fn description(&self) -> &'static str {
        "LM Studio: the files of its conversations folder"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.document().is_some_and(is_chat) { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let stem = source.stem().to_owned();
            source.each_record(Layout::Whole, Unit::Conversation, sink, |chat, sink| {
                conversation(&chat, &stem, sink)
            })
        })
    }
}

fn is_chat(value: &Value) -> bool {
    array_under(value, "messages").iter().any(|message| {
        array_under(message, "versions").iter().any(|version| version.get("role").is_some())
    })
}

fn conversation(chat: &Value, stem: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let created = chat.get("createdAt").unwrap_or(&Value::Null);
    let mut now = instant(created);
    let mut turns = Turns::default();
    let system = text_under(chat, "systemPrompt").map(str::to_owned);
    if let Some(system) = system {
        // What instructs the model was not said: folded.
        let turn = NewTurn::message(Role::System, "system", folded(system)).of_kind(Kind::Tool);
        turns.push(turn.at(now), sink);
    }
    for (place, message) in array_under(chat, "messages").iter().enumerate() {
        let selected = message.get("currentlySelected").and_then(Value::as_u64).unwrap_or(0);
        let versions = array_under(message, "versions");
        let selected = selected.min(versions.len().saturating_sub(1) as u64);
        for (number, version) in versions.iter().enumerate() {
            let shown = number as u64 == selected;
            let said_at = step_time(version).max(now);
            for mut turn in turns_of(version, &format!("{place}.{number}"), sink) {
                turn.said_at = said_at;
                turn.on_active_path = shown;
                turns.push(turn, sink);
            }
            if shown {
                now = said_at;
            }
        }
    }
    let turns = turns.into_vec();
    if turns.iter().all(|turn| turn.kind != Kind::Message) {
        sink.failed("chat without messages", stem);
        return Ok(());
    }
    let title = text_under(chat, "name").or_else(|| text_under(chat, "title"));
    sink.conversation(Conversation {
        source_id: id_under(chat, &["id"]).or_else(|| id_under(chat, &["createdAt"])),
        title: title.map(str::to_owned).or_else(|| turns::first_words(&turns)),
        started_at: instant(created),
        turns,
    })?;
    Ok(())
}

/// Returns the time that the first step of an answer is named after: `1746605587520-0.82…`.
fn step_time(version: &Value) -> Option<Timestamp> {
    let named =
        array_under(version, "steps").iter().filter_map(|s| text_under(s, "stepIdentifier"));
    named.filter_map(|name| name.split_once('-')?.0.parse::<i64>().ok()).find_map(|millis| {
        // Other versions number their steps.
        (millis > 1_000_000_000_000).then(|| Timestamp::from_millis(millis)).flatten()
    })
}

fn turns_of(version: &Value, id: &str, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let Some((role, kind)) = text_under(version, "role").and_then(turns::role) else {
        sink.skipped("message without a known role", &shorten(&version.to_string()));
        return Vec::new();
    };
    let mut turns = Vec::new();
    let mut fold = |turn: NewTurn, kind: Kind| {
        if !turn.text.trim().is_empty() {
            let place = turns.len();
            turns.push(turn.of_kind(kind).with_source_id(format!("{id}#{place}")));
        }
    };
    let mut said = Vec::new();
    let mut files = Vec::new();
    let steps = array_under(version, "steps").iter().filter(|step| {
        !matches!(text_under(step, "type"), Some("debugInfoBlock" | "status" | "toolStatus"))
    });
    for block in std::iter::once(version).chain(steps) {
        let style = block.get("style").unwrap_or(&Value::Null);
        let thinks = text_under(style, "type") == Some("thinking");
        let mut words = String::new();
        for part in array_under(block, "content") {
            match text_under(part, "type").unwrap_or_default() {
                "text" => words.push_str(text_under(part, "text").unwrap_or_default()),
                "file" => {
                    let picture = text_under(part, "fileType") == Some("image");
                    let name = text_under(part, "fileIdentifier").unwrap_or("unnamed");
                    files.push(if picture { "[picture]".to_owned() } else { turns::file(name) });
                }
                "toolCallRequest" => {
                    let name = text_under(part, "name").unwrap_or("tool");
                    let given = part.get("parameters").or_else(|| part.get("arguments"));
                    let given = given.map_or_else(|| format!("{name}()"), ToString::to_string);
                    fold(NewTurn::message(Role::Assistant, name, folded(given)), Kind::Tool);
                }
                "toolCallResult" => {
                    let result = text_under(part, "content").unwrap_or_default().to_owned();
                    fold(NewTurn::message(Role::Tool, "tool", folded(result)), Kind::Tool);
                }
                _ => {}
            }
        }
        let (spoken, thoughts) =
            if thinks { ("", vec![words.trim()]) } else { turns::without_thoughts(&words) };
        for thought in thoughts {
            let turn = NewTurn::message(role, role.as_str(), folded(thought.to_owned()));
            fold(turn, Kind::Reasoning);
        }
        if !spoken.trim().is_empty() {
            said.push(spoken.trim().to_owned());
        }
    }
    let text = turns::with_files(said.join("\n\n"), &files);
    if text.is_empty() {
        let reason = if turns.is_empty() { "empty message" } else { "message of tools alone" };
        sink.skipped(reason, id);
    } else {
        turns.push(NewTurn::message(role, role.as_str(), text).of_kind(kind).with_source_id(id));
    }
    turns
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;
    use serde_json::json;

    #[test]
    fn versions_steps_and_files() {
        let step = |text: &str, style: &str| {
            json!({"type": "contentBlock", "stepIdentifier": "1746605599000-0.5", "style": {"type": style},
                "content": [{"type": "text", "text": text}]})
        };
        let answer = |text: &str| {
            json!({"type": "multiStep", "role": "assistant", "senderInfo": {"senderName": "m"},
                "steps": [step("Hm", "thinking"), step(text, "default"), {"type": "debugInfoBlock", "debugInfo": "x"}]})
        };
        let chat = json!({"name": "Tea", "createdAt": 1_746_605_587_520_i64, "systemPrompt": "Be brief", "messages": [
            {"currentlySelected": 0, "versions": [{"type": "singleStep", "role": "user", "content": [
                {"type": "text", "text": "Which?"}, {"type": "file", "fileType": "image", "fileIdentifier": "x.png"}]}]},
            {"currentlySelected": 1, "versions": [answer("Green"), answer("White")]},
            {"versions": [{"role": "user", "content": []}], "currentlySelected": 9}]});
        let sink = read_as("lmstudio", &chat.to_string());
        assert_eq!(
            sink.said(),
            [
                "(tool) system: Be brief",
                "user: Which?\n[picture]",
                "(reasoning) assistant: Hm",
                "assistant: Green",
                "(reasoning) assistant: Hm",
                "assistant: White",
            ]
        );
        let shown: Vec<_> = sink.messages().map(|turn| turn.on_active_path).collect();
        assert_eq!(shown, [true, false, true]);
        let (first, last) = sink.span();
        assert_eq!(first.map(|t| t.to_string()).as_deref(), Some("2025-05-07T08:13:07.52Z"));
        assert_eq!(last.map(|t| t.to_string()).as_deref(), Some("2025-05-07T08:13:19Z"));
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("1746605587520"));
    }
}
