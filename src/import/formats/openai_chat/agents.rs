//! What agents such as Cline and Roo put into messages: thoughts, calls of tools and what they gave
//! back, and what is told to the model in the user's name. Older versions write all of it as text:
//! calls as tags, `<read_file>…</read_file>`, results below `[read_file for 'x'] Result:`.

use crate::conversation::{Kind, NewTurn, Role};
use crate::import::reading::json::{array_under, text_under};
use crate::import::reading::turns;
use serde_json::Value;

/// A message's content: what is folded away, and what is left of it.
pub(super) struct Content {
    pub(super) folded: Vec<NewTurn>,
    pub(super) rest: Value,
}

/// Tags around what a user typed.
const TYPED: [&str; 5] = ["task", "feedback", "user_message", "answer", "user_feedback"];

/// Calls whose words are the assistant's to the user, each with where they stand.
const SAID: [(&str, &str); 4] = [
    ("attempt_completion", "result"),
    ("ask_followup_question", "question"),
    ("plan_mode_respond", "response"),
    ("plan_mode_response", "response"),
];

/// Whether messages are of an agent that writes tags into texts.
pub(super) fn are_of_agent(list: &[&Value]) -> bool {
    const LOOKED_AT: usize = 12;
    let marked = |text: &str| {
        text.starts_with("<environment_details>")
            || is_result(text)
            || text.starts_with("<task>") && text.contains("</task>")
    };
    list.iter().take(LOOKED_AT).filter(|one| text_under(one, "role") == Some("user")).any(|one| {
        let content = one.get("content").unwrap_or(&Value::Null);
        content.as_str().is_some_and(marked)
            || array_under(one, "content").iter().any(|p| text_under(p, "text").is_some_and(marked))
    })
}

/// Takes apart a message's content.
pub(super) fn content(role: Role, content: &Value, agent: bool) -> Content {
    let mut parts = Parts::default();
    let texts;
    let list = match content {
        Value::Array(list) => list,
        Value::String(_) if agent => {
            texts = vec![content.clone()];
            &texts
        }
        _ => return Content { folded: Vec::new(), rest: content.clone() },
    };
    for part in list {
        parts.take(role, part, agent);
    }
    parts.end();
    parts.folded.retain(|turn| !turn.text.trim().is_empty());
    Content { folded: parts.folded, rest: Value::Array(parts.rest) }
}

#[derive(Default)]
struct Parts {
    folded: Vec<NewTurn>,
    rest: Vec<Value>,
    /// The line that says which tool gave what stands in the next part.
    header: Option<String>,
}

impl Parts {
    fn take(&mut self, role: Role, part: &Value, agent: bool) {
        let text = part.as_str().or_else(|| text_under(part, "text"));
        match (text_under(part, "type").unwrap_or("text"), text) {
            ("thinking", _) => self.thought(text_under(part, "thinking").unwrap_or_default()),
            ("tool_use", _) => {
                let name = text_under(part, "name").unwrap_or("tool");
                let words = part.get("input").and_then(|input| text_under(input, told_by(name)?));
                if let Some(words) = words {
                    self.rest.push(Value::from(words));
                } else {
                    let given = part.get("input").map(Value::to_string);
                    let given = given.unwrap_or_else(|| format!("{name}()"));
                    self.tool(name, Role::Assistant, given);
                }
            }
            ("tool_result", _) => {
                let given = super::content(part.get("content").unwrap_or(&Value::Null));
                self.result(None, &given);
            }
            ("text", Some(text)) if role == Role::User => self.told(text, part, agent),
            ("text", Some(text)) if role == Role::Assistant && agent => self.written(text),
            _ => self.rest.push(part.clone()),
        }
    }

    /// Takes a text in the user's name.
    fn told(&mut self, text: &str, part: &Value, agent: bool) {
        if text.starts_with("<environment_details>") {
            return;
        }
        if is_result(text) {
            self.end();
            let (first, below) = text.split_once('\n').unwrap_or((text, ""));
            if below.trim().is_empty() {
                self.header = Some(first.trim().to_owned());
            } else {
                self.result(None, text);
            }
            return;
        }
        if let Some(header) = self.header.take() {
            self.result(Some(header), text);
        } else if let Some(typed) = typed(text) {
            self.rest.push(Value::from(typed));
        } else if agent && ["[ERROR]", "[TASK RESUMPTION]"].iter().any(|b| text.starts_with(b)) {
            self.tool("tool", Role::Tool, text.to_owned());
        } else {
            self.rest.push(part.clone());
        }
    }

