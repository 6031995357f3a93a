//! Where a mail of a mailbox begins.

/// A larger mail is cut: what is beyond are attachments.
const LARGEST: usize = 48 << 20;

/// A mail as it stands in the mailbox.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Raw {
    /// The line before it: `From somebody Mon Jun  3 12:50:27 1996`.
    pub(super) envelope: String,
    /// The mail itself.
    pub(super) bytes: Vec<u8>,
}

/// Takes the lines of a mailbox and gives its mails.
#[derive(Debug)]
pub(super) struct Split {
    mail: Raw,
    /// A line that begins a mail if a header follows, and whether one can begin there.
    pending: Option<Vec<u8>>,
    after_blank: bool,
    began: bool,
}

impl Default for Split {
    fn default() -> Self {
        Self { mail: Raw::default(), pending: None, after_blank: true, began: false }
    }
}

impl Split {
    /// Takes a line with its end; returns the mail that ended before it.
    pub(super) fn line(&mut self, line: &[u8]) -> Option<Raw> {
        let mut ended = None;
        if let Some(envelope) = self.pending.take() {
            if begins(&envelope, line) {
                let next = Raw {
                    envelope: String::from_utf8_lossy(&envelope).trim().to_owned(),
                    bytes: Vec::new(),
                };
                let before = std::mem::replace(&mut self.mail, next);
                ended = std::mem::replace(&mut self.began, true).then_some(before);
            } else {
                self.keep(&envelope);
            }
        }
        let blank = line.trim_ascii().is_empty();
        if line.starts_with(b"From ") && (self.after_blank || is_envelope(line)) {
            self.pending = Some(line.to_vec());
        } else if self.began || !blank {
            self.began = true;
            // What looked like the beginning of a mail was marked by who wrote the mailbox.
            let marked = line.iter().position(|byte| *byte != b'>').unwrap_or(0);
            let quoted = marked > 0 && line[marked..].starts_with(b"From ");
            self.keep(if quoted { &line[1..] } else { line });
        }
        self.after_blank = blank;
        ended.filter(|raw| !raw.bytes.trim_ascii().is_empty())
    }

    /// Returns the last mail.
    pub(super) fn end(mut self) -> Option<Raw> {
        if let Some(line) = self.pending.take() {
            self.keep(&line);
        }
        (self.began && !self.mail.bytes.trim_ascii().is_empty()).then_some(self.mail)
    }

    fn keep(&mut self, line: &[u8]) {
        if self.mail.bytes.len() + line.len() <= LARGEST {
            self.mail.bytes.extend_from_slice(line);
        }
    }
}

/// Whether a mail begins with two lines: the one before it, and its first header. A line that could
/// be of a letter, `From Monday on we …`, needs a header that mails have.
pub(super) fn begins(envelope: &[u8], next: &[u8]) -> bool {
    const KNOWN: [&str; 14] = [
        "from",
        "to",
        "cc",
        "date",
        "subject",
        "message-id",
        "received",
        "return-path",
        "delivered-to",
        "mime-version",
        "status",
        "reply-to",
        "sender",
        "content-type",
    ];
    let line = String::from_utf8_lossy(envelope);
    let words: Vec<&str> = line.split_whitespace().skip(1).collect();
    let sender = words.as_slice().first().is_some_and(|word| word.contains('@'));
    let certain = is_envelope(envelope) || (sender && words.len() == 1);
    if next.starts_with(b">From ") {
        return certain;
    }
    let Ok(header) = std::str::from_utf8(next) else { return false };
    let name = header.split(':').next().unwrap_or_default().trim_end().to_lowercase();
    is_header(header) && (certain || KNOWN.contains(&name.as_str()) || name.starts_with("x-"))
}

/// Whether a line is a header of a mail: a name without spaces, and a colon.
pub(super) fn is_header(line: &str) -> bool {
    line.split_once(':').is_some_and(|(name, _)| {
        let name = name.trim_end();
        !name.is_empty()
            && name.len() < 60
            && name.bytes().all(|b| b.is_ascii_graphic())
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
    })
}

/// Whether a line can only be the one before a mail: a dash as Netscape wrote it, or a sender with
/// a day and a year.
fn is_envelope(line: &[u8]) -> bool {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_whitespace().skip(1);
    let sender = words.next().unwrap_or_default();
    let day = words.clone().any(|word| DAYS.contains(&word));
    let year = words.any(|word| word.len() == 4 && word.parse::<u16>().is_ok_and(|y| y > 1969));
    sender == "-" || (day && year)
}
