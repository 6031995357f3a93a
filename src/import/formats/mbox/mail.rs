//! A mail: who wrote what, when, in answer to which one.

use super::split::Raw;
use crate::conversation::{NewTurn, Role, Timestamp};
use crate::import::Options;
use crate::import::reading::chat::file_about;
use crate::import::reading::dates;
use crate::import::reading::html::Element;
use crate::import::reading::time;
use crate::import::reading::turns::with_files;
use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders, PartType};

/// A mail that was read.
#[derive(Debug)]
pub(super) struct Mail {
    /// Its own identity.
    pub(super) id: Option<String>,
    /// The identities that it refers to, the first one of the thread first.
    pub(super) refers: Vec<String>,
    pub(super) subject: Option<String>,
    pub(super) turn: NewTurn,
}

impl Mail {
    /// Reads a mail; `None` where there is nothing of one.
    pub(super) fn read(raw: &Raw, options: &Options) -> Option<Self> {
        // The parser is not ours, and mail is what strangers send: should it stumble, the mail is
        // counted as one that cannot be read.
        let parsed = std::panic::catch_unwind(|| MessageParser::default().parse(&raw.bytes));
        let message = parsed.ok()??;
        let subject = message.subject().map(str::trim).unwrap_or_default();
        let refers = refers(&message);
        let answer = refers.iter().any(|id| !id.starts_with(GMAIL)) && is_answer(subject);
        let mut text = body(&message);
        // An answer repeats the subject of its thread.
        if !subject.is_empty() && !answer {
            text = format!("{subject}\n\n{text}");
        }
        let text = with_files(text.trim_end().to_owned(), &files(&message));
        let text = if text.trim().is_empty() { "[mail without text]".to_owned() } else { text };
        let mut turn = NewTurn::message(Role::User, sender(&message, &raw.envelope), text);
        let (said_at, written) = when(&message, &raw.envelope, options);
        turn.said_at_text = written;
        let id = message.message_id().map(str::to_owned);
        turn.source_id.clone_from(&id);
        Some(Self {
            id,
            refers,
            subject: Some(bare(subject).to_owned()).filter(|subject| !subject.is_empty()),
            turn: turn.at(said_at),
        })
    }
}

/// What stands before the number of a thread at Gmail.
const GMAIL: &str = "gmail ";

/// Returns what a mail refers to. Gmail tells threads by a number of its own.
fn refers(message: &Message<'_>) -> Vec<String> {
    let list = |value: &HeaderValue<'_>| -> Vec<String> {
        match value {
            HeaderValue::Text(text) => vec![text.to_string()],
            HeaderValue::TextList(texts) => texts.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    };
    let gmail = message.header_raw("X-GM-THRID").map(|id| format!("{GMAIL}{}", id.trim()));
    let mut refers: Vec<String> = gmail.into_iter().collect();
    refers.extend(list(message.references()));
    refers.extend(list(message.in_reply_to()));
    refers.retain(|id| !id.trim().is_empty());
    refers
}

/// Returns the name of who wrote a mail, else the address.
fn sender(message: &Message<'_>, envelope: &str) -> String {
    let from = message.from().or_else(|| message.sender()).and_then(|from| from.first().cloned());
    let name = from.as_ref().and_then(|from| from.name()).map(str::trim);
    let address = from.as_ref().and_then(|from| from.address()).map(str::trim);
    let enveloped = envelope.split_whitespace().nth(1).filter(|word| word.contains('@'));
    let found = name.filter(|name| !name.is_empty()).or(address).or(enveloped);
    found.filter(|name| !name.is_empty()).unwrap_or("unknown sender").to_owned()
}

fn when(
    message: &Message<'_>,
    envelope: &str,
    options: &Options,
) -> (Option<Timestamp>, Option<String>) {
    if let Some(date) = message.date()
        && let Some(said_at) = Timestamp::parse(&date.to_rfc3339())
    {
        return (Some(said_at), None);
    }
    if let Some(written) = message.header_raw("Date").map(str::trim) {
        // Years of two digits, names of zones, days of the week that are wrong.
        let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
        if let Ok(exact) = parser.parse_timestamp(written) {
            return (Timestamp::from_jiff(exact), None);
        }
        if let Some(said_at) = time::parse(written, &options.time_zone).said_at {
            return (Some(said_at), Some(written.to_owned()));
        }
    }
    // `From somebody Mon Jun  3 12:50:27 1996`
    let written: Vec<&str> = envelope.split_whitespace().skip(2).collect();
    let civil = written.get(1..).and_then(civil);
    match civil {
        Some(civil) => {
            let written = written.join(" ");
            let when = dates::instant(civil, &written, options);
            (when.said_at, when.text)
        }
        None => (None, None),
    }
}

/// Reads `Jun 3 12:50:27 1996`, with what may stand before the year.
fn civil(words: &[&str]) -> Option<jiff::civil::DateTime> {
    let [month, day, clock, .., year] = words else { return None };
    let text = format!("{month} {day} {year} {clock}");
    jiff::civil::DateTime::strptime("%b %d %Y %H:%M:%S", text).ok()
}

/// Returns the text of a mail; that of HTML where there is no other.
fn body(message: &Message<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for at in 0..message.text_body_count() {
        if let Some(text) = quoting(message, at).map(Into::into).or_else(|| message.body_text(at)) {
            let text = text.replace("\r\n", "\n");
            let text = text.trim_matches(['\n', ' ', '\0']);
            if !text.is_empty() {
                parts.push(text.to_owned());
            }
        }
    }
    parts.join("\n\n")
}

/// Returns the text of a part that is HTML and quotes other mails: what they said is marked as in mails
/// of plain text, so that it does not stand as the sender's own words.
fn quoting(message: &Message<'_>, at: usize) -> Option<String> {
    let PartType::Html(html) = &message.text_part(u32::try_from(at).ok()?)?.body else {
        return None;
    };
    let quotes =
        |element: &Element| element.is("blockquote") || element.has_classes(&["yahoo_quoted"]);
    let page = Element::parse(html);
    page.find(&quotes)?;
    Some(page.text_with(&|element| quotes(element).then_some("> ")))
}

fn files(message: &Message<'_>) -> Vec<String> {
    message
        .attachments()
        .map(|part| {
            let kind = part.content_type().map(|kind| match kind.subtype() {
                Some(sub) => format!("{}/{sub}", kind.ctype()),
                None => kind.ctype().to_owned(),
            });
            let size = u64::try_from(part.contents().len()).ok();
            file_about(part.attachment_name(), kind.as_deref(), size)
        })
        .collect()
}

const ANSWERS: [&str; 12] =
    ["re", "aw", "sv", "antw", "ref", "rif", "res", "odp", "vs", "回复", "答复", "回覆"];

fn is_answer(subject: &str) -> bool {
    bare(subject).len() < subject.len()
}

/// Returns a subject without the words of answers before it.
fn bare(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((word, after)) = rest.split_once([':', '：']) {
        let word = word.split(['[', '(']).next().unwrap_or_default().trim().to_lowercase();
        if !ANSWERS.contains(&word.as_str()) {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects() {
        for (subject, expected) in [
            ("Re: AW: Hills", "Hills"),
            ("Re[2]: Hills", "Hills"),
            ("Hills: a walk", "Hills: a walk"),
            ("回复：山", "山"),
            ("", ""),
        ] {
            assert_eq!(bare(subject), expected);
        }
    }
}
