//! Google Meet: the transcript of a meeting, a document that is saved as text. Who spoke is before a
//! colon; a line every few minutes says how long the meeting has been going on.
//!
//! The chat of a recording is a file of captions (`.sbv`), which `srt_vtt` reads.

use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{Stamps, service, spoken};
use crate::import::reading::dates::{self, Orders, Stamp};
use crate::import::reading::sample::prose;
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};

const LARGEST: usize = 64 << 20;

/// The format `google_meet`.
pub(super) struct GoogleMeet;

impl Importer for GoogleMeet {
    fn format(&self) -> &'static str {
        "google_meet"
    }

    fn description(&self) -> &'static str {
        "Google Meet: the transcript of a meeting, saved as text"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        const LOOKED_AT: usize = 600;
        let Some(text) = prose(sample) else { return Confidence::No };
        let lines = || text.lines().map(clean).filter(|line| !line.is_empty()).take(LOOKED_AT);
        let headed = lines().any(is_heading);
        let marked = lines().any(|line| mark(line).is_some() || ended(line));
        let attended = lines().any(is_attendees) || lines().any(|line| meeting(line).is_some());
        let said = lines().any(|line| said(line).is_some());
        match (headed, said, marked || attended) {
            (true, true, true) if lines().take(12).any(is_heading) => Confidence::Certain,
            // The notes of the meeting come first.
            (true, true, true) if marked => Confidence::Likely,
            _ => Confidence::No,
        }
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
            let (title, turns) = turns(&text, &stem, options, sink);
            let started_at = turns.first_at();
            let head = Conversation {
                title: Some(title.unwrap_or(stem)),
                started_at,
                ..Conversation::default()
            };
            Ok(turns.send(head, sink)?)
        })
    }
}

/// Returns a line without the marks of a heading and of bold words.
fn clean(line: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || dates::is_mark(c);
    line.trim_matches(blank).trim_start_matches('#').trim_matches(blank)
}

/// Whether a line is the heading of the transcript, or the title of a document that is one.
fn is_heading(line: &str) -> bool {
    let word = line.trim_matches(|c: char| !c.is_alphanumeric() && c != ')');
    word == "Transcript"
        || word
            .strip_suffix("Transcript")
            .is_some_and(|title| title.trim_end().ends_with(['-', '\u{2013}', '\u{2014}']))
}

fn is_attendees(line: &str) -> bool {
    matches!(line.trim_matches('*'), "Attendees" | "Invited" | "Participants")
}

/// What a title says of a meeting: its name, and when it was. `Choir (2024-05-01 10:00 GMT+2) – Transcript`.
fn meeting(line: &str) -> Option<(&str, Stamp)> {
    let (name, rest) = line.rsplit_once('(')?;
    let (inside, _) = rest.split_once(')')?;
    Some((name.trim(), Stamp::read(inside)?))
}

/// Reads a line that says how long the meeting has been going on, in seconds.
fn mark(line: &str) -> Option<i64> {
    let mut seconds: i64 = 0;
    let parts: Vec<&str> = line.trim_matches('*').split(':').collect();
    if !matches!(parts.len(), 2 | 3) {
        return None;
    }
    for part in parts {
        let digits = matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
        seconds = seconds * 60 + part.parse::<i64>().ok().filter(|_| digits)?;
    }
    Some(seconds)
}

