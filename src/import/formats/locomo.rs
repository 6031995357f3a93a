//! `LoCoMo`: samples of conversations between two people in dated sessions. Each session is a
//! conversation of its own, `sample_id/session_N`.

use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::input::Unit;
use crate::import::reading::json::{id_under, text_under};
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use serde_json::{Map, Value};

/// The format `locomo`.
pub(super) struct Locomo;

impl Importer for Locomo {
    fn format(&self) -> &'static str {
        "locomo"
    }

    fn description(&self) -> &'static str {
        "LoCoMo samples: dated sessions between two people, with or without questions"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_sample) {
            return Confidence::Certain;
        }
        // The questions come first and can be longer than what is looked at.
        let asks = |value: &Value| {
            let questions = value.get("qa").and_then(Value::as_array);
            questions.is_some_and(|q| q.iter().any(|q| q.get("evidence").is_some()))
        };
        if sample.any(asks) { Confidence::Likely } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        _: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let layout =
                source.sample().layout(|value| is_sample(value) || value.get("qa").is_some());
            let stem = source.stem().to_owned();
            let mut place = 0;
            source.each_record(layout, Unit::Conversation, sink, |value, sink| {
                place += 1;
                let id =
                    id_under(&value, &["sample_id"]).unwrap_or_else(|| format!("{stem}-{place}"));
                sessions(&id, &value, sink)
            })
        })
    }
}

/// Returns the object that holds the sessions: under `conversation`, or the sample itself in the
/// older layout.
fn holder(sample: &Value) -> Option<&Map<String, Value>> {
    sample.get("conversation").filter(|c| c.is_object()).unwrap_or(sample).as_object()
}

/// Returns the number of a key such as `session_3`.
fn session_number(key: &str) -> Option<u32> {
    key.strip_prefix("session_")?.parse().ok()
}

fn is_sample(value: &Value) -> bool {
    holder(value).is_some_and(|keys| {
        keys.iter().any(|(key, value)| {
            session_number(key).is_some()
                && value
                    .as_array()
                    .is_some_and(|turns| turns.iter().any(|t| t.get("dia_id").is_some()))
        }) || (keys.contains_key("speaker_a") && keys.contains_key("speaker_b"))
    })
}

