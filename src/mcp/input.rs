//! What comes in, bounded: a request that is too long is answered with an error instead of being
//! read into memory, or dropped without a word.

use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader, DuplexStream, duplex,
};

/// The longest request, in bytes. The longest note that anybody would send is far below it.
const LONGEST: usize = 8 << 20;
/// So much of a request that is too long is looked at for its id.
const HEAD: usize = 64 << 10;
/// The method under which a request that is too long goes on.
pub(super) const TOO_LONG: &str = "recount/too-long";
/// What is answered to it.
pub(super) const WHY: &str =
    "the request is longer than 8 MB; send less at once, and import files with `recount import`";

/// What is read from `input`, without requests that are too long: each of them becomes a short one
/// of the method [`TOO_LONG`], with its id.
pub(super) fn bounded(input: impl AsyncRead + Send + Unpin + 'static) -> DuplexStream {
    let (inside, outside) = duplex(64 << 10);
    tokio::spawn(pass(BufReader::new(input), inside, LONGEST));
    outside
}

async fn pass(
    mut input: BufReader<impl AsyncRead + Unpin>,
    mut output: DuplexStream,
    longest: usize,
) {
    let mut line: Vec<u8> = Vec::new();
    let mut length = 0;
    loop {
        let Ok(read) = input.fill_buf().await else { return };
        let end = read.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(read.len(), |at| at + 1);
        length += taken;
        // Of one that is too long only the head is kept.
        line.extend_from_slice(&read[..taken]);
        if length > longest {
            line.truncate(HEAD);
        }
        input.consume(taken);
        if end.is_none() && taken > 0 {
            continue;
        }
        if length > longest {
            line = short(&line);
        }
        if output.write_all(&line).await.is_err() || taken == 0 {
            return;
        }
        line.clear();
        length = 0;
    }
}

/// The short request in place of one that is too long, of which `head` is the beginning. Without an
/// id it is answered to nobody in particular.
fn short(head: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(head);
    let mut request = json!({"jsonrpc": "2.0", "method": TOO_LONG, "params": {}});
    request["id"] = id(&text).unwrap_or(Value::Null);
    let mut line = request.to_string().into_bytes();
    line.push(b'\n');
    line
}

/// The value of `"id"` at the top of an object whose end may be missing.
fn id(text: &str) -> Option<Value> {
    let mut depth = 0;
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        match char {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            '"' => {
                // A text that is cut off ends what is known.
                let mut strings = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let string = strings.next()?.ok()?;
                let end = strings.byte_offset();
                rest = &rest[end..];
                let value = rest.trim_start().strip_prefix(':');
                if depth == 1
                    && string == "id"
                    && let Some(value) = value
                {
                    return serde_json::Deserializer::from_str(value).into_iter().next()?.ok();
                }
                continue;
            }
            _ => {}
        }
        rest = &rest[char.len_utf8()..];
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    fn passed(input: &[u8], longest: usize) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut out = String::new();
        runtime.block_on(async {
            let (inside, mut outside) = duplex(1 << 20);
            let input = BufReader::with_capacity(7, std::io::Cursor::new(input.to_vec()));
            pass(input, inside, longest).await;
            outside.read_to_string(&mut out).await.unwrap();
        });
        out
    }

    #[test]
    fn only_what_is_too_long_is_changed() {
        let usual = "{\"id\":1}\n\n{\"id\":2,\"x\":\"abc\"}\n{\"id\":3}";
        assert_eq!(passed(usual.as_bytes(), 40), usual);
        let long = format!("{{\"id\":7,\"params\":\"{}\"}}\n{{\"id\":8}}\n", "x".repeat(100));
        let told = passed(long.as_bytes(), 40);
        let lines: Vec<Value> =
            told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines.len(), &lines[0]["id"], &lines[1]["id"]), (2, &json!(7), &json!(8)));
        assert_eq!(lines[0]["method"], TOO_LONG);
    }

    #[test]
    fn the_id_of_a_request_that_is_cut_off_is_found() {
        for (head, found) in [
            (r#"{"jsonrpc":"2.0","id":5,"params":{"te"#, json!(5)),
            (r#"{"params":{"id":9,"a":"}\"id\":8"}, "id" : "seven","meth"#, json!("seven")),
            (r#"{"method":"id","id":4}"#, json!(4)),
        ] {
            assert_eq!(id(head), Some(found), "{head}");
        }
        assert_eq!(id(r#"{"params":{"id":9,"text":"xxx"#), None);
        assert_eq!(id("not json"), None);
    }
}
