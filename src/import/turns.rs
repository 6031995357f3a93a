//! What the formats share in making turns: identities that are unique, files that were shared,
//! branches put in order.

use super::Sink;
use super::error::shorten;
use super::tree::{self, Node};
use crate::conversation::{Kind, NewTurn, Role};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Collects the turns of a conversation.
#[derive(Debug, Default)]
pub(super) struct Turns {
    turns: Vec<NewTurn>,
    /// The place of each identity.
    ids: HashMap<String, usize>,
}

impl Turns {
    /// Takes a turn, unless it says nothing or is there already. Both are counted.
    pub(super) fn push(&mut self, mut turn: NewTurn, sink: &mut dyn Sink) {
        if turn.text.trim().is_empty() {
            sink.skipped("empty message", turn.source_id.as_deref().unwrap_or_default());
            return;
        }
        if let Some(id) = turn.source_id.take() {
            let known = self.ids.get(&id).copied();
            match known.and_then(|at| self.turns.get(at)) {
                Some(same) if same.text == turn.text => {
                    sink.skipped("repeated message", &shorten(&turn.text));
                    return;
                }
                // Another message under an id that is taken goes without one.
                Some(_) => {}
                None => {
                    self.ids.insert(id.clone(), self.turns.len());
                    turn.source_id = Some(id);
                }
            }
        }
        self.turns.push(turn);
    }

    /// The turns, in the order in which they came.
    pub(super) fn into_vec(self) -> Vec<NewTurn> {
        self.turns
    }
}

/// A message of a tree: where it stands, and the turns it makes (none where it is left out).
pub(super) struct Branch {
    /// Where it stands.
    pub(super) node: Node,
    /// What it makes; the last of several carries the node's own id.
    pub(super) turns: Vec<NewTurn>,
}

/// Returns the turns of a tree in reading order, with their parents and the shown path. Messages
/// that make no turn are passed over as parents.
pub(super) fn from_tree(
    branches: Vec<Branch>,
    current: Option<&str>,
    sink: &mut dyn Sink,
) -> Vec<NewTurn> {
    let (nodes, mut made): (Vec<Node>, Vec<Vec<NewTurn>>) =
        branches.into_iter().map(|branch| (branch.node, branch.turns)).unzip();
    let reading = tree::read(&nodes, current);
    // The identity by which each node is known to those below it.
    let mut known: Vec<Option<String>> = vec![None; nodes.len()];
    let mut turns = Turns::default();
    for at in reading.order {
        let mut above = reading.parent[at].and_then(|parent| known[parent].clone());
        for mut turn in std::mem::take(&mut made[at]) {
            turn.on_active_path = reading.active[at];
            turn.parent_source_id.clone_from(&above);
            if !turn.text.trim().is_empty() && turn.source_id.is_some() {
                above.clone_from(&turn.source_id);
            }
            turns.push(turn, sink);
        }
        known[at] = above;
    }
    turns.into_vec()
}

/// Returns the role that exports of any kind mean by a word, and whether it is a tool's.
pub(super) fn role(word: &str) -> Option<(Role, Kind)> {
    Some(match word.trim().to_lowercase().as_str() {
        "user" | "human" | "customer" => (Role::User, Kind::Message),
        "assistant" | "gpt" | "chatgpt" | "bot" | "model" | "ai" | "bard" | "bing" | "claude"
        | "gemini" => (Role::Assistant, Kind::Message),
        "system" | "developer" => (Role::System, Kind::Message),
        "tool" | "function" | "function_call" | "function_response" | "tool_call"
        | "tool_result" | "tool_response" | "observation" | "ipython" => (Role::Tool, Kind::Tool),
        _ => return None,
    })
}

/// Returns a text with a line for each file that was shared beside it.
pub(super) fn with_files(mut text: String, files: &[String]) -> String {
    for file in files {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(file);
    }
    text
}

/// The longest text of a tool or of reasoning that is kept whole. Logs of agents hold whole files
/// and the output of builds: what matters of them stands at the beginning.
const FOLDED: usize = 8 << 10;