fn ended(line: &str) -> bool {
    let line = line.trim_matches('*');
    let after = ["Meeting ended after ", "Transcription ended after "];
    after.iter().any(|words| {
        line.strip_prefix(words).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// Returns who speaks in a line, and what is said.
fn said(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("**").unwrap_or(line);
    let (name, said) = line.split_once(':')?;
    let name = name.trim_end_matches("**").trim();
    let fits = name.chars().next().is_some_and(char::is_alphabetic)
        && name.chars().count() <= 60
        && name.split_whitespace().count() <= 6
        && !name.contains(['?', '!', '/'])
        && (!name.contains('.') || name.contains(". "));
    let spaced = said.is_empty() || said.starts_with([' ', '*', '\u{A0}']);
    (fits && spaced).then(|| (name, said.trim_start_matches("**").trim()))
}

fn turns(
    text: &str,
    stem: &str,
    options: &Options,
    sink: &mut dyn Sink,
) -> (Option<String>, Turns) {
    let lines = || text.lines().map(clean);
    let found = lines().take(40).find_map(meeting).or_else(|| meeting(stem));
    // Such dates have the year first.
    let orders = Orders::year_first();
    let began = found.as_ref().and_then(|(_, stamp)| stamp.instant(&orders, options).said_at);
    let title = found.map(|(name, _)| name.to_owned()).filter(|name| !name.is_empty());
    // What comes before the last heading is about the meeting.
    let heading = lines().take(4000).enumerate().filter(|(_, line)| is_heading(line)).last();
    let begin = heading.map_or(0, |(at, _)| at + 1);
    let (mut turns, mut stamps) = (Turns::long(), Stamps::default());
    let mut passed: Option<i64> = began.map(|_| 0);
    let mut open: Option<NewTurn> = None;
    let mut close = |open: Option<NewTurn>, sink: &mut dyn Sink| {
        let Some(mut turn) = open else { return };
        turn.text = spoken(turn.text.trim().to_owned());
        let civil = turn.said_at.map(Timestamp::civil);
        turn.source_id = civil.map(|civil| stamps.id(Some(civil), &turn.speaker));
        turns.push(turn, sink);
    };
    let at = |passed: Option<i64>| {
        let millis = began?.as_millis() + passed? * 1000;
        Timestamp::from_millis(millis)
    };
    let mut names_follow = false;
    for (place, line) in lines().enumerate() {
        if line.is_empty() {
            continue;
        }
        if place < begin {
            // Of the notes only that they are there is told.
            let about =
                is_heading(line) || is_attendees(line) || names_follow || meeting(line).is_some();
            names_follow = is_attendees(line);
            if !about {
                sink.skipped("line before the transcript", &shorten(line));
            }
        } else if let Some(seconds) = mark(line) {
            passed = Some(seconds);
        } else if ended(line) {
            close(open.take(), sink);
            close(Some(service(line.trim_matches('*')).at(at(passed))), sink);
        } else if line.starts_with("This editable transcript was computer generated") {
            sink.skipped("remark about the transcript", &shorten(line));
        } else if let Some((name, said)) = said(line) {
            let mut turn = NewTurn::message(Role::User, name, said).at(at(passed));
            turn.said_at_text = passed.map(|seconds| {
                format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
            });
            close(open.replace(turn), sink);
        } else if let Some(turn) = &mut open {
            turn.text.push('\n');
            turn.text.push_str(line);
        } else {
            sink.skipped("line before the first message", &shorten(line));
        }
    }
    close(open, sink);
    (title, turns)
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    #[test]
    fn a_transcript() {
        let text = "\u{FEFF}Choir (2024-05-01 10:00 GMT+2) \u{2013} Transcript\r\nAttendees\r\nEva Lie, Jon\r\n\r\nTranscript\r\n\r\n\
            Eva Lie: Shall we begin?\r\n\r\nJon: Yes: now.\r\nAnd gladly.\r\n\r\n00:05:00\r\nEva Lie: Good\r\n\r\n00:10:00\r\n\r\nMeeting ended after 00:10:30 \u{1F44B}\r\n\r\n\
            This editable transcript was computer generated and might contain errors.\r\n";
        let sink = read_as("google_meet", text);
        assert_eq!(
            sink.said(),
            [
                "Eva Lie: Shall we begin?",
                "Jon: Yes: now.\nAnd gladly.",
                "Eva Lie: Good",
                "(tool) system: Meeting ended after 00:10:30 \u{1F44B}"
            ]
        );
        let times: Vec<String> = sink.conversations[0]
            .turns
            .iter()
            .filter_map(|t| Some(t.said_at?.to_string()))
            .collect();
        assert_eq!(
            times,
            [
                "2024-05-01T08:00:00Z",
                "2024-05-01T08:00:00Z",
                "2024-05-01T08:05:00Z",
                "2024-05-01T08:10:00Z"
            ]
        );
        assert_eq!(sink.conversations[0].title.as_deref(), Some("Choir"));
        assert_eq!(sink.skipped.keys().collect::<Vec<_>>(), ["remark about the transcript"]);
    }

    #[test]
    fn other_forms() {
        let newer = "Choir - Transcript\nAttendees\nEva, Jon\nTranscript\n00:00:00\n\nEva: one\nJon: two\nMeeting ended after 00:00:20\n";
        let sink = read_as("google_meet", newer);
        assert_eq!(sink.messages().count(), 2);
        assert_eq!(sink.conversations[0].turns[0].said_at_text.as_deref(), Some("00:00:00"));
        let markdown = "# **Choir (2024-05-01 10:00 GMT+2) - Transcript**\n### Attendees\nEva, Jon\n### Transcript\n**Eva:** one\n### 00:05:00\n**Jon:** two\n";
        let sink = read_as("google_meet", markdown);
        assert_eq!(sink.said(), ["Eva: one", "Jon: two"]);
    }

    #[test]
    fn other_files_are_not_taken() {
        for text in [
            "Eva: one\n00:05:00\nJon: two\n",
            "Transcript\n\nEva: one\nJon: two\n",
            "Attendees\nEva, Jon\n\nNotes: none\n",
        ] {
            assert!(!read_bytes(text.as_bytes()).1.formats.contains(&"google_meet"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn texts_of_any_kind_do_no_harm(text in "([0-9]{2}:[0-9]{2}:[0-9]{2}\n|Transcript\n|\\PC{0,8}: \\PC{0,8}\n|\\PC{0,8}\n){0,6}") {
            let _ = read_bytes(format!("x (2024-05-01 10:00 GMT+2) - Transcript\nA: b\n{text}").as_bytes());
        }
    }
}
