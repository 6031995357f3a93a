//! One conversation written down as text, with the speaker before each message: as a heading, in
//! bold, or as `Name:`.

use super::lines::{Line, heading, lines};
use super::words::{self, known};
use crate::conversation::{Conversation, Kind, NewTurn, Role};
use crate::import::error::ImportError;
use crate::import::reading::time::{self, When};
use crate::import::reading::turns::Turns;
use crate::import::{Options, Sink};
use std::collections::HashMap;

/// How the speakers stand before their messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Style {
    /// As headings: `#### You:`, `## Prompt`.
    Headings,
    /// As lines of their own in bold: `**User**`, `_**Assistant (10:00)**_`.
    Bold,
    /// As the beginning of a line: `User: text`, `**Alice:** text`; holds the names that count.
    Names(Vec<String>),
    /// As lines of their own with how far the recording is: `Alice Smith  1:05`.
    Clocks,
}

impl Style {
    /// Returns the style of a text, or `None` where it is no conversation.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (_, body) = front_matter(text);
        let lines = lines(body);
        let named = |by: fn(Line<'_>) -> Option<Speaker<'_>>| -> Vec<String> {
            lines.iter().filter_map(|line| Some(by(*line)?.name)).collect()
        };
        let roles = |names: &[String], wanted: Role| {
            names.iter().any(|n| known(n).is_some_and(|k| k.0 == wanted))
        };
        let headings = named(by_heading);
        if roles(&headings, Role::User) && (roles(&headings, Role::Assistant) || headings.len() > 1)
        {
            return Some(Self::Headings);
        }
        let bold = named(by_bold);
        if roles(&bold, Role::User) && roles(&bold, Role::Assistant) {
            return Some(Self::Bold);
        }
        if let Some(names) = names(&lines) {
            return Some(Self::Names(names));
        }
        let clocks = named(by_clock);
        (clocks.len() > 1).then_some(Self::Clocks)
    }
}

/// What a line says of who speaks next.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Speaker<'t> {
    name: String,
    when: &'t str,
    /// What follows on the same line.
    rest: &'t str,
}

fn by_heading(line: Line<'_>) -> Option<Speaker<'_>> {
    heading(line).and_then(|(_, text)| alone(text))
}

/// Returns the speaker of a line that is bold as a whole. With a colon at its end it may be one of
/// lines that go on behind the name.
fn by_bold(line: Line<'_>) -> Option<Speaker<'_>> {
    if line.code {
        return None;
    }
    let text = line.text.trim();
    let text = text.strip_prefix("> ").unwrap_or(text);
    let inside = text.trim_start_matches(['*', '_']);
    let marks = text.len() - inside.len();
    let bold = text.starts_with("**") || text.starts_with("_**") || text.starts_with("__");
    let inside = inside.strip_suffix(|c| matches!(c, '*' | '_'))?.trim_end_matches(['*', '_']);
    (bold && marks <= 3 && !inside.ends_with(':') && !inside.contains("**"))
        .then(|| alone(inside))
        .flatten()
}

/// Returns the speaker whom a line by itself names. A program may add a model or a mode in brackets.
fn alone(text: &str) -> Option<Speaker<'_>> {
    let (text, when) = split_when(text);
    let named = |text| Some(bare(text)).filter(|name| known(name).is_some());
    let name = named(text).or_else(|| named(text.split_once(" (")?.0))?;
    Some(Speaker { name: name.to_owned(), when, rest: "" })
}

/// Returns a name without what decorates it: emphasis, a colon, signs before it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | ')' | '.'))
}

/// Returns a heading's name and the time that stands behind it in brackets or after a dash.
fn split_when(text: &str) -> (&str, &str) {
    let trimmed = text.trim_end_matches([':', '：', '*', ' ', '\u{A0}']);
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((name, when)) = trimmed.strip_suffix(close).and_then(|t| t.rsplit_once(open))
            && when.bytes().filter(u8::is_ascii_digit).count() >= 4
        {
            return (name, when.trim());
        }
    }
    for dash in [" - ", " — ", " – ", ", "] {
        if let Some((name, when)) = trimmed.split_once(dash)
            && when.bytes().filter(u8::is_ascii_digit).count() >= 4
        {
            return (name, when.trim());
        }
    }
    (trimmed, "")
}

