//! The beginning of a file, as formats look at it to recognise their own.

use crate::import::error::shorten;
use crate::import::reading::database::{self, Tables};
use crate::import::reading::encoding::Charset;
use crate::import::reading::json::{self, Layout};
use serde_json::Value;
use std::cell::OnceCell;

/// How many bytes of a file a sample holds.
pub(in crate::import) const SAMPLE: usize = 256 << 10;

/// How many records of a sample are looked at.
const RECORDS: usize = 64;

/// The beginning of a file.
#[derive(Debug)]
pub struct Sample {
    name: String,
    head: Vec<u8>,
    whole: bool,
    text: String,
    json: OnceCell<Json>,
    tables: Option<Tables>,
}

/// The JSON that a sample begins with.
#[derive(Debug)]
enum Json {
    None,
    Document(Value),
    Lines(Vec<Value>),
}

impl Sample {
    /// Takes the first bytes of a file; `whole` says that there are no more. `name` is the path
    /// inside of the folder or archive, with `/` between its parts.
    pub fn new(name: impl Into<String>, head: Vec<u8>, whole: bool) -> Self {
        let charset = Charset::of(&head);
        let mut text = Vec::new();
        // Reading from memory cannot fail; if it did, the sample would be empty.
        if let Ok(mut reader) = charset.reader(Box::new(head.as_slice())) {
            let _ = std::io::Read::read_to_end(&mut reader, &mut text);
        }
        if !whole {
            let cut = text.len() - incomplete_tail(&text);
            text.truncate(cut);
        }
        let text = charset.text(&text).into_owned();
        Self { name: name.into(), head, whole, text, json: OnceCell::new(), tables: None }
    }

    /// The same sample, of a database with these tables.
    #[must_use]
    pub(in crate::import) fn with_tables(mut self, tables: Tables) -> Self {
        self.tables = Some(tables);
        self
    }

    /// Whether this is a database that has a table with these columns.
    pub fn has_table(&self, table: &str, columns: &[&str]) -> bool {
        self.tables.as_ref().is_some_and(|tables| database::has(tables, table, columns))
    }

    /// The path inside of the folder or archive; the file's name where it was given by itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The last part of the name, in lower case.
    pub fn file_name(&self) -> String {
        self.name.rsplit('/').next().unwrap_or_default().to_lowercase()
    }

