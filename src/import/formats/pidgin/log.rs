//! Pidgin's logs. Text and HTML have the same lines: `(10:00:01) Eva: hello` below a head that says
//! with whom, when, and on which account; in HTML each line is marked, and ends with a line break.

use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::error::shorten;
use crate::import::reading::chat::{Stamps, media, service, spoken};
use crate::import::reading::dates::{self, Orders, Stamp, Written, clock};
use crate::import::reading::html::Element;
use crate::import::reading::turns::Turns;
use crate::import::{Options, Sink};
use jiff::Span;
use jiff::civil::{Date, DateTime, Time};

const HEAD: &str = "Conversation with ";

/// Whether a text is such a log.
pub(super) fn is_log(text: &str) -> bool {
    const BEGINNING: usize = 12;
    let page = text.starts_with('<');
    let head = text
        .lines()
        .take(if page { BEGINNING } else { 1 })
        .any(|line| head(words_of(line, page).trim()).is_some());
    // Other pages can be called so too.
    head && (!page
        || text.contains("<font size=\"2\">(")
        || text.contains("<span style=\"font-size: smaller\">("))
}

/// The words of a line; of a page those of its title or heading, which can be in one line.
fn words_of(line: &str, page: bool) -> String {
    if !page {
        return line.to_owned();
    }
    let element = Element::parse(line);
    let titles = ["title", "h1", "h3"];
    let title = element.find(&|e| titles.iter().any(|title| e.is(title)));
    title.unwrap_or(&element).all_text()
}

/// What the head of a log says.
struct Head<'t> {
    with: &'t str,
    when: &'t str,
}

/// Reads `Conversation with eva@example.com at Wed 01 May 2024 10:00:01 AM CEST on me@example.com (jabber)`.
fn head(line: &str) -> Option<Head<'_>> {
    let rest = line.strip_prefix(HEAD)?;
    let rest = rest.strip_suffix(')')?.rsplit_once(" (")?.0;
    let (rest, _) = rest.rsplit_once(" on ")?;
    let (with, when) = rest.rsplit_once(" at ")?;
    Some(Head { with: with.trim(), when: when.trim() })
}

/// When a log begins.
#[derive(Debug, Default, Clone)]
struct Began {
    civil: Option<DateTime>,
    /// Seconds from UTC.
    offset: Option<i32>,
}

impl Began {
    /// From the file's name, `2024-05-01.100001+0200CEST.txt`, else from the head.
    fn of(name: &str, when: &str, options: &Options, sink: &mut dyn Sink) -> Self {
        let from_name = || {
            let (written, rest) = Written::read(name)?;
            let date = Orders::year_first().date(written)?;
            let digits = rest.strip_prefix('.')?;
            let number = |at: usize| digits.get(at..at + 2)?.parse::<i8>().ok();
            let time = Time::new(number(0)?, number(2)?, number(4)?, 0).ok()?;
            let zone = digits.get(6..).unwrap_or_default();
            let minutes = |zone: &str| {
                let sign = if zone.starts_with('-') { -1 } else { 1 };
                let digits = zone.strip_prefix(['+', '-'])?.get(..4)?;
                let hours: i32 = digits.get(..2)?.parse().ok()?;
                Some(sign * (hours * 60 + digits.get(2..)?.parse::<i32>().ok()?))
            };
            let offset = minutes(zone).map(|minutes| minutes * 60);
            Some(Self { civil: Some(date.to_datetime(time)), offset })
        };
        from_name().unwrap_or_else(|| Self { civil: from_head(when, options, sink), offset: None })
    }

    fn instant(&self, civil: DateTime, written: &str, options: &Options) -> Option<Timestamp> {
        let Some(seconds) = self.offset else {
            return dates::instant(civil, written, options).said_at;
        };
        let offset = jiff::tz::Offset::from_seconds(seconds).ok()?;
        Timestamp::from_jiff(offset.to_timestamp(civil).ok()?)
    }
}

/// Reads the time of a head, which is in the words of the system's language.
fn from_head(when: &str, options: &Options, sink: &mut dyn Sink) -> Option<DateTime> {
    // The day of the week comes first, and tells nothing.
    let bare = when.trim_start_matches(|c: char| !c.is_ascii_digit());
    let word = when.split_once(' ').map_or("", |(_, rest)| rest);
    // `Wed May  1 10:00:01 2024` has the year behind the time.
    let parts: Vec<&str> = when.split_whitespace().collect();
    let turned = match parts.as_slice() {
        [_, month, day, time, year] => format!("{day} {month} {year} {time}"),
        _ => String::new(),
    };
    let stamp = [when, bare, word, &turned].iter().find_map(|text| Stamp::read(text))?;
    let orders = dates::orders(std::iter::once(&stamp), options, sink);
    stamp.civil(&orders)
}

/// A line that begins a message.
struct Line {
    written: String,
    date: Option<Written>,
    time: Time,
    speaker: Option<String>,
    text: String,
}

