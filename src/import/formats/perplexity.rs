//! Perplexity: threads as programs that export them write them, each a list of questions with their
//! answers: `{metadata, conversations: [{query, answer, …}]}`, and the service's own
//! `{entries: [{query_str, blocks, …}]}`.

use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{self, Layout, array_under, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `perplexity`.
pub(super) struct Perplexity;

impl Importer for Perplexity {
    fn format(&self) -> &'static str {
        "perplexity"
    }

    fn description(&self) -> &'static str {
        "Perplexity: threads as JSON, as export programs and browser extensions save them"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let records = sample.records();
        if records.iter().any(is_thread)
            || sample.document().is_some_and(Value::is_array) && records.iter().any(is_entry)
        {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let layout = if source.sample().is_lines() { Layout::Lines } else { Layout::Whole };
            source.each_record(layout, Unit::Conversation, sink, |value, sink| match value {
                // The entries of a thread without what stands around them, or several threads.
                Value::Array(list) if list.iter().any(is_entry) => {
                    thread(&Value::Null, &list, sink)
                }
                Value::Array(list) => {
                    list.iter().try_for_each(|value| thread(value, entries(value), sink))
                }
                value => thread(&value, entries(&value), sink),
            })
        })
    }
}

fn entries(thread: &Value) -> &[Value] {
    let entries = array_under(thread, "entries");
    if entries.is_empty() { array_under(thread, "conversations") } else { entries }
}

fn is_thread(value: &Value) -> bool {
    let about = value.get("metadata").is_some_and(|about| {
        ["thread_title", "thread_id", "thread_url", "total_entries"]
            .iter()
            .any(|key| about.get(key).is_some())
    });
    let list = entries(value);
    list.iter().any(is_entry) || about && (list.is_empty() || list.iter().any(is_pair))
}

fn is_entry(value: &Value) -> bool {
    let marks =
        ["thread_title", "context_uuid", "backend_uuid", "entry_created_datetime", "blocks"];
    value.get("query_str").is_some() && marks.iter().any(|key| value.get(key).is_some())
}

fn is_pair(value: &Value) -> bool {
    value.get("query").is_some_and(Value::is_string) && value.get("answer").is_some()
}

const TIMES: [&str; 4] =
    ["timestamp", "entry_created_datetime", "entry_updated_datetime", "updated_datetime"];

fn thread(value: &Value, list: &[Value], sink: &mut dyn Sink) -> Result<(), ImportError> {
    let none = Value::Null;
    let about = value.get("metadata").or_else(|| value.get("thread_metadata")).unwrap_or(&none);
    let first = list.first().unwrap_or(&none);
    let title = ["thread_title", "title"].iter().find_map(|key| text_under(about, key));
    let title = title.or_else(|| text_under(first, "thread_title")).map(str::to_owned);
    let source_id = id_under(about, &["thread_id"])
        .or_else(|| id_under(first, &["context_uuid", "thread_url_slug"]))
        .or_else(|| id_under(about, &["thread_url"]))
        .or_else(|| id_under(first, &["uuid", "backend_uuid"]));
    let mut order: Vec<&Value> = list.iter().collect();
    // Some programs write the newest first; what has no time keeps its place.
    if list.iter().all(|entry| instant_under(entry, &TIMES).is_some()) {
        order.sort_by_key(|entry| instant_under(entry, &TIMES));
    }
    let mut turns = Turns::long();
    for entry in order {
        take(entry, &mut turns, sink);
    }
    if turns.is_empty() {
        let example = title.or(source_id).unwrap_or_default();
        sink.skipped("thread without messages", &shorten(&example));
        return Ok(());
    }
    let started_at = instant_under(about, &["thread_created_at", "created_at"]);
    let head = Conversation {
        source_id,
        title: title.or_else(|| turns.first_words()),
        started_at: started_at.or_else(|| turns.first_at()),
        turns: Vec::new(),
    };
    turns.send(head, sink)?;
    Ok(())
}

/// Takes a question with what was found for it and its answer.
fn take(entry: &Value, turns: &mut Turns, sink: &mut dyn Sink) {
    let id = id_under(entry, &["uuid", "backend_uuid"]);
    let at = instant_under(entry, &TIMES);
    let mut push = |mut turn: NewTurn, mark: &str| {
        turn.source_id = id.as_ref().map(|id| format!("{id}{mark}"));
        turns.push(turn.at(at), sink);
    };
    let asked = ["query", "query_str"].iter().find_map(|key| text_under(entry, key));
    let files = array_under(entry, "attachments").iter().filter_map(|file| {
        let name = file.as_str().or_else(|| text_under(file, "name"))?;
        let name = name.split(['?', '#']).next().unwrap_or(name);
        name.rsplit('/').next().map(turns::file)
    });
    let files: Vec<String> = files.collect();
    let asked = turns::with_files(asked.unwrap_or_default().trim().to_owned(), &files);
    if !asked.is_empty() {
        push(NewTurn::message(Role::User, "user", asked), "");
    }
    let sources = sources(entry);
    if !sources.is_empty() {
        let turn = NewTurn::message(Role::Tool, "search", folded(sources)).of_kind(Kind::Tool);
        push(turn, "#sources");
    }
    match answer(entry) {
        Some(said) => push(NewTurn::message(Role::Assistant, "assistant", said), "#answer"),
        None => sink.skipped("question without an answer", id.as_deref().unwrap_or_default()),
    }
}

