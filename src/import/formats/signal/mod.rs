//! Signal: its own export (`own`); and the text of `signal-export` and of programs that write alike, a
//! folder for each chat: `[2023-05-04, 15:12] Name: text`; and the JSON Lines beside it, where the text
//! is missing.

mod own;

use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{Stamps, service, spoken};
use crate::import::reading::dates::{self, Written, clock};
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{array_under, text_under};
use crate::import::reading::sample::prose;
use crate::import::reading::time::instant_in;
use crate::import::reading::turns::{Turns, file, with_files};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use jiff::civil::DateTime;
use serde_json::Value;

const LARGEST: usize = 256 << 20;

/// The format `signal`.
pub(super) struct Signal;

impl Importer for Signal {
    fn format(&self) -> &'static str {
        "signal"
    }

    fn description(&self) -> &'static str {
        "Signal: its own export (main.jsonl), and the chats that signal-export writes as text"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        const LOOKED_AT: usize = 200;
        if sample.records().first().is_some_and(is_record) || own::holds(sample) {
            return Confidence::Certain;
        }
        if own::is_beside(sample) {
            return Confidence::Beside("main.jsonl of the same export");
        }
        let Some(text) = prose(sample) else { return Confidence::No };
        let lines = || text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT);
        let begins = lines().next().is_some_and(|line| read(line).is_some());
        let named = lines().filter_map(read).filter(|line| line.author.is_some()).count();
        if !begins || named == 0 || lines().any(is_of_whatsapp) {
            return Confidence::No;
        }
        // WhatsApp writes such stamps on iPhones too, in countries that put the year first, but
        // always with seconds; Signal's programs do so in their own files only.
        let name = sample.file_name();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let seconds = lines().filter_map(read).all(|line| line.stamp.matches(':').count() > 1);
        if name.starts_with("whatsapp") || name.trim_start_matches('_').starts_with("chat.txt") {
            return Confidence::Possible;
        }
        if seconds && ending != "md" { Confidence::Possible } else { Confidence::Certain }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let around = input.path().to_owned();
        let texts: Vec<String> = input
            .beside()
            .filter_map(|(_, name)| Some(name.strip_suffix("chat.md")?.to_owned()))
            .collect();
        input.each(sink, |source, sink| {
            if own::holds(source.sample()) {
                return own::read(source, sink);
            }
            // The files of all chats have one name: that of the folder tells.
            let name = source.sample().name().to_owned();
            let folder = name.rsplit_once('/').map(|(folder, _)| folder.to_owned());
            let folder = folder.or_else(|| {
                let parent = around.parent()?.file_name()?;
                Some(parent.to_string_lossy().into_owned())
            });
            let title = match (source.stem(), &folder) {
                ("index" | "chat" | "messages" | "data", Some(folder)) => {
                    folder.rsplit('/').next().unwrap_or(folder).to_owned()
                }
                (stem, _) => stem.to_owned(),
            };
            let turns = if source.sample().records().first().is_some_and(is_record) {
                let place = name.rfind('/').map_or("", |at| &name[..=at]);
                if texts.iter().any(|text| text == place) {
                    sink.skipped("the same messages as in chat.md", &shorten(&name));
                    return Ok(());
                }
                records(source, options, sink)?
            } else {
                turns(&source.whole_text(LARGEST, sink)?, options, sink)
            };
            sink.conversation(Conversation {
                title: Some(title),
                started_at: turns.iter().find_map(|turn| turn.said_at),
                turns,
                ..Conversation::default()
            })?;
            Ok(())
        })
    }
}

/// Whether a line has the mark that WhatsApp puts before its own words on iPhones: before the stamp,
/// or where the text begins.
fn is_of_whatsapp(line: &str) -> bool {
    const MARK: char = '\u{200E}';
    let line = line.trim_start_matches('\u{FEFF}');
    line.starts_with(MARK) || read(line).is_some_and(|line| line.said.starts_with(MARK))
}

/// Whether a record is a message of the JSON Lines that newer versions write beside the text.
fn is_record(value: &Value) -> bool {
    ["sender", "body", "date"].iter().all(|key| value.get(*key).is_some())
        && ["quote", "reactions", "attachments"].iter().any(|key| value.get(*key).is_some())
}

