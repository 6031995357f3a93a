//! Conversations as text: our own export, the logs of the `llm` tool and of `aider`, markdown with a heading for each speaker, and
//! plain transcripts (`Name: text`).
//!
//! Headings inside of code fences are part of what was said.

mod aider;
mod lines;
mod llm;
mod own;
mod transcript;
mod words;

use crate::import::error::ImportError;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};

/// A longer text is no conversation that somebody wrote down.
const LARGEST: usize = 128 << 20;

/// The format `markdown`.
pub(super) struct Markdown;

impl Importer for Markdown {
    fn format(&self) -> &'static str {
        "markdown"
    }

    fn description(&self) -> &'static str {
        "markdown and plain transcripts: llm and aider logs, ## Prompt/## Response, #### You:, User:/Assistant:, Name: text"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.document().is_some() || sample.is_lines() || sample.binary().is_some() {
            return Confidence::No;
        }
        if own::is_export(sample.text())
            || llm::is_log(sample.text())
            || aider::is_log(sample.text())
        {
            return Confidence::Certain;
        }
        match transcript::Style::of(sample.text()) {
            Some(transcript::Style::Headings | transcript::Style::Bold) => Confidence::Likely,
            Some(_) => Confidence::Possible,
            None => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let text = source.whole_text(LARGEST, sink)?;
            if own::is_export(&text) {
                return own::read(&text, sink);
            }
            if llm::is_log(&text) {
                return llm::read(&text, sink);
            }
            if aider::is_log(&text) {
                return aider::read(&text, options, sink);
            }
            transcript::read(&text, source.stem(), options, sink)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read_as("markdown", text).said(), expected, "{text}");
        let crlf = read_as("markdown", &text.replace('\n', "\r\n"));
        assert_eq!(crlf.said().len(), expected.len(), "with CRLF: {text}");
    }

    #[test]
    fn logs() {
        let log = "# 2024-05-01T10:00:00    conversation: c1 id: r1\n\nModel: **m**\n\n## Prompt\n\nWhy?\n\n## System\n\nBe brief.\n\n\
                   ## Response\n\nBecause:\n\n```\n# 2024-05-01T10:00:00    conversation: x id: y\n## Prompt\n```\n\n## Prompt\n\nis a heading.\n\n\
                   # 2024-05-01T10:01:00    conversation: c2 id: r2\n\n## Prompt\n\nOther\n\n## Response\n\nYes\n\n\
                   # 2024-05-01T10:02:00    conversation: c1 id: r3\n\n## Prompt\n\nMore?\n\n## Response\n\nNo\n";
        let sink = read_as("markdown", log);
        let ids: Vec<_> =
            sink.conversations.iter().filter_map(|c| c.source_id.as_deref()).collect();
        assert_eq!(ids, ["c1", "c2"]);
        let said = sink.said();
        assert_eq!(said[..2], ["system: Be brief.", "user: Why?"]);
        assert!(said[2].ends_with("## Prompt\n\nis a heading."), "{}", said[2]);
        assert_eq!(said[3..], ["user: More?", "assistant: No", "user: Other", "assistant: Yes"]);
        let turn = &sink.conversations[0].turns[1];
        assert_eq!(turn.source_id.as_deref(), Some("r1/prompt"));
        assert_eq!(turn.said_at.map(|t| t.to_string()).as_deref(), Some("2024-05-01T10:00:00Z"));
    }

    #[test]
    fn headings_for_speakers() {
        check(
            "# My chat\n\n#### You:\nHi\n\n```md\n#### You:\nnot me\n```\n\n#### ChatGPT:\nHello\n\n## A heading\n\nof the answer\n\n---\n\n#### You:\nBye\n",
            &[
                "user: Hi\n\n```md\n#### You:\nnot me\n```",
                "ChatGPT: Hello\n\n## A heading\n\nof the answer",
                "user: Bye",
            ],
        );
        check("## Prompt\n\na\n\n## Response\n\nb\n", &["user: a", "assistant: b"]);
        check(
            "## Prompt:\na\n## Response:\nb\n## Prompt:\nc\n",
            &["user: a", "assistant: b", "user: c"],
        );
        check("### 👤 User\na\n### 🤖 Assistant\nb\n", &["user: a", "assistant: b"]);
        check("###### You said:\na\n###### ChatGPT said:\nb\n", &["user: a", "ChatGPT: b"]);
        let sink = read_as("markdown", "# Title\n## User (2024-05-01 10:00)\na\n## Assistant\nb\n");
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Title"));
        assert_eq!(sink.span().0.map(|t| t.to_string()).as_deref(), Some("2024-05-01T10:00:00Z"));
    }

    #[test]
    fn times_and_plugins_as_chatgpt_exporter_writes_them() {
        let time = |clock: &str| {
            format!("<time datetime=\"2024-05-01T{clock}:00.000Z\" title=\"x\">{clock}</time>")
        };
        let text = format!(
            "# Tea\n\n#### You:\n{}\n\nWhich tea?\n\n#### Plugin (browser):\n{}\n\na page\n\n#### ChatGPT:\n{}\n\n<details>\n<summary>Thought for 2 seconds</summary>\n\nHm\n\n</details>\n\nGreen.\n",
            time("10:00"),
            time("10:01"),
            time("10:02")
        );
        let sink = read_as("markdown", &text);
        assert_eq!(
            sink.said(),
            [
                "user: Which tea?",
                "(tool) Plugin: a page",
                "(reasoning) ChatGPT: Hm",
                "ChatGPT: Green."
            ]
        );
        let turns = sink.conversations[0].turns.iter();
        let times: Vec<String> = turns
            .filter(|turn| turn.kind != crate::conversation::Kind::Reasoning)
            .filter_map(|turn| turn.said_at.map(|time| time.to_string()))
            .collect();
        assert_eq!(times, ["2024-05-01T10:00:00Z", "2024-05-01T10:01:00Z", "2024-05-01T10:02:00Z"]);
    }

    #[test]
    fn headings_of_other_languages() {
        check("#### Du hast gesagt:\na\n#### ChatGPT hat gesagt:\nb\n", &["user: a", "ChatGPT: b"]);
        check("###### Vous avez dit :\na\n###### ChatGPT a dit :\nb\n", &["user: a", "ChatGPT: b"]);
        check("用户：你好\n助手：您好\n", &["user: 你好", "assistant: 您好"]);
        check("Usuario: hola\nAsistente: buenas\n", &["user: hola", "assistant: buenas"]);
    }

    #[test]
    fn names_before_what_they_say() {
        check(
            "User: Hi\nAssistant: Hello\nthere\n\nUser: Bye\n",
            &["user: Hi", "assistant: Hello\nthere", "user: Bye"],
        );
        check(
            "Ada: Hi\nBob: Hello\nAda: Note this:\nNote: it rains\n",
            &["Ada: Hi", "Bob: Hello", "Ada: Note this:\nNote: it rains"],
        );
        check("**You:** Hi\n\n**Claude:** Hello\n", &["user: Hi", "Claude: Hello"]);
        check("**User**: Hi\n\n**Assistant**: Hello\n", &["user: Hi", "assistant: Hello"]);
        check("Human: Hi\n\nAI: Hello\n", &["user: Hi", "AI: Hello"]);
        check(
            "Dr. Ada Byron: Hi\nBob: Ho\nDr. Ada Byron: Bye\n",
            &["Dr. Ada Byron: Hi", "Bob: Ho", "Dr. Ada Byron: Bye"],
        );
        check(
            "User:\nHi\n```\nUser: in code\n```\nAssistant:\nHo\n",
            &["user: Hi\n```\nUser: in code\n```", "assistant: Ho"],
        );
        check(
            "---\ntitle: A talk\ndate: 2024-05-01\n---\n\nUser: Hi\nAssistant: Ho\n",
            &["user: Hi", "assistant: Ho"],
        );
    }

    #[test]
    fn speakers_in_bold_on_lines_of_their_own() {
        for (user, assistant) in [
            ("**User**", "**Cursor**"),
            ("_**User (2025-03-01 10:00Z)**_", "_**Agent (model x, mode Ask)**_"),
            ("> **user**", "> **assistant**"),
        ] {
            let text = format!(
                "# A title\n\n{user}\n\nHi\n\n---\n\n{assistant}\n\n**Bold** text\n\n**Note**\n"
            );
            let sink = read_as("markdown", &text);
            let said: Vec<&str> = sink.messages().map(|turn| turn.text.as_str()).collect();
            assert_eq!(said, ["Hi", "**Bold** text\n\n**Note**"], "{text}");
        }
    }

    #[test]
    fn names_behind_a_time() {
        for text in [
            "[10:00:05] Ada: Hi\n[10:00:07] Bob: Ho: yes\n",
            "(10:00:05 AM) Ada: Hi\n(10:00:07 AM) Bob: Ho: yes\n",
            "2024-05-01 10:00:05 Ada: Hi\n2024-05-01 10:00:07 Bob: Ho: yes\n",
            "2024-05-01T10:00:05Z  Ada: Hi\n2024-05-01T10:00:07Z  Bob: Ho: yes\n",
            "10:00:05 am Ada: Hi\n10:00:07 am Bob: Ho: yes\n",
        ] {
            check(text, &["Ada: Hi", "Bob: Ho: yes"]);
        }
        let sink = read_as("markdown", "[10:00:05] Ada: Hi\n[10:00:07] Bob: Ho\n");
        assert_eq!(sink.conversations[0].turns[1].said_at_text.as_deref(), Some("10:00:07"));
        check("10:00 Tom: Hi\n10:01 Zoe: Ho\n", &["Tom: Hi", "Zoe: Ho"]);
        let log = "2024-05-01 10:00:05 INFO: up\n2024-05-01 10:00:06 WARN: slow\n2024-05-01 10:00:07 INFO: ok\n";
        assert!(!read_bytes(log.as_bytes()).1.formats.contains(&"markdown"));
    }

    #[test]
    fn names_with_how_far_the_recording_is() {
        let text = "Ada Byron  0:00  \nShall we begin?\n\nSpeaker 2  0:15\nYes:\n\nat 9:30\n\nAda Byron  1:02:05\nGood.\n";
        let sink = read_as("markdown", text);
        let said = ["Ada Byron: Shall we begin?", "Speaker 2: Yes:\n\nat 9:30", "Ada Byron: Good."];
        assert_eq!(sink.said(), said);
        assert_eq!(sink.conversations[0].turns[1].said_at_text.as_deref(), Some("0:15"));
    }

    #[test]
    fn other_texts_are_no_transcripts() {
        for text in [
            "Today: nothing\nMood: fine\nWeather: rain\n",
            "# Soup\n\nServes: 4\nTime: 20 min\n\nBoil water: yes\nSalt: a pinch\n",
            "Just a letter.\n\nDear Ada: it rains.\n\nYours\n",
            "# Readme\n\nInstall: run make\n\nUsage: run it\n\nThis is long.\n\nSo is this.\n\nAnd this.\n",
            "model: x\nsave_session: true\nmessages:\n- role: user\n  content: hi\n",
            "From ada@example.org Mon\nFrom: Ada\nSubject: Hi\n\nText\n",
            "WEBVTT\nKind: captions\nLanguage: en\n\n00:00.000 --> 00:01.000\nHi\n",
            "1/2/24, 10:00 - Ada: Hi\n1/2/24, 10:01 - Bob: Ho\n",
            "[10:00] <ada> hi\n[10:01] <bob> ho\n",
            "10:00\tAda\thi\n10:01\tBob\tho\n",
            "fn main() {\n    let x: u8 = 1;\n}\n",
        ] {
            let (_, sink) = read_bytes(text.as_bytes());
            assert!(!sink.formats.contains(&"markdown"), "{text}");
        }
    }
}
