//! The text that `MemoTrace` writes of a chat: `2024-05-01 16:00:00 小雨`, and what was said below it,
//! up to an empty line.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::formats::qq::{self, placeholder};
use crate::import::reading::chat::{Stamps, spoken};
use crate::import::reading::dates;
use crate::import::reading::input::Source;
use crate::import::reading::turns::Turns;
use crate::import::{Options, Sink};
use jiff::civil::DateTime;

/// Whether a text is such a chat: it begins with a message, each begins with a line of its own, and
/// those of one's own are said by 我 as this program writes it.
pub(super) fn holds(text: &str) -> bool {
    const LOOKED_AT: usize = 400;
    let lines = || text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT);
    let begins = lines().next().is_some_and(|line| qq::read(line).is_some());
    let said: Vec<_> = lines().filter_map(qq::read).collect();
    let chinese = |name: &str| name.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    begins
        && said.iter().all(|line| line.account.is_none())
        && said.iter().any(|line| chinese(line.name))
        && lines().count() > said.len()
}

/// Reads the chat.
pub(super) fn read(
    source: &mut Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let stem = source.stem().to_owned();
    let (mut turns, mut stamps) = (Turns::long(), Stamps::default());
    let mut open: Option<(DateTime, String, NewTurn)> = None;
    let mut close = |open: Option<(DateTime, String, NewTurn)>, sink: &mut dyn Sink| {
        let Some((civil, stamp, mut turn)) = open else { return };
        turn.text = spoken(turn.text.trim_matches('\n').to_owned());
        turn.source_id = Some(stamps.id(Some(civil), &turn.speaker));
        let when = dates::instant(civil, &stamp, options);
        turn.said_at_text = when.text;
        turns.push(turn.at(when.said_at), sink);
    };
    source.each_line_of_text(sink, |raw, sink| {
        let raw = raw.trim_end_matches(['\n', '\r']);
        if let Some(line) = qq::read(raw) {
            let turn = NewTurn::message(Role::User, line.name, "");
            let next = Some((line.civil, line.stamp.to_owned(), turn));
            close(std::mem::replace(&mut open, next), sink);
        } else if let Some((_, _, turn)) = &mut open {
            turn.text.push('\n');
            turn.text.push_str(&placeholder(raw));
        } else if !raw.trim().is_empty() {
            sink.skipped("line before the first message", &shorten(raw));
        }
        Ok(())
    })?;
    close(open, sink);
    let head =
        Conversation { title: Some(stem), started_at: turns.first_at(), ..Conversation::default() };
    Ok(turns.send(head, sink)?)
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    #[test]
    fn a_chat() {
        let text = "2024-05-01 16:00:00 小雨\n几点\n\n2024-05-01 16:01:00 我\n八点\n\n第二段\n\n2024-05-01 16:02:00 小雨\n[图片]\n\n";
        let sink = read_as("wechat", text);
        assert_eq!(sink.said(), ["小雨: 几点", "我: 八点\n\n第二段", "小雨: [picture]"]);
        assert_eq!(sink.span().0.unwrap().to_string(), "2024-05-01T16:00:00Z");
        let log = "2024-05-01 16:00:00 started\nmore\n2024-05-01 16:00:01 stopped\n";
        assert!(!read_bytes(log.as_bytes()).1.formats.contains(&"wechat"));
    }
}
