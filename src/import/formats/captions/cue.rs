//! Cues: when, and what is shown.

use crate::import::Sink;
use crate::import::error::shorten;

/// A cue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    /// When it begins, as written.
    pub(super) written: String,
    /// Milliseconds since the beginning of the recording.
    pub(super) millis: i64,
    /// Who speaks, where a voice tag tells.
    pub(super) voice: Option<String>,
    pub(super) text: String,
}

/// Returns the beginning of a line that times a cue, as written and in milliseconds; `None` for
/// other lines.
pub(super) fn timing(line: &str) -> Option<(&str, i64)> {
    let line = line.trim();
    let (from, to, least) = if let Some((from, to)) = line.split_once("-->") {
        (from, to, 1)
    } else {
        // SBV has a comma, and a point before the thousandths.
        let (from, to) =
            line.split_once(',').filter(|(from, to)| from.contains('.') && to.contains('.'))?;
        (from, to, 2)
    };
    let from = from.trim();
    let millis = moment(from, least)?;
    let to = to.split_whitespace().next()?;
    moment(to, least).map(|_| (from, millis))
}

/// Reads `01:02:03,456`, `02:03.456`, `1:02:03`, of at least so many parts. What was moved to before
/// the beginning counts as the beginning.
fn moment(text: &str, least: usize) -> Option<i64> {
    if let Some(text) = text.strip_prefix('-') {
        return moment(text, least.max(2)).map(|_| 0);
    }
    let (clock, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut seconds: i64 = 0;
    let mut parts = 0;
    for part in clock.split(':') {
        let value: i64 = part.parse().ok().filter(|_| digits(part) && part.len() <= 4)?;
        seconds = seconds * 60 + value;
        parts += 1;
    }
    if !(least..=3).contains(&parts) || !digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let fraction = format!("{fraction:0<3}");
    let millis: i64 = fraction.get(..3)?.parse().ok()?;
    Some(seconds * 1000 + millis)
}

/// Returns the cues of a file.
pub(super) fn cues(text: &str, sink: &mut dyn Sink) -> Vec<Cue> {
    let is_vtt = text.trim_start_matches('\u{FEFF}').trim_start().starts_with("WEBVTT");
    let lines: Vec<&str> = text.lines().collect();
    let timed: Vec<usize> = (0..lines.len()).filter(|at| timing(lines[*at]).is_some()).collect();
    if let Some(line) = lines.iter().find(|l| l.contains("-->") && timing(l).is_none()) {
        sink.skipped("cue with a time that cannot be read", &shorten(line));
    }
    let mut cues = Vec::new();
    for (place, at) in timed.iter().enumerate() {
        let Some((written, millis)) = timing(lines[*at]) else { continue };
        let next = timed.get(place + 1).copied();
        let end = next.map_or(lines.len(), |next| before_cue(&lines, *at, next));
        let mut shown: Vec<&str> = lines[at + 1..end.max(at + 1)].to_vec();
        if is_vtt {
            // A blank line ends a cue; what follows is a note or the next one's name.
            let length = shown.iter().position(|line| line.trim().is_empty());
            shown.truncate(length.unwrap_or(shown.len()));
        }
        // A cue whose time cannot be read does not belong to the one before.
        if let Some(damaged) = shown.iter().position(|line| line.contains("-->")) {
            shown.truncate(damaged);
        }
        let (voice, text) = plain(shown.join("\n").trim());
        cues.push(Cue { written: written.to_owned(), millis, voice, text });
    }
    super::unrolled(cues)
}

/// Returns where the cue before ends: its successor may have a number or a name before its time.
fn before_cue(lines: &[&str], at: usize, next: usize) -> usize {
    let above = next.saturating_sub(1);
    if above <= at || lines[above].trim().is_empty() {
        return next;
    }
    let number = lines[above].trim().bytes().all(|b| b.is_ascii_digit());
    let first = above == at + 1;
    let after_blank = lines[above - 1].trim().is_empty();
    if after_blank || (number && !first) { above } else { next }
}

/// Returns who speaks, and the text without tags: `<i>`, `<v Name>`, `<00:00:01.000>`, `{\an8}`.
fn plain(text: &str) -> (Option<String>, String) {
    let mut voice: Option<String> = None;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{']) {
        out.push_str(&rest[..at]);
        let tag = &rest[at..];
        let close = if tag.starts_with('<') { '>' } else { '}' };
        let inside = tag[1..].split_once(close);
        match inside {
            Some((inside, after)) if is_tag(tag, inside) => {
                if let Some(name) = voice_of(inside) {
                    if voice.is_none() {
                        voice = Some(name);
                    } else {
                        out.push_str(&name);
                        out.push_str(": ");
                    }
                }
                rest = after;
            }
            _ => {
                out.push_str(&tag[..1]);
                rest = &tag[1..];
            }
        }
    }
    out.push_str(rest);
    for (mark, c) in [
        ("&nbsp;", " "),
        ("&lrm;", ""),
        ("&rlm;", ""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        out = out.replace(mark, c);
    }
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    (voice, lines.join("\n").trim().to_owned())
}

fn is_tag(tag: &str, inside: &str) -> bool {
    if tag.starts_with('{') {
        return inside.starts_with('\\');
    }
    !inside.contains('\n')
        && inside.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
        && !inside.contains('<')
}

/// Returns the name in a voice tag: `v Name`, `v.loud Name`.
fn voice_of(inside: &str) -> Option<String> {
    let rest = inside.strip_prefix('v')?;
    let (classes, name) = rest.split_once([' ', '\t'])?;
    let name = name.trim();
    ((classes.is_empty() || classes.starts_with('.')) && !name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timings() {
        for (line, expected) in [
            ("00:00:01,500 --> 00:00:02,000", Some(1500)),
            ("01:02.5 --> 01:03.000 align:start", Some(62_500)),
            ("1:00:00 --> 1:00:01", Some(3_600_000)),
            ("0:00:00.378,0:00:11.378", Some(378)),
            ("-00:00:01,500 --> 00:00:02,000", Some(0)),
            ("01.500 --> 02.000", Some(1500)),
            ("a, b --> c", None),
            ("00:00:01,500 -->", None),
            ("00:00:01,500", None),
            ("x --> y", None),
            ("1,2", None),
        ] {
            assert_eq!(timing(line).map(|(_, millis)| millis), expected, "{line}");
        }
    }
}
