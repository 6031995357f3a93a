//! Vim's keys in the composer, where the settings ask for them: the common ones. What is not one of
//! them falls through to the keymap, so that sending, searching and leaving stay where they are.

use super::compose;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Edit, Motion};
use crate::tui::model::{Composer, Mode, Model, Place};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Handles a key; `None` where the keymap decides.
pub(super) fn press(
    model: &mut Model,
    action: Option<Action>,
    key: KeyEvent,
) -> Option<Vec<Effect>> {
    let chat = &mut model.chat;
    let vim = chat.vim.as_mut()?;
    if key.code == KeyCode::Esc {
        // In normal mode with nothing begun, Esc closes and cancels as everywhere.
        if vim.mode == Mode::Normal && vim.pending.is_empty() {
            return None;
        }
        if vim.mode == Mode::Insert {
            step_back(&mut chat.composer);
        }
        *vim = crate::tui::model::Vim { mode: Mode::Normal, pending: String::new() };
        chat.composer.set_anchor(None);
        return Some(Vec::new());
    }
    if vim.mode == Mode::Insert {
        return None;
    }
    if key.code == KeyCode::Char('r') && key.modifiers == KeyModifiers::CONTROL {
        chat.composer.redo();
        return Some(Vec::new());
    }
    let KeyCode::Char(c) = key.code else { return None };
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        return None;
    }
    // `?` on an empty composer is the help, also here.
    if action == Some(Action::Help) && chat.composer.is_empty() {
        return None;
    }
    vim.pending.push(c);
    let pending = std::mem::take(&mut vim.pending);
    match command(&mut chat.composer, vim.mode, &pending) {
        Step::More => vim.pending = pending,
        Step::Mode(mode) => {
            vim.mode = mode;
            if mode != Mode::Visual {
                chat.composer.set_anchor(None);
            }
        }
    }
    if c == 'k' && vim.mode == Mode::Normal && chat.composer.is_empty() {
        return Some(compose::earlier(model));
    }
    Some(Vec::new())
}

fn step_back(composer: &mut Composer) {
    let at = composer.cursor();
    if at.byte > 0 {
        composer.go(Motion::Left);
    }
}

/// What a command leads to.
enum Step {
    /// It is not complete.
    More,
    /// It is done, and this is the mode now.
    Mode(Mode),
}

/// Carries out a command of normal or visual mode.
fn command(composer: &mut Composer, mode: Mode, keys: &str) -> Step {
    let digits = keys.bytes().take_while(u8::is_ascii_digit).count();
    let digits = if keys.starts_with('0') { 0 } else { digits };
    let count = keys[..digits].parse::<usize>().unwrap_or(1).min(10_000);
    let rest = &keys[digits..];
    if mode == Mode::Visual {
        return visual(composer, rest, count);
    }
    let mut chars = rest.chars();
    let Some(first) = chars.next() else { return Step::More };
    match first {
        'd' | 'c' | 'y' => operator(composer, first, chars.as_str(), count),
        'r' => match chars.next() {
            None => Step::More,
            Some(c) => {
                let from = composer.cursor();
                if let Some(to) = composer.after(from).filter(|to| to.line == from.line) {
                    composer.replace(from, to, c.encode_utf8(&mut [0; 4]));
                    composer.move_to(from);
                }
                Step::Mode(Mode::Normal)
            }
        },
        'g' if chars.as_str().is_empty() => Step::More,
        'v' => {
            composer.set_anchor(Some(composer.cursor()));
            Step::Mode(Mode::Visual)
        }
        _ => simple(composer, first, rest, count),
    }
}

