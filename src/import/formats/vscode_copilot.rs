//! Copilot Chat in VS Code: the sessions that the editor keeps (`chatSessions/*.json`, and since 1.109
//! `*.jsonl`), and what “Chat: Export Chat…” writes.
//!
//! The newer file is a log of changes to one document: its first line is the document, and each line
//! after it sets, appends or deletes something in it. It is replayed, and the document that results
//! is read as the older file is. What is not read of a document is dropped before it is kept: the
//! answers' metadata holds every file that a tool returned.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{Layout, array_under, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `vscode_copilot`.
pub(super) struct VsCodeCopilot;

impl Importer for VsCodeCopilot {
    fn format(&self) -> &'static str {
        "vscode_copilot"
    }

    fn description(&self) -> &'static str {
        "Copilot Chat in VS Code: its chatSessions (JSON or JSON Lines), and “Export Chat” as JSON"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if is_log(sample) || sample.document().is_some_and(is_session) {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn instead_of(&self, name: &str) -> Option<String> {
        Some(format!("{}.json", name.strip_suffix(".jsonl")?))
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            if is_log(source.sample()) {
                return log(source, sink);
            }
            source.each_record(Layout::Whole, Unit::Conversation, sink, |value, sink| {
                session(&value, sink)
            })
        })
    }
}

fn is_session(value: &Value) -> bool {
    let request = |value: &Value| {
        value.get("message").is_some()
            && ["requestId", "response", "variableData"].iter().any(|key| value.get(key).is_some())
    };
    let requests = value.get("requests").and_then(Value::as_array);
    let about = ["responderUsername", "requesterUsername", "creationDate", "initialLocation"];
    requests.is_some_and(|requests| {
        about.iter().any(|key| value.get(key).is_some())
            && (requests.is_empty() || requests.iter().any(request))
    })
}

/// Whether the file is a log of changes: its first line is the document.
fn is_log(sample: &Sample) -> bool {
    sample.records().first().is_some_and(|first| {
        first.get("kind").and_then(Value::as_u64) == Some(0)
            && first.get("v").is_some_and(|v| is_session(v) || v.get("sessionId").is_some())
    })
}

fn log(source: &mut Source<'_>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let mut replay = Replay::default();
    source.each_record(Layout::Lines, Unit::Message, sink, |record, sink| {
        if replay.given_up {
            return Ok(());
        }
        if !replay.take(record) {
            sink.skipped("change to something that is not there", "");
        }
        if replay.is_too_long() {
            sink.failed("session is too long", &shorten(source_name(&replay.document)));
            replay.given_up = true;
        }
        Ok(())
    })?;
    if replay.given_up { Ok(()) } else { session(&replay.document, sink) }
}

fn source_name(document: &Value) -> &str {
    text_under(document, "customTitle").or_else(|| text_under(document, "sessionId")).unwrap_or("")
}

/// What is kept of a document may take so many bytes.
const LARGEST: usize = 96 << 20;
/// A path into a document has at most so many steps: more would nest it without end.
const STEPS: usize = 32;
/// What is not read, and can be large.
const NOT_READ: [&str; 8] = [
    "metadata",
    "edits",
    "contentReferences",
    "codeCitations",
    "followups",
    "inputState",
    "usedContext",
    "renderedUserMessage",
];

/// A document as the changes so far leave it.
#[derive(Default)]
struct Replay {
    document: Value,
    /// How much was put into it since it was measured.
    added: usize,
    given_up: bool,
}

