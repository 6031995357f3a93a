//! What several tests of commands need: conversations to import, and how a result is looked at.

use crate::program::Ran;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;

/// A ChatGPT export with one conversation of three messages, one branch of which was edited away.
pub(crate) fn chatgpt() -> String {
    let node =
        |id: &str, parent: Option<&str>, children: &[&str], role: &str, text: &str, at: f64| {
            json!({"id": id, "parent": parent, "children": children, "message": {
            "id": id, "author": {"role": role}, "create_time": at,
            "content": {"content_type": "text", "parts": [text]}, "metadata": {}}})
        };
    let mapping = json!({
        "root": {"id": "root", "parent": null, "children": ["m1"], "message": null},
        "m1": node("m1", Some("root"), &["m2"], "user", "Which bread did I bake on Sunday?", 1_714_900_000.0),
        "m2": node("m2", Some("m1"), &["m3"], "assistant", "You baked a rye loaf with caraway.", 1_714_900_060.0),
        "m3": node("m3", Some("m2"), &[], "user", "It took five hours to rise.", 1_714_900_120.0),
    });
    json!([{"id": "conv-1", "conversation_id": "conv-1", "title": "Bread",
        "create_time": 1_714_900_000.0, "update_time": 1_714_900_120.0,
        "mapping": mapping, "current_node": "m3"}])
    .to_string()
}

/// Two dated sessions between two people.
pub(crate) fn locomo() -> String {
    json!([{"sample_id": "garden", "qa": [], "conversation": {
        "speaker_a": "Mira", "speaker_b": "Jonas",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [
            {"speaker": "Mira", "dia_id": "D1:1", "text": "I adopted a greyhound called Pepper yesterday!"},
            {"speaker": "Jonas", "dia_id": "D1:2", "text": "Lovely. I am learning to repair clocks."}],
        "session_2_date_time": "10:00 am on 2 June, 2023",
        "session_2": [
            {"speaker": "Jonas", "dia_id": "D2:1", "text": "My first clock ticks again, an oak one from 1890."}]}}])
    .to_string()
}

pub(crate) fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Everything that must not change where a command refuses: all rows of the ground tables.
pub(crate) fn rows(memory: &Path) -> Vec<String> {
    let connection = Connection::open(memory).unwrap();
    let mut rows = Vec::new();
    for sql in [
        "SELECT 'import ' || id || format || path FROM imports",
        "SELECT 'session ' || id || source || coalesce(title, '') || turn_count FROM sessions",
        "SELECT 'turn ' || id || hex(key) || text FROM turns",
        "SELECT 'pending ' || turn_id FROM pending_embeddings",
        "SELECT 'embedding ' || sequence || hex(vector) FROM embeddings",
        "SELECT 'speaker ' || id || name FROM speakers",
    ] {
        let mut statement = connection.prepare(sql).unwrap();
        let found = statement.query_map([], |row| row.get(0)).unwrap();
        rows.extend(found.map(Result::unwrap));
    }
    rows
}

pub(crate) const JPEG: &[u8] =
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9";

/// A failure says what is wrong on one line and nothing on standard output.
#[track_caller]
pub(crate) fn assert_refused(ran: &Ran, what: &[&str]) {
    assert_eq!(ran.status, Some(1), "{what:?}: {ran:?}");
    assert_eq!(ran.out, "", "{what:?}");
    assert!(ran.err.starts_with("recount: "), "{what:?}: {}", ran.err);
    assert_eq!(ran.err.trim_end().lines().count(), 1, "{what:?}: {}", ran.err);
}