    /// Takes what a tool gave back: where the user answered in its place, that is theirs.
    fn result(&mut self, header: Option<String>, text: &str) {
        if let Some(typed) = typed(text) {
            self.rest.push(Value::from(typed));
        } else {
            let text = header.map_or_else(|| text.to_owned(), |header| format!("{header}\n{text}"));
            self.tool("tool", Role::Tool, text);
        }
    }

    /// Ends what was announced and did not come.
    fn end(&mut self) {
        if let Some(header) = self.header.take() {
            self.tool("tool", Role::Tool, header);
        }
    }

    /// Takes a text of the assistant with tags in it.
    fn written(&mut self, text: &str) {
        let mut said: Vec<&str> = Vec::new();
        let mut rest = text;
        while let Some(call) = Tag::first_of(rest) {
            said.push(call.before.trim());
            rest = call.after;
            if call.name == "thinking" {
                self.thought(call.inside.trim());
                continue;
            }
            let words = told_by(call.name).and_then(|tag| inside(call.inside, tag));
            match words {
                Some(words) => said.push(words),
                None => self.tool(call.name, Role::Assistant, call.inside.trim().to_owned()),
            }
        }
        said.push(rest.trim());
        said.retain(|text| !text.is_empty());
        if !said.is_empty() {
            self.rest.push(Value::from(said.join("\n\n")));
        }
    }

    fn thought(&mut self, text: &str) {
        let turn = NewTurn::message(Role::Assistant, "assistant", turns::folded(text.to_owned()));
        self.folded.push(turn.of_kind(Kind::Reasoning));
    }

    fn tool(&mut self, name: &str, role: Role, text: String) {
        let turn = NewTurn::message(role, name, turns::folded(text));
        self.folded.push(turn.of_kind(Kind::Tool));
    }
}

/// Where a call keeps what it says to the user.
fn told_by(name: &str) -> Option<&'static str> {
    SAID.iter().find(|(call, _)| *call == name).map(|(_, key)| *key)
}

/// A call of a tool in a text, or a thought.
struct Tag<'t> {
    name: &'t str,
    before: &'t str,
    inside: &'t str,
    after: &'t str,
}

impl<'t> Tag<'t> {
    /// Returns the first one: a tag that begins a line, named as tools are, and its end. One that is
    /// not closed, as in an answer that was broken off, holds the rest.
    fn first_of(text: &'t str) -> Option<Self> {
        let mut at = 0;
        while let Some(found) = text.get(at..)?.find('<') {
            let begin = at + found;
            at = begin + 1;
            let opens = text[..begin].trim_end_matches([' ', '\t']);
            let thinks = text[at..].starts_with("thinking>");
            if !(opens.is_empty() || opens.ends_with('\n') || thinks) {
                continue;
            }
            let (name, rest) = text[at..].split_once('>')?;
            let tool =
                name.contains('_') && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if !(tool || thinks) {
                continue;
            }
            let close = format!("</{name}>");
            let (inside, after) = rest.split_once(close.as_str()).unwrap_or((rest, ""));
            return Some(Self { name, before: &text[..begin], inside, after });
        }
        None
    }
}

/// Returns what stands in a tag of a text.
fn inside<'t>(text: &'t str, tag: &str) -> Option<&'t str> {
    let (_, inside) = text.split_once(&format!("<{tag}>"))?;
    let inside = inside.split_once(&format!("</{tag}>")).map_or(inside, |(inside, _)| inside);
    Some(inside.trim()).filter(|inside| !inside.is_empty())
}

/// Whether a text in the user's name is what a tool gave back: `[read_file for 'x'] Result:`.
fn is_result(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.starts_with('[') && first.trim_end().ends_with("] Result:")
}

/// Returns what a user typed of a text that an agent puts tags around.
fn typed(text: &str) -> Option<&str> {
    TYPED.iter().find_map(|tag| {
        let closed = text.contains(&format!("</{tag}>"));
        inside(text, tag).filter(|_| closed)
    })
}