fn answer(entry: &Value) -> Option<String> {
    // Some exports keep the answer as a text that holds an object.
    let words = |text: &str| {
        let object = json::parse(text).ok().filter(Value::is_object);
        let inner = object.as_ref().and_then(|object| text_under(object, "answer"));
        Some(inner.unwrap_or(text).trim().to_owned()).filter(|text| !text.is_empty())
    };
    if let Some(text) = text_under(entry, "answer") {
        return words(text);
    }
    let said = |block: &Value| {
        let block = block.get("markdown_block")?;
        let chunks = array_under(block, "chunks").iter().filter_map(Value::as_str);
        let whole = text_under(block, "answer").map(str::to_owned);
        words(&whole.unwrap_or_else(|| chunks.collect()))
    };
    let blocks = array_under(entry, "blocks");
    // One block has the whole answer; others repeat pieces of it for parts of the page.
    let main =
        blocks.iter().filter(|block| text_under(block, "intended_usage") == Some("ask_text"));
    main.chain(blocks).find_map(said).or_else(|| {
        let text = text_under(entry, "text")?;
        // Older ones write the steps that led to the answer, which is in the last.
        let steps = json::parse(text).ok().filter(Value::is_array);
        let steps = steps.as_ref().and_then(Value::as_array);
        let Some(steps) = steps else { return words(text) };
        let last = steps.iter().rev().find_map(|step| step.get("content")?.get("answer")?.as_str());
        last.and_then(words)
    })
}

/// The titles and addresses of what an answer rests on.
fn sources(entry: &Value) -> String {
    let own = array_under(entry, "sources").iter();
    let results = array_under(entry, "blocks").iter().flat_map(|block| {
        let found = ["web_result_block", "sources_mode_block"].iter().find_map(|k| block.get(*k));
        array_under(found.unwrap_or(&Value::Null), "web_results")
    });
    let line = |source: &Value| {
        let parts = ["title", "name", "url"].iter().filter_map(|key| text_under(source, key));
        source.as_str().map_or_else(|| parts.collect::<Vec<_>>().join(" "), str::to_owned)
    };
    own.chain(results).map(line).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;
    use serde_json::json;

    #[test]
    fn pairs_in_order_of_time() {
        let text = json!({"metadata": {"thread_title": "Kiln", "thread_id": "t", "thread_created_at": "2025-01-01T10:00:00Z"},
            "conversations": [
                {"uuid": "b", "query": "And then?", "answer": "", "timestamp": "2025-01-01T10:05:00Z"},
                {"uuid": "a", "query": "How hot?", "answer": "Cone 6 [1].", "timestamp": "2025-01-01T10:01:00Z",
                    "sources": [{"title": "Cones", "url": "https://kiln.example"}]}]});
        let sink = read_as("perplexity", &text.to_string());
        assert_eq!(
            sink.said(),
            [
                "user: How hot?",
                "(tool) search: Cones https://kiln.example",
                "assistant: Cone 6 [1].",
                "user: And then?"
            ]
        );
        let conversation = &sink.conversations[0];
        assert_eq!(conversation.source_id.as_deref(), Some("t"));
        assert_eq!(conversation.title.as_deref(), Some("Kiln"));
        assert_eq!(conversation.turns[0].said_at.unwrap().to_string(), "2025-01-01T10:01:00Z");
        assert_eq!(sink.skipped["question without an answer"], 1);
    }

    #[test]
    fn steps_of_older_entries() {
        let step = json!({"answer": "Cone 6."}).to_string();
        let steps = json!([{"step_type": "SEARCH", "content": {}}, {"step_type": "FINAL", "content": {"answer": step}}]);
        let entry = |text: String| json!({"entries": [{"backend_uuid": "e", "query_str": "How hot?", "text": text}]});
        for text in [steps.to_string(), step, "Cone 6.".to_owned()] {
            let sink = read_as("perplexity", &entry(text).to_string());
            assert_eq!(sink.said(), ["user: How hot?", "assistant: Cone 6."]);
        }
    }

    #[test]
    fn entries_of_the_service() {
        let entry = json!({"uuid": "e", "context_uuid": "c", "thread_title": "Kiln", "query_str": "How hot?",
            "entry_created_datetime": "2025-01-01T10:00:00Z", "blocks": [
            {"intended_usage": "web_results", "web_result_block": {"web_results": [{"name": "Cones", "url": "https://kiln.example"}]}},
            {"intended_usage": "ask_text_0_markdown", "markdown_block": {"chunks": ["Cone "]}},
            {"intended_usage": "ask_text", "markdown_block": {"chunks": ["Cone ", "6."]}}]});
        for text in [
            json!({"status": "success", "entries": [entry], "thread_metadata": {"title": "Kiln"}}),
            json!([entry]),
            json!([{"entries": [entry]}]),
        ] {
            let sink = read_as("perplexity", &text.to_string());
            let expected = [
                "user: How hot?",
                "(tool) search: Cones https://kiln.example",
                "assistant: Cone 6.",
            ];
            assert_eq!(sink.said(), expected, "{text}");
            let conversation = &sink.conversations[0];
            assert_eq!(conversation.source_id.as_deref(), Some("c"));
            assert_eq!(conversation.title.as_deref(), Some("Kiln"));
        }
    }
}
