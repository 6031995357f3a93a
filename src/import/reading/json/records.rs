//! Splits a stream of JSON into records without parsing it.

use crate::import::error::shorten;
use crate::import::reading::encoding::Charset;
use serde_json::Value;
use std::io::{self, BufRead};

/// A longer record is passed over: a conversation of this many bytes is damage, and its tree would
/// not fit the memory that an import may take.
const LARGEST: usize = 96 << 20;

/// And so is one of more values: each takes many times the room of its text.
const VALUES: usize = 8 << 20;

/// One record of a stream.
#[derive(Debug)]
pub(in crate::import) enum Record {
    /// A readable one.
    Value(Value),
    /// One that cannot be read: the reason, and its beginning.
    Bad(&'static str, String),
    /// The stream ended in the middle of a record or of the document.
    Cut,
    /// A member of an object around records ([`Layout::Parts`]): its key and value.
    Member(String, Value),
    /// The end of such an object.
    End,
}

/// How a stream is divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::import) enum Layout {
    /// Values one after the other; the elements of a top-level array are records of their own,
    /// and so are those of the array under a key of a top-level object, if one is given.
    Document(Option<String>),
    /// A value on each line.
    Lines,
    /// One value, whole.
    Whole,
    /// Records somewhere inside of objects that say something about them.
    Parts(Parts),
}

/// Where in a document records stand that belong together, such as the messages of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) struct Parts {
    /// The keys of the arrays whose elements are records.
    pub(in crate::import) records: &'static [&'static str],
    /// The keys of objects and arrays in which such arrays stand.
    pub(in crate::import) around: &'static [&'static str],
    /// The keys of the members that say something about the records beside them. With
    /// [`Parts::ANY`] among them the key of an object around records is told too, as a member of that
    /// name when the object begins.
    pub(in crate::import) members: &'static [&'static str],
}

impl Parts {
    /// Stands for any key: of objects around records that are named by an identity.
    pub(in crate::import) const ANY: &'static str = "*";
}

/// The records of a stream, in its order.
pub(in crate::import) struct Records<R> {
    reader: R,
    charset: Charset,
    layout: Layout,
    inside: Vec<Inside>,
    ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Array,
    /// An array of objects around records.
    Around,
    Object,
    /// An object whose members are records, under their identities.
    Keyed,
}

/// How a piece of the stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Whole,
    TooLong,
    Cut,
}

impl<R: BufRead> Records<R> {
    /// Starts on a reader from which nothing was read.
    pub(in crate::import) fn new(reader: R, charset: Charset, layout: Layout) -> Self {
        Self { reader, charset, layout, inside: Vec::new(), ended: false }
    }

    /// Returns the next record, or `None` at the end. After a [`Record::Cut`] comes nothing.
    pub(in crate::import) fn next(&mut self) -> io::Result<Option<Record>> {
        if self.ended {
            return Ok(None);
        }
        let record =
            if self.layout == Layout::Lines { self.next_line()? } else { self.next_value()? };
        self.ended = matches!(record, None | Some(Record::Cut));
        Ok(record)
    }