/// Returns the name at the beginning of a line: `Name: text`, `**Name:** text`, `**Name**: text`.
fn by_name(line: Line<'_>) -> Option<Speaker<'_>> {
    const LONGEST: usize = 40;
    if line.code {
        return None;
    }
    let (clock, text) = stamped(line.text);
    let text = text.strip_prefix("> ").unwrap_or(text);
    let emphasis = ["**", "__"].into_iter().find(|mark| text.starts_with(mark));
    let text = emphasis.map_or(text, |mark| &text[mark.len()..]);
    // Chinese and Japanese have a colon of their own, French a space before it.
    let (name, rest) = text.split_once([':', '：'])?;
    let wide = text[name.len()..].starts_with('：');
    let name = emphasis.map_or(name, |mark| name.strip_suffix(mark).unwrap_or(name));
    let rest = emphasis.map_or(rest, |mark| rest.strip_prefix(mark).unwrap_or(rest));
    if !(wide || rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let (name, when) = split_when(name);
    let name = if clock.is_empty() { name } else { meeting(name) };
    let when = if when.is_empty() { clock } else { when };
    let name = name.trim_end();
    let is_name = name.chars().next().is_some_and(char::is_alphabetic)
        && name.chars().count() <= LONGEST
        && name.split_whitespace().count() <= 4
        && name.chars().all(|c| c.is_alphanumeric() || " .-_'’()@#".contains(c))
        && !name.ends_with('.');
    (is_name && !is_label(name)).then(|| Speaker {
        name: name.to_owned(),
        when,
        rest: rest.trim_start(),
    })
}

/// Returns the time that a line begins with, and what follows: `[10:00:05] Ada: hi`, `(10:00) `,
/// `2024-05-01 10:00:05 `. A line without one is returned as it is.
fn stamped(line: &str) -> (&str, &str) {
    let part = |word: &str| {
        let digits = word.bytes().all(|b| b.is_ascii_digit() || b":.-/,TZ+".contains(&b));
        digits && word.starts_with(|c: char| c.is_ascii_digit())
            || ["am", "pm"].iter().any(|half| word.eq_ignore_ascii_case(half))
    };
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some((inside, rest)) = line.strip_prefix(open).and_then(|t| t.split_once(close)) {
            let moment = inside.contains(':') && inside.split_whitespace().all(part);
            return if moment { (inside.trim(), rest.trim_start()) } else { ("", line) };
        }
    }
    let mut rest = line;
    while let Some(word) = rest.split_whitespace().next().filter(|word| part(word)) {
        let trimmed = rest.trim_start();
        rest = &trimmed[word.len()..];
    }
    let clock = line[..line.len() - rest.len()].trim();
    let apart = rest.starts_with([' ', '\t']);
    if clock.contains(':') && apart { (clock, rest.trim_start()) } else { ("", line) }
}

/// Returns the speaker of a line that is a name and, well apart from it, a clock.
fn by_clock(line: Line<'_>) -> Option<Speaker<'_>> {
    let text = line.text.trim();
    let (name, when) = text.rsplit_once([' ', '\t'])?;
    let apart = name.ends_with([' ', '\t']) || text.contains('\t');
    let parts: Vec<&str> = when.split(':').collect();
    let digits =
        |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let is_clock = (2..=3).contains(&parts.len()) && parts.iter().all(digits);
    let name = name.trim_end();
    let is_name = name.starts_with(|c: char| c.is_alphabetic())
        && name.chars().count() <= 40
        && name.split_whitespace().count() <= 4
        && !name.contains([':', '<', '>', '[', ']', '|']);
    (is_clock && apart && is_name && !line.code).then(|| Speaker {
        name: name.to_owned(),
        when,
        rest: "",
    })
}

/// Returns the name in what a meeting's chat puts before a message: `From Ada to Everyone`.
fn meeting(name: &str) -> &str {
    let Some(name) = name.trim().strip_prefix("From ") else { return name };
    let end = name.find(" to ").or_else(|| name.find(" To ")).unwrap_or(name.len());
    &name[..end]
}

/// Returns whether a word before a colon is a label of something else than speech.
fn is_label(name: &str) -> bool {
    const LABELS: [&str; 57] = [
        // A heading of ChatGPT Exporter, and else a thing.
        "plugin",
        "note",
        "notes",
        "warning",
        "todo",
        "example",
        "examples",
        "http",
        "https",
        "ps",
        "p.s",
        "edit",
        "update",
        "subject",
        "date",
        "from",
        "to",
        "cc",
        "bcc",
        "re",
        "fwd",
        "output",
        "input",
        "error",
        "tip",
        "step",
        "important",
        "summary",
        "result",
        "title",
        "time",
        "model",
        "source",
        "url",
        "link",
        "tags",
        "author",
        "version",
        "description",
        "format",
        "created",
        "updated",
        "exported",
        "id",
        "language",
        "kind",
        "usage",
        "content-type",
        "message-id",
        // The levels of a program's log.
        "info",
        "warn",
        "debug",
        "trace",
        "notice",
        "critical",
        "fatal",
        "verbose",
    ];
    LABELS.contains(&name.to_lowercase().as_str())
}

/// Returns the names that speak in a text; `None` where it is no transcript.
fn names(lines: &[Line<'_>]) -> Option<Vec<String>> {
    let mut counts: HashMap<String, (usize, bool)> = HashMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut timed = false;
    let (mut spoken, mut paragraphs) = (0, 0);
    let mut opens = true;
    for line in lines {
        let blank = line.text.trim().is_empty();
        let speaker = by_name(*line);
        if let Some(speaker) = &speaker {
            let count = counts.entry(speaker.name.clone()).or_insert_with(|| {
                order.push(speaker.name.clone());
                (0, false)
            });
            count.0 += 1;
            timed |= !speaker.when.is_empty();
            // What stands behind a time begins something in any case.
            count.1 |= opens || !speaker.when.is_empty();
            spoken += 1;
        }
        paragraphs += usize::from(opens && !blank && !line.code && heading(*line).is_none());
        opens = blank || speaker.is_some();
    }
    let counts_as_name = |name: &String| {
        let (count, opens) = counts.get(name).copied().unwrap_or_default();
        let capital = name.chars().next().is_some_and(|c| !c.is_lowercase());
        known(name).is_some() || (opens && (count > 1 || capital))
    };
    order.retain(counts_as_name);
    let roles = |wanted: Role| order.iter().any(|n| known(n).is_some_and(|k| k.0 == wanted));
    let dialogue = roles(Role::User) && roles(Role::Assistant);
    // Two people, and most of the text is theirs: a list of terms and a letter are no transcript.
    let first = lines.iter().find(|line| !line.text.trim().is_empty() && heading(**line).is_none());
    let begins = first.and_then(|line| by_name(*line)).is_some_and(|s| order.contains(&s.name));
    let several =
        counts.iter().filter(|(name, (count, _))| *count > 1 && order.contains(name)).count();
    // Notes name things once, `Mood: fine`; somebody who speaks has a role, a time, or speaks again.
    let told = timed || order.iter().any(|name| known(name).is_some());
    let people = order.len() >= 2
        && begins
        && spoken * 2 >= paragraphs
        && (several >= 1 || told && spoken <= 4 && lines.len() <= 12);
    (dialogue || people).then_some(order)
}

/// Returns the front matter of a text as its keys and values, and what comes after it.
fn front_matter(text: &str) -> (Vec<(String, &str)>, &str) {
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else {
        return (Vec::new(), text);
    };
    let mut at = 0;
    let mut keys = Vec::new();
    for line in rest.split_inclusive('\n').take(60) {
        at += line.len();
        let line = line.trim_end();
        if line == "---" || line == "..." {
            return (keys, &rest[at..]);
        }
        if let Some((key, value)) = line.split_once(':') {
            keys.push((key.trim().to_lowercase(), value.trim().trim_matches(['"', '\''])));
        }
    }
    (Vec::new(), text)
}

/// Reads one conversation.
pub(super) fn read(
    text: &str,
    stem: &str,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let style = Style::of(text);
    let (about, body) = front_matter(text);
    let lines = lines(body);
    let mut title = None;
    let mut turns = Turns::default();
    let mut open: Option<(Speaker<'_>, Vec<&str>)> = None;
    for line in &lines {
        let speaker = match &style {
            Some(Style::Headings) => by_heading(*line),
            Some(Style::Bold) => by_bold(*line),
            Some(Style::Clocks) => by_clock(*line),
            Some(Style::Names(names)) => {
                by_name(*line).filter(|speaker| names.contains(&speaker.name))
            }
            None => None,
        };
        match (speaker, &mut open) {
            (Some(speaker), open) => {
                let rest = Some(speaker.rest).filter(|rest| !rest.is_empty());
                let before = open.replace((speaker, rest.into_iter().collect()));
                push(before, options, &mut turns, sink);
            }
            (None, Some((_, said))) => said.push(line.text),
            (None, None) => {
                if let (None, Some((_, text))) = (&title, heading(*line)) {
                    title = Some(text.to_owned());
                }
            }
        }
    }
    push(open, options, &mut turns, sink);
    let about = |keys: &[&str]| {
        let found =
            about.iter().find(|(key, value)| keys.contains(&key.as_str()) && !value.is_empty());
        found.map(|(_, value)| *value)
    };
    let turns = turns.into_vec();
    if turns.is_empty() {
        sink.failed("text without speakers", stem);
        return Ok(());
    }
    let started = about(&["date", "created", "create_time", "created_at"]);
    sink.conversation(Conversation {
        source_id: about(&["conversation_id", "id", "uuid"]).map(str::to_owned),
        title: about(&["title"]).map(str::to_owned).or(title).or_else(|| Some(stem.to_owned())),
        started_at: started.and_then(|text| time::parse(text, &options.time_zone).said_at),
        turns,
    })?;
    Ok(())
}

/// Reads `<details>\n<summary>Thought for 5 seconds</summary> … </details>` at the beginning of an answer;
/// returns what was thought and what follows.
fn thought(text: &str) -> Option<(&str, &str)> {
    let inside = text.trim_start().strip_prefix("<details>")?.trim_start();
    let (summary, rest) = inside.strip_prefix("<summary>")?.split_once("</summary>")?;
    let (thought, rest) = rest.split_once("</details>")?;
    let thinks = summary.starts_with("Thought") || summary.starts_with("Thinking");
    thinks.then(|| (thought.trim(), rest.trim_start()))
}

/// Reads `<time datetime="2024-05-01T10:00:00Z" …>10:00</time>` at the beginning of a line; returns the
/// time with what follows.
fn time_element(line: &str) -> Option<(&str, &str)> {
    let (inside, rest) = line.trim_start().strip_prefix("<time ")?.split_once("</time>")?;
    let (_, value) = inside.split_once("datetime=\"")?;
    let (moment, _) = value.split_once('"')?;
    Some((moment.trim(), rest))
}

fn push(
    said: Option<(Speaker<'_>, Vec<&str>)>,
    options: &Options,
    turns: &mut Turns,
    sink: &mut dyn Sink,
) {
    let Some((speaker, mut said)) = said else { return };
    // Rules between messages belong to the page, not to what was said.
    while said
        .last()
        .is_some_and(|line| line.trim().is_empty() || matches!(line.trim(), "---" | "***" | "<hr>"))
    {
        said.pop();
    }
    let begins = said.iter().position(|line| !line.trim().is_empty()).unwrap_or(said.len());
    // ChatGPT Exporter puts the time below the name, as an element of a page.
    let (moment, begins) = match said.get(begins).and_then(|line| time_element(line)) {
        Some((moment, rest)) => {
            said[begins] = rest.trim_start();
            let next = said[begins..].iter().position(|line| !line.trim().is_empty());
            (moment, begins + next.unwrap_or(said.len() - begins))
        }
        None => (speaker.when, begins),
    };
    let (role, kind) = known(&speaker.name).unwrap_or((Role::User, Kind::Message));
    let name = words::name(&speaker.name);
    let when = if moment.is_empty() {
        When::default()
    } else {
        let when = time::parse(moment, &options.time_zone);
        let as_written = || Some(moment.to_owned());
        When { text: when.text.or_else(|| when.said_at.map_or_else(as_written, |_| None)), ..when }
    };
    let said = said[begins..].join("\n");
    // What a model thought before it answered, folded away as on the page.
    let (thought, said) = match thought(&said) {
        Some((thought, rest)) if role == Role::Assistant => {
            (Some(thought.to_owned()), rest.to_owned())
        }
        _ => (None, said),
    };
    if let Some(thought) = thought {
        let mut turn = NewTurn::message(role, name, thought).of_kind(Kind::Reasoning);
        turn.said_at_text.clone_from(&when.text);
        turns.push(turn.at(when.said_at), sink);
    }
    // In a meeting's chat, a tab is all that stands before what was said.
    let said = if speaker.when.is_empty() { &said } else { said.trim_start_matches('\t') };
    let mut turn = NewTurn::message(role, name, said).of_kind(kind).at(when.said_at);
    turn.said_at_text = when.text;
    turns.push(turn, sink);
}
