//! An import that is stopped, and the same import again.

use super::super::tests::assistant;
use super::*;
use serde_json::json;

/// So many conversations of four messages each.
fn file(folder: &Path, conversations: usize) -> PathBuf {
    let path = folder.join("many.jsonl");
    let lines: Vec<String> = (0..conversations)
        .map(|number| {
            let said = |role: &str, n: usize| json!({"role": role, "content": format!("{number} says {n}")});
            let messages = [said("user", 0), said("assistant", 1), said("user", 2), said("assistant", 3)];
            json!({"id": format!("c{number}"), "messages": messages}).to_string()
        })
        .collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    path
}

#[test]
fn a_stopped_import_keeps_what_it_read_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = [file(folder.path(), 60)];
    let whole = assistant();
    let options = ImportOptions::default();
    whole.import(&path, &options, &Cancel::new(), &mut |_| ()).unwrap();
    for stop_at in [1, 7, 40] {
        let assistant = assistant();
        let cancel = Cancel::new();
        let stopped = assistant.import(&path, &options, &cancel, &mut |so_far| {
            if so_far.conversations == stop_at {
                cancel.cancel();
            }
        });
        assert!(matches!(stopped, Err(AssistantError::Cancelled)), "{stopped:?}");
        let kept = assistant.status().unwrap().turns;
        assert_eq!(kept, stop_at * 4, "what was read is there");
        let hits = assistant.search_words(&crate::evidence::Query::new("says"), 9).unwrap();
        assert!(!hits.is_empty(), "and found by its words");
        let report = assistant.import(&path, &options, &Cancel::new(), &mut |_| ()).unwrap();
        assert_eq!((report.messages.new, report.messages.duplicate), (240 - kept, kept));
        let sessions = |assistant: &Assistant| assistant.status().unwrap().sessions;
        assert_eq!(sessions(&assistant), sessions(&whole));
        assert_eq!(assistant.status().unwrap().turns, 240);
    }
}

/// A log of an agent of so many prompts and answers, longer than what is held of one; every fiftieth
/// prompt was taken back and put otherwise.
fn agent_log(prompts: usize, edited: Option<usize>) -> String {
    let mut log = String::new();
    let mut parent = None;
    let mut record = |id: String, parent: &Option<String>, role: &str, text: String| {
        let message = json!({"role": role, "content": text});
        let line = json!({"uuid": id, "parentUuid": parent, "sessionId": "s", "type": role,
            "timestamp": "2025-06-01T10:00:00Z", "message": message});
        log.push_str(&line.to_string());
        log.push('\n');
        id
    };
    for n in 0..prompts {
        let words = "words ".repeat(20);
        let mark = if edited == Some(n) { "anew" } else { "first" };
        if n % 50 == 0 {
            record(format!("x{n}"), &parent, "user", format!("taken back {n} {words}"));
        }
        let prompt = record(format!("p{n}"), &parent, "user", format!("{mark} {n} {words}"));
        parent =
            Some(record(format!("a{n}"), &Some(prompt), "assistant", format!("yes {n} {words}")));
    }
    log
}

/// A chat of so many messages, of which two stand in each minute.
fn chat(messages: usize) -> String {
    let line = |n: usize| {
        let (hour, minute) = (n / 120 % 24, n / 2 % 60);
        let words = "words ".repeat(10);
        format!("04/15/23, {hour:02}:{minute:02} - Ada: says {n} {words}\nand more\n")
    };
    (0..messages).map(line).collect()
}

/// The first two lengths are known again in the third; turns of each are counted.
#[test]
fn a_conversation_that_is_not_held_is_known_again_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let (log, text) = (folder.path().join("s.jsonl"), folder.path().join("chat.txt"));
    let cancel = Cancel::new();
    let options = ImportOptions::default();
    let dry = ImportOptions { dry_run: true, ..ImportOptions::default() };
    let logs = [(agent_log(400, None), 808), (agent_log(450, Some(7)), 909)];
    let chats = [(chat(900), 900), (chat(1000), 1000)];
    for (path, [(short, few), (longer, many)]) in [(log, logs), (text, chats)] {
        let assistant = assistant();
        let run = |options: &ImportOptions| {
            let path = std::slice::from_ref(&path);
            let report = assistant.import(path, options, &cancel, &mut |_| ()).unwrap();
            (report.messages.new, report.messages.duplicate, report.messages.edited)
        };
        std::fs::write(&path, short).unwrap();
        assert_eq!(run(&dry), (few, 0, 0));
        assert_eq!(run(&options), (few, 0, 0));
        assert_eq!(run(&dry), (0, few, 0));
        assert_eq!(run(&options), (0, few, 0));
        let before = assistant.imports().unwrap();
        assert_eq!(before.len(), 1);
        let edited = u64::from(longer.contains("anew"));
        std::fs::write(&path, longer).unwrap();
        assert_eq!(run(&dry), (many - few, few - edited, edited));
        assert_eq!(run(&options), (many - few, few - edited, edited));
        assert_eq!(assistant.status().unwrap().turns, many);
        let last = assistant.imports().unwrap()[0].id;
        assert_eq!(
            assistant.undo_import(last, &Cancel::new(), &mut |_, _| {}).unwrap().messages,
            many - few
        );
        assert_eq!(assistant.status().unwrap().turns, few);
        assert_eq!(run(&options), (many - few, few - edited, edited));
        for import in assistant.imports().unwrap() {
            assistant.undo_import(import.id, &Cancel::new(), &mut |_, _| {}).unwrap();
        }
        let status = assistant.status().unwrap();
        assert_eq!((status.turns, status.sessions), (0, 0));
    }
}
