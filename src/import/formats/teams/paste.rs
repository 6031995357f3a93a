//! Messages that were copied out of the program: `[1/5/2024 10:00 AM] Name`, and below it what was
//! said.

use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::spoken;
use crate::import::reading::dates::{self, Orders, Written, clock};
use crate::import::reading::input::Source;
use crate::import::reading::rooms::Rooms;
use crate::import::reading::sample::prose;
use crate::import::{Options, Sample, Sink};

const LARGEST: usize = 64 << 20;

/// A line that begins a message.
struct Line<'t> {
    stamp: &'t str,
    written: Written,
    clock: dates::Clock,
    name: &'t str,
}

fn read_line(line: &str) -> Option<Line<'_>> {
    const LONGEST: usize = 80;
    let line = line.trim_matches(|c: char| dates::is_mark(c) || c.is_whitespace());
    let (stamp, name) = line.strip_prefix('[')?.split_once("] ")?;
    let (written, rest) = Written::read(stamp)?;
    let (clock, rest) = clock(rest.trim_start_matches([',', ' ']))?;
    let name = name.trim();
    // Where the text follows in the line, it is another program's.
    let fits = rest.trim().is_empty()
        && !name.is_empty()
        && name.chars().count() <= LONGEST
        && !name.contains(": ")
        && !name.ends_with(':')
        && !name.starts_with(['<', '*', '-']);
    fits.then_some(Line { stamp, written, clock, name })
}

/// Whether a text is such messages: it begins with one, and something is said below each.
pub(super) fn holds(sample: &Sample) -> bool {
    const LOOKED_AT: usize = 200;
    let Some(text) = prose(sample) else { return false };
    let lines: Vec<bool> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(LOOKED_AT)
        .map(|line| read_line(line).is_some())
        .collect();
    let heads = lines.iter().filter(|head| **head).count();
    let said = lines.windows(2).filter(|pair| pair[0] && !pair[1]).count();
    lines.first() == Some(&true) && said > 0 && said * 2 > heads
}

/// Reads the text as a chat.
pub(super) fn read(
    source: &mut Source<'_>,
    options: &Options,
    rooms: &mut Rooms,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let stem = source.stem().to_owned();
    let text = source.whole_text(LARGEST, sink)?;
    let mut messages: Vec<(Line<'_>, String)> = Vec::new();
    for raw in text.lines() {
        if let Some(line) = read_line(raw) {
            messages.push((line, String::new()));
        } else if let Some((_, said)) = messages.last_mut() {
            said.push_str(raw);
            said.push('\n');
        } else if !raw.trim().is_empty() {
            sink.skipped("line before the first message", &shorten(raw));
        }
    }
    let written: Vec<Written> = messages.iter().map(|(line, _)| line.written).collect();
    let halves = messages.iter().any(|(line, _)| line.clock.halves);
    let orders = Orders::decide(&written, halves, options.date_order, sink);
    rooms.head(&stem).title = Some(stem.clone());
    for (line, said) in messages {
        let date = orders.date(line.written);
        let when =
            date.map(|date| dates::instant(date.to_datetime(line.clock.time), line.stamp, options));
        if when.is_none() {
            sink.skipped("time that cannot be read", &shorten(line.stamp));
        }
        let text = spoken(said.trim().to_owned());
        let mut turn = NewTurn::message(Role::User, line.name, text);
        turn.said_at_text = Some(line.stamp.to_owned());
        rooms.push(&stem, turn.at(when.and_then(|when| when.said_at)), sink);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    #[test]
    fn copied_messages() {
        let text =
            "[5/13/2024 10:00 AM] Eva Lie\nwhen?\n\nand where\n[5/13/2024 10:02 AM] Jon\nat ten\n";
        let sink = read_as("teams", text);
        assert_eq!(sink.said(), ["Eva Lie: when?\n\nand where", "Jon: at ten"]);
        assert_eq!(sink.span().1.unwrap().to_string(), "2024-05-13T10:02:00Z");
        for other in [
            "[5/13/2024 10:00 AM] Eva: hi\n[5/13/2024 10:01 AM] Jon: ho\n",
            "[2024-05-13 10:00:00] <eva> hi\nx\n",
        ] {
            assert!(!read_bytes(other.as_bytes()).1.formats.contains(&"teams"), "{other}");
        }
    }
}
