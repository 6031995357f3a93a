//! A text as the table reads it: without characters that have no width, digits and letters of full
//! width as usual ones, every space a space. What was split or dressed up that way is found as well.

use std::ops::Range;

/// A text that is read in another form, with the places where its characters were.
pub(super) struct Plain {
    pub(super) text: String,
    /// For each byte of the text, the bytes of the original that it stands for.
    from: Vec<(u32, u32)>,
}

/// The text in another form; `None` where there is nothing to change.
pub(super) fn plain(text: &str) -> Option<Plain> {
    if text.is_ascii() || text.chars().all(|char| read(char) == As::Itself) {
        return None;
    }
    let mut plain = Plain { text: String::with_capacity(text.len()), from: Vec::new() };
    for (at, char) in text.char_indices() {
        let place = (at as u32, (at + char.len_utf8()) as u32);
        let char = match read(char) {
            As::Nothing => continue,
            As::Another(other) => other,
            As::Itself => char,
        };
        plain.text.push(char);
        plain.from.resize(plain.text.len(), place);
    }
    Some(plain)
}

impl Plain {
    /// Where a part of it is in the original.
    pub(super) fn origin(&self, range: &Range<usize>) -> Range<usize> {
        let Some(last) = range.end.checked_sub(1) else { return 0..0 };
        self.from[range.start].0 as usize..self.from[last].1 as usize
    }
}

/// What a character is read as.
#[derive(PartialEq, Eq)]
enum As {
    Itself,
    Another(char),
    Nothing,
}

fn read(char: char) -> As {
    match char {
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => As::Nothing,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            As::Another(' ')
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => As::Another('-'),
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(char) - 0xfee0).map_or(As::Itself, As::Another)
        }
        _ => As::Itself,
    }
}