    /// The first bytes as they are.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The first bytes as text. Bytes that are no text at all come out as some characters.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the sample holds the whole file.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    fn json(&self) -> &Json {
        self.json.get_or_init(|| {
            let text = self.text.trim_start();
            if !text.starts_with(['{', '[']) {
                return after_damage(text).map_or(Json::None, Json::Lines);
            }
            lines(text)
                .map(Json::Lines)
                .or_else(|| json::parse_prefix(text).filter(is_document).map(Json::Document))
                .unwrap_or(Json::None)
        })
    }

    /// The document that the file begins with, as far as the sample shows it; `None` for JSON
    /// Lines and for what is no JSON.
    pub fn document(&self) -> Option<&Value> {
        match self.json() {
            Json::Document(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the file is JSON Lines: several values, each on its own line.
    pub fn is_lines(&self) -> bool {
        matches!(self.json(), Json::Lines(_))
    }

    /// The first records: the lines of JSON Lines, the elements of an array, or the one object.
    pub fn records(&self) -> &[Value] {
        let records = match self.json() {
            Json::None => &[],
            Json::Lines(values) => values.as_slice(),
            Json::Document(Value::Array(values)) => values.as_slice(),
            Json::Document(value) => std::slice::from_ref(value),
        };
        &records[..records.len().min(RECORDS)]
    }

    /// Whether any of the first records is of a kind, also inside of an object that wraps them.
    pub fn any(&self, is: impl Fn(&Value) -> bool) -> bool {
        self.records().iter().any(&is) || self.wrapper(is).is_some()
    }

    /// The key of a top-level object whose array holds records of a kind.
    pub fn wrapper(&self, is: impl Fn(&Value) -> bool) -> Option<&str> {
        let object = self.document()?.as_object()?;
        object
            .iter()
            .find(|(_, value)| value.as_array().is_some_and(|a| a.iter().take(RECORDS).any(&is)))
            .map(|(key, _)| key.as_str())
    }

    /// The layout in which records of a kind stand in this file.
    pub(in crate::import) fn layout(&self, is: impl Fn(&Value) -> bool) -> Layout {
        if self.is_lines() {
            return Layout::Lines;
        }
        let wrapped = !self.document().is_some_and(&is);
        Layout::Document(self.wrapper(is).filter(|_| wrapped).map(str::to_owned))
    }

    /// Whether there is nothing in the file, and in which way.
    pub fn emptiness(&self) -> Option<&'static str> {
        if !self.whole {
            return None;
        }
        match self.text.trim_matches(|c: char| c.is_whitespace() || c == '\0') {
            "" => Some("no text"),
            "[]" => Some("an empty list"),
            "{}" => Some("an empty object"),
            text if text.len() < 40
                && text.chars().all(|c| c.is_whitespace() || "[]{},".contains(c)) =>
            {
                Some("empty lists")
            }
            _ => None,
        }
    }

    /// What kind of file this is, where its first bytes say that it is no text.
    pub fn binary(&self) -> Option<&'static str> {
        // White space, terminal colours, record separators, and the marks of IRC.
        const TEXTUAL: &[u8] = b"\t\n\r\x0C\x1B\x1E\x02\x03\x0F\x16\x1D\x1F";
        const MAGIC: [(&[u8], &str); 18] = [
            (b"\xFF\xD8\xFF", "a JPEG picture"),
            (b"\x89PNG", "a PNG picture"),
            (b"GIF8", "a GIF picture"),
            (b"RIFF", "a RIFF sound, video or WebP picture"),
            (b"%PDF", "a PDF"),
            (b"SQLite format 3\0", "an SQLite database"),
            (b"PK\x03\x04", "a ZIP archive"),
            (b"\x1F\x8B", "gzip-compressed data"),
            (b"7z\xBC\xAF", "a 7z archive"),
            (b"Rar!", "a RAR archive"),
            (b"\x28\xB5\x2F\xFD", "zstd-compressed data"),
            (b"OggS", "an Ogg sound"),
            (b"ID3", "an MP3 sound"),
            (b"\x7FELF", "a program"),
            (b"MZ", "a program"),
            (b"BZh", "bzip2-compressed data"),
            (b"\xFD7zXZ", "xz-compressed data"),
            (b"\0\0\0", "a video or other binary data"),
        ];
        let known = MAGIC.iter().find(|(magic, _)| self.head.starts_with(magic));
        let known = known.filter(|(magic, _)| *magic != b"MZ" || self.text.contains('\0'));
        known.map(|(_, kind)| *kind).or_else(|| {
            let text = self.text.as_bytes();
            let odd = text.iter().filter(|b| **b < 0x20 && !TEXTUAL.contains(b)).count();
            (odd * 50 > text.len()).then_some("binary data")
        })
    }

    /// What the content looks like, in a few words that an error message can hold.
    pub fn looks_like(&self) -> String {
        if let Some(tables) = &self.tables {
            let names = tables.keys().take(6).map(String::as_str).collect::<Vec<_>>().join(", ");
            return match names.as_str() {
                "" => "an SQLite database without tables".to_owned(),
                names => format!("an SQLite database with the tables {}", shorten(names)),
            };
        }
        if let Some(kind) = self.binary() {
            return kind.to_owned();
        }
        if let Some(what) = self.emptiness() {
            return format!("nothing ({what})");
        }
        let keys = |value: &Value| {
            let keys = value.as_object().into_iter().flat_map(|o| o.keys().take(6));
            shorten(&keys.map(String::as_str).collect::<Vec<_>>().join(", "))
        };
        match self.json() {
            Json::Lines(values) => {
                format!("JSON Lines with the keys {}", values.first().map(keys).unwrap_or_default())
            }
            Json::Document(Value::Array(values)) => match values.first() {
                Some(first @ Value::Object(_)) => {
                    format!("a JSON list with the keys {}", keys(first))
                }
                _ => "a JSON list of plain values".to_owned(),
            },
            Json::Document(value @ Value::Object(_)) => {
                format!("a JSON object with the keys {}", keys(value))
            }
            _ if self.text.trim_start().to_lowercase().starts_with("<!doctype html")
                || self.text.trim_start().starts_with("<html") =>
            {
                "a web page".to_owned()
            }
            _ => format!(
                "text that begins with “{}”",
                shorten(self.text.trim_start().lines().next().unwrap_or_default())
            ),
        }
    }
}

/// Returns the text of a file that is neither JSON nor binary: what formats of lines look at.
pub(in crate::import) fn prose(sample: &Sample) -> Option<&str> {
    let other = sample.document().is_some() || sample.is_lines() || sample.binary().is_some();
    (!other).then(|| sample.text())
}

/// Returns whether a value is more than what a line of text such as `[12:30] Name` looks like.
fn is_document(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| !item.is_number()),
        Value::Object(members) => !members.is_empty(),
        _ => false,
    }
}

