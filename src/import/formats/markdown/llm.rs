//! The markdown that `llm logs` prints: blocks that begin with
//! `# <time>    conversation: <id> id: <id>`.

use super::lines::{Line, heading, lines};
use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::Sink;
use crate::import::error::ImportError;
use crate::import::reading::turns::Turns;
use std::collections::HashMap;

/// What begins a block.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    said_at: Option<Timestamp>,
    conversation: Option<String>,
    id: Option<String>,
}

/// Returns whether a text begins like a log.
pub(super) fn is_log(text: &str) -> bool {
    lines(text).into_iter().take(400).any(|line| head(line).is_some())
}

fn head(line: Line<'_>) -> Option<Head> {
    let (1, text) = heading(line)? else { return None };
    let mut words = text.split_whitespace().peekable();
    let said_at = words.next()?;
    let said_at = crate::import::reading::time::parse(said_at, &jiff::tz::TimeZone::UTC).said_at?;
    let mut head = Head { said_at: Some(said_at), conversation: None, id: None };
    while let Some(word) = words.next() {
        match word {
            "conversation:" => head.conversation = words.next().map(str::to_owned),
            "id:" => head.id = words.next().map(str::to_owned),
            _ => {}
        }
    }
    (head.conversation.is_some() || head.id.is_some()).then_some(head)
}

/// What a section of a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Said(Role, Kind, &'static str),
    /// Numbers and settings.
    About,
}

fn section(line: Line<'_>) -> Option<Section> {
    let (2 | 3, text) = heading(line)? else { return None };
    Some(match text.trim_end_matches(':').to_lowercase().as_str() {
        "prompt" => Section::Said(Role::User, Kind::Message, "prompt"),
        "system" => Section::Said(Role::System, Kind::Message, "system"),
        "response" => Section::Said(Role::Assistant, Kind::Message, "response"),
        "reasoning" | "thinking" => Section::Said(Role::Assistant, Kind::Reasoning, "reasoning"),
        "tool calls" => Section::Said(Role::Assistant, Kind::Tool, "tool-calls"),
        "tool results" => Section::Said(Role::Tool, Kind::Tool, "tool-results"),
        "token usage" | "schema" | "tools" | "prompt fragments" | "system fragments" => {
            Section::About
        }
        _ => return None,
    })
}

/// Reads a log. Blocks of the same conversation are one, also where others stand between them.
pub(super) fn read(text: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut conversations: Vec<(Option<String>, Option<Timestamp>, Turns)> = Vec::new();
    let lines = lines(text);
    let begins: Vec<(usize, Head)> =
        lines.iter().enumerate().filter_map(|(at, line)| Some((at, head(*line)?))).collect();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (place, (at, head)) in begins.iter().enumerate() {
        let end = begins.get(place + 1).map_or(lines.len(), |(next, _)| *next);
        let next = conversations.len();
        let known = match &head.conversation {
            Some(id) => *places.entry(id).or_insert(next),
            None => next,
        };
        if known == next {
            conversations.push((head.conversation.clone(), head.said_at, Turns::default()));
        }
        for turn in block(&lines[at + 1..end], head) {
            conversations[known].2.push(turn, sink);
        }
    }
    for (source_id, started_at, turns) in conversations {
        let turns = turns.into_vec();
        let first = turns.iter().find(|turn| turn.role == Role::User);
        let title =
            first.and_then(|turn| turn.text.lines().next()).map(|t| t.chars().take(80).collect());
        sink.conversation(Conversation { source_id, title, started_at, turns })?;
    }
    Ok(())
}

/// Returns the turns of a block: what instructs the model first, then what was asked.
fn block(lines: &[Line<'_>], head: &Head) -> Vec<NewTurn> {
    let mut parts: Vec<(Section, Vec<&str>)> = Vec::new();
    for line in lines {
        let inside_response = matches!(parts.last(), Some((Section::Said(_, _, "response"), said)) if !said.is_empty());
        match section(*line) {
            // After the answer come only numbers; an answer may have such headings itself.
            Some(section) if !inside_response || section == Section::About => {
                parts.push((section, Vec::new()));
            }
            _ => {
                if let Some((_, said)) = parts.last_mut()
                    && !(said.is_empty() && line.text.trim().is_empty())
                {
                    said.push(line.text);
                }
            }
        }
    }
    let order = |section: &Section| match section {
        Section::Said(Role::System, ..) => 0,
        Section::Said(Role::User, ..) => 1,
        _ => 2,
    };
    parts.sort_by_key(|(section, _)| order(section));
    parts
        .into_iter()
        .filter_map(|(section, said)| {
            let Section::Said(role, kind, name) = section else { return None };
            let text = said.join("\n").trim_end().to_owned();
            let mut turn =
                NewTurn::message(role, role.as_str(), text).of_kind(kind).at(head.said_at);
            turn.source_id = head.id.as_ref().map(|id| format!("{id}/{name}"));
            Some(turn)
        })
        .filter(|turn| !turn.text.is_empty())
        .collect()
}