fn records(
    source: &mut Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<Vec<NewTurn>, ImportError> {
    let layout = source.sample().layout(is_record);
    let (mut turns, mut stamps) = (Turns::default(), Stamps::default());
    source.each_record(layout, Unit::Message, sink, |value, sink| {
        match record(&value, &mut stamps, options) {
            Some(turn) => turns.push(turn, sink),
            None => sink.skipped("record that is no message", &shorten(&value.to_string())),
        }
        Ok(())
    })?;
    Ok(turns.into_vec())
}

/// Reads a record.
fn record(value: &Value, stamps: &mut Stamps, options: &Options) -> Option<NewTurn> {
    let sender = text_under(value, "sender")?;
    let files: Vec<String> = array_under(value, "attachments")
        .iter()
        .map(|item| {
            file(text_under(item, "name").or_else(|| text_under(item, "path")).unwrap_or("unnamed"))
        })
        .collect();
    let text = text_under(value, "body").unwrap_or_default().to_owned();
    let text = spoken(with_files(text, &files));
    let when = instant_in(value.get("date").unwrap_or(&Value::Null), &options.time_zone);
    let mut turn = NewTurn::message(Role::User, sender, text);
    turn.source_id = Some(stamps.id(when.said_at.map(Timestamp::civil), sender));
    turn.said_at_text = when.text;
    Some(turn.at(when.said_at))
}

/// A line that begins a message.
#[derive(Debug)]
struct Line<'t> {
    stamp: &'t str,
    civil: DateTime,
    author: Option<&'t str>,
    said: &'t str,
}

/// Reads `[2023-05-04, 15:12] Name: text`, also with seconds and without the comma. A year of four
/// digits first, with dashes and without seconds but in brackets, is no other program's.
fn read(line: &str) -> Option<Line<'_>> {
    let inside = line.trim_start_matches(dates::is_mark).strip_prefix('[')?;
    let (stamp, rest) = inside.split_once(']')?;
    let bytes = stamp.as_bytes();
    let shape = |at: usize, wanted: u8| bytes.get(at) == Some(&wanted);
    if !(shape(4, b'-') && shape(7, b'-') && matches!(bytes.get(10), Some(b',' | b' '))) {
        return None;
    }
    let (date, after) = Written::read(stamp)?;
    let (clock, after) = clock(after.trim_start_matches([',', ' ']))?;
    // Halves of the day are an iPhone's: WhatsApp writes them there.
    if !after.is_empty() || clock.halves {
        return None;
    }
    let date = dates::Orders::year_first().date(date)?;
    let rest = rest.strip_prefix(' ')?;
    if rest.starts_with(['<', '*', '-']) {
        return None;
    }
    let end = rest.find(": ").or_else(|| rest.ends_with(':').then(|| rest.len() - 1));
    let end = end.filter(|end| (1..=80).contains(end));
    Some(Line {
        stamp,
        civil: date.to_datetime(clock.time),
        author: end.map(|end| rest[..end].trim()),
        said: end.map_or(rest, |end| rest[end + 1..].trim_start()),
    })
}

