//! What a line of a log is, in all dialects.

use super::when::{self, Day};
use jiff::civil::{DateTime, Time};

/// A line without the marks of colours.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    /// The time at its beginning.
    pub(super) time: Option<When>,
    pub(super) what: What,
}

/// The time at the beginning of a line, as exact as it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct When {
    /// As written.
    pub(super) written: String,
    pub(super) moment: Moment,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Moment {
    /// The clock only.
    Clock(Time),
    /// A day without its year.
    Yearless(i8, i8, Time),
    /// A date in numbers whose order is not known.
    Written(crate::import::reading::dates::Written, Time),
    /// Date and time.
    Civil(DateTime),
    /// An instant.
    Instant(crate::conversation::Timestamp),
}

/// What a line is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// Said by a nick.
    Said(String, String),
    /// `/me`: done by a nick.
    Did(String, String),
    /// Who is now known as whom, and what the topic is, in logs that tell hardly anything else.
    Told(String),
    /// Who came and went, modes, the server.
    Noise(String),
    /// The log says which channel it is of.
    Channel(String),
    /// The log says which day it is.
    Day(Option<Day>),
    /// None of these.
    Other(String),
}

/// Returns a line without colours and other marks of IRC and of terminals.
pub(super) fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    let digits = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        for _ in 0..2 {
            chars.next_if(char::is_ascii_digit);
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '\u{3}' => {
                digits(&mut chars);
                let mut ahead = chars.clone();
                if ahead.next() == Some(',') && ahead.next().is_some_and(|c| c.is_ascii_digit()) {
                    chars.next();
                    digits(&mut chars);
                }
            }
            '\u{1B}' => {
                if chars.next_if_eq(&'[').is_some() {
                    while chars.next_if(|c| !c.is_ascii_alphabetic()).is_some() {}
                    chars.next();
                }
            }
            '\u{2}' | '\u{F}' | '\u{11}' | '\u{16}' | '\u{1D}' | '\u{1E}' | '\u{1F}'
            | '\u{FEFF}' => {}
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Reads a line.
pub(super) fn read(line: &str) -> Line {
    if let Some(what) = marker(line) {
        return Line { time: None, what };
    }
    let (time, rest) = when::stamp(line).map_or((None, line), |(time, rest)| (Some(time), rest));
    // Columns: WeeChat has the nick and the text, HexChat a nick in brackets.
    let columns = rest.strip_prefix('\t').or_else(|| rest.strip_prefix(' '));
    if let Some((nick, text)) = columns.and_then(|rest| rest.split_once('\t'))
        && !nick.trim().contains(char::is_whitespace)
        && time.as_ref().is_some_and(|time| !matches!(time.moment, Moment::Clock(_)))
    {
        return Line { time, what: column(nick.trim(), text, line.starts_with('[')) };
    }
    let rest = rest.trim_start();
    if let Some(what) = marker(rest).filter(|what| matches!(what, What::Day(_))) {
        return Line { time: None, what };
    }
    Line { time, what: content(rest, line) }
}

/// Reads a line that is about the log: its beginning, its end, a new day, its channel.
fn marker(line: &str) -> Option<What> {
    const DAYS: [&str; 10] = [
        "IRC log started ",
        "--- Day changed ",
        "--- Log opened ",
        "**** BEGIN LOGGING AT ",
        "Session Start: ",
        "Session Time: ",
        "*** Log started: ",
        "--- Today is ",
        "-- Day changed to ",
        "### Log session started at ",
    ];
    const ENDS: [&str; 8] = [
        "IRC log ended ",
        "--- Log closed ",
        "**** ENDING LOGGING AT ",
        "Session Close: ",
        "Session End: ",
        "*** Log ended",
        "Logging started",
        "### Log session terminated",
    ];
    if let Some(day) = DAYS.iter().find_map(|words| line.strip_prefix(words)) {
        return Some(What::Day(when::day(day)));
    }
    if ENDS.iter().any(|words| line.starts_with(words)) {
        return Some(What::Day(None));
    }
    if let Some(channel) = line.strip_prefix("Session Ident: ") {
        return Some(What::Channel(channel.split_whitespace().next()?.to_owned()));
    }
    // A day by itself: EnergyMech, Eggdrop and others.
    let bare = line.strip_prefix("--- ").or_else(|| line.strip_prefix("=== "));
    bare.and_then(when::day).map(|day| What::Day(Some(day)))
}

/// Reads what stands in columns: of `WeeChat`, of `HexChat`, or of Konversation, whose times are in
/// brackets and whose nicks are too.
fn column(nick: &str, text: &str, brackets: bool) -> What {
    /// What Konversation writes where a nick stands in other lines.
    const EVENTS: [&str; 12] = [
        "Join", "Part", "Quit", "Nick", "Mode", "Topic", "Names", "Info", "Created", "Notice",
        "Kick", "Welcome",
    ];
    match nick {
        event if brackets && EVENTS.contains(&event) => What::Noise(format!("{nick} {text}")),
        "-->" | "<--" | "--" | "→" | "←" | "=!=" | "" | "---" | "ℹ" => {
            What::Noise(format!("{nick} {text}").trim().to_owned())
        }
        "*" | " *" if is_noise(text) => What::Noise(text.to_owned()),
        "*" | " *" => did(text),
        nick => match bracketed(nick) {
            Some(nick) => What::Said(nick, text.to_owned()),
            None => What::Said(bare(nick), text.to_owned()),
        },
    }
}

/// How lines of the program begin.
const NOISE: [&str; 13] = [
    "-!- ",
    "*** ",
    "--> ",
    "<-- ",
    "-- ",
    "→ ",
    "← ",
    "=-= ",
    "--- ",
    ">>> ",
    "-!!- ",
    "*!* ",
    "Notice -- ",
];

fn content(rest: &str, whole: &str) -> What {
    if let Some(inside) = rest.strip_prefix('<')
        && let Some((nick, text)) = inside.split_once('>')
        && let Some(nick) = nick_in(nick)
    {
        return What::Said(nick, text.strip_prefix([' ', '\t']).unwrap_or(text).to_owned());
    }
    // A notice: `-nick-`, `-nick:#channel-`.
    if let Some(inside) = rest.strip_prefix('-')
        && let Some((nick, text)) = inside.split_once("- ")
        && let Some(nick) = nick_in(nick.split(':').next().unwrap_or_default())
        && nick.starts_with(|c: char| c.is_alphabetic())
    {
        return What::Said(nick, text.to_owned());
    }
    if let Some(text) = rest.strip_prefix("=== ") {
        return What::Told(text.to_owned());
    }
    if let Some(text) = rest.strip_prefix("Action: ").or_else(|| rest.strip_prefix("• ")) {
        return did(text);
    }
    if let Some(text) = rest.strip_prefix("* ").or_else(|| rest.strip_prefix("*\t")) {
        return if is_noise(text) { What::Noise(text.to_owned()) } else { did(text) };
    }
    if NOISE.iter().any(|words| rest.starts_with(words)) || is_server_line(rest) {
        return What::Noise(rest.to_owned());
    }
    What::Other(whole.trim().to_owned())
}

/// Reads `nick waves`.
fn did(text: &str) -> What {
    let text = text.trim_start();
    let (nick, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    match nick_in(nick) {
        Some(nick) if !rest.trim().is_empty() => What::Did(nick, rest.trim().to_owned()),
        _ => What::Noise(text.to_owned()),
    }
}

/// Whether what stands behind an asterisk is told by the program: mIRC marks both alike.
fn is_noise(text: &str) -> bool {
    const WORDS: [&str; 12] = [
        "has joined #",
        "has left #",
        "has quit ",
        "has quit (",
        "is now known as ",
        "sets mode",
        "changes topic",
        "was kicked ",
        "has changed the topic",
        "gives channel operator status",
        "removes channel operator status",
        "sets ban on",
    ];
    let starts = [
        "Now talking ",
        "Topic is ",
        "Set by ",
        "Disconnected",
        "Attempting ",
        "Rejoined",
        "Topic for ",
    ];
    // Behind the nick, where somebody's own words may stand later.
    let after = text.split_once(' ').map_or("", |(_, after)| after);
    let behind = after.split_once(") ").filter(|_| after.starts_with('('));
    // With somebody's host it is the server's word in any case.
    if behind
        .is_some_and(|(_, told)| told.starts_with("has joined") || told.starts_with("has left"))
    {
        return true;
    }
    let after = behind.map_or(after, |(_, after)| after);
    WORDS.iter().any(|words| after.starts_with(words)) || starts.iter().any(|w| text.starts_with(w))
}

/// Whether a line is one of Eggdrop's: `nick (user@host) joined #channel.`
fn is_server_line(rest: &str) -> bool {
    let Some((nick, after)) = rest.split_once(' ') else { return false };
    let host = after.starts_with('(') || after.starts_with('[');
    let words = [
        "joined #",
        "left #",
        "left irc",
        "kicked from #",
        "mode change",
        "Nick change",
        "Topic changed",
    ];
    nick_in(nick).is_some()
        && ((host && words.iter().any(|w| after.contains(w)))
            || rest.starts_with("Nick change: ")
            || rest.contains(": mode change '"))
}

/// Returns the channel that somebody joined.
pub(super) fn channel(text: &str) -> Option<String> {
    let words = text.split_whitespace().skip_while(|word| *word != "joined" && *word != "joined:");
    let name = words.skip(1).find(|word| word.starts_with(['#', '&']) && word.len() > 1)?;
    Some(name.trim_end_matches(['.', ',']).to_owned())
}

fn bracketed(nick: &str) -> Option<String> {
    nick_in(nick.strip_prefix('<')?.strip_suffix('>')?)
}

/// Returns a nick without the sign of its rank and without its host; `None` where it is none.
fn nick_in(text: &str) -> Option<String> {
    let nick = bare(text.split('!').next().unwrap_or_default());
    let fits = !nick.is_empty()
        && nick.chars().count() <= 40
        && !nick.contains(char::is_whitespace)
        && !nick.contains(['<', '>', '"', '=', '/']);
    fits.then_some(nick)
}

fn bare(nick: &str) -> String {
    nick.trim().trim_start_matches(['@', '+', '%', '&', '~', '!', ' ']).to_owned()
}