    fn next_line(&mut self) -> io::Result<Option<Record>> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let Some(mut piece) = read_line(&mut self.reader, &mut line, LARGEST)? else {
                return Ok(None);
            };
            if values_of(&line) > VALUES {
                piece = Piece::TooLong;
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let record = self.record(&line, piece);
            // What is wrong with the last line is mostly that it was still being written.
            let last = self.reader.fill_buf()?.is_empty();
            return Ok(Some(match record {
                Record::Bad(..) if last && !line.ends_with(b"\n") => Record::Cut,
                record => record,
            }));
        }
    }

    fn next_value(&mut self) -> io::Result<Option<Record>> {
        loop {
            let Some(byte) = self.peek()? else {
                return Ok((!self.inside.is_empty()).then_some(Record::Cut));
            };
            match (byte, self.inside.last()) {
                (b']', Some(Inside::Array | Inside::Around)) | (b'}', Some(Inside::Object)) => {
                    self.reader.consume(1);
                    let ended = self.inside.pop();
                    if ended == Some(Inside::Object) && matches!(self.layout, Layout::Parts(_)) {
                        return Ok(Some(Record::End));
                    }
                }
                (b'}', Some(Inside::Keyed)) => {
                    self.reader.consume(1);
                    self.inside.pop();
                }
                (b'"', Some(Inside::Keyed)) => {
                    if self.capture(None)? == Piece::Cut {
                        return Ok(Some(Record::Cut));
                    }
                    if self.peek()? == Some(b':') {
                        self.reader.consume(1);
                    }
                    if self.peek()?.is_none() {
                        return Ok(Some(Record::Cut));
                    }
                    let mut bytes = Vec::new();
                    let piece = self.capture(Some(&mut bytes))?;
                    return Ok(Some(self.record(&bytes, piece)));
                }
                (_, Some(Inside::Keyed)) => self.reader.consume(1),
                (_, Some(Inside::Object)) => {
                    if let Some(record) = self.member(byte)? {
                        return Ok(Some(record));
                    }
                }
                (b'[', None) if matches!(self.layout, Layout::Parts(_)) => {
                    self.reader.consume(1);
                    self.inside.push(Inside::Around);
                }
                (b'[', None) if self.layout != Layout::Whole => {
                    self.reader.consume(1);
                    self.inside.push(Inside::Array);
                }
                (b'{', Some(Inside::Around)) => {
                    self.reader.consume(1);
                    self.inside.push(Inside::Object);
                }
                (_, Some(Inside::Around)) => {
                    if self.capture(None)? == Piece::Cut {
                        return Ok(Some(Record::Cut));
                    }
                }
                (b'{', None)
                    if matches!(self.layout, Layout::Document(Some(_)) | Layout::Parts(_)) =>
                {
                    self.reader.consume(1);
                    self.inside.push(Inside::Object);
                }
                _ => {
                    let mut bytes = Vec::new();
                    let piece = self.capture(Some(&mut bytes))?;
                    return Ok(Some(self.record(&bytes, piece)));
                }
            }
        }
    }

    /// Reads a member of the wrapping object: enters the wanted array, passes over the rest.
    fn member(&mut self, byte: u8) -> io::Result<Option<Record>> {
        if byte != b'"' {
            self.reader.consume(1);
            return Ok(None);
        }
        let mut key = Vec::new();
        if self.capture(Some(&mut key))? == Piece::Cut {
            return Ok(Some(Record::Cut));
        }
        let key = serde_json::from_slice::<String>(&key).unwrap_or_default();
        if self.peek()? == Some(b':') {
            self.reader.consume(1);
        }
        if let Layout::Parts(parts) = self.layout {
            return self.part(parts, key);
        }
        let wanted = matches!(&self.layout, Layout::Document(Some(wanted)) if key == *wanted);
        match self.peek()? {
            Some(b'[') if wanted => {
                self.reader.consume(1);
                self.inside.push(Inside::Array);
                Ok(None)
            }
            Some(_) => Ok((self.capture(None)? == Piece::Cut).then_some(Record::Cut)),
            None => Ok(Some(Record::Cut)),
        }
    }

    /// Reads a member of an object around records: enters what holds them, keeps what says
    /// something about them, passes over the rest.
    fn part(&mut self, parts: Parts, key: String) -> io::Result<Option<Record>> {
        let named = self.inside.len() == 1 && parts.around.contains(&Parts::ANY);
        let around = named || parts.around.contains(&key.as_str());
        let enter = match self.peek()? {
            Some(b'[') if parts.records.contains(&key.as_str()) => Some(Inside::Array),
            Some(b'{') if parts.records.contains(&key.as_str()) => Some(Inside::Keyed),
            Some(b'[') if around => Some(Inside::Around),
            Some(b'{') if around => Some(Inside::Object),
            Some(_) => None,
            None => return Ok(Some(Record::Cut)),
        };
        if let Some(enter) = enter {
            self.reader.consume(1);
            self.inside.push(enter);
            let told = named && enter == Inside::Object && parts.members.contains(&Parts::ANY);
            return Ok(told.then(|| Record::Member(Parts::ANY.to_owned(), Value::String(key))));
        }
        if !parts.members.contains(&key.as_str()) {
            return Ok((self.capture(None)? == Piece::Cut).then_some(Record::Cut));
        }
        let mut bytes = Vec::new();
        let piece = self.capture(Some(&mut bytes))?;
        Ok(Some(match self.record(&bytes, piece) {
            Record::Value(value) => Record::Member(key, value),
            other => other,
        }))
    }

    fn record(&self, bytes: &[u8], piece: Piece) -> Record {
        let beginning = || shorten(&self.charset.text(&bytes[..bytes.len().min(400)]));
        match piece {
            Piece::Cut => Record::Cut,
            Piece::TooLong => Record::Bad("record is too long", beginning()),
            Piece::Whole => match super::parse(&self.charset.text(bytes)) {
                Ok(value) => Record::Value(value),
                Err(error) if error.to_string().contains("recursion") => {
                    Record::Bad("record is nested too deeply", beginning())
                }
                Err(_) => Record::Bad("record is not valid JSON", beginning()),
            },
        }
    }

    /// Returns the next byte that is neither white space nor a comma between records.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let blank = chunk
                .iter()
                .position(|b| !(b.is_ascii_whitespace() || matches!(b, b',' | 0x1E | 0)));
            if let Some(at) = blank {
                let byte = chunk[at];
                self.reader.consume(at);
                return Ok(Some(byte));
            }
            let length = chunk.len();
            self.reader.consume(length);
        }
    }

    /// Reads over one value, keeping its bytes if wanted.
    fn capture(&mut self, mut into: Option<&mut Vec<u8>>) -> io::Result<Piece> {
        let mut scan = Scan::default();
        let mut piece = Piece::Whole;
        loop {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                // A number or a word may end with the stream.
                return Ok(if scan.depth == 0 && !scan.in_string { piece } else { Piece::Cut });
            }
            let end = chunk.iter().position(|byte| scan.ends_at(*byte));
            let length = end.map_or(chunk.len(), |at| at + usize::from(scan.takes_last));
            if let Some(bytes) = into.as_deref_mut() {
                if bytes.len() + length > LARGEST || scan.values > VALUES {
                    piece = Piece::TooLong;
                    bytes.truncate(400);
                    into = None;
                } else {
                    bytes.extend_from_slice(&chunk[..length]);
                }
            }
            self.reader.consume(length);
            if end.is_some() {
                return Ok(piece);
            }
        }
    }
}

