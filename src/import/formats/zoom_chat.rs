//! Zoom: the text of a meeting's chat. `10:00:01 From Eva to Everyone: text`, as the program saves it;
//! the same with a date, and the text on the lines below; and `00:12:34⇥Eva:⇥text`, as it comes with
//! a recording.

use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{Stamps, spoken};
use crate::import::reading::dates::{self, Orders, Written, clock};
use crate::import::reading::sample::prose;
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use jiff::Span;
use jiff::civil::{Date, Time};

const LARGEST: usize = 64 << 20;

/// The format `zoom_chat`.
pub(super) struct ZoomChat;

impl Importer for ZoomChat {
    fn format(&self) -> &'static str {
        "zoom_chat"
    }

    fn description(&self) -> &'static str {
        "Zoom: the saved chat of a meeting (chat.txt, meeting_saved_chat.txt)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let Some(text) = prose(sample) else { return Confidence::No };
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if read(first).is_some() { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let around = input.path().to_owned();
        input.each(sink, |source, sink| {
            let name = source.sample().name().to_owned();
            let parent = || Some(around.parent()?.file_name()?.to_string_lossy().into_owned());
            let folder = match name.rsplit_once('/') {
                Some((folder, _)) => folder.rsplit('/').next().map(str::to_owned),
                None if around.is_dir() => {
                    around.file_name().map(|name| name.to_string_lossy().into_owned())
                }
                None => parent(),
            };
            let stem = source.stem().to_owned();
            let meeting = Meeting::of(&stem, folder.as_deref());
            let text = source.whole_text(LARGEST, sink)?;
            let turns = turns(&text, &meeting, options, sink);
            let title = meeting.title.clone().unwrap_or(stem);
            let started_at = turns.first_at();
            let head = Conversation { title: Some(title), started_at, ..Conversation::default() };
            Ok(turns.send(head, sink)?)
        })
    }
}

/// When a meeting was, as far as the names of the file and its folder tell.
#[derive(Debug, Default)]
struct Meeting {
    /// When a recording began: the name of its files is `GMT20240501-100000_Recording`.
    began: Option<Timestamp>,
    /// The day, and when it began: `2024-05-01 10.00.00 Name of the meeting 8123`.
    day: Option<(Date, Time)>,
    title: Option<String>,
}

impl Meeting {
    fn of(stem: &str, folder: Option<&str>) -> Self {
        let mut meeting = Self::default();
        if let Some(digits) = stem.strip_prefix("GMT").and_then(|rest| rest.get(..15))
            && let Some((date, time)) = digits.split_once('-')
        {
            meeting.began = format!("{date}T{time}")
                .parse::<jiff::civil::DateTime>()
                .ok()
                .and_then(|civil| Timestamp::parse(&format!("{civil}Z")));
        }
        let read = |folder: &str| {
            let (written, rest) = Written::read(folder)?;
            let (clock, rest) = clock(rest.trim_start())?;
            let date = Orders::year_first().date(written)?;
            Some(((date, clock.time), rest.trim().to_owned()))
        };
        if let Some((day, title)) = folder.and_then(read) {
            meeting.day = Some(day);
            meeting.title = Some(title).filter(|title| !title.is_empty());
        }
        meeting
    }

    fn when(&self, line: &Line<'_>, later: i64, options: &Options) -> Option<Timestamp> {
        let day = line.date.or(self.day.map(|(day, _)| day));
        // Beside a recording, times count from its beginning.
        if let (true, Some(began), None) = (line.tabs, self.began, line.date) {
            let time = line.time;
            let seconds = i64::from(time.hour()) * 3600
                + i64::from(time.minute()) * 60
                + i64::from(time.second());
            return Timestamp::from_millis(began.as_millis() + seconds * 1000);
        }
        let day = day.or_else(|| {
            let began = self.began?.to_jiff();
            Some(began.to_zoned_datetime(options.time_zone.clone()).date())
        })?;
        let later = if line.date.is_some() { 0 } else { later };
        let day = day.checked_add(Span::new().days(later)).ok()?;
        dates::instant(day.to_datetime(line.time), line.stamp, options).said_at
    }
}

