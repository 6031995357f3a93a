//! Microsoft Copilot: the CSV files of its activity history.
//!
//! A file has neither ids nor zones, and the newest rows first: a question and its answer carry the
//! same second, so that rows are turned round and never sorted. The title is all that says which
//! conversation a row is of.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::dates;
use crate::import::reading::sample::prose;
use crate::import::reading::time::{When, parse};
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use std::collections::HashMap;

/// A longer text is no history that somebody typed.
const LARGEST: usize = 256 << 20;

/// The format `copilot`.
pub(super) struct Copilot;

impl Importer for Copilot {
    fn format(&self) -> &'static str {
        "copilot"
    }

    fn description(&self) -> &'static str {
        "Microsoft Copilot: the CSV of the activity history (Conversation, Time, Author, Message)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let Some(text) = prose(sample) else { return Confidence::No };
        let header = reader(text).headers().cloned().unwrap_or_default();
        if Columns::of(&header).is_some() { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let text = source.whole_text(LARGEST, sink)?;
            for conversation in conversations(&text, options, sink) {
                sink.conversation(conversation)?;
            }
            Ok(())
        })
    }
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    let text = text.trim_start_matches(['\u{FEFF}', '\n', '\r']);
    csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes())
}

/// Which column is what.
#[derive(Debug, Clone, Copy)]
struct Columns {
    title: usize,
    time: usize,
    author: usize,
    text: usize,
}

impl Columns {
    /// The columns of the history of the app, or of that of Microsoft 365.
    fn of(header: &csv::StringRecord) -> Option<Self> {
        let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        let place = |names_of: &[&str]| names.iter().position(|n| names_of.contains(&n.as_str()));
        Some(Self {
            title: place(&["conversation", "chatname"])?,
            time: place(&["time", "createdat"])?,
            author: place(&["author"])?,
            text: place(&["message", "messagecontent"])?,
        })
    }
}

/// A row as it stands in the file.
struct Row {
    title: String,
    time: String,
    role: Role,
    text: String,
}

fn conversations(text: &str, options: &Options, sink: &mut dyn Sink) -> Vec<Conversation> {
    let mut reader = reader(text);
    let Some(columns) = reader.headers().ok().and_then(Columns::of) else {
        sink.failed("file without the columns of a history", &shorten(text));
        return Vec::new();
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else {
            sink.skipped("row that cannot be read", "");
            continue;
        };
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let role = match cell(columns.author).to_lowercase().as_str() {
            "human" | "user" => Role::User,
            "ai" | "bot" | "assistant" | "copilot" => Role::Assistant,
            other => {
                sink.skipped("message without a known author", &shorten(other));
                continue;
            }
        };
        rows.push(Row {
            title: cell(columns.title).to_owned(),
            time: cell(columns.time).to_owned(),
            role,
            text: cell(columns.text).to_owned(),
        });
    }
    let stamps: Vec<_> = rows.iter().map(|row| dates::Stamp::read(&row.time)).collect();
    let orders = dates::orders(stamps.iter().flatten(), options, sink);
    let times: Vec<When> = rows
        .iter()
        .zip(&stamps)
        .map(|(row, stamp)| {
            let when = parse(&row.time, &options.time_zone);
            match stamp {
                Some(stamp) if when.said_at.is_none() => stamp.instant(&orders, options),
                _ => when,
            }
        })
        .collect();
    let newest_first = is_newest_first(&rows, &times);
    let mut both: Vec<(Row, When)> = rows.into_iter().zip(times).collect();
    if newest_first {
        both.reverse();
    }
    let mut titles: Vec<String> = Vec::new();
    let mut chats: HashMap<String, Turns> = HashMap::new();
    for (row, when) in both {
        if when.said_at.is_none() {
            sink.skipped("time that cannot be read", &shorten(&row.time));
        }
        let mut turn = NewTurn::message(row.role, row.role.as_str(), row.text);
        turn.said_at_text = when.text;
        let chat = chats.entry(row.title.clone()).or_insert_with(|| {
            titles.push(row.title.clone());
            Turns::default()
        });
        chat.push(turn.at(when.said_at), sink);
    }
    let conversation = |title: String| {
        let turns = chats.remove(&title)?;
        let started_at = turns.first_at();
        let turns = turns.into_vec();
        let source_id = Some(title.clone());
        let title = Some(title).filter(|title| !title.is_empty());
        (!turns.is_empty()).then_some(Conversation { source_id, title, started_at, turns })
    };
    titles.into_iter().filter_map(conversation).collect()
}

/// Whether the file goes backwards in time; where all carry one time, whether answers stand before
/// what they answer.
fn is_newest_first(rows: &[Row], times: &[When]) -> bool {
    let told: Vec<_> = times.iter().filter_map(|when| when.said_at).collect();
    let steps = |backward: bool| {
        told.windows(2)
            .filter(|pair| if backward { pair[1] < pair[0] } else { pair[1] > pair[0] })
            .count()
    };
    match steps(true).cmp(&steps(false)) {
        std::cmp::Ordering::Equal => rows.first().is_some_and(|row| row.role == Role::Assistant),
        more => more.is_gt(),
    }
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    #[test]
    fn rows_are_turned_round_and_not_sorted() {
        let sink = read_as(
            "copilot",
            "\u{FEFF}Conversation,Time,Author,Message\r\n\
             \"Bread\",2026-07-26T23:21:10,AI,\"At noon,\nnot later\"\r\n\
             \"Bread\",2026-07-26T23:21:10,Human,\"And \"\"when\"\"?\"\r\n\
             \"Ships\",2026-07-26T23:21:00,AI,A ferry.\r\n\
             \"Ships\",2026-07-26T23:21:00,Human,Which?\r\n\
             \"Bread\",2026-07-26T23:20:56,AI,Rye.\r\n\
             \"Bread\",2026-07-26T23:20:56,Human,Which one?\r\n\
             \"Bread\",2026-07-26T23:20:50,Robot,?\r\n",
        );
        assert_eq!(
            sink.said(),
            [
                "user: Which one?",
                "assistant: Rye.",
                "user: And \"when\"?",
                "assistant: At noon,\nnot later",
                "user: Which?",
                "assistant: A ferry."
            ]
        );
        let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
        assert_eq!(titles, ["Bread", "Ships"]);
        assert_eq!(sink.span().0.unwrap().to_string(), "2026-07-26T23:20:56Z");
        assert_eq!(sink.skipped["message without a known author"], 1);
    }

    #[test]
    fn the_history_of_microsoft_365() {
        let sink = read_as(
            "copilot",
            "CreatedAt,MessageContent,Author,ChatName\n\
             1/13/2026 10:00:00 +00:00,Query,user,Research\n\
             1/13/2026 10:00:01 +00:00,Answer,bot,Research\n",
        );
        assert_eq!(sink.said(), ["user: Query", "assistant: Answer"]);
        assert_eq!(sink.span().1.unwrap().to_string(), "2026-01-13T10:00:01Z");
        assert!(read_bytes(b"Name,Time,Place\nx,1,y\n").0.is_err());
    }
}
