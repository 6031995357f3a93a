//! What the formats share in making turns: identities that are unique, files that were shared,
//! branches put in order.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::shorten;
use crate::import::reading::spool::Spool;
use crate::import::reading::tree::{Node, Tree};
use crate::import::{Sink, Stop};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};
use std::io;

/// Collects the turns of a conversation.
#[derive(Debug, Default)]
pub(in crate::import) struct Turns {
    spool: Spool,
    /// The place of each identity, by its hash: a long conversation has many.
    ids: HashMap<u64, u32>,
    hasher: RandomState,
    first_at: Option<Timestamp>,
    first_words: Option<String>,
}

impl Turns {
    /// For a conversation that may be longer than memory, which is sent and never listed.
    pub(in crate::import) fn long() -> Self {
        Self { spool: Spool::long(), ..Self::default() }
    }

    /// Takes a turn, unless it says nothing or is there already. Both are counted.
    pub(in crate::import) fn push(&mut self, mut turn: NewTurn, sink: &mut dyn Sink) {
        if turn.text.trim().is_empty() {
            sink.skipped("empty message", turn.source_id.as_deref().unwrap_or_default());
            return;
        }
        if let Some(id) = turn.source_id.take() {
            let mark = self.hasher.hash_one(&id);
            let known = self.ids.get(&mark).copied();
            let known = known.and_then(|at| self.spool.get(at as usize));
            match known.filter(|known| known.source_id.as_ref() == Some(&id)) {
                Some(same) if same.text == turn.text => {
                    sink.skipped("repeated message", &shorten(&turn.text));
                    return;
                }
                // Another message under an id that is taken goes without one.
                Some(_) => {}
                None => {
                    self.ids.entry(mark).or_insert(self.spool.len() as u32);
                    turn.source_id = Some(id);
                }
            }
        }
        self.take(turn, sink);
    }

    /// The same for a turn whose identity was made for it, so that no other has it.
    pub(in crate::import) fn push_unique(&mut self, turn: NewTurn, sink: &mut dyn Sink) {
        if turn.text.trim().is_empty() {
            sink.skipped("empty message", turn.source_id.as_deref().unwrap_or_default());
            return;
        }
        self.take(turn, sink);
    }

    fn take(&mut self, turn: NewTurn, sink: &dyn Sink) {
        self.first_at = self.first_at.or(turn.said_at);
        if self.first_words.is_none() {
            self.first_words = words_of(&turn);
        }
        self.spool.push(turn, sink);
    }

    /// Whether there are none.
    pub(in crate::import) fn is_empty(&self) -> bool {
        self.spool.len() == 0
    }

    /// The first time that one of them tells.
    pub(in crate::import) fn first_at(&self) -> Option<Timestamp> {
        self.first_at
    }

    /// What stands in for a title: the beginning of the first thing that the user said.
    pub(in crate::import) fn first_words(&self) -> Option<String> {
        self.first_words.clone()
    }

    /// The turns, in the order in which they came. Not those of a long conversation.
    pub(in crate::import) fn into_vec(self) -> Vec<NewTurn> {
        self.spool.into_held()
    }

    /// Hands the turns to the sink as those of a conversation that is else as it is given.
    pub(in crate::import) fn send(
        self,
        head: Conversation,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        if self.spool.is_long() {
            return sink.long(head, Box::new(self.spool));
        }
        sink.conversation(Conversation { turns: self.into_vec(), ..head })
    }
}

/// The names of tools by the ids of their calls.
#[derive(Debug, Default)]
pub(in crate::import) struct Calls {
    by_id: HashMap<u64, u32>,
    by_name: HashMap<String, u32>,
    names: Vec<String>,
    hasher: RandomState,
}

impl Calls {
    /// Says which tool a call is of.
    pub(in crate::import) fn insert(&mut self, id: &str, name: &str) {
        let place = self.by_name.get(name).copied().unwrap_or_else(|| {
            self.names.push(name.to_owned());
            let place = self.names.len() as u32 - 1;
            self.by_name.insert(name.to_owned(), place);
            place
        });
        self.by_id.insert(self.hasher.hash_one(id), place);
    }

    /// The tool that a call is of.
    pub(in crate::import) fn name(&self, id: &str) -> Option<&str> {
        let place = self.by_id.get(&self.hasher.hash_one(id))?;
        self.names.get(*place as usize).map(String::as_str)
    }
}

/// A message of a tree: where it stands, and the turns it makes (none where it is left out).
pub(in crate::import) struct Branch {
    /// Where it stands.
    pub(in crate::import) node: Node,
    /// What it makes; the last of several carries the node's own id.
    pub(in crate::import) turns: Vec<NewTurn>,
}

/// Returns the turns of a tree in reading order, with their parents and the shown path. Messages
/// that make no turn are passed over as parents.
pub(in crate::import) fn from_tree(
    branches: Vec<Branch>,
    current: Option<&str>,
    sink: &mut dyn Sink,
) -> Vec<NewTurn> {
    let mut all = Branches::default();
    for branch in branches {
        all.push(branch, sink);
    }
    let mut turns = Turns::default();
    // What is held can be read.
    let _ = all.read(current, &mut turns, sink);
    turns.into_vec()
}