/// Returns what is kept of the text of a tool or of reasoning.
pub(super) fn folded(mut text: String) -> String {
    if text.len() <= FOLDED {
        return text;
    }
    let end = (0..=FOLDED).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let left_out = text.len() - end;
    text.truncate(end);
    let _ = write!(text, "\n[… {left_out} more bytes]");
    text
}

/// Returns what stands in for a title: the beginning of the first thing that the user said.
pub(super) fn first_words(turns: &[NewTurn]) -> Option<String> {
    let first = turns.iter().find(|turn| turn.role == Role::User && turn.kind == Kind::Message)?;
    Some(shorten(first.text.lines().find(|line| !line.trim().is_empty())?))
}

/// Returns what a model said apart from what it thought: the text without leading
/// `<think>…</think>`, and the thoughts. Some templates of models leave the opening mark out.
pub(super) fn without_thoughts(text: &str) -> (&str, Vec<&str>) {
    const MARKS: [(&str, &str); 4] = [
        ("<think>", "</think>"),
        ("<thinking>", "</thinking>"),
        ("<thought>", "</thought>"),
        ("[THINK]", "[/THINK]"),
    ];
    let mut thoughts = Vec::new();
    let mut rest = text;
    'again: loop {
        let begin = rest.trim_start();
        for (open, close) in MARKS {
            let Some(after) = begin.strip_prefix(open) else { continue };
            let (thought, said) = after.split_once(close).unwrap_or((after, ""));
            thoughts.push(thought.trim());
            rest = said;
            continue 'again;
        }
        break;
    }
    if thoughts.is_empty()
        && let Some((thought, said)) = text.split_once("</think>")
        && !thought.contains("<think>")
        && !thought.contains("```")
    {
        return (said.trim_start(), vec![thought.trim()]);
    }
    thoughts.retain(|thought| !thought.is_empty());
    (if rest.len() == text.len() { text } else { rest.trim_start() }, thoughts)
}

/// Returns the line that stands for a file.
pub(super) fn file(name: &str) -> String {
    format!("[file: {}]", name.trim())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Counting;
    use super::*;

    #[test]
    fn thoughts_are_told_from_what_is_said() {
        for (text, said, thoughts) in [
            ("Hi", "Hi", &[][..]),
            ("<think>\nHm\n</think>\n\nHi", "Hi", &["Hm"]),
            ("<think>\n\n</think>\n\nHi", "Hi", &[]),
            ("<think>a</think><think>b</think>c", "c", &["a", "b"]),
            ("Hm\n</think>\nHi", "Hi", &["Hm"]),
            ("<think>cut off", "", &["cut off"]),
            ("the mark <think>x</think> here", "the mark <think>x</think> here", &[]),
            ("`</think>` in ```\n</think>\n```", "` in ```\n</think>\n```", &["`"]),
        ] {
            assert_eq!(without_thoughts(text), (said, thoughts.to_vec()), "{text}");
        }
    }

    #[test]
    fn what_is_folded_is_bounded() {
        assert_eq!(folded("short".to_owned()), "short");
        let long = folded("é".repeat(FOLDED));
        assert!(long.len() < FOLDED + 40 && long.ends_with("more bytes]"), "{}", long.len());
    }

    #[test]
    fn identities_are_unique_and_nothing_said_is_lost() {
        let mut turns = Turns::default();
        let mut sink = Counting::default();
        for (id, text) in [("a", "one"), ("a", "one"), ("a", "two"), ("b", " "), ("b", "three")] {
            turns.push(NewTurn::message(Role::User, "user", text).with_source_id(id), &mut sink);
        }
        let kept: Vec<_> =
            turns.into_vec().into_iter().map(|turn| (turn.source_id, turn.text)).collect();
        let expected = [(Some("a"), "one"), (None, "two"), (Some("b"), "three")]
            .map(|(id, text)| (id.map(str::to_owned), text.to_owned()));
        assert_eq!(kept, expected);
        assert_eq!((sink.skipped["repeated message"], sink.skipped["empty message"]), (1, 1));
    }
}
