//! QQ: the text that the computer program exports, of one chat or of all. A line with the time and who
//! spoke is followed by what was said; headings between rules of `=` name the chat.

use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, service, spoken};
use crate::import::reading::dates::{self, Orders, Written};
use crate::import::reading::input::Source;
use crate::import::reading::rooms::{Order, Rooms};
use crate::import::reading::sample::prose;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use jiff::civil::DateTime;

/// The format `qq`.
pub(super) struct Qq;

impl Importer for Qq {
    fn format(&self) -> &'static str {
        "qq"
    }

    fn description(&self) -> &'static str {
        "QQ: the text of one exported chat, or of all"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        const LOOKED_AT: usize = 400;
        let Some(text) = prose(sample) else { return Confidence::No };
        let lines = || text.lines().take(LOOKED_AT);
        let headed = lines().any(|line| chat(line).is_some());
        let said: Vec<Line<'_>> = lines().filter_map(read).collect();
        let numbered = said.iter().filter(|line| line.account.is_some()).count();
        // A log has such lines too, but nothing below them.
        let below = lines().filter(|line| !line.trim().is_empty() && read(line).is_none()).count();
        match (headed, said.len(), numbered) {
            (_, 0, _) => Confidence::No,
            (true, ..) => Confidence::Certain,
            // A name with a number in brackets is no other program's.
            (false, said, 1..) if numbered * 2 > said && below * 2 > said => Confidence::Certain,
            _ => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let mut rooms = Rooms::new();
        input.each(sink, |source, sink| messages(source, options, &mut rooms, sink))?;
        rooms.send(Order::Written, sink)
    }
}

/// A line that begins a message.
#[derive(Debug, PartialEq)]
pub(super) struct Line<'t> {
    /// The time as it is written.
    pub(super) stamp: &'t str,
    /// The time.
    pub(super) civil: DateTime,
    /// Who speaks.
    pub(super) name: &'t str,
    /// The number or the mail address of the account.
    pub(super) account: Option<&'t str>,
}

/// Reads `2024-01-02 3:04:05 Name(10001)`, `… Name<mail>` and `… Name`, with the rank in a group
/// before the name: `【管理员】Name(10001)`.
pub(super) fn read(line: &str) -> Option<Line<'_>> {
    const LONGEST: usize = 120;
    let line = line.trim_start_matches(dates::is_mark).trim_end();
    // The year comes first, in four digits.
    let dated = line.len() > 10 && line.as_bytes().get(4).is_some_and(|b| matches!(b, b'-' | b'/'));
    if !dated || line.len() > 3 * LONGEST || line.chars().count() > LONGEST {
        return None;
    }
    let (written, rest) = Written::read(line)?;
    let (clock, rest) = dates::clock(rest.strip_prefix(' ')?.trim_start())?;
    let stamp = &line[..line.len() - rest.len()];
    // Seconds are always written.
    if stamp.matches(':').count() != 2 {
        return None;
    }
    let named = rest.strip_prefix([' ', '\t'])?.trim();
    let (name, account) = match account(named) {
        Some((name, account)) => (name.trim(), Some(account)),
        None => (named, None),
    };
    let ranked = name.strip_prefix('【').and_then(|rest| rest.split_once('】'));
    let name = ranked.map_or(name, |(_, name)| name.trim());
    let name = if name.is_empty() { account? } else { name };
    let civil = Orders::year_first().date(written)?.to_datetime(clock.time);
    Some(Line { stamp, civil, name, account })
}

/// Returns a name and the account behind it.
fn account(named: &str) -> Option<(&str, &str)> {
    let inside = named.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    let number = |account: &str| account.len() >= 3 && account.bytes().all(|b| b.is_ascii_digit());
    if let Some(found) = inside.filter(|(_, account)| number(account)) {
        return Some(found);
    }
    let inside = named.strip_suffix('>').and_then(|rest| rest.rsplit_once('<'));
    inside.filter(|(_, account)| account.contains('@') || number(account))
}

/// The name of the chat that a heading gives.
fn chat(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(dates::is_mark).trim().strip_prefix("消息对象")?;
    Some(rest.strip_prefix([':', '：'])?.trim())
}

/// Whether a line is only the frame of a heading, or one without a chat's name.
fn is_frame(line: &str) -> bool {
    let line = line.trim_start_matches(dates::is_mark).trim();
    line.starts_with("消息记录") || line.starts_with("消息分组") || is_rule(line)
}

fn is_rule(line: &str) -> bool {
    line.len() >= 10 && line.bytes().all(|b| b == b'=')
}

/// A message that is being read.
struct Open {
    civil: DateTime,
    stamp: String,
    name: String,
    told: bool,
    lines: Vec<String>,
}

