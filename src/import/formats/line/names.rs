//! Names of several words, where nothing but a space ends them.

use super::Message;
use std::collections::HashMap;

/// So many messages that go on with the same word after a name tell that it belongs to the name.
const ENOUGH: usize = 5;
/// A name has so many words at most.
const WORDS: usize = 4;

/// Takes into the names what belongs to them: the name of the chat says that of the other one, and
/// what somebody always begins with is no part of what they say.
pub(super) fn widen(messages: &mut [Message<'_>], title: Option<&str>) {
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, message) in messages.iter().enumerate() {
        if let (Some(name), Some(_)) = (message.name, message.spaced) {
            groups.entry(name).or_default().push(at);
        }
    }
    for (name, group) in groups {
        let lines: Vec<&str> = group.iter().filter_map(|at| messages[*at].spaced).collect();
        let length = length_of(name, &lines, title);
        if length == name.len() {
            continue;
        }
        for at in group {
            let message = &mut messages[at];
            let Some(wider) = message.spaced.and_then(|line| line.get(..length)) else { continue };
            let more = length - name.len();
            if more <= message.text.len() {
                message.wider = Some(wider);
                message.text.drain(..more);
            }
        }
    }
}

/// Returns the length of the name that lines begin with whose first word is `name`.
fn length_of(name: &str, lines: &[&str], title: Option<&str>) -> usize {
    // Something must be said behind it.
    let begin = |name: &str| {
        let goes_on = |line: &&str| {
            line.strip_prefix(name).is_some_and(|r| r.len() > 1 && r.starts_with(' '))
        };
        lines.iter().all(goes_on)
    };
    if let Some(title) = title.filter(|title| title.starts_with(name) && begin(title)) {
        return title.len();
    }
    let mut length = name.len();
    if lines.len() < ENOUGH {
        return length;
    }
    for _ in 1..WORDS {
        let next = lines[0].get(length + 1..).and_then(|rest| rest.split(' ').next());
        let Some(next) = next.filter(|word| !word.is_empty()) else { break };
        let wider = length + 1 + next.len();
        match lines[0].get(..wider) {
            Some(name) if begin(name) => length = wider,
            _ => break,
        }
    }
    length
}