/// Returns how many bytes at the end of a cut text are the beginning of a character.
fn incomplete_tail(text: &[u8]) -> usize {
    (1..=text.len().min(3))
        .find(|back| {
            let byte = text[text.len() - back];
            let needs = match byte {
                0xC0..=0xDF => 2,
                0xE0..=0xEF => 3,
                0xF0..=0xF7 => 4,
                _ => 0,
            };
            needs > *back
        })
        .unwrap_or(0)
}

/// Returns the values of a text that holds one on each line; `None` where it is something else. One
/// of the first two lines may be damaged.
fn lines(text: &str) -> Option<Vec<Value>> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().filter(|line| line.starts_with(['{', '[']))?;
    let second = lines.next().filter(|line| line.starts_with(['{', '[']))?;
    let parsed = |line: &str| json::parse(line).ok().filter(|v| v.is_object() || v.is_array());
    let (one, two) = (parsed(first), parsed(second));
    // The first lines of an indented list are a bracket by itself and the start of an object.
    if one.is_none() && (two.is_none() || first.len() < 2) {
        return None;
    }
    let rest = lines.take(RECORDS).filter_map(parsed);
    Some(one.into_iter().chain(two).chain(rest).collect())
}

/// Returns the values of JSON Lines whose first line is damaged: the next ones are objects.
fn after_damage(text: &str) -> Option<Vec<Value>> {
    const NEXT: usize = 3;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).skip(1);
    let parsed = |line: &str| json::parse(line).ok().filter(Value::is_object);
    let next: Vec<&str> = lines.by_ref().take(NEXT).collect();
    if next.len() < 2 || !next.iter().all(|line| line.starts_with('{')) {
        return None;
    }
    let mut values: Vec<Value> = next.into_iter().filter_map(parsed).collect();
    if values.len() < 2 {
        return None;
    }
    values.extend(lines.take(RECORDS).filter_map(parsed));
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample(text: &str) -> Sample {
        Sample::new("x", text.as_bytes().to_vec(), true)
    }

    #[test]
    fn tells_lines_from_documents() {
        assert!(sample("{\"a\":1}\n{\"b\":2}\n").is_lines());
        assert!(sample("{\"a\":\n{\"b\":2}\n").is_lines());
        assert!(sample("broken\n{\"a\":1}\n{\"b\":2}\n{\"c\":").is_lines());
        assert!(!sample("Look:\n{\"a\":1}\n{not\n").is_lines());
        assert!(!sample("Look:\n{\"a\":1}\nat this\n").is_lines());
        assert!(!sample("{\"a\":1}").is_lines());
        assert!(!sample("[\n{\"a\":1},\n{\"b\":2}\n]").is_lines());
        assert!(!sample("[\n{\"a\":1}\n]").is_lines());
        assert_eq!(sample("[{\"a\":1},{\"b\"").records(), [json!({"a": 1}), json!({})]);
    }

    #[test]
    fn finds_wrapped_records() {
        let wrapped = sample(r#"{"version": 1, "list": [{"a": 1}]}"#);
        let is = |v: &Value| v.get("a").is_some();
        assert_eq!(wrapped.layout(is), Layout::Document(Some("list".to_owned())));
        assert!(wrapped.any(is));
        assert_eq!(sample(r#"[{"a": 1}]"#).layout(is), Layout::Document(None));
        assert_eq!(sample(r#"{"a": [{"a": 1}]}"#).layout(is), Layout::Document(None));
    }

    #[test]
    fn says_what_it_looks_like() {
        for (bytes, expected) in [
            (&b"\xFF\xD8\xFF\xE0junk"[..], "a JPEG picture"),
            (b"SQLite format 3\0", "an SQLite database"),
            (b"", "nothing (no text)"),
            (b" [] ", "nothing (an empty list)"),
            (b"[{\"x\":1,\"y\":2}]", "a JSON list with the keys x, y"),
            (b"<!DOCTYPE html><p>", "a web page"),
            (b"[12:30] hello", "text that begins with \u{201c}[12:30] hello\u{201d}"),
            (b"hello", "text that begins with \u{201c}hello\u{201d}"),
            (b"a\x01\x02\x03\x04", "binary data"),
        ] {
            assert_eq!(Sample::new("x", bytes.to_vec(), true).looks_like(), expected);
        }
    }

    #[test]
    fn a_sample_cut_inside_a_character_stays_text() {
        let bytes = "naïve".as_bytes()[..3].to_vec();
        assert_eq!(Sample::new("x", bytes, false).text(), "na");
    }
}
