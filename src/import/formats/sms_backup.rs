//! SMS Backup & Restore: the XML that this app writes on an Android phone, with the text messages of
//! all chats, and the multimedia messages behind them.
//!
//! The XML is read by the tokenizer of pages: a message is an element with attributes. A picture is
//! an attribute too, megabytes long, so the file is read element by element.

use crate::conversation::{NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, spoken};
use crate::import::reading::html::Element;
use crate::import::reading::rooms::{Order, Rooms};
use crate::import::reading::time::instant;
use crate::import::reading::turns::{file, with_files};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::Value;
use std::collections::HashMap;

/// The format `sms_backup`.
pub(super) struct SmsBackup;

/// How the elements begin that say something.
const ELEMENTS: [&str; 4] = ["<sms ", "<mms ", "<part ", "<addr "];

impl Importer for SmsBackup {
    fn format(&self) -> &'static str {
        "sms_backup"
    }

    fn description(&self) -> &'static str {
        "SMS Backup & Restore: the XML of an Android phone's text and multimedia messages"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        const BEGINNING: usize = 4096;
        let text = sample.text();
        let end = (0..=text.len().min(BEGINNING)).rev().find(|at| text.is_char_boundary(*at));
        let begins = &text[..end.unwrap_or(0)];
        if !begins.trim_start_matches('\u{FEFF}').trim_start().starts_with('<') {
            return Confidence::No;
        }
        if begins.contains("<smses") {
            return Confidence::Certain;
        }
        if begins.contains("<calls ") && text.contains("<call ") {
            return Confidence::Beside("the file whose name begins with sms");
        }
        Confidence::No
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        // A phone's backups of several days hold the same chats.
        let mut rooms = Rooms::new();
        let mut names = HashMap::new();
        input.each(sink, |source, sink| {
            let mut open: Option<Multimedia> = None;
            source.each_element(&ELEMENTS, sink, |piece, sink| {
                take(piece, &mut open, &mut names, &mut rooms, sink);
                Ok(())
            })?;
            if let Some(message) = open {
                message.send(&names, &mut rooms, sink);
            }
            Ok(())
        })?;
        rooms.send(Order::Time, sink)
    }
}

/// Takes an element, which begins the piece.
fn take(
    piece: &str,
    open: &mut Option<Multimedia>,
    names: &mut HashMap<String, String>,
    rooms: &mut Rooms,
    sink: &mut dyn Sink,
) {
    // A picture that is too long to be held has lost its end, which closes the element.
    let closed = if piece.contains('>') { "" } else { "\">" };
    let page = Element::parse(&[&whole_characters(piece), closed].concat());
    let Some(element) = page.elements().next() else { return };
    if element.is("part") || element.is("addr") {
        if let Some(message) = open {
            message.take(element);
        }
        return;
    }
    if let Some(message) = open.take() {
        message.send(names, rooms, sink);
    }
    if element.is("mms") {
        *open = Some(Multimedia::of(element, names));
    } else if element.is("sms") {
        text_message(element, names, rooms, sink);
    }
}

/// The value of an attribute; what the app does not know is written as `null`.
fn known<'e>(element: &'e Element, name: &str) -> Option<&'e str> {
    element.attribute(name).filter(|value| !value.trim().is_empty() && *value != "null")
}

fn text_message(
    element: &Element,
    names: &mut HashMap<String, String>,
    rooms: &mut Rooms,
    sink: &mut dyn Sink,
) {
    let address = known(element, "address").unwrap_or("unknown");
    let name = contact(element);
    if let Some(name) = name {
        names.insert(number(address), name.to_owned());
    }
    let text = known(element, "body").unwrap_or_default();
    let speaker = match known(element, "type") {
        Some("1") => name.unwrap_or(address),
        Some("2" | "4" | "5" | "6") => "Me",
        Some("3") => {
            sink.skipped("draft", &shorten(text));
            return;
        }
        _ => {
            sink.skipped("record that is no message", &shorten(text));
            return;
        }
    };
    let subject = known(element, "subject").map(str::to_owned);
    let text = with_files(subject.unwrap_or_default(), &lines(text));
    let turn = NewTurn::message(Role::User, speaker, spoken(text)).at(when(element));
    push(rooms, &number(address), name.unwrap_or(address), turn, sink);
}

