//! Captions: `SubRip` (SRT), `WebVTT` and `YouTube`'s SBV. Each cue is something that was said; who
//! spoke stands in voice tags, or before a colon as meeting programs write it.

mod cue;

use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::error::ImportError;
use crate::import::reading::sample::prose;
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use cue::Cue;

const LARGEST: usize = 64 << 20;

/// The format `srt_vtt`.
pub(super) struct Captions;

impl Importer for Captions {
    fn format(&self) -> &'static str {
        "srt_vtt"
    }

    fn description(&self) -> &'static str {
        "captions and transcripts of meetings: SRT, WebVTT, SBV"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        // Captions may begin with a number or an event's name, and hold a colour in brackets.
        if sample.binary().is_some() {
            return Confidence::No;
        }
        let text = sample.text();
        if text.trim_start().starts_with("WEBVTT") {
            return Confidence::Certain;
        }
        if prose(sample).is_none() {
            return Confidence::No;
        }
        let early = text.lines().filter(|line| !line.trim().is_empty()).take(6);
        if early.filter_map(cue::timing).count() > 0 { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let text = source.whole_text(LARGEST, sink)?;
            let began = began(source.stem());
            let cues = cue::cues(&text, sink);
            let colons = cues.iter().filter(|cue| by_colon(&cue.text).is_some()).count();
            // A single colon can be anything; in a meeting's transcript nearly every cue has one.
            let named = colons * 2 >= cues.len() && colons > 1
                // The chat of a meeting can be one message long.
                || colons == cues.len() && !text.contains("-->");
            let mut turns = Turns::default();
            for cue in cues {
                turns.push(turn(cue, named, began), sink);
            }
            let turns = turns.into_vec();
            sink.conversation(Conversation {
                title: Some(source.stem().to_owned()),
                started_at: began.or_else(|| turns.iter().find_map(|turn| turn.said_at)),
                turns,
                ..Conversation::default()
            })?;
            Ok(())
        })
    }
}

fn turn(cue: Cue, named: bool, began: Option<Timestamp>) -> NewTurn {
    let by_colon = by_colon(&cue.text).filter(|_| named && cue.voice.is_none());
    let (speaker, text) = match (&cue.voice, by_colon) {
        (Some(voice), _) => (voice.clone(), cue.text.clone()),
        (None, Some((name, said))) => (name.to_owned(), said.to_owned()),
        (None, None) => ("speaker".to_owned(), cue.text.clone()),
    };
    // A cue without words is a pause that somebody set.
    let text = if text.trim().is_empty() { "[no words]".to_owned() } else { text };
    let mut turn = NewTurn::message(Role::User, speaker, text);
    turn.said_at_text = Some(cue.written);
    turn.at(began.and_then(|began| Timestamp::from_millis(began.as_millis() + cue.millis)))
}

/// Returns the name before a colon and what follows.
fn by_colon(text: &str) -> Option<(&str, &str)> {
    let (name, said) = text.split_once(": ")?;
    let fits = name.chars().next().is_some_and(char::is_uppercase)
        && name.chars().count() <= 40
        && name.split_whitespace().count() <= 4
        && name.chars().all(|c| c.is_alphanumeric() || " .-_'’()".contains(c));
    fits.then_some((name, said))
}

/// Returns when a recording began, where its name says so as Zoom's does: `GMT20230504-151200…`.
fn began(stem: &str) -> Option<Timestamp> {
    let digits = stem.strip_prefix("GMT")?;
    let stamp = digits.get(..15).filter(|stamp| stamp.is_ascii())?;
    let (date, time) = stamp.split_once('-')?;
    let civil: jiff::civil::DateTime = format!("{date}T{time}").parse().ok()?;
    Timestamp::parse(&format!("{civil}Z"))
}

/// Leaves out of captions that roll what a cue repeats of the one before: automatic captions show
/// each line two or three times. Captions that only repeat now and then are left as they are.
fn unrolled(cues: Vec<Cue>) -> Vec<Cue> {
    const FEWEST: usize = 12;
    let repeats = cues.windows(2).filter(|pair| repeated(&pair[0], &pair[1]) > 0).count();
    if cues.len() < FEWEST || repeats * 5 < cues.len() * 2 {
        return cues;
    }
    let mut kept: Vec<Cue> = Vec::new();
    let mut last: Option<Cue> = None;
    for cue in cues {
        let again = last.as_ref().map_or(0, |last| repeated(last, &cue));
        let text: Vec<&str> = cue.text.lines().skip(again).collect();
        let new = Cue { text: text.join("\n"), ..cue.clone() };
        if !new.text.trim().is_empty() {
            kept.push(new);
        }
        last = Some(cue);
    }
    kept
}

