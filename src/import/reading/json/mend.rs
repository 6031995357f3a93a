//! Parsing with one second chance for what exporters write that is not quite JSON.

use serde_json::Value;

/// Returns the value of a text, or why there is none. A text that is not JSON only because of
/// halves of surrogate pairs, raw control characters, `NaN` or `Infinity` is mended and read.
pub(in crate::import) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text).or_else(|error| match mended(text) {
        Some(mended) => serde_json::from_str(&mended).map_err(|_| error),
        None => Err(error),
    })
}

/// Returns the mended text, or `None` where there is nothing to mend.
fn mended(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut kept = 0;
    let mut at = 0;
    let mut in_string = false;
    while at < bytes.len() {
        let (skip, put): (usize, &str) = match bytes[at] {
            b'"' => {
                in_string = !in_string;
                at += 1;
                continue;
            }
            b'\\' if in_string => match escape(&bytes[at..]) {
                Escape::Fine(length) => {
                    at += length;
                    continue;
                }
                Escape::Half => (6, "\\ufffd"),
                Escape::Unknown => (1, "\\\\"),
            },
            b'\n' if in_string => (1, "\\n"),
            b'\r' if in_string => (1, "\\r"),
            b'\t' if in_string => (1, "\\t"),
            0..0x20 if in_string => (1, " "),
            b'N' if !in_string && bytes[at..].starts_with(b"NaN") => (3, "null"),
            b'-' if !in_string && bytes[at..].starts_with(b"-Infinity") => (9, "null"),
            b'I' if !in_string && bytes[at..].starts_with(b"Infinity") => (8, "null"),
            _ => {
                at += 1;
                continue;
            }
        };
        out.push_str(&text[kept..at]);
        out.push_str(put);
        at += skip;
        kept = at;
    }
    if kept == 0 {
        return None;
    }
    out.push_str(&text[kept..]);
    Some(out)
}

enum Escape {
    /// As long as this, and right.
    Fine(usize),
    /// Half of a surrogate pair.
    Half,
    /// No escape that JSON knows.
    Unknown,
}

fn escape(bytes: &[u8]) -> Escape {
    match bytes.get(1) {
        Some(b'u') => match unit(bytes) {
            Some(0xD800..=0xDBFF) => match bytes.get(6..).and_then(unit) {
                Some(0xDC00..=0xDFFF) => Escape::Fine(12),
                _ => Escape::Half,
            },
            Some(0xDC00..=0xDFFF) => Escape::Half,
            Some(_) => Escape::Fine(6),
            None => Escape::Unknown,
        },
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Escape::Fine(2),
        _ => Escape::Unknown,
    }
}

/// Returns the UTF-16 unit of a `\uXXXX` at the start.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | (*digit as char).to_digit(16)? as u16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, expected: Option<&Value>) {
        assert_eq!(parse(text).ok().as_ref(), expected, "{text}");
    }

    #[test]
    fn mends_what_exporters_write_wrongly() {
        check(r#"{"a": 1}"#, Some(&json!({"a": 1})));
        check(r#"["\ud83d\udeb2"]"#, Some(&json!(["🚲"])));
        check(r#"["cut \ud83d"]"#, Some(&json!(["cut \u{fffd}"])));
        check(
            r#"["cut \udeb2 and \ud83d\ud83d\udeb2"]"#,
            Some(&json!(["cut \u{fffd} and \u{fffd}🚲"])),
        );
        check("[\"two\nlines\tand \u{1}\"]", Some(&json!(["two\nlines\tand  "])));
        check(
            r#"{"a": NaN, "b": -Infinity, "c": "NaN"}"#,
            Some(&json!({"a": null, "b": null, "c": "NaN"})),
        );
        check(r#"["C:\path"]"#, Some(&json!(["C:\\path"])));
        check("{", None);
        check("[\"\\", None);
    }
}