/// A text as the lines that follow what may stand before it.
fn lines(text: &str) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { vec![text.to_owned()] }
}

fn push(rooms: &mut Rooms, key: &str, title: &str, turn: NewTurn, sink: &mut dyn Sink) {
    let head = rooms.head(key);
    // The phone may have learnt the name after the first messages.
    if head.title.as_deref().is_none_or(|known| !known.chars().any(char::is_alphabetic)) {
        head.title = Some(title.to_owned());
    }
    rooms.push(key, turn, sink);
}

fn contact(element: &Element) -> Option<&str> {
    known(element, "contact_name").filter(|name| *name != "(Unknown)")
}

fn when(element: &Element) -> Option<Timestamp> {
    instant(&Value::from(known(element, "date")?))
}

/// A number without what is put between its digits: one phone writes it in several ways.
fn number(address: &str) -> String {
    let bare: String = address.chars().filter(|c| !" -().\u{A0}".contains(*c)).collect();
    let digits = bare.chars().filter(char::is_ascii_digit).count();
    // An address can be a mail's, or a name.
    if digits * 2 > bare.len() { bare } else { address.trim().to_owned() }
}

/// A multimedia message whose parts are still to come.
struct Multimedia {
    people: Vec<String>,
    title: String,
    mine: bool,
    draft: bool,
    sender: Option<String>,
    said_at: Option<Timestamp>,
    text: String,
    files: Vec<String>,
}

impl Multimedia {
    fn of(element: &Element, names: &mut HashMap<String, String>) -> Self {
        let address = known(element, "address").unwrap_or("unknown");
        let people: Vec<String> = address.split('~').map(number).collect();
        let name = contact(element);
        // The names of a group are in the order of its numbers.
        let called: Vec<&str> = name.map(|name| name.split(", ").collect()).unwrap_or_default();
        if called.len() == people.len() {
            for (person, name) in people.iter().zip(&called) {
                if *name != "(Unknown)" && number(name) != *person {
                    names.insert(person.clone(), (*name).to_owned());
                }
            }
        }
        let kind = known(element, "msg_box").or_else(|| known(element, "m_type"));
        Self {
            title: name.map_or_else(|| people.join(", "), str::to_owned),
            people,
            mine: matches!(kind, Some("2" | "4" | "5" | "128")),
            draft: kind == Some("3"),
            sender: None,
            said_at: when(element),
            text: known(element, "sub").unwrap_or_default().to_owned(),
            files: Vec::new(),
        }
    }

    /// Takes a part of it, or somebody that it was from or to.
    fn take(&mut self, element: &Element) {
        /// What the field *From* of a multimedia message is.
        const FROM: &str = "137";
        if element.is("addr") {
            let sender = known(element, "address").filter(|_| known(element, "type") == Some(FROM));
            let sender = sender.filter(|sender| *sender != "insert-address-token");
            self.sender = self.sender.take().or_else(|| sender.map(number));
            return;
        }
        let kind = known(element, "ct").unwrap_or_default();
        match kind {
            // How the parts are laid out on the screen.
            "application/smil" => {}
            "text/plain" => {
                let text = known(element, "text").unwrap_or_default();
                self.text = with_files(std::mem::take(&mut self.text), &lines(text));
            }
            kind => {
                let name = ["name", "cl", "fn"].iter().find_map(|key| known(element, key));
                self.files.push(match (name, kind.split('/').next()) {
                    (Some(name), _) => file(name),
                    (None, Some("image")) => media("picture"),
                    (None, Some(kind @ ("video" | "audio"))) => media(kind),
                    _ => file("unnamed"),
                });
            }
        }
    }

    fn send(self, names: &HashMap<String, String>, rooms: &mut Rooms, sink: &mut dyn Sink) {
        if self.draft {
            sink.skipped("draft", &shorten(&self.text));
            return;
        }
        let sender = self.sender.or_else(|| self.people.first().cloned()).unwrap_or_default();
        let speaker = if self.mine { "Me" } else { names.get(&sender).unwrap_or(&sender) };
        let text = spoken(with_files(self.text, &self.files));
        let turn = NewTurn::message(Role::User, speaker, text).at(self.said_at);
        let mut key = self.people;
        key.sort_unstable();
        push(rooms, &key.join("~"), &self.title, turn, sink);
    }
}