impl Replay {
    /// Applies a line; returns whether it found its place.
    fn take(&mut self, mut record: Value) -> bool {
        let path = record.get_mut("k").map(Value::take).unwrap_or_default();
        let path = path.as_array().map_or(&[][..], Vec::as_slice);
        if path.iter().any(|step| step.as_str().is_some_and(|step| NOT_READ.contains(&step))) {
            return true;
        }
        if path.len() > STEPS {
            return false;
        }
        let mut value = record.get_mut("v").map(Value::take).unwrap_or_default();
        self.added += prune(&mut value);
        match record.get("kind").and_then(Value::as_u64) {
            Some(0) => self.document = value,
            Some(1) => match place(&mut self.document, path) {
                Some(there) => *there = value,
                None => return false,
            },
            Some(2) => {
                let Some(there) = place(&mut self.document, path) else { return false };
                if there.is_null() {
                    *there = Value::Array(Vec::new());
                }
                let Some(list) = there.as_array_mut() else { return false };
                let cut = record.get("i").and_then(Value::as_u64);
                list.truncate(cut.and_then(|at| usize::try_from(at).ok()).unwrap_or(list.len()));
                if let Value::Array(new) = value {
                    list.extend(new);
                }
            }
            Some(3) => {
                let Some((last, above)) = path.split_last() else { return false };
                match place(&mut self.document, above) {
                    Some(Value::Object(object)) => {
                        let _ = last.as_str().map(|key| object.remove(key));
                    }
                    Some(_) => match place(&mut self.document, path) {
                        Some(there) => *there = Value::Null,
                        None => return false,
                    },
                    None => return false,
                }
            }
            _ => return false,
        }
        true
    }

    fn is_too_long(&mut self) -> bool {
        if self.added > LARGEST {
            self.added = prune(&mut self.document);
        }
        self.added > LARGEST
    }
}

/// Returns what stands at a path. A member that is not there yet begins as null, and so does the
/// next element of a list.
fn place<'v>(mut value: &'v mut Value, path: &[Value]) -> Option<&'v mut Value> {
    for step in path {
        value = match (value, step) {
            (Value::Object(object), Value::String(key)) => {
                object.entry(key.as_str()).or_insert(Value::Null)
            }
            (Value::Array(list), Value::Number(at)) => {
                let at = usize::try_from(at.as_u64()?).ok()?;
                if at == list.len() {
                    list.push(Value::Null);
                }
                list.get_mut(at)?
            }
            _ => return None,
        };
    }
    Some(value)
}

/// Drops what is not read; returns about how many bytes the rest takes.
fn prune(value: &mut Value) -> usize {
    const ASIDE: usize = 64;
    ASIDE
        + match value {
            Value::String(text) => text.len(),
            Value::Array(list) => list.iter_mut().map(prune).sum(),
            Value::Object(object) => {
                object.retain(|key, _| !NOT_READ.contains(&key.as_str()));
                object.iter_mut().map(|(key, value)| key.len() + prune(value)).sum()
            }
            _ => 0,
        }
}

fn session(value: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let source_id = id_under(value, &["sessionId"]);
    let title = text_under(value, "customTitle").map(str::to_owned);
    let Some(requests) = value.get("requests").and_then(Value::as_array) else {
        sink.failed("session without its requests", &shorten(source_name(value)));
        return Ok(());
    };
    let mut turns = Turns::long();
    for request in requests {
        exchange(request, &mut turns, sink);
    }
    if turns.is_empty() {
        sink.skipped("session without messages", &shorten(source_name(value)));
        return Ok(());
    }
    let head = Conversation {
        source_id,
        title: title.or_else(|| turns.first_words()),
        started_at: instant_under(value, &["creationDate"]).or_else(|| turns.first_at()),
        turns: Vec::new(),
    };
    turns.send(head, sink)?;
    Ok(())
}

