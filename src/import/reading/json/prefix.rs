//! What can be known of a JSON document from its beginning alone.

use serde_json::{Map, Value};

/// Containers deeper than this are left empty: no format is recognised by what is so deep.
const DEPTH: usize = 48;

/// Returns the value that a text begins with. Where the text ends too early (or turns into
/// something that is not JSON), what stood before is kept; `None` if there is nothing at all.
pub(in crate::import) fn parse_prefix(text: &str) -> Option<Value> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, cut: false };
    reader.value(0)
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The end or damage was met: everything that is open closes now.
    cut: bool,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        let byte = self.bytes.get(self.at).copied();
        self.cut |= byte.is_none();
        byte
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        match self.peek()? {
            b'{' | b'[' if depth >= DEPTH => {
                self.cut = true;
                None
            }
            b'{' => Some(self.object(depth)),
            b'[' => Some(self.array(depth)),
            b'"' => self.string().map(Value::String),
            _ => self.scalar(),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut map = Map::new();
        self.at += 1;
        while !self.cut {
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let Some(key) = self.string() else { break };
                    if self.peek() != Some(b':') {
                        self.cut = true;
                        break;
                    }
                    self.at += 1;
                    let value = self.value(depth + 1);
                    map.insert(key, value.unwrap_or(Value::Null));
                }
                _ => self.cut = true,
            }
        }
        Value::Object(map)
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut items = Vec::new();
        self.at += 1;
        while !self.cut {
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(_) => items.extend(self.value(depth + 1)),
                None => {}
            }
        }
        Value::Array(items)
    }

    /// Reads a string; one that is cut off keeps what there is.
    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'\\') => self.at += 2,
                Some(b'"') => {
                    self.at += 1;
                    let raw = std::str::from_utf8(self.bytes.get(start..self.at)?).ok()?;
                    return super::parse(raw).ok()?.as_str().map(str::to_owned);
                }
                Some(_) => self.at += 1,
                None => {
                    self.cut = true;
                    let raw = self.bytes.get(start + 1..)?;
                    return Some(String::from_utf8_lossy(raw).into_owned());
                }
            }
        }
    }

    fn scalar(&mut self) -> Option<Value> {
        let start = self.at;
        while let Some(byte) = self.bytes.get(self.at) {
            if matches!(byte, b',' | b']' | b'}' | b'{' | b'[' | b'"') || byte.is_ascii_whitespace()
            {
                break;
            }
            self.at += 1;
        }
        let value = std::str::from_utf8(&self.bytes[start..self.at])
            .ok()
            .and_then(|raw| super::parse(raw).ok());
        self.cut |= value.is_none() || self.at == start;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keeps_what_stands_before_the_end() {
        for (text, expected) in [
            (r#"{"a": [1, 2], "b": "x"}"#, json!({"a": [1, 2], "b": "x"})),
            (
                r#"[{"id": "1", "list": [{"role": "us"#,
                json!([{"id": "1", "list": [{"role": "us"}]}]),
            ),
            (r#"{"a": 1, "b"#, json!({"a": 1})),
            (r#"{"a": tru"#, json!({"a": null})),
            ("[1, what, 3]", json!([1])),
        ] {
            assert_eq!(parse_prefix(text), Some(expected), "{text}");
        }
        assert_eq!(parse_prefix("  "), None);
        assert!(parse_prefix(&"[".repeat(100_000)).is_some());
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[\\[\\]{}\",:a\\\\ 1]{0,64}") {
            let _ = parse_prefix(&text);
        }
    }
}
