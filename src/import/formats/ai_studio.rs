//! Google AI Studio: the prompts that it saves in the Drive folder of that name, one document each,
//! mostly without an ending. A conversation is the list `chunkedPrompt.chunks`.

use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{Layout, array_under, flag, id_under, text_under};
use crate::import::reading::time::instant_under;
use crate::import::reading::turns::{self, Turns, folded};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;

/// The format `ai_studio`.
pub(super) struct AiStudio;

impl Importer for AiStudio {
    fn format(&self) -> &'static str {
        "ai_studio"
    }

    fn description(&self) -> &'static str {
        "Google AI Studio: saved prompts, from Drive or a Takeout of it"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.document().is_some_and(is_prompt) { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let stem = source.stem().to_owned();
            source.each_record(Layout::Whole, Unit::Conversation, sink, |prompt, sink| {
                conversation(&prompt, &stem, sink)
            })
        })
    }
}

fn is_prompt(value: &Value) -> bool {
    let chunked = value.get("chunkedPrompt").is_some_and(Value::is_object);
    // Prompts without a single message have no chunks.
    chunked || (value.get("runSettings").is_some() && value.get("systemInstruction").is_some())
}

fn conversation(prompt: &Value, stem: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let chunked = prompt.get("chunkedPrompt").unwrap_or(&Value::Null);
    let mut run = Run::default();
    let system = prompt.get("systemInstruction").map(text_of).unwrap_or_default();
    if !system.trim().is_empty() {
        // What instructs the model was not said: folded.
        let turn = NewTurn::message(Role::System, "system", folded(system)).of_kind(Kind::Tool);
        run.turns.push(turn, sink);
    }
    for chunk in array_under(chunked, "chunks") {
        run.take(chunk, sink);
    }
    run.end(sink);
    for pending in array_under(chunked, "pendingInputs") {
        if !text_of(pending).trim().is_empty() {
            sink.skipped("prompt that was not sent", &shorten(&text_of(pending)));
        }
    }
    let turns = run.turns.into_vec();
    if turns.is_empty() {
        sink.failed("prompt without messages", stem);
        return Ok(());
    }
    let title = text_under(prompt, "displayName").or_else(|| text_under(prompt, "title"));
    sink.conversation(Conversation {
        source_id: id_under(prompt, &["id", "promptId"]),
        title: Some(title.unwrap_or(stem).to_owned()),
        started_at: instant_under(prompt, &["createTime", "updateTime"]),
        turns,
    })?;
    Ok(())
}

/// The chunks so far, and the files that wait for the words they were sent with: a file is a chunk
/// of its own, before or behind them.
#[derive(Default)]
struct Run {
    turns: Turns,
    said: Option<NewTurn>,
    files: Vec<String>,
    role: Option<Role>,
}

impl Run {
    fn take(&mut self, chunk: &Value, sink: &mut dyn Sink) {
        let role = match text_under(chunk, "role") {
            Some("user") => Role::User,
            Some("model" | "assistant") => Role::Assistant,
            _ => {
                sink.skipped("message without a known role", &shorten(&chunk.to_string()));
                return;
            }
        };
        if self.role.replace(role) != Some(role) {
            self.end(sink);
        }
        let said_at = instant_under(chunk, &["createTime"]);
        let id = id_under(chunk, &["id"]);
        let text = text_of(chunk);
        let is_thought = flag(chunk, "isThought") || flag(chunk, "thought");
        let mut fold = |run: &mut Self, kind, speaker: &str, text: String, mark: &str| {
            let role = if kind == Kind::Tool { Role::Tool } else { role };
            let mut turn = NewTurn::message(role, speaker, folded(text)).of_kind(kind).at(said_at);
            turn.source_id = id.as_ref().map(|id| format!("{id}{mark}"));
            if !turn.text.trim().is_empty() {
                run.flush(sink);
                run.turns.push(turn, sink);
            }
        };
        if is_thought {
            fold(self, Kind::Reasoning, "assistant", text.clone(), "");
        } else {
            let thoughts = array_under(chunk, "parts").iter().filter(|part| flag(part, "thought"));
            let thoughts: Vec<_> = thoughts.filter_map(|part| text_under(part, "text")).collect();
            fold(self, Kind::Reasoning, "assistant", thoughts.concat(), "#thought");
        }
        for (key, inside, speaker) in [
            ("executableCode", "code", "code"),
            ("codeExecutionResult", "output", "code"),
            ("functionCall", "name", "function"),
            ("functionResponse", "name", "function"),
            ("errorMessage", "", "error"),
        ] {
            let Some(value) = chunk.get(key) else { continue };
            let text = match value {
                Value::String(text) => text.clone(),
                value if key.starts_with("function") => value.to_string(),
                value => text_under(value, inside).unwrap_or_default().to_owned(),
            };
            fold(self, Kind::Tool, speaker, text, &format!("#{key}"));
        }
        self.files.extend(file_of(chunk));
        if !is_thought && !text.trim().is_empty() {
            self.flush(sink);
            let mut turn = NewTurn::message(role, role.as_str(), text).at(said_at);
            turn.source_id = id;
            self.said = Some(turn);
        }
    }