/// The commands of one key.
fn simple(composer: &mut Composer, key: char, keys: &str, count: usize) -> Step {
    let normal = Step::Mode(Mode::Normal);
    let insert = Step::Mode(Mode::Insert);
    match key {
        'i' => return insert,
        'a' => {
            let at = composer.cursor();
            if composer.after(at).is_some_and(|next| next.line == at.line) {
                composer.go(Motion::Right);
            }
            return insert;
        }
        'I' => {
            composer.go(Motion::LineStart);
            return insert;
        }
        'A' => {
            composer.go(Motion::LineEnd);
            return insert;
        }
        'o' => {
            composer.go(Motion::LineEnd);
            composer.insert("\n");
            return insert;
        }
        'O' => {
            composer.go(Motion::LineStart);
            composer.insert("\n");
            composer.go(Motion::Left);
            return insert;
        }
        'x' => cut(composer, count),
        'X' => repeat(count, || composer.edit(Edit::Delete(Motion::Left))),
        's' => {
            cut(composer, count);
            return insert;
        }
        'D' => composer.edit(Edit::Delete(Motion::LineEnd)),
        'C' => {
            composer.edit(Edit::Delete(Motion::LineEnd));
            return insert;
        }
        'S' => return operator(composer, 'c', "c", count),
        'u' => repeat(count, || composer.undo()),
        'p' | 'P' => put(composer, key == 'p'),
        // The column is kept on the way.
        'j' => repeat(count, || composer.go(Motion::Down)),
        'k' => repeat(count, || composer.go(Motion::Up)),
        _ => {
            if let Some(to) = moved(composer, keys, count) {
                composer.move_to(to);
            }
        }
    }
    normal
}

/// Takes characters of the line away, behind the cursor.
fn cut(composer: &mut Composer, count: usize) {
    let from = composer.cursor();
    if let Some(to) = moved(composer, "l", count) {
        composer.kill(from, to);
    }
}

fn repeat(count: usize, mut step: impl FnMut()) {
    for _ in 0..count.min(1_000) {
        step();
    }
}

/// Inserts what was cut: whole lines below or above, else behind or before the cursor.
fn put(composer: &mut Composer, behind: bool) {
    let killed = composer.killed().to_owned();
    let at = composer.cursor();
    if let Some(lines) = killed.strip_suffix('\n') {
        let end = Place { line: at.line, byte: composer.lines()[at.line].len() };
        let start = Place { line: at.line, byte: 0 };
        if behind {
            composer.replace(end, end, &format!("\n{lines}"));
            composer.move_to(Place { line: at.line + 1, byte: 0 });
        } else {
            composer.replace(start, start, &format!("{lines}\n"));
            composer.move_to(start);
        }
        return;
    }
    if behind && composer.after(at).is_some_and(|next| next.line == at.line) {
        composer.go(Motion::Right);
    }
    composer.insert(&killed);
}

/// `d`, `c` and `y` with what they act on.
fn operator(composer: &mut Composer, operator: char, object: &str, count: usize) -> Step {
    let Some(first) = object.chars().next() else { return Step::More };
    if first == 'g' && object.len() == 1 || first == 'i' && object.len() == 1 {
        return Step::More;
    }
    let at = composer.cursor();
    let (from, to) = if first == operator {
        let last = (at.line + count - 1).min(composer.lines().len() - 1);
        (Place { line: at.line, byte: 0 }, Place { line: last, byte: composer.lines()[last].len() })
    } else if object == "iw" {
        let to = composer.word_after(at);
        composer.move_to(to);
        let from = composer.word_before(to);
        composer.move_to(at);
        (from, to)
    } else {
        // `cw` leaves the space behind the word, as vim does.
        let object = if operator == 'c' && object == "w" { "e" } else { object };
        let Some(to) = moved(composer, object, count) else { return Step::Mode(Mode::Normal) };
        let to = if object == "e" { composer.after(to).unwrap_or(to) } else { to };
        (at.min(to), at.max(to))
    };
    let whole = first == operator;
    let text = composer.slice(from, to);
    composer.set_killed(if whole { text + "\n" } else { text });
    match (operator, whole) {
        ('y', _) => composer.move_to(from),
        ('d', true) => {
            // The newline goes too: the one behind, or that before the last line.
            let (from, to) = match (composer.after(to), composer.before(from)) {
                (Some(next), _) => (from, next),
                (None, Some(before)) => (before, to),
                (None, None) => (from, to),
            };
            composer.replace(from, to, "");
            let line = composer.cursor().line;
            composer.move_to(Place { line, byte: 0 });
        }
        _ => composer.replace(from, to, ""),
    }
    Step::Mode(if operator == 'c' { Mode::Insert } else { Mode::Normal })
}

