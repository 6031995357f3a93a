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