fn messages(
    source: &mut Source<'_>,
    options: &Options,
    rooms: &mut Rooms,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let stem = source.stem().to_owned();
    let mut key = stem.clone();
    let mut open: Option<Open> = None;
    source.each_line_of_text(sink, |raw, sink| {
        let raw = raw.trim_end_matches(['\n', '\r']);
        if let Some(name) = chat(raw) {
            if let Some(open) = open.take() {
                open.send(&key, options, rooms, sink);
            }
            name.clone_into(&mut key);
        } else if let Some(line) = read(raw) {
            if let Some(open) = open.take() {
                open.send(&key, options, rooms, sink);
            }
            open = Some(Open {
                civil: line.civil,
                stamp: line.stamp.to_owned(),
                // What the program itself tells has an account of its own.
                told: line.account == Some("10000") || line.name == "系统消息",
                name: line.name.to_owned(),
                lines: Vec::new(),
            });
        } else if let Some(open) = &mut open {
            open.lines.push(raw.to_owned());
        } else if !raw.trim().is_empty() && !is_frame(raw) {
            sink.skipped("line before the first message", &shorten(raw));
        }
        Ok(())
    })?;
    if let Some(open) = open {
        open.send(&key, options, rooms, sink);
    }
    Ok(())
}

impl Open {
    fn send(mut self, key: &str, options: &Options, rooms: &mut Rooms, sink: &mut dyn Sink) {
        // The frame of the next chat's heading is no part of what was said.
        while self.lines.last().is_some_and(|line| line.trim().is_empty() || is_frame(line)) {
            self.lines.pop();
        }
        let lines: Vec<String> = self.lines.iter().map(|line| placeholder(line)).collect();
        let text = lines.join("\n").trim_start_matches('\n').to_owned();
        let mut turn = if self.told {
            service(text)
        } else {
            NewTurn::message(Role::User, self.name, spoken(text))
        };
        let when = dates::instant(self.civil, &self.stamp, options);
        turn.said_at_text = when.text;
        rooms.head(key).title = Some(key.to_owned());
        rooms.push(key, turn.at(when.said_at), sink);
    }
}

/// Returns a line with what stands for a picture in recount's form.
pub(super) fn placeholder(line: &str) -> String {
    match line.trim() {
        "[图片]" | "[圖片]" => media("picture"),
        "[表情]" | "[动画表情]" => media("sticker"),
        "[语音]" => media("voice message"),
        "[视频]" => media("video"),
        "[文件]" => media("file"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    #[test]
    fn all_chats_in_one_file() {
        let text = "消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n\
            ================================================================\r\n消息分组:我的好友\r\n\
            ================================================================\r\n消息对象:小雨\r\n\
            ================================================================\r\n\r\n\
            2024-01-02 3:04:05 小雨\r\n明天爬山吗\r\n\r\n2024-01-02 3:05:00 老王\r\n去\r\n====\r\n第二行\r\n\r\n\r\n\
            ================================================================\r\n消息分组:我的群\r\n\
            ================================================================\r\n消息对象:登山群\r\n\
            ================================================================\r\n\r\n\
            2024-01-03 13:04:05 【管理员】小雨(100012345)\r\n[图片]\r\n\r\n2024-01-03 13:05:00 (200012345)\r\n好看\r\n\r\n\
            2024-01-03 13:06:00 系统消息(10000)\r\n小雨加入本群。\r\n\r\n2024-01-03 13:07:00 A(b)<a@example.com>\r\n嗯\r\n";
        for text in [text.to_owned(), text.replace("\r\n", "\n")] {
            let sink = read_as("qq", &text);
            assert_eq!(
                sink.said(),
                [
                    "小雨: 明天爬山吗",
                    "老王: 去\n====\n第二行",
                    "小雨: [picture]",
                    "200012345: 好看",
                    "(tool) system: 小雨加入本群。",
                    "A(b): 嗯",
                ]
            );
            let titles: Vec<_> =
                sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
            assert_eq!(titles, ["小雨", "登山群"]);
            assert!(sink.skipped.is_empty(), "{:?}", sink.skipped);
            let turn = &sink.conversations[0].turns[0];
            assert_eq!(turn.said_at.unwrap().to_string(), "2024-01-02T03:04:05Z");
            assert_eq!(turn.said_at_text.as_deref(), Some("2024-01-02 3:04:05"));
        }
    }

    #[test]
    fn without_headings() {
        let sink = read_as(
            "qq",
            "2024-01-02 3:04:05 Eva(100012345)\nhi\n\n2024-01-02 3:04:06 Jon(100012346)\nho\n",
        );
        assert_eq!(sink.said(), ["Eva: hi", "Jon: ho"]);
        assert_eq!(sink.conversations[0].title.as_deref(), Some("download"));
    }

    #[test]
    fn other_files_are_not_taken() {
        for text in [
            "2024-01-02 03:04:05 started (12345)\n",
            "2024-01-02 3:04:05 Eva\nhi\n",
            "2024-01-02 Eva(100012345)\nhi\n",
            "2024-01-02T03:04:05 Eva(100012345)\nhi\n",
        ] {
            let (_, sink) = read_bytes(text.as_bytes());
            assert!(!sink.formats.contains(&"qq"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn texts_of_any_kind_do_no_harm(text in "(2024-01-0[1-9] [0-9]{1,2}:[0-9]{2}:[0-9]{2} \\PC{0,6}[(<]?[0-9]{0,6}[)>]?\n|消息对象:\\PC{0,4}\n|=====*\n|\\PC{0,8}\n){0,6}") {
            let _ = crate::import::testing::read_bytes(format!("消息对象:x\n2024-01-02 3:04:05 a\n{text}").as_bytes());
        }
    }
}