/// Takes a request and its answer.
fn exchange(request: &Value, turns: &mut Turns, sink: &mut dyn Sink) {
    let id = id_under(request, &["requestId"]);
    let said_at = instant_under(request, &["timestamp"]);
    // What the user took back is grey until the next request, and then goes.
    let shown = !request
        .get("shouldBeRemovedOnSend")
        .is_some_and(|mark| mark.is_object() || mark.as_bool() == Some(true));
    let mut push = |mut turn: NewTurn, id: Option<String>, at: Option<Timestamp>| {
        turn.source_id = id;
        turn.on_active_path = shown;
        turns.push(turn.at(at), sink);
    };
    let message = request.get("message").unwrap_or(&Value::Null);
    let text = message.as_str().or_else(|| text_under(message, "text")).unwrap_or_default();
    let text = turns::with_files(text.trim().to_owned(), &files(request));
    push(NewTurn::message(Role::User, "user", text), id.clone(), said_at);
    let answer_id = id_under(request, &["responseId"]).or_else(|| Some(format!("{}#answer", id?)));
    let done = request.get("modelState").and_then(|state| instant_under(state, &["completedAt"]));
    let done = done.or(said_at);
    let Answer { said, folds, .. } = Answer::of(request.get("response").unwrap_or(&Value::Null));
    let said = said.trim().to_owned();
    for (place, turn) in folds.into_iter().enumerate() {
        push(turn, answer_id.as_ref().map(|id| format!("{id}#{place}")), done);
    }
    if !said.is_empty() {
        push(NewTurn::message(Role::Assistant, "assistant", said), answer_id, done);
    } else if let Some(why) =
        request.pointer("/result/errorDetails").and_then(|error| text_under(error, "message"))
    {
        sink.skipped("answer that failed", &shorten(why));
    }
}

/// The files that a user put beside a request. What the editor adds by itself, such as the file that
/// is open, is left out.
fn files(request: &Value) -> Vec<String> {
    let variables = request.get("variableData").unwrap_or(&Value::Null);
    array_under(variables, "variables")
        .iter()
        .filter_map(|one| match text_under(one, "kind")? {
            "file" | "directory" => text_under(one, "name").map(turns::file),
            "image" => Some("[picture]".to_owned()),
            _ => None,
        })
        .collect()
}

/// What an answer is made of.
#[derive(Default)]
struct Answer {
    said: String,
    folds: Vec<NewTurn>,
    /// Whether something else stands between what was said and what comes.
    apart: bool,
}

impl Answer {
    fn of(response: &Value) -> Self {
        let mut answer = Self::default();
        let parts = match response {
            Value::Array(parts) => parts.as_slice(),
            Value::Null => &[],
            one => std::slice::from_ref(one),
        };
        for (at, part) in parts.iter().enumerate() {
            // The marks around an edit that stands between them, and is not shown as text.
            let edit = |at: usize| parts.get(at).is_some_and(is_edit);
            let is_mark = markdown(part).is_some_and(|text| text.trim() == "```");
            if is_mark && (edit(at + 1) || at.checked_sub(1).is_some_and(edit)) {
                continue;
            }
            answer.take(part);
        }
        answer
    }

    fn take(&mut self, part: &Value) {
        match text_under(part, "kind") {
            None => self.say(markdown(part).unwrap_or_default()),
            Some("markdownContent" | "markdownVuln") => {
                self.say(part.get("content").and_then(markdown).unwrap_or_default());
            }
            Some("inlineReference") => self.say(&reference(part)),
            Some("thinking") => {
                let thought = match part.get("value") {
                    Some(Value::Array(lines)) => {
                        lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
                    }
                    Some(Value::String(text)) => text.clone(),
                    _ => String::new(),
                };
                let turn = NewTurn::message(Role::Assistant, "assistant", folded(thought));
                self.fold(turn.of_kind(Kind::Reasoning));
            }
            Some("toolInvocationSerialized" | "toolInvocation") => self.tool(part),
            Some("warning" | "undoStop" | "codeblockUri") => {}
            Some(_) => self.apart = true,
        }
    }

    fn say(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let joined = self.said.is_empty() || self.said.ends_with('\n') || text.starts_with('\n');
        if self.apart && !joined {
            self.said.push_str("\n\n");
        }
        self.apart = false;
        self.said.push_str(text);
    }

    fn fold(&mut self, turn: NewTurn) {
        self.apart = true;
        if !turn.text.trim().is_empty() {
            self.folds.push(turn);
        }
    }

