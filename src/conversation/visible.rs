//! Makes text safe to show: what would act on a terminal, or hide on it, becomes a visible mark.
//!
//! Stored text is hostile until it went through here. Everything that writes to a terminal calls
//! one of these two functions; nothing that stores or exports text does.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns the text with everything that acts or hides shown as a mark, for places that show
/// several lines: newlines and tabs stay, and `\r\n` becomes `\n`.
///
/// Marks are the control pictures for C0 and DEL (`␛`), and `‹U+202E›` for the rest: C1, bidi
/// controls, line and paragraph separators, zero-width, filler and tag characters. Joiners stay
/// where scripts and emoji sequences need them.
pub fn visible(text: &str) -> Cow<'_, str> {
    mark(text, false)
}

/// Returns the text as [`visible`] does, on a single line: newlines and tabs become spaces.
pub fn visible_line(text: &str) -> Cow<'_, str> {
    mark(text, true)
}

/// Whether a character acts on a terminal or hides there, wherever it stands: control characters
/// other than line ends and tabs, and what changes the order of others or has no width. Joiners and
/// variation selectors do so only in places where they belong to nothing.
pub fn acts(char: char) -> bool {
    !matches!(char, '\n' | '\r' | '\t' | '\u{200c}' | '\u{200d}')
        && !is_selector(char)
        && !matches!(replacement(char, None, None, false), Replacement::None)
}

fn mark(text: &str, one_line: bool) -> Cow<'_, str> {
    let plain = |b: u8| (0x20..0x7f).contains(&b) || (!one_line && (b == b'\n' || b == b'\t'));
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut changed = false;
    let mut previous = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(flag) = FLAGS.iter().find(|flag| rest.starts_with(**flag)) {
            out.push_str(flag);
            rest = &rest[flag.len()..];
            previous = None;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let next = rest.chars().next();
        match replacement(c, previous, next, one_line) {
            Replacement::None => out.push(c),
            Replacement::Drop => changed = true,
            Replacement::Char(shown) => {
                out.push(shown);
                changed = true;
            }
            Replacement::Code => {
                // Writing to a string cannot fail.
                let _ = write!(out, "‹U+{:04X}›", u32::from(c));
                changed = true;
            }
        }
        previous = Some(c);
    }
    if changed { Cow::Owned(out) } else { Cow::Borrowed(text) }
}

enum Replacement {
    None,
    Drop,
    Char(char),
    Code,
}

/// The flags that are spelt with tag characters: England, Scotland, Wales.
const FLAGS: [&str; 3] = [
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}",
];

fn replacement(c: char, previous: Option<char>, next: Option<char>, one_line: bool) -> Replacement {
    match c {
        '\n' | '\t' if !one_line => Replacement::None,
        '\n' | '\t' => Replacement::Char(' '),
        '\r' if next == Some('\n') => Replacement::Drop,
        '\0'..='\u{1f}' => {
            Replacement::Char(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'))
        }
        '\u{7f}' => Replacement::Char('\u{2421}'),
        '\u{80}'..='\u{9f}' => Replacement::Code,
        // Zero-width joiner and non-joiner, between what they join.
        '\u{200c}' | '\u{200d}' if previous.is_some_and(joins) && next.is_some_and(joins) => {
            Replacement::None
        }
        // One variation selector after what it varies.
        '\u{fe00}'..='\u{fe0f}' if previous.is_some_and(|p| p > ' ' && !is_selector(p)) => {
            Replacement::None
        }
        '\u{e0100}'..='\u{e01ef}'
            if previous.is_some_and(|p| p >= '\u{3400}' && !is_selector(p)) =>
        {
            Replacement::None
        }
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => Replacement::Code,
        _ => Replacement::None,
    }
}

/// Whether a joiner may stand beside this character: letters of the scripts that need one, and
/// pictures with their modifiers.
fn joins(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{2190}'..='\u{2bff}'
        | '\u{fe0e}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
        && !matches!(c, '\u{61c}')
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(visible(text), expected, "{text:?}");
    }

    #[test]
    fn controls_become_marks() {
        check("\x1b[31mred\x07", "␛[31mred␇");
        check("a\u{9b}2Jb\x7f", "a‹U+009B›2Jb␡");
        check("one\r\ntwo\rthree", "one\ntwo␍three");
        check("file\u{202e}gpj.exe", "file‹U+202E›gpj.exe");
        check("a\u{2028}b\u{200b}c\u{feff}", "a‹U+2028›b‹U+200B›c‹U+FEFF›");
        check("hi\u{e0041}\u{e007f}", "hi‹U+E0041›‹U+E007F›");
        check("x\u{fe0f}\u{fe0f}", "x\u{fe0f}‹U+FE0F›");
    }

    #[test]
    fn what_writing_needs_stays() {
        for text in [
            "plain\ttext\nof two lines",
            "👩‍👩‍👧‍👦 and 🏳️‍🌈 and 👍🏽",
            "می‌خواهم",
            "日本語、한국어, עברית",
            "❤️ 1️⃣",
            "\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "e\u{301}",
        ] {
            assert!(matches!(visible(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn a_line_has_no_breaks() {
        assert_eq!(visible_line("a\r\nb\tc\n"), "a b c ");
    }
}