/// Collects the messages of a tree.
#[derive(Debug, Default)]
pub(in crate::import) struct Branches {
    tree: Tree,
    spool: Spool,
    /// Where the turns of each node begin and end.
    places: Vec<(u32, u32)>,
    /// Whether all of it was shown.
    pub(in crate::import) all_shown: bool,
    /// Whether what a tool gave back is shown where its call is: of several calls at once, only one
    /// result may have the next message below it.
    pub(in crate::import) results_with_calls: bool,
}

impl Branches {
    /// For a conversation that may be longer than memory.
    pub(in crate::import) fn long() -> Self {
        Self { spool: Spool::long(), ..Self::default() }
    }

    /// Takes a message.
    pub(in crate::import) fn push(&mut self, branch: Branch, sink: &dyn Sink) {
        self.tree.push(&branch.node);
        let place = self.keep(branch.turns, sink);
        self.places.push(place);
    }

    fn keep(&mut self, turns: Vec<NewTurn>, sink: &dyn Sink) -> (u32, u32) {
        let begin = self.spool.len() as u32;
        for turn in turns {
            self.spool.push(turn, sink);
        }
        (begin, self.spool.len() as u32)
    }

    /// Takes a message whose identity is known for what that one says, where it says more. Returns
    /// whether it does.
    pub(in crate::import) fn replace(
        &mut self,
        id: &str,
        turns: Vec<NewTurn>,
        sink: &dyn Sink,
    ) -> bool {
        let Some(at) = self.tree.place(id).map(|at| at as usize) else { return false };
        let (begin, end) = self.places[at];
        let known = (begin..end).filter_map(|place| self.spool.get(place as usize));
        let known = known.map(|turn| weight(&turn)).fold((0, 0), add);
        if turns.iter().map(weight).fold((0, 0), add) <= known {
            return false;
        }
        self.places[at] = self.keep(turns, sink);
        true
    }

    /// Whether there is a message of an identity.
    pub(in crate::import) fn holds(&self, id: &str) -> bool {
        self.tree.holds(id)
    }

    /// How many messages there are.
    pub(in crate::import) fn len(&self) -> usize {
        self.places.len()
    }

    /// Puts the turns in reading order.
    pub(in crate::import) fn read(
        mut self,
        current: Option<&str>,
        turns: &mut Turns,
        sink: &mut dyn Sink,
    ) -> io::Result<()> {
        let reading = self.tree.read(current);
        // The turn by which each node is known to those below it, and whether it is shown.
        let mut known: Vec<Option<(u32, bool)>> = vec![None; self.places.len()];
        for at in reading.order {
            let at = at as usize;
            let active = self.all_shown || reading.active[at];
            let mut above = reading.parent[at].and_then(|parent| known[parent as usize]);
            let (begin, end) = self.places[at];
            for place in begin..end {
                let mut turn = self.spool.take(place as usize)?;
                let result = turn.role == Role::Tool && turn.kind == Kind::Tool;
                let called = above.is_some_and(|(_, shown)| shown);
                turn.on_active_path = active || self.results_with_calls && result && called;
                turn.parent_source_id = match above {
                    Some((above, _)) => self.spool.id(above as usize)?,
                    None => None,
                };
                if !turn.text.trim().is_empty() && turn.source_id.is_some() {
                    above = Some((place, active));
                }
                turns.push(turn, sink);
            }
            known[at] = above;
        }
        Ok(())
    }
}

/// How much a turn says: first what is said, then what is folded away.
fn weight(turn: &NewTurn) -> (usize, usize) {
    let length = turn.text.trim().len();
    if turn.kind == Kind::Message { (length, 0) } else { (0, length) }
}

fn add(a: (usize, usize), b: (usize, usize)) -> (usize, usize) {
    (a.0 + b.0, a.1 + b.1)
}

/// Returns the role that exports of any kind mean by a word, and whether it is a tool's.
pub(in crate::import) fn role(word: &str) -> Option<(Role, Kind)> {
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
pub(in crate::import) fn with_files(mut text: String, files: &[String]) -> String {
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
pub(in crate::import) fn folded(mut text: String) -> String {
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
pub(in crate::import) fn first_words(turns: &[NewTurn]) -> Option<String> {
    turns
        .iter()
        .find(|turn| turn.role == Role::User && turn.kind == Kind::Message)
        .and_then(words_of)
}

/// Returns how a turn begins that a person said.
fn words_of(turn: &NewTurn) -> Option<String> {
    if turn.role != Role::User || turn.kind != Kind::Message {
        return None;
    }
    Some(shorten(turn.text.lines().find(|line| !line.trim().is_empty())?))
}

/// Returns what a model said apart from what it thought: the text without leading
/// `<think>…</think>`, and the thoughts. Some templates of models leave the opening mark out.
pub(in crate::import) fn without_thoughts(text: &str) -> (&str, Vec<&str>) {
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
pub(in crate::import) fn file(name: &str) -> String {
    format!("[file: {}]", name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::Counting;

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