/// Returns how many lines at the beginning of a cue are the last ones of the cue before.
fn repeated(before: &Cue, cue: &Cue) -> usize {
    let old: Vec<&str> = before.text.lines().collect();
    let new: Vec<&str> = cue.text.lines().collect();
    (1..=new.len().min(old.len())).rev().find(|n| old[old.len() - n..] == new[..*n]).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::{options, read_as, read_bytes, read_path};

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read_as("srt_vtt", text).said(), expected, "{text}");
        let crlf = read_as("srt_vtt", &text.replace('\n', "\r\n"));
        assert_eq!(crlf.said(), expected, "with CRLF: {text}");
    }

    #[test]
    fn subrip() {
        check(
            "\u{FEFF}1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i> {\\an8}there\n\nstill the first\n\n\
             7\n00:00:03,000 --> 00:00:04.000 X1:5 X2:9\n1 < 2 &amp; 3\n2023\n\n8\n00:00:05,000 --> 00:00:06,000\n\n\
             9\n0:00:07 --> 0:00:08\nlast",
            &[
                "speaker: Hello there\n\nstill the first",
                "speaker: 1 < 2 & 3\n2023",
                "speaker: [no words]",
                "speaker: last",
            ],
        );
    }

    #[test]
    fn webvtt() {
        check(
            "WEBVTT - a talk\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE\nnot said\n\nintro\n\
             00:01.000 --> 00:02.000 align:start position:0%\n<v.loud Ada Byron>Hello <b>you</b></v>\nand you\n\n\
             NOTE also not said\n\n00:00:03.000 --> 00:00:04.000\n<v Bob>Hi</v> <v Cy>Ho</v>\n\n\
             01:00:05.000 --> 01:00:06.000\nno<01:00:05.500><c.x> one</c>\n01:00:07.000 --> 01:00:08.000\nnext\n",
            &[
                "Ada Byron: Hello you\nand you",
                "Bob: Hi Cy: Ho",
                "speaker: no one",
                "speaker: next",
            ],
        );
    }

    #[test]
    fn transcripts_of_meetings() {
        check(
            "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nAda Byron: Shall we begin?\n\n\
             2\n00:00:03.000 --> 00:00:04.000\nBob: Yes: now.\n\n3\n00:00:05.000 --> 00:00:06.000\nand gladly\n",
            &["Ada Byron: Shall we begin?", "Bob: Yes: now.", "speaker: and gladly"],
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("GMT20230504-151200_Recording.transcript.vtt");
        std::fs::write(&path, "WEBVTT\n\n00:00:01.500 --> 00:00:02.000\nHi\n").unwrap();
        let (_, sink) = read_path(&path, &options());
        assert_eq!(sink.span().0.unwrap().to_string(), "2023-05-04T15:12:01.5Z");
    }

    #[test]
    fn youtubes_own() {
        check(
            "0:00:00.378,0:00:01.378\nHello\n\n0:00:02.000,0:00:03.000\nthere\n",
            &["speaker: Hello", "speaker: there"],
        );
        check("00:00:10.378,00:00:15.378\nEva Lie: see you\nall\n", &["Eva Lie: see you\nall"]);
    }

    #[test]
    fn captions_that_roll_say_each_line_once() {
        let roll = |n: u32| {
            let (before, after) = (n - 1, n + 1);
            format!(
                "\n00:00:{n:02}.000 --> 00:00:{n:02}.990\nline {before}\nline {n}\n\n\
                 00:00:{n:02}.990 --> 00:00:{after:02}.000\nline {n}\n"
            )
        };
        let text = format!("WEBVTT\n{}", (1..20).map(roll).collect::<Vec<_>>().concat());
        let mut sink = crate::import::testing::Counting::default();
        let cues = cue::cues(&text, &mut sink);
        let shown: Vec<&str> = cues.iter().flat_map(|cue| cue.text.lines()).collect();
        let expected: Vec<String> = (0..20).map(|n| format!("line {n}")).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn other_charsets() {
        let (text, _, _) = encoding_rs::GBK.encode(
            "1\n00:00:01,000 --> 00:00:02,000\n他能用手抓住子弹，这个世界上没有人相信\n\n2\n00:00:03,000 --> 00:00:04,000\n轻轻一跳就能飞跃高楼\n",
        );
        let (_, sink) = read_bytes(&text);
        assert_eq!(sink.said()[1], "speaker: 轻轻一跳就能飞跃高楼");
    }

    #[test]
    fn other_files_are_not_taken() {
        for text in ["1\n2\n3\n", "a --> b\n", "See 00:00:01,000 --> 00:00:02,000 there\n"] {
            let (_, sink) = read_bytes(text.as_bytes());
            assert!(!sink.formats.contains(&"srt_vtt"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn texts_of_any_kind_do_no_harm(text in "(WEBVTT\n)?([0-9:.,]{0,9} --> [0-9:.,]{0,9}\n|\\PC{0,12}\n|\n){0,8}") {
            let _ = read_bytes(text.as_bytes());
        }
    }
}