/// Where in a value the scan stands.
#[derive(Debug, Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
    begun: bool,
    /// How many values there may have been.
    values: usize,
    /// Whether the byte at which the value ends is part of it.
    takes_last: bool,
}

impl Scan {
    /// Takes a byte and returns whether the value ends at it.
    fn ends_at(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            self.takes_last = true;
            return !self.in_string && self.depth == 0;
        }
        let first = !std::mem::replace(&mut self.begun, true);
        self.takes_last = true;
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => {
                self.depth += 1;
                self.values += 1;
            }
            b',' if self.depth > 0 => self.values += 1,
            b'}' | b']' if self.depth > 0 => {
                self.depth -= 1;
                return self.depth == 0;
            }
            b'}' | b']' | b',' if self.depth == 0 => {
                self.takes_last = first;
                return true;
            }
            b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => {
                self.takes_last = first;
                return true;
            }
            _ => {}
        }
        false
    }
}

/// How many values a line of JSON may have.
fn values_of(line: &[u8]) -> usize {
    // Most lines are too short for it.
    if line.len() <= VALUES {
        return 0;
    }
    let mut scan = Scan::default();
    for byte in line {
        scan.ends_at(*byte);
    }
    scan.values
}

/// Reads a line with its end into `line`; `None` at the end of the stream. What a line has beyond
/// `largest` bytes is read over and said so.
pub(in crate::import) fn read_line_capped(
    reader: &mut impl BufRead,
    line: &mut Vec<u8>,
    largest: usize,
) -> io::Result<Option<bool>> {
    Ok(read_line(reader, line, largest)?.map(|piece| piece == Piece::Whole))
}