    fn tool(&mut self, part: &Value) {
        let name = text_under(part, "toolId").unwrap_or("tool");
        let details = part.get("resultDetails").unwrap_or(&Value::Null);
        let command = part.pointer("/toolSpecificData/commandLine");
        let command = command.and_then(|line| {
            ["userEdited", "toolEdited", "original"].iter().find_map(|key| text_under(line, key))
        });
        let words = |key: &str| part.get(key).and_then(markdown);
        let given = text_under(details, "input")
            .or(command)
            .or_else(|| part.get("toolSpecificData").and_then(|data| text_under(data, "command")))
            .or_else(|| words("pastTenseMessage").filter(|text| !text.trim().is_empty()))
            .or_else(|| words("invocationMessage"))
            .map_or_else(|| format!("{name}()"), str::to_owned);
        let call = NewTurn::message(Role::Assistant, name, folded(given)).of_kind(Kind::Tool);
        self.fold(call);
        let output =
            array_under(details, "output").iter().filter_map(|one| text_under(one, "value"));
        let output = output.collect::<Vec<_>>().join("\n");
        self.fold(NewTurn::message(Role::Tool, name, folded(output)).of_kind(Kind::Tool));
    }
}

/// Whether a part is an edit of a file, or says of which.
fn is_edit(part: &Value) -> bool {
    matches!(
        text_under(part, "kind"),
        Some("codeblockUri" | "textEditGroup" | "notebookEditGroup" | "undoStop")
    )
}

/// Returns the text of a Markdown string, in each form in which one is written.
fn markdown(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("value").and_then(Value::as_str))
}