/// Returns a text of XML in which a character beyond the first plane is one reference: the app writes
/// it as the two halves of UTF-16, `&#55357;&#56351;`.
fn whole_characters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("&#") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let joined = reference(rest).and_then(|(high, after)| {
            let (low, after) = reference(after)?;
            let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
            let one = (0xD800..0xDC00).contains(&high);
            let c = char::decode_utf16(pair).next()?.ok().filter(|_| one)?;
            Some((c, after))
        });
        if let Some((c, after)) = joined {
            out.push(c);
            rest = after;
        } else {
            out.push_str("&#");
            rest = &rest[2..];
        }
    }
    out.push_str(rest);
    out
}

/// Reads `&#55357;` or `&#xD83D;` at the beginning of a text.
fn reference(text: &str) -> Option<(u32, &str)> {
    const LONGEST: usize = 8;
    let inside = text.strip_prefix("&#")?;
    let end = inside.bytes().take(LONGEST).position(|b| b == b';')?;
    let number = &inside[..end];
    let value = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    Some((value.ok()?, &inside[end + 1..]))
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    const BACKUP: &str = r#"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<!--File Created By SMS Backup & Restore-->
<smses count="5" type="full">
  <sms protocol="0" address="+1 555-0002" date="1714550400000" type="1" subject="null" body="Is the &quot;kiln&quot; hot? &#55357;&#56351;&#10;Two" contact_name="Jon Lie" />
  <sms protocol="0" address="+15550002" date="1714550460000" type="2" subject="null" body="Yes &#128031;" contact_name="Jon Lie" />
  <sms address="+15550002" date="1714550470000" type="3" body="not sent" contact_name="Jon Lie" />
  <sms address="+15550009" date="1714550480000" type="1" body="Your code" contact_name="(Unknown)" />
  <mms date="1714550430000" msg_box="1" address="+15550002" contact_name="Jon Lie" sub="null">
    <parts>
      <part seq="-1" ct="application/smil" name="null" text="&lt;smil/&gt;" />
      <part seq="0" ct="image/jpeg" name="null" cl="kiln.jpg" text="null" data="AAAA" />
      <part seq="0" ct="text/plain" name="null" text="look" />
    </parts>
    <addrs><addr address="+15550002" type="137" charset="106" /><addr address="insert-address-token" type="151" charset="106" /></addrs>
  </mms>
  <mms date="1714550500000" msg_box="1" address="+15550002~+15550003" contact_name="Jon Lie, Eva" sub="Sunday">
    <parts><part seq="0" ct="text/plain" text="all of us" /></parts>
    <addrs><addr address="+15550003" type="137" /></addrs>
  </mms>
  <mms date="1714550510000" msg_box="2" address="+15550003~+15550002" contact_name="Eva, Jon Lie" sub="null">
    <parts><part ct="video/mp4" name="null" /></parts>
    <addrs><addr address="insert-address-token" type="137" /></addrs>
  </mms>
</smses>"#;

    #[test]
    fn texts_and_multimedia() {
        let sink = read_as("sms_backup", BACKUP);
        assert_eq!(
            sink.said(),
            [
                "Jon Lie: Is the \"kiln\" hot? \u{1F41F}\nTwo",
                "Jon Lie: look\n[file: kiln.jpg]",
                "Me: Yes \u{1F41F}",
                "+15550009: Your code",
                "Eva: Sunday\nall of us",
                "Me: [video]",
            ]
        );
        assert_eq!(sink.skipped["draft"], 1);
        let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
        assert_eq!(titles, ["Jon Lie", "+15550009", "Jon Lie, Eva"]);
        assert_eq!(sink.span().0.unwrap().to_string(), "2024-05-01T08:00:00Z");
    }

    /// A picture that is longer than what is held costs neither its message nor the next one.
    #[test]
    fn a_long_picture() {
        let long = BACKUP.replace("AAAA", &"A".repeat(9 << 20));
        assert_eq!(read_as("sms_backup", &long).said(), read_as("sms_backup", BACKUP).said());
    }

    #[test]
    fn a_cut_file() {
        let cut = &BACKUP[..BACKUP.find("all of us").unwrap()];
        assert_eq!(read_as("sms_backup", cut).messages().count(), 5);
        let calls =
            r#"<calls count="1"><call number="1" duration="2" date="3" type="1" /></calls>"#;
        assert!(read_bytes(calls.as_bytes()).0.is_err());
    }
}
