//! Writes a believable ChatGPT export of any size, the same for the same seed: trees with branches,
//! hidden messages, tool calls, reasoning, long answers and short questions.
//!
//! `cargo run --release --example chatgpt_export -- MEGABYTES [SEED] > conversations.json`

#![allow(missing_docs, clippy::expect_used, reason = "a program for measuring")]

#[path = "../benches/question/lists.rs"]
mod lists;
#[path = "../benches/question/talk.rs"]
#[allow(dead_code, reason = "questions are for the bench")]
mod talk;

use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use talk::Numbers;

/// So many turns of talk are made at a time, and so much of it is held.
const CHUNK: usize = 20_000;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1).filter_map(|word| word.parse::<u64>().ok());
    let wanted = arguments.next().unwrap_or(10) * 1_000_000;
    let mut words = Words::new(arguments.next().unwrap_or(1));
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let (mut written, mut conversations, mut messages) = (0, 0_u64, 0);
    while written < wanted {
        let (conversation, count) = conversation(&mut words, conversations);
        let bytes = serde_json::to_vec(&conversation)?;
        out.write_all(if conversations == 0 { b"[" } else { b", " })?;
        out.write_all(&bytes)?;
        written += bytes.len() as u64 + 2;
        conversations += 1;
        messages += count;
    }
    out.write_all(b"]")?;
    out.flush()?;
    writeln!(io::stderr(), "{conversations} conversations, {messages} messages, {written} bytes")
}

/// An endless talk to take texts from.
struct Words {
    numbers: Numbers,
    seed: u64,
    texts: std::vec::IntoIter<String>,
}

impl Words {
    fn new(seed: u64) -> Self {
        Self { numbers: Numbers::new(seed), seed, texts: Vec::new().into_iter() }
    }

    /// What somebody says.
    fn said(&mut self) -> String {
        if let Some(text) = self.texts.next() {
            return text;
        }
        self.seed += 1;
        let talk = talk::talk(CHUNK, 0, self.seed);
        let texts: Vec<String> = talk
            .conversations
            .into_iter()
            .flat_map(|one| one.turns)
            .map(|turn| turn.text)
            .collect();
        self.texts = texts.into_iter();
        self.said()
    }

    /// What an assistant answers: paragraphs, a list, now and then code.
    fn answer(&mut self) -> String {
        let mut text = self.said();
        for _ in 0..self.numbers.below(6) {
            text.push_str("\n\n");
            text.push_str(&self.said());
        }
        if self.numbers.below(4) == 0 {
            for place in 1..=2 + self.numbers.below(4) {
                let _ = write!(text, "\n{place}. **{}** ", self.numbers.below(90));
                text.push_str(&self.said());
            }
        }
        if self.numbers.below(8) == 0 {
            let number = self.numbers.next() % 100_000;
            let _ = write!(
                text,
                "\n\n```python\ndef step_{number}(items):\n    return [x * {number} for x in items]\n```\n"
            );
        }
        text
    }

    fn id(&mut self) -> String {
        let (a, b) = (self.numbers.next(), self.numbers.next());
        let hex = format!("{a:016x}{b:016x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// A conversation, and how many messages people would count in it.
fn conversation(words: &mut Words, number: u64) -> (Value, u64) {
    let begun = 1_670_000_000.0 + number as f64 * 1_800.0;
    let mut tree = Tree { mapping: Map::new(), at: begun, messages: 0 };
    let root = words.id();
    tree.mapping
        .insert(root.clone(), json!({"id": root, "message": null, "parent": null, "children": []}));
    let mut last = tree.hidden(words, &root);
    let longest = 2 + words.numbers.below(40);
    for _ in 0..2 + words.numbers.below(longest) {
        let text = words.said();
        let asked = tree.add(words, &last, "user", "text", &text, "all");
        // Asked again another way, or answered again: a branch.
        if words.numbers.below(14) == 0 {
            let text = words.answer();
            tree.add(words, &asked, "assistant", "text", &text, "all");
        }
        let mut above = asked;
        if words.numbers.below(10) == 0 {
            let code = format!("search(\"{}\")", words.said().chars().take(40).collect::<String>());
            above = tree.add(words, &above, "assistant", "code", &code, "browser");
            let found = words.answer();
            above = tree.add(words, &above, "tool", "execution_output", &found, "all");
        }
        if words.numbers.below(10) == 0 {
            let thought = words.said();
            above = tree.add(words, &above, "assistant", "thoughts", &thought, "all");
        }
        let text = words.answer();
        last = tree.add(words, &above, "assistant", "text", &text, "all");
    }
    let id = words.id();
    let title: String = words.said().split(' ').take(5).collect::<Vec<_>>().join(" ");
    let conversation = json!({
        "title": title, "create_time": begun, "update_time": tree.at, "mapping": tree.mapping,
        "moderation_results": [], "current_node": last, "plugin_ids": null, "conversation_id": id,
        "conversation_template_id": null, "gizmo_id": null, "is_archived": false, "safe_urls": [],
        "default_model_slug": "gpt-4o", "id": id,
    });
    (conversation, tree.messages)
}

struct Tree {
    mapping: Map<String, Value>,
    at: f64,
    messages: u64,
}

impl Tree {
    fn hidden(&mut self, words: &mut Words, parent: &str) -> String {
        let id = self.add(words, parent, "system", "text", "", "all");
        self.mapping[&id]["message"]["metadata"]["is_visually_hidden_from_conversation"] =
            json!(true);
        id
    }

    fn add(
        &mut self,
        words: &mut Words,
        parent: &str,
        role: &str,
        kind: &str,
        text: &str,
        recipient: &str,
    ) -> String {
        let id = words.id();
        self.at += 20.0 + words.numbers.share() * 40.0;
        let content = match kind {
            "thoughts" => {
                json!({"content_type": kind, "thoughts": [{"summary": "Thinking", "content": text}]})
            }
            "text" => json!({"content_type": kind, "parts": [text]}),
            _ => json!({"content_type": kind, "language": "unknown", "text": text}),
        };
        let said = kind == "text" && role != "system";
        self.messages += u64::from(said);
        let metadata = json!({"request_id": words.id(), "timestamp_": "absolute", "message_type": null,
            "model_slug": "gpt-4o", "default_model_slug": "gpt-4o", "parent_id": parent,
            "finish_details": {"type": "stop", "stop_tokens": [200_002]}, "citations": []});
        self.mapping.insert(id.clone(), json!({
            "id": id,
            "message": {"id": id, "author": {"role": role, "name": null, "metadata": {}},
                "create_time": self.at, "update_time": null, "content": content,
                "status": "finished_successfully", "end_turn": role == "assistant", "weight": 1.0,
                "metadata": metadata, "recipient": recipient, "channel": null},
            "parent": parent,
            "children": [],
        }));
        if let Some(children) = self.mapping[parent]["children"].as_array_mut() {
            children.push(json!(id));
        }
        id
    }
}