    /// Pushes what was said last; files that came before it or behind it are its.
    fn flush(&mut self, sink: &mut dyn Sink) {
        if let Some(mut turn) = self.said.take() {
            turn.text = turns::with_files(turn.text, &std::mem::take(&mut self.files));
            self.turns.push(turn, sink);
        }
    }

    /// Ends what one side said; files without words are kept folded.
    fn end(&mut self, sink: &mut dyn Sink) {
        self.flush(sink);
        let files = std::mem::take(&mut self.files);
        if !files.is_empty() {
            let turn = NewTurn::message(Role::User, "user", files.join("\n")).of_kind(Kind::Tool);
            self.turns.push(turn, sink);
        }
    }
}

/// Returns the text of a chunk: its own, or that of its parts.
fn text_of(chunk: &Value) -> String {
    if let Some(text) = text_under(chunk, "text") {
        return text.to_owned();
    }
    let parts = array_under(chunk, "parts").iter().filter(|part| !flag(part, "thought"));
    parts.filter_map(|part| part.as_str().or_else(|| text_under(part, "text"))).collect()
}

fn file_of(chunk: &Value) -> Option<String> {
    let named = |value: &Value| {
        ["name", "displayName", "id", "url", "mimeType"]
            .iter()
            .find_map(|key| text_under(value, key))
            .map(str::to_owned)
    };
    for key in ["driveImage", "inlineImage", "inlineData"] {
        if chunk.get(key).is_some() {
            return Some("[picture]".to_owned());
        }
    }
    for key in [
        "driveDocument",
        "driveAudio",
        "driveVideo",
        "inlineFile",
        "inlineAudio",
        "inlineVideo",
        "youtubeVideo",
        "fileData",
    ] {
        if let Some(file) = chunk.get(key) {
            return Some(turns::file(&named(file).unwrap_or_else(|| key.to_owned())));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{Counting, read_as};
    use serde_json::{Value, json};

    fn read(prompt: &Value) -> Counting {
        read_as("ai_studio", &prompt.to_string())
    }

    #[test]
    fn words_thoughts_code_and_files() {
        let sink = read(
            &json!({"runSettings": {"model": "models/m"}, "systemInstruction": {"parts": [{"text": "Be kind"}]},
            "chunkedPrompt": {"chunks": [
                {"role": "user", "driveImage": {"id": "x"}},
                {"role": "user", "text": "What is this?", "createTime": "2025-02-01T10:00:00Z"},
                {"role": "user", "text": "", "driveDocument": {"id": "d", "name": "a.pdf"}},
                {"role": "model", "text": "Hm", "isThought": true},
                {"role": "model", "executableCode": {"code": "print(1)"}},
                {"role": "model", "codeExecutionResult": {"output": "1"}},
                {"role": "model", "text": "same", "parts": [{"text": "Well", "thought": true}, {"text": "same"}]},
                {"role": "model", "parts": [{"text": "A "}, {"text": "cat"}], "createTime": "2025-02-01T10:00:09Z"},
                {"role": "user", "inlineFile": {"mimeType": "text/plain"}},
                {"role": "robot", "text": "?"}], "pendingInputs": [{"role": "user", "text": "not sent"}, {"text": ""}]}}),
        );
        assert_eq!(
            sink.said(),
            [
                "(tool) system: Be kind",
                "user: What is this?\n[picture]\n[file: a.pdf]",
                "(reasoning) assistant: Hm",
                "(tool) code: print(1)",
                "(tool) code: 1",
                "(reasoning) assistant: Well",
                "assistant: same",
                "assistant: A cat",
                "(tool) user: [file: text/plain]",
            ]
        );
        assert_eq!(sink.skipped["prompt that was not sent"], 1);
        assert_eq!(sink.skipped["message without a known role"], 1);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("download"));
        assert_eq!(sink.span().1.map(|t| t.to_string()).as_deref(), Some("2025-02-01T10:00:09Z"));
    }

    #[test]
    fn a_prompt_without_messages_is_counted() {
        let sink = read(&json!({"chunkedPrompt": {}, "title": "x"}));
        assert_eq!(sink.failed["prompt without messages"], 1);
    }
}