fn turns(text: &str, options: &Options, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let mut messages: Vec<(Line<'_>, String)> = Vec::new();
    for raw in text.lines() {
        if let Some(line) = read(raw) {
            let said = line.said.to_owned();
            messages.push((line, said));
        } else if let Some((_, said)) = messages.last_mut() {
            said.push('\n');
            said.push_str(raw);
        } else if !raw.trim().is_empty() {
            sink.skipped("line before the first message", &shorten(raw));
        }
    }
    let mut turns = Turns::default();
    let mut stamps = Stamps::default();
    for (line, said) in messages {
        let said = placeholders(said.trim_end());
        let mut turn = match line.author {
            Some("No-Sender") | None => service(said),
            Some(author) => NewTurn::message(Role::User, author, spoken(said)),
        };
        turn.source_id = Some(stamps.id(Some(line.civil), &turn.speaker));
        let when = dates::instant(line.civil, line.stamp, options);
        turn.said_at_text = when.text;
        turns.push(turn.at(when.said_at), sink);
    }
    turns.into_vec()
}

/// Returns a text with the links to its attachments, as markdown writes them, in recount's form.
/// What somebody wrote as a link stays.
fn placeholders(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let trimmed = line.trim();
        let picture = trimmed.strip_prefix('!').unwrap_or(trimmed);
        let link = picture.strip_prefix('[').and_then(|t| t.strip_suffix(')')).filter(|t| {
            t.matches("](").count() == 1 && (t.contains("](./media/") || t.contains("](media/"))
        });
        match link.and_then(|link| link.split_once("](")) {
            Some((name, path)) => {
                let name =
                    if name.is_empty() { path.rsplit('/').next().unwrap_or(path) } else { name };
                file(name)
            }
            None => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{options, read_as, read_bytes, read_path};

    #[test]
    fn a_chat() {
        let text = "[2023-05-04, 15:12] Ada: Hello: you\n[2023-05-04, 15:12] Me: Two\n\nparagraphs\n\
                    [2023-05-04, 15:13] Me: \n![](./media/2023-05-04_view.jpg)\n[2023-05-04, 15:14] Ada: [plan.pdf](./media/plan.pdf)\n\
                    > \n> quoted\n[2023-05-04, 15:15] No-Sender: You set disappearing messages\n[2023-05-04, 15:16] Ada: (- Me: \u{1F44D} -)\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let sink = read_as("signal", &text);
            assert_eq!(
                sink.said(),
                [
                    "Ada: Hello: you",
                    "Me: Two\n\nparagraphs",
                    "Me: \n[file: 2023-05-04_view.jpg]",
                    "Ada: [file: plan.pdf]\n> \n> quoted",
                    "(tool) system: You set disappearing messages",
                    "Ada: (- Me: \u{1F44D} -)",
                ]
            );
            let turn = &sink.conversations[0].turns[0];
            assert_eq!(turn.said_at.unwrap().to_string(), "2023-05-04T15:12:00Z");
            assert_eq!(turn.said_at_text.as_deref(), Some("2023-05-04, 15:12"));
        }
    }

    #[test]
    fn the_folder_names_the_chat() {
        let folder = tempfile::tempdir().unwrap();
        let chat = folder.path().join("Ada B");
        std::fs::create_dir(&chat).unwrap();
        std::fs::write(chat.join("chat.md"), "[2023-05-04 15:12:03] Ada: hi\n").unwrap();
        for path in [folder.path(), &chat.join("chat.md")] {
            let (_, sink) = read_path(path, &options());
            assert_eq!(sink.conversations[0].title.as_deref(), Some("Ada B"));
        }
    }

    #[test]
    fn the_lines_beside_the_text() {
        let lines = "{\"date\":\"2023-05-04T15:12:03\",\"sender\":\"Ada\",\"body\":\"hi\",\"quote\":\"\",\"reactions\":[],\"attachments\":[]}\n\
                     {\"date\":\"2023-05-04T15:13:00\",\"sender\":\"Me\",\"body\":\"\",\"quote\":\"\",\"reactions\":[],\"attachments\":[{\"name\":\"a.jpg\",\"path\":\"media/a.jpg\"}]}\n{\"x\":1}\n";
        let sink = read_as("signal", lines);
        assert_eq!(sink.said(), ["Ada: hi", "Me: [file: a.jpg]"]);
        assert_eq!(sink.skipped["record that is no message"], 1);
        let folder = tempfile::tempdir().unwrap();
        let chat = folder.path().join("Ada B");
        std::fs::create_dir(&chat).unwrap();
        std::fs::write(chat.join("data.json"), lines).unwrap();
        assert_eq!(
            read_path(folder.path(), &options()).1.conversations[0].title.as_deref(),
            Some("Ada B")
        );
        std::fs::write(chat.join("chat.md"), "[2023-05-04, 15:12] Ada: hi\n").unwrap();
        assert_eq!(read_path(folder.path(), &options()).1.said(), ["Ada: hi"]);
    }

    #[test]
    fn other_files_are_not_taken() {
        for text in [
            "[2023-05-04 15:12:03] <ada> hi\n",
            "[2023-05-04 15:12:03] * ada waves: hi\n",
            "[04.05.23, 15:12:05] Ada: hi\n",
            "[2023-05-04T15:12:03] Ada: hi\n",
            "[2023-05-04, 3:12:03 PM] Ada: hi\n",
        ] {
            let (_, sink) = read_bytes(text.as_bytes());
            assert!(!sink.formats.contains(&"signal"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn texts_of_any_kind_do_no_harm(text in "(\\[2023-0[1-9]-[0-9]{2}, [0-9]{1,2}:[0-9]{2}\\] ?\\PC{0,12}\n?){0,5}") {
            let _ = crate::import::testing::read_bytes(text.as_bytes());
        }
    }
}
