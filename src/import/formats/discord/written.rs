//! What `DiscordChatExporter` writes for people: pages of HTML, CSV, plain text.
//!
//! A page tells the identity of each message, by which it is the same one as in the JSON, and when
//! it was sent. CSV and text tell neither: only the wall-clock, in the way of the machine that wrote.

use super::Channel;
use crate::conversation::{NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{self, Stamps};
use crate::import::reading::dates::{self, Stamp};
use crate::import::reading::html::Element;
use crate::import::reading::input::Source;
use crate::import::reading::sample::prose;
use crate::import::reading::time::{self, When};
use crate::import::reading::turns;
use crate::import::{Options, Sample, Sink};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Page,
    Table,
    Text,
}

/// How a group of messages begins on a page.
const GROUP: &str = "chatlog__message-group";
/// The first columns of the table.
const COLUMNS: &str = "AuthorID,Author,Date,Content";
/// The line around the head of a text.
const RULE: &str = "==========";
/// A longer text or table is none.
const LARGEST: usize = 256 << 20;

/// Tells what a file is by its beginning.
pub(super) fn kind(sample: &Sample) -> Option<Kind> {
    let text = prose(sample)?.trim_start_matches(['\u{FEFF}', ' ', '\n', '\r']);
    if text.starts_with('<') {
        return (text.contains(GROUP) && text.contains("chatlog__")).then_some(Kind::Page);
    }
    if text.starts_with(COLUMNS) {
        return Some(Kind::Table);
    }
    let mut lines = text.lines();
    let rule = lines.next().is_some_and(|line| line.starts_with(RULE));
    (rule && lines.take(4).any(|line| line.starts_with("Channel:"))).then_some(Kind::Text)
}