/// A line that begins a message.
struct Line<'t> {
    stamp: &'t str,
    date: Option<Date>,
    time: Time,
    name: &'t str,
    text: &'t str,
    tabs: bool,
}

fn read(line: &str) -> Option<Line<'_>> {
    const LONGEST: usize = 160;
    let line = line.trim_start_matches(dates::is_mark).trim_end();
    let (date, rest) = match Written::read(line) {
        Some((written, rest)) => {
            (Some(Orders::year_first().date(written)?), rest.strip_prefix([' ', '\t'])?)
        }
        None => (None, line),
    };
    let (clock, after) = clock(rest)?;
    let stamp = &line[..line.len() - after.len()];
    // Seconds are always written.
    if stamp.matches(':').count() != 2 || !stamp.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let inner = after.trim_start();
    if let Some(from) = inner.strip_prefix("From ").filter(|_| inner.len() < after.len()) {
        let end = from.find(" : ").or_else(|| from.find(": ")).or_else(|| from.find(":\t"));
        let end = end.or_else(|| from.strip_suffix(':').map(str::len))?;
        let (head, said) = (from[..end].trim(), from[end..].trim_start_matches(' '));
        let said = said.strip_prefix(':').unwrap_or(said).trim_start();
        let to = [" to ", " To "].iter().filter_map(|word| head.find(word)).min();
        let name = head[..to.unwrap_or(head.len())].trim();
        let fits = !name.is_empty() && head.chars().count() <= LONGEST;
        return fits.then_some(Line {
            stamp,
            date,
            time: clock.time,
            name,
            text: said,
            tabs: false,
        });
    }
    let (name, text) = after.strip_prefix('\t')?.trim_start().split_once(':')?;
    let fits = !name.trim().is_empty()
        && name.chars().count() <= LONGEST / 2
        && !name.contains('\t')
        && (text.is_empty() || text.starts_with(['\t', ' ']));
    let (name, text) = (name.trim(), text.trim_start());
    fits.then_some(Line { stamp, date, time: clock.time, name, text, tabs: true })
}