/// Reads `(10:00:01) Eva: hello`, with a date before the time where the day is another.
fn line(line: &str) -> Option<Line> {
    const LONGEST: usize = 80;
    let inside = line.strip_prefix('(')?;
    let (written, rest) = inside.split_once(')')?;
    let (date, after) = match Written::read(written) {
        Some((date, after)) => (Some(date), after.trim_start()),
        None => (None, written),
    };
    let (read, after) = clock(after)?;
    if !after.trim().is_empty() || !rest.starts_with([' ', '\n']) && !rest.is_empty() {
        return None;
    }
    let rest = rest.trim_start_matches(' ');
    let (speaker, text) = match rest.strip_prefix("***") {
        // What somebody does: `***Eva waves`.
        Some(does) => {
            let (name, does) = does.split_once(' ').unwrap_or((does, ""));
            (Some(name), does)
        }
        None => match rest
            .find(": ")
            .or_else(|| rest.find(":\n"))
            .or_else(|| rest.strip_suffix(':').map(str::len))
        {
            Some(end)
                if (1..=LONGEST).contains(&rest[..end].chars().count())
                    && !rest[..end].contains('\n') =>
            {
                (Some(&rest[..end]), rest[end + 1..].trim_start())
            }
            _ => (None, rest),
        },
    };
    let speaker = speaker.map(|name| name.trim_end_matches(" <AUTO-REPLY>").trim().to_owned());
    let speaker = speaker.filter(|name| !name.is_empty());
    Some(Line {
        written: written.to_owned(),
        date,
        time: read.time,
        speaker,
        text: text.to_owned(),
    })
}

/// The lines of a page, each with whether somebody speaks in it: names have a colour.
fn lines_of_page(page: &str) -> Vec<(String, bool)> {
    let mut lines = Vec::new();
    for raw in page.lines() {
        let element = Element::parse(raw);
        let text = element.text_replacing(&|e| {
            let hidden = e.is("h1") || e.is("h3") || e.is("title");
            let name = || e.attribute("alt").filter(|alt| !alt.is_empty()).map(str::to_owned);
            let picture = || Some(name().unwrap_or_else(|| media("picture")));
            if hidden {
                Some(String::new())
            } else if e.is("img") {
                picture()
            } else {
                None
            }
        });
        let spoken = raw.contains("color=\"#") || raw.contains("color: #");
        if !text.trim().is_empty() {
            lines.push((text, spoken));
        }
    }
    lines
}

/// Reads a log.
pub(super) fn read(text: &str, name: &str, options: &Options, sink: &mut dyn Sink) -> Conversation {
    let page = text.starts_with('<');
    let first = text.lines().take(12).find_map(|line| {
        let line = words_of(line, page);
        head(line.trim()).map(|head| (head.with.to_owned(), head.when.to_owned()))
    });
    let (with, when) = first.unwrap_or_default();
    let began = Began::of(name, &when, options, sink);
    let lines: Vec<(String, bool)> = if page {
        lines_of_page(text)
    } else {
        text.lines().skip(1).map(|line| (line.to_owned(), true)).collect()
    };
    let mut read: Vec<(Line, String)> = Vec::new();
    for (raw, spoken) in lines {
        if let Some(mut begun) = line(&raw) {
            let mut text = std::mem::take(&mut begun.text);
            if !spoken && let Some(name) = begun.speaker.take() {
                text = format!("{name}: {text}");
            }
            read.push((begun, text));
        } else if let Some((_, text)) = read.last_mut() {
            text.push('\n');
            text.push_str(&raw);
        } else if !raw.trim().is_empty() && head(raw.trim()).is_none() {
            sink.skipped("line before the first message", &shorten(&raw));
        }
    }
    let written: Vec<Written> = read.iter().filter_map(|(line, _)| line.date).collect();
    let orders = Orders::decide(&written, false, options.date_order, sink);
    let (mut turns, mut stamps) = (Turns::default(), Stamps::default());
    let mut day: Option<Date> = began.civil.map(DateTime::date);
    let mut last: Option<Time> = began.civil.map(DateTime::time);
    for (line, text) in read {
        let minutes = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
        if let Some(date) = line.date.and_then(|date| orders.date(date)) {
            day = Some(date);
        } else if last.is_some_and(|last| minutes(last) - minutes(line.time) > 12 * 60) {
            day = day.and_then(|day| day.checked_add(Span::new().days(1)).ok());
        }
        last = Some(line.time);
        let mut turn = match &line.speaker {
            Some(name) => {
                NewTurn::message(Role::User, name.as_str(), spoken(text.trim_end().to_owned()))
            }
            None => service(text.trim_end()),
        };
        let civil = day.map(|day| day.to_datetime(line.time));
        turn.source_id = civil.map(|civil| stamps.id(Some(civil), &turn.speaker));
        turn.said_at_text = Some(line.written.clone());
        let said_at = civil.and_then(|civil| began.instant(civil, &line.written, options));
        turns.push(turn.at(said_at), sink);
    }
    let turns = turns.into_vec();
    Conversation {
        title: Some(with).filter(|with| !with.is_empty()),
        started_at: turns.iter().find_map(|turn| turn.said_at),
        turns,
        ..Conversation::default()
    }
}