/// Reads a file into a channel, whose name and number are those of the file: `Guild - Topic -
/// channel [123]`.
pub(super) fn read(
    kind: Kind,
    source: &mut Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<Channel, ImportError> {
    let stem = source.stem();
    let numbered = stem.rsplit_once('[').and_then(|(name, rest)| {
        let (id, part) = rest.split_once(']')?;
        let number = id.len() > 12 && id.bytes().all(|b| b.is_ascii_digit());
        number.then(|| (name.trim().to_owned(), id.to_owned(), part.contains("part")))
    });
    let mut channel = Channel { title: stem.to_owned(), ..Channel::default() };
    if let Some((name, id, _)) = numbered {
        channel.title = name;
        // Without identities of messages the same channel from JSON would stand there twice.
        channel.id = Some(if kind == Kind::Page { id } else { format!("{id}/text") });
    }
    match kind {
        Kind::Page => page(source, &mut channel, sink)?,
        Kind::Table => {
            let text = source.whole_text(LARGEST, sink)?;
            place(table(&text, sink), &mut channel, options, sink);
        }
        Kind::Text => {
            let text = source.whole_text(LARGEST, sink)?;
            place(plain(&text, &mut channel.title), &mut channel, options, sink);
        }
    }
    Ok(channel)
}

fn page(
    source: &mut Source<'_>,
    channel: &mut Channel,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    source.each_piece(GROUP, sink, |piece, sink| {
        // The mark stands inside of a tag, with or without quotes around it.
        let quote = if piece.get(GROUP.len()..).is_some_and(|rest| rest.starts_with('"')) {
            "\""
        } else {
            ""
        };
        let group = Element::parse(&format!("<div class={quote}{piece}"));
        let mut speaker: Option<(String, bool)> = None;
        let messages = group.find_all(&|e| {
            e.attribute("data-message-id").is_some()
                && (e.has_classes(&["chatlog__message-container"])
                    || e.has_classes(&["chatlog__message"]))
        });
        // Older versions put the name beside the messages.
        let of_group = author(&group);
        for message in messages {
            speaker = author(message).or(speaker).or_else(|| of_group.clone());
            let (name, bot) = speaker.clone().unwrap_or_else(|| ("Deleted User".to_owned(), false));
            let id = message.attribute("data-message-id").unwrap_or_default();
            let Some(said_at) = moment(id) else {
                sink.skipped("record that is no message", &shorten(&message.text()));
                continue;
            };
            let role = if bot { Role::Assistant } else { Role::User };
            let mut turn = NewTurn::message(role, name, chat::spoken(said(message)));
            turn.source_id = Some(id.to_owned());
            channel.turns.push(turn.at(Some(said_at)));
        }
        Ok(())
    })
}

/// When a message was sent: its number begins with that.
fn moment(id: &str) -> Option<Timestamp> {
    const EPOCH: u64 = 1_420_070_400_000;
    let number: u64 = id.parse().ok()?;
    Timestamp::from_millis(i64::try_from((number >> 22) + EPOCH).ok()?)
}

/// Who sent a message, and whether that is a bot; `None` where a message goes on with the one before.
fn author(message: &Element) -> Option<(String, bool)> {
    let name = message.find(&|e| {
        e.has_classes(&["chatlog__author"])
            || e.has_classes(&["chatlog__author-name"])
            || e.has_classes(&["chatlog__system-notification-author"])
    })?;
    let tag = |class: &str| message.find(&|e| e.has_classes(&[class])).is_some();
    let bot = tag("chatlog__bot-label") || tag("chatlog__author-tag") || tag("chatlog__bot-tag");
    Some((name.text(), bot))
}

/// What a message says, with a line for each file.
fn said(message: &Element) -> String {
    let of = |class: &'static str| message.find_all(&|e| e.has_classes(&[class]));
    let mut lines: Vec<String> = Vec::new();
    for class in [
        "chatlog__system-notification-content",
        "chatlog__content",
        "chatlog__embed-title",
        "chatlog__embed-description",
    ] {
        for part in of(class) {
            let edited = part.find(&|e| e.has_classes(&["chatlog__edited-timestamp"]));
            let text = part.text();
            let end = edited.map(Element::text).unwrap_or_default();
            lines.push(text.strip_suffix(end.as_str()).unwrap_or(&text).trim().to_owned());
        }
    }
    for attached in of("chatlog__attachment") {
        let link =
            attached.find(&|e| e.attribute("href").is_some() || e.attribute("src").is_some());
        let path = link.and_then(|e| e.attribute("href").or_else(|| e.attribute("src")));
        lines.extend(path.map(file));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// The line that stands for a file, by its address.
fn file(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    turns::file(path.rsplit('/').next().unwrap_or(path))
}

/// A message as far as text tells it.
struct Written {
    speaker: String,
    when: String,
    text: String,
}

fn table(text: &str, sink: &mut dyn Sink) -> Vec<Written> {
    let text = text.trim_start_matches('\u{FEFF}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let mut written = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) if record.len() >= 4 => record,
            Ok(record) => {
                let row: Vec<&str> = record.iter().collect();
                sink.skipped("row without a message", &shorten(&row.join(" ")));
                continue;
            }
            Err(error) => {
                sink.skipped("row that cannot be read", &shorten(&error.to_string()));
                continue;
            }
        };
        let field = |at: usize| record.get(at).unwrap_or_default().trim();
        let files: Vec<String> =
            field(4).split(',').filter(|file| !file.trim().is_empty()).map(file).collect();
        written.push(Written {
            speaker: field(1).to_owned(),
            when: field(2).to_owned(),
            text: turns::with_files(field(3).to_owned(), &files),
        });
    }
    written
}

/// Reads the messages of a text, and the channel's name out of its head.
fn plain(text: &str, title: &mut String) -> Vec<Written> {
    let mut written: Vec<Written> = Vec::new();
    let (mut rules, mut part, mut guild) = (0, "", "");
    for line in text.lines() {
        if line.starts_with(RULE) && line.bytes().all(|b| b == b'=') {
            rules += 1;
            continue;
        }
        if rules < 2 {
            if let Some(name) = line.strip_prefix("Guild:") {
                guild = name.trim();
            } else if let Some(name) = line.strip_prefix("Channel:") {
                let name = name.rsplit(" / ").next().unwrap_or(name).trim().trim_start_matches('#');
                *title = match guild {
                    "" | "Direct Messages" => name.to_owned(),
                    guild => format!("{guild} #{name}"),
                };
            }
            continue;
        }
        // Behind the last rule stands how many messages there were.
        if rules > 2 {
            break;
        }
        if let Some((when, speaker)) = heading(line) {
            part = "";
            written.push(Written {
                speaker: speaker.to_owned(),
                when: when.to_owned(),
                text: String::new(),
            });
            continue;
        }
        let Some(last) = written.last_mut() else { continue };
        match line {
            "{Attachments}" | "{Embed}" | "{Stickers}" | "{Reactions}" => part = line,
            "" if part.is_empty() => last.text.push('\n'),
            "" => {}
            _ => {
                let line = match part {
                    "{Reactions}" => continue,
                    "{Attachments}" => file(line.trim()),
                    "{Stickers}" => chat::media("sticker"),
                    _ => line.to_owned(),
                };
                if !last.text.is_empty() {
                    last.text.push('\n');
                }
                last.text.push_str(&line);
            }
        }
    }
    written
}

/// The line above a message: `[01-Jan-20 01:33 AM] Name (pinned)`.
fn heading(line: &str) -> Option<(&str, &str)> {
    let (when, speaker) = line.strip_prefix('[')?.split_once("] ")?;
    let speaker = speaker.trim_end().trim_end_matches("(pinned)").trim_end();
    let is_time = Stamp::read(when).is_some()
        || time::parse(when, &jiff::tz::TimeZone::UTC).said_at.is_some();
    (is_time && !speaker.is_empty()).then_some((when, speaker))
}

/// Gives messages their times and identities.
fn place(written: Vec<Written>, channel: &mut Channel, options: &Options, sink: &mut dyn Sink) {
    let read: Vec<Option<Stamp>> = written.iter().map(|one| Stamp::read(&one.when)).collect();
    let orders = dates::orders(read.iter().flatten(), options, sink);
    let mut stamps = Stamps::default();
    for (one, stamp) in written.into_iter().zip(read) {
        let exact = time::parse(&one.when, &options.time_zone);
        let when = match stamp {
            Some(stamp) if exact.said_at.is_none() => stamp.instant(&orders, options),
            _ => exact,
        };
        if when.said_at.is_none() {
            sink.skipped("time that cannot be read", &shorten(&one.when));
        }
        let When { said_at, text } = when;
        let mut turn =
            NewTurn::message(Role::User, one.speaker, chat::spoken(one.text.trim().to_owned()));
        turn.source_id = Some(stamps.id(said_at.map(Timestamp::civil), &turn.speaker));
        turn.said_at_text = text;
        channel.turns.push(turn.at(said_at));
    }
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_file;

    #[test]
    fn tables() {
        let csv = "\u{FEFF}AuthorID,Author,Date,Content,Attachments,Reactions\n\
                   \"1\",\"ada\",\"2024-01-15T10:30:00.0000000+00:00\",\"Hello, \"\"you\"\"\n\nthere\",\"\",\"\"\n\
                   \"2\",\"bob#0001\",\"01-Jan-20 01:33 AM\",\"\",\"https://cdn.example/1/2/cat.png?ex=1\",\"x (2)\"\n\
                   short\n";
        let sink = read_file("Home - general [123456789012345678].csv", csv.as_bytes());
        assert_eq!(sink.said(), ["bob#0001: [file: cat.png]", "ada: Hello, \"you\"\n\nthere"]);
        let (first, last) = sink.span();
        let times = [first, last].map(|time| time.unwrap().to_string());
        assert_eq!(times, ["2020-01-01T01:33:00Z", "2024-01-15T10:30:00Z"]);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Home - general"));
        assert_eq!(sink.skipped["row without a message"], 1);
    }

    #[test]
    fn texts() {
        let rule = "=".repeat(62);
        let text = format!(
            "{rule}\nGuild: Home\nChannel: Text / general\nTopic: all of it\n{rule}\n\n\
             [1/15/2024 10:30 AM] ada\nHello\n\n[not a time] still ada\n\n\
             [1/15/2024 10:31 AM] bob (pinned)\n\n{{Attachments}}\nhttps://cdn.example/a/cat.png\n\n\
             {{Reactions}}\nx (2)\n\n[1/16/2024 9:00 PM] ada\nBye\n\n{rule}\nExported 3 message(s)\n{rule}\n"
        );
        let sink = read_file("x.txt", text.as_bytes());
        assert_eq!(
            sink.said(),
            ["ada: Hello\n\n[not a time] still ada", "bob: [file: cat.png]", "ada: Bye"]
        );
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Home #general"));
        assert_eq!(sink.span().1.unwrap().to_string(), "2024-01-16T21:00:00Z");
    }

    #[test]
    fn pages_with_and_without_quotes() {
        let quoted = r#"<!DOCTYPE html><html><head><style>.chatlog__message-group { }</style></head>
            <body><div class="chatlog"><div class="chatlog__message-group">
            <div id="c" class="chatlog__message-container" data-message-id="530805775262679064">
            <div class="chatlog__message"><div class="chatlog__header">
            <span class="chatlog__author" title="ada">Ada</span>
            <span class="chatlog__timestamp">04-Jan-19 05:52 PM</span></div>
            <div class="chatlog__content chatlog__markdown"><span>Hello &amp; <b>welcome</b></span>
            <span class="chatlog__edited-timestamp" title="x">(edited)</span></div></div></div>
            <div class="chatlog__message-container" data-message-id="530805775262679999">
            <div class="chatlog__message"><div class="chatlog__attachment"><a href="files/cat.png"><img src="y"></a></div></div></div>
            </div></div></body></html>"#;
        let bare = quoted.replace("\"chatlog__message-group\"", "chatlog__message-group");
        for page in [quoted, &bare] {
            let sink = read_file("Home - general [123456789012345678].html", page.as_bytes());
            assert_eq!(sink.said(), ["Ada: Hello & welcome", "Ada: [file: cat.png]"]);
            let conversation = &sink.conversations[0];
            assert_eq!(conversation.source_id.as_deref(), Some("123456789012345678"));
            let first = &conversation.turns[0];
            assert_eq!(first.source_id.as_deref(), Some("530805775262679064"));
            assert_eq!(first.said_at.unwrap().to_string(), "2019-01-04T17:52:38.717Z");
        }
    }
}