fn turns(text: &str, meeting: &Meeting, options: &Options, sink: &mut dyn Sink) -> Turns {
    let mut messages: Vec<(Line<'_>, String)> = Vec::new();
    for raw in text.lines() {
        if let Some(line) = read(raw) {
            let said = line.text.to_owned();
            messages.push((line, said));
        } else if let Some((_, said)) = messages.last_mut() {
            said.push('\n');
            said.push_str(raw.strip_prefix('\t').unwrap_or(raw.trim_start_matches(' ')));
        } else if !raw.trim().is_empty() {
            sink.skipped("line before the first message", &shorten(raw));
        }
    }
    let (mut turns, mut stamps) = (Turns::long(), Stamps::default());
    // A meeting can go on past midnight.
    let (mut later, mut last) = (0, meeting.day.map(|(_, time)| time));
    for (line, said) in messages {
        let halfway = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
        if last.is_some_and(|last| halfway(last) - halfway(line.time) > 12 * 60) {
            later += 1;
        }
        last = Some(line.time);
        let said = said.trim();
        if is_reaction(said) {
            sink.skipped("reaction", &shorten(said));
            continue;
        }
        let said = without_reference(said).to_owned();
        let said_at = meeting.when(&line, later, options);
        let mut turn = NewTurn::message(Role::User, line.name, spoken(said)).at(said_at);
        turn.said_at_text = Some(line.stamp.to_owned());
        turn.source_id = said_at.map(|at| stamps.id(Some(at.civil()), line.name));
        turns.push(turn, sink);
    }
    turns
}

/// Whether a text stands for a reaction to another: it names the beginning of that one.
fn is_reaction(text: &str) -> bool {
    let quoted = |rest: &str| rest.starts_with(['"', '\u{201C}']);
    text.strip_prefix("Reacted to ").is_some_and(|rest| quoted(rest) && rest.contains(" with "))
        || text.starts_with("Removed a ") && text.contains(" reaction from ")
}

/// Returns an answer without the line that names the beginning of what it answers.
fn without_reference(text: &str) -> &str {
    let first = text.lines().next().unwrap_or_default();
    let names = first.strip_prefix("Replying to ");
    if !names.is_some_and(|rest| rest.starts_with(['"', '\u{201C}'])) {
        return text;
    }
    let rest = text[first.len()..].trim_start();
    if rest.is_empty() { text } else { rest }
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{options, read_as, read_bytes, read_file, read_path};

    #[test]
    fn as_the_program_saves_it() {
        let text = "10:00:01\t From Eva Lie : hello\n10:00:05 From Jon to Everyone: one: two\nthree\n\
                    10:00:06\tFrom Ida to Jon(Direct Message):\tpsst\n23:59:59 From Jon To Eva Lie (Privately) : late\n00:00:01 From Jon to Everyone: next day\n";
        let said =
            ["Eva Lie: hello", "Jon: one: two\nthree", "Ida: psst", "Jon: late", "Jon: next day"];
        let sink = read_as("zoom_chat", text);
        assert_eq!(sink.said(), said);
        assert_eq!(sink.conversations[0].turns[0].said_at_text.as_deref(), Some("10:00:01"));
        let folder = tempfile::tempdir().unwrap();
        let meeting = folder.path().join("2024-05-01 09.58.00 Choir 8123");
        std::fs::create_dir(&meeting).unwrap();
        std::fs::write(meeting.join("meeting_saved_chat.txt"), text).unwrap();
        for path in [folder.path(), &meeting, &meeting.join("meeting_saved_chat.txt")] {
            let (_, sink) = read_path(path, &options());
            assert_eq!(sink.said(), said);
            assert_eq!(sink.span().0.unwrap().to_string(), "2024-05-01T10:00:01Z");
            assert_eq!(sink.span().1.unwrap().to_string(), "2024-05-02T00:00:01Z");
            assert_eq!(sink.conversations[0].title.as_deref(), Some("Choir 8123"));
        }
    }

    #[test]
    fn with_dates_answers_and_reactions() {
        let text = "2024-05-01 10:00:01 From Eva Lie to Everyone:\n\twhen?\n\twhere?\n2024-05-01 10:00:05 From Jon to Everyone:\n\tReplying to \"when?\"\n\t\n\tat ten\n\
                    2024-05-01 10:00:06 From Ida to Everyone:\n\tReacted to \"at ten\" with \u{1F44D}\n2024-05-01 10:00:07 From Ida to Everyone:\n\tRemoved a \u{1F44D} reaction from \"at ten\"\n";
        let sink = read_as("zoom_chat", text);
        assert_eq!(sink.said(), ["Eva Lie: when?\nwhere?", "Jon: at ten"]);
        assert_eq!(sink.skipped["reaction"], 2);
        assert_eq!(sink.span().1.unwrap().to_string(), "2024-05-01T10:00:05Z");
    }

    #[test]
    fn beside_a_recording() {
        let text = "00:00:10\tEva Lie:\thello\n00:01:00\tJon:\thttps://example.com: look\nmore\n";
        let sink = read_file("GMT20240501-100000_Recording.txt", text.as_bytes());
        assert_eq!(sink.formats, ["zoom_chat"]);
        assert_eq!(sink.said(), ["Eva Lie: hello", "Jon: https://example.com: look\nmore"]);
        assert_eq!(sink.span().0.unwrap().to_string(), "2024-05-01T10:00:10Z");
    }

    #[test]
    fn other_files_are_not_taken() {
        for text in [
            "10:00:01 Eva: hi\n",
            "10:00\tEva\thi\n",
            "[10:00:01] From Eva: hi\n",
            "10:00:01\tGET /x: 200\tok\n",
        ] {
            let taken = read_bytes(text.as_bytes()).1.formats.contains(&"zoom_chat");
            assert!(!taken || text.contains("GET"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn texts_of_any_kind_do_no_harm(text in "(([0-9]{1,2}:[0-9]{2}:[0-9]{2})?[ \t](From )?\\PC{0,6}( to )?\\PC{0,4}:?[ \t]\\PC{0,6}\n){0,5}") {
            let _ = read_bytes(format!("10:00:01 From a to b: c\n{text}").as_bytes());
        }
    }
}