/// The commands of visual mode.
fn visual(composer: &mut Composer, keys: &str, count: usize) -> Step {
    let Some(first) = keys.chars().next() else { return Step::More };
    let (from, to) = composer.selection().unwrap_or((composer.cursor(), composer.cursor()));
    // The character under the cursor belongs to the selection.
    let to = composer.after(to).filter(|next| next.line == to.line).unwrap_or(to);
    match first {
        'v' => Step::Mode(Mode::Normal),
        'y' => {
            composer.set_killed(composer.slice(from, to));
            composer.move_to(from);
            Step::Mode(Mode::Normal)
        }
        'd' | 'x' | 'c' | 's' => {
            composer.kill(from, to);
            Step::Mode(if matches!(first, 'c' | 's') { Mode::Insert } else { Mode::Normal })
        }
        'g' if keys == "g" => Step::More,
        _ => {
            if let Some(to) = moved(composer, keys, count) {
                composer.move_to(to);
            }
            Step::Mode(Mode::Visual)
        }
    }
}

/// Where a motion leads to, so many times. The cursor stays where it is.
fn moved(composer: &mut Composer, keys: &str, count: usize) -> Option<Place> {
    let start = composer.cursor();
    for _ in 0..count.min(1_000) {
        let Some(to) = moved_once(composer, keys) else {
            composer.move_to(start);
            return None;
        };
        composer.move_to(to);
    }
    let end = composer.cursor();
    composer.move_to(start);
    Some(end)
}

fn moved_once(composer: &Composer, keys: &str) -> Option<Place> {
    let from = composer.cursor();
    let same_line = |to: &Place| to.line == from.line;
    Some(match keys {
        "h" => composer.before(from).filter(same_line).unwrap_or(from),
        "l" | " " => composer.after(from).filter(same_line).unwrap_or(from),
        "j" => composer.target(Motion::Down),
        "k" => composer.target(Motion::Up),
        "w" | "W" => composer.next_word(from),
        "b" | "B" => composer.word_before(from),
        "e" | "E" => {
            let next = composer.after(from).unwrap_or(from);
            let end = composer.word_after(next);
            composer.before(end).unwrap_or(end)
        }
        "0" => Place { line: from.line, byte: 0 },
        "^" => {
            let line = &composer.lines()[from.line];
            Place { line: from.line, byte: line.len() - line.trim_start().len() }
        }
        "$" => composer.target(Motion::LineEnd),
        "gg" => Place::default(),
        "G" => composer.end(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types keys in normal mode at the beginning of a text.
    fn check(text: &str, keys: &str, expected: &str, at: (usize, usize)) {
        let mut composer = Composer::new(text);
        composer.move_to(Place::default());
        let (mut mode, mut pending) = (Mode::Normal, String::new());
        for key in keys.chars() {
            if mode == Mode::Insert {
                composer.type_in(key.encode_utf8(&mut [0; 4]));
                continue;
            }
            pending.push(key);
            match command(&mut composer, mode, &pending) {
                Step::More => continue,
                Step::Mode(next) => mode = next,
            }
            pending.clear();
        }
        let cursor = composer.cursor();
        assert_eq!(
            (composer.text().as_str(), (cursor.line, cursor.byte)),
            (expected, at),
            "{keys}"
        );
    }

    #[test]
    fn the_common_commands() {
        check("one two three", "wdw", "one three", (0, 4));
        check("one two three", "2wD", "one two ", (0, 8));
        check("one two three", "wciwxx", "one xx three", (0, 6));
        check("one two three", "cwxx", "xx two three", (0, 2));
        check("one\ntwo\nthree", "dd", "two\nthree", (0, 0));
        check("one\ntwo\nthree", "Gdd", "one\ntwo", (1, 0));
        check("one\ntwo\nthree", "2yyGp", "one\ntwo\nthree\none\ntwo", (3, 0));
        check("one two", "eax", "onex two", (0, 4));
        check("one two", "$Ax", "one twox", (0, 8));
        check("one two", "xpu", "ne two", (0, 1));
        check("one two", "xp", "noe two", (0, 2));
        check("one two", "vedP", "one two", (0, 3));
        check("one", "oxOy", "one\nxOy", (1, 3));
        check("日本語 text", "lx", "日語 text", (0, 3));
        check("one", "rx", "xne", (0, 0));
        check("one", "q9zd", "one", (0, 0));
    }
}