fn read_line(
    reader: &mut impl BufRead,
    line: &mut Vec<u8>,
    largest: usize,
) -> io::Result<Option<Piece>> {
    let mut piece = None;
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            return Ok(piece);
        }
        let end = chunk.iter().position(|b| *b == b'\n');
        let length = end.map_or(chunk.len(), |at| at + 1);
        let room = largest.saturating_sub(line.len());
        line.extend_from_slice(&chunk[..length.min(room)]);
        piece = match piece {
            Some(Piece::TooLong) => piece,
            _ if length > room => Some(Piece::TooLong),
            _ => Some(Piece::Whole),
        };
        reader.consume(length);
        if end.is_some() {
            return Ok(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes records as one line: values as JSON, the rest by its kind.
    fn read(text: &str, layout: &Layout) -> String {
        let bytes = text.as_bytes();
        let mut all = Vec::new();
        for capacity in [1, 7, 8192] {
            let reader = io::BufReader::with_capacity(capacity, bytes);
            let mut records = Records::new(reader, Charset::of(bytes), layout.clone());
            let mut seen = Vec::new();
            while let Some(record) = records.next().unwrap() {
                seen.push(match record {
                    Record::Value(value) => value.to_string(),
                    Record::Bad(..) => "bad".to_owned(),
                    Record::Cut => "cut".to_owned(),
                    Record::Member(key, value) => format!("{key}={value}"),
                    Record::End => "end".to_owned(),
                });
            }
            all.push(seen.join(" "));
        }
        assert!(all.iter().all(|seen| *seen == all[0]), "the size of the buffer matters: {all:?}");
        all.swap_remove(0)
    }

    #[test]
    fn documents() {
        let plain = Layout::Document(None);
        assert_eq!(read(r#"[{"a":"]}\""}, {"b":[1]}]"#, &plain), r#"{"a":"]}\""} {"b":[1]}"#);
        assert_eq!(read(r#"{"a":1}"#, &plain), r#"{"a":1}"#);
        assert_eq!(read("{\"a\":1}\n{\"b\":2}", &plain), r#"{"a":1} {"b":2}"#);
        assert_eq!(read("", &plain), "");
        assert_eq!(read("[]", &plain), "");
        assert_eq!(read("[1, \"x\", null]", &plain), "1 \"x\" null");
        assert_eq!(read("[[1],[2]]", &Layout::Whole), "[[1],[2]]");
    }

    #[test]
    fn a_bad_record_costs_only_itself() {
        let plain = Layout::Document(None);
        assert_eq!(read(r#"[{"a":1}, {"b":wat}, {"c":3}]"#, &plain), r#"{"a":1} bad {"c":3}"#);
        let deep = format!("[1, {}{}, 2]", "[".repeat(500), "]".repeat(500));
        assert_eq!(read(&deep, &plain), "1 bad 2");
        assert_eq!(
            read("{\"a\":1}\nnonsense\n{\"c\":3}\n", &Layout::Lines),
            r#"{"a":1} bad {"c":3}"#
        );
    }

    #[test]
    fn a_record_of_too_many_values_costs_only_itself() {
        let many = "[],".repeat(VALUES);
        assert_eq!(read_whole(&format!("[1, [{many}0], 2]")), "1 bad 2");
        let lines = format!("1\n[{}0]\n2\n", "0,".repeat(VALUES));
        let mut records = Records::new(lines.as_bytes(), Charset::of(b""), Layout::Lines);
        assert!(matches!(records.next().unwrap(), Some(Record::Value(_))));
        assert!(matches!(records.next().unwrap(), Some(Record::Bad(..))));
        assert!(matches!(records.next().unwrap(), Some(Record::Value(_))));
    }

    fn read_whole(text: &str) -> String {
        let mut records = Records::new(text.as_bytes(), Charset::of(b""), Layout::Document(None));
        let mut seen = Vec::new();
        while let Some(record) = records.next().unwrap() {
            seen.push(match record {
                Record::Value(value) => value.to_string(),
                _ => "bad".to_owned(),
            });
        }
        seen.join(" ")
    }

    #[test]
    fn what_is_cut_off_says_so() {
        let plain = Layout::Document(None);
        assert_eq!(read(r#"[{"a":1}, {"b":"#, &plain), r#"{"a":1} cut"#);
        assert_eq!(read(r#"[{"a":1}"#, &plain), r#"{"a":1} cut"#);
        assert_eq!(read("{\"a\":1}\n{\"b", &Layout::Lines), r#"{"a":1} cut"#);
        assert_eq!(read("{\"a\":1}\n{\"b\":2}", &Layout::Lines), r#"{"a":1} {"b":2}"#);
    }

    #[test]
    fn wrapping_objects_are_entered() {
        let wrapped = Layout::Document(Some("list".to_owned()));
        let text = r#"{"about":{"list":[0]}, "list":[{"a":1},{"b":2}], "after":"x"}"#;
        assert_eq!(read(text, &wrapped), r#"{"a":1} {"b":2}"#);
        assert_eq!(read(r#"{"list":[{"a":1},{"#, &wrapped), r#"{"a":1} cut"#);
        assert_eq!(read(r#"{"other": 1"#, &wrapped), "cut");
    }

    const PARTS: Parts = Parts { records: &["list"], around: &["chats"], members: &["name"] };

    #[test]
    fn records_with_what_stands_around_them() {
        let parts = Layout::Parts(PARTS);
        let one = r#"{"name":"a","skip":{"list":[0]},"list":[{"x":1},2],"id":7}"#;
        assert_eq!(read(one, &parts), r#"name="a" {"x":1} 2 end"#);
        let many = r#"{"about":"","chats":{"x":1,"chats":[{"name":"a","list":[1]},3,{"list":[2],"name":"b"}]}}"#;
        assert_eq!(read(many, &parts), r#"name="a" 1 end 2 name="b" end end end"#);
        assert_eq!(read(r#"[{"list":[1]}]"#, &parts), "1 end");
        assert_eq!(read(r#"{"name":"a","list":[1,{"x"#, &parts), r#"name="a" 1 cut"#);
        assert_eq!(read(r#"{"list":[{"a":wat},2]}"#, &parts), "bad 2 end");
    }

    proptest::proptest! {
        #[test]
        fn every_stream_ends(text in "[\\[\\]{}\",:a\\\\ 1\n]{0,80}") {
            for layout in [Layout::Document(None), Layout::Document(Some("a".into())), Layout::Lines, Layout::Whole, Layout::Parts(PARTS)] {
                let mut records = Records::new(text.as_bytes(), Charset::of(text.as_bytes()), layout);
                let mut count = 0;
                while records.next().unwrap().is_some() {
                    count += 1;
                    proptest::prop_assert!(count <= text.len() + 1);
                }
            }
        }
    }
}
