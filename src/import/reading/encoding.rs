//! Bytes to text: byte order marks, UTF-16, and a guess where bytes are no UTF-8.
//!
//! Owns which charset a file is in. Does not own lines or JSON.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;
use std::io::{self, Read};

/// How the bytes of a file become text.
#[derive(Debug, Clone, Copy)]
pub(in crate::import) struct Charset {
    /// The charset of the whole stream, where it must be transcoded before it is split.
    wide: Option<&'static Encoding>,
    /// The charset of pieces that are no UTF-8.
    legacy: &'static Encoding,
    /// How many bytes of a byte order mark to leave out.
    mark: usize,
    /// Whether lines end as on the first Macs.
    returns: bool,
}

impl Charset {
    /// Returns the charset that the first bytes of a file show.
    pub(in crate::import) fn of(head: &[u8]) -> Self {
        if let Some((encoding, mark)) = Encoding::for_bom(head) {
            let wide = (encoding != UTF_8).then_some(encoding);
            return Self { wide, legacy: WINDOWS_1252, mark, returns: ends_by_return(head) };
        }
        Self {
            wide: wide_without_mark(head),
            legacy: guess(head),
            mark: 0,
            returns: ends_by_return(head),
        }
    }

    /// Returns a reader of UTF-8 (or of legacy bytes, which [`Charset::text`] decodes) in place of
    /// a raw one from which nothing was read.
    pub(in crate::import) fn reader<'r>(
        self,
        mut raw: Box<dyn Read + 'r>,
    ) -> io::Result<Box<dyn Read + 'r>> {
        let mut mark = vec![0; self.mark];
        raw.read_exact(&mut mark)?;
        Ok(match self.wide {
            Some(encoding) => Box::new(Transcoder {
                raw,
                decoder: encoding.new_decoder_without_bom_handling(),
                input: vec![0; 16 * 1024],
                pending: 0..0,
                output: Vec::new(),
                given: 0,
                ended: false,
            }),
            None if self.returns => Box::new(Returns(raw)),
            None => raw,
        })
    }

    /// Returns the text of bytes that such a reader gave: UTF-8, or the legacy charset where they
    /// are none. Called for each piece by itself, so that mixed lines all come out right.
    pub(in crate::import) fn text(self, bytes: &[u8]) -> Cow<'_, str> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) if self.wide.is_some() => String::from_utf8_lossy(bytes),
            Err(_) => self.legacy.decode_without_bom_handling(bytes).0,
        }
    }
}

/// Whether the lines of a text end with a carriage return and nothing else.
fn ends_by_return(head: &[u8]) -> bool {
    head.contains(&b'\r') && !head.contains(&b'\n')
}

/// Ends lines with a line feed where they end with a carriage return.
struct Returns<'r>(Box<dyn Read + 'r>);

impl Read for Returns<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        for byte in buffer[..count].iter_mut().filter(|byte| **byte == b'\r') {
            *byte = b'\n';
        }
        Ok(count)
    }
}

/// Returns the UTF-16 that a text without a mark is in: every other byte of Latin text is zero.
fn wide_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let sample = &head[..head.len().min(512) & !1];
    if sample.len() < 4 {
        return None;
    }
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let most = sample.len() / 2 * 7 / 10;
    match (zeros(0), zeros(1)) {
        (0, odd) if odd > most => Some(UTF_16LE),
        (even, 0) if even > most => Some(UTF_16BE),
        _ => None,
    }
}

/// How many bytes a charset is guessed from.
const TELLING: usize = 16 << 10;

/// So few letters in a text that is UTF-8 else tell nothing of a charset.
const STRAY: usize = 3;

fn guess(head: &[u8]) -> &'static Encoding {
    let beyond = |bytes: &[u8]| bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let (mut stray, mut wide) = (0, false);
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        match std::str::from_utf8(line) {
            Ok(text) => wide |= !text.is_ascii(),
            // The end of the sample may have cut a letter.
            Err(error) if error.error_len().is_none() => wide = true,
            Err(_) => stray += beyond(line),
        }
    }
    if stray <= 1 || wide && stray <= STRAY {
        return WINDOWS_1252;
    }
    // ASCII tells nothing, and the detector is slow: what follows the first byte beyond is enough.
    let start = head.iter().position(|byte| !byte.is_ascii()).unwrap_or(0).saturating_sub(64);
    let telling = &head[start..head.len().min(start + TELLING)];
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(telling, true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    if guess == UTF_8 { WINDOWS_1252 } else { guess }
}

/// Turns a wide charset into UTF-8 while reading.
struct Transcoder<'r> {
    raw: Box<dyn Read + 'r>,
    decoder: Decoder,
    input: Vec<u8>,
    pending: std::ops::Range<usize>,
    output: Vec<u8>,
    given: usize,
    ended: bool,
}

impl Read for Transcoder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() {
            if self.pending.is_empty() {
                if self.ended {
                    return Ok(0);
                }
                let read = self.raw.read(&mut self.input)?;
                self.ended = read == 0;
                self.pending = 0..read;
            }
            self.output.resize(self.input.len() * 4, 0);
            let (result, read, written, _) = self.decoder.decode_to_utf8(
                &self.input[self.pending.clone()],
                &mut self.output,
                self.ended,
            );
            self.pending.start += read;
            self.output.truncate(written);
            self.given = 0;
            if self.ended && result == CoderResult::InputEmpty && written == 0 {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.output.len() - self.given);
        buffer[..count].copy_from_slice(&self.output[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let charset = Charset::of(bytes);
        let mut read = Vec::new();
        charset.reader(Box::new(bytes)).unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(charset.text(&read), expected);
    }

    #[test]
    fn marks_and_wide_charsets() {
        check("naïve 🚲".as_bytes(), "naïve 🚲");
        check(b"\xEF\xBB\xBFhello", "hello");
        check(b"one\rtwo\r", "one\ntwo\n");
        check(b"one\r\ntwo\r", "one\r\ntwo\r");
        let wide = |text: &str, mark: bool| -> Vec<u8> {
            let mark = if mark { vec![0xFF, 0xFE] } else { vec![] };
            mark.into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        };
        check(&wide("[{\"naïve\": \"🚲\"}]", true), "[{\"naïve\": \"🚲\"}]");
        check(&wide("[{\"plain\": 1}]", false), "[{\"plain\": 1}]");
        let long = "{\"text\": \"äö🚲\"}\n".repeat(5000);
        check(&wide(&long, true), &long);
        let big: Vec<u8> = "[1, 2, 3, 4]".encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(&big, "[1, 2, 3, 4]");
    }

    #[test]
    fn legacy_pieces_are_guessed_and_utf8_ones_kept() {
        let head = b"User: caf\xE9 cr\xE8me\nAssistant: d\xE9j\xE0 vu\n";
        let charset = Charset::of(head);
        assert_eq!(charset.text(b"caf\xE9"), "café");
        assert_eq!(charset.text("café".as_bytes()), "café");
    }

    #[test]
    fn an_empty_file_is_an_empty_text() {
        check(b"", "");
        check(b"\xFF\xFE", "");
    }
}
