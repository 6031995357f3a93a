//! Viber: the CSV file of each chat that the phone mails (*Settings → Account → Viber backup → Email
//! message history*), without a head: date, time, name, number, text. Also the older text:
//! `[ 2024-05-01 ] [ 10:00 AM ] Eva: text`.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{Stamps, media, spoken};
use crate::import::reading::dates::{self, Clock, Orders, Written, clock};
use crate::import::reading::sample::prose;
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use csv::StringRecord;

const LARGEST: usize = 256 << 20;

/// The format `viber`.
pub(super) struct Viber;

impl Importer for Viber {
    fn format(&self) -> &'static str {
        "viber"
    }

    fn description(&self) -> &'static str {
        "Viber: the CSV or text files of a mailed message history, or their ZIP"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        const LOOKED_AT: usize = 3;
        let Some(text) = prose(sample) else { return Confidence::No };
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if line(first).is_some() {
            return Confidence::Certain;
        }
        let mut reader = reader(text);
        let mut looked_at = 0;
        for record in reader.records().take(LOOKED_AT) {
            // A head, of programs that add one, has no date.
            match record.ok().map(|record| row(&record).is_some()) {
                Some(true) => looked_at += 1,
                _ if looked_at > 0 => return Confidence::No,
                _ => {}
            }
        }
        if looked_at > 0 { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let stem = source.stem().to_owned();
            let text = source.whole_text(LARGEST, sink)?;
            let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let messages = match line(first) {
                Some(_) => lines(&text, sink),
                None => rows(&text, sink),
            };
            let turns = turns(messages, options, sink);
            let started_at = turns.first_at();
            let head = Conversation { title: Some(stem), started_at, ..Conversation::default() };
            Ok(turns.send(head, sink)?)
        })
    }
}

/// A message.
struct Message {
    stamp: String,
    date: Written,
    clock: Clock,
    name: String,
    text: String,
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    let text = text.trim_start_matches(['\u{FEFF}', '\n', '\r']);
    let first = text.lines().next().unwrap_or_default();
    let separator = [b',', b';', b'\t'];
    let count = |separator: u8| first.bytes().filter(|b| *b == separator).count();
    // The first of those that stand equally often.
    let separator = separator.into_iter().rev().max_by_key(|s| count(*s)).unwrap_or(b',');
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}

/// Reads a row; text with commas that were not marked as text is in several fields.
fn row(record: &StringRecord) -> Option<Message> {
    let field = |at: usize| record.get(at).map(str::trim);
    let (date, rest) = Written::read(field(0)?)?;
    let (clock, after) = clock(field(1)?)?;
    let (name, number) = (field(2)?, field(3)?);
    let is_number = number.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c));
    let text: Vec<&str> = record.iter().skip(4).collect();
    let fits = rest.trim().is_empty() && after.trim().is_empty() && is_number && record.len() > 4;
    let name = if name.is_empty() { number } else { name };
    (fits && !name.is_empty()).then(|| Message {
        stamp: format!("{} {}", field(0).unwrap_or_default(), field(1).unwrap_or_default()),
        date,
        clock,
        name: name.to_owned(),
        text: text.join(","),
    })
}

fn rows(text: &str, sink: &mut dyn Sink) -> Vec<Message> {
    let mut messages = Vec::new();
    for (at, record) in reader(text).records().enumerate() {
        match record {
            Ok(record) => match row(&record) {
                Some(message) => messages.push(message),
                // A head.
                None if at == 0 => {}
                None => {
                    let row: Vec<&str> = record.iter().collect();
                    sink.skipped("row without a message", &shorten(&row.join(" ")));
                }
            },
            Err(error) => sink.skipped("row that cannot be read", &shorten(&error.to_string())),
        }
    }
    messages
}

/// Reads `[ 2024-05-01 ] [ 10:00 AM ] Eva: text`.
fn line(line: &str) -> Option<Message> {
    let inside = line.trim_start_matches(dates::is_mark).trim().strip_prefix("[ ")?;
    let (day, rest) = inside.split_once(" ] [ ")?;
    let (time, rest) = rest.split_once(" ] ")?;
    let (date, after) = Written::read(day.trim())?;
    let (clock, more) = clock(time.trim())?;
    let (name, text) = rest.split_once(':')?;
    let fits = after.trim().is_empty() && more.trim().is_empty() && !name.trim().is_empty();
    fits.then(|| Message {
        stamp: format!("{} {}", day.trim(), time.trim()),
        date,
        clock,
        name: name.trim().to_owned(),
        text: text.trim_start().to_owned(),
    })
}

