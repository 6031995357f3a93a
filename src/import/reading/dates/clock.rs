//! Times of day as phones of many languages write them.

use super::{is_mark, is_space, number};
use jiff::civil::Time;

/// Words for the first half of the day. Longer ones stand before those that they begin with.
const MORNING: [&str; 22] = [
    "a.m.",
    "a. m.",
    "a.m",
    "a m",
    "am",
    "上午",
    "午前",
    "오전",
    "凌晨",
    "清晨",
    "早上",
    "ص",
    "π.μ.",
    "πμ",
    "de.",
    "fm",
    "f.m.",
    "sa",
    "öö",
    "पूर्वाह्न",
    "ก่อนเที่ยง",
    "π. μ.",
];
/// Words for the second half.
const AFTERNOON: [&str; 22] = [
    "p.m.",
    "p. m.",
    "p.m",
    "p m",
    "pm",
    "下午",
    "午後",
    "오후",
    "晚上",
    "傍晚",
    "中午",
    "م",
    "μ.μ.",
    "μμ",
    "du.",
    "em",
    "e.m.",
    "ch",
    "ös",
    "अपराह्न",
    "หลังเที่ยง",
    "μ. μ.",
];

/// A time of day that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) struct Clock {
    /// The time.
    pub(in crate::import) time: Time,
    /// Whether it was written with AM or PM as English writes them.
    pub(in crate::import) halves: bool,
}

/// Reads a time at the beginning of a text: `15:12`, `15.12.05`, `3:12 PM`, `下午3:12`. Returns it
/// with what follows.
pub(in crate::import) fn clock(text: &str) -> Option<(Clock, &str)> {
    let mut halves = false;
    let (before, rest) = half(blank(text)).map_or((None, text), |(half, rest)| (Some(half), rest));
    let (hour, digits, rest) = number(blank(rest))?;
    let (minute, rest) = part(rest).or_else(|| named_minute(rest))?;
    let (second, rest) = part(rest).or_else(|| named_second(rest)).unwrap_or((0, rest));
    // Milliseconds, as some write them, say nothing here.
    let rest = rest
        .strip_prefix(['.', ','])
        .and_then(number)
        .map_or(rest, |(_, digits, after)| if digits == 3 { after } else { rest });
    let (after, rest) = match half(blank(rest)) {
        Some((half, after)) if before.is_none() => {
            let word = &blank(rest)[..blank(rest).len() - after.len()];
            // Spanish, which writes the day first, puts a space in it: `p. m.`
            halves = word.to_lowercase().starts_with(['a', 'p']) && !word.contains(is_space);
            (Some(half), after)
        }
        _ => (None, rest),
    };
    let half = before.or(after);
    let hour = match (half, hour) {
        (Some(false), 12) => 0,
        (Some(true), 1..=11) => hour + 12,
        _ if hour == 24 && minute == 0 => 0,
        _ => hour,
    };
    if digits > 2 || hour > 23 {
        return None;
    }
    let time = Time::new(hour as i8, minute as i8, second.min(59) as i8, 0).ok()?;
    Some((Clock { time, halves }, rest))
}

/// Reads the separator and the two digits of minutes or seconds.
fn part(text: &str) -> Option<(u16, &str)> {
    let rest = text.strip_prefix([':', '.', '：', 'h']).or_else(|| text.strip_prefix("시 "))?;
    let (value, digits, rest) = number(rest)?;
    (digits == 2 && value <= 60).then_some((value.min(59), rest))
}

/// Reads minutes as French writes them in Canada: `17 h 46`.
fn named_minute(text: &str) -> Option<(u16, &str)> {
    let rest = blank(blank(text).strip_prefix('h')?);
    let (value, digits, rest) = number(rest)?;
    (digits == 2 && value < 60).then_some((value, rest))
}

/// Reads the seconds behind them, and the words for both: `17 h 46 min 12 s`.
fn named_second(text: &str) -> Option<(u16, &str)> {
    let after = blank(text).strip_prefix("min")?;
    let after = after.strip_prefix('.').unwrap_or(after);
    let Some((value, 1 | 2, rest)) = number(blank(after)) else {
        return (!after.starts_with(char::is_alphabetic)).then_some((0, after));
    };
    let seconds = blank(rest).strip_prefix('s').filter(|r| !r.starts_with(char::is_alphabetic));
    seconds.map(|rest| (value.min(59), rest))
}

fn blank(text: &str) -> &str {
    text.trim_start_matches(|c| is_mark(c) || is_space(c))
}

/// Reads a word for a half of the day; `true` is the second.
fn half(text: &str) -> Option<(bool, &str)> {
    let found = |words: &[&str]| words.iter().find_map(|word| after_word(text, word));
    found(&MORNING).map(|rest| (false, rest)).or_else(|| found(&AFTERNOON).map(|rest| (true, rest)))
}

/// Returns what follows a word in any case, spaces of any width in it; not inside of a longer word.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let mut rest = text;
    for wanted in word.chars() {
        let c = rest.chars().next()?;
        let blank = wanted == ' ' && is_space(c);
        if !blank && !c.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
        rest = &rest[c.len_utf8()..];
    }
    let ascii = word.is_ascii() && word.ends_with(|c: char| c.is_ascii_alphabetic());
    let inside = ascii && rest.starts_with(|c: char| c.is_alphabetic());
    (!inside).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str)>) {
        let read =
            clock(text).map(|(clock, rest)| (clock.time.strftime("%H:%M:%S").to_string(), rest));
        let read = read.as_ref().map(|(time, rest)| (time.as_str(), *rest));
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn reads_times() {
        check("15:12 - Ada", Some(("15:12:00", " - Ada")));
        check("15.12.05 - Ada", Some(("15:12:05", " - Ada")));
        check("3:12:05 PM] Ada", Some(("15:12:05", "] Ada")));
        check("3:12\u{202F}PM - Ada", Some(("15:12:00", " - Ada")));
        check("12:16 am - Ada", Some(("00:16:00", " - Ada")));
        check("12:16 p.\u{A0}m. - Ada", Some(("12:16:00", " - Ada")));
        check("下午3:12 - Ada", Some(("15:12:00", " - Ada")));
        check("오후 3:12, Ada", Some(("15:12:00", ", Ada")));
        check("3:12 م - آدا", Some(("15:12:00", " - آدا")));
        check("\u{663}:\u{661}\u{662} م", Some(("15:12:00", "")));
        check("9:05 amiable", Some(("09:05:00", " amiable")));
        check("17 h 46 - Ada", Some(("17:46:00", " - Ada")));
        check("09\u{A0}h\u{A0}02\u{A0}min - Ada", Some(("09:02:00", " - Ada")));
        check("17 h 46 min 12 s] Ada", Some(("17:46:12", "] Ada")));
        check("24:00 x", Some(("00:00:00", " x")));
        check("23:59:60", Some(("23:59:59", "")));
        for text in ["", "7", "25:00", "12:5", "12:75", "123:00", "pm", "-1:00"] {
            check(text, None);
        }
    }
}