/// Returns a reference in a line of text as the editor copies it: a symbol, or the name of a file.
fn reference(part: &Value) -> String {
    let to = part.get("inlineReference").unwrap_or(&Value::Null);
    if let Some(name) = text_under(to, "name") {
        return format!("`{name}`");
    }
    if let Some(name) = text_under(part, "name") {
        return name.to_owned();
    }
    let uri = to.get("uri").unwrap_or(to);
    let path = ["path", "fsPath", "external"].iter().find_map(|key| text_under(uri, key));
    let path = path.or_else(|| uri.as_str()).unwrap_or_default();
    if text_under(uri, "scheme").is_some_and(|scheme| scheme.starts_with("http")) {
        return text_under(uri, "external").unwrap_or(path).to_owned();
    }
    path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{json_lines, options, read_as, read_path};
    use serde_json::{Value, json};

    fn request(id: &str, text: &str, response: &Value) -> Value {
        json!({"requestId": id, "message": {"text": text, "parts": []}, "response": response,
            "responseId": format!("{id}-r"), "timestamp": 1_767_225_600_000_i64,
            "variableData": {"variables": [
                {"kind": "file", "name": "kiln.rs"}, {"kind": "implicit", "name": "open.rs"}]}})
    }

    fn document(requests: &[Value]) -> Value {
        json!({"version": 3, "sessionId": "s", "customTitle": "Kiln", "responderUsername": "GitHub Copilot",
            "creationDate": 1_767_225_600_000_i64, "requests": requests})
    }

    fn parts() -> Value {
        json!([
            {"kind": "mcpServersStarting"},
            {"value": "It is in ", "supportThemeIcons": false},
            {"kind": "inlineReference", "inlineReference": {"path": "/w/kiln.rs", "scheme": "file"}},
            {"value": ", see "},
            {"kind": "inlineReference", "inlineReference": {"name": "heat", "location": {}}},
            {"value": "."},
            {"kind": "thinking", "value": ["Hm", "so"]},
            {"kind": "toolInvocationSerialized", "toolId": "run", "resultDetails": {"input": "{\"a\":1}",
                "output": [{"type": "embed", "value": "ok"}]}},
            {"value": "\n```\n"}, {"kind": "codeblockUri", "uri": {}}, {"kind": "textEditGroup", "edits": [[1]]}, {"value": "\n```\n"},
            {"kind": "markdownContent", "content": {"value": "Done."}}
        ])
    }

    const SAID: [&str; 5] = [
        "user: Where?\n[file: kiln.rs]",
        "(reasoning) assistant: Hm\nso",
        "(tool) run: {\"a\":1}",
        "(tool) run: ok",
        "assistant: It is in kiln.rs, see `heat`.\n\nDone.",
    ];

    #[test]
    fn parts_of_every_kind() {
        let mut taken_back = request("b", "No", &json!(["Gone"]));
        taken_back["shouldBeRemovedOnSend"] = json!(true);
        let failed = json!({"requestId": "c", "message": "Again", "response": [],
            "result": {"errorDetails": {"message": "quota"}}});
        let text = document(&[request("a", "Where?", &parts()), taken_back, failed]).to_string();
        let sink = read_as("vscode_copilot", &text);
        assert_eq!(sink.said()[..5], SAID);
        let conversation = &sink.conversations[0];
        assert_eq!(conversation.title.as_deref(), Some("Kiln"));
        assert_eq!(conversation.turns[0].said_at.unwrap().to_string(), "2026-01-01T00:00:00Z");
        let shown: Vec<_> = sink.messages().map(|turn| turn.on_active_path).collect();
        assert_eq!(shown, [true, true, false, false, true]);
        assert_eq!(sink.skipped["answer that failed"], 1);
    }

    #[test]
    fn an_exported_chat_has_no_id() {
        let mut export = document(&[request("a", "Where?", &parts())]);
        for key in ["sessionId", "version", "creationDate", "customTitle"] {
            export.as_object_mut().unwrap().remove(key);
        }
        let sink = read_as("vscode_copilot", &export.to_string());
        assert_eq!(sink.said(), SAID);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Where?"));
    }

    #[test]
    fn changes_are_replayed() {
        let sink = read_as(
            "vscode_copilot",
            &json_lines(&[
                json!({"kind": 0, "v": document(&[])}),
                json!({"kind": 2, "k": ["requests"], "v": [request("x", "Draft", &json!([]))]}),
                json!({"kind": 2, "k": ["requests"], "i": 0, "v": [request("a", "Wher", &json!([]))]}),
                json!({"kind": 1, "k": ["requests", 0, "message", "text"], "v": "Where?"}),
                json!({"kind": 2, "k": ["requests", 0, "response"], "v": [{"value": "old"}, {"value": "older"}]}),
                json!({"kind": 2, "k": ["requests", 0, "response"], "i": 0, "v": parts()}),
                json!({"kind": 1, "k": ["requests", 0, "result"], "v": {"metadata": {"large": 1}}}),
                json!({"kind": 1, "k": ["requests", 7, "result"], "v": 1}),
                json!({"kind": 1, "k": ["customTitle"], "v": "Oven"}),
                json!({"kind": 3, "k": ["creationDate"]}),
                json!({"kind": 9}),
            ]),
        );
        assert_eq!(sink.said(), SAID);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Oven"));
        assert_eq!(sink.skipped["change to something that is not there"], 2);
    }

    #[test]
    fn the_log_counts_where_both_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let old = document(&[request("a", "Old", &json!(["Words"]))]);
        let new = document(&[request("a", "Where?", &parts())]);
        std::fs::write(folder.path().join("s.json"), old.to_string()).unwrap();
        let log =
            json_lines(&[json!({"kind": 0, "v": new}), json!({"kind": 1, "k": ["x"], "v": 1})]);
        std::fs::write(folder.path().join("s.jsonl"), log).unwrap();
        std::fs::write(folder.path().join("t.json"), old.to_string()).unwrap();
        let (result, sink) = read_path(folder.path(), &options());
        assert_eq!(result.unwrap().files, 2);
        assert_eq!(sink.conversations.len(), 2);
        assert_eq!(sink.said()[..5], SAID);
        assert_eq!(sink.skipped["file whose content is in another one beside it"], 1);
    }
}