fn lines(text: &str, sink: &mut dyn Sink) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for raw in text.lines() {
        if let Some(message) = line(raw) {
            messages.push(message);
        } else if let Some(open) = messages.last_mut() {
            open.text.push('\n');
            open.text.push_str(raw);
        } else if !raw.trim().is_empty() {
            sink.skipped("line before the first message", &shorten(raw));
        }
    }
    messages
}

fn turns(messages: Vec<Message>, options: &Options, sink: &mut dyn Sink) -> Turns {
    let written: Vec<Written> = messages.iter().map(|message| message.date).collect();
    let halves = messages.iter().any(|message| message.clock.halves);
    let orders = Orders::decide(&written, halves, options.date_order, sink);
    let (mut turns, mut stamps) = (Turns::long(), Stamps::default());
    for message in messages {
        let civil = orders.date(message.date).map(|date| date.to_datetime(message.clock.time));
        if civil.is_none() {
            sink.skipped("time that cannot be read", &shorten(&message.stamp));
        }
        let said_at =
            civil.and_then(|civil| dates::instant(civil, &message.stamp, options).said_at);
        let text = match message.text.trim() {
            "Photo message" | "Photo Message" => media("picture"),
            "Video message" | "Video Message" => media("video"),
            "Sticker message" | "Sticker Message" | "Sticker" => media("sticker"),
            "Voice message" | "Voice Message" => media("voice message"),
            text => text.to_owned(),
        };
        let mut turn = NewTurn::message(Role::User, message.name, spoken(text)).at(said_at);
        turn.source_id = Some(stamps.id(civil, &turn.speaker));
        turn.said_at_text = Some(message.stamp);
        turns.push(turn, sink);
    }
    turns
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    #[test]
    fn rows_of_a_chat() {
        let text = "13/05/2024,10:00:01,Eva Lie,+15550100,the hall is free\r\n13/05/2024,10:02:05,Me,+15550101,\"wait, for\nme\"\r\n\
                    13/05/2024,10:02:06,Me,,not marked, at all\r\n13/05/2024,10:02:07,Eva Lie,+15550100,Photo message\r\nbroken\r\n";
        let sink = read_as("viber", text);
        assert_eq!(
            sink.said(),
            [
                "Eva Lie: the hall is free",
                "Me: wait, for\nme",
                "Me: not marked, at all",
                "Eva Lie: [picture]"
            ]
        );
        assert_eq!(sink.skipped["row without a message"], 1);
        assert_eq!(sink.span().0.unwrap().to_string(), "2024-05-13T10:00:01Z");
        let semicolons = "Date;Time;Name;Number;Text\n13.05.2024;10:00:01;Eva;;a;b\n";
        assert_eq!(read_as("viber", semicolons).said(), ["Eva: a,b"]);
    }

    #[test]
    fn lines_of_a_chat() {
        let text = "[ 2024-05-01 ] [ 10:00 AM ] Eva Lie: hall: free\nmore\n[ 2024-05-01 ] [ 10:02 PM ] Me: ok\n";
        let sink = read_as("viber", text);
        assert_eq!(sink.said(), ["Eva Lie: hall: free\nmore", "Me: ok"]);
        assert_eq!(sink.span().1.unwrap().to_string(), "2024-05-01T22:02:00Z");
    }

    #[test]
    fn other_files_are_not_taken() {
        for text in [
            "date,time,name,number,text\n",
            "13/05/2024,10:00:01,coffee,3.50\n",
            "13/05/2024,10:00:01,Eva,hello,there\n",
            "[2024-05-01] [10:00] Eva: hi\n",
        ] {
            assert!(!read_bytes(text.as_bytes()).1.formats.contains(&"viber"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn texts_of_any_kind_do_no_harm(text in "([0-9]{1,2}/[0-9]{2}/2024,|[0-9]{2}:[0-9]{2}:[0-9]{2},|\"|\\PC{0,8},|\n){0,20}") {
            let _ = read_bytes(format!("13/05/2024,10:00:01,Eva,,x\n{text}").as_bytes());
        }
    }
}