fn sessions(id: &str, sample: &Value, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let Some(keys) = holder(sample) else {
        sink.failed("sample that is no object", &shorten(&sample.to_string()));
        return Ok(());
    };
    let mut numbers: Vec<u32> = keys.keys().filter_map(|key| session_number(key)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.is_empty() {
        sink.failed("sample without sessions", &shorten(id));
        return Ok(());
    }
    let name = |key: &str| keys.get(key).and_then(Value::as_str);
    for number in numbers {
        let key = format!("session_{number}");
        let Some(list) = keys.get(&key).and_then(Value::as_array) else {
            sink.failed("session that is no list", &shorten(&format!("{id}/{key}")));
            continue;
        };
        let date =
            keys.get(&format!("{key}_date_time")).or_else(|| keys.get(&format!("{key}_date")));
        let date = date.and_then(Value::as_str);
        let started_at = date.and_then(when);
        if let (Some(date), None) = (date, started_at) {
            sink.warning(format!(
                "the time of {}/{key} cannot be read: {}",
                shorten(id),
                shorten(date)
            ));
        }
        let mut turns = Turns::default();
        for item in list {
            let Some(turn) = turn(item) else {
                sink.skipped("turn without a speaker", &shorten(&item.to_string()));
                continue;
            };
            turns.push(turn.at(started_at), sink);
        }
        let title = match (name("speaker_a"), name("speaker_b")) {
            (Some(one), Some(other)) => format!("{one} and {other}, session {number}"),
            _ => format!("{id}, session {number}"),
        };
        sink.conversation(Conversation {
            source_id: Some(format!("{id}/{key}")),
            title: Some(title),
            started_at,
            turns: turns.into_vec(),
        })?;
    }
    Ok(())
}

fn turn(item: &Value) -> Option<NewTurn> {
    let speaker = text_under(item, "speaker")?;
    let mut text = text_under(item, "text")
        .or_else(|| text_under(item, "clean_text"))
        .unwrap_or_default()
        .to_owned();
    if let Some(caption) = text_under(item, "blip_caption") {
        if !text.is_empty() {
            text.push('\n');
        }
        text = format!("{text}[picture: {}]", caption.trim());
    }
    let mut turn = NewTurn::message(Role::User, speaker, text);
    turn.source_id = id_under(item, &["dia_id"]);
    Some(turn)
}

/// Returns the instant of a date such as `1:56 pm on 8 May, 2023`, which counts in UTC. The parts
/// may come in another order, the time may be missing.
fn when(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    if let Some(instant) =
        crate::import::reading::time::parse(text, &jiff::tz::TimeZone::UTC).said_at
    {
        return Some(instant);
    }
    let lower = text.to_lowercase().replace("a.m.", "am").replace("p.m.", "pm");
    let (mut hour, mut minute, mut second) = (None, 0_i8, 0_i8);
    let (mut day, mut month, mut year) = (None, None, None);
    let mut afternoon = None;
    for word in lower.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty()) {
        let word = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
            (Some(rest), _) => {
                afternoon = Some(false);
                rest
            }
            (_, Some(rest)) => {
                afternoon = Some(true);
                rest
            }
            _ => word,
        };
        if word.contains(':') {
            let mut parts = word.split(':').map(|part| part.parse::<i8>().ok());
            hour = Some(parts.next()??);
            minute = parts.next()??;
            second = parts.next().flatten().unwrap_or(0);
        } else if let Some(at) = MONTHS.iter().position(|name| word.starts_with(name)) {
            month = Some(at as i8 + 1);
        } else {
            let digits = word.trim_end_matches(|c: char| c.is_alphabetic() || c == '.');
            match digits.parse::<i16>() {
                Ok(number) if number > 31 => year = Some(number),
                Ok(number) => day = Some(number as i8),
                Err(_) => {}
            }
        }
    }
    let hour = match (hour.unwrap_or(0), afternoon) {
        (12, Some(false)) => 0,
        (hour @ 1..=11, Some(true)) => hour + 12,
        (hour, _) => hour,
    };
    let civil = jiff::civil::DateTime::new(year?, month?, day?, hour, minute, second, 0).ok()?;
    Timestamp::from_jiff(
        jiff::tz::TimeZone::UTC.to_ambiguous_zoned_datetime(civil).compatible().ok()?.timestamp(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"{"sample_id": "conv-1", "qa": [], "conversation": {
        "speaker_a": "Ada", "speaker_b": "Bob",
        "session_10": [{"speaker": "Bob", "dia_id": "D10:1", "text": "Later"}],
        "session_10_date_time": "1:14 pm on 25 May, 2023",
        "session_2": [{"speaker": "Ada", "dia_id": "D2:1", "text": "Look", "img_url": ["u"], "blip_caption": "a red bike"},
                      {"speaker": "Bob", "dia_id": "D2:2", "text": "", "blip_caption": "a dog"}, {"text": "nobody"}],
        "session_2_date_time": "1:56 pm on 8 May, 2023",
        "session_11_date_time": "9:00 am on 1 June, 2023"}}"#;

    #[test]
    fn each_session_is_a_conversation() {
        for text in
            [SAMPLE.to_owned(), format!("[{SAMPLE}]"), format!("{{\"samples\": [{SAMPLE}]}}")]
        {
            let sink = crate::import::testing::read_as("locomo", &text);
            let ids: Vec<_> =
                sink.conversations.iter().filter_map(|c| c.source_id.as_deref()).collect();
            assert_eq!(ids, ["conv-1/session_2", "conv-1/session_10"]);
            assert_eq!(
                sink.said(),
                ["Ada: Look\n[picture: a red bike]", "Bob: [picture: a dog]", "Bob: Later"]
            );
            assert_eq!(
                sink.span(),
                (
                    Timestamp::parse("2023-05-08T13:56:00Z"),
                    Timestamp::parse("2023-05-25T13:14:00Z")
                )
            );
            let turn = &sink.conversations[0].turns[0];
            assert_eq!(turn.source_id.as_deref(), Some("D2:1"));
            assert_eq!(turn.said_at, sink.conversations[0].started_at);
        }
    }

    #[test]
    fn the_older_layout_has_its_keys_at_the_top() {
        let text = r#"[{"speaker_a": "Ada", "speaker_b": "Bob", "session_1_date_time": "8 May, 2023",
            "session_1": [{"speaker": "Ada", "dia_id": "D1:1", "text": "Hi"}]}]"#;
        let sink = crate::import::testing::read_as("locomo", text);
        assert_eq!(sink.said(), ["Ada: Hi"]);
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("download-1/session_1"));
    }

    #[test]
    fn questions_before_the_conversation_do_not_hide_it() {
        let question =
            r#"{"question": "When?", "answer": "then", "evidence": ["D1:1"], "category": 2}"#;
        let questions = vec![question; 6000].join(",");
        let text = SAMPLE.replace("\"qa\": []", &format!("\"qa\": [{questions}]"));
        assert!(text.len() > crate::import::reading::sample::SAMPLE);
        let sink = crate::import::testing::read_as("locomo", &format!("[{text}]"));
        assert_eq!(sink.conversations.len(), 2);
    }

    #[test]
    fn reads_dates() {
        for (text, expected) in [
            ("1:56 pm on 8 May, 2023", Some("2023-05-08T13:56:00Z")),
            ("12:09 am on 13 September, 2023", Some("2023-09-13T00:09:00Z")),
            ("12:30 pm on 1 January, 2022", Some("2022-01-01T12:30:00Z")),
            ("8 May, 2023", Some("2023-05-08T00:00:00Z")),
            ("May 8th 2023, 10:00 a.m.", Some("2023-05-08T10:00:00Z")),
            ("31 February, 2023", None),
            ("99:99 pm on 8 May, 2023", None),
            ("soon", None),
        ] {
            assert_eq!(when(text).map(|t| t.to_string()).as_deref(), expected, "{text}");
        }
    }
}
